//! The verbs: plain functions that take plain values.

use std::path::{Path, PathBuf};

use super::args::{Arguments, Verb};
use super::exit::Exit;
use super::install;
use super::operator::{Operator, OperatorArguments};
use super::terminal::{Reporter, color, print, say};
use crate::declare::{Definitions, load};
use crate::disclose::protect::Protected;
use crate::finding::Findings;
use crate::plan::{self, Given, Outcome, Plan, RunOptions};
use crate::publish::{
    Assumed, PublishError, WhyQuery, audit_assuming, codebook_csv, codebook_markdown, diff, verify, why,
};

pub(super) fn run(arguments: Arguments) -> Exit {
    match arguments.verb {
        Verb::Run { pipeline, out, data, threads, force, wait, cache, operator } => {
            if let Some(threads) = threads
                && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()
            {
                say(&format!("cannot start {threads} threads: {error}"));
                return Exit::Defect;
            }
            let cache = cache.folder(&out);
            let options = options(out, cache, force, wait);
            follow(operator, &pipeline, &options, |operator| {
                let plan = build(&pipeline, data.as_deref(), None, operator)?;
                plan::run(&plan, &options, operator)
            })
        }
        Verb::Merge { mut files, out, data, force, wait, operator } => {
            let Some(pipeline) = files.pop() else { return Exit::Usage };
            let options = options(out, None, force, wait);
            follow(operator, &pipeline, &options, |operator| {
                let given = Given::read(&files)?;
                let plan = build(&pipeline, data.as_deref(), Some(&given), operator)?;
                plan::merge(&plan, &given, &options, operator)
            })
        }
        Verb::Tally { pipeline, to, data } => finish(with_plan(&pipeline, data.as_deref(), |plan| {
            plan::tally_to(plan, &to, &Reporter::new())?;
            print(&format!("{}\n", to.display()));
            Ok(())
        })),
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
        Verb::Audit { release, against, rows, protection_n, protection_answer } => {
            let assumed = protection_n
                .zip(protection_answer)
                .map(|(protection_n, protection_answer)| Assumed { protection_n, protection_answer });
            audit_release(&release, &against, assumed, rows)
        }
        Verb::Print { what, job } => match install::file(what, &job) {
            Ok(text) => {
                print(&text);
                Exit::Done
            }
            Err(why) => {
                say(&why);
                Exit::Usage
            }
        },
        Verb::Verify { release } => verify_release(&release),
    }
}

/// How a run is done, with the one look at the clock.
fn options(out: PathBuf, cache: Option<PathBuf>, force: bool, wait: bool) -> RunOptions {
    let now = chrono::Utc::now();
    let made_at = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    RunOptions { out, force, wait, cache, made_at, now: now.timestamp() }
}

/// Follows a run from its first event to its last.
fn follow(
    arguments: OperatorArguments,
    pipeline: &Path,
    options: &RunOptions,
    work: impl FnOnce(&Operator) -> Result<Outcome, Findings>,
) -> Exit {
    let operator = match Operator::begin(arguments, pipeline) {
        Ok(operator) => operator,
        Err(error) => return unreadable(&error),
    };
    // A defect ends a run too, and whoever waits for its end is told.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&operator)));
    let exit = match ended {
        Ok(Ok(outcome)) => {
            operator.outcome(&outcome);
            operator.people(&summary(&outcome));
            print(&format!("{}\n", outcome.path.display()));
            Exit::Done
        }
        Ok(Err(findings)) => {
            operator.findings(&findings, color());
            operator.people(&nothing_changed(&findings));
            Exit::of(&findings)
        }
        Err(_) => Exit::Defect,
    };
    operator.end(exit, &options.out);
    exit
}

/// The plan of a run, its warnings told.
fn build(pipeline: &Path, data: Option<&Path>, given: Option<&Given>, operator: &Operator) -> Result<Plan, Findings> {
    let definitions = load(pipeline, data)?;
    operator.findings(&definitions.warnings, color());
    let plan = match given {
        Some(given) => plan::build_given(definitions, given)?,
        None => plan::build(definitions)?,
    };
    operator.findings(&plan.warnings, color());
    operator.inputs(plan.files().map(|input| input.name.clone()));
    Ok(plan)
}

fn nothing_changed(findings: &Findings) -> String {
    let errors = findings.list().iter().filter(|finding| finding.stops).count();
    format!("\n{errors} {}; nothing was changed", if errors == 1 { "error" } else { "errors" })
}

fn warn(warnings: &Findings) {
    let warnings = warnings.render(color());
    if !warnings.is_empty() {
        say(warnings.trim_end());
    }
}

fn finish(result: Result<(), Findings>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(findings) => {
            say(findings.render(color()).trim_end());
            say(&nothing_changed(&findings));
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
    warn(&definitions.warnings);
    let plan = plan::build(definitions)?;
    warn(&plan.warnings);
    work(&plan)
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
    let Protected { complementary, wider, bare } = outcome.protected;
    if complementary > 0 {
        text.push_str(&format!(
            "{complementary} figures withheld for the sake of others, {wider} of them of wider regions\n"
        ));
    }
    if bare > 0 {
        text.push_str(&format!("{bare} withheld figures for which no proof was found that they are open\n"));
    }
    let again = if outcome.reproduced { "; the same bytes as before" } else { "" };
    text.push_str(&format!("release {} is current ({} files{again})", outcome.release, outcome.files));
    for id in &outcome.tidied.removed {
        text.push_str(&format!("\nold release {id} is pulled"));
    }
    for id in &outcome.tidied.held {
        text.push_str(&format!("\nold release {id} is held by a reader"));
    }
    if let Some(lease) = &outcome.tidied.unreadable {
        text.push_str(&format!("\nreaders/{lease} cannot be read as a lease: no old release is pulled"));
    }
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

/// Attacks a release; the exit code is that of a gate where the attacker found something.
fn audit_release(release: &Path, against: &[PathBuf], assumed: Option<Assumed>, rows: usize) -> Exit {
    match audit_assuming(release, against, assumed) {
        Ok(report) => {
            print(&report.show(rows));
            if report.is_broken() { Exit::Gate } else { Exit::Done }
        }
        Err(error) => unreadable(&error),
    }
}

/// A release that cannot be read.
fn unreadable(error: &PublishError) -> Exit {
    say(&error.to_string());
    Exit::Output
}
