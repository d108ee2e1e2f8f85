//! What must hold for ranks, funnels, standardisation, inequality and precision.

use super::analysis::{Inequality, Ranking, RegionRanking, Standardisation};
use super::check::Checker;
use super::reader::Placed;
use super::source::Source;
use super::table::TableSource;
use crate::vocab::Level;

impl Checker<'_> {
    pub(super) fn analysis(&self) {
        let pipeline = self.pipeline;
        if let Some(own) = &pipeline.reliability {
            self.respondents_for("[reliability]", &own.place);
        }
        let ranks: Vec<_> = pipeline.ranks.iter().map(|own| (&own.level, own.within)).collect();
        self.once_per_level("[[rank]]", "a figure has one rank", &ranks);
        let funnels: Vec<_> = pipeline.funnels.iter().map(|own| (&own.level, own.within)).collect();
        self.once_per_level("[[funnel]]", "a figure has one pair of limits", &funnels);
        for (at, own) in pipeline.standardisations.iter().enumerate() {
            self.standardisation(own, &pipeline.standardisations[..at]);
        }
        for (at, own) in pipeline.inequalities.iter().enumerate() {
            self.inequality(own, &pipeline.inequalities[..at]);
        }
    }

    /// Rules of regions within wider ones, one per level.
    fn once_per_level(&self, what: &str, why: &str, rules: &[(&Placed<Level>, Level)]) {
        for (at, (level, within)) in rules.iter().enumerate() {
            if !self.respondents_for(what, &level.place) {
                continue;
            }
            if self.produced(&[level.value], &level.place, what) {
                self.covered(*within, &level.place, what);
            }
            if rules[..at].iter().any(|(other, _)| other.value == level.value) {
                self.fault(
                    "declare-duplicate",
                    &level.place,
                    format!("there are two {what} of level {}", level.value),
                    format!("{why}: name one `within` per level"),
                );
            }
        }
    }

    fn standardisation(&self, own: &Standardisation, before: &[Standardisation]) {
        let place = &own.dimension.place;
        let produced = self.produced(&own.levels, place, "[[standardisation]]");
        let registers = self.pipeline.sources.iter().any(|source| register(source).is_some());
        if !self.has_respondents() && !registers {
            self.respondents_for("[[standardisation]]", place);
        }
        let meets = |other: &Standardisation| own.levels.iter().any(|level| other.levels.contains(level));
        if before.iter().any(meets) {
            self.fault(
                "declare-duplicate",
                place,
                "two standardisations are for one level".to_owned(),
                "a figure has one standardised value: give them other levels",
            );
        }
        if self.ranked_dimension(&own.dimension, "[[standardisation]]") {
            self.whole_dimension(&own.dimension, own.standard.categories());
            if self.has_respondents() && produced {
                self.broken_down(&own.dimension, &own.levels, "[[standardisation]]");
            }
        }
        if let Some(code) = own.reference_region.as_ref().filter(|_| !registers) {
            self.fault(
                "declare-contradiction",
                &code.place,
                "`reference-region` is for counts of a register, and the pipeline has none".to_owned(),
                "remove it, or add a source with kind = \"register\"",
            );
        }
    }

    fn inequality(&self, own: &Inequality, before: &[Inequality]) {
        let name = |own: &Inequality| match &own.ranking {
            Ranking::Dimension { dimension, .. } => dimension.value.clone(),
            Ranking::Regions(ranking) => ranking.id.value.clone(),
        };
        let place = match &own.ranking {
            Ranking::Dimension { dimension, .. } => &dimension.place,
            Ranking::Regions(ranking) => &ranking.id.place,
        };
        if before.iter().any(|other| name(other) == name(own)) {
            self.fault(
                "declare-duplicate",
                place,
                format!("the inequality over `{}` stands twice", name(own)),
                "join the two and name all levels",
            );
        }
        if !self.respondents_for("[[inequality]]", place) {
            return;
        }
        let produced = self.produced(&own.levels, place, "[[inequality]]");
        match &own.ranking {
            Ranking::Dimension { dimension, order } => {
                if self.ranked_dimension(dimension, "[[inequality]]") {
                    self.whole_dimension(dimension, order.iter());
                    if produced {
                        self.broken_down(dimension, &own.levels, "[[inequality]]");
                    }
                }
            }
            Ranking::Regions(ranking) => {
                self.region_ranking(ranking);
                for level in &own.levels {
                    if *level >= ranking.level {
                        self.fault(
                            "declare-level",
                            place,
                            format!("regions of level {} do not lie within one of level {level}", ranking.level),
                            "name wider levels",
                        );
                    } else if produced {
                        self.covered(*level, place, "[[inequality]]");
                    }
                }
            }
        }
    }

    fn region_ranking(&self, ranking: &RegionRanking) {
        let tables = || self.pipeline.sources.iter().filter(|own| own.table().is_some() && register(own).is_none());
        if self.known(&ranking.source, tables().map(|own| own.id.value.as_str()), "published table") {
            let measures = tables().filter(|own| own.id.value == ranking.source.value).filter_map(Source::table);
            let names: Vec<&str> = measures.flat_map(|t| t.measures()).map(|m| m.parameter.value.as_str()).collect();
            self.known(&ranking.parameter, names.iter().copied(), "measure of that table");
        }
        let taken = self.pipeline.dimensions.iter().any(|own| own.id.value == ranking.id.value);
        let plain =
            ranking.id.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        if taken || !plain || ranking.id.value == "total" {
            self.fault(
                "declare-id",
                &ranking.id.place,
                format!("`{}` cannot be the id of a ranking", ranking.id.value),
                "use lowercase letters, digits, `_` and `-`, and no name of a dimension",
            );
        }
    }

    /// A known dimension or crossing that has categories to go over.
    fn ranked_dimension(&self, dimension: &Placed<String>, what: &str) -> bool {
        if dimension.value == "total" {
            self.fault(
                "declare-contradiction",
                &dimension.place,
                format!("the total has no categories for {what} to go over"),
                "name a dimension, such as `age`, or a crossing, such as `sex*age`",
            );
            return false;
        }
        let reserved = self.pipeline.dimensions.iter().find(|own| {
            own.id.value == dimension.value && own.categories.iter().any(|category| category.id.value == "total")
        });
        if reserved.is_some() {
            self.fault(
                "declare-id",
                &dimension.place,
                format!("`{}` has a category `total`, which {what} needs for the whole", dimension.value),
                "give the category another id",
            );
        }
        reserved.is_none() && self.known_dimension(dimension)
    }

    /// The categories of a dimension or crossing, each of them once.
    fn whole_dimension<'n>(&self, dimension: &Placed<String>, named: impl Iterator<Item = &'n Placed<String>> + Clone) {
        let mut known = vec![String::new()];
        for part in dimension.value.split('*') {
            let Some(own) = self.pipeline.dimensions.iter().find(|own| own.id.value == part) else { return };
            let join = |before: &String| {
                let before = before.clone();
                own.categories.iter().map(move |category| match before.as_str() {
                    "" => category.id.value.clone(),
                    before => format!("{before}*{}", category.id.value),
                })
            };
            known = known.iter().flat_map(join).collect();
        }
        self.unique(named.clone(), "category", "name each category once");
        for name in named.clone() {
            self.known(name, known.iter().map(String::as_str), "category");
        }
        let missing: Vec<&str> =
            known.iter().map(String::as_str).filter(|own| named.clone().all(|name| name.value != *own)).collect();
        // A misspelt name has its own finding.
        if !missing.is_empty() && named.clone().count() < known.len() {
            self.fault(
                "declare-missing-category",
                &dimension.place,
                format!("categories of `{}` are not named: {}", dimension.value, missing.join(", ")),
                "name every category: leaving one out would leave its people out",
            );
        }
    }
}

fn register(source: &Source) -> Option<&super::table::Register> {
    source.table().and_then(TableSource::register)
}
