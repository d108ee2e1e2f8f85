//! Comparisons that may be shown.
//!
//! A comparison speaks of two figures, and of what lies between them: from a wijk, its gemeente and the rest of the gemeente the weight of the
//! wijk follows, and with the weights of all wijken but one the figure of that one. So a comparison is shown only where
//!
//! - both sides pass the floor, and
//! - the regions (or categories) of the same partition whose own figures are withheld hide each other ([`Policy::hides`]): what can be
//!   worked out is then a figure that might have been published. That is asked of every wider region between the two, and of a breakdown
//!   also of each category over the regions of the wider one, and of the cells of its crossings.
//!
//! People whose wijk or category is unknown have no row and can be worked out too. They are guarded in the same way, unless the pipeline says that
//! nobody can be placed among them (`unplaced = "open"`). Weights are much the same
//! for every parameter, so what one parameter says of them another one can use: that, like the subtraction of figures themselves, is for
//! complementary suppression.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::floor::{Policies, Policy};
use super::trend::favourable;
use super::{FigureKey, Reason, Status};
use crate::declare::PrecisionRule;
use crate::estimate::{Difference, Support, Withheld};
use crate::stats::adjust::adjusted;
use crate::stats::rao_scott::{NoTest, RaoScott};
use crate::vocab::{Adjustment, Family, Favourable, Reference, Test, Unit, Verdict};

/// Which figure is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ComparisonKey {
    /// The figure. Of `all_siblings` that of the region whose regions are held against each other.
    pub figure: FigureKey,
    /// What it is compared with.
    pub reference: Reference,
    /// Index in `regions` of the region that the reference is, or is the rest of.
    pub region: Option<u32>,
    /// Index in `categories` of the other category.
    pub category: Option<u32>,
    /// Year of the other period, or of the target.
    pub period: Option<i32>,
}

/// A comparison before disclosure control. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Which one.
    pub key: ComparisonKey,
    /// What the figure rests on.
    pub first: Support,
    /// What the reference rests on; `None` for a number that is no figure, such as a target.
    pub second: Option<Support>,
    /// The withheld regions or categories of the same partition, together; of several partitions the one that hides least. `None` where
    /// nothing is withheld.
    pub withheld: Option<Withheld>,
    /// First minus reference; `None` for a test of many.
    pub difference: Option<Difference>,
    /// The Rao-Scott test, for shares over a partition.
    pub test: Option<Result<RaoScott, (NoTest, Option<f64>)>>,
    /// Another comparison that is the same test, such as the same two categories seen from the other side: it counts for no second one.
    pub twin: Option<ComparisonKey>,
    /// Whether a figure of it is withheld because it is too imprecise.
    pub unreliable: bool,
}

/// A comparison that may be published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Which one.
    pub key: ComparisonKey,
    /// First minus reference, on the scale of the value.
    pub difference: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Lower limit of the difference, at confidence 1 − alpha.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Degrees of freedom of the t test.
    pub df: Option<i64>,
    /// The test that the verdict follows.
    pub test: Test,
    /// p of the Rao-Scott test.
    pub p_test: Option<f64>,
    /// p of the t test of the difference.
    pub p_difference: Option<f64>,
    /// Of a model the posterior probability that the figure is higher.
    pub probability_higher: Option<f64>,
    /// Another comparison that is the same test.
    pub twin: Option<ComparisonKey>,
    /// p of the named test, adjusted for the number of tests.
    pub p_adjusted: Option<f64>,
    /// Smallest difference that matters, in the unit of the parameter.
    pub minimum_difference: f64,
    /// What it comes to.
    pub verdict: Option<Verdict>,
    /// The verdict in terms of health.
    pub favourable: Option<Favourable>,
    /// Whether it is shown.
    pub status: Status,
    /// Why not, or why there is no test.
    pub reason: Option<Reason>,
}

/// How comparisons are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Probability below which a difference is more than chance.
    pub alpha: f64,
    /// The test that verdicts follow where it exists.
    pub test: Test,
    /// Whether the first-order test stands in where the second-order one has no degrees of freedom.
    pub first_order: bool,
    /// The reference whose verdict the dashboard shows.
    pub dashboard: Option<Reference>,
    /// Adjustment of p-values.
    pub adjustment: Adjustment,
    /// Over which tests.
    pub family: Family,
    /// Per parameter the smallest difference that matters.
    pub minimum: Vec<f64>,
    /// Per parameter whether higher is better; `None` where neither is.
    pub higher_is_better: Vec<Option<bool>>,
}

/// Comparisons that have passed disclosure control, sorted by key.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparisons {
    rows: Vec<Comparison>,
    alpha: f64,
    adjustment: Adjustment,
    dashboard: Option<Reference>,
}

impl Default for Comparisons {
    fn default() -> Self {
        Self { rows: Vec::new(), alpha: 0.05, adjustment: Adjustment::None, dashboard: None }
    }
}

/// Comparisons → those that may be shown. A withheld one keeps its row and loses every number; none has a verdict yet.
#[must_use]
pub fn compare(compared: impl IntoIterator<Item = Compared>, policies: &Policies, rules: &Judgement) -> Comparisons {
    let rows = compared.into_iter().map(|own| match withhold(&own, policies.of(own.key.figure.collection)) {
        Some(reason) => bare(own.key, rules, Status::Suppressed, Some(reason)),
        None => shown(&own, rules),
    });
    Comparisons::of(rows.collect(), rules)
}

fn withhold(compared: &Compared, policy: Policy) -> Option<Reason> {
    let sides = [Some(&compared.first), compared.second.as_ref()];
    let own = sides.into_iter().flatten().find_map(|side| policy.withhold(side));
    let bare = compared.withheld.as_ref().is_some_and(|others| !policy.hides(others));
    own.or(compared.unreliable.then_some(Reason::Unreliable)).or(bare.then_some(Reason::Complementary))
}

pub(super) fn bare(key: ComparisonKey, rules: &Judgement, status: Status, reason: Option<Reason>) -> Comparison {
    Comparison {
        key,
        difference: None,
        se: None,
        lower: None,
        upper: None,
        df: None,
        test: Test::None,
        p_test: None,
        p_difference: None,
        probability_higher: None,
        twin: None,
        p_adjusted: None,
        minimum_difference: rules.minimum.get(key.figure.parameter as usize).copied().unwrap_or(0.0),
        verdict: None,
        favourable: None,
        status,
        reason,
    }
}

fn shown(compared: &Compared, rules: &Judgement) -> Comparison {
    let difference = compared.difference;
    let (p_test, first_order) = match compared.test {
        Some(Ok(test)) => (Some(test.p), false),
        Some(Err((NoTest::NoDf, Some(p)))) if rules.first_order => (Some(p), true),
        _ => (None, false),
    };
    let p_difference = difference.and_then(|difference| difference.p);
    let test = match rules.test {
        Test::RaoScottF if p_test.is_some() => Test::RaoScottF,
        Test::None => Test::None,
        _ if p_difference.is_some() => Test::T,
        _ => Test::None,
    };
    let no_test = match compared.test {
        Some(Err((NoTest::NoDf, _))) => Some(Reason::NoDf),
        Some(Err((NoTest::NoVariance, _))) => Some(Reason::NoVariance),
        _ => None,
    };
    let reason = match difference {
        _ if first_order => Some(Reason::FirstOrder),
        Some(difference) if difference.p.is_none() => {
            Some(if difference.df == 0 { Reason::NoDf } else { Reason::NoVariance })
        }
        Some(_) => None,
        None if p_test.is_none() => no_test.or(Some(Reason::NoVariance)),
        None => None,
    };
    Comparison {
        difference: difference.map(|own| own.difference),
        se: difference.and_then(|own| own.se),
        lower: difference.and_then(|own| own.limits).map(|limits| limits.lower),
        upper: difference.and_then(|own| own.limits).map(|limits| limits.upper),
        df: difference.and_then(|own| i64::try_from(own.df).ok()),
        test,
        p_test,
        p_difference,
        twin: compared.twin,
        ..bare(compared.key, rules, Status::Ok, reason)
    }
}

impl Comparisons {
    /// All of them together, in the order of their keys, with adjusted p-values and verdicts.
    ///
    /// Only tests that are shown are adjusted for: a withheld one must not be felt in the p of another. Two categories compared both ways
    /// are one test.
    #[must_use]
    pub fn judged(parts: impl IntoIterator<Item = Self>, rules: &Judgement) -> Self {
        let mut rows: Vec<Comparison> = parts.into_iter().flat_map(|part| part.rows).collect();
        rows.sort_by_key(|row| row.key);
        let mut families: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.p().is_some()) {
            let family = match rules.family {
                Family::Parameter => row.key.figure.parameter,
                Family::Release => 0,
            };
            families.entry(family).or_default().push(at);
        }
        let tests: Vec<usize> = (0..rows.len()).map(|at| test_of(&rows, at)).collect();
        for family in families.values() {
            // A test of which only the twin is shown is counted as that one.
            let counted: Vec<usize> = family.iter().copied().filter(|at| tests[*at] == *at).collect();
            let p: Vec<f64> = counted.iter().filter_map(|at| rows[*at].p()).collect();
            for (at, p) in counted.iter().zip(adjusted(&p, rules.adjustment)) {
                rows[*at].p_adjusted = Some(p);
            }
            for at in family.iter().filter(|at| tests[**at] != **at) {
                rows[*at].p_adjusted = rows[tests[*at]].p_adjusted;
            }
        }
        for row in rows.iter_mut().filter(|row| row.status == Status::Ok) {
            row.verdict = row.judge(rules);
            let better = rules.higher_is_better.get(row.key.figure.parameter as usize).copied().flatten();
            row.favourable = row.verdict.and_then(|verdict| favourable(verdict, better));
        }
        Self::of(rows, rules)
    }

    pub(super) const fn of(rows: Vec<Comparison>, rules: &Judgement) -> Self {
        Self { rows, alpha: rules.alpha, adjustment: rules.adjustment, dashboard: rules.dashboard }
    }

    /// As the policy publishes them; see [`super::Publishable::at_precision`]. Verdicts stay those of the exact numbers.
    #[must_use]
    pub fn at_precision<'p>(
        mut self,
        precision: impl Fn(u32) -> Option<&'p PrecisionRule>,
        unit: impl Fn(u32) -> Unit,
        merged: bool,
    ) -> Self {
        for row in &mut self.rows {
            if let Some(rule) = precision(row.key.figure.region) {
                row.rounded(rule, unit(row.key.figure.parameter));
            }
            if merged {
                row.reason = super::precision::merged(row.status, row.reason);
            }
        }
        self
    }

    /// Probability below which a difference is more than chance.
    #[must_use]
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// How p-values were adjusted.
    #[must_use]
    pub const fn adjustment(&self) -> Adjustment {
        self.adjustment
    }

    /// The reference whose verdict the dashboard shows.
    #[must_use]
    pub const fn dashboard(&self) -> Option<Reference> {
        self.dashboard
    }

    /// The comparisons.
    #[must_use]
    pub fn rows(&self) -> &[Comparison] {
        &self.rows
    }
}

/// The row that stands for the test of a row: itself, or its twin where that has a p.
fn test_of(rows: &[Comparison], mut at: usize) -> usize {
    // Twins form chains of a few at most.
    for _ in 0..4 {
        let twin = rows[at].twin.and_then(|twin| rows.binary_search_by_key(&twin, |row| row.key).ok());
        match twin.filter(|twin| rows[*twin].p().is_some()) {
            Some(twin) => at = twin,
            None => break,
        }
    }
    at
}

impl Comparison {
    /// The p of the test that the verdict follows.
    const fn p(&self) -> Option<f64> {
        match self.test {
            Test::RaoScottF => self.p_test,
            Test::T => self.p_difference,
            Test::Posterior | Test::None => None,
        }
    }

    /// Higher or lower where the difference is both more than chance and large enough to matter; with `test = "none"` where it is large
    /// enough, which is the habit of three percentage points. A test of many has no side.
    fn judge(&self, rules: &Judgement) -> Option<Verdict> {
        let difference = self.difference?;
        // Without a test and without a smallest difference nothing decides.
        if rules.test == Test::None && self.test != Test::Posterior && self.minimum_difference <= 0.0 {
            return None;
        }
        let by_chance = match rules.test {
            // A probability of a half is no knowledge at all; alpha / 2 is what is left on either side of an interval of that confidence.
            _ if self.test == Test::Posterior => {
                let p = self.probability_higher?;
                p.min(1.0 - p) >= rules.alpha / 2.0
            }
            Test::None => false,
            _ => self.p_adjusted? >= rules.alpha,
        };
        if by_chance || difference.abs() < self.minimum_difference || difference == 0.0 {
            return Some(Verdict::NoDifference);
        }
        Some(if difference > 0.0 { Verdict::Higher } else { Verdict::Lower })
    }
}
