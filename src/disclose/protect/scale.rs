//! Parameters of one scale that others give: moderate risk is "moderate or high" less "high", and low is the rest.
//!
//! Whoever knows two of them knows the third, so the third withholds exactly what the others withhold. It needs no proof of its own: where one of the
//! others is open it is open as far, and by the same exchanges.

use super::system::System;
use super::{Protected, outcome};

/// The systems, as indexes into `before`, whose answers yes give those of a system in every cell; `None` where none do.
///
/// All have the same cells with the same numbers of answers. One gives another that is the same or its complement; two give their sum, their
/// difference, what they share beyond everybody, and the complement of each.
#[must_use]
pub fn given_by(own: &System, before: &[&System]) -> Option<Vec<usize>> {
    let same = |other: &System| {
        other.share
            && other.cells.len() == own.cells.len()
            && other.places == own.places
            && own.cells.iter().zip(&other.cells).all(|(own, other)| own.there == other.there && own.n() == other.n())
    };
    if !own.share || own.cells.iter().all(|cell| cell.n() == 0) {
        return None;
    }
    let fitting: Vec<usize> = (0..before.len()).filter(|at| same(before[*at])).collect();
    let holds = |sum: &dyn Fn(usize, i64) -> i64| {
        let mut sides = [true; 2];
        for (at, cell) in own.cells.iter().enumerate().filter(|(_, cell)| cell.there) {
            let sum = sum(at, i64::from(cell.n()));
            (0..2).for_each(|side| sides[side] &= sum == i64::from(cell.answers[side]));
            if sides == [false; 2] {
                return false;
            }
        }
        true
    };
    let yes = |system: usize, at: usize| i64::from(before[system].cells[at].answers[0]);
    for a in &fitting {
        if holds(&|at, _| yes(*a, at)) {
            return Some(vec![*a]);
        }
    }
    for (position, a) in fitting.iter().enumerate() {
        for b in &fitting[position + 1..] {
            let (a, b) = (*a, *b);
            if holds(&|at, _| yes(a, at) + yes(b, at))
                || holds(&|at, _| yes(a, at) - yes(b, at))
                || holds(&|at, _| yes(b, at) - yes(a, at))
                || holds(&|at, n| yes(a, at) + yes(b, at) - n)
            {
                return Some(vec![a, b]);
            }
        }
    }
    None
}

impl System {
    /// Whether a cell is withheld by its own numbers while none of some others is.
    #[must_use]
    pub fn alone_withholds(&self, cell: usize, others: &[&Self]) -> bool {
        self.cells[cell].is_withheld() && others.iter().all(|other| !other.cells[cell].is_withheld())
    }

    /// Withholds what any of the systems withholds that give this one.
    pub fn follow(&mut self, given_by: &[&Self]) -> Protected {
        for (at, cell) in self.cells.iter_mut().enumerate().filter(|(_, cell)| cell.there) {
            if !cell.is_withheld() && given_by.iter().any(|own| own.cells[at].is_withheld()) {
                cell.complementary = true;
            }
            cell.of_numbers |= !cell.few && given_by.iter().any(|own| own.cells[at].of_numbers);
        }
        outcome(self, 0)
    }
}
