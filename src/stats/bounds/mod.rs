//! What a system of sums says about unknown counts: the bounds that an attacker can prove.
//!
//! Counts stand in boxes [lower, upper] and obey equations Σ aᵢ·xᵢ = b: a region is the sum of its parts, a total that of its categories,
//! n that of yes and no. The exact bounds of a count are the minimum and maximum of a linear program over all of them
//! (Fischetti and Salazar, *Management Science* 47 (2001), 1008-1027, section 2, the attacker's problems). A national release has a
//! million counts, so the program is the last of three steps:
//!
//! 1. [`propagate`]: bounds of each equation by themselves, until nothing moves. Never narrower than the exact bounds: what is too narrow
//!    here is proven.
//! 2. [`Point`] and [`exchange`]: a point that obeys everything, and directions along which it can move. Never wider than the exact bounds:
//!    what is wide enough here is safe.
//! 3. [`program`]: for what is left the linear program of a neighbourhood, with what lies outside it once held fast (a bound from
//!    inside) and once left free within its box (a bound from outside), growing until one of them decides.

mod exchange;
mod neighbourhood;
mod point;
mod program;
mod propagate;
mod prove;
mod rank;
mod system;

pub use exchange::{Exchange, exchange};
pub use point::Point;
pub use program::{Program, ProgramError};
pub use propagate::{Contradiction, propagate};
pub use prove::{Proof, Proven, prove};
pub use rank::determined;
pub use system::{Range, System};

#[cfg(test)]
mod tests;
