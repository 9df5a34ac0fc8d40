//! Waiting until the directory has acknowledged something. Callers set the deadline (R19): what is not acknowledged
//! by then stays queued, and the status says since when.

use referral_core::federation::Epoch;

use super::{Node, Progress};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The operation with this sequence number of an epoch. When a new epoch has begun: everything, because
    /// what waited is queued again under other numbers.
    Operation(Epoch, u64),
    /// The capacity report with this counter of an epoch; likewise.
    Report(Epoch, u64),
    /// Everything that is queued.
    All,
}

impl Awaited {
    /// Whether the directory has acknowledged it.
    #[must_use]
    pub fn is_in(self, progress: &Progress) -> bool {
        match self {
            Self::Operation(epoch, seq) if epoch == progress.epoch => progress.acknowledged >= seq,
            Self::Report(epoch, cseq) if epoch == progress.epoch => {
                progress.reports_acknowledged >= cseq
            }
            Self::Operation(..) | Self::Report(..) | Self::All => progress.is_complete(),
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
