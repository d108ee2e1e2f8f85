//! One source of a pipeline + the headers of its files → how it is read.

use super::columns::ColumnPlanner;
use super::{Input, SourcePlan};
use crate::declare::{Definitions, RegionEntry, RespondentSource, Source, YearFrom};
use crate::derive::Deriver;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{RegionIndex, RegionPlan, RespondentPlan, YearColumn, detect};

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
        for at in self.files {
            let input = &self.inputs[*at];
            let format = match detect(&input.path, &input.name, respondents.format) {
                Ok(format) => format,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            let mut planner = ColumnPlanner::new(self.definitions, self.source, respondents, &format);
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
            deriver = planner.deriver(parameters);
            let (coded, numbers) = planner.columns();
            findings.extend(planner.finish());
            let mut plan = RespondentPlan::new(self.index, format, year, region);
            plan.id = id;
            plan.weights = weights;
            plan.coded = coded;
            plan.numbers = numbers;
            files.push((*at, plan.ready()));
        }
        SourcePlan::Respondents { files, deriver, index, covers }
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
