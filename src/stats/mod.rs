//! Layer 2: pure arithmetic. No data frame, no I/O, no definition; formulas with their source.

pub mod count;
pub mod fixed;
pub mod interval;
pub mod quantile;
pub mod variance;

pub use interval::{Interval, Limits, NoInterval, mean_interval, share_interval, upper_quantiles};
pub use variance::{DesignVariance, StratumDesign, SumsOfSquares};
