//! Layer 3: files → [`Responses`] and rejects.
//!
//! | room | what it knows |
//! |---|---|
//! | `file` | plain, gzip and zip files as bytes, cut into blocks of whole records |
//! | `structure` | quoting and number of fields, record by record; a bad file stops here |
//! | `detect` | separator, encoding, decimal mark and header of a file |
//! | `columns` | the one place that calls polars: the needed columns of a block as text |
//! | `decode` | texts → codes and numbers |
//! | `region` | region columns → the finest known region of a row |
//! | `respondent_plan` | which columns of a respondent file are read, and how |
//! | `respondents` | a block of respondents → [`Responses`] |
//! | `cell` | one cell of a published table → [`CellValue`] |
//! | `published` | what is read from a table, and what it gives: [`PublishedOutcome`] |
//! | `published_block` | a block of a table → its rows and cells |
//! | `published_table` | blocks of a file and files of a source → one table |
//! | `statweb` | the head of an old StatLine download |
//! | `code_lists` | lists of codes beside an OData v4 table |
//! | `list` | a small CSV as texts of the wanted columns |
//! | `model_files` | persons, public facts and pairs of neighbours that a model rests on |
//! | `areas` | areas of a map and their borders, as outlines are found |
//! | `shapes` | GeoJSON, TopoJSON and GeoPackage → which areas share a border |
//! | `geopackage` | the one place that calls SQLite: the features of a layer |
//! | `outline` | the outline of a feature in a GeoPackage → rings of points |
//! | `regions` | region lists, tables of regions, GGD regions and recodes |
//!
//! Polars reads text and the declared codes decide what it means: no type is inferred, and every row that does not fit is a
//! counted reject with its row number. Row numbers are those of a spreadsheet: the header is row 1.

mod areas;
mod cell;
mod code_lists;
mod columns;
mod decode;
mod detect;
mod file;
mod geopackage;
mod list;
mod model_files;
mod outline;
mod published;
mod published_block;
mod published_table;
mod region;
mod regions;
mod respondent_plan;
mod respondents;
mod responses;
mod shape;
mod shapes;
mod statweb;
mod structure;

pub use areas::{MapFile, MapKeys};
pub use cell::CellValue;
pub use code_lists::{MeasureCodes, read_measures, read_provisional, read_table_id};
pub use decode::{CodeTable, DecimalMark, MISSING, UNDECLARED};
pub(crate) use detect::encoding_finding;
pub use detect::{FileFormat, detect};
pub use file::{
    BlockReader, FileFault, FileStamp, FullStamp, InputHash, file_stamp, full_stamp, hash_file, modified, with_blocks,
};
pub use list::ListFile;
pub use model_files::{FactRow, PairRow, PersonsRow, read_facts, read_pairs, read_persons};
pub use published::{
    CategoryKey, CodesPlan, MeasurePlan, Numbers, PublishedOutcome, PublishedPlan, PublishedRow, RegionCodes,
};
pub use published_block::{BlockFault, PublishedBlock, TableBytes, TableReader};
pub use published_table::{SaidTwice, TableFile, join};
pub use region::{RegionColumnPlan, RegionIndex, RegionPlan};
pub use regions::{GgdRow, RecodeRow, RegionFile, read_ggd_table, read_recode, read_region_table, read_regions};
pub use respondent_plan::{CodedColumn, NumberColumn, RespondentPlan, WeightColumns, YearColumn};
pub use respondents::parse_block;
pub use responses::{RespondentId, Responses, WeightedRows};
pub use shape::recognise;
pub use shapes::read_map;
pub use structure::{StructureFault, count_records, trim_end};

/// Why a row was rejected. The word is the column `code` of `quality/rejects`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectCode {
    /// A weight or number is not a number in the file's decimal mark.
    NotANumber,
    /// A count with decimals, or with a mark of thousands that looks like them.
    NotWhole,
    /// A count that is larger than what it is a part of.
    CountOverDenominator,
    /// A number outside its declared bounds.
    OutOfRange,
    /// A weight below zero.
    NegativeWeight,
    /// A weight outside the range in which sums are exact.
    WeightOutOfRange,
    /// A weight without a stratum, cluster or population size.
    MissingDesign,
    /// A code of a dimension that no category declares.
    UnknownCategory,
    /// A code of an item or variable that its definition does not declare.
    UnknownCode,
    /// A region that the region list does not hold.
    UnknownRegion,
    /// A region of another region year than the source declares.
    OtherRegionYear,
    /// A kind of region that a release does not know.
    UnknownRegionKind,
    /// No region at all.
    MissingRegion,
    /// A region outside what the source covers.
    OutsideCoverage,
    /// No number where every respondent has one.
    MissingId,
    /// A number of a respondent that stood in an earlier row.
    DuplicateId,
    /// A period that cannot be read or is missing.
    UnknownPeriod,
    /// A figure whose key stood in an earlier row.
    DuplicateKey,
    /// A text that stands for a missing value and is also a region here.
    AmbiguousRegion,
}

impl RejectCode {
    /// Every code.
    pub const ALL: [Self; 19] = [
        Self::NotANumber,
        Self::NotWhole,
        Self::CountOverDenominator,
        Self::OutOfRange,
        Self::NegativeWeight,
        Self::WeightOutOfRange,
        Self::MissingDesign,
        Self::UnknownCategory,
        Self::UnknownCode,
        Self::UnknownRegion,
        Self::OtherRegionYear,
        Self::UnknownRegionKind,
        Self::MissingRegion,
        Self::OutsideCoverage,
        Self::MissingId,
        Self::DuplicateId,
        Self::UnknownPeriod,
        Self::DuplicateKey,
        Self::AmbiguousRegion,
    ];

    /// The code of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotANumber => "not-a-number",
            Self::NotWhole => "not-whole",
            Self::CountOverDenominator => "count-over-denominator",
            Self::OutOfRange => "out-of-range",
            Self::NegativeWeight => "negative-weight",
            Self::WeightOutOfRange => "weight-out-of-range",
            Self::MissingDesign => "missing-design",
            Self::UnknownCategory => "unknown-category",
            Self::UnknownCode => "unknown-code",
            Self::UnknownRegion => "unknown-region",
            Self::OtherRegionYear => "other-region-year",
            Self::UnknownRegionKind => "unknown-region-kind",
            Self::MissingRegion => "missing-region",
            Self::OutsideCoverage => "outside-coverage",
            Self::MissingId => "missing-id",
            Self::DuplicateId => "duplicate-id",
            Self::UnknownPeriod => "unknown-period",
            Self::DuplicateKey => "duplicate-key",
            Self::AmbiguousRegion => "ambiguous-region",
        }
    }

    /// What the row should have held, for messages. Never what it held.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::NotANumber => "expected a decimal number",
            Self::NotWhole => {
                "expected a whole number without a mark for thousands; leave a cell without a number empty"
            }
            Self::CountOverDenominator => {
                "expected a count that is not larger than its denominator: are the columns swapped? If one person can have several events, write repeated-events = true"
            }
            Self::OutOfRange => "expected a number within the declared bounds",
            Self::NegativeWeight => "expected a weight of zero or more",
            Self::WeightOutOfRange => {
                "expected 0 or a weight between 1/16384 and 1048576; multiply all weights by one constant"
            }
            Self::MissingDesign => "expected a stratum, cluster and population size beside the weight",
            Self::UnknownCategory => "expected a code that the dimension declares",
            Self::UnknownCode => "expected a code that the definition declares",
            Self::UnknownRegion => "expected a region of the region list",
            Self::OtherRegionYear => {
                "expected a region of the declared `region-year`; this code is of another year: correct the year, or declare a `[[regions.recode]]` and `recode-to`"
            }
            Self::UnknownRegionKind => {
                "expected NL, GG, GM, WK or BU before the code; `region-digits` reads codes without letters, `region-alias` others"
            }
            Self::MissingRegion => "expected a region",
            Self::OutsideCoverage => "expected a region that the source covers",
            Self::MissingId => "expected a number of the respondent",
            Self::DuplicateId => "expected each respondent once",
            Self::UnknownPeriod => "expected a year",
            Self::DuplicateKey => "expected each region and period once",
            Self::AmbiguousRegion => {
                "NA is a missing value and also a wijk here: write the full code, or name NA under unknown"
            }
        }
    }
}

/// A fault of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Row; the header is row 1.
    pub row: u64,
    /// Column as the file spells it.
    pub column: String,
    /// Why.
    pub code: RejectCode,
}

/// The rejects of a source: every row counted, the first ones kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejects {
    /// Rejected rows.
    pub rows: u64,
    /// Faults, with the file's name, in file order; at most [`Rejects::KEPT`].
    pub kept: Vec<(String, Reject)>,
}

impl Rejects {
    /// Number of faults that are kept with their row.
    pub const KEPT: usize = 100_000;

    /// Adds the faults of some rows of a file.
    pub fn add(&mut self, file: &str, rows: u64, faults: Vec<Reject>) {
        self.rows += rows;
        let room = Self::KEPT.saturating_sub(self.kept.len());
        self.kept.extend(faults.into_iter().take(room).map(|fault| (file.to_owned(), fault)));
    }
}

/// The finding of a file that cannot be read.
pub(crate) fn file_finding(name: &str, fault: &FileFault) -> crate::finding::Finding {
    use crate::finding::{Duty, Finding};
    let help = match fault {
        FileFault::Io(_) => {
            "check that the file is there, whole and readable; the data folder is `[data] folder` or `--data DIR`"
        }
        FileFault::Zip(_) => "pack it again, or hand in the CSV itself",
        FileFault::ZipMembers(_) => "pack one CSV per zip",
        FileFault::EndlessRecord => "open the file in a text editor and mend the quotes",
        FileFault::Large => "a map of wijken is no larger than some hundred MB: check what was packed",
        FileFault::Changed => "run again when the file is complete",
    };
    Finding::error(Duty::Data, "ingest-unreadable", format!("{name}: {fault}")).at_line(name, None).help(help)
}

/// The finding of a record whose structure is broken.
pub(crate) fn structure_finding(name: &str, row: u64, fault: structure::StructureFault) -> crate::finding::Finding {
    use crate::finding::{Duty, Finding};
    let help = match fault {
        structure::StructureFault::Fields { .. } => {
            "open the file at this row: a separator inside a field needs quotes, and title or footer lines must go"
        }
        structure::StructureFault::StrayQuote | structure::StructureFault::OpenQuote => {
            "a spreadsheet may have doubled the quotes: export the file again instead of saving it from the spreadsheet"
        }
        structure::StructureFault::EmptyLine => "remove the empty line",
    };
    Finding::error(Duty::Data, "ingest-broken-record", format!("{name} is not whole: {fault}"))
        .at_line(name, Some(row))
        .help(help)
}
