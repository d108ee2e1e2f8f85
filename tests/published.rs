//! Tables with a row per region: the real ones of the shared data, and small ones whose numbers are calculated by hand.

mod area_model;
mod linkage;
mod linked;
mod outcomes;
pub mod project;
mod real;
mod recode;
mod regions;
mod registers;
mod shapes;
mod synthetic;
mod wide;
