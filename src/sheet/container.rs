//! What a file is, by its content: the name says nothing.

use super::text;

/// What a file is, by its first bytes and the names in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Text,
    Xlsx,
    Xls,
    Xlsb,
    Ods,
    /// An OLE file around an encrypted workbook.
    Protected,
    /// Something else, in words.
    Other(&'static str),
}

impl Container {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let holds = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
        let holds_utf16 = |name: &str| holds(&name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            // The names of the parts stand in clear text in the container.
            if holds(b"xl/workbook.bin") {
                Self::Xlsb
            } else if holds(b"xl/") || holds(b"[Content_Types].xml") {
                Self::Xlsx
            } else if holds(b"opendocument.spreadsheet") {
                Self::Ods
            } else {
                Self::Other("a zip archive without a workbook")
            }
        } else if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            if holds_utf16("EncryptedPackage") {
                Self::Protected
            } else if holds_utf16("Workbook") || holds_utf16("Book") {
                Self::Xls
            } else {
                Self::Other("an OLE document without a workbook")
            }
        } else {
            const KNOWN: [(&[u8], &str); 7] = [
                (b"\x89PNG", "a picture (PNG)"),
                (b"\xFF\xD8\xFF", "a picture (JPEG)"),
                (b"GIF8", "a picture (GIF)"),
                (b"BM\x00", "a picture (BMP)"),
                (b"%PDF", "a PDF document"),
                (b"\x1F\x8B", "a compressed file (gzip)"),
                (b"7z\xBC\xAF", "a compressed file (7z)"),
            ];
            match KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
                Some((_, what)) => Self::Other(what),
                None if looks_binary(bytes) => Self::Other("neither text nor a workbook"),
                None => Self::Text,
            }
        }
    }
}

/// Text holds no control characters but tabs, line ends and form feeds; UTF-16 is full of zero bytes, but not of others.
fn looks_binary(bytes: &[u8]) -> bool {
    let sample = &text::decode(&bytes[..bytes.len().min(8192)]);
    let odd =
        sample.chars().filter(|&c| c.is_control() && !matches!(c, '\t' | '\n' | '\u{c}' | '\u{80}'..='\u{9f}')).count();
    odd * 50 > sample.chars().count()
}
