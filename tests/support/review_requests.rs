//! Requests to `platewise review` as they go over the wire.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::review_server::ReviewServer;

impl ReviewServer {
    /// Ends it as the power does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.split(':').nth(2).unwrap().split('/').next().unwrap().parse().unwrap()
    }

    pub(crate) fn key(&self) -> &str {
        self.address.split('#').nth(1).unwrap()
    }

    /// Sends bytes, and gives all that comes back until the server has no more to say.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // It may have answered and hung up before everything was sent.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        String::from_utf8_lossy(&all).into_owned()
    }

    /// A request with these headers beside Host; gives status, head and body.
    pub(crate) fn ask(&self, what: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
        let mut request = format!("{what} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: 127.0.0.1:{}\r\n", self.port()));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let answer = self.raw(format!("{request}\r\n{body}").as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, head.to_string(), body.to_string())
    }

    /// A browser that has opened the study with a key.
    pub(crate) fn enter(&self, key: &str) -> Guest<'_> {
        let origin = format!("http://127.0.0.1:{}", self.port());
        let (status, head, _) = self.ask("POST /session", &[("Origin", &origin)], key);
        assert_eq!(status, 204, "{head}");
        let set = head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")).unwrap();
        let cookie = set.split_once(": ").unwrap().1.split(';').next().unwrap().to_string();
        Guest { server: self, origin, cookie }
    }
}

/// One browser's session.
pub(crate) struct Guest<'s> {
    pub(crate) server: &'s ReviewServer,
    pub(crate) origin: String,
    pub(crate) cookie: String,
}

impl Guest<'_> {
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let (status, _, body) = self.server.ask(&format!("GET {path}"), &[("Cookie", &self.cookie)], "");
        (status, body)
    }

    /// Sends a form; gives status, where it leads, and the page.
    pub(crate) fn post(&self, fields: &BTreeMap<&str, String>) -> (u16, String, String) {
        let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let form_type = "application/x-www-form-urlencoded";
        let headers = [("Cookie", self.cookie.as_str()), ("Origin", &self.origin), ("Content-Type", form_type)];
        let (status, head, body) = self.server.ask("POST /decide", &headers, &form.join("&"));
        let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_string();
        (status, location, body)
    }
}

/// The value of the first hidden field of that name on a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let field =
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = field.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
