//! What one source of respondents gave, so that it need not be read again: its moments and what was counted on the way.
//!
//! As confidential as the rows. A part is kept in the cache beside the releases, and moments files for `merge` hold parts.

use super::respondents::Found;
use crate::derive::{Agreement, Answered};
use crate::finding::Findings;
use crate::ingest::{Reject, RejectCode, Rejects};
use crate::tally::{ByteReader, ByteWriter, Garbled, Moments};

/// Raised when the bytes of a part mean something else.
pub(super) const PART_VERSION: u8 = 1;

/// What one source gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Rows, rejects, answers and digest.
    pub found: Found,
    /// Moments, in which only this source has rows.
    pub moments: Moments,
}

/// Where parts come from and go.
pub trait Parts: Sync {
    /// The part of a source, where it is there.
    ///
    /// # Errors
    /// Findings where it must be there and is not.
    fn take(&self, source: usize) -> Result<Option<Part>, Findings>;
    /// Keeps the part of a source that was read.
    fn keep(&self, source: usize, part: &Part);
}

/// No part is there and none is kept.
pub(super) struct NoParts;

impl Parts for NoParts {
    fn take(&self, _: usize) -> Result<Option<Part>, Findings> {
        Ok(None)
    }

    fn keep(&self, _: usize, _: &Part) {}
}

impl Part {
    /// The part as bytes.
    pub fn write(&self, to: &mut ByteWriter) {
        let found = &self.found;
        to.number(found.rows);
        to.number(found.rejects.rows);
        to.index(found.rejects.kept.len());
        for (file, reject) in &found.rejects.kept {
            to.text(file);
            to.number(reject.row);
            to.text(&reject.column);
            to.text(reject.code.as_str());
        }
        to.index(found.agreement.len());
        for (indicator, own) in &found.agreement {
            to.index(*indicator);
            [own.both, own.differ, own.one_known].iter().for_each(|count| to.number(*count));
        }
        to.index(found.answered.len());
        for own in &found.answered {
            [own.known, own.unknown, own.not_applicable].iter().for_each(|count| to.number(*count));
        }
        to.bytes.extend(found.content.to_le_bytes());
        self.moments.write(to);
    }

    /// A part from bytes.
    ///
    /// # Errors
    /// [`Garbled`] where the bytes are not those of a part.
    pub fn read(from: &mut ByteReader<'_>) -> Result<Self, Garbled> {
        let (rows, rejected) = (from.number()?, from.number()?);
        let mut kept = Vec::new();
        for _ in 0..from.length()? {
            let (file, row, column) = (from.text()?, from.number()?, from.text()?);
            let code = RejectCode::parse(&from.text()?).ok_or(Garbled)?;
            kept.push((file, Reject { row, column, code }));
        }
        let mut agreement = Vec::new();
        for _ in 0..from.length()? {
            let indicator = from.index()?;
            let own = Agreement { both: from.number()?, differ: from.number()?, one_known: from.number()? };
            agreement.push((indicator, own));
        }
        let mut answered = Vec::new();
        for _ in 0..from.length()? {
            let (known, unknown, not_applicable) = (from.number()?, from.number()?, from.number()?);
            answered.push(Answered { known, unknown, not_applicable });
        }
        let content = from.take(16)?.try_into().map(u128::from_le_bytes).map_err(|_| Garbled)?;
        let found = Found { rows, rejects: Rejects { rows: rejected, kept }, agreement, answered, content };
        let moments = Moments::read(from)?;
        if rejected > rows { Err(Garbled) } else { Ok(Self { found, moments }) }
    }
}
