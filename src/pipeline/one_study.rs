//! What exports leave open that are to be one study: which reads it can have, plates that nothing tells apart, names that stand for
//! several samples. `init --from`, `plate` and `inspect` say the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::plate::{Export, ExportedPlate, Mode, PlateRead, formats};
use crate::sheet::{Code, Location, Problem};

/// The wavelengths between which ELISA protocols put the reference that is subtracted from a reading of stopped TMB, in nm.
const REFERENCE_NM: std::ops::RangeInclusive<f64> = 540.0..=630.0;
/// The wavelength of stopped TMB, the substrate of nearly every ELISA, in nm.
const TMB_NM: f64 = 450.0;

/// What may be analysed, as far as the exports agree: a proposal, for a person to confirm.
///
/// ```
/// assert_eq!(platewise::pipeline::one_study::Reads::default().read, None);
/// ```
#[derive(Debug, Default, PartialEq)]
pub struct Reads {
    /// The wavelength that is proposed to be analysed, in nm.
    pub read: Option<f64>,
    /// That which is proposed to be subtracted from it, in nm.
    pub reference: Option<f64>,
}

/// What a study of these exports would analyse, and what is doubtful of them together.
///
/// ```
/// use platewise::pipeline::one_study;
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let text = b"450 nm\n,1,2\nA,0.1,0.2\nB,0.3,0.4\n\n690 nm\n,1,2\nA,0.1,0.2\nB,0.1,0.2\n";
/// let export = formats::read_book(&Book::from_bytes(text, "P01.csv")?, None)?;
/// let (reads, doubts) = one_study::look(&[&export]);
/// assert_eq!((reads.read, reads.reference), (Some(450.0), None));
/// assert!(doubts[0].to_string().contains("690 nm is measured too, and not taken for its reference"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn look(exports: &[&Export]) -> (Reads, Vec<Problem>) {
    let mut doubts: Vec<Problem> = exports.iter().flat_map(|export| names_not_told_apart(export)).collect();
    let plates: Vec<&ExportedPlate> = exports.iter().flat_map(|export| &export.plates).collect();
    let reads = Reads::of(&plates, &mut doubts);
    (reads, doubts)
}

impl Reads {
    /// The wavelengths that every plate has exactly once among its raw reads: 450 nm first, else the shortest; with it a
    /// reference, where there is one and no reader has subtracted it already.
    fn of(plates: &[&ExportedPlate], doubts: &mut Vec<Problem>) -> Self {
        let mut shared: Option<Vec<f64>> = None;
        let mut subtracted = false;
        for plate in plates {
            let reads: Vec<&PlateRead> = raw(plate).collect();
            let all: Vec<f64> = reads.iter().filter_map(|read| read.wavelength_nm).collect();
            let once: Vec<f64> =
                all.iter().copied().filter(|nm| all.iter().filter(|other| *other == nm).count() == 1).collect();
            subtracted |= reads.iter().any(|read| read.reference_nm.is_some() || read.mode == Mode::Fluorescence);
            if reads.is_empty() {
                continue; // The export warns of it.
            }
            if reads.len() > 1 && once.len() < reads.len() {
                let names: Vec<String> = reads.iter().map(|read| format!("'{}'", read.short_name())).collect();
                doubts.push(
                    Problem::new(
                        Code::new("init-reads-alike"),
                        plate.location.clone(),
                        format!(
                            "the wavelength does not tell its {} raw reads apart: {}",
                            reads.len(),
                            names.join(", ")
                        ),
                    )
                    .advice("Export the read that is analysed by itself, and its reference if there is one"),
                );
            }
            if all.is_empty() && reads.len() == 1 {
                continue; // The only read of a file that does not say its wavelength goes with any.
            }
            shared = Some(match shared {
                None => once,
                Some(shared) => shared.into_iter().filter(|nm| once.contains(nm)).collect(),
            });
        }
        let Some(mut shared) = shared else { return Self::default() };
        shared.sort_by(f64::total_cmp);
        let read = shared.iter().copied().find(|nm| is_tmb(*nm)).or(shared.first().copied());
        let Some(read) = read else {
            let any_nm = plates.iter().copied().flat_map(raw).any(|read| read.wavelength_nm.is_some());
            // Light without a wavelength, such as luminescence, has none to agree on.
            if !any_nm {
                return Self::default();
            }
            doubts.push(
                Problem::new(
                    Code::new("init-no-common-wavelength"),
                    Location::file("the exports"),
                    "no wavelength is in all of them",
                )
                .advice("A study has one method: put plates that were read differently into studies of their own"),
            );
            return Self::default();
        };
        let others: Vec<f64> = shared.into_iter().filter(|nm| *nm != read).collect();
        let of_all =
            |nm: f64| plates.iter().filter(|plate| raw(plate).count() > 1).all(|plate| is_reference(plate, read, nm));
        let reference = others.iter().copied().find(|&nm| !subtracted && of_all(nm));
        if reference.is_none() && !others.is_empty() && !subtracted {
            let listed: Vec<String> = others.iter().map(|nm| format!("{nm} nm")).collect();
            let found = format!(
                "read = {read} is proposed; {} {} measured too, and not taken for its reference",
                listed.join(" and "),
                if others.len() == 1 { "is" } else { "are" }
            );
            doubts.push(Problem::new(Code::new("init-second-wavelength"), Location::file("the exports"), found).advice(
                "Set 'read' in study.toml to the wavelength of the assay, and 'reference' only if the second was measured to be \
                 subtracted from it",
            ));
        }
        Self { read: Some(read), reference }
    }
}

fn raw(plate: &ExportedPlate) -> impl Iterator<Item = &PlateRead> {
    plate.reads.iter().filter(|read| !read.derived)
}

/// Whether a wavelength is that of TMB, the usual substrate: it is the one that is analysed.
pub(super) fn is_tmb(nm: f64) -> bool {
    (nm - TMB_NM).abs() < 0.5
}

/// Whether a plate was read at one wavelength to be subtracted from the read at another: the usual pair of stopped TMB in one read
/// step, or because the file says so. Two assays on one plate are never that.
fn is_reference(plate: &ExportedPlate, read_nm: f64, nm: f64) -> bool {
    let label = |nm: f64| raw(plate).find(|read| read.wavelength_nm == Some(nm)).map(|read| read.label.as_str());
    let (Some(read), Some(reference)) = (label(read_nm), label(nm)) else { return false };
    if plate.reads.iter().any(|read| is_difference(read, read_nm, nm)) {
        return true;
    }
    let of_one_step = formats::assay_in(read) == formats::assay_in(reference)
        && formats::step_in(read) == formats::step_in(reference);
    is_tmb(read_nm) && REFERENCE_NM.contains(&nm) && of_one_step
}

/// Whether a grid of computed values is the difference of two reads by its label: `450-570`.
fn is_difference(read: &PlateRead, from: f64, subtracted: f64) -> bool {
    let is_it = |nm: f64, part: &str| part.contains(&nm.to_string());
    let mut parts = read.label.split(['-', '–', '−']);
    let (first, second, more) = (parts.next(), parts.next(), parts.next());
    read.derived && more.is_none() && first.zip(second).is_some_and(|(a, b)| is_it(from, a) && is_it(subtracted, b))
}

/// Plates of one export that its names do not tell apart: a study calls a plate by its name.
fn names_not_told_apart(export: &Export) -> Vec<Problem> {
    let mut known: BTreeMap<Option<&String>, Vec<&ExportedPlate>> = BTreeMap::new();
    for plate in &export.plates {
        known.entry(plate.name.as_ref().or(plate.id.as_ref())).or_default().push(plate);
    }
    let several = known.into_iter().filter(|(_, plates)| plates.len() > 1);
    several
        .map(|(name, plates)| {
            let found = match name {
                Some(name) => format!("{} plates are called '{name}'", plates.len()),
                None => format!("{} plates have no name", plates.len()),
            };
            Problem::new(Code::new("init-names-alike"), plates[0].location.clone(), found).advice(
                "Export the plates under names of their own, or each into a file of its own: study.toml tells them apart by name",
            )
        })
        .collect()
}

/// The names of the samples that an export declares, in plate order.
pub fn sample_names(plate: &ExportedPlate) -> impl Iterator<Item = &str> {
    plate
        .samples
        .values()
        .filter(|sample| sample.role.as_deref() == Some("sample"))
        .filter_map(|sample| sample.name.as_deref())
}

/// Names such as `SPL1` that stand for another sample on every plate: to a study they are one sample, unless it says that names hold
/// within one plate.
pub fn shared_names(exports: &[&Export]) -> Option<Problem> {
    let mut on: BTreeMap<&str, usize> = BTreeMap::new();
    for plate in exports.iter().flat_map(|export| &export.plates) {
        for name in sample_names(plate).collect::<BTreeSet<_>>() {
            *on.entry(name).or_default() += 1;
        }
    }
    let shared: Vec<&str> = on.into_iter().filter(|(_, plates)| *plates > 1).map(|(name, _)| name).collect();
    let first = shared.first()?;
    Some(
        Problem::new(Code::new("init-shared-names"), 
            Location::file("the exports"),
            format!("{} sample names are on more than one plate, such as '{first}'", shared.len()),
        )
        .advice(
            "One name is one sample: give different samples different names in the layouts and in samples.csv, or say \
             samples = \"per-plate\" in [reportable] of study.toml: they are PLATE:NAME in samples.csv and in results then",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn export(text: &str) -> Export {
        formats::examine(&Book::from_bytes(text.as_bytes(), "plate.csv").unwrap(), None).unwrap().0
    }

    #[test]
    fn wavelengths_that_all_plates_share_become_the_read_and_its_reference() {
        let grid = |title: &str| format!("{title}\n,1,2\nA,1,2\nB,3,4\n\n");
        let of = |files: &[&[&str]]| {
            let exports: Vec<Export> =
                files.iter().map(|grids| export(&grids.iter().map(|title| grid(title)).collect::<String>())).collect();
            let (reads, doubts) = look(&exports.iter().collect::<Vec<_>>());
            (reads.read, reads.reference, doubts.len())
        };
        assert_eq!(of(&[&["450 nm", "570 nm"]]), (Some(450.0), Some(570.0), 0));
        assert_eq!(of(&[&["450 nm", "570 nm"], &["450 nm"]]), (Some(450.0), None, 0));
        assert_eq!(of(&[&["450 nm"], &["Absorbance"]]), (Some(450.0), None, 0));
        assert_eq!(of(&[&["Absorbance"]]), (None, None, 0));
        assert_eq!(of(&[&["450 nm"], &["405 nm"]]), (None, None, 1));
        // Neither the usual pair, nor does the file say so.
        for pair in [["450 nm", "660 nm"], ["405 nm", "570 nm"], ["540 nm", "660 nm"]] {
            assert_eq!(of(&[&pair]).1, None, "{pair:?}");
            assert_eq!(of(&[&pair]).2, 1, "{pair:?}");
        }
        assert_eq!(of(&[&["405 nm", "492 nm", "405-492"]]), (Some(405.0), Some(492.0), 0));
        assert_eq!(of(&[&["405 nm", "492 nm", "492-405"]]), (Some(405.0), None, 1));
        assert_eq!(of(&[&["Read 1: 450 nm", "Read 2: 570 nm"]]), (Some(450.0), None, 1));
    }
}
