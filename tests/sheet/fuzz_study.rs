//! Mutated files of a study, its settings, layouts, lists, tables and decisions, are read or refused: never a panic or a hang.
//!
//! The short form runs with the tests; `PLATEWISE_FUZZ_MUTANTS=1000000 cargo test --test stages sheet::fuzz_study -- --nocapture` runs
//! longer, and `PLATEWISE_FUZZ_SEED=n` makes other mutants.

use std::panic::{AssertUnwindSafe, catch_unwind};

use platewise::concentration::PlateConcentrations;
use platewise::files::sha256;
use platewise::plate::{AssayPlate, AssayWell, Layout, Reading, SampleList};
use platewise::protocol::{self, Assay};
use platewise::qc::JudgedPlate;
use platewise::qc::across_plates::History;
use platewise::record::Decisions;
use platewise::sheet::{Book, Problems, Sheet};
use platewise::stats::random::Random;
use platewise::study;

const STUDY: &str = "[study]\nid = \"S\"\ntitle = \"T\"\nunit = \"pg/mL\"\nsamples = \"samples.csv\"\narms = \"arms.csv\"\n\
    [method]\nname = \"M\"\nversion = \"1\"\nread = 450\nreference = 570\nmodel = \"4pl\"\nvariance = \"squared\"\nlloq = 31.25\nuloq = 2000\n\
    [standards]\ntop = 2000\nstep = 2\nlevels = 8\n[acceptance]\nstandard_bias_percent = 20\ncontrols_required = false\n\
    [[control]]\nlevel = \"low\"\nnominal = 100\n[[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\nwindow = [-14, 1]\n\
    [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n[[plate]]\nid = \"P01\"\nexport = \"exports/P01.csv\"\nlayout = \"layouts/P01.csv\"\n\
    [[plate]]\nid = \"P02\"\nexport = \"exports/P02.csv\"\nlayout = \"layouts/P01.csv\"\nrepeats = \"P01\"\n";
const SAMPLES: &str = "sample,subject,visit,matrix,day,dilution,purpose,of,added\nP-1,S1,Baseline,serum,1,1:10,,,\nP-2,S1,Week 16,serum,113,10,,,\n\
    X-1,,,,,10,spike,P-1,\"500,5\"\nX-2,,,,,10,isr,P-2,\n";
const ARMS: &str = "subject;arm;stratum\nS1;active;a\nS2;placebo;b\nS3;placebo;a\nS4;active;b\n";
const VALUES: &str = "usubjid;arm;week;value;blq;lloq\nS1;A;0;1200,5;0;31,25\nS1;A;16;;1;31,25\nS2;B;0;900;0;31,25\nS2;B;16;850,25;0;31,25\n";
const HISTORY: &str = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\nS0,P1,L1,Y,control,low,100,1,98.5,pg/mL\n\
    S0,P1,L1,Y,parameter,c,,1,412.5,pg/mL\nS0,P1,L1,N,response,blank,,1,0.05,\n";
const DECISIONS: [&str; 3] = [
    r#"{"previous":"0","when":"2026-11-22T12:01:00+01:00","who":"A. B.","action":"exclude","target":{"plate":"P01","well":"A03"},"old":"used","new":"excluded","code":"bubble","reason":"seen"}"#,
    r#"{"previous":"0","when":"2026-11-22T12:02:00+01:00","who":"A. B.","action":"exclude","target":{"plate":"P01","standard":250.0},"old":"used","new":"excluded","code":"bubble","reason":"seen"}"#,
    r#"{"previous":"0","when":"2026-11-22T12:03:00+01:00","who":"A. B.","action":"undo","target":{"plate":"P01","well":"A03"},"undoes":1,"old":"excluded","new":"used","code":"bubble","reason":"seen"}"#,
];

const PIECES: [&str; 48] = [
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\"",
    "'",
    "=",
    "[",
    "]",
    "[[plate]]\n",
    "{",
    "}",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "ü",
    "u\u{308}",
    "NaN",
    "inf",
    "-1",
    "0",
    "1e308",
    "1e999",
    "1e-320",
    "-0.0",
    "99999999999999999999",
    "1,5",
    "1.000",
    "64,000",
    "1:10",
    "01:10:00",
    "2026-02-01",
    "Feb-01",
    "O",
    "A1",
    "AF48",
    "ZZ99",
    "sep=;\n",
    "standard",
    "control",
    "sample",
    "blank",
    "true",
    "null",
    "1/0",
    "10 %",
    "9223372036854775808",
];

pub(super) fn mutated(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(5) {
        let at = random.below(characters.len() + 1);
        let length = random.below(20).min(characters.len() - at);
        let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
        match random.below(6) {
            0 => drop(characters.splice(at..at + length, piece)),
            1 => drop(characters.splice(at..at, piece)),
            2 => drop(characters.drain(at..at + length)),
            3 => {
                let copy = characters[at..at + length].to_vec();
                let to = random.below(characters.len() + 1);
                drop(characters.splice(to..to, copy));
            }
            4 => {
                let digits: Vec<usize> = (0..characters.len()).filter(|&at| characters[at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    characters[digits[random.below(digits.len())]] = char::from(b'0' + random.below(10) as u8);
                }
            }
            _ => characters.truncate(characters.len() - random.below(characters.len() / 8 + 1)),
        }
    }
    characters.into_iter().collect()
}

fn sheet<T>(text: &str, read: impl Fn(&Sheet) -> Result<T, Problems>) -> Result<T, Problems> {
    let book = Book::of_study(text.as_bytes(), "file.csv")?;
    read(&book.sheets[0])
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

/// Reads one mutant of a kind; whether it was read.
fn read(kind: usize, random: &mut Random, assay: &Assay, seeds: &[String]) -> bool {
    if kind == 7 {
        let mut previous = "0".repeat(64);
        let chained = DECISIONS.map(|line| {
            let line = mutated(line, random).replace(['\n', '\r'], " ");
            let line = line.replacen("\"previous\":\"0\"", &format!("\"previous\":\"{previous}\""), 1);
            previous = sha256(line.as_bytes());
            line
        });
        let Ok(decisions) = Decisions::parse(&chained.join("\n")) else { return false };
        let Ok(layout) = sheet(&seeds[1], |sheet| Layout::read(sheet, assay)) else { return false };
        return decisions.apply(&plate(&layout, random)).is_ok();
    }
    let text = mutated(&seeds[kind], random);
    match kind {
        0 => protocol::parse(&text).is_ok(),
        1 => match sheet(&text, |sheet| Layout::read(sheet, assay)) {
            Ok(layout) => {
                JudgedPlate::judge(PlateConcentrations::evaluate(plate(&layout, random), assay), assay);
                true
            }
            Err(_) => false,
        },
        2 | 3 => sheet(&text, SampleList::read).is_ok(),
        4 => sheet(&text, |sheet| study::read_arms(sheet, &[])).is_ok(),
        5 => sheet(&text, study::values::read_values).is_ok(),
        _ => sheet(&text, |sheet| History::read(sheet, "pg/mL")).is_ok(),
    }
}

#[test]
fn mutated_files_of_a_study_are_read_or_refused() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (mutants, seed) =
        (number("PLATEWISE_FUZZ_MUTANTS").unwrap_or(4_000), number("PLATEWISE_FUZZ_SEED").unwrap_or(1));
    let assay = protocol::parse(STUDY).unwrap_or_else(|problems| panic!("{problems}")).assay;
    let seeds = [
        STUDY.into(),
        layout(),
        SAMPLES.into(),
        SAMPLES.replace(',', ";"),
        ARMS.into(),
        VALUES.into(),
        HISTORY.into(),
        String::new(),
    ];
    let mut counts = [[0_u64; 2]; 8];
    for n in 0..mutants {
        let kind = (n % 8) as usize;
        let mut random = Random::of_replicate(seed, n);
        let Ok(was_read) = catch_unwind(AssertUnwindSafe(|| read(kind, &mut random, &assay, &seeds))) else {
            panic!("mutant {n} of kind {kind}, seed {seed}, panics");
        };
        counts[kind][usize::from(was_read)] += 1;
    }
    println!("refused and read, of settings, layouts, samples (two), arms, values, history, decisions: {counts:?}");
    // A mutator that only makes garbage, or only sound files, tries nothing.
    assert!(counts.iter().all(|[refused, read]| *refused > 0 && *read > 0), "{counts:?}");
}
