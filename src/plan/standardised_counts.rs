//! Standardised figures of registers: rates with the age structure of a standard population, and ratios to a reference region.

use std::collections::BTreeMap;

use super::taken::Maker;
use super::{Plan, Reading};
use crate::declare::{Catalogue, Standard, Standardisation};
use crate::disclose::{StandardisedCount, Taken, TakenCount, TakenLimits};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::PublishedOutcome;
use crate::stats::Limits;
use crate::stats::standardise::{CountGroup, Counted, direct_rate, esp2013, indirect};
use crate::vocab::{IntervalMethod, Statistic, Unit};

/// Persons of the standard population in a category.
pub(super) fn persons(standardisation: &Standardisation, category: &str) -> f64 {
    match &standardisation.standard {
        Standard::Persons(persons) => {
            persons.iter().find(|(name, _)| name.value == category).map_or(0.0, |(_, persons)| *persons)
        }
        Standard::Esp2013(ages) => {
            ages.iter().find(|(name, _)| name.value == category).map_or(0.0, |(_, (from, to))| esp2013(*from, *to))
        }
    }
}

/// The counts of a region and period, group by group of the standard.
type Groups<'c> = Vec<&'c TakenCount>;

impl Maker<'_> {
    /// The standardised figures of a parameter of a register, for regions that have a count in every group.
    pub(super) fn standardised(&self, parameter: usize, counts: &[TakenCount]) -> Vec<StandardisedCount> {
        let factor = match self.catalogue.parameters[parameter].unit {
            Unit::Per1000 => 1_000.0,
            Unit::Per100000 => 100_000.0,
            _ => return Vec::new(),
        };
        let declared = &self.plan.definitions.pipeline.standardisations;
        let of_one = |own| self.by_one(own, parameter, counts, factor);
        declared.iter().flat_map(of_one).collect()
    }

    fn by_one(
        &self,
        own: &Standardisation,
        parameter: usize,
        counts: &[TakenCount],
        factor: f64,
    ) -> Vec<StandardisedCount> {
        let standard = standard(self.catalogue, own);
        let mut places: BTreeMap<(u32, u32), BTreeMap<u32, &TakenCount>> = BTreeMap::new();
        for count in counts.iter().filter(|count| standard.iter().any(|(at, _)| *at == count.taken.key.category)) {
            let key = count.taken.key;
            places.entry((key.period, key.region)).or_default().insert(key.category, count);
        }
        let whole = |of_place: &BTreeMap<u32, &'_ TakenCount>| -> Option<Vec<TakenCount>> {
            standard.iter().map(|(at, _)| of_place.get(at).map(|count| **count)).collect()
        };
        let is_reference = |region: u32| {
            own.reference_region.as_ref().is_some_and(|code| self.catalogue.regions[region as usize].code == code.value)
        };
        let references: BTreeMap<u32, Vec<TakenCount>> = places
            .iter()
            .filter(|((_, region), _)| is_reference(*region))
            .filter_map(|((period, _), own)| Some((*period, whole(own)?)))
            .collect();
        let mut found = Vec::new();
        for ((period, region), of_place) in &places {
            let level = self.catalogue.regions[*region as usize].level();
            let Some(groups) = whole(of_place).filter(|_| own.levels.contains(&level)) else { continue };
            let groups: Groups<'_> = groups.iter().collect();
            let persons: Vec<f64> = standard.iter().map(|(_, persons)| *persons).collect();
            found.extend(self.direct(parameter, &groups, &persons, factor));
            // A reference is always 1 beside itself.
            let reference = references.get(period).filter(|_| !is_reference(*region));
            found.extend(reference.and_then(|reference| self.ratio(parameter, &groups, reference)));
        }
        found
    }

    fn confidence(&self) -> f64 {
        self.plan.definitions.pipeline.estimate.confidence
    }

    /// A figure of everybody in place of one of a group.
    fn whole(&self, parameter: usize, groups: &Groups<'_>, statistic: Statistic) -> Option<StandardisedCount> {
        let total = self.catalogue.category("total", "total").ok().map(super::estimates::index)?;
        let first = groups.first()?;
        let mut key = first.taken.key;
        (key.parameter, key.category) = (super::estimates::index(parameter), total);
        let people: Option<f64> = groups.iter().map(|group| group.taken.population).sum();
        let provisional = groups.iter().any(|group| group.taken.provisional);
        let taken = Taken { key, statistic, population: people, provisional, limits: None, ..first.taken };
        Some(StandardisedCount { taken, parts: groups.iter().map(|group| **group).collect() })
    }

    fn direct(&self, parameter: usize, groups: &Groups<'_>, persons: &[f64], factor: f64) -> Option<StandardisedCount> {
        let of_groups = |(group, standard): (&&TakenCount, &f64)| {
            Some(CountGroup { count: group.count, population: group.denominator?, standard: *standard })
        };
        let groups_of: Option<Vec<CountGroup>> = groups.iter().zip(persons).map(of_groups).collect();
        let made = direct_rate(&groups_of?, self.confidence())?;
        let mut own = self.whole(parameter, groups, Statistic::Standardised)?;
        own.taken.value = own.value(made.value * factor);
        own.taken.se = Some(made.se * factor);
        own.taken.limits = made.limits.map(|limits| self.limits(limits, factor, IntervalMethod::Dobson));
        Some(own)
    }

    fn ratio(&self, parameter: usize, groups: &Groups<'_>, reference: &[TakenCount]) -> Option<StandardisedCount> {
        let counted = |group: &TakenCount| Some(Counted { count: group.count, population: group.denominator? });
        let here: Vec<Counted> = groups.iter().map(|group| counted(group)).collect::<Option<_>>()?;
        let there: Vec<Counted> = reference.iter().map(counted).collect::<Option<_>>()?;
        let made = indirect(&here, &there, self.confidence())?;
        let mut own = self.whole(parameter, groups, Statistic::IndirectRatio)?;
        own.parts.extend(reference);
        own.taken.value = own.value(made.ratio);
        own.taken.limits = Some(self.limits(made.ratio_limits, 1.0, IntervalMethod::Byar));
        Some(own)
    }

    fn limits(&self, limits: Limits, factor: f64, method: IntervalMethod) -> TakenLimits {
        TakenLimits {
            lower: limits.lower * factor,
            upper: limits.upper * factor,
            confidence: Some(self.confidence()),
            method,
        }
    }
}

impl StandardisedCount {
    /// A value, unless a part has none: then the status and reason of that part.
    fn value(&self, value: f64) -> Result<f64, (crate::vocab::Status, crate::vocab::Reason)> {
        self.parts.iter().find_map(|part| part.taken.value.err()).map_or(Ok(value), Err)
    }
}

/// A reference region that no register of the standardisation counts: its ratios would be missing without a word.
///
/// # Errors
/// One finding per standardisation.
pub(super) fn references(plan: &Plan, reading: &Reading) -> Result<(), Findings> {
    let mut findings = Findings::default();
    for own in &plan.definitions.pipeline.standardisations {
        let Some(code) = &own.reference_region else { continue };
        let of_registers =
            plan.definitions.pipeline.sources.iter().zip(&reading.published).filter_map(|(source, outcome)| {
                source.table()?.register()?;
                outcome.as_ref()
            });
        let counted = |outcome: &PublishedOutcome| {
            let by_group = outcome.categories.iter().any(|(dimension, _)| *dimension == own.dimension.value);
            by_group && outcome.regions.contains(&code.value)
        };
        if !of_registers.into_iter().any(counted) {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "estimate-no-reference",
                    format!("no register counts region `{}` by `{}`", code.value, own.dimension.value),
                )
                .at(code.place.clone())
                .help("name a region that the file has in every group, such as NL00, or remove `reference-region`"),
            );
        }
    }
    findings.ok_or_stop().map(|_| ())
}

/// The categories of a standardisation in the catalogue, with the persons of the standard.
fn standard(catalogue: &Catalogue, own: &Standardisation) -> Vec<(u32, f64)> {
    let of_dimension =
        catalogue.categories.iter().zip(0_u32..).filter(|(entry, _)| entry.dimension == own.dimension.value);
    of_dimension.map(|(entry, at)| (at, persons(own, &entry.category))).filter(|(_, persons)| *persons > 0.0).collect()
}
