//! Figures that are withheld for the sake of others: every linked system of a run, from moments to decisions.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::Plan;
use super::linked::{Axes, Linked, Tables, linked};
use super::walk::Ground;
use crate::declare::Protection;
use crate::disclose::Policy;
use crate::disclose::protect::{Protected, System, given_by, protect};
use crate::stats::upper_quantiles;
use crate::tally::TableSpec;
use crate::vocab::Reason;

/// Decisions of the figures of one table: per (series, region) one per category.
type OfTable = HashMap<(u32, u32), Vec<Option<Reason>>>;

/// Why figures are withheld whatever their own numbers, by table.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// By parameter, breakdown and weight set.
    of: HashMap<(usize, usize, usize), OfTable>,
    /// What it came to, by series.
    pub(super) protected: BTreeMap<u32, Protected>,
}

impl Decided {
    /// The decision for a figure; `None` for one that its own numbers decide.
    pub(super) fn of(&self, spec: &TableSpec, place: (u32, u32), category: usize) -> Option<Reason> {
        let of_table = self.of.get(&(spec.parameter, spec.breakdown, spec.weight_set))?;
        *of_table.get(&place)?.get(category)?
    }

    fn set(&mut self, spec: &TableSpec, categories: usize, place: (u32, u32), category: usize, reason: Reason) {
        let of_table = self.of.entry((spec.parameter, spec.breakdown, spec.weight_set)).or_default();
        of_table.entry(place).or_insert_with(|| vec![None; categories])[category] = Some(reason);
    }
}

/// Decides for every figure of respondents. Parameters of one scale are looked at one after the other, core ones first: what is shown of
/// one leaves less open of the next.
pub(super) fn decide(ground: &Ground<'_>) -> Decided {
    let plan = ground.plan;
    let Some(rules) = &plan.definitions.pipeline.disclosure else { return Decided::default() };
    let axes = Axes::new(&plan.definitions.pipeline, ground);
    let jobs: Vec<(Vec<Tables>, u32)> = families(plan)
        .into_iter()
        .flat_map(|family| ground.series.keys().map(move |series| (family.clone(), *series)))
        .collect();
    let found: Vec<(Vec<Linked>, Protected)> =
        jobs.par_iter().map(|(family, series)| of_family(ground, &axes, family, *series, rules.protection)).collect();
    let mut decided = Decided::default();
    for ((_, series), (systems, protected)) in jobs.iter().zip(found) {
        *decided.protected.entry(*series).or_default() += protected;
        for own in &systems {
            for (at, cell) in own.system.cells().iter().enumerate() {
                let (place, node) = (at / own.nodes.len(), at % own.nodes.len());
                let reason = match own.reasons[at] {
                    // Their own numbers say so as well.
                    Some(Reason::MinN | Reason::MinAnswer | Reason::GroupDisclosure | Reason::Dominance) => None,
                    Some(Reason::Unreliable) => None,
                    Some(reason) => Some(reason),
                    None => cell.is_withheld().then_some(Reason::Complementary),
                };
                if let Some(reason) = reason {
                    let (Some(table), category) = (own.tables[at], own.nodes[node]) else { continue };
                    let spec = &plan.tally.tables[table];
                    let categories = ground.moments.tables[table].categories;
                    decided.set(spec, categories, (*series, own.regions[place]), category, reason);
                }
            }
        }
    }
    decided
}

/// The parameters of the tally with their tables, those of one scale together, core ones first and then as the pipeline names them.
fn families(plan: &Plan) -> Vec<Vec<Tables>> {
    let definition = |parameter: usize| &plan.definitions.parameters[plan.parameters[plan.measured[parameter]]];
    let mut tables: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, spec) in plan.shown_tables().iter().enumerate() {
        tables.entry(spec.parameter).or_default().push(at);
    }
    let named = &plan.definitions.pipeline.estimate.parameters;
    let mut by_family: BTreeMap<String, Vec<Tables>> = BTreeMap::new();
    for (parameter, tables) in tables {
        let own = definition(parameter);
        let name = if own.family.is_empty() { format!("={}", own.id.value) } else { own.family.clone() };
        by_family.entry(name).or_default().push(Tables { parameter, tables });
    }
    for family in by_family.values_mut() {
        family.sort_by_key(|own| {
            let own = definition(own.parameter);
            (own.tier != "core", named.iter().position(|name| name.value == own.id.value))
        });
    }
    by_family.into_values().collect()
}

fn of_family(
    ground: &Ground<'_>,
    axes: &Axes,
    family: &[Tables],
    series: u32,
    protection: Option<Protection>,
) -> (Vec<Linked>, Protected) {
    let mut quantiles = upper_quantiles(ground.plan.how().confidence);
    let (mut systems, mut policies) = (Vec::new(), Vec::new());
    for tables in family {
        let policy = ground.policy(tables.parameter, series);
        if let Some(own) = linked(ground, axes, tables, series, policy, &mut quantiles) {
            systems.push(own);
            policies.push(policy);
        }
    }
    let mut all = Protected::default();
    let Some(protection) = protection else { return (systems, all) };
    let given: Vec<Option<Vec<usize>>> = (0..systems.len())
        .map(|at| {
            let before: Vec<&System> = systems[..at].iter().map(|own| &own.system).collect();
            given_by(&systems[at].system, &before)
        })
        .collect();
    // The last first: what is withheld in one that is given itself must go in what gives it.
    for (at, given) in given.iter().enumerate().rev() {
        if let Some(given) = given {
            withhold_beside(&mut systems, at, given);
        }
    }
    for (at, given) in given.iter().enumerate() {
        let (before, rest) = systems.split_at_mut(at);
        let own = &mut rest[0];
        let found = if let Some(given) = given {
            let given: Vec<&System> = given.iter().map(|at| &before[*at].system).collect();
            own.system.follow(&given)
        } else {
            for earlier in &*before {
                beside(own, earlier, policies[at], protection);
            }
            protect(&mut own.system, policies[at].floor, protection)
        };
        all += found;
    }
    (systems, all)
}

/// Withholds in the last of the systems that give another what that one withholds by its own numbers, where none of them does: a class that is
/// too small must not follow from the others.
fn withhold_beside(systems: &mut [Linked], at: usize, given: &[usize]) {
    let Some(last) = given.last().copied() else { return };
    let others: Vec<&System> = given.iter().map(|own| &systems[*own].system).collect();
    let own = &systems[at].system;
    let alone: Vec<usize> = (0..own.cells().len()).filter(|cell| own.alone_withholds(*cell, &others)).collect();
    for cell in alone {
        systems[last].system.leave_room(cell, None, true);
        systems[last].reasons[cell] = Some(Reason::Complementary);
    }
}

/// What an earlier parameter of the scale leaves open of this one. Where one is part of the other for the same people, their difference is a class
/// of the scale: shown together, both tell it.
fn beside(own: &mut Linked, earlier: &Linked, policy: Policy, protection: Protection) {
    let cells = |linked: &Linked| linked.regions.len() * linked.nodes.len();
    if own.regions != earlier.regions || cells(own) != cells(earlier) {
        return;
    }
    let (mut within, mut around, mut most) = (true, true, 0);
    for (own, other) in own.system.cells().iter().zip(earlier.system.cells()) {
        if own.there != other.there || own.n() != other.n() {
            return;
        }
        within &= own.answers[0] <= other.answers[0];
        around &= own.answers[0] >= other.answers[0];
        most = most.max(own.answers[0].abs_diff(other.answers[0]));
    }
    // Two measurements of one thing that differ in a few people are no classes of a scale.
    if within == around || u64::from(most) < policy.floor.minimum_answer.max(1) {
        return;
    }
    let share = own.system.is_share() && earlier.system.is_share();
    for at in 0..own.system.cells().len() {
        let other = earlier.system.cells()[at];
        let cell = own.system.cells()[at];
        if !share || !cell.there || cell.is_withheld() {
            continue;
        }
        let class = cell.answers[0].abs_diff(other.answers[0]);
        let least = if other.is_withheld() { protection.answer } else { policy.floor.minimum_answer };
        let side = usize::from(within);
        own.system.leave_room(at, (!other.is_withheld()).then_some((side, class)), u64::from(class) < least);
        if u64::from(class) < least {
            own.reasons[at] = Some(Reason::Complementary);
        }
    }
}
