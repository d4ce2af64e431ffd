//! A real browser that is driven: chromedriver, asked in the words of the WebDriver standard (W3C).

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A browser with a profile of its own.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    pub(crate) fn start(program: &OsStr) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver drives the browser: install Debian's chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let said = lines.find_map(|line| line.unwrap().split("successfully on port ").nth(1).map(str::to_string));
        let port = said.unwrap().trim_end_matches('.').parse().unwrap();
        // What it says later is not read, and must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, port, session: String::new() };
        let mut options =
            json!({"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1366,900"]});
        if program != "chromium" {
            options["binary"] = program.to_str().into();
        }
        let asked = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}});
        browser.session = browser.ask("POST", "/session", &asked)["sessionId"].as_str().unwrap().to_string();
        browser
    }

    /// A command of the driver; gives its value.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", self.port);
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path} {body}: {}", answer["value"]);
        answer["value"].take()
    }

    fn in_session(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("/session/{}{path}", self.session), body)
    }

    pub(crate) fn open(&self, address: &str) {
        self.in_session("POST", "/url", &json!({"url": address}));
    }

    /// What a script of the page answers.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.in_session("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until the page says this.
    pub(crate) fn until(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if text.contains(words) {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "'{words}' never came on the page: {text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Everything that is to be read on the page.
    pub(crate) fn text(&self) -> String {
        self.run("return document.body?document.body.innerText:''").as_str().unwrap_or_default().to_string()
    }

    fn element(&self, css: &str) -> String {
        let found = self.in_session("POST", "/element", &json!({"using": "css selector", "value": css}));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_string()
    }

    /// Clicks as a mouse would: what is hidden or covered cannot be.
    pub(crate) fn click(&self, css: &str) {
        self.in_session("POST", &format!("/element/{}/click", self.element(css)), &json!({}));
    }

    /// Types into a field.
    pub(crate) fn fill(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.in_session("POST", &format!("/element/{element}/clear"), &json!({}));
        self.in_session("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Presses keys, one after the other, wherever the page has its focus.
    pub(crate) fn keys(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()})))
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": presses}]});
        self.in_session("POST", "/actions", &actions);
    }

    pub(crate) fn address(&self) -> String {
        self.in_session("GET", "/url", &Value::Null).as_str().unwrap().to_string()
    }

    /// What the browser complained of since it was last asked: errors of scripts, and what the policy of a page forbids.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.in_session("POST", "/se/log", &json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(|line| line["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.in_session("DELETE", "", &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
