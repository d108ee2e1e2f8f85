//! The answers of one respondent, as codes of the monitor.

use crate::dice::Dice;
use crate::person::Person;
use crate::scoring::is_emotional;

/// An answer code; `None` is a question that was not put and becomes an empty field. 9 is unknown.
pub type Code = Option<u8>;

/// How much of a K10 answer is distress, and of a De Jong Gierveld answer loneliness; the rest is chance.
const LOADINGS: [f64; 2] = [0.85, 0.83];
/// Where the K10 goes from nooit to af en toe, soms, meestal, altijd.
const K10_STEPS: [f64; 4] = [0.33, 0.85, 1.33, 1.93];
/// How much harder (or easier) it is to report an item of the K10 than the average item.
const K10_ITEMS: [f64; 10] = [-0.5, -0.25, 0.25, 0.3, -0.15, 0.2, -0.15, -0.1, 0.4, 0.35];
/// Where a De Jong Gierveld item becomes lonely, and by how much more it is so without doubt.
const LONELY_STEPS: [f64; 2] = [0.37, 1.1];
/// How much harder it is to be lonely on an item of the De Jong Gierveld scale than on the average item.
const LONELY_ITEMS: [f64; 11] = [0.0, 0.0, 0.35, -0.15, -0.1, 0.1, 0.2, -0.05, 0.1, 0.5, 0.1];

/// Everything that one respondent answered. Questions of the GGD are `None` for respondents of CBS.
pub struct Answers {
    /// GGADB201 to 210: 1 altijd … 5 nooit.
    pub k10: [Code; 10],
    /// GGEEB201 to 211: 1 ja, 2 min of meer, 3 nee.
    pub lonely: [Code; 11],
    /// GGSTB201: 1 (bijna) geen stress … 4 heel veel.
    pub stress: Code,
    /// GGSUA201.
    pub suicidal_thoughts: Code,
    /// GGVKS201.
    pub low_resilience: Code,
    /// GGSSS402.
    pub misses_support: Code,
    /// GGKLS403.
    pub complaints: Code,
    /// MMIKB201: 1 geen moeite … 4 grote moeite.
    pub making_ends_meet: Code,
    /// MCMZGS203.
    pub caregiver: Code,
    /// MCMZGS204; 8 for who is no caregiver.
    pub burdened: Code,
    /// LFALS230.
    pub excessive_drinker: Code,
    /// LFALA219.
    pub heavy_drinker: Code,
    /// KLGGA208.
    pub good_health: Code,
    /// MMVWA201.
    pub volunteer: Code,
}

impl Answers {
    /// Puts the questions to a respondent.
    pub fn draw(person: &Person, dice: &mut Dice) -> Self {
        let own = !person.cbs;
        let older = person.age >= 5;
        let age = f64::from(person.age);
        let stress_trait = person.distress - if older { 0.45 } else { 0.0 };
        let caregiver = yes_no(dice.chance(if (3..=5).contains(&person.age) { 0.19 } else { 0.10 }), 0.02, dice);
        Self {
            k10: k10(person, dice),
            lonely: lonely(person, dice),
            stress: asked(own, 1 + steps(stress_trait, 0.7, &[-0.35, 0.90, 1.75], dice), 0.02, dice),
            suicidal_thoughts: asked(own, steps(person.distress, 0.6, &[1.45], dice), 0.03, dice),
            low_resilience: asked(own, steps(person.distress, 0.65, &[1.10], dice), 0.03, dice),
            misses_support: asked(own, steps(person.loneliness, 0.75, &[1.20], dice), 0.03, dice),
            complaints: asked(own, steps(person.distress, 0.85, &[1.05], dice), 0.03, dice),
            making_ends_meet: asked(own, 1 + steps(person.hardship, 0.9, &[0.0, 0.85, 1.75], dice), 0.02, dice),
            caregiver,
            burdened: match caregiver {
                Some(0) => Some(8),
                Some(1) => yes_no(steps(person.distress, 0.5, &[0.95], dice) == 1, 0.02, dice),
                other => other,
            },
            excessive_drinker: yes_no(steps(person.drinking, 0.9, &[1.55], dice) == 1, 0.03, dice),
            heavy_drinker: asked(own, steps(person.drinking - 0.05 * age, 0.9, &[1.15], dice), 0.03, dice),
            good_health: yes_no(steps(person.distress + 0.14 * (age - 4.0), 0.7, &[0.44], dice) == 0, 0.01, dice),
            volunteer: asked(own, u8::from(dice.chance(0.16 + 0.045 * f64::from(person.education))), 0.02, dice),
        }
    }
}

/// A 0/1 answer that everyone was asked, unknown with probability `unknown`.
pub fn yes_no(yes: bool, unknown: f64, dice: &mut Dice) -> Code {
    asked(true, u8::from(yes), unknown, dice)
}

/// An answer to a question that was put if `own`; unknown with probability `unknown`.
pub fn asked(own: bool, code: u8, unknown: f64, dice: &mut Dice) -> Code {
    let code = if dice.chance(unknown) { 9 } else { code };
    own.then_some(code)
}

/// How many of the steps an answer passes that is `loading` trait and for the rest chance.
pub fn steps(trait_level: f64, loading: f64, steps: &[f64], dice: &mut Dice) -> u8 {
    passed(mixed(trait_level, loading, dice), steps)
}

/// A trait and chance, mixed so that the whole keeps standard deviation 1 where the trait has it.
pub fn mixed(trait_level: f64, loading: f64, dice: &mut Dice) -> f64 {
    loading * trait_level + (1.0 - loading * loading).sqrt() * dice.bell()
}

/// How many of the steps a level passes.
pub fn passed(level: f64, steps: &[f64]) -> u8 {
    steps.iter().filter(|&&step| level > step).count() as u8
}

/// Which of `N` items stay unanswered: in one respondent of fifty all of them, else each one with probability `each`.
/// An unanswered item is 9; in one respondent of six of those it is empty.
pub fn gaps<const N: usize>(each: f64, dice: &mut Dice) -> [Option<Code>; N] {
    let gap = if dice.chance(1.0 / 6.0) { None } else { Some(9) };
    let all = dice.chance(0.02);
    std::array::from_fn(|_| (all || dice.chance(each)).then_some(gap))
}

fn k10(person: &Person, dice: &mut Dice) -> [Code; 10] {
    if person.cbs {
        return [None; 10];
    }
    let gaps: [Option<Code>; 10] = gaps(0.012, dice);
    std::array::from_fn(|item| {
        let level = mixed(person.distress, LOADINGS[0], dice) - K10_ITEMS[item];
        let passed = passed(level, &K10_STEPS);
        gaps[item].unwrap_or(Some(5 - passed))
    })
}

fn lonely(person: &Person, dice: &mut Dice) -> [Code; 11] {
    if person.cbs {
        return [None; 11];
    }
    let gaps: [Option<Code>; 11] = gaps(0.012, dice);
    std::array::from_fn(|item| {
        let level = mixed(person.loneliness, LOADINGS[1], dice) - LONELY_ITEMS[item];
        let passed = passed(level, &LONELY_STEPS);
        gaps[item].unwrap_or(Some(if is_emotional(item) { 3 - passed } else { 1 + passed }))
    })
}
