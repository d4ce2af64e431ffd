//! The promises of the room: whole folders, whenever somebody stops, whoever writes at the same time, and nothing of others lost.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use super::disk::{exchanges, step, stop_after};
use super::lock::Lock;
use super::manifest::content;
use super::{AllowedContents, MANIFEST, OutputError, OutputFile, OutputFolder, sha256, write_files};

fn file(name: &str, text: &str) -> OutputFile {
    OutputFile { name: name.into(), bytes: text.into() }
}

fn names(folder: &Path) -> Vec<String> {
    content(folder).unwrap().0
}

fn write(folder: &Path, holds: AllowedContents, files: &[OutputFile]) -> Result<Vec<std::path::PathBuf>, OutputError> {
    OutputFolder::claim(folder, holds, &|_| {})?.write(files)
}

/// The same, one file after another.
fn fill(folder: &Path, holds: AllowedContents, files: &[OutputFile]) -> Result<Vec<std::path::PathBuf>, OutputError> {
    let mut filling = OutputFolder::claim(folder, holds, &|_| {})?.fill()?;
    for file in files {
        filling.put(std::slice::from_ref(file))?;
    }
    filling.finish()
}

/// Which version a folder holds, as its manifest says; panics where it is not whole.
fn version(folder: &Path) -> String {
    let manifest = fs::read_to_string(folder.join(MANIFEST)).unwrap();
    for line in manifest.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, sha256(&fs::read(folder.join(name)).unwrap()), "{name}");
    }
    fs::read_to_string(folder.join("version")).unwrap()
}

/// A version of a folder, with files that the other has not.
fn files(version: &str) -> Vec<OutputFile> {
    vec![file("version", version), file(&format!("sub/{version}.csv"), version), file("sub/both.csv", version)]
}

#[test]
fn a_folder_of_ours_is_replaced_whole() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("deep/results");
    write(&folder, AllowedContents::Results, &[file("a.csv", "1"), file("figures/x.svg", "2")]).unwrap();
    assert_eq!(names(&folder), ["a.csv", "figures/x.svg", MANIFEST]);
    fs::write(folder.join("figures/.DS_Store"), "").unwrap();
    assert_eq!(write(&folder, AllowedContents::Results, &[file("b.csv", "3")]).unwrap(), [folder.join("b.csv")]);
    assert_eq!(names(place.path()), ["deep/results/b.csv", &format!("deep/results/{MANIFEST}")], "nothing beside it");
}

#[test]
fn files_of_somebody_else_are_refused_before_the_work_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    write(&folder, AllowedContents::Results, &[file("a.csv", "1")]).unwrap();
    fs::write(folder.join("notes.docx"), "mine").unwrap();
    let error = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("notes.docx") && error.contains("nothing was written"), "{error}");
    assert_eq!(names(place.path()).len(), 3, "neither lock nor anything else stays");
    // The same where it comes during the work.
    fs::remove_file(folder.join("notes.docx")).unwrap();
    let claimed = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap();
    fs::write(folder.join("notes.docx"), "mine").unwrap();
    assert!(matches!(claimed.write(&[file("a.csv", "2")]), Err(OutputError::Foreign { .. })));
    assert_eq!(fs::read_to_string(folder.join("a.csv")).unwrap(), "1");
    assert!(write(&place.path().join("results/a.csv"), AllowedContents::Results, &[]).is_err(), "a file is no folder");
}

#[test]
fn a_file_that_is_open_in_a_spreadsheet_program_is_named_before_the_work() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    write(&folder, AllowedContents::Results, &[file("results.xlsx", "1"), file("sub/a.csv", "1")]).unwrap();
    for (mark, of) in
        [("~$results.xlsx", "results.xlsx"), (".~lock.results.xlsx#", "results.xlsx"), ("sub/.~lock.a.csv#", "a.csv")]
    {
        fs::write(folder.join(mark), "AB").unwrap();
        let error = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap_err();
        assert!(
            matches!(&error, OutputError::Open { file, mark: said } if file.ends_with(of) && said.ends_with(mark)),
            "{error}"
        );
        fs::remove_file(folder.join(mark)).unwrap();
    }
    // Of a file that is not there it says nothing.
    fs::write(folder.join("~$other.xlsx"), "AB").unwrap();
    let error = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap_err();
    assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
}

#[test]
fn folders_that_look_like_ours_and_are_not_stay() {
    let place = tempfile::tempdir().unwrap();
    for name in
        [".x.old", ".x.new", ".x.platewise-notes.old", ".x.platewise-0123456789abcdef.new", ".x.platewise-lock.bak"]
    {
        fs::create_dir(place.path().join(name)).unwrap();
        fs::write(place.path().join(name).join("thesis.docx"), "mine").unwrap();
    }
    let folder = place.path().join("x");
    write(&folder, AllowedContents::Results, &files("1")).unwrap();
    write(&folder, AllowedContents::Results, &files("2")).unwrap();
    assert_eq!(version(&folder), "2");
    assert_eq!(names(place.path()).iter().filter(|name| name.ends_with("thesis.docx")).count(), 5);
}

#[test]
fn names_that_lead_out_or_fall_together_are_not_written() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("x");
    for names in [["a.csv", "A.csv"], ["a.csv", "../b.csv"], ["a.csv", "/b.csv"], ["a.csv", MANIFEST]] {
        let wrong = write(&folder, AllowedContents::Results, &names.map(|name| file(name, "")));
        assert!(matches!(wrong, Err(OutputError::Name(_))), "{names:?}");
    }
    assert!(names(place.path()).is_empty() && !folder.exists());
    // Nor does a manifest that somebody has changed.
    fs::write(place.path().join("outside.txt"), "mine").unwrap();
    write(&folder, AllowedContents::Results, &files("1")).unwrap();
    let manifest =
        fs::read_to_string(folder.join(MANIFEST)).unwrap() + &format!("{}  ../outside.txt\n", "0".repeat(64));
    fs::write(folder.join(MANIFEST), manifest).unwrap();
    write(&folder, AllowedContents::Results, &files("2")).unwrap();
    assert_eq!(names(place.path()).len(), 5, "outside.txt and the new files");
}

#[test]
fn ours_are_replaced_among_files_of_others() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("study");
    write(&folder, AllowedContents::Nothing, &files("1")).unwrap();
    fs::write(folder.join("sub/notes.txt"), "mine").unwrap();
    assert!(matches!(write(&folder, AllowedContents::Nothing, &files("2")), Err(OutputError::NotEmpty(_))));
    let in_the_way = write(&folder, AllowedContents::OursAmongOthers, &[file("sub/notes.txt", "2")]);
    assert!(matches!(in_the_way, Err(OutputError::InTheWay(_))));
    write(&folder, AllowedContents::OursAmongOthers, &files("2")).unwrap();
    assert_eq!(version(&folder), "2");
    assert_eq!(names(&folder), [MANIFEST, "sub/2.csv", "sub/both.csv", "sub/notes.txt", "version"]);
    fs::remove_file(folder.join(MANIFEST)).unwrap();
    assert!(matches!(write(&folder, AllowedContents::OursAmongOthers, &files("3")), Err(OutputError::NotOurs(_))));
}

/// The results of versions before the manifest are known by the list that they left.
#[test]
fn a_folder_of_an_earlier_version_is_replaced() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.csv"), "1").unwrap();
    fs::write(folder.join("contents.txt"), "a.csv\ncontents.txt\n").unwrap();
    write(&folder, AllowedContents::Results, &files("2")).unwrap();
    assert_eq!(version(&folder), "2");
    assert_eq!(names(place.path()).len(), 4);
}

/// Stops before every single step of a claim and a write in turn, as a kill would, and looks at what is there; then the next run
/// settles it. `prepare` is done to a folder of version 1.
fn stopped_at_every_step(holds: AllowedContents, prepare: &dyn Fn(&Path), whole_at_once: bool) -> usize {
    for steps in 0.. {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("results");
        write(&folder, AllowedContents::Results, &files("1")).unwrap();
        prepare(&folder);
        let kept: Vec<String> = names(&folder).into_iter().filter(|name| name.contains("kept")).collect();
        stop_after(steps);
        let done = fill(&folder, holds, &files("2")).is_ok();
        stop_after(usize::MAX);
        if whole_at_once {
            let found = version(&folder);
            assert!(found == "1" || found == "2", "stopped after {steps} steps");
        }
        // The next run finds the old or the new files, whole, and nothing else.
        drop(OutputFolder::claim(&folder, holds, &|_| {}).unwrap());
        let found = version(&folder);
        let mut expected: Vec<String> = files(&found).into_iter().map(|file| file.name).collect();
        expected.extend(kept.iter().cloned().chain([MANIFEST.to_string()]));
        expected.sort();
        assert_eq!(names(&folder), expected, "stopped after {steps} steps");
        assert_eq!(names(place.path()).len(), expected.len(), "stopped after {steps} steps: {:?}", names(place.path()));
        if done && steps > 0 {
            // Whether something could be tidied up is not reported: go on until no step is left to stop at.
            stop_after(steps);
            let _ = fill(&folder, holds, &files("2"));
            let left = step().is_ok();
            stop_after(usize::MAX);
            if left {
                return steps;
            }
        }
    }
    0
}

/// Files that are made one after another are nowhere until all of them are there.
#[test]
fn a_folder_is_filled_file_by_file_and_seen_when_it_is_whole() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    fill(&folder, AllowedContents::Results, &files("1")).unwrap();
    let mut filling = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap().fill().unwrap();
    filling.put(&files("2")).unwrap();
    assert_eq!(version(&folder), "1");
    // Two files of one name, in one step or in two.
    assert!(matches!(filling.put(&[file("VERSION", "2")]), Err(OutputError::Name(name)) if name == "VERSION"));
    drop(filling);
    assert_eq!((version(&folder).as_str(), names(place.path()).len()), ("1", 4), "nothing of it stays");
    fill(&folder, AllowedContents::Results, &files("2")).unwrap();
    assert_eq!((version(&folder).as_str(), names(place.path()).len()), ("2", 4));
}

/// Where it turns out late that the folder cannot be exchanged whole, what was filled is copied into it.
#[test]
fn a_filled_folder_is_copied_whole() {
    let place = tempfile::tempdir().unwrap();
    let (from, to) = (place.path().join("from"), place.path().join("to"));
    fill(&from, AllowedContents::Results, &files("1")).unwrap();
    fs::write(from.join("other.txt"), "not ours").unwrap();
    fs::create_dir(&to).unwrap();
    super::filling::copy(&from, &to).unwrap();
    assert_eq!(version(&to), "1");
    assert_eq!(names(&to).len(), 4);
}

#[test]
fn whenever_a_run_is_stopped_the_folder_is_whole() {
    let steps = stopped_at_every_step(AllowedContents::Results, &|_| {}, true);
    println!("stopped before each of {steps} steps");
    assert!(steps > 15, "{steps}");
}

#[test]
fn where_folders_cannot_be_exchanged_the_next_run_puts_back_what_stepped_aside() {
    exchanges(false);
    let steps = stopped_at_every_step(AllowedContents::Results, &|_| {}, false);
    println!("stopped before each of {steps} steps");
    assert!(steps > 15, "{steps}");
}

#[test]
fn whenever_an_exchange_inside_is_stopped_the_next_run_completes_it() {
    let with_a_file_of_mine = |folder: &Path| fs::write(folder.join("sub/kept.txt"), "mine").unwrap();
    let steps = stopped_at_every_step(AllowedContents::OursAmongOthers, &with_a_file_of_mine, false);
    println!("stopped before each of {steps} steps");
    assert!(steps > 20, "{steps}");
}

#[test]
fn where_results_are_missing_the_old_ones_are_put_back() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    write(&folder, AllowedContents::Results, &files("1")).unwrap();
    fs::rename(&folder, place.path().join(".results.platewise-0123456789abcdef.old")).unwrap();
    drop(OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap());
    assert_eq!(version(&folder), "1");
}

#[test]
fn the_second_waits_and_is_told_for_whom() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    let first = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let holder = RefCell::new(String::new());
            let waiting = |who: &str| {
                *holder.borrow_mut() = who.to_string();
                tell.send(()).unwrap();
            };
            let claimed = OutputFolder::claim(&folder, AllowedContents::Results, &waiting).unwrap();
            claimed.write(&files("2")).unwrap();
            holder.into_inner()
        });
        told.recv().unwrap(); // the second waits
        first.write(&files("1")).unwrap();
        let holder = second.join().unwrap();
        assert!(holder.starts_with(&format!("process {} of ", std::process::id())), "{holder}");
    });
    assert_eq!(version(&folder), "2");
    assert_eq!(names(place.path()).len(), 4, "no lock stays");
}

#[test]
fn many_at_once_leave_one_whole_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    for _ in 0..25 {
        std::thread::scope(|scope| {
            for version in ["1", "2", "3"] {
                let folder = &folder;
                scope.spawn(move || write(folder, AllowedContents::Results, &files(version)).unwrap());
            }
        });
        let found = version(&folder);
        assert_eq!(names(place.path()).len(), files(&found).len() + 1, "nothing beside it");
    }
}

#[test]
fn single_files_are_replaced_whole() {
    let place = tempfile::tempdir().unwrap();
    let picture = place.path().join("curve.svg");
    fs::write(&picture, "old").unwrap();
    fs::write(place.path().join(".curve.svg.platewise-0123456789abcdef.part"), "left by a kill").unwrap();
    let nowhere = place.path().join("nowhere/curve.svg");
    assert!(write_files(&[(picture.clone(), b"new".to_vec()), (nowhere, b"new".to_vec())]).is_err());
    assert_eq!(fs::read_to_string(&picture).unwrap(), "old", "none unless all");
    write_files(&[(picture.clone(), b"new".to_vec())]).unwrap();
    assert_eq!((fs::read_to_string(&picture).unwrap().as_str(), names(place.path()).len()), ("new", 1));
}

/// A statement that was never finished has a name that no later one has.
#[test]
fn what_a_stopped_command_left_of_single_files_goes_with_the_next_of_any_name() {
    let place = tempfile::tempdir().unwrap();
    let left = [".0004-approved.sha256.platewise-0123456789abcdef.part", ".0004-approved.sha256.platewise-lock"];
    let lone = [".0005.platewise-0123456789abcdef.part", ".0006.platewise-lock"];
    let not_ours = [".note.part", ".0007.platewise-nothex.part", "0008.platewise-0123456789abcdef.part"];
    let written_now = ".0009.platewise-0123456789abcdef.part";
    for name in left.into_iter().chain(lone).chain(not_ours).chain([written_now]) {
        fs::write(place.path().join(name), "left").unwrap();
    }
    let another = Lock::take(place.path().join(".0009.platewise-lock"), &|_| {}).unwrap();
    write_files(&[(place.path().join("0010.sha256"), b"new".to_vec())]).unwrap();
    let mut expected = vec!["0010.sha256", written_now, ".0009.platewise-lock"];
    expected.extend(not_ours);
    expected.sort();
    assert_eq!(names(place.path()), expected);
    drop(another);
    write_files(&[(place.path().join("0010.sha256"), b"new".to_vec())]).unwrap();
    assert_eq!(names(place.path()).len(), 4);
}

/// Two users of one group: what is made in a folder of the group belongs to the group, whatever the umask.
#[cfg(unix)]
#[test]
fn what_a_group_shares_its_members_may_replace() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let place = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    for (around, folder_mode, file_mode) in [(0o2775, 0o2070, 0o060), (0o755, 0, 0)] {
        fs::set_permissions(place.path(), fs::Permissions::from_mode(around)).unwrap();
        let folder = place.path().join(format!("results-{around:o}"));
        let claimed = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {}).unwrap();
        let lock = place.path().join(format!(".results-{around:o}.platewise-lock"));
        assert_eq!(mode(&lock) & file_mode, file_mode);
        claimed.write(&files("1")).unwrap();
        assert_eq!(mode(&folder) & folder_mode, folder_mode);
        assert_eq!(mode(&folder.join("sub")) & folder_mode, folder_mode);
        assert_eq!(mode(&folder.join("sub/1.csv")) & file_mode, file_mode);
    }
}
