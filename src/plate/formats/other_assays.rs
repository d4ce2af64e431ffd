//! Files of other kinds of assay that end up in a folder of plate reads: named for what they are, never read.

use super::draft::Draft;
use super::{Description, Format};
use crate::plate::read::ExportKind;
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct OtherAssays;

impl Format for OtherAssays {
    fn description(&self) -> Description<'_> {
        Description {
            name: "other-assay",
            title: "another kind of assay",
            written_by: "Luminex, MSD, ImmunoSpot, Mabtech, Unchained Labs, Bio-Plex; XML of i-control and SoftMax Pro: said what they are, not read",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        what(book).map(|_| ()).ok_or_else(|| "it is not one of the other kinds of assay that are known".to_string())
    }

    fn read(&self, draft: &mut Draft<'_>) {
        if let Some(what) = what(draft.book) {
            for (index, sheet) in draft.sheets() {
                draft.note(index, 0..sheet.rows.len(), what, "not read");
            }
            draft.no_end_point(ExportKind::NotSupported, (0, 0, 0), what);
        }
    }
}

/// What kind of assay the file is of, by the marks of the programs that write it.
fn what(book: &Book) -> Option<&'static str> {
    let sheet = book.sheets.iter().find(|sheet| !sheet.rows.is_empty())?;
    let top = sheet.first_row();
    let first = sheet.text(top, 0);
    let second_row = |column: usize| sheet.text(top + 1, column);
    let has = |sheet: &Sheet, row: usize, name: &str| {
        (0..sheet.rows.get(row).map_or(0, Vec::len)).any(|column| sheet.text(row, column) == name)
    };
    let anywhere = |name: &str| (0..sheet.rows.len().min(60)).any(|row| has(sheet, row, name));
    match () {
        () if first == "Program" && sheet.text(top, 1) == "xPONENT" => {
            Some("a Luminex assay (xPONENT): bead counts and intensities per analyte")
        }
        () if first == "INSTRUMENT TYPE" && second_row(0).contains("INTELLIFLEX") => {
            Some("a Luminex assay (INTELLIFLEX): bead counts and intensities per analyte")
        }
        () if is_luminex(sheet, top) => {
            Some("a Luminex assay (INTELLIFLEX or xPONENT): bead counts and intensities per analyte")
        }
        () if first.starts_with("Plate_") && second_row(0) == "Sample" && second_row(1) == "Assay" => {
            Some("an MSD assay (Discovery Workbench): several spots per well")
        }
        () if first.starts_with("FileName :") && second_row(0).starts_with("Stack ID :") => {
            Some("an MSD assay (Methodical Mind): several spots per well")
        }
        () if first.contains("ImmunoSpot") => Some("an ELISpot count (ImmunoSpot)"),
        () if book.sheets.iter().any(|sheet| sheet.name.as_deref() == Some("Plate Database")) => {
            Some("an ELISpot or FluoroSpot count (Mabtech Apex)")
        }
        () if first == "Report" && anywhere("Instrument") && anywhere("Client version") => {
            Some("a microfluidic absorbance list (Lunatic or Stunner), not a plate read")
        }
        () if first.starts_with("<?xml") || first.starts_with("<BioPlex") => xml(sheet),
        () => None,
    }
}

/// Luminex programs name their instrument beside every well, or their columns after regions of beads (`R25: RP1 MEDIAN`); which columns
/// come first differs from version to version.
fn is_luminex(sheet: &Sheet, top: usize) -> bool {
    let is_instrument =
        |text: &str| ["INTELLIFLEX", "MAGPIX", "XPONENT"].iter().any(|name| text.to_uppercase().contains(name));
    let is_region = |text: &str| {
        let region =
            text.strip_prefix('R').and_then(|rest| rest.split_once(':')).map(|(number, rest)| (number, rest.trim()));
        region.is_some_and(|(number, rest)| number.parse::<u16>().is_ok() && rest.starts_with("RP"))
    };
    let is_beads = |text: &str| ["BEAD TYPE", "BEAD COUNT", "TRIMMED COUNT"].contains(&text.to_uppercase().as_str());
    (top..top + 4).any(|row| {
        let texts = (0..sheet.rows.get(row).map_or(0, Vec::len)).map(|column| sheet.text(row, column));
        texts.into_iter().any(|text| is_instrument(&text) || is_region(&text) || is_beads(&text))
    })
}

fn xml(sheet: &Sheet) -> Option<&'static str> {
    let start: String = sheet.rows.iter().take(6).flatten().map(|cell| cell.text()).collect();
    let says = |word: &str| start.contains(word);
    match () {
        () if says("BioPlex") => Some("a Bio-Plex assay: bead counts and intensities per analyte"),
        () if says("<MeasurementResultData") => {
            Some("an XML file of Tecan i-control; export the plate to Excel or as text instead")
        }
        () if says("<ExperimentFile") || says("<PlateSections") => {
            Some("an XML file of SoftMax Pro; export the plate as text instead")
        }
        () => None,
    }
}
