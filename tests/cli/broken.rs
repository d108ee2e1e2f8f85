//! Random damage: whatever a file holds, the program ends with a documented exit code and never with a panic.
//!
//! The seeds are fixed, so a failure comes back. `WIJKPEIL_BROKEN=5000 cargo test broken` hunts longer.

use std::collections::BTreeSet;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::support::{copy, root, wijkpeil_in};

fn rounds(usual: u64) -> u64 {
    std::env::var("WIJKPEIL_BROKEN").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

struct Damage(ChaCha8Rng);

impl Damage {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u64() % bound.max(1) as u64).unwrap()
    }

    /// One change, now and then some more: a byte, a stretch away, doubled or moved, the end off, a telling text put in.
    fn of(&mut self, bytes: &[u8], texts: &[&[u8]]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let more = if self.below(3) == 0 { self.below(4) } else { 0 };
        for _ in 0..=more {
            let at = self.below(bytes.len() + 1);
            let end = bytes.len().min(at + 1 + self.below(40));
            match self.below(7) {
                0 if at < bytes.len() => bytes[at] = self.0.next_u32() as u8,
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let stretch = bytes[at..end].to_vec();
                    bytes.splice(at..at, stretch);
                }
                3 => {
                    let stretch: Vec<u8> = bytes.drain(at..end).collect();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, stretch);
                }
                4 if self.below(4) == 0 => bytes.truncate(at),
                5 if self.below(20) == 0 => bytes.iter_mut().for_each(|byte| *byte = self.0.next_u32() as u8),
                _ => {
                    let text = texts[self.below(texts.len())];
                    bytes.splice(at..at, text.iter().copied());
                }
            }
        }
        bytes
    }
}

const TOML: [&[u8]; 24] = [
    b"\"",
    b"'",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"{",
    b"}",
    b"=",
    b".",
    b"#",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\"\"\"",
    b"-9223372036854775808",
    b"1e999",
    b"nan",
    b"0x7fffffffffffffff",
    b"\"\"",
    "é".as_bytes(),
    b"\\u0000",
    b"\xef\xbb\xbf",
];

const CSV: [&[u8]; 24] = [
    b"\"",
    b";",
    b",",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    "é".as_bytes(),
    "\u{a0}".as_bytes(),
    b"-",
    b"1e308",
    b"99999999999999999999",
    b"0.0000000000001",
    b"1,5",
    b"GM",
    b"WK9001",
    b"BU90010101",
    b"\xef\xbb\xbf",
    b"#NULL!",
    b"9001",
    b"\"\"",
];

/// Done, definitions, source data, gate, output: the ends that broken inputs may have. A lock is nowhere held.
#[track_caller]
fn ends_well(folder: &Path, arguments: &[&str], what: &str) -> i32 {
    let said = wijkpeil_in(folder, arguments);
    let documented = [0, 10, 11, 12].contains(&said.exit);
    let silent = said.exit != 0 && !said.err.contains("error[");
    if !documented || silent {
        let kept = std::env::temp_dir().join(format!("wijkpeil-broken-{}", what.replace([' ', '/'], "-")));
        copy(folder, &kept);
        panic!("{what}: exit {} of {arguments:?}, kept in {}\n{}", said.exit, kept.display(), said.err);
    }
    // Nothing half-written, whatever came.
    if folder.join("out/releases").exists() {
        for entry in std::fs::read_dir(folder.join("out/releases")).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(!name.to_string_lossy().starts_with('.'), "{what}: {name:?} is left");
        }
    }
    said.exit
}

/// Damages a file in every round and puts it back in the end. Some of the damage must be harmless and some found, or it is a test of
/// one stage only; in packed files all of it is found, because they carry a checksum.
fn damaged(folder: &Path, file: &str, texts: &[&[u8]], seed: u64, rounds: u64, arguments: &[&[&str]]) {
    let path = folder.join(file);
    let good = std::fs::read(&path).unwrap();
    let mut exits = BTreeSet::new();
    for round in 0..rounds {
        let mut damage = Damage(ChaCha8Rng::seed_from_u64(seed << 32 | round));
        std::fs::write(&path, damage.of(&good, texts)).unwrap();
        for arguments in arguments {
            exits.insert(ends_well(folder, arguments, &format!("{file} seed {seed} round {round}")));
        }
    }
    let packed = file.ends_with(".gz") || file.ends_with(".zip");
    assert!((packed || exits.contains(&0)) && exits.iter().any(|exit| *exit > 0), "{file}: {exits:?}");
    std::fs::write(&path, good).unwrap();
}

fn stage() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("tests/data/good"), place.path());
    for name in ["pipeline.toml", "published.toml"] {
        let path = place.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        // Rejects are let through, so that damage reaches the stages behind.
        std::fs::write(path, text.replace("../good/", "").replace("max-rejects = 0", "max-rejects = 99")).unwrap();
    }
    place
}

#[test]
fn damaged_definitions_end_with_a_documented_code() {
    let place = stage();
    let check: &[&[&str]] = &[&["check", "pipeline.toml"]];
    damaged(place.path(), "pipeline.toml", &TOML, 1, rounds(150), &[&["run", "pipeline.toml"]]);
    damaged(place.path(), "published.toml", &TOML, 2, rounds(100), &[&["run", "published.toml"]]);
    damaged(place.path(), "instruments/mood.toml", &TOML, 3, rounds(100), check);
    damaged(place.path(), "parameters/wellbeing.toml", &TOML, 4, rounds(100), check);
}

#[test]
fn damaged_data_end_with_a_documented_code() {
    let place = stage();
    let run: &[&[&str]] = &[&["run", "pipeline.toml", "--threads", "2"]];
    damaged(place.path(), "data/respondents.csv", &CSV, 5, rounds(200), run);
    damaged(place.path(), "data/regions.csv", &CSV, 6, rounds(100), run);
    damaged(place.path(), "data/published.csv", &CSV, 7, rounds(100), &[&["run", "published.toml"]]);
}

/// The sample as it is shipped: pins, ids, two weight sets, instruments of eleven items.
#[test]
fn damaged_samples_end_with_a_documented_code() {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("pipelines"), &place.path().join("pipelines"));
    copy(&root().join("sample-data"), &place.path().join("sample-data"));
    // The first rows are enough to break.
    let path = place.path().join("sample-data/gmvo-2022.csv");
    let bytes = std::fs::read(&path).unwrap();
    let end = bytes[..20_000].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    std::fs::write(&path, &bytes[..end]).unwrap();
    let run: &[&[&str]] = &[&["run", "pipelines/gmvo.toml"]];
    let check: &[&[&str]] = &[&["check", "pipelines/gmvo.toml"]];
    let published: &[&[&str]] = &[&["run", "pipelines/rivm-wijk.toml"]];
    damaged(place.path(), "pipelines/gmvo.toml", &TOML, 8, rounds(60), check);
    damaged(place.path(), "pipelines/instruments/djg11.toml", &TOML, 9, rounds(40), check);
    damaged(place.path(), "pipelines/rivm-wijk.toml", &TOML, 10, rounds(40), &[&["check", "pipelines/rivm-wijk.toml"]]);
    damaged(place.path(), "sample-data/gmvo-2022.csv", &CSV, 11, rounds(60), run);
    damaged(place.path(), "sample-data/regions-2022.csv", &CSV, 12, rounds(40), run);
    damaged(
        place.path(),
        "sample-data/rivm/50140NED_TypedDataSet_22092025_192544.csv",
        &CSV,
        13,
        rounds(40),
        published,
    );
}

/// Packed files with damage inside the packing.
#[test]
fn damaged_packing_ends_with_a_documented_code() {
    use std::io::Write;
    let place = stage();
    let text = std::fs::read(place.path().join("data/respondents.csv")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&text).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&text).unwrap();
    let pipeline = std::fs::read_to_string(place.path().join("pipeline.toml")).unwrap();
    for (seed, file, bytes) in
        [(14, "x.csv.gz", gzip.finish().unwrap()), (15, "x.zip", zip.finish().unwrap().into_inner())]
    {
        std::fs::write(place.path().join("data").join(file), bytes).unwrap();
        std::fs::write(place.path().join("pipeline.toml"), pipeline.replace("respondents.csv", file)).unwrap();
        damaged(place.path(), &format!("data/{file}"), &CSV, seed, rounds(60), &[&["run", "pipeline.toml"]]);
    }
}
