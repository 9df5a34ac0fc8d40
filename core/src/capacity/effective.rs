//! Which report counts for a service at a location.

use crate::capacity::Held;

/// The report that counts for an offer, of the location's own and the service's: the location's own
/// unless the service's is newer, since a report about the whole service supersedes what its
/// locations said before.
#[must_use]
pub fn effective<'a>(own: Option<&'a Held>, service: Option<&'a Held>) -> Option<&'a Held> {
    match (own, service) {
        (Some(own), Some(service)) if service.order > own.order => Some(service),
        (own, service) => own.or(service),
    }
}
