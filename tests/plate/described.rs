//! Formats that a laboratory describes itself: what is described is read, and nothing of a file is passed over.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platewise::plate::formats::{self, DescribedFormat, ReadOptions, propose};
use platewise::plate::read::Export;
use platewise::plate::{PlateSize, WellPosition};
use platewise::sheet::{Book, Problems};
use platewise::stats::random::Random;

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/formats/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn read(text: &str, description: &str) -> (Export, Problems) {
    let format = DescribedFormat::parse("described.toml", description).unwrap();
    let book = Book::from_bytes(text.as_bytes(), "plate.csv").unwrap();
    match formats::examine(&book, ReadOptions::said(None, Some(&format), None)) {
        Ok(read) => read,
        Err(problems) => panic!("{problems}"),
    }
}

fn refusal(text: &str, description: &str) -> String {
    let format = DescribedFormat::parse("described.toml", description).unwrap();
    let book = Book::from_bytes(text.as_bytes(), "plate.csv").unwrap();
    formats::read_book(&book, ReadOptions::said(None, Some(&format), None)).unwrap_err().to_string()
}

/// Every reading, by plate, read and well.
type Readings = BTreeMap<(Option<String>, String, WellPosition), f64>;

fn readings(export: &Export) -> Readings {
    let reads = export.plates.iter().flat_map(|plate| plate.reads.iter().map(move |read| (plate, read)));
    reads
        .flat_map(|(plate, read)| {
            let of_well =
                move |well| Some(((plate.name.clone(), read.label.clone(), well), read.reading(well)?.measured()?));
            plate.size.wells().filter_map(of_well)
        })
        .collect()
}

#[test]
fn grids_without_column_numbers_are_read() {
    let (export, problems) = read(&fixture("lumina.csv"), &fixture("lumina.toml"));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!((export.format.as_str(), export.plates.len()), ("Lumina reader", 2));
    // Taken from the file by eye: the first row of the first grid, the last of the last.
    let text = fixture("lumina.csv");
    let line = |number: usize| text.lines().nth(number - 1).unwrap().split(';').map(str::to_string).collect::<Vec<_>>();
    let of = |plate: usize, read: usize, well: &str| {
        export.plates[plate].reads[read].reading(well.parse().unwrap()).unwrap().measured().unwrap().to_string()
    };
    assert_eq!(line(8)[0], "A");
    assert_eq!(of(0, 0, "A1").parse::<f64>(), line(8)[1].parse());
    assert_eq!(of(0, 0, "A12").parse::<f64>(), line(8)[12].parse());
    let last = text.lines().rev().position(|line| line.starts_with("H;")).unwrap();
    assert_eq!(of(1, 1, "H12").parse::<f64>(), line(text.lines().count() - last)[12].parse());
    let names: Vec<_> = export.plates.iter().map(|plate| plate.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["P31", "P32"]);
    assert_eq!(export.plates[1].reads[1].wavelength_nm, Some(570.0));
}

#[test]
fn wells_that_are_counted_down_the_columns_are_read() {
    let (export, problems) = read(&fixture("tally.txt"), &fixture("tally.toml"));
    assert!(problems.0.is_empty(), "{problems}");
    let text = fixture("tally.txt");
    let row = |number: &str| {
        text.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|row| row[0] == number).unwrap()
    };
    for (number, well) in [("1", "A1"), ("2", "B1"), ("8", "H1"), ("9", "A2"), ("10", "B2"), ("96", "H12")] {
        let read = |at: usize| export.plates[0].reads[at].reading(well.parse().unwrap()).unwrap().measured();
        assert_eq!(read(0), row(number)[2].parse().ok(), "{number} is {well}");
        assert_eq!(read(1), row(number)[3].parse().ok(), "{number} is {well}");
    }
}

#[test]
fn a_list_says_plates_and_what_is_in_the_wells() {
    let description = "[format]\nname='L'\nknown_by='Vessel'\n[list]\nwell='Place'\nplate='Vessel'\nsample='Tube'\nrole='Kind'\n\
                       concentration='pg'\ndilution='x'\n[[list.read]]\ncolumn='Signal'\nmode='luminescence'\nlabel='glow'\n";
    let text = "Vessel,Place,Kind,Tube,pg,x,Signal\n7,A1,Std,,500,,1200\n7,B1,Unk,S-1,,10,800\n8,A1,Blk,,,,15\n";
    let (export, problems) = read(text, description);
    assert!(problems.0.is_empty(), "{problems}");
    let plates: Vec<_> = export.plates.iter().map(|plate| plate.name.as_deref().unwrap()).collect();
    assert_eq!(plates, ["7", "8"]);
    let of = |plate: usize, well: &str| &export.plates[plate].samples[&well.parse().unwrap()];
    assert_eq!((of(0, "A1").role.as_deref(), of(0, "A1").concentration), (Some("standard"), Some(500.0)));
    assert_eq!((of(0, "B1").name.as_deref(), of(0, "B1").dilution), (Some("S-1"), Some(10.0)));
    assert_eq!(of(1, "A1").role.as_deref(), Some("blank"));
    let read = &export.plates[1].reads[0];
    assert_eq!((read.label.as_str(), read.unit.as_deref()), ("glow", Some("RLU")));
    let wrong = refusal(&text.replace("Std", "Maybe"), description);
    assert!(wrong.contains("plate.csv, line 2") && wrong.contains("'Maybe' is not a role"), "{wrong}");
}

#[test]
fn what_the_description_does_not_say_is_refused() {
    let (lumina, of_lumina) = (fixture("lumina.csv"), fixture("lumina.toml"));
    let (tally, of_tally) = (fixture("tally.txt"), fixture("tally.toml"));
    for (text, description, said) in [
        (lumina.replace("Lumina", "Other"), of_lumina.clone(), "no cell begins with 'Lumina Plate Reader'"),
        (lumina.replace("Operator: A. N.", "Gain: 90"), of_lumina.clone(), "does not know the row 'Gain: 90'"),
        (lumina.replace("TMB 450 nm", "TMB 455 nm"), of_lumina.clone(), "no cell of the file is 'TMB 450 nm'"),
        (
            lumina.replacen("Turbidity 570 nm", "Turbidity", 1),
            of_lumina.clone(),
            "the plate 'P31' has no 'Turbidity 570 nm'",
        ),
        (
            lumina.clone(),
            of_lumina.replace("plate = \"Plate:\"", "plate = \"Dish\""),
            "comes again, and nothing names another plate",
        ),
        (lumina.replacen("Plate: P32", "Plate:", 1), of_lumina.clone(), "no name follows 'Plate:'"),
        (lumina.replacen("\nC;", "\nD;", 1), of_lumina.clone(), "'D' stands where row C of the plate has its letter"),
        (
            lumina.clone(),
            of_lumina.replacen("names = \"rows\"", "names = \"rows and columns\"", 1),
            "no plate of 96 wells (8 × 12) stands below 'TMB 450 nm'",
        ),
        (tally.replace("\n50\t", "\n97\t"), of_tally.clone(), "does not know the row '97 | "),
        (tally.replace("A570", "A575"), of_tally.clone(), "no row holds the titles 'No', 'A450', 'A570'"),
        (tally.clone(), of_tally.replace("ignored = [\"Delay\"]", ""), "beside what is read, 'Delay'"),
        (tally.replace("\n2\t", "\n1\t"), of_tally, "well A01 appears twice"),
    ] {
        let found = refusal(&text, &description);
        assert!(found.contains(said), "{said}\n{found}");
    }
}

/// A plate as somebody's reader might write it, and its description.
struct Drawn {
    text: String,
    description: String,
    truth: Readings,
    /// Whether every row or well of it has a name.
    is_named: bool,
    /// Whether a person has to say how its wells are counted.
    is_counted: bool,
}

fn draw(random: &mut Random) -> Drawn {
    let size = [PlateSize::WELLS_96, PlateSize::WELLS_384, PlateSize { rows: 4, columns: 6 }][random.below(3)];
    let delimiter = [",", ";", "\t"][random.below(3)];
    let (kind, indent, titles) = (random.below(6), random.below(2), 1 + random.below(2));
    let (before, after) = (random.below(3), random.below(2));
    let mut text = String::from("Strange reader 3\n");
    (0..before).for_each(|at| writeln!(text, "Setting {at}{delimiter}on").unwrap());
    let mut description = String::from(
        "[format]\nname = 'Strange'\nknown_by = 'Strange reader'\nignored = ['Strange reader', 'Setting', 'Signature']\n",
    );
    let mut truth = Readings::new();
    let labels: Vec<String> = ["450 nm", "620 nm"][..titles].iter().map(ToString::to_string).collect();
    let mut value = |label: &String, well: WellPosition| {
        let drawn: f64 = format!("{:.3}", random.uniform() * 4.0 + 0.001).parse().unwrap();
        truth.insert((None, label.clone(), well), drawn);
        drawn
    };
    let (letters, numbers) = (kind % 2 == 0, kind < 2);
    if kind < 4 {
        let names = [["columns", "rows and columns"], ["none", "rows"]][usize::from(!numbers)][usize::from(letters)];
        for label in &labels {
            writeln!(text, "\n{label}").unwrap();
            let margin = delimiter.repeat(indent);
            if numbers {
                let numbers: Vec<String> = (1..=size.columns).map(|number| number.to_string()).collect();
                writeln!(text, "{margin}{}{}", if letters { delimiter } else { "" }, numbers.join(delimiter)).unwrap();
            }
            for row in 0..size.rows {
                let letter = WellPosition::new(row, 0).to_string();
                let letter = if letters {
                    format!("{}{delimiter}", letter.trim_end_matches(|c: char| c.is_ascii_digit()))
                } else {
                    String::new()
                };
                let values: Vec<String> = (0..size.columns)
                    .map(|column| format!("{:.3}", value(label, WellPosition::new(row, column))))
                    .collect();
                writeln!(text, "{margin}{letter}{}", values.join(delimiter)).unwrap();
            }
            write!(description, "[[grid]]\nbelow = '{label}'\nwells = {}\nnames = '{names}'\n", size.count()).unwrap();
        }
    } else {
        let down = kind == 5;
        writeln!(text, "\nSpot{delimiter}Note{delimiter}{}", labels.join(delimiter)).unwrap();
        for number in 0..size.count() {
            let well = if down {
                WellPosition::new(number % size.rows, number / size.rows)
            } else {
                WellPosition::new(number / size.columns, number % size.columns)
            };
            let values: Vec<String> = labels.iter().map(|label| format!("{:.3}", value(label, well))).collect();
            writeln!(text, "{}{delimiter}ok{delimiter}{}", number + 1, values.join(delimiter)).unwrap();
        }
        let counted = if down { "down" } else { "along" };
        write!(
            description,
            "[list]\nwell = 'Spot'\nwells = {}\ncounted = '{counted}'\nignored = ['Note']\n",
            size.count()
        )
        .unwrap();
        labels.iter().for_each(|label| writeln!(description, "[[list.read]]\ncolumn = '{label}'").unwrap());
    }
    (0..after).for_each(|_| text.push_str("\nSignature: none\n"));
    Drawn { text, description, truth, is_named: letters || kind >= 4, is_counted: kind >= 4 }
}

#[test]
fn drawn_plates_are_read_as_they_were_drawn() {
    let mut random = Random::new(20_261_201);
    let (mut drawn_so_far, mut proposed_right) = ([0; 2], 0);
    for number in 0..120 {
        let drawn = draw(&mut random);
        let (export, problems) = read(&drawn.text, &drawn.description);
        assert!(problems.0.is_empty(), "{number}: {problems}\n{}\n{}", drawn.description, drawn.text);
        assert!(readings(&export) == drawn.truth, "{number}: {}\n{}", drawn.description, drawn.text);
        drawn_so_far[usize::from(drawn.is_counted)] += 1;
        // What is proposed reads the same, but for what a person has to say.
        let book = Book::from_bytes(drawn.text.as_bytes(), "plate.csv").unwrap();
        let proposed = propose(&book).unwrap_or_else(|| panic!("{number}: nothing proposed\n{}", drawn.text));
        if drawn.is_counted {
            let refused = refusal(&drawn.text, &proposed);
            assert!(refused.contains("is not a well"), "{number}: {refused}\n{proposed}");
            continue;
        }
        let (export, problems) = read(&drawn.text, &proposed);
        assert!(problems.0.is_empty(), "{number}: {problems}\n{proposed}\n{}", drawn.text);
        assert!(readings(&export) == drawn.truth, "{number}: {proposed}\n{}", drawn.text);
        proposed_right += 1;
    }
    assert!(drawn_so_far[0] > 50 && drawn_so_far[1] > 20 && proposed_right == drawn_so_far[0]);
}

/// A line lost, doubled, moved or added, and a cell lost or added: the file is refused, or every well is read as before.
#[test]
fn no_edit_moves_a_reading() {
    let mut random = Random::new(7);
    let (mut refused, mut same) = (0, 0);
    for _ in 0..12 {
        let drawn = draw(&mut random);
        let lines: Vec<&str> = drawn.text.lines().collect();
        for at in 0..lines.len() {
            let mut edits: Vec<Vec<String>> = Vec::new();
            let with = |edit: &dyn Fn(&mut Vec<String>)| {
                let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                edit(&mut lines);
                lines
            };
            edits.push(with(&|lines| lines.insert(at, "a remark of somebody".into())));
            edits.push(with(&|lines| lines.insert(at, String::new())));
            // Rows without names can be told apart by their number only.
            if drawn.is_named {
                edits.push(with(&|lines| drop(lines.remove(at))));
                edits.push(with(&|lines| lines.insert(at, lines[at].clone())));
                edits.push(with(&|lines| lines.swap(at, at.saturating_sub(1))));
            }
            for edited in edits {
                let text = edited.join("\n") + "\n";
                let format = DescribedFormat::parse("described.toml", &drawn.description).unwrap();
                let book = Book::from_bytes(text.as_bytes(), "plate.csv").unwrap();
                match formats::read_book(&book, ReadOptions::said(None, Some(&format), None)) {
                    Err(_) => refused += 1,
                    Ok(export) => {
                        let found = readings(&export);
                        // A row of a list that is lost is a well without a reading, as one that was not read.
                        let kept = found.iter().all(|(well, value)| drawn.truth.get(well) == Some(value));
                        let lost = drawn.truth.len() - found.len();
                        assert!(kept && lost <= if drawn.is_counted { 2 } else { 0 }, "line {}: {text}", at + 1);
                        same += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 500 && same > 100, "{refused} refused, {same} read as before");
}

/// Descriptions and files of which lines were lost, doubled, exchanged or changed in a value: each is read or refused.
#[test]
fn hostile_descriptions_and_files_are_read_or_refused() {
    const VALUES: [&str; 14] = [
        "0",
        "-1",
        "1536",
        "96.5",
        "1e300",
        "\"\"",
        "\"A1\"",
        "\"XFD1048576\"",
        "\"none\"",
        "\"down\"",
        "\"A\"",
        "[]",
        "[\"\", \"A\"]",
        "true",
    ];
    let mut random = Random::new(11);
    let mut mutated = |text: &str, separator: char| -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
        for _ in 0..1 + random.below(3) {
            let (at, other) = (random.below(lines.len()), random.below(lines.len()));
            match random.below(5) {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines.swap(at, other),
                3 => lines.truncate(at + 1),
                _ => {
                    let mut parts: Vec<&str> = lines[at].split(separator).collect();
                    let last = parts.len() - 1;
                    parts[random.below(last + 1)] = VALUES[random.below(VALUES.len())];
                    lines[at] = parts.join(&separator.to_string());
                }
            }
        }
        lines.join("\n") + "\n"
    };
    let originals = [("lumina.csv", "lumina.toml", ';'), ("tally.txt", "tally.toml", '\t')];
    let (mut described, mut read) = (0, 0);
    for number in 0..1_500 {
        let (file, description, separator) = originals[number % 2];
        let (mut text, mut description) = (fixture(file), fixture(description));
        if number % 3 < 2 {
            description = mutated(&description, '=');
        }
        if number % 3 > 0 {
            text = mutated(&text, separator);
        }
        let Ok(book) = Book::from_bytes(text.as_bytes(), "plate.csv") else { continue };
        if number % 5 == 0 {
            let _ = propose(&book);
        }
        let Ok(format) = DescribedFormat::parse("described.toml", &description) else { continue };
        described += 1;
        read += usize::from(formats::read_book(&book, ReadOptions::said(None, Some(&format), None)).is_ok());
    }
    assert!(described > 500 && read > 50, "{described} descriptions, {read} files read");
}
