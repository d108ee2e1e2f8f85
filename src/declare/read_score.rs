//! Reading a score of an instrument: items, missing rule, range.

use super::instrument::{Gate, Imputation, Item, Recode, Score, ScoreMethod};
use super::read_instrument::{resolve, unique};
use super::reader::{Placed, Table};
use super::value::suggestion;

pub(super) fn read_score(t: &Table<'_>, items: &[Item], recodes: &[Recode]) -> Option<Score> {
    let id = t.required_text("id");
    let names = t.required_texts("items");
    let method = t.required_word("method", &["sum", "mean", "any"], |word| match word {
        "sum" => Some(ScoreMethod::Sum),
        "mean" => Some(ScoreMethod::Mean),
        "any" => Some(ScoreMethod::Any),
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
    let gate = t.table("gate", |t| {
        let item = t.required_text("item").and_then(|name| resolve(t, &name, items, |item| &item.id.value, "item"));
        let points = t.numbers("points").unwrap_or_default();
        if !t.has_items("points") {
            t.fault(
                "declare-missing-key",
                t.own_place(),
                "the gate names no points".to_owned(),
                "add points = [0]: the points of the item with which the others are skipped",
            );
        }
        let item = item?;
        for closed in &points {
            if !recodes[items[item].recode].codes.iter().any(|(_, points)| points.total_cmp(&closed.value).is_eq()) {
                t.fault(
                    "declare-unknown-reference",
                    closed.place.clone(),
                    format!("item `{}` never has {} points", items[item].id.value, closed.value),
                    "name points that its recode gives",
                );
            }
        }
        Some(Gate { item, points: points.into_iter().map(|points| points.value).collect() })
    });
    if gate == Some(None) {
        return None;
    }

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
        gate: gate.flatten(),
    };
    if score.method == ScoreMethod::Any && score.imputation != Imputation::None {
        t.fault(
            "declare-contradiction",
            score.id.place.clone(),
            format!("score `{}` is `any`, and nothing can stand in for a missing answer", score.id.value),
            "write impute = \"none\"",
        );
    }
    check_range(t, &score, items, recodes);
    check_missing(t, &score, items, recodes);
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

/// The lowest and the highest points of each item of a score.
fn bounds(score: &Score, items: &[Item], recodes: &[Recode]) -> impl Iterator<Item = (f64, f64)> {
    score.items.iter().map(|&item| {
        let points = recodes[items[item].recode].codes.iter().map(|(_, points)| *points);
        points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)))
    })
}

/// What stands in for a missing item lies among the points of that item: otherwise a score could leave its range.
fn check_missing(t: &Table<'_>, score: &Score, items: &[Item], recodes: &[Recode]) {
    let ranges: Vec<(f64, f64)> = bounds(score, items, recodes).collect();
    let within = |(range, own): (&(f64, f64), f64)| range.0 <= own && own <= range.1;
    let equal = || ranges.windows(2).all(|pair| pair[0] == pair[1]);
    let (fits, what, help) = match (score.method, &score.imputation) {
        (ScoreMethod::Any, _) => return,
        (_, Imputation::ItemMean(means)) => (
            ranges.iter().zip(means.iter().copied()).all(within),
            "has a reference mean outside the points of its item",
            "correct the mean: it is in points, behind the recode",
        ),
        (ScoreMethod::Sum, Imputation::None) => (
            ranges.iter().all(|range| within((range, 0.0))),
            "counts a missing item as 0, which is outside the points of the item",
            "write max-missing = 0, or impute = \"person-mean\" or \"item-mean\" as its source says",
        ),
        (ScoreMethod::Sum, Imputation::PersonMean) | (ScoreMethod::Mean, _) => (
            equal(),
            "takes the mean of the answered items for the missing ones, and its items do not have the same points",
            "write max-missing = 0, or impute = \"item-mean\" with the mean of each item",
        ),
    };
    if score.max_missing > 0 && !fits {
        t.fault("declare-score-range", score.id.place.clone(), format!("score `{}` {what}", score.id.value), help);
    }
}

/// The declared range must be what complete answers can reach: a recode with a slip would otherwise stay unseen.
fn check_range(t: &Table<'_>, score: &Score, items: &[Item], recodes: &[Recode]) {
    let bounds = bounds(score, items, recodes);
    let (mut low, mut high) = bounds.fold((0.0, 0.0), |(low, high), (l, h)| (low + l, high + h));
    match score.method {
        ScoreMethod::Sum => {}
        ScoreMethod::Mean => {
            low /= score.items.len() as f64;
            high /= score.items.len() as f64;
        }
        ScoreMethod::Any => (low, high) = (0.0, f64::from(u8::from(high > 0.0))),
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
