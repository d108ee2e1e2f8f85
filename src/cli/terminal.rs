//! Talking to a terminal or to the log of a job.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::plan::Progress;

/// Writes lines to standard error; a closed pipe is no reason to stop a run.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes text to standard output.
pub(super) fn print(text: &str) {
    let _ = write!(std::io::stdout().lock(), "{text}");
}

/// Whether standard error is a terminal that wants colour.
pub(super) fn color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Bars on a terminal, one line per finished stage elsewhere.
pub(super) struct Reporter {
    terminal: bool,
    stage: Mutex<Option<Stage>>,
}

struct Stage {
    name: &'static str,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Reporter {
    pub(super) fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), stage: Mutex::new(None) }
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Option<Stage>> {
        // A panic of another thread does not make a progress bar wrong.
        self.stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Reporter {
    fn begin(&self, stage: &'static str, total: Option<u64>, unit: &'static str) {
        let bar = self.terminal.then(|| {
            let template = match (total, unit) {
                (Some(_), "bytes") => "{prefix:>9} {bar:30} {bytes}/{total_bytes}",
                (Some(_), _) => "{prefix:>9} {bar:30} {pos}/{len} {msg}",
                (None, _) => "{prefix:>9} {spinner} {msg}",
            };
            let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(stage);
            bar.set_message(unit);
            bar
        });
        *self.stage() = Some(Stage { name: stage, begun: Instant::now(), bar });
    }

    fn advance(&self, amount: u64) {
        if let Some(bar) = self.stage().as_ref().and_then(|stage| stage.bar.as_ref()) {
            bar.inc(amount);
        }
    }

    fn end(&self, done: &str) {
        let Some(stage) = self.stage().take() else { return };
        if let Some(bar) = &stage.bar {
            bar.finish_and_clear();
        }
        say(&format!("{:>9} {done} ({:.1} s)", stage.name, stage.begun.elapsed().as_secs_f64()));
    }

    fn note(&self, text: &str) {
        say(text);
    }
}
