//! `[[area-model]]` and its files → areas with their inhabitants and facts.

use std::collections::BTreeMap;

use super::build_model::{Reader, facts};
use super::estimates::index;
use super::{Input, Plan};
use crate::declare::{AreaModelRules, Measure, Parameter, RegionEntry};
use crate::estimate::AreaScale;
use crate::finding::{Duty, Finding, Findings};
use crate::vocab::{RegionCode, Unit};

/// Direct figures that a model of areas needs at least, and so areas.
const FEWEST: usize = 10;

/// A model of areas of a plan.
#[derive(Clone, Debug)]
pub struct AreaPlan {
    /// Index in the pipeline's models of areas.
    pub rules: usize,
    /// The files it rests on beside those of its source.
    pub inputs: Vec<Input>,
    /// Index of the source of the direct figures.
    pub source: usize,
    /// Code and year of every area.
    pub areas: Vec<(RegionCode, i32)>,
    /// Inhabitants of every area.
    pub population: Vec<f64>,
    /// Standardised facts, area by area.
    pub facts: Vec<f64>,
}

/// The models of areas of a plan whose other parts are built.
pub(super) fn area_plans(plan: &Plan, findings: &mut Findings) -> Vec<AreaPlan> {
    let mut found: Vec<AreaPlan> = Vec::new();
    for (at, rules) in plan.definitions.pipeline.area_models.iter().enumerate() {
        let Some(mut own) = area_plan(plan, at, rules, findings) else { continue };
        // A file that another model of the same source rests on is named once.
        let before: Vec<&Input> =
            plan.modelled.iter().flat_map(|own| &own.inputs).chain(found.iter().flat_map(|own| &own.inputs)).collect();
        own.inputs.retain(|input| !before.contains(&input));
        found.push(own);
    }
    found
}

fn area_plan(plan: &Plan, at: usize, rules: &AreaModelRules, findings: &mut Findings) -> Option<AreaPlan> {
    let pipeline = &plan.definitions.pipeline;
    let source = pipeline.sources.iter().position(|own| own.id.value == rules.source.value)?;
    let year = pipeline.sources[source].figure_year();
    let list = &plan.catalogue.regions;
    let covers = &pipeline.sources[source].covers;
    let level = rules.level.value;
    let covered = |entry: &RegionEntry| covers.iter().any(|wide| within(list, entry, &wide.value));
    let own = list.iter().filter(|own| own.region_year == year && own.level() == level);
    let areas: Vec<&RegionEntry> = own.filter(|own| covered(own)).collect();
    let mut fault = |message: String, help: &str| {
        findings.push(Finding::error(Duty::Data, "model-data", message).at(rules.place.clone()).help(help));
    };
    if areas.len() < FEWEST {
        let message = format!("the list of {year} has {} regions of level {level}, and a model needs 10", areas.len());
        fault(message, "name a list of regions that has them, a finer level or a larger region");
        return None;
    }
    let lacking: Vec<&str> =
        areas.iter().filter(|own| own.population.is_none()).map(|own| own.code.as_str()).take(5).collect();
    if !lacking.is_empty() {
        let message = format!("regions of level {level} have no number of inhabitants, such as {}", lacking.join(", "));
        fault(message, "take a list of regions with inhabitants: figures of very few people are withheld by it");
        return None;
    }
    let mut reader = Reader {
        definitions: &plan.definitions,
        level,
        source,
        inputs: Vec::new(),
        findings,
        areas: areas.iter().enumerate().map(|(at, own)| (&own.code, at)).collect(),
        wider: areas.iter().filter_map(|own| own.parent.as_ref()).collect(),
    };
    let facts = match &rules.facts {
        Some(declared) => facts(&mut reader, declared)?,
        None => Vec::new(),
    };
    let inputs = reader.inputs;
    Some(AreaPlan {
        rules: at,
        inputs,
        source,
        population: areas.iter().filter_map(|own| own.population).collect(),
        areas: areas.into_iter().map(|own| (own.code.clone(), year)).collect(),
        facts,
    })
}

/// Whether a region lies in a wider one of the same year, or is it.
fn within(list: &[RegionEntry], entry: &RegionEntry, wide: &RegionCode) -> bool {
    let mut here = Some(entry);
    while let Some(own) = here {
        if own.code == *wide {
            return true;
        }
        here = own.parent.as_ref().and_then(|code| find(list, code, own.region_year)).map(|at| &list[at]);
    }
    false
}

/// Place of a region in a list that is sorted by code and year.
pub(super) fn find(list: &[RegionEntry], code: &RegionCode, year: i32) -> Option<usize> {
    list.binary_search_by(|own| (&own.code, own.region_year).cmp(&(code, year))).ok()
}

/// Region → area within which it lies, for regions of the area's level and finer ones.
pub(super) fn area_of_regions(list: &[RegionEntry], own: &AreaPlan) -> BTreeMap<u32, usize> {
    let places: BTreeMap<usize, usize> =
        own.areas.iter().enumerate().filter_map(|(at, (code, year))| Some((find(list, code, *year)?, at))).collect();
    let mut found = BTreeMap::new();
    for (at, entry) in list.iter().enumerate() {
        let mut here = Some((at, entry));
        while let Some((place, own)) = here {
            if let Some(area) = places.get(&place) {
                found.insert(index(at), *area);
                break;
            }
            let parent = own.parent.as_ref().and_then(|code| find(list, code, own.region_year));
            here = parent.map(|at| (at, &list[at]));
        }
    }
    found
}

impl Plan {
    /// On which scale the figures of a parameter are modelled. The range of a mean is that of its score or number, or what is declared of a published one.
    pub(super) fn area_scale(&self, rules: &AreaModelRules, parameter: &Parameter) -> AreaScale {
        if parameter.unit.value == Unit::Share {
            return AreaScale::Share;
        }
        if let Some((low, high)) = rules.range_of(&parameter.id.value) {
            return AreaScale::Mean(low, high);
        }
        let of = |measure: &Measure| match measure {
            Measure::Number { minimum, maximum, .. } => Some((*minimum, *maximum)),
            Measure::Score { instrument, score } => {
                let own = self.definitions.instruments.iter().find(|own| own.id.value == instrument.value)?;
                let score = own.scores.iter().find(|own| own.id.value == score.value)?;
                Some((score.minimum, score.maximum))
            }
            _ => None,
        };
        let ranges = parameter.all_measures().filter_map(of);
        let (low, high) =
            ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (a, b)| (low.min(a), high.max(b)));
        AreaScale::Mean(low, high)
    }
}
