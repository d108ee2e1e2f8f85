//! Directions along which a point can move without leaving its equations.

use std::collections::BTreeMap;

use super::{point::Point, system::System};

/// Two points that obey every equation, by how far they are apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Counts that differ between the two, and by how much.
    pub apart: Vec<(u32, f64)>,
}

/// Counts that one direction moves, at most.
const MOVES: usize = 120;
/// Directions one after the other, at most, up and down each.
const DIRECTIONS: usize = 8;
/// A step shorter than this part of what is wanted is not taken.
const SHORT: f64 = 0.02;

/// Counts that a direction moves, with how far they move per step.
type Moves = BTreeMap<u32, f64>;

/// Looks for exchanges that move a count, such as a respondent of one kind who changes places with one of another.
///
/// The count goes up by one; an equation that is off is put right by the count that puts right most others too and has most room, until
/// none is off. Along such a direction the point goes until a bound stops it, and then along another one, up and then down, as paths
/// that augment a flow do. A search of this kind need not find what exists: then there is no exchange, and nothing is said.
#[must_use]
pub fn exchange(system: &System, point: &Point, count: u32, need: f64) -> Option<Exchange> {
    if !point.holds(count) {
        return None;
    }
    let mut total = 0.0;
    let mut apart = Moves::new();
    for up in [1.0, -1.0] {
        let mut at = Moves::new();
        for _ in 0..DIRECTIONS {
            let left = need - total;
            if left <= 0.0 {
                break;
            }
            // First with an eye on room, then on short directions.
            let mut weights = [3.0, 0.5].into_iter();
            let Some((moves, step)) = weights.find_map(|weight| search(system, point, &at, (count, up), left, weight))
            else {
                break;
            };
            for (own, by) in moves {
                *at.entry(own).or_default() += by * step;
                *apart.entry(own).or_default() += up * by * step;
            }
            total += step;
        }
    }
    // The moves of both ends are counted in one direction, so what is apart is up minus down.
    (total >= need).then(|| Exchange { apart: apart.into_iter().filter(|(_, by)| *by != 0.0).collect() })
}

/// A direction in which a count moves by one, and how far the point can go along it.
fn search(
    system: &System,
    point: &Point,
    at: &Moves,
    (count, up): (u32, f64),
    left: f64,
    weight: f64,
) -> Option<(Moves, f64)> {
    // How many steps of a size a count can take.
    let room = |own: u32, by: f64| {
        let range = system.ranges[own as usize];
        let value = point.values[own as usize] + at.get(&own).copied().unwrap_or(0.0);
        let room = if by > 0.0 { range.upper - value } else { value - range.lower };
        (room.max(0.0) / by.abs()).min(left)
    };
    let mut moves = Moves::new();
    let mut off: BTreeMap<u32, f64> = BTreeMap::new();
    let mut step = left;
    let mut next = Some((count, up));
    while let Some((own, by)) = next {
        step = step.min(room(own, by));
        if step < left * SHORT || moves.len() >= MOVES {
            return None;
        }
        moves.insert(own, by);
        for (equation, factor) in system.of(own) {
            let wrong = off.entry(*equation).or_default();
            *wrong += factor * by;
            if wrong.abs() < 1e-9 {
                off.remove(equation);
            }
        }
        if off.is_empty() {
            return Some((moves, step));
        }
        // The equation with fewest ways out comes first; of several the one with the lowest number.
        let ways = |equation: u32| {
            let terms = system.terms(equation).iter();
            terms.filter(|(own, _)| system.is_open(*own) && !moves.contains_key(own)).count()
        };
        let (equation, wrong) =
            off.iter().take(6).min_by_key(|(own, _)| ways(**own)).map(|(own, wrong)| (*own, *wrong))?;
        let mut best: Option<(f64, u32, f64)> = None;
        for (own, factor) in system.terms(equation) {
            if !system.is_open(*own) || moves.contains_key(own) {
                continue;
            }
            let by = -wrong / factor;
            let room = room(*own, by);
            if room < left * SHORT {
                continue;
            }
            let mut score = weight * (1.0 - room / left);
            for (other, factor) in system.of(*own) {
                let before = off.get(other).copied().unwrap_or(0.0);
                let after = before + factor * by;
                score += f64::from(u8::from(after.abs() > 1e-9)) - f64::from(u8::from(before.abs() > 1e-9));
            }
            if best.is_none_or(|(least, ..)| score < least - 1e-12) {
                best = Some((score, *own, by));
            }
        }
        next = best.map(|(_, own, by)| (own, by));
    }
    None
}
