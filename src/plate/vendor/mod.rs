//! The readers' formats, one file each.
