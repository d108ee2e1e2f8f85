//! The national table 50090NED to a release, beside DuckDB turning the same CSV into parquet in the same run.
//!
//! ```text
//! cargo bench --bench table                        138,728 rows × 43 columns, data made on first use
//! cargo bench --bench table -- --repeat 3 --data DIR
//! ```
//!
//! - ours: a whole `run` as a process of its own, into an empty folder: hash, check, map, label, write, sync
//! - DuckDB long: the rows and columns of `figures` from the same cells, sorted and written, without the rows that only we add
//! - DuckDB wide: the rows and columns of the CSV as they are
//!
//! Each figure is the best of the repeats, which take turns, so that a slow moment of the machine hits both sides. DuckDB's times leave
//! out the start of Python; ours is that of the process.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use arrow::array::{Array, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

type Outcome<T> = Result<T, Box<dyn Error>>;

const DATA: &str = "50090NED_UntypedDataSet_all.csv";

struct Options {
    repeat: usize,
    folder: PathBuf,
}

fn main() -> Outcome<()> {
    let options = options()?;
    make_data(&options.folder)?;
    let python = python();
    let (mut ours, mut theirs): (Option<Run>, Option<DuckDb>) = (None, None);
    for _ in 0..options.repeat {
        let run = whole_run(&options.folder)?;
        let peak = run.peak.max(ours.as_ref().map_or(0, |best| best.peak));
        let best = ours.take().filter(|best| best.took <= run.took).unwrap_or(run);
        ours = Some(Run { peak, ..best });
        if let Some(python) = &python {
            let duckdb = duckdb(python, &options.folder)?;
            theirs = Some(match theirs.take() {
                Some(best) => best.and(duckdb),
                None => duckdb,
            });
        }
    }
    let ours = ours.ok_or("--repeat must be at least 1")?;
    println!("{DATA}, {} threads, best of {}", rayon::current_num_threads(), options.repeat);
    ours.report();
    let Some(theirs) = theirs else {
        println!("{:<28} SKIPPED: no python3 with duckdb (set PYTHON; 3.11 or newer)", "DuckDB");
        return Ok(());
    };
    theirs.report(ours.took.as_secs_f64());
    same_rows(&options.folder)
}

/// A whole run of the program.
struct Run {
    took: Duration,
    /// In kB, the largest of all repeats.
    peak: u64,
    /// What the program itself says: name of the stage and seconds.
    stages: Vec<(String, f64)>,
}

impl Run {
    fn report(&self) {
        let took = self.took.as_secs_f64();
        println!("{:<28} {took:>8.3} s   {} MB at most in memory", "whole run", self.peak / 1024);
        for (stage, seconds) in &self.stages {
            println!("  {stage:<26} {seconds:>8.1} s");
        }
        let rest = took - self.stages.iter().map(|(_, seconds)| seconds).sum::<f64>();
        println!("  {:<26} {rest:>8.1} s", "outside the stages");
    }
}

/// Seconds of DuckDB.
struct DuckDb {
    long: f64,
    wide: f64,
    /// How the faster long table lies on disk.
    layout: String,
}

impl DuckDb {
    fn and(self, other: Self) -> Self {
        let wide = self.wide.min(other.wide);
        let best = if other.long < self.long { other } else { self };
        Self { wide, ..best }
    }

    fn report(&self, ours: f64) {
        let Self { long, wide, layout } = self;
        println!("{:<28} {long:>8.3} s   {layout}; ratio {:.2} (goal: at most 1)", "DuckDB long", ours / long);
        println!("{:<28} {wide:>8.3} s   for information; ratio {:.1}", "DuckDB wide", ours / wide);
    }
}

/// Runs the program into an empty folder and watches its memory.
fn whole_run(folder: &Path) -> Outcome<Run> {
    let out = folder.join("out");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let said = folder.join("run.log");
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
        .args(["run", "--out"])
        .arg(out)
        .arg("--data")
        .arg(folder)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/table/pipeline.toml"))
        .stdout(Stdio::null())
        .stderr(File::create(&said)?)
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    let exit = loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
        }
        if let Some(exit) = child.try_wait()? {
            break exit;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let took = begun.elapsed();
    let said = std::fs::read_to_string(said)?;
    if !exit.success() {
        return Err(format!("the run ended with {exit}\n{said}").into());
    }
    Ok(Run { took, peak, stages: said.lines().filter_map(stage).collect() })
}

/// `     read 138728 rows (3.6 s)` → what was done, and how long it took.
fn stage(line: &str) -> Option<(String, f64)> {
    let (done, seconds) = line.strip_suffix(" s)")?.rsplit_once(" (")?;
    Some((done.trim().to_owned(), seconds.parse().ok()?))
}

/// The Python that can run the peer, if there is one.
fn python() -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    let found = Command::new(&python).args(["-c", "import duckdb, tomllib"]).output().ok()?;
    found.status.success().then_some(python)
}

/// One run of each of DuckDB's tables.
fn duckdb(python: &Path, folder: &Path) -> Outcome<DuckDb> {
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/duckdb_table.py"))
        .args([folder.join(DATA), folder.join("duckdb")])
        .args(["1", &rayon::current_num_threads().to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        return Err(format!("duckdb_table.py ended with {}\n{said}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut numbers = text.split_whitespace().map(str::parse);
    let mut next = || numbers.next().ok_or("duckdb_table.py prints two numbers");
    Ok(DuckDb { long: next()??, wide: next()??, layout: said })
}

/// Holds the number of DuckDB's rows against ours: all figures but those for cells that no row of the file has.
fn same_rows(folder: &Path) -> Outcome<()> {
    let release = std::fs::canonicalize(folder.join("out/current"))?;
    let (mut all, mut absent) = (0, 0);
    for path in parquet_files(&release.join("figures"))? {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        let status = ProjectionMask::columns(builder.parquet_schema(), ["status"]);
        for batch in builder.with_projection(status).build()? {
            let batch = batch?;
            let status = batch.column(0).as_any().downcast_ref::<StringArray>().ok_or("status is text")?;
            all += status.len();
            absent += status.iter().flatten().filter(|status| *status == "not_available").count();
        }
    }
    println!("{all} figures, {absent} of them for cells that the file does not have");
    for layout in ["files", "one"] {
        let rows = rows(&folder.join("duckdb").join(layout))?;
        if rows != all - absent {
            return Err(format!("DuckDB wrote {rows} rows in {layout}, the release has {}", all - absent).into());
        }
    }
    println!("DuckDB long has the other {}; wide has {} rows", all - absent, rows(&folder.join("duckdb/wide"))?);
    Ok(())
}

/// Rows of the parquet files of a folder, as their footers say.
fn rows(folder: &Path) -> Outcome<usize> {
    let mut rows = 0;
    for path in parquet_files(folder)? {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        rows += usize::try_from(builder.metadata().file_metadata().num_rows())?;
    }
    Ok(rows)
}

fn parquet_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(parquet_files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Makes the table with the generator of the sample data, unless it is there.
fn make_data(folder: &Path) -> Outcome<()> {
    if folder.join(DATA).exists() {
        return Ok(());
    }
    let status = Command::new(env!("CARGO"))
        .args(["run", "--release", "--quiet", "--example", "make_sample", "--", "--size", "table", "--out"])
        .arg(folder)
        .status()?;
    if status.success() { Ok(()) } else { Err("the generator failed".into()) }
}

fn options() -> Outcome<Options> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("table");
    let mut options = Options { repeat: 3, folder };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--repeat" => options.repeat = value()?.parse()?,
            "--data" => options.folder = value()?.into(),
            // cargo hands this to every bench.
            "--bench" => {}
            other => return Err(format!("unknown argument {other}; known: --repeat, --data").into()),
        }
    }
    Ok(options)
}
