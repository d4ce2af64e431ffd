//! Over the plates: what moved, which rules the charts break, and the charts of the curves.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::qc::over_plates::Mover;
use crate::report::StudyReport;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;

/// The section, after the overview of the plates.
pub(super) fn section(report: &StudyReport<'_>, tables: &[Table], curves: &[NamedFigure]) -> Markup {
    let over = report.over_plates;
    let moved = over.movements.iter().filter(|movement| movement.mover != Mover::Nothing).count();
    let decides = report.protocol.over_plates.westgard_rejects;
    html! {
        section id="over-plates" aria-labelledby="over-plates-title" {
            h2 id="over-plates-title" { "Over the plates" }
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
            @if !curves.is_empty() {
                details {
                    summary { "Curves, standards, blanks and top responses over the plates" small { (curves.len()) " charts" } }
                    div.figures { @for chart in curves { (picture(chart)) } }
                }
            }
        }
    }
}
