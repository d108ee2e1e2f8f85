//! The rejects of a source beside its declared limit.

use std::collections::BTreeMap;

use super::Plan;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{RejectCode, Rejects};

/// Says the rejects of a source that are more than it accepts, by column and reason, with rows and without values.
pub(super) fn over_limit(plan: &Plan, index: usize, rows: u64, rejects: &Rejects, findings: &mut Findings) {
    let source = &plan.definitions.pipeline.sources[index];
    if rejects.rows <= source.max_rejects {
        // A limit that lets every row go lets nothing be published.
        if rejects.rows > 0 && rejects.rows == rows {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-no-rows",
                    format!("every row of source `{}` is rejected", source.id.value),
                )
                .at(source.id.place.clone())
                .help("set max-rejects = 0 to see the reasons; a wrong column or code list is likely"),
            );
        }
        return;
    }
    let mut groups: BTreeMap<(&str, &str, RejectCode), Vec<u64>> = BTreeMap::new();
    for (file, reject) in &rejects.kept {
        groups.entry((file, &reject.column, reject.code)).or_default().push(reject.row);
    }
    for ((file, column, code), rows) in groups {
        let shown: Vec<String> = rows.iter().take(10).map(u64::to_string).collect();
        let more =
            if rows.len() > shown.len() { format!(" and {} more", rows.len() - shown.len()) } else { String::new() };
        findings.push(
            Finding::error(
                Duty::Data,
                "ingest-rejects",
                format!(
                    "{} rejected in {file}, column `{column}`: {} (source `{}` has {}, limit {})",
                    if rows.len() == 1 { "1 row".to_owned() } else { format!("{} rows", rows.len()) },
                    code.as_str(),
                    source.id.value,
                    if rejects.rows == 1 { "1 reject".to_owned() } else { format!("{} rejects", rejects.rows) },
                    source.max_rejects
                ),
            )
            .at_line(file, rows.first().copied())
            .help(format!(
                "{}; {} {}{more}, values withheld. Mend the file, declare the code, or raise max-rejects",
                code.expected(),
                if rows.len() == 1 { "row" } else { "rows" },
                shown.join(", ")
            )),
        );
    }
}
