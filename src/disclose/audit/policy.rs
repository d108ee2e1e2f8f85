//! The policy as the manifest of a release states it.

use crate::stats::bounds::Range;

/// What must not be provable, and what the rules say that an attacker knows too.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPolicy {
    /// Whether the manifest states it; otherwise the values are assumptions, and the report says so.
    pub stated: bool,
    /// Least width of what can be proven about n of a withheld figure, in persons.
    pub protection_n: f64,
    /// Least width of what can be proven about its answers yes and no, in persons.
    pub protection_answer: f64,
    /// Whether it may be found out that a withheld figure has no answer at all.
    pub empty_open: bool,
    /// Whether the manifest says that shares are weighted: then sums of answers are believed only where shown ones hold exactly.
    pub weighted: bool,
    /// Whether each withheld figure says why.
    pub reasons_shown: bool,
    /// Floors by collection.
    pub floors: Vec<FloorSeen>,
    /// How numbers are published, by level.
    pub precision: Vec<PrecisionSeen>,
    /// Whether the figures were public before.
    pub already_published: bool,
    /// Whether everybody may see the release.
    pub public: bool,
    /// Whether only what is quick is tried: single equations and elimination of numbers of answers. A run does so before it publishes.
    pub quick: bool,
}

/// A floor.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorSeen {
    /// Collections; none stands for all.
    pub collections: Vec<String>,
    /// Least n.
    pub minimum_n: f64,
    /// Least number of answers yes, and of answers no.
    pub minimum_answer: f64,
    /// Group in which nothing may be true of all or of nobody.
    pub group_disclosure: f64,
}

/// How numbers are published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrecisionSeen {
    /// Levels; none stands for all.
    pub levels: Vec<String>,
    /// Step to which a share and its limits are rounded; `None`: not rounded.
    pub share: Option<f64>,
    /// n is published as base·⌊n / base⌋; 1 stands for n itself.
    pub count: i64,
    /// Columns that are empty.
    pub hidden: Vec<String>,
}

impl AuditPolicy {
    /// Without a stated policy: the widths of the preset for a public release, exact numbers, reasons shown.
    #[must_use]
    pub fn assumed(public: bool) -> Self {
        Self {
            stated: false,
            protection_n: 25.0,
            protection_answer: 5.0,
            empty_open: false,
            weighted: false,
            reasons_shown: false,
            floors: Vec::new(),
            precision: Vec::new(),
            already_published: false,
            public,
            quick: false,
        }
    }

    /// The floor of a collection.
    #[must_use]
    pub fn floor(&self, collection: &str) -> Option<&FloorSeen> {
        let named = |own: &&FloorSeen| own.collections.iter().any(|name| name == collection);
        self.floors.iter().find(named).or_else(|| self.floors.iter().find(|own| own.collections.is_empty()))
    }

    /// How the numbers of a level are published.
    #[must_use]
    pub fn precision(&self, level: &str) -> PrecisionSeen {
        let named = |own: &&PrecisionSeen| own.levels.iter().any(|name| name == level);
        let found =
            self.precision.iter().find(named).or_else(|| self.precision.iter().find(|own| own.levels.is_empty()));
        let mut found = found.cloned().unwrap_or_default();
        found.count = found.count.max(1);
        found
    }

    /// Whether what is proven of a withheld n is that there is nobody, and may be.
    #[must_use]
    pub fn is_nobody(&self, n: Range) -> bool {
        self.empty_open && n.upper < 0.5
    }

    /// Whether a reason is one of disclosure: such a figure must stay unknown. Where reasons are merged each figure must.
    #[must_use]
    pub fn judges(&self, reason: &str) -> bool {
        !matches!(reason, "unreliable" | "no_df" | "no_variance" | "source_withheld" | "source_empty" | "source_lacks")
            || (!self.reasons_shown && self.stated)
    }
}
