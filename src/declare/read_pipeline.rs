//! Reading a pipeline file.

use std::sync::Arc;

use super::action::read_target;
use super::analysis::{read_funnel, read_inequality, read_rank, read_reliability, read_standardisation};
use super::area_model::read_area_model;
use super::comparison::{read_comparison, read_trend};
use super::disclosure::{PolicyTables, read_tables};
use super::model::read_model;
use super::operation::{read_gate, read_retention};
use super::parameter::CODES_MAX;
use super::pipeline::{Category, Crossing, Design, DesignOverride, Dimension, EstimateRules, Perspective, Pipeline};
use super::read_measure::too_many_codes;
use super::read_source::{read_source, read_years};
use super::reader::{Placed, Sink, Table, with_document};
use super::regions::read_regions;
use super::value::suggestion;
use crate::finding::SourceText;
use crate::vocab::{Audience, DegreesOfFreedom, IntervalMethod, Level, SinglePsu};

/// Words of the levels, for messages.
pub(super) const LEVELS: [&str; 5] = ["nl", "ggd", "gemeente", "wijk", "buurt"];

/// Interval methods that a pipeline may ask for.
const INTERVALS: [&str; 5] = ["logit", "beta", "wilson", "asin", "t"];

/// Reads a pipeline file; everything wrong with it goes to the sink. `policy` reads the policy file that it names.
pub(super) fn read_pipeline(
    source: &Arc<SourceText>,
    sink: &Sink,
    policy: impl FnOnce(&Placed<String>) -> Option<PolicyTables>,
) -> Option<Pipeline> {
    with_document(source, sink, |file| {
        let version = file.required_integer("version", 1..=1);
        let head = file.required_table("pipeline", |t| {
            let id = t.required_text("id");
            let title_nl = t.required_text("title-nl");
            let title_en = t.required_text("title-en");
            let audience = t.required_word("audience", &["internal", "public"], Audience::parse);
            Some((id?, title_nl?.value, title_en?.value, audience?))
        });
        let definitions = file.required_table("definitions", |t| {
            let instruments = t.texts("instruments").unwrap_or_default();
            let parameters = t.required_texts("parameters");
            let (ggd, interventions) = (t.text("ggd-regions"), t.text("interventions"));
            let policy = t.text("policy");
            let files = instruments.iter().chain(parameters.iter().flatten()).chain(&ggd).chain(&interventions);
            t.relative(files.chain(&policy), "the pipeline file");
            Some((instruments, parameters?, ggd, interventions, policy))
        });
        let data_folder = file.required_table("data", |t| t.required_text("folder"));
        let regions = file.required_table("regions", read_regions);
        let estimate = file.required_table("estimate", read_estimate);
        let policy_file = definitions.as_ref().and_then(|own| own.as_ref()).and_then(|own| own.4.clone());
        let tables = match &policy_file {
            // Both are asked for, so that both are known.
            Some(named) if file.has("floor") | file.has("disclosure") => {
                file.fault(
                    "declare-policy-twice",
                    named.place.clone(),
                    "the pipeline names a policy file and has `[floor]` or `[disclosure]` of its own".to_owned(),
                    "keep one of the two: the policy file, or the tables of the pipeline",
                );
                None
            }
            Some(named) => policy(named),
            None => read_tables(file),
        };
        let design = file.table("design", read_design);
        let faulty_design = matches!(design, Some(None));
        let (comparison, trend) = (file.table("comparison", read_comparison), file.table("trend", read_trend));
        let model = file.table("model", read_model);
        let area_models = file.tables("area-model", read_area_model);
        let reliability = file.table("reliability", read_reliability);
        let (retention, gate) = (file.table("retention", read_retention), file.table("gate", read_gate));
        let (ranks, standardisations) =
            (file.tables("rank", read_rank), file.tables("standardisation", read_standardisation));
        let funnels = file.tables("funnel", read_funnel);
        let inequalities = file.tables("inequality", read_inequality);
        let dimensions = file.tables("dimension", read_dimension);
        let crossings = file.tables("crossing", read_crossing);
        let targets = file.tables("target", read_target);
        let perspectives = file.tables("perspective", |t| {
            let (id, parameters) = (t.required_text("id"), t.required_texts("parameters"));
            let (nl, en) = (t.required_text("label-nl"), t.required_text("label-en"));
            Some(Perspective { id: id?, label_nl: nl?.value, label_en: en?.value, parameters: parameters? })
        });
        let sources = file.tables("source", read_source);
        if sources.is_empty() {
            file.fault(
                "declare-no-source",
                file.own_place(),
                "the pipeline has no source".to_owned(),
                "add a table `[[source]]`",
            );
        }
        version?;
        if faulty_design {
            return None;
        }
        let (id, title_nl, title_en, audience) = head??;
        let (instrument_files, parameter_files, ggd_file, interventions_file, _) = definitions??;
        let PolicyTables { floor, disclosure } = tables?;
        let (regions, covered_together) = regions??;
        Some(Pipeline {
            id,
            title_nl,
            title_en,
            audience,
            instrument_files,
            parameter_files,
            ggd_file,
            interventions_file,
            targets: targets.into_iter().collect::<Option<_>>()?,
            data_folder: data_folder??,
            regions,
            covered_together,
            estimate: estimate??,
            policy_file,
            floor,
            disclosure,
            // A [design] that cannot be read is not one that is missing.
            design: design.map_or(Some(None), |design| design.map(Some))?,
            // What cannot be read is not what is missing.
            comparison: comparison.map_or(Some(None), |own| own.map(Some))?,
            trend: trend.map_or(Some(None), |own| own.map(Some))?,
            model: model.map_or(Some(None), |own| own.map(Some))?,
            area_models: area_models.into_iter().collect::<Option<_>>()?,
            retention: retention.map_or(Some(None), |own| own.map(Some))?,
            gate: gate.map_or(Some(None), |own| own.map(Some))?,
            reliability: reliability.map_or(Some(None), |own| own.map(Some))?,
            ranks: ranks.into_iter().collect::<Option<_>>()?,
            funnels: funnels.into_iter().collect::<Option<_>>()?,
            standardisations: standardisations.into_iter().collect::<Option<_>>()?,
            inequalities: inequalities.into_iter().collect::<Option<_>>()?,
            dimensions: dimensions.into_iter().collect::<Option<_>>()?,
            crossings: crossings.into_iter().collect::<Option<_>>()?,
            perspectives: perspectives.into_iter().collect::<Option<_>>()?,
            sources: sources.into_iter().collect::<Option<_>>()?,
        })
    })
    .flatten()
}

pub(super) fn read_levels(t: &Table<'_>, key: &'static str) -> Option<Vec<Level>> {
    levels_of(t, t.texts(key)?)
}

pub(super) fn read_required_levels(t: &Table<'_>) -> Option<Vec<Level>> {
    levels_of(t, t.required_texts("levels")?)
}

fn levels_of(t: &Table<'_>, words: Vec<Placed<String>>) -> Option<Vec<Level>> {
    let mut levels = Vec::new();
    let mut known = true;
    for word in words {
        match Level::parse(&word.value) {
            Some(level) if levels.contains(&level) => t.fault(
                "declare-duplicate",
                word.place,
                format!("level `{level}` is named twice"),
                "name each level once",
            ),
            Some(level) => levels.push(level),
            None => {
                known = false;
                t.fault(
                    "declare-unknown-word",
                    word.place,
                    format!("`{}` is not a level", word.value),
                    suggestion(&word.value, LEVELS.into_iter())
                        .unwrap_or_else(|| format!("one of: {}", LEVELS.join(", "))),
                );
            }
        }
    }
    levels.sort_unstable();
    known.then_some(levels)
}

fn read_estimate(t: &Table<'_>) -> Option<EstimateRules> {
    let parameters = t.required_texts("parameters");
    let levels = read_required_levels(t);
    let confidence = t.required_number("confidence");
    if let Some(confidence) = confidence.as_ref().filter(|c| !(0.5..1.0).contains(&c.value)) {
        t.fault(
            "declare-out-of-range",
            confidence.place.clone(),
            format!("`confidence` is {}, outside 0.5 to 1", confidence.value),
            "write 0.95 for 95 %",
        );
    }
    let interval = t.required_word("interval", &INTERVALS, |word| {
        INTERVALS.contains(&word).then(|| IntervalMethod::parse(word))?
    });
    let degrees_of_freedom = t.required_word("degrees-of-freedom", &["domain", "design"], DegreesOfFreedom::parse);
    let single_psu = t.required_word("single-psu", &["adjust", "average", "certainty", "fail"], SinglePsu::parse);
    Some(EstimateRules {
        parameters: parameters?,
        levels: levels?,
        confidence: confidence?.value,
        interval: interval?.value,
        degrees_of_freedom: degrees_of_freedom?.value,
        single_psu: single_psu?.value,
    })
}

fn read_design(t: &Table<'_>) -> Option<Design> {
    let weight_set = t.required_text("weight-set");
    let overrides = t.tables("override", |t| {
        let weight_set = t.required_text("weight-set");
        let collections = t.texts("collections").unwrap_or_default();
        let parameters = t.texts("parameters").unwrap_or_default();
        let periods = t.integers("periods").unwrap_or_default();
        let levels = read_levels(t, "levels").unwrap_or_default();
        if !["collections", "parameters", "periods", "levels"].into_iter().any(|key| t.has_items(key)) {
            t.fault(
                "declare-empty-override",
                t.own_place(),
                "an override of the weight set names nothing that it is for".to_owned(),
                "name `collections`, `parameters`, `periods` or `levels`, or change `weight-set` of [design]",
            );
        }
        let years = read_years(t, &periods);
        Some(DesignOverride { weight_set: weight_set?, collections, parameters, periods: years?, levels })
    });
    Some(Design { weight_set: weight_set?, overrides: overrides.into_iter().collect::<Option<_>>()? })
}

fn read_dimension(t: &Table<'_>) -> Option<Dimension> {
    let id = t.required_text("id");
    let label_nl = t.required_text("label-nl");
    let label_en = t.required_text("label-en");
    let column = t.text("column");
    let levels = read_levels(t, "levels").unwrap_or_default();
    let unknown = t.codes("unknown").unwrap_or_default();
    let categories = t.tables("category", |t| {
        let id = t.required_text("id");
        let codes = t.codes("codes").unwrap_or_default();
        // Codes of the wrong type have their own finding.
        let unread = codes.is_empty() && t.has_items("codes");
        let label_nl = t.required_text("label-nl");
        let label_en = t.required_text("label-en");
        if unread {
            return None;
        }
        Some(Category { id: id?, codes, label_nl: label_nl?.value, label_en: label_en?.value })
    });
    let declared = unknown.len() + categories.iter().flatten().map(|category| category.codes.len()).sum::<usize>();
    // Too many categories have their own finding.
    let declared = if categories.len() > CODES_MAX { 0 } else { declared };
    too_many_codes(t, declared, column.as_ref().map_or_else(|| t.own_place(), |column| column.place.clone()));
    if t.has("column") && column.is_none() {
        return None;
    }
    Some(Dimension {
        id: id?,
        label_nl: label_nl?.value,
        label_en: label_en?.value,
        column,
        levels,
        unknown: unknown.into_iter().map(|code| code.value).collect(),
        categories: categories.into_iter().collect::<Option<_>>()?,
    })
}

fn read_crossing(t: &Table<'_>) -> Option<Crossing> {
    let dimensions = t.required_texts("dimensions");
    let levels = read_required_levels(t);
    let dimensions = dimensions?;
    if dimensions.len() < 2 {
        t.fault(
            "declare-crossing",
            t.own_place(),
            "a crossing needs two dimensions or more".to_owned(),
            "name two dimensions, or give the one dimension its levels",
        );
    }
    Some(Crossing { dimensions, levels: levels? })
}
