//! Instruments (scales): items, recodes, scores, cut-offs and their worked cases.

use std::sync::Arc;

use super::reader::{Placed, Sink, Table, as_number, suggestion, with_document};
use crate::finding::SourceText;

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
    /// Sum or mean.
    pub method: ScoreMethod,
    /// Missing items up to which the score is known.
    pub max_missing: usize,
    /// What stands in for a missing item.
    pub imputation: Imputation,
    /// Lowest possible score.
    pub minimum: f64,
    /// Highest possible score.
    pub maximum: f64,
}

/// How points become a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreMethod {
    /// Sum of points.
    Sum,
    /// Mean of points.
    Mean,
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

/// A cut-off on a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Id.
    pub id: Placed<String>,
    /// Index in `scores`.
    pub score: usize,
    /// Score ≥ this.
    pub at_least: Option<f64>,
    /// Score > this.
    pub above: Option<f64>,
    /// Score ≤ this.
    pub at_most: Option<f64>,
    /// Score < this.
    pub below: Option<f64>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Where the cut-off comes from.
    pub source: String,
}

impl Rule {
    /// Whether it names a cut-off at all.
    fn has_cut_off(&self) -> bool {
        [self.at_least, self.above, self.at_most, self.below].iter().any(Option::is_some)
    }

    /// Whether a known score meets the rule.
    #[must_use]
    pub fn holds(&self, score: f64) -> bool {
        self.at_least.is_none_or(|bound| score >= bound)
            && self.above.is_none_or(|bound| score > bound)
            && self.at_most.is_none_or(|bound| score <= bound)
            && self.below.is_none_or(|bound| score < bound)
    }
}

/// A worked case: answers in, scores and rules out.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name.
    pub name: Placed<String>,
    /// (index in `items`, raw code); an item left out is empty.
    pub answers: Vec<(usize, String)>,
    /// (index in `scores`, expected score or `None` for unknown).
    pub scores: Vec<(usize, Option<f64>)>,
    /// (index in `rules`, expected outcome).
    pub rules: Vec<(usize, Expected)>,
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
}

impl Expected {
    /// The word of a case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Reads an instrument file; everything wrong with it goes to the sink.
pub(super) fn read_instrument(source: &Arc<SourceText>, sink: &Sink) -> Option<Instrument> {
    with_document(source, sink, |file| {
        let head = file.required_table("instrument", |t| {
            let id = t.required_text("id");
            let version = t.required_integer("version", 1..=9999);
            let label_nl = t.required_text("label-nl");
            let label_en = t.required_text("label-en");
            let directions = ["higher-is-worse", "higher-is-better"];
            let direction =
                t.required_word("direction", &directions, |w| directions.contains(&w).then(|| w.to_owned()));
            let source = t.required_text("source");
            let status = read_status(t);
            let note = t.text("note").map(|note| note.value).unwrap_or_default();
            Some((id?, version?, label_nl?, label_en?, direction?, source?, status?, note))
        });
        // The keys of the file that come behind a part that cannot be read are not looked at.
        let whole = |part: bool| {
            if !part {
                file.leave_rest();
            }
        };
        let recodes: Option<Vec<_>> = file.named_tables("recode", read_recode).into_iter().collect();
        whole(recodes.is_some());
        let recodes = recodes?;
        let items: Option<Vec<_>> = file.tables("item", |t| read_item(t, &recodes)).into_iter().collect();
        whole(items.is_some());
        let items = items?;
        unique(file, items.iter().map(|item| &item.id), "item");
        let scores: Option<Vec<_>> = file.tables("score", |t| read_score(t, &items, &recodes)).into_iter().collect();
        whole(scores.is_some());
        let scores = scores?;
        unique(file, scores.iter().map(|score| &score.id), "score");
        let rules: Option<Vec<_>> = file.tables("rule", |t| read_rule(t, &scores)).into_iter().collect();
        whole(rules.is_some());
        let rules = rules?;
        unique(file, rules.iter().map(|rule| &rule.id), "rule");
        let cases: Option<Vec<_>> =
            file.tables("case", |t| read_case(t, &items, &scores, &rules)).into_iter().collect();
        let (id, version, label_nl, label_en, direction, source, status, note) = head??;
        let cases = cases?;
        if cases.is_empty() {
            file.fault(
                "declare-no-case",
                id.place.clone(),
                format!("instrument `{}` has no worked case", id.value),
                "add `[[case]]` with answers, scores and rules worked out by hand",
            );
        }
        Some(Instrument {
            id,
            version: u32::try_from(version.value).ok()?,
            label_nl: label_nl.value,
            label_en: label_en.value,
            direction: direction.value,
            source: source.value,
            status,
            note,
            recodes,
            items,
            scores,
            rules,
            cases,
        })
    })
    .flatten()
}

pub(super) fn read_status(t: &Table<'_>) -> Option<String> {
    let words = ["verified", "unverified"];
    t.required_word("status", &words, |w| words.contains(&w).then(|| w.to_owned())).map(|word| word.value)
}

/// Says every id that stands twice.
pub(super) fn unique<'p>(t: &Table<'_>, ids: impl Iterator<Item = &'p Placed<String>>, what: &str) {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(&id.value) {
            t.fault(
                "declare-duplicate",
                id.place.clone(),
                format!("{what} `{}` stands twice", id.value),
                "give each its own id",
            );
        }
    }
}

/// The index of a name in a list, or a finding with the nearest name.
pub(super) fn resolve<T>(
    t: &Table<'_>,
    name: &Placed<String>,
    list: &[T],
    id: impl Fn(&T) -> &str,
    what: &str,
) -> Option<usize> {
    let found = list.iter().position(|entry| id(entry) == name.value);
    if found.is_none() {
        t.fault(
            "declare-unknown-reference",
            name.place.clone(),
            format!("there is no {what} `{}`", name.value),
            suggestion(&name.value, list.iter().map(&id)).unwrap_or_else(|| {
                let known: std::collections::BTreeSet<&str> = list.iter().map(&id).collect();
                format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", "))
            }),
        );
    }
    found
}

fn read_recode(name: &Placed<String>, t: &Table<'_>) -> Option<Recode> {
    let codes = t.number_map("codes").unwrap_or_default();
    let unknown = t.codes("unknown").unwrap_or_default();
    let not_applicable = t.codes("not-applicable").unwrap_or_default();
    if codes.is_empty() {
        t.fault(
            "declare-empty-recode",
            name.place.clone(),
            format!("recode `{}` gives no points", name.value),
            "add codes = { \"1\" = 5, … }",
        );
    }
    let codes: Vec<_> = codes.into_iter().map(|(code, points)| (super::normalise_code(&code.value), points)).collect();
    let mut seen = std::collections::BTreeSet::new();
    let all = codes
        .iter()
        .map(|(code, _)| code.clone())
        .chain(unknown.iter().chain(&not_applicable).map(|code| code.value.clone()));
    for code in all {
        if !seen.insert(code.clone()) {
            t.fault(
                "declare-duplicate",
                name.place.clone(),
                format!("code `{code}` has two meanings in recode `{}`", name.value),
                "give each code one meaning",
            );
        }
    }
    Some(Recode {
        name: name.clone(),
        codes,
        unknown: unknown.into_iter().map(|code| code.value).collect(),
        not_applicable: not_applicable.into_iter().map(|code| code.value).collect(),
    })
}

fn read_item(t: &Table<'_>, recodes: &[Recode]) -> Option<Item> {
    let id = t.required_text("id");
    let column = t.required_text("column");
    let recode = t.required_text("recode");
    let label_nl = t.required_text("label-nl");
    let recode = resolve(t, &recode?, recodes, |recode| &recode.name.value, "recode");
    Some(Item { id: id?, column: column?, recode: recode?, label_nl: label_nl?.value })
}

fn read_score(t: &Table<'_>, items: &[Item], recodes: &[Recode]) -> Option<Score> {
    let id = t.required_text("id");
    let names = t.required_texts("items");
    let method = t.required_word("method", &["sum", "mean"], |word| match word {
        "sum" => Some(ScoreMethod::Sum),
        "mean" => Some(ScoreMethod::Mean),
        _ => None,
    });
    let max_missing = t.required_integer("max-missing", 0..=999);
    let impute = t.required_word("impute", &["none", "person-mean", "item-mean"], |word| {
        ["none", "person-mean", "item-mean"].contains(&word).then(|| word.to_owned())
    });
    let means = t.number_map("item-means");
    let means_source = t.text("item-means-source");
    let minimum = t.required_number("minimum");
    let maximum = t.required_number("maximum");

    let names = names?;
    let members: Option<Vec<_>> =
        names.iter().map(|name| resolve(t, name, items, |item| &item.id.value, "item")).collect();
    let members = members?;
    unique(t, names.iter(), "item of a score");
    let impute = impute?;
    let imputation = match impute.value.as_str() {
        "none" => Imputation::None,
        "person-mean" => Imputation::PersonMean,
        _ => Imputation::ItemMean(read_item_means(t, &impute, &names, means.clone(), means_source.is_some())?),
    };
    if means.is_some() && !matches!(imputation, Imputation::ItemMean(_)) {
        t.fault(
            "declare-contradiction",
            impute.place,
            "`item-means` are declared and `impute` does not use them".to_owned(),
            "write impute = \"item-mean\" or remove the means",
        );
    }
    let max_missing = max_missing?;
    let allowed = usize::try_from(max_missing.value).ok()?;
    if allowed >= members.len() {
        t.fault(
            "declare-out-of-range",
            max_missing.place,
            format!("`max-missing` is {allowed} for a score of {} items", members.len()),
            "at least one item must be answered",
        );
    }
    let score = Score {
        id: id?,
        items: members,
        method: method?.value,
        max_missing: allowed,
        imputation,
        minimum: minimum?.value,
        maximum: maximum?.value,
    };
    check_range(t, &score, items, recodes);
    Some(score)
}

fn read_item_means(
    t: &Table<'_>,
    impute: &Placed<String>,
    names: &[Placed<String>],
    means: Option<Vec<(Placed<String>, f64)>>,
    has_source: bool,
) -> Option<Vec<f64>> {
    let Some(means) = means else {
        t.fault(
            "declare-missing-key",
            impute.place.clone(),
            "`impute = \"item-mean\"` needs `item-means`".to_owned(),
            "declare the mean of every item in a fixed reference sample; a file's own means would change with the file",
        );
        return None;
    };
    if !has_source {
        t.fault(
            "declare-missing-key",
            impute.place.clone(),
            "`item-means` have no `item-means-source`".to_owned(),
            "say where the reference means come from",
        );
    }
    for (name, _) in &means {
        if !names.iter().any(|known| known.value == name.value) {
            t.fault(
                "declare-unknown-reference",
                name.place.clone(),
                format!("`item-means` names `{}`, which is no item of the score", name.value),
                suggestion(&name.value, names.iter().map(|known| known.value.as_str()))
                    .unwrap_or_else(|| "remove it".to_owned()),
            );
        }
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match means.iter().find(|(key, _)| key.value == name.value) {
            Some((_, mean)) => found.push(*mean),
            None => t.fault(
                "declare-missing-key",
                impute.place.clone(),
                format!("`item-means` has no mean for item `{}`", name.value),
                "declare a mean for every item of the score",
            ),
        }
    }
    (found.len() == names.len()).then_some(found)
}

/// The declared range must be what complete answers can reach: a recode with a slip would otherwise stay unseen.
fn check_range(t: &Table<'_>, score: &Score, items: &[Item], recodes: &[Recode]) {
    let bounds = score.items.iter().map(|&item| {
        let points = recodes[items[item].recode].codes.iter().map(|(_, points)| *points);
        points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)))
    });
    let (mut low, mut high) = bounds.fold((0.0, 0.0), |(low, high), (l, h)| (low + l, high + h));
    if score.method == ScoreMethod::Mean {
        low /= score.items.len() as f64;
        high /= score.items.len() as f64;
    }
    if (low - score.minimum).abs() > 1e-9 || (high - score.maximum).abs() > 1e-9 {
        t.fault(
            "declare-score-range",
            score.id.place.clone(),
            format!(
                "score `{}` declares {} to {}, its items give {low} to {high}",
                score.id.value, score.minimum, score.maximum
            ),
            "correct the range, or the points of a recode",
        );
    }
}

fn read_rule(t: &Table<'_>, scores: &[Score]) -> Option<Rule> {
    let id = t.required_text("id");
    let score = t.required_text("score");
    let at_least = t.number("at-least").map(|n| n.value);
    let above = t.number("above").map(|n| n.value);
    let at_most = t.number("at-most").map(|n| n.value);
    let below = t.number("below").map(|n| n.value);
    let label_nl = t.required_text("label-nl");
    let label_en = t.required_text("label-en");
    let source = t.required_text("source");
    if [at_least, above, at_most, below].iter().all(Option::is_none) {
        t.fault(
            "declare-no-cut-off",
            t.own_place(),
            "a rule names no cut-off".to_owned(),
            "add at-least (>=), above (>), at-most (<=) or below (<)",
        );
    }
    let score = resolve(t, &score?, scores, |score| &score.id.value, "score");
    let rule = Rule {
        id: id?,
        score: score?,
        at_least,
        above,
        at_most,
        below,
        label_nl: label_nl?.value,
        label_en: label_en?.value,
        source: source?.value,
    };
    check_cut_off(t, &rule, &scores[rule.score]);
    Some(rule)
}

/// A rule that holds for every score, or for none, is a slip: a cut-off of another scale, or `at-least` for `at-most`.
fn check_cut_off(t: &Table<'_>, rule: &Rule, score: &Score) {
    let low = [rule.at_least, rule.above, Some(score.minimum)].into_iter().flatten().fold(f64::NEG_INFINITY, f64::max);
    let high = [rule.at_most, rule.below, Some(score.maximum)].into_iter().flatten().fold(f64::INFINITY, f64::min);
    let range = format!("from {} to {}", score.minimum, score.maximum);
    let what = if low > high || (low == high && !rule.holds(low)) {
        format!("rule `{}` holds for no score {range}", rule.id.value)
    } else if rule.holds(score.minimum) && rule.holds(score.maximum) && rule.has_cut_off() {
        format!("rule `{}` holds for every score {range}", rule.id.value)
    } else {
        return;
    };
    t.fault("declare-cut-off", rule.id.place.clone(), what, "correct the cut-off, or the score that it is for");
}

fn read_case(t: &Table<'_>, items: &[Item], scores: &[Score], rules: &[Rule]) -> Option<Case> {
    let name = t.required_text("name");
    t.text("source");
    let answers = t.text_map("answers").unwrap_or_default();
    let answers: Option<Vec<_>> = answers
        .into_iter()
        .map(|(item, code)| Some((resolve(t, &item, items, |item| &item.id.value, "item")?, code)))
        .collect();
    let expected_scores = t.table("scores", |t| {
        let mut found = Vec::new();
        for (id, value) in t.free_entries() {
            let Some(score) = resolve(t, &id, scores, |score| &score.id.value, "score") else { continue };
            let expected = match (value.get_ref().as_str(), as_number(value.get_ref())) {
                (Some("unknown"), _) => None,
                (_, Some(number)) => Some(number),
                _ => {
                    t.fault(
                        "declare-wrong-type",
                        id.place.clone(),
                        format!("the expected score of `{}` is neither a number nor \"unknown\"", id.value),
                        "write a number or \"unknown\"",
                    );
                    continue;
                }
            };
            found.push((score, expected));
        }
        found
    });
    let expected_rules = t.text_map("rules").unwrap_or_default();
    let mut found = Vec::new();
    for (id, word) in expected_rules {
        let outcome = match word.as_str() {
            "yes" => Expected::Yes,
            "no" => Expected::No,
            "unknown" => Expected::Unknown,
            _ => {
                t.fault(
                    "declare-unknown-word",
                    id.place.clone(),
                    format!("`{word}` is not an outcome of a rule"),
                    "one of: yes, no, unknown",
                );
                continue;
            }
        };
        found.extend(resolve(t, &id, rules, |rule| &rule.id.value, "rule").map(|rule| (rule, outcome)));
    }
    let scores = expected_scores.unwrap_or_default();
    if scores.is_empty() && found.is_empty() {
        t.fault(
            "declare-empty-case",
            t.own_place(),
            "a case expects nothing".to_owned(),
            "add `scores` or `rules` worked out by hand",
        );
    }
    Some(Case { name: name?, answers: answers?, scores, rules: found })
}
