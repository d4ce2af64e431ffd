//! What a description declares, read from its TOML.

use crate::plate::read::Mode;
use crate::plate::well::PlateSize;
use crate::protocol::{Section, WAVELENGTH, is_wavelength, read_toml};
use crate::sheet::{Code, Location, Problem, Problems};

/// What a description declares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DeclaredFormat {
    /// The file of the description.
    pub(super) file: String,
    /// What outputs call the format.
    pub(super) name: String,
    /// A cell of each of its files begins with this.
    pub(super) known_by: String,
    /// The cell that names a plate begins with this: the name follows in it, or stands in the next.
    pub(super) plate: Option<String>,
    /// Rows whose first cell begins with one of these say nothing about readings.
    pub(super) ignored: Vec<String>,
    /// Sheets that say nothing about readings.
    pub(super) ignored_sheets: Vec<String>,
    /// Reads that are drawn as plates.
    pub(super) grids: Vec<GridOf>,
    /// A list with one row for each well.
    pub(super) list: Option<ListOf>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadOf {
    pub(super) mode: Mode,
    pub(super) wavelength_nm: Option<f64>,
    pub(super) reference_nm: Option<f64>,
    /// Whether the reader's software computed the values.
    pub(super) derived: bool,
    pub(super) label: Option<String>,
}

/// A read that is drawn as a plate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GridOf {
    /// The only sheet where it stands; any where that is not said.
    pub(super) sheet: Option<String>,
    pub(super) begins: Begins,
    pub(super) size: PlateSize,
    pub(super) names: GridNames,
    pub(super) read: ReadOf,
    /// Where it is declared.
    pub(super) at: Location,
}

/// Where a grid begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Begins {
    /// In the next row that is not blank below the cell with this text.
    Below(String),
    /// With its first value in this cell: row and column, from 0.
    At(usize, usize),
}

/// Which names of rows and columns are drawn with a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GridNames {
    /// Row letters at the left.
    pub(super) letters: bool,
    /// Column numbers above.
    pub(super) numbers: bool,
}

/// A list with one row for each well.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ListOf {
    /// The only sheet where it stands; any where that is not said.
    pub(super) sheet: Option<String>,
    /// The title of the column of wells.
    pub(super) well: String,
    pub(super) wells: WellNames,
    pub(super) plate: Option<String>,
    pub(super) sample: Option<String>,
    pub(super) role: Option<String>,
    pub(super) concentration: Option<String>,
    pub(super) dilution: Option<String>,
    /// Columns that are not used.
    pub(super) ignored: Vec<String>,
    /// The columns of readings.
    pub(super) reads: Vec<(String, ReadOf)>,
    /// Where it is declared.
    pub(super) at: Location,
}

/// How a list says which well a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WellNames {
    /// `A1`.
    Named(Option<PlateSize>),
    /// Numbers from 1, along the rows: 2 is A2.
    Along(PlateSize),
    /// Numbers from 1, down the columns: 2 is B1.
    Down(PlateSize),
}

impl DeclaredFormat {
    /// Reads a description.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        read_toml(file, text, |root, problems| {
            let mut format = root.section("format", problems);
            let grids = root.sections("grid", problems).into_iter().map(|section| grid(section, problems)).collect();
            let list = root.holds("list").then(|| list(root.section("list", problems), problems));
            root.know(&["list"]);
            let declared = Self {
                file: file.to_string(),
                name: format.required_text("name", problems),
                known_by: format.required_text("known_by", problems),
                plate: format.text("plate", problems),
                ignored: format.texts("ignored", problems).unwrap_or_default(),
                ignored_sheets: format.texts("ignored_sheets", problems).unwrap_or_default(),
                grids,
                list,
            };
            if declared.grids.is_empty() && declared.list.is_none() {
                let found = "neither a [[grid]] nor a [list]: nothing says where the readings are";
                problems.push(
                    Problem::new(Code::new("format-without-readings"), format.location().clone(), found)
                        .expected("[[grid]] for each read that is drawn as a plate, or [list] for a row per well"),
                );
            }
            format.finish(problems);
            declared
        })
    }
}

/// The text of a file.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn in_utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problems> {
    std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(Code::new("format-not-utf8"), Location::file(file), "is not a text in UTF-8")
            .expected("a description of a format, in TOML and UTF-8")
            .into()
    })
}

fn grid(mut section: Section<'_>, problems: &mut Problems) -> GridOf {
    const SIZES: &str = "the number of wells of a plate: 6, 8, 12, 24, 48, 96, 384 or 1536";
    let (below, at) = (section.text("below", problems), section.text("at", problems));
    let cell = at.as_deref().and_then(cell);
    let begins = match (below, cell, at) {
        (Some(below), None, None) => Begins::Below(below),
        (None, Some((row, column)), _) => Begins::At(row, column),
        (below, _, at) => {
            let found = match (below, at) {
                (Some(_), Some(_)) => "both 'below' and 'at' say where the grid begins".to_string(),
                (None, Some(at)) => format!("at = \"{at}\" is no cell"),
                _ => "neither 'below' nor 'at' says where the grid begins".to_string(),
            };
            problems.push(
                Problem::new(Code::new("format-grid-begins-nowhere"), section.location().clone(), found)
                    .expected("below = \"the text of the cell above it\", or at = \"B5\", the cell of its first value"),
            );
            Begins::At(0, 0)
        }
    };
    let is_size = |wells: f64| wells.fract() == 0.0 && PlateSize::with_wells(wells as usize).is_some();
    let wells = section.number("wells", SIZES, is_size, problems);
    let both = GridNames { letters: true, numbers: true };
    let names = [
        ("rows and columns", both),
        ("rows", GridNames { numbers: false, ..both }),
        ("columns", GridNames { letters: false, ..both }),
        ("none", GridNames { letters: false, numbers: false }),
    ];
    let grid = GridOf {
        sheet: section.text("sheet", problems),
        begins,
        size: wells.and_then(|wells| PlateSize::with_wells(wells as usize)).unwrap_or(PlateSize::WELLS_96),
        names: section.choice("names", &names, problems),
        read: read_of(&mut section, problems),
        at: section.location().clone(),
    };
    section.finish(problems);
    grid
}

/// The row and column, from 0, of a cell such as `B5`.
fn cell(name: &str) -> Option<(usize, usize)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = name.split_at(digits);
    let column = letters.bytes().try_fold(0usize, |column, byte| {
        let letter = byte.to_ascii_uppercase();
        letter
            .is_ascii_uppercase()
            .then(|| column * 26 + usize::from(letter - b'A') + 1)
            .filter(|&column| column <= 16_384)
    })?;
    let row = number.parse::<usize>().ok().filter(|row| (1..=1_048_576).contains(row))?;
    Some((row - 1, column.checked_sub(1)?))
}

fn list(mut section: Section<'_>, problems: &mut Problems) -> ListOf {
    let size = section
        .number(
            "wells",
            "the number of wells of a plate, such as 96",
            |wells| wells.fract() == 0.0 && PlateSize::with_wells(wells as usize).is_some(),
            problems,
        )
        .and_then(|wells| PlateSize::with_wells(wells as usize));
    let of_size = size.unwrap_or(PlateSize::WELLS_96);
    let counted =
        [("no", WellNames::Named(size)), ("along", WellNames::Along(of_size)), ("down", WellNames::Down(of_size))];
    let reads: Vec<(String, ReadOf)> = section
        .sections("read", problems)
        .into_iter()
        .map(|mut of_column| {
            let column = of_column.required_text("column", problems);
            let read = read_of(&mut of_column, problems);
            of_column.finish(problems);
            (column, read)
        })
        .collect();
    let list = ListOf {
        sheet: section.text("sheet", problems),
        well: section.required_text("well", problems),
        wells: section.choice("counted", &counted, problems),
        plate: section.text("plate", problems),
        sample: section.text("sample", problems),
        role: section.text("role", problems),
        concentration: section.text("concentration", problems),
        dilution: section.text("dilution", problems),
        ignored: section.texts("ignored", problems).unwrap_or_default(),
        reads,
        at: section.location().clone(),
    };
    if list.reads.is_empty() {
        problems.push(
            Problem::new(
                Code::new("format-list-without-reads"),
                section.location().clone(),
                "[list] has no [[list.read]]",
            )
            .expected("[[list.read]] with column = \"the title of a column of readings\""),
        );
    }
    section.finish(problems);
    list
}

fn read_of(section: &mut Section<'_>, problems: &mut Problems) -> ReadOf {
    let modes = [
        ("absorbance", Mode::Absorbance),
        ("fluorescence", Mode::Fluorescence),
        ("luminescence", Mode::Luminescence),
        ("alpha", Mode::Alpha),
        ("unknown", Mode::Unknown),
    ];
    ReadOf {
        mode: section.choice("mode", &modes, problems),
        wavelength_nm: section.number("wavelength", WAVELENGTH, is_wavelength, problems),
        reference_nm: section.number("reference", WAVELENGTH, is_wavelength, problems),
        derived: section.flag("computed", problems),
        label: section.text("label", problems),
    }
}

/// Whether a cell begins with a text, in upper or lower case.
pub(super) fn begins(cell: &str, text: &str) -> bool {
    let (cell, text) = (cell.trim().to_lowercase(), text.to_lowercase());
    cell.starts_with(&text)
}

/// Whether a text is one of several, in upper or lower case.
pub(super) fn is_one_of(text: &str, several: &[String]) -> bool {
    several.iter().any(|one| is_same(text, one))
}

/// Whether two texts are the same but for case and the space around them.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        assert_eq!([cell("A1"), cell("b5"), cell("AA10")], [Some((0, 0)), Some((4, 1)), Some((9, 26))]);
        assert_eq!(["", "5", "B", "B0", "B5x", "5B", "Ä1", "ZZZZZZZZZZZZZZZZ1"].map(cell), [None; 8]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let text = "[format]\nname = 'x'\n[[grid]]\nbelow = 'OD'\nat = 'B5'\nwells = 95\nnames = 'both'\n[list]\nwell = 'Well'\ncolour = 1\n";
        let said = DeclaredFormat::parse("f.toml", text).unwrap_err().to_string();
        for part in ["known_by", "both 'below' and 'at'", "wells = 95", "names = \"both\"", "'colour'", "[[list.read]]"]
        {
            assert!(said.contains(part), "{part} in {said}");
        }
        let none = DeclaredFormat::parse("f.toml", "[format]\nname='x'\nknown_by='y'\n").unwrap_err().to_string();
        assert!(none.contains("neither a [[grid]] nor a [list]"), "{none}");
    }
}
