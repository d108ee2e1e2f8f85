//! Estimates before disclosure against R `survey`: `tests/oracle/README.md` says where the numbers come from.

mod analysis;
mod api;
mod comparison;
mod comparisons;
mod evaluation;
mod fay_herriot;
mod newer;
mod newer_tests;
mod phe;
mod phe_inequality;
mod phe_standardise;
mod planted;
mod sample;
mod small_area;
mod tails;
mod tau_argus;
