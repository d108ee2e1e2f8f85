//! The direct figures of the wider regions of a model, with the error that the design gives them: what the model is held against.
//!
//! They are the figures that the release has of these regions, before disclosure control: all respondents of the region, also those whose wijk is unknown and whom the model cannot use. A model that
//! goes astray because these people differ then disagrees with the figure that readers see beside it.

use std::collections::BTreeMap;

use super::Plan;
use super::build_model::ModelledPlan;
use super::coverage::SeriesKeys;
use super::read::ancestors;
use crate::declare::Catalogue;
use crate::estimate::{Design, DirectShare, Domain, Domains, Side, estimate};
use crate::stats::upper_quantiles;
use crate::tally::{Moments, Table, TableSpec};
use crate::vocab::Level;

/// Direct figures of the sums of a model, of one series.
pub(super) struct DirectSums<'d> {
    plan: &'d Plan,
    moments: &'d Moments,
    own: &'d ModelledPlan,
    /// Level of each sum.
    levels: Vec<Level>,
    collection: &'d str,
    series: u32,
    year: i32,
    /// Units of each frame, by level.
    domains: BTreeMap<(usize, Level), Domains>,
}

impl<'d> DirectSums<'d> {
    /// For the parameters of these tables, which the model reads.
    pub(super) fn new(
        plan: &'d Plan,
        moments: &'d Moments,
        catalogue: &'d Catalogue,
        own: &'d ModelledPlan,
        (series, keys): (u32, &SeriesKeys),
        tables: &[TableSpec],
    ) -> Self {
        let level = |region: u32| catalogue.regions[region as usize].level();
        let levels: Vec<Level> = own.sums.iter().map(|region| level(*region)).collect();
        let collection = catalogue.collections[keys.collection as usize].as_str();
        let domains = BTreeMap::new();
        let mut found = Self { plan, moments, own, levels, collection, series, year: keys.year, domains };
        let ancestors = ancestors(plan);
        for spec in tables {
            for at in found.levels.clone() {
                let Some(table) = found.table(spec.parameter, at) else { continue };
                let units =
                    || Domains::new(&moments.frames[table.frame], &ancestors[&at], |region| level(region) == at);
                found.domains.entry((table.frame, at)).or_insert_with(units);
            }
        }
        found
    }

    /// The table of totals that the figures of a level are made from, under the weights of that level; `None` where the pipeline has no such figures.
    fn table(&self, parameter: usize, level: Level) -> Option<&'d Table> {
        let id = &self.plan.catalogue.parameters[self.plan.measured[parameter]].id;
        let set = self.plan.weight_set(self.collection, id, self.year, level)?;
        let own = |spec: &TableSpec| (spec.parameter, spec.breakdown, spec.weight_set) == (parameter, 0, set);
        let at = self.plan.shown_tables().iter().position(|spec| own(spec) && spec.levels.contains(&level))?;
        Some(&self.moments.tables[at])
    }

    /// The share of every sum with its variance; `None` where there is no figure, or nobody or everybody said yes.
    pub(super) fn of(&self, parameter: usize) -> Vec<Option<DirectShare>> {
        let how = self.plan.how();
        let mut quantiles = upper_quantiles(how.confidence);
        let sums = self.own.sums.iter().zip(&self.levels);
        sums.map(|(region, level)| {
            let table = self.table(parameter, *level)?;
            let frame = &self.moments.frames[table.frame];
            let design = Design::of(self.moments, frame.weight_set, how.single_psu);
            let domains = self.domains.get(&(table.frame, *level))?;
            let side = Side::of(self.moments, table, domains, (self.series, *region), 0);
            let domain = Domain { series: self.series, region: *region, category: 0 };
            let found = estimate(&design, domain, &side, &how, &mut quantiles).value?;
            DirectShare::new(found.value, found.se?.powi(2))
        })
        .collect()
    }
}
