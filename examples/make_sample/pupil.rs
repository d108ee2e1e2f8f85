//! Schools, classes and pupils of class 2 and 4: background and traits, and the answers.

use crate::answers::{Code, asked, gaps, mixed, passed, steps};
use crate::dice::Dice;
use crate::land::Land;
use crate::scoring_youth::{WellBeing, among, any, assertive, class, who5};

/// What sex adds to distress, in standard deviations: boys, girls, others.
const SEX_DISTRESS: [f64; 3] = [-0.30, 0.30, 0.9];
/// Where each item of the WHO-5 goes from "all of the time" to "at no time", in distress.
const WHO5_STEPS: [f64; 5] = [-1.25, -0.15, 0.70, 1.30, 2.1];
/// How much easier than the average item it is to report an item of the WHO-5.
const WHO5_ITEMS: [f64; 5] = [-0.25, 0.05, -0.05, 0.50, -0.20];
/// Where the five sources of stress become often: school, home, own problems, what others think, everything one must do.
const STRESS_ITEMS: [f64; 5] = [0.35, 1.35, 1.0, 0.85, 0.50];

/// A class that took part.
pub struct Class {
    /// Number of the school.
    pub school: usize,
    /// Number of the class, unique over schools.
    pub number: usize,
    /// 2 or 4 (MBOKK331).
    pub year: u8,
    /// Position of the gemeente of the school.
    gemeente: usize,
    /// 1 vmbo, 2 havo/vwo, 8 other (MBOKK3S31).
    education: u8,
    /// What school and class add to the distress of each pupil.
    distress: f64,
    /// Pupils who answered.
    pub pupils: usize,
}

/// The classes of a year, school by school, with `rows` pupils together.
pub fn classes(land: &Land, rows: usize, dice: &mut Dice) -> Vec<Class> {
    let mut schools = Vec::new();
    for (gemeente, place) in land.gemeenten.iter().enumerate() {
        for _ in 0..(place.inhabitants() / 13_000).max(1) {
            schools.push((gemeente, 0.18 * dice.bell()));
        }
    }
    let most = rows.div_ceil(schools.len());
    let mut classes = Vec::new();
    let mut left = rows;
    for (at, (gemeente, effect)) in schools.into_iter().enumerate() {
        // The last school takes what the others left.
        let mut own = left.min(most);
        left -= own;
        let mut place = 0;
        while own > 0 {
            let size = 15 + dice.below(12);
            // No class of a handful: it joins the one before.
            let pupils = if own < size + 8 { own } else { size };
            own -= pupils;
            let education = [1, 2, 8][dice.choose(&[0.49, 0.48, 0.03])];
            classes.push(Class {
                school: 101 + at,
                number: (101 + at) * 10 + place + 1,
                year: if place % 2 == 0 { 2 } else { 4 },
                gemeente,
                education,
                distress: effect + 0.12 * dice.bell(),
                pupils,
            });
            place += 1;
        }
    }
    classes
}

/// A pupil before any question is put. Traits are in standard deviations of the population.
pub struct Pupil {
    /// Position of the gemeente that the pupil lives in.
    pub gemeente: usize,
    /// 1 boy, 2 girl, 3 other; 9 unknown.
    pub sex: u8,
    /// 2 or 4.
    pub year: u8,
    /// 1 vmbo, 2 havo/vwo, 8 other; 9 unknown.
    pub education: u8,
    distress: f64,
    loneliness: f64,
    using: f64,
}

impl Pupil {
    /// Draws a pupil of a class. Three in four live in the gemeente of the school.
    pub fn draw(land: &Land, class: &Class, dice: &mut Dice) -> Self {
        let gemeente = if dice.chance(0.75) { class.gemeente } else { dice.below(land.gemeenten.len()) };
        let wijken = &land.gemeenten[gemeente].wijken;
        let people: Vec<f64> = wijken.iter().map(|wijk| f64::from(wijk.inhabitants)).collect();
        let home = &wijken[dice.choose(&people)];
        let sex = dice.choose(&[0.495, 0.49, 0.015]);
        let older = class.year == 4;
        let distress = SEX_DISTRESS[sex] + class.distress + home.burden + 0.88 * dice.bell() + 0.06 * sign(older);
        Self {
            gemeente,
            sex: if dice.chance(0.005) { 9 } else { 1 + sex as u8 },
            year: class.year,
            education: if dice.chance(0.01) { 9 } else { class.education },
            distress,
            loneliness: 0.55 * distress + 0.83 * dice.bell(),
            using: dice.bell() + 0.55 * sign(older) + if class.education == 1 { 0.1 } else { 0.0 },
        }
    }

    /// The variables of a year in the order of the file, each with its code.
    pub fn answers(&self, year: u16, dice: &mut Dice) -> Vec<(&'static str, Code)> {
        // The corona years were harder.
        let distress = self.distress + if year == 2021 { 0.10 } else { 0.0 };
        let mut answers = Vec::new();
        well_being(&mut answers, distress, year, dice);
        stress(&mut answers, distress, year, dice);
        self.others(&mut answers, distress, year, dice);
        let health = ask(-distress, 0.6, &[-0.85], 0.01, dice);
        answers.push(("EBEGK3S2", health));
        self.alcohol(&mut answers, year, dice);
        let cannabis = ask(self.using + 0.2 * distress, 0.85, &[1.35, 1.75], 0.02, dice);
        answers.push(("LBSDK3S1", among(cannabis, &[1, 2])));
        answers.push(("LBSDK3S2", among(cannabis, &[2])));
        answers
    }

    /// Drinking of the last four weeks. 8 is a pupil who never drank; the derived variables count that as no.
    fn alcohol(&self, answers: &mut Vec<(&'static str, Code)>, year: u16, dice: &mut Dice) {
        let drank = steps(self.using, 0.95, &[-0.1], dice) == 1;
        let item = |at: &[f64], dice: &mut Dice| {
            let code = from_one(ask(self.using, 0.9, at, 0.02, dice));
            if drank { code } else { Some(8) }
        };
        let binge = item(&[0.95, 1.3, 1.6, 1.9, 2.3, 2.8], dice);
        let drunk = item(&[1.05, 1.5, 1.9, 2.2, 2.8], dice);
        if year == 2025 {
            answers.push(("LBAGA307", binge));
            answers.push(("LBAGA395", drunk));
        }
        answers.push(("LBAGK3S15", among(binge, &[2, 3, 4, 5, 6, 7])));
        answers.push(("LBAGK3S17", among(drunk, &[2, 3, 4, 5, 6])));
    }

    /// Loneliness, support and bullying.
    fn others(&self, answers: &mut Vec<(&'static str, Code)>, distress: f64, year: u16, dice: &mut Dice) {
        let lonely = from_one(ask(self.loneliness, 0.8, &[-0.75, 0.05, 0.95, 1.65], 0.02, dice));
        answers.push(("SBEZK301", lonely));
        answers.push(("SBEZK3S1", among(lonely, &[4, 5])));
        answers.push(("SBEZK3S2", among(lonely, &[3, 4, 5])));
        let bullied = from_one(ask(0.3 * distress + 0.6 * self.loneliness, 0.8, &[0.75, 1.5], 0.02, dice));
        let online = ask(0.3 * distress + 0.5 * self.loneliness, 0.8, &[1.25], 0.02, dice);
        match year {
            2025 => {
                answers.push(("SBRLK302", bullied));
                answers.push(("SBRLK3S34", among(bullied, &[2, 3])));
            }
            2023 => {
                answers.push(("SBRLK3S11", among(bullied, &[2, 3])));
                answers.push(("SBRLK3S21", online));
            }
            _ => answers.push(("SBRLK3S21", online)),
        }
        if year >= 2023 {
            // 1 ticked, 2 not ticked.
            let nobody = from_one(ask(-self.loneliness, 0.6, &[-1.35], 0.02, dice));
            answers.push(("GBZOK316", nobody));
            answers.push(("GBZOK3S11", among(nobody, &[2])));
        }
    }
}

/// Happiness, and the measures of mental health that a year had.
fn well_being(answers: &mut Vec<(&'static str, Code)>, distress: f64, year: u16, dice: &mut Dice) {
    let happy = from_one(ask(-distress, 0.7, &[-2.1, -1.5, -0.85, 0.4], 0.01, dice));
    answers.push(("EBGLK301", happy));
    answers.push(("EBGLK3S1", among(happy, &[4, 5])));
    if year == 2025 {
        let own = from_one(ask(distress, 0.75, &[-0.45, 0.55, 1.3, 2.0], 0.01, dice));
        answers.push(("PBMGK301", own));
        answers.push(("PBMGK3A1", class(own, &[1, 1, 2, 3, 3])));
        answers.push(("PBMGK3A2", among(own, &[1, 2])));
        who5_items(answers, distress, dice);
        assertiveness(answers, distress, dice);
        return;
    }
    // The questions of the MHI-5 are not in the file.
    answers.push(("PBMHK3S3", ask(distress, 0.85, &[if year == 2021 { 0.62 } else { 0.58 }], 0.02, dice)));
    let suicidal = ask(distress, 0.7, &[0.95, 1.85], 0.03, dice);
    answers.push(("PBSGK3S1", among(suicidal, &[1, 2])));
    answers.push(("PBSGK3S2", among(suicidal, &[2])));
    answers.push(("PBWBK3S2", ask(-distress, 0.5, &[-1.0], 0.03, dice)));
    if year == 2023 {
        answers.push(("PBVTK3S3", from_one(ask(-distress, 0.6, &[-1.2, 0.0], 0.02, dice))));
        answers.push(("PBVKK3S2", ask(-distress, 0.6, &[-0.1], 0.02, dice)));
        answers.push(("PBVKK3S4", ask(-distress, 0.55, &[0.25], 0.02, dice)));
    }
}

/// The WHO-5 with what follows from it.
fn who5_items(answers: &mut Vec<(&'static str, Code)>, distress: f64, dice: &mut Dice) {
    const NAMES: [&str; 5] = ["PBMGK302", "PBMGK303", "PBMGK304", "PBMGK305", "PBMGK306"];
    let missing: [Option<Code>; 5] = gaps(0.03, dice);
    let codes = std::array::from_fn(|item| {
        let level = mixed(distress, 0.78, dice) + WHO5_ITEMS[item];
        missing[item].unwrap_or(Some(1 + passed(level, &WHO5_STEPS)))
    });
    answers.extend(NAMES.into_iter().zip(codes));
    let (class, low, rest) = match who5(&codes) {
        WellBeing::ModerateOrHigh => (1, 0, 1),
        WellBeing::Low => (2, 1, 0),
        WellBeing::Unknown => (9, 9, 9),
    };
    answers.extend([("PBMGK3S3", Some(class)), ("PBMGK3S4", Some(low)), ("PBMGK3S5", Some(rest))]);
}

/// Five statements on weerbaarheid with what follows from them.
fn assertiveness(answers: &mut Vec<(&'static str, Code)>, distress: f64, dice: &mut Dice) {
    const NAMES: [&str; 5] = ["PBWBK301", "PBWBK302", "PBWBK304", "PBWBK306", "PBWBK307"];
    let missing: [Option<Code>; 5] = gaps(0.02, dice);
    let level = mixed(distress, 0.5, dice);
    let codes = missing.map(|gap| {
        let own = mixed(level, 0.75, dice);
        gap.unwrap_or(Some(1 + passed(own, &[-0.75, 0.55, 1.35, 2.2])))
    });
    answers.extend(NAMES.into_iter().zip(codes));
    answers.push(("PBWBK3S3", assertive(&codes)));
}

/// Five sources of stress and, from 2023, two of pressure to perform, with what follows from them.
fn stress(answers: &mut Vec<(&'static str, Code)>, distress: f64, year: u16, dice: &mut Dice) {
    const NAMES: [&str; 5] = ["SBSSK301", "SBSSK302", "SBSSK303", "SBSSK304", "SBSSK305"];
    let missing: [Option<Code>; 5] = gaps(0.02, dice);
    let codes: [Code; 5] = std::array::from_fn(|item| {
        let often = STRESS_ITEMS[item];
        let level = mixed(distress, 0.72, dice);
        missing[item].unwrap_or(Some(1 + passed(level, &[often - 1.6, often - 0.8, often, often + 0.8])))
    });
    answers.extend(NAMES.into_iter().zip(codes));
    answers.push(("SBSSK3S6", any(&codes, &[4, 5])));
    if year >= 2023 {
        let missing: [Option<Code>; 2] = gaps(0.02, dice);
        let codes: [Code; 2] = std::array::from_fn(|item| {
            let regularly = [0.55, 0.90][item];
            let level = mixed(distress, 0.65, dice);
            missing[item].unwrap_or(Some(1 + passed(level, &[regularly - 1.0, regularly, regularly + 0.8])))
        });
        answers.push(("SBPDK301", codes[0]));
        answers.push(("SBPDK302", codes[1]));
        answers.push(("SBPDK3S1", any(&codes, &[3, 4])));
        answers.push(("SBPDK3S2", among(codes[0], &[3, 4])));
        answers.push(("SBPDK3S3", among(codes[1], &[3, 4])));
    }
}

/// An answer from 0 up, by how many steps a trait passes; unknown with probability `unknown`.
fn ask(level: f64, loading: f64, at: &[f64], unknown: f64, dice: &mut Dice) -> Code {
    asked(true, steps(level, loading, at, dice), unknown, dice)
}

/// The same with codes from 1 up.
fn from_one(code: Code) -> Code {
    code.map(|code| if code == 9 { 9 } else { code + 1 })
}

fn sign(yes: bool) -> f64 {
    if yes { 1.0 } else { -1.0 }
}
