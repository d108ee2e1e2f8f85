//! Published figures as a reader sees them.

use crate::stats::bounds::Range;

/// A region with the region it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionSeen {
    /// Code.
    pub code: String,
    /// Year of the division.
    pub year: i32,
    /// Level.
    pub level: String,
    /// The region that it lies in, as an index.
    pub parent: Option<u32>,
    /// What it came from: (code, year).
    pub predecessors: Vec<(String, i32)>,
}

/// A cell of the breakdowns: everybody, a category, or a category of a crossing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSeen {
    /// The dimension as published, such as `sex*age`.
    pub dimension: String,
    /// The category as published, such as `2*18-34`.
    pub category: String,
    /// Single dimensions with their category, in the order of the words; none for the total.
    pub parts: Vec<(String, String)>,
}

impl NodeSeen {
    /// From the two keys of a figure; a crossing whose parts do not match is a category by itself.
    #[must_use]
    pub fn new(dimension: &str, category: &str) -> Self {
        let mut parts = Vec::new();
        if dimension != "total" {
            let dimensions: Vec<&str> = dimension.split('*').collect();
            let categories: Vec<&str> = category.split('*').collect();
            if dimensions.len() == categories.len() {
                parts.extend(dimensions.iter().zip(&categories).map(|(d, c)| ((*d).to_owned(), (*c).to_owned())));
            } else {
                parts.push((dimension.to_owned(), category.to_owned()));
            }
        }
        parts.sort();
        Self { dimension: dimension.to_owned(), category: category.to_owned(), parts }
    }
}

/// What the rows of a release are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Geography {
    /// Regions.
    pub regions: Vec<RegionSeen>,
    /// Cells of the breakdowns.
    pub nodes: Vec<NodeSeen>,
}

/// What figures of one system have in common. Their counts add up; those of different groups do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// Parameter.
    pub parameter: String,
    /// Collection.
    pub collection: String,
    /// Label of the period.
    pub period: String,
    /// Source.
    pub source: String,
    /// Variant.
    pub variant: String,
}

/// Whether a figure is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeenStatus {
    /// It has a value.
    Shown,
    /// Withheld: the reason is an index into the words of its group.
    Withheld(u8),
    /// Not measured, or not available: nothing is there to be found.
    Absent,
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Region, as an index.
    pub region: u32,
    /// Cell of the breakdowns, as an index.
    pub node: u32,
    /// Status.
    pub status: SeenStatus,
    /// Value.
    pub value: Option<f64>,
    /// Standard error.
    pub se: Option<f64>,
    /// Limits.
    pub limits: Option<(f64, f64)>,
    /// Valid answers as published.
    pub n: Option<i64>,
    /// Bounds of the class of n, where there is one.
    pub n_class: Option<Range>,
    /// Effective sample size.
    pub n_effective: Option<f64>,
    /// Design effect.
    pub deff: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<i64>,
    /// Whether a number stands in the row that this reader knows: a withheld figure has none.
    pub has_number: bool,
}

/// The figures of one system, those measured directly from respondents.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSeen {
    /// What they have in common.
    pub key: GroupKey,
    /// Whether values are shares: then there are answers yes and no.
    pub share: bool,
    /// The reasons that [`SeenStatus::Withheld`] points at.
    pub reasons: Vec<String>,
    /// The figures.
    pub figures: Vec<Seen>,
}

impl GroupSeen {
    /// The reason of a withheld figure; empty for others.
    #[must_use]
    pub fn reason(&self, figure: &Seen) -> &str {
        match figure.status {
            SeenStatus::Withheld(at) => self.reasons.get(usize::from(at)).map_or("", String::as_str),
            _ => "",
        }
    }

    /// A figure in words: its key, never a number of it.
    #[must_use]
    pub fn words(&self, geography: &Geography, figure: &Seen) -> String {
        let (region, node) = (&geography.regions[figure.region as usize], &geography.nodes[figure.node as usize]);
        let GroupKey { parameter, collection, period, source, variant } = &self.key;
        let variant = if variant.is_empty() { String::new() } else { format!(" {variant}") };
        format!(
            "{parameter} {collection} {period} {}@{} {}={} {source}{variant}",
            region.code, region.year, node.dimension, node.category
        )
    }
}
