//! What must hold of any plate: the unit of concentration, the gain of the reader, the places of the wells and the spelling of a
//! dilution change neither a concentration nor a verdict.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platewise::concentration::{PlateConcentrations, Quantity};
use platewise::curve::Model;
use platewise::plate::{
    AssayPlate, AssayWell, Layout, PlateSize, Reading, SampleList, WellPosition, WellRole, formats,
};
use platewise::protocol::Assay;
use platewise::qc::JudgedPlate;
use platewise::sheet::Book;
use proptest::prelude::*;

use crate::support::plate_in_pairs;
use crate::support::plate_in_pairs::{Plate, RIGHT, TRUTH, assay, plate, standards};

/// A plate of any kind: one standard may be wrong, controls may be off, samples are anywhere and their pairs agree or not.
fn any_plate() -> impl Strategy<Value = Vec<AssayWell>> {
    let wrong = prop_oneof![
        Just(vec![]),
        (0..7usize, 0.5..2.0f64).prop_map(|(at, times)| {
            let nominal = plate_in_pairs::STANDARDS[at];
            vec![(nominal, nominal * times)]
        })
    ];
    let off = prop::collection::vec(0.75..1.3f64, 6);
    let samples = prop::collection::vec((0.5..9.0f64, 0.8..1.2f64, 1..200u32), 1..8);
    (wrong, off, samples).prop_map(|(wrong, off, samples)| {
        let controls = |set: &[f64]| -> Vec<f64> { RIGHT.iter().zip(set).map(|(right, off)| right * off).collect() };
        let mut plate = plate(&standards(&wrong), [&controls(&off[..3]), &controls(&off[3..])]);
        for (at, (log, apart, dilution)) in samples.into_iter().enumerate() {
            let y = Model::FourParameter.response(&TRUTH, log.exp());
            let role = WellRole::Sample { id: format!("S{}", at + 4), dilution: Some(f64::from(dilution)) };
            plate.pair(role, [Reading::Measured(y), Reading::Measured(y * apart)]);
        }
        plate.wells
    })
}

/// A method of any kind whose numbers have the unit of the response or of nothing.
fn any_method() -> impl Strategy<Value = Assay> {
    let variance = prop::sample::select(vec!["constant", "proportional", "squared"]);
    let blank = prop::sample::select(vec!["ignore", "include", "subtract"]);
    let replicates = prop::sample::select(vec!["mean-of-concentrations", "concentration-of-mean-response"]);
    (variance, blank, replicates).prop_map(|(variance, blank, replicates)| {
        let method = format!("variance = \"{variance}\"\nblank = \"{blank}\"\nreplicates = \"{replicates}\"");
        assay(&method, "", "")
    })
}

fn judge(wells: Vec<AssayWell>, assay: &Assay) -> JudgedPlate {
    Plate { wells, next: (0, 0) }.judge(assay)
}

/// What is known of each sample at each dilution.
fn quantities(judged: &JudgedPlate) -> BTreeMap<(String, u64), Quantity> {
    let samples = &judged.concentrations.as_ref().unwrap().samples;
    samples.iter().map(|group| ((group.name.clone(), group.dilution.to_bits()), group.quantity.clone())).collect()
}

/// Whether two quantities are the same but for a factor; numbers agree to what the fit is good for.
fn same(one: &Quantity, other: &Quantity, factor: f64) -> bool {
    let near = |one: f64, other: f64| (other / (one * factor) - 1.0).abs() < 1e-6;
    let both = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => near(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    match (one, other) {
        (Quantity::Quantified(one), Quantity::Quantified(other)) => {
            near(one.value, other.value) && both(one.lower, other.lower) && both(one.upper, other.upper)
        }
        (Quantity::BelowLloq { limit: one }, Quantity::BelowLloq { limit: other })
        | (Quantity::AboveUloq { limit: one }, Quantity::AboveUloq { limit: other }) => near(*one, *other),
        (one, other) => one == other,
    }
}

/// Verdict, outcomes and every quantity are the same; `rule` may be left out of the comparison.
fn assert_same(one: &JudgedPlate, other: &JudgedPlate, factor: f64, left_out: &str) -> Result<(), TestCaseError> {
    let outcomes = |judged: &JudgedPlate| {
        let findings = judged.verdict.findings.iter().filter(|finding| finding.rule != left_out);
        let mut outcomes: Vec<String> =
            findings.map(|finding| format!("{} {:?}", finding.rule, finding.outcome)).collect();
        outcomes.sort();
        outcomes
    };
    prop_assert_eq!(one.verdict.verdict, other.verdict.verdict);
    prop_assert_eq!(outcomes(one), outcomes(other));
    let (one, other) = (quantities(one), quantities(other));
    prop_assert_eq!(one.len(), other.len());
    for (name, one) in one {
        prop_assert!(same(&one, &other[&name], factor), "{:?}: {:?}, {:?}", name, one, other[&name]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn another_unit_scales_every_concentration(wells in any_plate(), method in any_method(), log in -14.0..14.0f64) {
        let factor = log.exp();
        let scaled = |mut well: AssayWell| {
            match &mut well.role {
                WellRole::Standard { concentration } => *concentration *= factor,
                WellRole::Control { nominal: Some(nominal), .. } => *nominal *= factor,
                _ => {}
            }
            well
        };
        let base = judge(wells.clone(), &method);
        let other = judge(wells.into_iter().map(scaled).collect(), &method);
        assert_same(&base, &other, factor, "")?;
    }

    #[test]
    fn the_gain_of_the_reader_changes_nothing(wells in any_plate(), method in any_method(), log in -7.0..14.0f64) {
        let gain = log.exp();
        let amplified = |mut well: AssayWell| {
            if let Reading::Measured(y) = well.response {
                well.response = Reading::Measured(y * gain);
            }
            well
        };
        let base = judge(wells.clone(), &method);
        let other = judge(wells.into_iter().map(amplified).collect(), &method);
        assert_same(&base, &other, 1.0, "")?;
    }

    /// Standards and samples stand anywhere; the controls keep their places, because where they touch they are one set.
    #[test]
    fn the_places_of_the_wells_change_nothing(wells in any_plate(), method in any_method(), seed in any::<u64>()) {
        let base = judge(wells.clone(), &method);
        let moves = |well: &AssayWell| !matches!(well.role, WellRole::Control { .. });
        let mut pairs: Vec<[WellPosition; 2]> =
            wells.chunks(2).filter(|pair| moves(&pair[0])).map(|pair| [pair[0].position, pair[1].position]).collect();
        platewise::stats::random::Random::new(seed).shuffle(&mut pairs);
        let mut places = pairs.into_iter().flatten();
        let moved = wells.into_iter().map(|mut well| {
            if moves(&well) {
                well.position = places.next().unwrap();
            }
            well
        });
        // Which samples lie between controls is the one thing that has to change.
        assert_same(&base, &judge(moved.collect(), &method), 1.0, "controls_bracket")?;
    }

    /// Through the files: the lines of a layout in any order are the same plate, bit for bit.
    #[test]
    fn the_order_of_the_lines_of_a_layout_changes_nothing(
        wells in any_plate(),
        seed in any::<u64>(),
    ) {
        let method = assay("", "", "");
        let mut lines: Vec<String> = wells.iter().map(|well| line(well, "dilution")).collect();
        let base = through_files(&lines, &wells, "dilution", &method);
        platewise::stats::random::Random::new(seed).shuffle(&mut lines);
        let other = through_files(&lines, &wells, "dilution", &method);
        let bytes = |judged: &JudgedPlate| {
            let found = judged.concentrations.as_ref().unwrap();
            // The line of a well in the layout is no part of it.
            (serde_json::to_string(&found.samples).unwrap(), serde_json::to_string(&judged.verdict).unwrap())
        };
        prop_assert_eq!(bytes(&base), bytes(&other));
    }

    /// A dilution in every spelling of its factor: the concentration is that in the well times the factor, the limits are those
    /// of the curve times the factor.
    #[test]
    fn every_spelling_of_a_dilution_is_the_same_factor(
        log in 0.5..9.0f64,
        hundredths in prop_oneof![101..100_000u64, (2..20_000u64).prop_map(|factor| 100 * factor)],
    ) {
        let factor = hundredths as f64 / 100.0;
        let method = assay("", "", "");
        let mut plate = plate(&standards(&[]), [&RIGHT, &RIGHT]);
        plate.at(WellRole::Sample { id: "X".into(), dilution: Some(1.0) }, log.exp());
        let wells = plate.wells;
        let of = |column: &str, spelling: &str| {
            let lines: Vec<String> =
                wells.iter().map(|well| line(well, column).replace("X,,1", &format!("X,,{spelling}"))).collect();
            quantities(&through_files(&lines, &wells, column, &method))
        };
        let neat = of("dilution", "neat");
        let expected = &neat[&("X".to_string(), 1f64.to_bits())];
        prop_assert_eq!(&of("dilution", "undiluted"), &neat);
        for (column, spelling) in spellings(hundredths) {
            let found = of(column, &spelling);
            let diluted: Vec<_> = found.iter().filter(|((name, _), _)| name == "X").collect();
            prop_assert_eq!(diluted.len(), 1);
            let ((_, bits), quantity) = diluted[0];
            let read = f64::from_bits(*bits);
            let exact = hundredths % 100 == 0;
            prop_assert!(if exact { read == factor } else { (read / factor - 1.0).abs() < 1e-12 }, "{spelling}: {read}");
            prop_assert!(same(expected, quantity, factor), "{}: {:?}, {:?}", spelling, expected, quantity);
        }
    }
}

/// Every way in which laboratories write a dilution, with the column that it is written in.
fn spellings(hundredths: u64) -> Vec<(&'static str, String)> {
    let written = |hundredths: u64| match hundredths % 100 {
        0 => format!("{}", hundredths / 100),
        rest => format!("{}.{rest:02}", hundredths / 100),
    };
    let (factor, added) = (written(hundredths), written(hundredths - 100));
    let fraction = 100.0 / hundredths as f64;
    [
        ("dilution", factor.clone()),
        ("dilution", format!("1:{factor}")),
        ("dilution", format!(" 1 : {factor} ")),
        ("dilution", format!("1/{factor}")),
        ("dilution", format!("1 in {factor}")),
        ("dilution", format!("1 IN {factor}")),
        ("dilution", format!("1+{added}")),
        ("dilution", format!("1 + {added}")),
        ("dilution", format!("{factor}x")),
        ("dilution", format!("x{factor}")),
        ("dilution", format!("{factor} ×")),
        ("dilution", format!("{factor}-fold")),
        ("dilution", format!("{factor} Fold")),
        ("dilution_fraction", format!("{fraction}")),
        ("dilution_fraction", format!("{} %", 100.0 * fraction)),
        ("dilution_fraction", format!("1:{factor}")),
        ("dilution_fraction", format!("1/{factor}")),
    ]
    .to_vec()
}

/// A line of a layout; in the column of fractions only neat samples are written as 1.
fn line(well: &AssayWell, column: &str) -> String {
    let fraction = column == "dilution_fraction";
    match &well.role {
        WellRole::Standard { concentration } => format!("{},standard,,{concentration},", well.position),
        WellRole::Control { level, nominal, .. } => {
            let nominal = nominal.map_or_else(String::new, |nominal| nominal.to_string());
            format!("{},control,{level},{nominal},", well.position)
        }
        WellRole::Sample { id, dilution } => {
            let dilution = dilution.unwrap_or(1.0);
            format!("{},sample,{id},,{}", well.position, if fraction { 1.0 / dilution } else { dilution })
        }
        WellRole::Blank | WellRole::Unused => format!("{},blank,,,", well.position),
    }
}

/// A plate from the text of its layout and of its export, as the program reads them.
fn through_files(lines: &[String], wells: &[AssayWell], column: &str, assay: &Assay) -> JudgedPlate {
    let layout = format!("well,role,sample,concentration,{column}\n{}\n", lines.join("\n"));
    let mut export = ",1,2,3,4,5,6,7,8,9,10,11,12\n".to_string();
    for row in 0..PlateSize::WELLS_96.rows {
        let _ = write!(export, "{}", char::from(b'A' + row as u8));
        for column in 0..PlateSize::WELLS_96.columns {
            let position = WellPosition::new(row, column);
            let response =
                wells.iter().find(|well| well.position == position).and_then(|well| well.response.measured());
            let _ = write!(export, ",{}", response.map_or_else(String::new, |y| format!("{y:.4}")));
        }
        export.push('\n');
    }
    let book = |text: &str, name: &str| Book::from_bytes(text.as_bytes(), name).unwrap();
    let (export, _) = formats::examine(&book(&export, "P.csv"), None).unwrap();
    let layout = Layout::read(&book(&layout, "L.csv").sheets[0], assay).unwrap();
    let entry = &assay.plates[0];
    let plate = AssayPlate::join(entry, &export, &layout, &SampleList::default(), &assay.method).unwrap();
    JudgedPlate::judge(PlateConcentrations::evaluate(plate, assay), assay)
}
