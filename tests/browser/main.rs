//! The finished page in a real browser: laid out, recoloured, folded, printed, and quiet on the network.
//!
//! Runs when `PLATEWISE_BROWSER` is set: to the program, or to `1` for `chromium`. `.ci/run` does so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and says so"
)]

#[path = "../support/copied_study.rs"]
mod copied_study;
mod driver;
mod review;
#[path = "../support/review_server.rs"]
mod review_server;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use platewise::files::{AllowedContents, OutputFolder};
use platewise::pipeline::{self, ArmList, Run};
use serde_json::Value;

fn browser() -> Option<OsString> {
    let set = std::env::var_os("PLATEWISE_BROWSER").filter(|set| !set.is_empty());
    if set.is_none() {
        println!("skipped: PLATEWISE_BROWSER is not set");
    }
    set.map(|set| if set == "1" { "chromium".into() } else { set })
}

/// The page of the study that comes with the program, made once for all tests.
static PAGE: LazyLock<String> = LazyLock::new(|| page(tempfile::tempdir().unwrap().path()));

fn page(folder: &Path) -> String {
    let study = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates");
    let quantified = pipeline::quantify(&study, &|_| {}).unwrap();
    let list = ArmList::in_memory("arms.csv", &fs::read(study.join("arms.csv")).unwrap());
    let compared = pipeline::compare(&quantified, &list).unwrap();
    let mut run = Run::new(quantified, Some((compared, list.record().clone())), String::new()).unwrap();
    run.write(OutputFolder::claim(&folder.join("results"), AllowedContents::Results, &|_| {}).unwrap(), &|_| {})
        .unwrap();
    fs::read_to_string(folder.join("results/report.html")).unwrap()
}

struct Chromium {
    program: OsString,
    folder: tempfile::TempDir,
}

impl Chromium {
    /// Opens a page with more arguments; gives what the browser printed, and what it complained of.
    fn open(&self, name: &str, html: &str, arguments: &[String]) -> (String, String) {
        let file = self.folder.path().join(format!("{name}.html"));
        fs::write(&file, html).unwrap();
        let output = Command::new(&self.program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--enable-logging=stderr",
            ])
            .arg(format!("--user-data-dir={}", self.folder.path().join(format!("{name}.profile")).display()))
            .args(arguments)
            .arg(format!("file://{}", file.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8_lossy(&output.stdout).into(), String::from_utf8_lossy(&output.stderr).into())
    }

    /// What a script finds in the laid-out page.
    fn measure(&self, name: &str, html: &str, width: u32, script: &str) -> Value {
        let probe = format!(
            "<script>addEventListener('load',()=>{{const r=(()=>{{{script}}})();\
             const e=document.createElement('pre');e.id='probe';e.textContent=JSON.stringify(r);document.body.append(e)}})</script></body>"
        );
        let arguments = ["--dump-dom".to_string(), format!("--window-size={width},900")];
        let (dom, complaints) = self.open(name, &html.replace("</body>", &probe), &arguments);
        let console: Vec<&str> = complaints.lines().filter(|line| line.contains("CONSOLE")).collect();
        assert!(console.is_empty(), "{name}: {console:?}");
        let found = dom.split("<pre id=\"probe\">").nth(1).unwrap_or_else(|| panic!("{name}: no answer"));
        let json =
            found.split("</pre>").next().unwrap().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        serde_json::from_str(&json).unwrap()
    }
}

/// Everything that a reader sees: nothing wider than the window, no empty picture, no text of a picture outside it, no
/// resource asked for.
const LAYOUT: &str = "document.getElementById('open').click();\
const box=e=>e.getBoundingClientRect();\
const pictures=[...document.querySelectorAll('figure svg')];\
const outside=pictures.flatMap(p=>{const f=box(p);return [...p.querySelectorAll('text')].filter(t=>{const b=box(t);\
return b.left<f.left-1||b.right>f.right+1||b.top<f.top-1||b.bottom>f.bottom+1}).map(t=>t.textContent)});\
return {wide:document.documentElement.scrollWidth-document.documentElement.clientWidth,pictures:pictures.length,\
empty:pictures.filter(p=>box(p).width<200||box(p).height<100).length,outside,\
named:pictures.filter(p=>p.getAttribute('role')=='img'&&p.querySelector('title').textContent&&p.querySelector('desc').textContent).length,\
hover:document.querySelectorAll('table.map td[title]').length,\
loaded:performance.getEntriesByType('resource').length,folded:[...document.querySelectorAll('details')].filter(d=>!d.open).length,\
headers:[...document.querySelectorAll('table')].filter(t=>!t.querySelector('thead th[scope=col]')).length,\
ground:getComputedStyle(document.body).backgroundColor,ink:getComputedStyle(document.querySelector('figure svg text')).fill}";

#[test]
fn the_page_stands_in_a_real_browser() {
    let Some(program) = browser() else { return };
    let chromium = Chromium { program, folder: tempfile::tempdir().unwrap() };
    let html = PAGE.as_str();
    for width in [1440, 1024, 700] {
        let found = chromium.measure(&format!("light{width}"), html, width, LAYOUT);
        assert_eq!(found["wide"], 0, "{width}: the page is wider than the window");
        assert!(found["pictures"].as_u64().unwrap() > 20, "{found}");
        for none in ["empty", "loaded", "folded", "headers"] {
            assert_eq!(found[none], 0, "{width}: {none} in {found}");
        }
        assert_eq!(found["named"], found["pictures"], "a picture without a name");
        assert_eq!(found["outside"].as_array().unwrap().len(), 0, "{width}: {found}");
        assert!(found["hover"].as_u64().unwrap() > 9 * 80, "wells tell what they are");
        assert_eq!(found["ground"], "rgb(255, 255, 255)");
    }
    // What a dark screen shows: the same rules without the question whether the screen is dark.
    let dark = html.replace("screen and (prefers-color-scheme:dark)", "screen");
    let found = chromium.measure("dark", &dark, 1440, LAYOUT);
    assert_eq!((&found["ground"], &found["ink"]), (&"rgb(21, 26, 33)".into(), &"rgb(232, 236, 241)".into()));
}

/// A link to a plate opens its section; without scripts the page is whole.
#[test]
fn sections_open_by_link_and_without_scripts() {
    let Some(program) = browser() else { return };
    let chromium = Chromium { program, folder: tempfile::tempdir().unwrap() };
    let html = PAGE.as_str();
    let script = "location.hash='plate-2';dispatchEvent(new HashChangeEvent('hashchange'));\
                  return {open:document.getElementById('plate-2').open,other:document.getElementById('plate-3').open}";
    let found = chromium.measure("link", html, 1440, script);
    assert_eq!((&found["open"], &found["other"]), (&true.into(), &false.into()));
    let bare = format!("{}{}", html.split("<script>").next().unwrap(), html.split("</script>").nth(1).unwrap());
    let found =
        chromium.measure("bare", &bare, 1440, "return document.querySelectorAll('details.plate summary').length");
    assert_eq!(found, 9);
}

/// Every link of the page lands with its target at the top of the window, or as far down as the page goes, whichever sections before it
/// are open.
#[test]
fn every_link_lands_where_it_says() {
    let Some(program) = browser() else { return };
    let chromium = Chromium { program, folder: tempfile::tempdir().unwrap() };
    let html = PAGE.as_str();
    for width in [1440, 1024, 700, 390] {
        for open in ["", "document.getElementById('open').click();", "document.getElementById('close').click();"] {
            let script = format!(
                "{open}const links=[...new Set([...document.querySelectorAll('a[href^=\"#\"]')].map(a=>a.getAttribute('href')))];\
                 const missed=[];for(const link of links){{const target=document.getElementById(link.slice(1));\
                 if(!target){{missed.push(link+' leads nowhere');continue}}\
                 scrollTo(0,0);document.querySelector(`a[href=\"${{link}}\"]`).click();\
                 const top=target.getBoundingClientRect().top,page=document.documentElement;\
                 const end=page.scrollHeight-page.clientHeight-scrollY<2;\
                 if(Math.abs(top)>40&&!(end&&top>0&&top<page.clientHeight))missed.push(link+' at '+Math.round(top))}}\
                 return {{links:links.length,missed}}"
            );
            let found = chromium.measure(&format!("links{width}-{}", open.len()), html, width, &script);
            assert!(found["links"].as_u64().unwrap() > 15, "{found}");
            assert_eq!(found["missed"], serde_json::json!([]), "{width} {open}");
        }
    }
}

/// A link that is followed again opens its section again; the wells of a map are walked with the arrow keys, and told.
#[test]
fn everything_is_reached_without_a_mouse() {
    let Some(program) = browser() else { return };
    let chromium = Chromium { program, folder: tempfile::tempdir().unwrap() };
    let html = PAGE.as_str();
    let script = "const section=document.getElementById('plate-1'),map=section.querySelector('.map');\
                  const link=document.querySelector('#plates a[href=\"#plate-1\"]');link.click();\
                  section.open=false;link.click();const again=section.open;\
                  const told=[],key=k=>{document.activeElement.dispatchEvent(new KeyboardEvent('keydown',{key:k,bubbles:true}));\
                  told.push(section.querySelector('.told').textContent.slice(0,4))};\
                  map.querySelector('td[tabindex]').focus();\
                  for(const k of ['ArrowUp','ArrowRight','ArrowDown','End','Home'])key(k);\
                  const scrolling=[...document.querySelectorAll('.scroll')];\
                  return {again,told,stops:map.querySelectorAll('td[tabindex=\"0\"]').length,\
                  hidden:section.querySelector('.told').hidden,\
                  unreached:scrolling.filter(s=>!s.hasAttribute('tabindex')&&!s.querySelector('[tabindex]')).length}";
    let found = chromium.measure("keyboard", html, 1024, script);
    assert_eq!(found["again"], true);
    assert_eq!(found["told"], serde_json::json!(["A01:", "A02:", "B02:", "B12:", "B01:"]));
    assert_eq!((&found["stops"], &found["hidden"], &found["unreached"]), (&1.into(), &false.into(), &0.into()));
}

/// Printed, every section is open and each plate begins a page.
#[test]
fn printed_it_is_whole() {
    let Some(program) = browser() else { return };
    let chromium = Chromium { program, folder: tempfile::tempdir().unwrap() };
    let html = PAGE.as_str();
    let pdf: PathBuf = chromium.folder.path().join("report.pdf");
    chromium.open("print", html, &[format!("--print-to-pdf={}", pdf.display())]);
    let bytes = fs::read(pdf).unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    let pages = String::from_utf8_lossy(&bytes).lines().filter(|line| line.ends_with("/Type /Page")).count();
    // Nine plates of at least two pages each, and what comes before them.
    assert!(pages > 20, "{pages} pages");
}
