//! Rust files as code: comments, texts and characters blanked, so that a word in a message is not taken for a call.

use std::path::Path;

/// One file of the tree.
pub struct Source {
    /// Path from the root of the repository, with `/`.
    pub path: String,
    /// The text with comments and literals blanked; line breaks stand where they stood.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: blank(text) }
    }

    pub fn lines(&self) -> usize {
        self.code.lines().count()
    }

    /// The module folder or file directly under `src/`; `None` for `main.rs`, `lib.rs` and files elsewhere.
    pub fn module(&self) -> Option<&str> {
        let (module, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(module)
    }

    pub fn line_of(&self, at: usize) -> usize {
        self.code[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Where a word stands, not as a part of a longer one.
    pub fn words<'s>(&'s self, word: &'s str) -> impl Iterator<Item = usize> + 's {
        let inside = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.code.match_indices(word).map(|(at, _)| at).filter(move |at| {
            let bytes = self.code.as_bytes();
            let before = at.checked_sub(1).map(|at| bytes[at]);
            !inside(before) && !inside(bytes.get(at + word.len()).copied())
        })
    }

    /// Where the name of a crate opens a path: `polars::…`, `use polars;`, `::parquet::…`, but not `super::parquet::…`.
    pub fn crate_uses<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        self.words(name).filter(move |at| {
            let before = self.code[..*at].trim_end();
            let after = self.code[at + name.len()..].trim_start();
            let opens = match before.strip_suffix("::") {
                Some(rest) => !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>'),
                None => true,
            };
            opens && (after.starts_with("::") || before.ends_with("use"))
        })
    }

    /// Modules of our own crate that paths name, with where they stand: `crate::a`, `crate::{a::b, c}`.
    pub fn modules_named(&self) -> Vec<(usize, &str)> {
        let mut found = Vec::new();
        for at in self.words("crate") {
            let rest = &self.code[at + "crate".len()..];
            let Some(path) = rest.trim_start().strip_prefix("::") else { continue };
            let path = path.trim_start();
            match path.strip_prefix('{') {
                None => found.push((at, first_word(path))),
                Some(group) => {
                    let mut depth = 0_i32;
                    let mut opening = true;
                    for (offset, c) in group.char_indices() {
                        match c {
                            '}' if depth == 0 => break,
                            '{' => depth += 1,
                            '}' => depth -= 1,
                            ',' if depth == 0 => opening = true,
                            c if opening && !c.is_whitespace() => {
                                let start = self.code.len() - group.len() + offset;
                                found.push((start, first_word(&group[offset..])));
                                opening = false;
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        found
    }

    /// Where a struct is built: `Name {` that is neither its definition, nor an `impl`, nor the type that a function returns.
    pub fn built<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        self.words(name).filter(move |at| {
            let before = self.code[..*at].trim_end();
            let declares =
                before.ends_with("->") || ["impl", "struct", "for", "enum"].iter().any(|word| before.ends_with(word));
            self.code[at + name.len()..].trim_start().starts_with('{') && !declares
        })
    }
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// Every Rust file under the folders, sorted by path.
pub fn sources(root: &Path, folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source::new(&name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Blanks comments, texts and characters, byte by byte, so that places stay what they were.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => at + find(&bytes[at..], b"\n").unwrap_or(bytes.len() - at),
            b'/' if bytes[at..].starts_with(b"/*") => end_of_comment(bytes, at),
            b'"' => end_of_text(bytes, at),
            b'r' if is_raw_text(bytes, at) => end_of_raw_text(bytes, at),
            b'\'' => end_of_character(bytes, at),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).unwrap()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn end_of_comment(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if bytes[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `r"` or `r#"`, with or without a `b` before it, and not the end of a name such as `for`.
fn is_raw_text(bytes: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let in_name = before.is_some_and(|b| (b.is_ascii_alphanumeric() && b != b'b') || b == b'_');
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    !in_name && bytes.get(start + 1 + hashes) == Some(&b'"')
}

fn end_of_raw_text(bytes: &[u8], start: usize) -> usize {
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    let inner = start + 2 + hashes;
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    find(&bytes[inner..], &close).map_or(bytes.len(), |at| inner + at + close.len())
}

/// A character ends at its quote; a lifetime has none and is left as it is.
fn end_of_character(bytes: &[u8], start: usize) -> usize {
    if bytes.get(start + 1) == Some(&b'\\') {
        // From the third byte on: an escaped quote is not the closing one.
        return find(&bytes[(start + 3).min(bytes.len())..], b"'").map_or(bytes.len(), |at| start + 3 + at + 1);
    }
    let length = match bytes.get(start + 1) {
        Some(byte) if *byte < 0x80 => 1,
        Some(byte) if *byte < 0xe0 => 2,
        Some(byte) if *byte < 0xf0 => 3,
        Some(_) => 4,
        None => return start,
    };
    if bytes.get(start + 1 + length) == Some(&b'\'') { start + length + 2 } else { start }
}

#[test]
fn comments_and_literals_are_blank_and_code_is_not() {
    let text = "a /* x /* y */ z */ b // c\n\"d\\\"e\" f r#\"g\"h\"# 'i' '\\'' '\u{e9}' j<'k> for \"l\"";
    let code = blank(text);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "b", "f", "j<'k>", "for"]);
    assert_eq!((code.len(), code.lines().count()), (text.len(), 2));
}

#[test]
fn modules_are_named_one_by_one_and_in_groups() {
    let source =
        Source::new("src/plan/a.rs", "use crate::{declare::{A, B},\n  vocab::C};\nfn a(x: crate::stats::T) {}");
    let names: Vec<_> = source.modules_named().into_iter().map(|(at, name)| (source.line_of(at), name)).collect();
    assert_eq!(names, [(1, "declare"), (2, "vocab"), (3, "stats")]);
}
