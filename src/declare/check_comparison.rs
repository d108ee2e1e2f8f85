//! What must hold for comparisons and trends.

use super::check::Checker;
use super::comparison::ReferenceRule;
use super::reader::Placed;
use crate::vocab::{Level, Reference};

impl Checker<'_> {
    pub(super) fn comparisons(&self) {
        let pipeline = self.pipeline;
        if let Some(rules) = &pipeline.comparison {
            for (name, _) in &rules.minimum_of {
                self.known_parameter(name);
            }
            self.unique(
                rules.minimum_of.iter().map(|(name, _)| name),
                "minimum of parameter",
                "write one per parameter",
            );
            for (at, rule) in rules.references.iter().enumerate() {
                self.reference(rule);
                let overlaps = |other: &ReferenceRule| {
                    let base = rule.kind.value == Reference::BasePeriod && other.period != rule.period;
                    let dimensions = rule.dimensions.is_empty()
                        || other.dimensions.is_empty()
                        || rule.dimensions.iter().any(|own| other.dimensions.iter().any(|its| its.value == own.value));
                    let levels = rule.levels.iter().any(|level| other.levels.contains(level));
                    other.kind.value == rule.kind.value && levels && dimensions && !base
                };
                if rules.references[..at].iter().any(overlaps) {
                    self.fault(
                        "declare-duplicate",
                        &rule.kind.place,
                        format!("the reference `{}` stands twice for one level and dimension", rule.kind.value),
                        "join the two, or give them other levels or dimensions",
                    );
                }
            }
            if let Some(shown) = &rules.dashboard
                && !rules.references.iter().any(|rule| rule.kind.value == shown.value)
            {
                self.fault(
                    "declare-unknown-reference",
                    &shown.place,
                    format!(
                        "the dashboard is to show `{}`, and no `[[comparison.reference]]` is of that kind",
                        shown.value
                    ),
                    "add the reference, or show one that is there",
                );
            }
            self.respondents_for("[comparison]", rules.references.first().map(|rule| &rule.kind.place));
        }
        if let Some(trend) = &pipeline.trend {
            for dimension in &trend.dimensions {
                self.known_dimension(dimension);
            }
        }
    }

    fn reference(&self, rule: &ReferenceRule) {
        for dimension in &rule.dimensions {
            self.known_dimension(dimension);
        }
        for level in &rule.levels {
            let produced = self.pipeline.estimate.levels.contains(level);
            let too_wide = match rule.kind.value {
                Reference::RestOfParent | Reference::Parent => level.parent().is_none(),
                Reference::AllSiblings => level.parent().is_none(),
                Reference::Ggd => *level <= Level::Ggd,
                Reference::Nl => *level <= Level::Nl,
                _ => false,
            };
            if !produced {
                self.fault(
                    "declare-level",
                    &rule.kind.place,
                    format!("`{}` is for level {level}, which [estimate] does not produce", rule.kind.value),
                    "add the level to `levels` of [estimate] or remove it here",
                );
            } else if too_wide {
                self.fault(
                    "declare-level",
                    &rule.kind.place,
                    format!("a region of level {level} has no `{}`", rule.kind.value),
                    "name narrower levels",
                );
            }
        }
        let of_categories = matches!(rule.kind.value, Reference::RestOfDimension | Reference::OtherCategory);
        if let Some(total) = rule.dimensions.iter().find(|own| of_categories && own.value == "total") {
            self.fault(
                "declare-contradiction",
                &total.place,
                format!("the total has no other category, and `{}` compares categories", rule.kind.value),
                "remove `total`",
            );
        }
        if rule.kind.value == Reference::Target && self.pipeline.targets.is_empty() {
            self.fault(
                "declare-unknown-reference",
                &rule.kind.place,
                "there is no `[[target]]` to compare with".to_owned(),
                "add a target, or remove the reference",
            );
        }
    }

    /// The total, a dimension or a crossing, written as in the column `dimension`.
    pub(super) fn known_dimension(&self, name: &Placed<String>) -> bool {
        let pipeline = self.pipeline;
        let crossings = pipeline.crossings.iter().map(|crossing| {
            let crosses = |id: &str| crossing.dimensions.iter().any(|own| own.value == id);
            let names: Vec<&str> =
                pipeline.dimensions.iter().map(|own| own.id.value.as_str()).filter(|id| crosses(id)).collect();
            names.join("*")
        });
        let dimensions = pipeline.dimensions.iter().map(|own| own.id.value.clone());
        let known: Vec<String> = ["total".to_owned()].into_iter().chain(dimensions).chain(crossings).collect();
        self.known(name, known.iter().map(String::as_str), "dimension or crossing")
    }

    fn respondents_for(&self, what: &str, place: Option<&crate::finding::Place>) {
        if let Some(place) = place.filter(|_| !self.has_respondents()) {
            self.fault(
                "declare-contradiction",
                place,
                format!("{what} needs respondents: figures of tables come without what a test needs"),
                "remove it, or add a source of respondents",
            );
        }
    }
}
