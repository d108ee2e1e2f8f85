//! The attacker on planted leaks: each attack finds what was planted, and nothing where nothing is.

mod paper;

use wijkpeil::disclose::audit::{AuditReport, Quantity, Verdict};
use wijkpeil::publish::audit;

use paper::{POLICY, Paper, REGIONS, Row, adversarial, floats, texts, years};

fn attacked(paper: &Paper) -> AuditReport {
    audit(paper.path(), &[]).unwrap()
}

/// Whether an attack found something.
fn finds(report: &AuditReport, name: &str) -> bool {
    report.check(name).unwrap_or_else(|| panic!("no check {name}")).verdict == Verdict::Broken
}

/// Bounds of a count of a withheld figure that are too narrow.
fn bounds(report: &AuditReport, figure: &str, quantity: Quantity) -> Option<(f64, f64)> {
    let own = report.narrow.iter().find(|own| own.figure.contains(figure) && own.quantity == quantity)?;
    let rounded = |bound: f64| (bound * 1000.0).round() / 1000.0;
    Some((rounded(own.range.lower), rounded(own.range.upper)))
}

/// What the README of the tables says that the attacker finds.
#[test]
fn adversarial_tables() {
    type Found = (&'static str, &'static str, Quantity, (f64, f64));
    let found: &[Found] = &[
        ("single-wijk", "WK000103", Quantity::N, (30.0, 30.0)),
        ("single-wijk", "WK000103", Quantity::Yes, (6.0, 6.0)),
        ("crossing", "GM0001@2022 sex=1", Quantity::N, (190.0, 190.0)),
        ("complements", "sex=2", Quantity::N, (30.0, 30.0)),
        ("nested", "GM0002", Quantity::N, (80.0, 80.0)),
        ("nested-chain", "GM0002", Quantity::N, (40.0, 40.0)),
        ("nested-chain", "WK000201", Quantity::N, (40.0, 40.0)),
        ("equal-margins", "WK000103", Quantity::N, (0.0, 0.0)),
        ("narrow-pair", "WK000102", Quantity::N, (0.0, 20.0)),
        ("few-answers", "WK000103", Quantity::Yes, (0.0, 3.0)),
        ("nested-dimension", "WK000201@2022 age4=18-39", Quantity::N, (50.0, 50.0)),
        ("nested-dimension", "WK000201@2022 age4=75+", Quantity::N, (30.0, 30.0)),
        ("square-broken", "WK000102@2022 sex=1", Quantity::N, (80.0, 80.0)),
        ("square-broken", "WK000101@2022 sex=2", Quantity::N, (80.0, 80.0)),
    ];
    for (table, figure, quantity, range) in found {
        let report = attacked(&Paper::new(&adversarial(table), POLICY, "internal"));
        assert!(report.is_broken() && finds(&report, "interval"), "{table}");
        assert_eq!(bounds(&report, figure, *quantity), Some(*range), "{table} {figure}: {}", report.show(9));
    }
    for table in ["pair", "square"] {
        let report = attacked(&Paper::new(&adversarial(table), POLICY, "internal"));
        assert!(!report.is_broken(), "{table}: {}", report.show(9));
    }
    // n of the pair with few answers yes is wide; only the answers are too narrow.
    let report = attacked(&Paper::new(&adversarial("few-answers"), POLICY, "internal"));
    assert_eq!(bounds(&report, "WK000103", Quantity::N), None);
}

/// Moderate risk is "moderate or high" less "high", in each of fourteen groups of 100; in two of them it is withheld.
#[test]
fn the_third_parameter_of_a_scale() {
    let release = |also_high: bool, off: i64| {
        let mut rows = Vec::new();
        for group in 0..14 {
            let (high, moderate) = (10 + group, 30 + 2 * group % 9);
            let mut add = |parameter: &'static str, yes: i64, hidden: bool| {
                let category = format!("c{group:02}");
                let row = if hidden {
                    Row::withheld("WK000101", "group", &category, "withheld")
                } else {
                    Row::shown("WK000101", "group", &category, 100, yes)
                };
                rows.push(Row { parameter, ..row });
            };
            add("high", high, also_high && group < 2);
            add("moderate", moderate, group < 2);
            // In one group somebody may be off, which makes it another question.
            add("moderate_or_high", high + moderate + if group == 7 { off } else { 0 }, false);
        }
        attacked(&Paper::new(&rows, POLICY, "internal"))
    };
    let report = release(false, 0);
    assert!(finds(&report, "scale"), "{}", report.show(9));
    assert_eq!(report.check("scale").unwrap().found, 2);
    assert!(!finds(&release(true, 0), "scale"));
    assert!(!finds(&release(false, 1), "scale"));
}

/// Elimination finds the single wijk too, and leaves the pair alone.
#[test]
fn rank() {
    assert!(finds(&attacked(&Paper::new(&adversarial("square-broken"), POLICY, "internal")), "rank"));
    assert!(!finds(&attacked(&Paper::new(&adversarial("pair"), POLICY, "internal")), "rank"));
}

/// The pair hides each other where the policy asks for 25, and not where it asks for 200.
#[test]
fn the_width_is_that_of_the_policy() {
    let policy = POLICY.replace("\"protection_n\":25", "\"protection_n\":200");
    let report = attacked(&Paper::new(&adversarial("pair"), &policy, "internal"));
    assert_eq!(bounds(&report, "WK000102", Quantity::N), Some((0.0, 180.0)));
}

/// Without rounding the wijk is 30; with n rounded down to fives, 300 to 304 less 120 to 124 less 150 to 154 is 22 to 34.
#[test]
fn rounding_widens_what_a_difference_tells() {
    let policy = POLICY.replace("\"count\":1", "\"count\":5");
    let report = attacked(&Paper::new(&adversarial("single-wijk"), &policy, "internal"));
    assert_eq!(bounds(&report, "WK000103", Quantity::N), Some((22.0, 34.0)));
}

/// People without a wijk: 300 in the gemeente, 120 + 150 in the wijken that are shown beside one of 20 in another gemeente whose parts are
/// all shown and do not add up. Then the sums are no equations, and the withheld wijk has at most 30.
#[test]
fn people_without_a_wijk_leave_an_upper_bound() {
    let mut rows = adversarial("single-wijk");
    rows.extend([Row::total("GM0002", 100, 20), Row::total("WK000201", 90, 18)]);
    let report =
        attacked(&Paper::new(&rows, POLICY.replace("\"protection_n\":25", "\"protection_n\":40").as_str(), "internal"));
    assert_eq!(bounds(&report, "WK000103", Quantity::N), Some((0.0, 30.0)));
}

/// With reasons shown, a withheld pair of 70 is 20 or fewer and 50 or more: the complementary one is above the floor.
#[test]
fn reasons_bound_what_they_explain() {
    let mut rows = vec![Row::total("GM0001", 300, 60), Row::total("WK000101", 230, 46)];
    rows.push(Row::withheld("WK000102", "total", "total", "complementary"));
    rows.push(Row::withheld("WK000103", "total", "total", "min_n"));
    let shown = POLICY.replace("\"merged\"", "\"shown\"");
    let report = attacked(&Paper::new(&rows, &shown, "public"));
    assert_eq!(bounds(&report, "WK000103", Quantity::N), Some((0.0, 20.0)));
    // An internal release that says why has declared so.
    assert!(!attacked(&Paper::new(&rows, &shown, "internal")).is_broken());
    // The same two without their reasons: 0 to 70.
    for row in rows.iter_mut().filter(|row| row.value.is_none()) {
        row.reason = "withheld";
    }
    assert!(!attacked(&Paper::new(&rows, POLICY, "internal")).is_broken());
}

/// Missingness: two words where the policy says one; and in a public release a reason that bounds an answer.
#[test]
fn reasons() {
    let mut rows = adversarial("pair");
    assert!(!finds(&attacked(&Paper::new(&rows, POLICY, "public")), "reasons"));
    rows[2].reason = "min_answer";
    assert!(finds(&attacked(&Paper::new(&rows, POLICY, "public")), "reasons"));
    let shown = POLICY.replace("\"merged\"", "\"shown\"");
    assert!(finds(&attacked(&Paper::new(&rows, &shown, "public")), "reasons"));
    assert!(!finds(&attacked(&Paper::new(&rows, &shown, "internal")), "reasons"));
}

/// 63 answers, published as 60: se² = deff · p(1 − p) / (n − 1). From the true n it gives 63 back, from the rounded one 60.
#[test]
fn a_standard_error_that_inverts_to_n() {
    let policy = POLICY.replace("\"count\":1", "\"count\":5");
    let paper = |n: f64| {
        let mut row = Row::total("GM0001", 60, 18);
        let (value, deff) = (row.value.unwrap(), 1.3);
        row.se = Some((deff * value * (1.0 - value) / (n - 1.0)).sqrt());
        row.deff = Some(deff);
        Paper::new(&[row], &policy, "internal")
    };
    assert!(finds(&attacked(&paper(63.0)), "inversion"));
    assert!(!finds(&attacked(&paper(60.0)), "inversion"));
}

/// Hidden n, and degrees of freedom beside its class.
#[test]
fn degrees_of_freedom_that_give_n() {
    let mut row = Row::total("WK000101", 60, 18);
    (row.n, row.n_class) = (None, Some("50-99"));
    assert!(!finds(&attacked(&Paper::new(&[row.clone()], POLICY, "internal")), "inversion"));
    row.df = Some(62);
    assert!(finds(&attacked(&Paper::new(&[row], POLICY, "internal")), "inversion"));
}

/// 18 of 60 is 30 %: with exact n one number of answers is left, with n from 60 to 64 two.
#[test]
fn integers() {
    let policy = |count: u32| {
        POLICY.replace("\"share\":null", "\"share\":0.01").replace("\"count\":1", &format!("\"count\":{count}"))
    };
    let rows = [Row::total("WK000101", 60, 18)];
    assert!(finds(&attacked(&Paper::new(&rows, &policy(1), "public")), "integer"));
    assert!(!finds(&attacked(&Paper::new(&rows, &policy(5), "public")), "integer"));
}

#[test]
fn precision() {
    let policy =
        POLICY.replace("\"share\":null,\"count\":1,\"hidden\":[]", "\"share\":0.01,\"count\":5,\"hidden\":[\"deff\"]");
    let good = Row::total("WK000101", 60, 18);
    let with = |change: &dyn Fn(&mut Row)| {
        let mut row = good.clone();
        change(&mut row);
        finds(&attacked(&Paper::new(&[row], &policy, "internal")), "precision")
    };
    assert!(!with(&|_| ()));
    assert!(with(&|row| row.n = Some(61)));
    assert!(with(&|row| row.value = Some(0.301)));
    assert!(with(&|row| row.deff = Some(1.0)));
    // A number beside a status that withholds the figure.
    let mut row = Row::hidden("WK000101");
    row.deff = Some(1.2);
    assert!(finds(&attacked(&Paper::new(&[row], POLICY, "internal")), "precision"));
}

#[test]
fn nobody_or_all_of_a_small_group() {
    let group = |n: i64, yes: i64| {
        finds(&attacked(&Paper::new(&[Row::total("WK000101", n, yes)], POLICY, "internal")), "group")
    };
    assert!(group(60, 0) && group(60, 60) && group(40, 10));
    assert!(!group(60, 18) && !group(100, 10));
}

/// One respondent more, from 300 to 301, is that respondent; 40 more are a crowd.
#[test]
fn a_second_release_with_one_respondent_more() {
    let first = Paper::new(&[Row::total("GM0001", 300, 60)], POLICY, "internal");
    let against = |n: i64| {
        let second = Paper::new(&[Row::total("GM0001", n, 61)], POLICY, "internal");
        audit(first.path(), &[second.path().to_owned()]).unwrap()
    };
    assert!(finds(&against(301), "against"));
    assert!(!finds(&against(340), "against"));
    let same = audit(first.path(), &[first.path().to_owned()]).unwrap();
    assert!(!same.is_broken(), "{}", same.show(9));
}

/// Two releases withhold different pairs of the same rows; together they show everything but one.
#[test]
fn two_releases_that_withhold_different_pairs() {
    let total = Row::total("GM0001", 300, 60);
    let first = [total.clone(), Row::total("WK000101", 120, 24), Row::hidden("WK000102"), Row::hidden("WK000103")];
    let second = [total, Row::hidden("WK000101"), Row::total("WK000102", 150, 30), Row::hidden("WK000103")];
    let [first, second] = [first, second].map(|rows| Paper::new(&rows, POLICY, "internal"));
    assert!(!attacked(&first).is_broken() && !attacked(&second).is_broken());
    let report = audit(first.path(), &[second.path().to_owned()]).unwrap();
    assert!(finds(&report, "against") && finds(&report, "union"), "{}", report.show(9));
    assert_eq!(bounds(&report, "WK000103", Quantity::N), Some((30.0, 30.0)));
}

/// A wijk of 2020 that is withheld, and the two of 2022 that came from it and are shown in another release: 60 + 70 = 130.
#[test]
fn a_split_of_regions() {
    let old: &[(&str, i32, &str, &str)] =
        &[("GM0001", 2020, "", ""), ("WK000101", 2020, "GM0001", ""), ("WK000102", 2020, "GM0001", "")];
    let of_old = |row: Row| Row { year: 2020, ..row };
    let rows = [Row::total("GM0001", 300, 60), Row::hidden("WK000101"), Row::hidden("WK000102")].map(of_old);
    let first = Paper::with_regions(old, &rows, POLICY, "internal");
    let split = |second: &'static str| -> Vec<(&'static str, i32, &'static str, &'static str)> {
        vec![("WK000111", 2022, "", "WK000101@2020"), ("WK000112", 2022, "", second)]
    };
    let rows = [Row::total("WK000111", 60, 12), Row::total("WK000112", 70, 14)];
    let found = |second| {
        let second = Paper::with_regions(&split(second), &rows, POLICY, "internal");
        audit(first.path(), &[second.path().to_owned()]).unwrap()
    };
    let report = found("WK000101@2020");
    assert!(!attacked(&first).is_broken() && finds(&report, "union"), "{}", report.show(9));
    assert_eq!(bounds(&report, "WK000101", Quantity::N), Some((130.0, 130.0)));
    assert_eq!(bounds(&report, "WK000102", Quantity::N), Some((170.0, 170.0)));
    // One of the two came from elsewhere too: then they are not the old one.
    assert!(!finds(&found("WK000101@2020 WK000102@2020"), "union"));
}

/// The difference of a shown wijk and its gemeente, which is withheld, gives the gemeente.
#[test]
fn a_difference_gives_the_other_side() {
    let found = |gemeente: Row, reference: &str, region: &str| {
        let rows =
            [gemeente, Row::total("WK000101", 120, 24), Row::total("WK000102", 120, 24), Row::hidden("WK000103")];
        let paper = Paper::new(
            &rows,
            &POLICY.replace("25", "0").replace("\"protection_answer\":5", "\"protection_answer\":0"),
            "internal",
        );
        let one = |word: &'static str| texts(std::iter::once(word));
        let (reference, region) = (texts(std::iter::once(reference)), texts(std::iter::once(region)));
        paper.table(
            "comparisons/gmvo/2022/wijk.parquet",
            vec![
                ("parameter", one("lonely")),
                ("collection", one("gmvo")),
                ("period", years(std::iter::once(2022))),
                ("level", one("wijk")),
                ("region", one("WK000101")),
                ("region_year", years(std::iter::once(2022))),
                ("statistic", one("crude")),
                ("dimension", one("total")),
                ("category", one("total")),
                ("method", one("direct")),
                ("source", one("s2022")),
                ("variant", one("")),
                ("reference", reference),
                ("reference_region", region),
                ("difference", floats(std::iter::once(Some(0.01)))),
                ("status", one("ok")),
            ],
        );
        finds(&attacked(&paper), "comparison")
    };
    assert!(found(Row::hidden("GM0001"), "parent", "GM0001"));
    assert!(!found(Row::total("GM0001", 300, 60), "parent", "GM0001"));
    // The rest of the gemeente is two wijken, of which one is shown.
    assert!(!found(Row::total("GM0001", 300, 60), "rest_of_parent", "GM0001"));
}

/// The change since 2020 of a wijk that is shown now and was withheld then gives what it was; without a row of then nothing is said.
#[test]
fn a_change_gives_the_year_before() {
    let found = |then: Row| {
        let before = |row: Row| Row { period: 2020, ..row };
        let rows = [
            Row::total("WK000101", 120, 24),
            Row::total("WK000102", 120, 24),
            before(then),
            before(Row::total("WK000102", 110, 20)),
        ];
        let paper = Paper::new(&rows, POLICY, "internal");
        let one = |word: &'static str| texts(std::iter::once(word));
        let year = |year: i32| years(std::iter::once(year));
        paper.table(
            "comparisons/gmvo/2022/wijk.parquet",
            vec![
                ("parameter", one("lonely")),
                ("collection", one("gmvo")),
                ("period", year(2022)),
                ("level", one("wijk")),
                ("region", one("WK000101")),
                ("region_year", year(2022)),
                ("statistic", one("crude")),
                ("dimension", one("total")),
                ("category", one("total")),
                ("method", one("direct")),
                ("source", one("s2022")),
                ("variant", one("")),
                ("reference", one("previous_period")),
                ("reference_period", year(2020)),
                ("difference", floats(std::iter::once(Some(0.02)))),
                ("status", one("ok")),
            ],
        );
        finds(&attacked(&paper), "comparison")
    };
    assert!(found(Row::hidden("WK000101")));
    assert!(!found(Row::total("WK000101", 100, 18)));
}

/// A standardised value over two age groups of which one is withheld.
#[test]
fn a_standardised_value_gives_the_part_that_is_withheld() {
    let found = |second: Row| {
        let mut made = Row::total("GM0001", 400, 80);
        made.statistic = "standardised";
        let rows = [Row::total("GM0001", 400, 80), made, Row::shown("GM0001", "age", "18-39", 200, 40), second];
        finds(&attacked(&Paper::new(&rows, POLICY, "internal")), "derived")
    };
    assert!(found(Row::withheld("GM0001", "age", "40+", "withheld")));
    assert!(!found(Row::shown("GM0001", "age", "40+", 200, 40)));
}

#[test]
fn the_wide_table_and_the_targets_follow() {
    let paper = Paper::new(&adversarial("pair"), POLICY, "internal");
    let keys = || {
        let one = |word: &'static str| texts(std::iter::once(word));
        vec![
            ("collection", one("gmvo")),
            ("period", years(std::iter::once(2022))),
            ("region", one("WK000103")),
            ("region_year", years(std::iter::once(2022))),
            ("parameter", one("lonely")),
            ("method", one("direct")),
        ]
    };
    let wide = |value: Option<f64>| {
        let mut columns = keys();
        columns.push(("lonely", floats(std::iter::once(value))));
        columns.push(("lonely_status", texts(std::iter::once("suppressed"))));
        paper.table("dashboard/gmvo_direct.parquet", columns);
        let mut columns = keys();
        columns.push(("value", floats(std::iter::once(None))));
        columns.push(("difference", floats(std::iter::once(value))));
        paper.table("targets.parquet", columns);
        let report = attacked(&paper);
        (finds(&report, "dashboard"), finds(&report, "targets"))
    };
    assert_eq!((wide(None), wide(Some(0.2))), ((false, false), (true, true)));
}

#[test]
fn counts_of_the_quality_tables() {
    let paper = Paper::new(&adversarial("pair"), POLICY, "public");
    let with = |measured: f64, row: Option<f64>| {
        paper.table(
            "quality/checks.parquet",
            vec![
                ("check", texts(std::iter::once("answers_unknown_lonely"))),
                ("subject", texts(std::iter::once("s2022"))),
                ("measured", floats(std::iter::once(Some(measured)))),
            ],
        );
        paper.table("quality/rejects.parquet", vec![("row", floats(std::iter::once(row)))]);
        finds(&attacked(&paper), "counts")
    };
    assert!(!with(0.0, None) && !with(60.0, None));
    assert!(with(3.0, None) && with(60.0, Some(7.0)));
}

/// A withheld value that was taken out of the cells of a written file, and stayed in its dictionary or statistics.
#[test]
fn what_a_file_holds_beside_its_cells() {
    let rows = [Row::total("WK000101", 120, 24), Row::shown("WK000102", "total", "total", 1000, 123)];
    let paper = Paper::new(&rows, POLICY, "internal");
    assert!(!finds(&attacked(&paper), "metadata"));
    let path = paper.path().join("figures/gmvo/2022/wijk.parquet");
    let bytes = std::fs::read(&path).unwrap();
    // 0.123 stands in the dictionary first and in the statistics behind it; the cells lose it when the first becomes 0.2.
    let (from, to) = (0.123_f64.to_le_bytes(), 0.2_f64.to_le_bytes());
    let places: Vec<usize> = (0..bytes.len() - 8).filter(|at| bytes[*at..at + 8] == from).collect();
    assert!(places.len() > 1, "{places:?}");
    let mut planted = bytes.clone();
    planted[places[0]..places[0] + 8].copy_from_slice(&to);
    std::fs::write(&path, planted).unwrap();
    assert!(finds(&attacked(&paper), "metadata"), "the statistics still have what the cells lost");
    // A key that the program does not write.
    let batch = crate::cli::support::rows(&path);
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_key_value_metadata(Some(vec![parquet::file::metadata::KeyValue::new("note".to_owned(), "3".to_owned())]))
        .build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), Some(properties))
            .unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert!(finds(&attacked(&paper), "metadata"));
}

/// Without a policy in the manifest the report says that the widths are assumed.
#[test]
fn a_release_that_states_no_policy() {
    let paper = Paper::new(&adversarial("single-wijk"), "null", "internal");
    let report = attacked(&paper);
    assert!(report.policy.contains("assumed") && finds(&report, "interval"), "{}", report.show(9));
}

/// The regions of the tables lie in each other as their README says.
#[test]
fn regions_on_paper() {
    let parents: Vec<&str> = REGIONS.iter().map(|own| own.2).filter(|own| !own.is_empty()).collect();
    assert!(parents.iter().all(|parent| REGIONS.iter().any(|own| own.0 == *parent)));
}
