//! Tails and quantiles of the distributions that tests and intervals need, for [`crate::curve`] and [`crate::stats`] alike.
//!
//! On `libm` alone: the platform's own `exp` and `ln` differ in the last bits between platforms, and p-values and limits with them.
//! Everything is taken from the upper tail: `1 − cdf` loses all digits of a small p-value. What cannot be computed is NaN.

mod incomplete;
mod normal;
mod student;

pub use incomplete::{beta_lower, gamma_lower, gamma_upper};
pub use normal::{normal_quantile, normal_upper};
pub use student::{f_upper, t_quantile, t_two_sided};
