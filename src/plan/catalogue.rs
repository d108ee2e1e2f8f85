//! Definitions → the entries that keys of figures point at.

use crate::declare::{
    Catalogue, CategoryEntry, Crossing, Definitions, Dimension, Inequality, InterventionEntry, Measure,
    NotApplicableIs, Parameter, ParameterAbout, ParameterEntry, PeriodFrom, PerspectiveEntry, Pipeline, Ranking, Rate,
    RegionEntry, SourceEntry, SourceKind, TargetEntry,
};
use crate::vocab::{Period, Sample};

/// The catalogue of a pipeline, with every period that is declared; published tables bring the others when they are read.
pub(super) fn catalogue(definitions: &Definitions, parameters: &[usize], regions: Vec<RegionEntry>) -> Catalogue {
    let pipeline = &definitions.pipeline;
    let mut periods: Vec<Period> = Vec::new();
    for source in &pipeline.sources {
        match &source.kind {
            SourceKind::Respondents(respondents) => periods.extend(respondents.period.periods()),
            SourceKind::Table(table) => match &table.period {
                PeriodFrom::Fixed(period) => periods.push(period.clone()),
                PeriodFrom::Column(_) => {}
            },
            SourceKind::Synthetic(_) => {}
        }
    }
    periods.sort();
    periods.dedup();
    let mut collections: Vec<String> = pipeline.sources.iter().map(|source| source.collection.value.clone()).collect();
    collections.sort();
    collections.dedup();
    let mut sources: Vec<SourceEntry> = pipeline.sources.iter().map(source_entry).collect();
    let of_cells = pipeline.model.iter().map(|own| (&own.id, &own.title, &own.source));
    let of_areas = pipeline.area_models.iter().map(|own| (&own.id, &own.title, &own.source));
    let of_models = of_cells.chain(of_areas);
    sources
        .extend(of_models.filter_map(|(id, title, source)| model_entry(pipeline, (&id.value, title), &source.value)));
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    Catalogue {
        parameters: parameters
            .iter()
            .map(|index| parameter_entry(definitions, &definitions.parameters[*index]))
            .collect(),
        regions,
        categories: categories(definitions),
        sources,
        periods,
        collections,
        variants: variants(pipeline),
        targets: pipeline
            .targets
            .iter()
            .map(|own| TargetEntry {
                parameter: own.parameter.value.clone(),
                value: own.value.value,
                year: own.year,
                levels: own.levels.clone(),
                label_nl: own.label_nl.clone(),
                label_en: own.label_en.clone(),
                source: own.source.clone(),
            })
            .collect(),
        interventions: interventions(definitions, parameters),
        coverage: Vec::new(),
        perspectives: pipeline
            .perspectives
            .iter()
            .map(|own| PerspectiveEntry {
                label_nl: own.label_nl.clone(),
                label_en: own.label_en.clone(),
                parameters: own.parameters.iter().map(|name| name.value.clone()).collect(),
            })
            .collect(),
    }
}

/// Words of the column `variant` that no table brings, sorted.
fn variants(pipeline: &Pipeline) -> Vec<String> {
    let mut found = vec![String::new()];
    if !pipeline.area_models.is_empty() {
        found.push(super::area_model::AREA_LEVEL.to_owned());
    }
    found.extend(pipeline.model.as_ref().filter(|own| own.benchmark).map(|_| super::model::BENCHMARKED.to_owned()));
    found
}

/// The source that figures of a model name: that of its respondents or its table, with another id and as a model.
fn model_entry(pipeline: &Pipeline, (id, title): (&str, &str), source: &str) -> Option<SourceEntry> {
    let source = pipeline.sources.iter().find(|own| own.id.value == source)?;
    Some(SourceEntry { id: id.to_owned(), title: title.to_owned(), sample: Sample::Model, ..source_entry(source) })
}

fn source_entry(source: &crate::declare::Source) -> SourceEntry {
    let table_id = source.table().map(|table| table.table_id.clone()).unwrap_or_default();
    SourceEntry {
        id: source.id.value.clone(),
        title: source.title.clone(),
        table_id,
        publisher: source.publisher.clone(),
        licence: source.licence.clone(),
        sample: source.sample,
        fieldwork: source.fieldwork.clone(),
        file_sha256: String::new(),
        content: String::new(),
        covers: source.covers.iter().map(|code| code.value.as_str()).collect::<Vec<_>>().join(" "),
    }
}

fn parameter_entry(definitions: &Definitions, parameter: &Parameter) -> ParameterEntry {
    let (instrument, rule) = instrument_and_rule(definitions, parameter);
    ParameterEntry {
        id: parameter.id.value.clone(),
        version: parameter.version,
        label_nl: parameter.label_nl.clone(),
        label_en: parameter.label_en.clone(),
        description_nl: parameter.description_nl.clone(),
        description_en: parameter.description_en.clone(),
        theme: parameter.theme.clone(),
        domain: parameter.domain.clone(),
        life_phase: parameter.life_phase.clone(),
        prevention_level: parameter.prevention_level.clone(),
        setting: parameter.setting.clone(),
        unit: parameter.unit.value,
        direction: parameter.direction.clone(),
        instrument,
        rule,
        comparability: parameter.comparability.clone(),
        source: parameter.source.clone(),
        status: parameter.status.clone(),
        tier: parameter.tier.clone(),
        about: ParameterAbout {
            numerator: parameter.numerator.clone(),
            denominator: parameter.denominator.clone(),
            lowest_level: parameter.lowest_level,
            family: parameter.family.clone(),
            breaks: parameter.breaks.clone(),
            proposal: parameter.proposal.clone(),
            note: parameter.note.clone(),
            measured: measured(parameter),
        },
    }
}

/// The interventions of every parameter of the plan, sorted by (parameter, id).
fn interventions(definitions: &Definitions, parameters: &[usize]) -> Vec<InterventionEntry> {
    let mut found = Vec::new();
    for index in parameters {
        let id = &definitions.parameters[*index].id.value;
        let own = definitions.interventions.iter().filter(|own| own.parameters.iter().any(|name| name.value == *id));
        found.extend(own.map(|own| InterventionEntry {
            parameter: id.clone(),
            id: own.id.value.clone(),
            name: own.name.clone(),
            database: own.database.clone(),
            theme: own.themes.join("; "),
            life_phase: own.life_phases.join("; "),
            prevention_level: own.prevention_levels.join("; "),
            setting: own.settings.join("; "),
            description_nl: own.description_nl.clone(),
            description_en: own.description_en.clone(),
            source: own.source.clone(),
            status: own.status.clone(),
        }));
    }
    found.sort();
    found
}

/// How a parameter is measured, in words: in general, and where a collection has its own variable.
fn measured(parameter: &Parameter) -> Vec<String> {
    let words = |measure: &Measure| match measure {
        Measure::Codes { column, yes, not_applicable, not_applicable_is, .. } => {
            let treatment = match not_applicable_is {
                _ if not_applicable.is_empty() => String::new(),
                NotApplicableIs::No => format!("; not applicable ({}) counts as no", not_applicable.join(", ")),
                NotApplicableIs::Excluded => format!("; not applicable ({}) is left out", not_applicable.join(", ")),
            };
            format!("`{}` = {}{treatment}", column.value, yes.join(", "))
        }
        Measure::Number { column, .. } => format!("`{}`", column.value),
        Measure::Rule { instrument, rule, .. } => format!("{}, rule `{}`", instrument.value, rule.value),
        Measure::Score { instrument, score } => format!("{}, score `{}`", instrument.value, score.value),
        Measure::Published { instrument, rule } => format!("{instrument}: {rule} (published table)"),
        Measure::Register { event, .. } => format!("{event} (register)"),
        Measure::Synthetic(rate) => format!("{} of {} (national rate, {})", rate.rate, rate.base, rate.year),
        Measure::External { place, why } => format!("{place}; {why}"),
    };
    let general = words(&parameter.measure);
    let others = parameter.measures_for.iter().map(|own| {
        let collections: Vec<&str> = own.collections.iter().map(|name| name.value.as_str()).collect();
        let periods: Vec<String> = own.periods.iter().map(i32::to_string).collect();
        let when = if periods.is_empty() { String::new() } else { format!(" {}", periods.join(", ")) };
        format!("{}{when}: {}", collections.join(", "), words(&own.measure))
    });
    std::iter::once(general).chain(others).collect()
}

/// Instrument and `<rule id>@<version>` of a parameter. An instrument's rule carries both versions: either may change.
fn instrument_and_rule(definitions: &Definitions, parameter: &Parameter) -> (String, String) {
    let version = parameter.version;
    match &parameter.measure {
        Measure::Rule { instrument, rule: part, .. } | Measure::Score { instrument, score: part } => {
            let own = definitions.instruments.iter().find(|i| i.id.value == instrument.value).map_or(0, |i| i.version);
            (instrument.value.clone(), format!("{}-{}@{own}.{version}", instrument.value, part.value))
        }
        Measure::Codes { column, .. } | Measure::Number { column, .. } => {
            (column.value.clone(), format!("{}@{version}", parameter.id.value))
        }
        Measure::Register { event, denominator } => {
            let of = denominator.as_ref().map_or(String::new(), |of| format!(" / {of}"));
            (format!("register: {event}{of}"), format!("{}@{version}", parameter.id.value))
        }
        Measure::Synthetic(rate) => (synthetic(rate), format!("{}@{version}", parameter.id.value)),
        Measure::External { place, why } => (format!("{place}: {why}"), format!("{}@{version}", parameter.id.value)),
        // Publishers share words such as "share of adults": the rule that joins figures is the parameter's own.
        Measure::Published { instrument, rule } => {
            (format!("{instrument}: {rule}"), format!("{}@{version}", parameter.id.value))
        }
    }
}

/// A synthetic estimate in words: the rate with its range, base, source and year.
fn synthetic(rate: &Rate) -> String {
    let range = match (rate.range, rate.confidence) {
        (None, _) => "the source gives no range".to_owned(),
        (Some((lower, upper)), None) => format!("range {lower} to {upper}"),
        (Some((lower, upper)), Some(level)) => format!("{} % interval {lower} to {upper}", level * 100.0),
    };
    format!("synthetic: {} of {} ({}, {}; {range}) × local population", rate.rate, rate.base, rate.source, rate.year)
}

/// Every category of the total, the dimensions and the crossings, sorted by key.
fn categories(definitions: &Definitions) -> Vec<CategoryEntry> {
    let pipeline = &definitions.pipeline;
    let mut entries = vec![CategoryEntry {
        dimension: "total".into(),
        category: "total".into(),
        dimension_label_nl: "Totaal".into(),
        dimension_label_en: "Total".into(),
        label_nl: "Totaal".into(),
        label_en: "Total".into(),
        order: 1,
    }];
    for dimension in &pipeline.dimensions {
        entries.extend(crossed(&[dimension]));
    }
    for crossing in &pipeline.crossings {
        entries.extend(crossed(&of_crossing(pipeline, crossing)));
    }
    entries.extend(pipeline.inequalities.iter().flat_map(|own| ranked(pipeline, own)));
    entries.sort_by(|a, b| (&a.dimension, &a.category).cmp(&(&b.dimension, &b.category)));
    entries
}

/// The categories that an inequality adds: the ranking as a whole, and its groups where they are groups of regions.
fn ranked(pipeline: &Pipeline, own: &Inequality) -> Vec<CategoryEntry> {
    let entry = |dimension: &str, labels: (&str, &str), category: &str, own: (String, String), order| CategoryEntry {
        dimension: dimension.to_owned(),
        category: category.to_owned(),
        dimension_label_nl: labels.0.to_owned(),
        dimension_label_en: labels.1.to_owned(),
        label_nl: own.0,
        label_en: own.1,
        order,
    };
    let whole = || ("Over de hele rangorde".to_owned(), "Over the whole ranking".to_owned());
    match &own.ranking {
        Ranking::Dimension { dimension, .. } => {
            let parts: Vec<&Dimension> = dimension
                .value
                .split('*')
                .filter_map(|id| pipeline.dimensions.iter().find(|own| own.id.value == id))
                .collect();
            let (nl, en): (Vec<&str>, Vec<&str>) =
                parts.iter().map(|own| (own.label_nl.as_str(), own.label_en.as_str())).unzip();
            let last = crossed(&parts).len() + 1;
            let order = i32::try_from(last).unwrap_or(i32::MAX);
            vec![entry(&dimension.value, (&nl.join(" × "), &en.join(" × ")), "total", whole(), order)]
        }
        Ranking::Regions(ranking) => {
            let labels = (ranking.label_nl.as_str(), ranking.label_en.as_str());
            let groups = (1..=ranking.groups).map(|number| {
                let edge = |first: &str, last: &str| match number {
                    1 => format!(" ({first})"),
                    _ if number == ranking.groups => format!(" ({last})"),
                    _ => String::new(),
                };
                let nl = format!("groep {number} van {}{}", ranking.groups, edge("slechtst af", "best af"));
                let en = format!("group {number} of {}{}", ranking.groups, edge("worst off", "best off"));
                entry(
                    &ranking.id.value,
                    labels,
                    &number.to_string(),
                    (nl, en),
                    i32::try_from(number).unwrap_or(i32::MAX),
                )
            });
            let order = i32::try_from(ranking.groups + 1).unwrap_or(i32::MAX);
            groups.chain([entry(&ranking.id.value, labels, "total", whole(), order)]).collect()
        }
    }
}

/// The dimensions of a crossing in the order in which the pipeline declares them, so that a crossing has one name however its list
/// is written.
pub(super) fn of_crossing<'p>(pipeline: &'p Pipeline, crossing: &Crossing) -> Vec<&'p Dimension> {
    let crosses = |dimension: &&Dimension| crossing.dimensions.iter().any(|name| name.value == dimension.id.value);
    pipeline.dimensions.iter().filter(crosses).collect()
}

/// The categories of a dimension or crossing; the last dimension runs fastest, as in the tally.
pub(super) fn crossed(dimensions: &[&Dimension]) -> Vec<CategoryEntry> {
    let join = |part: fn(&Dimension) -> &str, mark: &str| {
        dimensions.iter().map(|dimension| part(dimension)).collect::<Vec<_>>().join(mark)
    };
    let mut rows: Vec<Vec<&crate::declare::Category>> = vec![Vec::new()];
    for dimension in dimensions {
        rows = rows
            .into_iter()
            .flat_map(|row| {
                dimension.categories.iter().map(move |category| row.iter().copied().chain([category]).collect())
            })
            .collect();
    }
    rows.iter()
        .zip(1..)
        .map(|(row, order)| {
            let of = |part: fn(&crate::declare::Category) -> &str, mark: &str| {
                row.iter().map(|category| part(category)).collect::<Vec<_>>().join(mark)
            };
            CategoryEntry {
                dimension: join(|d| &d.id.value, "*"),
                category: of(|c| &c.id.value, "*"),
                dimension_label_nl: join(|d| &d.label_nl, " × "),
                dimension_label_en: join(|d| &d.label_en, " × "),
                label_nl: of(|c| &c.label_nl, ", "),
                label_en: of(|c| &c.label_en, ", "),
                order,
            }
        })
        .collect()
}
