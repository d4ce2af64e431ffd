//! The analyses that compare two arms, by their names in the tables: what pictures, pages and paragraphs call each.

/// What an analysis is called.
///
/// ```
/// use platewise::protocol::AnalysisName;
///
/// let welch = AnalysisName::of("welch_t").ok_or("not known")?;
/// assert_eq!((welch.title, welch.test), ("Welch's t test", Some("Welch's test")));
/// assert_eq!(AnalysisName::of("tobit").ok_or("not known")?.test, None, "an interval, and no p-value for a family");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnalysisName {
    /// Its name in `ANALYSIS` of the tables, and in a `[[family]]`.
    pub name: &'static str,
    /// Its title, as pictures and tables for print have it.
    pub title: &'static str,
    /// Its test in a sentence; `None` of an analysis without a p-value, which is in no family.
    pub test: Option<&'static str>,
}

/// Every analysis, in the order in which they are listed.
const ANALYSES: [AnalysisName; 11] = [
    name("ancova", "ANCOVA of the log change", Some("analysis of covariance")),
    name("ancova_hc3", "ANCOVA, robust errors (HC3)", Some("analysis of covariance with robust errors")),
    name("welch_t", "Welch's t test", Some("Welch's test")),
    name("student_t", "Student's t test", Some("Student's test")),
    name("mann_whitney", "Mann–Whitney, Hodges–Lehmann", Some("Mann–Whitney test")),
    name("bootstrap_bca_median_diff", "Medians, bootstrap interval (BCa)", None),
    name("van_elteren", "Van Elteren, shift by stratum", Some("van Elteren's test")),
    name("permutation_mean_diff", "Permutation test of the means", Some("permutation test")),
    name("mmrm", "Mixed model for repeated measures", Some("mixed model")),
    name("tobit", "Tobit: values below the LLOQ as censored", None),
    name("ancova_locf", "ANCOVA, last observation carried forward", None),
];

const fn name(name: &'static str, title: &'static str, test: Option<&'static str>) -> AnalysisName {
    AnalysisName { name, title, test }
}

impl AnalysisName {
    /// The analysis of that name.
    pub fn of(name: &str) -> Option<&'static Self> {
        ANALYSES.iter().find(|analysis| analysis.name == name)
    }

    /// Those that have a p-value.
    pub(super) fn tests() -> impl Iterator<Item = &'static str> {
        ANALYSES.iter().filter(|analysis| analysis.test.is_some()).map(|analysis| analysis.name)
    }
}
