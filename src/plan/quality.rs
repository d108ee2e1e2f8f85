//! The quality tables of a run.

use super::read::Reading;
use super::{Plan, SourcePlan};
use crate::declare::FloorRule;
use crate::publish::{CheckRow, RejectRow};

/// The quality tables. Counts from 1 to below the floor are not shown.
pub(super) fn quality(plan: &Plan, reading: &Reading) -> (Vec<RejectRow>, Vec<CheckRow>) {
    let mut rejects = Vec::new();
    let mut checks = Vec::new();
    let floor = match &plan.definitions.pipeline.floor {
        FloorRule::Minimum { floor, .. } => floor.minimum_n,
        FloorRule::AlreadyPublished { .. } => 0,
    };
    let safe = |count: u64| (count == 0 || count >= floor).then_some(count as f64);
    for (at, source) in plan.definitions.pipeline.sources.iter().enumerate() {
        let subject = source.id.value.clone();
        let (rows, rejected) = (reading.found[at].rows, reading.found[at].rejects.rows);
        rejects.extend(reading.found[at].rejects.kept.iter().map(|(file, reject)| RejectRow {
            source: subject.clone(),
            file: file.clone(),
            row: i64::try_from(reject.row).ok(),
            column: reject.column.clone(),
            code: reject.code.as_str().to_owned(),
        }));
        let mut add = |check: &str, measured: Option<f64>, limit: Option<f64>, verdict: &str| {
            checks.push(CheckRow {
                check: check.to_owned(),
                subject: subject.clone(),
                measured,
                limit,
                verdict: verdict.to_owned(),
            });
        };
        add("rows_read", safe(rows), None, "ok");
        // Beside the rows read, the rows used would give a small number of rejects away.
        let used = safe(rows - rejected).filter(|_| safe(rejected).is_some());
        add("rows_used", used, None, "ok");
        add("rows_rejected", safe(rejected), Some(source.max_rejects as f64), "ok");
        if let Some(moments) = &reading.moments
            && matches!(plan.sources[at], SourcePlan::Respondents { .. })
        {
            // That they equal the rows used has been checked when they were read.
            add("rows_tallied", used, None, "ok");
            for (set, outside) in plan.weight_sets.iter().zip(&moments.outside) {
                add(&format!("rows_outside_{set}"), safe(outside[at]), None, "ok");
            }
        }
        if let SourcePlan::Respondents { absent, .. } = &plan.sources[at] {
            for index in absent {
                let id = &plan.definitions.parameters[*index].id.value;
                add(&format!("column_absent_{id}"), None, None, "not_measured");
            }
            for (indicator, found) in reading.found[at].answered.iter().enumerate() {
                let id = &plan.definitions.parameters[plan.parameters[plan.measured[indicator]]].id.value;
                let counts =
                    [("known", found.known), ("unknown", found.unknown), ("not_applicable", found.not_applicable)];
                if counts.iter().all(|(_, count)| *count == 0) {
                    continue;
                }
                // They add up to the rows used: one that is small would follow from the other two.
                let all = used.is_some() && counts.iter().all(|(_, count)| safe(*count).is_some());
                for (what, count) in counts {
                    add(&format!("answers_{what}_{id}"), safe(count).filter(|_| all), None, "ok");
                }
            }
            for (indicator, found) in &reading.found[at].agreement {
                // The ready-made variable and the items of one parameter: counts, never rows.
                let id = &plan.definitions.parameters[plan.parameters[plan.measured[*indicator]]].id.value;
                let verdict = if found.differ == 0 { "ok" } else { "differs" };
                let counts = [("compared", found.both), ("differs", found.differ), ("one_known", found.one_known)];
                for (what, count) in counts {
                    add(&format!("ready_made_{what}_{id}"), safe(count), None, verdict);
                }
            }
        }
        let other: u64 = reading.published[at].iter().map(|outcome| outcome.other_levels).sum();
        if matches!(plan.sources[at], SourcePlan::Table { .. }) {
            add("rows_of_other_levels", safe(other), None, "ok");
            let left_out: u64 = reading.published[at].iter().map(|outcome| outcome.left_out).sum();
            if left_out > 0 {
                add("rows_left_out", safe(left_out), None, "ok");
            }
        }
    }
    (rejects, checks)
}
