//! The program from outside: verbs, exit codes, bad and odd files, and that no answer leaks.

mod action;
mod bad_csv;
mod bad_tables;
mod broken;
mod canary;
mod coverage;
mod dirty;
mod quirks;
pub mod support;
mod verbs;
mod worked;
