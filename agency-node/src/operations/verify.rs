//! Whether the directory shows of this agency what this node published: nothing altered, lost or added.
//!
//! What the directory serves comes from whoever has asked it: as [`Theirs`] over the publisher's own stream, and as
//! [`Public`] what everybody is served, for an insider may answer the agency honestly and everybody else falsely.
//! Records that were changed since it was asked are left out: they differ, and rightly.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::Tip;
use referral_core::id::Hash;
use referral_proto::v1;

use super::public::{Public, unlike};
use super::status::Rejection;
use super::{Node, differences};
use crate::catalog::{Listed, RecordName};
use crate::outbox::codec::Refusal;
use crate::outbox::{Fetched, Outbox, Theirs};

/// How many fields are named of a record that was altered.
const NAMED: usize = 5;

/// What the directory shows, compared with what this node published.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// When.
    pub at: Timestamp,
    /// How many records were compared.
    pub records: usize,
    /// Those that differ, each with a code (`missing`, `extra`, `altered`, `not_ours`; `public_altered` and
    /// `public_missing` in what everybody is served) and one sentence.
    pub differences: Vec<Rejection>,
    /// How many records of what everybody is served were compared.
    pub public_records: usize,
    /// Why that was not read to its end, in words; empty: it was.
    pub public_problem: String,
}

/// Verifications that were asked for and made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verifying {
    /// How many were asked for.
    pub asked: u64,
    /// How many of them are done.
    pub done: u64,
    /// The last one.
    pub last: Option<Verification>,
}

impl Node {
    /// Asks for a verification. Returns its number: it is done when [`Verifying::done`] has come that far.
    pub fn ask_verification(&self) -> u64 {
        let mut number = 0;
        self.verifying().send_modify(|verifying| {
            verifying.asked += 1;
            number = verifying.asked;
        });
        number
    }

    /// Compares what the directory serves with what this node published.
    ///
    /// * `public` — what everybody is served.
    /// * `told` — the operations whose fate the node knew when the directory was asked.
    /// * `asked` — the number of the verification, and of those before it.
    pub fn verify(&self, theirs: &Theirs, public: Public, told: u64, asked: u64) {
        let at = self.clock().now();
        let held = self.held_back().borrow().clone();
        let verification = self.read(|outbox| {
            let mut own = Verification::of(outbox, theirs, told, at);
            let (records, unlike) = unlike(outbox, held.as_ref(), &public.served, told);
            let is_known = |one: &Rejection| {
                let mut known = own.differences.iter();
                known.any(|other| (other.kind, &other.id) == (one.kind, &one.id))
            };
            let new: Vec<Rejection> = unlike.into_iter().filter(|one| !is_known(one)).collect();
            own.differences.extend(new);
            own.public_records = records;
            own
        });
        let verification = Verification {
            public_problem: public.problem,
            ..verification
        };
        self.verifying().send_modify(|verifying| {
            verifying.done = verifying.done.max(asked);
            verifying.last = Some(verification);
        });
    }
}

impl Verification {
    /// What the directory serves, compared with what was published.
    ///
    /// * `told` — the operations whose fate the node knew when the directory was asked.
    #[must_use]
    pub fn of(outbox: &Outbox, theirs: &Theirs, told: u64, at: Timestamp) -> Self {
        let believed: BTreeMap<&RecordName, Hash> = outbox.believed().collect();
        let live = theirs.tips.iter().filter(|(_, tip)| tip.live);
        let names: BTreeSet<&RecordName> = believed
            .keys()
            .copied()
            .chain(live.map(|(name, _)| name))
            .collect();
        let is_old = |name: &&RecordName| {
            let last = outbox.catalog().get(name).and_then(Listed::last);
            last.is_none_or(|last| last.seq <= told)
        };
        let names: Vec<&RecordName> = names.into_iter().filter(is_old).collect();
        let differences = names.iter().filter_map(|name| {
            let ours = believed.get(name).copied();
            let tip = theirs.tips.get(*name).filter(|tip| tip.live);
            Some(Rejection {
                kind: name.kind,
                id: name.id.clone(),
                refusal: difference(outbox, name, ours, tip, theirs.fetched.get(*name))?,
            })
        });
        Self {
            at,
            differences: differences.collect(),
            records: names.len(),
            public_records: 0,
            public_problem: String::new(),
        }
    }
}

fn difference(
    outbox: &Outbox,
    name: &RecordName,
    ours: Option<Hash>,
    theirs: Option<&Tip>,
    fetched: Option<&Fetched>,
) -> Option<Refusal> {
    match (ours, theirs, fetched) {
        (None, None, _) => None,
        (Some(_), None, _) => Some(refusal(
            "missing",
            "the directory does not show it, and this node did not withdraw it",
        )),
        (_, Some(_), None) => Some(refusal("not_ours", "the directory did not give it")),
        (_, Some(_), Some(Fetched::Unsigned(why))) => Some(refusal("not_ours", why)),
        (None, Some(_), Some(_)) => Some(refusal(
            "extra",
            "the directory shows it, and this node does not publish it",
        )),
        (Some(ours), Some(tip), Some(_)) if ours == tip.hash => None,
        (Some(_), Some(_), Some(Fetched::Ours(signed) | Fetched::Earlier(signed))) => {
            Some(altered(outbox, name, signed, "the directory shows"))
        }
    }
}

pub(super) fn refusal(code: &str, text: &str) -> Refusal {
    Refusal {
        code: code.to_owned(),
        text: text.to_owned(),
        ..Refusal::default()
    }
}

/// Names the fields in which another version of a record differs.
///
/// * `shows` — the beginning of the sentence.
pub(super) fn altered(
    outbox: &Outbox,
    name: &RecordName,
    signed: &v1::Signed,
    shows: &str,
) -> Refusal {
    let ours = outbox.catalog().get(name).and_then(Listed::record);
    let theirs = v1::Operation::decode(signed.bytes.as_slice()).ok();
    let theirs = theirs.and_then(|operation| operation.record);
    let fields = differences(theirs.as_ref(), ours.as_ref()).unwrap_or_default();
    let named: Vec<&str> = fields
        .iter()
        .take(NAMED)
        .map(|one| one.path.as_str())
        .collect();
    let more = fields.len().saturating_sub(named.len());
    let field = named.join(", ");
    let text = match (named.as_slice(), more) {
        ([], _) => format!("{shows} another version that says the same"),
        (_, 0) => format!("{shows} another version: {field}"),
        (_, more) => format!("{shows} another version: {field} and {more} more fields"),
    };
    Refusal {
        field,
        ..refusal("altered", &text)
    }
}
