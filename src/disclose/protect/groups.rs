//! Groups: withheld cells whose sum can be worked out from one published cell and its other parts.

use super::{Protector, Stage};

/// The sum of the withheld parts of a cell.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    cells: usize,
    answers: [u64; 2],
    /// Answers of the largest part that is below the floor by itself.
    largest: u64,
}

impl Protector<'_> {
    /// Withholds until every group might be published.
    pub(super) fn close_groups(&mut self, stage: Stage) {
        let mut parts = Vec::new();
        loop {
            let mut changed = false;
            for place in 0..self.system.places.len() {
                for node in 0..self.system.nodes.len() {
                    if self.system.cell(place, node).there && !self.system.children[place].is_empty() {
                        parts.clear();
                        self.system.parts_over_regions(place, node, &mut parts);
                        changed |= self.close(self.system.at(place, node), &parts, stage);
                    }
                }
                for split in 0..self.system.splits.len() {
                    let whole = self.system.splits[split].0;
                    if !self.system.cell(place, whole).there {
                        continue;
                    }
                    parts.clear();
                    let own = self.system.splits[split].1.iter().map(|part| self.system.at(place, *part));
                    parts.extend(own.filter(|cell| self.system.cells[*cell].there));
                    if parts.len() == self.system.splits[split].1.len() {
                        changed |= self.close(self.system.at(place, whole), &parts, stage);
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Makes the group of a whole and its parts one that may be worked out. Whether anything was withheld.
    fn close(&mut self, whole: usize, parts: &[usize], stage: Stage) -> bool {
        let mut changed = false;
        while let Some(candidate) = self.open(whole, parts, stage) {
            // Only where no part is left does the whole go.
            let next = candidate.unwrap_or(whole);
            let cell = &self.system.cells[next];
            if cell.is_withheld_in(stage) || cell.known {
                return changed;
            }
            self.system.withhold(next, stage);
            changed = true;
        }
        changed
    }

    /// `None` where the group is closed; else what to withhold next, if anything is left.
    #[expect(clippy::option_option, reason = "closed, nothing left and the next one are three answers")]
    fn open(&self, whole: usize, parts: &[usize], stage: Stage) -> Option<Option<usize>> {
        let cells = &self.system.cells;
        let mut group = Group::default();
        let mut sum = [0_u64; 2];
        for part in parts {
            let cell = &cells[*part];
            (0..2).for_each(|side| sum[side] += u64::from(cell.answers[side]));
            if cell.is_withheld_in(stage) {
                self.add(&mut group, *part, stage);
            }
        }
        let hidden = cells[whole].is_withheld_in(stage);
        let mut unplaced = [0, 1].map(|side| u64::from(cells[whole].answers[side]).saturating_sub(sum[side]));
        // Whoever takes everybody to have a place finds nobody only where nobody is without one.
        let placed = unplaced == [0; 2];
        if !self.protection.guards_unplaced {
            unplaced = [0; 2];
        }
        if unplaced[0] + unplaced[1] > 0 && !hidden {
            group.cells += 1;
            (0..2).for_each(|side| group.answers[side] += unplaced[side]);
            group.largest = group.largest.max(unplaced[0] + unplaced[1]);
        }
        // A withheld whole whose parts are all shown is their sum; with one of them withheld both are open.
        let nobody = placed && group.answers == [0; 2] && !self.protection.guards_empty;
        let closed =
            if hidden { group.cells > 0 } else { group.cells == 0 || nobody || self.may_be_known(&group, stage) };
        if closed {
            return None;
        }
        let shown = parts.iter().copied().filter(|part| !cells[*part].is_withheld_in(stage) && !cells[*part].known);
        let mut found: Option<(bool, u64, usize)> = None;
        for part in shown {
            let mut with = group;
            self.add(&mut with, part, stage);
            let closes = hidden || self.may_be_known(&with, stage);
            let cost = self.system.cost(part);
            // The cheapest that closes the group; where none does, the one with the most answers.
            let better = match found {
                None => true,
                Some((true, least, _)) => closes && cost < least,
                Some((false, most, _)) => closes || cost > most,
            };
            if better {
                found = Some((closes, cost, part));
            }
        }
        Some(found.map(|(_, _, part)| part))
    }

    fn add(&self, group: &mut Group, part: usize, stage: Stage) {
        let cell = &self.system.cells[part];
        group.cells += 1;
        (0..2).for_each(|side| group.answers[side] += u64::from(cell.answers[side]));
        let own = match stage {
            Stage::Numbers => cell.few,
            Stage::Answers => cell.few || cell.primary,
        };
        if own {
            group.largest = group.largest.max(u64::from(cell.n()));
        }
    }

    /// Whether the sum of a group might be published, and no part that might not is nearly all of it.
    fn may_be_known(&self, group: &Group, stage: Stage) -> bool {
        let n = group.answers[0] + group.answers[1];
        let floor = &self.floor;
        if n < floor.minimum_n || group.largest as f64 > self.protection.largest_part * n as f64 {
            return false;
        }
        if stage == Stage::Numbers || !self.system.share {
            return true;
        }
        let [yes, no] = group.answers;
        let uniform = (yes == 0 || no == 0) && n < floor.group_disclosure;
        yes >= floor.minimum_answer && no >= floor.minimum_complement && !uniform
    }
}
