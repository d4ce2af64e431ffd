//! The trial that comes with the project: every default of a [`SimulationProtocol`].
//!
//! Numbers and design as published for NCT04137562 (Stem Cell Res Ther 2025;16:671): 59 treated and 55 on placebo, baseline
//! and week 16. No concentrations of it are public: levels are those of moderate to severe atopic dermatitis in adults
//! (J Dermatol 2006;33:300), the effects are assumptions, the kit is of the usual kind (two-fold standards, 2000 to 31.25).

use jiff::civil::date;

use super::protocol::{
    BetweenPlates, Concentration, Control, Enrolment, ExchangeMishap, ExportFormat, Kit, LaboratoryPractice,
    LayoutForm, Mishaps, NamedParticipant, Noise, PlannedPlate, SimulatedArm, SimulatedCurve, SimulatedReader,
    SimulatedStudy, SimulatedVisit, SimulationProtocol, VolumeMishap, WellMishap,
};
use crate::curve::{Model, Variance};
use crate::plate::WellPosition;

impl Default for SimulationProtocol {
    fn default() -> Self {
        Self {
            study: SimulatedStudy::default(),
            participants: Enrolment::default(),
            arms: vec![arm("active", 59, 0.65), arm("placebo", 55, 0.95)],
            visits: vec![
                SimulatedVisit { name: "Baseline".to_string(), week: 0, code: "W00".to_string() },
                SimulatedVisit { name: "Week 16".to_string(), week: 16, code: "W16".to_string() },
            ],
            concentration: Concentration::default(),
            kit: Kit::default(),
            curve: SimulatedCurve::default(),
            noise: Noise::default(),
            reader: SimulatedReader::default(),
            laboratory: LaboratoryPractice::default(),
            plates: plates(),
            mishaps: mishaps(),
        }
    }
}

fn arm(name: &str, participants: usize, ratio: f64) -> SimulatedArm {
    SimulatedArm { name: name.to_string(), participants, ratios: vec![ratio] }
}

impl Default for SimulatedStudy {
    fn default() -> Self {
        Self {
            id: "NCT04137562-SIM".to_string(),
            title: "SIMULATED: TARC in atopic dermatitis, cell therapy against placebo, baseline and week 16"
                .to_string(),
            analyte: "TARC (CCL17)".to_string(),
            paramcd: "CCL17".to_string(),
            unit: "pg/mL".to_string(),
            method: "TARC ELISA".to_string(),
            matrix: "serum".to_string(),
        }
    }
}

impl Default for Enrolment {
    fn default() -> Self {
        // A participant who keeps the number of an earlier study, and must not be taken for a standard.
        let named = vec![NamedParticipant { number: 41, id: "S12".to_string() }];
        Self { sites: 6, block: 4, dropout: 0.08, named }
    }
}

impl Default for Concentration {
    fn default() -> Self {
        Self { geometric_mean: 2600.0, log_sd: 1.0, correlation: 0.7 }
    }
}

impl Default for Kit {
    fn default() -> Self {
        let control = |level: &str, concentration| Control { level: level.to_string(), concentration };
        Self {
            standards: vec![2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0],
            controls: vec![control("low", 90.0), control("mid", 250.0), control("high", 1500.0)],
        }
    }
}

impl Default for SimulatedCurve {
    fn default() -> Self {
        Self {
            model: Model::FourParameter,
            a: 0.06,
            d: 4.5,
            c: 1800.0,
            b: 1.15,
            g: 1.0,
            between_plates: BetweenPlates::default(),
        }
    }
}

impl Default for BetweenPlates {
    fn default() -> Self {
        Self { a: 0.08, d: 0.05, c: 0.08, b: 0.02 }
    }
}

impl Default for Noise {
    fn default() -> Self {
        Self { variance: Variance::Squared, size: 0.04, exponent: None, crossover: None }
    }
}

impl Default for SimulatedReader {
    fn default() -> Self {
        Self { read_nm: 450, reference_nm: 570, empty_od: 0.042, empty_sd: 0.0015, maximum_od: 4.0, decimals: 4 }
    }
}

impl Default for LaboratoryPractice {
    fn default() -> Self {
        Self { dilution: 10.0, rerun_dilution: 50.0, rerun_above: 0.9, replicate_cv_percent: 20.0 }
    }
}

fn mishaps() -> Mishaps {
    let at = |plate: &str, row, column| WellMishap { plate: plate.to_string(), well: WellPosition::new(row, column) };
    Mishaps {
        unwashed: vec![at("P02", 4, 6)],
        missed: vec![at("P03", 6, 5)],
        volume: vec![VolumeMishap { plate: "P06".to_string(), well: WellPosition::new(1, 7), factor: 2.5 }],
        exchanged: vec![ExchangeMishap { plate: "P04".to_string(), standards: [500.0, 250.0] }],
    }
}

/// Seven plates for the samples, one to repeat the plate that is rejected, one for what has to be run again.
fn plates() -> Vec<PlannedPlate> {
    use ExportFormat::{Gen5Text, Gen5Workbook, GridWorkbook, SoftmaxText};
    use LayoutForm::{Grids, Long, Sheet};
    let plate = |id: &str, export: &str, format, layout: &str, form, lot: &str, (day, hour, minute)| PlannedPlate {
        id: id.to_string(),
        export: format!("exports/{export}"),
        format,
        layout: format!("layouts/{layout}"),
        layout_form: form,
        dilutions_in_samples: false,
        kit_lot: lot.to_string(),
        read_at: date(2025, 11, day).at(hour, minute, 0, 0),
        repeats: None,
        reruns: false,
    };
    let (lot1, lot2) = ("SIM-LOT-1", "SIM-LOT-2");
    vec![
        plate("P01", "P01.txt", SoftmaxText, "P01.csv", Grids, lot1, (3, 10, 12)),
        plate("P02", "P02-P03.txt", Gen5Text, "layouts.xlsx", Sheet, lot1, (4, 10, 5)),
        plate("P03", "P02-P03.txt", Gen5Text, "layouts.xlsx", Sheet, lot1, (4, 14, 31)),
        plate("P04", "P04.xlsx", Gen5Workbook, "P04.csv", Grids, lot1, (5, 10, 20)),
        plate("P05", "P05.xlsx", GridWorkbook, "P05.csv", Long, lot2, (6, 10, 8)),
        plate("P06", "P06.txt", SoftmaxText, "P06.csv", Grids, lot2, (6, 14, 40)),
        PlannedPlate {
            dilutions_in_samples: true,
            ..plate("P07", "P07.xlsx", Gen5Workbook, "P07.csv", Grids, lot2, (7, 10, 15))
        },
        PlannedPlate {
            repeats: Some("P04".to_string()),
            ..plate("P08", "P08.txt", Gen5Text, "P08.csv", Grids, lot2, (10, 10, 2))
        },
        PlannedPlate { reruns: true, ..plate("P09", "P09.xlsx", GridWorkbook, "P09.csv", Long, lot2, (11, 10, 26)) },
    ]
}
