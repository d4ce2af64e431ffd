//! A protocol from TOML, with everything that is wrong in it said at once.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Component, Path};

use super::protocol::{LayoutForm, Plate, Protocol};
use crate::curve::{Model, Variance};
use crate::sheet::{Location, Problem, Problems};

impl Protocol {
    /// Reads a protocol, called `name` in messages.
    ///
    /// # Errors
    /// A text that is not TOML, an unknown key, a value that cannot be; all of the last kind together.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, Problems> {
        let protocol: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() as u32 + 1);
            let place = line.map_or_else(|| Location::file(name), |line| Location::line(name, line));
            Problem::new(place, error.message())
                .advice("See fixtures/simulation/protocol.toml for all that can be declared")
        })?;
        let mut check = Check { name, problems: Problems::default() };
        check.study(&protocol);
        check.participants(&protocol);
        check.assay(&protocol);
        check.laboratory(&protocol);
        check.plates(&protocol);
        check.mishaps(&protocol);
        check.problems.or(protocol)
    }
}

struct Check<'a> {
    name: &'a str,
    problems: Problems,
}

impl Check<'_> {
    fn problem(&mut self, key: &str, found: impl std::fmt::Display, expected: &str) {
        let found = format!("{key} is {found}");
        self.problems.push(Problem::new(Location::file(self.name), found).expected(expected));
    }

    /// A finite number in a range.
    fn within(&mut self, key: &str, value: f64, range: RangeInclusive<f64>) {
        if !range.contains(&value) {
            let expected = format!("a number from {} to {}", range.start(), range.end());
            self.problem(key, value, &expected);
        }
    }

    /// A finite number above zero.
    fn positive(&mut self, key: &str, value: f64) {
        if !(value > 0.0 && value.is_finite()) {
            self.problem(key, value, "a number above 0");
        }
    }

    /// Names that are neither empty nor there twice.
    fn names<'n>(&mut self, key: &str, names: impl Iterator<Item = &'n str>) {
        let mut known = BTreeSet::new();
        for name in names {
            if name.trim().is_empty() || !known.insert(name) {
                self.problem(key, format!("'{name}'"), "a name that is not empty and not there twice");
            }
        }
    }

    fn study(&mut self, protocol: &Protocol) {
        let title = &protocol.study.title;
        if !title.to_lowercase().contains("simulated") {
            self.problem("study.title", format!("'{title}'"), "a title that says 'simulated'");
        }
    }

    fn participants(&mut self, protocol: &Protocol) {
        let participants = &protocol.participants;
        self.within("participants.sites", participants.sites as f64, 1.0..=899.0);
        self.within("participants.block", participants.block as f64, 1.0..=f64::MAX);
        self.within("participants.dropout", participants.dropout, 0.0..=1.0);
        let number: usize = protocol.arms.iter().map(|arm| arm.participants).sum();
        for (at, name) in &participants.names {
            if !at.parse::<usize>().is_ok_and(|at| (1..=number).contains(&at)) {
                self.problem(
                    &format!("participants.names.{at}"),
                    format!("'{name}'"),
                    "the number of a participant, from 1",
                );
            }
        }
        self.names("participants.names", participants.names.values().map(String::as_str));
        self.names("arm.name", protocol.arms.iter().map(|arm| arm.name.as_str()));
        self.names("visit.name", protocol.visits.iter().map(|visit| visit.name.as_str()));
        self.names("visit.code", protocol.visits.iter().map(|visit| visit.code.as_str()));
        if protocol.arms.is_empty() || number == 0 {
            self.problem("arm", "empty", "at least one arm with participants");
        }
        if protocol.visits.len() < 2 || protocol.visits.windows(2).any(|pair| pair[0].week >= pair[1].week) {
            self.problem("visit", "not in order", "a baseline and one or more later visits, by week");
        }
        for arm in &protocol.arms {
            for (visit, ratio) in &arm.ratio {
                let key = format!("arm.ratio of '{}' at '{visit}'", arm.name);
                self.positive(&key, *ratio);
                if !protocol.visits.iter().skip(1).any(|known| known.name == *visit) {
                    self.problem(&key, ratio, "the name of a visit after the baseline");
                }
            }
        }
        self.positive("concentration.geometric_mean", protocol.concentration.geometric_mean);
        self.within("concentration.log_sd", protocol.concentration.log_sd, 0.0..=5.0);
        self.within("concentration.correlation", protocol.concentration.correlation, 0.0..=1.0);
    }

    fn assay(&mut self, protocol: &Protocol) {
        let levels = &protocol.kit.standards;
        if !(4..=8).contains(&levels.len()) || levels.iter().any(|x| !(x.is_finite() && *x >= 0.0)) {
            self.problem("kit.standards", format!("{levels:?}"), "4 to 8 concentrations, one per row of the plate");
        }
        if levels.windows(2).any(|pair| pair[0] <= pair[1]) {
            self.problem("kit.standards", format!("{levels:?}"), "concentrations from the highest down");
        }
        let controls = &protocol.kit.controls;
        self.names("kit.control.level", controls.iter().map(|control| control.level.as_str()));
        controls.iter().for_each(|control| self.positive("kit.control.concentration", control.concentration));
        let curve = &protocol.curve;
        self.positive("curve.c", curve.c);
        self.positive("curve.b", curve.b);
        self.positive("curve.g", curve.g);
        self.positive("curve.a", curve.a);
        self.positive("curve.d", curve.d);
        if curve.model == Model::FourParameter && curve.g != 1.0 {
            self.problem("curve.g", curve.g, "1 in the 4PL");
        }
        let between = &curve.between_plates;
        for (key, sd) in [("a", between.a), ("d", between.d), ("c", between.c), ("b", between.b)] {
            self.within(&format!("curve.between_plates.{key}"), sd, 0.0..=1.0);
        }
        self.within("noise.size", protocol.noise.size, 0.0..=1.0);
        if (protocol.noise.variance == Variance::Power) != protocol.noise.exponent.is_some() {
            let exponent = protocol.noise.exponent.map_or("not given".to_string(), |exponent| exponent.to_string());
            self.problem("noise.exponent", exponent, "an exponent with variance = \"power\", and only then");
        }
        let reader = &protocol.reader;
        self.within("reader.empty_od", reader.empty_od, 0.0..=1.0);
        self.within("reader.empty_sd", reader.empty_sd, 0.0..=0.1);
        self.positive("reader.maximum_od", reader.maximum_od);
        self.within("reader.decimals", f64::from(reader.decimals), 1.0..=6.0);
        if reader.read_nm == reader.reference_nm {
            self.problem("reader.reference_nm", reader.reference_nm, "another wavelength than read_nm");
        }
    }

    fn laboratory(&mut self, protocol: &Protocol) {
        let rules = &protocol.laboratory;
        self.within("laboratory.dilution", rules.dilution, 1.0..=1e6);
        self.within("laboratory.rerun_dilution", rules.rerun_dilution, rules.dilution.max(1.0)..=1e6);
        self.within("laboratory.rerun_above", rules.rerun_above, 0.01..=1.0);
        self.positive("laboratory.replicate_cv_percent", rules.replicate_cv_percent);
        if super::capacity(protocol) < protocol.visits.len() {
            self.problem("kit.control", protocol.kit.controls.len(), "controls that leave room for samples on a plate");
        }
    }

    fn plates(&mut self, protocol: &Protocol) {
        self.names("plate.id", protocol.plates.iter().map(|plate| plate.id.as_str()));
        for (at, plate) in protocol.plates.iter().enumerate() {
            let key = format!("plate '{}'", plate.id);
            for (what, path) in [("export", &plate.export), ("layout", &plate.layout)] {
                let inside = !path.is_empty()
                    && !path.contains('\\')
                    && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
                if !inside {
                    self.problem(&format!("{what} of {key}"), format!("'{path}'"), "a path inside the study folder");
                }
            }
            if plate.read_at.date.is_none() || plate.read_at.time.is_none() {
                self.problem(&format!("read_at of {key}"), plate.read_at, "a day and a time");
            }
            if plate.reruns && plate.repeats.is_some() {
                self.problem(&key, "for re-runs and a repeat", "one of the two");
            }
            let repeated =
                |plate: &Plate| protocol.plates[..at].iter().any(|earlier| Some(&earlier.id) == plate.repeats.as_ref());
            if plate.repeats.is_some() && !repeated(plate) {
                self.problem(&format!("repeats of {key}"), "unknown", "the id of an earlier plate");
            }
            for other in &protocol.plates[..at] {
                let export = plate.export == other.export && plate.format != other.format;
                let layout = plate.layout == other.layout
                    && (plate.layout_form != LayoutForm::Sheet || other.layout_form != LayoutForm::Sheet);
                if export || layout || plate.export == other.layout || plate.layout == other.export {
                    self.problem(
                        &key,
                        format!("in a file of '{}'", other.id),
                        "one format per export, a sheet per shared layout",
                    );
                }
            }
        }
    }

    fn mishaps(&mut self, protocol: &Protocol) {
        for mishap in &protocol.mishaps.volume {
            self.positive("mishaps.volume.factor", mishap.factor);
        }
        for mishap in &protocol.mishaps.exchanged {
            let [one, other] = mishap.standards;
            let known = |x: f64| protocol.kit.standards.contains(&x);
            if one == other || !known(one) || !known(other) {
                self.problem("mishaps.exchanged.standards", format!("[{one}, {other}]"), "two of kit.standards");
            }
            if !protocol.plates.iter().any(|plate| plate.id == mishap.plate) {
                self.problem("mishaps.exchanged.plate", format!("'{}'", mishap.plate), "the id of a plate");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_protocol_is_the_trial_that_comes_with_the_project() {
        assert_eq!(Protocol::from_toml("", "p.toml").unwrap(), Protocol::default());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let text = r#"
            [study]
            title = "A trial"
            [participants]
            sites = 0
            dropout = 1.5
            names = { 500 = "S12" }
            [concentration]
            correlation = -0.2
            [kit]
            standards = [2000, 1000, 1000, 0]
            [curve]
            b = 0
            g = 2
            [noise]
            exponent = 0.8
            [laboratory]
            rerun_dilution = 2
            [[plate]]
            id = "P01"
            export = "../P01.txt"
            format = "gen5_text"
            layout = "layouts/P01.csv"
            layout_form = "grids"
            kit_lot = "L"
            read_at = 2025-11-03
            repeats = "P00"
            [mishaps]
            exchanged = [{ plate = "P09", standards = [500, 500] }]
        "#;
        let problems = Protocol::from_toml(text, "p.toml").unwrap_err().to_string();
        for key in [
            "study.title",
            "participants.sites",
            "participants.dropout",
            "participants.names.500",
            "concentration.correlation",
            "kit.standards",
            "curve.b",
            "curve.g",
            "noise.exponent",
            "laboratory.rerun_dilution",
            "export of plate 'P01'",
            "read_at of plate 'P01'",
            "repeats of plate 'P01'",
            "mishaps.exchanged.standards",
            "mishaps.exchanged.plate",
        ] {
            assert!(problems.contains(&format!("p.toml: {key} is ")), "{key} in\n{problems}");
        }
    }

    #[test]
    fn keys_and_values_that_are_not_known_are_named_with_their_line() {
        for (text, line, words) in [
            ("[noise]\nsise = 0.04\n", 2, "unknown field `sise`"),
            ("\n\n[noise]\nvariance = \"cubed\"\n", 4, "unknown variance model 'cubed'"),
            ("[curve]\nmodel = \"3pl\"\n", 2, "unknown model '3pl'"),
            ("[mishaps]\nmissed = [{ plate = \"P01\", well = \"Z99\" }]\n", 2, "'Z99' is not a well"),
            ("[participants\n", 1, ""),
        ] {
            let problem = Protocol::from_toml(text, "p.toml").unwrap_err().to_string();
            assert!(problem.starts_with(&format!("p.toml, line {line}: ")), "{problem}");
            assert!(problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn plates_share_files_only_where_the_file_can_hold_them() {
        let mut protocol = Protocol::default();
        protocol.plates[1].layout = "layouts/P01.csv".to_string();
        protocol.plates[3].export = "exports/P01.txt".to_string();
        let mut check = Check { name: "p.toml", problems: Problems::default() };
        check.plates(&protocol);
        let words = check.problems.to_string();
        assert!(words.contains("plate 'P02' is in a file of 'P01'"), "{words}");
        assert!(words.contains("plate 'P04' is in a file of 'P01'"), "{words}");
        assert_eq!(check.problems.0.len(), 2);
    }
}
