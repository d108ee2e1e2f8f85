//! Definitions + files → [`Plan`]. Headers are read, rows are not.

use std::collections::{HashMap, HashSet};

use super::catalogue::{catalogue, crossed};
use super::columns::{ColumnPlanner, repeated_column};
use super::{BreakdownKeys, Input, Plan, SourcePlan};
use crate::declare::{
    Definitions, FormatPins, Measure, PeriodFrom, PublishedSource, RegionEntry, RegionsFrom, RespondentSource, Source,
    SourceKind,
};
use crate::derive::{Deriver, run_cases};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    CodesPlan, PublishedPlan, RegionIndex, RegionListPlan, RegionPlan, RespondentPlan, detect, read_regions,
};
use crate::tally::{Breakdown, TableSpec, TallyPlan};
use crate::vocab::{Level, Unit};

/// Builds the plan of a pipeline. Runs the worked cases of every instrument and looks at every file.
///
/// # Errors
/// Everything that is wrong with cases, files and headers, at once.
pub fn build(definitions: Definitions) -> Result<Plan, Findings> {
    let mut findings = cases(&definitions);
    let inputs = inputs(&definitions, &mut findings);
    let (region_list, regions) = region_list(&definitions, &mut findings);
    let pipeline = &definitions.pipeline;
    let parameters: Vec<usize> = (0..definitions.parameters.len())
        .filter(|index| {
            pipeline.estimate.parameters.iter().any(|name| name.value == definitions.parameters[*index].id.value)
        })
        .collect();
    let has_respondents = pipeline.sources.iter().any(|source| matches!(source.kind, SourceKind::Respondents(_)));
    let measured: Vec<usize> = (0..parameters.len())
        .filter(|at| {
            has_respondents && !matches!(definitions.parameters[parameters[*at]].measure, Measure::Published { .. })
        })
        .collect();
    let weight_sets = weight_sets(&definitions);
    let mut sources = Vec::with_capacity(pipeline.sources.len());
    for (index, source) in pipeline.sources.iter().enumerate() {
        let files: Vec<usize> = (0..inputs.len()).filter(|at| inputs[*at].source == Some(index)).collect();
        let builder = SourceBuilder { definitions: &definitions, source, index, inputs: &inputs, files: &files };
        sources.push(match &source.kind {
            SourceKind::Respondents(respondents) => {
                let wanted: Vec<usize> = measured.iter().map(|at| parameters[*at]).collect();
                builder.respondents(respondents, &regions, &wanted, &weight_sets, &mut findings)
            }
            SourceKind::Published(published) => builder.published(published, &parameters, &regions, &mut findings),
        });
    }
    findings.ok_or_stop()?;
    let catalogue = catalogue(&definitions, &parameters, regions);
    let breakdowns = breakdowns(&definitions, &catalogue);
    let tally = tally_plan(&definitions, &parameters, &measured, &breakdowns, &weight_sets);
    Ok(Plan {
        parameters,
        measured,
        catalogue,
        breakdowns,
        tally,
        weight_sets,
        inputs,
        sources,
        region_list,
        definitions,
    })
}

/// Worked cases that do not come out as declared.
fn cases(definitions: &Definitions) -> Findings {
    let mut findings = Findings::default();
    for instrument in &definitions.instruments {
        for fault in run_cases(instrument) {
            let case = &instrument.cases[fault.case];
            findings.push(
                Finding::error(
                    Duty::Definition,
                    "declare-case-fails",
                    format!("case `{}` of `{}`: {}", case.name.value, instrument.id.value, fault.message),
                )
                .at(case.name.place.clone())
                .help("correct the definition or the case; work the example out by hand"),
            );
        }
    }
    findings
}

fn inputs(definitions: &Definitions, findings: &mut Findings) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for (index, source) in definitions.pipeline.sources.iter().enumerate() {
        let mut names = Vec::new();
        for pattern in &source.files {
            let found = crate::declare::matching_files(&definitions.data_folder, &pattern.value);
            if found.is_empty() {
                findings.push(
                    Finding::error(
                        Duty::Data,
                        "ingest-no-file",
                        format!("no file matches `{}` in {}", pattern.value, definitions.data_folder.display()),
                    )
                    .at(pattern.place.clone())
                    .help("put the file there, or name the folder with --data DIR"),
                );
            }
            names.extend(found);
        }
        names.sort();
        names.dedup();
        inputs.extend(names.into_iter().map(|name| Input {
            source: Some(index),
            path: definitions.data_folder.join(&name),
            name,
        }));
    }
    inputs
}

fn region_list(definitions: &Definitions, findings: &mut Findings) -> (Option<Input>, Vec<RegionEntry>) {
    let RegionsFrom::File(file) = &definitions.pipeline.regions else { return (None, Vec::new()) };
    let path = definitions.data_folder.join(&file.value);
    if !path.is_file() {
        findings.push(
            Finding::error(
                Duty::Data,
                "ingest-no-file",
                format!("there is no region list `{}` in {}", file.value, definitions.data_folder.display()),
            )
            .at(file.place.clone())
            .help("put the file there, or name the folder with --data DIR"),
        );
        return (None, Vec::new());
    }
    let input = Input { source: None, name: file.value.clone(), path: path.clone() };
    match read_regions(&RegionListPlan { path: &path, name: &file.value }) {
        Ok(regions) => (Some(input), regions),
        Err(wrong) => {
            findings.extend(wrong);
            (Some(input), Vec::new())
        }
    }
}

/// Ids of the weight sets that the pipeline uses, the default first.
fn weight_sets(definitions: &Definitions) -> Vec<String> {
    let Some(design) = &definitions.pipeline.design else { return Vec::new() };
    let mut ids = vec![design.weight_set.value.clone()];
    for one in &design.overrides {
        if !ids.contains(&one.weight_set.value) {
            ids.push(one.weight_set.value.clone());
        }
    }
    ids
}

struct SourceBuilder<'a> {
    definitions: &'a Definitions,
    source: &'a Source,
    index: usize,
    inputs: &'a [Input],
    files: &'a [usize],
}

impl SourceBuilder<'_> {
    fn respondents(
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
                PeriodFrom::Fixed(period) => Ok(period.year),
                PeriodFrom::Column(column) => Err(planner.named(&column.value, "the period").unwrap_or_default()),
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

    fn published(
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
            let region = field(&published.region_column.value, "the region")
                .map(|at| (at, published.region_column.value.clone()));
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
            let measures: Vec<_> = columns
                .iter()
                .map(|(measure, per_cent)| {
                    let what = format!("the measure of `{}`", measure.parameter.value);
                    field(&measure.key.value, &what).map(|at| (at, measure.key.value.clone(), *per_cent))
                })
                .collect();
            let dimensions = 1
                + usize::from(matches!(published.period, PeriodFrom::Column(_)))
                + usize::from(published.margins.is_some())
                + published.breakdowns.len();
            let other = format.header.iter().filter(|name| name.eq_ignore_ascii_case("ID")).count();
            unmapped = unmapped.max(format.header.len().saturating_sub(dimensions + other + measures.len()));
            let (Ok(region), Ok(period)) = (region, period) else { continue };
            let Ok(margins) = margins.transpose() else { continue };
            let Ok(breakdowns) = breakdowns.into_iter().collect::<Result<_, _>>() else { continue };
            let Ok(measures) = measures.into_iter().collect::<Result<_, _>>() else { continue };
            files.push((
                *at,
                PublishedPlan {
                    format: format.clone(),
                    region,
                    alias: published
                        .region_alias
                        .iter()
                        .map(|(own, code)| (own.clone(), code.value.clone()))
                        .collect::<HashMap<_, _>>(),
                    period,
                    margins,
                    breakdowns,
                    measures,
                    levels: definitions.pipeline.estimate.levels.clone(),
                    known: known.clone(),
                },
            ));
        }
        SourcePlan::Published { files, parameters: mapped, unmapped }
    }
}

/// The total, the dimensions with a column and the crossings, with their keys.
fn breakdowns(definitions: &Definitions, catalogue: &crate::declare::Catalogue) -> Vec<BreakdownKeys> {
    let pipeline = &definitions.pipeline;
    let position = |dimension: &str, category: &str| {
        catalogue
            .categories
            .binary_search_by(|entry| (entry.dimension.as_str(), entry.category.as_str()).cmp(&(dimension, category)))
            .ok()
            .and_then(|at| u32::try_from(at).ok())
    };
    let mut found = vec![BreakdownKeys {
        dimension: "total".into(),
        categories: position("total", "total").into_iter().collect(),
        levels: pipeline.estimate.levels.clone(),
    }];
    let mut add = |dimensions: &[&crate::declare::Dimension], levels: &[Level]| {
        let entries = crossed(dimensions);
        let categories = entries.iter().filter_map(|entry| position(&entry.dimension, &entry.category)).collect();
        let dimension = entries.first().map(|entry| entry.dimension.clone()).unwrap_or_default();
        found.push(BreakdownKeys { dimension, categories, levels: levels.to_vec() });
    };
    for dimension in pipeline.dimensions.iter().filter(|dimension| dimension.column.is_some()) {
        add(&[dimension], &dimension.levels);
    }
    for crossing in &pipeline.crossings {
        let dimensions: Vec<_> = crossing
            .dimensions
            .iter()
            .filter_map(|name| pipeline.dimensions.iter().find(|dimension| dimension.id.value == name.value))
            .collect();
        add(&dimensions, &crossing.levels);
    }
    found
}

fn tally_plan(
    definitions: &Definitions,
    parameters: &[usize],
    measured: &[usize],
    breakdowns: &[BreakdownKeys],
    weight_sets: &[String],
) -> TallyPlan {
    let pipeline = &definitions.pipeline;
    // Dimensions in the order of the deriver: those with a column.
    let with_column: Vec<_> = pipeline.dimensions.iter().filter(|dimension| dimension.column.is_some()).collect();
    let plans: Vec<Breakdown> = breakdowns
        .iter()
        .map(|keys| {
            let names: Vec<&str> = keys.dimension.split('*').filter(|name| *name != "total").collect();
            let dimensions: Vec<usize> =
                names.iter().filter_map(|name| with_column.iter().position(|d| d.id.value == *name)).collect();
            let sizes = dimensions.iter().map(|at| with_column[*at].categories.len()).collect();
            Breakdown { dimensions, sizes }
        })
        .collect();
    let mut tables: Vec<TableSpec> = Vec::new();
    for (parameter, at) in measured.iter().enumerate() {
        let definition = &definitions.parameters[parameters[*at]];
        for (breakdown, keys) in breakdowns.iter().enumerate() {
            for level in &keys.levels {
                for weight_set in candidates(definitions, &definition.id.value, *level, weight_sets) {
                    let found = tables
                        .iter_mut()
                        .rev()
                        .take_while(|t| t.parameter == parameter)
                        .find(|table| table.breakdown == breakdown && table.weight_set == weight_set);
                    match found {
                        Some(table) => table.levels.push(*level),
                        None => tables.push(TableSpec {
                            parameter,
                            breakdown,
                            weight_set,
                            levels: vec![*level],
                            numeric: definition.unit.value == Unit::Mean,
                        }),
                    }
                }
            }
        }
    }
    TallyPlan { breakdowns: plans, tables, weight_sets: weight_sets.len() }
}

/// Weight sets that some period may use for a parameter at a level.
fn candidates(definitions: &Definitions, parameter: &str, level: Level, weight_sets: &[String]) -> Vec<usize> {
    let Some(design) = &definitions.pipeline.design else { return Vec::new() };
    let mut ids = Vec::new();
    let matching = design.overrides.iter().filter(|one| {
        (one.parameters.is_empty() || one.parameters.iter().any(|id| id.value == parameter))
            && (one.levels.is_empty() || one.levels.contains(&level))
    });
    let mut always = false;
    for one in matching {
        always |= one.periods.is_empty();
        ids.push(&one.weight_set.value);
    }
    if !always {
        ids.push(&design.weight_set.value);
    }
    let mut found: Vec<usize> = ids.iter().filter_map(|id| weight_sets.iter().position(|set| set == *id)).collect();
    found.sort_unstable();
    found.dedup();
    found
}
