//! The program from outside: verbs, exit codes, bad and odd files, and that no answer leaks.

mod absent;
mod action;
mod bad_csv;
mod bad_tables;
mod broken;
mod canary;
mod codebook;
mod coverage;
mod diff;
mod dirty;
mod quirks;
pub mod support;
mod verbs;
mod verdict;
mod why;
mod worked;
