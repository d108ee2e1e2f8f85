//! The direct figures of the wider regions of a model, with the error that the design gives them: what the model is held against.
//!
//! They are the figures that the release shows of these regions: of all respondents of the region, also those whose wijk is unknown and whom the model cannot use. A model that goes astray because these people differ then
//! disagrees with the figure that readers see beside it. A figure that is withheld takes no part: how many agree, of how many, would say something of it.

use std::collections::{BTreeMap, HashSet};

use super::Plan;
use super::build_model::ModelledPlan;
use super::coverage::SeriesKeys;
use super::estimates::index;
use super::read::ancestors;
use crate::declare::{Catalogue, Floor};
use crate::disclose::Publishable;
use crate::estimate::{AreaAnswers, Design, DirectShare, Domain, Domains, Side, estimate};
use crate::stats::upper_quantiles;
use crate::tally::{Moments, Table, TableSpec};
use crate::vocab::{Level, Method, Statistic, Status};

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
    /// Parameter and region of the direct figures of everybody that are shown.
    shown: HashSet<(u32, u32)>,
}

impl<'d> DirectSums<'d> {
    /// For the parameters of these tables, which the model reads.
    pub(super) fn new(
        plan: &'d Plan,
        moments: &'d Moments,
        (catalogue, figures): (&'d Catalogue, &[Publishable]),
        own: &'d ModelledPlan,
        (series, keys): (u32, &SeriesKeys),
        tables: &[TableSpec],
    ) -> Self {
        let total = catalogue.category("total", "total").map_or(0, index);
        let of_series = (keys.collection, keys.period, total, Statistic::Crude, Method::Direct, Status::Ok);
        let shown = figures.iter().flat_map(Publishable::figures).filter(|figure| {
            (figure.collection, figure.period, figure.category, figure.statistic, figure.method, figure.status)
                == of_series
        });
        let shown = shown.map(|figure| (figure.parameter, figure.region)).collect();
        let level = |region: u32| catalogue.regions[region as usize].level();
        let levels: Vec<Level> = own.sums.iter().map(|region| level(*region)).collect();
        let collection = catalogue.collections[keys.collection as usize].as_str();
        let domains = BTreeMap::new();
        let mut found = Self { plan, moments, own, levels, collection, series, year: keys.year, domains, shown };
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

    /// The share of every sum with its variance; `None` where it is not shown, and where nobody or everybody said yes.
    ///
    /// Where the release has no figures of the level, the share is that of the answers of the areas, if the floor would show it, with Kish's number.
    pub(super) fn of(&self, parameter: usize, answers: &[AreaAnswers], floor: Floor) -> Vec<Option<DirectShare>> {
        let how = self.plan.how();
        let mut quantiles = upper_quantiles(how.confidence);
        let sums = self.own.sums.iter().zip(&self.levels).zip(&self.own.ground.sums);
        sums.map(|((region, level), members)| {
            let Some(table) = self.table(parameter, *level) else {
                let mut whole = AreaAnswers::default();
                members.iter().for_each(|area| whole.add(&answers[*area as usize]));
                let enough = whole.count() >= floor.minimum_n && whole.n.iter().all(|own| *own >= floor.minimum_answer);
                return whole.weighted_share().filter(|_| enough);
            };
            if !self.shown.contains(&(index(self.plan.measured[parameter]), *region)) {
                return None;
            }
            let frame = &self.moments.frames[table.frame];
            let design = Design::of(self.moments, frame.weight_set, how.single_psu);
            let domains = self.domains.get(&(table.frame, *level))?;
            let side = Side::of(self.moments, table, domains, (self.series, *region), 0);
            let domain = Domain { series: self.series, region: *region, category: 0 };
            let found = estimate(&design, domain, &side, &how, &mut quantiles).value?;
            DirectShare::new(found.value, found.se?.powi(2), true)
        })
        .collect()
    }
}
