//! What must hold for ranks, standardisation and inequality.

use super::analysis::{Inequality, Ranking, RegionRanking};
use super::check::Checker;
use super::reader::Placed;
use crate::finding::Place;
use crate::vocab::Level;

impl Checker<'_> {
    pub(super) fn analysis(&self) {
        let pipeline = self.pipeline;
        for (at, rank) in pipeline.ranks.iter().enumerate() {
            self.produced(&[rank.level.value], &rank.level.place, "a rank");
            if pipeline.ranks[..at].iter().any(|other| other.level.value == rank.level.value) {
                self.fault(
                    "declare-duplicate",
                    &rank.level.place,
                    format!("regions of level {} are ranked twice", rank.level.value),
                    "a figure has one rank: name one `within` per level",
                );
            }
        }
        for (at, own) in pipeline.standardisations.iter().enumerate() {
            self.produced(&own.levels, &own.dimension.place, "a standardisation");
            let overlaps = pipeline.standardisations[..at]
                .iter()
                .any(|other| own.levels.iter().any(|level| other.levels.contains(level)));
            if overlaps && self.has_respondents() {
                self.fault(
                    "declare-duplicate",
                    &own.dimension.place,
                    "two standardisations are for one level".to_owned(),
                    "a figure has one standardised value: give them other levels",
                );
            }
            if self.known_dimension(&own.dimension) {
                self.whole_dimension(&own.dimension, own.standard.categories());
            }
        }
        for own in &pipeline.inequalities {
            self.inequality(own);
        }
    }

    fn inequality(&self, own: &Inequality) {
        match &own.ranking {
            Ranking::Dimension { dimension, order } => {
                self.produced(&own.levels, &dimension.place, "an inequality");
                if self.known_dimension(dimension) {
                    self.whole_dimension(dimension, order.iter());
                }
            }
            Ranking::Regions(ranking) => {
                self.produced(&own.levels, &ranking.id.place, "an inequality");
                self.region_ranking(ranking);
                if let Some(level) = own.levels.iter().find(|level| **level >= ranking.level) {
                    self.fault(
                        "declare-level",
                        &ranking.id.place,
                        format!("regions of level {} do not lie within one of level {level}", ranking.level),
                        "name wider levels",
                    );
                }
            }
        }
    }

    fn region_ranking(&self, ranking: &RegionRanking) {
        let sources = self.pipeline.sources.iter();
        self.known(&ranking.source, sources.map(|source| source.id.value.as_str()), "source");
        self.known_parameter(&ranking.parameter);
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

    fn produced(&self, levels: &[Level], place: &Place, what: &str) {
        for level in levels.iter().filter(|level| !self.pipeline.estimate.levels.contains(level)) {
            self.fault(
                "declare-level",
                place,
                format!("{what} is for level {level}, which [estimate] does not produce"),
                "add the level to `levels` of [estimate] or remove it here",
            );
        }
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
        if !missing.is_empty() {
            self.fault(
                "declare-missing-category",
                &dimension.place,
                format!("categories of `{}` are not named: {}", dimension.value, missing.join(", ")),
                "name every category: leaving one out would leave its people out",
            );
        }
    }
}
