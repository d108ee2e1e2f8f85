//! The door: argv in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    wijkpeil::cli::run(std::env::args_os())
}
