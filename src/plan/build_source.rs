//! One source of a pipeline + the headers of its files → how it is read.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::columns::{ColumnPlanner, both_marks, repeated_column};
use super::{Input, SourcePlan};
use crate::declare::{
    Definitions, FormatPins, PeriodFrom, PublishedSource, RegionEntry, RegionFrom, RespondentSource, Source, YearFrom,
};
use crate::derive::Deriver;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    CodesPlan, MeasurePlan, PublishedPlan, RegionIndex, RegionPlan, RespondentPlan, YearColumn, detect, recognise,
};
use crate::vocab::{Shape, Unit};

/// What is known when a source is built.
pub(super) struct SourceBuilder<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) source: &'a Source,
    pub(super) index: usize,
    pub(super) inputs: &'a [Input],
    pub(super) files: &'a [usize],
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

    pub(super) fn published(
        &self,
        published: &PublishedSource,
        parameters: &[usize],
        regions: &[RegionEntry],
        findings: &mut Findings,
    ) -> SourcePlan {
        let definitions = self.definitions;
        let mut columns = Vec::new();
        let mut mapped = Vec::new();
        for measure in &published.measures {
            let known =
                parameters.iter().position(|at| definitions.parameters[*at].id.value == measure.parameter.value);
            match known {
                Some(at) => {
                    let per_cent = definitions.parameters[parameters[at]].unit.value == Unit::Share;
                    columns.push((measure, per_cent));
                    mapped.push(at);
                }
                None => findings.push(
                    Finding::error(
                        Duty::Definition,
                        "declare-not-computed",
                        format!(
                            "measure `{}` is mapped to `{}`, which [estimate] does not name",
                            measure.key.value, measure.parameter.value
                        ),
                    )
                    .at(measure.parameter.place.clone())
                    .help("add it to `parameters` of [estimate], or remove the mapping"),
                ),
            }
        }
        let known: Option<HashSet<String>> = (!regions.is_empty()).then(|| {
            let of_year = regions.iter().filter(|region| region.region_year == self.source.region_year);
            of_year.map(|region| region.code.as_str().to_owned()).collect()
        });
        let mut files = Vec::new();
        let mut unmapped = 0;
        for at in self.files {
            let input = &self.inputs[*at];
            let format = match detect(&input.path, &input.name, FormatPins::default()) {
                Ok(format) => format,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            let mut field = |column: &str, what: &str| {
                format.field(column).map_err(|count| {
                    if count > 0 {
                        findings.push(repeated_column(&input.name, column, count));
                        return;
                    }
                    let near = format.header.iter().map(|name| (strsim::damerau_levenshtein(name, column), name)).min();
                    let near = near.filter(|(distance, _)| *distance <= column.len() / 2);
                    findings.push(
                        Finding::error(
                            Duty::Data,
                            "ingest-missing-column",
                            format!("{} has no column `{column}` ({what})", input.name),
                        )
                        .at_line(input.name.as_str(), Some(1))
                        .help(match near {
                            Some((_, near)) => format!(
                                "the table may have moved it; nearest is `{near}`: check that it is the same measure"
                            ),
                            None => "check the table id and the columns of the file".to_owned(),
                        }),
                    );
                })
            };
            let shape = published.shape.as_ref().map_or_else(|| recognise(&format), |pinned| pinned.value);
            let region = match &published.region {
                RegionFrom::Fixed(code) => Ok(Ok(code.value.clone())),
                RegionFrom::Column(column) => {
                    field(&column.value, "the region").map(|at| Err((at, column.value.clone())))
                }
            };
            let long = (shape == Shape::ODataV4).then(|| field("Measure", "the measure"));
            let period = match &published.period {
                PeriodFrom::Fixed(period) => Ok(Ok(period.clone())),
                PeriodFrom::Column(column) => {
                    field(&column.value, "the period").map(|at| Err((at, column.value.clone())))
                }
            };
            let margins = published.margins.as_ref().map(|margins| {
                field(&margins.column.value, "the margins").map(|at| CodesPlan {
                    field: at,
                    column: margins.column.value.clone(),
                    codes: [(Some(&margins.value), 0), (margins.lower.as_ref(), 1), (margins.upper.as_ref(), 2)]
                        .into_iter()
                        .filter_map(|(code, margin)| Some((code?.clone(), margin)))
                        .collect(),
                })
            });
            let breakdowns: Vec<_> = published
                .breakdowns
                .iter()
                .map(|breakdown| {
                    field(&breakdown.column.value, "a breakdown").map(|at| CodesPlan {
                        field: at,
                        column: breakdown.column.value.clone(),
                        codes: breakdown
                            .codes
                            .iter()
                            .map(|(code, meaning)| (code.clone(), meaning.value.clone()))
                            .collect(),
                    })
                })
                .collect();
            let mut mixed = BTreeSet::new();
            let measures: Vec<_> = columns
                .iter()
                .map(|(measure, per_cent)| {
                    let what = format!("the measure of `{}`", measure.parameter.value);
                    let column = if shape == Shape::ODataV4 { "Value".to_owned() } else { measure.key.value.clone() };
                    let field = field(&column, &what)?;
                    let Some(mark) = format.decimal_mark(field) else {
                        mixed.insert(column);
                        return Err(());
                    };
                    Ok(MeasurePlan {
                        field,
                        key: measure.key.value.clone(),
                        mark,
                        per_cent: *per_cent,
                        multiply: measure.multiply,
                    })
                })
                .collect();
            for column in mixed {
                findings.push(both_marks(&input.name, &column).help(
                    "one of the two is a slip or a mark of thousands, and nobody can say which: download the table again and hand it in as it is",
                ));
            }
            let dimensions = 1
                + usize::from(matches!(published.period, PeriodFrom::Column(_)))
                + usize::from(published.margins.is_some())
                + published.breakdowns.len();
            let other = format.header.iter().filter(|name| name.eq_ignore_ascii_case("ID")).count();
            unmapped = unmapped.max(format.header.len().saturating_sub(dimensions + other + measures.len()));
            let (Ok(region), Ok(period)) = (region, period) else { continue };
            let Ok(margins) = margins.transpose() else { continue };
            let Ok(long) = long.transpose() else { continue };
            let Ok(breakdowns) = breakdowns.into_iter().collect::<Result<_, _>>() else { continue };
            let Ok(measures) = measures.into_iter().collect::<Result<_, _>>() else { continue };
            files.push((
                *at,
                PublishedPlan {
                    format: format.clone(),
                    shape,
                    region,
                    long,
                    alias: published
                        .region_alias
                        .iter()
                        .map(|(own, code)| (own.clone(), code.value.clone()))
                        .collect::<HashMap<_, _>>(),
                    period,
                    margins,
                    breakdowns,
                    dimensions: definitions.pipeline.dimensions.iter().map(|own| own.id.value.clone()).collect(),
                    measures,
                    levels: definitions.pipeline.estimate.levels.clone(),
                    known: known.clone(),
                },
            ));
        }
        SourcePlan::Published { files, parameters: mapped, unmapped }
    }
}
