//! The steps in order: from real files to concentrations.

mod cache;
mod desk;
mod method_choices;
mod parts;
mod real_input;
mod reconcile;
