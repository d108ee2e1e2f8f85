//! Patterns of exchange: what moving people does to the nodes of a region.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{Node, System};

/// Most profiles (combinations of values of all axes) that are tried.
const PROFILES_MAX: usize = 20_000;
/// Most axes along which people are exchanged at once.
const FLIPS_MAX: usize = 3;

/// Nodes that gain a person and nodes that lose one.
///
/// One person more, with a value on every axis, is in every node that holds those values. Along a flipped axis one person is added with a value
/// and one taken away with another, so that nodes without the axis stay as they are; along two of them four people change, with signs
/// as in a 2 × 2 table, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) plus: Vec<usize>,
    pub(super) minus: Vec<usize>,
}

/// Nodes that a person with certain values is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Profile {
    pub(super) nodes: Vec<usize>,
    /// One bit per node.
    pub(super) mask: Vec<u64>,
}

/// The patterns of some levels, with those of each node.
///
/// A crossing ties its axes together. Axes that nothing ties may be chosen each by itself, so their profiles are kept apart: eight
/// dimensions have a few dozen of them, and thousands together.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Along flipped axes.
    pub(super) flips: Vec<Pattern>,
    /// Per flip the nodes that it changes, one bit each.
    pub(super) masks: Vec<Vec<u64>>,
    /// Per node the flips that change it, as indexes.
    pub(super) of_node: Vec<Vec<usize>>,
    /// The nodes that everybody is in.
    pub(super) everybody: Profile,
    /// Per group of tied axes the profiles of a person.
    pub(super) profiles: Vec<Vec<Profile>>,
}

impl Patterns {
    /// Of the nodes that occur at some levels.
    pub(super) fn new(system: &System, nodes: &[usize]) -> Self {
        let all = &system.nodes;
        let axes = all.first().map_or(0, |node| node.values.len());
        let open = |node: &&usize| all[**node].values.iter().all(Option::is_none);
        let profile = |nodes: Vec<usize>| Profile { mask: bits(all.len(), &nodes), nodes };
        let everybody = profile(nodes.iter().filter(open).copied().collect());
        let (mut flipped, mut profiles) = (BTreeSet::new(), Vec::new());
        for tied in tied(all, nodes, axes) {
            let own: Vec<usize> = nodes
                .iter()
                .copied()
                .filter(|node| tied.iter().any(|axis| all[*node].values[*axis].is_some()))
                .collect();
            // Values that no node tells apart are one.
            let of = |axis| if tied.contains(&axis) { atoms(all, &own, axis) } else { vec![0] };
            let values: Vec<Vec<u64>> = (0..axes).map(of).collect();
            let mut found = BTreeSet::new();
            let mut base = vec![0; axes];
            for _ in 0..PROFILES_MAX {
                flips(all, &own, &values, &base, &mut flipped);
                found.insert(pattern(all, &own, &values, &base, &[]).plus);
                if !next(&mut base, &values) {
                    break;
                }
            }
            profiles.push(found.into_iter().map(profile).collect());
        }
        let flips: Vec<Pattern> = flipped.into_iter().collect();
        let mut of_node = vec![Vec::new(); all.len()];
        for (at, pattern) in flips.iter().enumerate() {
            for node in pattern.plus.iter().chain(&pattern.minus) {
                of_node[*node].push(at);
            }
        }
        let masks = flips.iter().map(|own| bits(all.len(), own.plus.iter().chain(&own.minus))).collect();
        Self { flips, masks, of_node, everybody, profiles }
    }
}

/// Axes that some node restricts, those that a node restricts together in one group.
fn tied(all: &[Node], nodes: &[usize], axes: usize) -> Vec<BTreeSet<usize>> {
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for node in nodes {
        let mut own: BTreeSet<usize> = (0..axes).filter(|axis| all[*node].values[*axis].is_some()).collect();
        if own.is_empty() {
            continue;
        }
        let (joined, apart) = groups.into_iter().partition(|group: &BTreeSet<usize>| !group.is_disjoint(&own));
        groups = apart;
        joined.into_iter().for_each(|group| own.extend(group));
        groups.push(own);
    }
    groups
}

/// One bit per node, in words of 64.
pub(super) fn bits<'n>(nodes: usize, set: impl IntoIterator<Item = &'n usize>) -> Vec<u64> {
    let mut found = vec![0; nodes.div_ceil(64)];
    set.into_iter().for_each(|node| found[node / 64] |= 1 << (node % 64));
    found
}

/// The values of an axis that some node tells apart, one bit for each group of them; one where none does.
fn atoms(all: &[Node], nodes: &[usize], axis: usize) -> Vec<u64> {
    let mut by_signature: BTreeMap<Vec<bool>, u64> = BTreeMap::new();
    let used = nodes.iter().filter_map(|node| all[*node].values[axis]).fold(0, |all, own| all | own);
    for bit in (0..64).map(|at| 1_u64 << at).filter(|bit| used & bit != 0) {
        let signature = nodes.iter().map(|node| all[*node].values[axis].is_some_and(|own| own & bit != 0)).collect();
        by_signature.entry(signature).or_insert(bit);
    }
    let mut found: Vec<u64> = by_signature.into_values().collect();
    found.sort_unstable();
    if found.is_empty() { vec![0] } else { found }
}

/// The next profile, the last axis first; false behind the last one.
fn next(base: &mut [usize], values: &[Vec<u64>]) -> bool {
    for axis in (0..base.len()).rev() {
        base[axis] += 1;
        if base[axis] < values[axis].len() {
            return true;
        }
        base[axis] = 0;
    }
    false
}

/// Adds the patterns around a profile: one axis flipped, two or three.
fn flips(all: &[Node], nodes: &[usize], values: &[Vec<u64>], base: &[usize], found: &mut BTreeSet<Pattern>) {
    let mut open: Vec<Vec<(usize, u64)>> = vec![Vec::new()];
    while let Some(flipped) = open.pop() {
        if !flipped.is_empty() {
            let own = pattern(all, nodes, values, base, &flipped);
            let turned = Pattern { plus: own.minus.clone(), minus: own.plus.clone() };
            if own != turned && !found.contains(&turned) {
                found.insert(own);
            }
        }
        if flipped.len() == FLIPS_MAX {
            continue;
        }
        let from = flipped.last().map_or(0, |(axis, _)| axis + 1);
        for axis in from..base.len() {
            // The other way round is the same pattern with its signs changed.
            for other in &values[axis][base[axis] + 1..] {
                let mut more = flipped.clone();
                more.push((axis, *other));
                open.push(more);
            }
        }
    }
}

fn pattern(all: &[Node], nodes: &[usize], values: &[Vec<u64>], base: &[usize], flipped: &[(usize, u64)]) -> Pattern {
    let mut made = Pattern::default();
    for node in nodes {
        let mut sign = 1;
        for (axis, own) in all[*node].values.iter().enumerate() {
            let has = |bit: u64| i32::from(own.is_none_or(|own| own & bit != 0));
            let first = has(values[axis][base[axis]]);
            sign *= match flipped.iter().find(|(flip, _)| *flip == axis) {
                Some((_, other)) => first - has(*other),
                None => first,
            };
        }
        match sign {
            1 => made.plus.push(*node),
            -1 => made.minus.push(*node),
            _ => {}
        }
    }
    made
}
