//! Who may ask. Each rule stands alone, so that what gets past one meets the next:
//!
//! - *host*: a page of another site cannot reach the server under a name of its own (DNS rebinding), because the name that a browser asks
//!   for must be this machine's;
//! - *origin*: what changes something must come from a page of ours, and a browser says where it comes from;
//! - *session*: a cookie that only a browser has which knew the key of the address. The key is in the fragment, which browsers send to
//!   nobody, and serves once. The cookie is sent to no other site, and no script can read it;
//! - *policy*: a page loads, runs and sends nothing but what is ours, so that a name with markup in it does nothing.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};

use crate::files::sha256;

/// Bytes of a key: nobody guesses 32 of them.
const KEY_BYTES: usize = 32;

/// The keys and sessions of a server.
///
/// ```
/// use platewise::review::gate::Gate;
///
/// let gate = Gate::new(4000)?;
/// let key = gate.address().split('#').nth(1).unwrap_or_default().to_string();
/// assert!(gate.enter("another key")?.is_none());
/// assert!(gate.enter(&key)?.is_some() && gate.enter(&key)?.is_none(), "it serves once");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Gate {
    port: u16,
    keys: Mutex<Keys>,
}

#[derive(Debug)]
struct Keys {
    /// The key of the next browser.
    next: String,
    /// The hash of each session's cookie, with the name that was given last in it.
    sessions: BTreeMap<String, String>,
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is for another host, or from another site.
    Foreign,
    /// It has no session.
    NoSession,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::NoSession => StatusCode::UNAUTHORIZED,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Foreign => "platewise review answers pages of its own only.\n",
            Self::NoSession => "Open the address that the terminal printed.\n",
        }
    }
}

/// Random bytes as text.
pub(super) fn random() -> io::Result<String> {
    let mut bytes = [0_u8; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Gate {
    /// A gate with a first key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new(port: u16) -> io::Result<Self> {
        Ok(Self { port, keys: Mutex::new(Keys { next: random()?, sessions: BTreeMap::new() }) })
    }

    /// The address with the key of the next browser.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/#{}", self.port, self.keys().next)
    }

    /// Exchanges a key for a cookie; `None` where it is not the key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn enter(&self, key: &str) -> io::Result<Option<String>> {
        let (cookie, next) = (random()?, random()?);
        let mut keys = self.keys();
        // Hashes, so that how long the comparison takes says nothing of the key.
        if sha256(key.as_bytes()) != sha256(keys.next.as_bytes()) {
            return Ok(None);
        }
        keys.next = next;
        keys.sessions.insert(sha256(cookie.as_bytes()), String::new());
        Ok(Some(format!("{}={cookie}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name())))
    }

    /// Whether a request is for this server and from a page of it.
    pub(super) fn is_ours(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
        let hosts = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{}", self.port));
        let host = text(&HOST).filter(|host| hosts.iter().any(|ours| ours == host)).ok_or(Refusal::Foreign)?;
        let from_us = match text(&ORIGIN) {
            Some(origin) => origin == format!("http://{host}"),
            None => *method == Method::GET,
        };
        let site = text(&HeaderName::from_static("sec-fetch-site"));
        let same_site = site.is_none_or(|site| ["same-origin", "none"].contains(&site));
        if from_us && same_site { Ok(()) } else { Err(Refusal::Foreign) }
    }

    /// The session of a request.
    pub(super) fn session(&self, headers: &HeaderMap) -> Result<Session, Refusal> {
        let name = self.cookie_name();
        let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let ours = cookies.flat_map(|all| all.split(';')).filter_map(|one| one.trim().split_once('='));
        let known = self.keys();
        let mut hashes = ours.filter(|(key, _)| *key == name).map(|(_, value)| sha256(value.as_bytes()));
        let hash = hashes.find(|hash| known.sessions.contains_key(hash)).ok_or(Refusal::NoSession)?;
        Ok(Session { who: known.sessions[&hash].clone(), hash })
    }

    /// Keeps the name that somebody gave, for the next form.
    pub(super) fn remember(&self, session: &Session, who: &str) {
        self.keys().sessions.insert(session.hash.clone(), who.to_string());
    }

    /// Cookies of one host are shared by all its ports.
    fn cookie_name(&self) -> String {
        format!("platewise-{}", self.port)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A browser that knew the key.
#[derive(Debug, Clone)]
pub(super) struct Session {
    hash: String,
    /// The name that was given last.
    pub(super) who: String,
}

/// What every answer carries: what its page may do, and that nobody keeps it.
pub(super) fn protect(headers: &mut HeaderMap, nonce: &str) {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        of.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn only_pages_of_this_server_ask() {
        let gate = Gate::new(4000).unwrap();
        let (get, post) = (Method::GET, Method::POST);
        let ours = |method: &Method, of: &[(&'static str, &str)]| gate.is_ours(method, &headers(of)).is_ok();
        assert!(ours(&get, &[("host", "127.0.0.1:4000")]) && ours(&get, &[("host", "localhost:4000")]));
        assert!(ours(&post, &[("host", "127.0.0.1:4000"), ("origin", "http://127.0.0.1:4000")]));
        for foreign in ["127.0.0.1", "127.0.0.1:4001", "evil.example:4000", "127.0.0.1:4000.evil.example", ""] {
            assert!(!ours(&get, &[("host", foreign)]), "{foreign}");
        }
        assert!(!ours(&get, &[]));
        assert!(!ours(&post, &[("host", "127.0.0.1:4000")]), "it does not say where it comes from");
        for origin in
            ["null", "http://evil.example", "https://127.0.0.1:4000", "http://127.0.0.1:4001", "http://localhost:4000"]
        {
            assert!(!ours(&post, &[("host", "127.0.0.1:4000"), ("origin", origin)]), "{origin}");
            assert!(!ours(&get, &[("host", "127.0.0.1:4000"), ("origin", origin)]), "{origin}");
        }
        assert!(!ours(&get, &[("host", "127.0.0.1:4000"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn a_session_is_known_by_its_cookie_only() {
        let gate = Gate::new(4000).unwrap();
        let key = gate.address().split('#').nth(1).unwrap().to_string();
        let set = gate.enter(&key).unwrap().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"));
        let cookie = set.split(';').next().unwrap();
        let session = gate.session(&headers(&[("cookie", &format!("other=1; {cookie}"))])).unwrap();
        gate.remember(&session, "A. B.");
        assert_eq!(gate.session(&headers(&[("cookie", cookie)])).unwrap().who, "A. B.");
        for wrong in
            ["", "platewise-4000=", "platewise-4000=0", &cookie.replace("4000", "4001"), &cookie[..cookie.len() - 1]]
        {
            assert!(gate.session(&headers(&[("cookie", wrong)])).is_err(), "{wrong}");
        }
        assert!(gate.address() != format!("http://127.0.0.1:4000/#{key}"), "the next browser has another key");
    }
}
