//! Complementary suppression: which figures are withheld so that no withheld one can be worked out.
//!
//! The figures of a parameter in one series are cells of a linked system: regions × nodes, a node being the total, a category of a dimension or a
//! cell of a crossing. A region is the sum of its parts, a node the sum of those that refine it. The attacker is given every published
//! number of answers exactly, who is in no wijk or category, and the weights: whatever rounding takes away comes on top.
//!
//! Two things are asked until both hold:
//!
//! - **groups** (`groups`): where the sum of some withheld cells can be worked out, that sum is a figure that might have been published itself, and none
//!   of them that is below the floor is nearly all of it;
//! - **exchanges** (`exchange`): for every withheld cell there are other tables with the same published numbers, in which the cell
//!   lies so far away as the policy asks. Such a table is made by moving people: from one region to another, or across the categories of two regions and
//!   back. Each is a proof: the attacker's interval, by whatever linear method, holds both ends. (The idea of the hypercube method, Repsilber 1994 and
//!   GHMITER in tau-ARGUS, with moves that may take any withheld cells, and costs.)
//!
//! A cell without any answer holds nobody. Where the policy leaves such cells open, one that can only be empty is let be; one that
//! might have some is asked as any other, because who attacks does not know that it is empty.
//!
//! What is missing is withheld as cheaply as possible, fine cells before totals, narrow regions before wide ones. First the numbers of answers are
//! protected, by choices that depend on them alone: two parameters of one scale then withhold the same cells, and the n that one of them would give
//! is withheld by the other. Then the answers yes and no, with every n taken as known. A parameter that others of its scale give withholds
//! what they withhold (`scale`).

mod exchange;
mod groups;
mod kept;
mod pattern;
mod people;
mod scale;
mod system;
mod ways;

#[cfg(test)]
mod tests;

pub use scale::given_by;
pub use system::{Breakdown, Node, Place, System, SystemCell};

use serde::{Deserialize, Serialize};

use crate::declare::{Floor, Protection};

use kept::Kept;

/// What protecting a system came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// Cells withheld for the sake of others.
    pub complementary: usize,
    /// Of them in a region that is wider than the finest of the system.
    pub wider: usize,
    /// Withheld cells that nothing protects: there is nothing left that could be withheld for them.
    pub bare: usize,
}

impl std::ops::AddAssign for Protected {
    fn add_assign(&mut self, other: Self) {
        self.complementary += other.complementary;
        self.wider += other.wider;
        self.bare += other.bare;
    }
}

/// Withholds what must be withheld for the sake of the cells that the floor withholds.
#[must_use]
pub fn protect(system: &mut System, floor: Floor, protection: Protection) -> Protected {
    let mut protector = Protector { system, floor, protection, bare: 0 };
    for stage in [Stage::Numbers, Stage::Answers] {
        protector.run(stage);
    }
    let bare = protector.bare;
    outcome(system, bare)
}

fn outcome(system: &System, bare: usize) -> Protected {
    let cells = system.cells.iter().enumerate().filter(|(_, cell)| cell.is_complementary());
    let mut outcome = Protected { bare, ..Protected::default() };
    for (at, _) in cells {
        outcome.complementary += 1;
        outcome.wider += usize::from(!system.is_finest(at));
    }
    outcome
}

/// What is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Numbers of valid answers below the floor.
    Numbers,
    /// Answers yes and no of every withheld cell.
    Answers,
}

struct Protector<'s> {
    system: &'s mut System,
    floor: Floor,
    protection: Protection,
    bare: usize,
}

impl Protector<'_> {
    /// Until groups and exchanges both hold. What is withheld only grows, so it ends.
    fn run(&mut self, stage: Stage) {
        self.system.begin(stage);
        let mut kept = Kept::new(self.system);
        loop {
            self.close_groups(stage);
            let (changed, bare) = self.exchange(stage, &mut kept);
            if !changed {
                self.bare += bare;
                return;
            }
        }
    }
}
