//! Comparisons per second from moments, on the national-scale file, beside R survey's `svychisq` on the same file.
//!
//! ```text
//! cargo bench --bench comparisons                    500,000 respondents, 3,400 wijken × 40 parameters × 6 references
//! cargo bench --bench comparisons -- --repeat 3 --seconds 60
//! ```
//!
//! - ours: what the run takes with the six references less what it takes without them, from moments to comparisons that may be published
//! - R: as many `svychisq(~part + y, statistic = "F")` of a wijk against the rest of its gemeente as it does in the given seconds, on the
//!   whole design, subset to the gemeente as the program's tests are; reading the file and making the design do not count
//!
//! The data are those of the bench `stages`, which makes them on first use.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use wijkpeil::declare::load;
use wijkpeil::plan::{self, Plan, Silent};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let (mut folder, mut repeat, mut seconds) =
        (Path::new(env!("CARGO_TARGET_TMPDIR")).join("national-500000"), 3, "60".to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--data" => folder = value()?.into(),
            "--repeat" => repeat = value()?.parse()?,
            "--seconds" => seconds = value()?,
            // cargo hands this to every bench.
            "--bench" => {}
            other => return Err(format!("unknown argument {other}; known: --data, --repeat, --seconds").into()),
        }
    }
    if !folder.join("gmvo-2022.csv").exists() {
        return Err("no data yet: run `cargo bench --bench stages` first, which makes them".into());
    }
    let compared = plan_of(&folder)?;
    let mut plain = compared.clone();
    plain.definitions.pipeline.comparison = None;
    let begun = Instant::now();
    let reading = plan::read(&compared, &Silent).map_err(|findings| findings.render(false))?;
    println!("{:<34} {:>9.3} s", "read and tally", begun.elapsed().as_secs_f64());
    let (mut with, mut without, mut tests, mut rows) = (f64::INFINITY, f64::INFINITY, 0, 0);
    for _ in 0..repeat {
        let run = |plan: &Plan| {
            let begun = Instant::now();
            let results = plan::results(plan, &reading, &plan.catalogue, &Silent).map_err(|f| f.render(false))?;
            Ok::<_, Box<dyn Error>>((begun.elapsed().as_secs_f64(), results))
        };
        without = run(&plain)?.0.min(without);
        let (took, results) = run(&compared)?;
        with = took.min(with);
        rows = results.comparisons.rows().len();
        let of_row = |own: &wijkpeil::disclose::Comparison| {
            usize::from(own.p_test.is_some()) + usize::from(own.p_difference.is_some())
        };
        tests = results.comparisons.rows().iter().map(of_row).sum();
    }
    let ours = rows as f64 / (with - without);
    println!("{:<34} {without:>9.3} s", "estimates without comparisons");
    println!("{:<34} {with:>9.3} s   {rows} comparisons, {tests} p values", "estimates with comparisons");
    println!(
        "{:<34} {ours:>9.0} comparisons per second on {} threads (goal: 100,000)",
        "ours",
        rayon::current_num_threads()
    );
    beside_r(&folder, &seconds, ours)
}

fn plan_of(folder: &Path) -> Outcome<Plan> {
    let pipeline: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/national/comparisons.toml");
    let definitions = load(&pipeline, Some(folder)).map_err(|findings| findings.render(false))?;
    Ok(plan::build(definitions).map_err(|findings| findings.render(false))?)
}

/// R's tests per second, and how many times as many ours are.
fn beside_r(folder: &Path, seconds: &str, ours: f64) -> Outcome<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/svychisq.R");
    let found = Command::new("Rscript").arg(script).arg(folder.join("gmvo-2022.csv")).arg(seconds).output();
    match found {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let mut numbers = text.split_whitespace();
            let (tests, took): (f64, f64) =
                (numbers.next().ok_or("no number of tests")?.parse()?, numbers.next().ok_or("no time")?.parse()?);
            let theirs = tests / took;
            println!("{:<34} {theirs:>9.2} tests per second ({tests:.0} in {took:.1} s)", "R svychisq");
            println!("{:<34} {:>9.0} times as many (goal: 10,000)", "ours beside R", ours / theirs);
        }
        _ => println!("{:<34} SKIPPED: no Rscript with the package survey", "R svychisq"),
    }
    Ok(())
}
