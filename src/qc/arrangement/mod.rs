//! Does the plate agree with its layout? Asked before its curve is trusted.
//!
//! A plate may have been put into the reader the wrong way round, pipetted from the wrong corner, its standards filled in
//! reverse order or two of them exchanged, or it may be another plate than the one whose layout is named. Each of these is
//! another *arrangement* of the same wells. When another arrangement explains what was read far better than the declared one, the
//! plate is rejected, and the finding says which, how much better and by which wells. Nothing is ever corrected on its own.
//!
//! | file | idea |
//! |---|---|
//! | `scale` | responses on a scale on which replicates scatter alike, over the whole plate |
//! | `contents` | what an arrangement says is in each well: a known concentration, or the same as in other wells |
//! | `alternatives` | the arrangements that are tried |
//! | `agreement` | how far each well is from what an arrangement says of it |
//! | `rival` | whether another arrangement explains the wells far better |
//! | `swapped` | whether two standards were exchanged |
//! | `direction` | whether the assay's response rises or falls, by the plates of the study |
//!
//! What cannot be told is not claimed. Arrangements that say the same of every well, such as the mirror image of a layout with
//! one column of standards at each side, cannot be told apart; neither can standards in reverse order without controls, blanks
//! or other plates, nor a shift by a row without controls.

mod agreement;
mod alternatives;
mod contents;
mod direction;
mod judge;
mod rival;
mod scale;
mod shown_direction;
mod swapped;

#[cfg(test)]
mod example;

pub use contents::Contents;
pub use direction::Direction;
pub(in crate::qc) use judge::PLATE_ARRANGEMENT;
pub use judge::StudyPlates;
