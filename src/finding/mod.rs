//! Layer 1: what can be said to a person. A finding has a stable code, a place, a message and a next step.
//!
//! Findings are collected, so that one run says everything that is wrong, and are rendered in one place.

mod render;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Who has to act on a finding; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// The definitions are wrong.
    Definition,
    /// The source data are wrong or missing.
    Data,
    /// A quality or disclosure gate said no.
    Gate,
    /// The output cannot be written or is damaged.
    Output,
    /// Another run holds the folder.
    Later,
    /// The program itself: a report to its makers.
    Defect,
}

/// A definition file as read, kept for showing the line of a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Path as the user named it, or relative to the pipeline.
    pub path: PathBuf,
    /// Whole text.
    pub text: String,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A stretch of a definition file.
    Span {
        /// The file.
        source: Arc<SourceText>,
        /// Byte range in its text.
        range: Range<usize>,
    },
    /// A line of a data file (the header is line 1). The content of the line is never shown.
    Line {
        /// File name.
        file: String,
        /// Line, where known.
        line: Option<u64>,
    },
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, `<layer>-<what>`.
    pub code: &'static str,
    /// Whether it stops the run.
    pub stops: bool,
    /// Who has to act.
    pub duty: Duty,
    /// What is wrong, lowercase, without an answer of a respondent.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What to do now.
    pub help: Option<String>,
}

impl Finding {
    /// A finding that stops the run.
    #[must_use]
    pub fn error(duty: Duty, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, stops: true, duty, message: message.into(), place: None, help: None }
    }

    /// A finding that is shown and does not stop the run.
    #[must_use]
    pub fn warning(duty: Duty, code: &'static str, message: impl Into<String>) -> Self {
        Self { stops: false, ..Self::error(duty, code, message) }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds the line of a data file.
    #[must_use]
    pub fn at_line(self, file: impl Into<String>, line: Option<u64>) -> Self {
        self.at(Place::Line { file: file.into(), line })
    }

    /// Adds the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Findings in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// All findings.
    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// Whether one of them stops the run.
    #[must_use]
    pub fn stop(&self) -> bool {
        self.list.iter().any(|finding| finding.stops)
    }

    /// The duty of the first finding that stops the run, for the exit code.
    #[must_use]
    pub fn duty(&self) -> Option<Duty> {
        self.list.iter().filter(|finding| finding.stops).map(|finding| finding.duty).min()
    }

    /// `Ok` with the warnings if nothing stops the run.
    ///
    /// # Errors
    /// The findings themselves if one of them stops the run.
    pub fn ok_or_stop(self) -> Result<Self, Self> {
        if self.stop() { Err(self) } else { Ok(self) }
    }

    /// All findings as text, one paragraph each.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::render(&self.list, color)
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self { list: vec![finding] }
    }
}
