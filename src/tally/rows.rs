//! The hot loop: the rows of a block into the cells of a table.

use super::Breakdown;
use super::cell::{MeanCell, ShareCell};
use crate::derive::{Scored, UNKNOWN_CATEGORY, answer};
use crate::stats::fixed::{SQUARE_BITS, WEIGHT_BITS, to_fixed};

/// Unit of a row that is outside the weight set.
pub(super) const OUTSIDE: u32 = u32::MAX;
/// Category of a row whose category is unknown.
pub(super) const NO_CATEGORY: u16 = u16::MAX;

/// A weight set of a block, ready for the loop.
pub(super) struct WeightedBlock {
    pub(super) weight: Vec<f64>,
    pub(super) w: Vec<i128>,
    pub(super) w2: Vec<i128>,
    pub(super) stratum: Vec<u32>,
    pub(super) cluster: Vec<u32>,
}

impl WeightedBlock {
    /// Weights and their squares in fixed point, once per row.
    pub(super) fn fix(&mut self) {
        let known = |weight: &f64| if weight.is_nan() { 0.0 } else { *weight };
        self.w = self.weight.iter().map(|weight| to_fixed(known(weight), WEIGHT_BITS)).collect();
        self.w2 = self.weight.iter().map(|weight| to_fixed(known(weight) * known(weight), SQUARE_BITS)).collect();
    }
}

/// The rows of a block as one table sees them.
pub(super) struct Rows<'b> {
    pub(super) units: &'b [u32],
    pub(super) categories: &'b [u16],
    pub(super) size: usize,
    pub(super) weights: &'b WeightedBlock,
}

impl Rows<'_> {
    /// Index of the cell of a row; `None` where the row is outside the weight set or its category is unknown.
    fn cell(&self, row: usize) -> Option<usize> {
        let unit = self.units[row];
        if unit == OUTSIDE {
            return None;
        }
        if self.categories.is_empty() {
            return Some(unit as usize);
        }
        let category = self.categories[row];
        (category != NO_CATEGORY).then(|| unit as usize * self.size + usize::from(category))
    }

    pub(super) fn shares(&self, cells: &mut [ShareCell], answers: &[u8]) {
        let WeightedBlock { weight, w, w2, .. } = self.weights;
        for row in 0..self.units.len() {
            let Some(index) = self.cell(row) else { continue };
            let cell = &mut cells[index];
            match answers[row] {
                yes @ (answer::NO | answer::YES) => cell.answer(usize::from(yes), weight[row], w[row], w2[row]),
                answer::NOT_APPLICABLE => cell.not_applicable += 1,
                _ => cell.unknown += 1,
            }
        }
    }

    pub(super) fn means(&self, cells: &mut [MeanCell], values: &[f64], exponent: i32) {
        let scale = (-f64::from(exponent)).exp2();
        let WeightedBlock { weight, w, w2, .. } = self.weights;
        for row in 0..self.units.len() {
            let Some(index) = self.cell(row) else { continue };
            let cell = &mut cells[index];
            let value = values[row];
            if value.is_nan() {
                cell.unknown += 1;
            } else {
                cell.value(value * scale, weight[row], w[row], w2[row]);
            }
        }
    }
}

/// Category of each row in a breakdown; empty for the total. In a crossing the last dimension runs fastest.
pub(super) fn block_categories(breakdown: &Breakdown, block: &Scored) -> Vec<u16> {
    if breakdown.dimensions.is_empty() {
        return Vec::new();
    }
    (0..block.rows)
        .map(|row| {
            let mut index = 0;
            for (dimension, size) in breakdown.dimensions.iter().zip(&breakdown.sizes) {
                let category = block.categories[*dimension][row];
                if category == UNKNOWN_CATEGORY {
                    return NO_CATEGORY;
                }
                index = index * size + usize::from(category);
            }
            u16::try_from(index).unwrap_or(NO_CATEGORY)
        })
        .collect()
}
