//! Region codes.

use super::Level;

/// A region code of the Netherlands, unpadded and valid in form: `NL00`, `GG0111`, `GM0363`, `WK0363AA`, `BU0363AA01`.
///
/// A code is text and only means something together with its `region_year` (indelingsjaar). Letters occur in wijken and
/// buurten of gemeenten with a hundred wijken or more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode {
    code: String,
    level: Level,
}

/// Why a text is not a region code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionCodeError {
    /// The first two letters name no level that a release knows (`CG01`, `PV20`, …).
    #[error("the prefix names no known level of region")]
    UnknownKind,
    /// The prefix is known, the rest has the wrong length or characters.
    #[error("the code has the wrong length or characters for its level")]
    Malformed,
}

impl RegionCode {
    /// Reads a code; blanks around it (StatLine pads) are dropped.
    ///
    /// # Errors
    /// [`RegionCodeError`] says whether the kind of region is unknown or the form is wrong.
    pub fn parse(text: &str) -> Result<Self, RegionCodeError> {
        let text = text.trim();
        let level = Level::ALL
            .into_iter()
            .find(|level| text.starts_with(level.prefix()))
            .ok_or(RegionCodeError::UnknownKind)?;
        let rest = &text[level.prefix().len()..];
        let number = rest.get(..rest.len().min(4)).unwrap_or("");
        let tail = rest.get(number.len()..).unwrap_or("");
        let well_formed = rest.len() == level.digits()
            && number.bytes().all(|b| b.is_ascii_digit())
            && tail.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if well_formed { Ok(Self { code: text.to_owned(), level }) } else { Err(RegionCodeError::Malformed) }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.code
    }

    /// The level that the prefix names.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The parent that the code itself contains: the wijk of a buurt, the gemeente of a wijk; `None` for wider levels.
    #[must_use]
    pub fn parent_in_code(&self) -> Option<Self> {
        let parent = match self.level {
            Level::Buurt => Level::Wijk,
            Level::Wijk => Level::Gemeente,
            Level::Nl | Level::Ggd | Level::Gemeente => return None,
        };
        let code = format!("{}{}", parent.prefix(), &self.code[2..2 + parent.digits()]);
        Some(Self { code, level: parent })
    }
}

impl std::fmt::Display for RegionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_letters_and_padding_are_read() {
        let wijk = RegionCode::parse("WK0363AA  ").unwrap();
        assert_eq!((wijk.as_str(), wijk.level()), ("WK0363AA", Level::Wijk));
        assert_eq!(wijk.parent_in_code().unwrap().as_str(), "GM0363");
        let buurt = RegionCode::parse("BU0363AA01").unwrap();
        assert_eq!(buurt.parent_in_code().unwrap().as_str(), "WK0363AA");
    }

    #[test]
    fn unknown_kinds_and_wrong_forms_stay_apart() {
        assert_eq!(RegionCode::parse("CG01"), Err(RegionCodeError::UnknownKind));
        assert_eq!(RegionCode::parse("GM36"), Err(RegionCodeError::Malformed));
        assert_eq!(RegionCode::parse("WK0363aa"), Err(RegionCodeError::Malformed));
        assert_eq!(RegionCode::parse("GM03é"), Err(RegionCodeError::Malformed));
        assert_eq!(RegionCode::parse(""), Err(RegionCodeError::UnknownKind));
    }
}
