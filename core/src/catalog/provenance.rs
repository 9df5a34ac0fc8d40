//! Where a record comes from and who may see it.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::text::Name;

/// Where a record comes from. Who published it and when is in the operation that carried it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The file or system it was read from, as the publisher names it.
    pub source: Option<Name>,
    /// The day a person last confirmed it (HSDS `assured_date`).
    pub assured_date: Option<Date>,
    /// When the publisher last changed it (HSDS `last_modified`).
    pub last_modified: Option<Timestamp>,
}

/// Who may see a listing or field; the stricter of the two counts. Which people those are:
/// [`crate::policy`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Anyone.
    #[default]
    Public,
    /// Any signed-in caseworker.
    Member,
    /// Named agencies or networks.
    Net,
    /// Shown after a recorded request.
    Ask,
    /// Counted for the task force, never shown.
    Seal,
}
