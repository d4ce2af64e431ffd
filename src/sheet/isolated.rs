//! Workbooks that can only be read at arm's length: xls, xlsb and ods.
//!
//! The library reads these whole, and a crafted file of a few kilobytes makes it ask for more memory than there is, which
//! ends the process: no error value, nothing to catch. So they are read in a child process, our own program started with a
//! hidden command ([`COMMAND`]), under limits of memory and time ([`serve`]); what it found comes back as JSON.
//!
//! Limits are set with `setrlimit`; of processor time it counts whole seconds only, so the child also watches its own clock where
//! the system shows it (Linux). On Windows a job object limits the memory, and time counts by the clock on the wall only.
//!
//! # In another program
//!
//! The library does not know which program to start, and reads none of these formats until it is told: it answers with a problem that says
//! so, never with a workbook read without limits. [`use_program`] names one, either the installed `platewise` or your own, which
//! then begins like this:
//!
//! ```no_run
//! use platewise::sheet::isolated;
//!
//! fn main() -> std::io::Result<()> {
//!     // Started by itself to read a workbook.
//!     if std::env::args_os().nth(1).is_some_and(|argument| argument == isolated::COMMAND) {
//!         return isolated::serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
//!     }
//!     isolated::use_program(std::env::current_exe()?);
//!     // … your own work …
//!     Ok(())
//! }
//! ```

use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use calamine::{Ods, Reader, SheetType, SheetVisible, Xls, Xlsb};
use serde::{Deserialize, Serialize};

use super::book::{Book, Sheet};
use super::cell::Value;
use super::container::Container;
use super::limits;
use super::location::{Location, Place};
use super::ods_matrices::Matrices;
use super::parts;
use super::problem::{Code, Problem, Problems};
use super::workbook::{Budget, Cells, protected, value_of};
use super::xls_formulas;

/// The hidden command of the `platewise` program that runs [`serve`].
pub const COMMAND: &str = "read-workbook";

/// Memory that the child may allocate.
const CHILD_MEMORY: u64 = 160 << 20;
/// Address space of the child: its memory, and the program itself mapped.
#[cfg(unix)]
const CHILD_ADDRESS_SPACE: u64 = 1 << 30;
/// Processor time of the child. The slowest workbook that instruments have written so far takes 5 ms, and as many cells as may be
/// read at all take 200 ms; what takes longer was made to.
#[cfg(unix)]
const CHILD_CPU: Duration = Duration::from_millis(500);
/// The same in what `setrlimit` counts, should the child not come to watch its clock.
#[cfg(unix)]
const CHILD_CPU_SECONDS: u64 = 1;
/// How long the child may take by the clock on the wall. It waits for nothing, so only a machine that is short of processors can
/// make it this late: time on the wall decides only about a child that hangs.
const CHILD_PATIENCE: Duration = Duration::from_secs(5);
/// How much the child may answer.
const CHILD_ANSWER: u64 = 64 << 20;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Names the program that reads xls, xlsb and ods for this process: the installed `platewise`, or one that answers [`COMMAND`] with
/// [`serve`]. The first call counts.
pub fn use_program(program: PathBuf) {
    PROGRAM.get_or_init(|| program);
}

/// A sheet on its way from the child.
#[derive(Serialize, Deserialize)]
struct WireSheet {
    name: String,
    hidden: bool,
    rows: Vec<Vec<Value>>,
    formulas: Vec<(u32, u32)>,
}

/// A problem on its way from the child.
#[derive(Serialize, Deserialize)]
struct WireProblem {
    code: Code,
    sheet: Option<String>,
    place: Place,
    found: String,
    expected: String,
    advice: String,
}

type ReaderReply = Result<Vec<WireSheet>, Vec<WireProblem>>;

/// Reads a workbook in a child process.
pub(super) fn read(bytes: &[u8], file: &Arc<str>) -> Result<Book, Problems> {
    let problem = |code: Code, found: String| Problem::new(code, Location::file(file.clone()), found);
    let save_as_xlsx = "Open it in a spreadsheet program and save it as xlsx";
    let Some(program) = PROGRAM.get().filter(|_| cfg!(any(unix, windows))) else {
        return Err(problem(
            Code::new("workbook-read-by-program-only"),
            "xls, xlsb and ods are read in a process of their own, and no program is named for it".into(),
        )
        .advice(format!("{save_as_xlsx}; in a program of your own, call platewise::sheet::isolated::use_program first"))
        .into());
    };
    if Container::of(bytes) != Container::Xls {
        parts::check(bytes, file)?;
    }
    let answer = ask(program, bytes).map_err(|error| {
        problem(Code::new("workbook-unreadable"), format!("the workbook cannot be read ({error})")).advice(save_as_xlsx)
    })?;
    match answer {
        Ok(sheets) => Ok(Book {
            file: file.clone(),
            sheets: sheets
                .into_iter()
                .map(|wire| {
                    let mut sheet = Sheet::new(file.clone(), Some(wire.name.into()));
                    (sheet.hidden, sheet.rows) = (wire.hidden, wire.rows);
                    sheet.formulas = wire.formulas.into_iter().collect();
                    sheet
                })
                .collect(),
        }),
        Err(problems) => Err(Problems(
            problems
                .into_iter()
                .map(|wire| Problem {
                    code: wire.code,
                    location: Location { file: file.clone(), sheet: wire.sheet.map(Into::into), place: wire.place },
                    found: wire.found,
                    expected: wire.expected,
                    advice: wire.advice,
                })
                .collect(),
        )),
    }
}

/// Runs the child on the bytes and takes its answer.
fn ask(program: &PathBuf, bytes: &[u8]) -> io::Result<ReaderReply> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (answer, status) = std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        let (tell, told) = mpsc::channel();
        scope.spawn(move || {
            let mut answer = Vec::new();
            stdout.map(|stdout| stdout.take(CHILD_ANSWER).read_to_end(&mut answer));
            // Whoever waits no longer does not need it.
            let _ = tell.send(answer);
        });
        // The answer ends when the child does.
        let answer = told.recv_timeout(CHILD_PATIENCE);
        if answer.is_err() {
            child.kill()?;
        }
        io::Result::Ok((answer, child.wait()?))
    })?;
    match answer {
        Ok(answer) if status.success() => serde_json::from_slice(&answer).map_err(io::Error::other),
        _ => Err(io::Error::other("reading it takes more memory or time than an export needs, or it is damaged")),
    }
}

/// The child's side: a workbook from `input`, its sheets or problems as JSON to `output`, under the limits above.
///
/// # Errors
/// When `input` or `output` fail, or the limits cannot be set.
pub fn serve(input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    #[cfg(any(unix, windows))]
    lower_limits()?;
    let mut bytes = Vec::new();
    input.take(limits::MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    let answer: ReaderReply = sheets(&bytes).map_err(|problems| {
        problems
            .into_iter()
            .map(|problem| WireProblem {
                code: problem.code,
                sheet: problem.location.sheet.map(|name| name.to_string()),
                place: problem.location.place,
                found: problem.found,
                expected: problem.expected,
                advice: problem.advice,
            })
            .collect()
    });
    // In one piece: standard output hands on every kilobyte of its own accord.
    output.write_all(&serde_json::to_vec(&answer)?)?;
    output.flush()
}

/// Lowers the limits of this process to those above, for good.
#[cfg(unix)]
fn lower_limits() -> io::Result<()> {
    use rlimit::Resource;
    let lower = |resource: Resource, limit: u64| {
        let (_, hard) = resource.get()?;
        resource.set(limit.min(hard), limit.min(hard))
    };
    lower(Resource::CPU, CHILD_CPU_SECONDS)?;
    lower(Resource::DATA, CHILD_MEMORY)?;
    lower(Resource::AS, CHILD_ADDRESS_SPACE)?;
    lower(Resource::CORE, 0)?;
    std::thread::Builder::new().spawn(watch_the_clock)?;
    Ok(())
}

/// Puts this process into a job of its own with the limit above, and no processes beside it, for good.
#[cfg(windows)]
fn lower_limits() -> io::Result<()> {
    let limits = win_custody::JobLimits::new().active_processes(1).process_memory(CHILD_MEMORY as usize);
    win_custody::Job::create(&limits)?.assign_current_process()
}

/// Ends this process when it has used up its processor time; does nothing where the system does not show it.
#[cfg(unix)]
fn watch_the_clock() {
    while let Some(used) = processor_time() {
        if used >= CHILD_CPU {
            // Nothing to tidy up: the process has no files, and its parent takes any end but a good one for a refusal.
            std::process::abort();
        }
        std::thread::sleep((CHILD_CPU - used).max(Duration::from_millis(10)));
    }
}

/// The processor time of this process, from Linux's `/proc/self/stat`: fields 14 and 15, in hundredths of a second (proc(5)).
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the name of the program in brackets, may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks))
}

fn sheets(bytes: &[u8]) -> Result<Vec<WireSheet>, Problems> {
    let damaged = |error: &dyn std::fmt::Display| -> Problems {
        Problem::new(Code::new("workbook-not-parsed"), Location::file(""), format!("the workbook is damaged ({error})"))
            .advice("Export it again, or open it in a spreadsheet program and save it as xlsx")
            .into()
    };
    let input = Cursor::new(bytes);
    match Container::of(bytes) {
        Container::Xls => {
            let workbook = Xls::new(input).map_err(|error| match error {
                calamine::XlsError::Password => protected(&"".into()).into(),
                error => damaged(&error),
            })?;
            let computed = xls_formulas::computed(bytes);
            all_sheets(workbook, |_, at, _| {
                Ok(computed.get(at).into_iter().flatten().map(|&cell| (cell, cell)).collect())
            })
        }
        Container::Xlsb => all_sheets(Xlsb::new(input).map_err(|error| damaged(&error))?, |workbook, _, name| {
            let mut cells = workbook.worksheet_cells_reader(name)?;
            let mut computed = Vec::new();
            // One that was filled down has no text, and is one all the same.
            while let Some(formula) = cells.next_formula()? {
                computed.push((formula.get_position(), formula.get_position()));
            }
            Ok(computed)
        }),
        Container::Ods => {
            let workbook = Ods::new(input).map_err(|error| match error {
                calamine::OdsError::Password => protected(&"".into()).into(),
                error => damaged(&error),
            })?;
            let matrices = Matrices::of(bytes);
            all_sheets(workbook, |workbook, _, name| {
                let range = workbook.worksheet_formula(name)?;
                let (first_row, first_column) = range.start().unwrap_or_default();
                let area = |(row, column, formula): (usize, usize, &String)| {
                    let cell = (first_row.saturating_add(row as u32), first_column.saturating_add(column as u32));
                    (cell, matrices.end_of(cell, formula))
                };
                Ok(range.used_cells().map(area).collect())
            })
        }
        _ => Err(damaged(&"it is not a workbook of this kind")),
    }
}

/// An area of cells that one formula fills, from its first to its last (row, column from 0).
type FormulaArea = ((u32, u32), (u32, u32));

/// The sheets of a workbook; `computed` gives the areas of formulas of the sheet at a place in its list, by its name.
fn all_sheets<'a, R, F>(mut workbook: R, computed: F) -> Result<Vec<WireSheet>, Problems>
where
    R: Reader<Cursor<&'a [u8]>>,
    R::Error: std::fmt::Display,
    F: Fn(&mut R, usize, &str) -> Result<Vec<FormulaArea>, R::Error>,
{
    let mut problems = Problems::default();
    let mut sheets = Vec::new();
    let mut budget = Budget::default();
    for (at, entry) in workbook.sheets_metadata().to_vec().into_iter().enumerate() {
        if entry.typ != SheetType::WorkSheet {
            continue;
        }
        let mut sheet = Sheet::new("".into(), Some(entry.name.as_str().into()));
        let mut cells = Cells::new(&mut sheet, &mut budget);
        match workbook.worksheet_range(&entry.name) {
            // The cells of a range count from its first used cell.
            Ok(range) => {
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, data) in range.used_cells() {
                    let place = (first_row.saturating_add(row as u32), first_column.saturating_add(column as u32));
                    if !cells.put(place.0, place.1, value_of(data.clone())) {
                        break;
                    }
                }
            }
            Err(error) => cells.fail(error),
        }
        match computed(&mut workbook, at, &entry.name) {
            Ok(computed) => computed.into_iter().for_each(|(first, last)| cells.computed(first, last)),
            Err(error) => cells.fail(error),
        }
        problems.extend(cells.into_problems());
        let hidden = entry.visible != SheetVisible::Visible;
        let formulas = sheet.formulas.into_iter().collect();
        sheets.push(WireSheet { name: entry.name, hidden, rows: sheet.rows, formulas });
    }
    problems.or(sheets)
}

#[cfg(test)]
#[path = "../../tests/support/workbooks.rs"]
#[allow(dead_code, unreachable_pub, reason = "the workbooks of the tests in tests/")]
mod workbooks;

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    /// What the child finds in a workbook, but in this process; a panic there is a refusal here.
    fn found(bytes: &[u8]) -> Option<Vec<Vec<Vec<Value>>>> {
        let sheets = catch_unwind(|| sheets(bytes)).ok()?.ok()?;
        Some(sheets.into_iter().map(|sheet| sheet.rows).collect())
    }

    /// Nobody names a program in this process.
    #[test]
    fn without_a_program_the_problem_says_how_to_name_one() {
        let refused = read(&workbooks::xls(1.25), &"plate.xls".into()).unwrap_err().to_string();
        assert!(refused.contains("no program is named") && refused.contains("isolated::use_program"), "{refused}");
    }

    fn refused_or_whole(whole: &[u8], lengths: impl Iterator<Item = usize>) {
        let expected = found(whole).unwrap();
        assert!(!expected[0].is_empty());
        for length in lengths {
            if let Some(found) = found(&whole[..length]) {
                assert!(found == expected, "{length} of {} bytes: read, but not the whole", whole.len());
            }
        }
    }

    /// A child for each length would take minutes; what it does is tried here, where only an abort would end the test.
    #[test]
    fn an_xls_truncated_at_any_length_is_refused_or_whole() {
        let own = workbooks::xls(1.25);
        refused_or_whole(&own, 0..own.len());
    }

    /// What instruments wrote themselves, where the shared corpus is there.
    #[test]
    #[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn an_xls_of_an_instrument_truncated_at_any_length_is_refused_or_whole() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
        let files = ["agilent_gen5/labkey__biotek_02.xls", "perkin_elmer/labkey__m0902051_3997.xls"];
        for path in files.map(|file| corpus.join(file)) {
            match std::fs::read(&path) {
                Ok(whole) => refused_or_whole(&whole, 0..whole.len()),
                Err(_) => println!("skipped: {} is not there", path.display()),
            }
        }
    }
}
