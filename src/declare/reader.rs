//! Reading TOML with every place kept and every fault said.
//!
//! serde stops at the first fault of a file. A user who adapts a pipeline wants all of them at once, so tables are
//! walked by hand: each getter notes the key as known, pushes a finding if the value does not fit, and goes on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{as_code, as_integer, as_number, is_absolute, suggestion};
use crate::finding::{Duty, Finding, Findings, Place, SourceText};

/// A value with its place in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// The findings of one reading, shared by all tables of it.
#[derive(Clone, Default)]
pub(super) struct Sink(Rc<RefCell<Findings>>);

impl Sink {
    pub(super) fn push(&self, finding: Finding) {
        self.0.borrow_mut().push(finding);
    }

    /// Number of findings so far that stop the run.
    pub(super) fn errors(&self) -> usize {
        self.0.borrow().list().iter().filter(|finding| finding.stops).count()
    }

    pub(super) fn take(&self) -> Findings {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

/// A table that is being read.
pub(super) struct Table<'a> {
    entries: &'a DeTable<'a>,
    /// How messages name the table: `[design]`, `[[source]] number 2`.
    name: String,
    span: Range<usize>,
    known: RefCell<BTreeSet<&'static str>>,
    open: Cell<bool>,
    source: &'a Arc<SourceText>,
    sink: Sink,
}

/// Parses a file and reads it; `None` where it is not valid TOML.
///
/// Of a broken file only the first fault is said: one open bracket makes faults of all lines behind it, in syntax and in meaning.
pub(super) fn with_document<T>(source: &Arc<SourceText>, sink: &Sink, read: impl FnOnce(&Table<'_>) -> T) -> Option<T> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if let Some(error) = errors.iter().min_by_key(|error| error.span().map_or(0, |range| range.start)) {
        let range = error.span().unwrap_or(0..0);
        sink.push(
            Finding::error(Duty::Definition, "declare-syntax", format!("not valid TOML: {}", error.message()))
                .at(Place::Span { source: Arc::clone(source), range })
                .help("look at this line and the one before it; the rest of the file is looked at when this is mended"),
        );
        return None;
    }
    let table = Table {
        entries: document.get_ref(),
        name: "the file".to_owned(),
        span: 0..0,
        known: RefCell::default(),
        open: Cell::new(false),
        source,
        sink: sink.clone(),
    };
    let value = read(&table);
    table.finish();
    Some(value)
}

impl<'a> Table<'a> {
    fn place(&self, range: Range<usize>) -> Place {
        Place::Span { source: Arc::clone(self.source), range }
    }

    /// The place of the table itself.
    pub(super) fn own_place(&self) -> Place {
        self.place(self.span.clone())
    }

    pub(super) fn fault(&self, code: &'static str, place: Place, message: String, help: impl Into<String>) {
        self.sink.push(Finding::error(Duty::Definition, code, message).at(place).help(help));
    }

    fn entry(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().insert(key);
        self.entries.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    pub(super) fn has(&self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Whether a key is there and is not an empty list; items of the wrong type count, for they have their own finding.
    pub(super) fn has_items(&self, key: &'static str) -> bool {
        self.entry(key).is_some_and(|value| value.get_ref().as_array().is_none_or(|list| !list.is_empty()))
    }

    /// The place of a key's value, or of the table where the key is absent.
    pub(super) fn place_of(&self, key: &'static str) -> Place {
        self.entry(key).map_or_else(|| self.own_place(), |value| self.place(value.span()))
    }

    fn missing(&self, key: &str, what: &str) {
        self.fault(
            "declare-missing-key",
            self.own_place(),
            format!("{} has no `{key}`", self.name),
            format!("add `{key} = {what}`"),
        );
    }

    pub(super) fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, what: &str) {
        self.fault(
            "declare-wrong-type",
            self.place(value.span()),
            format!("`{key}` of {} must be {what}, not {}", self.name, value.get_ref().type_str()),
            format!("write `{key}` as {what}"),
        );
    }

    fn child(&self, entries: &'a DeTable<'a>, span: Range<usize>, name: String) -> Table<'a> {
        Table {
            entries,
            name,
            span,
            known: RefCell::default(),
            open: Cell::new(false),
            source: self.source,
            sink: self.sink.clone(),
        }
    }

    /// A text, which is not empty where it is there.
    pub(super) fn text(&self, key: &'static str) -> Option<Placed<String>> {
        let value = self.entry(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(key, value, "text in quotes");
            return None;
        };
        let place = self.place(value.span());
        if text.trim().is_empty() {
            self.fault(
                "declare-empty-text",
                place,
                format!("`{key}` of {} is empty", self.name),
                "write what it is; leaving it empty is not a default",
            );
            return None;
        }
        Some(Placed { value: text.to_owned(), place })
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, key: &'static str) -> Option<Placed<String>> {
        if !self.has(key) {
            self.missing(key, "\"…\"");
            return None;
        }
        self.text(key)
    }

    /// One of a closed list of words.
    pub(super) fn word<T>(
        &self,
        key: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Placed<T>> {
        let text = self.text(key)?;
        match parse(&text.value) {
            Some(value) => Some(Placed { value, place: text.place }),
            None => {
                self.fault(
                    "declare-unknown-word",
                    text.place,
                    format!("`{}` is not a known `{key}` of {}", text.value, self.name),
                    suggestion(&text.value, words.iter().copied())
                        .unwrap_or_else(|| format!("one of: {}", words.join(", "))),
                );
                None
            }
        }
    }

    pub(super) fn required_word<T>(
        &self,
        key: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Placed<T>> {
        if self.has(key) {
            self.word(key, words, parse)
        } else {
            self.missing(key, &format!("\"{}\"", words.join("\" or \"")));
            None
        }
    }

    pub(super) fn integer(&self, key: &'static str) -> Option<Placed<i64>> {
        let value = self.entry(key)?;
        match as_integer(value.get_ref()) {
            Some(number) => Some(Placed { value: number, place: self.place(value.span()) }),
            None => {
                self.wrong(key, value, "a whole number");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer_within(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<Placed<i64>> {
        let number = self.integer(key)?;
        if range.contains(&number.value) {
            return Some(number);
        }
        let (low, high) = (*range.start(), *range.end());
        let (wrong, help) = if low == high {
            (format!(" and must be {low}"), format!("write {low}; this program knows no other"))
        } else if high == i64::MAX {
            (format!(", below {low}"), format!("write {low} or more"))
        } else {
            (format!(", outside {low} to {high}"), "choose a value within the bounds".to_owned())
        };
        let message = format!("`{key}` of {} is {}{wrong}", self.name, number.value);
        self.fault("declare-out-of-range", number.place, message, help);
        None
    }

    pub(super) fn required_integer(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<Placed<i64>> {
        if self.has(key) {
            self.integer_within(key, range)
        } else {
            self.missing(key, "<whole number>");
            None
        }
    }

    pub(super) fn number(&self, key: &'static str) -> Option<Placed<f64>> {
        let value = self.entry(key)?;
        match as_number(value.get_ref()) {
            Some(number) => Some(Placed { value: number, place: self.place(value.span()) }),
            None => {
                self.no_number(key, value);
                None
            }
        }
    }

    /// Says why a value is no number to compute with: its type, or `nan`, `inf` and whole numbers that are too large.
    fn no_number(&self, key: &str, value: &Spanned<DeValue<'_>>) {
        let text = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) => number.as_str(),
            _ => return self.wrong(key, value, "a number"),
        };
        self.fault(
            "declare-out-of-range",
            self.place(value.span()),
            format!("`{key}` of {} is {text}, which is no number to compute with", self.name),
            "write a number such as 0.95",
        );
    }

    pub(super) fn required_number(&self, key: &'static str) -> Option<Placed<f64>> {
        if self.has(key) {
            self.number(key)
        } else {
            self.missing(key, "<number>");
            None
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<Placed<bool>> {
        let value = self.entry(key)?;
        if let Some(flag) = value.get_ref().as_bool() {
            Some(Placed { value: flag, place: self.place(value.span()) })
        } else {
            self.wrong(key, value, "true or false");
            None
        }
    }

    /// A list whose items are read one by one; `None` where the key is absent.
    fn list<T>(
        &self,
        key: &'static str,
        what: &str,
        item: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<Vec<Placed<T>>> {
        let value = self.entry(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, &format!("a list of {what}"));
            return None;
        };
        let mut items = Vec::with_capacity(array.len());
        for element in array.iter() {
            match item(element.get_ref()) {
                Some(found) => items.push(Placed { value: found, place: self.place(element.span()) }),
                None => self.wrong(key, element, &format!("a list of {what}")),
            }
        }
        Some(items)
    }

    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<Placed<String>>> {
        self.list(key, "texts", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn required_texts(&self, key: &'static str) -> Option<Vec<Placed<String>>> {
        if !self.has(key) {
            self.missing(key, "[\"…\"]");
            return None;
        }
        let list = self.texts(key)?;
        if list.is_empty() {
            self.fault(
                "declare-empty-list",
                self.place_of(key),
                format!("`{key}` of {} is empty", self.name),
                "name at least one",
            );
            return None;
        }
        Some(list)
    }

    /// Says every path that is absolute: the manifest names files as declared, and would name a place of one machine.
    pub(super) fn relative<'p>(&self, paths: impl IntoIterator<Item = &'p Placed<String>>, to: &str) {
        for path in paths.into_iter().filter(|path| is_absolute(&path.value)) {
            self.fault(
                "declare-absolute-path",
                path.place.clone(),
                format!("`{}` is an absolute path", path.value),
                format!("write it relative to {to}; a release names its files so, and may be made on another machine"),
            );
        }
    }

    pub(super) fn integers(&self, key: &'static str) -> Option<Vec<Placed<i64>>> {
        self.list(key, "whole numbers", as_integer)
    }

    /// A list of pairs of years.
    pub(super) fn year_pairs(&self, key: &'static str) -> Option<Vec<Placed<(i32, i32)>>> {
        self.list(key, "pairs of years such as [2018, 2022]", |value| {
            let years: Vec<i32> = value
                .as_array()?
                .iter()
                .map(|year| as_integer(year.get_ref()).and_then(|year| i32::try_from(year).ok()))
                .collect::<Option<_>>()?;
            let &[first, last] = years.as_slice() else { return None };
            Some((first, last))
        })
    }

    pub(super) fn numbers(&self, key: &'static str) -> Option<Vec<Placed<f64>>> {
        self.list(key, "numbers", as_number)
    }

    /// Codes as whole numbers or texts, as normalised text.
    pub(super) fn codes(&self, key: &'static str) -> Option<Vec<Placed<String>>> {
        self.list(key, "codes", as_code)
    }

    /// A table of its own, `[key]` or `key = { … }`; unknown keys in it are said when `read` ends.
    pub(super) fn table<T>(&self, key: &'static str, read: impl FnOnce(&Table<'a>) -> T) -> Option<T> {
        let value = self.entry(key)?;
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong(key, value, "a table");
            return None;
        };
        let child = self.child(entries, value.span(), format!("[{key}]"));
        let found = read(&child);
        child.finish();
        Some(found)
    }

    pub(super) fn required_table<T>(&self, key: &'static str, read: impl FnOnce(&Table<'a>) -> T) -> Option<T> {
        if self.has(key) {
            return self.table(key, read);
        }
        self.fault(
            "declare-missing-key",
            self.own_place(),
            format!("{} has no table `[{key}]`", self.name),
            format!("add a table `[{key}]`"),
        );
        None
    }

    /// Every `[[key]]`, in file order.
    pub(super) fn tables<T>(&self, key: &'static str, read: impl Fn(&Table<'a>) -> T) -> Vec<T> {
        let Some(value) = self.entry(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, &format!("a list of tables `[[{key}]]`"));
            return Vec::new();
        };
        let mut found = Vec::with_capacity(array.len());
        for (index, element) in array.iter().enumerate() {
            let Some(entries) = element.get_ref().as_table() else {
                self.wrong(key, element, &format!("a list of tables `[[{key}]]`"));
                continue;
            };
            let child = self.child(entries, element.span(), format!("[[{key}]] number {}", index + 1));
            found.push(read(&child));
            child.finish();
        }
        found
    }

    /// Entries with free keys: `recode` tables, aliases. The whole table counts as known.
    pub(super) fn free_entries(&self) -> Vec<(Placed<String>, &'a Spanned<DeValue<'a>>)> {
        self.open.set(true);
        self.entries
            .iter()
            .map(|(key, value)| (Placed { value: key.get_ref().to_string(), place: self.place(key.span()) }, value))
            .collect()
    }

    /// A map from free keys to numbers, sorted by key.
    pub(super) fn number_map(&self, key: &'static str) -> Option<Vec<(Placed<String>, f64)>> {
        self.map(key, "a number", as_number)
    }

    /// A map from free keys to texts or codes, sorted by key.
    pub(super) fn text_map(&self, key: &'static str) -> Option<Vec<(Placed<String>, String)>> {
        self.map(key, "a text or a whole number", as_code)
    }

    fn map<T>(
        &self,
        key: &'static str,
        what: &str,
        item: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<Vec<(Placed<String>, T)>> {
        self.table(key, |table| {
            let mut found = Vec::new();
            for (name, value) in table.free_entries() {
                match item(value.get_ref()) {
                    Some(ok) => found.push((name, ok)),
                    None => table.wrong(&name.value, value, what),
                }
            }
            found
        })
    }

    /// Sub-tables with free names, such as `[recode.reversed]`.
    pub(super) fn named_tables<T>(&self, key: &'static str, read: impl Fn(&Placed<String>, &Table<'a>) -> T) -> Vec<T> {
        self.table(key, |table| {
            let mut found = Vec::new();
            for (name, value) in table.free_entries() {
                let Some(entries) = value.get_ref().as_table() else {
                    table.wrong(&name.value, value, "a table");
                    continue;
                };
                let child = table.child(entries, value.span(), format!("[{key}.{}]", name.value));
                found.push(read(&name, &child));
                child.finish();
            }
            found
        })
        .unwrap_or_default()
    }

    /// Leaves the other keys unsaid: what they may be depends on something that is wrong and has its own finding.
    pub(super) fn leave_rest(&self) {
        self.open.set(true);
    }

    /// Says every key that nobody asked for.
    fn finish(&self) {
        if self.open.get() {
            return;
        }
        let known = self.known.borrow();
        for (key, _) in self.entries.iter() {
            let name = key.get_ref();
            if !known.contains(name.as_ref()) {
                let help = suggestion(name, known.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", known.iter().copied().collect::<Vec<_>>().join(", ")));
                self.fault(
                    "declare-unknown-key",
                    self.place(key.span()),
                    format!("`{name}` is not a key of {}", self.name),
                    help,
                );
            }
        }
    }
}
