//! `platewise review` as a program.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server; it ends with the test.
pub(crate) struct ReviewServer {
    pub(super) child: Child,
    /// The address that it printed.
    pub(crate) address: String,
    errors: BufReader<std::process::ChildStderr>,
}

impl ReviewServer {
    pub(crate) fn start(study: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_platewise"))
            .args(["review", study.to_str().unwrap(), "--no-browser"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        if address.is_empty() {
            let mut said = String::new();
            errors.read_to_string(&mut said).unwrap();
            panic!("the review did not begin: {said}");
        }
        let address = address.trim().to_string();
        Self { child, address, errors }
    }

    /// The address for another browser, which is printed once the last was used.
    pub(crate) fn next_address(&mut self) -> String {
        let mut line = String::new();
        self.errors.read_line(&mut line).unwrap();
        line.split_whitespace().last().unwrap().to_string()
    }
}

impl Drop for ReviewServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
