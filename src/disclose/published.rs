//! Figures that are made elsewhere: taken over from published tables, counted in registers, or synthetic.

use std::collections::HashSet;

use super::{Figure, FigureKey, Hidden, Publishable};
use crate::declare::Floor;
use crate::vocab::{IntervalMethod, Method, Reason, Statistic, Status};

/// A figure of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// The keys.
    pub key: FigureKey,
    /// Index in `variants`.
    pub variant: u32,
    /// How it came about.
    pub method: Method,
    /// The value in the unit of the parameter, or status and reason of a cell without one.
    pub value: Result<f64, (Status, Reason)>,
    /// Its limits.
    pub limits: Option<TakenLimits>,
    /// Kind of number.
    pub statistic: Statistic,
    /// Standard error, on the scale of the value.
    pub se: Option<f64>,
    /// Persons that the figure speaks of.
    pub population: Option<f64>,
    /// Provisional, as the source says.
    pub provisional: bool,
}

/// Limits of a figure of a table, in the unit of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TakenLimits {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Confidence level; `None` where the limits are no confidence interval.
    pub confidence: Option<f64>,
    /// How they were made.
    pub method: IntervalMethod,
}

/// Period, region and category of a count, as indexes into the catalogue.
pub type Cell = (u32, u32, u32);

impl Taken {
    const fn cell(&self) -> Cell {
        (self.key.period, self.key.region, self.key.category)
    }

    fn figure(self) -> Figure {
        let value = self.value.ok();
        // An interval without its value is not shown.
        let limits = self.limits.filter(|_| value.is_some());
        Figure {
            parameter: self.key.parameter,
            collection: self.key.collection,
            period: self.key.period,
            region: self.key.region,
            statistic: self.statistic,
            category: self.key.category,
            method: self.method,
            source: self.key.source,
            variant: self.variant,
            value,
            se: self.se.filter(|_| value.is_some()),
            lower: limits.map(|limits| limits.lower),
            upper: limits.map(|limits| limits.upper),
            confidence: limits.and_then(|limits| limits.confidence),
            interval_method: limits.map(|limits| limits.method),
            n: None,
            deff: None,
            df: None,
            population: self.population.filter(|_| value.is_some()),
            status: self.value.err().map_or(Status::Ok, |(status, _)| status),
            reason: self.value.err().map(|(_, reason)| reason),
            reliability: None,
            provisional: self.provisional,
            hidden: Hidden::default(),
        }
    }
}

/// Figures that are public already, and synthetic ones, which rest on public numbers only. The pipeline declares `already-published`
/// with its ground, for itself or for the source.
#[must_use]
pub fn take_over(taken: impl IntoIterator<Item = Taken>) -> Publishable {
    Publishable::from_figures(taken.into_iter().map(Taken::figure).collect())
}

/// A figure of a register with what it was made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TakenCount {
    /// The figure.
    pub taken: Taken,
    /// Events or persons.
    pub count: f64,
    /// Of how many.
    pub denominator: Option<f64>,
    /// Whether count and denominator are of the same persons, so that the others are a count too.
    pub of_persons: bool,
}

/// Figures of a register that is not public, held against the floor.
///
/// - `min_n`: a denominator below `minimum-n`.
/// - `min_answer`: a count below `minimum-answer`, or so few others; none at all counts as fewer.
/// - `group_disclosure`: everybody or nobody, in a group below its limit.
/// - `complementary`: the same count is withheld in another source, in the cells of `linked`.
///
/// A number and the rates made of it are withheld together, because all are judged by the count.
#[must_use]
pub fn disclose_counts(
    counts: impl IntoIterator<Item = TakenCount>,
    floor: Floor,
    linked: &HashSet<Cell>,
) -> Publishable {
    let figures = counts.into_iter().map(|own| {
        let elsewhere = own.taken.value.is_ok() && linked.contains(&own.taken.cell());
        match withhold(&own, floor).or(elsewhere.then_some(Reason::Complementary)) {
            Some(reason) => Taken { value: Err((Status::Suppressed, reason)), ..own.taken }.figure(),
            None => own.taken.figure(),
        }
    });
    Publishable::from_figures(figures.collect())
}

/// A standardised figure of a register with the counts that it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardisedCount {
    /// The figure.
    pub taken: Taken,
    /// The counts of its groups, and those of the reference.
    pub parts: Vec<TakenCount>,
}

/// Standardised figures of a register. One is withheld where any of its counts is: with the others known, that count would follow from it.
/// `floor` is `None` where the counts are public already.
#[must_use]
pub fn disclose_standardised(
    figures: impl IntoIterator<Item = StandardisedCount>,
    floor: Option<Floor>,
    linked: &HashSet<Cell>,
) -> Publishable {
    let small = |part: &TakenCount| {
        linked.contains(&part.taken.cell()) || floor.is_some_and(|floor| withhold(part, floor).is_some())
    };
    let figures = figures.into_iter().map(|own| {
        let hidden = floor.is_some() && own.taken.value.is_ok() && own.parts.iter().any(small);
        let value = if hidden { Err((Status::Suppressed, Reason::Complementary)) } else { own.taken.value };
        Taken { value, ..own.taken }.figure()
    });
    Publishable::from_figures(figures.collect())
}

/// The cells whose counts the floor withholds.
pub fn small_counts(counts: impl IntoIterator<Item = TakenCount>, floor: Floor) -> HashSet<Cell> {
    let small = counts.into_iter().filter(|own| withhold(own, floor).is_some());
    small.map(|own| own.taken.cell()).collect()
}

fn withhold(own: &TakenCount, floor: Floor) -> Option<Reason> {
    // A figure that has no value has its own reason.
    own.taken.value.ok()?;
    if own.denominator.is_some_and(|denominator| denominator < floor.minimum_n as f64) {
        return Some(Reason::MinN);
    }
    let others = own.denominator.filter(|_| own.of_persons).map(|denominator| denominator - own.count);
    let uniform = own.count <= 0.0 || others.is_some_and(|others| others <= 0.0);
    if uniform && own.denominator.is_some_and(|denominator| denominator < floor.group_disclosure as f64) {
        return Some(Reason::GroupDisclosure);
    }
    let few = own.count < floor.minimum_answer as f64
        || others.is_some_and(|others| others < floor.minimum_complement as f64);
    few.then_some(Reason::MinAnswer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Floor =
        Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };

    fn reason(count: f64, denominator: Option<f64>, of_persons: bool) -> Option<Reason> {
        let key = FigureKey { parameter: 0, collection: 0, period: 0, region: 0, category: 0, source: 0 };
        let taken = Taken {
            key,
            variant: 0,
            method: Method::Register,
            value: Ok(count),
            limits: None,
            statistic: Statistic::Crude,
            se: None,
            population: None,
            provisional: false,
        };
        withhold(&TakenCount { taken, count, denominator, of_persons }, FLOOR)
    }

    #[test]
    fn small_counts_and_small_groups_are_withheld() {
        assert_eq!(reason(12.0, Some(400.0), true), None);
        assert_eq!(reason(4.0, Some(400.0), true), Some(Reason::MinAnswer));
        assert_eq!(reason(0.0, Some(400.0), true), Some(Reason::MinAnswer));
        assert_eq!(reason(397.0, Some(400.0), true), Some(Reason::MinAnswer));
        assert_eq!(reason(12.0, Some(49.0), true), Some(Reason::MinN));
        assert_eq!(reason(0.0, Some(99.0), true), Some(Reason::GroupDisclosure));
        assert_eq!(reason(4.0, None, false), Some(Reason::MinAnswer));
        // More incidents than inhabitants: the others are no count.
        assert_eq!(reason(450.0, Some(400.0), false), None);
    }
}
