//! Rich Text Format (RTF 1.9): titled tables that begin a page each, with footnotes, the program and the number of the page, on a landscape
//! page in a fixed layout. Texts are ASCII in the file: everything else is written as `\uN?`.

use std::fmt::Write as _;

/// A table as it is printed.
///
/// ```
/// use platewise::report::rtf::document::{PrintedColumn, PrintedTable, write};
///
/// let table = PrintedTable {
///     number: "Table 1".into(),
///     title: "Change from baseline".into(),
///     subtitle: "All randomised".into(),
///     columns: vec![PrintedColumn::texts("Arm", 3.0), PrintedColumn::numbers("n", 1.0)],
///     rows: vec![vec!["α{1}".into(), "12".into()]],
///     footnotes: vec!["n: participants with both values".into()],
/// };
/// let file = write(&[table], "Study S", "Program x");
/// // Braces are the format's own, and a letter beyond ASCII is its number.
/// assert!(file.starts_with("{\\rtf1") && file.contains("\\u945?\\{1\\}") && file.is_ascii());
/// ```
#[derive(Debug, Clone, Default)]
pub struct PrintedTable {
    /// `Table 1`, `Listing 1`.
    pub number: String,
    /// What it shows.
    pub title: String,
    /// Of whom.
    pub subtitle: String,
    /// Its columns.
    pub columns: Vec<PrintedColumn>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// What stands below it: method and sources.
    pub footnotes: Vec<String>,
}

/// A column of a printed table.
///
/// See [`PrintedTable`] for an example.
#[derive(Debug, Clone)]
pub struct PrintedColumn {
    head: String,
    width: f64,
    texts: bool,
}

impl PrintedColumn {
    /// Of texts, set left; `width` is relative to that of the others.
    pub fn texts(head: impl Into<String>, width: f64) -> Self {
        Self { head: head.into(), width, texts: true }
    }

    /// Of numbers, set in the middle.
    pub fn numbers(head: impl Into<String>, width: f64) -> Self {
        Self { texts: false, ..Self::texts(head, width) }
    }
}

/// Width of the text on a landscape A4 page with margins of 2 cm, in twips (1/1440 inch).
const WIDTH: f64 = 14_570.0;

/// The document. `head` stands at the top of every page, `program` at its foot beside the number of the page.
pub fn write(tables: &[PrintedTable], head: &str, program: &str) -> String {
    let mut rtf = String::from(
        "{\\rtf1\\ansi\\ansicpg1252\\deff0\\uc1{\\fonttbl{\\f0\\froman\\fcharset0 Times New Roman;}}\n\
         \\paperw16838\\paperh11906\\landscape\\margl1134\\margr1134\\margt1134\\margb1134\\fs18\n",
    );
    // Writing into a text does not fail.
    let _ = writeln!(rtf, "{{\\header\\pard\\ql\\fs16 {}\\par}}", escaped(head));
    let _ = writeln!(
        rtf,
        "{{\\footer\\pard\\tqr\\tx{WIDTH}\\fs16 {}\\tab Page {{\\field{{\\*\\fldinst PAGE}}{{\\fldrslt 1}}}} of \
         {{\\field{{\\*\\fldinst NUMPAGES}}{{\\fldrslt 1}}}}\\par}}",
        escaped(program)
    );
    tables.iter().enumerate().for_each(|(at, table)| one(&mut rtf, table, at > 0));
    rtf.push_str("}\n");
    rtf
}

fn one(rtf: &mut String, table: &PrintedTable, new_page: bool) {
    let title = [&table.number, &table.title, &table.subtitle];
    for (line, text) in title.into_iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let bold = if line < 2 { "\\b" } else { "" };
        let page = if line == 0 && new_page { "\\pagebb" } else { "" };
        let _ = writeln!(rtf, "{{\\pard{page}\\qc\\keepn{bold}\\fs20 {}\\par}}", escaped(text));
    }
    rtf.push_str("{\\pard\\fs10\\par}\n");
    let total: f64 = table.columns.iter().map(|column| column.width).sum();
    let mut edge = 0.0;
    let edges: Vec<u32> = table
        .columns
        .iter()
        .map(|column| {
            edge += column.width / total * WIDTH;
            edge.round() as u32
        })
        .collect();
    let last = table.rows.len().saturating_sub(1);
    // The head is repeated on every page that the table goes on to.
    let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
    row(rtf, &heads, &table.columns, &edges, "\\trhdr", "\\clbrdrt\\brdrs\\brdrw15\\clbrdrb\\brdrs\\brdrw15", "\\b");
    for (at, cells) in table.rows.iter().enumerate() {
        let border = if at == last { "\\clbrdrb\\brdrs\\brdrw15" } else { "" };
        row(rtf, cells, &table.columns, &edges, "", border, "");
    }
    if table.rows.is_empty() {
        rtf.push_str("{\\pard\\ql\\fs18 None.\\par}\n");
    }
    rtf.push_str("{\\pard\\fs10\\par}\n");
    for note in &table.footnotes {
        let _ = writeln!(rtf, "{{\\pard\\ql\\fs16 {}\\par}}", escaped(note));
    }
}

fn row(
    rtf: &mut String,
    cells: &[String],
    columns: &[PrintedColumn],
    edges: &[u32],
    kind: &str,
    border: &str,
    weight: &str,
) {
    let _ = write!(rtf, "\\trowd{kind}\\trgaph70\\trkeep");
    for edge in edges {
        let _ = write!(rtf, "{border}\\clvertalb\\cellx{edge}");
    }
    rtf.push('\n');
    for (at, column) in columns.iter().enumerate() {
        let side = if column.texts { "\\ql" } else { "\\qc" };
        let text = cells.get(at).map(|text| escaped(text)).unwrap_or_default();
        let _ = write!(rtf, "\\pard\\intbl{side}{{{weight}\\fs16 {text}}}\\cell ");
    }
    rtf.push_str("\\row\n");
}

/// A text in the format's letters.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '{' | '}' => safe.extend(['\\', letter]),
            '\n' => safe.push_str("\\line "),
            letter if letter.is_control() => {}
            letter if letter.is_ascii() => safe.push(letter),
            letter => {
                // A number of 16 bits with its sign; what lies beyond them is two.
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(safe, "\\u{}?", *unit as i16);
                }
            }
        }
    }
    safe
}
