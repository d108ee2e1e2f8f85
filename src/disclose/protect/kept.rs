//! What the search for exchanges keeps: patterns, leaves, costs, what is withheld, and the tables on their way.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Stage;
use super::pattern::{Patterns, bits};
use super::system::{System, SystemCell};

/// Which number moves, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Valid answers: none below 0.
    Valid,
    /// Answers yes with every n known: a yes more is a no less, and neither leaves the room that the classes of the scale have.
    Answers,
    /// Answers of one side where no n is known: none below 0.
    Side(usize),
    /// Answers of one side where the n of the cell is unknown, and too small to turn as many answers as are asked: after answers of the
    /// other side were moved to it, they turn into this side, and the other way round elsewhere.
    Turned(usize),
}

impl Number {
    /// How far a cell can lose and gain.
    pub(super) fn room(self, cell: &SystemCell) -> [u64; 2] {
        match self {
            Self::Valid => [u64::from(cell.n()), u64::MAX / 4],
            Self::Answers => [u64::from(cell.room[0]), u64::from(cell.room[1])],
            Self::Side(side) => [u64::from(cell.answers[side]), u64::MAX / 4],
            Self::Turned(side) => [side, 1 - side].map(|side| u64::from(cell.room[side])),
        }
    }

    /// Whether only cells with an unknown n take part.
    pub(super) const fn hides(self) -> bool {
        matches!(self, Self::Valid | Self::Side(_))
    }

    /// Whether a withheld cell may take part.
    pub(super) const fn takes(self, cell: &SystemCell) -> bool {
        !self.hides() || cell.hides_n()
    }
}

/// Two tables on their way, one with the number of the cell risen and one with it fallen: how far every cell has moved.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) far: [Vec<i64>; 2],
    pub(super) touched: Vec<usize>,
    /// How far the other side of each cell had moved before, in the table with the number risen.
    pub(super) before: Vec<i64>,
    pub(super) touched_before: Vec<usize>,
}

impl Moved {
    /// Back to the start.
    pub(super) fn reset(&mut self) {
        for cell in self.touched.drain(..) {
            self.far[0][cell] = 0;
            self.far[1][cell] = 0;
        }
        for cell in self.touched_before.drain(..) {
            self.before[cell] = 0;
        }
    }

    /// Takes the table with the number risen as the start for the other side.
    pub(super) fn begin_other_side(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        for cell in &touched {
            self.before[*cell] += std::mem::take(&mut self.far[0][*cell]);
            self.far[1][*cell] = 0;
        }
        self.touched_before.extend(touched);
    }
}

/// What is worked out once for a system.
pub(super) struct Kept {
    /// Patterns by the nodes that they concern, one bit per node.
    patterns: BTreeMap<Vec<u64>, Rc<Patterns>>,
    /// Per region the nodes that it has.
    masks: Vec<Vec<u64>>,
    /// Per region the nodes that may not take part in an exchange: there and shown. Of those whose n is hidden, all others.
    shown: [Vec<Vec<u64>>; 2],
    /// What it costs to withhold each cell.
    costs: Vec<u64>,
    /// Per region the answers of all nodes together.
    pub(super) answers: Vec<u64>,
    /// Leaves by region and node.
    pub(super) leaves: Vec<Option<Rc<[usize]>>>,
    pub(super) moved: Moved,
}

impl Kept {
    pub(super) fn new(system: &System) -> Self {
        let words = system.nodes.len().div_ceil(64);
        let mask = |place: usize| {
            let mut mask = vec![0; words];
            for node in (0..system.nodes.len()).filter(|node| system.cell(place, *node).there) {
                mask[node / 64] |= 1 << (node % 64);
            }
            mask
        };
        let still = vec![0; system.cells.len()];
        let all_answers = |cells: &[SystemCell]| cells.iter().map(|cell| u64::from(cell.n())).sum();
        Self {
            patterns: BTreeMap::new(),
            masks: (0..system.places.len()).map(mask).collect(),
            shown: [Vec::new(), Vec::new()],
            costs: (0..system.cells.len()).map(|cell| system.cost(cell)).collect(),
            answers: system.cells.chunks(system.nodes.len()).map(all_answers).collect(),
            leaves: vec![None; system.cells.len()],
            moved: Moved {
                far: [still.clone(), still.clone()],
                touched: Vec::new(),
                before: still,
                touched_before: Vec::new(),
            },
        }
    }

    /// Notes that a cell is withheld.
    pub(super) fn withhold(&mut self, system: &System, cell: usize, stage: Stage) {
        let (place, node) = (cell / system.nodes.len(), cell % system.nodes.len());
        let own = &system.cells[cell];
        for (hides, shown) in [false, true].into_iter().zip(&mut self.shown) {
            if own.is_withheld_in(stage) && (!hides || own.hides_n()) {
                shown[place][node / 64] &= !(1 << (node % 64));
            }
        }
    }

    /// Whether a node is withheld and may take part in every region on the way that has it.
    pub(super) fn is_withheld(&self, path: &[(usize, bool)], node: usize, number: Number) -> bool {
        let shown = &self.shown[usize::from(number.hides())];
        path.iter().all(|(place, _)| shown[*place][node / 64] >> (node % 64) & 1 == 0)
    }

    /// What withholding a node on the way costs at least; `None` where it cannot be withheld any more.
    pub(super) fn least(&self, system: &System, path: &[(usize, bool)], node: usize, number: Number) -> Option<u64> {
        let shown = &self.shown[usize::from(number.hides())];
        let mut cost = 0_u64;
        for (place, _) in path {
            if shown[*place][node / 64] >> (node % 64) & 1 == 1 {
                let cell = system.at(*place, node);
                if system.cells[cell].known {
                    return None;
                }
                cost = cost.saturating_add(self.costs[cell]);
            }
        }
        Some(cost)
    }

    /// Whether every cell of an exchange is withheld and may take part.
    pub(super) fn all_withheld(&self, path: &[(usize, bool)], mask: &[u64], number: Number) -> bool {
        let shown = &self.shown[usize::from(number.hides())];
        path.iter().all(|(place, _)| shown[*place].iter().zip(mask).all(|(shown, own)| shown & own == 0))
    }

    /// What it costs to withhold what an exchange still needs; `None` where a cell of it cannot be withheld any more.
    pub(super) fn cost(&self, system: &System, path: &[(usize, bool)], mask: &[u64], number: Number) -> Option<u64> {
        let shown = &self.shown[usize::from(number.hides())];
        let mut cost = 0_u64;
        for (place, _) in path {
            for (word, (shown, own)) in shown[*place].iter().zip(mask).enumerate() {
                let mut missing = shown & own;
                while missing != 0 {
                    let cell = system.at(*place, 64 * word + missing.trailing_zeros() as usize);
                    if system.cells[cell].known {
                        return None;
                    }
                    cost = cost.saturating_add(self.costs[cell]);
                    missing &= missing - 1;
                }
            }
        }
        Some(cost)
    }

    /// Looks anew at what is withheld.
    pub(super) fn look(&mut self, system: &System, stage: Stage) {
        let nodes = system.nodes.len();
        let of = |hides: bool| {
            let shown = |place: usize| {
                let own: Vec<usize> = (0..nodes)
                    .filter(|node| {
                        let cell = system.cell(place, *node);
                        let takes = cell.is_withheld_in(stage) && (!hides || cell.hides_n());
                        cell.there && !takes
                    })
                    .collect();
                bits(nodes, &own)
            };
            (0..system.places.len()).map(shown).collect()
        };
        self.shown = [of(false), of(true)];
    }

    /// The patterns of the nodes that occur in some regions.
    pub(super) fn of(&mut self, system: &System, path: &[(usize, bool)]) -> Rc<Patterns> {
        let mut mask = vec![0; system.nodes.len().div_ceil(64)];
        for (place, _) in path {
            mask.iter_mut().zip(&self.masks[*place]).for_each(|(all, own)| *all |= own);
        }
        let found = self.patterns.entry(mask).or_insert_with_key(|mask| {
            let is = |node: &usize| mask[node / 64] >> (node % 64) & 1 == 1;
            Rc::new(Patterns::new(system, &(0..system.nodes.len()).filter(is).collect::<Vec<_>>()))
        });
        Rc::clone(found)
    }
}
