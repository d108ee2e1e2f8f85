//! What a number rests on: the answers that the floor is held against.

use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::tally::CellSums;
use crate::vocab::Reason;

/// The answers behind a number. Confidential.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Support {
    /// Valid answers with a weight above zero.
    pub weighted: u64,
    /// Of them yes; `None` for a mean.
    pub weighted_yes: Option<u64>,
    /// Share or mean; `None` where nobody with a weight above zero gave a valid answer.
    pub value: Option<f64>,
    /// Of a mean: whether everybody has the same score.
    pub same: bool,
    /// The part of the weight that the heaviest answer has; 0 without answers.
    pub heaviest: f64,
    /// Why the figure is withheld whatever its own numbers: another would follow from it, or its region is too small. `None` for what is
    /// no figure, such as the rest of a region.
    pub decided: Option<Reason>,
}

/// The withheld parts of a partition, together. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Withheld {
    /// What they rest on.
    pub support: Support,
    /// Valid answers with a weight above zero of the largest of them.
    pub largest: u64,
}

impl Withheld {
    /// Of the sums of all of them and the answers of the largest.
    #[must_use]
    pub fn new(all: &CellSums, largest: u64) -> Self {
        Self { support: Support::of(all), largest }
    }
}

impl Support {
    /// Of sums.
    #[must_use]
    pub fn of(sums: &CellSums) -> Self {
        let weight = sums.weight();
        let value = (weight > 0.0).then(|| sums.weight_y() / weight);
        Self {
            weighted: sums.n - sums.weightless,
            weighted_yes: sums.is_share().then(|| sums.n_yes - sums.weightless_yes),
            value,
            same: !sums.is_share() && value.is_none_or(|value| sums.weighted_spread(value) <= 0.0),
            heaviest: if weight > 0.0 { sums.top[0] / weight } else { 0.0 },
            decided: None,
        }
    }
}

impl Estimate {
    /// What the estimate rests on.
    #[must_use]
    pub fn support(&self) -> Support {
        Support {
            weighted: self.weighted,
            weighted_yes: self.weighted_yes,
            value: self.value.map(|value| value.value),
            same: self.weighted_yes.is_none() && self.value.is_none_or(|value| value.deff.is_none()),
            heaviest: self.value.map_or(0.0, |value| self.top[0] / value.weight),
            decided: self.decided,
        }
    }
}
