//! One source of a pipeline + the headers of its files → how it is read.

use std::collections::BTreeSet;

use super::columns::ColumnPlanner;
use super::indicators::columns_of;
use super::{Input, SourcePlan};
use crate::declare::{Definitions, RegionEntry, RespondentSource, Source, YearFrom};
use crate::derive::Deriver;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{FileFormat, RegionIndex, RegionPlan, RespondentPlan, YearColumn, detect};

/// What is known when a source is built.
pub(super) struct SourceBuilder<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) source: &'a Source,
    pub(super) index: usize,
    pub(super) inputs: &'a [Input],
    pub(super) files: &'a [usize],
    /// Whether every file with regions was read.
    pub(super) regions_whole: bool,
}

impl SourceBuilder<'_> {
    pub(super) fn respondents(
        &self,
        respondents: &RespondentSource,
        regions: &[RegionEntry],
        parameters: &[usize],
        weight_sets: &[String],
        findings: &mut Findings,
    ) -> SourcePlan {
        let index = RegionIndex::new(regions, self.source.region_year);
        let covers = self.covers(&index, !regions.is_empty(), findings);
        let mut deriver = Deriver::default();
        let mut files = Vec::new();
        let mut formats = Vec::with_capacity(self.files.len());
        for at in self.files {
            let input = &self.inputs[*at];
            match detect(&input.path, &input.name, respondents.format) {
                Ok(format) => formats.push((*at, format)),
                Err(finding) => findings.push(finding),
            }
        }
        let absent = self.absent(respondents, parameters, &formats, findings);
        for (at, format) in &formats {
            let mut planner = ColumnPlanner::new(self.definitions, self.source, respondents, format, &absent);
            let year = match &respondents.period {
                YearFrom::Fixed(period) => Ok(period.year),
                YearFrom::Column { column, years } => {
                    let (field, column) = planner.named(&column.value, "the period").unwrap_or_default();
                    Err(YearColumn { field, column, years: years.clone() })
                }
            };
            let id = respondents.id_column.as_ref().and_then(|column| planner.named(&column.value, "`id-column`"));
            let region = RegionPlan {
                columns: planner.regions(),
                unknown: respondents.region.unknown.clone(),
                index: index.clone(),
                covers: covers.clone(),
            };
            let weights = weight_sets
                .iter()
                .map(|set| {
                    let set = respondents.weight_sets.iter().find(|own| own.id.value == *set)?;
                    planner.weights(set)
                })
                .collect();
            deriver =
                planner.deriver(parameters, &|column| formats.iter().all(|(_, format)| format.field(column).is_ok()));
            let (coded, numbers) = planner.columns();
            findings.extend(planner.finish());
            let mut plan = RespondentPlan::new(self.index, format.clone(), year, region);
            plan.id = id;
            plan.weights = weights;
            plan.coded = coded;
            plan.numbers = numbers;
            files.push((*at, plan.ready()));
        }
        SourcePlan::Respondents { files, deriver, index, covers, absent }
    }

    /// A source whose rows are here as moments: no file of it is opened. `lacking` are the ids of parameters that its files had no column for.
    pub(super) fn given(
        &self,
        regions: &[RegionEntry],
        parameters: &[usize],
        lacking: Option<&BTreeSet<String>>,
        findings: &mut Findings,
    ) -> SourcePlan {
        let index = RegionIndex::new(regions, self.source.region_year);
        let covers = self.covers(&index, !regions.is_empty(), findings);
        let lacks = |at: &&usize| lacking.is_some_and(|ids| ids.contains(&self.definitions.parameters[**at].id.value));
        let absent = parameters.iter().filter(lacks).copied().collect();
        SourcePlan::Respondents { files: Vec::new(), deriver: Deriver::default(), index, covers, absent }
    }

    /// Parameters that a file of the source lacks a column for, where the source declares that they are then not measured.
    fn absent(
        &self,
        respondents: &RespondentSource,
        parameters: &[usize],
        formats: &[(usize, FileFormat)],
        findings: &mut Findings,
    ) -> BTreeSet<usize> {
        let mut absent = BTreeSet::new();
        if !respondents.absent_not_measured {
            return absent;
        }
        for index in parameters {
            let parameter = &self.definitions.parameters[*index];
            let measure = parameter.measure_in(&self.source.collection.value, respondents.period.years());
            let columns = columns_of(self.definitions, measure).into_iter().map(|column| respondents.own_name(column));
            let lacks = |column: &&str| formats.iter().any(|(_, format)| format.field(column) == Err(0));
            let lacking: Vec<&str> = columns.filter(lacks).collect();
            let declared = respondents.declares_not_measured(&parameter.id.value);
            if lacking.is_empty() || declared {
                continue;
            }
            absent.insert(*index);
            let shown = lacking.iter().take(3).copied().collect::<Vec<_>>().join("`, `");
            let more = if lacking.len() > 3 { format!(" and {} more", lacking.len() - 3) } else { String::new() };
            findings.push(
                Finding::warning(
                    Duty::Data,
                    "ingest-not-measured",
                    format!(
                        "source `{}` has no column `{shown}`{more}: parameter `{}` is not measured",
                        self.source.id.value, parameter.id.value
                    ),
                )
                .help("give the column, name it in [source.column-alias], or list the parameter in `not-measured` to say so for good"),
            );
        }
        absent
    }

    fn covers(&self, index: &RegionIndex, listed: bool, findings: &mut Findings) -> Vec<u32> {
        let mut covers = Vec::new();
        for code in &self.source.covers {
            match index.position(code.value.as_str()) {
                Some(position) => covers.push(position),
                // A list that could not be read has its own finding.
                None if !listed => {}
                None => findings.push(
                    Finding::error(
                        Duty::Definition,
                        "declare-unknown-region",
                        format!("`{}` is no region of {} in the region list", code.value, self.source.region_year),
                    )
                    .at(code.place.clone())
                    .help("correct the code or `region-year`, or add the region to the list"),
                ),
            }
        }
        covers
    }
}
