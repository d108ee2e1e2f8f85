//! Releases of earlier versions stay readable. `tests/data/old-release/schema-<n>` holds small ones as a version with that schema wrote them; they
//! are never made again. A new schema version adds a folder and leaves the others.

use std::path::{Path, PathBuf};

use wijkpeil::publish::{WhyQuery, diff, shown, verify, why};

use crate::cli::support::{files_under, root, rows, texts};

fn releases() -> Vec<PathBuf> {
    let folder = root().join("tests/data/old-release");
    let list = |folder: &Path| {
        let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    };
    list(&folder).iter().flat_map(|version| list(version)).collect()
}

#[test]
fn every_release_that_was_ever_written_is_whole_and_can_be_asked() {
    let all = releases();
    assert!(all.len() >= 2);
    for release in &all {
        let report = verify(release).unwrap();
        assert_eq!(report.faults, [], "{}", release.display());
        // Readers go by the names of columns: those of the first schema are there under their names.
        let mut asked = 0;
        for name in files_under(release).into_keys().filter(|name| name.starts_with("figures/")) {
            let batch = rows(&release.join(&name));
            let column = |name: &str| texts(&batch, name);
            for at in 0..batch.num_rows().min(3) {
                let query = WhyQuery {
                    parameter: column("parameter")[at].clone(),
                    region: column("region")[at].clone(),
                    period: column("period_label")[at].clone(),
                    dimension: column("dimension")[at].clone(),
                    category: column("category")[at].clone(),
                };
                assert!(!why(release, &query).unwrap().is_empty(), "{} {query:?}", release.display());
                asked += 1;
            }
        }
        assert!(asked > 0);
        shown(release).unwrap();
    }
    assert!(diff(&all[0], &all[1]).unwrap().common == 0, "two pipelines have no figure in common");
    assert_eq!(diff(&all[0], &all[0]).unwrap().rows, []);
}
