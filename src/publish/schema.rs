//! The arrow schema of every table that a release holds, and its version.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Metadata, Schema, SchemaRef};

use super::columns::{self, Column, Kind};
use super::compared_columns;
use crate::vocab::Unit;

/// Version of the columns; a change of schema.md is a new version.
pub const SCHEMA_VERSION: &str = "1";

/// A table of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Long: one row per figure, in files by collection, period and level.
    Figures,
    /// Long: one row per figure and what it is compared with, in files by collection, period and level.
    Comparisons,
    /// Long: one row per trend, in files by collection.
    Trends,
    /// Wide: one row per region × period, in files by collection and method.
    Dashboard,
    /// What a parameter means.
    Parameters,
    /// What a region is.
    Regions,
    /// What a category of a dimension means.
    Categories,
    /// Where figures come from.
    Sources,
    /// How far regions are from what they want to reach.
    Targets,
    /// What may help with a parameter.
    Interventions,
    /// What ingest refused.
    Rejects,
    /// What the quality checks found.
    Checks,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 12] = [
        Self::Figures,
        Self::Comparisons,
        Self::Trends,
        Self::Dashboard,
        Self::Parameters,
        Self::Regions,
        Self::Categories,
        Self::Sources,
        Self::Targets,
        Self::Interventions,
        Self::Rejects,
        Self::Checks,
    ];

    /// The word in the manifest and in a file's metadata.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Figures => "figures",
            Self::Comparisons => "comparisons",
            Self::Trends => "trends",
            Self::Dashboard => "dashboard",
            Self::Parameters => "parameters",
            Self::Regions => "regions",
            Self::Categories => "categories",
            Self::Sources => "sources",
            Self::Targets => "targets",
            Self::Interventions => "interventions",
            Self::Rejects => "rejects",
            Self::Checks => "checks",
        }
    }

    /// The table of a word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == word)
    }

    /// Its columns in order; for the dashboard those before the parameters.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Figures => columns::FIGURES,
            Self::Comparisons => compared_columns::COMPARISONS,
            Self::Trends => compared_columns::TRENDS,
            Self::Dashboard => columns::DASHBOARD,
            Self::Parameters => columns::PARAMETERS,
            Self::Regions => columns::REGIONS,
            Self::Categories => columns::CATEGORIES,
            Self::Sources => columns::SOURCES,
            Self::Targets => columns::TARGETS,
            Self::Interventions => columns::INTERVENTIONS,
            Self::Rejects => columns::REJECTS,
            Self::Checks => columns::CHECKS,
        }
    }

    /// Its arrow schema; for the dashboard the fixed columns only, see [`dashboard_schema`].
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        Arc::new(Schema::new(self.columns().iter().map(Column::field).collect::<Vec<_>>()))
    }
}

impl Kind {
    /// The arrow type.
    #[must_use]
    pub const fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Boolean => DataType::Boolean,
        }
    }

    /// The word in the codebook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Boolean => "bool",
        }
    }
}

impl Column {
    /// The arrow field, with description and unit in its metadata.
    fn field(&self) -> Field {
        described(self.name, self.kind.data_type(), self.nullable, self.unit, self.nl, self.en)
    }
}

/// The five columns that the dashboard has per parameter: suffix, type, Dutch and English description.
const PER_PARAMETER: [(&str, Kind, &str, &str); 5] = [
    ("", Kind::Float64, "waarde", "value"),
    ("_lower", Kind::Float64, "ondergrens van het betrouwbaarheidsinterval", "lower limit of the confidence interval"),
    ("_upper", Kind::Float64, "bovengrens van het betrouwbaarheidsinterval", "upper limit of the confidence interval"),
    ("_status", Kind::Text, "of er een waarde is", "whether there is a value"),
    ("_verdict", Kind::Text, "oordeel in woorden, waar er een is", "verdict in (Dutch) words, where there is one"),
];

/// The schema of a dashboard with these parameters, in this order.
///
/// The unit is only metadata: a reader that knows the ids alone may hand in any.
#[must_use]
pub fn dashboard_schema<'a>(parameters: impl IntoIterator<Item = (&'a str, Unit)>) -> SchemaRef {
    let mut fields: Vec<Field> = Table::Dashboard.columns().iter().map(Column::field).collect();
    for (id, unit) in parameters {
        fields.extend(PER_PARAMETER.iter().map(|(suffix, kind, nl, en)| {
            let unit = if *kind == Kind::Float64 { unit.as_str() } else { "" };
            described(
                &format!("{id}{suffix}"),
                kind.data_type(),
                true,
                unit,
                &format!("{id}: {nl}"),
                &format!("{id}: {en}"),
            )
        }));
    }
    Arc::new(Schema::new(fields))
}

/// Number of columns per parameter of the dashboard.
pub(super) const DASHBOARD_STEP: usize = PER_PARAMETER.len();

/// A field with its description (Dutch, English beside it) and unit.
fn described(name: &str, kind: DataType, nullable: bool, unit: &str, nl: &str, en: &str) -> Field {
    Field::new(name, kind, nullable).with_metadata(
        [("description", nl), ("description_en", en), ("unit", unit)]
            .into_iter()
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .collect::<Metadata>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_columns_of_schema_md_in_order() {
        let names: Vec<&str> = Table::Figures.columns().iter().map(|column| column.name).collect();
        let page = "parameter collection period period_label level region region_year statistic dimension category value se lower \
                    upper confidence interval_method n n_class n_effective deff df population unit method variant status reason \
                    reliability own_share provisional source definition";
        assert_eq!(names, page.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn comparisons_and_trends_have_the_columns_of_schema_md_in_order() {
        let names = |table: Table| table.columns().iter().map(|column| column.name).collect::<Vec<_>>();
        let page = "parameter collection period level region region_year statistic dimension category method source variant \
                    reference reference_region reference_category reference_period difference se lower upper df test p_test \
                    p_difference p_adjusted adjustment probability_higher alpha minimum_difference verdict favourable status reason";
        assert_eq!(names(Table::Comparisons), page.split_whitespace().collect::<Vec<_>>());
        let page = "parameter collection level region region_year dimension category method periods n_periods slope se p change \
                    change_se change_lower change_upper verdict favourable status reason";
        assert_eq!(names(Table::Trends), page.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn every_field_says_what_it_is() {
        for table in Table::ALL {
            for field in table.schema().fields() {
                assert!(!field.metadata()["description"].is_empty(), "{field}");
                assert!(field.metadata().contains_key("unit"), "{field}");
            }
            assert_eq!(Table::parse(table.as_str()), Some(table));
        }
    }

    #[test]
    fn a_dashboard_has_five_columns_per_parameter() {
        let schema = dashboard_schema([("stress", Unit::Share)]);
        assert_eq!(schema.fields().len(), Table::Dashboard.columns().len() + DASHBOARD_STEP);
        assert_eq!(schema.field_with_name("stress").unwrap().metadata()["unit"], "share");
        assert_eq!(schema.field_with_name("stress_verdict").unwrap().data_type(), &DataType::Utf8);
    }
}
