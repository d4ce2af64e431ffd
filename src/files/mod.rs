//! Files: the inputs of a study are read here, each once, and everything that is written is written here, and by nobody else.
//!
//! [`InputFolder`] hands out bytes together with their hash, so that what is parsed is what is recorded.
//!
//! A command that makes a folder claims it before its work ([`OutputFolder::claim`]): the folder is locked, may be written (which
//! is tried), and holds nothing of anybody else. What was made, one file after another ([`Filling`]), then takes its place in one step, with
//! a manifest by which anybody can check it (`sha256sum -c manifest-sha256.txt`). Single files ([`write_files`]) take the place of
//! older ones whole; a log ([`append`]) is only ever added to.
//!
//! Whenever the program or the machine stops, a folder is whole: the old one or the new one. What a stopped run leaves behind is
//! put back or removed by the next one, and nothing that is not ours ever is.

mod archive;
mod claim;
mod disk;
mod exchange;
mod filling;
mod hash;
mod input;
mod inside;
mod leftovers;
mod lock;
mod log;
mod manifest;
mod names;
mod output_file;
mod removal;
mod room;
mod scratch;
mod single;
mod stage;

pub use archive::{UnpackedArchive, pack};
pub use claim::{AllowedContents, OutputError, OutputFolder};
pub use filling::Filling;
pub use hash::{sha256, sha256_of};
pub use input::{GatheredFile, Input, InputFile, InputFolder, LinkPolicy, NotAnInput};
pub use lock::user;
pub use log::{LogLine, append, read_log};
pub use manifest::{MANIFEST, is_inside, names_in, read_manifest};
pub use names::file_names;
pub use output_file::{OutputFile, TakeFiles};
pub use room::has_room;
pub use scratch::Scratch;
pub use single::{make_folder, write_files};

#[cfg(test)]
mod tests;
