//! Layer 2: pure arithmetic. No data frame, no I/O, no definition; formulas with their source.

pub mod adjust;
pub mod agreement;
pub mod bounds;
pub mod count;
pub mod fay_herriot;
pub mod fixed;
pub mod funnel;
pub mod inequality;
pub mod inequality_limits;
pub mod inequality_line;
pub mod inequality_survey;
pub mod interval;
pub mod model;
pub mod normal_pair;
pub mod normal_sum;
pub mod quantile;
pub mod quantile_group;
pub mod rank;
pub mod rao_scott;
pub mod reliability;
pub mod root;
pub mod standardise;
pub mod tail;
pub mod trend;
pub mod variance;

pub use interval::{Interval, Limits, NoInterval, mean_interval, share_interval, upper_quantiles};
pub use variance::{ClusterDesign, DesignVariance, StratumDesign, SumsOfSquares};
