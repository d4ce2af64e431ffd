//! Groups of SoftMax Pro: tables of which sample is in which well, with the program's own results.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{Draft, SampleDraft};
use crate::plate::well::WellPosition;
use crate::sheet::{Code, Problem, Sheet};

/// A group table: which sample is in which well. The meaning of a column is said by its formula below the table.
pub(super) fn group(
    draft: &mut Draft<'_>,
    sheet: &Sheet,
    by_name: &BTreeMap<String, Vec<usize>>,
    plates_before: usize,
    rows: Range<usize>,
) {
    let title = sheet.text(rows.start, 0);
    let name = Some(title.trim_start_matches("Group:").trim().to_string()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| sheet.text(rows.start, 1));
    let head = rows.start + 1;
    let table_end = (head..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
    let mut columns = columns_by_formula(sheet, table_end..rows.end);
    if columns.is_empty() {
        // The tables of the oldest versions have no definitions: there the titles say what a column is.
        columns = columns_by_title(sheet, head);
    }
    let find = |formulas: &[&str], titles: &[&str]| {
        let by_formula = columns.iter().find(|(_, column)| formulas.contains(&column.formula.as_str()));
        let is_titled = |column: &GroupColumn| column.formula.is_empty() && titles.contains(&column.title.as_str());
        by_formula.or_else(|| columns.iter().find(|(_, column)| is_titled(column)))
    };
    let samples = find(&["!SampleNames"], &["Sample"]).map(|(&at, _)| at);
    let Some((&wells, _)) = find(&["!WellIDs"], &["Well", "Wells"]) else {
        draft.note(0, rows, format!("Group: {name}"), "not used: no column of wells");
        return;
    };
    let plate_names = find(&["!WellPlateName"], &["WellPlateName"]).map(|(&at, _)| at);
    let dilution = find(&["!Factor", "!Dilution"], &[]).map(|(&at, _)| at);
    let descriptor = find(&["!SampleDescriptor", "!Concentration", "!Conc"], &["Conc", "Concentration", "Dilution"]);
    let role = role_of(&name);
    let mut current = SampleDraft::default();
    let mut unassigned: Vec<(WellPosition, bool)> = Vec::new();
    for row in head + 1..table_end {
        let sample_name = samples.map(|at| sheet.text(row, at)).unwrap_or_default();
        if !sample_name.is_empty() {
            // Name and descriptor stand on the first row of a sample only.
            current = SampleDraft {
                name: Some(sample_name),
                role,
                group: Some(name.clone()),
                at: (0, row, 0),
                ..SampleDraft::default()
            };
            current.dilution = dilution.map(|at| sheet.text(row, at)).filter(|text| !text.is_empty());
            if let Some((&at, column)) = descriptor {
                let text = Some(sheet.text(row, at)).filter(|text| !text.is_empty());
                if column.title.to_lowercase().contains("dil") {
                    current.dilution = text;
                } else {
                    let unit = sheet.text(head, at);
                    let unit = unit.strip_prefix(column.title.as_str()).map(str::trim).unwrap_or_default().to_string();
                    current.concentration_unit = Some(unit).filter(|unit| !unit.is_empty());
                    current.concentration = text;
                }
            }
        }
        let Ok(well) = sheet.text(row, wells).parse::<WellPosition>() else { continue };
        // A masked well shows so in whichever of its results the program leaves out.
        let masked = sheet.rows[row].iter().any(|cell| cell.text() == "Masked");
        let named = plate_names.map(|at| sheet.text(row, at)).filter(|name| !name.is_empty());
        let Some(plate) = plate_of(draft.plates.len(), by_name, plates_before, named.as_deref()) else {
            unassigned.push((well, masked));
            draft.unassigned.push((well, named, SampleDraft { masked, ..current.clone() }));
            continue;
        };
        // A well that is in several groups keeps its first; masked is the well, in whichever of them it shows.
        let sample = draft.plates[plate].samples.entry(well).or_insert_with(|| current.clone());
        sample.masked |= masked;
    }
    if !unassigned.is_empty() {
        let mut found = format!("the group '{name}' does not say on which plate its {} wells are", unassigned.len());
        let masked = unassigned.iter().filter(|(_, masked)| *masked).map(|(well, _)| well.to_string());
        let masked: Vec<String> = masked.collect();
        if !masked.is_empty() {
            found += &format!("; of these {} are masked, and count as if they were not", masked.join(" "));
        }
        draft.warnings.push(
            Problem::new(Code::new("group-without-plate-names"), sheet.location(rows.start, 0), found)
                .advice("Add the column WellPlateName to the group in SoftMax Pro"),
        );
    }
    draft.note(
        0,
        rows,
        format!("Group: {name}"),
        "sample names, concentrations and dilutions, and the program's own results beside",
    );
}

/// A column of a group table.
struct GroupColumn {
    title: String,
    formula: String,
}

fn columns_by_formula(sheet: &Sheet, rows: Range<usize>) -> BTreeMap<usize, GroupColumn> {
    let start = rows.clone().find(|&row| sheet.text(row, 0) == "Group Column").map_or(rows.end, |row| row + 1);
    (start..rows.end)
        .map_while(|row| {
            let number: usize = sheet.text(row, 0).parse().ok().filter(|&number| number > 0)?;
            Some((number - 1, GroupColumn { title: sheet.text(row, 1), formula: sheet.text(row, 2) }))
        })
        .collect()
}

fn columns_by_title(sheet: &Sheet, head: usize) -> BTreeMap<usize, GroupColumn> {
    let titles = (0..sheet.rows.get(head).map_or(0, Vec::len)).map(|at| (at, sheet.text(head, at)));
    let column = |title| GroupColumn { title, formula: String::new() };
    titles.filter(|(_, title)| !title.is_empty()).map(|(at, title)| (at, column(title))).collect()
}

/// The plate that a row of a group means: by its name (names may repeat: then the last one before the group), or the only one.
fn plate_of(plates: usize, by_name: &BTreeMap<String, Vec<usize>>, before: usize, name: Option<&str>) -> Option<usize> {
    let Some(name) = name else { return (plates == 1).then_some(0) };
    let called = by_name.get(name)?;
    let (earlier, later) = called.split_at(called.partition_point(|&at| at < before));
    earlier.last().or(later.first()).copied()
}

fn role_of(group: &str) -> Option<&'static str> {
    let group = group.to_lowercase();
    [
        ("std", "standard"),
        ("standard", "standard"),
        ("control", "control"),
        ("ctrl", "control"),
        ("blank", "blank"),
        ("unk", "sample"),
        ("sample", "sample"),
    ]
    .into_iter()
    .find(|(word, _)| group.contains(word))
    .map(|(_, role)| role)
}
