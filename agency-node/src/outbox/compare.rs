//! Bringing the node's records together with the directory's, in a new epoch or after a digest (R7, R15).
//!
//! [`Outbox::to_fetch`] says which signed operations have to be fetched; [`Ledger::reconcile`] decides every
//! record by `referral_core::federation::reconcile` and queues all that follows from it as one set, which
//! counts whole or not at all. The directory's version of a record is never overwritten unknown, and never
//! removed because this node lacks it.
//!
//! [`Ledger::reconcile`]: super::Ledger::reconcile

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::digest::bucket_of;
use referral_core::federation::{Epoch, Reconciled, Tip, reconcile};
use referral_proto::v1;

use super::compose::Composer;
use super::{Conflict, Outbox};
use crate::catalog::{Listed, RecordName};

/// Which records are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All, at the beginning of this epoch.
    Epoch(Epoch),
    /// Those in the buckets that differ, within the current epoch.
    Buckets {
        /// How many bits choose a bucket.
        bits: u32,
        /// The buckets.
        buckets: BTreeSet<u32>,
    },
}

/// What the directory said it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theirs {
    /// Where each record stands.
    pub tips: BTreeMap<RecordName, Tip>,
    /// Signed operations, as far as they were asked for.
    pub fetched: BTreeMap<RecordName, Fetched>,
}

/// A signed operation that was fetched from the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// This node's key signed it.
    Ours(v1::Signed),
    /// A key that this agency used before signed it: it is taken over and signed again.
    Earlier(v1::Signed),
    /// It is not believed, for this reason: one plain sentence.
    Unsigned(&'static str),
}

/// What is done about one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Nothing,
    Remake,
    Adopt,
    Conflict,
}

impl Scope {
    fn holds(&self, name: &RecordName) -> bool {
        match self {
            Self::Epoch(_) => true,
            Self::Buckets { bits, buckets } => {
                u32::try_from(bucket_of(name, *bits)).is_ok_and(|bucket| buckets.contains(&bucket))
            }
        }
    }
}

impl Outbox {
    /// The records whose signed operations have to be fetched before they can be decided, and were not.
    #[must_use]
    pub fn to_fetch(&self, scope: &Scope, theirs: &Theirs) -> Vec<RecordName> {
        let tips = theirs.tips.iter();
        let unknown = tips.filter(|(name, _)| !theirs.fetched.contains_key(name));
        let wanted = unknown.filter(|(name, tip)| {
            let decision = self.decide(scope, name, Some(tip));
            matches!(decision, Decision::Adopt | Decision::Conflict)
        });
        wanted.map(|(name, _)| name.clone()).collect()
    }

    fn decide(&self, scope: &Scope, name: &RecordName, theirs: Option<&Tip>) -> Decision {
        let listed = self.catalog.get(name);
        if matches!(scope, Scope::Buckets { .. }) && self.is_settled(name, listed, theirs) {
            return Decision::Nothing;
        }
        let Some((listed, own)) = listed.and_then(|listed| Some((listed, listed.last()?))) else {
            return Decision::Adopt;
        };
        match reconcile(own.hash, listed.seen(), theirs) {
            Reconciled::Same => Decision::Nothing,
            Reconciled::Remake => Decision::Remake,
            Reconciled::FastForward => Decision::Adopt,
            Reconciled::Conflict => Decision::Conflict,
        }
    }

    /// Within an epoch: whether the directory holds what is believed, or will be heard of soon.
    fn is_settled(&self, name: &RecordName, listed: Option<&Listed>, theirs: Option<&Tip>) -> bool {
        let known = self.unsigned.get(name).map(|unsigned| unsigned.held);
        let known = known.or(listed.and_then(Listed::accepted));
        let undecided = listed.is_some_and(Listed::is_undecided);
        let same = match (known, theirs) {
            (Some(held), Some(tip)) => held.hash == tip.hash,
            (Some(held), None) => !held.live,
            (None, theirs) => theirs.is_none(),
        };
        undecided || same
    }

    /// Adds everything that follows from the comparison to a set.
    pub(super) fn reconcile(&self, composer: &mut Composer<'_>, scope: &Scope, theirs: &Theirs) {
        let mut remade: Vec<&RecordName> = Vec::new();
        let ours = self.catalog.iter().map(|(name, _)| name);
        let names: BTreeSet<&RecordName> = ours.chain(theirs.tips.keys()).collect();
        for name in names.into_iter().filter(|name| scope.holds(name)) {
            let tip = theirs.tips.get(name);
            match (self.decide(scope, name, tip), tip) {
                (Decision::Remake, _) => remade.push(name),
                (Decision::Adopt, Some(tip)) => self.take_over(composer, name, tip, theirs, false),
                (Decision::Conflict, Some(tip)) => {
                    self.take_over(composer, name, tip, theirs, true);
                }
                (_, _) => {}
            }
        }
        self.remake(composer, &remade, theirs);
        if matches!(scope, Scope::Epoch(_)) {
            for (_, current) in self.reports.iter() {
                let waits = self.reports.is_waiting(current);
                composer.report_again(current, waits);
            }
        }
    }

    /// The directory's version becomes this node's; the one that was here goes to a person where neither
    /// was made knowing the other.
    fn take_over(
        &self,
        composer: &mut Composer<'_>,
        name: &RecordName,
        tip: &Tip,
        theirs: &Theirs,
        conflicts: bool,
    ) {
        let listed = self.catalog.get(name);
        let fetched = theirs.fetched.get(name);
        let unsigned = matches!(fetched, None | Some(Fetched::Unsigned(_)));
        if let Some(listed) = listed
            && (conflicts || unsigned)
            && !fetched.is_some_and(|fetched| fetched.says(listed))
        {
            self.dispute(composer, name, listed, tip);
        }
        match fetched {
            Some(Fetched::Ours(signed)) => composer.adopt(name, signed, tip),
            Some(Fetched::Earlier(signed)) => {
                composer.adopt(name, signed, tip);
                composer.sign_again(name, signed);
            }
            Some(Fetched::Unsigned(why)) => composer.distrust(name, tip, why),
            None => composer.distrust(name, tip, "the directory did not give it"),
        }
    }

    fn dispute(&self, composer: &mut Composer<'_>, name: &RecordName, listed: &Listed, tip: &Tip) {
        let Some(own) = listed.last() else {
            return;
        };
        let known = |conflict: &Conflict| {
            conflict.name == *name && (conflict.ours, conflict.theirs) == (own.hash, tip.hash)
        };
        if self.conflicts.values().any(known) {
            return;
        }
        composer.dispute(&Conflict {
            name: name.clone(),
            payload: listed.payload.clone(),
            for_good: listed.for_good,
            ours: own.hash,
            theirs: tip.hash,
            found_at: Timestamp::default(),
        });
    }

    /// Makes operations again, each based on what the directory holds: records in order of reference, then
    /// removals in reverse.
    fn remake(&self, composer: &mut Composer<'_>, names: &[&RecordName], theirs: &Theirs) {
        let is_kept = |name: &&&RecordName| self.catalog.wanted(name).is_some();
        let (kept, removed): (Vec<&RecordName>, Vec<&RecordName>) =
            names.iter().partition(|name| is_kept(name));
        let since = self.waiting.iter();
        let since: BTreeMap<&RecordName, Timestamp> = since
            .rev()
            .map(|one| (&one.record, one.queued_at))
            .collect();
        for name in kept.into_iter().chain(removed.into_iter().rev()) {
            if let Some(listed) = self.catalog.get(name) {
                let tip = theirs.tips.get(name);
                composer.found(name, tip);
                for record in listed.lost_before_the_wish(tip.map(|tip| tip.hash)) {
                    composer.again_before(name, record);
                }
                composer.again(name, listed, since.get(name).copied());
            }
        }
    }
}

impl Fetched {
    /// Whether it says of the record what this node says: then there is nothing to choose.
    fn says(&self, listed: &Listed) -> bool {
        let (Self::Ours(signed) | Self::Earlier(signed)) = self else {
            return false;
        };
        v1::Operation::decode(signed.bytes.as_slice()).is_ok_and(|operation| {
            let payload = operation.record.map(|record| record.encode_to_vec());
            payload.as_deref() == listed.payload.as_deref()
        })
    }
}
