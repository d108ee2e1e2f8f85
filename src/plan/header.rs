//! The header of a table's file → which columns are read, and how.

use std::collections::{BTreeSet, HashSet};

use super::columns::{both_marks, repeated_column};
use crate::declare::{PeriodFrom, Placed, RegionFrom, TableSource};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{CategoryKey, CodesPlan, FileFormat, MeasurePlan, Numbers, PublishedPlan, RegionCodes, recognise};
use crate::vocab::Shape;

/// A column of numbers that is wanted.
pub(super) struct Wanted<'t> {
    pub(super) column: &'t Placed<String>,
    /// What needs it, for messages.
    pub(super) who: String,
    pub(super) per_cent: bool,
    pub(super) multiply: f64,
    pub(super) category: Option<CategoryKey>,
    pub(super) numbers: Numbers,
}

/// The header of one file while its columns are looked up.
pub(super) struct HeaderPlanner<'h> {
    pub(super) format: &'h FileFormat,
    pub(super) findings: &'h mut Findings,
}

impl HeaderPlanner<'_> {
    /// The field of a column; `None` where it is not there once, which is said.
    fn field(&mut self, column: &str, what: &str) -> Option<usize> {
        let format = self.format;
        let count = match format.field(column) {
            Ok(field) => return Some(field),
            Err(count) => count,
        };
        if count > 0 {
            self.findings.push(repeated_column(&format.name, column, count));
            return None;
        }
        let near = format.header.iter().map(|name| (strsim::damerau_levenshtein(name, column), name)).min();
        let near = near.filter(|(distance, _)| *distance <= column.len() / 2);
        self.findings.push(
            Finding::error(
                Duty::Data,
                "ingest-missing-column",
                format!("{} has no column `{column}` ({what})", format.name),
            )
            .at_line(format.name.as_str(), Some(1))
            .help(match near {
                Some((_, near)) => {
                    format!("the table may have moved it; nearest is `{near}`: check that it is the same measure")
                }
                None => "check the table id and the columns of the file".to_owned(),
            }),
        );
        None
    }

    /// How the file is read; `None` where a column is missing. Every missing column is said.
    pub(super) fn plan(
        mut self,
        table: &TableSource,
        wanted: &[Wanted<'_>],
        mut region: RegionCodes,
    ) -> Option<PublishedPlan> {
        let format = self.format;
        let register = table.register().is_some();
        let pinned = table.shape.as_ref().map(|pinned| pinned.value);
        let shape = pinned.unwrap_or_else(|| if register { Shape::Plain } else { recognise(format) });
        let column = match &table.region {
            RegionFrom::Fixed(code) => Some(Ok(code.value.clone())),
            RegionFrom::Column(column) => {
                self.field(&column.value, "the region").map(|at| Err((at, column.value.clone())))
            }
        };
        let long = (shape == Shape::ODataV4).then(|| self.field("Measure", "the measure"));
        let period = match &table.period {
            PeriodFrom::Fixed(period) => Some(Ok(period.clone())),
            PeriodFrom::Column(column) => {
                self.field(&column.value, "the period").map(|at| Err((at, column.value.clone())))
            }
        };
        let margins = table.margins.as_ref().map(|margins| {
            let codes = [(Some(&margins.value), 0), (margins.lower.as_ref(), 1), (margins.upper.as_ref(), 2)];
            Some(CodesPlan {
                field: self.field(&margins.column.value, "the margins")?,
                column: margins.column.value.clone(),
                codes: codes.into_iter().filter_map(|(code, margin)| Some((code?.clone(), margin))).collect(),
                others_left_out: false,
            })
        });
        let mut breakdowns = Vec::with_capacity(table.breakdowns.len());
        for breakdown in &table.breakdowns {
            let field = self.field(&breakdown.column.value, "a breakdown");
            breakdowns.push(field.map(|field| CodesPlan {
                field,
                column: breakdown.column.value.clone(),
                codes: breakdown.codes.iter().map(|(code, of)| (code.clone(), of.value.clone())).collect(),
                others_left_out: breakdown.others_left_out,
            }));
        }
        self.unread_dimensions(table, shape);
        let measures = self.measures(wanted, shape);
        region.column = column?;
        Some(PublishedPlan {
            format: format.clone(),
            shape,
            region,
            period: period?,
            provisional: HashSet::new(),
            margins: match margins {
                Some(margins) => Some(margins?),
                None => None,
            },
            breakdowns: breakdowns.into_iter().collect::<Option<_>>()?,
            dimensions: Vec::new(),
            measures: measures?,
            long: match long {
                Some(field) => Some(field?),
                None => None,
            },
            levels: Vec::new(),
            is_register: table.register().is_some_and(|register| !register.repeated_events),
        })
    }

    /// Says every dimension of a StatLine table that nothing reads: of a file with one age group the figures would pass for those of all
    /// ages. Keys of measures end in `_<number>`; the other columns are dimensions.
    fn unread_dimensions(&mut self, table: &TableSource, shape: Shape) {
        let own = match shape {
            Shape::StatlineTyped | Shape::StatlineUntyped => ["ID"].as_slice(),
            Shape::ODataV4 => &["Id", "Measure", "Value", "StringValue", "ValueAttribute"],
            Shape::Portal | Shape::PortalSymbols | Shape::Statweb | Shape::Plain => return,
        };
        let region = match &table.region {
            RegionFrom::Column(column) => Some(column),
            RegionFrom::Fixed(_) => None,
        };
        let period = match &table.period {
            PeriodFrom::Column(column) => Some(column),
            PeriodFrom::Fixed(_) => None,
        };
        let margins = table.margins.as_ref().map(|margins| &margins.column);
        let breakdowns = table.breakdowns.iter().map(|breakdown| &breakdown.column);
        let read: Vec<String> = region
            .into_iter()
            .chain(period)
            .chain(margins)
            .chain(breakdowns)
            .map(|column| column.value.trim().to_lowercase())
            .collect();
        let is_measure = |name: &str| {
            name.rsplit_once('_').is_some_and(|(_, at)| !at.is_empty() && at.bytes().all(|b| b.is_ascii_digit()))
        };
        let format = self.format;
        for name in &format.header {
            if own.contains(&name.as_str()) || is_measure(name) || read.contains(&name.to_lowercase()) {
                continue;
            }
            self.findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-dimension-unread",
                    format!("column `{name}` of {} is a dimension of the table, and nothing in the pipeline reads it", format.name),
                )
                .at_line(format.name.as_str(), Some(1))
                .help("name it as a `[[source.breakdown]]` (or `margins`, `period-column`) with the meaning of its codes: its figures may be of a part of the people"),
            );
        }
    }

    fn measures(&mut self, wanted: &[Wanted<'_>], shape: Shape) -> Option<Vec<MeasurePlan>> {
        let mut mixed = BTreeSet::new();
        let mut measures = Vec::with_capacity(wanted.len());
        for own in wanted {
            let column = if shape == Shape::ODataV4 { "Value" } else { own.column.value.as_str() };
            let Some(field) = self.field(column, &own.who) else {
                measures.push(None);
                continue;
            };
            let mark = self.format.decimal_mark(field);
            if mark.is_none() {
                mixed.insert(column.to_owned());
            }
            measures.push(mark.map(|mark| MeasurePlan {
                field,
                key: own.column.value.clone(),
                mark,
                per_cent: own.per_cent,
                multiply: own.multiply,
                category: own.category.clone(),
                numbers: own.numbers,
            }));
        }
        for column in mixed {
            self.findings.push(both_marks(&self.format.name, &column).help(
                "one of the two is a slip or a mark of thousands, and nobody can say which: download the table again, or pin [source.format] decimal",
            ));
        }
        measures.into_iter().collect()
    }
}
