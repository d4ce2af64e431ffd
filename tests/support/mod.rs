//! What the tests of several stages share: plates, studies and files to begin with, and ways to look at what came out.

pub(crate) mod bench_plates;
pub(crate) mod copied_study;
pub(crate) mod coverage;
pub(crate) mod decided_study;
pub(crate) mod edits;
pub(crate) mod examined;
pub(crate) mod imports;
pub(crate) mod locked_workbook;
pub(crate) mod plate_in_pairs;
pub(crate) mod random_curves;
pub(crate) mod reference;
pub(crate) mod made_study;
pub(crate) mod result_tables;
pub(crate) mod review_requests;
pub(crate) mod review_server;
pub(crate) mod second_plate;
pub(crate) mod sources;
pub(crate) mod tokens;
pub(crate) mod two_plates;
pub(crate) mod workbooks;
