//! What people see of several analytes together: a page, tables, the picture of the ratios, the record.

use super::adam;
use crate::record::AnalytesRecord;
use crate::sheet::{Code, Location, Problem};
use crate::study::OverAnalytes;

/// Everything that is shown of several analytes together.
///
/// ```
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::record::{AnalyteRecord, AnalytesRecord};
/// use platewise::protocol::SeveralAnalytes;
/// use platewise::report::{AnalytesReport, WrittenOutputs, files_of_analytes};
/// use platewise::study::{AnalyteData, OverAnalytes};
///
/// let folder = InputFolder::new(std::path::Path::new("fixtures/studies/three_analytes"), LinkPolicy::Refused);
/// let study = SeveralAnalytes::read_from(&folder)?.unwrap();
/// let tarc = &study.analytes[0];
/// let settings = &tarc.protocol.assay.study;
/// let compared = Err("nothing was measured");
/// let of = AnalyteData { folder: &tarc.folder, settings, confidence: 0.95, compared, visits: &[] };
/// let over = OverAnalytes::new(&study, &[of]);
/// let failed = AnalyteRecord::failed("tarc", "CCL17", "nothing was measured".into());
/// let record = AnalytesRecord::new(&study.id, vec![failed], folder.inputs(), "2026-11-30T12:00:00Z".into());
/// let report = AnalytesReport { title: &study.title, simulated: study.simulated, over: &over, record: &record };
/// let page = files_of_analytes(&report, WrittenOutputs::All).unwrap().into_iter().find(|file| file.name == "report.html").unwrap();
/// assert!(String::from_utf8(page.bytes).unwrap().contains("nothing was measured"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AnalytesReport<'a> {
    /// Title of the study.
    pub title: &'a str,
    /// Whether its data are simulated.
    pub simulated: bool,
    /// The answers.
    pub over: &'a OverAnalytes,
    /// From which runs they were made.
    pub record: &'a AnalytesRecord,
}

impl AnalytesReport<'_> {
    /// What should be known and stopped nothing: first what leaves it open whose results these are.
    pub fn warnings(&self) -> Vec<Problem> {
        let adlb = adam::adlb::dataset_of_several(&self.over.records);
        let unwritten = adam::xport::write(&adlb, &self.record.started).err().map(|why| {
            Problem::new(
                Code::new("xpt-of-analytes-not-written"),
                Location::file("adlb.xpt"),
                format!("not written: {why}"),
            )
            .advice("Use adlb.json, or rename it")
        });
        self.over.identity.iter().chain(&self.over.warnings).cloned().chain(unwritten).collect()
    }
}
