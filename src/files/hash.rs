//! SHA-256 of inputs: the proof of which bytes a result was made from.

use std::fmt::Write as _;
use std::io;

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, as 64 hexadecimal digits (FIPS 180-4).
///
/// ```
/// assert!(platewise::record::sha256(b"abc").starts_with("ba7816bf"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    in_digits(&Sha256::digest(bytes))
}

/// The same of everything that a reader has left, of which a piece at a time is in memory.
///
/// ```
/// use platewise::files::{sha256, sha256_of};
///
/// assert_eq!(sha256_of(b"abc".as_slice())?, sha256(b"abc"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When it cannot be read.
pub fn sha256_of(mut reader: impl io::Read) -> io::Result<String> {
    let mut digest = Digesting(Sha256::new());
    io::copy(&mut reader, &mut digest)?;
    Ok(in_digits(&digest.0.finalize()))
}

/// A digest as something that can be written to.
struct Digesting(Sha256);

impl io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn in_digits(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    /// In one piece or several.
    #[test]
    fn a_reader_has_the_digest_of_its_bytes() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for length in [0, 3, 1 << 16, (1 << 16) + 1, bytes.len()] {
            assert_eq!(super::sha256_of(&bytes[..length]).unwrap(), super::sha256(&bytes[..length]));
        }
    }

    /// FIPS 180-4 examples: the empty message and "abc".
    #[test]
    fn published_digests() {
        assert_eq!(super::sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(super::sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
