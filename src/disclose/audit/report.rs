//! What the attacker found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::stats::bounds::{Proof, Range};

/// Outcome of one attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It found nothing.
    Held,
    /// It is said and not judged.
    Noted,
    /// It found what must not be found.
    Broken,
}

/// One attack and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditCheck {
    /// Name of the attack.
    pub name: &'static str,
    /// Outcome.
    pub verdict: Verdict,
    /// How often it was tried.
    pub tried: u64,
    /// How often it found something.
    pub found: u64,
    /// What it found, a line each; the first few of them.
    pub words: Vec<String>,
}

/// Lines that a check keeps.
const KEPT: usize = 20;

impl AuditCheck {
    /// An attack that has not begun.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, verdict: Verdict::Held, tried: 0, found: 0, words: Vec::new() }
    }

    /// Notes one try without a finding.
    pub const fn try_one(&mut self) {
        self.tried += 1;
    }

    /// Notes a finding in words: keys and bounds that follow from public files, nothing else.
    pub fn break_by(&mut self, words: impl FnOnce() -> String) {
        self.verdict = Verdict::Broken;
        self.found += 1;
        if self.words.len() < KEPT {
            self.words.push(words());
        }
    }

    /// Notes something that is said and not judged.
    pub fn note(&mut self, words: impl FnOnce() -> String) {
        self.verdict = self.verdict.max(Verdict::Noted);
        if self.words.len() < KEPT {
            self.words.push(words());
        }
    }

    /// Takes over what another part of the same attack found.
    pub fn merge(&mut self, other: Self) {
        self.verdict = self.verdict.max(other.verdict);
        self.tried += other.tried;
        self.found += other.found;
        let left = KEPT.saturating_sub(self.words.len());
        self.words.extend(other.words.into_iter().take(left));
    }
}

/// A count of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Valid answers.
    N,
    /// Answers yes.
    Yes,
    /// Answers no.
    No,
}

impl Quantity {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::N => "n",
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// A withheld figure of which too much is proven.
#[derive(Clone, Debug, PartialEq)]
pub struct Narrow {
    /// Its key.
    pub figure: String,
    /// Why it is withheld, as the release says.
    pub reason: String,
    /// Which count.
    pub quantity: Quantity,
    /// The interval that follows from public files.
    pub range: Range,
    /// The width that it must have.
    pub need: f64,
    /// What the proof rests on.
    pub proof: Proof,
}

/// Withheld figures of one reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReasonTally {
    /// All of them.
    pub figures: u64,
    /// Those whose reason is one of disclosure.
    pub judged: u64,
    /// Those of which too much is proven.
    pub narrow: u64,
}

/// Withheld figures by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By reason.
    pub reasons: BTreeMap<String, ReasonTally>,
}

impl Tally {
    /// Adds the figures of another group.
    pub fn merge(&mut self, other: Self) {
        for (reason, own) in other.reasons {
            let sum = self.reasons.entry(reason).or_default();
            sum.figures += own.figures;
            sum.judged += own.judged;
            sum.narrow += own.narrow;
        }
    }
}

/// What the attacker found in a release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditReport {
    /// Id of the release.
    pub release: String,
    /// By what it was judged.
    pub policy: String,
    /// Withheld figures by reason.
    pub tally: Tally,
    /// The attacks.
    pub checks: Vec<AuditCheck>,
    /// Withheld figures of which too much is proven, the narrowest first.
    pub narrow: Vec<Narrow>,
}

impl AuditReport {
    /// Whether an attack found what must not be found.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Broken)
    }

    /// The attacks that found what must not be found, with how often.
    pub fn broken(&self) -> impl Iterator<Item = (&str, u64)> {
        let broken = self.checks.iter().filter(|check| check.verdict == Verdict::Broken);
        broken.map(|check| (check.name, check.found))
    }

    /// The outcome of an attack, by name.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&AuditCheck> {
        self.checks.iter().find(|check| check.name == name)
    }

    /// The report in words, with so many of the narrow figures.
    ///
    /// It says what follows from public files. It is confidential: it says it to whoever does not know how.
    #[must_use]
    pub fn show(&self, rows: usize) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "release {}", self.release);
        let _ = writeln!(text, "policy {}", self.policy);
        for (reason, own) in &self.tally.reasons {
            let reason = if reason.is_empty() { "without a reason" } else { reason };
            let judged = if own.judged < own.figures {
                format!(", {} not judged", own.figures - own.judged)
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "withheld {reason}: {} figures, {} within bounds too narrow{judged}",
                own.figures, own.narrow
            );
        }
        for check in &self.checks {
            let verdict = match check.verdict {
                Verdict::Held => "held",
                Verdict::Noted => "noted",
                Verdict::Broken => "BROKEN",
            };
            let _ = writeln!(text, "{:<12} {verdict}: {} tried, {} found", check.name, check.tried, check.found);
            for words in check.words.iter().take(rows) {
                let _ = writeln!(text, "             {words}");
            }
        }
        for own in self.narrow.iter().take(rows) {
            let Range { lower, upper } = own.range;
            let how = match own.proof {
                Proof::Equations => "sums",
                _ => "linear program",
            };
            let _ = writeln!(
                text,
                "{} ({}): {} in [{}, {}], {how}; must be {} wide",
                own.figure,
                if own.reason.is_empty() { "no reason" } else { &own.reason },
                own.quantity.as_str(),
                rounded(lower),
                rounded(upper),
                own.need
            );
        }
        if self.narrow.len() > rows {
            let _ = writeln!(text, "… and {} more; --rows N shows more", self.narrow.len() - rows);
        }
        text
    }
}

/// A bound to two digits, without a minus before zero.
fn rounded(bound: f64) -> f64 {
    (bound * 100.0).round() / 100.0 + 0.0
}
