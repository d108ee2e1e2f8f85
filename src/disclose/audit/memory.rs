//! Groups of figures in which an earlier run found nothing.
//!
//! [`attack`] is a function of the geography, the figures of a group and the policy. A night in which the figures of a group did not change asks about
//! the same group again.

use sha2::{Digest as _, Sha256};

use super::{Attacked, AuditPolicy, Geography, GroupSeen, Seen, SeenStatus, attack};
use crate::stats::bounds::Range;
use crate::vocab::{Digest, Memory};

/// [`attack`], unless nothing was found before in the very same figures: then nothing is found now either, and the counts of what was looked at stay empty.
#[must_use]
pub fn attack_remembering(
    (geography, of_geography): (&Geography, &Digest),
    group: &GroupSeen,
    policy: &AuditPolicy,
    memory: &dyn Memory,
) -> Attacked {
    let digest = group.digest(of_geography, policy);
    if memory.recall(&digest).is_some() {
        return Attacked::default();
    }
    let found = attack(geography, group, policy);
    if found.narrow.is_empty() && found.determined.is_empty() {
        memory.keep(&digest, &[]);
    }
    found
}

impl Geography {
    /// Digest of its regions and cells with their places.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Sha256::digest(format!("{self:?}")).into()
    }
}

impl GroupSeen {
    /// Digest of everything that an attack on the group follows from.
    fn digest(&self, geography: &Digest, policy: &AuditPolicy) -> Digest {
        // Whole: a field that is added and not hashed would let other figures pass for these.
        let Self { key, share, reasons: _, figures } = self;
        let mut bytes: Vec<u8> = Vec::with_capacity(figures.len() * 64);
        for figure in figures {
            let Seen { region, node, status, value, se, limits, n, n_class, n_effective, deff, df, has_number } =
                figure;
            bytes.extend(region.to_le_bytes());
            bytes.extend(node.to_le_bytes());
            let status = match status {
                SeenStatus::Shown => 0,
                SeenStatus::Withheld(_) => 1,
                SeenStatus::Absent => 2,
            };
            bytes.extend([status, u8::from(*has_number)]);
            // By its word: where it stands in the list follows from other groups.
            let reason = self.reason(figure);
            bytes.extend((reason.len() as u64).to_le_bytes());
            bytes.extend(reason.as_bytes());
            let mut open = |number: Option<[u8; 8]>| match number {
                Some(own) => {
                    bytes.push(1);
                    bytes.extend(own);
                }
                None => bytes.push(0),
            };
            let (lower, upper) = (limits.map(|own| own.0), limits.map(|own| own.1));
            let (least, most) = match n_class {
                Some(Range { lower, upper }) => (Some(*lower), Some(*upper)),
                None => (None, None),
            };
            for number in [*value, *se, lower, upper, least, most, *n_effective, *deff] {
                open(number.map(|own| own.to_bits().to_le_bytes()));
            }
            [*n, *df].into_iter().for_each(|count| open(count.map(i64::to_le_bytes)));
        }
        let mut hash = Sha256::new();
        hash.update(format!("attack {policy:?} {key:?} {share}\n"));
        hash.update(geography);
        hash.update(&bytes);
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::*;
    use crate::disclose::audit::{GroupKey, NodeSeen, RegionSeen};

    #[derive(Debug, Default)]
    struct Notes(Mutex<BTreeSet<Digest>>);

    impl Memory for Notes {
        fn recall(&self, of: &Digest) -> Option<Vec<u8>> {
            self.0.lock().unwrap().contains(of).then(Vec::new)
        }

        fn keep(&self, of: &Digest, _: &[u8]) {
            self.0.lock().unwrap().insert(*of);
        }
    }

    /// A gemeente and its wijken, of which some are withheld; n of the others.
    fn release(wijken: &[Option<i64>], all: i64) -> (Geography, GroupSeen) {
        let region = |code: &str, level: &str, parent| RegionSeen {
            code: code.to_owned(),
            year: 2022,
            level: level.to_owned(),
            parent,
            predecessors: Vec::new(),
        };
        let mut geography = Geography {
            regions: vec![region("GM0001", "gemeente", None)],
            nodes: vec![NodeSeen::new("total", "total")],
        };
        geography.regions.extend((0..wijken.len()).map(|at| region(&format!("WK00010{at}"), "wijk", Some(0))));
        let seen = |region: usize, n: Option<i64>| Seen {
            region: region as u32,
            node: 0,
            status: if n.is_some() { SeenStatus::Shown } else { SeenStatus::Withheld(0) },
            value: n.map(|_| 0.5),
            se: None,
            limits: None,
            n,
            n_class: None,
            n_effective: None,
            deff: None,
            df: None,
            has_number: n.is_some(),
        };
        let mut figures = vec![seen(0, Some(all))];
        figures.extend(wijken.iter().enumerate().map(|(at, n)| seen(at + 1, *n)));
        let key = GroupKey {
            parameter: "lonely".to_owned(),
            collection: "gmvo".to_owned(),
            period: "2022".to_owned(),
            source: "monitor".to_owned(),
            variant: String::new(),
        };
        (geography, GroupSeen { key, share: true, reasons: vec!["min_n".to_owned()], figures })
    }

    fn ask(release: &(Geography, GroupSeen), notes: &Notes) -> Attacked {
        let policy = AuditPolicy { quick: true, ..AuditPolicy::assumed(false) };
        attack_remembering((&release.0, &release.0.digest()), &release.1, &policy, notes)
    }

    #[test]
    fn what_was_clean_is_not_attacked_again_and_what_was_not_always_is() {
        let notes = Notes::default();
        // 300 of 1000 are missing, in three wijken: open.
        let clean = release(&[Some(400), Some(300), None, None, None], 1000);
        assert!(ask(&clean, &notes).tally.reasons.contains_key("min_n"));
        assert_eq!(ask(&clean, &notes), Attacked::default());
        // One wijk is the difference of the others.
        let broken = release(&[Some(400), Some(580), None], 1000);
        for _ in 0..2 {
            assert!(!ask(&broken, &notes).narrow.is_empty());
        }
        assert_eq!(notes.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn every_figure_counts() {
        let notes = Notes::default();
        let clean = release(&[Some(400), Some(300), None, None], 1000);
        let _ = ask(&clean, &notes);
        // The same places, one person more in a wijk.
        let other = release(&[Some(401), Some(300), None, None], 1000);
        assert!(ask(&other, &notes) != Attacked::default());
        let mut other = clean.clone();
        other.0.regions[4].parent = None;
        assert!(ask(&other, &notes) != Attacked::default());
        let mut other = clean;
        other.1.reasons = vec!["complementary".to_owned()];
        assert!(ask(&other, &notes) != Attacked::default());
    }
}
