//! The house rules: imports, documents and the README say what is true of the code.

mod architecture;
mod documentation;
mod readme;
