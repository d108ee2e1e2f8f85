//! Figures made of the figures of a table: standardised values, ranks, inequality.

use std::collections::{BTreeMap, HashMap};

use super::estimates::index;
use super::precision::reliability;
use super::remainder::{Adding, Partitions};
use super::standardised_counts::persons;
use super::walk::{Ground, OfTable, Wanted};
use crate::declare::{FunnelRule, Inequality, RankRule, Ranking, RegionRanking};
use crate::disclose::{Derived, FigureKey, Policies, Policy};
use crate::estimate::{
    Combined, Design, Domain, Estimate, Joint, Side, Support, Withheld, estimate, joint, standardised,
};
use crate::stats::funnel::{normal_limits, share_limits};
use crate::stats::inequality_survey::{Contrast, GroupFigures, outer_groups, slope_of_covariance};
use crate::stats::interval::ShareBasis;
use crate::stats::quantile::TQuantiles;
use crate::stats::rank::{Rank, Ranked, joint_ranks};
use crate::stats::{Limits, mean_interval, share_interval};
use crate::tally::{Table, TableSpec};
use crate::vocab::{IntervalMethod, Level, Reliability, Statistic};

/// A table at a level, with the sides of its wanted figures.
pub(super) struct Analyst<'t, 'g> {
    pub(super) ground: &'t Ground<'g>,
    pub(super) spec: &'t TableSpec,
    pub(super) table: &'t Table,
    pub(super) level: Level,
    pub(super) wanted: &'t Wanted<'t>,
    /// Per wanted pair × category; with whether its figure is shown.
    pub(super) sides: &'t [(Side, bool)],
}

impl Analyst<'_, '_> {
    /// Everything that the pipeline declares of the table at the level; the estimates of the level are the last of `found`.
    pub(super) fn derive(&self, quantiles: &mut TQuantiles, found: &mut OfTable) {
        let plan = self.ground.plan;
        let pipeline = &plan.definitions.pipeline;
        let breakdown = &self.ground.breakdowns[self.spec.breakdown];
        let dimension = breakdown.dimension.as_str();
        let of_level = |levels: &[Level]| levels.contains(&self.level);
        for own in
            pipeline.standardisations.iter().filter(|own| own.dimension.value == dimension && of_level(&own.levels))
        {
            let of_standard: Vec<f64> = breakdown
                .categories
                .iter()
                .map(|at| persons(own, &self.ground.catalogue.categories[*at as usize].category))
                .collect();
            self.standardise(&of_standard, quantiles, found);
        }
        for own in pipeline.inequalities.iter().filter(|own| of_level(&own.levels)) {
            self.inequality(own, dimension, quantiles, found);
        }
        if dimension == "total" {
            if let Some(rule) = pipeline.ranks.iter().find(|own| own.level.value == self.level) {
                self.rank(rule, found);
            }
            if let Some(rule) = pipeline.funnels.iter().find(|own| own.level.value == self.level) {
                self.funnel(rule, found);
            }
        }
    }

    fn design(&self) -> Design<'_> {
        self.ground.design(self.table)
    }

    /// The key of a figure of everybody, or of a category.
    fn key(&self, pair: (u32, u32), category: Option<u32>) -> FigureKey {
        let total = self.ground.catalogue.category("total", "total").unwrap_or(0);
        let category = category.unwrap_or_else(|| index(total));
        FigureKey { category, ..self.wanted.key(pair.0, pair.1, 0, self.wanted.sources[&pair]) }
    }

    fn pairs(&self) -> impl Iterator<Item = (&(u32, u32), &[(Side, bool)])> {
        self.wanted.pairs.iter().zip(self.sides.chunks(self.wanted.categories.len()))
    }

    /// The estimates of the level, in the order of the sides.
    fn estimates(&self, found: &OfTable) -> Vec<(FigureKey, Estimate)> {
        found.estimates[found.estimates.len() - self.sides.len()..].to_vec()
    }

    fn standardise(&self, persons: &[f64], quantiles: &mut TQuantiles, found: &mut OfTable) {
        let how = self.ground.plan.how();
        let confidence = how.confidence;
        for (pair, sides) in self.pairs() {
            let unreliable = self.any_unreliable(*pair, found);
            let parts: Vec<(&Side, f64)> = sides.iter().map(|(side, _)| side).zip(persons.iter().copied()).collect();
            let made = standardised(&self.design(), &parts, how.degrees_of_freedom);
            let interval = made.and_then(|made| self.interval(&made, quantiles));
            found.derived.push(Derived {
                key: self.key(*pair, None),
                statistic: Statistic::Standardised,
                parts: sides.iter().map(|(side, _)| side.support()).collect(),
                withheld: None,
                unreliable,
                value: made.map(|made| made.value),
                se: made.and_then(|made| made.se),
                limits: interval.map(|(limits, _)| limits),
                confidence,
                interval_method: interval.map_or(IntervalMethod::T, |(_, method)| method),
                n: made.map(|made| made.n),
                df: made.map(|made| made.df),
            });
        }
    }

    /// Whether a category of the table is withheld in a region because it is too imprecise.
    fn any_unreliable(&self, pair: (u32, u32), found: &OfTable) -> bool {
        let key = |category| self.wanted.key(pair.0, pair.1, category, self.wanted.sources[&pair]);
        (0..self.wanted.categories.len()).any(|category| found.unreliable.contains(&key(category)))
    }

    fn interval(&self, made: &Combined, quantiles: &mut TQuantiles) -> Option<(Limits, IntervalMethod)> {
        let how = self.ground.plan.how();
        let (value, se) = (made.value, made.se?);
        let interval = if self.table.numeric() {
            mean_interval(value, se, made.df, quantiles)
        } else {
            let Combined { df, n, kish_n, .. } = *made;
            let basis = ShareBasis { share: value, se, n, kish_n, df, confidence: how.confidence };
            share_interval(&basis, how.interval, quantiles)
        };
        interval.ok().map(|interval| (interval.limits, interval.method))
    }

    fn inequality(&self, own: &Inequality, dimension: &str, quantiles: &mut TQuantiles, found: &mut OfTable) {
        match &own.ranking {
            Ranking::Dimension { dimension: ranked, order } if ranked.value == dimension => {
                let categories = &self.ground.catalogue.categories;
                let place =
                    |name: &str| self.wanted.categories.iter().position(|at| categories[*at as usize].category == name);
                let order: Vec<usize> = order.iter().filter_map(|name| place(&name.value)).collect();
                // The indices give the weight of every group, as a comparison with the rest of the dimension does.
                let partitions = Partitions { ground: self.ground, wanted: self.wanted, sides: self.sides };
                let policies = self.policies();
                let columns = match self.level.parent() {
                    Some(level) if order.len() > 2 => partitions.bare_columns(&policies, level),
                    _ => BTreeMap::new(),
                };
                // Of two groups the weights follow from the figures themselves.
                let crossing = |pair: (u32, u32)| {
                    let several = order.len() > 2;
                    several
                        .then(|| partitions.bare_crossing(self.spec, self.policy(&policies, pair.0), self.level, pair))
                        .flatten()
                };
                for (pair, sides) in self.pairs() {
                    let groups: Vec<&Side> = order.iter().map(|at| &sides[*at].0).collect();
                    let made = joint(&self.design(), &groups, self.ground.plan.how().degrees_of_freedom);
                    let shares = made.as_ref().map(|made| made.weights.clone()).unwrap_or_default();
                    let supports: Vec<Support> = groups.iter().map(|side| side.support()).collect();
                    let wide = self.level.parent().map(|level| self.ground.ancestors[&level][pair.1 as usize]);
                    let groups = Groups {
                        made: made.as_ref(),
                        persons: &shares,
                        parts: &supports,
                        withheld: self.policy(&policies, pair.0).weakest(
                            wide.and_then(|wide| columns.get(&(pair.0, wide)).copied())
                                .into_iter()
                                .chain(crossing(*pair)),
                        ),
                        unreliable: self.any_unreliable(*pair, found),
                    };
                    self.indices(*pair, dimension, groups, found);
                }
            }
            Ranking::Regions(ranking) if dimension == "total" => self.of_regions(ranking, quantiles, found),
            Ranking::Dimension { .. } | Ranking::Regions(_) => {}
        }
    }

    /// Groups of regions within the regions of the level, and how much they differ. Where one group cannot be shown, none is: together they are
    /// nearly the region as a whole.
    fn of_regions(&self, ranking: &RegionRanking, quantiles: &mut TQuantiles, found: &mut OfTable) {
        let (plan, catalogue) = (self.ground.plan, self.ground.catalogue);
        let empty = HashMap::new();
        let groups = self.ground.rankings.of(&ranking.id.value).unwrap_or(&empty);
        let holds = self.ground.holds(self.table, ranking.level);
        let (policies, how) = (self.policies(), plan.how());
        let measured = Wanted::measured(self.ground, self.spec, ranking.level);
        let categories: Vec<u32> = (1..=ranking.groups)
            .filter_map(|number| catalogue.category(&ranking.id.value, &number.to_string()).ok())
            .map(index)
            .collect();
        for pair in &self.wanted.pairs {
            let policy = self.policy(&policies, pair.0);
            let mut members: Vec<Vec<Side>> = vec![Vec::new(); categories.len()];
            let mut persons = vec![0.0; categories.len()];
            let mut hidden: Vec<Option<Adding>> = vec![None; categories.len()];
            let of_region = groups.get(&pair.1).filter(|_| holds);
            let places = measured.pairs.iter().filter(|place| place.0 == pair.0);
            for (place, (group, people)) in places.filter_map(|place| Some((place, of_region?.get(&place.1)?))) {
                let side = self.ground.side(self.spec, self.table, *place, 0, ranking.level);
                let at = *group as usize - 1;
                persons[at] += people;
                if !side.is_empty() && !self.shows(policy, *place, &side, quantiles) {
                    Adding::to(&mut hidden[at], side.sums());
                }
                members[at].push(side);
            }
            let sides: Vec<Side> = members.iter().filter_map(|members| Side::together(members)).collect();
            let withheld = policy.weakest(hidden.iter().flatten().map(Adding::done));
            let supports: Vec<Support> = sides.iter().map(Side::support).collect();
            let whole = sides.len() == categories.len();
            for (at, category) in categories.iter().enumerate() {
                let domain = Domain { series: pair.0, region: pair.1, category: *category };
                let made = whole.then(|| estimate(&self.design(), domain, &sides[at], &how, quantiles));
                found.derived.push(of_group(
                    self.key(*pair, Some(*category)),
                    made.as_ref(),
                    &supports,
                    withheld,
                    how.confidence,
                ));
            }
            let refs: Vec<&Side> = sides.iter().collect();
            let made = joint(&self.design(), &refs, how.degrees_of_freedom).filter(|_| whole);
            let own = Groups { made: made.as_ref(), persons: &persons, parts: &supports, withheld, unreliable: false };
            self.indices(*pair, &ranking.id.value, own, found);
        }
    }

    fn policies(&self) -> Policies {
        self.ground.plan.policies(self.ground.catalogue, self.spec.parameter)
    }

    fn policy(&self, policies: &Policies, series: u32) -> Policy {
        policies.of(self.ground.series[&series].collection)
    }

    /// Whether the figure of a region of another level is shown.
    fn shows(&self, policy: Policy, place: (u32, u32), side: &Side, quantiles: &mut TQuantiles) -> bool {
        if !policy.shows(&side.support()) || !policy.withhold_unreliable {
            return policy.shows(&side.support());
        }
        let domain = Domain { series: place.0, region: place.1, category: 0 };
        let made = estimate(&self.design(), domain, side, &self.ground.plan.how(), quantiles);
        reliability(self.ground.plan, &made) != Some(Reliability::Unreliable)
    }

    /// Slope and relative index, gap and ratio of ordered groups.
    fn indices(&self, pair: (u32, u32), dimension: &str, groups: Groups<'_>, found: &mut OfTable) {
        let Ok(category) = self.ground.catalogue.category(dimension, "total") else { return };
        let key = self.key(pair, Some(index(category)));
        let confidence = self.ground.plan.how().confidence;
        let Groups { made, persons, parts, withheld, unreliable } = groups;
        let figures = made.map(|made| GroupFigures {
            values: &made.values,
            covariance: &made.covariance,
            df: Some(made.df as f64),
            confidence,
        });
        let whole: f64 = persons.iter().sum();
        let shares: Vec<f64> = persons.iter().map(|persons| persons / whole).collect();
        let (slope, ends) = (figures.and_then(|own| slope_of_covariance(own, &shares)), figures.and_then(outer_groups));
        let contrasts = [
            (Statistic::Sii, slope.map(|own| own.difference)),
            (Statistic::Rii, slope.and_then(|own| own.ratio)),
            (Statistic::Gap, ends.map(|own| own.difference)),
            (Statistic::Ratio, ends.and_then(|own| own.ratio)),
        ];
        for (statistic, contrast) in contrasts {
            found.derived.push(Derived {
                key,
                statistic,
                parts: parts.to_vec(),
                withheld,
                unreliable,
                value: contrast.map(|own: Contrast| own.value),
                se: contrast.map(|own| own.se),
                limits: contrast.and_then(|own| own.limits),
                confidence,
                interval_method: IntervalMethod::T,
                n: None,
                df: made.map(|made| made.df),
            });
        }
    }

    /// The value of the wider region with the limits that chance sets to a region with so many effective respondents.
    fn funnel(&self, rule: &FunnelRule, found: &mut OfTable) {
        let measured = Wanted::measured(self.ground, self.spec, rule.within);
        let wider: HashMap<(u32, u32), Side> = measured
            .pairs
            .iter()
            .map(|place| (*place, self.ground.side(self.spec, self.table, *place, 0, rule.within)))
            .collect();
        for (pair, (key, estimate)) in self.wanted.pairs.iter().zip(self.estimates(found)) {
            let wide = self.ground.ancestors[&rule.within][pair.1 as usize];
            let Some(wide) = wider.get(&(pair.0, wide)) else { continue };
            let limits = wide.value().zip(estimate.value).and_then(|(reference, value)| match self.table.numeric() {
                true => normal_limits(reference, value.se?, rule.confidence),
                false => share_limits(reference, estimate.n as f64 / value.deff?, rule.confidence),
            });
            found.derived.push(Derived {
                key,
                statistic: Statistic::Funnel,
                parts: vec![estimate.support(), wide.support()],
                withheld: None,
                unreliable: found.unreliable.contains(&key),
                value: wide.value(),
                se: None,
                limits,
                confidence: rule.confidence,
                interval_method: if self.table.numeric() { IntervalMethod::T } else { IntervalMethod::Wilson },
                n: None,
                df: None,
            });
        }
    }

    /// The place of each shown region among those of its level within a wider region.
    fn rank(&self, rule: &RankRule, found: &mut OfTable) {
        let catalogue = self.ground.catalogue;
        let confidence = self.ground.plan.how().confidence;
        let mut within: BTreeMap<(u32, u32), Vec<(FigureKey, Estimate)>> = BTreeMap::new();
        let mut hidden = Vec::new();
        for ((pair, own), (_, shown)) in self.wanted.pairs.iter().zip(self.estimates(found)).zip(self.sides) {
            let wide = self.ground.ancestors[&rule.within][pair.1 as usize];
            match catalogue.regions[wide as usize].level() == rule.within {
                true if *shown => within.entry((pair.0, wide)).or_default().push(own),
                true => hidden.push(own),
                false => {}
            }
        }
        let row = |key: FigureKey, estimate: &Estimate, rank: Option<Rank>| Derived {
            key,
            statistic: Statistic::Rank,
            parts: vec![estimate.support()],
            withheld: None,
            unreliable: rank.is_none(),
            value: rank.map(|rank| rank.rank as f64),
            se: None,
            limits: rank.map(|rank| Limits { lower: rank.lower as f64, upper: rank.upper as f64 }),
            confidence,
            interval_method: if self.table.numeric() { IntervalMethod::T } else { IntervalMethod::Logit },
            n: None,
            df: None,
        };
        found.derived.extend(hidden.iter().map(|(key, estimate)| row(*key, estimate, None)));
        for own in within.into_values() {
            let ranked: Vec<Ranked> = own
                .iter()
                .filter_map(|(_, estimate)| estimate.value)
                .map(|value| Ranked { value: value.value, se: value.se.unwrap_or(0.0), df: value.df as f64 })
                .collect();
            let Some(ranks) = joint_ranks(&ranked, confidence, !self.table.numeric()) else {
                // One region has no place among others.
                found.derived.extend(
                    own.iter().map(|(key, estimate)| Derived { unreliable: false, ..row(*key, estimate, None) }),
                );
                continue;
            };
            let ranked = own.iter().zip(ranks).map(|((key, estimate), rank)| row(*key, estimate, Some(rank)));
            found.derived.extend(ranked);
        }
    }
}

/// The figure of a group of regions; `parts` are all groups of the ranking.
fn of_group(
    key: FigureKey,
    made: Option<&Estimate>,
    parts: &[Support],
    withheld: Option<Withheld>,
    confidence: f64,
) -> Derived {
    let value = made.and_then(|made| made.value);
    let interval = value.and_then(|value| value.interval.ok());
    Derived {
        key,
        statistic: Statistic::Crude,
        parts: made.map(Estimate::support).into_iter().chain(parts.iter().copied()).collect(),
        withheld,
        unreliable: false,
        value: value.map(|value| value.value),
        se: value.and_then(|value| value.se),
        limits: interval.map(|interval| interval.limits),
        confidence,
        interval_method: interval.map_or(IntervalMethod::T, |interval| interval.method),
        n: made.map(|made| made.n),
        df: value.map(|value| value.df),
    }
}

/// Ordered groups, worst off first.
struct Groups<'g> {
    /// Their estimates; `None` where they cannot be made.
    made: Option<&'g Joint>,
    persons: &'g [f64],
    parts: &'g [Support],
    withheld: Option<Withheld>,
    unreliable: bool,
}
