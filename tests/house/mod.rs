//! The house rules: imports, names, documents and the README say what is true of the code.

mod architecture;
mod circles;
mod codes;
mod documentation;
mod names;
mod readme;
mod settings;
