//! Signing the results of a study, and whether what was signed is what there is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::files::{self, InputFile, InputFolder, MANIFEST, OutputError, sha256};
use crate::protocol;
use crate::record::{
    self, ALLOWED_SIGNERS, AllowedSigners, DECISIONS_FILE, Decisions, EarlierRun, RUN_FILE, ReviewKind, SIGNATURES,
    Signature, SigningKey, Statement, is_same_person, signatures,
};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// What somebody wants to sign.
///
/// ```
/// use platewise::{pipeline::ToSign, record::ReviewKind};
/// let approval = ToSign { meaning: ReviewKind::Approved, name: "H. Head".into(), results: "plates/results".into(), key: None };
/// assert!(approval.key.is_none(), "a named approval, unsigned");
/// ```
#[derive(Debug, Clone)]
pub struct ToSign {
    /// What the signature means.
    pub meaning: ReviewKind,
    /// The name of who signs.
    pub name: String,
    /// The folder of the results, in the study.
    pub results: PathBuf,
    /// The file of the private key; none for a named approval.
    pub key: Option<PathBuf>,
}

/// Makes a statement over the inputs, the decisions and the results of a study, signs it, and writes both; gives it as it is then read.
///
/// What is signed are the tables and figures. Pages and the workbook show the signatures and are made anew after them; they hold nothing
/// that does not stand in what is signed.
///
/// # Errors
/// When there are no results, an input or an output is not what the run recorded, the key may not sign, or the person has excluded
/// something where the method asks for a second one. Nothing was written then.
pub fn sign(study: &InputFolder, asked: &ToSign) -> Result<Signature, Problems> {
    let folder = study.path();
    let protocol = protocol::read_from(study)?;
    let refuse = |code: Code, file: String, found: String, expected: &str, advice: &str| {
        Problems::from(Problem::new(code, Location::file(file), found).expected(expected).advice(advice))
    };
    if asked.name.trim().is_empty() {
        return Err(refuse(
            Code::new("statement-of-nobody"),
            "the statement".into(),
            "nobody makes it".into(),
            "a name",
            "Nothing was written",
        ));
    }
    // As in decisions, and on one line.
    if asked.name.chars().any(char::is_control) {
        let found = format!("the name {:?}, with control characters or an end of line", asked.name);
        return Err(refuse(
            Code::new("statement-name"),
            "the statement".into(),
            found,
            "a name on one line",
            "Nothing was written",
        ));
    }
    let shown = asked.results.display().to_string();
    let run = EarlierRun::read(&asked.results, &protocol.assay.study.id)?;
    let Some(inside) = inside(folder, &asked.results).filter(|_| !run.inputs.is_empty()) else {
        let advice = "Run the study without --out, look at the results, and sign them then";
        return Err(refuse(
            Code::new("statement-without-results"),
            shown,
            "no results of this study".into(),
            "its results, in the study folder",
            advice,
        ));
    };
    let decisions = Decisions::read(study)?;
    if protocol.assay.review.second_person
        && let Some((line, one)) = decisions.in_force().find(|(_, one)| is_same_person(&one.who, &asked.name))
    {
        let found = format!("{} excluded {} by line {line}", asked.name, one.target);
        return Err(refuse(
            Code::new("statement-by-who-excluded"),
            DECISIONS_FILE.into(),
            found,
            "another person, as [review] second_person = true asks",
            "Nothing was written",
        ));
    }
    let mut problems = Problems::default();
    let mut of = BTreeMap::new();
    for input in &run.inputs {
        take(folder, &input.file, &input.sha256, &mut of, &mut problems);
    }
    let outputs = files::read_manifest(&asked.results).map_err(|error| {
        refuse(
            Code::new("statement-without-manifest"),
            format!("{shown}/{MANIFEST}"),
            format!("cannot be read ({error})"),
            "the results of a run",
            "Run the study again",
        )
    })?;
    for (name, hash) in outputs.iter().filter(|(name, _)| is_signed(name)) {
        take(folder, &format!("{inside}/{name}"), hash, &mut of, &mut problems);
    }
    problems.or(())?;
    let statement = Statement {
        study: protocol.assay.study.id.clone(),
        meaning: asked.meaning,
        name: asked.name.trim().to_string(),
        when: record::moment_here(),
        decisions: decisions.head().clone(),
        files: of,
    };
    write(folder, &statement, asked.key.as_deref())
}

fn write(folder: &Path, statement: &Statement, key: Option<&Path>) -> Result<Signature, Problems> {
    let name = statement.file(signatures(folder)?.len() + 1);
    let text = statement.text();
    let mut made = vec![(folder.join(&name), text.clone().into_bytes())];
    if let Some(path) = key {
        let shown = path.display().to_string();
        let bytes = plain_file::read(path).map_err(|error| error.problem(&shown))?;
        let key = SigningKey::parse(&shown, &bytes)?;
        let allowed = plain_file::read_text(&folder.join(ALLOWED_SIGNERS)).unwrap_or_default();
        if AllowedSigners::parse(&allowed)?.principal(key.public_key()).is_none() {
            let advice = format!(
                "Whoever keeps the list adds a line, by a name without blanks: {}",
                key.allowed_line(&principal(&statement.name))
            );
            return Err(Problem::new(
                Code::new("signer-not-allowed"),
                Location::file(ALLOWED_SIGNERS),
                format!("the key {shown} is not in it"),
            )
            .expected("the keys of those who may sign")
            .advice(advice)
            .into());
        }
        made.push((folder.join(format!("{name}.sig")), key.sign(text.as_bytes())?.into_bytes()));
    }
    let cannot = |error: OutputError| {
        Problem::new(Code::new("statement-not-written"), Location::file(name.as_str()), error.to_string())
    };
    files::make_folder(&folder.join(SIGNATURES)).and_then(|()| files::write_files(&made)).map_err(cannot)?;
    let found = signatures(folder)?.into_iter().find(|one| one.file == name);
    found.ok_or_else(|| {
        Problem::new(Code::new("statement-gone"), Location::file(name.as_str()), "is not there after it was written")
            .into()
    })
}

/// A name as `allowed_signers` has it: `H. Head` is `h.head`.
fn principal(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|c: char| c.is_whitespace() || ",.\"".contains(c)).filter(|word| !word.is_empty()).collect();
    words.join(".").to_lowercase()
}

/// The results as a path in the study, with forward slashes.
pub(super) fn inside(study: &Path, results: &Path) -> Option<String> {
    let (study, results) = (study.canonicalize().ok()?, results.canonicalize().ok()?);
    let inside = InputFile::new(results.strip_prefix(study).ok()?, b"").file;
    (!inside.is_empty()).then_some(inside)
}

/// Whether an output is signed: neither the pages and the workbook, which show the signatures, nor the record of the run, which holds its
/// time.
fn is_signed(name: &str) -> bool {
    !(name.ends_with(".html") || ["results.xlsx", "signatures.csv", RUN_FILE].contains(&name))
}

/// Adds a file that is what it was.
fn take(folder: &Path, name: &str, hash: &str, files: &mut BTreeMap<String, String>, problems: &mut Problems) {
    if name.contains(['\n', '\r']) {
        problems.push(
            Problem::new(Code::new("name-with-line-end"), Location::file(name), "has a line end in its name")
                .expected("a name that stands in a line of a list")
                .advice("Rename it, in study.toml too"),
        );
        return;
    }
    match plain_file::read(&folder.join(name)) {
        Ok(bytes) if sha256(&bytes) == hash => drop(files.insert(name.to_string(), hash.to_string())),
        Ok(_) => problems.push(
            Problem::new(
                Code::new("signed-file-changed"),
                Location::file(name),
                "is not what it was when the study was run",
            )
            .expected(format!("SHA-256 {hash}"))
            .advice("Run the study again, look at the results, and sign them then"),
        ),
        Err(error) => problems.push(error.problem(name)),
    }
}
