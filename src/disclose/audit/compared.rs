//! Differences and figures made of others: a shown one with one side withheld gives the other.

use std::collections::{BTreeMap, HashMap};

use super::{
    figure::{Geography, GroupKey, GroupSeen, SeenStatus},
    report::AuditCheck,
};

/// A comparison that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSeen {
    /// Parameter, collection, source and variant; the period is a year here.
    pub key: GroupKey,
    /// Region, as an index.
    pub region: u32,
    /// Cell of the breakdowns, as an index.
    pub node: u32,
    /// What the figure is compared with.
    pub reference: String,
    /// The other region, as an index.
    pub reference_region: Option<u32>,
    /// The other category, as an index of its cell.
    pub reference_node: Option<u32>,
    /// The other year.
    pub reference_year: Option<String>,
}

/// A figure made of others that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedSeen {
    /// What it shares with the figures it is made of; the period is a year here.
    pub key: GroupKey,
    /// Region, as an index.
    pub region: u32,
    /// Cell of the breakdowns, as an index.
    pub node: u32,
    /// Kind of number.
    pub statistic: String,
}

/// Which figures are withheld.
struct Withheld<'g> {
    geography: &'g Geography,
    /// Groups by parameter, collection, year and variant; another source is mostly another year.
    groups: HashMap<[&'g str; 4], Vec<usize>>,
    withheld: Vec<HashMap<(u32, u32), bool>>,
    sources: Vec<&'g str>,
}

impl<'g> Withheld<'g> {
    fn new(geography: &'g Geography, groups: &'g [GroupSeen], years: &'g [String]) -> Self {
        let mut found = Self { geography, groups: HashMap::new(), withheld: Vec::new(), sources: Vec::new() };
        for (at, (group, year)) in groups.iter().zip(years).enumerate() {
            let GroupKey { parameter, collection, source, variant, .. } = &group.key;
            found.groups.entry([parameter, collection, year, variant]).or_default().push(at);
            let cells = group.figures.iter().filter(|figure| figure.status != SeenStatus::Absent);
            let cells = cells.map(|own| ((own.region, own.node), matches!(own.status, SeenStatus::Withheld(_))));
            found.withheld.push(cells.collect());
            found.sources.push(source);
        }
        found
    }

    /// Whether a figure is withheld; `None` where it has no row. The source counts where the year is that of the figure.
    fn is(&self, key: &GroupKey, year: Option<&str>, region: u32, node: u32) -> Option<bool> {
        let groups = self.groups.get(&[&key.parameter, &key.collection, year.unwrap_or(&key.period), &key.variant])?;
        let fitting = groups.iter().filter(|at| year.is_some() || self.sources[**at] == key.source);
        fitting.filter_map(|at| self.withheld[*at].get(&(region, node)).copied()).reduce(|a, b| a || b)
    }

    /// Whether the cells of one dimension of a region are withheld, but for one cell.
    fn rest(&self, key: &GroupKey, region: u32, node: u32) -> Vec<bool> {
        let dimension = &self.geography.nodes[node as usize].dimension;
        let others = (0..self.geography.nodes.len() as u32)
            .filter(|own| *own != node && self.geography.nodes[*own as usize].dimension == *dimension);
        others.filter_map(|own| self.is(key, None, region, own)).collect()
    }
}

fn words(geography: &Geography, key: &GroupKey, region: u32, node: u32, kind: &str, what: &str) -> String {
    let (region, node) = (&geography.regions[region as usize], &geography.nodes[node as usize]);
    let GroupKey { parameter, collection, period, .. } = key;
    format!("{parameter} {collection} {period} {} {}={} {kind}: {what}", region.code, node.dimension, node.category)
}

/// Shown comparisons of which a side is withheld. `years` has the year of each group.
#[must_use]
pub fn compared(geography: &Geography, groups: &[GroupSeen], years: &[String], shown: &[ComparedSeen]) -> AuditCheck {
    let mut check = AuditCheck::new("comparison");
    if shown.is_empty() {
        return check;
    }
    let withheld = Withheld::new(geography, groups, years);
    let mut within: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, region) in geography.regions.iter().enumerate() {
        if let Some(parent) = region.parent {
            within.entry(parent).or_default().push(at as u32);
        }
    }
    for own in shown {
        check.try_one();
        let ComparedSeen { key, region, node, reference, .. } = own;
        let say = |what: &str| words(geography, key, *region, *node, reference, what);
        if reference != "all_siblings" && withheld.is(key, None, *region, *node) == Some(true) {
            check.break_by(|| say("a difference of a withheld figure is shown"));
            continue;
        }
        let one = |rest: Vec<bool>| (rest.len() == 1).then(|| rest[0]);
        let other = match reference.as_str() {
            "parent" | "ggd" | "nl" => own.reference_region.and_then(|other| withheld.is(key, None, other, *node)),
            "other_category" => own.reference_node.and_then(|other| withheld.is(key, None, *region, other)),
            "previous_period" | "base_period" => {
                own.reference_year.as_deref().and_then(|year| withheld.is(key, Some(year), *region, *node))
            }
            "rest_of_parent" => own.reference_region.and_then(|parent| {
                let siblings = within.get(&parent)?.iter().filter(|at| *at != region);
                one(siblings.filter_map(|at| withheld.is(key, None, *at, *node)).collect())
            }),
            "rest_of_dimension" => one(withheld.rest(key, *region, *node)),
            _ => None,
        };
        if other == Some(true) {
            check.break_by(|| say("the difference gives a withheld figure"));
        }
    }
    check
}

/// Figures made of others of which exactly one part is withheld: a standardised value is a sum over the categories of one dimension with
/// weights that are public, an index of inequality one over the categories that it names.
#[must_use]
pub fn derived(geography: &Geography, groups: &[GroupSeen], years: &[String], shown: &[DerivedSeen]) -> AuditCheck {
    let mut check = AuditCheck::new("derived");
    if shown.is_empty() {
        return check;
    }
    let withheld = Withheld::new(geography, groups, years);
    for own in shown {
        check.try_one();
        let DerivedSeen { key, region, node, statistic } = own;
        let dimension = geography.nodes[*node as usize].dimension.as_str();
        let parts: Vec<u32> = (0..geography.nodes.len() as u32)
            .filter(|at| {
                let cell = &geography.nodes[*at as usize];
                match (statistic.as_str(), dimension) {
                    ("rank", _) => false,
                    ("standardised", "total") => cell.dimension.starts_with("age") && cell.parts.len() == 1,
                    (_, "total") => false,
                    _ => cell.dimension == dimension && cell.category != "total",
                }
            })
            .collect();
        let parts: Vec<bool> = parts.into_iter().filter_map(|at| withheld.is(key, None, *region, at)).collect();
        if parts.len() > 1 && parts.iter().filter(|own| **own).count() == 1 {
            check.break_by(|| {
                words(geography, key, *region, *node, statistic, "one of its parts is withheld, and follows")
            });
        }
    }
    check
}
