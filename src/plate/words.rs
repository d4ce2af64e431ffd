//! What a user is told of a plate once its export and its layout are joined.

use super::assay_well::AssayWell;
use super::read::ExportedPlate;
use super::reading::Reading;
use super::well_role::WellRole;
use crate::sheet::{Code, Problem};

/// A word on wells whose dilution differs between the export and the study. Readers write factors or fractions, 10 or 0.1, and 1
/// where nobody has set any.
pub(super) fn other_dilutions(plate: &ExportedPlate, wells: &[AssayWell]) -> Option<Problem> {
    let alike = |one: f64, other: f64| (one - other).abs() <= 1e-6 * other;
    let differ = |well: &AssayWell| {
        let exported = plate.samples.get(&well.position)?.dilution.filter(|&factor| factor > 0.0 && factor != 1.0)?;
        let said = match well.role {
            WellRole::Sample { dilution, .. } => dilution?,
            WellRole::Control { dilution, .. } => dilution,
            _ => return None,
        };
        (!alike(exported, said) && !alike(exported * said, 1.0)).then_some((well.position, exported, said))
    };
    let mut others = wells.iter().filter_map(differ);
    let (position, exported, said) = others.next()?;
    let found = match others.count() {
        0 => format!("the dilution of {position} is {exported} here and {said} in the study"),
        more => format!(
            "the dilutions of {} wells differ from those of the study, such as {position}: {exported} here, {said} there",
            more + 1
        ),
    };
    Some(
        Problem::new(Code::new("dilutions-differ-from-export"), plate.location.clone(), found)
            .expected("one dilution")
            .advice("Find out which is right. That of the study counts: correct it in the layout or the list of samples if it is wrong"),
    )
}

/// A word on the wells that are left out by nobody's recorded decision.
pub(super) fn masked_by_reader(plate: &ExportedPlate, wells: &[AssayWell]) -> Option<Problem> {
    let masked: Vec<String> =
        wells.iter().filter(|well| well.is_left_out()).map(|well| well.position.to_string()).collect();
    let found = format!("masked in the reader's software: {}", masked.join(" "));
    (!masked.is_empty()).then(|| {
        Problem::new(Code::new("wells-masked-by-reader"), plate.location.clone(), found).advice(
            "They are left out and count among the exclusions; nobody's reason is recorded. To have them analysed, unmask them there and \
             export again",
        )
    })
}

/// A word on wells that the layout uses and the export does not have, as where its end is cut off.
pub(super) fn not_in_export(plate: &ExportedPlate, wells: &[AssayWell]) -> Option<Problem> {
    const NAMED: usize = 12;
    let unread = |well: &&AssayWell| well.reading == Reading::UNREAD || well.reference == Some(Reading::UNREAD);
    let unread: Vec<String> = wells.iter().filter(unread).map(|well| well.position.to_string()).collect();
    let more = unread.len().checked_sub(NAMED + 1).map(|more| format!(" and {} more", more + 1)).unwrap_or_default();
    let named = unread[..unread.len().min(NAMED)].join(" ");
    let found = format!("the export has no reading of wells that the layout uses: {named}{more}");
    (!unread.is_empty()).then(|| {
        Problem::new(Code::new("wells-not-in-export"), plate.location.clone(), found)
            .expected("a reading of every well with a role")
            .advice("Is the end of the export cut off, or the layout that of another plate?")
    })
}
