//! Verb `audit`: reads what a release publishes and hands it to the attacker.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use super::{
    audit_files,
    audit_read::{self, Published},
    audit_tables,
    error::PublishError,
    manifest::read_manifest,
};
use crate::disclose::audit::{
    Attacked, AuditCheck, AuditPolicy, AuditReport, FloorSeen, Narrow, PrecisionSeen, Tally, Verdict, attack,
    attack_remembering, changed, compared, derived, integers, inversion, join, precision, reasons, scale, scales, scan,
};
use crate::vocab::Memory;

/// Widths to hold a release against that does not state its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// Least width of what can be proven about n, in persons.
    pub protection_n: f64,
    /// Least width of what can be proven about answers, in persons.
    pub protection_answer: f64,
}

/// Attacks a release with nothing but its own files and those of other releases.
///
/// It also works on a release that is not current yet. What is found stands in the report; a finding is no error.
///
/// # Errors
/// [`PublishError`] where a release cannot be read.
pub fn audit(release: &Path, against: &[PathBuf]) -> Result<AuditReport, PublishError> {
    audit_assuming(release, against, None)
}

/// [`audit`] with widths for a release whose manifest states no policy.
///
/// # Errors
/// As [`audit`].
pub fn audit_assuming(
    release: &Path,
    against: &[PathBuf],
    assumed: Option<Assumed>,
) -> Result<AuditReport, PublishError> {
    attacked(release, against, assumed, None)
}

/// The part of [`audit`] that takes no longer than reading the release: what a run asks before it publishes. Figures in which nothing was found before
/// are not attacked again, so that the tally of the report is of the others alone.
///
/// # Errors
/// As [`audit`].
pub fn audit_quickly(release: &Path, memory: &dyn Memory) -> Result<AuditReport, PublishError> {
    attacked(release, &[], None, Some(memory))
}

fn attacked(
    release: &Path,
    against: &[PathBuf],
    assumed: Option<Assumed>,
    quick: Option<&dyn Memory>,
) -> Result<AuditReport, PublishError> {
    let manifest = read_manifest(release)?;
    let policy = AuditPolicy { quick: quick.is_some(), ..policy(&manifest, assumed) };
    let published = audit_read::read(release)?;
    let mut report = AuditReport {
        release: manifest["release"].as_str().unwrap_or("?").to_owned(),
        policy: words(&policy),
        ..AuditReport::default()
    };
    let geography = (&published.geography, &published.geography.digest());
    let of_group = |group| match quick {
        Some(memory) => attack_remembering(geography, group, &policy, memory),
        None => attack(&published.geography, group, &policy),
    };
    let attacked: Vec<Attacked> = published.groups.par_iter().map(of_group).collect();
    report.checks.extend(bounds(attacked, &mut report.tally, &mut report.narrow, ["interval", "rank"]));
    report.checks.extend(rows(&published, &policy));
    let Published { geography, groups, years, compared: shown, derived: made } = &published;
    report.checks.push(compared(geography, groups, years, shown));
    report.checks.push(derived(geography, groups, years, made));
    let of_scales: Vec<AuditCheck> = scales(groups).par_iter().map(|own| scale(geography, own, &policy)).collect();
    let mut found = AuditCheck::new("scale");
    of_scales.into_iter().for_each(|own| found.merge(own));
    report.checks.push(found);
    report.checks.extend(audit_tables::tables(release, &published, &manifest, &policy)?);
    report.checks.push(audit_files::metadata(release, quick)?);
    for other in against {
        beside(&published, other, &policy, &mut report)?;
    }
    let width = |own: &Narrow| own.range.width();
    report.narrow.sort_by(|a, b| {
        width(a).total_cmp(&width(b)).then_with(|| a.figure.cmp(&b.figure)).then(a.quantity.cmp(&b.quantity))
    });
    Ok(report)
}

/// Bounds and elimination of all groups as two checks.
fn bounds(
    attacked: Vec<Attacked>,
    tally: &mut Tally,
    narrow: &mut Vec<Narrow>,
    names: [&'static str; 2],
) -> [AuditCheck; 2] {
    let [mut interval, mut rank] = names.map(AuditCheck::new);
    let (mut undecided, mut remarks) = (0, Vec::new());
    for own in attacked {
        let judged: u64 = own.tally.reasons.values().map(|own| own.judged).sum();
        interval.tried += judged;
        rank.tried += judged;
        for words in own.determined {
            rank.break_by(|| words);
        }
        undecided += own.undecided;
        remarks.extend(own.remarks);
        if !own.narrow.is_empty() {
            interval.verdict = Verdict::Broken;
            interval.found += own.narrow.len() as u64;
        }
        tally.merge(own.tally);
        narrow.extend(own.narrow);
    }
    if undecided > 0 {
        interval.note(|| format!("{undecided} counts neither proven too narrow nor shown to be wide enough"));
    }
    for remark in remarks {
        interval.note(|| remark);
    }
    [interval, rank]
}

/// What stands in the rows themselves.
fn rows(published: &Published, policy: &AuditPolicy) -> Vec<AuditCheck> {
    let of_groups: Vec<[AuditCheck; 5]> = published
        .groups
        .par_iter()
        .map(|group| {
            let geography = &published.geography;
            [
                precision(geography, group, policy),
                inversion(geography, group, policy),
                integers(geography, group, policy),
                scan(geography, group, policy),
                reasons(group, policy),
            ]
        })
        .collect();
    let mut of_groups = of_groups.into_iter();
    let mut found: Vec<AuditCheck> = of_groups.next().map_or_else(Vec::new, Vec::from);
    for own in of_groups {
        found.iter_mut().zip(own).for_each(|(sum, own)| sum.merge(own));
    }
    found
}

/// A second release: what changed, and both as one system.
fn beside(
    published: &Published,
    other: &Path,
    policy: &AuditPolicy,
    report: &mut AuditReport,
) -> Result<(), PublishError> {
    let second = audit_read::read(other)?;
    let first = (&published.geography, published.groups.as_slice());
    let second = (&second.geography, second.groups.as_slice());
    let mut check = changed(first, second, policy);
    let joined = join(first, second);
    let attacked: Vec<Attacked> =
        joined.groups.par_iter().map(|group| attack(&joined.geography, group, policy)).collect();
    // The figures were counted in the release itself.
    let mut found = Vec::new();
    let [interval, rank] = bounds(attacked, &mut Tally::default(), &mut found, ["union", "union rank"]);
    found.retain(|own| !report.narrow.iter().any(|known| known.figure == own.figure && known.quantity == own.quantity));
    report.narrow.extend(found);
    if !joined.groups.is_empty() {
        check.note(|| format!("{} groups of figures speak of the same rows in both", joined.groups.len()));
    }
    report.checks.extend([check, interval, rank]);
    Ok(())
}

/// The policy of a manifest, or what is assumed where it states none.
fn policy(manifest: &Value, assumed: Option<Assumed>) -> AuditPolicy {
    let public = manifest["audience"].as_str() == Some("public");
    let mut policy = AuditPolicy::assumed(public);
    if let Some(own) = assumed {
        (policy.protection_n, policy.protection_answer) = (own.protection_n, own.protection_answer);
    }
    let stated = &manifest["policy"];
    if !stated.is_object() {
        return policy;
    }
    policy.stated = true;
    let number = |value: &Value, key: &str| value[key].as_f64();
    policy.protection_n = number(stated, "protection_n").unwrap_or(policy.protection_n);
    policy.protection_answer = number(stated, "protection_answer").unwrap_or(policy.protection_answer);
    policy.empty_open = stated["empty"].as_str() == Some("open");
    policy.weighted = stated["weighted"].as_bool().unwrap_or(false);
    policy.reasons_shown = stated["reasons"].as_str() == Some("shown");
    policy.already_published = stated["already_published"].as_bool().unwrap_or(false);
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    policy.floors = stated["floors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|own| FloorSeen {
            collections: list(&own["collections"]),
            minimum_n: number(own, "minimum_n").unwrap_or(0.0),
            minimum_answer: number(own, "minimum_answer").unwrap_or(0.0),
            group_disclosure: number(own, "group_disclosure").unwrap_or(0.0),
        })
        .collect();
    policy.precision = stated["precision"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|own| PrecisionSeen {
            levels: list(&own["levels"]),
            share: number(own, "share").filter(|step| *step > 0.0),
            count: own["count"].as_i64().unwrap_or(1).max(1),
            hidden: list(&own["hidden"]),
        })
        .collect();
    policy
}

fn words(policy: &AuditPolicy) -> String {
    let AuditPolicy { protection_n, protection_answer, stated, reasons_shown, .. } = policy;
    let from = if *stated { "as the manifest states it" } else { "assumed, the manifest states none" };
    let reasons = if *reasons_shown { "reasons shown" } else { "reasons not used" };
    format!("n at least {protection_n} wide, answers at least {protection_answer} wide ({from}; {reasons})")
}
