//! Periods.

/// A period: the year that orders it and the label that people write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The year; the last one when years are pooled, the later one of a school year.
    pub year: i32,
    /// As people write it: `2022`, `2019-2022`, `2023/2024`.
    pub label: String,
}

impl Period {
    /// Years that a column of years may hold; any other is a slip of the file.
    pub const YEARS: std::ops::RangeInclusive<i32> = 1990..=2060;

    /// A period of one calendar year.
    #[must_use]
    pub fn of_year(year: i32) -> Self {
        Self { year, label: year.to_string() }
    }

    /// Reads a period as published tables write it, and whether the source calls it provisional: `2022JJ00`, `2022`, `2024*`.
    ///
    /// Only whole years are periods of a monitor; quarters and months give `None`.
    #[must_use]
    pub fn parse_statline(code: &str) -> Option<(Self, bool)> {
        let (year, rest) = code.trim().split_at_checked(4)?;
        let provisional = rest == "*";
        let whole = provisional || matches!(rest, "" | "JJ00");
        (whole && year.bytes().all(|b| b.is_ascii_digit()))
            .then(|| year.parse().ok().map(|year| (Self::of_year(year), provisional)))?
    }
}

#[cfg(test)]
mod tests {
    use super::Period;

    #[test]
    fn a_statline_year_is_a_period_and_a_quarter_is_not() {
        assert_eq!(Period::parse_statline("2022JJ00"), Some((Period::of_year(2022), false)));
        assert_eq!(Period::parse_statline("2024*"), Some((Period::of_year(2024), true)));
        assert_eq!(Period::parse_statline(" 2019 "), Some((Period::of_year(2019), false)));
        assert_eq!(Period::parse_statline("2022KW01"), None);
        assert_eq!(Period::parse_statline("22"), None);
        assert_eq!(Period::parse_statline("tjaéJJ00"), None);
    }
}
