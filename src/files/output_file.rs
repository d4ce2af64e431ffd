//! A file that is to be written.

/// A file of a folder: its path in it, and its bytes.
///
/// ```
/// use platewise::files::{AllowedContents, MANIFEST, OutputFile, OutputFolder};
///
/// let folder = std::env::temp_dir().join(format!("platewise-output-{}", std::process::id()));
/// let file = OutputFile { name: "figures/P01.svg".into(), bytes: b"<svg/>".to_vec() };
/// let claimed = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {})?;
/// assert_eq!(claimed.write(&[file])?, [folder.join("figures/P01.svg")]);
/// assert!(std::fs::read_to_string(folder.join(MANIFEST)).unwrap().ends_with("  figures/P01.svg\n"));
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), platewise::files::OutputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Path in the folder, with forward slashes, such as `figures/P01_curve.svg`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Takes files as they are made: each can be on the disk before the next is made.
pub type TakeFiles<'a, E> = &'a mut (dyn FnMut(&[OutputFile]) -> Result<(), E> + Send);
