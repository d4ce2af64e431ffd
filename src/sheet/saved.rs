//! A workbook as a file that is the same on every system that saved it.

use std::io::{self, Cursor};

/// Where the system stands in an entry of a container's directory: the upper byte of "version made by", which follows the
/// signature of four bytes and the lower byte (APPNOTE.TXT 6.3.10, 4.3.12 and 4.4.2).
const SYSTEM: usize = 5;
/// What a program on Unix writes there, 3; one on Windows writes 0, for MS-DOS.
const UNIX: u8 = zip::System::Unix as u8;

/// A workbook without a trace of the system on which it was saved. The library writes that system into each entry of the
/// container, and nothing else that depends on it: the same tables would be other bytes on Windows.
///
/// # Errors
/// When `workbook` is no container.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let empty = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
/// assert_eq!(platewise::sheet::saved::without_system(empty.clone())?, empty);
/// assert!(platewise::sheet::saved::without_system(b"well,od".to_vec()).is_err());
/// # Ok(())
/// # }
/// ```
pub fn without_system(mut workbook: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(&workbook))?;
    let entries: Vec<u64> = (0..archive.len())
        .map(|index| Ok(archive.by_index_raw(index)?.central_header_start()))
        .collect::<io::Result<_>>()?;
    for entry in entries {
        if let Some(system) = usize::try_from(entry).ok().and_then(|entry| workbook.get_mut(entry + SYSTEM)) {
            *system = UNIX;
        }
    }
    Ok(workbook)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    use zip::{System, ZipWriter};

    use super::*;

    fn saved_on(system: System) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [("[Content_Types].xml", "<Types/>"), ("xl/media/image1.png", "PK\x01\x02\0\0\0\0")] {
            let options = SimpleFileOptions::default().unix_permissions(0o600).system(system);
            writer.start_file(name, options).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_workbook_has_the_same_bytes_whichever_system_saved_it() {
        let (windows, unix) = (saved_on(System::Dos), saved_on(System::Unix));
        assert_ne!(windows, unix, "the library no longer writes the system: is this file still needed?");
        let same = without_system(windows.clone()).unwrap();
        assert_eq!(same, unix);
        assert_eq!(without_system(unix.clone()).unwrap(), unix);
        // One byte for each of the two entries, and what looks like an entry in a picture stays.
        assert_eq!(windows.iter().zip(&same).filter(|(before, after)| before != after).count(), 2);
    }
}
