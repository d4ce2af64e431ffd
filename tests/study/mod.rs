//! The change from baseline and the comparison of arms.

mod all_arms;
mod analytes;
mod assay_error;
mod choices;
mod clinical;
mod compare;
mod covariates;
mod estimable;
mod events;
mod four_visits;
mod made_studies;
mod interval_coverage;
mod missing_data;
mod mixed_model;
mod percent_change;
mod published;
mod records;
mod robustness;
mod supplementary;
mod trial_truth;
mod values;
