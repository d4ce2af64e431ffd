//! Variants that readers write and of which neither the shared corpus nor `fixtures/exports` has a file: made here after
//! descriptions of real ones, with made-up values. Each is read in full, or what it is is said.

use std::fmt::Write as _;

use crate::support::examined::examine;

use platewise::plate::formats;
use platewise::plate::read::{Export, ExportKind, Mode};
use platewise::plate::{PlateRead, Reading, WellPosition};
use platewise::sheet::Book;

fn read(text: &str) -> Export {
    let (export, problems) = examine(text);
    assert!(problems.0.is_empty(), "{problems}");
    export
}

/// The made-up value of a well: another for every well.
fn value(row: usize, column: usize) -> f64 {
    0.05 + 0.1 * row as f64 + 0.001 * column as f64
}

fn row(row: usize, columns: usize, separator: &str) -> String {
    (0..columns).map(|column| format!("{:.3}", value(row, column))).collect::<Vec<_>>().join(separator)
}

fn letter(row: usize) -> char {
    char::from(b'A' + row as u8)
}

fn numbers(columns: usize, separator: &str) -> String {
    (1..=columns).map(|column| column.to_string()).collect::<Vec<_>>().join(separator)
}

/// Every well of the read is the made-up value, times `factor`.
fn check(read: &PlateRead, wells: usize, factor: f64) {
    let mut found = 0;
    for ((row, column), reading) in read.wells.indexed_iter() {
        if let Some(measured) = reading.measured() {
            assert!((measured - factor * value(row, column)).abs() < 1e-9, "{row} {column}: {measured}");
            found += 1;
        }
    }
    assert_eq!(found, wells);
}

fn light(read: &PlateRead) -> (Mode, Option<f64>, Option<f64>, bool) {
    (read.mode, read.wavelength_nm, read.excitation_nm, read.derived)
}

fn warnings(export: &Export) -> String {
    export.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A SoftMax Pro file whose plates have decimal commas and whose groups have points, as with a European locale.
#[test]
fn softmax_plates_with_commas_and_groups_with_points() {
    let mut text = format!(
        "##BLOCKS= 2\nPlate:\tPlate1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n\
         \tTemperature(¡C)\t{}\n",
        numbers(12, "\t")
    );
    for at in 0..8 {
        let _ = writeln!(text, "\t\t{}", row(at, 12, "\t").replace('.', ",").replace("0,050", "4,99999999999945E-05"));
    }
    text += "\n~End\nGroup: Standards\nSample\tConcentration Units/mL\tWells\tOD\n01\t530000000.000\tA1\t2.632\n \t \tA2\t2.508\n\
             02\t1.000\tB1\t1.507\n\nGroup Column\tFormula Name\tFormula\n1\tSample\t!SampleNames\n2\tConcentration\t!SampleDescriptor\n\
             3\tWells\t!WellIDs\n\n~End\n";
    let export = read(&text);
    let plate = &export.plates[0];
    assert_eq!(plate.reads[0].wells[(0, 0)], Reading::Measured(4.99999999999945e-5));
    assert_eq!(plate.reads[0].wells[(7, 11)], Reading::Measured(0.761));
    let concentration = |well: &str| plate.samples[&well.parse::<WellPosition>().unwrap()].concentration;
    assert_eq!([concentration("A1"), concentration("A2"), concentration("B1")], [Some(5.3e8), Some(5.3e8), Some(1.0)]);
    // Where every point may separate thousands, no concentration is guessed.
    let export = read(&text.replace("530000000.000", "530.000"));
    assert_eq!(export.plates[0].samples.values().next().unwrap().concentration, None);
    assert!(warnings(&export).contains("the concentration '530.000' is not a number"));
}

/// The tables of the oldest versions have no definitions: the titles say what a column is.
#[test]
fn softmax_groups_without_definitions() {
    let mut text = format!(
        "##BLOCKS= 2\nPlate:\tPlate#1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t405 \t1\t12\t96\t1\t8\tNone\t\n\
         \tTemperature(¡C)\t{}\n",
        numbers(12, "\t")
    );
    (0..8).for_each(|at| writeln!(text, "\t\t{}", row(at, 12, "\t")).unwrap());
    text += "\n~End\nGroup:\tStandards\t1\nSample\tConc\tWells\tValue\nStd01\t100.5\tA1\t0.1\n\t\tA2\t0.1\n\nSmallest standard value:\n~End\n";
    let export = read(&text);
    let sample = &export.plates[0].samples[&"A2".parse().unwrap()];
    assert_eq!(
        (sample.name.as_deref(), sample.role.as_deref(), sample.concentration),
        (Some("Std01"), Some("standard"), Some(100.5))
    );
}

/// A single cell with a comma in a file with points: read where it can only be a decimal, and said.
#[test]
fn a_single_comma_among_points_is_read_and_said() {
    let grid = |cell: &str| format!("\t1\t2\t3\nA\t0.1\t{cell}\t0.3\nB\t0.4\t0.5\t0.6\n");
    let export = read(&grid("0,02"));
    assert_eq!(export.plates[0].reads[0].wells[(0, 1)], Reading::Measured(0.02));
    assert!(warnings(&export).contains("'0,02' has a comma where the other numbers have a point"));
    let (_, problems) = examine(&grid("1,234"));
    assert!(problems.to_string().contains("'1,234' has a comma"), "{problems}");
}

/// A luminescence filter without a bandwidth, a step that reads well by well, and another after it.
#[test]
fn gen5_filters_without_bandwidth_and_well_mode() {
    let mut text = "Software Version\t3.12.08\n\nPlate Number\tPlate 1\n\nProcedure Details\n\nPlate Type\t96 WELL PLATE (Use plate lid)\n\
                    Eject plate on completion\t\nWell Mode\t\n    Read\tLuminescence Endpoint\n\tFull Plate\n\tFilter Set 1\n\
                    \t    Emission: 620\n\t    Optics: Top,  Gain: 135\nEnd Mode\t\nRead\tAbsorbance Endpoint\n\tFull Plate\n\
                    \tWavelengths:  450\n\n"
        .to_string();
    for (title, label) in [("Results", "620"), ("450", "450")] {
        let _ = writeln!(text, "{title}\n\t{}", numbers(6, "\t"));
        (0..2).for_each(|at| writeln!(text, "{}\t{}\t{label}", letter(at), row(at, 6, "\t")).unwrap());
        text.push('\n');
    }
    let export = read(&text);
    let reads = &export.plates[0].reads;
    let found: Vec<_> = reads.iter().map(light).collect();
    assert_eq!(found, [(Mode::Luminescence, Some(620.0), None, false), (Mode::Absorbance, Some(450.0), None, false)]);
    check(&reads[0], 12, 1.0);
    check(&reads[1], 12, 1.0);
}

/// EnVision 1.13: the wavelength stands with the measurement, the numbers stand bare; a later section has lost its first line.
#[test]
fn envision_bare_numbers_and_a_section_without_its_first_line() {
    let names = "Plate,Repeat,Barcode,Group,Label,ScanX,ScanY,Measinfo,Kinetics,Measurement date,";
    let mut text =
        "Plate information \nPlate,Repeat,Barcode,Formula,Measurement date,\n1,1,,Calc 1: OD450 doubled,7/17/2026,\n\n"
            .to_string();
    text +=
        "Background information\nPlate,Label,Result,Signal,MeasInfo,\n1,OD450,0,0,De=Abs Ex=N/A Em=450 nm Wdw=N/A,\n\n";
    (0..8).for_each(|at| writeln!(text, "{},", row(at, 12, ",").replace("0.", "2.")).unwrap());
    let _ = write!(text, "\n{names}\n1,1,,1,OD450(1),0,0,De=Abs Ex=N/A Em=450 nm Wdw=N/A,0,7/17/2026,\n\n");
    text +=
        "Background information\nPlate,Label,Result,Signal,MeasInfo,\n1,OD450,0,0,De=Abs Ex=N/A Em=450 nm Wdw=N/A,\n\n";
    (0..8).for_each(|at| writeln!(text, "{},", row(at, 12, ",")).unwrap());
    text += "\nBasic assay information \nAssay ID: ,,,,1\n\nPlate type:\nNumber of rows,,,,8\nNumber of columns,,,,12\n\nLabels:\nOD450,,,,7000008\n\
             Measurement height,,,,N/A\n";
    let export = read(&text);
    let reads = &export.plates[0].reads;
    assert_eq!(reads.iter().map(|read| read.derived).collect::<Vec<_>>(), [true, false]);
    assert_eq!(light(&reads[1]), (Mode::Absorbance, Some(450.0), None, false));
    check(&reads[1], 96, 1.0);
    // Without the settings the size is that of the block.
    let short = text.split("\nBasic assay").next().unwrap().to_string() + "\n";
    let export = read(&short);
    assert_eq!(export.plates[0].size.count(), 96);
    check(&export.plates[0].reads[1], 96, 1.0);
}

/// SparkControl's csv: a list of wells instead of a grid.
#[test]
fn spark_csv_with_a_list_of_wells() {
    let mut text = "Method name: Test\nApplication: SparkControl,,,,V2.3\nDevice: Spark\n".to_string();
    for (name, mode, setting) in [
        ("OD600", "Absorbance", "Measurement wavelength,,,,600,nm"),
        ("GFP", "Fluorescence Top Reading", "Excitation wavelength,,,,485,nm\nEmission wavelength,,,,520,nm"),
    ] {
        let _ = write!(
            text,
            "\nMode,{mode}\nName,{name}\n{setting}\nStart Time,2020-01-01 10:00:00\n,Temperature: 25.1 C\n<>,Value,Time [ms]\n"
        );
        (0..8).for_each(|at| {
            (0..12).for_each(|c| writeln!(text, "{}{},{:.3},{c}", letter(at), c + 1, value(at, c)).unwrap())
        });
        text += "End Time,2020-01-01 10:01:00\n";
    }
    let export = read(&text);
    let reads = &export.plates[0].reads;
    assert_eq!(light(&reads[0]), (Mode::Absorbance, Some(600.0), None, false));
    assert_eq!(light(&reads[1]), (Mode::Fluorescence, Some(520.0), Some(485.0), false));
    assert_eq!((reads[0].label.as_str(), reads[1].label.as_str()), ("OD600", "GFP"));
    reads.iter().for_each(|read| check(read, 96, 1.0));
}

/// i-control with several reads in each well gives their mean, with a word on it; German words like the English ones.
#[test]
fn icontrol_with_several_reads_in_each_well() {
    for (application, label, mode, wavelength, mean) in [
        (
            "Application: Tecan i-control",
            "Label: Label1",
            "Mode\t\t\t\tAbsorbance",
            "Wavelength\t\t\t\t450\tnm",
            "Mean\tStDev",
        ),
        (
            "Programm: Tecan i-control",
            "Label: Label1",
            "Modus\t\t\t\tAbsorption",
            "Wellenlänge\t\t\t\t450\tnm",
            "Mittelwert\tStAbw",
        ),
    ] {
        let mut text = format!(
            "{application}\n{label}\n{mode}\n{wavelength}\nMultiple Reads per Well (Square)\t\t\t\t2 x 2\n\nWell\t{mean}\t0;0\t0;1\n"
        );
        (0..2).for_each(|at| {
            (0..3).for_each(|c| writeln!(text, "{}{}\t{:.3}\t0.001\t9\t9", letter(at), c + 1, value(at, c)).unwrap())
        });
        let export = read(&(text + "\n\nEnd Time:\n"));
        let read = &export.plates[0].reads[0];
        assert_eq!(light(read), (Mode::Absorbance, Some(450.0), None, false));
        check(read, 6, 1.0);
        assert!(warnings(&export).contains("several values in each well"));
    }
}

/// i-control 1.11 as csv has no labels: all settings first, then the values in the same order.
#[test]
fn icontrol_without_labels_gives_each_grid_its_own_settings() {
    let mut text = "Application: Tecan i-control,,,,\"Tecan i-control , 1.11.1.0\"\nDevice: infinite 200Pro\nPlate,,,,Greiner 96 Flat Bottom\n\
                    Mode,,,,Absorbance\nWavelength,,,,450,nm\nMode,,,,Absorbance\nWavelength,,,,620,nm\n"
        .to_string();
    for title in ["OD450:450", "OD620:620"] {
        let _ = writeln!(text, "\n{title}\n<>,{}", numbers(12, ","));
        (0..8).for_each(|at| writeln!(text, "{},{}", letter(at), row(at, 12, ",")).unwrap());
    }
    let export = read(&text);
    let found: Vec<_> = export.plates[0].reads.iter().map(|read| read.wavelength_nm).collect();
    assert_eq!(found, [Some(450.0), Some(620.0)]);
}

/// A line of several columns of MARS's table view.
fn mars_table(header: &str, axis: &str, blank_lines: bool) -> String {
    let end = if blank_lines { "\n\n" } else { "\n" };
    let mut lines = vec![
        "User: USER".to_string(),
        "Path: C:\\BMG\\Data".into(),
        "Test Name: TARC".into(),
        "ID1: P07".into(),
        "Absorbance".into(),
        header.into(),
    ];
    lines.extend((!axis.is_empty()).then(|| axis.to_string()));
    for at in 0..8 {
        for column in 0..12 {
            let content =
                if column < 2 { format!("Standard S{}", at + 1) } else { format!("Sample X{}", 8 * column + at) };
            lines.push(format!(
                "{},{},{content},{:.3},{:.3}",
                letter(at),
                column + 1,
                value(at, column),
                0.5 * value(at, column)
            ));
        }
    }
    lines.join(end) + end
}

#[test]
fn mars_tables_with_one_row_per_well() {
    for blank_lines in [false, true] {
        let header = "Well Row,Well Col,Content,Raw Data (450 1),Blank corrected based on Raw Data (450 1)";
        let export = read(&mars_table(header, "", blank_lines));
        let plate = &export.plates[0];
        assert_eq!((export.format.as_str(), plate.id.as_deref(), plate.size.count()), ("BMG MARS", Some("P07"), 96));
        assert_eq!(light(&plate.reads[0]), (Mode::Absorbance, Some(450.0), None, false));
        assert!(plate.reads[1].derived);
        check(&plate.reads[0], 96, 1.0);
        let sample = &plate.samples[&"C2".parse().unwrap()];
        assert_eq!((sample.role.as_deref(), sample.name.as_deref()), (Some("standard"), Some("S3")));
    }
    for (axis, kind) in
        [(",,Time,0 h ,0 h 15 min", ExportKind::Kinetic), (",,Wavelength [nm],450,452", ExportKind::Spectrum)]
    {
        let (export, problems) =
            examine(&mars_table("Well Row,Well Col,Content,Raw Data (450),Raw Data (450)", axis, false));
        assert_eq!(export.kind, kind);
        assert!(!problems.0.is_empty());
    }
}

/// SMART Control draws the plate anew for each cycle: not two reads of one plate.
#[test]
fn smart_control_cycles_are_a_kinetic_read() {
    let mut text = "User: USER\nTest Name: Calcium\nFluorescence (FI)\n".to_string();
    for cycle in 1..=3 {
        let _ =
            writeln!(text, "Cycle {cycle} ({} min 38 s)\n,1. Raw Data (402-8/474-9)\n,{}", cycle - 1, numbers(12, ","));
        (0..8).for_each(|at| writeln!(text, "{},{}", letter(at), row(at, 12, ",")).unwrap());
    }
    let (export, problems) = examine(&text);
    assert_eq!(export.kind, ExportKind::Kinetic);
    assert!(problems.to_string().contains("a kinetic read"));
}

/// Magellan with one column and settings that are not numbered; its newer, shorter footer names the mode alone.
#[test]
fn magellan_says_the_wavelength_of_its_only_column() {
    let mut text = "Raw data\tWell positions\n".to_string();
    (0..8).for_each(|at| (0..12).for_each(|c| writeln!(text, "{:.3}\t{}{}", value(at, c), letter(at), c + 1).unwrap()));
    for footer in [
        "Measurement mode: Absorbance\nMeasurement wavelength: 492 nm\nUnit: OD\n",
        "Measurement wavelength: 492 nm\nAbsorbance\nRange: A1:H12\n",
        "    Absorbance\n    Measurement Wavelength: 492 [nm]\n    Label: test\n",
    ] {
        let export = read(&format!("{text}\nDate of measurement: 2025-01-01/Time of measurement: 10:00:00\n{footer}"));
        let read = &export.plates[0].reads[0];
        assert_eq!((read.mode, read.wavelength_nm, read.stated_nm), (Mode::Absorbance, None, Some(492.0)), "{footer}");
        check(read, 96, 1.0);
        assert!(warnings(&export).contains("read = 492, and by no other wavelength"), "{}", warnings(&export));
    }
}

/// BMG LABTECH letters the rows after Z `a` to `f`; an export of some rows only goes on after `Y` with `e`, the 31st.
#[test]
fn mars_rows_after_z_are_placed_by_their_letter_where_rows_are_left_out() {
    let line = |row: usize| row_of_1536(row);
    let text = format!(
        "User: USER,Path: x,Test run no.: 1\nTest name: x,Date: 1/2/2026,Time: 9:00:00 AM\n\nID1: P,ID2:,ID3:\nLuminescence\n\n\
         Raw Data (No filter)\n\n,{}\nA,{}\nY,{}\ne,{}\n",
        numbers(48, ","),
        line(0),
        line(24),
        line(30)
    );
    let export = read(&text);
    let read = &export.plates[0].reads[0];
    assert_eq!(export.plates[0].size.count(), 1536);
    check(read, 3 * 48, 1000.0);
}

fn row_of_1536(row: usize) -> String {
    (0..48).map(|column| format!("{:.0}", 1000.0 * value(row, column))).collect::<Vec<_>>().join(",")
}

/// Omega's tables name the cycle in the title of each column, and excitation and emission with a comma.
#[test]
fn mars_tables_with_cycles_in_their_titles() {
    let table = |titles: &str, values: &str| {
        format!(
            "User: USER,,,\nPath: x,,,\nTest ID: 1,,,\nTest Name: x,,,\nFluorescence (FI),,,\n,,,\n\"Well\nRow\",\"Well\nCol\",Content,{titles}\n\
             A,1,Sample X1,{values}\nA,2,Sample X2,{values}\n"
        )
    };
    let one = read(&table("\"Raw Data (355, 460)\"", "101"));
    assert_eq!(light(&one.plates[0].reads[0]), (Mode::Fluorescence, Some(460.0), Some(355.0), false));
    let cycles = "\"Raw Data (355, 460)\n1 - 0 min  \",\"Raw Data (355, 460)\n2 - 0 min 15 s \"";
    let (export, problems) = examine(&table(cycles, "101,102"));
    assert_eq!((export.kind, problems.0.len()), (ExportKind::Kinetic, 1));
}

/// Plates of version `0.3` have no line of column numbers and the temperature in the first field.
#[test]
fn softmax_plates_without_column_numbers() {
    let plate = |wavelengths: &str, rows: usize| {
        let lines: String =
            (0..rows).map(|r| format!("{}\t{}\t\t\n", if r == 0 { "22.10" } else { "" }, row(r, 12, "\t"))).collect();
        format!(
            "##BLOCKS= 7          \nPlate:\tPlate01\t0.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t{wavelengths}\t1\t12\t96\t1\t8\tNone\t\n{lines}"
        )
    };
    let export = read(&plate("562", 8));
    assert_eq!(light(&export.plates[0].reads[0]), (Mode::Absorbance, Some(562.0), None, false));
    check(&export.plates[0].reads[0], 96, 1.0);
    for refused in [plate("562", 7), plate("450 650", 8)] {
        let (_, problems) = examine(&refused);
        assert!(problems.to_string().contains("no line of column numbers"), "{problems}");
    }
}

/// A line of values that ends before the wells above it was cut off; a read of some wells names only these.
#[test]
fn softmax_lines_that_end_early_are_refused() {
    let text = |values: &str| {
        format!(
            "##BLOCKS= 1\nPlate:\tP\t1.3\tTimeFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n\
             \tTemperature(¡C)\tA1\tA2\tA3\n\t25\t{values}\n\n~End\n"
        )
    };
    check(&read(&text("0.050\t0.051\t")).plates[0].reads[0], 2, 1.0);
    let (_, problems) = examine(&text("0.050\t0.051"));
    assert!(problems.to_string().contains("the line ends before well A03"), "{problems}");
}

/// Masked is the well, in whichever of its groups it shows.
#[test]
fn softmax_masks_of_a_second_group() {
    let group = |name: &str, mark: &str| {
        format!(
            "Group: {name}\nSample\tWells\tValue\n01\tA1\t{mark}\n\nGroup Column\tFormula Name\tFormula\n1\tSample\t!SampleNames\n\
             2\tWells\t!WellIDs\n3\tValue\t!WellValues\n~End\n"
        )
    };
    let plate = "Plate:\tP\t1.3\tTimeFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n\
                 \tTemperature(¡C)\tA1\tA2\n\t25\t0.050\t0.051\n\n~End\n";
    let export = read(&format!("##BLOCKS= 3\n{plate}{}{}", group("Standards", "0.050"), group("Check", "Masked")));
    let sample = &export.plates[0].samples[&"A1".parse().unwrap()];
    assert_eq!((sample.group.as_deref(), sample.masked), (Some("Standards"), true));
    // Where the groups do not say the plate, the mask cannot be put into effect, and that is said.
    let second = plate.replace("Plate:\tP\t", "Plate:\tQ\t");
    let export = read(&format!("##BLOCKS= 3\n{plate}{second}{}", group("Standards", "Masked")));
    let said = export
        .warnings
        .iter()
        .any(|warning| warning.found.contains("of these A01 are masked, and count as if they were not"));
    assert!(said, "{:?}", export.warnings);
}

/// A table with one row per well and time is kinetic, whatever its columns are called.
#[test]
fn a_plain_table_in_which_wells_come_again_at_other_times() {
    let (export, _) = examine("well,time,OD600\nA1,0,0.05\nA2,0,0.06\nA1,15,0.07\nA2,15,0.08\n");
    assert_eq!(export.kind, ExportKind::Kinetic);
    let once = read("well,time,OD600\nA1,0,0.050\nA2,15,0.051\n");
    check(&once.plates[0].reads[0], 2, 1.0);
}

/// A matrix below column numbers, as a data frame is written without its index.
#[test]
fn a_bare_matrix_below_column_numbers() {
    let lines: String = (0..8).map(|r| row(r, 12, "\t") + "\n").collect();
    let export = read(&format!("{}\n{lines}", numbers(12, "\t")));
    check(&export.plates[0].reads[0], 96, 1.0);
}

/// Lines that have moved against their column numbers lose no value in silence.
#[test]
fn softmax_values_outside_of_the_columns_are_refused() {
    let text = |shift: &str| {
        let lines: String =
            (0..8).map(|r| format!("\t{}{shift}\t{}\n", if r == 0 { "24.00" } else { "" }, row(r, 9, "\t"))).collect();
        format!(
            "##BLOCKS= 1          \nPlate:\tPlate#1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t562\t1\t9\t96\t1\t8\tNone\t\n\
             \tTemperature(C)\t{}\t\t\n{lines}\t\t\n~End\n",
            numbers(12, "\t")
        )
    };
    check(&read(&text("")).plates[0].reads[0], 72, 1.0);
    let (_, problems) = examine(&text("\t\t\t\t\t"));
    assert!(problems.to_string().contains("stands outside of the plate's columns"), "{problems}");
}

#[test]
fn xml_exports_are_named() {
    for (text, words) in [
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MeasurementResultData Date=\"2017-11-20\">\n  <Plate>1</Plate>\n",
            "Tecan i-control",
        ),
        ("<?xml version=\"1.0\"?>\n<ExperimentFile DocumentName=\"x\">\n", "SoftMax Pro"),
    ] {
        let (export, problems) = examine(text);
        assert_eq!(export.kind, ExportKind::NotSupported);
        assert!(problems.to_string().contains(words), "{problems}");
    }
}

/// SkanIt writes its report in the language of the program: after the description of a French one.
#[test]
fn skanit_reports_in_french() {
    let grid = |corner: &str, cell: &dyn Fn(usize, usize) -> String| {
        let line =
            |r: usize| (0..12).map(|c| cell(r, c)).fold(letter(r).to_string(), |line, cell| line + ";" + &cell) + "\n";
        format!("{corner};{}\n{}", numbers(12, ";"), (0..8).map(line).collect::<String>())
    };
    let reading = |r: usize, c: usize| format!("{:.3}", value(r, c)).replace('.', ",");
    let name = |r: usize, c: usize| match (r, c) {
        (0, 0) => "Blanc1".to_string(),
        (1, 0) => "NC0001".to_string(),
        _ => format!("Échantillon{:04}", 12 * r + c),
    };
    let text = format!(
        "Résultats de mesure\nSession (1).skax\n17/11/2025 12:38:43\n\nAbsorbance 1\nLongueur d'onde: 450 nm\n\nPlaque 1\n\n{}\n{}\n\
         Plage d'autochargement A1 - M28\n",
        grid("Abs", &reading),
        grid("Échantillon", &name)
    );
    let export = read(&text);
    let plate = &export.plates[0];
    assert_eq!((export.format.as_str(), plate.name.as_deref()), ("SkanIt", Some("Plaque 1")));
    assert_eq!(light(&plate.reads[0]), (Mode::Absorbance, Some(450.0), None, false));
    check(&plate.reads[0], 96, 1.0);
    let role = |well: &str| plate.samples[&well.parse().unwrap()].role.clone().unwrap();
    assert_eq!((role("A1"), role("B1"), role("H12")), ("blank".into(), "control".into(), "sample".into()));
}

/// Magellan writes `NoCalc` where it could not measure a well: no number, and said.
#[test]
fn magellan_wells_without_a_value() {
    let lines: String = (0..8).map(|r| format!("{}\t{}\n", letter(r), row(r, 12, "\t"))).collect();
    let export = read(&format!("<>\t{}\n{}", numbers(12, "\t"), lines.replacen("0.050", "NoCalc", 1)));
    let read = &export.plates[0].reads[0];
    assert_eq!(read.reading("A1".parse().unwrap()), Some(&Reading::NotComputed("NoCalc".into())));
    check(read, 95, 1.0);
}

/// The short footer of Magellan 7.5 names the column of its measurement; the column may be called anything.
#[test]
fn magellan_footers_that_name_their_column() {
    let wells: String = (0..12).map(|c| format!("A{}\t{:.3}\t\n", c + 1, value(0, c))).collect();
    let file = |label: &str| {
        read(&format!(
            "Well positions\t{label}\tLayout\n\t0 °C\t\n{wells}Date of measurement: 2025-01-01/Time of measurement: 10:00:00\n\
             infinite F50\nAbsorbance\nMeasurement wavelength: 492 nm\nLabel: {label}\nPlate Description: [SUNRISE_Standard] - 96 Flat\n\
             Range: A1:H12\nAction: Move out\n"
        ))
    };
    for label in ["Label1", "OD of the kit"] {
        let export = file(label);
        assert_eq!(light(&export.plates[0].reads[0]), (Mode::Absorbance, Some(492.0), None, false));
        assert_eq!(export.plates[0].reads[0].label, label);
        check(&export.plates[0].reads[0], 12, 1.0);
    }
}

/// Magellan's list without names of columns, with the indented footer of Magellan Pro and a label that is no column.
#[test]
fn magellan_lists_without_names_of_columns() {
    let wells = |words: &str| -> String {
        (0..96)
            .map(|at| format!("SM{at}_1\t{}{}\t{:.3}{words}\n", letter(at % 8), at / 8 + 1, value(at % 8, at / 8)))
            .collect()
    };
    let footer = "Date of measurement: 2026-01-02/Time of measurement: 10:00:00\nKit.mth\nC:\\wsp\\Kit.wsp\n490nm - 530nm\n\
                  infinite 200Pro\nPlate\n  Range: A1:H12\n    Fluorescence Intensity\n    Excitation Wavelength: 490 nm\n    \
                  Emission Wavelength: 530 nm\n    Gain: Optimal\n    Label: test\nValue of optimal gain: 77\n";
    let export = read(&(wells("") + footer));
    let plate = &export.plates[0];
    let read_of = &plate.reads[0];
    assert_eq!((read_of.mode, read_of.wavelength_nm, read_of.stated_nm), (Mode::Fluorescence, None, Some(530.0)));
    assert_eq!(read_of.excitation_nm, Some(490.0));
    check(read_of, 96, 1.0);
    let sample = &plate.samples[&"B1".parse().unwrap()];
    assert_eq!((sample.name.as_deref(), sample.role.as_deref()), (Some("SM1_1"), None));

    let blank = read(&(wells("").replace("SM", "") + "\n\n" + footer));
    check(&blank.plates[0].reads[0], 96, 1.0);

    let named = read(&(format!("Sample\tWell positions\tRaw data\n{}", wells("")) + footer));
    assert_eq!((named.plates[0].reads[0].mode, named.plates[0].reads[0].stated_nm), (Mode::Fluorescence, Some(530.0)));

    // Which of two columns of numbers is the reading, the file does not say.
    let book = Book::from_bytes((wells("\t7") + footer).as_bytes(), "file").unwrap();
    assert!(formats::examine(&book, None).is_err());
}
