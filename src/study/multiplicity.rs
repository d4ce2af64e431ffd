//! P-values adjusted within the families of tests that the study declares.

use crate::protocol::Family;
use crate::stats::multiplicity::adjust;

use super::responders::Responders;
use super::result::{Adjusted, ArmComparison};

/// Adjusts the p-values of every family, in place. A family's tests are those of all pairs of arms. Responders take part with all
/// randomised, a missing result counting as no response.
pub(super) fn adjust_families(families: &[Family], comparisons: &mut [ArmComparison], responders: &mut [Responders]) {
    for family in families {
        let named = |analysis: &str, visit: &str| family.tests.iter().any(|test| test.is(analysis, visit));
        let compared =
            comparisons.iter_mut().filter(|row| named(&row.analysis, &row.visit)).map(|row| (row.p, &mut row.adjusted));
        let responding = responders
            .iter_mut()
            .filter(|row| row.all_randomised && named(row.family_name, &row.visit))
            .map(|row| (row.p, &mut row.adjusted));
        let (p, places): (Vec<_>, Vec<_>) = compared.chain(responding).unzip();
        let tests = p.iter().flatten().count();
        for (place, p) in places.into_iter().zip(adjust(&p, family.method)) {
            *place = p.map(|p| Adjusted { family: family.name.clone(), method: family.method, tests, p });
        }
    }
}
