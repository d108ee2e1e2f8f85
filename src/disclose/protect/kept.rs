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
}

impl Number {
    /// How far a cell can lose and gain.
    pub(super) fn room(self, cell: &SystemCell) -> [u64; 2] {
        match self {
            Self::Valid => [u64::from(cell.n()), u64::MAX / 4],
            Self::Answers => [u64::from(cell.room[0]), u64::from(cell.room[1])],
            Self::Side(side) => [u64::from(cell.answers[side]), u64::MAX / 4],
        }
    }

    /// Whether a withheld cell may take part.
    pub(super) const fn takes(self, cell: &SystemCell) -> bool {
        match self {
            Self::Valid | Self::Side(_) => cell.hides_n(),
            Self::Answers => true,
        }
    }
}

/// Two tables on their way, one with the number of the cell risen and one with it fallen: how far every cell has moved.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) far: [Vec<i64>; 2],
    pub(super) touched: Vec<usize>,
}

impl Moved {
    /// Back to the start.
    pub(super) fn reset(&mut self) {
        for cell in self.touched.drain(..) {
            self.far[0][cell] = 0;
            self.far[1][cell] = 0;
        }
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
    /// Leaves by region and node.
    pub(super) leaves: BTreeMap<usize, Vec<usize>>,
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
        Self {
            patterns: BTreeMap::new(),
            masks: (0..system.places.len()).map(mask).collect(),
            shown: [Vec::new(), Vec::new()],
            costs: (0..system.cells.len()).map(|cell| system.cost(cell)).collect(),
            leaves: BTreeMap::new(),
            moved: Moved { far: [still.clone(), still], touched: Vec::new() },
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

    /// Whether every cell of an exchange is withheld and may take part.
    pub(super) fn all_withheld(&self, path: &[(usize, bool)], mask: &[u64], number: Number) -> bool {
        let shown = &self.shown[usize::from(number != Number::Answers)];
        path.iter().all(|(place, _)| shown[*place].iter().zip(mask).all(|(shown, own)| shown & own == 0))
    }

    /// What it costs to withhold what an exchange still needs; `None` where a cell of it cannot be withheld any more.
    pub(super) fn cost(&self, system: &System, path: &[(usize, bool)], mask: &[u64], number: Number) -> Option<u64> {
        let shown = &self.shown[usize::from(number != Number::Answers)];
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
