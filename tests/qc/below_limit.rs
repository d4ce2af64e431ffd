//! Does a value below the limit ever appear as a number? Every output of the demo trial is searched for what the responses of its
//! samples below the LLOQ would read on the curve.

use crate::support::copied_study::copy;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use calamine::{Reader as _, Xlsx};
use platewise::concentration::Quantity;
use platewise::pipeline::{self, Quantified};
use platewise::report::Explanation;
use platewise::reportable::Candidate;
use serde_json::Value;

/// A sample below the LLOQ, and the numbers that its responses would read on the curve.
struct Hidden {
    sample: String,
    /// Whose it is and from which visit: rows of the analysis dataset name these and not the sample.
    whose: Option<(String, String)>,
    numbers: Vec<f64>,
}

impl Hidden {
    /// Every sample of a study that is reported as below the LLOQ.
    fn of(study: &Quantified) -> Vec<Self> {
        let visits = study.visits.as_ref().unwrap();
        let below = study.results.iter().filter(|result| matches!(result.quantity, Quantity::BelowLloq { .. }));
        below
            .map(|result| Self {
                sample: result.sample.clone(),
                whose: visits
                    .iter()
                    .find(|visit| visit.sample == result.sample)
                    .map(|visit| (visit.subject.clone(), visit.visit.clone())),
                numbers: result.candidates.iter().flat_map(|candidate| on_the_curve(study, candidate)).collect(),
            })
            .collect()
    }

    /// Whether a row is about this sample.
    fn is_named_by(&self, row: &[String]) -> bool {
        let has = |text: &str| row.iter().any(|cell| cell == text);
        has(&self.sample) || self.whose.as_ref().is_some_and(|(subject, visit)| has(subject) && has(visit))
    }

    /// A cell that shows one of the numbers.
    fn shown_in<'r>(&self, row: &'r [String]) -> Option<&'r String> {
        let shows = |cell: &str| {
            cell.parse::<f64>().is_ok_and(|cell| self.numbers.iter().any(|number| (cell / number - 1.0).abs() < 1e-3))
        };
        row.iter().find(|cell| shows(cell))
    }
}

/// What the wells of a measurement, and their mean, would read on the curve of their plate, in the well and undiluted.
fn on_the_curve(study: &Quantified, candidate: &Candidate) -> Vec<f64> {
    let plate = study.plates.iter().find(|plate| plate.id == candidate.plate).unwrap();
    let found = plate.concentrations.as_ref().unwrap();
    let Ok(curve) = &found.curve else { return Vec::new() };
    let wells = found.wells.iter().filter(|well| candidate.group.wells.contains(&well.position));
    let responses = wells.filter_map(|well| well.response.measured()).chain(candidate.group.mean_response);
    let read = responses.filter_map(|response| curve.invert(response, 1).concentration);
    read.flat_map(|value| [value, value * candidate.group.dilution]).collect()
}

/// The rows of a file of tables, each cell as a text; `None` for a file of another kind.
fn rows(path: &Path) -> Option<Vec<Vec<String>>> {
    match path.extension()?.to_str()? {
        "csv" => {
            let mut reader = csv::Reader::from_path(path).unwrap();
            Some(reader.records().map(|record| record.unwrap().iter().map(str::to_string).collect()).collect())
        }
        "xlsx" => {
            let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
            let sheets = book.worksheets().into_iter();
            Some(sheets.flat_map(|(_, sheet)| sheet.rows().map(cells).collect::<Vec<_>>()).collect())
        }
        "json" => {
            let mut found = Vec::new();
            json_rows(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap(), &mut found);
            Some(found)
        }
        _ => None,
    }
}

fn cells(row: &[calamine::Data]) -> Vec<String> {
    row.iter().map(ToString::to_string).collect()
}

/// The rows of a JSON text: each list of plain values, and each object that holds a text, with everything inside.
fn json_rows(value: &Value, rows: &mut Vec<Vec<String>>) {
    let plain = |value: &Value| !value.is_array() && !value.is_object();
    let inside: Vec<&Value> = match value {
        Value::Array(values) => values.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => return,
    };
    if inside.iter().any(|value| plain(value)) {
        let mut row = Vec::new();
        inside.iter().filter(|value| plain(value)).for_each(|value| scalars(value, &mut row));
        // An object that names a sample by itself is about that sample with all that it holds.
        if value.is_object() && value.get("sample").is_some() {
            inside.iter().filter(|value| !plain(value)).for_each(|value| scalars(value, &mut row));
        }
        rows.push(row);
    }
    inside.into_iter().for_each(|value| json_rows(value, rows));
}

fn scalars(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| scalars(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| scalars(value, found)),
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

/// Every number in a row about a sample below the LLOQ, in every table, sheet, dataset and record, on the page and in what
/// `explain` says, against what its responses would read on the curve. The analysis dataset has numbers for these samples, by the
/// rule that its column DTYPE names: none of them is such a reading.
#[test]
fn no_value_below_the_limit_appears_as_a_number_in_any_output() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let study = place.path().join("plates");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let mut command = assert_cmd::Command::cargo_bin("platewise").unwrap();
    command.args(["run", study.to_str().unwrap(), "--quiet", "--out", out.to_str().unwrap()]);
    assert_eq!(command.output().unwrap().status.code(), Some(1));

    let quantified = pipeline::quantify(&study, &|_| ()).unwrap();
    let hidden = Hidden::of(&quantified);
    assert!(hidden.len() >= 5, "the demo trial has samples below the LLOQ");
    assert!(hidden.iter().any(|one| !one.numbers.is_empty()), "some of them are on the curve");
    let mut about: BTreeMap<String, usize> = BTreeMap::new();
    for entry in fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(rows) = rows(&path) else { continue };
        let seen = about.entry(name.clone()).or_default();
        for row in &rows {
            for one in hidden.iter().filter(|one| one.is_named_by(row)) {
                *seen += 1;
                assert_eq!(one.shown_in(row), None, "{name}: {row:?}");
            }
        }
    }
    println!("rows about the {} samples below the LLOQ: {about:?}", hidden.len());
    for name in ["concentrations.csv", "measurements.csv", "wells.csv", "adlb.csv", "adlb.json", "results.xlsx"] {
        assert!(about[name] >= hidden.len(), "{name} has rows about them");
    }
    // The page: every row of a table that names the sample, with the value as it would be printed.
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let mut shown = 0;
    for row in page.split("<tr").map(|row| row.split("</tr>").next().unwrap()) {
        for one in hidden.iter().filter(|one| row.contains(&format!(">{}<", one.sample))) {
            shown += 1;
            for number in &one.numbers {
                let printed = platewise::concentration::quantity::significant(*number, 4);
                assert!(!row.contains(&format!(">{printed}<")), "the page shows {printed}: {row}");
            }
        }
    }
    println!("{shown} rows of the page");
    // What `explain` says, as JSON and in words.
    for one in &hidden {
        let result = quantified.results.iter().find(|result| result.sample == one.sample).unwrap();
        let whose = one.whose.as_ref().map_or(("", ""), |(subject, visit)| (subject, visit));
        let explanation = Explanation::new(whose, result, &quantified.plates, &quantified.protocol);
        let mut said = Vec::new();
        scalars(&serde_json::to_value(&explanation).unwrap(), &mut said);
        said.extend(
            explanation.to_string().split_whitespace().map(|word| word.trim_matches(['(', ')', ',']).to_string()),
        );
        assert!(said.iter().filter(|word| word.parse::<f64>().is_ok()).count() > 10);
        assert_eq!(one.shown_in(&said), None, "{explanation}");
    }
}

/// The search sees what it is there to see.
#[test]
fn a_number_that_is_planted_is_found() {
    let whose = Some(("001".to_string(), "Baseline".to_string()));
    let hidden = Hidden { sample: "S1".into(), whose, numbers: vec![217.0] };
    let planted = serde_json::json!({
        "rows": [["STUDY", "001", "Baseline", 217.01], ["STUDY", "002", "Baseline", 217.01]],
        "explained": { "sample": "S1", "limit": 312.5, "wells": [{ "in_well": 216.95 }] },
        "another": { "sample": "S2", "wells": [{ "in_well": 216.95 }] },
    });
    let mut rows = Vec::new();
    json_rows(&planted, &mut rows);
    let found: Vec<&String> =
        rows.iter().filter(|row| hidden.is_named_by(row)).filter_map(|row| hidden.shown_in(row)).collect();
    assert_eq!(found, ["216.95", "217.01"]);
}
