//! What every step of a conversion needs to know.

use std::collections::HashSet;

use jiff::Timestamp;

use super::graph::{Graph, Ref};
use crate::id::AgencyId;
use crate::places::Places;
use crate::text::Name;

/// What every step of a conversion needs to know.
pub(super) struct Context<'a> {
    pub(super) graph: &'a Graph,
    pub(super) agency: &'a AgencyId,
    pub(super) map: &'a dyn Places,
    /// The file or directory, as the publisher calls it.
    pub(super) source: Option<Name>,
    pub(super) now: Timestamp,
    /// Objects that are kept back.
    pub(super) withheld: HashSet<Ref>,
}

impl Context<'_> {
    /// True when the object is there and not kept back.
    pub(super) fn is_published(&self, object: &Ref) -> bool {
        self.graph.row(object).is_some() && !self.withheld.contains(object)
    }
}
