//! `signatures/`: who signed what of a study, and with which meaning, so that anybody can check it without this program.
//!
//! A signature is two files. The statement ([`super::statement`]) is a list of files with their SHA-256, under lines that say who signed it, when and why.
//!
//! The signature of its bytes stands beside it, with `.sig` at the end of its name, in OpenSSH's format (SSHSIG, PROTOCOL.sshsig in
//! OpenSSH's sources) with the namespace `platewise`, as `ssh-keygen -Y sign` writes it. Whose key may sign stands in `allowed_signers` in
//! the study, in OpenSSH's format as well (`man ssh-keygen`). In the study folder:
//!
//! ```text
//! sha256sum -c signatures/0001-approved-5d1f0a3b.sha256
//! ssh-keygen -Y verify -f allowed_signers -I h.head -n platewise \
//!            -s signatures/0001-approved-5d1f0a3b.sha256.sig < signatures/0001-approved-5d1f0a3b.sha256
//! ```
//!
//! A statement without a signature is a named approval, and is said to be unsigned.

use std::io;
use std::path::Path;

use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::decisions::DECISIONS_FILE;
use super::statement::{ENDING, SIGNATURES, Statement};
use crate::files::{self, InputFile};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// The file that says whose keys may sign.
pub const ALLOWED_SIGNERS: &str = "allowed_signers";

/// What OpenSSH calls the namespace: a signature for another purpose is none.
pub const NAMESPACE: &str = "platewise";

/// Whose signature a statement has.
///
/// ```
/// assert_eq!(platewise::record::Signer::Unsigned.to_string(), "unsigned: a named approval");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// There is no signature beside it.
    Unsigned,
    /// The signature is by a key that may sign.
    Valid {
        /// Whose it is by `allowed_signers`.
        principal: String,
        /// The fingerprint of the key, as OpenSSH shows it.
        fingerprint: String,
    },
    /// The signature is not that of these bytes, or not by a key that may sign.
    NotValid(String),
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned => f.write_str("unsigned: a named approval"),
            Self::Valid { principal, fingerprint } => write!(f, "signed by {principal} ({fingerprint})"),
            Self::NotValid(why) => write!(f, "signature not valid: {why}"),
        }
    }
}

/// Who may sign, by `allowed_signers`.
///
/// ```
/// use platewise::record::AllowedSigners;
/// assert!(AllowedSigners::parse("# nobody yet\n").is_ok());
/// ```
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners(Vec<(String, PublicKey)>);

impl AllowedSigners {
    /// Reads the file. Of OpenSSH's options `namespaces` is known; a line with another is refused, since what it forbids would be
    /// allowed.
    ///
    /// # Errors
    /// The first line that is none of a signer.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut signers = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let wrong = |code: Code, found: String| {
                Problem::new(code, Location::line(ALLOWED_SIGNERS, line), found)
                    .expected("a name, a kind of key and the key, as 'h.head ssh-ed25519 AAAA…'")
            };
            const SIGNER_WITHOUT_KEY: Code = Code::new("signer-without-key");
            let (principals, rest) =
                text.split_once(char::is_whitespace).ok_or_else(|| wrong(SIGNER_WITHOUT_KEY, "no key".into()))?;
            let rest = rest.trim_start();
            let (options, key) = match rest.starts_with("ssh-") || rest.starts_with("ecdsa-") || rest.starts_with("sk-")
            {
                true => ("", rest),
                false => {
                    rest.split_once(char::is_whitespace).ok_or_else(|| wrong(SIGNER_WITHOUT_KEY, "no key".into()))?
                }
            };
            let namespaces = options.strip_prefix("namespaces=").map(|names| names.trim_matches('"'));
            if !options.is_empty() && namespaces.is_none_or(|names| names.contains('"')) {
                return Err(wrong(
                    Code::new("signer-option"),
                    format!("the option '{options}', which platewise does not know"),
                ));
            }
            if namespaces.is_some_and(|names| !names.split(',').any(|name| name == NAMESPACE)) {
                continue;
            }
            let key = PublicKey::from_openssh(key.trim())
                .map_err(|error| wrong(Code::new("signer-key"), format!("no key ({error})")))?;
            signers.extend(principals.split(',').map(|principal| (principal.to_string(), key.clone())));
        }
        Ok(Self(signers))
    }

    /// The name of a key.
    pub fn principal(&self, key: &PublicKey) -> Option<&str> {
        self.0.iter().find(|(_, known)| known.key_data() == key.key_data()).map(|(name, _)| name.as_str())
    }

    /// Whose signature of these bytes this is.
    pub fn check(&self, bytes: &[u8], signature: &[u8]) -> Signer {
        let signature = match SshSig::from_pem(signature) {
            Ok(signature) => signature,
            Err(error) => return Signer::NotValid(format!("it cannot be read ({error})")),
        };
        let key = PublicKey::new(signature.public_key().clone(), "");
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        if let Err(error) = key.verify(NAMESPACE, bytes, &signature) {
            return Signer::NotValid(format!(
                "it is not of this statement as it is now, by the key {fingerprint} ({error})"
            ));
        }
        match self.principal(&key) {
            Some(principal) => Signer::Valid { principal: principal.to_string(), fingerprint },
            None => Signer::NotValid(format!("the key {fingerprint} is not in {ALLOWED_SIGNERS}")),
        }
    }
}

/// A statement in the folder of a study, with whose signature it has.
///
/// ```
/// let study = std::env::temp_dir().join(format!("platewise-unsigned-{}", std::process::id()));
/// assert!(platewise::record::signatures(&study)?.is_empty());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The file of the statement, relative to the study folder.
    pub file: String,
    /// What it says.
    pub statement: Statement,
    /// Who signed it.
    pub signer: Signer,
}

/// A signature beside results: whether it covers them.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let run = platewise::pipeline::Run::new(study, None, platewise::record::now())?;
/// assert!(run.report().signatures.is_empty(), "nobody has signed the demo trial");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureState {
    /// The statement, and who signed it.
    pub signature: Signature,
    /// The files that have changed since; none where it covers the results.
    pub changed: Vec<String>,
}

impl SignatureState {
    /// The state of a signature beside the results of a run, by its inputs and the SHA-256 of its concentrations. Files that the run
    /// did not read, as a list of arms that stays closed, are not looked at.
    pub fn beside(signature: Signature, inputs: &[InputFile], concentrations: &str) -> Self {
        let signed = &signature.statement.files;
        let differs = |input: &&InputFile| signed.get(&input.file) != Some(&input.sha256);
        let mut changed: Vec<String> = inputs.iter().filter(differs).map(|input| input.file.clone()).collect();
        let table = signed.iter().find(|(name, _)| name.ends_with("/concentrations.csv"));
        changed.extend(table.filter(|(_, hash)| *hash != concentrations).map(|(name, _)| name.clone()));
        if signed.contains_key(DECISIONS_FILE) && !inputs.iter().any(|input| input.file == DECISIONS_FILE) {
            changed.push(DECISIONS_FILE.to_string());
        }
        Self { signature, changed }
    }

    /// Whether it is a valid signature, and of these results.
    pub fn holds(&self) -> bool {
        self.changed.is_empty() && !matches!(self.signature.signer, Signer::NotValid(_))
    }

    /// In words: who signed, and what it no longer covers.
    pub fn words(&self) -> String {
        match self.changed.as_slice() {
            [] => self.signature.signer.to_string(),
            changed => {
                format!("{}; no longer covers these results: {} changed", self.signature.signer, changed.join(", "))
            }
        }
    }
}

/// The statements of a study in the order of their names, which is that of their numbers; none where nobody has signed.
///
/// # Errors
/// Every file of the folder that cannot be read or is not as it was written, and an `allowed_signers` that is none.
pub fn signatures(study: &Path) -> Result<Vec<Signature>, Problems> {
    let mut problems = Problems::default();
    let mut found = Vec::new();
    let unreadable = |name: &str, error: &dyn std::error::Error| {
        Problem::new(Code::new("signatures-unreadable"), Location::file(name), format!("cannot be read ({error})"))
            .expected("a file of signatures")
    };
    let names = files::names_in(&study.join(SIGNATURES)).map_err(|error| unreadable(SIGNATURES, &error))?;
    let names: Vec<String> = names.into_iter().filter(|name| name.ends_with(ENDING)).collect();
    if names.is_empty() {
        return Ok(found);
    }
    let allowed = match plain_file::read_text(&study.join(ALLOWED_SIGNERS)).map_err(io::Error::from) {
        Ok(text) => AllowedSigners::parse(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => AllowedSigners::default(),
        Err(error) => return Err(unreadable(ALLOWED_SIGNERS, &error).into()),
    };
    for name in names {
        let file = format!("{SIGNATURES}/{name}");
        let text = match plain_file::read_text(&study.join(&file)) {
            Ok(text) => text,
            Err(error) => {
                problems.push(unreadable(&file, &error));
                continue;
            }
        };
        let signer = match plain_file::read(&study.join(format!("{file}.sig"))).map_err(io::Error::from) {
            Ok(signature) => allowed.check(text.as_bytes(), &signature),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Signer::Unsigned,
            Err(error) => Signer::NotValid(format!("it cannot be read ({error})")),
        };
        match Statement::parse(&file, &text) {
            Ok(statement) => found.push(Signature { file, statement, signer }),
            Err(problem) => problems.push(problem),
        }
    }
    problems.or(found)
}

/// A key that signs.
///
/// ```
/// use platewise::record::SigningKey;
/// assert!(SigningKey::parse("id_ed25519.pub", b"ssh-ed25519 AAAA").is_err(), "the public half");
/// ```
#[derive(Debug, Clone)]
pub struct SigningKey(PrivateKey);

impl SigningKey {
    /// Reads a private key in OpenSSH's format.
    ///
    /// # Errors
    /// When it is none, is protected by a passphrase, or stays in a token: `ssh-keygen` signs with those.
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, Problem> {
        let wrong = |code: Code, found: String| Problem::new(code, Location::file(file), found);
        let key = PrivateKey::from_openssh(text).map_err(|error| {
            wrong(Code::new("key-unreadable"), format!("no private key of OpenSSH that can be read here ({error})"))
                .expected("an Ed25519 or ECDSA key, as `ssh-keygen -t ed25519` makes")
        })?;
        match key.is_encrypted() {
            true => Err(wrong(Code::new("key-with-passphrase"), "the key is protected by a passphrase".into())
                .expected("one that is not; or sign without --key, and then by ssh-keygen")),
            false => Ok(Self(key)),
        }
    }

    /// Its public half.
    pub fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    /// The line that lets it sign as `principal`.
    pub fn allowed_line(&self, principal: &str) -> String {
        let key = self.0.public_key().to_openssh().unwrap_or_default();
        format!("{principal} namespaces=\"{NAMESPACE}\" {}", key.trim())
    }

    /// The signature of these bytes, as OpenSSH writes it.
    ///
    /// # Errors
    /// When the key cannot sign, as one that stays in a token.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, Problem> {
        let signed =
            self.0.sign(NAMESPACE, HashAlg::Sha512, bytes).and_then(|signature| signature.to_pem(LineEnding::LF));
        signed.map_err(|error| {
            Problem::new(Code::new("key-cannot-sign"), Location::file("the key"), format!("cannot sign ({error})"))
                .expected("an Ed25519 or ECDSA key in a file; `ssh-keygen -Y sign` signs with those in tokens")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key for these tests, which protects nothing.
    fn key() -> SigningKey {
        let pair = ssh_key::private::Ed25519Keypair::from_seed(&[7; 32]);
        let file = PrivateKey::from(pair).to_openssh(LineEnding::LF).unwrap();
        SigningKey::parse("key", file.as_bytes()).unwrap()
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_key_alone() {
        let key = key();
        let text = "# platewise statement 1\n# study: S\n00  a b.csv\n".to_string();
        let signature = key.sign(text.as_bytes()).unwrap();
        let allowed = AllowedSigners::parse(&key.allowed_line("r.reviewer")).unwrap();
        let valid = allowed.check(text.as_bytes(), signature.as_bytes());
        assert!(matches!(&valid, Signer::Valid { principal, .. } if principal == "r.reviewer"), "{valid}");
        for index in 0..text.len() {
            let mut edited = text.clone().into_bytes();
            edited[index] ^= 1;
            assert!(matches!(allowed.check(&edited, signature.as_bytes()), Signer::NotValid(_)), "byte {index}");
        }
        let nobody = AllowedSigners::default().check(text.as_bytes(), signature.as_bytes());
        assert!(nobody.to_string().contains("is not in allowed_signers"), "{nobody}");
        assert!(matches!(allowed.check(text.as_bytes(), b"-----"), Signer::NotValid(_)));
    }

    #[test]
    fn a_key_for_another_purpose_may_not_sign() {
        let key = key();
        let line = key.allowed_line("r").replace(NAMESPACE, "git");
        assert_eq!(AllowedSigners::parse(&line).unwrap().principal(key.public_key()), None);
        let dated = key.allowed_line("r").replace("namespaces=\"platewise\"", "valid-before=\"20200101\"");
        assert!(AllowedSigners::parse(&dated).unwrap_err().to_string().contains("does not know"));
        let plain = key.allowed_line("r,s").replace("namespaces=\"platewise\" ", "");
        assert_eq!(AllowedSigners::parse(&plain).unwrap().principal(key.public_key()), Some("r"));
    }
}
