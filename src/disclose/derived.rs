//! Figures that are made of other figures: standardised values, ranks, inequality.
//!
//! A sum of parts with known weights gives a part away once the others are known. So such a figure is shown only where each of its parts is one
//! that may be shown itself; of a group of regions, where the regions that are withheld hide each other
//! ([`Policy::hides`]).

use super::floor::{Policies, Policy};
use super::{Figure, FigureKey, Publishable, Reason, Status};
use crate::estimate::{Support, Withheld};
use crate::stats::Limits;
use crate::vocab::{IntervalMethod, Method, Statistic};

/// A figure made of others, before disclosure control. Confidential.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The keys.
    pub key: FigureKey,
    /// What kind of number.
    pub statistic: Statistic,
    /// What each part rests on.
    pub parts: Vec<Support>,
    /// Withheld parts that would follow: regions of the group, or a category over the regions.
    pub withheld: Option<Withheld>,
    /// Whether the figure itself is withheld because it is too imprecise.
    pub unreliable: bool,
    /// The number; `None` where it cannot be computed.
    pub value: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its limits.
    pub limits: Option<Limits>,
    /// Their confidence.
    pub confidence: f64,
    /// How they were made.
    pub interval_method: IntervalMethod,
    /// Valid answers.
    pub n: Option<u64>,
    /// Degrees of freedom.
    pub df: Option<u64>,
}

/// Figures made of others → those that may be shown; a withheld one keeps its row.
#[must_use]
pub fn derive(derived: impl IntoIterator<Item = Derived>, policies: &Policies) -> Publishable {
    Publishable::from_figures(derived.into_iter().map(|own| figure(&own, policies.of(own.key.collection))).collect())
}

fn figure(own: &Derived, policy: Policy) -> Figure {
    let bare = |status, reason| Figure { statistic: own.statistic, ..super::floor::bare(own.key, status, reason) };
    let of_part = own.parts.iter().find_map(|part| policy.withhold(part));
    // What speaks of one figure has its reason; where there are several parts, the reason is that one of them would follow.
    let alone = matches!(own.statistic, Statistic::Crude | Statistic::Rank | Statistic::Funnel)
        && own.parts.first().is_some_and(|part| policy.withhold(part).is_some());
    let reason = of_part.map(|reason| if alone { reason } else { Reason::Complementary });
    let exposed = own.withheld.as_ref().is_some_and(|others| !policy.hides(others));
    let reason = reason.or(exposed.then_some(Reason::Complementary));
    let reason = reason.or(own.unreliable.then_some(Reason::Unreliable));
    if let Some(reason) = reason {
        return bare(Status::Suppressed, reason);
    }
    let Some(value) = own.value else { return bare(Status::NotAvailable, Reason::NoVariance) };
    let limits = own.limits.filter(|limits| limits.lower <= value && value <= limits.upper);
    let missing = if own.df == Some(0) { Reason::NoDf } else { Reason::NoVariance };
    Figure {
        value: Some(value),
        se: own.se,
        lower: limits.map(|limits| limits.lower),
        upper: limits.map(|limits| limits.upper),
        confidence: limits.map(|_| own.confidence),
        interval_method: limits.map(|_| own.interval_method),
        n: own.n.and_then(|n| i64::try_from(n).ok()),
        df: own.df.and_then(|df| i64::try_from(df).ok()),
        reason: limits.is_none().then_some(missing),
        method: Method::Direct,
        ..bare(Status::Ok, missing)
    }
}
