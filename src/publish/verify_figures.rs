//! What must hold in every row of a figures file, read back from disk.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray, Float64Array, Int32Array, RecordBatch, StringArray},
    datatypes::{Float64Type, Int32Type},
};

/// A rule that a row breaks. No message holds a number of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum RowRule {
    /// The key is lower than that of the row before.
    #[error("the key is not sorted")]
    Unsorted,
    /// The key occurs twice, in this file or in another period of the same year.
    #[error("the key occurs twice")]
    Duplicate,
    /// Collection, period or level is not the one of the path.
    #[error("the column `{0}` does not fit the path of the file")]
    Misplaced(&'static str),
    /// A number stands beside a status that withholds it.
    #[error("the status withholds the figure, yet `{0}` has a number")]
    Withheld(&'static str),
    /// The status is `ok` and there is no value.
    #[error("the status is `ok`, yet there is no value")]
    NoValue,
    /// A number is infinite or not a number.
    #[error("the column `{0}` is not a finite number")]
    NotFinite(&'static str),
    /// A share outside [0, 1].
    #[error("the value is a share and lies outside 0 to 1")]
    Range,
    /// A probability outside [0, 1].
    #[error("the column `{0}` is a probability and lies outside 0 to 1")]
    Probability(&'static str),
    /// The verdict does not have the sign of the number.
    #[error("the verdict is not on the side of the number")]
    Verdict,
    /// The value lies outside its own interval.
    #[error("the value lies outside its interval")]
    Interval,
}

/// The key of a row, in the order of schema.md.
type Key<'r> = (&'r str, &'r str, i32, &'r str, &'r str, i32, &'r str, &'r str, &'r str, &'r str, &'r str, &'r str);

/// Key columns that are text, in the order of the key; the numbers are `period` and `region_year`.
const TEXT_KEYS: [&str; 10] =
    ["parameter", "collection", "level", "region", "statistic", "dimension", "category", "method", "source", "variant"];

/// Columns that a withheld figure leaves empty.
const WITHHELD: [&str; 11] =
    ["value", "se", "lower", "upper", "confidence", "interval_method", "n", "n_class", "n_effective", "deff", "df"];

/// Numbers that must be finite.
const FLOATS: [&str; 9] =
    ["value", "se", "lower", "upper", "confidence", "n_effective", "deff", "population", "own_share"];

/// Collects what is wrong in one file, row after row.
pub(super) struct RowCheck<'p> {
    /// Collection, period folder and level, from the path.
    place: Option<[&'p str; 3]>,
    last: Option<RecordBatch>,
    row: u64,
    /// Per rule the first row, from 1, and the number of rows.
    pub(super) broken: BTreeMap<RowRule, (u64, u64)>,
}

/// The key columns of a batch.
struct KeyColumns<'b> {
    text: [&'b StringArray; 10],
    period: &'b Int32Array,
    region_year: &'b Int32Array,
}

impl<'b> KeyColumns<'b> {
    /// `None` when the batch has not the schema of `figures`.
    fn of(batch: &'b RecordBatch) -> Option<Self> {
        let mut text = Vec::with_capacity(TEXT_KEYS.len());
        for name in TEXT_KEYS {
            text.push(batch.column_by_name(name)?.as_string_opt::<i32>()?);
        }
        Some(Self {
            text: text.try_into().ok()?,
            period: batch.column_by_name("period")?.as_primitive_opt::<Int32Type>()?,
            region_year: batch.column_by_name("region_year")?.as_primitive_opt::<Int32Type>()?,
        })
    }

    fn key(&self, row: usize) -> Key<'b> {
        let [parameter, collection, level, region, statistic, dimension, category, method, source, variant] =
            self.text.map(|column| column.value(row));
        let (period, year) = (self.period.value(row), self.region_year.value(row));
        (parameter, collection, period, level, region, year, statistic, dimension, category, method, source, variant)
    }
}

impl<'p> RowCheck<'p> {
    /// For a file at this path within the release.
    pub(super) fn new(path: &'p str) -> Self {
        let mut parts =
            path.strip_prefix("figures/").and_then(|rest| rest.strip_suffix(".parquet")).unwrap_or("").split('/');
        let place = (parts.next(), parts.next(), parts.next(), parts.next());
        let place = if let (Some(collection), Some(period), Some(level), None) = place {
            Some([collection, period, level])
        } else {
            None
        };
        Self { place, last: None, row: 0, broken: BTreeMap::new() }
    }

    /// Looks at a batch; its schema must have been checked.
    pub(super) fn batch(&mut self, batch: &RecordBatch) {
        let Some(keys) = KeyColumns::of(batch) else { return };
        let floats =
            FLOATS.map(|name| (name, batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Float64Type>())));
        let [value, _, lower, upper, ..] = floats.map(|(_, column)| column);
        let withheld = WITHHELD.map(|name| (name, batch.column_by_name(name)));
        let text = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let (status, unit, label) = (text("status"), text("unit"), text("period_label"));
        let last = self.last.take();
        let last = last.as_ref().and_then(|batch| Some((KeyColumns::of(batch)?, batch.num_rows())));
        let mut before = last.as_ref().and_then(|(keys, rows)| Some(keys.key(rows.checked_sub(1)?)));
        for row in 0..batch.num_rows() {
            self.row += 1;
            let key = keys.key(row);
            match before.map(|before| before.cmp(&key)) {
                Some(std::cmp::Ordering::Greater) => self.breaks(RowRule::Unsorted),
                Some(std::cmp::Ordering::Equal) => self.breaks(RowRule::Duplicate),
                Some(std::cmp::Ordering::Less) | None => {}
            }
            before = Some(key);
            self.place(&key, label.map_or("", |label| label.value(row)));
            let number = |column: Option<&Float64Array>| {
                column.and_then(|column| column.is_valid(row).then(|| column.value(row)))
            };
            for (name, column) in floats {
                if number(column).is_some_and(|number| !number.is_finite()) {
                    self.breaks(RowRule::NotFinite(name));
                }
            }
            if status.is_some_and(|status| status.value(row) == "ok") {
                if number(value).is_none() {
                    self.breaks(RowRule::NoValue);
                }
            } else {
                for (name, column) in withheld {
                    if column.is_some_and(|column| column.is_valid(row)) {
                        self.breaks(RowRule::Withheld(name));
                    }
                }
            }
            let (value, lower, upper) = (number(value), number(lower), number(upper));
            // A difference of two shares is in the unit of shares, and may be below 0.
            let difference = ["gap", "sii"].contains(&key.6);
            if !difference
                && unit.is_some_and(|unit| unit.value(row) == "share")
                && value.is_some_and(|value| !(0.0..=1.0).contains(&value))
            {
                self.breaks(RowRule::Range);
            }
            if let (Some(value), Some(lower), Some(upper)) = (value, lower, upper)
                && !(lower <= value && value <= upper)
            {
                self.breaks(RowRule::Interval);
            }
        }
        self.last = (batch.num_rows() > 0).then(|| batch.slice(batch.num_rows() - 1, 1));
    }

    fn place(&mut self, key: &Key<'_>, label: &str) {
        let Some([collection, period, level]) = self.place else {
            return self.breaks(RowRule::Misplaced("collection"));
        };
        if key.1 != collection {
            self.breaks(RowRule::Misplaced("collection"));
        }
        if label.replace('/', "-") != period {
            self.breaks(RowRule::Misplaced("period_label"));
        }
        if key.3 != level {
            self.breaks(RowRule::Misplaced("level"));
        }
    }

    fn breaks(&mut self, rule: RowRule) {
        self.broken.entry(rule).or_insert((self.row, 0)).1 += 1;
    }
}

/// The keys of a batch as one text each, for a look across files.
pub(super) fn keys(batch: &RecordBatch) -> Vec<String> {
    KeyColumns::of(batch)
        .map_or_else(Vec::new, |keys| (0..batch.num_rows()).map(|row| format!("{:?}", keys.key(row))).collect())
}

/// The year of the first row, for finding files that could share keys.
pub(super) fn year(batch: &RecordBatch) -> Option<i32> {
    let keys = KeyColumns::of(batch)?;
    (batch.num_rows() > 0).then(|| keys.period.value(0))
}
