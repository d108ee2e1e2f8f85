//! Region columns of respondents → the finest known region of a row.

use std::collections::HashMap;

use super::RejectCode;
use super::decode::{is_missing, trim};
use crate::declare::{RegionEntry, normalise_code};
use crate::vocab::{Level, RegionCode};

/// The regions of one region year, by code.
#[derive(Clone, Debug, Default)]
pub struct RegionIndex {
    by_code: HashMap<String, u32>,
    /// Index of the parent, by index.
    parents: Vec<Option<u32>>,
    levels: Vec<Level>,
}

impl RegionIndex {
    /// An index of the regions of one year; positions are those in the whole list.
    #[must_use]
    pub fn new(regions: &[RegionEntry], region_year: i32) -> Self {
        let by_code: HashMap<String, u32> = regions
            .iter()
            .zip(0..)
            .filter(|(region, _)| region.region_year == region_year)
            .map(|(region, index)| (region.code.as_str().to_owned(), index))
            .collect();
        let parents = regions
            .iter()
            .map(|region| region.parent.as_ref().and_then(|parent| by_code.get(parent.as_str()).copied()))
            .collect();
        Self { by_code, parents, levels: regions.iter().map(RegionEntry::level).collect() }
    }

    /// The position of a code.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<u32> {
        self.by_code.get(code).copied()
    }

    /// The region itself or its ancestor at a level.
    #[must_use]
    pub fn at_level(&self, region: u32, level: Level) -> Option<u32> {
        let mut at = Some(region);
        while let Some(index) = at {
            if self.levels[index as usize] == level {
                return at;
            }
            at = self.parents[index as usize];
        }
        None
    }

    /// Whether `region` lies in `ancestor` or is it.
    #[must_use]
    pub fn within(&self, region: u32, ancestor: u32) -> bool {
        self.at_level(region, self.levels[ancestor as usize]) == Some(ancestor)
    }
}

/// How one region column is read.
#[derive(Clone, Debug)]
pub struct RegionColumnPlan {
    /// Level.
    pub level: Level,
    /// Field in the file.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// Own code → region code; empty where the column holds region codes or their digits.
    pub codes: HashMap<String, RegionCode>,
}

/// How the regions of a source are read.
#[derive(Clone, Debug)]
pub struct RegionPlan {
    /// Columns, widest level first.
    pub columns: Vec<RegionColumnPlan>,
    /// Normalised texts that mean unknown.
    pub unknown: Vec<String>,
    /// The regions of the source's year.
    pub index: RegionIndex,
    /// Positions of the regions that the source covers.
    pub covers: Vec<u32>,
}

/// A row without a usable region: the column (index in `columns`) and why.
pub type RegionFault = (usize, RejectCode);

impl RegionPlan {
    /// The finest known region of a row, from the texts of its region columns, widest level first.
    ///
    /// A known gemeente with an unknown wijk is the gemeente itself. A row without any region belongs to what the source
    /// covers, if that is a single region.
    ///
    /// # Errors
    /// The column at fault and the reason.
    pub fn resolve(&self, texts: &[&str]) -> Result<u32, RegionFault> {
        let mut finest: Option<u32> = None;
        let mut code: Option<RegionCode> = None;
        for (at, (column, text)) in self.columns.iter().zip(texts).enumerate() {
            let text = trim(text);
            if self.unknown.contains(&normalise_code(text)) {
                continue;
            }
            if is_missing(text) {
                if !text.is_empty() && self.could_be_region(column, text, code.as_ref(), finest) {
                    return Err((at, RejectCode::AmbiguousRegion));
                }
                continue;
            }
            let unknown = (at, RejectCode::UnknownRegion);
            let found = column.read(text, code.as_ref()).ok_or(unknown)?;
            let position = self.index.position(found.as_str()).ok_or(unknown)?;
            // A wijk that lies in another gemeente than the row says is no known region.
            if finest.is_some_and(|wider| !self.index.within(position, wider)) {
                return Err(unknown);
            }
            finest = Some(position);
            code = Some(found);
        }
        let last = self.columns.len().saturating_sub(1);
        match (finest, self.covers.as_slice()) {
            (Some(region), covers) if covers.iter().any(|wide| self.index.within(region, *wide)) => Ok(region),
            (Some(_), _) => Err((last, RejectCode::OutsideCoverage)),
            (None, [only]) => Ok(*only),
            (None, _) => Err((last, RejectCode::MissingRegion)),
        }
    }

    /// Whether a text that stands for missing is also a known region within the wider one of the row: the wijk `NA` of a gemeente
    /// with letters in its codes (WK0363NA).
    fn could_be_region(
        &self,
        column: &RegionColumnPlan,
        text: &str,
        wider: Option<&RegionCode>,
        finest: Option<u32>,
    ) -> bool {
        let position = column.read(text, wider).and_then(|found| self.index.position(found.as_str()));
        position.zip(finest).is_some_and(|(position, wider)| self.index.within(position, wider))
    }
}

impl RegionColumnPlan {
    /// The region code of a text: through the declared codes, as a code with its prefix, as all its digits, or as the last two
    /// characters beside the wider region.
    fn read(&self, text: &str, wider: Option<&RegionCode>) -> Option<RegionCode> {
        if !self.codes.is_empty() {
            return self.codes.get(&normalise_code(text)).cloned();
        }
        if text.starts_with(self.level.prefix()) {
            return RegionCode::parse(text).ok();
        }
        // Numbers lose leading zeros and may gain decimals: 363, 363.0.
        let digits = match normalise_code(text) {
            number if number.bytes().all(|b| b.is_ascii_digit()) => number,
            _ => text.to_owned(),
        };
        let own = match (self.level, wider) {
            (Level::Wijk, Some(wider)) if wider.level() == Level::Gemeente && digits.len() <= 2 => {
                format!("{}{digits:0>2}", &wider.as_str()[2..])
            }
            (Level::Buurt, Some(wider)) if wider.level() == Level::Wijk && digits.len() <= 2 => {
                format!("{}{digits:0>2}", &wider.as_str()[2..])
            }
            (Level::Wijk | Level::Buurt, None) if digits.len() <= 2 => return None,
            (level, _) => format!("{digits:0>width$}", width = level.digits()),
        };
        RegionCode::parse(&format!("{}{own}", self.level.prefix())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> RegionPlan {
        let region = |code: &str, parent: &str| RegionEntry {
            parent: RegionCode::parse(parent).ok(),
            ..RegionEntry::new(RegionCode::parse(code).unwrap(), 2022)
        };
        let mut regions = vec![
            region("GG0111", ""),
            region("GM0363", "GG0111"),
            region("GM0014", "GG0111"),
            region("GM9999", ""),
            region("WK0363AA", "GM0363"),
            region("WK0363NA", "GM0363"),
            region("WK001401", "GM0014"),
        ];
        regions.sort_by(|a, b| a.code.cmp(&b.code));
        let index = RegionIndex::new(&regions, 2022);
        let column = |level, field| RegionColumnPlan { level, field, column: String::new(), codes: HashMap::new() };
        let covers = vec![index.position("GG0111").unwrap()];
        RegionPlan {
            columns: vec![column(Level::Gemeente, 0), column(Level::Wijk, 1)],
            unknown: vec!["9998".into(), "99".into()],
            index,
            covers,
        }
    }

    #[test]
    fn numbers_without_zeros_and_two_characters_become_codes() {
        let plan = plan();
        let code =
            |gemeente, wijk| plan.resolve(&[gemeente, wijk]).map(|at| at == plan.index.position("WK001401").unwrap());
        for (gemeente, wijk) in
            [("14", "01"), ("14", "1"), ("0014", "001401"), ("14.0", "1401"), ("GM0014", "WK001401"), ("", "001401")]
        {
            assert_eq!(code(gemeente, wijk), Ok(true), "{gemeente} {wijk}");
        }
        assert_eq!(plan.resolve(&["363", "AA"]), Ok(plan.index.position("WK0363AA").unwrap()));
    }

    #[test]
    fn a_known_gemeente_with_an_unknown_wijk_is_the_gemeente() {
        let plan = plan();
        for wijk in ["", "99", "NA", "#NULL!"] {
            assert_eq!(plan.resolve(&["14", wijk]), Ok(plan.index.position("GM0014").unwrap()));
        }
        assert_eq!(plan.resolve(&["9998", ""]), Ok(plan.index.position("GG0111").unwrap()));
    }

    #[test]
    fn a_missing_value_that_is_also_a_wijk_is_never_silently_either() {
        let mut plan = plan();
        assert_eq!(plan.resolve(&["363", "NA"]), Err((1, RejectCode::AmbiguousRegion)));
        assert_eq!(plan.resolve(&["363", "WK0363NA"]), Ok(plan.index.position("WK0363NA").unwrap()));
        assert_eq!(plan.resolve(&["363", ""]), Ok(plan.index.position("GM0363").unwrap()));
        // Gemeente 14 has no wijk NA, and without a gemeente nobody can say which wijk it is.
        assert_eq!(plan.resolve(&["14", "NA"]), Ok(plan.index.position("GM0014").unwrap()));
        assert_eq!(plan.resolve(&["", "NA"]), Ok(plan.index.position("GG0111").unwrap()));
        plan.unknown.push("NA".into());
        assert_eq!(plan.resolve(&["363", "NA"]), Ok(plan.index.position("GM0363").unwrap()));
    }

    #[test]
    fn regions_that_do_not_fit_are_faults() {
        let plan = plan();
        assert_eq!(plan.resolve(&["15", ""]), Err((0, RejectCode::UnknownRegion)));
        assert_eq!(plan.resolve(&["14", "02"]), Err((1, RejectCode::UnknownRegion)));
        assert_eq!(plan.resolve(&["14", "WK0363AA"]), Err((1, RejectCode::UnknownRegion)));
        assert_eq!(plan.resolve(&["", "01"]), Err((1, RejectCode::UnknownRegion)));
        assert_eq!(plan.resolve(&["9999", ""]), Err((1, RejectCode::OutsideCoverage)));
    }
}
