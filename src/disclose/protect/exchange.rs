//! Exchanges: other tables with the same published numbers, as proofs that a withheld cell is open.

use super::kept::{Kept, Moved, Number};
use super::ways::Pair;
use super::{Protector, Stage};

/// The way to both ends of the interval of a cell.
pub(super) struct Way {
    pub(super) number: Number,
    pub(super) stage: Stage,
    /// The cell.
    pub(super) cell: usize,
    /// Width that is asked for.
    pub(super) asked: u64,
    /// How far apart the ends are.
    pub(super) width: u64,
    /// How many ends are looked for: both, or only the one with the number risen.
    pub(super) ends: usize,
}

/// An exchange: nodes that gain and lose people in the regions that gain (true), the other way round in those that lose.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'e> {
    pub(super) path: &'e [(usize, bool)],
    pub(super) plus: &'e [usize],
    pub(super) minus: &'e [usize],
    /// At end 0 the cell gains, at end 1 it loses.
    pub(super) end: usize,
}

/// What would have to be withheld, what it costs, and how much wider the cell would be open.
pub(super) struct Bid {
    pub(super) enough: bool,
    pub(super) cost: u64,
    pub(super) gain: u64,
    pub(super) cells: Vec<usize>,
}

impl Bid {
    /// Enough before not enough; then the cheaper, or the cheaper for what it gains.
    pub(super) fn is_better(&self, other: &Self) -> bool {
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
            if !own.there
                || own.is_safe(stage)
                || !own.is_withheld_in(stage)
                || self.may_be_known_empty(cell, stage, kept)
            {
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

    /// Whether a cell without an answer may be known as such, and is: then it is nobody's. One that is open a little must be open as far as any other,
    /// for who attacks does not know that it is empty.
    fn may_be_known_empty(&self, cell: usize, stage: Stage, kept: &mut Kept) -> bool {
        let own = &self.system.cells[cell];
        if own.n() > 0 || self.protection.guards_empty {
            return false;
        }
        if stage == Stage::Answers {
            return own.hides_n() && !own.proven[0];
        }
        kept.moved.reset();
        let mut way = Way { number: Number::Valid, stage, cell, asked: self.protection.n, width: 0, ends: 2 };
        matches!(self.walk_around(&mut way, kept, false), Outcome::Nothing) && way.width == 0
    }

    fn prove(&mut self, cell: usize, stage: Stage, kept: &mut Kept) -> Outcome {
        let own = self.system.cells[cell];
        if stage == Stage::Numbers {
            return self.reach(cell, Number::Valid, kept);
        }
        // Where no n is known each side moves by itself, and that is the easier way.
        if own.hides_n() {
            for side in [0, 1] {
                if !self.system.cells[cell].proven[1 + side] {
                    self.reach(cell, Number::Side(side), kept);
                }
            }
            if self.system.cells[cell].is_safe(stage) {
                return Outcome::Safe;
            }
        }
        // Of fewer answers than are asked too few can turn.
        if own.hides_n() && u64::from(own.n()) < self.protection.answer {
            for side in [0, 1] {
                if !self.system.cells[cell].proven[1 + side] {
                    match self.reach(cell, Number::Turned(side), kept) {
                        Outcome::Safe => {}
                        other => return other,
                    }
                }
            }
            return Outcome::Safe;
        }
        self.reach(cell, Number::Answers, kept)
    }

    /// Whether a number of a cell is open as wide as the policy asks; else what to withhold for it.
    ///
    /// The table is moved as far as it goes with the number rising, and from the start again with the number falling. Both ends are
    /// tables with the published numbers, and everything between them is too.
    fn reach(&mut self, cell: usize, number: Number, kept: &mut Kept) -> Outcome {
        let (asked, stage) = match number {
            Number::Valid => (self.protection.n, Stage::Numbers),
            Number::Answers | Number::Side(_) | Number::Turned(_) => (self.protection.answer, Stage::Answers),
        };
        let way = |number, ends| Way { number, stage, cell, asked, width: 0, ends };
        kept.moved.reset();
        if let Number::Turned(side) = number {
            self.walk_around(&mut way(Number::Side(1 - side), 1), kept, false);
            kept.moved.begin_other_side();
        }
        let mut way = way(number, 2);
        // A side by itself is no reason to withhold: the answers together are asked next.
        let outcome = self.walk_around(&mut way, kept, !matches!(number, Number::Side(_)));
        if matches!(outcome, Outcome::Safe) {
            self.credit(&way, &kept.moved);
        }
        outcome
    }

    /// Walks between the region of the cell and ever further ones until that opens the cell; with `bids` until something could be withheld for it.
    fn walk_around(&self, way: &mut Way, kept: &mut Kept, bids: bool) -> Outcome {
        let (place, node) = (way.cell / self.system.nodes.len(), way.cell % self.system.nodes.len());
        let mut around = Some(place);
        let mut open = true;
        // Siblings first, then regions further away: those change wider regions too.
        while let Some(own) = around {
            // From here on every way leads through this region.
            open &= kept.is_withheld(&[(own, true)], node, way.number);
            if !open && !bids {
                return Outcome::Nothing;
            }
            let pairs = self.pairs(place, own, node, kept);
            if open && self.walk(&pairs, way, kept) {
                return Outcome::Safe;
            }
            if bids && let Some(bid) = self.best_bid(&pairs, way, kept) {
                return Outcome::Withhold(bid.cells);
            }
            around = self.system.places[own].parent;
        }
        Outcome::Nothing
    }

    /// The two tables at the ends are proofs for every cell that they tell far enough apart.
    fn credit(&mut self, way: &Way, moved: &Moved) {
        let proves: &[usize] = match way.number {
            Number::Valid => &[0],
            Number::Answers => &[1, 2],
            Number::Side(0) | Number::Turned(0) => &[1],
            Number::Side(_) | Number::Turned(_) => &[2],
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
        let mut path = Vec::new();
        for pair in pairs {
            self.path(*pair, &mut path);
            // Every exchange changes the node of the cell itself all along the way.
            if !kept.is_withheld(&path, node, way.number) {
                continue;
            }
            let patterns = kept.of(self.system, &path);
            for at in &patterns.of_node[node] {
                if !kept.all_withheld(&path, &patterns.masks[*at], way.number) {
                    continue;
                }
                let pattern = &patterns.flips[*at];
                for end in 0..way.ends {
                    let exchange = Exchange { path: &path, plus: &pattern.plus, minus: &pattern.minus, end };
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
            if self.move_people(&path, &patterns, way, kept) {
                return true;
            }
        }
        false
    }

    /// Calls `with` for every cell of an exchange with whether it gains, until it says no.
    fn each(&self, exchange: Exchange<'_>, way: &Way, mut with: impl FnMut(usize, bool) -> bool) {
        // The region of the cell gains people wherever the pattern adds them.
        let loses = exchange.minus.contains(&(way.cell % self.system.nodes.len()));
        let turned = loses != (exchange.end == 1);
        for (place, gains) in exchange.path {
            for (nodes, adds) in [(exchange.plus, true), (exchange.minus, false)] {
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
    pub(super) fn step(&self, exchange: Exchange<'_>, way: &Way, moved: &Moved) -> u64 {
        let mut least = u64::MAX;
        self.each(exchange, way, |cell, gains| {
            let far = moved.far[exchange.end][cell];
            let [loses, mut room] = way.number.room(&self.system.cells[cell]);
            if exchange.end == 0 && matches!(way.number, Number::Turned(_)) {
                room = room.saturating_add_signed(moved.before[cell]);
            }
            let left = if gains { room.saturating_add_signed(-far) } else { loses.saturating_add_signed(far) };
            least = least.min(left);
            least > 0
        });
        least
    }

    pub(super) fn go(&self, exchange: Exchange<'_>, way: &Way, moved: &mut Moved, step: u64) {
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
        let mut path = Vec::new();
        for pair in pairs {
            self.path(*pair, &mut path);
            // What is dearer than the best so far need not be looked at: most of them.
            let Some(least) = kept.least(self.system, &path, node, way.number) else { continue };
            if best.as_ref().is_some_and(|best: &Bid| best.enough && best.cost <= least) {
                continue;
            }
            let patterns = kept.of(self.system, &path);
            for at in &patterns.of_node[node] {
                let Some(cost) = kept.cost(self.system, &path, &patterns.masks[*at], way.number) else { continue };
                if cost == 0 || best.as_ref().is_some_and(|best: &Bid| best.enough && best.cost <= cost) {
                    continue;
                }
                let pattern = &patterns.flips[*at];
                let bid = self.bid(&path, (&pattern.plus, &pattern.minus), way, kept, cost);
                if let Some(bid) = bid.filter(|bid| best.as_ref().is_none_or(|best| bid.is_better(best))) {
                    best = Some(bid);
                }
            }
            self.bid_of_profiles(&path, &patterns, way, kept, &mut best);
        }
        best
    }

    /// What an exchange would bring, if anything.
    pub(super) fn bid(
        &self,
        path: &[(usize, bool)],
        (plus, minus): (&[usize], &[usize]),
        way: &Way,
        kept: &Kept,
        cost: u64,
    ) -> Option<Bid> {
        let exchanges = [0, 1].map(|end| Exchange { path, plus, minus, end });
        let gain: u64 = exchanges.iter().map(|own| self.step(*own, way, &kept.moved).min(way.asked)).sum();
        if gain == 0 {
            return None;
        }
        let cells = self.missing(exchanges[0], way)?;
        Some(Bid { enough: way.width + gain >= way.asked, cost, gain, cells })
    }

    /// The cells of an exchange that are still to be withheld; `None` where one of them cannot take part.
    pub(super) fn missing(&self, exchange: Exchange<'_>, way: &Way) -> Option<Vec<usize>> {
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
}
