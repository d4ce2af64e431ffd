//! What is followed from plate to plate: controls, the parameters of the curve, standards read back, blank and top response.

use std::fmt;

use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::curve::Model;
use crate::qc::signal;

/// Something that every plate has a number for.
///
/// ```
/// use platewise::qc::across_plates::Item;
///
/// let control = Item::from_parts("control", "low", Some(100.0)).ok_or("no item")?;
/// assert_eq!((control.to_string(), control.is_control()), ("control low (100)".into(), true));
/// assert_eq!(Item::from_parts("parameter", "k", None), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// The concentration of a set of a control, in the unit of the study.
    Control {
        /// Its level.
        level: String,
        /// Its nominal concentration, where it has one: another one is another material.
        nominal: Option<f64>,
    },
    /// A parameter of the standard curve: `a`, `d`, `c`, `b` or `g`.
    Parameter(String),
    /// The bias of a standard back-calculated from its curve, in percent.
    Standard {
        /// Its nominal concentration.
        nominal: f64,
    },
    /// Mean response without analyte: of the blank wells, or of the zero standard where there are none. Nothing is subtracted
    /// from it but the reference wavelength.
    Blank,
    /// Mean response of the highest standard, measured in the same way.
    Top,
}

impl Item {
    /// `control`, `parameter`, `standard` or `response`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Control { .. } => "control",
            Self::Parameter(_) => "parameter",
            Self::Standard { .. } => "standard",
            Self::Blank | Self::Top => "response",
        }
    }

    /// The level of a control, the letter of a parameter, `blank` or `top`; empty for a standard.
    pub fn name(&self) -> &str {
        match self {
            Self::Control { level, .. } => level,
            Self::Parameter(letter) => letter,
            Self::Standard { .. } => "",
            Self::Blank => "blank",
            Self::Top => "top",
        }
    }

    /// The nominal concentration of a control or standard.
    pub fn nominal(&self) -> Option<f64> {
        match self {
            Self::Control { nominal, .. } => *nominal,
            Self::Standard { nominal } => Some(*nominal),
            _ => None,
        }
    }

    /// The item of a kind, name and nominal concentration; `None` where these are of none.
    pub fn from_parts(kind: &str, name: &str, nominal: Option<f64>) -> Option<Self> {
        let nominal = nominal.filter(|value| value.is_finite() && *value > 0.0);
        match (kind, name, nominal) {
            ("control", level, nominal) if !level.is_empty() => {
                Some(Self::Control { level: level.to_string(), nominal })
            }
            ("parameter", letter @ ("a" | "d" | "c" | "b" | "g"), None) => Some(Self::Parameter(letter.to_string())),
            ("standard", "", Some(nominal)) => Some(Self::Standard { nominal }),
            ("response", "blank", None) => Some(Self::Blank),
            ("response", "top", None) => Some(Self::Top),
            _ => None,
        }
    }

    /// Whether it is a control.
    pub fn is_control(&self) -> bool {
        matches!(self, Self::Control { .. })
    }
}

/// `control low (100)`, `parameter c`, `standard 62.5, bias in %`, `blank response`.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control { level, nominal: Some(nominal) } => {
                write!(f, "control {level} ({})", significant(*nominal, 6))
            }
            Self::Control { level, nominal: None } => write!(f, "control {level}"),
            Self::Parameter(letter) => write!(f, "parameter {letter}"),
            Self::Standard { nominal } => write!(f, "standard {}, bias in %", significant(*nominal, 6)),
            Self::Blank => f.write_str("blank response"),
            Self::Top => f.write_str("top response"),
        }
    }
}

/// Every number of a plate that is followed, in a fixed order: controls set by set in plate order, parameters, standards, responses.
/// What has no number on this plate (a control outside the range, a parameter that is not determined) is not among them.
pub fn numbers(plate: &PlateConcentrations) -> Vec<(Item, f64)> {
    let mut numbers = Vec::new();
    for control in &plate.controls {
        if let Some(value) = control.group.quantity.value() {
            let item = Item::Control { level: control.group.name.clone(), nominal: control.nominal };
            numbers.push((item, value));
        }
    }
    if let Ok(curve) = &plate.curve {
        let p = curve.parameters();
        let five = curve.method().model != Model::FourParameter;
        let letters = [("a", p.a), ("d", p.d), ("c", p.c), ("b", p.b), ("g", p.g)];
        let fitted = letters.into_iter().filter(|(letter, value)| value.is_finite() && (five || *letter != "g"));
        numbers.extend(fitted.map(|(letter, value)| (Item::Parameter(letter.to_string()), value)));
    }
    let biases = plate.standards.iter().filter_map(|standard| Some((standard.nominal, standard.bias_percent?)));
    numbers.extend(biases.map(|(nominal, bias)| (Item::Standard { nominal }, bias)));
    numbers.extend(signal::blank_as_read(&plate.plate).map(|value| (Item::Blank, value)));
    let top = plate.standards.iter().map(|standard| standard.nominal).fold(0.0, f64::max);
    let top = signal::standard_as_read(&plate.plate, top).filter(|_| top > 0.0);
    numbers.extend(top.map(|value| (Item::Top, value)));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{Reading, WellRole};

    #[test]
    fn an_item_comes_back_from_its_parts() {
        let items = [
            Item::Control { level: "low".into(), nominal: Some(100.0) },
            Item::Control { level: "in-house".into(), nominal: None },
            Item::Parameter("c".into()),
            Item::Standard { nominal: 62.5 },
            Item::Blank,
            Item::Top,
        ];
        for item in items {
            assert_eq!(Item::from_parts(item.kind(), item.name(), item.nominal()), Some(item));
        }
        for (kind, name, nominal) in
            [("control", "", None), ("control", "", Some(1.0)), ("parameter", "e", None), ("sample", "x", None)]
        {
            assert_eq!(Item::from_parts(kind, name, nominal), None);
        }
    }

    #[test]
    fn a_well_that_a_decision_leaves_out_moves_no_chart() {
        let mut plate = crate::qc::across_plates::example::plate("P", &[], 1.0, 1);
        let blank = |plate: &PlateConcentrations| {
            let found = numbers(plate).into_iter().find(|(item, _)| *item == Item::Blank);
            found.map(|(_, value)| value)
        };
        let zero = |well: &&mut crate::plate::AssayWell| well.role == WellRole::Standard { concentration: 0.0 };
        let [bubble, other] = plate.plate.wells.iter_mut().filter(zero).collect::<Vec<_>>().try_into().unwrap();
        (bubble.reading, bubble.response) =
            (Reading::Measured(1.5), Reading::Masked { text: "excluded".into(), value: None });
        let sound = other.reading.measured();
        assert_eq!(blank(&plate), sound);
    }

    /// The fifth parameter is a number of the curve where the model has one; sets, standards and responses are on every plate.
    #[test]
    fn every_number_of_a_plate_is_followed() {
        let read = crate::qc::across_plates::example::plate("P", &[], 1.0, 1).plate;
        let mut assay = crate::qc::across_plates::example::assay("");
        let mut of = |model: Model| {
            assay.method.model = model;
            let plate = PlateConcentrations::evaluate(read.as_read(), &assay);
            (numbers(&plate), plate)
        };
        let letters = |found: &[(Item, f64)]| {
            let letter = |(item, _): &(Item, f64)| {
                if let Item::Parameter(letter) = item { letter.clone() } else { String::new() }
            };
            found.iter().map(letter).collect::<String>()
        };
        let (four, plate) = of(Model::FourParameter);
        assert_eq!([letters(&four), letters(&of(Model::FiveParameter).0)], ["adcb", "adcbg"]);
        let count = |wanted: fn(&Item) -> bool| four.iter().filter(|(item, _)| wanted(item)).count();
        let biases = plate.standards.iter().filter(|standard| standard.bias_percent.is_some()).count();
        assert_eq!((count(Item::is_control), count(|item| matches!(item, Item::Standard { .. }))), (6, biases));
        let value = |wanted: Item| four.iter().find(|(item, _)| *item == wanted).map(|(_, value)| *value);
        assert_eq!(value(Item::Top), signal::standard_as_read(&plate.plate, 2000.0));
        assert_eq!(value(Item::Blank), signal::standard_as_read(&plate.plate, 0.0));
        assert_eq!(value(Item::Parameter("c".into())), plate.curve.as_ref().ok().map(|curve| curve.parameters().c));
        let control = &plate.controls[0];
        assert_eq!(four[0].1, control.group.quantity.value().unwrap());
        assert_eq!(four[0].0, Item::Control { level: control.group.name.clone(), nominal: control.nominal });
    }
}
