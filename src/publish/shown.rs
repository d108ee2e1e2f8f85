//! What a release shows, for those who hold it against what was expected.

use std::collections::BTreeSet;
use std::path::Path;

use super::{
    error::PublishError,
    folder,
    manifest::{hold_tables, read_manifest},
    why::{Cells, batches},
};

/// Regions and parameters with at least one published value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Region codes.
    pub regions: BTreeSet<String>,
    /// Parameter ids.
    pub parameters: BTreeSet<String>,
}

/// The regions and parameters of a release with at least one figure that is `ok`.
///
/// # Errors
/// [`PublishError`] where the release cannot be read.
pub fn shown(release: &Path) -> Result<Shown, PublishError> {
    let mut found = Shown::default();
    hold_tables(release, &read_manifest(release)?)?;
    for (name, path) in folder::files_under(release)? {
        if !name.starts_with("figures/") {
            continue;
        }
        for batch in batches(&path)? {
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                if cells.text("status") != "ok" {
                    continue;
                }
                for (set, column) in [(&mut found.regions, "region"), (&mut found.parameters, "parameter")] {
                    let text = cells.text(column);
                    if !set.contains(text) {
                        set.insert(text.to_owned());
                    }
                }
            }
        }
    }
    Ok(found)
}
