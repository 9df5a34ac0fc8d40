//! Waiting until the directory has acknowledged something. Callers set the deadline.

use super::{Node, Progress};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The operation with this sequence number.
    Operation(u64),
    /// The capacity report with this counter.
    Report(u64),
    /// Everything that is queued.
    All,
}

impl Awaited {
    /// Whether the directory has acknowledged it.
    #[must_use]
    pub fn is_in(self, progress: &Progress) -> bool {
        match self {
            Self::Operation(seq) => progress.acknowledged >= seq,
            Self::Report(cseq) => progress.reports_acknowledged >= cseq,
            Self::All => progress.is_complete(),
        }
    }
}

impl Node {
    /// Comes back once the directory has acknowledged it.
    pub async fn acknowledged(&self, awaited: Awaited) {
        let mut progress = self.progress();
        // The sender lives as long as this node.
        let _held = progress.wait_for(|progress| awaited.is_in(progress)).await;
    }
}
