//! Small invented registers as long CSVs of counts: `;`, UTF-8, LF, English names. All regions are those of the division of 2024.

use std::io::{self, Write};
use std::ops::RangeInclusive;

use crate::dice::Dice;
use crate::division::{Division, Level, Region};
use crate::kerncijfers::COUNTRY_2024;
use crate::land::Ggd;
use crate::people::to_five;

/// The year of the inhabitants in the division; earlier years have fewer.
const YEAR: u16 = 2024;
/// By what part of themselves people grow in a year.
const YEARLY_GROWTH: f64 = 0.006;
/// Where and when almost nothing was recorded: a gemeente whose police hardly used the code in its first year.
const HARDLY_RECORDED: (&str, u16, u32) = ("GM9003", 2021, 3);
/// Codes of diagnoses, with about how many providers offer treatment and the share of them whose waiting time is too long.
const DIAGNOSES: [(&str, u32, f64); 4] =
    [("angst", 24, 0.55), ("depressie", 26, 0.50), ("persoonlijkheid", 17, 0.70), ("totaal", 41, 0.58)];
/// Age groups of the deaths by suicide, and the deaths per 100,000 of each in the country in a year.
const SUICIDES_BY_AGE: [(&str, f64); 4] = [("0-29", 4.8), ("30-49", 12.6), ("50-69", 15.8), ("70+", 12.2)];
/// Shares of those age groups in the country and in the GGD region, which is older; both fit the ages of the inhabitants of 2024.
const COUNTRY_AGES: [f64; 4] = [0.338, 0.258, 0.261, 0.143];
const OWN_AGES: [f64; 4] = [0.320, 0.247, 0.280, 0.153];
/// How many times the country's rates those of the GGD region are, at every age.
const OWN_RATES: f64 = 1.15;

/// E33 reports (confused or misunderstood behaviour) per gemeente: about 6 per 1,000 inhabitants, more each year.
pub fn write_e33(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;count;inhabitants")?;
    for Region { code, burden, people, .. } in division.at(Level::Gemeente) {
        for year in 2021..=YEAR {
            let inhabitants = in_year(people.total(), year);
            let rate = 0.006 * (1.0 + 0.8 * burden) * (1.0 - 0.04 * f64::from(YEAR - year));
            let drawn = dice.count(f64::from(inhabitants) * rate);
            let count =
                if (code.as_str(), year) == (HARDLY_RECORDED.0, HARDLY_RECORDED.1) { HARDLY_RECORDED.2 } else { drawn };
            writeln!(out, "{code};{year};{count};{inhabitants}")?;
        }
    }
    Ok(())
}

/// Deaths by suicide in the country and in the GGD region, ten years.
pub fn write_suicides(out: &mut impl Write, division: &Division, ggd: &Ggd, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;count;inhabitants")?;
    let own: u32 = division.at(Level::Gemeente).iter().map(|region| region.people.total()).sum();
    for (code, people, yearly) in [("NL00", COUNTRY_2024.total(), 1_850.0), (ggd.code.as_str(), own, 38.0)] {
        for year in 2015..=YEAR {
            writeln!(out, "{code};{year};{};{}", dice.count(yearly), in_year(people, year))?;
        }
    }
    Ok(())
}

/// Deaths by suicide per age group in the country and in the GGD region, five years, with the inhabitants of the age.
///
/// The inhabitants add up to those of the file without ages. The deaths do not: there the regions differ by chance alone, and here the
/// rates at every age differ, so that a difference is left once the ages are made alike.
pub fn write_suicides_by_age(out: &mut impl Write, division: &Division, ggd: &Ggd, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;age;count;person_years")?;
    let own: u32 = division.at(Level::Gemeente).iter().map(|region| region.people.total()).sum();
    let regions = [("NL00", COUNTRY_2024.total(), COUNTRY_AGES, 1.0), (ggd.code.as_str(), own, OWN_AGES, OWN_RATES)];
    for (code, people, shares, factor) in regions {
        for year in 2020..=YEAR {
            let inhabitants = in_year(people, year);
            let [young, middle, older, _] = shares.map(|share| (f64::from(inhabitants) * share).round() as u32);
            let ages = [young, middle, older, inhabitants - young - middle - older];
            for ((age, rate), person_years) in SUICIDES_BY_AGE.into_iter().zip(ages) {
                let count = dice.count(f64::from(person_years) * rate * factor / 100_000.0);
                writeln!(out, "{code};{year};{age};{count};{person_years}")?;
            }
        }
    }
    Ok(())
}

/// Young people with youth care per gemeente and wijk, about 11 %. Counts are rounded to 5; 1 to 7 is secret and empty.
///
/// A gemeente has slightly more than its wijken together: who has no known address is counted there alone.
pub fn write_youth_care(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;count;youths")?;
    const YEARS: RangeInclusive<u16> = 2023..=YEAR;
    for gemeente in division.at(Level::Gemeente) {
        let wijken = division.only(&gemeente.code).at(Level::Wijk);
        let counts: Vec<Vec<u32>> = wijken
            .iter()
            .map(|Region { burden, people, .. }| {
                let rate = 0.11 * (1.0 + 0.5 * burden);
                YEARS.map(|year| dice.count(f64::from(in_year(people.youths(), year)) * rate)).collect()
            })
            .collect();
        for (place, year) in YEARS.enumerate() {
            let known: u32 = counts.iter().map(|years| years[place]).sum();
            let count = secret(known + known / 100);
            writeln!(out, "{};{year};{count};{}", gemeente.code, in_year(gemeente.people.youths(), year))?;
        }
        for (wijk, years) in wijken.iter().zip(counts) {
            for (year, count) in YEARS.zip(years) {
                let youths = to_five(in_year(wijk.people.youths(), year));
                writeln!(out, "{};{year};{};{youths}", wijk.code, secret(count))?;
            }
        }
    }
    Ok(())
}

/// Providers of mental health care in the GGD region, and those whose waiting time is above the agreed norm, per diagnosis.
///
/// A provider treats more than one diagnosis, so the diagnoses add up to more than the total.
pub fn write_waiting_times(out: &mut impl Write, ggd: &Ggd, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;diagnosis;above_treeknorm;providers")?;
    for (diagnosis, providers, share) in DIAGNOSES {
        let above = (f64::from(providers) * (share + 0.04 * dice.bell())).round() as u32;
        writeln!(out, "{};{YEAR};{diagnosis};{};{providers}", ggd.code, above.min(providers))?;
    }
    Ok(())
}

/// Adults with a serious mental illness (EPA) in care per gemeente, about 1.3 %.
pub fn write_epa(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "region;period;count;adults")?;
    let year = 2023;
    for Region { code, burden, people, .. } in division.at(Level::Gemeente) {
        let adults = in_year(people.adults(), year);
        let count = dice.count(f64::from(adults) * 0.013 * (1.0 + 0.6 * burden));
        writeln!(out, "{code};{year};{count};{adults}")?;
    }
    Ok(())
}

/// People of the division as they were in an earlier year; in its own year exactly those.
fn in_year(people: u32, year: u16) -> u32 {
    (f64::from(people) * (1.0 - YEARLY_GROWTH * f64::from(YEAR - year))).round() as u32
}

/// A count rounded to 5, and empty from 1 to 7.
fn secret(count: u32) -> String {
    match count {
        1..=7 => String::new(),
        count => to_five(count).to_string(),
    }
}
