//! Plates of one export whose values are those of another, times something: a sheet on which somebody normalised or blanked a plate
//! looks like one of its own where its format has no head that would tell.

use crate::plate::read::{ExportedPlate, PlateRead};
use crate::sheet::{Code, Location, Place, Problem};

/// Fewer wells agree by chance.
const WELLS: usize = 12;
/// How little of the variance a straight line may leave. Values that were rounded to a thousandth of their range leave about 1e-6; the
/// same plate read twice leaves more than 1e-5.
const LEFT: f64 = 4e-6;
/// So many reads are compared with each other; no workbook with computed copies has more.
const READS: usize = 40;

/// A warning for each plate whose values are those of an earlier one.
pub(super) fn copies(plates: &[ExportedPlate]) -> Vec<Problem> {
    let mut reads: Vec<(usize, &PlateRead)> = Vec::new();
    for (at, plate) in plates.iter().enumerate().take(READS) {
        reads.extend(plate.reads.iter().filter(|read| !read.derived).map(|read| (at, read)));
    }
    reads.truncate(READS);
    let earlier = |at: usize, plate: usize, read: &PlateRead| {
        reads[..at].iter().filter(|(other, _)| *other != plate).find_map(|(other, of)| Some((*other, line(of, read)?)))
    };
    let mut found: Vec<Problem> = Vec::new();
    let mut named = None;
    for (at, &(plate, read)) in reads.iter().enumerate() {
        if named == Some(plate) {
            continue; // Its further reads are copies too.
        }
        if let Some((of, line)) = earlier(at, plate, read) {
            named = Some(plate);
            found.push(said(&plates[plate], read, &plates[of], &line));
        }
    }
    found
}

fn said(plate: &ExportedPlate, read: &PlateRead, of: &ExportedPlate, (slope, offset): &(f64, f64)) -> Problem {
    let name = |plate: &ExportedPlate| match plate.name.as_ref().or(plate.id.as_ref()) {
        Some(name) => format!("plate '{name}'"),
        None => format!("the plate at {}", plate.location),
    };
    let times = if (slope - 1.0).abs() < 1e-9 { String::new() } else { format!("{slope:.4} times ") };
    let offset = match *offset {
        0.0 => String::new(),
        less if less < 0.0 => format!(", less {:.4}", -less),
        more => format!(", plus {more:.4}"),
    };
    let first = read.places.iter().copied().find(|place| *place != Place::Whole).unwrap_or(Place::Whole);
    let location = Location { file: read.file.clone(), sheet: read.sheet.clone(), place: first };
    let found = format!("the values of {} are {times}those of {}{offset}", name(plate), name(of));
    Problem::new(Code::new("plate-is-a-copy"), location, found).advice(
        "No two plates measure that: one of them is a copy. Leave the computed one out of the study, or take its sheet out of the \
         workbook",
    )
}

/// Slope and offset of the line on which the values of `read` lie against those of `of`, where they lie on one as exactly as rounding
/// lets them.
fn line(of: &PlateRead, read: &PlateRead) -> Option<(f64, f64)> {
    if of.wells.dim() != read.wells.dim() {
        return None;
    }
    let pairs: Vec<(f64, f64)> =
        of.wells.iter().zip(&read.wells).filter_map(|(x, y)| Some((x.measured()?, y.measured()?))).collect();
    let measured = read.wells.iter().filter(|reading| reading.measured().is_some()).count();
    if pairs.len() < WELLS || pairs.len() < measured {
        return None;
    }
    let n = pairs.len() as f64;
    let (mean_x, mean_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in &pairs {
        let (x, y) = (x - mean_x, y - mean_y);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
    }
    if !(xx > 0.0 && yy > 0.0 && xy.is_finite()) || 1.0 - xy / xx * (xy / yy) > LEFT {
        return None;
    }
    let slope = xy / xx;
    let offset = mean_y - slope * mean_x;
    // An offset that rounding explains is none.
    Some((slope, if offset.abs() > 1e-3 * mean_y.abs() { offset } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use crate::plate::formats;
    use crate::sheet::Book;

    type ValueAt<'a> = &'a dyn Fn(usize, usize) -> f64;

    fn warnings(plates: &[(&str, ValueAt<'_>)]) -> String {
        let grid = |(title, value): &(&str, ValueAt<'_>)| {
            let row = |row: usize| {
                let cells: String = (0..12).map(|column| format!("\t{:.3}", value(row, column))).collect();
                format!("{}{cells}\n", char::from(b'A' + row as u8))
            };
            let header: String = (1..=12).map(|column| format!("\t{column}")).collect();
            format!("Plate {title} 450 nm\n{header}\n{}\n", (0..8).map(row).collect::<String>())
        };
        let text: String = plates.iter().map(grid).collect();
        let book = Book::from_bytes(text.as_bytes(), "made.txt").unwrap();
        let export = formats::read_book(&book, None).unwrap();
        assert_eq!(export.plates.len(), plates.len());
        export.warnings.iter().map(|warning| format!("{warning}\n")).collect()
    }

    #[test]
    fn a_computed_copy_of_a_plate_is_said() {
        let noise = |row: usize, column: usize| ((row * 37 + column * 101) % 97) as f64 / 97.0;
        let od = |row: usize, column: usize| 0.05 + 2.0 * noise(row, column);
        let percent = |row: usize, column: usize| 100.0 * (od(row, column) - 0.05) / 2.0;
        let again = |row: usize, column: usize| od(row, column) * (1.0 + 0.01 * (noise(column, row) - 0.5));
        let said = warnings(&[("1", &od), ("2", &percent)]);
        assert!(said.contains("plate 'Plate 2' are 49.9990 times those of plate 'Plate 1', less 2.49"), "{said}");
        let said = warnings(&[("1", &od), ("2", &od)]);
        assert!(said.contains("the values of plate 'Plate 2' are those of plate 'Plate 1'. No"), "{said}");
        // The same plate read again is another measurement.
        assert_eq!(warnings(&[("1", &od), ("2", &again)]), "");
    }
}
