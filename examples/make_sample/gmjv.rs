//! A file in the shape of the monitor of young adults: `;`, decimal comma, CRLF, UTF-8 with a byte order mark.

use std::io::{self, Write};

use crate::answers::Code;
use crate::dice::Dice;
use crate::land::Land;
use crate::monitor::BYTE_ORDER_MARK;
use crate::record::Record;
use crate::young::{AGE_SHARES, MEN, Young};

/// Columns before the answers.
const FRONT: &str = "respondentnummer AGOJB401 MIREB401 Gemeentecode Stratum Standaardisatiefactor \
    AGGSA401 AGGSA402 AGLFA401 AGOWS403 Stedelijkheid";
/// Strata of one region: three age classes × two sexes.
const STRATA: usize = 6;

/// Writes `rows` respondents of a year, in the order of their answers coming in.
pub fn write(out: &mut impl Write, land: &Land, year: u16, rows: usize, dice: &mut Dice) -> io::Result<()> {
    let people: Vec<Young> = (0..rows).map(|_| Young::draw(land, dice)).collect();
    let answers: Vec<Vec<(&str, Code)>> = people.iter().map(|person| person.answers(year, dice)).collect();
    let names = answers.iter().take(1).flatten().map(|(name, _)| *name);
    let header: Vec<&str> = FRONT.split(' ').filter(|name| !name.is_empty()).chain(names).collect();
    write!(out, "{BYTE_ORDER_MARK}{}\r\n", header.join(";"))?;

    let factors = factors(&people);
    let mut record = Record::default();
    let first = u64::from(year) * 10_000 + 1;
    for ((person, answers), number) in people.iter().zip(&answers).zip(first..) {
        record.clear();
        background(&mut record, land, year, person, &factors, number);
        answers.iter().for_each(|&(_, code)| record.code(code));
        out.write_all(record.finish())?;
    }
    Ok(())
}

/// Share of a stratum in the population over its share in the file; 1 on average.
fn factors(people: &[Young]) -> [f64; STRATA] {
    let in_strata = people.iter().filter(|person| person.stratum().is_some()).count() as f64;
    std::array::from_fn(|stratum| {
        let found = people.iter().filter(|person| person.stratum() == Some(stratum)).count() as f64;
        let share = AGE_SHARES[stratum / 2] * if stratum % 2 == 0 { MEN } else { 1.0 - MEN };
        if found > 0.0 { share * in_strata / found } else { 0.0 }
    })
}

/// Number, year, regions, design and background. Who has no known age class or is neither man nor woman is in stratum 999, without factor.
fn background(record: &mut Record, land: &Land, year: u16, person: &Young, factors: &[f64; STRATA], number: u64) {
    let gemeente = &land.gemeenten[person.gemeente];
    let region = land.ggds[gemeente.ggd].number;
    record.number(number);
    record.number(u64::from(year));
    record.number(region as u64);
    record.number(gemeente.number as u64);
    match person.stratum() {
        Some(stratum) => {
            record.number(((region - 1) * STRATA + stratum + 1) as u64);
            record.decimal((factors[stratum] * 10_000.0).round() as u64, 4);
        }
        None => {
            record.number(999);
            record.text("");
        }
    }
    record.code(Some(person.sex));
    record.code(Some(person.sex_in_two()));
    record.code(Some(person.age));
    record.code(Some(person.education));
    record.code(Some(gemeente.urbanity()));
}
