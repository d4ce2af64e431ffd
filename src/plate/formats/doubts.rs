//! What a user should know of an export that was read: reads without a measured well, numbers that may be none, numbers that nobody
//! used. Whoever shows the export shows these; nothing here changes a reading.

use std::collections::{BTreeMap, BTreeSet};

use super::copies::copies;
use super::draft::{CellIndex, Draft, shortened};
use super::grid::{column_numbers, is_number};
use crate::plate::read::{ExportKind, ExportedPlate, Mode, PlateRead};
use crate::plate::reading::Reading;
use crate::sheet::{Code, Location, Place, Problem, Sheet, Value};

/// From so many wells on, equal values are no chance.
const SEVERAL: usize = 4;
/// A row with fewer unused numbers is one of settings, not of values.
const ROW_OF_NUMBERS: usize = 3;
/// As many wells as the smallest plate has; fewer numbers are no plate that somebody lost.
const PLATE_OF_NUMBERS: usize = 6;
/// So many places of numbers that nobody used are named.
const PLACES: usize = 6;
/// The wavelengths that plate readers measure at, in nm.
const MEASURED_NM: std::ops::RangeInclusive<f64> = 190.0..=1100.0;

impl Draft<'_> {
    /// Adds what is doubtful of the plates that were read.
    pub(super) fn doubt(&mut self, plates: &[ExportedPlate]) {
        if self.kind != ExportKind::Endpoint {
            return;
        }
        let mut doubts = Vec::new();
        for plate in plates {
            doubts.extend(only_derived(plate));
            doubts.extend(fractions(plate));
            doubts.extend(plate.reads.iter().filter(|read| !read.derived).filter_map(no_well));
            let raw = plate.reads.iter().filter(|read| !read.derived);
            doubts.extend(raw.flat_map(|read| [constant(read), zeros(read), wavelength(read)]).flatten());
        }
        doubts.extend(copies(plates));
        self.warnings.extend(doubts);
        self.warn_of_unused_numbers();
    }

    /// The wavelength that the reader has subtracted, if the file names one: readers write −1 or 0 where there is none.
    pub(super) fn reference(&mut self, reference: Option<f64>, at: Option<CellIndex>) -> Option<f64> {
        let nm = reference.filter(|nm| *nm > 0.0)?;
        if !MEASURED_NM.contains(&nm)
            && let Some(at) = at
        {
            let location = self.location(at);
            self.warnings.push(
                Problem::new(
                    Code::new("reference-not-measured"),
                    location,
                    format!("the file says that {nm} nm was subtracted, where no reader measures"),
                )
                .advice("Ask whoever set up the read whether a reference was measured"),
            );
        }
        Some(nm)
    }

    /// Says how many numbers of the file are neither readings nor said of a well, and where.
    fn warn_of_unused_numbers(&mut self) {
        let mut used: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for &(sheet, row, column) in &self.used {
            used.entry((sheet, row)).or_default().push(column);
        }
        // Every row belongs to a block that says what was made of it.
        let mut left: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (sheet, start, block) in &self.blocks {
            let is_left = ["not used", "not read"].iter().any(|made| block.made.ends_with(made));
            if is_left && !block.made.starts_with("information") {
                left.extend((*start..start + block.rows).map(|row| (*sheet, row)));
            }
        }
        let (mut count, mut places) = (0, Vec::new());
        for (index, sheet) in self.sheets() {
            let numbers = |row: usize| {
                let used = used.get(&(index, row)).map_or(&[][..], Vec::as_slice);
                let numbers = unused(sheet, row, used);
                if numbers < ROW_OF_NUMBERS || !left.contains(&(index, row)) { 0 } else { numbers }
            };
            let mut row = 0;
            while row < sheet.rows.len() {
                let (start, mut of_rows) = (row, numbers(row));
                row += 1;
                // A line or two without numbers do not end a place.
                while let Some(next) =
                    (row..sheet.rows.len().min(row + 3)).find(|&next| of_rows > 0 && numbers(next) > 0)
                {
                    of_rows += numbers(next);
                    row = next + 1;
                }
                if of_rows >= PLATE_OF_NUMBERS {
                    count += of_rows;
                    places.push(rows_of(sheet, start, row, of_rows));
                }
            }
        }
        if count == 0 {
            return;
        }
        let more = places.len().saturating_sub(PLACES);
        places.truncate(PLACES);
        let more = if more > 0 { format!(" and {more} more places") } else { String::new() };
        self.warnings.push(
            Problem::new(
                Code::new("numbers-not-used"),
                Location::file(self.book.file.clone()),
                format!("{count} numbers in the file are not used: {}{more}", places.join("; ")),
            )
            .advice("'platewise inspect --verbose' says what each was taken for"),
        );
    }
}

/// How many numbers of a row are not in the used columns; the numbers above a grid are no values.
fn unused(sheet: &Sheet, row: usize, used: &[usize]) -> usize {
    let cells = &sheet.rows[row];
    let is_value = |value: &Value| match value {
        Value::Number(_) => true,
        Value::Text(text) => is_number(text.trim()),
        _ => false,
    };
    let mut columns = Vec::new();
    let mut column = 0;
    while column < cells.len() {
        if let Some((_, width)) = column_numbers(sheet, row, column) {
            column += width;
            continue;
        }
        if is_value(&cells[column]) && !used.contains(&column) {
            columns.push(column);
        }
        column += 1;
    }
    columns.len()
}

/// `sheet 'normalised', rows 3 to 10 (96)`.
fn rows_of(sheet: &Sheet, start: usize, end: usize, count: usize) -> String {
    let name = sheet.name.as_ref().map(|name| format!("sheet '{name}', ")).unwrap_or_default();
    let word = if sheet.name.is_some() { "row" } else { "line" };
    let rows = if end - start == 1 { format!("{word} {end}") } else { format!("{word}s {} to {end}", start + 1) };
    format!("{name}{rows} ({count})")
}

fn name(plate: &ExportedPlate) -> String {
    plate.name.as_deref().or(plate.id.as_deref()).map_or("the plate".to_string(), |name| format!("plate '{name}'"))
}

fn only_derived(plate: &ExportedPlate) -> Option<Problem> {
    let labels: Vec<String> = plate.reads.iter().map(|read| format!("'{}'", read.label)).collect();
    let only = !plate.reads.is_empty() && plate.reads.iter().all(|read| read.derived);
    only.then(|| {
        let found =
            format!("{} holds only values that a program computed, no raw read: {}", name(plate), labels.join(", "));
        Problem::new(Code::new("plate-only-derived"), plate.location.clone(), found).advice(
            "Export the raw data as well; a study can have computed values analysed only by derived = \"…\" in [method]",
        )
    })
}

/// Where a read begins.
fn start(read: &PlateRead) -> Location {
    let place = read.places.iter().copied().find(|place| *place != Place::Whole).unwrap_or(Place::Whole);
    Location { file: read.file.clone(), sheet: read.sheet.clone(), place }
}

fn measured(read: &PlateRead) -> impl Iterator<Item = f64> + Clone {
    read.wells.iter().filter_map(Reading::measured)
}

fn no_well(read: &PlateRead) -> Option<Problem> {
    let is_nothing = |reading: &Reading| matches!(reading, Reading::Missing(_) | Reading::NotComputed(_));
    read.wells.iter().all(is_nothing).then(|| {
        Problem::new(
            Code::new("read-without-wells"),
            start(read),
            format!("no well was measured in the read '{}'", read.short_name()),
        )
        .advice("Every value is missing in the file: read the plate, or export it again")
    })
}

fn constant(read: &PlateRead) -> Option<Problem> {
    let first = measured(read).next()?;
    let count = measured(read).count();
    (count >= SEVERAL && measured(read).all(|value| value == first)).then(|| {
        Problem::new(
            Code::new("read-constant"),
            start(read),
            format!("all {count} values of the read '{}' are {first}", read.short_name()),
        )
        .advice("No reader measures that: is it a setting, a layout or a read that failed?")
    })
}

/// Wells that were not read are written as 0 by some programs.
fn zeros(read: &PlateRead) -> Option<Problem> {
    let zeros = measured(read).filter(|&value| value == 0.0).count();
    let others = measured(read).count() - zeros;
    (zeros >= SEVERAL && others > 0 && read.mode != Mode::Luminescence).then(|| {
        Problem::new(
            Code::new("read-zeros"),
            start(read),
            format!("{zeros} wells of the read '{}' hold exactly 0", read.short_name()),
        )
        .advice("They may not have been read: mark them as unused in the layout if so")
    })
}

fn wavelength(read: &PlateRead) -> Option<Problem> {
    let odd = [read.wavelength_nm, read.stated_nm, read.excitation_nm].into_iter().flatten();
    let nm = odd.into_iter().find(|nm| !MEASURED_NM.contains(nm))?;
    Some(
        Problem::new(
            Code::new("read-wavelength-odd"),
            start(read),
            format!("the read '{}' is said to be at {nm} nm", shortened(&read.label)),
        )
        .expected(format!("a wavelength from {} to {} nm", MEASURED_NM.start(), MEASURED_NM.end()))
        .advice("Check what the number is before a study asks for it"),
    )
}

/// A number below 1 in the place of a dilution may be a fraction, or a factor that somebody mistook. A layout may answer it.
pub(in crate::plate) fn fractions(plate: &ExportedPlate) -> Option<Problem> {
    let diluted = plate.samples.iter().filter(|(_, sample)| {
        matches!(sample.role.as_deref(), Some("sample" | "control"))
            && sample.dilution.is_some_and(|dilution| dilution > 0.0 && dilution < 1.0)
    });
    let wells: Vec<String> = diluted.clone().map(|(well, _)| well.to_string()).collect();
    let (_, first) = diluted.clone().next()?;
    Some(
        Problem::new(Code::new("dilutions-below-one"), 
            plate.location.clone(),
            format!(
                "{} wells of {} have dilutions below 1, such as {} in {}: fractions or mistaken factors",
                wells.len(),
                name(plate),
                first.dilution.unwrap_or_default(),
                wells[0]
            ),
        )
        .advice("They are in no layout: write 10 for one part in ten there, or call the column dilution_fraction; or say --dilution-fractions, with plate or init --from"),
    )
}
