//! Regions: which ones there are in which year, what they lie in, and what became of those of another year.

use super::read_source::region_code;
use super::reader::{Placed, Sink, Table, with_document};
use crate::finding::SourceText;
use crate::vocab::RegionCode;

/// Where the regions of a pipeline come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    /// A list of the project, in the data folder; it may hold several years.
    pub list: Option<Placed<String>>,
    /// Tables of CBS that list the regions of a year.
    pub tables: Vec<RegionTable>,
    /// In which GGD region a gemeente lies.
    pub ggd: Vec<GgdTable>,
    /// What became of the regions of one year in another.
    pub recodes: Vec<RecodeTable>,
    /// Whether published tables are the list of the years that no list and no table names.
    pub from_sources: bool,
}

impl Regions {
    /// Every file with regions, with its place.
    pub fn files(&self) -> impl Iterator<Item = &Placed<String>> {
        let tables = self.tables.iter().map(|table| &table.file);
        let ggd = self.ggd.iter().map(|table| &table.file);
        self.list.iter().chain(tables).chain(ggd).chain(self.recodes.iter().map(|table| &table.file))
    }

    /// The recode table between two years.
    #[must_use]
    pub fn recode(&self, from: i32, to: i32) -> Option<usize> {
        self.recodes.iter().position(|table| (table.from_year, table.to_year) == (from, to))
    }
}

/// A table that lists the regions of one year with their codes, such as Kerncijfers wijken en buurten.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionTable {
    /// File in the data folder.
    pub file: Placed<String>,
    /// Indelingsjaar.
    pub region_year: i32,
    /// Column of the code.
    pub code: Placed<String>,
    /// Column of the name.
    pub name: Placed<String>,
    /// Column of the number of inhabitants.
    pub population: Option<Placed<String>>,
    /// Codes of the file → codes of the release (`NL01` → `NL00`).
    pub alias: Vec<(String, Placed<RegionCode>)>,
    /// Column that says what changed since the year before.
    pub change: Option<ChangeColumn>,
}

/// The column `indelingswijziging` with the meaning of its codes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeColumn {
    /// Column.
    pub column: Placed<String>,
    /// Codes of a region that is the same as the year before, code and borders.
    pub unchanged: Vec<String>,
    /// Codes of a region with another code and the same borders.
    pub renamed: Vec<String>,
    /// Codes of a region with other borders.
    pub changed: Vec<String>,
    /// Codes that say nothing.
    pub unknown: Vec<String>,
}

/// A table gemeente → GGD region.
#[derive(Clone, Debug, PartialEq)]
pub struct GgdTable {
    /// File in the data folder.
    pub file: Placed<String>,
    /// Indelingsjaar.
    pub region_year: i32,
    /// Column of the gemeente's code.
    pub gemeente: Placed<String>,
    /// Column of the GGD's code.
    pub ggd: Placed<String>,
    /// Column of the GGD's name.
    pub name: Option<Placed<String>>,
}

/// A table `from;to;share`: which part of a region of one year lies in which region of another.
#[derive(Clone, Debug, PartialEq)]
pub struct RecodeTable {
    /// File in the data folder.
    pub file: Placed<String>,
    /// Indelingsjaar of `from`.
    pub from_year: i32,
    /// Indelingsjaar of `to`.
    pub to_year: i32,
}

/// A GGD region with its numbers in the monitor (MIREB201, MIREB401).
#[derive(Clone, Debug, PartialEq)]
pub struct GgdRegion {
    /// CBS code.
    pub code: Placed<RegionCode>,
    /// Numbers in the monitor; several where a city has its own.
    pub numbers: Vec<Placed<i64>>,
    /// Name.
    pub name: String,
}

/// Reads the file of GGD regions; everything wrong with it goes to the sink.
pub(super) fn read_ggd_regions(source: &std::sync::Arc<SourceText>, sink: &Sink) -> Vec<GgdRegion> {
    let regions: Vec<GgdRegion> = with_document(source, sink, |file| {
        let read = |t: &Table<'_>| {
            let code = t.required_text("code").and_then(|text| region_code(t, &text));
            let numbers = t.integers("numbers").unwrap_or_default();
            let name = t.required_text("name");
            Some(GgdRegion { code: code?, numbers, name: name?.value })
        };
        file.tables("ggd", read).into_iter().flatten().collect()
    })
    .unwrap_or_default();
    let mut codes = std::collections::BTreeSet::new();
    let mut numbers = std::collections::BTreeSet::new();
    let twice = |what: String, place: &crate::finding::Place| {
        let finding = crate::finding::Finding::error(crate::finding::Duty::Definition, "declare-duplicate", what);
        sink.push(finding.at(place.clone()).help("name each GGD region and each number of the monitor once"));
    };
    for region in &regions {
        if !codes.insert(&region.code.value) {
            twice(format!("GGD region `{}` stands twice", region.code.value), &region.code.place);
        }
        for number in &region.numbers {
            if !numbers.insert(number.value) {
                twice(format!("number {} of the monitor stands twice", number.value), &number.place);
            }
        }
    }
    regions
}

/// Reads `[regions]`.
pub(super) fn read_regions(t: &Table<'_>) -> Option<(Regions, Vec<Placed<RegionCode>>)> {
    const DATA: &str = "the data folder; --data DIR names another one";
    let together = t.texts("covered-together").unwrap_or_default();
    let together: Option<Vec<_>> = together.iter().map(|text| region_code(t, text)).collect();
    let list = t.text("file");
    let tables = t.tables("table", read_region_table);
    let ggd = t.tables("ggd", |t| {
        let (file, year) = (t.required_text("file"), read_region_year(t, "region-year"));
        let (gemeente, ggd, name) = (t.required_text("gemeente"), t.required_text("ggd"), t.text("name"));
        Some(GgdTable { file: file?, region_year: year?, gemeente: gemeente?, ggd: ggd?, name })
    });
    let recodes = t.tables("recode", |t| {
        let file = t.required_text("file");
        let (from, to) = (read_region_year(t, "from-year"), read_region_year(t, "to-year"));
        if from.is_some() && from == to {
            t.fault(
                "declare-contradiction",
                t.own_place(),
                "`from-year` and `to-year` of a recode are the same".to_owned(),
                "name the year of the old codes and the year of the new ones",
            );
        }
        Some(RecodeTable { file: file?, from_year: from?, to_year: to? })
    });
    let from_sources = t.flag("from-sources").is_some_and(|flag| flag.value);
    let regions = Regions {
        list,
        tables: tables.into_iter().collect::<Option<_>>()?,
        ggd: ggd.into_iter().collect::<Option<_>>()?,
        recodes: recodes.into_iter().collect::<Option<_>>()?,
        from_sources,
    };
    t.relative(regions.files(), DATA);
    let listed = regions.list.is_some() || !regions.tables.is_empty();
    if !listed && !from_sources {
        t.fault(
            "declare-regions",
            t.own_place(),
            "[regions] names no list of regions".to_owned(),
            "name a `file` or a `[[regions.table]]`; a pipeline of published tables may use `from-sources = true`",
        );
        return None;
    }
    if !listed && t.has_items("covered-together") {
        t.fault(
            "declare-regions",
            t.place_of("covered-together"),
            "`covered-together` needs a list of regions, and the regions come from the sources".to_owned(),
            "remove it, or name a `file` with the regions and their parents",
        );
    }
    for (at, table) in regions.tables.iter().enumerate() {
        if regions.tables[..at].iter().any(|other| other.region_year == table.region_year) {
            twice(t, &table.file, "table of the regions", table.region_year);
        }
    }
    for (at, table) in regions.ggd.iter().enumerate() {
        if regions.ggd[..at].iter().any(|other| other.region_year == table.region_year) {
            twice(t, &table.file, "table of gemeenten and GGD regions", table.region_year);
        }
    }
    for (at, table) in regions.recodes.iter().enumerate() {
        if regions.recode(table.from_year, table.to_year) != Some(at) {
            twice(t, &table.file, "recode", table.to_year);
        }
    }
    Some((regions, together?))
}

fn twice(t: &Table<'_>, file: &Placed<String>, what: &str, year: i32) {
    t.fault(
        "declare-duplicate",
        file.place.clone(),
        format!("there is a second {what} of {year}"),
        "name one per year, or the two could contradict each other",
    );
}

fn read_region_year(t: &Table<'_>, key: &'static str) -> Option<i32> {
    t.required_integer(key, 1900..=2200).and_then(|year| i32::try_from(year.value).ok())
}

fn read_region_table(t: &Table<'_>) -> Option<RegionTable> {
    let file = t.required_text("file");
    let region_year = read_region_year(t, "region-year");
    let (code, name, population) = (t.required_text("code"), t.required_text("name"), t.text("population"));
    let alias = read_alias(t, "alias");
    let change = t.table("change", |t| {
        let column = t.required_text("column");
        let codes = |key| t.codes(key).unwrap_or_default().into_iter().map(|code| code.value).collect::<Vec<_>>();
        let (unchanged, renamed) = (codes("unchanged"), codes("renamed"));
        let (changed, unknown) = (codes("changed"), codes("unknown"));
        let mut seen = std::collections::BTreeSet::new();
        for code in unchanged.iter().chain(&renamed).chain(&changed).chain(&unknown) {
            if !seen.insert(code) {
                t.fault(
                    "declare-duplicate",
                    t.own_place(),
                    format!("code `{code}` has two meanings in `change`"),
                    "give each code one meaning",
                );
            }
        }
        Some(ChangeColumn { column: column?, unchanged, renamed, changed, unknown })
    });
    if change == Some(None) {
        return None;
    }
    Some(RegionTable {
        file: file?,
        region_year: region_year?,
        code: code?,
        name: name?,
        population,
        alias,
        change: change.flatten(),
    })
}

/// A map from codes of a file to codes of the release.
pub(super) fn read_alias(t: &Table<'_>, key: &'static str) -> Vec<(String, Placed<RegionCode>)> {
    let alias = t.text_map(key).unwrap_or_default();
    alias
        .into_iter()
        .filter_map(|(own, code)| {
            let placed = region_code(t, &Placed { value: code, place: own.place })?;
            Some((own.value, placed))
        })
        .collect()
}
