//! A domain as one side of a comparison: its sums per design stratum, or per cluster of a stratum.

use super::{Domains, Support};
use crate::stats::{ClusterDesign, DesignVariance, StratumDesign, SumsOfSquares};
use crate::tally::{CellSums, Cluster, Moments, Stratum, Table};
use crate::vocab::{Reason, SinglePsu};

/// The design of a weight set, as variances need it.
#[derive(Clone, Copy, Debug)]
pub struct Design<'m> {
    pub(super) strata: &'m [Stratum],
    pub(super) clusters: &'m [Cluster],
    pub(super) single_psu: SinglePsu,
}

/// The respondents of a domain in one stratum, or in one cluster of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) stratum: u32,
    /// 0 in a stratum without clusters.
    pub(super) cluster: u32,
    pub(super) sums: CellSums,
}

/// The sums of a domain, in ascending order of stratum and cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub(super) groups: Vec<Group>,
    pub(super) all: CellSums,
    /// See [`Support::decided`].
    pub(super) decided: Option<Reason>,
}

impl<'m> Design<'m> {
    /// The design of a weight set.
    #[must_use]
    pub fn of(moments: &'m Moments, weight_set: usize, single_psu: SinglePsu) -> Self {
        Self { strata: &moments.strata[weight_set], clusters: &moments.clusters[weight_set], single_psu }
    }

    pub(super) fn stratum(&self, stratum: u32) -> StratumDesign {
        let stratum = &self.strata[stratum as usize];
        StratumDesign { units: stratum.units(), population: stratum.population }
    }

    pub(super) fn is_clustered(&self, stratum: u32) -> bool {
        self.strata[stratum as usize].clusters > 0
    }

    /// Variance of a linearised quantity, to be divided by the square of `weight`, from its sums over the respondents of each group, in
    /// ascending order; groups without a respondent of the domain are left out.
    pub(super) fn variance(&self, groups: &[(u32, u32, SumsOfSquares)], weight: f64) -> Option<f64> {
        self.summed(groups).finish(weight)
    }

    /// The strata of a linearised quantity, added up.
    pub(super) fn summed(&self, groups: &[(u32, u32, SumsOfSquares)]) -> DesignVariance {
        let mut variance = DesignVariance::new(self.single_psu);
        groups.chunk_by(|a, b| a.0 == b.0).for_each(|of_stratum| self.add_stratum(&mut variance, of_stratum));
        variance
    }

    /// Adds the groups of one stratum.
    pub(super) fn add_stratum(&self, variance: &mut DesignVariance, of_stratum: &[(u32, u32, SumsOfSquares)]) {
        variance.add(self.stratum(of_stratum[0].0), self.units(of_stratum));
        self.second_stage(variance, of_stratum);
    }

    /// The sums of a stratum over its sampled units: its clusters, or its respondents.
    fn units(&self, of_stratum: &[(u32, u32, SumsOfSquares)]) -> SumsOfSquares {
        let clustered = self.is_clustered(of_stratum[0].0);
        let mut sums = SumsOfSquares::default();
        for (_, _, group) in of_stratum {
            sums.total += group.total;
            sums.squares += if clustered { group.total * group.total } else { group.squares };
        }
        sums
    }

    /// Adds what the sampling within clusters adds.
    fn second_stage(&self, variance: &mut DesignVariance, of_stratum: &[(u32, u32, SumsOfSquares)]) {
        let stratum = of_stratum[0].0;
        if !self.is_clustered(stratum) {
            return;
        }
        for (_, cluster, sums) in of_stratum {
            let cluster = &self.clusters[*cluster as usize];
            if let Some(population) = cluster.population {
                let design = ClusterDesign { elements: cluster.rows, population };
                variance.add_cluster(self.stratum(stratum), design, *sums);
            }
        }
    }

    /// Units minus strata of the whole design of the sources and years of these strata.
    pub(super) fn whole_df(&self, strata: impl Iterator<Item = u32>) -> u64 {
        let used: std::collections::BTreeSet<(usize, i32)> =
            strata.map(|at| (self.strata[at as usize].source, self.strata[at as usize].year)).collect();
        let design = self.strata.iter().filter(|stratum| used.contains(&(stratum.source, stratum.year)));
        design.map(|stratum| stratum.units() - 1).sum()
    }
}

/// Units minus strata, counted group by group in ascending order.
#[derive(Default)]
pub(super) struct DegreesCounter {
    units: u64,
    strata: u64,
    last: Option<u32>,
}

impl DegreesCounter {
    /// Counts a group of so many respondents; none adds nothing.
    pub(super) fn add(&mut self, design: &Design<'_>, stratum: u32, respondents: u64) {
        if respondents == 0 {
            return;
        }
        self.units += if design.is_clustered(stratum) { 1 } else { respondents };
        if self.last != Some(stratum) {
            self.strata += 1;
            self.last = Some(stratum);
        }
    }

    /// Units minus strata.
    pub(super) const fn df(&self) -> u64 {
        self.units - self.strata
    }
}

impl Side {
    /// The sums of a domain of a table.
    #[must_use]
    pub fn of(moments: &Moments, table: &Table, domains: &Domains, place: (u32, u32), category: usize) -> Self {
        let frame = &moments.frames[table.frame];
        let strata = &moments.strata[frame.weight_set];
        let mut groups: Vec<Group> = Vec::new();
        for index in domains.units(place) {
            let unit = &frame.units[*index as usize];
            let cluster = if strata[unit.stratum as usize].clusters > 0 { unit.cluster } else { 0 };
            match groups.last_mut() {
                Some(group) if (group.stratum, group.cluster) == (unit.stratum, cluster) => {
                    table.add_to(&mut group.sums, *index as usize, category);
                }
                _ => {
                    let mut sums = CellSums::empty(table.numeric(), table.exponent);
                    table.add_to(&mut sums, *index as usize, category);
                    groups.push(Group { stratum: unit.stratum, cluster, sums });
                }
            }
        }
        let mut all = CellSums::empty(table.numeric(), table.exponent);
        groups.iter().for_each(|group| all.add(&group.sums));
        Self { groups, all, decided: None }
    }

    /// The same domain, as a figure that is withheld for this reason whatever its own numbers.
    #[must_use]
    pub const fn decided(mut self, reason: Option<Reason>) -> Self {
        self.decided = reason;
        self
    }

    /// What remains of a domain without a part of it.
    #[must_use]
    pub fn minus(&self, part: &Self) -> Self {
        let mut rest = self.clone();
        let mut at = 0;
        for group in &part.groups {
            let key = (group.stratum, group.cluster);
            while rest.groups.get(at).is_some_and(|own| (own.stratum, own.cluster) < key) {
                at += 1;
            }
            if let Some(own) = rest.groups.get_mut(at).filter(|own| (own.stratum, own.cluster) == key) {
                own.sums.subtract(&group.sums);
            }
        }
        rest.all.subtract(&part.all);
        rest.decided = None;
        rest
    }

    /// Any number of domains that share nobody, together; `None` for none.
    #[must_use]
    pub fn together(sides: &[Self]) -> Option<Self> {
        let first = sides.first()?;
        let mut groups: Vec<Group> = sides.iter().flat_map(|side| side.groups.iter().copied()).collect();
        groups.sort_by_key(|group| (group.stratum, group.cluster));
        groups.dedup_by(|next, own| {
            let same = (next.stratum, next.cluster) == (own.stratum, own.cluster);
            if same {
                own.sums.add(&next.sums);
            }
            same
        });
        let mut all = first.all;
        sides[1..].iter().for_each(|side| all.add(&side.all));
        Some(Self { groups, all, decided: None })
    }

    /// Two domains that share nobody, together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut groups = Vec::with_capacity(self.groups.len() + other.groups.len());
        for (stratum, cluster, own, others) in pairs(self, other) {
            let sums = match (own, others) {
                (Some(own), Some(others)) => {
                    let mut sums = own.sums;
                    sums.add(&others.sums);
                    sums
                }
                (Some(group), None) | (None, Some(group)) => group.sums,
                (None, None) => continue,
            };
            groups.push(Group { stratum, cluster, sums });
        }
        let mut all = self.all;
        all.add(&other.all);
        Self { groups, all, decided: None }
    }

    /// What the floor is held against.
    #[must_use]
    pub fn support(&self) -> Support {
        Support { decided: self.decided, ..Support::of(&self.all) }
    }

    /// The sums of everybody in the domain.
    #[must_use]
    pub const fn sums(&self) -> &CellSums {
        &self.all
    }

    /// Whether the domain is of a 0/1 indicator.
    #[must_use]
    pub const fn is_share(&self) -> bool {
        self.all.is_share()
    }

    /// Whether nobody gave a valid answer.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.n == 0
    }

    /// Share or mean; `None` where nobody with a weight above zero gave a valid answer.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let weight = self.all.weight();
        (weight > 0.0).then(|| self.all.weight_y() / weight)
    }
}

/// The groups of two sides in ascending order, with those of one stratum and cluster together.
pub(super) fn pairs<'s>(
    a: &'s Side,
    b: &'s Side,
) -> impl Iterator<Item = (u32, u32, Option<&'s Group>, Option<&'s Group>)> {
    let (mut a, mut b) = (a.groups.as_slice(), b.groups.as_slice());
    std::iter::from_fn(move || {
        let key = |group: &Group| (group.stratum, group.cluster);
        let next = match (a.first().map(key), b.first().map(key)) {
            (None, None) => return None,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(one), Some(other)) => one.min(other),
        };
        let take = |rest: &mut &'s [Group]| {
            let first = rest.first().filter(|group| key(group) == next)?;
            *rest = &rest[1..];
            Some(first)
        };
        let (of_a, of_b) = (take(&mut a), take(&mut b));
        Some((next.0, next.1, of_a, of_b))
    })
}
