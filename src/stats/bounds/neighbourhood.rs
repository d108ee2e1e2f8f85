//! The linear program of a count and what lies around it.

use std::collections::BTreeMap;

use super::{
    point::Point,
    program::{Program, ProgramError},
    system::{Range, System},
};

/// Counts around one count: those that a program may move.
pub(super) struct Neighbourhood {
    /// Counts that move, the one that is asked about first.
    counts: Vec<u32>,
    /// Whether no count that could move lies outside.
    pub(super) whole: bool,
}

impl Neighbourhood {
    /// The nearest counts, by the number of equations on the way, up to about `size` of them.
    pub(super) fn around(system: &System, count: u32, size: usize) -> Self {
        let mut seen: BTreeMap<u32, ()> = BTreeMap::from([(count, ())]);
        let mut counts = vec![count];
        let mut next = 0;
        while next < counts.len() && counts.len() < size {
            for (equation, _) in system.of(counts[next]) {
                for (other, _) in system.terms(*equation) {
                    if system.is_open(*other) && seen.insert(*other, ()).is_none() {
                        counts.push(*other);
                    }
                }
            }
            next += 1;
        }
        Self { whole: next == counts.len(), counts }
    }

    /// Bounds of the count: with the rest held at a point, a range that can be had; with the rest free in its box, a range that holds.
    ///
    /// Beside it stands for each count of the neighbourhood how far it moved: as far it can.
    pub(super) fn range(
        &self,
        system: &System,
        held: Option<&Point>,
    ) -> Result<(Range, Vec<(u32, f64)>), ProgramError> {
        let mut column: BTreeMap<u32, usize> = self.counts.iter().enumerate().map(|(at, own)| (*own, at)).collect();
        let mut boxes: Vec<Range> = self.counts.iter().map(|own| system.ranges[*own as usize]).collect();
        let mut equations: Vec<u32> =
            self.counts.iter().flat_map(|own| system.of(*own).iter().map(|(equation, _)| *equation)).collect();
        equations.sort_unstable();
        equations.dedup();
        let mut rows = Vec::with_capacity(equations.len());
        for equation in equations {
            let mut right = system.right(equation);
            let mut terms = Vec::new();
            for (own, factor) in system.terms(equation) {
                if let Some(at) = column.get(own) {
                    terms.push((*at, *factor));
                } else if let Some(point) = held {
                    right -= factor * point.values[*own as usize];
                } else if system.is_open(*own) {
                    column.insert(*own, boxes.len());
                    terms.push((boxes.len(), *factor));
                    boxes.push(system.ranges[*own as usize]);
                } else {
                    let own = system.ranges[*own as usize];
                    right -= factor * f64::midpoint(own.lower, own.upper);
                }
            }
            rows.push((terms, right));
        }
        let (range, apart) = Program::new(boxes, &rows)?.range(0)?;
        Ok((range, self.counts.iter().copied().zip(apart).collect()))
    }
}
