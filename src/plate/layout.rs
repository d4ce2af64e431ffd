//! What is in each well: standards, controls, blanks, samples. Declared by the laboratory, never guessed from a name.
//!
//! A layout is written in one of three forms (`layout_forms`), as delimited text or as a sheet.

use std::collections::BTreeMap;

use super::extra_columns;
use super::layout_analytes;
pub use super::layout_cell::cell;
use super::layout_forms::{EXPECTED, FIELDS, WellCells, no_grids, said_in_grids, said_in_table};
use super::layout_grid::{self, LayoutGrid};
use super::layout_map;
pub use super::layout_map::DILUTION_OF_THE_REST;
use super::layout_quadrants;
use super::layout_role::{controls_said_once, role};
use super::layout_words::field_word;
pub use super::layout_words::role_word;
pub use super::layout_write::write;
use super::well::{PlateSize, WellPosition};
use super::well_role::{LayoutWell, WellRole};
use crate::protocol::Assay;
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Table, Value};

/// The layout of a plate. Wells that are not in it are unused.
///
/// ```
/// use platewise::plate::Layout;
/// use platewise::protocol::Assay;
/// use platewise::sheet::Book;
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let text = b"well,role,sample,concentration,dilution\nA1,standard,,2000,\nB1,sample,P-301,,10\n";
/// let layout = Layout::read(&Book::from_bytes(text, "layout.csv")?.sheets[0], &assay)?;
/// assert_eq!((layout.wells.len(), layout.draws_plate), (2, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Size of the plate that it is for. A long table has the smallest size that holds its wells.
    pub size: PlateSize,
    /// Whether the layout draws the whole plate, so that its size must be the plate's; a long table does not.
    pub draws_plate: bool,
    /// Its wells, in plate order, without unused ones.
    pub wells: BTreeMap<WellPosition, LayoutWell>,
    /// Where it stands.
    pub location: Location,
    /// What was read and should be looked at, such as a dilution series whose end nobody has said.
    pub notes: Vec<Problem>,
}

impl Layout {
    /// Reads a layout from a sheet, in either form.
    ///
    /// # Errors
    /// Every cell that cannot be understood, and every well whose role lacks what it needs: a standard without a
    /// concentration, a sample without a name.
    pub fn read(sheet: &Sheet, assay: &Assay) -> Result<Self, Problems> {
        let named;
        let mut notes = Vec::new();
        let table = match with_known_names(sheet) {
            Some(renamed) => {
                let known: Vec<&str> = ["well"].iter().chain(&FIELDS).copied().collect();
                // Whatever may be meant as what a number depends on is asked about.
                let (kept, note) = extra_columns::set_aside(&renamed, &known, &["dil", "conc", "role", "type"]);
                named = kept.into_owned();
                notes.extend(note);
                Some(Table::new(&named, &["well", "role"], &FIELDS[1..])?)
            }
            None => None,
        };
        let grids = if table.is_some() { Vec::new() } else { layout_grid::find(sheet, &assay.study.unit)? };
        if let Some(maps) = maps(&grids) {
            return Self::of_maps(sheet, &maps, grids.iter().find(|grid| grid.field.is_some()), assay);
        }
        let (mut said, size) = match &table {
            Some(table) => said_in_table(table)?,
            None if grids.is_empty() => return Err(no_grids(sheet, &assay.study.unit).into()),
            None => said_in_grids(sheet, &grids, &assay.study.unit)?,
        };
        layout_analytes::leave_others_out(&mut said, sheet, assay)?;
        let written = NumberNotation::of(sheet, said.values().flat_map(WellCells::numbers))?;
        let mut problems = Problems::default();
        let mut wells = BTreeMap::new();
        for (position, said) in &said {
            match role(said, written, assay) {
                Ok(Some((role, location))) => {
                    wells.insert(*position, LayoutWell { role, location });
                }
                Ok(None) => {}
                Err(problem) => {
                    let found = format!("well {position}: {}", problem.found);
                    problems.push(Problem { found, ..problem });
                }
            }
        }
        problems.extend(controls_said_once(&wells));
        if wells.is_empty() && problems.0.is_empty() {
            let advice = "Write the role of every well that is used: standard, control, blank or sample";
            let problem = Problem::new(Code::new("layout-empty"), sheet.whole(), "the layout has no well with a role");
            problems.push(if said.is_empty() { problem.expected(EXPECTED) } else { problem }.advice(advice));
        }
        let size = size
            .or_else(|| {
                PlateSize::ALL
                    .into_iter()
                    .find(|size| size.count() >= 96 && wells.keys().all(|&well| size.contains(well)))
            })
            .unwrap_or(PlateSize::WELLS_96);
        problems.or(Self { size, draws_plate: table.is_none(), wells, location: sheet.whole(), notes })
    }

    /// The layout that one map says, or four of the quadrants of a larger plate.
    fn of_maps(
        sheet: &Sheet,
        maps: &[&LayoutGrid],
        analytes: Option<&LayoutGrid>,
        assay: &Assay,
    ) -> Result<Self, Problems> {
        let layout = |size, wells, notes| Self { size, draws_plate: true, wells, location: sheet.whole(), notes };
        if let [map] = maps {
            let layout_map::LayoutMap { wells, notes } = layout_map::read(sheet, map, analytes, assay)?;
            return Ok(layout(map.size, wells, notes));
        }
        let quadrants = layout_quadrants::of(sheet, maps)?;
        let (mut problems, mut all, mut notes) = (Problems::default(), BTreeMap::new(), Vec::new());
        for quadrant in &quadrants {
            match layout_map::read(sheet, quadrant.grid, None, assay) {
                Ok(map) => {
                    all.extend(map.wells.into_iter().map(|(well, is)| (quadrant.on_plate(well), is)));
                    notes.extend(map.notes);
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        problems.extend(controls_said_once(&all));
        problems.or(layout(PlateSize::WELLS_384, all, notes))
    }
}

impl Layout {
    /// The layout with its samples named `PLATE:NAME`: where names such as `01` stand for another sample on every plate.
    #[must_use]
    pub fn with_samples_of(mut self, plate: &str) -> Self {
        for well in self.wells.values_mut() {
            if let WellRole::Sample { id, .. } = &mut well.role {
                *id = format!("{plate}:{id}");
            }
        }
        self
    }
}

/// The maps among the grids: where nothing but maps is on the sheet, or one map and its analytes.
fn maps(grids: &[LayoutGrid]) -> Option<Vec<&LayoutGrid>> {
    let maps: Vec<&LayoutGrid> = grids.iter().filter(|grid| grid.field.is_none()).collect();
    let others = grids.len() - maps.len();
    let with_analytes = maps.len() == 1 && others == 1 && grids.iter().any(|grid| grid.field == Some("analyte"));
    (!maps.is_empty() && (others == 0 || with_analytes)).then_some(maps)
}

/// The sheet with the columns of a long table under the names that we know, where it is one: a cell of its first row is a name for
/// the wells.
fn with_known_names(sheet: &Sheet) -> Option<Sheet> {
    let header = sheet.rows.get(sheet.first_row())?;
    let known: Vec<Option<&str>> = header.iter().map(|cell| field_word(&cell.text())).collect();
    if !known.contains(&Some("well")) || header.iter().any(|cell| cell.text() == "1") {
        return None;
    }
    let mut named = sheet.clone();
    for (cell, name) in named.rows[sheet.first_row()].iter_mut().zip(known) {
        if let Some(name) = name {
            *cell = Value::Text(name.to_string());
        }
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn assay() -> Assay {
        let declared = "[study]\nunit='pg/mL'\n[method]\nname='m'\nversion='1'\n[standards]\nlist=[100, 10, 0]\n\
                        [[control]]\nlevel='low'\nnominal=20\n";
        Assay::parse(declared).unwrap()
    }

    fn read(text: &str) -> Result<Layout, Problems> {
        let book = Book::from_bytes(text.as_bytes(), "layout.csv").unwrap();
        Layout::read(&book.sheets[0], &assay())
    }

    #[test]
    fn grids_and_a_table_say_the_same() {
        let long = "well,role,sample,concentration,dilution\nA1,standard,,100,\nA2,standard,2,,\nB1,control,low,,\nB2,blank,,,\n\
                    B3,sample,P-1,,1:10\nA3,unused,,,\n";
        let grids = "role,1,2,3\nA,standard,standard,unused\nB,control,blank,sample\n\nsample,1,2,3\nA,,2,\nB,low,,P-1\n\n\
                     Concentration (pg/mL),1,2,3\nA,100,,\nB,,,\n\ndilution,1,2,3\nA,,,\nB,,,10\n";
        let (long, grids) = (read(long).unwrap(), read(grids).unwrap());
        let roles =
            |layout: &Layout| layout.wells.iter().map(|(at, well)| (*at, well.role.clone())).collect::<Vec<_>>();
        assert_eq!(roles(&long), roles(&grids));
        assert_eq!(roles(&long).len(), 5);
        assert_eq!(roles(&long)[1].1, WellRole::Standard { concentration: 10.0 });
        assert_eq!(grids.size, PlateSize { rows: 2, columns: 3 });
        assert_eq!(long.size, PlateSize::WELLS_96);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let problems = read(
            "well,role,sample,concentration,dilution\nA1,standard,,,\nA2,standard,9,,\nB1,control,mid,,\nB2,sample,,,\n\
                             B3,sample,P-1,,0.1\nB4,,P-2,,\nB5,stnadard,,1,\nZZ9,blank,,,\nB7,blank,,,\nB7,blank,,,\n",
        );
        let problems = problems.unwrap_err().to_string();
        assert!(problems.contains("'ZZ9' is not a well") && problems.contains("well B07 appears twice"), "{problems}");
        let problems = read(
            "well,role,sample,concentration,dilution\nA1,standard,,,\nA2,standard,9,,\nB1,control,mid,,\nB2,sample,,,\n\
                             B3,sample,P-1,,0.1\nB4,,P-2,,\nB5,stnadard,,1,\n",
        );
        let problems = problems.unwrap_err().to_string();
        for expected in [
            "well A01: a standard without a concentration",
            "well A02: a standard without a concentration",
            "well B01: control 'mid' without a nominal concentration",
            "well B02: a sample without a name",
            "layout.csv, line 6, field 5: well B03: dilution '0.1'",
            "well B04: 'P-2' is given, but the well has no role",
            "well B05: role 'stnadard'",
        ] {
            assert!(problems.contains(expected), "{expected}\nis not in\n{problems}");
        }
    }

    #[test]
    fn a_layout_of_384_wells_in_either_form() {
        let columns: Vec<String> = (1..=24).map(|column| column.to_string()).collect();
        let mut grid = format!("role,{}\n", columns.join(","));
        let mut long = String::from("well,role\n");
        for row in 'A'..='P' {
            grid += &format!("{row}{}\n", ",blank".repeat(24));
            for column in 1..=24 {
                long += &format!("{row}{column},blank\n");
            }
        }
        let (grid, long) = (read(&grid).unwrap(), read(&long).unwrap());
        assert_eq!((grid.size, grid.wells.len(), grid.draws_plate), (PlateSize::WELLS_384, 384, true));
        assert_eq!((long.size, long.wells.len(), long.draws_plate), (PlateSize::WELLS_384, 384, false));
        assert!(grid.wells.keys().eq(long.wells.keys()));
    }

    #[test]
    fn a_decimal_comma_is_read_where_commas_do_not_separate() {
        let layout = |separator: &str, concentration: &str, dilution: &str| {
            let rows =
                [["well", "role", "sample", "concentration", "dilution"], ["A1", "standard", "", concentration, ""]];
            let sample = [["B1", "sample", "P-1", "", dilution], ["A2", "standard", "", "0", ""]];
            let text: Vec<String> = rows.iter().chain(&sample).map(|row| row.join(separator)).collect();
            read(&text.join("\n"))
        };
        for separator in [";", "\t"] {
            let wells = layout(separator, "31,25", "1:2,5").unwrap().wells;
            let roles: Vec<&WellRole> = wells.values().map(|well| &well.role).collect();
            assert_eq!(roles[0], &WellRole::Standard { concentration: 31.25 });
            assert_eq!(roles[2], &WellRole::Sample { id: "P-1".into(), dilution: Some(2.5) });
            for (concentration, dilution) in [("64.000", "10"), ("64", "1:2.000"), ("64,000", "10")] {
                let problem = layout(separator, concentration, dilution).unwrap_err().to_string();
                assert!(problem.contains("between thousands"), "{problem}");
            }
        }
        let problem = layout(",", "\"31,25\"", "1").unwrap_err().to_string();
        assert!(
            problem.ends_with("concentration '31,25'; expected a number ≥ 0. Write the decimal point as '.'"),
            "{problem}"
        );
        assert_eq!(layout(",", "64.000", "1").unwrap().wells.len(), 3);
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_dilution_is_shown_as_it_was() {
        let said = |dilution: &str| {
            let text = format!("well,role,sample,concentration,dilution\nB1,sample,P-1,,{dilution}\n");
            read(&text).unwrap_err().to_string()
        };
        assert!(said("01:10:00").contains("made a time of 1:10"), "{}", said("01:10:00"));
        assert!(said("02:40:00").contains("made a time of 1:100"));
        assert!(said("Jan-10").contains("made a date of 1/10"));
        assert!(said("1:1O").contains("O for 0"), "{}", said("1:1O"));
    }
}
