//! What must hold between the floor, the disclosure policy and the rest of a pipeline.

use super::check::Checker;
use super::disclosure::{DisclosureRules, FloorRule, PrecisionRule};
use super::source::{Source, SourceKind};
use crate::vocab::{Audience, HiddenColumn, Level, ReasonsSaid};

impl Checker<'_> {
    /// Floors of single collections, and what a release may be made public with.
    pub(super) fn disclosure(&self) {
        let pipeline = self.pipeline;
        if let FloorRule::Minimum { overrides, .. } = &pipeline.floor {
            let mut seen = Vec::new();
            for name in overrides.iter().flat_map(|own| &own.collections) {
                self.known(name, pipeline.sources.iter().map(|own| own.collection.value.as_str()), "collection");
                if seen.contains(&&name.value) {
                    self.fault(
                        "declare-floor",
                        &name.place,
                        format!("collection `{}` has two floors", name.value),
                        "name a collection in one `[[floor.override]]`",
                    );
                }
                seen.push(&name.value);
            }
        }
        let confidential = pipeline.sources.iter().any(|source| self.is_confidential(source));
        match (&pipeline.floor, &pipeline.disclosure) {
            (FloorRule::Minimum { .. }, None) if confidential => {
                let what = if pipeline.policy_file.is_some() { "the policy file" } else { "the pipeline" };
                let first = &pipeline.sources[0].id;
                self.fault(
                    "declare-no-disclosure",
                    pipeline.policy_file.as_ref().map_or(&pipeline.id.place, |file| &file.place),
                    format!("{what} declares no `[disclosure]`, and figures of `{}` may be withheld", first.value),
                    "add `[disclosure]` with complementary, largest-weight, reasons and their ground; there is no default",
                );
            }
            (FloorRule::AlreadyPublished { .. }, Some(rules)) => self.fault(
                "declare-disclosure",
                &rules.place,
                "`[disclosure]` beside a floor that is `already-published`: nothing is withheld".to_owned(),
                "remove the table, or write kind = \"minimum\"",
            ),
            (_, Some(rules)) => self.disclosure_rules(rules),
            (_, None) => {}
        }
        if pipeline.audience.value == Audience::Public && confidential {
            self.public();
        }
        let counts =
            |source: &&Source| !matches!(source.kind, SourceKind::Respondents(_)) && self.is_confidential(source);
        if let Some(source) =
            pipeline.sources.iter().find(counts).filter(|_| pipeline.audience.value == Audience::Public)
        {
            self.fault(
                "declare-audience",
                &source.id.place,
                "a release from unpublished counts cannot be public yet".to_owned(),
                "write audience = \"internal\": counts of a register are not protected against subtraction, only those of respondents are",
            );
        }
    }

    /// Whether a source holds what is not public.
    fn is_confidential(&self, source: &Source) -> bool {
        match &source.kind {
            SourceKind::Respondents(_) => true,
            SourceKind::Table(table) => table.register().is_some() && !self.is_published(table),
            SourceKind::Synthetic(_) => false,
        }
    }

    fn disclosure_rules(&self, rules: &DisclosureRules) {
        let mut levels: Vec<Level> = Vec::new();
        for level in rules.precision.iter().flat_map(|rule| &rule.levels) {
            if levels.contains(level) {
                self.fault(
                    "declare-disclosure",
                    &rules.place,
                    format!("level `{level}` has two `[[disclosure.precision]]`"),
                    "name each level in one of them",
                );
            }
            levels.push(*level);
        }
        if let (Some(protection), FloorRule::Minimum { floor, .. }) = (rules.protection, &self.pipeline.floor)
            && protection.n > floor.minimum_n
        {
            self.fault(
                "declare-disclosure",
                &rules.place,
                format!("`protection-n` is {}, above `minimum-n` ({})", protection.n, floor.minimum_n),
                "a withheld figure may have any number of answers below the floor: no wider interval can be promised",
            );
        }
    }

    /// A release that everybody may see: nothing withheld can be worked out, and what is shown does not give single answers back.
    fn public(&self) {
        let place = &self.pipeline.audience.place;
        let Some(rules) = self.pipeline.disclosure.as_ref().filter(|_| self.has_respondents()) else { return };
        let fault = |message: String, help: &str| self.fault("declare-audience", place, message, help);
        if rules.protection.is_none() {
            fault(
                "a public release needs complementary suppression".to_owned(),
                "write complementary = \"linked\" in [disclosure], or audience = \"internal\"",
            );
        }
        if rules.reasons == ReasonsSaid::Shown {
            fault(
                "a public release may not say why a figure is withheld".to_owned(),
                "write reasons = \"merged\" in [disclosure]: `min_answer` says that few said yes, or few said no",
            );
        }
        if rules.registry.is_none() {
            fault(
                "a public release needs a registry of what was made public before".to_owned(),
                "write registry = \"<folder>\" in [disclosure]; pipelines that share respondents name one folder",
            );
        }
        for level in &self.pipeline.estimate.levels {
            match rules.precision_of(*level) {
                None => fault(
                    format!(
                        "no `[[disclosure.precision]]` says how exactly figures of level `{level}` are made public"
                    ),
                    "add one with share, mean, count and hidden",
                ),
                Some(rule) => {
                    if let Some(why) = too_exact(rule) {
                        fault(
                            format!("figures of level `{level}` would be too exact to be made public: {why}"),
                            "see `[[disclosure.precision]]` in the README",
                        );
                    }
                }
            }
        }
    }
}

/// Why the precision of a level lets exact numbers of answers be worked out; `None` where it does not.
///
/// A design effect or degrees of freedom give n back: in one stratum df is n - 1, and without strata the design effect is 1 - n/N.
fn too_exact(rule: &PrecisionRule) -> Option<&'static str> {
    let hides = |column| rule.hidden.contains(&column);
    if rule.share.is_none() {
        return Some("`share` has no step");
    }
    if rule.mean.is_none() {
        return Some("`mean` has no step");
    }
    if rule.count < 2 && !hides(HiddenColumn::N) {
        return Some("`count` is 1, so that n is exact");
    }
    if !hides(HiddenColumn::Df) {
        return Some("`df` is not hidden, and gives n back");
    }
    if !hides(HiddenColumn::Deff) || !hides(HiddenColumn::NEffective) {
        return Some("`deff` and `n_effective` are not hidden, and give n back");
    }
    None
}
