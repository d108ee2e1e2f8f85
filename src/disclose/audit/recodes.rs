//! Dimensions that are recodes of each other, as the shown numbers tell: 75+ is 75-84 and 85+ wherever all three stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::figure::{Geography, GroupSeen, SeenStatus};

/// Regions in which all numbers must be shown, at least: one equal sum may be chance.
const REGIONS: usize = 3;
/// Categories of the finer dimension above which its parts are not looked for.
const CATEGORIES: usize = 12;

/// A category of one dimension and those of another that add up to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recode {
    /// Dimension and category of the whole.
    pub(super) whole: (String, String),
    /// The other dimension.
    pub(super) dimension: String,
    /// Its categories.
    pub(super) parts: Vec<String>,
}

/// The recodes that the exact numbers of answers of a group give away.
///
/// For each category the sets of categories of another dimension that add up to it in every region where all of them are shown. Only a set that
/// is the only one counts, and only where it holds in some regions. A set of one is a category under another name.
pub(super) fn recodes(geography: &Geography, group: &GroupSeen) -> Vec<Recode> {
    let mut by_dimension: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
    let nodes: BTreeSet<u32> = group.figures.iter().map(|figure| figure.node).collect();
    for node in &nodes {
        if let [(dimension, category)] = geography.nodes[*node as usize].parts.as_slice() {
            by_dimension.entry(dimension).or_default().push((category, *node));
        }
    }
    if by_dimension.len() < 2 {
        return Vec::new();
    }
    let mut shown: HashMap<u32, HashMap<u32, i64>> = HashMap::new();
    for figure in group.figures.iter().filter(|figure| figure.status == SeenStatus::Shown) {
        if let Some(n) = figure.n {
            shown.entry(figure.node).or_default().insert(figure.region, n);
        }
    }
    let mut found = Vec::new();
    for (coarse, wholes) in &by_dimension {
        for (fine, parts) in by_dimension.iter().filter(|(fine, _)| *fine != coarse) {
            if parts.len() < 2 || parts.len() > CATEGORIES {
                continue;
            }
            let of_parts: Option<Vec<&HashMap<u32, i64>>> = parts.iter().map(|(_, node)| shown.get(node)).collect();
            let Some(of_parts) = of_parts else { continue };
            for (category, node) in wholes {
                let Some(own) = shown.get(node) else { continue };
                if let Some(set) = only_sum(own, &of_parts) {
                    let names = parts.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
                    found.push(Recode {
                        whole: ((*coarse).to_owned(), (*category).to_owned()),
                        dimension: (*fine).to_owned(),
                        parts: names.map(|(_, (name, _))| (*name).to_owned()).collect(),
                    });
                }
            }
        }
    }
    found
}

/// The one set of parts, a bit each, that adds up to the whole in every region where all are shown; `None` where there is none, or more than one.
fn only_sum(whole: &HashMap<u32, i64>, parts: &[&HashMap<u32, i64>]) -> Option<u32> {
    let mut left: Option<Vec<u32>> = None;
    let mut regions = 0;
    // In the order of the regions, so that nothing hangs on the order of a hash.
    let own: BTreeMap<&u32, &i64> = whole.iter().collect();
    for (region, whole) in own {
        let Some(of_region) = parts.iter().map(|own| own.get(region).copied()).collect::<Option<Vec<i64>>>() else {
            continue;
        };
        regions += 1;
        let adds_up = |set: &u32| {
            let sum: i64 = of_region.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, n)| n).sum();
            sum == *whole
        };
        // All parts together are everybody: that says nothing of a category.
        let all = (1_u32 << parts.len()) - 1;
        let sets = match left {
            None => (1..all).filter(adds_up).collect(),
            Some(sets) => sets.into_iter().filter(adds_up).collect::<Vec<u32>>(),
        };
        if sets.is_empty() {
            return None;
        }
        left = Some(sets);
    }
    match left?.as_slice() {
        [set] if regions >= REGIONS => Some(*set),
        _ => None,
    }
}
