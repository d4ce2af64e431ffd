//! What the comparison is checked against, on the study that comes with the program: the grid is what the program gives when it is
//! asked for each cell alone, the design says where it is confounded, and nothing of it is in a blinded run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::copied_study::copy;
use platewise::curve::{Blank, Model, Variance};
use platewise::pipeline::sensitivity_grid::sensitivity_grid;
use platewise::pipeline::{self, Quantified, RunStep};
use platewise::protocol::{AnalysisId, BelowLimit};
use platewise::reportable;
use platewise::sheet::Book;
use platewise::study::design::design;
use platewise::study::sensitivity_grid::{PlateSet, SensitivityGrid};
use platewise::study::trial_data::TrialData;
use platewise::study::{self, Allocation, ArmComparison, Comparison, SubjectVisit};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plates")
}

fn quantified() -> &'static Quantified {
    static QUANTIFIED: OnceLock<Quantified> = OnceLock::new();
    QUANTIFIED.get_or_init(|| pipeline::quantify(&folder(), &|_| {}).unwrap())
}

fn visits() -> &'static [SubjectVisit] {
    quantified().visits.as_ref().unwrap()
}

fn arms() -> Vec<Allocation> {
    study::read_arms(&Book::open(&folder().join("arms.csv"), "arms.csv").unwrap().sheets[0], &[]).unwrap()
}

fn comparison() -> Comparison {
    study::compare(visits(), &arms(), &quantified().protocol).unwrap()
}

fn primary(comparison: &Comparison) -> &ArmComparison {
    comparison.comparisons.iter().find(|row| row.primary).unwrap()
}

fn grid() -> &'static SensitivityGrid {
    static GRID: OnceLock<SensitivityGrid> = OnceLock::new();
    GRID.get_or_init(|| {
        let protocol = &quantified().protocol;
        let told = AtomicUsize::new(0);
        let finished = |step: RunStep<'_>| {
            assert_eq!(step, RunStep::Reevaluated { of: 3 * 4 * 4 });
            told.fetch_add(1, Ordering::Relaxed);
        };
        let mut grids = sensitivity_grid(&quantified().plates, visits(), &arms(), &["active"], protocol, &finished);
        assert_eq!((grids.len(), told.into_inner()), (1, 3 * 4 * 4));
        grids.remove(0)
    })
}

#[test]
fn every_choice_is_crossed_with_every_other_and_one_cell_is_the_declared_one() {
    let grid = grid();
    // 3 curves × 4 variances × 4 blanks × (accepted, rejected too, without each of 8 plates) × 5 rules.
    assert_eq!(grid.cells.len(), 3 * 4 * 4 * 10 * 5);
    let choices: BTreeSet<[String; 5]> = grid.cells.iter().map(|cell| cell.choices().map(|(_, level)| level)).collect();
    assert_eq!(choices.len(), grid.cells.len(), "no cell stands twice");
    let declared: Vec<_> = grid.cells.iter().filter(|cell| cell.comparison.primary).collect();
    assert_eq!(declared.len(), 1);
    let comparison = comparison();
    let own = primary(&comparison);
    assert_eq!(declared[0].comparison.ratio, own.ratio, "bit for bit");
    assert_eq!(declared[0].comparison.n, own.n);
    for cell in &grid.cells {
        assert!(
            cell.comparison.ratio.is_some() == cell.comparison.reason.is_empty(),
            "an estimate or a reason: {cell:?}"
        );
    }
}

/// The same study with another method declared gives the cell as its primary analysis.
#[test]
fn a_cell_is_what_the_study_gives_when_it_declares_the_choices() {
    let text = std::fs::read_to_string(folder().join("study.toml")).unwrap();
    let place = tempfile::tempdir().unwrap();
    copy(&folder(), place.path());
    for (model, variance, blank, below, asked) in [
        (
            "5pl",
            "proportional",
            "subtract",
            "lloq",
            (Model::FiveParameter, Variance::Proportional, Blank::Subtract, BelowLimit::Lloq),
        ),
        (
            "4pl",
            "constant",
            "constrain",
            "exclude",
            (Model::FourParameter, Variance::Constant, Blank::Constrain, BelowLimit::Exclude),
        ),
    ] {
        let changed = text
            .replace("model = \"4pl\"", &format!("model = \"{model}\""))
            .replace("variance = \"squared\"", &format!("variance = \"{variance}\""))
            .replace("blank = \"ignore\"", &format!("blank = \"{blank}\""))
            .replace("below_limit = \"half-lloq\"", &format!("below_limit = \"{below}\""));
        std::fs::write(place.path().join("study.toml"), changed).unwrap();
        let other = pipeline::quantify(place.path(), &|_| {}).unwrap();
        let compared = study::compare(other.visits.as_ref().unwrap(), &arms(), &other.protocol).unwrap();
        let own = primary(&compared);
        let rule =
            study::limits::LimitRule { below: asked.3, above: other.protocol.trial.analysis.above_limit }.describe();
        let cell = grid()
            .cells
            .iter()
            .find(|cell| {
                let found = &cell.specification;
                (found.model, found.variance, found.blank) == (asked.0, asked.1, asked.2)
                    && found.plates == PlateSet::Accepted
                    && cell.comparison.below_limit_rule == rule
                    && cell.comparison.analysis == AnalysisId::Ancova
            })
            .unwrap();
        assert_eq!(cell.comparison.n, own.n);
        let (found, expected) = (cell.comparison.ratio.unwrap(), own.ratio.unwrap());
        for (found, expected) in
            [(found.estimate, expected.estimate), (found.lower, expected.lower), (found.upper, expected.upper)]
        {
            assert!((found / expected - 1.0).abs() < 1e-9, "{model} {variance} {blank}: {found} is not {expected}");
        }
    }
}

#[test]
fn leaving_out_a_plate_is_the_study_without_its_results() {
    let protocol = &quantified().protocol;
    let plates: Vec<_> = quantified().plates.iter().filter(|plate| plate.id != "P05").cloned().collect();
    // A sample that was measured on another plate as well has that result then.
    let results: BTreeMap<String, _> = reportable::resolve(&plates, &protocol.assay)
        .into_iter()
        .map(|result| (result.sample, result.quantity))
        .collect();
    let without: Vec<SubjectVisit> = visits()
        .iter()
        .filter_map(|visit| Some(SubjectVisit { quantity: results.get(&visit.sample)?.clone(), ..visit.clone() }))
        .collect();
    assert!(without.len() < visits().len());
    let compared = study::compare(&without, &arms(), protocol).unwrap();
    let cell = grid()
        .cells
        .iter()
        .find(|cell| {
            let level = cell.choices().map(|(_, level)| level);
            level[..4] == ["4pl", "squared", "ignore", "without P05"] && level[4].starts_with("below LLOQ: LLOQ/2")
        })
        .unwrap();
    assert_eq!((cell.comparison.ratio, cell.comparison.n), (primary(&compared).ratio, primary(&compared).n));
    assert_eq!(cell.plates_used, 7);
}

#[test]
fn the_sentence_names_what_moves_the_conclusion() {
    let words = &grid().words;
    assert!(words.contains("The conclusion changes") && words.contains("without P05 (plates)"), "{words}");
}

#[test]
fn arms_on_plates_of_their_own_are_warned_of() {
    let protocol = &quantified().protocol;
    let look =
        |arms: &[Allocation]| design(&TrialData::of_study(protocol, visits(), arms), visits(), &["active"], protocol);
    let sound = look(&arms());
    assert!(sound.warnings.is_empty(), "{:?}", sound.warnings);
    assert!(sound.effects.iter().all(|effect| effect.inflation.is_some_and(|inflation| inflation < 1.1)));
    assert!(sound.words.contains("Nothing in the design confounds"), "{}", sound.words);
    // The arms go by the plate of the baseline.
    let plate = |subject: &str| {
        visits()
            .iter()
            .find(|visit| visit.subject == subject && visit.week == 0.0)
            .and_then(|visit| visit.plate.clone())
    };
    let by_plate: Vec<Allocation> = arms()
        .into_iter()
        .map(|one| {
            let active = plate(&one.subject).is_some_and(|plate| plate.as_str() < "P05");
            Allocation { arm: if active { "active" } else { "placebo" }.into(), ..one }
        })
        .collect();
    let confounded = look(&by_plate);
    let all = confounded.warnings.iter().map(|warning| warning.found.as_str()).collect::<Vec<_>>().join("\n");
    for part in [
        "plates hold samples of one arm only at Baseline",
        "active against placebo: the arms cannot be told apart from the plate of Baseline",
        "kit lots hold samples of one arm only at Baseline",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let effect = confounded.effects.iter().find(|effect| effect.term == "plate of Baseline").unwrap();
    assert!(effect.confounded && effect.with.is_none() && !effect.reason.is_empty());
}

#[test]
fn counts_pairs_and_influence_are_complete() {
    let protocol = &quantified().protocol;
    let found = design(&TrialData::of_study(protocol, visits(), &arms()), visits(), &["active"], protocol);
    let reported = visits().iter().filter(|visit| visit.plate.is_some()).count();
    for factor in ["plate", "kit lot"] {
        let n: usize = found.counts.iter().filter(|count| count.factor == factor).map(|count| count.n).sum();
        assert_eq!(n, reported, "{factor}");
    }
    let comparison = comparison();
    let primary = primary(&comparison);
    assert_eq!(found.pairing.iter().map(|arm| arm.n).sum::<usize>(), primary.n[0] + primary.n[1]);
    assert_eq!(found.influence.len(), primary.n[0] + primary.n[1]);
    // The ratio without one subject is that of the study without the subject.
    let one = &found.influence[17];
    let without: Vec<SubjectVisit> = visits().iter().filter(|visit| visit.subject != one.subject).cloned().collect();
    let again = study::compare(&without, &arms(), protocol).unwrap();
    let again = again.comparisons.iter().find(|row| row.primary).unwrap().ratio.unwrap();
    assert!((one.ratio.unwrap().estimate / again.estimate - 1.0).abs() < 1e-12);
    assert!((one.ratio.unwrap().upper / again.upper - 1.0).abs() < 1e-12);
    // The ratio without the term is the primary one.
    assert!((found.effects[0].without.unwrap().lower / primary.ratio.unwrap().lower - 1.0).abs() < 1e-12);
}

/// An arm with nobody in the analysis, and a study on one plate, have an answer with a reason.
#[test]
fn degenerate_designs_have_reasons() {
    let protocol = &quantified().protocol;
    let nobody: Vec<SubjectVisit> = {
        let arms = arms();
        let of = |subject: &str| arms.iter().find(|one| one.subject == subject).map(|one| one.arm.as_str());
        visits().iter().filter(|visit| of(&visit.subject) != Some("active") || visit.week == 0.0).cloned().collect()
    };
    let trial = TrialData::of_study(protocol, &nobody, &arms());
    let found = design(&trial, &nobody, &["active"], protocol);
    assert!(found.influence.is_empty() && found.effects.iter().all(|effect| !effect.reason.is_empty()));
    let one_plate: Vec<SubjectVisit> =
        visits().iter().filter(|visit| visit.plate.as_deref() == Some("P01")).cloned().collect();
    let found = design(&TrialData::of_study(protocol, &one_plate, &arms()), &one_plate, &["active"], protocol);
    assert!(found.effects.iter().all(|effect| effect.reason.starts_with("there is only one ")), "{:?}", found.effects);
    assert!(found.pairing.iter().all(|arm| arm.one_plate == arm.n) && !found.influence.is_empty());
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);

    // Where the study says the kit lot of some plates only, the term is not dropped in silence.
    let mut partly = protocol.clone();
    partly.assay.plates[0].kit_lot = None;
    let found = design(&TrialData::of_study(&partly, visits(), &arms()), visits(), &["active"], &partly);
    let lots: Vec<_> = found.effects.iter().filter(|effect| effect.term.starts_with("kit lot")).collect();
    assert_eq!(lots.len(), 2);
    assert!(lots.iter().all(|effect| effect.reason.contains("the kit lot of ")), "{lots:?}");
}

/// The study that `init` makes has one plate.
#[test]
fn without_the_only_plate_nothing_is_left() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    let platewise = |command: &str| {
        let done = Command::new(assert_cmd::cargo::cargo_bin!("platewise")).arg(command).arg(&study).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    platewise("init");
    let said = platewise("run");
    assert!(said.contains("single plates: every sample is on one plate, without which nothing is left"), "{said}");
}
