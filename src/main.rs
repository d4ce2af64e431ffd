//! The `platewise` program: everything is in the library.

fn main() -> std::process::ExitCode {
    platewise::cli::main()
}
