//! Layer 3: [`Publishable`] → one release on disk; the only place where data files are written.
//!
//! ```text
//! figures ──► partitions ──► parquet ┐
//!         └─► dashboard  ──► parquet ┤ in parallel, under releases/.<id>.partial-<pid>/
//! catalogue ► small tables, codebook ┘
//!                  └──► manifest.json, SHA256SUMS ──► fsync ──► read back ──► gate ──► rename to releases/<id> ──► current
//! ```
//!
//! A release is there whole or not at all. The same figures, catalogue, rejects and checks give the same bytes in every data
//! file, whatever the number of threads; the only clock is `made_at` in the manifest, handed in by the caller. A figure that
//! contradicts its status is refused here as well, although `disclose` should never have let it through.

mod action;
mod audit;
mod audit_cells;
mod audit_files;
mod audit_read;
mod audit_tables;
mod cells;
mod codebook;
mod columns;
mod compared_columns;
mod compared_words;
mod comparisons;
mod current;
mod dashboard;
mod diff;
mod disk;
mod error;
mod figures;
mod folder;
mod keys;
mod lock;
mod manifest;
mod operator;
mod parquet;
mod policy;
mod registry;
mod release;
mod report;
mod retention;
mod reuse;
mod schema;
mod sealed;
mod shown;
mod spec;
mod tables;
mod verdict;
mod verify;
mod verify_compared;
mod verify_figures;
mod verify_file;
mod why;
mod why_more;
mod words;

#[cfg(test)]
mod fixture;

pub use audit::{Assumed, audit, audit_assuming, audit_quickly};
pub use codebook::{codebook_csv, codebook_markdown};
pub use columns::{Column, Kind};
pub use current::{current_release, make_current};
pub use diff::{Changed, Diff, diff};
pub use disk::{Operation, Verdict, Watcher, watch};
pub use error::PublishError;
pub use lock::Lock;
pub use manifest::WrittenFile;
pub use operator::{Ended, Event, EventLog, SMALL, event_line, write_lineage, write_metrics};
pub use registry::{EarlierKey, Registry, record};
pub use report::{GATES, write_gates};
pub use retention::{Retention, Tidied, sweep, tidy};
pub use schema::{SCHEMA_VERSION, Table, dashboard_schema};
pub use sealed::{Cache, open_sealed, write_sealed};
pub use shown::{Shown, shown};
pub use spec::{
    CheckRow, DefinitionFile, Gate, InputFile, ModelCard, PolicySpec, Provenance, PublishEvent, RejectRow, Release,
    ReleaseSpec,
};
pub use verify::{Fault, VerifyFault, VerifyReport, matches_sums, verify};
pub use verify_figures::RowRule;
pub use why::{WhyQuery, why};

use std::path::Path;

use arrow::array::RecordBatch;
use rayon::prelude::*;

use crate::{
    declare::Catalogue,
    disclose::{Comparisons, Publishable, Trends},
    vocab::Audience,
};

use release::Said;

/// What a release says.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Figures.
    pub figures: &'a Publishable,
    /// Comparisons.
    pub comparisons: &'a Comparisons,
    /// Trends.
    pub trends: &'a Trends,
}

/// Writes one release and makes it the current one.
///
/// Everything is written aside, made durable, read back and verified; then `gate` has the last word, and only then the folder gets its name and
/// becomes current. `progress` is called from the threads that write, once with [`PublishEvent::Start`] and once per finished file.
///
/// # Errors
/// [`PublishError`]; the partial folder is gone afterwards. After an error in the very last step (`current.json`) the new
/// release stands complete but is not current; [`make_current`] finishes the work.
pub fn write_release(
    spec: &ReleaseSpec<'_>,
    content: Content<'_>,
    catalogue: &Catalogue,
    gate: &Gate<'_>,
    progress: &(dyn Fn(PublishEvent) + Sync),
) -> Result<Release, PublishError> {
    let runs: Vec<_> = content.figures.runs().collect();
    release::write(
        spec,
        Said { runs: &runs, comparisons: content.comparisons, trends: content.trends },
        catalogue,
        gate,
        progress,
    )
}

/// Writes tables of figures once more, one file per entry and in parallel, as a release would: for benches beside other writers.
///
/// # Errors
/// [`PublishError`] of the first file that fails.
pub fn write_batches(folder: &Path, tables: &[Vec<RecordBatch>]) -> Result<(), PublishError> {
    let target = parquet::Target { root: folder, audience: Audience::Internal, common: "" };
    tables.par_iter().enumerate().try_for_each(|(number, batches)| {
        let path = format!("{number}.parquet");
        let origin = parquet::Origin::default();
        let batches = batches.iter().cloned().map(Ok);
        parquet::write(target, &path, Table::Figures, Table::Figures.schema(), &origin, batches).map(|_| ())
    })
}
