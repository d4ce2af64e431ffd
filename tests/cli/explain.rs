//! `explain` prints arithmetic that a pocket calculator can redo: a small calculator redoes every line of it, for every sample of
//! the demo trial.

use std::path::Path;

use assert_cmd::Command;
use platewise::pipeline;
use platewise::report::Explanation;

/// A pocket calculator: numbers, + − × /, powers and parentheses.
struct Calculator<'t> {
    rest: &'t str,
}

impl<'t> Calculator<'t> {
    /// The value of an expression; `None` for a text that is none.
    fn value(text: &'t str) -> Option<f64> {
        let mut calculator = Self { rest: text.trim() };
        let value = calculator.sum()?;
        calculator.rest.trim().is_empty().then_some(value)
    }

    fn takes(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        loop {
            if self.takes("+") {
                value += self.product()?;
            } else if self.takes("−") {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.power()?;
        loop {
            if self.takes("×") {
                value *= self.power()?;
            } else if self.takes("/") {
                value /= self.power()?;
            } else {
                return Some(value);
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.atom()?;
        if self.takes("^") { Some(base.powf(self.atom()?)) } else { Some(base) }
    }

    fn atom(&mut self) -> Option<f64> {
        if self.takes("(") {
            let value = self.sum()?;
            return self.takes(")").then_some(value);
        }
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok()
    }
}

/// Redoes every line "… = expression = number"; gives how many there were.
fn redo(text: &str) -> usize {
    let mut redone = 0;
    for line in text.lines() {
        let parts: Vec<&str> = line.split(" = ").collect();
        let [.., expression, printed] = parts.as_slice() else { continue };
        let (Some(value), Ok(printed)) = (Calculator::value(expression), printed.trim().parse::<f64>()) else {
            continue;
        };
        assert!((value - printed).abs() <= 1e-6 * printed.abs().max(1e-3), "{line}: the calculator shows {value}");
        redone += 1;
    }
    redone
}

#[test]
fn the_calculator_calculates() {
    assert_eq!(Calculator::value("2 × ((5 − 1) / (3 − 1) + 2)^(1/2)"), Some(4.0));
    assert_eq!(Calculator::value("1 + x"), None);
    assert!(std::panic::catch_unwind(|| redo("  y = 1 + 1 = 3")).is_err(), "a wrong line is found");
}

#[test]
fn every_line_of_every_sample_can_be_redone() {
    let study = pipeline::quantify(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &|_| ()).unwrap();
    let (mut lines, mut quantified) = (0, 0);
    for result in &study.results {
        let explanation = Explanation::new(("subject", "visit"), result, &study.plates, &study.protocol);
        let text = explanation.to_string();
        lines += redo(&text);
        let reported = format!("\nResult: {} pg/mL\n", result.quantity);
        assert!(text.contains(&reported), "{text}");
        if let Some(value) = result.quantity.value() {
            quantified += 1;
            // Reading and reference of both wells, both inversions, the mean and the dilution, of the chosen measurement.
            assert!(redo(&text) >= 6, "{text}");
            let last = text.lines().rev().find_map(|line| line.trim().strip_prefix("× dilution = ")).unwrap();
            let shown: f64 = last.split(" = ").last().unwrap().parse().unwrap();
            let any =
                result.candidates.iter().any(|of| of.quantity.value().is_some_and(|v| (v / shown - 1.0).abs() < 1e-6));
            assert!(any && (value / shown - 1.0).abs() < 1e-6 || result.candidates.len() > 1, "{text}");
        } else {
            // No number stands for what is outside the limits or not reported.
            assert!(!explanation.reported.starts_with(|c: char| c.is_ascii_digit()), "{}", explanation.reported);
        }
    }
    println!("{lines} lines of {} samples redone, {quantified} quantified", study.results.len());
    assert!(lines > 1200 && quantified > 200);
}

/// A sample at two dilutions, one of which is that of a repeated plate, by the rule of the geometric mean.
#[test]
fn a_geometric_mean_over_dilutions_can_be_redone() {
    let mut study = pipeline::quantify(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &|_| ()).unwrap();
    study.protocol.assay.reportable.dilutions = platewise::protocol::DilutionRule::GeometricMeanInRange;
    study.protocol.assay.reportable.undeclared_repeats = platewise::protocol::UndeclaredRule::AsRepeats;
    let twice = study
        .plates
        .iter()
        .filter_map(|plate| plate.concentrations.as_ref())
        .flat_map(|found| found.samples.clone())
        .find(|group| group.quantity.value().is_some())
        .unwrap();
    for plate in study.plates.iter_mut().skip(1).take(1) {
        let samples = &mut plate.concentrations.as_mut().unwrap().samples;
        samples[0].name = twice.name.clone();
        samples[0].quantity = twice.quantity.clone();
        samples[0].dilution = 2.0 * twice.dilution;
    }
    let results = platewise::reportable::resolve(&study.plates, &study.protocol.assay);
    let result = results.iter().find(|result| result.sample == twice.name).unwrap();
    let text = Explanation::new(("subject", "visit"), result, &study.plates, &study.protocol).to_string();
    let line = text.lines().find(|line| line.contains("geometric mean =")).unwrap();
    assert_eq!(redo(line), 1);
}

#[test]
fn the_command_prints_text_and_json_and_names_what_is_not_there() {
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("platewise").unwrap();
        command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("explain").arg("plates").args(arguments).output().unwrap()
    };
    let text = run(&["102-001", "Baseline"]);
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
    let shown = String::from_utf8(text.stdout).unwrap();
    for part in
        ["Subject 102-001, Baseline", "SIMULATED DATA", "criteria of method TARC ELISA version 1", "exports/P01.txt"]
    {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(!shown.contains("active") && !shown.contains("placebo"), "blind");
    let json = run(&["102-001", "Baseline", "--format", "json"]);
    let parsed: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let measurement = &parsed[0]["measurements"][0];
    assert_eq!(parsed[0]["subject"], "102-001");
    assert_eq!(measurement["wells"].as_array().unwrap().len(), 2);
    assert!(measurement["curve"]["parameters"]["c"].as_f64().unwrap() > 0.0);
    let unknown = run(&["102-001", "Week 99"]);
    assert_eq!(unknown.status.code(), Some(2));
    let words = String::from_utf8(unknown.stderr).unwrap();
    assert!(words.contains("expected one of its visits: 'Baseline', 'Week 16'"), "{words}");
    assert_eq!(run(&["999-999", "Baseline"]).status.code(), Some(2));
}
