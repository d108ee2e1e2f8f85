//! A point that obeys every equation and keeps away from the bounds.

use super::system::{LEAST, System};

/// A point of a system, by connected part: an equation joins the counts that can still move.
#[derive(Clone, Debug)]
pub struct Point {
    /// A value for every count.
    pub values: Vec<f64>,
    /// Connected part of every count; a count that cannot move has none.
    part: Vec<u32>,
    /// Whether the equations of a part hold at the point.
    holds: Vec<bool>,
}

/// No connected part.
const NONE: u32 = u32::MAX;
/// How far an equation may be off, in persons; what follows from a point is held to 100 times as much.
const OFF: f64 = 1e-5;
/// Looks at an equation, on average, before a part is given up.
const LOOKS: usize = 120;
/// Where a count has no upper bound, the point is looked for this far from the lower one.
const FAR: f64 = 10_000.0;
/// Where the search begins above the lower bound, at most, in persons.
const SMALL: f64 = 30.0;
/// Beyond this the logistic function is at its end.
const END: f64 = 34.0;

impl Point {
    /// Looks for the point of greatest entropy within the boxes.
    ///
    /// x = lower + width·σ(θ), with θ = Σ aₑ·λₑ over the equations of x; each equation in turn is solved for its own λ
    /// (Bregman's method of successive projections with the Fermi-Dirac entropy; without upper bounds it is iterative
    /// proportional fitting). It converges where a point between the bounds exists; a part where it does not has no point here,
    /// and says so.
    #[must_use]
    pub fn find(system: &System) -> Self {
        let part = parts(system);
        let parts = part.iter().filter(|own| **own != NONE).max().map_or(0, |last| *last as usize + 1);
        let width = |count: usize| {
            let width = system.ranges[count].width();
            if width.is_finite() { width } else { FAR }
        };
        // Most unknown counts are small, however wide their box.
        let mut angle: Vec<f64> = (0..system.ranges.len())
            .map(|count| {
                let share = (SMALL / width(count).max(SMALL)).min(0.5);
                (share / (1.0 - share)).ln()
            })
            .collect();
        let at = |count: usize, angle: f64| system.ranges[count].lower + width(count) / (1.0 + (-angle).exp());
        let mut values: Vec<f64> = (0..system.ranges.len())
            .map(|count| {
                if part[count] == NONE {
                    f64::midpoint(system.ranges[count].lower, system.ranges[count].upper)
                } else {
                    at(count, angle[count])
                }
            })
            .collect();
        let mut waiting: std::collections::VecDeque<u32> = (0..system.equations() as u32).collect();
        let mut is_waiting = vec![true; system.equations()];
        let mut left = system.equations().saturating_mul(LOOKS);
        while let Some(equation) = waiting.pop_front() {
            is_waiting[equation as usize] = false;
            if left == 0 {
                break;
            }
            left -= 1;
            let mut moved = false;
            for _ in 0..6 {
                let off = system.residual(equation, &values);
                if off.abs() < if moved { OFF / 4.0 } else { OFF } {
                    break;
                }
                let slope: f64 = system
                    .terms(equation)
                    .iter()
                    .filter(|(count, _)| part[*count as usize] != NONE)
                    .map(|(count, factor)| {
                        let (count, width) = (*count as usize, width(*count as usize));
                        let share = (values[count] - system.ranges[count].lower) / width;
                        factor * factor * width * share * (1.0 - share)
                    })
                    .sum();
                if slope <= f64::MIN_POSITIVE {
                    break;
                }
                let step = (-off / slope).clamp(-2.0, 2.0);
                moved = true;
                for (count, factor) in system.terms(equation) {
                    let own = *count as usize;
                    if part[own] != NONE {
                        angle[own] = (angle[own] + factor * step).clamp(-END, END);
                        values[own] = at(own, angle[own]);
                    }
                }
            }
            for (count, _) in system.terms(equation).iter().filter(|(count, _)| part[*count as usize] != NONE) {
                for (other, _) in system.of(*count) {
                    let other = *other;
                    if moved && !is_waiting[other as usize] && other != equation {
                        is_waiting[other as usize] = true;
                        waiting.push_back(other);
                    }
                }
            }
        }
        let mut holds = vec![true; parts];
        for equation in 0..system.equations() as u32 {
            let open = system.terms(equation).iter().find(|(count, _)| part[*count as usize] != NONE);
            if let Some((count, _)) = open
                && system.residual(equation, &values).abs() > OFF * 10.0
            {
                holds[part[*count as usize] as usize] = false;
            }
        }
        Self { values, part, holds }
    }

    /// The equations that are off where no point was found.
    #[must_use]
    pub fn failing(&self, system: &System) -> Vec<u32> {
        if self.holds.iter().all(|holds| *holds) {
            return Vec::new();
        }
        (0..system.equations() as u32)
            .filter(|equation| {
                let open = system.terms(*equation).iter().any(|(count, _)| !self.holds(*count));
                open && system.residual(*equation, &self.values).abs() > OFF * 10.0
            })
            .collect()
    }

    /// Whether the equations hold in the connected part of a count.
    #[must_use]
    pub fn holds(&self, count: u32) -> bool {
        match self.part[count as usize] {
            NONE => true,
            part => self.holds[part as usize],
        }
    }
}

/// Connected parts of the counts that can still move, numbered from 0.
fn parts(system: &System) -> Vec<u32> {
    let mut part = vec![NONE; system.ranges.len()];
    let mut parts = 0;
    let mut open = Vec::new();
    for first in 0..part.len() as u32 {
        if part[first as usize] != NONE || !is_open(system, first) {
            continue;
        }
        part[first as usize] = parts;
        open.push(first);
        while let Some(count) = open.pop() {
            for (equation, _) in system.of(count) {
                for (other, _) in system.terms(*equation) {
                    if part[*other as usize] == NONE && is_open(system, *other) {
                        part[*other as usize] = parts;
                        open.push(*other);
                    }
                }
            }
        }
        parts += 1;
    }
    part
}

fn is_open(system: &System, count: u32) -> bool {
    system.ranges[count as usize].width() > LEAST
}
