//! Scores and derived variables of the monitors of young adults and of pupils, by the rules that their files are made with.
//!
//! Written apart from the project's own scoring on purpose: a difference between the two is a fault in one of them, or a place where the
//! project declares another choice than the published rule.

use crate::answers::Code;

/// An answer that can be scored: neither empty nor unknown.
fn known(code: Code) -> Option<u8> {
    code.filter(|&code| code != 9)
}

/// A 0/1 variable from one answer, 9 where it is unknown.
pub fn among(code: Code, yes: &[u8]) -> Code {
    Some(known(code).map_or(9, |code| u8::from(yes.contains(&code))))
}

/// A variable in classes from one answer, 9 where it is unknown. `classes[code - 1]` is the class of a code.
pub fn class(code: Code, classes: &[u8]) -> Code {
    Some(known(code).map_or(9, |code| classes[usize::from(code) - 1]))
}

/// Whether any of several answers is among `yes`: one that is decides, whatever is missing; a no needs all of them.
pub fn any(codes: &[Code], yes: &[u8]) -> Code {
    let found = codes.iter().any(|&code| known(code).is_some_and(|code| yes.contains(&code)));
    let complete = codes.iter().all(|&code| known(code).is_some());
    Some(if found {
        1
    } else if complete {
        0
    } else {
        9
    })
}

/// Well-being of the WHO-5 in the two classes of the published syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WellBeing {
    /// Score of 12 or lower.
    Low,
    /// Score of 13 or higher.
    ModerateOrHigh,
    /// More than two answers missing, or a score between 12 and 13, which meets neither test.
    Unknown,
}

/// Scores the WHO-5: each answer is reversed (6 − code), and one or two missing ones are the mean of the others.
pub fn who5(codes: &[Code; 5]) -> WellBeing {
    let answers: Vec<u32> = codes.iter().filter_map(|&code| known(code)).map(|code| 6 - u32::from(code)).collect();
    let (sum, count) = (answers.iter().sum::<u32>(), answers.len() as u32);
    // The score is 5 × sum / count; both tests are multiplied by count.
    if count < 3 {
        WellBeing::Unknown
    } else if 5 * sum <= 12 * count {
        WellBeing::Low
    } else if 5 * sum >= 13 * count {
        WellBeing::ModerateOrHigh
    } else {
        WellBeing::Unknown
    }
}

/// Weerbaarheid on five positive statements: each answer is reversed (6 − code); the mean of at least three is above 3.
pub fn assertive(codes: &[Code; 5]) -> Code {
    let answers: Vec<u32> = codes.iter().filter_map(|&code| known(code)).map(|code| 6 - u32::from(code)).collect();
    let (sum, count) = (answers.iter().sum::<u32>(), answers.len() as u32);
    Some(if count < 3 { 9 } else { u8::from(sum > 3 * count) })
}

/// Loneliness on the six items of De Jong Gierveld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortLoneliness {
    /// LVEES402: 0 to 1 point not lonely (0), 2 to 4 somewhat (1), 5 to 6 strongly (2).
    pub class: Code,
    /// LVEES407: no point of the three social items (1), 1 to 2 (2), 3 (3).
    pub social: Code,
    /// LVEES410: the same for the three emotional items.
    pub emotional: Code,
}

/// Scores three emotional and three social items, each 1 (lonely), 0 or missing. No item may be missing from a score.
pub fn loneliness(emotional: [Option<u8>; 3], social: [Option<u8>; 3]) -> ShortLoneliness {
    let sum = |items: [Option<u8>; 3]| items.into_iter().sum::<Option<u8>>();
    let subscale = |points: Option<u8>| {
        Some(match points {
            Some(0) => 1,
            Some(1 | 2) => 2,
            Some(_) => 3,
            None => 9,
        })
    };
    let (emotional, social) = (sum(emotional), sum(social));
    let class = match emotional.zip(social).map(|(a, b)| a + b) {
        Some(0 | 1) => 0,
        Some(2..=4) => 1,
        Some(_) => 2,
        None => 9,
    };
    ShortLoneliness { class: Some(class), social: subscale(social), emotional: subscale(emotional) }
}
