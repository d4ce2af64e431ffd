//! Every key of `study.toml` is explained in the file that `init` writes, as a line or in a comment: a setting that nobody is told of
//! is one that nobody uses.

use platewise::protocol::parse;

const TEMPLATE: &str = include_str!("../../src/cli/template/study.toml");

/// The keys that a part of the file may have, as the answer to one that it may not have lists them; `None` where nobody asks.
fn keys(part: &str) -> Option<Vec<String>> {
    let said = parse(&format!("{part}\nno_such_key = 1\n")).unwrap_err().to_string();
    let line = said.lines().find(|line| line.contains("'no_such_key'"))?;
    let (_, known) = line.split_once("expected one of ").or_else(|| line.split_once("expected "))?;
    let known = known.split(". ").next().unwrap().trim_end_matches('.');
    Some(known.split(", ").map(str::to_string).collect())
}

#[test]
fn every_key_is_explained_in_the_study_that_init_writes() {
    let words: Vec<&str> = TEMPLATE.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let mut asked = 0;
    for part in keys("").unwrap() {
        let of_part = keys(&format!("[{part}]")).or_else(|| keys(&format!("[[{part}]]")));
        for key in of_part.unwrap_or_else(|| panic!("[{part}]: its keys are not listed")) {
            asked += 1;
            assert!(words.contains(&key.as_str()), "{key} of [{part}] is not in src/cli/template/study.toml");
        }
    }
    assert!(asked > 100, "only {asked} keys: does this test still read the answers?");
}
