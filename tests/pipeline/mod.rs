//! The steps in order: from real files to concentrations.

mod desk;
mod method_choices;
mod real_input;
mod reconcile;
