//! Every program's export as a workbook, with sheets that a user has added: what the program wrote is read as without them, and each
//! added sheet is named. Lists across, and kinetic reads of programs that draw them as plates. Values are made up.

use std::collections::BTreeSet;
use std::path::Path;

use platewise::plate::formats;
use platewise::plate::read::{Export, ExportKind};
use platewise::sheet::{Book, Value};

use super::made::{Reads, gen5_grid, grid_of, kinetic, of_workbook, plates, value, words};
use crate::support::examined::examine;

/// Sheets as people add them to a workbook.
fn sheets_of_users() -> Vec<(&'static str, String)> {
    let names = grid_of("<>", |row, column| format!("sample {}", 12 * row + column));
    let percent = grid_of("<>", |row, column| format!("{:.1}", 100.0 * value(row, column)));
    let plain = grid_of("", |row, column| format!("{:.1}", 100.0 * value(row, column)));
    vec![
        ("my layout", format!("Samples\n{names}")),
        ("normalised", format!("percent of control\n{percent}")),
        ("copied", percent),
        ("copied plain", format!("450 nm\n{plain}")),
        ("copied again", format!("Results\n{}", gen5_grid("OD450:450"))),
        ("notes", "Remember\nto dilute\t10".to_string()),
    ]
}

/// The cells of a text file as lines of fields between tabs; a decimal comma becomes a point, for a workbook holds numbers.
fn as_cells(path: &Path) -> String {
    let book = Book::open(path, "export").unwrap();
    let number = |text: &str| {
        let is_number = text.contains(',') && text.replace(',', ".").parse::<f64>().is_ok();
        if is_number { text.replace(',', ".") } else { text.to_string() }
    };
    let field = |value: &Value| number(value.text().replace(['\t', '\n'], " ").trim_start_matches('='));
    let line = |cells: &Vec<Value>| cells.iter().map(field).collect::<Vec<_>>().join("\t");
    book.sheets[0].rows.iter().map(|cells| line(cells) + "\n").collect()
}

/// Names and reads with their values, to be compared.
fn content(export: &Export) -> Vec<(Option<String>, Reads, Vec<String>)> {
    let values = |plate: &platewise::plate::read::ExportedPlate| {
        plate.reads.iter().map(|read| format!("{} {:?}", read.label, read.wells)).collect()
    };
    plates(export)
        .into_iter()
        .zip(&export.plates)
        .map(|((name, reads), plate)| (name.map(str::to_string), reads, values(plate)))
        .collect()
}

#[test]
fn every_program_in_a_workbook_with_sheets_of_a_user() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let (mut seen, mut pairs, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for path in names.iter().filter(|path| path.extension().is_none_or(|extension| extension != "md")) {
        let (text, _) = formats::examine(&Book::open(path, "export").unwrap(), None).unwrap();
        let title = text.format.clone();
        if title.starts_with("plain") {
            continue;
        }
        let own = as_cells(path);
        let (alone, problems) = of_workbook(&[("Sheet1", own.clone())]);
        assert!(problems.0.is_empty(), "{}: {problems}", path.display());
        assert_eq!(alone.format, title, "{}", path.display());
        let reads = |export: &Export| plates(export).into_iter().map(|(_, reads)| reads).collect::<Vec<Reads>>();
        assert_eq!(reads(&alone), reads(&text), "{}: as text and as workbook", path.display());
        // Results of Gen5 without their header have a shape and no head: beside them another sheet of readings is one like them, and
        // both are read, each under its own name.
        let has_head = title != "Gen5" || own.contains("Software Version");
        for (sheet, added) in
            sheets_of_users().into_iter().filter(|(sheet, _)| has_head || !["copied", "copied again"].contains(sheet))
        {
            for first in [false, true] {
                let mut sheets = vec![("Sheet1", own.clone()), (sheet, added.clone())];
                if first {
                    sheets.reverse();
                }
                let (export, problems) = of_workbook(&sheets);
                let what = format!("{title} ({}) with '{sheet}'", path.display());
                let is_named = words(&export).contains(&format!("sheet '{sheet}'"));
                let is_same = export.format == title && content(&export) == content(&alone);
                if !(problems.0.is_empty() && is_same && is_named) {
                    wrong.push(format!("{what}: {problems}{:?} {}", plates(&export), words(&export)));
                }
                pairs += 1;
            }
        }
        seen.insert(title);
    }
    println!("{pairs} workbooks of {} programs: {seen:?}", seen.len());
    assert!(wrong.is_empty(), "{} of {pairs}:\n{}", wrong.len(), wrong.join("\n"));
    for title in [
        "Kaleido",
        "EnVision or EnSpire",
        "Bio-Rad reader text",
        "Opentrons absorbance reader",
        "BioTek report",
        "GloMax",
    ] {
        assert!(seen.contains(title), "{title}");
    }
    assert!(seen.len() >= 14, "{seen:?}");
}

/// Lists with one column per well: read where the program is known to write them, and never taken for something else.
#[test]
fn wells_across_beside_a_layout_are_read_or_refused_and_never_misread() {
    let wells: Vec<String> = (0..24).map(|at| format!("{}{:02}", char::from(b'A' + at / 12), at % 12 + 1)).collect();
    let values: Vec<String> = (0..24).map(|at| format!("{:.4}", value(at / 12, at % 12))).collect();
    let (wells, values) = (wells.join("\t"), values.join("\t"));
    let skanit = format!(
        "Measurement results\nx.skax\n1/1/2026 4:06:03 AM\n \nAbsorbance 1\nWavelength: 450 nm\n \nPlate\tWell\t{wells}\ndemo\tAbs\t{values}\n"
    );
    let bmg = format!(
        "User: USER\nPath: C:\\x\nTest ID: 1\nTest Name: tarc\nDate: 1/2/2026\nTime: 10:00:00\nID1: P07\nAbsorbance\n\n\
         Well\t{wells}\nRaw Data (450)\t{values}\n"
    );
    for (title, own) in [("SkanIt", skanit), ("BMG MARS", bmg)] {
        let names = grid_of("", |row, column| format!("sample {}", 12 * row + column));
        for added in [None, Some(("my layout", format!("Samples\n{names}")))] {
            let sheets: Vec<(&str, String)> = [("Sheet1", own.clone())].into_iter().chain(added).collect();
            let (export, problems) = of_workbook(&sheets);
            let found = plates(&export);
            let is_read = found.iter().any(|(_, reads)| *reads == [(Some(450.0), 24)]);
            assert!(is_read || !problems.0.is_empty(), "{title}: {found:?}");
            assert!(found.iter().flat_map(|(_, reads)| reads).all(|&(_, wells)| wells == 24), "{title}: {found:?}");
        }
    }
}

/// A block of Kaleido, or a section of EnVision, for each point in time, each drawn as a plate.
#[test]
fn kinetic_reads_of_kaleido_and_envision_drawn_as_plates_are_kinetic() {
    let grid =
        |k: usize| grid_of("", |row, column| format!("{:.3}", value(row, column) + 0.01 * k as f64)).replace('\t', ",");
    let kaleido = |loops: &[usize]| {
        let blocks: String = loops
            .iter()
            .map(|k| {
                format!(
                    "Result for Absorbance 1\nBarcode,Repeat,Loop no,Well scan x,Well scan y,Exc wl / filter,Analysis Parameter,\nP07,1,{k},,,,\n\n{}\n",
                    grid(*k)
                )
            })
            .collect();
        format!(
            "Kaleido Results from\nProtocol Name,TARC\nMeasurement Date,2026-01-01 00:00:00\n\n\n{blocks}Plate Type Information\n\
             Number of Rows,,12\nNumber of Columns,,8\n\nDetails of Measurement Sequence\n\nOperation,,,Absorbance 1\n\
             Measurement Mode,,,Single\nExcitation Wavelength [nm],,,450\n"
        )
    };
    kinetic(examine(&kaleido(&[1, 2, 3])), "Kaleido, loops");
    let envision = |kinetics: &[usize]| {
        let section = |k: &usize| {
            let label = "A450(1)";
            format!(
                "Plate information \nPlate,Repeat,Barcode,Label,ScanX,ScanY,Measinfo,Kinetics,Measurement date,\n\
                 1,1,=\"P01\",{label},0,0,De=1st Ex=Btm Em=N/A Wdw=N/A (8),{k},1/15/2024,\n\n\
                 Results for {label} - channel 1 (A)\n{}\n",
                grid(*k)
            )
        };
        kinetics.iter().map(section).collect::<String>() + "Basic assay information \nAssay ID,,,1\n"
    };
    kinetic(examine(&envision(&[0, 1, 2])), "EnVision, Kinetics from 0");
    kinetic(examine(&envision(&[1, 2, 3])), "EnVision, Kinetics from 1");
    let (export, problems) = examine(&envision(&[0]));
    assert!(problems.0.is_empty() && export.kind == ExportKind::Endpoint, "{problems}");
}

/// The csv of GloMax Discover: one line per well and read, wells as `A:1`.
#[test]
fn lists_of_glomax_discover_are_read() {
    let line = |id: &str, at: usize, values: &str| {
        let well = format!("{}:{}", char::from(b'A' + (at / 12) as u8), at % 12 + 1);
        format!("1,{id},{well},{},{values}\n", 350 * at)
    };
    let head = "PlateNumber,ID,WellPosition,Timestamp(ms),";
    let rlu: String = (0..96).map(|at| line("5a1f", at, &format!("{},1", 1_000 + 7 * at))).collect();
    let (export, problems) = examine(&format!("{head}RLU,Valid\n{rlu}"));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!((export.format.as_str(), plates(&export)), ("GloMax", vec![(None, vec![(None, 96)])]));
    let read = &export.plates[0].reads[0];
    assert_eq!(
        (read.label.as_str(), read.unit.as_deref(), read.wells[(7, 11)].measured()),
        ("RLU", Some("RLU"), Some(1_665.0))
    );
    // Two reads of a protocol: each line has the value of its own.
    let two: String = (0..96).map(|at| line("od", at, &format!("{:.3},", value(at / 12, at % 12)))).collect::<String>()
        + &(0..96).map(|at| line("blue", at, &format!(",{}", 50_000 + at))).collect::<String>();
    let (export, problems) = examine(&format!("{head}OpticalDensity,CalculatedFlux\n{two}"));
    assert!(problems.0.is_empty(), "{problems}");
    let labels: Vec<(&str, Option<&str>)> =
        export.plates[0].reads.iter().map(|read| (read.label.as_str(), read.unit.as_deref())).collect();
    assert_eq!(labels, [("OpticalDensity read 1", Some("OD")), ("CalculatedFlux read 2", Some("RFU"))]);
    kinetic(examine(&format!("{head}RLU,Valid\n{rlu}{rlu}")), "GloMax Discover, every well again");
    let wrong = rlu.replace("B:3", "B:3:1");
    assert!(examine(&format!("{head}RLU,Valid\n{wrong}")).1.to_string().contains("'B:3:1' is not a well"));
}
