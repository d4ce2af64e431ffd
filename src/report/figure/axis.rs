//! Axes with ticks that people read easily: levels of the standards, 1-2-5 on logarithms, round steps on lines.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, KeyPointWeight, NoDefaultFormatting, Ranged, ValueFormatter};

use super::canvas::text_width;
use super::font::Weight;

/// Share of a logarithmic axis that the zero standard has for itself, left of the break.
const ZERO_SHARE: f64 = 0.09;

/// How values become places.
#[derive(Debug, Clone, Copy, PartialEq)]
enum AxisScale {
    Linear,
    /// The square root of the distance from 0, on either side of it.
    SquareRoot,
    /// With or without a place for zero, which no logarithm has.
    Log {
        zero: bool,
    },
}

/// One axis: its range, its scale, its ticks.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    scale: AxisScale,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis over the values with about so many round ticks; its ends are ticks.
    pub(super) fn linear(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = ordered(low, high);
        let step = round_step((high - low) / ticks.max(1) as f64);
        let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
        let decimals = (-(libm::log10(step) + 1e-9).floor()).max(0.0) as usize;
        let ticks = (first..=last).map(|k| (k as f64 * step, format!("{:.decimals$}", k as f64 * step))).collect();
        Self { low: first as f64 * step, high: last as f64 * step, scale: AxisScale::Linear, ticks }
            .without_minus_zero()
    }

    /// An axis on which places follow the square root (of values below 0: its mirror image), so that low values stand apart and
    /// none is too low to be shown. Its ticks are the round values that keep apart.
    pub(super) fn square_root(low: f64, high: f64) -> Self {
        const APART: f64 = 0.075;
        let (low, high) = ordered(low, high);
        let mut axis = Self { low, high, scale: AxisScale::SquareRoot, ticks: Vec::new() };
        let top = libm::log10(low.abs().max(high.abs())).ceil() as i32;
        let round = (top - 5..=top).flat_map(|power| [1.0, 2.0, 3.0, 5.0].map(|digit| (digit, power)));
        let positive: Vec<(f64, String)> = round.map(|(digit, power)| decimal(digit, power)).collect();
        let mut kept: Vec<(f64, String)> = vec![(0.0, "0".into())];
        // From 0 outwards, on each side.
        for side in [1.0, -1.0] {
            let mut last = axis.share(0.0);
            for (value, label) in &positive {
                let (value, place) = (side * value, axis.share(side * value));
                if (low..=high).contains(&value) && (place - last).abs() >= APART {
                    kept.push((value, if side < 0.0 { format!("-{label}") } else { label.clone() }));
                    last = place;
                }
            }
        }
        kept.retain(|(value, _)| (low..=high).contains(value));
        kept.sort_by(|one, other| one.0.total_cmp(&other.0));
        axis.ticks = kept;
        axis
    }

    /// A linear axis of whole things (plates, say), each with its own label, at 0, 1, 2 …
    pub(super) fn categories(labels: impl IntoIterator<Item = String>) -> Self {
        let ticks: Vec<(f64, String)> = labels.into_iter().enumerate().map(|(i, label)| (i as f64, label)).collect();
        let last = ticks.len().max(1) as f64 - 1.0;
        Self { low: -0.5, high: last + 0.5, scale: AxisScale::Linear, ticks }
    }

    /// A linear axis of so many whole things at 0, 1, 2 …, of which every tenth is numbered; of fewer than ten the last.
    pub(super) fn counted(things: usize) -> Self {
        let last = things.max(1);
        let numbered: Vec<usize> = if last < 10 { vec![last] } else { (10..=last).step_by(10).collect() };
        let ticks = numbered.into_iter().map(|number| (number as f64 - 1.0, number.to_string())).collect();
        Self { low: -0.5, high: last as f64 - 0.5, scale: AxisScale::Linear, ticks }
    }

    /// A linear axis with ticks at given places, such as visits at their weeks, with room on both sides.
    pub(super) fn at(ticks: Vec<(f64, String)>) -> Self {
        let places = ticks.iter().map(|(value, _)| *value);
        let (low, high) = (places.clone().fold(f64::INFINITY, f64::min), places.fold(f64::NEG_INFINITY, f64::max));
        let (low, high) = ordered(low, high);
        let room = 0.18 * (high - low);
        Self { low: low - room, high: high + room, scale: AxisScale::Linear, ticks }
    }

    /// A logarithmic axis from `low` to `high`, both > 0, with ticks at 1-2-5 or, over many decades, at powers of ten.
    pub(super) fn log(low: f64, high: f64) -> Self {
        let (low, high) = positive(low, high);
        let decades = libm::log10(high / low);
        let digits: &[f64] = if decades < 3.2 {
            &[1.0, 2.0, 5.0]
        } else if decades < 6.0 {
            &[1.0, 3.0]
        } else {
            &[1.0]
        };
        let exponents = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32;
        let ticks = exponents
            .flat_map(|exponent| digits.iter().map(move |digit| digit * 10f64.powi(exponent)))
            .filter(|tick| *tick >= low * 0.999 && *tick <= high * 1.001)
            .map(|tick| (tick, plain(tick)))
            .collect();
        Self { low, high, scale: AxisScale::Log { zero: false }, ticks }
    }

    /// A logarithmic axis for ratios around 1: ticks at 1 and at multiples and parts of 1, such as 0.5, 0.8, 1, 1.25, 2.
    pub(super) fn ratios(low: f64, high: f64) -> Self {
        let (low, high) = positive(low, high);
        let candidates: &[f64] = match high / low {
            span if span < 1.9 => &[0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5],
            span if span < 6.0 => &[0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0],
            _ => return Self::log(low, high),
        };
        let inside = candidates.iter().filter(|tick| **tick >= low && **tick <= high);
        let ticks: Vec<_> = inside.map(|tick| (*tick, plain(*tick))).collect();
        if ticks.len() < 3 {
            return Self::log(low, high);
        }
        Self { low, high, scale: AxisScale::Log { zero: false }, ticks }
    }

    /// The concentration axis of a standard curve: ticks at the levels of the standards, zero behind a break.
    pub(super) fn concentrations(levels: &[f64], low: f64, high: f64) -> Self {
        let mut axis = Self::log(low, high);
        let mut levels: Vec<f64> = levels.to_vec();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let positive: Vec<f64> = levels.iter().copied().filter(|level| *level > 0.0).collect();
        if (3..=12).contains(&positive.len()) {
            axis.ticks = positive.iter().map(|level| (*level, plain(*level))).collect();
        }
        if levels.first() == Some(&0.0) {
            axis.scale = AxisScale::Log { zero: true };
            axis.ticks.insert(0, (0.0, "0".to_string()));
        }
        axis
    }

    /// Whether there is a break, and the pixel of its middle when the axis has the given ones.
    pub(super) fn break_at(&self, limit: (i32, i32)) -> Option<i32> {
        (self.scale == AxisScale::Log { zero: true }).then(|| place(ZERO_SHARE * 0.8, limit))
    }

    /// The pixels that zero has for itself, left of the break.
    pub(super) fn zero_place(&self, limit: (i32, i32)) -> Option<(i32, i32)> {
        (self.scale == AxisScale::Log { zero: true }).then(|| (place(0.0, limit), place(ZERO_SHARE * 0.62, limit)))
    }

    /// Labels every second or third tick only, where all labels would touch at this length and size (in canvas units).
    pub(super) fn thinned(mut self, length: i32, size: f64) -> Self {
        let gap = size * 0.6;
        let touches = |stride: usize| {
            let kept: Vec<&(f64, String)> = self.ticks.iter().step_by(stride).collect();
            kept.windows(2).any(|pair| {
                let places = [self.map(&pair[0].0, (0, length)), self.map(&pair[1].0, (0, length))];
                let widths = [&pair[0].1, &pair[1].1].map(|label| text_width(label, size, Weight::Regular));
                f64::from((places[1] - places[0]).abs()) < (widths[0] + widths[1]) / 2.0 + gap
            })
        };
        let stride = (1..=self.ticks.len().max(1)).find(|stride| !touches(*stride)).unwrap_or(1);
        self.ticks = self.ticks.into_iter().step_by(stride).collect();
        self
    }

    /// Width of the widest label, in units of the canvas.
    pub(super) fn label_width(&self, size: f64) -> f64 {
        self.ticks.iter().map(|(_, label)| text_width(label, size, Weight::Regular)).fold(0.0, f64::max)
    }

    /// The same without ticks.
    pub(super) fn without_ticks(mut self) -> Self {
        self.ticks.clear();
        self
    }

    /// How far along the axis a value stands, from 0 at its low end to 1 at its high end.
    fn share(&self, value: f64) -> f64 {
        match self.scale {
            AxisScale::Linear => (value - self.low) / (self.high - self.low),
            AxisScale::SquareRoot => {
                let root = |value: f64| value.abs().sqrt().copysign(value);
                (root(value) - root(self.low)) / (root(self.high) - root(self.low))
            }
            AxisScale::Log { zero } if value <= 0.0 => {
                if zero {
                    ZERO_SHARE * 0.32
                } else {
                    0.0
                }
            }
            AxisScale::Log { zero } => {
                let start = if zero { ZERO_SHARE } else { 0.0 };
                start + (1.0 - start) * libm::log(value / self.low) / libm::log(self.high / self.low)
            }
        }
    }

    /// The ends of the axis.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Whether a value has a place on the axis.
    pub(super) fn shows(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value) || (self.scale == AxisScale::Log { zero: true } && value == 0.0)
    }

    fn without_minus_zero(mut self) -> Self {
        for (value, label) in &mut self.ticks {
            if *value == 0.0 {
                *value = 0.0;
                *label = label.trim_start_matches('-').to_string();
            }
        }
        self
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        place(self.share(*value), limit)
    }

    /// All ticks, whatever plotters would like: they were chosen for the length of the axis.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight() {
            KeyPointWeight::Bold => self.ticks.iter().map(|(value, _)| *value).collect(),
            KeyPointWeight::Any => Vec::new(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

/// The unit at a share of the way.
fn place(share: f64, (start, end): (i32, i32)) -> i32 {
    (f64::from(start) + share * f64::from(end - start)).round() as i32
}

/// Both ends, in order and apart.
fn ordered(low: f64, high: f64) -> (f64, f64) {
    match (low.is_finite() && high.is_finite(), low.min(high), low.max(high)) {
        (false, ..) => (0.0, 1.0),
        (true, low, high) if high - low > 1e-12 * high.abs().max(low.abs()) => (low, high),
        (true, 0.0, _) => (0.0, 1.0),
        (true, low, _) => (low - 0.1 * low.abs(), low + 0.1 * low.abs()),
    }
}

/// Both ends for a logarithm, in order and apart.
fn positive(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.min(high), low.max(high));
    if !(low.is_finite() && high.is_finite() && high > 0.0) {
        return (0.1, 10.0);
    }
    let low = if low > 0.0 { low } else { high / 1000.0 };
    if high / low > 1.0 + 1e-9 { (low, high) } else { (low / 2.0, high * 2.0) }
}

/// The 1, 2 or 5 times a power of ten at or above a step.
fn round_step(step: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(step).floor());
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * power >= step * (1.0 - 1e-9)).unwrap_or(10.0);
    digit * power
}

/// A digit times a power of ten, as number and as text.
fn decimal(digit: f64, power: i32) -> (f64, String) {
    let value = if power < 0 { digit / 10f64.powi(-power) } else { digit * 10f64.powi(power) };
    (value, plain(value))
}

/// A number without exponent or trailing zeros: `31.25`, `2000`, `0.5`.
pub(super) fn plain(value: f64) -> String {
    crate::concentration::quantity::significant(value, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::linear(0.0, 2.37, 5)), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(labels(&Axis::linear(-17.0, 23.0, 4)), ["-20", "-10", "0", "10", "20", "30"]);
        assert_eq!(labels(&Axis::log(20.0, 3000.0)), ["20", "50", "100", "200", "500", "1000", "2000"]);
        assert_eq!(labels(&Axis::log(0.001, 1000.0)), ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]);
        let ratios = Axis::ratios(0.45, 1.3);
        assert_eq!(labels(&ratios), ["0.5", "0.6", "0.7", "0.8", "1", "1.25"]);
    }

    #[test]
    fn on_a_square_root_axis_low_values_stand_apart_and_ticks_keep_apart() {
        let axis = Axis::square_root(0.0, 3.1);
        assert_eq!(labels(&axis), ["0", "0.02", "0.1", "0.3", "0.5", "1", "2", "3"]);
        let at = |value: f64| axis.map(&value, (0, 1_000));
        assert_eq!((at(0.0), at(3.1), at(3.1 / 4.0)), (0, 1_000, 500), "a quarter of the height stands at the middle");
        let crossing = Axis::square_root(-0.04, 4.0);
        assert_eq!(crossing.map(&0.0, (0, 1_100)), 100, "below 0 the mirror image: 0.2 of 2.2");
        assert_eq!(labels(&crossing)[..2], ["-0.03", "0"]);
        let share: Vec<f64> = axis.ticks.iter().map(|tick| axis.share(tick.0)).collect();
        assert!(share.windows(2).all(|pair| pair[1] - pair[0] > 0.07), "{share:?}");
        let counts = Axis::square_root(0.0, 65_000.0);
        assert_eq!(labels(&counts), ["0", "500", "2000", "5000", "10000", "20000", "30000", "50000"]);
    }

    #[test]
    fn standards_are_their_own_ticks_and_zero_has_a_place_left_of_the_break() {
        let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
        let axis = Axis::concentrations(&levels, 20.0, 3000.0);
        assert_eq!(labels(&axis), ["0", "31.25", "62.5", "125", "250", "500", "1000", "2000"]);
        let limit = (0, 10_000);
        let (_, zero_end) = axis.zero_place(limit).unwrap();
        assert!(axis.map(&0.0, limit) < zero_end);
        assert!(zero_end < axis.break_at(limit).unwrap());
        assert!(axis.break_at(limit).unwrap() < axis.map(&20.0, limit));
        assert_eq!(axis.map(&3000.0, limit), 10_000);
        assert!(Axis::concentrations(&levels[1..], 20.0, 3000.0).break_at(limit).is_none());
    }

    #[test]
    fn labels_that_would_touch_are_thinned() {
        let axis = Axis::categories((1..=60).map(|i| format!("Plate {i:02}")));
        let thinned = axis.clone().thinned(10_000, 220.0);
        assert!(thinned.ticks.len() < 20 && thinned.ticks.len() > 3, "{}", thinned.ticks.len());
        assert_eq!(thinned.ticks[0].1, "Plate 01");
    }

    #[test]
    fn hostile_ranges_give_an_axis_with_finite_ends() {
        for (low, high) in
            [(f64::NAN, 1.0), (0.0, 0.0), (5.0, 5.0), (-3.0, -3.0), (f64::INFINITY, 0.0), (1e-300, 1e300)]
        {
            let axes = [
                Axis::linear(low, high, 5),
                Axis::log(low, high),
                Axis::ratios(low, high),
                Axis::square_root(low, high),
            ];
            for axis in axes {
                let (start, end) = axis.ends();
                assert!(start.is_finite() && end.is_finite() && start < end, "{low} {high}: {axis:?}");
                assert!(axis.ticks.len() < 2000);
            }
        }
    }
}
