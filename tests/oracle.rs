//! Estimates before disclosure against R `survey`: `tests/oracle/README.md` says where the numbers come from.

mod api;
mod comparison;
mod newer;
mod phe;
mod planted;
mod sample;
