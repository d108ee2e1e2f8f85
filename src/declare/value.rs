//! Values of TOML as numbers and codes, and the nearest known word.

use toml::de::DeValue;

/// A whole number of TOML in any of its notations.
pub(super) fn as_integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A whole or decimal number of TOML.
pub(super) fn as_number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Float(number) => number.as_str().parse().ok()?,
        DeValue::Integer(_) => {
            let whole = as_integer(value)?;
            // TOML files hold small numbers; beyond 2^53 a count would no longer be itself.
            if whole.unsigned_abs() > (1 << 53) {
                return None;
            }
            whole as f64
        }
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A code as normalised text: a text or a whole number.
pub(super) fn as_code(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(crate::declare::normalise_code(text)),
        DeValue::Integer(_) => as_integer(value).map(|number| number.to_string()),
        _ => None,
    }
}

/// `did you mean …` for the nearest known word, if one is near.
pub(super) fn suggestion<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2.max(candidate.len() / 4) && *distance < word.chars().count())
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Whether a path starts at the root or at a drive, on any system.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}
