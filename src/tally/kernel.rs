//! A tally under way: strata, units and tables of cells, filled block by block.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::TallyPlan;
use super::cell::{MeanCell, ShareCell};
use super::moments::{Cells, Cluster, Frame, Moments, Stratum, Table, Unit};
use super::rows::{OUTSIDE, Rows, WeightedBlock, block_categories};
use crate::derive::{Indicator, Scored};
use crate::stats::fixed::{SQUARE_BITS, WY_BITS};
use crate::vocab::Level;

/// What stops a tally.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TallyFault {
    /// Two rows of one stratum or cluster name different population sizes.
    #[error("{of} `{name}` has more than one population size")]
    PopulationConflict {
        /// `stratum` or `cluster`.
        of: &'static str,
        /// Its name.
        name: String,
        /// Index of the source.
        source_index: usize,
        /// Index of the weight set.
        weight_set: usize,
    },
    /// More rows or larger weights than the exact sums can hold.
    #[error("the weights are too large for exact sums over so many rows")]
    Capacity,
}

/// A tally under way. Blocks of rows are added in any order.
pub struct Tally<'p> {
    plan: &'p TallyPlan,
    /// `ancestors[level][region]`: the region cut at the level.
    ancestors: BTreeMap<Level, Vec<u32>>,
    /// `series[source]`: year → index of the series.
    series: Vec<BTreeMap<i32, u32>>,
    designs: Vec<DesignIndex>,
    frames: Vec<FrameIndex>,
    tables: Vec<Table>,
    rows: Vec<u64>,
    outside: Vec<Vec<u64>>,
    largest: f64,
}

/// Strata and clusters of a weight set, numbered in order of appearance.
#[derive(Default)]
struct DesignIndex {
    strata: Vec<Stratum>,
    by_name: HashMap<(usize, i32, String), u32>,
    clusters: Vec<Cluster>,
    by_cluster: HashMap<(u32, String), u32>,
}

/// Units of a frame, numbered in order of appearance.
struct FrameIndex {
    weight_set: usize,
    level: Level,
    units: Vec<Unit>,
    by_unit: HashMap<Unit, u32, RandomState>,
}

impl<'p> Tally<'p> {
    /// An empty tally.
    ///
    /// `ancestors` gives, for each level of the plan, the region list cut at that level; `series` per source the series of each year
    /// that the source may hold.
    #[must_use]
    pub fn new(plan: &'p TallyPlan, ancestors: BTreeMap<Level, Vec<u32>>, series: Vec<BTreeMap<i32, u32>>) -> Self {
        let mut frames: Vec<FrameIndex> = Vec::new();
        let tables = plan
            .tables
            .iter()
            .map(|spec| {
                let (weight_set, level) = (spec.weight_set, spec.finest());
                let frame = frames.iter().position(|f| f.weight_set == weight_set && f.level == level);
                let frame = frame.unwrap_or_else(|| {
                    frames.push(FrameIndex { weight_set, level, units: Vec::new(), by_unit: HashMap::default() });
                    frames.len() - 1
                });
                let cells = if spec.numeric { Cells::Mean(Vec::new()) } else { Cells::Share(Vec::new()) };
                Table {
                    frame,
                    categories: plan.breakdowns[spec.breakdown].categories(),
                    exponent: spec.exponent,
                    cells,
                }
            })
            .collect();
        let sources = series.len();
        Self {
            plan,
            ancestors,
            series,
            designs: (0..plan.weight_sets).map(|_| DesignIndex::default()).collect(),
            frames,
            tables,
            rows: vec![0; sources],
            outside: vec![vec![0; sources]; plan.weight_sets],
            largest: 0.0,
        }
    }

    /// Adds blocks of rows.
    ///
    /// # Errors
    /// [`TallyFault`]; the tally cannot be used further.
    pub fn add(&mut self, blocks: &[Scored]) -> Result<(), TallyFault> {
        let mut weighted: Vec<Vec<Option<WeightedBlock>>> = Vec::with_capacity(blocks.len());
        for block in blocks {
            self.rows[block.source] += block.rows as u64;
            let sets = (0..self.plan.weight_sets).map(|set| self.register(block, set)).collect::<Result<_, _>>()?;
            weighted.push(sets);
        }
        self.check_capacity()?;
        let weighted: &[Vec<Option<WeightedBlock>>] = {
            weighted.par_iter_mut().flatten().flatten().for_each(WeightedBlock::fix);
            &weighted
        };
        // Units of each row, per frame and block: found in parallel, numbered in order.
        let frames = &self.frames;
        let found: Vec<Vec<(Vec<u32>, Vec<Unit>)>> = frames
            .par_iter()
            .map(|frame| {
                blocks.par_iter().zip(weighted).map(|(block, sets)| self.block_units(frame, block, sets)).collect()
            })
            .collect();
        let mut units: Vec<Vec<Vec<u32>>> = Vec::with_capacity(found.len());
        for (frame, blocks) in self.frames.iter_mut().zip(found) {
            let mut of_frame = Vec::with_capacity(blocks.len());
            for (mut local, names) in blocks {
                let global: Vec<u32> = names.iter().map(|unit| frame.number(*unit)).collect();
                local.iter_mut().filter(|unit| **unit != OUTSIDE).for_each(|unit| *unit = global[*unit as usize]);
                of_frame.push(local);
            }
            units.push(of_frame);
        }
        let categories: Vec<Vec<Vec<u16>>> = self
            .plan
            .breakdowns
            .par_iter()
            .map(|breakdown| blocks.iter().map(|block| block_categories(breakdown, block)).collect())
            .collect();
        let (plan, frames) = (self.plan, &self.frames);
        self.tables.par_iter_mut().zip(&plan.tables).for_each(|(table, spec)| {
            let cells = frames[table.frame].units.len() * table.categories;
            match &mut table.cells {
                Cells::Share(list) => list.resize(cells, ShareCell::default()),
                Cells::Mean(list) => list.resize(cells, MeanCell::default()),
            }
            for (at, block) in blocks.iter().enumerate() {
                let Some(weights) = &weighted[at][spec.weight_set] else { continue };
                let rows = Rows {
                    units: &units[table.frame][at],
                    categories: &categories[spec.breakdown][at],
                    size: table.categories,
                    weights,
                };
                match (&mut table.cells, &block.indicators[spec.parameter]) {
                    (Cells::Share(cells), Indicator::Share(answers)) => rows.shares(cells, answers),
                    (Cells::Mean(cells), Indicator::Mean(values)) => rows.means(cells, values, table.exponent),
                    _ => {}
                }
            }
        });
        Ok(())
    }

    /// Numbers the strata and clusters of a block and counts its rows in them.
    fn register(&mut self, block: &Scored, set: usize) -> Result<Option<WeightedBlock>, TallyFault> {
        let Some(rows) = &block.weights[set] else {
            self.outside[set][block.source] += block.rows as u64;
            return Ok(None);
        };
        let design = &mut self.designs[set];
        // (year, local stratum) → number; a block holds few of both.
        let mut numbers: HashMap<(i32, u32), u32, RandomState> = HashMap::default();
        let mut clusters: HashMap<(u32, u32), u32, RandomState> = HashMap::default();
        let mut stratum = vec![0; block.rows];
        let mut cluster = vec![0; if rows.cluster.is_empty() { 0 } else { block.rows }];
        let mut outside = 0;
        for row in 0..block.rows {
            let weight = rows.weight[row];
            if weight.is_nan() {
                outside += 1;
                continue;
            }
            self.largest = self.largest.max(weight);
            let key = (block.year[row], rows.stratum[row]);
            let number = *numbers
                .entry(key)
                .or_insert_with(|| design.stratum(block.source, key.0, &rows.strata[key.1 as usize]));
            stratum[row] = number;
            let known = &mut design.strata[number as usize];
            known.rows += 1;
            if let Some(population) = rows.population.get(row) {
                match known.population {
                    None => known.population = Some(*population),
                    Some(before) if before != *population => {
                        return Err(TallyFault::PopulationConflict {
                            of: "stratum",
                            name: known.name.clone(),
                            source_index: block.source,
                            weight_set: set,
                        });
                    }
                    Some(_) => {}
                }
            }
            if !cluster.is_empty() {
                let local = rows.cluster[row];
                cluster[row] = *clusters
                    .entry((number, local))
                    .or_insert_with(|| design.cluster(number, &rows.clusters[local as usize]));
                let known = &mut design.clusters[cluster[row] as usize];
                known.rows += 1;
                let elements = rows.cluster_population.get(row).copied();
                if known.rows > 1 && known.population != elements {
                    return Err(TallyFault::PopulationConflict {
                        of: "cluster",
                        name: known.name.clone(),
                        source_index: block.source,
                        weight_set: set,
                    });
                }
                known.population = elements;
            }
        }
        self.outside[set][block.source] += outside;
        Ok(Some(WeightedBlock { weight: rows.weight.clone(), w: Vec::new(), w2: Vec::new(), stratum, cluster }))
    }

    fn check_capacity(&self) -> Result<(), TallyFault> {
        if fits(self.rows.iter().sum(), self.largest) { Ok(()) } else { Err(TallyFault::Capacity) }
    }

    fn block_units(&self, frame: &FrameIndex, block: &Scored, sets: &[Option<WeightedBlock>]) -> (Vec<u32>, Vec<Unit>) {
        let Some(weights) = &sets[frame.weight_set] else { return (vec![OUTSIDE; block.rows], Vec::new()) };
        let ancestors = &self.ancestors[&frame.level];
        let series = &self.series[block.source];
        let mut numbers: HashMap<Unit, u32, RandomState> = HashMap::default();
        let mut names = Vec::new();
        let mut last: Option<(Unit, u32)> = None;
        let units = (0..block.rows)
            .map(|row| {
                if weights.weight[row].is_nan() {
                    return OUTSIDE;
                }
                let Some(series) = series.get(&block.year[row]) else { return OUTSIDE };
                let unit = Unit {
                    series: *series,
                    region: ancestors[block.region[row] as usize],
                    stratum: weights.stratum[row],
                    cluster: weights.cluster.get(row).copied().unwrap_or(0),
                };
                if let Some((before, number)) = last
                    && before == unit
                {
                    return number;
                }
                let number = *numbers.entry(unit).or_insert_with(|| {
                    names.push(unit);
                    (names.len() - 1) as u32
                });
                last = Some((unit, number));
                number
            })
            .collect();
        (units, names)
    }

    /// The moments, in an order that does not depend on the order of rows.
    #[must_use]
    pub fn finish(self) -> Moments {
        let Self { designs, frames, tables, rows, outside, .. } = self;
        let mut strata = Vec::with_capacity(designs.len());
        let mut clusters = Vec::with_capacity(designs.len());
        let mut renumbered = Vec::with_capacity(designs.len());
        for mut design in designs {
            for cluster in &design.clusters {
                design.strata[cluster.stratum as usize].clusters += 1;
            }
            let order =
                sorted_order(&design.strata, |a, b| (a.source, a.year, &a.name).cmp(&(b.source, b.year, &b.name)));
            let stratum_numbers = inverse(&order);
            for cluster in &mut design.clusters {
                cluster.stratum = stratum_numbers[cluster.stratum as usize];
            }
            let by_name = |a: &Cluster, b: &Cluster| (a.stratum, &a.name).cmp(&(b.stratum, &b.name));
            let cluster_order = sorted_order(&design.clusters, by_name);
            let cluster_numbers = inverse(&cluster_order);
            clusters.push(cluster_order.iter().map(|at| design.clusters[*at].clone()).collect());
            strata.push(order.iter().map(|at| design.strata[*at].clone()).collect());
            renumbered.push((stratum_numbers, cluster_numbers));
        }
        let mut orders = Vec::with_capacity(frames.len());
        let frames = frames
            .into_iter()
            .map(|frame| {
                let (stratum_numbers, cluster_numbers) = &renumbered[frame.weight_set];
                let units: Vec<Unit> = frame
                    .units
                    .iter()
                    .map(|unit| Unit {
                        stratum: stratum_numbers[unit.stratum as usize],
                        cluster: cluster_numbers.get(unit.cluster as usize).copied().unwrap_or(0),
                        ..*unit
                    })
                    .collect();
                let order = sorted_order(&units, Unit::cmp);
                let sorted = order.iter().map(|at| units[*at]).collect();
                orders.push(order);
                Frame { weight_set: frame.weight_set, level: frame.level, units: sorted }
            })
            .collect();
        let tables = tables
            .into_par_iter()
            .map(|table| {
                let order = &orders[table.frame];
                let cells = match &table.cells {
                    Cells::Share(cells) => Cells::Share(reorder(cells, order, table.categories)),
                    Cells::Mean(cells) => Cells::Mean(reorder(cells, order, table.categories)),
                };
                Table { cells, ..table }
            })
            .collect();
        Moments { strata, clusters, frames, tables, rows, outside }
    }
}

/// Whether the sums of so many rows with weights up to `largest` stay within 127 bits, and their counts within 32: every scale leaves room for
/// Σ ≤ rows × the largest value a row can add.
pub(super) fn fits(rows: u64, largest: f64) -> bool {
    let square = largest * largest * f64::from(SQUARE_BITS).exp2();
    let single = largest * f64::from(WY_BITS).exp2();
    rows <= u64::from(u32::MAX) && rows as f64 * square.max(single) < 126_f64.exp2()
}

impl DesignIndex {
    fn stratum(&mut self, source: usize, year: i32, name: &str) -> u32 {
        let strata = &mut self.strata;
        *self.by_name.entry((source, year, name.to_owned())).or_insert_with(|| {
            strata.push(Stratum { source, year, name: name.to_owned(), rows: 0, clusters: 0, population: None });
            (strata.len() - 1) as u32
        })
    }

    fn cluster(&mut self, stratum: u32, name: &str) -> u32 {
        let clusters = &mut self.clusters;
        *self.by_cluster.entry((stratum, name.to_owned())).or_insert_with(|| {
            clusters.push(Cluster { stratum, name: name.to_owned(), rows: 0, population: None });
            (clusters.len() - 1) as u32
        })
    }
}

impl FrameIndex {
    fn number(&mut self, unit: Unit) -> u32 {
        let units = &mut self.units;
        *self.by_unit.entry(unit).or_insert_with(|| {
            units.push(unit);
            (units.len() - 1) as u32
        })
    }
}

fn sorted_order<T>(values: &[T], compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| compare(&values[*a], &values[*b]));
    order
}

fn inverse(order: &[usize]) -> Vec<u32> {
    let mut numbers = vec![0; order.len()];
    for (number, at) in order.iter().enumerate() {
        numbers[*at] = number as u32;
    }
    numbers
}

fn reorder<T: Copy>(cells: &[T], order: &[usize], categories: usize) -> Vec<T> {
    order.iter().flat_map(|unit| &cells[unit * categories..(unit + 1) * categories]).copied().collect()
}
