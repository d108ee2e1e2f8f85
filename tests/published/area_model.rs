//! Models of areas on published tables: limits, an effective number of answers or a standard error say how exact a figure is.

use wijkpeil::stats::Limits;
use wijkpeil::stats::fay_herriot::{Direct, back_to_share, fay_herriot};
use wijkpeil::stats::quantile;

use super::project::{Figure, PUBLISHED, Pipeline, Release, close, folder, source};
use crate::cli::support::{numbers, rows, texts};

/// Figures of twelve invented wijken in per cent: value, limits, effective number of answers, and one fact of the wijk.
const WIJKEN: [(f64, f64, f64, u32, f64); 12] = [
    (31.0, 25.1, 37.4, 230, 1.0),
    (42.5, 33.0, 52.4, 101, 3.0),
    (28.0, 24.0, 32.3, 461, 1.5),
    (38.2, 30.5, 46.4, 147, 2.0),
    (25.0, 18.0, 33.2, 119, 0.5),
    (47.3, 40.1, 54.6, 183, 3.5),
    (36.0, 31.6, 40.6, 450, 2.5),
    (22.4, 17.3, 28.2, 230, 0.0),
    (40.0, 27.6, 53.4, 56, 2.2),
    (33.3, 29.0, 37.9, 448, 1.8),
    (29.9, 22.4, 38.4, 130, 1.2),
    (44.0, 38.0, 50.2, 258, 3.1),
];
/// The facts of two more: one that the publisher withholds, one where nobody lives.
const MORE: [f64; 2] = [1.0, 2.0];

const LIMITS: &str = "minimum-population = 50\ngroup-population = 500\nreliable-half-width = 0.05\nreliable-cv = 0.165\n\
                      review-half-width = 0.10\nreview-cv = 0.33\nwithhold-unreliable = false\nmaximum-mean-square = 5\n";

fn code(at: usize) -> String {
    format!("WK9001{at:02}")
}

fn data() -> tempfile::TempDir {
    let mut regions = "code;region_year;level;name;parent;population\nGM9001;2022;gemeente;G;;60000\n".to_owned();
    let mut facts = "region;feit\n".to_owned();
    // Scores are tenths of the shares, with a tenth of their error.
    let mut table = "wijk;marge;eenzaam;score;n;se\n".to_owned();
    for (at, fact) in WIJKEN.iter().map(|own| own.4).chain(MORE).enumerate() {
        let people = if at == 13 { 0 } else { 4000 };
        regions += &format!("{};2022;wijk;W{at};GM9001;{people}\n", code(at));
        facts += &format!("{};{fact}\n", code(at));
        let Some((value, lower, upper, n, _)) = WIJKEN.get(at) else {
            if at == 12 {
                table += &format!("{};v;.;.;.;.\n", code(at));
            }
            continue;
        };
        let se = (upper - lower) / 4.0;
        table += &format!("{};v;{value};{};{n};{se:.4}\n", code(at), value / 10.0);
        table += &format!("{};o;{lower};;;\n{};b;{upper};;;\n", code(at), code(at));
    }
    folder(&[("r.csv", &regions), ("f.csv", &facts), ("t.csv", &table)])
}

/// A pipeline with `keys` in its model of areas.
fn pipeline(keys: &str, limits: &str, margins: &str) -> Pipeline {
    let measures: String = [("eenzaam", "lonely"), ("score", "score"), ("n", "answers"), ("se", "error")]
        .iter()
        .map(|(key, parameter)| format!("[[source.measure]]\nkey = \"{key}\"\nparameter = \"{parameter}\"\n"))
        .collect();
    let table = format!(
        "table-id = \"t\"\nregion-year = 2022\ncovers = [\"GM9001\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"wijk\"\n\
         period = 2022\nmargins = {{ column = \"marge\", value = \"v\"{margins} }}\n{measures}"
    );
    let model = format!(
        "[[area-model]]\nid = \"t-model\"\ntitle = \"m\"\nsource = \"t\"\nlevel = \"wijk\"\nground = \"a test\"\n{keys}\n\
         [area-model.facts]\nfile = \"f.csv\"\nregion = \"region\"\ncolumns = [\"feit\"]\nmissing = \"stop\"\n[area-model.limits]\n{limits}"
    );
    Pipeline {
        levels: "[\"wijk\"]",
        regions: "[regions]\nfile = \"r.csv\"",
        sources: model + &source("t", "published-table", &table),
        parameters: vec![
            ("lonely", "share", PUBLISHED),
            ("score", "mean", PUBLISHED),
            ("answers", "count", PUBLISHED),
            ("error", "mean", PUBLISHED),
        ],
        ..Pipeline::default()
    }
}

const MARGINS: &str = ", lower = \"o\", upper = \"b\"";

/// Figures of a parameter by the model, in the order of the wijken.
fn modelled<'r>(release: &'r Release, parameter: &str) -> Vec<&'r Figure> {
    let own = |figure: &&Figure| figure.parameter == parameter && figure.method == "model";
    let found: Vec<&Figure> = release.figures.iter().filter(own).collect();
    assert_eq!(found.len(), 14);
    assert!(found.iter().all(|figure| figure.variant == "area_level" && figure.population.is_none()));
    found
}

/// The estimates of a twin: the constant and the standardised fact, over the fourteen wijken.
fn twin(direct: &[Direct]) -> (Vec<wijkpeil::stats::fay_herriot::Estimated>, f64) {
    let facts: Vec<f64> = WIJKEN.iter().map(|own| own.4).chain(MORE).collect();
    let mean = facts.iter().sum::<f64>() / 14.0;
    let sd = (facts.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / 14.0).sqrt();
    let rows: Vec<f64> = facts.iter().flat_map(|own| [1.0, (own - mean) / sd]).collect();
    let given: Vec<Option<Direct>> = direct.iter().copied().map(Some).chain([None, None]).collect();
    (fay_herriot(&given, &rows).unwrap().areas, quantile::t(0.975, 10.0).unwrap())
}

fn check_shares(release: &Release, direct: &[Direct]) {
    let (areas, t) = twin(direct);
    for (at, figure) in modelled(release, "lonely").into_iter().enumerate() {
        if at == 13 {
            assert_eq!(figure.status, "not_available source_lacks");
            continue;
        }
        let back = back_to_share(&areas[at], t);
        close(figure.value, back.value);
        let Limits { lower, upper } = back.limits;
        assert!(figure.limits.is_some_and(|own| (own.0 - lower).abs() < 1e-9 && (own.1 - upper).abs() < 1e-9));
        assert_eq!(figure.interval, "asin");
    }
}

#[test]
fn published_limits_say_how_exact_a_share_is() {
    let release = pipeline("parameters = [\"lonely\"]", LIMITS, MARGINS).released(data().path());
    let z = quantile::t(0.975, f64::INFINITY).unwrap();
    let angle = |per_cent: f64| (per_cent / 100.0_f64).sqrt().asin();
    let direct = WIJKEN.map(|(value, lower, upper, ..)| Direct {
        value: angle(value),
        variance: ((angle(upper) - angle(lower)) / (2.0 * z)).powi(2),
    });
    check_shares(&release, &direct);
    // The figures of the table stand beside them, and the withheld one has a modelled one that rests on facts alone.
    let published = release.figures.iter().filter(|own| own.parameter == "lonely" && own.method == "published").count();
    assert_eq!(published, 13);
    let card = std::fs::read_to_string(release.path.join("models/lonely.md")).unwrap();
    assert!(
        card.contains("gepubliceerde cijfers") && card.contains("| gebieden, waarvan met eigen cijfer | 14, 12 | |")
    );
}

/// Figures of another publisher in per cent: of wijken, one of them withheld (3), one with no own figure in the first table (12), one where nobody lives (13).
const OTHERS: [(usize, &str); 8] =
    [(0, "33.0"), (1, "40.0"), (2, "30.0"), (3, "."), (4, "20.0"), (5, "50.0"), (12, "31.0"), (13, "35.0")];

/// [`pipeline`] with those figures as a second source, and what stands behind it.
fn beside_others(data: &std::path::Path, more: &str) -> Pipeline {
    let lines: String = OTHERS.iter().map(|(at, value)| format!("{};{value}\n", code(*at))).collect();
    std::fs::write(data.join("u.csv"), format!("wijk;eenzaam\n{lines}")).unwrap();
    let table = "table-id = \"u\"\nregion-year = 2022\ncovers = [\"GM9001\"]\nmax-rejects = 0\nfiles = [\"u.csv\"]\nregion-column = \"wijk\"\n\
                 period = 2022\n[[source.measure]]\nkey = \"eenzaam\"\nparameter = \"lonely\"\n";
    let mut own = pipeline("parameters = [\"lonely\"]", LIMITS, MARGINS);
    own.sources += &source("u", "published-table", table);
    own.sources += more;
    own
}

/// A twin that looks at the release alone: differences one by one, ranks by counting, Spearman as 1 − 6 Σd²/(k(k² − 1)), which holds without ties.
#[test]
fn modelled_figures_are_held_against_published_ones_that_are_shown() {
    let data = data();
    let release = beside_others(data.path(), "").released(data.path());
    let model = modelled(&release, "lonely");
    let used = [0, 1, 2, 4, 5, 12];
    let other = |at: usize| OTHERS.iter().find(|own| own.0 == at).unwrap().1.parse::<f64>().unwrap() / 100.0;
    let pairs: Vec<(usize, f64, f64)> = used.iter().map(|at| (*at, model[*at].value.unwrap(), other(*at))).collect();
    let k = pairs.len() as f64;
    let differences: Vec<f64> = pairs.iter().map(|(_, x, y)| x - y).collect();
    let rank =
        |value: f64, all: &dyn Fn(&(usize, f64, f64)) -> f64| 1 + pairs.iter().filter(|own| all(own) < value).count();
    let squares: f64 = pairs
        .iter()
        .map(|(_, x, y)| rank(*x, &|own| own.1) as f64 - rank(*y, &|own| own.2) as f64)
        .map(|own| own * own)
        .sum();
    let within = pairs.iter().filter(|(at, _, y)| model[*at].limits.is_some_and(|(l, u)| l <= *y && *y <= u)).count();
    let batch = rows(&release.path.join("quality/checks.parquet"));
    let (checks, subjects, measured, verdicts) =
        (texts(&batch, "check"), texts(&batch, "subject"), numbers(&batch, "measured"), texts(&batch, "verdict"));
    // The first table, which the model was made from, is not among them.
    let subject = "lonely total/total of t-model beside u";
    let found = |check: &str| {
        let at = (0..checks.len()).filter(|at| checks[*at] == format!("published_{check}")).collect::<Vec<_>>();
        assert_eq!(at.len(), 1, "{check}");
        assert_eq!((subjects[at[0]].as_str(), verdicts[at[0]].as_str()), (subject, "compared"));
        measured[at[0]]
    };
    assert_eq!(found("regions"), Some(6.0));
    close(found("mean_difference"), differences.iter().sum::<f64>() / k);
    close(found("mean_absolute_difference"), differences.iter().map(|own| own.abs()).sum::<f64>() / k);
    close(found("root_mean_square_difference"), (differences.iter().map(|own| own * own).sum::<f64>() / k).sqrt());
    close(found("rank_correlation"), 1.0 - 6.0 * squares / (k * (k * k - 1.0)));
    close(found("within_interval"), within as f64 / k);
    let mut greatest: Vec<(String, f64)> = pairs.iter().map(|(at, x, y)| (code(*at), x - y)).collect();
    greatest.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let named: Vec<usize> = (0..checks.len()).filter(|at| checks[*at] == "published_greatest_difference").collect();
    assert_eq!(named.len(), 5);
    for (region, difference) in &greatest[..5] {
        let at = named.iter().find(|at| subjects[**at] == format!("{subject} in {region}")).unwrap();
        close(measured[*at], *difference);
    }
    let card = std::fs::read_to_string(release.path.join("models/lonely.md")).unwrap();
    let per_cent = |own: f64| format!("{:.1}%", 100.0 * own).replace('.', ",");
    let (first, at) = (&greatest[0].0, greatest[0].0[6..].parse::<usize>().unwrap());
    let shown = format!(
        "Grootste verschillen: {first} (model {}, gepubliceerd {})",
        per_cent(model[at].value.unwrap()),
        per_cent(other(at))
    );
    assert!(card.contains("## Naast gepubliceerde cijfers") && card.contains(&shown), "{card}");
    assert!(card.contains("Dit is geen toets") && card.contains("met in beide een getoond cijfer | 6 |"), "{card}");
    assert!(!card.contains("`t`: "), "not beside its own origin: {card}");
}

#[test]
fn published_figures_stop_nothing_unless_a_gate_asks_for_it() {
    let data = data();
    let gate = |limit: &str| beside_others(data.path(), &format!("[gate]\nmaximum-published-difference = {limit}\n"));
    gate("0.2").released(data.path());
    let failed = gate("0.001").release(data.path()).map(|_| ()).unwrap_err();
    assert!(failed.contains("maximum-published-difference of lonely total/total of t-model beside u"), "{failed}");
    assert!(failed.contains("the limit is 0.001") && failed.contains("look at the card"), "{failed}");
    // Of nothing it cannot be said that it agrees.
    let mut none = gate("0.2");
    let withheld: String = (0..12).map(|at| format!("{};.\n", code(at))).collect();
    std::fs::write(data.path().join("u.csv"), format!("wijk;eenzaam\n{withheld}")).unwrap();
    let failed = none.release(data.path()).map(|_| ()).unwrap_err();
    assert!(failed.contains("maximum-published-difference of every modelled share"), "{failed}");
    let end = none.sources.find("[[source]]").unwrap();
    none.sources.replace_range(..end, "");
    let refused = none.plan(data.path()).map(|_| ()).unwrap_err();
    assert!(refused.contains("needs a model and a published table"), "{refused}");
}

#[test]
fn an_effective_number_of_answers_says_how_exact_a_share_is() {
    let keys = "parameters = [\"lonely\"]\neffective-n = { lonely = \"answers\" }";
    let release = pipeline(keys, LIMITS, MARGINS).released(data().path());
    let direct = WIJKEN.map(|(value, _, _, n, _)| Direct {
        value: (value / 100.0_f64).sqrt().asin(),
        variance: 1.0 / (4.0 * f64::from(n)),
    });
    check_shares(&release, &direct);
}

#[test]
fn a_mean_keeps_its_scale_and_its_published_error() {
    let keys = "parameters = [\"score\"]\nstandard-error = { score = \"error\" }\nlowest = { score = 0 }\nhighest = { score = 50 }";
    let release = pipeline(keys, LIMITS, MARGINS).released(data().path());
    let direct = WIJKEN.map(|(value, lower, upper, ..)| Direct {
        value: value / 10.0,
        variance: format!("{:.4}", (upper - lower) / 4.0).parse::<f64>().unwrap().powi(2),
    });
    let (areas, t) = twin(&direct);
    for (figure, own) in modelled(&release, "score").into_iter().zip(areas).take(13) {
        close(figure.value, own.value);
        let (lower, upper) = figure.limits.unwrap();
        close(Some(lower), (own.value - t * own.mse.sqrt()).max(0.0));
        close(Some(upper), (own.value + t * own.mse.sqrt()).min(50.0));
        assert_eq!(figure.interval, "t");
    }
}

#[test]
fn mistakes_are_said_with_a_next_step() {
    let lonely = "parameters = [\"lonely\"]";
    let answers = format!("{LIMITS}minimum-answers = 100\nown-answers = 10\nmaximum-influence = 0.02\n");
    let some = format!("{LIMITS}own-answers = 10\n");
    let cases = [
        (lonely, LIMITS, "", "nothing says how exact the figures of `lonely` are"),
        (
            "parameters = [\"score\"]\nstandard-error = { score = \"error\" }",
            LIMITS,
            "",
            "which values the mean `score` can have",
        ),
        (
            "parameters = [\"score\"]\neffective-n = { score = \"answers\" }\nlowest = { score = 0 }\nhighest = { score = 50 }",
            LIMITS,
            "",
            "whose error does not follow from a number",
        ),
        ("parameters = [\"answers\"]", LIMITS, MARGINS, "neither a share nor a mean"),
        ("parameters = [\"lonley\"]", LIMITS, MARGINS, "no parameter in [estimate] `lonley`"),
        (
            "parameters = [\"lonely\"]\neffective-n = { lonely = \"aswers\" }",
            LIMITS,
            "",
            "no parameter of that table `aswers`",
        ),
        ("parameters = [\"lonely\"]\nperiod = 2022", LIMITS, MARGINS, "has one period of its own"),
        (lonely, &answers, MARGINS, "limits of answers are for respondents"),
        (lonely, &some, MARGINS, "stand together or not at all"),
        ("parameters = [\"lonely\", \"lonely\"]", LIMITS, MARGINS, "stands twice"),
    ];
    for (keys, limits, margins, said) in cases {
        let found = pipeline(keys, limits, margins).plan(data().path()).map(|_| ()).expect_err(said);
        assert!(found.contains(said), "{said}: {found}");
        assert!(found.contains("help"), "{found}");
    }
}

#[test]
fn a_list_without_inhabitants_or_with_few_regions_stops_the_run() {
    let own = data();
    let regions = std::fs::read_to_string(own.path().join("r.csv")).unwrap();
    std::fs::write(own.path().join("r.csv"), regions.replace("GM9001;4000", "GM9001;")).unwrap();
    let pipeline = pipeline("parameters = [\"lonely\"]", LIMITS, MARGINS);
    assert!(pipeline.plan(own.path()).map(|_| ()).unwrap_err().contains("no number of inhabitants"));
    let few: Vec<&str> = regions.lines().take(8).collect();
    std::fs::write(own.path().join("r.csv"), few.join("\n") + "\n").unwrap();
    assert!(pipeline.plan(own.path()).map(|_| ()).unwrap_err().contains("a model needs 10"));
}
