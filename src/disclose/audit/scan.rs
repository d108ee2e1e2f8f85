//! What stands in the rows that are shown, and what their reasons tell.

use std::collections::BTreeSet;

use super::{
    figure::{Geography, GroupSeen, SeenStatus},
    policy::AuditPolicy,
    report::AuditCheck,
    system::{known_n, known_value},
};

/// Shown figures below the floor, and what is true of all or of nobody in a small group.
#[must_use]
pub fn scan(geography: &Geography, group: &GroupSeen, policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("group");
    let Some(floor) = policy.floor(&group.key.collection) else { return check };
    for figure in group.figures.iter().filter(|figure| figure.status == SeenStatus::Shown) {
        let level = geography.regions[figure.region as usize].level.as_str();
        let n = known_n(figure, policy, Some(floor), level);
        let words = |what: &str| format!("{}: {what}", group.words(geography, figure));
        check.try_one();
        if n.upper < floor.minimum_n {
            check.break_by(|| words("shown below the floor of n"));
        }
        let Some(value) = known_value(figure, policy, level).filter(|_| group.share) else { continue };
        let none = |share: f64| share <= 0.0 || share * n.upper < 1.0;
        if n.lower < floor.group_disclosure && (none(value.upper) || none(1.0 - value.lower)) {
            check.break_by(|| words("true of all or of nobody in a group below its limit"));
        } else if value.upper * n.upper < floor.minimum_answer || (1.0 - value.lower) * n.upper < floor.minimum_answer {
            // Weights may make a small share of many answers.
            check.note(|| words("as a share of n fewer answers than the floor, unless weights differ"));
        }
    }
    check
}

/// What reasons tell: merged ones must be one word; shown ones may not bound an answer.
#[must_use]
pub fn reasons(group: &GroupSeen, policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("reasons");
    if !policy.stated {
        return check;
    }
    let mut words = BTreeSet::new();
    for figure in group.figures.iter().filter(|figure| matches!(figure.status, SeenStatus::Withheld(_))) {
        check.try_one();
        words.insert(group.reason(figure));
    }
    let name = &group.key.parameter;
    if !policy.reasons_shown && words.len() > 1 {
        check.break_by(|| format!("{name}: reasons are to be merged and stand there: {words:?}"));
    }
    let floor = policy.floor(&group.key.collection).map_or(0.0, |floor| floor.minimum_answer);
    if policy.reasons_shown && words.contains("min_answer") && floor > 0.0 {
        let said = || format!("{name}: `min_answer` says that yes or no is below {floor}");
        if policy.public { check.break_by(said) } else { check.note(said) }
    }
    check
}
