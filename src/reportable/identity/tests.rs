//! Each finding by what makes it and by what is close to it and does not.

use super::*;
use crate::concentration::{NotReported, PlateConcentrations};
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellRole};
use crate::reportable::result::Candidate;

/// Plates as in `study.toml`: id, layout, export, name in the export.
fn entries(of: &[(&str, &str, &str, Option<&str>)]) -> Vec<PlateEntry> {
    let entry = |&(id, layout, export, plate): &(&str, &str, &str, Option<&str>)| PlateEntry {
        id: id.into(),
        export: export.into(),
        plate: plate.map(Into::into),
        layout: layout.into(),
        confirmed: None,
        layout_sheet: None,
        reader: None,
        column: None,
        kit_lot: None,
        kit_expiry: None,
        read_on: None,
        repeats: Vec::new(),
    };
    of.iter().map(entry).collect()
}

fn of(findings: &[IdentityFinding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.of.as_str()).collect()
}

#[test]
fn a_file_that_is_named_as_another_plate_is_found() {
    let found = |layout: &str, export: &str| {
        let plates = entries(&[("P1", layout, export, None), ("P2", "b.csv", "b.txt", None)]);
        plate_names(&plates).len()
    };
    assert_eq!([found("P1.csv", "P1.txt"), found("a.csv", "a.txt")], [0, 0]);
    assert_eq!([found("p2.csv", "a.txt"), found("a.csv", "P2.txt"), found("P2.csv", "P2.txt")], [1, 1, 2]);
    // A repeat may have the layout of what it repeats.
    let mut plates = entries(&[("P1", "P2.csv", "a.txt", None), ("P2", "P2.csv", "b.txt", None)]);
    assert_eq!(of(&plate_names(&plates)), ["P1"]);
    plates[0].repeats = vec!["P2".into()];
    assert_eq!(of(&plate_names(&plates)), Vec::<&str>::new());
}

/// `P2` inside an export is a name of that export's plates, and inside a workbook of that workbook's sheets.
#[test]
fn a_name_inside_a_file_is_known_in_that_file() {
    let exported = |other: &str| {
        let plates = entries(&[("P1", "a.csv", "both.txt", Some("P2")), ("P2", "b.csv", other, Some("x"))]);
        plate_names(&plates).len()
    };
    assert_eq!([exported("both.txt"), exported("another.txt")], [1, 0]);
    let sheets = |other: &str| {
        let mut plates = entries(&[("P1", "both.xlsx", "a.txt", None), ("P2", other, "b.txt", None)]);
        plates[0].layout_sheet = Some("P2".into());
        plate_names(&plates).len()
    };
    assert_eq!([sheets("both.xlsx"), sheets("another.xlsx")], [1, 0]);
}

#[test]
fn plates_of_one_export_stand_in_its_order() {
    let found = |ids: [&str; 2], exports: [&str; 2], names: [&str; 2]| {
        let plates = entries(&[(ids[0], "a", exports[0], Some(names[0])), (ids[1], "b", exports[1], Some(names[1]))]);
        of(&plates_out_of_order(&plates)).join(" ")
    };
    let one = ["e.txt", "e.txt"];
    assert_eq!(found(["P1", "P2"], one, ["Plate 2", "Plate 1"]), "P2");
    assert_eq!(found(["P1", "P2"], one, ["Plate 1", "Plate 2"]), "");
    assert_eq!(found(["P1", "P2"], one, ["Plate 1", "Plate 1"]), "");
    assert_eq!(found(["P2", "P1"], one, ["Plate 2", "Plate 1"]), "", "ids that fall say no order");
    assert_eq!(found(["P1", "P2"], ["e.txt", "f.txt"], ["Plate 2", "Plate 1"]), "", "of two exports");
    assert_eq!(found(["P1", "P2"], one, ["Plate 10", "Plate 9"]), "P2", "numbers, not words");
    assert_eq!(found(["P1", "P2"], one, ["second", "first"]), "");
    assert_eq!(["Plate 12", "12", "Plate", "12 A"].map(trailing_number), [Some(12), Some(12), None, None]);
}

fn result(sample: &str, dilution: f64) -> ReportableResult {
    let candidate = Candidate::of("P1", dilution, Quantity::BelowLloq { limit: 31.25 * dilution });
    ReportableResult {
        sample: sample.into(),
        quantity: candidate.quantity.clone(),
        plate: Some("P1".into()),
        dilution: Some(dilution),
        flags: Vec::new(),
        candidates: vec![candidate],
    }
}

/// Beyond a hundred times every other dilution, and of fewer samples than the usual one.
#[test]
fn a_dilution_far_from_all_others_is_odd() {
    let found = |dilutions: &[f64]| {
        let results: Vec<_> = dilutions.iter().zip(["A", "B", "C", "D"]).map(|(&of, name)| result(name, of)).collect();
        of(&odd_dilutions(&results)).join(" ")
    };
    assert_eq!(found(&[10.0, 10.0, 10.0, 1_000_000.0]), "D");
    assert_eq!(found(&[10.0, 10.0, 10.0, 1000.0]), "", "a hundred times is a step that is taken");
    assert_eq!(found(&[10.0, 10.0, 10.0, 1001.0]), "D");
    assert_eq!(found(&[1001.0, 10.0, 1001.0, 1001.0]), "B", "below as well as above");
    assert_eq!(found(&[10.0, 10.0, 1000.0, 100_000.0]), "", "near to one of the others");
    assert_eq!(found(&[10.0, 10.0, 100_000.0, 100_000.0]), "", "neither is the usual one");
    assert_eq!(found(&[1e6, 1e6, 1e6, 1e6]), "");
}

/// A plate with so many samples in pairs side by side, then so many whose two wells stand below each other.
fn plate(id: &str, pairs: usize, odd: usize) -> JudgedPlate {
    let assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    let well = |(row, column): (usize, usize), name: String| {
        let role = WellRole::Sample { id: name, dilution: Some(1.0) };
        AssayWell::of_reading(WellPosition::new(row, column), role, Reading::Measured(1.0))
    };
    let beside = (0..pairs).flat_map(|i| [0, 1].map(|at| well((i / 12, 2 * (i % 12) + at), format!("S{i:02}"))));
    let below = (0..odd).flat_map(|i| [8, 9].map(|row| well((row, i), format!("X{i:02}"))));
    let plate = AssayPlate::of_wells(id, PlateSize::WELLS_384, beside.chain(below).collect());
    JudgedPlate::judge(PlateConcentrations::evaluate(plate, &assay), &assay)
}

/// Four samples say what is usual. As many as one slip makes are odd, more only where they are one in ten at most.
#[test]
fn wells_that_lie_otherwise_are_found_where_they_are_few() {
    let found = |pairs: usize, odd: usize| of(&odd_replicates(&[plate("P1", pairs, odd)])).join(" ");
    assert_eq!(found(4, 0), "");
    assert_eq!(found(4, 1), "X00");
    assert_eq!(found(3, 1), "", "three samples are no custom");
    assert_eq!(found(4, 2), "X00 X01");
    assert_eq!(found(26, 3), "", "more than one in ten of 29");
    assert_eq!(found(27, 3), "X00 X01 X02", "one in ten of 30");
}

#[test]
fn a_repeat_has_a_sample_of_what_it_repeats() {
    let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    assay.plates = entries(&[("P1", "a", "e", None), ("P2", "b", "f", None)]);
    assay.plates[1].repeats = vec!["P1".into()];
    let found = |first: (usize, usize), second: (usize, usize)| {
        let plates = [plate("P1", first.0, first.1), plate("P2", second.0, second.1)];
        of(&repeats_of_others(&plates, &assay)).join(" ")
    };
    assert_eq!(found((4, 0), (0, 2)), "P2", "S00 to S03, and X00 and X01");
    assert_eq!(found((4, 1), (0, 2)), "", "X00 is on both");
    assert_eq!([found((0, 0), (4, 0)), found((4, 0), (0, 0))], ["", ""], "a plate without samples says nothing");
    // Other plates have no say in it, whatever they hold.
    let plates = [plate("P1", 4, 0), plate("P2", 0, 2), plate("P3", 4, 2)];
    assert_eq!(of(&repeats_of_others(&plates, &assay)), ["P2"]);
}

#[test]
fn runs_that_both_are_final_are_undeclared_where_none_repeats_the_other() {
    let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    assay.plates = entries(&[("P1", "a", "e", None), ("P2", "b", "f", None), ("P3", "c", "g", None)]);
    let value = Quantity::BelowLloq { limit: 312.5 };
    let lost = Quantity::NotReported { reason: NotReported::Saturated };
    let found = |assay: &Assay, runs: &[(&str, &Quantity)]| {
        let candidates = runs.iter().map(|(plate, quantity)| Candidate::of(plate, 10.0, (*quantity).clone())).collect();
        let samples = BTreeMap::from([("S".to_string(), candidates)]);
        let is_final = |_: &str, run: Vec<Candidate>| run.iter().all(|of| of.quantity != lost);
        UndeclaredRepeats::among(&samples, assay, is_final)
    };
    let two = found(&assay, &[("P1", &value), ("P2", &value)]);
    assert_eq!(two.plates_of("S"), Some(&["P1".to_string(), "P2".to_string()][..]));
    assert!(!two.is_empty() && two.plates_of("T").is_none());
    assert!(found(&assay, &[("P1", &value), ("P1", &value)]).is_empty(), "one plate");
    assert!(found(&assay, &[("P1", &lost), ("P2", &value)]).is_empty(), "the first had to be run again");
    let over_a_lost_one = found(&assay, &[("P1", &value), ("P2", &lost), ("P3", &value)]);
    assert!(!over_a_lost_one.is_empty(), "each plate is final by its own result");
    assay.plates[1].repeats = vec!["P1".into()];
    assert!(found(&assay, &[("P1", &value), ("P2", &value)]).is_empty(), "declared");
    // P3 is nobody's repeat: neither of P1 nor of P2.
    assert!(!found(&assay, &[("P1", &value), ("P2", &value), ("P3", &value)]).is_empty());
    let shown =
        of(&undeclared_repeats(&[result("S", 10.0), result("T", 10.0)], &SampleList::default(), &two)).join(" ");
    assert_eq!(shown, "S");
}

fn list(csv: &str) -> SampleList {
    let book = crate::sheet::Book::from_bytes(csv.as_bytes(), "samples.csv").unwrap();
    SampleList::read(&book.sheets[0]).unwrap()
}

/// What became of a sample stands beside what was found: its result, or why there is none.
#[test]
fn what_became_of_a_sample_is_said() {
    let mut reported = result("S", 10.0);
    assert_eq!(outcome(&reported), "reported: <312.5");
    reported.quantity = Quantity::NotReported { reason: NotReported::UndeclaredRepeats };
    assert_eq!(outcome(&reported), "not reported: measured on two plates that are not declared repeats");
}

/// A sample of the list is in a layout where it has a result; the rest are named, with the plates whose layouts could not be read.
#[test]
fn a_sample_of_the_list_that_is_in_no_layout_is_named() {
    let samples = list("sample,subject,visit\nA,001,Baseline\nB,002,Baseline\nC,003,Baseline\n");
    let results = [result("A", 10.0), result("C", 10.0)];
    let found = |plates: &[JudgedPlate]| {
        let found = never_measured(&results, plates, &samples);
        found.iter().map(|one| (one.of.clone(), one.problem.to_string())).collect::<Vec<_>>()
    };
    let read = found(&[plate("P1", 4, 0)]);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].0, "B");
    assert!(read[0].1.contains("sample 'B' is in no layout: it was never measured"), "{read:?}");
    let unread = || JudgedPlate::unread("P2".into(), crate::sheet::Problems::default());
    let found_of_unread = found(&[plate("P1", 4, 0), unread()]);
    assert!(
        found_of_unread[0].1.contains("in no layout that could be read; that of P2 could not"),
        "{found_of_unread:?}"
    );
    // The layout of a plate whose export could not be read is known.
    let mut lost = unread();
    lost.lost = plate("P3", 1, 0).concentrations.unwrap().samples;
    assert_eq!(found(&[lost]), read);
}

/// Repeats that are further apart than the method allows are named at the place of their sample, with what is reported.
#[test]
fn repeats_that_disagree_are_named() {
    let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    assay.reportable.repeats_difference_percent = Some(30.0);
    let mut apart = result("S", 10.0);
    apart.candidates.push(Candidate::of("P2", 10.0, Quantity::AboveUloq { limit: 20_000.0 }));
    let samples = list("sample,subject,visit\nS,001,Baseline\n");
    let found = disagreeing_repeats(&[apart, result("T", 10.0)], &samples, &assay);
    assert_eq!(of(&found), ["S"]);
    let words = found[0].problem.to_string();
    assert!(words.starts_with("samples.csv") && words.contains("; reported: <312.5"), "{words}");
}

/// Everything is found together, causes before what follows from them; what the list shows by itself stands among them.
#[test]
fn all_findings_stand_in_one_list() {
    let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    assay.plates = entries(&[("P1", "P2.csv", "e.txt", None), ("P2", "b.csv", "f.txt", None)]);
    let samples = list("sample,subject,visit\nS,001,Baseline\nGone,002,Baseline\n");
    let problem = never_measured(&[], &[], &samples)[0].problem.clone();
    let names = vec![IdentityFinding { rule: IdentityRule::SampleName, of: "S".into(), problem }];
    let found =
        findings(&[result("S", 10.0)], &[plate("P1", 4, 1)], &samples, &UndeclaredRepeats::default(), names, &assay);
    let rules: Vec<(IdentityRule, &str)> = found.iter().map(|one| (one.rule, one.of.as_str())).collect();
    let expected = [
        (IdentityRule::PlateName, "P1"),
        (IdentityRule::SampleName, "S"),
        (IdentityRule::Replicates, "X00"),
        (IdentityRule::NeverMeasured, "Gone"),
    ];
    assert_eq!(rules, expected);
}

/// The dilution is said beside all others of the study.
#[test]
fn an_odd_dilution_is_said_beside_the_others() {
    let results = [result("A", 10.0), result("B", 20.0), result("C", 10.0), result("D", 1e6)];
    let words = odd_dilutions(&results)[0].problem.to_string();
    assert!(words.contains("sample 'D' has the dilution 1000000, and the others of the study have 10, 20"), "{words}");
}
