//! Answers of areas and weighted shares of wider regions: what a model of cells is held against.

/// Answers of an area, for what is not modelled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AreaAnswers {
    /// Answers no and yes.
    pub n: [u64; 2],
    /// Their weights.
    pub w: [f64; 2],
    /// Their squared weights.
    pub w2: [f64; 2],
}

impl AreaAnswers {
    /// Answers of both.
    pub fn add(&mut self, other: &Self) {
        for at in 0..2 {
            self.n[at] += other.n[at];
            self.w[at] += other.w[at];
            self.w2[at] += other.w2[at];
        }
    }

    /// Number of answers.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.n[0] + self.n[1]
    }

    /// Weighted share with its variance on Kish's effective number of answers, p (1 − p) Σw² / (Σw)², which knows no strata and no finite population; `None` where nobody or everybody said yes, or
    /// nobody answered.
    #[must_use]
    pub fn weighted_share(&self) -> Option<DirectShare> {
        let (total, squares) = (self.w[0] + self.w[1], self.w2[0] + self.w2[1]);
        let share = self.w[1] / total;
        DirectShare::new(share, share * (1.0 - share) * squares / (total * total), false)
    }
}

/// A weighted share with its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirectShare {
    /// The share, above 0 and below 1.
    pub value: f64,
    /// Its variance, 0 where everybody was asked.
    pub variance: f64,
    /// Whether the variance is that of the design; Kish's otherwise.
    pub by_design: bool,
}

impl DirectShare {
    /// `None` for a share of 0 or 1, whose estimated variance of 0 says nothing, and for what is no number.
    #[must_use]
    pub fn new(value: f64, variance: f64, by_design: bool) -> Option<Self> {
        (value > 0.0 && value < 1.0 && variance >= 0.0).then_some(Self { value, variance, by_design })
    }
}
