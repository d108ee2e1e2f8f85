//! Parameters: what is published, by which definition.

use std::sync::Arc;

use super::read_instrument::read_status;
use super::read_measure::{read_codes, read_measure};
use super::read_source::read_years;
use super::reader::{Placed, Sink, Table, with_document};
use crate::finding::SourceText;
use crate::vocab::{Level, Unit};

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
    /// Which answers count, in words.
    pub numerator: String,
    /// Among whom, in words, with what not applicable counts as.
    pub denominator: String,
    /// Lowest level at which it is sound.
    pub lowest_level: Option<Level>,
    /// Figures of two families are never compared.
    pub family: String,
    /// Years with which a new series begins.
    pub breaks: Vec<i32>,
    /// Row of the proposed parameter set that it answers.
    pub proposal: String,
    /// How it is measured where nothing more particular is said.
    pub measure: Measure,
    /// How it is measured in some collections and periods.
    pub measures_for: Vec<MeasureFor>,
    /// The ready-made variable that a file may have beside the items.
    pub ready_made: Option<Measure>,
    /// A stricter minimum n, if any.
    pub minimum_n: Option<Placed<i64>>,
    /// A stricter minimum per answer, if any.
    pub minimum_answer: Option<Placed<i64>>,
}

/// A measure for some collections and periods.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureFor {
    /// Collections.
    pub collections: Vec<Placed<String>>,
    /// Years; none for all.
    pub periods: Vec<i32>,
    /// The measure.
    pub measure: Measure,
}

impl Parameter {
    /// Every measure of the parameter, the general one first.
    pub fn all_measures(&self) -> impl Iterator<Item = &Measure> {
        std::iter::once(&self.measure).chain(self.measures_for.iter().map(|own| &own.measure))
    }

    /// How a source of a collection and these years measures it.
    #[must_use]
    pub fn measure_in(&self, collection: &str, years: &[i32]) -> &Measure {
        let fits = |own: &&MeasureFor| {
            own.collections.iter().any(|name| name.value == collection)
                && (own.periods.is_empty() || years.iter().all(|year| own.periods.contains(year)))
        };
        self.measures_for.iter().find(fits).map_or(&self.measure, |own| &own.measure)
    }
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
        /// What not applicable counts as; needed where a gate of the instrument can be closed.
        not_applicable_is: Option<NotApplicableIs>,
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
    /// Counted in a register.
    Register {
        /// What is counted.
        event: String,
        /// Of whom; `None` for a number without a denominator.
        denominator: Option<String>,
    },
    /// A national rate × the local base population.
    Synthetic(Rate),
    /// Nobody who uses the program has a file of it; it is in the set so that nobody forgets it.
    External {
        /// Where figures of it are.
        place: String,
        /// Why no file of a GGD feeds it.
        why: String,
    },
}

impl Measure {
    /// Whether respondents are asked for it.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        !matches!(self, Self::Published { .. } | Self::Register { .. } | Self::Synthetic(_) | Self::External { .. })
    }
}

/// A national rate as its source gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Share of the base population, in (0, 1].
    pub rate: f64,
    /// Range that the source gives, as shares.
    pub range: Option<(f64, f64)>,
    /// Confidence level of the range, where it is a confidence interval.
    pub confidence: Option<f64>,
    /// Year of the rate; the last one of a fieldwork of several.
    pub year: i32,
    /// Where the rate stands.
    pub source: String,
    /// The population that it is a share of, in words.
    pub base: String,
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

/// The seven action lines.
pub(super) const THEMES: [&str; 7] = [
    "zorg-dichtbij",
    "een-team",
    "preventie-en-verslaving",
    "jeugd-en-gezin",
    "wonen",
    "veiligheid",
    "werk-en-participatie",
];

/// Levels of prevention.
pub(super) const PREVENTION: [&str; 4] = ["universal", "selective", "indicated", "relapse prevention"];

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
    let words = |key| t.text(key).map(|text| text.value).unwrap_or_default();
    let (numerator, denominator) = (words("numerator"), words("denominator"));
    let (family, proposal) = (words("family"), words("proposal"));
    let levels = ["nl", "ggd", "gemeente", "wijk", "buurt"];
    let lowest_level = t.word("lowest-level", &levels, Level::parse).map(|level| level.value);
    let breaks = t.integers("breaks").map(|list| read_years(t, &list));
    let measure = t.required_table("measure", read_measure);
    let measures_for = t.tables("measure-for", |t| {
        let collections = t.required_texts("collections");
        let periods = t.integers("periods").map(|list| read_years(t, &list));
        let measure = read_measure(t);
        Some(MeasureFor {
            collections: collections?,
            periods: match periods {
                Some(periods) => periods?,
                None => Vec::new(),
            },
            measure: measure?,
        })
    });
    let ready_made = t.table("ready-made", read_codes);
    let floor = t.table("floor", |t| {
        (t.integer_within("minimum-n", 1..=1_000_000), t.integer_within("minimum-answer", 0..=1_000_000))
    });
    let (minimum_n, minimum_answer) = floor.unwrap_or_default();
    let measure = measure??;
    let measures_for: Vec<MeasureFor> = measures_for.into_iter().collect::<Option<_>>()?;
    let unit = unit?;
    let wanted = |measure: &Measure| match measure {
        Measure::Rule { .. } | Measure::Codes { .. } => Some(Unit::Share),
        Measure::Score { .. } | Measure::Number { .. } => Some(Unit::Mean),
        Measure::Synthetic(_) => Some(Unit::Count),
        Measure::Register { denominator: None, .. } => Some(Unit::Count),
        Measure::Published { .. } | Measure::Register { .. } | Measure::External { .. } => None,
    };
    for own in std::iter::once(&measure).chain(measures_for.iter().map(|own| &own.measure)) {
        let Some(wanted) = wanted(own).filter(|wanted| *wanted != unit.value) else { continue };
        t.fault(
            "declare-contradiction",
            unit.place.clone(),
            format!("unit is `{}` and the measure gives a {wanted}", unit.value),
            match own {
                Measure::Register { .. } => {
                    "write unit = \"count\", or say of whom the events are: `denominator` of [parameter.measure]"
                        .to_owned()
                }
                _ => format!("write unit = \"{wanted}\" or change the measure"),
            },
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
        numerator,
        denominator,
        lowest_level,
        family,
        breaks: match breaks {
            Some(breaks) => breaks?,
            None => Vec::new(),
        },
        proposal,
        measure,
        measures_for,
        ready_made: match ready_made {
            Some(ready_made) => Some(ready_made?),
            None => None,
        },
        minimum_n,
        minimum_answer,
    })
}
