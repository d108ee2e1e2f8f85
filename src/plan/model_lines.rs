//! Which figures of a model are the weighted mean of which others.

use std::collections::BTreeSet;

use super::build_model::ModelledPlan;
use crate::declare::Catalogue;
use crate::disclose::Line;

/// The lines of the figures of a parameter: areas and then sums, for everybody and then for every group of ages.
pub(super) fn lines(own: &ModelledPlan, catalogue: &Catalogue) -> Vec<Line> {
    let block = own.areas.len() + own.sums.len();
    let level = |sum: usize| catalogue.regions[own.sums[sum] as usize].level();
    let regions = of_regions(own.areas.len(), &own.ground.sums, &level);
    let groups = &own.ground.age_groups;
    let mut found = Vec::new();
    for category in 0..=groups.len() {
        found.extend(regions.iter().map(|line| line.iter().map(|at| category * block + at).collect()));
    }
    for line in of_ages(own.ground.groups.ages.len(), groups) {
        found.extend((0..block).map(|region| line.iter().map(|category| category * block + region).collect::<Line>()));
    }
    found
}

/// Every sum with its areas, and with the sums of each finer level that make it up.
fn of_regions<L: Ord>(areas: usize, sums: &[Vec<u32>], level: &impl Fn(usize) -> L) -> Vec<Line> {
    let mut found = Vec::new();
    for (at, members) in sums.iter().enumerate() {
        found.push([vec![areas + at], members.iter().map(|area| *area as usize).collect()].concat());
        let inside: BTreeSet<u32> = members.iter().copied().collect();
        let within = |sum: &usize| level(*sum) > level(at) && sums[*sum].iter().all(|area| inside.contains(area));
        let mut finer: Vec<usize> = (0..sums.len()).filter(within).collect();
        finer.sort_by_key(|sum| level(*sum));
        for of_level in finer.chunk_by(|a, b| level(*a) == level(*b)) {
            if of_level.iter().map(|sum| sums[*sum].len()).sum::<usize>() == members.len() {
                found.push([vec![areas + at], of_level.iter().map(|sum| areas + sum).collect()].concat());
            }
        }
    }
    found
}

/// Everybody (0) and every group (from 1), with each set of groups that share no age and make it up.
fn of_ages(ages: usize, groups: &[Vec<usize>]) -> Vec<Line> {
    let everybody: Vec<usize> = (0..ages).collect();
    let mut found = Vec::new();
    for (whole, wanted) in std::iter::once(&everybody).chain(groups).enumerate() {
        cover(wanted, groups, &mut vec![whole], &mut found);
    }
    found
}

/// Adds to `line` groups that cover the ages exactly, in every way.
fn cover(left: &[usize], groups: &[Vec<usize>], line: &mut Line, found: &mut Vec<Line>) {
    let Some(first) = left.first() else {
        found.push(line.clone());
        return;
    };
    for (at, group) in groups.iter().enumerate() {
        let fits = group.contains(first) && group.iter().all(|age| left.contains(age)) && at + 1 != line[0];
        if fits {
            line.push(at + 1);
            let rest: Vec<usize> = left.iter().copied().filter(|age| !group.contains(age)).collect();
            cover(&rest, groups, line, found);
            line.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_has_its_areas_and_the_sums_between() {
        // Areas 0 to 3; sums: gemeente of 0 and 1, gemeente of 2 and 3, the GGD.
        let sums = [vec![0, 1], vec![2, 3], vec![0, 1, 2, 3]];
        let levels = [2, 2, 1];
        let found = of_regions(4, &sums, &|sum| levels[sum]);
        assert_eq!(found, [vec![4, 0, 1], vec![5, 2, 3], vec![6, 0, 1, 2, 3], vec![6, 4, 5]]);
        // With an area in no gemeente the gemeenten do not make up the GGD.
        let found = of_regions(5, &[vec![0, 1], vec![2, 3], vec![0, 1, 2, 3, 4]], &|sum| levels[sum]);
        assert_eq!(found, [vec![5, 0, 1], vec![6, 2, 3], vec![7, 0, 1, 2, 3, 4]]);
    }

    #[test]
    fn groups_that_make_up_everybody_or_another_group_are_lines() {
        // 18-64, 65+, 18-39, 40-64 and one that overlaps.
        let groups = [vec![0, 1, 2], vec![3], vec![0], vec![1, 2], vec![2, 3]];
        assert_eq!(of_ages(4, &groups), [vec![0, 1, 2], vec![0, 3, 4, 2], vec![1, 3, 4]]);
        assert!(of_ages(4, &[vec![3]]).is_empty(), "the others have no figure");
    }
}
