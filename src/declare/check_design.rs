//! What must hold for weight sets and their overrides.

use super::check::Checker;
use super::pipeline::DesignOverride;
use super::reader::Placed;
use super::source::{RespondentSource, Source, SourceKind};
use super::value::suggestion;

impl Checker<'_> {
    pub(super) fn design(&self) {
        let respondents: Vec<(&Source, &RespondentSource)> = self
            .pipeline
            .sources
            .iter()
            .filter_map(|source| match &source.kind {
                SourceKind::Respondents(respondents) => Some((source, respondents)),
                SourceKind::Table(_) | SourceKind::Synthetic(_) => None,
            })
            .collect();
        let Some(design) = &self.pipeline.design else {
            if !respondents.is_empty() {
                self.fault(
                    "declare-no-design",
                    &self.pipeline.id.place,
                    "a pipeline with respondents needs `[design]`".to_owned(),
                    "add [design] with `weight-set`, the id of a weight set of the source",
                );
            }
            return;
        };
        if respondents.is_empty() && !self.pipeline.sources.is_empty() {
            self.fault(
                "declare-design",
                &design.weight_set.place,
                "no source of respondents uses [design]".to_owned(),
                "remove [design]; published tables have no weights",
            );
        }
        let all = || respondents.iter().flat_map(|(_, r)| r.weight_sets.iter().map(|w| w.id.value.as_str()));
        for one in design.overrides.iter().filter(|_| all().next().is_some()) {
            self.known(&one.weight_set, all(), "weight set");
        }
        for (source, respondents) in &respondents {
            // Whether an override is for years or collections that this source does not hold.
            let elsewhere = |one: &DesignOverride| {
                let of = &source.collection.value;
                !one.collections.is_empty() && !one.collections.iter().any(|name| name.value == *of)
                    || !one.periods.is_empty() && !respondents.period.holds_any(&one.periods)
            };
            // A collection with weight sets of its own for every parameter, year and level needs no default.
            let replaced = self.pipeline.estimate.levels.iter().all(|level| {
                design.overrides.iter().any(|one| {
                    let all = one.parameters.is_empty() && one.periods.is_empty();
                    all && !elsewhere(one) && (one.levels.is_empty() || one.levels.contains(level))
                })
            });
            self.unique(respondents.weight_sets.iter().map(|w| &w.id), "weight set", "give each its own id");
            let sets = respondents.weight_sets.iter().map(|w| w.id.value.as_str());
            // A source without any has its own finding.
            if !replaced && sets.clone().next().is_some() && !sets.clone().any(|known| known == design.weight_set.value)
            {
                self.fault(
                    "declare-unknown-reference",
                    &design.weight_set.place,
                    format!("source `{}` has no weight set `{}`", source.id.value, design.weight_set.value),
                    suggestion(&design.weight_set.value, sets.clone()).unwrap_or_else(|| {
                        format!("its weight sets are: {}", sets.clone().collect::<Vec<_>>().join(", "))
                    }),
                );
            }
            for one in &design.overrides {
                // A weight set that no source has is a finding already.
                let known = all().any(|known| known == one.weight_set.value);
                if known && !elsewhere(one) && !sets.clone().any(|own| own == one.weight_set.value) {
                    self.fault(
                        "declare-unknown-reference",
                        &one.weight_set.place,
                        format!(
                            "source `{}` has no weight set `{}`, which an override wants for its figures",
                            source.id.value, one.weight_set.value
                        ),
                        "declare it in the source, or limit the override to `collections` or `periods` that the source does not hold",
                    );
                }
            }
            for name in &respondents.not_measured {
                self.known_parameter(name);
            }
        }
        for (index, one) in design.overrides.iter().enumerate() {
            self.override_collections(one, &respondents);
            let held = one.periods.is_empty() || respondents.iter().any(|(_, own)| own.period.holds_any(&one.periods));
            if !held && !respondents.is_empty() {
                let years: Vec<String> = one.periods.iter().map(i32::to_string).collect();
                self.fault(
                    "declare-override-unused",
                    &one.weight_set.place,
                    format!("an override is for {}, and no source of respondents holds that", years.join(", ")),
                    "correct its `periods`, or remove the override",
                );
            }
            for name in &one.parameters {
                self.known_parameter(name);
            }
            for other in &design.overrides[index + 1..] {
                if overlap(one, other) && one.weight_set.value != other.weight_set.value {
                    self.fault(
                        "declare-override-conflict",
                        &other.weight_set.place,
                        format!(
                            "two overrides give one figure both `{}` and `{}`",
                            one.weight_set.value, other.weight_set.value
                        ),
                        "narrow one of them by collections, parameters, periods or levels",
                    );
                }
            }
        }
    }

    fn override_collections(&self, one: &DesignOverride, respondents: &[(&Source, &RespondentSource)]) {
        for name in &one.collections {
            self.known(
                name,
                respondents.iter().map(|(source, _)| source.collection.value.as_str()),
                "collection of respondents",
            );
        }
    }
}

/// Whether two overrides can match one figure. An empty list matches all.
fn overlap(a: &DesignOverride, b: &DesignOverride) -> bool {
    fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
        a.is_empty() || b.is_empty() || a.iter().any(|x| b.contains(x))
    }
    let ids = |list: &[Placed<String>]| list.iter().map(|id| id.value.clone()).collect::<Vec<_>>();
    meet(&ids(&a.collections), &ids(&b.collections))
        && meet(&ids(&a.parameters), &ids(&b.parameters))
        && meet(&a.periods, &b.periods)
        && meet(&a.levels, &b.levels)
}
