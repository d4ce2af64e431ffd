//! A plate map to fill in with a spreadsheet program: one map in whose cells everything is said, with lists to choose from, colours
//! by role and what may be written below it. What it holds is read back exactly by [`Layout::read`](crate::plate::Layout::read).

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, Workbook, Worksheet, XlsxError,
};

use super::figure::{MapRole, palette};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, WellPosition, layout};

/// A plate map to fill in, for one plate.
///
/// ```
/// use platewise::plate::{Layout, PlateSize};
/// use platewise::protocol::Assay;
/// use platewise::report::layout_form::{PlateForm, write};
/// use platewise::sheet::Book;
///
/// let wells = [("A1".parse()?, "Std 2000".to_string()), ("H12".parse()?, "P-301 1:10".to_string())];
/// let form = PlateForm { name: "P01".into(), size: PlateSize::WELLS_96, wells: wells.into_iter().collect() };
/// let book = Book::from_bytes(&write(&[form])?, "layout.xlsx")?;
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let layout = Layout::read(&book.sheets[0], &assay)?;
/// assert_eq!((layout.wells.len(), layout.size), (2, PlateSize::WELLS_96));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateForm {
    /// The name of the plate, and of its sheet.
    pub name: String,
    /// Its size.
    pub size: PlateSize,
    /// What is known of its wells, as a map says it.
    pub wells: BTreeMap<WellPosition, String>,
}

/// What may be chosen for a well, and what it means.
const CHOICES: [(&str, &str); 14] = [
    ("Std 2000", "a standard of that concentration; any other number the same way"),
    ("Std 1000", ""),
    ("Std 500", ""),
    ("Std 250", ""),
    ("Std 125", ""),
    ("Std 62.5", ""),
    ("Std 31.25", ""),
    ("Std 0", "the zero standard"),
    ("S1", "a standard by its level, where --standards or study.toml says the concentrations: S1, S2 …"),
    ("QC low 90", "a control: its level and its nominal concentration"),
    ("QC high 1500", ""),
    ("QC low", "the same, where study.toml says the concentration of the level"),
    ("Blank", "a blank"),
    ("-", "nothing; an empty cell means the same"),
];

/// What may be written for samples.
const SAMPLES: [(&str, &str); 4] = [
    (
        "102-001-W00 1:10",
        "a sample by its name, one part in ten; without a dilution where a list or --dilution says it",
    ),
    ("Sample Smith neat", "a name without a number in it needs the word; neat is undiluted"),
    (
        "S12 1:10 x4 down 8",
        "a sample in eight dilutions down the sheet (or right), each 4 times further, on empty cells",
    ),
    ("\"S12\" 1:50", "a name that would mean something else stands in quotation marks"),
];

/// Dilutions to choose from, for the samples whose cells say none.
const DILUTIONS: [&str; 9] = ["neat", "1:2", "1:4", "1:5", "1:10", "1:20", "1:50", "1:100", "1:1000"];

/// Rows above the map: its title, and one that is empty.
const ABOVE: u32 = 2;
/// Rows below the map, with what [`notes`] writes.
const BELOW: u32 = 12;

/// Writes the maps, each on a sheet of its own.
///
/// # Errors
/// When two plates have one name, or one that is none of a sheet.
pub fn write(plates: &[PlateForm]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title("Plate map").set_creation_datetime(&made));
    for plate in plates {
        sheet(workbook.add_worksheet(), plate)?;
    }
    super::workbook::saved(workbook)
}

fn color(ink: palette::Ink) -> Color {
    let rgb = ink.light;
    Color::RGB(u32::from(rgb.0) << 16 | u32::from(rgb.1) << 8 | u32::from(rgb.2))
}

/// The colour of a role, as light as in the pictures of plates.
fn tinted(role: MapRole) -> Color {
    let rgb = role.ink().light;
    let light = |part: u8| 255 - ((255.0 - f64::from(part)) * (role.tint() + 0.1)).round() as u32;
    Color::RGB(light(rgb.0) << 16 | light(rgb.1) << 8 | light(rgb.2))
}

fn sheet(sheet: &mut Worksheet, plate: &PlateForm) -> Result<(), XlsxError> {
    let (rows, columns) = (plate.size.rows as u32, plate.size.columns as u16);
    let (first, last) = (ABOVE + 1, ABOVE + rows);
    sheet.set_name(sheet_name(&plate.name))?;
    sheet.set_landscape();
    // On paper the map and what is below it, as large as may be: the lists beside it are for the screen.
    sheet.set_print_area(0, 0, last + BELOW, columns)?;
    sheet.set_print_fit_to_pages(1, 1);
    let title = Format::new().set_bold().set_font_size(14.0);
    sheet.write_string_with_format(0, 0, title_of(&plate.name), &title)?;
    let label = Format::new().set_bold().set_align(FormatAlign::Center).set_font_color(color(palette::MUTED));
    let well = Format::new()
        .set_border(FormatBorder::Thin)
        .set_border_color(color(palette::GRID))
        .set_align(FormatAlign::Center);
    sheet.set_column_width(0, 5)?;
    for column in 1..=columns {
        sheet.set_column_width(column, if columns > 12 { 11 } else { 16 })?;
        sheet.write_number_with_format(ABOVE, column, f64::from(column), &label)?;
    }
    for row in 0..plate.size.rows {
        let at = first + row as u32;
        sheet.write_string_with_format(at, 0, row_letters(row), &label)?;
        for column in 1..=columns {
            match plate.wells.get(&WellPosition::new(row, usize::from(column) - 1)) {
                Some(text) => sheet.write_string_with_format(at, column, text, &well)?,
                None => sheet.write_blank(at, column, &well)?,
            };
        }
    }
    colours(sheet, (first, last), columns)?;
    choices(sheet, (first, last), columns)?;
    notes(sheet, last + 2)?;
    sheet.set_freeze_panes(first, 1)?;
    Ok(())
}

/// Each role in its colour: the first rule that holds is shown.
fn colours(sheet: &mut Worksheet, (first, last): (u32, u32), columns: u16) -> Result<(), XlsxError> {
    let cell = format!("B{}", first + 1);
    let rules = [
        (
            MapRole::Standard,
            format!(
                "=OR(LEFT(UPPER({cell}),3)=\"STD\",LEFT(UPPER({cell}),3)=\"CAL\",AND(LEFT(UPPER({cell}),1)=\"S\",ISNUMBER(VALUE(MID({cell},2,1)))))"
            ),
        ),
        (
            MapRole::Control,
            format!(
                "=OR(LEFT(UPPER({cell}),2)=\"QC\",LEFT(UPPER({cell}),4)=\"CTRL\",LEFT(UPPER({cell}),7)=\"CONTROL\")"
            ),
        ),
        (
            MapRole::Blank,
            format!("=OR(LEFT(UPPER({cell}),5)=\"BLANK\",LEFT(UPPER({cell}),3)=\"BLK\",UPPER({cell})=\"B\")"),
        ),
        (MapRole::Sample, format!("=AND({cell}<>\"\",{cell}<>\"-\")")),
    ];
    for (role, formula) in rules {
        let rule = ConditionalFormatFormula::new()
            .set_rule(Formula::new(formula))
            .set_format(Format::new().set_background_color(tinted(role)))
            .set_stop_if_true(true);
        sheet.add_conditional_format(first, 1, last, columns, &rule)?;
    }
    Ok(())
}

/// The list beside the map, behind an empty column, and the same as a drop-down in every well: anything else may be typed.
fn choices(sheet: &mut Worksheet, (first, last): (u32, u32), columns: u16) -> Result<(), XlsxError> {
    let column = columns + 2;
    sheet.set_column_width(column, 16)?;
    sheet.set_column_width(column + 1, 60)?;
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(0, column, "To choose from, or to type", &bold)?;
    for (row, (text, meaning)) in (1u32..).zip(CHOICES) {
        sheet.write_string(row, column, text)?;
        sheet.write_string(row, column + 1, meaning)?;
    }
    let letters = crate::sheet::location::column_letters(u32::from(column) + 1);
    let list = format!("=${letters}$2:${letters}${}", CHOICES.len() + 1);
    let validation = DataValidation::new().allow_list_formula(Formula::new(list)).show_error_message(false);
    sheet.add_data_validation(first, 1, last, columns, &validation).map(drop)
}

/// Below the map: how samples are written.
fn notes(sheet: &mut Worksheet, from: u32) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(from, 1, "Samples, for example", &bold)?;
    for (row, (text, meaning)) in (from + 1..).zip(SAMPLES) {
        sheet.write_string(row, 1, text)?;
        sheet.write_string(row, 3, meaning)?;
    }
    let rest = [
        "Wells with the same text are replicates of each other; cells may be merged over them.",
        "Rows above and below the map, and columns behind an empty one, may hold notes. Whatever is not understood is named with its cell.",
    ];
    for (row, text) in (from + 6..).zip(rest) {
        sheet.write_string(row, 1, text)?;
    }
    sheet.write_string_with_format(from + 9, 1, layout::DILUTION_OF_THE_REST, &bold)?;
    let cell = Format::new().set_border(FormatBorder::Thin).set_border_color(color(palette::GRID));
    sheet.write_blank(from + 9, 4, &cell)?;
    sheet.write_string(from + 10, 1, "Choose or type it behind these words, or leave it empty.")?;
    let list = DataValidation::new().allow_list_strings(&DILUTIONS)?.show_error_message(false);
    sheet.add_data_validation(from + 9, 4, from + 9, 4, &list).map(drop)
}

/// The heading of a plate's map.
fn title_of(name: &str) -> String {
    let named = if name.to_lowercase().starts_with("plate") { name.to_string() } else { format!("Plate {name}") };
    format!("{named}: what is in each well")
}

/// The name of the sheet of a plate: one that a sheet may have.
pub fn sheet_name(name: &str) -> String {
    let safe = |c: char| if "[]:*?/\\'".contains(c) { '_' } else { c };
    let name: String = name.chars().take(31).map(safe).collect();
    if name.trim().is_empty() { "Plate".into() } else { name }
}
