//! The analyses that compare two arms: the one list of them, with what tables, pictures, pages and paragraphs call each.

use std::fmt;

use serde::{Serialize, Serializer};

/// An analysis that compares two arms.
///
/// ```
/// use platewise::protocol::AnalysisId;
///
/// let welch = AnalysisId::WelchT;
/// assert_eq!((welch.name(), welch.title(), welch.test()), ("welch_t", "Welch's t test", Some("Welch's test")));
/// assert_eq!(AnalysisId::Tobit.test(), None, "an interval, and no p-value for a family");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AnalysisId {
    /// Analysis of covariance by least squares.
    Ancova,
    /// The same with standard errors that let the variances differ.
    AncovaHc3,
    /// Welch's t test.
    WelchT,
    /// Student's t test.
    StudentT,
    /// The rank-sum test with its shift.
    MannWhitney,
    /// The difference of the medians with a bootstrap interval.
    BootstrapMedians,
    /// The rank test within strata with its shift.
    VanElteren,
    /// The permutation test of the means.
    PermutationOfMeans,
    /// The mixed model over all visits after baseline.
    Mmrm,
    /// Regression with values outside the limits as censored.
    Tobit,
    /// Analysis of covariance with the last observation carried forward.
    AncovaLocf,
}

/// What an analysis takes of a participant: who has not that is left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataRequirement {
    /// The change to its visit.
    Change,
    /// The same and the covariates.
    AdjustedChange,
    /// The same, with a limit as good as a number at its visit.
    CensoredChange,
    /// The changes to all visits that there are, and the covariates.
    AnyChange,
    /// The last of the changes up to its visit, and the covariates.
    LastChange,
}

/// A row of the list.
struct Row {
    name: &'static str,
    title: &'static str,
    test: Option<&'static str>,
    takes: DataRequirement,
}

const fn row(name: &'static str, title: &'static str, test: Option<&'static str>, takes: DataRequirement) -> Row {
    Row { name, title, test, takes }
}

impl AnalysisId {
    /// Every analysis, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::Ancova,
        Self::AncovaHc3,
        Self::WelchT,
        Self::StudentT,
        Self::MannWhitney,
        Self::BootstrapMedians,
        Self::VanElteren,
        Self::PermutationOfMeans,
        Self::Mmrm,
        Self::Tobit,
        Self::AncovaLocf,
    ];

    const fn row(self) -> Row {
        use DataRequirement::{AdjustedChange, AnyChange, CensoredChange, Change, LastChange};
        match self {
            Self::Ancova => row("ancova", "ANCOVA of the log change", Some("analysis of covariance"), AdjustedChange),
            Self::AncovaHc3 => row(
                "ancova_hc3",
                "ANCOVA, robust errors (HC3)",
                Some("analysis of covariance with robust errors"),
                AdjustedChange,
            ),
            Self::WelchT => row("welch_t", "Welch's t test", Some("Welch's test"), Change),
            Self::StudentT => row("student_t", "Student's t test", Some("Student's test"), Change),
            Self::MannWhitney => row("mann_whitney", "Mann–Whitney, Hodges–Lehmann", Some("Mann–Whitney test"), Change),
            Self::BootstrapMedians => {
                row("bootstrap_bca_median_diff", "Medians, bootstrap interval (BCa)", None, Change)
            }
            Self::VanElteren => row("van_elteren", "Van Elteren, shift by stratum", Some("van Elteren's test"), Change),
            Self::PermutationOfMeans => {
                row("permutation_mean_diff", "Permutation test of the means", Some("permutation test"), Change)
            }
            Self::Mmrm => row("mmrm", "Mixed model for repeated measures", Some("mixed model"), AnyChange),
            Self::Tobit => row("tobit", "Tobit: values below the LLOQ as censored", None, CensoredChange),
            Self::AncovaLocf => row("ancova_locf", "ANCOVA, last observation carried forward", None, LastChange),
        }
    }

    /// Its name in `ANALYSIS` of the tables, and in a `[[family]]`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Its title, as pictures and tables for print have it.
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// Its test in a sentence; `None` of an analysis without a p-value, which is in no family.
    pub const fn test(self) -> Option<&'static str> {
        self.row().test
    }

    /// What it takes of a participant.
    pub(crate) const fn takes(self) -> DataRequirement {
        self.row().takes
    }
}

impl fmt::Display for AnalysisId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for AnalysisId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
