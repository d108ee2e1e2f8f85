//! One binary for all tests that see the program or the library from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails with its place")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says on its own output what was skipped or measured"
)]
#![expect(clippy::disallowed_methods, reason = "tests keep their own folders and hold locks on threads of their own")]

mod architecture;
mod area_model;
mod audit;
mod cli;
mod compared;
mod declarations;
mod disclosure;
mod geopackage;
mod instruments;
mod model;
mod model_inputs;
mod nightly;
mod oracle;
mod properties;
mod published;
mod reference;
mod regressions;
mod spec;
mod support;
