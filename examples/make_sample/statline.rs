//! Small synthetic twins of two published RIVM tables, in the byte shape of the real files: byte order mark, CRLF, `;`, padded region
//! codes, decimal point, no trailing `.0`, empty where nothing was published.

use std::io::{self, Write};

use crate::dice::Dice;
use crate::land::{BUURTEN, Land};
use crate::monitor::BYTE_ORDER_MARK;
use crate::young_adults::MEASURES;

/// Table 50120NED, one slice: high risk of anxiety or depression, 18 to 65, 2022, modelled per gemeente, wijk and buurt. All fields quoted.
pub fn write_wijk_model(out: &mut impl Write, land: &Land, dice: &mut Dice) -> io::Result<()> {
    write!(
        out,
        "{BYTE_ORDER_MARK}\"ID\";\"Leeftijd\";\"Marges\";\"WijkenEnBuurten\";\"Perioden\";\"HoogRisicoOpAngstOfDepressie_25\"\r\n"
    )?;
    let mut id = 216_035;
    let mut row = |out: &mut dyn Write, region: &str, tenths: Option<u64>| {
        id += 4;
        // A missing value is empty and not even quoted.
        let value = tenths.map_or(String::new(), |tenths| format!("\"{}\"", per_cent(tenths)));
        write!(out, "\"{id}\";\"53115\";\"MW00000\";\"{region:<10}\";\"2022JJ00\";{value}\r\n")
    };
    row(out, "NL01", Some(114))?;
    for gemeente in &land.gemeenten {
        let number = gemeente.number;
        let people = f64::from(gemeente.inhabitants().max(1));
        let burden: f64 = gemeente.wijken.iter().map(|wijk| wijk.burden * f64::from(wijk.inhabitants) / people).sum();
        row(out, &format!("GM{number}"), Some(model(burden, 0.0, dice)))?;
        for wijk in &gemeente.wijken {
            let suffix = &wijk.suffix;
            let value = model(wijk.burden, 2.0, dice);
            row(out, &format!("WK{number}{suffix}"), (wijk.inhabitants >= 50).then_some(value))?;
            for buurt in 0..BUURTEN {
                let value = model(wijk.burden, 8.0, dice);
                let published = wijk.inhabitants >= 200 && !dice.chance(0.03);
                row(out, &format!("BU{number}{suffix}{buurt:02}"), published.then_some(value))?;
            }
        }
    }
    Ok(())
}

/// A modelled share in tenths of a per cent, with chance of `spread` tenths.
fn model(burden: f64, spread: f64, dice: &mut Dice) -> u64 {
    (114.0 + 80.0 * burden + spread * dice.bell()).clamp(21.0, 300.0) as u64
}

/// Table 50140NED: young adults 2024 per gemeente and GGD, all measures. Nothing quoted. `CG01` is a row that is no region, as in the
/// real file, and one gemeente is empty throughout.
pub fn write_young_adults(out: &mut impl Write, land: &Land, dice: &mut Dice) -> io::Result<()> {
    write!(out, "{BYTE_ORDER_MARK}ID;Persoonskenmerken;Marges;RegioS")?;
    for (key, _) in MEASURES {
        write!(out, ";{key}")?;
    }
    write!(out, "\r\n")?;
    let empty_gemeente = land.gemeenten.len() - 2;
    let gemeenten = land.gemeenten.iter().enumerate().map(|(place, gemeente)| {
        let empty = if place == empty_gemeente { 1.0 } else { 0.15 };
        (format!("GM{}", gemeente.number), empty, 3.0)
    });
    let ggds = land.ggds.iter().map(|ggd| (ggd.code.clone(), 0.01, 1.5));
    let regions = [("NL01".into(), 0.0, 0.0), ("CG01".into(), 0.3, 4.0)].into_iter().chain(gemeenten).chain(ggds);
    for (id, (region, empty, spread)) in regions.enumerate() {
        write!(out, "{id};T009002;MW00000;{region:<6}")?;
        for (_, level) in MEASURES {
            let level = f64::from(level);
            let tenths = (10.0 * (level + spread * level / 40.0 * dice.bell())).clamp(1.0, 990.0) as u64;
            match dice.chance(empty) {
                true => write!(out, ";")?,
                false => write!(out, ";{}", per_cent(tenths))?,
            }
        }
        write!(out, "\r\n")?;
    }
    Ok(())
}

/// Tenths of a per cent as StatLine writes them: `114` is `11.4`, `120` is `12`.
pub fn per_cent(tenths: u64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}
