//! Codes of a block → indicators and categories.

use super::score::{NOT_APPLICABLE, all, any, cut};
use super::{Indicator, ScoreKernel, Scored, UNKNOWN_CATEGORY, answer};
use crate::declare::CutOff;
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
    /// A rule over scores.
    Rule {
        /// When it holds.
        test: TestPlan,
        /// What not applicable counts as, as an [`answer`].
        not_applicable: u8,
    },
}

/// When a rule holds, over the deriver's scores.
#[derive(Clone, Debug)]
pub enum TestPlan {
    /// A cut-off on the score with this index.
    CutOff(usize, CutOff),
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
}

impl TestPlan {
    fn answer(&self, scores: &[Vec<f64>], row: usize) -> u8 {
        match self {
            Self::CutOff(score, cut_off) => cut(scores[*score][row], |score| cut_off.holds(score)),
            Self::All(parts) => all(parts.iter().map(|part| part.answer(scores, row))),
            Self::Any(parts) => any(parts.iter().map(|part| part.answer(scores, row))),
        }
    }
}

/// A score with its items: index in `coded` and points per declared code, NaN for unknown.
#[derive(Clone, Debug)]
pub struct ScorePlan {
    items: Vec<(usize, [f64; 256])>,
    kernel: ScoreKernel,
    /// Index in `coded` and the codes that close the gate.
    gate: Option<(usize, [bool; 256])>,
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
        Self { items, kernel, gate: None }
    }

    /// The same, not applicable where a column has a code whose points close the gate.
    #[must_use]
    pub fn with_gate(mut self, column: usize, points: &[f64], closed: &[f64]) -> Self {
        let mut table = [false; 256];
        table.iter_mut().zip(points).for_each(|(to, points)| *to = closed.contains(points));
        self.gate = Some((column, table));
        self
    }

    fn scores(&self, responses: &Responses) -> Vec<f64> {
        let mut points = vec![0.0; self.items.len()];
        (0..responses.rows)
            .map(|row| {
                if let Some((column, closed)) = &self.gate
                    && closed[usize::from(responses.coded[*column][row])]
                {
                    return NOT_APPLICABLE;
                }
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
    /// Ready-made variables that computed indicators are compared with.
    pub checks: Vec<ReadyMade>,
}

/// A ready-made variable beside the items that an indicator is computed from.
#[derive(Clone, Debug)]
pub struct ReadyMade {
    /// Index in `indicators`.
    pub indicator: usize,
    /// Index in `coded`.
    pub column: usize,
    /// Answer per declared code.
    pub answers: Vec<u8>,
}

/// How often a computed indicator and the ready-made variable agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Rows in which both say yes or no.
    pub both: u64,
    /// Of them those that differ.
    pub differ: u64,
    /// Rows in which only one of them says yes or no.
    pub one_known: u64,
}

impl Agreement {
    /// Adds the rows of another block.
    pub const fn add(&mut self, other: Self) {
        self.both += other.both;
        self.differ += other.differ;
        self.one_known += other.one_known;
    }
}

/// How many rows of a source answer an indicator. Of a mean, not applicable counts as unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Rows with a known answer.
    pub known: u64,
    /// Rows without one.
    pub unknown: u64,
    /// Rows that it does not apply to.
    pub not_applicable: u64,
}

impl Answered {
    fn of(indicator: &Indicator) -> Self {
        let mut found = Self::default();
        match indicator {
            Indicator::NotMeasured => {}
            Indicator::Mean(values) => {
                found.unknown = values.iter().filter(|value| value.is_nan()).count() as u64;
                found.known = values.len() as u64 - found.unknown;
            }
            Indicator::Share(answers) => {
                found.not_applicable = answers.iter().filter(|own| **own == answer::NOT_APPLICABLE).count() as u64;
                found.known = answers.iter().filter(|own| **own == answer::YES || **own == answer::NO).count() as u64;
                found.unknown = answers.len() as u64 - found.known - found.not_applicable;
            }
        }
        found
    }

    /// Adds the rows of another block.
    pub const fn add(&mut self, other: Self) {
        self.known += other.known;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }
}

impl ReadyMade {
    fn compare(&self, responses: &Responses, indicators: &[Indicator]) -> Agreement {
        let mut found = Agreement::default();
        let Some(Indicator::Share(computed)) = indicators.get(self.indicator) else { return found };
        let known = |answer: u8| answer == answer::YES || answer == answer::NO;
        for (computed, code) in computed.iter().zip(&responses.coded[self.column]) {
            let ready = self.answers.get(usize::from(*code)).copied().unwrap_or(answer::UNKNOWN);
            match (known(*computed), known(ready)) {
                (true, true) => {
                    found.both += 1;
                    found.differ += u64::from(*computed != ready);
                }
                (false, false) => {}
                _ => found.one_known += 1,
            }
        }
        found
    }
}

impl Deriver {
    /// Scores a block.
    #[must_use]
    pub fn derive(&self, responses: Responses) -> Scored {
        let scores: Vec<Vec<f64>> = self.scores.iter().map(|score| score.scores(&responses)).collect();
        let indicators: Vec<Indicator> = self
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
                IndicatorPlan::Score { score } => {
                    // Whom a score does not apply to has none.
                    let known = |score: &f64| if score.is_infinite() { f64::NAN } else { *score };
                    Indicator::Mean(scores[*score].iter().map(known).collect())
                }
                IndicatorPlan::Rule { test, not_applicable } => Indicator::Share(
                    (0..responses.rows)
                        .map(|row| match test.answer(&scores, row) {
                            answer::NOT_APPLICABLE => *not_applicable,
                            answer => answer,
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
        let agreement = self.checks.iter().map(|check| check.compare(&responses, &indicators)).collect();
        Scored {
            agreement,
            answered: indicators.iter().map(Answered::of).collect(),
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
