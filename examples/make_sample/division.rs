//! The invented GGD down to its buurten, in the division of 2022 and in that of 2024, and what became of each code in between.
//!
//! Three things happen, each with a difficulty of its own for who compares years:
//!
//! - Klaverhorst and Eikenbroek merge to Klavereik: new codes for areas that stayed as they were, and one gemeente that is new.
//! - Brêgemar takes the name Brêgemar aan Zee, and with a name a gemeente changes its code and those of its wijken and buurten.
//! - One wijk of Peilstad is split. It keeps its code and loses people, so that the same code means another area.

use std::io::{self, Write};

use crate::dice::Dice;
use crate::land::{BUURTEN, Land};
use crate::people::People;

/// The wijk that is split, the buurt that leaves it, and the codes of both in 2024.
const SPLIT: Split = Split {
    wijk: "WK900101",
    buurt: "BU90010102",
    new_wijk: "WK900110",
    new_name: "Noord-Oost",
    new_buurt: "BU90011000",
};
/// Share of a wijk's inhabitants in its last buurt, and therefore of the split wijk in the new one.
const LAST_BUURT: f64 = 0.4;
/// The gemeenten that merge, and the one that comes of it.
const MERGED: [&str; 2] = ["GM9006", "GM9008"];
const MERGER: (&str, &str) = ("GM9010", "Klavereik");
/// The gemeente that gets another name, and what it is afterwards.
const RENAMED: &str = "GM9007";
const NEW_NAME: (&str, &str) = ("GM9011", "Brêgemar aan Zee");
/// What the buurten of a wijk are called behind the name of the wijk.
const BUURT_NAMES: [&str; BUURTEN] = ["kern", "rand", "nieuwbouw"];

struct Split {
    wijk: &'static str,
    buurt: &'static str,
    new_wijk: &'static str,
    new_name: &'static str,
    new_buurt: &'static str,
}

/// How an area compares with the year before, as the column `Indelingswijziging` says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The same area under the same code.
    None,
    /// The same area under another code or name.
    Renamed,
    /// Another area.
    Area,
}

impl Change {
    /// The code in the published table.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "1",
            Self::Renamed => "2",
            Self::Area => "3",
        }
    }
}

/// Code and name of an area.
#[derive(Clone)]
struct Place {
    code: String,
    name: String,
    change: Change,
}

/// A buurt and where it lies.
#[derive(Clone)]
struct Buurt {
    gemeente: Place,
    wijk: Place,
    own: Place,
    burden: f64,
    people: People,
}

/// The level of a region.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `GM` and four digits.
    Gemeente,
    /// `WK`, the gemeente and two characters.
    Wijk,
    /// `BU`, the wijk and two digits.
    Buurt,
}

impl Level {
    /// The word in the published tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gemeente => "Gemeente",
            Self::Wijk => "Wijk",
            Self::Buurt => "Buurt",
        }
    }
}

/// A gemeente, wijk or buurt with its people.
pub struct Region {
    /// What it is.
    pub level: Level,
    /// Its code with the letters in front.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Name of its gemeente; of a gemeente its own.
    pub gemeente: String,
    /// What happened to it.
    pub change: Change,
    /// What living here adds to distress, in standard deviations; the mean over its people.
    pub burden: f64,
    /// Who lives there, not rounded.
    pub people: People,
}

/// What became of a code: its people went to `to` for the part `share`, in (0, 1].
pub struct Recode {
    from: String,
    to: String,
    share: f64,
}

/// All buurten of one year in the order of their codes.
pub struct Division(Vec<Buurt>);

impl Division {
    /// Divides the wijken of the land into buurten. The last buurt has `LAST_BUURT` of the people, the others divide the rest unevenly.
    pub fn of_2022(land: &Land, dice: &mut Dice) -> Self {
        let mut buurten = Vec::new();
        for gemeente in &land.gemeenten {
            for wijk in &gemeente.wijken {
                let digits = format!("{}{}", gemeente.number, wijk.suffix);
                let inhabitants = f64::from(wijk.inhabitants);
                let last = (inhabitants * LAST_BUURT).round() as u32;
                let first = (f64::from(wijk.inhabitants - last) * (0.35 + 0.3 * dice.unit())) as u32;
                let sizes = [first, wijk.inhabitants - last - first, last];
                for (number, (size, name)) in sizes.into_iter().zip(BUURT_NAMES).enumerate() {
                    buurten.push(Buurt {
                        gemeente: place(format!("GM{}", gemeente.number), &gemeente.name),
                        wijk: place(format!("WK{digits}"), &wijk.name),
                        own: place(format!("BU{digits}{number:02}"), &format!("{} {name}", wijk.name)),
                        burden: wijk.burden + 0.05 * dice.bell(),
                        people: People::draw(size, gemeente.older, dice),
                    });
                }
            }
        }
        Self(buurten)
    }

    /// The division of 2024, its people two years on, and the way from the codes of 2022 to those of 2024.
    pub fn to_2024(&self, dice: &mut Dice) -> (Self, Vec<Recode>) {
        let merged_wijken = self.merged_wijken();
        let new: Vec<Buurt> = self.0.iter().map(|buurt| successor(buurt, &merged_wijken)).collect();
        let mut recodes = Vec::new();
        for level in [Level::Gemeente, Level::Wijk, Level::Buurt] {
            let pairs = self.0.iter().zip(&new).map(|(old, new)| (&old.at(level).code, &new.at(level).code));
            recodes.extend(recodes_of(pairs));
        }
        let mut division = Self(new).with_people(1.012, dice);
        division.0.sort_by(|a, b| a.own.code.cmp(&b.own.code));
        (division, recodes)
    }

    /// The same areas with about `factor` as many people.
    pub fn with_people(self, factor: f64, dice: &mut Dice) -> Self {
        let changed = |buurt: Buurt| Buurt { people: buurt.people.changed(factor, dice), ..buurt };
        Self(self.0.into_iter().map(changed).collect())
    }

    /// Only the buurten of one gemeente.
    pub fn only(&self, gemeente: &str) -> Self {
        Self(self.0.iter().filter(|buurt| buurt.gemeente.code == gemeente).cloned().collect())
    }

    /// Every gemeente, followed by its wijken, each followed by its buurten.
    pub fn regions(&self) -> Vec<Region> {
        let mut regions = Vec::new();
        for gemeente in self.0.chunk_by(|a, b| a.gemeente.code == b.gemeente.code) {
            regions.extend(region(Level::Gemeente, gemeente));
            for wijk in gemeente.chunk_by(|a, b| a.wijk.code == b.wijk.code) {
                regions.extend(region(Level::Wijk, wijk));
                regions.extend(wijk.chunks(1).filter_map(|buurt| region(Level::Buurt, buurt)));
            }
        }
        regions
    }

    /// The regions of one level in the order of their codes.
    pub fn at(&self, level: Level) -> Vec<Region> {
        self.regions().into_iter().filter(|region| region.level == level).collect()
    }

    /// Codes of the wijken of the merging gemeenten; the position of a wijk here is its number in the new gemeente.
    fn merged_wijken(&self) -> Vec<String> {
        let merging = self.0.iter().filter(|buurt| MERGED.contains(&buurt.gemeente.code.as_str()));
        let mut codes: Vec<String> = merging.map(|buurt| buurt.wijk.code.clone()).collect();
        codes.dedup();
        codes
    }
}

impl Buurt {
    fn at(&self, level: Level) -> &Place {
        match level {
            Level::Gemeente => &self.gemeente,
            Level::Wijk => &self.wijk,
            Level::Buurt => &self.own,
        }
    }
}

fn place(code: String, name: &str) -> Place {
    Place { code, name: name.into(), change: Change::None }
}

/// The region of a level that a run of buurten makes up; `None` for no buurt.
fn region(level: Level, buurten: &[Buurt]) -> Option<Region> {
    let first = buurten.first()?;
    let Place { code, name, change } = first.at(level).clone();
    let mut people = People::default();
    let (mut burden, mut weight) = (0.0, 0.0);
    for buurt in buurten {
        people += buurt.people;
        // An empty buurt counts for one person, so that a harbour has a burden too.
        let own = f64::from(buurt.people.total().max(1));
        burden += own * buurt.burden;
        weight += own;
    }
    Some(Region { level, code, name, gemeente: first.gemeente.name.clone(), change, burden: burden / weight, people })
}

/// A buurt of 2022 as it is called in 2024; the people are still those of 2022.
fn successor(old: &Buurt, merged_wijken: &[String]) -> Buurt {
    let mut new = old.clone();
    if let Some(number) = merged_wijken.iter().position(|code| *code == old.wijk.code) {
        renumber(&mut new, MERGER, &format!("{number:02}"));
        new.gemeente.change = Change::Area;
        // Both gemeenten had a wijk Centrum.
        new.wijk.name = format!("{} {}", old.gemeente.name, old.wijk.name);
        new.own.name = format!("{} {}", old.gemeente.name, old.own.name);
    } else if old.gemeente.code == RENAMED {
        renumber(&mut new, NEW_NAME, suffix(&old.wijk.code));
    } else if old.wijk.code == SPLIT.wijk {
        new.wijk.change = Change::Area;
        if old.own.code == SPLIT.buurt {
            new.wijk.code = SPLIT.new_wijk.into();
            new.wijk.name = SPLIT.new_name.into();
            new.own.code = SPLIT.new_buurt.into();
            new.own.change = Change::Renamed;
        }
    }
    new
}

/// Moves a buurt and its wijk to a gemeente under which they are the same areas with other codes.
fn renumber(buurt: &mut Buurt, (code, name): (&str, &str), wijk: &str) {
    let digits = code.trim_start_matches("GM");
    let own = format!("BU{digits}{wijk}{}", suffix(&buurt.own.code));
    buurt.gemeente = Place { code: code.into(), name: name.into(), change: Change::Renamed };
    buurt.wijk.code = format!("WK{digits}{wijk}");
    buurt.wijk.change = Change::Renamed;
    buurt.own.code = own;
    buurt.own.change = Change::Renamed;
}

/// The last two characters of a code, its number within the wider region. Codes are plain ASCII.
fn suffix(code: &str) -> &str {
    &code[code.len() - 2..]
}

/// The recodes of one level from old and new codes, in the order of the old ones. A code that simply stays is left out.
fn recodes_of<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<Recode> {
    let mut recodes: Vec<Recode> = Vec::new();
    for (from, to) in pairs {
        let split = from == SPLIT.wijk;
        let known = recodes.iter().any(|recode| recode.from == *from && recode.to == *to);
        if known || (from == to && !split) {
            continue;
        }
        let share = match (split, from == to) {
            (false, _) => 1.0,
            (true, true) => 1.0 - LAST_BUURT,
            (true, false) => LAST_BUURT,
        };
        recodes.push(Recode { from: from.clone(), to: to.clone(), share });
    }
    recodes
}

/// The way from 2022 to 2024: one row per code that changed, gemeenten first.
pub fn write_recodes(out: &mut impl Write, recodes: &[Recode]) -> io::Result<()> {
    writeln!(out, "from;to;share")?;
    recodes.iter().try_for_each(|Recode { from, to, share }| writeln!(out, "{from};{to};{share}"))
}
