//! What several test files need: paths, small CSV files, edited pipelines, plans.

use std::path::{Path, PathBuf};

use wijkpeil::declare;
use wijkpeil::finding::Findings;
use wijkpeil::plan::{self, NamedComparison, NamedEstimate, Plan, Silent};

/// A path within the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What the sample pipelines say of complementary suppression, and what switches it off in a test that is about something else.
pub const PROTECTED: &str = "complementary = \"linked\"\nprotection-n = 25\nprotection-answer = 5\nlargest-part = 0.8\nunplaced = \"open\"\nempty = \"open\"";
pub const UNPROTECTED: &str = "complementary = \"none\"";

/// A path of the reference material beside the repository; `None`, said aloud, where it is not there.
#[expect(clippy::print_stderr, reason = "a comparison that is left out must not look like one that passed")]
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = repository("..").join("shared").join(path);
    if !found.exists() {
        eprintln!("SKIPPED: {path} does not lie beside the repository");
        return None;
    }
    Some(found)
}

/// A CSV file as text: a header and rows of fields. Quoted fields are understood, line breaks within them are not.
pub struct Csv {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    separator: char,
}

impl Csv {
    pub fn read(path: &Path, separator: char) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut lines = text.trim_start_matches('\u{feff}').lines().map(|line| split(line, separator));
        let header: Vec<String> = lines.next().unwrap();
        let rows: Vec<Vec<String>> = lines.collect();
        assert!(rows.iter().all(|row| row.len() == header.len()), "{}: ragged rows", path.display());
        Self { header, rows, separator }
    }

    /// Index of a column.
    pub fn column(&self, name: &str) -> usize {
        self.header.iter().position(|field| field == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Writes the rows back, without quotes.
    pub fn write(&self, path: &Path) {
        let mark = self.separator.to_string();
        let lines = std::iter::once(&self.header).chain(&self.rows).map(|row| row.join(&mark) + "\n");
        std::fs::write(path, lines.collect::<String>()).unwrap();
    }
}

fn split(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                fields.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            letter if letter == separator && !quoted => fields.push(String::new()),
            letter => fields.last_mut().unwrap().push(letter),
        }
    }
    fields
}

/// A pipeline file with pieces of text replaced, run on the data folder that it names or on another one.
///
/// Every piece must occur: an edit that changes nothing would test nothing.
pub struct Edited<'e> {
    /// The pipeline, relative to the repository.
    pub pipeline: &'e str,
    /// (piece, replacement); every occurrence is replaced.
    pub edits: &'e [(&'e str, &'e str)],
    /// Another data folder.
    pub data: Option<&'e Path>,
}

impl Edited<'_> {
    pub fn plan(&self) -> Result<Plan, Findings> {
        let path = repository(self.pipeline);
        let folder = path.parent().unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        // Relative paths are relative to the pipeline file, so the copy lies beside a copy of the definitions.
        let copy = tempfile::tempdir().unwrap();
        copy_definitions(folder, copy.path());
        let own_data = folder.join(data_folder(&text));
        for (from, to) in self.edits {
            assert!(text.contains(from), "{} does not hold {from:?}", self.pipeline);
            text = text.replace(from, to);
        }
        let edited = copy.path().join(path.file_name().unwrap());
        std::fs::write(&edited, text).unwrap();
        plan::build(declare::load(&edited, Some(self.data.unwrap_or(&own_data)))?)
    }

    pub fn estimates(&self) -> Result<Vec<NamedEstimate>, Findings> {
        plan::estimates(&self.plan()?, &Silent)
    }

    /// Comparisons of a pipeline that must run.
    pub fn comparisons(&self) -> Vec<NamedComparison> {
        let found = self.plan().and_then(|plan| plan::comparisons(&plan, &Silent));
        found.unwrap_or_else(|findings| panic!("{}:\n{}", self.pipeline, findings.render(false)))
    }

    /// Estimates of a pipeline that must run.
    pub fn run(&self) -> Vec<NamedEstimate> {
        self.estimates().unwrap_or_else(|findings| panic!("{}:\n{}", self.pipeline, findings.render(false)))
    }
}

fn data_folder(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("folder = ")).expect("a pipeline names its data folder");
    line.trim().trim_matches('"')
}

fn copy_definitions(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_definitions(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A parameter in TOML whose words say nothing; `measure` is the content of its table.
pub fn parameter(id: &str, unit: &str, measure: &str) -> String {
    let words = ["label-nl", "label-en", "description-nl", "description-en", "domain", "life-phase", "setting"];
    let words: String = words.iter().map(|key| format!("{key} = \"a\"\n")).collect();
    format!(
        r#"
[[parameter]]
id = "{id}"
version = 1
{words}theme = "een-team"
prevention-level = "universal"
unit = "{unit}"
direction = "context"
comparability = "a"
source = "a"
status = "verified"
tier = "core"
[parameter.measure]
{measure}
"#
    )
}
