//! The head of an old StatLine download (Statweb): a title, an empty line, `"";"Onderwerp"`, paths, and units.
//!
//! ```text
//! "Kerncijfers wijken en buurten 2015"
//! ""
//! "";"Onderwerp"
//! "";"Regioaanduiding|Codering";"Inkomen|Gemiddeld inkomen per inwoner"
//! "Wijken en buurten";"code";"x 1 000 euro"
//! "Amsterdam";"GM0363    ";"26,9"
//! ```

use super::detect::{cut_header, split_record};

/// What stands above the rows.
pub(super) struct Head {
    /// Names of the columns: path and unit, such as `Inkomen|Gemiddeld inkomen per inwoner (x 1 000 euro)`.
    pub(super) header: Vec<String>,
    /// Records above the rows.
    pub(super) records: u64,
}

/// The head of a Statweb file; `None` where the file has another layout.
pub(super) fn head(sample: &[u8]) -> Option<Head> {
    let mut rest = sample;
    let mut lines: Vec<Vec<String>> = Vec::new();
    // The title stands alone; at most a few dimensions stand between it and the units.
    while lines.len() < 12 && !rest.is_empty() {
        let (record, behind) = cut_header(rest);
        rest = behind;
        lines.push(split_record(&String::from_utf8_lossy(record), b';'));
        // A title and an empty line open the file; other layouts end here.
        if lines.iter().take(2).any(|line| line.len() > 1) {
            return None;
        }
        let subject = lines.iter().position(|line| line.get(1).is_some_and(|word| word == "Onderwerp"));
        let Some(subject) = subject else { continue };
        let units = lines.last().filter(|line| lines.len() > subject + 1 && !line[0].is_empty());
        let Some(units) = units else { continue };
        let paths = lines.get(lines.len() - 2).filter(|paths| paths.len() == units.len())?;
        let header = paths.iter().zip(units).enumerate();
        let header = header.map(|(at, (path, unit))| match (at, unit.as_str()) {
            (0, dimension) => dimension.to_owned(),
            (_, "") => plain(path),
            (_, unit) => format!("{} ({unit})", plain(path)),
        });
        return Some(Head { header: header.collect(), records: lines.len() as u64 });
    }
    None
}

/// A path with single blanks; Statweb puts no-break blanks into it.
fn plain(path: &str) -> String {
    path.split(|c: char| c.is_whitespace() || c == '\u{a0}')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn paths_and_units_become_names() {
        let text = "\"Titel\"\r\n\"\"\r\n\"\";\"Onderwerp\"\r\n\"\";\"A|Code \";\"A|B\u{a0}c \"\r\n\"Wijken\";\"\";\"x 1\"\r\n\"W\";\"GM0363\";\"2,5\"\r\n";
        let head = head(text.as_bytes()).unwrap();
        assert_eq!(head.header, ["Wijken", "A|Code", "A|B c (x 1)"]);
        assert_eq!(head.records, 5);
        assert!(super::head(b"a;b\n1;2\n").is_none());
        assert!(super::head(b"a;Onderwerp\n1;2\n").is_none());
    }
}
