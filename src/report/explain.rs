//! How the result of one sample came about: the arithmetic in order, with the cells that it came from, in numbers that a pocket
//! calculator can follow. A value outside the limits is shown by its response beside that of the limit, never as a number.

use std::fmt;

use serde::Serialize;

use super::words;
use crate::concentration::quantity::significant;
use crate::concentration::{PlateConcentrations, Quantity, Range, WellResult};
use crate::curve::{Model, Parameters, SharedError, StandardCurve, interval_holds};
use crate::plate::Reading;
use crate::protocol::{Protocol, Replicates};
use crate::qc::JudgedPlate;
use crate::reportable::{Candidate, ReportableResult};

/// The way of one sample from its wells to its result.
///
/// ```
/// use platewise::pipeline;
/// use platewise::report::Explanation;
///
/// let study = pipeline::quantify(std::path::Path::new("plates"), &|_| {})?;
/// let result = study.results.iter().find(|result| result.sample == "102-001-W00").expect("a sample of the study");
/// let explanation = Explanation::new(("102-001", "Baseline"), result, &study.plates, &study.protocol);
/// let measurement = &explanation.measurements[0];
/// let curve = measurement.curve.as_ref().expect("a plate with a curve");
/// let well = &measurement.wells[0];
/// assert!(curve.parameters.a < curve.parameters.d, "absorbance rises");
/// assert!(well.source.starts_with("exports/"), "the cell of the raw reading");
/// println!("{explanation}"); // the arithmetic, line by line
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The study.
    pub study: String,
    /// Whether its data are simulated.
    pub simulated: bool,
    /// Whose sample it is.
    pub subject: String,
    /// From which visit.
    pub visit: String,
    /// Its name.
    pub sample: String,
    /// Unit of all concentrations.
    pub unit: String,
    /// The criteria of the verdicts.
    pub criteria: String,
    /// How replicates become one value.
    pub replicates: Replicates,
    /// Everything measured of it, in the order of the plates.
    pub measurements: Vec<ExplainedMeasurement>,
    /// The result that is reported.
    pub result: Quantity,
    /// The same as it is printed.
    pub reported: String,
    /// The rule that chose it.
    pub rule: String,
    /// What the wells of a sample share, as it is in the interval; `None`: it is not in it.
    pub shared_error: Option<SharedError>,
    /// What a reader should know.
    pub flags: Vec<String>,
}

/// One group of replicates on one plate. See [`Explanation`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedMeasurement {
    /// The plate.
    pub plate: String,
    /// Its verdict, with the rule that decided or the remarks.
    pub verdict: String,
    /// The read that was analysed.
    pub read: String,
    /// Dilution factor.
    pub dilution: f64,
    /// The curve; `None` where the plate has none.
    pub curve: Option<ExplainedCurve>,
    /// The wells.
    pub wells: Vec<ExplainedWell>,
    /// Mean of the responses.
    pub mean_response: Option<f64>,
    /// CV of the wells' concentrations, in percent.
    pub cv_percent: Option<f64>,
    /// As measured.
    pub quantity: Quantity,
    /// After the verdict on the plate.
    pub after_verdict: Quantity,
    /// Whether it is reported.
    pub chosen: bool,
    /// Why it is or is not.
    pub why: String,
    /// What a reader should know.
    pub flags: Vec<String>,
}

/// A standard curve with what reading from it needs. See [`Explanation`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedCurve {
    /// Its family.
    pub model: Model,
    /// Its parameters.
    pub parameters: Parameters,
    /// The range of the plate.
    pub range: Option<Range>,
    /// The curve's responses at the lower and the upper limit.
    pub responses_at_limits: Option<(f64, f64)>,
    /// The standard that was rejected before this fit.
    pub rejected_standard: Option<f64>,
}

/// One well. See [`Explanation`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedWell {
    /// Where on the plate.
    pub well: String,
    /// The cell of its raw reading.
    pub source: String,
    /// The raw reading.
    pub reading: Reading,
    /// The reading that is subtracted.
    pub reference: Option<Reading>,
    /// The mean of the blanks, where the method subtracts it.
    pub blank: Option<f64>,
    /// What was analysed.
    pub response: Reading,
    /// The concentration in the well, where it is inside the limits.
    pub in_well: Option<f64>,
    /// What it is otherwise, of the undiluted sample.
    pub status: String,
}

impl Explanation {
    /// The way of `result`, the sample of `subject` from `visit`.
    pub fn new(
        (subject, visit): (&str, &str),
        result: &ReportableResult,
        plates: &[JudgedPlate],
        protocol: &Protocol,
    ) -> Self {
        let chosen = result.candidates.iter().find(|candidate| candidate.chosen);
        Self {
            study: protocol.assay.study.id.clone(),
            simulated: protocol.assay.study.simulated,
            subject: subject.into(),
            visit: visit.into(),
            sample: result.sample.clone(),
            unit: protocol.assay.study.unit.clone(),
            criteria: protocol.assay.criteria_words(),
            replicates: protocol.assay.method.replicates,
            measurements: result.candidates.iter().map(|candidate| measurement(candidate, plates, protocol)).collect(),
            result: result.quantity.clone(),
            reported: result.quantity.to_string(),
            rule: chosen.map_or_else(|| "no result can be reported".into(), |candidate| candidate.why.clone()),
            shared_error: protocol.assay.method.shared_error,
            flags: result.flags.clone(),
        }
    }
}

fn measurement(candidate: &Candidate, plates: &[JudgedPlate], protocol: &Protocol) -> ExplainedMeasurement {
    let plate = plates.iter().find(|plate| plate.id == candidate.plate);
    let found = plate.and_then(|plate| plate.concentrations.as_ref());
    let verdict = plate.map_or_else(String::new, |plate| match words::why(&plate.verdict).as_str() {
        "" => plate.verdict.verdict.to_string(),
        why => format!("{}: {why}", plate.verdict.verdict),
    });
    let group = &candidate.group;
    let of_group = |well: &&WellResult| group.wells.contains(&well.position);
    ExplainedMeasurement {
        plate: candidate.plate.clone(),
        verdict,
        read: found.map(|found| found.plate.read.clone()).unwrap_or_default(),
        dilution: group.dilution,
        curve: found.and_then(|found| curve(found, protocol)),
        wells: found.into_iter().flat_map(|found| found.wells.iter().filter(of_group)).map(well).collect(),
        mean_response: group.mean_response,
        cv_percent: group.cv_percent,
        quantity: group.quantity.clone(),
        after_verdict: candidate.quantity.clone(),
        chosen: candidate.chosen,
        why: candidate.why.clone(),
        flags: group.flags.clone(),
    }
}

fn curve(found: &PlateConcentrations, protocol: &Protocol) -> Option<ExplainedCurve> {
    let curve: &StandardCurve = found.curve.as_ref().ok()?;
    let at_limits = |range: &Range| (curve.response(range.lloq), curve.response(range.uloq));
    Some(ExplainedCurve {
        model: protocol.assay.method.model,
        parameters: *curve.parameters(),
        responses_at_limits: found.range.as_ref().map(at_limits),
        range: found.range.clone(),
        rejected_standard: found.first_fit.as_ref().map(|first| first.rejected),
    })
}

fn well(well: &WellResult) -> ExplainedWell {
    let raw =
        well.reading.measured().map(|raw| raw - well.reference.as_ref().and_then(Reading::measured).unwrap_or(0.0));
    // What the response lacks of the difference of the readings is the mean of the blanks.
    let blank = raw.zip(well.response.measured()).map(|(raw, response)| raw - response);
    ExplainedWell {
        well: well.position.to_string(),
        source: well.location.to_string(),
        reading: well.reading.clone(),
        reference: well.reference.clone(),
        blank: blank.filter(|blank| blank.abs() > 1e-12),
        response: well.response.clone(),
        in_well: well.quantity.value().map(|value| value / well.dilution),
        status: well.quantity.to_string(),
    }
}

/// Numbers of readings and parameters: enough digits that the concentration follows to its printed ones.
fn number(value: f64) -> String {
    significant(value, 9)
}

/// Concentrations on the way.
fn concentration(value: f64) -> String {
    significant(value, 7)
}

fn reading(reading: &Reading) -> String {
    match reading {
        Reading::Measured(value) => number(*value),
        Reading::Missing(text) if text.is_empty() => "not read".into(),
        Reading::Saturated(text) | Reading::Missing(text) | Reading::NotComputed(text) => text.clone(),
        Reading::Masked { text, .. } => text.clone(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Subject {}, {}: sample {} of study {}", self.subject, self.visit, self.sample, self.study)?;
        if self.simulated {
            writeln!(f, "SIMULATED DATA: no real participant stands behind any number below")?;
        }
        writeln!(f, "Verdicts follow the {}", self.criteria)?;
        for (index, measurement) in self.measurements.iter().enumerate() {
            writeln!(f, "\nMeasurement {} of {}: plate {}", index + 1, self.measurements.len(), measurement.plate)?;
            measurement.write(f, self)?;
        }
        writeln!(f, "\nResult: {} {}", self.reported, self.unit)?;
        let chosen = self.measurements.iter().filter(|measurement| measurement.chosen);
        let values: Vec<String> =
            chosen.filter_map(|measurement| measurement.after_verdict.value()).map(concentration).collect();
        if let (Some(mean), true) = (self.result.value(), values.len() > 1) {
            let n = values.len();
            writeln!(f, "  geometric mean = ({})^(1/{n}) = {}", values.join(" × "), concentration(mean))?;
        }
        if let Quantity::Quantified(estimate) = &self.result {
            let end = |end: Option<f64>| end.map_or_else(|| "open".into(), concentration);
            writeln!(f, "  interval {} to {} {}", end(estimate.lower), end(estimate.upper), self.unit)?;
            writeln!(f, "  {}", interval_holds(self.shared_error.as_ref()))?;
        }
        writeln!(f, "  rule: {}", self.rule)?;
        self.flags.iter().try_for_each(|flag| writeln!(f, "  flag: {flag}"))
    }
}

impl ExplainedMeasurement {
    fn write(&self, f: &mut fmt::Formatter<'_>, of: &Explanation) -> fmt::Result {
        writeln!(f, "  verdict: {}", self.verdict)?;
        if let Some(curve) = &self.curve {
            curve.write(f, &of.unit)?;
        }
        for well in &self.wells {
            well.write(f, self)?;
        }
        self.write_mean(f, of)?;
        self.flags.iter().try_for_each(|flag| writeln!(f, "  flag: {flag}"))?;
        writeln!(f, "  measured: {} {}", self.quantity, of.unit)?;
        if self.after_verdict != self.quantity {
            writeln!(f, "  after the verdict on the plate: {}", self.after_verdict)?;
        }
        writeln!(f, "  {}: {}", if self.chosen { "reported" } else { "not chosen" }, self.why)
    }

    /// From the wells to one value, its dilution, and what the range makes of it.
    fn write_mean(&self, f: &mut fmt::Formatter<'_>, of: &Explanation) -> fmt::Result {
        if let Some(cv) = self.cv_percent.filter(|_| self.wells.iter().all(|well| well.in_well.is_some())) {
            writeln!(f, "  CV of the wells = 100 × sd / mean = {} %", significant(cv, 4))?;
        }
        let (Quantity::Quantified(estimate), Some(curve)) = (&self.quantity, &self.curve) else { return Ok(()) };
        let used: Vec<&ExplainedWell> = self.wells.iter().filter(|well| well.in_well.is_some()).collect();
        let in_well = estimate.value / self.dilution;
        let n = used.len();
        match (of.replicates, self.mean_response) {
            (Replicates::ConcentrationOfMeanResponse, Some(mean)) => {
                let responses: Vec<String> = used.iter().map(|well| reading(&well.response)).collect();
                writeln!(f, "  mean response = ({}) / {n} = {}", responses.join(" + "), number(mean))?;
                writeln!(f, "  {}", curve.inversion(mean, in_well))?;
            }
            _ => {
                let values: Vec<String> = used.iter().filter_map(|well| well.in_well).map(concentration).collect();
                writeln!(f, "  mean = ({}) / {n} = {}", values.join(" + "), concentration(in_well))?;
            }
        }
        if let Some(range) = &curve.range {
            let [lloq, uloq] = [range.lloq, range.uloq].map(number);
            writeln!(f, "  inside the range of the well: {lloq} ≤ {} ≤ {uloq}", concentration(in_well))?;
        }
        writeln!(
            f,
            "  × dilution = {} × {} = {}",
            concentration(in_well),
            number(self.dilution),
            concentration(estimate.value)
        )
    }
}

impl ExplainedCurve {
    fn write(&self, f: &mut fmt::Formatter<'_>, unit: &str) -> fmt::Result {
        let Parameters { a, d, c, b, g } = self.parameters;
        let equation = match self.model {
            Model::FourParameter => "y = d + (a − d) / (1 + (x/c)^b)",
            Model::FiveParameter => "y = d + (a − d) / (1 + (x/c)^b)^g",
            Model::FiveParameterMirror => "y = a + (d − a) / (1 + (x/c)^−b)^g",
        };
        writeln!(f, "  curve: {equation}")?;
        let mut named = vec![("a", a), ("d", d), ("c", c), ("b", b)];
        if self.model != Model::FourParameter {
            named.push(("g", g));
        }
        let show = |(name, value): &(&str, f64)| {
            if value.is_finite() { format!("{name} = {}", number(*value)) } else { format!("{name} without a value") }
        };
        writeln!(f, "    {}", named.iter().map(show).collect::<Vec<_>>().join(", "))?;
        if let Some(nominal) = self.rejected_standard {
            writeln!(f, "    fitted without the standard {} {unit}, which failed", number(nominal))?;
        }
        if let (Some(range), Some((low, high))) = (&self.range, self.responses_at_limits) {
            let [lloq, uloq] = [range.lloq, range.uloq].map(number);
            writeln!(f, "    range {lloq} to {uloq} {unit}: responses {} to {}", number(low), number(high))?;
            writeln!(f, "    {}", range.rule)?;
        }
        Ok(())
    }

    /// The inversion in letters and numbers.
    fn inversion(&self, y: f64, x: f64) -> String {
        let Parameters { a, d, c, b, g } = self.parameters;
        if [a, d, c, b, g].iter().any(|value| !value.is_finite()) {
            return format!(
                "x = {}: on the limit that the curve approaches, which has no parameters",
                concentration(x)
            );
        }
        let [y, a, d, c, b, g] = [y, a, d, c, b, g].map(number);
        let x = concentration(x);
        match self.model {
            Model::FourParameter => {
                format!("x = c × ((a − d) / (y − d) − 1)^(1/b) = {c} × (({a} − {d}) / ({y} − {d}) − 1)^(1/{b}) = {x}")
            }
            Model::FiveParameter => format!(
                "x = c × (((a − d) / (y − d))^(1/g) − 1)^(1/b) = {c} × ((({a} − {d}) / ({y} − {d}))^(1/{g}) − 1)^(1/{b}) = {x}"
            ),
            Model::FiveParameterMirror => format!(
                "x = c / (((d − a) / (y − a))^(1/g) − 1)^(1/b) = {c} / ((({d} − {a}) / ({y} − {a}))^(1/{g}) − 1)^(1/{b}) = {x}"
            ),
        }
    }
}

impl ExplainedWell {
    fn write(&self, f: &mut fmt::Formatter<'_>, of: &ExplainedMeasurement) -> fmt::Result {
        writeln!(f, "  well {} ({}):", self.well, self.source)?;
        let mut terms = reading(&self.reading);
        if let Some(reference) = &self.reference {
            terms += &format!(" − {}", reading(reference));
        }
        if let Some(blank) = self.blank {
            terms += &format!(" − {} (mean of the blanks)", number(blank));
        }
        writeln!(f, "    y = {} = {terms} = {}", of.read, reading(&self.response))?;
        match (&of.curve, self.response.measured(), self.in_well) {
            (Some(curve), Some(y), Some(x)) => writeln!(f, "    {}", curve.inversion(y, x)),
            (Some(ExplainedCurve { responses_at_limits: Some((low, high)), .. }), Some(_), None) => writeln!(
                f,
                "    {}: outside the responses {} to {} of the range",
                self.status,
                number(*low),
                number(*high)
            ),
            _ => writeln!(f, "    {}", self.status),
        }
    }
}
