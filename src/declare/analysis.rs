//! `[reliability]`, `[[rank]]`, `[[funnel]]`, `[[standardisation]]` and `[[inequality]]`: what is said of figures beside their values.

use super::read_pipeline::read_required_levels;
use super::read_source::region_code;
use super::reader::{Placed, Table};
use crate::finding::Place;
use crate::vocab::{Level, RegionCode};

/// Thresholds of the class of precision.
#[derive(Clone, Debug, PartialEq)]
pub struct ReliabilityRules {
    /// Where it is declared.
    pub place: Place,
    /// Below so many respondents, or effective respondents, a figure is unreliable.
    pub minimum_n_effective: f64,
    /// A share with so wide an interval or a wider one is unreliable.
    pub maximum_width: f64,
    /// A share with so narrow an interval is reliable, whatever its relative width.
    pub narrow_width: f64,
    /// Between the two, a share whose interval is wider than so many times its value is unreliable.
    pub maximum_relative_width: f64,
    /// Fewer degrees of freedom ask for a second look.
    pub minimum_df: f64,
    /// A mean with a larger relative standard error is unreliable.
    pub maximum_rse: f64,
    /// Whether unreliable figures are withheld.
    pub withhold: bool,
    /// Why these thresholds.
    pub ground: String,
}

/// Regions of a level in order of their values.
#[derive(Clone, Debug, PartialEq)]
pub struct RankRule {
    /// Level of the regions.
    pub level: Placed<Level>,
    /// Level of the wider region within which they are ranked.
    pub within: Level,
}

/// Limits of chance around the value of a wider region.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelRule {
    /// Level of the regions.
    pub level: Placed<Level>,
    /// Level of the wider region.
    pub within: Level,
    /// Confidence of the limits, such as 0.998 for three standard errors.
    pub confidence: f64,
}

/// Figures as they would be with the age structure of another population.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardisation {
    /// Dimension or crossing over which is standardised, such as `age` or `sex*age`.
    pub dimension: Placed<String>,
    /// Levels.
    pub levels: Vec<Level>,
    /// The standard population.
    pub standard: Standard,
    /// Where the standard population stands.
    pub source: String,
    /// Region whose rates are the reference of indirect standardisation of registers; none for no such figures.
    pub reference_region: Option<Placed<RegionCode>>,
}

/// A category with its first and last age, without a last one for an open end.
pub type NamedAges = (Placed<String>, (u32, Option<u32>));

/// A standard population.
#[derive(Clone, Debug, PartialEq)]
pub enum Standard {
    /// Category → persons.
    Persons(Vec<(Placed<String>, f64)>),
    /// The European Standard Population of 2013: category → first and last age, without a last one for an open end.
    Esp2013(Vec<NamedAges>),
}

impl Standard {
    /// Its categories.
    pub fn categories(&self) -> impl Iterator<Item = &Placed<String>> + Clone {
        let (persons, ages) = match self {
            Self::Persons(persons) => (persons.as_slice(), [].as_slice()),
            Self::Esp2013(ages) => ([].as_slice(), ages.as_slice()),
        };
        persons.iter().map(|(name, _)| name).chain(ages.iter().map(|(name, _)| name))
    }
}

/// Inequality over a ranking of people.
#[derive(Clone, Debug, PartialEq)]
pub struct Inequality {
    /// Levels, or for a ranking of regions the levels of the wider regions.
    pub levels: Vec<Level>,
    /// What people are ranked by.
    pub ranking: Ranking,
}

/// What people are ranked by.
#[derive(Clone, Debug, PartialEq)]
pub enum Ranking {
    /// A dimension, its categories from worst off to best off.
    Dimension {
        /// Dimension.
        dimension: Placed<String>,
        /// Its categories, worst off first.
        order: Vec<Placed<String>>,
    },
    /// A published figure of the region that they live in.
    Regions(RegionRanking),
}

/// A ranking of regions by a published figure.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionRanking {
    /// Id, also the word in the column `dimension`.
    pub id: Placed<String>,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Level of the regions.
    pub level: Level,
    /// Source of the figure: a published table.
    pub source: Placed<String>,
    /// Parameter of the source.
    pub parameter: Placed<String>,
    /// Number of groups.
    pub groups: u32,
    /// Whether the regions with the highest figure are worst off.
    pub worst_is_highest: bool,
}

/// Reads `[reliability]`.
pub(super) fn read_reliability(t: &Table<'_>) -> Option<ReliabilityRules> {
    // A figure without its ground is a figure that nobody can weigh.
    let ground = t.required_text("ground");
    let positive = |key: &'static str| {
        let number = t.required_number(key)?;
        if number.value > 0.0 && number.value.is_finite() {
            return Some(number.value);
        }
        let message = format!("`{key}` is {}, and must be above 0", number.value);
        t.fault("declare-out-of-range", number.place, message, "the README has the thresholds of the NCHS");
        None
    };
    let (n, width, narrow) = (positive("minimum-n-effective"), positive("maximum-width"), positive("narrow-width"));
    let (relative, df, rse) = (positive("maximum-relative-width"), positive("minimum-df"), positive("maximum-rse"));
    let withhold = t.flag("withhold").is_some_and(|flag| flag.value);
    let below = |key: &'static str, number: Option<f64>, limit: f64, help: &str| {
        if let Some(number) = number.filter(|number| *number > limit) {
            t.fault("declare-out-of-range", t.place_of(key), format!("`{key}` is {number}, above {limit}"), help);
        }
    };
    below("maximum-width", width, 1.0, "write it as a share: 0.3 for thirty percentage points");
    below(
        "narrow-width",
        narrow,
        width.unwrap_or(1.0),
        "an interval that is narrow is narrower than one that is too wide",
    );
    below("maximum-relative-width", relative, 10.0, "write it as a part of the value: 1.3 for 130 %");
    below("maximum-rse", rse, 10.0, "write it as a part of the mean: 0.3 for 30 %");
    Some(ReliabilityRules {
        place: t.own_place(),
        minimum_n_effective: n?,
        maximum_width: width?,
        narrow_width: narrow?,
        maximum_relative_width: relative?,
        minimum_df: df?,
        maximum_rse: rse?,
        withhold,
        ground: ground?.value,
    })
}

/// Reads a `[[funnel]]`.
pub(super) fn read_funnel(t: &Table<'_>) -> Option<FunnelRule> {
    let levels = read_within(t);
    let confidence = t.required_number("confidence")?;
    if !(0.5..1.0).contains(&confidence.value) {
        t.fault(
            "declare-out-of-range",
            confidence.place,
            format!("`confidence` is {}, outside 0.5 to 1", confidence.value),
            "write 0.998 for limits at three standard errors, 0.95 for two",
        );
        return None;
    }
    let (level, within) = levels?;
    Some(FunnelRule { level, within, confidence: confidence.value })
}

/// Reads a `[[rank]]`.
pub(super) fn read_rank(t: &Table<'_>) -> Option<RankRule> {
    read_within(t).map(|(level, within)| RankRule { level, within })
}

/// A level, and the wider one within which its regions are looked at.
fn read_within(t: &Table<'_>) -> Option<(Placed<Level>, Level)> {
    let words = ["nl", "ggd", "gemeente", "wijk", "buurt"];
    let (level, within) =
        (t.required_word("level", &words, Level::parse), t.required_word("within", &words, Level::parse));
    let (level, within) = (level?, within?);
    if within.value >= level.value {
        t.fault(
            "declare-level",
            within.place,
            format!("regions of level {} do not lie within one of level {}", level.value, within.value),
            "name a wider level",
        );
        return None;
    }
    Some((level, within.value))
}

/// Reads a `[[standardisation]]`.
pub(super) fn read_standardisation(t: &Table<'_>) -> Option<Standardisation> {
    let (dimension, levels) = (t.required_text("dimension"), read_required_levels(t));
    let source = t.required_text("source");
    let standard = read_standard(t);
    Some(Standardisation {
        dimension: dimension?,
        levels: levels?,
        standard: standard?,
        source: source?.value,
        reference_region: t.text("reference-region").and_then(|text| region_code(t, &text)),
    })
}

fn read_standard(t: &Table<'_>) -> Option<Standard> {
    let named = ["standard", "standard-population", "ages"].map(|key| t.has(key));
    let european = t.word("standard-population", &["esp2013"], |word| (word == "esp2013").then_some(()));
    let (persons, ages) = (t.number_map("standard"), t.text_map("ages"));
    let fault = |message: &str| {
        t.fault(
            "declare-contradiction",
            t.own_place(),
            message.to_owned(),
            "write `standard = { \"18-39\" = 27700, … }` with persons per category, or `standard-population = \"esp2013\"` with `ages = { \"18-39\" = \"18-39\", \"75+\" = \"75+\" }`",
        );
        None
    };
    match named {
        [true, false, false] => {
            let persons = persons?;
            for (category, persons) in persons.iter().filter(|(_, persons)| !(*persons > 0.0 && persons.is_finite())) {
                t.fault(
                    "declare-out-of-range",
                    category.place.clone(),
                    format!("the standard population has {persons} persons in `{}`", category.value),
                    "write a number of persons above 0",
                );
            }
            Some(Standard::Persons(persons))
        }
        [false, true, true] => {
            european?;
            let ages: Vec<_> =
                ages?.into_iter().map(|(name, text)| read_ages(t, name, &text)).collect::<Option<_>>()?;
            no_overlap(t, &ages);
            Some(Standard::Esp2013(ages))
        }
        [false, true, false] => fault("`standard-population` does not say which ages each category has"),
        [false, false, true] => fault("`ages` belongs to a `standard-population`, and none is named"),
        [false, false, false] => fault("the standardisation names no standard population"),
        [true, ..] => fault("the standardisation names two standard populations"),
    }
}

/// Ages of two categories of one dimension that overlap count people twice. Those of a crossing may be the same.
fn no_overlap(t: &Table<'_>, ages: &[NamedAges]) {
    let crossed = ages.iter().any(|(name, _)| name.value.contains('*'));
    for (at, (name, (from, to))) in ages.iter().enumerate() {
        let end = |to: Option<u32>| to.unwrap_or(u32::MAX);
        let meets = |(_, (other, its)): &&NamedAges| *other <= end(*to) && *from <= end(*its);
        if let Some((other, _)) = ages[..at].iter().find(meets).filter(|_| !crossed) {
            t.fault(
                "declare-contradiction",
                name.place.clone(),
                format!("the ages of `{}` and `{}` overlap", other.value, name.value),
                "give each age to one category",
            );
        }
    }
}

/// `18-39`, or `75+` for an open end.
fn read_ages(t: &Table<'_>, name: Placed<String>, text: &str) -> Option<NamedAges> {
    let ages = match text.split_once('-') {
        Some((from, to)) => from.trim().parse().ok().zip(to.trim().parse().ok()).map(|(from, to)| (from, Some(to))),
        None => text.strip_suffix('+').and_then(|from| from.trim().parse().ok()).map(|from| (from, None)),
    };
    // Beyond 95 the standard has nobody by itself.
    let ages = ages.filter(|(from, to): &(u32, Option<u32>)| *from <= 95 && to.is_none_or(|to| *from <= to));
    if ages.is_none() {
        t.fault(
            "declare-out-of-range",
            name.place.clone(),
            format!("`{text}` is no range of ages"),
            "write the first and the last age, such as \"18-39\", or \"75+\" for an open end",
        );
    }
    Some((name, ages?))
}

/// Reads an `[[inequality]]`.
pub(super) fn read_inequality(t: &Table<'_>) -> Option<Inequality> {
    let levels = read_required_levels(t);
    let place = t.own_place();
    let (of_dimension, of_regions) = (t.has("dimension") || t.has("order"), t.has("id") || t.has("source"));
    if of_dimension == of_regions {
        t.leave_rest();
        let message = match of_dimension {
            true => "the inequality is both over a dimension and over regions",
            false => "the inequality does not say what people are ranked by",
        };
        t.fault(
            "declare-contradiction",
            place,
            message.to_owned(),
            "write `dimension` with the `order` of its categories, or `id`, `level`, `source`, `parameter`, `groups` and `worst` for groups of regions",
        );
        return None;
    }
    let ranking = if of_dimension {
        let (dimension, order) = (t.required_text("dimension"), t.required_texts("order"));
        Ranking::Dimension { dimension: dimension?, order: order? }
    } else {
        let (id, source, parameter) = (t.required_text("id"), t.required_text("source"), t.required_text("parameter"));
        let (nl, en) = (t.required_text("label-nl"), t.required_text("label-en"));
        let words = ["nl", "ggd", "gemeente", "wijk", "buurt"];
        let level = t.required_word("level", &words, Level::parse);
        let groups = t.required_integer("groups", 2..=20);
        let worst = t.required_word("worst", &["lowest", "highest"], |word| match word {
            "lowest" => Some(false),
            "highest" => Some(true),
            _ => None,
        });
        Ranking::Regions(RegionRanking {
            id: id?,
            label_nl: nl?.value,
            label_en: en?.value,
            level: level?.value,
            source: source?,
            parameter: parameter?,
            groups: u32::try_from(groups?.value).ok()?,
            worst_is_highest: worst?.value,
        })
    };
    Some(Inequality { levels: levels?, ranking })
}
