//! The layout that an export declares: as a form to fill in, or, with `layout = "from-export"`, as the layout itself.

use std::collections::{BTreeMap, BTreeSet};

use super::choose;
use super::layout::{Layout, cell};
use super::read::{Export, ExportedPlate, ExportedSample};
use super::reading::Reading;
use super::well::{WellPosition, row_letters};
use super::well_role::WellRole;
use crate::files::sha256;
use crate::protocol::{Assay, PlateEntry};
use crate::sheet::{Book, Code, Problem, Problems};

/// What an export declares of a plate.
///
/// ```
/// use platewise::plate::declared::DeclaredPlate;
/// use platewise::plate::{Layout, WellPosition};
/// use platewise::protocol::Assay;
/// use platewise::sheet::Book;
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let text = b"well,role,sample,concentration,dilution\nA1,standard,,2000,\nB1,sample,P-301,,10\n";
/// let layout = Layout::read(&Book::from_bytes(text, "layout.csv")?.sheets[0], &assay)?;
/// let declared = DeclaredPlate { layout, masked: vec!["B1".parse::<WellPosition>()?] };
/// let shown = declared.describe();
/// assert!(shown.contains("A01 standard 2000; B01 sample 'P-301', dilution 10"), "{shown}");
/// assert!(shown.ends_with("B01 masked in the reader's software, left out"), "{shown}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DeclaredPlate {
    /// What is in the wells, as if it stood in a file; its places are the plate's in the export.
    pub layout: Layout,
    /// The wells that were masked in the reader's software, which are left out.
    pub masked: Vec<WellPosition>,
}

/// For whom the layout is taken from the export: what can be done about it differs.
///
/// ```
/// use platewise::plate::declared::{self, TakenFor};
/// use platewise::plate::formats;
/// use platewise::protocol::Assay;
/// use platewise::sheet::Book;
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n[[plate]]\nid = 'P01'\nexport = 'p.csv'\nlayout = 'from-export'\n")?;
/// let export = formats::read_book(&Book::from_bytes(b",1,2\nA,0.1,0.2\nB,0.3,0.4\n", "p.csv")?, None)?;
/// let told = |of| declared::layout(&assay.plates[0], &export, &assay, of).unwrap_err().to_string();
/// assert!(told(TakenFor::Study).contains("name that in study.toml"));
/// assert!(told(TakenFor::PlatesAlone).contains("Give the layout in a file after the exports"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFor {
    /// For a study, whose `study.toml` says so.
    Study,
    /// For plates without one, which are named on the command line.
    PlatesAlone,
}

impl TakenFor {
    const GIVE_FILE: &'static str = "Give the layout in a file after the exports: 'platewise layout --from EXPORT layout.xlsx' makes one to fill in";

    /// What was expected of an export that says nothing of its wells, and what to do.
    fn nothing_said(self) -> (&'static str, &'static str) {
        match self {
            Self::Study => (
                "sample names and roles, for layout = \"from-export\"",
                "Write the layout into a file and name that in study.toml; 'platewise init --from' makes one to fill in",
            ),
            Self::PlatesAlone => ("sample names and roles, or a layout", Self::GIVE_FILE),
        }
    }

    /// What to do about something that is left open.
    fn left_open(self, open: &OpenQuestion) -> String {
        if self == Self::Study {
            return "Correct it in the reader's software and export again, or write the layout into a file".into();
        }
        let otherwise = Self::GIVE_FILE;
        match &open.kind {
            (code, _) if *code == MAYBE_FRACTION => {
                format!("Say --dilution-fractions where 0.1 means one part in ten; otherwise: {otherwise}")
            }
            (_, Some(group)) => {
                format!("Say --role {group}=sample (or another role) for the whole group; otherwise: {otherwise}")
            }
            _ => otherwise.into(),
        }
    }

    /// What to do about a name that means several samples.
    fn name_of_several(self) -> &'static str {
        match self {
            Self::Study => {
                "Name the samples in the reader's software and export again, or write the layout into a file"
            }
            Self::PlatesAlone => Self::GIVE_FILE,
        }
    }
}

/// A dilution that may be a fraction.
const MAYBE_FRACTION: Code = Code::new("export-dilution-below-one");

/// The layout that the export declares for a plate.
///
/// # Errors
/// What [`Layout::read`] says of a layout, and what is left open in the export: a well with a name and without a role, a dilution
/// below 1 (a factor or a fraction?), a control's only number (its concentration or its dilution?), another unit than the study's.
pub fn layout(entry: &PlateEntry, export: &Export, assay: &Assay, taken: TakenFor) -> Result<DeclaredPlate, Problems> {
    let plate = choose::plate(entry, export)?;
    let at = &plate.location;
    if plate.samples.is_empty() {
        let (expected, advice) = taken.nothing_said();
        let found = "the file does not say what is in the wells";
        let problem = Problem::new(Code::new("export-without-layout"), at.clone(), found);
        return Err(problem.expected(expected).advice(advice).into());
    }
    let mut problems = Problems::default();
    for (wells, open) in left_open_in(plate, &assay.study.unit) {
        let alike = match wells.len() {
            1 => String::new(),
            2 => format!("; {} is like it", wells[1]),
            more => format!("; {} more wells are like it, {} to {}", more - 1, wells[1], wells[more - 1]),
        };
        problems.push(
            Problem::new(open.kind.0.clone(), at.clone(), format!("well {}: {}{alike}", wells[0], open.found))
                .expected(open.expected.as_str())
                .advice(taken.left_open(&open)),
        );
    }
    for (name, groups) in names_of_several_groups(plate) {
        problems.push(
            Problem::new(
                Code::new("export-name-in-several-groups"),
                at.clone(),
                format!("a sample '{name}' is in each of the groups {groups}"),
            )
            .expected("sample names that mean one sample on the plate")
            .advice(taken.name_of_several()),
        );
    }
    problems.or(())?;
    let form = write(plate).map_err(|error| {
        Problem::new(
            Code::new("export-layout-not-written"),
            at.clone(),
            format!("its layout cannot be written ({error})"),
        )
    })?;
    let book = Book::from_bytes(&form, &export.file)?;
    let Some(sheet) = book.sheets.first() else {
        return Err(
            Problem::new(Code::new("export-layout-without-sheet"), at.clone(), "its layout has no sheet").into()
        );
    };
    // The form exists in memory only: a cell of it would mean nothing to a reader of the message.
    let mut layout = Layout::read(sheet, assay).map_err(|Problems(found)| {
        Problems(found.into_iter().map(|problem| Problem { location: at.clone(), ..problem }).collect())
    })?;
    layout.location = at.clone();
    for well in layout.wells.values_mut() {
        well.location = at.clone();
    }
    let masked =
        layout.wells.keys().copied().filter(|well| plate.samples.get(well).is_some_and(|sample| sample.masked));
    let masked = masked.collect();
    Ok(DeclaredPlate { layout, masked })
}

/// Samples of one name in several groups, with the groups: software that numbers the samples of each group from `01` means another
/// sample by each.
fn names_of_several_groups(plate: &ExportedPlate) -> Vec<(&str, String)> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sample in plate.samples.values().filter(|sample| sample.role.as_deref() == Some("sample")) {
        if let (Some(name), Some(group)) = (&sample.name, &sample.group) {
            groups.entry(name).or_default().insert(group);
        }
    }
    let several = groups.into_iter().filter(|(_, groups)| groups.len() > 1);
    several.map(|(name, groups)| (name, groups.into_iter().collect::<Vec<_>>().join(", "))).collect()
}

/// Something that an export leaves open of a well.
struct OpenQuestion {
    /// Wells of one kind, and of one group where they lack a role, are answered together.
    kind: (Code, Option<String>),
    found: String,
    /// What would settle it.
    expected: String,
}

/// What the export leaves open, with the wells of which it does: those of one kind together, in plate order.
fn left_open_in(plate: &ExportedPlate, unit: &str) -> Vec<(Vec<WellPosition>, OpenQuestion)> {
    let mut all: Vec<(Vec<WellPosition>, OpenQuestion)> = Vec::new();
    for (&position, sample) in &plate.samples {
        let Some(open) = left_open(sample, unit) else { continue };
        match all.iter_mut().find(|(_, known)| known.kind == open.kind) {
            Some((wells, _)) => wells.push(position),
            None => all.push((vec![position], open)),
        }
    }
    all
}

/// What the export leaves open of a well.
fn left_open(sample: &ExportedSample, unit: &str) -> Option<OpenQuestion> {
    let open = |kind, found: String, expected: String| Some(OpenQuestion { kind: (kind, None), found, expected });
    let role = sample.role.as_deref();
    let diluted = matches!(role, Some("sample" | "control"));
    if role.is_none() && sample.name.is_some() {
        let group = sample.group.as_ref().map_or_else(String::new, |group| format!(", in the group '{group}'"));
        let found = format!("'{}' has no role{group}", sample.name.as_deref().unwrap_or_default());
        let expected = "a role: a name is never taken for one".into();
        return Some(OpenQuestion { kind: (Code::new("export-role-missing"), sample.group.clone()), found, expected });
    }
    let nominal = matches!(role, Some("standard" | "control")) && sample.concentration.is_some();
    let other =
        sample.concentration_unit.as_deref().filter(|other| nominal && !other.trim().eq_ignore_ascii_case(unit));
    if let Some(other) = other {
        return open(
            Code::new("export-other-unit"),
            format!("a concentration in {other}"),
            format!("one in {unit}, the unit of the study"),
        );
    }
    match sample.dilution.filter(|_| diluted) {
        Some(dilution) if dilution < 1.0 => open(
            MAYBE_FRACTION,
            format!("the dilution {dilution} may be a fraction or a mistaken factor"),
            "a factor ≥ 1 such as 10 for one part in ten".into(),
        ),
        // Gen5 has one number, 'Conc/Dil', for both.
        Some(number) if role == Some("control") && sample.concentration.is_none() && number > 1.0 => open(
            Code::new("export-control-ambiguous"),
            format!("the control's {number} may be its concentration or its dilution"),
            "a control of which the file says both".into(),
        ),
        _ => None,
    }
}

/// Digits of the SHA-256 by which a layout is confirmed: enough to notice a change, few enough to be written by hand.
const CONFIRMATION_DIGITS: usize = 8;

impl DeclaredPlate {
    /// The code by which a person confirms it: it changes with everything that [`DeclaredPlate::describe`] shows.
    pub fn code(&self) -> String {
        sha256(self.describe().as_bytes()).chars().take(CONFIRMATION_DIGITS).collect()
    }

    /// All of it in one line: wells of one content together, in plate order, then those that are left out.
    pub fn describe(&self) -> String {
        format!("{}: {}", self.layout.size, self.contents().join("; "))
    }

    /// The same, each content with its wells.
    pub fn contents(&self) -> Vec<String> {
        let mut contents: Vec<(String, Vec<WellPosition>)> = Vec::new();
        for (&position, well) in &self.layout.wells {
            let content = content(&well.role);
            match contents.iter_mut().find(|(known, _)| *known == content) {
                Some((_, wells)) => wells.push(position),
                None => contents.push((content, vec![position])),
            }
        }
        if !self.masked.is_empty() {
            contents.push(("masked in the reader's software, left out".into(), self.masked.clone()));
        }
        let line = |(content, wells): &(String, Vec<WellPosition>)| {
            let wells: Vec<String> = wells.iter().map(WellPosition::to_string).collect();
            format!("{} {content}", wells.join(" "))
        };
        contents.iter().map(line).collect()
    }
}

fn content(role: &WellRole) -> String {
    match role {
        WellRole::Standard { concentration } => format!("standard {concentration}"),
        WellRole::Control { level, nominal: Some(nominal), dilution } => {
            format!("control '{level}', nominal {nominal}, dilution {dilution}")
        }
        WellRole::Control { level, nominal: None, dilution } => {
            format!("control '{level}', without a nominal concentration (watched, not judged), dilution {dilution}")
        }
        WellRole::Blank => "blank".into(),
        WellRole::Sample { id, dilution: Some(dilution) } => format!("sample '{id}', dilution {dilution}"),
        WellRole::Sample { id, dilution: None } => format!("sample '{id}', dilution as in the list of samples"),
        WellRole::Unused => "unused".into(),
    }
}

/// The name of a grid, and what it shows of a well.
type GridField = (&'static str, fn(&ExportedSample) -> String);

/// The grids of a layout, in the order in which people fill them in.
const GRIDS: [GridField; 4] =
    [("role", role), ("sample", name), ("concentration", concentration), ("dilution", dilution)];

/// Writes what the export says of a plate's wells as a layout in delimited text: four grids, wells that were not read marked as unused.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn write(plate: &ExportedPlate) -> Result<Vec<u8>, csv::Error> {
    let mut text = Vec::new();
    for (index, (title, of)) in GRIDS.into_iter().enumerate() {
        if index > 0 {
            text.push(b'\n');
        }
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let columns = (1..=plate.size.columns).map(|column| column.to_string());
        writer.write_record(std::iter::once(title.to_string()).chain(columns))?;
        let cells: Vec<String> = plate
            .size
            .wells()
            .map(|well| match plate.samples.get(&well) {
                Some(sample) => of(sample),
                None if title == "role" && unread(plate, well) => "unused".to_string(),
                None => String::new(),
            })
            .collect();
        for (row, cells) in cells.chunks(plate.size.columns).enumerate() {
            writer.write_record(std::iter::once(&row_letters(row)).chain(cells))?;
        }
        text.extend(writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?);
    }
    Ok(text)
}

/// The same as a map says it in one cell for each well; what the export leaves open of a well is left out.
pub fn map(plate: &ExportedPlate) -> BTreeMap<WellPosition, String> {
    let role = |sample: &ExportedSample| {
        let dilution = sample.dilution.filter(|factor| *factor >= 1.0);
        match sample.role.as_deref()? {
            "standard" => {
                Some(WellRole::Standard { concentration: sample.concentration.filter(|value| *value >= 0.0)? })
            }
            "control" => Some(WellRole::Control {
                level: sample.name.clone().filter(|level| !level.contains(char::is_whitespace))?,
                // Where the only number may be either, nothing is said.
                nominal: match sample.concentration.filter(|value| *value > 0.0) {
                    None if dilution.is_some_and(|factor| factor > 1.0) => return None,
                    nominal => nominal,
                },
                dilution: dilution.unwrap_or(1.0),
            }),
            "blank" => Some(WellRole::Blank),
            "sample" => Some(WellRole::Sample { id: sample.name.clone()?, dilution }),
            _ => None,
        }
    };
    plate.samples.iter().filter_map(|(well, sample)| Some((*well, cell(&role(sample)?)))).collect()
}

/// Whether no read has anything at the well, and some read has something elsewhere.
fn unread(plate: &ExportedPlate, well: WellPosition) -> bool {
    !plate.reads.is_empty() && plate.reads.iter().all(|read| read.reading(well).is_none_or(Reading::is_unread))
}

fn role(sample: &ExportedSample) -> String {
    sample.role.clone().unwrap_or_default()
}

/// What a layout calls `sample`: a sample's name, a control's level. Standards go by their concentration, blanks by nothing.
fn name(sample: &ExportedSample) -> String {
    let named = !matches!(sample.role.as_deref(), Some("standard" | "blank" | "unused"));
    sample.name.clone().filter(|_| named).unwrap_or_default()
}

fn concentration(sample: &ExportedSample) -> String {
    let nominal = matches!(sample.role.as_deref(), Some("standard" | "control"));
    sample.concentration.filter(|value| nominal && *value >= 0.0).map(|value| value.to_string()).unwrap_or_default()
}

/// A dilution is taken where it can only be a factor; a fraction is left for the laboratory to say what it means.
fn dilution(sample: &ExportedSample) -> String {
    let diluted = matches!(sample.role.as_deref(), Some("sample" | "control"));
    sample.dilution.filter(|factor| diluted && *factor >= 1.0).map(|factor| factor.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_in_two_ways_is_left_open() {
        let sample = |role: &str, concentration, unit: Option<&str>, dilution| ExportedSample {
            name: Some("X".into()),
            role: Some(role.into()),
            group: None,
            concentration,
            concentration_unit: unit.map(str::to_string),
            dilution,
            masked: false,
        };
        let open = |sample: &ExportedSample| left_open(sample, "pg/mL").map(|open| open.found);
        assert_eq!(open(&sample("standard", Some(10.0), Some("pg/ml"), None)), None);
        assert_eq!(open(&sample("standard", Some(10.0), Some("ng/mL"), None)).unwrap(), "a concentration in ng/mL");
        // The instrument's own result for a sample is not taken into the layout.
        assert_eq!(open(&sample("sample", Some(10.0), Some("ng/mL"), Some(10.0))), None);
        assert!(open(&sample("sample", None, None, Some(0.1))).unwrap().contains("fraction"));
        assert!(
            open(&sample("control", None, None, Some(300.0))).unwrap().contains("its concentration or its dilution")
        );
        assert_eq!(open(&sample("control", Some(300.0), None, Some(10.0))), None);
    }
}
