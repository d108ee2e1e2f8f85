//! A region of 300 wijken with two crossings and three parameters of one scale: protected, published and attacked.

use std::fmt::Write as _;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::cli::support::{release, wijkpeil_in};
use crate::support::{PROTECTED, UNPROTECTED, parameter};

const GEMEENTEN: usize = 30;
const WIJKEN: usize = 10;

/// Respondents, regions, definitions and a pipeline in a folder.
fn stage(folder: &Path) {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    let mut below = |most: u64| rng.next_u64() % most;
    let mut regions =
        String::from("code;region_year;level;name;parent;population\nNL00;2022;nl;NL;;\nGG0001;2022;ggd;G;NL00;\n");
    let mut rows = String::from("gemeente;wijk;stratum;gewicht;sekse;leeftijd;opleiding;klasse\n");
    for gemeente in 1..=GEMEENTEN {
        writeln!(regions, "GM{gemeente:04};2022;gemeente;G{gemeente};GG0001;").unwrap();
        for wijk in 1..=WIJKEN {
            writeln!(regions, "WK{gemeente:04}{wijk:02};2022;wijk;W{gemeente}-{wijk};GM{gemeente:04};").unwrap();
            // Some wijken of a few, most of 30 to 120, a few larger ones.
            let people = below(12) * below(14) + below(30);
            for _ in 0..people {
                let (sex, age, education) = (below(2), below(3), below(3));
                // Low, moderate or high risk: about 60, 25 and 15 per cent, more with age.
                let class = match below(100) {
                    0..55 => 1,
                    score if score < 88 - 4 * age => 2,
                    _ => 3,
                };
                writeln!(rows, "{gemeente};{wijk};{gemeente};1;{sex};{age};{education};{class}").unwrap();
            }
        }
    }
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("regions.csv", &regions);
    write("rows.csv", &rows);
    let of_class = |id: &str, yes: &str, no: &str| {
        let own = parameter(id, "share", &format!("kind = \"codes\"\ncolumn = \"klasse\"\nyes = {yes}\nno = {no}"));
        own.replace("tier = \"core\"", "tier = \"core\"\nfamily = \"risk\"")
    };
    let parameters = [
        of_class("high", "[3]", "[1, 2]"),
        of_class("moderate_high", "[2, 3]", "[1]"),
        of_class("moderate", "[2]", "[1, 3]"),
    ];
    write("parameters.toml", &parameters.concat());
    let mut dimensions = String::new();
    for (id, column, categories, levels) in [
        ("sex", "sekse", 2, r#"["ggd", "gemeente", "wijk"]"#),
        ("age", "leeftijd", 3, r#"["ggd", "gemeente", "wijk"]"#),
        ("education", "opleiding", 3, r#"["ggd", "gemeente"]"#),
    ] {
        write!(dimensions, "[[dimension]]\nid = \"{id}\"\nlabel-nl = \"a\"\nlabel-en = \"a\"\ncolumn = \"{column}\"\nlevels = {levels}\n").unwrap();
        for code in 0..categories {
            write!(
                dimensions,
                "[[dimension.category]]\nid = \"{code}\"\ncodes = [{code}]\nlabel-nl = \"a\"\nlabel-en = \"a\"\n"
            )
            .unwrap();
        }
    }
    write(
        "pipeline.toml",
        &format!(
            r#"version = 1
[pipeline]
id = "three-hundred"
title-nl = "a"
title-en = "a"
audience = "internal"
[definitions]
parameters = ["parameters.toml"]
[data]
folder = "."
[regions]
file = "regions.csv"
[estimate]
parameters = ["high", "moderate_high", "moderate"]
levels = ["ggd", "gemeente", "wijk"]
confidence = 0.95
interval = "logit"
degrees-of-freedom = "domain"
single-psu = "adjust"
[floor]
kind = "minimum"
minimum-n = 50
minimum-answer = 5
group-disclosure = 100
ground = "a test"
[disclosure]
{PROTECTED}
largest-weight = 0.3
reasons = "shown"
ground = "a test"
[design]
weight-set = "own"
{dimensions}
[[crossing]]
dimensions = ["sex", "age"]
levels = ["ggd", "gemeente"]
[[crossing]]
dimensions = ["sex", "education"]
levels = ["ggd", "gemeente"]
[[source]]
id = "s"
kind = "respondents"
collection = "gmvo"
title = "a"
publisher = "a"
licence = "a"
fieldwork = "a"
sample = "probability"
files = ["rows.csv"]
period = 2022
region-year = 2022
covers = ["GG0001"]
max-rejects = 0
[source.region]
gemeente = {{ column = "gemeente" }}
wijk = {{ column = "wijk" }}
[[source.weight-set]]
id = "own"
weight = "gewicht"
stratum = "stratum"
"#
        ),
    );
}

/// The run itself ends with 12 where the attacker finds something. The same attacker finds hundreds where nothing is withheld for the sake of others.
#[test]
fn three_hundred_wijken_two_crossings_and_three_parameters_of_one_scale() {
    let place = tempfile::tempdir().unwrap();
    stage(place.path());
    let said = wijkpeil_in(place.path(), &["run", "pipeline.toml"]).exits(0);
    assert!(said.err.contains("figures withheld for the sake of others"), "{}", said.err);
    let protected = release(place.path(), &said);
    let said = wijkpeil_in(place.path(), &["audit", protected.to_str().unwrap()]).exits(0);
    assert!(said.out.contains("interval"), "{}", said.out);

    let pipeline = place.path().join("pipeline.toml");
    let text = std::fs::read_to_string(&pipeline).unwrap();
    assert!(text.contains(PROTECTED));
    std::fs::write(&pipeline, text.replace(PROTECTED, UNPROTECTED)).unwrap();
    let said = wijkpeil_in(place.path(), &["run", "pipeline.toml", "--out", "bare"]).exits(0);
    let bare = release(place.path(), &said);
    let said = wijkpeil_in(place.path(), &["audit", bare.to_str().unwrap(), "--rows", "1"]).exits(12);
    let line = said.out.lines().find(|line| line.starts_with("interval")).unwrap();
    assert!(line.contains("BROKEN"), "{line}");
}

/// A public release withholds without saying why, rounds, hides, and is noted; made again from the same it is the same, and one respondent
/// more changes no figure that few people would explain.
#[test]
fn a_public_release_is_rounded_noted_and_not_differenced() {
    let place = tempfile::tempdir().unwrap();
    stage(place.path());
    let pipeline = place.path().join("pipeline.toml");
    let precision = r#"registry = "registry"
[[disclosure.precision]]
levels = ["ggd", "gemeente", "wijk"]
share = 0.01
mean = 0.1
count = 10
hidden = ["n", "n_effective", "deff", "df"]
ground = "a test"
[design]"#;
    let text = std::fs::read_to_string(&pipeline).unwrap();
    let text = text.replace("audience = \"internal\"", "audience = \"public\"");
    let text = text.replace("reasons = \"shown\"", "reasons = \"merged\"").replace("[design]", precision);
    std::fs::write(&pipeline, &text).unwrap();
    let said = wijkpeil_in(place.path(), &["run", "pipeline.toml"]).exits(0);
    let first = release(place.path(), &said);
    let figures = crate::cli::support::rows(&first.join("figures/gmvo/2022/wijk.parquet"));
    let (n, value) = (crate::cli::support::numbers(&figures, "n"), crate::cli::support::numbers(&figures, "value"));
    let status = crate::cli::support::texts(&figures, "status");
    let class = crate::cli::support::texts(&figures, "n_class");
    assert!(status.iter().any(|own| own == "ok"));
    for row in 0..status.len() {
        assert_eq!(status[row] == "ok", value[row].is_some());
        assert_eq!(n[row], None);
        assert_eq!(value[row].is_some(), !class[row].is_empty());
        if let Some(value) = value[row] {
            assert!(((value * 100.0).round() - value * 100.0).abs() < 1e-9, "{value}");
        }
    }
    let reasons = crate::cli::support::texts(&figures, "reason");
    assert!(reasons.iter().zip(&status).all(|(own, status)| (own == "withheld") == (status == "suppressed")));
    let entries = std::fs::read_dir(place.path().join("out/registry")).unwrap().count();
    assert_eq!(entries, 1);
    // The same again: the same release, no second entry.
    let again = wijkpeil_in(place.path(), &["run", "pipeline.toml"]).exits(0);
    assert!(again.err.contains("unchanged"), "{}", again.err);

    // One respondent more in the first wijk: every figure of hers that would show it is gone, and none says another number.
    let rows = place.path().join("rows.csv");
    let more = std::fs::read_to_string(&rows).unwrap() + "1;1;1;1;0;0;0;3\n";
    std::fs::write(&rows, more).unwrap();
    let said = wijkpeil_in(place.path(), &["run", "pipeline.toml"]).exits(0);
    let second = release(place.path(), &said);
    assert_ne!(first, second);
    for level in ["ggd", "gemeente", "wijk"] {
        let read = |release: &Path| {
            let rows = crate::cli::support::rows(&release.join(format!("figures/gmvo/2022/{level}.parquet")));
            let key: Vec<Vec<String>> = ["parameter", "region", "dimension", "category"]
                .map(|column| crate::cli::support::texts(&rows, column))
                .to_vec();
            let value = crate::cli::support::numbers(&rows, "value");
            (0..value.len())
                .map(|row| (key.iter().map(|own| own[row].clone()).collect::<Vec<_>>(), value[row]))
                .collect::<Vec<_>>()
        };
        for ((key, before), (other, after)) in read(&first).into_iter().zip(read(&second)) {
            assert_eq!(key, other);
            if let (Some(before), Some(after)) = (before, after) {
                assert_eq!(before, after, "{key:?}");
            }
        }
    }
}
