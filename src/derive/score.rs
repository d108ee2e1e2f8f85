//! Scores from points, and the worked cases of an instrument.

use crate::declare::{Expected, Imputation, Instrument, Score, ScoreMethod, normalise_code};

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
                let own: Vec<f64> = score.items.iter().map(|item| points[*item]).collect();
                ScoreKernel::new(score).score(&own)
            })
            .collect();
        for (score, expected) in &case.scores {
            let found = scores[*score];
            let agrees = expected.map_or(found.is_nan(), |expected| (found - expected).abs() < 1e-9);
            if !agrees {
                let say = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
                fault(format!(
                    "score `{}` is {}, declared {}",
                    instrument.scores[*score].id.value,
                    say((!found.is_nan()).then_some(found)),
                    say(*expected)
                ));
            }
        }
        for (rule, expected) in &case.rules {
            let score = scores[instrument.rules[*rule].score];
            let found = match score {
                score if score.is_nan() => Expected::Unknown,
                score if instrument.rules[*rule].holds(score) => Expected::Yes,
                _ => Expected::No,
            };
            if found != *expected {
                let (found, expected) = (found.as_str(), expected.as_str());
                fault(format!("rule `{}` is {found}, declared {expected}", instrument.rules[*rule].id.value));
            }
        }
    }
    faults
}
