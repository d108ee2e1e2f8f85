//! Reading an instrument file.

use std::sync::Arc;

use super::instrument::{Case, Expected, ExpectedScore, Instrument, Item, Recode, Rule, Score};
use super::read_measure::too_many_codes;
use super::read_rule::read_rules;
use super::read_score::read_score;
use super::reader::{Placed, Sink, Table, with_document};
use super::value::{as_number, suggestion};
use crate::finding::SourceText;

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
        let rules = read_rules(file, &scores);
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
                match known.is_empty() {
                    true => format!("the file has no {what} up to here"),
                    false => format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
                }
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
    too_many_codes(t, codes.len() + unknown.len() + not_applicable.len(), name.place.clone());
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
                (Some("unknown"), _) => ExpectedScore::Unknown,
                (Some("not-applicable"), _) => ExpectedScore::NotApplicable,
                (_, Some(number)) => ExpectedScore::Number(number),
                _ => {
                    t.fault(
                        "declare-wrong-type",
                        id.place.clone(),
                        format!("the expected score of `{}` is no number, \"unknown\" or \"not-applicable\"", id.value),
                        "write a number, \"unknown\" or \"not-applicable\"",
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
            "not-applicable" => Expected::NotApplicable,
            _ => {
                t.fault(
                    "declare-unknown-word",
                    id.place.clone(),
                    format!("`{word}` is not an outcome of a rule"),
                    "one of: yes, no, unknown, not-applicable",
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
