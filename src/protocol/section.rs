//! One table of a TOML file, read key by key, so that every problem of the file is found in one reading: a value of the
//! wrong kind, a number out of its range, a key that nobody asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, PathBuf};

use toml::de::{DeTable, DeValue};

use super::source::{ShownValue, Source, TomlValue, as_number, nearest};
use crate::sheet::{Code, Day, Location, Problem, Problems, has_controls};

/// What a text of people is.
const NO_CONTROLS: &str = "text without control characters";

/// The name of the whole file as a section, whose keys are those of its sections.
const TOP: &str = "the top level";

/// A table of the file; remembers which keys were asked for.
pub(crate) struct Section<'a> {
    source: &'a Source,
    /// Its name in messages: `[method]`.
    name: String,
    table: Option<&'a DeTable<'a>>,
    at: Location,
    asked: BTreeSet<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn root(source: &'a Source, table: &'a DeTable<'a>) -> Self {
        let at = Location::file(source.file.clone());
        Self { source, name: TOP.into(), table: Some(table), at, asked: BTreeSet::new() }
    }

    fn new(source: &'a Source, name: String, value: TomlValue<'a>, problems: &mut Problems) -> Self {
        let at = source.line(value.span().start);
        let table = value.get_ref().as_table();
        if table.is_none() {
            problems.push(
                Problem::new(
                    Code::new("section-not-a-table"),
                    at.clone(),
                    format!("{name} is a {}", value.get_ref().type_str()),
                )
                .expected("a table"),
            );
        }
        Self { source, name, table, at, asked: BTreeSet::new() }
    }

    /// Where the section begins.
    pub(crate) fn location(&self) -> &Location {
        &self.at
    }

    /// The table `key`; an empty one where the file does not have it.
    pub(crate) fn section(&mut self, key: &'static str, problems: &mut Problems) -> Section<'a> {
        let name = format!("[{key}]");
        match self.get(key) {
            Some(value) => Section::new(self.source, name, value, problems),
            None => Section { source: self.source, name, table: None, at: self.at.clone(), asked: BTreeSet::new() },
        }
    }

    /// The tables `[[key]]`, in the order of the file.
    pub(crate) fn sections(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Section<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            let found = format!("{key} is a {}", value.get_ref().type_str());
            problems.push(
                Problem::new(Code::new("section-not-tables"), self.source.line(value.span().start), found)
                    .expected(format!("tables that begin with [[{key}]]")),
            );
            return Vec::new();
        };
        array.iter().map(|value| Section::new(self.source, format!("[[{key}]]"), value, problems)).collect()
    }

    /// The list that the section `[list]` names, `default` where it names none; `[[kind]]`s say what is done with its lines. Where one
    /// stands without the other, that is said.
    pub(crate) fn list_of(
        mut self,
        kinds: &[Section<'a>],
        kind: &str,
        default: &str,
        problems: &mut Problems,
    ) -> Option<PathBuf> {
        let declared = self.table.is_some();
        let list = self.path("list", problems).unwrap_or_else(|| PathBuf::from(default));
        match kinds.first() {
            Some(first) if !declared => problems.push(
                Problem::new(
                    Code::new("section-without-list"),
                    first.at.clone(),
                    format!("{} stands without {}, which says where its list is", first.name, self.name),
                )
                .expected(format!("{} with list = \"{default}\"", self.name)),
            ),
            None if declared => problems.push(
                Problem::new(
                    Code::new("section-list-without-kinds"),
                    self.at.clone(),
                    format!("{} has no [[{kind}]]", self.name),
                )
                .expected(format!("[[{kind}]] for each kind of line in its list that is to be used")),
            ),
            _ => {}
        }
        self.finish(problems);
        declared.then_some(list)
    }

    /// The text of `key`, which must be there and not be empty.
    pub(crate) fn required_text(&mut self, key: &'static str, problems: &mut Problems) -> String {
        let missing = !self.holds(key);
        let text = self.text(key, problems).unwrap_or_default();
        if missing {
            problems.push(
                Problem::new(Code::new("setting-missing"), self.at.clone(), format!("{} has no '{key}'", self.name))
                    .expected(format!("{key} = \"…\"")),
            );
        }
        text
    }

    /// The text of `key`, where it is there.
    pub(crate) fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<String> {
        let value = self.get(key)?;
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if has_controls(text) => {
                problems.push(self.wrong(key, value, NO_CONTROLS));
                None
            }
            Some(text) if !text.is_empty() => Some(text.to_string()),
            _ => {
                problems.push(self.wrong(key, value, "a text in quotes that is not empty"));
                None
            }
        }
    }

    /// The number of `key`, where it is there and `allowed`, which `expected` says in words.
    pub(crate) fn number(
        &mut self,
        key: &'static str,
        expected: &str,
        allowed: fn(f64) -> bool,
        problems: &mut Problems,
    ) -> Option<f64> {
        let value = self.get(key)?;
        match as_number(value.get_ref()).filter(|&number| number.is_finite() && allowed(number)) {
            Some(number) => Some(number),
            None => {
                problems.push(self.wrong(key, value, expected));
                None
            }
        }
    }

    /// The text of a key that may hold something else, too.
    pub(crate) fn text_of(&mut self, key: &'static str) -> Option<&'a str> {
        self.get(key)?.get_ref().as_str()
    }

    /// The number of `key`, as [`Section::number`], or nothing where it says `"none"`; `default` where the key is not there.
    pub(crate) fn number_or_none(
        &mut self,
        key: &'static str,
        default: Option<f64>,
        expected: &str,
        allowed: fn(f64) -> bool,
        problems: &mut Problems,
    ) -> Option<f64> {
        if self.text_of(key) == Some("none") {
            return None;
        }
        self.number(key, &format!("{expected}, or \"none\""), allowed, problems).or(default)
    }

    /// Where each of its keys stands.
    pub(crate) fn places(&self) -> BTreeMap<String, Location> {
        let keys = self.table.iter().copied().flatten();
        keys.map(|(key, value)| (key.get_ref().to_string(), self.source.line(value.span().start))).collect()
    }

    /// Tells that these keys are known, whether or not they are there.
    pub(crate) fn know(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// The numbers of `key`, where it is there.
    pub(crate) fn numbers(
        &mut self,
        key: &'static str,
        expected: &str,
        allowed: fn(f64) -> bool,
        problems: &mut Problems,
    ) -> Option<Vec<f64>> {
        let value = self.get(key)?;
        let numbers: Option<Vec<f64>> = value.get_ref().as_array().and_then(|array| {
            array
                .iter()
                .map(|item| as_number(item.get_ref()).filter(|&number| number.is_finite() && allowed(number)))
                .collect()
        });
        if numbers.is_none() {
            problems.push(self.wrong(key, value, expected));
        }
        numbers
    }

    /// The texts of `key`, where it is there.
    pub(crate) fn texts(&mut self, key: &'static str, problems: &mut Problems) -> Option<Vec<String>> {
        let value = self.get(key)?;
        let text = |item: TomlValue<'_>| item.get_ref().as_str().map(|text| text.trim().to_string());
        let texts: Option<Vec<String>> =
            value.get_ref().as_array().and_then(|array| array.iter().map(text).collect::<Option<_>>());
        let texts = texts.filter(|texts| texts.iter().all(|text| !text.is_empty()));
        if texts.is_none() {
            problems.push(self.wrong(key, value, "a list of texts in quotes, such as [\"one\", \"two\"]"));
        }
        if texts.iter().flatten().any(|text| has_controls(text)) {
            problems.push(self.wrong(key, value, NO_CONTROLS));
        }
        texts
    }

    /// The id of `key`, or its list of ids; none where it is not there.
    pub(crate) fn text_or_texts(&mut self, key: &'static str, problems: &mut Problems) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let text = |item: &DeValue<'_>| item.as_str().map(str::trim).filter(|id| !id.is_empty()).map(str::to_string);
        let texts: Option<Vec<String>> = match value.get_ref().as_array() {
            Some(array) => array.iter().map(|item| text(item.get_ref())).collect(),
            None => text(value.get_ref()).map(|id| vec![id]),
        };
        texts.filter(|texts| !texts.is_empty()).unwrap_or_else(|| {
            problems.push(self.wrong(key, value, "the id of a plate in quotes, or a list of such ids"));
            Vec::new()
        })
    }

    /// `true` or `false`; `false` where the key is not there.
    pub(crate) fn flag(&mut self, key: &'static str, problems: &mut Problems) -> bool {
        self.flag_or(key, false, problems)
    }

    /// `true` or `false`; `default` where the key is not there.
    pub(crate) fn flag_or(&mut self, key: &'static str, default: bool, problems: &mut Problems) -> bool {
        let Some(value) = self.get(key) else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            problems.push(self.wrong(key, value, "true or false"));
            default
        })
    }

    /// One of the named choices; the first where the key is not there.
    pub(crate) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)], problems: &mut Problems) -> T {
        let Some(value) = self.get(key) else { return choices[0].1 };
        let chosen = value.get_ref().as_str().and_then(|text| choices.iter().find(|(name, _)| *name == text));
        chosen.map_or_else(
            || {
                let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                problems.push(self.wrong(key, value, &format!("one of {}", names.join(", "))));
                choices[0].1
            },
            |(_, choice)| *choice,
        )
    }

    /// The day of `key`, where it is there: TOML's own date, or the same in quotes.
    pub(crate) fn day(&mut self, key: &'static str, problems: &mut Problems) -> Option<Day> {
        self.day_by(key, "a day such as 2026-03-05", Day::parse, problems)
    }

    /// As [`Section::day`], or a month in quotes, which ends with its last day: how kits print when they expire.
    pub(crate) fn day_or_month(&mut self, key: &'static str, problems: &mut Problems) -> Option<Day> {
        let month = |text: &str| Day::parse(&format!("{text}-01")).map(Day::end_of_month);
        let parse = |text: &str| Day::parse(text).or_else(|| month(text));
        self.day_by(
            key,
            "a day such as 2026-12-31, or a month such as \"2026-12\", whose last day is meant",
            parse,
            problems,
        )
    }

    fn day_by(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<Day>,
        problems: &mut Problems,
    ) -> Option<Day> {
        let value = self.get(key)?;
        let day = match value.get_ref() {
            DeValue::String(text) => parse(text.trim()),
            DeValue::Datetime(date) => parse(&date.to_string()),
            _ => None,
        };
        if day.is_none() {
            problems.push(self.wrong(key, value, expected));
        }
        day
    }

    /// A file of the study: relative, and not leading out of the study folder.
    pub(crate) fn path(&mut self, key: &'static str, problems: &mut Problems) -> Option<PathBuf> {
        let text = self.text(key, problems)?;
        let path = PathBuf::from(text.replace('\\', "/"));
        if path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Some(path);
        }
        let at = self.line_of(key);
        problems.push(
            Problem::new(
                Code::new("setting-path-outside"),
                at,
                format!("{key} = \"{text}\" leads out of the study folder"),
            )
            .expected("a path inside the study folder, relative to it")
            .advice("Copy the file into the study folder: a study holds everything that its result depends on"),
        );
        None
    }

    /// As [`Section::path`], for a key that must be there.
    pub(crate) fn required_path(&mut self, key: &'static str, problems: &mut Problems) -> PathBuf {
        if !self.holds(key) {
            self.required_text(key, problems);
            return PathBuf::new();
        }
        self.path(key, problems).unwrap_or_default()
    }

    /// The line of a key, or of the section where the key is not there.
    pub(crate) fn line_of(&self, key: &str) -> Location {
        self.lookup(key).map_or_else(|| self.at.clone(), |value| self.source.line(value.span().start))
    }

    /// Names every key that nobody asked for.
    pub(crate) fn finish(&self, problems: &mut Problems) {
        for (key, _) in self.table.iter().copied().flatten() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(name) {
                continue;
            }
            let known: Vec<&str> = self.asked.iter().copied().collect();
            let mut problem = Problem::new(
                Code::new("setting-unknown"),
                self.source.line(key.span().start),
                if self.name == TOP {
                    format!("unknown section or key '{name}'")
                } else {
                    format!("unknown key '{name}' in {}", self.name)
                },
            )
            .expected(format!("one of {}", known.join(", ")));
            if let Some(nearest) = nearest(name, &known) {
                problem = problem.advice(format!("Did you mean '{nearest}'?"));
            }
            problems.push(problem);
        }
    }

    fn get(&mut self, key: &'static str) -> Option<TomlValue<'a>> {
        self.asked.insert(key);
        self.lookup(key)
    }

    /// Whether the file has the key.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.lookup(key).is_some()
    }

    fn lookup(&self, key: &str) -> Option<TomlValue<'a>> {
        self.table?.get(key)
    }

    fn wrong(&self, key: &str, value: TomlValue<'_>, expected: &str) -> Problem {
        Problem::new(
            Code::new("setting-value"),
            self.source.line(value.span().start),
            format!("{key} = {} in {}", ShownValue(value.get_ref()), self.name),
        )
        .expected(expected)
    }
}
