//! What comparisons, trends and derived figures show and withhold, in small regions worked out by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wijkpeil::declare::load;
use wijkpeil::disclose::{Comparison, Figure, Trend};
use wijkpeil::plan::{self, Plan, Results, Silent};
use wijkpeil::vocab::{Reason, Reference, Status, Test, Verdict};

use crate::support;

/// People of one wijk, year and sex: how many say yes and how many no. Everybody weighs the same; each gemeente is a stratum.
#[derive(Clone, Copy)]
struct People(&'static str, i32, u8, u32, u32);

/// A gemeente with three wijken, and one with one, in a GGD.
const REGIONS: &str = "code;region_year;level;name;parent;population
NL00;YEAR;nl;Nederland;;
GG0001;YEAR;ggd;Een;NL00;
GM0001;YEAR;gemeente;Aa;GG0001;
GM0002;YEAR;gemeente;Bee;GG0001;
WK000101;YEAR;wijk;Aa Noord;GM0001;
WK000102;YEAR;wijk;Aa Zuid;GM0001;
WK000103;YEAR;wijk;Aa Oost;GM0001;
WK000201;YEAR;wijk;Bee;GM0002;
";

struct Trial {
    people: Vec<People>,
    /// Those of another collection, under the same weights.
    others: Vec<People>,
    /// Lines of the pipeline before `[design]`.
    analysis: &'static str,
    /// Years with which a new series of the parameter begins.
    breaks: &'static str,
    /// The division of each year; the same for all where there is one.
    divisions: &'static [i32],
    /// Rows of a recode from the first division to the second; the first division then has the codes 0008 for 0001.
    recode: &'static str,
    /// Every respondent a stratum of their own.
    alone: bool,
    floor: [u32; 3],
}

const COMPARED: &str = r#"
[comparison]
alpha = 0.05
minimum-difference = 0.0
test = "rao_scott_f"
adjustment = "bonferroni"
family = "release"
dashboard = "rest_of_parent"
[[comparison.reference]]
kind = "rest_of_parent"
levels = ["wijk"]
dimensions = ["total"]
[[comparison.reference]]
kind = "parent"
levels = ["wijk"]
dimensions = ["total"]
[[comparison.reference]]
kind = "ggd"
levels = ["wijk"]
dimensions = ["total"]
"#;

impl Trial {
    fn new(people: &[People], analysis: &'static str) -> Self {
        Self {
            people: people.to_vec(),
            others: Vec::new(),
            analysis,
            breaks: "",
            divisions: &[2022],
            recode: "",
            alone: false,
            floor: [50, 5, 100],
        }
    }

    /// Per collection and year the people, in that order.
    fn series(&self) -> BTreeMap<(&'static str, i32), Vec<People>> {
        let mut found: BTreeMap<_, Vec<People>> = BTreeMap::new();
        self.people.iter().for_each(|own| found.entry(("gmvo", own.1)).or_default().push(*own));
        self.others.iter().for_each(|own| found.entry(("gmj", own.1)).or_default().push(*own));
        found
    }

    fn run(&self) -> (Plan, Results) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let mut regions = String::from(REGIONS.lines().next().unwrap()) + "\n";
        for year in self.divisions.iter().collect::<std::collections::BTreeSet<_>>() {
            for line in REGIONS.lines().skip(1) {
                let line = line.replace("YEAR", &year.to_string()) + "\n";
                let renamed = !self.recode.is_empty() && Some(year) == self.divisions.first();
                regions.push_str(&if renamed {
                    line.replace("0001", "0008").replace("GG0008", "GG0001")
                } else {
                    line
                });
            }
        }
        write("regions.csv", &regions);
        let codes = "kind = \"codes\"\ncolumn = \"eenzaam\"\nyes = [1]\nno = [0]\nunknown = [9]";
        let parameter = support::parameter("lonely", "share", codes);
        write("parameters.toml", &parameter.replace("tier = \"core\"", &format!("tier = \"core\"\n{}", self.breaks)));
        let mut sources = String::new();
        for (at, ((collection, year), people)) in self.series().iter().enumerate() {
            let mut rows = String::from("gemeente;wijk;stratum;gewicht;sekse;eenzaam\n");
            let mut number = 0;
            for People(wijk, own, sex, yes, no) in people {
                let (gemeente, wijk) = wijk.split_at(4);
                for answer in (0..*yes).map(|_| 1).chain((0..*no).map(|_| 0)) {
                    number += 1;
                    let stratum = if self.alone { format!("s{number}") } else { gemeente.to_owned() };
                    writeln!(rows, "{gemeente};{wijk};{stratum};{};{sex};{answer}", own % 7 + 1).unwrap();
                }
            }
            write(&format!("{collection}{year}.csv"), &rows);
            let division = self.divisions.get(at).or(self.divisions.last()).unwrap();
            write!(
                sources,
                r#"
[[source]]
id = "{collection}{year}"
kind = "respondents"
collection = "{collection}"
title = "a"
publisher = "a"
licence = "a"
fieldwork = "a"
sample = "probability"
files = ["{collection}{year}.csv"]
period = {year}
region-year = {division}
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
            )
            .unwrap();
        }
        let mut recode = String::new();
        if !self.recode.is_empty() {
            write("recode.csv", &format!("from;to;share\n{}", self.recode));
            let years = (self.divisions[0], self.divisions[1]);
            recode =
                format!("[[regions.recode]]\nfile = \"recode.csv\"\nfrom-year = {}\nto-year = {}", years.0, years.1);
        }
        let [n, answer, group] = self.floor;
        write(
            "pipeline.toml",
            &format!(
                r#"
version = 1
[pipeline]
id = "trial"
title-nl = "a"
title-en = "a"
audience = "internal"
[definitions]
parameters = ["parameters.toml"]
[data]
folder = "."
[regions]
file = "regions.csv"
{recode}
[estimate]
parameters = ["lonely"]
levels = ["ggd", "gemeente", "wijk"]
confidence = 0.95
interval = "logit"
degrees-of-freedom = "domain"
single-psu = "adjust"
[floor]
kind = "minimum"
minimum-n = {n}
minimum-answer = {answer}
group-disclosure = {group}
ground = "a test"
[disclosure]
complementary = "none"
largest-weight = 1.0
reasons = "shown"
ground = "a test"
{analysis}
[design]
weight-set = "own"
[[dimension]]
id = "sex"
label-nl = "Geslacht"
label-en = "Sex"
column = "sekse"
levels = ["ggd", "gemeente"]
[[dimension.category]]
id = "1"
codes = [1]
label-nl = "a"
label-en = "a"
[[dimension.category]]
id = "2"
codes = [2]
label-nl = "a"
label-en = "a"
{sources}"#,
                analysis = self.analysis
            ),
        );
        let definitions = load(&folder.path().join("pipeline.toml"), None).map_err(|findings| findings.render(false));
        let plan = plan::build(definitions.unwrap()).map_err(|findings| findings.render(false)).unwrap();
        let reading = plan::read(&plan, &Silent).map_err(|findings| findings.render(false)).unwrap();
        let results = plan::results(&plan, &reading, &plan.catalogue, &Silent).map_err(|f| f.render(false)).unwrap();
        (plan, results)
    }
}

/// The comparison of a region with a reference.
fn compared<'r>(plan: &Plan, results: &'r Results, region: &str, reference: Reference) -> &'r Comparison {
    let of_region = |row: &&Comparison| {
        plan.catalogue.regions[row.key.figure.region as usize].code.as_str() == region && row.key.reference == reference
    };
    results.comparisons.rows().iter().find(of_region).unwrap()
}

fn figure<'r>(plan: &Plan, results: &'r Results, region: &str, statistic: &str) -> &'r Figure {
    let catalogue = &plan.catalogue;
    let wanted = |own: &&Figure| {
        catalogue.regions[own.region as usize].code.as_str() == region
            && own.statistic.as_str() == statistic
            && catalogue.categories[own.category as usize].dimension == "total"
    };
    results.figures.figures().find(wanted).unwrap()
}

/// Three wijken: one of 60 with 12 yes, one of 80 with 40 yes, and a third one.
fn with_third(yes: u32, no: u32) -> Vec<People> {
    vec![
        People("000101", 2022, 1, 12, 48),
        People("000102", 2022, 1, 40, 40),
        People("000103", 2022, 1, yes, no),
        People("000201", 2022, 1, 30, 70),
    ]
}

#[test]
fn a_wijk_against_the_rest_of_its_gemeente_by_hand() {
    let (plan, results) = Trial::new(&with_third(30, 30), COMPARED).run();
    let row = compared(&plan, &results, "WK000101", Reference::RestOfParent);
    // 12 of 60 against 70 of 140.
    assert!((row.difference.unwrap() - (0.2 - 0.5)).abs() < 1e-12);
    assert_eq!((row.status, row.test, row.verdict), (Status::Ok, Test::RaoScottF, Some(Verdict::Lower)));
    // The difference of two means in one stratum of 200: every weight is the same and cancels. Σ z² = 60·0.2·0.8/60² + 140·0.5·0.5/140².
    let squares: f64 = 0.16 / 60.0 + 0.25 / 140.0;
    assert!((row.se.unwrap() - (200.0 / 199.0 * squares).sqrt()).abs() < 1e-12);
    assert_eq!(row.df, Some(198));
    // F as `svychisq` has it, by hand: X² = 200·(12·70 − 48·70)²/(60·140·82·118), Δ = 200·V/D with V = 200/199·(Σ 1/cell) and D = 200·(Σ 1/cell).
    let x2 = 200.0 * (12.0 * 70.0 - 48.0 * 70.0_f64).powi(2) / (60.0 * 140.0 * 82.0 * 118.0);
    let f = x2 / (200.0 / 199.0);
    let p = wijkpeil::stats::tail::f_upper(f, 1.0, 199.0).unwrap();
    assert!((row.p_test.unwrap() - p).abs() < 1e-12);
    let nested = compared(&plan, &results, "WK000101", Reference::Parent);
    assert!((nested.difference.unwrap() - (0.2 - 0.41)).abs() < 1e-12);
    assert_eq!((nested.test, nested.p_test), (Test::T, None));
}

/// A wijk of 20 is withheld. With the difference from the rest the weights of the others follow, and with them the third share.
#[test]
fn a_comparison_never_gives_a_withheld_wijk_away() {
    let (plan, results) = Trial::new(&with_third(15, 5), COMPARED).run();
    assert_eq!(figure(&plan, &results, "WK000103", "crude").status, Status::Suppressed);
    for region in ["WK000101", "WK000102"] {
        for reference in [Reference::RestOfParent, Reference::Parent, Reference::Ggd] {
            let row = compared(&plan, &results, region, reference);
            assert_eq!(
                (row.status, row.reason),
                (Status::Suppressed, Some(Reason::Complementary)),
                "{region} {reference}"
            );
            let numbers = [row.difference, row.se, row.lower, row.upper, row.p_test, row.p_difference, row.p_adjusted];
            assert!(numbers.iter().all(Option::is_none) && row.df.is_none() && row.verdict.is_none());
        }
    }

    // That the attack works where nothing guards: the same people under a floor that shows everybody.
    let mut open = Trial::new(&with_third(15, 5), COMPARED);
    open.floor = [1, 0, 1];
    let (plan, results) = open.run();
    let value = |region: &str| figure(&plan, &results, region, "crude").value.unwrap();
    let rest =
        |region: &str| value(region) - compared(&plan, &results, region, Reference::RestOfParent).difference.unwrap();
    let parent = value("GM0001");
    // parent = λ·own + (1 − λ)·rest gives each weight, and what the two leave is the third.
    let weight = |region: &str| (parent - rest(region)) / (value(region) - rest(region));
    let (a, b) = (weight("WK000101"), weight("WK000102"));
    let third = (parent - a * value("WK000101") - b * value("WK000102")) / (1.0 - a - b);
    assert!((third - 0.75).abs() < 1e-9, "the attacker finds 15 of 20: {third}");
}

/// Two withheld wijken of 40 are together a figure of 80 that might have been shown.
#[test]
fn withheld_wijken_that_pass_the_floor_together_do_not_stand_in_the_way() {
    let people = [
        People("000101", 2022, 1, 30, 30),
        People("000102", 2022, 1, 15, 25),
        People("000103", 2022, 1, 20, 20),
        People("000201", 2022, 1, 30, 70),
    ];
    let (plan, results) = Trial::new(&people, COMPARED).run();
    for region in ["WK000102", "WK000103"] {
        assert_eq!(figure(&plan, &results, region, "crude").status, Status::Suppressed);
        assert_eq!(compared(&plan, &results, region, Reference::RestOfParent).reason, Some(Reason::MinN));
    }
    let row = compared(&plan, &results, "WK000101", Reference::RestOfParent);
    assert_eq!(row.status, Status::Ok);
    // 30 of 60 against 35 of 80.
    assert!((row.difference.unwrap() - (0.5 - 35.0 / 80.0)).abs() < 1e-12);
}

/// 48 and 2 withheld are together 50, and nearly the 48: whoever knows the two can tell.
#[test]
fn one_large_withheld_wijk_does_not_hide_behind_a_small_one() {
    let people = [
        People("000101", 2022, 1, 30, 30),
        People("000102", 2022, 1, 20, 28),
        People("000103", 2022, 1, 1, 1),
        People("000201", 2022, 1, 30, 70),
    ];
    let (plan, results) = Trial::new(&people, COMPARED).run();
    assert_eq!(compared(&plan, &results, "WK000101", Reference::RestOfParent).reason, Some(Reason::Complementary));
}

/// The standard error of a difference with the whole GGD gives the weight too: the gemeente must hide its withheld wijk there as well.
#[test]
fn a_far_wider_region_does_not_open_the_near_one() {
    let mut people = with_third(15, 5);
    // A second withheld wijk, of 100 in the other gemeente with 3 yes: with it the GGD as a whole hides both.
    people[3] = People("000201", 2022, 1, 3, 97);
    let (plan, results) = Trial::new(&people, COMPARED).run();
    let row = compared(&plan, &results, "WK000101", Reference::Ggd);
    assert_eq!((row.status, row.reason), (Status::Suppressed, Some(Reason::Complementary)));
}

/// Twelve people of the gemeente whose wijk is unknown: guarded, unless the pipeline says that nobody can be placed among them.
#[test]
fn people_of_unknown_wijk_are_guarded_unless_declared_open() {
    let mut people = with_third(30, 30);
    people.push(People("0001", 2022, 1, 0, 12));
    let (plan, results) = Trial::new(&people, COMPARED).run();
    assert_eq!(compared(&plan, &results, "WK000101", Reference::RestOfParent).reason, Some(Reason::Complementary));
    let open = Box::leak(COMPARED.replace("adjustment", "unplaced = \"open\"\nadjustment").into_boxed_str());
    let (plan, results) = Trial::new(&people, open).run();
    assert_eq!(compared(&plan, &results, "WK000101", Reference::RestOfParent).status, Status::Ok);
}

/// Bonferroni multiplies by the number of tests that are shown.
#[test]
fn only_shown_tests_are_adjusted_for() {
    for people in [with_third(30, 30), with_third(15, 5)] {
        let (_, results) = Trial::new(&people, COMPARED).run();
        let rows = results.comparisons.rows();
        let tests = rows.iter().filter(|row| row.status == Status::Ok && row.test != Test::None).count() as f64;
        for row in rows.iter().filter(|row| row.status == Status::Ok) {
            let p = if row.test == Test::RaoScottF { row.p_test } else { row.p_difference };
            assert_eq!(row.p_adjusted, p.map(|p| (p * tests).min(1.0)));
        }
    }
}

const BY_SEX: &str = r#"
[comparison]
alpha = 0.05
minimum-difference = 0.0
test = "t"
adjustment = "bonferroni"
family = "parameter"
[[comparison.reference]]
kind = "rest_of_dimension"
levels = ["gemeente"]
dimensions = ["sex"]
[[comparison.reference]]
kind = "other_category"
levels = ["gemeente"]
dimensions = ["sex"]
"#;

/// Men against women, women against men, each against the rest: four rows per gemeente and one test.
#[test]
fn two_categories_are_one_test() {
    let people = [
        People("000101", 2022, 1, 30, 70),
        People("000101", 2022, 2, 50, 50),
        People("000201", 2022, 1, 20, 80),
        People("000201", 2022, 2, 40, 60),
    ];
    let (_, results) = Trial::new(&people, BY_SEX).run();
    let rows = results.comparisons.rows();
    assert_eq!(rows.len(), 8);
    for row in rows {
        assert_eq!(row.p_adjusted, row.p_difference.map(|p| (p * 2.0).min(1.0)), "two gemeenten, two tests");
    }
    let (plus, minus) = rows.iter().partition::<Vec<_>, _>(|row| row.difference.unwrap() > 0.0);
    assert_eq!((plus.len(), minus.len()), (4, 4));
}

/// A difference that is more than chance and smaller than what matters is none; without a test the size alone decides.
#[test]
fn a_difference_must_be_more_than_chance_and_large_enough() {
    let people = [
        People("000101", 2022, 1, 3000, 7000),
        People("000102", 2022, 1, 3200, 6800),
        People("000201", 2022, 1, 10, 90),
    ];
    let verdict = |analysis: &'static str| {
        let (plan, results) = Trial::new(&people, analysis).run();
        let row = compared(&plan, &results, "WK000102", Reference::RestOfParent);
        (row.p_adjusted.is_some_and(|p| p < 0.05), row.verdict, row.test)
    };
    assert_eq!(verdict(COMPARED), (true, Some(Verdict::Higher), Test::RaoScottF));
    let large = Box::leak(COMPARED.replace("minimum-difference = 0.0", "minimum-difference = 0.03").into_boxed_str());
    assert_eq!(verdict(large), (true, Some(Verdict::NoDifference), Test::RaoScottF));
    let habit = Box::leak(large.replace("test = \"rao_scott_f\"", "test = \"none\"").into_boxed_str());
    assert_eq!(verdict(habit), (false, Some(Verdict::NoDifference), Test::None));
    let small = Box::leak(habit.replace("minimum-difference = 0.03", "minimum-difference = 0.01").into_boxed_str());
    assert_eq!(verdict(small), (false, Some(Verdict::Higher), Test::None));
}

/// Where every respondent is a stratum there are no degrees of freedom: the first-order test stands in where that is declared.
#[test]
fn the_first_order_test_stands_in_where_it_is_declared() {
    let first = Box::leak(COMPARED.replace("adjustment", "first-order = true\nadjustment").into_boxed_str());
    for (analysis, reason, there) in [(COMPARED, Reason::NoDf, false), (first, Reason::FirstOrder, true)] {
        let trial = Trial { alone: true, ..Trial::new(&with_third(30, 30), analysis) };
        let (plan, results) = trial.run();
        let row = compared(&plan, &results, "WK000101", Reference::RestOfParent);
        assert_eq!((row.status, row.reason, row.p_test.is_some()), (Status::Ok, Some(reason), there));
        assert!(row.difference.is_some() && row.p_difference.is_none());
    }
}

const OVER_TIME: &str = r#"
[comparison]
alpha = 0.05
minimum-difference = 0.0
test = "t"
adjustment = "none"
family = "parameter"
[[comparison.reference]]
kind = "previous_period"
levels = ["gemeente"]
dimensions = ["total"]
[[comparison.reference]]
kind = "base_period"
period = 2012
levels = ["gemeente"]
dimensions = ["total"]
[trend]
levels = ["gemeente"]
dimensions = ["total"]
minimum-periods = 3
alpha = 0.05
"#;

fn four_years() -> Vec<People> {
    let of = |year, yes| People("000101", year, 1, yes, 200 - yes);
    vec![of(2012, 40), of(2016, 50), of(2020, 60), of(2022, 70)]
}

fn periods(results: &Results) -> Vec<(Reference, i32)> {
    let rows = results.comparisons.rows().iter().filter(|row| row.status == Status::Ok);
    rows.map(|row| (row.key.reference, row.key.period.unwrap())).collect()
}

fn trend(results: &Results) -> Option<&Trend> {
    results.trends.rows().iter().find(|row| row.status == Status::Ok)
}

#[test]
fn a_trend_is_over_all_periods_of_one_series() {
    let (_, results) = Trial::new(&four_years(), OVER_TIME).run();
    let found = trend(&results).unwrap();
    assert_eq!(found.periods, ["2012", "2016", "2020", "2022"]);
    assert!((found.change.unwrap().difference - (0.35 - 0.2)).abs() < 1e-12);
    assert_eq!(found.verdict, Some(Verdict::Higher));
    // Three with the year before, three with 2012.
    assert_eq!(periods(&results).len(), 6);
}

#[test]
fn no_comparison_and_no_trend_crosses_a_break() {
    let mut trial = Trial::new(&four_years(), OVER_TIME);
    trial.breaks = "breaks = [2016]";
    let (_, results) = trial.run();
    assert_eq!(trend(&results).unwrap().periods, ["2016", "2020", "2022"]);
    let found = periods(&results);
    assert_eq!(found, [(Reference::PreviousPeriod, 2016), (Reference::PreviousPeriod, 2020)]);
    let mut trial = Trial::new(&four_years(), OVER_TIME);
    trial.breaks = "breaks = [2020]";
    let (_, results) = trial.run();
    assert!(results.trends.rows().is_empty(), "two years are no trend");
    let within = [(Reference::PreviousPeriod, 2012), (Reference::BasePeriod, 2012), (Reference::PreviousPeriod, 2020)];
    assert_eq!(periods(&results), within, "2016 with 2012, and 2022 with 2020");
}

/// The list of regions does not say that the gemeente of 2022 is that of 2012.
#[test]
fn no_comparison_and_no_trend_joins_two_divisions() {
    let mut trial = Trial::new(&four_years(), OVER_TIME);
    trial.divisions = &[2012, 2022, 2022, 2022];
    let (_, results) = trial.run();
    assert_eq!(trend(&results).unwrap().periods, ["2016", "2020", "2022"]);
    assert_eq!(periods(&results), [(Reference::PreviousPeriod, 2016), (Reference::PreviousPeriod, 2020)]);
}

/// A recode of one whole region into one is a new code of the same region. Two regions that were joined are another one.
#[test]
fn a_recode_joins_a_renamed_region_and_no_merged_one() {
    let renamed = "GM0008;GM0001;1\nWK000801;WK000101;1\nWK000802;WK000102;1\nWK000803;WK000103;1\n";
    let merged = "GM0008;GM0001;1\nGM0002;GM0001;0.5\nGM0002;GM0002;0.5\nWK000801;WK000101;1\nWK000802;WK000102;1\nWK000803;WK000103;1\n";
    for (recode, periods) in [(renamed, 4), (merged, 3)] {
        let mut trial = Trial::new(&four_years(), OVER_TIME);
        trial.people[0] = People("000801", 2012, 1, 40, 160);
        trial.divisions = &[2012, 2022, 2022, 2022];
        trial.recode = recode;
        let (_, results) = trial.run();
        assert_eq!(trend(&results).unwrap().periods.len(), periods);
    }
}

/// A withheld year is in no trend and in no comparison.
#[test]
fn a_withheld_period_is_left_out() {
    let mut people = four_years();
    people[1] = People("000101", 2016, 1, 4, 30);
    let (_, results) = Trial::new(&people, OVER_TIME).run();
    assert_eq!(trend(&results).unwrap().periods, ["2012", "2020", "2022"]);
    assert!(periods(&results).iter().all(|(_, year)| *year != 2016));
    people[2] = People("000101", 2020, 1, 4, 60);
    let (_, results) = Trial::new(&people, OVER_TIME).run();
    let row = &results.trends.rows()[0];
    assert_eq!((row.status, row.reason), (Status::Suppressed, Some(Reason::MinN)));
    assert!(row.slope.is_none() && row.change.is_none() && row.p.is_none());
}

const STANDARD: &str = r#"
[[standardisation]]
dimension = "sex"
levels = ["gemeente"]
standard = { "1" = 3, "2" = 1 }
source = "a test"
[[inequality]]
dimension = "sex"
order = ["1", "2"]
levels = ["gemeente"]
"#;

/// 30 of 100 men and 50 of 100 women, three men to one woman: ¾·0.3 + ¼·0.5 = 0.35.
#[test]
fn a_standardised_share_by_hand() {
    let people = [People("000101", 2022, 1, 30, 70), People("000101", 2022, 2, 50, 50)];
    let (plan, results) = Trial::new(&people, STANDARD).run();
    let own = figure(&plan, &results, "GM0001", "standardised");
    assert!((own.value.unwrap() - 0.35).abs() < 1e-12);
    // z of each is its weight in the standard over 100; Σ z = 0 in the one stratum of 200.
    let squares: f64 = 0.75 * 0.75 * 0.21 / 100.0 + 0.25 * 0.25 * 0.25 / 100.0;
    assert!((own.se.unwrap() - (200.0 / 199.0 * squares).sqrt()).abs() < 1e-12);
}

/// With one of two groups withheld the standardised value and the other group would give it away.
#[test]
fn derived_figures_need_every_part_to_be_shown() {
    let people = [People("000101", 2022, 1, 30, 70), People("000101", 2022, 2, 20, 20)];
    let (plan, results) = Trial::new(&people, STANDARD).run();
    let catalogue = &plan.catalogue;
    let own = figure(&plan, &results, "GM0001", "standardised");
    assert_eq!(
        (own.status, own.reason, own.value, own.n),
        (Status::Suppressed, Some(Reason::Complementary), None, None)
    );
    let of_sex = results.figures.figures().filter(|own| {
        ["sii", "rii", "gap", "ratio"].contains(&own.statistic.as_str())
            && catalogue.categories[own.category as usize].dimension == "sex"
            && catalogue.regions[own.region as usize].code.as_str() == "GM0001"
    });
    let found: Vec<_> = of_sex.collect();
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|own| own.value.is_none() && own.reason == Some(Reason::Complementary)));
}

const PRECISE: &str = r#"
[reliability]
minimum-n-effective = 30
maximum-width = 0.30
narrow-width = 0.05
maximum-relative-width = 1.30
minimum-df = 8
maximum-rse = 0.30
withhold = true
ground = "a test"
"#;

/// 6 of 60: the interval is wider than 1.3 times the share. Withheld for that, in figures and in comparisons.
#[test]
fn unreliable_figures_are_withheld_where_that_is_declared() {
    let both = Box::leak(format!("{PRECISE}{COMPARED}").into_boxed_str());
    let people =
        [People("000101", 2022, 1, 6, 54), People("000102", 2022, 1, 40, 60), People("000201", 2022, 1, 30, 70)];
    let (plan, results) = Trial::new(&people, both).run();
    let own = figure(&plan, &results, "WK000101", "crude");
    assert_eq!((own.status, own.reason, own.value), (Status::Suppressed, Some(Reason::Unreliable), None));
    let row = compared(&plan, &results, "WK000101", Reference::RestOfParent);
    assert_eq!((row.status, row.reason, row.difference), (Status::Suppressed, Some(Reason::Unreliable), None));
    let shown = figure(&plan, &results, "WK000102", "crude");
    assert_eq!(shown.reliability.map(|own| own.as_str()), Some("reliable"));
}

/// Whether a wider region is too imprecise is asked of the figures of the same collection.
#[test]
fn an_unreliable_figure_of_another_collection_withholds_nothing() {
    let both = Box::leak(format!("{PRECISE}{COMPARED}").into_boxed_str());
    let people =
        [People("000101", 2022, 1, 50, 50), People("000102", 2022, 1, 40, 60), People("000201", 2022, 1, 30, 70)];
    // 6 of 60 in gemeente 0001.
    let others = vec![People("000101", 2022, 1, 6, 54), People("000201", 2022, 1, 30, 70)];
    let (plan, results) = Trial { others, ..Trial::new(&people, both) }.run();
    let of = |collection: &str, region: &str| {
        let named = |figure: &&Figure| {
            plan.catalogue.collections[figure.collection as usize] == collection
                && plan.catalogue.regions[figure.region as usize].code.as_str() == region
                && plan.catalogue.categories[figure.category as usize].category == "total"
        };
        results.figures.figures().find(named).unwrap()
    };
    assert_eq!(of("gmj", "GM0001").reason, Some(Reason::Unreliable));
    assert_eq!(of("gmvo", "GM0001").status, Status::Ok);
    let row = results.comparisons.rows().iter().find(|row| {
        row.key.figure.region == of("gmvo", "WK000101").region
            && row.key.reference == Reference::Parent
            && plan.catalogue.collections[row.key.figure.collection as usize] == "gmvo"
    });
    assert_eq!(row.unwrap().status, Status::Ok);
}
