//! What must hold between `[model]` and the rest of a pipeline.

use super::check::Checker;
use super::disclosure::FloorRule;
use super::model::ModelRules;
use super::pipeline::Dimension;
use super::reader::Placed;
use super::source::SourceKind;
use crate::vocab::{Level, Unit};

impl Checker<'_> {
    pub(super) fn model(&self) {
        let Some(model) = &self.pipeline.model else { return };
        self.unique(model.parameters.iter(), "parameter to model", "name it once");
        let sources = self.pipeline.sources.iter().map(|own| own.id.value.as_str());
        if sources.clone().any(|own| own == model.id.value) {
            let message = format!("`{}` is the id of a source already", model.id.value);
            self.fault(
                "declare-duplicate",
                &model.id.place,
                message,
                "figures of the model name a source of their own",
            );
        }
        if self.known(&model.source, sources, "source") {
            let source = self.pipeline.sources.iter().find(|own| own.id.value == model.source.value);
            match source.map(|own| &own.kind) {
                Some(SourceKind::Respondents(own)) if own.period.years().len() == 1 => {
                    if own.region.columns.last().map_or(Level::Nl, |column| column.level) < model.level.value {
                        let message = format!("`{}` has no column of the {}", model.source.value, model.level.value);
                        self.fault("declare-level", &model.level.place, message, "model a level that the file has");
                    }
                    if own.weight_sets.iter().any(|set| set.cluster.is_some()) {
                        let message = format!("respondents of `{}` are drawn in clusters", model.source.value);
                        let help = "answers of one school or household are alike, and the model takes them as independent: its intervals would be too narrow";
                        self.fault("declare-contradiction", &model.source.place, message, help);
                    }
                }
                Some(SourceKind::Respondents(_)) => {
                    let message = format!("`{}` holds several years", model.source.value);
                    let help = "a model is of one year: give each year a source of its own";
                    self.fault("declare-contradiction", &model.source.place, message, help);
                }
                _ => {
                    let message = format!("`{}` has no respondents", model.source.value);
                    self.fault("declare-contradiction", &model.source.place, message, "name a source of respondents");
                }
            }
        }
        for name in &model.parameters {
            let computed = self.pipeline.estimate.parameters.iter().map(|own| own.value.as_str());
            if !self.known(name, computed, "parameter in [estimate]") {
                continue;
            }
            if self.parameter(&name.value).is_some_and(|own| own.unit.value != Unit::Share) {
                let message = format!("`{}` is no share", name.value);
                self.fault("declare-contradiction", &name.place, message, "the model of cells is for shares");
            }
        }
        if let Some(sum) = model.sums.iter().find(|sum| **sum >= model.level.value) {
            let message = format!("level {sum} does not hold areas of level {}", model.level.value);
            self.fault("declare-level", &model.place, message, "name wider levels under `sums`");
        }
        if matches!(self.pipeline.floor, FloorRule::AlreadyPublished { .. }) {
            let message = "[model] rests on respondents, and [floor] says that all figures are public".to_owned();
            self.fault("declare-contradiction", &model.place, message, "declare a floor with minimum-n");
        }
        self.model_dimensions(model);
    }

    fn model_dimensions(&self, model: &ModelRules) {
        let with_column = || self.pipeline.dimensions.iter().filter(|own| own.column.is_some());
        let known = |name| self.known(name, with_column().map(|own| own.id.value.as_str()), "dimension with a column");
        let find = |name: &str| with_column().find(|own: &&Dimension| own.id.value == name);
        for name in model.dimensions() {
            known(name);
        }
        if let Some(age) = find(&model.age.value) {
            for (name, _) in &model.ages {
                self.known(name, age.categories.iter().map(|own| own.id.value.as_str()), "category of age");
            }
            for category in age.categories.iter().zip(model.ages_of(age)).filter(|(_, age)| age.is_none()) {
                let message = format!("`ages` has no mean age of `{}`", category.0.id.value);
                self.fault("declare-missing-key", &model.age.place, message, "give every category its mean age");
            }
        }
        for group in &model.age_groups {
            let (dimension, category) = &group.category.value;
            let named = |value: &String| Placed { value: value.clone(), place: group.category.place.clone() };
            let all = || self.pipeline.dimensions.iter();
            if self.known(&named(dimension), all().map(|own| own.id.value.as_str()), "dimension") {
                let of = all().filter(|own| own.id.value == *dimension).flat_map(|own| &own.categories);
                self.known(&named(category), of.map(|own| own.id.value.as_str()), "category of that dimension");
            }
            if *dimension == model.age.value {
                let message = format!("`{dimension}` is the dimension of the cells");
                let help =
                    "give groups of ages a dimension of their own, such as one with 18-64 and 65+, without a column";
                self.fault("declare-contradiction", &group.category.place, message, help);
            }
            self.unique(group.ages.iter(), "age", "name each age of the group once");
            for name in &group.ages {
                let ages = find(&model.age.value).map(|own| &own.categories);
                let ages = ages.into_iter().flatten().map(|own| own.id.value.as_str());
                self.known(name, ages, "category of age");
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for group in model.age_groups.iter().filter(|group| !seen.insert(&group.category.value)) {
            let message = format!("`{}` of `{}` stands twice", group.category.value.1, group.category.value.0);
            self.fault("declare-duplicate", &group.category.place, message, "name each group once");
        }
        let own: Vec<&str> = model.dimensions().map(|name| name.value.as_str()).collect();
        let files = &model.population;
        for table in files.tables.iter().chain(&files.prior) {
            for name in &table.dimensions {
                self.known(name, own.iter().copied(), "dimension of [model]");
            }
        }
        let all = |names: &[super::reader::Placed<String>]| own.iter().all(|own| names.iter().any(|n| n.value == *own));
        let whole = files.prior.as_ref().or_else(|| files.tables.first().filter(|_| files.tables.len() == 1));
        if let Some(table) = whole.filter(|table| !all(&table.dimensions)) {
            let message = format!("{} does not cross {}", table.file.value, own.join(", "));
            let help = "one table crosses all dimensions of the model, or margins are raked from a prior that does";
            self.fault("declare-contradiction", &table.file.place, message, help);
        }
        let together: Vec<_> = files.tables.iter().flat_map(|table| table.dimensions.clone()).collect();
        if !all(&together) {
            let message = "the tables of [model.population] do not hold every dimension".to_owned();
            self.fault("declare-contradiction", &model.place, message, "add a margin of the one that lacks");
        }
    }
}
