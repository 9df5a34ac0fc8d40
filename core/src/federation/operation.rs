//! What one operation says, apart from where it stands in the log.

use jiff::Timestamp;

use crate::catalog::Record;
use crate::federation::{Ancestry, Position};
use crate::id::{AgencyId, Hash, Kind, LocalId};

/// Where an operation stands: who signed it and its place in that agency's log. Needed before
/// anything the operation says is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The agency that claims to have signed it.
    pub agency: AgencyId,
    /// Its place in the log.
    pub position: Position,
}

/// What an operation does to a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What the record is.
    pub kind: Kind,
    /// Its id at the agency.
    pub id: LocalId,
    /// The record's current operation when the node made this one; `None`: it was new.
    pub base: Option<Hash>,
    /// When the node made it.
    pub made_at: Timestamp,
    /// The record as it shall be; `None` removes it.
    pub record: Option<Record>,
    /// Of a removal: true deletes the record for good (R9), false withdraws it.
    pub for_good: bool,
    /// Earlier operations of the record that its author knew.
    pub ancestors: Ancestry,
}
