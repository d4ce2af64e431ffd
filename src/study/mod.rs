//! The trial: results of subjects at visits, their change from baseline, and (only here) the arms.
//!
//! [`subject_visits`] joins results to subjects and visits and knows nothing of arms; [`read_arms`] opens the arms;
//! [`compare`] joins the two and answers. A value outside the limits of quantification stays what it is until [`limits`]
//! turns it into a number by the rule of the analysis.

mod adjusted;
pub mod analyses;
pub mod arms;
pub mod assay_error;
pub mod change;
pub mod clinical;
pub mod comparison;
pub mod coverage;
pub mod dependence;
pub mod design;
pub mod flow;
pub mod grid;
pub mod estimand;
pub mod events;
pub mod exclusion;
pub mod join;
pub mod limits;
pub mod missing_data;
mod multiplicity;
pub mod names;
pub mod numbers;
mod one_model;
mod pair;
mod paragraph;
pub mod percent_change;
pub mod primary;
pub mod quantile;
pub mod records;
pub mod remeasured;
mod responders;
pub mod result;
pub mod robustness;
pub mod sensitivity;
pub mod summary;
pub mod trial;
pub mod standardised;
pub mod subject_records;
pub mod subgroups;
pub mod next_trial;
mod supplementary;
mod unadjusted;
pub mod values;
pub mod visits;

pub use arms::read_arms;
pub use clinical::Clinical;
pub use comparison::compare;
pub use dependence::{Dependence, Mark, dependences};
pub use estimand::Estimand;
pub use exclusion::{ExcludedRecord, Exclusion, ExclusionRule, LeftOut};
pub use flow::FlowStep;
pub use join::{JoinReport, JoinedSubject};
pub use missing_data::MissingData;
pub use paragraph::Part;
pub(crate) use paragraph::capitalised;
pub use percent_change::PercentChange;
pub use quantile::Quantile;
pub use records::AnalysisRecord;
pub use responders::Responders;
pub use result::{Adjusted, Allocation, ArmComparison, ArmSummary, Change, Comparison, Interval, SubjectVisit};
pub use robustness::Robustness;
pub use subject_records::SubjectRecord;
pub use visits::subject_visits;
