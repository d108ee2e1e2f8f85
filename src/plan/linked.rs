//! The linked system of a parameter in a series, from moments.

use std::collections::{BTreeMap, BTreeSet};

use super::precision::reliability;
use super::walk::{Ground, Wanted};
use crate::declare::Pipeline;
use crate::disclose::protect::{Breakdown, Node, Place, System, SystemCell};
use crate::disclose::{Beside, Policy, beside, beside_predecessor};
use crate::estimate::{Domain, Support, estimate};
use crate::publish::EarlierKey;
use crate::stats::quantile::TQuantiles;
use crate::tally::TableSpec;
use crate::vocab::{Level, Reason, Reliability};

/// The tables of a parameter, as indexes. Levels may have weight sets, and so tables, of their own; the people are much the same, and so are the sums.
#[derive(Clone)]
pub(super) struct Tables {
    /// Index of the parameter in the tally.
    pub(super) parameter: usize,
    /// Tables of it.
    pub(super) tables: Vec<usize>,
}

/// A system with what its cells are.
pub(super) struct Linked {
    pub(super) system: System,
    /// Regions of the places.
    pub(super) regions: Vec<u32>,
    /// Per node the category within its breakdown.
    pub(super) nodes: Vec<usize>,
    /// Per cell the table that its figure is made from, where there is one.
    pub(super) tables: Vec<Option<usize>>,
    /// Why cells are withheld by themselves, in the order of the cells.
    pub(super) reasons: Vec<Option<Reason>>,
}

/// Values of every axis (column of a dimension) for each category of a breakdown.
pub(super) struct Axes {
    /// Per breakdown and category.
    nodes: Vec<Vec<Node>>,
}

impl Axes {
    /// Of the dimensions of a pipeline. Dimensions of one column share an axis: a finer one then adds up to a coarser one.
    pub(super) fn new(pipeline: &Pipeline, ground: &Ground<'_>) -> Self {
        let dimensions: Vec<_> = pipeline.dimensions.iter().filter(|own| own.column.is_some()).collect();
        let mut columns: Vec<&str> =
            dimensions.iter().filter_map(|own| own.column.as_ref()).map(|column| column.value.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        // Codes that no dimension tells apart are one value; 64 of them are more than any column of a monitor has.
        let mut values: BTreeMap<(usize, Vec<Option<usize>>), u64> = BTreeMap::new();
        let mut next = vec![0_u32; columns.len()];
        let mut bits: BTreeMap<(usize, &str), u64> = BTreeMap::new();
        for (axis, column) in columns.iter().enumerate() {
            let of_column: Vec<_> =
                dimensions.iter().filter(|own| own.column.as_ref().is_some_and(|c| c.value == **column)).collect();
            let codes: BTreeSet<&str> = of_column
                .iter()
                .flat_map(|own| own.categories.iter().flat_map(|category| &category.codes))
                .map(|code| code.value.as_str())
                .collect();
            for code in codes {
                let place = |own: &&&crate::declare::Dimension| {
                    own.categories.iter().position(|category| category.codes.iter().any(|own| own.value == code))
                };
                let signature: Vec<Option<usize>> = of_column.iter().map(place).collect();
                let bit = *values.entry((axis, signature)).or_insert_with(|| {
                    let bit = 1 << next[axis].min(63);
                    next[axis] += 1;
                    bit
                });
                bits.insert((axis, code), bit);
            }
        }
        let of = |names: &str, categories: &str| {
            let mut node = Node { values: vec![None; columns.len()] };
            for (name, id) in names.split('*').zip(categories.split('*')) {
                let Some(dimension) = dimensions.iter().find(|own| own.id.value == name) else { continue };
                let column = dimension.column.as_ref().map_or("", |column| column.value.as_str());
                let Ok(axis) = columns.binary_search(&column) else { continue };
                let category = dimension.categories.iter().find(|own| own.id.value == id);
                let codes = category.into_iter().flat_map(|own| &own.codes);
                let own = codes.filter_map(|code| bits.get(&(axis, code.value.as_str()))).fold(0, |all, bit| all | bit);
                // A crossing of two dimensions of one column holds what is in both.
                node.values[axis] = Some(node.values[axis].map_or(own, |before| before & own));
            }
            node
        };
        let nodes = ground
            .breakdowns
            .iter()
            .map(|keys| {
                let entry = |at: &u32| &ground.catalogue.categories[*at as usize];
                keys.categories.iter().map(entry).map(|own| of(&own.dimension, &own.category)).collect()
            })
            .collect();
        Self { nodes }
    }
}

/// Builds the system of the tables of a parameter in a series; `None` where the series has no figure of them.
pub(super) fn linked(
    ground: &Ground<'_>,
    axes: &Axes,
    tables: &Tables,
    series: u32,
    policy: Policy,
    quantiles: &mut TQuantiles,
) -> Option<Linked> {
    let specs: Vec<_> = tables.tables.iter().map(|at| (*at, &ground.plan.tally.tables[*at])).collect();
    let of_breakdown: BTreeSet<usize> = specs.iter().map(|(_, spec)| spec.breakdown).collect();
    let (mut nodes, mut of_node, mut breakdowns) = (Vec::new(), Vec::new(), Vec::new());
    for breakdown in &of_breakdown {
        let own = &axes.nodes[*breakdown];
        breakdowns.push(Breakdown { nodes: (nodes.len()..nodes.len() + own.len()).collect() });
        of_node.extend(0..own.len());
        nodes.extend(own.iter().cloned());
    }
    // Regions with the table of each breakdown that they have, wider ones first.
    let mut wanted: BTreeMap<(Level, u32), BTreeMap<usize, usize>> = BTreeMap::new();
    for (table, spec) in &specs {
        for level in &spec.levels {
            for (_, region) in Wanted::new(ground, spec, *level).pairs.iter().filter(|(own, _)| *own == series) {
                wanted.entry((*level, *region)).or_default().insert(spec.breakdown, *table);
            }
        }
    }
    if wanted.is_empty() {
        return None;
    }
    let levels: Vec<Level> = wanted.keys().map(|(level, _)| *level).collect::<BTreeSet<_>>().into_iter().collect();
    let regions: Vec<u32> = wanted.keys().map(|(_, region)| *region).collect();
    let position: BTreeMap<(Level, u32), usize> = wanted.keys().copied().zip(0..).collect();
    let parent = |level: Level, region: u32| {
        let wider = levels.iter().rev().filter(|own| **own < level);
        wider.filter_map(|own| position.get(&(*own, ground.ancestors[own][region as usize]))).next().copied()
    };
    let places: Vec<Place> = wanted
        .keys()
        .map(|(level, region)| Place {
            parent: parent(*level, *region),
            level: levels.iter().position(|own| own == level).unwrap_or(0),
        })
        .collect();
    let share = !specs.first().is_some_and(|(_, spec)| spec.numeric);
    let (mut cells, mut reasons, mut of_cell) = (Vec::new(), Vec::new(), Vec::new());
    for ((level, region), own) in &wanted {
        let small = is_small(ground, *region, policy);
        for breakdown in &of_breakdown {
            let found = own.get(breakdown);
            for category in 0..axes.nodes[*breakdown].len() {
                of_cell.push(found.copied());
                let Some(at) = found else {
                    cells.push(SystemCell::default());
                    reasons.push(None);
                    continue;
                };
                let (spec, table) = (&ground.plan.tally.tables[*at], &ground.moments.tables[*at]);
                let place = (series, *region);
                let side = ground.bare_side(table, place, category, *level);
                let support = side.support();
                let unreliable = policy.withhold_unreliable && policy.shows(&support) && {
                    let domain = Domain { series, region: *region, category: 0 };
                    let made = estimate(&ground.design(table), domain, &side, &ground.plan.how(), quantiles);
                    reliability(ground.plan, &made) == Some(Reliability::Unreliable)
                };
                let before = earlier(ground, spec, place, category, &support, policy);
                let reason = policy
                    .reason(&support)
                    .or(small.then_some(Reason::MinPopulation))
                    .or((before == Beside::Differencing).then_some(Reason::Differencing))
                    .or(unreliable.then_some(Reason::Unreliable));
                let mut own = cell(&support, reason);
                own.known = before == Beside::Known;
                cells.push(own);
                reasons.push(reason);
            }
        }
    }
    let system = System::new(places, nodes, &breakdowns, cells, share);
    Some(Linked { system, regions, nodes: of_node, tables: of_cell, reasons })
}

fn cell(support: &Support, reason: Option<Reason>) -> SystemCell {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let answers = match support.weighted_yes {
        Some(yes) => [count(yes), count(support.weighted - yes)],
        None => [count(support.weighted), 0],
    };
    let mut cell = SystemCell::new(answers);
    cell.few = reason == Some(Reason::MinN);
    cell.primary = reason.is_some() && !cell.few;
    cell
}

/// A figure beside what was published of it, and of a region that its own was split from, before.
fn earlier(
    ground: &Ground<'_>,
    spec: &TableSpec,
    place: (u32, u32),
    category: usize,
    support: &Support,
    policy: Policy,
) -> Beside {
    let Some(value) = support.value.filter(|_| !ground.earlier.is_empty()) else { return Beside::Apart };
    let (catalogue, keys) = (ground.catalogue, &ground.series[&place.0]);
    let region = &catalogue.regions[place.1 as usize];
    let parameter = &catalogue.parameters[ground.plan.measured[spec.parameter]];
    let entry = &catalogue.categories[ground.breakdowns[spec.breakdown].categories[category] as usize];
    let key = |code: &str| EarlierKey {
        parameter: parameter.id.clone(),
        collection: catalogue.collections[keys.collection as usize].clone(),
        year: keys.year,
        region: code.to_owned(),
        dimension: entry.dimension.clone(),
        category: entry.category.clone(),
    };
    let rules = ground.plan.definitions.pipeline.disclosure.as_ref();
    let rule = rules.and_then(|rules| rules.precision_of(region.level()));
    let own = ground.earlier.of(&key(region.code.as_str()));
    let found = beside(value, support.weighted, parameter.unit, rule, own, policy.floor);
    let mut from = region.predecessors.iter().filter(|(code, _)| *code != region.code);
    let split = |code: &str| beside_predecessor(support.weighted, ground.earlier.of(&key(code)), policy.floor);
    if from.any(|(code, _)| split(code.as_str()) == Beside::Differencing) {
        return Beside::Differencing;
    }
    found
}

/// Whether a region has fewer inhabitants than the floor; where the number is not known it may be so.
fn is_small(ground: &Ground<'_>, region: u32, policy: Policy) -> bool {
    let least = policy.floor.minimum_population;
    let people = ground.catalogue.regions[region as usize].population;
    least > 0 && people.is_none_or(|people| people < least as f64)
}
