//! Verdicts of the dashboard, in Dutch words.

use std::collections::HashMap;

use super::keys::Keys;
use crate::{
    disclose::{Comparison, Comparisons, Figure},
    vocab::{Level, Method, Reference, Statistic, Verdict},
};

/// The comparisons that the dashboard shows, by parameter, collection, period and region.
pub(super) struct Verdicts<'a> {
    keys: Keys<'a>,
    by_place: HashMap<(u32, u32, u32, u32), &'a Comparison>,
}

impl<'a> Verdicts<'a> {
    /// Of the totals that are compared with the reference that the pipeline shows.
    pub(super) fn new(keys: Keys<'a>, comparisons: &'a Comparisons) -> Self {
        let total = keys.catalogue.category("total", "total").ok();
        let shown = comparisons.rows().iter().filter(|row| {
            Some(row.key.reference) == comparisons.dashboard() && Some(row.key.figure.category as usize) == total
        });
        let place = |row: &Comparison| {
            let figure = row.key.figure;
            (figure.parameter, figure.collection, figure.period, figure.region)
        };
        Self { keys, by_place: shown.map(|row| (place(row), row)).collect() }
    }

    /// The verdict on a figure; `None` where there is none.
    pub(super) fn of(&self, figure: &Figure) -> Option<String> {
        if (figure.statistic, figure.method) != (Statistic::Crude, Method::Direct) {
            return None;
        }
        let row = self.by_place.get(&(figure.parameter, figure.collection, figure.period, figure.region))?;
        let with = self.reference(row)?;
        Some(match row.verdict? {
            Verdict::Higher => format!("hoger dan {with}"),
            Verdict::Lower => format!("lager dan {with}"),
            Verdict::NoDifference => format!("geen aangetoond verschil met {with}"),
        })
    }

    /// The reference in words.
    fn reference(&self, row: &Comparison) -> Option<String> {
        let region = row.key.region.map(|at| self.keys.catalogue.regions[at as usize].level());
        Some(match row.key.reference {
            Reference::RestOfParent => format!("de rest van {}", wide(region?)),
            Reference::Parent | Reference::Ggd | Reference::Nl => wide(region?).to_owned(),
            Reference::PreviousPeriod | Reference::BasePeriod => row.key.period?.to_string(),
            Reference::RestOfDimension | Reference::OtherCategory | Reference::Target | Reference::AllSiblings => {
                return None;
            }
        })
    }
}

/// A wider region with its article.
const fn wide(level: Level) -> &'static str {
    match level {
        Level::Nl => "Nederland",
        Level::Ggd => "de GGD-regio",
        Level::Gemeente => "de gemeente",
        Level::Wijk => "de wijk",
        Level::Buurt => "de buurt",
    }
}
