//! The language of instruments, row by row, by hand.

use super::survey::Outcome::{No, NotApplicable, Score, Unknown, Yes};
use super::survey::{KEYS, TABLES, file, instrument, item, measure, outcomes, place, rule, survey};
use crate::published::project::source;

/// Five sources of stress; 4 and 5 are much.
fn stress(max_missing: usize) -> String {
    let items: String = ["a", "b", "c", "d", "e"].iter().map(|id| item(id, "much")).collect();
    let body = format!(
        "[recode.much]\ncodes = {{ 1 = 0, 2 = 0, 3 = 0, 4 = 1, 5 = 1 }}\nunknown = [9]\n{items}\
         [[score]]\nid = \"s\"\nitems = [\"a\", \"b\", \"c\", \"d\", \"e\"]\nmethod = \"any\"\nmax-missing = {max_missing}\n\
         impute = \"none\"\nminimum = 0\nmaximum = 1\n{}",
        rule("r", "score = \"s\"\nat-least = 1")
    );
    instrument(&body, "s")
}

/// One much decides, whatever is missing; none of it does where no more is missing than allowed.
#[test]
fn any_of_some_answers() {
    let parameters = [("p", "share", measure("rule", "r", "")), ("m", "mean", measure("score", "s", ""))];
    let rows = ["2;9;4;1;3", "2;9;3;1;3", "1;1;1;1;1", "5;9;9;9;9", "9;9;9;9;9", ";;;;4", "1;9;9;1;1"];
    let found = |allowed| outcomes(&stress(allowed), &parameters, "a;b;c;d;e", &rows);
    assert_eq!(found(0)[0], [Yes, Unknown, No, Yes, Unknown, Yes, Unknown]);
    assert_eq!(found(1)[0], [Yes, No, No, Yes, Unknown, Yes, Unknown]);
    assert_eq!(found(4)[0], [Yes, No, No, Yes, Unknown, Yes, No]);
    let score = |yes| Score(f64::from(u8::from(yes)));
    assert_eq!(found(1)[1], [score(true), score(false), score(false), score(true), Unknown, score(true), Unknown]);
}

/// Three questions on gaming; who does not play (0) is not asked them.
fn gaming() -> String {
    let items: String = ["q1", "q2", "q3"].iter().map(|id| item(id, "often")).collect();
    let body = format!(
        "[recode.plays]\ncodes = {{ 1 = 1, 2 = 0 }}\nunknown = [9]\n[recode.often]\ncodes = {{ 1 = 0, 2 = 1 }}\nunknown = [9]\n\
         not-applicable = [8]\n{}{items}[[score]]\nid = \"s\"\nitems = [\"q1\", \"q2\", \"q3\"]\nmethod = \"sum\"\nmax-missing = 0\n\
         impute = \"none\"\nminimum = 0\nmaximum = 3\ngate = {{ item = \"plays\", points = [0] }}\n\
         [[score]]\nid = \"other\"\nitems = [\"q1\"]\nmethod = \"sum\"\nmax-missing = 0\nimpute = \"none\"\nminimum = 0\nmaximum = 1\n{}{}{}",
        item("plays", "plays"),
        rule("r", "score = \"s\"\nat-least = 2"),
        rule("first", "score = \"other\"\nat-least = 1"),
        rule("both", "all-of = [\"r\", \"first\"]"),
    ) + "[[case]]\nname = \"closed\"\nanswers = { plays = 2, q1 = 8, q2 = 8, q3 = 8 }\nscores = { s = \"not-applicable\", other = \"unknown\" }\n\
         rules = { r = \"not-applicable\", first = \"unknown\", both = \"unknown\" }\n\
         [[case]]\nname = \"closed and one no\"\nanswers = { plays = 2, q1 = 1 }\nscores = { s = \"not-applicable\", other = 0 }\n\
         rules = { r = \"not-applicable\", both = \"no\" }\n\
         [[case]]\nname = \"open\"\nanswers = { plays = 1, q1 = 2, q2 = 2, q3 = 1 }\nscores = { s = 2 }\n\
         rules = { r = \"yes\", both = \"yes\" }\n";
    instrument(&body, "s")
}

const HEADER: &str = "plays;q1;q2;q3";
/// Two points; one; gate closed with and without answers behind it, and with marks; gate unknown or empty with answers; an answer
/// missing behind an open gate; skipped behind an open gate.
const PLAYERS: [&str; 9] =
    ["1;2;2;1", "1;1;2;1", "2;;;", "2;2;2;2", "2;8;8;8", "9;2;2;2", ";1;1;1", "1;2;2;9", "1;8;8;8"];

/// Behind a closed gate nothing counts, not even answers; a gate that nobody answered is open.
#[test]
fn a_gate_makes_a_score_not_applicable() {
    let of = |treatment: &str| measure("rule", "r", &format!("not-applicable-is = \"{treatment}\""));
    let parameters =
        [("out", "share", of("excluded")), ("no", "share", of("no")), ("m", "mean", measure("score", "s", ""))];
    let found = outcomes(&gaming(), &parameters, HEADER, &PLAYERS);
    let nvt = NotApplicable;
    assert_eq!(found[0], [Yes, No, nvt, nvt, nvt, Yes, No, Unknown, Unknown]);
    assert_eq!(found[1], [Yes, No, No, No, No, Yes, No, Unknown, Unknown]);
    // Whom a score does not apply to has none, and is in no mean.
    let none = Unknown;
    assert_eq!(found[2], [Score(2.0), Score(1.0), none, none, none, Score(3.0), Score(0.0), none, none]);
}

/// Of nine respondents 2 yes, 2 no, 3 not applicable, 2 unknown: 2 of 4, or 2 of 7.
#[test]
fn not_applicable_is_out_of_the_denominator_or_a_no() {
    let of = |treatment: &str| measure("rule", "r", &format!("not-applicable-is = \"{treatment}\""));
    let parameters = [("out", "share", of("excluded")), ("no", "share", of("no"))];
    let pipeline = survey(&gaming(), &parameters, source("s", "respondents", &format!("{KEYS}{TABLES}")));
    let rows: String = PLAYERS.iter().map(|row| format!("1;1;{row}\n")).collect();
    let place = place(1, &[("t.csv", &format!("gemeente;w;{HEADER}\n{rows}"))]);
    let found = super::survey::estimates(&pipeline, &place);
    let own = |id: &str| {
        let own = &found.iter().find(|own| own.parameter == id).unwrap().estimate;
        (own.n, own.n_yes, own.unknown, own.not_applicable, own.value.map(|own| own.value))
    };
    assert_eq!(own("out"), (4, Some(2), 2, 3, Some(0.5)));
    assert_eq!(own("no"), (7, Some(2), 2, 0, Some(2.0 / 7.0)));
}

/// A rule of which one part does not apply is unknown, unless another part decides it; if none applies it is not applicable.
#[test]
fn not_applicable_among_other_rules_is_unknown() {
    let both = measure("rule", "both", "not-applicable-is = \"excluded\"");
    let found = outcomes(&gaming(), &[("p", "share", both)], HEADER, &["2;2;;", "2;1;;", "1;2;2;1", "2;9;;"]);
    assert_eq!(found[0], [Unknown, No, Yes, Unknown]);
    let two = gaming().replace("all-of = [\"r\", \"first\"]", "any-of = [\"r\", \"again\"]").replace(
        "[[rule]]\nid = \"first\"",
        &(rule("again", "score = \"s\"\nat-least = 1") + "[[rule]]\nid = \"first\""),
    );
    let two = two
        .replace("both = \"unknown\"", "both = \"not-applicable\"")
        .replace("both = \"no\"", "both = \"not-applicable\"");
    let found = outcomes(&two, &[("p", "share", both)], HEADER, &["2;2;2;2", "1;1;2;1"]);
    assert_eq!(found[0], [NotApplicable, Yes]);
}

/// A case that expects a score or a rule of a closed gate to be something else does not come out.
#[test]
fn a_case_behind_a_closed_gate_is_checked() {
    let wrong = gaming()
        .replace("s = \"not-applicable\", other = \"unknown\"", "s = \"unknown\", other = \"not-applicable\"")
        .replace("r = \"not-applicable\", first", "r = \"no\", first");
    let parameters = [("p", "share", measure("rule", "first", ""))];
    let pipeline = survey(&wrong, &parameters, source("s", "respondents", &format!("{KEYS}{TABLES}")));
    let message = pipeline.plan(place(1, &[("t.csv", &file(HEADER, &["1;1;1;1"]))]).path()).map(|_| ()).unwrap_err();
    for words in [
        "score `s` is not-applicable, declared unknown",
        "score `other` is unknown, declared not-applicable",
        "rule `r` is not-applicable, declared no",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

/// A gate without a word on what it counts as, and a word without a gate.
#[test]
fn the_treatment_of_not_applicable_goes_with_a_gate() {
    let told = |instrument: &str, part: &str, more: &str| {
        let parameters = [("p", "share", measure("rule", part, more))];
        let pipeline = survey(instrument, &parameters, source("s", "respondents", &format!("{KEYS}{TABLES}")));
        let place = place(1, &[("t.csv", &file("plays;q1;q2;q3;a;b;c;d;e", &["1;1;1;1;1;1;1;1;1"]))]);
        pipeline.plan(place.path()).map(|_| ()).unwrap_err()
    };
    let words = "error[declare-contradiction]: rule `both` of parameter `p` can be not applicable, and nothing says what that counts as";
    assert!(told(&gaming(), "both", "").contains(words), "{}", told(&gaming(), "both", ""));
    for (instrument, part) in [(gaming(), "first"), (stress(0), "r")] {
        let message = told(&instrument, part, "not-applicable-is = \"no\"");
        assert!(message.contains("of parameter `p` is never not applicable"), "{message}");
    }
}

/// Six glasses for a man (1), four for a woman (2).
fn drinker() -> String {
    let sum = |id: &str, item: &str, high: usize| {
        format!(
            "[[score]]\nid = \"{id}\"\nitems = [\"{item}\"]\nmethod = \"sum\"\nmax-missing = 0\nimpute = \"none\"\nminimum = 0\nmaximum = {high}\n"
        )
    };
    let points: String = (0..=9).map(|glasses| format!("{glasses} = {glasses}, ")).collect();
    let body = format!(
        "[recode.sex]\ncodes = {{ 1 = 1, 2 = 0 }}\nunknown = [9]\n[recode.glasses]\ncodes = {{ {} }}\nunknown = [99]\n{}{}{}{}",
        points.trim_end_matches(", "),
        item("sex", "sex"),
        item("glasses", "glasses"),
        sum("male", "sex", 1),
        sum("day", "glasses", 9),
    ) + &[
        ("man", "score = \"male\"\nat-least = 1"),
        ("woman", "score = \"male\"\nat-most = 0"),
        ("six", "score = \"day\"\nat-least = 6"),
        ("four", "score = \"day\"\nat-least = 4"),
        ("heavy-man", "all-of = [\"man\", \"six\"]"),
        ("heavy-woman", "all-of = [\"woman\", \"four\"]"),
        ("heavy", "any-of = [\"heavy-man\", \"heavy-woman\"]"),
    ]
    .map(|(id, test)| rule(id, test))
    .concat();
    instrument(&body, "day")
}

/// Without the sex, 3 glasses are few for everybody and 6 many for everybody but the rule cannot know; without the glasses nobody knows.
#[test]
fn cut_offs_may_differ_by_sex() {
    let rows = ["1;6", "1;5", "2;4", "2;3", "2;6", "9;3", "9;5", "9;6", "1;99", "2;", ";"];
    let heavy = [("p", "share", measure("rule", "heavy", ""))];
    let found = outcomes(&drinker(), &heavy, "sex;glasses", &rows);
    assert_eq!(found[0], [Yes, No, Yes, No, Yes, No, Unknown, Unknown, Unknown, Unknown, Unknown]);
}
