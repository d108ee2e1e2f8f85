//! A young adult who found the open questionnaire: background and traits, and the answers.

use crate::answers::{Code, asked, gaps, mixed, passed, steps, yes_no};
use crate::dice::{Dice, growth};
use crate::land::Land;
use crate::scoring_youth::{among, any, loneliness};

/// Shares of the three age classes (AGLFA401) among inhabitants of 16 to 25.
pub const AGE_SHARES: [f64; 3] = [0.20, 0.30, 0.50];
/// Share of men among them.
pub const MEN: f64 = 0.51;
/// How readily an age class answers.
const AGE_RESPONSE: [f64; 3] = [1.0, 0.9, 0.6];
/// How readily men, women and others answer.
const SEX_RESPONSE: [f64; 3] = [0.45, 0.9, 1.0];
/// What sex adds to distress, in standard deviations.
const SEX_DISTRESS: [f64; 3] = [-0.36, 0.04, 0.75];
/// Highest class of AGOWS403 (1 low, 2 middle, 3 high) that an age class can have reached.
const HIGHEST_EDUCATION: [u8; 3] = [2, 3, 3];

/// A respondent before any question is put. Traits are in standard deviations of the population.
pub struct Young {
    /// Position of the gemeente.
    pub gemeente: usize,
    /// AGGSA401: 1 man, 2 woman, 3 other.
    pub sex: u8,
    /// AGLFA401: 1 to 3; 9 unknown.
    pub age: u8,
    /// AGOWS403: 1 to 3; 9 unknown.
    pub education: u8,
    distress: f64,
    loneliness: f64,
    hardship: f64,
    drinking: f64,
}

impl Young {
    /// Draws a respondent. People with complaints answer more readily: no weight puts that right.
    pub fn draw(land: &Land, dice: &mut Dice) -> Self {
        let places: Vec<f64> = land.gemeenten.iter().map(|gemeente| f64::from(gemeente.inhabitants())).collect();
        loop {
            let gemeente = dice.choose(&places);
            let wijken = &land.gemeenten[gemeente].wijken;
            let people: Vec<f64> = wijken.iter().map(|wijk| f64::from(wijk.inhabitants)).collect();
            let home = &wijken[dice.choose(&people)];
            let age = dice.choose(&AGE_SHARES);
            let sex = dice.choose(&[MEN - 0.007, 1.0 - MEN - 0.007, 0.014]);
            let learned = dice.bell() + home.learning;
            let education = 1 + u8::from(learned > -0.8) + u8::from(learned > 0.3);
            let distress = SEX_DISTRESS[sex] + home.burden + 0.95 * dice.bell();
            let young = Self {
                gemeente,
                sex: 1 + sex as u8,
                age: if dice.chance(0.004) { 9 } else { 1 + age as u8 },
                education: if dice.chance(0.02) { 9 } else { education.min(HIGHEST_EDUCATION[age]) },
                distress,
                loneliness: 0.5 * distress + 0.85 * dice.bell(),
                hardship: 0.35 * distress + home.burden + 0.85 * dice.bell(),
                drinking: dice.bell() + 0.15 * age as f64 - 0.15,
            };
            let response = AGE_RESPONSE[age] * SEX_RESPONSE[sex] * growth(0.18 * distress);
            if dice.chance(response / 2.2) {
                return young;
            }
        }
    }

    /// AGGSA402: 1 man, 2 woman, 9 for whoever is neither.
    pub const fn sex_in_two(&self) -> u8 {
        if self.sex == 3 { 9 } else { self.sex }
    }

    /// Position of the stratum, age class × sex; `None` where one of them is unknown.
    pub const fn stratum(&self) -> Option<usize> {
        if self.sex == 3 || self.age == 9 { None } else { Some(2 * (self.age as usize - 1) + self.sex as usize - 1) }
    }

    /// The variables of a year in the order of the file, each with its code.
    pub fn answers(&self, year: u16, dice: &mut Dice) -> Vec<(&'static str, Code)> {
        let mut answers = self.both_years(year, dice);
        let score = self.mhi5(year, dice);
        let below = |top: u16| Some(score.map_or(9, |score| u8::from(score <= top)));
        if year == 2022 {
            answers.push(("LVPKS403", below(60)));
        } else {
            answers.push(("LVPKS404", below(76)));
            answers.push(("LVPKA409", asked(true, steps(-self.distress, 0.75, &[0.10], dice), 0.02, dice)));
            answers.push(("LVPKA406", asked(true, steps(self.distress, 0.75, &[0.85], dice), 0.02, dice)));
            answers.push(("LVVKA403", asked(true, steps(-self.distress, 0.55, &[0.40], dice), 0.03, dice)));
            let pressure = [0.10, 0.42].map(|step| asked(true, steps(self.distress, 0.6, &[step], dice), 0.02, dice));
            answers.push(("LVPDA413", pressure[0]));
            answers.push(("LVPDA414", pressure[1]));
            answers.push(("LVPDS401", any(&pressure, &[1])));
        }
        answers
    }

    /// What both years asked.
    fn both_years(&self, year: u16, dice: &mut Dice) -> Vec<(&'static str, Code)> {
        let trait_of = |level: f64, loading: f64, at: &[f64], unknown: f64, dice: &mut Dice| {
            asked(true, steps(level, loading, at, dice), unknown, dice)
        };
        let satisfied = trait_of(-self.distress, 0.7, &[-0.80, 0.10], 0.01, dice);
        let happy = trait_of(-self.distress, 0.8, &[-0.25], 0.02, dice);
        let confidence = trait_of(-self.distress, 0.65, &[-0.95, 0.15], 0.02, dice);
        let suicidal = trait_of(self.distress, 0.7, &[0.46, 1.5], 0.04, dice);
        let stressed = trait_of(self.distress, 0.7, &[0.14], 0.02, dice);
        let bounces = trait_of(-self.distress, 0.6, &[-0.15], 0.02, dice);
        let assertive = trait_of(-self.distress, 0.5, &[-0.90], 0.03, dice);
        let lonely = self.lonely(year, dice);
        vec![
            ("LVTEA405", satisfied),
            ("LVTEA406", among(satisfied, &[1, 2])),
            ("LVPKA407", happy),
            ("LVVTA404", confidence.map(|class| if class == 9 { 9 } else { class + 1 })),
            ("NGSGA401", among(suicidal, &[1, 2])),
            ("NGSGA402", among(suicidal, &[2])),
            ("LVSTA415", stressed),
            ("LVVKA401", bounces),
            ("OJWHS402", assertive),
            ("LVEES402", lonely.class),
            ("LVEES403", among(lonely.class, &[1, 2])),
            ("LVEES404", among(lonely.class, &[2])),
            ("LVEES407", lonely.social),
            ("LVEES410", lonely.emotional),
            ("GZGGA402", trait_of(-self.distress, 0.6, &[-0.30], 0.01, dice)),
            ("LFALS402", trait_of(self.drinking, 0.9, &[0.85], 0.03, dice)),
            ("LFDGA427", trait_of(0.4 * self.distress + 0.5 * self.drinking, 0.8, &[0.82], 0.03, dice)),
            ("FIIKA401", trait_of(self.hardship, 0.85, &[0.45], 0.03, dice)),
            ("AGWSA411", yes_no(dice.chance(0.02 + 0.015 * self.distress.max(0.0)), 0.02, dice)),
        ]
    }

    /// Score of the MHI-5, 0 to 100, higher is better; the questions themselves are not in the file. `None` where one is missing.
    fn mhi5(&self, year: u16, dice: &mut Dice) -> Option<u16> {
        let shift = if year == 2022 { 0.0 } else { -0.25 };
        let missing: [Option<Code>; 5] = gaps(0.004, dice);
        let mut sum = Some(0);
        for gap in missing {
            let level = mixed(self.distress, 0.8, dice) + shift;
            let points = 5 - u16::from(passed(level, &[-1.75, -0.60, 0.35, 1.15, 2.0]));
            sum = if gap.is_some() { None } else { sum.map(|sum| sum + points) };
        }
        sum.map(|sum| 4 * sum)
    }

    /// Six items of De Jong Gierveld; the questions themselves are not in the file.
    fn lonely(&self, year: u16, dice: &mut Dice) -> crate::scoring_youth::ShortLoneliness {
        let shift = if year == 2022 { 0.0 } else { 0.15 };
        let missing: [Option<Code>; 6] = gaps(0.003, dice);
        let points = missing.map(|gap| {
            let point = steps(self.loneliness - shift, 0.82, &[0.08], dice);
            if gap.is_some() { None } else { Some(point) }
        });
        let [a, b, c, d, e, f] = points;
        loneliness([a, d, f], [b, c, e])
    }
}
