//! The pages of `platewise review`: the queue of plates, a plate with its forms, what a decision would change before it is made. They
//! are the evidence of the report, drawn by the same code, with links and forms around it; each is whole without its script.

mod entrance;
mod links;
mod part;
mod plate;
mod proposal;
mod queue;
mod script;

use maud::{Markup, html};

use super::{ReportTable, StudyReport, document};
use crate::record::{REASON_CODES, Review};
use crate::report::figure::Styles;

pub use entrance::{SCRIPT as ENTRANCE_SCRIPT, entrance};
pub(super) use links::Links;
pub use links::plate_address;
pub use proposal::Proposal;
pub use queue::QueueFilter;

/// The script of the pages: the keyboard, and wells of a picture that can be clicked.
pub const SCRIPT: &str = include_str!("review.js");
const STYLE: &str = include_str!("review.css");

/// A study as it is shown to a reviewer.
///
/// ```
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::pipeline::{self, RunOptions};
/// use platewise::report::page::review::{Reviewed, QueueFilter};
/// use platewise::report::table;
///
/// let study = InputFolder::new(std::path::Path::new("plates"), LinkPolicy::Refused);
/// let run = pipeline::run(&study, &RunOptions::default(), &|_| {})?;
/// let (report, tables) = (run.report(), table::tables(&run.report()));
/// let reviewed = Reviewed { report: &report, tables: &tables, nonce: "n", who: "" };
/// assert!(reviewed.queue(QueueFilter::All).contains("0 of 9 plates reviewed or approved"));
/// assert!(reviewed.plate("P01", None, "", None).is_some_and(|page| page.contains("Back-calculated standards")));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Reviewed<'a> {
    /// The study, blinded.
    pub report: &'a StudyReport<'a>,
    /// Its tables.
    pub tables: &'a [ReportTable],
    /// What marks the styles and the script of a page as ours, for the policy that the server sends with it.
    pub nonce: &'a str,
    /// The name that was given last; empty before anybody gave one.
    pub who: &'a str,
}

impl Reviewed<'_> {
    /// What could not be shown or done, and why: each problem in words. `back` is where to go on, with its words.
    pub fn refused(&self, title: &str, why: &[String], back: (&str, &str)) -> String {
        let body = html! {
            (self.header(title, &to_queue()))
            main id="main" {
                div.reason { @for why in why { p { (why) } } }
                p { a href=(back.0) data-key="b" { (back.1) } }
            }
        };
        self.page(title, &body, &Styles::default())
    }

    /// A decision was made on what is no longer there.
    pub fn changed_since(&self, plate: &str, changed: &[String]) -> String {
        let title = format!("Plate {plate} has changed since you looked at it");
        let body = html! {
            (self.header(&title, &to_queue()))
            main id="main" {
                p { "Nothing was written. Since the page was made from which you decided:" }
                ul { @for change in changed { li { (change) } } }
                p { a href=(plate_address(plate)) data-key="b" { "Look at the plate as it is now, and decide then" } }
            }
        };
        self.page(&title, &body, &Styles::default())
    }

    /// Simulated, title, study, and where to go from here.
    fn header(&self, title: &str, nav: &Markup) -> Markup {
        html! {
            header {
                (document::simulated(self.report))
                h1 { (title) }
                (document::meta(self.report))
                nav aria-label="Review" { ul { (nav) } }
            }
        }
    }

    fn page(&self, title: &str, body: &Markup, styles: &Styles) -> String {
        let title = format!("{title}, {}", document::short_title(self.report));
        document::serve(
            self.report,
            &title,
            body,
            styles,
            &document::ServedPage { nonce: self.nonce, style: STYLE, script: SCRIPT },
        )
    }

    /// Reason, code and name of a decision.
    fn why(&self, code: &str) -> Markup {
        html! {
            label { span data-key="c" { "Reason" } select name="code" required {
                @if code.is_empty() { option value="" { "choose …" } }
                @for (known, words) in REASON_CODES { option value=(known) selected[known == code] { (known) ": " (words) } }
            } }
            label { "In words" input name="reason" required maxlength="500" autocomplete="off"; }
            label { "Your name" input name="who" required maxlength="100" autocomplete="name" value=(self.who); }
        }
    }
}

/// The way back to the queue.
fn to_queue() -> Markup {
    html! { li { a href="/" data-key="q" { "All plates" } } }
}

/// The state of a plate's review, with whose it is.
fn state(review: &Review) -> Markup {
    let class = match review {
        Review::Open => "",
        Review::InDate(..) => "good-word",
        Review::OutOfDate(..) | Review::SamePerson(..) => "bad-word",
    };
    html! { span class={ "badge " (class) } { (review.state()) } @if let Some(decision) = review.decision() { " " small { (decision.who) } } }
}
