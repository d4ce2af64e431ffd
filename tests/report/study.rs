//! The outputs of the study that comes with the program: tables, workbook, page, figures, record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::copied_study::copy;
use calamine::{Data, Reader, Xlsx};
use platewise::pipeline::{self, ArmList, Compared, Quantified, Run};
use platewise::protocol::{FigureWidth, PlateFigureFiles, ResponseAxis, SvgTexts};
use platewise::qc::{JudgedPlate, Verdict};
use platewise::sheet::{Code, Location, Problem};

fn study() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plates")
}

fn quantified() -> &'static Quantified {
    static QUANTIFIED: OnceLock<Quantified> = OnceLock::new();
    QUANTIFIED.get_or_init(|| pipeline::quantify(&study(), &|_| {}).unwrap())
}

fn list() -> ArmList {
    ArmList::in_memory("arms.csv", &fs::read(study().join("arms.csv")).unwrap())
}

fn compared() -> &'static Compared {
    static COMPARED: OnceLock<Compared> = OnceLock::new();
    COMPARED.get_or_init(|| pipeline::compare(quantified(), &list()).unwrap())
}

/// Every file of the report of `quantified`, by name.
fn write(quantified: &Quantified, compared: Option<&Compared>) -> BTreeMap<String, Vec<u8>> {
    let compared = compared.map(|compared| (compared.clone(), list().record().clone()));
    let run = Run::new(quantified.clone(), compared, "2000-01-01T00:00:00Z".into()).unwrap();
    run.files().unwrap().into_iter().map(|file| (file.name, file.bytes)).collect()
}

fn open() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| write(quantified(), Some(compared())))
}

fn blinded() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| write(quantified(), None))
}

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// Rows of a table by column.
fn rows(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(files[name].as_slice()).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(&write(quantified(), Some(compared())), open());
}

#[test]
fn every_output_is_there() {
    for name in ["wells", "standards", "curves", "controls", "concentrations", "measurements", "reruns", "verdicts"] {
        assert!(blinded().contains_key(&format!("{name}.csv")), "{name}");
    }
    for name in [
        "assay_error.csv",
        "sensitivity.csv",
        "design.csv",
        "plate_effect.csv",
        "influence.csv",
        "change.csv",
        "summary.csv",
        "comparison.csv",
        "responders.csv",
        "join.csv",
        "excluded.csv",
        "adlb.csv",
    ] {
        assert!(open().contains_key(name) && !blinded().contains_key(name), "{name}");
    }
    for name in ["report.html", "results.xlsx", "run.json", "figures/P01_curve.svg"] {
        assert!(blinded().contains_key(name), "{name}");
    }
    assert!(open().contains_key("figures/change_week_16.svg"));
}

/// The start page leads to every file there is, and to none that there is not.
#[test]
fn the_start_page_names_every_file() {
    for files in [open(), blinded()] {
        let page = text(files, "index.html");
        let mut named: Vec<&str> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        named.retain(|name| !name.starts_with('#'));
        for name in files.keys().filter(|name| *name != "index.html") {
            assert!(named.contains(&name.as_str()), "index.html does not name {name}");
        }
        for name in named {
            // Written with the folder, when all its files are known.
            assert!(files.contains_key(name) || name == "manifest-sha256.txt", "index.html names {name}");
        }
    }
    let (open, blinded) = (text(open(), "index.html"), text(blinded(), "index.html"));
    assert!(open.contains("laboratory.html") && !blinded.contains("laboratory.html") && !blinded.contains("TRTP"));
}

/// Of the low standards of `plates/` a linear axis would show a line; the setting overrides what the plates say.
#[test]
fn the_response_axis_is_spaced_by_the_plates_or_as_declared() {
    let mut study = quantified().clone();
    for (axis, expected) in [
        (ResponseAxis::ByData, "response on a square-root axis"),
        (ResponseAxis::Linear, "response against"),
        (ResponseAxis::SquareRoot, "response on a square-root axis"),
        (ResponseAxis::Log, "response on a logarithmic axis"),
    ] {
        study.protocol.report.response_axis = axis;
        let figure = text(&write(&study, None), "figures/P01_curve.svg").to_string();
        assert!(figure.contains(expected), "{axis:?}");
    }
}

/// At the width at which it is printed; a text that is smaller is not taken by journals, and not read.
#[test]
fn no_text_of_a_figure_is_smaller_than_6_points_in_print() {
    let mut single = quantified().clone();
    single.protocol.report.figure_width = FigureWidth::Single;
    single.protocol.report.titles = false;
    let mut looked_at = 0;
    let single = write(&single, Some(compared()));
    for (name, file) in open().iter().chain(&single).filter(|(name, _)| name.ends_with(".svg")) {
        let svg = std::str::from_utf8(file).unwrap();
        let number = |after: &str| -> f64 {
            let rest = svg.split_once(after).unwrap().1;
            rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap()].parse().unwrap()
        };
        let points_per_unit = number("width=\"") / 25.4 * 72.0 / number("viewBox=\"0 0 ");
        for size in svg.split("font-size=\"").skip(1) {
            let size: f64 = size[..size.find('"').unwrap()].parse().unwrap();
            assert!(size * points_per_unit >= 6.0, "{name}: {:.2} points", size * points_per_unit);
            looked_at += 1;
        }
    }
    assert!(looked_at > 1000, "{looked_at}");
    assert!(text(&single, "figures/P01_curve.svg").contains("width=\"85mm\""));
    assert!(text(&single, "figures/P01_map.svg").contains("width=\"180mm\""), "its texts need the room");
    assert!(
        text(&single, "report.html").contains(">P01: standard curve, accepted</text>"),
        "the page keeps its titles"
    );
}

#[test]
fn texts_of_a_figure_are_text_or_outlines_as_declared() {
    let mut outlined = quantified().clone();
    outlined.protocol.report.svg_texts = SvgTexts::Outlines;
    assert!(text(blinded(), "figures/P01_curve.svg").contains(">Residual / SD</text>"));
    assert!(!text(&write(&outlined, None), "figures/P01_curve.svg").contains("<text"));
}

/// A chart of one plate is a point without anything to compare it with.
#[test]
fn one_plate_has_no_charts() {
    let mut one = quantified().clone();
    one.plates.truncate(1);
    one.across_plates.charts.iter_mut().for_each(|chart| chart.points.retain(|point| point.observation.plate == "P01"));
    let files = write(&one, None);
    assert!(files.keys().all(|name| !name.contains("control_") && !name.contains("chart_")), "{:?}", files.keys());
    assert!(!text(&files, "report.html").contains("Westgard") && text(blinded(), "report.html").contains("Westgard"));
}

/// A blinded report of a study without a list of arms is the same, byte for byte: nothing of the list is in it.
#[test]
fn a_blinded_report_has_no_trace_of_the_arms() {
    let place = tempfile::tempdir().unwrap();
    copy(&study(), place.path());
    fs::remove_file(place.path().join(&quantified().protocol.trial.arms)).unwrap();
    let without = write(&pipeline::quantify(place.path(), &|_| {}).unwrap(), None);
    assert_eq!(&without, blinded());
    for (name, words) in [
        ("report.html", ["id=\"answer\"", "TRTP", "geometric mean ratio"]),
        ("run.json", ["arms.csv\",\n      \"bytes", "\"unblinded\": true", "TRTP"]),
    ] {
        for word in words {
            assert!(!text(blinded(), name).contains(word), "{name}: {word}");
        }
    }
    assert!(text(open(), "report.html").contains("id=\"answer\""));
}

/// Beside the page of an unblinded study stands that of the laboratory, as `quantify` writes it but for the run.
#[test]
fn the_laboratory_page_of_an_unblinded_study_is_the_blinded_one() {
    assert!(!blinded().contains_key("laboratory.html"), "report.html is that page");
    let id = |files: &BTreeMap<String, Vec<u8>>| -> String {
        let record: serde_json::Value = serde_json::from_slice(&files["run.json"]).unwrap();
        record["run_id"].as_str().unwrap().to_string()
    };
    let laboratory = text(open(), "laboratory.html");
    assert_eq!(laboratory, text(blinded(), "report.html"));
    assert!(laboratory.contains(&id(blinded())) && !laboratory.contains(&id(open())));
}

#[test]
fn a_value_outside_the_limits_is_a_text_with_its_limit_and_every_well_names_its_cell() {
    let mut outside = 0;
    for row in rows(open(), "wells.csv").iter().chain(&rows(open(), "concentrations.csv")) {
        let number = row["concentration"].parse::<f64>();
        match row["status"].as_str() {
            "quantified" => assert!(number.unwrap() >= 0.0 && !row["unit"].is_empty()),
            "below LLOQ" | "above ULOQ" => {
                outside += 1;
                assert!(row["concentration"].is_empty() && row["reported"].starts_with(['<', '>']), "{row:?}");
            }
            _ => assert!(row["concentration"].is_empty() && row["reported"].starts_with("not reported: ")),
        }
        assert_eq!(row["simulated"], "Y");
    }
    assert!(outside > 0);
    for row in rows(open(), "wells.csv") {
        assert!(row["source"].starts_with("exports/") && row["source"].contains(", "), "{row:?}");
        assert_eq!(row["reading"].is_empty(), !row["reading_text"].is_empty(), "{row:?}");
    }
}

#[test]
fn imputed_numbers_are_marked() {
    let changes = rows(open(), "change.csv");
    let imputed: Vec<_> = changes.iter().filter(|row| !row["DTYPE"].is_empty()).collect();
    assert!(!imputed.is_empty());
    for row in &changes {
        let limit = row["AVALC"].starts_with(['<', '>']);
        assert_eq!(limit && !row["AVAL"].is_empty(), !row["DTYPE"].is_empty(), "{row:?}");
        assert_eq!(row["ANL01FL"] == "Y", row["EXCLREAS"].is_empty());
    }
    let subjects: BTreeSet<_> = changes.iter().map(|row| &row["USUBJID"]).collect();
    assert_eq!(subjects.len(), 114);
}

#[test]
fn the_workbook_reads_back_as_the_tables() {
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(open()["results.xlsx"].clone())).unwrap();
    let tables: Vec<&str> = open().keys().filter_map(|name| name.strip_suffix(".csv")).collect();
    let sheets: BTreeSet<String> = book.sheet_names().into_iter().collect();
    // An empty table has no sheet: the first one names it.
    let has_rows = |name: &&str| text(open(), &format!("{name}.csv")).lines().count() > 1;
    let (filled, empty): (Vec<&str>, Vec<&str>) = tables.into_iter().partition(has_rows);
    assert_eq!(sheets, filled.iter().copied().chain(["index", "columns", "inputs"]).map(str::to_string).collect());
    let index = book.worksheet_range("index").unwrap();
    let said = |name: &str| index.rows().find(|row| row[0] == *name).map(|row| row[1].to_string());
    assert!(!empty.is_empty() && empty.iter().all(|name| said(name).as_deref() == Some("empty")), "{empty:?}");
    for table in filled {
        let sheet = book.worksheet_range(table).unwrap();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(open()[&format!("{table}.csv")].as_slice());
        for (row, record) in reader.records().enumerate() {
            for (column, expected) in record.unwrap().iter().enumerate() {
                let at = (row as u32, column as u32);
                match sheet.get_value(at).unwrap_or(&Data::Empty) {
                    Data::Empty => assert_eq!(expected, "", "{table} {at:?}"),
                    Data::Float(value) => assert_eq!(expected.parse::<f64>().unwrap(), *value, "{table} {at:?}"),
                    // A heading says its unit.
                    Data::String(value) if row == 0 => {
                        let bare = value.strip_suffix(" (pg/mL)").or(value.strip_suffix(" (%)"));
                        assert_eq!(expected, bare.unwrap_or(value), "{table} {at:?}")
                    }
                    Data::String(value) => assert_eq!(expected, value, "{table} {at:?}"),
                    other => panic!("{table} {at:?}: {other:?}"),
                }
            }
        }
        assert!(book.worksheet_formula(table).unwrap().is_empty(), "{table} holds a formula");
        let headings: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
        for (of, heading) in [
            ("concentrations", "upper (pg/mL)"),
            ("curves", "lloq (pg/mL)"),
            ("summary", "GEOMEAN (pg/mL)"),
            ("summary", "PCHG_LOWER (%)"),
            ("adlb", "AVAL (pg/mL)"),
            ("parallelism", "lower (pg/mL)"),
            ("spikes", "upper (%)"),
            ("charts", "value"),
        ] {
            assert!(table != of || headings.iter().any(|found| found == heading), "{heading} is not in {headings:?}");
        }
    }
    let around = ["index", "columns", "inputs"].map(|name| book.worksheet_range(name).unwrap());
    let words: Vec<String> =
        around.iter().flat_map(|sheet| sheet.used_cells().map(|(_, _, cell)| cell.to_string())).collect();
    for needed in ["SIMULATED: no real participant stands behind any number", "AVALC", "exports/P01.txt"] {
        assert!(words.iter().any(|word| word == needed), "{needed}");
    }
}

#[test]
fn the_page_needs_nothing_else_and_its_links_lead_somewhere() {
    for files in [open(), blinded()] {
        let page = text(files, "report.html");
        for loads in ["src=", "url(", "<link", "@import", "https://", "fetch("] {
            assert!(!page.contains(loads), "{loads}");
        }
        let after = |mark: &'static str| page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap());
        let ids: Vec<&str> = after(" id=\"").collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
        for target in after("href=\"#").chain(after("aria-labelledby=\"")) {
            assert!(ids.contains(&target), "no place '{target}'");
        }
        assert_eq!(page.matches("<svg").count(), page.matches("<desc>").count());
        assert!(page.contains("Simulated data"));
    }
}

/// Names that want to be markup, a path or a formula stay names.
#[test]
fn hostile_names_stay_names() {
    let mut hostile = quantified().clone();
    hostile.protocol.assay.study.title = "<script>alert(1)</script>".into();
    hostile.results[0].sample = "=HYPERLINK(\"http://x\")".into();
    for (plate, id) in hostile.plates.iter_mut().zip(["../../<img src=x onerror=alert(2)>", "a b", "a_b", "a/b"]) {
        plate.id = id.into();
        plate.verdict.plate = id.into();
        plate.concentrations.as_mut().unwrap().plate.id = id.into();
    }
    let files = write(&hostile, None);
    assert_eq!(files.len(), blinded().len(), "a file took the place of another");
    let page = text(&files, "report.html");
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(text(&files, "concentrations.csv").contains("'=HYPERLINK"));
    assert!(files.keys().all(|name| !name.contains("..") && name.matches('/').count() <= 1), "{:?}", files.keys());
}

/// A study with more plates than a page holds: a page for each with all its evidence, linked both ways.
#[test]
fn a_large_study_has_a_page_for_each_plate() {
    let mut large = quantified().clone();
    large.protocol.report.plates_in_page = large.plates.len() - 1;
    let files = write(&large, None);
    let (one, report) = (text(blinded(), "report.html"), text(&files, "report.html"));
    assert!(report.len() < one.len() / 2 && !report.contains("<details class=\"plate\""), "the plates are elsewhere");
    // The same of plates that belong to no study.
    let run = Run::new(large.clone(), None, "2000-01-01T00:00:00Z".into()).unwrap();
    let alone = platewise::report::page_and_workbook(&run.report()).unwrap();
    for plate in &large.plates {
        let name = format!("plates/{}.html", plate.id);
        let page = alone.iter().find(|file| file.name == name).unwrap();
        assert_eq!(page.bytes, files[&name], "{name}");
        assert!(report.contains(&format!("href=\"{name}\"")), "{name}");
        let page = text(&files, &name);
        let seen = plate.verdict.reason.split_once(": ").map_or("", |(_, seen)| seen);
        assert!(page.contains(seen), "{name}: why it was rejected");
        for needed in
            ["Back-calculated standards", "Controls", "Plate map", "Findings", "Samples", "Simulated data", "<svg"]
        {
            assert!(page.contains(needed), "{name}: {needed}");
        }
        assert_eq!(
            page.matches(" title=\"").count(),
            plate.concentrations.as_ref().unwrap().wells.len(),
            "{name}: wells"
        );
        for link in page.split("href=\"../").skip(1).map(|rest| rest.split(['"', '#']).next().unwrap()) {
            assert!(files.contains_key(link), "{name}: no {link}");
        }
        let figure = format!("figures/{}_curve", plate.id);
        assert!(files.contains_key(&format!("{figure}.svg")));
    }
}

/// Which files there are of the pictures of plates is a setting, and depends on nothing else; the pages show all of them.
#[test]
fn the_pictures_of_plates_are_written_as_the_study_says() {
    let plain = quantified().plates.iter().filter(|plate| plate.verdict.verdict == Verdict::Accepted).count();
    let all = quantified().plates.iter().filter(|plate| plate.concentrations.is_some()).count();
    assert!(0 < plain && plain < all, "{plain} of {all}");
    let flagged = quantified().plates.len() - plain;
    for (figures, svg, png) in [
        (PlateFigureFiles::All, all, all),
        (PlateFigureFiles::Svg, all, 0),
        (PlateFigureFiles::Flagged, flagged, flagged),
        (PlateFigureFiles::None, 0, 0),
    ] {
        let mut study = quantified().clone();
        study.protocol.report.figures = figures;
        let files = write(&study, None);
        let count = |ending: &str| {
            let of_plate = |name: &&String| name.starts_with("figures/P") && name.ends_with(ending);
            files.keys().filter(of_plate).count()
        };
        assert_eq!([count("_curve.svg"), count("_curve.png")], [svg, png], "{figures:?}");
        assert!(files.keys().any(|name| name.starts_with("figures/") && name.ends_with(".png")), "those of the study");
        let index = text(&files, "index.html");
        for link in index.split("href=\"figures/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(files.contains_key(&format!("figures/{link}")), "{figures:?}: no {link}");
        }
        assert_eq!(index.contains("only in the pages"), svg < all);
        assert_eq!(
            text(&files, "report.html").matches("<svg").count(),
            text(blinded(), "report.html").matches("<svg").count()
        );
    }
}

/// A plate that could not be read stands with its reason in every output that lists plates.
#[test]
fn an_unread_plate_is_a_row_with_its_reason() {
    let mut broken = quantified().clone();
    let problem = Problem::new(
        Code::new("reading-not-a-number"),
        Location::line("exports/P02.txt", 7),
        "'O.512' is not a number",
    );
    broken.plates[1] = JudgedPlate::unread("P02".into(), problem.clone().into());
    let files = write(&broken, None);
    let verdict = rows(&files, "verdicts.csv").into_iter().find(|row| row["plate"] == "P02").unwrap();
    assert_eq!(verdict["verdict"], "not evaluable");
    assert!(verdict["reason"].contains(&problem.to_string()), "{verdict:?}");
    // In the list of what to do, the overview, the plate's section and its findings.
    assert!(text(&files, "report.html").matches("'O.512' is not a number").count() >= 4);
    assert!(!files.contains_key("figures/P02_curve.svg") && files.contains_key("figures/P03_curve.svg"));
}
