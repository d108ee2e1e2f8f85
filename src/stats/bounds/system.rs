//! Boxes and equations.

/// What is known of a count: it lies in [lower, upper], both included; `upper` may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least that it can be.
    pub lower: f64,
    /// The most that it can be.
    pub upper: f64,
}

impl Range {
    /// A number that is known.
    #[must_use]
    pub const fn exactly(number: f64) -> Self {
        Self { lower: number, upper: number }
    }

    /// A count of which nothing is known.
    #[must_use]
    pub const fn any() -> Self {
        Self { lower: 0.0, upper: f64::INFINITY }
    }

    /// Length of the interval.
    #[must_use]
    pub fn width(self) -> f64 {
        self.upper - self.lower
    }

    /// What is left when both are known; empty ranges have `lower > upper`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { lower: self.lower.max(other.lower), upper: self.upper.min(other.upper) }
    }
}

/// Counts in boxes and equations between them, both ways round: the counts of an equation and the equations of a count.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Box of each count.
    pub ranges: Vec<Range>,
    starts: Vec<u32>,
    terms: Vec<(u32, f64)>,
    right: Vec<f64>,
    by_count: Vec<u32>,
    of_count: Vec<(u32, f64)>,
}

impl System {
    /// Adds a count and gives its number.
    pub fn count(&mut self, range: Range) -> u32 {
        self.ranges.push(range);
        (self.ranges.len() - 1) as u32
    }

    /// Adds the equation Σ a·x = `right` and gives its number. A count stands in it once; equations come after their counts.
    pub fn equation(&mut self, terms: impl IntoIterator<Item = (u32, f64)>, right: f64) -> u32 {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.terms.extend(terms);
        self.starts.push(self.terms.len() as u32);
        self.right.push(right);
        self.by_count.clear();
        (self.right.len() - 1) as u32
    }

    /// Number of equations.
    #[must_use]
    pub fn equations(&self) -> usize {
        self.right.len()
    }

    /// The terms of an equation: count and coefficient.
    #[must_use]
    pub fn terms(&self, equation: u32) -> &[(u32, f64)] {
        &self.terms[self.starts[equation as usize] as usize..self.starts[equation as usize + 1] as usize]
    }

    /// The right-hand side of an equation.
    #[must_use]
    pub fn right(&self, equation: u32) -> f64 {
        self.right[equation as usize]
    }

    /// Notes the equations of every count; to be called when all equations stand.
    pub fn index(&mut self) {
        let mut starts = vec![0_u32; self.ranges.len() + 1];
        for (count, _) in &self.terms {
            starts[*count as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut of_count = vec![(0, 0.0); self.terms.len()];
        for equation in 0..self.right.len() {
            for (count, factor) in &self.terms[self.starts[equation] as usize..self.starts[equation + 1] as usize] {
                of_count[next[*count as usize] as usize] = (equation as u32, *factor);
                next[*count as usize] += 1;
            }
        }
        self.by_count = starts;
        self.of_count = of_count;
    }

    /// The equations in which a count stands with its coefficient there, after [`System::index`].
    #[must_use]
    pub fn of(&self, count: u32) -> &[(u32, f64)] {
        &self.of_count[self.by_count[count as usize] as usize..self.by_count[count as usize + 1] as usize]
    }

    /// Whether a count can still move.
    #[must_use]
    pub fn is_open(&self, count: u32) -> bool {
        self.ranges[count as usize].width() > LEAST
    }

    /// How far an equation is off at a point.
    #[must_use]
    pub fn residual(&self, equation: u32, point: &[f64]) -> f64 {
        self.terms(equation).iter().map(|(count, factor)| factor * point[*count as usize]).sum::<f64>()
            - self.right(equation)
    }
}

/// A box that is not wider than this holds one number: counts are whole, rounding of doubles is far below.
pub(super) const LEAST: f64 = 1e-7;
