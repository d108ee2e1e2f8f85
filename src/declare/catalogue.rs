//! What the keys of a figure mean: the entries that become `parameters`, `regions`, `categories` and `sources`.
//!
//! Every list is sorted by its key, so an index orders like the key itself and a figure can carry indexes instead of text.

use crate::vocab::{Level, Period, RegionCode, Sample, Unit};

/// A published parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterEntry {
    /// Unique id, one per definition × cut-off.
    pub id: String,
    /// Version of the definition; a changed rule is a new version or a new id.
    pub version: u32,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// What it says, in plain Dutch.
    pub description_nl: String,
    /// What it says, in plain English.
    pub description_en: String,
    /// One of the seven action lines.
    pub theme: String,
    /// Domain within mental health.
    pub domain: String,
    /// Whom in the life course it speaks of.
    pub life_phase: String,
    /// Universal, selective, indicated or relapse prevention.
    pub prevention_level: String,
    /// Where a municipality can act on it.
    pub setting: String,
    /// Unit of the value.
    pub unit: Unit,
    /// Favourable direction: `higher`, `lower` or `context`.
    pub direction: String,
    /// Instrument id, or the plain name of a single question.
    pub instrument: String,
    /// `<rule id>@<version>`, as in the column `definition`.
    pub rule: String,
    /// What may and may not be compared.
    pub comparability: String,
    /// Where the definition comes from.
    pub source: String,
    /// `verified` or `unverified`.
    pub status: String,
    /// `core` or `extended`.
    pub tier: String,
    /// What stands in the codebook and in no column.
    pub about: ParameterAbout,
}

/// What a reader of the codebook must know of a parameter beside the columns of `parameters`. Empty where the definition does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterAbout {
    /// Which answers count.
    pub numerator: String,
    /// Among whom, with what not applicable counts as.
    pub denominator: String,
    /// Lowest level at which it is sound.
    pub lowest_level: Option<Level>,
    /// Figures of two families are never compared.
    pub family: String,
    /// Years with which a new series begins.
    pub breaks: Vec<i32>,
    /// Row of the proposed parameter set that it answers.
    pub proposal: String,
    /// What else must be known.
    pub note: String,
    /// Per collection, or for all, how it is measured.
    pub measured: Vec<String>,
}

/// Where a parameter has figures, and where not and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoverageEntry {
    /// Parameter id.
    pub parameter: String,
    /// Collection; empty where no source of the pipeline feeds the parameter.
    pub collection: String,
    /// Period label, or `in the file` where a table says itself which periods it has.
    pub period: String,
    /// Levels, widest first.
    pub levels: Vec<Level>,
    /// `direct`, `published`, `register`, `synthetic`, or why there is none: `not_measured`, `column_absent`, `not_fed`,
    /// `not_computed` (defined, and not asked for by this pipeline).
    pub state: &'static str,
}

/// A region of one region year.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionEntry {
    /// Code, valid together with `region_year`.
    pub code: RegionCode,
    /// Indelingsjaar.
    pub region_year: i32,
    /// Name, empty where no source gives one.
    pub name: String,
    /// Code of the parent region of the same year, where known.
    pub parent: Option<RegionCode>,
    /// Inhabitants, where known.
    pub population: Option<f64>,
    /// Regions of another year that this one came from, with that year.
    pub predecessors: Vec<(RegionCode, i32)>,
    /// Other region years in which the same code is the same region, or that a recode joins.
    pub comparable: Vec<i32>,
}

impl RegionEntry {
    /// A region of which only code and year are known.
    #[must_use]
    pub const fn new(code: RegionCode, region_year: i32) -> Self {
        Self {
            code,
            region_year,
            name: String::new(),
            parent: None,
            population: None,
            predecessors: Vec::new(),
            comparable: Vec::new(),
        }
    }

    /// Level of the region.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.code.level()
    }
}

/// A category of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct CategoryEntry {
    /// `total`, `sex`, `age`, a crossing such as `sex*age`.
    pub dimension: String,
    /// `total`, `2`, `18-34`, a crossing such as `2*18-34`.
    pub category: String,
    /// Dutch label of the dimension.
    pub dimension_label_nl: String,
    /// English label of the dimension.
    pub dimension_label_en: String,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Place in a table, from 1.
    pub order: i32,
}

/// A source that figures come from.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceEntry {
    /// Unique id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Table id at the publisher, empty for respondent files.
    pub table_id: String,
    /// Publisher.
    pub publisher: String,
    /// Licence.
    pub licence: String,
    /// Kind of sample.
    pub sample: Sample,
    /// Period of fieldwork as text.
    pub fieldwork: String,
    /// Hash over the hashes of the source's files.
    pub file_sha256: String,
    /// What figures of the source are made from: a digest of the rows used in any order, or the hash of the files.
    pub content: String,
    /// Region codes that the source covers wholly, as text: `NL00` or a list.
    pub covers: String,
}

/// Everything that figures point at. Each list is sorted by its key and holds no key twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Sorted by id.
    pub parameters: Vec<ParameterEntry>,
    /// Sorted by (code, region year).
    pub regions: Vec<RegionEntry>,
    /// Sorted by (dimension, category).
    pub categories: Vec<CategoryEntry>,
    /// Sorted by id.
    pub sources: Vec<SourceEntry>,
    /// Sorted by (year, label).
    pub periods: Vec<Period>,
    /// Sorted.
    pub collections: Vec<String>,
    /// Sorted; the empty variant comes first.
    pub variants: Vec<String>,
    /// Targets, in the order of the pipeline.
    pub targets: Vec<TargetEntry>,
    /// Interventions per parameter, sorted by (parameter, id).
    pub interventions: Vec<InterventionEntry>,
    /// Where each parameter has figures, sorted.
    pub coverage: Vec<CoverageEntry>,
    /// Groups of parameters under a heading, in the order of the pipeline.
    pub perspectives: Vec<PerspectiveEntry>,
}

/// A value that a region wants to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetEntry {
    /// Parameter id.
    pub parameter: String,
    /// In the unit of the parameter.
    pub value: f64,
    /// By when.
    pub year: i32,
    /// Levels that it is for.
    pub levels: Vec<Level>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Where it was agreed.
    pub source: String,
}

/// An intervention that may help with a parameter. Several themes, phases, levels or settings are joined by `; `.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterventionEntry {
    /// Parameter id.
    pub parameter: String,
    /// Id of the intervention.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it is registered.
    pub database: String,
    /// Action lines.
    pub theme: String,
    /// Phases of life.
    pub life_phase: String,
    /// Levels of prevention.
    pub prevention_level: String,
    /// Where it takes place.
    pub setting: String,
    /// What it is, in plain Dutch.
    pub description_nl: String,
    /// What it is, in plain English.
    pub description_en: String,
    /// Where it was found.
    pub source: String,
    /// Whether its registration has been looked up.
    pub status: String,
}

/// A group of parameters under a heading of the codebook.
#[derive(Clone, Debug, PartialEq)]
pub struct PerspectiveEntry {
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Ids of its parameters.
    pub parameters: Vec<String>,
}

impl Catalogue {
    /// The position of a category.
    ///
    /// # Errors
    /// Where it would have to stand, if it is not there.
    pub fn category(&self, dimension: &str, category: &str) -> Result<usize, usize> {
        self.categories
            .binary_search_by(|entry| (entry.dimension.as_str(), entry.category.as_str()).cmp(&(dimension, category)))
    }
}
