//! Verdicts in the dashboard of the sample, with the numbers behind them.

use std::collections::BTreeMap;

use super::support::{numbers, release, root, rows, texts, wijkpeil};

/// Every verdict of the dashboard has its comparison, with the difference of the two figures and a p below the limit where it says so.
#[test]
fn the_dashboard_says_in_dutch_what_the_comparisons_say() {
    let place = tempfile::tempdir().unwrap();
    let run = wijkpeil(&["run", "pipelines/gmvo.toml", "--out", place.path().to_str().unwrap()]).exits(0);
    let release = release(root(), &run);
    let mut compared = BTreeMap::new();
    for level in ["gemeente", "wijk"] {
        let own = rows(&release.join(format!("comparisons/gmvo/2022/{level}.parquet")));
        let [parameter, region, reference, verdict, test] =
            ["parameter", "region", "reference", "verdict", "test"].map(|column| texts(&own, column));
        let [difference, p, lower, upper] =
            ["difference", "p_adjusted", "lower", "upper"].map(|column| numbers(&own, column));
        for at in (0..own.num_rows()).filter(|at| reference[*at] == "rest_of_parent") {
            let numbers = (difference[at], p[at], lower[at], upper[at]);
            compared
                .insert((parameter[at].clone(), region[at].clone()), (verdict[at].clone(), test[at].clone(), numbers));
        }
    }
    let dashboard = rows(&release.join("dashboard/gmvo_direct.parquet"));
    let (regions, levels) = (texts(&dashboard, "region"), texts(&dashboard, "level"));
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for parameter in ["lonely", "perceived_health_good", "anx_dep_risk_high", "anx_dep_risk_score"] {
        let (verdicts, values) = (texts(&dashboard, &format!("{parameter}_verdict")), numbers(&dashboard, parameter));
        for at in 0..dashboard.num_rows() {
            let Some((verdict, test, (difference, p, ..))) = compared.get(&(parameter.to_owned(), regions[at].clone()))
            else {
                assert_eq!(verdicts[at], "", "the GGD has no rest");
                continue;
            };
            let wider = if levels[at] == "wijk" { "de rest van de gemeente" } else { "de rest van de GGD-regio" };
            let wanted = match verdict.as_str() {
                "higher" => format!("hoger dan {wider}"),
                "lower" => format!("lager dan {wider}"),
                "no_difference" => format!("geen aangetoond verschil met {wider}"),
                _ => String::new(),
            };
            assert_eq!(verdicts[at], wanted, "{parameter} {}", regions[at]);
            *said.entry(wanted.clone()).or_default() += 1;
            if wanted.starts_with(['h', 'l']) {
                assert!(values[at].is_some() && p.unwrap() < 0.05);
                assert_eq!(difference.unwrap() > 0.0, wanted.starts_with('h'));
            }
            if !wanted.is_empty() {
                let mean = parameter == "anx_dep_risk_score";
                assert_eq!(test, if mean { "t" } else { "rao_scott_f" });
            }
        }
    }
    for sentence in
        ["hoger dan de rest van de gemeente", "lager dan de rest van de gemeente", "hoger dan de rest van de GGD-regio"]
    {
        assert!(said.contains_key(sentence), "the sample shows each kind: {said:?}");
    }
}
