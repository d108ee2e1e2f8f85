//! Codes of a block → indicators and categories.

use super::{Indicator, ScoreKernel, Scored, UNKNOWN_CATEGORY, answer};
use crate::declare::Rule;
use crate::ingest::{MISSING, Responses};

/// How one parameter is derived; columns are indexes into [`Responses`].
#[derive(Clone, Debug)]
pub enum IndicatorPlan {
    /// The source does not measure it.
    NotMeasured,
    /// A coded variable.
    Codes {
        /// Index in `coded`.
        column: usize,
        /// Answer per declared code.
        answers: Vec<u8>,
    },
    /// A number.
    Number {
        /// Index in `numbers`.
        column: usize,
    },
    /// A score.
    Score {
        /// Index in the deriver's scores.
        score: usize,
    },
    /// A cut-off on a score.
    Rule {
        /// Index in the deriver's scores.
        score: usize,
        /// The cut-off.
        rule: Rule,
    },
}

/// A score with its items: index in `coded` and points per declared code, NaN for unknown.
#[derive(Clone, Debug)]
pub struct ScorePlan {
    items: Vec<(usize, [f64; 256])>,
    kernel: ScoreKernel,
}

impl ScorePlan {
    /// A score over items; `points` of a code index beyond the list are missing.
    #[must_use]
    pub fn new(items: Vec<(usize, Vec<f64>)>, kernel: ScoreKernel) -> Self {
        let items = items
            .into_iter()
            .map(|(column, points)| {
                let mut table = [f64::NAN; 256];
                table.iter_mut().zip(points).for_each(|(to, from)| *to = from);
                (column, table)
            })
            .collect();
        Self { items, kernel }
    }

    fn scores(&self, responses: &Responses) -> Vec<f64> {
        let mut points = vec![0.0; self.items.len()];
        (0..responses.rows)
            .map(|row| {
                for (point, (column, table)) in points.iter_mut().zip(&self.items) {
                    *point = table[usize::from(responses.coded[*column][row])];
                }
                self.kernel.score(&points)
            })
            .collect()
    }
}

/// Everything that is derived from the responses of one source.
#[derive(Clone, Debug, Default)]
pub struct Deriver {
    /// Scores that indicators refer to; each is computed once.
    pub scores: Vec<ScorePlan>,
    /// One per parameter of the plan.
    pub indicators: Vec<IndicatorPlan>,
    /// Per dimension of the plan: index in `coded` and category per declared code.
    pub dimensions: Vec<(usize, Vec<u8>)>,
}

impl Deriver {
    /// Scores a block.
    #[must_use]
    pub fn derive(&self, responses: Responses) -> Scored {
        let scores: Vec<Vec<f64>> = self.scores.iter().map(|score| score.scores(&responses)).collect();
        let indicators = self
            .indicators
            .iter()
            .map(|plan| match plan {
                IndicatorPlan::NotMeasured => Indicator::NotMeasured,
                IndicatorPlan::Codes { column, answers } => {
                    let mut table = [answer::UNKNOWN; 256];
                    table.iter_mut().zip(answers).for_each(|(to, from)| *to = *from);
                    table[usize::from(MISSING)] = answer::UNKNOWN;
                    Indicator::Share(responses.coded[*column].iter().map(|code| table[usize::from(*code)]).collect())
                }
                IndicatorPlan::Number { column } => Indicator::Mean(responses.numbers[*column].clone()),
                IndicatorPlan::Score { score } => Indicator::Mean(scores[*score].clone()),
                IndicatorPlan::Rule { score, rule } => Indicator::Share(
                    scores[*score]
                        .iter()
                        .map(|score| match score {
                            score if score.is_nan() => answer::UNKNOWN,
                            score if rule.holds(*score) => answer::YES,
                            _ => answer::NO,
                        })
                        .collect(),
                ),
            })
            .collect();
        let categories = self
            .dimensions
            .iter()
            .map(|(column, categories)| {
                let mut table = [UNKNOWN_CATEGORY; 256];
                table.iter_mut().zip(categories).for_each(|(to, from)| *to = *from);
                responses.coded[*column].iter().map(|code| table[usize::from(*code)]).collect()
            })
            .collect();
        Scored {
            rows: responses.rows,
            source: responses.source,
            year: responses.year,
            region: responses.region,
            categories,
            indicators,
            weights: responses.weights,
        }
    }
}
