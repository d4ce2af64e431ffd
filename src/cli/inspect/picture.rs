//! A read as a picture in the terminal: a heat map, and its values or tokens as a compact grid.

use std::io;

use crate::cli::terminal::TerminalCanvas;
use crate::plate::read::{ExportedPlate, PlateRead};
use crate::plate::reading::Reading;
use crate::plate::well::row_letters;

/// From the lowest to the highest value of a read.
const SHADES: [&str; 5] = ["··", "░░", "▒▒", "▓▓", "██"];
/// The same as colours of a terminal with 256 of them.
const COLOURS: [u8; 5] = [17, 26, 37, 178, 226];
/// Plates with more columns show their values only on request: they do not fit a terminal.
const WIDE: usize = 12;

/// Draws the heat map of `read` with its scale, and below it the values.
pub(super) fn draw(
    read: &PlateRead,
    plate: &ExportedPlate,
    verbose: bool,
    out: &mut dyn TerminalCanvas,
) -> io::Result<()> {
    let values = || read.wells.iter().filter_map(Reading::measured);
    let (lowest, highest) =
        values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if values().next().is_none() {
        return writeln!(out, "    no well was measured");
    }
    let columns = plate.size.columns;
    write!(out, "    {:2}", "")?;
    for column in 1..=columns {
        write!(out, "{column:>2} ")?;
    }
    writeln!(out)?;
    for (row, readings) in read.wells.rows().into_iter().enumerate() {
        write!(out, "    {:2}", row_letters(row))?;
        for reading in readings {
            mark(reading, lowest, highest, out)?;
            write!(out, " ")?;
        }
        writeln!(out)?;
    }
    write!(out, "    {} ", number(lowest))?;
    (0..SHADES.len()).try_for_each(|at| shade(at, out))?;
    writeln!(out, " {}   !! saturated  xx masked  -- missing", number(highest))?;
    if columns <= WIDE || verbose {
        grid(read, out)?;
    } else {
        writeln!(out, "    (--verbose shows the values)")?;
    }
    Ok(())
}

fn mark(reading: &Reading, lowest: f64, highest: f64, out: &mut dyn TerminalCanvas) -> io::Result<()> {
    let sign = match reading {
        Reading::Measured(value) => {
            let share = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
            let last = SHADES.len() - 1;
            return shade(((share * SHADES.len() as f64) as usize).min(last), out);
        }
        Reading::Saturated(_) => return out.paint("31", "!!"),
        Reading::Masked { .. } => "xx",
        Reading::Missing(text) if text.is_empty() => "  ",
        Reading::Missing(_) => "--",
        Reading::NotComputed(_) => "??",
    };
    write!(out, "{sign}")
}

fn shade(at: usize, out: &mut dyn TerminalCanvas) -> io::Result<()> {
    out.paint(&format!("38;5;{}", COLOURS[at]), SHADES[at])
}

/// The values, right-aligned, with the same number of decimals for all.
fn grid(read: &PlateRead, out: &mut dyn TerminalCanvas) -> io::Result<()> {
    let cells: Vec<Vec<String>> = read.wells.rows().into_iter().map(|row| row.iter().map(cell).collect()).collect();
    let width = cells.iter().flatten().map(|cell| cell.chars().count()).max().unwrap_or(0).max(2);
    write!(out, "    {:2}", "")?;
    for column in 1..=read.wells.ncols() {
        write!(out, " {column:>width$}")?;
    }
    writeln!(out)?;
    for (row, cells) in cells.iter().enumerate() {
        write!(out, "    {:2}", row_letters(row))?;
        for cell in cells {
            write!(out, " {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn cell(reading: &Reading) -> String {
    match reading {
        Reading::Measured(value) => number(*value),
        Reading::Masked { text, .. }
        | Reading::Saturated(text)
        | Reading::Missing(text)
        | Reading::NotComputed(text) => text.chars().take(8).collect(),
    }
}

/// Four digits are what a reader resolves; counts are whole numbers.
fn number(value: f64) -> String {
    if value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
