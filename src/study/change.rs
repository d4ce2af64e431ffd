//! The change of each subject from baseline, and why there is none.

use crate::concentration::Quantity;
use crate::protocol::Visit;

use super::exclusion::{Exclusion, ExclusionRule};
use super::limits::LimitRule;
use super::numbers::ChangeScale;
use super::subject_change::Change;
use super::trial_data::{Participant, TrialData};

/// The change of every participant at every visit after baseline, by `rule`.
pub fn changes(trial: &TrialData, rule: LimitRule) -> Vec<Change> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    trial
        .participants
        .iter()
        .flat_map(|participant| {
            trial.after_baseline().map(move |visit| {
                let places = [&trial.visits[participant.baseline_from.unwrap_or(baseline)], &trial.visits[visit]];
                let results = [participant.results[baseline].clone(), participant.results[visit].clone()];
                let absent = [participant.absent[baseline].as_ref(), participant.absent[visit].as_ref()];
                let carried = participant.carried[visit];
                Change { carried, ..change(participant, places, results, absent, rule) }
            })
        })
        .collect()
}

fn change(
    participant: &Participant,
    [before, after]: [&Visit; 2],
    [baseline, endpoint]: [Option<Quantity>; 2],
    [no_baseline, no_endpoint]: [Option<&Exclusion>; 2],
    rule: LimitRule,
) -> Change {
    let number = |quantity: &Option<Quantity>| quantity.as_ref().and_then(|quantity| rule.number(quantity));
    let (base, aval) = (number(&baseline).map(|n| n.value), number(&endpoint).map(|n| n.value));
    let on = |scale: ChangeScale| aval.zip(base).and_then(|(value, base)| scale.change(value, base));
    let mut missing: Vec<String> =
        [absence(&baseline, base, &before.name, no_baseline), absence(&endpoint, aval, &after.name, no_endpoint)]
            .into_iter()
            .flatten()
            .collect();
    // What is said of the subject as a whole is said once.
    missing.dedup();
    Change {
        subject: participant.subject.clone(),
        arm: participant.arm.clone(),
        stratum: participant.stratum.clone(),
        visit: after.name.clone(),
        week: after.week,
        baseline_visit: before.name.clone(),
        left_out: [no_baseline, no_endpoint].map(|why| why.is_some_and(|why| why.rule != ExclusionRule::NotMeasured)),
        carried: false,
        base,
        aval,
        change: on(ChangeScale::Absolute),
        percent_change: on(ChangeScale::Percent),
        log_change: on(ChangeScale::Ln),
        excluded: missing.join("; "),
        baseline,
        endpoint,
    }
}

/// Why a visit gives no number, if it gives none.
fn absence(
    quantity: &Option<Quantity>,
    number: Option<f64>,
    visit: &str,
    excluded: Option<&Exclusion>,
) -> Option<String> {
    match (quantity, number) {
        (None, _) => Some(excluded.map_or_else(|| format!("no sample at {visit}"), |why| why.reason.clone())),
        (Some(Quantity::NotReported { reason }), _) => Some(format!("not reported at {visit}: {reason}")),
        (Some(quantity), None) => Some(format!("{quantity} at {visit} is left out by the rule of the analysis")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{AboveLimit, BelowLimit};
    use crate::sheet::Book;
    use crate::study::values::read_values;

    fn of(below: BelowLimit) -> Vec<Change> {
        let table = "usubjid,arm,week,value,blq,lloq\n\
                     S1,active,0,800,0,10\nS1,active,16,380,0,10\nS2,active,0,900,0,10\nS2,active,16,,1,10\n\
                     S3,placebo,0,700,0,10\n";
        let book = Book::from_bytes(table.as_bytes(), "values.csv").unwrap();
        changes(&read_values(&book.sheets[0]).unwrap(), LimitRule { below, above: AboveLimit::Uloq })
    }

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-6)
    }

    /// From 800 to 380: −420, which is −52.5 %, and ln 0.475. From 900 to half of 10: −895, −99.44 %, ln (5/900).
    #[test]
    fn a_change_is_from_the_baseline_to_the_visit() {
        let changes = of(BelowLimit::HalfLloq);
        assert_eq!(changes.len(), 3, "everyone has a row");
        let [first, second, third] = &changes[..] else { panic!("three") };
        assert_eq!(
            (first.base, first.aval, first.change, first.percent_change),
            (Some(800.0), Some(380.0), Some(-420.0), Some(-52.5))
        );
        assert!(near(first.log_change, -0.744440) && first.excluded.is_empty(), "{first:?}");
        assert_eq!((second.aval, second.change), (Some(5.0), Some(-895.0)));
        assert!(near(second.percent_change, -99.444444) && near(second.log_change, -5.192957), "{second:?}");
        assert_eq!((third.base, third.aval, third.change, third.log_change), (Some(700.0), None, None, None));
        assert!(third.excluded.starts_with("no sample at "), "{}", third.excluded);
    }

    #[test]
    fn a_value_that_the_rule_leaves_out_has_no_change_and_says_why() {
        let left_out = &of(BelowLimit::Exclude)[1];
        assert_eq!((left_out.base, left_out.aval, left_out.change), (Some(900.0), None, None));
        assert!(left_out.excluded.starts_with("<10 at ") && left_out.excluded.ends_with("by the rule of the analysis"));
        assert_eq!(of(BelowLimit::Lloq)[1].change, Some(-890.0));
    }

    /// A sample that nobody measured is missing; one that was measured and does not count was left out.
    #[test]
    fn what_was_not_measured_was_not_left_out() {
        let table = "usubjid,arm,week,value,blq,lloq\nS1,active,0,800,0,10\nS1,active,16,380,0,10\n";
        let book = Book::from_bytes(table.as_bytes(), "values.csv").unwrap();
        let mut trial = read_values(&book.sheets[0]).unwrap();
        let mut left_out = |baseline: Option<ExclusionRule>, endpoint: Option<ExclusionRule>| {
            let of = |rule: Option<ExclusionRule>| rule.map(|rule| Exclusion::new(rule, "a reason"));
            let absent = &mut trial.participants[0].absent;
            (absent[0], absent[1]) = (of(baseline), of(endpoint));
            changes(&trial, LimitRule { below: BelowLimit::HalfLloq, above: AboveLimit::Uloq })[0].left_out
        };
        let (not_measured, not_reported) = (Some(ExclusionRule::NotMeasured), Some(ExclusionRule::NotReported));
        assert_eq!(left_out(None, None), [false, false]);
        assert_eq!(left_out(not_measured, not_reported), [false, true]);
        assert_eq!(left_out(not_reported, not_measured), [true, false]);
    }
}
