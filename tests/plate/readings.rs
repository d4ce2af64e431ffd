//! What is a reading, and what only looks like one: formulas, sheets of the user's, layouts, kinetic reads drawn as plates, tables of
//! other numbers. Every file is made here, in the form that its program writes, with made-up values.

use std::fmt::Write as _;

use platewise::plate::formats;
use platewise::plate::read::{Export, ExportKind, Mode};
use platewise::plate::{Reading, WellPosition};
use platewise::sheet::{Book, Place, Problems, isolated};
use rust_xlsxwriter::{Formula, Workbook};

use super::made::*;
use crate::support::examined::examine;
use crate::support::workbooks;

// Formulas.

#[test]
fn formulas_among_readings_are_named_and_not_read() {
    let with_formulas = |corner: &str| {
        grid_of(corner, |row, column| match column {
            7 => format!("=AVERAGE(B{0}:C{0})|1.0{row}", row + 2),
            8 => "=TEXT(1,1)|OVRFLW".to_string(),
            _ => format!("{:.4}", value(row, column)),
        })
    };
    let files = [
        ("plain grid", vec![("P07", format!("450 nm\n{}", with_formulas("")))]),
        ("SkanIt", vec![("Absorbance 1_01", skanit("Absorbance 1").replace(&grid("Abs", 1.0), &with_formulas("Abs")))]),
        ("Tecan i-control", vec![("Sheet1", icontrol("OD450", 450).replace(&grid("<>", 1.0), &with_formulas("<>")))]),
        ("Tecan Magellan", vec![("Sheet1", with_formulas("<>"))]),
    ];
    for (format, sheets) in files {
        let (export, problems) = of_workbook(&sheets);
        assert!(problems.0.is_empty(), "{format}: {problems}");
        let read = &export.plates[0].reads[0];
        assert_eq!((export.format.as_str(), measured(read)), (format, 80));
        assert_eq!(read.reading("A8".parse().unwrap()), Some(&Reading::Missing("formula".into())), "{format}");
        assert!(
            words(&export).contains("16 wells of the read") && words(&export).contains("A08 A09 B08"),
            "{}",
            words(&export)
        );
    }
}

#[test]
fn a_table_of_wells_with_formulas_reads_the_others() {
    let mut table = "Well\tOD 450\n".to_string();
    for row in 0..8 {
        let cell = if row < 2 { "=B9*2|0.5".to_string() } else { format!("{:.3}", value(row, 0)) };
        writeln!(table, "{}1\t{cell}", letter(row)).unwrap();
    }
    let (export, _) = of_workbook(&[("wells", table)]);
    assert_eq!(plates(&export), [(Some("wells"), vec![(Some(450.0), 6)])]);
    assert!(words(&export).contains("2 wells of the read 'OD 450' hold formulas"), "{}", words(&export));
}

#[test]
fn a_whole_sheet_of_formulas_is_no_read() {
    let copy = |corner: &str| grid_of(corner, |row, column| format!("=raw!A1*2|{:.4}", 2.0 * value(row, column)));
    let raw = format!("450 nm\n{}", grid("", 1.0));
    let (export, problems) = of_workbook(&[("raw", raw.clone()), ("twice", format!("450 nm\n{}", copy("")))]);
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(plates(&export), [(Some("raw"), vec![(Some(450.0), 96)])]);
    assert!(
        words(&export).contains("sheet 'twice', cell B3: all 96 wells of '450 nm' are formulas, not readings"),
        "{}",
        words(&export)
    );
    // Where nothing else is there, the file is refused for it.
    let (export, problems) = of_workbook(&[("twice", format!("450 nm\n{}", copy("")))]);
    assert_eq!(export.kind, ExportKind::Malformed);
    assert!(problems.to_string().contains("are formulas, not readings"), "{problems}");
}

/// What one formula fills, as newer versions spill it: the other cells hold their values alone.
#[test]
fn the_cells_that_a_formula_of_an_array_fills_are_formulas() {
    let mut workbook = Workbook::new();
    for (name, array) in [("raw", false), ("twice", true)] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write_string(0, 0, "450 nm").unwrap();
        (1..=12_u16).for_each(|column| _ = sheet.write_number(1, column, f64::from(column)).unwrap());
        if array {
            let formula = Formula::new("=raw!B3:M10*2 & \"<>\"").set_result("0.1");
            sheet.write_array_formula(2, 1, 9, 12, formula).unwrap();
        }
        for row in 0..8_u32 {
            sheet.write_string(2 + row, 0, letter(row as usize).to_string()).unwrap();
            for column in 0..12_u16 {
                if !array || (row, column) != (0, 0) {
                    sheet.write_number(2 + row, 1 + column, value(row as usize, column.into())).unwrap();
                }
            }
        }
    }
    let book = Book::from_bytes(&workbook.save_to_buffer().unwrap(), "array.xlsx").unwrap();
    assert_eq!(book.sheets.iter().map(|sheet| sheet.formulas.len()).collect::<Vec<_>>(), [0, 96]);
    let (export, _) = formats::examine(&book, None).unwrap();
    assert_eq!(plates(&export), [(Some("raw"), vec![(Some(450.0), 96)])]);
}

// Sheets of one workbook.

#[test]
fn sheets_without_the_head_of_the_program_are_named_and_not_read() {
    let names = grid_of("<>", |row, column| format!("sample {}", 12 * row + column));
    let percent = grid_of("<>", |row, column| format!("{:.1}", 100.0 * value(row, column)));
    let bmg = format!(
        "User: USER\nPath: C:\\x\nTest ID: 1\nTest Name: tarc\nDate: 1/2/2026\nTime: 10:00:00\nID1: P07\nAbsorbance\n\n\
         \t1. Raw Data (450 1)\n{}",
        grid("", 1.0)
    );
    let programs = [
        ("Tecan i-control", icontrol("OD450", 450)),
        ("Tecan SparkControl", spark_across()),
        ("SkanIt", skanit("Absorbance 1")),
        ("BMG MARS", bmg),
        ("Gen5", gen5(STEP_450, &format!("Results\n{}", gen5_grid("OD450:450")))),
        (
            "Victor 1420",
            format!(
                "Plate\tRepeat\tWell\tType\tTime\tCPS (CPS)\n{}",
                (1..=12).map(|at| format!("1\t1\tA{at:02}\tM\t0.01\t{}\n", 1000 + at)).collect::<String>()
            ),
        ),
        (
            "Tecan Sunrise",
            format!(
                "SUNRISE;   Serial number: 1\n\nMeasurement mode:\tAbsorbance\nMeasurement wavelength:\t\t450\tnm\nRawdata\n{}",
                grid("<>", 1.0)
            ),
        ),
    ];
    for (format, own) in programs {
        let alone = of_workbook(&[("Sheet1", own.clone())]).0;
        for (sheet, text) in [
            ("my layout", format!("Samples\n{names}")),
            ("normalised", format!("percent of control\n{percent}")),
            ("copied", percent.clone()),
            ("copied again", format!("Results\n{}", gen5_grid("OD450:450"))),
            ("notes", "Remember\nto dilute\t10".to_string()),
        ] {
            let (export, problems) = of_workbook(&[("Sheet1", own.clone()), (sheet, text)]);
            assert!(problems.0.is_empty(), "{format} with '{sheet}': {problems}");
            assert_eq!((export.format.as_str(), plates(&export)), (format, plates(&alone)), "{format} with '{sheet}'");
            let named = words(&export);
            assert!(named.contains(&format!("sheet '{sheet}'")), "{format} with '{sheet}': {named}");
        }
    }
}

#[test]
fn sheets_of_two_programs_are_read_each_by_its_own() {
    let sheets = [("infinite", icontrol("OD450", 450)), ("spark", spark_across()), ("mine", grid("<>", 50.0))];
    let (export, problems) = of_workbook(&sheets);
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(
        plates(&export),
        [(Some("infinite"), vec![(Some(450.0), 96)]), (Some("spark"), vec![(Some(450.0), 24)])]
    );
    assert!(words(&export).contains("sheet 'mine'"), "{}", words(&export));
    // Whoever names one of the readers is told what that leaves out.
    for (reader, left) in [("tecan-i-control", "spark"), ("tecan-spark", "infinite")] {
        let (export, _) = formats::examine(&workbook(&sheets), Some(reader)).unwrap();
        assert_eq!(export.plates.len(), 1);
        assert!(words(&export).contains(&format!("sheet '{left}'")), "{reader}: {}", words(&export));
    }
    let (export, problems) = of_workbook(&[("abs", skanit("Absorbance 1")), ("infinite", icontrol("OD570", 570))]);
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(plates(&export).len(), 2, "SkanIt and i-control");
}

#[test]
fn a_format_that_finds_no_plate_does_not_beat_one_that_does() {
    let lab = format!(
        "{}\n{}\n{}",
        grid_of("compound", |_, column| if column % 2 == 0 { "TARC".into() } else { String::new() }),
        grid_of("concentration", |_, column| (500 - 40 * column).to_string()),
        grid("OD450", 1.0)
            .lines()
            .enumerate()
            .map(|(at, line)| if at == 0 { format!("{line}\n") } else { format!("{line}\t450\n") })
            .collect::<String>()
    );
    for (export, problems) in [of_workbook(&[("Sheet", lab.clone())]), examine(&lab)] {
        assert!(problems.0.is_empty(), "{problems}");
        let raw: Vec<_> = plates(&export).into_iter().flat_map(|(_, reads)| reads).collect();
        assert_eq!((export.format.as_str(), raw), ("plain grid", vec![(Some(450.0), 96)]));
    }
}

// No measurement.

#[test]
fn layouts_are_no_exports() {
    let in_rows = |corner: &str, values: fn(usize) -> String| grid_of(corner, move |_, column| values(column));
    layout(examine(&in_rows("standards", |column| (200 >> column.min(7)).to_string())), "standards");
    layout(examine(&in_rows("replicate", |column| (column % 3 + 1).to_string())), "replicate");
    layout(examine(&in_rows("", |column| (2000 >> column).to_string())), "without a title");
    layout(examine(&grid_of("box ids", |row, column| (7 * row * column % 31).to_string())), "box ids");
    layout(examine(&grid_of("", |row, column| (12 * row + column + 1).to_string())), "numbered by rows");
    layout(examine(&grid_of("", |row, column| (8 * column + row + 1).to_string())), "numbered by columns");
    layout(examine(&grid_of("Volume (µL)", |row, column| (100 + row * 3 + column).to_string())), "volumes");
    // What its title calls a reading is one, and questioned where no reader measures that.
    let (export, problems) = examine(&grid_of("450 nm", |_, _| "0.05".into()));
    assert!(problems.0.is_empty());
    assert!(words(&export).contains("all 96 values of the read '450 nm' are 0.05"), "{}", words(&export));
}

#[test]
fn columns_are_readings_by_their_title() {
    let table = |titles: &str, cells: &dyn Fn(usize) -> String| {
        let rows: String = (0..16).map(|at| format!("{}{},{}\n", letter(at / 4), at % 4 + 1, cells(at))).collect();
        format!("well,{titles}\n{rows}")
    };
    layout(
        examine(&table("box,volume,age", &|at| format!("{},{},{}", at % 4, 100 + at, 20 + 3 * at))),
        "box, volume, age",
    );
    // Unless whoever studies it says that it is an export.
    let unnamed = table("TARC", &|at| format!("{:.3}", value(at, 1)));
    layout(examine(&unnamed), "no title that says so");
    let book = Book::from_bytes(unnamed.as_bytes(), "table.csv").unwrap();
    assert_eq!(plates(&formats::examine(&book, Some("table")).unwrap().0), [(None, vec![(None, 16)])]);
    for title in ["OD", "absorbance", "OD 450", "450 nm", "RLU", "signal", "value", "Measure", "Counts"] {
        let (export, problems) =
            examine(&table(&format!("animal,{title}"), &|at| format!("{},{:.3}", 700 + at, value(at, 1))));
        assert!(problems.0.is_empty(), "{title}: {problems}");
        let reads: Vec<&str> = export.plates[0].reads.iter().map(|read| read.label.as_str()).collect();
        assert_eq!(reads, [title]);
        assert!(words(&export).contains("the column 'animal' is not used"), "{}", words(&export));
    }
}

#[test]
fn luminex_exports_of_every_order_of_columns_are_another_assay() {
    for head in [
        "MODEL NAME,INSTRUMENT TYPE,PLATE NAME,WELL LOCATION,BEAD TYPE,TOTAL EVENTS,R25: RP1 MEDIAN\nxMAP INTELLIFLEX DR-SE,INTELLIFLEX,P1,A1,MagPlex,805,80.78",
        "INSTRUMENT TYPE,SERIAL NUMBER,WELL LOCATION,TOTAL EVENTS\nINTELLIFLEX,S1,A1,805",
        "PLATE NAME,WELL LOCATION,TOTAL EVENTS,R25: RP1 ANALYTE NAME,R25: RP1 MEDIAN\nP1,A1,805,X,80.78",
        "Program,xPONENT,,MAGPIX\nBuild,4.3\nWell,Median",
    ] {
        let (export, problems) = examine(&format!("{head}\n"));
        assert_eq!(export.kind, ExportKind::NotSupported, "{head}: {problems}");
        assert!(problems.to_string().contains("Luminex"), "{problems}");
    }
}

#[test]
fn group_tables_alone_are_said_to_be_so() {
    let text = "##BLOCKS= 1\nGroup: Unknowns\nSample\tWells\tOD_Values\tConcentration\n01\tA1\t2.437\t2.139\n02\tA2\t0.633\t2.08\n\n~End\n";
    let (export, problems) = examine(text);
    assert_eq!(export.kind, ExportKind::LayoutOnly);
    assert!(problems.to_string().contains("export the Plate section too"), "{problems}");
}

// Over time.

#[test]
fn kinetic_reads_drawn_as_plates_are_kinetic() {
    let at = |title: &str, label: &str| {
        let lines: String = grid("", 1.0)
            .lines()
            .enumerate()
            .map(
                |(at, line)| {
                    if at == 0 || label.is_empty() { format!("{line}\n") } else { format!("{line}\t{label}\n") }
                },
            )
            .collect();
        format!("{title}\n{lines}\n")
    };
    let gen5_reads: String = (1..=3)
        .map(|read| at(&format!("OD600:600\nKinetic read {read} (0:0{read}:00)"), &format!("OD600:600 Read#{read}")))
        .collect();
    kinetic(examine(&gen5_reads), "Gen5 without a header");
    kinetic(
        examine(&gen5("Read\tOD600\n\tAbsorbance Endpoint\n\tWavelengths:  600", &format!("Results\n\n{gen5_reads}"))),
        "Gen5, the procedure says end point",
    );
    for (one, other) in [
        ("450 nm 0 min", "450 nm 5 min"),
        ("Cycle 1", "Cycle 2"),
        ("T 0:00:00", "T 0:05:00"),
        ("Kinetic 1", "Kinetic 2"),
    ] {
        kinetic(examine(&(at(one, "") + &at(other, ""))), one);
    }
    // Plates measured one after the other are not.
    let (export, problems) = examine(&(at("Plate 1 12:30:05", "") + &at("Plate 2 12:35:10", "")));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(export.plates.len(), 2);
}

#[test]
fn sheets_named_by_their_times_are_one_kinetic_read() {
    let sheet = || grid("", 1.0);
    kinetic(of_workbook(&[("0 min", sheet()), ("5 min", sheet()), ("10 min", sheet())]), "sheets of times");
    let (export, _) = of_workbook(&[("P01", sheet()), ("P02", sheet())]);
    assert_eq!(export.plates.len(), 2);
}

#[test]
fn times_across_are_kinetic() {
    let table = |names: &str, cells: &str| {
        let rows: String = (0..8).map(|row| format!("{}1\t{cells}\n", letter(row))).collect();
        format!("{names}\n{rows}")
    };
    let step = "Read\tOD600\n\tAbsorbance Endpoint\n\tWavelengths:  600";
    let times = "0:00:00\t0:05:00\t0:10:00";
    kinetic(
        examine(&gen5(step, &format!("Results\n{}", table(&format!("Well\t{times}"), "0.1\t0.2\t0.3")))),
        "Gen5, wells down",
    );
    let across: String = times.split('\t').map(|time| format!("{time}\t0.1\t0.2\n")).collect();
    kinetic(examine(&gen5(step, &format!("Results\nWell\tA1\tA2\n{across}"))), "Gen5, wells across");
    kinetic(examine(&table("Well positions\t0s\t300s\t600s", "0.1\t0.2\t0.3")), "Magellan, column list");
    kinetic(
        examine("\tA1\tA2\tA3\tA4\tA5\n0s\t0.1\t0.1\t0.1\t0.1\t0.1\n300s\t0.2\t0.2\t0.2\t0.2\t0.2\n"),
        "Magellan, wells across",
    );
    let labels: String =
        (0..8).map(|row| format!("{}\t0.1\t0.2\t0:00:00\n\t0.3\t0.4\t0:05:00\n", letter(row))).collect();
    kinetic(examine(&gen5(step, &format!("Results\n\t1\t2\n{labels}"))), "Gen5, times as data sets");
    let above = |time: &str| format!("{time}\n{}\n", grid("<>", 1.0));
    kinetic(examine(&format!("{}\n{}{}", grid("<>", 1.0), above("0s"), above("300s"))), "Magellan, grids below times");
    let bmg =
        |cycle: u32| format!("Raw Data (450) Cycle {cycle} ({} s)\n{}\n", 60 * cycle, grid("", 1.0)).replace('\t', ",");
    let head = "User: U,Path: C,Test run no.: 1\nTest name: t,Date: 1/2/2026,Time: 10:00:00\n\nID1: P1\nAbsorbance\n\n";
    kinetic(examine(&format!("{head}{}{}", bmg(1), bmg(2))), "MARS, cycles");
    for axis in ["Time (h)", "Timepoint", "Minutes", "t (s)", "Cycle"] {
        let rows: String =
            [0, 5].iter().flat_map(|time| (1..=12).map(move |well| format!("A{well},{time},0.{well}\n"))).collect();
        kinetic(examine(&format!("well,{axis},OD\n{rows}")), axis);
    }
    kinetic(examine(&table("well\t0 min\t5 min\t10 min", "0.1\t0.2\t0.3")), "a table");
}

fn nivo(name: &str, cycles: &[u32]) -> (Export, Problems) {
    let mut results =
        "PLATE RESULTS\n\nPROTOCOL RUN TYPE\tSTART\nPROTOCOL NAME\tdemo\n\nPlate\t0\nBarcode\t0\n".to_string();
    for cycle in cycles {
        write!(
            results,
            "\n3 OPERATION\t{name}\n\nCycle\t{cycle}\tTime(s)\t{}\nPlate\t0\nBarcode\t0\n\n{}",
            300 * cycle,
            grid("", 1.0)
        )
        .unwrap();
    }
    let parameters = format!(
        "PARAMETERS\n\nPROTOCOL NAME\tdemo\nPLATE FORMAT\t96 wells (8X12)\n3 OPERATION\t{name}\nEXCITATION FILTER\t600/10nm\n\nPLATE MAP\n"
    );
    of_workbook(&[("Plate results", results), ("Parameters", parameters)])
}

#[test]
fn cycles_of_victor_nivo_drawn_as_plates_are_kinetic() {
    kinetic(nivo("ABS (F)-Kinetics", &[1, 2, 3]), "called so");
    kinetic(nivo("ABS (F)", &[1, 2]), "several cycles of one operation");
    kinetic(nivo("ABS (F)-Kinetics", &[1]), "a single cycle");
    let (export, problems) = nivo("ABS (F)", &[1]);
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(plates(&export), [(None, vec![(Some(600.0), 96)])], "the wavelength stands in another sheet");
}

#[test]
fn a_few_wavelengths_of_a_long_table_are_end_points_and_many_a_spectrum() {
    let table = |wavelengths: &[u32]| {
        let mut text = "well,wavelength,absorbance\n".to_string();
        for at in 0..12 {
            for nm in wavelengths {
                writeln!(text, "A{},{nm},{:.3}", at + 1, value(at, *nm as usize % 7)).unwrap();
            }
        }
        text
    };
    let (export, problems) = examine(&table(&[450]));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(plates(&export), [(None, vec![(Some(450.0), 12)])]);
    assert_eq!(export.plates[0].reads[0].mode, Mode::Absorbance);
    let (export, _) = examine(&table(&[450, 570]));
    assert_eq!(plates(&export), [(None, vec![(Some(450.0), 12), (Some(570.0), 12)])]);
    let many: Vec<u32> = (400..=500).step_by(5).collect();
    assert_eq!(examine(&table(&many)).0.kind, ExportKind::Spectrum);
}

// Which read, which plate.

#[test]
fn wells_across_of_gen5_are_read() {
    let wells: Vec<String> =
        (0..8).flat_map(|row| (1..=12).map(move |column| format!("{}{column}", letter(row)))).collect();
    let line = |label: &str, factor: f64| {
        let cell =
            |at: usize| if at % 12 < 2 { format!("{:.4}", factor * value(at / 12, at % 12)) } else { String::new() };
        format!("{label}\t{}\n", (0..96).map(cell).collect::<Vec<_>>().join("\t"))
    };
    let steps = format!("{STEP_450}\n{}", STEP_450.replace("450", "570"));
    let results = format!(
        "Results\nActual Temperature:\t23.6\n\nWell\t{}\n{}{}",
        wells.join("\t"),
        line("OD450:450", 1.0),
        line("OD570:570", 0.1)
    );
    for (export, problems) in [examine(&gen5(&steps, &results)), of_workbook(&[("Sheet1", gen5(&steps, &results))])] {
        assert!(problems.0.is_empty(), "{problems}");
        assert_eq!(plates(&export), [(Some("Plate 1"), vec![(Some(450.0), 16), (Some(570.0), 16)])]);
        assert_eq!(export.plates[0].reads[0].reading("B2".parse().unwrap()).unwrap().measured(), Some(0.157));
    }
}

#[test]
fn injections_of_glomax_are_told_apart() {
    let counts = |factor: usize| grid_of("", move |row, column| (factor * (1000 + 100 * row + column)).to_string());
    let step = |injector: u32, readings: &[u32]| {
        let mut text = format!(
            "Injection, Kinetics\n\tInjector:\t\t{injector}\n\nLuminescence, Kinetics\n\tEmission Filter:\t\tNone\n\tIntegration Time(s):\t\t10\n"
        );
        for reading in readings {
            for (at, line) in counts(injector as usize + 1).lines().enumerate() {
                let before = if at == 0 { format!("\tReading:\t\t{reading}\t") } else { "\t\t\t\t".to_string() };
                writeln!(text, "{before}{line}").unwrap();
            }
            text.push('\n');
        }
        text
    };
    let run = "\t\t\tDual reporter\n\nExecuted by:\t\t\tx\nInstrument:\t\t\tGloMax® Navigator\n";
    let file = |results: String| {
        of_workbook(&[("Dual", run.into()), ("Results", format!("\t\t\tProtocol: Dual reporter\n\n{results}"))])
    };
    let (export, problems) = file(step(1, &[1]) + &step(2, &[1]));
    assert!(problems.0.is_empty(), "{problems}");
    let labels: Vec<&str> = export.plates[0].reads.iter().map(|read| read.label.as_str()).collect();
    assert_eq!(
        (export.format.as_str(), labels),
        ("GloMax", vec!["Luminescence read 1 (injector 1)", "Luminescence read 2 (injector 2)"])
    );
    assert!(export.plates[0].reads.iter().all(|read| read.mode == Mode::Luminescence && measured(read) == 96));
    kinetic(file(step(1, &[1, 2, 3])), "several readings after one injection");
    assert_eq!("A:1".parse::<WellPosition>(), "A1".parse(), "GloMax Discover names wells so");
}

#[test]
fn corner_words_name_neither_plate_nor_read() {
    for corner in ["Row", "row", "Well", "Rows/Columns", "Zeile"] {
        let (export, _) = examine(&grid(corner, 1.0));
        assert_eq!(
            (export.plates[0].name.as_deref(), export.plates[0].reads[0].label.as_str()),
            (None, "values"),
            "{corner}"
        );
        let (export, problems) =
            of_workbook(&[("plate 07 450nm", grid(corner, 1.0)), ("plate 08 450nm", grid(corner, 2.0))]);
        assert!(problems.0.is_empty(), "{problems}");
        assert_eq!(
            plates(&export),
            [(Some("plate 07"), vec![(Some(450.0), 96)]), (Some("plate 08"), vec![(Some(450.0), 96)])],
            "{corner}"
        );
    }
}

#[test]
fn two_filters_of_one_plate_are_two_reads() {
    let part = |number: u32, nm: u32| {
        format!("Absorbances     Filter {number}: {nm}nm\n\n{}\n", grid("", 1.0 / f64::from(number)))
    };
    let (export, problems) =
        examine(&format!("Protocol:\telisa\nPlate format:\t96 Wells\n\n{}{}", part(1, 450), part(2, 620)));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(plates(&export), [(None, vec![(Some(450.0), 96), (Some(620.0), 96)])]);
}

#[test]
fn plates_told_apart_by_another_column_are_one_sentence() {
    let mut text = "Run-ID,Labware-ID,Labware Family,Well Location,OD\n".to_string();
    for plate in 1..=3 {
        (0..96).for_each(|at| {
            writeln!(text, "1464,14506,{plate},{}{},{:.3}", letter(at / 12), at % 12 + 1, value(at / 12, plate))
                .unwrap()
        });
    }
    let (_, problems) = examine(&text);
    assert_eq!(problems.0.len(), 1, "{problems}");
    let words = problems.to_string();
    assert!(
        words.contains("every well comes 3 times") && words.contains("'Labware Family'") && words.contains("'plate'"),
        "{words}"
    );
    let (export, problems) = examine(&text.replace("Labware Family", "plate"));
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(
        plates(&export).iter().map(|(name, reads)| (name.unwrap(), reads.clone())).collect::<Vec<_>>(),
        [("1", vec![(None, 96)]), ("2", vec![(None, 96)]), ("3", vec![(None, 96)])]
    );
}

// What is doubtful is said.

#[test]
fn what_is_doubtful_of_readings_is_said() {
    let nan = "##BLOCKS= 1\nPlate:\tP1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n".to_string()
        + "\tTemperature(C)\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n"
        + &format!("\t\t{}\n", ["NaN"; 12].join("\t")).repeat(8)
        + "~End\n";
    let derived = gen5(STEP_450, &format!("Results\n{}", gen5_grid("Blank OD450:450")));
    let unread = format!(
        "450 nm\n{}",
        grid_of("", |row, column| if row > 5 { "0".into() } else { format!("{:.3}", value(row, column)) })
    );
    let optron = |reference: &str| {
        format!("{}\n\n\nSample Wavelength (nm)\t450\nReference Wavelength (nm)\t{reference}\n", grid("", 1.0))
            .replace('\t', ",")
    };
    for (text, said) in [
        (nan.as_str(), "no well was measured in the read '450 nm'"),
        (&derived, "plate 'Plate 1' holds only values that a program computed, no raw read: 'Blank OD450:450'"),
        (&unread, "24 wells of the read '450 nm' hold exactly 0"),
        (&optron("5"), "5 nm was subtracted, where no reader measures"),
    ] {
        let (export, problems) = examine(text);
        assert!(problems.0.is_empty(), "{said}: {problems}");
        assert!(words(&export).contains(said), "{said}\n{}", words(&export));
    }
    let odd = gen5(&STEP_450.replace("450", "1200"), &format!("Results\n{}", gen5_grid("OD1200:1200")));
    assert!(words(&examine(&odd).0).contains("is said to be at 1200 nm"), "{}", words(&examine(&odd).0));
    for (reference, found) in [("-1", None), ("0", None), ("620", Some(620.0))] {
        let (export, _) = examine(&optron(reference));
        assert_eq!(export.plates[0].reads[0].reference_nm, found, "{reference}");
    }
}

#[test]
fn fractions_found_as_dilutions_are_asked_about() {
    let layout: Vec<String> =
        grid_of("", |_, column| format!("SPL{}", column + 1)).lines().map(str::to_string).collect();
    let dilutions = format!("\t{}\tConc/Dil\n", ["0.1"; 12].join("\t"));
    let rows: String = layout.iter().skip(1).map(|line| format!("{line}\tWell ID\n{dilutions}")).collect();
    let text = gen5(STEP_450, &format!("Layout\n{}\n{rows}\nResults\n{}", layout[0], gen5_grid("OD450:450")));
    let (export, problems) = examine(&text);
    assert!(problems.0.is_empty(), "{problems}");
    assert!(
        words(&export).contains("96 wells of plate 'Plate 1' have dilutions below 1, such as 0.1 in A01"),
        "{}",
        words(&export)
    );
}

#[test]
fn numbers_that_nobody_used_are_counted_and_placed() {
    let beside =
        format!("450 nm\n{}\nmeans of patients\n7\t0.1\t0.2\t0.3\t0.4\n8\t0.5\t0.6\t0.7\t0.8\n", grid("", 1.0));
    let (export, problems) = examine(&beside);
    assert!(problems.0.is_empty(), "{problems}");
    assert!(words(&export).contains("10 numbers in the file are not used: lines 13 to 14 (10)"), "{}", words(&export));
}

/// Whatever the format: the value of a well that a formula computed is not read, and all others are as they were.
#[test]
fn a_formula_in_any_format_takes_its_well_and_no_other() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut formats_seen = std::collections::BTreeSet::new();
    for path in names.iter().filter(|path| path.extension().is_none_or(|extension| extension != "md")) {
        let book = Book::open(path, "export").unwrap();
        let (before, _) = formats::examine(&book, None).unwrap();
        let raw =
            |export: &Export| export.plates.iter().flat_map(|plate| plate.reads.clone()).find(|read| !read.derived);
        let Some(read) = raw(&before).filter(|read| measured(read) > 1) else { continue };
        let (well, _) = read.wells.indexed_iter().find(|(_, reading)| reading.measured().is_some()).unwrap();
        let well = WellPosition::new(well.0, well.1);
        let (row, column) = match read.location(well).place {
            Place::Line { line, field: Some(field) } => (line, field),
            Place::Cell { row, column } => (row, column),
            place => panic!("{}: {place:?}", path.display()),
        };
        let mut computed = book.clone();
        computed.sheets[0].formulas.insert((row - 1, column - 1));
        let (after, problems) = formats::examine(&computed, None).unwrap();
        assert!(problems.0.is_empty(), "{}: {problems}", path.display());
        let found = raw(&after).unwrap();
        assert_eq!(found.reading(well), Some(&Reading::Missing("formula".into())), "{}", path.display());
        assert_eq!(measured(&found) + 1, measured(&read), "{}", path.display());
        assert!(words(&after).contains("hold formulas, not readings"), "{}", path.display());
        formats_seen.insert(before.format);
    }
    assert!(formats_seen.len() >= 14, "{formats_seen:?}");
}

#[test]
fn formulas_of_an_ods_are_told() {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    let bytes = workbooks::ods("0.75\" table:formula=\"of:=[.B4]*2");
    let (export, problems) = formats::examine(&Book::from_bytes(&bytes, "made.ods").unwrap(), None).unwrap();
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(export.plates[0].reads[0].reading("B2".parse().unwrap()), Some(&Reading::Missing("formula".into())));
    assert_eq!(measured(&export.plates[0].reads[0]), 95);
}

/// `{=…}` over four wells: the formula stands in the first of them.
#[test]
fn all_wells_of_a_matrix_formula_of_an_ods_are_formulas() {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    let matrix = "0.75\" table:number-matrix-columns-spanned=\"2\" table:number-matrix-rows-spanned=\"2\" \
                  table:formula=\"of:=[.$B$4:.$C$5]&amp;&quot;&quot;";
    let (export, problems) =
        formats::examine(&Book::from_bytes(&workbooks::ods(matrix), "made.ods").unwrap(), None).unwrap();
    assert!(problems.0.is_empty(), "{problems}");
    for well in ["B2", "B3", "C2", "C3"] {
        let reading = export.plates[0].reads[0].reading(well.parse().unwrap());
        assert_eq!(reading, Some(&Reading::Missing("formula".into())), "{well}");
    }
    assert_eq!(measured(&export.plates[0].reads[0]), 92);
}
