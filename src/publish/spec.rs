//! What the caller says about a release, and what it gets back.

use std::path::{Path, PathBuf};

use super::manifest::WrittenFile;
use crate::declare::{DisclosureRules, FloorRule};
use crate::finding::Findings;
use crate::vocab::{Audience, Memory};

/// Everything about a release that is not a figure.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseSpec<'a> {
    /// The output folder; releases come under `<out>/releases/`.
    pub out: &'a Path,
    /// Name of the release and of its folder: letters, digits, `.`, `_`, `+` and `-`, not opening with a point.
    pub id: &'a str,
    /// Who may see it. It decides the file modes (0700/0600 or 0755/0644), and whether rejects keep their row numbers.
    pub audience: Audience,
    /// Name of the pipeline.
    pub pipeline: &'a str,
    /// RFC 3339, UTC; stands in the manifest only.
    pub made_at: &'a str,
    /// Hash, in hex, of everything the data files were made from; stands in the metadata of every data file.
    pub made_from: &'a str,
    /// Hash of what every data file is made from whatever its sources: definitions and regions.
    pub common: &'a str,
    /// The files that were read.
    pub inputs: &'a [InputFile],
    /// The definitions that were used.
    pub definitions: &'a [DefinitionFile],
    /// How each parameter was measured in each source.
    pub provenance: &'a [Provenance],
    /// The floor with its ground, in words.
    pub floor: &'a str,
    /// Floor, protection and precision: what an audit holds the release against.
    pub policy: PolicySpec<'a>,
    /// What is compared, ranked, standardised and classed, a line each.
    pub rules: &'a [String],
    /// Rejected cells, in any order.
    pub rejects: &'a [RejectRow],
    /// Quality checks, in any order.
    pub checks: &'a [CheckRow],
    /// Cards of modelled parameters, one for each.
    pub cards: &'a [ModelCard],
    /// What is known of the files of the current release.
    pub memory: &'a dyn Memory,
    /// Whether an existing release of this id is built again and compared, instead of refused.
    pub replace: bool,
}

/// What a modelled parameter was made of and what may be said with it, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// Parameter id.
    pub parameter: String,
    /// Markdown, Dutch.
    pub text: String,
}

/// The rules of disclosure that a release was made under.
#[derive(Clone, Copy, Debug)]
pub struct PolicySpec<'a> {
    /// The floor; `None` for figures that are public already.
    pub floor: Option<&'a FloorRule>,
    /// Protection and precision; `None` where nothing is withheld.
    pub disclosure: Option<&'a DisclosureRules>,
}

/// An input file, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Source id.
    pub source: String,
    /// File name, without the path of this machine.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// A definition file, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionFile {
    /// File name, relative to the pipeline.
    pub name: String,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// How a parameter was measured in a source, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Parameter id.
    pub parameter: String,
    /// Source id.
    pub source: String,
    /// Columns and rule.
    pub measured: String,
    /// Weight set with its columns, interval, degrees of freedom; empty for tables.
    pub design: String,
}

/// A rejected cell or row: where it stands and why, never what it said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectRow {
    /// Source id.
    pub source: String,
    /// File name.
    pub file: String,
    /// Row number in the file; a public release drops it.
    pub row: Option<i64>,
    /// Column name.
    pub column: String,
    /// Code of the finding.
    pub code: String,
}

/// The outcome of a quality check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRow {
    /// Name of the check.
    pub check: String,
    /// What was checked.
    pub subject: String,
    /// What was found, where that is a number.
    pub measured: Option<f64>,
    /// The limit that it was held against.
    pub limit: Option<f64>,
    /// Outcome as a word.
    pub verdict: String,
}

/// A release that stands complete and is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// Its folder.
    pub path: PathBuf,
    /// Its files, without `manifest.json` and `SHA256SUMS`, sorted by path.
    pub files: Vec<WrittenFile>,
    /// How many of them were copied from the release that was current.
    pub reused: usize,
    /// Whether it stood there already and was built again with the same bytes.
    pub reproduced: bool,
}

/// The last word before a release is published: looks at the folder of the release that stands aside, complete, durable and verified. A
/// refusal is said in findings and leaves everything as it was.
pub type Gate<'g> = dyn Fn(&Path) -> Result<(), Findings> + 'g;

/// Progress of [`super::write_release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishEvent {
    /// Writing begins.
    Start {
        /// Number of files to come.
        files: usize,
    },
    /// Everything is written; it is read back now.
    Verify,
    /// A file is on disk.
    File {
        /// Its rows; 0 for the codebook.
        rows: usize,
    },
}
