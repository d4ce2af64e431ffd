//! Figures, pages, tables and datasets.

mod adlb_read_back;
mod figures;
mod study;
