//! The same designs against numbers of survey 4.5 on the untrimmed data, where they lie beside the repository.

use std::collections::HashMap;

use wijkpeil::estimate::Estimate;
use wijkpeil::plan::NamedEstimate;

use super::api::{Design, design};
use crate::support::{Csv, shared};

/// A row of R: estimate, standard error, limits and degrees of freedom, where the statistic has them.
struct Row {
    design: String,
    statistic: String,
    item: String,
    estimate: f64,
    numbers: [Option<f64>; 3],
}

fn read() -> Option<Vec<Row>> {
    let csv = Csv::read(&shared("oracle/survey/expected.csv")?, ',');
    assert_eq!(csv.header[..6], ["design", "statistic", "item", "estimate", "se", "ci_l"].map(String::from));
    let read = |row: Vec<String>| {
        Some(Row {
            estimate: row[3].parse().ok()?,
            numbers: [4, 5, 6].map(|at| row[at].parse().ok()),
            design: row[0].clone(),
            statistic: row[1].clone(),
            item: row[2].clone(),
        })
    };
    Some(csv.rows.into_iter().filter_map(read).collect())
}

type Key = (String, String, String);

/// Runs each design × method once.
#[derive(Default)]
struct Runs(HashMap<(String, String), HashMap<Key, Estimate>>);

impl Runs {
    fn estimate(
        &mut self,
        name: &str,
        run: impl FnOnce() -> Vec<NamedEstimate>,
        method: &str,
        key: [&str; 3],
    ) -> Estimate {
        let found = self.0.entry((name.to_owned(), method.to_owned())).or_insert_with(|| {
            run().into_iter().map(|e| ((e.parameter, e.dimension, e.category), e.estimate)).collect()
        });
        found[&key.map(String::from).into()]
    }
}

fn close(what: &str, own: f64, r: f64, tolerance: f64) {
    assert!((own - r).abs() <= tolerance * r.abs(), "{what}: R {r:.12e}, here {own:.17e}");
}

/// The statistics of a row that a figure answers: (method, parameter, dimension, category, whether the limits are comparable).
fn figure(row: &Row) -> Option<(&'static str, &str, &'static str, String, bool)> {
    let share = |item: &str| match item {
        "I(awards == \"Yes\")" | "awardsYes" => Some("awards_yes"),
        "I(comp.imp == \"Yes\")" => Some("comp_imp_yes"),
        _ => None,
    };
    let mean = ["api00", "enroll"].contains(&row.item.as_str()).then_some(row.item.as_str());
    let total = || "total".to_owned();
    match row.statistic.as_str() {
        "svymean" => Some(("logit", mean?, "total", total(), false)),
        "svymean.t_df" => Some(("logit", mean?, "total", total(), true)),
        "svymean.factor" => Some(("logit", share(&row.item)?, "total", total(), false)),
        "svyciprop.xlogit" => Some(("logit", share(&row.item)?, "total", total(), true)),
        "svyciprop.beta" => Some(("beta", share(&row.item)?, "total", total(), true)),
        "svyciprop.asin" => Some(("asin", share(&row.item)?, "total", total(), true)),
        "svyciprop.mean" => Some(("t", share(&row.item)?, "total", total(), true)),
        "svyciprop.wilson" => Some(("wilson", share(&row.item)?, "total", total(), true)),
        "svyby.svymean.by_stype" => Some(("logit", "api00", "stype", row.item.clone(), false)),
        "svyby.svymean.by_awards" => Some(("logit", "api00", "awards", row.item.clone(), false)),
        "svyby.svymean.by_sch.wide" => Some(("logit", "api00", "schwide", row.item.clone(), false)),
        "svyby.svyciprop.xlogit.by_stype" => Some(("logit", "comp_imp_yes", "stype", row.item.clone(), true)),
        "domain_E_awards.svymean" => Some(("logit", "api00", "stype*awards", "E*Yes".into(), false)),
        _ => None,
    }
}

#[test]
fn survey_4_5_agrees() {
    let Some(rows) = read() else { return };
    let mut runs = Runs::default();
    let mut compared: HashMap<String, usize> = HashMap::new();
    for row in &rows {
        let own = super::api::DESIGNS.iter().find(|design| design.name == row.design);
        let (Some(design), Some((method, parameter, dimension, category, limits))) = (own, figure(row)) else {
            continue;
        };
        let what = format!("{} {} {}", row.design, row.statistic, row.item);
        let estimate = runs.estimate(design.name, || design.run(method), method, [parameter, dimension, &category]);
        let value = estimate.value.unwrap();
        close(&what, value.value, row.estimate, 1e-9);
        if let Some(se) = row.numbers[0] {
            close(&what, value.se.unwrap(), se, 1e-9);
        }
        if limits {
            let interval = value.interval.unwrap();
            assert_eq!(
                interval.method.as_str(),
                if parameter == "api00" || parameter == "enroll" { "t" } else { method }
            );
            close(&what, interval.limits.lower, row.numbers[1].unwrap(), 1e-6);
            close(&what, interval.limits.upper, row.numbers[2].unwrap(), 1e-6);
        }
        *compared.entry(row.statistic.clone()).or_default() += 1;
    }
    // Five designs; the rest is counted by hand from the script that made the file.
    for (statistic, least) in [
        ("svymean", 5 * 2 + 6 * 2),
        ("svymean.factor", 5 + 6),
        ("svymean.t_df", 10),
        ("svyciprop.xlogit", 10),
        ("svyciprop.wilson", 10),
        ("svyciprop.beta", 10),
        ("svyciprop.asin", 10),
        ("svyciprop.mean", 10),
        ("svyby.svymean.by_stype", 15),
        ("svyby.svyciprop.xlogit.by_stype", 15),
        ("domain_E_awards.svymean", 5),
    ] {
        assert_eq!(compared.get(statistic).copied().unwrap_or(0), least, "{statistic}");
    }
}

#[test]
fn the_safe_design_effect_and_degrees_of_freedom_agree_with_survey_4_5() {
    let Some(rows) = read() else { return };
    let mut runs = Runs::default();
    let mut compared = 0;
    for row in &rows {
        let Some(design) = super::api::DESIGNS.iter().find(|design| design.name == row.design) else { continue };
        let mut api00 = |dimension, category| {
            runs.estimate(design.name, || design.run("logit"), "logit", ["api00", dimension, category]).value.unwrap()
        };
        let what = format!("{} {}", row.design, row.statistic);
        match row.statistic.as_str() {
            "svymean.deff_replace.deff" => close(&what, api00("total", "total").deff.unwrap(), row.estimate, 1e-9),
            "degf" => assert_eq!(api00("total", "total").df as f64, row.estimate, "{what}"),
            "degf.domain_E_awards" => assert_eq!(api00("stype*awards", "E*Yes").df as f64, row.estimate, "{what}"),
            _ => continue,
        }
        compared += 1;
    }
    assert_eq!(compared, 5 + 5 + 6 + 5);
}

/// `domain_one_H_<policy>_adjust.domain.lonely=FALSE`: R's default.
#[test]
fn a_domain_with_one_unit_of_a_stratum_agrees_with_survey_4_5() {
    let Some(rows) = read() else { return };
    let mut compared = 0;
    for policy in ["fail", "certainty", "adjust", "average"] {
        let strata: &Design = design("strat_fpc");
        let edit = [("single-psu = \"fail\"", &*format!("single-psu = \"{policy}\""))];
        let found = strata.edited(&edit);
        let name = format!("domain_one_H_{policy}_adjust.domain.lonely=FALSE");
        for row in rows.iter().filter(|row| row.design == name && row.statistic == "svymean") {
            let one = found.iter().find(|e| e.parameter == row.item && e.dimension == "one_h" && e.category == "in");
            let value = one.unwrap().estimate.value.unwrap();
            close(&name, value.value, row.estimate, 1e-9);
            close(&name, value.se.unwrap(), row.numbers[0].unwrap(), 1e-9);
            compared += 1;
        }
    }
    assert_eq!(compared, 8);
}

/// The wrong number of the file, made by filtering before the design, is not ours.
#[test]
fn the_filtered_design_of_survey_4_5_is_another_number() {
    let Some(rows) = read() else { return };
    let found = design("strat_fpc").run("logit");
    let own = found.iter().find(|e| e.parameter == "api00" && e.category == "E*Yes").unwrap().estimate.value.unwrap();
    let wrong = rows.iter().find(|row| row.design == "strat_fpc" && row.statistic == "filtered_E_awards.svymean");
    let wrong = wrong.unwrap();
    close("value", own.value, wrong.estimate, 1e-9);
    let (own, wrong) = (own.se.unwrap(), wrong.numbers[0].unwrap());
    assert!((own - wrong).abs() > 1e-3 * wrong, "{own} {wrong}");
}
