//! Moving people from one region to another: one profile per group of tied axes, each group chosen by itself.
//!
//! What a move costs is the sum over the groups, and it goes as far as the group that goes least far. So the best profile of each group
//! is the best of all their combinations, which need not be tried one by one.

use super::Protector;
use super::exchange::{Bid, Exchange, Way};
use super::kept::Kept;
use super::pattern::{Patterns, Profile};

/// A profile that might be moved: what it costs to withhold what it still needs, and how far it goes at both ends.
struct Offer<'p> {
    profile: &'p Profile,
    cost: u64,
    steps: [u64; 2],
}

impl Protector<'_> {
    /// Moves people with profiles of which every cell is withheld. Whether that opens the cell.
    pub(super) fn move_people(
        &self,
        path: &[(usize, bool)],
        patterns: &Patterns,
        way: &mut Way,
        kept: &mut Kept,
    ) -> bool {
        let withheld = |profile: &&Profile| kept.all_withheld(path, &profile.mask, way.number);
        if !withheld(&&patterns.everybody) {
            return false;
        }
        let groups: Vec<Vec<&Profile>> =
            self.groups(patterns, way).map(|group| group.into_iter().filter(withheld).collect()).collect();
        for end in 0..way.ends {
            loop {
                let far = |profile: &&Profile| {
                    self.step(Exchange { path, plus: &profile.nodes, minus: &[], end }, way, &kept.moved)
                };
                let mut nodes = patterns.everybody.nodes.clone();
                for group in &groups {
                    // The first of those that go furthest.
                    let Some(best) = group.iter().rev().max_by_key(|profile| far(profile)) else { return false };
                    nodes.extend(&best.nodes);
                }
                let exchange = Exchange { path, plus: &nodes, minus: &[], end };
                let step = if nodes.is_empty() { 0 } else { self.step(exchange, way, &kept.moved).min(way.asked) };
                if step == 0 {
                    break;
                }
                self.go(exchange, way, &mut kept.moved, step);
                way.width += step;
                if way.width >= way.asked {
                    return true;
                }
            }
        }
        false
    }

    /// The best that could be withheld to move people along a way, if it is better than the best so far.
    pub(super) fn bid_of_profiles<'p>(
        &self,
        path: &[(usize, bool)],
        patterns: &'p Patterns,
        way: &Way,
        kept: &Kept,
        best: &mut Option<Bid>,
    ) {
        let offer = |profile: &'p Profile| -> Option<Offer<'p>> {
            let Profile { nodes, mask } = profile;
            let cost = kept.cost(self.system, path, mask, way.number)?;
            let steps = [0, 1].map(|end| self.step(Exchange { path, plus: nodes, minus: &[], end }, way, &kept.moved));
            (steps != [0; 2]).then_some(Offer { profile, cost, steps })
        };
        let Some(everybody) = offer(&patterns.everybody) else { return };
        let mut groups: Vec<Vec<Offer<'_>>> = Vec::new();
        for group in self.groups(patterns, way) {
            let mut offers: Vec<Offer<'_>> = group.into_iter().filter_map(offer).collect();
            offers.sort_by_key(|own| own.cost);
            groups.push(offers);
        }
        let need = way.asked.saturating_sub(way.width);
        for least in [[need, 0], [0, need], [need.div_ceil(2); 2], [1, 0], [0, 1]] {
            let goes = |own: &&Offer<'_>| own.steps[0] >= least[0] && own.steps[1] >= least[1];
            if !goes(&&everybody) {
                continue;
            }
            let (mut cost, mut nodes) = (everybody.cost, everybody.profile.nodes.clone());
            let cheapest: Option<()> = groups.iter().try_for_each(|group| {
                let own = group.iter().find(goes)?;
                cost = cost.saturating_add(own.cost);
                nodes.extend(&own.profile.nodes);
                Some(())
            });
            let dear = best.as_ref().is_some_and(|best| best.enough && best.cost <= cost);
            if cheapest.is_none() || cost == 0 || dear {
                continue;
            }
            let bid = self.bid(path, (&nodes, &[]), way, kept, cost);
            if let Some(bid) = bid.filter(|bid| best.as_ref().is_none_or(|best| bid.is_better(best))) {
                *best = Some(bid);
            }
        }
    }

    /// The profiles of each group; of the group of the cell's own node those that are in it.
    fn groups<'p>(&self, patterns: &'p Patterns, way: &Way) -> impl Iterator<Item = Vec<&'p Profile>> {
        let node = way.cell % self.system.nodes.len();
        let is_in = move |profile: &&Profile| profile.mask[node / 64] >> (node % 64) & 1 == 1;
        patterns.profiles.iter().map(move |group| {
            let own: Vec<&Profile> = group.iter().filter(is_in).collect();
            if own.is_empty() { group.iter().collect() } else { own }
        })
    }
}
