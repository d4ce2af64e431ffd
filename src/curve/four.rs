//! Four numbers side by side.
//!
//! Every operation does the same to each of the four, in plain loops that the compiler turns into vector instructions. IEEE
//! arithmetic is the same in a vector, and the order of every sum is fixed, so the bits do not depend on the platform. Two
//! fill the vectors that every x86-64 and AArch64 machine has; four leave the compiler room to overlap them.

use std::ops::{Add, AddAssign, Mul, Sub};

/// How many numbers stand side by side.
pub(crate) const LANES: usize = 4;

/// Four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Four(pub [f64; LANES]);

impl Four {
    /// The same number four times.
    #[inline]
    pub(crate) fn all(value: f64) -> Self {
        Self([value; LANES])
    }

    /// The sum of the four.
    #[inline]
    pub(crate) fn sum(self) -> f64 {
        let [p, q, r, s] = self.0;
        (p + r) + (q + s)
    }

    /// The function of each.
    #[inline]
    pub(crate) fn map(self, function: impl FnMut(f64) -> f64) -> Self {
        Self(self.0.map(function))
    }

    #[inline]
    fn with(mut self, other: Self, function: impl Fn(f64, f64) -> f64) -> Self {
        for i in 0..LANES {
            self.0[i] = function(self.0[i], other.0[i]);
        }
        self
    }
}

impl Add for Four {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        self.with(other, |p, q| p + q)
    }
}

impl AddAssign for Four {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Four {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.with(other, |p, q| p - q)
    }
}

impl Mul for Four {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        self.with(other, |p, q| p * q)
    }
}
