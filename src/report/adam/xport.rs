//! SAS transport files, XPORT version 5 (SAS Technical Note TS-140): what agencies still take datasets in.
//!
//! Everything is in records of 80 bytes, big-endian, blank-padded:
//!
//! ```text
//! LIBRARY header, two records       the file
//! MEMBER and DSCRPTR headers, two   the dataset: name, label, length of a variable's description (140)
//! NAMESTR header, 140 bytes each    the variables: type (1 number, 2 text), length, number, name, label, position in a row
//! OBS header                        the rows, one after the other
//! ```
//!
//! A number is an IBM hexadecimal float: sign, exponent of 16 plus 64 in seven bits, and a fraction of 56 bits between 1/16 and 1. It
//! holds every `f64` of its range without rounding. A missing number is the byte `.` and zeros; a missing text is blank.
//!
//! Written here because the format is small and fixed since 1989, and what reads and writes it elsewhere is young or not Rust.

use super::{Dataset, VariableHead};
use crate::report::table::Cell;

/// Bytes of a record.
const RECORD: usize = 80;
/// The longest text that version 5 holds.
const LONGEST: usize = 200;
/// Bytes of a number.
const NUMBER: usize = 8;

/// Why a dataset cannot be a transport file.
///
/// ```
/// use platewise::report::adam::xport::XportError;
///
/// let error = XportError::NotAscii { variable: "USUBJID".into(), value: "Ü-1".into() };
/// assert!(error.to_string().contains("USUBJID = \"Ü-1\" is not ASCII"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum XportError {
    /// A text that is not ASCII.
    #[error("{variable} = \"{value}\" is not ASCII, and a SAS transport file (version 5) holds nothing else")]
    NotAscii {
        /// The variable.
        variable: String,
        /// The text.
        value: String,
    },
    /// A text that is too long.
    #[error(
        "{variable} has a text of {length} characters, and a SAS transport file (version 5) holds at most {LONGEST}"
    )]
    TooLong {
        /// The variable.
        variable: String,
        /// Its length.
        length: usize,
    },
    /// A number outside the range of IBM floats.
    #[error("{variable} = {value:e} is outside the range of the numbers of a SAS transport file (about 5e-79 to 7e75)")]
    OutOfRange {
        /// The variable.
        variable: String,
        /// The number.
        value: f64,
    },
}

/// Writes the dataset, which was `created` at a time in ISO 8601.
///
/// # Errors
/// When a value has no place in such a file: nothing is changed to make it fit.
pub fn write(dataset: &Dataset, created: &str) -> Result<Vec<u8>, XportError> {
    let Dataset { name, label, variables, rows, .. } = dataset;
    let lengths: Vec<usize> =
        variables.iter().enumerate().map(|(at, head)| length(head, rows, at)).collect::<Result<_, _>>()?;
    let mut file = Vec::new();
    let created = moment(created);
    header(&mut file, "LIBRARY", "");
    record(&mut file, &format!("{:<8}{:<8}{:<8}{:<8}{:<32}{created}", "SAS", "SAS", "SASLIB", "9.4", ""));
    record(&mut file, &created);
    header(&mut file, "MEMBER", "000000000000000001600000000140");
    header(&mut file, "DSCRPTR", "");
    record(&mut file, &format!("{:<8}{name:<8}{:<8}{:<8}{:<32}{created}", "SAS", "SASDATA", "9.4", ""));
    record(&mut file, &format!("{created}{:<16}{label:<40}", ""));
    header(&mut file, "NAMESTR", &format!("000000{:04}00000000000000000000", variables.len()));
    let mut position = 0;
    for (number, (head, &length)) in variables.iter().zip(&lengths).enumerate() {
        description(&mut file, head, number + 1, length, position);
        position += length;
    }
    pad(&mut file);
    header(&mut file, "OBS", "");
    for row in rows {
        for ((head, &length), cell) in variables.iter().zip(&lengths).zip(row) {
            file.extend(field(head, length, cell)?);
        }
    }
    pad(&mut file);
    Ok(file)
}

/// The number of bytes of a variable: that of its longest text.
fn length(variable: &VariableHead, rows: &[Vec<Cell>], at: usize) -> Result<usize, XportError> {
    if !variable.kind.is_text() {
        return Ok(NUMBER);
    }
    let mut longest = 1;
    for row in rows {
        let Cell::Text(text) = &row[at] else { continue };
        if !text.is_ascii() {
            return Err(XportError::NotAscii { variable: variable.name.to_string(), value: text.to_string() });
        }
        longest = longest.max(text.len());
    }
    if longest > LONGEST {
        return Err(XportError::TooLong { variable: variable.name.to_string(), length: longest });
    }
    Ok(longest)
}

fn field(variable: &VariableHead, length: usize, cell: &Cell) -> Result<Vec<u8>, XportError> {
    let mut bytes = match cell {
        Cell::Number(value) => {
            let out = XportError::OutOfRange { variable: variable.name.to_string(), value: *value };
            return ibm(*value).map(|bytes| bytes.to_vec()).ok_or(out);
        }
        Cell::Empty if !variable.kind.is_text() => return Ok(vec![b'.', 0, 0, 0, 0, 0, 0, 0]),
        Cell::Empty => Vec::new(),
        Cell::Text(text) => text.as_bytes().to_vec(),
    };
    bytes.resize(length, b' ');
    Ok(bytes)
}

/// A number as IBM hexadecimal float; `None` outside its range.
fn ibm(value: f64) -> Option<[u8; 8]> {
    if value == 0.0 {
        return Some([0; 8]);
    }
    if !value.is_finite() {
        return None;
    }
    // value = fraction · 2^binary with a fraction in [1/2, 1), and so of 53 bits.
    let (fraction, binary) = libm::frexp(value.abs());
    let fraction = libm::ldexp(fraction, 56) as u64;
    // The next power of 16; the up to three bits that are shifted out are zero.
    let hexadecimal = binary.div_euclid(4) + i32::from(binary.rem_euclid(4) != 0);
    let fraction = fraction >> (4 * hexadecimal - binary);
    let exponent = u8::try_from(hexadecimal + 64).ok().filter(|exponent| *exponent < 128)?;
    let sign = if value < 0.0 { 0x80 } else { 0 };
    let mut bytes = fraction.to_be_bytes();
    bytes[0] = sign | exponent;
    Some(bytes)
}

/// A header record: its name, and the 30 digits at its end.
fn header(file: &mut Vec<u8>, name: &str, digits: &str) {
    record(file, &format!("HEADER RECORD*******{name:<8}HEADER RECORD!!!!!!!{digits:0<30}"));
}

/// A record of ASCII text.
fn record(file: &mut Vec<u8>, text: &str) {
    file.extend_from_slice(text.as_bytes());
    pad(file);
}

fn pad(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(RECORD), b' ');
}

/// The 140 bytes that describe a variable.
fn description(file: &mut Vec<u8>, variable: &VariableHead, number: usize, length: usize, position: usize) {
    let short = |value: usize| (value as u16).to_be_bytes();
    file.extend(short(if variable.kind.is_text() { 2 } else { 1 }));
    file.extend(short(0));
    file.extend(short(length));
    file.extend(short(number));
    file.extend(format!("{:<8}{:<40}{:<8}", variable.name, variable.label, "").bytes());
    // Format and informat: none.
    file.extend([0; 8]);
    file.extend([b' '; 8]);
    file.extend([0; 4]);
    file.extend((position as u32).to_be_bytes());
    file.extend([0; 52]);
}

/// A time in ISO 8601 as `ddMMMyy:hh:mm:ss`.
fn moment(iso: &str) -> String {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or("00");
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied();
    format!(
        "{:0>2}{}{:0>2}:{:0>8}",
        part(8, 10),
        month.unwrap_or("JAN"),
        part(2, 4),
        iso.get(11..19).unwrap_or("00:00:00")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_sas_has_it() {
        assert_eq!(moment("2026-11-29T13:05:09Z"), "29NOV26:13:05:09");
        assert_eq!(moment("").len(), 16, "whatever is said, the record keeps its length");
    }

    /// The examples of TS-140 and of IBM's own manual.
    #[test]
    fn numbers_are_ibm_floats() {
        for (value, bytes) in [
            (1.0, [0x41, 0x10, 0, 0, 0, 0, 0, 0]),
            (-1.0, [0xc1, 0x10, 0, 0, 0, 0, 0, 0]),
            (0.0, [0; 8]),
            (100.0, [0x42, 0x64, 0, 0, 0, 0, 0, 0]),
            (-118.625, [0xc2, 0x76, 0xa0, 0, 0, 0, 0, 0]),
            (0.1, [0x40, 0x19, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]),
        ] {
            assert_eq!(ibm(value).unwrap(), bytes, "{value}");
        }
        assert_eq!((ibm(1e76), ibm(1e-79), ibm(f64::NAN)), (None, None, None));
    }

    /// What SAS's documentation says of the reverse: sign · fraction · 16^(exponent − 64).
    fn read(bytes: [u8; 8]) -> f64 {
        let fraction = u64::from_be_bytes(bytes) & 0x00ff_ffff_ffff_ffff;
        let value = libm::ldexp(fraction as f64, 4 * (i32::from(bytes[0] & 0x7f) - 64) - 56);
        if bytes[0] & 0x80 == 0 { value } else { -value }
    }

    #[test]
    fn every_number_of_the_range_comes_back_with_all_bits() {
        let mut random = crate::stats::random::Random::of_replicate(1, 1);
        for _ in 0..10_000 {
            let value = random.normal() * libm::exp(40.0 * random.normal());
            assert_eq!(read(ibm(value).unwrap()), value, "{value:e}");
        }
    }
}
