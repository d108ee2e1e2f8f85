//! Layer 2: what the author declares. TOML is read strictly, checked as a whole, and handed on as values that the stages may
//! rely on. Knows no data frame and opens no data file.
//!
//! - `reader`: TOML tables with places and collected findings
//! - `pipeline`, `source`: the pipeline file
//! - `instrument`, `parameter`: the definitions
//! - `load`: files and globs; `check`: what must hold between them
//! - `catalogue`: what the keys of a figure mean

mod catalogue;
mod check;
mod check_design;
mod check_dimensions;
mod code;
mod instrument;
mod load;
mod parameter;
mod pipeline;
mod read_instrument;
mod read_pipeline;
mod read_score;
mod read_source;
mod reader;
mod source;
mod value;

pub use catalogue::{Catalogue, CategoryEntry, ParameterEntry, RegionEntry, SourceEntry};
pub use code::normalise_code;
pub use instrument::{Case, Expected, Imputation, Instrument, Item, Recode, Rule, Score, ScoreMethod};
pub(crate) use load::matches as matching_files;
pub use load::{DefinitionText, Definitions, load};
pub(crate) use parameter::VALUE_MAX as DECLARED_VALUE_MAX;
pub use parameter::{Measure, NotApplicableIs, Parameter};
pub use pipeline::{
    Category, Crossing, Design, DesignOverride, Dimension, EstimateRules, Floor, FloorRule, Pipeline, RegionsFrom,
};
pub use reader::Placed;
pub use source::{
    Breakdown, FormatPins, Margins, MeasureKey, PeriodFrom, PublishedSource, RegionColumn, RegionColumns, RegionFrom,
    RespondentSource, Source, SourceKind, WeightSet, YearFrom,
};
