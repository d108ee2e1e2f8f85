//! Targets and interventions in a release of the sample.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};

use super::support::{numbers, release, root, rows, texts, wijkpeil};

/// Each row again from the figures: the value as published, its distance, and whether a share that should be low is low enough.
#[test]
fn targets_are_the_published_figure_beside_the_wish() {
    let place = tempfile::tempdir().unwrap();
    let run = wijkpeil(&["run", "pipelines/gmvo.toml", "--out", place.path().to_str().unwrap()]).exits(0);
    let release = release(root(), &run);

    let mut published = BTreeMap::new();
    for level in ["gemeente", "wijk"] {
        let figures = rows(&release.join(format!("figures/gmvo/2022/{level}.parquet")));
        let wanted = ["parameter", "statistic", "dimension", "region"].map(|column| texts(&figures, column));
        let (values, statuses) = (numbers(&figures, "value"), texts(&figures, "status"));
        for at in 0..figures.num_rows() {
            if wanted[0][at] == "lonely_severe" && wanted[1][at] == "crude" && wanted[2][at] == "total" {
                published.insert(wanted[3][at].clone(), (values[at], statuses[at].clone()));
            }
        }
    }

    let targets = rows(&release.join("targets.parquet"));
    let (regions, statuses) = (texts(&targets, "region"), texts(&targets, "status"));
    let columns = ["target", "value", "difference"].map(|column| numbers(&targets, column));
    let reached = targets.column_by_name("reached").unwrap().as_boolean().clone();
    assert_eq!(targets.num_rows(), published.len());
    let mut seen = [0; 3];
    for (at, region) in regions.iter().enumerate() {
        let (value, status) = &published[region];
        assert_eq!((&columns[1][at], &statuses[at], columns[0][at]), (value, status, Some(0.1)));
        assert_eq!(columns[2][at], value.map(|value| value - 0.1), "{region}");
        let is = value.map(|value| value <= 0.1);
        assert_eq!((!reached.is_null(at)).then(|| reached.value(at)), is, "{region}");
        seen[is.map_or(2, usize::from)] += 1;
    }
    // The sample has regions of each kind: above, at or below, and withheld.
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn interventions_stand_beside_each_parameter_that_they_may_help_with() {
    let place = tempfile::tempdir().unwrap();
    let run = wijkpeil(&["run", "pipelines/gmvo.toml", "--out", place.path().to_str().unwrap()]).exits(0);
    let table = rows(&release(root(), &run).join("interventions.parquet"));
    let (parameters, ids) = (texts(&table, "parameter"), texts(&table, "id"));
    let named: Vec<(&str, &str)> = parameters.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
    assert!(
        named.contains(&("lonely", "welzijn-op-recept"))
            && named.contains(&("excessive_drinker", "basispakket-verslavingspreventie"))
    );
    assert!(named.is_sorted() && texts(&table, "status").iter().all(|status| status == "unverified"));
    assert!(texts(&table, "theme").contains(&"zorg-dichtbij; werk-en-participatie".to_owned()));
}
