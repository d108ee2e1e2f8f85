//! One binary for all tests that see the program or the library from outside.

mod architecture;
mod cli;
mod declarations;
mod oracle;
mod properties;
mod published;
mod reference;
mod regressions;
mod spec;
mod support;
