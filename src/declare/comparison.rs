//! `[comparison]` and `[trend]`: what is compared with what, by which test, and what counts as a difference.

use super::read_pipeline::read_required_levels;
use super::reader::{Placed, Table};
use crate::finding::Place;
use crate::vocab::{Adjustment, Family, Level, Reference, Test};

/// What is compared with what, and what counts as a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRules {
    /// Probability below which a difference is more than chance; also 1 − the confidence of a difference's interval.
    pub alpha: f64,
    /// Smallest difference of two shares that matters, as a share: 0.03 is three percentage points.
    pub minimum_difference: f64,
    /// Smallest difference that matters of some parameters, in their unit.
    pub minimum_of: Vec<(Placed<String>, f64)>,
    /// The test that the verdict follows where it exists; the t test elsewhere.
    pub test: Test,
    /// Whether the first-order Rao-Scott test stands in where the second-order one has no degrees of freedom.
    pub first_order: Option<Placed<bool>>,
    /// Whether people whose wijk or category is unknown are guarded like a withheld figure. They have no row of their own, and follow from the
    /// others where all of those are shown.
    pub guards_unplaced: bool,
    /// How p-values are adjusted for their number.
    pub adjustment: Adjustment,
    /// Over which tests.
    pub family: Family,
    /// The reference whose verdict stands in the dashboard.
    pub dashboard: Option<Placed<Reference>>,
    /// References in file order.
    pub references: Vec<ReferenceRule>,
}

/// What figures are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceRule {
    /// The reference.
    pub kind: Placed<Reference>,
    /// Levels of the figures that are compared; for `all_siblings` the level of the regions that are held against each other.
    pub levels: Vec<Level>,
    /// Dimensions and crossings (`sex*age`) of the figures; none for every one that has the level.
    pub dimensions: Vec<Placed<String>>,
    /// Year of the base period.
    pub period: Option<i32>,
}

/// Which trends are estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendRules {
    /// Where it is declared.
    pub place: Place,
    /// Levels.
    pub levels: Vec<Level>,
    /// Dimensions and crossings; none for every one that has the level.
    pub dimensions: Vec<Placed<String>>,
    /// Fewest periods of a trend, 3 or more.
    pub minimum_periods: usize,
    /// Probability below which a slope is more than chance.
    pub alpha: f64,
}

impl ReferenceRule {
    /// Whether figures of a level and dimension have this reference.
    #[must_use]
    pub fn holds(&self, level: Level, dimension: &str) -> bool {
        self.levels.contains(&level)
            && (self.dimensions.is_empty() || self.dimensions.iter().any(|own| own.value == dimension))
    }
}

impl TrendRules {
    /// Whether figures of a level and dimension have a trend.
    #[must_use]
    pub fn holds(&self, level: Level, dimension: &str) -> bool {
        self.levels.contains(&level)
            && (self.dimensions.is_empty() || self.dimensions.iter().any(|own| own.value == dimension))
    }
}

/// References that a dashboard can show: those of which every figure of the total has at most one.
const DASHBOARD: [&str; 6] = ["rest_of_parent", "parent", "ggd", "nl", "previous_period", "base_period"];

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| word(*one)).collect()
}

/// A probability in (0, 0.5].
fn read_alpha(t: &Table<'_>) -> Option<f64> {
    let alpha = t.required_number("alpha")?;
    if alpha.value > 0.0 && alpha.value <= 0.5 {
        return Some(alpha.value);
    }
    t.fault(
        "declare-out-of-range",
        alpha.place,
        format!("`alpha` is {}, outside 0 to 0.5", alpha.value),
        "write 0.05 for 5 %",
    );
    None
}

/// Reads `[comparison]`.
pub(super) fn read_comparison(t: &Table<'_>) -> Option<ComparisonRules> {
    let alpha = read_alpha(t);
    let minimum = t.required_number("minimum-difference");
    if let Some(minimum) = minimum.as_ref().filter(|minimum| !(0.0..1.0).contains(&minimum.value)) {
        t.fault(
            "declare-out-of-range",
            minimum.place.clone(),
            format!("`minimum-difference` is {}, outside 0 to 1", minimum.value),
            "write 0.03 for three percentage points, and 0 where every difference matters",
        );
    }
    let minimum_of = t.tables("minimum", |t| {
        let (parameter, difference) = (t.required_text("parameter"), t.required_number("difference"));
        if let Some(own) = difference.as_ref().filter(|own| !(own.value >= 0.0 && own.value.is_finite())) {
            t.fault(
                "declare-out-of-range",
                own.place.clone(),
                format!("`difference` is {}, below 0", own.value),
                "write it in the unit of the parameter: 0.03 for three percentage points, 1.5 for points of a score",
            );
        }
        Some((parameter?, difference?.value))
    });
    let test = t.required_word("test", &["rao_scott_f", "t", "none"], |word| match Test::parse(word)? {
        Test::Posterior => None,
        test => Some(test),
    });
    let first_order = t.flag("first-order");
    let unplaced = t.word("unplaced", &["guarded", "open"], |word| match word {
        "guarded" => Some(true),
        "open" => Some(false),
        _ => None,
    });
    let adjustment = t.required_word("adjustment", &words(Adjustment::ALL, Adjustment::as_str), Adjustment::parse);
    let family = t.required_word("family", &words(Family::ALL, Family::as_str), Family::parse);
    let dashboard = t.word("dashboard", &words(Reference::ALL, Reference::as_str), Reference::parse);
    if let Some(shown) = dashboard.as_ref().filter(|shown| !DASHBOARD.contains(&shown.value.as_str())) {
        t.fault(
            "declare-contradiction",
            shown.place.clone(),
            format!(
                "a figure may have several comparisons with `{}`, and the dashboard has one column for the verdict",
                shown.value
            ),
            format!("one of: {}", DASHBOARD.join(", ")),
        );
    }
    let references = t.tables("reference", read_reference);
    if references.is_empty() && !t.has("reference") {
        t.fault(
            "declare-empty-list",
            t.own_place(),
            "[comparison] names no reference".to_owned(),
            "add `[[comparison.reference]]` with kind = \"rest_of_parent\" and its levels",
        );
    }
    Some(ComparisonRules {
        alpha: alpha?,
        minimum_difference: minimum?.value,
        minimum_of: minimum_of.into_iter().collect::<Option<_>>()?,
        test: test?.value,
        first_order,
        // Where nothing is said, the safe side.
        guards_unplaced: unplaced.is_none_or(|own| own.value),
        adjustment: adjustment?.value,
        family: family?.value,
        dashboard,
        references: references.into_iter().collect::<Option<_>>()?,
    })
}

/// The dimensions that a rule is for; none is every one.
fn read_dimensions(t: &Table<'_>) -> Vec<Placed<String>> {
    let dimensions = t.texts("dimensions").unwrap_or_default();
    if dimensions.is_empty() && t.has("dimensions") {
        t.fault(
            "declare-empty-list",
            t.place_of("dimensions"),
            "`dimensions` is empty, and without it the rule is for every dimension".to_owned(),
            "remove the key, or name dimensions; `total` is everybody",
        );
    }
    dimensions
}

fn read_reference(t: &Table<'_>) -> Option<ReferenceRule> {
    let kind = t.required_word("kind", &words(Reference::ALL, Reference::as_str), Reference::parse);
    let levels = read_required_levels(t);
    let dimensions = read_dimensions(t);
    let named = t.has("period");
    let period = t.integer_within("period", 1900..=2200);
    let kind = kind?;
    let based = kind.value == Reference::BasePeriod;
    if based != named {
        let (message, help) = match based {
            true => ("`base_period` does not say which period that is", "add `period = 2016`"),
            false => ("`period` belongs to `base_period` alone", "remove it, or write kind = \"base_period\""),
        };
        t.fault("declare-contradiction", kind.place.clone(), message.to_owned(), help);
    }
    let period = period.and_then(|period| i32::try_from(period.value).ok());
    Some(ReferenceRule { kind, levels: levels?, dimensions, period })
}

/// Reads `[trend]`.
pub(super) fn read_trend(t: &Table<'_>) -> Option<TrendRules> {
    let levels = read_required_levels(t);
    let dimensions = read_dimensions(t);
    let minimum_periods = t.required_integer("minimum-periods", 3..=100);
    let alpha = read_alpha(t);
    Some(TrendRules {
        place: t.own_place(),
        levels: levels?,
        dimensions,
        minimum_periods: usize::try_from(minimum_periods?.value).ok()?,
        alpha: alpha?,
    })
}
