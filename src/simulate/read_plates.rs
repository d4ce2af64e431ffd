//! The plates of a protocol, and what goes wrong on them.

use super::protocol::{ExchangeMishap, ExportFormat, Kit, LayoutForm, Mishaps, PlannedPlate, VolumeMishap, WellMishap};
use super::read_values::{ABOVE_ZERO, above_zero, read_at};
use crate::plate::WellPosition;
use crate::protocol::Section;
use crate::sheet::{Code, Problem, Problems};

const FORMATS: [(&str, ExportFormat); 4] = [
    ("softmax-text", ExportFormat::SoftmaxText),
    ("gen5-text", ExportFormat::Gen5Text),
    ("gen5-workbook", ExportFormat::Gen5Workbook),
    ("grid-workbook", ExportFormat::GridWorkbook),
];

const FORMS: [(&str, LayoutForm); 3] =
    [("grids", LayoutForm::Grids), ("sheet", LayoutForm::Sheet), ("long", LayoutForm::Long)];

pub(super) fn plates(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlannedPlate> {
    let mut plates: Vec<PlannedPlate> = Vec::new();
    for mut section in sections {
        let mut path = |key| section.required_path(key, problems).to_string_lossy().into_owned();
        let (export, layout) = (path("export"), path("layout"));
        let plate = PlannedPlate {
            id: section.required_text("id", problems),
            export,
            format: section.choice("format", &FORMATS, problems),
            layout,
            layout_form: section.choice("layout_form", &FORMS, problems),
            dilutions_in_samples: section.flag("dilutions_in_samples", problems),
            kit_lot: section.required_text("kit_lot", problems),
            read_at: read_at(&mut section, problems),
            repeats: section.text("repeats", problems),
            reruns: section.flag("reruns", problems),
        };
        let at = section.location().clone();
        for (wrong, expected) in wrong_beside(&plate, &plates) {
            problems.push(
                Problem::new(Code::new("simulation-plate"), at.clone(), format!("plate '{}' {wrong}", plate.id))
                    .expected(expected),
            );
        }
        section.finish(problems);
        plates.push(plate);
    }
    plates
}

/// What is wrong with a plate beside the earlier ones, and what was expected.
fn wrong_beside(plate: &PlannedPlate, earlier: &[PlannedPlate]) -> Vec<(String, &'static str)> {
    let mut wrong = Vec::new();
    if plate.reruns && plate.repeats.is_some() {
        wrong.push(("holds re-runs and repeats a plate".to_string(), "one of the two"));
    }
    if let Some(repeated) = plate.repeats.as_ref().filter(|id| !earlier.iter().any(|other| other.id == **id)) {
        wrong.push((format!("repeats '{repeated}'"), "the id of an earlier plate"));
    }
    for other in earlier {
        if plate.id == other.id {
            wrong.push(("appears twice".to_string(), "an id of its own for every plate"));
        }
        if plate.export == other.export && plate.format != other.format {
            wrong.push((format!("shares its export with '{}'", other.id), "one format in one export"));
        }
        let sheets = [plate, other].iter().all(|plate| plate.layout_form == LayoutForm::Sheet);
        if plate.layout == other.layout && !sheets {
            wrong.push((format!("shares its layout with '{}'", other.id), "layout_form = \"sheet\" in a shared file"));
        }
    }
    wrong
}

/// `[mishaps]`; `None` where the plates are those of the defaults and nothing is said of mishaps.
pub(super) fn mishaps(
    root: &mut Section<'_>,
    plates: &[PlannedPlate],
    kit: &Kit,
    problems: &mut Problems,
) -> Option<Mishaps> {
    let said = root.holds("mishaps") || root.holds("plate");
    let mut section = root.section("mishaps", problems);
    let known_plate = |section: &mut Section<'_>, problems: &mut Problems| {
        let plate = section.required_text("plate", problems);
        if !plate.is_empty() && !plates.iter().any(|known| known.id == plate) {
            problems.push(
                Problem::new(
                    Code::new("simulation-mishap-plate"),
                    section.line_of("plate"),
                    format!("plate = \"{plate}\""),
                )
                .expected("the id of a plate"),
            );
        }
        plate
    };
    let mut wells = |key, problems: &mut Problems| {
        let mut wells = Vec::new();
        for mut mishap in section.sections(key, problems) {
            let at = WellMishap { plate: known_plate(&mut mishap, problems), well: well(&mut mishap, problems) };
            mishap.finish(problems);
            wells.push(at);
        }
        wells
    };
    let (unwashed, missed) = (wells("unwashed", problems), wells("missed", problems));
    let mut volume = Vec::new();
    for mut mishap in section.sections("volume", problems) {
        volume.push(VolumeMishap {
            plate: known_plate(&mut mishap, problems),
            well: well(&mut mishap, problems),
            factor: mishap.number("factor", ABOVE_ZERO, above_zero, problems).unwrap_or(1.0),
        });
        mishap.finish(problems);
    }
    let mut exchanged = Vec::new();
    for mut mishap in section.sections("exchanged", problems) {
        let plate = known_plate(&mut mishap, problems);
        let expected = "two different concentrations of [kit] standards";
        let numbers = mishap.numbers("standards", expected, |x| x >= 0.0, problems).unwrap_or_default();
        match numbers[..] {
            [one, other] if one != other && [one, other].iter().all(|x| kit.standards.contains(x)) => {
                exchanged.push(ExchangeMishap { plate, standards: [one, other] });
            }
            _ => problems.push(
                Problem::new(
                    Code::new("simulation-mishap-standards"),
                    mishap.line_of("standards"),
                    format!("standards = {numbers:?}"),
                )
                .expected(expected),
            ),
        }
        mishap.finish(problems);
    }
    section.finish(problems);
    said.then_some(Mishaps { unwashed, missed, volume, exchanged })
}

fn well(section: &mut Section<'_>, problems: &mut Problems) -> WellPosition {
    let text = section.required_text("well", problems);
    text.parse().unwrap_or_else(|wrong: crate::plate::well::NotAWell| {
        if !text.is_empty() {
            problems.push(Problem::new(
                Code::new("simulation-mishap-well"),
                section.line_of("well"),
                wrong.to_string(),
            ));
        }
        WellPosition::new(0, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::super::SimulationProtocol;
    use super::*;

    #[test]
    fn plates_share_files_only_where_the_file_can_hold_them() {
        let plates = SimulationProtocol::default().plates;
        for (at, plate) in plates.iter().enumerate() {
            assert!(wrong_beside(plate, &plates[..at]).is_empty(), "{}", plate.id);
        }
        let with = |change: fn(&mut PlannedPlate)| {
            let mut plate = plates[1].clone();
            change(&mut plate);
            let wrong: Vec<String> = wrong_beside(&plate, &plates[..1]).into_iter().map(|(wrong, _)| wrong).collect();
            wrong.join("; ")
        };
        assert_eq!(with(|plate| plate.layout = "layouts/P01.csv".into()), "shares its layout with 'P01'");
        assert_eq!(with(|plate| plate.export = "exports/P01.txt".into()), "shares its export with 'P01'");
        assert_eq!(with(|plate| plate.id = "P01".into()), "appears twice");
    }
}
