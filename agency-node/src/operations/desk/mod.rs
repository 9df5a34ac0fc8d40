//! What somebody sees and does on the agency's own page, as far as their account reaches.
//!
//! [`Node::desk`] gives a [`Desk`]. [`Desk::board`] is the list of services with what was said last of each and when
//! it goes stale; [`tap`] works out the one-tap changes; `change` makes them, confirms and takes back; `import`
//! takes a file in; `last` keeps the way back; `ageing` is what somebody should look over; `told` is what the directory said and shows. Everything here asks [`super::may`] first: what an
//! account does not reach is neither shown nor changed, and looks like what is not there.

mod ageing;
mod board;
mod change;
mod import;
mod last;
mod tap;
mod told;

use referral_core::capacity::{Draft, Order};
use referral_core::id::{Kind, LocalId, RecordName};
use referral_proto::convert;

use super::Node;
use super::policy::may_touch;
use crate::outbox::{Current, Outbox, ReportKey};
use crate::people::Person;

pub use super::ageing::Age;
pub use ageing::Ageing;
pub use board::{Board, Row, Sent};
pub use change::{LastChange, LastKind, NotChanged, Same};
pub use import::Taken;
pub(super) use last::LastChanges;
pub use tap::{CannotTap, Tap, tapped};
pub use told::{Shown, Told};

/// A node, as far as somebody's account reaches.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    node: &'a Node,
    who: &'a Person,
}

impl Node {
    /// This node, as far as the account of `who` reaches.
    #[must_use]
    pub fn desk<'a>(&'a self, who: &'a Person) -> Desk<'a> {
        Desk { node: self, who }
    }
}

impl Desk<'_> {
    /// Whether somebody may see and change what is reported of a service.
    fn reaches(&self, outbox: &Outbox, service: &LocalId) -> bool {
        let name = service_name(service);
        outbox.catalog().wanted(&name).is_some() && may_touch(self.who, outbox.catalog(), &name)
    }
}

fn service_name(service: &LocalId) -> RecordName {
    RecordName {
        kind: Kind::Service,
        id: service.clone(),
    }
}

/// The place of the current report about something; `None`: there is none.
fn order(outbox: &Outbox, about: &ReportKey) -> Option<Order> {
    let current = outbox.reports().get(about)?;
    Some(order_of(outbox, current))
}

fn order_of(outbox: &Outbox, current: &Current) -> Order {
    Order {
        epoch: outbox.tip().epoch,
        cseq: current.cseq,
    }
}

/// What was reported last; `None`: nothing.
fn said(current: &Current) -> Option<Draft> {
    // Everything this node reports says when it was known.
    let at = current.queued_at;
    convert::capacity::draft(current.report()?, at).ok()
}
