//! Numbers side by side.
//!
//! Every operation does the same to each of them, in plain loops that the compiler turns into vector instructions. IEEE
//! arithmetic is the same in a vector, and the order of every sum is fixed, so the bits do not depend on the platform. Two
//! fill the vectors that every x86-64 and AArch64 machine has; four leave the compiler room to overlap them.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// A number or several: an equation that is written for both gives the same bits for both.
pub(crate) trait Numeric:
    Copy + Default + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The same number everywhere.
    fn all(value: f64) -> Self;

    /// The function of each.
    fn map(self, function: impl FnMut(f64) -> f64) -> Self;

    /// For each, the one of two that the test of this one says.
    fn choose(self, test: impl Fn(f64) -> bool, yes: Self, no: Self) -> Self;
}

impl Numeric for f64 {
    #[inline(always)]
    fn all(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn map(self, mut function: impl FnMut(f64) -> f64) -> Self {
        function(self)
    }

    #[inline(always)]
    fn choose(self, test: impl Fn(f64) -> bool, yes: Self, no: Self) -> Self {
        if test(self) { yes } else { no }
    }
}

/// How many levels of a plate stand side by side.
pub(crate) const LANES: usize = 4;

/// So many numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lanes<const N: usize>(pub [f64; N]);

/// Four numbers.
pub(crate) type Four = Lanes<LANES>;

/// Two numbers.
pub(crate) type Two = Lanes<2>;

impl<const N: usize> Default for Lanes<N> {
    #[inline(always)]
    fn default() -> Self {
        Self([0.0; N])
    }
}

impl Four {
    /// The sum of the four.
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        let [p, q, r, s] = self.0;
        (p + r) + (q + s)
    }
}

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn with(mut self, other: Self, function: impl Fn(f64, f64) -> f64) -> Self {
        for i in 0..N {
            self.0[i] = function(self.0[i], other.0[i]);
        }
        self
    }
}

impl<const N: usize> Numeric for Lanes<N> {
    #[inline(always)]
    fn all(value: f64) -> Self {
        Self([value; N])
    }

    #[inline(always)]
    fn map(mut self, mut function: impl FnMut(f64) -> f64) -> Self {
        for number in &mut self.0 {
            *number = function(*number);
        }
        self
    }

    #[inline(always)]
    fn choose(self, test: impl Fn(f64) -> bool, yes: Self, no: Self) -> Self {
        let mut chosen = no;
        for i in 0..N {
            chosen.0[i] = if test(self.0[i]) { yes.0[i] } else { no.0[i] };
        }
        chosen
    }
}

impl<const N: usize> Neg for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|number| -number)
    }
}

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, |p, q| p + q)
    }
}

impl<const N: usize> AddAssign for Lanes<N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, |p, q| p - q)
    }
}

impl<const N: usize> Mul for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(other, |p, q| p * q)
    }
}

impl<const N: usize> Div for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.with(other, |p, q| p / q)
    }
}
