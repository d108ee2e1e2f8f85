//! Makes the synthetic sample data of the project: no person and no place in it is real.
//!
//! ```text
//! cargo run --release --example make_sample -- --out sample-data --seed 2022 --size sample
//! cargo run --release --example make_sample -- --out /tmp/national --size national --rows 500000 --columns 120
//! ```
//!
//! The same arguments give the same bytes. `sample` writes one invented GGD with a clean and a deliberately dirty respondents' file
//! and two small twins of published tables; `national` writes a country of 25 invented GGDs for measuring speed.

mod answers;
mod dice;
mod dirty;
mod land;
mod monitor;
mod person;
mod record;
mod scoring;
mod statline;
mod young_adults;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use dice::Dice;
use land::Land;

/// Any failure of the generator; it is shown and ends the program.
type Outcome = Result<(), Box<dyn Error>>;

/// Make synthetic sample data for wijkpeil.
#[derive(Parser)]
struct Args {
    /// Folder that the files are written into; made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Seed of the random numbers; the same seed gives the same bytes.
    #[arg(long, default_value_t = 2022)]
    seed: u64,
    /// How much to make.
    #[arg(long, value_enum, default_value_t = Size::Sample)]
    size: Size,
    /// Number of respondents [default: 6000 for sample, 500000 for national].
    #[arg(long)]
    rows: Option<usize>,
    /// Number of columns of the respondents' file, filled up with FILL001 and on [default: no filling].
    #[arg(long)]
    columns: Option<usize>,
}

/// The two sizes that the project uses.
#[derive(Clone, Copy, ValueEnum)]
enum Size {
    /// One GGD, clean and dirty respondents, published tables: what the repository carries.
    Sample,
    /// 25 GGDs, one large respondents' file: for benches.
    National,
}

fn main() -> ExitCode {
    match write_all(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done when even standard error is gone.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes every file that the arguments ask for.
///
/// Each file draws from dice of its own, so that a change to one file leaves the bytes of the others alone.
fn write_all(args: &Args) -> Outcome {
    fs::create_dir_all(&args.out)?;
    let land = match args.size {
        Size::Sample => Land::sample(&mut Dice::new(args.seed, 1)),
        Size::National => Land::national(&mut Dice::new(args.seed, 1)),
    };
    write_file(&args.out.join("regions-2022.csv"), |out| land.write_regions(out))?;

    let rows = args.rows.unwrap_or(match args.size {
        Size::Sample => 6_000,
        Size::National => 500_000,
    });
    let filling = match args.columns {
        None => 0,
        Some(columns) => columns
            .checked_sub(monitor::COLUMNS)
            .ok_or_else(|| format!("--columns must be at least {}", monitor::COLUMNS))?,
    };
    let mut dice = Dice::new(args.seed, 2);
    write_file(&args.out.join("gmvo-2022.csv"), |out| monitor::write(out, &land, rows, filling, &mut dice))?;

    if let Size::Sample = args.size {
        let (dirty, expected) = dirty::make(&land, &mut Dice::new(args.seed, 3))?;
        fs::write(args.out.join("gmvo-2022-dirty.csv"), dirty)?;
        fs::write(args.out.join("gmvo-2022-dirty.expected.csv"), expected)?;

        let rivm = args.out.join("rivm");
        fs::create_dir_all(&rivm)?;
        let mut dice = Dice::new(args.seed, 4);
        write_file(&rivm.join("50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv"), |out| {
            statline::write_wijk_model(out, &land, &mut dice)
        })?;
        let mut dice = Dice::new(args.seed, 5);
        write_file(&rivm.join("50140NED_TypedDataSet_22092025_192544.csv"), |out| {
            statline::write_young_adults(out, &land, &mut dice)
        })?;
    }
    Ok(())
}

/// Opens a file, hands a buffered writer to `fill`, and flushes; an error names the file.
fn write_file(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Outcome {
    let attempt = || -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        fill(&mut out)?;
        out.flush()
    };
    attempt().map_err(|error| format!("{}: {error}", path.display()).into())
}
