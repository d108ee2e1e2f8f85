//! Figures that somebody else has made public already: taken over as they are, with their own status.

use super::{Figure, FigureKey, Publishable};
use crate::vocab::{IntervalMethod, Method, Reason, Statistic, Status};

/// A figure of a published table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// The keys.
    pub key: FigureKey,
    /// The value in the unit of the parameter, or status and reason of a cell without one.
    pub value: Result<f64, (Status, Reason)>,
    /// Published lower limit.
    pub lower: Option<f64>,
    /// Published upper limit.
    pub upper: Option<f64>,
    /// Provisional, as the source says.
    pub provisional: bool,
}

/// Published figures → publishable figures. The pipeline has declared `already-published` with its ground.
#[must_use]
pub fn take_over(taken: impl IntoIterator<Item = Taken>) -> Publishable {
    let figures = taken.into_iter().map(|taken| {
        let value = taken.value.ok();
        // An interval without its value is not shown.
        let limits = taken.lower.zip(taken.upper).filter(|_| value.is_some());
        Figure {
            parameter: taken.key.parameter,
            collection: taken.key.collection,
            period: taken.key.period,
            region: taken.key.region,
            statistic: Statistic::Crude,
            category: taken.key.category,
            method: Method::Published,
            source: taken.key.source,
            variant: 0,
            value,
            se: None,
            lower: limits.map(|limits| limits.0),
            upper: limits.map(|limits| limits.1),
            confidence: limits.map(|_| 0.95),
            interval_method: limits.map(|_| IntervalMethod::Source),
            n: None,
            n_class: None,
            n_effective: None,
            deff: None,
            df: None,
            population: None,
            status: taken.value.err().map_or(Status::Ok, |(status, _)| status),
            reason: taken.value.err().map(|(_, reason)| reason),
            reliability: None,
            own_share: None,
            provisional: taken.provisional,
        }
    });
    Publishable::from_figures(figures.collect())
}
