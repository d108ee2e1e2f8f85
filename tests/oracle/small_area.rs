//! The unit-level model with its variances plugged in beside R mgcv: `gam(method = "REML")` on the same cells, with a design that the script makes by itself
//! (tests/oracle/small_area/make_mgcv.R; its data come from `cargo run --release --example small_area -- export`), on a region of 40 wijken and on one of 120.
//!
//! mgcv maximises Laplace's approximation; the Fellner-Schall update leaves out how the weights move with the variances. Where answers yes are few they differ, as measured here:
//! shares 0.05, 0.07, 0.02 and 0.02 percentage points apart (root mean square), standard errors 0.3 to 2.2 % smaller, from 40 % to 1.5 %.

use std::collections::BTreeMap;

use wijkpeil::stats::model::design::{Design, Groups};
use wijkpeil::stats::model::fit::{Fit, fit};
use wijkpeil::stats::model::graph::Graph;
use wijkpeil::stats::model::poststratify::{Persons, Population, shares};
use wijkpeil::stats::model::problem::{Cell, Problem};

use super::evaluation::bed;

/// Rows of a file, each value by the name of its column.
pub fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/tests/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a file of the oracle");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let pair = |(name, value): (&&str, &str)| ((*name).to_owned(), value.trim().to_owned());
    lines.map(|line| names.iter().zip(line.split(',')).map(pair).collect()).collect()
}

pub fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().expect("a number")
}

/// Differences from the figures of R: root mean square of the shares apart, and mean ratio of the standard errors.
fn beside_r(expected: &[&BTreeMap<String, String>], found: &[(f64, f64)]) -> (f64, f64) {
    assert_eq!(expected.len(), found.len());
    let (mut squares, mut ratio) = (0.0, 0.0);
    for (row, (share, se)) in expected.iter().zip(found) {
        squares += (share - number(row, "share")).powi(2);
        ratio += se / number(row, "se");
    }
    let n = found.len() as f64;
    ((squares / n).sqrt(), ratio / n)
}

struct Case {
    problem: Problem,
    population: Population,
}

fn case(indicator: &str) -> Case {
    let index = |row: &BTreeMap<String, String>, column: &str| number(row, column) as u32;
    let groups = rows("small_area/groups.csv");
    let ages: Vec<f64> = groups.iter().step_by(6).map(|row| number(row, "age")).collect();
    let groups = Groups { ages, sexes: 2, educations: 3 };
    let persons: Vec<Persons> = rows("small_area/persons.csv")
        .iter()
        .map(|row| Persons { area: index(row, "area"), row: index(row, "row"), persons: number(row, "persons") })
        .collect();
    let mut by_row = vec![0.0; groups.rows()];
    persons.iter().for_each(|own| by_row[own.row as usize] += own.persons);
    let cells: Vec<Cell> = rows("small_area/cells.csv")
        .iter()
        .map(|row| Cell {
            area: index(row, "area"),
            row: index(row, "row"),
            n: number(row, "n"),
            yes: number(row, indicator),
        })
        .collect();
    let facts = rows("small_area/covariates.csv");
    let columns = facts[0].len();
    let covariates: Vec<f64> =
        facts.iter().flat_map(|row| (1..=columns).map(|at| number(row, &format!("z{at}")))).collect();
    let edges: Vec<(u32, u32)> =
        rows("small_area/edges.csv").iter().map(|row| (index(row, "a"), index(row, "b"))).collect();
    let graph = Graph::new(facts.len(), &edges);
    let design = Design::new(&groups, &by_row).expect("a population");
    let problem = Problem::new(design, facts.len(), &covariates, Some(&graph), &cells).expect("a connected map");
    let population = Population::new(&problem, &persons);
    Case { problem, population }
}

fn fitted(case: &Case) -> (Fit, Vec<(f64, f64)>) {
    let fit = fit(&case.problem).expect("a fit");
    let selected = fit.factor.selected();
    let shares = shares(&case.problem, &case.population, &fit.state);
    let of = |place: &u32| {
        let area = *place as usize;
        let share = shares[area].as_ref().expect("a population");
        (share.value, selected.variance(area, &share.gradient, share.slope).sqrt())
    };
    let found = case.problem.place.iter().map(of).collect();
    (fit, found)
}

#[test]
fn plugged_in_shares_and_standard_errors_equal_those_of_mgcv() {
    let expected = rows("small_area/expected_mgcv.csv");
    for indicator in ["yes1", "yes2", "yes3", "yes4"] {
        let (_, found) = fitted(&case(indicator));
        let own: Vec<_> = expected.iter().filter(|row| row["indicator"] == indicator).collect();
        let (apart, ratio) = beside_r(&own, &found);
        assert!(apart < 0.001, "{indicator}: {apart}");
        assert!((ratio - 1.0).abs() < 0.05, "{indicator}: {ratio}");
    }
}

/// The region of 120 wijken and 11,700 respondents in single years of age: `export FOLDER bed 1`. Measured here: shares 0.013, 0.033, 0.006 and 0.006 percentage points apart, standard errors
/// 0.3, 0.4, 0.7 and 1.0 % smaller.
#[test]
fn a_region_of_120_wijken_has_the_figures_of_mgcv() {
    let expected = rows("small_area/bed/expected_mgcv.csv");
    let shape = bed::Shape { columns: 12, rows: 10, respondents: 975, age_step: 1 };
    let region = bed::Region::new(shape, 1001);
    let survey = region.survey(5001);
    let mut by_row = vec![0.0; region.groups.rows()];
    region.persons.iter().for_each(|own| by_row[own.row as usize] += own.persons);
    let graph = Graph::new(region.wijken, &region.edges);
    for (at, indicator) in ["yes1", "yes2", "yes3", "yes4"].into_iter().enumerate() {
        let design = Design::new(&region.groups, &by_row).expect("a population");
        let problem = Problem::new(design, region.wijken, &region.covariates, Some(&graph), &survey.cells(at));
        let problem = problem.expect("a connected map");
        let population = Population::new(&problem, &region.persons);
        let (_, found) = fitted(&Case { problem, population });
        let own: Vec<_> = expected.iter().filter(|row| row["indicator"] == indicator).collect();
        let (apart, ratio) = beside_r(&own, &found);
        assert!(apart < 0.0005, "{indicator}: {apart}");
        assert!((ratio - 1.0).abs() < 0.02, "{indicator}: {ratio}");
    }
}
