//! Definitions + files → [`Plan`]. Headers are read, rows are not.

use super::build_area::area_plans;
use super::build_cover::{covered_together, overlaps};
use super::build_model::modelled;
use super::build_regions::regions;
use super::build_source::SourceBuilder;
use super::build_tally::{add_model_tables, breakdowns, tally_plan};
use super::catalogue::catalogue;
use super::matrix::coverage;
use super::{Given, Input, Plan};
use crate::declare::{Definitions, Measure, SourceKind};
use crate::derive::run_cases;
use crate::finding::{Duty, Finding, Findings};

/// Builds the plan of a pipeline. Runs the worked cases of every instrument and looks at every file.
///
/// # Errors
/// Everything that is wrong with cases, files and headers, at once.
pub fn build(definitions: Definitions) -> Result<Plan, Findings> {
    build_from(definitions, None)
}

/// [`build`] where the respondents are here as moments: their files are not looked for.
///
/// # Errors
/// As [`build`].
pub fn build_given(definitions: Definitions, given: &Given) -> Result<Plan, Findings> {
    build_from(definitions, Some(given))
}

fn build_from(definitions: Definitions, given: Option<&Given>) -> Result<Plan, Findings> {
    let mut findings = cases(&definitions);
    let inputs = inputs(&definitions, given, &mut findings);
    let before = findings.list().len();
    let (region_files, regions) = regions(&definitions, &mut findings);
    let regions_whole = findings.list().len() == before;
    let pipeline = &definitions.pipeline;
    let parameters: Vec<usize> = (0..definitions.parameters.len())
        .filter(|index| {
            pipeline.estimate.parameters.iter().any(|name| name.value == definitions.parameters[*index].id.value)
        })
        .collect();
    let has_respondents = pipeline.sources.iter().any(|source| matches!(source.kind, SourceKind::Respondents(_)));
    let measured: Vec<usize> = (0..parameters.len())
        .filter(|at| has_respondents && definitions.parameters[parameters[*at]].all_measures().any(Measure::is_asked))
        .collect();
    let weight_sets = weight_sets(&definitions);
    let mut sources = Vec::with_capacity(pipeline.sources.len());
    for (index, source) in pipeline.sources.iter().enumerate() {
        let files: Vec<usize> = (0..inputs.len()).filter(|at| inputs[*at].source == Some(index)).collect();
        let builder =
            SourceBuilder { definitions: &definitions, source, index, inputs: &inputs, files: &files, regions_whole };
        let given = given.map(|given| given.source(&source.id.value));
        sources.push(match &source.kind {
            SourceKind::Respondents(respondents) => {
                let wanted: Vec<usize> = measured.iter().map(|at| parameters[*at]).collect();
                if let Some(given) = given {
                    let absent = given.map(|given| &given.absent);
                    sources.push(builder.given(&regions, &wanted, absent, &mut findings));
                    continue;
                }
                builder.respondents(respondents, &regions, &wanted, &weight_sets, &mut findings)
            }
            SourceKind::Table(table) => {
                builder.table(table, &parameters, &regions, &region_files.recodes, &mut findings)
            }
            SourceKind::Synthetic(synthetic) => builder.synthetic(synthetic, &parameters, &mut findings),
        });
    }
    overlaps(&definitions, &sources, &mut findings);
    covered_together(&definitions, &sources, &regions, &mut findings);
    let warnings = findings.ok_or_stop()?;
    let code_lists = code_lists(&definitions);
    let catalogue = catalogue(&definitions, &parameters, regions);
    let breakdowns = breakdowns(&definitions, &catalogue);
    let mut tally = tally_plan(&definitions, &parameters, &measured, &breakdowns, &weight_sets);
    let hidden_tables = add_model_tables(&mut tally, &definitions, &parameters, &measured, &weight_sets);
    let mut plan = Plan {
        parameters,
        measured,
        catalogue,
        breakdowns,
        tally,
        weight_sets,
        inputs,
        code_lists,
        sources,
        warnings,
        region_files,
        hidden_tables,
        modelled: None,
        area_models: Vec::new(),
        definitions,
    };
    let mut findings = Findings::default();
    let own = modelled(&plan, &mut findings);
    plan.warnings.extend(findings.ok_or_stop()?);
    plan.modelled = own;
    let mut findings = Findings::default();
    let own = area_plans(&plan, &mut findings);
    plan.warnings.extend(findings.ok_or_stop()?);
    plan.area_models = own;
    plan.catalogue.coverage = coverage(&plan);
    Ok(plan)
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

fn inputs(definitions: &Definitions, given: Option<&Given>, findings: &mut Findings) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for (index, source) in definitions.pipeline.sources.iter().enumerate() {
        if let (Some(given), SourceKind::Respondents(_)) = (given, &source.kind) {
            inputs.extend(given.inputs(index, &source.id.value).unwrap_or_default());
            continue;
        }
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
        // A pattern such as `*.csv` also finds the files with regions that lie beside the others.
        for list in definitions.pipeline.regions.files() {
            if source.files.iter().all(|pattern| pattern.value != list.value) {
                names.retain(|name| *name != list.value);
            }
        }
        inputs.extend(names.iter().map(|name| Input::new(Some(index), name, definitions.data_folder.join(name))));
    }
    inputs
}

/// The lists of codes of every table: they say which figures are provisional, so a release rests on them too.
fn code_lists(definitions: &Definitions) -> Vec<Input> {
    let mut found = Vec::new();
    for (index, source) in definitions.pipeline.sources.iter().enumerate() {
        let Some(lists) = source.table().map(|table| &table.code_lists) else { continue };
        for file in lists.measures.iter().chain(&lists.periods).chain(&lists.properties) {
            let path = definitions.data_folder.join(&file.value);
            found.push(Input::new(Some(index), &file.value, path));
        }
    }
    found
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
