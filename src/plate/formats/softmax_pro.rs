//! Molecular Devices SoftMax Pro: the text export with `##BLOCKS=`, in plate format and in time format.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{At, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::column_numbers;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct SoftMaxPro;

impl Format for SoftMaxPro {
    fn description(&self) -> Description {
        Description {
            name: "softmax-pro",
            title: "SoftMax Pro text",
            written_by: "Molecular Devices SoftMax Pro (SpectraMax, FlexStation, VersaMax)",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        match book.sheets.first() {
            Some(sheet) if sheet.text(sheet.first_row(), 0).starts_with("##BLOCKS=") => Ok(()),
            _ => Err("its first line is not '##BLOCKS='".to_string()),
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let first = sheet.first_row();
        draft.note(0, first..first + 1, sheet.text(first, 0), "marks the format; the number is not relied on");
        let mut groups = Vec::new();
        let mut row = first + 1;
        while row < sheet.rows.len() {
            let title = sheet.text(row, 0);
            let end = (row + 1..sheet.rows.len()).find(|&end| sheet.text(end, 0) == "~End").unwrap_or(sheet.rows.len());
            if title.starts_with("Plate:") {
                plate(draft, sheet, row..end);
            } else if title.starts_with("Group:") {
                groups.push((draft.plates.len(), row..end));
            } else if title.starts_with("Note:") {
                draft.note(0, row..end, "Note", "free text, not used");
            } else {
                if title.starts_with("Original Filename:") {
                    draft.note(
                        0,
                        row..row + 1,
                        title,
                        "the date of the last save is not the date of the read; not used",
                    );
                }
                row += 1;
                continue;
            }
            if end < sheet.rows.len() {
                draft.note(0, end..end + 1, "~End", "ends the block");
            }
            row = end + 1;
        }
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, plate) in draft.plates.iter().enumerate() {
            by_name.entry(plate.name.clone().unwrap_or_default()).or_default().push(at);
        }
        for (plates_before, rows) in groups {
            group(draft, sheet, &by_name, plates_before, rows);
        }
    }
}

/// What the line `Plate:` says. Fields are counted from the word Raw or Reduced: fluorescence has one more before it, and
/// what follows differs with the version.
struct Header {
    format: String,
    read_type: String,
    mode: Mode,
    reduced_only: bool,
    wavelengths: Vec<Option<f64>>,
    excitations: Vec<Option<f64>>,
    size: Option<PlateSize>,
}

impl Header {
    fn of(sheet: &Sheet, row: usize) -> Option<Self> {
        let field = |at: usize| sheet.text(row, at);
        let anchor = (4..9).find(|&at| matches!(field(at).as_str(), "Raw" | "Reduced"))?;
        let list = |at: usize| -> Vec<Option<f64>> {
            // Wavelength 0 of a luminescence read means that there is no filter.
            field(at).split_whitespace().map(|nm| nm.parse().ok().filter(|&nm: &f64| nm > 0.0)).collect()
        };
        let mode = match field(5).as_str() {
            "Absorbance" => Mode::Absorbance,
            "Fluorescence" | "Time Resolved" | "Time Resolved Fluorescence" => Mode::Fluorescence,
            "Luminescence" => Mode::Luminescence,
            _ => Mode::Unknown,
        };
        Some(Self {
            format: field(3),
            read_type: field(4),
            mode,
            reduced_only: field(anchor) == "Reduced",
            wavelengths: list(anchor + 9),
            excitations: if mode == Mode::Fluorescence { list(anchor + 13) } else { Vec::new() },
            size: field(anchor + 12).parse().ok().and_then(PlateSize::with_wells),
        })
    }

    fn raw(&self, at: usize, cells: Vec<(WellPosition, At)>) -> ReadDraft {
        let of = |list: &[Option<f64>]| list.get(at).copied().flatten();
        ReadDraft::raw(self.mode, "Raw", cells).at(of(&self.wavelengths)).excited_at(of(&self.excitations))
    }
}

fn plate(draft: &mut Draft<'_>, sheet: &Sheet, rows: Range<usize>) {
    let at = (0, rows.start, 0);
    let Some(header) = Header::of(sheet, rows.start) else {
        draft.problem(at, "the line 'Plate:' does not say whether the plate holds Raw or Reduced values");
        return;
    };
    let name = Some(sheet.text(rows.start, 1)).filter(|name| !name.is_empty());
    let shown = name.clone().unwrap_or_default();
    let mut plate = PlateDraft { name, size: header.size, at, ..PlateDraft::default() };
    let other = match header.read_type.as_str() {
        "Endpoint" => None,
        "Kinetic" => Some((ExportKind::Kinetic, "a kinetic read")),
        "Spectrum" => Some((ExportKind::Spectrum, "a spectrum")),
        "Well Scan" => Some((ExportKind::WellScan, "a well scan")),
        _ => Some((ExportKind::NotSupported, "no end-point read")),
    };
    draft.note(
        0,
        rows.clone(),
        format!("Plate: {shown} ({}, {})", header.read_type, header.format),
        other.map_or("read", |(_, what)| what),
    );
    if let Some((kind, what)) = other {
        plate.other = Some((kind, header.mode));
        draft.plates.push(plate);
        draft.no_end_point(kind, at, what);
        return;
    }
    match header.format.as_str() {
        "PlateFormat" => plate.reads = plate_format(draft, sheet, &header, rows),
        "TimeFormat" => plate.reads = time_format(draft, sheet, &header, rows),
        other => {
            let problem = draft.problem((0, rows.start, 3), format!("the layout of the plate is '{other}'"));
            problem.expected = "PlateFormat or TimeFormat".into();
            problem.advice = "Export the plates again in one of the two".into();
        }
    }
    draft.plates.push(plate);
}

/// Grids: for each wavelength one beside the other, then the reduced one.
fn plate_format(draft: &mut Draft<'_>, sheet: &Sheet, header: &Header, rows: Range<usize>) -> Vec<ReadDraft> {
    let mut reads = Vec::new();
    let is_header = |row: usize| {
        column_numbers(sheet, row, 2).is_some_and(|(first, _)| first == 0) && sheet.text(row, 0).is_empty()
    };
    let mut row = rows.start + 1;
    while row < rows.end {
        if !is_header(row) || sheet.text(row, 2) != "1" {
            row += 1;
            continue;
        }
        let grids = side_by_side(sheet, row);
        let columns = grids.first().map_or(0, |&(_, columns)| columns);
        let size = header.size.or_else(|| PlateSize::ALL.into_iter().find(|size| size.columns == columns));
        let plate_rows = size.map_or(0, |size| size.rows);
        let is_reduced = header.reduced_only || !reads.is_empty();
        if !is_reduced && !header.wavelengths.is_empty() && grids.len() != header.wavelengths.len() {
            draft.problem(
                (0, row, 2),
                format!("there are {} grids for {} wavelengths", grids.len(), header.wavelengths.len()),
            );
        }
        // Rows that were not read are there, as lines of tabs; in a workbook they are empty.
        let is_present = |line: usize| sheet.name.is_some() || sheet.rows[line].len() > 1;
        let present =
            (row + 1..rows.end).take(plate_rows).take_while(|&line| is_present(line) && !is_header(line)).count();
        if present < plate_rows {
            draft.problem((0, row + present, 0), format!("the grid ends after {present} rows")).expected =
                format!("{plate_rows} rows");
        }
        for (at, &(column, columns)) in grids.iter().enumerate() {
            let cells = (0..present)
                .flat_map(|r| (0..columns).map(move |c| (WellPosition::new(r, c), (0, row + 1 + r, column + c))))
                .collect();
            reads.push(if is_reduced {
                ReadDraft::derived(header.mode, "Reduced", cells)
            } else {
                header.raw(at, cells)
            });
        }
        row += 1 + present;
    }
    reads
}

/// The column and width of each run 1, 2, 3… of a header row.
fn side_by_side(sheet: &Sheet, row: usize) -> Vec<(usize, usize)> {
    let mut grids = Vec::new();
    let mut column = 2;
    while column < sheet.rows[row].len() {
        match column_numbers(sheet, row, column) {
            Some((0, columns)) => {
                grids.push((column, columns));
                column += columns;
            }
            _ => column += 1,
        }
    }
    grids
}

/// Lines: a header of well names, then one line per wavelength, then perhaps another header and one reduced line.
fn time_format(draft: &mut Draft<'_>, sheet: &Sheet, header: &Header, rows: Range<usize>) -> Vec<ReadDraft> {
    let wells_of = |row: usize| -> Vec<(WellPosition, usize)> {
        let fields = 2..sheet.rows[row].len();
        fields.filter_map(|column| sheet.text(row, column).parse().ok().map(|well| (well, column))).collect()
    };
    let headers: Vec<usize> =
        rows.clone().skip(1).filter(|&row| sheet.text(row, 2).parse::<WellPosition>().is_ok()).collect();
    let mut reads = Vec::new();
    for (index, &head) in headers.iter().enumerate() {
        let end = headers.get(index + 1).copied().unwrap_or(rows.end);
        let lines: Vec<usize> = (head + 1..end).filter(|&row| !sheet.is_blank(row)).collect();
        let wells = wells_of(head);
        let cells = |row: usize| wells.iter().map(|&(well, column)| (well, (0, row, column))).collect::<Vec<_>>();
        if index > 0 || header.reduced_only {
            reads.extend(lines.iter().map(|&row| ReadDraft::derived(header.mode, "Reduced", cells(row))));
            continue;
        }
        let expected = header.wavelengths.len().max(1);
        if lines.is_empty() {
            // The plate has no raw values: every well was left unread, and the reduced line is not taken for one.
            reads.extend((0..expected).map(|at| header.raw(at, Vec::new())));
        } else if lines.len() != expected {
            draft
                .problem((0, head, 0), format!("there are {} lines of values for {expected} wavelengths", lines.len()));
        } else {
            reads.extend(lines.iter().enumerate().map(|(at, &row)| header.raw(at, cells(row))));
        }
    }
    if reads.is_empty() && draft.problems.0.is_empty() {
        draft.problem((0, rows.start, 0), "the plate has no line of well names");
    }
    reads
}

/// A group table: which sample is in which well. The meaning of a column is said by its formula below the table.
fn group(
    draft: &mut Draft<'_>,
    sheet: &Sheet,
    by_name: &BTreeMap<String, Vec<usize>>,
    plates_before: usize,
    rows: Range<usize>,
) {
    let title = sheet.text(rows.start, 0);
    let name = Some(title.trim_start_matches("Group:").trim().to_string()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| sheet.text(rows.start, 1));
    let head = rows.start + 1;
    let table_end = (head..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
    let mut columns = columns_by_formula(sheet, table_end..rows.end);
    if columns.is_empty() {
        // The tables of the oldest versions have no definitions: there the titles say what a column is.
        columns = columns_by_title(sheet, head);
    }
    let find = |formulas: &[&str], titles: &[&str]| {
        let by_formula = columns.iter().find(|(_, column)| formulas.contains(&column.formula.as_str()));
        let is_titled = |column: &Column| column.formula.is_empty() && titles.contains(&column.title.as_str());
        by_formula.or_else(|| columns.iter().find(|(_, column)| is_titled(column)))
    };
    let samples = find(&["!SampleNames"], &["Sample"]).map(|(&at, _)| at);
    let Some((&wells, _)) = find(&["!WellIDs"], &["Well", "Wells"]) else {
        draft.note(0, rows, format!("Group: {name}"), "not used: no column of wells");
        return;
    };
    let plate_names = find(&["!WellPlateName"], &["WellPlateName"]).map(|(&at, _)| at);
    let dilution = find(&["!Factor", "!Dilution"], &[]).map(|(&at, _)| at);
    let descriptor = find(&["!SampleDescriptor", "!Concentration", "!Conc"], &["Conc", "Concentration", "Dilution"]);
    let role = role_of(&name);
    let mut current = SampleDraft::default();
    let mut homeless = 0;
    for row in head + 1..table_end {
        let sample_name = samples.map(|at| sheet.text(row, at)).unwrap_or_default();
        if !sample_name.is_empty() {
            // Name and descriptor stand on the first row of a sample only.
            current = SampleDraft {
                name: Some(sample_name),
                role,
                group: Some(name.clone()),
                at: (0, row, 0),
                ..SampleDraft::default()
            };
            current.dilution = dilution.map(|at| sheet.text(row, at)).filter(|text| !text.is_empty());
            if let Some((&at, column)) = descriptor {
                let text = Some(sheet.text(row, at)).filter(|text| !text.is_empty());
                if column.title.to_lowercase().contains("dil") {
                    current.dilution = text;
                } else {
                    let unit = sheet.text(head, at);
                    let unit = unit.strip_prefix(column.title.as_str()).map(str::trim).unwrap_or_default().to_string();
                    current.concentration_unit = Some(unit).filter(|unit| !unit.is_empty());
                    current.concentration = text;
                }
            }
        }
        let Ok(well) = sheet.text(row, wells).parse::<WellPosition>() else { continue };
        let named = plate_names.map(|at| sheet.text(row, at)).filter(|name| !name.is_empty());
        let Some(plate) = plate_of(draft.plates.len(), by_name, plates_before, named.as_deref()) else {
            homeless += 1;
            draft.homeless.push((well, named, current.clone()));
            continue;
        };
        // A masked well shows so in whichever of its results the program leaves out.
        let masked = sheet.rows[row].iter().any(|cell| cell.text() == "Masked");
        // A well that is in several groups keeps its first.
        draft.plates[plate].samples.entry(well).or_insert_with(|| SampleDraft { masked, ..current.clone() });
    }
    if homeless > 0 {
        draft.warnings.push(
            Problem::new(
                sheet.location(rows.start, 0),
                format!("the group '{name}' does not say on which plate its {homeless} wells are"),
            )
            .advice("Add the column WellPlateName to the group in SoftMax Pro"),
        );
    }
    draft.note(
        0,
        rows,
        format!("Group: {name}"),
        "sample names, concentrations and dilutions; the program's own results are not used",
    );
}

/// A column of a group table.
struct Column {
    title: String,
    formula: String,
}

fn columns_by_formula(sheet: &Sheet, rows: Range<usize>) -> BTreeMap<usize, Column> {
    let start = rows.clone().find(|&row| sheet.text(row, 0) == "Group Column").map_or(rows.end, |row| row + 1);
    (start..rows.end)
        .map_while(|row| {
            let number: usize = sheet.text(row, 0).parse().ok().filter(|&number| number > 0)?;
            Some((number - 1, Column { title: sheet.text(row, 1), formula: sheet.text(row, 2) }))
        })
        .collect()
}

fn columns_by_title(sheet: &Sheet, head: usize) -> BTreeMap<usize, Column> {
    let titles = (0..sheet.rows.get(head).map_or(0, Vec::len)).map(|at| (at, sheet.text(head, at)));
    let column = |title| Column { title, formula: String::new() };
    titles.filter(|(_, title)| !title.is_empty()).map(|(at, title)| (at, column(title))).collect()
}

/// The plate that a row of a group means: by its name (names may repeat: then the last one before the group), or the only one.
fn plate_of(plates: usize, by_name: &BTreeMap<String, Vec<usize>>, before: usize, name: Option<&str>) -> Option<usize> {
    let Some(name) = name else { return (plates == 1).then_some(0) };
    let called = by_name.get(name)?;
    let (earlier, later) = called.split_at(called.partition_point(|&at| at < before));
    earlier.last().or(later.first()).copied()
}

fn role_of(group: &str) -> Option<&'static str> {
    let group = group.to_lowercase();
    [
        ("std", "standard"),
        ("standard", "standard"),
        ("control", "control"),
        ("ctrl", "control"),
        ("blank", "blank"),
        ("unk", "sample"),
        ("sample", "sample"),
    ]
    .into_iter()
    .find(|(word, _)| group.contains(word))
    .map(|(_, role)| role)
}
