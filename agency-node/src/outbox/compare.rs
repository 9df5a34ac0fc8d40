//! Bringing the node's records together with the directory's, in a new epoch or after a digest (R7, R15).
//!
//! [`Outbox::to_fetch`] says which signed operations have to be fetched; [`Ledger::reconcile`] decides every
//! record by `referral_core::federation::reconcile` and queues all that follows from it as one set, which
//! counts whole or not at all. The directory's version of a record is never overwritten unknown, and never
//! removed because this node lacks it. Of capacity both sides have a last word, and one of them is said again
//! (R11).
//!
//! [`Ledger::reconcile`]: super::Ledger::reconcile

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::digest::bucket_of;
use referral_core::federation::{Epoch, Reconciled, Tip, Word, is_last_word, reconcile};
use referral_proto::v1;

use super::compose::Composer;
use super::{Conflict, Current, Outbox, ReportKey};
use crate::catalog::listed::Content;
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
    /// No record, and only the reports that still wait with these counters (see [`Reports::passed_by`]).
    ///
    /// [`Reports::passed_by`]: super::Reports::passed_by
    Reports(BTreeMap<u64, ReportKey>),
}

/// What the directory said it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theirs {
    /// Where each record stands.
    pub tips: BTreeMap<RecordName, Tip>,
    /// Signed operations, as far as they were asked for.
    pub fetched: BTreeMap<RecordName, Fetched>,
    /// Capacity reports in force that a key of this agency signed, as far as they were asked for.
    pub reports: BTreeMap<ReportKey, (v1::CapacityReport, Word)>,
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
            Self::Reports(_) => false,
        }
    }
}

impl Outbox {
    /// The records whose signed operations have to be fetched before they can be decided, and were not.
    #[must_use]
    pub fn to_fetch(&self, scope: &Scope, theirs: &Theirs) -> Vec<RecordName> {
        let tips = theirs.tips.iter();
        let unknown = tips.filter(|(name, _)| !theirs.fetched.contains_key(name));
        let wanted = unknown.filter(|(name, tip)| match self.decide(scope, name, Some(tip)) {
            Decision::Adopt | Decision::Conflict => true,
            Decision::Remake => self.stands_behind_a_wish(name, tip),
            Decision::Nothing => false,
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
            Reconciled::Same if self.signs_again(theirs) => Decision::Remake,
            Reconciled::Same => Decision::Nothing,
            Reconciled::Remake => Decision::Remake,
            Reconciled::FastForward => Decision::Adopt,
            Reconciled::Conflict => Decision::Conflict,
        }
    }

    /// Whether the directory's operation is live and stands under a key that signs no more.
    fn signs_again(&self, theirs: Option<&Tip>) -> bool {
        !self.former_keys.is_empty() && theirs.is_some_and(|tip| tip.live)
    }

    /// Whether the directory's operation has to be signed again, and is not what is wished by now: the wish may be
    /// refused, and then it goes on standing.
    fn stands_behind_a_wish(&self, name: &RecordName, theirs: &Tip) -> bool {
        let last = self.catalog.get(name).and_then(Listed::last);
        self.signs_again(Some(theirs)) && last.is_some_and(|last| last.hash != theirs.hash)
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
                (Decision::Conflict, Some(tip)) if self.agrees(name, theirs) => {
                    // Nothing to choose: said again, so that what is there knows both.
                    composer.found(name, Some(tip));
                    self.catalog
                        .get(name)
                        .into_iter()
                        .for_each(|listed| composer.again(name, listed, None));
                }
                (Decision::Adopt, Some(tip)) => self.take_over(composer, name, tip, theirs, false),
                (Decision::Conflict, Some(tip)) => {
                    self.take_over(composer, name, tip, theirs, true);
                }
                (_, _) => {}
            }
        }
        self.remake(composer, &remade, theirs);
        match scope {
            Scope::Epoch(_) => self.reconcile_reports(composer, theirs),
            Scope::Buckets { .. } => {}
            Scope::Reports(passed) => {
                // Meanwhile something later may have been said here.
                let waiting = passed
                    .keys()
                    .filter_map(|cseq| self.reports.waiting_at(*cseq));
                for (key, current) in waiting.filter_map(|key| Some((key, self.reports.get(key)?)))
                {
                    self.reconcile_report(composer, key, current, theirs);
                }
            }
        }
    }

    /// Says the last word about everything that was reported on either side (R11).
    fn reconcile_reports(&self, composer: &mut Composer<'_>, theirs: &Theirs) {
        for (key, current) in self.reports.iter() {
            self.reconcile_report(composer, key, current, theirs);
        }
        let held = theirs.reports.iter();
        for (_, (report, held)) in held.filter(|(key, _)| self.reports.get(key).is_none()) {
            composer.take_report_over(report.clone(), held);
        }
    }

    /// Says the last word about what this node has reported.
    fn reconcile_report(
        &self,
        composer: &mut Composer<'_>,
        key: &ReportKey,
        current: &Current,
        theirs: &Theirs,
    ) {
        let held = theirs.reports.get(key);
        let word = current.word();
        let other = held.filter(|(_, held)| word.as_ref().is_none_or(|own| own.said != held.said));
        if let Some((report, held)) = other {
            // Where it does not stay, too: what is said next is said knowing it.
            composer.take_report_over(report.clone(), held);
        }
        if other.is_none_or(|(_, held)| self.stays(current, held)) {
            composer.report_again(current, self.reports.is_waiting(current));
        }
    }

    fn stays(&self, current: &Current, held: &Word) -> bool {
        let own = self.reports.own_word(current, held);
        own.is_none_or(|own| is_last_word(&own, held))
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

    /// Whether the directory's version of a record says what this node's does.
    fn agrees(&self, name: &RecordName, theirs: &Theirs) -> bool {
        let (listed, fetched) = (self.catalog.get(name), theirs.fetched.get(name));
        let pair = listed.zip(fetched);
        pair.is_some_and(|(listed, fetched)| fetched.says(listed))
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
                if let Some(Fetched::Earlier(signed)) = theirs.fetched.get(name) {
                    composer.sign_again(name, signed);
                }
                for record in listed.lost_before_the_wish(tip.map(|tip| tip.hash)) {
                    composer.again_before(name, record);
                }
                composer.again(name, listed, since.get(name).copied());
            }
        }
    }
}

impl Fetched {
    /// Whether it says of the record what this node says.
    fn says(&self, listed: &Listed) -> bool {
        let (Self::Ours(signed) | Self::Earlier(signed)) = self else {
            return false;
        };
        v1::Operation::decode(signed.bytes.as_slice()).is_ok_and(|operation| {
            let content = Content::of(&operation);
            content.payload == listed.payload && content.for_good == listed.for_good
        })
    }
}
