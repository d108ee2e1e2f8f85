//! Files of a source with a table per region → one table, block by block on all threads.

use rayon::prelude::*;

use super::{Plan, Progress};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    BlockFault, PublishedBlock, PublishedOutcome, PublishedPlan, Rejects, TableBytes, TableFile, TableReader,
    file_finding, file_stamp, join, with_blocks,
};

/// Bytes of a block.
const BLOCK: usize = 1 << 20;

/// Reads the files of a source; `None` where one of them is bad, which is said.
pub(super) fn read_tables(
    plan: &Plan,
    files: &[(usize, PublishedPlan)],
    rejects: &mut Rejects,
    progress: &dyn Progress,
    findings: &mut Findings,
) -> Option<PublishedOutcome> {
    let mut outcomes = Vec::with_capacity(files.len());
    for (input, file) in files {
        match read_file(plan, *input, file, rejects) {
            Ok(outcome) => outcomes.push(outcome),
            Err(finding) => findings.push(finding),
        }
        progress.advance(file_stamp(&plan.inputs[*input].path).map_or(0, |(bytes, _)| bytes));
    }
    if outcomes.len() < files.len() {
        return None;
    }
    match join(outcomes) {
        Ok(joined) => Some(joined),
        Err(twice) => {
            let name = files.get(twice.file).map_or("", |(input, _)| plan.inputs[*input].name.as_str());
            findings.push(
                Finding::error(Duty::Data, "ingest-said-twice", format!("{name}: {twice}"))
                    .at_line(name, None)
                    .help("narrow the pattern in `files`, or remove one of the two"),
            );
            None
        }
    }
}

fn read_file(
    plan: &Plan,
    input: usize,
    file: &PublishedPlan,
    rejects: &mut Rejects,
) -> Result<PublishedOutcome, Finding> {
    let name = file.format.name.as_str();
    let reader = TableReader::new(file);
    let threads = rayon::current_num_threads();
    with_blocks(&plan.inputs[input].path, BLOCK, |blocks| {
        let mut table = TableFile::new(file);
        let mut pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
        let mut first = true;
        let mut parsed: Vec<Result<PublishedBlock, BlockFault>> = Vec::new();
        loop {
            let mut raw = Vec::with_capacity(threads * 2);
            while raw.len() < threads * 2 {
                let Some(bytes) = pending.take() else { break };
                pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
                raw.push(TableBytes { bytes, first, last: pending.is_none() });
                first = false;
            }
            // The last blocks are put together while the next ones are parsed.
            let (next, added) = rayon::join(
                || raw.into_par_iter().map(|block| reader.read(block)).collect::<Vec<_>>(),
                || add(&mut table, &reader, std::mem::take(&mut parsed), name),
            );
            added?;
            parsed = next;
            if parsed.is_empty() {
                return table.finish(rejects);
            }
        }
    })
    .map_err(|fault| file_finding(name, &fault))?
}

fn add(
    table: &mut TableFile<'_>,
    reader: &TableReader<'_>,
    blocks: Vec<Result<PublishedBlock, BlockFault>>,
    name: &str,
) -> Result<(), Finding> {
    for block in blocks {
        let first_row = table.next_row();
        table.add(reader, block.map_err(|fault| fault.finding(name, first_row, table.is_empty()))?);
    }
    Ok(())
}
