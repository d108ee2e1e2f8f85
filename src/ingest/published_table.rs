//! Blocks of a file, and files of a source → one table.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::cell::CellValue;
use super::published::{CategoryKey, PublishedOutcome, PublishedPlan, PublishedRow};
use super::published_block::{PublishedBlock, TableReader};
use super::{Reject, RejectCode, Rejects};
use crate::finding::{Duty, Finding};
use crate::vocab::{Period, RegionCode};

/// A table under way.
#[derive(Debug, Default)]
struct Builder {
    outcome: PublishedOutcome,
    regions: HashMap<RegionCode, u32, RandomState>,
    periods: HashMap<Period, u32, RandomState>,
    categories: HashMap<CategoryKey, u32, RandomState>,
    figures: HashMap<(u32, u32, u32), u32, RandomState>,
}

/// The place of an entry, added where it is new.
fn intern<K: Clone + Eq + std::hash::Hash>(
    list: &mut Vec<K>,
    places: &mut HashMap<K, u32, RandomState>,
    entry: &K,
) -> u32 {
    if let Some(place) = places.get(entry) {
        return *place;
    }
    let place = u32::try_from(list.len()).unwrap_or(u32::MAX);
    list.push(entry.clone());
    places.insert(entry.clone(), place);
    place
}

impl Builder {
    fn new(measures: usize) -> Self {
        Self { outcome: PublishedOutcome { measures, ..PublishedOutcome::default() }, ..Self::default() }
    }

    /// The places in the table of the regions, periods and categories of a block or of another table.
    fn region(&mut self, region: &RegionCode) -> u32 {
        intern(&mut self.outcome.regions, &mut self.regions, region)
    }

    fn period(&mut self, period: &Period) -> u32 {
        intern(&mut self.outcome.periods, &mut self.periods, period)
    }

    fn category(&mut self, category: &CategoryKey) -> u32 {
        intern(&mut self.outcome.categories, &mut self.categories, category)
    }

    /// The place of a figure, added without cells where it is new.
    fn figure(&mut self, row: PublishedRow) -> usize {
        let outcome = &mut self.outcome;
        let place = *self.figures.entry((row.region, row.period, row.category)).or_insert_with(|| {
            outcome.figures.push(row);
            outcome.values.resize(outcome.figures.len() * outcome.measures, CellValue::Absent);
            u32::try_from(outcome.figures.len() - 1).unwrap_or(u32::MAX)
        }) as usize;
        outcome.figures[place].provisional |= row.provisional;
        place
    }

    /// The cell of a figure; margin 0 is the value, 1 and 2 are its limits.
    fn cell(&mut self, figure: usize, measure: usize, margin: usize) -> &mut CellValue {
        let outcome = &mut self.outcome;
        let at = figure * outcome.measures + measure;
        match margin {
            0 => &mut outcome.values[at],
            margin => {
                if outcome.limits.len() < outcome.values.len() {
                    outcome.limits.resize(outcome.values.len(), [CellValue::Absent; 2]);
                }
                &mut outcome.limits[at][margin - 1]
            }
        }
    }
}

/// The blocks of one file, in file order.
#[derive(Debug)]
pub struct TableFile<'p> {
    plan: &'p PublishedPlan,
    builder: Builder,
    /// Per figure the first row that speaks of it.
    first_rows: Vec<u64>,
    faults: Vec<Reject>,
    only_numbers: bool,
}

impl<'p> TableFile<'p> {
    /// A file of which nothing has been read.
    #[must_use]
    pub fn new(plan: &'p PublishedPlan) -> Self {
        let builder = Builder::new(plan.measures.len());
        Self { plan, builder, first_rows: Vec::new(), faults: Vec::new(), only_numbers: true }
    }

    /// The number of the next row.
    #[must_use]
    pub const fn next_row(&self) -> u64 {
        self.plan.format.first_row() + self.builder.outcome.rows
    }

    /// Whether no row has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.builder.outcome.rows == 0
    }

    /// Adds the next block.
    pub fn add(&mut self, reader: &TableReader<'_>, block: PublishedBlock) {
        let first_row = self.next_row();
        let builder = &mut self.builder;
        let regions: Vec<u32> = block.regions.iter().map(|region| builder.region(region)).collect();
        let periods: Vec<u32> = block.periods.iter().map(|(period, _)| builder.period(period)).collect();
        let categories: Vec<Vec<u32>> = block
            .categories
            .iter()
            .map(|of_groups| of_groups.iter().map(|category| builder.category(category)).collect())
            .collect();
        let mut cells = block.cells.into_iter();
        let mut figures = vec![None; reader.groups.len()];
        for keys in block.rows {
            let number = first_row + u64::from(keys.row);
            let wanted = keys.measure.map_or(0..self.plan.measures.len(), |at| at..at + 1);
            figures.fill(None);
            let mut twice = false;
            for (measure, cell) in wanted.zip(cells.by_ref()) {
                let group = reader.group_of[measure];
                let figure = *figures[group].get_or_insert_with(|| {
                    let (region, period) = (regions[keys.region as usize], periods[keys.period as usize]);
                    let category = categories[keys.category as usize][group];
                    let provisional = block.periods[keys.period as usize].1;
                    builder.figure(PublishedRow { region, period, category, provisional, recoded: false })
                });
                if figure == self.first_rows.len() {
                    self.first_rows.push(number);
                }
                let into = builder.cell(figure, measure, keys.margin);
                if *into == CellValue::Absent {
                    *into = cell;
                } else {
                    twice = true;
                }
            }
            if twice {
                let column = self.plan.region.column.as_ref().err().map_or("", |column| column.1.as_str());
                self.faults.push(Reject { row: number, column: column.to_owned(), code: RejectCode::DuplicateKey });
            }
        }
        self.faults.extend(block.faults.into_iter().map(|fault| Reject { row: fault.row + first_row, ..fault }));
        self.only_numbers &= block.only_numbers;
        let outcome = &mut builder.outcome;
        outcome.rows += block.records;
        outcome.other_levels += block.other_levels;
        outcome.other_measures += block.other_measures;
        outcome.left_out += block.left_out;
    }

    /// The table of the file.
    ///
    /// # Errors
    /// A finding where the file as a whole is bad.
    pub fn finish(mut self, rejects: &mut Rejects) -> Result<PublishedOutcome, Finding> {
        self.no_regions()?;
        self.check_limits()?;
        self.faults.sort();
        rejects.add(self.plan.format.name.as_str(), self.faults.len() as u64, self.faults);
        Ok(self.builder.outcome)
    }

    /// A file without a region code in any row: names, or numbers without their letters.
    fn no_regions(&self) -> Result<(), Finding> {
        let Err((_, column)) = &self.plan.region.column else { return Ok(()) };
        let (name, rejected) = (self.plan.format.name.as_str(), self.faults.len() as u64);
        // Rows that are left out say nothing about regions.
        let rows = self.builder.outcome.rows - self.builder.outcome.left_out;
        let no_region = |code| matches!(code, RejectCode::UnknownRegionKind | RejectCode::UnknownRegion);
        if rejected == 0 || rejected != rows || !self.faults.iter().all(|f| no_region(f.code)) {
            return Ok(());
        }
        let finding = |code, message: String, help: &str| {
            let at = Some(self.plan.format.first_row());
            Err(Finding::error(Duty::Data, code, message).at_line(name, at).help(help))
        };
        if self.only_numbers && self.plan.region.digits.is_none() {
            return finding(
                "ingest-region-numbers",
                format!("column `{column}` of {name} holds numbers instead of region codes"),
                "if they are the digits of one kind of region, say so: region-digits = \"gemeente\" reads 363 as GM0363",
            );
        }
        finding(
            "ingest-no-region-codes",
            format!("column `{column}` of {name} holds no region code in any row"),
            "names are never matched to regions: download the table again with its codes, such as GM0363",
        )
    }

    /// Figures whose limits do not contain their value: a mapping of the margins that is wrong, or a damaged file.
    fn check_limits(&self) -> Result<(), Finding> {
        let outcome = &self.builder.outcome;
        let outside = |at: &usize| {
            let [lower, upper] = outcome.limits[*at];
            outcome.values[*at].number().is_some_and(|value| {
                lower.number().is_some_and(|lower| lower > value) || upper.number().is_some_and(|upper| upper < value)
            })
        };
        let mut wrong = (0..outcome.limits.len()).filter(outside);
        let Some(first) = wrong.next() else { return Ok(()) };
        let (row, measure) = (self.first_rows[first / outcome.measures], first % outcome.measures);
        let (name, count) = (self.plan.format.name.as_str(), 1 + wrong.count());
        let figures = if count == 1 { "figure has" } else { "figures have" };
        let key = self.plan.measures[measure].key.as_str();
        Err(Finding::error(
            Duty::Data,
            "ingest-limits",
            format!("{count} {figures} limits that do not contain their value in {name}, the first of measure `{key}`"),
        )
        .at_line(name, Some(row))
        .help("check the codes of `margins` (value, lower, upper); if they are right, ask the publisher for a corrected table"))
    }
}

/// Two files that say something about one figure. Which, and how many figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{figures} figures stand in an earlier file too")]
pub struct SaidTwice {
    /// Index of the later file.
    pub file: usize,
    /// Number of cells that both fill.
    pub figures: u64,
}

/// Joins what the files of a source gave: slices beside each other, limits in another file than their values. A cell that one file
/// leaves empty is taken from another.
///
/// # Errors
/// [`SaidTwice`] where two files fill one cell: which of them is right is not for a program to guess.
pub fn join(mut outcomes: Vec<PublishedOutcome>) -> Result<PublishedOutcome, SaidTwice> {
    if outcomes.len() == 1 {
        return Ok(outcomes.swap_remove(0));
    }
    let mut builder = Builder::new(outcomes.first().map_or(0, |outcome| outcome.measures));
    for (file, outcome) in outcomes.iter().enumerate() {
        builder.outcome.rows += outcome.rows;
        builder.outcome.other_levels += outcome.other_levels;
        builder.outcome.other_measures += outcome.other_measures;
        builder.outcome.left_out += outcome.left_out;
        let mut twice = 0;
        for (at, row) in outcome.figures.iter().enumerate() {
            let (region, period) = (builder.region(outcome.region(row)), builder.period(outcome.period(row)));
            let category = builder.category(outcome.category(row));
            let figure = builder.figure(PublishedRow { region, period, category, ..*row });
            for measure in 0..outcome.measures {
                let [lower, upper] = outcome.limits(at, measure);
                for (margin, said) in [outcome.value(at, measure), lower, upper].into_iter().enumerate() {
                    if said == CellValue::Absent {
                        continue;
                    }
                    let into = builder.cell(figure, measure, margin);
                    match (*into, said) {
                        (CellValue::Absent, _) => *into = said,
                        (_, CellValue::Empty) => {}
                        (CellValue::Empty, _) => *into = said,
                        _ => twice += 1,
                    }
                }
            }
        }
        if twice > 0 {
            return Err(SaidTwice { file, figures: twice });
        }
    }
    Ok(builder.outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(region: &str, [value, lower, upper]: [CellValue; 3]) -> PublishedOutcome {
        PublishedOutcome {
            rows: 1,
            regions: vec![RegionCode::parse(region).unwrap()],
            periods: vec![Period::of_year(2022)],
            categories: vec![("total".into(), "total".into())],
            figures: vec![PublishedRow { region: 0, period: 0, category: 0, provisional: false, recoded: false }],
            measures: 1,
            values: vec![value],
            limits: vec![[lower, upper]],
            ..PublishedOutcome::default()
        }
    }

    #[test]
    fn limits_of_another_file_come_to_their_value() {
        let (n, empty) = (CellValue::Number, CellValue::Absent);
        let joined = join(vec![
            file("GM0014", [n(0.5), empty, empty]),
            file("GM0034", [n(0.6), empty, empty]),
            file("GM0014", [CellValue::Empty, n(0.4), n(0.6)]),
        ])
        .unwrap();
        assert_eq!((joined.rows, joined.figures.len()), (3, 2));
        assert_eq!((joined.value(0, 0), joined.limits(0, 0)), (n(0.5), [n(0.4), n(0.6)]));
    }

    #[test]
    fn a_figure_in_two_files_is_no_ones_to_choose() {
        let one = file("GM0014", [CellValue::Number(0.5), CellValue::Empty, CellValue::Empty]);
        assert_eq!(join(vec![one.clone(), one]), Err(SaidTwice { file: 1, figures: 1 }));
    }
}
