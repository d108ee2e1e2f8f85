//! National rates times local populations, by hand.

use super::project::{PUBLISHED, Pipeline, close, dimension, folder, source};

const RATE: &str = "kind = \"synthetic\"\nrate = 0.279\nrate-lower = 0.25\nrate-upper = 0.31\nrate-confidence = 0.9\nrate-year = 2022\n\
    rate-source = \"s\"\nbase = \"children\"";
const PLAIN: &str = "kind = \"synthetic\"\nrate = 0.035\nrate-year = 2012\nrate-source = \"s\"\nbase = \"inhabitants\"";

const FILE: &str = "Code;Inwoners;Jong;Jeugd\nGM0014;10000;1000;2000\nGM0034;200;.;40\n";

fn pipeline(estimates: &str, parameters: &[(&'static str, &'static str, &'static str)]) -> Pipeline {
    let base = source(
        "base",
        "published-table",
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"Code\"\n\
         period = 2024\n[[source.measure]]\nkey = \"Inwoners\"\nparameter = \"inhabitants\"\n\
         [[source.measure]]\nkey = \"Jong\"\nparameter = \"inhabitants\"\ncategory = \"age/0-14\"\n\
         [[source.measure]]\nkey = \"Jeugd\"\nparameter = \"inhabitants\"\ncategory = \"age/15-24\"",
    );
    let keys = format!(
        "region-year = 2024\ncovers = [\"NL00\"]\nbase = {{ source = \"base\", parameter = \"inhabitants\" }}\n{estimates}"
    );
    let mut all = vec![("inhabitants", "count", PUBLISHED)];
    all.extend(parameters);
    Pipeline {
        levels: "[\"gemeente\"]",
        dimensions: dimension("age", &["0-14", "15-24", "25+"]),
        sources: base + &source("synthetic", "synthetic", &keys).replace("\"register\"", "\"model\""),
        parameters: all,
        ..Pipeline::default()
    }
}

fn estimate(parameter: &str, population: &str) -> String {
    format!("[[source.estimate]]\nparameter = \"{parameter}\"\npopulation = {{ {population} }}\n")
}

/// Children: 1000 + 0.3 · 2000 = 1600; 27.9 % of them 446.4, at 25 and 31 % 400 and 496. Of 10,000 inhabitants 3.5 % is 350.
#[test]
fn a_rate_times_a_population_is_a_synthetic_number() {
    let estimates = estimate("children", "\"age/0-14\" = 1.0, \"age/15-24\" = 0.3") + &estimate("all", "total = 1.0");
    let pipeline = pipeline(&estimates, &[("children", "count", RATE), ("all", "count", PLAIN)]);
    let release = pipeline.released(folder(&[("t.csv", FILE)]).path());
    let children = release.total("children", "GM0014", "2024");
    close(children.value, 446.4);
    let (lower, upper) = children.limits.unwrap();
    close(Some(lower), 400.0);
    close(Some(upper), 496.0);
    close(children.population, 1600.0);
    assert_eq!((children.confidence, children.interval.as_str()), (Some(0.9), "source"));
    let all = release.total("all", "GM0014", "2024");
    close(all.value, 350.0);
    assert_eq!((all.limits, all.confidence, all.population), (None, None, Some(10_000.0)));
    for figure in [children, all] {
        assert_eq!(
            (figure.method.as_str(), figure.collection.as_str(), figure.status.as_str()),
            ("synthetic", "synthetic", "ok")
        );
    }
    // Withheld children leave no estimate; all inhabitants are 200, 3.5 % of them 7.
    let withheld = release.total("children", "GM0034", "2024");
    assert_eq!((withheld.value, withheld.status.as_str()), (None, "suppressed source_withheld"));
    close(release.total("all", "GM0034", "2024").value, 7.0);
}

#[test]
fn a_category_that_the_base_lacks_is_told() {
    let told = |population: &str| {
        let pipeline = pipeline(&estimate("children", population), &[("children", "count", RATE)]);
        pipeline.plan(folder(&[("t.csv", FILE)]).path()).unwrap_err()
    };
    let message = told("\"age/0-14\" = 1.0, \"age/25+\" = 0.3");
    assert!(message.contains("`inhabitants` of source `base` has no `age/25+`"), "{message}");
    let message = told("\"age/0-14\" = 1.0, total = 0.3");
    assert!(message.contains("people would count twice"), "{message}");
}

#[test]
fn synthetic_and_measured_figures_have_parameters_of_their_own() {
    let place = folder(&[("t.csv", FILE)]);
    let estimates = estimate("children", "total = 1.0");
    let told = |edit: &dyn Fn(&mut Pipeline)| {
        let mut pipeline = pipeline(&estimates, &[("children", "count", RATE)]);
        edit(&mut pipeline);
        pipeline.plan(place.path()).unwrap_err()
    };
    // A published table feeds a synthetic parameter.
    let message = told(&|own| {
        own.sources = own.sources.replace("category = \"age/0-14\"", "").replacen(
            "key = \"Jong\"\nparameter = \"inhabitants\"",
            "key = \"Jong\"\nparameter = \"children\"",
            1,
        );
    });
    assert!(
        message.contains("error[declare-contradiction]: parameter `children` cannot come from a published table"),
        "{message}"
    );
    // A synthetic source feeds a published parameter.
    let message = told(&|own| own.parameters[1].2 = PUBLISHED);
    assert!(message.contains("parameter `children` cannot come from a synthetic source"), "{message}");
    // Codes of two years.
    let message = told(&|own| {
        own.sources = own
            .sources
            .replace("region-year = 2024\ncovers = [\"NL00\"]\nbase", "region-year = 2022\ncovers = [\"NL00\"]\nbase")
    });
    assert!(
        message.contains("error[declare-region-year]: its regions are of 2024, and those of `synthetic` of 2022"),
        "{message}"
    );
    // A share is no population.
    let message = told(&|own| own.parameters[0].1 = "share");
    assert!(
        message.contains("error[declare-contradiction]: the base population `inhabitants` is a share, not a count"),
        "{message}"
    );
}

/// The sample: 27.9 % of the children of Oudermaat. 5,189 of 0 to 14 and 0.28 of 4,099 of 15 to 24 are 6,336.72 children.
#[test]
fn the_sample_has_its_synthetic_estimates() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out");
    let said =
        crate::cli::support::wijkpeil(&["run", "pipelines/regiobeeld.toml", "--out", out.to_str().unwrap()]).exits(0);
    let release = crate::cli::support::release(crate::cli::support::root(), &said);
    let batch = crate::cli::support::rows(&release.join("figures/synthetic/2024/gemeente.parquet"));
    let text = |name| crate::cli::support::texts(&batch, name);
    let (parameter, region) = (text("parameter"), text("region"));
    let value = crate::cli::support::numbers(&batch, "value");
    let at = (0..value.len()).find(|at| parameter[*at] == "kopp_kov_children_nemesis3" && region[*at] == "GM9002");
    // 0.279 × 6336.72 = 1767.9, of which two digits are shown.
    close(value[at.unwrap()], 1800.0);
    assert!(text("method").iter().all(|method| method == "synthetic"));
}
