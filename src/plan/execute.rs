//! Executes a plan: read, estimate, disclose, publish.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::read::{Reading, ancestors, read};
use super::{Plan, Progress, SourcePlan};
use crate::declare::{Catalogue, Floor, FloorRule, RegionEntry, RegionsFrom};
use crate::disclose::{FigureKey, Policy, Publishable, Taken, disclose, not_measured, take_over};
use crate::estimate::{Domains, EstimatePlan, Series, estimate_table};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{InputHash, RegionIndex, file_finding, hash_file};
use crate::publish::{
    CheckRow, DefinitionFile, InputFile, Lock, PublishError, PublishEvent, RejectRow, ReleaseSpec, make_current, verify,
    write_release,
};
use crate::tally::Moments;
use crate::vocab::{Level, SinglePsu};

/// How a run is done.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Folder of the releases.
    pub out: PathBuf,
    /// Build again although nothing changed, and compare.
    pub force: bool,
    /// Wait for another run instead of ending.
    pub wait: bool,
    /// Now, RFC 3339; the only clock of a run.
    pub made_at: String,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Id of the release.
    pub release: String,
    /// Its folder.
    pub path: PathBuf,
    /// The release was there already, whole.
    pub unchanged: bool,
    /// A forced run gave the same bytes.
    pub reproduced: bool,
    /// Rows read per source id.
    pub rows: Vec<(String, u64)>,
    /// Rows used per source id.
    pub used: Vec<(String, u64)>,
    /// Number of figures.
    pub figures: usize,
    /// Figures by status.
    pub by_status: BTreeMap<&'static str, usize>,
    /// Files written.
    pub files: usize,
}

/// Hashes of what a release is made from.
struct Fingerprint {
    inputs: Vec<InputFile>,
    definitions: Vec<DefinitionFile>,
    /// Over all of them and the version.
    made_from: String,
}

/// Id of the release that a plan would make, from its inputs, definitions and the version of the program.
///
/// # Errors
/// A finding per input that cannot be read.
pub fn release_id(plan: &Plan) -> Result<String, Findings> {
    fingerprint(plan).map(|fingerprint| short(&fingerprint.made_from))
}

fn short(made_from: &str) -> String {
    made_from.chars().take(16).collect()
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fingerprint(plan: &Plan) -> Result<Fingerprint, Findings> {
    let files: Vec<_> = plan.region_list.iter().chain(&plan.inputs).collect();
    let hashes: Vec<_> = files.par_iter().map(|input| hash_file(&input.path)).collect();
    let mut findings = Findings::default();
    let mut inputs = Vec::with_capacity(files.len());
    for (input, hash) in files.iter().zip(hashes) {
        match hash {
            Ok(InputHash { bytes, sha256 }) => inputs.push(InputFile {
                source: input
                    .source
                    .map_or_else(|| "regions".to_owned(), |at| plan.definitions.pipeline.sources[at].id.value.clone()),
                name: input.name.clone(),
                bytes,
                sha256,
            }),
            Err(fault) => findings.push(file_finding(&input.name, &fault)),
        }
    }
    findings.ok_or_stop()?;
    let definitions: Vec<DefinitionFile> = plan
        .definitions
        .texts
        .iter()
        .map(|text| DefinitionFile { name: text.name.clone(), sha256: hex(Sha256::digest(text.text.text.as_bytes())) })
        .collect();
    let mut hasher = Sha256::new();
    hasher.update(format!("wijkpeil {}\n", env!("CARGO_PKG_VERSION")));
    for input in &inputs {
        hasher.update(format!("input {} {} {}\n", input.source, input.name, input.sha256));
    }
    for definition in &definitions {
        hasher.update(format!("definition {} {}\n", definition.name, definition.sha256));
    }
    Ok(Fingerprint { inputs, definitions, made_from: hex(hasher.finalize()) })
}

/// Runs a plan to a release.
///
/// # Errors
/// Findings; what was current before stays current.
pub fn run(plan: &Plan, options: &RunOptions, progress: &dyn Progress) -> Result<Outcome, Findings> {
    let _lock = Lock::acquire(&options.out, options.wait, &options.made_at).map_err(|error| output(&error))?;
    progress.begin("hash", None, "files");
    let fingerprint = fingerprint(plan)?;
    let id = short(&fingerprint.made_from);
    progress.end(&format!("{} input and definition files", fingerprint.inputs.len() + fingerprint.definitions.len()));
    if let Some(outcome) = unchanged(plan, options, &id)? {
        return Ok(outcome);
    }
    let bytes = fingerprint.inputs.iter().map(|input| input.bytes).sum();
    progress.begin("read", Some(bytes), "bytes");
    let reading = read(plan, progress)?;
    let rows: u64 = reading.rows.iter().sum();
    progress.end(&format!("{rows} rows"));
    let catalogue = final_catalogue(plan, &reading, &fingerprint);
    progress.begin("estimate", Some(plan.tally.tables.len() as u64), "tables");
    let publishable = figures(plan, &reading, &catalogue, progress)?;
    progress.end(&format!("{} figures", publishable.figures().len()));
    let (rejects, checks) = quality(plan, &reading);
    let sources = || plan.definitions.pipeline.sources.iter().map(|source| source.id.value.clone());
    let rejected: Vec<u64> = reading.rejects.iter().map(|rejects| rejects.rows).collect();
    let rows: Vec<(String, u64)> = sources().zip(reading.rows.iter().copied()).collect();
    let used = rows.iter().zip(&rejected).map(|((source, rows), rejected)| (source.clone(), rows - rejected)).collect();
    drop(reading);
    let spec = ReleaseSpec {
        out: &options.out,
        id: &id,
        audience: plan.definitions.pipeline.audience.value,
        pipeline: &plan.definitions.pipeline.id.value,
        made_at: &options.made_at,
        made_from: &fingerprint.made_from,
        inputs: &fingerprint.inputs,
        definitions: &fingerprint.definitions,
        rejects: &rejects,
        checks: &checks,
        replace: options.force,
    };
    let release = write_release(&spec, &publishable, &catalogue, &|event| match event {
        PublishEvent::Start { files } => progress.begin("publish", Some(files as u64), "files"),
        PublishEvent::File { .. } => progress.advance(1),
    })
    .map_err(|error| output(&error))?;
    progress.end(&format!("{} files", release.files.len()));
    let mut by_status: BTreeMap<&'static str, usize> = BTreeMap::new();
    for figure in publishable.figures() {
        *by_status.entry(figure.status.as_str()).or_default() += 1;
    }
    Ok(Outcome {
        release: release.id,
        path: release.path,
        unchanged: false,
        reproduced: release.reproduced,
        rows,
        used,
        figures: publishable.figures().len(),
        by_status,
        files: release.files.len(),
    })
}

/// The release that is there already and whole, made current; nothing to do then.
fn unchanged(plan: &Plan, options: &RunOptions, id: &str) -> Result<Option<Outcome>, Findings> {
    let path = options.out.join("releases").join(id);
    if options.force || !path.exists() {
        return Ok(None);
    }
    let report = verify(&path).map_err(|error| output(&error))?;
    if !report.faults.is_empty() {
        let mut findings = Findings::default();
        for fault in &report.faults {
            findings.push(
                Finding::error(Duty::Output, "publish-damaged", format!("{}: {fault}", path.display()))
                    .help("the release that this run would make is there and damaged: move it away and run again"),
            );
        }
        return Err(findings);
    }
    make_current(&options.out, id, plan.definitions.pipeline.audience.value).map_err(|error| output(&error))?;
    Ok(Some(Outcome {
        release: id.to_owned(),
        path,
        unchanged: true,
        reproduced: false,
        rows: Vec::new(),
        used: Vec::new(),
        figures: 0,
        by_status: BTreeMap::new(),
        files: report.files,
    }))
}

fn output(error: &PublishError) -> Findings {
    let help = match error {
        PublishError::Locked { .. } => "wait for it, or run with --wait",
        PublishError::NotReproducible { .. } => "the same input gave other bytes: this is a defect, please report it; the old release stays current",
        _ => "check that the folder exists, is writable and has room; what was current before stays current",
    };
    let duty = if matches!(error, PublishError::Locked { .. }) { Duty::Later } else { Duty::Output };
    Finding::error(duty, "publish-failed", error.to_string()).help(help).into()
}

/// The catalogue with the regions that published tables brought and the hashes of the sources.
fn final_catalogue(plan: &Plan, reading: &Reading, fingerprint: &Fingerprint) -> Catalogue {
    let mut catalogue = plan.catalogue.clone();
    if plan.definitions.pipeline.regions == RegionsFrom::Sources {
        let mut regions: BTreeSet<(crate::vocab::RegionCode, i32)> = BTreeSet::new();
        for (source, outcomes) in plan.definitions.pipeline.sources.iter().zip(&reading.published) {
            let figures = outcomes.iter().flat_map(|outcome| &outcome.figures);
            regions.extend(figures.map(|figure| (figure.region.clone(), source.region_year)));
        }
        catalogue.regions = regions
            .iter()
            .map(|(code, region_year)| RegionEntry {
                code: code.clone(),
                region_year: *region_year,
                name: String::new(),
                parent: code.parent_in_code().filter(|parent| regions.contains(&(parent.clone(), *region_year))),
                population: None,
            })
            .collect();
    }
    let periods: BTreeSet<_> = reading
        .published
        .iter()
        .flatten()
        .flat_map(|outcome| outcome.figures.iter().map(|figure| figure.period.clone()))
        .collect();
    catalogue.periods.extend(periods);
    catalogue.periods.sort();
    catalogue.periods.dedup();
    for outcome in reading.published.iter().flatten() {
        for figure in &outcome.figures {
            let (dimension, category) = &figure.category;
            let key = (dimension.as_str(), category.as_str());
            let at = catalogue.categories.binary_search_by(|entry| (entry.dimension.as_str(), entry.category.as_str()).cmp(&key));
            if let Err(at) = at {
                catalogue.categories.insert(at, published_crossing(&catalogue, dimension, category));
            }
        }
    }
    for source in &mut catalogue.sources {
        let own = fingerprint.inputs.iter().filter(|input| input.source == source.id);
        let mut hasher = Sha256::new();
        own.for_each(|input| hasher.update(&input.sha256));
        source.file_sha256 = hex(hasher.finalize());
    }
    catalogue
}

/// The entry of a crossing that only a published table has, from the labels of its parts.
fn published_crossing(catalogue: &Catalogue, dimension: &str, category: &str) -> crate::declare::CategoryEntry {
    let parts: Vec<_> = dimension
        .split('*')
        .zip(category.split('*'))
        .filter_map(|(d, c)| catalogue.categories.iter().find(|entry| entry.dimension == d && entry.category == c))
        .collect();
    let join = |of: fn(&crate::declare::CategoryEntry) -> &str, mark: &str| {
        parts.iter().map(|entry| of(entry)).collect::<Vec<_>>().join(mark)
    };
    crate::declare::CategoryEntry {
        dimension: dimension.to_owned(),
        category: category.to_owned(),
        dimension_label_nl: join(|entry| &entry.dimension_label_nl, " × "),
        dimension_label_en: join(|entry| &entry.dimension_label_en, " × "),
        label_nl: join(|entry| &entry.label_nl, ", "),
        label_en: join(|entry| &entry.label_en, ", "),
        order: parts.iter().fold(0, |order, entry| order * 100 + entry.order),
    }
}

fn figures(
    plan: &Plan,
    reading: &Reading,
    catalogue: &Catalogue,
    progress: &dyn Progress,
) -> Result<Publishable, Findings> {
    let mut parts = vec![take_over(published(plan, reading, catalogue))];
    if let Some(moments) = &reading.moments {
        single_units(plan, moments)?;
        parts.extend(direct(plan, reading, moments, catalogue, progress));
    }
    Ok(Publishable::merge(parts))
}

fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Figures of published tables, with their keys.
fn published(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<Taken> {
    let mut taken = Vec::new();
    let regions: HashMap<(&str, i32), u32> =
        catalogue.regions.iter().zip(0..).map(|(r, at)| ((r.code.as_str(), r.region_year), at)).collect();
    for (at, source) in plan.sources.iter().enumerate() {
        let SourcePlan::Published { parameters, .. } = source else { continue };
        let declared = &plan.definitions.pipeline.sources[at];
        let source_key = catalogue.sources.iter().position(|entry| entry.id == declared.id.value).map_or(0, index);
        let collection = catalogue.collections.iter().position(|id| *id == declared.collection.value).map_or(0, index);
        for row in reading.published[at].iter().flat_map(|outcome| &outcome.figures) {
            let Some(region) = regions.get(&(row.region.as_str(), declared.region_year)) else { continue };
            let period = catalogue.periods.iter().position(|period| *period == row.period).map_or(0, index);
            let (dimension, category) = (row.category.0.as_str(), row.category.1.as_str());
            let category = catalogue
                .categories
                .binary_search_by(|entry| (entry.dimension.as_str(), entry.category.as_str()).cmp(&(dimension, category)))
                .map_or(0, index);
            for (cell, parameter) in row.cells.iter().zip(parameters) {
                taken.push(Taken {
                    key: FigureKey {
                        parameter: index(*parameter),
                        collection,
                        period,
                        region: *region,
                        category,
                        source: source_key,
                    },
                    value: cell[0],
                    lower: cell[1],
                    upper: cell[2],
                    provisional: false,
                });
            }
        }
    }
    taken
}

/// Under `single-psu = "fail"` a stratum with one sampled unit stops the run.
fn single_units(plan: &Plan, moments: &Moments) -> Result<(), Findings> {
    if plan.definitions.pipeline.estimate.single_psu != SinglePsu::Fail {
        return Ok(());
    }
    let mut findings = Findings::default();
    for (set, strata) in plan.weight_sets.iter().zip(&moments.strata) {
        let single = strata.iter().filter(|s| (if s.clusters > 0 { s.clusters } else { s.rows }) == 1).count();
        if single > 0 {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "estimate-single-psu",
                    format!("weight set `{set}` has strata with one sampled unit ({single}); their variance cannot be estimated"),
                )
                .help("join strata in the file, or declare single-psu = \"adjust\", \"average\" or \"certainty\""),
            );
        }
    }
    findings.ok_or_stop().map(|_| ())
}

/// A series with what its figures need: its sources, regions and keys.
struct SeriesKeys {
    collection: u32,
    period: u32,
    year: i32,
    /// Per level: (position of the region, index of the source).
    regions: BTreeMap<Level, Vec<(u32, u32)>>,
}

fn direct(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    catalogue: &Catalogue,
    progress: &dyn Progress,
) -> Vec<Publishable> {
    let series = series_keys(plan, reading, moments, catalogue);
    let ancestors = ancestors(plan);
    let rules = &plan.definitions.pipeline.estimate;
    let how = EstimatePlan {
        confidence: rules.confidence,
        interval: rules.interval,
        degrees_of_freedom: rules.degrees_of_freedom,
        single_psu: rules.single_psu,
    };
    let keys: Vec<(usize, Level)> = (0..moments.frames.len()).flat_map(|f| Level::ALL.map(|level| (f, level))).collect();
    let domains: HashMap<(usize, Level), Domains> = keys
        .into_par_iter()
        .filter(|(frame, level)| *level <= moments.frames[*frame].level)
        .map(|(frame, level)| {
            let is_level = |region: u32| catalogue.regions[region as usize].level() == level;
            ((frame, level), Domains::new(&moments.frames[frame], &ancestors[&level], is_level))
        })
        .collect();
    plan.tally
        .tables
        .par_iter()
        .zip(&moments.tables)
        .map(|(spec, table)| {
            let at = plan.measured[spec.parameter];
            let definition = &plan.definitions.parameters[plan.parameters[at]];
            let policy = policy(plan, definition);
            let breakdown = &plan.breakdowns[spec.breakdown];
            let mut parts = Vec::new();
            for level in &spec.levels {
                let mut wanted = Vec::new();
                let mut sources = HashMap::new();
                let mut lacking = Vec::new();
                for (number, keys) in series.iter() {
                    if plan.weight_set(&definition.id.value, keys.year, *level) != Some(spec.weight_set) {
                        continue;
                    }
                    for (region, source) in keys.regions.get(level).into_iter().flatten() {
                        if plan.lacks(*source, &catalogue.sources, &definition.id.value) {
                            lacking.push((number, *region, *source));
                        } else {
                            wanted.push((*number, *region));
                            sources.insert((*number, *region), *source);
                        }
                    }
                }
                let key = |number: &u32, region: u32, category: usize, source: u32| FigureKey {
                    parameter: index(at),
                    collection: series[number].collection,
                    period: series[number].period,
                    region,
                    category: breakdown.categories[category],
                    source,
                };
                let estimates = estimate_table(moments, table, &domains[&(table.frame, *level)], &wanted, &how);
                parts.push(disclose(estimates.into_iter().map(|estimate| {
                    let domain = estimate.domain;
                    let source = sources[&(domain.series, domain.region)];
                    let key = key(&domain.series, domain.region, domain.category as usize, source);
                    (key, policy, how.confidence, estimate)
                })));
                parts.push(not_measured(lacking.iter().flat_map(|(number, region, source)| {
                    (0..breakdown.categories.len()).map(move |category| key(number, *region, category, *source))
                })));
            }
            progress.advance(1);
            Publishable::merge(parts)
        })
        .collect()
}

/// The floor of a parameter: the pipeline's, or its own stricter one.
fn policy(plan: &Plan, parameter: &crate::declare::Parameter) -> Policy {
    // A pipeline with respondents that declares no minimum has been refused by the checks.
    let general = match &plan.definitions.pipeline.floor {
        FloorRule::Minimum { floor, .. } => *floor,
        FloorRule::AlreadyPublished { .. } => {
            Floor { minimum_n: u64::MAX, minimum_answer: u64::MAX, group_disclosure: u64::MAX }
        }
    };
    let own = |stricter: &Option<crate::declare::Placed<i64>>, general: u64| {
        stricter.as_ref().map_or(general, |own| own.value.unsigned_abs().max(general))
    };
    Policy {
        floor: Floor {
            minimum_n: own(&parameter.minimum_n, general.minimum_n),
            minimum_answer: own(&parameter.minimum_answer, general.minimum_answer),
            group_disclosure: general.group_disclosure,
        },
    }
}

/// Series that occur, with the regions that their sources cover.
fn series_keys(plan: &Plan, reading: &Reading, moments: &Moments, catalogue: &Catalogue) -> BTreeMap<u32, SeriesKeys> {
    let present: BTreeSet<(usize, i32)> =
        moments.strata.iter().flatten().map(|stratum| (stratum.source, stratum.year)).collect();
    let mut found = BTreeMap::new();
    for (number, Series { collection, year }) in reading.series.iter().enumerate() {
        let sources: Vec<usize> = present
            .iter()
            .filter(|(source, y)| y == year && plan.definitions.pipeline.sources[*source].collection.value == *collection)
            .map(|(source, _)| *source)
            .collect();
        if sources.is_empty() {
            continue;
        }
        let period = catalogue.periods.iter().position(|period| period.year == *year).map_or(0, index);
        let regions = covered(plan, &sources, catalogue);
        let collection = catalogue.collections.iter().position(|id| id == collection).map_or(0, index);
        found.insert(index(number), SeriesKeys { collection, period, year: *year, regions });
    }
    found
}

/// Regions per level that the sources of a series wholly cover, and the source that each figure names.
///
/// A region lies in what one source covers, or all its children are covered: the Netherlands from 25 GGDs. A region that
/// several sources cover together names the first of them.
fn covered(plan: &Plan, sources: &[usize], catalogue: &Catalogue) -> BTreeMap<Level, Vec<(u32, u32)>> {
    let key = |source: usize| {
        let id = &plan.definitions.pipeline.sources[source].id.value;
        catalogue.sources.iter().position(|entry| entry.id == *id).map_or(0, index)
    };
    let mut by_region: BTreeMap<u32, u32> = BTreeMap::new();
    let mut years = BTreeSet::new();
    for source in sources {
        let SourcePlan::Respondents { index: regions, covers, .. } = &plan.sources[*source] else { continue };
        let year = plan.definitions.pipeline.sources[*source].region_year;
        years.insert(year);
        for (region, entry) in catalogue.regions.iter().enumerate() {
            if entry.region_year == year && covers.iter().any(|wide| regions.within(index(region), *wide)) {
                by_region.entry(index(region)).or_insert_with(|| key(*source));
            }
        }
    }
    for year in years {
        let index_of = RegionIndex::new(&catalogue.regions, year);
        for level in [Level::Wijk, Level::Gemeente, Level::Ggd, Level::Nl] {
            for (region, entry) in catalogue.regions.iter().enumerate() {
                let region = index(region);
                if entry.region_year != year || entry.level() != level || by_region.contains_key(&region) {
                    continue;
                }
                let mut children = catalogue
                    .regions
                    .iter()
                    .enumerate()
                    .filter(|(_, child)| child.region_year == year)
                    .filter(|(_, child)| child.parent.as_ref().and_then(|p| index_of.position(p.as_str())) == Some(region))
                    .map(|(child, _)| by_region.get(&index(child)).copied())
                    .peekable();
                if children.peek().is_none() {
                    continue;
                }
                if let Some(all) = children.collect::<Option<Vec<u32>>>()
                    && let Some(first) = all.into_iter().min()
                {
                    by_region.insert(region, first);
                }
            }
        }
    }
    let mut levels: BTreeMap<Level, Vec<(u32, u32)>> = BTreeMap::new();
    for (region, source) in by_region {
        levels.entry(catalogue.regions[region as usize].level()).or_default().push((region, source));
    }
    levels
}

impl Plan {
    /// The weight set of a parameter in a year at a level.
    #[must_use]
    pub fn weight_set(&self, parameter: &str, year: i32, level: Level) -> Option<usize> {
        let design = self.definitions.pipeline.design.as_ref()?;
        let matching = design.overrides.iter().find(|one| {
            (one.parameters.is_empty() || one.parameters.iter().any(|id| id.value == parameter))
                && (one.periods.is_empty() || one.periods.contains(&year))
                && (one.levels.is_empty() || one.levels.contains(&level))
        });
        let id = matching.map_or(&design.weight_set.value, |one| &one.weight_set.value);
        self.weight_sets.iter().position(|set| set == id)
    }

    /// Whether a source declares that it does not measure a parameter.
    fn lacks(&self, source: u32, entries: &[crate::declare::SourceEntry], parameter: &str) -> bool {
        let id = &entries[source as usize].id;
        self.definitions.pipeline.sources.iter().any(|source| {
            source.id.value == *id
                && matches!(&source.kind, crate::declare::SourceKind::Respondents(respondents)
                    if respondents.not_measured.iter().any(|name| name.value == parameter))
        })
    }
}

/// The quality tables. Counts from 1 to below the floor are not shown.
fn quality(plan: &Plan, reading: &Reading) -> (Vec<RejectRow>, Vec<CheckRow>) {
    let mut rejects = Vec::new();
    let mut checks = Vec::new();
    let floor = match &plan.definitions.pipeline.floor {
        FloorRule::Minimum { floor, .. } => floor.minimum_n,
        FloorRule::AlreadyPublished { .. } => 0,
    };
    let safe = |count: u64| (count == 0 || count >= floor).then_some(count as f64);
    for (at, source) in plan.definitions.pipeline.sources.iter().enumerate() {
        let subject = source.id.value.clone();
        let (rows, rejected) = (reading.rows[at], reading.rejects[at].rows);
        rejects.extend(reading.rejects[at].kept.iter().map(|(file, reject)| RejectRow {
            source: subject.clone(),
            file: file.clone(),
            row: i64::try_from(reject.row).ok(),
            column: reject.column.clone(),
            code: reject.code.as_str().to_owned(),
        }));
        let mut add = |check: &str, measured: Option<f64>, limit: Option<f64>, verdict: &str| {
            checks.push(CheckRow {
                check: check.to_owned(),
                subject: subject.clone(),
                measured,
                limit,
                verdict: verdict.to_owned(),
            });
        };
        add("rows_read", safe(rows), None, "ok");
        add("rows_used", safe(rows - rejected), None, "ok");
        add("rows_rejected", safe(rejected), Some(source.max_rejects as f64), "ok");
        if let Some(moments) = &reading.moments
            && matches!(plan.sources[at], SourcePlan::Respondents { .. })
        {
            let tallied = moments.rows[at];
            add("rows_tallied", safe(tallied), None, if tallied == rows - rejected { "ok" } else { "differs" });
            for (set, outside) in plan.weight_sets.iter().zip(&moments.outside) {
                add(&format!("rows_outside_{set}"), safe(outside[at]), None, "ok");
            }
        }
        let other: u64 = reading.published[at].iter().map(|outcome| outcome.other_levels).sum();
        if matches!(plan.sources[at], SourcePlan::Published { .. }) {
            add("rows_of_other_levels", safe(other), None, "ok");
        }
    }
    debug_assert!(checks.iter().all(|check| check.verdict != "differs"));
    (rejects, checks)
}
