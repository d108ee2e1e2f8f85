//! What a model needs beside the respondents: persons per wijk, public facts, and a map.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::dice::Dice;
use crate::land::Land;
use crate::people::to_five;
use crate::person::Person;

/// Ids of the age groups (LeeftijdSub 1 to 7) in the files.
const AGES: [&str; 7] = ["18-24", "25-39", "40-54", "55-64", "65-74", "75-84", "85+"];
/// Ids of the classes of education (MMOWA201 1 to 4, the lowest two together).
const EDUCATIONS: [&str; 4] = ["low", "low", "middle", "high"];

/// Adults of every wijk by group: code → (age, sex, education) → persons.
type Adults = BTreeMap<String, BTreeMap<(u8, u8, &'static str), u32>>;

/// Draws every adult of the land.
pub fn adults(land: &Land, dice: &mut Dice) -> Adults {
    let mut found = Adults::new();
    for gemeente in &land.gemeenten {
        let whole = f64::from(gemeente.inhabitants());
        for (place, wijk) in gemeente.wijken.iter().enumerate() {
            let own = found.entry(land.code(gemeente, wijk)).or_default();
            for (stratum, adults) in gemeente.adults().into_iter().enumerate() {
                let adults = (f64::from(adults) * f64::from(wijk.inhabitants) / whole) as u32;
                for _ in 0..adults {
                    let person = Person::candidate(wijk, place, stratum, dice);
                    let education = EDUCATIONS[usize::from(person.education) - 1];
                    *own.entry((person.age, person.sex, education)).or_default() += 1;
                }
            }
        }
    }
    found
}

/// Persons by age and sex per wijk, as the register of persons has them.
pub fn write_age_and_sex(out: &mut impl Write, adults: &Adults) -> io::Result<()> {
    writeln!(out, "region,age,sex,persons")?;
    for (code, groups) in adults {
        for age in 1..=7_u8 {
            for sex in 1..=2_u8 {
                let own = groups.iter().filter(|((a, s, _), _)| (*a, *s) == (age, sex));
                let persons: u32 = own.map(|(_, persons)| persons).sum();
                writeln!(out, "{code},{},{sex},{persons}", AGES[usize::from(age) - 1])?;
            }
        }
    }
    Ok(())
}

/// Persons by education per wijk, rounded to 5 as CBS does.
pub fn write_education(out: &mut impl Write, adults: &Adults) -> io::Result<()> {
    writeln!(out, "region,education,persons")?;
    for (code, groups) in adults {
        for education in ["low", "middle", "high"] {
            let persons: u32 = groups.iter().filter(|((.., e), _)| *e == education).map(|(_, persons)| persons).sum();
            writeln!(out, "{code},{education},{}", to_five(persons))?;
        }
    }
    Ok(())
}

/// Persons of the whole land by age, sex and education: what the margins of the wijken are raked from.
pub fn write_crossing(out: &mut impl Write, adults: &Adults) -> io::Result<()> {
    let mut whole: BTreeMap<(u8, u8, &str), u32> = BTreeMap::new();
    for (group, persons) in adults.values().flatten() {
        *whole.entry(*group).or_default() += persons;
    }
    writeln!(out, "age,sex,education,persons")?;
    for ((age, sex, education), persons) in whole {
        writeln!(out, "{},{sex},{education},{persons}", AGES[usize::from(age) - 1])?;
    }
    Ok(())
}

/// Public facts per wijk: readings of what living there adds, with noise, and one that says nothing. Small wijken have none, as where CBS withholds.
pub fn write_facts(out: &mut impl Write, land: &Land, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;laag_inkomen;corporatiewoningen;woz_waarde;omgevingsadressendichtheid")?;
    for gemeente in &land.gemeenten {
        for wijk in &gemeente.wijken {
            let noise = 0.5 * dice.bell();
            let low = 8.0 + 12.0 * (wijk.burden + 0.08 * dice.bell()) - 3.0 * wijk.learning;
            let rent = 28.0 + 40.0 * (wijk.burden + 0.15 * dice.bell());
            let woz = 310.0 - 180.0 * (wijk.burden + 0.12 * dice.bell()) + 60.0 * wijk.learning;
            let density = 900.0 + f64::from(wijk.inhabitants) / 6.0 + 300.0 * noise;
            let code = land.code(gemeente, wijk);
            if wijk.inhabitants < 200 {
                writeln!(out, "{code};.;.;.;.")?;
                continue;
            }
            let one = |value: f64| format!("{:.1}", value.max(0.0)).replace('.', ",");
            writeln!(out, "{code};{};{};{:.0};{:.0}", one(low), one(rent), woz.max(80.0), density.max(5.0))?;
        }
    }
    Ok(())
}

/// A map of squares of a kilometre: the wijken of a gemeente in a row, the gemeenten above each other, the last one across the water.
pub fn write_map(out: &mut impl Write, land: &Land) -> io::Result<()> {
    writeln!(out, "{{\"type\": \"FeatureCollection\", \"features\": [")?;
    let last = land.gemeenten.len() - 1;
    for (row, gemeente) in land.gemeenten.iter().enumerate() {
        for (column, wijk) in gemeente.wijken.iter().enumerate() {
            let code = land.code(gemeente, wijk);
            let (x, y) = (100_000 + 1_000 * column, 400_000 + 1_000 * row + if row == last { 2_500 } else { 0 });
            let (right, top) = (x + 1_000, y + 1_000);
            let end = if row == last && column + 1 == gemeente.wijken.len() { "" } else { "," };
            writeln!(
                out,
                "{{\"type\": \"Feature\", \"properties\": {{\"wijkcode\": \"{code}\"}}, \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [[[{x}, {y}], [{right}, {y}], [{right}, {top}], [{x}, {top}], [{x}, {y}]]]}}}}{end}"
            )?;
        }
    }
    writeln!(out, "]}}")
}

/// Pairs of neighbours on a map that is about as wide as it is high: the areas fill strips of three rows, column by column, so that those of a gemeente lie together.
pub fn write_pairs(out: &mut impl Write, land: &Land) -> io::Result<()> {
    let codes: Vec<String> = land
        .gemeenten
        .iter()
        .flat_map(|gemeente| gemeente.wijken.iter().map(|wijk| land.code(gemeente, wijk)))
        .collect();
    let columns = codes.len().isqrt().max(1);
    let place = |at: usize| (at / (3 * columns) * 3 + at % 3, at % (3 * columns) / 3);
    let at: BTreeMap<(usize, usize), &String> =
        codes.iter().enumerate().map(|(position, code)| (place(position), code)).collect();
    writeln!(out, "van,naar")?;
    for ((row, column), code) in &at {
        for other in [(*row, column + 1), (row + 1, *column)] {
            if let Some(other) = at.get(&other) {
                writeln!(out, "{code},{other}")?;
            }
        }
    }
    Ok(())
}
