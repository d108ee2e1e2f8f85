//! Trends that may be shown: over the periods whose own figures are shown, and no others.

use super::floor::{Policies, Policy};
use super::{FigureKey, Reason, Status};
use crate::declare::PrecisionRule;
use crate::estimate::Support;
use crate::stats::trend::{Change, PeriodValue, change, mean_trend, share_trend};
use crate::vocab::{Favourable, Unit, Verdict};

/// A figure of a line over time. Confidential.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// Label of the period.
    pub label: String,
    /// What the figure rests on.
    pub support: Support,
    /// Whether it is withheld because it is too imprecise.
    pub unreliable: bool,
    /// The figure; `None` where it has no value or no standard error.
    pub value: Option<PeriodValue>,
}

/// The figures of one region and category in one series, earliest first. Confidential.
#[derive(Clone, Debug, PartialEq)]
pub struct Trended {
    /// The figure of the latest period.
    pub key: FigureKey,
    /// The figures.
    pub points: Vec<TrendPoint>,
    /// Whether they are shares.
    pub share: bool,
}

/// How trends are judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendJudgement {
    /// Fewest periods.
    pub minimum_periods: usize,
    /// Probability below which a slope is more than chance.
    pub alpha: f64,
    /// Confidence of the interval of the change.
    pub confidence: f64,
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

/// Lines over time → trends over the figures that are shown.
#[must_use]
pub fn trends(
    trended: impl IntoIterator<Item = Trended>,
    policies: &Policies,
    rules: TrendJudgement,
    higher_is_better: &[Option<bool>],
) -> Trends {
    let mut rows: Vec<Trend> = trended
        .into_iter()
        .map(|own| {
            let policy = policies.of(own.key.collection);
            trend(own, policy, rules, higher_is_better)
        })
        .collect();
    rows.sort_by_key(|row| row.key);
    Trends { rows }
}

impl Trends {
    /// All of them together, in the order of their keys.
    #[must_use]
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut rows: Vec<Trend> = parts.into_iter().flat_map(|part| part.rows).collect();
        rows.sort_by_key(|row| row.key);
        Self { rows }
    }

    /// As the policy publishes them; see [`super::Publishable::at_precision`].
    #[must_use]
    pub fn at_precision<'p>(
        mut self,
        precision: impl Fn(u32) -> Option<&'p PrecisionRule>,
        unit: impl Fn(u32) -> Unit,
        merged: bool,
    ) -> Self {
        for row in &mut self.rows {
            if let Some(rule) = precision(row.key.region) {
                row.rounded(rule, unit(row.key.parameter));
            }
            if merged {
                row.reason = super::precision::merged(row.status, row.reason);
            }
        }
        self
    }

    /// The trends.
    #[must_use]
    pub fn rows(&self) -> &[Trend] {
        &self.rows
    }
}

fn trend(own: Trended, policy: Policy, rules: TrendJudgement, higher_is_better: &[Option<bool>]) -> Trend {
    let hidden =
        |point: &TrendPoint| policy.withhold(&point.support).or(point.unreliable.then_some(Reason::Unreliable));
    let reason = own.points.iter().find_map(hidden);
    let shown: Vec<&TrendPoint> = own.points.iter().filter(|point| hidden(point).is_none()).collect();
    let values: Vec<PeriodValue> = shown.iter().filter_map(|point| point.value).collect();
    let fit = if own.share { share_trend(&values) } else { mean_trend(&values) };
    let fit = fit.filter(|_| shown.len() >= rules.minimum_periods && values.len() == shown.len());
    let verdict = fit.map(|fit| match fit.slope {
        slope if fit.p >= rules.alpha || slope == 0.0 => Verdict::NoDifference,
        slope if slope > 0.0 => Verdict::Higher,
        _ => Verdict::Lower,
    });
    let better = higher_is_better.get(own.key.parameter as usize).copied().flatten();
    let no_df = values.iter().any(|value| value.df <= 0.0);
    let (status, reason) = match (fit, reason) {
        (Some(_), _) => (Status::Ok, None),
        (None, Some(reason)) => (Status::Suppressed, Some(reason)),
        (None, None) => (Status::NotAvailable, Some(if no_df { Reason::NoDf } else { Reason::NoVariance })),
    };
    let ends = values.first().zip(values.last()).filter(|_| fit.is_some());
    Trend {
        key: own.key,
        periods: shown.iter().map(|point| point.label.clone()).collect(),
        slope: fit.map(|fit| fit.slope),
        se: fit.map(|fit| fit.se),
        p: fit.map(|fit| fit.p),
        change: ends.and_then(|(first, last)| change(first, last, rules.confidence)),
        verdict,
        favourable: verdict.and_then(|verdict| favourable(verdict, better)),
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
