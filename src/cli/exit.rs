//! Exit codes.

use std::process::ExitCode;

use crate::finding::{Duty, Findings};

/// How the program ended. The numbers are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// A defect in the tool.
    Defect = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The definitions are wrong.
    Definitions = 10,
    /// The source data are wrong.
    SourceData = 11,
    /// A quality or disclosure gate said no.
    Gate = 12,
    /// The output cannot be written or is damaged.
    Output = 13,
    /// Try again later.
    Later = 14,
}

impl Exit {
    /// The exit of findings that stopped a run; definitions come before data, data before output.
    #[must_use]
    pub fn of(findings: &Findings) -> Self {
        match findings.duty() {
            None | Some(Duty::Defect) => Self::Defect,
            Some(Duty::Definition) => Self::Definitions,
            Some(Duty::Data) => Self::SourceData,
            Some(Duty::Gate) => Self::Gate,
            Some(Duty::Output) => Self::Output,
            Some(Duty::Later) => Self::Later,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
