//! Reading how a parameter is measured.

use super::parameter::{CODES_MAX, Measure, NotApplicableIs, Rate, VALUE_MAX};
use super::reader::{Placed, Table};
use crate::finding::Place;
use crate::vocab::Period;

pub(super) fn read_measure(t: &Table<'_>) -> Option<Measure> {
    let kinds = ["rule", "score", "codes", "number", "published", "register", "synthetic", "external"];
    let kind = t.required_word("kind", &kinds, |word| kinds.iter().position(|kind| *kind == word));
    let Some(kind) = kind else {
        t.leave_rest();
        return None;
    };
    match kind.value {
        0 => {
            let (instrument, rule) = (t.required_text("instrument"), t.required_text("rule"));
            let not_applicable_is = read_treatment(t).map(|treatment| treatment.value);
            Some(Measure::Rule { instrument: instrument?, rule: rule?, not_applicable_is })
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
        4 => {
            let (instrument, rule) = (t.required_text("instrument"), t.required_text("rule"));
            Some(Measure::Published { instrument: instrument?.value, rule: rule?.value })
        }
        5 => {
            let (event, denominator) = (t.required_text("event"), t.text("denominator"));
            Some(Measure::Register { event: event?.value, denominator: denominator.map(|text| text.value) })
        }
        6 => read_rate(t).map(Measure::Synthetic),
        _ => {
            let (place, why) = (t.required_text("where"), t.required_text("why"));
            Some(Measure::External { place: place?.value, why: why?.value })
        }
    }
}

fn read_rate(t: &Table<'_>) -> Option<Rate> {
    let share = |number: Option<Placed<f64>>, key: &str| {
        let number = number?;
        if number.value > 0.0 && number.value <= 1.0 {
            return Some(number.value);
        }
        t.fault(
            "declare-out-of-range",
            number.place,
            format!("`{key}` is {}, and must be a share of the base population", number.value),
            "write 0.279 for 27.9 %, and 0.035 for 350 per 10,000",
        );
        None
    };
    let rate = share(t.required_number("rate"), "rate");
    let lower = share(t.number("rate-lower"), "rate-lower");
    let upper = share(t.number("rate-upper"), "rate-upper");
    let confidence = t.number("rate-confidence");
    let years = (i64::from(*Period::YEARS.start()))..=(i64::from(*Period::YEARS.end()));
    let year = t.required_integer("rate-year", years);
    let (source, base) = (t.required_text("rate-source"), t.required_text("base"));
    if t.has("rate-lower") != t.has("rate-upper") || (confidence.is_some() && !t.has("rate-lower")) {
        t.fault(
            "declare-contradiction",
            t.own_place(),
            "`rate-lower` and `rate-upper` go together, and `rate-confidence` with both".to_owned(),
            "write the range as the source gives it, or none",
        );
    }
    if let Some(confidence) = confidence.as_ref().filter(|level| !(0.5..1.0).contains(&level.value)) {
        t.fault(
            "declare-out-of-range",
            confidence.place.clone(),
            format!("`rate-confidence` is {}, outside 0.5 to 1", confidence.value),
            "write 0.95 for 95 %; leave it out where the range is no confidence interval",
        );
    }
    let range = lower.zip(upper);
    if let (Some(rate), Some((lower, upper))) = (rate, range)
        && !(lower <= rate && rate <= upper)
    {
        t.fault(
            "declare-contradiction",
            t.own_place(),
            format!("the range {lower} to {upper} does not hold the rate {rate}"),
            "correct the rate or its range",
        );
    }
    Some(Rate {
        rate: rate?,
        range,
        confidence: confidence.map(|level| level.value),
        year: i32::try_from(year?.value).ok()?,
        source: source?.value,
        base: base?.value,
    })
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

/// What not applicable counts as.
fn read_treatment(t: &Table<'_>) -> Option<Placed<NotApplicableIs>> {
    t.word("not-applicable-is", &["no", "excluded"], |word| match word {
        "no" => Some(NotApplicableIs::No),
        "excluded" => Some(NotApplicableIs::Excluded),
        _ => None,
    })
}

pub(super) fn read_codes(t: &Table<'_>) -> Option<Measure> {
    let column = t.required_text("column");
    let (yes, no) = (codes(t, "yes"), codes(t, "no"));
    let (unknown, not_applicable) = (codes(t, "unknown"), codes(t, "not-applicable"));
    let treatment = read_treatment(t);
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
