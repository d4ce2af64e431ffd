//! The page before the pages: it exchanges the key in the address for a cookie. Nothing of the study is on it.

use maud::{DOCTYPE, html};

use super::script::script;

/// Sends the key, which browsers keep to themselves, and takes it out of the address.
pub const SCRIPT: &str = include_str!("entrance.js");

/// The page.
///
/// ```
/// let page = platewise::report::page::review::entrance("n0nce");
/// assert!(page.contains("<noscript>") && page.contains("nonce=\"n0nce\""));
/// ```
pub fn entrance(nonce: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "platewise review" } meta name="color-scheme" content="light dark"; }
            body {
                h1 { "platewise review" }
                p id="said" { "Opening the study …" }
                noscript { p { "The address that the terminal printed can only be opened with JavaScript." } }
                (script(SCRIPT, nonce))
            }
        }
    };
    page.into_string()
}
