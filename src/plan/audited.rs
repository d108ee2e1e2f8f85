//! The attacker looks at a release before anybody else does.

use std::path::Path;

use super::Plan;
use crate::finding::{Duty, Finding, Findings};
use crate::publish::audit_quickly;
use crate::vocab::Memory;

/// Audits a staged release where the policy protects withheld figures, as far as that is quick. The rest is for `wijkpeil audit`, and rests on the
/// proofs of the protection until then.
///
/// # Errors
/// A finding of the disclosure gate per attack that succeeded. It names the attack and how often, not what was found: that is for
/// `wijkpeil audit`, of a release made with complementary = "none" by somebody who may see it.
pub(super) fn audited(plan: &Plan, staged: &Path, memory: &dyn Memory) -> Result<(), Findings> {
    let rules = plan.definitions.pipeline.disclosure.as_ref();
    if rules.is_none_or(|rules| rules.protection.is_none()) {
        return Ok(());
    }
    let output =
        |error: crate::publish::PublishError| Finding::error(Duty::Output, "publish-failed", error.to_string());
    let report = audit_quickly(staged, memory).map_err(output)?;
    let mut findings = Findings::default();
    for (attack, found) in report.broken() {
        findings.push(
            Finding::error(
                Duty::Gate,
                "disclose-audit",
                format!("attack `{attack}` finds more about withheld figures than the policy allows ({found} times)"),
            )
            .help("give parameters that make up one another one `family`, make larger categories or fewer crossings, raise the floor, or lower protection-n and protection-answer with their ground"),
        );
    }
    findings.ok_or_stop().map(|_| ())
}
