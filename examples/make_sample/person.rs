//! Who answers: background, and the traits behind the answers.

use crate::dice::{Dice, growth};
use crate::land::{Gemeente, Wijk};

/// Shares of the seven age groups (LeeftijdSub) within the stratum under 65 and the stratum of 65 and over.
const AGE_SHARES: [[f64; 7]; 2] = [[0.14, 0.30, 0.31, 0.25, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.55, 0.34, 0.11]];
/// How readily an age group answers. The weights put it right again.
const AGE_RESPONSE: [f64; 7] = [0.6, 0.75, 1.0, 1.25, 1.1, 1.0, 0.8];
/// How readily an education class answers.
const EDUCATION_RESPONSE: [f64; 4] = [0.7, 0.9, 1.0, 1.2];
/// What age adds to distress, in standard deviations.
const AGE_DISTRESS: [f64; 7] = [0.30, 0.16, 0.06, 0.04, -0.28, -0.16, 0.02];
/// What age adds to loneliness beyond distress.
const AGE_LONELINESS: [f64; 7] = [0.0, -0.05, 0.0, 0.08, 0.08, 0.22, 0.42];
/// What education adds to distress.
const EDUCATION_DISTRESS: [f64; 4] = [0.45, 0.18, 0.0, -0.18];

/// A respondent before any question is put. Traits are in standard deviations of the population.
pub struct Person {
    /// 1 man, 2 vrouw.
    pub sex: u8,
    /// 1 to 7 (LeeftijdSub).
    pub age: u8,
    /// 1 to 4, lowest to highest.
    pub education: u8,
    /// Position of the wijk in the gemeente.
    pub wijk: usize,
    /// Answered the CBS part only, not the GGD's own questions.
    pub cbs: bool,
    /// Distress.
    pub distress: f64,
    /// Loneliness.
    pub loneliness: f64,
    /// Lack of money.
    pub hardship: f64,
    /// Drinking.
    pub drinking: f64,
    /// How many people this respondent stands for, before the weights are brought to the population of the stratum.
    pub raw_weight: f64,
}

impl Person {
    /// Draws a respondent from stratum `stratum` (0: under 65, 1: 65 and over) of a gemeente.
    /// `places` holds the inhabitants of its wijken.
    pub fn draw(gemeente: &Gemeente, places: &[f64], stratum: usize, dice: &mut Dice) -> Self {
        loop {
            let wijk = dice.choose(places);
            let person = Self::candidate(&gemeente.wijken[wijk], wijk, stratum, dice);
            let response = person.response();
            // Only some of the candidates answer; 1.5 is the highest response.
            if dice.chance(response / 1.5) {
                return Self { raw_weight: growth(0.3 * dice.bell()) / response, ..person };
            }
        }
    }

    /// Somebody who lives in a wijk, whether or not they would answer.
    pub fn candidate(home: &Wijk, wijk: usize, stratum: usize, dice: &mut Dice) -> Self {
        let age = dice.choose(&AGE_SHARES[stratum]);
        let woman = dice.chance(0.507);
        let learned = dice.bell() + home.learning - 0.35 * stratum as f64;
        let education = [-1.35, -0.55, 0.55].iter().filter(|&&step| learned > step).count();
        let distress = AGE_DISTRESS[age]
            + EDUCATION_DISTRESS[education]
            + if woman { 0.07 } else { -0.07 }
            + home.burden
            + 0.90 * dice.bell();
        let loneliness = 0.45 * distress + AGE_LONELINESS[age] + 0.5 * home.burden + 0.85 * dice.bell();
        let hardship = 0.3 * distress + EDUCATION_DISTRESS[education] + home.burden + 0.85 * dice.bell();
        Self {
            sex: 1 + u8::from(woman),
            age: 1 + age as u8,
            education: 1 + education as u8,
            wijk,
            cbs: dice.chance(0.15),
            distress,
            loneliness,
            hardship,
            drinking: dice.bell() + if woman { -0.2 } else { 0.2 },
            raw_weight: 1.0,
        }
    }

    fn response(&self) -> f64 {
        AGE_RESPONSE[usize::from(self.age) - 1] * EDUCATION_RESPONSE[usize::from(self.education) - 1]
    }
}
