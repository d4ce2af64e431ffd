//! `define.xml` 2.1 (CDISC, Define-XML 2.1): what the datasets hold, where it comes from and how it was derived.
//!
//! Written for the datasets of one run: lengths and code lists are those of the values that occur. OIDs are built from names.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Dataset, Origin, VariableHead, VariableKind, created};
use crate::report::StudyReport;
use crate::report::table::Cell;

/// The file.
pub fn write(report: &StudyReport<'_>, datasets: &[Dataset]) -> Vec<u8> {
    let study = &report.protocol.assay.study;
    let mut xml = Xml::default();
    xml.open(
        "ODM",
        &[
            ("xmlns", "http://www.cdisc.org/ns/odm/v1.3"),
            ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
            ("xmlns:def", "http://www.cdisc.org/ns/def/v2.1"),
            ("ODMVersion", "1.3.2"),
            ("FileType", "Snapshot"),
            ("FileOID", &format!("{}.define.{}", study.id, report.record.run_id)),
            ("CreationDateTime", created(report)),
            ("Originator", report.record.program),
            ("SourceSystem", report.record.program),
            ("SourceSystemVersion", report.record.version),
            ("def:Context", "Other"),
        ],
    );
    xml.open("Study", &[("OID", &format!("ST.{}", study.id))]);
    xml.open("GlobalVariables", &[]);
    let title = if study.title.is_empty() { &study.id } else { &study.title };
    xml.text("StudyName", &[], &study.id);
    xml.text("StudyDescription", &[], title);
    xml.text("ProtocolName", &[], &study.id);
    xml.close("GlobalVariables");
    xml.open(
        "MetaDataVersion",
        &[
            ("OID", &format!("MDV.{}", study.id)),
            ("Name", &format!("{}, analysis datasets", study.id)),
            ("Description", "Analysis datasets of the analyte"),
            ("def:DefineVersion", "2.1.7"),
        ],
    );
    xml.open("def:Standards", &[]);
    xml.empty(
        "def:Standard",
        &[("OID", STANDARD), ("Name", "ADaMIG"), ("Type", "IG"), ("Version", "1.3"), ("Status", "Final")],
    );
    xml.close("def:Standards");
    for dataset in datasets {
        item_group(&mut xml, dataset);
    }
    for dataset in datasets {
        dataset.variables.iter().enumerate().for_each(|(at, head)| item(&mut xml, dataset, at, head));
    }
    for dataset in datasets {
        dataset.variables.iter().enumerate().for_each(|(at, head)| code_list(&mut xml, dataset, at, head));
    }
    for dataset in datasets {
        for head in dataset.variables.iter().filter(|head| head.origin == Origin::Derived) {
            let (oid, name) = (method(dataset, head), format!("{}.{}", dataset.name, head.name));
            xml.open("MethodDef", &[("OID", &oid), ("Name", &name), ("Type", "Computation")]);
            xml.description(&head.meaning);
            xml.close("MethodDef");
        }
    }
    for name in ["MetaDataVersion", "Study", "ODM"] {
        xml.close(name);
    }
    xml.0.into_bytes()
}

const STANDARD: &str = "STD.ADaMIG";

fn item_group(xml: &mut Xml, dataset: &Dataset) {
    let (oid, leaf) = (format!("IG.{}", dataset.name), format!("LF.{}", dataset.name));
    xml.open(
        "ItemGroupDef",
        &[
            ("OID", &oid),
            ("Name", dataset.name),
            ("Repeating", if dataset.name == super::adsl::NAME { "No" } else { "Yes" }),
            ("IsReferenceData", "No"),
            ("SASDatasetName", dataset.name),
            ("Purpose", "Analysis"),
            ("def:Structure", dataset.structure),
            ("def:StandardOID", STANDARD),
            ("def:ArchiveLocationID", &leaf),
        ],
    );
    xml.description(dataset.label);
    for (at, head) in dataset.variables.iter().enumerate() {
        let (oid, order) = (item_oid(dataset, head), (at + 1).to_string());
        let (key, method) = (head.key.map(|place| place.to_string()), method(dataset, head));
        let mandatory = if head.key.is_some() { "Yes" } else { "No" };
        let mut attributes = vec![("ItemOID", oid.as_str()), ("OrderNumber", &order), ("Mandatory", mandatory)];
        attributes.extend(key.as_deref().map(|key| ("KeySequence", key)));
        if head.origin == Origin::Derived {
            attributes.push(("MethodOID", &method));
        }
        xml.empty("ItemRef", &attributes);
    }
    xml.empty("def:Class", &[("Name", dataset.class)]);
    let file = format!("{}.xpt", dataset.file());
    xml.open("def:leaf", &[("ID", &leaf), ("xlink:href", &file)]);
    xml.text("def:title", &[], &file);
    xml.close("def:leaf");
    xml.close("ItemGroupDef");
}

fn item(xml: &mut Xml, dataset: &Dataset, at: usize, head: &VariableHead) {
    let (oid, length, codes) = (item_oid(dataset, head), dataset.length(at).to_string(), code_oid(dataset, head));
    let kind = match head.kind {
        VariableKind::Text => "text",
        VariableKind::Number => "float",
        VariableKind::Integer => "integer",
    };
    let mut attributes = vec![
        ("OID", oid.as_str()),
        ("Name", head.name.as_ref()),
        ("SASFieldName", head.name.as_ref()),
        ("DataType", kind),
    ];
    match head.kind {
        VariableKind::Text => attributes.push(("Length", &length)),
        // Of numbers that are whole so many digits.
        VariableKind::Integer => attributes.push(("Length", "8")),
        VariableKind::Number => {}
    }
    xml.open("ItemDef", &attributes);
    xml.description(&head.label);
    if !codes_of(dataset, at, head).is_empty() {
        xml.empty("CodeListRef", &[("CodeListOID", &codes)]);
    }
    match head.origin {
        Origin::Derived => xml.empty("def:Origin", &[("Type", "Derived"), ("Source", "Sponsor")]),
        Origin::Assigned => {
            xml.open("def:Origin", &[("Type", "Assigned"), ("Source", "Sponsor")]);
            xml.description(&head.meaning);
            xml.close("def:Origin");
        }
        Origin::Predecessor(from) => {
            xml.open("def:Origin", &[("Type", "Predecessor")]);
            xml.description(from);
            xml.close("def:Origin");
        }
    }
    xml.close("ItemDef");
}

/// The values of a coded variable, each once; none of another.
fn codes_of(dataset: &Dataset, at: usize, head: &VariableHead) -> BTreeSet<String> {
    let text = |row: &Vec<Cell>| match &row[at] {
        Cell::Text(text) => Some(text.to_string()),
        _ => None,
    };
    if head.coded { dataset.rows.iter().filter_map(text).collect() } else { BTreeSet::new() }
}

fn code_list(xml: &mut Xml, dataset: &Dataset, at: usize, head: &VariableHead) {
    let codes = codes_of(dataset, at, head);
    if codes.is_empty() {
        return;
    }
    let (oid, name) = (code_oid(dataset, head), format!("{} of {}", head.label, dataset.name));
    xml.open("CodeList", &[("OID", &oid), ("Name", &name), ("DataType", "text"), ("def:IsNonStandard", "Yes")]);
    for code in &codes {
        xml.empty("EnumeratedItem", &[("CodedValue", code)]);
    }
    xml.close("CodeList");
}

fn item_oid(dataset: &Dataset, head: &VariableHead) -> String {
    format!("IT.{}.{}", dataset.name, head.name)
}

fn code_oid(dataset: &Dataset, head: &VariableHead) -> String {
    format!("CL.{}.{}", dataset.name, head.name)
}

fn method(dataset: &Dataset, head: &VariableHead) -> String {
    format!("MT.{}.{}", dataset.name, head.name)
}

/// A document in the making: elements one after the other, each on a line of its own.
struct Xml(String);

impl Default for Xml {
    fn default() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into())
    }
}

impl Xml {
    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.0.push('<');
        self.0.push_str(name);
        for (attribute, value) in attributes {
            // Writing into a text does not fail.
            let _ = write!(self.0, " {attribute}=\"{}\"", escaped(value));
        }
        self.0.push_str(end);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, "/>\n");
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes, ">");
        self.0.push_str(&escaped(text));
        self.close(name);
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push_str(">\n");
    }

    /// A text in English.
    fn description(&mut self, text: &str) {
        self.open("Description", &[]);
        self.text("TranslatedText", &[("xml:lang", "en")], text);
        self.close("Description");
    }
}

/// A text with what XML takes for its own replaced; characters that XML 1.0 cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            letter if letter.is_control() => {}
            letter => safe.push(letter),
        }
    }
    safe
}
