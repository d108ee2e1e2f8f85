//! For every count that is asked about: is its interval as wide as it must be?

use super::{
    exchange::exchange,
    neighbourhood::Neighbourhood,
    point::Point,
    system::{Range, System},
};

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Bounds of single equations in turn are narrower than they must be.
    Equations,
    /// A linear program, of a neighbourhood or of everything, is narrower than it must be.
    Program,
    /// Neither could be shown: the neighbourhood that would decide is too large.
    Undecided,
    /// An exchange moves the count as far as it must.
    Exchange,
    /// A linear program moves the count as far as it must.
    Movable,
}

/// What is proven of a count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proven {
    /// Its number.
    pub count: u32,
    /// Bounds that hold: the exact ones where a program of everything decided.
    pub range: Range,
    /// What the verdict rests on.
    pub proof: Proof,
}

impl Proven {
    /// Whether the interval is known to be as wide as it must be.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.proof, Proof::Exchange | Proof::Movable)
    }
}

/// Sizes of neighbourhoods, in counts.
const SIZES: [usize; 4] = [24, 80, 200, 450];
/// What rounding may take off a width, in persons.
const ROUNDING: f64 = 1e-3;

/// Proves for each (count, least width) whether the interval of the count is as wide; an answer per question, in their order.
///
/// The boxes are those that [`super::propagate`] left, the equations have their [`System::index`], and the point is theirs.
#[must_use]
pub fn prove(system: &System, point: &Point, asked: &[(u32, f64)]) -> Vec<Proven> {
    let width = |count: u32| system.ranges[count as usize].width();
    let narrow = |(count, need): &(u32, f64)| width(*count) < need - ROUNDING;
    let mut reach = vec![0.0_f64; system.ranges.len()];
    asked
        .iter()
        .map(|own| {
            let (count, need) = *own;
            let range = system.ranges[count as usize];
            if narrow(own) {
                return Proven { count, range, proof: Proof::Equations };
            }
            if reach[count as usize] < need - ROUNDING
                && let Some(found) = exchange(system, point, count, need)
            {
                for (other, by) in &found.apart {
                    let reached = &mut reach[*other as usize];
                    *reached = reached.max(by.abs());
                }
            }
            if reach[count as usize] >= need - ROUNDING {
                return Proven { count, range, proof: Proof::Exchange };
            }
            by_program(system, point, *own, &mut reach)
        })
        .collect()
}

/// Linear programs of growing neighbourhoods; `reach` gets how far counts were moved on the way.
fn by_program(system: &System, point: &Point, (count, need): (u32, f64), reach: &mut [f64]) -> Proven {
    let mut range = system.ranges[count as usize];
    let mut moved = |apart: Vec<(u32, f64)>| {
        for (own, by) in apart {
            let reached = &mut reach[own as usize];
            *reached = reached.max(by);
        }
    };
    // Without a point only the bound from outside is left, which is seldom sharp for what it costs.
    let sizes = if point.holds(count) { &SIZES[..] } else { &SIZES[..1] };
    for size in sizes.iter().copied() {
        let around = Neighbourhood::around(system, count, size);
        if point.holds(count)
            && let Ok((inside, apart)) = around.range(system, Some(point))
        {
            moved(apart);
            if inside.width() >= need - ROUNDING {
                return Proven { count, range, proof: Proof::Movable };
            }
        }
        if let Ok((outside, apart)) = around.range(system, None) {
            range = range.and(outside);
            if range.width() < need - ROUNDING {
                return Proven { count, range, proof: Proof::Program };
            }
            if around.whole {
                moved(apart);
                return Proven { count, range, proof: Proof::Movable };
            }
        }
        if around.whole {
            break;
        }
    }
    Proven { count, range, proof: Proof::Undecided }
}
