//! `[[visit]]`: the visits of the study, by week.

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Location, Problem, Problems};

/// `[[visit]]`: a visit of the study.
///
/// ```
/// let visit = platewise::protocol::Visit { name: "Week 16".into(), week: 16.0, endpoint: true, ..Default::default() };
/// assert_eq!(visit.planned_day(), 113.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Visit {
    /// Its name, as in `samples.csv`.
    pub name: String,
    /// Its week.
    pub week: f64,
    /// Whether it is the baseline; one visit is.
    pub baseline: bool,
    /// Whether it is the end point; one visit after baseline is.
    pub endpoint: bool,
    /// First and last study day of its samples, where the study declares them. Study days are CDISC's: the first day is 1, the
    /// day before it −1, and there is no day 0.
    pub window: Option<[i32; 2]>,
}

impl Visit {
    /// The planned study day, from the week: week 0 is day 1, week 16 day 113, week −1 day −7.
    pub fn planned_day(&self) -> f64 {
        if self.week < 0.0 { 7.0 * self.week } else { 7.0 * self.week + 1.0 }
    }
}

pub(super) fn read(sections: Vec<Section<'_>>, file: &Location, problems: &mut Problems) -> Vec<Visit> {
    let mut visits: Vec<Visit> = Vec::new();
    for mut section in sections {
        let visit = Visit {
            name: section.required_text("name", problems),
            week: section.number("week", "a week", |_| true, problems).unwrap_or_else(|| {
                problems.push(
                    Problem::new(Code::new("visit-without-week"), section.line_of("week"), "[[visit]] has no 'week'")
                        .expected("week = 16"),
                );
                f64::NAN
            }),
            baseline: section.flag("baseline", problems),
            endpoint: section.flag("endpoint", problems),
            window: window(&mut section, problems),
        };
        if visits.iter().any(|known| known.name == visit.name) {
            problems.push(Problem::new(
                Code::new("visit-twice"),
                section.location().clone(),
                format!("visit '{}' is declared twice", visit.name),
            ));
        }
        if let Some(known) = visits.iter().find(|known| known.week == visit.week) {
            let found = format!("the visits '{}' and '{}' are both of week {}", known.name, visit.name, visit.week);
            problems.push(
                Problem::new(Code::new("visit-week-twice"), section.line_of("week"), found)
                    .expected("a week of its own for every visit: it orders them, and is the key of the dataset"),
            );
        }
        section.finish(problems);
        visits.push(visit);
    }
    let one = |what: &str, count: usize, problems: &mut Problems| {
        if count != 1 {
            let found = format!("{count} visits are marked {what} = true");
            problems.push(Problem::new(Code::new("visit-mark-count"), file.clone(), found).expected("exactly one"));
        }
    };
    one("baseline", visits.iter().filter(|visit| visit.baseline).count(), problems);
    one("endpoint", visits.iter().filter(|visit| visit.endpoint).count(), problems);
    let week = |of: fn(&Visit) -> bool| visits.iter().find(|visit| of(visit)).map(|visit| visit.week);
    if let (Some(baseline), Some(endpoint)) = (week(|visit| visit.baseline), week(|visit| visit.endpoint))
        && baseline >= endpoint
    {
        let found = format!("the endpoint (week {endpoint}) is not after the baseline (week {baseline})");
        problems.push(Problem::new(Code::new("visit-endpoint-before-baseline"), file.clone(), found));
    }
    visits.sort_by(|one, other| one.week.total_cmp(&other.week));
    visits
}

/// `window = [first day, last day]`.
fn window(section: &mut Section<'_>, problems: &mut Problems) -> Option<[i32; 2]> {
    const EXPECTED: &str = "the first and the last study day, such as [106, 120]; there is no day 0";
    let is_day = |day: f64| day.fract() == 0.0 && day != 0.0 && day.abs() < 100_000.0;
    let days = section.numbers("window", EXPECTED, is_day, problems)?;
    match days[..] {
        [first, last] if first <= last => Some([first as i32, last as i32]),
        _ => {
            let found = format!("window = {days:?} in [[visit]]");
            problems.push(Problem::new(Code::new("visit-window"), section.line_of("window"), found).expected(EXPECTED));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_visits_of_one_week_are_refused() {
        let text = "[study]\nid = \"S\"\nunit = \"pg/mL\"\n[method]\nname = \"M\"\nversion = \"1\"\n\
                    [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
                    [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
                    [[visit]]\nname = \"Week 16, repeated\"\nweek = 16\n\
                    [[plate]]\nid = \"P\"\nexport = \"p.txt\"\nlayout = \"l.csv\"\n";
        let problems = crate::protocol::parse(text).unwrap_err().to_string();
        assert!(
            problems.contains("line 17: the visits 'Week 16' and 'Week 16, repeated' are both of week 16"),
            "{problems}"
        );
    }
}
