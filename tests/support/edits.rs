//! Edits at random of files of every kind: of their bytes, their characters, their lines and fields, and the parts of workbooks.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use platewise::stats::random::Random;

/// Pieces of what readers write, put where they do not belong.
const PIECES_OF_EXPORTS: [&[u8]; 36] = [
    b"\t",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\"",
    b"~End\n",
    b"Plate:",
    b"##BLOCKS= 9",
    b"Group:",
    b"<>",
    b"A1",
    b"H12",
    b"AF48",
    b"ZZ99",
    b"OVRFLW",
    b"MISSED",
    b"*0.5*",
    b"?????",
    b"NaN",
    b"-1e308",
    b"1e999",
    b"0,5",
    b"1.2.3",
    b"Raw",
    b"Reduced",
    b"TimeFormat",
    b"PlateFormat",
    b"\0",
    b"\xFF\xFE",
    b"Results\n",
    b"Layout\n",
    b"Software Version\t",
    b"Well positions",
    b"99999999999999999999",
    b"\xC2\xA0",
];

/// Pieces of what people write.
const PIECES_OF_TEXTS: [&str; 48] = [
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\"",
    "'",
    "=",
    "[",
    "]",
    "[[plate]]\n",
    "{",
    "}",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "ü",
    "u\u{308}",
    "NaN",
    "inf",
    "-1",
    "0",
    "1e308",
    "1e999",
    "1e-320",
    "-0.0",
    "99999999999999999999",
    "1,5",
    "1.000",
    "64,000",
    "1:10",
    "01:10:00",
    "2026-02-01",
    "Feb-01",
    "O",
    "A1",
    "AF48",
    "ZZ99",
    "sep=;\n",
    "standard",
    "control",
    "sample",
    "blank",
    "true",
    "null",
    "1/0",
    "10 %",
    "9223372036854775808",
];

/// A file as readers write it, edited; `other` is one to take pieces from.
pub(crate) fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(40).min(bytes.len() - at);
        match random.below(9) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + random.below(400)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => drop(
                bytes.splice(at..at + length, PIECES_OF_EXPORTS[random.below(PIECES_OF_EXPORTS.len())].iter().copied()),
            ),
            6 => remove_line(bytes, at),
            7 => {
                // Digits are where sizes, wells and values stand.
                let digits: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    bytes[digits[random.below(digits.len())]] = b'0' + random.below(10) as u8;
                }
            }
            _ => drop(bytes.splice(at..at, PIECES_OF_EXPORTS[random.below(PIECES_OF_EXPORTS.len())].iter().copied())),
        }
    }
}

fn remove_line(bytes: &mut Vec<u8>, at: usize) {
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |start| start + 1);
    let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
    drop(bytes.drain(start..end));
}

/// A workbook whose parts are mutated inside the container: mutated outside, it only fails its checksum.
pub(crate) fn mutate_parts(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        parts.push((part.name().ok()?.into_owned(), content));
    }
    let chosen = random.below(parts.len());
    let sheets: Vec<usize> = (0..parts.len()).filter(|&at| parts[at].0.contains("sheet")).collect();
    let chosen = if random.below(4) > 0 && !sheets.is_empty() { sheets[random.below(sheets.len())] } else { chosen };
    let other = parts[random.below(parts.len())].1.clone();
    mutate(&mut parts[chosen].1, &other, random);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in parts {
        writer.start_file(name, options).ok()?;
        writer.write_all(&content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// A text as people write it, edited.
pub(crate) fn mutated(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(characters.len() + 1);
        let length = random.below(20).min(characters.len() - at);
        let piece: Vec<char> = PIECES_OF_TEXTS[random.below(PIECES_OF_TEXTS.len())].chars().collect();
        match random.below(6) {
            0 => drop(characters.splice(at..at + length, piece)),
            1 => drop(characters.splice(at..at, piece)),
            2 => drop(characters.drain(at..at + length)),
            3 => {
                let copy = characters[at..at + length].to_vec();
                let to = random.below(characters.len() + 1);
                drop(characters.splice(to..to, copy));
            }
            4 => {
                let digits: Vec<usize> = (0..characters.len()).filter(|&at| characters[at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    characters[digits[random.below(digits.len())]] = char::from(b'0' + random.below(10) as u8);
                }
            }
            _ => characters.truncate(characters.len() - random.below(characters.len() / 8 + 1)),
        }
    }
    characters.into_iter().collect()
}

/// Lines and fields where they do not belong: files that are still well-formed, and say something else.
pub(crate) fn rearranged(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(ToString::to_string).collect();
    for _ in 0..=random.below(2) {
        if lines.is_empty() {
            break;
        }
        let (at, other) = (random.below(lines.len()), random.below(lines.len()));
        let separator = if lines[at].contains('\t') { '\t' } else { ',' };
        let mut fields: Vec<String> = lines[at].split(separator).map(ToString::to_string).collect();
        let (field, second) = (random.below(fields.len()), random.below(fields.len()));
        match random.below(7) {
            0 => lines.swap(at, other),
            1 => lines.insert(other, lines[at].clone()),
            2 => drop(lines.remove(at)),
            3 => {
                fields.swap(field, second);
                lines[at] = fields.join(&separator.to_string());
            }
            4 => {
                let theirs = lines[other].split(separator).nth(field).unwrap_or_default().to_string();
                fields[field] = theirs;
                lines[at] = fields.join(&separator.to_string());
            }
            5 => {
                fields[field].clear();
                lines[at] = fields.join(&separator.to_string());
            }
            _ => lines[at] = mutated(&lines[at], random).replace('\n', " "),
        }
    }
    lines.join("\n") + "\n"
}

/// The files of a folder that are text, with their paths, in order.
pub(crate) fn texts(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            texts(&path, into);
        } else if let Ok(text) = fs::read_to_string(&path) {
            into.push((path, text));
        }
    }
}
