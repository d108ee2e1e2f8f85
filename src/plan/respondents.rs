//! Files of respondents → scored rows and what is counted on the way, block by block, so that a file larger than memory works.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::read::Sink;
use super::{Plan, Progress};
use crate::derive::{Agreement, Answered, Deriver, Scored};
use crate::finding::{Duty, Finding};
use crate::ingest::{
    Reject, RejectCode, Rejects, RespondentId, RespondentPlan, Responses, encoding_finding, file_finding, parse_block,
    structure_finding, with_blocks,
};
use crate::tally::TallyFault;

/// Bytes of a block; small files are cut finer so that every thread has work.
const BLOCK: usize = 2 << 20;

/// Respondent numbers seen so far in a source. Whole numbers take eight bytes each.
#[derive(Default)]
pub(super) struct Ids {
    numbers: HashSet<u64, RandomState>,
    texts: HashSet<Box<str>, RandomState>,
}

impl Ids {
    /// Whether a number is there and was not seen before.
    fn is_new(&mut self, id: &RespondentId) -> bool {
        match id {
            RespondentId::Number(number) => self.numbers.insert(*number),
            RespondentId::Text(text) => !id.is_missing() && self.texts.insert(text.clone()),
        }
    }
}

/// Reads one file of respondents.
pub(super) struct FileReader<'r> {
    pub(super) plan: &'r Plan,
    pub(super) file: &'r RespondentPlan,
    pub(super) deriver: &'r Deriver,
    pub(super) input: usize,
    pub(super) progress: &'r dyn Progress,
}

/// What has been seen of a source so far.
pub(super) struct Seen<'s> {
    pub(super) ids: &'s mut Ids,
    pub(super) found: &'s mut Found,
}

/// What a source of respondents gives beside its moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Rows read.
    pub rows: u64,
    /// Rejects.
    pub rejects: Rejects,
    /// Per ready-made variable: the measured parameter that it belongs to, and how often it agrees with what is computed.
    pub agreement: Vec<(usize, Agreement)>,
    /// Per measured parameter: how many rows answer it.
    pub answered: Vec<Answered>,
    /// Digest of the rows used, whatever their order ([`Scored::digest`]).
    pub content: u128,
}

impl Found {
    /// Nothing yet, of a source that is derived so.
    pub(super) fn new(deriver: &Deriver) -> Self {
        Self {
            agreement: deriver.checks.iter().map(|check| (check.indicator, Agreement::default())).collect(),
            answered: vec![Answered::default(); deriver.indicators.len()],
            ..Self::default()
        }
    }

    /// Adds what other rows of the source gave. `false` where the two are not of one plan.
    pub(super) fn add(&mut self, other: &Self) -> bool {
        let checks = |own: &Self| own.agreement.iter().map(|(indicator, _)| *indicator).collect::<Vec<_>>();
        if checks(self) != checks(other) || self.answered.len() != other.answered.len() {
            return false;
        }
        self.rows += other.rows;
        self.rejects.rows += other.rejects.rows;
        let room = Rejects::KEPT.saturating_sub(self.rejects.kept.len());
        self.rejects.kept.extend(other.rejects.kept.iter().take(room).cloned());
        self.agreement.iter_mut().zip(&other.agreement).for_each(|(all, own)| all.1.add(own.1));
        self.answered.iter_mut().zip(&other.answered).for_each(|(all, own)| all.add(*own));
        self.content = self.content.wrapping_add(other.content);
        true
    }
}

/// A block on its way: its first row is only known when the blocks before it have been counted.
struct RawBlock {
    bytes: Vec<u8>,
    first: bool,
    last: bool,
}

struct ParsedBlock {
    records: u64,
    responses: Responses,
    faults: Vec<Reject>,
}

/// What stops a block; rows are counted within it.
enum BlockFault {
    Encoding(Vec<u8>, usize),
    Structure(u64, crate::ingest::StructureFault),
    Parser(String),
}

impl FileReader<'_> {
    /// The number of rows read; what they gave goes to `sink` and `seen`.
    pub(super) fn read(&self, sink: &mut Sink<'_>, mut seen: Seen<'_>) -> Result<u64, Finding> {
        let name = self.file.format.name.as_str();
        let path = &self.plan.inputs[self.input].path;
        let size = self.plan.inputs[self.input].bytes();
        let threads = rayon::current_num_threads();
        let block_size = BLOCK.min(usize::try_from(size).unwrap_or(BLOCK) / threads + 1);
        with_blocks(path, block_size, |blocks| {
            let mut pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
            let mut first = true;
            let mut rows: u64 = 0;
            let mut batch = Vec::new();
            loop {
                // Read the next blocks while the last ones are parsed and tallied.
                let (next, done) = rayon::join(
                    || {
                        let mut next = Vec::with_capacity(threads * 2);
                        while next.len() < threads * 2 {
                            let Some(bytes) = pending.take() else { break };
                            pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
                            next.push(RawBlock { bytes, first, last: pending.is_none() });
                            first = false;
                        }
                        Ok::<_, Finding>(next)
                    },
                    || self.batch(std::mem::take(&mut batch), rows, sink, &mut seen),
                );
                rows = done?;
                batch = next?;
                if batch.is_empty() {
                    return Ok(rows);
                }
            }
        })
        .map_err(|fault| file_finding(name, &fault))?
    }

    /// Parses, derives and tallies some blocks; gives the number of rows read so far.
    fn batch(
        &self,
        blocks: Vec<RawBlock>,
        mut rows: u64,
        sink: &mut Sink<'_>,
        seen: &mut Seen<'_>,
    ) -> Result<u64, Finding> {
        let name = self.file.format.name.as_str();
        let bytes: u64 = blocks.iter().map(|block| block.bytes.len() as u64).sum();
        let parsed: Vec<_> = blocks.into_par_iter().map(|block| self.parse(block)).collect();
        let mut responses = Vec::with_capacity(parsed.len());
        for block in parsed {
            // The header is row 1.
            let first_row = rows + 2;
            let block = block.map_err(|fault| match fault {
                BlockFault::Encoding(bytes, at) => {
                    encoding_finding(name, &bytes, at, if rows == 0 { 1 } else { first_row })
                }
                BlockFault::Structure(record, fault) => structure_finding(name, first_row + record, fault),
                BlockFault::Parser(message) => {
                    Finding::error(Duty::Data, "ingest-parser", format!("{name}: {message}"))
                        .at_line(name, Some(first_row))
                        .help("two counts of the same rows disagree; please report this with the shape of the file")
                }
            })?;
            let ParsedBlock { records, responses: mut block_responses, mut faults } = block;
            self.drop_duplicates(&mut block_responses, seen.ids, &mut faults);
            for fault in &mut faults {
                fault.row += first_row;
            }
            faults.sort();
            faults.dedup();
            seen.found.rejects.add(name, records - block_responses.rows as u64, faults);
            rows += records;
            responses.push(block_responses);
        }
        let scored: Vec<Scored> = responses.into_par_iter().map(|block| self.deriver.derive(block)).collect();
        let digests: Vec<u128> = scored.par_iter().map(Scored::digest).collect();
        let found = &mut *seen.found;
        found.content = digests.into_iter().fold(found.content, u128::wrapping_add);
        for block in &scored {
            found.answered.iter_mut().zip(&block.answered).for_each(|(all, own)| all.add(*own));
            found.agreement.iter_mut().zip(&block.agreement).for_each(|(all, own)| all.1.add(*own));
        }
        sink(&scored).map_err(|fault| self.tally_finding(&fault))?;
        self.progress.advance(bytes);
        Ok(rows)
    }

    fn parse(&self, block: RawBlock) -> Result<ParsedBlock, BlockFault> {
        let format = &self.file.format;
        let bytes = block.bytes;
        let text = match format.utf8(bytes, block.first) {
            Ok(text) => text,
            Err((at, bytes)) => return Err(BlockFault::Encoding(bytes, at)),
        };
        let body = if block.first { format.body(&text) } else { &text };
        let records = crate::ingest::count_records(body, format.separator, format.header.len(), block.last)
            .map_err(|(record, fault)| BlockFault::Structure(record, fault))?;
        let body = if block.last { crate::ingest::trim_end(body) } else { body };
        let rows = usize::try_from(records).map_err(|_| BlockFault::Parser("block too large".into()))?;
        let (responses, faults) = parse_block(self.file, body, rows).map_err(BlockFault::Parser)?;
        Ok(ParsedBlock { records, responses, faults })
    }

    /// A respondent counts once: later rows with the same number are rejects. An empty number is a reject too.
    fn drop_duplicates(&self, responses: &mut Responses, ids: &mut Ids, faults: &mut Vec<Reject>) {
        let Some((_, column)) = &self.file.id else { return };
        let keep: Vec<bool> = responses.ids.iter().map(|id| ids.is_new(id)).collect();
        if keep.iter().all(|keep| *keep) {
            return;
        }
        for ((row, id), _) in responses.row.iter().zip(&responses.ids).zip(&keep).filter(|(_, keep)| !**keep) {
            let code = if id.is_missing() { RejectCode::MissingId } else { RejectCode::DuplicateId };
            faults.push(Reject { row: u64::from(*row), column: column.clone(), code });
        }
        responses.keep(&keep);
    }

    fn tally_finding(&self, fault: &TallyFault) -> Finding {
        tally_finding(self.plan, self.file.format.name.as_str(), fault)
    }
}

/// What stops a tally, said of a file or source.
pub(super) fn tally_finding(plan: &Plan, name: &str, fault: &TallyFault) -> Finding {
    match fault {
        TallyFault::PopulationConflict { of, name: unit, weight_set, .. } => Finding::error(
            Duty::Data,
            "tally-population-conflict",
            format!(
                "{of} `{unit}` of weight set `{}` has more than one population size in {name}",
                plan.weight_sets[*weight_set]
            ),
        )
        .at_line(name, None)
        .help(format!("the fpc column must hold one number per {of} and year")),
        TallyFault::Capacity => {
            Finding::error(Duty::Data, "tally-capacity", format!("the weights of {name} are too large for exact sums"))
                .at_line(name, None)
                .help("divide all weights by one constant; shares, means and their errors do not change")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ids, RespondentId};

    #[test]
    fn a_missing_number_is_never_new() {
        for text in ["", "NA", ".", "#NULL!"] {
            assert!(!Ids::default().is_new(&RespondentId::Text(text.into())), "{text}");
        }
    }
}
