//! Exchanges: other tables with the same published numbers, as proofs that a withheld cell is open.

use super::kept::{Kept, Moved, Number};
use super::pattern::Pattern;
use super::{Protector, Stage};

/// Finest regions of a region between which people are moved: those with the most answers.
const LEAVES: usize = 2;

/// The way to both ends of the interval of a cell.
struct Way {
    number: Number,
    stage: Stage,
    /// The cell.
    cell: usize,
    /// Width that is asked for.
    asked: u64,
    /// How far apart the ends are.
    width: u64,
}

/// An exchange: a pattern along the regions that gain (true) and lose people.
#[derive(Clone, Copy)]
struct Exchange<'e> {
    path: &'e [(usize, bool)],
    pattern: &'e Pattern,
    /// At end 0 the cell gains, at end 1 it loses.
    end: usize,
}

/// Two leaves (finest regions) between which people move; without the second they come from nowhere.
#[derive(Clone, Copy, Debug)]
struct Pair {
    from: usize,
    to: Option<usize>,
}

/// What would have to be withheld, what it costs, and how much wider the cell would be open.
struct Bid {
    enough: bool,
    cost: u64,
    gain: u64,
    cells: Vec<usize>,
}

impl Bid {
    /// Enough before not enough; then the cheaper, or the cheaper for what it gains.
    fn is_better(&self, other: &Self) -> bool {
        match (self.enough, other.enough) {
            (true, false) => true,
            (false, true) => false,
            (true, true) => self.cost < other.cost,
            (false, false) => {
                u128::from(self.gain) * u128::from(other.cost) > u128::from(other.gain) * u128::from(self.cost)
            }
        }
    }
}

/// What came of looking for a proof.
enum Outcome {
    Safe,
    Withhold(Vec<usize>),
    Nothing,
}

impl Protector<'_> {
    /// Looks for a proof of every withheld cell, and withholds more where there is none. Whether anything was withheld, and how many cells have no
    /// proof although nothing is left.
    pub(super) fn exchange(&mut self, stage: Stage, kept: &mut Kept) -> (bool, usize) {
        let (mut changed, mut bare) = (false, 0);
        kept.look(self.system, stage);
        for cell in 0..self.system.cells.len() {
            let own = self.system.cells[cell];
            if !own.there || own.is_safe(stage) || !own.is_withheld_in(stage) {
                continue;
            }
            match self.prove(cell, stage, kept) {
                Outcome::Safe => {}
                // It is looked at once more when all have been.
                Outcome::Withhold(cells) => {
                    for cell in cells {
                        self.system.withhold(cell, stage);
                        kept.withhold(self.system, cell, stage);
                    }
                    changed = true;
                }
                Outcome::Nothing => bare += 1,
            }
        }
        (changed, bare)
    }

    fn prove(&mut self, cell: usize, stage: Stage, kept: &mut Kept) -> Outcome {
        let own = self.system.cells[cell];
        // Where no n is known each side moves by itself, and that is the easier way.
        if stage == Stage::Answers && own.hides_n() {
            for side in [0, 1] {
                if !self.system.cells[cell].proven[1 + side] {
                    self.reach(cell, Number::Side(side), stage, kept);
                }
            }
            if self.system.cells[cell].is_safe(stage) {
                return Outcome::Safe;
            }
        }
        let number = match stage {
            Stage::Numbers => Number::Valid,
            Stage::Answers => Number::Answers,
        };
        match self.reach(cell, number, stage, kept) {
            (true, _) => Outcome::Safe,
            (false, Some(bid)) => Outcome::Withhold(bid.cells),
            (false, None) => Outcome::Nothing,
        }
    }

    /// Whether a number of a cell is open as wide as the policy asks; else what to withhold for it.
    ///
    /// The table is moved as far as it goes with the number rising, and from the start again with the number falling. Both ends are
    /// tables with the published numbers, and everything between them is too.
    fn reach(&mut self, cell: usize, number: Number, stage: Stage, kept: &mut Kept) -> (bool, Option<Bid>) {
        let (place, node) = (cell / self.system.nodes.len(), cell % self.system.nodes.len());
        let asked = match number {
            Number::Valid => self.protection.n,
            Number::Answers | Number::Side(_) => self.protection.answer,
        };
        let mut way = Way { number, stage, cell, asked, width: 0 };
        kept.moved.reset();
        let mut around = Some(place);
        // Siblings first, then regions further away: those change wider regions too.
        while let Some(own) = around {
            let pairs = self.pairs(place, own, node, kept);
            if self.walk(&pairs, &mut way, kept) {
                self.credit(&way, &kept.moved);
                return (true, None);
            }
            // A side by itself is no reason to withhold: the answers together are asked next.
            if !matches!(number, Number::Side(_))
                && let Some(bid) = self.best_bid(&pairs, &way, kept)
            {
                return (false, Some(bid));
            }
            around = self.system.places[own].parent;
        }
        (false, None)
    }

    /// The two tables at the ends are proofs for every cell that they tell far enough apart.
    fn credit(&mut self, way: &Way, moved: &Moved) {
        let proves: &[usize] = match way.number {
            Number::Valid => &[0],
            Number::Answers => &[1, 2],
            Number::Side(0) => &[1],
            Number::Side(_) => &[2],
        };
        for cell in moved.touched.iter().chain([&way.cell]) {
            let apart = (moved.far[0][*cell] - moved.far[1][*cell]).unsigned_abs();
            if apart >= way.asked || *cell == way.cell {
                proves.iter().for_each(|what| self.system.cells[*cell].proven[*what] = true);
            }
        }
    }

    /// Moves people between the pairs where every cell that changes is withheld. Whether that opens the cell.
    fn walk(&self, pairs: &[Pair], way: &mut Way, kept: &mut Kept) -> bool {
        let node = way.cell % self.system.nodes.len();
        for pair in pairs {
            let path = self.path(*pair);
            let patterns = kept.of(self.system, &path);
            for at in &patterns.of_node[node] {
                let pattern = &patterns.all[*at];
                if !kept.all_withheld(&path, &patterns.masks[*at], way.number) {
                    continue;
                }
                for end in 0..2 {
                    let exchange = Exchange { path: &path, pattern, end };
                    let step = self.step(exchange, way, &kept.moved).min(way.asked);
                    if step > 0 {
                        self.go(exchange, way, &mut kept.moved, step);
                        way.width += step;
                    }
                }
                if way.width >= way.asked {
                    return true;
                }
            }
        }
        false
    }

    /// Calls `with` for every cell of an exchange with whether it gains, until it says no.
    fn each(&self, exchange: Exchange<'_>, way: &Way, mut with: impl FnMut(usize, bool) -> bool) {
        // The region of the cell gains people wherever the pattern adds them.
        let loses = exchange.pattern.minus.contains(&(way.cell % self.system.nodes.len()));
        let turned = loses != (exchange.end == 1);
        for (place, gains) in exchange.path {
            for (nodes, adds) in [(&exchange.pattern.plus, true), (&exchange.pattern.minus, false)] {
                for node in nodes {
                    let cell = self.system.at(*place, *node);
                    if self.system.cells[cell].there && !with(cell, (adds == *gains) != turned) {
                        return;
                    }
                }
            }
        }
    }

    /// How far an exchange can go on from where the table is.
    fn step(&self, exchange: Exchange<'_>, way: &Way, moved: &Moved) -> u64 {
        let mut least = u64::MAX;
        self.each(exchange, way, |cell, gains| {
            let far = moved.far[exchange.end][cell];
            let [loses, room] = way.number.room(&self.system.cells[cell]);
            let left = if gains { room.saturating_add_signed(-far) } else { loses.saturating_add_signed(far) };
            least = least.min(left);
            least > 0
        });
        least
    }

    fn go(&self, exchange: Exchange<'_>, way: &Way, moved: &mut Moved, step: u64) {
        let step = i64::try_from(step).unwrap_or(i64::MAX / 4);
        self.each(exchange, way, |cell, gains| {
            moved.far[exchange.end][cell] += if gains { step } else { -step };
            moved.touched.push(cell);
            true
        });
    }

    /// The best that could be withheld for a cell among these pairs.
    fn best_bid(&self, pairs: &[Pair], way: &Way, kept: &mut Kept) -> Option<Bid> {
        let node = way.cell % self.system.nodes.len();
        let mut best: Option<Bid> = None;
        for pair in pairs {
            let path = self.path(*pair);
            let patterns = kept.of(self.system, &path);
            for at in &patterns.of_node[node] {
                // What is dearer than the best so far need not be looked at: most of them.
                let Some(cost) = kept.cost(self.system, &path, &patterns.masks[*at], way.number) else { continue };
                if cost == 0 || best.as_ref().is_some_and(|best: &Bid| best.enough && best.cost <= cost) {
                    continue;
                }
                let exchanges = [0, 1].map(|end| Exchange { path: &path, pattern: &patterns.all[*at], end });
                let gain: u64 = exchanges.iter().map(|own| self.step(*own, way, &kept.moved).min(way.asked)).sum();
                if gain == 0 {
                    continue;
                }
                let Some(cells) = self.missing(exchanges[0], way) else { continue };
                let bid = Bid { enough: way.width + gain >= way.asked, cost, gain, cells };
                if best.as_ref().is_none_or(|best| bid.is_better(best)) {
                    best = Some(bid);
                }
            }
        }
        best
    }

    /// The cells of an exchange that are still to be withheld; `None` where one of them cannot take part.
    fn missing(&self, exchange: Exchange<'_>, way: &Way) -> Option<Vec<usize>> {
        let mut missing = Some(Vec::new());
        self.each(exchange, way, |cell, _| {
            let own = &self.system.cells[cell];
            match own.is_withheld_in(way.stage) {
                true if way.number.takes(own) => {}
                false if !own.known => missing.iter_mut().for_each(|missing| missing.push(cell)),
                _ => missing = None,
            }
            missing.is_some()
        });
        missing
    }

    /// Leaves of a region, each with a leaf of a region beside `around`; at the top without one.
    fn pairs(&self, place: usize, around: usize, node: usize, kept: &mut Kept) -> Vec<Pair> {
        let from = self.leaves(place, node, kept);
        let Some(parent) = self.system.places[around].parent else {
            return from.into_iter().map(|from| Pair { from, to: None }).collect();
        };
        let others = self.system.children[parent].iter().filter(|other| **other != around);
        let to: Vec<usize> = others.flat_map(|other| self.leaves(*other, node, kept)).collect();
        from.into_iter().flat_map(|from| to.iter().map(move |to| Pair { from, to: Some(*to) })).collect()
    }

    /// The finest regions of a region with the most answers of the node, or in all.
    fn leaves(&self, place: usize, node: usize, kept: &mut Kept) -> Vec<usize> {
        let key = self.system.at(place, node);
        if let Some(found) = kept.leaves.get(&key) {
            return found.clone();
        }
        let mut found = Vec::new();
        let mut open = vec![place];
        while let Some(own) = open.pop() {
            match self.system.children[own].as_slice() {
                [] => found.push(own),
                children => open.extend(children),
            }
        }
        let size = |leaf: &usize| {
            let own = self.system.cell(*leaf, node);
            let all = self.system.cells[leaf * self.system.nodes.len()..].iter().take(self.system.nodes.len());
            (own.there, own.n(), all.map(|cell| u64::from(cell.n())).sum::<u64>())
        };
        found.sort_by_cached_key(|leaf| (std::cmp::Reverse(size(leaf)), *leaf));
        found.truncate(LEAVES);
        kept.leaves.insert(key, found.clone());
        found
    }

    /// The regions that gain (true) or lose people: both paths up to where they meet.
    fn path(&self, pair: Pair) -> Vec<(usize, bool)> {
        let path = |leaf: usize| std::iter::successors(Some(leaf), |own| self.system.places[*own].parent);
        let Some(to) = pair.to else { return path(pair.from).map(|place| (place, true)).collect() };
        let meets: Vec<usize> = path(to).collect();
        let gains: Vec<usize> = path(pair.from).take_while(|place| !meets.contains(place)).collect();
        let above = gains.last().and_then(|place| self.system.places[*place].parent);
        let loses = meets.into_iter().take_while(|place| Some(*place) != above);
        gains.iter().map(|place| (*place, true)).chain(loses.map(|place| (place, false))).collect()
    }
}
