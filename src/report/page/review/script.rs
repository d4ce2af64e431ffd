//! A script in a page.

use maud::{Markup, PreEscaped, html};

/// A script that is not ours to escape.
pub(super) fn script(text: &str, nonce: &str) -> Markup {
    html! { script nonce=(nonce) { (PreEscaped(text)) } }
}
