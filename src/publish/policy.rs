//! The disclosure policy of a release as a value in its manifest.

use serde_json::{Value, json};

use super::spec::PolicySpec;
use crate::declare::{Floor, FloorRule, PrecisionRule};

/// The policy as the manifest carries it: what an audit holds a release against.
pub(super) fn policy(rules: PolicySpec<'_>) -> Value {
    let Some(FloorRule::Minimum { floor, overrides, .. }) = rules.floor else {
        return json!({ "already_published": true });
    };
    let mut floors: Vec<Value> = overrides
        .iter()
        .map(|own| floor_as_value(&own.floor, own.collections.iter().map(|name| name.value.as_str()).collect()))
        .collect();
    floors.push(floor_as_value(floor, Vec::new()));
    let Some(rules) = rules.disclosure else {
        return json!({ "already_published": false, "floors": floors });
    };
    let protection = rules.protection;
    json!({
        "already_published": false,
        "floors": floors,
        "complementary": if protection.is_some() { "linked" } else { "none" },
        "protection_n": protection.map(|own| own.n),
        "protection_answer": protection.map(|own| own.answer),
        "largest_part": protection.map(|own| own.largest_part),
        "unplaced": protection.map(|own| if own.guards_unplaced { "guarded" } else { "open" }),
        "empty": protection.map(|own| if own.guards_empty { "guarded" } else { "open" }),
        // Every file of respondents has weight sets.
        "weighted": true,
        "largest_weight": rules.largest_weight,
        "reasons": rules.reasons.as_str(),
        "precision": rules.precision.iter().map(precision_as_value).collect::<Vec<_>>(),
        "ground": rules.ground,
    })
}

fn floor_as_value(floor: &Floor, collections: Vec<&str>) -> Value {
    json!({
        "collections": collections,
        "minimum_n": floor.minimum_n,
        "minimum_answer": floor.minimum_answer,
        "minimum_complement": floor.minimum_complement,
        "group_disclosure": floor.group_disclosure,
        "minimum_population": floor.minimum_population,
    })
}

fn precision_as_value(rule: &PrecisionRule) -> Value {
    json!({
        "levels": rule.levels.iter().map(|level| level.as_str()).collect::<Vec<_>>(),
        "share": rule.share,
        "mean": rule.mean,
        "count": rule.count,
        "hidden": rule.hidden.iter().map(|column| column.as_str()).collect::<Vec<_>>(),
        "ground": rule.ground,
    })
}
