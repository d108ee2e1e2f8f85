//! Wide tables: categories of one parameter in columns of their own, and rounded numbers.

use super::project::{PUBLISHED, Pipeline, close, dimension, folder, source};

const FILE: &str =
    "Code;Inwoners;Mannen;Vrouwen;Jong\nGM0014;12867;6400;6467;1000\nWK001401;785;390;395;5\nWK001402;.;.;.;0\n";

fn pipeline(measures: &[(&str, &str, &str)]) -> Pipeline {
    let measure = |(key, category, more): &(&str, &str, &str)| {
        let category = if category.is_empty() { String::new() } else { format!("category = \"{category}\"\n") };
        format!("[[source.measure]]\nkey = \"{key}\"\nparameter = \"inhabitants\"\n{category}{more}\n")
    };
    let keys = format!(
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\n\
         region-column = \"Code\"\nperiod = 2024\n{}",
        measures.iter().map(measure).collect::<String>()
    );
    Pipeline {
        levels: "[\"gemeente\", \"wijk\"]",
        dimensions: dimension("sex", &["1", "2"]) + &dimension("age", &["0-14"]),
        sources: source("s", "published-table", &keys),
        parameters: vec![("inhabitants", "count", PUBLISHED)],
        ..Pipeline::default()
    }
}

const ROUNDED: &str = "rounded = { to = 5, levels = [\"wijk\"] }";
const ALL: [(&str, &str, &str); 4] = [
    ("Inwoners", "", ROUNDED),
    ("Mannen", "sex/1", ROUNDED),
    ("Vrouwen", "sex/2", ROUNDED),
    ("Jong", "age/0-14", ROUNDED),
];

#[test]
fn every_category_and_the_total_have_a_row() {
    let release = pipeline(&ALL).released(folder(&[("t.csv", FILE)]).path());
    let found: Vec<_> = release
        .figures
        .iter()
        .map(|own| (own.region.as_str(), own.category.as_str(), own.value, own.status.as_str()))
        .collect();
    let withheld = "suppressed source_withheld";
    let wanted = [
        ("GM0014", "age/0-14", Some(1000.0), "ok"),
        ("GM0014", "sex/1", Some(6400.0), "ok"),
        ("GM0014", "sex/2", Some(6467.0), "ok"),
        ("GM0014", "total/total", Some(12_867.0), "ok"),
        ("WK001401", "age/0-14", Some(5.0), "ok"),
        ("WK001401", "sex/1", Some(390.0), "ok"),
        ("WK001401", "sex/2", Some(395.0), "ok"),
        ("WK001401", "total/total", Some(785.0), "ok"),
        ("WK001402", "age/0-14", Some(0.0), "ok"),
        ("WK001402", "sex/1", None, withheld),
        ("WK001402", "sex/2", None, withheld),
        ("WK001402", "total/total", None, withheld),
    ];
    assert_eq!(found, wanted);
}

/// A multiple of 5 stands for itself and two on either side, at the levels that are rounded; it is no confidence interval.
#[test]
fn rounded_numbers_say_between_what_they_lie() {
    let release = pipeline(&ALL).released(folder(&[("t.csv", FILE)]).path());
    let figure = |region, category| release.figure("inhabitants", region, "2024", category);
    for (region, category, limits) in [
        ("WK001401", "total/total", Some((783.0, 787.0))),
        ("WK001401", "age/0-14", Some((3.0, 7.0))),
        ("WK001402", "age/0-14", Some((0.0, 2.0))),
        ("WK001402", "total/total", None),
        ("GM0014", "total/total", None),
        ("GM0014", "sex/1", None),
    ] {
        let figure = figure(region, category);
        assert_eq!((figure.limits, figure.confidence), (limits, None), "{region} {category}");
        assert_eq!(figure.interval, if limits.is_some() { "source" } else { "" });
    }
}

#[test]
fn a_category_without_a_total_leaves_the_total_open() {
    let mut pipeline = pipeline(&ALL[1..2]);
    pipeline.dimensions = dimension("sex", &["1"]);
    let release = pipeline.released(folder(&[("t.csv", FILE)]).path());
    assert_eq!(release.total("inhabitants", "GM0014", "2024").status, "not_available source_lacks");
    close(release.figure("inhabitants", "GM0014", "2024", "sex/1").value, 6400.0);
    // WK001401 has both as well; of WK001402 the men are withheld.
    assert_eq!(release.figures.len(), 6);
}

/// A measure in a column and a breakdown in another make a crossing; numbers "x 1 000" are multiplied.
#[test]
fn a_category_of_a_measure_is_crossed_with_a_breakdown() {
    let place = folder(&[("t.csv", "Code;Geslacht;Jong\nGM0014;M;1,5\nGM0014;T;3\n")]);
    let mut pipeline = pipeline(&[("Jong", "age/0-14", "multiply = 1000")]);
    let breakdown =
        "[[source.breakdown]]\ncolumn = \"Geslacht\"\ncodes = { T = \"total\", M = \"sex/1\" }\n[[source.measure]]";
    pipeline.sources = pipeline.sources.replace("[[source.measure]]", breakdown);
    let release = pipeline.released(place.path());
    close(release.figure("inhabitants", "GM0014", "2024", "sex*age/1*0-14").value, 1500.0);
    close(release.figure("inhabitants", "GM0014", "2024", "age/0-14").value, 3000.0);
}

#[test]
fn one_parameter_twice_is_no_ones_to_choose() {
    let place = folder(&[("t.csv", FILE)]);
    for measures in [[("Inwoners", "", ""), ("Mannen", "", "")], [("Mannen", "sex/1", ""), ("Vrouwen", "sex/1", "")]] {
        let message = pipeline(&measures).plan(place.path()).unwrap_err();
        let words = "error[declare-duplicate]: two measures of one table are parameter `inhabitants`";
        assert!(message.contains(words) && message.contains("its own `category`"), "{message}");
    }
}
