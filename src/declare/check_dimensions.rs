//! What must hold for dimensions, crossings and levels.

use std::collections::BTreeSet;

use super::check::Checker;
use super::parameter::CODES_MAX;
use super::pipeline::Dimension;
use super::source::SourceKind;
use crate::finding::Place;

/// Cells that no crossing reaches: the index of a cell is two bytes, and the last one means that a row is in none.
const CELLS_END: usize = 65_535;

impl Checker<'_> {
    pub(super) fn dimensions(&self) {
        let pipeline = self.pipeline;
        for dimension in &pipeline.dimensions {
            self.unique(dimension.categories.iter().map(|category| &category.id), "category", "give each its own id");
            if dimension.id.value == "total" || dimension.id.value.contains(['*', '/']) {
                self.fault(
                    "declare-id",
                    &dimension.id.place,
                    format!("`{}` cannot be the id of a dimension", dimension.id.value),
                    "`total`, `*` and `/` have a meaning of their own",
                );
            }
            if dimension.categories.is_empty() {
                self.fault(
                    "declare-empty-list",
                    &dimension.id.place,
                    format!("dimension `{}` has no category", dimension.id.value),
                    "add `[[dimension.category]]`",
                );
            }
            if dimension.categories.len() > CODES_MAX {
                self.fault(
                    "declare-too-many-categories",
                    &dimension.id.place,
                    format!(
                        "dimension `{}` has {} categories, more than {CODES_MAX}",
                        dimension.id.value,
                        dimension.categories.len()
                    ),
                    "join categories; groups so small would fall below any floor",
                );
            }
            let mut seen: BTreeSet<&str> = dimension.unknown.iter().map(String::as_str).collect();
            for category in &dimension.categories {
                if category.id.value.contains(['*', '/']) {
                    self.fault(
                        "declare-id",
                        &category.id.place,
                        format!("`{}` cannot be the id of a category", category.id.value),
                        "`*` and `/` have a meaning of their own",
                    );
                }
                for code in &category.codes {
                    if !seen.insert(&code.value) {
                        self.fault(
                            "declare-duplicate",
                            &code.place,
                            format!("code `{}` has two meanings in dimension `{}`", code.value, dimension.id.value),
                            "give each code one category",
                        );
                    }
                }
                if dimension.column.is_some() && category.codes.is_empty() {
                    self.fault(
                        "declare-missing-key",
                        &category.id.place,
                        format!("category `{}` of `{}` has no codes", category.id.value, dimension.id.value),
                        "add `codes = [ … ]`",
                    );
                }
            }
            self.levels_within(&dimension.levels, &dimension.id.place, &dimension.id.value);
            self.dimension_is_used(dimension);
        }
        let mut seen = BTreeSet::new();
        for crossing in &pipeline.crossings {
            let names: Vec<&str> = crossing.dimensions.iter().map(|name| name.value.as_str()).collect();
            let known = pipeline.dimensions.iter().map(|dimension| dimension.id.value.as_str());
            for name in &crossing.dimensions {
                if self.known(name, known.clone(), "dimension")
                    && pipeline.dimensions.iter().any(|d| d.id.value == name.value && d.column.is_none())
                {
                    self.fault(
                        "declare-crossing",
                        &name.place,
                        format!("dimension `{}` has no column to cross", name.value),
                        "name a dimension of the respondent files",
                    );
                }
            }
            let place = &crossing.dimensions.first().map_or(&pipeline.id.place, |name| &name.place);
            let distinct: BTreeSet<&str> = names.iter().copied().collect();
            if distinct.len() != names.len() {
                self.fault(
                    "declare-duplicate",
                    place,
                    format!("the crossing {} crosses a dimension with itself", names.join("*")),
                    "name two different dimensions",
                );
            } else if !seen.insert(distinct) {
                self.fault(
                    "declare-duplicate",
                    place,
                    format!("the crossing {} stands twice", names.join("*")),
                    "name it once, with all its levels; the order of the dimensions makes no other crossing",
                );
            }
            let sizes = names.iter().filter_map(|name| pipeline.dimensions.iter().find(|d| d.id.value == *name));
            let cells = sizes.fold(1_usize, |cells, dimension| cells.saturating_mul(dimension.categories.len()));
            if cells >= CELLS_END {
                self.fault(
                    "declare-crossing",
                    place,
                    format!("the crossing {} has {cells} cells, and must have fewer than {CELLS_END}", names.join("*")),
                    "cross fewer dimensions, or dimensions of fewer categories",
                );
            }
            self.levels_within(&crossing.levels, place, &names.join("*"));
        }
    }

    /// A dimension that nothing is broken down by is a forgotten `column` or `levels`.
    fn dimension_is_used(&self, dimension: &Dimension) {
        let id = dimension.id.value.as_str();
        let crossed = self.pipeline.crossings.iter().flat_map(|crossing| &crossing.dimensions).any(|d| d.value == id);
        let published = self.pipeline.sources.iter().any(|source| match &source.kind {
            SourceKind::Table(table) => table.categories().any(|category| category.value.0 == id),
            SourceKind::Respondents(_) | SourceKind::Synthetic(_) => false,
        });
        let of_model = self.pipeline.model.iter().flat_map(|model| &model.age_groups);
        let modelled = of_model.into_iter().any(|group| group.category.value.0 == id);
        let (what, help) = match (&dimension.column, published || modelled) {
            (None, false) => {
                ("has no column, and no published table is broken down by it", "add `column`, or remove the dimension")
            }
            (Some(_), false) if dimension.levels.is_empty() && !crossed => {
                ("names no level at which it is broken down", "add `levels`, or remove the dimension")
            }
            _ => return,
        };
        self.fault("declare-dimension-unused", &dimension.id.place, format!("dimension `{id}` {what}"), help);
    }

    /// A level that no source can have figures of.
    pub(super) fn levels_reached(&self) {
        let published = self.pipeline.sources.iter().any(|source| matches!(source.kind, SourceKind::Table(_)));
        let finest = self.pipeline.sources.iter().filter_map(|source| match &source.kind {
            SourceKind::Respondents(own) => own.region.columns.last().map(|column| column.level),
            SourceKind::Table(_) | SourceKind::Synthetic(_) => None,
        });
        let (Some(finest), false) = (finest.max(), published) else { return };
        for level in self.pipeline.estimate.levels.iter().filter(|level| **level > finest) {
            let place = self.pipeline.estimate.parameters.first().map_or(&self.pipeline.id.place, |name| &name.place);
            self.fault(
                "declare-level",
                place,
                format!("[estimate] names level {level}, and no source has a column for it"),
                format!("remove the level, or declare `{level}` in [source.region]"),
            );
        }
    }

    fn levels_within(&self, levels: &[crate::vocab::Level], place: &Place, what: &str) {
        for level in levels {
            if !self.pipeline.estimate.levels.contains(level) {
                self.fault(
                    "declare-level",
                    place,
                    format!("`{what}` is broken down at level {level}, which [estimate] does not produce"),
                    "add the level to `levels` of [estimate] or remove it here",
                );
            }
        }
    }
}
