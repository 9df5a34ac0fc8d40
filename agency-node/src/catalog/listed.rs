//! One record: what the agency wants published, and what the directory has of it.

pub(crate) mod stored;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use prost::Message;
use referral_core::catalog::age::SAID_AGAIN_AFTER;
use referral_core::federation::{Ancestry, Tip, learn};
use referral_core::id::{Hash, Kind, LocalId};
use referral_proto::v1;

use super::RecordName;

/// One record as this node publishes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// The record as last queued, in its encoded wire form; `None`: withdrawn or deleted.
    pub payload: Option<Arc<[u8]>>,
    /// True: deleted for good, not only withdrawn.
    pub for_good: bool,
    /// Its name, for people; empty where it has none.
    pub title: String,
    /// The import it came from last; `None`: it was not imported.
    pub source: Option<Arc<str>>,
    /// When what it says was queued or, where it was taken over from the directory, made.
    said_at: Option<Timestamp>,
    /// What it said before it was withdrawn; forgotten once the directory has deleted it.
    kept: Option<Kept>,
    /// The last operation that was queued for it or taken over from the directory.
    last: Option<Made>,
    /// Operations whose fate the directory has not told yet, oldest first.
    undecided: Vec<Undecided>,
    /// What the directory holds, as far as it has told.
    accepted: Option<Held>,
    /// The last live content that the directory accepted, under the hash of its operation.
    published: Option<(Hash, Arc<[u8]>)>,
    /// What this node has written or adopted of it (R7).
    seen: Ancestry,
}

/// An operation that was queued for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its sequence number; 0: it belongs to an earlier epoch, or was taken over from the directory.
    pub seq: u64,
    /// The hash of its exact bytes.
    pub hash: Hash,
    /// The record's operation that it replaces.
    pub base: Option<Hash>,
    /// False when it removes the record.
    pub live: bool,
}

/// An operation whose fate is not known, and what it makes of its record.
#[derive(Clone, Debug, PartialEq)]
struct Undecided {
    made: Made,
    payload: Option<Arc<[u8]>>,
}

/// The operation that the directory holds of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its hash.
    pub hash: Hash,
    /// False when it removes the record.
    pub live: bool,
}

/// What a withdrawn record said.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The record in its encoded wire form.
    pub payload: Arc<[u8]>,
    /// When it was withdrawn.
    pub since: Timestamp,
}

/// What an operation makes of a record.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) payload: Option<Arc<[u8]>>,
    pub(crate) for_good: bool,
    pub(crate) title: String,
}

impl Listed {
    /// The operation that the next one replaces; `None`: the directory has none.
    #[must_use]
    pub fn base(&self) -> Option<Hash> {
        let undecided = self.undecided.last().map(|one| one.made.hash);
        undecided.or(self.accepted.map(|held| held.hash))
    }

    /// The last operation that was queued for it or taken over.
    #[must_use]
    pub fn last(&self) -> Option<Made> {
        self.last
    }

    /// What the directory holds, as far as it has told.
    #[must_use]
    pub fn accepted(&self) -> Option<Held> {
        self.accepted
    }

    /// What was wanted of it before the present wish and may have been shown by the directory, which now holds
    /// `theirs` and so has lost it; oldest first, `None` for a removal. The wish may be refused: then the last of
    /// these has to be there.
    #[must_use]
    pub fn lost_before_the_wish(&self, theirs: Option<Hash>) -> Vec<Option<v1::Record>> {
        let shown = self.accepted.and_then(|held| match &self.published {
            Some((hash, payload)) if *hash == held.hash => Some((held.hash, Some(&**payload))),
            _ => (!held.live).then_some((held.hash, None)),
        });
        let waited = self.undecided.iter();
        let waited = waited.map(|one| (one.made.hash, one.payload.as_deref()));
        let all: Vec<_> = shown.into_iter().chain(waited).collect();
        let held = all.iter().position(|(hash, _)| Some(*hash) == theirs);
        let mut lost: Vec<_> = all.into_iter().skip(held.map_or(0, |at| at + 1)).collect();
        if lost
            .last()
            .is_some_and(|(_, last)| *last == self.payload.as_deref())
        {
            lost.pop();
        }
        // The bytes were written by this program from the same messages.
        let record = |bytes| v1::Record::decode(bytes).ok();
        lost.into_iter()
            .filter(|(hash, _)| Some(*hash) != theirs)
            .map(|(_, payload)| payload.and_then(record))
            .collect()
    }

    /// Whether it is published and has to be said again, so that it does not grow old (R13).
    #[must_use]
    pub fn is_to_be_said_again(&self, now: Timestamp) -> bool {
        self.is_unsaid_for(SAID_AGAIN_AFTER, now)
    }

    /// Whether it is published and nobody has said it again for so long.
    #[must_use]
    pub fn is_unsaid_for(&self, time: SignedDuration, now: Timestamp) -> bool {
        let long_ago = |at| now.duration_since(at) >= time;
        self.payload.is_some() && self.said_at.is_none_or(long_ago)
    }

    /// When what it says was queued or, where it was taken over from the directory, made; `None`: it says nothing, or an
    /// earlier version of this program did not keep it.
    #[must_use]
    pub fn said_at(&self) -> Option<Timestamp> {
        self.said_at
    }

    /// What this node has written or adopted of it (R7).
    #[must_use]
    pub fn seen(&self) -> &Ancestry {
        &self.seen
    }

    /// What it said before it was withdrawn.
    #[must_use]
    pub fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// The record; `None`: withdrawn.
    #[must_use]
    pub fn record(&self) -> Option<v1::Record> {
        // The bytes were written by this program from the same message.
        v1::Record::decode(self.payload.as_deref()?).ok()
    }

    /// The records it refers to.
    #[must_use]
    pub fn references(&self) -> Vec<RecordName> {
        self.record()
            .map(|record| references(&record))
            .unwrap_or_default()
    }

    /// The records that what it said before it was withdrawn refers to.
    pub(crate) fn references_of(kept: &Kept) -> Vec<RecordName> {
        let record = v1::Record::decode(&*kept.payload).ok();
        record.as_ref().map(references).unwrap_or_default()
    }

    /// True while the directory has not told the fate of some operation.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Whether the wish has to be queued again now that the operation `refused` was: it is the last one,
    /// and it was based on something the directory does not hold.
    #[must_use]
    pub fn lost_its_base(&self, refused: u64) -> bool {
        let accepted = self.accepted.map(|held| held.hash);
        let last = self
            .last
            .filter(|last| last.seq == refused && last.base != accepted);
        self.undecided.is_empty() && last.is_some()
    }

    /// True when it is withdrawn and the directory never had it: a refused withdrawal changes nothing.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.payload.is_none() && self.accepted.is_none() && self.undecided.is_empty()
    }

    /// An operation of this node.
    ///
    /// * `ancestors` — those it names; none: it was made by a version that named none.
    pub(crate) fn queue(
        &mut self,
        made: Made,
        content: Content,
        ancestors: Ancestry,
        source: Option<Arc<str>>,
        at: Timestamp,
    ) {
        if ancestors.iter().len() > 0 {
            self.seen = ancestors;
        }
        self.seen.add(made.hash);
        self.said_at = Some(at);
        self.last = Some(made);
        self.undecided.push(Undecided {
            made,
            payload: content.payload.clone(),
        });
        self.set(content, at);
        // A withdrawn record keeps where it came from, for when it is restored.
        if self.payload.is_some() {
            self.source = source;
        }
    }

    /// The directory's operation, taken over.
    ///
    /// * `made_at` — when its author made it; `None`: that is not known.
    pub(crate) fn adopt(
        &mut self,
        tip: &Tip,
        content: Content,
        made_at: Option<Timestamp>,
        at: Timestamp,
    ) {
        learn(&mut self.seen, tip);
        self.said_at = made_at;
        let (hash, live) = (tip.hash, tip.live);
        self.undecided.clear();
        self.accepted = Some(Held { hash, live });
        self.published = content.payload.clone().map(|payload| (hash, payload));
        self.last = Some(Made {
            seq: 0,
            hash,
            base: None,
            live,
        });
        self.set(content, at);
    }

    /// What the directory really holds: it is the base of the next operation.
    pub(crate) fn found(&mut self, tip: Option<&Tip>) {
        if let Some(tip) = tip {
            learn(&mut self.seen, tip);
        }
        self.accepted = tip.map(|tip| Held {
            hash: tip.hash,
            live: tip.live,
        });
    }

    /// A new epoch: what is not said to differ stands at the directory as it does here.
    pub(crate) fn begin_epoch(&mut self) {
        self.undecided.clear();
        if let Some(last) = &mut self.last {
            last.seq = 0;
            self.accepted = Some(Held {
                hash: last.hash,
                live: last.live,
            });
        }
    }

    /// The directory holds the operation with this sequence number. False when it was refused.
    pub(crate) fn accept(&mut self, seq: u64) -> bool {
        let Some(Undecided { made, payload }) = self.take(seq) else {
            return false;
        };
        self.published = payload.map(|payload| (made.hash, payload));
        self.accepted = Some(Held {
            hash: made.hash,
            live: made.live,
        });
        if self.for_good && !self.is_undecided() {
            self.kept = None;
            self.title.clear();
        }
        true
    }

    /// The directory refused the operation with this sequence number. False when that was decided.
    pub(crate) fn refuse(&mut self, seq: u64) -> bool {
        self.take(seq).is_some()
    }

    fn set(&mut self, content: Content, at: Timestamp) {
        let before = std::mem::replace(&mut self.payload, content.payload);
        match (&self.payload, before) {
            (Some(_), _) => {
                self.kept = None;
                self.title = content.title;
            }
            (None, Some(payload)) => self.kept = Some(Kept { payload, since: at }),
            (None, None) => {}
        }
        self.for_good = content.for_good;
    }

    fn take(&mut self, seq: u64) -> Option<Undecided> {
        let at = self.undecided.iter().position(|one| one.made.seq == seq)?;
        Some(self.undecided.remove(at))
    }
}

impl Content {
    /// What this operation makes of its record.
    pub(crate) fn of(operation: &v1::Operation) -> Self {
        let record = operation.record.as_ref();
        Self {
            payload: record.map(|record| record.encode_to_vec().into()),
            for_good: operation.kind() == v1::OperationKind::Delete,
            title: record.map_or("", title).to_owned(),
        }
    }
}

/// The name of a record, for people; empty where it has none.
pub(crate) fn title(record: &v1::Record) -> &str {
    match &record.record {
        Some(v1::record::Record::Organization(organization)) => &organization.name,
        Some(v1::record::Record::Location(location)) => &location.name,
        Some(v1::record::Record::Service(service)) => &service.name,
        None => "",
    }
}

/// The records that a record refers to. Ids that are none are left out: the directory refuses them.
pub(crate) fn references(record: &v1::Record) -> Vec<RecordName> {
    let name = |kind, id: &str| LocalId::parse(id).ok().map(|id| RecordName { kind, id });
    match &record.record {
        Some(v1::record::Record::Location(location)) => {
            name(Kind::Organization, &location.organization_id)
                .into_iter()
                .collect()
        }
        Some(v1::record::Record::Service(service)) => {
            let at = service.offers.iter();
            let at = at.filter_map(|offer| name(Kind::Location, &offer.location_id));
            name(Kind::Organization, &service.organization_id)
                .into_iter()
                .chain(at)
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record after versions of these names were queued, operations 1, 2, 3...
    fn queued(names: &[&str]) -> Listed {
        let mut listed = Listed::default();
        for (seq, name) in (1..).zip(names) {
            let organization = v1::Organization {
                name: (*name).to_owned(),
                ..v1::Organization::default()
            };
            let record = v1::Record {
                local_id: "org".to_owned(),
                record: Some(v1::record::Record::Organization(organization)),
            };
            let operation = v1::Operation {
                seq,
                record: Some(record),
                ..v1::Operation::default()
            };
            let made = Made {
                seq,
                hash: hash(seq),
                base: listed.base(),
                live: true,
            };
            let content = Content::of(&operation);
            listed.queue(
                made,
                content,
                Ancestry::default(),
                None,
                Timestamp::UNIX_EPOCH,
            );
        }
        listed
    }

    fn hash(seq: u64) -> Hash {
        Hash::of(&[&seq.to_be_bytes()])
    }

    fn lost(listed: &Listed, theirs: Option<Hash>) -> Vec<String> {
        let records = listed.lost_before_the_wish(theirs).into_iter().flatten();
        records.map(|record| title(&record).to_owned()).collect()
    }

    #[test]
    fn what_a_restore_lost_is_said_again_before_a_wish_that_may_be_refused() {
        let mut listed = queued(&["shown", "wished"]);
        listed.accept(1);
        listed.refuse(2);

        assert_eq!(lost(&listed, None), ["shown"]);
        assert_eq!(lost(&listed, Some(hash(1))), Vec::<String>::new());
    }

    #[test]
    fn versions_whose_fate_was_not_told_are_said_again_in_order() {
        let listed = queued(&["first", "second", "wished"]);

        assert_eq!(lost(&listed, None), ["first", "second"]);
        assert_eq!(lost(&listed, Some(hash(1))), ["second"]);
    }
}
