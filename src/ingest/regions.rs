//! The region list of a pipeline: `code;region_year;level;name;parent;population`.

use std::path::Path;

use super::columns::ColumnReader;
use super::decode::{is_missing, trim};
use super::detect::{FileFormat, cut_header, detect};
use super::file::with_blocks;
use super::structure;
use crate::declare::{FormatPins, RegionEntry};
use crate::finding::{Duty, Finding, Findings};
use crate::vocab::{Level, RegionCode};

/// Columns of a region list, in the order in which this reader uses them.
const COLUMNS: [&str; 6] = ["code", "region_year", "level", "name", "parent", "population"];

/// A region list to read.
#[derive(Clone, Debug)]
pub struct RegionListPlan<'p> {
    /// Path of the file.
    pub path: &'p Path,
    /// Name for messages.
    pub name: &'p str,
}

/// Reads a region list, sorted by (code, region year).
///
/// # Errors
/// Every row that does not fit, with its row number.
pub fn read_regions(plan: &RegionListPlan<'_>) -> Result<Vec<RegionEntry>, Findings> {
    let format = detect(plan.path, plan.name, FormatPins::default())?;
    let mut fields = Vec::with_capacity(COLUMNS.len());
    let mut findings = Findings::default();
    for column in COLUMNS {
        match format.field(column) {
            Ok(field) => fields.push(field),
            Err(count) => {
                let (code, message) = match count {
                    0 => ("ingest-missing-column", format!("{} has no column `{column}`", plan.name)),
                    _ => ("ingest-repeated-column", format!("column `{column}` stands {count} times in {}", plan.name)),
                };
                findings.push(
                    Finding::error(Duty::Data, code, message)
                        .at_line(plan.name, Some(1))
                        .help(format!("a region list has the columns {}", COLUMNS.join(", "))),
                );
            }
        }
    }
    let findings = findings.ok_or_stop()?;
    let rows = read_rows(plan, &format, &fields)?;
    check_rows(plan.name, rows, findings)
}

fn read_rows(plan: &RegionListPlan<'_>, format: &FileFormat, fields: &[usize]) -> Result<Vec<Vec<String>>, Findings> {
    let mut bytes = Vec::new();
    with_blocks(plan.path, 1 << 20, |blocks| {
        while let Some(block) = blocks.next_block()? {
            bytes.extend(block);
        }
        Ok(())
    })
    .and_then(|read| read)
    .map_err(|fault| super::file_finding(plan.name, &fault))?;
    let bytes =
        format.utf8(bytes, true).map_err(|(at, block)| super::detect::encoding_finding(plan.name, &block, at, 1))?;
    let (_, body) = cut_header(&bytes);
    let records = structure::count_records(body, format.separator, format.header.len(), true)
        .map_err(|(record, fault)| super::structure_finding(plan.name, record + 2, fault))?;
    let reader = ColumnReader::new(format.header.len(), fields, format.separator);
    let columns = reader
        .read(body, usize::try_from(records).unwrap_or(0))
        .map_err(|message| Finding::error(Duty::Data, "ingest-parser", message).at_line(plan.name, None))?;
    let mut rows = vec![Vec::with_capacity(fields.len()); columns.rows()];
    for field in fields {
        let Some(position) = reader.position(*field) else { continue };
        for (row, text) in rows.iter_mut().zip(columns.texts(position)) {
            row.push(trim(text).to_owned());
        }
    }
    Ok(rows)
}

fn check_rows(name: &str, rows: Vec<Vec<String>>, mut findings: Findings) -> Result<Vec<RegionEntry>, Findings> {
    let mut regions: Vec<(RegionEntry, u64)> = Vec::with_capacity(rows.len());
    for (row, number) in rows.iter().zip(2_u64..) {
        let mut fault = |column: &str, expected: &str| {
            findings.push(
                Finding::error(Duty::Data, "ingest-region-list", format!("column `{column}` of {name}: {expected}"))
                    .at_line(name, Some(number))
                    .help("mend the region list; nothing is guessed about regions"),
            );
        };
        let [code, year, level, label, parent, population] = row.as_slice() else { continue };
        let code = RegionCode::parse(code).map_err(|error| fault("code", &error.to_string())).ok();
        let year = year.parse().map_err(|_| fault("region_year", "expected a year")).ok();
        let parent = match parent.as_str() {
            text if is_missing(text) => Some(None),
            text => RegionCode::parse(text).map(Some).map_err(|error| fault("parent", &error.to_string())).ok(),
        };
        let population = match population.as_str() {
            text if is_missing(text) => Some(None),
            text => text
                .parse::<u64>()
                .map(|count| Some(count as f64))
                .map_err(|_| fault("population", "expected a whole number"))
                .ok(),
        };
        let (Some(code), Some(region_year), Some(parent), Some(population)) = (code, year, parent, population) else {
            continue;
        };
        if Level::parse(level) != Some(code.level()) {
            fault("level", "expected the level that the code's letters name");
        }
        regions.push((RegionEntry { code, region_year, name: label.clone(), parent, population }, number));
    }
    regions.sort_by(|a, b| (&a.0.code, a.0.region_year).cmp(&(&b.0.code, b.0.region_year)));
    for pair in regions.windows(2) {
        if pair[0].0.code == pair[1].0.code && pair[0].0.region_year == pair[1].0.region_year {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-region-list",
                    format!("{name} holds {} of {} twice", pair[1].0.code, pair[1].0.region_year),
                )
                .at_line(name, Some(pair[1].1))
                .help("keep one row per code and region year"),
            );
        }
    }
    for (region, row) in &regions {
        let Some(parent) = &region.parent else { continue };
        let key = (parent, region.region_year);
        let known = regions.binary_search_by(|(r, _)| (&r.code, r.region_year).cmp(&key)).is_ok();
        if !known || Some(parent.level()) != region.code.level().parent() {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-region-list",
                    format!("the parent of {} is not a region of the next wider level in {name}", region.code),
                )
                .at_line(name, Some(*row))
                .help("add the parent with the same region year, or leave the parent empty"),
            );
        } else if region.code.parent_in_code().is_some_and(|own| own != *parent) {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-region-list",
                    format!("the parent of {} is not the region that its own code contains in {name}", region.code),
                )
                .at_line(name, Some(*row))
                .help("WK036301 lies in GM0363 and BU03630102 in WK036301: correct the code or the parent"),
            );
        }
    }
    findings.ok_or_stop()?;
    Ok(regions.into_iter().map(|(region, _)| region).collect())
}
