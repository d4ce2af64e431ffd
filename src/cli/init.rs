//! `platewise init DIR`: a commented study folder that runs, to begin with.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Failure, Status};

/// The files of the template: small, simulated, and saying so.
const TEMPLATE: [(&str, &str); 5] = [
    ("study.toml", include_str!("template/study.toml")),
    ("samples.csv", include_str!("template/samples.csv")),
    ("arms.csv", include_str!("template/arms.csv")),
    ("layouts/P01.csv", include_str!("template/layout.csv")),
    ("exports/P01.csv", include_str!("template/export.csv")),
];

/// Write a commented study folder that runs
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  platewise init my-study\n  platewise run my-study")]
pub struct Args {
    /// The folder to make. It must not exist, or be empty.
    dir: PathBuf,
}

/// Writes the template.
///
/// # Errors
/// When the folder holds something already, or cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Status, Failure> {
    let taken = std::fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || args.dir.is_file() {
        return Err(Failure::Other(format!(
            "{} is there already and is not empty; `init` writes over nothing. Name a new folder",
            args.dir.display()
        )));
    }
    for (name, text) in TEMPLATE {
        let path = args.dir.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, text)?;
        writeln!(out, "wrote {}", path.display())?;
    }
    writeln!(
        out,
        "\nRun it:   platewise run {0}\nThen put your exports, layouts and samples in, and change {0}/study.toml.",
        args.dir.display()
    )?;
    Ok(Status::Done)
}
