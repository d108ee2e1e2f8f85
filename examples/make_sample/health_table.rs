//! Table 50090NED, health per wijk and buurt in 2012, 2016 and 2020, in the shape with symbols: text quoted and padded, decimal point, a
//! padded `.` for what is unknown or secret, nothing at all for what was not asked that year.

use std::io::{self, Write};

use crate::dice::Dice;
use crate::division::{Division, Level, Region};
use crate::monitor::BYTE_ORDER_MARK;

/// Keys of the attributes and measures; the number behind a key is the position of the column.
#[rustfmt::skip]
const KEYS: [&str; 38] = [
    "Gemeentenaam_1", "SoortRegio_2", "Codering_3", "ErvarenGezondheidGoedZeerGoed_4", "VoldoetAanBeweegrichtlijn_5",
    "WekelijkseSporters_6", "Ondergewicht_7", "NormaalGewicht_8", "Overgewicht_9", "ErnstigOvergewicht_10", "Roker_11",
    "VoldoetAanAlcoholRichtlijn_12", "Drinker_13", "ZwareDrinker_14", "OvermatigeDrinker_15",
    "EenOfMeerLangdurigeAandoeningen_16", "BeperktVanwegeGezondheid_17", "ErnstigBeperktVanwegeGezondheid_18",
    "LangdurigeZiekteEnBeperkt_19", "EenOfMeerLichamelijkeBeperkingen_20", "BeperkingInHoren_21", "BeperkingInZien_22",
    "BeperkingInBewegen_23", "MatigHoogRisicoOpAngstOfDepressie_24", "HoogRisicoOpAngstOfDepressie_25",
    "HeelVeelStressInAfgelopen4Weken_26", "MatigVeelRegieOverEigenLeven_27", "Eenzaam_28",
    "ErnstigZeerErnstigEenzaam_29", "EmotioneelEenzaam_30", "SociaalEenzaam_31", "Mantelzorger_32",
    "Vrijwilligerswerk_33", "LopenEnOfFietsenNaarSchoolOfWerk_34", "LopenNaarSchoolOfWerk_35",
    "FietsenNaarSchoolOfWerk_36", "ErnstigeGeluidhinderDoorBuren_37", "MoeiteMetRondkomen_38",
];
/// The attributes among the keys; what follows is measures.
const ATTRIBUTES: usize = 3;

/// The measures of the twin: position, level in tenths for 18+, 18 to 65 and 65+ of 2016, and tenths per standard deviation of burden.
#[rustfmt::skip]
const TWIN: [(usize, [i32; 3], i32); 11] = [
    (24, [440, 450, 410], 160),
    (25, [65, 70, 47], 60),
    (26, [180, 210, 65], 80),
    (27, [900, 910, 850], -60),
    (28, [440, 425, 485], 130),
    (29, [100, 101, 95], 60),
    (30, [240, 235, 250], 110),
    (31, [310, 300, 340], 90),
    (32, [140, 137, 150], 15),
    (33, [285, 283, 290], -90),
    (38, [190, 210, 120], 140),
];

/// Age codes and their place in the rows of the whole table: 18+, 18 to 65, 65+.
const AGES: [&str; 3] = ["20300", "53115", "80200"];
const YEARS: [u16; 3] = [2012, 2016, 2020];
/// The slices, place of the age and place of the year, in the order of the real file. 18 to 65 in 2020 is not among them.
const SLICES: [(usize, usize); 8] = [(1, 0), (0, 0), (2, 0), (1, 1), (0, 1), (2, 1), (0, 2), (2, 2)];

/// Gemeenten, wijken and buurten of the table of the whole country.
const GEMEENTEN: usize = 355;
const WIJKEN: usize = 3_177;
const BUURTEN: usize = 13_808;
/// Rows of the whole table per age and margin, and per age: 17,341 regions by 3 years, by 3 margins.
const REGIONS: usize = 1 + GEMEENTEN + WIJKEN + BUURTEN;
const ROWS_PER_AGE: usize = REGIONS * YEARS.len() * 3;

/// A cell of a measure.
enum Cell {
    /// Tenths of a per cent.
    Tenths(u32),
    /// Unknown, unreliable or secret.
    Secret,
    /// Not asked that year of that age.
    NotAsked,
}

/// What stands in front of the measures of a row.
struct Area {
    code: String,
    gemeente: String,
    kind: &'static str,
    /// Place among all regions of the table.
    place: usize,
}

/// The twin for the invented GGD: country, gemeenten and wijken, and the measures about mental health and around it.
pub fn write_twin(out: &mut impl Write, division: &Division, dice: &mut Dice) -> io::Result<()> {
    let measures: Vec<usize> = TWIN.iter().map(|(column, ..)| *column).collect();
    write_header(out, &measures)?;
    let regions: Vec<(usize, Region)> = division.regions().into_iter().enumerate().collect();
    for (age, year) in SLICES {
        let cells: Vec<Cell> = TWIN.iter().map(|measure| twin_cell(measure, age, year, 0.0, 0.0, dice)).collect();
        write_row(out, &country(), (age, year), cells)?;
        for (place, region) in regions.iter().filter(|(_, region)| region.level != Level::Buurt) {
            let Region { level, code, gemeente, burden, people, .. } = region;
            let asked_people = [people.adults(), people.adults().saturating_sub(people.ages[4]), people.ages[4]][age];
            let (spread, chance) = if *level == Level::Gemeente { (4.0, 0.0) } else { (9.0, 0.01) };
            let secret = asked_people < 50 || dice.chance(chance);
            let area = Area { code: code.clone(), gemeente: gemeente.clone(), kind: level.word(), place: place + 1 };
            let cells = TWIN.iter().map(|measure| match twin_cell(measure, age, year, *burden, spread, dice) {
                Cell::Tenths(_) if secret => Cell::Secret,
                cell => cell,
            });
            write_row(out, &area, (age, year), cells)?;
        }
    }
    Ok(())
}

/// A cell of the twin: the level of the age, a little higher in each later year, with burden and chance.
fn twin_cell(
    (column, levels, slope): &(usize, [i32; 3], i32),
    age: usize,
    year: usize,
    burden: f64,
    spread: f64,
    dice: &mut Dice,
) -> Cell {
    let level = f64::from(levels[age]) * (0.96 + 0.04 * year as f64);
    let tenths = level + f64::from(*slope) * burden + spread * dice.bell();
    match asked(*column, age, year) {
        true => Cell::Tenths(tenths.clamp(10.0, 980.0) as u32),
        false => Cell::NotAsked,
    }
}

/// The table of a whole invented country, 138,728 rows of 43 columns, for measuring speed. About one row in twenty is secret.
pub fn write_national(out: &mut impl Write, dice: &mut Dice) -> io::Result<()> {
    let measures: Vec<usize> = (ATTRIBUTES + 1..=KEYS.len()).collect();
    write_header(out, &measures)?;
    let areas = national_areas();
    for (age, year) in SLICES {
        for area in &areas {
            let secret = area.place > GEMEENTEN && dice.chance(0.05);
            let cells = measures.iter().map(|&column| match (asked(column, age, year), secret) {
                (false, _) => Cell::NotAsked,
                (true, true) => Cell::Secret,
                (true, false) => Cell::Tenths(10 + dice.below(980) as u32),
            });
            write_row(out, area, (age, year), cells)?;
        }
    }
    Ok(())
}

/// All regions of the invented country: each gemeente, its wijken, each with its buurten.
fn national_areas() -> Vec<Area> {
    let mut areas = vec![country()];
    let mut push = |code: String, gemeente: &str, kind| {
        let place = areas.len();
        areas.push(Area { code, gemeente: gemeente.into(), kind, place });
    };
    let mut wijken = 0;
    for place in 0..GEMEENTEN {
        let number = 9_001 + place;
        let name = format!("Gemeente {} (verzonnen)", place + 1);
        push(format!("GM{number}"), &name, Level::Gemeente.word());
        for wijk in 0..part(WIJKEN, GEMEENTEN, place) {
            push(format!("WK{number}{wijk:02}"), &name, Level::Wijk.word());
            for buurt in 0..part(BUURTEN, WIJKEN, wijken) {
                push(format!("BU{number}{wijk:02}{buurt:02}"), &name, Level::Buurt.word());
            }
            wijken += 1;
        }
    }
    areas
}

/// How many of `whole` things go to place `place` of `places`, so that all are given and none gets more than one above another.
fn part(whole: usize, places: usize, place: usize) -> usize {
    whole / places + usize::from(place < whole % places)
}

fn country() -> Area {
    Area { code: "NL01".into(), gemeente: "Nederland".into(), kind: "Land", place: 0 }
}

/// Whether a measure was asked of an age in a year; age and year by their place.
fn asked(column: usize, age: usize, year: usize) -> bool {
    match column {
        5 | 6 | 12 | 16 | 27 | 31 | 33 => year >= 1,
        17..=19 | 26 | 37 => year >= 2,
        34..=36 => age == 1 && year < 2,
        _ => true,
    }
}

fn write_header(out: &mut impl Write, measures: &[usize]) -> io::Result<()> {
    write!(out, "{BYTE_ORDER_MARK}\"ID\";\"Leeftijd\";\"Marges\";\"WijkenEnBuurten\";\"Perioden\"")?;
    for column in (1..=ATTRIBUTES).chain(measures.iter().copied()) {
        write!(out, ";\"{}\"", KEYS[column - 1])?;
    }
    write!(out, "\r\n")
}

/// A row. The number in front counts the rows of the whole table: by age, by margin, by region, by year.
fn write_row(
    out: &mut impl Write,
    area: &Area,
    (age, year): (usize, usize),
    cells: impl IntoIterator<Item = Cell>,
) -> io::Result<()> {
    let Area { code, gemeente, kind, place } = area;
    let id = age * ROWS_PER_AGE + place * YEARS.len() + year;
    write!(out, "{id};\"{}\";\"MW00000\";\"{code:<10}\";\"{}JJ00\"", AGES[age], YEARS[year])?;
    write!(out, ";\"{gemeente:<40}\";\"{kind:<10}\";\"{code:<20}\"")?;
    for cell in cells {
        match cell {
            Cell::Tenths(tenths) => write!(out, ";\"{:>6}.{}\"", tenths / 10, tenths % 10)?,
            Cell::Secret => out.write_all(b";\"       .\"")?,
            Cell::NotAsked => out.write_all(b";")?,
        }
    }
    write!(out, "\r\n")
}
