//! Intervals of counts beside PHEindicatormethods 2.1.1 (`../shared/oracle/phe`).

use std::path::Path;

use wijkpeil::stats::count::{poisson_limits, wilson_limits};

/// The rows of a file, by column name.
fn table(name: &str) -> Option<Vec<std::collections::BTreeMap<String, String>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle/phe").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {name} lies in ../shared/oracle/phe, which is absent");
        return None;
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    // The words of `confidence` hold a comma, behind every column that is used.
    let row =
        |line: &str| header.iter().map(|name| (*name).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    Some(lines.map(row).collect())
}

fn agree(found: f64, wanted: &str, what: &str) {
    let wanted: f64 = wanted.parse().unwrap();
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-9), "{what}: {found} {wanted}");
}

#[test]
fn rates_have_byar_limits_and_exact_ones_below_ten() {
    let Some(rows) = table("expected_rate.csv") else { return };
    assert!(rows.len() > 10);
    for row in rows {
        let (count, total): (f64, f64) = (row["x"].parse().unwrap(), row["n"].parse().unwrap());
        for (confidence, lower, upper) in [(0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")]
        {
            let limits = poisson_limits(count, confidence).unwrap();
            agree(limits.lower / total * 1e5, &row[lower], &row["id"]);
            agree(limits.upper / total * 1e5, &row[upper], &row["id"]);
        }
    }
}

#[test]
fn proportions_have_wilson_limits() {
    let Some(rows) = table("expected_proportion.csv") else { return };
    assert!(rows.len() > 10);
    for row in rows {
        let (count, total): (f64, f64) = (row["Numerator"].parse().unwrap(), row["Denominator"].parse().unwrap());
        for (confidence, lower, upper) in [(0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")]
        {
            let limits = wilson_limits(count, total, confidence).unwrap();
            agree(limits.lower, &row[lower], &row["id"]);
            agree(limits.upper, &row[upper], &row["id"]);
        }
    }
}
