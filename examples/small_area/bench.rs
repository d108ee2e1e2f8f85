//! How long a fit takes and how much memory the process has had.

use std::time::Instant;

use rayon::prelude::*;
use wijkpeil::estimate::{AreaAnswers, ModelGround, ModelPlan, model};
use wijkpeil::stats::model::fit::fit;
use wijkpeil::stats::model::graph::Graph;
use wijkpeil::stats::model::grid::{Variances, points};
use wijkpeil::stats::model::posterior::posterior;
use wijkpeil::stats::model::problem::Cell;

use super::bed::{INDICATORS, Region};
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
    memory();
}

/// Prints the largest memory of the process.
fn memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("  largest memory of the process, data included: {}", line.trim_start_matches("VmHWM:").trim());
    }
}

/// Prints seconds of the whole stage of the model for many parameters of a region, as a pipeline runs it: fit, integration, posterior of wijken and gemeenten, places, checks; all threads of the machine.
pub fn stage(size: &str, parameters: usize) {
    let region = Region::new(shape(size), 1_001);
    let mut sums: Vec<Vec<u32>> = vec![Vec::new(); region.gemeenten];
    region.gemeente.iter().zip(0..).for_each(|(gemeente, wijk)| sums[*gemeente].push(wijk));
    sums.push((0..region.wijken as u32).collect());
    let ground = ModelGround {
        areas: region.wijken,
        groups: region.groups.clone(),
        persons: region.persons.clone(),
        facts: region.covariates.clone(),
        graph: Some(Graph::new(region.wijken, &region.edges)),
        sums,
        parent: region.gemeente.iter().map(|own| Some(*own)).collect(),
        age_groups: Vec::new(),
    };
    let plan = ModelPlan { confidence: 0.95, own_answers: 10, checked_answers: 100, benchmark: true };
    // Every four parameters a survey of their own, so that none is like another.
    let surveys: Vec<_> =
        (0..parameters.div_ceil(INDICATORS.len()) as u64).map(|at| region.survey(5_001 + at)).collect();
    let given: Vec<(Vec<Cell>, Vec<AreaAnswers>)> = (0..parameters)
        .map(|at| {
            let (survey, indicator) = (&surveys[at / INDICATORS.len()], at % INDICATORS.len());
            let mut answers = vec![AreaAnswers::default(); region.wijken];
            for own in &survey.respondents {
                let (yes, weight) = (usize::from(own.yes[indicator]), own.weight);
                let mut part = AreaAnswers::default();
                (part.n[yes], part.w[yes], part.w2[yes]) = (1, weight, weight * weight);
                answers[own.wijk as usize].add(&part);
            }
            (survey.cells(indicator), answers)
        })
        .collect();
    let respondents = surveys.first().map_or(0, |survey| survey.respondents.len());
    drop(surveys);
    let start = Instant::now();
    let fitted = given.par_iter().filter(|(cells, answers)| model(&ground, cells, answers, &[], &plan).is_ok()).count();
    println!(
        "{size}: {} areas, {respondents} respondents, {} groups; {fitted} of {parameters} parameters in {:.1} s on {} threads",
        region.wijken,
        ground.groups.rows(),
        start.elapsed().as_secs_f64(),
        rayon::current_num_threads()
    );
    memory();
}
