//! Text files: from bytes in any encoding to rows of fields.
//!
//! The encoding is told by the byte order mark, then by the bytes themselves; the delimiter by what the lines are made of.
//! Positions are those of the decoded text: the row of a field is its line, whatever the line ends were.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::cell::Value;
use super::limits::MAX_FIELD_BYTES;

/// What stops a text from being split into fields: the line, from 1, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) line: u32,
    pub(super) found: String,
}

/// The text of `bytes`, with every line end as `\n`.
///
/// A byte order mark decides; without one, UTF-16 is told by its zero bytes, then UTF-8 is taken if the bytes are valid as
/// such. What remains is Windows-1252, in which every byte has a meaning: nothing is undecodable.
pub(super) fn decode(bytes: &[u8]) -> String {
    let (encoding, skip) = Encoding::for_bom(bytes).unwrap_or_else(|| (guess(bytes), 0));
    let (text, _) = encoding.decode_without_bom_handling(&bytes[skip..]);
    with_plain_line_ends(text)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|&&byte| byte == 0).count();
    // Text of plate readers is nearly all ASCII: in UTF-16 every other byte is zero.
    let many = sample.len() * 3 / 10;
    if many > 0 && zeros(1) > many && zeros(0) == 0 {
        UTF_16LE
    } else if many > 0 && zeros(0) > many && zeros(1) == 0 {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

/// `\r\n`, a lone `\r`, and the `\r\r\n` that a file gets when its line ends are converted twice, become `\n`.
fn with_plain_line_ends(text: Cow<'_, str>) -> String {
    if !text.contains('\r') {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\r') {
        plain.push_str(&rest[..at]);
        plain.push('\n');
        let end = &rest[at..];
        rest = end.strip_prefix("\r\r\n").or(end.strip_prefix("\r\n")).unwrap_or(&end[1..]);
    }
    plain.push_str(rest);
    plain
}

/// The delimiter of a text: what its `sep=` line says, or the one that most lines hold.
///
/// A tab or a semicolon wins over commas that are in at least half as many more lines: those commas are decimal commas or
/// parts of sentences.
pub(super) fn delimiter(text: &str) -> char {
    if let Some(declared) = declared_delimiter(text) {
        return declared;
    }
    let (mut tabs, mut semicolons, mut commas) = (0_usize, 0_usize, 0_usize);
    for line in text.lines() {
        let (mut tab, mut semicolon, mut comma, mut quoted) = (false, false, false, false);
        for byte in line.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                b'\t' if !quoted => tab = true,
                b';' if !quoted => semicolon = true,
                b',' if !quoted => comma = true,
                _ => {}
            }
        }
        tabs += usize::from(tab);
        semicolons += usize::from(semicolon);
        commas += usize::from(comma);
    }
    let most = tabs.max(semicolons).max(commas);
    if most == 0 && is_aligned(text) {
        ' '
    } else if tabs > 0 && tabs * 2 >= most {
        '\t'
    } else if semicolons > 0 && semicolons * 2 >= most {
        ';'
    } else {
        ','
    }
}

/// Whether several lines are rows of numbers with nothing but spaces between them, as printers and serial lines give them.
fn is_aligned(text: &str) -> bool {
    let is_row = |line: &&str| line.split_whitespace().filter(|word| word.parse::<f64>().is_ok()).count() >= 6;
    text.lines().filter(is_row).nth(2).is_some()
}

/// The fields of a line of aligned numbers. A minus takes the place of the space before it: ` 0.101-0.002` is two fields.
fn aligned_fields(line: &str) -> Vec<Value> {
    let mut fields = Vec::new();
    let numbers = || line.split_whitespace().enumerate().map(|(at, word)| word.parse() == Ok(at + 1));
    if numbers().count() >= 6 && numbers().all(|follows| follows) {
        // Column numbers stand above the values, and nothing above the row letters.
        fields.push(Value::Empty);
    }
    for word in line.split_whitespace() {
        let mut start = 0;
        for (at, _) in word.match_indices('-') {
            if word[..at].ends_with(|c: char| c.is_ascii_digit() || c == '*') {
                fields.push(Value::Text(word[start..at].to_string()));
                start = at;
            }
        }
        fields.push(Value::Text(word[start..].to_string()));
    }
    fields
}

/// The delimiter of a first line `sep=;`, which spreadsheet programs write and obey.
fn declared_delimiter(text: &str) -> Option<char> {
    let line = text.lines().next()?.trim_matches(['"', ' ']);
    let mut rest = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(line.get(4..))?.chars();
    match (rest.next(), rest.next()) {
        (Some(delimiter @ ('\t' | ';' | ',')), None) => Some(delimiter),
        _ => None,
    }
}

/// The rows of a text with this delimiter: row *i* is line *i* + 1. A `sep=` line is an empty row.
pub(super) fn rows(text: &str, delimiter: char, most_fields: usize) -> Result<Vec<Vec<Value>>, FieldError> {
    let fields = text.bytes().filter(|&byte| byte == delimiter as u8 || byte == b'\n').count();
    if fields > most_fields {
        return Err(FieldError { line: 1, found: format!("more than {most_fields} fields") });
    }
    let is_long =
        |line: &str| line.len() > MAX_FIELD_BYTES && line.split(delimiter).any(|field| field.len() > MAX_FIELD_BYTES);
    if let Some(line) = text.lines().position(is_long) {
        let found = format!("a field of more than {} kB", MAX_FIELD_BYTES >> 10);
        return Err(FieldError { line: line as u32 + 1, found });
    }
    let mut rows = if delimiter == ' ' {
        text.lines().map(aligned_fields).collect()
    } else if !text.contains('"') {
        text.lines().map(|line| plain_fields(line, delimiter)).collect()
    } else if delimiter == '\t' {
        // Tab-separated exports hold free text with stray quotation marks: a quoted field ends with its line.
        text.lines()
            .map(|line| if line.contains('"') { quoted_line(line, delimiter) } else { plain_fields(line, delimiter) })
            .collect()
    } else {
        quoted_rows(text, delimiter)?
    };
    if declared_delimiter(text).is_some()
        && let Some(first) = rows.first_mut()
    {
        first.clear();
    }
    while rows.last().is_some_and(|row| row.iter().all(Value::is_empty)) {
        rows.pop();
    }
    Ok(rows)
}

fn plain_fields(line: &str, delimiter: char) -> Vec<Value> {
    line.split(delimiter).map(|field| Value::Text(field.to_string())).collect()
}

fn reader(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter as u8).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

fn record_fields(record: &csv::StringRecord) -> Vec<Value> {
    record.iter().map(|field| Value::Text(field.to_string())).collect()
}

fn quoted_line(line: &str, delimiter: char) -> Vec<Value> {
    let mut record = csv::StringRecord::new();
    match reader(line, delimiter).read_record(&mut record) {
        Ok(true) => record_fields(&record),
        _ => plain_fields(line, delimiter),
    }
}

fn quoted_rows(text: &str, delimiter: char) -> Result<Vec<Vec<Value>>, FieldError> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut reader = reader(text, delimiter);
    let mut record = csv::StringRecord::new();
    let mut spans_lines = false;
    let bytes = text.as_bytes();
    let (mut counted, mut line) = (0, 0);
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                // The library skips empty lines and joins quoted ones: keep row i at line i + 1.
                let mut start = record.position().map_or(0, |position| position.byte() as usize);
                start += bytes[start..].iter().take_while(|&&byte| byte == b'\n').count();
                line += bytes[counted..start].iter().filter(|&&byte| byte == b'\n').count();
                counted = start;
                rows.resize_with(line.max(rows.len()), Vec::new);
                rows.push(record_fields(&record));
                spans_lines = record.iter().any(|field| field.contains('\n'));
            }
            Err(error) => {
                let line = error.position().map_or(1, |position| position.line() as u32);
                return Err(FieldError { line, found: error.to_string() });
            }
        }
    }
    if spans_lines && text.bytes().filter(|&byte| byte == b'"').count() % 2 == 1 {
        return Err(FieldError {
            line: rows.len() as u32,
            found: "a quotation mark opens a field that never ends".to_string(),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Vec<Value>>, FieldError> {
        super::rows(text, delimiter(text), 400_000)
    }

    fn texts(text: &str) -> Vec<Vec<String>> {
        rows(text).unwrap().iter().map(|row| row.iter().map(Value::text).collect()).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Temperature(°C)\t1\tµ\n";
        let utf16le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with(b"\xEF\xBB\xBF", text.as_bytes()),
            with(b"\xFF\xFE", &utf16le),
            with(b"\xFE\xFF", &utf16be),
            utf16le,
            utf16be,
            b"Temperature(\xB0C)\t1\t\xB5\n".to_vec(),
        ] {
            assert_eq!(decode(&bytes), text, "{bytes:?}");
        }
    }

    #[test]
    fn line_ends_of_every_system_are_the_same() {
        assert_eq!(decode(b"a\r\nb\rc\nd"), "a\nb\nc\nd");
        assert_eq!(decode(b"a\r\r\nb\r\r\n"), "a\nb\n");
    }

    #[test]
    fn the_delimiter_is_what_the_lines_are_made_of() {
        assert_eq!(delimiter("a,b\nc,d\n"), ',');
        assert_eq!(delimiter("A\t0,1\t0,2\nB\t0,3\t0,4\n"), '\t');
        assert_eq!(delimiter("Abs;1;2\nA;0,1;0,2\n"), ';');
        assert_eq!(delimiter("one, two, three\nx\ty\nfour, five\n"), '\t');
        assert_eq!(delimiter("a,\"x;y\"\nb,\"p;q\"\n"), ',');
        assert_eq!(delimiter("sep=;\na,b\nc,d\n"), ';');
        assert_eq!(delimiter("nothing at all"), ',');
    }

    #[test]
    fn aligned_numbers_are_fields() {
        let text = "READER\n 0.1 0.2 0.3 0.4 0.5 0.6\n 0.1-0.2 0.3 *.***-0.5 0.6\n 1 2 3 4 5 6\n 1 2 3 4 5 6\n";
        assert_eq!(delimiter(text), ' ');
        assert_eq!(texts(text)[2], ["0.1", "-0.2", "0.3", "*.***", "-0.5", "0.6"]);
    }

    #[test]
    fn quoted_fields_hold_delimiters_quotes_and_line_ends() {
        assert_eq!(texts("a,\"b,c\",\"d\"\"e\"\n"), [["a", "b,c", "d\"e"]]);
        let rows = texts("a,\"one\ntwo\"\n\nb,c\n");
        assert_eq!(rows[0], ["a", "one\ntwo"]);
        assert_eq!(rows[3], ["b", "c"], "row 3 is line 4");
        assert_eq!(texts("a\t\"x\ty\"\t\"open\nb\tc"), [vec!["a", "x\ty", "open"], vec!["b", "c"]]);
    }

    #[test]
    fn a_quotation_mark_that_never_closes_is_named() {
        assert_eq!(rows("a,b\nc,\"d\ne,f\n").unwrap_err().line, 2);
    }

    #[test]
    fn a_field_that_no_reader_writes_is_named() {
        let long = format!("a,b\nc,{}\n", "x".repeat(MAX_FIELD_BYTES + 1));
        assert_eq!(rows(&long).unwrap_err(), FieldError { line: 2, found: "a field of more than 64 kB".into() });
        // A line may be longer: it is its fields that count.
        assert_eq!(rows(&"1,".repeat(MAX_FIELD_BYTES)).unwrap()[0].len(), MAX_FIELD_BYTES + 1);
    }

    #[test]
    fn trailing_empty_rows_go_and_others_stay() {
        assert_eq!(texts("a\tb\n\t\n\nc\n\t\t\n\n"), [vec!["a", "b"], vec!["", ""], vec![""], vec!["c"]]);
        assert_eq!(texts("sep=;\na;b"), [Vec::<&str>::new(), vec!["a", "b"]]);
    }
}
