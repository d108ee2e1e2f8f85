//! Parameters: what is published, by which definition.

use std::sync::Arc;

use super::read_instrument::read_status;
use super::reader::{Placed, Sink, Table, with_document};
use crate::finding::{Place, SourceText};
use crate::vocab::Unit;

/// A parameter as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Unique id, one per definition × cut-off.
    pub id: Placed<String>,
    /// Version.
    pub version: u32,
    /// Dutch label.
    pub label_nl: String,
    /// English label.
    pub label_en: String,
    /// Plain Dutch description.
    pub description_nl: String,
    /// Plain English description.
    pub description_en: String,
    /// One of the seven action lines.
    pub theme: String,
    /// Domain.
    pub domain: String,
    /// Life phase.
    pub life_phase: String,
    /// Prevention level.
    pub prevention_level: String,
    /// Setting.
    pub setting: String,
    /// Unit.
    pub unit: Placed<Unit>,
    /// Favourable direction: `higher`, `lower`, `context`.
    pub direction: String,
    /// What may be compared.
    pub comparability: String,
    /// Where the definition comes from.
    pub source: String,
    /// `verified` or `unverified`.
    pub status: String,
    /// `core` or `extended`.
    pub tier: String,
    /// What a reader must know.
    pub note: String,
    /// How it is measured.
    pub measure: Measure,
    /// A stricter minimum n, if any.
    pub minimum_n: Option<Placed<i64>>,
    /// A stricter minimum per answer, if any.
    pub minimum_answer: Option<Placed<i64>>,
}

/// How a parameter is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// A cut-off of an instrument, computed from items.
    Rule {
        /// Instrument id.
        instrument: Placed<String>,
        /// Rule id.
        rule: Placed<String>,
    },
    /// A score of an instrument, computed from items.
    Score {
        /// Instrument id.
        instrument: Placed<String>,
        /// Score id.
        score: Placed<String>,
    },
    /// A coded variable of the file.
    Codes {
        /// Column.
        column: Placed<String>,
        /// Codes that count as yes.
        yes: Vec<String>,
        /// Codes that count as no.
        no: Vec<String>,
        /// Codes that mean unknown.
        unknown: Vec<String>,
        /// Codes that mean not applicable.
        not_applicable: Vec<String>,
        /// What not applicable counts as.
        not_applicable_is: NotApplicableIs,
    },
    /// A number of the file.
    Number {
        /// Column.
        column: Placed<String>,
        /// Lowest valid value.
        minimum: f64,
        /// Highest valid value.
        maximum: f64,
        /// Codes that mean unknown.
        unknown: Vec<String>,
    },
    /// Only in published tables.
    Published {
        /// Instrument in plain words.
        instrument: String,
        /// Rule id.
        rule: String,
    },
}

/// What the answer "not applicable" counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplicableIs {
    /// Out of the denominator.
    Excluded,
    /// A no: the share is of all respondents.
    No,
}

/// Largest absolute value of a number in a file: sums of more would not be exact.
pub(crate) const VALUE_MAX: f64 = 65_536.0;
/// Codes that one column may declare, and categories that one dimension may have: their indexes are bytes.
pub(super) const CODES_MAX: usize = 250;

const THEMES: [&str; 7] = [
    "zorg-dichtbij",
    "een-team",
    "preventie-en-verslaving",
    "jeugd-en-gezin",
    "wonen",
    "veiligheid",
    "werk-en-participatie",
];

const PREVENTION: [&str; 4] = ["universal", "selective", "indicated", "relapse prevention"];

/// Reads a parameter file; everything wrong with it goes to the sink.
pub(super) fn read_parameters(source: &Arc<SourceText>, sink: &Sink) -> Vec<Parameter> {
    with_document(source, sink, |file| file.tables("parameter", read_parameter).into_iter().flatten().collect())
        .unwrap_or_default()
}

fn read_parameter(t: &Table<'_>) -> Option<Parameter> {
    let keep = |words: &'static [&'static str]| move |word: &str| words.contains(&word).then(|| word.to_owned());
    let id = t.required_text("id");
    let version = t.required_integer("version", 1..=9999);
    let label_nl = t.required_text("label-nl");
    let label_en = t.required_text("label-en");
    let description_nl = t.required_text("description-nl");
    let description_en = t.required_text("description-en");
    let theme = t.required_word("theme", &THEMES, keep(&THEMES));
    let domain = t.required_text("domain");
    let life_phase = t.required_text("life-phase");
    let prevention_level = t.required_word("prevention-level", &PREVENTION, keep(&PREVENTION));
    let setting = t.required_text("setting");
    let unit = t.required_word("unit", &["share", "mean", "count", "per_1000", "per_100000", "index"], Unit::parse);
    let direction =
        t.required_word("direction", &["higher", "lower", "context"], keep(&["higher", "lower", "context"]));
    let comparability = t.required_text("comparability");
    let source = t.required_text("source");
    let status = read_status(t);
    let tier = t.required_word("tier", &["core", "extended"], keep(&["core", "extended"]));
    let note = t.text("note").map(|note| note.value).unwrap_or_default();
    let measure = t.required_table("measure", read_measure);
    let floor = t.table("floor", |t| {
        (t.integer_within("minimum-n", 1..=1_000_000), t.integer_within("minimum-answer", 0..=1_000_000))
    });
    let (minimum_n, minimum_answer) = floor.unwrap_or_default();
    let measure = measure??;
    let unit = unit?;
    let wanted = match measure {
        Measure::Rule { .. } | Measure::Codes { .. } => Some(Unit::Share),
        Measure::Score { .. } | Measure::Number { .. } => Some(Unit::Mean),
        Measure::Published { .. } => None,
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted != unit.value) {
        t.fault(
            "declare-contradiction",
            unit.place.clone(),
            format!("unit is `{}` and the measure gives a {wanted}", unit.value),
            format!("write unit = \"{wanted}\" or change the measure"),
        );
        return None;
    }
    Some(Parameter {
        id: id?,
        version: u32::try_from(version?.value).ok()?,
        label_nl: label_nl?.value,
        label_en: label_en?.value,
        description_nl: description_nl?.value,
        description_en: description_en?.value,
        theme: theme?.value,
        domain: domain?.value,
        life_phase: life_phase?.value,
        prevention_level: prevention_level?.value,
        setting: setting?.value,
        unit,
        direction: direction?.value,
        comparability: comparability?.value,
        source: source?.value,
        status: status?,
        tier: tier?.value,
        note,
        measure,
        minimum_n,
        minimum_answer,
    })
}

fn read_measure(t: &Table<'_>) -> Option<Measure> {
    let kinds = ["rule", "score", "codes", "number", "published"];
    let kind = t.required_word("kind", &kinds, |word| kinds.iter().position(|kind| *kind == word));
    let Some(kind) = kind else {
        t.leave_rest();
        return None;
    };
    match kind.value {
        0 => {
            let (instrument, rule) = (t.required_text("instrument"), t.required_text("rule"));
            Some(Measure::Rule { instrument: instrument?, rule: rule? })
        }
        1 => {
            let (instrument, score) = (t.required_text("instrument"), t.required_text("score"));
            Some(Measure::Score { instrument: instrument?, score: score? })
        }
        2 => read_codes(t),
        3 => {
            let column = t.required_text("column");
            let minimum = t.required_number("minimum");
            let maximum = t.required_number("maximum");
            let unknown = codes(t, "unknown");
            if let (Some(low), Some(high)) = (&minimum, &maximum)
                && low.value >= high.value
            {
                t.fault(
                    "declare-contradiction",
                    low.place.clone(),
                    format!("`minimum` {} is not below `maximum` {}", low.value, high.value),
                    "write the lowest and the highest valid value; with these two every row would be a reject",
                );
            }
            for (bound, key) in [(&minimum, "minimum"), (&maximum, "maximum")] {
                if let Some(bound) = bound.as_ref().filter(|bound| bound.value.abs() > VALUE_MAX) {
                    t.fault(
                        "declare-out-of-range",
                        bound.place.clone(),
                        format!("`{key}` of a number is {}, outside -{VALUE_MAX} to {VALUE_MAX}", bound.value),
                        "declare the number in a larger unit, such as thousands, and divide the column",
                    );
                }
            }
            Some(Measure::Number { column: column?, minimum: minimum?.value, maximum: maximum?.value, unknown })
        }
        _ => {
            let (instrument, rule) = (t.required_text("instrument"), t.required_text("rule"));
            Some(Measure::Published { instrument: instrument?.value, rule: rule?.value })
        }
    }
}

fn codes(t: &Table<'_>, key: &'static str) -> Vec<String> {
    t.codes(key).unwrap_or_default().into_iter().map(|code| code.value).collect()
}

/// Says that one column declares more codes than the program can tell apart.
pub(super) fn too_many_codes(t: &Table<'_>, declared: usize, place: Place) {
    if declared > CODES_MAX {
        t.fault(
            "declare-too-many-codes",
            place,
            format!("the column declares {declared} codes, more than {CODES_MAX}"),
            "a column of so many codes is no answer to a question; declare it as a number, or group its codes in the file",
        );
    }
}

fn read_codes(t: &Table<'_>) -> Option<Measure> {
    let column = t.required_text("column");
    let (yes, no) = (codes(t, "yes"), codes(t, "no"));
    let (unknown, not_applicable) = (codes(t, "unknown"), codes(t, "not-applicable"));
    let treatment = t.word("not-applicable-is", &["no", "excluded"], |word| match word {
        "no" => Some(NotApplicableIs::No),
        "excluded" => Some(NotApplicableIs::Excluded),
        _ => None,
    });
    if !t.has_items("yes") || !t.has_items("no") {
        t.fault(
            "declare-missing-key",
            t.own_place(),
            "a measure of codes needs both `yes` and `no`".to_owned(),
            "name the codes of both answers; a code that is in neither is a reject",
        );
    }
    if t.has_items("not-applicable") != t.has("not-applicable-is") {
        t.fault(
            "declare-contradiction",
            t.own_place(),
            "`not-applicable` and `not-applicable-is` go together".to_owned(),
            "say what not applicable counts as: not-applicable-is = \"no\" (of everybody) or \"excluded\"",
        );
    }
    let declared = yes.len() + no.len() + unknown.len() + not_applicable.len();
    too_many_codes(t, declared, column.as_ref().map_or_else(|| t.own_place(), |column| column.place.clone()));
    let mut seen = std::collections::BTreeSet::new();
    for code in yes.iter().chain(&no).chain(&unknown).chain(&not_applicable) {
        if !seen.insert(code) {
            t.fault(
                "declare-duplicate",
                t.own_place(),
                format!("code `{code}` has two meanings in one measure"),
                "give each code one meaning",
            );
        }
    }
    Some(Measure::Codes {
        column: column?,
        yes,
        no,
        unknown,
        not_applicable,
        not_applicable_is: treatment.map_or(NotApplicableIs::Excluded, |treatment| treatment.value),
    })
}
