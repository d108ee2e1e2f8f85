//! What must hold for every instrument: random ones on random answers, beside a slow three-valued twin.

use proptest::prelude::*;

use super::survey::{Outcome, instrument, measure, outcomes, rule};

/// Codes of an item have these points, in halves so that sums are exact.
const CODES: usize = 4;
const UNKNOWN: u8 = 9;
const NOT_APPLICABLE: u8 = 8;

#[derive(Clone, Debug)]
struct Item {
    /// Half points per code from 1.
    halves: [i32; CODES],
    /// Reference mean, in quarters.
    quarters: i32,
}

impl Item {
    fn points(&self, code: u8) -> Option<f64> {
        let at = usize::from(code).checked_sub(1)?;
        self.halves.get(at).map(|half| f64::from(*half) / 2.0)
    }

    fn range(&self) -> (f64, f64) {
        let all = || self.halves.iter().map(|half| f64::from(*half) / 2.0);
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Sum,
    Mean,
    Any,
}

/// One score over all items, a second over the first item alone, and rules on them.
#[derive(Clone, Debug)]
struct Scale {
    items: Vec<Item>,
    method: Method,
    /// 0 none, 1 person-mean, 2 item-mean.
    impute: usize,
    max_missing: usize,
    /// Whether the first code of an item of its own closes the gate of the first score.
    gated: bool,
    /// Rules of rules: whether all must hold, and which earlier rules.
    joined: Vec<(bool, Vec<usize>)>,
}

impl Scale {
    fn range(&self) -> (f64, f64) {
        let (low, high) =
            self.items.iter().map(Item::range).fold((0.0, 0.0), |(low, high), own| (low + own.0, high + own.1));
        let items = self.items.len() as f64;
        match self.method {
            Method::Sum => (low, high),
            Method::Mean => (low / items, high / items),
            Method::Any => (0.0, 1.0),
        }
    }

    /// The middle of a score, which every range holds on both sides.
    fn middle(&self, score: usize) -> f64 {
        let (low, high) = if score == 0 { self.range() } else { self.items[0].range() };
        f64::midpoint(low, high)
    }

    /// The instrument with its items in some order, and items of which the points are turned round.
    fn toml(&self, order: &[usize], turned: &[bool]) -> String {
        let name = |at: &usize| format!("\"q{at}\"");
        let names = order.iter().map(name).collect::<Vec<_>>().join(", ");
        let mut text = "[recode.gate]\ncodes = { 1 = 0, 2 = 1 }\nunknown = [9]\n".to_owned();
        for (at, item) in self.items.iter().enumerate() {
            let place = |code: usize| if turned[at] { CODES - 1 - code } else { code };
            let codes: Vec<String> = (0..CODES)
                .map(|code| format!("{} = {:?}", code + 1, f64::from(item.halves[place(code)]) / 2.0))
                .collect();
            text += &format!(
                "[recode.r{at}]\ncodes = {{ {} }}\nunknown = [{UNKNOWN}]\nnot-applicable = [{NOT_APPLICABLE}]\n",
                codes.join(", ")
            );
        }
        text += &super::survey::item("gate", "gate");
        for at in order {
            text += &super::survey::item(&format!("q{at}"), &format!("r{at}"));
        }
        let method = ["sum", "mean", "any"][self.method as usize];
        let impute = ["none", "person-mean", "item-mean"][self.impute];
        let means: Vec<String> =
            order.iter().map(|at| format!("q{at} = {:?}", f64::from(self.items[*at].quarters) / 4.0)).collect();
        let means = match self.impute {
            2 => format!("item-means = {{ {} }}\nitem-means-source = \"a test\"\n", means.join(", ")),
            _ => String::new(),
        };
        let gate = if self.gated { "gate = { item = \"gate\", points = [0] }\n" } else { "" };
        let (low, high) = self.range();
        text += &format!(
            "[[score]]\nid = \"s\"\nitems = [{names}]\nmethod = \"{method}\"\nmax-missing = {}\nimpute = \"{impute}\"\n{means}\
             minimum = {low:?}\nmaximum = {high:?}\n{gate}",
            self.max_missing
        );
        let (low, high) = self.items[0].range();
        text += &format!(
            "[[score]]\nid = \"t\"\nitems = [\"q0\"]\nmethod = \"sum\"\nmax-missing = 0\nimpute = \"none\"\nminimum = {low:?}\nmaximum = {high:?}\n"
        );
        text += &rule("rule0", &format!("score = \"s\"\nabove = {:?}", self.middle(0)));
        text += &rule("rule1", &format!("score = \"t\"\nabove = {:?}", self.middle(1)));
        for (at, (all, parts)) in self.joined.iter().enumerate() {
            let parts: Vec<String> = parts.iter().map(|part| format!("\"rule{part}\"")).collect();
            let word = if *all { "all-of" } else { "any-of" };
            text += &rule(&format!("rule{}", at + 2), &format!("{word} = [{}]", parts.join(", ")));
        }
        instrument(&text, "t")
    }

    /// Whether a rule rests on the score with a gate.
    fn is_gated(&self, rule: usize) -> bool {
        self.gated
            && match rule {
                0 => true,
                1 => false,
                own => self.joined[own - 2].1.iter().any(|part| self.is_gated(*part)),
            }
    }
}

/// `None` is unknown; a score that does not apply is `Err`.
type Slow<T> = Result<Option<T>, ()>;

/// A respondent: the code of the gate and of each item, 0 for an empty cell.
type Person = (u8, Vec<u8>);

fn slow_score(scale: &Scale, person: &Person) -> Slow<f64> {
    if scale.gated && person.0 == 1 {
        return Err(());
    }
    let points: Vec<Option<f64>> = scale.items.iter().zip(&person.1).map(|(item, code)| item.points(*code)).collect();
    let known: Vec<f64> = points.iter().flatten().copied().collect();
    let missing = points.len() - known.len();
    if scale.method == Method::Any {
        return Ok(match known.iter().any(|own| *own > 0.0) {
            true => Some(1.0),
            false => (missing <= scale.max_missing).then_some(0.0),
        });
    }
    if missing > scale.max_missing {
        return Ok(None);
    }
    let own_mean = known.iter().sum::<f64>() / known.len() as f64;
    let filled: Vec<f64> = match scale.impute {
        0 => known,
        1 => points.iter().map(|own| own.unwrap_or(own_mean)).collect(),
        _ => points.iter().zip(&scale.items).map(|(own, item)| own.unwrap_or(f64::from(item.quarters) / 4.0)).collect(),
    };
    let sum = filled.iter().sum::<f64>();
    Ok(Some(if scale.method == Method::Mean { sum / filled.len() as f64 } else { sum }))
}

/// Kleene's three values; `Err` is a part that does not apply.
fn slow_rule(scale: &Scale, person: &Person, rule: usize) -> Slow<bool> {
    match rule {
        0 => slow_score(scale, person).map(|score| score.map(|score| score > scale.middle(0))),
        1 => Ok(scale.items[0].points(person.1[0]).map(|points| points > scale.middle(1))),
        own => {
            let (all, parts) = &scale.joined[own - 2];
            let parts: Vec<Slow<bool>> = parts.iter().map(|part| slow_rule(scale, person, *part)).collect();
            if parts.iter().all(Result::is_err) {
                return Err(());
            }
            let known = |wanted: bool| parts.iter().filter(|part| **part == Ok(Some(wanted))).count();
            Ok(match all {
                true if known(false) > 0 => Some(false),
                true => (known(true) == parts.len()).then_some(true),
                false if known(true) > 0 => Some(true),
                false => (known(false) == parts.len()).then_some(false),
            })
        }
    }
}

/// What the program makes of people: the score, and then every rule.
fn found(scale: &Scale, people: &[Person], order: &[usize], turned: &[bool]) -> Vec<Vec<Outcome>> {
    let names = ["rule0", "rule1", "rule2", "rule3", "rule4"];
    let mut parameters = vec![("score", "mean", measure("score", "s", ""))];
    for (at, name) in names.iter().enumerate().take(2 + scale.joined.len()) {
        let more = if scale.is_gated(at) { "not-applicable-is = \"excluded\"" } else { "" };
        parameters.push((name, "share", measure("rule", name, more)));
    }
    let cell = |code: u8, turned: bool| match code {
        0 => String::new(),
        code if turned && usize::from(code) <= CODES => (CODES + 1 - usize::from(code)).to_string(),
        code => code.to_string(),
    };
    let header = order.iter().map(|at| format!("q{at}")).collect::<Vec<_>>().join(";");
    let rows: Vec<String> = people
        .iter()
        .map(|(gate, codes)| {
            let cells: Vec<String> = order.iter().map(|at| cell(codes[*at], turned[*at])).collect();
            format!("{};{}", cell(*gate, false), cells.join(";"))
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    outcomes(&scale.toml(order, turned), &parameters, &format!("gate;{header}"), &rows)
}

fn close(a: Outcome, b: Outcome) -> bool {
    match (a, b) {
        (Outcome::Score(a), Outcome::Score(b)) => (a - b).abs() <= 1e-9,
        (a, b) => a == b,
    }
}

fn scale() -> impl Strategy<Value = Scale> {
    let item = (proptest::array::uniform4(-2..=6_i32), 0..=8_i32).prop_map(|(mut halves, quarters)| {
        // Points above 0 and two that differ, so that every score has a range.
        halves[0] = halves[0].abs() + 1;
        halves[1] = if halves[1] == halves[0] { halves[0] - 1 } else { halves[1] };
        let (low, high) = (halves.iter().min().copied().unwrap_or(0), halves.iter().max().copied().unwrap_or(0));
        // A reference mean lies among the points.
        Item { halves, quarters: quarters.clamp(2 * low, 2 * high) }
    });
    let method = prop_oneof![Just(Method::Sum), Just(Method::Mean), Just(Method::Any)];
    let joined = proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u32>(), 2..4)), 0..=3);
    (proptest::collection::vec(item, 2..6), method, 0..3_usize, any::<u32>(), any::<bool>(), joined).prop_map(
        |(mut items, method, impute, missing, gated, joined): (Vec<Item>, _, _, u32, _, Vec<_>)| {
            let max_missing = missing as usize % items.len();
            let impute = if method == Method::Any { 0 } else { impute };
            // What stands in for a missing item lies among its points, as the program demands.
            match (method, impute) {
                (Method::Any, _) | (_, 2) => {}
                (Method::Sum, 0) => items.iter_mut().for_each(|item| item.halves[2] = item.halves[2].min(0)),
                _ => {
                    let (first, rest) = items.split_at_mut(1);
                    for (turn, item) in rest.iter_mut().enumerate() {
                        item.halves = first[0].halves;
                        item.halves.rotate_left(turn % CODES);
                    }
                }
            }
            let earlier = |(at, (all, parts)): (usize, (bool, Vec<u32>))| {
                (all, parts.into_iter().map(|part| part as usize % (at + 2)).collect())
            };
            let joined = joined.into_iter().enumerate().map(earlier).collect();
            Scale { items, method, impute, max_missing, gated, joined }
        },
    )
}

/// Answers: codes, the marks of unknown and not applicable, and nothing.
fn people() -> impl Strategy<Value = Vec<Person>> {
    let code = || prop_oneof![6 => 1..=CODES as u8, 1 => Just(UNKNOWN), 1 => Just(NOT_APPLICABLE), 1 => Just(0_u8)];
    let gate = prop_oneof![1 => Just(1_u8), 3 => Just(2_u8), 1 => Just(UNKNOWN), 1 => Just(0_u8)];
    proptest::collection::vec((gate, proptest::collection::vec(code(), 6)), 12)
}

fn as_given(scale: &Scale) -> (Vec<usize>, Vec<bool>) {
    ((0..scale.items.len()).collect(), vec![false; scale.items.len()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    /// Scores with any number missing, and rules of rules of rules, are those of the twin; so a score with more missing than allowed is
    /// unknown, and never low.
    #[test]
    fn scores_and_rules_agree_with_the_slow_twin(scale in scale(), people in people()) {
        let (order, turned) = as_given(&scale);
        let found = found(&scale, &people, &order, &turned);
        for (row, person) in people.iter().enumerate() {
            // A mean has no answers that do not apply.
            let score = match slow_score(&scale, person) {
                Ok(Some(score)) => Outcome::Score(score),
                Ok(None) | Err(()) => Outcome::Unknown,
            };
            prop_assert!(close(found[0][row], score), "{person:?} {:?} {score:?} {scale:?}", found[0][row]);
            for (rule, answers) in found[1..].iter().enumerate() {
                let wanted = match slow_rule(&scale, person, rule) {
                    Ok(Some(true)) => Outcome::Yes,
                    Ok(Some(false)) => Outcome::No,
                    Ok(None) => Outcome::Unknown,
                    Err(()) => Outcome::NotApplicable,
                };
                prop_assert_eq!(answers[row], wanted, "{:?} rule{} of {:?}", person, rule, scale);
            }
        }
    }

    /// With complete answers and with missing ones.
    #[test]
    fn scores_stay_in_their_range(scale in scale(), people in people()) {
        let (order, turned) = as_given(&scale);
        let (low, high) = scale.range();
        for (answer, person) in found(&scale, &people, &order, &turned)[0].iter().zip(&people) {
            if let Outcome::Score(score) = answer {
                prop_assert!(low - 1e-9 <= *score && *score <= high + 1e-9, "{score} {person:?} {scale:?}");
            }
        }
    }

    /// Items are keyed by content: their order in the instrument and of the columns in the file is nothing.
    #[test]
    fn the_order_of_items_changes_nothing(scale in scale(), people in people(), seed in proptest::collection::vec(any::<u32>(), 6)) {
        let (order, turned) = as_given(&scale);
        let mut other = order.clone();
        other.sort_by_key(|at| seed[*at]);
        let (one, two) = (found(&scale, &people, &order, &turned), found(&scale, &people, &other, &turned));
        for (one, two) in one.iter().flatten().zip(two.iter().flatten()) {
            prop_assert!(close(*one, *two), "{one:?} {two:?} {other:?} {scale:?}");
        }
    }

    /// Codes and their recode turned round together are the same answers.
    #[test]
    fn reversing_twice_changes_nothing(scale in scale(), people in people(), turned in proptest::collection::vec(any::<bool>(), 6)) {
        let (order, none) = as_given(&scale);
        prop_assert_eq!(found(&scale, &people, &order, &none), found(&scale, &people, &order, &turned));
    }
}
