//! Which source file needs which other one: its `use` declarations and the paths in its code, followed through what a `mod.rs`
//! declares and exports again to the file where the thing stands.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Code, Token, code_of};

/// The source files as a tree of modules.
pub(crate) struct ModuleTree {
    /// By module (`curve::fit`; the crate is the empty name): its file and what that says.
    modules: BTreeMap<String, Module>,
}

struct Module {
    file: String,
    imports: Vec<Import>,
    /// Paths of two names or more, outside of imports.
    paths: Vec<Vec<String>>,
    /// Every name outside of imports.
    names: BTreeSet<String>,
}

/// One name that a `use` declaration brings in.
struct Import {
    path: Vec<String>,
    name: String,
    /// Whether others may take the name from here: `pub use`, `pub(crate) use`.
    exported: bool,
}

/// Where a path leads.
enum Found {
    /// To a module, by which nothing is used yet.
    Module,
    /// To something that stands in the file of this module.
    Item(String),
}

impl ModuleTree {
    /// The tree of `sources`: names below `src` (`curve/fit.rs`) with their texts. Unit tests are left out.
    pub(crate) fn of(sources: &[(String, String)]) -> ModuleTree {
        let codes: Vec<(String, &String, Code)> = sources
            .iter()
            .filter(|(file, _)| file != "main.rs")
            .map(|(file, text)| (module_name(file), file, code_of(text)))
            .collect();
        let of_tests: BTreeSet<String> = codes
            .iter()
            .flat_map(|(module, _, code)| code.test_modules.iter().map(|name| inside(module, name)))
            .collect();
        let mut modules = BTreeMap::new();
        for (module, file, code) in codes.into_iter().filter(|(module, ..)| !of_tests.contains(module)) {
            let (imports, rest) = imports(&code.tokens);
            assert!(!rest.windows(3).any(opens_a_module), "{file}: a module inside a file is not understood");
            let names = names_used(&rest);
            modules.insert(module, Module { file: file.clone(), imports, paths: paths(&rest), names });
        }
        ModuleTree { modules }
    }

    /// By file: the files that it needs, each with the names that lead there. That a `mod.rs` declares or exports something is
    /// no need of it; that its code uses it is.
    pub(crate) fn needs(&self) -> BTreeMap<&str, BTreeMap<&str, BTreeSet<String>>> {
        let mut needs = BTreeMap::new();
        for (name, module) in &self.modules {
            let of_file: &mut BTreeMap<&str, BTreeSet<String>> = needs.entry(module.file.as_str()).or_default();
            let used = module.imports.iter().filter(|import| !import.exported || module.names.contains(&import.name));
            for path in used.map(|import| &import.path).chain(&module.paths) {
                if let Some(Found::Item(target)) = self.locate(name, path, 0)
                    && target != *name
                {
                    of_file.entry(self.modules[&target].file.as_str()).or_default().insert(path.join("::"));
                }
            }
        }
        needs
    }

    /// Where `path`, as written in `module`, leads; nowhere when to another crate.
    fn locate(&self, module: &str, path: &[String], depth: usize) -> Option<Found> {
        assert!(depth < 20, "{module}: {} leads round", path.join("::"));
        let Some((first, rest)) = path.split_first() else { return Some(Found::Module) };
        let child = inside(module, first);
        match first.as_str() {
            "crate" => return self.locate("", rest, depth + 1),
            "self" => return self.locate(module, rest, depth + 1),
            "super" => return self.locate(module.rsplit_once("::").map_or("", |(above, _)| above), rest, depth + 1),
            _ if !rest.is_empty() && self.modules.contains_key(&child) => return self.locate(&child, rest, depth + 1),
            _ => {}
        }
        let here = &self.modules[module];
        if let Some(import) = here.imports.iter().find(|import| import.name == *first && import.path != path) {
            let whole: Vec<String> = import.path.iter().chain(rest).cloned().collect();
            return self.locate(module, &whole, depth + 1);
        }
        if self.modules.contains_key(&child) {
            return Some(Found::Module);
        }
        // A first name that stands nowhere is that of a crate, unless we came here from elsewhere.
        (depth > 0).then(|| Found::Item(module.to_string()))
    }
}

/// `curve/fit.rs` is `curve::fit`, `curve/mod.rs` is `curve`, `lib.rs` the crate.
fn module_name(file: &str) -> String {
    let name = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if name == "lib" { String::new() } else { name.replace('/', "::") }
}

fn inside(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_string() } else { format!("{module}::{name}") }
}

fn opens_a_module(tokens: &[Token]) -> bool {
    matches!(tokens, [Token::Name(word), Token::Name(_), Token::Sign('{')] if word == "mod")
}

/// Every name but those of modules that are declared.
fn names_used(tokens: &[Token]) -> BTreeSet<String> {
    let declared = |at: usize| at > 0 && tokens[at - 1].name() == Some("mod");
    let names = tokens.iter().enumerate().filter(|(at, _)| !declared(*at));
    names.filter_map(|(_, token)| token.name().map(str::to_string)).collect()
}

/// What the `use` declarations bring in, and the tokens beside them.
fn imports(tokens: &[Token]) -> (Vec<Import>, Vec<Token>) {
    let (mut imports, mut rest) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        let captures = tokens.get(at + 1) == Some(&Token::Sign('<')); // `impl Iterator + use<'_>`
        if tokens[at].name() == Some("use") && !captures {
            let end = at + tokens[at..].iter().position(|token| *token == Token::Sign(';')).unwrap();
            let exported = matches!(tokens[..at].last(), Some(Token::Name(word)) if word == "pub")
                || matches!(tokens[..at].last(), Some(Token::Sign(')')));
            branches(&tokens[at + 1..end], &[], exported, &mut imports);
            at = end + 1;
        } else {
            rest.push(tokens[at].clone());
            at += 1;
        }
    }
    (imports, rest)
}

/// The branches of `a::{b, c::{self, d as e}}`.
fn branches(tokens: &[Token], before: &[String], exported: bool, into: &mut Vec<Import>) {
    let mut path = before.to_vec();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Name(word) if word == "as" => {
                let name = tokens[at + 1].name().unwrap().to_string();
                into.push(Import { path, name, exported });
                return;
            }
            Token::Name(word) if word == "self" && !path.is_empty() => {}
            Token::Name(word) => path.push(word.clone()),
            Token::Sign('{') => {
                let mut depth = 0;
                let inner = &tokens[at + 1..tokens.len() - 1];
                let lists = inner.split(|token| {
                    match token {
                        Token::Sign('{') => depth += 1,
                        Token::Sign('}') => depth -= 1,
                        _ => {}
                    }
                    depth == 0 && *token == Token::Sign(',')
                });
                lists.filter(|list| !list.is_empty()).for_each(|list| branches(list, &path, exported, into));
                return;
            }
            Token::Sign('*') => {
                let of_ours = ["crate", "super", "self"].contains(&path[0].as_str());
                assert!(!of_ours, "{}::*: name what is imported", path.join("::"));
                return;
            }
            _ => {}
        }
    }
    let name = path.last().unwrap().clone();
    into.push(Import { path, name, exported });
}

/// The paths of two names or more: `super::fit::start`.
fn paths(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut joined = false;
    for token in tokens.iter().chain([&Token::Sign(';')]) {
        match token {
            Token::Name(word) if joined => {
                path.push(word.clone());
                joined = false;
            }
            Token::Join if !path.is_empty() => joined = true,
            other => {
                if path.len() > 1 {
                    found.push(std::mem::take(&mut path));
                }
                path = other.name().map(str::to_string).into_iter().collect();
                joined = false;
            }
        }
    }
    found
}
