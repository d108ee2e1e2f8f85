//! What operators and their tools read of a run: events as JSON lines, a Prometheus textfile, OpenLineage run events.
//!
//! Nothing of a respondent is in them, and no small count: of a finding about data there is the code and the file, not the message, and a number
//! of rows below [`SMALL`] is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    disk::{self, Opening, Writing},
    error::PublishError,
    folder,
};
use crate::finding::{Duty, Finding, Place};
use crate::vocab::{Audience, hex};

/// Numbers of rows below this are not told.
pub const SMALL: u64 = 10;
/// Who makes the lineage events.
const PRODUCER: &str = concat!("wijkpeil/", env!("CARGO_PKG_VERSION"));
/// The form of the lineage events.
const LINEAGE: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub enum Event<'e> {
    /// The run begins.
    Start {
        /// The pipeline file as it was named.
        pipeline: &'e str,
    },
    /// A stage begins.
    Begin {
        /// Its name.
        stage: &'e str,
    },
    /// A stage ends.
    End {
        /// Its name.
        stage: &'e str,
        /// What it did.
        done: &'e str,
        /// How long it took.
        seconds: f64,
    },
    /// Something to know.
    Note {
        /// In words.
        text: &'e str,
    },
    /// A warning or an error.
    Finding(&'e Finding),
    /// The run is over.
    Over(&'e Ended),
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ended {
    /// Exit code.
    pub exit: u8,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The pipeline file as it was named.
    pub pipeline: String,
    /// Id of the release that is current now; empty after a failure.
    pub release: String,
    /// Whether nothing had changed.
    pub unchanged: bool,
    /// Rows read and used, per source.
    pub rows: BTreeMap<String, (u64, u64)>,
    /// Figures by status.
    pub figures: BTreeMap<String, usize>,
    /// Files written.
    pub files: usize,
    /// Old releases that were pulled.
    pub removed: usize,
    /// Number of warnings.
    pub warnings: usize,
}

impl Ended {
    /// Rows that may be told: read, and used where the rejects are none or many.
    fn told(&self) -> impl Iterator<Item = (&str, Option<u64>, Option<u64>)> {
        let safe = |count: u64| count == 0 || count >= SMALL;
        self.rows.iter().map(move |(source, (read, used))| {
            let read_told = safe(*read).then_some(*read);
            (source.as_str(), read_told, read_told.and(Some(*used)).filter(|_| safe(read - used) && safe(*used)))
        })
    }
}

/// An event as one line of JSON. `time` is RFC 3339, UTC.
#[must_use]
pub fn event_line(time: &str, event: &Event<'_>) -> String {
    let mut line = Map::new();
    let mut put = |key: &str, value: Value| drop(line.insert(key.to_owned(), value));
    put("time", json!(time));
    match event {
        Event::Start { pipeline } => {
            put("event", json!("start"));
            put("level", json!("info"));
            put("pipeline", json!(pipeline));
            put("version", json!(env!("CARGO_PKG_VERSION")));
        }
        Event::Begin { stage } => {
            put("event", json!("stage-begin"));
            put("level", json!("debug"));
            put("stage", json!(stage));
        }
        Event::End { stage, done, seconds } => {
            put("event", json!("stage-end"));
            put("level", json!("info"));
            put("stage", json!(stage));
            put("done", json!(done));
            put("seconds", json!(rounded(*seconds)));
        }
        Event::Note { text } => {
            put("event", json!("note"));
            put("level", json!("info"));
            put("text", json!(text));
        }
        Event::Finding(finding) => {
            put("event", json!(if finding.stops { "error" } else { "warning" }));
            put("level", json!(if finding.stops { "error" } else { "warn" }));
            put("code", json!(finding.code));
            match &finding.place {
                Some(Place::Span { source, .. }) => put("file", json!(source.path.display().to_string())),
                Some(Place::Line { file, .. }) => put("file", json!(file)),
                None => {}
            }
            // Messages about data and gates may hold counts of rows.
            if !matches!(finding.duty, Duty::Data | Duty::Gate) {
                put("message", json!(finding.message));
            }
        }
        Event::Over(ended) => {
            put("event", json!("end"));
            put("level", json!(if ended.exit == 0 { "info" } else { "error" }));
            put("exit", json!(ended.exit));
            put("seconds", json!(rounded(ended.seconds)));
            put("release", json!(ended.release));
            put("unchanged", json!(ended.unchanged));
            let rows = ended.told().map(|(source, read, used)| json!({ "source": source, "read": read, "used": used }));
            put("rows", rows.collect());
            put("figures", json!(ended.figures));
            put("files", json!(ended.files));
            put("removed", json!(ended.removed));
            put("warnings", json!(ended.warnings));
        }
    }
    Value::Object(line).to_string()
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}

/// The events of one run in a file, line by line as they happen, so that a killed run shows how far it came.
#[derive(Debug)]
pub struct EventLog {
    file: Writing,
    path: PathBuf,
}

impl EventLog {
    /// Opens the file of a run, behind what is in it.
    ///
    /// # Errors
    /// [`PublishError`] where it cannot be opened for writing.
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        let file = disk::create(path, Opening::Append).map_err(PublishError::io("open", path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// [`PublishError`] where it cannot be written.
    pub fn add(&mut self, line: &str) -> Result<(), PublishError> {
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(PublishError::io("write", &self.path))
    }
}

/// Writes what a Prometheus node exporter picks up from its textfile folder. After a failure the time of the last success stays what it was.
///
/// # Errors
/// [`PublishError`] where it cannot be written.
pub fn write_metrics(path: &Path, now: i64, ended: &Ended) -> Result<(), PublishError> {
    const SUCCESS: &str = "wijkpeil_last_success_timestamp_seconds";
    let before = fs::read_to_string(path).unwrap_or_default();
    let earlier = before.lines().find_map(|line| line.strip_prefix(SUCCESS)?.trim().parse().ok());
    let success = if ended.exit == 0 { Some(now) } else { earlier };
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: Vec<(String, String)>| {
        if values.is_empty() {
            return;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let one = |value: String| vec![(String::new(), value)];
    let label = |name: &str, value: &str| format!("{{{name}=\"{}\"}}", value.replace(['\\', '"', '\n'], "_"));
    gauge("wijkpeil_last_run_timestamp_seconds", "When the last run began.", one(now.to_string()));
    let times = success.map(|when: i64| (String::new(), when.to_string())).into_iter().collect();
    gauge(SUCCESS, "When the last run began that ended with 0.", times);
    gauge("wijkpeil_exit_code", "Exit code of the last run.", one(ended.exit.to_string()));
    gauge("wijkpeil_run_seconds", "How long the last run took.", one(format!("{:.3}", ended.seconds)));
    gauge(
        "wijkpeil_unchanged",
        "1 where the last run found nothing changed.",
        one(u8::from(ended.unchanged).to_string()),
    );
    gauge("wijkpeil_warnings", "Warnings of the last run.", one(ended.warnings.to_string()));
    let rows = ended.told().filter_map(|(source, read, _)| Some((label("source", source), read?.to_string())));
    gauge("wijkpeil_rows_read", "Rows read.", rows.collect());
    let figures = ended.figures.iter().map(|(status, count)| (label("status", status), count.to_string()));
    gauge("wijkpeil_figures", "Figures of the release.", figures.collect());
    folder::write_bytes(path, Audience::Public, text.as_bytes()).map(|_| ())
}

/// Appends the OpenLineage events of a run that is over: its start and its end.
///
/// # Errors
/// [`PublishError`] where the file cannot be written.
pub fn write_lineage(
    path: &Path,
    times: [&str; 2],
    inputs: &[String],
    out: &Path,
    ended: &Ended,
) -> Result<(), PublishError> {
    let hash = hex(Sha256::digest(format!("{} {}", times[0], ended.pipeline)));
    // The form of a UUID of version 8: one's own bits.
    let run = format!("{}-{}-8{}-8{}-{}", &hash[..8], &hash[8..12], &hash[12..15], &hash[15..18], &hash[18..30]);
    let set = |name: &str| json!({ "namespace": "file", "name": name });
    let outputs: Vec<Value> = if ended.release.is_empty() {
        Vec::new()
    } else {
        vec![set(&out.join("releases").join(&ended.release).to_string_lossy())]
    };
    let kind = if ended.exit == 0 { "COMPLETE" } else { "FAIL" };
    let mut log = EventLog::open(path)?;
    for (kind, time, outputs) in [("START", times[0], Vec::new()), (kind, times[1], outputs)] {
        let event = json!({
            "eventType": kind,
            "eventTime": time,
            "producer": PRODUCER,
            "schemaURL": LINEAGE,
            "run": { "runId": run },
            "job": { "namespace": "wijkpeil", "name": ended.pipeline },
            "inputs": inputs.iter().map(|name| set(name)).collect::<Vec<_>>(),
            "outputs": outputs,
        });
        log.add(&event.to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Ended {
        Ended {
            exit: 0,
            seconds: 1.23456,
            pipeline: "p.toml".to_owned(),
            release: "abc".to_owned(),
            rows: [("many".to_owned(), (6000, 5990)), ("few".to_owned(), (6000, 5997)), ("small".to_owned(), (7, 7))]
                .into(),
            figures: [("ok".to_owned(), 12)].into(),
            ..Ended::default()
        }
    }

    #[test]
    fn a_small_number_of_rows_is_told_nowhere() {
        let line: Value = serde_json::from_str(&event_line("t", &Event::Over(&ended()))).unwrap();
        assert_eq!(
            line["rows"],
            json!([
                { "source": "few", "read": 6000, "used": null },
                { "source": "many", "read": 6000, "used": 5990 },
                { "source": "small", "read": null, "used": null },
            ])
        );
        let finding = Finding::error(Duty::Data, "ingest-rejects", "3 rows rejected").at_line("a.csv", Some(118));
        let line = event_line("t", &Event::Finding(&finding));
        assert_eq!(line, r#"{"time":"t","event":"error","level":"error","code":"ingest-rejects","file":"a.csv"}"#);
    }

    #[test]
    fn metrics_remember_the_last_success() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wijkpeil.prom");
        write_metrics(&path, 100, &ended()).unwrap();
        write_metrics(&path, 200, &Ended { exit: 12, ..Ended::default() }).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\nwijkpeil_last_success_timestamp_seconds 100\n"), "{text}");
        assert!(text.contains("\nwijkpeil_exit_code 12\n") && text.ends_with('\n'), "{text}");
        write_metrics(&path, 300, &ended()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\nwijkpeil_last_success_timestamp_seconds 300\n"), "{text}");
        assert!(text.contains("wijkpeil_rows_read{source=\"few\"} 6000\n") && !text.contains("small"), "{text}");
    }
}
