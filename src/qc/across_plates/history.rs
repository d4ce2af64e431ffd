//! The numbers of earlier plates: `history.csv`, which each run writes anew as the history that it was given with its own plates.
//!
//! Inputs are never written to. A study names the history of an earlier run as an input (`[across_plates] history = "…"`); the run
//! writes `results/history.csv`, which the next study takes. A plate that the given history already holds (same study, same
//! plate) is not added again: the run's own numbers stand in its place, so that running again gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::item::Item;
use super::item::numbers;
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::sheet::table::Record;
use crate::sheet::{Code, Problem, Problems, Sheet, Table, Value};

/// One number of one plate.
///
/// ```
/// use platewise::qc::across_plates::{ChartPoint, Item, Limits, Observation};
///
/// let observation = Observation {
///     study: "S".into(), plate: "P01".into(), kit_lot: "A".into(), accepted: true, item: Item::Top, set: 1, value: 2.9, unit: String::new(),
/// };
/// let limits = Limits { mean: 2.5, sd: 0.2, plates: 20, fixed: true };
/// let point = ChartPoint { observation, run: 0, limits: Some(limits), broken: Vec::new() };
/// assert!((point.z().unwrap_or_default() - 2.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The study that the plate belongs to.
    pub study: String,
    /// The plate.
    pub plate: String,
    /// Lot of the kit; empty where it is not known. Lots have charts of their own.
    pub kit_lot: String,
    /// Whether the plate was accepted.
    pub accepted: bool,
    /// What it is a number of.
    pub item: Item,
    /// Which of the plate's numbers of this item, from 1: controls stand on a plate several times.
    pub set: usize,
    /// The number.
    pub value: f64,
    /// Its unit: of the study, percent, or nothing.
    pub unit: String,
}

/// Numbers of plates, in the order in which the plates were run.
///
/// ```
/// use platewise::{qc::across_plates::History, sheet::Book};
///
/// let csv = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\nS,P01,A,Y,control,low,100,1,96.5,pg/mL\n";
/// let history = History::read(&Book::from_bytes(csv.as_bytes(), "history.csv")?.sheets[0], "pg/mL")?;
/// assert_eq!(history.observations[0].value, 96.5);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// All numbers.
    pub observations: Vec<Observation>,
}

/// The columns of `history.csv`.
pub const COLUMNS: [&str; 10] =
    ["study", "plate", "kit_lot", "accepted", "kind", "name", "nominal", "set", "value", "unit"];

impl History {
    /// Reads a `history.csv`.
    ///
    /// # Errors
    /// Every row that is of no known item, has no number, or is a duplicate; and every number in another unit than `unit`.
    pub fn read(sheet: &Sheet, unit: &str) -> Result<Self, Problems> {
        let table = Table::new(sheet, &COLUMNS, &["simulated"])?;
        let mut problems = Problems::default();
        let mut history = Self::default();
        let mut seen = BTreeSet::new();
        for record in table.records() {
            let number = |column: &str| number(record.value(column));
            let nominal = number("nominal");
            let item = Item::from_parts(&record.text("kind"), &text(&record, "name"), nominal);
            let set = number("set").filter(|set| set.fract() == 0.0 && *set >= 1.0);
            let accepted = match record.text("accepted").as_str() {
                "Y" => Some(true),
                "N" => Some(false),
                _ => None,
            };
            let (Some(item), Some(set), Some(value), Some(accepted)) = (item, set, number("value"), accepted) else {
                problems.push(
                    Problem::new(
                        Code::new("history-row"),
                        record.location("kind"),
                        "a row that is no number of a plate",
                    )
                    .expected(
                        "a row as platewise writes it: kind, name and nominal of an item, accepted Y or N, set, value",
                    )
                    .advice("Take history.csv from the results of a run, unchanged"),
                );
                continue;
            };
            let unit_here = record.text("unit");
            if unit_here != item_unit(&item, unit) {
                problems.push(
                    Problem::new(
                        Code::new("history-unit"),
                        record.location("unit"),
                        format!("{item} in '{unit_here}'"),
                    )
                    .expected(format!("'{}', the unit of this study", item_unit(&item, unit))),
                );
            }
            let (study, plate) = (text(&record, "study"), text(&record, "plate"));
            if !seen.insert((study.clone(), plate.clone(), item.to_string(), set as usize)) {
                let found = format!("{item}, set {set}, of plate '{plate}' of study '{study}' appears twice");
                problems.push(
                    Problem::new(Code::new("history-number-twice"), record.location("plate"), found)
                        .expected("each number once"),
                );
            }
            let kit_lot = text(&record, "kit_lot");
            history.observations.push(Observation {
                study,
                plate,
                kit_lot,
                accepted,
                item,
                set: set as usize,
                value,
                unit: unit_here,
            });
        }
        problems.or(history)
    }

    /// The numbers of the plates of a study.
    pub fn of_study(plates: &[JudgedPlate], assay: &Assay) -> Self {
        let mut observations: Vec<Observation> = Vec::new();
        for (judged, plate) in plates.iter().filter_map(|plate| Some((plate, plate.concentrations.as_ref()?))) {
            let first = observations.len();
            for (item, value) in numbers(plate) {
                let set = 1 + observations[first..].iter().filter(|other| other.item == item).count();
                observations.push(Observation {
                    study: assay.study.id.clone(),
                    plate: judged.id.clone(),
                    kit_lot: plate.plate.kit_lot.clone().unwrap_or_default(),
                    accepted: judged.verdict.verdict.is_accepted(),
                    set,
                    value,
                    unit: item_unit(&item, &assay.study.unit),
                    item,
                });
            }
        }
        Self { observations }
    }

    /// This history, then the numbers of `run`. Plates of the same study stand where the history has the first of them, once.
    #[must_use]
    pub fn followed_by(&self, run: &Self) -> Self {
        let studies: BTreeSet<&str> = run.observations.iter().map(|new| new.study.as_str()).collect();
        let ours = |one: &Observation| studies.contains(one.study.as_str());
        let again: BTreeSet<(&str, &str)> =
            run.observations.iter().map(|new| (new.study.as_str(), new.plate.as_str())).collect();
        let kept = |one: &&Observation| !again.contains(&(one.study.as_str(), one.plate.as_str()));
        let (before, after) = match self.observations.iter().position(ours) {
            Some(at) => self.observations.split_at(at),
            None => (self.observations.as_slice(), [].as_slice()),
        };
        let of_this_study = after.iter().filter(kept).filter(|one| ours(one));
        let later = after.iter().filter(kept).filter(|one| !ours(one));
        let observations = before.iter().chain(of_this_study).chain(&run.observations).chain(later).cloned().collect();
        Self { observations }
    }

    /// The numbers that the given history and `run` both have, and not the same: a plate that was evaluated anew.
    pub fn changed_by<'a>(&'a self, run: &'a Self) -> Vec<(&'a Observation, &'a Observation)> {
        let mut by_plate: BTreeMap<(&str, &str), Vec<&Observation>> = BTreeMap::new();
        for new in &run.observations {
            by_plate.entry((&new.study, &new.plate)).or_default().push(new);
        }
        let pair = |one: &'a Observation| {
            let mut of_plate = by_plate.get(&(one.study.as_str(), one.plate.as_str()))?.iter();
            Some((one, *of_plate.find(|new| new.item == one.item && new.set == one.set)?))
        };
        self.observations.iter().filter_map(pair).filter(|(one, new)| one.value != new.value).collect()
    }
}

fn item_unit(item: &Item, unit: &str) -> String {
    match item {
        Item::Control { .. } => unit.to_string(),
        Item::Parameter(letter) if letter == "c" => unit.to_string(),
        Item::Standard { .. } => "%".into(),
        Item::Parameter(_) | Item::Blank | Item::Top => String::new(),
    }
}

/// A text as it was before our tables kept spreadsheet programs from taking it for a formula.
fn text(record: &Record<'_>, column: &str) -> String {
    let text = record.text(column);
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_string(),
        _ => text,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        other => other.text().parse().ok(),
    }
    .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn observation(study: &str, plate: &str, value: f64) -> Observation {
        Observation {
            study: study.into(),
            plate: plate.into(),
            kit_lot: "L1".into(),
            accepted: true,
            item: Item::Blank,
            set: 1,
            value,
            unit: String::new(),
        }
    }

    fn history(rows: &[(&str, &str, f64)]) -> History {
        History { observations: rows.iter().map(|&(study, plate, value)| observation(study, plate, value)).collect() }
    }

    #[test]
    fn running_again_adds_nothing() {
        let given = history(&[("S1", "P1", 0.05), ("S1", "P2", 0.06)]);
        let run = history(&[("S2", "P1", 0.07), ("S2", "P2", 0.08)]);
        let once = given.followed_by(&run);
        assert_eq!(once.observations.len(), 4);
        assert_eq!(once.followed_by(&run), once, "the history that it wrote, given to the same run");
        // A study that others followed keeps its place.
        let later = once.followed_by(&history(&[("S3", "P1", 0.09)]));
        assert_eq!(later.followed_by(&run), later);
    }

    #[test]
    fn a_plate_evaluated_anew_takes_its_place_and_is_named() {
        let given = history(&[("S1", "P1", 0.05), ("S1", "P2", 0.06)]);
        let run = history(&[("S1", "P1", 0.055), ("S1", "P2", 0.06)]);
        assert_eq!(given.followed_by(&run), run);
        let changed = given.changed_by(&run);
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].0.value, changed[0].1.value), (0.05, 0.055));
    }

    #[test]
    fn rows_that_are_none_of_ours_are_all_named() {
        let text = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\n\
                    S1,P1,L1,Y,control,low,100,1,98.5,pg/mL\nS1,P1,L1,Y,control,low,100,2,103,ng/mL\n\
                    S1,P1,L1,maybe,response,blank,,1,0.05,\nS1,P1,L1,Y,control,low,100,1,98.5,pg/mL\n";
        let book = Book::from_bytes(text.as_bytes(), "history.csv").unwrap();
        let problems = History::read(&book.sheets[0], "pg/mL").unwrap_err().to_string();
        for expected in ["'ng/mL'; expected 'pg/mL'", "no number of a plate", "appears twice"] {
            assert!(problems.contains(expected), "{expected}\n{problems}");
        }
    }

    /// The set is a whole number from 1; kind, name and nominal are those of an item, accepted is Y or N.
    #[test]
    fn a_row_that_is_no_number_of_a_plate_is_named() {
        let read = |row: &str| {
            let text = format!("study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\n{row}\n");
            let book = Book::from_bytes(text.as_bytes(), "history.csv").unwrap();
            History::read(&book.sheets[0], "pg/mL")
        };
        for sound in [
            "S1,P1,L1,Y,control,low,100,1,98.5,pg/mL",
            "S1,P1,,N,control,low,,2,98.5,pg/mL",
            "S1,P1,L1,Y,parameter,c,,1,400,pg/mL",
            "S1,P1,L1,Y,parameter,b,,1,1.2,",
            "S1,P1,L1,Y,standard,,62.5,1,-3,%",
            "S1,P1,L1,Y,response,top,,1,2.7,",
        ] {
            assert!(read(sound).is_ok_and(|found| found.observations.len() == 1), "{sound}");
        }
        for wrong in [
            "S1,P1,L1,Y,control,low,100,0,98.5,pg/mL",
            "S1,P1,L1,Y,control,low,100,-1,98.5,pg/mL",
            "S1,P1,L1,Y,control,low,100,1.5,98.5,pg/mL",
            "S1,P1,L1,Y,control,low,100,,98.5,pg/mL",
            "S1,P1,L1,Y,control,low,100,1,inf,pg/mL",
            "S1,P1,L1,y,control,low,100,1,98.5,pg/mL",
            "S1,P1,L1,Y,parameter,e,,1,98.5,",
            "S1,P1,L1,Y,parameter,b,,1,1.2,pg/mL",
            "S1,P1,L1,Y,parameter,c,,1,400,",
            "S1,P1,L1,Y,standard,,62.5,1,-3,pg/mL",
        ] {
            assert!(read(wrong).is_err_and(|problems| problems.0.len() == 1), "{wrong}");
        }
        // A name that our tables kept from being a formula comes back as it was.
        assert_eq!(read("S1,'=P1,'x,Y,response,top,,1,2.7,").unwrap().observations[0].plate, "=P1");
        assert_eq!(read("S1,'=P1,'x,Y,response,top,,1,2.7,").unwrap().observations[0].kit_lot, "'x");
    }

    /// The numbers of an item on a plate are counted from 1; each has the unit of what it is.
    #[test]
    fn a_study_gives_each_number_with_its_set_and_unit() {
        let assay = crate::qc::across_plates::example::assay("");
        let mut plate = crate::qc::across_plates::example::plate("P", &[], 1.0, 1);
        plate.plate.kit_lot = Some("L7".into());
        let judged = [JudgedPlate::judge(plate, &assay), JudgedPlate::unread("Q".into(), Problems::default())];
        let found = History::of_study(&judged, &assay).observations;
        let of = |item: &str| {
            let such = found.iter().filter(|one| one.item.to_string() == item);
            such.map(|one| (one.set, one.unit.as_str())).collect::<Vec<_>>()
        };
        assert_eq!(of("control low (90)"), [(1, "pg/mL"), (2, "pg/mL")]);
        assert_eq!(
            [of("parameter c"), of("parameter b"), of("blank response")],
            [[(1, "pg/mL")], [(1, "")], [(1, "")]]
        );
        assert_eq!(of("standard 62.5, bias in %"), [(1, "%")]);
        assert!(
            found.iter().all(|one| (one.study.as_str(), one.plate.as_str(), one.kit_lot.as_str()) == ("S", "P", "L7"))
        );
    }

    /// Numbers that are the same, of another set, or of a plate that is not in both, were not changed.
    #[test]
    fn only_what_both_have_is_changed() {
        let run = history(&[("S1", "P1", 0.05), ("S2", "P1", 0.07)]);
        let mut given = history(&[("S1", "P1", 0.05), ("S2", "P1", 0.08), ("S2", "P9", 0.5), ("S9", "P1", 0.5)]);
        let changed: Vec<(f64, f64)> = given.changed_by(&run).iter().map(|(one, new)| (one.value, new.value)).collect();
        assert_eq!(changed, [(0.08, 0.07)]);
        given.observations[1].set = 2;
        assert!(given.changed_by(&run).is_empty());
        given.observations[1] = Observation { item: Item::Top, set: 1, ..given.observations[1].clone() };
        assert!(given.changed_by(&run).is_empty());
    }
}
