//! The small exports of these readers in `fixtures/exports` that no other test reads, value by value.

use std::path::Path;

use platewise::plate::read::{ExportKind, Mode};
use platewise::plate::{Reading, formats};

/// The made-up absorbance of a well of these files, as in `tests/plate/formats.rs`.
fn od(row: usize, column: usize, k: usize) -> f64 {
    0.05 + 0.021 * row as f64 + 0.17 * column as f64 + 0.0013 * ((row * 31 + column * 17 + k * 7) % 23) as f64
}

#[test]
fn small_exports_hold_their_values() {
    // Per file: the format, how many rows are read, and of each plate the measured reads as wavelength and `k`, and how many are derived.
    type Plate<'a> = (Option<&'a str>, &'a [(f64, usize)], usize);
    let files: [(&str, &str, usize, &[Plate<'_>]); 8] = [
        (
            "envision_below.csv",
            "EnVision or EnSpire",
            4,
            &[(Some("Plate 1"), &[(450.0, 0)], 1), (Some("Plate 2"), &[(450.0, 1)], 1)],
        ),
        (
            "envision_plates.txt",
            "EnVision or EnSpire",
            8,
            &[(Some("Plate 1"), &[(0.0, 0)], 1), (Some("Plate 2"), &[(0.0, 1)], 1)],
        ),
        ("gen5_results.txt", "Gen5", 8, &[(None, &[(450.0, 0), (570.0, 1)], 1)]),
        ("gen5_wells.txt", "Gen5", 8, &[(None, &[(450.0, 0)], 1)]),
        (
            "victor_nivo_plates.csv",
            "Victor Nivo",
            8,
            &[(Some("P01"), &[(450.0, 0)], 0), (Some("P02"), &[(450.0, 1)], 0)],
        ),
        ("kaleido_3.csv", "Kaleido", 8, &[(Some("P07"), &[(450.0, 0), (570.0, 1)], 0)]),
        (
            "victor_list.txt",
            "Victor 1420",
            8,
            &[(Some("Plate 1"), &[(450.0, 0), (570.0, 2)], 0), (Some("Plate 2"), &[(450.0, 1), (570.0, 3)], 0)],
        ),
        ("biotek_report.txt", "BioTek report", 8, &[(None, &[(450.0, 0), (570.0, 1)], 1)]),
    ];
    for (file, format, rows, plates) in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports").join(file);
        let export = formats::read(&path, file, None).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(
            (export.format.as_str(), export.kind, export.plates.len()),
            (format, ExportKind::Endpoint, plates.len())
        );
        for (plate, (name, reads, derived)) in export.plates.iter().zip(plates) {
            assert_eq!((plate.name.as_deref(), plate.size.count()), (*name, 96), "{file}");
            let raw: Vec<_> = plate.reads.iter().filter(|read| !read.derived).collect();
            assert_eq!((raw.len(), plate.reads.len() - raw.len()), (reads.len(), *derived), "{file}");
            for (read, (wavelength, k)) in raw.iter().zip(*reads) {
                assert_eq!((read.mode, read.wavelength_nm.unwrap_or(0.0)), (Mode::Absorbance, *wavelength), "{file}");
                for ((row, column), reading) in read.wells.indexed_iter() {
                    match reading.measured() {
                        Some(found) => assert!((found - od(row, column, *k)).abs() < 5.1e-5, "{file} {row} {column}"),
                        None if row < rows => assert_eq!(reading, &Reading::Saturated("OVRFLW".into()), "{file}"),
                        None => assert_eq!(reading, &Reading::UNREAD, "{file} {row} {column}"),
                    }
                    assert!(row < rows || reading.measured().is_none(), "{file} {row} {column}");
                }
            }
        }
    }
}
