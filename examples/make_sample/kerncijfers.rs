//! Small synthetic twins of CBS tables on gemeenten, wijken and buurten, each in the byte shape of the real file.

use std::io::{self, Write};

use crate::dice::Dice;
use crate::division::{Division, Level, Region};
use crate::land::Ggd;
use crate::monitor::BYTE_ORDER_MARK;
use crate::people::{People, to_five};
use crate::statline::per_cent;

/// Columns of the table of 2024.
const HEADER_2024: [&str; 13] = [
    "Wijken en buurten",
    "Regioaanduiding/Gemeentenaam (naam)",
    "Regioaanduiding/Soort regio (omschrijving)",
    "Regioaanduiding/Codering (code)",
    "Regioaanduiding/Indelingswijziging gemeente, wijk, buurt (code)",
    "Bevolking/Aantal inwoners (aantal)",
    "Bevolking/Geslacht/Mannen (aantal)",
    "Bevolking/Geslacht/Vrouwen (aantal)",
    "Bevolking/Leeftijdsgroepen/0 tot 15 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/15 tot 25 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/25 tot 45 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/45 tot 65 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/65 jaar of ouder (aantal)",
];

/// Columns of the re-export of 2019: those of the real file, as R mangled them, that say something about care and income.
const HEADER_2019: [&str; 17] = [
    "",
    "Wijken.en.buurten",
    "Regioaanduiding.Gemeentenaam..naam.",
    "Regioaanduiding.Soort.regio..omschrijving.",
    "Regioaanduiding.Codering..code.",
    "Regioaanduiding.Indelingswijziging.wijken.en.buurten..code.",
    "Bevolking.Aantal.inwoners..aantal.",
    "Bevolking.Leeftijdsgroepen.0.tot.15.jaar..aantal.",
    "Bevolking.Leeftijdsgroepen.15.tot.25.jaar..aantal.",
    "Bevolking.Leeftijdsgroepen.25.tot.45.jaar..aantal.",
    "Bevolking.Leeftijdsgroepen.45.tot.65.jaar..aantal.",
    "Bevolking.Leeftijdsgroepen.65.jaar.of.ouder..aantal.",
    "Inkomen.Inkomen.van.huishoudens.Huishoudens.met.een.laag.inkomen....",
    "Zorg.Jongeren.met.jeugdzorg.in.natura..aantal.",
    "Zorg.Percentage.jongeren.met.jeugdzorg....",
    "Zorg.Wmo.cliënten..aantal.",
    "Zorg.Wmo.cliënten.relatief..per.1.000.inwoners.",
];

/// Columns of the table of socio-economic scores.
const HEADER_SES: [&str; 9] = [
    "Perioden",
    "Wijken en buurten",
    "Regiocode (gemeente, wijk, buurt) (code)",
    "Particuliere huishoudens (Aantal)",
    "Opleidingsniveau/Laag/Waarde (%)",
    "Opleidingsniveau/Middelbaar/Waarde (%)",
    "Opleidingsniveau/Hoog/Waarde (%)",
    "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
    "Spreiding/Spreiding totaal/Waarde (Getal)",
];

/// The country in 2024 and in 2019, invented near the size of the real one.
pub const COUNTRY_2024: People =
    People { men: 8_915_204, ages: [2_712_310, 2_198_745, 4_581_020, 4_766_208, 3_673_123] };
const COUNTRY_2019: People = People { men: 8_573_310, ages: [2_738_102, 2_130_450, 4_252_377, 4_838_611, 3_312_365] };

/// A missing decimal as R wrote it; a missing whole number is `NA`.
const NO_DECIMAL: &str = "\"\"";

/// Inhabitants by sex and age of 2024: gemeenten exact, wijken and buurten rounded to 5, gemeenten in the order of their names.
pub fn write_inhabitants_2024(out: &mut impl Write, division: &Division) -> io::Result<()> {
    write!(out, "{BYTE_ORDER_MARK}{}\r\n", quoted(&HEADER_2024, ";"))?;
    let country = format!("\"Nederland\";\"{:<40}\";\"{:<10}\";\"NL00      \";\".\"", "Nederland", "Land");
    write!(out, "{country};{}\r\n", counts_2024(&COUNTRY_2024, Level::Gemeente))?;
    let mut regions = division.regions();
    regions.sort_by(|a, b| a.gemeente.cmp(&b.gemeente));
    for Region { level, code, name, gemeente, change, people, .. } in &regions {
        let (level_word, change) = (level.word(), change.code());
        write!(out, "\"{name}\";\"{gemeente:<40}\";\"{level_word:<10}\";\"{code:<10}\";\"{change}\"")?;
        write!(out, ";{}\r\n", counts_2024(people, *level))?;
    }
    Ok(())
}

fn counts_2024(people: &People, level: Level) -> String {
    let counts = [people.total(), people.men, people.women()].into_iter().chain(people.ages);
    joined(counts.map(|count| published(count, level)), ";")
}

/// A count of inhabitants as it is published at a level: exact per gemeente, else rounded to 5.
fn published(count: u32, level: Level) -> u32 {
    if level == Level::Gemeente { count } else { to_five(count) }
}

/// The gemeenten of a division and their GGD, in the shape of the project's own list.
pub fn write_ggd_of_gemeenten(out: &mut impl Write, division: &Division, ggd: &Ggd) -> io::Result<()> {
    writeln!(out, "gm_code,gm_naam_2024,gg_code,gg_naam,afleiding")?;
    for Region { code, name, .. } in division.at(Level::Gemeente) {
        writeln!(out, "{code},{name},{},{},verzonnen", ggd.code, ggd.name)?;
    }
    Ok(())
}

/// Care and income of 2019 as R saved them: row names, commas, dots in the header, decimal comma within quotes.
pub fn write_care_2019(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "{}", quoted(&HEADER_2019, ","))?;
    let country = format!("\"1\",\"Nederland\",\"{:<40}\",\"{:<10}\",\"NL00      \",\".\"", "Nederland", "Land");
    let ages = joined(COUNTRY_2019.ages, ",");
    writeln!(out, "{country},{},{ages},\"7,6\",436210,\"9,8\",1163420,67", COUNTRY_2019.total())?;
    for (row, region) in division.regions().iter().enumerate() {
        let Region { level, code, name, gemeente, people, .. } = region;
        // The table of that year says of no gemeente whether it changed.
        let change = if *level == Level::Gemeente { "." } else { region.change.code() };
        let row = row + 2;
        write!(out, "\"{row}\",\"{name}\",\"{gemeente:<40}\",\"{:<10}\",\"{code:<10}\",\"{change}\"", level.word())?;
        let counts = [people.total()].into_iter().chain(people.ages).map(|count| published(count, *level));
        writeln!(out, ",{},{}", joined(counts, ","), care_2019(region, dice))?;
    }
    Ok(())
}

/// Low income, youth care and Wmo of a region. Income from 100 households on; care counts under 8 are secret, the others rounded to 5.
fn care_2019(region: &Region, dice: &mut Dice) -> String {
    let (people, burden) = (&region.people, region.burden);
    let low_income = (76.0 + 60.0 * burden + 6.0 * dice.bell()).clamp(10.0, 400.0) as u64;
    let low_income = if households(people.total()) >= 100.0 { decimal(low_income) } else { NO_DECIMAL.into() };
    let youth_care = dice.count(f64::from(people.youths()) * 0.10 * (1.0 + 0.5 * burden));
    let wmo = dice.count(f64::from(people.total()) * 0.067 * (1.0 + 0.5 * burden));
    let youth_care = match youth_care {
        0..=7 => format!("NA,{NO_DECIMAL}"),
        count => {
            let count = to_five(count);
            format!("{count},{}", decimal(u64::from(count * 1_000 / people.youths().max(1))))
        }
    };
    let wmo = match wmo {
        0..=7 => "NA,NA".into(),
        // The relative figure is computed after rounding.
        count => format!("{},{}", to_five(count), to_five(count) * 1_000 / people.total().max(1)),
    };
    format!("{low_income},{youth_care},{wmo}")
}

/// Tenths of a per cent with a decimal comma, within quotes.
fn decimal(tenths: u64) -> String {
    format!("\"{}\"", per_cent(tenths).replace('.', ","))
}

/// Socio-economic scores of 2019: all fields quoted and padded, `.` up to 100 households.
pub fn write_ses_2019(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "{BYTE_ORDER_MARK}{}", quoted(&HEADER_SES, ";"))?;
    for Region { code, name, burden, people, .. } in division.regions() {
        let households = (households(people.total()) / 100.0).round() as u32 * 100;
        let low = (240.0 + 100.0 * burden + 12.0 * dice.bell()).clamp(50.0, 450.0) as u32;
        let high = (360.0 - 130.0 * burden + 15.0 * dice.bell()).clamp(50.0, 540.0) as u32;
        let score = (-110.0 - 350.0 * burden + 25.0 * dice.bell()).clamp(-950.0, 950.0) as i32;
        let spread = (800.0 + 150.0 * burden + 20.0 * dice.bell()).clamp(300.0, 1_500.0) as u32;
        write!(out, "\"2019\";\"{name}\";\"{code:<10}\";\"{households:>8}\"")?;
        if households <= 100 {
            writeln!(out, "{}", ";\"       .\"".repeat(5))?;
            continue;
        }
        for tenths in [low, 1_000 - low - high, high] {
            write!(out, ";\"{:>8.1}\"", f64::from(tenths) / 10.0)?;
        }
        writeln!(out, ";\"{:>8.3}\";\"{:>8.3}\"", f64::from(score) / 1_000.0, f64::from(spread) / 1_000.0)?;
    }
    Ok(())
}

/// Private households that inhabitants make up, not rounded.
pub fn households(inhabitants: u32) -> f64 {
    f64::from(inhabitants) * 0.47
}

/// A header with all names quoted.
fn quoted(names: &[&str], separator: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(separator)
}

/// Whole numbers behind each other.
fn joined(numbers: impl IntoIterator<Item = u32>, separator: &str) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    numbers.join(separator)
}
