//! Bounds from one equation at a time.

use super::system::{LEAST, Range, System};

/// An equation that the boxes cannot obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("equation {equation} cannot hold")]
pub struct Contradiction {
    /// Its number.
    pub equation: u32,
}

/// Steps by which a bound must move to be worth another look: bounds can creep for ever towards a limit.
const STEP: f64 = 1e-4;
/// How often one equation is looked at, at most.
const LOOKS: u16 = 60;

/// Narrows the boxes by each equation in turn, until nothing moves: x ≤ (b − least of the others) / a, and so on.
///
/// The boxes stay valid, and are never narrower than the exact bounds. The equations need their [`System::index`].
///
/// # Errors
/// [`Contradiction`] where an equation has no solution in its boxes, by more than rounding.
pub fn propagate(system: &mut System) -> Result<(), Contradiction> {
    let equations = system.equations();
    let mut waiting: Vec<u32> = (0..equations as u32).rev().collect();
    let mut is_waiting = vec![true; equations];
    let mut looks = vec![0_u16; equations];
    let mut moved = Vec::new();
    while let Some(equation) = waiting.pop() {
        is_waiting[equation as usize] = false;
        looks[equation as usize] += 1;
        moved.clear();
        narrow(system, equation, &mut moved)?;
        for count in &moved {
            for (other, _) in system.of(*count) {
                let at = *other as usize;
                if !is_waiting[at] && looks[at] < LOOKS {
                    is_waiting[at] = true;
                    waiting.push(*other);
                }
            }
        }
    }
    Ok(())
}

/// Narrows the boxes of one equation; `moved` gets the counts whose box did.
fn narrow(system: &mut System, equation: u32, moved: &mut Vec<u32>) -> Result<(), Contradiction> {
    // The sums of least and most, with infinite parts counted apart.
    let (mut least, mut most, mut open_below, mut open_above) = (0.0, 0.0, 0_u32, 0_u32);
    let ends = |range: Range, factor: f64| {
        if factor > 0.0 {
            (factor * range.lower, factor * range.upper)
        } else {
            (factor * range.upper, factor * range.lower)
        }
    };
    let mut size = system.right(equation).abs();
    for (count, factor) in system.terms(equation) {
        let (low, high) = ends(system.ranges[*count as usize], *factor);
        if low.is_finite() {
            least += low;
            size = size.max(low.abs());
        } else {
            open_below += 1;
        }
        if high.is_finite() {
            most += high;
            size = size.max(high.abs());
        } else {
            open_above += 1;
        }
    }
    let right = system.right(equation);
    let rounding = LEAST.max(size * 1e-12);
    if (open_below == 0 && least > right + rounding) || (open_above == 0 && most < right - rounding) {
        return Err(Contradiction { equation });
    }
    if open_below > 1 && open_above > 1 {
        return Ok(());
    }
    for at in 0..system.terms(equation).len() {
        let (count, factor) = system.terms(equation)[at];
        let own = system.ranges[count as usize];
        let (low, high) = ends(own, factor);
        // What the others leave for a·x.
        let others_least = match (open_below, low.is_finite()) {
            (0, _) => Some(least - low),
            (1, false) => Some(least),
            _ => None,
        };
        let others_most = match (open_above, high.is_finite()) {
            (0, _) => Some(most - high),
            (1, false) => Some(most),
            _ => None,
        };
        let top = others_least.map_or(f64::INFINITY, |others| right - others);
        let bottom = others_most.map_or(f64::NEG_INFINITY, |others| right - others);
        let left = if factor > 0.0 {
            Range { lower: bottom / factor, upper: top / factor }
        } else {
            Range { lower: top / factor, upper: bottom / factor }
        };
        let mut both = own.and(left);
        if both.lower > both.upper {
            if both.lower > both.upper + rounding {
                return Err(Contradiction { equation });
            }
            let middle = f64::midpoint(both.lower, both.upper).clamp(own.lower, own.upper);
            both = Range::exactly(middle);
        }
        // A step below the threshold is left undone, so that boxes stay valid and the work ends.
        let far = both.lower - own.lower > STEP
            || own.upper - both.upper > STEP
            || !own.upper.is_finite() && both.upper.is_finite();
        let closes = both.width() <= LEAST && own.width() > LEAST;
        if far || closes {
            system.ranges[count as usize] = both;
            moved.push(count);
            let (new_low, new_high) = ends(both, factor);
            if low.is_finite() {
                least += new_low - low;
            } else if new_low.is_finite() {
                least += new_low;
                open_below -= 1;
            }
            if high.is_finite() {
                most += new_high - high;
            } else if new_high.is_finite() {
                most += new_high;
                open_above -= 1;
            }
        }
    }
    Ok(())
}
