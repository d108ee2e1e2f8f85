//! What can go wrong while a release is written or read.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::finding::Findings;

/// Why no release was written. The cause is part of each message and also the error's `source()`.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Another run holds the folder.
    #[error("another run holds {} since {since}", path.display())]
    Locked {
        /// The folder of the releases.
        path: PathBuf,
        /// When the other run began, as it said.
        since: String,
    },
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The parquet writer refused.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ::parquet::errors::ParquetError,
    },
    /// Columns do not fit the schema of their table: a defect.
    #[error("columns of {path} do not fit its schema: {source}")]
    Columns {
        /// The file within the release.
        path: String,
        /// Why not.
        source: arrow::error::ArrowError,
    },
    /// The manifest could not be put into words.
    #[error("cannot write {} as JSON: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// A list of the catalogue is not sorted by its key or holds a key twice: a defect.
    #[error("the list `{list}` of the catalogue is not sorted, or holds a key twice")]
    CatalogueOrder {
        /// The list.
        list: &'static str,
    },
    /// A figure points at an entry that the catalogue does not have: a defect.
    #[error("a figure points at {list}[{index}], which does not exist")]
    Dangling {
        /// The list.
        list: &'static str,
        /// The index.
        index: u32,
    },
    /// Figures are not sorted by their key, or a key occurs twice: a defect.
    #[error("figures are not unique and sorted by key: {key}")]
    FigureOrder {
        /// The key at which it shows.
        key: String,
    },
    /// A figure contradicts its status, or a number is not finite: a defect.
    #[error("figure {key}: {rule}")]
    Figure {
        /// The key of the figure.
        key: String,
        /// What it breaks.
        rule: super::RowRule,
    },
    /// The wide table has one place for two figures.
    #[error(
        "the dashboard has one place for two figures: {key}; keep one source or variant of a parameter per collection and method"
    )]
    DashboardPlace {
        /// Parameter, collection, period, region and method.
        key: String,
    },
    /// Two parameters ask for one column of the wide table.
    #[error("the dashboard {path} would have the column `{column}` twice; rename the parameter")]
    DashboardColumn {
        /// The file within the release.
        path: String,
        /// The column.
        column: String,
    },
    /// A name that becomes part of a path has characters that a path cannot have everywhere.
    #[error(
        "{what} `{name}` cannot be a file name: letters, digits, `.`, `_`, `+` and `-` only, not opening or ending with a point"
    )]
    Name {
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Two tables ask for one path, such as the periods `2023/2024` and `2023-2024`.
    #[error("two tables would be written to {path}")]
    SamePath {
        /// The path within the release.
        path: String,
    },
    /// A release of this id exists.
    #[error("the release {} exists already", path.display())]
    Exists {
        /// Its folder.
        path: PathBuf,
    },
    /// What was written is not what is read back; it never became a release.
    #[error("what was written is not what is read back: {}", faults.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NotWhole {
        /// What is wrong, by file.
        faults: Vec<super::VerifyFault>,
    },
    /// A gate refused the release; the old one stays current.
    #[error("a gate refused the release")]
    Refused {
        /// What failed where.
        findings: Findings,
    },
    /// A file of a release is not what its manifest lists, so nothing is read from it.
    #[error("{} is not what the manifest of its release lists; `wijkpeil verify` says what is wrong", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A release of this id exists and was not reproduced; the old one is left as it was.
    #[error("the release was built again and came out different in {}; the old one is kept", files.join(", "))]
    NotReproducible {
        /// Files that differ, or that only one of the two has.
        files: Vec<String>,
    },
}

impl PublishError {
    /// For `map_err`: an I/O error with what was tried and where.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// For `map_err`: an error of the parquet writer.
    pub(super) fn parquet(path: &Path) -> impl Fn(::parquet::errors::ParquetError) -> Self {
        move |source| Self::Parquet { path: path.to_owned(), source }
    }
}
