//! `[floor]` and `[disclosure]`: what may be published, and how exactly. They stand in the pipeline file, or in a policy file that it names, so that
//! several pipelines keep one rule.

use std::sync::Arc;

use super::read_pipeline::read_required_levels;
use super::reader::{Placed, Sink, Table, with_document};
use crate::finding::{Place, SourceText};
use crate::vocab::{Complementary, HiddenColumn, Level, ReasonsSaid};

/// The smallest numbers that a figure may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// Valid answers per figure.
    pub minimum_n: u64,
    /// Answers yes.
    pub minimum_answer: u64,
    /// Answers no: what is left of the valid answers.
    pub minimum_complement: u64,
    /// A share of exactly 0 or 1 with fewer valid answers than this is withheld.
    pub group_disclosure: u64,
    /// Inhabitants of the region.
    pub minimum_population: u64,
}

impl Floor {
    /// The larger number of each pair.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self {
            minimum_n: self.minimum_n.max(other.minimum_n),
            minimum_answer: self.minimum_answer.max(other.minimum_answer),
            minimum_complement: self.minimum_complement.max(other.minimum_complement),
            group_disclosure: self.group_disclosure.max(other.group_disclosure),
            minimum_population: self.minimum_population.max(other.minimum_population),
        }
    }
}

/// A floor of some collections, in place of the general one.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorOverride {
    /// Collections, one or more.
    pub collections: Vec<Placed<String>>,
    /// The numbers.
    pub floor: Floor,
    /// Why these numbers.
    pub ground: String,
}

/// The floor with its ground, or the declaration that the figures are public already.
#[derive(Clone, Debug, PartialEq)]
pub enum FloorRule {
    /// Figures below the floor are withheld.
    Minimum {
        /// The numbers.
        floor: Floor,
        /// Why these numbers.
        ground: String,
        /// Floors of single collections.
        overrides: Vec<FloorOverride>,
    },
    /// The publisher has published the figures; nothing is withheld again.
    AlreadyPublished {
        /// Where and by whom.
        ground: String,
        /// Where it is declared.
        place: Place,
    },
}

/// What must stay unknown of a withheld figure, and how exactly the others are published.
#[derive(Clone, Debug, PartialEq)]
pub struct DisclosureRules {
    /// Where it is declared.
    pub place: Place,
    /// Complementary suppression; `None` where only the floor withholds.
    pub protection: Option<Protection>,
    /// A figure is withheld where one respondent has a larger part of its weight, in (0, 1]; 1 withholds none for it.
    pub largest_weight: f64,
    /// What a withheld figure says of why.
    pub reasons: ReasonsSaid,
    /// How exactly figures are published, per level; a level that none names is published as computed.
    pub precision: Vec<PrecisionRule>,
    /// Folder with what was made public before, within the folder of the releases; `None` where none is kept.
    pub registry: Option<Placed<String>>,
    /// Why these rules.
    pub ground: String,
}

/// What an attacker who knows everything that is published, the rules and the rounding may not find out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Protection {
    /// The numbers of valid answers that a withheld figure may have, as far as can be proven, are at least so far apart.
    pub n: u64,
    /// So are its answers yes, and its answers no.
    pub answer: u64,
    /// Of withheld figures whose sum can be worked out, one below the floor has at most this part, in (0, 1).
    pub largest_part: f64,
    /// Whether people without a wijk or category, who have no row, are protected as withheld figures are.
    pub guards_unplaced: bool,
    /// Whether it must stay unknown of a withheld figure that it has no answer at all. Such a figure holds nobody.
    pub guards_empty: bool,
}

/// How exactly the figures of some levels are published.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionRule {
    /// Levels.
    pub levels: Vec<Level>,
    /// Step of shares, their standard errors and limits, such as 0.01 for whole per cents.
    /// `None` for as computed.
    pub share: Option<f64>,
    /// Step of means, their standard errors and limits, on the scale of the score; `None` for as computed.
    pub mean: Option<f64>,
    /// Numbers of answers are multiples of this, rounded down; 1 for exact ones.
    pub count: u64,
    /// Columns that are not published.
    pub hidden: Vec<HiddenColumn>,
    /// Why.
    pub ground: String,
}

impl FloorRule {
    /// The floor of a collection; `None` where the figures are public already.
    #[must_use]
    pub fn of(&self, collection: &str) -> Option<Floor> {
        match self {
            Self::Minimum { floor, overrides, .. } => {
                let own = overrides.iter().find(|own| own.collections.iter().any(|name| name.value == collection));
                Some(own.map_or(*floor, |own| own.floor))
            }
            Self::AlreadyPublished { .. } => None,
        }
    }
}

impl DisclosureRules {
    /// How exactly figures of a level are published; `None` for as computed.
    #[must_use]
    pub fn precision_of(&self, level: Level) -> Option<&PrecisionRule> {
        self.precision.iter().find(|rule| rule.levels.contains(&level))
    }
}

/// Floor and disclosure of a file; every fault goes to the sink. `disclosure` is `None` where the table is absent.
pub(super) struct PolicyTables {
    pub(super) floor: FloorRule,
    pub(super) disclosure: Option<DisclosureRules>,
}

/// Reads a policy file: `[floor]` and `[disclosure]`, nothing else.
pub(super) fn read_policy(source: &Arc<SourceText>, sink: &Sink) -> Option<PolicyTables> {
    with_document(source, sink, |file| {
        let version = file.required_integer("version", 1..=1);
        // For the reader of the file alone.
        let _ = (file.text("title-nl"), file.text("title-en"));
        let tables = read_tables(file);
        version?;
        tables
    })
    .flatten()
}

/// Reads the two tables of a file.
pub(super) fn read_tables(file: &Table<'_>) -> Option<PolicyTables> {
    let floor = read_floor(file);
    let disclosure = file.table("disclosure", read_disclosure);
    let floor = floor?;
    Some(PolicyTables { floor, disclosure: disclosure.map_or(Some(None), |own| own.map(Some))? })
}

fn read_floor(file: &Table<'_>) -> Option<FloorRule> {
    if !file.has("floor") {
        file.fault(
            "declare-no-floor",
            file.own_place(),
            "the pipeline declares no floor".to_owned(),
            "add `[floor]` with minimum-n, minimum-answer, group-disclosure and their ground; there is no default",
        );
        return None;
    }
    file.table("floor", |t| {
        let published = t.required_word("kind", &["minimum", "already-published"], |word| match word {
            "minimum" => Some(false),
            "already-published" => Some(true),
            _ => None,
        });
        let ground = t.required_text("ground");
        let Some(published) = published else {
            t.leave_rest();
            return None;
        };
        if published.value {
            return Some(FloorRule::AlreadyPublished { ground: ground?.value, place: published.place });
        }
        let floor = read_minimums(t);
        let overrides = t.tables("override", |t| {
            let (collections, ground) = (t.required_texts("collections"), t.required_text("ground"));
            let floor = read_minimums(t);
            Some(FloorOverride { collections: collections?, floor: floor?, ground: ground?.value })
        });
        Some(FloorRule::Minimum {
            floor: floor?,
            ground: ground?.value,
            overrides: overrides.into_iter().collect::<Option<_>>()?,
        })
    })
    .flatten()
}

fn read_minimums(t: &Table<'_>) -> Option<Floor> {
    let minimum_n = t.required_integer("minimum-n", 1..=1_000_000);
    let minimum_answer = t.required_integer("minimum-answer", 0..=1_000_000);
    let group_disclosure = t.required_integer("group-disclosure", 0..=1_000_000);
    // Left out, both sides are held to one number, and no region is too small by itself.
    let minimum_complement = t.integer_within("minimum-complement", 0..=1_000_000);
    let minimum_population = t.integer_within("minimum-population", 0..=100_000_000);
    let wrong = (t.has("minimum-complement") && minimum_complement.is_none())
        || (t.has("minimum-population") && minimum_population.is_none());
    let minimum_answer = minimum_answer?.value.unsigned_abs();
    let floor = Floor {
        minimum_n: minimum_n?.value.unsigned_abs(),
        minimum_answer,
        minimum_complement: minimum_complement.map_or(minimum_answer, |own| own.value.unsigned_abs()),
        group_disclosure: group_disclosure?.value.unsigned_abs(),
        minimum_population: minimum_population.map_or(0, |own| own.value.unsigned_abs()),
    };
    (!wrong).then_some(floor)
}

fn read_disclosure(t: &Table<'_>) -> Option<DisclosureRules> {
    let complementary = t.required_word("complementary", &["linked", "none"], Complementary::parse);
    let ground = t.required_text("ground");
    let reasons = t.required_word("reasons", &["shown", "merged"], ReasonsSaid::parse);
    let largest_weight = part(t, "largest-weight", 1.0);
    let registry = t.text("registry");
    t.relative(&registry, "the folder of the releases");
    let precision = t.tables("precision", read_precision);
    let Some(complementary) = complementary else {
        t.leave_rest();
        return None;
    };
    let protection = match complementary.value {
        Complementary::None => Some(None),
        Complementary::Linked => read_protection(t).map(Some),
    };
    Some(DisclosureRules {
        place: t.own_place(),
        protection: protection?,
        largest_weight: largest_weight?,
        reasons: reasons?.value,
        precision: precision.into_iter().collect::<Option<_>>()?,
        registry,
        ground: ground?.value,
    })
}

fn read_protection(t: &Table<'_>) -> Option<Protection> {
    let n = t.required_integer("protection-n", 1..=1_000_000);
    let answer = t.required_integer("protection-answer", 0..=1_000_000);
    let largest_part = part(t, "largest-part", 0.999);
    let unplaced = t.required_word("unplaced", &["open", "guarded"], |word| match word {
        "open" => Some(false),
        "guarded" => Some(true),
        _ => None,
    });
    let empty = t.required_word("empty", &["open", "guarded"], |word| match word {
        "open" => Some(false),
        "guarded" => Some(true),
        _ => None,
    });
    Some(Protection {
        n: n?.value.unsigned_abs(),
        answer: answer?.value.unsigned_abs(),
        largest_part: largest_part?,
        guards_unplaced: unplaced?.value,
        guards_empty: empty?.value,
    })
}

/// A number above 0 and up to `most`.
fn part(t: &Table<'_>, key: &'static str, most: f64) -> Option<f64> {
    let own = t.required_number(key)?;
    if own.value > 0.0 && own.value <= most {
        return Some(own.value);
    }
    t.fault(
        "declare-out-of-range",
        own.place,
        format!("`{key}` is {}, outside 0 to {most}", own.value),
        "write a part, such as 0.8 for four fifths",
    );
    None
}

fn read_precision(t: &Table<'_>) -> Option<PrecisionRule> {
    let levels = read_required_levels(t);
    let (share, mean) = (step(t, "share"), step(t, "mean"));
    let count = t.required_integer("count", 1..=1_000);
    let ground = t.required_text("ground");
    let words: Vec<&str> = HiddenColumn::ALL.iter().map(|column| column.as_str()).collect();
    let mut known = true;
    let mut hidden = Vec::new();
    for word in t.texts("hidden").unwrap_or_default() {
        match HiddenColumn::parse(&word.value) {
            Some(column) => hidden.push(column),
            None => {
                known = false;
                let help = super::value::suggestion(&word.value, words.iter().copied())
                    .unwrap_or_else(|| format!("one of: {}", words.join(", ")));
                let message = format!("`{}` is not a column that can be hidden", word.value);
                t.fault("declare-unknown-word", word.place, message, help);
            }
        }
    }
    let rule = PrecisionRule {
        levels: levels?,
        share: share?,
        mean: mean?,
        count: count?.value.unsigned_abs(),
        hidden,
        ground: ground?.value,
    };
    known.then_some(rule)
}

/// A step of rounding, above 0; `Some(None)` where none is declared.
fn step(t: &Table<'_>, key: &'static str) -> Option<Option<f64>> {
    if !t.has(key) {
        return Some(None);
    }
    let own = t.number(key)?;
    if own.value > 0.0 && own.value <= 10.0 {
        return Some(Some(own.value));
    }
    t.fault(
        "declare-out-of-range",
        own.place,
        format!("`{key}` is {}, outside 0 to 10", own.value),
        "write the step that numbers are rounded to, such as 0.01",
    );
    None
}
