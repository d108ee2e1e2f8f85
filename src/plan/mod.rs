//! Layer 4: definitions and files → [`Plan`]; `explain` shows it, `run` executes the same value.

mod analysis;
mod area_card;
mod area_model;
mod audited;
mod beside_published;
mod build;
mod build_area;
mod build_cover;
mod build_model;
mod build_regions;
mod build_source;
mod build_table;
mod build_tally;
mod catalogue;
mod columns;
mod compare;
mod coverage;
mod direct_sums;
mod estimates;
mod execute;
mod fingerprint;
mod gate;
mod header;
mod indicators;
mod judgement;
mod kept;
mod limit;
mod linked;
mod matrix;
mod model;
mod model_card;
mod model_lines;
mod model_map;
mod moments_file;
mod over_time;
mod part;
mod plausible;
mod policy;
mod precision;
mod progress;
mod protect;
mod provenance;
mod quality;
mod ranking;
mod read;
mod read_table;
mod recode;
mod registers;
mod remainder;
mod remembered;
mod respondents;
mod rules;
mod settled;
mod show;
mod show_sources;
mod stamps;
mod standardised_counts;
mod table_rows;
mod tables;
mod taken;
mod tally_to;
mod walk;

pub use beside_published::BesidePublished;
pub use build::{build, build_given};
pub use build_area::AreaPlan;
pub use build_model::ModelledPlan;
pub use build_regions::{Recode, RegionsPlan};
pub use estimates::{NamedComparison, NamedEstimate, Results, comparisons, estimates, results, results_with};
pub use execute::{Outcome, RunOptions, SourceRows, merge, run};
pub use fingerprint::release_id;
pub use moments_file::{Given, GivenSource, MomentsFile};
pub use part::{Part, Parts};
pub use progress::{Progress, Silent};
pub use read::{Reading, read, read_with, scan, tally};
pub use respondents::Found;
pub use settled::SettledSeries;
pub use tally_to::tally_to;

use std::path::PathBuf;

use crate::declare::{Catalogue, Definitions};
use crate::derive::Deriver;
use crate::ingest::{FileStamp, InputHash, PublishedPlan, RegionIndex, RespondentPlan, file_stamp};
use crate::tally::{TableSpec, TallyPlan};
use crate::vocab::Level;

/// Everything that a run does, as a value.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The checked definitions.
    pub definitions: Definitions,
    /// Parameters of the pipeline, as indexes into `definitions.parameters`, sorted by id.
    pub parameters: Vec<usize>,
    /// Those of them that respondents can feed, as indexes into `parameters`.
    pub measured: Vec<usize>,
    /// Keys and what they mean; regions of published tables are added when they are read.
    pub catalogue: Catalogue,
    /// Breakdowns of respondents' figures, the total first; parallel to `tally.breakdowns`.
    pub breakdowns: Vec<BreakdownKeys>,
    /// What is tallied.
    pub tally: TallyPlan,
    /// Ids of the weight sets, in the order of `tally`.
    pub weight_sets: Vec<String>,
    /// Input files, sorted by source and name.
    pub inputs: Vec<Input>,
    /// Lists of codes beside the tables of sources.
    pub code_lists: Vec<Input>,
    /// Per source of the pipeline.
    pub sources: Vec<SourcePlan>,
    /// Findings that do not stop the run.
    pub warnings: crate::finding::Findings,
    /// The files with regions, and the recodes that they hold.
    pub region_files: RegionsPlan,
    /// Tables of the tally at its end that only a model reads: nothing is published from them.
    pub hidden_tables: usize,
    /// The model; `None` without `[model]`.
    pub modelled: Option<ModelledPlan>,
    /// The models of areas.
    pub area_models: Vec<AreaPlan>,
}

impl Plan {
    /// Every file that a release rests on, besides the definitions.
    pub fn files(&self) -> impl Iterator<Item = &Input> {
        let of_model = self.modelled.iter().flat_map(|own| &own.inputs);
        let of_model = of_model.chain(self.area_models.iter().flat_map(|own| &own.inputs));
        self.region_files.inputs.iter().chain(&self.inputs).chain(&self.code_lists).chain(of_model)
    }

    /// The tables of the tally that figures are published from.
    #[must_use]
    pub fn shown_tables(&self) -> &[TableSpec] {
        &self.tally.tables[..self.tally.tables.len() - self.hidden_tables]
    }
}

/// A file that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Index of the source; `None` for a file with regions.
    pub source: Option<usize>,
    /// Name within the data folder, with `/`.
    pub name: String,
    /// Path; of a file that lies elsewhere, what it was called there.
    pub path: PathBuf,
    /// Size and hash where they are known beforehand: of a file that lies elsewhere and is here as moments.
    pub known: Option<InputHash>,
    /// Its stamp before anything of it was read, its header neither; `None` of a file that lies elsewhere or cannot be looked at.
    pub stamp: Option<FileStamp>,
}

impl Input {
    /// A file that nothing was read of yet.
    fn new(source: Option<usize>, name: &str, path: PathBuf) -> Self {
        let stamp = file_stamp(&path).ok();
        Self { source, name: name.to_owned(), path, known: None, stamp }
    }

    /// Size in bytes; 0 where the file is gone.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let there = || file_stamp(&self.path).map_or(0, |(bytes, _)| bytes);
        self.known.as_ref().map_or_else(there, |known| known.bytes)
    }
}

/// The keys of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakdownKeys {
    /// Word in the column `dimension`.
    pub dimension: String,
    /// Per category the index in the catalogue's categories.
    pub categories: Vec<u32>,
    /// Levels.
    pub levels: Vec<Level>,
}

/// How one source is read.
#[derive(Clone, Debug)]
pub enum SourcePlan {
    /// Respondents.
    Respondents {
        /// One per file: index in `inputs` and how it is read.
        files: Vec<(usize, RespondentPlan)>,
        /// Codes → indicators.
        deriver: Deriver,
        /// Regions of the source's year.
        index: RegionIndex,
        /// Positions of the regions that it covers.
        covers: Vec<u32>,
        /// Parameters, as indexes into the definitions, that its files lack a column for.
        absent: std::collections::BTreeSet<usize>,
    },
    /// A table with a row per region.
    Table {
        /// One per file: index in `inputs` and how it is read.
        files: Vec<(usize, PublishedPlan)>,
        /// Per measure of a published table, or per figure of a register, the index in `parameters`.
        parameters: Vec<usize>,
        /// Measures of the files that no mapping names.
        unmapped: usize,
        /// The recode that its regions go through, as an index into those of `region_files`.
        recode: Option<usize>,
    },
    /// National rates × the population of another source.
    Synthetic {
        /// Per estimate the index in `parameters`.
        parameters: Vec<usize>,
        /// Index of the source with the population.
        base: usize,
    },
}
