//! A standard whose concentration was typed ten times too high or too low is named, with what was meant; sound plates and plates
//! without a curve have no such finding.

use platewise::concentration::{LevelOff, PlateConcentrations, level_off::level_off};
use platewise::plate::{AssayPlate, AssayWell, Reading, WellRole};
use platewise::protocol::{self, Assay};
use platewise::qc::{JudgedPlate, Outcome, Verdict};
use platewise::stats::random::Random;

use crate::support::bench_plates::{Circumstances, Fault, designs, make};

fn assay() -> Assay {
    protocol::parse(
        "[study]\nid = 'S'\nunit = 'pg/mL'\nsamples = 's.csv'\n[method]\nname = 'M'\nversion = '1'\n\
         [acceptance]\ncontrols_required = false\n\
         [[visit]]\nname = 'B'\nweek = 0\nbaseline = true\n[[visit]]\nname = 'E'\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = 'P'\nexport = 'e'\nlayout = 'l'\n",
    )
    .unwrap()
    .assay
}

/// The plate with another concentration declared for one level of its standards.
fn declared_as(mut plate: AssayPlate, level: f64, typed: f64) -> AssayPlate {
    for well in &mut plate.wells {
        if let WellRole::Standard { concentration } = &mut well.role
            && *concentration == level
        {
            *concentration = typed;
        }
    }
    plate
}

fn judge(plate: AssayPlate) -> JudgedPlate {
    let assay = assay();
    JudgedPlate::judge(PlateConcentrations::evaluate(plate, &assay), &assay)
}

/// The words in which a plate names a level as typed wrongly, and those on its curve.
fn said(judged: &JudgedPlate) -> String {
    judged.verdict.findings.iter().map(|finding| format!("{}\n", finding.observed)).collect()
}

#[test]
fn a_tenfold_slip_in_one_level_is_named() {
    let designs = designs();
    let (mut named, mut all, mut no_dose_response, mut silent) = (0, 0, 0, Vec::new());
    for n in 0..210_u64 {
        let mut random = Random::of_replicate(700, n);
        let design = &designs[n as usize % designs.len()];
        let is = Circumstances { falling: n.is_multiple_of(2), ..Circumstances::default() };
        let plate = make(design, Fault::None, is, &mut random).plate;
        let levels = levels(&plate);
        let level = levels[random.below(levels.len())];
        let typed = if random.below(2) == 0 { level / 10.0 } else { level * 10.0 };
        let judged = judge(declared_as(plate, level, typed));
        let said = said(&judged);
        all += 1;
        let is_named = said.contains(&format!("was {level} typed as {typed}?"));
        named += usize::from(is_named);
        no_dose_response += usize::from(said.contains("no dose response"));
        // What is not named must not pass unseen: the plate is rejected, or the level was dropped and the plate says so.
        if judged.verdict.verdict == Verdict::Accepted {
            silent.push(format!("{n} {} {level} as {typed}: {said}", design.name));
        }
    }
    println!(
        "a tenfold slip: {named} of {all} named; {no_dose_response} said to have no dose response; {} unseen",
        silent.len()
    );
    assert!(silent.is_empty(), "{silent:?}");
    assert_eq!(no_dose_response, 0, "one level explains it");
    // Three are not named: near a plateau the responses fit the typed concentration as well as the one that was meant, or better, so
    // that nothing but the design speaks against it. Their plates are rejected by the standards that do not read back.
    assert!(named >= 207, "{named} of {all}");
}

/// The standards of a plate above zero, rising.
fn levels(plate: &AssayPlate) -> Vec<f64> {
    let level = |well: &AssayWell| match well.role {
        WellRole::Standard { concentration } if concentration > 0.0 => Some(concentration),
        _ => None,
    };
    let mut levels: Vec<f64> = plate.wells.iter().filter_map(level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels
}

/// The plate as one of an assay with a wider range: its six highest standards, in steps of two, are declared in steps of ten. Over so
/// flat a curve a concentration is read a third as exactly, so the replicates lie five times closer.
fn in_steps_of_ten(mut plate: AssayPlate) -> AssayPlate {
    let levels = levels(&plate);
    for &level in &levels {
        let is_of =
            |well: &AssayWell| matches!(well.role, WellRole::Standard { concentration } if concentration == level);
        let responses: Vec<f64> =
            plate.wells.iter().filter(|well| is_of(well)).filter_map(|well| well.response.measured()).collect();
        let mean = responses.iter().sum::<f64>() / responses.len() as f64;
        for well in plate.wells.iter_mut().filter(|well| is_of(well)) {
            let closer = well.response.measured().map_or(mean, |response| mean + (response - mean) / 5.0);
            (well.response, well.reading) = (Reading::Measured(closer), Reading::Measured(closer));
        }
    }
    plate.wells.retain_mut(|well| match &mut well.role {
        WellRole::Standard { concentration } if *concentration > 0.0 => {
            let above = levels.iter().filter(|&level| level > concentration).count();
            *concentration = 1e5 / 10_f64.powi(above as i32);
            above < 6
        }
        _ => true,
    });
    plate
}

/// 100 typed as 10 where 10 is a standard too: that level has the wells of two then. Asked of plates that are accepted as they were
/// prepared: over so wide a range many do not read back within the limits anyway.
#[test]
fn a_slip_onto_another_level_is_named() {
    let designs = designs();
    let (mut named, mut all, mut unnamed) = (0, 0, Vec::new());
    for n in 0..420_u64 {
        let mut random = Random::of_replicate(702, n);
        let design = &designs[n as usize % designs.len()];
        let is = Circumstances { falling: n.is_multiple_of(2), no_controls: true, ..Circumstances::default() };
        let plate = in_steps_of_ten(make(design, Fault::None, is, &mut random).plate);
        let levels = levels(&plate);
        let at = 1 + random.below(levels.len() - 1);
        let (typed, level) = match random.below(2) {
            0 => (levels[at - 1], levels[at]),
            _ => (levels[at], levels[at - 1]),
        };
        if judge(plate.clone()).verdict.verdict != Verdict::Accepted {
            continue;
        }
        let judged = judge(declared_as(plate, level, typed));
        let said = said(&judged);
        all += 1;
        let is_named = said.contains(&format!("was {level} typed as {typed}?"));
        named += usize::from(is_named);
        assert!(!said.contains("no dose response"), "{n}: {said}");
        assert_ne!(judged.verdict.verdict, Verdict::Accepted, "{n}: {said}");
        if !is_named {
            unnamed.push(format!("{n} {} {level} as {typed}: {said}", design.name));
        }
    }
    println!("a slip onto another level: {named} of {all} named");
    // With fewer levels than before, two explanations may do nearly as well; the plates are rejected all the same.
    assert!(all >= 90 && named >= 82, "{named} of {all}: {unnamed:#?}");
}

#[test]
fn sound_plates_and_plates_without_a_curve_name_no_level() {
    let designs = designs();
    let assay = assay();
    let (mut alarms, mut all) = (Vec::new(), 0);
    for n in 0..210_u64 {
        let mut random = Random::of_replicate(701, n);
        let design = &designs[n as usize % designs.len()];
        let is = Circumstances { falling: n.is_multiple_of(2), hook: n.is_multiple_of(5), ..Circumstances::default() };
        let plate = make(design, Fault::None, is, &mut random).plate;
        let mut noise = plate.clone();
        for well in &mut noise.wells {
            well.response = Reading::Measured(0.05 * (1.0 + 0.05 * random.normal()));
            well.reading = well.response.clone();
        }
        for plate in [plate, noise] {
            all += 1;
            let named = level_off(&plate, &assay).filter(|off| off.slip.is_some());
            alarms.extend(named.map(|off: LevelOff| format!("{n} {}: {off:?}", design.name)));
        }
    }
    println!("{} levels named on {all} plates without a slip", alarms.len());
    assert!(alarms.is_empty(), "{alarms:?}");
}

/// What the issue saw: 250 typed as 25, 500 as 50, on the standards of a common kit.
#[test]
fn the_slips_that_were_seen_are_named_and_reject_the_plate_or_drop_the_level() {
    let designs = designs();
    for (n, (level, typed)) in [(250.0, 25.0), (500.0, 50.0)].into_iter().enumerate() {
        let plate = make(&designs[0], Fault::None, Circumstances::default(), &mut Random::new(n as u64)).plate;
        let judged = judge(declared_as(plate, level, typed));
        assert!(said(&judged).contains(&format!("was {level} typed as {typed}?")), "{}", said(&judged));
        let rejected = judged.verdict.findings.iter().find(|finding| finding.rule == "standard_rejection");
        match rejected {
            Some(finding) => assert_eq!(finding.outcome, Outcome::Remark),
            None => assert_eq!(judged.verdict.verdict, Verdict::Rejected),
        }
    }
}
