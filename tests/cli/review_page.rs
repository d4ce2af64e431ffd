//! `review`: who gets in, what is shown before anything is written, and what is written. The same in a real browser: `tests/browser`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::copied_study::copy;
use crate::support::decided_study::{Study, platewise, printed};
use crate::support::review_requests::{Guest, encoded, hidden};
use crate::support::review_server::ReviewServer;

/// The fields of a decision about plate P01.
fn form(seen: &str, what: &'static str, more: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    let fields = [
        ("what", what),
        ("plate", "P01"),
        ("seen", seen),
        ("code", "bubble"),
        ("reason", "a bubble"),
        ("who", "R. R."),
    ];
    fields.iter().chain(more).map(|(name, value)| (*name, value.to_string())).collect()
}

fn log(study: &Study) -> Vec<Value> {
    let text = fs::read_to_string(study.path("decisions.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn seen(guest: &Guest<'_>) -> String {
    let (status, page) = guest.get("/plate?id=P01");
    assert_eq!(status, 200, "{page}");
    hidden(&page, "seen")
}

#[test]
fn nobody_gets_in_without_the_key_which_serves_once() {
    let study = Study::new();
    let mut server = ReviewServer::start(&study.path(""));
    let key = server.key().to_string();
    let (status, head, body) = server.ask("GET /", &[], "");
    assert!(status == 200 && !body.contains("P01") && body.contains("Opening the study"), "{status} {body}");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    for path in ["/plate?id=P01", "/propose?plate=P01&well=A01", "/?show=all&x", "/none"] {
        let (status, _, body) = server.ask(&format!("GET {path}"), &[("Cookie", "platewise-1=00")], "");
        assert!(path == "/?show=all&x" || status == 401 || status == 404, "{path}: {status}");
        assert!(!body.contains("P01"), "{path}: {body}");
    }
    let origin = format!("http://127.0.0.1:{}", server.port());
    for wrong in ["", "0", &key[1..], &format!("{key}0")] {
        let (status, _, _) = server.ask("POST /session", &[("Origin", &origin)], wrong);
        assert_eq!(status, 401, "{wrong}");
    }
    let guest = server.enter(&key);
    assert_eq!(guest.get("/").0, 200);
    assert!(guest.get("/").1.contains("0 of 1 plate reviewed or approved"));
    let (status, _, _) = server.ask("POST /session", &[("Origin", &origin)], &key);
    assert_eq!(status, 401, "the key was used");
    let next = server.next_address();
    server.enter(next.split('#').nth(1).unwrap());
}

#[test]
fn other_hosts_and_pages_of_other_sites_are_refused_with_the_right_cookie() {
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let guest = server.enter(server.key());
    let body: Vec<String> =
        form(&seen(&guest), "accept", &[]).iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let form_type = ("Content-Type", "application/x-www-form-urlencoded");
    let cookie = ("Cookie", guest.cookie.as_str());
    let rebound = format!("evil.example:{}", server.port());
    let foreign: [&[(&str, &str)]; 6] = [
        &[cookie, form_type],
        &[cookie, form_type, ("Origin", "null")],
        &[cookie, form_type, ("Origin", "http://evil.example")],
        &[cookie, form_type, ("Origin", "http://127.0.0.1:1")],
        &[cookie, form_type, ("Origin", &guest.origin), ("Host", &rebound)],
        &[cookie, form_type, ("Origin", &guest.origin), ("Sec-Fetch-Site", "cross-site")],
    ];
    for headers in foreign {
        let (status, _, said) = server.ask("POST /decide", headers, &body.join("&"));
        assert_eq!(status, 403, "{headers:?}: {said}");
    }
    assert_eq!(server.ask("GET /", &[cookie, ("Host", &rebound)], "").0, 403);
    assert!(log(&study).is_empty(), "nothing was written");
    let (status, _, _) = server.ask("POST /decide", &[form_type, ("Origin", &guest.origin)], &body.join("&"));
    assert_eq!(status, 401, "no cookie");
    assert!(log(&study).is_empty());
}

#[test]
fn large_and_slow_requests_end_and_keep_nobody_out() {
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let guest = server.enter(server.key());
    let headers = [
        ("Cookie", guest.cookie.as_str()),
        ("Origin", &guest.origin),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let large = "a".repeat(1 << 20);
    let (status, _, _) = server.ask("POST /decide", &headers, &large);
    assert!([413, 0].contains(&status), "refused or hung up: {status}");
    let (status, _, _) = server.ask(&format!("GET /plate?id={}", "a".repeat(1 << 17)), &headers, "");
    assert!(status != 200, "{status}");
    let (status, _, _) = server.ask("GET /", &[("Cookie", &"b".repeat(1 << 17))], "");
    assert!(status != 200, "{status}");
    // Slow ones, with half a head and half a body, more than are served at a time.
    let host = format!("Host: 127.0.0.1:{}\r\n", server.port());
    let slow: Vec<TcpStream> = (0..80)
        .map(|at| {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
            let half = match at % 2 {
                0 => "GET / HTTP/1.1\r\nHo".to_string(),
                _ => {
                    format!("POST /session HTTP/1.1\r\n{host}Origin: {}\r\nContent-Length: 64\r\n\r\nab", guest.origin)
                }
            };
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(guest.get("/").0, 200, "everybody else is answered");
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut answer = Vec::new();
        assert!(stream.read_to_end(&mut answer).is_ok(), "it is ended");
    }
}

#[test]
fn no_way_out_of_the_study_and_no_markup_of_a_name() {
    const MARKUP: &str = "<img src=x onerror=alert(1)>\"'&";
    let study = Study::new();
    study.edit("samples.csv", "101-W00,101,", "101-W00,<b>101,");
    let server = ReviewServer::start(&study.path(""));
    let guest = server.enter(server.key());
    for path in
        ["/../study.toml", "/study.toml", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/plate/../../etc/passwd"]
    {
        assert_eq!(guest.get(path).0, 404, "{path}");
    }
    for id in ["../../etc/passwd", "/etc/passwd", MARKUP, "P01\r\nSet-Cookie: a=b"] {
        let (status, page) = guest.get(&format!("/plate?id={}", encoded(id)));
        assert!(status == 404 && !page.contains("<img") && !page.contains("root:"), "{id}: {page}");
    }
    let (status, page) = guest.get(&format!("/propose?plate=P01&well={}", encoded(MARKUP)));
    assert!(status == 422 && !page.to_lowercase().contains("<img"), "{page}");
    let more = [("reason", MARKUP), ("who", MARKUP), ("well", "A05")];
    let (status, location, _) = guest.post(&form(&seen(&guest), "exclude", &more));
    assert_eq!(status, 303);
    for path in [location.as_str(), "/", "/plate?id=P01", "/plate?id=P01&well=A05", "/propose?plate=P01&undo=1"] {
        let (status, page) = guest.get(path);
        assert_eq!(status, 200);
        assert!(!page.contains("<img") && !page.contains("<b>101"), "{path}");
        assert!(page.contains("&lt;img"), "{path}: the words are shown as they are");
        let inline = page.matches("<script").count() - page.matches("<script nonce=").count();
        assert!(inline == 0 && !page.contains(" onclick=") && !page.contains(" style="), "{path}");
    }
}

#[test]
fn what_would_change_is_shown_before_the_line_is_written_that_decide_writes() {
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let guest = server.enter(server.key());
    let (status, page) = guest.get("/propose?plate=P01&well=a05");
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Nothing is written yet") && page.contains("As it counts now"), "{page}");
    assert!(page.contains("Without well A05 of plate P01?") && page.contains("not reported"), "{page}");
    let (_, of_standard) = guest.get("/propose?plate=P01&well=A01");
    assert!(of_standard.contains("Change (%)") && of_standard.contains("as it counts now"), "{of_standard}");
    assert!(!study.path("decisions.jsonl").exists());
    let fields = form(&hidden(&page, "seen"), "exclude", &[("well", &hidden(&page, "well"))]);
    let (status, location, body) = guest.post(&fields);
    assert!(status == 303 && location == "/plate?id=P01&done=1", "{status} {location} {body}");
    let by_page = log(&study).remove(0);
    let (_, page) = guest.get(&location);
    assert!(page.contains("Decision 1 is written: well A05 of plate P01 was used, is excluded"), "{page}");

    let other = Study::new();
    let why = ["--code", "bubble", "--reason", "a bubble", "--by", "R. R."];
    let place = other.path("");
    let decided = [&["decide", place.to_str().unwrap(), "exclude", "--plate", "P01", "--well", "A05"], &why[..]];
    let done = platewise(&decided.concat());
    assert!(done.status.success(), "{}", printed(&done));
    let without_time = |mut line: Value| {
        line.as_object_mut().unwrap().remove("when");
        line
    };
    assert_eq!(without_time(by_page), without_time(log(&other).remove(0)));

    // Undone from the same place; reviewed, approved.
    let (_, page) = guest.get("/propose?plate=P01&undo=1");
    assert!(page.contains("Undo decision 1 about plate P01?"), "{page}");
    assert_eq!(guest.post(&form(&hidden(&page, "seen"), "undo", &[("line", "1")])).0, 303);
    assert_eq!(guest.post(&form(&seen(&guest), "accept", &[])).0, 303);
    assert_eq!(guest.post(&form(&seen(&guest), "approve", &[("who", "H. Head")])).0, 303);
    let actions: Vec<String> = log(&study).iter().map(|line| line["action"].as_str().unwrap().to_string()).collect();
    assert_eq!(actions, ["exclude", "undo", "accept", "approve"]);
    assert!(guest.get("/").1.contains("1 of 1 plate reviewed or approved"));
    study.quantify();
    assert_eq!(study.verdict()["review"], "approved", "the review is of what `quantify` gives");
    // Whatever changes outside is on the next page.
    study.edit("layouts/P01.csv", "H,", "h,");
    assert!(guest.get("/").1.contains("approved by H. Head, and the layout has changed since"));
    assert!(guest.get("/plate?id=P01").1.contains("The review does not count"));
}

#[test]
fn the_second_of_two_is_told_what_the_first_changed() {
    let study = Study::new();
    let mut server = ReviewServer::start(&study.path(""));
    let next = {
        server.enter(server.key());
        server.next_address()
    };
    let (_, other) = {
        // The first browser's session ends with its cookie: both enter anew.
        let first = server.enter(next.split('#').nth(1).unwrap());
        (seen(&first), first.cookie)
    };
    let last = server.next_address();
    let second = server.enter(last.split('#').nth(1).unwrap());
    let first = Guest { server: &server, origin: second.origin.clone(), cookie: other };
    let (of_first, of_second) = (seen(&first), seen(&second));
    assert_eq!(first.post(&form(&of_first, "exclude", &[("well", "A05")])).0, 303);
    for (what, more) in [("exclude", vec![("well", "B05")]), ("approve", vec![]), ("accept", vec![])] {
        let (status, _, page) = second.post(&form(&of_second, what, &more));
        assert!(
            status == 409 && page.contains("decision 1 by R. R.: well A05 of plate P01 is excluded"),
            "{what}: {page}"
        );
    }
    assert_eq!(log(&study).len(), 1, "no decision is lost, and none is made on what is no longer there");
    assert_eq!(second.post(&form(&seen(&second), "exclude", &[("well", "B05")])).0, 303);
    // By the command line, too.
    let of_second = seen(&second);
    study.quantify();
    study.decided(&["accept"], "C. Line");
    let (status, _, page) = second.post(&form(&of_second, "approve", &[]));
    assert!(status == 409 && page.contains("decision 3 by C. Line: plate P01 is reviewed"), "{page}");
    // A file that changed meanwhile.
    let of_second = seen(&second);
    study.edit("samples.csv", "101-W00,101,Baseline", "101-W00,109,Baseline");
    let (status, _, page) = second.post(&form(&of_second, "approve", &[]));
    assert!(status == 409 && page.contains("the list of samples changed"), "{page}");
    assert_eq!(log(&study).len(), 3);
}

#[test]
fn a_whole_plate_is_never_left_out_without_asking() {
    let study = Study::new();
    let server = ReviewServer::start(&study.path(""));
    let guest = server.enter(server.key());
    let (status, page) = guest.get("/propose?plate=P01&whole=yes");
    assert!(status == 200 && page.contains("type=\"checkbox\""), "{page}");
    assert!(page.contains(">accepted</span> → <span class=\"badge bad-word\">rejected<"), "{page}");
    assert_eq!(guest.get("/propose?plate=P01").0, 400);
    assert_eq!(guest.post(&form(&seen(&guest), "exclude", &[])).0, 422);
    assert_eq!(guest.post(&form(&seen(&guest), "exclude", &[("well", ""), ("standard", "")])).0, 422);
    assert!(log(&study).is_empty());
    assert_eq!(guest.post(&form(&seen(&guest), "exclude", &[("whole", "yes")])).0, 303);
    assert_eq!(log(&study)[0]["target"], serde_json::json!({"plate": "P01"}));
    for (fields, why) in [
        (form(&seen(&guest), "exclude", &[("well", "Z99")]), "well 'Z99'"),
        (form(&seen(&guest), "undo", &[("line", "7")]), "line 7 is no exclusion in force"),
        (form(&seen(&guest), "approve", &[("reason", " ")]), "without a person or without a reason"),
        (form("nothing", "approve", &[]), "what was looked at"),
    ] {
        let (status, _, page) = guest.post(&fields);
        assert!(status == 422 && page.replace("&#39;", "'").contains(why), "{status} {why}: {page}");
    }
}

/// A study whose files are in a bad way is shown as it is, and the list of arms is not needed.
#[test]
fn failed_plates_broken_exports_and_a_study_in_pieces() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    fs::remove_file(study.join("arms.csv")).unwrap();
    // Whoever opened the list would notice.
    fs::create_dir(study.join("arms.csv")).unwrap();
    fs::write(study.join("exports/P01.txt"), "not an export").unwrap();
    let server = ReviewServer::start(&study);
    let guest = server.enter(server.key());
    let (_, queue) = guest.get("/");
    assert!(queue.contains("0 of 9 plates reviewed or approved") && queue.contains("not evaluable"), "{queue}");
    let at = |id: &str| queue.find(&format!("/plate?id={id}\">")).unwrap();
    let rejected = ["P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09"].into_iter().find(|id| {
        let (_, page) = guest.get(&format!("/plate?id={id}"));
        page.contains("<p class=\"verdicts\"><span class=\"badge bad-word\">rejected")
    });
    let rejected = rejected.unwrap_or_else(|| panic!("one of the nine is rejected"));
    let accepted = if rejected == "P02" { "P03" } else { "P02" };
    assert!(at("P01") < at(accepted) && at(rejected) < at(accepted), "what was not accepted comes first");
    assert!(guest.get("/?show=flagged").1.contains("/plate?id=P01\">"));
    let (status, page) = guest.get("/plate?id=P01");
    assert!(status == 200 && page.contains("P01.txt"), "{page}");
    assert_eq!(guest.get("/propose?plate=P01&well=A01").0, 422);
    assert_eq!(guest.get("/propose?plate=P01&whole=yes").0, 200);
    // A decision is made from the page of its plate, and a log that was cut is noticed.
    let (_, page) = guest.get("/plate?id=P02");
    let mut fields = form(&hidden(&page, "seen"), "exclude", &[("well", "A05")]);
    fields.insert("plate", "P02".into());
    assert_eq!(guest.post(&fields).0, 303);
    let (status, page) = guest.get("/propose?plate=P03&undo=1");
    assert!(status == 422 && page.contains("it is about plate P02"), "{page}");
    let (_, page) = guest.get("/plate?id=P03");
    let mut fields = form(&hidden(&page, "seen"), "undo", &[("line", "1")]);
    fields.insert("plate", "P03".into());
    assert_eq!(guest.post(&fields).0, 422);
    assert_eq!(platewise(&["quantify", study.to_str().unwrap(), "--quiet"]).status.code(), Some(1));
    fs::remove_file(study.join("decisions.jsonl")).unwrap();
    assert!(guest.get("/").1.contains("the log had 1 line by"));
    let declared = fs::read_to_string(study.join("study.toml")).unwrap();
    fs::write(study.join("study.toml"), "[study").unwrap();
    let (status, page) = guest.get("/");
    assert!(status == 409 && page.contains("study.toml"), "{page}");
    fs::write(study.join("study.toml"), declared).unwrap();
    assert_eq!(guest.get("/").0, 200);
    fs::write(study.join("decisions.jsonl"), "{}\n").unwrap();
    assert_eq!(guest.get("/").0, 409, "a broken log stops everything");
    fs::remove_file(study.join("decisions.jsonl")).unwrap();
    assert_eq!(guest.get("/").0, 200);
}

#[test]
fn a_folder_that_is_no_study_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let refused = platewise(&["review", place.path().to_str().unwrap(), "--no-browser"]);
    assert!(refused.status.code() == Some(2) && printed(&refused).contains("study.toml"), "{}", printed(&refused));
}

/// Whenever the program is killed, the log is whole, and holds every decision that was acknowledged.
#[test]
fn a_review_that_is_killed_loses_no_decision() {
    let study = Study::new();
    let mut acknowledged = 0;
    for round in 0..15 {
        let mut server = ReviewServer::start(&study.path(""));
        let guest = server.enter(server.key());
        let seen = seen(&guest);
        let (cookie, origin) = (guest.cookie, guest.origin);
        let port = server.port();
        std::thread::scope(|scope| {
            let decided = scope.spawn(|| {
                let fields = form(&seen, "accept", &[]);
                let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
                let form = form.join("&");
                let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
                let head = format!(
                    "POST /decide HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {cookie}\r\nOrigin: {origin}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                    form.len()
                );
                let _ = stream.write_all(head.as_bytes());
                let mut answer = String::new();
                let _ = stream.read_to_string(&mut answer);
                answer.starts_with("HTTP/1.1 303")
            });
            std::thread::sleep(Duration::from_millis(round * round));
            server.kill();
            acknowledged += usize::from(decided.join().unwrap());
        });
        let lines = log(&study).len();
        assert!(lines >= acknowledged && lines <= round as usize + 1, "{lines} lines, {acknowledged} acknowledged");
        let (code, said) = study.quantify();
        assert!(code == 0 && !said.contains("decisions.jsonl"), "round {round}: {code} {said}");
    }
}
