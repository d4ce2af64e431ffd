//! What the settings of an exporting program change in its files: the same plate, written in each way that EnVision, Gen5, Kaleido,
//! Victor and Victor Nivo offer, gives the same values. The files are made here, after descriptions of real ones.

mod envision;
mod exports;
mod gen5;
mod kaleido;
mod lists;
mod victor_nivo;

use crate::support::examined::examine;
use platewise::plate::read::{Export, Mode};
use platewise::plate::{PlateRead, Reading};

fn read(text: &str) -> Export {
    let (export, problems) = examine(text);
    assert!(problems.0.is_empty(), "{problems}\n{text}");
    export
}

/// What is wrong with a text that some format knows.
fn refused(text: &str) -> String {
    let (_, problems) = examine(text);
    assert!(!problems.0.is_empty(), "{text}");
    problems.to_string()
}

/// The wells of a plate that are read; the others are empty.
type Part = fn(usize, usize) -> bool;

const PARTS: [(&str, Part); 5] = [
    ("all", |_, _| true),
    ("the first four rows", |row, _| row < 4),
    ("without the first two rows and columns", |row, column| row > 1 && column > 1),
    ("without the last column", |_, column| column < 11),
    ("one well", |row, column| (row, column) == (5, 0)),
];

/// The made-up value of a well of read `k`.
fn value(row: usize, column: usize, k: usize) -> f64 {
    0.05 + 0.1 * row as f64 + 0.001 * column as f64 + 0.01 * k as f64
}

fn cell(row: usize, column: usize, k: usize, part: Part) -> String {
    if part(row, column) { format!("{:.3}", value(row, column, k)) } else { String::new() }
}

fn letters(row: usize) -> String {
    let letter = |at: usize| char::from(b'A' + at as u8);
    if row < 26 { letter(row).to_string() } else { format!("A{}", letter(row - 26)) }
}

fn check(read: &PlateRead, k: usize, part: Part, what: &str) {
    for ((row, column), reading) in read.wells.indexed_iter() {
        match reading.measured() {
            Some(found) => assert!((found - value(row, column, k)).abs() < 1e-9, "{what}: {row} {column}: {found}"),
            None => assert_eq!(reading, &Reading::UNREAD, "{what}: {row} {column}"),
        }
        assert_eq!(reading.measured().is_some(), part(row, column), "{what}: {row} {column}");
    }
}

fn light(read: &PlateRead) -> (Mode, Option<f64>, bool) {
    (read.mode, read.wavelength_nm, read.derived)
}
