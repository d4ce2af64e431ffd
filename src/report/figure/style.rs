//! The styles of the pictures in a page: a class for each, its rule written once in the page's style sheet.
//!
//! A well of a plate says where it is and nothing else: a page of many plates stays small. The rules name the colours of the
//! palette, so that a picture turns dark with the page.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::palette;

/// Properties of a mark, by their names in SVG, which are their names in a style sheet too.
pub(super) type Properties = Vec<(&'static str, String)>;

/// The styles that the pictures of one page have used so far.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    numbers: BTreeMap<String, usize>,
}

impl Styles {
    /// The class of marks with these properties.
    pub(super) fn class(&mut self, properties: &Properties) -> String {
        let declarations =
            properties.iter().map(|(property, value)| format!("{property}:{}", in_sheet(property, value)));
        let next = self.numbers.len();
        let number = *self.numbers.entry(declarations.collect::<Vec<_>>().join(";")).or_insert(next);
        format!("m{number}")
    }

    /// The rules of all classes.
    pub(crate) fn css(&self) -> String {
        self.numbers.iter().map(|(declarations, number)| format!(".m{number}{{{declarations}}}")).collect()
    }
}

/// A value as a style sheet wants it: colours of the palette by name, the size of a font with its unit.
fn in_sheet(property: &str, value: &str) -> String {
    static NAMES: LazyLock<BTreeMap<String, &str>> =
        LazyLock::new(|| palette::ALL.into_iter().map(|ink| (palette::hex(ink.light), ink.name)).collect());
    match NAMES.get(value) {
        Some(name) => format!("var(--{name})"),
        None if property == "font-size" => format!("{value}px"),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_for_marks_that_look_alike_in_the_colours_of_the_page() {
        let mut styles = Styles::default();
        let text = vec![("fill", palette::hex(palette::BLUE.light)), ("font-size", "210".to_string())];
        let other = vec![("fill", "#123456".to_string())];
        assert_eq!(
            (styles.class(&text), styles.class(&other), styles.class(&text)),
            ("m0".into(), "m1".into(), "m0".into())
        );
        assert_eq!(styles.css(), ".m1{fill:#123456}.m0{fill:var(--blue);font-size:210px}");
    }
}
