//! What a run says while it works.

/// Receives the progress of a run. Called from several threads.
pub trait Progress: Sync {
    /// A stage begins; `total` is its amount of work in `unit`, where known.
    fn begin(&self, stage: &'static str, total: Option<u64>, unit: &'static str);
    /// Work done since the last call.
    fn advance(&self, amount: u64);
    /// The stage ends; `done` says what it did, without answers or small counts.
    fn end(&self, done: &str);
    /// Something to know between two stages; nothing that has to be done.
    fn note(&self, _text: &str) {}
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: Option<u64>, _: &'static str) {}
    fn advance(&self, _: u64) {}
    fn end(&self, _: &str) {}
}
