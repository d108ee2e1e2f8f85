//! Files → moments and published figures, source by source.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::limit::over_limit;
use super::part::{NoParts, Part, Parts};
use super::read_table::read_tables;
use super::respondents::{FileReader, Found, Ids, Seen, tally_finding};
use super::tables::settle;
use super::{Plan, Progress, SourcePlan};
use crate::declare::SourceKind;
use crate::derive::{Deriver, Scored};
use crate::estimate::Series;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{PublishedOutcome, Rejects, RespondentPlan};
use crate::publish::Registry;
use crate::tally::{MergeFault, Moments, Tally, TallyFault};
use crate::vocab::Level;

/// Where scored rows go.
pub type Sink<'s> = dyn FnMut(&[Scored]) -> Result<(), TallyFault> + Send + 's;

/// What was read.
#[derive(Debug)]
pub struct Reading {
    /// Moments of all respondents; `None` without respondents, or where the rows went to another sink.
    pub moments: Option<Moments>,
    /// Series of the respondents.
    pub series: Vec<Series>,
    /// Per source: rows, rejects, answers and digest; of a table only rows and rejects.
    pub found: Vec<Found>,
    /// Per source: what its published table gave; `None` for respondents.
    pub published: Vec<Option<PublishedOutcome>>,
    /// Sources that were not read, because their moments were there.
    pub remembered: usize,
    /// Earlier publications.
    pub earlier: Registry,
}

/// Reads every source of a plan and tallies the respondents.
///
/// # Errors
/// Bad files, and rejects above the declared limits, all at once.
pub fn read(plan: &Plan, progress: &dyn Progress) -> Result<Reading, Findings> {
    read_with(plan, &NoParts, progress)
}

/// [`read`], where the parts of some sources are there already: those are not read again.
///
/// Each source is tallied by itself, and the moments are added: the sums are exact, so that a part that was kept gives the same as one
/// that is read.
///
/// # Errors
/// As [`read`].
pub fn read_with(plan: &Plan, parts: &dyn Parts, progress: &dyn Progress) -> Result<Reading, Findings> {
    let mut reading = empty(plan);
    let mut findings = Findings::default();
    let mut all_moments = Vec::new();
    let is_respondents = |index: &usize| matches!(plan.sources[*index], SourcePlan::Respondents { .. });
    let kept = (0..plan.sources.len()).into_par_iter();
    let kept = kept.map(|index| if is_respondents(&index) { parts.take(index) } else { Ok(None) });
    let kept: Vec<Option<Part>> = kept.collect::<Result<_, _>>()?;
    for (index, kept) in kept.into_iter().enumerate() {
        let SourcePlan::Respondents { files, deriver, .. } = &plan.sources[index] else {
            table(plan, index, &mut reading, progress, &mut findings);
            continue;
        };
        reading.remembered += usize::from(kept.is_some());
        let part = match kept {
            Some(part) => {
                let own = plan.inputs.iter().filter(|input| input.source == Some(index));
                progress.advance(own.map(super::Input::bytes).sum());
                part
            }
            None => {
                let mut tally = tally(plan);
                let Some(found) =
                    scan_source(plan, index, (files, deriver), progress, &mut |rows| tally.add(rows), &mut findings)
                else {
                    continue;
                };
                let part = Part { found, moments: tally.finish() };
                rows_agree(plan, index, &part)?;
                parts.keep(index, &part);
                part
            }
        };
        over_limit(plan, index, part.found.rows, &part.found.rejects, &mut findings);
        reading.found[index] = part.found;
        all_moments.push(part.moments);
    }
    findings.ok_or_stop()?;
    settle(plan, &mut reading)?;
    if !all_moments.is_empty() {
        let merged = Moments::merge(all_moments).map_err(|fault| merge_finding(plan, &fault))?;
        reading.moments = Some(merged);
    }
    Ok(reading)
}

/// The rows that were tallied are the rows read less the rejects.
fn rows_agree(plan: &Plan, index: usize, part: &Part) -> Result<(), Findings> {
    if part.moments.rows[index] == part.found.rows - part.found.rejects.rows {
        return Ok(());
    }
    let id = &plan.definitions.pipeline.sources[index].id.value;
    Err(Finding::error(
        Duty::Defect,
        "tally-rows-differ",
        format!("source `{id}`: the rows read less the rejects are not the rows tallied"),
    )
    .help("this is a defect: please report it with the shape of the file")
    .into())
}

/// Why the moments of parts do not add up.
pub(super) fn merge_finding(plan: &Plan, fault: &MergeFault) -> Findings {
    match fault {
        MergeFault::Tally(fault @ TallyFault::PopulationConflict { source_index, .. }) => {
            tally_finding(plan, &plan.definitions.pipeline.sources[*source_index].id.value, fault).into()
        }
        MergeFault::Tally(fault) => tally_finding(plan, "the sources together", fault).into(),
        MergeFault::OtherPlan => Finding::error(Duty::Data, "tally-other-plan", fault.to_string())
            .help("make every moments file with the same pipeline and definitions")
            .into(),
    }
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
    let mut reading = empty(plan);
    let mut findings = Findings::default();
    for index in 0..plan.sources.len() {
        match &plan.sources[index] {
            SourcePlan::Respondents { files, deriver, .. } => {
                let found = scan_source(plan, index, (files, deriver), progress, sink, &mut findings);
                let found = found.unwrap_or_default();
                over_limit(plan, index, found.rows, &found.rejects, &mut findings);
                reading.found[index] = found;
            }
            _ => table(plan, index, &mut reading, progress, &mut findings),
        }
    }
    findings.ok_or_stop()?;
    Ok(reading)
}

/// Nothing read yet.
fn empty(plan: &Plan) -> Reading {
    let sources = plan.sources.len();
    Reading {
        moments: None,
        series: series(plan).0,
        found: vec![Found::default(); sources],
        published: vec![None; sources],
        remembered: 0,
        earlier: Registry::default(),
    }
}

/// Reads a source of respondents; `None` where one of its files is bad, which is said.
fn scan_source(
    plan: &Plan,
    index: usize,
    (files, deriver): (&[(usize, RespondentPlan)], &Deriver),
    progress: &dyn Progress,
    sink: &mut Sink<'_>,
    findings: &mut Findings,
) -> Option<Found> {
    let mut ids = Ids::default();
    let mut found = Found::new(deriver);
    let mut whole = true;
    for (input, file) in files {
        let reader = FileReader { plan, file, deriver, input: *input, progress };
        match reader.read(sink, Seen { ids: &mut ids, found: &mut found }) {
            Ok(rows) => found.rows += rows,
            Err(finding) => {
                findings.push(finding);
                whole = false;
            }
        }
    }
    if !whole {
        over_limit(plan, index, found.rows, &found.rejects, findings);
    }
    whole.then_some(found)
}

/// Reads a source with a row per region, if that is what it is.
fn table(plan: &Plan, index: usize, reading: &mut Reading, progress: &dyn Progress, findings: &mut Findings) {
    let mut rejects = Rejects::default();
    let mut rows = 0;
    if let SourcePlan::Table { files, .. } = &plan.sources[index] {
        let table = read_tables(plan, files, &mut rejects, progress, findings);
        rows = table.as_ref().map_or(0, |table| table.rows);
        reading.published[index] = table;
    }
    over_limit(plan, index, rows, &rejects, findings);
    reading.found[index] = Found { rows, rejects, ..Found::default() };
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
