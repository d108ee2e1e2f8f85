//! Registers that rest on each other: counts that two of them share, denominators that none has, rounding.

use super::project::{PUBLISHED, Pipeline, close, dimension, folder, source};

type Parameter = (&'static str, &'static str, &'static str);

const EVENTS: Parameter = ("events", "count", "kind = \"register\"\nevent = \"e\"");
const RATE: Parameter = ("rate", "per_1000", "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"");
const SHARE: Parameter = ("part", "share", "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"");

/// A source of one column of counts with keys of its own.
fn register(id: &str, keys: &str, parameters: &[&str]) -> String {
    let feeds: String = parameters.iter().map(|own| format!("[[source.measure]]\nparameter = \"{own}\"\n")).collect();
    source(
        id,
        "register",
        &format!(
            "region-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"region\"\n\
             period-column = \"period\"\ncount = \"count\"\n{keys}\n{feeds}"
        ),
    )
}

fn pipeline(sources: String, parameters: &[Parameter]) -> Pipeline {
    Pipeline { levels: "[\"gemeente\"]", sources, parameters: parameters.to_vec(), ..Pipeline::default() }
}

fn table(rows: &str) -> tempfile::TempDir {
    folder(&[("t.csv", &format!("region;period;count;people;children\n{rows}"))])
}

/// Of 40 children nothing is said (50), so the same 20 events say nothing among 1,000 people either: the number would follow from the rate.
#[test]
fn two_registers_of_one_count_withhold_together() {
    let rate: Parameter = ("child_rate", "per_1000", RATE.2);
    let both = register("all", "denominator = \"people\"", &["events", "rate"])
        + &register("young", "denominator = \"children\"", &["child_rate"]);
    let mut pipeline = pipeline(both, &[EVENTS, RATE, rate]);
    pipeline.audience = "internal";
    pipeline.floor =
        "kind = \"minimum\"\nminimum-n = 50\nminimum-answer = 5\ngroup-disclosure = 100\nground = \"a test\"";
    let rows = "GM0014;2023;20;1000;40\nGM0034;2023;20;1000;400\nGM0363;2023;4;1000;400\nGM0363;2022;20;1000;400\n";
    let release = pipeline.released(table(rows).path());
    let status = |parameter, region, period| release.total(parameter, region, period).status.clone();
    let of = |region, period| ["events", "rate", "child_rate"].map(|own| status(own, region, period));
    let complementary = "suppressed complementary";
    assert_eq!(of("GM0014", "2023"), [complementary, complementary, "suppressed min_n"]);
    assert_eq!(of("GM0034", "2023"), ["ok"; 3]);
    assert_eq!(of("GM0363", "2023"), ["suppressed min_answer"; 3]);
    assert_eq!(of("GM0363", "2022"), ["ok"; 3]);
    // Nothing is left from which the 20 would follow.
    let left = release.figures.iter().filter(|own| own.region == "GM0014" && own.period == "2023");
    let numbers: Vec<_> = left.map(|own| (own.value, own.limits, own.population)).collect();
    assert_eq!(numbers, [(None, None, None); 3]);
    close(release.total("rate", "GM0034", "2023").value, 20.0);
    close(release.total("child_rate", "GM0034", "2023").value, 50.0);
}

fn with_base(keys: &str) -> Pipeline {
    let base = source(
        "base",
        "published-table",
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"people.csv\"]\nregion-column = \"region\"\n\
         period-column = \"period\"\n[[source.measure]]\nkey = \"M_1\"\nparameter = \"inhabitants\"\n",
    );
    let keys = format!("denominator-from = {{ source = \"base\", parameter = \"inhabitants\"{keys} }}");
    pipeline(register("s", &keys, &["rate", "events"]) + &base, &[RATE, EVENTS, ("inhabitants", "count", PUBLISHED)])
}

/// Inhabitants of 2022 beside counts of 2023: no rate at all is a slip of the year. The number may stand second in the register.
#[test]
fn a_register_that_finds_no_denominator_is_told() {
    let place = folder(&[
        ("t.csv", "region;period;count\nGM0014;2023;10\nGM0034;2023;20\n"),
        ("people.csv", "region;period;M_1\nGM0014;2022;2000\nGM0034;2022;.\n"),
    ]);
    let message = with_base("").release(place.path()).map(|_| ()).unwrap_err();
    let words = "error[ingest-no-denominator]: no count of source `s` finds a denominator";
    assert!(message.contains(words), "{message}");
    // One region that finds one is enough: the other has its own reason.
    let release = with_base(", period = 2022").released(place.path());
    assert_eq!(release.total("rate", "GM0014", "2023").value, Some(5.0));
    assert_eq!(release.total("rate", "GM0034", "2023").status, "not_available source_lacks");
    assert_eq!(release.total("events", "GM0034", "2023").value, Some(20.0));
}

/// Boys and girls are parts of all children in a register as in a table.
#[test]
fn a_part_of_a_register_above_its_total_is_told() {
    let keys = "denominator = \"people\"\nrepeated-events = true\n[[source.breakdown]]\ncolumn = \"children\"\ncodes = { 0 = \"total\", 1 = \"sex/1\" }";
    let told = |parameters: [&str; 2], rows: &str| {
        let mut pipeline = pipeline(register("s", keys, &parameters), &[EVENTS, RATE]);
        pipeline.dimensions = dimension("sex", &["1"]);
        pipeline.release(table(rows).path()).map(|_| ())
    };
    for parameters in [["events", "rate"], ["rate", "events"]] {
        // More people of a category than in all is no matter of the number of events.
        assert_eq!(told(parameters, "GM0014;2023;20;1000;0\nGM0014;2023;20;500;1\n"), Ok(()), "{parameters:?}");
        let message = told(parameters, "GM0014;2023;20;1000;0\nGM0014;2023;21;500;1\n").unwrap_err();
        let words = "error[ingest-part-over-total]: `events` of sex 1 is more than the total in GM0014 (source `s`)";
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_pool_of_years_that_no_row_has_is_told() {
    let keys = "denominator = \"people\"\npools = [[2010, 2014]]";
    let told = |rows: &str| pipeline(register("s", keys, &["rate"]), &[RATE]).release(table(rows).path()).map(|_| ());
    let message = told("GM0014;2023;20;1000;40\n").unwrap_err();
    let words = "error[ingest-empty-pool]: no row of source `s` is of a year in `pools`";
    assert!(message.contains(words), "{message}");
    assert_eq!(told("GM0014;2014;20;1000;40\n"), Ok(()));
}

#[test]
fn denominators_have_no_mark_of_thousands() {
    let told = |people: &str| {
        let place = table(&format!("GM0014;2023;20;{people};40\n"));
        let release = pipeline(register("s", "denominator = \"people\"", &["rate"]), &[RATE]).release(place.path());
        release.map(|own| own.total("rate", "GM0014", "2023").value)
    };
    let message = told("13.977").unwrap_err();
    assert!(message.contains("1 row rejected in t.csv, column `people`: not-whole"), "{message}");
    // A mean of inhabitants has decimals: 20 of 800.5.
    let rate = told("800.5").unwrap();
    close(rate, 1000.0 * 20.0 / 800.5);
}

const Z: f64 = 1.959_963_984_540_054;

/// Byar's limits of a count, lower and upper.
fn byar(low: f64, high: f64) -> (f64, f64) {
    let at = |own: f64, z: f64| own * (1.0 - 1.0 / (9.0 * own) + z / (3.0 * own.sqrt())).powi(3);
    (at(low, -Z), at(high + 1.0, Z))
}

/// 785 rounded to 5 stands for 783 to 787: the lower limit of the one and the upper limit of the other, per 10,000 people.
#[test]
fn the_limits_of_a_rounded_rate_hold_for_every_number_that_it_may_stand_for() {
    let keys = "denominator = \"people\"\nrounded = { to = 5, levels = [\"gemeente\"] }";
    let own = pipeline(register("s", keys, &["rate", "part"]), &[RATE, SHARE]);
    let release = own.released(table("GM0014;2023;785;10000;1\nGM0034;2023;100;100;1\n").path());
    let rate = release.total("rate", "GM0014", "2023");
    close(rate.value, 78.5);
    let (lower, upper) = byar(783.0, 787.0);
    let own = rate.limits.unwrap();
    close(Some(own.0), lower / 10.0);
    close(Some(own.1), upper / 10.0);
    // Wilson's limits (2np + z² ∓ z√(z² + 4np(1 − p)))/(2(n + z²)) of 783 and of 787.
    let wilson =
        |x: f64, n: f64, z: f64| (2.0 * x + z * z + z * (Z * Z + 4.0 * x * (1.0 - x / n)).sqrt()) / (2.0 * (n + z * z));
    let own = release.total("part", "GM0014", "2023").limits.unwrap();
    close(Some(own.0), wilson(783.0, 10_000.0, -Z));
    close(Some(own.1), wilson(787.0, 10_000.0, Z));
    // 100 of 100 is 98 to 100: no more than there are.
    let own = release.total("part", "GM0034", "2023").limits.unwrap();
    close(Some(own.0), wilson(98.0, 100.0, -Z));
    close(Some(own.1), 1.0);
}

/// Five years of 10, each rounded to 5 by itself: 50, and from 40 to 60. Rounded to 10 each is off by 5: 25 to 75.
#[test]
fn every_year_of_a_pool_is_rounded_by_itself() {
    for (to, low, high) in [(5, 40.0, 60.0), (10, 25.0, 75.0)] {
        let keys = format!(
            "denominator = \"people\"\npools = [[2015, 2019]]\nrounded = {{ to = {to}, levels = [\"gemeente\"] }}"
        );
        let rows: String = (2015..=2019).map(|year| format!("GM0014;{year};10;1000;1\n")).collect();
        let release =
            pipeline(register("s", &keys, &["events", "rate"]), &[EVENTS, RATE]).released(table(&rows).path());
        let events = release.total("events", "GM0014", "2015-2019");
        assert_eq!((events.value, events.limits), (Some(50.0), Some((low, high))));
        let (lower, upper) = byar(low, high);
        let own = release.total("rate", "GM0014", "2015-2019").limits.unwrap();
        close(Some(own.0), lower / 5.0);
        close(Some(own.1), upper / 5.0);
    }
}

/// Women and children overlap, and nobody knows by how much.
#[test]
fn a_base_population_of_two_dimensions_is_told() {
    let base = source(
        "base",
        "published-table",
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"region\"\nperiod = 2024\n\
         [[source.measure]]\nkey = \"people\"\nparameter = \"inhabitants\"\ncategory = \"sex/2\"\n\
         [[source.measure]]\nkey = \"children\"\nparameter = \"inhabitants\"\ncategory = \"age/0-14\"\n",
    );
    let own = "region-year = 2024\ncovers = [\"NL00\"]\nbase = { source = \"base\", parameter = \"inhabitants\" }\n\
        [[source.estimate]]\nparameter = \"some\"\npopulation = { \"sex/2\" = 1.0, \"age/0-14\" = 1.0 }\n";
    let rate = "kind = \"synthetic\"\nrate = 0.1\nrate-year = 2012\nrate-source = \"s\"\nbase = \"b\"";
    let mut pipeline = pipeline(
        base + &source("synthetic", "synthetic", own).replace("\"register\"", "\"model\""),
        &[("inhabitants", "count", PUBLISHED), ("some", "count", rate)],
    );
    pipeline.dimensions = dimension("sex", &["2"]) + &dimension("age", &["0-14"]);
    let message = pipeline.plan(table("GM0014;2024;1;10;5\n").path()).map(|_| ()).unwrap_err();
    let words = "error[declare-contradiction]: the base population adds up `sex` and `age`: people would count twice";
    assert!(
        message.contains(words) || message.contains("adds up `age` and `sex`: people would count twice"),
        "{message}"
    );
}
