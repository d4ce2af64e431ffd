//! The house rules: imports, documents and the README say what is true of the code.

mod architecture;
mod circles;
mod codes;
mod documentation;
mod readme;
