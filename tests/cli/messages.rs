//! What the program says to the mistakes that people make, all in one text: `fixtures/messages/messages.txt`, to be read as a
//! whole. `PLATEWISE_BLESS=1 cargo test --test stages cli::messages` writes it anew.

mod commands;

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::support::locked_workbook;
use crate::support::two_plates::Study;

use commands::{Asked, COMMANDS};

/// Exit code, and what the person reads: the errors and warnings, of the summary the plates that are not accepted, and what `plate`
/// finds on each plate. Of commands that write a form or a study, all.
fn platewise(args: &[&str], place: &Path) -> (i32, String) {
    let output = Command::cargo_bin("platewise").unwrap().current_dir(place).args(args).output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let plates =
        out.lines().skip_while(|line| !line.contains(" plates: ")).take_while(|line| !line.contains(" samples: "));
    let mut plates: String = plates.map(|line| format!("{line}\n")).collect();
    let verdict = |part: &&str| {
        let (title, _) = part.split_once('\n').unwrap_or((part, ""));
        ["accepted", "rejected", "remarks", "not evaluable"].iter().any(|word| title.ends_with(word))
    };
    match args[0] {
        "plate" => plates.extend(out.split("\n\n").filter(verdict).map(|part| format!("{part}\n"))),
        "init" | "layout" => plates += &out,
        _ => {}
    }
    // The folder of the test is called otherwise every time.
    let said = format!("{err}{plates}").replace(&fs::canonicalize(place).unwrap().display().to_string(), "");
    (output.status.code().unwrap(), said)
}

/// Rows become columns: a layout that was copied the wrong way round.
fn transposed(text: &str) -> String {
    let grid = |block: &str| {
        let rows: Vec<Vec<&str>> = block.lines().map(|line| line.split(',').collect()).collect();
        let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<_>>().join(",");
        (0..rows[0].len()).map(column).collect::<Vec<_>>().join("\n")
    };
    text.trim_end().split("\n\n").map(grid).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Every grid turned by 180°: the plate lay the other way round in the reader.
fn turned(text: &str) -> String {
    let grid = |block: &str| {
        let (header, rows) = block.split_once('\n').unwrap();
        let rows: Vec<Vec<&str>> = rows.lines().map(|line| line.split(',').collect()).collect();
        let row = |(at, row): (usize, &Vec<&str>)| {
            let turned: Vec<&str> = rows[rows.len() - 1 - at][1..].iter().rev().copied().collect();
            format!("{},{}", row[0], turned.join(","))
        };
        format!("{header}\n{}", rows.iter().enumerate().map(row).collect::<Vec<_>>().join("\n"))
    };
    let grids = |text: &str| text.trim_end().split("\n\n").map(grid).collect::<Vec<_>>().join("\n\n") + "\n";
    match text.split_once("\n\n").filter(|(title, _)| !title.contains('\n')) {
        Some((title, rest)) => format!("{title}\n\n{}", grids(rest)),
        None => grids(text),
    }
}

/// A mistake: what somebody did, and how it is done to the study.
type Mistake = (&'static str, fn(&Study));

const MISTAKES: &[Mistake] = &[
    ("The list of samples was saved with semicolons, its decimals with points", |study| {
        study.change("samples.csv", |text| text.replace(',', ";"));
    }),
    ("The list of samples is separated by '|'", |study| study.change("samples.csv", |text| text.replace(',', "|"))),
    ("The layout was saved with tabs", |study| study.change("layouts/P02.csv", |text| text.replace(',', "\t"))),
    ("Excel turned sample names into dates: 3-Jan for JAN-3", |study| {
        study.change("layouts/P02.csv", |text| text.replace("101-W00", "JAN-3"));
        study.change("layouts/P01.csv", |text| text.replace("101-W00", "JAN-3"));
        study.replace("samples.csv", "101-W00", "3-Jan");
    }),
    ("Excel turned a name into a number: 0012 became 12", |study| {
        for layout in ["layouts/P01.csv", "layouts/P02.csv"] {
            study.change(layout, |text| text.replace("101-W00", "0012"));
        }
        study.replace("samples.csv", "101-W00", "12");
    }),
    ("The layout was copied the wrong way round (rows and columns exchanged)", |study| {
        study.change("layouts/P02.csv", |text| transposed(&text));
    }),
    ("The plate lay in the reader turned by 180°", |study| study.change("exports/P02.csv", |text| turned(&text))),
    ("Two files exchanged: the layout is named as the export and the export as the layout", |study| {
        study.replace(
            "study.toml",
            "export = \"exports/P02.csv\"\nlayout = \"layouts/P02.csv\"",
            "export = \"layouts/P02.csv\"\nlayout = \"exports/P02.csv\"",
        );
    }),
    ("The lists of samples and arms exchanged", |study| {
        study.replace("study.toml", "samples = \"samples.csv\"", "samples = \"arms.csv\"");
        study.replace("study.toml", "arms = \"arms.csv\" ", "arms = \"samples.csv\" ");
    }),
    ("A decimal comma in one cell of the layout", |study| {
        study.replace("layouts/P02.csv", "31.25,31.25", "\"31,25\",31.25")
    }),
    ("Decimal commas in an export that is separated by commas", |study| {
        study.change("exports/P02.csv", |text| text.replace('.', ","));
    }),
    ("The letter O for a zero in a reading", |study| study.replace("exports/P02.csv", "0.326", "O.326")),
    ("The letter O for a zero in a concentration", |study| study.replace("layouts/P02.csv", "2000,2000", "2O00,2000")),
    ("The letter l for a one in a well", |study| {
        study.write("layouts/P02.csv", "well,role,sample,concentration\nA1,standard,,2000\nAl,blank,,\n");
    }),
    ("A column is missing in the list of samples", |study| {
        study.change("samples.csv", |text| {
            let without = |line: &str| {
                line.splitn(3, ',')
                    .enumerate()
                    .filter(|(at, _)| *at != 1)
                    .map(|(_, field)| field)
                    .collect::<Vec<_>>()
                    .join(",")
            };
            text.lines().map(|line| without(line) + "\n").collect()
        });
    }),
    ("A column is called otherwise", |study| study.replace("samples.csv", "subject", "patient")),
    ("The layout names roles in another language", |study| {
        study.change("layouts/P02.csv", |text| text.replace("sample,sample", "Probe,Probe"))
    }),
    ("A standard without a concentration", |study| study.replace("layouts/P02.csv", "A,2000,2000", "A,,2000")),
    ("A dilution as a fraction", |study| study.replace("layouts/P02.csv", ",10,10,", ",0.1,0.1,")),
    ("A sample of the layout is not in the list, and one of the list on no plate", |study| {
        study.replace("samples.csv", "101-W00", "101-W0");
    }),
    ("The second plate is given the layout of the first, by copy and paste", |study| {
        study.replace("study.toml", "repeats = \"P01\"\n", "");
    }),
    ("A plate is said to repeat itself", |study| {
        study.replace("study.toml", "repeats = \"P01\"\n", "repeats = \"P02\"\n");
    }),
    ("A sample was run on a second plate, and nobody says that it is a repeat", |study| {
        study.replace("study.toml", "repeats = \"P01\"\n", "");
        study.change("layouts/P02.csv", |text| text.replace("-W", "-V").replace("103-V00", "103-W00"));
        study.change("samples.csv", |text| {
            let more: String =
                text.lines().skip(1).map(|line| line.replace("-W", "-V").replace(",1", ",2") + "\n").collect();
            text + &more
        });
    }),
    ("The two samples of a subject are exchanged: the baseline was collected on day 113", |study| {
        study.change("samples.csv", |text| {
            let day = |line: &str| if line.contains("Week 16") { "113" } else { "1" };
            let dated: String = text.lines().skip(1).map(|line| format!("{line},{}\n", day(line))).collect();
            let dated = dated.replacen("serum,1\n", "serum,?\n", 1).replacen("serum,113\n", "serum,1\n", 1);
            format!("sample,subject,visit,matrix,day\n{}", dated.replacen('?', "113", 1))
        });
    }),
    ("Zeros too many in a dilution", |study| study.replace("layouts/P02.csv", ",10,10,", ",1000000,1000000,")),
    ("A visit is misspelt", |study| study.replace("samples.csv", "Week 16", "Week16")),
    ("A subject has no arm", |study| study.replace("arms.csv", "103,active\n", "")),
    ("There is one arm only", |study| study.change("arms.csv", |text| text.replace("active", "placebo"))),
    ("The export is missing", |study| fs::remove_file(study.path("exports/P02.csv")).unwrap()),
    ("The export is empty", |study| study.write("exports/P02.csv", "")),
    ("The list of samples is empty", |study| study.write("samples.csv", "")),
    ("The export is a Word document", |study| study.write("exports/P02.csv", b"PK\x03\x04 word/document.xml")),
    ("The export is a PDF", |study| study.write("exports/P02.csv", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n")),
    ("The export is a text without any plate", |study| {
        study.write("exports/P02.csv", "Dear colleague,\nplease find attached\nthe plates.\n")
    }),
    ("The export is a workbook with a password", |study| {
        study.write("exports/P02.xlsx", locked_workbook::password_protected());
        study.replace("study.toml", "exports/P02.csv", "exports/P02.xlsx");
    }),
    ("The sheet of the layout is named wrongly", |study| {
        let plates = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates");
        let entries = fs::read_dir(plates.join("layouts")).unwrap().map(|entry| entry.unwrap().path());
        let workbook = entries.filter(|path| path.extension().is_some_and(|e| e == "xlsx")).min().unwrap();
        fs::copy(workbook, study.path("layouts/all.xlsx")).unwrap();
        study.replace(
            "study.toml",
            "layout = \"layouts/P02.csv\"",
            "layout = \"layouts/all.xlsx\"\nlayout_sheet = \"P2\"",
        );
    }),
    ("Two plates have the same id", |study| study.replace("study.toml", "id = \"P02\"", "id = \"P01\"")),
    ("One export is given to two plates", |study| study.replace("study.toml", "exports/P02.csv", "exports/P01.csv")),
    ("The unit in the layout is not the unit of the study", |study| {
        study.replace("layouts/P02.csv", "(pg/mL)", "(ng/mL)")
    }),
    ("The wavelength is not in the export", |study| study.replace("study.toml", "read = 450", "read = 405")),
    ("A key is misspelt", |study| study.replace("study.toml", "confidence =", "confidense =")),
    ("A number of the study file is out of its range", |study| {
        study.replace("study.toml", "confidence = 0.95", "confidence = 95")
    }),
    ("The study file has a quotation mark too few", |study| study.replace("study.toml", "id = \"P02\"", "id = \"P02")),
    ("A path leads out of the study", |study| study.replace("study.toml", "exports/P02.csv", "../P02.csv")),
    ("The folder of results holds somebody's own file", |study| {
        fs::create_dir(study.path("results")).unwrap();
        study.write("results/notes.docx", "mine");
    }),
    ("Notepad saved the study file with a mark at its beginning, and Windows line ends", |study| {
        study.change("study.toml", |text| format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }),
    ("Notepad saved the study file as 'Unicode'", |study| {
        let text = study.read("study.toml");
        let bytes: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        study.write("study.toml", bytes);
    }),
    ("A word processor made the quotation marks round", |study| {
        study.replace("study.toml", "id = \"P02\"", "id = “P02”");
    }),
    ("A path is written as on Windows", |study| study.replace("study.toml", "exports/P02.csv", "exports\\P02.csv")),
    ("A decimal comma in the study file", |study| {
        study.replace("study.toml", "confidence = 0.95", "confidence = 0,95")
    }),
    ("'no' for false in the study file", |study| {
        study.replace("study.toml", "sensitivity_grid = false", "sensitivity_grid = no");
    }),
    ("A wavelength with its unit", |study| study.replace("study.toml", "read = 450", "read = \"450 nm\"")),
    ("A section is misspelt", |study| study.replace("study.toml", "[method]", "[metod]")),
    ("The layout has an empty column and an empty row too many", |study| {
        study.change("layouts/P02.csv", |text| text.lines().map(|line| format!("{line},,\n")).collect());
    }),
    ("A sample is written in lower case, another with blanks behind it", |study| {
        study.change("layouts/P02.csv", |text| text.replace("101-W00", "101-w00").replace("102-W00", "102-W00  "));
    }),
    ("A subject's arm is N/A", |study| study.replace("arms.csv", "101,active", "101,N/A")),
    ("An arm is empty", |study| study.replace("arms.csv", "101,active", "101,")),
    ("An arm is written in two ways", |study| study.replace("arms.csv", "101,active", "101,Active ")),
    ("An arm is misspelt", |study| study.replace("arms.csv", "102,placebo", "102,placbo")),
    ("A subject stands in both arms", |study| study.replace("arms.csv", "102,placebo", "102,placebo\n102,active")),
    ("Dates for study days", |study| {
        study.change("samples.csv", |text| {
            let with = |(at, line): (usize, &str)| format!("{line},{}\n", if at == 0 { "day" } else { "03/04/2026" });
            text.lines().enumerate().map(with).collect()
        });
    }),
    ("One sample stands twice in the list", |study| study.replace("samples.csv", "101-W16,", "101-W00,")),
    ("Two samples of one subject at one visit", |study| {
        study.replace("samples.csv", "101-W16,101,Week 16", "101-W16,101,Baseline");
    }),
    ("Two subjects of the plates are not in the list of samples", |study| {
        let kept = |line: &&str| !line.starts_with("103-") && !line.starts_with("104-");
        study.change("samples.csv", |text| text.lines().filter(kept).map(|line| format!("{line}\n")).collect());
    }),
    ("One export was copied under a second name", |study| {
        study.write("exports/P02.csv", study.read("exports/P01.csv"))
    }),
    ("The workbook's lock file was copied in its place", |study| {
        study.write("exports/~$P02.xlsx", [b"\x05Smith".as_slice(), &[b' '; 150]].concat());
        study.replace("study.toml", "exports/P02.csv", "exports/~$P02.xlsx");
    }),
    ("A shortcut was copied in place of the export", |study| {
        study.write("exports/P02.csv", [b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0".as_slice(), &[0; 200]].concat());
    }),
    ("A folder has the name of the export", |study| {
        fs::remove_file(study.path("exports/P02.csv")).unwrap();
        fs::create_dir(study.path("exports/P02.csv")).unwrap();
    }),
    ("The export's name is written in capitals", |study| {
        fs::rename(study.path("exports/P02.csv"), study.path("exports/p02.CSV")).unwrap();
    }),
    ("A German Excel saved the export: semicolons and decimal commas", |study| {
        study.change("exports/P02.csv", |text| text.replace(',', ";").replace('.', ","));
    }),
    ("The end of the export is cut off", |study| {
        study.change("exports/P02.csv", |text| text[..text.find("\nH,").unwrap()].to_string() + "\n");
    }),
    ("The last row of a grid of the export is missing", |study| {
        study.change("exports/P02.csv", |text| {
            let first = text.find("\nH,").unwrap();
            let end = first + 1 + text[first + 1..].find('\n').unwrap();
            format!("{}{}", &text[..first], &text[end..])
        });
    }),
    ("The standards of one layout are in ng/mL", |study| {
        study.change("layouts/P02.csv", |text| {
            ["2000", "1000", "500", "250", "125", "62.5", "31.25"].iter().fold(text, |text, level| {
                let thousandth = level.parse::<f64>().unwrap() / 1000.0;
                text.replace(&format!(",{level},{level}"), &format!(",{thousandth},{thousandth}"))
            })
        });
    }),
    ("The dilutions were forgotten in the layout", |study| {
        study.change("layouts/P02.csv", |text| text.split("\ndilution").next().unwrap().to_string());
    }),
    ("A well stands twice in a layout of one row per well", |study| {
        study.write("layouts/P02.csv", "well,role,sample,concentration\nA1,standard,,2000\nA01,sample,101-W00,\n");
    }),
    ("The layout of a larger plate", |study| {
        study.write("layouts/P02.csv", "well,role,sample,concentration\nA1,standard,,2000\nP24,sample,101-W00,\n");
    }),
    ("A well with a name, but without a role", |study| {
        study.replace("layouts/P02.csv", "D,standard,standard,sample,sample", "D,standard,standard,,sample");
    }),
    ("Excel could not find a reading: #N/A", |study| study.replace("exports/P02.csv", "0.326", "#N/A")),
    ("The reader's detector was saturated on the highest standard", |study| {
        study.change("exports/P02.csv", |text| text.replacen("2.410,2.337", "OVRFLW,OVRFLW", 1));
    }),
];

/// The study, without the lines of comments: what is explained there may grow without another line number in every message.
fn study() -> Study {
    let study = Study::new("layouts/P02.csv");
    study.change("study.toml", |text| {
        text.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| format!("{line}\n")).collect()
    });
    study
}

/// What the program says to one mistake.
fn answer((what, mistake): &Mistake) -> String {
    let study = study();
    mistake(&study);
    let (code, said) = platewise(&["run", "study", "--threads", "1"], study.folder.path());
    format!("## {what}\nexit code {code}\n{said}\n")
}

/// What it says to one command.
fn answer_to((what, prepare, args): &Asked) -> String {
    let study = study();
    prepare(&study);
    let (code, said) = platewise(args, study.folder.path());
    format!("## {what}\n$ platewise {}\nexit code {code}\n{said}\n", args.join(" "))
}

/// Each is a study of its own: as many at once as the machine has cores.
fn all_at_once<T: Sync>(of: &[T], answer: fn(&T) -> String) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let some = |some| scope.spawn(move || <[T]>::iter(some).map(answer).collect::<String>());
        let threads: Vec<_> = of.chunks(of.len().div_ceil(cores)).map(some).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn told() -> String {
    let told = all_at_once(MISTAKES, answer) + &all_at_once(COMMANDS, answer_to);
    assert!(!told.contains("panicked"), "{told}");
    told
}

#[test]
fn every_mistake_gets_the_answer_that_was_read_and_found_good() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages/messages.txt");
    let told = told();
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(&golden, &told).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap();
    let sections = |text: &str| text.split("## ").map(str::to_string).collect::<Vec<_>>();
    for (found, expected) in sections(&told).iter().zip(&sections(&expected)) {
        assert_eq!(found, expected, "if this is meant: PLATEWISE_BLESS=1 cargo test --test stages cli::messages");
    }
    assert_eq!(told.len(), expected.len());
}
