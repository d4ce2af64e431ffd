//! What a reader's own software made of a plate: concentrations well by well, the readings that it printed beside them, and the
//! formula of its curve. For comparison only: nothing of it enters a result.
//!
//! Three forms are read: grids of concentrations that the export holds as computed values (Gen5, BioTek reports), the group
//! tables of SoftMax Pro, whose column definitions say which column is interpolated from the curve (`InterpX`), and the grids
//! `Conc.` of SkanIt's standard-curve sheets.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Export, PlateRead};
use super::well::{WellPosition, row_from_letters};
use crate::sheet::{Book, Location, Sheet};

/// A well of one plate of an export: index of the plate, position.
pub type PlateWell = (usize, WellPosition);

/// A number as it was printed.
///
/// See [`OwnResults`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintedNumber {
    /// The number.
    pub value: f64,
    /// Half a unit of its last printed digit.
    pub half_unit: f64,
}

/// The numbers of one grid or column, with their printed precision: to the same place after the point, or to the same number of
/// significant digits, whichever is coarser for a number.
fn printed(values: &[f64]) -> Vec<PrintedNumber> {
    let digits = |value: f64| {
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let significant = mantissa.chars().filter(char::is_ascii_digit).count() as i32;
        (significant, exponent.parse::<i32>().unwrap_or(0))
    };
    let seen = values.iter().filter(|value| **value != 0.0).map(|value| digits(*value));
    let (significant, decimals) = seen.fold((1, 0), |(most, last), (significant, exponent)| {
        (most.max(significant), last.max(significant - 1 - exponent))
    });
    let half_unit = |value: f64| {
        let by_digits = if value == 0.0 { i32::MIN / 2 } else { digits(value).1 - significant + 1 };
        0.5 * 10f64.powi(by_digits.max(-decimals))
    };
    values.iter().map(|&value| PrintedNumber { value, half_unit: half_unit(value) }).collect()
}

/// A formula with its parameters, as printed.
///
/// See [`OwnResults`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// The formula, in the file's words.
    pub text: String,
    /// Its parameters by letter, in lower case.
    pub parameters: BTreeMap<String, f64>,
    /// Where it stands.
    pub location: Location,
}

/// The concentrations of one curve.
///
/// ```
/// use platewise::plate::{own_results::own_results, formats};
/// use platewise::sheet::Book;
///
/// let text = "Software Version\t3.12.08\n\nProcedure Details\n\nPlate Type\t96 WELL PLATE\nRead\tAbsorbance Endpoint\n\
///             \tWavelengths:  450\n\nResults\n\t1\t2\nA\t1.234\t0.567\t450\n\t98.76\t12.30\t[Concentration]\n";
/// let book = Book::from_bytes(text.as_bytes(), "gen5.txt")?;
/// let (export, _) = formats::examine(&book, None)?;
/// let tables = own_results(&book, &export);
/// let [results] = &tables.results[..] else { panic!("one grid of concentrations") };
/// assert_eq!((results.label.as_str(), results.concentrations.len()), ("[Concentration]", 2));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OwnResults {
    /// What the file calls them.
    pub label: String,
    /// The curve that they are read from, where the file names it.
    pub curve: Option<String>,
    /// Where they begin.
    pub location: Location,
    /// Concentration of each well that has one.
    pub concentrations: BTreeMap<PlateWell, PrintedNumber>,
    /// The readings that stand beside them, where there are any.
    pub readings: BTreeMap<PlateWell, f64>,
    /// Wells whose concentration is that of the mean of several: all wells of the mean.
    pub means: BTreeMap<PlateWell, Vec<PlateWell>>,
    /// The formula of the curve, where it is printed.
    pub formula: Option<Formula>,
}

/// A standard as the software's tables have it: where, and its nominal concentration.
pub type OwnStandards = BTreeMap<PlateWell, f64>;

/// Everything of that kind in a file.
///
/// See [`OwnResults`] for an example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnTables {
    /// The results, curve by curve.
    pub results: Vec<OwnResults>,
    /// The standards that the tables name, beside those of the layout.
    pub standards: OwnStandards,
    /// Wells whose reading the tables do not print, as SoftMax Pro writes of a masked one.
    pub masked: BTreeSet<PlateWell>,
}

/// The results, standards and masked wells that the software's tables hold.
pub fn own_results(book: &Book, export: &Export) -> OwnTables {
    let mut tables = OwnTables { results: computed_reads(book, export), ..OwnTables::default() };
    for sheet in &book.sheets {
        tables.results.extend(concentration_grids(sheet));
        for group in groups(sheet, export) {
            tables.standards.extend(group.standards);
            tables.masked.extend(group.masked);
            group.results.into_iter().for_each(|results| add(&mut tables.results, results));
        }
    }
    tables
}

/// Adds results to those of the same curve, so that one curve has to account for all of them.
fn add(known: &mut Vec<OwnResults>, results: OwnResults) {
    let apart = |one: &OwnResults| one.concentrations.keys().all(|place| !results.concentrations.contains_key(place));
    let same = known.iter_mut().find(|one| one.curve.is_some() && one.curve == results.curve && apart(one));
    let Some(same) = same else { return known.push(results) };
    same.label = format!("{}, {}", same.label, results.label);
    same.concentrations.extend(results.concentrations);
    same.readings.extend(results.readings);
    same.means.extend(results.means);
}

/// The readings of a computed read with their precision.
pub fn printed_read(plate: usize, read: &PlateRead) -> BTreeMap<PlateWell, PrintedNumber> {
    let wells: Vec<(WellPosition, f64)> = read
        .wells
        .indexed_iter()
        .filter_map(|((row, column), reading)| Some((WellPosition::new(row, column), reading.measured()?)))
        .collect();
    let numbers = printed(&wells.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    wells.into_iter().zip(numbers).map(|((well, _), number)| ((plate, well), number)).collect()
}

fn computed_reads(book: &Book, export: &Export) -> Vec<OwnResults> {
    let mut formulas = book.sheets.iter().flat_map(gen5_formulas);
    let mut found = Vec::new();
    for (at, plate) in export.plates.iter().enumerate() {
        for read in plate.reads.iter().filter(|read| read.derived && read.label.to_lowercase().contains("conc")) {
            found.push(OwnResults {
                label: read.label.clone(),
                curve: None,
                location: plate.location.clone(),
                concentrations: printed_read(at, read),
                readings: BTreeMap::new(),
                means: BTreeMap::new(),
                formula: formulas.next(),
            });
        }
    }
    found
}

/// Gen5: `Curve Name, Curve Formula, A, B, …, R2` and the row below it.
fn gen5_formulas(sheet: &Sheet) -> Vec<Formula> {
    (0..sheet.rows.len())
        .filter(|&row| sheet.text(row, 0) == "Curve Name")
        .map(|row| {
            let letter = |column: &usize| sheet.text(row, *column).len() == 1;
            let parameters = (2..sheet.rows[row].len())
                .filter(letter)
                .filter_map(|column| {
                    Some((sheet.text(row, column).to_lowercase(), sheet.text(row + 1, column).parse().ok()?))
                })
                .collect();
            Formula { text: sheet.text(row + 1, 1), parameters, location: sheet.location(row + 1, 1) }
        })
        .collect()
}

/// SkanIt: a grid whose corner says `Conc.` with its unit, and the curve's parameters above it.
fn concentration_grids(sheet: &Sheet) -> Vec<OwnResults> {
    let corner = |row: &usize| {
        sheet.text(*row, 0).starts_with("Conc.") && sheet.text(*row, 1) == "1" && sheet.text(*row, 2) == "2"
    };
    (0..sheet.rows.len())
        .filter(corner)
        .map(|row| {
            let mut wells = Vec::new();
            for at in (0..).take_while(|&at| row_from_letters(&sheet.text(row + 1 + at, 0)) == Some(at)) {
                for column in 1..sheet.rows[row + 1 + at].len() {
                    if let Ok(value) = sheet.text(row + 1 + at, column).parse::<f64>() {
                        wells.push(((0, WellPosition::new(at, column - 1)), value));
                    }
                }
            }
            let numbers = printed(&wells.iter().map(|(_, value)| *value).collect::<Vec<_>>());
            OwnResults {
                label: format!("{} of '{}'", sheet.text(row, 0), sheet.name.as_deref().unwrap_or_default()),
                curve: None,
                location: sheet.location(row, 0),
                concentrations: wells.into_iter().zip(numbers).map(|((place, _), number)| (place, number)).collect(),
                readings: BTreeMap::new(),
                means: BTreeMap::new(),
                formula: skanit_formula(sheet),
            }
        })
        .collect()
}

/// SkanIt: `y = d + ( (a - d) / ( 1 + (x/c)^b) )`, `Where:`, and a row `a = | value` for each parameter.
fn skanit_formula(sheet: &Sheet) -> Option<Formula> {
    let row = (0..sheet.rows.len()).find(|&row| sheet.text(row, 0) == "Where:")?;
    let parameter = |row: usize| {
        let letter = sheet.text(row, 0).strip_suffix('=')?.trim().to_lowercase();
        Some((letter, sheet.text(row, 1).parse().ok()?))
    };
    let parameters = (row + 1..).map_while(parameter).collect();
    Some(Formula { text: sheet.text(row - 2, 0), parameters, location: sheet.location(row, 0) })
}

/// A group table of SoftMax Pro.
struct GroupTable {
    results: Vec<OwnResults>,
    standards: OwnStandards,
    masked: BTreeSet<PlateWell>,
}

/// The column definitions of a group in the order of its columns: name and formula.
fn definitions(sheet: &Sheet, from: usize) -> Vec<(String, String)> {
    let start = (from..sheet.rows.len()).find(|&row| sheet.text(row, 0) == "Group Column");
    let rows = start.into_iter().flat_map(|start| start + 1..sheet.rows.len());
    rows.skip_while(|&row| sheet.is_blank(row))
        .take_while(|&row| sheet.is_blank(row) || sheet.text(row, 0).parse::<usize>().is_ok())
        .filter(|&row| !sheet.is_blank(row))
        .map(|row| (sheet.text(row, 1), sheet.text(row, 2)))
        .collect()
}

fn groups(sheet: &Sheet, export: &Export) -> Vec<GroupTable> {
    let starts = (0..sheet.rows.len()).filter(|&row| sheet.text(row, 0).starts_with("Group:"));
    starts.filter_map(|row| group(sheet, export, row)).collect()
}

fn group(sheet: &Sheet, export: &Export, start: usize) -> Option<GroupTable> {
    let name = sheet.text(start, 0).trim_start_matches("Group:").trim().to_string();
    let title = (start + 1..sheet.rows.len()).find(|&row| !sheet.is_blank(row))?;
    let end = (title..sheet.rows.len()).find(|&row| ["Group Column", "~End"].contains(&sheet.text(row, 0).as_str()))?;
    let formulas = definitions(sheet, end);
    let definition = |name: &str| formulas.iter().find(|(of, _)| of == name).map(|(_, formula)| formula.clone());
    // A column may be titled otherwise than it is defined (`Well`, defined as `Wells`): then its place says which it is.
    let of_place = |column: usize| formulas.get(column).map(|(_, formula)| formula.clone());
    let columns: Vec<(usize, String, String)> = (0..sheet.rows[title].len())
        .map(|column| (column, sheet.text(title, column)))
        .map(|(column, name)| {
            let defined = definition(&name).or_else(|| of_place(column)).unwrap_or_default();
            (column, name, defined)
        })
        .collect();
    let with = |formula: &str| columns.iter().find(|(.., of)| of.eq_ignore_ascii_case(formula)).map(|(at, ..)| *at);
    let wells = with("!WellIDs")?;
    let (values, plates) = (with("!WellValues")?, with("!WellPlateName"));
    let nominal = with("!SampleDescriptor").or_else(|| with("!Conc"));
    // A table may break off into blank lines between its rows: it ends where its definitions begin.
    let mut rows: Vec<(PlateWell, usize)> = Vec::new();
    let mut readings: BTreeMap<PlateWell, f64> = BTreeMap::new();
    let (mut sample, mut standards, mut level) = (0, OwnStandards::new(), None);
    for row in title + 1..end {
        let Ok(well) = sheet.text(row, wells).parse::<WellPosition>() else { continue };
        if !sheet.text(row, 0).is_empty() {
            sample += 1;
            level = nominal.and_then(|column| sheet.text(row, column).parse::<f64>().ok());
        }
        let plate = plates.map(|column| sheet.text(row, column));
        let plate = export.plates.iter().position(|known| known.name == plate).unwrap_or(0);
        rows.push(((plate, well), sample));
        readings.extend(sheet.text(row, values).parse().ok().map(|value| ((plate, well), value)));
        standards.extend(level.map(|level| ((plate, well), level)));
    }
    let samples: BTreeMap<PlateWell, usize> = rows.iter().copied().collect();
    let interpolated = columns.iter().filter(|(.., formula)| formula.contains("InterpX("));
    let results = interpolated
        .filter_map(|(column, title_of, formula)| {
            let (curve, argument) = formula.split("InterpX(").nth(1)?.split(')').next()?.rsplit_once(',')?;
            let averaged = definition(argument.trim()).is_some_and(|of| of.to_lowercase().starts_with("average("));
            let mut found: Vec<(PlateWell, f64)> = Vec::new();
            for row in title + 1..end {
                let Ok(well) = sheet.text(row, wells).parse::<WellPosition>() else { continue };
                let plate = plates.map(|column| sheet.text(row, column));
                let plate = export.plates.iter().position(|known| known.name == plate).unwrap_or(0);
                if let Ok(value) = sheet.text(row, *column).parse() {
                    found.push(((plate, well), value));
                }
            }
            let numbers = printed(&found.iter().map(|(_, value)| *value).collect::<Vec<_>>());
            let together = |place: &PlateWell| -> Vec<PlateWell> {
                rows.iter().filter(|(_, of)| *of == samples[place]).map(|(place, _)| *place).collect()
            };
            let means = found.iter().filter(|_| averaged).map(|(place, _)| (*place, together(place))).collect();
            Some(OwnResults {
                label: format!("{title_of} of group '{name}'"),
                curve: Some(curve.trim().to_string()),
                location: sheet.location(title, *column),
                concentrations: found.iter().map(|(place, _)| *place).zip(numbers).collect(),
                readings: readings.clone(),
                means,
                formula: None,
            })
        })
        .filter(|results| !results.concentrations.is_empty())
        .collect();
    let masked = samples.keys().filter(|place| !readings.contains_key(place)).copied().collect();
    Some(GroupTable { results, standards, masked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_precision_is_a_place_or_a_number_of_digits() {
        let half = |values: &[f64]| -> Vec<f64> { printed(values).iter().map(|number| number.half_unit).collect() };
        // Three places after the point, however large.
        assert_eq!(half(&[1980.423, 0.302, 2014.56]), [0.0005, 0.0005, 0.0005]);
        // Four digits, however small.
        let digits = half(&[0.9022, 0.018_87, 67.85]);
        for (ours, expected) in digits.iter().zip([0.00005, 0.000_005, 0.005]) {
            assert!((ours / expected - 1.0).abs() < 1e-9, "{digits:?}");
        }
    }
}
