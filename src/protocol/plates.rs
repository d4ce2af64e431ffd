//! `[[plate]]`: the plates of the study.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::STUDY_FILE;
use super::section::Section;
use crate::sheet::{Code, Day, Location, Problem, Problems};

/// What `layout` says where the export itself declares what is in the wells.
const FROM_EXPORT: &str = "from-export";

/// `[[plate]]`: one plate of the study.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let plate = &protocol.assay.plates[1];
/// assert_eq!((plate.id.as_str(), plate.plate.as_deref()), ("P02", Some("Plate 1")), "one of several plates of its export");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlateEntry {
    /// Its name in the study.
    pub id: String,
    /// The export, relative to the study folder.
    pub export: PathBuf,
    /// Which plate of the export, by its name or id in the file, where there are several.
    pub plate: Option<String>,
    /// The layout, relative to the study folder, or `from-export`: [`PlateEntry::layout_file`] tells the two apart.
    pub layout: PathBuf,
    /// The code of the layout in the export that a person has seen and found right, where the layout is `from-export`.
    pub confirmed: Option<String>,
    /// The sheet of the layout, where it is a workbook.
    pub layout_sheet: Option<String>,
    /// The reader whose format the export has, or the file that describes it; recognised by content when absent.
    pub reader: Option<String>,
    /// The column of a plain table that holds the readings, by its title, where that does not say so.
    pub column: Option<String>,
    /// Lot of the kit.
    pub kit_lot: Option<String>,
    /// The last day on which that kit may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kit_expiry: Option<Day>,
    /// The day on which the plate was read, where the export does not say it, or in a way that may mean two days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_on: Option<Day>,
    /// The plates of which this one holds samples again: one whose run failed, or several whose samples were to be run again.
    pub repeats: Vec<String>,
}

impl PlateEntry {
    /// The file of the layout; `None` where the export declares it.
    #[must_use]
    pub fn layout_file(&self) -> Option<&PathBuf> {
        (self.layout.as_os_str() != FROM_EXPORT).then_some(&self.layout)
    }

    /// The file that describes the format of the export, where the study names one.
    #[must_use]
    pub fn format_file(&self) -> Option<&Path> {
        self.reader.as_deref().filter(|reader| is_format_file(reader)).map(Path::new)
    }
}

/// Whether what is named as a reader is a file that describes a format.
///
/// ```
/// assert_eq!(["our-reader.toml", "gen5"].map(platewise::protocol::is_format_file), [true, false]);
/// ```
pub fn is_format_file(reader: &str) -> bool {
    Path::new(reader).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

/// The name of a reader, or a file of the study that describes the format.
fn reader(section: &mut Section<'_>, problems: &mut Problems) -> Option<String> {
    let named = section.text("reader", problems)?;
    if is_format_file(&named) {
        section.path("reader", problems)?;
    }
    Some(named)
}

/// Which plates of a study are runs of each other, by what they say they repeat.
///
/// ```
/// use platewise::protocol::PlateRuns;
///
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let runs = PlateRuns::of(&protocol.assay.plates);
/// let of = |id| runs.first_runs(id).into_iter().collect::<Vec<_>>();
/// assert_eq!((of("P08"), of("P01")), (vec!["P04"], vec!["P01"]));
/// assert!(runs.is_repeat("P04", "P08") && !runs.is_repeat("P01", "P02"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateRuns<'a>(BTreeMap<&'a str, &'a [String]>);

impl<'a> PlateRuns<'a> {
    /// Takes from each plate what it repeats.
    ///
    /// See [`PlateRuns`] for an example.
    pub fn of(plates: &'a [PlateEntry]) -> Self {
        Self(plates.iter().map(|plate| (plate.id.as_str(), plate.repeats.as_slice())).collect())
    }

    /// The plates that `id` is a run of: those at the end of its chains of `repeats`, or itself.
    ///
    /// See [`PlateRuns`] for an example.
    pub fn first_runs<'b>(&self, id: &'b str) -> BTreeSet<&'b str>
    where
        'a: 'b,
    {
        self.reached(id).into_iter().filter(|id| self.0.get(id).is_none_or(|repeats| repeats.is_empty())).collect()
    }

    /// Whether two plates may hold one sample as its first run and a repeat, or as two repeats of one run. Two plates that a third
    /// repeats are not: each of them is somebody else's first run.
    ///
    /// See [`PlateRuns`] for an example.
    pub fn is_repeat(&self, one: &str, other: &str) -> bool {
        !self.first_runs(one).is_disjoint(&self.first_runs(other))
    }

    /// A plate and all that it repeats, and that those repeat.
    fn reached<'b>(&self, id: &'b str) -> BTreeSet<&'b str>
    where
        'a: 'b,
    {
        let (mut reached, mut next) = (BTreeSet::new(), vec![id]);
        while let Some(id) = next.pop() {
            if reached.insert(id) {
                next.extend(self.0.get(id).into_iter().copied().flatten().map(String::as_str));
            }
        }
        reached
    }
}

/// The plates of a study, which has at least one.
pub(super) fn of_study(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlateEntry> {
    if sections.is_empty() {
        let found = Problem::new(Code::new("plates-none"), Location::file(STUDY_FILE), "no [[plate]]");
        problems.push(found.expected("one [[plate]] for each plate: id, export, layout"));
    }
    read(sections, problems)
}

/// The plates that are declared.
pub(super) fn read(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlateEntry> {
    let mut plates: Vec<PlateEntry> = Vec::new();
    let mut repeats: Vec<(String, String, Location)> = Vec::new();
    // Where the plates of an export stand: a study may have thousands.
    let (mut ids, mut of_export) = (BTreeSet::new(), BTreeMap::<PathBuf, Vec<usize>>::new());
    for mut section in sections {
        let plate = PlateEntry {
            id: section.required_text("id", problems),
            export: section.required_path("export", problems),
            plate: section.text("plate", problems),
            layout: section.required_path("layout", problems),
            confirmed: section.text("confirmed", problems),
            layout_sheet: section.text("layout_sheet", problems),
            reader: reader(&mut section, problems),
            column: section.text("column", problems),
            kit_lot: section.text("kit_lot", problems),
            kit_expiry: section.day_or_month("kit_expiry", problems),
            read_on: section.day("read_on", problems),
            repeats: section.text_or_texts("repeats", problems),
        };
        let at = section.location().clone();
        let (key, given) = match plate.layout_file() {
            Some(_) => ("confirmed", plate.confirmed.is_some()),
            None => ("layout_sheet", plate.layout_sheet.is_some()),
        };
        if given {
            let layout = plate.layout.display();
            let found = format!("{key} does nothing beside layout = \"{layout}\"");
            problems.push(
                Problem::new(Code::new("plate-key-without-effect"), section.line_of(key), found).advice("Remove it"),
            );
        }
        if !ids.insert(plate.id.clone()) && !plate.id.is_empty() {
            problems.push(
                Problem::new(Code::new("plate-twice"), at.clone(), format!("plate id '{}' appears twice", plate.id))
                    .expected("an id of its own for every plate")
                    .advice("Give one of the two another id; a repeated plate has its own id and says repeats = \"…\""),
            );
        }
        if !plate.export.as_os_str().is_empty() {
            let others = of_export.entry(plate.export.clone()).or_default();
            let before: Vec<&PlateEntry> = others.iter().map(|&at| &plates[at]).collect();
            shared_export(&plate, &before, &section, problems);
            others.push(plates.len());
        }
        repeats.extend(plate.repeats.iter().map(|repeated| (plate.id.clone(), repeated.clone(), at.clone())));
        section.finish(problems);
        plates.push(plate);
    }
    let runs = PlateRuns::of(&plates);
    for (id, repeated, at) in repeats {
        if !ids.contains(&repeated) {
            let found = format!("repeats = \"{repeated}\", and there is no plate of that id");
            problems
                .push(Problem::new(Code::new("repeats-unknown"), at, found).expected("the id of another [[plate]]"));
        } else if runs.reached(&repeated).contains(id.as_str()) {
            let found = format!("repeats = \"{repeated}\" leads back to the plate itself");
            problems.push(
                Problem::new(Code::new("repeats-itself"), at, found)
                    .expected("the id of the plate that was run before"),
            );
        }
    }
    plates
}

/// Plates of one export, those `before` this one: each of them once, all of them with one reader and one column of readings.
fn shared_export(plate: &PlateEntry, before: &[&PlateEntry], section: &Section<'_>, problems: &mut Problems) {
    let beside = || before.iter();
    if beside().any(|known| known.plate == plate.plate) {
        problems.push(
            Problem::new(
                Code::new("export-used-twice"),
                section.location().clone(),
                format!("the export {} is used for two plates", plate.export.display()),
            )
            .expected("each plate of an export once")
            .advice("Where the export holds several plates, say which with plate = \"…\""),
        );
    }
    for (at, key) in ["reader", "column"].into_iter().enumerate() {
        let named = |plate: &PlateEntry| [plate.reader.clone(), plate.column.clone()][at].clone();
        if let Some(other) = beside().find(|known| named(known) != named(plate)) {
            problems.push(
                Problem::new(
                    Code::new("export-read-two-ways"),
                    section.line_of(key),
                    format!("the plates '{}' and '{}' name two {key}s for one export", other.id, plate.id),
                )
                .expected(format!("the same {key}, or none, beside every plate of an export: the file is read once")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PlateEntry, PlateRuns};
    use crate::protocol::Assay;

    fn entry(id: &str, repeats: &[&str]) -> PlateEntry {
        PlateEntry {
            id: id.into(),
            export: "e".into(),
            plate: None,
            layout: "l".into(),
            confirmed: None,
            layout_sheet: None,
            reader: None,
            column: None,
            kit_lot: None,
            kit_expiry: None,
            read_on: None,
            repeats: repeats.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_plate_may_repeat_several_which_are_no_repeats_of_each_other() {
        let plates = [
            entry("P1", &[]),
            entry("P2", &[]),
            entry("P3", &["P1", "P2"]),
            entry("P4", &["P3"]),
            entry("P5", &["P1"]),
            entry("P6", &[]),
        ];
        let runs = PlateRuns::of(&plates);
        let with = |one: &str| -> Vec<&str> {
            plates.iter().map(|plate| plate.id.as_str()).filter(|other| runs.is_repeat(one, other)).collect()
        };
        assert_eq!(with("P1"), ["P1", "P3", "P4", "P5"]);
        assert_eq!(with("P2"), ["P2", "P3", "P4"]);
        assert_eq!(with("P3"), ["P1", "P2", "P3", "P4", "P5"]);
        assert_eq!(with("P6"), ["P6"]);
    }

    #[test]
    fn repeats_are_plates_of_the_study_and_lead_to_a_first_run() {
        let read = |p2: &str| {
            Assay::parse(&format!(
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[plate]]\nid='P1'\nexport='e1'\nlayout='l1'\n\
                 [[plate]]\nid='P2'\nexport='e2'\nlayout='l2'\nrepeats = {p2}\n\
                 [[plate]]\nid='P3'\nexport='e3'\nlayout='l3'\nrepeats = ['P1', 'P2']\n"
            ))
        };
        let repeats = |p2: &str| read(p2).unwrap().plates[1].repeats.clone();
        assert_eq!((repeats("'P1'"), repeats("['P1']")), (vec!["P1".to_string()], vec!["P1".to_string()]));
        let refused = |p2: &str| read(p2).unwrap_err().to_string();
        assert!(refused("'P7'").contains("repeats = \"P7\", and there is no plate of that id"));
        for circle in ["'P2'", "['P1', 'P3']"] {
            assert!(refused(circle).contains("leads back to the plate itself"), "{circle}");
        }
        for odd in ["[]", "['']", "7", "''"] {
            assert!(
                refused(odd).contains("the id of a plate in quotes, or a list of such ids"),
                "{odd}: {}",
                refused(odd)
            );
        }
    }

    #[test]
    fn a_kit_expires_on_a_day_or_with_its_month() {
        let read = |key: &str, value: &str| {
            let text =
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[plate]]\nid='P1'\nexport='e'\nlayout='l'\n";
            let assay = Assay::parse(&format!("{text}{key} = {value}\n")).map_err(|wrong| wrong.to_string())?;
            let plate = &assay.plates[0];
            Ok::<_, String>(if key == "read_on" { plate.read_on } else { plate.kit_expiry }.unwrap().to_string())
        };
        for (value, day) in [("2026-12-31", "2026-12-31"), ("'2026-12-30'", "2026-12-30"), ("'2027-02'", "2027-02-28")]
        {
            assert_eq!(read("kit_expiry", value).as_deref(), Ok(day));
        }
        assert_eq!(read("read_on", "2026-03-05").as_deref(), Ok("2026-03-05"));
        for (key, value) in [
            ("kit_expiry", "'12/2026'"),
            ("kit_expiry", "2026-12-31T10:00:00"),
            ("kit_expiry", "2026"),
            ("read_on", "'2026-03'"),
            ("read_on", "'03/05/2026'"),
        ] {
            let said = read(key, value).unwrap_err();
            assert!(
                said.contains(&format!("line 10: {key} = ")) && said.contains("a day such as 2026-"),
                "{value}: {said}"
            );
        }
    }

    #[test]
    fn one_export_has_one_reader_and_one_column() {
        let declared = |more: &str| {
            format!(
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[plate]]\nid='P1'\nexport='e'\nplate='1'\nlayout='l'\n\
                 [[plate]]\nid='P2'\nexport='e'\nplate='2'\nlayout='l'\n{more}"
            )
        };
        assert!(Assay::parse(&declared("")).is_ok());
        let said = Assay::parse(&declared("reader='gen5'\n")).unwrap_err().to_string();
        assert!(said.contains("name two readers"), "{said}");
        let said = Assay::parse(&declared("column='TARC'\n")).unwrap_err().to_string();
        assert!(said.contains("name two columns"), "{said}");
    }
}
