//! Figures beside what was published of them before.
//!
//! Two versions of a figure that differ by few people tell what those few answered. So a figure that changed is shown only where
//! at least as many people came or went as a figure must rest on; one that did not change tells nothing new, and cannot be taken back either.

use crate::declare::{Floor, PrecisionRule};
use crate::vocab::Unit;

use super::precision::published_value;

/// A figure as it was published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlierFigure {
    /// Its value, as exactly as it was published.
    pub value: f64,
    /// Its number of valid answers lies between these, both included.
    pub n: (u64, u64),
}

/// What earlier versions mean for a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// None of them is near it.
    Apart,
    /// It is the same: known, shown or not.
    Known,
    /// It is another one that differs by few people.
    Differencing,
}

/// A figure of now beside its earlier versions.
#[must_use]
pub fn beside(
    value: f64,
    n: u64,
    unit: Unit,
    rule: Option<&PrecisionRule>,
    earlier: &[EarlierFigure],
    floor: Floor,
) -> Beside {
    let shown = rule.map_or(value, |rule| published_value(rule, unit, value));
    let mut known = false;
    for own in earlier {
        let (least, most) = own.n;
        if own.value == shown && (least..=most).contains(&n) {
            known = true;
        } else if apart(n, own.n) < floor.minimum_n {
            return Beside::Differencing;
        }
    }
    if known { Beside::Known } else { Beside::Apart }
}

/// A region that another one was split into, beside what was published of that: the rest follows.
#[must_use]
pub fn beside_predecessor(n: u64, earlier: &[EarlierFigure], floor: Floor) -> Beside {
    let few = |own: &EarlierFigure| own.n.1 > n && own.n.0.saturating_sub(n) < floor.minimum_n;
    if earlier.iter().any(few) { Beside::Differencing } else { Beside::Apart }
}

/// How many people may have come or gone at least.
const fn apart(n: u64, (least, most): (u64, u64)) -> u64 {
    // One of the two is 0.
    least.saturating_sub(n) + n.saturating_sub(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Floor =
        Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };

    fn with(value: f64, n: u64, earlier: (f64, u64, u64)) -> Beside {
        let earlier = [EarlierFigure { value: earlier.0, n: (earlier.1, earlier.2) }];
        beside(value, n, Unit::Share, None, &earlier, FLOOR)
    }

    #[test]
    fn one_respondent_more_is_not_shown_and_fifty_more_are() {
        assert_eq!(with(0.25, 100, (0.25, 100, 100)), Beside::Known);
        // 25 of 100, then 26 of 101: the one who came said yes.
        assert_eq!(with(26.0 / 101.0, 101, (0.25, 100, 100)), Beside::Differencing);
        assert_eq!(with(0.3, 149, (0.25, 100, 100)), Beside::Differencing);
        assert_eq!(with(0.3, 150, (0.25, 100, 100)), Beside::Apart);
    }

    #[test]
    fn a_rounded_version_that_stays_the_same_tells_nothing() {
        let rule = PrecisionRule {
            levels: Vec::new(),
            share: Some(0.01),
            mean: None,
            count: 10,
            hidden: Vec::new(),
            ground: String::new(),
        };
        // Published: 25 %, n 100. Now 26 of 101: 25.7 %, which is 26 %.
        let earlier = [EarlierFigure { value: 0.25, n: (100, 109) }];
        let now = |value, n| beside(value, n, Unit::Share, Some(&rule), &earlier, FLOOR);
        assert_eq!(now(26.0 / 101.0, 101), Beside::Differencing);
        // 25 of 101: 24.8 %, which is 25 % again.
        assert_eq!(now(25.0 / 101.0, 101), Beside::Known);
    }

    #[test]
    fn the_rest_of_a_split_region_must_be_large_enough() {
        let earlier = [EarlierFigure { value: 0.25, n: (100, 109) }];
        let rest = |n| beside_predecessor(n, &earlier, FLOOR);
        // 100 to 109 less 60 is 40 to 49 people; less 50 is 50 at least.
        assert_eq!((rest(60), rest(50), rest(120)), (Beside::Differencing, Beside::Apart, Beside::Apart));
    }
}
