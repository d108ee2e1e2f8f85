//! Layer 0: the words of the field as types.
//!
//! Everything here is a closed vocabulary or a small value with its unit. No I/O, no data frame, nothing of a stage.

#[macro_use]
mod words;
mod design;
mod disclosure;
mod figure;
mod hash;
mod level;
mod memory;
mod period;
mod region;
mod shape;
mod test;

pub use design::{Audience, DegreesOfFreedom, SinglePsu};
pub use disclosure::{Complementary, HiddenColumn, ReasonsSaid};
pub use figure::{IntervalMethod, Method, Reason, Sample, Statistic, Status, Unit};
pub use hash::hex;
pub use level::Level;
pub use memory::{Digest, Forgetful, Memory};
pub use period::Period;
pub use region::{RegionCode, RegionCodeError};
pub use shape::Shape;
pub use test::{Adjustment, Family, Favourable, Reference, Reliability, Test, Verdict};
