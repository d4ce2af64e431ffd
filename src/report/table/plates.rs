//! Tables of the plates: verdicts and their findings, curves, standards, controls, wells.

use std::collections::BTreeMap;

use super::columns_of::{ControlsTable, PlateColumns, StandardsTable};
use super::{Column, ColumnKind, Columns, ReportTable, Unit, number, token};
use crate::concentration::quantity::significant;
use crate::concentration::{ControlResult, PlateConcentrations, Range, StandardResult, WellResult};
use crate::curve::{Model, StandardCurve};
use crate::plate::{Acquisition, Handling, Reading};
use crate::qc::{Finding, JudgedPlate};
use crate::report::StudyReport;
use crate::report::words;

/// The columns that every table of plates begins with, and the last one.
impl<'a, R> Columns<'a, R> {
    fn plate(report: &'a StudyReport<'_>, plate: impl Fn(&R) -> &'a JudgedPlate + Copy + 'a) -> Self {
        Self::new()
            .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), move |_| {
                &report.protocol.assay.study.id
            })
            .column(PlateColumns::PLATE, move |row| &plate(row).id)
            .column(
                Column::new(
                    "verdict",
                    "verdict on the plate: accepted; accepted, with remarks; rejected or not evaluable",
                )
                .kind(ColumnKind::Verdict),
                move |row| plate(row).verdict.verdict.to_string(),
            )
    }

    pub(super) fn simulated(self, report: &'a StudyReport<'_>) -> Self {
        self.column(
            Column::new("simulated", "Y when the data of the study are simulated").kind(ColumnKind::Simulated),
            move |_| report.protocol.assay.study.simulated,
        )
    }
}

/// Plates with what they gave; those that could not be read have nothing to show here.
fn evaluated<'a>(report: &'a StudyReport<'_>) -> impl Iterator<Item = (&'a JudgedPlate, &'a PlateConcentrations)> {
    report.plates.iter().filter_map(|plate| Some((plate, plate.concentrations.as_ref()?)))
}

/// What the export of a plate says of its reading.
fn acquisition(plate: &JudgedPlate) -> Option<&Acquisition> {
    plate.concentrations.as_ref().map(|results| &results.plate.acquisition)
}

/// What the study and its lists say of the kit of a plate and of how its samples were kept.
fn handling(plate: &JudgedPlate) -> Option<&Handling> {
    plate.concentrations.as_ref().map(|results| &results.plate.handling)
}

/// One row per plate: its verdict, and the rule that decided it.
pub(super) fn verdicts(report: &StudyReport<'_>) -> ReportTable {
    let entries = report.protocol.assay.plates.iter();
    let exports: BTreeMap<&str, String> =
        entries.map(|entry| (entry.id.as_str(), entry.export.display().to_string())).collect();
    let columns = Columns::plate(report, |row: &&JudgedPlate| row)
        .column(("reason", "the rule that decided, what it saw and its limit; empty for an accepted plate"), |row| {
            &row.verdict.reason
        })
        .column(("remarks", "what was left out or narrowed: a standard dropped, wells masked or excluded, a limit moved"),
            |row| row.verdict.remarks.join("; "),
        )
        .column(("review", "open; reviewed or approved, by decisions.jsonl; out of date where something has changed since; not by a second person"),
            |row| report.review(row).state(),
        )
        .column(("reviewed_by", "who reviewed or approved it"), |row| {
            report.review(row).decision().map(|decision| decision.who.clone())
        })
        .column(Column::new("reviewed_at", "when, with the time zone").kind(ColumnKind::Moment), |row| {
            report.review(row).decision().map(|decision| decision.when.clone())
        })
        .column(("review_doubt", "why that review does not count"), |row| report.review(row).doubt())
        .column(("method", "name of the assay method"), |_| &report.protocol.assay.method.name)
        .column(("method_version", "its version: the limits of all rules belong to it"), |_| {
            &report.protocol.assay.method.version
        })
        .column(("criteria", "the criteria of the verdict: method, preset, and every limit that the study overrides"), {
            let words = report.protocol.assay.criteria_words();
            move |_| words.clone()
        })
        .column(("export", "file of the plate, relative to the study"), |row| exports.get(row.id.as_str()))
        .column(("read_at", "date and time of the reading, word for word as the export has them"), |row| {
            acquisition(row).and_then(Acquisition::moment)
        })
        .column(("reader", "the reader, as the export names it"), |row| acquisition(row)?.reader.clone())
        .column(("reader_serial", "its serial number, as the export has it"), |row| acquisition(row)?.serial.clone())
        .column(("operator", "who read the plate, as the export has it"), |row| acquisition(row)?.operator.clone())
        .column(("reader_software", "version of the reader's software, as the export has it"), |row| {
            acquisition(row)?.software.clone()
        })
        .column(("read_on", "day of the reading, by study.toml or the export, with every day that the export's date may mean"), |row| {
            handling(row)?.read_on.as_ref().map(ToString::to_string)
        })
        .column(("kit_lot", "lot of the kit"), |row| row.concentrations.as_ref()?.plate.kit_lot.clone())
        .column(("kit_expiry", "last day on which the kit may be used"), |row| {
            handling(row)?.kit_expiry.as_ref().map(ToString::to_string)
        })
        .simulated(report);
    columns.fill("verdicts", "a plate and its verdict", report.plates)
}

/// One row per plate and rule.
pub(super) fn findings(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a JudgedPlate, &'a Finding);
    let columns = Columns::plate(report, |row: &Row<'_>| row.0)
        .column(("rule", "the rule, as it is named in study.toml"), |row| row.1.rule.name())
        .column(("subject", "what it was applied to"), |row| &row.1.subject)
        .column(("observed", "what was seen"), |row| &row.1.observed)
        .column(("value", "the number that was seen, in `value_unit`; empty where there is none"), |row| row.1.value)
        .column(("limit", "the limit of the method"), |row| &row.1.limit)
        .column(("limit_value", "its number, in `value_unit`; of a bias the largest on either side"), |row| {
            row.1.limit_value
        })
        .column(("value_unit", "unit of the two numbers; empty of a rule without any"), |row| {
            row.1.rule.unit().shown(&report.protocol.assay.study.unit)
        })
        .column(
            Column::new("outcome", "pass, remark, fail, warning or not evaluable").kind(ColumnKind::Verdict),
            |row| row.1.outcome.to_string(),
        )
        .simulated(report);
    let rows =
        report.plates.iter().flat_map(|plate| plate.verdict.findings.iter().map(move |finding| (plate, finding)));
    columns.fill("findings", "a rule applied to a plate", rows)
}

/// Which of a plate's two fits: before and after a standard was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhichFit {
    First,
    Final,
}

impl WhichFit {
    fn word(self) -> &'static str {
        if self == Self::First { "first" } else { "final" }
    }
}

/// One row per plate and fit: its standard curve, and the one before a standard was rejected.
pub(super) fn curves(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a JudgedPlate, &'a PlateConcentrations, WhichFit);
    fn of<'a>(row: &Row<'a>) -> Option<&'a StandardCurve> {
        match row.2 {
            WhichFit::First => row.1.first_fit.as_ref().map(|first| &first.curve),
            WhichFit::Final => row.1.curve.as_ref().ok(),
        }
    }
    fn range<'a>(row: &Row<'a>) -> Option<&'a Range> {
        row.1.range.as_ref().filter(|_| row.2 == WhichFit::Final)
    }
    let parameter =
        |get: fn(&crate::curve::Parameters) -> f64| move |row: &Row<'_>| of(row).map(|curve| get(curve.parameters()));
    let error = |index: usize| move |row: &Row<'_>| of(row)?.standard_errors()?[index];
    let columns = Columns::plate(report, |row: &Row<'_>| row.0)
        .column(StandardsTable::FIT, |row| row.2.word())
        .column(
            Column::new("rejected_standard", "nominal concentration of the standard that the rule rejected, in `unit`")
                .of(Unit::Study),
            |row| row.1.first_fit.as_ref().map(|first| first.rejected),
        )
        .column(("read", "the read that was analysed"), |row| &row.1.plate.read)
        .column(("kit_lot", "lot of the kit"), |row| row.1.plate.kit_lot.clone())
        .column(("model", "family of the curve: y = d + (a − d) / (1 + (x/c)^b)^g, g = 1 in the 4pl"), |_| {
            words::model(report.protocol.assay.method.model)
        })
        .column(("variance_model", "how the variance of a response follows its mean"), |_| {
            words::variance(&report.protocol.assay.method)
        })
        .column(("a", "response at concentration 0"), parameter(|p| p.a))
        .column(("a_se", "its standard error"), error(0))
        .column(("d", "response at infinite concentration"), parameter(|p| p.d))
        .column(("d_se", "its standard error"), error(1))
        .column(Column::new("c", "mid-point concentration, in `unit`").of(Unit::Study), parameter(|p| p.c))
        .column(Column::new("c_se", "its standard error, in `unit`").of(Unit::Study), error(2))
        .column(("b", "slope"), parameter(|p| p.b))
        .column(("b_se", "its standard error"), error(3))
        .column(("g", "asymmetry; 1 in the 4pl"), parameter(|p| p.g))
        .column(("g_se", "its standard error; empty in the 4pl"), move |row| {
            if report.protocol.assay.method.model == Model::FourParameter { None } else { error(4)(row) }
        })
        .column(("residual_sd", "standard deviation of the residuals, in the scale of the variance model"), |row| {
            of(row).and_then(StandardCurve::residual_sd)
        })
        .column(("df", "degrees of freedom of the fit"), |row| of(row).map(StandardCurve::df))
        .column(("wells", "standard wells that the fit used"), |row| of(row).map(|curve| curve.points().len()))
        .column(("r_squared", "for information only: no rule uses it"), |row| of(row).map(StandardCurve::r_squared))
        .column(Column::new("lloq", "lower limit of quantification in the well, in `unit`").of(Unit::Study), |row| {
            range(row).map(|r| r.lloq)
        })
        .column(Column::new("uloq", "upper limit of quantification in the well, in `unit`").of(Unit::Study), |row| {
            range(row).map(|r| r.uloq)
        })
        .column(("range_rule", "the rule that set the limits"), |row| range(row).map(|r| r.rule.clone()))
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(("remarks", "what the fit says of itself, or why there is none"), |row| match row.2 {
            WhichFit::First => row.1.first_fit.as_ref().map(|first| row.1.remarks(&first.curve).join("; ")),
            WhichFit::Final => Some(words::curve_remarks(row.1)),
        })
        .simulated(report);
    let rows = evaluated(report).flat_map(|(plate, of)| {
        let first = of.first_fit.as_ref().map(|_| (plate, of, WhichFit::First));
        first.into_iter().chain([(plate, of, WhichFit::Final)])
    });
    columns.fill("curves", "the standard curve of a plate", rows)
}

/// One row per plate and level of the standards.
pub(super) fn standards(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a JudgedPlate, &'a StandardResult, WhichFit);
    let columns = Columns::plate(report, |row: &Row<'_>| row.0)
        .column(StandardsTable::FIT, |row| row.2.word())
        .column(StandardsTable::NOMINAL, |row| row.1.nominal)
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(("wells", "number of wells used"), |row| row.1.n)
        .column(StandardsTable::RESPONSES, |row| responses(row.0, row.1))
        .column(("mean_response", "mean of the responses used"), |row| row.1.mean_response)
        .column(StandardsTable::RESPONSE_CV_PERCENT, |row| row.1.response_cv_percent)
        .column(StandardsTable::BACK_CALCULATED, |row| row.1.back_calculated)
        .column(StandardsTable::BIAS_PERCENT, |row| row.1.bias_percent)
        .column(StandardsTable::CONCENTRATION_CV_PERCENT, |row| row.1.concentration_cv_percent)
        .column(
            Column::new("bias_limit_percent", "largest |bias| that passes; empty where the level is not judged")
                .of(Unit::Percent),
            |row| row.1.bias_limit_percent,
        )
        .column(
            Column::new("cv_limit_percent", "largest CV that passes; empty where none is set").of(Unit::Percent),
            |row| row.1.cv_limit_percent,
        )
        .column(("anchor", "Y for an anchor: in the fit, neither judged nor counted"), |row| row.1.anchor)
        .column(("rejected", "Y for the standard that the rule rejected: this fit is without it"), |row| row.1.rejected)
        .column(StandardsTable::OUTCOME, |row| standard_outcome(row.1))
        .column(StandardsTable::FAILURE, |row| row.1.failure.clone())
        .simulated(report);
    let rows = evaluated(report).flat_map(|(plate, of)| {
        let first = of.first_fit.iter().flat_map(|first| &first.standards).map(|standard| (standard, WhichFit::First));
        let all = first.chain(of.standards.iter().map(|standard| (standard, WhichFit::Final)));
        all.map(move |(standard, fit)| (plate, standard, fit))
    });
    columns.fill(StandardsTable::TABLE, "a level of the standards of a plate, back-calculated from its curve", rows)
}

/// The responses of a standard's wells, in plate order.
fn responses(plate: &JudgedPlate, standard: &StandardResult) -> String {
    let wells = plate.concentrations.iter().flat_map(|results| &results.wells);
    let of_level = wells.filter(|well| well.role == "standard" && well.nominal == Some(standard.nominal));
    let shown: Vec<String> = of_level
        .map(|well| match &well.response {
            Reading::Masked { value: Some(value), .. } => format!("({})", significant(*value, 4)),
            response => words::reading(response),
        })
        .collect();
    shown.join(" ")
}

fn standard_outcome(standard: &StandardResult) -> &'static str {
    match (standard.is_given(), standard.rejected, &standard.failure) {
        (false, ..) => "not judged",
        (true, true, _) => "left out",
        (true, false, Some(_)) => "fail",
        (true, false, None) => "pass",
    }
}

/// One row per plate and set of a control.
pub(super) fn controls(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a JudgedPlate, &'a ControlResult);
    let columns = Columns::plate(report, |row: &Row<'_>| row.0)
        .column(ControlsTable::CONTROL, |row| &row.1.group.name)
        .column(ControlsTable::WELLS, |row| words::wells(&row.1.group.wells))
        .column(("dilution", "dilution factor"), |row| row.1.group.dilution)
        .column(ControlsTable::NOMINAL, |row| row.1.nominal)
        .column(ControlsTable::BIAS_PERCENT, |row| row.1.bias_percent)
        .column(ControlsTable::CV_PERCENT, |row| row.1.group.cv_percent)
        .quantity(&report.protocol.assay.study.unit, |row: &Row<'_>| &row.1.group.quantity)
        .shared_error(report, |row: &Row<'_>| &row.1.group.quantity)
        .simulated(report);
    let rows = evaluated(report).flat_map(|(plate, of)| of.controls.iter().map(move |control| (plate, control)));
    columns.fill(ControlsTable::TABLE, "a set of wells of a control on a plate", rows)
}

/// One row per well with a role.
pub(super) fn wells(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a JudgedPlate, &'a WellResult);
    let columns = Columns::plate(report, |row: &Row<'_>| row.0)
        .column(Column::new("well", "position on the plate").kind(ColumnKind::Key), |row| row.1.position.to_string())
        .column(("role", "standard, control, blank or sample"), |row| row.1.role)
        .column(("name", "level of a standard or control, name of a sample"), |row| &row.1.name)
        .column(
            Column::new("nominal", "nominal concentration of a standard or control, in `unit`").of(Unit::Study),
            |row| row.1.nominal,
        )
        .column(("dilution", "dilution factor, ≥ 1"), |row| row.1.dilution)
        .column(("reading", "raw reading; empty where it is not a number"), |row| number(&row.1.reading))
        .column(("reference", "reading at the reference wavelength, where one is subtracted"), |row| {
            row.1.reference.as_ref().and_then(number)
        })
        .column(("response", "what was analysed; empty where it is not a number"), |row| number(&row.1.response))
        .column(("reading_text", "what the file holds where the reading is not a number"), |row| token(&row.1.reading))
        .quantity(&report.protocol.assay.study.unit, |row: &Row<'_>| &row.1.quantity)
        .column(("source", "the cell of the raw reading"), |row: &Row<'_>| row.1.location.to_string())
        .simulated(report);
    let rows = evaluated(report).flat_map(|(plate, of)| of.wells.iter().map(move |well| (plate, well)));
    columns.fill("wells", "a well of a plate, with its cell of origin", rows)
}
