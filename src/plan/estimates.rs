//! Moments → estimates → figures, table by table.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::build_tally::breakdowns;
use super::coverage::{SeriesKeys, series_keys};
use super::read::{Reading, ancestors, read};
use super::taken::published;
use super::{BreakdownKeys, Plan, Progress, SourcePlan};
use crate::declare::{Catalogue, Floor, FloorRule, SourceKind};
use crate::disclose::{FigureKey, Policy, Publishable, disclose, not_measured};
use crate::estimate::{Domains, Estimate, EstimatePlan, estimate_table};
use crate::finding::{Duty, Finding, Findings};
use crate::stats::upper_quantiles;
use crate::tally::{Moments, Stratum, TableSpec};
use crate::vocab::{Level, SinglePsu};

/// Every figure of a run, through `disclose`.
///
/// # Errors
/// A stratum with one sampled unit where the pipeline says that this stops the run.
pub fn figures(
    plan: &Plan,
    reading: &Reading,
    catalogue: &Catalogue,
    progress: &dyn Progress,
) -> Result<Publishable, Findings> {
    let mut parts = Vec::new();
    if let Some(moments) = &reading.moments {
        populations(plan, moments)?;
        single_units(plan, moments)?;
        parts = direct(plan, reading, moments, catalogue, progress);
    }
    parts.extend(published(plan, reading, catalogue));
    Ok(Publishable::merge(parts))
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

/// Estimates of one table, with the keys of their figures, and the keys of figures that no source measures.
type OfTable = (Vec<(FigureKey, Estimate)>, Vec<FigureKey>);

/// Walks every table of moments in parallel; `take` turns the estimates of one into what is kept, so that not all of them are in memory at once.
fn walk<T: Send>(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    catalogue: &Catalogue,
    take: impl Fn(&TableSpec, OfTable) -> T + Sync,
) -> Vec<T> {
    let series = series_keys(plan, reading, moments, catalogue);
    let ancestors = ancestors(plan);
    // Published tables may have added categories: the keys are those of the catalogue that is published.
    let breakdowns = breakdowns(&plan.definitions, catalogue);
    let how = plan.how();
    let keys: Vec<(usize, Level)> =
        (0..moments.frames.len()).flat_map(|f| Level::ALL.map(|level| (f, level))).collect();
    let domains: HashMap<(usize, Level), Domains> = keys
        .into_par_iter()
        .filter(|(frame, level)| *level <= moments.frames[*frame].level)
        .map(|(frame, level)| {
            let is_level = |region: u32| catalogue.regions[region as usize].level() == level;
            ((frame, level), Domains::new(&moments.frames[frame], &ancestors[&level], is_level))
        })
        .collect();
    let tables = plan.tally.tables.par_iter().zip(&moments.tables);
    tables
        .map_init(
            || upper_quantiles(how.confidence),
            |quantiles, (spec, table)| {
                let mut kept = OfTable::default();
                for level in &spec.levels {
                    let wanted = Wanted::new(plan, &series, moments, &catalogue.collections, &breakdowns, spec, *level);
                    let domains = &domains[&(table.frame, *level)];
                    for estimate in estimate_table(moments, table, domains, &wanted.pairs, &how, quantiles) {
                        let domain = estimate.domain;
                        let source = wanted.sources[&(domain.series, domain.region)];
                        let key = wanted.key(&series, domain.series, domain.region, domain.category as usize, source);
                        kept.0.push((key, estimate));
                    }
                    for (number, region, source) in &wanted.lacking {
                        let categories = 0..wanted.categories.len();
                        kept.1.extend(
                            categories.map(|category| wanted.key(&series, *number, *region, category, *source)),
                        );
                    }
                }
                take(spec, kept)
            },
        )
        .collect()
}

/// Which domains of a table are wanted at a level.
struct Wanted<'p> {
    parameter: u32,
    categories: &'p [u32],
    /// (series, region) that some source measures.
    pairs: Vec<(u32, u32)>,
    /// The source that a pair's figures name.
    sources: HashMap<(u32, u32), u32>,
    /// (series, region, source) where the source declares that it does not measure the parameter.
    lacking: Vec<(u32, u32, u32)>,
}

impl<'p> Wanted<'p> {
    fn new(
        plan: &'p Plan,
        series: &BTreeMap<u32, SeriesKeys>,
        moments: &Moments,
        collections: &[String],
        breakdowns: &'p [BreakdownKeys],
        spec: &TableSpec,
        level: Level,
    ) -> Self {
        let at = plan.measured[spec.parameter];
        let id = &plan.definitions.parameters[plan.parameters[at]].id.value;
        let mut wanted = Self {
            parameter: index(at),
            categories: &breakdowns[spec.breakdown].categories,
            pairs: Vec::new(),
            sources: HashMap::new(),
            lacking: Vec::new(),
        };
        for (number, keys) in series {
            let collection = &collections[keys.collection as usize];
            if plan.weight_set(collection, id, keys.year, level) != Some(spec.weight_set) {
                continue;
            }
            // A source that does not measure the parameter, or of which no row is in the weight set, cannot be part of a figure.
            let strata = &moments.strata[spec.weight_set];
            let lacks = |source: &usize| {
                plan.lacks(*source, id) || !strata.iter().any(|s| s.source == *source && s.year == keys.year)
            };
            let definition = &plan.definitions.parameters[plan.parameters[at]];
            for covered in keys.regions.get(&level).into_iter().flatten() {
                // A question of another monitor is not lacking here.
                if !covered.sources.iter().any(|source| plan.asks(*source, definition)) {
                    continue;
                }
                if covered.sources.iter().any(lacks) {
                    wanted.lacking.push((*number, covered.region, covered.named));
                } else {
                    wanted.pairs.push((*number, covered.region));
                    wanted.sources.insert((*number, covered.region), covered.named);
                }
            }
        }
        wanted
    }

    fn key(
        &self,
        series: &BTreeMap<u32, SeriesKeys>,
        number: u32,
        region: u32,
        category: usize,
        source: u32,
    ) -> FigureKey {
        FigureKey {
            parameter: self.parameter,
            collection: series[&number].collection,
            period: series[&number].period,
            region,
            category: self.categories[category],
            source,
        }
    }
}

fn direct(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    catalogue: &Catalogue,
    progress: &dyn Progress,
) -> Vec<Publishable> {
    let confidence = plan.definitions.pipeline.estimate.confidence;
    let parts = walk(plan, reading, moments, catalogue, |spec, (estimates, lacking)| {
        let definition = &plan.definitions.parameters[plan.parameters[plan.measured[spec.parameter]]];
        let policy = policy(plan, definition);
        let shown = disclose(estimates.into_iter().map(|(key, estimate)| (key, policy, confidence, estimate)));
        progress.advance(1);
        (spec.parameter, Publishable::merge([shown, not_measured(lacking)]))
    });
    // The parameter is the first part of a figure's key: figures that are in order within each parameter are in order.
    let mut of_parameter: BTreeMap<usize, Vec<Publishable>> = BTreeMap::new();
    for (parameter, part) in parts {
        of_parameter.entry(parameter).or_default().push(part);
    }
    of_parameter.into_par_iter().map(|(_, parts)| Publishable::merge(parts)).collect()
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
    let reading = read(plan, progress)?;
    let Some(moments) = &reading.moments else { return Ok(Vec::new()) };
    populations(plan, moments)?;
    single_units(plan, moments)?;
    let catalogue = &plan.catalogue;
    let tables = walk(plan, &reading, moments, catalogue, |_, (estimates, _)| estimates);
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

/// The floor of a parameter: the pipeline's, or its own stricter one.
fn policy(plan: &Plan, parameter: &crate::declare::Parameter) -> Policy {
    // A pipeline with respondents that declares no minimum has been refused by the checks.
    let general = match &plan.definitions.pipeline.floor {
        FloorRule::Minimum { floor, .. } => *floor,
        FloorRule::AlreadyPublished { .. } => {
            Floor { minimum_n: u64::MAX, minimum_answer: u64::MAX, group_disclosure: u64::MAX }
        }
    };
    Policy { floor: floor_of(parameter, general) }
}

/// The floor of a parameter beside a general one: the stricter of both.
pub(super) fn floor_of(parameter: &crate::declare::Parameter, general: Floor) -> Floor {
    let own = |stricter: &Option<crate::declare::Placed<i64>>, general: u64| {
        stricter.as_ref().map_or(general, |own| own.value.unsigned_abs().max(general))
    };
    Floor {
        minimum_n: own(&parameter.minimum_n, general.minimum_n),
        minimum_answer: own(&parameter.minimum_answer, general.minimum_answer),
        group_disclosure: general.group_disclosure,
    }
}

impl Plan {
    /// How estimates are made.
    const fn how(&self) -> EstimatePlan {
        let rules = &self.definitions.pipeline.estimate;
        EstimatePlan {
            confidence: rules.confidence,
            interval: rules.interval,
            degrees_of_freedom: rules.degrees_of_freedom,
            single_psu: rules.single_psu,
        }
    }

    /// The weight set of a parameter of a collection in a year at a level.
    #[must_use]
    pub fn weight_set(&self, collection: &str, parameter: &str, year: i32, level: Level) -> Option<usize> {
        let design = self.definitions.pipeline.design.as_ref()?;
        let matching = design.overrides.iter().find(|one| {
            (one.collections.is_empty() || one.collections.iter().any(|name| name.value == collection))
                && (one.parameters.is_empty() || one.parameters.iter().any(|id| id.value == parameter))
                && (one.periods.is_empty() || one.periods.contains(&year))
                && (one.levels.is_empty() || one.levels.contains(&level))
        });
        let id = matching.map_or(&design.weight_set.value, |one| &one.weight_set.value);
        self.weight_sets.iter().position(|set| set == id)
    }

    /// The finest level that a source of respondents has a column for.
    pub(super) fn finest_column(&self, source: usize) -> Level {
        match &self.definitions.pipeline.sources[source].kind {
            SourceKind::Respondents(own) => own.region.columns.last().map_or(Level::Nl, |column| column.level),
            SourceKind::Table(_) | SourceKind::Synthetic(_) => Level::Nl,
        }
    }

    /// Whether a source declares that it does not measure a parameter, or has no column for it.
    fn lacks(&self, source: usize, parameter: &str) -> bool {
        let declared = matches!(&self.definitions.pipeline.sources[source].kind, SourceKind::Respondents(respondents)
            if respondents.declares_not_measured(parameter));
        let absent = matches!(&self.sources[source], SourcePlan::Respondents { absent, .. }
            if absent.iter().any(|at| self.definitions.parameters[*at].id.value == parameter));
        declared || absent
    }

    /// Whether a collection asks for a parameter at all.
    fn asks(&self, source: usize, parameter: &crate::declare::Parameter) -> bool {
        let declared = &self.definitions.pipeline.sources[source];
        match &declared.kind {
            SourceKind::Respondents(own) => {
                parameter.measure_in(&declared.collection.value, own.period.years()).is_asked()
            }
            SourceKind::Table(_) | SourceKind::Synthetic(_) => false,
        }
    }
}
