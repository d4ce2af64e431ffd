//! Across plates: what moved, which rules the charts break, and the charts of the curves.

use maud::{Markup, html};

use super::picture;
use super::show::ShownTable;
use crate::qc::across_plates::{MovedItem, TestedEffect};
use crate::report::StudyReport;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{
    EffectsTable, IsrTable, LotsTable, MovementsTable, ParallelismTable, PrecisionTable, SpikesTable, WestgardTable,
};

/// The section, after the overview of the plates.
pub(super) fn section(
    report: &StudyReport<'_>,
    tables: &[ReportTable],
    curves: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let over = report.across_plates;
    let moved = over.movements.iter().filter(|movement| movement.mover != MovedItem::Nothing).count();
    let warned = over.effects.iter().filter(|effect| effect.found.as_ref().is_ok_and(TestedEffect::warned)).count();
    let decides = report.protocol.assay.across_plates.westgard_rejects;
    html! {
        section id="across-plates" aria-labelledby="across-plates-title" {
            h2 id="across-plates-title" { @if report.has_charts() { "Across plates" } @else { "Position, drift and dilutions" } }
            @if report.has_charts() {
                details {
                    summary { "Bad plate or bad control?" small { (moved) " of " (over.movements.len()) " plates with a control that stands out" } }
                    (ShownTable::new(tables, MovementsTable::TABLE).columns(&[
                        (MovementsTable::PLATE, "Plate"), (MovementsTable::MOVED, "What moved"), (MovementsTable::CONTROLS, "Controls"), (MovementsTable::CURVE, "Of the curve, beyond 2 s"),
                    ]).markup())
                }
                details {
                    summary { "Westgard rules" small { @if decides { "a rejection decides on a plate where limits are fixed" } @else { "a watch: they decide nothing" } } }
                    (ShownTable::new(tables, WestgardTable::TABLE).columns(&[
                        (WestgardTable::STUDY, "Study"), (WestgardTable::PLATE, "Plate"), (WestgardTable::ITEM, "Of"), (WestgardTable::RULE, "Rule"), (WestgardTable::MEANS, "Means"), (WestgardTable::KIND, "Kind"),
                        (WestgardTable::LIMITS, "Limits"), (WestgardTable::VALUES, "Numbers"),
                    ]).markup())
                }
                details {
                    summary { "Precision, bias and total error of the controls" small { "accepted plates" } }
                    (ShownTable::new(tables, PrecisionTable::TABLE).columns(&[
                        (PrecisionTable::SCOPE, "Plates of"), (PrecisionTable::KIT_LOT, "Kit lot"), (PrecisionTable::CONTROL, "Control"), (PrecisionTable::NOMINAL, "Nominal"), (PrecisionTable::BASIS, "Values"),
                        (PrecisionTable::PLATES, "Plates"), (PrecisionTable::VALUES, "n"), (PrecisionTable::MEAN, "Mean"), (PrecisionTable::BIAS_PERCENT, "Bias (%)"), (PrecisionTable::INTRA_CV_PERCENT, "Intra-assay CV (%)"),
                        (PrecisionTable::INTER_CV_PERCENT, "Inter-assay CV (%)"), (PrecisionTable::TOTAL_ERROR_PERCENT, "Total error (%)"), (PrecisionTable::REMARKS, "Remarks"),
                    ]).markup())
                }
            }
            details {
                summary { "Edge, rows, columns and drift" small { (warned) " warnings; nothing is corrected" } }
                (ShownTable::new(tables, EffectsTable::TABLE).only(EffectsTable::OUTCOME, "warning").columns(&[
                    (EffectsTable::PLATE, "Plate"), (EffectsTable::EFFECT, "Effect"), (EffectsTable::PERCENT, "Change (%)"), (EffectsTable::LOWER, "Lower (%)"), (EffectsTable::UPPER, "Upper (%)"),
                    (EffectsTable::P, "p"), (EffectsTable::THRESHOLD, "Warns below"),
                ]).caption(&format!("Position and drift each raise a warning on at most {} % of plates without any effect. Every test is in the table effects.",
                    report.protocol.assay.across_plates.false_alarm_percent)).markup())
            }
            @if !over.lots.is_empty() {
                details {
                    summary { "Bridging of kit lots" }
                    (ShownTable::new(tables, LotsTable::TABLE).columns(&[
                        (LotsTable::FROM, "From lot"), (LotsTable::TO, "To lot"), (LotsTable::RATIO, "Ratio of mid-points"), (LotsTable::LOWER, "Lower"), (LotsTable::UPPER, "Upper"),
                        (LotsTable::INTERVAL_FROM, "Interval from"), (LotsTable::SHAPE_F, "F of shape"), (LotsTable::SHAPE_P, "p"), (LotsTable::REMARKS, "Remarks"),
                    ]).markup())
                }
            }
            @if !over.parallelism.is_empty() {
                details {
                    summary { "Samples measured at several dilutions" small { (over.parallelism.len()) } }
                    (ShownTable::new(tables, ParallelismTable::TABLE).columns(&[
                        (ParallelismTable::PLATE, "Plate"), (ParallelismTable::SAMPLE, "Sample"), (ParallelismTable::DILUTIONS, "Dilutions"), (ParallelismTable::CV_PERCENT, "CV (%)"), (ParallelismTable::OUTCOME, "CV"),
                        (ParallelismTable::SLOPE, "Trend"), (ParallelismTable::SLOPE_P, "p"), (ParallelismTable::CONCENTRATION, "By shared shape"), (ParallelismTable::LOWER, "Lower"), (ParallelismTable::UPPER, "Upper"), (ParallelismTable::REMARKS, "Remarks"),
                    ]).markup())
                }
            }
            @if !over.tests.spikes.is_empty() {
                details {
                    summary { "Spike recovery" small { (over.tests.spikes.len()) } }
                    (ShownTable::new(tables, SpikesTable::TABLE).columns(&[
                        (SpikesTable::SAMPLE, "Sample"), (SpikesTable::OF, "Of"), (SpikesTable::ADDED, "Added"), (SpikesTable::SPIKED, "Spiked"), (SpikesTable::UNSPIKED, "Without"),
                        (SpikesTable::RECOVERY_PERCENT, "Recovery (%)"), (SpikesTable::LOWER, "Lower (%)"), (SpikesTable::UPPER, "Upper (%)"), (SpikesTable::OUTCOME, "Outcome"), (SpikesTable::REMARKS, "Remarks"),
                    ]).markup())
                }
            }
            @if let Some(isr) = &over.tests.isr {
                details open[!isr.passed] {
                    summary { "Incurred sample reanalysis" small {
                        (isr.within) " of " (isr.pairs.len()) " within ±" (report.protocol.assay.across_plates.isr_difference_percent) " %: "
                        @if isr.passed { "passed" } @else { "not passed" } "; ICH M10 asks for " (isr.expected) " repeats"
                    } }
                    (ShownTable::new(tables, IsrTable::TABLE).columns(&[
                        (IsrTable::SAMPLE, "Repeat"), (IsrTable::OF, "Of"), (IsrTable::FIRST, "First"), (IsrTable::REPEAT, "Again"), (IsrTable::DIFFERENCE_PERCENT, "Difference (%)"),
                        (IsrTable::OUTCOME, "Outcome"), (IsrTable::REMARKS, "Remarks"),
                    ]).markup())
                }
            }
            @if !curves.is_empty() {
                details {
                    summary { "Curves, standards, blanks and top responses across plates" small { (curves.len()) " charts" } }
                    div.figures.charts { @for chart in curves { (picture(chart, styles)) } }
                }
            }
        }
    }
}
