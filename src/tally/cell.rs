//! Sums of one cell.

use crate::stats::fixed::{
    ROUNDING, SQUARE_BITS, W2Y_BITS, WEIGHT_BITS, WY_BITS, above_rounding, from_fixed, to_fixed,
};

/// Exact sums over the answers to a 0/1 indicator. Index 0 is no, 1 is yes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ShareCell {
    /// Σw, scale 2^-60.
    pub w: [i128; 2],
    /// Σw², scale 2^-64.
    pub w2: [i128; 2],
    /// The two largest weights, largest first.
    pub top: [f64; 2],
    /// Answers.
    pub n: [u32; 2],
    /// Of the answers, those with weight 0: they count in n, and neither in degrees of freedom nor for the floor.
    pub weightless: [u32; 2],
    /// Unknown.
    pub unknown: u32,
    /// Not applicable.
    pub not_applicable: u32,
}

/// Exact sums over the values of a numeric indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanCell {
    /// Σw, scale 2^-60.
    pub w: i128,
    /// Σw², scale 2^-64.
    pub w2: i128,
    /// Σwy, scale 2^-80, y divided by 2^exponent of the table.
    pub wy: i128,
    /// Σwy², scale 2^-80.
    pub wyy: i128,
    /// Σw²y, scale 2^-64.
    pub w2y: i128,
    /// Σw²y², scale 2^-64.
    pub w2yy: i128,
    /// The two largest weights, largest first.
    pub top: [f64; 2],
    /// Valid values.
    pub n: u32,
    /// Of them with weight 0.
    pub weightless: u32,
    /// Unknown.
    pub unknown: u32,
}

/// Keeps the two largest of a pair and a new weight.
fn keep_top(top: &mut [f64; 2], weight: f64) {
    if weight > top[1] {
        if weight > top[0] {
            *top = [weight, top[0]];
        } else {
            top[1] = weight;
        }
    }
}

impl ShareCell {
    /// Adds a valid answer: `yes` is 0 or 1; `w` and `w2` are the weight and its square in fixed point.
    pub fn answer(&mut self, yes: usize, weight: f64, w: i128, w2: i128) {
        self.n[yes] += 1;
        self.w[yes] += w;
        self.w2[yes] += w2;
        self.weightless[yes] += u32::from(weight == 0.0);
        keep_top(&mut self.top, weight);
    }

    /// Adds a cell over other rows. What could overflow has been refused before ([`super::Moments::merge`]).
    pub fn add(&mut self, other: &Self) {
        for yes in 0..2 {
            self.w[yes] += other.w[yes];
            self.w2[yes] += other.w2[yes];
            self.n[yes] += other.n[yes];
            self.weightless[yes] += other.weightless[yes];
        }
        other.top.iter().for_each(|weight| keep_top(&mut self.top, *weight));
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }
}

impl MeanCell {
    /// Adds a valid value, divided by 2^exponent of the table so that it lies in [-1, 1].
    pub fn value(&mut self, y: f64, weight: f64, w: i128, w2: i128) {
        let (wy, w2y) = (weight * y, weight * weight * y);
        self.n += 1;
        self.w += w;
        self.w2 += w2;
        self.wy += to_fixed(wy, WY_BITS);
        self.wyy += to_fixed(wy * y, WY_BITS);
        self.w2y += to_fixed(w2y, W2Y_BITS);
        self.w2yy += to_fixed(w2y * y, W2Y_BITS);
        self.weightless += u32::from(weight == 0.0);
        keep_top(&mut self.top, weight);
    }

    /// Adds a cell over other rows, of the same exponent. What could overflow has been refused before ([`super::Moments::merge`]).
    pub fn add(&mut self, other: &Self) {
        self.w += other.w;
        self.w2 += other.w2;
        self.wy += other.wy;
        self.wyy += other.wyy;
        self.w2y += other.w2y;
        self.w2yy += other.w2yy;
        other.top.iter().for_each(|weight| keep_top(&mut self.top, *weight));
        self.n += other.n;
        self.weightless += other.weightless;
        self.unknown += other.unknown;
    }
}

/// Sums of any number of cells, in one shape for both kinds of indicator. Added exactly; read as doubles at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CellSums {
    share: bool,
    /// 2^exponent of the table: what values were divided by.
    unit: f64,
    /// Valid answers.
    pub n: u64,
    /// Of them yes; 0 for numeric indicators.
    pub n_yes: u64,
    /// Valid answers with weight 0.
    pub weightless: u64,
    /// Of them yes.
    pub weightless_yes: u64,
    /// Unknown.
    pub unknown: u64,
    /// Not applicable.
    pub not_applicable: u64,
    /// The two largest weights of valid answers.
    pub top: [f64; 2],
    w: i128,
    w2: i128,
    wy: i128,
    wyy: i128,
    w2y: i128,
    w2yy: i128,
}

impl CellSums {
    /// Nothing yet, of a 0/1 indicator, or of a numeric one whose values were divided by 2^`exponent`.
    #[must_use]
    pub fn empty(numeric: bool, exponent: i32) -> Self {
        Self { share: !numeric, unit: f64::from(exponent).exp2(), ..Self::default() }
    }

    /// Adds a cell of a 0/1 indicator.
    pub fn add_share(&mut self, cell: &ShareCell) {
        self.n += u64::from(cell.n[0]) + u64::from(cell.n[1]);
        self.n_yes += u64::from(cell.n[1]);
        self.weightless += u64::from(cell.weightless[0]) + u64::from(cell.weightless[1]);
        self.weightless_yes += u64::from(cell.weightless[1]);
        self.unknown += u64::from(cell.unknown);
        self.not_applicable += u64::from(cell.not_applicable);
        // For y in {0, 1} every power of y is y: w0 and w1 say all.
        self.w += cell.w[0];
        self.wy += cell.w[1];
        self.w2 += cell.w2[0];
        self.w2y += cell.w2[1];
        cell.top.iter().for_each(|weight| keep_top(&mut self.top, *weight));
    }

    /// Adds a cell of a numeric indicator.
    pub fn add_mean(&mut self, cell: &MeanCell) {
        self.n += u64::from(cell.n);
        self.weightless += u64::from(cell.weightless);
        self.unknown += u64::from(cell.unknown);
        self.w += cell.w;
        self.wy += cell.wy;
        self.wyy += cell.wyy;
        self.w2 += cell.w2;
        self.w2y += cell.w2y;
        self.w2yy += cell.w2yy;
        cell.top.iter().for_each(|weight| keep_top(&mut self.top, *weight));
    }

    /// Adds sums of the same kind of indicator.
    pub fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.n_yes += other.n_yes;
        self.weightless += other.weightless;
        self.weightless_yes += other.weightless_yes;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
        self.w += other.w;
        self.wy += other.wy;
        self.wyy += other.wyy;
        self.w2 += other.w2;
        self.w2y += other.w2y;
        self.w2yy += other.w2yy;
        other.top.iter().for_each(|weight| keep_top(&mut self.top, *weight));
    }

    /// Takes sums of a part out of the sums of the whole; exact, because they are integers.
    ///
    /// The two largest weights stay those of the whole: they bound those of what remains.
    pub fn subtract(&mut self, part: &Self) {
        self.n = self.n.saturating_sub(part.n);
        self.n_yes = self.n_yes.saturating_sub(part.n_yes);
        self.weightless = self.weightless.saturating_sub(part.weightless);
        self.weightless_yes = self.weightless_yes.saturating_sub(part.weightless_yes);
        self.unknown = self.unknown.saturating_sub(part.unknown);
        self.not_applicable = self.not_applicable.saturating_sub(part.not_applicable);
        self.w -= part.w;
        self.wy -= part.wy;
        self.wyy -= part.wyy;
        self.w2 -= part.w2;
        self.w2y -= part.w2y;
        self.w2yy -= part.w2yy;
    }

    /// Of a 0/1 indicator: Σw and Σw² of the answers no and of the answers yes.
    #[must_use]
    pub fn answers(&self) -> [(f64, f64); 2] {
        let pair = |w, w2| (from_fixed(w, WEIGHT_BITS), from_fixed(w2, SQUARE_BITS));
        [pair(self.w, self.w2), pair(self.wy, self.w2y)]
    }

    /// Whether the sums are of a 0/1 indicator.
    #[must_use]
    pub const fn is_share(&self) -> bool {
        self.share
    }

    /// Σw over valid answers.
    #[must_use]
    pub fn weight(&self) -> f64 {
        from_fixed(if self.share { self.w + self.wy } else { self.w }, WEIGHT_BITS)
    }

    /// Σwy.
    #[must_use]
    pub fn weight_y(&self) -> f64 {
        if self.share { from_fixed(self.wy, WEIGHT_BITS) } else { from_fixed(self.wy, WY_BITS) * self.unit }
    }

    /// Σw².
    #[must_use]
    pub fn square(&self) -> f64 {
        from_fixed(if self.share { self.w2 + self.w2y } else { self.w2 }, SQUARE_BITS)
    }

    /// Σ w(y − p)².
    #[must_use]
    pub fn weighted_spread(&self, p: f64) -> f64 {
        if self.share {
            let (no, yes) = (from_fixed(self.w, WEIGHT_BITS), from_fixed(self.wy, WEIGHT_BITS));
            return no * p * p + yes * (1.0 - p) * (1.0 - p);
        }
        let (wyy, wy) = (from_fixed(self.wyy, WY_BITS), from_fixed(self.wy, WY_BITS));
        self.around(wyy, wy, from_fixed(self.w, WEIGHT_BITS), p, WY_BITS)
    }

    /// Σ w(y − p).
    #[must_use]
    pub fn total_around(&self, p: f64) -> f64 {
        if self.share {
            return from_fixed(self.wy, WEIGHT_BITS) * (1.0 - p) - from_fixed(self.w, WEIGHT_BITS) * p;
        }
        self.weight_y() - p * self.weight()
    }

    /// Σ w²(y − p)².
    #[must_use]
    pub fn squares_around(&self, p: f64) -> f64 {
        if self.share {
            let (no, yes) = (from_fixed(self.w2, SQUARE_BITS), from_fixed(self.w2y, SQUARE_BITS));
            return no * p * p + yes * (1.0 - p) * (1.0 - p);
        }
        let (w2yy, w2y) = (from_fixed(self.w2yy, W2Y_BITS), from_fixed(self.w2y, W2Y_BITS));
        self.around(w2yy, w2y, from_fixed(self.w2, SQUARE_BITS), p, W2Y_BITS)
    }

    /// Σ w²(y − p)(y − q): what the linearised values of two overlapping domains have in common.
    #[must_use]
    pub fn cross_around(&self, p: f64, q: f64) -> f64 {
        if self.share {
            let (no, yes) = (from_fixed(self.w2, SQUARE_BITS), from_fixed(self.w2y, SQUARE_BITS));
            return no * p * q + yes * (1.0 - p) * (1.0 - q);
        }
        let (w2yy, w2y) = (from_fixed(self.w2yy, W2Y_BITS), from_fixed(self.w2y, W2Y_BITS));
        let (p, q) = (p / self.unit, q / self.unit);
        (w2yy - (p + q) * w2y + p * q * from_fixed(self.w2, SQUARE_BITS)) * self.unit * self.unit
    }

    /// Σ v(y − p)² from Σ vy², Σ vy and Σ v, where v is w or w², y as it was summed and p on the scale of the score. Equal values give exactly 0, and never less.
    ///
    /// The terms can be far larger than their difference; `bits` is the scale of Σ vy², the coarsest of the three.
    fn around(&self, vyy: f64, vy: f64, v: f64, p: f64, bits: u32) -> f64 {
        let steps = self.n as f64 * (-f64::from(bits)).exp2();
        let p = p / self.unit;
        let squares = above_rounding(vyy - 2.0 * p * vy + p * p * v, ROUNDING * (vyy + p * p * v) + steps);
        squares * self.unit * self.unit
    }

    /// Whether anybody gave a valid answer with a weight above zero.
    #[must_use]
    pub const fn counts_for_df(&self) -> bool {
        self.n > self.weightless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_and_the_mean_of_the_same_zeros_and_ones_have_the_same_sums() {
        let rows = [(1.5, 1), (0.25, 0), (2.0, 1), (0.0, 0), (7.125, 0)];
        let (mut share, mut mean) = (ShareCell::default(), MeanCell::default());
        for (weight, y) in rows {
            let (w, w2) = (to_fixed(weight, WEIGHT_BITS), to_fixed(weight * weight, SQUARE_BITS));
            share.answer(y, weight, w, w2);
            mean.value(y as f64, weight, w, w2);
        }
        let (mut a, mut b) = (CellSums::empty(false, 0), CellSums::empty(true, 0));
        a.add_share(&share);
        b.add_mean(&mean);
        assert_eq!((a.n, a.n_yes, a.weightless, a.top), (5, 2, 1, [7.125, 2.0]));
        assert_eq!((b.n, b.weightless, b.top), (5, 1, [7.125, 2.0]));
        let p = a.weight_y() / a.weight();
        for (x, y) in [
            (a.weight(), b.weight()),
            (a.weight_y(), b.weight_y()),
            (a.square(), b.square()),
            (a.weighted_spread(p), b.weighted_spread(p)),
            (a.squares_around(p), b.squares_around(p)),
        ] {
            assert!((x - y).abs() < 1e-12 * x.abs().max(1.0), "{x} {y}");
        }
    }
}
