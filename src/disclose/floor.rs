//! Primary suppression: the floor and group disclosure.

use super::{Figure, Publishable};
use crate::declare::Floor;
use crate::estimate::{Estimate, Support, Withheld};
use crate::stats::NoInterval;
use crate::vocab::{Method, Reason, Reliability, Statistic, Status};

/// What a parameter's figures must rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The floor of the pipeline, or the stricter one of the parameter.
    pub floor: Floor,
    /// Whether figures that are too imprecise are withheld.
    pub withhold_unreliable: bool,
}

/// The keys of a figure, as indexes into the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    ///
    /// Only answers with a weight above zero count: an answer of weight 0 adds nothing to the value and hides nobody in it.
    pub(super) fn withhold(&self, support: &Support) -> Option<Reason> {
        let Floor { minimum_n, minimum_answer, group_disclosure } = self.floor;
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
        let fewest = support.weighted_yes.map(|yes| yes.min(support.weighted - yes));
        fewest.is_some_and(|fewest| fewest < minimum_answer).then_some(Reason::MinAnswer)
    }
}

/// Estimates → figures. A withheld figure keeps its row and loses every number.
#[must_use]
pub fn disclose(
    estimates: impl IntoIterator<Item = (FigureKey, Estimate, Option<Reliability>)>,
    policy: Policy,
    confidence: f64,
) -> Publishable {
    let figures = estimates
        .into_iter()
        .map(|(key, estimate, reliability)| match policy.withhold(&estimate.support()) {
            Some(reason) => bare(key, Status::Suppressed, reason),
            None if policy.withhold_unreliable && reliability == Some(Reliability::Unreliable) => {
                bare(key, Status::Suppressed, Reason::Unreliable)
            }
            None => Figure { reliability, ..shown(key, confidence, &estimate) },
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

    fn reason(n: u64, yes: u64) -> Option<Reason> {
        let floor = Floor { minimum_n: 50, minimum_answer: 5, group_disclosure: 100 };
        Policy { floor, withhold_unreliable: false }.withhold(&estimate(n, yes).support())
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
        let floor = Floor { minimum_n: 50, minimum_answer: 5, group_disclosure: 100 };
        let one_person = Estimate { weighted: 1, weighted_yes: Some(1), ..estimate(160, 80) };
        let policy = Policy { floor, withhold_unreliable: false };
        assert_eq!(policy.withhold(&one_person.support()), Some(Reason::MinN));
        // 55 yes with a weight, 5 no without: the share is 1 and speaks of everybody whom it rests on.
        let everybody = Estimate { weighted: 55, weighted_yes: Some(55), ..estimate(60, 55) };
        assert_eq!(policy.withhold(&everybody.support()), Some(Reason::GroupDisclosure));
    }

    #[test]
    fn a_withheld_figure_has_no_number_at_all() {
        let key = FigureKey { parameter: 0, collection: 0, period: 0, region: 0, category: 0, source: 0 };
        let floor = Floor { minimum_n: 50, minimum_answer: 5, group_disclosure: 100 };
        let policy = Policy { floor, withhold_unreliable: false };
        let found = disclose([(key, estimate(20, 10), None)], policy, 0.95);
        assert_eq!(found.figures().collect::<Vec<_>>(), [&bare(key, Status::Suppressed, Reason::MinN)]);
    }
}
