//! What reaches a terminal. Names, cells and paths come from files that anybody may have written: their control characters are shown
//! as `\u001b`, as JSON has them, and not sent, so that no file can move the cursor, rename the window or hide what was printed.
//!
//! Whoever reads our output may have seen enough, as `head` does: the work goes on, and its exit code says how it ended. Messages that
//! cannot be written, as into a full device, are lost; the exit code remains.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use terminal_size::{Height, Width, terminal_size_of};

/// Standard output of a command.
pub(super) struct Terminal<W: Write> {
    out: W,
    /// The beginning of a character whose end has not been written yet.
    unfinished: Vec<u8>,
    /// Nobody reads any more.
    closed: bool,
    colours: bool,
    /// The columns of a terminal, in which lines are broken between words.
    width: Option<usize>,
    /// The line that is being written, where lines are broken, and whether it is part of a picture, which is not.
    line: String,
    drawn: bool,
}

impl<W: Write> Terminal<W> {
    /// On top of a stream; `colours` where it shows them, `width` where it is a terminal.
    pub(super) fn new(out: W, colours: bool, width: Option<usize>) -> Self {
        Self { out, unfinished: Vec::new(), closed: false, colours, width, line: String::new(), drawn: false }
    }

    /// Takes text that may be shown: to the end of its line, where lines are broken.
    fn take(&mut self, text: &str) -> io::Result<()> {
        let Some(width) = self.width else { return self.pass(text.as_bytes()) };
        for piece in text.split_inclusive('\n') {
            self.line += piece;
            if piece.ends_with('\n') {
                let line = std::mem::take(&mut self.line);
                let drawn = std::mem::take(&mut self.drawn);
                self.pass(if drawn { line } else { broken(&line, width) }.as_bytes())?;
            }
        }
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match self.out.write_all(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// What pictures are drawn on.
pub(super) trait TerminalCanvas: Write {
    /// Writes a text of our own in a colour, given by the numbers of its escape sequence, where colours are shown.
    fn paint(&mut self, colour: &str, text: &str) -> io::Result<()>;
}

impl<W: Write> TerminalCanvas for Terminal<W> {
    fn paint(&mut self, colour: &str, text: &str) -> io::Result<()> {
        self.drawn = true;
        if self.colours { self.take(&format!("\x1b[{colour}m{text}\x1b[0m")) } else { self.take(text) }
    }
}

impl<W: Write> Write for Terminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unfinished.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.unfinished);
        for chunk in all.utf8_chunks() {
            self.take(&shown(chunk.valid()))?;
            let rest = chunk.invalid();
            // At the end of what was written a character may only have begun.
            let at_end = std::ptr::eq(rest.as_ptr_range().end, all.as_ptr_range().end);
            if at_end && rest.len() < 4 && std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none()) {
                self.unfinished = rest.to_vec();
            } else if !rest.is_empty() {
                self.take("\u{fffd}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.pass(line.as_bytes())?;
        match self.out.flush() {
            Err(error) if self.closed || error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// A text with its control characters shown, and those that turn the direction of writing. Tabs and ends of lines stay.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if steers(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Says something on standard error, on a line of its own; `label` is ours, and may be coloured.
pub(super) fn say(label: &str, text: impl Display) {
    let text = shown(&text.to_string()).into_owned();
    let text = match terminal_size_of(io::stderr()).map(width) {
        // The label is that long, without its colours.
        Some(width) => broken(&format!("{LABEL}{text}"), width).replacen(LABEL, "", 1),
        None => text,
    };
    // Where messages cannot be written nobody can be told so.
    let _ = writeln!(anstream::stderr(), "{label}{text}");
}

/// As long as the longest label of a message.
const LABEL: &str = "warning:\u{a0}";

/// The columns of standard output, where it is a terminal; lines to a file or another program stay whole.
pub(super) fn stdout_width() -> Option<usize> {
    terminal_size_of(io::stdout()).map(width)
}

fn width((columns, _): (Width, Height)) -> usize {
    usize::from(columns.0).max(20)
}

/// A line broken between words where it is longer than `width`; what follows stands two columns further in than it began. A line of
/// JSON stays whole, so that it may be copied.
fn broken(line: &str, width: usize) -> String {
    let is_json = line.trim_start().starts_with(['"', '{', '}', '[', ']']);
    if is_json || line.trim_end_matches('\n').chars().count() <= width {
        return line.to_string();
    }
    let begins = line.chars().take_while(|c| *c == ' ').count();
    let next = " ".repeat((begins + 2).min(width / 2));
    let mut text = " ".repeat(begins);
    let (mut column, mut fresh) = (begins, true);
    for word in line[begins..].trim_end_matches('\n').split(' ') {
        let long = word.chars().count();
        if !fresh && column + 1 + long > width {
            while text.ends_with(' ') {
                text.pop();
            }
            text.push('\n');
            text += &next;
            (column, fresh) = (next.len(), true);
        }
        if fresh && word.is_empty() {
            continue;
        }
        if !fresh {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += long;
        fresh = false;
    }
    if line.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A path as it is typed on a command line.
pub(super) fn typed(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path }
}

/// Says once who holds a folder that is to be written.
pub(super) fn waiting(folder: &Path) -> impl Fn(&str) + '_ {
    move |holder| say("note: ", format!("waiting for {}, which {holder} writes", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]]) -> String {
        let mut bytes = Vec::new();
        let mut terminal = Terminal::new(&mut bytes, true, None);
        pieces.iter().for_each(|piece| terminal.write_all(piece).unwrap());
        String::from_utf8(bytes).unwrap()
    }

    /// Whatever is written and however it is cut, what comes out has no control character, and no other character is lost.
    #[test]
    fn no_control_character_passes() {
        let every: String = (0..0x3000).filter_map(char::from_u32).collect();
        let bytes = every.as_bytes();
        for cut in [1, 2, 3, 5, 7, 4096] {
            let out = written(&bytes.chunks(cut).collect::<Vec<_>>());
            assert!(out.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "cut in {cut}");
            assert_eq!(out, written(&[bytes]), "cut in {cut}");
            assert!(out.contains("\\u001b") && out.contains("\\u009b") && out.contains("\\u202e") && out.contains('ä'));
        }
        assert_eq!(written(&[b"a\xff\x1bb"]), "a\u{fffd}\\u001bb");
    }

    /// In a terminal of any width every word is there, in order, and no line is longer than it unless one word is; pictures stay.
    #[test]
    fn lines_are_broken_between_words_and_pictures_are_not() {
        let text = "  P04 rejected: the standards 500 and 250 pg/mL seem to be exchanged\n\n      1  2  3\nshort\n";
        for width in 20..90 {
            let mut bytes = Vec::new();
            let mut terminal = Terminal::new(&mut bytes, false, Some(width));
            terminal.write_all(text.as_bytes()).unwrap();
            terminal.paint("31", &"X".repeat(100)).unwrap();
            writeln!(terminal, " {}", "Y ".repeat(20)).unwrap();
            write!(terminal, "no end").unwrap();
            terminal.flush().unwrap();
            let out = String::from_utf8(bytes).unwrap();
            let (prose, picture) = out.split_at(out.find('X').unwrap());
            assert!(prose.lines().all(|line| line.chars().count() <= width), "{width}: {prose}");
            let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
            assert_eq!(words(prose), words(text), "{width}");
            assert!(prose.lines().skip(1).take_while(|line| !line.is_empty()).all(|line| line.starts_with("    ")));
            assert!(prose.contains("      1  2  3\n"), "{width}: {prose}");
            assert_eq!(picture, format!("{} {}\nno end", "X".repeat(100), "Y ".repeat(20)));
        }
    }

    #[test]
    fn only_our_own_colours_are_sent() {
        let mut bytes = Vec::new();
        let mut terminal = Terminal::new(&mut bytes, true, None);
        terminal.paint("31", "!!").unwrap();
        write!(terminal, "\x1b[31m!!").unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[31m!!\x1b[0m\\u001b[31m!!");
    }

    #[test]
    fn a_reader_who_has_seen_enough_is_no_failure_and_a_full_device_is() {
        struct FailingWriter(io::ErrorKind);
        impl Write for FailingWriter {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Err(self.0.into())
            }
        }
        let of = |kind| {
            let mut terminal = Terminal::new(FailingWriter(kind), false, None);
            writeln!(terminal, "a").and_then(|()| terminal.flush())
        };
        assert!(of(io::ErrorKind::BrokenPipe).is_ok());
        assert!(of(io::ErrorKind::StorageFull).is_err());
    }
}
