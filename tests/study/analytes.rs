//! A study of several analytes: one answer each, one family over all, beside `fixtures/studies/analytes.json`, which a script computed; what
//! is said where two files of such a study do not fit each other; and that one analyte does not sink the others.

use std::fs;
use std::path::Path;
use std::process::Command;

use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::{self, Arms, CheckOutcome, RunOptions, run_analytes, verify_over_analytes};
use platewise::protocol::{self, SeveralAnalytes};
use platewise::report::{WrittenOutputs, files_of_analytes};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::copied_study::copy;
use crate::support::made_study::{Ran, run};
use crate::support::result_tables::table;

fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies/analytes.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn near(found: &str, expected: &Value, what: &str) {
    let (found, expected) = (found.parse::<f64>().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= 1e-7 * expected.abs(), "{what}: {found}, expected {expected}");
}

fn platewise(arguments: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_platewise")).args(arguments).output().unwrap();
    (done.status.code(), format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)))
}

#[test]
fn each_analyte_has_one_answer_and_the_families_are_adjusted_over_all() {
    let ran = run("three_analytes");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let (expected, over) = (expected(), ran.out().join("results"));
    let answers = table(&over, "analytes.csv");
    assert_eq!(answers.len(), 3);
    for row in &answers {
        let code = &row["PARAMCD"];
        let own = &expected["answers"][code];
        for (at, column) in ["RATIO", "RATIO_LOWER", "RATIO_UPPER"].iter().enumerate() {
            near(&row[*column], &own["ratio"][at], &format!("{code} {column}"));
        }
        near(&row["P"], &own["p"], code);
        near(&row["N"], &own["n"][0], code);
        near(&row["N_REF"], &own["n"][1], code);
        near(&row["P_ADJUSTED"], &expected["primary"][format!("ancova {code}")][1], code);
        assert_eq!(
            (row["N_ARM"].as_str(), row["N_ARM_REF"].as_str(), row["ADJUSTMENT"].as_str()),
            ("11", "10", "hierarchical")
        );
    }
    let units: Vec<&str> = answers.iter().map(|row| row["PARAM"].as_str()).collect();
    assert_eq!(units, ["TARC (CCL17) (pg/mL)", "IL-31 (pg/mL)", "periostin (ng/mL)"]);
    let tests = table(&over, "families.csv");
    assert_eq!(tests.len(), 7);
    for row in &tests {
        let test = format!("{} {}", row["ANALYSIS"], row["PARAMCD"]);
        let own = &expected[&row["FAMILY"]][&test];
        near(&row["P"], &own[0], &test);
        near(&row["P_ADJUSTED"], &own[1], &test);
    }
    // Its own results say that they are not adjusted for the others.
    let tarc = table(&ran.out().join("tarc/results"), "comparison.csv");
    assert!(tarc.iter().all(|row| row["P_ADJUSTED"].is_empty()));
    let page = fs::read_to_string(ran.out().join("tarc/results/report.html")).unwrap();
    assert!(
        page.contains("one of the 3 analytes of the study THREE_ANALYTES; p-values here are not adjusted"),
        "{page}"
    );
    one_analysis_dataset(&over);
    whose_results(&ran.said, &over, &expected);
    let picture = fs::read_to_string(over.join("figures/analytes.svg")).unwrap();
    assert!(
        picture.contains("periostin, Week 12, mixed model: 0.92") && picture.contains("Simulated data"),
        "{picture}"
    );
    let record: Value = serde_json::from_str(&fs::read_to_string(over.join("run.json")).unwrap()).unwrap();
    for (at, folder) in ["tarc", "il31", "periostin"].iter().enumerate() {
        let own = fs::read_to_string(over.join(record["analytes"][at]["record"].as_str().unwrap())).unwrap();
        let own: Value = serde_json::from_str(&own).unwrap();
        assert_eq!(own["run_id"], record["analytes"][at]["run_id"], "{folder}");
        let read: Vec<&str> =
            own["inputs"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
        assert!(read.contains(&"../study.toml") && read.contains(&"../arms.csv"), "{read:?}");
    }
    one_can_be_archived_and_all_are_verified(&ran);
}

/// The archive of one analyte has the files of the study above that it needs; what was made over all knows the runs and files behind it.
fn one_can_be_archived_and_all_are_verified(ran: &Ran) {
    let (study, archive) = (ran.folder.path().join("study"), ran.folder.path().join("tarc.zip"));
    let (tarc, results) = (study.join("tarc"), ran.out().join("tarc/results"));
    let shown = |path: &Path| path.to_str().unwrap().to_string();
    let [tarc, archive, results] = [shown(&tarc), shown(&archive), shown(&results)];
    let (code, said) = platewise(&["archive", &tarc, &archive, "--with-arms", "--results", &results]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = platewise(&["verify", &archive]);
    assert!(code == Some(0) && said.contains("8 files are those of the run"), "{said}");
    let checked = || {
        let top = InputFolder::new(&study, LinkPolicy::Refused);
        let checks = verify_over_analytes(&top, "THREE_ANALYTES", &ran.out()).unwrap().unwrap();
        checks
            .into_iter()
            .map(|check| (check.what, matches!(check.outcome, CheckOutcome::Holds(_))))
            .collect::<Vec<_>>()
    };
    assert_eq!(checked(), [("inputs", true), ("analytes", true), ("outputs", true)]);
    replace(&study.join("arms.csv"), "D01,drug", "D01,placebo");
    assert_eq!(checked(), [("inputs", false), ("analytes", true), ("outputs", true)]);
    replace(&ran.out().join("il31/results/run.json"), "\"run_id\": \"", "\"run_id\": \"0");
    assert_eq!(checked(), [("inputs", false), ("analytes", false), ("outputs", true)]);
}

/// ADLB holds every analyte as a parameter, with its own number.
fn one_analysis_dataset(over: &Path) {
    let records = table(over, "adlb.csv");
    let of = |code: &str| records.iter().filter(|row| row["PARAMCD"] == code).count();
    assert_eq!([of("CCL17"), of("IL31"), of("POSTN")], [63, 60, 62]);
    for (code, number) in [("CCL17", "1"), ("IL31", "2"), ("POSTN", "3")] {
        assert!(records.iter().filter(|row| row["PARAMCD"] == code).all(|row| row["PARAMN"] == number), "{code}");
    }
    let json: Value = serde_json::from_str(&fs::read_to_string(over.join("adlb.json")).unwrap()).unwrap();
    assert_eq!(json["records"], 185);
    assert!(over.join("adlb.xpt").is_file());
}

/// Who has no results of an analyte is named.
fn whose_results(said: &str, over: &Path, expected: &Value) {
    assert!(said.contains("1 participant with results of another analyte and none of IL31: D05"), "{said}");
    let without: Vec<[String; 2]> = table(over, "participants.csv")
        .into_iter()
        .filter(|row| row["STATUS"] != "matched")
        .map(|row| [row["PARAMCD"].clone(), row["USUBJID"].clone()])
        .collect();
    let lacking = expected["without_results"].as_object().unwrap();
    let lacking: Vec<[String; 2]> = lacking
        .iter()
        .flat_map(|(code, subjects)| {
            subjects.as_array().unwrap().iter().map(|one| [code.clone(), one.as_str().unwrap().into()])
        })
        .collect();
    assert_eq!(without, lacking);
}

/// A copy of the study of three analytes.
fn copied() -> (TempDir, std::path::PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies/three_analytes"), &study);
    (place, study)
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// Every single edit of the valid study with what is then said, in the study and where it is one of an analyte there too.
#[test]
fn what_does_not_fit_is_said_with_file_and_line() {
    let edits: [(&str, &str, &str, &str); 17] = [
        ("study.toml", "folder = \"il31\"", "folder = \"il-31\"", "study.toml, line 11: there is no il-31/study.toml"),
        (
            "study.toml",
            "folder = \"il31\"",
            "folder = \"tarc\"",
            "study.toml, line 11: the folder 'tarc' is listed twice, first at study.toml, line 7",
        ),
        (
            "study.toml",
            "folder = \"il31\"",
            "folder = \"../il31\"",
            "study.toml, line 11: folder = \"../il31\" leads out of the study folder",
        ),
        (
            "study.toml",
            "folder = \"il31\"",
            "folder = \"results\"",
            "line 11: folder = \"results\" is where the results of the study go",
        ),
        (
            "study.toml",
            "folder = \"il31\"",
            "folder = \"lab/il31\"",
            "line 11: folder = \"lab/il31\" is not a folder of the study itself",
        ),
        (
            "study.toml",
            "[analysis]",
            "[method]\nname = \"M\"\nversion = \"1\"\n[analysis]",
            "study.toml, line 30: [method] is declared here, and at tarc/study.toml, line 7",
        ),
        (
            "study.toml",
            "[analysis]",
            "[analysis]\nresponder_level = 450",
            "study.toml, line 31: 'responder_level' does not belong here in a study of several analytes; expected it in [[analyte]]",
        ),
        (
            "study.toml",
            "simulated = true",
            "simulated = true\nunit = \"pg/mL\"",
            "study.toml, line 5: 'unit' does not belong here",
        ),
        (
            "study.toml",
            "ancova of IL31",
            "ancova of IL13",
            "'IL13' in 'ancova of IL13' is the paramcd of no analyte; expected one of CCL17, IL31, POSTN",
        ),
        ("study.toml", "\"mmrm at Week 4\"]", "\"ancova\"]", "'ancova' is in the families 'primary' and 'secondary'"),
        (
            "il31/study.toml",
            "part_of = \"THREE_ANALYTES\"",
            "part_of = \"ANOTHER\"",
            "il31/study.toml, line 2: part_of = \"ANOTHER\", and the study above is 'THREE_ANALYTES'",
        ),
        (
            "il31/study.toml",
            "part_of = \"THREE_ANALYTES\"\n",
            "id = \"IL31\"\n",
            "il31/study.toml: does not name the study that lists its folder; expected part_of = \"THREE_ANALYTES\" in [study]",
        ),
        (
            "il31/study.toml",
            "unit = \"pg/mL\"",
            "unit = \"pg/mL\"\ntitle = \"T\"",
            "il31/study.toml, line 6: 'title' does not belong here",
        ),
        (
            "il31/study.toml",
            "[method]",
            "[analysis]\nprimary = \"mmrm\"\n[method]",
            "il31/study.toml, line 7: [analysis] is declared here, and at study.toml, line 30",
        ),
        (
            "il31/study.toml",
            "paramcd = \"IL31\"",
            "paramcd = \"CCL17\"",
            "study.toml, line 11: 'tarc' and 'il31' both have paramcd = \"CCL17\"",
        ),
        ("il31/study.toml", "[method]", "[method", "il31/study.toml, line 7: "),
        ("il31/study.toml", "paramcd = \"IL31\"\n", "", "il31/study.toml, line 1: [study] has no 'paramcd'"),
    ];
    let (_place, study) = copied();
    for (file, from, to, said) in edits {
        let path = study.join(file);
        let before = fs::read_to_string(&path).unwrap();
        replace(&path, from, to);
        let folder = InputFolder::new(&study, LinkPolicy::Refused);
        let problems = SeveralAnalytes::read_from(&folder).map(|_| ()).expect_err(said).to_string();
        assert!(problems.contains(said), "{file}, {to}: {problems}");
        assert!(problems.lines().count() <= 3, "{file}, {to}: {problems}");
        fs::write(&path, before).unwrap();
    }
    assert!(SeveralAnalytes::read_from(&InputFolder::new(&study, LinkPolicy::Refused)).unwrap().is_some());
}

#[test]
fn an_analyte_by_itself_and_the_study_above_must_name_each_other() {
    let (_place, study) = copied();
    let said = |folder: &str| protocol::read(&study.join(folder)).map(|_| ()).unwrap_err().to_string();
    // The study itself is not one analyte.
    let (code, words) = platewise(&["explain", study.to_str().unwrap(), "D01", "Baseline"]);
    assert!(code == Some(2) && words.contains("is a study of several analytes, and this is asked of one"), "{words}");
    fs::rename(study.join("il31"), study.join("other")).unwrap();
    assert!(
        said("other")
            .contains("does not list its folder; expected [[analyte]] with folder = \"other\" in ../study.toml")
    );
    fs::rename(study.join("other"), study.join("il31")).unwrap();
    replace(&study.join("study.toml"), "week = 4", "week = \"4\"");
    assert!(said("il31").contains("../study.toml, line 23: week = \"4\""), "{}", said("il31"));
    replace(&study.join("study.toml"), "week = \"4\"", "week = 4");
    replace(&study.join("il31/study.toml"), "[method]", "[[visit]]\nname = \"V\"\n[method]");
    assert!(
        said("il31").contains("study.toml, line 7: [[visit]] is declared here, and at ../study.toml, line 16"),
        "{}",
        said("il31")
    );
    fs::remove_file(study.join("study.toml")).unwrap();
    assert!(said("tarc").contains("../study.toml: there is no such file"), "{}", said("tarc"));
}

#[test]
fn an_analyte_that_cannot_be_run_does_not_keep_the_others_back() {
    let (_place, study) = copied();
    fs::remove_file(study.join("il31/samples.csv")).unwrap();
    // Two samples of one name, of different participants in two lists.
    replace(&study.join("periostin/samples.csv"), "D02/00,D02,Baseline", "D02/00,D03,Baseline");
    replace(&study.join("periostin/samples.csv"), "D03/00,D03,Baseline", "D03/00,D02,Baseline");
    let folder = InputFolder::new(&study, LinkPolicy::Refused);
    let declared = SeveralAnalytes::read_from(&folder).unwrap().unwrap();
    let options = RunOptions { arms: Arms::Optional { by: "A".into() }, ..RunOptions::default() };
    let run = run_analytes(&folder, declared, &options, &|_, _| ());
    let over = run.over.as_ref().unwrap();
    let reasons: Vec<&str> = over.answers.iter().map(|one| one.reason.as_str()).collect();
    assert!(reasons[0].is_empty() && reasons[2].is_empty(), "{reasons:?}");
    assert!(reasons[1].starts_with("could not be run: samples.csv: there is no such file"), "{reasons:?}");
    // A hierarchy ends at what was not tested.
    let adjusted = |code: &str| {
        over.tests.iter().find(|one| one.paramcd == code && one.family == "primary").and_then(|one| one.adjusted)
    };
    assert!(adjusted("CCL17").unwrap() < 0.001, "{:?}", over.tests);
    assert_eq!(adjusted("POSTN"), Some(1.0), "{:?}", over.tests);
    let whose: Vec<String> = over.identity.iter().map(ToString::to_string).collect();
    assert_eq!(whose.len(), 1, "{whose:?}");
    assert!(
        whose[0].contains("2 samples of one name: 'D02/00' (D02, Baseline there, D03, Baseline here)"),
        "{whose:?}"
    );
    let missing: Vec<String> = over.warnings.iter().map(ToString::to_string).collect();
    assert!(
        missing.iter().any(|said| said.contains("IL31 was not compared, and has no p-value in the family 'primary'")),
        "{missing:?}"
    );
    let page = files_of_analytes(&run.report().unwrap(), WrittenOutputs::All)
        .unwrap()
        .into_iter()
        .find(|file| file.name == "report.html")
        .unwrap();
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(page.contains("not compared") && page.contains("could not be run"), "{page}");
}

#[test]
fn without_a_family_that_is_said_and_nothing_is_adjusted() {
    let (_place, study) = copied();
    let path = study.join("study.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.find("# IL-31 counts").unwrap()]).unwrap();
    let folder = InputFolder::new(&study, LinkPolicy::Refused);
    let declared = SeveralAnalytes::read_from(&folder).unwrap().unwrap();
    let options = RunOptions { arms: Arms::Optional { by: "A".into() }, ..RunOptions::default() };
    let run = run_analytes(&folder, declared.clone(), &options, &|_, _| ());
    // An analyte by itself gives what it gives among the others.
    let alone = pipeline::run(&InputFolder::new(&study.join("il31"), LinkPolicy::Refused), &options, &|_| ()).unwrap();
    let among = run.analytes[1].run.as_ref().unwrap();
    assert_eq!(alone.record.run_id, among.record.run_id);
    let json = |run: &pipeline::Run| serde_json::to_string(&run.compared.as_ref().unwrap().comparison).unwrap();
    assert_eq!(json(&alone), json(among));
    let over = run.over.as_ref().unwrap();
    assert!(
        over.multiplicity.starts_with("The study declares no family of tests: the 3 primary p-values"),
        "{}",
        over.multiplicity
    );
    assert!(over.tests.is_empty() && over.answers.iter().all(|one| one.row.as_ref().unwrap().adjusted.is_none()));

    // By Holm over the three.
    let family = "[[family]]\nname = \"all\"\nmethod = \"holm\"\nanalyses = [\"ancova\"]\n";
    fs::write(&path, format!("{}{family}", &text[..text.find("# IL-31 counts").unwrap()])).unwrap();
    let folder = InputFolder::new(&study, LinkPolicy::Refused);
    let families = SeveralAnalytes::read_from(&folder).unwrap().unwrap();
    let part = |at: usize| {
        let run = run.analytes[at].run.as_ref().unwrap();
        platewise::study::AnalyteData {
            folder: &run_folder(&declared, at).folder,
            settings: &run_folder(&declared, at).protocol.assay.study,
            confidence: 0.95,
            compared: Ok(&run.compared.as_ref().unwrap().comparison),
            visits: &[],
        }
    };
    let parts = [part(0), part(1), part(2)];
    let over = platewise::study::OverAnalytes::new(&families, &parts);
    for answer in &over.answers {
        let adjusted = answer.row.as_ref().unwrap().adjusted.as_ref().unwrap();
        assert_eq!(adjusted.tests, 3);
        near(&adjusted.p.to_string(), &expected()["primary_by_holm"][&answer.paramcd], &answer.paramcd);
    }
}

fn run_folder(declared: &SeveralAnalytes, at: usize) -> &protocol::AnalyteStudy {
    &declared.analytes[at]
}

#[test]
fn a_statement_names_the_files_of_the_study_above_and_none_further_up() {
    let (_place, study) = copied();
    let periostin = study.join("periostin").to_str().unwrap().to_string();
    let (code, said) = platewise(&["quantify", "--quiet", &periostin]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = platewise(&["sign", &periostin, "--meaning", "approved", "--by", "H. Head"]);
    assert_eq!(code, Some(0), "{said}");
    let signed = platewise::record::signatures(Path::new(&periostin)).unwrap();
    assert!(signed[0].statement.files.contains_key("../study.toml"), "{:?}", signed[0].statement.files);
    assert!(!signed[0].statement.files.contains_key("../arms.csv"), "blinded results");
    let further = signed[0].statement.text().replacen("../study.toml", "../../study.toml", 1);
    let refused = platewise::record::Statement::parse("s", &further).unwrap_err().to_string();
    assert!(refused.contains("a file of the study folder"), "{refused}");
}
