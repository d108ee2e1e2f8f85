//! Moments of several parts → the moments of all their rows. Exact, and the same in whatever order the parts come.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::TallyFault;
use super::cell::{MeanCell, ShareCell};
use super::kernel::fits;
use super::moments::{Cells, Cluster, Frame, Moments, Stratum, Table, Unit};

/// Why parts do not add up to one whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeFault {
    /// The parts were not tallied by one plan.
    #[error("the moments were not made by the same tables, levels and weight sets")]
    OtherPlan,
    /// As where the rows themselves meet.
    #[error(transparent)]
    Tally(#[from] TallyFault),
}

/// Where the strata and clusters of one part stand in the whole, per weight set.
struct Renumbered {
    strata: Vec<Vec<u32>>,
    clusters: Vec<Vec<u32>>,
}

impl Moments {
    /// The moments of all rows of some parts that one plan tallied.
    ///
    /// A stratum, cluster or unit that several parts hold is one: they are parts of one sample, and population sizes must agree.
    ///
    /// # Errors
    /// [`MergeFault`] where the parts are of different plans, name different population sizes, or are too large together.
    pub fn merge(parts: Vec<Self>) -> Result<Self, MergeFault> {
        let mut parts = parts;
        let Some(first) = parts.first() else { return Err(MergeFault::OtherPlan) };
        if parts.len() == 1 {
            return parts.pop().ok_or(MergeFault::OtherPlan);
        }
        if !parts.iter().all(|part| first.alike(part)) {
            return Err(MergeFault::OtherPlan);
        }
        let mut rows = vec![0; first.rows.len()];
        let mut outside = vec![vec![0; first.rows.len()]; first.outside.len()];
        for part in &parts {
            rows.iter_mut().zip(&part.rows).for_each(|(sum, own)| *sum += own);
            let pairs = outside.iter_mut().flatten().zip(part.outside.iter().flatten());
            pairs.for_each(|(sum, own)| *sum += own);
        }
        let largest = parts.iter().map(Self::largest).fold(0.0, f64::max);
        if !fits(rows.iter().sum(), largest) {
            return Err(TallyFault::Capacity.into());
        }
        let (strata, clusters, numbers) = designs(&parts)?;
        // Where each unit of each part stands in the whole, per frame.
        let (frames, places): (Vec<Frame>, Vec<Vec<Vec<u32>>>) =
            (0..first.frames.len()).into_par_iter().map(|frame| units(&parts, frame, &numbers)).unzip();
        let tables = (0..first.tables.len())
            .into_par_iter()
            .map(|at| {
                let own: Vec<&Table> = parts.iter().map(|part| &part.tables[at]).collect();
                add_tables(&own, &places[own[0].frame], frames[own[0].frame].units.len())
            })
            .collect();
        Ok(Self { strata, clusters, frames, tables, rows, outside })
    }

    /// Whether two moments were tallied by the same tables.
    fn alike(&self, other: &Self) -> bool {
        let frames = |own: &Self| own.frames.iter().map(|frame| (frame.weight_set, frame.level)).collect::<Vec<_>>();
        let tables = |own: &Self| {
            let shape = |table: &Table| (table.frame, table.categories, table.exponent, table.numeric());
            own.tables.iter().map(shape).collect::<Vec<_>>()
        };
        frames(self) == frames(other)
            && tables(self) == tables(other)
            && (self.strata.len(), self.rows.len()) == (other.strata.len(), other.rows.len())
    }

    /// The largest weight of an answer.
    fn largest(&self) -> f64 {
        let of = |table: &Table| match &table.cells {
            Cells::Share(cells) => cells.iter().map(|cell| cell.top[0]).fold(0.0, f64::max),
            Cells::Mean(cells) => cells.iter().map(|cell| cell.top[0]).fold(0.0, f64::max),
        };
        self.tables.par_iter().map(of).reduce(|| 0.0, f64::max)
    }
}

/// Strata and clusters per weight set, and the new numbers of those of each part.
type Designs = (Vec<Vec<Stratum>>, Vec<Vec<Cluster>>, Vec<Renumbered>);

fn designs(parts: &[Moments]) -> Result<Designs, TallyFault> {
    let sets = parts[0].strata.len();
    let (mut strata, mut clusters) = (Vec::with_capacity(sets), Vec::with_capacity(sets));
    let mut numbers: Vec<Renumbered> =
        parts.iter().map(|_| Renumbered { strata: Vec::new(), clusters: Vec::new() }).collect();
    for set in 0..sets {
        let mut known: BTreeMap<(usize, i32, &str), Stratum> = BTreeMap::new();
        for stratum in parts.iter().flat_map(|part| &part.strata[set]) {
            let key = (stratum.source, stratum.year, stratum.name.as_str());
            match known.get_mut(&key) {
                None => drop(known.insert(key, Stratum { clusters: 0, ..stratum.clone() })),
                Some(own) if own.population != stratum.population => {
                    return Err(conflict("stratum", &stratum.name, stratum.source, set));
                }
                Some(own) => own.rows += stratum.rows,
            }
        }
        let places: BTreeMap<(usize, i32, &str), u32> = known.keys().zip(0..).map(|(key, at)| (*key, at)).collect();
        for (part, numbers) in parts.iter().zip(&mut numbers) {
            let of = |own: &Stratum| places[&(own.source, own.year, own.name.as_str())];
            numbers.strata.push(part.strata[set].iter().map(of).collect());
        }
        let mut all: Vec<Stratum> = known.into_values().collect();
        let mut known: BTreeMap<(u32, &str), Cluster> = BTreeMap::new();
        for (part, numbers) in parts.iter().zip(&numbers) {
            for cluster in &part.clusters[set] {
                let stratum = numbers.strata[set][cluster.stratum as usize];
                match known.get_mut(&(stratum, cluster.name.as_str())) {
                    None => drop(known.insert((stratum, &cluster.name), Cluster { stratum, ..cluster.clone() })),
                    Some(own) if own.population != cluster.population => {
                        return Err(conflict("cluster", &cluster.name, all[stratum as usize].source, set));
                    }
                    Some(own) => own.rows += cluster.rows,
                }
            }
        }
        known.keys().for_each(|(stratum, _)| all[*stratum as usize].clusters += 1);
        let places: BTreeMap<(u32, &str), u32> = known.keys().zip(0..).map(|(key, at)| (*key, at)).collect();
        for (part, numbers) in parts.iter().zip(&mut numbers) {
            let strata = &numbers.strata[set];
            let of = |own: &Cluster| places[&(strata[own.stratum as usize], own.name.as_str())];
            let found = part.clusters[set].iter().map(of).collect();
            numbers.clusters.push(found);
        }
        strata.push(all);
        clusters.push(known.into_values().collect());
    }
    Ok((strata, clusters, numbers))
}

fn conflict(of: &'static str, name: &str, source_index: usize, weight_set: usize) -> TallyFault {
    TallyFault::PopulationConflict { of, name: name.to_owned(), source_index, weight_set }
}

/// The units of a frame in the whole, and per part where its units stand in it.
fn units(parts: &[Moments], frame: usize, numbers: &[Renumbered]) -> (Frame, Vec<Vec<u32>>) {
    let set = parts[0].frames[frame].weight_set;
    let own: Vec<Vec<Unit>> = parts
        .iter()
        .zip(numbers)
        .map(|(part, numbers)| {
            let renumber = |unit: &Unit| Unit {
                stratum: numbers.strata[set][unit.stratum as usize],
                cluster: numbers.clusters[set].get(unit.cluster as usize).copied().unwrap_or(0),
                ..*unit
            };
            part.frames[frame].units.iter().map(renumber).collect()
        })
        .collect();
    let mut units: Vec<Unit> = own.iter().flatten().copied().collect();
    units.sort_unstable();
    units.dedup();
    let places = own
        .iter()
        .map(|own| {
            // Both lists are in order, so each place is looked for behind the one before.
            let mut from = 0;
            own.iter()
                .map(|unit| {
                    from += units[from..].partition_point(|other| other < unit);
                    from as u32
                })
                .collect()
        })
        .collect();
    (Frame { weight_set: set, level: parts[0].frames[frame].level, units }, places)
}

fn add_tables(parts: &[&Table], places: &[Vec<u32>], units: usize) -> Table {
    let Table { frame, categories, exponent, .. } = *parts[0];
    let mut cells = match parts[0].cells {
        Cells::Share(_) => Cells::Share(vec![ShareCell::default(); units * categories]),
        Cells::Mean(_) => Cells::Mean(vec![MeanCell::default(); units * categories]),
    };
    for (part, places) in parts.iter().zip(places) {
        for (unit, place) in places.iter().enumerate() {
            let (from, to) = (unit * categories, *place as usize * categories);
            match (&mut cells, &part.cells) {
                (Cells::Share(all), Cells::Share(own)) => {
                    let pairs = all[to..to + categories].iter_mut().zip(&own[from..from + categories]);
                    pairs.for_each(|(all, own)| all.add(own));
                }
                (Cells::Mean(all), Cells::Mean(own)) => {
                    let pairs = all[to..to + categories].iter_mut().zip(&own[from..from + categories]);
                    pairs.for_each(|(all, own)| all.add(own));
                }
                // Parts are alike.
                _ => {}
            }
        }
    }
    Table { frame, categories, exponent, cells }
}
