//! Files → moments and published figures: ingest, derive and tally, block by block, so that a file larger than memory works.

use std::collections::{BTreeMap, HashSet};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::limit::over_limit;
use super::read_table::read_tables;
use super::tables::settle;
use super::{Plan, Progress, SourcePlan};
use crate::declare::SourceKind;
use crate::derive::{Agreement, Answered, Deriver, Scored};
use crate::estimate::Series;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    PublishedOutcome, Reject, RejectCode, Rejects, RespondentId, RespondentPlan, Responses, encoding_finding,
    file_finding, parse_block, structure_finding, with_blocks,
};
use crate::publish::Registry;
use crate::tally::{Moments, Tally, TallyFault};
use crate::vocab::Level;

/// Bytes of a block; small files are cut finer so that every thread has work.
const BLOCK: usize = 2 << 20;
/// Where scored rows go.
pub type Sink<'s> = dyn FnMut(&[Scored]) -> Result<(), TallyFault> + Send + 's;

/// What was read.
#[derive(Debug)]
pub struct Reading {
    /// Moments of all respondents; `None` without respondents, or where the rows went to another sink.
    pub moments: Option<Moments>,
    /// Series of the respondents.
    pub series: Vec<Series>,
    /// Per source: rows read.
    pub rows: Vec<u64>,
    /// Per source: rejects.
    pub rejects: Vec<Rejects>,
    /// Per source of respondents and ready-made variable of its plan: how often it agrees with what is computed.
    pub agreement: Vec<Vec<Agreement>>,
    /// Per source of respondents and measured parameter: how many rows answer it.
    pub answered: Vec<Vec<Answered>>,
    /// Per source of respondents: digest of the rows used, whatever their order ([`Scored::digest`]).
    pub content: Vec<u128>,
    /// Per source: what its published table gave; `None` for respondents.
    pub published: Vec<Option<PublishedOutcome>>,
    /// Earlier publications.
    pub earlier: Registry,
}

/// Reads every source of a plan and tallies the respondents.
///
/// # Errors
/// Bad files, and rejects above the declared limits, all at once.
pub fn read(plan: &Plan, progress: &dyn Progress) -> Result<Reading, Findings> {
    let mut tally = tally(plan);
    let mut reading = scan(plan, progress, &mut |rows| tally.add(rows))?;
    settle(plan, &mut reading)?;
    if plan.sources.iter().any(|source| matches!(source, SourcePlan::Respondents { .. })) {
        let moments = tally.finish();
        for (at, tallied) in moments.rows.iter().enumerate() {
            let used = reading.rows[at] - reading.rejects[at].rows;
            if matches!(plan.sources[at], SourcePlan::Respondents { .. }) && *tallied != used {
                let id = &plan.definitions.pipeline.sources[at].id.value;
                return Err(Finding::error(
                    Duty::Defect,
                    "tally-rows-differ",
                    format!("source `{id}`: the rows read less the rejects are not the rows tallied"),
                )
                .help("this is a defect: please report it with the shape of the file")
                .into());
            }
        }
        reading.moments = Some(moments);
    }
    Ok(reading)
}

/// An empty tally of a plan.
#[must_use]
pub fn tally(plan: &Plan) -> Tally<'_> {
    Tally::new(&plan.tally, ancestors(plan), series(plan).1)
}

/// Reads every source of a plan; scored respondents go to `sink`, in batches.
///
/// # Errors
/// As [`read`].
pub fn scan(plan: &Plan, progress: &dyn Progress, sink: &mut Sink<'_>) -> Result<Reading, Findings> {
    let sources = plan.sources.len();
    let mut reading = Reading {
        earlier: Registry::default(),
        moments: None,
        series: series(plan).0,
        rows: vec![0; sources],
        rejects: vec![Rejects::default(); sources],
        agreement: vec![Vec::new(); sources],
        answered: vec![Vec::new(); sources],
        content: vec![0; sources],
        published: vec![None; sources],
    };
    let mut findings = Findings::default();
    for (index, source) in plan.sources.iter().enumerate() {
        match source {
            SourcePlan::Respondents { files, deriver, .. } => {
                let mut ids = Ids::default();
                for (input, file) in files {
                    let reader = FileReader { plan, file, deriver, input: *input, progress };
                    let seen = Seen {
                        ids: &mut ids,
                        rejects: &mut reading.rejects[index],
                        content: &mut reading.content[index],
                        agreement: &mut reading.agreement[index],
                        answered: &mut reading.answered[index],
                    };
                    match reader.read(sink, seen) {
                        Ok(rows) => reading.rows[index] += rows,
                        Err(finding) => findings.push(finding),
                    }
                }
            }
            SourcePlan::Table { files, .. } => {
                let table = read_tables(plan, files, &mut reading.rejects[index], progress, &mut findings);
                reading.rows[index] = table.as_ref().map_or(0, |table| table.rows);
                reading.published[index] = table;
            }
            SourcePlan::Synthetic { .. } => {}
        }
        over_limit(plan, index, reading.rows[index], &reading.rejects[index], &mut findings);
    }
    findings.ok_or_stop()?;
    Ok(reading)
}

/// Every series that respondents may hold, sorted, and per source year → index.
fn series(plan: &Plan) -> (Vec<Series>, Vec<BTreeMap<i32, u32>>) {
    let years: Vec<Vec<i32>> = plan
        .definitions
        .pipeline
        .sources
        .iter()
        .map(|source| match &source.kind {
            SourceKind::Table(_) | SourceKind::Synthetic(_) => Vec::new(),
            SourceKind::Respondents(respondents) => respondents.period.years().to_vec(),
        })
        .collect();
    let of = |source: usize, year: i32| Series {
        collection: plan.definitions.pipeline.sources[source].collection.value.clone(),
        year,
    };
    let mut series: Vec<Series> =
        years.iter().enumerate().flat_map(|(source, years)| years.iter().map(move |year| of(source, *year))).collect();
    series.sort();
    series.dedup();
    let by_source = years
        .iter()
        .enumerate()
        .map(|(source, years)| {
            let position = |year| series.binary_search(&of(source, year)).ok().and_then(|at| u32::try_from(at).ok());
            years.iter().filter_map(|year| Some((*year, position(*year)?))).collect()
        })
        .collect();
    (series, by_source)
}

/// The region list cut at every level: a region narrower than the level becomes its ancestor, a wider one stays itself.
pub(super) fn ancestors(plan: &Plan) -> BTreeMap<Level, Vec<u32>> {
    let regions = &plan.catalogue.regions;
    let position = |code: &crate::vocab::RegionCode, year: i32| {
        regions.binary_search_by(|region| (&region.code, region.region_year).cmp(&(code, year))).ok()
    };
    Level::ALL
        .into_iter()
        .map(|level| {
            let cut = (0..regions.len())
                .map(|start| {
                    let mut at = start;
                    while regions[at].level() > level {
                        let parent = regions[at].parent.as_ref().and_then(|p| position(p, regions[at].region_year));
                        match parent {
                            Some(parent) => at = parent,
                            None => break,
                        }
                    }
                    at as u32
                })
                .collect();
            (level, cut)
        })
        .collect()
}

/// Respondent numbers seen so far in a source. Whole numbers take eight bytes each.
#[derive(Default)]
struct Ids {
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

struct FileReader<'r> {
    plan: &'r Plan,
    file: &'r RespondentPlan,
    deriver: &'r Deriver,
    input: usize,
    progress: &'r dyn Progress,
}

/// What has been seen of a source so far.
struct Seen<'s> {
    ids: &'s mut Ids,
    rejects: &'s mut Rejects,
    content: &'s mut u128,
    agreement: &'s mut Vec<Agreement>,
    answered: &'s mut Vec<Answered>,
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
    fn read(&self, sink: &mut Sink<'_>, mut seen: Seen<'_>) -> Result<u64, Finding> {
        let name = self.file.format.name.as_str();
        let path = &self.plan.inputs[self.input].path;
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
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
            seen.rejects.add(name, records - block_responses.rows as u64, faults);
            rows += records;
            responses.push(block_responses);
        }
        let scored: Vec<Scored> = responses.into_par_iter().map(|block| self.deriver.derive(block)).collect();
        let digests: Vec<u128> = scored.par_iter().map(Scored::digest).collect();
        *seen.content = digests.into_iter().fold(*seen.content, u128::wrapping_add);
        seen.agreement.resize(self.deriver.checks.len(), Agreement::default());
        seen.answered.resize(self.deriver.indicators.len(), Answered::default());
        for block in &scored {
            seen.answered.iter_mut().zip(&block.answered).for_each(|(all, own)| all.add(*own));
            seen.agreement.iter_mut().zip(&block.agreement).for_each(|(all, own)| all.add(*own));
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
        let name = self.file.format.name.as_str();
        match fault {
            TallyFault::PopulationConflict { of, name: unit, weight_set, .. } => Finding::error(
                Duty::Data,
                "tally-population-conflict",
                format!(
                    "{of} `{unit}` of weight set `{}` has more than one population size in {name}",
                    self.plan.weight_sets[*weight_set]
                ),
            )
            .at_line(name, None)
            .help(format!("the fpc column must hold one number per {of} and year")),
            TallyFault::Capacity => Finding::error(
                Duty::Data,
                "tally-capacity",
                format!("the weights of {name} are too large for exact sums"),
            )
            .at_line(name, None)
            .help("divide all weights by one constant; shares, means and their errors do not change"),
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
