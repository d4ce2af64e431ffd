//! Numbers of exports in which a mark may be that of decimals or stand between thousands: one that can only be read in one way decides
//! for the whole file; where there is none, the file is refused with both readings.

use platewise::plate::read::{Export, ExportKind};
use platewise::sheet::Problems;

use super::made::{grid_of, plates};
use crate::support::examined::examine;

/// A grid of luminescence with this separator, whose wells `cell` writes.
fn grid(separator: char, title: &str, cell: impl Fn(usize, usize) -> String) -> (Export, Problems) {
    let text = format!("{title}\n{}", grid_of("", cell));
    examine(&text.replace('\t', &separator.to_string()))
}

/// Counts with thousands separated by `mark`, or decimals that look the same.
fn thousands(mark: char) -> impl Fn(usize, usize) -> String {
    move |row, column| format!("{}{mark}{:03}", 12 + row, 100 + column)
}

#[test]
fn thousands_that_may_be_decimals_are_refused_with_both_readings() {
    for separator in [';', '\t'] {
        for (mark, name) in [('.', "point"), (',', "comma")] {
            for title in ["RLU", "counts", ""] {
                let (export, problems) = grid(separator, title, thousands(mark));
                assert_eq!(export.kind, ExportKind::Malformed, "{separator:?} {mark} {title}");
                let said =
                    format!("'12{mark}100' is 12.1 with a decimal {name}, or 12100 with a {name} between thousands");
                assert!(problems.to_string().contains(&said), "{separator:?} {title}: {problems}");
                assert_eq!(problems.0.len(), 1, "{problems}");
            }
        }
    }
}

#[test]
fn one_number_that_tells_decides_for_the_whole_file() {
    let with = |mark: char, telling: &'static str| {
        move |row: usize, column: usize| {
            if (row, column) == (7, 11) { telling.to_string() } else { thousands(mark)(row, column) }
        }
    };
    for separator in [';', '\t'] {
        for (mark, telling) in [('.', "0.5"), ('.', "12.5"), ('.', "1234.567"), (',', "0,5"), (',', "12,5")] {
            let (export, problems) = grid(separator, "RLU", with(mark, telling));
            assert!(problems.0.is_empty(), "{separator:?} {telling}: {problems}");
            assert_eq!(export.plates[0].reads[0].wells[(0, 0)].measured(), Some(12.1), "{separator:?} {telling}");
        }
    }
}

/// Where commas separate, points are decimals; an optical density of a thousand is none; whole numbers have no mark.
#[test]
fn what_can_only_be_read_in_one_way_is_read() {
    let first = |(export, problems): (Export, Problems)| {
        assert!(problems.0.is_empty(), "{problems}");
        export.plates[0].reads[0].wells[(0, 0)].measured()
    };
    assert_eq!(first(grid(',', "RLU", thousands('.'))), Some(12.1));
    for separator in [';', '\t'] {
        for mark in ['.', ','] {
            let od = move |row: usize, column: usize| format!("{}{mark}{:03}", 1 + row / 4, 100 + column);
            assert_eq!(first(grid(separator, "450 nm", od)), Some(1.1), "{separator:?} {mark}");
        }
        assert_eq!(
            first(grid(separator, "RLU", |row, column| format!("{}", 12_100 + 100 * row + column))),
            Some(12_100.0)
        );
    }
    let (export, _) = examine("Well\tRLU\nA1\t12.500\nA2\t13.123\nA3\t1.25\n");
    assert_eq!(plates(&export), [(None, vec![(None, 3)])]);
}
