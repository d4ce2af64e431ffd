//! What reaches a terminal. Names, cells and paths come from files that anybody may have written: their control characters are shown
//! as `\u001b`, as JSON has them, and not sent, so that no file can move the cursor, rename the window or hide what was printed.
//!
//! Whoever reads our output may have seen enough, as `head` does: the work goes on, and its exit code says how it ended. Messages that
//! cannot be written, as into a full device, are lost; the exit code remains.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

/// Standard output of a command.
pub(super) struct Terminal<W: Write> {
    out: W,
    /// The beginning of a character whose end has not been written yet.
    unfinished: Vec<u8>,
    /// Nobody reads any more.
    closed: bool,
    colours: bool,
}

impl<W: Write> Terminal<W> {
    /// On top of a stream; `colours` where it shows them.
    pub(super) fn new(out: W, colours: bool) -> Self {
        Self { out, unfinished: Vec::new(), closed: false, colours }
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
pub(super) trait Canvas: Write {
    /// Writes a text of our own in a colour, given by the numbers of its escape sequence, where colours are shown.
    fn paint(&mut self, colour: &str, text: &str) -> io::Result<()>;
}

impl<W: Write> Canvas for Terminal<W> {
    fn paint(&mut self, colour: &str, text: &str) -> io::Result<()> {
        if self.colours {
            self.pass(format!("\x1b[{colour}m{text}\x1b[0m").as_bytes())
        } else {
            self.pass(text.as_bytes())
        }
    }
}

impl<W: Write> Write for Terminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unfinished.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.unfinished);
        for chunk in all.utf8_chunks() {
            self.pass(shown(chunk.valid()).as_bytes())?;
            let rest = chunk.invalid();
            // At the end of what was written a character may only have begun.
            let at_end = std::ptr::eq(rest.as_ptr_range().end, all.as_ptr_range().end);
            if at_end && rest.len() < 4 && std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none()) {
                self.unfinished = rest.to_vec();
            } else if !rest.is_empty() {
                self.pass("\u{fffd}".as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
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
    // Where messages cannot be written nobody can be told so.
    let _ = writeln!(anstream::stderr(), "{label}{}", shown(&text.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]]) -> String {
        let mut bytes = Vec::new();
        let mut terminal = Terminal::new(&mut bytes, true);
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

    #[test]
    fn only_our_own_colours_are_sent() {
        let mut bytes = Vec::new();
        let mut terminal = Terminal::new(&mut bytes, true);
        terminal.paint("31", "!!").unwrap();
        write!(terminal, "\x1b[31m!!").unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[31m!!\x1b[0m\\u001b[31m!!");
    }

    #[test]
    fn a_reader_who_has_seen_enough_is_no_failure_and_a_full_device_is() {
        struct Refuses(io::ErrorKind);
        impl Write for Refuses {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Err(self.0.into())
            }
        }
        let of = |kind| {
            let mut terminal = Terminal::new(Refuses(kind), false);
            writeln!(terminal, "a").and_then(|()| terminal.flush())
        };
        assert!(of(io::ErrorKind::BrokenPipe).is_ok());
        assert!(of(io::ErrorKind::StorageFull).is_err());
    }
}
