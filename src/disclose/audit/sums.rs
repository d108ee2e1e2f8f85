//! Which figures add up to which.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    figure::{Geography, GroupSeen, SeenStatus},
    recodes::{Recode, recodes},
};

/// Why parts add up to a whole. People without a wijk, or without a category, break all sums of one kind alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Regions of a level within a wider region.
    Regions(String),
    /// Categories of a dimension.
    Dimension(String),
    /// Regions of one division that make up one of another.
    Divisions,
}

/// A figure that is the sum of others, as indexes into the figures of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The whole.
    pub whole: u32,
    /// The parts.
    pub parts: Vec<u32>,
    /// Index into the kinds.
    pub kind: u32,
}

/// The sums of a group and the kinds that they point at.
///
/// A region is the sum of the regions for which it is the nearest wider one with a row of the same category; a total is the sum of the
/// categories of each dimension, and a category the sum of the crossings that refine it by one dimension. A dimension counts where
/// every one of its categories has a row.
#[must_use]
pub fn sums(geography: &Geography, group: &GroupSeen) -> (Vec<Kind>, Vec<Sum>) {
    let key = |region: u32, node: u32| (u64::from(region) << 32) | u64::from(node);
    let mut place: HashMap<u64, u32> = HashMap::with_capacity(group.figures.len());
    for (at, figure) in group.figures.iter().enumerate() {
        if figure.status != SeenStatus::Absent {
            place.insert(key(figure.region, figure.node), at as u32);
        }
    }
    let mut kinds: BTreeMap<Kind, u32> = BTreeMap::new();
    let mut found: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
    let mut kind = |own: Kind| {
        let next = kinds.len() as u32;
        *kinds.entry(own).or_insert(next)
    };
    // Regions. A wider region whose parts include one that is absent would be a sum with a hole in it.
    let mut holes: BTreeSet<(u32, u32)> = BTreeSet::new();
    let absent: BTreeSet<u64> = group
        .figures
        .iter()
        .filter(|figure| figure.status == SeenStatus::Absent)
        .map(|figure| key(figure.region, figure.node))
        .collect();
    for (at, figure) in group.figures.iter().enumerate() {
        let mut above = geography.regions[figure.region as usize].parent;
        while let Some(region) = above {
            if let Some(whole) = place.get(&key(region, figure.node)) {
                let own = kind(Kind::Regions(geography.regions[figure.region as usize].level.clone()));
                if figure.status == SeenStatus::Absent {
                    holes.insert((own, *whole));
                } else {
                    found.entry((own, *whole)).or_default().push(at as u32);
                }
                break;
            }
            if absent.contains(&key(region, figure.node)) {
                break;
            }
            above = geography.regions[region as usize].parent;
        }
    }
    // Breakdowns: the same for every region, so they are worked out once.
    let nodes: BTreeSet<u32> = group.figures.iter().map(|figure| figure.node).collect();
    let mut refinements = refinements(geography, &nodes);
    for (node, (words, parts)) in recoded(geography, &nodes, &recodes(geography, group)) {
        refinements.entry(node).or_default().push((words, parts));
    }
    for figure in &group.figures {
        let Some(whole) = place.get(&key(figure.region, figure.node)) else { continue };
        for (dimension, parts) in refinements.get(&figure.node).into_iter().flatten() {
            let parts: Option<Vec<u32>> =
                parts.iter().map(|node| place.get(&key(figure.region, *node)).copied()).collect();
            if let Some(parts) = parts {
                found.insert((kind(Kind::Dimension(dimension.clone())), *whole), parts);
            }
        }
    }
    for (whole, parts) in divisions(geography) {
        for node in &nodes {
            let Some(at) = place.get(&key(whole, *node)) else { continue };
            let parts: Option<Vec<u32>> = parts.iter().map(|part| place.get(&key(*part, *node)).copied()).collect();
            if let Some(parts) = parts {
                found.insert((kind(Kind::Divisions), *at), parts);
            }
        }
    }
    let sums = found
        .into_iter()
        .filter(|(own, _)| !holes.contains(own))
        .map(|((kind, whole), parts)| Sum { whole, parts, kind })
        .collect();
    let mut names: Vec<(u32, Kind)> = kinds.into_iter().map(|(own, at)| (at, own)).collect();
    names.sort();
    (names.into_iter().map(|(_, own)| own).collect(), sums)
}

/// Regions that were split into others, or that others became: each whole with its parts.
///
/// A region of an old division is the sum of those that came from it and from nothing else; a new one that of the regions which went into
/// it and into nothing else.
fn divisions(geography: &Geography) -> Vec<(u32, Vec<u32>)> {
    let place: HashMap<(&str, i32), u32> =
        geography.regions.iter().enumerate().map(|(at, own)| ((own.code.as_str(), own.year), at as u32)).collect();
    let mut came_from: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut became: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, region) in geography.regions.iter().enumerate() {
        for (code, year) in &region.predecessors {
            if let Some(old) = place.get(&(code.as_str(), *year)) {
                came_from.entry(at as u32).or_default().push(*old);
                became.entry(*old).or_default().push(at as u32);
            }
        }
    }
    let whole = |at: u32| came_from[&at].len() == geography.regions[at as usize].predecessors.len();
    let split = became.iter().filter(|(_, new)| new.iter().all(|own| whole(*own) && came_from[own].len() == 1));
    let joined = came_from
        .iter()
        .filter(|(new, old)| whole(**new) && old.len() > 1 && old.iter().all(|own| became[own].len() == 1));
    split.chain(joined).map(|(whole, parts)| (*whole, parts.clone())).collect()
}

/// For each cell of the breakdowns with a category that is a sum of categories of another dimension, the cells with those in its place.
fn recoded(geography: &Geography, nodes: &BTreeSet<u32>, recodes: &[Recode]) -> Vec<(u32, (String, Vec<u32>))> {
    let by_parts: BTreeMap<&[(String, String)], u32> =
        nodes.iter().map(|node| (geography.nodes[*node as usize].parts.as_slice(), *node)).collect();
    let mut found = Vec::new();
    for node in nodes {
        let own = &geography.nodes[*node as usize].parts;
        for recode in recodes.iter().filter(|recode| own.contains(&recode.whole)) {
            let with = |category: &String| {
                let others = own.iter().filter(|part| **part != recode.whole).cloned();
                let mut parts: Vec<_> = others.chain([(recode.dimension.clone(), category.clone())]).collect();
                parts.sort();
                by_parts.get(parts.as_slice()).copied()
            };
            if let Some(parts) = recode.parts.iter().map(with).collect::<Option<Vec<u32>>>() {
                let words = format!("{} within {}", recode.dimension, recode.whole.0);
                found.push((*node, (words, parts)));
            }
        }
    }
    found
}

/// For each cell of the breakdowns, by dimension, the cells that refine it by that dimension.
fn refinements(geography: &Geography, nodes: &BTreeSet<u32>) -> BTreeMap<u32, Vec<(String, Vec<u32>)>> {
    // Every region × category has a row, so the categories of a dimension are those that the rows of the group name.
    let mut categories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (dimension, category) in nodes.iter().flat_map(|node| &geography.nodes[*node as usize].parts) {
        categories.entry(dimension).or_default().insert(category);
    }
    let by_parts: BTreeMap<&[(String, String)], u32> =
        nodes.iter().map(|node| (geography.nodes[*node as usize].parts.as_slice(), *node)).collect();
    let mut found = BTreeMap::new();
    for node in nodes {
        let own = &geography.nodes[*node as usize].parts;
        let mut of_node = Vec::new();
        for (dimension, categories) in &categories {
            if own.iter().any(|(name, _)| name == dimension) {
                continue;
            }
            let refined = |category: &&str| {
                let mut parts = own.clone();
                parts.push(((*dimension).to_owned(), (*category).to_owned()));
                parts.sort();
                by_parts.get(parts.as_slice()).copied()
            };
            let parts: Option<Vec<u32>> = categories.iter().map(refined).collect();
            if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
                of_node.push(((*dimension).to_owned(), parts));
            }
        }
        if !of_node.is_empty() {
            found.insert(*node, of_node);
        }
    }
    found
}
