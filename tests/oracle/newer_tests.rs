//! Tests of differences against numbers of survey 4.5 on the untrimmed data (`../shared/oracle/survey`), where they lie beside the repository.

use wijkpeil::estimate::{Design, Domains, Relation, Side, difference, rao_scott};
use wijkpeil::plan::{self, Silent};
use wijkpeil::stats::upper_quantiles;
use wijkpeil::vocab::{DegreesOfFreedom, Level, SinglePsu};

use super::api::design;
use crate::support::{Csv, Edited, shared};

/// The numbers of the file have 12 digits.
const DIGITS: f64 = 1e-10;

const IMPROVED: &str = r#"
[[dimension]]
id = "compimp"
label-nl = "compimp"
label-en = "compimp"
column = "compimp"
levels = ["ggd"]
[[dimension.category]]
id = "No"
codes = ["No"]
label-nl = "No"
label-en = "No"
[[dimension.category]]
id = "Yes"
codes = ["Yes"]
label-nl = "Yes"
label-en = "Yes"

[[source]]
"#;

fn near(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= DIGITS * wanted.abs()
}

#[test]
fn rao_scott_and_t_tests_agree_with_newer_versions_of_r() {
    let Some(path) = shared("oracle/survey/expected.csv") else { return };
    let csv = Csv::read(&path, ',');
    // The name in the file, and ours where it differs: with fpc at both stages the weights follow from it.
    let designs = [
        ("strat_fpc", "strat_fpc"),
        ("strat_nofpc", "strat_nofpc"),
        ("strat_weights_only", "strat_weights_only"),
        ("clus1_fpc", "clus1_fpc"),
        ("clus1_nofpc", "clus1_nofpc"),
        ("clus2_fpc_weights", "clus2_fpc"),
        ("clus2_nofpc_ultimate", "clus2_nofpc"),
    ];
    let mut compared = 0;
    for (theirs, ours) in designs {
        let own = design(ours);
        let edits: Vec<_> = own.edits.iter().copied().chain([("\n[[source]]\n", IMPROVED)]).collect();
        let plan = Edited { pipeline: own.pipeline, edits: &edits, data: None }.plan().unwrap();
        let reading = plan::read(&plan, &Silent).unwrap();
        let moments = reading.moments.as_ref().unwrap();
        let ggd = plan.catalogue.regions.iter().position(|region| region.level() == Level::Ggd).unwrap() as u32;
        let sides = |parameter: &str, dimension: &str| -> (usize, Vec<Side>) {
            let of = |at: usize| plan.definitions.parameters[plan.parameters[plan.measured[at]]].id.value.as_str();
            let wanted = plan.tally.tables.iter().position(|spec| {
                of(spec.parameter) == parameter && plan.breakdowns[spec.breakdown].dimension == dimension
            });
            let table = &moments.tables[wanted.unwrap()];
            let ancestors = vec![ggd; plan.catalogue.regions.len()];
            let domains = Domains::new(&moments.frames[table.frame], &ancestors, |region| region == ggd);
            let side = |category| Side::of(moments, table, &domains, (0, ggd), category);
            (moments.frames[table.frame].weight_set, (0..table.categories).map(side).collect())
        };
        let row = |statistic: &str, item: &str| {
            let found = csv.rows.iter().find(|row| row[0] == theirs && row[1] == statistic && row[2] == item);
            found.unwrap_or_else(|| panic!("{theirs} has no {statistic} of {item}"))
        };
        let number = |row: &[String], column: &str| row[csv.column(column)].parse::<f64>().unwrap();
        for (item, parameter, dimension) in [
            ("sch.wide x comp.imp", "comp_imp_yes", "schwide"),
            ("stype x awards", "awards_yes", "stype"),
            ("stype x sch.wide", "sch_wide_yes", "stype"),
        ] {
            let wanted = row("svychisq.F", item);
            let (set, sides) = sides(parameter, dimension);
            let refs: Vec<&Side> = sides.iter().collect();
            let own = Design::of(moments, set, SinglePsu::Fail);
            let found = rao_scott(&own, &refs, DegreesOfFreedom::Domain).unwrap();
            let ddf: f64 = wanted[csv.column("note")].strip_prefix("ddf=").unwrap().parse().unwrap();
            assert!(near(found.f, number(wanted, "estimate")), "{theirs} {item}: {found:?} {wanted:?}");
            assert!(
                near(found.ndf, number(wanted, "df")) && near(found.ddf, ddf),
                "{theirs} {item}: {found:?} {wanted:?}"
            );
            assert!((found.p - number(wanted, "p_value")).abs() <= 1e-7, "{theirs} {item}: {found:?} {wanted:?}");
            compared += 1;
        }
        let wanted = row("svyttest", "api00~comp.imp");
        let (set, sides) = sides("api00", "compimp");
        let own = Design::of(moments, set, SinglePsu::Fail);
        let mut quantiles = upper_quantiles(0.95);
        let found =
            difference(&own, &sides[1], &sides[0], Relation::Disjoint, DegreesOfFreedom::Domain, &mut quantiles);
        let found = found.unwrap();
        let limits = found.limits.unwrap();
        assert!(near(found.difference, number(wanted, "estimate")) && near(found.df as f64, number(wanted, "df")));
        // The limits have 12 digits, and are differences of larger numbers.
        assert!(
            (limits.lower - number(wanted, "ci_l")).abs() < 1e-9
                && (limits.upper - number(wanted, "ci_u")).abs() < 1e-9
        );
        assert!((found.p.unwrap() - number(wanted, "p_value")).abs() <= 1e-7, "{theirs}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 28);
}
