//! Figures that somebody else has made public already: taken over as they are, with their own status.

use super::{Figure, FigureKey, Publishable};
use crate::vocab::{IntervalMethod, Method, Reason, Statistic, Status};

/// A figure of a published table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// The keys.
    pub key: FigureKey,
    /// Share in [0, 1] or mean; `None` where the cell is empty.
    pub value: Option<f64>,
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
        let has_value = taken.value.is_some();
        // An interval without its value is not shown.
        let limits = taken.lower.zip(taken.upper).filter(|_| has_value);
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
            value: taken.value,
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
            status: if has_value { Status::Ok } else { Status::NotAvailable },
            reason: (!has_value).then_some(Reason::SourceEmpty),
            reliability: None,
            own_share: None,
            provisional: taken.provisional,
        }
    });
    Publishable::from_figures(figures.collect())
}
