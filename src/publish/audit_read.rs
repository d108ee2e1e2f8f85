//! Figures, regions and breakdowns of a release as the attacker sees them.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use ::parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::{
    audit_cells::{Interned, Texts, range},
    error::PublishError,
    folder,
    why::{Cells, batches},
};
use crate::disclose::audit::{
    ComparedSeen, DerivedSeen, Geography, GroupKey, GroupSeen, NodeSeen, RegionSeen, Seen, SeenStatus,
};

/// What is published.
pub(super) struct Published {
    pub(super) geography: Geography,
    /// Figures measured directly, by what adds up.
    pub(super) groups: Vec<GroupSeen>,
    /// The year of each group.
    pub(super) years: Vec<String>,
    /// Comparisons that are shown.
    pub(super) compared: Vec<ComparedSeen>,
    /// Figures made of others that are shown.
    pub(super) derived: Vec<DerivedSeen>,
}

/// Columns of figures that are read.
const COLUMNS: [&str; 24] = [
    "parameter",
    "period",
    "collection",
    "period_label",
    "level",
    "region",
    "region_year",
    "statistic",
    "dimension",
    "category",
    "value",
    "se",
    "lower",
    "upper",
    "n",
    "n_class",
    "n_effective",
    "deff",
    "df",
    "unit",
    "method",
    "variant",
    "status",
    "source",
];

/// Reads a release.
pub(super) fn read(release: &Path) -> Result<Published, PublishError> {
    let mut reading = Reading::new(release)?;
    let files = folder::files_under(release)?;
    let figures: Vec<PathBuf> =
        files.iter().filter(|(name, _)| name.starts_with("figures/")).map(|(_, path)| path.clone()).collect();
    let read = figures.par_iter().map(|path| {
        let mut own = reading.beside();
        columns(path)?.iter().for_each(|batch| own.batch(batch));
        Ok(own)
    });
    for own in read.collect::<Result<Vec<Reading>, PublishError>>()? {
        reading.absorb(own);
    }
    for (_, path) in files.iter().filter(|(name, _)| name.starts_with("comparisons/")) {
        for batch in batches(path)? {
            reading.comparisons(&batch);
        }
    }
    Ok(reading.finish())
}

fn columns(path: &Path) -> Result<Vec<RecordBatch>, PublishError> {
    let file = File::open(path).map_err(PublishError::io("read", path))?;
    let fault = PublishError::parquet(path);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(&fault)?;
    let wanted = COLUMNS.into_iter().chain(["reason"]);
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
    let reader = builder.with_projection(mask).with_batch_size(65_536).build().map_err(&fault)?;
    let batches: Result<Vec<RecordBatch>, _> = reader.collect();
    batches.map_err(|source| PublishError::Columns { path: path.display().to_string(), source })
}

#[derive(Default)]
struct Reading {
    geography: Geography,
    regions: HashMap<(String, i32), u32>,
    nodes: HashMap<String, HashMap<String, u32, RandomState>, RandomState>,
    groups: Vec<GroupSeen>,
    years: Vec<String>,
    places: HashMap<GroupKey, usize>,
    reasons: Interned,
    compared: Vec<ComparedSeen>,
    derived: Vec<DerivedSeen>,
}

impl Reading {
    fn new(release: &Path) -> Result<Self, PublishError> {
        let mut reading = Self::default();
        let mut parents = Vec::new();
        for batch in batches(&release.join("regions.parquet"))? {
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                let year = cells.number("region_year").unwrap_or_default() as i32;
                let predecessors = cells.text("predecessors").split_whitespace();
                let predecessors = predecessors.filter_map(|own| {
                    let (code, year) = own.split_once('@')?;
                    Some((code.to_owned(), year.parse().ok()?))
                });
                let own = RegionSeen {
                    code: cells.text("code").to_owned(),
                    year,
                    level: cells.text("level").to_owned(),
                    parent: None,
                    predecessors: predecessors.collect(),
                };
                parents.push(cells.text("parent").to_owned());
                reading.regions.insert((own.code.clone(), year), reading.geography.regions.len() as u32);
                reading.geography.regions.push(own);
            }
        }
        for (at, parent) in parents.into_iter().enumerate() {
            let year = reading.geography.regions[at].year;
            reading.geography.regions[at].parent = reading.regions.get(&(parent, year)).copied();
        }
        Ok(reading)
    }

    /// For a file that is read beside others: what is known of regions, and nothing else.
    fn beside(&self) -> Self {
        let geography = Geography { regions: self.geography.regions.clone(), nodes: Vec::new() };
        Self { geography, regions: self.regions.clone(), ..Self::default() }
    }

    /// Adds what was read beside, as if it had been read here.
    fn absorb(&mut self, other: Self) {
        let regions: Vec<u32> =
            other.geography.regions.iter().map(|own| self.region(&own.code, own.year, &own.level)).collect();
        let nodes: Vec<u32> =
            other.geography.nodes.iter().map(|own| self.node(&own.dimension, &own.category)).collect();
        let reasons: Vec<u8> = other.reasons.words.iter().map(|own| self.reasons.of(own) as u8).collect();
        for (mut group, year) in other.groups.into_iter().zip(other.years) {
            for figure in &mut group.figures {
                figure.region = regions[figure.region as usize];
                figure.node = nodes[figure.node as usize];
                if let SeenStatus::Withheld(at) = &mut figure.status {
                    *at = reasons[usize::from(*at)];
                }
            }
            match self.places.get(&group.key) {
                Some(at) => self.groups[*at].figures.append(&mut group.figures),
                None => {
                    self.places.insert(group.key.clone(), self.groups.len());
                    self.years.push(year);
                    self.groups.push(group);
                }
            }
        }
        self.derived.extend(other.derived.into_iter().map(|own| DerivedSeen {
            region: regions[own.region as usize],
            node: nodes[own.node as usize],
            ..own
        }));
    }

    fn region(&mut self, code: &str, year: i32, level: &str) -> u32 {
        if let Some(at) = self.regions.get(&(code.to_owned(), year)) {
            return *at;
        }
        let at = self.geography.regions.len() as u32;
        let own =
            RegionSeen { code: code.to_owned(), year, level: level.to_owned(), parent: None, predecessors: Vec::new() };
        self.geography.regions.push(own);
        self.regions.insert((code.to_owned(), year), at);
        at
    }

    fn node(&mut self, dimension: &str, category: &str) -> u32 {
        if let Some(at) = self.nodes.get(dimension).and_then(|own| own.get(category)) {
            return *at;
        }
        let at = self.geography.nodes.len() as u32;
        self.geography.nodes.push(NodeSeen::new(dimension, category));
        self.nodes.entry(dimension.to_owned()).or_default().insert(category.to_owned(), at);
        at
    }

    fn batch(&mut self, batch: &RecordBatch) {
        let texts = |name: &str| Texts(batch.column_by_name(name).and_then(|own| own.as_string_opt::<i32>()));
        let [parameter, collection, period, level, region, statistic, dimension, category] =
            ["parameter", "collection", "period_label", "level", "region", "statistic", "dimension", "category"]
                .map(texts);
        let [method, variant, status, source, unit, reason, class] =
            ["method", "variant", "status", "source", "unit", "reason", "n_class"].map(texts);
        let floats = |name: &str| batch.column_by_name(name).and_then(|own| own.as_primitive_opt::<Float64Type>());
        let wholes = |name: &str| batch.column_by_name(name).and_then(|own| own.as_primitive_opt::<Int64Type>());
        let [value, se, lower, upper, n_effective, deff] =
            ["value", "se", "lower", "upper", "n_effective", "deff"].map(floats);
        let [n, df] = ["n", "df"].map(wholes);
        let years = batch.column_by_name("region_year").and_then(|own| own.as_primitive_opt::<Int32Type>());
        let periods = batch.column_by_name("period").and_then(|own| own.as_primitive_opt::<Int32Type>());
        let mut group: Option<(usize, usize)> = None;
        let mut place: Option<(usize, u32)> = None;
        for row in 0..batch.num_rows() {
            if method.at(row) != "direct" {
                continue;
            }
            if statistic.at(row) != "crude" {
                if status.at(row) == "ok" {
                    self.derived(&Cells { batch, row });
                }
                continue;
            }
            let same = |before: usize| {
                [&parameter, &collection, &period, &source, &variant].iter().all(|own| own.at(before) == own.at(row))
            };
            let own = match group.filter(|(before, _)| same(*before)) {
                Some((_, own)) => own,
                None => {
                    let key = GroupKey {
                        parameter: parameter.at(row).to_owned(),
                        collection: collection.at(row).to_owned(),
                        period: period.at(row).to_owned(),
                        source: source.at(row).to_owned(),
                        variant: variant.at(row).to_owned(),
                    };
                    *self.places.entry(key.clone()).or_insert_with(|| {
                        let year = periods.filter(|own| own.is_valid(row)).map_or(0, |own| own.value(row));
                        self.years.push(year.to_string());
                        self.groups.push(GroupSeen {
                            key,
                            share: unit.at(row) == "share",
                            reasons: Vec::new(),
                            figures: Vec::new(),
                        });
                        self.groups.len() - 1
                    })
                }
            };
            group = Some((row, own));
            let year = years.filter(|own| own.is_valid(row)).map_or(0, |own| own.value(row));
            let region_at = match place.filter(|(before, _)| {
                region.at(*before) == region.at(row) && years.is_some_and(|own| own.value(*before) == year)
            }) {
                Some((_, at)) => at,
                None => self.region(region.at(row), year, level.at(row)),
            };
            place = Some((row, region_at));
            let node = self.node(dimension.at(row), category.at(row));
            let float = |own: Option<&arrow::array::Float64Array>| {
                own.filter(|own| own.is_valid(row)).map(|own| own.value(row))
            };
            let whole =
                |own: Option<&arrow::array::Int64Array>| own.filter(|own| own.is_valid(row)).map(|own| own.value(row));
            let status = match status.at(row) {
                "ok" => SeenStatus::Shown,
                "suppressed" => SeenStatus::Withheld(self.reasons.of(reason.at(row)) as u8),
                _ => SeenStatus::Absent,
            };
            let figure = Seen {
                region: region_at,
                node,
                status,
                value: float(value),
                se: float(se),
                limits: float(lower).zip(float(upper)),
                n: whole(n),
                n_class: range(class.at(row)),
                n_effective: float(n_effective),
                deff: float(deff),
                df: whole(df),
                has_number: [value, se, lower, upper, n_effective, deff].into_iter().any(|own| float(own).is_some())
                    || [n, df].into_iter().any(|own| whole(own).is_some())
                    || !class.at(row).is_empty(),
            };
            self.groups[own].figures.push(figure);
        }
    }

    /// The key of a row whose period is a year.
    fn key(cells: &Cells<'_>) -> GroupKey {
        let text = |name: &str| cells.text(name).to_owned();
        let period = cells.number("period").map_or(String::new(), |year| format!("{year:.0}"));
        GroupKey {
            parameter: text("parameter"),
            collection: text("collection"),
            period,
            source: text("source"),
            variant: text("variant"),
        }
    }

    fn derived(&mut self, cells: &Cells<'_>) {
        let year = cells.number("region_year").unwrap_or_default() as i32;
        let own = DerivedSeen {
            key: Self::key(cells),
            region: self.region(cells.text("region"), year, cells.text("level")),
            node: self.node(cells.text("dimension"), cells.text("category")),
            statistic: cells.text("statistic").to_owned(),
        };
        self.derived.push(own);
    }

    /// Rows of a table of comparisons that are shown.
    fn comparisons(&mut self, batch: &RecordBatch) {
        for row in 0..batch.num_rows() {
            let cells = Cells { batch, row };
            if cells.text("status") != "ok" || cells.text("method") != "direct" || cells.text("statistic") != "crude" {
                continue;
            }
            let (year, dimension) = (cells.number("region_year").unwrap_or_default() as i32, cells.text("dimension"));
            let region = cells.text("reference_region");
            let category = cells.text("reference_category");
            let own = ComparedSeen {
                key: Self::key(&cells),
                region: self.region(cells.text("region"), year, cells.text("level")),
                node: self.node(dimension, cells.text("category")),
                reference: cells.text("reference").to_owned(),
                reference_region: self.regions.get(&(region.to_owned(), year)).copied(),
                reference_node: (!category.is_empty()).then(|| self.node(dimension, category)),
                reference_year: cells.number("reference_period").map(|year| format!("{year:.0}")),
            };
            self.compared.push(own);
        }
    }

    fn finish(mut self) -> Published {
        for group in &mut self.groups {
            group.reasons.clone_from(&self.reasons.words);
        }
        let mut groups: Vec<(GroupSeen, String)> = self.groups.into_iter().zip(self.years).collect();
        groups.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        let (groups, years) = groups.into_iter().unzip();
        Published { geography: self.geography, groups, years, compared: self.compared, derived: self.derived }
    }
}
