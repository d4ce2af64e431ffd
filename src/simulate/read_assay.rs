//! What a protocol says of the assay: kit, curve, noise and reader.

use super::protocol::{BetweenPlates, Control, Kit, Noise, SimulatedCurve, SimulatedReader};
use super::read_values::{ABOVE_ZERO, SD, WAVELENGTH, above_zero, sd, wavelength};
use crate::curve::{Model, Variance};
use crate::protocol::Section;
use crate::sheet::{Code, Problem, Problems};

pub(super) fn kit(mut section: Section<'_>, visits: usize, problems: &mut Problems) -> Kit {
    let default = Kit::default();
    let expected = "4 to 8 concentrations ≥ 0 from the highest down, one for each row of the plate";
    let standards = section.numbers("standards", expected, |x| x >= 0.0, problems).unwrap_or(default.standards);
    if !(4..=8).contains(&standards.len()) || standards.windows(2).any(|pair| pair[0] <= pair[1]) {
        let found = format!("standards = {standards:?}");
        problems.push(
            Problem::new(Code::new("simulation-standards"), section.line_of("standards"), found).expected(expected),
        );
    }
    let mut controls: Vec<Control> = Vec::new();
    for mut control in section.sections("control", problems) {
        let level = control.required_text("level", problems);
        let concentration = control.number("concentration", ABOVE_ZERO, above_zero, problems);
        if controls.iter().any(|known| known.level == level) || concentration.is_none() {
            problems.push(
                Problem::new(
                    Code::new("simulation-control"),
                    control.location().clone(),
                    format!("control '{level}' is incomplete, or declared twice"),
                )
                .expected("a level of its own and a concentration"),
            );
        }
        control.finish(problems);
        controls.push(Control { level, concentration: concentration.unwrap_or(1.0) });
    }
    let kit = Kit { standards, controls: if controls.is_empty() { default.controls } else { controls } };
    if super::laboratory::capacity(&kit) < visits {
        let found = format!("{} controls leave no room for samples", kit.controls.len());
        problems.push(
            Problem::new(Code::new("simulation-too-many-controls"), section.line_of("control"), found)
                .expected("fewer controls"),
        );
    }
    section.finish(problems);
    kit
}

pub(super) fn curve(mut section: Section<'_>, problems: &mut Problems) -> SimulatedCurve {
    let default = SimulatedCurve::default();
    let models = [("4pl", Model::FourParameter), ("5pl", Model::FiveParameter), ("5plm", Model::FiveParameterMirror)];
    let between_plates = between_plates(section.section("between_plates", problems), problems);
    let model = section.choice("model", &models, problems);
    let mut parameter = |key, default| section.number(key, ABOVE_ZERO, above_zero, problems).unwrap_or(default);
    let curve = SimulatedCurve {
        model,
        a: parameter("a", default.a),
        d: parameter("d", default.d),
        c: parameter("c", default.c),
        b: parameter("b", default.b),
        g: parameter("g", default.g),
        between_plates,
    };
    if curve.model == Model::FourParameter && curve.g != 1.0 {
        let found = format!("g = {} in a 4PL", curve.g);
        problems.push(
            Problem::new(Code::new("simulation-asymmetry"), section.line_of("g"), found)
                .expected("g = 1, or a five-parameter model"),
        );
    }
    if curve.a >= curve.d {
        let found = format!("a = {} is not below d = {}", curve.a, curve.d);
        problems.push(
            Problem::new(Code::new("simulation-curve-falls"), section.line_of("a"), found)
                .expected("a curve that rises"),
        );
    }
    section.finish(problems);
    curve
}

fn between_plates(mut section: Section<'_>, problems: &mut Problems) -> BetweenPlates {
    let default = BetweenPlates::default();
    let mut parameter = |key, default| section.number(key, SD, sd, problems).unwrap_or(default);
    let between_plates = BetweenPlates {
        a: parameter("a", default.a),
        d: parameter("d", default.d),
        c: parameter("c", default.c),
        b: parameter("b", default.b),
    };
    section.finish(problems);
    between_plates
}

pub(super) fn noise(mut section: Section<'_>, problems: &mut Problems) -> Noise {
    let variances = [
        ("squared", Variance::Squared),
        ("constant", Variance::Constant),
        ("proportional", Variance::Proportional),
        ("power", Variance::Power),
        ("two-component", Variance::TwoComponent),
    ];
    let noise = Noise {
        variance: section.choice("variance", &variances, problems),
        size: section.number("size", SD, sd, problems).unwrap_or(Noise::default().size),
        exponent: section.number("exponent", ABOVE_ZERO, above_zero, problems),
        crossover: section.number("crossover", ABOVE_ZERO, above_zero, problems),
    };
    if (noise.variance == Variance::TwoComponent) != noise.crossover.is_some() {
        problems.push(
            Problem::new(
                Code::new("simulation-crossover"),
                section.line_of("crossover"),
                "a crossover without variance = \"two-component\", or that without it",
            )
            .expected("a crossover with variance = \"two-component\", and only then"),
        );
    }
    if (noise.variance == Variance::Power) != noise.exponent.is_some() {
        problems.push(
            Problem::new(
                Code::new("simulation-exponent"),
                section.line_of("exponent"),
                "an exponent without variance = \"power\", or that without it",
            )
            .expected("an exponent with variance = \"power\", and only then"),
        );
    }
    section.finish(problems);
    noise
}

pub(super) fn reader(mut section: Section<'_>, problems: &mut Problems) -> SimulatedReader {
    let default = SimulatedReader::default();
    let nanometres = |nm: Option<f64>, default| nm.map_or(default, |nm| nm as u32);
    let od = |od: f64| (0.0..=1.0).contains(&od);
    let reader = SimulatedReader {
        read_nm: nanometres(section.number("read_nm", WAVELENGTH, wavelength, problems), default.read_nm),
        reference_nm: nanometres(
            section.number("reference_nm", WAVELENGTH, wavelength, problems),
            default.reference_nm,
        ),
        empty_od: section.number("empty_od", "from 0 to 1", od, problems).unwrap_or(default.empty_od),
        empty_sd: section.number("empty_sd", "from 0 to 1", od, problems).unwrap_or(default.empty_sd),
        maximum_od: section.number("maximum_od", ABOVE_ZERO, above_zero, problems).unwrap_or(default.maximum_od),
        decimals: section
            .number(
                "decimals",
                "a whole number from 1 to 6",
                |n| (1.0..=6.0).contains(&n) && n.fract() == 0.0,
                problems,
            )
            .map_or(default.decimals, |decimals| decimals as u32),
    };
    if reader.read_nm == reader.reference_nm {
        let found = format!("read_nm and reference_nm are both {}", reader.read_nm);
        problems.push(
            Problem::new(Code::new("simulation-wavelengths"), section.line_of("reference_nm"), found)
                .expected("two wavelengths"),
        );
    }
    section.finish(problems);
    reader
}
