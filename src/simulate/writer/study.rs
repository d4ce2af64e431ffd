//! What a study folder holds beside exports and layouts: `study.toml`, `samples.csv`, `arms.csv`, `README.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::common::{name_in_export, table};
use crate::curve::Model;
use crate::plate::WellRole;
use crate::simulate::FileError;
use crate::simulate::laboratory::repeated_by;
use crate::simulate::protocol::LayoutForm;
use crate::simulate::{SimulatedPlate, SimulatedTrial};

/// Samples with subject, visit and matrix; with dilution where a layout leaves it to this list.
pub(crate) fn samples(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let listed = listed_dilutions(trial);
    let header = ["sample", "subject", "visit", "matrix", "dilution"];
    let columns = if listed.is_empty() { 4 } else { 5 };
    let records = trial.samples.iter().map(|sample| {
        let subject = trial.participants[sample.participant].id.clone();
        let visit = trial.protocol.visits[sample.visit].name.clone();
        let matrix = trial.protocol.study.matrix.clone();
        let dilution = listed.get(sample.id.as_str()).map(|factor| factor.to_string()).unwrap_or_default();
        [sample.id.clone(), subject, visit, matrix, dilution].into_iter().take(columns)
    });
    table(&header[..columns], records)
}

/// The samples whose dilution a layout leaves to `samples.csv`. A sample that was run at two dilutions is not among them:
/// the list has room for one.
pub(crate) fn listed_dilutions(trial: &SimulatedTrial) -> BTreeMap<&str, f64> {
    let mut listed: BTreeMap<&str, f64> =
        trial.plates.iter().filter(|plate| plate.plate.dilutions_in_samples).flat_map(runs).collect();
    for (id, factor) in trial.plates.iter().flat_map(runs) {
        if listed.get(id).is_some_and(|&other| other != factor) {
            listed.remove(id);
        }
    }
    listed
}

/// The samples of a plate with their dilutions, well by well.
fn runs(plate: &SimulatedPlate) -> impl Iterator<Item = (&str, f64)> {
    plate.wells.iter().filter_map(|well| match &well.role {
        WellRole::Sample { id, dilution } => Some((id.as_str(), (*dilution)?)),
        _ => None,
    })
}

/// Subjects with arm, sorted by subject: not by enrolment, which is the order of the randomisation.
pub(crate) fn arms(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let mut records: Vec<[String; 2]> =
        trial.participants.iter().map(|participant| [participant.id.clone(), participant.arm.clone()]).collect();
    records.sort();
    table(&["subject", "arm"], records)
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

/// The whole declaration of the study, every setting written out.
pub(crate) fn study_toml(trial: &SimulatedTrial) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_study(&mut text, trial);
    text
}

fn write_study(text: &mut String, trial: &SimulatedTrial) -> std::fmt::Result {
    let protocol = &trial.protocol;
    let study = &protocol.study;
    writeln!(text, "# SIMULATED DATA, made by `platewise simulate` with seed {}. See README.md.\n", trial.seed)?;
    writeln!(text, "[study]")?;
    writeln!(text, "id = {}", quoted(&study.id))?;
    writeln!(text, "title = {}", quoted(&study.title))?;
    writeln!(text, "simulated = true")?;
    writeln!(text, "analyte = {}", quoted(&study.analyte))?;
    writeln!(text, "paramcd = {}", quoted(&study.paramcd))?;
    writeln!(text, "unit = {}", quoted(&study.unit))?;
    writeln!(text, "samples = \"samples.csv\"")?;
    writeln!(text, "arms = \"arms.csv\"")?;
    write_method(text, trial)?;
    text.push_str(RULES);
    for (at, visit) in protocol.visits.iter().enumerate() {
        writeln!(text, "\n[[visit]]\nname = {}\nweek = {}", quoted(&visit.name), visit.week)?;
        if at == 0 {
            writeln!(text, "baseline = true")?;
        } else if at == protocol.visits.len() - 1 {
            writeln!(text, "endpoint = true")?;
        }
    }
    let reference = protocol.arms.last().map(|arm| arm.name.as_str()).unwrap_or_default();
    writeln!(text, "\n[analysis]")?;
    writeln!(text, "reference_arm = {}", quoted(reference))?;
    writeln!(text, "below_limit = \"half-lloq\"      # half-lloq | lloq-over-sqrt2 | lloq | exclude")?;
    writeln!(text, "above_limit = \"uloq\"           # uloq | exclude")?;
    if study.unit == "pg/mL" {
        writeln!(
            text,
            "responder_level = 450          # pg/mL, adults' reference limit: a responder has fallen below it"
        )?;
    }
    writeln!(text, "assay_error_replicates = 2000  # whole studies resampled, to carry assay error through")?;
    writeln!(text, "seed = 1                       # of these draws, and of imputations")?;
    text.push_str(MISSING_DATA);
    write_plates(text, trial)
}

/// `[method]`: how the assay was simulated is how it is evaluated.
fn write_method(text: &mut String, trial: &SimulatedTrial) -> std::fmt::Result {
    let protocol = &trial.protocol;
    let model = match protocol.curve.model {
        Model::FourParameter => "4pl",
        Model::FiveParameter => "5pl",
        Model::FiveParameterMirror => "5plm",
    };
    let variance = protocol.noise.variance.name();
    let levels = protocol.kit.standards.iter().copied().filter(|&x| x > 0.0);
    let (lowest, highest) = levels.fold((f64::INFINITY, 0.0), |(low, high), x| (x.min(low), x.max(high)));
    writeln!(text, "\n[method]")?;
    writeln!(text, "name = {}", quoted(&protocol.study.method))?;
    writeln!(text, "version = \"1\"")?;
    writeln!(
        text,
        "criteria = \"ich-m10\"            # ich-m10 | kit-insert | research: what [acceptance] begins with"
    )?;
    writeln!(text, "read = {}                      # nm", protocol.reader.read_nm)?;
    writeln!(text, "reference = {}                 # nm, subtracted", protocol.reader.reference_nm)?;
    writeln!(text, "model = \"{model}\"                   # 4pl | 5pl | 5plm")?;
    writeln!(text, "variance = \"{variance}\"            # constant | proportional | squared | power")?;
    writeln!(text, "variance_from = \"fitted\"        # fitted | observed")?;
    writeln!(text, "blank = \"ignore\"                # ignore | include | subtract | constrain")?;
    writeln!(text, "replicates = \"mean-of-concentrations\"   # | \"concentration-of-mean-response\"")?;
    writeln!(text, "confidence = 0.95")?;
    writeln!(text, "lloq = {lowest}                    # {}, before dilution", protocol.study.unit)?;
    writeln!(text, "uloq = {highest}")
}

/// `[missing_data]`.
const MISSING_DATA: &str = "
[missing_data]                 # multiple imputation, at random and by the reference arm, and a tipping point
imputations = 1000
plausible_factor = 2           # missing values so many times higher or lower than expected at random are plausible
";

/// Acceptance and reporting as the guidelines have it (ICH M10, ligand-binding assays).
const RULES: &str = "
[acceptance]                    # percent, unless said otherwise; as ICH M10 has them
standard_bias_percent = 20
standard_bias_percent_at_lloq = 25
standard_bias_percent_at_uloq = 25
standard_cv_percent = 20        # of the wells of a standard, of their concentrations
standard_cv_percent_at_limits = 25
standards_pass_percent = 75
standards_min_levels = 6        # levels
control_bias_percent = 20
controls_pass_percent = 66.7
controls_level_pass_percent = 50
replicate_cv_percent = 20
replicate_sd_percent_of_lloq = 25   # near zero the SD counts, not the CV

[reportable]
dilutions = \"lowest-in-range\"   # | \"geometric-mean-in-range\"
";

fn write_plates(text: &mut String, trial: &SimulatedTrial) -> std::fmt::Result {
    for run in &trial.plates {
        let plate = &run.plate;
        let together = trial.plates.iter().filter(|other| other.plate.export == plate.export);
        writeln!(text, "\n[[plate]]\nid = {}\nexport = {}", quoted(&plate.id), quoted(&plate.export))?;
        if together.clone().count() > 1 {
            let number = together.take_while(|other| other.plate.id != plate.id).count() + 1;
            writeln!(text, "plate = {}", quoted(&name_in_export(run, number)))?;
        }
        writeln!(text, "layout = {}", quoted(&plate.layout))?;
        if plate.layout_form == LayoutForm::Sheet {
            writeln!(text, "layout_sheet = {}", quoted(&plate.id))?;
        }
        writeln!(text, "kit_lot = {}", quoted(&plate.kit_lot))?;
        let repeated: Vec<String> = repeated_by(run, &trial.plates).into_iter().map(quoted).collect();
        match repeated.as_slice() {
            [] => {}
            [one] => writeln!(text, "repeats = {one}")?,
            several => writeln!(text, "repeats = [{}]", several.join(", "))?,
        }
    }
    Ok(())
}

/// What the folder is, and how it was made.
pub(crate) fn readme(trial: &SimulatedTrial) -> String {
    let protocol = &trial.protocol;
    format!(
        "# {}\n\n\
         **Simulated data.** No participant, no sample and no measurement behind these files ever existed. `platewise\n\
         simulate` made them from a protocol and a seed:\n\n\
         ```sh\n\
         platewise simulate PROTOCOL.toml --seed {} --out DIR\n\
         ```\n\n\
         The folder is a study as the program takes it: `study.toml` declares it, `exports/` holds what the readers wrote,\n\
         `layouts/` what is in each well, `samples.csv` whose sample each is, `arms.csv` who was in which arm.\n\
         {} participants in {} arms, {} samples, {} plates.\n\n\
         ```sh\n\
         platewise run DIR\n\
         ```\n",
        protocol.study.id,
        trial.seed,
        trial.participants.len(),
        protocol.arms.len(),
        trial.samples.len(),
        trial.plates.len(),
    )
}
