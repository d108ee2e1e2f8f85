//! What a run may remember of an earlier one: results of pure functions, by the digest of everything that went in.

/// SHA-256 of everything that a result follows from.
pub type Digest = [u8; 32];

/// Results of an earlier run. Whoever asks works out the result where there is none, so that all of it may be forgotten at any time.
pub trait Memory: Sync + std::fmt::Debug {
    /// The result of these inputs, where it is known.
    fn recall(&self, of: &Digest) -> Option<Vec<u8>>;
    /// Keeps the result of these inputs.
    fn keep(&self, of: &Digest, result: &[u8]);
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self, _: &Digest) -> Option<Vec<u8>> {
        None
    }

    fn keep(&self, _: &Digest, _: &[u8]) {}
}
