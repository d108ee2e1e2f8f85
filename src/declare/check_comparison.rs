//! What must hold for comparisons and trends.

use super::check::Checker;
use super::comparison::{ComparisonRules, ReferenceRule, TrendRules};
use super::reader::Placed;
use super::source::SourceKind;
use crate::finding::Place;
use crate::vocab::{Level, Reference, Test, Unit};

impl Checker<'_> {
    pub(super) fn comparisons(&self) {
        if let Some(rules) = &self.pipeline.comparison {
            let place = rules.references.first().map_or(&self.pipeline.id.place, |rule| &rule.kind.place);
            if self.respondents_for("[comparison]", place) {
                self.rules(rules);
            }
        }
        if let Some(trend) = &self.pipeline.trend
            && self.respondents_for("[trend]", &trend.place)
        {
            self.trend(trend);
        }
    }

    fn rules(&self, rules: &ComparisonRules) {
        self.unique(rules.minimum_of.iter().map(|(name, _)| name), "minimum of parameter", "write one per parameter");
        let computed = &self.pipeline.estimate.parameters;
        for (name, minimum) in &rules.minimum_of {
            self.known(name, computed.iter().map(|own| own.value.as_str()), "parameter to compute");
            let share = self.parameter(&name.value).is_some_and(|own| own.unit.value == Unit::Share);
            if share && *minimum >= 1.0 {
                self.fault(
                    "declare-out-of-range",
                    &name.place,
                    format!(
                        "the smallest difference of `{}` is {minimum}, and a share lies between 0 and 1",
                        name.value
                    ),
                    "write 0.03 for three percentage points",
                );
            }
        }
        for (at, rule) in rules.references.iter().enumerate() {
            self.reference(rule);
            if rules.references[..at].iter().any(|other| overlap(rule, other)) {
                self.fault(
                    "declare-duplicate",
                    &rule.kind.place,
                    format!("the reference `{}` stands twice for one level and dimension", rule.kind.value),
                    "join the two, or give them other levels or dimensions",
                );
            }
        }
        if let Some(shown) = &rules.dashboard {
            let of_total = |rule: &ReferenceRule| rule.levels.iter().any(|level| rule.holds(*level, "total"));
            if !rules.references.iter().any(|rule| rule.kind.value == shown.value && of_total(rule)) {
                self.fault(
                    "declare-unknown-reference",
                    &shown.place,
                    format!("the dashboard is to show `{}`, and no `[[comparison.reference]]` of that kind is for the total", shown.value),
                    "add the reference, or show one that is there; the dashboard has totals only",
                );
            }
        }
        let bases = rules.references.iter().filter(|rule| rule.kind.value == Reference::BasePeriod);
        let bases: std::collections::BTreeSet<Option<i32>> = bases.map(|rule| rule.period).collect();
        if let Some(shown) =
            rules.dashboard.as_ref().filter(|own| own.value == Reference::BasePeriod && bases.len() > 1)
        {
            self.fault(
                "declare-contradiction",
                &shown.place,
                "the dashboard is to show `base_period`, and there are several base periods".to_owned(),
                "keep one of them, or show another reference",
            );
        }
        if rules.test == Test::None && rules.minimum_difference <= 0.0 && rules.minimum_of.is_empty() {
            let place = rules.references.first().map_or(&self.pipeline.id.place, |rule| &rule.kind.place);
            self.fault(
                "declare-contradiction",
                place,
                "`test` is \"none\" and `minimum-difference` is 0: nothing decides what a difference is".to_owned(),
                "write minimum-difference = 0.03 for the habit of three percentage points, or name a test",
            );
        }
        if let Some(first_order) = rules.first_order.as_ref().filter(|own| own.value && rules.test != Test::RaoScottF) {
            self.fault(
                "declare-contradiction",
                &first_order.place,
                format!("`first-order` is a form of the Rao-Scott test, and `test` is \"{}\"", rules.test),
                "remove it, or write test = \"rao_scott_f\"",
            );
        }
    }

    fn reference(&self, rule: &ReferenceRule) {
        let (kind, place) = (rule.kind.value, &rule.kind.place);
        let what = format!("`{kind}`");
        let produced = self.produced(&rule.levels, place, &what);
        let of_categories = matches!(kind, Reference::RestOfDimension | Reference::OtherCategory);
        for dimension in &rule.dimensions {
            if of_categories && dimension.value == "total" {
                self.fault(
                    "declare-contradiction",
                    &dimension.place,
                    format!("the total has no other category, and {what} compares categories"),
                    "remove `total`",
                );
            } else if self.known_dimension(dimension) && produced {
                self.broken_down(dimension, &rule.levels, &what);
            }
        }
        if produced {
            for level in &rule.levels {
                let wider = match kind {
                    Reference::RestOfParent | Reference::Parent | Reference::AllSiblings => level.parent(),
                    Reference::Ggd => Some(Level::Ggd),
                    Reference::Nl => Some(Level::Nl),
                    _ => continue,
                };
                match wider.filter(|wider| wider < level) {
                    Some(wider) => self.covered(wider, place, &what),
                    None => self.fault(
                        "declare-level",
                        place,
                        format!("a region of level {level} has no {what}"),
                        "name narrower levels",
                    ),
                }
            }
        }
        if kind == Reference::Target {
            self.target_levels(rule);
        }
        let years = self.respondent_years();
        if let Some(period) = rule.period.filter(|period| kind == Reference::BasePeriod && !years.contains(period)) {
            self.fault(
                "declare-unknown-reference",
                place,
                format!("the base period {period} is a year that no source of respondents holds"),
                "name one of their years, or add its source",
            );
        }
        if kind == Reference::PreviousPeriod && years.len() < 2 {
            self.fault(
                "declare-unknown-reference",
                place,
                "there is one year of respondents, and no period before it".to_owned(),
                "add the source of an earlier year, or remove the reference",
            );
        }
    }

    fn target_levels(&self, rule: &ReferenceRule) {
        let targets = &self.pipeline.targets;
        if targets.is_empty() {
            self.fault(
                "declare-unknown-reference",
                &rule.kind.place,
                "there is no `[[target]]` to compare with".to_owned(),
                "add a target, or remove the reference",
            );
            return;
        }
        for level in rule.levels.iter().filter(|level| targets.iter().all(|own| !own.levels.contains(level))) {
            self.fault(
                "declare-level",
                &rule.kind.place,
                format!("no `[[target]]` is for level {level}"),
                "add the level to a target, or remove it here",
            );
        }
    }

    fn trend(&self, trend: &TrendRules) {
        let produced = self.produced(&trend.levels, &trend.place, "[trend]");
        for dimension in &trend.dimensions {
            if self.known_dimension(dimension) && produced {
                self.broken_down(dimension, &trend.levels, "[trend]");
            }
        }
        let years = self.respondent_years().len();
        if years < trend.minimum_periods {
            self.fault(
                "declare-contradiction",
                &trend.place,
                format!("[trend] wants {} periods, and the sources of respondents hold {years}", trend.minimum_periods),
                "add the sources of earlier years, or remove [trend]",
            );
        }
    }

    /// The years of all respondents.
    fn respondent_years(&self) -> std::collections::BTreeSet<i32> {
        let years = self.pipeline.sources.iter().filter_map(|source| match &source.kind {
            SourceKind::Respondents(own) => Some(own.period.years()),
            SourceKind::Table(_) | SourceKind::Synthetic(_) => None,
        });
        years.flatten().copied().collect()
    }

    /// Says the levels that [estimate] does not produce; whether there is none.
    pub(super) fn produced(&self, levels: &[Level], place: &Place, what: &str) -> bool {
        let mut produced = true;
        for level in levels.iter().filter(|level| !self.pipeline.estimate.levels.contains(level)) {
            produced = false;
            self.fault(
                "declare-level",
                place,
                format!("{what} is for level {level}, which [estimate] does not produce"),
                "add the level to `levels` of [estimate] or remove it here",
            );
        }
        produced
    }

    /// Says the levels at which respondents' figures are not broken down by a dimension or crossing.
    pub(super) fn broken_down(&self, dimension: &Placed<String>, levels: &[Level], what: &str) {
        let pipeline = self.pipeline;
        let own = pipeline.dimensions.iter().filter(|own| own.column.is_some());
        let own = own.map(|own| (own.id.value.clone(), &own.levels));
        let crossings = pipeline.crossings.iter().map(|own| (self.crossing_name(&own.dimensions), &own.levels));
        let Some((_, has)) = own.chain(crossings).find(|(name, _)| *name == dimension.value) else { return };
        for level in levels.iter().filter(|level| !has.contains(level)) {
            self.fault(
                "declare-level",
                &dimension.place,
                format!("{what} is for level {level}, at which figures are not broken down by `{}`", dimension.value),
                "add the level to `levels` of the dimension or crossing, or remove it here",
            );
        }
    }

    /// Says a level of which no source of respondents covers a region.
    pub(super) fn covered(&self, level: Level, place: &Place, what: &str) {
        let covers = self.pipeline.sources.iter().filter(|source| matches!(source.kind, SourceKind::Respondents(_)));
        let covers = covers.flat_map(|source| &source.covers).chain(&self.pipeline.covered_together);
        let widest = covers.map(|code| code.value.level()).min();
        if widest.is_some_and(|widest| level < widest) {
            self.fault(
                "declare-level",
                place,
                format!("{what} needs a region of level {level}, and the sources of respondents cover none"),
                "name narrower levels, or what the sources cover: `covers` of a source, `covered-together` of [regions]",
            );
        }
    }

    /// A crossing as it stands in the column `dimension`: in the order in which the pipeline declares its dimensions.
    fn crossing_name(&self, dimensions: &[Placed<String>]) -> String {
        let ids = self.pipeline.dimensions.iter().map(|own| own.id.value.as_str());
        let names: Vec<&str> = ids.filter(|id| dimensions.iter().any(|own| own.value == *id)).collect();
        names.join("*")
    }

    /// The total, a dimension or a crossing, written as in the column `dimension`.
    pub(super) fn known_dimension(&self, name: &Placed<String>) -> bool {
        let pipeline = self.pipeline;
        let crossings = pipeline.crossings.iter().map(|crossing| self.crossing_name(&crossing.dimensions));
        let dimensions = pipeline.dimensions.iter().map(|own| own.id.value.clone());
        let known: Vec<String> = ["total".to_owned()].into_iter().chain(dimensions).chain(crossings).collect();
        self.known(name, known.iter().map(String::as_str), "dimension or crossing")
    }

    /// Whether there are respondents; where there are none, that is said.
    pub(super) fn respondents_for(&self, what: &str, place: &Place) -> bool {
        if !self.has_respondents() {
            self.fault(
                "declare-contradiction",
                place,
                format!("{what} needs respondents: figures of tables come without what it is computed from"),
                "remove it, or add a source of respondents",
            );
        }
        self.has_respondents()
    }
}

/// Whether two references can give one figure the same comparison.
fn overlap(rule: &ReferenceRule, other: &ReferenceRule) -> bool {
    let dimensions = rule.dimensions.is_empty()
        || other.dimensions.is_empty()
        || rule.dimensions.iter().any(|own| other.dimensions.iter().any(|its| its.value == own.value));
    let levels = rule.levels.iter().any(|level| other.levels.contains(level));
    other.kind.value == rule.kind.value && other.period == rule.period && levels && dimensions
}
