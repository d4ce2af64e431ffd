//! Across plates: what moved, which rules the charts break, and the charts of the curves.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::qc::over_plates::{Found, Mover};
use crate::report::StudyReport;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;

/// The section, after the overview of the plates.
pub(super) fn section(
    report: &StudyReport<'_>,
    tables: &[Table],
    curves: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let over = report.over_plates;
    let moved = over.movements.iter().filter(|movement| movement.mover != Mover::Nothing).count();
    let warned = over.effects.iter().filter(|effect| effect.found.as_ref().is_ok_and(Found::warned)).count();
    let decides = report.protocol.assay.over_plates.westgard_rejects;
    html! {
        section id="over-plates" aria-labelledby="over-plates-title" {
            h2 id="over-plates-title" { @if report.has_charts() { "Across plates" } @else { "Position, drift and dilutions" } }
            @if report.has_charts() {
                details {
                    summary { "Bad plate or bad control?" small { (moved) " of " (over.movements.len()) " plates with a control that stands out" } }
                    (Shown::new(tables, "movements").columns(&[
                        ("plate", "Plate"), ("moved", "What moved"), ("controls", "Controls"), ("curve", "Of the curve, beyond 2 s"),
                    ]).markup())
                }
                details {
                    summary { "Westgard rules" small { @if decides { "a rejection decides on a plate where limits are fixed" } @else { "a watch: they decide nothing" } } }
                    (Shown::new(tables, "westgard").columns(&[
                        ("study", "Study"), ("plate", "Plate"), ("item", "Of"), ("rule", "Rule"), ("means", "Means"), ("kind", "Kind"),
                        ("limits", "Limits"), ("values", "Numbers"),
                    ]).markup())
                }
                details {
                    summary { "Precision, bias and total error of the controls" small { "accepted plates" } }
                    (Shown::new(tables, "precision").columns(&[
                        ("scope", "Plates of"), ("kit_lot", "Kit lot"), ("control", "Control"), ("nominal", "Nominal"), ("basis", "Values"),
                        ("plates", "Plates"), ("values", "n"), ("mean", "Mean"), ("bias_percent", "Bias (%)"), ("intra_cv_percent", "Intra-assay CV (%)"),
                        ("inter_cv_percent", "Inter-assay CV (%)"), ("total_error_percent", "Total error (%)"), ("remarks", "Remarks"),
                    ]).markup())
                }
            }
            details {
                summary { "Edge, rows, columns and drift" small { (warned) " warnings; nothing is corrected" } }
                (Shown::new(tables, "effects").only("outcome", "warning").columns(&[
                    ("plate", "Plate"), ("effect", "Effect"), ("percent", "Change (%)"), ("lower", "Lower (%)"), ("upper", "Upper (%)"),
                    ("p", "p"), ("threshold", "Warns below"),
                ]).caption(&format!("Position and drift each raise a warning on at most {} % of plates without any effect. Every test is in the table effects.",
                    report.protocol.assay.over_plates.false_alarm_percent)).markup())
            }
            @if !over.lots.is_empty() {
                details {
                    summary { "Bridging of kit lots" }
                    (Shown::new(tables, "lots").columns(&[
                        ("from", "From lot"), ("to", "To lot"), ("ratio", "Ratio of mid-points"), ("lower", "Lower"), ("upper", "Upper"),
                        ("interval_from", "Interval from"), ("shape_f", "F of shape"), ("shape_p", "p"), ("remarks", "Remarks"),
                    ]).markup())
                }
            }
            @if !over.parallelism.is_empty() {
                details {
                    summary { "Samples measured at several dilutions" small { (over.parallelism.len()) } }
                    (Shown::new(tables, "parallelism").columns(&[
                        ("plate", "Plate"), ("sample", "Sample"), ("dilutions", "Dilutions"), ("cv_percent", "CV (%)"), ("outcome", "CV"),
                        ("slope", "Trend"), ("slope_p", "p"), ("concentration", "By shared shape"), ("lower", "Lower"), ("upper", "Upper"), ("remarks", "Remarks"),
                    ]).markup())
                }
            }
            @if !over.tests.spikes.is_empty() {
                details {
                    summary { "Spike recovery" small { (over.tests.spikes.len()) } }
                    (Shown::new(tables, "spikes").columns(&[
                        ("sample", "Sample"), ("of", "Of"), ("added", "Added"), ("spiked", "Spiked"), ("unspiked", "Without"),
                        ("recovery_percent", "Recovery (%)"), ("lower", "Lower (%)"), ("upper", "Upper (%)"), ("outcome", "Outcome"), ("remarks", "Remarks"),
                    ]).markup())
                }
            }
            @if let Some(isr) = &over.tests.isr {
                details open[!isr.passed] {
                    summary { "Incurred sample reanalysis" small {
                        (isr.within) " of " (isr.pairs.len()) " within ±" (report.protocol.assay.over_plates.isr_difference_percent) " %: "
                        @if isr.passed { "passed" } @else { "not passed" } "; ICH M10 asks for " (isr.expected) " repeats"
                    } }
                    (Shown::new(tables, "isr").columns(&[
                        ("sample", "Repeat"), ("of", "Of"), ("first", "First"), ("repeat", "Again"), ("difference_percent", "Difference (%)"),
                        ("outcome", "Outcome"), ("remarks", "Remarks"),
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
