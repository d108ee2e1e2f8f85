//! Dense Cholesky factor of a symmetric positive definite matrix: A = L L'.

use super::{NotPositive, product};

/// The lower factor, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseCholesky {
    size: usize,
    lower: Vec<f64>,
}

impl DenseCholesky {
    /// Factor of the lower triangle of `matrix`, `size` × `size`, row by row.
    ///
    /// # Errors
    /// [`NotPositive`] where a pivot is not positive.
    pub fn new(matrix: &[f64], size: usize) -> Result<Self, NotPositive> {
        let mut lower = matrix.to_vec();
        for i in 0..size {
            let (done, rest) = lower.split_at_mut(i * size);
            let row = &mut rest[..size];
            for j in 0..i {
                let other = &done[j * size..j * size + j + 1];
                let sum = product(&row[..j], other);
                row[j] = (row[j] - sum) / other[j];
            }
            let pivot = row[i] - product(&row[..i], &row[..i]);
            if pivot.is_nan() || pivot <= 0.0 {
                return Err(NotPositive);
            }
            row[i] = pivot.sqrt();
            row[i + 1..].fill(0.0);
        }
        Ok(Self { size, lower })
    }

    /// log det A.
    #[must_use]
    pub fn log_det(&self) -> f64 {
        2.0 * (0..self.size).map(|i| self.lower[i * self.size + i].ln()).sum::<f64>()
    }

    /// x with A x = b, in place of b.
    pub fn solve(&self, b: &mut [f64]) {
        let n = self.size;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i + 1];
            let sum = product(&row[..i], b);
            b[i] = (b[i] - sum) / row[i];
        }
        self.solve_upper(b);
    }

    /// x with L' x = b, in place of b; for b of independent standard normals x has variance A⁻¹.
    pub fn solve_upper(&self, b: &mut [f64]) {
        let n = self.size;
        for i in (0..n).rev() {
            let row = &self.lower[i * n..i * n + i + 1];
            b[i] /= row[i];
            let x = b[i];
            for (value, l) in b[..i].iter_mut().zip(row) {
                *value -= l * x;
            }
        }
    }

    /// A⁻¹, row by row.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.size;
        let mut inverse = vec![0.0; n * n];
        for (i, column) in inverse.chunks_exact_mut(n).enumerate() {
            column[i] = 1.0;
            self.solve(column);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_worked_by_hand() {
        // [[4, 2], [2, 5]] = [[2, 0], [1, 2]] [[2, 1], [0, 2]]; determinant 16; inverse [[5, -2], [-2, 4]] / 16.
        let factor = DenseCholesky::new(&[4.0, 0.0, 2.0, 5.0], 2).expect("positive");
        assert_eq!(factor.lower, [2.0, 0.0, 1.0, 2.0]);
        assert!((factor.log_det() - 16_f64.ln()).abs() < 1e-14);
        for (own, hand) in factor.inverse().iter().zip([5.0, -2.0, -2.0, 4.0]) {
            assert!((own - hand / 16.0).abs() < 1e-15);
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_has_no_factor() {
        assert_eq!(DenseCholesky::new(&[1.0, 0.0, 2.0, 1.0], 2), Err(NotPositive));
        assert_eq!(DenseCholesky::new(&[f64::NAN], 1), Err(NotPositive));
    }
}
