//! Symmetric band matrices: Cholesky factor, solutions, and the inverse on the band.
//!
//! The precision matrix of a wijk effect has a nonzero only where two wijken are neighbours; in the order of
//! [`super::graph::Graph::band_order`] they lie near the diagonal, and the factor stays within the band.

use super::{NotPositive, product};

/// A symmetric band matrix, or its lower factor. Row i holds the columns i − width ..= i; those before 0 are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    size: usize,
    width: usize,
    values: Vec<f64>,
}

impl Band {
    /// Zeros, `width` columns beside the diagonal.
    #[must_use]
    pub fn new(size: usize, width: usize) -> Self {
        Self { size, width, values: vec![0.0; size * (width + 1)] }
    }

    const fn at(&self, i: usize, j: usize) -> usize {
        i * (self.width + 1) + j + self.width - i
    }

    /// Value at row i and column j ≤ i, within the band.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[self.at(i, j)]
    }

    /// Adds to the value at row i and column j ≤ i, within the band.
    pub fn add(&mut self, i: usize, j: usize, value: f64) {
        let at = self.at(i, j);
        self.values[at] += value;
    }

    /// First column of row i that is within band and matrix.
    const fn first(&self, i: usize) -> usize {
        i.saturating_sub(self.width)
    }

    /// Columns `from ..= i` of row i.
    fn row(&self, i: usize, from: usize) -> &[f64] {
        &self.values[self.at(i, from)..=self.at(i, i)]
    }

    /// The lower factor, in place of the matrix.
    ///
    /// # Errors
    /// [`NotPositive`] where a pivot is not positive.
    pub fn factor(mut self) -> Result<BandCholesky, NotPositive> {
        for i in 0..self.size {
            let first = self.first(i);
            let start = i * (self.width + 1);
            let (done, rest) = self.values.split_at_mut(start);
            let own = &mut rest[first + self.width - i..=self.width];
            for j in first..i {
                let from = first.max(j.saturating_sub(self.width));
                let base = j * (self.width + 1) + self.width;
                let other = &done[base + from - j..=base];
                let sum = product(&own[from - first..j - first], other);
                own[j - first] = (own[j - first] - sum) / done[base];
            }
            let (last, before) = own.split_last_mut().ok_or(NotPositive)?;
            let pivot = *last - product(before, before);
            if pivot.is_nan() || pivot <= 0.0 {
                return Err(NotPositive);
            }
            *last = pivot.sqrt();
        }
        Ok(BandCholesky { lower: self })
    }
}

/// Cholesky factor of a band matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct BandCholesky {
    lower: Band,
}

impl BandCholesky {
    /// log det A.
    #[must_use]
    pub fn log_det(&self) -> f64 {
        2.0 * (0..self.lower.size).map(|i| self.lower.get(i, i).ln()).sum::<f64>()
    }

    /// X with A X = B, in place of B; B has `columns` columns and lies row by row.
    pub fn solve(&self, b: &mut [f64], columns: usize) {
        self.solve_from(b, columns, 0);
    }

    /// [`Self::solve`] for a B without anything above row `first`; X is right from that row on.
    pub fn solve_from(&self, b: &mut [f64], columns: usize, first: usize) {
        let lower = &self.lower;
        for i in first..lower.size {
            let from = lower.first(i).max(first);
            let (before, rest) = b.split_at_mut(i * columns);
            let own = &mut rest[..columns];
            let row = lower.row(i, from);
            let known = before[from * columns..].chunks_exact(columns);
            eliminate(own, row.iter().copied().zip(known));
            let pivot = lower.get(i, i);
            own.iter_mut().for_each(|x| *x /= pivot);
        }
        self.solve_upper_from(b, columns, first);
    }

    /// x with L' x = b, in place of b, one column.
    pub fn solve_upper(&self, b: &mut [f64]) {
        let lower = &self.lower;
        for i in (0..lower.size).rev() {
            let first = lower.first(i);
            let (before, rest) = b.split_at_mut(i);
            rest[0] /= lower.get(i, i);
            subtract(&mut before[first..], lower.row(i, first), rest[0]);
        }
    }

    /// X with L' X = B from row `first` on, in place of B.
    fn solve_upper_from(&self, b: &mut [f64], columns: usize, first: usize) {
        let lower = &self.lower;
        let mut below = Vec::with_capacity(lower.width);
        for i in (first..lower.size).rev() {
            let last = (i + lower.width).min(lower.size - 1);
            below.clear();
            below.extend((i + 1..=last).rev().map(|k| lower.get(k, i)));
            let (own, known) = b[i * columns..].split_at_mut(columns);
            let known = known[..(last - i) * columns].chunks_exact(columns).rev();
            eliminate(own, below.iter().copied().zip(known));
            let pivot = lower.get(i, i);
            own.iter_mut().for_each(|x| *x /= pivot);
        }
    }

    /// A⁻¹ within the band, as a band matrix.
    ///
    /// Z = A⁻¹ follows from Z = L⁻ᵀ L⁻¹ row by row from the last: with i < j, Zᵢⱼ = −(1/Lᵢᵢ) Σₖ Lₖᵢ Zₖⱼ and Zᵢᵢ = 1/Lᵢᵢ² − (1/Lᵢᵢ) Σₖ Lₖᵢ Zₖᵢ, k running
    /// over i + 1 ..= i + width. Source: Takahashi, Fagan and Chin 1973; Rue and Held, *Gaussian Markov Random Fields* (2005), section 2.4.
    #[must_use]
    pub fn inverse(&self) -> Band {
        let lower = &self.lower;
        let (n, width) = (lower.size, lower.width);
        let mut inverse = Band::new(n, width);
        let mut column = Vec::with_capacity(width);
        let mut times = Vec::with_capacity(width);
        for i in (0..n).rev() {
            let last = (i + width).min(n - 1);
            let pivot = lower.get(i, i);
            column.clear();
            column.extend((i + 1..=last).map(|k| lower.get(k, i)));
            times.clear();
            times.resize(last - i, 0.0);
            for k in i + 1..=last {
                // Row k of the part that is known, from column i + 1 to its diagonal.
                let row = inverse.row(k, i + 1);
                let own = k - i - 1;
                let weight = column[own];
                times[own] += row[own] * weight + product(&row[..own], &column);
                times.iter_mut().zip(&row[..own]).for_each(|(target, value)| *target += value * weight);
            }
            let mut diagonal = 1.0 / (pivot * pivot);
            for (k, (value, l)) in (i + 1..=last).zip(times.iter().zip(&column)) {
                let entry = -value / pivot;
                inverse.add(k, i, entry);
                diagonal -= l * entry / pivot;
            }
            inverse.add(i, i, diagonal);
        }
        inverse
    }
}

/// Takes multiples of rows off `own`, one row after the other: as many columns at a time as stay in registers.
fn eliminate<'b>(own: &mut [f64], rows: impl Iterator<Item = (f64, &'b [f64])> + Clone) {
    let mut at = 0;
    at = eliminate_tiles::<8>(own, at, rows.clone());
    at = eliminate_tiles::<4>(own, at, rows.clone());
    at = eliminate_tiles::<2>(own, at, rows.clone());
    eliminate_tiles::<1>(own, at, rows);
}

/// [`eliminate`] for the columns from `at` on, as far as they fill tiles of N; the first column that is left.
fn eliminate_tiles<'b, const N: usize>(
    own: &mut [f64],
    at: usize,
    rows: impl Iterator<Item = (f64, &'b [f64])> + Clone,
) -> usize {
    let tiles = own[at..].as_chunks_mut::<N>().0;
    let end = at + N * tiles.len();
    for (from, tile) in (at..).step_by(N).zip(tiles) {
        let mut sums = *tile;
        for (times, row) in rows.clone() {
            let Some(other) = row[from..].first_chunk::<N>() else { continue };
            for lane in 0..N {
                sums[lane] -= times * other[lane];
            }
        }
        *tile = sums;
    }
    end
}

fn subtract(target: &mut [f64], other: &[f64], times: f64) {
    if times != 0.0 {
        target.iter_mut().zip(other).for_each(|(a, b)| *a -= times * b);
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::DenseCholesky;
    use super::*;

    /// A band matrix with a heavy diagonal, and the same one written out in full.
    fn pair(size: usize, width: usize) -> (Band, Vec<f64>) {
        let mut band = Band::new(size, width);
        let mut full = vec![0.0; size * size];
        for i in 0..size {
            for j in i.saturating_sub(width)..=i {
                let value = if i == j { 3.0 + i as f64 } else { ((7 * i + 3 * j) % 5) as f64 / 5.0 - 0.4 };
                band.add(i, j, value);
                full[i * size + j] = value;
                full[j * size + i] = value;
            }
        }
        (band, full)
    }

    #[test]
    fn factor_solution_and_inverse_equal_the_dense_twin() {
        for (size, width) in [(1, 0), (6, 0), (7, 2), (9, 8), (12, 3)] {
            let (band, full) = pair(size, width);
            let (own, twin) = (band.factor().expect("positive"), DenseCholesky::new(&full, size).expect("positive"));
            assert!((own.log_det() - twin.log_det()).abs() < 1e-12);
            let whole = twin.inverse();
            let selected = own.inverse();
            for i in 0..size {
                for j in i.saturating_sub(width)..=i {
                    assert!((selected.get(i, j) - whole[i * size + j]).abs() < 1e-13, "{size} {width} {i} {j}");
                }
            }
            let mut columns: Vec<f64> = (0..2 * size).map(|i| i as f64 - 3.0).collect();
            let mut both: Vec<Vec<f64>> =
                (0..2).map(|column| (0..size).map(|i| columns[2 * i + column]).collect()).collect();
            own.solve(&mut columns, 2);
            for (column, twin_column) in both.iter_mut().enumerate() {
                twin.solve(twin_column);
                (0..size).for_each(|i| assert!((columns[2 * i + column] - twin_column[i]).abs() < 1e-12));
            }
            // Eleven columns, so that tiles of every size are used, with nothing above the middle row.
            let first = size / 2;
            let value = |i: usize, column: usize| if i < first { 0.0 } else { (i * 11 + column) as f64 / 7.0 - 3.0 };
            let mut many: Vec<f64> = (0..11 * size).map(|at| value(at / 11, at % 11)).collect();
            own.solve_from(&mut many, 11, first);
            for column in 0..11 {
                let mut twin_column: Vec<f64> = (0..size).map(|i| value(i, column)).collect();
                twin.solve(&mut twin_column);
                (first..size).for_each(|i| assert!((many[11 * i + column] - twin_column[i]).abs() < 1e-12));
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_has_no_factor() {
        let mut band = Band::new(2, 1);
        band.add(0, 0, 1.0);
        band.add(1, 0, 2.0);
        band.add(1, 1, 1.0);
        assert_eq!(band.factor(), Err(NotPositive));
    }
}
