//! Scores from points, and the worked cases of an instrument.

use super::answer;
use crate::declare::{Expected, ExpectedScore, Imputation, Instrument, RuleTest, Score, ScoreMethod, normalise_code};

/// Stands for a score that is not applicable: its gate is closed. No score is infinite.
pub const NOT_APPLICABLE: f64 = f64::INFINITY;

/// A score ready to be computed: points in, score out.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreKernel {
    method: ScoreMethod,
    max_missing: usize,
    imputation: Imputation,
}

impl ScoreKernel {
    /// The kernel of a declared score.
    #[must_use]
    pub fn new(score: &Score) -> Self {
        Self { method: score.method, max_missing: score.max_missing, imputation: score.imputation.clone() }
    }

    /// The score of one respondent; NaN where more items are missing than allowed.
    ///
    /// `points` holds the points of each item, in the order of the score's items, NaN for a missing item. Missing items up to
    /// the allowed number are left out (`none`), replaced by the person's own mean (`person-mean`) or by the item's declared
    /// reference mean (`item-mean`). An unknown score is never low: it is unknown.
    #[must_use]
    pub fn score(&self, points: &[f64]) -> f64 {
        let mut sum = 0.0;
        let mut missing = 0_usize;
        if self.method == ScoreMethod::Any && points.iter().any(|point| *point > 0.0) {
            return 1.0;
        }
        for (item, point) in points.iter().enumerate() {
            if point.is_nan() {
                missing += 1;
                if let Imputation::ItemMean(means) = &self.imputation {
                    sum += means[item];
                }
            } else {
                sum += point;
            }
        }
        if missing > self.max_missing {
            return f64::NAN;
        }
        let items = points.len() as f64;
        let answered = items - missing as f64;
        match (self.method, &self.imputation) {
            (ScoreMethod::Any, _) => 0.0,
            (ScoreMethod::Sum, Imputation::PersonMean) => sum / answered * items,
            (ScoreMethod::Sum, _) => sum,
            (ScoreMethod::Mean, Imputation::ItemMean(_)) => sum / items,
            (ScoreMethod::Mean, _) => sum / answered,
        }
    }
}

/// A worked case that does not come out as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFault {
    /// Index of the case.
    pub case: usize,
    /// What came out and what was declared.
    pub message: String,
}

/// Runs every worked case of an instrument through the same kernels that score respondents.
#[must_use]
pub fn run_cases(instrument: &Instrument) -> Vec<CaseFault> {
    let mut faults = Vec::new();
    for (index, case) in instrument.cases.iter().enumerate() {
        let mut fault = |message: String| faults.push(CaseFault { case: index, message });
        let mut points = vec![f64::NAN; instrument.items.len()];
        for (item, code) in &case.answers {
            let recode = &instrument.recodes[instrument.items[*item].recode];
            let code = normalise_code(code);
            let known = recode.codes.iter().find(|(declared, _)| *declared == code);
            match known {
                Some((_, value)) => points[*item] = *value,
                None if recode.unknown.contains(&code) || recode.not_applicable.contains(&code) || code.is_empty() => {}
                None => {
                    fault(format!("code `{code}` of item `{}` is not in its recode", instrument.items[*item].id.value))
                }
            }
        }
        let scores: Vec<f64> = instrument
            .scores
            .iter()
            .map(|score| {
                let closed = score.gate.as_ref().is_some_and(|gate| gate.points.contains(&points[gate.item]));
                let own: Vec<f64> = score.items.iter().map(|item| points[*item]).collect();
                if closed { NOT_APPLICABLE } else { ScoreKernel::new(score).score(&own) }
            })
            .collect();
        for (score, expected) in &case.scores {
            let found = scores[*score];
            let agrees = match expected {
                ExpectedScore::Number(number) => (found - number).abs() < 1e-9,
                ExpectedScore::Unknown => found.is_nan(),
                ExpectedScore::NotApplicable => found.is_infinite(),
            };
            if !agrees {
                let found = match found {
                    score if score.is_nan() => "unknown".to_owned(),
                    score if score.is_infinite() => "not-applicable".to_owned(),
                    score => score.to_string(),
                };
                let expected = match expected {
                    ExpectedScore::Number(number) => number.to_string(),
                    ExpectedScore::Unknown => "unknown".to_owned(),
                    ExpectedScore::NotApplicable => "not-applicable".to_owned(),
                };
                fault(format!("score `{}` is {found}, declared {expected}", instrument.scores[*score].id.value));
            }
        }
        for (rule, expected) in &case.rules {
            let found = match outcome(instrument, *rule, &scores) {
                answer::YES => Expected::Yes,
                answer::NO => Expected::No,
                answer::NOT_APPLICABLE => Expected::NotApplicable,
                _ => Expected::Unknown,
            };
            if found != *expected {
                let (found, expected) = (found.as_str(), expected.as_str());
                fault(format!("rule `{}` is {found}, declared {expected}", instrument.rules[*rule].id.value));
            }
        }
    }
    faults
}

/// The outcome of a rule, as an [`answer`], from every score of its instrument.
fn outcome(instrument: &Instrument, rule: usize, scores: &[f64]) -> u8 {
    let part = |part: &usize| outcome(instrument, *part, scores);
    match &instrument.rules[rule].test {
        RuleTest::CutOff(score, cut_off) => cut(scores[*score], |score| cut_off.holds(score)),
        RuleTest::All(parts) => all(parts.iter().map(part)),
        RuleTest::Any(parts) => any(parts.iter().map(part)),
    }
}

/// The answer of a cut-off on a score.
pub(super) fn cut(score: f64, holds: impl Fn(f64) -> bool) -> u8 {
    match score {
        score if score.is_nan() => answer::UNKNOWN,
        score if score.is_infinite() => answer::NOT_APPLICABLE,
        score if holds(score) => answer::YES,
        _ => answer::NO,
    }
}

/// All of some answers: one no decides, whatever is missing.
pub(super) fn all(answers: impl IntoIterator<Item = u8>) -> u8 {
    decided(answers, answer::NO, answer::YES)
}

/// Any of some answers: one yes decides, whatever is missing.
pub(super) fn any(answers: impl IntoIterator<Item = u8>) -> u8 {
    decided(answers, answer::YES, answer::NO)
}

/// One answer that decides; the other one if all have it; not applicable if all are; else unknown.
fn decided(answers: impl IntoIterator<Item = u8>, one: u8, every: u8) -> u8 {
    let mut common = None;
    let mut mixed = false;
    for answer in answers {
        if answer == one {
            return one;
        }
        mixed |= common.is_some_and(|common| common != answer);
        common = Some(answer);
    }
    match common {
        Some(common) if !mixed && (common == every || common == answer::NOT_APPLICABLE) => common,
        _ => answer::UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::answer::{NO, NOT_APPLICABLE as NVT, UNKNOWN, YES};
    use super::*;

    #[test]
    fn one_answer_decides_whatever_is_missing() {
        assert_eq!(any([NO, UNKNOWN, YES]), YES);
        assert_eq!(any([NO, UNKNOWN, NO]), UNKNOWN);
        assert_eq!(any([NO, NO]), NO);
        assert_eq!(all([YES, UNKNOWN, NO]), NO);
        assert_eq!(all([YES, UNKNOWN]), UNKNOWN);
        assert_eq!(all([YES, YES]), YES);
        assert_eq!((any([NVT, NVT]), all([NVT, NVT])), (NVT, NVT));
        assert_eq!((any([NVT, NO]), all([NVT, YES])), (UNKNOWN, UNKNOWN));
    }

    #[test]
    fn a_yes_among_missing_answers_is_a_yes_and_a_no_needs_all() {
        let kernel = ScoreKernel { method: ScoreMethod::Any, max_missing: 0, imputation: Imputation::None };
        // The five sources of stress, 4 or 5 as 1: answers 2 9 4 1 3 and 2 9 3 1 3.
        assert_eq!(kernel.score(&[0.0, f64::NAN, 1.0, 0.0, 0.0]), 1.0);
        assert!(kernel.score(&[0.0, f64::NAN, 0.0, 0.0, 0.0]).is_nan());
        assert_eq!(kernel.score(&[0.0; 5]), 0.0);
    }
}
