//! A small linear program: the least and the most that one count can be.

use super::system::Range;

/// Why a program has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// No point obeys all rows.
    #[error("no point obeys all equations")]
    Infeasible,
    /// Too many pivots: a number went astray.
    #[error("the simplex method did not end")]
    Endless,
}

/// Primal simplex method for variables in boxes, on a dense tableau (Chvátal, *Linear Programming* (1983), chapter 8).
///
/// Made for some hundreds of columns with coefficients near ±1. Once a feasible basis stands, every further minimum or maximum starts
/// from the last one.
#[derive(Clone, Debug)]
pub struct Program {
    columns: usize,
    boxes: Vec<Range>,
    /// B⁻¹A by row, without the columns of artificial variables.
    tableau: Vec<f64>,
    /// The variable of each row; an artificial one has a number from `columns` on.
    basis: Vec<usize>,
    /// Its value.
    values: Vec<f64>,
    /// Bounds of the artificial variables by row of origin.
    artificial: Vec<Range>,
    /// Row of a basic variable.
    row: Vec<Option<usize>>,
    /// Whether a variable outside the basis stands at its upper bound.
    at_upper: Vec<bool>,
}

/// Below this a number of the tableau is zero.
const ZERO: f64 = 1e-9;
/// What the artificial variables may leave over, in persons.
const LEFT: f64 = 1e-3;
/// Steps without progress after which the smallest number decides (Bland), which cannot cycle.
const STALLED: usize = 30;

impl Program {
    /// Rows Σ a·x = b over columns in boxes, brought to a first feasible basis. Every box has a finite bound.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub fn new(boxes: Vec<Range>, rows: &[(Vec<(usize, f64)>, f64)]) -> Result<Self, ProgramError> {
        let columns = boxes.len();
        let at_upper: Vec<bool> = boxes.iter().map(|own| !own.lower.is_finite()).collect();
        let mut program = Self {
            columns,
            tableau: vec![0.0; rows.len() * columns],
            basis: (columns..columns + rows.len()).collect(),
            values: Vec::with_capacity(rows.len()),
            artificial: vec![Range { lower: 0.0, upper: f64::INFINITY }; rows.len()],
            row: vec![None; columns],
            at_upper,
            boxes,
        };
        for (at, (terms, right)) in rows.iter().enumerate() {
            let left: f64 = right - terms.iter().map(|(column, factor)| factor * program.resting(*column)).sum::<f64>();
            let sign = if left < 0.0 { -1.0 } else { 1.0 };
            program.values.push(left.abs());
            for (column, factor) in terms {
                program.tableau[at * columns + column] = sign * factor;
            }
        }
        program.start()?;
        Ok(program)
    }

    /// Least and most of a column, and by how much each column differs between the two points: no column is bounded more narrowly.
    ///
    /// # Errors
    /// [`ProgramError::Endless`].
    pub fn range(&mut self, column: usize) -> Result<(Range, Vec<f64>), ProgramError> {
        let lower = self.extreme(column, -1.0)?;
        let mut apart: Vec<f64> = (0..self.columns).map(|own| self.value(own)).collect();
        let upper = self.extreme(column, 1.0)?;
        apart.iter_mut().enumerate().for_each(|(own, value)| *value = (self.value(own) - *value).abs());
        Ok((Range { lower, upper }, apart))
    }

    /// Where a variable outside the basis stands.
    fn resting(&self, column: usize) -> f64 {
        if self.at_upper[column] { self.boxes[column].upper } else { self.boxes[column].lower }
    }

    fn value(&self, column: usize) -> f64 {
        self.row[column].map_or_else(|| self.resting(column), |row| self.values[row])
    }

    /// The box of the variable of a row.
    fn basic_box(&self, row: usize) -> Range {
        let variable = self.basis[row];
        if variable < self.columns { self.boxes[variable] } else { self.artificial[variable - self.columns] }
    }

    /// First phase: the artificial variables go to zero.
    fn start(&mut self) -> Result<(), ProgramError> {
        let mut gains = vec![0.0; self.columns];
        self.climb(|program| {
            gains.fill(0.0);
            let mut left = 0.0;
            for row in (0..program.basis.len()).filter(|row| program.basis[*row] >= program.columns) {
                left += program.values[row];
                let own = &program.tableau[row * program.columns..(row + 1) * program.columns];
                gains.iter_mut().zip(own).for_each(|(gain, factor)| *gain += factor);
            }
            (left > ZERO).then(|| gains.clone())
        })?;
        let mut left = 0.0;
        for row in 0..self.basis.len() {
            if self.basis[row] >= self.columns {
                left += self.values[row];
                // What is left over by rounding stays as it is.
                let own = self.basis[row] - self.columns;
                self.artificial[own] = Range::exactly(self.values[row]);
            }
        }
        for own in self.artificial.iter_mut().filter(|own| own.upper.is_infinite()) {
            *own = Range::exactly(0.0);
        }
        if left > LEFT { Err(ProgramError::Infeasible) } else { Ok(()) }
    }

    fn extreme(&mut self, column: usize, sign: f64) -> Result<f64, ProgramError> {
        let open = if sign > 0.0 { self.boxes[column].upper } else { self.boxes[column].lower };
        if self.boxes[column].width() <= 0.0 {
            return Ok(open);
        }
        let unbounded = self.climb(|program| {
            let mut gains = vec![0.0; program.columns];
            match program.row[column] {
                None => gains[column] = sign,
                Some(row) => {
                    let own = &program.tableau[row * program.columns..(row + 1) * program.columns];
                    gains.iter_mut().zip(own).for_each(|(gain, factor)| *gain = -sign * factor);
                }
            }
            Some(gains)
        })?;
        Ok(if unbounded { sign * f64::INFINITY } else { self.value(column) })
    }

    /// Steps along the column of greatest gain until none is left; true where a step has no end.
    fn climb(&mut self, mut gains: impl FnMut(&Self) -> Option<Vec<f64>>) -> Result<bool, ProgramError> {
        let mut stalled = 0;
        for _ in 0..50 * (self.columns + self.basis.len()) + 1000 {
            let Some(gains) = gains(self) else { return Ok(false) };
            let improving = (0..self.columns).filter(|column| {
                let ready = self.row[*column].is_none() && self.boxes[*column].width() > 0.0;
                ready && if self.at_upper[*column] { gains[*column] < -ZERO } else { gains[*column] > ZERO }
            });
            let entering = if stalled > STALLED {
                improving.min()
            } else {
                improving.max_by(|a, b| gains[*a].abs().total_cmp(&gains[*b].abs()).then(b.cmp(a)))
            };
            let Some(column) = entering else { return Ok(false) };
            match self.step(column, stalled > STALLED) {
                None => return Ok(true),
                Some(length) if length > ZERO => stalled = 0,
                Some(_) => stalled += 1,
            }
        }
        Err(ProgramError::Endless)
    }

    /// Moves a variable into its box until it or a basic one meets a bound; the length of the step, `None` where nothing stops it.
    fn step(&mut self, column: usize, bland: bool) -> Option<f64> {
        let forward = if self.at_upper[column] { -1.0 } else { 1.0 };
        let mut length = self.boxes[column].width();
        let mut leaving: Option<(usize, bool)> = None;
        let mut size = 0.0;
        for row in 0..self.basis.len() {
            let factor = self.tableau[row * self.columns + column];
            let rate = -factor * forward;
            if rate.abs() <= ZERO {
                continue;
            }
            let own = self.basic_box(row);
            let room = if rate < 0.0 { self.values[row] - own.lower } else { own.upper - self.values[row] };
            let reach = room.max(0.0) / rate.abs();
            let tie = (reach - length).abs() <= 1e-12 && leaving.is_some();
            let first = if bland {
                tie && leaving.is_some_and(|(old, _)| self.basis[row] < self.basis[old])
            } else {
                tie && factor.abs() > size
            };
            if reach < length - 1e-12 || first {
                length = length.min(reach);
                leaving = Some((row, rate > 0.0));
                size = factor.abs();
            }
        }
        if length.is_infinite() {
            return None;
        }
        for row in 0..self.basis.len() {
            self.values[row] -= self.tableau[row * self.columns + column] * forward * length;
        }
        match leaving {
            None => self.at_upper[column] = !self.at_upper[column],
            Some((row, at_upper)) => {
                let entered = self.resting(column) + forward * length;
                self.pivot(row, column);
                self.values[row] = entered;
                let left = self.basis[row];
                if left < self.columns {
                    self.row[left] = None;
                    self.at_upper[left] = at_upper;
                }
                self.basis[row] = column;
                self.row[column] = Some(row);
            }
        }
        Some(length)
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let columns = self.columns;
        let by = self.tableau[row * columns + column];
        let mut pivot = self.tableau[row * columns..(row + 1) * columns].to_vec();
        pivot.iter_mut().for_each(|own| *own /= by);
        let filled: Vec<usize> = (0..columns).filter(|at| pivot[*at].abs() > 1e-13).collect();
        for other in 0..self.basis.len() {
            let factor = self.tableau[other * columns + column];
            if other == row || factor.abs() <= 1e-13 {
                continue;
            }
            let own = &mut self.tableau[other * columns..(other + 1) * columns];
            filled.iter().for_each(|at| own[*at] -= factor * pivot[*at]);
            own[column] = 0.0;
        }
        self.tableau[row * columns..(row + 1) * columns].copy_from_slice(&pivot);
    }
}
