//! The command line of platewise.

fn main() {}
