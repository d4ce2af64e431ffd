//! Layouts as people make them: one plate, written in every form, orientation and spelling that this test can think of, is read as
//! that plate; what cannot be understood, or may mean two things, is refused with its cell.

use std::collections::BTreeMap;
use std::path::Path;

use assert_cmd::Command;
use platewise::plate::{Layout, PlateSize, WellPosition, WellRole};
use platewise::protocol::Assay;
use platewise::sheet::{Book, Problems, Value};
use rust_xlsxwriter::{Format, Workbook};

const LEVELS: [f64; 8] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0];

/// What is on the plate, wherever and however it is written: duplicates side by side, standards in columns 1 and 2, two controls
/// and a blank at the top of columns 3 and 4, samples elsewhere, the last two columns empty.
fn plate() -> BTreeMap<WellPosition, WellRole> {
    let mut wells = BTreeMap::new();
    for well in PlateSize::WELLS_96.wells() {
        let (row, pair) = (usize::from(well.row), usize::from(well.column) / 2);
        let control =
            |level: &str, nominal| WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 };
        let role = match (pair, row) {
            (0, row) => WellRole::Standard { concentration: LEVELS[row] },
            (1, 0) => control("low", 90.0),
            (1, 1) => control("high", 1500.0),
            (1, 2) => WellRole::Blank,
            (5, _) => continue,
            (pair, row) => WellRole::Sample { id: format!("10{pair}-W0{row}"), dilution: Some(10.0) },
        };
        wells.insert(well, role);
    }
    wells
}

fn assay(standards: bool) -> Assay {
    let list = if standards { "[standards]\nlist = [2000, 1000, 500, 250, 125, 62.5, 31.25, 0]\n" } else { "" };
    Assay::parse(&format!("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n{list}")).unwrap()
}

/// A sheet in the making.
type Cells = Vec<Vec<String>>;

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| cell.to_string()).collect()
}

/// A grid around what `cell` writes of a well.
fn grid(corner: &str, cell: impl Fn(WellPosition, Option<&WellRole>) -> String) -> Cells {
    let wells = plate();
    let mut cells =
        vec![std::iter::once(corner.to_string()).chain((1..=12).map(|column| column.to_string())).collect()];
    for at in 0..8 {
        let of = |column| WellPosition::new(at, column);
        let letter = char::from(b'A' + at as u8).to_string();
        cells.push(
            std::iter::once(letter).chain((0..12).map(|column| cell(of(column), wells.get(&of(column))))).collect(),
        );
    }
    cells
}

/// How the cells of a map are written.
struct Spelling {
    standard: fn(f64) -> String,
    control: fn(&str, f64) -> String,
    blank: &'static str,
    sample: fn(&str) -> String,
    empty: &'static str,
}

const PLAIN: Spelling = Spelling {
    standard: |x| format!("Std {x}"),
    control: |level, nominal| format!("QC {level} {nominal}"),
    blank: "Blank",
    sample: |id| format!("{id} 1:10"),
    empty: "",
};

fn level(x: f64) -> usize {
    LEVELS.iter().position(|level| *level == x).unwrap() + 1
}

fn map_with(corner: &str, spelling: &Spelling) -> Cells {
    grid(corner, |_, role| match role {
        None => spelling.empty.to_string(),
        Some(WellRole::Standard { concentration }) => (spelling.standard)(*concentration),
        Some(WellRole::Control { level, nominal: Some(nominal), .. }) => (spelling.control)(level, *nominal),
        Some(WellRole::Sample { id, .. }) => (spelling.sample)(id),
        Some(_) => spelling.blank.to_string(),
    })
}

fn map() -> Cells {
    map_with("", &PLAIN)
}

/// The four grids of fields, in the words of `titles` and `roles` (standard, control, blank, sample).
fn fields(titles: [&str; 4], roles: [&str; 4]) -> [Cells; 4] {
    let word = move |role: &WellRole| match role {
        WellRole::Standard { .. } => roles[0],
        WellRole::Control { .. } => roles[1],
        WellRole::Blank => roles[2],
        _ => roles[3],
    };
    [
        grid(titles[0], move |_, role| role.map_or("", word).to_string()),
        grid(titles[1], |_, role| match role {
            Some(WellRole::Control { level, .. }) => level.clone(),
            Some(WellRole::Sample { id, .. }) => id.clone(),
            _ => String::new(),
        }),
        grid(titles[2], |_, role| match role {
            Some(WellRole::Standard { concentration: number } | WellRole::Control { nominal: Some(number), .. }) => {
                number.to_string()
            }
            _ => String::new(),
        }),
        grid(titles[3], |_, role| if let Some(WellRole::Sample { .. }) = role { "1:10".into() } else { String::new() }),
    ]
}

const TITLES: [&str; 4] = ["role", "sample", "concentration", "dilution"];
const ROLES: [&str; 4] = ["standard", "control", "blank", "sample"];

/// One below the other with a blank row between.
fn below(parts: &[Cells]) -> Cells {
    let mut all = Cells::new();
    for part in parts {
        all.extend(part.clone());
        all.push(Vec::new());
    }
    all
}

fn beside(one: &Cells, other: &Cells, gap: usize) -> Cells {
    let width = one.iter().map(Vec::len).max().unwrap_or(0) + gap;
    let rows = one.len().max(other.len());
    let mut all = Cells::new();
    for at in 0..rows {
        let mut cells = one.get(at).cloned().unwrap_or_default();
        cells.resize(width, String::new());
        cells.extend(other.get(at).cloned().unwrap_or_default());
        all.push(cells);
    }
    all
}

fn transposed(cells: &Cells) -> Cells {
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..width).map(|column| cells.iter().map(|row| row.get(column).cloned().unwrap_or_default()).collect()).collect()
}

fn moved(cells: &Cells, down: usize, right: usize) -> Cells {
    let mut all = vec![Vec::new(); down];
    all.extend(cells.iter().map(|row| [vec![String::new(); right], row.clone()].concat()));
    all
}

fn with(mut cells: Cells, row: usize, column: usize, text: &str) -> Cells {
    let width = cells[row].len().max(column + 1);
    cells[row].resize(width, String::new());
    cells[row][column] = text.to_string();
    cells
}

fn table(columns: [&str; 5], roles: [&str; 4], well: fn(WellPosition) -> String) -> Cells {
    let mut cells = vec![row(&columns)];
    let titles = fields(TITLES, roles);
    for position in plate().keys() {
        let at = |grid: &Cells| grid[1 + usize::from(position.row)][1 + usize::from(position.column)].clone();
        cells.push(std::iter::once(well(*position)).chain(titles.iter().map(at)).collect());
    }
    cells
}

/// The files that hold the cells: text with a separator, or a workbook whose numbers are numbers.
enum File {
    Text(char),
    Workbook,
    /// A workbook in which neighbours of one content are one merged cell, and so is the title.
    Merged,
}

fn bytes(cells: &Cells, file: &File) -> Vec<u8> {
    let separator = match file {
        File::Text(separator) => *separator,
        other => return workbook(cells, matches!(other, File::Merged)),
    };
    let mut writer = csv::WriterBuilder::new().delimiter(separator as u8).flexible(true).from_writer(Vec::new());
    for row in cells {
        // An empty line, as editors leave it.
        if row.is_empty() { writer.write_record([""]).unwrap() } else { writer.write_record(row).unwrap() }
    }
    writer.into_inner().unwrap()
}

fn workbook(cells: &Cells, merged: bool) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, texts) in cells.iter().enumerate() {
        let mut column = 0;
        while column < texts.len() {
            let text = &texts[column];
            let alike = texts[column..].iter().take_while(|other| *other == text).count();
            if merged && alike > 1 && !text.is_empty() {
                let last = (column + alike - 1) as u16;
                sheet.merge_range(row as u32, column as u16, row as u32, last, text, &Format::new()).unwrap();
                column += alike;
                continue;
            }
            match text.parse::<f64>() {
                Ok(number) => sheet.write_number(row as u32, column as u16, number).map(drop).unwrap(),
                Err(_) if text.is_empty() => {}
                Err(_) => sheet.write_string(row as u32, column as u16, text).map(drop).unwrap(),
            }
            column += 1;
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn read(cells: &Cells, file: &File, standards: bool) -> Result<Layout, Problems> {
    let name = if let File::Text(_) = file { "layout.csv" } else { "layout.xlsx" };
    Layout::read(&Book::from_bytes(&bytes(cells, file), name)?.sheets[0], &assay(standards))
}

const COMMA: File = File::Text(',');
const SEMICOLON: File = File::Text(';');

#[test]
fn one_plate_is_read_however_it_is_written() {
    let spelt = |of: Spelling| map_with("", &of);
    let notes = [row(&["Plate 7, lot 12", "", "read by AB"]), Vec::new()];
    let all = below(&fields(TITLES, ROLES));
    let synonyms = fields(["Type", "Name", "Conc.", "Dilution factor"], ["Std", "QC", "Blk", "Unk"]);
    let mut above = Cells::new();
    for (title, part) in
        ["Sample type", "Sample ID", "Concentration (pg/mL)", "Dilution"].iter().zip(fields(["", "", "", ""], ROLES))
    {
        above.push(row(&[title]));
        above.extend(part);
        above.push(Vec::new());
    }
    let mut gaps = map();
    for at in [7, 5, 1] {
        gaps.insert(at, Vec::new());
    }
    let decimal: Cells = all.iter().map(|row| row.iter().map(|cell| cell.replace('.', ",")).collect()).collect();
    let [role, sample, concentration, dilution] = fields(TITLES, ROLES);
    let layouts: Vec<(&str, Cells, File, bool)> = vec![
        ("a map", map(), COMMA, false),
        ("with tabs", map(), File::Text('\t'), false),
        ("in a workbook", map(), File::Workbook, false),
        ("merged duplicates", map(), File::Merged, false),
        ("a name in the corner", map_with("Plate 7", &PLAIN), COMMA, false),
        (
            "units",
            spelt(Spelling {
                standard: |x| format!("STD {x} pg/mL"),
                control: |l, n| format!("Ctrl {l} {n} pg/ml"),
                blank: "BLK",
                sample: |id| format!("Sample {id} 1:10"),
                ..PLAIN
            }),
            COMMA,
            false,
        ),
        (
            "calibrators",
            spelt(Spelling {
                standard: |x| format!("Cal {x}"),
                blank: "B",
                sample: |id| format!("Unk {id} (1:10)"),
                ..PLAIN
            }),
            COMMA,
            false,
        ),
        ("levels by word", spelt(Spelling { standard: |x| format!("Std{}", level(x)), ..PLAIN }), COMMA, true),
        (
            "levels with a space",
            spelt(Spelling { standard: |x| format!("Standard {}", level(x)), ..PLAIN }),
            COMMA,
            true,
        ),
        ("levels by letter", spelt(Spelling { standard: |x| format!("S{}", level(x)), ..PLAIN }), COMMA, true),
        (
            "levels with leading zeros",
            spelt(Spelling { standard: |x| format!("STD{:02}", level(x)), ..PLAIN }),
            COMMA,
            true,
        ),
        (
            "levels as Magellan has them",
            spelt(Spelling { standard: |x| format!("ST{}", level(x)), blank: "BL1", ..PLAIN }),
            COMMA,
            true,
        ),
        (
            "level and concentration",
            spelt(Spelling { standard: |x| format!("S{}: {x}", level(x)), ..PLAIN }),
            COMMA,
            false,
        ),
        (
            "level and concentration, with unit",
            spelt(Spelling { standard: |x| format!("Std{} ({x} pg/mL)", level(x)), ..PLAIN }),
            COMMA,
            true,
        ),
        (
            "in two lines of a cell",
            spelt(Spelling { standard: |x| format!("Std\n{x}"), sample: |id| format!("{id}\n1:10"), ..PLAIN }),
            COMMA,
            false,
        ),
        ("dashes for nothing", spelt(Spelling { empty: "-", ..PLAIN }), COMMA, false),
        ("the word for nothing", spelt(Spelling { empty: "empty", ..PLAIN }), COMMA, false),
        (
            "spaces of all kinds",
            spelt(Spelling { standard: |x| format!("  std\u{a0}{x} "), blank: " blank ", ..PLAIN }),
            COMMA,
            false,
        ),
        ("dilutions as folds", spelt(Spelling { sample: |id| format!("{id} 10x"), ..PLAIN }), COMMA, false),
        ("dilutions behind a comma", spelt(Spelling { sample: |id| format!("{id}, 1/10"), ..PLAIN }), COMMA, false),
        ("no-template wells", spelt(Spelling { blank: "NTC", ..PLAIN }), COMMA, false),
        (
            "decimal commas in a map",
            spelt(Spelling { standard: |x| format!("Std {}", x.to_string().replace('.', ",")), ..PLAIN }),
            SEMICOLON,
            false,
        ),
        ("a title and an empty row above", [notes.to_vec(), map()].concat(), COMMA, false),
        (
            "notes below",
            [map(), vec![Vec::new(), row(&["Samples of visit 3; plate sealed for 2 h"])]].concat(),
            COMMA,
            false,
        ),
        (
            "notes beside, behind an empty column",
            beside(&map(), &vec![row(&["Operator"]), row(&["AB"])], 1),
            COMMA,
            false,
        ),
        ("empty rows between", gaps, COMMA, false),
        ("letters across, numbers down", transposed(&map()), COMMA, false),
        ("letters across, in a workbook", transposed(&map()), File::Workbook, false),
        ("not in the corner of the sheet", moved(&map(), 3, 2), File::Workbook, false),
        ("grids", all.clone(), COMMA, false),
        ("grids with tabs", all.clone(), File::Text('\t'), false),
        ("grids in a workbook", all.clone(), File::Workbook, false),
        ("grids of merged cells", all.clone(), File::Merged, false),
        ("grids with decimal commas", decimal, SEMICOLON, false),
        ("grids in the words of others", below(&synonyms), COMMA, false),
        ("titles above the grids", above, COMMA, false),
        ("grids letters across", below(&fields(TITLES, ROLES).map(|grid| transposed(&grid))), COMMA, false),
        ("grids side by side", below(&[beside(&role, &sample, 1), beside(&concentration, &dilution, 1)]), COMMA, false),
        ("grids below a title", [notes.to_vec(), all].concat(), COMMA, false),
        (
            "a table",
            table(["well", "role", "sample", "concentration", "dilution"], ROLES, |well| well.to_string()),
            COMMA,
            false,
        ),
        (
            "a table in the words of others",
            table(
                ["Well", "Type", "Sample ID", "Conc", "Dilution Factor"],
                ["STD", "Ctrl", "BLK", "Unknown"],
                |well| format!("{}{}", char::from(b'a' + well.row as u8), well.column + 1),
            ),
            File::Text('\t'),
            false,
        ),
        (
            "a table in a workbook",
            table(["Well", "Role", "Sample", "Concentration", "Dilution"], ROLES, |well| well.to_string()),
            File::Workbook,
            false,
        ),
    ];
    assert!(layouts.len() >= 40, "{}", layouts.len());
    let mut wrong = Vec::new();
    for (what, cells, file, standards) in &layouts {
        match read(cells, file, *standards) {
            Err(problems) => wrong.push(format!("{what}: {problems}")),
            Ok(layout) => {
                let found: BTreeMap<WellPosition, WellRole> =
                    layout.wells.iter().map(|(at, well)| (*at, well.role.clone())).collect();
                for (at, role) in &plate() {
                    if found.get(at) != Some(role) {
                        wrong.push(format!("{what}: {at} is {:?}, not {role:?}", found.get(at)));
                        break;
                    }
                }
                if found.len() != plate().len() {
                    wrong.push(format!("{what}: {} wells, not {}", found.len(), plate().len()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The map that the program writes from an export is read back as the layout that the export declares, and with the export it gives
/// that layout's plate.
#[test]
fn a_map_that_is_written_is_read_back_exactly() {
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates/exports/P01.txt");
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("map.xlsx");
    let mut command = Command::cargo_bin("platewise").unwrap();
    let made = command.arg("layout").arg("--from").arg(&export).arg(&file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |file: &Path| Layout::read(&Book::open(file, "map.xlsx").unwrap().sheets[0], &assay(false)).unwrap();
    let roles = |layout: &Layout| -> Vec<(WellPosition, WellRole)> {
        layout.wells.iter().map(|(at, well)| (*at, well.role.clone())).collect()
    };
    let declared = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates/layouts/P01.csv"));
    assert_eq!(roles(&read(&file)), roles(&declared), "the layout of P01 is what its export declares");
    // Nothing is written over unless that is said.
    let mut again = Command::cargo_bin("platewise").unwrap();
    assert_eq!(again.arg("layout").arg(&file).output().unwrap().status.code(), Some(2));
    for size in ["96", "384"] {
        let mut command = Command::cargo_bin("platewise").unwrap();
        let made = command.args(["layout", "--plate", size, "--replace"]).arg(&file).output().unwrap();
        assert!(made.status.success());
        let empty = Layout::read(&Book::open(&file, "map.xlsx").unwrap().sheets[0], &assay(false)).unwrap_err();
        assert!(empty.to_string().contains("the map of the plate is empty"), "{empty}");
    }
}

/// A dilution series in the short form: with the number of its wells, in all its wells, in merged cells, to the edge; down the sheet is
/// down the plate only where the letters are.
#[test]
fn a_dilution_series_in_the_short_form_is_the_wells_written_out() {
    let series = |cells: &Cells, file: &File| {
        let layout = read(cells, file, false).unwrap();
        let of = |(at, well): (&WellPosition, &platewise::plate::LayoutWell)| match &well.role {
            WellRole::Sample { id, dilution } if id == "S12" => Some((at.to_string(), dilution.unwrap())),
            _ => None,
        };
        (
            layout.wells.iter().filter_map(of).collect::<Vec<_>>(),
            layout.notes.iter().map(|note| note.to_string()).collect::<Vec<_>>(),
        )
    };
    let wells = |wells: &[(&str, f64)]| wells.iter().map(|(at, factor)| (at.to_string(), *factor)).collect::<Vec<_>>();
    let down = wells(&[("E11", 10.0), ("F11", 40.0), ("G11", 160.0), ("H11", 640.0)]);
    let none: Vec<String> = Vec::new();
    for text in ["S12 1:10 ×4 down 4", "S12 1:10 x4 down 4 wells", "S12 (1:10) × 4 ↓ 4", "S12 10x X4 Down 4"] {
        assert_eq!(series(&with(map(), 5, 11, text), &COMMA), (down.clone(), none.clone()), "{text}");
    }
    let everywhere = (5..9).fold(map(), |cells, row| with(cells, row, 11, "S12 1:10 ×4 down"));
    assert_eq!(series(&everywhere, &COMMA), (down.clone(), none.clone()));
    assert_eq!(series(&everywhere, &File::Merged), (down.clone(), none.clone()));
    // Where nobody has said where it ends, what it was taken for is said.
    let (found, notes) = series(&with(map(), 5, 11, "S12 1:10 ×4 down"), &COMMA);
    assert_eq!(found, down);
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].contains("line 6, field 12") && notes[0].contains("4 wells, E11 to H11: 1:10, 1:40, 1:160, 1:640"),
        "{notes:?}"
    );
    assert!(notes[0].contains("S12 1:10 ×4 down 4"), "{notes:?}");
    // A dash ends it.
    let ended = with(with(map(), 5, 11, "S12 neat ×2 down"), 7, 11, "-");
    assert_eq!(series(&ended, &COMMA).0, wells(&[("E11", 1.0), ("F11", 2.0)]));
    let right = with(map(), 5, 11, "S12 1:10 ×1.5 right 2");
    assert_eq!(series(&right, &COMMA).0, wells(&[("E11", 10.0), ("E12", 15.0)]));
    // Letters across: to the right on the sheet is down the plate.
    let turned = with(transposed(&map()), 11, 5, "S12 1:10 ×4 right 4");
    assert_eq!(series(&turned, &COMMA), (down, none));
    let commas = Spelling { standard: |x| format!("Std {}", x.to_string().replace('.', ",")), ..PLAIN };
    let comma = with(map_with("", &commas), 5, 11, "S12 1:2,5 ×2,5 down 2");
    assert_eq!(series(&comma, &SEMICOLON).0, wells(&[("E11", 2.5), ("F11", 6.25)]));
}

fn roles(layout: &Layout) -> BTreeMap<WellPosition, WellRole> {
    layout.wells.iter().map(|(at, well)| (*at, well.role.clone())).collect()
}

/// What stands behind the words of the template is the dilution of the samples that say none, and of no others.
#[test]
fn one_cell_says_the_dilution_of_the_samples_that_say_none() {
    let bare = Spelling { sample: |id| if id.ends_with('0') { format!("{id} 1:50") } else { id.to_string() }, ..PLAIN };
    let words = platewise::plate::layout::DILUTION_OF_THE_REST;
    let cells = |said: &str| [map_with("", &bare), vec![Vec::new(), row(&["", words, "", said])]].concat();
    let layout = read(&cells("1:10"), &COMMA, false).unwrap();
    for (at, role) in roles(&layout) {
        if let WellRole::Sample { id, dilution } = role {
            assert_eq!(dilution, Some(if id.ends_with('0') { 50.0 } else { 10.0 }), "{at}");
        }
    }
    let none = read(&cells(""), &COMMA, false).unwrap();
    assert!(roles(&none).values().any(|role| matches!(role, WellRole::Sample { dilution: None, .. })));
    let said = read(&cells("0.1"), &COMMA, false).unwrap_err().to_string();
    assert!(said.contains("line 11, field 4") && said.contains("dilution '0.1'"), "{said}");
    let twice =
        read(&[cells("1:10"), vec![row(&["", words, "1:20"])]].concat(), &COMMA, false).unwrap_err().to_string();
    assert!(twice.contains("line 12, field 2") && twice.contains("appears twice"), "{twice}");
}

fn assay_of(analyte: &str) -> Assay {
    Assay::parse(&format!("[study]\nunit = 'pg/mL'\nanalyte = '{analyte}'\n[method]\nname = 'M'\nversion = '1'\n"))
        .unwrap()
}

/// Columns 1 to 6 for one analyte, 7 to 12 for another whose unit is none of ours: a study reads its own wells only.
#[test]
fn of_several_analytes_one_is_read() {
    let analyte = |at: WellPosition| if at.column < 6 { "TARC" } else { "MDC" };
    let of_map = |at: WellPosition, role: Option<&WellRole>| match role {
        None => String::new(),
        Some(_) if at.column >= 6 && at.row == 0 => "Std 2 ng/mL".to_string(),
        Some(WellRole::Standard { concentration }) => format!("Std {concentration}"),
        Some(WellRole::Control { level, nominal: Some(nominal), .. }) => format!("QC {level} {nominal}"),
        Some(WellRole::Sample { id, .. }) => format!("{id} 1:10"),
        Some(_) => "Blank".to_string(),
    };
    let regions = grid("analyte", |at, _| analyte(at).to_string());
    let in_map = below(&[grid("", of_map), regions.clone()]);
    let in_table: Cells = {
        let lines = plate().into_iter().map(|(at, role)| match role {
            WellRole::Standard { concentration } => [
                at.to_string(),
                "standard".into(),
                String::new(),
                concentration.to_string(),
                String::new(),
                analyte(at).into(),
            ],
            WellRole::Control { level, nominal, .. } => [
                at.to_string(),
                "control".into(),
                level,
                nominal.unwrap().to_string(),
                String::new(),
                analyte(at).into(),
            ],
            WellRole::Sample { id, .. } => {
                [at.to_string(), "sample".into(), id, String::new(), "10".into(), analyte(at).into()]
            }
            _ => [at.to_string(), "blank".into(), String::new(), String::new(), String::new(), String::new()],
        });
        std::iter::once(row(&["Well", "Type", "Name", "Conc", "Dil", "Analyte"]))
            .chain(lines.map(|line| line.to_vec()))
            .collect()
    };
    let in_grids = below(&[fields(TITLES, ROLES).to_vec(), vec![regions]].concat());
    let expected: BTreeMap<WellPosition, WellRole> = plate().into_iter().filter(|(at, _)| at.column < 6).collect();
    for (what, cells) in [("map", &in_map), ("table", &in_table), ("grids", &in_grids)] {
        let read = |assay: &Assay| {
            Layout::read(&Book::from_bytes(&bytes(cells, &COMMA), "layout.csv").unwrap().sheets[0], assay)
        };
        for name in ["TARC", "tarc", "TARC (CCL17)", "CCL17 (TARC)"] {
            assert_eq!(roles(&read(&assay_of(name)).unwrap()), expected, "{what} {name}");
        }
        let said = read(&assay_of("IL-6")).unwrap_err().to_string();
        assert!(said.contains("has the analytes 'MDC', 'TARC', and none is 'IL-6'"), "{what}: {said}");
    }
    let unsaid = with(in_map, 16, 3, "");
    let said =
        Layout::read(&Book::from_bytes(&bytes(&unsaid, &COMMA), "layout.csv").unwrap().sheets[0], &assay_of("TARC"))
            .unwrap_err();
    assert!(said.to_string().contains("has no analyte, and other wells have one"), "{said}");
}

/// Four maps of 96 wells, each named after its first well, are the plate of 384 that they make.
#[test]
fn four_quadrants_are_one_plate_of_384() {
    let quadrants = ["A1", "Quadrant A2", "b1", "B02"];
    let maps: Vec<Cells> = quadrants.iter().map(|name| map_with(name, &PLAIN)).collect();
    let sheets = [below(&maps), below(&[beside(&maps[0], &maps[1], 1), beside(&maps[2], &maps[3], 1)])];
    for cells in &sheets {
        let layout = read(cells, &COMMA, false).unwrap();
        assert_eq!((layout.size, layout.wells.len()), (PlateSize::WELLS_384, 4 * plate().len()));
        for (quadrant, (row, column)) in [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().enumerate() {
            for (at, role) in plate() {
                let on_plate = WellPosition::new(2 * usize::from(at.row) + row, 2 * usize::from(at.column) + column);
                assert_eq!(layout.wells[&on_plate].role, role, "{quadrant} {at}");
            }
        }
    }
    for (name, expected) in [("Q2", "'Q2' is not the title of a known grid"), ("A1", "the quadrant A1 appears twice")] {
        let maps: Vec<Cells> = ["A1", name, "B1", "B2"].iter().map(|name| map_with(name, &PLAIN)).collect();
        let said = read(&below(&maps), &COMMA, false).unwrap_err().to_string();
        assert!(said.contains(expected) && said.contains("line 11"), "{said}");
    }
}

/// What a LIMS adds is named once and not used; what may be meant as a dilution is asked about.
#[test]
fn further_columns_of_a_table_are_named_and_not_used() {
    let lims = "Rack,Position,Type,Barcode,Volume\nR1,A1,Unk,0012,50\nR1,A2,Unk,0013,50\n";
    let read =
        |text: &str| Layout::read(&Book::from_bytes(text.as_bytes(), "layout.csv").unwrap().sheets[0], &assay(false));
    let layout = read(lims).unwrap();
    assert_eq!(layout.notes.len(), 1);
    assert!(layout.notes[0].to_string().contains("2 columns are not used: 'Rack', 'Volume'"), "{}", layout.notes[0]);
    assert!(roles(&layout).values().any(|role| *role == WellRole::Sample { id: "0012".into(), dilution: None }));
    for title in ["Dilution (x)", "Conc. pg", "Rol"] {
        let said = read(&lims.replace("Volume", title)).unwrap_err().to_string();
        assert!(said.contains("unknown column"), "{title}: {said}");
    }
}

/// Controls whose concentration nobody knows are on the plate; nothing is judged by them.
#[test]
fn a_control_without_a_concentration_is_watched() {
    let cells = with(with(map(), 5, 11, "QC in-house"), 5, 12, "QC in-house");
    let layout = read(&cells, &COMMA, false).unwrap();
    let well = &layout.wells[&WellPosition::new(4, 10)].role;
    assert_eq!(*well, WellRole::Control { level: "in-house".into(), nominal: None, dilution: 1.0 });
    // Where the method declares its levels, one that is not among them is a slip.
    let declared =
        "[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n[[control]]\nlevel = 'low'\nnominal = 90\n";
    let read_with = |rest: &str| {
        let assay = Assay::parse(&format!("{declared}{rest}")).unwrap();
        Layout::read(&Book::from_bytes(&bytes(&cells, &COMMA), "layout.csv").unwrap().sheets[0], &assay)
    };
    let said = read_with("").unwrap_err().to_string();
    assert!(said.contains("well E11: control 'in-house' without a nominal concentration"), "{said}");
    assert_eq!(read_with("[[control]]\nlevel = 'in-house'\nwatched = true\n").unwrap().wells.len(), layout.wells.len());
}

#[test]
fn what_is_not_understood_is_refused_with_its_cell() {
    let without = |mut cells: Cells, row: Option<usize>, column: Option<usize>| {
        if let Some(row) = row {
            cells.remove(row);
        }
        if let Some(column) = column {
            cells.iter_mut().for_each(|row| drop(row.remove(column)));
        }
        cells
    };
    let letters = map_with("", &Spelling { standard: |x| format!("S{}", level(x)), ..PLAIN });
    // The first well of a row stands in field 2: row A in line 2.
    let one = |text: &str| with(map(), 5, 6, text);
    let cases: Vec<(&str, Cells, bool, &str, &str)> = vec![
        ("a word for a role misspelt", one("Stnadard 2000"), false, "line 6, field 7", "is nearly 'standard'"),
        ("a short word misspelt", one("Stdd 2000"), false, "line 6, field 7", "is nearly 'std'"),
        ("a blank misspelt", one("Blnk 1"), false, "line 6, field 7", "is nearly 'blank'"),
        ("a name without a number", one("Smith"), false, "line 6, field 7", "'Sample Smith'"),
        ("a bare number", one("2000"), false, "line 6, field 7", "may be a concentration or a name"),
        ("a letter beside a word", one("S3"), false, "line 6, field 7", "'S3' may be a standard or a sample"),
        (
            "a level without concentrations",
            letters.clone(),
            false,
            "line 2, field 2",
            "the standard of level 1 without a concentration",
        ),
        ("a level that is none", with(letters, 5, 6, "S9"), true, "line 6, field 7", "no standard of level 9"),
        ("another unit", one("Std 2 ng/mL"), false, "line 6, field 7", "a concentration in ng/mL"),
        ("a control without a level", one("QC"), false, "line 6, field 7", "control without a level"),
        (
            "a control with a concentration in some wells only",
            one("QC low"),
            false,
            "line 6, field 7",
            "control 'low' without the concentration that it has in A03",
        ),
        (
            "a bare number with a dilution",
            one("2000 1:10"),
            false,
            "line 6, field 7",
            "may be a concentration or a name",
        ),
        ("a blank or a sample", one("B 7 1:10"), false, "line 6, field 7", "may be a blank or a sample"),
        ("a series without a dilution", one("P-12 ×4 down 3"), false, "line 6, field 7", "without its first dilution"),
        (
            "a series of a control",
            one("QC low 1:10 ×4 down 3"),
            false,
            "line 6, field 7",
            "something that is no sample",
        ),
        ("a series on used wells", one("S12 1:10 ×4 down 3"), false, "line 6, field 7", "says 3 wells, and 1 are free"),
        ("a series without room", one("S12 1:10 ×4 right"), false, "line 6, field 7", "no free well to go on to"),
        (
            "a series that leaves the plate",
            with(map(), 5, 11, "S12 1:10 ×4 down 5"),
            false,
            "line 6, field 12",
            "and 4 are free",
        ),
        ("a step that is none", with(map(), 5, 11, "S12 1:10 ×1 down 3"), false, "line 6, field 12", "the step '×1'"),
        (
            "two series on one well",
            with(with(map(), 1, 12, "S12 1:10 ×4 down 4"), 2, 11, "S13 1:10 ×4 right 2"),
            false,
            "line 3, field 12",
            "well B12 is in two dilution series",
        ),
        ("a control of too many words", one("QC low lot 7"), false, "line 6, field 7", "not all is understood"),
        ("a control or a sample", one("C1"), false, "line 6, field 7", "may be a control or a sample"),
        ("a standard without anything", one("Std"), false, "line 6, field 7", "no concentration and no level"),
        ("a blank with more", one("Blank 7 plasma"), false, "line 6, field 7", "something behind it"),
        ("a zero standard or a blank", one("B0"), false, "line 6, field 7", "a zero standard or a blank"),
        ("a dilution that means two things", one("X-1 1:1"), false, "line 6, field 7", "1+1 for equal parts"),
        ("a sample without a name", one("Unk"), false, "line 6, field 7", "a sample without a name"),
        ("eleven columns", without(map(), None, Some(12)), false, "line 1", "columns 1 to 11 fit no plate"),
        ("a column left out", without(map(), None, Some(6)), false, "line 1, field 7", "columns 1 to 5 fit no plate"),
        ("a row left out", without(map(), Some(4), None), false, "line 5, field 1", "rows A to C"),
        ("seven rows", without(map(), Some(8), None), false, "line 1", "rows A to G"),
        (
            "a note that touches the map",
            with(map(), 3, 13, "sealed"),
            false,
            "line 4, field 14",
            "'sealed' stands beside the map",
        ),
        ("two maps", below(&[map(), map()]), false, "line 1", "is not the title of a"),
        (
            "a grid of a name that is none",
            below(&[grid("roles and names", |_, _| "blank".into()), grid("role", |_, _| "blank".into())]),
            false,
            "line 1",
            "'roles and names' is not the title of a grid",
        ),
        (
            "a role in another language",
            grid("role", |_, _| "Leerwert".into()),
            false,
            "line 2, field 2",
            "role 'leerwert'",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, cells, standards, place, words) in &cases {
        match read(cells, &COMMA, *standards) {
            Ok(_) => wrong.push(format!("{what}: read as if nothing were wrong")),
            Err(problems) => {
                let said = problems.0.iter().find(|one| one.to_string().contains(words));
                if !said.is_some_and(|one| one.location.to_string().contains(place)) {
                    wrong.push(format!("{what}: {place} and '{words}' are not in\n{problems}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A cell that a spreadsheet program made a date.
    let mut book = Book::from_bytes(&bytes(&map(), &File::Workbook), "layout.xlsx").unwrap();
    book.sheets[0].rows[5][6] = Value::DateTime("2026-01-10".into());
    let said = Layout::read(&book.sheets[0], &assay(false)).unwrap_err().to_string();
    assert!(said.contains("cell G6: well E06: '2026-01-10' is a date or time"), "{said}");
    // All at once, each with its cell.
    let said = read(&with(with(map(), 5, 6, "Std"), 6, 7, "QC"), &COMMA, false).unwrap_err();
    assert_eq!(said.0.len(), 2, "{said}");
}
