//! Regions from files: lists of the project, tables of CBS, gemeenten and their GGD regions, recodes between years.

use super::decode::is_missing;
use super::list::{ListFile, ListRows, read_list};
use crate::declare::{GgdTable, RegionEntry, RegionTable, normalise_code};
use crate::finding::{Duty, Finding, Findings};
use crate::vocab::{Level, RegionCode, RegionCodeError};

/// Columns of a region list, in the order in which this reader uses them.
const COLUMNS: [&str; 6] = ["code", "region_year", "level", "name", "parent", "population"];

/// What a table of regions gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionFile {
    /// Its regions, sorted by code; the parents are those that the codes contain.
    pub regions: Vec<RegionEntry>,
    /// Rows of a kind of region that a release does not know (provinces, parts of the country).
    pub other_kinds: u64,
    /// Codes of regions that were another region, or had another code, the year before.
    pub changed: Vec<RegionCode>,
}

/// A gemeente with its GGD region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GgdRow {
    /// The gemeente.
    pub gemeente: RegionCode,
    /// The GGD region.
    pub ggd: RegionCode,
    /// Name of the GGD region, empty where the file has none.
    pub name: String,
}

/// Which part of a region lies in which region of another year.
#[derive(Clone, Debug, PartialEq)]
pub struct RecodeRow {
    /// Code of the one year.
    pub from: RegionCode,
    /// Code of the other year, of the same level.
    pub to: RegionCode,
    /// Part of `from` that lies in `to`, in (0, 1].
    pub share: f64,
}

/// Reads a region list, sorted by (code, region year).
///
/// # Errors
/// Every row that does not fit, with its row number.
pub fn read_regions(file: ListFile<'_>) -> Result<Vec<RegionEntry>, Findings> {
    let list = read_list(file, &COLUMNS, "a region list")?;
    check_rows(file.name, &list)
}

/// A fault of a row of a file with regions.
fn fault(name: &str, row: u64, message: String, help: &str) -> Finding {
    Finding::error(Duty::Data, "ingest-region-list", message).at_line(name, Some(row)).help(help)
}

/// Reads a table of CBS that lists the regions of a year, such as Kerncijfers wijken en buurten.
///
/// # Errors
/// Codes that are malformed or stand twice, codes of `change` without a meaning, numbers of inhabitants that are none.
pub fn read_region_table(file: ListFile<'_>, table: &RegionTable) -> Result<RegionFile, Findings> {
    let mut columns = vec![table.code.value.as_str(), table.name.value.as_str()];
    columns.extend(table.population.as_ref().map(|column| column.value.as_str()));
    columns.extend(table.change.as_ref().map(|change| change.column.value.as_str()));
    let list = read_list(file, &columns, "this table")?;
    let name = file.name;
    let mut findings = Findings::default();
    let mut found = RegionFile::default();
    let mut rows = Vec::with_capacity(list.rows.len());
    for (row, number) in list.rows.iter().zip(list.first_row..) {
        let mut texts = row.iter().map(String::as_str);
        let (text, label) = (texts.next().unwrap_or(""), texts.next().unwrap_or(""));
        let population = table.population.as_ref().and_then(|_| texts.next());
        let change = table.change.as_ref().and_then(|_| texts.next());
        let alias = table.alias.iter().find(|(own, _)| own == text).map(|(_, code)| code.value.clone());
        let code = match alias.map_or_else(|| RegionCode::parse(text), Ok) {
            Ok(code) => code,
            Err(RegionCodeError::UnknownKind) if !is_missing(text) && !text.bytes().any(|b| b == b' ') => {
                found.other_kinds += 1;
                continue;
            }
            Err(error) => {
                let message = format!("column `{}` of {name}: {error}", table.code.value);
                findings.push(fault(
                    name,
                    number,
                    message,
                    "name the column of the codes, such as GM0363, in [[regions.table]]",
                ));
                // A column of names has this fault in every row.
                if findings.list().len() >= 5 {
                    return Err(findings);
                }
                continue;
            }
        };
        let population = match population.filter(|text| !is_missing(text)) {
            None => None,
            Some(text) => match text.parse::<u64>() {
                Ok(count) => Some(count as f64),
                Err(_) => {
                    let message = format!("the number of inhabitants of {code} in {name} is no whole number");
                    findings.push(fault(
                        name,
                        number,
                        message,
                        "name the column of the number of inhabitants; a mark for thousands must go",
                    ));
                    None
                }
            },
        };
        let mut entry = RegionEntry { name: label.to_owned(), population, ..RegionEntry::new(code, table.region_year) };
        if let (Some(column), Some(text)) = (&table.change, change) {
            let own = normalise_code(text);
            if column.unchanged.contains(&own) {
                entry.comparable.push(table.region_year - 1);
            } else if column.renamed.contains(&own) || column.changed.contains(&own) {
                found.changed.push(entry.code.clone());
            } else if !column.unknown.contains(&own) {
                let message =
                    format!("column `{}` of {name} holds a code that `change` does not name", column.column.value);
                findings.push(fault(name, number, message, "name it under unchanged, renamed, changed or unknown"));
            }
        }
        entry.parent = entry.code.parent_in_code();
        rows.push((entry, number));
    }
    if rows.is_empty() && findings.list().is_empty() {
        let message = format!("column `{}` of {name} holds no region code in any row", table.code.value);
        findings.push(
            Finding::error(Duty::Data, "ingest-no-region-codes", message)
                .at_line(name, Some(list.first_row))
                .help("names are never matched to regions: download the table again with its codes, such as GM0363"),
        );
    }
    found.regions = check_tree(name, rows, findings)?;
    Ok(found)
}

/// Reads a table gemeente → GGD region.
///
/// # Errors
/// Codes of another kind, and a gemeente in two GGD regions.
pub fn read_ggd_table(file: ListFile<'_>, table: &GgdTable) -> Result<Vec<GgdRow>, Findings> {
    let mut columns = vec![table.gemeente.value.as_str(), table.ggd.value.as_str()];
    columns.extend(table.name.as_ref().map(|column| column.value.as_str()));
    let list = read_list(file, &columns, "this table")?;
    let mut findings = Findings::default();
    let mut rows: Vec<GgdRow> = Vec::with_capacity(list.rows.len());
    let mut seen = std::collections::HashMap::new();
    for (row, number) in list.rows.iter().zip(list.first_row..) {
        let of_level = |at: usize, level| RegionCode::parse(&row[at]).ok().filter(|code| code.level() == level);
        let (Some(gemeente), Some(ggd)) = (of_level(0, Level::Gemeente), of_level(1, Level::Ggd)) else {
            let message = format!("{} needs a gemeente code and a GGD code in each row", file.name);
            findings.push(fault(
                file.name,
                number,
                message,
                "codes look like GM0363 and GG3406; names and numbers are not matched",
            ));
            // A column of names has this fault in every row.
            if findings.list().len() >= 5 {
                return Err(findings);
            }
            continue;
        };
        match seen.insert(gemeente.clone(), ggd.clone()) {
            Some(other) if other != ggd => {
                let message = format!("{gemeente} lies in two GGD regions in {}", file.name);
                findings.push(fault(file.name, number, message, "keep one row per gemeente"));
            }
            Some(_) => {}
            None => rows.push(GgdRow { gemeente, ggd, name: row.get(2).cloned().unwrap_or_default() }),
        }
    }
    findings.ok_or_stop()?;
    Ok(rows)
}

/// Reads a recode table: `from;to;share`.
///
/// # Errors
/// Codes of two levels in one row, parts outside (0, 1], and regions whose parts do not add up to 1.
pub fn read_recode(file: ListFile<'_>) -> Result<Vec<RecodeRow>, Findings> {
    let list = read_list(file, &["from", "to", "share"], "a recode table")?;
    let name = file.name;
    let mut findings = Findings::default();
    let mut rows: Vec<RecodeRow> = Vec::with_capacity(list.rows.len());
    let mut sums: std::collections::BTreeMap<RegionCode, (f64, u64)> = std::collections::BTreeMap::new();
    for (row, number) in list.rows.iter().zip(list.first_row..) {
        let [from, to, share] = row.as_slice() else { continue };
        let codes = (RegionCode::parse(from), RegionCode::parse(to));
        let (Ok(from), Ok(to)) = codes else {
            findings.push(fault(
                name,
                number,
                format!("{name} needs a region code in `from` and in `to`"),
                "codes look like GM0363, WK036301",
            ));
            continue;
        };
        if from.level() != to.level() {
            findings.push(fault(
                name,
                number,
                format!("{from} and {to} are of two levels"),
                "recode each level in rows of its own",
            ));
            continue;
        }
        let share = super::DecimalMark::Point.parse(share).or_else(|| super::DecimalMark::Comma.parse(share));
        let Some(share) = share.filter(|share| *share > 0.0 && *share <= 1.0) else {
            findings.push(fault(
                name,
                number,
                format!("`share` of {from} in {name} is no part between 0 and 1"),
                "write 1 for a region that lies wholly in another",
            ));
            continue;
        };
        let sum = sums.entry(from.clone()).or_insert((0.0, number));
        sum.0 += share;
        rows.push(RecodeRow { from, to, share });
    }
    for (from, (sum, number)) in &sums {
        if (sum - 1.0).abs() > 0.005 {
            let message = format!("the parts of {from} in {name} add up to {sum:.3}");
            findings.push(fault(name, *number, message, "they must add up to 1, or people would appear or get lost"));
        }
    }
    findings.ok_or_stop()?;
    Ok(rows)
}

fn check_rows(name: &str, list: &ListRows) -> Result<Vec<RegionEntry>, Findings> {
    let mut findings = Findings::default();
    let mut regions: Vec<(RegionEntry, u64)> = Vec::with_capacity(list.rows.len());
    for (row, number) in list.rows.iter().zip(list.first_row..) {
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
        let entry = RegionEntry { name: label.clone(), parent, population, ..RegionEntry::new(code, region_year) };
        regions.push((entry, number));
    }
    check_tree(name, regions, findings)
}

/// Regions sorted by (code, region year): each once, each in a known region of the next wider level that its own code does not contradict.
fn check_tree(
    name: &str,
    mut regions: Vec<(RegionEntry, u64)>,
    mut findings: Findings,
) -> Result<Vec<RegionEntry>, Findings> {
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
