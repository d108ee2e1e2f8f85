//! What is left of a partition when everything shown is taken out of it: the withheld parts, together.

use std::collections::{BTreeMap, HashMap};

use super::walk::{Ground, Wanted};
use crate::disclose::{Policies, Policy};
use crate::estimate::{Side, Withheld};
use crate::tally::{CellSums, Table, TableSpec};
use crate::vocab::Level;

/// A table at a level: the sides of its wanted figures, with whether each is shown.
#[derive(Clone, Copy)]
pub(super) struct Partitions<'t, 'g> {
    pub(super) ground: &'t Ground<'g>,
    pub(super) wanted: &'t Wanted<'t>,
    /// Per wanted pair × category.
    pub(super) sides: &'t [(Side, bool)],
}

/// Withheld parts under way.
#[derive(Clone, Copy)]
pub(super) struct Adding {
    all: CellSums,
    largest: u64,
}

impl Adding {
    fn new(sums: &CellSums) -> Self {
        Self { all: *sums, largest: sums.n - sums.weightless }
    }

    fn add(&mut self, sums: &CellSums) {
        self.all.add(sums);
        self.largest = self.largest.max(sums.n - sums.weightless);
    }

    /// Adds a part to what may be there already.
    pub(super) fn to(own: &mut Option<Self>, sums: &CellSums) {
        match own {
            Some(own) => own.add(sums),
            None => *own = Some(Self::new(sums)),
        }
    }

    pub(super) fn done(&self) -> Withheld {
        Withheld::new(&self.all, self.largest)
    }
}

/// The withheld parts of these sides, together; `None` where none is.
pub(super) fn together<'s>(sides: impl IntoIterator<Item = &'s (Side, bool)>) -> Option<Withheld> {
    let mut found = None;
    for (side, _) in sides.into_iter().filter(|(side, shown)| !shown && !side.is_empty()) {
        Adding::to(&mut found, side.sums());
    }
    found.map(|own: Adding| own.done())
}

impl Partitions<'_, '_> {
    const fn categories(&self) -> usize {
        self.wanted.categories.len()
    }

    /// Per (series, wider region of a level, category) the withheld regions that lie in it.
    pub(super) fn by_wider(&self, level: Level) -> HashMap<(u32, u32, usize), Withheld> {
        let mut found: HashMap<(u32, u32, usize), Adding> = HashMap::new();
        for (pair, sides) in self.wanted.pairs.iter().zip(self.sides.chunks(self.categories())) {
            let wide = self.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, _)) in
                sides.iter().enumerate().filter(|(_, (side, shown))| !shown && !side.is_empty())
            {
                let place = (pair.0, wide, category);
                found.entry(place).and_modify(|own| own.add(side.sums())).or_insert_with(|| Adding::new(side.sums()));
            }
        }
        found.into_iter().map(|(place, own)| (place, own.done())).collect()
    }

    /// As [`Self::by_wider`], with the people of the wider region who are in none of its regions on the list; only where there are any.
    pub(super) fn with_unplaced(
        &self,
        spec: &TableSpec,
        table: &Table,
        level: Level,
    ) -> HashMap<(u32, u32, usize), Withheld> {
        let mut unplaced: HashMap<(u32, u32, usize), Adding> = HashMap::new();
        for place in &Wanted::measured(self.ground, spec, level).pairs {
            for category in 0..self.categories() {
                let side = self.ground.side(spec, table, *place, category, level);
                unplaced.insert((place.0, place.1, category), Adding::new(side.sums()));
            }
        }
        for (pair, sides) in self.wanted.pairs.iter().zip(self.sides.chunks(self.categories())) {
            let wide = self.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, _)) in sides.iter().enumerate() {
                if let Some(own) = unplaced.get_mut(&(pair.0, wide, category)) {
                    own.all.subtract(side.sums());
                }
            }
        }
        unplaced.retain(|_, own| own.all.n > 0);
        unplaced.values_mut().for_each(|own| own.largest = own.all.n - own.all.weightless);
        for (pair, sides) in self.wanted.pairs.iter().zip(self.sides.chunks(self.categories())) {
            let wide = self.ground.ancestors[&level][pair.1 as usize];
            for (category, (side, shown)) in sides.iter().enumerate() {
                if let Some(own) = unplaced.get_mut(&(pair.0, wide, category)).filter(|_| !shown) {
                    own.add(side.sums());
                }
            }
        }
        unplaced.into_iter().map(|(place, own)| (place, own.done())).collect()
    }

    /// The withheld categories of a region with the people of unknown category; `None` where there are none of those.
    pub(super) fn with_unknown(
        &self,
        spec: &TableSpec,
        level: Level,
        pair: (u32, u32),
        sides: &[(Side, bool)],
    ) -> Option<Withheld> {
        let tables = &self.ground.plan.tally.tables;
        let total = |own: &TableSpec| {
            (own.parameter, own.weight_set) == (spec.parameter, spec.weight_set)
                && self.ground.breakdowns[own.breakdown].dimension == "total"
        };
        let at = tables.iter().position(total)?;
        let (own, table) = (&tables[at], &self.ground.moments.tables[at]);
        if !self.ground.holds(table, level) {
            return None;
        }
        let mut unknown = *self.ground.side(own, table, pair, 0, level).sums();
        sides.iter().for_each(|(side, _)| unknown.subtract(side.sums()));
        if unknown.n == 0 {
            return None;
        }
        let mut own = Adding::new(&unknown);
        sides.iter().filter(|(_, shown)| !shown).for_each(|(side, _)| own.add(side.sums()));
        Some(own.done())
    }

    /// Withheld cells of a crossing with this dimension that do not hide each other within one of its categories: with the weight of every
    /// category they would follow from the cells that are shown.
    pub(super) fn bare_crossing(
        &self,
        spec: &TableSpec,
        policy: Policy,
        level: Level,
        pair: (u32, u32),
    ) -> Option<Withheld> {
        let ground = self.ground;
        let dimension = ground.breakdowns[spec.breakdown].dimension.as_str();
        for (own, table) in ground.plan.tally.tables.iter().zip(&ground.moments.tables) {
            let keys = &ground.breakdowns[own.breakdown];
            let place = keys.dimension.split('*').position(|part| part == dimension && part != keys.dimension);
            let same =
                (own.parameter, own.weight_set) == (spec.parameter, spec.weight_set) && own.levels.contains(&level);
            let Some(place) = place.filter(|_| same && ground.holds(table, level)) else { continue };
            let mut withheld: BTreeMap<&str, Option<Adding>> = BTreeMap::new();
            for (category, at) in keys.categories.iter().enumerate() {
                let side = ground.side(own, table, pair, category, level);
                let name = ground.catalogue.categories[*at as usize].category.split('*').nth(place).unwrap_or_default();
                if !side.is_empty() && !policy.shows(&side.support()) {
                    Adding::to(withheld.entry(name).or_default(), side.sums());
                }
            }
            let bare = withheld.into_values().flatten().map(|own| own.done()).find(|own| !policy.hides(own));
            if bare.is_some() {
                return bare;
            }
        }
        None
    }

    /// Per (series, wider region) a category of which the withheld regions do not hide each other: with the weight of every category in every
    /// region they would follow from the category of the wider region.
    pub(super) fn bare_columns(&self, policies: &Policies, level: Level) -> BTreeMap<(u32, u32), Withheld> {
        let columns = self.by_wider(level);
        let policy = |series: u32| policies.of(self.ground.series[&series].collection);
        let bare = columns.into_iter().filter(|((series, _, _), own)| !policy(*series).hides(own));
        bare.map(|((series, wide, _), own)| ((series, wide), own)).collect()
    }
}
