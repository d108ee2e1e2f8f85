//! The command line. clap types stop here.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

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
    /// Check hashes, schema, unique keys and row counts of a release
    Verify {
        /// Folder of a release
        release: PathBuf,
    },
}
