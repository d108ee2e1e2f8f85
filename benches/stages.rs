//! Time per stage on the national-scale file, each stage beside its peer in the same run.
//!
//! ```text
//! cargo bench --bench stages                       500,000 × 120, data made on first use
//! cargo bench --bench stages -- --rows 50000 --repeat 3
//! ```
//!
//! - ingest and derive: the files to scored rows in memory, beside polars reading the same columns typed into memory
//! - tally: scored rows to moments, as row × parameter × dimension updates per second
//! - protection: what complementary suppression adds to estimating; and the audits, with the tally as the measure
//! - publish: figures to a release on disk, beside pyarrow writing the same tables with the same compression, per row
//! - memory: the largest resident size of a whole `run`
//!
//! Each figure is the best of the repeats, which are taken in turn, so that a slow moment of the machine hits both sides.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use polars::prelude::{CsvReadOptions, DataType, Field, PlSmallStr, Schema, SerReader};
use wijkpeil::declare::load;
use wijkpeil::derive::Scored;
use wijkpeil::plan::{self, Plan, Reading, Silent, SourcePlan};
use wijkpeil::publish;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Options {
    rows: usize,
    repeat: usize,
    folder: PathBuf,
}

fn main() -> Outcome<()> {
    let options = options()?;
    make_data(&options)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pipeline = root.join("benches/national/pipeline.toml");
    let load_plan = |protects: bool| -> Outcome<Plan> {
        let mut definitions = load(&pipeline, Some(&options.folder)).map_err(|findings| findings.render(false))?;
        if let Some(rules) = definitions.pipeline.disclosure.as_mut().filter(|_| !protects) {
            rules.protection = None;
        }
        Ok(plan::build(definitions).map_err(|findings| findings.render(false))?)
    };
    let national = load_plan(true)?;
    let bare = load_plan(false)?;
    let mut times = Times::default();
    for _ in 0..options.repeat {
        let (scored, reading) = times.ingest.take(|| ingest(&national))?;
        times.polars.take(|| polars_typed(&national))?;
        let mut tally = plan::tally(&national);
        times.tally.take(|| Ok(tally.add(&scored)?))?;
        times.updates = updates(&national, &scored);
        drop(scored);
        let mut reading = reading;
        reading.moments = Some(times.finish.take(|| Ok(tally.finish()))?);
        let figures = times.estimate.take(|| {
            plan::results(&national, &reading, &national.catalogue, &Silent).map_err(|f| f.render(false).into())
        })?;
        times.figures = figures.figures.count();
        drop(figures);
        times
            .bare
            .take(|| plan::results(&bare, &reading, &bare.catalogue, &Silent).map_err(|f| f.render(false).into()))?;
    }
    let (peak, run) = whole_run(&pipeline, &options)?;
    let release = std::fs::canonicalize(options.folder.join("out/current"))?;
    for _ in 0..options.repeat {
        times.gate.take(|| Ok(publish::audit_quickly(&release)?))?;
    }
    let report = times.audit.take(|| Ok(publish::audit(&release, &[])?))?;
    println!("audit: {} attacks find something", report.broken().count());
    times.report(&options, &release, peak, run)
}

/// Files → scored rows in memory.
fn ingest(plan: &Plan) -> Outcome<(Vec<Scored>, Reading)> {
    let mut scored = Vec::new();
    let reading = plan::scan(plan, &Silent, &mut |rows| {
        scored.extend_from_slice(rows);
        Ok(())
    })
    .map_err(|findings| findings.render(false))?;
    Ok((scored, reading))
}

/// What polars needs to read the same columns of the same file, typed, into memory.
fn polars_typed(plan: &Plan) -> Outcome<usize> {
    let Some(SourcePlan::Respondents { files, .. }) = plan.sources.first() else { return Err("no respondents".into()) };
    let (input, file) = files.first().ok_or("no file")?;
    let wanted = file.fields();
    let text = ["Stratum", "Wijkcode"];
    let number = ["ewGGD", "ewCBSGGD"];
    let schema: Schema = file
        .format
        .header
        .iter()
        .map(|name| {
            let kind = match name.as_str() {
                name if text.contains(&name) => DataType::String,
                name if number.contains(&name) => DataType::Float64,
                "GGADS201" => DataType::String,
                _ => DataType::Int32,
            };
            Field::new(PlSmallStr::from_str(name), kind)
        })
        .collect();
    let frame = CsvReadOptions::default()
        .with_has_header(true)
        .with_schema(Some(schema.into()))
        .with_projection(Some(wanted.into()))
        .map_parse_options(|options| options.with_separator(b';').with_decimal_comma(true))
        .try_into_reader_with_file_path(Some(plan.inputs[*input].path.clone()))?
        .finish()?;
    Ok(frame.height())
}

/// Row × parameter × dimension updates of a tally, the total counted as a dimension.
fn updates(plan: &Plan, scored: &[Scored]) -> u64 {
    let rows: usize = scored.iter().map(|block| block.rows).sum();
    (rows * plan.tally.tables.len()) as u64
}

#[derive(Default)]
struct Times {
    ingest: Best,
    polars: Best,
    tally: Best,
    finish: Best,
    estimate: Best,
    /// The same without complementary suppression.
    bare: Best,
    /// The attack that a run makes before it publishes.
    gate: Best,
    /// The attack of the verb.
    audit: Best,
    updates: u64,
    figures: usize,
}

/// The shortest of several times.
#[derive(Default)]
struct Best(Option<Duration>);

impl Best {
    fn take<T>(&mut self, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let begun = Instant::now();
        let done = work()?;
        let took = begun.elapsed();
        self.0 = Some(self.0.map_or(took, |best| best.min(took)));
        Ok(done)
    }

    fn seconds(&self) -> f64 {
        self.0.map_or(f64::NAN, |best| best.as_secs_f64())
    }
}

impl Times {
    fn report(&self, options: &Options, release: &Path, peak: u64, run: Duration) -> Outcome<()> {
        let line = |stage: &str, took: f64, peer: &str| println!("{stage:<28} {took:>8.3} s   {peer}");
        println!("{} rows, {} threads, best of {}", options.rows, rayon::current_num_threads(), options.repeat);
        let (ours, theirs) = (self.ingest.seconds(), self.polars.seconds());
        line(
            "ingest and derive",
            ours,
            &format!("polars typed {theirs:.3} s, ratio {:.2} (goal: at most 2)", ours / theirs),
        );
        let rate = self.updates as f64 / self.tally.seconds() / 1e6;
        line("tally", self.tally.seconds(), &format!("{rate:.0} million updates per second (goal: at least 50)"));
        line("moments in order", self.finish.seconds(), "");
        line("estimate and disclose", self.estimate.seconds(), &format!("{} figures", self.figures));
        let protect = (self.estimate.seconds() - self.bare.seconds()).max(0.0);
        let times = |seconds: f64| format!("{:.1} times the tally", seconds / self.tally.seconds());
        line("of it protection", protect, &times(protect));
        line("audit before publishing", self.gate.seconds(), &times(self.gate.seconds()));
        line(
            "both",
            protect + self.gate.seconds(),
            &format!("{} (goal: at most 10)", times(protect + self.gate.seconds())),
        );
        line("audit, the verb", self.audit.seconds(), &times(self.audit.seconds()));
        let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(release.join("manifest.json"))?)?;
        println!("release {}", manifest["release"].as_str().unwrap_or("?"));
        publish_beside_pyarrow(release, options)?;
        line("whole run", run.as_secs_f64(), &format!("{} MB at most in memory (goal: below 2,000)", peak / 1024));
        Ok(())
    }
}

/// Writes the figures of the release once more with our writer and with pyarrow: the same rows, the same compression.
fn publish_beside_pyarrow(release: &Path, options: &Options) -> Outcome<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pyarrow_write.py");
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let ours = rewrite(release, options)?;
    let found = Command::new(python).arg(script).arg(release).arg(options.repeat.to_string()).output();
    match found {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let theirs: f64 = text.trim().parse()?;
            println!(
                "{:<28} {ours:>8.3} s   pyarrow {theirs:.3} s for the same rows, ratio {:.2} (goal: at most 1)",
                "publish (figures as parquet)",
                ours / theirs
            );
        }
        _ => println!("{:<28} {ours:>8.3} s   pyarrow SKIPPED: no python3 with pyarrow (set PYTHON)", "publish"),
    }
    Ok(())
}

/// Time of our parquet writer for the figures files of a release, read back into record batches first.
fn rewrite(release: &Path, options: &Options) -> Outcome<f64> {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let mut tables = Vec::new();
    for path in figures_files(&release.join("figures"))? {
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&path)?)?.with_batch_size(122_880).build()?;
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        tables.push(batches);
    }
    let folder = options.folder.join("rewrite");
    std::fs::create_dir_all(&folder)?;
    let mut best = Best::default();
    for _ in 0..options.repeat {
        best.take(|| Ok(wijkpeil::publish::write_batches(&folder, &tables)?))?;
    }
    Ok(best.seconds())
}

fn figures_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(figures_files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Runs the program itself and watches its memory; gives the peak in kB and the time.
fn whole_run(pipeline: &Path, options: &Options) -> Outcome<(u64, Duration)> {
    // A release of an older build of the same version would be compared with, not replaced.
    let out = options.folder.join("out");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
        .args(["run", "--out"])
        .arg(out)
        .arg("--data")
        .arg(&options.folder)
        .arg(pipeline)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
        }
        if let Some(exit) = child.try_wait()? {
            if !exit.success() {
                return Err(format!("the run ended with {exit}").into());
            }
            return Ok((peak, begun.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Makes the national-scale file with the generator of the sample data, unless it is there.
fn make_data(options: &Options) -> Outcome<()> {
    if options.folder.join("gmvo-2022.csv").exists() {
        return Ok(());
    }
    let rows = options.rows.to_string();
    let status = Command::new(env!("CARGO"))
        .args(["run", "--release", "--quiet", "--example", "make_sample", "--"])
        .args(["--size", "national", "--columns", "120", "--seed", "1", "--rows", &rows, "--out"])
        .arg(&options.folder)
        .status()?;
    if status.success() { Ok(()) } else { Err("the generator failed".into()) }
}

fn options() -> Outcome<Options> {
    let mut options = Options { rows: 500_000, repeat: 5, folder: PathBuf::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rows" => options.rows = value()?.parse()?,
            "--repeat" => options.repeat = value()?.parse()?,
            "--data" => options.folder = value()?.into(),
            // cargo hands this to every bench.
            "--bench" => {}
            other => return Err(format!("unknown argument {other}; known: --rows, --repeat, --data").into()),
        }
    }
    if options.folder.as_os_str().is_empty() {
        options.folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("national-{}", options.rows));
    }
    Ok(options)
}
