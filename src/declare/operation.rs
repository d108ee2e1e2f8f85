//! How a pipeline is run night after night: which releases stay, and what must hold before a new one is published.

use super::check::Checker;
use super::reader::{Placed, Table};
use super::source::SourceKind;
use super::table::TableContent;
use super::value::suggestion;
use crate::finding::Place;
use crate::vocab::RegionCode;

/// Which releases stay in the output folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionRule {
    /// So many stay, the current one included.
    pub keep: usize,
    /// Hours that a release stays readable after it stopped being current, whatever the other rules say.
    pub minimum_age_hours: i64,
    /// Days after which a release that is not current goes, also where fewer than `keep` are there; `None`: it stays.
    pub maximum_age_days: Option<i64>,
}

/// What must hold before a release is published. Each is optional, and one that is left out is not asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct GateRules {
    /// Where they are declared.
    pub place: Place,
    /// Respondents of each source whose row is used.
    pub minimum_respondents: Option<u64>,
    /// Share of unknown among the known and unknown answers to a measured parameter of a source, in [0, 1].
    pub maximum_unknown: Option<f64>,
    /// Largest change of a published share against the current release, in [0, 1]: 0.1 is ten percentage points.
    pub maximum_change: Option<f64>,
    /// Largest change of any other published value against the current release, as a part of what it was: 0.5 is half as much again.
    pub maximum_relative_change: Option<f64>,
    /// Largest root mean square of the differences between the shares of a model and published ones of the same regions, in [0, 1].
    pub maximum_published_difference: Option<f64>,
    /// Regions with at least one published figure.
    pub expected_regions: Vec<Placed<String>>,
    /// Parameters with at least one published figure.
    pub required_parameters: Vec<Placed<String>>,
    /// Days since the newest input file of each source was changed.
    pub maximum_input_age_days: Option<i64>,
}

pub(super) fn read_retention(t: &Table<'_>) -> Option<RetentionRule> {
    let keep = t.required_integer("keep", 1..=100_000);
    let minimum = t.required_integer("minimum-age-hours", 0..=1_000_000);
    let maximum = t.integer_within("maximum-age-days", 1..=100_000);
    if let (Some(minimum), Some(maximum)) = (&minimum, &maximum)
        && maximum.value * 24 < minimum.value
    {
        t.fault(
            "declare-out-of-range",
            maximum.place.clone(),
            "`maximum-age-days` is less than `minimum-age-hours`".to_owned(),
            "no release goes before `minimum-age-hours`; raise the one or lower the other",
        );
        return None;
    }
    if t.has("maximum-age-days") && maximum.is_none() {
        return None;
    }
    Some(RetentionRule {
        keep: usize::try_from(keep?.value).ok()?,
        minimum_age_hours: minimum?.value,
        maximum_age_days: maximum.map(|own| own.value),
    })
}

pub(super) fn read_gate(t: &Table<'_>) -> Option<GateRules> {
    const KEYS: [&str; 8] = [
        "minimum-respondents",
        "maximum-unknown",
        "maximum-change",
        "maximum-relative-change",
        "maximum-published-difference",
        "expected-regions",
        "required-parameters",
        "maximum-input-age-days",
    ];
    let within = |key: &'static str, high: f64| {
        let number = t.number(key)?;
        if (0.0..=high).contains(&number.value) {
            return Some(number.value);
        }
        t.fault(
            "declare-out-of-range",
            number.place,
            format!("`{key}` is {}, outside 0 to {high}", number.value),
            match key {
                "maximum-unknown" => "write 0.1 for one answer in ten",
                "maximum-change" | "maximum-published-difference" => "write 0.1 for ten percentage points",
                _ => "write 0.5 for half of what it was",
            },
        );
        None
    };
    let rules = GateRules {
        place: t.own_place(),
        minimum_respondents: t.integer_within("minimum-respondents", 1..=i64::MAX).map(|own| own.value.unsigned_abs()),
        maximum_unknown: within("maximum-unknown", 1.0),
        maximum_change: within("maximum-change", 1.0),
        maximum_relative_change: within("maximum-relative-change", 1e6),
        maximum_published_difference: within("maximum-published-difference", 1.0),
        expected_regions: t.texts("expected-regions").unwrap_or_default(),
        required_parameters: t.texts("required-parameters").unwrap_or_default(),
        maximum_input_age_days: t.integer_within("maximum-input-age-days", 1..=100_000).map(|own| own.value),
    };
    if !KEYS.into_iter().any(|key| t.has(key)) {
        t.fault(
            "declare-empty-gate",
            t.own_place(),
            "[gate] asks for nothing".to_owned(),
            format!("name at least one of: {}", KEYS.join(", ")),
        );
        return None;
    }
    // What cannot be read is not what is not asked for; its own finding has been said.
    Some(rules)
}

impl Checker<'_> {
    /// Names in the gate that a run could never meet.
    pub(super) fn operation(&self) {
        let Some(gate) = &self.pipeline.gate else { return };
        let modelled = self.pipeline.model.is_some() || !self.pipeline.area_models.is_empty();
        let published = |own: &SourceKind| matches!(own, SourceKind::Table(table) if matches!(table.content, TableContent::Published(_)));
        let both = modelled && self.pipeline.sources.iter().any(|own| published(&own.kind));
        if gate.maximum_published_difference.is_some() && !both {
            self.fault(
                "declare-contradiction",
                &gate.place,
                "`maximum-published-difference` needs a model and a published table".to_owned(),
                "add the table of published figures as a source, or leave the gate out",
            );
        }
        let estimated: Vec<&str> = self.pipeline.estimate.parameters.iter().map(|own| own.value.as_str()).collect();
        for parameter in &gate.required_parameters {
            if !estimated.contains(&parameter.value.as_str()) {
                self.fault(
                    "declare-unknown-parameter",
                    &parameter.place,
                    format!("`{}` is required and not among `parameters` of [estimate]", parameter.value),
                    suggestion(&parameter.value, estimated.iter().copied())
                        .unwrap_or_else(|| "estimate it, or require another one".to_owned()),
                );
            }
        }
        for region in gate.expected_regions.iter().filter(|region| RegionCode::parse(&region.value).is_err()) {
            self.fault(
                "declare-unknown-region",
                &region.place,
                format!("`{}` is no code of a region", region.value),
                "write codes such as GM0363, unpadded",
            );
        }
    }
}
