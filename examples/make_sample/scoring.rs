//! Scores and derived variables as the monitor delivers them, computed from the answers by the rules of the two instruments.
//!
//! Written apart from the project's own scoring on purpose: a difference between the two is a fault in one of them.

use crate::answers::Code;

/// Item means of the K10 in tenths: the declared choice of `pipelines/instruments/k10.toml`.
const K10_ITEM_MEANS: [u16; 10] = [22, 19, 14, 15, 18, 15, 18, 19, 13, 14];
/// Positions of the emotional (negatively worded) items of the De Jong Gierveld scale; the others are the social ones.
const EMOTIONAL: [usize; 6] = [1, 2, 4, 5, 8, 9];

/// Whether position `item` of the De Jong Gierveld scale is an emotional item.
pub fn is_emotional(item: usize) -> bool {
    EMOTIONAL.contains(&item)
}

/// An answer that can be scored: neither empty nor unknown.
fn known(code: Code) -> Option<u8> {
    code.filter(|&code| code != 9)
}

/// K10 score in tenths, 100 to 500: all items reversed, one or two missing ones replaced by their item mean.
/// Three or more missing: `None`.
pub fn k10(answers: &[Code; 10]) -> Option<u16> {
    let mut score = 0;
    let mut missing = 0;
    for (&answer, mean) in answers.iter().zip(K10_ITEM_MEANS) {
        match known(answer) {
            Some(code) => score += 10 * (6 - u16::from(code)),
            None => {
                missing += 1;
                score += mean;
            }
        }
    }
    (missing <= 2).then_some(score)
}

/// Loneliness scores; each `None` where too few items were answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loneliness {
    /// All eleven items, 0 to 11; one may be missing and then counts as 0.
    pub total: Option<u8>,
    /// Six emotional items, 0 to 6; none may be missing.
    pub emotional: Option<u8>,
    /// Five social items, 0 to 5; none may be missing.
    pub social: Option<u8>,
}

/// Scores the De Jong Gierveld scale: the neutral answer (2) is always the lonely one.
pub fn loneliness(answers: &[Code; 11]) -> Loneliness {
    let (mut points, mut missing) = ([0; 2], [0; 2]);
    for (item, &answer) in answers.iter().enumerate() {
        let scale = usize::from(!is_emotional(item));
        match known(answer) {
            Some(code) => points[scale] += u8::from(code == 2 || code == if is_emotional(item) { 1 } else { 3 }),
            None => missing[scale] += 1,
        }
    }
    Loneliness {
        total: (missing[0] + missing[1] <= 1).then_some(points[0] + points[1]),
        emotional: (missing[0] == 0).then_some(points[0]),
        social: (missing[1] == 0).then_some(points[1]),
    }
}

/// A 0/1 variable from a score, 9 where the score is unknown.
pub fn indicator<T: Copy>(score: Option<T>, holds: impl Fn(T) -> bool) -> Code {
    Some(score.map_or(9, |score| u8::from(holds(score))))
}
