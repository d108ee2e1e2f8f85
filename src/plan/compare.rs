//! Comparisons within a table of moments: regions with wider ones and with each other, categories with each other, figures with targets.

use std::collections::HashMap;

use super::Plan;
use super::walk::{Ground, OfTable, Wanted};
use crate::declare::{Catalogue, ComparisonRules, ReferenceRule, TargetEntry};
use crate::disclose::{Compared, ComparisonKey, FigureKey, Judgement};
use crate::estimate::{Design, Difference, Estimate, Relation, Side, Support, Whole, difference, rao_scott};
use crate::stats::quantile::TQuantiles;
use crate::stats::upper_quantiles;
use crate::tally::{CellSums, Table, TableSpec};
use crate::vocab::{DegreesOfFreedom, Level, Reference, Unit};

/// How the comparisons of a release are judged; `None` where nothing is compared.
pub(super) fn judgement(plan: &Plan, catalogue: &Catalogue) -> Option<Judgement> {
    let rules = plan.definitions.pipeline.comparison.as_ref()?;
    let minimum = catalogue.parameters.iter().map(|entry| {
        let own = rules.minimum_of.iter().find(|(name, _)| name.value == entry.id).map(|(_, minimum)| *minimum);
        own.unwrap_or(if entry.unit == Unit::Share { rules.minimum_difference } else { 0.0 })
    });
    Some(Judgement {
        alpha: rules.alpha,
        test: rules.test,
        first_order: rules.first_order.as_ref().is_some_and(|own| own.value),
        dashboard: rules.dashboard.as_ref().map(|shown| shown.value),
        adjustment: rules.adjustment,
        family: rules.family,
        minimum: minimum.collect(),
        higher_is_better: higher_is_better(catalogue),
    })
}

/// Per parameter of the catalogue whether higher is better; `None` where neither is.
pub(super) fn higher_is_better(catalogue: &Catalogue) -> Vec<Option<bool>> {
    let better = catalogue.parameters.iter().map(|entry| match entry.direction.as_str() {
        "higher" => Some(true),
        "lower" => Some(false),
        _ => None,
    });
    better.collect()
}

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
    /// The parts whose figures are withheld, together.
    withheld: Option<CellSums>,
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
        let at = AtLevel { ground, spec, table, design, level, wanted, sides };
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
        for compared in &mut found.compared[before..] {
            let figure = compared.key.figure;
            let other = compared.key.category.map(|category| FigureKey { category, ..figure });
            compared.unreliable =
                [Some(figure), other].iter().flatten().any(|figure| found.unreliable.contains(figure));
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
            mirrored: false,
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
            mirrored: false,
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
                compared.withheld = own.withheld.as_ref().map(Support::of);
                found.compared.push(compared);
            }
        }
    }

    /// All regions of the level that lie in one wider region, against each other; those that are shown.
    fn siblings(&mut self, at: &AtLevel<'_, '_>, found: &mut OfTable) {
        let Some(level) = at.level.parent() else { return };
        let measured = Wanted::measured(at.ground, at.spec, level);
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
                    withheld: None,
                    difference: None,
                    test: Some(rao_scott(&at.design, sides, self.degrees)),
                    mirrored: false,
                    unreliable: false,
                });
            }
        }
    }

    /// Every category with the others of its dimension together.
    fn rest_of_dimension(&mut self, at: &AtLevel<'_, '_>, found: &mut OfTable) {
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            if sides.len() < 2 {
                continue;
            }
            let all = sides[1..].iter().fold(sides[0].0.clone(), |all, (side, _)| all.plus(side));
            let withheld = together(sides.iter());
            for (category, (side, _)) in sides.iter().enumerate() {
                let key = at.key(*pair, category, Reference::RestOfDimension);
                let compared = self.test(at, key, side, &all.minus(side));
                // The second of two against the rest is the first against it, seen from the other side.
                let mirrored = sides.len() == 2 && category == 1;
                found.compared.push(Compared { withheld: withheld.as_ref().map(Support::of), mirrored, ..compared });
            }
        }
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
        let mirrored = rest && at.categories() == 2;
        for (pair, sides) in at.wanted.pairs.iter().zip(at.sides.chunks(at.categories())) {
            for (one, (a, _)) in sides.iter().enumerate() {
                for (other, (b, _)) in sides.iter().enumerate().skip(one + 1) {
                    let named = |own: usize, with: usize| ComparisonKey {
                        category: Some(at.wanted.categories[with]),
                        ..at.key(*pair, own, Reference::OtherCategory)
                    };
                    let compared = self.test(at, named(one, other), a, b);
                    found.compared.push(Compared { mirrored, ..compared });
                    found.compared.push(Compared {
                        mirrored: true,
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
                    mirrored: false,
                    unreliable: false,
                });
            }
        }
    }
}

/// The sums of those that are withheld; `None` where none is.
fn together<'s>(sides: impl Iterator<Item = &'s (Side, bool)>) -> Option<CellSums> {
    let mut withheld = sides.filter(|(side, shown)| !shown && !side.is_empty()).map(|(side, _)| side.sums());
    let mut all = *withheld.next()?;
    withheld.for_each(|sums| all.add(sums));
    Some(all)
}

const fn key(figure: FigureKey, reference: Reference) -> ComparisonKey {
    ComparisonKey { figure, reference, region: None, category: None, period: None }
}

impl AtLevel<'_, '_> {
    const fn categories(&self) -> usize {
        self.wanted.categories.len()
    }

    fn key(&self, pair: (u32, u32), category: usize, reference: Reference) -> ComparisonKey {
        key(self.wanted.key(pair.0, pair.1, category, self.wanted.sources[&pair]), reference)
    }

    /// The wider regions of a level by (series, region, category).
    fn wider(&self, level: Level, measured: &Wanted<'_>, degrees: DegreesOfFreedom) -> WiderRegions {
        let mut wider = WiderRegions::new();
        for place in &measured.pairs {
            for category in 0..self.categories() {
                let side = self.ground.side(self.table, level, *place, category);
                let whole = Whole::new(&self.design, &side, degrees);
                wider.insert((place.0, place.1, category), Wider { side, whole, withheld: None });
            }
        }
        for (pair, sides) in self.wanted.pairs.iter().zip(self.sides.chunks(self.categories())) {
            let region = self.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, shown)) in sides.iter().enumerate() {
                let Some(own) = wider.get_mut(&(pair.0, region, category)).filter(|_| !shown && !side.is_empty())
                else {
                    continue;
                };
                match &mut own.withheld {
                    Some(withheld) => withheld.add(side.sums()),
                    None => own.withheld = Some(*side.sums()),
                }
            }
        }
        wider
    }
}
