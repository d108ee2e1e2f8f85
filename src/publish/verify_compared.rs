//! What must hold in every row of `comparisons` and `trends`, read back from disk.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Float64Type, Int32Type},
};

use super::{schema::Table, verify_figures::RowRule};

/// Numbers that a withheld row leaves empty.
const WITHHELD: [&str; 17] = [
    "difference",
    "se",
    "lower",
    "upper",
    "df",
    "p_test",
    "p_difference",
    "p_adjusted",
    "probability_higher",
    "slope",
    "p",
    "change",
    "change_se",
    "change_lower",
    "change_upper",
    "verdict",
    "favourable",
];

/// Probabilities.
const PROBABILITIES: [&str; 6] = ["p_test", "p_difference", "p_adjusted", "p", "alpha", "probability_higher"];

/// Columns of the key, in its order.
const COMPARISON_KEY: [&str; 16] = [
    "parameter",
    "collection",
    "period",
    "level",
    "region",
    "region_year",
    "statistic",
    "dimension",
    "category",
    "method",
    "source",
    "variant",
    "reference",
    "reference_region",
    "reference_category",
    "reference_period",
];
const TREND_KEY: [&str; 8] =
    ["parameter", "collection", "level", "region", "region_year", "dimension", "category", "method"];

/// Collects what is wrong in one file, row after row.
pub(super) struct ComparedCheck<'p> {
    table: Table,
    path: &'p str,
    row: u64,
    seen: std::collections::HashSet<String>,
    /// Per rule the first row, from 1, and the number of rows.
    pub(super) broken: BTreeMap<RowRule, (u64, u64)>,
}

impl<'p> ComparedCheck<'p> {
    /// For a file at this path within the release; `None` where the table is of another kind.
    pub(super) fn new(table: Table, path: &'p str) -> Option<Self> {
        let compared = matches!(table, Table::Comparisons | Table::Trends);
        compared.then(|| Self { table, path, row: 0, seen: Default::default(), broken: BTreeMap::new() })
    }

    /// Looks at a batch; its schema must have been checked.
    pub(super) fn batch(&mut self, batch: &RecordBatch) {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            column.filter(|column| column.is_valid(row)).map_or("", |column| column.value(row))
        };
        let number = |name: &str, row: usize| {
            let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
            column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
        };
        let whole = |name: &str, row: usize| {
            let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int32Type>());
            column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
        };
        let keys: &[&str] = if self.table == Table::Trends { &TREND_KEY } else { &COMPARISON_KEY };
        for row in 0..batch.num_rows() {
            self.row += 1;
            let key: Vec<String> = keys
                .iter()
                .map(|name| whole(name, row).map_or_else(|| text(name, row).to_owned(), |number| number.to_string()))
                .collect();
            if !self.seen.insert(key.join("\u{1f}")) {
                self.breaks(RowRule::Duplicate);
            }
            self.place(text("collection", row), text("level", row));
            for name in PROBABILITIES {
                if number(name, row).is_some_and(|p| !(0.0..=1.0).contains(&p)) {
                    self.breaks(RowRule::Probability(name));
                }
            }
            for name in WITHHELD.into_iter().filter(|name| number(name, row).is_some_and(|own| !own.is_finite())) {
                self.breaks(RowRule::NotFinite(name));
            }
            if text("status", row) != "ok" {
                let filled = |name: &&str| batch.column_by_name(name).is_some_and(|column| column.is_valid(row));
                for name in WITHHELD.into_iter().filter(filled) {
                    self.breaks(RowRule::Withheld(name));
                }
                continue;
            }
            let [value, lower, upper] = match self.table {
                Table::Trends => ["change", "change_lower", "change_upper"],
                _ => ["difference", "lower", "upper"],
            }
            .map(|name| number(name, row));
            if let (Some(value), Some(lower), Some(upper)) = (value, lower, upper)
                && !(lower <= value && value <= upper)
            {
                self.breaks(RowRule::Interval);
            }
            let sign = match text("verdict", row) {
                "higher" => Some(1.0),
                "lower" => Some(-1.0),
                _ => None,
            };
            // A difference that the policy rounds to nothing is on neither side.
            let measured = number(if self.table == Table::Trends { "slope" } else { "difference" }, row);
            if sign.zip(measured).is_some_and(|(sign, measured)| sign * measured < 0.0) {
                self.breaks(RowRule::Verdict);
            }
        }
    }

    fn place(&mut self, collection: &str, level: &str) {
        let parts: Vec<&str> = self.path.trim_end_matches(".parquet").split('/').collect();
        match (self.table, parts.as_slice()) {
            (Table::Trends, [_, of]) if *of == collection => {}
            (Table::Comparisons, [_, of, _, at]) if (*of, *at) == (collection, level) => {}
            _ => self.breaks(RowRule::Misplaced("collection")),
        }
    }

    fn breaks(&mut self, rule: RowRule) {
        self.broken.entry(rule).or_insert((self.row, 0)).1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
    use arrow::datatypes::DataType;

    use super::*;

    const PATH: &str = "comparisons/gmvo/2022/wijk.parquet";

    /// A sound comparison with some cells replaced; `None` empties a cell.
    fn broken(path: &str, changed: &[(&str, Option<&str>)]) -> Vec<RowRule> {
        let sound = [
            ("parameter", "lonely"),
            ("collection", "gmvo"),
            ("level", "wijk"),
            ("region", "WK000101"),
            ("reference", "parent"),
            ("reference_region", "GM0001"),
            ("difference", "0.1"),
            ("se", "0.02"),
            ("lower", "0.05"),
            ("upper", "0.15"),
            ("df", "40"),
            ("test", "t"),
            ("p_difference", "0.001"),
            ("p_adjusted", "0.01"),
            ("alpha", "0.05"),
            ("verdict", "higher"),
            ("status", "ok"),
        ];
        let cell = |name: &str| {
            let changed = changed.iter().find(|(own, _)| *own == name).map(|(_, cell)| *cell);
            changed.unwrap_or_else(|| sound.iter().find(|(own, _)| *own == name).map(|(_, cell)| *cell))
        };
        let schema = Table::Comparisons.schema();
        let column = |field: &arrow::datatypes::FieldRef| -> ArrayRef {
            let text = cell(field.name());
            match field.data_type() {
                DataType::Float64 => {
                    let plain = (!field.is_nullable()).then_some(0.0);
                    Arc::new(Float64Array::from(vec![text.map(|text| text.parse().unwrap()).or(plain)]))
                }
                DataType::Int32 => {
                    let plain = (!field.is_nullable()).then_some(2022);
                    Arc::new(Int32Array::from(vec![text.map(|text| text.parse().unwrap()).or(plain)]))
                }
                DataType::Int64 => Arc::new(Int64Array::from(vec![text.map(|text| text.parse().unwrap())])),
                _ => {
                    let plain = (!field.is_nullable()).then_some("");
                    Arc::new(StringArray::from(vec![text.or(plain)]))
                }
            }
        };
        let batch = RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect()).unwrap();
        let mut check = ComparedCheck::new(Table::Comparisons, path).unwrap();
        check.batch(&batch);
        check.broken.into_keys().collect()
    }

    #[test]
    fn each_rule_of_a_comparison_is_held() {
        assert_eq!(broken(PATH, &[]), []);
        assert_eq!(broken(PATH, &[("verdict", Some("lower"))]), [RowRule::Verdict]);
        assert_eq!(broken(PATH, &[("p_adjusted", Some("1.5"))]), [RowRule::Probability("p_adjusted")]);
        assert_eq!(broken(PATH, &[("lower", Some("0.12"))]), [RowRule::Interval]);
        assert_eq!(broken(PATH, &[("se", Some("NaN"))]), [RowRule::NotFinite("se")]);
        assert_eq!(broken(PATH, &[("level", Some("gemeente"))]), [RowRule::Misplaced("collection")]);
        assert_eq!(broken("comparisons/gmj/2022/wijk.parquet", &[]), [RowRule::Misplaced("collection")]);
        let all: Vec<(&str, Option<&str>)> =
            WITHHELD.iter().map(|name| (*name, None)).chain([("status", Some("suppressed"))]).collect();
        assert_eq!(broken(PATH, &all), []);
        let but_one: Vec<_> = all.iter().copied().filter(|(name, _)| *name != "p_adjusted").collect();
        assert_eq!(broken(PATH, &but_one), [RowRule::Withheld("p_adjusted")]);
    }

    #[test]
    fn other_tables_are_not_looked_at() {
        assert!(ComparedCheck::new(Table::Figures, "figures/gmvo/2022/wijk.parquet").is_none());
    }
}
