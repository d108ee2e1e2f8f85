//! Socio-economic scores of the gemeenten and wijken of the respondents' year, to rank regions by. The list is the project's own, not a
//! twin of a published table: plain UTF-8, LF, decimal comma.

use std::io::{self, Write};

use crate::dice::{Dice, growth};
use crate::kerncijfers::households;
use crate::land::{Gemeente, Land, Wijk};

/// What one standard deviation of distress takes from the score, in thousandths. A wijk has the same effect on the answers of who lives
/// there, so that distress and loneliness run along the score.
const BY_BURDEN: f64 = -750.0;
/// What the score has to itself, in thousandths, so that it says something about the answers and not everything.
const NOISE: f64 = 70.0;
/// Where the score ends, in thousandths.
const FURTHEST: f64 = 600.0;
/// Households from which on a wijk has a score: in the sample all but the harbour. CBS asks for more.
const FEWEST: u32 = 10;

/// Score and households of an area; no score where there are too few households.
struct Area {
    thousandths: Option<i32>,
    households: u32,
}

/// Scores of all gemeenten, then of all wijken, in the order of the region file.
pub fn write_scores(out: &mut impl Write, land: &Land, dice: &mut Dice) -> io::Result<()> {
    writeln!(out, "code;score;households")?;
    let wijken: Vec<Vec<Area>> =
        land.gemeenten.iter().map(|gemeente| gemeente.wijken.iter().map(|wijk| draw(wijk, dice)).collect()).collect();
    for (Gemeente { number, .. }, areas) in land.gemeenten.iter().zip(&wijken) {
        row(out, &format!("GM{number}"), &together(areas))?;
    }
    for (Gemeente { number, wijken: own, .. }, areas) in land.gemeenten.iter().zip(&wijken) {
        for (wijk, area) in own.iter().zip(areas) {
            row(out, &format!("WK{number}{}", wijk.suffix), area)?;
        }
    }
    Ok(())
}

fn draw(wijk: &Wijk, dice: &mut Dice) -> Area {
    // Some wijken have more people to a household than others.
    let households = households(wijk.inhabitants) * growth(0.06 * dice.bell());
    let households = (households / 10.0).round() as u32 * 10;
    let score = (BY_BURDEN * wijk.burden + NOISE * dice.bell()).clamp(-FURTHEST, FURTHEST).round() as i32;
    Area { thousandths: (households >= FEWEST).then_some(score), households }
}

/// A gemeente: the mean over the households of its wijken. A wijk without a score is not in the mean.
fn together(wijken: &[Area]) -> Area {
    let (mut sum, mut scored) = (0.0, 0);
    for Area { thousandths, households } in wijken {
        if let Some(score) = thousandths {
            sum += f64::from(*score) * f64::from(*households);
            scored += households;
        }
    }
    let thousandths = (scored > 0).then(|| (sum / f64::from(scored)).round() as i32);
    Area { thousandths, households: wijken.iter().map(|wijk| wijk.households).sum() }
}

fn row(out: &mut impl Write, code: &str, Area { thousandths, households }: &Area) -> io::Result<()> {
    writeln!(out, "{code};{};{households}", thousandths.map_or(String::new(), decimal))
}

/// Thousandths with a decimal comma: `-45` is `-0,045`.
fn decimal(thousandths: i32) -> String {
    let (sign, size) = (if thousandths < 0 { "-" } else { "" }, thousandths.unsigned_abs());
    format!("{sign}{},{:03}", size / 1_000, size % 1_000)
}
