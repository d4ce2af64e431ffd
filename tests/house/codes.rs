//! Every problem has a code, and codes stay: programs know problems by them. `PLATEWISE_BLESS=1 cargo test --test stages house::codes`
//! writes the list of them anew, where one was added; one that goes, or is called otherwise, has to stand in CHANGELOG.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::sources::sources;

const MAKES: &str = "Code::new(\"";

/// The codes that the program makes, each with the files in which it stands.
fn codes() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in sources() {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for rest in line.split(MAKES).skip(1) {
                found.entry(rest.split('"').next().unwrap().to_string()).or_default().push(file.clone());
            }
        }
    }
    found
}

#[test]
fn a_code_stands_at_one_place_and_has_one_form() {
    let codes = codes();
    assert!(codes.len() > 400, "only {} codes found: does this test still read the code?", codes.len());
    let form = |code: &str| {
        let words: Vec<&str> = code.split('-').collect();
        let is_word =
            |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        words.iter().all(is_word)
    };
    let odd: Vec<&String> = codes.keys().filter(|code| !form(code)).collect();
    assert!(odd.is_empty(), "words in lower case with hyphens between them: {odd:?}");
    let several: Vec<_> = codes.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(
        several.is_empty(),
        "two kinds of problems have one code; where it is one kind, give it a name: {several:?}"
    );
}

#[test]
fn codes_stay() {
    let made: String = codes().keys().map(|code| format!("{code}\n")).collect();
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages/codes.txt");
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(&list, made).unwrap();
        return;
    }
    let known = fs::read_to_string(&list).unwrap();
    assert!(known == made, "run PLATEWISE_BLESS=1 cargo test --test stages house::codes, and read the difference");
}
