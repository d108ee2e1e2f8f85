//! Directions along which a point can move without leaving its equations.

use std::collections::BTreeMap;

use super::{point::Point, system::System};

/// A direction and how far a point can go along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// By how much each count moves per step; every equation is kept.
    pub moves: Vec<(u32, f64)>,
    /// Number of steps between the two ends, in both directions together.
    pub steps: f64,
}

/// Moves in one direction, at most.
const MOVES: usize = 120;

/// Looks for an exchange that moves a count, such as a respondent of one kind who changes places with one of another.
///
/// The count goes up by one; an equation that is off is put right by the count that puts right most others too and has most room, until
/// none is off. A search of this kind need not find what exists: then there is no exchange, and nothing is said.
#[must_use]
pub fn exchange(system: &System, point: &Point, count: u32, need: f64) -> Option<Exchange> {
    if !point.holds(count) {
        return None;
    }
    // First with an eye on room, then on short directions.
    [3.0, 0.5, 8.0].into_iter().find_map(|weight| {
        let found = search(system, point, count, need, weight)?;
        let own = found.moves.iter().find(|(own, _)| *own == count)?.1.abs();
        (own * found.steps >= need).then_some(found)
    })
}

fn search(system: &System, point: &Point, count: u32, need: f64, weight: f64) -> Option<Exchange> {
    let mut moves: BTreeMap<u32, f64> = BTreeMap::new();
    let mut off: BTreeMap<u32, f64> = BTreeMap::new();
    let step = |moves: &mut BTreeMap<u32, f64>, off: &mut BTreeMap<u32, f64>, count: u32, by: f64| {
        moves.insert(count, by);
        for (equation, factor) in system.of(count) {
            let own = off.entry(*equation).or_default();
            *own += factor * by;
            if own.abs() < 1e-9 {
                off.remove(equation);
            }
        }
    };
    step(&mut moves, &mut off, count, 1.0);
    while !off.is_empty() {
        if moves.len() >= MOVES {
            return None;
        }
        // The equation with fewest ways out comes first; of several the one with the lowest number.
        let ways = |equation: u32| {
            let terms = system.terms(equation).iter();
            terms.filter(|(own, _)| system.is_open(*own) && !moves.contains_key(own)).count()
        };
        let (equation, wrong) =
            off.iter().take(8).min_by_key(|(equation, _)| ways(**equation)).map(|(e, w)| (*e, *w))?;
        let mut best: Option<(f64, u32, f64)> = None;
        for (own, factor) in system.terms(equation) {
            if !system.is_open(*own) || moves.contains_key(own) {
                continue;
            }
            let by = -wrong / factor;
            let range = system.ranges[*own as usize];
            let value = point.values[*own as usize];
            let room = ((value - range.lower).max(0.0) + (range.upper - value).max(0.0)).min(need * 8.0) / by.abs();
            // Tight on one side is enough for a direction, tight on both is not.
            let near = (value - range.lower).min(range.upper - value).max(0.0) / by.abs();
            let lacking = (1.0 - room / (need * 1.5)).max(0.0) * 3.0 + (1.0 - near / (need / 2.0)).clamp(0.0, 1.0);
            let mut score = weight * lacking;
            for (other, factor) in system.of(*own) {
                let before = off.get(other).copied().unwrap_or(0.0);
                let after = before + factor * by;
                score += f64::from(u8::from(after.abs() > 1e-9)) - f64::from(u8::from(before.abs() > 1e-9));
            }
            let better = best.is_none_or(|(least, ..)| score < least - 1e-12);
            if better {
                best = Some((score, *own, by));
            }
        }
        let (_, own, by) = best?;
        step(&mut moves, &mut off, own, by);
    }
    let moves: Vec<(u32, f64)> = moves.into_iter().collect();
    let (mut up, mut down) = (f64::INFINITY, f64::INFINITY);
    for (own, by) in &moves {
        let range = system.ranges[*own as usize];
        let value = point.values[*own as usize];
        let (above, below) = ((range.upper - value).max(0.0) / by.abs(), (value - range.lower).max(0.0) / by.abs());
        let (forth, back) = if *by > 0.0 { (above, below) } else { (below, above) };
        up = up.min(forth);
        down = down.min(back);
    }
    Some(Exchange { moves, steps: up + down })
}
