//! Texts of cells → codes and numbers.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::declare::normalise_code;

/// Index of a cell that is missing: empty, `#NULL!`, `.`, `NA`.
pub const MISSING: u8 = u8::MAX;
/// Index of a cell whose code nobody declares.
pub const UNDECLARED: u8 = u8::MAX - 1;

/// Whether a trimmed text stands for a missing cell: SPSS writes `#NULL!`, R `NA`, StatLine `.`.
#[must_use]
pub fn is_missing(text: &str) -> bool {
    matches!(text, "" | "#NULL!" | "." | "NA")
}

/// A text without blanks, no-break blanks and quotes around it.
#[must_use]
pub fn trim(text: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || c == '\u{a0}';
    let text = text.trim_matches(blank);
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.trim_matches(blank),
        None => text,
    }
}

/// Declared codes of a column, ready to look up.
///
/// Codes of one character, which nearly all are, take one table look-up; other spellings are normalised once and remembered.
#[derive(Clone, Debug)]
pub struct CodeTable {
    single: [u8; 256],
    small: [u8; 128],
    whole_numbers: bool,
    empty: u8,
    declared: HashMap<String, u8, RandomState>,
    seen: HashMap<String, u8, RandomState>,
}

impl CodeTable {
    /// A table of normalised codes; the index of a code is its place in the list. At most 250 codes.
    #[must_use]
    pub fn new(codes: &[String]) -> Self {
        let mut declared: HashMap<String, u8, RandomState> =
            codes.iter().zip(0..UNDECLARED).map(|(code, index)| (code.clone(), index)).collect();
        // A code that the author declares wins over its reading as missing.
        for missing in ["", "#NULL!", ".", "NA"] {
            declared.entry(missing.to_owned()).or_insert(MISSING);
        }
        let mut single = [UNDECLARED; 256];
        for byte in 0..128_u8 {
            let code = normalise_code(&char::from(byte).to_string());
            if let Some(index) = declared.get(&code) {
                single[usize::from(byte)] = *index;
            }
        }
        let mut small = [UNDECLARED; 128];
        for (number, index) in small.iter_mut().enumerate() {
            if let Some(found) = declared.get(&number.to_string()) {
                *index = *found;
            }
        }
        let whole_numbers = codes.iter().all(|code| code.parse::<i32>().is_ok());
        let empty = declared.get("").copied().unwrap_or(MISSING);
        Self { single, small, whole_numbers, empty, declared, seen: HashMap::default() }
    }

    /// The index of a code of one byte.
    #[must_use]
    pub fn decode_byte(&self, byte: u8) -> u8 {
        self.single[usize::from(byte)]
    }

    /// The index of a whole number that was read typed.
    pub fn decode_integer(&mut self, number: i32) -> u8 {
        match usize::try_from(number) {
            Ok(small) if small < self.small.len() => self.small[small],
            _ => self.decode(&number.to_string()),
        }
    }

    /// Whether every declared code is a whole number, so that the column may be read typed.
    #[must_use]
    pub fn whole_numbers(&self) -> bool {
        self.whole_numbers
    }

    /// The index of a cell's code, [`MISSING`] or [`UNDECLARED`].
    pub fn decode(&mut self, text: &str) -> u8 {
        match text.as_bytes() {
            [] => return self.empty,
            [byte] => return self.decode_byte(*byte),
            _ => {}
        }
        if let Some(index) = self.seen.get(text) {
            return *index;
        }
        let index = self.declared.get(&normalise_code(trim(text))).copied().unwrap_or(UNDECLARED);
        // A column of free text must not fill the memory.
        if self.seen.len() < 4096 {
            self.seen.insert(text.to_owned(), index);
        }
        index
    }
}

/// Decimal mark of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

impl DecimalMark {
    /// The number in a trimmed text; `None` where it is not one in this decimal mark.
    ///
    /// Plain decimal notation with an optional sign and exponent; no thousands marks, no `inf` or `nan`.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<f64> {
        let (mark, other) = match self {
            Self::Point => (b'.', b','),
            Self::Comma => (b',', b'.'),
        };
        let mut buffer = [0_u8; 40];
        let bytes = text.as_bytes();
        let plain = buffer.get_mut(..bytes.len())?;
        for (to, from) in plain.iter_mut().zip(bytes) {
            *to = match *from {
                byte if byte == mark => b'.',
                byte if byte == other => return None,
                byte @ (b'0'..=b'9' | b'-' | b'+' | b'e' | b'E') => byte,
                _ => return None,
            };
        }
        let number: f64 = std::str::from_utf8(plain).ok()?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// The mark that a text shows, `None` where it shows none.
    #[must_use]
    pub fn seen_in(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b','));
        let has_digit = text.bytes().any(|b| b.is_ascii_digit());
        match (digits && has_digit, text.contains(','), text.contains('.')) {
            (true, true, false) => Some(Self::Comma),
            (true, false, true) => Some(Self::Point),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_every_spelling() {
        let mut table = CodeTable::new(&["1".into(), "9".into(), "99".into(), "Yes".into()]);
        for (text, index) in
            [("1", 0), ("01", 0), (" 1", 0), ("1,0", 0), ("9", 1), ("99", 2), ("Yes", 3), ("\" 1\"", 0)]
        {
            assert_eq!(table.decode(text), index, "{text}");
        }
        for text in ["", ".", "NA", "#NULL!", "  "] {
            assert_eq!(table.decode(text), MISSING, "{text}");
        }
        for text in ["2", "yes", "1.5", "-1", "é"] {
            assert_eq!(table.decode(text), UNDECLARED, "{text}");
        }
    }

    #[test]
    fn numbers_follow_the_decimal_mark() {
        assert_eq!(DecimalMark::Comma.parse("1,25"), Some(1.25));
        assert_eq!(DecimalMark::Comma.parse("1.25"), None);
        assert_eq!(DecimalMark::Point.parse("-0.5"), Some(-0.5));
        assert_eq!(DecimalMark::Point.parse("1e-3"), Some(0.001));
        for text in ["", "inf", "nan", "1 000", "1.000.000", "0x1", "1e999"] {
            assert_eq!(DecimalMark::Point.parse(text), None, "{text}");
        }
        assert_eq!(DecimalMark::seen_in("1,5"), Some(DecimalMark::Comma));
        assert_eq!(DecimalMark::seen_in("15"), None);
        assert_eq!(DecimalMark::seen_in("."), None);
    }
}
