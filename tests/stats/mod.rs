//! The statistics against independent programs, and what always holds of them.

mod imputation;
mod operating;
mod properties;
mod reference;
mod supplementary;
mod tobit_profile;
