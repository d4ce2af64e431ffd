//! Where the program's own simulations say that an interval holds the truth too rarely, it warns; and nowhere else.

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::Protocol;
use platewise::sheet::Book;
use platewise::study::coverage::{Coverage, FEWEST_PERCENT, TABLE};
use platewise::study::{SubjectVisit, compare, read_arms};

fn protocol(sections: &str) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n{sections}\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    platewise::protocol::parse(&text).unwrap()
}

/// The warnings of a trial of `size` participants in each arm, in two strata, with so many of the end points of each arm below the limit.
fn warnings(sections: &str, size: usize, below: usize) -> Vec<String> {
    with_lost(sections, size, below, 0)
}

/// The same, where the last `lost` of each arm have no end point.
fn with_lost(sections: &str, size: usize, below: usize, lost: usize) -> Vec<String> {
    let measured = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    let (mut visits, mut list) = (Vec::new(), String::from("subject,arm,stratum\n"));
    for i in 0..2 * size {
        let (subject, treated, at) = (format!("S{i:03}"), i < size, i % size);
        let base = 700.0 * (0.08 * ((at * 7) % 19) as f64).exp();
        let ratio = if treated { 0.45 } else { 0.65 } * (0.11 * ((at * 5) % 13) as f64 - 0.66).exp();
        let end = if at < below { Quantity::BelowLloq { limit: 150.0 } } else { measured(base * ratio) };
        visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, measured(base)));
        if at < size - lost {
            visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, end));
        }
        list += &format!("{subject},{},{}\n", if treated { "active" } else { "placebo" }, ["A", "B"][at / 2 % 2]);
    }
    let book = Book::from_bytes(list.as_bytes(), "arms.csv").unwrap();
    let arms = read_arms(&book.sheets[0], &[]).unwrap();
    let found = compare(&visits, &arms, &protocol(sections)).unwrap();
    found
        .warnings
        .iter()
        .map(ToString::to_string)
        .filter(|said| said.contains("in simulated trials like this one"))
        .collect()
}

/// Those of the comparison.
fn of_pair(sections: &str, size: usize, below: usize) -> Vec<String> {
    warnings(sections, size, below).into_iter().filter(|said| said.contains("active against placebo")).collect()
}

const FALLS: &str = "[analysis]\nresponder_fall_percent = 50\n";

fn all() -> String {
    format!(
        "{FALLS}[supplementary]\nanalyses = [\"van-elteren\", \"standardised-responders\"]\nsubgroups = [\"baseline\"]\n"
    )
}

fn held(interval: &str, share: f64, size: f64) -> f64 {
    let row: &Coverage = TABLE.iter().find(|row| row.interval.name() == interval).unwrap();
    row.at(share, size).unwrap()
}

#[test]
fn every_interval_that_is_offered_has_been_simulated() {
    for interval in
        ["van_elteren", "subgroups", "standardised ratio", "standardised difference", "responders, difference"]
    {
        assert!(held(interval, 0.0, 60.0) > 93.0, "{interval}");
        assert!(held(interval, 0.5, 60.0) < held(interval, 0.0, 60.0), "{interval}: a limit does it no good");
    }
}

#[test]
fn the_intervals_of_imputation_are_held_against_trials_that_lose_participants() {
    let asked = "[missing_data]\nimputations = 100\n";
    let names = ["missing at random", "jump to reference", "copy reference", "copy increments in reference"]
        .map(|assumption| format!("imputed, {assumption}"));
    assert!(names.iter().all(|name| held(name, 0.0, 30.0) > 94.0));
    assert!(with_lost(asked, 30, 0, 6).is_empty(), "without a limit they hold");
    let said = with_lost(asked, 30, 12, 6);
    let of_pair = said.iter().find(|said| said.contains("active against placebo")).unwrap();
    // Half of those who are left are below the limit.
    for name in &names {
        let number = held(name, 0.5, 24.0);
        let poor = number < FEWEST_PERCENT;
        assert_eq!(of_pair.contains(&format!("{name} {number:.1} %")), poor, "{name} {number}: {of_pair}");
    }
    assert!(of_pair.contains("imputed, missing at random"), "{of_pair}");
    // Nothing of it where nothing is imputed.
    assert!(!with_lost("", 30, 12, 6).concat().contains("imputed"));
}

/// The table is of 95 % intervals: of others it says so.
#[test]
fn another_level_than_the_simulated_one_is_named() {
    let level = |confidence: &str| of_pair(&format!("confidence = {confidence}\n{FALLS}"), 5, 0);
    let said = "; those of this study are 90 % intervals, and how often these hold it was not simulated";
    assert!(level("0.9")[0].contains(said), "{:?}", level("0.9"));
    assert!(!level("0.95")[0].contains("not simulated"), "{:?}", level("0.95"));
}

#[test]
fn few_responders_have_an_approximate_interval_and_are_told_so() {
    assert!(held("responders, difference", 0.0, 5.0) < FEWEST_PERCENT);
    let small = of_pair(FALLS, 5, 0);
    assert_eq!(small.len(), 1, "{small:?}");
    let percent = format!(
        "less often than they should: difference of responders {:.1} %",
        held("responders, difference", 0.0, 5.0)
    );
    assert!(small[0].contains(&percent), "{}", small[0]);
    assert!(small[0].contains("(0 % of the values at Week 16 below the limit, 5 in the smaller arm)"), "{}", small[0]);
    assert!(small[0].contains("look at the counts, and at their exact test (P_FISHER)"), "{}", small[0]);
    // Without the definition there is no such interval; and in larger arms it is what it says.
    assert_eq!((of_pair("", 5, 0).len(), of_pair(FALLS, 20, 0).len(), of_pair(&all(), 60, 0).len()), (0, 0, 0));
}

#[test]
fn half_below_the_limit_is_warned_of_in_every_interval_of_the_supplement() {
    let many = of_pair(&all(), 30, 15);
    assert_eq!(many.len(), 1, "{many:?}");
    for (said, interval) in [
        ("van_elteren", "van_elteren"),
        ("ratios of subgroups", "subgroups"),
        ("standardised ratio of responders", "standardised ratio"),
        ("standardised difference of responders", "standardised difference"),
        ("difference of responders", "responders, difference"),
        ("ancova (primary)", "ancova, LLOQ/2"),
    ] {
        let number = held(interval, 0.5, 30.0);
        assert!(number < FEWEST_PERCENT && many[0].contains(&format!("{said} {number:.1} %")), "{said}: {}", many[0]);
    }
    // Values as censored are the way out, and are not named among the poor.
    assert!(many[0].contains("as censored (Tobit): 96 % there") && !many[0].contains("tobit 9"), "{}", many[0]);
    // What the study does not ask for is not warned of.
    let without = of_pair("", 30, 15);
    assert!(!without[0].contains("subgroups") && !without[0].contains("responders"), "{without:?}");
}

/// Six changes are the fewest with an interval about the Hodges–Lehmann estimate; of all 2⁶ signs two leave the truth outside.
#[test]
fn small_arms_are_held_against_trials_of_their_size() {
    let exact = 100.0 * (1.0 - 2.0 / 64.0);
    assert!((held("change, Hodges-Lehmann", 0.0, 6.0) - exact).abs() < 1.0);
    assert!([5, 6, 7, 8, 9, 10].iter().all(|size| warnings("", *size, 0).is_empty()));
}

/// What an arm has by itself is in the table too.
#[test]
fn the_mean_and_the_change_of_an_arm_are_warned_of() {
    let said = warnings("", 30, 9);
    let of_arm: Vec<&String> = said.iter().filter(|said| said.contains("30 in the arm")).collect();
    assert_eq!(of_arm.len(), 2, "{said:?}");
    let change = held("change", 0.3, 30.0);
    assert!(
        change < FEWEST_PERCENT && of_arm[0].contains(&format!("ratio to baseline {change:.1} %")),
        "{}",
        of_arm[0]
    );
    assert!(!of_arm[0].contains("geometric mean 9"), "{}", of_arm[0]);
}
