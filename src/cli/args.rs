//! The command line. clap types stop here.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::install::{JobArguments, What};
use super::operator::OperatorArguments;

/// Turns Dutch GGD health-monitor files into a verifiable release of parquet tables.
#[derive(Debug, Parser)]
#[command(name = "wijkpeil", version, about, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 defect in the tool, 2 usage, 10 definitions, 11 source data, \
12 quality or disclosure gate, 13 output, 14 try again later (another run holds the folder).";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Do everything: read, estimate, disclose, publish
    Run {
        /// Pipeline file
        pipeline: PathBuf,
        /// Folder of the releases
        #[arg(long, value_name = "DIR", default_value = "out")]
        out: PathBuf,
        /// Folder of the data files, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Number of threads; all processors if left out
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        threads: Option<u16>,
        /// Build again although nothing changed, and compare with what is there
        #[arg(long)]
        force: bool,
        /// Wait for another run that holds the folder
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        cache: CacheArguments,
        #[command(flatten)]
        operator: OperatorArguments,
    },
    /// Add the moments of several inputs or GGDs into one run
    Merge {
        /// Moments files that `tally` wrote, then the pipeline file that they were made with
        #[arg(required = true, num_args = 2.., value_name = "MOMENTS… PIPELINE")]
        files: Vec<PathBuf>,
        /// Folder of the releases
        #[arg(long, value_name = "DIR", default_value = "out")]
        out: PathBuf,
        /// Folder of the region files and published tables, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Build again although nothing changed, and compare with what is there
        #[arg(long)]
        force: bool,
        /// Wait for another run that holds the folder
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        operator: OperatorArguments,
    },
    /// Read and tally the respondents, and write their moments for `merge`: as confidential as the respondents
    Tally {
        /// Pipeline file
        pipeline: PathBuf,
        /// File that the moments are written to
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Folder of the data files, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Check definitions, worked cases and the headers of the inputs; compute nothing
    Check {
        /// Pipeline file
        pipeline: PathBuf,
        /// Folder of the data files, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Show what would be read, computed and written, and how much
    Explain {
        /// Pipeline file
        pipeline: PathBuf,
        /// Folder of the data files, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Write the parameter set as a readable document, Dutch first, with the coverage matrix
    Codebook {
        /// Pipeline file
        pipeline: PathBuf,
        /// Folder of the data files, instead of the one that the pipeline names
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// As CSV: the columns of `parameters`
        #[arg(long)]
        csv: bool,
    },
    /// Say where one figure comes from
    Why {
        /// Folder of a release
        release: PathBuf,
        /// Parameter id
        #[arg(long)]
        parameter: String,
        /// Region code
        #[arg(long)]
        region: String,
        /// Period: the label or the year
        #[arg(long)]
        period: String,
        /// Dimension
        #[arg(long, default_value = "total", requires = "category")]
        dimension: String,
        /// Category; of a dimension `total` is what is said of it as a whole, such as an index of inequality
        #[arg(long, default_value = "total")]
        category: String,
    },
    /// Show which published figures differ between two releases, and by how much
    Diff {
        /// Folder of the first release
        first: PathBuf,
        /// Folder of the second release
        second: PathBuf,
        /// How many of the changed figures are shown, the largest difference first
        #[arg(long, value_name = "N", default_value_t = 20)]
        rows: usize,
    },
    /// Attack a release: what can be derived about withheld figures from what is published
    Audit {
        /// Folder of a release
        release: PathBuf,
        /// Folder of another release that is public too, or was
        #[arg(long, value_name = "RELEASE")]
        against: Vec<PathBuf>,
        /// How many of the findings are shown, the narrowest first
        #[arg(long, value_name = "N", default_value_t = 10)]
        rows: usize,
        /// Least width of what may be proven about n, where the release states no policy
        #[arg(long, value_name = "PERSONS", requires = "protection_answer")]
        protection_n: Option<f64>,
        /// Least width of what may be proven about answers yes and no, where the release states no policy
        #[arg(long, value_name = "PERSONS", requires = "protection_n")]
        protection_answer: Option<f64>,
    },
    /// Print what installs a nightly job: systemd units, a Windows task, a cron line, completions, the man page
    Print {
        /// What is printed
        #[arg(value_enum)]
        what: What,
        #[command(flatten)]
        job: JobArguments,
    },
    /// Check hashes, schema, unique keys and row counts of a release
    Verify {
        /// Folder of a release
        release: PathBuf,
    },
}

/// Where moments are kept between runs.
#[derive(Debug, clap::Args)]
pub(super) struct CacheArguments {
    /// Folder of the moments of earlier runs, as confidential as the respondents; beside the folder of the releases if left out
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub cache: Option<PathBuf>,
    /// Keep no moments and use none
    #[arg(long)]
    pub no_cache: bool,
}

impl CacheArguments {
    /// The folder: `out.cache` for `out`.
    pub(super) fn folder(self, out: &std::path::Path) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        Some(self.cache.unwrap_or_else(|| {
            let name = out.file_name().map_or_else(|| "out".into(), |name| name.to_string_lossy().into_owned());
            out.with_file_name(format!("{name}.cache"))
        }))
    }
}
