//! Parameters that others give: a withheld share of one scale follows from two that are shown.

use std::collections::{BTreeMap, HashMap};

use super::{
    figure::{Geography, GroupKey, GroupSeen, Seen, SeenStatus},
    policy::AuditPolicy,
    report::AuditCheck,
};

/// Figures that all must show, at least, for a relation to be believed.
const FIGURES: usize = 12;

/// How far the shares must be apart for a relation to be believed, in what rounding leaves.
const SPREAD: f64 = 10.0;

/// Values of a parameter that are shown, by region and cell; `None` for one that must not be found.
type Values = HashMap<(u32, u32), Option<(f64, Option<i64>)>, foldhash::fast::RandomState>;

/// A value that two others give: their sum, their difference, and the complements.
const RELATIONS: [fn(f64, f64) -> f64; 4] = [|a, b| a + b, |a, b| a - b, |a, b| b - a, |a, b| a + b - 1.0];

/// Parameters whose shares may make up one another: those of one collection, period, source and variant together.
#[must_use]
pub fn scales(groups: &[GroupSeen]) -> Vec<Vec<&GroupSeen>> {
    let mut by_file: BTreeMap<[&str; 4], Vec<&GroupSeen>> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.share) {
        let GroupKey { collection, period, source, variant, .. } = &group.key;
        by_file.entry([collection, period, source, variant]).or_default().push(group);
    }
    by_file.into_values().collect()
}

/// Withheld shares that follow from shown ones of other parameters, of one of [`scales`].
///
/// Shares of the same people under the same weights add up as their answers do, so a relation that holds wherever all are shown (with the
/// same n where n is shown, and in a dozen figures or more) is taken to hold where one of them is withheld.
#[must_use]
pub fn scale(geography: &Geography, of_file: &[&GroupSeen], policy: &AuditPolicy) -> AuditCheck {
    let mut check = AuditCheck::new("scale");
    let seen: Vec<Values> = of_file.iter().map(|group| values(group, policy)).collect();
    for own in 0..of_file.len() {
        for a in (0..of_file.len()).filter(|a| *a != own) {
            check.try_one();
            let once = [|a: f64, _: f64| a, |a: f64, _: f64| 1.0 - a];
            judge(geography, &mut check, of_file, &seen, [own, a, a], &once, policy);
            for b in a + 1..of_file.len() {
                if b != own {
                    check.try_one();
                    judge(geography, &mut check, of_file, &seen, [own, a, b], &RELATIONS, policy);
                }
            }
        }
    }
    check
}

/// What is shown, and what must not be found.
fn values(group: &GroupSeen, policy: &AuditPolicy) -> Values {
    let of = |figure: &Seen| match figure.status {
        SeenStatus::Shown => figure.value.map(|value| Some((value, figure.n))),
        SeenStatus::Withheld(_) if policy.judges(group.reason(figure)) => Some(None),
        _ => None,
    };
    group.figures.iter().filter_map(|own| Some(((own.region, own.node), of(own)?))).collect()
}

fn judge(
    geography: &Geography,
    check: &mut AuditCheck,
    groups: &[&GroupSeen],
    seen: &[Values],
    [own, a, b]: [usize; 3],
    relations: &[fn(f64, f64) -> f64],
    policy: &AuditPolicy,
) {
    let mut holds: Vec<&fn(f64, f64) -> f64> = relations.iter().collect();
    let (mut figures, mut found) = (0, Vec::new());
    let (mut least, mut most, mut coarsest) = (f64::INFINITY, f64::NEG_INFINITY, 0.0_f64);
    for figure in &groups[own].figures {
        let key = (figure.region, figure.node);
        let all = (seen[own].get(&key), seen[a].get(&key), seen[b].get(&key));
        let (Some(value), Some(Some(of_a)), Some(Some(of_b))) = all else { continue };
        if of_a.1 != of_b.1 {
            return;
        }
        let Some(value) = value else {
            found.push(figure);
            continue;
        };
        if value.1 != of_a.1 {
            return;
        }
        let level = geography.regions[figure.region as usize].level.as_str();
        // Three rounded shares may be off by one and a half steps together.
        let off = 1.5 * policy.precision(level).share.unwrap_or(0.0) + 1e-9;
        holds.retain(|relation| (relation(of_a.0, of_b.0) - value.0).abs() <= off);
        if holds.is_empty() {
            return;
        }
        (least, most, coarsest) = (least.min(value.0), most.max(value.0), coarsest.max(off));
        figures += 1;
    }
    // Where everything is nearly nothing, or nearly the same, everything is a sum of everything.
    if figures < FIGURES || most - least < SPREAD * coarsest {
        return;
    }
    let others = if a == b {
        groups[a].key.parameter.clone()
    } else {
        format!("{} and {}", groups[a].key.parameter, groups[b].key.parameter)
    };
    for figure in found {
        check.break_by(|| format!("{}: follows from {others}", groups[own].words(geography, figure)));
    }
}
