//! The installation: which program this is, and whether what it needs of the machine is there.

use std::thread;

use crate::files::{OutputFile, Scratch, sha256, user};
use crate::report::validation::{Case, Function, Installation, Risk, SpoiledCase, ValidationCheck};
use crate::sheet::Book;

/// A plate map that LibreOffice saved in three formats, and the same as text.
const MAPS: [(&str, &[u8]); 3] = [
    ("xlsx", include_bytes!("../../fixtures/layouts/P01-libreoffice.xlsx")),
    ("xls", include_bytes!("../../fixtures/layouts/P01-libreoffice.xls")),
    ("ods", include_bytes!("../../fixtures/layouts/P01-libreoffice.ods")),
];
/// Some of its cells as LibreOffice shows them: row and column from 0, and the text.
const CELLS: [(usize, usize, &str); 5] = [
    (3, 1, "Std 2000"),
    (3, 3, "QC low 90"),
    (4, 5, "102-001-W16 1:10"),
    (9, 2, "Std 31.25"),
    (10, 9, "102-004-W16 1:10"),
];

/// The program that runs, and the machine.
pub(super) fn installation() -> Installation {
    let program = std::env::current_exe();
    let bytes = program.as_ref().ok().and_then(|path| std::fs::read(path).ok());
    Installation {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        executable: program.map_or_else(|error| error.to_string(), |path| path.display().to_string()),
        bytes: bytes.as_ref().map(Vec::len),
        sha256: bytes.as_deref().map(sha256),
        system: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
        threads: thread::available_parallelism().map_or(1, usize::from),
        user: user(),
    }
}

/// What the program needs of the machine, and a damaged workbook.
pub(super) fn function() -> Function {
    let workbooks = MAPS.iter().map(|(format, bytes)| {
        Case::new(format!("a plate map saved as {format}"), "the cells as LibreOffice 7.4 shows them")
            .with(cells(format, bytes))
    });
    let files = Case::new("a folder for a moment", "what is written into it").with(written());
    let damaged = MAPS[0].1.get(..MAPS[0].1.len() / 2).unwrap_or_default();
    let damaged = Case::new("damaged", "").with(cells("xlsx", damaged));
    Function {
        name: "Installation: workbooks and files",
        intended_use: "Reads workbooks in a process of its own, which a hostile file cannot take the program down with, and writes files.",
        risk: Risk::NotHigh,
        failure: "A workbook cannot be read or results cannot be written; the program says so and stops.",
        activity: "Workbooks of three kinds are read by the installed program itself; files are written, read and removed.",
        cases: workbooks.chain([files]).collect(),
        spoiled: vec![SpoiledCase::new("a workbook is cut in half", damaged)],
    }
}

fn cells(format: &str, bytes: &[u8]) -> Result<Vec<ValidationCheck>, String> {
    let book = Book::from_bytes(bytes, &format!("map.{format}")).map_err(|problem| problem.to_string())?;
    let sheet = book.sheets.first().ok_or("a workbook without sheets")?;
    let check = |(row, column, text): (usize, usize, &str)| {
        let found = sheet.rows.get(row).and_then(|row| row.get(column)).map(|cell| cell.text().to_string());
        ValidationCheck::text(format!("row {}, column {}", row + 1, column + 1), text, found.unwrap_or_default())
    };
    Ok(CELLS.into_iter().map(check).collect())
}

fn written() -> Result<Vec<ValidationCheck>, String> {
    let refused = |error: std::io::Error| error.to_string();
    let file = OutputFile { name: "folder/file.txt".into(), bytes: b"written".to_vec() };
    let folder = Scratch::new(&[file]).map_err(refused)?;
    let path = folder.path().join("folder/file.txt");
    let text = std::fs::read_to_string(&path).map_err(refused)?;
    drop(folder);
    let after = if path.exists() { "still there" } else { "removed" };
    Ok(vec![ValidationCheck::text("content", "written", text), ValidationCheck::text("afterwards", "removed", after)])
}
