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
/// Lines of 8 points that a page has for rows, beside titles, head and footnotes.
const LINES: usize = 36;
/// Width of a letter of 8 points, in twips.
const LETTER: u32 = 85;
/// Empty space at each side of a cell, in twips.
const GAP: u32 = 70;

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
    let edges = edges(&table.columns);
    let pages = pages(table, &edges);
    let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
    let last = pages.len() - 1;
    for (page, rows) in pages.into_iter().enumerate() {
        titles(rtf, table, new_page || page > 0, page > 0);
        // Word processors that know it repeat the head, should a page of ours need two of theirs.
        row(
            rtf,
            &heads,
            &table.columns,
            &edges,
            "\\trhdr",
            "\\clbrdrt\\brdrs\\brdrw15\\clbrdrb\\brdrs\\brdrw15",
            "\\b",
        );
        for (at, cells) in rows.iter().enumerate() {
            let border = if at + 1 == rows.len() { "\\clbrdrb\\brdrs\\brdrw15" } else { "" };
            row(rtf, cells, &table.columns, &edges, "", border, "");
        }
        if rows.is_empty() {
            rtf.push_str("{\\pard\\ql\\fs18 None.\\par}\n");
        }
        rtf.push_str("{\\pard\\fs10\\par}\n");
        if page < last {
            rtf.push_str("{\\pard\\ql\\fs16 Continued on the next page.\\par}\n");
        }
    }
    for note in &table.footnotes {
        let _ = writeln!(rtf, "{{\\pard\\ql\\fs16 {}\\par}}", escaped(note));
    }
}

fn titles(rtf: &mut String, table: &PrintedTable, new_page: bool, continued: bool) {
    let number = format!("{}{}", table.number, if continued { " (continued)" } else { "" });
    let title = [&number, &table.title, &table.subtitle];
    for (line, text) in title.into_iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let bold = if line < 2 { "\\b" } else { "" };
        let page = if line == 0 && new_page { "\\pagebb" } else { "" };
        let _ = writeln!(rtf, "{{\\pard{page}\\qc\\keepn{bold}\\fs20 {}\\par}}", escaped(text));
    }
    rtf.push_str("{\\pard\\fs10\\par}\n");
}

/// Where the columns end, in twips.
fn edges(columns: &[PrintedColumn]) -> Vec<u32> {
    let total: f64 = columns.iter().map(|column| column.width).sum();
    let ends = columns.iter().scan(0.0, |edge, column| {
        *edge += column.width / total * WIDTH;
        Some(edge.round() as u32)
    });
    ends.collect()
}

/// The rows of each page, one page at least. Pages are filled here, each with the titles and the head, because not every word processor
/// repeats the head of a table (LibreOffice 7.4 does not); a row is not torn.
fn pages<'t>(table: &'t PrintedTable, edges: &[u32]) -> Vec<&'t [Vec<String>]> {
    let (mut pages, mut from, mut used) = (Vec::new(), 0, 0);
    for (at, cells) in table.rows.iter().enumerate() {
        let needed = lines(cells, edges);
        if used + needed > LINES && at > from {
            pages.push(&table.rows[from..at]);
            (from, used) = (at, 0);
        }
        used += needed;
    }
    pages.push(&table.rows[from..]);
    pages
}

/// How many lines a row needs, for letters as wide as capitals and digits are.
fn lines(cells: &[String], edges: &[u32]) -> usize {
    let from = std::iter::once(&0).chain(edges);
    let needed = cells.iter().zip(edges.iter().zip(from)).map(|(cell, (to, from))| {
        let letters = ((to - from).saturating_sub(2 * GAP) / LETTER).max(1) as usize;
        cell.split('\n').map(|line| line.chars().count().div_ceil(letters).max(1)).sum()
    });
    needed.max().unwrap_or(1)
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
    let _ = write!(rtf, "\\trowd{kind}\\trgaph{GAP}\\trkeep");
    for edge in edges {
        let _ = write!(rtf, "{border}\\clvertalt\\cellx{edge}");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every page has the titles and the head, and every row stands on one of them, once and in order.
    #[test]
    fn a_long_table_has_its_head_on_every_page() {
        let row = |at: usize| {
            vec![format!("row {at}"), if at.is_multiple_of(7) { "many words ".repeat(40) } else { "few".into() }]
        };
        let table = PrintedTable {
            number: "Listing 1".into(),
            title: "Rows".into(),
            columns: vec![PrintedColumn::texts("The head", 1.0), PrintedColumn::texts("Text", 3.0)],
            rows: (0..120).map(row).collect(),
            ..PrintedTable::default()
        };
        let pages = pages(&table, &edges(&table.columns));
        assert_eq!(pages.concat(), table.rows);
        assert!(pages.len() > 120 / LINES, "{}", pages.len());
        let file = write(std::slice::from_ref(&table), "Study", "Program");
        let count = |text: &str| file.matches(text).count();
        assert_eq!(
            [count("The head"), count("Listing 1"), count("\\pagebb")],
            [pages.len(), pages.len(), pages.len() - 1]
        );
        assert_eq!([count("Listing 1 (continued)"), count("Continued on the next page")], [pages.len() - 1; 2]);
    }

    /// A row that needs more than a page has one for itself.
    #[test]
    fn no_row_is_lost() {
        let long = vec!["x ".repeat(20_000)];
        let table = PrintedTable {
            columns: vec![PrintedColumn::texts("Text", 1.0)],
            rows: vec![long.clone(), vec!["short".into()], long],
            ..PrintedTable::default()
        };
        assert_eq!(pages(&table, &edges(&table.columns)).concat(), table.rows);
        assert!(write(&[PrintedTable::default()], "", "").contains("None."));
    }
}
