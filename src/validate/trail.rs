//! The trail of a study: hashes, the chained log of decisions, and signatures, all made by other programs (`fixtures/record`).

use crate::files::sha256;
use crate::record::{AllowedSigners, Decisions, Signer};
use crate::report::validation::{Case, Function, Risk, SpoiledCase, ValidationCheck};

const LOG: &str = include_str!("../../fixtures/record/decisions.jsonl");
const STATEMENT: &str = include_str!("../../fixtures/record/statement.sha256");
const SIGNATURE: &str = include_str!("../../fixtures/record/statement.sha256.sig");
const SIGNERS: &str = include_str!("../../fixtures/record/allowed_signers");

/// SHA-256 of a message.
const HASHES: [(&str, &str); 2] = [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
];
/// The same of a million times the letter a.
const MILLION: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

/// The trail, and changes of it.
pub(super) fn function() -> Function {
    Function {
        name: "Decisions, hashes and signatures",
        intended_use: "Records exclusions, reviews and approvals so that a change of what was decided, read or signed is found.",
        risk: Risk::High,
        failure: "A record is changed, or results are, and nobody notices.",
        activity: "Hashes of NIST's messages, and a log and a signature that other programs made, are read; then each is changed.",
        cases: vec![
            hashes(&HASHES),
            log("a log chained by sha256sum", LOG),
            signature("a signature by OpenSSH", STATEMENT),
        ],
        spoiled: vec![
            SpoiledCase::new(
                "a word of a reason in the log is another",
                log("log", &LOG.replacen("bubble", "spill", 1)),
            ),
            SpoiledCase::new(
                "the first decision is missing from the log",
                log("log", LOG.split_once('\n').map_or("", |(_, rest)| rest)),
            ),
            SpoiledCase::new(
                "the name in a signed statement is another",
                signature("signature", &STATEMENT.replacen("H. Head", "H. Heed", 1)),
            ),
            SpoiledCase::new("one letter of a message is another", hashes(&[("abd", HASHES[0].1)])),
        ],
    }
}

fn hashes(messages: &[(&str, &str)]) -> Case {
    let of = |&(message, expected): &(&str, &str)| {
        ValidationCheck::text(format!("SHA-256 of '{message}'"), expected, sha256(message.as_bytes()))
    };
    let million = ValidationCheck::text("SHA-256 of a million times 'a'", MILLION, sha256(&vec![b'a'; 1_000_000]));
    let checks: Vec<ValidationCheck> = messages.iter().map(of).chain([million]).collect();
    Case::new("hashes", "NIST, FIPS 180-4 examples").with(Ok::<_, String>(checks))
}

fn log(name: &str, text: &str) -> Case {
    let head =
        STATEMENT.lines().find_map(|line| line.split_once("the last with SHA-256 ")).map_or("", |(_, hash)| hash);
    let checks = Decisions::parse(text).map(|decisions| {
        let in_force = decisions.in_force().map(|(line, _)| line.to_string()).collect::<Vec<_>>().join(", ");
        vec![
            ValidationCheck::number("lines", 3.0, decisions.lines().count() as f64, 0.0),
            ValidationCheck::text("lines in force", "1", in_force),
            ValidationCheck::text("SHA-256 of the last line", head, decisions.head().sha256.as_str()),
        ]
    });
    Case::new(name, "sha256sum (fixtures/record/make.sh)").with(checks)
}

fn signature(name: &str, statement: &str) -> Case {
    let checks = AllowedSigners::parse(SIGNERS).map(|signers| {
        let signer = match signers.check(statement.as_bytes(), SIGNATURE.as_bytes()) {
            Signer::Valid { principal, .. } => principal,
            other => format!("{other:?}"),
        };
        vec![ValidationCheck::text("signed by", "h.head", signer)]
    });
    Case::new(name, "ssh-keygen of OpenSSH 9.2 (fixtures/record/make.sh)").with(checks)
}
