//! Trends that may be shown: over the periods whose own figures are shown, and no others.

use super::{FigureKey, Reason, Status};
use crate::stats::trend::{Change, Trend as Fit};
use crate::vocab::{Favourable, Verdict};

/// A trend before it is written. It rests on published figures alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Trended {
    /// The figure of the latest period.
    pub key: FigureKey,
    /// Labels of the periods that are used, earliest first.
    pub periods: Vec<String>,
    /// Why the first of the withheld periods is withheld; `None` where all of them are shown.
    pub hidden: Option<Reason>,
    /// The trend; `None` where too few figures are shown, or a share is 0 or 1.
    pub fit: Option<Fit>,
    /// Latest minus first.
    pub change: Option<Change>,
}

/// A trend that may be published.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// The figure of the latest period.
    pub key: FigureKey,
    /// Labels of the periods, earliest first.
    pub periods: Vec<String>,
    /// Slope per year: of the logit for shares, of the value for means.
    pub slope: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Two-sided p of no slope.
    pub p: Option<f64>,
    /// Latest minus first value.
    pub change: Option<Change>,
    /// Rising (`higher`), falling (`lower`) or neither.
    pub verdict: Option<Verdict>,
    /// The verdict in terms of health.
    pub favourable: Option<Favourable>,
    /// Whether it is shown.
    pub status: Status,
    /// Why not.
    pub reason: Option<Reason>,
}

/// Trends that may be published, sorted by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trends {
    rows: Vec<Trend>,
}

impl Trends {
    /// Judges trends: the slope is more than chance where its p is below `alpha`. `higher_is_better` is per parameter.
    #[must_use]
    pub fn judged(trended: impl IntoIterator<Item = Trended>, alpha: f64, higher_is_better: &[Option<bool>]) -> Self {
        let mut rows: Vec<Trend> = trended.into_iter().map(|own| judge(own, alpha, higher_is_better)).collect();
        rows.sort_by_key(|row| row.key);
        Self { rows }
    }

    /// The trends.
    #[must_use]
    pub fn rows(&self) -> &[Trend] {
        &self.rows
    }
}

fn judge(own: Trended, alpha: f64, higher_is_better: &[Option<bool>]) -> Trend {
    let verdict = own.fit.map(|fit| match fit.slope {
        slope if fit.p >= alpha || slope == 0.0 => Verdict::NoDifference,
        slope if slope > 0.0 => Verdict::Higher,
        _ => Verdict::Lower,
    });
    let better = higher_is_better.get(own.key.parameter as usize).copied().flatten();
    let (status, reason) = match own.fit {
        Some(_) => (Status::Ok, None),
        None if own.hidden.is_some() => (Status::Suppressed, own.hidden),
        None => (Status::NotAvailable, Some(Reason::NoVariance)),
    };
    Trend {
        key: own.key,
        slope: own.fit.map(|fit| fit.slope),
        se: own.fit.map(|fit| fit.se),
        p: own.fit.map(|fit| fit.p),
        change: own.change.filter(|_| own.fit.is_some()),
        verdict,
        favourable: verdict.and_then(|verdict| favourable(verdict, better)),
        periods: own.periods,
        status,
        reason,
    }
}

/// A verdict in terms of health; `None` where there is no difference, or neither direction is better.
pub(super) fn favourable(verdict: Verdict, higher_is_better: Option<bool>) -> Option<Favourable> {
    let better = match verdict {
        Verdict::Higher => higher_is_better?,
        Verdict::Lower => !higher_is_better?,
        Verdict::NoDifference => return None,
    };
    Some(if better { Favourable::Better } else { Favourable::Worse })
}
