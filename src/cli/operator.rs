//! A run as its operators follow it: lines or JSON on standard error, events in a file, metrics, lineage, a command at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::ValueEnum;

use super::exit::Exit;
use super::terminal::{Reporter, say};
use crate::finding::Findings;
use crate::plan::{Outcome, Progress};
use crate::publish::{Ended, Event, EventLog, PublishError, event_line, write_lineage, write_metrics};

/// How a run is told.
#[derive(Debug, clap::Args)]
pub(super) struct OperatorArguments {
    /// Lines for people, or JSON lines
    #[arg(long, value_enum, default_value_t = Form::Text)]
    log: Form,
    /// What is told: errors, also warnings, also what each stage did, also when each stage begins
    #[arg(long, value_enum, default_value_t = Level::Info)]
    log_level: Level,
    /// Append the events of the run to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Write metrics to this file, in the form that the textfile collector of Prometheus reads (a name that ends with .prom)
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Append OpenLineage run events to this file
    #[arg(long, value_name = "FILE")]
    lineage: Option<PathBuf>,
    /// Call this program when the run ends with 0, with the exit code and the id of the release
    #[arg(long, value_name = "PROGRAM")]
    on_success: Option<PathBuf>,
    /// Call this program when the run ends otherwise, with the exit code
    #[arg(long, value_name = "PROGRAM")]
    on_failure: Option<PathBuf>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// Follows one run.
pub(super) struct Operator {
    arguments: OperatorArguments,
    reporter: Reporter,
    log: Mutex<Option<EventLog>>,
    stage: Mutex<Option<(&'static str, Instant)>>,
    begun: Instant,
    began_at: String,
    now: i64,
    told: Mutex<Told>,
}

/// What is known at the end.
#[derive(Default)]
struct Told {
    inputs: Vec<String>,
    warnings: usize,
    ended: Ended,
}

impl Operator {
    /// Begins to follow a run; fails where a file for it cannot be written, before anything is done.
    pub(super) fn begin(arguments: OperatorArguments, pipeline: &Path) -> Result<Self, PublishError> {
        let log = arguments.events.as_deref().map(EventLog::open).transpose()?;
        let now = chrono::Utc::now();
        let own = Self {
            reporter: Reporter::new(),
            arguments,
            log: Mutex::new(log),
            stage: Mutex::default(),
            begun: Instant::now(),
            began_at: stamp(now),
            now: now.timestamp(),
            told: Mutex::default(),
        };
        let pipeline = pipeline.display().to_string();
        own.event(&Event::Start { pipeline: &pipeline });
        own.told().ended.pipeline = pipeline;
        Ok(own)
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn json(&self) -> bool {
        matches!(self.arguments.log, Form::Json)
    }

    fn level(&self, level: Level) -> bool {
        level <= self.arguments.log_level
    }

    /// Tells an event to the log of the run and, as JSON, to standard error.
    fn event(&self, event: &Event<'_>) {
        let level = match event {
            Event::Begin { .. } => Level::Debug,
            Event::Finding(finding) if finding.stops => Level::Error,
            Event::Finding(_) => Level::Warn,
            Event::Over(ended) if ended.exit != 0 => Level::Error,
            _ => Level::Info,
        };
        let line = event_line(&stamp(chrono::Utc::now()), event);
        if self.json() && self.level(level) {
            say(&line);
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = log.as_mut()
            && let Err(error) = open.add(&line)
        {
            // A log that cannot be written is no reason to stop a run, and is said once.
            say(&error.to_string());
            *log = None;
        }
    }

    /// Tells findings, which may be warnings.
    pub(super) fn findings(&self, findings: &Findings, color: bool) {
        for finding in findings.list() {
            self.event(&Event::Finding(finding));
        }
        let warnings = findings.list().iter().filter(|finding| !finding.stops).count();
        self.told().warnings += warnings;
        let wanted = self.level(if findings.stop() { Level::Error } else { Level::Warn });
        if !findings.list().is_empty() && wanted && !self.json() {
            say(findings.render(color).trim_end());
        }
    }

    /// Says a text to people, not to machines.
    pub(super) fn people(&self, text: &str) {
        if self.level(Level::Info) && !self.json() {
            say(text);
        }
    }

    /// Notes the names of the files that are read.
    pub(super) fn inputs(&self, names: impl Iterator<Item = String>) {
        self.told().inputs = names.collect();
    }

    /// Notes what the run did.
    pub(super) fn outcome(&self, outcome: &Outcome) {
        let rows = outcome.rows.iter().zip(&outcome.used);
        let mut told = self.told();
        told.ended.release.clone_from(&outcome.release);
        told.ended.unchanged = outcome.unchanged;
        told.ended.rows = rows.map(|((source, read), (_, used))| (source.clone(), (*read, *used))).collect();
        told.ended.figures = outcome.by_status.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
        told.ended.files = outcome.files;
        told.ended.removed = outcome.tidied.removed.len();
    }

    /// The run is over: metrics, lineage, and the command that waits for it. What cannot be written is said and changes nothing about
    /// the run.
    pub(super) fn end(self, exit: Exit, out: &Path) {
        let mut told = std::mem::take(&mut *self.told());
        told.ended.exit = exit as u8;
        told.ended.seconds = self.begun.elapsed().as_secs_f64();
        told.ended.warnings = told.warnings;
        let ended = &told.ended;
        self.event(&Event::Over(ended));
        let arguments = &self.arguments;
        let times = [self.began_at.as_str(), &stamp(chrono::Utc::now())];
        let metrics = arguments.metrics.as_deref().map_or(Ok(()), |path| write_metrics(path, self.now, ended));
        let lineage =
            arguments.lineage.as_deref().map_or(Ok(()), |path| write_lineage(path, times, &told.inputs, out, ended));
        for error in [metrics, lineage].into_iter().filter_map(Result::err) {
            say(&error.to_string());
        }
        let program = if exit == Exit::Done { &arguments.on_success } else { &arguments.on_failure };
        if let Some(program) = program {
            // No shell: nothing in a name can become a command.
            match Command::new(program).arg(ended.exit.to_string()).arg(&ended.release).status() {
                Ok(status) if status.success() => {}
                Ok(status) => say(&format!("{}: {status}", program.display())),
                Err(error) => say(&format!("cannot call {}: {error}", program.display())),
            }
        }
    }
}

/// A moment as RFC 3339, UTC.
fn stamp(moment: chrono::DateTime<chrono::Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

impl Progress for Operator {
    fn begin(&self, stage: &'static str, total: Option<u64>, unit: &'static str) {
        self.event(&Event::Begin { stage });
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = Some((stage, Instant::now()));
        if !self.json() && self.level(Level::Info) {
            self.reporter.begin(stage, total, unit);
        }
    }

    fn advance(&self, amount: u64) {
        self.reporter.advance(amount);
    }

    fn end(&self, done: &str) {
        if let Some((stage, begun)) = self.stage.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.event(&Event::End { stage, done, seconds: begun.elapsed().as_secs_f64() });
        }
        // Says nothing where the stage did not begin there.
        self.reporter.end(done);
    }

    fn note(&self, text: &str) {
        self.event(&Event::Note { text });
        self.people(text);
    }
}
