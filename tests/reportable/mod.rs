//! One result per sample.

mod repeats;
