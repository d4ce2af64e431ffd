//! What a format is.

use super::draft::Draft;
use crate::sheet::{Book, Sheet};

/// What a format is called and how sure we are of it.
///
/// ```
/// use platewise::plate::formats;
///
/// let gen5 = formats::by_name("gen5").unwrap().description();
/// assert_eq!((gen5.title, gen5.general, gen5.provisional), ("Gen5", false, false));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description<'a> {
    /// Its name for `--reader`: lower case with hyphens, or the file that describes it.
    pub name: &'a str,
    /// What it is called in outputs.
    pub title: &'a str,
    /// Which programs and instruments write it.
    pub written_by: &'a str,
    /// Whether any file may be in it, so that it is asked only when no special format knows the file.
    pub general: bool,
    /// Whether it was written from documentation alone: no real file has been seen.
    pub provisional: bool,
}

/// A format in which plate readers write.
///
/// ```
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b",1,2\nA,0.1,0.2\nB,0.3,0.4\n", "plate.csv")?;
/// assert!(formats::by_name("grid").unwrap().recognise(&book).is_ok());
/// let why = formats::by_name("softmax-pro").unwrap().recognise(&book).unwrap_err();
/// assert!(why.contains("##BLOCKS="));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub trait Format: Sync {
    /// What it is called.
    fn description(&self) -> Description<'_>;

    /// Whether the file is in this format.
    ///
    /// # Errors
    /// Why not, in one line.
    fn recognise(&self, book: &Book) -> Result<(), String>;

    /// Whether the sheet says by its own first lines that it is this format's, and not by the shape of what it holds alone. Beside a
    /// sheet that does, one that only has the shape is a copy or a calculation of the user's.
    fn has_head(&self, _sheet: &Sheet) -> bool {
        true
    }

    /// Reads the file into `draft`: plates, reads, samples, and what was made of everything else. What is wrong goes there too.
    fn read(&self, draft: &mut Draft<'_>);
}
