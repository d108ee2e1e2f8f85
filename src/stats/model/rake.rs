//! Crossed population cells from margins: iterative proportional fitting (raking).

/// Why margins cannot be raked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RakeFault {
    /// A group of a margin has persons, and the crossing it starts from has nobody there.
    #[error("the crossing has nobody in a group that a margin has persons in")]
    NobodyInGroup,
    /// The steps did not settle: margins that contradict each other.
    #[error("the margins do not fit together")]
    NotSettled,
}

/// A margin: the group of each cell, and the persons of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    /// Group of each cell.
    pub group: Vec<usize>,
    /// Persons per group.
    pub persons: Vec<f64>,
}

/// Rounds of steps over the margins.
const ROUNDS: usize = 2_000;

/// Cells that have the given margins and the odds ratios of the `prior` crossing. Margins are scaled to the total of the first one: those of statistics are rounded, each for itself.
///
/// Each step multiplies the cells of every group by persons / sum, until no cell changes by more than 1e-10 of the total. Source: Deming and Stephan, *Annals of Mathematical Statistics* 11
/// (1940).
///
/// # Errors
/// [`RakeFault`].
pub fn rake(prior: &[f64], margins: &[Margin]) -> Result<Vec<f64>, RakeFault> {
    let mut cells = prior.to_vec();
    let Some(first) = margins.first() else { return Ok(cells) };
    let total: f64 = first.persons.iter().sum();
    if total <= 0.0 {
        return Ok(vec![0.0; cells.len()]);
    }
    for _ in 0..ROUNDS {
        let mut moved: f64 = 0.0;
        for margin in margins {
            let own: f64 = margin.persons.iter().sum();
            let mut sums = vec![0.0; margin.persons.len()];
            cells.iter().zip(&margin.group).for_each(|(cell, group)| sums[*group] += cell);
            for (at, cell) in cells.iter_mut().enumerate() {
                let group = margin.group[at];
                let target = margin.persons[group] * if own > 0.0 { total / own } else { 0.0 };
                let next = if sums[group] > 0.0 { *cell * target / sums[group] } else { 0.0 };
                moved = moved.max((next - *cell).abs());
                *cell = next;
            }
            if margin.persons.iter().zip(&sums).any(|(persons, sum)| *persons > 0.0 && *sum <= 0.0) {
                return Err(RakeFault::NobodyInGroup);
            }
        }
        if moved <= 1e-10 * total {
            return Ok(cells);
        }
    }
    Err(RakeFault::NotSettled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(rows: [f64; 2], columns: [f64; 2]) -> [Margin; 2] {
        [
            Margin { group: vec![0, 0, 1, 1], persons: rows.to_vec() },
            Margin { group: vec![0, 1, 0, 1], persons: columns.to_vec() },
        ]
    }

    #[test]
    fn an_even_crossing_becomes_the_product_of_the_margins() {
        let cells = rake(&[1.0; 4], &two([30.0, 70.0], [40.0, 60.0])).expect("margins that fit");
        cells.iter().zip([12.0, 18.0, 28.0, 42.0]).for_each(|(own, hand)| assert!((own - hand).abs() < 1e-9));
    }

    #[test]
    fn odds_ratios_of_the_crossing_stay() {
        // Odds ratio 4; rows 50/50 and columns 50/50 give x² = 4 (50 − x)², x = 100/3.
        let cells = rake(&[4.0, 1.0, 1.0, 1.0], &two([50.0, 50.0], [50.0, 50.0])).expect("margins that fit");
        assert!((cells[0] - 100.0 / 3.0).abs() < 1e-8);
        assert!((cells[0] * cells[3] / (cells[1] * cells[2]) - 4.0).abs() < 1e-8);
    }

    #[test]
    fn margins_of_different_rounding_are_scaled_to_the_first() {
        let cells = rake(&[1.0; 4], &two([30.0, 70.0], [41.0, 60.0])).expect("margins that fit");
        assert!((cells.iter().sum::<f64>() - 100.0).abs() < 1e-8);
    }

    #[test]
    fn nobody_in_a_group_of_a_margin_is_said() {
        let margins = two([30.0, 70.0], [40.0, 60.0]);
        assert_eq!(rake(&[0.0, 0.0, 1.0, 1.0], &margins), Err(RakeFault::NobodyInGroup));
        assert_eq!(rake(&[1.0; 4], &two([0.0, 0.0], [1.0, 1.0])), Ok(vec![0.0; 4]));
    }
}
