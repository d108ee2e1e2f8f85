//! The map of wijkpeil.
//!
//! ```text
//! pipelines/*.toml + CSV ─► ingest ─► derive ─► tally ─► estimate ─► disclose ─► publish ─► out/releases/<id>/
//! ```
//!
//! | layer | modules | what it knows |
//! |---|---|---|
//! | 5 | [`cli`] | argv, exit codes, the terminal |
//! | 4 | [`plan`] | definitions and files as a value that is shown or executed |
//! | 3 | [`ingest`] [`derive`] [`tally`] [`estimate`] [`disclose`] [`publish`] | one stage each; each takes what the stage before it hands over |
//! | 2 | [`declare`] [`stats`] | definitions as checked values; arithmetic without data |
//! | 1 | [`finding`] | what can be said to a person |
//! | 0 | [`vocab`] | words of the field as types |
//!
//! Imports go down, never up; `tests/architecture.rs` holds the code to it.

pub mod cli;
pub mod declare;
pub mod derive;
pub mod disclose;
pub mod estimate;
pub mod finding;
pub mod ingest;
pub mod plan;
pub mod publish;
pub mod stats;
pub mod tally;
pub mod vocab;
