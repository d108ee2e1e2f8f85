//! The class of precision of an estimate.

use super::Plan;
use crate::estimate::Estimate;
use crate::stats::reliability::{Precision, Thresholds, reliability as class_of};
use crate::vocab::Reliability;

/// The class of precision of an estimate; none where the pipeline declares no thresholds.
pub(super) fn reliability(plan: &Plan, estimate: &Estimate) -> Option<Reliability> {
    let rules = plan.definitions.pipeline.reliability.as_ref()?;
    let thresholds = Thresholds {
        minimum_n_effective: rules.minimum_n_effective,
        maximum_width: rules.maximum_width,
        narrow_width: rules.narrow_width,
        maximum_relative_width: rules.maximum_relative_width,
        minimum_df: rules.minimum_df,
        maximum_rse: rules.maximum_rse,
    };
    let value = estimate.value?;
    let precision = Precision {
        n: estimate.n,
        n_effective: value.deff.filter(|deff| *deff > 0.0).map(|deff| estimate.n as f64 / deff),
        value: Some(value.value),
        se: value.se,
        limits: value.interval.ok().map(|interval| interval.limits),
        df: Some(value.df as f64),
        is_share: estimate.n_yes.is_some(),
    };
    class_of(&precision, &thresholds)
}
