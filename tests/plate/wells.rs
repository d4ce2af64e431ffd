//! The wells of a plate before its curve: an empty plate, the reader's maximum as a number, a plate read twice, the same export under
//! two names; and no alarm on good plates, on the same samples run again, or on plates whose samples are near blank.

use crate::support::bench_plates::{Circumstances, Fault, designs, make, other_layout};
use platewise::plate::{AssayPlate, Reading};
use platewise::qc::plate_read_once::SameWells;
use platewise::qc::{Outcome, plate_signal, reader_maximum};
use platewise::stats::random::Random;

/// The plate with every reading of a well with a role changed.
fn changed(plate: &AssayPlate, id: &str, mut change: impl FnMut(f64) -> f64) -> AssayPlate {
    let mut plate = AssayPlate { id: id.into(), ..plate.clone() };
    for well in &mut plate.wells {
        if let Reading::Measured(value) = well.reading {
            well.reading = Reading::Measured(change(value));
            well.response = well.reading.clone();
        }
    }
    plate
}

fn plates(n: u64, seed: u64, is: Circumstances) -> impl Iterator<Item = (AssayPlate, Random)> {
    let designs = designs();
    (0..n).map(move |number| {
        let mut random = Random::of_replicate(seed, number);
        let is = Circumstances { falling: number % 2 == 1, ..is };
        (make(&designs[number as usize % designs.len()], Fault::None, is, &mut random).plate, random)
    })
}

#[test]
fn an_empty_plate_is_told_from_a_plate_of_samples_near_blank() {
    for (plate, mut random) in
        plates(70, 1, Circumstances { near_blank: true, outlier: true, ..Circumstances::default() })
    {
        let good = plate_signal::judge(&plate);
        assert_eq!(good.outcome, Outcome::Pass, "{}", good.observed);
        for (blank, noise) in [(0.045, 0.003), (0.0, 0.003), (1500.0, 40.0)] {
            let replicates = plate.wells.len() > 3 && good.observed.contains("replicates");
            if blank == 0.0 && !replicates {
                continue; // about zero and without replicates: there is nothing to tell it by
            }
            let empty = plate_signal::judge(&changed(&plate, "empty", |_| blank + noise * random.normal()));
            assert_eq!(empty.outcome, Outcome::Fail, "{}", empty.observed);
        }
    }
}

#[test]
fn the_readers_maximum_is_seen_in_wells_that_are_exactly_equal() {
    let (mut standards, mut samples) = (0, 0);
    for (plate, _) in plates(70, 2, Circumstances::default()) {
        assert_eq!(reader_maximum::judge(&plate).outcome, Outcome::Pass);
        let highest = plate.wells.iter().filter_map(|well| well.reading.measured()).fold(0.0, f64::max);
        let cut = changed(&plate, "cut", |value| value.min(0.4 * highest));
        let at = cut.wells.iter().filter(|well| well.reading.measured() == Some(0.4 * highest));
        let known = at.clone().any(|well| ["standard", "control"].contains(&well.role.name()));
        if at.count() < 4 {
            continue;
        }
        let finding = reader_maximum::judge(&cut);
        assert_eq!(finding.outcome, if known { Outcome::Fail } else { Outcome::Warning }, "{}", finding.observed);
        *(if known { &mut standards } else { &mut samples }) += 1;
    }
    assert!(standards > 20, "{standards} {samples}");
}

#[test]
fn the_same_numbers_and_a_second_reading_are_seen_and_the_same_samples_on_another_plate_are_not() {
    let mut twice = 0;
    for (plate, mut random) in plates(70, 3, Circumstances::default()) {
        let named = |id: &str| AssayPlate { id: id.into(), ..plate.clone() };
        let same = SameWells::among(&[&plate, &named("copy")]);
        assert!(same.judge(&plate).observed.contains("exactly as plate copy"), "{}", same.judge(&plate).observed);
        assert_eq!(same.judge(&named("copy")).outcome, Outcome::Fail);

        // Read again: 1 % drift of the lamp, 0.7 % and 0.002 of noise.
        let again =
            changed(&plate, "again", |value| value * (1.01 + 0.007 * random.normal()) + 0.002 * random.normal());
        let same = SameWells::among(&[&plate, &again]).judge(&plate);
        let signals =
            plate.wells.iter().filter_map(|well| well.reading.measured()).filter(|value| *value > 0.3).count();
        if signals > 40 {
            assert!(same.outcome == Outcome::Fail && same.observed.contains("read twice"), "{}", same.observed);
            twice += 1;
        }

        // The same samples on another plate: 3 % in every well of both, the least that pipetting adds.
        let repeat = changed(&plate, "repeat", |value| value * (1.05 + 0.042 * random.normal()));
        assert_eq!(SameWells::among(&[&plate, &repeat]).judge(&plate).outcome, Outcome::Pass);
    }
    assert!(twice > 30, "{twice}");
}

#[test]
fn different_plates_of_one_layout_are_not_one() {
    let designs = designs();
    let is = Circumstances { near_blank: true, ..Circumstances::default() };
    for (number, design) in designs.iter().enumerate() {
        let mut random = Random::of_replicate(4, number as u64);
        let other = other_layout(design);
        let made: Vec<AssayPlate> = (0..30)
            .map(|n| {
                let design = if n % 10 == 9 { &other } else { design };
                AssayPlate { id: format!("P{n}"), ..make(design, Fault::None, is, &mut random).plate }
            })
            .collect();
        let same = SameWells::among(&made.iter().collect::<Vec<_>>());
        for plate in &made {
            assert_eq!(same.judge(plate).outcome, Outcome::Pass, "{}", same.judge(plate).observed);
        }
    }
}
