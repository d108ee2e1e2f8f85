//! Between which regions people are moved.

use std::rc::Rc;

use super::Protector;
use super::kept::Kept;

/// Finest regions of a region between which people are moved: those with the most answers.
const LEAVES: usize = 2;

/// Two leaves (finest regions) between which people move; without the second they come from nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    from: usize,
    to: Option<usize>,
    /// The region that has both, which stays as it is.
    above: Option<usize>,
}

impl Protector<'_> {
    /// Leaves of a region, each with a leaf of a region beside `around`; at the top without one.
    pub(super) fn pairs(&self, place: usize, around: usize, node: usize, kept: &mut Kept) -> Vec<Pair> {
        let from = self.leaves(place, node, kept);
        let above = self.system.places[around].parent;
        let Some(parent) = above else {
            return from.iter().map(|from| Pair { from: *from, to: None, above }).collect();
        };
        let mut to = Vec::new();
        for other in self.system.children[parent].iter().filter(|other| **other != around) {
            to.extend_from_slice(&self.leaves(*other, node, kept));
        }
        let pair = |from: usize| to.iter().map(move |to| Pair { from, to: Some(*to), above });
        from.iter().flat_map(|from| pair(*from)).collect()
    }

    /// The finest regions of a region with the most answers of the node, or in all.
    fn leaves(&self, place: usize, node: usize, kept: &mut Kept) -> Rc<[usize]> {
        let key = self.system.at(place, node);
        if let Some(found) = &kept.leaves[key] {
            return Rc::clone(found);
        }
        let mut found = Vec::new();
        // Those of its parts are enough: what is not among the first in a part is not among the first of the whole.
        for child in &self.system.children[place] {
            found.extend_from_slice(&self.leaves(*child, node, kept));
        }
        if self.system.children[place].is_empty() {
            found.push(place);
        }
        let size = |leaf: &usize| {
            let own = self.system.cell(*leaf, node);
            (own.there, own.n(), kept.answers[*leaf])
        };
        found.sort_by_key(|leaf| (std::cmp::Reverse(size(leaf)), *leaf));
        found.truncate(LEAVES);
        let found: Rc<[usize]> = found.into();
        kept.leaves[key] = Some(Rc::clone(&found));
        found
    }

    /// The regions that gain (true) or lose people: both paths up to where they meet.
    pub(super) fn path(&self, pair: Pair, path: &mut Vec<(usize, bool)>) {
        path.clear();
        for (leaf, gains) in [(Some(pair.from), true), (pair.to, false)] {
            let mut next = leaf;
            while let Some(own) = next.filter(|_| next != pair.above) {
                path.push((own, gains));
                next = self.system.places[own].parent;
            }
        }
    }
}
