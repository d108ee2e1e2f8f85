//! A table in the regions of one year → the same table in those of another, by a declared recode.
//!
//! Numbers are divided and added up: a part of a region gets its part of the number. Shares, rates and means are averaged with the
//! inhabitants of each part as weights, so a part of a region keeps the share of the whole; nobody knows better. An interval is kept
//! where one whole region has a new code and is lost everywhere else, because what its parts have in common is not known.

use std::collections::HashMap;

use super::{Plan, Recode};
use crate::finding::{Duty, Finding};
use crate::ingest::{CellValue, PublishedOutcome, PublishedRow};
use crate::vocab::RegionCode;

/// Recodes what a source gave. `counts` says of each measure whether it is a number that adds up.
pub(super) fn recode(
    plan: &Plan,
    source: usize,
    recode: &Recode,
    outcome: PublishedOutcome,
    counts: &[bool],
) -> Result<PublishedOutcome, Finding> {
    let year = plan.definitions.pipeline.sources[source].region_year;
    let population: HashMap<&str, f64> = plan
        .catalogue
        .regions
        .iter()
        .filter(|region| region.region_year == year)
        .filter_map(|region| Some((region.code.as_str(), region.population?)))
        .collect();
    let mut into = Recoded::default();
    for (at, figure) in outcome.figures.iter().enumerate() {
        let region = outcome.region(figure);
        match recode.parts.get(region) {
            None => into.part(region, figure, Part { figure: at, share: 1.0, recoded: false }),
            Some(parts) => {
                for (to, share) in parts {
                    into.part(to, figure, Part { figure: at, share: *share, recoded: true });
                }
            }
        }
    }
    let expected = expected(plan, source, recode);
    let mut found = PublishedOutcome {
        regions: into.regions,
        figures: Vec::with_capacity(into.figures.len()),
        values: Vec::with_capacity(into.figures.len() * outcome.measures),
        ..outcome.clone()
    };
    found.limits.clear();
    let mut lacking = None;
    for (row, parts) in into.figures.iter().zip(&into.parts) {
        let provisional = parts.iter().any(|part| outcome.figures[part.figure].provisional);
        let recoded = parts.iter().any(|part| part.recoded);
        // A whole of which a part has no row is not known, whatever the other parts say.
        let there = |code: &RegionCode| parts.iter().any(|part| outcome.region(&outcome.figures[part.figure]) == code);
        let whole = expected.get(&found.regions[row.region as usize]).is_none_or(|from| from.iter().all(there));
        found.figures.push(PublishedRow { provisional, recoded, ..*row });
        for (measure, count) in counts.iter().enumerate() {
            let weight = |part: &Part| {
                let region = outcome.region(&outcome.figures[part.figure]);
                match (count, parts.len()) {
                    (true, _) => Some(part.share),
                    // Alone it needs no weight.
                    (false, 1) => Some(1.0),
                    (false, _) => population.get(region.as_str()).map(|people| people * part.share),
                }
            };
            let value = match whole {
                true => combined(parts, weight, *count, |part| outcome.value(part.figure, measure)),
                false => Ok(CellValue::Absent),
            };
            found.values.push(value.unwrap_or_else(|part| {
                lacking.get_or_insert_with(|| outcome.region(&outcome.figures[part]).clone());
                CellValue::Empty
            }));
            if !outcome.limits.is_empty() {
                found.limits.push(match parts.as_slice() {
                    [only] if only.share >= 1.0 => outcome.limits(only.figure, measure),
                    _ => [CellValue::Absent; 2],
                });
            }
        }
    }
    match lacking {
        None => Ok(found),
        Some(region) => Err(Finding::error(
            Duty::Data,
            "ingest-recode-population",
            format!(
                "the number of inhabitants of {region} in {year} is not known, and shares of it are to be averaged"
            ),
        )
        .at(plan.definitions.pipeline.sources[source].id.place.clone())
        .help("give [regions] a list of that year with `population`; without it a merged share would be a guess")),
    }
}

/// Per region of the new year the regions of the old one that it consists of, where a recode names it.
fn expected(plan: &Plan, source: usize, recode: &Recode) -> HashMap<RegionCode, Vec<RegionCode>> {
    let year = plan.definitions.pipeline.sources[source].region_year;
    let listed = |code: &RegionCode| {
        let key = (code, year);
        plan.catalogue.regions.binary_search_by(|own| (&own.code, own.region_year).cmp(&key)).is_ok()
    };
    let mut expected: HashMap<RegionCode, Vec<RegionCode>> = HashMap::new();
    for (from, parts) in &recode.parts {
        for (to, _) in parts {
            expected.entry(to.clone()).or_default().push(from.clone());
        }
    }
    #[expect(clippy::iter_over_hash_type, reason = "each entry is changed by itself")]
    for (to, from) in &mut expected {
        // A region that took in another one and kept its code stays part of itself.
        if !recode.parts.contains_key(to) && listed(to) {
            from.push(to.clone());
        }
    }
    expected
}

/// A region of the old year in one of the new.
struct Part {
    /// Place of its figure.
    figure: usize,
    share: f64,
    recoded: bool,
}

#[derive(Default)]
struct Recoded {
    regions: Vec<RegionCode>,
    places: HashMap<RegionCode, u32>,
    figures: Vec<PublishedRow>,
    by_key: HashMap<(u32, u32, u32), usize>,
    parts: Vec<Vec<Part>>,
}

impl Recoded {
    fn part(&mut self, to: &RegionCode, figure: &PublishedRow, part: Part) {
        let region = *self.places.entry(to.clone()).or_insert_with(|| {
            self.regions.push(to.clone());
            u32::try_from(self.regions.len() - 1).unwrap_or(u32::MAX)
        });
        let at = *self.by_key.entry((region, figure.period, figure.category)).or_insert_with(|| {
            self.figures.push(PublishedRow { region, ..*figure });
            self.parts.push(Vec::new());
            self.figures.len() - 1
        });
        self.parts[at].push(part);
    }
}

/// The sum of parts of numbers, or the weighted mean of shares; `Err` names the figure of a region whose inhabitants are not known.
///
/// What is withheld or empty in one part is so in the whole.
fn combined(
    parts: &[Part],
    weight: impl Fn(&Part) -> Option<f64>,
    count: bool,
    cell: impl Fn(&Part) -> CellValue,
) -> Result<CellValue, usize> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for state in [CellValue::Withheld, CellValue::Empty, CellValue::NotMeasured, CellValue::Absent] {
        if parts.iter().any(|part| cell(part) == state) {
            return Ok(state);
        }
    }
    for part in parts {
        let weight = weight(part).ok_or(part.figure)?;
        sum += weight * cell(part).number().unwrap_or(0.0);
        weights += weight;
    }
    Ok(match (count, weights > 0.0) {
        (true, _) => CellValue::Number(sum),
        (false, true) => CellValue::Number(sum / weights),
        // Nobody lives in any of them.
        (false, false) => CellValue::Empty,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(shares: &[f64]) -> Vec<Part> {
        shares.iter().enumerate().map(|(figure, share)| Part { figure, share: *share, recoded: true }).collect()
    }

    /// 300 of 1,000 inhabitants and 0.6 of 500 of 2,000: 600 people; as shares (1000·0.3 + 1200·0.25)/2200.
    #[test]
    fn numbers_add_up_and_shares_are_averaged_by_inhabitants() {
        let parts = parts(&[1.0, 0.6]);
        let count = |part: &Part| CellValue::Number([300.0, 500.0][part.figure]);
        assert_eq!(combined(&parts, |part| Some(part.share), true, count), Ok(CellValue::Number(600.0)));
        let share = |part: &Part| CellValue::Number([0.3, 0.25][part.figure]);
        let people = |part: &Part| Some([1000.0, 2000.0][part.figure] * part.share);
        let CellValue::Number(mean) = combined(&parts, people, false, share).unwrap() else { panic!() };
        assert!((mean - 600.0 / 2200.0).abs() < 1e-15);
    }

    #[test]
    fn what_is_withheld_in_a_part_is_withheld_in_the_whole() {
        let parts = parts(&[1.0, 1.0]);
        let cell = |part: &Part| [CellValue::Number(3.0), CellValue::Withheld][part.figure];
        assert_eq!(combined(&parts, |_| Some(1.0), true, cell), Ok(CellValue::Withheld));
        let known = |part: &Part| CellValue::Number(part.share);
        let unknown = |part: &Part| (part.figure == 0).then_some(1.0);
        assert_eq!(combined(&parts, unknown, false, known), Err(1));
    }
}
