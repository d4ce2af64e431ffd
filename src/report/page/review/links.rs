//! Where the pages of a review lead. Names stand in the query, whatever letters they have.

use form_urlencoded::byte_serialize;

use crate::record::Target;

/// The links of a plate's page.
#[derive(Debug, Clone, Copy)]
pub(in crate::report::page) struct Links<'a> {
    /// The plate.
    pub(super) plate: &'a str,
}

/// The page of a plate.
///
/// ```
/// assert_eq!(platewise::report::page::review::plate_address("P 1"), "/plate?id=P+1");
/// ```
pub fn plate_address(plate: &str) -> String {
    format!("/plate?id={}", encoded(plate))
}

impl Links<'_> {
    /// The same with a well of it picked out.
    pub(in crate::report::page) fn well(self, well: &str) -> String {
        format!("{}&well={}#part", plate_address(self.plate), encoded(well))
    }

    /// The same with a level of its standards.
    pub(in crate::report::page) fn standard(self, nominal: f64) -> String {
        format!("{}&standard={nominal}#part", plate_address(self.plate))
    }
}

/// What an exclusion would change.
pub(super) fn exclude(target: &Target) -> String {
    let plate = encoded(&target.plate);
    match (&target.well, target.standard) {
        (Some(well), _) => format!("/propose?plate={plate}&well={}", encoded(well)),
        (None, Some(standard)) => format!("/propose?plate={plate}&standard={standard}"),
        (None, None) => format!("/propose?plate={plate}&whole=yes"),
    }
}

/// What the end of an exclusion would change.
pub(super) fn undo(plate: &str, line: usize) -> String {
    format!("/propose?plate={}&undo={line}", encoded(plate))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
