//! The commands, as a user types them.

mod archive;
mod bad_input;
mod curve;
mod decide;
mod described_format;
mod engine;
mod explain;
mod folders;
mod help;
mod init_from;
mod injection;
mod inspect;
mod killed;
mod messages;
mod plate;
mod review;
mod review_page;
mod sign;
mod tables_only;
mod trust;
mod validate;
