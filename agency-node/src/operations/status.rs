//! How the node stands: what it publishes, what waits, what the directory refused and said.

use jiff::Timestamp;
use referral_core::capacity::Draft;
use referral_core::id::{AgencyId, Kind, LocalId};
use referral_proto::convert;

use super::ageing::{self, AgeingCounts};
use super::expiring::expiring;
use super::{Node, Verification};
use crate::outbox::Outbox;
use crate::outbox::codec::{Notice, Refusal};
use crate::reminder::Expiring;

/// How the connection to the directory is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// True while a session is open.
    pub connected: bool,
    /// When the directory was last heard from; `None`: never.
    pub last_heard: Option<Timestamp>,
    /// Why there is no session, in one sentence; empty: there is one, or none was tried.
    pub problem: String,
    /// The stable name of that, in the node's own process; empty like it.
    pub cause: &'static str,
    /// Whether nothing is tried any more until somebody looked and the node is started again.
    pub has_stopped: bool,
}

/// How a node stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The agency.
    pub agency: AgencyId,
    /// Its name.
    pub agency_name: String,
    /// The directory's address.
    pub directory: String,
    /// How the connection to it is.
    pub link: Link,
    /// Organizations published or waiting to be.
    pub organizations: usize,
    /// Locations published or waiting to be.
    pub locations: usize,
    /// Services published or waiting to be.
    pub services: usize,
    /// Operations queued in this epoch.
    pub queued: u64,
    /// Operations the directory has acknowledged.
    pub acknowledged: u64,
    /// Capacity reports that wait.
    pub capacity_pending: usize,
    /// When the oldest thing that waits was queued; `None`: nothing waits.
    pub pending_since: Option<Timestamp>,
    /// What the directory refused and nothing later has replaced.
    pub rejections: Vec<Rejection>,
    /// What the agency's people should know, newest first.
    pub notices: Vec<Notice>,
    /// The certificate is good until then.
    pub certificate_expires: Timestamp,
    /// The current report of each service and location that has one.
    pub capacity: Vec<Draft>,
    /// Current reports that go stale soon or have gone stale, the first to go stale first.
    pub expiring: Vec<Expiring>,
    /// Services that nobody has published again for 150 days.
    pub ageing: AgeingCounts,
    /// How reminders by mail stand; `None`: none are configured, or the daemon does not run.
    pub mail: Option<MailStanding>,
    /// Versions between which a person has to choose.
    pub conflicts: usize,
    /// What the directory shows in the agency's name and this node's key did not sign.
    pub not_ours: Vec<Rejection>,
    /// Deletions that wait for a second person at the directory.
    pub deletions_held: usize,
    /// What the last verification found; `None`: none was made since the daemon started.
    pub verification: Option<Verification>,
}

/// How reminders by mail stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailStanding {
    /// To how many addresses they go.
    pub recipients: usize,
    /// When the last one was taken by the mail server; `None`: none since the daemon started.
    pub last_sent: Option<Timestamp>,
    /// Why the last one could not be sent, in one sentence; empty: it could.
    pub problem: String,
}

/// An operation or report that the directory refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// What the record is; a service for a report.
    pub kind: Kind,
    /// Its id.
    pub id: LocalId,
    /// Under which numbers and why.
    pub refusal: Refusal,
}

impl Node {
    /// How the node stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let membership = self.membership();
        let link = self.link().borrow().clone();
        let verification = self.verifying().borrow().last.clone();
        let mail = self.mail().borrow().clone();
        let now = self.clock().now();
        self.read(|outbox| Status {
            agency: membership.agency.clone(),
            agency_name: membership.agency_name.clone(),
            directory: membership.directory.to_string(),
            link,
            organizations: outbox.catalog().count(Kind::Organization),
            locations: outbox.catalog().count(Kind::Location),
            services: outbox.catalog().count(Kind::Service),
            queued: outbox.tip().applied,
            acknowledged: outbox.settled().applied,
            capacity_pending: outbox.reports().waiting(),
            pending_since: outbox.waiting_since(),
            rejections: rejections(outbox),
            notices: outbox.notices().cloned().collect(),
            certificate_expires: self.certificate_expires(),
            capacity: capacity(outbox),
            expiring: expiring(outbox, now),
            ageing: ageing::count(outbox.catalog(), now),
            mail,
            conflicts: outbox.conflicts().len(),
            not_ours: not_ours(outbox),
            deletions_held: outbox.held().count(),
            verification,
        })
    }
}

pub(super) fn rejections(outbox: &Outbox) -> Vec<Rejection> {
    let operations = outbox
        .refused()
        .operations()
        .map(|(name, refusal)| Rejection {
            kind: name.kind,
            id: name.id.clone(),
            refusal: refusal.clone(),
        });
    let reports = outbox.refused().reports().map(|(key, refusal)| Rejection {
        kind: Kind::Service,
        id: key.service.clone(),
        refusal: refusal.clone(),
    });
    operations.chain(reports).collect()
}

fn not_ours(outbox: &Outbox) -> Vec<Rejection> {
    let unsigned = outbox.unsigned().iter();
    let rejection = unsigned.map(|(name, unsigned)| Rejection {
        kind: name.kind,
        id: name.id.clone(),
        refusal: Refusal {
            code: "not_ours".to_owned(),
            text: unsigned.why.clone(),
            ..Refusal::default()
        },
    });
    rejection.collect()
}

fn capacity(outbox: &Outbox) -> Vec<Draft> {
    let reports = outbox
        .reports()
        .iter()
        .filter_map(|(_, current)| current.report());
    let drafts = reports.filter_map(|report| convert::capacity::draft(report, Timestamp::MAX).ok());
    drafts.collect()
}
