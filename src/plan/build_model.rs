//! `[model]` and its files → areas, persons, facts and neighbours.

use std::collections::{BTreeMap, BTreeSet};

use super::estimates::index;
use super::model_map::neighbours;
use super::{Input, Plan, SourcePlan};
use crate::declare::{Definitions, Dimension, FactFile, ModelRules, PersonsFile, RegionEntry};
use crate::estimate::ModelGround;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{ListFile, PersonsRow, read_facts, read_persons};
use crate::stats::model::design::Groups;
use crate::stats::model::poststratify::Persons;
use crate::stats::model::rake::{Margin, rake};
use crate::vocab::{Level, RegionCode};

/// The model of a plan.
#[derive(Clone, Debug)]
pub struct ModelledPlan {
    /// The files it rests on.
    pub inputs: Vec<Input>,
    /// Index of the source of respondents.
    pub source: usize,
    /// Positions of the areas in the region list.
    pub areas: Vec<u32>,
    /// Positions of the wider regions, parallel to the sums of `ground`.
    pub sums: Vec<u32>,
    /// Everything but the answers.
    pub ground: ModelGround,
    /// Parts of the map that touch no other, joined to the nearest.
    pub joined: usize,
}

/// What the files are read with.
pub(super) struct Reader<'r> {
    pub(super) definitions: &'r Definitions,
    /// Level of the areas.
    pub(super) level: Level,
    pub(super) source: usize,
    pub(super) inputs: Vec<Input>,
    pub(super) findings: &'r mut Findings,
    /// Code of each area → its index.
    pub(super) areas: BTreeMap<&'r RegionCode, usize>,
    /// Gemeenten and other wider regions of the areas.
    pub(super) wider: BTreeSet<&'r RegionCode>,
}

impl Reader<'_> {
    /// Reads a file of the data folder; `None` where it is not there or cannot be read, which has been said.
    pub(super) fn read<T>(
        &mut self,
        file: &crate::declare::Placed<String>,
        read: impl FnOnce(ListFile<'_>) -> Result<T, Findings>,
    ) -> Option<T> {
        let path = self.definitions.data_folder.join(&file.value);
        if !path.is_file() {
            let message = format!("there is no file `{}` in {}", file.value, self.definitions.data_folder.display());
            let finding = Finding::error(Duty::Data, "ingest-no-file", message).at(file.place.clone());
            self.findings.push(finding.help("put the file there, or name the folder with --data DIR"));
            return None;
        }
        if self.inputs.iter().all(|own| (own.source, &own.name) != (Some(self.source), &file.value)) {
            self.inputs.push(Input::new(Some(self.source), &file.value, path.clone()));
        }
        match read(ListFile { path: &path, name: &file.value }) {
            Ok(found) => Some(found),
            Err(findings) => {
                self.findings.extend(findings);
                None
            }
        }
    }

    pub(super) fn fault(&mut self, name: &str, row: Option<u64>, message: String, help: &str) {
        self.findings.push(Finding::error(Duty::Data, "model-data", message).at_line(name, row).help(help));
    }

    /// The area of a code. A code of the areas' level within one of their wider regions that the list does not hold is of another region year; what lies elsewhere is not asked for.
    pub(super) fn area(&mut self, file: &str, row: Option<u64>, text: &str) -> Option<usize> {
        let help = "the file is of another region year: take the one of the respondents' year";
        self.area_or(file, row, text, help)
    }

    /// As [`Self::area`], with another next step.
    pub(super) fn area_or(&mut self, file: &str, row: Option<u64>, text: &str, help: &str) -> Option<usize> {
        let code = RegionCode::parse(text).ok()?;
        if let Some(area) = self.areas.get(&code) {
            return Some(*area);
        }
        let inside = code.parent_in_code().is_some_and(|parent| self.wider.contains(&parent));
        if code.level() == self.level && inside {
            let message = format!("{file} has {code}, which the region list of this year does not hold");
            self.fault(file, row, message, help);
        }
        None
    }
}

/// The model of a plan whose other parts are built; `None` without `[model]`.
pub(super) fn modelled(plan: &Plan, findings: &mut Findings) -> Option<ModelledPlan> {
    let definitions = &plan.definitions;
    let rules = definitions.pipeline.model.as_ref()?;
    let source = definitions.pipeline.sources.iter().position(|own| own.id.value == rules.source.value)?;
    let SourcePlan::Respondents { index: regions, covers, .. } = &plan.sources[source] else { return None };
    let year = definitions.pipeline.sources[source].region_year;
    let list = &plan.catalogue.regions;
    let covered = |region: u32| covers.iter().any(|wide| regions.within(region, *wide));
    let of_level = |level: Level| -> Vec<u32> {
        let own = |(_, entry): &(usize, &RegionEntry)| entry.region_year == year && entry.level() == level;
        list.iter().enumerate().filter(own).map(|(at, _)| index(at)).filter(|at| covered(*at)).collect()
    };
    let areas = of_level(rules.level.value);
    let code = |at: u32| &list[at as usize].code;
    let mut sums = Vec::new();
    let mut members: Vec<Vec<u32>> = Vec::new();
    let mut parent: Vec<Option<(Level, usize)>> = vec![None; areas.len()];
    for level in &rules.sums {
        for sum in of_level(*level) {
            let own: Vec<u32> = (0..areas.len()).filter(|area| regions.within(areas[*area], sum)).map(index).collect();
            for area in &own {
                let place = &mut parent[*area as usize];
                // The nearest of the wider regions.
                if place.is_none_or(|(before, _)| before < *level) {
                    *place = Some((*level, sums.len()));
                }
            }
            if !own.is_empty() {
                sums.push(sum);
                members.push(own);
            }
        }
    }
    let mut reader = Reader {
        definitions,
        level: rules.level.value,
        source,
        inputs: Vec::new(),
        findings,
        areas: areas.iter().enumerate().map(|(at, region)| (code(*region), at)).collect(),
        wider: areas.iter().filter_map(|at| list[*at as usize].parent.as_ref()).collect(),
    };
    if areas.len() < 10 {
        let message = format!("there are {} regions of level {}, and a model needs 10", areas.len(), rules.level.value);
        reader.fault(&rules.source.value, None, message, "model a finer level or a larger region");
        return None;
    }
    let dimensions: Vec<&Dimension> = rules
        .dimensions()
        .filter_map(|name| definitions.pipeline.dimensions.iter().find(|own| own.id.value == name.value))
        .collect();
    let ages: Option<Vec<f64>> = dimensions.first().and_then(|age| rules.ages_of(age).collect());
    let size = |name: Option<&crate::declare::Placed<String>>| {
        let own = name.and_then(|name| dimensions.iter().find(|own| own.id.value == name.value));
        own.map_or(1, |own| own.categories.len())
    };
    let groups = Groups { ages: ages?, sexes: size(rules.sex.as_ref()), educations: size(rules.education.as_ref()) };
    let persons = persons(&mut reader, rules, &dimensions, &groups);
    let facts = match &rules.facts {
        Some(declared) => facts(&mut reader, declared),
        None => Some(Vec::new()),
    };
    let graph = match &rules.neighbours {
        Some(declared) => neighbours(&mut reader, declared).map(|(graph, joined)| (Some(graph), joined)),
        None => Some((None, 0)),
    };
    let Reader { inputs, .. } = reader;
    let (graph, joined) = graph?;
    let ground = ModelGround {
        areas: areas.len(),
        groups,
        persons: persons?,
        facts: facts?,
        graph,
        sums: members,
        parent: parent.into_iter().map(|own| own.map(|(_, sum)| sum)).collect(),
        age_groups: dimensions.first().map(|age| rules.age_places(age)).unwrap_or_default(),
    };
    Some(ModelledPlan { inputs, source, areas, sums, ground, joined })
}

/// Index of each category of a row in the dimensions of its file; `None` where one is unknown, which has been said.
fn categories(
    reader: &mut Reader<'_>,
    declared: &PersonsFile,
    own: &[&Dimension],
    row: &PersonsRow,
) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(own.len());
    for (dimension, text) in own.iter().zip(&row.categories) {
        let Some(at) = dimension.categories.iter().position(|category| category.id.value == *text) else {
            let known: Vec<&str> = dimension.categories.iter().map(|own| own.id.value.as_str()).collect();
            let message = format!(
                "column `{}` of {} holds something else than {}",
                dimension.id.value,
                declared.file.value,
                known.join(", ")
            );
            reader.fault(
                &declared.file.value,
                Some(row.row),
                message,
                "write the ids of the categories of the dimension",
            );
            return None;
        };
        found.push(at);
    }
    Some(found)
}

/// Persons of every area and group.
fn persons(
    reader: &mut Reader<'_>,
    rules: &ModelRules,
    dimensions: &[&Dimension],
    groups: &Groups,
) -> Option<Vec<Persons>> {
    let areas = reader.areas.len();
    // Sums per area over the groups of each file.
    let mut tables: Vec<(Vec<usize>, Vec<Vec<f64>>)> = Vec::new();
    let prior = rules.population.prior.as_ref();
    for declared in rules.population.tables.iter().chain(prior) {
        let own: Vec<&Dimension> = declared
            .dimensions
            .iter()
            .filter_map(|name| dimensions.iter().find(|d| d.id.value == name.value).copied())
            .collect();
        let size: usize = own.iter().map(|dimension| dimension.categories.len()).product();
        let mut sums = vec![vec![0.0; size]; if declared.region.is_some() { areas } else { 1 }];
        for row in reader.read(&declared.file, |file| read_persons(file, declared))? {
            let area = match &declared.region {
                Some(_) => reader.area(&declared.file.value, Some(row.row), &row.region),
                None => Some(0),
            };
            let Some(area) = area else { continue };
            let at = categories(reader, declared, &own, &row)?;
            let group = at.iter().zip(&own).fold(0, |sum, (at, dimension)| sum * dimension.categories.len() + at);
            sums[area][group] += row.persons;
        }
        // Group of this file in which each row of the model lies.
        let position = |d: &Dimension| dimensions.iter().position(|other| other.id.value == d.id.value);
        let group = |row: usize| {
            let (age, sex, education) = groups.parts(row);
            let parts: Vec<usize> = match (rules.sex.is_some(), rules.education.is_some()) {
                (true, true) => vec![age, sex, education],
                (true, false) => vec![age, sex],
                (false, true) => vec![age, education],
                (false, false) => vec![age],
            };
            own.iter().fold(0, |sum, d| sum * d.categories.len() + position(d).map_or(0, |at| parts[at]))
        };
        tables.push(((0..groups.rows()).map(group).collect(), sums));
    }
    let prior = prior.and_then(|_| tables.pop());
    let mut found = Vec::new();
    let codes: Vec<String> = reader.areas.keys().map(|code| code.as_str().to_owned()).collect();
    let mut empty = Vec::new();
    for area in 0..areas {
        let cells = match &prior {
            None => tables.first().map(|(group, sums)| group.iter().map(|at| sums[area][*at]).collect()),
            Some((group, sums)) => {
                let start: Vec<f64> = group.iter().map(|at| sums[0][*at]).collect();
                let sum = |sums: &[Vec<f64>]| sums[area].iter().sum::<f64>();
                let all = tables.first().map_or(0.0, |(_, sums)| sum(sums));
                // Of so few people a rounded margin may have none left, and then says nothing. They are too few for a figure.
                let few = all < rules.limits.shown.minimum_population;
                let margins: Vec<Margin> = tables
                    .iter()
                    .filter(|(_, sums)| !few || all <= 0.0 || sum(sums) > 0.0)
                    .map(|(group, sums)| Margin { group: group.clone(), persons: sums[area].clone() })
                    .collect();
                match rake(&start, &margins) {
                    Ok(cells) => Some(cells),
                    Err(fault) => {
                        let message = format!("the persons of {} cannot be crossed: {fault}", codes[area]);
                        let file = rules.population.tables[0].file.value.clone();
                        reader.fault(&file, None, message, "compare the margins of this region with each other");
                        None
                    }
                }
            }
        };
        let cells: Vec<f64> = cells?;
        if cells.iter().sum::<f64>() <= 0.0 {
            empty.push(codes[area].clone());
        }
        let own = cells.iter().enumerate().filter(|(_, persons)| **persons > 0.0);
        found.extend(own.map(|(row, persons)| Persons { area: index(area), row: index(row), persons: *persons }));
    }
    if !empty.is_empty() {
        let shown = empty.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let message = format!("{} regions have no persons in [model.population], such as {shown}", empty.len());
        let file = rules.population.tables[0].file.value.as_str();
        if rules.population.empty_areas {
            reader.findings.push(
                Finding::warning(Duty::Data, "model-no-persons", message)
                    .at_line(file, None)
                    .help("they get no figure"),
            );
        } else {
            reader.fault(file, None, message, "complete the file, or declare `empty-areas = \"no-figure\"`");
        }
    }
    Some(found)
}

/// Standardised facts of every area.
pub(super) fn facts(reader: &mut Reader<'_>, declared: &FactFile) -> Option<Vec<f64>> {
    let columns = declared.columns.len();
    let mut values = vec![vec![None; columns]; reader.areas.len()];
    for row in reader.read(&declared.file, |file| read_facts(file, declared))? {
        if let Some(area) = reader.area(&declared.file.value, None, &row.region) {
            values[area] = row.values;
        }
    }
    let mut found = vec![0.0; values.len() * columns];
    for (column, name) in declared.columns.iter().enumerate() {
        let known: Vec<f64> = values.iter().filter_map(|own| own[column]).collect();
        let (n, missing) = (known.len() as f64, values.len() - known.len());
        let mean = known.iter().sum::<f64>() / n;
        let sd = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
        if known.len() < 2 || sd.is_nan() || sd <= 0.0 {
            let message = format!("column `{}` of {} tells no two regions apart", name.value, declared.file.value);
            reader.fault(&declared.file.value, None, message, "leave the fact out");
            continue;
        }
        if missing > 0 {
            let message = format!(
                "column `{}` of {} is missing for {missing} of {} regions",
                name.value,
                declared.file.value,
                values.len()
            );
            if declared.missing_is_mean {
                let finding = Finding::warning(Duty::Data, "model-missing-fact", message)
                    .at_line(declared.file.value.as_str(), None);
                reader.findings.push(finding.help("the mean of the others stands in for it"));
            } else {
                let help = "complete the file, leave the fact out, or declare `missing = \"mean\"`";
                reader.fault(&declared.file.value, None, message, help);
            }
        }
        for (area, own) in values.iter().enumerate() {
            found[area * columns + column] = own[column].map_or(0.0, |value| (value - mean) / sd);
        }
    }
    Some(found)
}
