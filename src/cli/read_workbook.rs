//! `platewise read-workbook`, hidden: the process in which xls, xlsb and ods are read, under limits of memory and time.

use std::io::{self, Write};

use clap::Args as ClapArgs;

use super::{Failure, Status};
use crate::sheet::isolated;

/// Read a workbook from standard input and write its cells as JSON (for the program itself).
#[derive(Debug, ClapArgs)]
pub(super) struct Args {}

/// Lets the library start this very program for workbooks that are read at arm's length.
pub(super) fn use_this_program() {
    if let Ok(program) = std::env::current_exe() {
        isolated::use_program(program);
    }
}

/// Reads standard input, writes to `out`.
///
/// # Errors
/// When the limits cannot be set, or input or output fail.
pub(super) fn run(_: &Args, out: &mut dyn Write) -> Result<Status, Failure> {
    isolated::serve(&mut io::stdin().lock(), out)?;
    Ok(Status::Done)
}
