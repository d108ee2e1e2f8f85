//! Levels of region.

use serde::{Deserialize, Serialize};

/// Level of a region, from the widest to the narrowest. The order of the variants is that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The Netherlands.
    Nl,
    /// GGD region.
    Ggd,
    /// Gemeente (municipality).
    Gemeente,
    /// Wijk (district), set by the gemeente.
    Wijk,
    /// Buurt (neighbourhood), part of a wijk.
    Buurt,
}

impl Level {
    /// Every level, widest first.
    pub const ALL: [Self; 5] = [Self::Nl, Self::Ggd, Self::Gemeente, Self::Wijk, Self::Buurt];

    /// The word as it stands in TOML, in a file name and in the column `level`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::Ggd => "ggd",
            Self::Gemeente => "gemeente",
            Self::Wijk => "wijk",
            Self::Buurt => "buurt",
        }
    }

    /// The level of a word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// The two letters that open a code of this level.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Nl => "NL",
            Self::Ggd => "GG",
            Self::Gemeente => "GM",
            Self::Wijk => "WK",
            Self::Buurt => "BU",
        }
    }

    /// Number of characters after the prefix.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Nl => 2,
            Self::Ggd | Self::Gemeente => 4,
            Self::Wijk => 6,
            Self::Buurt => 8,
        }
    }

    /// The next wider level, `None` for the Netherlands.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Nl => None,
            Self::Ggd => Some(Self::Nl),
            Self::Gemeente => Some(Self::Ggd),
            Self::Wijk => Some(Self::Gemeente),
            Self::Buurt => Some(Self::Wijk),
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
