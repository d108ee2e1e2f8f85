//! The invented country: GGD regions, gemeenten and wijken, with inhabitants and with what makes one wijk differ from another.

use std::io::{self, Write};

use crate::dice::{Dice, growth, wave};

/// The year of the region division.
pub const REGION_YEAR: u16 = 2022;

/// Buurten that a wijk has in the published tables; the respondents' files stop at wijken.
pub const BUURTEN: usize = 3;

/// An invented GGD region.
pub struct Ggd {
    /// `GG` and four digits that no real region has.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its number in the monitor (MIREB201), outside the real range 1 to 26.
    pub number: usize,
}

/// An invented wijk, or one of its buurten in a land that goes that far.
pub struct Wijk {
    /// The characters behind the gemeente's digits, two of a wijk and four of a buurt: digits, or letters where the gemeente uses them.
    pub suffix: String,
    /// Its name.
    pub name: String,
    /// Inhabitants of all ages; 0 in a harbour.
    pub inhabitants: u32,
    /// What living here adds to distress, in standard deviations.
    pub burden: f64,
    /// What living here adds to education, in standard deviations.
    pub learning: f64,
}

/// An invented gemeente.
pub struct Gemeente {
    /// The four digits of its code.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Position of its GGD in `Land::ggds`.
    pub ggd: usize,
    /// Share of the adults who are 65 or over.
    pub older: f64,
    /// Its smallest areas, at least one.
    pub wijken: Vec<Wijk>,
}

impl Gemeente {
    /// Inhabitants of all ages: the sum of the wijken.
    pub fn inhabitants(&self) -> u32 {
        self.wijken.iter().map(|wijk| wijk.inhabitants).sum()
    }

    /// Adults in the stratum under 65 and in the stratum of 65 and over; at least ten in each.
    pub fn adults(&self) -> [u32; 2] {
        let adults = f64::from(self.inhabitants()) * 0.81;
        let older = (adults * self.older) as u32;
        [(adults as u32 - older).max(10), older.max(10)]
    }

    /// Degree of urbanity (Stedelijkheid), 1 to 5, by size alone.
    pub fn urbanity(&self) -> u8 {
        match self.inhabitants() {
            70_000.. => 1,
            45_000.. => 2,
            30_000.. => 3,
            15_000.. => 4,
            _ => 5,
        }
    }
}

/// How small areas are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Finest {
    /// Wijken.
    Wijk,
    /// Buurten.
    Buurt,
}

/// The country, or the part of it that the data are about.
pub struct Land {
    /// GGD regions in the order of their code.
    pub ggds: Vec<Ggd>,
    /// Gemeenten in the order of their code.
    pub gemeenten: Vec<Gemeente>,
    /// The smallest areas that respondents are placed in.
    pub finest: Finest,
    /// Inhabitants of the whole country; more than those of `gemeenten` where the data cover a part.
    inhabitants: u32,
}

/// Names and numbers of wijken of the sample's gemeenten. The last one has letters in its codes; one name is not plain ASCII.
const SAMPLE: [(&str, usize); 9] = [
    ("Peilstad", 10),
    ("Oudermaat", 8),
    ("Hoogkreek", 7),
    ("Zilverveen", 7),
    ("Molenrecht", 6),
    ("Klaverhorst", 5),
    ("Brêgemar", 5),
    ("Eikenbroek", 3),
    ("Nieuw-Stroomdam", 9),
];

/// Names for wijken, used in turn.
const WIJKEN: [&str; 12] = [
    "Centrum",
    "Noord",
    "Oost",
    "Zuid",
    "West",
    "Stationskwartier",
    "Molenwijk",
    "Nieuwland",
    "De Hoeven",
    "Waterrand",
    "Oude Dorp",
    "Buitengebied",
];

impl Land {
    /// One GGD with nine gemeenten and sixty wijken, a few of them tiny and one without inhabitants.
    pub fn sample(dice: &mut Dice) -> Self {
        let ggds = vec![Ggd { code: "GG9901".into(), name: "GGD Peilland (verzonnen)".into(), number: 51 }];
        let mut gemeenten: Vec<Gemeente> = SAMPLE
            .iter()
            .enumerate()
            .map(|(place, &(name, wijken))| gemeente(place, name.into(), 0, wijken, place == SAMPLE.len() - 1, dice))
            .collect();
        // A harbour: a wijk that exists and has nobody.
        if let Some(harbour) = gemeenten.get_mut(2).and_then(|gemeente| gemeente.wijken.last_mut()) {
            harbour.name = "Haventerrein".into();
            harbour.inhabitants = 0;
        }
        Self { ggds, gemeenten, finest: Finest::Wijk, inhabitants: 17_500_000 }
    }

    /// One GGD with twelve gemeenten of ten wijken.
    pub fn ggd(dice: &mut Dice) -> Self {
        let ggds = vec![Ggd { code: "GG9901".into(), name: "GGD Peilland (verzonnen)".into(), number: 51 }];
        let name = |place| format!("Gemeente {} (verzonnen)", place + 1);
        let gemeenten = (0..12).map(|place| gemeente(place, name(place), 0, 10, false, dice)).collect();
        Self { ggds, gemeenten, finest: Finest::Wijk, inhabitants: 17_500_000 }
    }

    /// The country of [`Land::national`] in 14,028 buurten: four to a wijk, and five in every fifth one.
    pub fn buurten(dice: &mut Dice) -> Self {
        let mut land = Self::national(dice);
        let mut place = 0;
        for gemeente in &mut land.gemeenten {
            let mut buurten = Vec::new();
            for wijk in &gemeente.wijken {
                place += 1;
                let count = if place % 5 == 0 { 5 } else { 4 };
                let mut left = wijk.inhabitants;
                for at in 0..count {
                    let even = f64::from(left) / f64::from(count - at);
                    let own = if at + 1 == count { left } else { (even * growth(0.4 * dice.bell())) as u32 };
                    let inhabitants = own.min(left) / 5 * 5;
                    left -= inhabitants;
                    buurten.push(Wijk {
                        suffix: format!("{}{at:02}", wijk.suffix),
                        name: format!("{} {}", wijk.name, at + 1),
                        inhabitants,
                        burden: wijk.burden + 0.1 * dice.bell(),
                        learning: wijk.learning + 0.1 * dice.bell(),
                    });
                }
            }
            gemeente.wijken = buurten;
        }
        land.finest = Finest::Buurt;
        land.inhabitants = land.gemeenten.iter().map(Gemeente::inhabitants).sum();
        land
    }

    /// The code of a smallest area.
    pub fn code(&self, gemeente: &Gemeente, area: &Wijk) -> String {
        let prefix = match self.finest {
            Finest::Wijk => "WK",
            Finest::Buurt => "BU",
        };
        format!("{prefix}{:04}{}", gemeente.number, area.suffix)
    }

    /// 25 GGDs, 345 gemeenten and 3,340 wijken; one gemeente has more than a hundred wijken and therefore letters.
    pub fn national(dice: &mut Dice) -> Self {
        const GEMEENTEN: usize = 345;
        const LARGEST: usize = 200;
        const LARGEST_WIJKEN: usize = 110;
        const OTHER_WIJKEN: usize = 3_340 - LARGEST_WIJKEN;
        let ggds = (1..=25)
            .map(|i| Ggd { code: format!("GG{}", 9_100 + i), name: format!("GGD {i} (verzonnen)"), number: 50 + i })
            .collect();
        let mut gemeenten = Vec::with_capacity(GEMEENTEN);
        // Neighbours share what they have unevenly: one gets `shift` wijken more, the next one as many fewer.
        let mut shift = 0;
        for place in 0..GEMEENTEN {
            let letters = place == LARGEST;
            let wijken = if letters {
                LARGEST_WIJKEN
            } else {
                let rank = if place < LARGEST { place } else { place - 1 };
                let even = OTHER_WIJKEN / (GEMEENTEN - 1) + usize::from(rank < OTHER_WIJKEN % (GEMEENTEN - 1));
                if rank % 2 == 0 {
                    shift = dice.below(7);
                    even + shift
                } else {
                    even - shift
                }
            };
            let name = format!("Gemeente {} (verzonnen)", place + 1);
            gemeenten.push(gemeente(place, name, place * 25 / GEMEENTEN, wijken, letters, dice));
        }
        let inhabitants = gemeenten.iter().map(Gemeente::inhabitants).sum();
        Self { ggds, gemeenten, finest: Finest::Wijk, inhabitants }
    }

    /// Writes the region file: country, GGDs, gemeenten, wijken, and buurten where the land has them.
    pub fn write_regions(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "code;region_year;level;name;parent;population")?;
        writeln!(out, "NL00;{REGION_YEAR};nl;Nederland;;{}", self.inhabitants)?;
        for (place, ggd) in self.ggds.iter().enumerate() {
            let own = self.gemeenten.iter().filter(|gemeente| gemeente.ggd == place);
            let inhabitants: u32 = own.map(Gemeente::inhabitants).sum();
            writeln!(out, "{};{REGION_YEAR};ggd;{};NL00;{inhabitants}", ggd.code, ggd.name)?;
        }
        for gemeente in &self.gemeenten {
            let (number, ggd) = (gemeente.number, &self.ggds[gemeente.ggd].code);
            writeln!(out, "GM{number};{REGION_YEAR};gemeente;{};{ggd};{}", gemeente.name, gemeente.inhabitants())?;
        }
        for gemeente in &self.gemeenten {
            let number = gemeente.number;
            // Buurten of a wijk stand together.
            for wijk in gemeente.wijken.chunk_by(|a, b| a.suffix[..2] == b.suffix[..2]) {
                let inhabitants: u32 = wijk.iter().map(|own| own.inhabitants).sum();
                let (suffix, name) = (&wijk[0].suffix[..2], wijk[0].name.trim_end_matches(" 1"));
                writeln!(out, "WK{number}{suffix};{REGION_YEAR};wijk;{name};GM{number};{inhabitants}")?;
            }
        }
        if self.finest == Finest::Wijk {
            return Ok(());
        }
        for gemeente in &self.gemeenten {
            for Wijk { suffix, name, inhabitants, .. } in &gemeente.wijken {
                let (number, wijk) = (gemeente.number, &suffix[..2]);
                writeln!(out, "BU{number}{suffix};{REGION_YEAR};buurt;{name};WK{number}{wijk};{inhabitants}")?;
            }
        }
        Ok(())
    }
}

/// The gemeente at a place on an invented map. Burden varies smoothly over the map, so that neighbouring wijken are alike.
fn gemeente(place: usize, name: String, ggd: usize, wijken: usize, letters: bool, dice: &mut Dice) -> Gemeente {
    let (east, north) = ((place % 3) as f64, (place / 3) as f64);
    let size = growth(0.35 * dice.bell());
    let wijken = (0..wijken)
        .map(|i| {
            let x = east + 0.3 * ((i % 3) as f64 - 1.0);
            let y = north + 0.3 * ((i / 3 % 3) as f64 - 1.0);
            let burden = 0.35 * wave(0.37 * x + 0.1) + 0.25 * wave(0.29 * y) + 0.1 * dice.bell();
            let tiny = i % 7 == 6;
            let inhabitants = size * growth(0.6 * dice.bell()) * if tiny { 90.0 } else { 4_600.0 };
            Wijk {
                suffix: if letters { letter_suffix(i) } else { format!("{i:02}") },
                name: WIJKEN[i % WIJKEN.len()].into(),
                inhabitants: (inhabitants / 5.0) as u32 * 5,
                burden,
                learning: 0.2 * dice.bell() - 0.8 * burden,
            }
        })
        .collect();
    Gemeente { number: 9_001 + place, name, ggd, older: 0.2 + 0.1 * dice.unit(), wijken }
}

/// `AA`, `AB`, … for the wijken of a gemeente that uses letters.
fn letter_suffix(i: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    format!("{}{}", letter(i / 26), letter(i))
}
