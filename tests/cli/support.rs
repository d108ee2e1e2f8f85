//! The program as a user meets it: arguments in, exit code and words out, files left behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// How the program ended and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Fails with everything that was said when the exit code is another one.
    #[track_caller]
    pub fn exits(self, wanted: i32) -> Self {
        assert_eq!(self.exit, wanted, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

/// Root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program in a folder.
pub fn wijkpeil_in(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "120")
        .output()
        .expect("the binary is built with the tests");
    Said {
        // A signal leaves no code; -1 is none of the documented ones.
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the program at the root of the repository.
pub fn wijkpeil(arguments: &[&str]) -> Said {
    wijkpeil_in(root(), arguments)
}

/// Holds a text against a snapshot in a folder, without metadata that only machines read.
pub fn snapshot(folder: &Path, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Runs a check per name and fails at the end with the names that failed, so that one run says everything.
pub fn each<T>(cases: impl IntoIterator<Item = (String, T)>, check: impl Fn(&str, T)) {
    let mut failed = Vec::new();
    for (name, case) in cases {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&name, case)));
        if outcome.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{} failed: {}", failed.len(), failed.join(", "));
}

/// Files of a folder with an extension, sorted by name.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    found.sort();
    found
}

/// Every file under a folder, by its path within it.
pub fn files_under(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).into_iter().flatten() {
            let entry = entry.unwrap();
            let path = entry.path();
            // The link `current` leads into `releases`, which is walked already.
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if entry.file_type().unwrap().is_file() {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The folder that `run` printed, as seen from `from`.
pub fn release(from: &Path, said: &Said) -> PathBuf {
    from.join(said.out.trim_end())
}

/// The rows of a parquet file.
pub fn rows(path: &Path) -> RecordBatch {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = std::sync::Arc::clone(reader.schema());
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    // A file without rows has no batch.
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

/// The columns of every figures file, by path. Metadata is left out: it holds the hash of the inputs.
pub fn figures(release: &Path) -> BTreeMap<String, Vec<(String, ArrayRef)>> {
    let folder = release.join("figures");
    files_under(&folder)
        .into_keys()
        .map(|name| {
            let batch = rows(&folder.join(&name));
            let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
            (name, names.into_iter().zip(batch.columns().iter().cloned()).collect())
        })
        .collect()
}

/// The texts of a column; null is empty.
pub fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    let column = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8).unwrap();
    column.as_string::<i32>().iter().map(|text| text.unwrap_or("").to_owned()).collect()
}

/// The numbers of a column.
pub fn numbers(batch: &RecordBatch, column: &str) -> Vec<Option<f64>> {
    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    let column = arrow::compute::cast(column, &arrow::datatypes::DataType::Float64).unwrap();
    let column = column.as_primitive::<arrow::datatypes::Float64Type>();
    (0..column.len()).map(|at| column.is_valid(at).then(|| column.value(at))).collect()
}

/// A copy of a folder.
pub fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files_under(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// The good pipelines of the test data in a folder of their own, to be spoilt.
pub struct Stage {
    place: tempfile::TempDir,
    pipeline: &'static str,
}

impl Stage {
    pub fn new(pipeline: &'static str) -> Self {
        let place = tempfile::tempdir().unwrap();
        copy(&root().join("tests/data/good"), place.path());
        let stage = Self { place, pipeline };
        stage.edit(pipeline, "../good/", "");
        stage
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// The run must end with this code and leave nothing but the lock; what it said, without the progress.
    #[track_caller]
    pub fn findings(&self, exit: i32) -> String {
        let said = wijkpeil_in(self.path(), &["run", self.pipeline, "--out", "out"]).exits(exit);
        assert_eq!(said.out, "");
        // Progress lines hold times; the findings begin behind them.
        let findings = &said.err[said.err.find("error[").unwrap()..];
        assert!(!findings.contains(self.path().to_str().unwrap()), "{findings}");
        let left: Vec<String> = files_under(&self.path().join("out")).into_keys().collect();
        assert!(left.iter().all(|file| file == ".lock"), "{left:?}");
        assert!(!self.path().join("out/releases").exists() && !self.path().join("out/current").exists());
        findings.to_owned()
    }
}
