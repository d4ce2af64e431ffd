//! How much a file may hold. Plate exports are small; a crafted file of a few kilobytes can ask for all memory of a machine.

/// The largest file that is opened, in bytes.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// The most cells of a file, counted with the empty ones to the left of the last of each row.
pub const MAX_CELLS: usize = 400_000;

/// The most fields of a text that belongs to the study itself, such as its list of samples: what 800,000 samples or the history of
/// 10,000 plates take. Whoever writes these files does not mean harm to their own machine.
pub const MAX_STUDY_FIELDS: usize = 8_000_000;

/// The most bytes of one field of a text: about twice what a cell of a spreadsheet program can hold.
pub const MAX_FIELD_BYTES: usize = 64 << 10;

/// The most bytes of one inflated part of a workbook, and of all its parts together.
pub const MAX_INFLATED_BYTES: u64 = 24 << 20;

/// The most bytes of the inflated parts that the spreadsheet library keeps whole in memory (strings, styles, lists of sheets).
pub const MAX_RESIDENT_BYTES: u64 = 8 << 20;

/// The most bytes of text in the cells of a workbook. Cells may share a string, and each of them gets its own copy.
pub const MAX_TEXT_BYTES: usize = 8 << 20;

/// Rows of a sheet, as Excel has them.
pub const MAX_ROWS: u32 = 1_048_576;

/// Columns of a sheet, as Excel has them.
pub const MAX_COLUMNS: u32 = 16_384;

/// Sheets of a workbook.
pub const MAX_SHEETS: usize = 1_000;
