//! What was found in one file, and in all of them together.

use crate::pipeline::one_study;
use crate::plate::formats::{self, ReadOptions};
use crate::plate::read::Export;
use crate::sheet::{Book, Problem, Problems};

/// What was found in one file.
pub(super) struct Inspected {
    pub(super) file: String,
    /// `None` when no reader knows the file.
    pub(super) export: Option<Export>,
    pub(super) problems: Problems,
    /// What a study of this export would leave open; then of all files together, what no file says alone.
    pub(super) doubts: Vec<Problem>,
    pub(super) together: Vec<Problem>,
}

impl Inspected {
    pub(super) fn of(path: &std::path::Path, asked: ReadOptions<'_>) -> Self {
        let file = path.display().to_string();
        let found = Book::open(path, &file).and_then(|book| formats::examine(&book, asked));
        let (export, problems) = match found {
            Ok((export, problems)) => (Some(export), problems),
            Err(problems) => (None, problems),
        };
        let mut inspected = Self { file, export, problems, doubts: Vec::new(), together: Vec::new() };
        inspected.doubts = inspected
            .analysable()
            .map(|export| one_study::look(&[export]).1.into_iter().chain(one_study::shared_names(&[export])).collect())
            .unwrap_or_default();
        inspected
    }

    /// The export, where a study can be made of it.
    pub(super) fn analysable(&self) -> Option<&Export> {
        self.export.as_ref().filter(|_| self.problems.0.is_empty())
    }

    /// Everything that is to be said of the file.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.export.iter().flat_map(|export| &export.warnings).chain(&self.doubts)
    }
}

/// Adds what is doubtful of the files together to each of those that it is about.
pub(super) fn look_at_all(inspected: &mut [Inspected]) {
    let exports: Vec<&Export> = inspected.iter().filter_map(Inspected::analysable).collect();
    if exports.len() < 2 {
        return;
    }
    let said: Vec<&Problem> = inspected.iter().flat_map(|found| &found.doubts).collect();
    let mut together = one_study::look(&exports).1;
    together.retain(|doubt| !said.contains(&doubt));
    for found in inspected.iter_mut().filter(|found| found.analysable().is_some()) {
        found.together.clone_from(&together);
    }
}
