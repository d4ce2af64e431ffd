//! Cells that formulas computed, in every container of workbooks that knows them; also those that were filled down from another cell,
//! which have no text of their own.

use std::collections::BTreeSet;

use platewise::plate::{Reading, formats};
use platewise::sheet::{Book, isolated};

use crate::support::workbooks::{Computed, xls_computed, xlsb_computed};

/// Which wells (row and column of the sheet) a formula computes.
type Chosen = fn(u32, u32) -> bool;

/// The computed cells of the only sheet.
fn formulas(bytes: &[u8], name: &str) -> BTreeSet<(u32, u32)> {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    Book::from_bytes(bytes, name).unwrap_or_else(|wrong| panic!("{name}: {wrong}")).sheets[0].formulas.clone()
}

#[test]
fn formulas_of_binary_workbooks_are_told_whether_they_have_a_text_or_not() {
    for how in [Computed::Alone, Computed::Elsewhere] {
        // One cell, a column filled down, and all wells.
        let chosen: [(&str, Chosen); 4] = [
            ("none", |_, _| false),
            ("one", |row, column| (row, column) == (2, 2)),
            ("a column", |_, column| column == 5),
            ("all", |_, _| true),
        ];
        for (what, is_computed) in chosen {
            let expected: BTreeSet<(u32, u32)> = (1..=8)
                .flat_map(|row| (1..=12).map(move |column| (row, column)))
                .filter(|&(row, column)| is_computed(row, column))
                .collect();
            let xls = xls_computed(1.25, |row, column| is_computed(row.into(), column.into()).then_some(how));
            let xlsb = xlsb_computed(1.25, |row, column| is_computed(row, column).then_some(how));
            for (name, bytes) in [("made.xls", xls), ("made.xlsb", xlsb)] {
                assert_eq!(formulas(&bytes, name), expected, "{name}: {what}, {how:?}");
                let (export, problems) = formats::examine(&Book::from_bytes(&bytes, name).unwrap(), None).unwrap();
                let measured =
                    export.plates.iter().flat_map(|plate| &plate.reads[0].wells).filter_map(Reading::measured);
                assert_eq!(measured.count(), 96 - expected.len(), "{name}: {what}, {how:?}");
                assert_eq!(
                    problems.to_string().contains("are formulas, not readings"),
                    what == "all",
                    "{name}: {problems}"
                );
                let said =
                    export.warnings.iter().any(|warning| warning.to_string().contains("hold formulas, not readings"));
                assert_eq!(said, what == "one" || what == "a column", "{name}: {what}, {how:?}");
            }
        }
    }
}
