//! Files of one published table → one table: slices beside each other, limits in another file than their values.

use std::collections::HashMap;

use super::cell::CellValue;
use super::published::PublishedOutcome;

/// Two files that say something about one figure. Which, and how many figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{figures} figures stand in an earlier file too")]
pub struct SaidTwice {
    /// Index of the later file.
    pub file: usize,
    /// Number of cells that both fill.
    pub figures: u64,
}

/// Joins what the files of a source gave. A cell that one file leaves empty is taken from another.
///
/// # Errors
/// [`SaidTwice`] where two files fill one cell: which of them is right is not for a program to guess.
pub fn join(outcomes: Vec<PublishedOutcome>) -> Result<PublishedOutcome, SaidTwice> {
    let mut joined = PublishedOutcome::default();
    let mut at = HashMap::new();
    for (file, outcome) in outcomes.into_iter().enumerate() {
        joined.rows += outcome.rows;
        joined.other_levels += outcome.other_levels;
        joined.other_measures += outcome.other_measures;
        let mut twice = 0;
        for figure in outcome.figures {
            let key = (figure.region.clone(), figure.period.clone(), figure.category.clone());
            let Some(&known) = at.get(&key) else {
                at.insert(key, joined.figures.len());
                joined.figures.push(figure);
                continue;
            };
            let known = &mut joined.figures[known];
            known.provisional |= figure.provisional;
            for (into, from) in known.cells.iter_mut().zip(figure.cells) {
                let Some(from) = from else { continue };
                for (into, from) in into.get_or_insert_default().iter_mut().zip(from) {
                    match (*into, from) {
                        (_, CellValue::Empty) => {}
                        (CellValue::Empty, said) => *into = said,
                        _ => twice += 1,
                    }
                }
            }
        }
        if twice > 0 {
            return Err(SaidTwice { file, figures: twice });
        }
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::PublishedRow;
    use crate::vocab::{Period, RegionCode};

    fn file(region: &str, cells: [CellValue; 3]) -> PublishedOutcome {
        let figures = vec![PublishedRow {
            region: RegionCode::parse(region).unwrap(),
            period: Period::of_year(2022),
            category: ("total".into(), "total".into()),
            provisional: false,
            cells: vec![Some(cells)],
        }];
        PublishedOutcome { rows: 1, figures, ..PublishedOutcome::default() }
    }

    #[test]
    fn limits_of_another_file_come_to_their_value() {
        let (n, empty) = (CellValue::Number, CellValue::Empty);
        let joined = join(vec![
            file("GM0014", [n(0.5), empty, empty]),
            file("GM0034", [n(0.6), empty, empty]),
            file("GM0014", [empty, n(0.4), n(0.6)]),
        ])
        .unwrap();
        assert_eq!((joined.rows, joined.figures.len()), (3, 2));
        assert_eq!(joined.figures[0].cells[0], Some([n(0.5), n(0.4), n(0.6)]));
    }

    #[test]
    fn a_figure_in_two_files_is_no_ones_to_choose() {
        let one = file("GM0014", [CellValue::Number(0.5), CellValue::Empty, CellValue::Empty]);
        assert_eq!(join(vec![one.clone(), one]), Err(SaidTwice { file: 1, figures: 1 }));
    }
}
