//! The words that laboratories use in layouts, beside those of this program.

/// What a cell that names a role says; `None` where it is no word for one.
///
/// | role | words |
/// |---|---|
/// | standard | standard, std, stnd, cal, calib, calibrator, calibrant |
/// | control | control, ctrl, ctl, qc |
/// | blank | blank, blk, nsb (non-specific binding), ntc (no template) |
/// | sample | sample, spl, smp, specimen, unknown, unk, unkn |
/// | unused | unused, empty, -, none, n/a |
///
/// ```
/// use platewise::plate::layout::role_word;
/// assert_eq!(["Std", "BLK.", "Unk", "-", "Probe"].map(role_word), [Some("standard"), Some("blank"), Some("sample"), Some("unused"), None]);
/// ```
pub fn role_word(text: &str) -> Option<&'static str> {
    let word = text.trim().trim_end_matches(['.', ':']).to_lowercase();
    ROLES.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(role, _)| *role)
}

/// Every role with its words, the role itself first.
pub(super) const ROLES: [(&str, &[&str]); 5] = [
    ("standard", &["standard", "standards", "std", "stds", "stnd", "cal", "calib", "calibrator", "calibrant"]),
    ("control", &["control", "controls", "ctrl", "ctl", "qc"]),
    ("blank", &["blank", "blanks", "blk", "nsb", "ntc"]),
    ("sample", &["sample", "samples", "spl", "smp", "specimen", "unknown", "unknowns", "unk", "unkn"]),
    ("unused", &["unused", "empty", "-", "–", "—", "none", "n/a", "na"]),
];

/// What a grid or column of that name holds; `None` where it is no name of one.
pub(super) fn field_word(text: &str) -> Option<&'static str> {
    let word = text.trim().trim_end_matches(['.', ':']).to_lowercase().replace(['_', '-'], " ");
    FIELD_WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(field, _)| *field)
}

const FIELD_WORDS: [(&str, &[&str]); 7] = [
    ("well", &["well", "wells", "well position", "well id", "position", "pos"]),
    ("role", &["role", "type", "well type", "sample type", "content"]),
    (
        "sample",
        &[
            "sample",
            "sample id",
            "sample name",
            "sampleid",
            "name",
            "barcode",
            "sample barcode",
            "tube barcode",
            "tube",
            "tube id",
            "specimen id",
        ],
    ),
    ("concentration", &["concentration", "conc", "standard concentration", "nominal", "nominal concentration"]),
    ("dilution", &["dilution", "dil", "dilution factor", "factor", "df"]),
    ("dilution_fraction", &["dilution fraction"]),
    ("analyte", &["analyte", "assay", "target"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_things() {
        for (at, (role, words)) in ROLES.iter().enumerate() {
            assert!(words.iter().all(|word| role_word(&word.to_uppercase()) == Some(role)));
            let others = ROLES.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(others.flat_map(|(_, (_, words))| words.iter()).all(|word| !words.contains(word)), "{role}");
        }
        for (at, (_, words)) in FIELD_WORDS.iter().enumerate() {
            let mut others = FIELD_WORDS.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(others.all(|(_, (_, others))| others.iter().all(|word| !words.contains(word))));
        }
    }
}
