//! Reading the rules of an instrument: cut-offs, and rules made of other rules.

use super::instrument::{CutOff, Rule, RuleTest, Score};
use super::read_instrument::resolve;
use super::reader::{Placed, Table};

/// Reads every `[[rule]]`; `None` where one cannot be read.
pub(super) fn read_rules(file: &Table<'_>, scores: &[Score]) -> Option<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut whole = true;
    let known = std::cell::RefCell::new(&mut rules);
    file.tables("rule", |t| {
        let mut rules = known.borrow_mut();
        match read_rule(t, scores, &rules) {
            Some(rule) => rules.push(rule),
            None => return false,
        }
        true
    })
    .into_iter()
    .for_each(|read| whole &= read);
    whole.then_some(rules)
}

fn read_rule(t: &Table<'_>, scores: &[Score], earlier: &[Rule]) -> Option<Rule> {
    let id = t.required_text("id");
    let cut_off = CutOff {
        at_least: t.number("at-least").map(|n| n.value),
        above: t.number("above").map(|n| n.value),
        at_most: t.number("at-most").map(|n| n.value),
        below: t.number("below").map(|n| n.value),
    };
    let (all, any) = (parts(t, "all-of", earlier), parts(t, "any-of", earlier));
    let (has_all, has_any) = (t.has("all-of"), t.has("any-of"));
    let score = if has_all || has_any { t.text("score") } else { t.required_text("score") };
    let label_nl = t.required_text("label-nl");
    let label_en = t.required_text("label-en");
    let source = t.required_text("source");
    let ways = usize::from(has_all) + usize::from(has_any) + usize::from(score.is_some() || cut_off.is_some());
    if ways > 1 {
        t.fault(
            "declare-contradiction",
            t.own_place(),
            "a rule is a cut-off on a score, `all-of` or `any-of` other rules, and only one of them".to_owned(),
            "give the parts rules of their own, and join those",
        );
        return None;
    }
    let test = match (has_all, has_any) {
        (true, _) => RuleTest::All(all?),
        (_, true) => RuleTest::Any(any?),
        _ => {
            if !cut_off.is_some() {
                t.fault(
                    "declare-no-cut-off",
                    t.own_place(),
                    "a rule names no cut-off".to_owned(),
                    "add at-least (>=), above (>), at-most (<=) or below (<)",
                );
            }
            RuleTest::CutOff(resolve(t, &score?, scores, |score| &score.id.value, "score")?, cut_off)
        }
    };
    let id = id?;
    if let RuleTest::CutOff(score, cut_off) = &test {
        check_cut_off(t, &id, cut_off, &scores[*score]);
    }
    Some(Rule { id, test, label_nl: label_nl?.value, label_en: label_en?.value, source: source?.value })
}

/// The indexes of the rules that a list names; they stand earlier in the file, so that no rule rests on itself.
fn parts(t: &Table<'_>, key: &'static str, earlier: &[Rule]) -> Option<Vec<usize>> {
    let names = t.texts(key)?;
    if names.len() < 2 {
        t.fault(
            "declare-empty-list",
            t.place_of(key),
            format!("`{key}` joins fewer than two rules"),
            "name two earlier rules or more",
        );
    }
    names.iter().map(|name| resolve(t, name, earlier, |rule| &rule.id.value, "earlier rule")).collect()
}

/// A rule that holds for every score, or for none, is a slip: a cut-off of another scale, or `at-least` for `at-most`.
fn check_cut_off(t: &Table<'_>, id: &Placed<String>, cut: &CutOff, score: &Score) {
    let low = [cut.at_least, cut.above, Some(score.minimum)].into_iter().flatten().fold(f64::NEG_INFINITY, f64::max);
    let high = [cut.at_most, cut.below, Some(score.maximum)].into_iter().flatten().fold(f64::INFINITY, f64::min);
    let range = format!("from {} to {}", score.minimum, score.maximum);
    let what = if low > high || (low == high && !cut.holds(low)) {
        format!("rule `{}` holds for no score {range}", id.value)
    } else if cut.holds(score.minimum) && cut.holds(score.maximum) && cut.is_some() {
        format!("rule `{}` holds for every score {range}", id.value)
    } else {
        return;
    };
    t.fault("declare-cut-off", id.place.clone(), what, "correct the cut-off, or the score that it is for");
}
