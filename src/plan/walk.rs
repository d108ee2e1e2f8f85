//! The tables of moments, one by one and in parallel: which figures are wanted of each, and their estimates.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::analysis::Analyst;
use super::build_tally::{breakdowns, weight_set_of};
use super::compare::Comparer;
use super::coverage::SeriesKeys;
use super::estimates::index;
use super::over_time::Kept;
use super::precision::reliability;
use super::protect::{Decided, decide};
use super::ranking::Rankings;
use super::read::{Reading, ancestors};
use super::{BreakdownKeys, Plan, SourcePlan};
use crate::declare::{Catalogue, SourceKind};
use crate::disclose::protect::Protected;
use crate::disclose::{Compared, Derived, FigureKey, Policy};
use crate::estimate::{Design, Domain, Domains, Estimate, EstimatePlan, Side, estimate};
use crate::finding::Findings;
use crate::publish::Registry;
use crate::stats::upper_quantiles;
use crate::tally::{Moments, Table, TableSpec};
use crate::vocab::{Level, Reliability};

/// What one table gives.
#[derive(Default)]
pub(super) struct OfTable {
    /// Estimates with the keys of their figures.
    pub(super) estimates: Vec<(FigureKey, Estimate)>,
    /// Figures made of others.
    pub(super) derived: Vec<Derived>,
    /// Figures that are too imprecise, where those are withheld.
    pub(super) unreliable: HashSet<FigureKey>,
    /// Keys of figures that no source measures.
    pub(super) lacking: Vec<FigureKey>,
    /// Comparisons within the table.
    pub(super) compared: Vec<Compared>,
    /// What comparisons between periods need.
    pub(super) kept: Vec<Kept>,
}

/// What every table is walked with.
pub(super) struct Ground<'w> {
    pub(super) plan: &'w Plan,
    pub(super) moments: &'w Moments,
    pub(super) catalogue: &'w Catalogue,
    /// What other releases have made public.
    pub(super) earlier: &'w Registry,
    /// The series that are estimated.
    pub(super) series: &'w BTreeMap<u32, SeriesKeys>,
    pub(super) ancestors: BTreeMap<Level, Vec<u32>>,
    pub(super) breakdowns: Vec<BreakdownKeys>,
    pub(super) rankings: Rankings,
    /// Figures that are withheld for the sake of others.
    pub(super) decided: Decided,
    domains: HashMap<(usize, Level), Domains>,
}

impl Ground<'_> {
    /// The sums of a domain of a table.
    pub(super) fn side(
        &self,
        spec: &TableSpec,
        table: &Table,
        place: (u32, u32),
        category: usize,
        level: Level,
    ) -> Side {
        self.bare_side(table, place, category, level).decided(self.decided.of(spec, place, category))
    }

    /// As [`Self::side`], before anything was decided for the sake of others.
    pub(super) fn bare_side(&self, table: &Table, place: (u32, u32), category: usize, level: Level) -> Side {
        Side::of(self.moments, table, &self.domains[&(table.frame, level)], place, category)
    }

    /// The policy of a parameter in a series.
    pub(super) fn policy(&self, parameter: usize, series: u32) -> Policy {
        self.plan.policies(self.catalogue, parameter).of(self.series[&series].collection)
    }

    /// Whether a table knows regions of a level.
    pub(super) fn holds(&self, table: &Table, level: Level) -> bool {
        self.domains.contains_key(&(table.frame, level))
    }

    /// The design of a table.
    pub(super) fn design(&self, table: &Table) -> Design<'_> {
        let single = self.plan.definitions.pipeline.estimate.single_psu;
        Design::of(self.moments, self.moments.frames[table.frame].weight_set, single)
    }
}

/// Walks every table of moments in parallel, for these series; `take` turns what one gives into what is kept, so that not all of it is in memory at once.
pub(super) fn walk<T: Send>(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    (catalogue, series): (&Catalogue, &BTreeMap<u32, SeriesKeys>),
    take: impl Fn(&TableSpec, OfTable) -> T + Sync,
) -> Result<(Vec<T>, BTreeMap<u32, Protected>), Findings> {
    let ancestors = ancestors(plan);
    let rankings = Rankings::new(plan, reading, catalogue, &ancestors)?;
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
    let mut ground = Ground {
        plan,
        moments,
        catalogue,
        earlier: &reading.earlier,
        series,
        ancestors,
        rankings,
        decided: Decided::default(),
        // Published tables may have added categories: the keys are those of the catalogue that is published.
        breakdowns: breakdowns(&plan.definitions, catalogue),
        domains,
    };
    ground.decided = decide(&ground);
    let how = plan.how();
    let tables = plan.shown_tables().par_iter().zip(&moments.tables);
    let found = tables
        .map_init(
            || (upper_quantiles(how.confidence), Comparer::new(plan)),
            |(quantiles, comparer), (spec, table)| {
                let mut found = OfTable::default();
                let design = ground.design(table);
                let policies = plan.policies(catalogue, spec.parameter);
                for level in &spec.levels {
                    let wanted = Wanted::new(&ground, spec, *level);
                    let mut sides = Vec::with_capacity(wanted.pairs.len() * wanted.categories.len());
                    for place in &wanted.pairs {
                        let policy = policies.of(ground.series[&place.0].collection);
                        for category in 0..wanted.categories.len() {
                            let side = ground.side(spec, table, *place, category, *level);
                            let domain = Domain { series: place.0, region: place.1, category: index(category) };
                            let estimate = estimate(&design, domain, &side, &how, quantiles);
                            let key = wanted.key(place.0, place.1, category, wanted.sources[place]);
                            let unreliable = policy.withhold_unreliable
                                && reliability(plan, &estimate) == Some(Reliability::Unreliable);
                            if unreliable {
                                found.unreliable.insert(key);
                            }
                            let shown = !unreliable && policy.shows(&estimate.support());
                            found.kept.extend(Kept::of(plan, &ground, *level, spec, key, &estimate, unreliable));
                            found.estimates.push((key, estimate));
                            sides.push((side, shown));
                        }
                    }
                    let analyst =
                        Analyst { ground: &ground, spec, table, level: *level, wanted: &wanted, sides: &sides };
                    analyst.derive(quantiles, &mut found);
                    if let Some(comparer) = comparer {
                        comparer.compare(&ground, (spec, table), *level, &wanted, &sides, &mut found);
                    }
                    for (number, region, source) in &wanted.lacking {
                        let categories = 0..wanted.categories.len();
                        found
                            .lacking
                            .extend(categories.map(|category| wanted.key(*number, *region, category, *source)));
                    }
                }
                take(spec, found)
            },
        )
        .collect();
    Ok((found, ground.decided.protected))
}

/// Which domains of a table are wanted at a level.
pub(super) struct Wanted<'p> {
    parameter: u32,
    series: &'p BTreeMap<u32, SeriesKeys>,
    pub(super) categories: &'p [u32],
    /// (series, region) that some source measures.
    pub(super) pairs: Vec<(u32, u32)>,
    /// The source that a pair's figures name.
    pub(super) sources: HashMap<(u32, u32), u32>,
    /// (series, region, source) where the source declares that it does not measure the parameter.
    lacking: Vec<(u32, u32, u32)>,
}

impl<'p> Wanted<'p> {
    /// The domains whose figures are made from the table.
    pub(super) fn new(ground: &'p Ground<'_>, spec: &TableSpec, level: Level) -> Self {
        Self::of(ground, spec, level, true)
    }

    /// The domains that have a value in the table, whether or not their figures are made from it.
    pub(super) fn measured(ground: &'p Ground<'_>, spec: &TableSpec, level: Level) -> Self {
        Self::of(ground, spec, level, false)
    }

    fn of(ground: &'p Ground<'_>, spec: &TableSpec, level: Level, published: bool) -> Self {
        let Ground { plan, moments, catalogue, series, breakdowns, .. } = ground;
        let at = plan.measured[spec.parameter];
        let definition = &plan.definitions.parameters[plan.parameters[at]];
        let id = &definition.id.value;
        let mut wanted = Self {
            parameter: index(at),
            series,
            categories: &breakdowns[spec.breakdown].categories,
            pairs: Vec::new(),
            sources: HashMap::new(),
            lacking: Vec::new(),
        };
        for (number, keys) in *series {
            let collection = &catalogue.collections[keys.collection as usize];
            if published && plan.weight_set(collection, id, keys.year, level) != Some(spec.weight_set) {
                continue;
            }
            // A source that does not measure the parameter, or of which no row is in the weight set, cannot be part of a figure.
            let strata = &moments.strata[spec.weight_set];
            let lacks = |source: &usize| {
                plan.lacks(*source, id) || !strata.iter().any(|s| s.source == *source && s.year == keys.year)
            };
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

    pub(super) fn key(&self, number: u32, region: u32, category: usize, source: u32) -> FigureKey {
        FigureKey {
            parameter: self.parameter,
            collection: self.series[&number].collection,
            period: self.series[&number].period,
            region,
            category: self.categories[category],
            source,
        }
    }
}

impl Plan {
    /// How estimates are made.
    pub(super) const fn how(&self) -> EstimatePlan {
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
        weight_set_of(&self.definitions, &self.weight_sets, (collection, parameter), year, level)
    }

    /// The finest level that a source of respondents has a column for.
    pub(super) fn finest_column(&self, source: usize) -> Level {
        match &self.definitions.pipeline.sources[source].kind {
            SourceKind::Respondents(own) => own.region.columns.last().map_or(Level::Nl, |column| column.level),
            SourceKind::Table(_) | SourceKind::Synthetic(_) => Level::Nl,
        }
    }

    /// The definition of a parameter of the catalogue.
    pub(super) fn parameter_of(&self, index: u32) -> &crate::declare::Parameter {
        &self.definitions.parameters[self.parameters[index as usize]]
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
