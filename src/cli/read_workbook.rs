//! `platewise read-workbook`, hidden: the process in which xls, xlsb and ods are read, under limits of memory and time.

use std::io;
use std::process::ExitCode;

use crate::sheet::isolated;

/// Lets the library start this very program for workbooks that are read at arm's length.
pub(super) fn use_this_program() {
    if let Ok(program) = std::env::current_exe() {
        isolated::use_program(program);
    }
}

/// Whether this process was started to read a workbook. It has no other arguments, and whoever started it waits: it does not
/// go through the command line that people use.
pub(super) fn is_asked() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == isolated::COMMAND)
}

/// Reads a workbook from standard input and writes its cells as JSON; answers any failure with exit code 2, as every command.
pub(super) fn main() -> ExitCode {
    match isolated::serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}
