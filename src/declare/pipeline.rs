//! The pipeline file: what is computed, at which levels, by which rules.

use super::analysis::{FunnelRule, Inequality, RankRule, ReliabilityRules, Standardisation};
use super::area_model::AreaModelRules;
use super::comparison::{ComparisonRules, TrendRules};
use super::disclosure::{DisclosureRules, FloorRule};
use super::model::ModelRules;
use super::operation::{GateRules, RetentionRule};
use super::reader::Placed;
use super::regions::Regions;
use super::source::Source;
use crate::vocab::{Audience, DegreesOfFreedom, IntervalMethod, Level, RegionCode, SinglePsu};

/// A pipeline as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Id, also the name of the pipeline in the manifest.
    pub id: Placed<String>,
    /// Dutch title.
    pub title_nl: String,
    /// English title.
    pub title_en: String,
    /// Who may see the release.
    pub audience: Placed<Audience>,
    /// Globs of instrument files, relative to the pipeline file.
    pub instrument_files: Vec<Placed<String>>,
    /// Globs of parameter files, relative to the pipeline file.
    pub parameter_files: Vec<Placed<String>>,
    /// Folder of the data files, relative to the pipeline file.
    pub data_folder: Placed<String>,
    /// File with the GGD regions and their numbers in the monitor, relative to the pipeline file.
    pub ggd_file: Option<Placed<String>>,
    /// Where the regions come from.
    pub regions: Regions,
    /// Regions that several sources cover together, such as the Netherlands by 25 GGDs.
    pub covered_together: Vec<Placed<RegionCode>>,
    /// What is estimated and how.
    pub estimate: EstimateRules,
    /// The file that floor and disclosure stand in, relative to the pipeline file; `None` where they stand in the pipeline itself.
    pub policy_file: Option<Placed<String>>,
    /// The floor.
    pub floor: FloorRule,
    /// What must stay unknown of withheld figures; `None` where nothing is withheld.
    pub disclosure: Option<DisclosureRules>,
    /// Which weight set counts where; `None` without respondents.
    pub design: Option<Design>,
    /// What is compared with what; `None` where nothing is.
    pub comparison: Option<ComparisonRules>,
    /// Which trends are estimated; `None` for none.
    pub trend: Option<TrendRules>,
    /// Shares by the unit-level model; `None` for none.
    pub model: Option<ModelRules>,
    /// Figures by models of areas, in file order.
    pub area_models: Vec<AreaModelRules>,
    /// Thresholds of the class of precision; `None` for no class.
    pub reliability: Option<ReliabilityRules>,
    /// Which regions are ranked.
    pub ranks: Vec<RankRule>,
    /// Which regions get limits of chance.
    pub funnels: Vec<FunnelRule>,
    /// Which figures are standardised.
    pub standardisations: Vec<Standardisation>,
    /// Which inequalities are measured.
    pub inequalities: Vec<Inequality>,
    /// Dimensions in file order.
    pub dimensions: Vec<Dimension>,
    /// Crossings in file order.
    pub crossings: Vec<Crossing>,
    /// File with interventions, relative to the pipeline file.
    pub interventions_file: Option<Placed<String>>,
    /// Targets in file order.
    pub targets: Vec<Target>,
    /// Which releases stay; `None`: all.
    pub retention: Option<RetentionRule>,
    /// What must hold before a release is published; `None`: nothing.
    pub gate: Option<GateRules>,
    /// Perspectives in file order; none, or one for every parameter.
    pub perspectives: Vec<Perspective>,
    /// Sources in file order.
    pub sources: Vec<Source>,
}

/// A value that a region wants to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Parameter.
    pub parameter: Placed<String>,
    /// In the unit of the parameter: a share in [0, 1].
    pub value: Placed<f64>,
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

/// A group of parameters that the codebook shows under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Perspective {
    /// Id.
    pub id: Placed<String>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Ids of its parameters.
    pub parameters: Vec<Placed<String>>,
}

/// What is estimated and how.
#[derive(Clone, Debug, PartialEq)]
pub struct EstimateRules {
    /// Ids of the parameters.
    pub parameters: Vec<Placed<String>>,
    /// Levels, widest first.
    pub levels: Vec<Level>,
    /// Confidence level, in (0, 1).
    pub confidence: f64,
    /// Interval method for shares; means always use `t`.
    pub interval: IntervalMethod,
    /// Degrees of freedom of an interval.
    pub degrees_of_freedom: DegreesOfFreedom,
    /// Strata with one sampled unit.
    pub single_psu: SinglePsu,
}

/// Which weight set counts where.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The weight set wherever no override says otherwise.
    pub weight_set: Placed<String>,
    /// Overrides.
    pub overrides: Vec<DesignOverride>,
}

/// A weight set for some parameters, periods or levels. An empty list means all.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignOverride {
    /// The weight set.
    pub weight_set: Placed<String>,
    /// Collections.
    pub collections: Vec<Placed<String>>,
    /// Parameter ids.
    pub parameters: Vec<Placed<String>>,
    /// Years.
    pub periods: Vec<i32>,
    /// Levels.
    pub levels: Vec<Level>,
}

/// A dimension that figures are broken down by.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Id, also the word in the column `dimension`.
    pub id: Placed<String>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Column of the respondent files; `None` where only published tables use the dimension.
    pub column: Option<Placed<String>>,
    /// Levels at which respondents' figures are broken down.
    pub levels: Vec<Level>,
    /// Codes that mean unknown.
    pub unknown: Vec<String>,
    /// Categories in file order.
    pub categories: Vec<Category>,
}

/// A category of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Id, also the word in the column `category`.
    pub id: Placed<String>,
    /// Codes in the respondent files.
    pub codes: Vec<Placed<String>>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
}

/// A crossing of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// Ids of the dimensions, two or more.
    pub dimensions: Vec<Placed<String>>,
    /// Levels.
    pub levels: Vec<Level>,
}
