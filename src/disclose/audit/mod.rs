//! The attacker: what can be derived about withheld figures from what is published, and nothing else.
//!
//! `figure` is what a reader sees, `sums` which figures add up to which, `system` what that says about counts, `attack` the verdict per
//! withheld figure; `inversion` goes from reliability back to n, `scan` looks at what is shown, `against` at two releases side by side,
//! `compared` at differences; `report` says what was found. Nothing here knows how figures were protected: this room judges the others, and
//! shares no code with them.

mod against;
mod attack;
mod compared;
mod figure;
mod inversion;
mod memory;
mod policy;
mod recodes;
mod report;
mod scale;
mod scan;
mod sums;
mod system;

pub use against::{Joined, changed, join};
pub use attack::{Attacked, attack};
pub use compared::{ComparedSeen, DerivedSeen, compared, derived};
pub use figure::{Geography, GroupKey, GroupSeen, NodeSeen, RegionSeen, Seen, SeenStatus};
pub use inversion::{integers, inversion, precision};
pub use memory::attack_remembering;
pub use policy::{AuditPolicy, FloorSeen, PrecisionSeen};
pub use report::{AuditCheck, AuditReport, Narrow, Quantity, Tally, Verdict};
pub use scale::{scale, scales};
pub use scan::{reasons, scan};
pub use sums::{Kind, Sum, sums};
