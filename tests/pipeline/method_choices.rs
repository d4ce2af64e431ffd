//! What the choices of a method do to the concentrations of the template study: each option does something, and what it says.

use std::fs;
use std::path::Path;

use platewise::pipeline::{Quantified, quantify};
use platewise::qc::Verdict;

/// The template study with some lines of its study.toml or layout exchanged.
fn with(changes: &[(&str, &str, &str)]) -> Quantified {
    let folder = tempfile::tempdir().unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/template");
    for (name, from) in [
        ("study.toml", "study.toml"),
        ("samples.csv", "samples.csv"),
        ("layouts/P01.csv", "layout.csv"),
        ("exports/P01.csv", "export.csv"),
    ] {
        let mut text = fs::read_to_string(template.join(from)).unwrap();
        for (_, old, new) in changes.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(old), "{name} does not hold {old}");
            text = text.replace(old, new);
        }
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    quantify(folder.path(), &|_| {}).unwrap()
}

fn values(study: &Quantified) -> Vec<f64> {
    study.results.iter().filter_map(|result| result.quantity.value()).collect()
}

/// The largest relative difference between two sets of results.
fn difference(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one / other - 1.0).abs()).fold(0.0, f64::max)
}

const CONSTANT: (&str, &str, &str) = ("study.toml", "variance = \"squared\"", "variance = \"constant\"");

fn blank(rule: &str) -> (&'static str, &'static str, String) {
    ("study.toml", "blank = \"ignore\"", format!("blank = \"{rule}\""))
}

#[test]
fn subtracting_a_blank_moves_nothing_under_constant_variance() {
    let ignored = with(&[CONSTANT]);
    let (file, old, new) = blank("subtract");
    let subtracted = with(&[CONSTANT, (file, old, &new)]);
    assert_eq!(values(&ignored).len(), 24);
    assert!(difference(&values(&ignored), &values(&subtracted)) < 1e-6);
    let weighted = with(&[(file, old, &new)]);
    assert!(difference(&values(&ignored), &values(&weighted)) > 1e-3, "under variance ∝ mean² it does");
}

#[test]
fn blanks_are_constrained_or_included_when_there_are_some() {
    let ignored = with(&[]);
    let (file, old, new) = blank("constrain");
    let constrained = with(&[(file, old, &new)]);
    let plate = constrained.plates[0].concentrations.as_ref().unwrap();
    let zeros: Vec<f64> = plate
        .wells
        .iter()
        .filter(|well| well.nominal == Some(0.0))
        .filter_map(|well| well.response.measured())
        .collect();
    let mean = zeros.iter().sum::<f64>() / zeros.len() as f64;
    assert!((plate.curve.as_ref().unwrap().parameters().a - mean).abs() < 1e-12);
    assert!(difference(&values(&ignored), &values(&constrained)) > 0.0);

    // There are no blank wells to include: the zero standard, which is in the fit already, is what is asked for.
    let (file, old, new) = blank("include");
    let zero = with(&[(file, old, &new)]);
    assert!(difference(&values(&ignored), &values(&zero)) < 1e-12);
    // With neither, a plate cannot be fitted as its method says, and is not evaluable.
    let none = with(&[
        (file, old, &new),
        ("layouts/P01.csv", "H,standard,standard", "H,,"),
        ("layouts/P01.csv", "H,0,0", "H,,"),
    ]);
    assert_eq!(none.plates[0].verdict.verdict, Verdict::NotEvaluable);
    assert!(none.plates[0].verdict.reason.contains("neither a blank"), "{}", none.plates[0].verdict.reason);

    // The zero standards declared as blanks: included, they are the same points as before.
    let declared = ("layouts/P01.csv", "H,standard,standard", "H,blank,blank");
    let included = with(&[(file, old, &new), declared, ("layouts/P01.csv", "H,0,0", "H,,")]);
    assert!(difference(&values(&ignored), &values(&included)) < 1e-9);
}

#[test]
fn replicates_are_averaged_as_the_method_says() {
    let concentrations = with(&[]);
    let responses = with(&[(
        "study.toml",
        "replicates = \"mean-of-concentrations\"",
        "replicates = \"concentration-of-mean-response\"",
    )]);
    let difference = difference(&values(&concentrations), &values(&responses));
    assert!(difference > 1e-6 && difference < 0.01, "{difference}");
    // By hand: the mean of the wells' concentrations.
    let plate = concentrations.plates[0].concentrations.as_ref().unwrap();
    let group = &plate.samples[0];
    let wells: Vec<f64> =
        plate.wells.iter().filter(|well| well.name == group.name).filter_map(|well| well.quantity.value()).collect();
    let mean = wells.iter().sum::<f64>() / wells.len() as f64;
    assert!((group.quantity.value().unwrap() / mean - 1.0).abs() < 1e-9);
}

#[test]
fn limits_and_replicates_decide_what_is_reported() {
    let narrow = with(&[("study.toml", "# lloq = 31.25 ", "lloq = 125\nuloq = 1000 #")]);
    let plate = narrow.plates[0].concentrations.as_ref().unwrap();
    let limits: Vec<String> = plate.samples.iter().map(|group| group.quantity.to_string()).collect();
    assert!(limits.iter().any(|text| text == "<1250"), "{limits:?}");
    // The low and the high control are outside such a range: a plate whose controls cannot be read is not accepted.
    assert!(
        narrow.plates[0].verdict.reason.starts_with("controls_pass_percent: 2 of 6"),
        "{}",
        narrow.plates[0].verdict.reason
    );
    let strict = with(&[
        ("study.toml", "replicate_cv_percent = 20", "replicate_cv_percent = 0.5"),
        ("study.toml", "replicate_sd_percent_of_lloq = 25", "replicate_sd_percent_of_lloq = \"none\""),
    ]);
    let plate = strict.plates[0].concentrations.as_ref().unwrap();
    let disagree = |text: &str| text == "not reported: replicates disagree";
    for group in &plate.samples {
        assert_eq!(disagree(&group.quantity.to_string()), group.cv_percent.unwrap() > 0.5, "{group:?}");
    }
    assert!(plate.samples.iter().any(|group| disagree(&group.quantity.to_string())));
}

#[test]
fn every_variance_model_and_curve_runs() {
    let base = values(&with(&[]));
    for variance in ["constant", "proportional", "power", "two-component"] {
        let new = format!("variance = \"{variance}\"");
        let other = values(&with(&[("study.toml", "variance = \"squared\"", &new)]));
        let difference = difference(&base, &other);
        assert!(difference > 1e-6 && difference < 0.2, "{variance}: {difference}");
    }
    for model in ["5pl", "5plm"] {
        let new = format!("model = \"{model}\"");
        let other = values(&with(&[("study.toml", "model = \"4pl\"", &new)]));
        let difference = difference(&base, &other);
        assert!(difference > 1e-9 && difference < 0.1, "{model}: {difference}");
    }
}

#[test]
fn the_exponent_of_power_is_pooled_or_stated_or_each_plates_own() {
    let power = |exponent: &str| {
        let variance = format!("variance = \"power\"\nvariance_exponent = {exponent}");
        let study = with(&[("study.toml", "variance = \"squared\"", &variance)]);
        let curve = study.plates[0].concentrations.as_ref().unwrap().curve.clone().unwrap();
        (study.protocol.assay.method.variance_parameter, curve.variance_exponent().unwrap(), values(&study))
    };
    let (pooled, of_curve, results) = power("\"study\"");
    assert_eq!(pooled, Some(of_curve));
    let (none, of_plate, own) = power("\"plate\"");
    // One plate alone: restricted likelihood against likelihood.
    assert!(none.is_none() && of_plate != of_curve && (of_plate - of_curve).abs() < 0.5, "{of_plate} {of_curve}");
    assert!(difference(&results, &own) > 0.0);
    let (stated, of_curve, same) = power("1");
    assert_eq!((stated, of_curve), (Some(1.0), 1.0));
    assert!(difference(&same, &values(&with(&[]))) < 1e-12, "an exponent of 1 is squared variance");
}

#[test]
fn the_crossover_of_two_components_is_pooled_or_stated_or_each_plates_own() {
    let two = |crossover: &str| {
        let variance = format!("variance = \"two-component\"\nvariance_crossover = {crossover}");
        let study = with(&[("study.toml", "variance = \"squared\"", &variance)]);
        let curve = study.plates[0].concentrations.as_ref().unwrap().curve.clone().unwrap();
        assert_eq!(curve.variance_exponent(), None);
        let own = curve.verdict().reasons.iter().any(|reason| reason.name() == "own_variance_parameter");
        (study.protocol.assay.method.variance_parameter, curve.variance_crossover().unwrap(), own, values(&study))
    };
    let (pooled, of_curve, own, _) = two("\"study\"");
    assert_eq!((pooled, own), (Some(of_curve), false));
    let (none, _, own, _) = two("\"plate\"");
    assert!(none.is_none() && own, "one plate's own crossover is a remark");
    let (stated, of_curve, own, middle) = two("0.3");
    assert_eq!((stated, of_curve, own), (Some(0.3), 0.3, false));
    let squared = values(&with(&[]));
    assert!(difference(&middle, &squared) > 1e-6);
    assert!(difference(&two("1e-6").3, &squared) < 1e-6, "without a floor it is squared variance");
    let constant = values(&with(&[CONSTANT]));
    assert!(difference(&two("1e6").3, &constant) < 1e-6, "with a floor only it is constant variance");
}

#[test]
fn settings_that_do_nothing_beside_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/template/study.toml");
    for (line, words) in [
        ("variance = \"squared\"\nvariance_exponent = 1", "variance_exponent is for variance = \"power\" only"),
        (
            "variance = \"squared\"\nvariance_crossover = 1",
            "variance_crossover is for variance = \"two-component\" only",
        ),
        ("variance = \"power\"\nvariance_crossover = 1", "variance_crossover is for variance = \"two-component\" only"),
        (
            "variance = \"two-component\"\nvariance_crossover = 0",
            "or the response above 0 at which floor and percentage are equal",
        ),
        ("variance = \"power\"\nvariance_exponent = 7", "\"study\", \"plate\" or a number from 0 to 2"),
        ("variance = \"power\"\nvariance_exponent = \"all\"", "\"study\", \"plate\" or a number from 0 to 2"),
        ("variance = \"squared\"\nderived = \"Ratio\"", "derived and read are both given"),
    ] {
        let text = fs::read_to_string(&template).unwrap().replace("variance = \"squared\"", line);
        fs::write(folder.path().join("study.toml"), text).unwrap();
        let error = quantify(folder.path(), &|_| {}).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

/// The export of the template as derived grids only.
fn derived_only(text: &str) -> [(&'static str, &str, &str); 2] {
    [("exports/P01.csv", "450 nm,1", "Blank corrected 450 nm,1"), ("exports/P01.csv", "570 nm,1", text)]
}

#[test]
fn derived_values_are_analysed_only_when_the_study_names_them() {
    let wavelengths = "read = 450                          # nm, the read that is analysed\nreference = 570                     # nm, subtracted from it; remove the line when there is none";
    let reason = |study: &Quantified| {
        let verdict = &study.plates[0].verdict;
        assert_eq!(verdict.verdict, Verdict::NotEvaluable, "{}", verdict.reason);
        verdict.reason.clone()
    };
    let only = derived_only("Ratio,1");
    // Neither a wavelength nor nothing chooses one; both refusals name the labels and the setting.
    for choice in [wavelengths, ""] {
        let told = reason(&with(&[only[0], only[1], ("study.toml", wavelengths, choice)]));
        for words in ["only derived values", "'Blank corrected 450 nm'", "'Ratio'", "derived = \"…\""] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }
    // Named, it is analysed: as the raw values alone are, for they are the same numbers.
    let named = "derived = \"Blank corrected 450 nm\"";
    let derived = with(&[only[0], only[1], ("study.toml", wavelengths, named)]);
    let raw = with(&[("study.toml", wavelengths, "read = 450")]);
    assert_eq!(values(&derived).len(), 24);
    assert_eq!(values(&derived), values(&raw));
    let plate = &derived.plates[0].concentrations.as_ref().unwrap().plate;
    assert_eq!(plate.read, "'Blank corrected 450 nm', computed by the reader's software");
    assert!(plate.warnings.iter().any(|warning| warning.found.contains("are analysed")), "{:?}", plate.warnings);
    // A label that is not there, and one where there are raw reads only.
    let other = ("study.toml", wavelengths, "derived = \"Reduced\"");
    assert!(reason(&with(&[only[0], only[1], other])).contains("no derived values 'Reduced'"));
    assert!(reason(&with(&[other])).contains("remove 'derived' from [method]"));
}
