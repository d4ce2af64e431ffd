//! Molecular Devices SoftMax Pro: the text export with `##BLOCKS=`, in plate format and in time format.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft};
use super::grid::column_numbers;
use super::softmax_groups::group;
use super::{Code, Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct SoftMaxPro;

impl Format for SoftMaxPro {
    fn description(&self) -> Description<'_> {
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
        if let (Some((_, rows)), true, true) = (groups.first(), draft.plates.is_empty(), draft.problems.0.is_empty()) {
            let what =
                "an export of group tables alone, without the plates that they are of: export the Plate section too";
            draft.no_end_point(ExportKind::LayoutOnly, (0, rows.start, 0), what);
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

    fn raw(&self, at: usize, cells: Vec<(WellPosition, CellIndex)>) -> ReadDraft {
        let of = |list: &[Option<f64>]| list.get(at).copied().flatten();
        ReadDraft::raw(self.mode, "Raw", cells).at(of(&self.wavelengths)).excited_at(of(&self.excitations))
    }
}

fn plate(draft: &mut Draft<'_>, sheet: &Sheet, rows: Range<usize>) {
    let at = (0, rows.start, 0);
    let Some(header) = Header::of(sheet, rows.start) else {
        draft.problem(
            Code::new("softmax-raw-or-reduced"),
            at,
            "the line 'Plate:' does not say whether the plate holds Raw or Reduced values",
        );
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
            let problem = draft.problem(
                Code::new("softmax-layout-of-plate"),
                (0, rows.start, 3),
                format!("the layout of the plate is '{other}'"),
            );
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
                Code::new("softmax-grids-and-wavelengths"),
                (0, row, 2),
                format!("there are {} grids for {} wavelengths", grids.len(), header.wavelengths.len()),
            );
        }
        // Rows that were not read are there, as lines of tabs; in a workbook they are empty.
        let is_present = |line: usize| sheet.name.is_some() || sheet.rows[line].len() > 1;
        let present =
            (row + 1..rows.end).take(plate_rows).take_while(|&line| is_present(line) && !is_header(line)).count();
        if present < plate_rows {
            draft
                .problem(
                    Code::new("softmax-grid-cut-off"),
                    (0, row + present, 0),
                    format!("the grid ends after {present} rows"),
                )
                .expected = format!("{plate_rows} rows");
        }
        if let Some((line, column)) = outside(sheet, row + 1..row + 1 + present, &grids) {
            let found = format!("'{}' stands outside of the plate's columns", sheet.text(line, column));
            draft.problem(Code::new("softmax-outside-columns"), (0, line, column), found).expected =
                "values below the column numbers only".into();
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
    if reads.is_empty() {
        reads.extend(without_numbers(draft, sheet, header, rows));
    }
    reads
}

/// The grid of versions whose plates say `0.3` where later ones say `1.3`: no line of column numbers, the temperature in the first
/// field. How they write several wavelengths has not been seen.
fn without_numbers(draft: &mut Draft<'_>, sheet: &Sheet, header: &Header, rows: Range<usize>) -> Option<ReadDraft> {
    let lines: Vec<usize> = (rows.start + 1..rows.end).filter(|&row| !sheet.is_blank(row)).collect();
    let ends_before =
        |row: usize, column: usize| (column..sheet.rows[row].len()).all(|at| sheet.text(row, at).is_empty());
    let fits =
        |size: &PlateSize| lines.len() == size.rows && lines.iter().all(|&row| ends_before(row, 1 + size.columns));
    let Some(size) = header.size.filter(|size| fits(size) && header.wavelengths.len() == 1) else {
        let problem =
            draft.problem(Code::new("softmax-no-column-numbers"), (0, rows.start + 1, 0), "no line of column numbers");
        problem.expected = "the numbers 1, 2, 3… above the values of a plate in PlateFormat".into();
        return None;
    };
    let cells =
        size.wells().map(|well| (well, (0, lines[usize::from(well.row)], 1 + usize::from(well.column)))).collect();
    Some(if header.reduced_only { ReadDraft::derived(header.mode, "Reduced", cells) } else { header.raw(0, cells) })
}

/// The first cell that holds something right of the temperature and in no grid: lines that have moved against their column numbers.
fn outside(sheet: &Sheet, lines: Range<usize>, grids: &[(usize, usize)]) -> Option<(usize, usize)> {
    let is_in = |column: usize| grids.iter().any(|&(first, columns)| (first..first + columns).contains(&column));
    let cells = lines.flat_map(|line| (2..sheet.rows[line].len()).map(move |column| (line, column)));
    cells.into_iter().find(|&(line, column)| !is_in(column) && !sheet.text(line, column).is_empty())
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
        if let Some(&line) = lines.iter().find(|&&line| ends_early(sheet, line, &wells)) {
            let found = format!(
                "the line ends before well {}",
                wells.last().map_or(String::new(), |(well, _)| well.to_string())
            );
            let problem = draft.problem(Code::new("softmax-line-cut-off"), (0, line, sheet.rows[line].len()), found);
            problem.expected = format!("a field for each of the {} wells above it", wells.len());
            problem.advice = "Export the plate again: the file may be cut off".into();
        }
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
            draft.problem(
                Code::new("softmax-lines-and-wavelengths"),
                (0, head, 0),
                format!("there are {} lines of values for {expected} wavelengths", lines.len()),
            );
        } else {
            reads.extend(lines.iter().enumerate().map(|(at, &row)| header.raw(at, cells(row))));
        }
    }
    if reads.is_empty() && draft.problems.0.is_empty() {
        draft.problem(Code::new("softmax-no-well-names"), (0, rows.start, 0), "the plate has no line of well names");
    }
    reads
}

/// Whether the fields of a text end before those of the wells above it: unread wells have empty ones.
fn ends_early(sheet: &Sheet, line: usize, wells: &[(WellPosition, usize)]) -> bool {
    sheet.name.is_none() && wells.last().is_some_and(|&(_, column)| sheet.rows[line].len() <= column)
}
