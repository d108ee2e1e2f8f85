//! Comparisons within a table of moments: regions with wider ones and with each other, categories with each other, figures with targets.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Plan;
use super::remainder::{Partitions, together};
use super::walk::{Ground, OfTable, Wanted};
use crate::declare::{ComparisonRules, ReferenceRule, TargetEntry};
use crate::disclose::{Compared, ComparisonKey, FigureKey, Policies, Policy};
use crate::estimate::{Design, Difference, Estimate, Relation, Side, Support, Whole, Withheld, difference, rao_scott};
use crate::stats::quantile::TQuantiles;
use crate::stats::upper_quantiles;
use crate::tally::{Table, TableSpec};
use crate::vocab::{DegreesOfFreedom, Level, Reference};

/// Compares, with what is remembered from one table to the next.
pub(super) struct Comparer<'p> {
    rules: &'p ComparisonRules,
    degrees: DegreesOfFreedom,
    quantiles: TQuantiles,
}

/// A table at a level, with the sides of its wanted figures.
struct AtLevel<'t, 'g> {
    ground: &'t Ground<'g>,
    spec: &'t TableSpec,
    table: &'t Table,
    design: Design<'t>,
    policies: Policies,
    level: Level,
    wanted: &'t Wanted<'t>,
    /// Per wanted pair × category; with whether its figure is shown.
    sides: &'t [(Side, bool)],
}

/// Wider regions by (series, region, category).
type WiderRegions = HashMap<(u32, u32, usize), Wider>;

/// A wider region with what its parts need.
struct Wider {
    side: Side,
    whole: Option<Whole>,
}

impl<'p> Comparer<'p> {
    /// For the rules of a plan; `None` where nothing is compared.
    pub(super) fn new(plan: &'p Plan) -> Option<Self> {
        let pipeline = &plan.definitions.pipeline;
        let rules = pipeline.comparison.as_ref()?;
        let degrees = pipeline.estimate.degrees_of_freedom;
        Some(Self { rules, degrees, quantiles: upper_quantiles(1.0 - rules.alpha) })
    }

    /// Compares the figures of a table at a level.
    pub(super) fn compare(
        &mut self,
        ground: &Ground<'_>,
        (spec, table): (&TableSpec, &Table),
        level: Level,
        wanted: &Wanted<'_>,
        sides: &[(Side, bool)],
        found: &mut OfTable,
    ) {
        let dimension = ground.breakdowns[spec.breakdown].dimension.as_str();
        let design = ground.design(table);
        let policies = ground.plan.policies(ground.catalogue, spec.parameter);
        let at = AtLevel { ground, spec, table, design, policies, level, wanted, sides };
        let before = found.compared.len();
        let mut known = HashMap::new();
        for rule in self.rules.references.iter().filter(|rule| rule.holds(level, dimension)) {
            match rule.kind.value {
                Reference::RestOfParent | Reference::Parent | Reference::Ggd | Reference::Nl => {
                    self.wider(&at, rule.kind.value, &mut known, found);
                }
                Reference::AllSiblings => self.siblings(&at, found),
                Reference::RestOfDimension => self.rest_of_dimension(&at, found),
                Reference::OtherCategory => self.other_category(&at, found),
                Reference::Target => self.targets(&at, rule, found),
                // Between periods: another table may hold the other one.
                Reference::PreviousPeriod | Reference::BasePeriod => {}
            }
        }
        // The wider region may stand under another source.
        let unreliable_at: HashSet<(u32, u32, u32, u32)> =
            found.unreliable.iter().map(|own| (own.collection, own.region, own.category, own.period)).collect();
        for compared in &mut found.compared[before..] {
            let figure = compared.key.figure;
            let other = compared.key.category.map(|category| FigureKey { category, ..figure });
            let wider = compared.key.region.is_some_and(|region| {
                unreliable_at.contains(&(figure.collection, region, figure.category, figure.period))
            });
            compared.unreliable =
                wider || [Some(figure), other].iter().flatten().any(|figure| found.unreliable.contains(figure));
        }
    }

    /// Two sides that share nobody.
    fn test(&mut self, at: &AtLevel<'_, '_>, key: ComparisonKey, a: &Side, b: &Side) -> Compared {
        Compared {
            key,
            first: a.support(),
            second: Some(b.support()),
            withheld: None,
            difference: difference(&at.design, a, b, Relation::Disjoint, self.degrees, &mut self.quantiles),
            test: a.is_share().then(|| rao_scott(&at.design, &[a, b], self.degrees)),
            twin: None,
            unreliable: false,
        }
    }

    /// A side and a wider region that holds it.
    fn within(&mut self, at: &AtLevel<'_, '_>, key: ComparisonKey, side: &Side, wider: &Wider) -> Compared {
        let difference = wider.whole.as_ref().and_then(|own| own.difference(&at.design, side, &mut self.quantiles));
        Compared {
            key,
            first: side.support(),
            second: Some(wider.side.support()),
            withheld: None,
            difference,
            test: None,
            twin: None,
            unreliable: false,
        }
    }

    /// Every region with a region that it lies in, or with the rest of it.
    fn wider(
        &mut self,
        at: &AtLevel<'_, '_>,
        reference: Reference,
        known: &mut HashMap<Level, WiderRegions>,
        found: &mut OfTable,
    ) {
        let level = match reference {
            Reference::Ggd => Some(Level::Ggd),
            Reference::Nl => Some(Level::Nl),
            _ => at.level.parent(),
        };
        let Some(level) = level.filter(|level| *level < at.level) else { return };
        let wider = known.entry(level).or_insert_with(|| {
            let measured = Wanted::measured(at.ground, at.spec, level);
            at.wider(level, &measured, self.degrees)
        });
        // Weights follow from the se of a difference with a far wider region too: every level between must hide its withheld parts.
        let between = at.wider_levels(level);
        let mut withheld: Vec<_> = between.iter().map(|level| (*level, at.partitions().by_wider(*level))).collect();
        if self.rules.guards_unplaced {
            let guarded = |level: &Level| (*level, at.partitions().with_unplaced(at.spec, at.table, *level));
            withheld.extend(between.iter().map(guarded));
        }
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            let region = at.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, _)) in sides.iter().enumerate() {
                let Some(own) = wider.get(&(pair.0, region, category)) else { continue };
                let key = ComparisonKey { region: Some(region), ..at.key(*pair, category, reference) };
                let mut compared = if reference == Reference::RestOfParent {
                    self.test(at, key, side, &own.side.minus(side))
                } else {
                    self.within(at, key, side, own)
                };
                let of_level = |(level, by_wider): &(Level, HashMap<(u32, u32, usize), Withheld>)| {
                    let wide = at.ground.ancestors[level][pair.1 as usize];
                    by_wider.get(&(pair.0, wide, category)).copied()
                };
                compared.twin =
                    at.same_as_parent(self.rules, reference).map(|parent| ComparisonKey { reference: parent, ..key });
                compared.withheld = at.policy(pair.0).weakest(withheld.iter().filter_map(of_level));
                found.compared.push(compared);
            }
        }
    }

    /// All regions of the level that lie in one wider region, against each other; those that are shown.
    fn siblings(&mut self, at: &AtLevel<'_, '_>, found: &mut OfTable) {
        let Some(level) = at.level.parent() else { return };
        let measured = Wanted::measured(at.ground, at.spec, level);
        let withheld = at.partitions().by_wider(level);
        let mut shown: HashMap<(u32, u32, usize), Vec<&Side>> = HashMap::new();
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            let region = at.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, _)) in sides.iter().enumerate().filter(|(_, (_, shown))| *shown) {
                shown.entry((pair.0, region, category)).or_default().push(side);
            }
        }
        for pair in &measured.pairs {
            for category in 0..at.categories() {
                let Some(sides) = shown.get(&(pair.0, pair.1, category)).filter(|sides| sides.len() > 1) else {
                    continue;
                };
                if !sides[0].is_share() {
                    continue;
                }
                let mut all = *sides[0].sums();
                sides[1..].iter().for_each(|side| all.add(side.sums()));
                let figure = measured.key(pair.0, pair.1, category, measured.sources[pair]);
                found.compared.push(Compared {
                    key: key(figure, Reference::AllSiblings),
                    first: Support::of(&all),
                    second: None,
                    withheld: withheld.get(&(pair.0, pair.1, category)).copied(),
                    difference: None,
                    test: Some(rao_scott(&at.design, sides, self.degrees)),
                    twin: None,
                    unreliable: false,
                });
            }
        }
    }

    /// Every category with the others of its dimension together.
    fn rest_of_dimension(&mut self, at: &AtLevel<'_, '_>, found: &mut OfTable) {
        let columns = at.bare_columns();
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            if sides.len() < 2 {
                continue;
            }
            let all = sides[1..].iter().fold(sides[0].0.clone(), |all, (side, _)| all.plus(side));
            let unknown = self.unknown(at, *pair, sides);
            let partitions =
                together(sides).into_iter().chain(at.column(&columns, *pair)).chain(unknown).chain(at.crossing(*pair));
            let withheld = at.policy(pair.0).weakest(partitions);
            for (category, (side, _)) in sides.iter().enumerate() {
                let key = at.key(*pair, category, Reference::RestOfDimension);
                let compared = self.test(at, key, side, &all.minus(side));
                // The second of two against the rest is the first against it, seen from the other side.
                let twin = (sides.len() == 2 && category == 1).then(|| at.key(*pair, 0, Reference::RestOfDimension));
                found.compared.push(Compared { withheld, twin, ..compared });
            }
        }
    }

    /// People of unknown category with the withheld ones, where the pipeline guards them.
    fn unknown(&self, at: &AtLevel<'_, '_>, pair: (u32, u32), sides: &[(Side, bool)]) -> Option<Withheld> {
        self.rules.guards_unplaced.then(|| at.partitions().with_unknown(at.spec, at.level, pair, sides)).flatten()
    }

    /// Every category with every other one.
    fn other_category(&mut self, at: &AtLevel<'_, '_>, found: &mut OfTable) {
        // Of two categories the other one is the rest of the dimension.
        let dimension = at.ground.breakdowns[at.spec.breakdown].dimension.as_str();
        let rest = self
            .rules
            .references
            .iter()
            .any(|rule| rule.kind.value == Reference::RestOfDimension && rule.holds(at.level, dimension));
        let rest = rest && at.categories() == 2;
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            let withheld = at.policy(pair.0).weakest(together(sides).into_iter().chain(self.unknown(at, *pair, sides)));
            for (one, (a, _)) in sides.iter().enumerate() {
                for (other, (b, _)) in sides.iter().enumerate().skip(one + 1) {
                    let named = |own: usize, with: usize| ComparisonKey {
                        category: Some(at.wanted.categories[with]),
                        ..at.key(*pair, own, Reference::OtherCategory)
                    };
                    let compared = Compared { withheld, ..self.test(at, named(one, other), a, b) };
                    let twin = rest.then(|| at.key(*pair, one, Reference::RestOfDimension));
                    found.compared.push(Compared { twin, ..compared });
                    found.compared.push(Compared {
                        twin: Some(named(one, other)),
                        key: named(other, one),
                        first: b.support(),
                        second: Some(a.support()),
                        difference: compared.difference.map(Difference::swapped),
                        ..compared
                    });
                }
            }
        }
    }

    /// Figures with the targets of their parameter.
    fn targets(&mut self, at: &AtLevel<'_, '_>, rule: &ReferenceRule, found: &mut OfTable) {
        let catalogue = at.ground.catalogue;
        let parameter = at.ground.plan.measured[at.spec.parameter];
        let id = catalogue.parameters[parameter].id.as_str();
        let fits = |own: &&TargetEntry| {
            own.parameter == id && own.levels.contains(&at.level) && rule.levels.contains(&at.level)
        };
        let targets: Vec<&TargetEntry> = catalogue.targets.iter().filter(fits).collect();
        if targets.is_empty() {
            return;
        }
        let estimates: Vec<(FigureKey, Estimate)> = found.estimates[found.estimates.len() - at.sides.len()..].to_vec();
        for (figure, estimate) in estimates {
            for target in &targets {
                let difference = estimate
                    .value
                    .map(|value| Difference::new(value.value - target.value, value.se, value.df, &mut self.quantiles));
                found.compared.push(Compared {
                    key: ComparisonKey { period: Some(target.year), ..key(figure, Reference::Target) },
                    first: estimate.support(),
                    second: None,
                    withheld: None,
                    difference,
                    test: None,
                    twin: None,
                    unreliable: false,
                });
            }
        }
    }
}

const fn key(figure: FigureKey, reference: Reference) -> ComparisonKey {
    ComparisonKey { figure, reference, region: None, category: None, period: None }
}

impl AtLevel<'_, '_> {
    /// Per next wider region a category whose withheld regions do not hide each other. Of two categories the weights follow from the figures
    /// themselves, with or without a comparison.
    fn bare_columns(&self) -> BTreeMap<(u32, u32), Withheld> {
        match self.level.parent() {
            Some(level) if self.categories() > 2 => self.partitions().bare_columns(&self.policies, level),
            _ => BTreeMap::new(),
        }
    }

    fn policy(&self, series: u32) -> Policy {
        self.policies.of(self.ground.series[&series].collection)
    }

    fn crossing(&self, pair: (u32, u32)) -> Option<Withheld> {
        let several = self.categories() > 2;
        several.then(|| self.partitions().bare_crossing(self.spec, self.policy(pair.0), self.level, pair)).flatten()
    }

    /// The GGD of a gemeente and the country of a GGD are their parents too: where both are asked for, that is one test.
    fn same_as_parent(&self, rules: &ComparisonRules, reference: Reference) -> Option<Reference> {
        let level = match reference {
            Reference::Ggd => Level::Ggd,
            Reference::Nl => Level::Nl,
            _ => return None,
        };
        let dimension = self.ground.breakdowns[self.spec.breakdown].dimension.as_str();
        let asked = |rule: &ReferenceRule| rule.kind.value == Reference::Parent && rule.holds(self.level, dimension);
        (self.level.parent() == Some(level) && rules.references.iter().any(asked)).then_some(Reference::Parent)
    }

    fn column(&self, columns: &BTreeMap<(u32, u32), Withheld>, pair: (u32, u32)) -> Option<Withheld> {
        let wide = self.ground.ancestors[&self.level.parent()?][pair.1 as usize];
        columns.get(&(pair.0, wide)).copied()
    }

    const fn categories(&self) -> usize {
        self.wanted.categories.len()
    }

    fn key(&self, pair: (u32, u32), category: usize, reference: Reference) -> ComparisonKey {
        key(self.wanted.key(pair.0, pair.1, category, self.wanted.sources[&pair]), reference)
    }

    fn partitions(&self) -> Partitions<'_, '_> {
        Partitions { ground: self.ground, wanted: self.wanted, sides: self.sides }
    }

    /// The wider regions of a level by (series, region, category).
    fn wider(&self, level: Level, measured: &Wanted<'_>, degrees: DegreesOfFreedom) -> WiderRegions {
        let mut wider = WiderRegions::new();
        for place in &measured.pairs {
            for category in 0..self.categories() {
                let side = self.ground.side(self.spec, self.table, *place, category, level);
                let whole = Whole::new(&self.design, &side, degrees);
                wider.insert((place.0, place.1, category), Wider { side, whole });
            }
        }
        wider
    }

    /// Levels wider than that of the figures, from the next wider one on.
    fn wider_levels(&self, widest: Level) -> Vec<Level> {
        std::iter::successors(self.level.parent(), |level| level.parent())
            .take_while(|level| *level >= widest)
            .collect()
    }
}
