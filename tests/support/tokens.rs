//! The words of a source file: without comments, texts in quotes and unit tests.

/// A word or sign of the code.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Name(String),
    /// `::`
    Join,
    Sign(char),
}

impl Token {
    pub(crate) fn name(&self) -> Option<&str> {
        if let Token::Name(name) = self { Some(name) } else { None }
    }
}

/// The code of a file.
pub(crate) struct Code {
    pub tokens: Vec<Token>,
    /// Modules that are there in tests only, and stand in files of their own.
    pub test_modules: Vec<String>,
}

/// The words of `text` and what is left of them without `#[cfg(test)]`.
pub(crate) fn code_of(text: &str) -> Code {
    let all = tokens_of(text);
    let markers = [tokens_of("#[cfg(test)]"), tokens_of("#[cfg(all(test, unix))]")];
    let (mut tokens, mut test_modules) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < all.len() {
        if let Some(marker) = markers.iter().find(|marker| all[at..].starts_with(marker)) {
            let item = &all[at + marker.len()..];
            let length = length_of_item(item);
            if let [.., Token::Name(word), Token::Name(name), Token::Sign(';')] = &item[..length]
                && word == "mod"
            {
                test_modules.push(name.clone());
            }
            at += marker.len() + length;
        } else {
            tokens.push(all[at].clone());
            at += 1;
        }
    }
    Code { tokens, test_modules }
}

/// To the `;` or `}` that ends the item, in brackets of no kind.
fn length_of_item(tokens: &[Token]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{' | '(' | '[') => depth += 1,
            Token::Sign('}' | ')' | ']') => depth -= 1,
            _ => {}
        }
        let body_ends = *token == Token::Sign('}') && !tokens.get(at + 1).is_some_and(|next| *next == Token::Sign(';'));
        if depth == 0 && (*token == Token::Sign(';') || body_ends) {
            return at + 1;
        }
    }
    tokens.len()
}

fn tokens_of(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        at += match rest {
            ['/', '/', ..] => rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => rest.windows(2).position(|pair| pair == ['*', '/']).unwrap() + 2,
            ['r', '"' | '#', ..] | ['b', 'r', '"' | '#', ..] => raw_text(rest),
            ['"', ..] => quoted(rest, '"'),
            ['\'', '\\', ..] | ['\'', _, '\'', ..] => quoted(rest, '\''),
            [':', ':', ..] => {
                tokens.push(Token::Join);
                2
            }
            [c, ..] if word(*c) => {
                let length = rest.iter().position(|&c| !word(c)).unwrap_or(rest.len());
                tokens.push(Token::Name(rest[..length].iter().collect()));
                length
            }
            [c, ..] => {
                if !c.is_whitespace() {
                    tokens.push(Token::Sign(*c));
                }
                1
            }
            [] => 1,
        };
    }
    tokens
}

/// The length of `"…"` or `'…'`.
fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `r"…"`, `br#"…"#`; of the letters alone where no text follows (`r#type`).
fn raw_text(rest: &[char]) -> usize {
    let letters = rest.iter().position(|c| !['b', 'r'].contains(c)).unwrap();
    let hashes = rest[letters..].iter().take_while(|&&c| c == '#').count();
    if rest.get(letters + hashes) != Some(&'"') {
        return letters + hashes;
    }
    let end: String = format!("\"{}", "#".repeat(hashes));
    let text: String = rest[letters + hashes + 1..].iter().collect();
    letters + hashes + 1 + text[..text.find(&end).unwrap()].chars().count() + end.len()
}
