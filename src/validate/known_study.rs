//! The whole way, from the cells of an export to the ratio of two arms, of a study whose answers are known by hand.
//!
//! Responses are those of a known curve. Of each pair of standards one reads 2 % above it and the other 2 % below: the means lie on the
//! curve, so that the fit gives its parameters back. Of each pair of samples one holds 2 % more than the sample and the other 2 % less: the
//! mean of the two concentrations, which is what is reported, is the one that the study was made of. The logarithms of the changes are
//! chosen so that the model of the comparison gives its answer with a pocket calculator (see [`COMPARED`]).

use crate::files::{InputFolder, LinkPolicy, OutputFile, Scratch, sha256};
use crate::pipeline::{self, Arms, RunOptions};
use crate::report::validation::{Case, Function, Risk, SpoiledCase, ValidationCheck};
use crate::study::Comparison;

/// `y = d + (a − d) / (1 + (x/c)^b)`: a, d, c, b.
const TRUTH: [f64; 4] = [0.06, 2.66, 380.0, 1.15];
const STANDARDS: [f64; 8] = [2400.0, 1200.0, 600.0, 300.0, 150.0, 75.0, 37.5, 0.0];
const CONTROLS: [(&str, f64); 3] = [("low", 110.0), ("mid", 420.0), ("high", 1500.0)];
const DILUTION: f64 = 10.0;

/// Eight participants: arm, logarithm of the baseline beside that of 3,000 pg/mL, and of the change beside that of the arm. In each arm
/// every baseline stands with either change, so that the change does not depend on the baseline.
const PARTICIPANTS: [(&str, f64, f64); 8] = [
    ("active", -0.3, -0.1),
    ("active", -0.3, 0.1),
    ("active", 0.3, -0.1),
    ("active", 0.3, 0.1),
    ("placebo", -0.3, -0.1),
    ("placebo", -0.3, 0.1),
    ("placebo", 0.3, -0.1),
    ("placebo", 0.3, 0.1),
];
const BASELINE: f64 = 3000.0;
/// The geometric mean change of each arm.
const CHANGES: [(&str, f64); 2] = [("active", 0.5), ("placebo", 0.9)];

/// The ratio of the changes and its 95 % interval, and the p-value: ln ratio ± t(0.975; 5) √(0.08/5 × (1/4 + 1/4)). The residuals are eight
/// times ± 0.1, their squares 0.08, on 8 − 3 degrees of freedom (arms and baseline); t and p by SciPy 1.17.
const COMPARED: [(&str, f64); 4] = [
    ("ratio", 0.5 / 0.9),
    ("ln of its upper limit less that of its lower", 2.0 * 2.570_581_835_636_314_6 * 0.089_442_719_099_991_59),
    ("degrees of freedom", 5.0),
    ("p", 0.001_224_053_719_244_932_4),
];

/// Relative: what digits of the export and convergence leave of exact answers.
const TOLERANCE: f64 = 1e-6;

const STUDY: &str = r#"
[study]
id = "KNOWN"
title = "SIMULATED: a study of which every answer is known"
simulated = true
analyte = "TARC (CCL17)"
paramcd = "CCL17"
unit = "pg/mL"

[method]
name = "made-up ELISA"
version = "1"
criteria = "ich-m10"
read = 450
model = "4pl"
variance = "squared"
lloq = 37.5
uloq = 2400

[[visit]]
name = "Baseline"
week = 0
baseline = true

[[visit]]
name = "Week 16"
week = 16
endpoint = true

[records]

[analysis]
assay_error_replicates = 0
sensitivity_grid = false

[[plate]]
id = "P01"
export = "P01.csv"
layout = "layout.csv"
kit_lot = "LOT-1"
"#;

/// The whole way, and a spoiled plate.
pub(super) fn function() -> Function {
    let case = |name: &str, raised: f64| {
        Case::new(name, "the curve, concentrations and changes that the study was made of").with(checks(raised))
    };
    Function {
        name: "From plate file to the answer of the trial",
        intended_use: "Takes a study folder from exports, layouts and lists to concentrations, verdicts, results of samples and the \
                       comparison of the arms, in one command.",
        risk: Risk::High,
        failure: "Results are given to another sample, participant or arm, a dilution is forgotten, or a rejected plate is reported.",
        activity: "A study whose every answer is known by hand is run as users run theirs, on one thread and on all; files are compared byte \
                   by byte.",
        cases: vec![case("a study of one plate, two visits and two arms", 1.0), same_bytes()],
        spoiled: vec![SpoiledCase::new("the first standard reads 5 % higher", case("spoiled", 1.05))],
    }
}

fn response(x: f64) -> f64 {
    let [a, d, c, b] = TRUTH;
    if x == 0.0 { a } else { d + (a - d) / (1.0 + libm::pow(x / c, b)) }
}

/// A sample of the study.
struct KnownSample {
    name: String,
    subject: String,
    visit: &'static str,
    /// Its concentration in pg/mL.
    concentration: f64,
}

fn samples() -> Vec<KnownSample> {
    let mut samples = Vec::new();
    for (number, (arm, baseline, change)) in (1..).zip(PARTICIPANTS) {
        let of_arm = CHANGES.iter().find(|(name, _)| *name == arm).map_or(1.0, |(_, change)| *change);
        let at_baseline = BASELINE * libm::exp(baseline);
        let subject = format!("K{number:02}");
        for (code, visit, ratio) in [("W00", "Baseline", 1.0), ("W16", "Week 16", of_arm * libm::exp(change))] {
            let name = format!("{subject}-{code}");
            samples.push(KnownSample { name, subject: subject.clone(), visit, concentration: at_baseline * ratio });
        }
    }
    samples
}

/// What a pair of wells side by side holds.
#[derive(Default)]
struct DuplicateWells {
    /// What the layout says: role, sample, concentration, dilution.
    declared: [String; 4],
    /// The concentration in the wells, 0 in empty ones.
    concentration: f64,
}

fn pair(row: usize, pair: usize, samples: &[KnownSample]) -> DuplicateWells {
    let no = String::new;
    let found = match pair {
        0 => STANDARDS.get(row).map(|&concentration| DuplicateWells {
            declared: ["standard".into(), no(), concentration.to_string(), no()],
            concentration,
        }),
        1 => CONTROLS.get(row).map(|&(level, concentration)| DuplicateWells {
            declared: ["control".into(), level.into(), concentration.to_string(), no()],
            concentration,
        }),
        _ => samples.get((pair - 2) * 8 + row).map(|sample| DuplicateWells {
            declared: ["sample".into(), sample.name.clone(), no(), DILUTION.to_string()],
            concentration: sample.concentration / DILUTION,
        }),
    };
    found.unwrap_or_default()
}

/// A grid of eight rows and twelve columns under its name.
fn grid(name: &str, cell: impl Fn(usize, usize) -> String) -> String {
    let mut text = name.to_string();
    (1..=12).for_each(|column| text.push_str(&format!(",{column}")));
    for row in 0..8 {
        text.push_str(&format!("\n{}", char::from(b'A' + row as u8)));
        (0..12).for_each(|column| text.push_str(&format!(",{}", cell(row, column))));
    }
    text + "\n"
}

/// The files of the study; the reading of the first standard is `raised` times what it should be.
fn files(raised: f64) -> Vec<OutputFile> {
    let samples = samples();
    let heads = ["role", "sample", "concentration (pg/mL)", "dilution"];
    let declared =
        |(at, head): (usize, &&str)| grid(head, |row, column| pair(row, column / 2, &samples).declared[at].clone());
    let layout = heads.iter().enumerate().map(declared).collect::<Vec<_>>().join("\n");
    let export = grid("450 nm", |row, column| {
        let aside = if column % 2 == 0 { 1.02 } else { 0.98 };
        let x = pair(row, column / 2, &samples).concentration;
        let y = if column < 2 { response(x) * aside } else { response(x * aside) };
        let raised = if row == 0 && column < 2 { raised } else { 1.0 };
        format!("{:.10}", y * raised)
    });
    let list: String =
        samples.iter().map(|sample| format!("{},{},{}\n", sample.name, sample.subject, sample.visit)).collect();
    let arms: String = (1..).zip(PARTICIPANTS).map(|(number, (arm, ..))| format!("K{number:02},{arm}\n")).collect();
    let file = |name: &str, text: String| OutputFile { name: name.into(), bytes: text.into_bytes() };
    vec![
        file("study.toml", STUDY.to_string()),
        file("P01.csv", export),
        file("layout.csv", layout),
        file("samples.csv", format!("sample,subject,visit\n{list}")),
        file("arms.csv", format!("subject,arm\n{arms}")),
    ]
}

/// Runs the study as users do.
fn run(raised: f64, threads: Option<usize>) -> Result<pipeline::Run, String> {
    let folder = Scratch::new(&files(raised)).map_err(|error| format!("no folder for a moment: {error}"))?;
    let study = InputFolder::new(folder.path(), LinkPolicy::Refused);
    let options = RunOptions { arms: Arms::Required { by: "validation".into() }, threads, ..RunOptions::default() };
    pipeline::run(&study, &options, &|_| {}).map_err(|problems| problems.to_string())
}

fn checks(raised: f64) -> Result<Vec<ValidationCheck>, String> {
    let run = run(raised, None)?;
    let mut checks = Vec::new();
    for plate in &run.quantified.plates {
        checks.push(ValidationCheck::text("verdict of the plate", "accepted", plate.verdict.verdict.to_string()));
        let curve = plate.concentrations.as_ref().and_then(|found| found.curve.as_ref().ok());
        let found = curve.map(|curve| curve.parameters());
        let of =
            |name: &str, truth: f64, found: Option<f64>| ValidationCheck::number(name, truth, found, TOLERANCE * truth);
        checks.extend([
            of("a", TRUTH[0], found.map(|found| found.a)),
            of("d", TRUTH[1], found.map(|found| found.d)),
            of("c", TRUTH[2], found.map(|found| found.c)),
            of("b", TRUTH[3], found.map(|found| found.b)),
        ]);
    }
    for KnownSample { name, concentration, .. } in samples() {
        let found = run.quantified.results.iter().find(|result| result.sample == name);
        let value = found.and_then(|result| result.quantity.value());
        checks.push(ValidationCheck::number(format!("{name}, pg/mL"), concentration, value, TOLERANCE * concentration));
    }
    match (&run.compared, &run.not_compared) {
        (Some(compared), _) => checks.extend(comparison(&compared.comparison)),
        (None, Some(problems)) => return Err(problems.to_string()),
        (None, None) => return Err("the arms were not compared".into()),
    }
    Ok(checks)
}

fn comparison(found: &Comparison) -> Vec<ValidationCheck> {
    let mut checks = Vec::new();
    for (arm, change) in CHANGES {
        let row = found.arms.iter().find(|row| row.arm == arm && row.week == 16.0);
        let ratio = row.and_then(|row| row.geometric_mean_ratio).map(|ratio| ratio.estimate);
        checks.push(ValidationCheck::number(
            format!("geometric mean change of {arm}"),
            change,
            ratio,
            TOLERANCE * change,
        ));
    }
    let primary = found.comparisons.iter().find(|row| row.primary);
    let ratio = primary.and_then(|row| row.ratio);
    let obtained = [
        ratio.map(|ratio| ratio.estimate),
        ratio.map(|ratio| libm::log(ratio.upper / ratio.lower)),
        primary.and_then(|row| row.df),
        primary.and_then(|row| row.p),
    ];
    for ((what, expected), obtained) in COMPARED.into_iter().zip(obtained) {
        checks.push(ValidationCheck::number(what, expected, obtained, 10.0 * TOLERANCE * expected));
    }
    checks
}

/// The files of the run by one thread and by all.
fn same_bytes() -> Case {
    let hashes = |threads: Option<usize>| -> Result<Vec<(String, String)>, String> {
        let files = run(1.0, threads)?.files().map_err(|error| error.to_string())?;
        // The record of a run and what names it hold the time of the run.
        let tables = files.into_iter().filter(|file| file.name.ends_with(".csv") || file.name.ends_with(".png"));
        Ok(tables.map(|file| (file.name, sha256(&file.bytes))).collect())
    };
    let both = hashes(Some(1)).and_then(|one| Ok((one, hashes(None)?)));
    let checks = both.map(|(one, all)| {
        let count = ValidationCheck::number("number of files", one.len() as f64, all.len() as f64, 0.0);
        let of = |((name, one), (other, all)): ((String, String), (String, String))| {
            ValidationCheck::text(format!("SHA-256 of {name}"), one, if name == other { all } else { other })
        };
        std::iter::once(count).chain(one.into_iter().zip(all).map(of)).collect()
    });
    Case::new("the same bytes by one thread and by all", "the run by one thread").with(checks)
}
