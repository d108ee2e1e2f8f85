//! From measures of reliability back to n, and from rounded shares back to answers.

use super::{
    figure::{Geography, GroupSeen, Seen, SeenStatus},
    policy::AuditPolicy,
    report::AuditCheck,
    system::{known_n, known_value},
};
use crate::stats::bounds::Range;

/// Whether hidden columns are empty, withheld figures have no number, and shares and n stand on their declared steps.
#[must_use]
pub fn precision(geography: &Geography, group: &GroupSeen, policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("precision");
    for figure in &group.figures {
        let words = |what: &str| format!("{}: {what}", group.words(geography, figure));
        if figure.status != SeenStatus::Shown {
            check.try_one();
            if figure.has_number {
                check.break_by(|| words("withheld, and a number stands in its row"));
            }
            continue;
        }
        let precision = policy.precision(&geography.regions[figure.region as usize].level);
        check.try_one();
        let there = [
            ("se", figure.se.is_some()),
            ("deff", figure.deff.is_some()),
            ("n_effective", figure.n_effective.is_some()),
            ("df", figure.df.is_some()),
            ("n", figure.n.is_some()),
            ("lower", figure.limits.is_some()),
            ("upper", figure.limits.is_some()),
        ];
        for hidden in &precision.hidden {
            if there.iter().any(|(name, there)| name == hidden && *there) {
                check.break_by(|| words(&format!("{hidden} is to be hidden and stands there")));
            }
        }
        if figure.n.is_some_and(|n| n % precision.count != 0) {
            check.break_by(|| words("n is not a multiple of its base"));
        }
        if let Some(step) = precision.share.filter(|_| group.share) {
            let off = |number: f64| (number / step - (number / step).round()).abs() > 1e-6;
            let limits = figure.limits.map_or([None; 2], |(lower, upper)| [Some(lower), Some(upper)]);
            if figure.value.into_iter().chain(limits.into_iter().flatten()).any(off) {
                check.break_by(|| words("a share or a limit is more precise than declared"));
            }
        }
    }
    check
}

/// n from se and design effect, from effective n and design effect, from degrees of freedom; se from the limits.
#[must_use]
pub fn inversion(geography: &Geography, group: &GroupSeen, policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("inversion");
    let floor = policy.floor(&group.key.collection);
    for figure in group.figures.iter().filter(|figure| figure.status == SeenStatus::Shown) {
        let level = geography.regions[figure.region as usize].level.as_str();
        let known = known_n(figure, policy, floor, level);
        let precision = policy.precision(level);
        if known.width() == 0.0 {
            continue;
        }
        check.try_one();
        let words = |what: &str| format!("{}: {what}", group.words(geography, figure));
        for (found, how) in recovered(group, figure, known_value(figure, policy, level)) {
            // Rounded n itself is public; anything else that is as sharp tells the true one.
            let of_rounded = figure.n.is_some_and(|n| found.lower <= n as f64 + 0.5 && found.upper >= n as f64 - 0.5);
            let needed = if figure.n.is_some() { known.width() } else { policy.protection_n.min(known.width()) };
            if !of_rounded && found.width() < needed {
                check.break_by(|| words(&format!("{how} give n in [{:.1}, {:.1}]", found.lower, found.upper)));
            }
        }
        if figure.df.is_some_and(|df| df as f64 >= 0.8 * known.lower && df > 0 && figure.n != Some(df + 1)) {
            check.break_by(|| words("degrees of freedom give n, but for the number of strata"));
        }
        let hidden = precision.hidden.iter().any(|own| own == "se");
        if hidden && figure.se.is_none() && figure.limits.is_some() && precision.share.is_none() {
            check.break_by(|| words("se is hidden, and the limits at full precision give it back"));
        }
    }
    check
}

/// What se, design effect and effective n say of n together.
fn recovered(group: &GroupSeen, figure: &Seen, value: Option<Range>) -> Vec<(Range, &'static str)> {
    let mut found = Vec::new();
    let Some(deff) = figure.deff.filter(|deff| *deff > 0.0) else { return found };
    if let Some(effective) = figure.n_effective {
        let n = effective * deff;
        found.push((Range { lower: n - 0.01, upper: n + 0.01 }, "effective n and design effect"));
    }
    // deff = se² / (p(1 − p) / (n − 1)), the estimated variance of a simple random sample of n.
    if let (true, Some(se), Some(value)) = (group.share, figure.se.filter(|se| *se > 0.0), value) {
        let spread = |p: f64| p * (1.0 - p);
        let (a, b) = (spread(value.lower), spread(value.upper));
        let most = if value.lower <= 0.5 && value.upper >= 0.5 { 0.25 } else { a.max(b) };
        let n = |spread: f64| deff * spread / (se * se) + 1.0;
        found.push((Range { lower: n(a.min(b)) - 0.01, upper: n(most) + 0.01 }, "se and design effect"));
    }
    found
}

/// All (x, n) that a rounded share and a rounded n leave: where one x is left, the share gives the answers back.
///
/// It is exact where everybody weighs the same. Shares at full precision are not rounded against this, and are only counted.
#[must_use]
pub fn integers(geography: &Geography, group: &GroupSeen, policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("integer");
    if !group.share {
        return check;
    }
    let floor = policy.floor(&group.key.collection);
    for figure in group.figures.iter().filter(|figure| figure.status == SeenStatus::Shown) {
        let level = geography.regions[figure.region as usize].level.as_str();
        let known = known_n(figure, policy, floor, level);
        let (Some(_), Some(value)) = (policy.precision(level).share, known_value(figure, policy, level)) else {
            continue;
        };
        // Wide classes leave many x; there is nothing to enumerate.
        if known.upper - known.lower > 200.0 {
            continue;
        }
        check.try_one();
        if left(known, value) == 1 {
            let words = || format!("{}: share and n leave one number of answers", group.words(geography, figure));
            if policy.public { check.break_by(words) } else { check.note(words) }
        }
    }
    check
}

/// How many x are consistent with a share for some n in a range.
fn left(n: Range, value: Range) -> usize {
    let mut found = std::collections::BTreeSet::new();
    let mut own = n.lower;
    while own <= n.upper {
        let (first, last) = ((value.lower * own - 1e-9).ceil(), (value.upper * own + 1e-9).floor());
        let mut x = first.max(0.0);
        while x <= last.min(own) {
            found.insert(x as u64);
            x += 1.0;
            if found.len() > 1 {
                return found.len();
            }
        }
        own += 1.0;
    }
    found.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole percents and exact n: one x up to n = 100, two for some share of 101 or more (found by enumeration of every share).
    #[test]
    fn whole_percents_beside_n_up_to_100_give_the_answers_back() {
        let value = |x: f64, n: f64| {
            let rounded = (100.0 * x / n).round() / 100.0;
            Range { lower: rounded - 0.005, upper: rounded + 0.005 }
        };
        for n in 1..100 {
            let n = f64::from(n);
            assert_eq!(left(Range::exactly(n), value((n / 3.0).floor(), n)), 1, "{n}");
        }
        // 1 of 201 is 0.498 %, 1 of 200 half a percent: 0 and 1 of 201 both round to 0 %.
        assert!(left(Range::exactly(201.0), value(0.0, 201.0)) > 1);
        // 30 % of 60 to 64 answers is 18 or 19.
        assert!(left(Range { lower: 60.0, upper: 64.0 }, value(18.0, 60.0)) > 1);
    }
}
