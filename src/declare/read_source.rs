//! Reading a `[[source]]` of a pipeline file.

use super::read_pipeline::LEVELS;
use super::reader::{Placed, Table};
use super::source::{
    Breakdown, FormatPins, Margins, MeasureKey, PeriodFrom, PublishedSource, RegionColumn, RegionColumns, RegionFrom,
    RespondentSource, Source, SourceKind, WeightSet, YearFrom,
};
use crate::vocab::{Level, Period, RegionCode, Sample, Shape};

pub(super) fn read_source(t: &Table<'_>) -> Option<Source> {
    let id = t.required_text("id");
    let collection = t.required_text("collection");
    let title = t.required_text("title");
    let publisher = t.required_text("publisher");
    let licence = t.required_text("licence");
    let fieldwork = t.required_text("fieldwork");
    let sample = t.required_word("sample", &["probability", "open", "register", "model"], Sample::parse);
    let files = t.required_texts("files");
    t.relative(files.iter().flatten(), "the data folder; --data DIR names another one");
    let region_year = t.required_integer("region-year", 1900..=2200);
    let covers = read_covers(t);
    let max_rejects = t.required_integer("max-rejects", 0..=i64::MAX);
    let kind = t.required_word("kind", &["respondents", "published-table"], |word| match word {
        "respondents" => Some(false),
        "published-table" => Some(true),
        _ => None,
    });
    let Some(kind) = kind else {
        t.leave_rest();
        return None;
    };
    let kind = match kind.value {
        false => read_respondents(t).map(SourceKind::Respondents),
        true => read_published(t).map(SourceKind::Published),
    };
    Some(Source {
        id: id?,
        collection: collection?,
        title: title?.value,
        publisher: publisher?.value,
        licence: licence?.value,
        fieldwork: fieldwork?.value,
        sample: sample?.value,
        files: files?,
        region_year: i32::try_from(region_year?.value).ok()?,
        covers: covers?,
        max_rejects: max_rejects?.value.unsigned_abs(),
        kind: kind?,
    })
}

pub(super) fn region_code(t: &Table<'_>, text: &Placed<String>) -> Option<Placed<RegionCode>> {
    match RegionCode::parse(&text.value) {
        Ok(code) => Some(Placed { value: code, place: text.place.clone() }),
        Err(error) => {
            t.fault(
                "declare-region-code",
                text.place.clone(),
                format!("`{}` is not a region code: {error}", text.value),
                "codes look like NL00, GG0111, GM0363, WK0363AA, BU0363AA01",
            );
            None
        }
    }
}

fn read_covers(t: &Table<'_>) -> Option<Vec<Placed<RegionCode>>> {
    let texts = t.required_texts("covers")?;
    let codes: Vec<_> = texts.iter().map(|text| region_code(t, text)).collect();
    codes.into_iter().collect()
}

/// Whether a text can be a folder of a release on every file system.
fn is_folder_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    plain && !name.is_empty() && !name.starts_with('.') && !name.ends_with('.')
}

fn read_period(t: &Table<'_>) -> Option<PeriodFrom> {
    let year = t.integer_within("period", 1900..=2200);
    let label = t.text("period-label");
    if let Some(label) = label.as_ref().filter(|label| !is_folder_name(&label.value.replace('/', "-"))) {
        t.fault(
            "declare-period-label",
            label.place.clone(),
            format!("the period label `{}` cannot be a folder name", label.value),
            "use letters, digits, `.`, `_`, `+`, `-` and `/`, such as `2019-2022` or `2023/2024`; no `.` first or last",
        );
    }
    let column = t.text("period-column");
    match (year, column) {
        (Some(year), None) => {
            let year = i32::try_from(year.value).ok()?;
            Some(PeriodFrom::Fixed(match label {
                Some(label) => Period { year, label: label.value },
                None => Period::of_year(year),
            }))
        }
        (None, Some(column)) => {
            if let Some(label) = label {
                t.fault(
                    "declare-contradiction",
                    label.place,
                    "`period-label` goes with `period`, not with `period-column`".to_owned(),
                    "remove the label, or give the file one `period`",
                );
            }
            Some(PeriodFrom::Column(column))
        }
        _ => {
            t.fault(
                "declare-period",
                t.own_place(),
                "a source needs either `period` or `period-column`, and not both".to_owned(),
                "write `period = 2022` for a file of one year",
            );
            None
        }
    }
}

/// The period of respondents. A column of years needs the years that it may hold, so that a slip of the file is a reject and not a
/// figure of another year.
fn read_year(t: &Table<'_>) -> Option<YearFrom> {
    let periods = t.integers("periods").map(|list| read_years(t, &list));
    match read_period(t)? {
        PeriodFrom::Fixed(_) if t.has("periods") => {
            t.fault(
                "declare-contradiction",
                t.place_of("periods"),
                "`periods` goes with `period-column`, not with `period`".to_owned(),
                "remove `periods`; every row has the one `period`",
            );
            None
        }
        PeriodFrom::Fixed(period) => Some(YearFrom::Fixed(period)),
        PeriodFrom::Column(column) => {
            if !t.has_items("periods") {
                t.fault(
                    "declare-missing-key",
                    column.place,
                    "`period-column` of respondents needs `periods`, the years that it may hold".to_owned(),
                    "add `periods = [2022]` with the years of the file; a row of another year is then a reject",
                );
                return None;
            }
            Some(YearFrom::Column { column, years: periods?? })
        }
    }
}

/// Years of monitors, rising; `None` where one is not.
pub(super) fn read_years(t: &Table<'_>, list: &[Placed<i64>]) -> Option<Vec<i32>> {
    let years: Vec<Option<i32>> = list
        .iter()
        .map(|year| {
            let known = i32::try_from(year.value).ok().filter(|year| Period::YEARS.contains(year));
            if known.is_none() {
                t.fault(
                    "declare-out-of-range",
                    year.place.clone(),
                    format!("`{}` in `periods` is no year of a monitor", year.value),
                    format!("years run from {} to {}", Period::YEARS.start(), Period::YEARS.end()),
                );
            }
            known
        })
        .collect();
    let mut years: Vec<i32> = years.into_iter().collect::<Option<_>>()?;
    years.sort_unstable();
    years.dedup();
    Some(years)
}

fn read_respondents(t: &Table<'_>) -> Option<RespondentSource> {
    let period = read_year(t);
    let id_column = t.text("id-column");
    let not_measured = t.texts("not-measured").unwrap_or_default();
    let format = t.table("format", read_format).unwrap_or_default();
    let region = t.required_table("region", read_region_columns);
    let weight_sets = t.tables("weight-set", |t| {
        let id = t.required_text("id");
        let weight = t.required_text("weight");
        let stratum = t.text("stratum");
        let cluster = t.text("cluster");
        let fpc = t.text("fpc");
        Some(WeightSet { id: id?, weight: weight?, stratum, cluster, fpc })
    });
    if weight_sets.is_empty() {
        t.fault(
            "declare-no-weight-set",
            t.own_place(),
            "a source of respondents declares no weight set".to_owned(),
            "add `[[source.weight-set]]` with id, weight and stratum; there is no unweighted default",
        );
    }
    Some(RespondentSource {
        period: period?,
        id_column,
        not_measured,
        format,
        region: region?,
        weight_sets: weight_sets.into_iter().collect::<Option<_>>()?,
    })
}

fn read_format(t: &Table<'_>) -> FormatPins {
    let separator = t.word("separator", &[";", ",", "\\t", "|"], |word| match word {
        ";" => Some(b';'),
        "," => Some(b','),
        "\t" => Some(b'\t'),
        "|" => Some(b'|'),
        _ => None,
    });
    let decimal_comma = t.word("decimal", &["comma", "point"], |word| match word {
        "comma" => Some(true),
        "point" => Some(false),
        _ => None,
    });
    let windows_1252 = t.word("encoding", &["utf-8", "windows-1252"], |word| match word {
        "utf-8" => Some(false),
        "windows-1252" => Some(true),
        _ => None,
    });
    FormatPins {
        separator: separator.map(|pin| pin.value),
        decimal_comma: decimal_comma.map(|pin| pin.value),
        windows_1252: windows_1252.map(|pin| pin.value),
    }
}

fn read_region_columns(t: &Table<'_>) -> RegionColumns {
    let unknown = t.codes("unknown").unwrap_or_default();
    let mut columns = Vec::new();
    let keys: [(&'static str, Level); 4] =
        [("ggd", Level::Ggd), ("gemeente", Level::Gemeente), ("wijk", Level::Wijk), ("buurt", Level::Buurt)];
    for (key, level) in keys {
        let column = t.table(key, |t| {
            let column = t.required_text("column");
            let codes = t.text_map("codes").unwrap_or_default();
            let codes = codes
                .into_iter()
                .filter_map(|(own, code)| {
                    let placed = region_code(t, &Placed { value: code, place: own.place })?;
                    if placed.value.level() != level {
                        t.fault(
                            "declare-contradiction",
                            placed.place.clone(),
                            format!("`{}` is a region of another level than {level}", placed.value),
                            "name regions of the level that the column is for",
                        );
                    }
                    Some((super::normalise_code(&own.value), placed))
                })
                .collect();
            Some(RegionColumn { level, column: column?, codes })
        });
        columns.extend(column.flatten());
    }
    if !keys.iter().any(|(key, _)| t.has(key)) {
        t.fault(
            "declare-no-region",
            t.own_place(),
            "[source.region] names no column".to_owned(),
            format!("name at least one of: {}", LEVELS[1..].join(", ")),
        );
    }
    RegionColumns { columns, unknown: unknown.into_iter().map(|text| text.value).collect() }
}

/// Words of the shapes, for messages.
const SHAPES: [&str; 6] = ["statline-v3-typed", "statline-v3-untyped", "portal", "portal-symbols", "odata-v4", "plain"];

fn read_published_region(t: &Table<'_>) -> Option<RegionFrom> {
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

fn read_published(t: &Table<'_>) -> Option<PublishedSource> {
    let shape = t.word("shape", &SHAPES, Shape::parse);
    let table_id = t.required_text("table-id");
    let already_published = t.text("already-published").map(|ground| ground.value.into());
    let region = read_published_region(t);
    let alias = t.text_map("region-alias").unwrap_or_default();
    let region_alias = alias
        .into_iter()
        .filter_map(|(own, code)| {
            let placed = region_code(t, &Placed { value: code, place: own.place })?;
            Some((own.value, placed))
        })
        .collect();
    let period = read_period(t);
    let margins = t.table("margins", |t| {
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
    });
    let breakdowns = t.tables("breakdown", |t| {
        let column = t.required_text("column");
        let codes = t.required_table("codes", |t| {
            t.free_entries()
                .into_iter()
                .map(|(own, value)| {
                    let Some(meaning) = value.get_ref().as_str() else {
                        t.wrong(&own.value, value, "text: \"total\" or \"dimension/category\"");
                        return None;
                    };
                    let meaning = match meaning.split_once('/') {
                        Some((dimension, category)) => (dimension.to_owned(), category.to_owned()),
                        None => (meaning.to_owned(), meaning.to_owned()),
                    };
                    Some((own.value, Placed { value: meaning, place: own.place }))
                })
                .collect::<Option<_>>()
        });
        Some(Breakdown { column: column?, codes: codes?? })
    });
    let measures = t.tables("measure", |t| {
        let key = t.required_text("key");
        let parameter = t.required_text("parameter");
        let multiply = t.number("multiply").map_or(1.0, |factor| factor.value);
        Some(MeasureKey { key: key?, parameter: parameter?, multiply })
    });
    Some(PublishedSource {
        table_id: table_id?.value,
        already_published,
        shape,
        region: region?,
        region_alias,
        period: period?,
        margins: margins.flatten(),
        breakdowns: breakdowns.into_iter().collect::<Option<_>>()?,
        measures: measures.into_iter().collect::<Option<_>>()?,
    })
}
