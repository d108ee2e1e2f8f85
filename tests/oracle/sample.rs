//! The sample data through `pipelines/gmvo.toml`, which R knows nothing of: it reads the CSV and scores the items itself.

use super::comparison::{Comparison, expected};
use crate::support::Edited;

#[test]
fn the_sample_agrees_with_r_for_every_region_sex_and_age() {
    let all = expected("expected_sample.csv");
    let found = Edited { pipeline: "pipelines/gmvo.toml", edits: &[], data: None }.run();
    for parameter in [
        "anx_dep_risk_high",
        "anx_dep_risk_score",
        "lonely",
        "lonely_severe_ggees209",
        "caregiver_overburdened",
        "caregiver_overburdened_all",
        "perceived_health_good",
    ] {
        let rows: Vec<_> = all.iter().filter(|row| row.parameter == parameter).collect();
        assert_eq!(rows.len(), 570, "70 regions × (total, 2 sexes, 4 ages), and 10 of them × 8 crossings");
        Comparison::of(rows, &found).assert_agrees(parameter);
    }
}
