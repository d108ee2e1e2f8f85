//! Layer 5: argv → verbs → exit codes. The only place that prints.

mod args;
mod exit;
mod install;
mod operator;
mod terminal;
mod verbs;

pub use exit::Exit;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Runs the program with its arguments, the name of the program first.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match args::Arguments::try_parse_from(argv) {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // Nothing can be said about a terminal that is gone.
            let _ = error.print();
            return exit.into();
        }
    };
    // A defect must not look like a usage error or a crash of the machine: the panic has been printed, the exit code says it.
    let ended = std::panic::catch_unwind(|| verbs::run(arguments));
    ended.unwrap_or(Exit::Defect).into()
}
