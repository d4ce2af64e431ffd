//! P-values adjusted within the families of tests that the study declares.

use crate::protocol::{Family, FamilyTest, TestId};
use crate::stats::multiplicity::{Adjustment, adjust, adjust_in_steps};

use super::arm_comparison::{AdjustedPValue, ArmComparison};
use super::responders::Responders;

/// The tests of one analyte.
pub(super) struct TestsOf<'a> {
    /// Its code.
    pub(super) paramcd: &'a str,
    pub(super) comparisons: &'a mut [ArmComparison],
    pub(super) responders: &'a mut [Responders],
}

/// Adjusts the p-values of every family, in place, over all analytes. A family's tests are those of all pairs of arms. Responders take
/// part with all randomised, a missing result counting as no response.
pub(super) fn adjust_families(families: &[Family], analytes: &mut [TestsOf<'_>]) {
    for family in families {
        let mut found: Vec<(usize, Option<f64>, &mut Option<AdjustedPValue>)> = Vec::new();
        let not_compared: Vec<&str> =
            analytes.iter().filter(|of| of.comparisons.is_empty()).map(|of| of.paramcd).collect();
        for TestsOf { paramcd, comparisons, responders } in analytes.iter_mut() {
            let place = |test: TestId, visit: &str| family.place(paramcd, test, visit);
            found.extend(comparisons.iter_mut().filter_map(|row| {
                Some((place(TestId::Analysis(row.analysis), &row.visit)?, row.p, &mut row.adjusted))
            }));
            found.extend(responders.iter_mut().filter(|row| row.all_randomised).filter_map(|row| {
                Some((place(TestId::Responders(row.defined?), &row.visit)?, row.p, &mut row.adjusted))
            }));
        }
        let mut p: Vec<Option<f64>> = found.iter().map(|(_, p, _)| *p).collect();
        let mut steps: Vec<usize> = found.iter().map(|(step, ..)| *step).collect();
        // What could not be tested was not rejected: in a hierarchy it keeps back what comes after it.
        let untested = untested(family, &steps, &not_compared);
        p.extend(untested.iter().map(|_| None));
        steps.extend(untested);
        let adjusted = match family.method {
            Adjustment::Hierarchical => adjust_in_steps(&p, &steps),
            method => adjust(&p, method),
        };
        let tests = p.iter().flatten().count();
        for ((.., place), p) in found.into_iter().zip(adjusted) {
            *place = p.map(|p| AdjustedPValue { family: family.name.clone(), method: family.method, tests, p });
        }
    }
}

/// The places of a family's tests that are missing: of an analyte that was not compared, or that nothing gave at all.
fn untested(family: &Family, found: &[usize], not_compared: &[&str]) -> Vec<usize> {
    let places = family.tests.iter().enumerate();
    let lacks = |(place, test): &(usize, &FamilyTest)| {
        !found.contains(place) || not_compared.iter().any(|code| test.may_be_of(code))
    };
    places.filter(lacks).map(|(place, _)| place).collect()
}
