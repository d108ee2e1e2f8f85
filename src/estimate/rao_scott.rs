//! The Rao-Scott test of domains that share nobody: its covariance matrix from moments.

use super::side::{Design, Side, pairs};
use crate::stats::rao_scott::{Answers, NoTest, RaoScott, of_many, of_two};
use crate::stats::{DesignVariance, SumsOfSquares};
use crate::tally::CellSums;
use crate::vocab::DegreesOfFreedom;

/// Whether a share is the same in domains that share nobody: R survey's `svychisq(~domain + y, statistic = "F")` on the rows of all of them.
///
/// # Errors
/// Why there is no second-order test, with the p of the first-order test where that one is defined.
pub fn rao_scott(
    design: &Design<'_>,
    sides: &[&Side],
    degrees: DegreesOfFreedom,
) -> Result<RaoScott, (NoTest, Option<f64>)> {
    // A domain that nobody with a weight is in has no share to differ.
    let sides: Vec<&Side> = sides.iter().copied().filter(|side| side.value().is_some()).collect();
    let parts: Vec<Answers> = sides.iter().map(|side| side.all.answers().map(|(weight, _)| weight)).collect();
    match (sides.as_slice(), parts.as_slice()) {
        ([a, b], [of_a, of_b]) => two(design, [a, b], [*of_a, *of_b], degrees),
        _ => many(design, &sides, &parts, degrees),
    }
}

/// What a respondent adds to E of its own part, per unit of weight: −1/W_no or 1/W_yes; 0 in a cell that nobody is in.
fn signs(part: Answers) -> [f64; 2] {
    [(-1.0, part[0]), (1.0, part[1])].map(|(sign, weight)| if weight > 0.0 { sign / weight } else { 0.0 })
}

/// Where a cell is empty the signs do not balance, and every respondent, of whatever part, adds −κ/W as well.
fn kappa(part: Answers) -> f64 {
    f64::from(u8::from(part[1] > 0.0)) - f64::from(u8::from(part[0] > 0.0))
}

/// Σ and Σ of squares of what the respondents of a group add, with these amounts per unit of weight.
fn added(sums: &CellSums, amount: [f64; 2]) -> SumsOfSquares {
    let [no, yes] = sums.answers();
    SumsOfSquares {
        total: amount[0] * no.0 + amount[1] * yes.0,
        squares: amount[0] * amount[0] * no.1 + amount[1] * amount[1] * yes.1,
    }
}

fn two(
    design: &Design<'_>,
    sides: [&Side; 2],
    parts: [Answers; 2],
    degrees: DegreesOfFreedom,
) -> Result<RaoScott, (NoTest, Option<f64>)> {
    let whole: f64 = parts.iter().flatten().sum();
    let shift = (kappa(parts[0]) - kappa(parts[1])) / whole;
    let [first, second] = [signs(parts[0]), signs(parts[1])];
    let (first, second) = (first.map(|sign| sign - shift), second.map(|sign| -sign - shift));
    let mut units = Units::default();
    let mut sums = Vec::with_capacity(sides[0].groups.len() + sides[1].groups.len());
    for (stratum, cluster, one, other) in pairs(sides[0], sides[1]) {
        let mut z = SumsOfSquares::default();
        let mut rows = 0;
        for (group, amount) in [(one, first), (other, second)] {
            let Some(group) = group else { continue };
            let own = added(&group.sums, amount);
            z.total += own.total;
            z.squares += own.squares;
            rows += group.sums.n;
        }
        if rows > 0 {
            units.add(design, stratum, rows);
            sums.push((stratum, cluster, z));
        }
    }
    let units = units.of(design, degrees, sums.iter().map(|group| group.0));
    of_two(parts, design.variance(&sums, 1.0), units)
}

/// Sampled units minus strata of the rows of a test. Rows of weight 0 count, as in `svychisq`.
#[derive(Default)]
struct Units(super::side::DegreesCounter);

impl Units {
    fn add(&mut self, design: &Design<'_>, stratum: u32, rows: u64) {
        self.0.add(design, stratum, rows);
    }

    fn of(&self, design: &Design<'_>, degrees: DegreesOfFreedom, strata: impl Iterator<Item = u32>) -> u64 {
        match degrees {
            DegreesOfFreedom::Domain => self.0.df(),
            DegreesOfFreedom::Design => design.whole_df(strata),
        }
    }
}

/// A group of a side: stratum, cluster, side, sums.
type OfSide<'s> = (u32, u32, usize, &'s CellSums);

fn many(
    design: &Design<'_>,
    sides: &[&Side],
    parts: &[Answers],
    degrees: DegreesOfFreedom,
) -> Result<RaoScott, (NoTest, Option<f64>)> {
    let whole: f64 = parts.iter().flatten().sum();
    let mut groups: Vec<OfSide<'_>> = sides
        .iter()
        .enumerate()
        .flat_map(|(at, side)| side.groups.iter().map(move |group| (group.stratum, group.cluster, at, &group.sums)))
        .filter(|group| group.3.n > 0)
        .collect();
    groups.sort_by_key(|(stratum, cluster, at, _)| (*stratum, *cluster, *at));
    let mut units = Units::default();
    for of_cluster in groups.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        units.add(design, of_cluster[0].0, of_cluster.iter().map(|group| group.3.n).sum());
    }
    let units = units.of(design, degrees, groups.iter().map(|group| group.0));
    let matrix = Matrix {
        design,
        signs: parts.iter().map(|part| signs(*part)).collect(),
        shifts: parts.iter().map(|part| kappa(*part) / whole).collect(),
    };
    of_many(parts, matrix.covariance(&groups).as_deref(), units)
}

/// The covariance matrix of E under way.
struct Matrix<'d, 'm> {
    design: &'d Design<'m>,
    /// Per side what a respondent of it adds per unit of weight.
    signs: Vec<[f64; 2]>,
    /// Per side what every respondent takes off per unit of weight.
    shifts: Vec<f64>,
}

impl Matrix<'_, '_> {
    /// V, row by row: polarised, because a variance is what the design gives. The variance of E_a + E_b holds their covariance, and
    /// E_a and E_b meet only in strata that hold respondents of both, or of one and a shift.
    fn covariance(&self, groups: &[OfSide<'_>]) -> Option<Vec<f64>> {
        let r = self.signs.len();
        let mut v = vec![0.0; r * r];
        let factor = self.factor(groups)?;
        for of_stratum in groups.chunk_by(|a, b| a.0 == b.0) {
            let mut present: Vec<usize> = of_stratum.iter().map(|group| group.2).collect();
            present.extend((0..r).filter(|side| self.shifts[*side] != 0.0));
            present.sort_unstable();
            present.dedup();
            let alone: Vec<f64> = present.iter().map(|a| self.variance(of_stratum, factor, *a, None)).collect();
            for (i, a) in present.iter().enumerate() {
                v[a * r + a] += alone[i];
                for (j, b) in present.iter().enumerate().skip(i + 1) {
                    let covariance = (self.variance(of_stratum, factor, *a, Some(*b)) - alone[i] - alone[j]) / 2.0;
                    v[a * r + b] += covariance;
                    v[b * r + a] += covariance;
                }
            }
        }
        Some(v)
    }

    /// The factor of `average`, which is that of all strata together.
    fn factor(&self, groups: &[OfSide<'_>]) -> Option<f64> {
        let mut all = DesignVariance::new(self.design.single_psu);
        for of_stratum in groups.chunk_by(|a, b| a.0 == b.0) {
            all.add(self.design.stratum(of_stratum[0].0), SumsOfSquares::default());
        }
        all.factor()
    }

    /// What a stratum adds to the variance of E_a, or of E_a + E_b.
    fn variance(&self, of_stratum: &[OfSide<'_>], factor: f64, a: usize, b: Option<usize>) -> f64 {
        let shift = self.shifts[a] + b.map_or(0.0, |b| self.shifts[b]);
        let mut sums: Vec<(u32, u32, SumsOfSquares)> = Vec::new();
        for (stratum, cluster, side, own) in of_stratum {
            let sign = if *side == a || Some(*side) == b { self.signs[*side] } else { [0.0; 2] };
            let z = added(own, sign.map(|sign| sign - shift));
            match sums.last_mut().filter(|last| (last.0, last.1) == (*stratum, *cluster)) {
                Some((_, _, last)) => {
                    last.total += z.total;
                    last.squares += z.squares;
                }
                None => sums.push((*stratum, *cluster, z)),
            }
        }
        let mut variance = DesignVariance::new(self.design.single_psu);
        self.design.add_stratum(&mut variance, &sums);
        variance.with_factor(factor)
    }
}
