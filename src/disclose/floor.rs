//! Primary suppression: the floor and group disclosure.

use serde::{Deserialize, Serialize};

use super::{Figure, Hidden, Publishable};
use crate::declare::Floor;
use crate::estimate::{Estimate, Support, Withheld};
use crate::stats::NoInterval;
use crate::vocab::{Method, Reason, Reliability, Statistic, Status};

/// What a parameter's figures must rest on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The floor of the collection, or the stricter one of the parameter.
    pub floor: Floor,
    /// Whether figures that are too imprecise are withheld.
    pub withhold_unreliable: bool,
    /// Largest part of the weight of a figure that one answer may have.
    pub largest_weight: f64,
}

/// The policies of a parameter: one per collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// In the order of the collections of the catalogue.
    #[must_use]
    pub const fn new(of_collections: Vec<Policy>) -> Self {
        Self(of_collections)
    }

    /// That of a collection, as its index in the catalogue.
    ///
    /// # Panics
    /// Where the catalogue has no such collection.
    #[must_use]
    pub fn of(&self, collection: u32) -> Policy {
        self.0[collection as usize]
    }
}

/// The keys of a figure, as indexes into the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FigureKey {
    /// Parameter.
    pub parameter: u32,
    /// Collection.
    pub collection: u32,
    /// Period.
    pub period: u32,
    /// Region.
    pub region: u32,
    /// Category.
    pub category: u32,
    /// Source.
    pub source: u32,
}

impl Policy {
    /// Whether a number that rests on these answers may be shown.
    #[must_use]
    pub fn shows(&self, support: &Support) -> bool {
        self.withhold(support).is_none()
    }

    /// Whether withheld parts hide each other, so that what follows of them together gives none of them away: together they pass the
    /// floor, and the largest is at most four fifths of them (the dominance rule of the field, with n = 1 and k = 80 %).
    #[must_use]
    pub fn hides(&self, withheld: &Withheld) -> bool {
        let Withheld { support, largest } = withheld;
        support.weighted == 0 || (self.withhold(support).is_none() && 5 * largest <= 4 * support.weighted)
    }

    /// Of several partitions one whose withheld parts do not hide each other, or else any.
    #[must_use]
    pub fn weakest(&self, partitions: impl IntoIterator<Item = Withheld>) -> Option<Withheld> {
        let mut found = None;
        for own in partitions {
            if !self.hides(&own) {
                return Some(own);
            }
            found = Some(own);
        }
        found
    }

    /// Why a number that rests on these answers is withheld; `None` where it may be shown.
    #[must_use]
    pub fn reason(&self, support: &Support) -> Option<Reason> {
        self.withhold(support)
    }

    /// Why a number is withheld; `None` where it may be shown.
    ///
    /// - `min_n`: fewer valid answers than the floor.
    /// - `group_disclosure`: everybody or nobody said yes, or everybody has the same score, in a group below its limit. What is
    ///   true of all is known of each.
    /// - `min_answer`: fewer answers yes, or no, than the floor; none at all counts as fewer.
    /// - `dominance`: one answer has too large a part of the weight.
    /// - what was decided for the figure among the others, such as `complementary`.
    ///
    /// Only answers with a weight above zero count: an answer of weight 0 adds nothing to the value and hides nobody in it.
    pub(super) fn withhold(&self, support: &Support) -> Option<Reason> {
        let Floor { minimum_n, minimum_answer, minimum_complement, group_disclosure, minimum_population: _ } =
            self.floor;
        let Some(value) = support.value else { return Some(Reason::MinN) };
        if support.weighted < minimum_n {
            return Some(Reason::MinN);
        }
        let uniform = match support.weighted_yes {
            Some(yes) => yes == 0 || yes == support.weighted || value <= 0.0 || value >= 1.0,
            None => support.same,
        };
        if uniform && support.weighted < group_disclosure {
            return Some(Reason::GroupDisclosure);
        }
        let few = |yes: u64| yes < minimum_answer || support.weighted - yes < minimum_complement;
        if support.weighted_yes.is_some_and(few) {
            return Some(Reason::MinAnswer);
        }
        if support.heaviest > self.largest_weight {
            return Some(Reason::Dominance);
        }
        support.decided
    }
}

/// Estimates → figures. A withheld figure keeps its row and loses every number.
#[must_use]
pub fn disclose(
    estimates: impl IntoIterator<Item = (FigureKey, Estimate, Option<Reliability>)>,
    policies: &Policies,
    confidence: f64,
) -> Publishable {
    let figures = estimates
        .into_iter()
        .map(|(key, estimate, reliability)| {
            let policy = policies.of(key.collection);
            match policy.withhold(&estimate.support()) {
                Some(reason) => bare(key, Status::Suppressed, reason),
                None if policy.withhold_unreliable && reliability == Some(Reliability::Unreliable) => {
                    bare(key, Status::Suppressed, Reason::Unreliable)
                }
                None => Figure { reliability, ..shown(key, confidence, &estimate) },
            }
        })
        .collect();
    Publishable::from_figures(figures)
}

/// Rows of parameters that a source does not measure.
#[must_use]
pub fn not_measured(keys: impl IntoIterator<Item = FigureKey>) -> Publishable {
    Publishable::from_figures(keys.into_iter().map(|key| bare(key, Status::NotMeasured, Reason::SourceLacks)).collect())
}

pub(super) fn bare(key: FigureKey, status: Status, reason: Reason) -> Figure {
    Figure {
        parameter: key.parameter,
        collection: key.collection,
        period: key.period,
        region: key.region,
        statistic: Statistic::Crude,
        category: key.category,
        method: Method::Direct,
        source: key.source,
        variant: 0,
        value: None,
        se: None,
        lower: None,
        upper: None,
        confidence: None,
        interval_method: None,
        n: None,
        deff: None,
        df: None,
        population: None,
        status,
        reason: Some(reason),
        reliability: None,
        own_share: None,
        provisional: false,
        hidden: Hidden::default(),
    }
}

fn shown(key: FigureKey, confidence: f64, estimate: &Estimate) -> Figure {
    let Some(value) = estimate.value else { return bare(key, Status::Suppressed, Reason::MinN) };
    let interval = value.interval.ok();
    let reason = match value.interval {
        Ok(_) => None,
        Err(NoInterval::NoDf) => Some(Reason::NoDf),
        Err(NoInterval::NoVariance) => Some(Reason::NoVariance),
    };
    Figure {
        value: Some(value.value),
        se: value.se,
        lower: interval.map(|interval| interval.limits.lower),
        upper: interval.map(|interval| interval.limits.upper),
        confidence: interval.map(|_| confidence),
        interval_method: interval.map(|interval| interval.method),
        n: i64::try_from(estimate.n).ok(),
        deff: value.deff,
        df: i64::try_from(value.df).ok(),
        status: Status::Ok,
        reason,
        ..bare(key, Status::Ok, Reason::NoDf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::{Domain, Value};

    fn estimate(n: u64, yes: u64) -> Estimate {
        let share = yes as f64 / n as f64;
        let inner = yes > 0 && yes < n;
        Estimate {
            domain: Domain { series: 0, region: 0, category: 0 },
            n,
            n_yes: Some(yes),
            weighted: n,
            weighted_yes: Some(yes),
            unknown: 0,
            not_applicable: 0,
            top: [1.0, 1.0],
            decided: None,
            value: Some(Value {
                value: share,
                weight: n as f64,
                se: Some(0.01),
                deff: inner.then_some(1.0),
                kish_n: n as f64,
                df: n - 1,
                interval: Err(NoInterval::NoDf),
            }),
        }
    }

    const FLOOR: Floor =
        Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };
    const POLICY: Policy = Policy { floor: FLOOR, withhold_unreliable: false, largest_weight: 1.0 };

    fn reason(n: u64, yes: u64) -> Option<Reason> {
        POLICY.withhold(&estimate(n, yes).support())
    }

    #[test]
    fn the_complement_may_have_a_floor_of_its_own() {
        let floor = Floor { minimum_complement: 10, ..FLOOR };
        let reason = |yes| Policy { floor, ..POLICY }.withhold(&estimate(60, yes).support());
        assert_eq!((reason(5), reason(50), reason(51)), (None, None, Some(Reason::MinAnswer)));
    }

    #[test]
    fn one_answer_may_not_carry_a_figure() {
        // 50 answers of weight 1, one of them of weight 21: 21 of 70 is 0.3.
        let mut heavy = estimate(50, 25);
        heavy.top[0] = 21.0;
        heavy.value.as_mut().unwrap().weight = 70.0;
        let reason = |largest_weight| Policy { largest_weight, ..POLICY }.withhold(&heavy.support());
        assert_eq!((reason(0.3), reason(0.29)), (None, Some(Reason::Dominance)));
    }

    #[test]
    fn the_floor_holds_on_both_sides_and_at_its_edges() {
        assert_eq!(reason(49, 20), Some(Reason::MinN));
        assert_eq!(reason(50, 20), None);
        assert_eq!(reason(50, 4), Some(Reason::MinAnswer));
        assert_eq!(reason(50, 46), Some(Reason::MinAnswer));
        assert_eq!(reason(50, 45), None);
    }

    #[test]
    fn all_or_nobody_in_a_small_group_has_its_own_reason() {
        assert_eq!(reason(99, 0), Some(Reason::GroupDisclosure));
        assert_eq!(reason(99, 99), Some(Reason::GroupDisclosure));
        assert_eq!(reason(100, 0), Some(Reason::MinAnswer));
    }

    #[test]
    fn answers_of_weight_zero_hide_nobody() {
        let one_person = Estimate { weighted: 1, weighted_yes: Some(1), ..estimate(160, 80) };
        let policy = POLICY;
        assert_eq!(policy.withhold(&one_person.support()), Some(Reason::MinN));
        // 55 yes with a weight, 5 no without: the share is 1 and speaks of everybody whom it rests on.
        let everybody = Estimate { weighted: 55, weighted_yes: Some(55), ..estimate(60, 55) };
        assert_eq!(policy.withhold(&everybody.support()), Some(Reason::GroupDisclosure));
    }

    #[test]
    fn a_withheld_figure_has_no_number_at_all() {
        let key = FigureKey { parameter: 0, collection: 0, period: 0, region: 0, category: 0, source: 0 };
        let policies = Policies::new(vec![POLICY]);
        let found = disclose([(key, estimate(20, 10), None)], &policies, 0.95);
        assert_eq!(found.figures().collect::<Vec<_>>(), [&bare(key, Status::Suppressed, Reason::MinN)]);
    }
}
