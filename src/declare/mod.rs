//! Layer 2: what the author declares. TOML is read strictly, checked as a whole, and handed on as values that the stages may
//! rely on. Knows no data frame and opens no data file.
//!
//! - `reader`: TOML tables with places and collected findings
//! - `pipeline`, `regions`, `source`, `table`: the pipeline file
//! - `instrument`, `parameter`: the definitions
//! - `comparison`, `analysis`: what is compared, ranked, standardised
//! - `operation`: which releases stay, what must hold before one is published
//! - `disclosure`: what may be published, and how exactly
//! - `model`, `area_model`: figures per wijk by a model of cells, or of the wijken as they are
//! - `load`: files and globs; `check`: what must hold between them
//! - `catalogue`: what the keys of a figure mean

mod action;
mod analysis;
mod area_model;
mod catalogue;
mod check;
mod check_analysis;
mod check_area_model;
mod check_comparison;
mod check_design;
mod check_dimensions;
mod check_disclosure;
mod check_model;
mod check_regions;
mod check_sources;
mod code;
mod comparison;
mod disclosure;
mod instrument;
mod load;
mod model;
mod operation;
mod parameter;
mod pipeline;
mod read_instrument;
mod read_measure;
mod read_pipeline;
mod read_rule;
mod read_score;
mod read_source;
mod read_table;
mod reader;
mod regions;
mod source;
mod table;
mod value;

pub use action::Intervention;
pub use analysis::{
    FunnelRule, Inequality, RankRule, Ranking, RegionRanking, ReliabilityRules, Standard, Standardisation,
};
pub use area_model::{AnswerLimits, AreaModelRules, PublishedPrecision};
pub use catalogue::{
    Catalogue, CategoryEntry, CoverageEntry, InterventionEntry, ParameterAbout, ParameterEntry, PerspectiveEntry,
    RegionEntry, SourceEntry, TargetEntry,
};
pub use code::normalise_code;
pub use comparison::{ComparisonRules, ReferenceRule, TrendRules};
pub use disclosure::{DisclosureRules, Floor, FloorOverride, FloorRule, PrecisionRule, Protection};
pub use instrument::{
    Case, CutOff, Expected, ExpectedScore, Gate, Imputation, Instrument, Item, Recode, Rule, RuleTest, Score,
    ScoreMethod,
};
pub(crate) use load::matches as matching_files;
pub use load::{DefinitionText, Definitions, load};
pub use model::{
    AgeGroup, FactFile, ModelLimits, ModelRules, NeighbourKind, Neighbours, PersonsFile, PopulationFiles, ShownLimits,
};
pub use operation::{GateRules, RetentionRule};
pub(crate) use parameter::VALUE_MAX as DECLARED_VALUE_MAX;
pub use parameter::{Measure, MeasureFor, NotApplicableIs, Parameter, Rate};
pub use pipeline::{
    Category, Crossing, Design, DesignOverride, Dimension, EstimateRules, Perspective, Pipeline, Target,
};
pub use reader::Placed;
pub use regions::{ChangeColumn, GgdRegion, GgdTable, RecodeTable, RegionTable, Regions};
pub use source::{
    FormatPins, PeriodFrom, RegionColumn, RegionColumns, RespondentSource, Source, SourceKind, SyntheticEstimate,
    SyntheticSource, WeightSet, YearFrom,
};
pub use table::{
    Breakdown, CodeLists, Denominator, Margins, MeasureKey, RegionFrom, Register, Rounding, TableContent, TableSource,
};
