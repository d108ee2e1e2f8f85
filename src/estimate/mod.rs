//! Layer 3: Moments → [`Estimate`]s: values, standard errors, intervals. Plain arithmetic over sums; no row is seen again.
//!
//! `domain` estimates from moments, `register` from counts, `synthetic` from national rates. `side` is a domain as its sums per stratum,
//! `compare` what two of them differ and whether by chance, `combine` what several
//! give together; `model` shares of areas by a model of cells, `model_answers` what it is held against, `model_check` what it shows on the data, `area_model` figures of areas by a model of their direct figures. Published figures go to `disclose` as they are, which
//! knows them all apart by method.

mod area_model;
mod combine;
mod compare;
mod domain;
mod model;
mod model_answers;
mod model_check;
mod model_share;
mod nested;
mod rao_scott;
mod register;
mod side;
mod support;
mod synthetic;

pub use area_model::{
    AreaDirect, AreaNumbers, AreaOutcome, AreaScale, Exactness, area_model, direct_of_sums, published_direct,
};
pub use combine::{Combined, Joint, joint, standardised};
pub use compare::{Difference, Relation, difference};
pub use domain::{Domains, EstimatePlan, Series, estimate};
pub use model::{
    AgeOutcome, BesideParent, ModelFault, ModelGround, ModelNumbers, ModelOutcome, ModelPlan, Modelled, ModelledShare,
    model,
};
pub use model_answers::{AreaAnswers, DirectShare};
pub use model_check::Checks;
pub use nested::Whole;
pub use rao_scott::rao_scott;
pub use register::{CountEstimate, Counted, count_estimate};
pub use side::{Design, Side};
pub use support::{Support, Withheld};
pub use synthetic::synthetic;

use crate::stats::{Interval, NoInterval};
use crate::vocab::Reason;

/// A domain: which figure an estimate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Domain {
    /// Index of the series (collection and year).
    pub series: u32,
    /// Position in the region list.
    pub region: u32,
    /// Category within the breakdown.
    pub category: u32,
}

/// An estimate before disclosure control. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The domain.
    pub domain: Domain,
    /// Unweighted valid answers.
    pub n: u64,
    /// Of them yes; `None` for a mean.
    pub n_yes: Option<u64>,
    /// Valid answers with a weight above zero: those that the value rests on.
    pub weighted: u64,
    /// Of them yes; `None` for a mean.
    pub weighted_yes: Option<u64>,
    /// Unknown.
    pub unknown: u64,
    /// Not applicable.
    pub not_applicable: u64,
    /// The two largest weights of valid answers.
    pub top: [f64; 2],
    /// The numbers; `None` where nobody with a weight above zero gave a valid answer.
    pub value: Option<Value>,
    /// Why the figure is withheld whatever its own numbers; see [`Support::decided`].
    pub decided: Option<Reason>,
}

/// The numbers of an estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Share in [0, 1] or mean.
    pub value: f64,
    /// Σw over valid answers.
    pub weight: f64,
    /// Standard error; `None` where the variance is undefined.
    pub se: Option<f64>,
    /// Design effect: variance over that of a simple random sample of n; `None` where that is 0 or n is 1.
    pub deff: Option<f64>,
    /// Kish's effective sample size.
    pub kish_n: f64,
    /// Degrees of freedom.
    pub df: u64,
    /// The interval, or why there is none.
    pub interval: Result<Interval, NoInterval>,
}
