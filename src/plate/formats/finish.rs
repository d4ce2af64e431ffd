//! From a draft to an export: cells become readings, once for all formats.
//!
//! The decimal mark is decided for the whole file, a well that holds no known reading is named with its cell, and every row that
//! no one accounted for is listed.

use ndarray::Array2;

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft, SampleDraft, shortened};
use crate::plate::acquisition::{Acquisition, StatedFacts};
use crate::plate::read::{
    Export, ExportKind, ExportedPlate, ExportedSample, Mode, OtherRead, PlateRead, SampleWithoutPlate,
};
use crate::plate::reading::Reading;
use crate::plate::well::PlateSize;
use crate::sheet::mistakes::letters_for_digits;
use crate::sheet::number::{UndecidedDecimal, only_thousands};
use crate::sheet::number_notation::two_readings;
use crate::sheet::{Code, Decimal, Location, Place, Problem, Problems, Sheet, Value};

/// What is said of a file in which a format finds nothing.
pub(super) const NO_PLATE: Code = Code::new("export-no-plate");

impl<'a> Draft<'a> {
    /// Turns cells into readings and gives the export with all problems, in the order of the file.
    pub(super) fn finish(mut self, format: &str, is_general: bool) -> (Export, Problems) {
        self.take_out_times();
        self.judge_others();
        if !is_general {
            self.name_sheets_left_out(format);
        }
        let decimal = self.decimal();
        let samples_decimal = self.samples_decimal(decimal);
        self.list_the_rest();
        self.leave_out_formulas();
        let plates = std::mem::take(&mut self.plates);
        let told = StatedFacts::by(self.book);
        let plates: Vec<ExportedPlate> =
            plates.into_iter().map(|plate| self.plate(plate, decimal, samples_decimal, &told)).collect();
        let unassigned = std::mem::take(&mut self.unassigned);
        let samples_without_plate = unassigned
            .into_iter()
            .map(|(well, plate, sample)| SampleWithoutPlate {
                well,
                plate,
                sample: self.sample(sample, samples_decimal),
            })
            .collect();
        let nothing = plates.iter().all(|plate| plate.reads.is_empty());
        if self.kind == ExportKind::Endpoint && nothing && self.problems.0.is_empty() {
            self.problems.push(
                Problem::new(NO_PLATE, Location::file(self.book.file.clone()), "there is no plate in the file")
                    .expected("at least one read of a plate"),
            );
        }
        if let Some(column) = self.column.take().filter(|column| !column.is_found) {
            let found = format!("there is no column '{}' in it", column.title);
            self.problems.push(Problem::new(Code::new("column-of-readings-missing"), Location::file(self.book.file.clone()), found).expected(
                "a plain table, with one row per well and the column that the study names as that of the readings",
            ));
        }
        if self.kind == ExportKind::Endpoint && !self.problems.0.is_empty() {
            self.kind = ExportKind::Malformed;
        }
        self.doubt(&plates);
        self.blocks.sort_by_key(|&(sheet, row, _)| (sheet, row));
        let export = Export {
            file: self.book.file.clone(),
            format: format.to_string(),
            kind: self.kind,
            plates,
            samples_without_plate,
            warnings: self.warnings,
            blocks: self.blocks.into_iter().map(|(.., block)| block).collect(),
        };
        (export, self.problems)
    }

    /// Decides what the things that are no end points mean for the file.
    fn judge_others(&mut self) {
        let others = std::mem::take(&mut self.others);
        let has_reads = self.plates.iter().any(|plate| !plate.reads.is_empty());
        if has_reads {
            for (_, at, what) in others {
                let problem = Problem::new(
                    Code::new("part-not-read"),
                    self.location(at),
                    format!("here is {what}: it is not read"),
                );
                self.warnings.push(problem.advice("Only the end points are read"));
            }
        } else if let (Some(&(kind, at, what)), true) = (others.first(), self.problems.0.is_empty()) {
            self.kind = kind;
            self.problem(Code::new("export-of-another-kind"), at, format!("this is {what}")).expected =
                "an end-point read: one value per well and wavelength".into();
        }
    }

    /// The decimal mark of the file, from all wells that hold text.
    fn decimal(&mut self) -> Decimal {
        let texts = |mode: Option<Mode>| {
            self.plates
                .iter()
                .flat_map(|plate| &plate.reads)
                .filter(move |read| mode.is_none_or(|mode| !read.derived && read.mode == mode))
                .flat_map(|read| &read.cells)
                .filter_map(
                    |&(_, at)| if let Value::Text(text) = self.value(at) { Some((at, text.as_str())) } else { None },
                )
        };
        let cells: Vec<(CellIndex, &str)> = texts(None).collect();
        let found = match Decimal::of(cells.iter().map(|&(_, text)| text)) {
            // An optical density of a thousand is none: the comma can only be a decimal one.
            Err(UndecidedDecimal::Thousands(_))
                if texts(Some(Mode::Absorbance)).any(|(_, text)| text.contains(',')) =>
            {
                Ok(Decimal::Comma)
            }
            found => found,
        };
        // Fields separated by commas have decimal points; elsewhere a point may stand between thousands as well.
        let is_open = |&&(at, _): &&(CellIndex, &str)| self.book.sheets[at.0].delimiter != Some(',');
        let open: Vec<(CellIndex, &str)> = cells.iter().filter(is_open).copied().collect();
        let may_be_counts = !texts(Some(Mode::Absorbance)).any(|(_, text)| text.contains('.'));
        let point = only_thousands(open.iter().map(|&(_, text)| text)).filter(|_| may_be_counts);
        match found {
            Ok(Decimal::Point) => {
                if let Some(first) = point {
                    self.refuse_thousands(open[first], '.');
                }
                Decimal::Point
            }
            Ok(Decimal::Either) => {
                for &(at, text) in cells.iter().filter(|(_, text)| Decimal::Point.parse(text).is_none()) {
                    if Decimal::Either.parse(text).is_some() {
                        let found = format!("'{}' has a comma where the other numbers have a point", text.trim());
                        self.warnings.push(
                            Problem::new(Code::new("decimal-comma-assumed"), self.location(at), found)
                                .advice("It is read as a decimal comma"),
                        );
                    }
                }
                Decimal::Either
            }
            Ok(Decimal::Comma) => {
                let at = cells.iter().find(|(_, text)| text.contains(',')).map_or((0, 0, 0), |&(at, _)| at);
                self.warnings.push(Problem::new(
                    Code::new("decimal-comma-read"),
                    self.location(at),
                    format!("numbers have a decimal comma, as '{}'; all are read so", self.value(at).text()),
                ));
                Decimal::Comma
            }
            Err(UndecidedDecimal::Mixed(point, comma)) => {
                let (point, comma) = (cells[point], cells[comma]);
                let problem = Problem::new(
                    Code::new("decimal-marks-mixed"),
                    self.location(comma.0),
                    format!("the number '{}' has a comma, and '{}' has a point", comma.1.trim(), point.1.trim()),
                );
                self.problems
                    .push(problem.expected("one decimal mark in the whole file").advice("Export the file again"));
                Decimal::Point
            }
            Err(UndecidedDecimal::Thousands(comma)) => {
                self.refuse_thousands(cells[comma], ',');
                Decimal::Comma // one sentence, not one for each well
            }
        }
    }

    /// Refuses a file in which every number with that mark may be read in two ways.
    fn refuse_thousands(&mut self, (at, text): (CellIndex, &str), mark: char) {
        let problem = two_readings(text.trim(), mark, self.location(at));
        self.problems.push(problem.advice(
            "Export the file without anything between thousands, or as a workbook, or separated by commas with decimal points",
        ));
    }

    /// The decimal mark of what the file says of its samples. SoftMax Pro prints its tables of groups with a point where the grids
    /// of the same file have a comma; a point that may as well separate thousands is not taken for a decimal one.
    fn samples_decimal(&self, decimal: Decimal) -> Decimal {
        let samples = self.plates.iter().flat_map(|plate| plate.samples.values());
        let samples = samples.chain(self.unassigned.iter().map(|(.., sample)| sample));
        let texts = samples.flat_map(|sample| [&sample.concentration, &sample.dilution]).flatten();
        let texts: Vec<&str> = texts.map(String::as_str).collect();
        let with_comma: Vec<String> = texts.iter().map(|text| text.replace('.', ",")).collect();
        let has_comma = texts.iter().any(|text| text.contains(','));
        let is_point = !has_comma && Decimal::of(with_comma.iter().map(String::as_str)) == Ok(Decimal::Comma);
        if decimal == Decimal::Comma && is_point { Decimal::Point } else { decimal }
    }

    fn plate(
        &mut self,
        plate: PlateDraft,
        decimal: Decimal,
        samples_decimal: Decimal,
        told: &StatedFacts,
    ) -> ExportedPlate {
        let wells = || plate.reads.iter().flat_map(|read| &read.cells).map(|&(well, _)| well);
        let holds_all = |size: &PlateSize| wells().all(|well| size.contains(well));
        let size = plate.size.or_else(|| PlateSize::ALL.into_iter().find(holds_all)).unwrap_or(PlateSize::WELLS_1536);
        let first = plate.reads.iter().flat_map(|read| &read.cells).map(|&(_, at)| at).next().unwrap_or(plate.at);
        let reads = plate.reads.into_iter().map(|read| self.plate_read(read, size, decimal)).collect();
        let samples = plate
            .samples
            .into_iter()
            .filter(|&(well, _)| size.contains(well))
            .map(|(well, sample)| (well, self.sample(sample, samples_decimal)))
            .collect();
        let other = plate.other.map(|(kind, mode)| OtherRead { kind, mode, size: plate.size });
        ExportedPlate {
            id: plate.id,
            name: plate.name,
            size,
            acquisition: Acquisition::of(told, (first.0, first.1)),
            reads,
            samples,
            other,
            location: self.location(plate.at),
        }
    }

    fn plate_read(&mut self, read: ReadDraft, size: PlateSize, decimal: Decimal) -> PlateRead {
        let shape = (size.rows, size.columns);
        let mut wells = Array2::from_elem(shape, Reading::UNREAD);
        let mut places = Array2::from_elem(shape, Place::Whole);
        let sheet = &self.book.sheets[read.cells.first().map_or(0, |&(_, (sheet, ..))| sheet)];
        self.used.extend(read.cells.iter().map(|&(_, at)| at));
        self.warn_of_formulas(&read);
        for &(well, at) in &read.cells {
            let index = (usize::from(well.row), usize::from(well.column));
            if !size.contains(well) {
                self.problem(Code::new("well-outside-plate"), at, format!("well {well} is not on a plate of {size}"));
            } else if places[index] != Place::Whole {
                self.problem(
                    Code::new("well-twice-in-read"),
                    at,
                    format!("well {well} appears twice in the read '{}'", read.label),
                );
            } else {
                places[index] = sheet.location(at.1, at.2).place;
                wells[index] = self.reading(at, decimal, read.derived).unwrap_or_else(|text| {
                    let problem =
                        self.problem(Code::new("reading-not-a-number"), at, format!("well {well} holds {text}"));
                    problem.expected = "a number, or a word of the reader such as OVRFLW".into();
                    problem.advice = letters_for_digits(text.trim_matches('\'')).unwrap_or_default().into();
                    Reading::Missing(text)
                });
            }
        }
        self.warn_of_plateau(&read, sheet, wells.iter().filter_map(Reading::measured));
        let (mode, unit) = match read.mode {
            Mode::Unknown if !read.derived && are_counts(&wells) => self.counts(&read, sheet),
            mode => (mode, read.unit),
        };
        let reference_nm = self.reference(read.reference_nm, read.cells.first().map(|&(_, at)| at));
        PlateRead {
            mode,
            wavelength_nm: read.wavelength_nm,
            stated_nm: read.stated_nm,
            reference_nm,
            excitation_nm: read.excitation_nm,
            label: read.label,
            unit,
            derived: read.derived,
            wells,
            file: self.book.file.clone(),
            sheet: sheet.name.clone(),
            places,
        }
    }

    /// Saturation may also be written as an ordinary number: several wells that share the highest optical density.
    fn warn_of_plateau(&mut self, read: &ReadDraft, sheet: &Sheet, values: impl Iterator<Item = f64> + Clone) {
        let highest = values.clone().fold(f64::NEG_INFINITY, f64::max);
        let count = values.filter(|&value| value == highest).count();
        if !read.derived && read.mode == Mode::Absorbance && highest >= 3.5 && count >= 3 {
            let at = read.cells.first().map_or((0, 0), |&(_, (_, row, column))| (row, column));
            let found = format!("{count} wells of the read '{}' share the highest value, {highest}", read.label);
            self.warnings.push(
                Problem::new(Code::new("read-plateau"), sheet.location(at.0, at.1), found)
                    .advice("They may be saturated: the reader writes a number there"),
            );
        }
    }

    /// What counts are taken for where the file does not say what was measured.
    fn counts(&mut self, read: &ReadDraft, sheet: &Sheet) -> (Mode, Option<String>) {
        let at = read.cells.first().map_or((0, 0), |&(_, (_, row, column))| (row, column));
        let found =
            format!("the file does not say what '{}' is; whole numbers this large are counts of light", read.label);
        self.warnings.push(
            Problem::new(Code::new("counts-taken-for-luminescence"), sheet.location(at.0, at.1), found)
                .advice("They are taken for luminescence; counts of fluorescence look the same"),
        );
        (Mode::Luminescence, read.unit.clone().or(Some("RLU".to_string())))
    }

    /// The reading in a cell, or what stands there instead. In a derived grid any text says that there is no value.
    fn reading(&self, at: CellIndex, decimal: Decimal, derived: bool) -> Result<Reading, String> {
        match self.value(at) {
            value if !derived && !value.is_empty() && self.is_formula(at) => {
                Ok(Reading::Missing("formula".to_string()))
            }
            Value::Number(number) => Ok(Reading::Measured(*number)),
            Value::Empty if self.is_merged_away(at) => Err("nothing, for it is merged with another cell".to_string()),
            Value::Empty => Ok(Reading::UNREAD),
            Value::Text(text) => match Reading::of_text(unquoted(text), decimal) {
                // Above a limit is outside of the curve in a derived grid, and beyond the detector in a measured one.
                Some(Reading::NotComputed(text)) if !derived && text.starts_with('>') => Ok(Reading::Saturated(text)),
                Some(reading) => Ok(reading),
                None if derived => Ok(Reading::NotComputed(text.trim().to_string())),
                None => Err(format!("'{}'", shortened(text.trim()))),
            },
            Value::Error(text) if derived => Ok(Reading::NotComputed(text.clone())),
            Value::Error(text) if text.starts_with('#') => Err(format!("the error {text}")),
            Value::Error(text) => Err(text.clone()),
            Value::DateTime(text) => Err(format!("the date or time {text}")),
            Value::Boolean(_) => Err(self.value(at).text()),
        }
    }

    fn is_merged_away(&self, (sheet, row, column): CellIndex) -> bool {
        let (row, column) = (row as u32, column as u32);
        self.book.sheets[sheet].merged.iter().any(|&((top, left), (bottom, right))| {
            (top..=bottom).contains(&row) && (left..=right).contains(&column) && (row, column) != (top, left)
        })
    }

    fn sample(&mut self, sample: SampleDraft, decimal: Decimal) -> ExportedSample {
        self.used.push(sample.at);
        let mut number = |text: Option<String>, what: &str| {
            let text = text.filter(|text| !text.trim().is_empty())?;
            let number = decimal.parse(&text);
            if number.is_none() {
                let location = self.location(sample.at);
                self.warnings.push(Problem::new(
                    Code::new("sample-value-not-a-number"),
                    location,
                    format!("the {what} '{}' is not a number", shortened(&text)),
                ));
            }
            number
        };
        let concentration = number(sample.concentration, "concentration");
        let dilution = number(sample.dilution, "dilution");
        ExportedSample {
            name: sample.name,
            role: sample.role.map(str::to_string),
            group: sample.group,
            concentration,
            concentration_unit: sample.concentration_unit.filter(|_| concentration.is_some()),
            dilution,
            masked: sample.masked,
        }
    }

    fn value(&self, (sheet, row, column): CellIndex) -> &'a Value {
        self.book.sheets[sheet].value(row, column)
    }

    pub(super) fn location(&self, (sheet, row, column): CellIndex) -> Location {
        self.book.sheets[sheet].location(row, column)
    }
}

/// Whether all values are whole numbers, some beyond what any optical density reaches.
fn are_counts(wells: &Array2<Reading>) -> bool {
    let values = || wells.iter().filter_map(Reading::measured);
    values().all(|value| value.fract() == 0.0) && values().any(|value| value >= 1000.0)
}

/// `="…"`, which some readers write to keep a spreadsheet program from changing a text.
pub(super) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('=').unwrap_or(text);
    inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(inner).trim_matches('"')
}
