//! Which cells of an xls workbook formulas computed.
//!
//! The library gives formulas as text, and none for a formula that was filled down or belongs to an array: its cells say only where
//! the formula stands (MS-XLS 2.5.198.58, `PtgExp`). A cell with a record of a formula is computed, whatever its text, so the records
//! are gone through here: first the container (MS-CFB), then the records of each sheet (MS-XLS 2.1.4).
//!
//! Everything is checked against what there is; a file that breaks the rules has no such cells, and the library refuses it.

use std::collections::BTreeSet;

/// Row and column, from 0, of the computed cells of a sheet.
pub(super) type Computed = BTreeSet<(u32, u32)>;

/// Signature of a compound file.
const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Streams shorter than this lie in small sectors of their own.
const SMALL: usize = 4096;
const SMALL_SECTOR: usize = 64;
/// Marks of the table of sectors: a sector of this number is none.
const NO_SECTOR: u32 = 0xFFFF_FFFA;

/// The computed cells of each sheet, in the order of the workbook's list of sheets.
pub(super) fn computed(bytes: &[u8]) -> Vec<Computed> {
    let Some(stream) = Compound::of(bytes).and_then(|compound| compound.stream(&["Workbook", "Book"])) else {
        return Vec::new();
    };
    // BoundSheet8 begins with the place of its sheet in the stream.
    let sheets = Records(&stream).take_while(|&(kind, _)| kind != EOF).filter(|&(kind, _)| kind == BOUND_SHEET);
    sheets.map(|(_, record)| u32_at(record, 0).map(|at| of_sheet(&stream, at as usize)).unwrap_or_default()).collect()
}

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const BOUND_SHEET: u16 = 0x0085;
/// A formula with its cell and value; the two others are of BIFF3 and BIFF4.
const FORMULA: [u16; 3] = [0x0006, 0x0206, 0x0406];

/// The computed cells of the sheet that begins at `at`; pictures in it are streams of their own within it.
fn of_sheet(stream: &[u8], at: usize) -> Computed {
    let mut depth = 0_usize;
    let mut computed = Computed::new();
    for (kind, record) in Records(stream.get(at..).unwrap_or_default()) {
        match kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            kind if depth == 1 && FORMULA.contains(&kind) => {
                let cell = u16_at(record, 0).zip(u16_at(record, 2));
                computed.extend(cell.map(|(row, column)| (u32::from(row), u32::from(column))));
            }
            _ => {}
        }
    }
    computed
}

/// Records one after the other: kind and length in two bytes each, then the content.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (u16_at(self.0, 0)?, usize::from(u16_at(self.0, 2)?));
        let content = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some((kind, content))
    }
}

/// A compound file: sectors chained by a table.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The sector after each; of the small ones too.
    table: Vec<u32>,
    small_table: Vec<u32>,
    directory: Vec<u8>,
}

impl<'a> Compound<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        bytes.starts_with(SIGNATURE).then_some(())?;
        let shift = u16_at(bytes, 30).filter(|shift| matches!(shift, 9 | 12))?;
        let mut file =
            Self { bytes, sector: 1 << shift, table: Vec::new(), small_table: Vec::new(), directory: Vec::new() };
        // The first 109 sectors of the table are named in the header, the others in a chain of sectors that end in the next.
        let mut parts = words(bytes.get(76..512)?);
        let mut next = u32_at(bytes, 68)?;
        while next < NO_SECTOR && parts.len() <= bytes.len() / file.sector {
            let mut more = words(file.sector_at(next)?);
            next = more.pop()?;
            parts.extend(more);
        }
        for part in parts.into_iter().filter(|&part| part < NO_SECTOR) {
            file.table.extend(words(file.sector_at(part)?));
        }
        file.directory = file.chain(u32_at(bytes, 48)?)?;
        file.small_table = words(&file.chain(u32_at(bytes, 60)?)?);
        Some(file)
    }

    fn sector_at(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The sectors from `first` on, one after the other; no chain is longer than the file.
    fn chain(&self, first: u32) -> Option<Vec<u8>> {
        let (mut content, mut next) = (Vec::new(), first);
        while next < NO_SECTOR {
            content.extend(self.sector_at(next)?);
            next = *self.table.get(next as usize)?;
            (content.len() <= self.bytes.len()).then_some(())?;
        }
        Some(content)
    }

    /// The first stream of these names that there is.
    fn stream(&self, names: &[&str]) -> Option<Vec<u8>> {
        let entries = || self.directory.chunks_exact(128);
        let is_called = |entry: &&[u8], name: &str| {
            let letters = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            letters.take_while(|&unit| unit != 0).eq(name.encode_utf16())
        };
        let entry = names.iter().find_map(|name| entries().find(|entry| entry[66] == 2 && is_called(entry, name)))?;
        let (first, size) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
        let mut content = if size >= SMALL {
            self.chain(first)?
        } else {
            // Small sectors lie in the stream of the root, the first entry.
            let all = self.chain(u32_at(entries().next()?, 116)?)?;
            let (mut content, mut next) = (Vec::new(), first);
            while next < NO_SECTOR && content.len() < SMALL {
                let start = (next as usize).checked_mul(SMALL_SECTOR)?;
                content.extend(all.get(start..start.checked_add(SMALL_SECTOR)?)?);
                next = *self.small_table.get(next as usize)?;
            }
            content
        };
        content.truncate(size);
        Some(content)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}
