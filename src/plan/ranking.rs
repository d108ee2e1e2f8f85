//! Regions in groups by a published figure: which wijken of a gemeente or GGD are worst off.

use std::collections::{BTreeMap, HashMap};

use super::Plan;
use super::estimates::index;
use super::read::Reading;
use super::tables::population;
use crate::declare::{Catalogue, Ranking, RegionRanking};
use crate::finding::{Duty, Finding, Findings};
use crate::stats::quantile_group::groups_by_population;
use crate::vocab::Level;

/// Region → group, from 1, and persons.
pub(super) type Groups = HashMap<u32, (u32, f64)>;

/// The groups of every ranking of regions.
#[derive(Debug, Default)]
pub(super) struct Rankings {
    /// Ranking id → wider region → region → group.
    by_id: BTreeMap<String, HashMap<u32, Groups>>,
}

impl Rankings {
    /// Ranks the regions of a plan; regions without a figure, or without inhabitants in the list of regions, are in no group.
    ///
    /// # Errors
    /// A ranking in which no region finds a figure.
    pub(super) fn new(
        plan: &Plan,
        reading: &Reading,
        catalogue: &Catalogue,
        ancestors: &BTreeMap<Level, Vec<u32>>,
    ) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let mut by_id = BTreeMap::new();
        for own in &plan.definitions.pipeline.inequalities {
            let Ranking::Regions(ranking) = &own.ranking else { continue };
            let scores = scores(plan, reading, catalogue, ranking);
            if scores.is_empty() {
                findings.push(
                    Finding::error(
                        Duty::Data,
                        "estimate-no-ranking",
                        format!("no {} finds a figure of `{}` to be ranked by", ranking.level, ranking.parameter.value),
                    )
                    .at(ranking.id.place.clone())
                    .help("the source must have regions of the same year and level, and the list of regions their inhabitants"),
                );
            }
            let mut wider: HashMap<u32, Groups> = HashMap::new();
            for level in &own.levels {
                let mut parts: BTreeMap<u32, Vec<(u32, f64, f64)>> = BTreeMap::new();
                for (region, score, persons) in &scores {
                    let wide = ancestors[level][*region as usize];
                    if catalogue.regions[wide as usize].level() == *level {
                        parts.entry(wide).or_default().push((*region, *score, *persons));
                    }
                }
                wider.extend(parts.into_iter().filter_map(|(wide, parts)| Some((wide, grouped(&parts, ranking)?))));
            }
            by_id.insert(ranking.id.value.clone(), wider);
        }
        findings.ok_or_stop()?;
        Ok(Self { by_id })
    }

    /// Wider region → region → group, from 1 (worst off).
    pub(super) fn of(&self, id: &str) -> Option<&HashMap<u32, Groups>> {
        self.by_id.get(id)
    }
}

/// Region, figure and inhabitants.
fn scores(plan: &Plan, reading: &Reading, catalogue: &Catalogue, ranking: &RegionRanking) -> Vec<(u32, f64, f64)> {
    let sources = &plan.definitions.pipeline.sources;
    let Some(at) = sources.iter().position(|own| own.id.value == ranking.source.value) else { return Vec::new() };
    let Some(outcome) = &reading.published[at] else { return Vec::new() };
    let total = ("total".to_owned(), "total".to_owned());
    let numbers: BTreeMap<(i32, String), f64> = population(plan, at, outcome, &ranking.parameter.value, &total)
        .into_iter()
        .filter_map(|((code, year), cell)| Some(((year, code), cell.number()?)))
        .collect();
    // One year for all: scores of two years are no ranking.
    let Some((latest, _)) = numbers.last_key_value().map(|(key, _)| key.clone()) else { return Vec::new() };
    let year = sources[at].figure_year();
    let of_level = catalogue.regions.iter().enumerate().filter(|(_, region)| region.level() == ranking.level);
    of_level
        .filter(|(_, region)| region.region_year == year || region.comparable.contains(&year))
        .filter_map(|(at, region)| {
            let persons = region.population.filter(|persons| *persons > 0.0)?;
            let score = numbers.get(&(latest, region.code.as_str().to_owned()))?;
            Some((index(at), *score, persons))
        })
        .collect()
}

fn grouped(parts: &[(u32, f64, f64)], ranking: &RegionRanking) -> Option<Groups> {
    let scores: Vec<f64> = parts.iter().map(|(_, score, _)| *score).collect();
    let persons: Vec<f64> = parts.iter().map(|(_, _, persons)| *persons).collect();
    let groups = groups_by_population(&scores, &persons, ranking.groups, ranking.worst_is_highest)?;
    Some(parts.iter().zip(groups).map(|((region, _, persons), group)| (*region, (group, *persons))).collect())
}
