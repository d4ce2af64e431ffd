//! `[[plate]]`: the plates of the study.

use std::path::PathBuf;

use serde::Serialize;

use super::STUDY_FILE;
use super::section::Section;
use crate::sheet::{Location, Problem, Problems};

/// What `layout` says where the export itself declares what is in the wells.
const FROM_EXPORT: &str = "from-export";

/// `[[plate]]`: one plate of the study.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let plate = &protocol.assay.plates[1];
/// assert_eq!((plate.id.as_str(), plate.plate.as_deref()), ("P02", Some("Plate 1")), "one of several plates of its export");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlateEntry {
    /// Its name in the study.
    pub id: String,
    /// The export, relative to the study folder.
    pub export: PathBuf,
    /// Which plate of the export, by its name or id in the file, where there are several.
    pub plate: Option<String>,
    /// The layout, relative to the study folder, or `from-export`: [`PlateEntry::layout_file`] tells the two apart.
    pub layout: PathBuf,
    /// The code of the layout in the export that a person has seen and found right, where the layout is `from-export`.
    pub confirmed: Option<String>,
    /// The sheet of the layout, where it is a workbook.
    pub layout_sheet: Option<String>,
    /// The reader whose format the export has; recognised by content when absent.
    pub reader: Option<String>,
    /// The column of a plain table that holds the readings, by its title, where that does not say so.
    pub column: Option<String>,
    /// Lot of the kit.
    pub kit_lot: Option<String>,
    /// The plate that this one repeats.
    pub repeats: Option<String>,
}

impl PlateEntry {
    /// The file of the layout; `None` where the export declares it.
    #[must_use]
    pub fn layout_file(&self) -> Option<&PathBuf> {
        (self.layout.as_os_str() != FROM_EXPORT).then_some(&self.layout)
    }
}

/// The plate that `id` is a run of: the one at the end of its chain of `repeats`, or itself.
///
/// ```
/// use platewise::protocol::first_run;
///
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((first_run(&protocol.assay.plates, "P08"), first_run(&protocol.assay.plates, "P01")), ("P04", "P01"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn first_run<'a>(plates: &'a [PlateEntry], id: &'a str) -> &'a str {
    let repeated = |id: &str| plates.iter().find(|plate| plate.id == id)?.repeats.as_deref();
    // A chain is no longer than the list; one that leads back to itself was refused when the study was read.
    std::iter::successors(Some(id), |id| repeated(id)).take(plates.len() + 1).last().unwrap_or(id)
}

/// The plates of a study, which has at least one.
pub(super) fn of_study(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlateEntry> {
    if sections.is_empty() {
        let found = Problem::new(Location::file(STUDY_FILE), "no [[plate]]");
        problems.push(found.expected("one [[plate]] for each plate: id, export, layout"));
    }
    read(sections, problems)
}

/// The plates that are declared.
pub(super) fn read(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlateEntry> {
    let mut plates: Vec<PlateEntry> = Vec::new();
    let mut repeats: Vec<(String, Location)> = Vec::new();
    for mut section in sections {
        let plate = PlateEntry {
            id: section.required_text("id", problems),
            export: section.required_path("export", problems),
            plate: section.text("plate", problems),
            layout: section.required_path("layout", problems),
            confirmed: section.text("confirmed", problems),
            layout_sheet: section.text("layout_sheet", problems),
            reader: section.text("reader", problems),
            column: section.text("column", problems),
            kit_lot: section.text("kit_lot", problems),
            repeats: section.text("repeats", problems),
        };
        let at = section.location().clone();
        let (key, given) = match plate.layout_file() {
            Some(_) => ("confirmed", plate.confirmed.is_some()),
            None => ("layout_sheet", plate.layout_sheet.is_some()),
        };
        if given {
            let layout = plate.layout.display();
            let found = format!("{key} does nothing beside layout = \"{layout}\"");
            problems.push(Problem::new(section.line_of(key), found).advice("Remove it"));
        }
        if !plate.id.is_empty() && plates.iter().any(|known| known.id == plate.id) {
            problems.push(
                Problem::new(at.clone(), format!("plate id '{}' is there twice", plate.id))
                    .expected("an id of its own for every plate")
                    .advice("Give one of the two another id; a repeated plate has its own id and says repeats = \"…\""),
            );
        }
        if !plate.export.as_os_str().is_empty() {
            shared_export(&plate, &plates, &section, problems);
        }
        if let Some(repeated) = &plate.repeats {
            repeats.push((repeated.clone(), at));
        }
        section.finish(problems);
        plates.push(plate);
    }
    for (repeated, at) in repeats {
        if !plates.iter().any(|plate| plate.id == repeated) {
            let found = format!("repeats = \"{repeated}\", and there is no plate of that id");
            problems.push(Problem::new(at, found).expected("the id of another [[plate]]"));
        } else if plates
            .iter()
            .find(|plate| plate.id == first_run(&plates, &repeated))
            .is_some_and(|of| of.repeats.is_some())
        {
            let found = format!("repeats = \"{repeated}\" leads back to the plate itself");
            problems.push(Problem::new(at, found).expected("the id of the plate that was run before"));
        }
    }
    plates
}

/// Plates of one export: each of them once, all of them with one reader and one column of readings.
fn shared_export(plate: &PlateEntry, before: &[PlateEntry], section: &Section<'_>, problems: &mut Problems) {
    let beside = || before.iter().filter(|known| known.export == plate.export);
    if beside().any(|known| known.plate == plate.plate) {
        problems.push(
            Problem::new(
                section.location().clone(),
                format!("the export {} is used for two plates", plate.export.display()),
            )
            .expected("each plate of an export once")
            .advice("Where the export holds several plates, say which with plate = \"…\""),
        );
    }
    for (at, key) in ["reader", "column"].into_iter().enumerate() {
        let named = |plate: &PlateEntry| [plate.reader.clone(), plate.column.clone()][at].clone();
        if let Some(other) = beside().find(|known| named(known) != named(plate)) {
            problems.push(
                Problem::new(
                    section.line_of(key),
                    format!("the plates '{}' and '{}' name two {key}s for one export", other.id, plate.id),
                )
                .expected(format!("the same {key}, or none, beside every plate of an export: the file is read once")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::Assay;

    #[test]
    fn one_export_has_one_reader_and_one_column() {
        let declared = |more: &str| {
            format!(
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[plate]]\nid='P1'\nexport='e'\nplate='1'\nlayout='l'\n\
                 [[plate]]\nid='P2'\nexport='e'\nplate='2'\nlayout='l'\n{more}"
            )
        };
        assert!(Assay::parse(&declared("")).is_ok());
        let said = Assay::parse(&declared("reader='gen5'\n")).unwrap_err().to_string();
        assert!(said.contains("name two readers"), "{said}");
        let said = Assay::parse(&declared("column='TARC'\n")).unwrap_err().to_string();
        assert!(said.contains("name two columns"), "{said}");
    }
}
