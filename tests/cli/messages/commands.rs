//! Mistakes in what is asked for: the command, and what was done to the files of the study before it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::support::two_plates::Study;

/// What somebody did, what is done to the study for it, and what is typed in the folder that holds the study.
pub(super) type Asked = (&'static str, fn(&Study), &'static [&'static str]);

/// Files of the study, for a plate by itself.
const EXPORT: &str = "study/exports/P01.csv";
const LAYOUT: &str = "study/layouts/P01.csv";
const METHOD: &str = "study/study.toml";
const MAP: &str = "study/map.csv";

/// A map of the plate: standards in the columns 1 and 2, samples elsewhere, with some cells otherwise.
fn map(study: &Study, otherwise: &[(&str, &str)]) {
    study.write("map.csv", map_of("", otherwise));
}

fn map_of(corner: &str, otherwise: &[(&str, &str)]) -> String {
    let cell = |letter: char, column: u32| {
        let well = format!("{letter}{column}");
        match (otherwise.iter().find(|(of, _)| *of == well), letter, column) {
            (Some((_, cell)), ..) => (*cell).to_string(),
            (None, 'H', 1 | 2) => "Std 0".into(),
            (None, _, 1 | 2) => format!("Std {}", 2000.0 / 2_f64.powi(i32::from(letter as u8 - b'A'))),
            _ => format!("P-{well} 1:10"),
        }
    };
    let header: String = (1..=12).map(|column| format!(",{column}")).collect();
    let row = |letter: char| -> String {
        letter.to_string() + &(1..=12).map(|column| format!(",{}", cell(letter, column))).collect::<String>()
    };
    ('A'..='H').fold(format!("{corner}{header}\n"), |text, letter| text + &row(letter) + "\n")
}

/// Columns 1 to 6 for one analyte, the others for another.
fn analytes() -> String {
    let cells: String = (1..=12).map(|column| if column < 7 { ",TARC" } else { ",MDC" }).collect();
    let header: String = (1..=12).map(|column| format!(",{column}")).collect();
    ('A'..='H').fold(format!("analyte{header}\n"), |text, letter| format!("{text}{letter}{cells}\n"))
}

/// The first plate of the study that comes with the program, as SoftMax Pro exported it: its groups say what is in the wells.
fn export_of_groups(study: &Study, change: fn(String) -> String) {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("plates/exports/P01.txt")).unwrap();
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    study.write("P01.txt", change(String::from_utf16(&units).unwrap()));
}

pub(super) const COMMANDS: &[Asked] = &[
    ("The study folder does not exist", |_| (), &["run", "no-such-study"]),
    ("A file is given instead of a study folder", |_| (), &["run", "study/study.toml"]),
    ("A command is misspelt", |_| (), &["quantfy", "study"]),
    ("An option is misspelt", |_| (), &["run", "study", "--treads", "2"]),
    ("A folder is inspected", |_| (), &["inspect", "study"]),
    ("A new study where there is one", |_| (), &["init", "study"]),
    ("The command is given in a folder of the study", |_| (), &["run", "study/exports"]),
    ("A plate without a study, and nobody says the unit", |_| (), &["plate", EXPORT, LAYOUT]),
    ("A plate that was read at two wavelengths", |_| (), &["plate", EXPORT, LAYOUT, "--unit", "pg/mL"]),
    ("A plate without a layout", |_| (), &["plate", EXPORT, "--method", METHOD]),
    ("The layout of a plate is no layout", |_| (), &["plate", EXPORT, "study/samples.csv", "--method", METHOD]),
    ("A preset is misspelt", |_| (), &["plate", EXPORT, LAYOUT, "--method", "reserch"]),
    ("Standards as no series", |_| (), &["plate", EXPORT, LAYOUT, "--standards", "2000;1000"]),
    ("A dilution of a plate as a fraction", |_| (), &["plate", EXPORT, LAYOUT, "--dilution", "0.1"]),
    (
        "A wavelength that the method contradicts",
        |_| (),
        &["plate", EXPORT, LAYOUT, "--method", METHOD, "--read", "405"],
    ),
    ("A file of a plate is missing", |_| (), &["plate", "study/exports/P10.csv", LAYOUT, "--method", METHOD]),
    ("No file of a plate is an export", |_| (), &["plate", LAYOUT, "--unit", "pg/mL"]),
    ("No thread at all", |_| (), &["run", "study", "--threads", "0"]),
    ("The results are to be a file that there is", |_| (), &["run", "study", "--out", "study/study.toml"]),
    ("The results are to stand among the exports", |_| (), &["run", "study", "--out", "study/exports"]),
    ("A layout is inspected", |_| (), &["inspect", "study/layouts/P02.csv"]),
    ("A subject that is not in the study", |_| (), &["explain", "study", "999", "Baseline"]),
    ("A visit that is not in the study", |_| (), &["explain", "study", "101", "Week16"]),
    ("A table of other columns for a curve", |_| (), &["curve", "study/arms.csv"]),
    (
        "A well is excluded that the plate does not have",
        |_| (),
        &[
            "decide", "study", "exclude", "--plate", "P02", "--well", "Z99", "--code", "bubble", "--by", "AB",
            "--reason", "x",
        ],
    ),
    (
        "A map is filled in with the same mistake all over",
        |study| {
            let cells: Vec<(String, String)> = ('A'..='H')
                .flat_map(|row| {
                    (1..=12).map(move |column| (format!("{row}{column}"), format!("col{column} {row} neat")))
                })
                .collect();
            map(study, &cells.iter().map(|(well, cell)| (well.as_str(), cell.as_str())).collect::<Vec<_>>());
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A misspelt word in a map, and nobody says the unit",
        |study| {
            map(study, &[("A1", "stanard 2000"), ("D4", "hello")]);
        },
        &["plate", EXPORT, MAP, "--read", "450"],
    ),
    (
        "A standard of a map in another unit",
        |study| map(study, &[("A1", "Std 2 ng/mL")]),
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A decimal comma in a map",
        |study| map(study, &[("F1", "\"Std 62,5\"")]),
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "Thousands are separated in a map",
        |study| map(study, &[("A1", "\"Std 2,000\"")]),
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A number with a dilution, and no word of what it is",
        |study| {
            map(study, &[("C3", "2000 1:10"), ("C4", "B 7 1:10")]);
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A control whose concentration nobody knows",
        |study| map(study, &[("C3", "QC low"), ("C4", "QC low")]),
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A dilution series that runs into the next cell",
        |study| {
            map(study, &[("A5", "S12 1:10 ×2 down 4"), ("B5", ""), ("C5", "")]);
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A map of eleven columns",
        |study| {
            study.write(
                "map.csv",
                map_of("", &[])
                    .lines()
                    .map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0))
                    .collect::<String>(),
            );
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A row of a map is missing",
        |study| {
            let rows = map_of("", &[]);
            study.write(
                "map.csv",
                rows.lines().filter(|line| !line.starts_with('E')).map(|line| format!("{line}\n")).collect::<String>(),
            );
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A map without standards",
        |study| {
            let text = map_of("", &[]);
            study.write("map.csv", text.replace("Std ", "P-std"));
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A map without dilutions",
        |study| study.write("map.csv", map_of("", &[]).replace(" 1:10", "")),
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A plate with two analytes, and nobody says which",
        |study| {
            study.write("map.csv", map_of("", &[]) + "\n" + &analytes());
        },
        &["plate", EXPORT, MAP, "--unit", "pg/mL", "--read", "450", "--reference", "570"],
    ),
    (
        "An analyte that the plate does not have",
        |study| {
            study.write("map.csv", map_of("", &[]) + "\n" + &analytes());
        },
        &["plate", EXPORT, MAP, "--unit", "pg/mL", "--read", "450", "--reference", "570", "--analyte", "IL-6"],
    ),
    (
        "A list from a LIMS, one of whose titles may mean a dilution",
        |study| {
            study.write("map.csv", "Well,Type,Sample ID,Conc,Dil?,Operator\nA1,STD,,2000,1,AB\nB1,Unk,S1,,10,AB\n");
        },
        &["plate", EXPORT, MAP, "--method", METHOD],
    ),
    (
        "A plate that was read for two assays",
        |study| {
            study.change("exports/P01.csv", |text| text.replace("450 nm", "540 nm").replace("570 nm", "660 nm"));
        },
        &["plate", EXPORT, LAYOUT, "--unit", "pg/mL"],
    ),
    (
        "A group of the export whose name says no role",
        |study| {
            export_of_groups(study, |text| text.replace("Group: Unknowns", "Group: Spikes"));
        },
        &["plate", "study/P01.txt", "--method", METHOD, "--dilution", "10"],
    ),
    (
        "A group that the export does not have",
        |study| export_of_groups(study, |text| text),
        &["plate", "study/P01.txt", "--method", METHOD, "--dilution", "10", "--role", "Spikes=sample"],
    ),
    (
        "The layout of the export is to be confirmed",
        |study| export_of_groups(study, |text| text),
        &["plate", "study/P01.txt", "--method", METHOD, "--dilution", "10"],
    ),
    (
        "The layout of another export was confirmed",
        |study| export_of_groups(study, |text| text),
        &["plate", "study/P01.txt", "--method", METHOD, "--dilution", "10", "--confirmed", "00000000"],
    ),
    (
        "One of several plates cannot be read",
        |study| {
            study.write("exports/P02.csv", "Dear colleague,\nplease find attached\nthe plates.\n");
        },
        &["plate", EXPORT, "study/exports/P02.csv", "--layout", LAYOUT, "--method", METHOD],
    ),
    (
        "The layout fits one of several plates only",
        |study| {
            study.change("exports/P02.csv", |text| text.replace("\nH,", "\nI,"));
        },
        &["plate", EXPORT, "study/exports/P02.csv", "--layout", LAYOUT, "--method", METHOD],
    ),
    (
        "A plate whose standards were pipetted in the wrong order",
        |study| {
            study.change("layouts/P01.csv", |text| {
                text.replace("B,1000,1000", "B,x,x").replace("C,500,500", "C,1000,1000").replace("B,x,x", "B,500,500")
            });
        },
        &["plate", EXPORT, LAYOUT, "--method", METHOD],
    ),
    (
        "The controls of a plate failed",
        |study| {
            study
                .change("layouts/P01.csv", |text| text.replace(",90,90", ",190,190").replace(",1500,1500", ",500,500"));
        },
        &["plate", EXPORT, LAYOUT, "--method", METHOD],
    ),
    (
        "A step of the standards that is none",
        |_| (),
        &["plate", EXPORT, LAYOUT, "--unit", "pg/mL", "--standards", "2000:1:7"],
    ),
    (
        "The workbook of results is open in Excel",
        |study| {
            let args = ["plate", EXPORT, LAYOUT, "--method", METHOD, "--out", "study/out"];
            let run = Command::cargo_bin("platewise").unwrap().current_dir(study.folder.path()).args(args).output();
            assert!(run.unwrap().status.success());
            study.write("out/~$results.xlsx", [b"\x05Smith".as_slice(), &[b' '; 150]].concat());
        },
        &["plate", EXPORT, LAYOUT, "--method", METHOD, "--out", "study/out"],
    ),
    (
        "The study to save is there already",
        |_| (),
        &["plate", EXPORT, LAYOUT, "--method", METHOD, "--save-study", "study"],
    ),
    ("A study from exports, of which nobody says the layout", |_| (), &["init", "new", "--from", EXPORT]),
    (
        "A study from an export that holds its layout",
        |study| export_of_groups(study, |text| text),
        &["init", "new", "--from", "study/P01.txt"],
    ),
    (
        "A study from two plates with the same names in the same wells",
        |study| {
            for plate in ["P01", "P02"] {
                export_of_groups(study, |text| text);
                let text = fs::read(study.path("P01.txt")).unwrap();
                study.write(&format!("{plate}x.txt"), text);
            }
            let second = String::from_utf8(fs::read(study.path("P02x.txt")).unwrap()).unwrap();
            study.write("P02x.txt", second.replace("\tP01\t", "\tP02\t").replace("2.4122", "2.4222"));
        },
        &["init", "new", "--from", "study/P01x.txt", "study/P02x.txt"],
    ),
    (
        "A study from a text",
        |study| study.write("letter.txt", "Dear colleague,\nplease find attached\nthe plates.\n"),
        &["init", "new", "--from", "study/letter.txt"],
    ),
    ("A map for a plate of a size that is none", |_| (), &["layout", "--plate", "48", "map.xlsx"]),
    ("A map that is there already", |study| study.write("map.xlsx", "mine"), &["layout", "study/map.xlsx"]),
    ("A map as text", |_| (), &["layout", "map.csv"]),
];
