//! How plates that belong to no study are evaluated: by a preset of criteria or by a file that holds a method, and by what is said
//! beside it. A file that says one thing and an option that says another contradict each other: a method is not changed under its
//! name and version.

use super::parts::laboratory;
use super::study_text::quoted;
use super::toml_file::read_toml;
use super::{Assay, Criteria, PRESETS_VERSION, method, study};
use crate::sheet::{Code, Location, Problem, Problems};

/// The standards of a plate as they are said on a command line: `2000:2:7` is 2000 and its dilutions by 2, seven levels in all;
/// `2000,500,125,0` a list; `2000:2:7,0` the series and a zero.
///
/// ```
/// use platewise::protocol::StandardsSeries;
///
/// let series: StandardsSeries = "2000:2:3,0".parse()?;
/// assert_eq!(series.0, [2000.0, 1000.0, 500.0, 0.0]);
/// assert!("2000:0.5:3".parse::<StandardsSeries>().unwrap_err().contains("no step above 1"));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StandardsSeries(
    /// Nominal concentrations, level 1 first.
    pub Vec<f64>,
);

impl std::str::FromStr for StandardsSeries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected the highest standard, the dilution step and the number of levels, as in 2000:2:7, or a list, as in \
                                2000,1000,500,0; decimals with a point";
        let mut levels = Vec::new();
        for part in text.split(',') {
            let numbers: Vec<&str> = part.split(':').map(str::trim).collect();
            let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
            match numbers.as_slice() {
                [level] => {
                    levels.push(number(level).ok_or_else(|| format!("'{part}' is not a concentration; {EXPECTED}"))?)
                }
                [top, step, count] => {
                    let top = number(top).filter(|top| *top > 0.0);
                    let top = top.ok_or_else(|| format!("'{part}' does not begin with a concentration; {EXPECTED}"))?;
                    let step = number(step).filter(|step| *step > 1.0);
                    let step = step.ok_or_else(|| format!("'{part}' has no step above 1; {EXPECTED}"))?;
                    let count = count.parse::<i32>().ok().filter(|count| (2..=24).contains(count));
                    let count =
                        count.ok_or_else(|| format!("'{part}' has no number of levels from 2 to 24; {EXPECTED}"))?;
                    levels.extend((0..count).map(|level| top / step.powi(level)));
                }
                _ => return Err(format!("'{part}' is neither a series nor a concentration; {EXPECTED}")),
            }
        }
        Ok(Self(levels))
    }
}

/// How plates without a study are to be evaluated, as it was asked for.
///
/// ```
/// use platewise::protocol::{MethodOptions, Criteria};
///
/// let asked = MethodOptions { unit: Some("pg/mL".into()), read_nm: Some(450.0), ..MethodOptions::by_preset(Criteria::Research) };
/// let assay = asked.assay(None)?;
/// assert_eq!((assay.method.name.as_str(), assay.method.read_nm), ("research preset", Some(450.0)));
/// assert!(!assay.acceptance.controls_required);
/// // A unit is asked for where neither an option nor an export says it.
/// assert!(MethodOptions::by_preset(Criteria::Research).assay(None).is_err());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct MethodOptions {
    /// What messages call the method, and its text as `study.toml` writes it.
    pub method: (String, String),
    /// What is measured, where the layouts hold several analytes.
    pub analyte: Option<String>,
    /// The unit of all concentrations.
    pub unit: Option<String>,
    /// The standards, level 1 first.
    pub standards: Option<StandardsSeries>,
    /// Wavelength of the read that is analysed, in nm.
    pub read_nm: Option<f64>,
    /// Wavelength that is subtracted from it, in nm.
    pub reference_nm: Option<f64>,
}

impl MethodOptions {
    /// By a preset of criteria, with the defaults of `study.toml` for everything else.
    pub fn by_preset(criteria: Criteria) -> Self {
        let preset = criteria.name();
        let name = quoted(&format!("{preset} preset"));
        let text = format!("[method]\nname = {name}\nversion = \"{PRESETS_VERSION}\"\ncriteria = {}\n", quoted(preset));
        Self::by_file(format!("preset {preset}"), text)
    }

    /// By a file with the laboratory's sections of a `study.toml`: `[method]`, `[standards]`, `[[control]]`, `[acceptance]` …
    /// A whole `study.toml` is such a file; its plates, visits and analyses are not asked.
    pub fn by_file(name: String, text: String) -> Self {
        Self { method: (name, text), analyte: None, unit: None, standards: None, read_nm: None, reference_nm: None }
    }

    /// The assay. `unit` is that which the exports state, where they state one.
    ///
    /// # Errors
    /// Everything that is wrong with the file, that contradicts it, or is said nowhere: the unit.
    pub fn assay(&self, unit: Option<&str>) -> Result<Assay, Problems> {
        const OF_THE_TRIAL: [&str; 12] = [
            "visit",
            "records",
            "analysis",
            "missing_data",
            "clinical",
            "measure",
            "events",
            "event",
            "supplementary",
            "family",
            "report",
            "plate",
        ];
        let (name, text) = &self.method;
        let mut assay = read_toml(name, text, |root, problems| {
            root.know(&OF_THE_TRIAL);
            let study = study::of_method_file(root.section("study", problems), problems);
            laboratory(study, root, problems)
        })?;
        // Charts across plates go on where those of a study ended; these plates belong to none.
        assay.across_plates.history = None;
        assay.study.id.clear();
        assay.study.title.clear();
        let mut problems = Problems::default();
        let says = |option: &str, asked: &str, said: &str| {
            Problem::new(
                Code::new("option-against-method"),
                Location::file(format!("--{option}")),
                format!("{asked}, and {name} says {said}"),
            )
            .expected("one of the two")
            .advice("Leave the option out, or change the file and its version")
        };
        if let Some(asked) = &self.analyte {
            if !assay.study.analyte.is_empty() && !assay.study.is_analyte(asked) {
                problems.push(says("analyte", asked, &assay.study.analyte));
            }
            assay.study.analyte.clone_from(asked);
        }
        let said = std::mem::take(&mut assay.study.unit);
        match (&self.unit, said.is_empty()) {
            (Some(asked), false) if *asked != said => problems.push(says("unit", asked, &said)),
            (Some(asked), _) => assay.study.unit.clone_from(asked),
            (None, false) => assay.study.unit = said,
            (None, true) => match unit {
                Some(unit) => assay.study.unit = unit.to_string(),
                None => problems.push(
                    Problem::new(
                        Code::new("unit-not-said"),
                        Location::file("--unit"),
                        "nothing says the unit of the concentrations",
                    )
                    .expected("the unit of the standards, as in --unit pg/mL"),
                ),
            },
        }
        if let Some(StandardsSeries(levels)) = &self.standards {
            if !assay.standards.is_empty() && assay.standards != *levels {
                problems.push(says("standards", &format!("{levels:?}"), &format!("{:?}", assay.standards)));
            }
            assay.standards.clone_from(levels);
        }
        for (option, asked, said) in [
            ("read", self.read_nm, &mut assay.method.read_nm),
            ("reference", self.reference_nm, &mut assay.method.reference_nm),
        ] {
            let Some(asked) = asked else { continue };
            if !method::is_wavelength(asked) {
                let found = format!("{asked} is no wavelength");
                problems.push(
                    Problem::new(Code::new("option-not-a-wavelength"), Location::file(format!("--{option}")), found)
                        .expected(method::WAVELENGTH),
                );
            }
            match *said {
                Some(said) if said != asked => problems.push(says(option, &asked.to_string(), &said.to_string())),
                _ => *said = Some(asked),
            }
        }
        if assay.method.reference_nm.is_some() && assay.method.read_nm.is_none() {
            let found = "a reference wavelength without a read";
            problems.push(
                Problem::new(Code::new("option-reference-without-read"), Location::file("--reference"), found)
                    .expected("--read beside it"),
            );
        }
        if assay.method.derived.is_some() && (self.read_nm.is_some() || self.reference_nm.is_some()) {
            let found = format!("a wavelength, and {name} has computed values analysed (derived)");
            problems.push(
                Problem::new(Code::new("option-read-beside-derived"), Location::file("--read"), found)
                    .advice("Leave the option out"),
            );
        }
        problems.or(assay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_not_changed_under_its_name() {
        let text = "[study]\nid='S'\nunit='ng/mL'\narms='arms.csv'\n[method]\nname='M'\nversion='3'\nread=450\n\
                    [standards]\ntop=2000\nstep=2\nlevels=7\n[[visit]]\nname='Baseline'\n[[plate]]\nid='P01'\n";
        let asked = || MethodOptions::by_file("m.toml".into(), text.into());
        let assay = asked().assay(Some("pg/mL")).unwrap();
        assert_eq!((assay.study.unit.as_str(), assay.study.id.as_str(), assay.standards.len()), ("ng/mL", "", 7));
        assert!(assay.plates.is_empty());
        let same =
            MethodOptions { unit: Some("ng/mL".into()), read_nm: Some(450.0), reference_nm: Some(570.0), ..asked() };
        assert_eq!(same.assay(None).unwrap().method.reference_nm, Some(570.0));
        let other = MethodOptions {
            unit: Some("pg/mL".into()),
            read_nm: Some(405.0),
            standards: Some(StandardsSeries(vec![1.0])),
            ..asked()
        };
        let said = other.assay(None).unwrap_err().to_string();
        for option in ["--unit: pg/mL, and m.toml says ng/mL", "--read: 405, and m.toml says 450", "--standards: [1.0]"]
        {
            assert!(said.contains(option), "{said}");
        }
        let wrong = MethodOptions { read_nm: Some(45.0), ..MethodOptions::by_preset(Criteria::IchM10) }
            .assay(None)
            .unwrap_err();
        assert!(wrong.to_string().contains("--unit") && wrong.to_string().contains("--read: 45 is no wavelength"));
        let unknown = MethodOptions::by_file("m.toml".into(), text.replace("read=", "raed=")).assay(None).unwrap_err();
        assert!(unknown.to_string().starts_with("m.toml, line 8: unknown key 'raed'"), "{unknown}");
    }

    #[test]
    fn what_is_no_series_is_said() {
        for text in ["", "2000:2", "2000:1:7", "2000:2:1", "2000:2:99", "0:2:7", "-1", "a", "2000;1000", "inf"] {
            assert!(text.parse::<StandardsSeries>().is_err(), "{text}");
        }
        assert_eq!("100, 10 ,0".parse(), Ok(StandardsSeries(vec![100.0, 10.0, 0.0])));
    }
}
