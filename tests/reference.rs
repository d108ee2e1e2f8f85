//! The slow and obvious twin of the estimator: one domain of one design, by the textbook formula, in loops over rows.
//!
//! Särndal, Swensson and Wretman, *Model Assisted Survey Sampling* (1992), section 5.8, for a domain mean: every sampled unit
//! outside the domain has the value 0 and keeps its place in its stratum. Nothing here comes from the program.

use std::collections::{BTreeMap, BTreeSet};

/// One row of a respondent file, as one domain of one parameter sees it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Weight; `None` is outside the weight set.
    pub weight: Option<f64>,
    /// Stratum.
    pub stratum: usize,
    /// Cluster within the stratum; `None` where each row is a sampled unit.
    pub cluster: Option<usize>,
    /// Sampled units of the stratum in the population.
    pub population: Option<f64>,
    /// The answer, if it is known.
    pub y: Option<f64>,
    /// Whether the row belongs to the region and category.
    pub inside: bool,
}

/// What to do with a stratum of one sampled unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    Adjust,
    Average,
    Certainty,
}

/// The numbers of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    /// Rows of the domain with a known answer.
    pub n: u64,
    /// Σw over them.
    pub weight: f64,
    /// Σwy / Σw.
    pub value: f64,
    /// Variance of the value; `None` if all strata of the domain have a single unit under `Average`.
    pub variance: Option<f64>,
    /// Units minus strata in the domain, counting weights above 0.
    pub df: u64,
    /// Σ(wy/Σw)² + Σ(wp/Σw)²: the size of the squares that a one-pass formula subtracts from one another.
    pub size: f64,
}

/// A domain by its definition; `None` if no weight lies in it.
pub fn twin(rows: &[Row], single: Single) -> Option<Twin> {
    let rows: Vec<(&Row, f64)> = rows.iter().filter_map(|row| Some((row, row.weight?))).collect();
    let (mut n, mut weight, mut weight_y) = (0, 0.0, 0.0);
    for (row, w) in &rows {
        if let (true, Some(y)) = (row.inside, row.y) {
            n += 1;
            weight += w;
            weight_y += w * y;
        }
    }
    if weight <= 0.0 {
        return None;
    }
    let value = weight_y / weight;
    // z of every sampled unit of every stratum, 0 outside the domain.
    let mut units: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    let mut populations = BTreeMap::new();
    let (mut present, mut counted_strata, mut counted_units) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut size = 0.0;
    for (at, (row, w)) in rows.iter().enumerate() {
        let unit = row.cluster.unwrap_or(at);
        let z = units.entry(row.stratum).or_default().entry(unit).or_insert(0.0);
        populations.insert(row.stratum, row.population);
        let (true, Some(y)) = (row.inside, row.y) else { continue };
        *z += w * (y - value) / weight;
        size += (w / weight).powi(2) * (y * y + value * value);
        present.insert(row.stratum);
        if *w > 0.0 {
            counted_strata.insert(row.stratum);
            counted_units.insert((row.stratum, unit));
        }
    }
    let (mut variance, mut lonely) = (0.0, 0);
    for stratum in &present {
        let z: Vec<f64> = units[stratum].values().copied().collect();
        let sampled = z.len() as f64;
        let uncovered = populations[stratum].map_or(1.0, |population| 1.0 - sampled / population);
        if z.len() == 1 {
            lonely += 1;
            // The mean of all z is 0.
            if single == Single::Adjust {
                variance += uncovered * z[0] * z[0];
            }
            continue;
        }
        let mean = z.iter().sum::<f64>() / sampled;
        let around: f64 = z.iter().map(|z| (z - mean) * (z - mean)).sum();
        variance += uncovered * sampled / (sampled - 1.0) * around;
    }
    let strata = present.len() as f64;
    let variance = match single {
        Single::Average if lonely == present.len() => None,
        Single::Average => Some(variance * strata / (strata - lonely as f64)),
        _ => Some(variance),
    };
    let df = (counted_units.len() - counted_strata.len()) as u64;
    Some(Twin { n, weight, value, variance, df, size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{Csv, repository};

    /// Strata A (weights 2, y = 1, 0, 1) and B (weights 3, y = 0, 1), everybody in the domain: p = 7/12.
    ///
    /// A: 12·z = 5/6, −7/6, 5/6, mean 1/6; deviations 2/3, −4/3, 2/3; Σ = 24/9; 3/2·24/9 = 4.
    /// B: 12·z = −21/12, 15/12, mean −1/4; deviations ∓3/2; Σ = 9/2; 2·9/2 = 9. Variance 13/144; df 5 − 2.
    #[test]
    fn the_twin_by_hand() {
        let row = |stratum, weight, y| Row {
            weight: Some(weight),
            stratum,
            cluster: None,
            population: None,
            y: Some(y),
            inside: true,
        };
        let mut rows = vec![row(0, 2.0, 1.0), row(0, 2.0, 0.0), row(0, 2.0, 1.0), row(1, 3.0, 0.0), row(1, 3.0, 1.0)];
        let found = twin(&rows, Single::Adjust).unwrap();
        assert!((found.value - 7.0 / 12.0).abs() < 1e-15);
        assert!((found.variance.unwrap() - 13.0 / 144.0).abs() < 1e-15);
        assert_eq!((found.n, found.df, found.weight), (5, 3, 12.0));
        // A row without weight is nobody; one outside the domain is a sampled unit with z = 0.
        rows.push(Row { weight: None, ..row(0, 1.0, 1.0) });
        assert!((twin(&rows, Single::Adjust).unwrap().variance.unwrap() - 13.0 / 144.0).abs() < 1e-15);
        // A then has n = 4, 12·z = 5/6, −7/6, 5/6, 0, Σz² = 99/36, (Σz)²/4 = 1/16: 4/3·(99/36 − 1/16) = 43/12.
        rows.push(Row { inside: false, ..row(0, 2.0, 1.0) });
        let found = twin(&rows, Single::Adjust).unwrap();
        assert!((found.variance.unwrap() - (43.0 / 12.0 + 9.0) / 144.0).abs() < 1e-15);
        assert_eq!((found.n, found.df), (5, 3));
    }

    /// The twin is held to R as the program is, so that the property tests lean on something.
    #[test]
    fn the_twin_agrees_with_r() {
        let expected = Csv::read(&repository("tests/oracle/expected.csv"), ',');
        let mut compared = 0;
        for (design, file, stratum, cluster, fpc, single) in [
            ("strat_fpc", "apistrat.csv", Some("stype"), None, true, Single::Adjust),
            ("strat_nofpc", "apistrat.csv", Some("stype"), None, false, Single::Adjust),
            ("strat_weights_only", "apistrat.csv", None, None, false, Single::Adjust),
            ("weight0_fpc", "apistrat_weight0.csv", Some("stype"), None, true, Single::Adjust),
            ("clus1_fpc", "apiclus1.csv", None, Some("dnum"), true, Single::Adjust),
            ("clus1_strata", "apiclus1.csv", Some("half"), Some("dnum"), false, Single::Adjust),
            ("lonelyH_fpc_adjust", "apistrat_lonelyH.csv", Some("stype"), None, true, Single::Adjust),
            ("lonelyH_fpc_average", "apistrat_lonelyH.csv", Some("stype"), None, true, Single::Average),
            ("lonelyH_nofpc_certainty", "apistrat_lonelyH.csv", Some("stype"), None, false, Single::Certainty),
        ] {
            let data = Csv::read(&repository("tests/oracle/api").join(file), ',');
            let names = |column: Option<&str>| {
                let values: Vec<&str> =
                    data.rows.iter().map(|row| column.map_or("", |name| row[data.column(name)].as_str())).collect();
                let known: BTreeSet<&str> = values.iter().copied().collect();
                values.iter().map(|v| known.iter().position(|name| name == v).unwrap()).collect::<Vec<usize>>()
            };
            let (strata, clusters) = (names(stratum), names(cluster));
            let wanted = |row: &&Vec<String>| {
                row[0] == design && row[1] == "api00" && ["total", "stype", "awards"].contains(&row[3].as_str())
            };
            for line in expected.rows.iter().filter(wanted) {
                let inside = |row: &Vec<String>| line[3] == "total" || row[data.column(&line[3])] == line[4];
                let number = |row: &Vec<String>, name: &str| row[data.column(name)].parse::<f64>().ok();
                let rows: Vec<Row> = data
                    .rows
                    .iter()
                    .enumerate()
                    .map(|(at, row)| Row {
                        weight: number(row, "pw"),
                        stratum: strata[at],
                        cluster: cluster.map(|_| clusters[at]),
                        population: number(row, "fpc").filter(|_| fpc),
                        y: number(row, "api00"),
                        inside: inside(row),
                    })
                    .collect();
                let found = twin(&rows, single).unwrap();
                let r = |at: usize| line[at].parse::<f64>().ok();
                assert_eq!((found.n as f64, Some(found.df as f64)), (r(6).unwrap(), r(10)), "{line:?}");
                assert!((found.value / r(7).unwrap() - 1.0).abs() < 1e-12, "{line:?} {found:?}");
                match (found.variance, r(8)) {
                    (Some(own), Some(se)) => assert!((own.sqrt() - se).abs() <= 1e-11 * se, "{line:?} {found:?}"),
                    (own, r) => assert_eq!(own, r, "{line:?}"),
                }
                compared += 1;
            }
        }
        assert_eq!(compared, 9 * 6);
    }
}
