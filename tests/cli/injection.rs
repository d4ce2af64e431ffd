//! What people write into a study (titles, names, reasons, arms) stays text wherever it is shown: no markup in pages and pictures, no formula
//! in a table or workbook, no field in an RTF file, no escape sequence on a terminal.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::copied_study::copy;
use crate::support::decided_study::{platewise, printed};

/// Texts that want to be something else. Each begins as it has to for that.
const PAYLOADS: [&str; 9] = [
    "\"><img src=x onerror=alert(1)><script>alert(2)</script>]]>&xxe;",
    "' onmouseover='alert(1)' x=\" onfocus=\"alert(1)",
    "{\\field{\\*\\fldinst HYPERLINK \"http://evil.example\"}}\\par",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "\u{202e}gnp.exe",
];

/// A study whose every free text is the payload.
struct Poisoned {
    folder: TempDir,
}

impl Poisoned {
    /// Its settings, and with `lists` its lists and layouts.
    fn new(payload: &str, lists: bool) -> Self {
        let study = Self { folder: tempfile::tempdir().unwrap() };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies/covariates"), &study.path(""));
        study.poison_settings(payload, lists);
        if lists {
            study.poison_lists(payload);
        }
        study
    }

    fn poison_settings(&self, payload: &str, lists: bool) {
        let quoted = serde_json::to_string(payload).unwrap();
        let settings = fs::read_to_string(self.path("study.toml")).unwrap();
        let mut lines: Vec<String> = Vec::new();
        for line in settings.lines() {
            let of = |name: &str| line.starts_with(&format!("{name} = "));
            let free = ["title", "analyte", "version", "kit_lot"].into_iter().find(|name| of(name));
            // Names that have to differ, and are names of files as well.
            let plate = line.strip_prefix("id = \"Q").map(|rest| rest.trim_end_matches('"'));
            lines.push(match free {
                Some(name) => format!("{name} = {quoted}"),
                None if plate.is_some() => {
                    format!("id = {}", serde_json::to_string(&format!("{payload}Q{}", plate.unwrap())).unwrap())
                }
                None if line == "id = \"COVARIATES\"" => format!("id = {quoted}"),
                None if line == "name = \"made-up ELISA\"" => format!("name = {quoted}"),
                None if lists && line == "name = \"Week 12\"" => format!("name = {quoted}"),
                None if lists && line.starts_with("covariate") => line.replace("\"centre\"", &quoted),
                None => line.to_string(),
            });
        }
        if lists {
            lines.push(format!(
                "[clinical]\nlist = \"clinical.csv\"\n[[measure]]\nname = {quoted}\nresponder_fall_percent = [50]"
            ));
            lines.push(format!(
                "[events]\nlist = \"events.csv\"\n[[event]]\nname = {quoted}\nstrategy = \"hypothetical\""
            ));
            lines.push("[supplementary]\nanalyses = [\"van-elteren\"]\nsubgroups = [\"stratum\"]".to_string());
        }
        fs::write(self.path("study.toml"), lines.join("\n")).unwrap();
    }

    fn poison_lists(&self, payload: &str) {
        let sample = |text: &str| text.split_once('/').map(|(_, week)| format!("{payload}{}/{week}", &text[..3]));
        for list in ["samples.csv", "layouts/Q01.csv", "layouts/Q02.csv"] {
            self.rewrite(list, |text| match text {
                "Week 12" | "low" => payload.to_string(),
                _ if text.len() == 6 && text.contains('/') => sample(text).unwrap(),
                _ if is_subject(text) => format!("{payload}{text}"),
                _ => text.to_string(),
            });
        }
        for export in ["exports/Q01.csv", "exports/Q02.csv"] {
            let text = fs::read_to_string(self.path(export)).unwrap();
            let (title, wells) = text.split_once('\n').unwrap();
            assert!(title.starts_with("Made up"), "{title}");
            let quoted = payload.replace('"', "\"\"");
            fs::write(self.path(export), format!("\"{quoted}\"\n{wells}")).unwrap();
        }
        self.rewrite("arms.csv", |text| match text {
            "drug" | "f" | "centre" => payload.to_string(),
            _ if is_subject(text) => format!("{payload}{text}"),
            _ => text.to_string(),
        });
        // Every other participant is of this stratum and gave this matrix.
        let odd = |subject: &str| subject.ends_with(['1', '3', '5', '7', '9']);
        self.add_column("arms.csv", "stratum", |record| if odd(&record[0]) { payload } else { "B" }.to_string());
        self.add_column("samples.csv", "matrix", |record| if odd(&record[1]) { payload } else { "serum" }.to_string());
        let subjects: Vec<String> =
            self.records("arms.csv").iter().skip(1).map(|record| record[0].to_string()).collect();
        let values = subjects.iter().enumerate().flat_map(|(i, subject)| {
            let row =
                |week: &str, value: usize| [subject.clone(), week.to_string(), payload.to_string(), value.to_string()];
            [row("0", 20 + i), row("12", 3 + i * i % 17)]
        });
        let head = ["subject", "week", "measure", "value"].map(str::to_string);
        self.write("clinical.csv", std::iter::once(head).chain(values));
        let head = ["subject", "day", "event"].map(str::to_string);
        self.write("events.csv", [head, [subjects[2].clone(), "30".to_string(), payload.to_string()]]);
    }

    fn records(&self, file: &str) -> Vec<csv::StringRecord> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(self.path(file))
            .unwrap()
            .records()
            .map(Result::unwrap)
            .collect()
    }

    fn write<const N: usize>(&self, file: &str, rows: impl IntoIterator<Item = [String; N]>) {
        let mut writer = csv::Writer::from_path(self.path(file)).unwrap();
        rows.into_iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
    }

    fn add_column(&self, file: &str, name: &str, value: impl Fn(&csv::StringRecord) -> String) {
        let records = self.records(file);
        let mut writer = csv::Writer::from_path(self.path(file)).unwrap();
        for (at, record) in records.iter().enumerate() {
            let more = if at == 0 { name.to_string() } else { value(record) };
            writer.write_record(record.iter().chain([more.as_str()])).unwrap();
        }
        writer.flush().unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("study").join(file)
    }

    /// Every cell of a table anew.
    fn rewrite(&self, file: &str, cell: impl Fn(&str) -> String) {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(self.path(file)).unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let mut writer = csv::WriterBuilder::new().flexible(true).from_path(self.path(file)).unwrap();
        for (at, record) in records.iter().enumerate() {
            // Grids of a layout stand apart.
            if at > 0 && &record[0] != "A" && record.len() > 10 && record.get(1) == Some("1") {
                writer.flush().unwrap();
                let text = fs::read_to_string(self.path(file)).unwrap();
                fs::write(self.path(file), text + "\n").unwrap();
                writer = csv::WriterBuilder::new()
                    .flexible(true)
                    .from_writer(fs::OpenOptions::new().append(true).open(self.path(file)).unwrap());
            }
            writer.write_record(record.iter().map(&cell)).unwrap();
        }
        writer.flush().unwrap();
    }
}

fn is_subject(text: &str) -> bool {
    text.len() == 3 && matches!(text.as_bytes()[0], b'D' | b'P') && text[1..].parse::<u8>().is_ok()
}

/// Nothing but text, ends of lines and tabs.
#[track_caller]
fn is_harmless_on_a_terminal(said: &str) {
    let harmful = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!said.contains(harmful), "{said:?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A cell that a spreadsheet program would take for a formula, unless it is a number.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err() && cell.len() > 1
}

/// What stands in the tags of a page or picture, without the values of attributes: these are in quotation marks that no value ends.
fn tags(text: &str) -> String {
    let (mut tags, mut rest) = (String::new(), text);
    while let Some(begin) = rest.find('<') {
        rest = &rest[begin + 1..];
        // The inside of styles and scripts is no markup.
        let raw = ["style", "script"].into_iter().find(|name| rest.starts_with(name));
        let mut quoted = false;
        let end = rest.find(|c: char| {
            quoted ^= c == '"';
            if !quoted && c != '"' && c != '>' {
                tags.push(c);
            }
            !quoted && c == '>'
        });
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        if let Some(name) = raw {
            let end = rest.find(&format!("</{name}>")).unwrap();
            rest = &rest[end..];
        }
    }
    tags
}

#[test]
fn the_tags_are_told_from_texts_and_values() {
    assert_eq!(tags("a' <p class=\"x' y>\">'b'</p><script>if(a<b)'</script>"), "p class=/pscript/script");
    assert_eq!(tags("<p title=\"x\" onfocus=\"y\">"), "p title= onfocus=");
}

fn look_at(path: &Path, bytes: &[u8]) {
    let text = || String::from_utf8_lossy(bytes).into_owned();
    let name = path.display();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "svg" | "xml") => {
            let text = text();
            for markup in ["<img", "<script>alert", "\u{1b}"] {
                assert!(!text.contains(markup), "{name}: {markup}");
            }
            let tags = tags(&text);
            for attribute in ["onmouseover", "onfocus", "onerror", "'"] {
                assert!(!tags.contains(attribute), "{name}: {attribute} in a tag");
            }
        }
        Some("csv") => {
            for record in csv::ReaderBuilder::new().flexible(true).from_reader(bytes).records() {
                let record = record.unwrap();
                let formula = record.iter().find(|cell| is_formula(cell));
                assert!(formula.is_none(), "{name}: {formula:?}");
            }
        }
        // Its own fields are the numbers of pages.
        Some("rtf") => assert!(!text().contains("{\\*\\fldinst HYPERLINK") && text().is_ascii(), "{name}"),
        Some("xlsx") => {
            let mut parts = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            for at in 0..parts.len() {
                let mut part = String::new();
                let mut entry = parts.by_index(at).unwrap();
                let of_sheet = entry.name().unwrap().contains("worksheets");
                if entry.read_to_string(&mut part).is_ok() {
                    let own = part.contains("<f>") && (part.contains("HYPERLINK(\"http") || part.contains("cmd|"));
                    assert!(!(of_sheet && own), "{name}: {}", entry.name().unwrap());
                    assert!(!part.contains("<img") && !part.contains("Target=\"http://evil"), "{name}");
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_people_write_stays_text_in_every_output() {
    for payload in PAYLOADS {
        // What holds control characters is no text, and refused wherever it stands.
        let refused = payload.contains(char::is_control);
        for lists in [true, false].into_iter().filter(|_| refused) {
            let done = platewise(&["run", Poisoned::new(payload, lists).path("").to_str().unwrap()]);
            is_harmless_on_a_terminal(&printed(&done));
            assert_eq!(done.status.code(), Some(2), "{payload:?}: {}", printed(&done));
        }
        let study = Poisoned::new(if refused { "text" } else { payload }, true);
        let folder = study.path("");
        let folder = folder.to_str().unwrap();
        let plate = format!("--plate={}Q01", if refused { "text" } else { payload });
        let (reason, by) = (format!("--reason={payload}"), format!("--by={payload}"));
        let decided =
            platewise(&["decide", folder, "exclude", &plate, "--well", "F05", "--code", "other", &reason, &by]);
        is_harmless_on_a_terminal(&printed(&decided));
        assert_eq!(decided.status.code(), Some(if refused { 2 } else { 0 }), "{}", printed(&decided));
        let done = platewise(&["run", folder]);
        let said = printed(&done);
        is_harmless_on_a_terminal(&said);
        assert!(matches!(done.status.code(), Some(0 | 1)), "{payload:?}: {said}");
        let results = study.path("results");
        let all = files(&results);
        assert!(all.len() > 60, "{}", all.len());
        for path in &all {
            look_at(path, &fs::read(path).unwrap());
        }
        // It is shown, and not only left out.
        let page = fs::read_to_string(results.join("report.html")).unwrap();
        let shown = payload.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(page.contains(&shown) || refused, "{payload:?} is not on the page");
        for list in ["correlation.csv", "clinical_change.csv", "clinical_responders.csv"] {
            let listed = fs::read_to_string(results.join(list)).unwrap_or_default();
            assert!(listed.lines().count() > 1, "{payload:?}: {list} has nothing to look at");
        }
        let signed = platewise(&["sign", folder, "--meaning", "approved", &by]);
        let verified = platewise(&["verify", folder]);
        is_harmless_on_a_terminal(&(printed(&signed) + &printed(&verified)));
        assert_eq!(signed.status.code(), Some(if refused { 2 } else { 0 }), "{payload:?}: {}", printed(&signed));
        let explained = platewise(&["explain", folder, &format!("{payload}D01"), "Screening"]);
        is_harmless_on_a_terminal(&printed(&explained));
    }
}
