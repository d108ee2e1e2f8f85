//! The files of `[regions]` → the regions of every year, and what became of them between years.

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use crate::declare::{Definitions, GgdTable, Placed, RecodeTable, RegionEntry};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{GgdRow, ListFile, RecodeRow, read_ggd_table, read_recode, read_region_table, read_regions};
use crate::vocab::{Level, RegionCode};

/// The regions of a plan.
#[derive(Clone, Debug, Default)]
pub struct RegionsPlan {
    /// Files with regions, in the order of the pipeline.
    pub inputs: Vec<Input>,
    /// Rows of other kinds of region in the tables of CBS.
    pub other_kinds: u64,
    /// Recodes in the order of the pipeline.
    pub recodes: Vec<Recode>,
}

/// What became of the regions of one year in another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recode {
    /// Code of the one year → codes of the other year with the part that lies in each. A code that is not here stays itself.
    pub parts: BTreeMap<RegionCode, Vec<(RegionCode, f64)>>,
}

impl Recode {
    fn new(rows: Vec<RecodeRow>) -> Self {
        let mut parts: BTreeMap<RegionCode, Vec<(RegionCode, f64)>> = BTreeMap::new();
        for row in rows {
            parts.entry(row.from).or_default().push((row.to, row.share));
        }
        Self { parts }
    }
}

/// Reads every file of `[regions]`; the list is sorted by (code, region year).
pub(super) fn regions(definitions: &Definitions, findings: &mut Findings) -> (RegionsPlan, Vec<RegionEntry>) {
    let declared = &definitions.pipeline.regions;
    let mut plan = RegionsPlan::default();
    let mut regions = Vec::new();
    let mut changed: BTreeSet<(RegionCode, i32)> = BTreeSet::new();
    let mut reader = FileReader { definitions, inputs: &mut plan.inputs, findings };
    if let Some(list) = &declared.list {
        regions.extend(reader.read(list, read_regions).unwrap_or_default());
    }
    for table in &declared.tables {
        let Some(found) = reader.read(&table.file, |file| read_region_table(file, table)) else { continue };
        plan.other_kinds += found.other_kinds;
        changed.extend(found.changed.into_iter().map(|code| (code, table.region_year)));
        regions.extend(found.regions);
    }
    regions.sort_by(|a, b| (&a.code, a.region_year).cmp(&(&b.code, b.region_year)));
    let mut whole = true;
    for table in &declared.ggd {
        let Some(rows) = reader.read(&table.file, |file| read_ggd_table(file, table)) else {
            whole = false;
            continue;
        };
        if let Some(finding) = other_year(table, &rows, &regions) {
            reader.findings.push(finding);
        }
        add_ggds(definitions, table.region_year, &rows, &mut regions);
    }
    for table in &declared.recodes {
        let recode = reader.read(&table.file, read_recode).map(Recode::new);
        if let Some(recode) = &recode {
            reader.findings.extend(incomplete(table, recode, &regions));
        }
        let recode = recode.unwrap_or_default();
        add_predecessors((table.from_year, table.to_year), &recode, &changed, &mut regions);
        plan.recodes.push(recode);
    }
    if let Some(pair) =
        regions.windows(2).find(|pair| (&pair[0].code, pair[0].region_year) == (&pair[1].code, pair[1].region_year))
        && whole
    {
        let place = declared.files().next().map(|file| file.place.clone());
        let finding = Finding::error(
            Duty::Data,
            "ingest-region-list",
            format!("{} of {} stands in two files of [regions]", pair[1].code, pair[1].region_year),
        )
        .help("let one file list the regions of a year");
        findings.push(match place {
            Some(place) => finding.at(place),
            None => finding,
        });
        regions.dedup_by(|a, b| (&a.code, a.region_year) == (&b.code, b.region_year));
    }
    for region in &mut regions {
        region.comparable.sort_unstable();
        region.comparable.dedup();
        region.predecessors.sort();
        region.predecessors.dedup();
    }
    (plan, regions)
}

struct FileReader<'r> {
    definitions: &'r Definitions,
    inputs: &'r mut Vec<Input>,
    findings: &'r mut Findings,
}

impl FileReader<'_> {
    /// Reads a file of the data folder; `None` where it is not there or cannot be read, which has been said.
    fn read<T>(&mut self, file: &Placed<String>, read: impl FnOnce(ListFile<'_>) -> Result<T, Findings>) -> Option<T> {
        let folder = &self.definitions.data_folder;
        let path = folder.join(&file.value);
        if !path.is_file() {
            self.findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-no-file",
                    format!("there is no region list `{}` in {}", file.value, folder.display()),
                )
                .at(file.place.clone())
                .help("put the file there, or name the folder with --data DIR"),
            );
            return None;
        }
        if self.inputs.iter().all(|input| input.name != file.value) {
            self.inputs.push(Input::new(None, &file.value, path.clone()));
        }
        match read(ListFile { path: &path, name: &file.value }) {
            Ok(found) => Some(found),
            Err(wrong) => {
                self.findings.extend(wrong);
                None
            }
        }
    }
}

/// A table of gemeenten and GGD regions that both lacks gemeenten of the list and names others: it is of another year.
fn other_year(table: &GgdTable, rows: &[GgdRow], regions: &[RegionEntry]) -> Option<Finding> {
    let year = table.region_year;
    let listed: BTreeSet<&RegionCode> = regions
        .iter()
        .filter(|region| region.region_year == year && region.level() == Level::Gemeente)
        .map(|region| &region.code)
        .collect();
    let named: BTreeSet<&RegionCode> = rows.iter().map(|row| &row.gemeente).collect();
    let (lacks, other) = (listed.difference(&named).next()?, named.difference(&listed).next()?);
    let message =
        format!("{} has {other}, which is no gemeente of {year} in [regions], and lacks {lacks}", table.file.value);
    Some(
        Finding::error(Duty::Data, "ingest-ggd-year", message)
            .at(table.file.place.clone())
            .help("the table is of another year: take the one of `region-year`, or correct the year"),
    )
}

/// Codes of a recode that are no regions of their year, and regions that have no place in the later year.
fn incomplete(table: &RecodeTable, recode: &Recode, regions: &[RegionEntry]) -> Findings {
    let of_year = |year: i32| -> BTreeSet<&RegionCode> {
        regions.iter().filter(|region| region.region_year == year).map(|region| &region.code).collect()
    };
    let (earlier, later) = (of_year(table.from_year), of_year(table.to_year));
    let levels: BTreeSet<Level> = earlier.iter().map(|code| code.level()).collect();
    let mut findings = Findings::default();
    let mut say = |codes: Vec<&RegionCode>, message: &dyn Fn(&str) -> String, help: &str| {
        let Some(first) = codes.first() else { return };
        let others =
            if codes.len() > 1 { format!("{first} and {} others", codes.len() - 1) } else { first.to_string() };
        findings.push(
            Finding::error(Duty::Data, "ingest-recode", message(&others)).at(table.file.place.clone()).help(help),
        );
    };
    let (file, from, to) = (&table.file.value, table.from_year, table.to_year);
    // A level that the earlier list does not have cannot be checked: the list may be of gemeenten and wijken only.
    let known = recode.parts.keys().filter(|code| levels.contains(&code.level()) && !earlier.contains(code));
    say(
        known.collect(),
        &|codes| format!("{file} recodes {codes}, which {from} does not have in [regions]"),
        "correct the code in `from`, or the list of regions of that year",
    );
    if !later.is_empty() {
        let lost = earlier.iter().filter(|code| {
            matches!(code.level(), Level::Gemeente | Level::Wijk | Level::Buurt)
                && !recode.parts.contains_key(**code)
                && !later.contains(*code)
        });
        say(
            lost.copied().collect(),
            &|codes| {
                format!(
                    "{codes} of {from} has no place in {to}: it is no region of that year, and {file} does not recode it"
                )
            },
            "add it to the recode table with the region that it lies in now",
        );
    }
    findings
}

/// Adds the GGD regions of a year, and makes them the parents of their gemeenten. A GGD region without a gemeente on the list is not
/// added, and gemeenten that the list does not know are left alone: the table may be of the whole country.
fn add_ggds(definitions: &Definitions, year: i32, rows: &[GgdRow], regions: &mut Vec<RegionEntry>) {
    let of: BTreeMap<&RegionCode, &GgdRow> = rows.iter().map(|row| (&row.gemeente, row)).collect();
    let has_country = regions.iter().any(|region| region.region_year == year && region.level() == Level::Nl);
    let country = RegionCode::parse("NL00").ok().filter(|_| has_country);
    let mut ggds: BTreeMap<&RegionCode, (&str, Option<f64>)> = BTreeMap::new();
    for gemeente in regions.iter_mut().filter(|region| region.region_year == year && region.level() == Level::Gemeente)
    {
        let Some(row) = of.get(&gemeente.code) else { continue };
        gemeente.parent = Some(row.ggd.clone());
        let (_, population) = ggds.entry(&row.ggd).or_insert((row.name.as_str(), Some(0.0)));
        // A total of which a part is not known is not known.
        *population = population.zip(gemeente.population).map(|(sum, own)| sum + own);
    }
    for (code, (name, population)) in ggds {
        let listed = definitions.ggd_regions.iter().find(|ggd| ggd.code.value == *code);
        let name = listed.map_or(name, |ggd| ggd.name.as_str()).to_owned();
        let entry = RegionEntry { name, population, parent: country.clone(), ..RegionEntry::new(code.clone(), year) };
        let key = |region: &RegionEntry| (region.code.clone(), region.region_year);
        match regions.binary_search_by_key(&(code.clone(), year), key) {
            // The list of the project has said more of it already.
            Ok(_) => {}
            Err(at) => regions.insert(at, entry),
        }
    }
}

/// Notes what the regions of the later year came from, and which of them are the same regions in both years.
fn add_predecessors(
    (from_year, to_year): (i32, i32),
    recode: &Recode,
    changed: &BTreeSet<(RegionCode, i32)>,
    regions: &mut [RegionEntry],
) {
    let mut sources: BTreeMap<&RegionCode, Vec<(&RegionCode, bool)>> = BTreeMap::new();
    for (from, parts) in &recode.parts {
        for (to, share) in parts {
            sources.entry(to).or_default().push((from, *share >= 1.0));
        }
    }
    let earlier: BTreeSet<RegionCode> =
        regions.iter().filter(|region| region.region_year == from_year).map(|region| region.code.clone()).collect();
    for region in regions.iter_mut().filter(|region| region.region_year == to_year) {
        match sources.get(&region.code) {
            Some(from) => {
                region.predecessors.extend(from.iter().map(|(code, _)| ((*code).clone(), from_year)));
                // Wholes can be added up; of a part nobody knows the figure.
                let untouched = earlier.contains(&region.code) && !recode.parts.contains_key(&region.code);
                if from.iter().all(|(_, whole)| *whole) && !untouched {
                    region.comparable.push(from_year);
                }
            }
            // What CBS calls changed is another region, although no recode says so.
            None if earlier.contains(&region.code)
                && !recode.parts.contains_key(&region.code)
                && !changed.contains(&(region.code.clone(), to_year)) =>
            {
                region.comparable.push(from_year);
            }
            None => {}
        }
    }
}
