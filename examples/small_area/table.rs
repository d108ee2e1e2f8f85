//! The model beside the direct estimate and Fay-Herriot on regions with known truth.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use wijkpeil::stats::fay_herriot::{arcsine, back_to_share, fay_herriot};
use wijkpeil::stats::model::design::Design;
use wijkpeil::stats::model::fit::{Fit, fit};
use wijkpeil::stats::model::graph::Graph;
use wijkpeil::stats::model::grid::{Variances, points};
use wijkpeil::stats::model::posterior::posterior;
use wijkpeil::stats::model::poststratify::Population;
use wijkpeil::stats::model::problem::Problem;
use wijkpeil::stats::quantile;

use super::bed::{INDICATORS, Region, Survey};
use super::export::shape;

/// Share and limits of a wijk; `None` where a method has none.
type Said = Option<(f64, f64, f64)>;
/// Indicator, method, and per wijk what it says; with the truth.
type OfMethod = (usize, &'static str, Vec<Said>, Vec<f64>);

/// What a method came to over wijken and seeds.
#[derive(Default)]
struct Score {
    squares: f64,
    error: f64,
    hits: f64,
    width: f64,
    count: f64,
    rank: f64,
    /// Root mean square error of every seed, in percentage points, and coverage.
    by_seed: Vec<(f64, f64)>,
}

impl Score {
    fn add(&mut self, said: &[Said], truth: &[f64]) {
        let (mut squares, mut hits, mut count) = (0.0, 0.0, 0.0);
        let mut pairs = Vec::new();
        for (own, truth) in said.iter().zip(truth).filter_map(|(own, truth)| Some(((*own)?, *truth))) {
            squares += (own.0 - truth).powi(2);
            self.error += own.0 - truth;
            hits += f64::from(u8::from(own.1 <= truth && truth <= own.2));
            self.width += own.2 - own.1;
            count += 1.0;
            pairs.push((own.0, truth));
        }
        self.squares += squares;
        self.hits += hits;
        self.count += count;
        self.rank += spearman(&pairs);
        self.by_seed.push((100.0 * (squares / count).sqrt(), hits / count));
    }

    fn line(&self) -> String {
        let seeds = self.by_seed.len() as f64;
        let coverage = self.hits / self.count;
        let spread: f64 = self.by_seed.iter().map(|(_, own)| (own - coverage).powi(2)).sum();
        format!(
            "{:6.3} {:+7.3} {:6.3} {:7.3} ({:.3}) {:7.2} {:6.0}",
            100.0 * (self.squares / self.count).sqrt(),
            100.0 * self.error / self.count,
            self.rank / seeds,
            coverage,
            (spread / (seeds * (seeds - 1.0).max(1.0))).sqrt(),
            100.0 * self.width / self.count,
            self.count
        )
    }
}

/// Correlation of ranks.
fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let ranks = |of: fn(&(f64, f64)) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|a, b| of(&pairs[*a]).total_cmp(&of(&pairs[*b])));
        let mut ranks = vec![0.0; pairs.len()];
        order.into_iter().enumerate().for_each(|(rank, at)| ranks[at] = rank as f64);
        ranks
    };
    let (a, b) = (ranks(|own| own.0), ranks(|own| own.1));
    let mean = (pairs.len() as f64 - 1.0) / 2.0;
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        both += (a - mean) * (b - mean);
        one += (a - mean).powi(2);
        other += (b - mean).powi(2);
    }
    both / (one * other).sqrt()
}

/// The weighted share of a wijk with a logit interval on Kish's n, Clopper-Pearson's where all say the same.
fn direct(region: &Region, survey: &Survey, indicator: usize) -> Vec<(Said, Option<(f64, f64)>)> {
    let mut sums = vec![(0.0, 0.0, 0.0, 0.0); region.wijken];
    for own in &survey.respondents {
        let sum = &mut sums[own.wijk as usize];
        *sum = (
            sum.0 + own.weight,
            sum.1 + own.weight * own.weight,
            sum.2 + if own.yes[indicator] { own.weight } else { 0.0 },
            sum.3 + 1.0,
        );
    }
    let of = |(w, squares, yes, count): (f64, f64, f64, f64)| {
        if count == 0.0 {
            return (None, None);
        }
        let (p, n) = (yes / w, w * w / squares);
        let limits = if p > 0.0 && p < 1.0 && n > 1.0 {
            let t = quantile::t(0.975, (count - 1.0).max(1.0)).unwrap_or(2.0);
            let (center, half) = ((p / (1.0 - p)).ln(), t / (n * p * (1.0 - p)).sqrt());
            let back = |x: f64| 1.0 / (1.0 + (-x).exp());
            (back(center - half), back(center + half))
        } else if p <= 0.0 {
            (0.0, 1.0 - 0.025_f64.powf(1.0 / n))
        } else {
            (0.025_f64.powf(1.0 / n), 1.0)
        };
        (Some((p, limits.0, limits.1)), Some((p, n)))
    };
    sums.into_iter().map(of).collect()
}

/// Fay-Herriot on the arcsine scale with all facts of the wijk.
fn area_level(region: &Region, direct: &[(Said, Option<(f64, f64)>)]) -> Vec<Said> {
    let columns = region.covariates.len() / region.wijken;
    let facts: Vec<f64> = region
        .covariates
        .chunks_exact(columns)
        .flat_map(|own| std::iter::once(1.0).chain(own.iter().copied()))
        .collect();
    let input: Vec<_> = direct.iter().map(|(_, own)| own.and_then(|(p, n)| arcsine(p, n))).collect();
    let Ok(fitted) = fay_herriot(&input, &facts) else { return vec![None; region.wijken] };
    let back = |own| {
        let back = back_to_share(own, 1.959_964);
        Some((back.value, back.limits.lower, back.limits.upper))
    };
    fitted.areas.iter().map(back).collect()
}

/// Ready to fit: the problem of an indicator with its population.
pub fn problem(region: &Region, survey: &Survey, indicator: usize) -> (Problem, Population) {
    let mut by_row = vec![0.0; region.groups.rows()];
    region.persons.iter().for_each(|own| by_row[own.row as usize] += own.persons);
    let design = Design::new(&region.groups, &by_row).expect("a population");
    let graph = Graph::new(region.wijken, &region.edges);
    let problem = Problem::new(design, region.wijken, &region.covariates, Some(&graph), &survey.cells(indicator))
        .expect("a connected map");
    let population = Population::new(&problem, &region.persons);
    (problem, population)
}

/// Shares with 95 % limits.
fn said(problem: &Problem, population: &Population, fit: &Fit, variances: Variances) -> Vec<Said> {
    let points = points(problem, fit, variances).expect("points");
    let found = posterior(problem, population, &points, &[]).expect("a posterior");
    let own = |own: &Option<wijkpeil::stats::model::posterior::AreaPosterior>| {
        own.as_ref().map(|own| (own.share.mean(), own.share.quantile(0.025), own.share.quantile(0.975)))
    };
    found.areas.iter().map(own).collect()
}

/// Results of R per seed: `seed-N.csv` with indicator, wijk, share, lower, upper.
fn results_of_r(folder: &Path, seed: u64, wijken: usize) -> Option<Vec<Vec<Said>>> {
    let text = std::fs::read_to_string(folder.join(format!("seed-{seed}.csv"))).ok()?;
    let mut found = vec![vec![None; wijken]; INDICATORS.len()];
    for line in text.lines().skip(1) {
        let fields: Vec<f64> = line.split(',').map(|own| own.trim().parse().unwrap_or(f64::NAN)).collect();
        found[fields[0] as usize - 1][fields[1] as usize] = Some((fields[2], fields[3], fields[4]));
    }
    Some(found)
}

/// What the methods say of one seed. `None` where R's results are asked for and not there.
fn of_seed(seed: u64, folder: Option<&Path>) -> Option<Vec<OfMethod>> {
    let region = Region::new(shape("bed"), 1000 + seed);
    let of_r = match folder {
        Some(folder) => Some(results_of_r(folder, seed, region.wijken)?),
        None => None,
    };
    let survey = region.survey(5000 + seed);
    let mut found = Vec::new();
    for indicator in 0..INDICATORS.len() {
        let truth = region.truth(indicator);
        let mut add = |name: &'static str, said: Vec<Said>| found.push((indicator, name, said, truth.clone()));
        let direct = direct(&region, &survey, indicator);
        add("1 direct", direct.iter().map(|own| own.0).collect::<Vec<_>>());
        add("2 fay-herriot", area_level(&region, &direct));
        let (problem, population) = problem(&region, &survey, indicator);
        let fitted = fit(&problem).expect("a fit");
        add("3 plugged in", said(&problem, &population, &fitted, Variances::PlugIn));
        add("4 wijk sd", said(&problem, &population, &fitted, Variances::Area));
        add("5 model", said(&problem, &population, &fitted, Variances::AreaAndFacts));
        if let Some(of_r) = &of_r {
            add("6 mgcv", of_r[indicator].clone());
        }
    }
    Some(found)
}

/// Writes a row per seed, indicator and method: root mean square error and bias in percentage points, correlation of ranks, coverage and mean width of 95 % limits.
pub fn evaluate(from: u64, to: u64, folder: Option<&Path>, file: &Path) -> std::io::Result<()> {
    let mut text = "seed,prevalence,method,rmse,bias,rank,coverage,width,wijken\n".to_owned();
    for seed in from..to {
        let with_r = folder.and_then(|folder| of_seed(seed, Some(folder)));
        let Some(found) = with_r.or_else(|| of_seed(seed, None)) else { continue };
        for (indicator, name, said, truth) in found.iter().filter(|own| own.1 != "4 wijk sd") {
            let mut score = Score::default();
            score.add(said, truth);
            let (rmse, coverage) = score.by_seed[0];
            let method = name.split_once(' ').map_or(*name, |own| own.1);
            let _ = writeln!(
                text,
                "{seed},{},{method},{rmse:.5},{:.5},{:.4},{coverage:.5},{:.4},{:.0}",
                INDICATORS[*indicator].prevalence,
                100.0 * score.error / score.count,
                score.rank,
                100.0 * score.width / score.count,
                score.count
            );
        }
    }
    std::fs::write(file, text)
}

/// Prints the table of seeds `from` up to and without `to`; with a folder of R's results only the seeds that it has.
pub fn table(from: u64, to: u64, folder: Option<&Path>) -> std::io::Result<()> {
    let mut scores: BTreeMap<(usize, &str), Score> = BTreeMap::new();
    let mut seeds = 0;
    let start = Instant::now();
    for seed in from..to {
        let Some(found) = of_seed(seed, folder) else { continue };
        seeds += 1;
        for (indicator, name, said, truth) in found {
            scores.entry((indicator, name)).or_default().add(&said, &truth);
        }
    }
    println!("{seeds} seeds, {:.0} s", start.elapsed().as_secs_f64());
    println!("prevalence  method          rmse    bias   rank   cover   (se)   width  wijken");
    for ((indicator, name), score) in &scores {
        println!("{:8.1} %  {name:14} {}", 100.0 * INDICATORS[*indicator].prevalence, score.line());
    }
    // Differences of root mean square error within seeds, with their own standard error.
    for other in ["1 direct", "2 fay-herriot", "6 mgcv"] {
        for (indicator, of) in INDICATORS.iter().enumerate() {
            let (Some(own), Some(other)) = (scores.get(&(indicator, "5 model")), scores.get(&(indicator, other)))
            else {
                continue;
            };
            let apart: Vec<f64> = own.by_seed.iter().zip(&other.by_seed).map(|(a, b)| a.0 - b.0).collect();
            let n = apart.len() as f64;
            let mean = apart.iter().sum::<f64>() / n;
            let sd = (apart.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / n).sqrt();
            println!("model less other, {:4.1} %: {mean:+.3} ({sd:.3})", 100.0 * of.prevalence);
        }
    }
    let all: Vec<&Score> = scores.iter().filter(|((_, name), _)| *name == "5 model").map(|(_, score)| score).collect();
    let (hits, count) = all.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.hits, sum.1 + own.count));
    println!("coverage of the model over the four together: {:.3}", hits / count);
    Ok(())
}
