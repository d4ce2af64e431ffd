//! What happens to an export on its way does not change what is read: other encodings, line ends, delimiters and decimal marks, a
//! spreadsheet program that opened and saved it, empty lines. Made from our own exports in `fixtures/exports`.

use std::path::{Path, PathBuf};

use platewise::plate::formats;
use platewise::plate::read::Export;
use platewise::sheet::{Book, Value};

fn exports() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|extension| extension != "md"));
    files.sort();
    files
}

/// The fields of a text file, as the reader of text sees them.
fn fields(book: &Book) -> Vec<Vec<String>> {
    let text = |cell: &Value| if let Value::Text(text) = cell { text.clone() } else { String::new() };
    book.sheets[0].rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Whether a spreadsheet program takes the field for a number with decimals.
fn has_decimals(field: &str) -> bool {
    // Gen5 masks a well by asterisks around its number.
    let text = field.trim().trim_matches('*');
    text.contains('.') && text.parse::<f64>().is_ok() && !text.starts_with(['i', 'n', 'N', 'I'])
}

fn joined(fields: &[Vec<String>], delimiter: &str, line_end: &str, decimal_comma: bool, padded: bool) -> String {
    let width = fields.iter().map(Vec::len).max().unwrap_or(0);
    let lines = fields.iter().map(|row| {
        let mut row: Vec<String> = row
            .iter()
            .map(|field| if decimal_comma && has_decimals(field) { field.replace('.', ",") } else { field.clone() })
            .map(|field| {
                if field.contains(delimiter) || field.contains('"') {
                    format!("\"{}\"", field.replace('"', "\"\""))
                } else {
                    field
                }
            })
            .collect();
        if padded {
            row.resize(width, String::new());
        }
        row.join(delimiter) + line_end
    });
    lines.collect()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2], mark: &[u8]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
}

/// Characters of Windows-1252 that are not ASCII, as far as exports have them.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Each way in which a text comes to the user, with its bytes.
fn variants(text: &str, fields: &[Vec<String>]) -> Vec<(&'static str, Vec<u8>)> {
    let rejoin = |delimiter, comma, padded| joined(fields, delimiter, "\r\n", comma, padded);
    let mut variants = vec![
        ("UTF-16 LE with mark", utf16(text, u16::to_le_bytes, b"\xFF\xFE")),
        ("UTF-16 BE with mark", utf16(text, u16::to_be_bytes, b"\xFE\xFF")),
        ("UTF-16 LE without mark", utf16(text, u16::to_le_bytes, b"")),
        ("UTF-8 with mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("Windows-1252", windows_1252(text)),
        ("CR", text.replace('\n', "\r").into_bytes()),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("CR CRLF", text.replace('\n', "\r\r\n").into_bytes()),
        ("empty lines at the end", format!("{text}\n\n\n").into_bytes()),
        ("an empty line at the start", format!("\n{text}").into_bytes()),
    ];
    // Aligned text and serial text have no delimiter that a program could change.
    if !text.contains(".begin") && !text.contains("iMark") {
        variants.extend([
            ("tabs, padded", rejoin("\t", false, true).into_bytes()),
            ("commas, padded", rejoin(",", false, true).into_bytes()),
            ("semicolons", rejoin(";", false, false).into_bytes()),
            ("semicolons and decimal commas", windows_1252(&rejoin(";", true, true))),
            ("sep=; and decimal commas", format!("sep=;\r\n{}", rejoin(";", true, false)).into_bytes()),
        ]);
    }
    variants
}

/// What counts: everything but the words of warnings and places.
fn content(export: &Export) -> impl PartialEq + std::fmt::Debug {
    let plates = export.plates.iter().map(|plate| {
        let reads = plate.reads.iter().map(|read| {
            let light = (read.mode, read.wavelength_nm, read.reference_nm, read.excitation_nm);
            let wells: Vec<String> = read.wells.iter().map(|reading| serde_json::to_string(reading).unwrap()).collect();
            (light, read.label.clone(), read.unit.clone(), read.derived, wells)
        });
        (plate.id.clone(), plate.name.clone(), plate.size, reads.collect::<Vec<_>>(), plate.samples.clone())
    });
    (export.format.clone(), export.kind, plates.collect::<Vec<_>>())
}

#[test]
fn an_export_is_the_same_however_it_came() {
    let mut read = 0;
    for path in exports() {
        let original = Book::open(&path, "export").unwrap();
        let (expected, _) = formats::examine(&original, None).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let utf16le = bytes.starts_with(b"\xFF\xFE");
        let text = if utf16le {
            let units: Vec<u16> =
                bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).unwrap()
        } else {
            bytes.iter().map(|&byte| char::from(byte)).collect::<String>()
        };
        let text = match String::from_utf8(bytes.clone()) {
            Ok(utf8) if !utf16le => utf8,
            _ => text,
        };
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        for (how, bytes) in variants(&text, &fields(&original)) {
            let name = format!("{} as {how}", path.file_name().unwrap().to_string_lossy());
            let book = Book::from_bytes(&bytes, "export").unwrap_or_else(|problems| panic!("{name}: {problems}"));
            let (found, problems) =
                formats::examine(&book, None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            assert!(problems.0.is_empty(), "{name}: {problems}");
            assert_eq!(content(&found), content(&expected), "{name}");
            read += 1;
        }
    }
    assert!(read > 250, "{read}");
    println!("{read} variants");
}

#[test]
fn every_word_for_no_value_survives_every_format() {
    use platewise::plate::Reading;
    for (token, is_saturated) in [
        ("OVRFLW", true),
        ("OVER", true),
        ("#SAT", true),
        ("#Sat", true),
        ("*.***", true),
        ("*****", true),
        (">3.5", true),
        ("#Low", false),
        ("MISSED", false),
        ("NaN", false),
        ("Masked", false),
        ("*0.356*", false),
    ] {
        for path in exports() {
            let book = Book::open(&path, "export").unwrap();
            let (export, _) = formats::examine(&book, None).unwrap();
            // The cell of B2 of the first raw read is overwritten.
            let Some(read) = export.plates.iter().flat_map(|plate| &plate.reads).find(|read| !read.derived) else {
                continue;
            };
            let well = "B2".parse().unwrap();
            let platewise::sheet::Place::Line { line, field: Some(field) } = read.location(well).place else {
                continue;
            };
            let mut changed = book.clone();
            changed.sheets[0].rows[line as usize - 1][field as usize - 1] = Value::Text(token.to_string());
            let (found, problems) = formats::examine(&changed, None).unwrap();
            let name = path.file_name().unwrap().to_string_lossy();
            let is_masked_point = token == "*0.356*" && !problems.0.is_empty();
            assert!(problems.0.is_empty() || is_masked_point, "{name} with {token}: {problems}");
            let reads = || found.plates.iter().flat_map(|plate| &plate.reads);
            let reading = reads().find(|read| !read.derived).and_then(|read| read.reading(well)).unwrap();
            assert_eq!(reading.measured(), None, "{name} with {token}");
            assert!(!is_saturated || matches!(reading, Reading::Saturated(_)), "{name} with {token}: {reading:?}");
        }
    }
}
