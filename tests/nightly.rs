//! The job that runs every night, unattended: what happens to `current`, to readers and to the next night when something goes wrong.
//!
//! The short form of each hunt runs here; `.ci/full` sets `WIJKPEIL_FULL` and runs the long one.

mod changed;
mod clock;
mod damaged;
mod disk;
mod faults;
mod gates;
mod inputs;
mod kills;
mod licences;
mod old;
mod operators;
mod place;

/// So many rounds: a few here, more in `.ci/full`.
pub fn rounds(short: usize, full: usize) -> usize {
    if std::env::var_os("WIJKPEIL_FULL").is_some() { full } else { short }
}
