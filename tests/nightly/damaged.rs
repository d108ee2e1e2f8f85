//! Damaged releases and damaged moments, from fixed seeds: no panic, no hang, and no more memory than what is there explains.
//!
//! The definitions and the CSV reader have their hunt in `tests/cli/broken.rs`. What found something stays in `tests/data/damaged`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use wijkpeil::plan::MomentsFile;
use wijkpeil::publish::{WhyQuery, diff, open_sealed, shown, verify, why};

use super::rounds;
use crate::cli::support::{copy, files_under, root, wijkpeil_in};

struct Damage(ChaCha8Rng);

impl Damage {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u64() % bound.max(1) as u64).unwrap()
    }

    fn of(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => bytes[at] = 0xff,
                2 => {
                    let end = bytes.len().min(at + 1 + self.below(64));
                    drop(bytes.drain(at..end));
                }
                3 => {
                    let end = bytes.len().min(at + 1 + self.below(64));
                    let twice = bytes[at..end].to_vec();
                    bytes.splice(at..at, twice);
                }
                _ => bytes[at] ^= 1 << self.below(8),
            }
            if bytes.is_empty() {
                return;
            }
        }
    }
}

/// Everything that reads a release, asked of one that may be damaged in whatever way.
fn read(release: &Path, sound: &Path) {
    let query = |parameter: &str, region: &str| WhyQuery {
        parameter: parameter.to_owned(),
        region: region.to_owned(),
        period: "2022".to_owned(),
        dimension: "total".to_owned(),
        category: "total".to_owned(),
    };
    let _ = verify(release);
    let _ = why(release, &query("lonely", "GM9001"));
    let _ = diff(release, sound);
    let _ = diff(sound, release);
    let _ = shown(release);
}

#[test]
fn a_damaged_release_is_a_fault_and_never_a_panic() {
    let sound = root().join("tests/data/old-release/schema-1/published");
    let place = tempfile::tempdir().unwrap();
    let names: Vec<String> = files_under(&sound).into_keys().collect();
    let mut panicked = Vec::new();
    for seed in 0..rounds(150, 5000) as u64 {
        let mut damage = Damage(ChaCha8Rng::seed_from_u64(seed));
        let release = place.path().join("release");
        copy(&sound, &release);
        // One file in two is a table of figures, where there is most to go wrong.
        let figures: Vec<&String> = names.iter().filter(|name| name.starts_with("figures/")).collect();
        let name = if seed % 2 == 0 { figures[damage.below(figures.len())] } else { &names[damage.below(names.len())] };
        let mut bytes = std::fs::read(release.join(name)).unwrap();
        damage.of(&mut bytes);
        std::fs::write(release.join(name), &bytes).unwrap();
        if catch_unwind(AssertUnwindSafe(|| read(&release, &sound))).is_err() {
            panicked.push((seed, name.clone()));
        } else if std::fs::read(sound.join(name)).unwrap() != bytes {
            let faults = verify(&release).map(|report| report.faults.len()).unwrap_or(1);
            assert!(faults > 0, "seed {seed}: damage in {name} is not seen");
        }
    }
    assert!(panicked.is_empty(), "{panicked:?}");
}

#[test]
fn damaged_moments_are_refused_and_never_a_panic() {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("tests/data/good"), &place.path().join("good"));
    wijkpeil_in(&place.path().join("good"), &["tally", "pipeline.toml", "--to", "../a.moments"]).exits(0);
    let sealed = place.path().join("a.moments");
    let whole = open_sealed(&sealed).unwrap().unwrap();
    let file = MomentsFile::from_bytes(&whole).unwrap();
    assert_eq!(file.to_bytes(), whole, "what is read is what was written");
    let mut refused = 0;
    // Past the seal, as if its hash had been made again: what then comes out must hang together, or be refused.
    for seed in 0..rounds(4000, 400_000) as u64 {
        let mut damage = Damage(ChaCha8Rng::seed_from_u64(seed));
        let mut bytes = whole.clone();
        damage.of(&mut bytes);
        match MomentsFile::from_bytes(&bytes) {
            Ok(file) => drop(file.to_bytes()),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
    for cut in 0..whole.len() {
        assert!(MomentsFile::from_bytes(&whole[..cut]).is_err(), "cut at {cut}");
    }
}
