//! Files that a model rests on beside the respondents: persons, public facts, pairs of neighbours.

use super::decode::is_missing;
use super::list::{ListFile, ListRows, read_list};
use crate::declare::{FactFile, PersonsFile};
use crate::finding::{Duty, Finding, Findings};

/// Persons of a group of an area.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonsRow {
    /// Number of the row in the file.
    pub row: u64,
    /// Code of the area; empty in a prior.
    pub region: String,
    /// Category of each dimension of the file, in its order.
    pub categories: Vec<String>,
    /// Persons, 0 or more.
    pub persons: f64,
}

/// Facts of an area.
#[derive(Clone, Debug, PartialEq)]
pub struct FactRow {
    /// Code of the area.
    pub region: String,
    /// Per column; `None` where the file has nothing.
    pub values: Vec<Option<f64>>,
}

/// A pair of areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRow {
    /// Number of the row in the file.
    pub row: u64,
    /// The one.
    pub from: String,
    /// The other.
    pub to: String,
}

/// A number, with a point or a comma before its decimals.
fn number(text: &str) -> Option<f64> {
    text.replace(',', ".").parse().ok().filter(|own: &f64| own.is_finite())
}

fn fault(name: &str, row: u64, message: String, help: &str) -> Finding {
    Finding::error(Duty::Data, "ingest-model-file", message).at_line(name, Some(row)).help(help)
}

fn numbered(list: ListRows) -> impl Iterator<Item = (u64, Vec<String>)> {
    (list.first_row..).zip(list.rows)
}

/// Reads a file with persons; `dimensions` are its columns besides region and persons.
///
/// # Errors
/// Missing columns, and persons that are no number or below 0.
pub fn read_persons(file: ListFile<'_>, declared: &PersonsFile) -> Result<Vec<PersonsRow>, Findings> {
    let mut columns: Vec<&str> = declared.region.iter().map(String::as_str).collect();
    columns.extend(declared.dimensions.iter().map(|name| name.value.as_str()));
    columns.push(&declared.persons);
    let list = read_list(file, &columns, "this table of persons")?;
    let (mut found, mut findings) = (Vec::new(), Findings::default());
    for (row, texts) in numbered(list) {
        let mut texts = texts.into_iter();
        let region = declared.region.as_ref().and_then(|_| texts.next()).unwrap_or_default();
        let mut categories: Vec<String> = texts.collect();
        let persons = categories.pop().unwrap_or_default();
        match number(&persons).filter(|own| *own >= 0.0) {
            Some(persons) => found.push(PersonsRow { row, region, categories, persons }),
            None => findings.push(fault(
                file.name,
                row,
                format!("column `{}` of {} holds no number of persons", declared.persons, file.name),
                "write a number of 0 or more, without a mark for thousands",
            )),
        }
        if findings.list().len() >= 5 {
            return Err(findings);
        }
    }
    findings.ok_or_stop()?;
    Ok(found)
}

/// Reads a file with facts. What stands for a missing value elsewhere does so here.
///
/// # Errors
/// Missing columns, and facts that are neither a number nor missing.
pub fn read_facts(file: ListFile<'_>, declared: &FactFile) -> Result<Vec<FactRow>, Findings> {
    let mut columns = vec![declared.region.as_str()];
    columns.extend(declared.columns.iter().map(|name| name.value.as_str()));
    let list = read_list(file, &columns, "this table of facts")?;
    let (mut found, mut findings) = (Vec::new(), Findings::default());
    for (row, texts) in numbered(list) {
        let mut texts = texts.into_iter();
        let region = texts.next().unwrap_or_default();
        let mut values = Vec::with_capacity(columns.len() - 1);
        for (text, column) in texts.zip(&declared.columns) {
            let value = number(&text);
            if value.is_none() && !is_missing(&text) {
                let message = format!("column `{}` of {} holds something that is no number", column.value, file.name);
                findings.push(fault(file.name, row, message, "an empty cell or `.` stands for a missing fact"));
            }
            values.push(value);
        }
        found.push(FactRow { region, values });
        if findings.list().len() >= 5 {
            return Err(findings);
        }
    }
    findings.ok_or_stop()?;
    Ok(found)
}

/// Reads a list of pairs of neighbours.
///
/// # Errors
/// Missing columns.
pub fn read_pairs(file: ListFile<'_>, from: &str, to: &str) -> Result<Vec<PairRow>, Findings> {
    let list = read_list(file, &[from, to], "a list of neighbours")?;
    let pair = |(row, texts): (u64, Vec<String>)| {
        let [from, to] = <[String; 2]>::try_from(texts).ok()?;
        Some(PairRow { row, from, to })
    };
    Ok(numbered(list).filter_map(pair).collect())
}
