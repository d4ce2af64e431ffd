//! A plate as a picture in the terminal: the role of each well by letter and colour, and a sign for what is remarkable.

use std::io;

use crate::cli::terminal::TerminalCanvas;
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, WellPosition};
use crate::report::figure::{MapFlag, MapRole};

/// Draws the plate; wells of which `of` says nothing are empty.
pub(super) fn draw(
    size: PlateSize,
    of: impl Fn(WellPosition) -> Option<(MapRole, Option<MapFlag>)>,
    out: &mut dyn TerminalCanvas,
) -> io::Result<()> {
    write!(out, "     ")?;
    for column in 1..=size.columns {
        write!(out, "{column:>2} ")?;
    }
    writeln!(out)?;
    for row in 0..size.rows {
        write!(out, "  {:<2} ", row_letters(row))?;
        for column in 0..size.columns {
            match of(WellPosition::new(row, column)) {
                None => write!(out, " · ")?,
                Some((role, flag)) => {
                    out.paint(colour(role), &format!(" {}", role.letter()))?;
                    match flag {
                        None => write!(out, " ")?,
                        Some(flag) => out.paint("31", flag.letter())?,
                    }
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What the letters and those of the signs that were used mean, in one line.
pub(super) fn legend(flags: &[MapFlag], out: &mut dyn TerminalCanvas) -> io::Result<()> {
    let roles: Vec<String> = MapRole::ALL.iter().map(|role| format!("{} {}", role.letter(), role.name())).collect();
    write!(out, "     {}", roles.join(", "))?;
    for flag in MapFlag::ALL.iter().filter(|flag| flags.contains(flag)) {
        write!(out, ", {} {}", flag.letter(), flag.name())?;
    }
    writeln!(out)
}

fn colour(role: MapRole) -> &'static str {
    match role {
        MapRole::Standard => "34",
        MapRole::Control => "35",
        MapRole::Blank => "90",
        MapRole::Sample => "32",
    }
}
