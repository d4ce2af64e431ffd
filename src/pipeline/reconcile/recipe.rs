//! The ways in which a reader's software commonly makes a curve: which readings, what of the blank, wells or means, which curve,
//! and how it is weighted.

use crate::curve::{Model, Variance};

/// The curve and its weights.
///
/// See [`Recipe`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CurveType {
    /// A four- or five-parameter logistic.
    Logistic(Model, Variance),
    /// `y = A x + B`, unweighted.
    Line,
    /// `ln y = A ln x + B`, unweighted.
    LogLog,
    /// The parameters that the file prints.
    Printed,
}

impl CurveType {
    /// In words.
    pub fn words(self) -> String {
        let (model, variance) = match self {
            Self::Line => return "a straight line".into(),
            Self::LogLog => return "a straight line of the logarithms".into(),
            Self::Printed => return "the parameters that the file prints".into(),
            Self::Logistic(model, variance) => (model, variance),
        };
        let model = match model {
            Model::FourParameter => "4pl",
            Model::FiveParameter => "5pl",
            Model::FiveParameterMirror => "5plm",
        };
        let variance = match variance {
            Variance::Constant => "constant variance (unweighted)",
            Variance::Proportional => "variance ∝ mean",
            Variance::Squared => "variance ∝ mean²",
            Variance::Power => "variance ∝ mean^2θ",
            Variance::TwoComponent => "variance ∝ mean² + ρ²",
        };
        format!("{model} with {variance}")
    }
}

/// What of the standards is fitted.
///
/// See [`Recipe`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// Each well.
    Wells,
    /// The mean of each level.
    Means,
    /// No standards, as the file declares none: the reader's own concentrations with their readings, which shows the curve that
    /// they lie on.
    Recovered,
}

impl Points {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Wells => "every well of the standards",
            Self::Means => "the means of the standards",
            Self::Recovered => "through the reader's own concentrations (the file declares no standards)",
        }
    }
}

/// Which readings.
///
/// See [`Recipe`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Index of the read among the reads of a plate.
    pub read: usize,
    /// Index of the read that is subtracted.
    pub less: Option<usize>,
    /// Whether the mean of the blank wells is subtracted.
    pub blank: bool,
    /// What the file calls the reads.
    pub label: String,
}

impl Signal {
    /// In words.
    pub fn words(&self) -> String {
        if self.blank { format!("{} less the mean of the blanks", self.label) } else { self.label.clone() }
    }
}

/// A way of making a curve.
///
/// ```
/// use platewise::pipeline::reconcile::recipe::{Points, Recipe, CurveType, Signal};
///
/// let signal = Signal { read: 0, less: None, blank: true, label: "450 nm".into() };
/// let recipe = Recipe { shape: CurveType::Line, points: Points::Means, signal, masked: false };
/// assert_eq!(recipe.words(), "a straight line, the means of the standards, 450 nm less the mean of the blanks");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The curve.
    pub shape: CurveType,
    /// What is fitted.
    pub points: Points,
    /// To which readings.
    pub signal: Signal,
    /// Whether the wells are in it that the file's tables show as masked.
    pub masked: bool,
}

impl Recipe {
    /// In words.
    pub fn words(&self) -> String {
        match self.shape {
            CurveType::Printed => format!("{}, {}", self.shape.words(), self.signal.words()),
            shape => {
                let masked = if self.masked { " with the masked ones" } else { "" };
                format!("{}, {}{masked}, {}", shape.words(), self.points.words(), self.signal.words())
            }
        }
    }
}
