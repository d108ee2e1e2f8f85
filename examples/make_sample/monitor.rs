//! The respondents' file in the shape of a Dutch SPSS export: `;`, decimal comma, CRLF, UTF-8 with a byte order mark.

use std::io::{self, Write};

use crate::answers::{Answers, Code};
use crate::dice::Dice;
use crate::land::{Finest, Gemeente, Land, REGION_YEAR};
use crate::person::Person;
use crate::record::Record;
use crate::scoring::{indicator, k10, loneliness};

/// Number of columns without filling.
pub const COLUMNS: usize = 57;

/// The byte order mark of UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Columns that fill a file up.
#[derive(Clone, Copy)]
pub enum Filling {
    /// Chance alone: a fifth says yes.
    Chance(usize),
    /// What goes with distress, hardship and age, from half who say yes to one in twelve.
    Told(usize),
}

impl Filling {
    const fn columns(self) -> usize {
        match self {
            Self::Chance(columns) | Self::Told(columns) => columns,
        }
    }

    fn code(self, column: usize, person: &Person, dice: &mut Dice) -> u64 {
        if dice.chance(0.03) {
            return 9;
        }
        u64::from(match self {
            Self::Chance(_) => dice.chance(0.2),
            Self::Told(_) => {
                let (part, cut) = ((column % 5) as f64 / 4.0, (column % 7) as f64 / 4.0);
                let latent = part * person.distress + (1.0 - part) * person.hardship;
                0.6 * latent + 0.1 * (f64::from(person.age) - 4.0) + 0.8 * dice.bell() > cut
            }
        })
    }
}

/// Writes header and respondents, gemeente by gemeente, holding one stratum at a time.
pub fn write(out: &mut impl Write, land: &Land, rows: usize, filling: Filling, dice: &mut Dice) -> io::Result<()> {
    let mut names = header(filling.columns());
    if land.finest == Finest::Buurt {
        let wijk = names.iter().position(|name| name == "Wijkcode").map_or(names.len(), |at| at + 1);
        names.insert(wijk, "Buurtcode".to_owned());
    }
    write!(out, "{BYTE_ORDER_MARK}{}\r\n", names.join(";"))?;
    let sizes = sample_sizes(land, rows);
    let mut record = Record::default();
    let mut respondent = 100_000;
    for (gemeente, sizes) in land.gemeenten.iter().zip(sizes) {
        let places: Vec<f64> = gemeente.wijken.iter().map(|wijk| f64::from(wijk.inhabitants)).collect();
        for (stratum, size) in sizes.into_iter().enumerate() {
            let people: Vec<Person> = (0..size).map(|_| Person::draw(gemeente, &places, stratum, dice)).collect();
            let scale = Scale::new(gemeente, stratum, &people);
            for person in &people {
                respondent += 1;
                record.clear();
                background(&mut record, land, gemeente, person, &scale, respondent, dice);
                questions(&mut record, person, &Answers::draw(person, dice));
                (0..filling.columns()).for_each(|column| record.number(filling.code(column, person, dice)));
                out.write_all(record.finish())?;
            }
        }
    }
    Ok(())
}

/// Columns before the items of the K10.
const FRONT: &str = "respondentnummer AGOJB201 MIREB201 Gemeentecode Wijkcode Stratum populatie \
    ewGGD ewCBSGGD AGGSA202 LeeftijdSub MMOWA201 Stedelijkheid";
/// Columns that follow from the K10.
const K10_DERIVED: &str = "GGADS201 GGADA202 GGADA203";
/// Columns that follow from the De Jong Gierveld scale, and single questions.
const BACK: &str = "GGEES203 GGEES208 GGEES209 GGEES217 GGEES218 GGEES219 \
    GGSTB201 GGSTS216 GGSUA201 GGVKS201 GGSSS402 GGKLS403 MMIKB201 MMIKA201 \
    MCMZGS203 MCMZGS204 LFALS230 LFALA219 KLGGA208 MMVWA201";

/// The header: `COLUMNS` names, then FILL001 and on.
pub fn header(filling: usize) -> Vec<String> {
    let listed = |names: &'static str| names.split(' ').map(String::from);
    listed(FRONT)
        .chain((201..=210).map(|number| format!("GGADB{number}")))
        .chain(listed(K10_DERIVED))
        .chain((201..=211).map(|number| format!("GGEEB{number}")))
        .chain(listed(BACK))
        .chain((1..=filling).map(|number| format!("FILL{number:03}")))
        .collect()
}

/// How many respondents each stratum of each gemeente gets; together `rows`, at least two each, never more than half its adults.
/// Small gemeenten and people of 65 and over get more than their share, as in the monitor.
pub fn sample_sizes(land: &Land, rows: usize) -> Vec<[usize; 2]> {
    let wish = |gemeente: &Gemeente| {
        let [younger, older] = gemeente.adults().map(|adults| f64::from(adults).sqrt());
        [younger, 1.4 * older]
    };
    let total: f64 = land.gemeenten.iter().flat_map(&wish).sum();
    let mut sizes: Vec<[usize; 2]> = land
        .gemeenten
        .iter()
        .map(|gemeente| {
            let (wish, adults) = (wish(gemeente), gemeente.adults());
            std::array::from_fn(|stratum| {
                let most = adults[stratum] as usize / 2;
                ((wish[stratum] / total * rows as f64) as usize).clamp(2, most)
            })
        })
        .collect();
    // What rounding left over goes round, one each.
    let mut left = rows.saturating_sub(sizes.iter().flatten().sum());
    for size in sizes.iter_mut().flatten() {
        if left > 0 {
            *size += 1;
            left -= 1;
        }
    }
    sizes
}

/// What brings the weights of a stratum to its population: one factor per weight set.
struct Scale {
    stratum: usize,
    population: u32,
    ggd: f64,
    everyone: f64,
}

impl Scale {
    fn new(gemeente: &Gemeente, stratum: usize, people: &[Person]) -> Self {
        let population = gemeente.adults()[stratum];
        let factor = |counts: fn(&&Person) -> bool| {
            let sum: f64 = people.iter().filter(counts).map(|person| person.raw_weight).sum();
            if sum > 0.0 { f64::from(population) / sum } else { 0.0 }
        };
        Self { stratum, population, ggd: factor(|person| !person.cbs), everyone: factor(|_| true) }
    }
}

/// Number, year, regions, design and background. One wijk in twenty-five is unknown, written as empty or as 99, and its buurt with it.
fn background(
    record: &mut Record,
    land: &Land,
    gemeente: &Gemeente,
    person: &Person,
    scale: &Scale,
    respondent: u64,
    dice: &mut Dice,
) {
    record.number(respondent);
    record.number(u64::from(REGION_YEAR));
    record.number(land.ggds[gemeente.ggd].number as u64);
    record.number(gemeente.number as u64);
    let (wijk, buurt) = gemeente.wijken[person.wijk].suffix.split_at(2);
    let unknown = dice.chance(0.04).then(|| if dice.chance(0.5) { "" } else { "99" });
    record.text(unknown.unwrap_or(wijk));
    if land.finest == Finest::Buurt {
        record.text(unknown.unwrap_or(buurt));
    }
    record.text(&format!("{}-{}", gemeente.number, scale.stratum + 1));
    record.number(u64::from(scale.population));
    let weight = |factor: f64| (person.raw_weight * factor * 10_000.0).round() as u64;
    if person.cbs {
        record.text("");
    } else {
        record.decimal(weight(scale.ggd), 4);
    }
    record.decimal(weight(scale.everyone), 4);
    record.code(Some(person.sex));
    record.code(Some(person.age));
    record.code(Some(if dice.chance(0.03) { 9 } else { person.education }));
    record.code(Some(gemeente.urbanity()));
}

/// Items and derived variables in the order of the header. CBS respondents were not asked the GGD's own questions.
fn questions(record: &mut Record, person: &Person, answers: &Answers) {
    let own = |code: Code| if person.cbs { None } else { code };
    answers.k10.iter().for_each(|&code| record.code(code));
    let score = k10(&answers.k10);
    match score {
        _ if person.cbs => record.code(None),
        Some(score) => record.decimal(u64::from(score), 1),
        None => record.number(99),
    }
    record.code(own(indicator(score, |score| score >= 160)));
    record.code(own(indicator(score, |score| score >= 300)));

    answers.lonely.iter().for_each(|&code| record.code(code));
    let score = loneliness(&answers.lonely);
    record.code(own(Some(score.total.unwrap_or(99))));
    let class = |total| match total {
        0..=2 => 0,
        3..=8 => 1,
        9..=10 => 2,
        _ => 3,
    };
    record.code(own(Some(score.total.map_or(9, class))));
    let severe = |total| match total {
        0..=2 => 8,
        3..=8 => 0,
        _ => 1,
    };
    record.code(own(Some(score.total.map_or(9, severe))));
    record.code(own(indicator(score.total, |total| total >= 3)));
    record.code(own(indicator(score.emotional, |points| points >= 3)));
    record.code(own(indicator(score.social, |points| points >= 3)));

    let from_third = |code: Code| code.map(|code| if code == 9 { 9 } else { u8::from(code >= 3) });
    record.code(answers.stress);
    record.code(from_third(answers.stress));
    record.code(answers.suicidal_thoughts);
    record.code(answers.low_resilience);
    record.code(answers.misses_support);
    record.code(answers.complaints);
    record.code(answers.making_ends_meet);
    record.code(from_third(answers.making_ends_meet));
    record.code(answers.caregiver);
    record.code(answers.burdened);
    record.code(answers.excessive_drinker);
    record.code(answers.heavy_drinker);
    record.code(answers.good_health);
    record.code(answers.volunteer);
}
