//! Counts of registers as numbers, rates and shares, by hand and by PHEindicatormethods.

use super::project::{Figure, PUBLIC, PUBLISHED, Pipeline, close, folder, source};

const COUNT: (&str, &str, &str) = ("events", "count", "kind = \"register\"\nevent = \"e\"");
const PER_1000: (&str, &str, &str) =
    ("per_1000", "per_1000", "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"");
const PER_100000: (&str, &str, &str) =
    ("per_100000", "per_100000", "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"");
const SHARE: (&str, &str, &str) = ("part", "share", "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"");

const FLOOR: &str =
    "kind = \"minimum\"\nminimum-n = 50\nminimum-answer = 5\ngroup-disclosure = 100\nground = \"a test\"";

/// A register of gemeenten of these parameters, with keys of its own.
fn register(keys: &str, parameters: &[(&'static str, &'static str, &'static str)]) -> Pipeline {
    let feeds = |own: &(&str, &str, &str)| format!("[[source.measure]]\nparameter = \"{}\"\n", own.0);
    let keys = format!(
        "region-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"region\"\ncount = \"count\"\n\
         {keys}\n{}",
        parameters.iter().map(feeds).collect::<String>()
    );
    Pipeline {
        levels: "[\"gemeente\"]",
        sources: source("s", "register", &keys),
        parameters: parameters.to_vec(),
        ..Pipeline::default()
    }
}

const YEARLY: &str = "period-column = \"period\"\ndenominator = \"people\"";

fn table(rows: &str) -> tempfile::TempDir {
    folder(&[("t.csv", &format!("region;period;count;people\n{rows}"))])
}

#[track_caller]
fn limits(figure: &Figure, lower: f64, upper: f64, method: &str) {
    let own = figure.limits.unwrap_or_else(|| panic!("{figure:?}"));
    close(Some(own.0), lower);
    close(Some(own.1), upper);
    assert_eq!((figure.interval.as_str(), figure.confidence), (method, Some(0.95)));
}

/// PHEindicatormethods 2.1.1 (`phe_rate`, `phe_proportion`), 95 %: 65 of 100 are 65,000 (50163.1877105 to 82849.1385459) per 100,000
/// with Byar's limits and a share of 0.65 (0.552544432969 to 0.736357517569) with Wilson's; 2 of 1,000 are 200 (24.2209278544 to
/// 722.468766772) per 100,000 with exact ones.
#[test]
fn counts_become_numbers_rates_and_shares() {
    let all = [COUNT, PER_1000, PER_100000, SHARE];
    let release = register(YEARLY, &all).released(table("GM0014;2023;65;100\nGM0034;2023;2;1000\n").path());
    let figure = |parameter| release.total(parameter, "GM0014", "2023");
    assert_eq!((figure("events").value, figure("events").limits), (Some(65.0), None));
    close(figure("per_1000").value, 650.0);
    limits(figure("per_1000"), 501.631_877_105, 828.491_385_459, "byar");
    close(figure("per_100000").value, 65_000.0);
    limits(figure("per_100000"), 50_163.187_710_5, 82_849.138_545_9, "byar");
    close(figure("part").value, 0.65);
    limits(figure("part"), 0.552_544_432_969, 0.736_357_517_569, "wilson");
    for parameter in ["events", "per_1000", "per_100000", "part"] {
        assert_eq!((figure(parameter).population, figure(parameter).method.as_str()), (Some(100.0), "register"));
    }
    let few = release.total("per_100000", "GM0034", "2023");
    close(few.value, 200.0);
    limits(few, 24.220_927_854_4, 722.468_766_772, "byar");
}

/// 2015 to 2019: 1 + 2 + 3 + 4 + 5 = 15 events in 5 · 1,000 person-years, 3 per 1,000. GM0034 lacks 2017, so it has no pool.
#[test]
fn years_are_pooled_and_a_missing_year_leaves_no_pool() {
    let years = |region: &str, skip: i32| {
        (2015..=2020)
            .filter(|year| *year != skip)
            .map(|year| format!("{region};{year};{};1000\n", year - 2014))
            .collect::<String>()
    };
    let rows = years("GM0014", 0) + &years("GM0034", 2017) + &years("GM0363", 0).replace("2016;2;", "2016;.;");
    let keys = format!("{YEARLY}\npools = [[2015, 2019]]");
    let release = register(&keys, &[COUNT, PER_1000]).released(table(&rows).path());
    let rate = release.total("per_1000", "GM0014", "2015-2019");
    close(rate.value, 3.0);
    // Person-years of five years are 1,000 persons.
    assert_eq!((rate.population, release.total("events", "GM0014", "2015-2019").value), (Some(1000.0), Some(15.0)));
    let z = 1.959_963_984_540_054_f64;
    let byar = |o: f64, z: f64| o * (1.0 - 1.0 / (9.0 * o) + z / (3.0 * o.sqrt())).powi(3) / 5.0;
    limits(rate, byar(15.0, -z), byar(16.0, z), "byar");
    for parameter in ["events", "per_1000"] {
        assert_eq!(release.total(parameter, "GM0034", "2015-2019").status, "not_available source_lacks");
        assert_eq!(release.total(parameter, "GM0363", "2015-2019").status, "suppressed source_withheld");
    }
    // Years of their own make no figure beside the pool.
    assert_eq!(release.figures.len(), 6);
    assert!(release.path.join("figures/s/2015-2019/gemeente.parquet").is_file());
}

#[test]
fn an_empty_count_or_denominator_is_no_zero() {
    let rows = "GM0014;2023;;100\nGM0034;2023;5;\nGM0363;2023;0;100\nGM0599;2023;0;0\n";
    let release = register(YEARLY, &[COUNT, PER_1000]).released(table(rows).path());
    let status = |parameter, region| release.total(parameter, region, "2023").status.as_str();
    assert_eq!([status("events", "GM0014"), status("per_1000", "GM0014")], ["not_available source_empty"; 2]);
    assert_eq!([status("events", "GM0034"), status("per_1000", "GM0034")], ["ok", "not_available source_lacks"]);
    assert_eq!([status("events", "GM0599"), status("per_1000", "GM0599")], ["ok", "not_available source_lacks"]);
    // Nobody in 100: 0, and at most 3.688879 (−ln 0.025) per 100: 36.88879454 per 1,000.
    let none = release.total("per_1000", "GM0363", "2023");
    assert_eq!((none.value, none.limits.unwrap().0), (Some(0.0), 0.0));
    close(none.limits.map(|limits| limits.1), -(0.025_f64.ln()) * 10.0);
}

/// Inhabitants of another source: of the same year, or of the one year that the register names.
#[test]
fn denominators_may_stand_in_another_source() {
    let people = "region;period;M_1;V_1\nGM0014;2022;2000;1200\nGM0014;2023;4000;2200\nGM0034;2023;.;.\n";
    let place = folder(&[
        ("t.csv", "region;period;count\nGM0014;2022;10\nGM0014;2023;10\nGM0014;2024;10\nGM0034;2023;10\n"),
        ("people.csv", people),
    ]);
    let base = source(
        "people",
        "published-table",
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"people.csv\"]\n\
         region-column = \"region\"\nperiod-column = \"period\"\n[[source.measure]]\nkey = \"M_1\"\nparameter = \"inhabitants\"\n\
         [[source.measure]]\nkey = \"V_1\"\nparameter = \"inhabitants\"\ncategory = \"sex/2\"",
    );
    let rate = |from: &str| {
        let keys = format!("period-column = \"period\"\ndenominator-from = {{ source = \"people\", {from} }}");
        let mut pipeline = register(&keys, &[PER_1000]);
        pipeline.dimensions = super::project::dimension("sex", &["2"]);
        pipeline.sources += &base;
        pipeline.parameters.push(("inhabitants", "count", PUBLISHED));
        let release = pipeline.released(place.path());
        ["2022", "2023", "2024"].map(|year| release.total("per_1000", "GM0014", year).clone())
    };
    // 10 of 2,000 and of 4,000; of 2024 there are no inhabitants.
    let [first, second, third] = rate("parameter = \"inhabitants\"");
    assert_eq!((first.value, first.population), (Some(5.0), Some(2000.0)));
    assert_eq!((second.value, third.status.as_str()), (Some(2.5), "not_available source_lacks"));
    // One year for all; and the women of it: 10 of 2,200.
    let values = rate("parameter = \"inhabitants\", period = 2022").map(|own| own.value);
    assert_eq!(values, [Some(5.0); 3]);
    let [women, ..] = rate("parameter = \"inhabitants\", category = \"sex/2\", period = 2023");
    close(women.value, 1000.0 * 10.0 / 2200.0);
    assert_eq!(women.population, Some(2200.0));
}

/// Floor: 50 persons, 5 events, and 5 others where persons are counted.
#[test]
fn few_are_withheld_as_number_and_as_rate() {
    let rows = "GM0014;2023;4;1000\nGM0034;2023;5;1000\nGM0363;2023;20;49\nGM0599;2023;96;100\nGM0518;2023;0;1000\nGM0344;2023;60;60\n";
    let mut pipeline = register(YEARLY, &[COUNT, PER_1000, SHARE]);
    pipeline.audience = "internal";
    pipeline.floor = FLOOR;
    let release = pipeline.released(table(rows).path());
    for (region, status) in [
        ("GM0014", "suppressed min_answer"),
        ("GM0034", "ok"),
        ("GM0363", "suppressed min_n"),
        ("GM0599", "suppressed min_answer"),
        ("GM0518", "suppressed min_answer"),
        ("GM0344", "suppressed group_disclosure"),
    ] {
        for parameter in ["events", "per_1000", "part"] {
            let figure = release.total(parameter, region, "2023");
            assert_eq!(figure.status, status, "{region} {parameter}");
            let bare = (figure.value, figure.limits, figure.population) == (None, None, None);
            assert_eq!(bare, status != "ok", "{region} {parameter}");
        }
    }
}

/// A parameter that is stricter than the pipeline holds for the register as a whole: the number would give the rate away.
#[test]
fn the_stricter_floor_of_a_parameter_holds_for_all_that_follows_from_it() {
    let stricter = "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"\n[parameter.floor]\nminimum-n = 500\nminimum-answer = 10";
    let rows = "GM0014;2023;9;1000\nGM0034;2023;10;1000\nGM0363;2023;20;499\n";
    let mut pipeline = register(YEARLY, &[COUNT, ("per_1000", "per_1000", stricter)]);
    pipeline.audience = "internal";
    pipeline.floor = FLOOR;
    let release = pipeline.released(table(rows).path());
    for (region, status) in [("GM0014", "suppressed min_answer"), ("GM0034", "ok"), ("GM0363", "suppressed min_n")] {
        for parameter in ["events", "per_1000"] {
            assert_eq!(release.total(parameter, region, "2023").status, status, "{region} {parameter}");
        }
    }
}

#[test]
fn counts_that_cannot_be_are_told() {
    let told = |rows: &str, parameters: &[_]| {
        register(YEARLY, parameters).release(table(rows).path()).map(|_| ()).unwrap_err()
    };
    let message = told("GM0014;2023;101;100\nGM0034;2023;5;100\n", &[SHARE]);
    let words = "1 row rejected in t.csv, column `count`: count-over-denominator";
    assert!(message.contains(words), "{message}");
    let message = told("GM0014;2023;-1;100\nGM0034;2023;-5;100\n", &[PER_1000]);
    assert!(message.contains("2 rows rejected in t.csv, column `count`: out-of-range"), "{message}");
    let message = told("GM0014;2023;1.250;13.977\n", &[PER_1000]);
    assert!(message.contains("column `count`: not-whole"), "{message}");
    // One person can have several events, where the register says so.
    let repeated = format!("{YEARLY}\nrepeated-events = true");
    let release = register(&repeated, &[PER_1000]).released(table("GM0014;2023;150;100\n").path());
    close(release.total("per_1000", "GM0014", "2023").value, 1500.0);
}

/// What is not public yet cannot be in a public release; a ground of the source makes it so.
#[test]
fn an_unpublished_register_is_internal() {
    let place = table("GM0014;2023;65;100\n");
    let mut pipeline = register(YEARLY, &[COUNT]);
    pipeline.floor = FLOOR;
    let message = pipeline.plan(place.path()).unwrap_err();
    assert!(
        message.contains("error[declare-audience]: a release from unpublished counts cannot be public yet"),
        "{message}"
    );
    pipeline.sources = pipeline.sources.replace("count = ", "already-published = \"StatLine\"\ncount = ");
    assert_eq!(pipeline.released(place.path()).total("events", "GM0014", "2023").value, Some(65.0));
    pipeline.floor = PUBLIC;
    assert!(pipeline.plan(place.path()).is_ok());
}

/// 785 rounded to 5 is 783 to 787: said of the number, not of the rate.
#[test]
fn rounded_counts_say_between_what_they_lie() {
    let keys = format!("{YEARLY}\nrounded = {{ to = 5, levels = [\"gemeente\"] }}");
    let release =
        register(&keys, &[COUNT, PER_1000]).released(table("GM0014;2023;785;10000\nGM0034;2023;0;10000\n").path());
    let figure = release.total("events", "GM0014", "2023");
    assert_eq!((figure.limits, figure.confidence, figure.interval.as_str()), (Some((783.0, 787.0)), None, "source"));
    assert_eq!(release.total("events", "GM0034", "2023").limits, Some((0.0, 2.0)));
    assert_eq!(release.total("per_1000", "GM0014", "2023").interval, "byar");
}

/// Every rate and proportion of PHEindicatormethods that a table can hold, from a file to a release.
#[test]
fn rates_and_shares_are_those_of_phe() {
    for (name, count, people, (id, unit, measure)) in [
        ("oracle/phe/expected_rate.csv", "x", "n", PER_100000),
        ("oracle/phe/expected_proportion.csv", "Numerator", "Denominator", SHARE),
    ] {
        let Some(path) = crate::support::shared(name) else { return };
        let oracle = crate::support::Csv::read(&path, ',');
        let field = |row: &[String], column: &str| row[oracle.column(column)].clone();
        let line =
            |(at, row): (usize, &Vec<String>)| format!("GM{at:04};2023;{};{}\n", field(row, count), field(row, people));
        let rows: String = oracle.rows.iter().enumerate().map(line).collect();
        // Some of the rates have more events than persons.
        let keys = format!("{YEARLY}\nrepeated-events = true");
        let release = register(&keys, &[(id, unit, measure)]).released(table(&rows).path());
        assert!(oracle.rows.len() > 10);
        for (at, row) in oracle.rows.iter().enumerate() {
            let figure = release.total(id, &format!("GM{at:04}"), "2023");
            let number = |column: &str| field(row, column).parse::<f64>().unwrap();
            let own = figure.limits.unwrap_or_else(|| panic!("{figure:?}"));
            close(figure.value, number("value"));
            close(Some(own.0), number("lower95_0cl"));
            close(Some(own.1), number("upper95_0cl"));
        }
    }
}
