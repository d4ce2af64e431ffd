//! Mutated files of a study, each kind that people or programs write, are read or refused: never a panic or a hang.
//!
//! The short form runs with the tests; `PLATEWISE_FUZZ_MUTANTS=1000000 cargo test --test stages sheet::fuzz_study -- --nocapture` runs
//! longer, and `PLATEWISE_FUZZ_SEED=n` makes other mutants.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use platewise::concentration::PlateConcentrations;
use platewise::files::{InputFolder, LinkPolicy, MANIFEST, read_manifest, sha256};
use platewise::plate::formats::{self, DescribedFormat, Reader};
use platewise::plate::{AssayPlate, AssayWell, Layout, Reading, SampleList};
use platewise::protocol::{self, Protocol, STUDY_FILE, SeveralAnalytes};
use platewise::qc::JudgedPlate;
use platewise::qc::across_plates::History;
use platewise::record::{AllowedSigners, Decisions, EarlierRun, RUN_FILE, Statement};
use platewise::sheet::{Book, Problems, Sheet};
use platewise::stats::random::Random;
use platewise::study::{self, clinical, events};
use tempfile::TempDir;

use crate::support::edits::{mutate_parts, mutated};

const STUDY: &str = "[study]\nid = \"S\"\ntitle = \"T\"\nunit = \"pg/mL\"\nsamples = \"samples.csv\"\narms = \"arms.csv\"\n\
    [method]\nname = \"M\"\nversion = \"1\"\nread = 450\nreference = 570\nmodel = \"4pl\"\nvariance = \"squared\"\nlloq = 31.25\nuloq = 2000\n\
    [standards]\ntop = 2000\nstep = 2\nlevels = 8\n[acceptance]\nstandard_bias_percent = 20\ncontrols_required = false\n\
    [[control]]\nlevel = \"low\"\nnominal = 100\n[[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\nwindow = [-14, 1]\n\
    [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n[analysis]\ncovariates = [\"age\", \"centre\"]\n\
    covariate_classes = [\"centre\"]\n[[plate]]\nid = \"P01\"\nexport = \"exports/P01.csv\"\nlayout = \"layouts/P01.csv\"\n\
    [[plate]]\nid = \"P02\"\nexport = \"exports/P02.csv\"\nlayout = \"layouts/P01.csv\"\nrepeats = \"P01\"\n";
const SAMPLES: &str = "sample,subject,visit,matrix,day,dilution,purpose,of,added\nP-1,S1,Baseline,serum,1,1:10,,,\nP-2,S1,Week 16,serum,113,10,,,\n\
    X-1,,,,,10,spike,P-1,500.5\nX-2,,,,,10,isr,P-2,\n";
const ARMS: &str = "subject;arm;stratum\nS1;active;a\nS2;placebo;b\nS3;placebo;a\nS4;active;b\n";
const COVARIATES: &str = "subject,arm,age,centre\nS1,active,19,1\nS2,placebo,30.5,1\nS3,placebo,41,2\nS4,active,,3\n";
const VALUES: &str = "usubjid;arm;week;value;blq;lloq\nS1;A;0;1200,5;0;31,25\nS1;A;16;;1;31,25\nS2;B;0;900;0;31,25\nS2;B;16;850,25;0;31,25\n";
const HISTORY: &str = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\nS0,P1,L1,Y,control,low,100,1,98.5,pg/mL\n\
    S0,P1,L1,Y,parameter,c,,1,412.5,pg/mL\nS0,P1,L1,N,response,blank,,1,0.05,\n";
const DECISIONS: [&str; 3] = [
    r#"{"previous":"0","when":"2026-11-22T12:01:00+01:00","who":"A. B.","action":"exclude","target":{"plate":"P01","well":"A03"},"old":"used","new":"excluded","code":"bubble","reason":"seen"}"#,
    r#"{"previous":"0","when":"2026-11-22T12:02:00+01:00","who":"A. B.","action":"exclude","target":{"plate":"P01","standard":250.0},"old":"used","new":"excluded","code":"bubble","reason":"seen"}"#,
    r#"{"previous":"0","when":"2026-11-22T12:03:00+01:00","who":"A. B.","action":"undo","target":{"plate":"P01","well":"A03"},"undoes":1,"old":"excluded","new":"used","code":"bubble","reason":"seen"}"#,
];
const EVENTS: &str = "subject,day,event\nS1,57,rescue medication\nS2,-3,discontinued\nS2,113,\"death, unrelated\"\n";
const CLINICAL: &str = "subject,week,measure,value\nS1,0,EASI,31.1\nS1,0,itch,8.4\nS1,16,EASI,\nS2,16,itch,7.5\n";
const RUN: &str = r#"{"run_id":"0123","version":"0.1.0","started":"2026-11-22T12:01:00+01:00","unblinded":true,"inputs":[{"file":"study.toml","bytes":12,"sha256":"00"}],
    "signatures":["signatures/0001"],"arms_opened":[],"decisions":{"lines":2,"sha256":"00"},"concentrations_sha256":"00","protocol":{"study":{"id":"S"}}}"#;
const MANIFEST_LINES: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  results.csv\n\
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  plates/P01.svg\n";
const STATEMENT: &str = "# platewise statement 1\n# study: S\n# meaning: approved\n# name: H. Head\n# when: 2026-11-22T12:01:00+01:00\n\
    # decisions: 2 lines, the last with SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  samples.csv\n";

const DESCRIBED: &str = include_str!("../../fixtures/formats/tally.toml");
const SEVERAL: &str = include_str!("../../fixtures/studies/three_analytes/study.toml");
const SIGNERS: &str = include_str!("../../fixtures/record/allowed_signers");

/// What a mutant is read together with.
struct StudyContext {
    protocol: Protocol,
    layout: String,
    workbook: Vec<u8>,
    /// An export that the described format reads.
    export: Vec<u8>,
    folder: TempDir,
}

/// A kind of file: a sound one, and how it is read.
struct Kind {
    name: &'static str,
    sound: String,
    /// Whether a mutant was read.
    read: fn(&str, &mut Random, &StudyContext) -> bool,
}

fn kinds(context: &StudyContext) -> Vec<Kind> {
    let kind = |name, sound: &str, read| Kind { name, sound: sound.to_string(), read };
    vec![
        kind("study.toml", STUDY, |text, _, _| protocol::parse(text).is_ok()),
        kind("layouts", &context.layout, |text, random, context| {
            let read = in_sheet(text.as_bytes(), |sheet| Layout::read(sheet, &context.protocol.assay));
            read.is_ok_and(|layout| {
                let assay = &context.protocol.assay;
                JudgedPlate::judge(PlateConcentrations::evaluate(plate(&layout, random), assay), assay);
                true
            })
        }),
        kind("layouts in workbooks", "", |_, random, context| {
            let workbook = mutate_parts(&context.workbook, random).unwrap();
            in_sheet(&workbook, |sheet| Layout::read(sheet, &context.protocol.assay)).is_ok()
        }),
        kind("samples.csv", SAMPLES, |text, _, _| in_sheet(text.as_bytes(), SampleList::read).is_ok()),
        kind("samples.csv (semicolons)", &SAMPLES.replace(',', ";").replace('.', ","), |text, _, _| {
            in_sheet(text.as_bytes(), SampleList::read).is_ok()
        }),
        kind("arms.csv", ARMS, |text, _, _| in_sheet(text.as_bytes(), |sheet| study::read_arms(sheet, &[])).is_ok()),
        kind("arms.csv with covariates", COVARIATES, |text, _, context| {
            let covariates = &context.protocol.trial.analysis.covariates;
            in_sheet(text.as_bytes(), |sheet| study::read_arms(sheet, covariates)).is_ok()
        }),
        kind("values", VALUES, |text, _, _| in_sheet(text.as_bytes(), study::values::read_values).is_ok()),
        kind("history.csv", HISTORY, |text, _, _| {
            in_sheet(text.as_bytes(), |sheet| History::read(sheet, "pg/mL")).is_ok()
        }),
        kind("events.csv", EVENTS, |text, _, _| in_sheet(text.as_bytes(), events::read_events).is_ok()),
        kind("clinical.csv", CLINICAL, |text, _, _| in_sheet(text.as_bytes(), clinical::read_clinical).is_ok()),
        kind("decisions.jsonl", "", decided),
        kind("described formats", DESCRIBED, |text, _, context| {
            let Ok(format) = DescribedFormat::parse("tally.toml", text) else { return false };
            let Ok(book) = Book::from_bytes(&context.export, "tally.txt") else { return false };
            let asked = formats::ReadOptions { reader: Some(Reader::Described(&format)), column: None };
            formats::examine(&book, asked).is_ok()
        }),
        kind("study.toml of several analytes", SEVERAL, |text, _, context| {
            fs::write(context.folder.path().join(STUDY_FILE), text).unwrap();
            SeveralAnalytes::read_from(&InputFolder::new(context.folder.path(), LinkPolicy::Refused))
                .is_ok_and(|read| read.is_some())
        }),
        kind("run.json", RUN, |text, _, context| {
            fs::write(context.folder.path().join(RUN_FILE), text).unwrap();
            EarlierRun::read(context.folder.path(), "S").is_ok()
        }),
        kind("manifest", MANIFEST_LINES, |text, _, context| {
            fs::write(context.folder.path().join(MANIFEST), text).unwrap();
            // A line that is none of ours is no file.
            read_manifest(context.folder.path()).is_ok_and(|files| files.len() == MANIFEST_LINES.lines().count())
        }),
        kind("statements", STATEMENT, |text, _, _| Statement::parse("0001", text).is_ok()),
        kind("allowed_signers", SIGNERS, |text, _, _| AllowedSigners::parse(text).is_ok()),
    ]
}

fn in_sheet<T>(bytes: &[u8], read: impl Fn(&Sheet) -> Result<T, Problems>) -> Result<T, Problems> {
    let book = Book::of_study(bytes, if bytes.starts_with(b"PK") { "file.xlsx" } else { "file.csv" })?;
    book.sheets.first().map_or_else(|| Err(Problems::default()), read)
}

/// A log whose lines are edited and chained again, so that what they say is reached.
fn decided(_: &str, random: &mut Random, context: &StudyContext) -> bool {
    let mut previous = "0".repeat(64);
    let edited = random.below(DECISIONS.len());
    let mut lines = DECISIONS.map(ToString::to_string);
    lines[edited] = mutated(&lines[edited], random);
    let chained = lines.map(|line| {
        let line = line.replace(['\n', '\r'], " ");
        let line = line.replacen("\"previous\":\"0\"", &format!("\"previous\":\"{previous}\""), 1);
        previous = sha256(line.as_bytes());
        line
    });
    let Ok(decisions) = Decisions::parse(&chained.join("\n")) else { return false };
    let layout = in_sheet(context.layout.as_bytes(), |sheet| Layout::read(sheet, &context.protocol.assay)).unwrap();
    decisions.apply(&plate(&layout, random)).is_ok()
}

fn layout() -> String {
    let mut text = String::from("well;role;sample;concentration;dilution\n");
    for row in 0..8_u8 {
        let name = char::from(b'A' + row);
        let level = if row == 7 { 0.0 } else { 2000.0 / f64::from(1_u32 << row) };
        let level = level.to_string().replace('.', ",");
        text += &format!(
            "{name}1;standard;;{level};\n{name}2;standard;;{level};\n{name}3;sample;P-{row};;1:10\n{name}4;sample;P-{row};;1:10\n"
        );
    }
    text
}

/// A plate of a layout with readings that rise, of which some are extreme.
fn plate(layout: &Layout, random: &mut Random) -> AssayPlate {
    let extreme = [f64::MAX, f64::MIN, 1e155, -1e155, 1e300, 5e-324, 0.0, -0.0];
    let wells = layout.wells.iter().map(|(&position, well)| {
        let value = match random.below(12) {
            0 => extreme[random.below(extreme.len())],
            _ => 2.5 / (1.0 + f64::from(position.row)) * (1.0 + 0.03 * random.normal()),
        };
        AssayWell::of_reading(position, well.role.clone(), Reading::Measured(value))
    });
    AssayPlate::of_wells("P01", layout.size, wells.collect())
}

/// The folder holds what is read beside a mutant: the studies of the analytes, and the list of arms.
fn study_context() -> StudyContext {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    crate::support::copied_study::copy(&fixtures.join("studies/three_analytes"), folder.path());
    StudyContext {
        protocol: protocol::parse(STUDY).unwrap_or_else(|problems| panic!("{problems}")),
        layout: layout(),
        workbook: fs::read(fixtures.join("layouts/P01-libreoffice.xlsx")).unwrap(),
        export: fs::read(fixtures.join("formats/tally.txt")).unwrap(),
        folder,
    }
}

#[test]
fn mutated_files_of_a_study_are_read_or_refused() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (mutants, seed) =
        (number("PLATEWISE_FUZZ_MUTANTS").unwrap_or(9_000), number("PLATEWISE_FUZZ_SEED").unwrap_or(1));
    let context = study_context();
    let kinds = kinds(&context);
    let mut counts = vec![[0_u64; 2]; kinds.len()];
    for kind in kinds.iter().filter(|kind| !kind.sound.is_empty()) {
        let sound = (kind.read)(&kind.sound, &mut Random::new(seed), &context);
        assert!(sound, "the sound file of {} is refused", kind.name);
    }
    let start = Instant::now();
    for n in 0..mutants {
        let at = (n % kinds.len() as u64) as usize;
        let kind = &kinds[at];
        let mut random = Random::of_replicate(seed, n);
        let text = mutated(&kind.sound, &mut random);
        let read = || (kind.read)(&text, &mut random, &context);
        let Ok(was_read) = catch_unwind(AssertUnwindSafe(read)) else {
            panic!("mutant {n} of seed {seed}, of {}, panics:\n{text}", kind.name);
        };
        counts[at][usize::from(was_read)] += 1;
    }
    println!("{mutants} mutants of seed {seed} in {:.1} s", start.elapsed().as_secs_f64());
    for (kind, [refused, read]) in kinds.iter().zip(&counts) {
        println!("{}: {refused} refused, {read} read", kind.name);
    }
    // A mutator that only makes garbage, or only sound files, tries nothing.
    assert!(counts.iter().all(|[refused, read]| *refused > 0 && *read > 0), "{counts:?}");
}
