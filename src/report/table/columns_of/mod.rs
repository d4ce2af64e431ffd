//! The columns that the page asks for, by table: one that is not there does not compile. Each stands here with its unit and meaning, and
//! is filled where its table is made; columns that are only written stand there.

mod of_analytes;
mod of_arms;
mod of_checks;
mod of_decisions;
mod of_participants;
mod of_plates;
mod of_samples;
mod of_test_samples;

pub(in crate::report) use of_analytes::{AnalytesTable, FamiliesTable, ParticipantsTable};
pub(in crate::report) use of_arms::{AdjustedColumns, ComparisonTable, CountedColumns, RespondersTable, SummaryTable};
pub(in crate::report) use of_checks::{
    AssayErrorTable, MissingDataTable, NextTrialTable, PlateEffectTable, RespondersStandardisedTable, SubgroupsTable,
};
pub(in crate::report) use of_decisions::{DecisionsTable, ExclusionsTable, SignaturesTable};
pub(in crate::report) use of_participants::{
    ClinicalChangeTable, ClinicalRespondersTable, CorrelationTable, EventsTable, ExcludedTable, FlowTable,
};
pub(in crate::report) use of_plates::{
    ControlsTable, EffectsTable, MovementsTable, PlateColumns, PrecisionTable, StandardsTable, WestgardTable,
};
pub(in crate::report) use of_samples::{
    ConcentrationsTable, IdentityTable, MeasurementsTable, QuantityColumns, RerunsTable, SampleColumns,
    StabilityColumns,
};
pub(in crate::report) use of_test_samples::{IsrTable, LotsTable, ParallelismTable, SpikesTable};
