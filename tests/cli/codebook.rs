//! The codebook of the sample pipelines, and whether its coverage matrix is true.

use std::collections::BTreeSet;

use wijkpeil::{declare, plan};

use super::support::{files_under, release, root, rows, texts, wijkpeil};

/// Every pipeline of the project whose data lie beside it.
const PIPELINES: [&str; 4] = ["gmvo", "regiobeeld", "rivm-wijk", "wijkprofiel"];

#[test]
fn every_parameter_of_a_pipeline_stands_in_the_coverage_matrix() {
    for name in PIPELINES {
        let path = format!("pipelines/{name}.toml");
        let plan = plan::build(declare::load(&root().join(&path), None).unwrap()).unwrap();
        let computed = &plan.definitions.pipeline.estimate.parameters;
        let said = wijkpeil(&["codebook", &path]).exits(0);
        assert!(said.out.starts_with("# Codeboek\n"), "{name}");
        let (_, matrix) = said.out.split_once("\n## Dekking / *Coverage*\n").unwrap();
        let (matrix, _) = matrix.split_once("\n## ").unwrap();
        for id in computed.iter().map(|own| &own.value) {
            assert!(matrix.contains(&format!("\n| `{id}` | ")), "{name} {id}");
            assert!(said.out.contains(&format!("| id | `{id}` |")), "{name} {id}");
        }
        // A row per parameter and no line break within one: the header, its parameters.
        let csv = wijkpeil(&["codebook", &path, "--csv"]).exits(0).out;
        assert!(csv.starts_with("id,version,label_nl,label_en,"), "{csv}");
        assert_eq!(csv.matches("\r\n").count(), 1 + computed.len(), "{name}");
    }
}

/// Every figure of a release stands in the matrix, and of what is measured everything in the matrix has figures.
#[test]
fn the_coverage_matrix_says_what_a_release_has() {
    for name in ["gmvo", "regiobeeld", "wijkprofiel"] {
        let path = format!("pipelines/{name}.toml");
        let out = tempfile::tempdir().unwrap();
        let run = wijkpeil(&["run", &path, "--out", out.path().join("out").to_str().unwrap()]).exits(0);
        let folder = release(root(), &run).join("figures");
        let mut found = BTreeSet::new();
        for file in files_under(&folder).into_keys() {
            let figures = rows(&folder.join(file));
            let column = |name| texts(&figures, name).into_iter();
            let keys = column("parameter").zip(column("collection")).zip(column("period_label")).zip(column("level"));
            found.extend(keys.zip(column("status")).filter(|(_, status)| status != "not_measured").map(|(key, _)| key));
        }
        assert!(!found.is_empty());
        let plan = plan::build(declare::load(&root().join(&path), None).unwrap()).unwrap();
        let covered = |direct: bool| {
            let own = plan.catalogue.coverage.iter().filter(move |own| !direct || own.state == "direct");
            own.flat_map(|own| {
                own.levels.iter().map(|level| {
                    (((own.parameter.clone(), own.collection.clone()), own.period.clone()), level.as_str().to_owned())
                })
            })
            .collect::<BTreeSet<_>>()
        };
        let all = covered(false);
        for key in &found {
            let any = ((key.0.0.clone(), "in the file".to_owned()), key.1.clone());
            assert!(all.contains(key) || all.contains(&any), "{name}: {key:?} is not in the matrix");
        }
        for key in covered(true) {
            assert!(found.contains(&key), "{name}: {key:?} has no figure");
        }
    }
}

#[test]
fn a_codebook_of_a_bad_pipeline_is_refused() {
    let said = wijkpeil(&["codebook", "tests/data/bad-pipelines/floor-missing.toml"]).exits(10);
    assert!(said.out.is_empty() && said.err.contains("error["), "{}", said.err);
}
