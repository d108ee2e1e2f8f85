//! Reading the `[[source]]` of a table: published figures, registers, and the synthetic estimates that rest on one.

use super::read_pipeline::read_required_levels;
use super::read_source::{read_format, read_period, region_code};
use super::reader::{Placed, Table};
use super::regions::read_alias;
use super::source::{PeriodFrom, SyntheticEstimate, SyntheticSource};
use super::table::{
    Breakdown, CodeLists, Denominator, Margins, MeasureKey, RegionFrom, Register, Rounding, TableContent, TableSource,
};
use crate::vocab::{Level, Period, Shape};

/// Words of the shapes, for messages.
const SHAPES: [&str; 7] =
    ["statline-v3-typed", "statline-v3-untyped", "portal", "portal-symbols", "statweb", "odata-v4", "plain"];

fn read_region(t: &Table<'_>) -> Option<RegionFrom> {
    let column = t.text("region-column");
    let fixed = t.text("region").map(|text| region_code(t, &text));
    match (column, fixed) {
        (Some(column), None) => Some(RegionFrom::Column(column)),
        (None, Some(code)) => Some(RegionFrom::Fixed(code?)),
        _ => {
            t.fault(
                "declare-region",
                t.own_place(),
                "a published table needs either `region-column` or `region`".to_owned(),
                "name the column of the region codes, or write `region = \"NL00\"` for a table of one region",
            );
            None
        }
    }
}

pub(super) fn read_published(t: &Table<'_>) -> Option<TableSource> {
    let shape = t.word("shape", &SHAPES, Shape::parse);
    let table_id = t.required_text("table-id");
    let margins = t.table("margins", read_margins);
    let code_lists = t.table("code-lists", |t| {
        let lists =
            CodeLists { measures: t.text("measures"), periods: t.text("periods"), properties: t.text("properties") };
        let files = lists.measures.iter().chain(&lists.periods).chain(&lists.properties);
        t.relative(files, "the data folder; --data DIR names another one");
        lists
    });
    let measures = t.tables("measure", |t| {
        let key = t.required_text("key");
        let parameter = t.required_text("parameter");
        let multiply = t.number("multiply");
        if let Some(factor) = multiply.as_ref().filter(|factor| !(factor.value > 0.0 && factor.value.is_finite())) {
            t.fault(
                "declare-out-of-range",
                factor.place.clone(),
                format!("`multiply` is {}, and must be above 0", factor.value),
                "write 1000 for a measure in thousands; leave it out where the numbers are what they say",
            );
        }
        let multiply = multiply.map_or(1.0, |factor| factor.value);
        let category = t.text("category").map(category);
        let rounded = read_rounding(t);
        Some(MeasureKey { key: key?, parameter: parameter?, multiply, category, rounded })
    });
    let table = read_common(t);
    Some(TableSource {
        table_id: table_id?.value,
        shape,
        margins: margins.flatten(),
        code_lists: code_lists.unwrap_or_default(),
        content: TableContent::Published(measures.into_iter().collect::<Option<_>>()?),
        ..table?
    })
}

pub(super) fn read_register(t: &Table<'_>) -> Option<TableSource> {
    let table_id = t.text("table-id");
    let count = t.required_text("count");
    let denominator = read_denominator(t);
    let repeated_events = t.flag("repeated-events").is_some_and(|flag| flag.value);
    let rounded = read_rounding(t);
    let pools = read_pools(t);
    let parameters = t.tables("measure", |t| t.required_text("parameter"));
    let table = read_common(t)?;
    if parameters.is_empty() {
        t.fault(
            "declare-missing-key",
            t.own_place(),
            "the register feeds no parameter".to_owned(),
            "add `[[source.measure]]` with `parameter`: its unit says whether it is a count, a rate or a share",
        );
    }
    if !pools.is_empty() && matches!(table.period, PeriodFrom::Fixed(_)) {
        t.fault(
            "declare-contradiction",
            t.place_of("pools"),
            "`pools` goes with `period-column`, not with `period`".to_owned(),
            "remove `pools`, or name the column of the years",
        );
    }
    let register = Register {
        count: count?,
        denominator: denominator?,
        repeated_events,
        rounded,
        pools,
        parameters: parameters.into_iter().collect::<Option<_>>()?,
    };
    Some(TableSource {
        table_id: table_id.map(|id| id.value).unwrap_or_default(),
        // A register is handed in as a plain long table.
        shape: None,
        content: TableContent::Register(Box::new(register)),
        ..table
    })
}

/// What every table has.
fn read_common(t: &Table<'_>) -> Option<TableSource> {
    let already_published = t.text("already-published").map(|ground| ground.value.into());
    let format = t.table("format", read_format).unwrap_or_default();
    let region = read_region(t);
    let region_alias = read_alias(t, "region-alias");
    let levels = ["nl", "ggd", "gemeente", "wijk", "buurt"];
    let region_digits = t.word("region-digits", &levels, Level::parse).map(|level| level.value);
    let recode_to = t.integer_within("recode-to", 1900..=2200);
    let period = read_period(t);
    let breakdowns = t.tables("breakdown", read_breakdown);
    Some(TableSource {
        table_id: String::new(),
        already_published,
        shape: None,
        format,
        region: region?,
        region_alias,
        region_digits,
        recode_to: recode_to.and_then(|to| i32::try_from(to.value).ok().map(|value| Placed { value, place: to.place })),
        period: period?,
        margins: None,
        breakdowns: breakdowns.into_iter().collect::<Option<_>>()?,
        code_lists: CodeLists::default(),
        content: TableContent::Published(Vec::new()),
    })
}

fn read_margins(t: &Table<'_>) -> Option<Margins> {
    let column = t.required_text("column");
    let value = t.required_text("value");
    let (lower, upper) = (t.text("lower"), t.text("upper"));
    let codes: Vec<&Placed<String>> = value.iter().chain(&lower).chain(&upper).collect();
    for (at, code) in codes.iter().enumerate() {
        if codes[..at].iter().any(|earlier| earlier.value == code.value) {
            t.fault(
                "declare-duplicate",
                code.place.clone(),
                format!("code `{}` has two meanings in [margins]", code.value),
                "give value, lower and upper limit their own code; leave out a limit that the table does not have",
            );
        }
    }
    let text = |placed: Option<Placed<String>>| placed.map(|placed| placed.value);
    Some(Margins { column: column?, value: value?.value, lower: text(lower), upper: text(upper) })
}

/// `total` or `dimension/category`.
fn category(text: Placed<String>) -> Placed<(String, String)> {
    let value = match text.value.split_once('/') {
        Some((dimension, category)) => (dimension.to_owned(), category.to_owned()),
        None => (text.value.clone(), text.value),
    };
    Placed { value, place: text.place }
}

fn read_breakdown(t: &Table<'_>) -> Option<Breakdown> {
    let column = t.required_text("column");
    let codes = t.required_table("codes", |t| {
        t.free_entries()
            .into_iter()
            .map(|(own, value)| {
                let Some(meaning) = value.get_ref().as_str() else {
                    t.wrong(&own.value, value, "text: \"total\" or \"dimension/category\"");
                    return None;
                };
                let meaning = category(Placed { value: meaning.to_owned(), place: own.place });
                Some((own.value, meaning))
            })
            .collect::<Option<_>>()
    });
    let others = t.word("others", &["leave-out"], |word| (word == "leave-out").then_some(()));
    Some(Breakdown { column: column?, codes: codes??, others_left_out: others.is_some() })
}

fn read_rounding(t: &Table<'_>) -> Option<Rounding> {
    t.table("rounded", |t| {
        let to = t.required_integer("to", 2..=1_000_000);
        let levels = read_required_levels(t);
        Some(Rounding { to: u32::try_from(to?.value).ok()?, levels: levels? })
    })
    .flatten()
}

fn read_denominator(t: &Table<'_>) -> Option<Option<Denominator>> {
    let column = t.text("denominator");
    let other = t.table("denominator-from", |t| {
        let source = t.required_text("source");
        let parameter = t.required_text("parameter");
        let of = match t.text("category") {
            Some(text) => category(text),
            None => Placed { value: ("total".to_owned(), "total".to_owned()), place: t.own_place() },
        };
        let years = (i64::from(*Period::YEARS.start()))..=(i64::from(*Period::YEARS.end()));
        let period = t.integer_within("period", years).and_then(|year| i32::try_from(year.value).ok());
        Some(Denominator::Source { source: source?, parameter: parameter?, category: of, period })
    });
    match (column, other) {
        (Some(column), None) => Some(Some(Denominator::Column(column))),
        (None, Some(other)) => Some(Some(other?)),
        (None, None) => Some(None),
        (Some(column), Some(_)) => {
            t.fault(
                "declare-contradiction",
                column.place,
                "the register has a `denominator` and a `denominator-from`".to_owned(),
                "name one of them",
            );
            None
        }
    }
}

/// First and last years of pooled periods, in file order.
fn read_pools(t: &Table<'_>) -> Vec<(i32, i32)> {
    let mut pools: Vec<(i32, i32)> = Vec::new();
    for pair in t.year_pairs("pools").unwrap_or_default() {
        let (first, last) = pair.value;
        if first >= last || !Period::YEARS.contains(&first) || !Period::YEARS.contains(&last) {
            t.fault(
                "declare-out-of-range",
                pair.place,
                format!("the pool {first} to {last} is no run of years"),
                "write the first and the last year, such as [2018, 2022]",
            );
        } else if pools.iter().any(|other| other.1 == last) {
            t.fault(
                "declare-duplicate",
                pair.place,
                format!("two pools end in {last}"),
                "the last year is the period of the figures: let the pools end in different years",
            );
        } else {
            pools.push((first, last));
        }
    }
    pools
}

pub(super) fn read_synthetic(t: &Table<'_>) -> Option<SyntheticSource> {
    let base = t.required_table("base", |t| {
        let (source, parameter) = (t.required_text("source"), t.required_text("parameter"));
        Some((source?, parameter?))
    });
    let digits = t.integer_within("significant-digits", 1..=6).and_then(|digits| u8::try_from(digits.value).ok());
    let estimates = t.tables("estimate", |t| {
        let parameter = t.required_text("parameter");
        let parts = t.number_map("population").unwrap_or_default();
        if parts.is_empty() {
            t.fault(
                "declare-missing-key",
                t.own_place(),
                "the estimate names no base population".to_owned(),
                "write `population = { \"total\" = 1.0 }`, or categories with the part of each that belongs to it",
            );
        }
        let mut population = Vec::with_capacity(parts.len());
        for (text, part) in parts {
            if part > 0.0 && part <= 1.0 {
                population.push((category(text), part));
            } else {
                t.fault(
                    "declare-out-of-range",
                    text.place,
                    format!("the part of `{}` is {part}, outside 0 to 1", text.value),
                    "write which part of the category belongs to the base population, such as 0.3; leave out what does not",
                );
            }
        }
        Some(SyntheticEstimate { parameter: parameter?, population })
    });
    if estimates.is_empty() {
        t.fault(
            "declare-missing-key",
            t.own_place(),
            "the synthetic source estimates nothing".to_owned(),
            "add `[[source.estimate]]` with `parameter` and `population`",
        );
    }
    let (base_source, base_parameter) = base??;
    Some(SyntheticSource {
        base_source,
        base_parameter,
        significant_digits: digits,
        estimates: estimates.into_iter().collect::<Option<_>>()?,
    })
}
