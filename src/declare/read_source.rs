//! Reading a `[[source]]` of a pipeline file.

use super::read_pipeline::LEVELS;
use super::read_table::{read_published, read_register, read_synthetic};
use super::reader::{Placed, Table};
use super::source::{
    FormatPins, PeriodFrom, RegionColumn, RegionColumns, RespondentSource, Source, SourceKind, WeightSet, YearFrom,
};
use crate::vocab::{Level, Period, RegionCode, Sample};

pub(super) fn read_source(t: &Table<'_>) -> Option<Source> {
    let id = t.required_text("id");
    let collection = t.required_text("collection");
    let title = t.required_text("title");
    let publisher = t.required_text("publisher");
    let licence = t.required_text("licence");
    let fieldwork = t.required_text("fieldwork");
    let sample = t.required_word("sample", &["probability", "open", "register", "model"], Sample::parse);
    let region_year = t.required_integer("region-year", 1900..=2200);
    let covers = read_covers(t);
    let kinds = ["respondents", "published-table", "register", "synthetic"];
    let kind = t.required_word("kind", &kinds, |word| kinds.iter().position(|kind| *kind == word));
    let Some(kind) = kind else {
        t.leave_rest();
        return None;
    };
    // Synthetic estimates read no file of their own.
    let (files, max_rejects) = if kind.value == 3 {
        (Some(Vec::new()), Some(0))
    } else {
        let files = t.required_texts("files");
        t.relative(files.iter().flatten(), "the data folder; --data DIR names another one");
        (files, t.required_integer("max-rejects", 0..=i64::MAX).map(|limit| limit.value.unsigned_abs()))
    };
    let kind = match kind.value {
        0 => read_respondents(t).map(SourceKind::Respondents),
        1 => read_published(t).map(|table| SourceKind::Table(Box::new(table))),
        2 => read_register(t).map(|table| SourceKind::Table(Box::new(table))),
        _ => read_synthetic(t).map(SourceKind::Synthetic),
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
        max_rejects: max_rejects?,
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

pub(super) fn read_period(t: &Table<'_>) -> Option<PeriodFrom> {
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
                    format!("`{}` is no year of a monitor", year.value),
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
    let absent = t.word("absent", &["not-measured"], |word| (word == "not-measured").then_some(()));
    let column_alias = t.text_map("column-alias").unwrap_or_default();
    let format = t.table("format", read_format).unwrap_or_default();
    let region = t.required_table("region", read_region_columns);
    let weight_sets = t.tables("weight-set", |t| {
        let id = t.required_text("id");
        let weight = t.required_text("weight");
        let stratum = t.text("stratum");
        let cluster = t.text("cluster");
        let fpc = t.text("fpc");
        let cluster_fpc = t.text("cluster-fpc");
        if let Some(own) = cluster_fpc.as_ref().filter(|_| cluster.is_none() || fpc.is_none()) {
            t.fault(
                "declare-contradiction",
                own.place.clone(),
                "`cluster-fpc` is the correction of a second stage, and the first stage has no `cluster` or no `fpc`"
                    .to_owned(),
                "name both, with `fpc` the number of clusters in the stratum; or remove `cluster-fpc`",
            );
        }
        Some(WeightSet { id: id?, weight: weight?, stratum, cluster, fpc, cluster_fpc })
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
        absent_not_measured: absent.is_some(),
        column_alias,
        format,
        region: region?,
        weight_sets: weight_sets.into_iter().collect::<Option<_>>()?,
    })
}

pub(super) fn read_format(t: &Table<'_>) -> FormatPins {
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
            let number = t.flag("monitor-number").is_some_and(|flag| flag.value);
            let monitor_number = number.then(|| t.place_of("monitor-number"));
            if number && (level != Level::Ggd || t.has("codes")) {
                t.fault(
                    "declare-contradiction",
                    t.place_of("monitor-number"),
                    "`monitor-number` goes with the column of GGD regions, and without `codes`".to_owned(),
                    "the numbers and their regions stand in the file of `ggd-regions`",
                );
            }
            Some(RegionColumn { level, column: column?, codes, monitor_number })
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
