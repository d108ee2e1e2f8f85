//! Figures of a model that may be shown, of cells or of areas.
//!
//! A modelled share is no count of answers, but it leans on them: by its own share on those of its area. What it says of one respondent is bounded
//! in two ways. The answers of an area with fewer than `own-answers` are left out of the model altogether, so that its figure is the same whatever they are. Of every
//! other area the figure is withheld where one answer would move it by more than `maximum-influence`. Beside that a figure of very few persons is withheld, and a share near 0 or 1 of few
//! persons, which would speak of each of them.

use super::comparison::{Comparison, Comparisons, Judgement, bare as bare_comparison};
use super::floor::bare;
use super::{ComparisonKey, Figure, FigureKey, Publishable, Reason, Status};
use crate::declare::{Floor, ShownLimits};
use crate::estimate::{BesideParent, Modelled, ModelledShare};
use crate::vocab::{IntervalMethod, Method, Reference, Reliability, Statistic, Test};

/// A share within this distance of 0 or 1 speaks of a small group as a whole.
const NEAR_ALL: f64 = 0.1;
/// Own shares are published in steps of so much.
const OWN_STEP: f64 = 0.05;

/// A figure of a model before disclosure control. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfModel {
    /// The keys; the source is that of the model.
    pub key: FigureKey,
    /// What the model gives; why not where the parameter or the area has nothing.
    pub modelled: Result<Modelled, (Status, Reason)>,
    /// The region that the area lies in, with how it stands in it.
    pub beside: Option<(u32, BesideParent)>,
    /// The share of that region, for the difference.
    pub parent: Option<Modelled>,
    /// Place of its value among the areas of that region, 1 for the highest.
    pub place: Option<u32>,
    /// Why it is withheld whatever its own numbers ([`withhold_beside`](super::withhold_beside)).
    pub decided: Option<Reason>,
}

/// How figures of a model are held back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelPolicy {
    /// The limits of the model.
    pub limits: ShownLimits,
    /// Lowest and highest value that a figure can have: 0 and 1 of a share.
    pub range: (f64, f64),
    /// How limits are made, and their degrees of freedom.
    pub interval: (IntervalMethod, Option<i64>),
    /// Whether `population` is the number of persons that figures speak of, which is published; else inhabitants of any age.
    pub of_persons: bool,
    /// Index of the variant of figures that are not benchmarked.
    pub variant: u32,
    /// The floor of the parameter: n is shown only above it.
    pub floor: Floor,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Index of the variant `benchmarked`.
    pub benchmarked: u32,
}

impl ModelPolicy {
    /// Why a figure is withheld; `None` where it may be shown.
    #[must_use]
    pub fn withhold(&self, own: &Modelled) -> Option<Reason> {
        let ShownLimits { minimum_population, group_population, maximum_influence, withhold_unreliable, .. } =
            self.limits;
        let (low, high) = self.range;
        let share = (own.share.value - low) / (high - low);
        if own.population < minimum_population.max(self.floor.minimum_population as f64) {
            return Some(Reason::MinPopulation);
        }
        if own.population < group_population && !(NEAR_ALL..=1.0 - NEAR_ALL).contains(&share) {
            return Some(Reason::GroupDisclosure);
        }
        if own.influence > maximum_influence {
            return Some(Reason::Dominance);
        }
        (withhold_unreliable && self.class(&own.share) == Reliability::Unreliable).then_some(Reason::Unreliable)
    }

    /// Why a figure has no value, by its own numbers or for the sake of others; `None` where it may be shown.
    #[must_use]
    pub fn why(&self, own: &OfModel) -> Option<(Status, Reason)> {
        match &own.modelled {
            Ok(modelled) => self.withhold(modelled).or(own.decided).map(|reason| (Status::Suppressed, reason)),
            Err(why) => Some(*why),
        }
    }

    /// The class of precision: by the half width of the interval and by the standard deviation over the smaller of share and rest; of a mean as parts of its range.
    #[must_use]
    pub fn class(&self, share: &ModelledShare) -> Reliability {
        let (low, high) = self.range;
        let half = (share.upper - share.lower) / 2.0 / (high - low);
        let variation = share.se / (share.value - low).min(high - share.value);
        let within = |(width, cv): (f64, f64)| half <= width && variation <= cv;
        if within(self.limits.reliable) {
            Reliability::Reliable
        } else if within(self.limits.review) {
            Reliability::Review
        } else {
            Reliability::Unreliable
        }
    }
}

/// Figures of a model → those that may be shown, and how areas stand in their region. A withheld figure keeps its row.
#[must_use]
pub fn model(figures: &[OfModel], policy: &ModelPolicy, rules: Option<&Judgement>) -> (Publishable, Comparisons) {
    let reason = |own: &OfModel| policy.why(own);
    // With the difference from a wider region goes its figure.
    let withheld: std::collections::BTreeSet<(u32, u32)> =
        figures.iter().filter(|own| reason(own).is_some()).map(|own| (own.key.region, own.key.category)).collect();
    // Places speak of all areas of a region: they are shown where each of these has a figure.
    let hidden: std::collections::BTreeSet<u32> = figures
        .iter()
        .filter(|own| reason(own).is_some())
        .filter_map(|own| own.beside.map(|(parent, _)| parent))
        .collect();
    let mut shown = Vec::with_capacity(3 * figures.len());
    let mut compared = Vec::new();
    for own in figures {
        let why = reason(own);
        match (&own.modelled, why) {
            (Ok(modelled), None) => {
                shown.push(figure(own.key, modelled, &modelled.share, policy));
                if let Some(benchmarked) = &modelled.benchmarked {
                    let figure = figure(own.key, modelled, benchmarked, policy);
                    shown.push(Figure { variant: policy.benchmarked, ..figure });
                }
            }
            (_, why) => {
                let (status, reason) = why.unwrap_or((Status::NotAvailable, Reason::SourceLacks));
                let withheld = Figure { method: Method::Model, ..bare(own.key, status, reason) };
                let benchmarked = own.modelled.ok().and_then(|own| own.benchmarked);
                shown.extend(benchmarked.map(|_| Figure { variant: policy.benchmarked, ..withheld.clone() }));
                shown.push(Figure { variant: policy.variant, ..withheld });
            }
        }
        let Some((parent, beside)) = own.beside else { continue };
        let place = own.place.filter(|_| why.is_none() && !hidden.contains(&parent));
        shown.push(rank(own.key, place, &beside, policy));
        if let Some(rules) = rules {
            let parent_withheld = withheld.contains(&(parent, own.key.category));
            let why = why.or(parent_withheld.then_some((Status::Suppressed, Reason::Complementary)));
            compared.push(comparison(own, parent, &beside, why, rules));
        }
    }
    let compared = rules.map(|rules| Comparisons::of(compared, rules)).unwrap_or_default();
    (Publishable::from_figures(shown), compared)
}

/// What a model of areas may do with the answers of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BesideDirect {
    /// Use them.
    Use,
    /// Leave them out; its figure then rests on facts alone.
    LeaveOut,
    /// Use them for the line, and give no figure, for this reason.
    Withhold(Reason),
}

/// What a model of areas may do with the answers of an area, by what became of its direct figure.
///
/// Reasons that follow from numbers of answers and weights say nothing of what was answered: such areas are left out. Areas that are withheld because of what was answered stay in the line, which would
/// lean to one side without them, and get no figure. Too little precision is no secret.
#[must_use]
pub const fn beside_direct(status: Status, reason: Option<Reason>) -> BesideDirect {
    match (status, reason) {
        (Status::Ok, _) | (Status::Suppressed, Some(Reason::Unreliable)) => BesideDirect::Use,
        (Status::Suppressed, Some(reason @ (Reason::MinAnswer | Reason::GroupDisclosure | Reason::Differencing))) => {
            BesideDirect::Withhold(reason)
        }
        _ => BesideDirect::LeaveOut,
    }
}

fn figure(key: FigureKey, modelled: &Modelled, share: &ModelledShare, policy: &ModelPolicy) -> Figure {
    Figure {
        method: Method::Model,
        value: Some(share.value),
        se: Some(share.se),
        lower: Some(share.lower.min(share.value)),
        upper: Some(share.upper.max(share.value)),
        confidence: Some(policy.confidence),
        interval_method: Some(policy.interval.0),
        df: policy.interval.1,
        variant: policy.variant,
        n: i64::try_from(modelled.n).ok().filter(|n| *n > 0 && modelled.n >= policy.floor.minimum_n),
        population: policy.of_persons.then(|| modelled.population.round()),
        own_share: modelled.own_share.map(|own| (own / OWN_STEP).round() * OWN_STEP),
        reliability: Some(policy.class(share)),
        reason: None,
        ..bare(key, Status::Ok, Reason::NoDf)
    }
}

/// The place of an area with its limits; withheld where its own figure or that of another area is.
fn rank(key: FigureKey, place: Option<u32>, beside: &BesideParent, policy: &ModelPolicy) -> Figure {
    let bare = Figure {
        method: Method::Model,
        statistic: Statistic::Rank,
        ..bare(key, Status::Suppressed, Reason::Complementary)
    };
    let Some(place) = place.map(f64::from) else { return bare };
    Figure {
        value: Some(place),
        lower: Some(beside.place.0.min(place)),
        upper: Some(beside.place.1.max(place)),
        confidence: Some(policy.confidence),
        interval_method: Some(IntervalMethod::Posterior),
        status: Status::Ok,
        reason: None,
        ..bare
    }
}

fn comparison(
    own: &OfModel,
    parent: u32,
    beside: &BesideParent,
    why: Option<(Status, Reason)>,
    rules: &Judgement,
) -> Comparison {
    let key = ComparisonKey {
        figure: own.key,
        reference: Reference::Parent,
        region: Some(parent),
        category: None,
        period: None,
    };
    if let Some((status, reason)) = why {
        return bare_comparison(key, rules, status, Some(reason));
    }
    let difference = own.modelled.ok().zip(own.parent).map(|(own, parent)| own.share.value - parent.share.value);
    Comparison {
        difference,
        test: Test::Posterior,
        probability_higher: Some(beside.higher.clamp(0.0, 1.0)),
        ..bare_comparison(key, rules, Status::Ok, None)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const LIMITS: ShownLimits = ShownLimits {
        minimum_population: 50.0,
        group_population: 500.0,
        maximum_influence: 0.02,
        reliable: (0.05, 0.165),
        review: (0.10, 0.33),
        withhold_unreliable: true,
    };

    pub(in crate::disclose) fn policy() -> ModelPolicy {
        let floor = Floor {
            minimum_n: 50,
            minimum_answer: 5,
            minimum_complement: 5,
            group_disclosure: 100,
            minimum_population: 0,
        };
        ModelPolicy {
            limits: LIMITS,
            range: (0.0, 1.0),
            interval: (IntervalMethod::Posterior, None),
            of_persons: true,
            variant: 0,
            floor,
            confidence: 0.95,
            benchmarked: 1,
        }
    }

    pub(in crate::disclose) fn modelled(value: f64, population: f64, influence: f64) -> Modelled {
        let share = ModelledShare { value, se: 0.02, lower: value - 0.04, upper: value + 0.04 };
        Modelled { share, benchmarked: None, own_share: Some(0.333), influence, n: 12, population }
    }

    fn of(modelled: Modelled) -> OfModel {
        let key = FigureKey { parameter: 0, collection: 0, period: 0, region: 3, category: 0, source: 0 };
        let beside = BesideParent { higher: 0.99, place: (1.0, 2.0) };
        OfModel { key, modelled: Ok(modelled), beside: Some((1, beside)), parent: None, place: Some(1), decided: None }
    }

    #[test]
    fn each_limit_has_its_reason() {
        let reason = |own| policy().withhold(&own);
        assert_eq!(reason(modelled(0.3, 50.0, 0.02)), None);
        assert_eq!(reason(modelled(0.3, 49.0, 0.0)), Some(Reason::MinPopulation));
        assert_eq!(reason(modelled(0.09, 499.0, 0.0)), Some(Reason::GroupDisclosure));
        assert_eq!(reason(modelled(0.91, 499.0, 0.0)), Some(Reason::GroupDisclosure));
        assert_eq!(reason(modelled(0.3, 5000.0, 0.021)), Some(Reason::Dominance));
        let wide = ModelledShare { value: 0.3, se: 0.06, lower: 0.18, upper: 0.42 };
        assert_eq!(reason(Modelled { share: wide, ..modelled(0.3, 5000.0, 0.0) }), Some(Reason::Unreliable));
    }

    #[test]
    fn a_mean_is_measured_within_its_range() {
        // A score of 10 to 50: half a width of 4 points is a tenth, 3 points at a distance of 10 from the lowest value are 30 %.
        let policy = ModelPolicy { range: (10.0, 50.0), ..policy() };
        let class = |half: f64, se: f64| {
            policy.class(&ModelledShare { value: 20.0, se, lower: 20.0 - half, upper: 20.0 + half })
        };
        assert_eq!(class(2.0, 1.65), Reliability::Reliable);
        assert_eq!(class(4.0, 3.0), Reliability::Review);
        assert_eq!(class(4.1, 3.0), Reliability::Unreliable);
        let near_lowest = Modelled { population: 499.0, ..modelled(13.0, 499.0, 0.0) };
        assert_eq!(policy.withhold(&near_lowest), Some(Reason::GroupDisclosure));
    }

    #[test]
    fn answers_behind_a_withheld_figure_are_not_told_by_the_line() {
        let of = |reason| beside_direct(Status::Suppressed, Some(reason));
        for reason in [Reason::MinN, Reason::Complementary, Reason::Dominance, Reason::MinPopulation] {
            assert_eq!(of(reason), BesideDirect::LeaveOut);
        }
        for reason in [Reason::MinAnswer, Reason::GroupDisclosure, Reason::Differencing] {
            assert_eq!(of(reason), BesideDirect::Withhold(reason));
        }
        assert_eq!(of(Reason::Unreliable), BesideDirect::Use);
        assert_eq!(beside_direct(Status::Ok, None), BesideDirect::Use);
        assert_eq!(beside_direct(Status::NotMeasured, Some(Reason::SourceLacks)), BesideDirect::LeaveOut);
    }

    #[test]
    fn few_answers_are_not_counted_in_public_and_own_shares_are_coarse() {
        let (shown, _) = model(&[of(modelled(0.3, 900.0, 0.0))], &policy(), None);
        let figure = shown.figures().find(|own| own.statistic == Statistic::Crude).unwrap();
        assert_eq!((figure.n, figure.method), (None, Method::Model));
        assert!((figure.own_share.unwrap() - 0.35).abs() < 1e-12);
        assert_eq!(figure.reliability, Some(Reliability::Reliable));
    }

    #[test]
    fn a_withheld_area_takes_the_places_of_its_region_with_it() {
        let mut other = of(modelled(0.3, 20.0, 0.0));
        other.key.region = 4;
        let (shown, _) = model(&[of(modelled(0.3, 900.0, 0.0)), other], &policy(), None);
        let ranks: Vec<_> = shown.figures().filter(|own| own.statistic == Statistic::Rank).collect();
        assert_eq!(ranks.len(), 2);
        assert!(ranks.iter().all(|own| own.value.is_none() && own.lower.is_none()));
        let withheld = shown.figures().find(|own| own.region == 4 && own.statistic == Statistic::Crude).unwrap();
        assert_eq!((withheld.value, withheld.own_share, withheld.population), (None, None, None));
    }
}
