//! How long a fit takes and how much memory the process has had.

use std::time::Instant;

use wijkpeil::stats::model::fit::fit;
use wijkpeil::stats::model::grid::{Variances, points, posterior};

use super::bed::Region;
use super::export::shape;
use super::table::problem;

/// Prints seconds of the fit, of the integration over variances and of the posterior for one indicator of a region.
pub fn bench(size: &str, indicator: usize) {
    let region = Region::new(shape(size), 1_001);
    let survey = region.survey(5_001);
    let (problem, population) = problem(&region, &survey, indicator);
    let respondents = survey.respondents.len();
    drop(survey);
    println!(
        "{size}: {} areas, {respondents} respondents, {} cells, band {}",
        problem.areas,
        problem.cells.len(),
        problem.spatial.as_ref().map_or(0, |own| own.graph.band_width())
    );
    let start = Instant::now();
    let fitted = fit(&problem).expect("a fit");
    println!("  fit, variances plugged in: {:.2} s, {} steps", start.elapsed().as_secs_f64(), fitted.steps);
    for (name, variances) in [("plugged in", Variances::PlugIn), ("integrated", Variances::AreaAndFacts)] {
        if size == "buurten" && variances != Variances::PlugIn {
            continue;
        }
        let start = Instant::now();
        let own = points(&problem, &fitted, variances).expect("points");
        let walked = start.elapsed().as_secs_f64();
        posterior(&problem, &population, &own, &[]).expect("a posterior");
        println!(
            "  {name}: {} points {walked:.2} s, with their posterior {:.2} s",
            own.len(),
            start.elapsed().as_secs_f64()
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("  largest memory of the process, data included: {}", line.trim_start_matches("VmHWM:").trim());
    }
}
