//! Decisions about a system that was protected before.
//!
//! [`protect`] is a function of the system, the floor and the protection, and of nothing else. A night in which the answers of a series did not change
//! asks for the same system again.

use sha2::{Digest as _, Sha256};

use super::{Node, Place, Protected, System, SystemCell, protect};
use crate::declare::{Floor, Protection};
use crate::vocab::{Digest, Memory};

/// [`protect`], unless the decisions about the very same system are remembered.
#[must_use]
pub fn protect_remembering(
    system: &mut System,
    floor: Floor,
    protection: Protection,
    memory: &dyn Memory,
) -> Protected {
    let digest = system.digest(floor, protection);
    if let Some(found) = memory.recall(&digest).and_then(|bytes| system.decide(&bytes)) {
        return found;
    }
    let found = protect(system, floor, protection);
    memory.keep(&digest, &system.decisions(found));
    found
}

/// The three numbers of [`Protected`] before the cells.
const HEAD: usize = 24;

impl System {
    /// Digest of everything that the decisions follow from.
    fn digest(&self, floor: Floor, protection: Protection) -> Digest {
        // Whole: a field that is added and not hashed would let another system pass for this one.
        let Self { places, nodes, cells, share, splits, children, finest: _ } = self;
        let mut bytes: Vec<u8> = Vec::with_capacity(cells.len() * 24 + 4096);
        let mut number = |value: usize| bytes.extend((value as u64).to_le_bytes());
        number(places.len());
        for Place { parent, level } in places {
            number(parent.map_or(0, |parent| parent + 1));
            number(*level);
        }
        number(nodes.len());
        for Node { values } in nodes {
            number(values.len());
            for value in values {
                number(usize::from(value.is_some()));
                number(value.unwrap_or(0) as usize);
            }
        }
        // What follows from places, nodes and the breakdowns.
        for (whole, parts) in splits {
            number(*whole);
            number(parts.len());
            parts.iter().for_each(|part| number(*part));
        }
        number(children.iter().map(Vec::len).sum());
        number(usize::from(*share));
        for cell in cells {
            let SystemCell { there, answers, few, primary, known, room, complementary, of_numbers, proven } = cell;
            let [valid, yes, no] = *proven;
            let flags = [*there, *few, *primary, *known, *complementary, *of_numbers, valid, yes, no];
            bytes.extend(flags.iter().fold(0_u16, |all, own| (all << 1) | u16::from(*own)).to_le_bytes());
            answers.iter().chain(room).for_each(|count| bytes.extend(count.to_le_bytes()));
        }
        let mut hash = Sha256::new();
        hash.update(format!("protect {floor:?} {protection:?}\n"));
        hash.update(&bytes);
        hash.finalize().into()
    }

    /// What was decided about the cells, as bytes.
    fn decisions(&self, found: Protected) -> Vec<u8> {
        let Protected { complementary, wider, bare } = found;
        let mut bytes: Vec<u8> = Vec::with_capacity(HEAD + self.cells.len());
        [complementary, wider, bare].iter().for_each(|count| bytes.extend((*count as u64).to_le_bytes()));
        let of_cell = |cell: &SystemCell| u8::from(cell.complementary) | (u8::from(cell.of_numbers) << 1);
        // Four cells a byte.
        bytes
            .extend(self.cells.chunks(4).map(|four| four.iter().rev().fold(0, |all, cell| (all << 2) | of_cell(cell))));
        bytes
    }

    /// Decides about the cells as it was decided before; `None`, and no cell is touched, where the bytes are not those of this system.
    fn decide(&mut self, bytes: &[u8]) -> Option<Protected> {
        let (head, of_cells) = bytes.split_at_checked(HEAD)?;
        if of_cells.len() != self.cells.len().div_ceil(4) {
            return None;
        }
        let mut counts = head.chunks_exact(8).map(|own| {
            let own: [u8; 8] = own.try_into().ok()?;
            usize::try_from(u64::from_le_bytes(own)).ok()
        });
        let found = Protected { complementary: counts.next()??, wider: counts.next()??, bare: counts.next()?? };
        for (at, cell) in self.cells.iter_mut().enumerate() {
            let own = of_cells[at / 4] >> (2 * (at % 4));
            cell.complementary = own & 1 != 0;
            cell.of_numbers = own & 2 != 0;
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::super::Breakdown;
    use super::*;

    /// A memory that counts what it was asked for in vain.
    #[derive(Debug, Default)]
    struct Notes {
        kept: Mutex<BTreeMap<Digest, Vec<u8>>>,
        missed: Mutex<usize>,
    }

    impl Memory for Notes {
        fn recall(&self, of: &Digest) -> Option<Vec<u8>> {
            let found = self.kept.lock().unwrap().get(of).cloned();
            *self.missed.lock().unwrap() += usize::from(found.is_none());
            found
        }

        fn keep(&self, of: &Digest, result: &[u8]) {
            self.kept.lock().unwrap().insert(*of, result.to_vec());
        }
    }

    const FLOOR: Floor =
        Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };

    /// A gemeente with five wijken and two sexes; one cell is below the floor.
    fn system(yes: u32) -> System {
        let places = (0..6).map(|at| Place { parent: (at > 0).then_some(0), level: usize::from(at > 0) }).collect();
        let nodes: Vec<Node> = [None, Some(1), Some(2)].map(|value| Node { values: vec![value] }).into();
        let breakdowns = [Breakdown { nodes: vec![0] }, Breakdown { nodes: vec![1, 2] }];
        let one = [[20, 10], [yes, 60], [50, 60], [70, 80], [90, 100]];
        let two = [[40, 90], [60, 70], [80, 90], [100, 110], [120, 130]];
        let mut cells = Vec::new();
        let add = |a: [u32; 2], b: [u32; 2]| [a[0] + b[0], a[1] + b[1]];
        let sum = |list: &[[u32; 2]]| list.iter().fold([0, 0], |all, own| add(all, *own));
        for (first, second) in std::iter::once((sum(&one), sum(&two))).chain(one.into_iter().zip(two)) {
            for answers in [add(first, second), first, second] {
                let mut cell = SystemCell::new(answers);
                cell.few = cell.n() < 50;
                cells.push(cell);
            }
        }
        System::new(places, nodes, &breakdowns, cells, true)
    }

    fn protection() -> Protection {
        super::super::tests::protection()
    }

    #[test]
    fn what_is_remembered_is_what_was_decided() {
        let notes = Notes::default();
        let (mut first, mut second) = (system(40), system(40));
        let found = protect_remembering(&mut first, FLOOR, protection(), &notes);
        assert!(found.complementary > 0);
        assert_eq!(protect_remembering(&mut second, FLOOR, protection(), &notes), found);
        assert_eq!(*notes.missed.lock().unwrap(), 1);
        let decided = |system: &System| {
            system.cells().iter().map(|cell| (cell.is_withheld(), cell.hides_n())).collect::<Vec<_>>()
        };
        assert_eq!(decided(&first), decided(&second));
        let mut plain = system(40);
        assert_eq!(protect(&mut plain, FLOOR, protection()), found);
        assert_eq!(decided(&plain), decided(&first));
    }

    #[test]
    fn one_answer_more_or_another_rule_is_another_system() {
        let digest = |system: &System, floor| system.digest(floor, protection());
        let own = digest(&system(40), FLOOR);
        assert_ne!(digest(&system(41), FLOOR), own);
        assert_ne!(digest(&system(40), Floor { minimum_answer: 6, ..FLOOR }), own);
        for change in [
            |cell: &mut SystemCell| cell.known = true,
            |cell: &mut SystemCell| cell.primary = true,
            |cell: &mut SystemCell| cell.there = false,
            |cell: &mut SystemCell| cell.room = [1, 1],
        ] {
            let mut other = system(40);
            change(&mut other.cells[4]);
            assert_ne!(digest(&other, FLOOR), own);
        }
    }

    #[test]
    fn bytes_of_another_system_are_as_good_as_nothing() {
        let mut own = system(40);
        let found = protect(&mut own, FLOOR, protection());
        let bytes = own.decisions(found);
        for wrong in [&bytes[..HEAD - 1], &bytes[..bytes.len() - 1], &[bytes.clone(), vec![0]].concat()] {
            let mut fresh = system(40);
            assert_eq!(fresh.decide(wrong), None);
            assert_eq!(fresh, system(40));
        }
    }
}
