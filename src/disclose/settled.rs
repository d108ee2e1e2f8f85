//! What was let through before, as bytes: figures and comparisons of one collection and period, for a run that meets the same answers under the same
//! rules.
//!
//! As confidential as the answers: nothing is at the precision of the policy yet. Whoever opens it vouches that it was made from the same.

use serde::{Deserialize, Serialize};

use super::{Comparison, Comparisons, Figure, Judgement, Publishable};

/// Figures and comparisons of one collection and period, as disclosure control let them through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    figures: Vec<Figure>,
    comparisons: Vec<Comparison>,
}

impl Settled {
    /// Those of a collection and period, as indexes into the catalogue.
    #[must_use]
    pub fn of(figures: &Publishable, comparisons: &[Comparisons], (collection, period): (u32, u32)) -> Self {
        let own = |figure: &&Figure| (figure.collection, figure.period) == (collection, period);
        let compared = |row: &&Comparison| (row.key.figure.collection, row.key.figure.period) == (collection, period);
        Self {
            figures: figures.figures().filter(own).cloned().collect(),
            comparisons: comparisons.iter().flat_map(Comparisons::rows).filter(compared).cloned().collect(),
        }
    }

    /// What they were; `None` for `rules` gives no comparisons.
    #[must_use]
    pub fn open(self, rules: Option<&Judgement>) -> (Publishable, Comparisons) {
        let comparisons = rules.map(|rules| Comparisons::of(self.comparisons, rules)).unwrap_or_default();
        (Publishable::from_figures(self.figures), comparisons)
    }
}
