//! Killed at random moments.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::place::Place;
use super::rounds;

/// The moments are drawn anew for every kill, from a fixed seed, over the life of a run as it was just measured.
#[test]
fn a_run_that_is_killed_at_any_moment_leaves_a_whole_release_and_no_lock() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let mut old = place.current();
    let mut dice = ChaCha8Rng::seed_from_u64(7);
    let (mut killed, mut after_the_end) = (0, 0);
    let mut life = Duration::from_millis(100);
    let wanted = rounds(12, 300);
    let mut night = 0;
    while killed < wanted {
        night += 1;
        place.another(&format!("Night {night}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
            .args(["run", "pipeline.toml", "--out", "out"])
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(life.mul_f64(f64::from(dice.next_u32()) / f64::from(u32::MAX)));
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            after_the_end += 1;
        } else {
            killed += 1;
        }
        let left = place.current();
        // The lock is free, and the next night makes the release or finds it made.
        let begun = Instant::now();
        let said = place.run(&[]).exits(0);
        let new = place.current();
        assert!(left == old || left == new, "night {night}: {left} is neither {old} nor {new}\n{}", said.err);
        assert_ne!(old, new);
        place.is_swept();
        if !said.err.contains("unchanged") {
            life = begun.elapsed();
        }
        old = new;
        assert!(night < wanted * 10, "too few runs live long enough to be killed");
    }
    println!("{killed} kills over a life of {life:?}, {after_the_end} runs were over before");
}
