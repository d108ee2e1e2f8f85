//! Instruments (scales): items, recodes, scores, cut-offs and their worked cases.

use super::reader::Placed;

/// An instrument as declared. References between its parts are resolved to indexes.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    /// Id.
    pub id: Placed<String>,
    /// Version; a changed rule is a new version.
    pub version: u32,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// `higher-is-worse` or `higher-is-better`.
    pub direction: String,
    /// Where the rules come from.
    pub source: String,
    /// `verified` or `unverified`.
    pub status: String,
    /// What a reader must know.
    pub note: String,
    /// How raw codes become points.
    pub recodes: Vec<Recode>,
    /// Items in file order.
    pub items: Vec<Item>,
    /// Scores in file order.
    pub scores: Vec<Score>,
    /// Cut-offs in file order.
    pub rules: Vec<Rule>,
    /// Worked cases.
    pub cases: Vec<Case>,
}

/// Raw code → points.
#[derive(Clone, Debug, PartialEq)]
pub struct Recode {
    /// Name.
    pub name: Placed<String>,
    /// Code → points.
    pub codes: Vec<(String, f64)>,
    /// Codes that mean unknown.
    pub unknown: Vec<String>,
    /// Codes that mean not applicable; missing in a score.
    pub not_applicable: Vec<String>,
}

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Id by content, so that an item order cannot shift a reversal.
    pub id: Placed<String>,
    /// Column in the respondent file.
    pub column: Placed<String>,
    /// Index in `recodes`.
    pub recode: usize,
    /// Dutch label.
    pub label_nl: String,
}

/// A score over items.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Id.
    pub id: Placed<String>,
    /// Indexes in `items`.
    pub items: Vec<usize>,
    /// Sum, mean or any.
    pub method: ScoreMethod,
    /// Missing items up to which the score is known.
    pub max_missing: usize,
    /// What stands in for a missing item.
    pub imputation: Imputation,
    /// Lowest possible score.
    pub minimum: f64,
    /// Highest possible score.
    pub maximum: f64,
    /// Where the score is not applicable.
    pub gate: Option<Gate>,
}

/// Skip logic: who gave one of these answers was not asked the items of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Index in `items`.
    pub item: usize,
    /// Points of the item that close the gate.
    pub points: Vec<f64>,
}

/// How points become a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreMethod {
    /// Sum of points.
    Sum,
    /// Mean of points.
    Mean,
    /// 1 if any answered item has points above 0, whatever is missing; 0 if none has and no more is missing than allowed.
    Any,
}

/// What stands in for a missing item, within the missing items allowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Imputation {
    /// Nothing: the score is over the answered items.
    None,
    /// The person's own mean over the answered items.
    PersonMean,
    /// The declared mean of that item in a reference sample, one per item of the score.
    ItemMean(Vec<f64>),
}

/// A rule of an instrument: a cut-off on a score, or other rules together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Id.
    pub id: Placed<String>,
    /// When it holds.
    pub test: RuleTest,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Where the rule comes from.
    pub source: String,
}

/// When a rule holds.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleTest {
    /// A cut-off on the score with this index.
    CutOff(usize, CutOff),
    /// All of the rules with these indexes: one no is a no, whatever is missing.
    All(Vec<usize>),
    /// Any of the rules with these indexes: one yes is a yes, whatever is missing.
    Any(Vec<usize>),
}

/// Bounds of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CutOff {
    /// Score ≥ this.
    pub at_least: Option<f64>,
    /// Score > this.
    pub above: Option<f64>,
    /// Score ≤ this.
    pub at_most: Option<f64>,
    /// Score < this.
    pub below: Option<f64>,
}

impl CutOff {
    /// Whether it names a bound at all.
    pub(super) fn is_some(&self) -> bool {
        [self.at_least, self.above, self.at_most, self.below].iter().any(Option::is_some)
    }

    /// Whether a known score meets the bounds.
    #[must_use]
    pub fn holds(&self, score: f64) -> bool {
        self.at_least.is_none_or(|bound| score >= bound)
            && self.above.is_none_or(|bound| score > bound)
            && self.at_most.is_none_or(|bound| score <= bound)
            && self.below.is_none_or(|bound| score < bound)
    }
}

impl Instrument {
    /// Indexes of the scores that a rule rests on, each once, in the order in which the rule names them.
    #[must_use]
    pub fn scores_of(&self, rule: usize) -> Vec<usize> {
        let mut found = Vec::new();
        match &self.rules[rule].test {
            RuleTest::CutOff(score, _) => found.push(*score),
            RuleTest::All(parts) | RuleTest::Any(parts) => {
                for score in parts.iter().flat_map(|part| self.scores_of(*part)) {
                    if !found.contains(&score) {
                        found.push(score);
                    }
                }
            }
        }
        found
    }
}

/// A worked case: answers in, scores and rules out.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name.
    pub name: Placed<String>,
    /// (index in `items`, raw code); an item left out is empty.
    pub answers: Vec<(usize, String)>,
    /// (index in `scores`, expected score).
    pub scores: Vec<(usize, ExpectedScore)>,
    /// (index in `rules`, expected outcome).
    pub rules: Vec<(usize, Expected)>,
}

/// Expected score in a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExpectedScore {
    /// This number.
    Number(f64),
    /// Too much is missing.
    Unknown,
    /// The gate is closed.
    NotApplicable,
}

/// Expected outcome of a rule in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The rule holds.
    Yes,
    /// It does not.
    No,
    /// The score is unknown.
    Unknown,
    /// The gate of the score is closed.
    NotApplicable,
}

impl Expected {
    /// The word of a case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}
