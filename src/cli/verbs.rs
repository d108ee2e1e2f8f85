//! The verbs: plain functions that take plain values.

use std::path::Path;

use super::args::{Arguments, Verb};
use super::exit::Exit;
use super::terminal::{Reporter, color, print, say};
use crate::declare::{Definitions, load};
use crate::finding::Findings;
use crate::plan::{self, Outcome, Plan, RunOptions};
use crate::publish::{PublishError, WhyQuery, codebook_csv, codebook_markdown, diff, verify, why};

pub(super) fn run(arguments: Arguments) -> Exit {
    match arguments.verb {
        Verb::Run { pipeline, out, data, threads, force, wait } => {
            if let Some(threads) = threads
                && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()
            {
                say(&format!("cannot start {threads} threads: {error}"));
                return Exit::Defect;
            }
            let now = chrono::Utc::now();
            let made_at = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let options = RunOptions { out, force, wait, made_at, now: now.timestamp() };
            finish(with_plan(&pipeline, data.as_deref(), |plan| run_plan(plan, &options)))
        }
        Verb::Check { pipeline, data } => finish(with_plan(&pipeline, data.as_deref(), |plan| {
            let sources = plan.definitions.pipeline.sources.len();
            let cases: usize = plan.definitions.instruments.iter().map(|instrument| instrument.cases.len()).sum();
            say(&format!(
                "no errors: {} parameters, {} instruments with {cases} worked cases, {sources} sources, {} files",
                plan.parameters.len(),
                plan.definitions.instruments.len(),
                plan.inputs.len()
            ));
            Ok(())
        })),
        Verb::Explain { pipeline, data } => finish(with_plan(&pipeline, data.as_deref(), |plan| {
            print(&plan.show());
            Ok(())
        })),
        Verb::Codebook { pipeline, data, csv } => finish(with_plan(&pipeline, data.as_deref(), |plan| {
            let text = if csv { codebook_csv(&plan.catalogue) } else { codebook_markdown(&plan.catalogue) };
            print(&text);
            Ok(())
        })),
        Verb::Why { release, parameter, region, period, dimension, category } => {
            why_figure(&release, &WhyQuery { parameter, region, period, dimension, category })
        }
        Verb::Diff { first, second, rows } => diff_releases(&first, &second, rows),
        Verb::Verify { release } => verify_release(&release),
    }
}

fn finish(result: Result<(), Findings>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(findings) => {
            say(findings.render(color()).trim_end());
            let errors = findings.list().iter().filter(|finding| finding.stops).count();
            say(&format!("\n{errors} {}; nothing was changed", if errors == 1 { "error" } else { "errors" }));
            Exit::of(&findings)
        }
    }
}

fn with_plan(
    pipeline: &Path,
    data: Option<&Path>,
    work: impl FnOnce(&Plan) -> Result<(), Findings>,
) -> Result<(), Findings> {
    let definitions: Definitions = load(pipeline, data)?;
    let warnings = definitions.warnings.render(color());
    if !warnings.is_empty() {
        say(warnings.trim_end());
    }
    let plan = plan::build(definitions)?;
    let warnings = plan.warnings.render(color());
    if !warnings.is_empty() {
        say(warnings.trim_end());
    }
    work(&plan)
}

fn run_plan(plan: &Plan, options: &RunOptions) -> Result<(), Findings> {
    let outcome = plan::run(plan, options, &Reporter::new())?;
    say(&summary(&outcome));
    print(&format!("{}\n", outcome.path.display()));
    Ok(())
}

/// What a run did, in a few lines. Counts of rows and figures, never of answers.
fn summary(outcome: &Outcome) -> String {
    let mut text = String::new();
    if outcome.unchanged {
        return format!("unchanged: release {} is whole and current", outcome.release);
    }
    for ((source, rows), (_, used)) in outcome.rows.iter().zip(&outcome.used) {
        // A small number of rejects is not for a log; it stands in quality/rejects, which is confidential.
        let rejects = match rows - used {
            0 => "none rejected".to_owned(),
            few if few < 10 => "a few rejected, see quality/rejects".to_owned(),
            many => format!("{many} rejected"),
        };
        text.push_str(&format!("{source}: {rows} rows read, {rejects}\n"));
    }
    let counted = [("figures", &outcome.by_status), ("comparisons", &outcome.comparisons), ("trends", &outcome.trends)];
    for (what, by_status) in counted.into_iter().filter(|(what, counts)| *what == "figures" || !counts.is_empty()) {
        let statuses: Vec<String> = by_status.iter().map(|(status, count)| format!("{count} {status}")).collect();
        text.push_str(&format!("{} {what}: {}\n", by_status.values().sum::<usize>(), statuses.join(", ")));
    }
    let again = if outcome.reproduced { "; the same bytes as before" } else { "" };
    text.push_str(&format!("release {} is current ({} files{again})", outcome.release, outcome.files));
    text
}

fn verify_release(release: &Path) -> Exit {
    match verify(release) {
        Ok(report) if report.faults.is_empty() => {
            say(&format!("whole: {} files, {} rows, hashes, schema and keys agree", report.files, report.rows));
            Exit::Done
        }
        Ok(report) => {
            for fault in &report.faults {
                say(&format!("fault: {fault}"));
            }
            say(&format!("{} faults in {}", report.faults.len(), release.display()));
            Exit::Output
        }
        Err(error) => unreadable(&error),
    }
}

/// Explains a figure; the exit code is that of a wrong command line where the release does not have it.
fn why_figure(release: &Path, query: &WhyQuery) -> Exit {
    match why(release, query) {
        Ok(found) if found.is_empty() => {
            say(&format!(
                "{} has no figure of `{}` for {} in {} ({} {})",
                release.display(),
                query.parameter,
                query.region,
                query.period,
                query.dimension,
                query.category
            ));
            say("look the ids up in parameters.parquet, regions.parquet and categories.parquet of the release");
            Exit::Usage
        }
        Ok(found) => {
            print(&found.join("\n"));
            Exit::Done
        }
        Err(error) => unreadable(&error),
    }
}

fn diff_releases(first: &Path, second: &Path, rows: usize) -> Exit {
    match diff(first, second) {
        Ok(found) => {
            print(&found.show(rows));
            Exit::Done
        }
        Err(error) => unreadable(&error),
    }
}

/// A release that cannot be read.
fn unreadable(error: &PublishError) -> Exit {
    say(&error.to_string());
    Exit::Output
}
