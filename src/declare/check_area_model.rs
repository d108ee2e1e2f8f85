//! What must hold between every `[[area-model]]` and the rest of a pipeline.

use super::area_model::{AreaModelRules, PublishedPrecision};
use super::check::Checker;
use super::reader::Placed;
use super::source::{PeriodFrom, RespondentSource, SourceKind};
use super::table::{TableContent, TableSource};
use crate::vocab::{Level, Unit};

impl Checker<'_> {
    pub(super) fn area_models(&self) {
        let models = &self.pipeline.area_models;
        let of_cells = self.pipeline.model.iter().flat_map(|own| &own.parameters);
        let all = of_cells.chain(models.iter().flat_map(|own| &own.parameters));
        self.unique(all, "parameter to model", "a parameter has one model in a release: two would stand in one column");
        let of_cells = self.pipeline.model.iter().map(|own| &own.id);
        let ids: Vec<&Placed<String>> = of_cells.chain(models.iter().map(|own| &own.id)).collect();
        self.unique(ids.iter().copied(), "model", "give each its own id");
        for model in models {
            self.area_model(model);
        }
    }

    fn area_model(&self, model: &AreaModelRules) {
        let sources = || self.pipeline.sources.iter();
        if sources().any(|own| own.id.value == model.id.value) {
            let message = format!("`{}` is the id of a source already", model.id.value);
            self.fault("declare-duplicate", &model.id.place, message, "figures of a model name a source of their own");
        }
        if !self.pipeline.estimate.levels.contains(&model.level.value) {
            let message = format!("level {} is not among the levels of [estimate]", model.level.value);
            let help = "the model starts from the direct figures of that level";
            self.fault("declare-level", &model.level.place, message, help);
        }
        for name in &model.parameters {
            let computed = self.pipeline.estimate.parameters.iter().map(|own| own.value.as_str());
            if !self.known(name, computed, "parameter in [estimate]") {
                continue;
            }
            let unit = self.parameter(&name.value).map(|own| own.unit.value);
            if unit.is_some_and(|unit| !matches!(unit, Unit::Share | Unit::Mean)) {
                let message = format!("`{}` is neither a share nor a mean", name.value);
                self.fault("declare-contradiction", &name.place, message, "model rates and counts elsewhere");
            }
        }
        if !self.known(&model.source, sources().map(|own| own.id.value.as_str()), "source") {
            return;
        }
        match sources().find(|own| own.id.value == model.source.value).map(|own| &own.kind) {
            Some(SourceKind::Respondents(own)) => self.area_model_of_respondents(model, own),
            Some(SourceKind::Table(table)) if matches!(table.content, TableContent::Published(_)) => {
                self.area_model_of_table(model, table);
            }
            _ => {
                let message = format!("`{}` has neither respondents nor published figures", model.source.value);
                let help = "name a source of respondents or a published table";
                self.fault("declare-contradiction", &model.source.place, message, help);
            }
        }
    }

    fn area_model_of_respondents(&self, model: &AreaModelRules, source: &RespondentSource) {
        if source.period.years().len() != 1 {
            let message = format!("`{}` holds several years", model.source.value);
            let help = "a model is of one year: give each year a source of its own";
            self.fault("declare-contradiction", &model.source.place, message, help);
        }
        if source.region.columns.last().map_or(Level::Nl, |column| column.level) < model.level.value {
            let message = format!("`{}` has no column of the {}", model.source.value, model.level.value);
            self.fault("declare-level", &model.level.place, message, "model a level that the file has");
        }
        if source.weight_sets.iter().any(|set| set.cluster.is_some()) {
            let message = format!("respondents of `{}` are drawn in clusters", model.source.value);
            let help = "answers of one school or household are alike: the error of a small region cannot be told from its number of answers";
            self.fault("declare-contradiction", &model.source.place, message, help);
        }
        if model.answers.is_none() {
            let message = "the limits need `minimum-answers`, `own-answers` and `maximum-influence`".to_owned();
            let help = "the model rests on answers of respondents, and one of them must not be told from its figures";
            self.fault("declare-missing-key", &model.place, message, help);
        }
        let of_tables = model.effective_n.iter().chain(&model.standard_error).map(|(name, _)| name);
        let of_tables = of_tables.chain(model.lowest.iter().chain(&model.highest).map(|(name, _)| name));
        for name in of_tables {
            let message = format!("what is said of `{}` is for published tables", name.value);
            let help = "leave it out: the answers themselves say how exact a figure is and what values it can have";
            self.fault("declare-contradiction", &name.place, message, help);
        }
    }

    fn area_model_of_table(&self, model: &AreaModelRules, table: &TableSource) {
        if model.answers.is_some() {
            let message = "limits of answers are for respondents, and these figures are published".to_owned();
            let help = "leave out `minimum-answers`, `own-answers` and `maximum-influence`";
            self.fault("declare-contradiction", &model.place, message, help);
        }
        match (&table.period, &model.period) {
            (PeriodFrom::Column(_), None) => {
                let message = format!("`{}` may hold several years", model.source.value);
                self.fault("declare-missing-key", &model.place, message, "add `period = 2022`, the year to model");
            }
            (PeriodFrom::Fixed(_), Some(period)) => {
                let message = format!("`{}` has one period of its own", model.source.value);
                self.fault("declare-contradiction", &period.place, message, "leave `period` out");
            }
            _ => {}
        }
        let fed = || table.measures().iter().map(|measure| measure.parameter.value.as_str());
        let has_limits = table.margins.as_ref().is_some_and(|own| own.lower.is_some() && own.upper.is_some());
        for name in &model.parameters {
            if !self.known(name, fed(), "parameter of that table") {
                continue;
            }
            let unit = self.parameter(&name.value).map(|own| own.unit.value);
            if unit == Some(Unit::Mean) {
                match model.range_of(&name.value) {
                    Some((low, high)) if low < high => {}
                    _ => {
                        let message = format!("nothing says which values the mean `{}` can have", name.value);
                        let help = "add `lowest` and `highest`, such as `lowest = { score = 10 }`";
                        self.fault("declare-missing-key", &name.place, message, help);
                    }
                }
            }
            match model.precision_of(&name.value) {
                PublishedPrecision::Interval if !has_limits => {
                    let message = format!("nothing says how exact the figures of `{}` are", name.value);
                    let help = "declare `margins` with lower and upper limits at the source, or name `effective-n` or `standard-error`";
                    self.fault("declare-missing-key", &name.place, message, help);
                }
                PublishedPrecision::EffectiveN(_) if unit == Some(Unit::Mean) => {
                    let message = format!("`{}` is a mean, whose error does not follow from a number", name.value);
                    self.fault("declare-contradiction", &name.place, message, "name `standard-error` or limits");
                }
                _ => {}
            }
        }
        let named = |list: &[(Placed<String>, String)]| {
            for (name, holder) in list {
                let asked =
                    self.known(name, model.parameters.iter().map(|own| own.value.as_str()), "parameter to model");
                let holder = Placed { value: holder.clone(), place: name.place.clone() };
                let _ = asked && self.known(&holder, fed(), "parameter of that table");
            }
        };
        named(&model.effective_n);
        named(&model.standard_error);
    }
}
