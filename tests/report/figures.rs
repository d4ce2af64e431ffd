//! Every kind of figure, compared with the picture that was looked at and found good (`fixtures/figures`).
//!
//! After a change that is meant, look at the new pictures and bless them: `PLATEWISE_BLESS=1 cargo test --test stages report::figures`.

use std::fs;
use std::path::{Path, PathBuf};

use platewise::plate::PlateSize;
use platewise::report::figure::*;
use resvg::tiny_skia::Pixmap;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/figures").join(name)
}

/// Largest share of pixels that may differ visibly: another processor may round an edge differently, no label may move.
const TOLERANCE: f64 = 0.0002;

/// Share of pixels that differ visibly; all of them where the sizes differ.
fn difference(seen: &[u8], expected: &[u8]) -> f64 {
    let (seen, expected) = (Pixmap::decode_png(seen).unwrap(), Pixmap::decode_png(expected).unwrap());
    if (seen.width(), seen.height()) != (expected.width(), expected.height()) {
        return 1.0;
    }
    let differs = |a: &[u8], b: &[u8]| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > 40);
    let different = seen.data().chunks(4).zip(expected.data().chunks(4)).filter(|(a, b)| differs(a, b)).count();
    different as f64 / f64::from(seen.width() * seen.height())
}

fn compare(name: &str, figure: &Figure) {
    assert_eq!(figure.svg(), figure.svg());
    let png = figure.png(1.0).unwrap();
    let path = golden(&format!("{name}.png"));
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &png).unwrap();
    }
    let expected =
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; see the head of this file", path.display()));
    let share = difference(&png, &expected);
    if share > TOLERANCE {
        let beside = std::env::temp_dir().join(format!("platewise_{name}.png"));
        fs::write(&beside, &png).unwrap();
        panic!("{name}: {:.3} % of the pixels differ from the golden picture; see {}", 100.0 * share, beside.display());
    }
}

/// The comparison is fine enough to see a limit that moves by four percent, and a well that is left out.
#[test]
fn small_changes_are_seen() {
    let picture = |figure: &StandardCurveFigure| standard_curve(figure).png(1.0).unwrap();
    let original = picture(&curve());
    let changes: [fn(&mut StandardCurveFigure); 2] =
        [|figure| figure.lloq = Some(32.5), |figure| figure.points[3].used = false];
    for (index, change) in changes.into_iter().enumerate() {
        let mut figure = curve();
        change(&mut figure);
        let share = difference(&picture(&figure), &original);
        assert!(share > TOLERANCE, "change {index}: {share}");
    }
}

fn response(x: f64) -> f64 {
    let (a, d, c, b) = (0.052_f64, 2.94, 720.0, 1.12);
    if x <= 0.0 { a } else { d + (a - d) / (1.0 + (x / c).powf(b)) }
}

fn curve() -> StandardCurveFigure {
    let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
    let noise = [0.021, -0.034, 0.017, -0.008, 0.028, -0.019, 0.011, -0.026, 0.031, 0.006];
    let points: Vec<CurvePoint> = levels
        .iter()
        .flat_map(|level| [*level, *level])
        .enumerate()
        .map(|(i, level)| CurvePoint {
            concentration: level,
            response: response(level) * (1.0 + noise[i % 10]),
            used: i != 8,
            note: format!("well {i}: standard {level} pg/mL"),
            well: String::new(),
        })
        .collect();
    let grid: Vec<f64> = (0..=120).map(|i| 22.0 * (2800.0_f64 / 22.0).powf(f64::from(i) / 120.0)).collect();
    let band = |share: f64| -> Vec<BandPoint> {
        grid.iter()
            .map(|&x| {
                let half = share * response(x) * (1.0 + (x / 900.0).ln().abs() / 3.0);
                BandPoint { concentration: x, lower: response(x) - half, upper: response(x) + half }
            })
            .collect()
    };
    let residuals = points.iter().map(|p| (p.concentration, (p.response / response(p.concentration) - 1.0) * 50.0));
    StandardCurveFigure {
        title: "Plate P01".into(),
        subtitle: "4PL, variance ∝ mean² (fitted), accepted; LLOQ and ULOQ: lowest and highest standard that pass"
            .into(),
        unit: "pg/mL".into(),
        response: "Response (OD, 450 nm − 570 nm)".into(),
        line: std::iter::once((0.0, response(0.0))).chain(grid.iter().map(|&x| (x, response(x)))).collect(),
        confidence: band(0.012),
        prediction: band(0.05),
        level_percent: 95.0,
        lloq: Some(31.25),
        uloq: Some(2000.0),
        samples: (0..38).map(|i| response(40.0 * 1.11_f64.powi(i))).collect(),
        residuals: Some(Residuals { label: "Std. residual".into(), points: residuals.collect() }),
        points,
        simulated: true,
        ..StandardCurveFigure::default()
    }
}

#[test]
fn standard_curve_with_everything() {
    compare("standard_curve", &standard_curve(&curve()));
}

/// What `platewise curve --plot` of a bare table gives: nothing optional.
#[test]
fn standard_curve_of_points_alone() {
    let full = curve();
    let figure = StandardCurveFigure {
        title: "dnase.csv".into(),
        unit: "ng/mL".into(),
        response: "Response".into(),
        points: full.points.into_iter().filter(|point| point.concentration > 0.0).collect(),
        line: full.line.into_iter().filter(|point| point.0 > 0.0).collect(),
        ..StandardCurveFigure::default()
    };
    compare("standard_curve_bare", &standard_curve(&figure));
}

#[test]
fn a_figure_is_written_by_the_ending_of_its_name() {
    let figure = standard_curve(&curve());
    assert!(figure.file(Path::new("curve.svg")).unwrap().starts_with(b"<svg"));
    assert!(figure.file(Path::new("curve.PNG")).unwrap().starts_with(b"\x89PNG"));
    for name in ["curve.pdf", "curve", "curve.svg.txt"] {
        let error = figure.file(Path::new(name)).unwrap_err().to_string();
        assert!(error.contains(".svg") && error.contains(".png"), "{error}");
    }
}

#[test]
fn a_figure_says_in_words_what_it_shows() {
    let svg = standard_curve(&curve()).svg();
    for needed in
        ["role=\"img\"", "<title>Plate P01</title>", "<desc>Simulated data. Standard curve", "LLOQ 31.25 pg/mL"]
    {
        assert!(svg.contains(needed), "{needed}");
    }
    assert!(!svg.contains("<text"), "texts are outlines");
}

#[test]
fn plate_map_of_a_usual_plate() {
    compare("plate_map", &plate_map(&plate(PlateSize::WELLS_96)));
}

#[test]
fn plate_map_of_384_wells() {
    compare("plate_map_384", &plate_map(&plate(PlateSize::WELLS_384)));
}

/// Standards in two columns, controls at both ends, samples in pairs, one well of each flag.
fn plate(size: PlateSize) -> PlateMapFigure {
    let flags = [
        MapFlag::BelowLloq,
        MapFlag::AboveUloq,
        MapFlag::Saturated,
        MapFlag::Missing,
        MapFlag::LeftOut,
        MapFlag::Disagree,
        MapFlag::NotReported,
    ];
    let levels = ["2000", "1000", "500", "250", "125", "62.5", "31.25", "0"];
    let wells = size.wells().filter(|position| usize::from(position.column) + 1 < size.columns).map(|position| {
        let (row, column) = (usize::from(position.row), usize::from(position.column));
        let (role, name) = match (column, row) {
            (0 | 1, _) => (MapRole::Standard, levels[row % 8].to_string()),
            (2, 0..3) => (MapRole::Control, ["low", "medium", "high"][row].to_string()),
            (2, 7) => (MapRole::Blank, String::new()),
            _ => (MapRole::Sample, format!("S-{:03}-W{:02}", row * 12 + column / 2, 16 * (column % 2))),
        };
        let flag = (column == 5 && row < 7).then(|| flags[row % 7]);
        let value =
            if flag == Some(MapFlag::Saturated) { "OVRFLW".into() } else { format!("{:.3}", 0.1 * column as f64) };
        MapWell { position, role, name, value, flag, note: format!("{position}: cell C7 of exports/P01.xlsx") }
    });
    PlateMapFigure {
        title: "Plate P01".into(),
        subtitle: "exports/P01.xlsx, 450 nm − 570 nm; readings in OD".into(),
        size,
        wells: wells.collect(),
        simulated: true,
        layout: FigureLayout::default(),
    }
}

#[test]
fn recovery_with_a_level_far_off_and_one_that_cannot_be_computed() {
    let level = |concentration: f64, bias_percent: Option<f64>, limit_percent: f64| RecoveryLevel {
        concentration,
        bias_percent,
        limit_percent,
    };
    let figure = RecoveryFigure {
        title: "Plate P07: back-calculated standards".into(),
        unit: "pg/mL".into(),
        levels: vec![
            level(31.25, Some(134.2), 25.0),
            level(62.5, Some(-22.5), 20.0),
            level(125.0, Some(4.1), 20.0),
            level(250.0, Some(-3.0), 20.0),
            level(500.0, Some(1.2), 20.0),
            level(1000.0, Some(-0.4), 20.0),
            level(2000.0, None, 25.0),
        ],
        simulated: true,
        ..RecoveryFigure::default()
    };
    compare("recovery", &recovery(&figure));
}

/// Numbers that look like noise and are the same everywhere.
fn noise(index: usize) -> f64 {
    let a = ((index * 7919 + 13) % 1009) as f64 / 1009.0;
    let b = ((index * 104_729 + 71) % 997) as f64 / 997.0;
    a + b - 1.0
}

fn interval(estimate: f64, lower: f64, upper: f64) -> platewise::study::IntervalEstimate {
    platewise::study::IntervalEstimate { estimate, lower, upper }
}

#[test]
fn change_per_arm() {
    let arm = |arm: &str, n: usize, mean: f64, spread: f64| ChangeArm {
        arm: arm.into(),
        ratios: (0..n)
            .map(|i| SubjectRatio {
                subject: format!("P-{i:03}"),
                ratio: mean * (1.4 * noise(i + n)).exp(),
                limit: false,
            })
            .collect(),
        mean: Some(interval(mean, mean / spread, mean * spread)),
    };
    let figure = ChangeFigure {
        title: "Change of TARC from baseline to week 16".into(),
        subtitle: "Values outside the limits: LLOQ/2, ULOQ".into(),
        ratio: "TARC, week 16 / baseline".into(),
        level_percent: 95.0,
        arms: vec![arm("AtMSC", 56, 0.64, 1.15), arm("placebo", 52, 0.96, 1.12)],
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("change", &change(&figure));
}

#[test]
fn lines_per_arm() {
    let arm = |name: &str, n: usize, ratio: f64| LinesArm {
        arm: name.into(),
        subjects: (0..n)
            .map(|i| {
                let base = 2600.0 * (2.0 * noise(i)).exp();
                let week_16 = base * ratio * noise(i + 400).exp();
                let value = |week: f64, value: f64| LineValue { week, value: value.max(312.5), limit: value < 312.5 };
                SubjectLine { subject: format!("P-{i:03}"), values: vec![value(0.0, base), value(16.0, week_16)] }
            })
            .collect(),
        means: vec![
            (0.0, interval(2600.0, 2100.0, 3200.0)),
            (16.0, interval(2600.0 * ratio, 2100.0 * ratio, 3200.0 * ratio)),
        ],
    };
    let figure = LinesFigure {
        title: "TARC of every subject".into(),
        concentration: "TARC (pg/mL)".into(),
        level_percent: 95.0,
        visits: vec![(0.0, "Baseline".into()), (16.0, "Week 16".into())],
        arms: vec![arm("AtMSC", 59, 0.65), arm("placebo", 55, 0.95)],
        simulated: true,
        ..LinesFigure::default()
    };
    compare("lines", &lines(&figure));
}

#[test]
fn forest_of_comparisons() {
    let row = |label: &str, ratio: Option<platewise::study::IntervalEstimate>, primary: bool| ForestRow {
        label: label.into(),
        detail: if ratio.is_some() { "n = 56 + 52; LLOQ/2".into() } else { "all values below the LLOQ".into() },
        ratio,
        numbers: "p = 0.0004".into(),
        primary,
        ..ForestRow::default()
    };
    let figure = ForestFigure {
        title: "AtMSC against placebo, week 16".into(),
        subtitle: "Ratio of the changes from baseline with 95 % confidence interval".into(),
        ratio: "Ratio of geometric mean ratios, AtMSC / placebo".into(),
        directions: ["← AtMSC falls more".into(), "placebo falls more →".into()],
        rows: vec![
            row("ANCOVA on ln TARC, baseline as covariate", Some(interval(0.68, 0.55, 0.83)), true),
            row("Welch's t-test on the log change", Some(interval(0.67, 0.54, 0.84)), false),
            row("Wilcoxon", None, false),
        ],
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("forest", &forest(&figure));
}

#[test]
fn waterfall_of_both_arms() {
    let arm = |place: usize, n: usize, mean: f64| {
        (0..n).map(move |i| {
            let (subject, ratio) = (format!("P-{:03}", 100 * place + i), mean * (1.4 * noise(i + n)).exp());
            (place, SubjectRatio { subject, ratio, limit: false })
        })
    };
    let figure = WaterfallFigure {
        title: "Change of TARC from baseline to week 16, each subject".into(),
        subtitle: "Values outside the limits: LLOQ/2, ULOQ".into(),
        ratio: "TARC, week 16 / baseline".into(),
        arms: vec!["AtMSC".into(), "placebo".into()],
        bars: arm(0, 56, 0.64).chain(arm(1, 52, 0.96)).collect(),
        response: Some(0.5),
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("waterfall", &waterfall(&figure));
}

/// A conclusion that changes at one factor inside of what is plausible.
#[test]
fn tipping_point_of_the_missing_values() {
    let at = |step: i32| {
        let factor = 2f64.powf(f64::from(step) / 4.0);
        let (estimate, half) = (0.72 * factor.powf(0.18), 0.24 + 0.03 * (f64::from(step) / 8.0).powi(2));
        (factor, interval(estimate, estimate * (-half).exp(), estimate * half.exp()))
    };
    let figure = TippingFigure {
        title: "How different would the missing values of AtMSC have to be? Week 16".into(),
        subtitle: "Imputed for 8 of 59 participants of AtMSC; those of placebo at random".into(),
        factor: "Missing values of AtMSC, as a multiple of those expected at random".into(),
        ratio: "Ratio of ratios, AtMSC / placebo".into(),
        level_percent: 95.0,
        points: (-12..=12).map(at).collect(),
        tips: vec![1.62],
        plausible: 2.0,
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("tipping", &tipping(&figure));
}

/// Adjusted means of both arms over four visits.
#[test]
fn adjusted_means_over_the_visits() {
    let arm = |name: &str, last: f64| MeansArm {
        arm: name.into(),
        means: [4.0, 8.0, 12.0, 16.0]
            .map(|week: f64| {
                let estimate = last.powf((week / 16.0).sqrt());
                (week, interval(estimate, estimate / 1.18, estimate * 1.18))
            })
            .to_vec(),
    };
    let visits = [0, 4, 8, 12, 16].map(|week| match week {
        0 => (0.0, "Baseline".to_string()),
        _ => (f64::from(week), format!("Week {week}")),
    });
    let figure = MeansFigure {
        title: "Adjusted change of TARC over the visits, AtMSC and placebo".into(),
        subtitle: "Mixed model for repeated measures, at the mean log baseline".into(),
        ratio: "TARC, visit / baseline".into(),
        level_percent: 95.0,
        visits: visits.to_vec(),
        arms: vec![arm("AtMSC", 0.64), arm("placebo", 0.97)],
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("means", &means(&figure));
}

/// A measure that goes down with the analyte in one arm, and does not in the other.
#[test]
fn scatter_of_a_clinical_measure() {
    let arm = |name: &str, n: usize, mean: f64, slope: f64, correlation: &str| ScatterArm {
        arm: name.into(),
        correlation: correlation.into(),
        points: (0..n)
            .map(|i| {
                let ratio = mean * (1.4 * noise(i + n)).exp();
                let change = -40.0 + slope * ratio.ln() + 60.0 * noise(3 * i + 1);
                ScatterPoint { subject: format!("{name}-{i}"), ratio, change, limit: i % 17 == 3 }
            })
            .collect(),
    };
    let figure = ScatterFigure {
        title: "EASI and TARC, change from baseline to week 16".into(),
        subtitle: "Spearman's ρ with 95 % confidence interval; all arms together ρ 0.41 (0.22 to 0.57)".into(),
        ratio: "TARC, week 16 / baseline".into(),
        change: "Change of EASI (%)".into(),
        arms: vec![
            arm("AtMSC", 56, 0.64, 30.0, "ρ 0.52 (0.28 to 0.70)"),
            arm("placebo", 52, 0.96, 0.0, "ρ 0.04 (−0.24 to 0.31)"),
        ],
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("scatter", &scatter(&figure));
}

/// A grid in which one level changes the conclusion and another has no estimate.
#[test]
fn sensitivity_grid_of_two_choices() {
    let declared = interval(0.68, 0.55, 0.83);
    let row = |choice: &str, level: &str, alone: Option<platewise::study::IntervalEstimate>, range: (f64, f64)| {
        SensitivityRow {
            choice: choice.into(),
            level: level.into(),
            declared: alone == Some(declared),
            alone,
            range: alone.map(|_| range),
            cells: if alone.is_some() { 40 } else { 0 },
            excluding_one: alone.map_or(0, |alone| if alone.upper < 1.0 { 36 } else { 12 }),
        }
    };
    let figure = SensitivityFigure {
        title: "Does the answer depend on choices? AtMSC against placebo, week 16".into(),
        subtitle: "Each level alone, before the range of all cells with it".into(),
        ratio: "Ratio of geometric mean ratios, AtMSC / placebo".into(),
        directions: ["← AtMSC falls more".into(), "placebo falls more →".into()],
        declared: Some(declared),
        rows: vec![
            row("curve model", "4pl", Some(declared), (0.6, 0.9)),
            row("curve model", "5pl", Some(interval(0.7, 0.56, 0.87)), (0.61, 0.92)),
            row("plates", "accepted plates", Some(declared), (0.62, 0.78)),
            row("plates", "without P05", Some(interval(0.84, 0.66, 1.07)), (0.78, 0.95)),
            row("plates", "without P06", None, (0.0, 0.0)),
        ],
        simulated: true,
        layout: FigureLayout::default(),
    };
    compare("sensitivity", &sensitivity(&figure));
}

#[test]
fn control_chart_across_plates() {
    let plates = (0..12).map(|i| ControlPlate {
        plate: format!("P{:02}", i + 1),
        accepted: i != 6,
        values: if i == 6 { vec![141.0] } else { vec![100.0 + 14.0 * noise(i), 101.0 + 14.0 * noise(i + 50)] },
        without_value: usize::from(i == 6),
        limits: Some((100.0, 7.0)),
        rules: if i == 6 { "1_2s 1_3s".into() } else { String::new() },
    });
    let figure = ControlChartFigure {
        title: "Control low".into(),
        unit: "pg/mL".into(),
        nominal: Some(100.0),
        limit_percent: 20.0,
        plates: plates.collect(),
        simulated: true,
        ..ControlChartFigure::default()
    };
    compare("control_chart", &control_chart(&figure));
}

fn changes() -> PercentChangeFigure {
    let visit = |week: f64, n, median, low: f64, high: f64| PercentChangeVisit {
        week,
        n,
        median,
        interval: Some((QuantileBounds::known(low), QuantileBounds::known(high))),
        quartiles: Some((QuantileBounds::known(low - 12.0), QuantileBounds::known(high + 15.0))),
    };
    let active = vec![
        visit(4.0, 57, QuantileBounds::known(-18.0), -29.0, -6.0),
        visit(8.0, 56, QuantileBounds::known(-31.0), -42.0, -19.0),
        visit(16.0, 54, QuantileBounds { low: -40.1, high: -32.9 }, -56.0, 3.1),
    ];
    let placebo = vec![
        visit(4.0, 53, QuantileBounds::known(2.0), -9.0, 14.0),
        visit(8.0, 51, QuantileBounds::known(-5.0), -17.0, 9.0),
        visit(16.0, 50, QuantileBounds::known(-3.7), -30.0, 24.3),
    ];
    PercentChangeFigure {
        title: "Median percent change of TARC (CCL17) from baseline".into(),
        subtitle: "Values outside the limits as such".into(),
        change: "TARC (CCL17), change from baseline".into(),
        level_percent: 95.0,
        baseline: (0.0, "Baseline".into()),
        visits: [4.0, 8.0, 16.0].map(|week| (week, format!("Week {week}"))).to_vec(),
        arms: vec![
            PercentChangeArm { arm: "active".into(), visits: active },
            PercentChangeArm { arm: "placebo".into(), visits: placebo },
        ],
        simulated: true,
        layout: FigureLayout::default(),
    }
}

#[test]
fn median_percent_changes_over_the_visits() {
    compare("percent_change", &percent_change(&changes()));
}

/// One column of a journal, without titles: the caption has them.
#[test]
fn figures_for_one_column() {
    let layout = FigureLayout { column: PrintWidth::Single, titles: false };
    let curve = standard_curve(&StandardCurveFigure { layout, ..curve() });
    compare("standard_curve_single", &curve);
    compare("percent_change_single", &percent_change(&PercentChangeFigure { layout, ..changes() }));
    assert_eq!((curve.column(), curve.size().0), (PrintWidth::Single, 400));
    assert!(curve.svg_for_print(Texts::Live).starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"85mm\""));
    assert!(!curve.svg_for_print(Texts::Live).contains(">Plate P01</text>"), "no title");
}

/// Of 300 dots to the inch, and the file says so: 180 mm are 2126 dots, 85 mm 1004.
#[test]
fn a_png_for_print_knows_its_size() {
    for (column, dots) in [(PrintWidth::Double, 2126), (PrintWidth::Single, 1004)] {
        let layout = FigureLayout { column, titles: true };
        let file = percent_change(&PercentChangeFigure { layout, ..changes() }).png_for_print().unwrap();
        assert_eq!(u32::from_be_bytes(file[16..20].try_into().unwrap()), dots);
        let at = file.windows(4).position(|name| name == b"pHYs").expect("the size in print");
        assert_eq!(&file[at + 4..at + 13], [&11811_u32.to_be_bytes()[..], &11811_u32.to_be_bytes()[..], &[1]].concat());
    }
}

/// Two arms stand side by side, a third below them: at 180 mm four arms in a row would be too small to read.
#[test]
fn flow_of_three_arms() {
    let step = |step: &str, participants, samples, lost: &[&str]| FlowBox {
        step: step.into(),
        participants,
        samples,
        lost: lost.iter().map(|reason| (*reason).to_string()).collect(),
    };
    let arm = |arm: &str, n: usize| FlowArm {
        arm: arm.into(),
        boxes: vec![
            step("randomised", n, 2 * n, &[]),
            step("sampled", n - 4, 2 * n - 4, &["no sample at Week 16: 4"]),
            step("reported", n - 6, 2 * n - 6, &["result of Week 16 not reported: replicates disagree: 1", "lot: 1"]),
            step("analysed", n - 6, 2 * n - 6, &[]),
        ],
    };
    let figure = flow(&FlowFigure {
        title: "From randomisation to the primary analysis".into(),
        subtitle: "Participants with baseline and end point; samples of all visits".into(),
        arms: vec![arm("low dose", 40), arm("high dose", 41), arm("placebo", 39)],
        simulated: true,
        layout: FigureLayout::default(),
    });
    assert_eq!(
        figure.size().0,
        flow(&FlowFigure { arms: vec![arm("a", 40), arm("b", 40)], ..FlowFigure::default() }).size().0
    );
    compare("flow", &figure);
}
