//! Reading: exports in the formats of readers, filled with values of a formula, read through the program's own readers.

use crate::plate::formats;
use crate::plate::{PlateRead, Reading, WellPosition};
use crate::report::validation::{Case, Function, Risk, SpoiledCase, ValidationCheck};
use crate::sheet::{Book, Problems};

const SOURCE: &str = "the formula that filled the file (fixtures/exports)";

/// An export, and what is in it.
struct MadeExport {
    file: &'static str,
    bytes: &'static [u8],
    format: &'static str,
    reads: &'static [MadeRead],
}

/// A read of a plate: the wells hold `factor × od(row, column, k)`, written to `digits`.
struct MadeRead {
    plate: usize,
    read: usize,
    k: usize,
    factor: f64,
    digits: f64,
    /// Wells that hold something else, and the words that stand for it.
    others: &'static [(&'static str, &'static str)],
}

const fn read(plate: usize, read: usize, k: usize, factor: f64, digits: f64) -> MadeRead {
    MadeRead { plate, read, k, factor, digits, others: &[] }
}

const fn first(digits: f64) -> MadeRead {
    read(0, 0, 0, 1.0, digits)
}

const GEN5: &[(&str, &str)] = &[
    ("A12", "saturated, written OVRFLW"),
    ("B12", "masked by the reader, written *0.356*"),
    ("C12", "missing, written MISSED"),
];

macro_rules! made {
    ($file:literal, $format:literal, $reads:expr) => {
        MadeExport {
            file: $file,
            bytes: include_bytes!(concat!("../../fixtures/exports/", $file)),
            format: $format,
            reads: $reads,
        }
    };
}

const MADE: [MadeExport; 20] = [
    made!(
        "softmax_two_plates.txt",
        "SoftMax Pro text",
        &[
            MadeRead {
                others: &[("A12", "saturated, written #SAT"), ("B12", "missing, written #Low")],
                ..first(5.001e-5)
            },
            read(1, 0, 0, 1.0, 5.001e-5),
            read(1, 1, 1, 0.1, 1.1e-4)
        ]
    ),
    made!("softmax_time_format.txt", "SoftMax Pro text", &[first(5.001e-5)]),
    made!("gen5_two_plates.txt", "Gen5", &[MadeRead { others: GEN5, ..first(5.1e-4) }, read(0, 1, 1, 0.1, 5.1e-4)]),
    made!("gen5_commas.csv", "Gen5", &[MadeRead { others: GEN5, ..first(5.1e-4) }, read(0, 1, 1, 0.1, 5.1e-4)]),
    made!("grid_450_570.csv", "plain grid", &[first(5.001e-5), read(0, 1, 1, 0.1, 1e-4)]),
    made!("grid_two_plates.tsv", "plain grid", &[read(1, 0, 2, 1.0, 5.001e-5)]),
    made!("grid_semicolon_comma.csv", "plain grid", &[first(5.001e-5)]),
    made!("matrix_384.csv", "plain grid", &[first(5.001e-5)]),
    made!("table_two_plates.csv", "plain table", &[read(0, 0, 1, 1.0, 5.001e-5), read(1, 0, 2, 1.0, 5.001e-5)]),
    made!("skanit_semicolon.csv", "SkanIt", &[first(5.001e-5)]),
    made!("ascent.txt", "SkanIt", &[first(5.1e-4)]),
    made!("kaleido_2.csv", "Kaleido", &[first(5.1e-4)]),
    made!("mars.csv", "BMG MARS", &[first(5.1e-4)]),
    made!("tecan_icontrol_german.txt", "Tecan i-control", &[first(5.1e-4)]),
    made!("tecan_magellan_short.asc", "Tecan Magellan", &[first(5.1e-4)]),
    made!("opentrons_450.csv", "Opentrons absorbance reader", &[first(5.1e-4)]),
    made!("glomax_multi.csv", "GloMax", &[first(5.1e-4), read(0, 1, 1, 1.0, 5.1e-5)]),
    made!(
        "victor_nivo.csv",
        "Victor Nivo",
        &[MadeRead { others: &[("H12", "saturated, written OVER")], ..first(5.1e-4) }]
    ),
    made!("envision_list.csv", "EnVision or EnSpire", &[first(5.1e-4)]),
    made!(
        "biorad_imark.txt",
        "Bio-Rad reader text",
        &[MadeRead { others: &[("H12", "saturated, written *.***")], ..first(5.1e-4) }]
    ),
];

/// The made-up absorbance of a well: rising over rows and columns, `k` tells the reads apart.
fn od(row: usize, column: usize, k: usize) -> f64 {
    let noise = (row * 31 + column * 17 + k * 7) % 23;
    0.05 + 0.021 * row as f64 + 0.17 * column as f64 + 0.0013 * noise as f64
}

/// Reading exports, and a spoiled one.
pub(super) fn function() -> Function {
    let cases = MADE.iter().map(|made| case(made, made.bytes)).collect();
    let spoiled = MADE.iter().filter(|made| made.file == "opentrons_450.csv").map(spoiled).collect();
    Function {
        name: "Reading plate files",
        intended_use: "Takes the values of the wells from the files that plate readers write.",
        risk: Risk::High,
        failure: "A value is taken from another well, or read as another number; concentrations are wrong.",
        activity: "Exports of known content are read; every well is compared, and what is written in place of a value.",
        cases,
        spoiled,
    }
}

fn case(made: &MadeExport, bytes: &[u8]) -> Case {
    Case::new(made.file, SOURCE).with(checks(made, bytes))
}

/// One digit of the file is another.
fn spoiled(made: &MadeExport) -> SpoiledCase {
    let mut bytes = made.bytes.to_vec();
    // The first digit behind the first decimal point of the last half: somewhere in the wells.
    let half = bytes.len() / 2;
    let at = (half..bytes.len().saturating_sub(1)).find(|&at| bytes[at] == b'.' && bytes[at + 1].is_ascii_digit());
    if let Some(digit) = at.and_then(|at| bytes.get_mut(at + 1)) {
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
    SpoiledCase::new(format!("one digit of a well in {} is another", made.file), case(made, &bytes))
}

fn checks(made: &MadeExport, bytes: &[u8]) -> Result<Vec<ValidationCheck>, Problems> {
    let export = formats::read_book(&Book::from_bytes(bytes, made.file)?, None)?;
    let mut checks = vec![ValidationCheck::text("format", made.format, export.format)];
    for part in made.reads {
        let found = export.plates.get(part.plate).and_then(|plate| plate.reads.get(part.read));
        let name = format!("plate {}, read {}", part.plate + 1, part.read + 1);
        match found {
            Some(found) => checks.extend(wells(&name, part, found)),
            None => checks.push(ValidationCheck::text(name, "a read", "none")),
        }
    }
    Ok(checks)
}

fn wells(name: &str, part: &MadeRead, found: &PlateRead) -> Vec<ValidationCheck> {
    let check = |((row, column), reading): ((usize, usize), &Reading)| {
        let well = WellPosition::new(row, column).to_string();
        let what = format!("{name}, {well}");
        let same_well = |name: &str| name.parse::<WellPosition>().is_ok_and(|named| named.to_string() == well);
        match part.others.iter().find(|(name, _)| same_well(name)) {
            Some((_, words)) => ValidationCheck::text(what, *words, instead(reading)),
            None => {
                ValidationCheck::number(what, od(row, column, part.k) * part.factor, reading.measured(), part.digits)
            }
        }
    };
    found.wells.indexed_iter().map(check).collect()
}

/// What stands in place of a value.
fn instead(reading: &Reading) -> String {
    match reading {
        Reading::Measured(value) => format!("measured, {value}"),
        Reading::Saturated(text) => format!("saturated, written {text}"),
        Reading::Missing(text) => format!("missing, written {text}"),
        Reading::Masked { text, .. } => format!("masked by the reader, written {text}"),
        other => format!("{other:?}"),
    }
}
