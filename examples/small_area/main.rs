//! The unit-level model on synthetic regions with known truth: tables of error and coverage, and the files that R reads.
//!
//! ```sh
//! cargo run --release --example small_area -- table 0 20        # seeds from, up to and without
//! cargo run --release --example small_area -- table 0 5 examples/small_area/mgcv   # beside R: make_bed_mgcv.R, R 4.2.2, mgcv 1.8.41
//! cargo run --release --example small_area -- evaluate 1001 1041 examples/small_area/mgcv examples/small_area/evaluation.csv   # one row per seed and method; R where it was run
//! cargo run --release --example small_area -- bench bed 1                # seconds and memory: small, bed, national or buurten
//! cargo run --release --example small_area -- stage ggd 40              # the whole stage of 40 parameters: small, ggd, bed, national or buurten
//! cargo run --release --example small_area -- export FOLDER small 1      # cells, persons, covariates, edges, groups for make_mgcv.R
//! cargo run --release --example small_area -- beside tests/oracle/small_area/bed bed 1   # seconds and figures beside mgcv's gam, whose results the folder holds
//! ```

#![allow(clippy::print_stdout, reason = "a program of the project's own, for its makers")]

mod bed;
mod bench;
mod beside;
mod export;
mod table;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["table", from, to] => table::table(number(from)?, number(to)?, None),
        ["table", from, to, folder] => table::table(number(from)?, number(to)?, Some(folder.as_ref())),
        ["evaluate", from, to, file] => table::evaluate(number(from)?, number(to)?, None, file.as_ref()),
        ["evaluate", from, to, folder, file] => {
            table::evaluate(number(from)?, number(to)?, Some(folder.as_ref()), file.as_ref())
        }
        ["bench", size, indicator] => {
            bench::bench(size, number(indicator)? as usize);
            Ok(())
        }
        ["stage", size, parameters] => {
            bench::stage(size, number(parameters)? as usize);
            Ok(())
        }
        ["beside", folder, size, seed] => beside::beside(folder.as_ref(), size, number(seed)?),
        ["export", folder, size, seed] => export::export(folder.as_ref(), size, number(seed)?),
        _ => Err(std::io::Error::other(
            "table FROM TO [FOLDER of R's results], evaluate FROM TO [FOLDER] FILE, bench small|bed|national|buurten INDICATOR, stage ggd|bed|national|buurten PARAMETERS, export FOLDER small|bed SEED, or beside FOLDER small|bed SEED",
        )),
    }
}

fn number(word: &str) -> std::io::Result<u64> {
    word.parse().map_err(std::io::Error::other)
}
