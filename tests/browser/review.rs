//! `platewise review` in a real browser: what a reviewer does, by mouse and by keyboard, and what is on the disk afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::browser;
use super::copied_study::copy;
use super::driver::Browser;
use super::review_server::ReviewServer;

/// A copy of the study that comes with the program, to be changed.
struct Study(TempDir);

impl Study {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &place.path().join("study"));
        Self(place)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("study").join(file)
    }

    fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("decisions.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn platewise(&self, arguments: &[&str]) -> Output {
        let study = self.path("");
        let (command, rest) = arguments.split_first().unwrap();
        let program = env!("CARGO_BIN_EXE_platewise");
        Command::new(program).arg(command).arg(study.to_str().unwrap()).args(rest).output().unwrap()
    }
}

/// Opens the study with the address that was printed.
fn enter(browser: &Browser, address: &str) -> String {
    browser.open(address);
    browser.until("plates reviewed or approved");
    assert!(!browser.address().contains('#'), "the key is out of the address: {}", browser.address());
    browser.address().trim_end_matches('/').to_string()
}

fn decide(browser: &Browser, reason: &str, who: &str) {
    browser.run("document.querySelector('form[method=post] [name=code]').value='bubble'");
    browser.fill("form[method=post] [name=reason]", reason);
    browser.fill("form[method=post] [name=who]", who);
}

#[test]
fn a_standard_is_left_out_and_used_again_and_the_plate_approved() {
    let Some(program) = browser() else { return };
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let chromium = Browser::start(&program);
    let home = enter(&chromium, &server.address);
    assert!(chromium.until("0 of 9 plates").contains("P04"));

    // To a plate, and to a standard in its picture.
    chromium.click("a[href='/plate?id=P01']");
    chromium.until("Back-calculated standards");
    // Replicates lie on each other: the click is sent to the well itself.
    chromium
        .run("document.querySelector('[data-well=C01] circle').dispatchEvent(new MouseEvent('click',{bubbles:true}))");
    let part = chromium.until("Well C01: standard 500");
    assert!(part.contains("exports/P01") && part.contains("Residual") && part.contains("Without it"), "{part}");

    // What would change is shown, and nothing is written.
    chromium.click("a[href='/propose?plate=P01&standard=250']");
    let shown = chromium.until("Nothing is written yet");
    for words in [
        "as it counts now",
        "Without standard 250 of plate P01?",
        "curve c",
        "bias of standard 250",
        "control low",
        "Change (%)",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    chromium.click("details summary");
    chromium.until("CV of standard 1000");
    assert!(study.log().is_empty());
    decide(&chromium, "seen in the well", "A. Analyst");
    chromium.click("button.main");
    chromium.until("Decision 1 is written: standard 250 of plate P01 was used, is excluded");
    assert_eq!(study.log()[0]["target"], serde_json::json!({"plate": "P01", "standard": 250.0}));

    // Used again, from the same place.
    chromium.click("a[href='/propose?plate=P01&undo=1']");
    chromium.until("Undo decision 1 about plate P01?");
    assert_eq!(chromium.run("return document.querySelector('[name=who]').value"), "A. Analyst", "the name is kept");
    decide(&chromium, "it was the well beside it", "A. Analyst");
    chromium.click("button.main");
    chromium.until("Decision 2 is written");

    // Approved; a layout that changes outside puts it out of date.
    chromium.fill("form[method=post] [name=reason]", "curve and controls are fine");
    chromium.fill("form[method=post] [name=who]", "H. Head");
    chromium.click("button[value=approve]");
    chromium.until("Decision 3 is written");
    let actions: Vec<String> = study.log().iter().map(|line| line["action"].to_string()).collect();
    assert_eq!(actions, ["\"exclude\"", "\"undo\"", "\"approve\""]);
    let layout = fs::read_to_string(study.path("layouts/P01.csv")).unwrap();
    chromium.open(&home);
    chromium.until("1 of 9 plates reviewed or approved");
    fs::write(study.path("layouts/P01.csv"), format!("{layout}\n")).unwrap();
    chromium.open(&home);
    let stale = chromium.until("0 of 9 plates reviewed or approved");
    assert!(
        stale.contains("out of date") && stale.contains("approved by H. Head, and the layout has changed since"),
        "{stale}"
    );
    fs::write(study.path("layouts/P01.csv"), layout).unwrap();

    // Signed by the command line: on the page when it is loaded again.
    assert_eq!(study.platewise(&["quantify", "--quiet"]).status.code(), Some(1));
    let signed = study.platewise(&["sign", "--meaning", "approved", "--by", "H. Head"]);
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    chromium.open(&home);
    let page = chromium.until("1 of 9 plates reviewed or approved");
    assert!(page.contains("Signatures") && page.contains("unsigned"), "{page}");
    assert_eq!(chromium.complaints(), [""; 0], "no script failed, and the policy of the pages stopped nothing");
    let verified = study.platewise(&["verify"]);
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success() && said.contains("1 of 9 plates, all in date"), "{said}");
}

/// The queue, a plate, a well, its exclusion, its end, a review: without a mouse.
#[test]
fn everything_is_done_by_the_keyboard() {
    let Some(program) = browser() else { return };
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let chromium = Browser::start(&program);
    enter(&chromium, &server.address);
    chromium.keys("3");
    chromium.until("P04");
    assert!(chromium.address().ends_with("show=flagged"));
    chromium.keys("1");
    chromium.until("P01");
    chromium.keys("n");
    chromium.until("Plate P04");
    chromium.keys("j");
    chromium.until("Plate P05");
    chromium.keys("k");
    chromium.until("Plate P04");
    chromium.keys("k");
    chromium.until("Plate P03");
    // The map is walked with the arrows, and a well picked with Enter.
    chromium.run("document.querySelector('.map td').focus()");
    chromium.keys("\u{e015}\u{e014}\u{e007}");
    chromium.until("Well B02: standard 1000");
    // To the field of the well; Enter shows what would change; to the fields of the form by Tab.
    chromium.keys("w");
    chromium.keys("E07\u{e007}");
    chromium.until("Without well E07 of plate P03?");
    chromium.keys("c");
    chromium.keys("bubble\u{e004}");
    chromium.keys("seen at reading\u{e004}A. Analyst\u{e007}");
    chromium.until("Decision 1 is written");
    let line = &study.log()[0];
    assert_eq!(
        (&line["target"]["well"], &line["code"], &line["who"]),
        (&"E07".into(), &"bubble".into(), &"A. Analyst".into())
    );
    chromium.keys("u");
    chromium.until("Undo decision 1 about plate P03?");
    chromium.keys("b");
    chromium.until("Leave something out");
    chromium.keys("c");
    chromium.keys("\u{e004}all findings read\u{e004}\u{e00c}");
    chromium.keys("r");
    chromium.until("Decision 2 is written: plate P03");
    assert_eq!(study.log()[1]["action"], "accept");
    chromium.keys("q");
    chromium.until("1 of 9 plates reviewed or approved");
    assert_eq!(chromium.complaints(), [""; 0]);
}

/// Two browsers at a time, narrow and dark, and names with markup.
#[test]
fn two_browsers_lose_no_decision() {
    let Some(program) = browser() else { return };
    let study = Study::new();
    let samples = fs::read_to_string(study.path("samples.csv")).unwrap();
    fs::write(study.path("samples.csv"), samples.replace("101-001", "<i id=bad>101-001")).unwrap();
    let layouts = fs::read_to_string(study.path("layouts/P01.csv")).unwrap();
    fs::write(study.path("layouts/P01.csv"), layouts.replace("101-001", "<i id=bad>101-001")).unwrap();
    let mut server = ReviewServer::start(&study.path(""));
    let first = Browser::start(&program);
    let home = enter(&first, &server.address);
    let second = Browser::start(&program);
    enter(&second, &server.next_address());
    for browser in [&first, &second] {
        browser.open(&format!("{home}/propose?plate=P01&well=C05"));
        browser.until("Nothing is written yet");
        decide(browser, "a bubble", "A. Analyst");
    }
    first.click("button.main");
    first.until("Decision 1 is written");
    second.click("button.main");
    let told = second.until("Plate P01 has changed since you looked at it");
    assert!(told.contains("decision 1 by A. Analyst: well C05 of plate P01 is excluded"), "{told}");
    assert_eq!(study.log().len(), 1);
    second.keys("b");
    second.until("Leave something out");
    assert_eq!(second.run("return document.querySelectorAll('#bad').length"), 0, "markup in a name is a name");
    let wide = "return document.documentElement.scrollWidth-document.documentElement.clientWidth";
    assert_eq!(second.run(wide), 0, "nothing is wider than the window");
    // Who has the address without the key is nobody.
    let third = Browser::start(&program);
    third.open(&home);
    third.until("it has a key in it");
    third.open(&server.address);
    third.until("This key was used already");
}
