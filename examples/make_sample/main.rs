//! Makes the synthetic sample data of the project: no person and no place in it is real.
//!
//! ```text
//! cargo run --release --example make_sample -- --out sample-data --seed 2022 --size sample
//! cargo run --release --example make_sample -- --out /tmp/national --size national --rows 500000 --columns 120
//! cargo run --release --example make_sample -- --out /tmp/ggd --size ggd --columns 75
//! cargo run --release --example make_sample -- --out /tmp/country --size country
//! cargo run --release --example make_sample -- --out /tmp/buurten --size buurten
//! cargo run --release --example make_sample -- --out /tmp/table --size table
//! ```
//!
//! The same arguments give the same bytes.
//!
//! - `sample` writes one invented GGD: a clean and a deliberately dirty respondents' file of adults, those of other years, files of young adults and
//!   of pupils, small twins of published tables of RIVM and CBS, small registers, and the division of 2024 beside that of 2022 with the way
//!   from one to the other.
//! - `national` writes a country of 25 invented GGDs with a large respondents' file, for measuring speed.
//! - `ggd`, `country` and `buurten` write what a model of small areas runs on, for measuring speed: one GGD of 120 wijken, a country of 3,340 wijken, and the
//!   same country in 14,028 buurten; respondents, persons per area, facts and pairs of neighbours.
//! - `table` writes one published table of a whole invented country, for measuring speed.

mod adults;
mod answers;
mod dice;
mod dirty;
mod division;
mod gmj;
mod gmjv;
mod health_table;
mod kerncijfers;
mod land;
mod model;
mod monitor;
mod people;
mod person;
mod pupil;
mod record;
mod registers;
mod scoring;
mod scoring_youth;
mod ses;
mod statline;
mod young;
mod young_adults;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use dice::Dice;
use division::Division;
use land::{Ggd, Land};
use monitor::Filling;

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
    /// Number of respondents [default: 6000 for sample, 11700 for ggd, 500000 for national, country and buurten].
    #[arg(long)]
    rows: Option<usize>,
    /// Number of columns of the respondents' file, filled up with FILL001 and on [default: no filling].
    #[arg(long)]
    columns: Option<usize>,
}

/// The sizes that the project uses.
#[derive(Clone, Copy, ValueEnum)]
enum Size {
    /// One GGD, respondents of three monitors, published tables, registers: what the repository carries.
    Sample,
    /// 25 GGDs, one large respondents' file: for benches.
    National,
    /// One GGD of 120 wijken, respondents and what a model needs; filling that goes with who answers: for benches.
    Ggd,
    /// The land of `national` with what a model needs: for benches.
    Country,
    /// The same land in buurten: for benches.
    Buurten,
    /// One published table of a whole country, 138,728 rows of 43 columns: for benches.
    Table,
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
    match args.size {
        Size::Sample => {
            let land = Land::sample(&mut Dice::new(args.seed, 1));
            write_respondents(args, &land, 6_000)?;
            write_sample(args, &land)
        }
        Size::National => write_respondents(args, &Land::national(&mut Dice::new(args.seed, 1)), 500_000),
        Size::Ggd => write_modelled(args, &Land::ggd(&mut Dice::new(args.seed, 1)), 11_700),
        Size::Country => write_modelled(args, &Land::national(&mut Dice::new(args.seed, 1)), 500_000),
        Size::Buurten => write_modelled(args, &Land::buurten(&mut Dice::new(args.seed, 1)), 500_000),
        Size::Table => write_table(args),
    }
}

/// The regions and the respondents of a land; `rows` of them unless the arguments say how many.
fn write_respondents(args: &Args, land: &Land, rows: usize) -> Outcome {
    write_file(&args.out.join("regions-2022.csv"), |out| land.write_regions(out))?;
    let rows = args.rows.unwrap_or(rows);
    let columns = match args.columns {
        None => 0,
        Some(columns) => columns
            .checked_sub(monitor::COLUMNS)
            .ok_or_else(|| format!("--columns must be at least {}", monitor::COLUMNS))?,
    };
    let filling = if matches!(args.size, Size::Ggd) { Filling::Told(columns) } else { Filling::Chance(columns) };
    let mut dice = Dice::new(args.seed, 2);
    write_file(&args.out.join("gmvo-2022.csv"), |out| monitor::write(out, land, rows, filling, &mut dice))
}

/// What only the sample has: the dirty respondents, those of other monitors and years, the published tables and the registers.
fn write_sample(args: &Args, land: &Land) -> Outcome {
    let (dirty, expected) = dirty::make(land, &mut Dice::new(args.seed, 3))?;
    fs::write(args.out.join("gmvo-2022-dirty.csv"), dirty)?;
    fs::write(args.out.join("gmvo-2022-dirty.expected.csv"), expected)?;
    for folder in ["model", "rivm", "cbs", "derived", "regions", "registers"] {
        fs::create_dir_all(args.out.join(folder))?;
    }
    write_rivm(args, land)?;
    write_model(args, land)?;

    let ggd = land.ggds.first().ok_or("the sample has no GGD")?;
    let of_2022 = Division::of_2022(land, &mut Dice::new(args.seed, 6));
    let (of_2024, recodes) = of_2022.to_2024(&mut Dice::new(args.seed, 7));
    write_file(&args.out.join("regions/recode-2022-2024.csv"), |out| division::write_recodes(out, &recodes))?;
    write_cbs(args, &of_2022, &of_2024)?;
    let mut dice = Dice::new(args.seed, 27);
    write_file(&args.out.join("cbs/ses_woa_2022.csv"), |out| ses::write_scores(out, land, &mut dice))?;
    write_file(&args.out.join("derived/gemeente2024_naar_ggdregio.csv"), |out| {
        kerncijfers::write_ggd_of_gemeenten(out, &of_2024, ggd)
    })?;
    let mut dice = Dice::new(args.seed, 11);
    write_file(&args.out.join("derived/50090NED_UntypedDataSet_GGDZeeland.csv"), |out| {
        health_table::write_twin(out, &of_2022, &mut dice)
    })?;
    write_registers(args, &of_2024, ggd)?;
    write_young(args, land)?;
    write_adults(args, land)
}

/// The respondents of the monitors of young adults and of pupils, one file per year.
fn write_young(args: &Args, land: &Land) -> Outcome {
    const ROWS: usize = 1_500;
    for (year, stream) in [(2022, 18), (2024, 19)] {
        let mut dice = Dice::new(args.seed, stream);
        write_file(&args.out.join(format!("gmjv-{year}.csv")), |out| gmjv::write(out, land, year, ROWS, &mut dice))?;
    }
    for (year, stream) in [(2021, 20), (2023, 21), (2025, 22)] {
        let mut dice = Dice::new(args.seed, stream);
        write_file(&args.out.join(format!("gmj-{year}.csv")), |out| gmj::write(out, land, year, ROWS, &mut dice))?;
    }
    Ok(())
}

/// The respondents of the adults' monitor in the years beside 2022, one file per year.
fn write_adults(args: &Args, land: &Land) -> Outcome {
    const ROWS: usize = 1_500;
    for (year, stream) in [(2012, 23), (2016, 24), (2020, 25), (2024, 26)] {
        let mut dice = Dice::new(args.seed, stream);
        write_file(&args.out.join(format!("gmvo-{year}.csv")), |out| adults::write(out, land, year, ROWS, &mut dice))?;
    }
    Ok(())
}

/// The twins of the tables of RIVM that a monitor of 2022 is held against.
fn write_rivm(args: &Args, land: &Land) -> Outcome {
    let mut dice = Dice::new(args.seed, 4);
    write_file(&args.out.join("rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv"), |out| {
        statline::write_wijk_model(out, land, &mut dice)
    })?;
    let mut dice = Dice::new(args.seed, 5);
    write_file(&args.out.join("rivm/50140NED_TypedDataSet_22092025_192544.csv"), |out| {
        statline::write_young_adults(out, land, &mut dice)
    })
}

/// The twins of tables of CBS. Those of 2019 are about the first gemeente only, as the real ones at hand are about one.
fn write_cbs(args: &Args, of_2022: &Division, of_2024: &Division) -> Outcome {
    let cbs = args.out.join("cbs");
    write_file(&cbs.join("Kerncijfers_wijken_en_buurten_2024_geslachten.csv"), |out| {
        kerncijfers::write_inhabitants_2024(out, of_2024)
    })?;
    let of_2019 = of_2022.only("GM9001").with_people(0.985, &mut Dice::new(args.seed, 8));
    let mut dice = Dice::new(args.seed, 9);
    write_file(&cbs.join("Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv"), |out| {
        kerncijfers::write_care_2019(out, &of_2019, &mut dice)
    })?;
    let mut dice = Dice::new(args.seed, 10);
    write_file(&cbs.join("SES_WOA_scores_per_wijk_en_buurt_25042023_160857.csv"), |out| {
        kerncijfers::write_ses_2019(out, &of_2019, &mut dice)
    })
}

/// The respondents of a land and what a model of it needs, the neighbours as pairs.
fn write_modelled(args: &Args, land: &Land, rows: usize) -> Outcome {
    fs::create_dir_all(args.out.join("model"))?;
    write_respondents(args, land, rows)?;
    write_areas(args, land)?;
    write_file(&args.out.join("model/neighbours-2022.csv"), |out| model::write_pairs(out, land))
}

/// What a model of the wijken of 2022 needs beside its respondents.
fn write_model(args: &Args, land: &Land) -> Outcome {
    write_areas(args, land)?;
    write_file(&args.out.join("model/wijken-2022.geojson"), |out| model::write_map(out, land))
}

/// Persons and facts of the smallest areas.
fn write_areas(args: &Args, land: &Land) -> Outcome {
    let folder = args.out.join("model");
    let adults = model::adults(land, &mut Dice::new(args.seed, 60));
    write_file(&folder.join("persons-age-sex-2022.csv"), |out| model::write_age_and_sex(out, &adults))?;
    write_file(&folder.join("persons-education-2022.csv"), |out| model::write_education(out, &adults))?;
    write_file(&folder.join("persons-crossing-2022.csv"), |out| model::write_crossing(out, &adults))?;
    let mut dice = Dice::new(args.seed, 61);
    write_file(&folder.join("kerncijfers-wijken-2022.csv"), |out| model::write_facts(out, land, &mut dice))
}

/// The registers: long files of counts.
fn write_registers(args: &Args, division: &Division, ggd: &Ggd) -> Outcome {
    let folder = args.out.join("registers");
    let dice = |stream| Dice::new(args.seed, stream);
    write_file(&folder.join("e33.csv"), |out| registers::write_e33(out, division, &mut dice(12)))?;
    write_file(&folder.join("suicides.csv"), |out| registers::write_suicides(out, division, ggd, &mut dice(13)))?;
    // With this few deaths chance easily hides how the regions differ; the stream was chosen so that its draws do not.
    write_file(&folder.join("suicides_by_age.csv"), |out| {
        registers::write_suicides_by_age(out, division, ggd, &mut dice(59))
    })?;
    write_file(&folder.join("youth-care.csv"), |out| registers::write_youth_care(out, division, &mut dice(14)))?;
    write_file(&folder.join("ggz-waiting-times.csv"), |out| registers::write_waiting_times(out, ggd, &mut dice(15)))?;
    write_file(&folder.join("epa-in-care.csv"), |out| registers::write_epa(out, division, &mut dice(16)))
}

/// The published table of a whole country.
fn write_table(args: &Args) -> Outcome {
    if args.rows.is_some() || args.columns.is_some() {
        return Err("--rows and --columns are about respondents; --size table has one fixed shape".into());
    }
    let mut dice = Dice::new(args.seed, 17);
    write_file(&args.out.join("50090NED_UntypedDataSet_all.csv"), |out| health_table::write_national(out, &mut dice))
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
