//! Models of areas: the sample pipeline beside an obvious twin, what a withheld direct figure leaves of them, published tables, mistakes.

use std::collections::BTreeMap;
use std::path::Path;

use wijkpeil::disclose::Figure;
use wijkpeil::plan::{self, Plan, Results, Silent};
use wijkpeil::stats::fay_herriot::{Direct, FayHerriot, arcsine, back_to_share, fay_herriot};
use wijkpeil::stats::quantile;
use wijkpeil::vocab::{IntervalMethod, Method, Reason, Sample, Statistic, Status};

use crate::support::{Csv, Edited, repository};

/// Item means of the K10 as its instrument file declares them.
const K10_MEANS: [f64; 10] = [2.2, 1.9, 1.4, 1.5, 1.8, 1.5, 1.8, 1.9, 1.3, 1.4];
const PIPELINE: &str = "pipelines/wijkmodel.toml";
/// The unit-level model of one parameter only: it is not what is looked at.
const FEW: (&str, &str) = (
    "parameters = [
  \"anx_dep_risk_high\",
  \"anx_dep_risk_moderate_high\",
  \"psychological_complaints_mhi5_60\",
  \"suicidal_thoughts_any\",
  \"lonely\",
  \"lonely_severe\",
  \"caregiver_overburdened_all\",
  \"perceived_health_good\",
]
level = \"wijk\"",
    "parameters = [\"lonely\"]\nlevel = \"wijk\"",
);

pub fn planned(edits: &[(&str, &str)], data: Option<&Path>) -> Result<Plan, String> {
    let edits: Vec<(&str, &str)> = std::iter::once(FEW).chain(edits.iter().copied()).collect();
    let edited = Edited { pipeline: PIPELINE, edits: &edits, data };
    edited.plan().map_err(|findings| findings.render(false))
}

pub fn results(plan: &Plan) -> Results {
    let reading = plan::read(plan, &Silent).unwrap();
    plan::results(plan, &reading, &plan.catalogue, &Silent).unwrap()
}

/// Figures of a parameter by a method: crude, of the total, per code of a wijk.
pub fn of<'r>(plan: &Plan, results: &'r Results, parameter: &str, method: Method) -> BTreeMap<String, &'r Figure> {
    let catalogue = &plan.catalogue;
    let own = |figure: &&Figure| {
        catalogue.parameters[figure.parameter as usize].id == parameter
            && figure.method == method
            && figure.statistic == Statistic::Crude
            && catalogue.categories[figure.category as usize].category == "total"
            && catalogue.regions[figure.region as usize].code.as_str().starts_with("WK")
    };
    let code = |figure: &Figure| catalogue.regions[figure.region as usize].code.as_str().to_owned();
    results.figures.figures().filter(own).map(|figure| (code(figure), figure)).collect()
}

#[test]
fn every_wijk_has_a_row_that_says_what_it_is() {
    let plan = planned(&[], None).unwrap();
    let results = results(&plan);
    for (parameter, interval) in [("stress_high", IntervalMethod::Asin), ("anx_dep_risk_score", IntervalMethod::T)] {
        let (direct, modelled) =
            (of(&plan, &results, parameter, Method::Direct), of(&plan, &results, parameter, Method::Model));
        assert_eq!(modelled.len(), 60);
        let mut own_shares = 0;
        for (code, figure) in &modelled {
            let source = &plan.catalogue.sources[figure.source as usize];
            assert_eq!((source.id.as_str(), source.sample), ("gmvo-2022-gebiedsmodel", Sample::Model));
            assert_eq!(plan.catalogue.variants[figure.variant as usize], "area_level");
            let beside = direct[code];
            if figure.status == Status::Ok {
                assert_eq!(figure.interval_method, Some(interval));
                assert!(figure.lower < figure.value && figure.value < figure.upper && figure.df.unwrap() > 10);
                assert!(figure.population.is_none() && figure.reliability.is_some());
                // Only a direct figure that is shown is leant on.
                let own_share = figure.own_share.unwrap();
                assert!(own_share == 0.0 || beside.status == Status::Ok, "{code}");
                own_shares += u32::from(own_share > 0.0);
                assert_eq!(figure.n.is_some(), beside.status == Status::Ok);
            } else {
                assert!(figure.value.is_none() && figure.own_share.is_none() && figure.n.is_none());
                assert!(figure.lower.is_none() && figure.se.is_none() && figure.df.is_none());
            }
        }
        assert!(own_shares > 10, "{own_shares}");
        // The harbour has nobody.
        assert_eq!(modelled["WK900306"].status, Status::NotAvailable);
        let card = results.cards.iter().find(|card| card.parameter == parameter).unwrap();
        assert!(card.text.contains("Fay-Herriot") && card.text.contains("gemiddelde z²"));
    }
    // Never compared, never in a trend.
    let source = plan.catalogue.sources.iter().position(|own| own.id == "gmvo-2022-gebiedsmodel").unwrap();
    assert!(results.comparisons.rows().iter().all(|row| row.key.figure.source as usize != source));
    assert!(results.trends.rows().is_empty());
}

/// The standardised facts of the sample in the order of the codes, with a constant: a missing one is the mean.
fn facts(codes: &[String]) -> Vec<f64> {
    let file = Csv::read(&repository("sample-data/model/kerncijfers-wijken-2022.csv"), ';');
    let of = |code: &String, column: usize| {
        let row = file.rows.iter().find(|row| row[0] == *code)?;
        row[column].replace(',', ".").parse::<f64>().ok()
    };
    let columns: Vec<Vec<f64>> = (1..=4)
        .map(|column| {
            let own: Vec<Option<f64>> = codes.iter().map(|code| of(code, column)).collect();
            let known: Vec<f64> = own.iter().copied().flatten().collect();
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            let sd = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / known.len() as f64).sqrt();
            own.into_iter().map(|value| value.map_or(0.0, |value| (value - mean) / sd)).collect()
        })
        .collect();
    (0..codes.len()).flat_map(|at| std::iter::once(1.0).chain(columns.iter().map(move |own| own[at]))).collect()
}

/// Weight and value of the respondents of every wijk, straight from the file.
fn answers(columns: &[String], value: impl Fn(&[&str]) -> Option<f64>) -> BTreeMap<String, Vec<(f64, f64)>> {
    let file = Csv::read(&repository("sample-data/gmvo-2022.csv"), ';');
    let (wijk, gemeente) = (file.column("Wijkcode"), file.column("Gemeentecode"));
    let (weight, own) = (file.column("ewGGD"), columns.iter().map(|own| file.column(own)).collect::<Vec<_>>());
    let mut found: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for row in &file.rows {
        let texts: Vec<&str> = own.iter().map(|column| row[*column].as_str()).collect();
        let (Some(value), Ok(weight)) = (value(&texts), row[weight].replace(',', ".").parse::<f64>()) else {
            continue;
        };
        found.entry(format!("WK{}{}", row[gemeente], row[wijk])).or_default().push((weight, value));
    }
    found
}

fn near(own: Option<f64>, expected: f64, what: &str) {
    let own = own.unwrap();
    assert!((own - expected).abs() < 1e-9 * expected.abs().max(1.0), "{what}: {own} {expected}");
}

#[test]
fn shares_and_means_equal_those_of_a_twin_that_starts_from_the_file() {
    let plan = planned(&[], None).unwrap();
    let results = results(&plan);
    let share = |texts: &[&str]| match texts[0] {
        "1" | "2" => Some(0.0),
        "3" | "4" => Some(1.0),
        _ => None,
    };
    // K10: ten items, points 6 less the code; one or two that lack have the mean that the instrument declares.
    let score = |texts: &[&str]| {
        let points: Vec<Option<f64>> = texts
            .iter()
            .map(|text| text.parse().ok().filter(|code| (1.0..=5.0).contains(code)).map(|code: f64| 6.0 - code))
            .collect();
        let lacking = points.iter().filter(|own| own.is_none()).count();
        (lacking <= 2).then(|| points.iter().zip(K10_MEANS).map(|(own, mean)| own.unwrap_or(mean)).sum())
    };
    let items: Vec<String> = (1..=10).map(|item| format!("GGADB2{item:02}")).collect();
    for (parameter, answers, is_share) in [
        ("stress_high", answers(&["GGSTB201".to_owned()], share), true),
        ("anx_dep_risk_score", answers(&items, score), false),
    ] {
        let (direct, modelled) =
            (of(&plan, &results, parameter, Method::Direct), of(&plan, &results, parameter, Method::Model));
        let codes: Vec<String> = modelled.keys().cloned().collect();
        let used: Vec<Option<&Vec<(f64, f64)>>> = codes
            .iter()
            .map(|code| {
                let withheld =
                    matches!(direct[code].reason, Some(Reason::MinN | Reason::Complementary | Reason::Dominance));
                answers.get(code).filter(|own| own.len() >= 10 && !withheld)
            })
            .collect();
        let weight = |own: &[(f64, f64)]| own.iter().map(|(w, _)| w).sum::<f64>();
        let squares = |own: &[(f64, f64)]| own.iter().map(|(w, _)| w * w).sum::<f64>();
        let mean = |own: &[(f64, f64)]| own.iter().map(|(w, y)| w * y).sum::<f64>() / weight(own);
        let spread = |own: &[(f64, f64)]| own.iter().map(|(w, y)| w * (y - mean(own)).powi(2)).sum::<f64>();
        let known = || used.iter().flatten();
        let pooled = known().map(|own| spread(own)).sum::<f64>()
            / known().map(|own| weight(own) - squares(own) / weight(own)).sum::<f64>();
        let given: Vec<Option<Direct>> = used
            .iter()
            .map(|own| {
                let own = (*own)?;
                let n = weight(own).powi(2) / squares(own);
                if is_share {
                    return arcsine(mean(own), n);
                }
                Some(Direct { value: mean(own), variance: pooled / n })
            })
            .collect();
        let FayHerriot { areas, .. } = fay_herriot(&given, &facts(&codes)).unwrap();
        let df = known().count() - 5;
        let t = quantile::t(0.975, df as f64).unwrap();
        let mut compared = 0;
        for (code, own) in codes.iter().zip(&areas) {
            let figure = modelled[code];
            if figure.status != Status::Ok {
                continue;
            }
            compared += 1;
            assert_eq!(figure.df, Some(df as i64));
            if is_share {
                let back = back_to_share(own, t);
                near(figure.value, back.value, code);
                near(figure.se, back.se, code);
                near(figure.lower, back.limits.lower, code);
                near(figure.upper, back.limits.upper, code);
            } else {
                near(figure.value, own.value, code);
                near(figure.se, own.mse.sqrt(), code);
                near(figure.lower, (own.value - t * own.mse.sqrt()).max(10.0), code);
            }
        }
        assert!(compared > 40, "{parameter}: {compared}");
    }
}

/// A copy of the sample data that the pipeline reads.
pub fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["regions-2022.csv", "gmvo-2022.csv"] {
        std::fs::copy(repository("sample-data").join(name), folder.path().join(name)).unwrap();
    }
    for part in ["model", "rivm"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(repository("sample-data").join(part)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).unwrap();
        }
    }
    folder
}

/// The sample data with every answer to a question of the respondents of some wijken turned round.
fn turned(wijken: &[&String]) -> tempfile::TempDir {
    let folder = sample();
    let path = folder.path().join("gmvo-2022.csv");
    let mut file = Csv::read(&path, ';');
    let (wijk, gemeente) = (file.column("Wijkcode"), file.column("Gemeentecode"));
    let (stress, ready) = (file.column("GGSTB201"), file.column("GGSTS216"));
    for row in &mut file.rows {
        let code = format!("WK{}{}", row[gemeente], row[wijk]);
        let turn: &[(&str, &str, &str)] = &[("1", "4", "1"), ("2", "3", "1"), ("3", "2", "0"), ("4", "1", "0")];
        if let Some((_, to, is)) = turn.iter().find(|(from, ..)| row[stress] == *from && wijken.contains(&&code)) {
            (row[stress], row[ready]) = ((*to).to_owned(), (*is).to_owned());
        }
    }
    file.write(&path);
    folder
}

#[test]
fn answers_behind_a_direct_figure_that_is_withheld_for_its_number_move_nothing() {
    let plan = planned(&[], None).unwrap();
    let before = results(&plan);
    let direct = of(&plan, &before, "stress_high", Method::Direct);
    let hidden = |reason| direct.iter().filter(move |(_, own)| own.reason == Some(reason)).map(|(code, _)| code);
    // Those with few respondents, three among them, and those that hide others: every answer turned round.
    let wijken: Vec<&String> = hidden(Reason::MinN).chain(hidden(Reason::Complementary)).collect();
    assert!(wijken.len() > 10, "{}", wijken.len());
    let folder = turned(&wijken);
    let changed = planned(&[], Some(folder.path())).unwrap();
    let after = results(&changed);
    let (before, after) =
        (of(&plan, &before, "stress_high", Method::Model), of(&changed, &after, "stress_high", Method::Model));
    assert_eq!(before.len(), 60);
    for (code, own) in before {
        assert_eq!(own, after[&code], "{code}");
    }
}

#[test]
fn a_direct_figure_that_is_withheld_for_its_answers_has_no_modelled_one() {
    // A floor of 10 answers on either side withholds many; wijken below 50 respondents stay without answers of their own.
    let plan = planned(&[("minimum-answer = 5", "minimum-answer = 10")], None).unwrap();
    let results = results(&plan);
    let direct = of(&plan, &results, "stress_high", Method::Direct);
    let modelled = of(&plan, &results, "stress_high", Method::Model);
    let withheld: Vec<_> = direct.iter().filter(|(_, own)| own.reason == Some(Reason::MinAnswer)).collect();
    assert!(withheld.len() >= 3, "{}", withheld.len());
    for (code, _) in withheld {
        assert_eq!(
            (modelled[code].status, modelled[code].reason),
            (Status::Suppressed, Some(Reason::MinAnswer)),
            "{code}"
        );
        assert!(modelled[code].value.is_none());
    }
}

#[test]
fn a_figure_that_one_answer_moves_too_far_is_withheld() {
    let area = "own-answers = 10\nmaximum-influence = 0.02\nminimum-population = 50\ngroup-population = 500\nreliable-half-width = 0.05\nreliable-cv = 0.165\nreview-half-width = 0.10\nreview-cv = 0.33\nwithhold-unreliable = true\nmaximum-mean-square = 1.8\n\n[[source]]";
    let stricter = area.replace("maximum-influence = 0.02", "maximum-influence = 0.001");
    let plan = planned(&[(area, &stricter)], None).unwrap();
    let results = results(&plan);
    let modelled = of(&plan, &results, "stress_high", Method::Model);
    let dominated = modelled.values().filter(|own| own.reason == Some(Reason::Dominance)).count();
    assert!(dominated > 5, "{dominated}");
    assert!(modelled.values().filter(|own| own.status == Status::Ok).all(|own| own.own_share.unwrap() < 0.5));
}
