//! Files in the shape of the adults' monitor of 2012, 2016, 2020 and 2024, with no more variables than are known of the year.

use std::io::{self, Write};

use crate::answers::{Answers, Code, asked, steps};
use crate::dice::Dice;
use crate::land::{Gemeente, Land};
use crate::monitor::{BYTE_ORDER_MARK, sample_sizes};
use crate::person::Person;
use crate::record::Record;
use crate::scoring::{indicator, k10, loneliness};

/// Items of the K10.
const K10: [&str; 10] = [
    "GGADB201", "GGADB202", "GGADB203", "GGADB204", "GGADB205", "GGADB206", "GGADB207", "GGADB208", "GGADB209",
    "GGADB210",
];
/// Items of the De Jong Gierveld scale.
const LONELY: [&str; 11] = [
    "GGEEB201", "GGEEB202", "GGEEB203", "GGEEB204", "GGEEB205", "GGEEB206", "GGEEB207", "GGEEB208", "GGEEB209",
    "GGEEB210", "GGEEB211",
];
/// Share of the respondents who are in `Group::PartOfCbs` and `Group::Long` beyond those who always are.
const MORE: f64 = 0.6;

/// Who was asked a question, and thus who has the weight for it.
#[derive(Clone, Copy)]
enum Group {
    /// Respondents of the GGD and of CBS.
    Everyone,
    /// Respondents of the GGD, and some of CBS.
    PartOfCbs,
    /// Respondents of the GGD.
    Ggd,
    /// Respondents of the GGD with the long questionnaire.
    Long,
}

impl Group {
    const fn holds(self, adult: &Adult) -> bool {
        match self {
            Self::Everyone => true,
            Self::PartOfCbs => !adult.person.cbs || adult.more,
            Self::Ggd => !adult.person.cbs,
            Self::Long => !adult.person.cbs && adult.more,
        }
    }
}

/// What stands in a field.
enum Cell {
    Code(Code),
    /// A score in tenths, 99 where there is none.
    Score(Option<u16>),
}

/// A respondent of a year.
struct Adult {
    person: Person,
    more: bool,
}

/// A variable, who was asked it, and what this respondent has for it.
type Variable = (&'static str, Group, Cell);
/// A respondent with the variables of the year.
type Row = (Adult, Vec<Variable>);

/// Writes `rows` respondents of a year, gemeente by gemeente and stratum by stratum.
pub fn write(out: &mut impl Write, land: &Land, year: u16, rows: usize, dice: &mut Dice) -> io::Result<()> {
    let mut record = Record::default();
    let mut number = u64::from(year) * 10_000;
    for (gemeente, sizes) in land.gemeenten.iter().zip(sample_sizes(land, rows)) {
        let places: Vec<f64> = gemeente.wijken.iter().map(|wijk| f64::from(wijk.inhabitants)).collect();
        for (stratum, size) in sizes.into_iter().enumerate() {
            let people: Vec<Row> = (0..size).map(|_| draw(gemeente, &places, stratum, year, dice)).collect();
            if number == u64::from(year) * 10_000 {
                header(out, year, people.first())?;
            }
            let factors = factors(gemeente.adults()[stratum], year, &people);
            for (adult, variables) in &people {
                number += 1;
                record.clear();
                record.number(number);
                record.number(u64::from(year));
                record.number(land.ggds[gemeente.ggd].number as u64);
                record.number(gemeente.number as u64);
                record.text(&format!("{}-{}", gemeente.number, stratum + 1));
                record.number(u64::from(gemeente.adults()[stratum]));
                for ((_, group), factor) in weights(year).iter().zip(&factors) {
                    if group.holds(adult) {
                        record.decimal((adult.person.raw_weight * factor * 10_000.0).round() as u64, 4);
                    } else {
                        record.text("");
                    }
                }
                background(&mut record, year, adult, dice);
                variables.iter().for_each(|variable| cell(&mut record, adult, variable));
                out.write_all(record.finish())?;
            }
        }
    }
    Ok(())
}

/// The header; the variables are those of any respondent.
fn header(out: &mut impl Write, year: u16, someone: Option<&Row>) -> io::Result<()> {
    let (number, sex) = if year == 2016 { ("volgnummer", "geslacht") } else { ("respondentnummer", "AGGSA202") };
    let front = [number, "AGOJB201", "MIREB201", "Gemeentecode", "Stratum", "populatie"];
    let names = front
        .into_iter()
        .chain(weights(year).iter().map(|(name, _)| *name))
        .chain([sex, "LeeftijdSub", "MMOWA201"])
        .chain((year == 2016).then_some("MIDGV201"))
        .chain(someone.into_iter().flat_map(|(_, variables)| variables).map(|(name, ..)| *name));
    write!(out, "{BYTE_ORDER_MARK}{}\r\n", names.collect::<Vec<_>>().join(";"))
}

/// The weights of a year and who has them. What sets `weegfactor1` and `weegfactor2` apart is not known: who has the second one is invented.
const fn weights(year: u16) -> &'static [(&'static str, Group)] {
    match year {
        2012 => &[("weegfactor1", Group::Everyone), ("weegfactor2", Group::PartOfCbs), ("weegfactor3", Group::Ggd)],
        2020 => &[("ewCBSGGD", Group::Everyone), ("ewGGDkern", Group::Ggd), ("ewGGDlang", Group::Long)],
        _ => &[("ewGGD", Group::Ggd), ("ewCBSGGD", Group::Everyone)],
    }
}

/// What brings each weight of a stratum to its population.
fn factors(population: u32, year: u16, people: &[Row]) -> Vec<f64> {
    let factor = |(_, group): &(&str, Group)| {
        let members = people.iter().filter(|(adult, _)| group.holds(adult));
        let sum: f64 = members.map(|(adult, _)| adult.person.raw_weight).sum();
        if sum > 0.0 { f64::from(population) / sum } else { 0.0 }
    };
    weights(year).iter().map(factor).collect()
}

/// How much less distress and loneliness there was than in 2022, in standard deviations.
const fn relief(year: u16) -> [f64; 2] {
    match year {
        2012 => [0.23, 0.28],
        2016 => [0.20, 0.18],
        2020 => [0.25, 0.08],
        _ => [0.0, 0.0],
    }
}

fn draw(gemeente: &Gemeente, places: &[f64], stratum: usize, year: u16, dice: &mut Dice) -> Row {
    let mut person = Person::draw(gemeente, places, stratum, dice);
    let [distress, lonely] = relief(year);
    person.distress -= distress;
    person.loneliness -= lonely;
    let adult = Adult { more: dice.chance(MORE), person };
    let variables = match year {
        2012 => trend(&answers(&adult, dice), Group::PartOfCbs, Group::PartOfCbs),
        2016 => of_2016(&adult, &answers(&adult, dice), dice),
        2020 => of_2020(&adult, &answers(&adult, dice), dice),
        _ => Vec::new(),
    };
    (adult, variables)
}

/// Answers as if everybody was asked everything; a field stays empty for who is not in its group.
fn answers(adult: &Adult, dice: &mut Dice) -> Answers {
    let Person { sex, age, education, wijk, distress, loneliness, hardship, drinking, raw_weight, .. } = adult.person;
    let person = Person { sex, age, education, wijk, cbs: false, distress, loneliness, hardship, drinking, raw_weight };
    Answers::draw(&person, dice)
}

/// The delivered variables that lists of trends name, in 2012 and 2020. Who was asked about drinking differs between those years.
fn trend(answers: &Answers, excessive: Group, heavy: Group) -> Vec<Variable> {
    let score = loneliness(&answers.lonely);
    let mut variables = vec![("GGADA203", Group::Ggd, high_risk(answers)), severe(score.total)];
    variables.push(("GGEES217", Group::Ggd, Cell::Code(indicator(score.total, |total| total >= 3))));
    variables.push(("GGEES218", Group::Ggd, Cell::Code(indicator(score.emotional, |points| points >= 3))));
    variables.push(("GGEES219", Group::Ggd, Cell::Code(indicator(score.social, |points| points >= 3))));
    variables.push(("MMIKA201", Group::Ggd, Cell::Code(from_third(answers.making_ends_meet))));
    variables.push(("LFALS230", excessive, Cell::Code(answers.excessive_drinker)));
    variables.push(("LFALA213", heavy, Cell::Code(answers.heavy_drinker)));
    variables.extend(with_cbs(answers));
    variables
}

/// The year of the known codebook: items and what follows from them.
fn of_2016(adult: &Adult, answers: &Answers, dice: &mut Dice) -> Vec<Variable> {
    let ggd = |name, code| (name, Group::Ggd, Cell::Code(code));
    let risk = k10(&answers.k10);
    let score = loneliness(&answers.lonely);
    let class = |total| match total {
        0..=2 => 0,
        3..=8 => 1,
        9..=10 => 2,
        _ => 3,
    };
    let mut variables: Vec<Variable> = K10.into_iter().zip(answers.k10).map(|(name, code)| ggd(name, code)).collect();
    variables.push(("GGADS201", Group::Ggd, Cell::Score(risk)));
    variables.push(ggd("GGADA202", indicator(risk, |risk| risk >= 160)));
    variables.push(("GGADA203", Group::Ggd, high_risk(answers)));
    variables.extend(LONELY.into_iter().zip(answers.lonely).map(|(name, code)| ggd(name, code)));
    variables.push(ggd("GGEES203", Some(score.total.unwrap_or(99))));
    variables.push(ggd("GGEES204", Some(score.emotional.unwrap_or(9))));
    variables.push(ggd("GGEES205", Some(score.social.unwrap_or(9))));
    variables.push(ggd("GGEES208", Some(score.total.map_or(9, class))));
    variables.push(severe(score.total));
    // The cut-off of the file of 2016; later ones have 3 or more, in GGEES218 and GGEES219.
    variables.push(ggd("GGEES215", indicator(score.emotional, |points| points >= 2)));
    variables.push(ggd("GGEES216", indicator(score.social, |points| points >= 2)));
    variables.push(ggd("GGEES217", indicator(score.total, |total| total >= 3)));
    variables.push(mastery(adult, dice));
    variables.push(ggd("MMIKB201", answers.making_ends_meet));
    variables.push(ggd("MMIKA201", from_third(answers.making_ends_meet)));
    variables.push(ggd("LFALS230", answers.excessive_drinker));
    variables.push(ggd("LFALA213", answers.heavy_drinker));
    // The question itself has 2 for no.
    variables.push(ggd("MMVWB201", answers.volunteer.map(|code| if code == 0 { 2 } else { code })));
    variables.push(ggd("MMVWA201", answers.volunteer));
    variables.extend(with_cbs(answers));
    variables
}

/// The trend variables, and what was not asked in 2012 of everybody.
fn of_2020(adult: &Adult, answers: &Answers, dice: &mut Dice) -> Vec<Variable> {
    let mut variables = trend(answers, Group::Everyone, Group::Ggd);
    variables.push(mastery(adult, dice));
    variables.push(("GGSTS216", Group::Long, Cell::Code(from_third(answers.stress))));
    variables.push(("MMVWA201", Group::Long, Cell::Code(answers.volunteer)));
    variables
}

/// Questions of the CBS too, in every year.
fn with_cbs(answers: &Answers) -> [Variable; 3] {
    [("MCMZGS203", answers.caregiver), ("MCMZGS204", answers.burdened), ("KLGGA208", answers.good_health)]
        .map(|(name, code)| (name, Group::Everyone, Cell::Code(code)))
}

fn high_risk(answers: &Answers) -> Cell {
    Cell::Code(indicator(k10(&answers.k10), |score| score >= 300))
}

/// GGEES209: 8 is not lonely.
fn severe(total: Option<u8>) -> Variable {
    let severe = |total| match total {
        0..=2 => 8,
        3..=8 => 0,
        _ => 1,
    };
    ("GGEES209", Group::Ggd, Cell::Code(Some(total.map_or(9, severe))))
}

/// GGRLS203: 1 is enough control over one's own life. Its items are not all known by code and are not in the file.
fn mastery(adult: &Adult, dice: &mut Dice) -> Variable {
    let enough = 1 - steps(adult.person.distress, 0.75, &[0.98], dice);
    ("GGRLS203", Group::Ggd, Cell::Code(asked(true, enough, 0.03, dice)))
}

fn from_third(code: Code) -> Code {
    code.map(|code| if code == 9 { 9 } else { u8::from(code >= 3) })
}

/// Sex, age, education, and in 2016 whose respondent it is: of the GGD (1, 2) or of CBS (3, 4), under 65 (1, 3) or older (2, 4).
fn background(record: &mut Record, year: u16, adult: &Adult, dice: &mut Dice) {
    let person = &adult.person;
    record.code(Some(person.sex));
    record.code(Some(person.age));
    record.code(Some(if dice.chance(0.03) { 9 } else { person.education }));
    if year == 2016 {
        record.code(Some(1 + 2 * u8::from(person.cbs) + u8::from(person.age >= 5)));
    }
}

fn cell(record: &mut Record, adult: &Adult, (_, group, cell): &Variable) {
    match cell {
        _ if !group.holds(adult) => record.code(None),
        Cell::Code(code) => record.code(*code),
        Cell::Score(Some(score)) => record.decimal(u64::from(*score), 1),
        Cell::Score(None) => record.number(99),
    }
}
