//! The api designs: stratified with and without fpc, weights only, clusters, lonely PSUs, weights of 0.

use super::comparison::{Comparison, Expected, expected};
use crate::support::Edited;
use wijkpeil::plan::NamedEstimate;

const STRATA: &str = "tests/oracle/api/strata.toml";
const CLUSTERS: &str = "tests/oracle/api/clusters.toml";
const METHODS: [&str; 5] = ["logit", "beta", "wilson", "asin", "t"];

const TWO_STAGE: (&str, &str) = ("apiclus1.csv", "apiclus2.csv");
const TWO_STAGE_FPC: (&str, &str) = ("fpc = \"fpc\"", "fpc = \"fpc1\"\ncluster-fpc = \"fpc2\"");

/// A design of `expected.csv` and the pipeline that computes it.
pub struct Design {
    pub name: &'static str,
    pub pipeline: &'static str,
    pub edits: &'static [(&'static str, &'static str)],
}

const LONELY: (&str, &str) = ("apistrat.csv", "apistrat_lonelyH.csv");
const NO_FPC: (&str, &str) = ("weight-set = \"strata-fpc\"", "weight-set = \"strata\"");
const ADJUST: (&str, &str) = ("single-psu = \"fail\"", "single-psu = \"adjust\"");
const AVERAGE: (&str, &str) = ("single-psu = \"fail\"", "single-psu = \"average\"");
const CERTAINTY: (&str, &str) = ("single-psu = \"fail\"", "single-psu = \"certainty\"");
const WEIGHTS_ONLY: (&str, &str) = ("weight-set = \"strata-fpc\"", "weight-set = \"weights-only\"");
const DESIGN_DF: (&str, &str) = ("degrees-of-freedom = \"domain\"", "degrees-of-freedom = \"design\"");
const CLUSTERS_NO_FPC: (&str, &str) = ("weight-set = \"clusters-fpc\"", "weight-set = \"clusters\"");
const CLUSTERS_STRATA: (&str, &str) = ("weight-set = \"clusters-fpc\"", "weight-set = \"clusters-strata\"");

pub const DESIGNS: [Design; 16] = [
    Design { name: "strat_fpc", pipeline: STRATA, edits: &[] },
    Design { name: "strat_fpc_design_df", pipeline: STRATA, edits: &[DESIGN_DF] },
    Design { name: "strat_nofpc", pipeline: STRATA, edits: &[NO_FPC] },
    Design { name: "strat_weights_only", pipeline: STRATA, edits: &[WEIGHTS_ONLY] },
    Design { name: "weight0_fpc", pipeline: STRATA, edits: &[("apistrat.csv", "apistrat_weight0.csv")] },
    Design { name: "clus1_fpc", pipeline: CLUSTERS, edits: &[] },
    Design { name: "clus1_nofpc", pipeline: CLUSTERS, edits: &[CLUSTERS_NO_FPC] },
    Design { name: "clus1_strata", pipeline: CLUSTERS, edits: &[CLUSTERS_STRATA] },
    Design { name: "clus2_fpc", pipeline: CLUSTERS, edits: &[TWO_STAGE, TWO_STAGE_FPC] },
    Design { name: "clus2_nofpc", pipeline: CLUSTERS, edits: &[TWO_STAGE, CLUSTERS_NO_FPC] },
    Design { name: "lonelyH_fpc_adjust", pipeline: STRATA, edits: &[LONELY, ADJUST] },
    Design { name: "lonelyH_fpc_average", pipeline: STRATA, edits: &[LONELY, AVERAGE] },
    Design { name: "lonelyH_fpc_certainty", pipeline: STRATA, edits: &[LONELY, CERTAINTY] },
    Design { name: "lonelyH_nofpc_adjust", pipeline: STRATA, edits: &[LONELY, NO_FPC, ADJUST] },
    Design { name: "lonelyH_nofpc_average", pipeline: STRATA, edits: &[LONELY, NO_FPC, AVERAGE] },
    Design { name: "lonelyH_nofpc_certainty", pipeline: STRATA, edits: &[LONELY, NO_FPC, CERTAINTY] },
];

/// The design of a name.
pub fn design(name: &str) -> &'static Design {
    DESIGNS.iter().find(|design| design.name == name).unwrap_or_else(|| panic!("no design {name}"))
}

impl Design {
    /// Its estimates with an interval method.
    pub fn run(&self, method: &str) -> Vec<NamedEstimate> {
        self.edited(&[("interval = \"logit\"", &format!("interval = \"{method}\""))])
    }

    /// Its estimates with further edits.
    pub fn edited(&self, more: &[(&str, &str)]) -> Vec<NamedEstimate> {
        let edits: Vec<_> = self.edits.iter().copied().chain(more.iter().copied()).collect();
        Edited { pipeline: self.pipeline, edits: &edits, data: None }.run()
    }
}

/// Rows of a design and an interval method; means have no choice of method.
pub fn rows<'e>(all: &'e [Expected], design: &str, method: &str) -> Vec<&'e Expected> {
    let mean = |row: &Expected| ["api00", "enroll"].contains(&row.parameter.as_str());
    all.iter().filter(|row| row.design == design && (row.method == method || mean(row))).collect()
}

#[test]
fn every_design_and_interval_method_agrees_with_r() {
    let all = expected("expected.csv");
    let mut compared = std::collections::BTreeSet::new();
    for design in &DESIGNS {
        for method in METHODS {
            // Most designs have all methods, some only the default.
            if !all.iter().any(|row| row.design == design.name && row.method == method && row.parameter == "awards_yes")
            {
                continue;
            }
            let rows = rows(&all, design.name, method);
            compared.extend(rows.iter().map(|row| (row.design.clone(), row.parameter.clone(), row.method.clone())));
            Comparison::of(rows, &design.run(method)).assert_agrees(&format!("{} {method}", design.name));
        }
    }
    let there: std::collections::BTreeSet<_> =
        all.iter().map(|row| (row.design.clone(), row.parameter.clone(), row.method.clone())).collect();
    assert_eq!(compared, there, "every row of the file is compared");
}

#[test]
fn two_stages_agree_with_r() {
    let all = expected("expected_two_stage.csv");
    let mut compared = 0;
    for name in ["clus2_fpc", "clus2_nofpc"] {
        let rows = rows(&all, name, "logit");
        compared += rows.len();
        Comparison::of(rows, &design(name).run("logit")).assert_agrees(name);
    }
    assert_eq!(compared, all.len());
}

#[test]
fn a_stratum_with_one_unit_stops_the_run_under_fail() {
    let edits = [LONELY];
    let findings = Edited { pipeline: STRATA, edits: &edits, data: None }.estimates().unwrap_err();
    let codes: Vec<_> = findings.list().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["estimate-single-psu"]);
}

/// The domain `one_h` `in` holds one unit of a stratum of 50: every policy gives the same, and `fail` does not stop.
#[test]
fn a_domain_with_one_unit_of_a_large_stratum_is_not_lonely() {
    let all = expected("expected.csv");
    for edit in [ADJUST, AVERAGE, CERTAINTY] {
        let found = design("strat_fpc").edited(&[edit]);
        Comparison::of(rows(&all, "strat_fpc", "logit"), &found).assert_agrees(edit.1);
    }
}
