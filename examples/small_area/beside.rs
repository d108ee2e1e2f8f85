//! The model beside mgcv's `gam(method = "REML")` on the same region: how long both take, and how far their figures lie apart.

use std::fs;
use std::io;
use std::path::Path;

use wijkpeil::stats::model::fit::{Fit, fit};
use wijkpeil::stats::model::grid::{Variances, points};
use wijkpeil::stats::model::posterior::posterior;
use wijkpeil::stats::model::poststratify::{Population, shares};
use wijkpeil::stats::model::problem::Problem;

use super::bed::{INDICATORS, Region};
use super::export::shape;
use super::table::problem;

/// Runs of which the fastest counts, so that other work on the machine counts less.
const RUNS: usize = 20;

/// Prints a line per indicator; `folder` holds what make_mgcv.R wrote for the region of this size and seed.
pub fn beside(folder: &Path, size: &str, seed: u64) -> io::Result<()> {
    let region = Region::new(shape(size), 1000 + seed);
    let survey = region.survey(5000 + seed);
    let (figures, times) = (lines(folder, "expected_mgcv.csv")?, lines(folder, "expected_mgcv_sd.csv")?);
    println!(
        "indicator  mgcv s  plugged in s  times  integrated s  times  apart (points, rms)  ratio of standard errors"
    );
    for indicator in 0..INDICATORS.len() {
        let name = format!("yes{}", indicator + 1);
        let of_r: Vec<(f64, f64)> =
            figures.iter().filter(|row| row[0] == name).map(|row| (number(&row[2]), number(&row[3]))).collect();
        let Some(seconds) = times.iter().find(|row| row[0] == name).map(|row| number(&row[3])) else { continue };
        let (problem, population) = problem(&region, &survey, indicator);
        let (plugged_in, found) = fastest(|| {
            let fit = fit(&problem).expect("a fit");
            conditional(&problem, &population, &fit)
        });
        let (integrated, _) = fastest(|| {
            let fit = fit(&problem).expect("a fit");
            let points = points(&problem, &fit, Variances::AreaAndFacts).expect("points");
            posterior(&problem, &population, &points, &[]).expect("a posterior")
        });
        let n = found.len() as f64;
        let pairs = || found.iter().zip(&of_r);
        let apart = (pairs().map(|(own, of_r)| (own.0 - of_r.0).powi(2)).sum::<f64>() / n).sqrt();
        let ratio = pairs().map(|(own, of_r)| own.1 / of_r.1).sum::<f64>() / n;
        println!(
            "{name}  {seconds:.1}  {plugged_in:.3}  {:.0}  {integrated:.3}  {:.0}  {:.4}  {ratio:.4}",
            seconds / plugged_in,
            seconds / integrated,
            100.0 * apart
        );
    }
    Ok(())
}

/// Share and standard error of every wijk with the variances plugged in, as mgcv's are.
fn conditional(problem: &Problem, population: &Population, fit: &Fit) -> Vec<(f64, f64)> {
    let selected = fit.factor.selected();
    let shares = shares(problem, population, &fit.state);
    let of = |place: &u32| {
        let area = *place as usize;
        let share = shares[area].as_ref().expect("every wijk has people");
        (share.value, selected.variance(area, &share.gradient, share.slope).sqrt())
    };
    problem.place.iter().map(of).collect()
}

/// CPU seconds of the fastest of some runs, and what the last one gave.
fn fastest<T>(run: impl Fn() -> T) -> (f64, T) {
    let timed = || {
        let start = cpu_seconds();
        let found = run();
        (cpu_seconds() - start, found)
    };
    let (mut best, mut last) = timed();
    for _ in 1..RUNS {
        let (seconds, found) = timed();
        best = best.min(seconds);
        last = found;
    }
    (best, last)
}

/// CPU seconds of this thread so far, as Linux counts them.
fn cpu_seconds() -> f64 {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    spent.split(' ').next().map_or(f64::NAN, |nanoseconds| number(nanoseconds) / 1e9)
}

fn lines(folder: &Path, name: &str) -> io::Result<Vec<Vec<String>>> {
    let text = fs::read_to_string(folder.join(name))?;
    Ok(text.lines().skip(1).map(|line| line.split(',').map(|own| own.trim().to_owned()).collect()).collect())
}

fn number(word: &str) -> f64 {
    word.parse().unwrap_or(f64::NAN)
}
