//! Streams between nodes and the directory: messages in order each way, until they break; what was sent before the
//! break may still arrive at the directory, after a newer stream has begun.

use std::collections::VecDeque;

use referral_core::id::{AgencyId, Hash};
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

/// One stream.
#[derive(Debug)]
pub(super) struct Stream {
    /// The node that opened it.
    pub(super) node: usize,
    /// What its certificate says.
    pub(super) agency: AgencyId,
    /// The hash of its TLS key.
    pub(super) key: Hash,
    pub(super) up: VecDeque<Up>,
    pub(super) down: VecDeque<Down>,
    /// The session at the directory, once there is one.
    pub(super) session: Option<u64>,
    /// False once the node has let go of it.
    pub(super) near: bool,
    /// False once the directory has.
    pub(super) far: bool,
}

impl Stream {
    pub(super) fn new(node: usize, agency: AgencyId, key: Hash, hello: Up) -> Self {
        Self {
            node,
            agency,
            key,
            up: VecDeque::from([hello]),
            down: VecDeque::new(),
            session: None,
            near: true,
            far: true,
        }
    }

    /// The connection breaks: what is on its way down is lost; what is on its way up may arrive, late.
    pub(super) fn break_off(&mut self, arrives: usize) {
        self.near = false;
        self.down.clear();
        self.up.truncate(arrives);
    }
}
