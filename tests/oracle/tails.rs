//! Tails, adjusted p-values, trends and joint ranks beside R (make_tails.R).

use std::collections::BTreeMap;
use std::path::Path;

use wijkpeil::stats::adjust::adjusted;
use wijkpeil::stats::rank::{Ranked, joint_ranks};
use wijkpeil::stats::tail::{chi2_upper, f_upper, normal_two_sided, t_two_sided};
use wijkpeil::stats::trend::{PeriodValue, mean_trend, share_trend};
use wijkpeil::vocab::Adjustment;

type Row = BTreeMap<String, String>;

/// The rows of a file, by column name.
fn table(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| header.iter().map(|n| (*n).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    lines.map(row).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Rows that follow each other under one name.
fn sets<'a>(rows: &'a [Row], column: &'a str) -> impl Iterator<Item = &'a [Row]> {
    rows.chunk_by(move |a, b| a[column] == b[column])
}

fn agree(found: f64, row: &Row, column: &str, digits: f64) {
    let wanted = number(row, column);
    // Below 1e-300 R and a double have no digits to compare.
    assert!((found - wanted).abs() <= digits * wanted.abs() + 1e-300, "{row:?}: {column} {found:e}");
}

/// Twelve digits far into the tail, which is nearer than 1e-12 everywhere.
#[test]
fn tails_are_those_of_r() {
    let rows = table("expected_tails.csv");
    assert!(rows.len() > 200);
    for row in rows {
        let x = number(&row, "x");
        let found = match row["test"].as_str() {
            "t" => t_two_sided(x, number(&row, "d2")),
            "f" => f_upper(x, number(&row, "d1"), number(&row, "d2")),
            "chi2" => chi2_upper(x, number(&row, "d1")),
            _ => Some(normal_two_sided(x)),
        };
        agree(found.unwrap(), &row, "p", 1e-12);
    }
}

#[test]
fn p_values_are_adjusted_as_r_does() {
    let rows = table("expected_adjust.csv");
    assert_eq!(rows.len(), 20);
    let p: Vec<f64> = rows.iter().map(|row| number(row, "p")).collect();
    for method in Adjustment::ALL {
        for (row, found) in rows.iter().zip(adjusted(&p, *method)) {
            agree(found, row, method.as_str(), 1e-14);
        }
    }
}

#[test]
fn trends_are_those_of_weighted_regression() {
    let rows = table("expected_trend.csv");
    assert_eq!(sets(&rows, "series").count(), 4);
    for series in sets(&rows, "series") {
        let period = |row: &Row| {
            let (year, value) = (number(row, "year"), number(row, "value"));
            PeriodValue { year, value, se: number(row, "se"), df: number(row, "df") }
        };
        let periods: Vec<PeriodValue> = series.iter().map(period).collect();
        let trend = if series[0]["share"] == "yes" { share_trend(&periods) } else { mean_trend(&periods) }.unwrap();
        agree(trend.slope, &series[0], "slope", 1e-10);
        agree(trend.se, &series[0], "slope_se", 1e-10);
        agree(trend.df, &series[0], "slope_df", 1e-10);
        agree(trend.p, &series[0], "p", 1e-9);
        agree(trend.p_linear, &series[0], "p_linear", 1e-9);
    }
}

#[test]
fn ranks_leave_open_what_r_leaves_open() {
    let rows = table("expected_rank.csv");
    for set in sets(&rows, "set") {
        let region = |row: &Row| Ranked { value: number(row, "value"), se: number(row, "se"), df: number(row, "df") };
        let regions: Vec<Ranked> = set.iter().map(region).collect();
        let ranks = joint_ranks(&regions, number(&set[0], "confidence"), set[0]["share"] == "yes").unwrap();
        for (row, found) in set.iter().zip(ranks) {
            let wanted = ["rank", "first", "last"].map(|column| row[column].parse::<usize>().unwrap());
            assert_eq!([found.rank, found.lower, found.upper], wanted, "{row:?}");
        }
    }
}
