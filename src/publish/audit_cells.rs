//! Cells of a release's tables, as the attacker reads them.

use std::collections::HashMap;

use arrow::array::{Array, StringArray};

use crate::stats::bounds::Range;

/// Texts to numbers, in the order in which they come.
#[derive(Default)]
pub(super) struct Interned {
    /// The texts, by number.
    pub(super) words: Vec<String>,
    places: HashMap<String, u32>,
}

impl Interned {
    /// The number of a text.
    pub(super) fn of(&mut self, word: &str) -> u32 {
        if let Some(at) = self.places.get(word) {
            return *at;
        }
        let at = self.words.len() as u32;
        self.words.push(word.to_owned());
        self.places.insert(word.to_owned(), at);
        at
    }
}

/// A column of texts; an empty cell is an empty text.
pub(super) struct Texts<'b>(pub(super) Option<&'b StringArray>);

impl Texts<'_> {
    /// The text of a row.
    pub(super) fn at(&self, row: usize) -> &str {
        self.0.filter(|own| own.is_valid(row)).map_or("", |own| own.value(row))
    }
}

/// Bounds of a class such as `100-199`, `200+` or `<50`.
pub(super) fn range(class: &str) -> Option<Range> {
    let class = class.trim();
    if let Some((lower, upper)) = class.split_once(['-', '–']) {
        return Some(Range { lower: lower.trim().parse().ok()?, upper: upper.trim().parse().ok()? });
    }
    if let Some(lower) = class.strip_suffix('+') {
        return Some(Range { lower: lower.trim().parse().ok()?, upper: f64::INFINITY });
    }
    let upper: f64 = class.strip_prefix('<')?.trim().parse().ok()?;
    Some(Range { lower: 0.0, upper: upper - 1.0 })
}
