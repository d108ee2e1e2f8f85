//! Rows of R beside estimates of the program.

use std::collections::HashMap;

use wijkpeil::plan::NamedEstimate;
use wijkpeil::vocab::IntervalMethod;

use crate::support::{Csv, repository};

/// Values, standard errors and design effects: relative.
const TIGHT: f64 = 1e-9;
/// Limits of intervals: relative.
const LIMITS: f64 = 1e-6;

/// One row of an expected file; `None` is undefined in R too.
#[derive(Clone, Debug)]
pub struct Expected {
    pub design: String,
    pub parameter: String,
    pub region: String,
    pub dimension: String,
    pub category: String,
    pub method: String,
    pub n: u64,
    pub value: Option<f64>,
    pub se: Option<f64>,
    pub deff: Option<f64>,
    pub df: Option<u64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// Reads an expected file of `tests/oracle`.
pub fn expected(name: &str) -> Vec<Expected> {
    let csv = Csv::read(&repository("tests/oracle").join(name), ',');
    let columns = [
        "design",
        "parameter",
        "region",
        "dimension",
        "category",
        "method",
        "n",
        "value",
        "se",
        "deff",
        "df",
        "lower",
        "upper",
    ];
    assert_eq!(csv.header, columns);
    let read = |row: Vec<String>| {
        let number = |at: usize| (!row[at].is_empty()).then(|| row[at].parse::<f64>().unwrap());
        Expected {
            design: row[0].clone(),
            parameter: row[1].clone(),
            region: row[2].clone(),
            dimension: row[3].clone(),
            category: row[4].clone(),
            method: row[5].clone(),
            n: row[6].parse().unwrap(),
            value: number(7),
            se: number(8),
            deff: number(9),
            df: number(10).map(|df| df as u64),
            lower: number(11),
            upper: number(12),
        }
    };
    csv.rows.into_iter().map(read).collect()
}

/// What two sides say differently.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Which row.
    pub row: String,
    /// Which number.
    pub what: &'static str,
    /// What R says and what the program says.
    pub said: String,
    /// How many times the tolerance.
    pub excess: f64,
}

/// The outcome of holding estimates to rows of R.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Rows compared.
    pub rows: usize,
    /// Differences beyond tolerance.
    pub differences: Vec<Difference>,
}

impl Comparison {
    pub fn of<'e>(rows: impl IntoIterator<Item = &'e Expected>, found: &[NamedEstimate]) -> Self {
        let key = |e: &NamedEstimate| (e.parameter.clone(), e.region.clone(), e.dimension.clone(), e.category.clone());
        let by_key: HashMap<_, _> = found.iter().map(|estimate| (key(estimate), &estimate.estimate)).collect();
        assert_eq!(by_key.len(), found.len(), "two estimates of one figure");
        let mut comparison = Self::default();
        for row in rows {
            comparison.rows += 1;
            let own = (row.parameter.clone(), row.region.clone(), row.dimension.clone(), row.category.clone());
            let Some(estimate) = by_key.get(&own) else {
                comparison.say(row, "row", "a figure".into(), "nothing".into(), f64::INFINITY);
                continue;
            };
            let value = estimate.value.as_ref();
            comparison.number(row, "n", Some(row.n as f64), Some(estimate.n as f64), 0.0);
            comparison.number(row, "value", row.value, value.map(|v| v.value), TIGHT);
            comparison.number(row, "se", row.se, value.and_then(|v| v.se), TIGHT);
            comparison.number(row, "deff", row.deff, value.and_then(|v| v.deff), TIGHT);
            comparison.number(row, "df", row.df.map(|df| df as f64), value.map(|v| v.df as f64), 0.0);
            let interval = value.and_then(|v| v.interval.ok());
            comparison.number(row, "lower", row.lower, interval.map(|i| i.limits.lower), LIMITS);
            comparison.number(row, "upper", row.upper, interval.map(|i| i.limits.upper), LIMITS);
            if let Some(interval) = interval {
                let certain = row.value.is_some_and(|p| p == 0.0 || p == 1.0) && estimate.n_yes.is_some();
                let asked = if certain { IntervalMethod::ClopperPearson.as_str() } else { &row.method };
                if interval.method.as_str() != asked {
                    comparison.say(row, "method", asked.into(), interval.method.to_string(), f64::INFINITY);
                }
            }
        }
        comparison
    }

    /// Two numbers within a relative tolerance; where R's is 0 or undefined, so must the other be.
    fn number(&mut self, row: &Expected, what: &'static str, r: Option<f64>, own: Option<f64>, tolerance: f64) {
        let excess = match (r, own) {
            (None, None) => return,
            (Some(r), Some(own)) if (own - r).abs() <= tolerance * r.abs() => return,
            (Some(r), Some(own)) => (own - r).abs() / (tolerance * r.abs()),
            _ => f64::INFINITY,
        };
        let say = |number: Option<f64>| number.map_or("undefined".to_owned(), |number| format!("{number:.17e}"));
        self.say(row, what, say(r), say(own), excess);
    }

    fn say(&mut self, row: &Expected, what: &'static str, r: String, own: String, excess: f64) {
        let Expected { design, parameter, region, dimension, category, method, .. } = row;
        let row = format!("{design} {parameter} {region} {dimension} {category} {method}");
        self.differences.push(Difference { row, what, said: format!("R {r}, here {own}"), excess });
    }

    /// Whether a number of some kind differs anywhere.
    pub fn differs_in(&self, what: &str) -> bool {
        self.differences.iter().any(|difference| difference.what == what)
    }

    /// Fails with the worst rows.
    pub fn assert_agrees(mut self, about: &str) {
        assert!(self.rows > 0, "{about}: nothing was compared");
        self.differences.sort_by(|a, b| b.excess.total_cmp(&a.excess));
        let worst = self.differences.iter().take(12).map(|d| format!("\n  {} {}: {}", d.row, d.what, d.said));
        let worst: String = worst.collect();
        assert!(
            self.differences.is_empty(),
            "{about}: {} differences in {} rows{worst}",
            self.differences.len(),
            self.rows
        );
    }
}
