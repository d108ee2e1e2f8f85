//! What a run leaves for its operators beside the releases.

use std::path::Path;

use serde_json::json;

use super::{error::PublishError, folder, spec::CheckRow};
use crate::vocab::Audience;

/// Name of the report of the gates within the output folder.
pub const GATES: &str = "gates.json";

/// Writes what the gates of the latest run said, passed or not, in place of what the run before left. For its owner only: a limit that was
/// missed says something about the data.
///
/// # Errors
/// [`PublishError`] where it cannot be written.
pub fn write_gates(out: &Path, release: &str, made_at: &str, rows: &[CheckRow]) -> Result<(), PublishError> {
    let path = out.join(GATES);
    let passed = rows.iter().all(|row| row.verdict == "ok");
    let gates: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "gate": row.check, "subject": row.subject, "measured": row.measured, "limit": row.limit, "verdict": row.verdict,
            })
        })
        .collect();
    let report = json!({ "release": release, "made_at": made_at, "passed": passed, "gates": gates });
    let mut text =
        serde_json::to_string_pretty(&report).map_err(|source| PublishError::Json { path: path.clone(), source })?;
    text.push('\n');
    folder::write_bytes(&path, Audience::Internal, text.as_bytes())?;
    folder::sync_folder(out)
}
