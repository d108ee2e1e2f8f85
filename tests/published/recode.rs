//! Tables of the regions of one year in those of another, by hand.

use super::project::{PUBLISHED, Pipeline, Release, close, folder, source};

/// Regions of 2022 and 2024 with their inhabitants of 2022.
const LIST: &str = "code;region_year;level;name;parent;population
GM9001;2022;gemeente;a;;1000
GM9002;2022;gemeente;b;;3000
GM9003;2022;gemeente;c;;2000
GM9004;2022;gemeente;d;;500
GM9006;2022;gemeente;e;;700
GM9007;2022;gemeente;f;;100
GM9008;2022;gemeente;g;;100
GM9014;2022;gemeente;h;;1000
GM9015;2022;gemeente;i;;2000
GM9005;2024;gemeente;d;;
GM9006;2024;gemeente;e;;
GM9010;2024;gemeente;ab;;
GM9011;2024;gemeente;fg;;
GM9014;2024;gemeente;h;;
GM9016;2024;gemeente;i;;
GM9020;2024;gemeente;c1;;
GM9021;2024;gemeente;c2;;
";

const RECODE: &str = "from;to;share\nGM9001;GM9010;1\nGM9002;GM9010;1\nGM9003;GM9020;0.6\nGM9003;GM9021;0,4\nGM9004;GM9005;1\n\
    GM9007;GM9011;1\nGM9008;GM9011;1\nGM9015;GM9014;0.5\nGM9015;GM9016;0.5\n";

const TABLE: &str = "Marges;Regio;Deel;Aantal
W;GM9001;20.0;100
L;GM9001;18.0;
U;GM9001;22.0;
W;GM9002;40.0;500
L;GM9002;38.0;
U;GM9002;42.0;
W;GM9003;30.0;200
L;GM9003;28.0;
U;GM9003;32.0;
W;GM9004;10.0;50
L;GM9004;9.0;
U;GM9004;11.0;
W;GM9006;50.0;7
L;GM9006;48.0;
U;GM9006;52.0;
W;GM9007;.;3
W;GM9008;5.0;4
W;GM9014;10.0;10
W;GM9015;30.0;20
";

const REGIONS: &str =
    "[regions]\nfile = \"list.csv\"\n[[regions.recode]]\nfile = \"recode.csv\"\nfrom-year = 2022\nto-year = 2024";

fn pipeline(measures: &str) -> Pipeline {
    let keys = format!(
        "table-id = \"t\"\nregion-year = 2022\nrecode-to = 2024\ncovers = [\"GM9001\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\n\
         region-column = \"Regio\"\nperiod = 2022\nmargins = {{ column = \"Marges\", value = \"W\", lower = \"L\", upper = \"U\" }}\n\
         {measures}"
    );
    Pipeline {
        levels: "[\"gemeente\"]",
        regions: REGIONS,
        sources: source("s", "published-table", &keys),
        parameters: if measures.contains("count") {
            vec![("count", "count", PUBLISHED), ("share", "share", PUBLISHED)]
        } else {
            vec![("share", "share", PUBLISHED)]
        },
        ..Pipeline::default()
    }
}

const SHARE: &str = "[[source.measure]]\nkey = \"Deel\"\nparameter = \"share\"\n";
const COUNT: &str =
    "[[source.measure]]\nkey = \"Aantal\"\nparameter = \"count\"\nrounded = { to = 5, levels = [\"gemeente\"] }\n";

fn place(list: &str, recode: &str, table: &str) -> tempfile::TempDir {
    folder(&[("list.csv", list), ("recode.csv", recode), ("t.csv", table)])
}

fn released() -> Release {
    pipeline(&format!("{SHARE}{COUNT}")).released(place(LIST, RECODE, TABLE).path())
}

#[track_caller]
fn check(release: &Release, region: &str, variant: &str, count: f64, share: f64, limits: Option<(f64, f64)>) {
    let (number, part) = (release.total("count", region, "2022"), release.total("share", region, "2022"));
    close(number.value, count);
    close(part.value, share);
    assert_eq!(part.limits, limits, "{region}");
    for figure in [number, part] {
        assert_eq!((figure.variant.as_str(), figure.region_year, figure.status.as_str()), (variant, 2024, "ok"));
    }
}

/// 100 + 500 people; (1000·0.20 + 3000·0.40)/4000 = 0.35.
#[test]
fn a_merge_adds_numbers_and_weighs_shares_by_inhabitants() {
    check(&released(), "GM9010", "recoded-2022", 600.0, 0.35, None);
}

/// 0.6 and 0.4 of 200; nobody knows that the parts differ, so both keep 0.30. The limits were of the whole.
#[test]
fn a_split_divides_numbers_and_keeps_shares() {
    let release = released();
    check(&release, "GM9020", "recoded-2022", 120.0, 0.3, None);
    check(&release, "GM9021", "recoded-2022", 80.0, 0.3, None);
    // A part of a rounded number is no multiple any more.
    assert_eq!(release.total("count", "GM9020", "2022").limits, None);
}

#[test]
fn a_new_code_keeps_everything_and_a_region_that_stayed_is_no_variant() {
    let release = released();
    check(&release, "GM9005", "recoded-2022", 50.0, 0.1, Some((0.09, 0.11)));
    check(&release, "GM9006", "", 7.0, 0.5, Some((0.48, 0.52)));
    // 7 is rounded to 5 by declaration: 5 to 9.
    assert_eq!(release.total("count", "GM9006", "2022").limits, Some((5.0, 9.0)));
}

/// GM9014 stays and gets half of GM9015: 10 + 10; (1000·0.10 + 1000·0.30)/2000 = 0.20. The other half keeps 0.30.
#[test]
fn a_region_that_stays_and_grows_is_recoded() {
    let release = released();
    check(&release, "GM9014", "recoded-2022", 20.0, 0.2, None);
    check(&release, "GM9016", "recoded-2022", 10.0, 0.3, None);
}

/// `.` and 5.0 per cent: nobody may see the whole, and the numbers, which are not withheld, are 3 + 4.
#[test]
fn a_withheld_part_withholds_the_whole() {
    let release = released();
    let share = release.total("share", "GM9011", "2022");
    assert_eq!((share.value, share.status.as_str()), (None, "suppressed source_withheld"));
    close(release.total("count", "GM9011", "2022").value, 7.0);
    // Every region of 2024 has both, and none of 2022 is left.
    assert_eq!(release.figures.len(), 16);
}

#[test]
fn a_merge_of_shares_needs_the_inhabitants_of_its_parts() {
    let unknown = LIST.replace(";b;;3000", ";b;;");
    let place = place(&unknown, RECODE, TABLE);
    let message = pipeline(SHARE).release(place.path()).map(|_| ()).unwrap_err();
    let words = "error[ingest-recode-population]: the number of inhabitants of GM9002 in 2022 is not known";
    assert!(message.contains(words), "{message}");
    // Of the parts of one region nobody needs them.
    let split = LIST.replace(";c;;2000", ";c;;");
    let place = self::place(&split, RECODE, TABLE);
    close(pipeline(SHARE).released(place.path()).total("share", "GM9020", "2022").value, 0.3);
}

#[test]
fn bad_recodes_are_told() {
    let told =
        |recode: &str, table: &str| pipeline(SHARE).release(place(LIST, recode, table).path()).map(|_| ()).unwrap_err();
    for (recode, code, words) in [
        (RECODE.replace("GM9004;GM9005", "GM9004;GM9099"), "ingest-recode", "the recode of GM9004 leads to GM9099"),
        (RECODE.replace("0.6", "0.5"), "ingest-region-list", "the parts of GM9003 in recode.csv add up to 0.900"),
        (RECODE.replace("0.6", "0.7"), "ingest-region-list", "the parts of GM9003 in recode.csv add up to 1.100"),
        (RECODE.replace("0.6", "60"), "ingest-region-list", "`share` of GM9003 in recode.csv is no part"),
        (
            RECODE.replace("GM9004;GM9005", "GM9004;WK900500"),
            "ingest-region-list",
            "GM9004 and WK900500 are of two levels",
        ),
        (
            RECODE.replace("GM9004;GM9005", "GM9004;Dorp"),
            "ingest-region-list",
            "needs a region code in `from` and in `to`",
        ),
        (RECODE.replace("share", "deel"), "ingest-missing-column", "no column `share`"),
    ] {
        assert_ne!(recode, RECODE);
        let message = told(&recode, TABLE);
        assert!(message.contains(&format!("error[{code}]")) && message.contains(words), "{words}: {message}");
    }
    // A code of 2022 that is neither recoded nor still there.
    let message = told(&RECODE.replace("GM9004;GM9005;1\n", ""), TABLE);
    let words = "error[ingest-recode]: GM9004 of 2022 has no place in 2024";
    assert!(message.contains(words) && message.contains("recode.csv does not recode it"), "{message}");
}

/// 0.3 and 0.3 of one region in the same other one are 0.6 of it: 120 of 200, and one predecessor.
#[test]
fn two_rows_of_one_pair_are_one_part() {
    let twice = RECODE.replace("GM9003;GM9020;0.6\n", "GM9003;GM9020;0.3\nGM9003;GM9020;0.3\n");
    let (place, pipeline) = (place(LIST, &twice, TABLE), pipeline(&format!("{SHARE}{COUNT}")));
    check(&pipeline.released(place.path()), "GM9020", "recoded-2022", 120.0, 0.3, None);
    let plan = pipeline.plan(place.path()).unwrap();
    let region = plan.catalogue.regions.iter().find(|region| region.code.as_str() == "GM9020").unwrap();
    let from: Vec<_> = region.predecessors.iter().map(|(code, year)| (code.as_str(), *year)).collect();
    assert_eq!(from, [("GM9003", 2022)]);
}

/// Counts and their denominators go through a recode before rates are made: 10 of 1,000 and 20 of 3,000 are 30 of 4,000, 7.5 per 1,000.
/// Half of 8 of 2,000 stays 4 of 1,000.
#[test]
fn a_register_is_recoded_before_rates_are_made() {
    let keys = "region-year = 2022\nrecode-to = 2024\ncovers = [\"GM9001\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\n\
        region-column = \"Regio\"\nperiod = 2022\ncount = \"n\"\ndenominator = \"van\"\n[[source.measure]]\nparameter = \"rate\"";
    let rate = "kind = \"register\"\nevent = \"e\"\ndenominator = \"d\"";
    let pipeline = Pipeline {
        levels: "[\"gemeente\"]",
        regions: REGIONS,
        sources: source("s", "register", keys),
        parameters: vec![("rate", "per_1000", rate)],
        ..Pipeline::default()
    };
    let table = "Regio;n;van\nGM9001;10;1000\nGM9002;20;3000\nGM9006;0;500\nGM9015;8;2000\n";
    let release = pipeline.released(place(LIST, RECODE, table).path());
    let merged = release.total("rate", "GM9010", "2022");
    close(merged.value, 7.5);
    assert_eq!((merged.population, merged.variant.as_str()), (Some(4000.0), "recoded-2022"));
    // Byar of 30: 30·(1 − 1/270 − 1.959964/(3·√30))³ = 20.2369 and 31·(1 − 1/279 + 1.959964/(3·√31))³ = 42.8284.
    let (lower, upper) = merged.limits.unwrap();
    assert!((lower * 4.0 - 20.2369).abs() < 1e-3 && (upper * 4.0 - 42.8284).abs() < 1e-3, "{lower} {upper}");
    let half = release.total("rate", "GM9016", "2022");
    close(half.value, 4.0);
    assert_eq!((half.population, release.total("rate", "GM9006", "2022").variant.as_str()), (Some(1000.0), ""));
}
