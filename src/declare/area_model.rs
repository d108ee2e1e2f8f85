//! `[[area-model]]`: figures of small regions from their direct figures and public facts, without persons per cell (Fay and Herriot).

use super::model::{FactFile, ShownLimits, number_within, read_facts, read_shown_limits};
use super::read_pipeline::LEVELS;
use super::reader::{Placed, Table};
use crate::finding::Place;
use crate::vocab::Level;

/// What is modelled at the level of areas, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaModelRules {
    /// Where it is declared.
    pub place: Place,
    /// Id of the source that its figures name.
    pub id: Placed<String>,
    /// Title of that source, Dutch.
    pub title: String,
    /// Id of the source of the direct figures: respondents, or a published table.
    pub source: Placed<String>,
    /// Ids of the parameters: shares and means.
    pub parameters: Vec<Placed<String>>,
    /// Level of the areas.
    pub level: Placed<Level>,
    /// The year of the figures, where a table has several.
    pub period: Option<Placed<i64>>,
    /// Of a published table: parameter → the parameter of the same table that holds its effective number of answers.
    pub effective_n: Vec<(Placed<String>, String)>,
    /// Of a published table: parameter → the parameter of the same table that holds its standard error.
    pub standard_error: Vec<(Placed<String>, String)>,
    /// Lowest value that a published mean can have.
    pub lowest: Vec<(Placed<String>, f64)>,
    /// Highest value that a published mean can have.
    pub highest: Vec<(Placed<String>, f64)>,
    /// Public facts per area; `None` without.
    pub facts: Option<FactFile>,
    /// What may be said.
    pub limits: ShownLimits,
    /// Largest mean square of z of areas left out; above it the parameter is withheld.
    pub maximum_mean_square: f64,
    /// What holds for answers of respondents; `None` for a published table.
    pub answers: Option<AnswerLimits>,
    /// Why these limits.
    pub ground: String,
}

/// What holds for the answers that a model of areas rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimits {
    /// Fewer answers yes, or no, in the whole region withhold a share.
    pub minimum: u64,
    /// With fewer answers the answers of an area are left out of the model.
    pub own: u64,
}

/// How exact the direct figures of a published table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishedPrecision<'r> {
    /// By their published interval.
    Interval,
    /// By an effective number of answers, which this parameter holds.
    EffectiveN(&'r str),
    /// By a standard error, which this parameter holds.
    StandardError(&'r str),
}

impl AreaModelRules {
    /// How exact the published figures of a parameter are.
    #[must_use]
    pub fn precision_of(&self, parameter: &str) -> PublishedPrecision<'_> {
        let of = |list: &'_ [(Placed<String>, String)]| list.iter().position(|(own, _)| own.value == parameter);
        match (of(&self.effective_n), of(&self.standard_error)) {
            (Some(at), _) => PublishedPrecision::EffectiveN(&self.effective_n[at].1),
            (None, Some(at)) => PublishedPrecision::StandardError(&self.standard_error[at].1),
            (None, None) => PublishedPrecision::Interval,
        }
    }

    /// Lowest and highest value of a published mean.
    #[must_use]
    pub fn range_of(&self, parameter: &str) -> Option<(f64, f64)> {
        let of = |list: &[(Placed<String>, f64)]| list.iter().find(|(own, _)| own.value == parameter).map(|own| own.1);
        of(&self.lowest).zip(of(&self.highest))
    }
}

/// Reads one `[[area-model]]`.
pub(super) fn read_area_model(t: &Table<'_>) -> Option<AreaModelRules> {
    let (id, title, source) = (t.required_text("id"), t.required_text("title"), t.required_text("source"));
    let parameters = t.required_texts("parameters");
    let level = t.required_word("level", &LEVELS, Level::parse);
    let period = t.integer_within("period", 1900..=2200);
    let (effective_n, standard_error) = (t.text_map("effective-n"), t.text_map("standard-error"));
    let (lowest, highest) = (t.number_map("lowest"), t.number_map("highest"));
    let facts = t.table("facts", read_facts);
    let limits = t.required_table("limits", |t| {
        let shown = read_shown_limits(t, t.has("maximum-influence"));
        let gate = number_within(t, "maximum-mean-square", 1.0, 100.0);
        let (minimum, own) = (
            t.integer_within("minimum-answers", 20..=1_000_000_000),
            t.integer_within("own-answers", 3..=1_000_000_000),
        );
        let keys = [t.has("minimum-answers"), t.has("own-answers"), t.has("maximum-influence")];
        if keys.contains(&true) && keys.contains(&false) {
            let message =
                "`minimum-answers`, `own-answers` and `maximum-influence` stand together or not at all".to_owned();
            let help = "they are needed for a source of respondents, and mean nothing for a published table";
            t.fault("declare-missing-key", t.own_place(), message, help);
            return None;
        }
        let answers = match (minimum, own) {
            (Some(minimum), Some(own)) => {
                Some(AnswerLimits { minimum: minimum.value.unsigned_abs(), own: own.value.unsigned_abs() })
            }
            _ => None,
        };
        Some((shown?, gate?, answers))
    });
    let ground = t.required_text("ground");
    let (limits, maximum_mean_square, answers) = limits??;
    Some(AreaModelRules {
        place: t.own_place(),
        id: id?,
        title: title?.value,
        source: source?,
        parameters: parameters?,
        level: level?,
        period,
        effective_n: effective_n.unwrap_or_default(),
        standard_error: standard_error.unwrap_or_default(),
        lowest: lowest.unwrap_or_default(),
        highest: highest.unwrap_or_default(),
        // What cannot be read is not what is missing.
        facts: facts.map_or(Some(None), |own| own.map(Some))?,
        limits,
        maximum_mean_square,
        answers,
        ground: ground?.value,
    })
}
