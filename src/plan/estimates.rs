//! Moments → estimates → figures, table by table.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::area_model::area_models;
use super::beside_published::{BesidePublished, beside_published, finish_cards};
use super::coverage::series_keys;
use super::judgement::{higher_is_better, judgement};
use super::model::models;
use super::over_time::{Kept, lines, over_time, trends};
use super::precision::reliability;
use super::read::{Reading, read};
use super::settled::{OfParameter, SettledSeries, by_parameter};
use super::standardised_counts::references;
use super::taken::published;
use super::walk::{OfTable, walk};
use super::{Plan, Progress};
use crate::declare::{Catalogue, Floor, SourceKind};
use crate::disclose::protect::Protected;
use crate::disclose::{
    Compared, Comparisons, Judgement, Policies, Policy, Publishable, TrendJudgement, Trends, compare, derive, disclose,
    not_measured, trends as disclose_trends,
};
use crate::estimate::Estimate;
use crate::finding::{Duty, Finding, Findings};
use crate::publish::ModelCard;
use crate::tally::{Moments, Stratum};
use crate::vocab::{ReasonsSaid, SinglePsu};

/// What a release says, through `disclose`.
#[derive(Debug, Default)]
pub struct Results {
    /// Figures.
    pub figures: Publishable,
    /// Comparisons.
    pub comparisons: Comparisons,
    /// Trends.
    pub trends: Trends,
    /// Cards of modelled parameters.
    pub cards: Vec<ModelCard>,
    /// Modelled figures beside published ones.
    pub beside_published: Vec<BesidePublished>,
    /// What was withheld for the sake of others.
    pub protected: Protected,
    /// Collections and years that are as an earlier run left them.
    pub recalled: usize,
}

/// Every figure and comparison of a run, through `disclose`.
///
/// # Errors
/// A stratum with one sampled unit where the pipeline says that this stops the run.
pub fn results(
    plan: &Plan,
    reading: &Reading,
    catalogue: &Catalogue,
    progress: &dyn Progress,
) -> Result<Results, Findings> {
    results_with(plan, reading, catalogue, &SettledSeries::default(), progress)
}

/// [`results`], in which the figures of some series are those of an earlier run.
///
/// # Errors
/// As [`results`].
pub fn results_with(
    plan: &Plan,
    reading: &Reading,
    catalogue: &Catalogue,
    settled: &SettledSeries<'_>,
    progress: &dyn Progress,
) -> Result<Results, Findings> {
    let mut results = Results::default();
    let mut parts = Vec::new();
    if let Some(moments) = &reading.moments {
        populations(plan, moments)?;
        single_units(plan, moments)?;
        let rules = judgement(plan, catalogue);
        let with = (catalogue, settled, rules.as_ref());
        let mut compared;
        (parts, compared, results) = direct(plan, reading, moments, with, progress)?;
        // They are held against figures that are shown.
        let models = models(plan, reading, moments, (catalogue, &parts), rules.as_ref());
        parts.extend(models.figures);
        compared.extend(models.comparisons);
        if let Some(rules) = &rules {
            results.comparisons = Comparisons::judged(compared, rules);
        }
        results.cards = models.cards;
    }
    references(plan, reading)?;
    parts.extend(published(plan, reading, catalogue));
    // They start from figures that may be shown.
    let models = area_models(plan, reading, reading.moments.as_ref(), catalogue, &parts);
    parts.extend(models.figures);
    results.cards.extend(models.cards);
    results.cards.sort_by(|a, b| a.parameter.cmp(&b.parameter));
    results.figures = Publishable::merge(parts);
    let mut results = at_precision(plan, catalogue, results);
    results.beside_published = beside_published(plan, catalogue, &results.figures);
    finish_cards(plan, &mut results.cards, &results.beside_published);
    Ok(results)
}

/// What is shown, as exactly as the policy says.
fn at_precision(plan: &Plan, catalogue: &Catalogue, results: Results) -> Results {
    let Some(rules) = &plan.definitions.pipeline.disclosure else { return results };
    let merged = rules.reasons == ReasonsSaid::Merged;
    let precision = |region: u32| rules.precision_of(catalogue.regions[region as usize].level());
    let unit = |parameter: u32| catalogue.parameters[parameter as usize].unit;
    Results {
        figures: results.figures.at_precision(precision, unit, merged),
        comparisons: results.comparisons.at_precision(precision, unit, merged),
        trends: results.trends.at_precision(precision, unit, merged),
        ..results
    }
}

/// A position as the index of a figure's key.
pub(super) fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// A weight set that no row has, and more units in the sample than in the population: a wrong column.
fn populations(plan: &Plan, moments: &Moments) -> Result<(), Findings> {
    let mut findings = Findings::default();
    for (set, strata) in plan.weight_sets.iter().zip(&moments.strata) {
        if strata.is_empty() {
            findings.push(
                Finding::error(Duty::Data, "estimate-no-weights", format!("no row has a weight of weight set `{set}`"))
                    .help("check the column of the weight, or name another weight set in [design]"),
            );
        }
        let too_small = |s: &Stratum| s.population.is_some_and(|population| population < s.units() as f64);
        let names: Vec<&str> = strata.iter().filter(|stratum| too_small(stratum)).map(|s| s.name.as_str()).collect();
        if !names.is_empty() {
            let shown = names.iter().take(5).copied().collect::<Vec<_>>().join("`, `");
            findings.push(
                Finding::error(
                    Duty::Data,
                    "estimate-population",
                    format!(
                        "strata of weight set `{set}` have more sampled units than their population size, such as `{shown}`"
                    ),
                )
                .help("`fpc` names the number of persons in the population of the stratum (of clusters, where the design has them)"),
            );
        }
    }
    for (set, clusters) in plan.weight_sets.iter().zip(&moments.clusters) {
        if clusters.iter().any(|own| own.population.is_some_and(|population| population < own.rows as f64)) {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "estimate-population",
                    format!("clusters of weight set `{set}` have more sampled respondents than their population size"),
                )
                .help("`cluster-fpc` names the number of persons in the population of the cluster"),
            );
        }
    }
    findings.ok_or_stop().map(|_| ())
}

/// Under `single-psu = "fail"` a stratum with one sampled unit stops the run.
fn single_units(plan: &Plan, moments: &Moments) -> Result<(), Findings> {
    if plan.definitions.pipeline.estimate.single_psu != SinglePsu::Fail {
        return Ok(());
    }
    let mut findings = Findings::default();
    for (set, strata) in plan.weight_sets.iter().zip(&moments.strata) {
        let single = strata.iter().filter(|s| s.units() == 1 && s.population != Some(1.0)).count();
        if single > 0 {
            let finding = Finding::error(
                Duty::Data,
                "estimate-single-psu",
                format!(
                    "weight set `{set}` has strata with one sampled unit ({single}); their variance cannot be estimated"
                ),
            )
            .help("join strata in the file, or declare single-psu = \"adjust\", \"average\" or \"certainty\"");
            let declared = plan.definitions.pipeline.sources.iter().find_map(|source| match &source.kind {
                SourceKind::Respondents(own) => own.weight_sets.iter().find(|own| own.id.value == *set),
                SourceKind::Table(_) | SourceKind::Synthetic(_) => None,
            });
            findings.push(match declared {
                Some(declared) => finding.at(declared.stratum.as_ref().unwrap_or(&declared.id).place.clone()),
                None => finding,
            });
        }
    }
    findings.ok_or_stop().map(|_| ())
}

fn direct(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    (catalogue, settled, rules): (&Catalogue, &SettledSeries<'_>, Option<&Judgement>),
    progress: &dyn Progress,
) -> Result<(Vec<Publishable>, Vec<Comparisons>, Results), Findings> {
    let confidence = plan.definitions.pipeline.estimate.confidence;
    let before = (catalogue, &reading.earlier);
    let mut recalled = settled.recall(series_keys(plan, reading, moments, catalogue), before, rules);
    let (parts, protected) = walk(plan, reading, moments, (catalogue, &recalled.open), |spec, found| {
        let policies = plan.policies(catalogue, spec.parameter);
        let classed = found.estimates.into_iter().map(|(key, estimate)| (key, estimate, reliability(plan, &estimate)));
        let shown = disclose(classed, &policies, confidence);
        let derived = derive(found.derived, &policies);
        progress.advance(1);
        OfParameter {
            parameter: spec.parameter,
            figures: Publishable::merge([shown, derived, not_measured(found.lacking)]),
            compared: rules.map(|rules| compare(found.compared, &policies, rules)).into_iter().collect(),
            kept: found.kept,
        }
    })?;
    let parts = by_parameter(parts);
    settled.keep(&recalled, &parts, &protected);
    let parts = by_parameter(parts.into_iter().chain(std::mem::take(&mut recalled.parameters)));
    let better = higher_is_better(catalogue);
    let trend_rules = plan.definitions.pipeline.trend.as_ref().map(|own| TrendJudgement {
        minimum_periods: own.minimum_periods,
        alpha: own.alpha,
        confidence,
    });
    let found: Vec<(Publishable, Vec<Comparisons>, Trends)> = parts
        .into_par_iter()
        .map(|OfParameter { parameter, figures, mut compared, kept }| {
            let (lines, policies) = (lines(catalogue, kept), plan.policies(catalogue, parameter));
            if let Some(rules) = rules {
                compared.push(compare(over_time(plan, catalogue, &lines), &policies, rules));
            }
            let trended = trend_rules.map_or_else(Trends::default, |rules| {
                disclose_trends(trends(plan, catalogue, &lines), &policies, rules, &better)
            });
            (figures, compared, trended)
        })
        .collect();
    let mut results = Results { recalled: recalled.protected.len(), ..Results::default() };
    protected.into_values().chain(recalled.protected).for_each(|own| results.protected += own);
    let (mut parts, mut all_compared, mut trended) = (Vec::new(), Vec::new(), Vec::new());
    for (figures, compared, trends) in found {
        parts.push(figures);
        all_compared.extend(compared);
        trended.push(trends);
    }
    results.trends = Trends::merge(trended);
    Ok((parts, all_compared, results))
}

/// An estimate with its keys in words.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedEstimate {
    /// Parameter id.
    pub parameter: String,
    /// Collection.
    pub collection: String,
    /// Year.
    pub year: i32,
    /// Region code.
    pub region: String,
    /// Dimension.
    pub dimension: String,
    /// Category.
    pub category: String,
    /// The estimate.
    pub estimate: Estimate,
}

/// The estimates of a plan before disclosure control, for tests against other packages. As confidential as the rows.
///
/// # Errors
/// As [`super::run`], for everything up to the estimates.
pub fn estimates(plan: &Plan, progress: &dyn Progress) -> Result<Vec<NamedEstimate>, Findings> {
    let catalogue = &plan.catalogue;
    let tables = undisclosed(plan, progress, |found| found.estimates)?;
    let named = tables.into_iter().flatten().map(|(key, estimate)| NamedEstimate {
        parameter: catalogue.parameters[key.parameter as usize].id.clone(),
        collection: catalogue.collections[key.collection as usize].clone(),
        year: catalogue.periods[key.period as usize].year,
        region: catalogue.regions[key.region as usize].code.as_str().to_owned(),
        dimension: catalogue.categories[key.category as usize].dimension.clone(),
        category: catalogue.categories[key.category as usize].category.clone(),
        estimate,
    });
    Ok(named.collect())
}

/// What `take` takes of every table of moments of a plan, before disclosure control; nothing where no source has respondents.
fn undisclosed<T: Send>(
    plan: &Plan,
    progress: &dyn Progress,
    take: impl Fn(OfTable) -> T + Sync,
) -> Result<Vec<T>, Findings> {
    let reading = read(plan, progress)?;
    let Some(moments) = &reading.moments else { return Ok(Vec::new()) };
    populations(plan, moments)?;
    single_units(plan, moments)?;
    let series = series_keys(plan, &reading, moments, &plan.catalogue);
    walk(plan, &reading, moments, (&plan.catalogue, &series), |_, found| take(found)).map(|(found, _)| found)
}

/// A comparison with its keys in words.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedComparison {
    /// Parameter id.
    pub parameter: String,
    /// Year.
    pub year: i32,
    /// Region code.
    pub region: String,
    /// Dimension.
    pub dimension: String,
    /// Category.
    pub category: String,
    /// Code of the region that it is compared with; empty for the same one.
    pub reference_region: String,
    /// Category that it is compared with; empty for the same one or for the rest.
    pub reference_category: String,
    /// The comparison.
    pub compared: Compared,
}

/// The comparisons of a plan before disclosure control, for tests against other packages. As confidential as the rows.
///
/// # Errors
/// As [`super::run`], for everything up to the comparisons.
pub fn comparisons(plan: &Plan, progress: &dyn Progress) -> Result<Vec<NamedComparison>, Findings> {
    let catalogue = &plan.catalogue;
    let tables = undisclosed(plan, progress, |found| (found.compared, found.kept))?;
    let (compared, kept): (Vec<_>, Vec<_>) = tables.into_iter().unzip();
    let mut of_parameter: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    kept.into_iter().flatten().for_each(|own: Kept| of_parameter.entry(own.key.parameter).or_default().push(own));
    let between = of_parameter.into_values().flat_map(|kept| over_time(plan, catalogue, &lines(catalogue, kept)));
    let region = |at: u32| catalogue.regions[at as usize].code.as_str().to_owned();
    let category = |at: u32| catalogue.categories[at as usize].category.clone();
    let named = compared.into_iter().flatten().chain(between).map(|compared| {
        let key = compared.key;
        NamedComparison {
            parameter: catalogue.parameters[key.figure.parameter as usize].id.clone(),
            year: catalogue.periods[key.figure.period as usize].year,
            region: region(key.figure.region),
            dimension: catalogue.categories[key.figure.category as usize].dimension.clone(),
            category: category(key.figure.category),
            reference_region: key.region.map(region).unwrap_or_default(),
            reference_category: key.category.map(category).unwrap_or_default(),
            compared,
        }
    });
    Ok(named.collect())
}

impl Plan {
    /// Per collection, the floor of a measured parameter: that of the collection, or its own stricter one.
    pub(super) fn policies(&self, catalogue: &Catalogue, measured: usize) -> Policies {
        let parameter = &self.definitions.parameters[self.parameters[self.measured[measured]]];
        let pipeline = &self.definitions.pipeline;
        let withhold_unreliable = pipeline.reliability.as_ref().is_some_and(|own| own.withhold);
        // A pipeline with respondents that declares no minimum, or no policy, has been refused by the checks.
        let nothing = Floor {
            minimum_n: u64::MAX,
            minimum_answer: u64::MAX,
            minimum_complement: u64::MAX,
            group_disclosure: u64::MAX,
            minimum_population: u64::MAX,
        };
        let largest_weight = pipeline.disclosure.as_ref().map_or(0.0, |own| own.largest_weight);
        let of = |collection: &String| Policy {
            floor: floor_of(parameter, pipeline.floor.of(collection).unwrap_or(nothing)),
            withhold_unreliable,
            largest_weight,
        };
        Policies::new(catalogue.collections.iter().map(of).collect())
    }
}

/// The floor of a parameter beside a general one: the stricter of both.
pub(super) fn floor_of(parameter: &crate::declare::Parameter, general: Floor) -> Floor {
    let own = |stricter: &Option<crate::declare::Placed<i64>>, general: u64| {
        stricter.as_ref().map_or(general, |own| own.value.unsigned_abs().max(general))
    };
    Floor {
        minimum_n: own(&parameter.minimum_n, general.minimum_n),
        minimum_answer: own(&parameter.minimum_answer, general.minimum_answer),
        minimum_complement: own(&parameter.minimum_answer, general.minimum_complement),
        ..general
    }
}
