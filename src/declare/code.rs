//! Codes of answers as text.

/// The one spelling of a code: blanks off, and for whole numbers no leading zeros and no decimals.
///
/// Exports of one file write the same code as `1`, `01`, `1.0`, `1,00` or ` 1`. Text that is no whole number stays as it is.
#[must_use]
pub fn normalise_code(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}');
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let is_whole = !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
        && decimals.bytes().all(|b| b == b'0')
        && (digits.len() == whole.len() || !decimals.is_empty());
    if !is_whole {
        return text.to_owned();
    }
    let trimmed = whole.trim_start_matches('0');
    match trimmed {
        "" => "0".to_owned(),
        number => format!("{sign}{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::normalise_code;

    #[test]
    fn spellings_of_one_code_meet() {
        for text in ["1", "01", "+1", "1.0", "1,00", " 1", "1\u{a0}"] {
            assert_eq!(normalise_code(text), "1", "{text:?}");
        }
        assert_eq!(normalise_code("000"), "0");
        assert_eq!(normalise_code("-2"), "-2");
    }

    #[test]
    fn text_stays_text() {
        for text in ["0A", "1.5", "1.", "", "#NULL!", "WK0363AA", "."] {
            assert_eq!(normalise_code(text), text);
        }
    }
}
