//! What was decided about agencies and is durable: for whoever shows something.
//!
//! The [`Heads`] are a moment ahead of the disk, since what follows in a batch is judged with what came before it;
//! when the disk fails they are taken back. What is shown to people goes by this instead: it changes once the
//! journal has synced, and nothing in it is ever taken back.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use referral_core::catalog::Service;
use referral_core::federation::PublicKey;
use referral_core::id::AgencyId;

use super::about::{Hold, Member, Standing};
use super::fact::Fact;
use super::heads::{AgencyHead, Decided, Heads};

/// What is durable of every agency. A clone speaks of the same.
#[derive(Clone, Debug, Default)]
pub struct Settled(Arc<RwLock<HashMap<AgencyId, Arc<SettledAgency>>>>);

/// What is durable of one agency.
#[derive(Clone, Debug)]
pub struct SettledAgency {
    /// The name people know it by.
    pub name: String,
    /// The key that signs its listings, once its node has joined.
    pub listing_key: Option<PublicKey>,
    /// The keys of its nodes before, oldest first.
    pub earlier_keys: Vec<PublicKey>,
    /// What was decided about it as a member.
    pub member: Member,
}

impl Settled {
    /// What these heads say, which are durable just now.
    #[must_use]
    pub fn of(heads: &Heads) -> Self {
        let agencies = heads.agencies();
        let agencies = agencies.map(|(agency, head)| (agency.clone(), Arc::new(of_agency(head))));
        Self(Arc::new(RwLock::new(agencies.collect())))
    }

    /// One agency.
    #[must_use]
    pub fn agency(&self, agency: &AgencyId) -> Option<Arc<SettledAgency>> {
        let agencies = self.0.read().unwrap_or_else(PoisonError::into_inner);
        agencies.get(agency).cloned()
    }

    /// Why a service of an agency is not shown; `None`: it is.
    #[must_use]
    pub fn hold(&self, agency: &AgencyId, service: &Service) -> Option<Hold> {
        self.agency(agency)?.member.holds_back(service)
    }

    /// Whether nothing of an agency is shown.
    #[must_use]
    pub fn is_banned(&self, agency: &AgencyId) -> bool {
        let agency = self.agency(agency);
        agency.is_some_and(|agency| agency.member.standing == Standing::Banned)
    }

    /// These became durable, and `heads` hold them and nothing more.
    pub(super) fn take(&self, decided: &[Decided], heads: &Heads) {
        for Decided { fact, .. } in decided {
            let Some(agency) = self.changed(fact) else {
                continue;
            };
            if let Some(head) = heads.agency(agency) {
                let settled = Arc::new(of_agency(head));
                let mut agencies = self.0.write().unwrap_or_else(PoisonError::into_inner);
                agencies.insert(agency.clone(), settled);
            }
        }
    }

    /// The agency of which a fact changes what is held here.
    fn changed<'a>(&self, fact: &'a Fact) -> Option<&'a AgencyId> {
        match fact {
            Fact::Invited(invitation) => Some(&invitation.agency),
            Fact::Joined(membership) => Some(&membership.agency),
            Fact::Readmitted(agency) | Fact::About(agency, _) => Some(agency),
            // A record said anew loses the hold on its name, and is as old as that.
            Fact::Operation(header, ..) => {
                let agency = self.agency(&header.agency);
                let has_holds = agency.is_some_and(|agency| {
                    !agency.member.holds.is_empty() || !agency.member.archived.is_empty()
                });
                has_holds.then_some(&header.agency)
            }
            Fact::Session(..)
            | Fact::Epoch(..)
            | Fact::OperationRefused(..)
            | Fact::Capacity(..)
            | Fact::CapacityRefused(..)
            | Fact::CapacityDropped(..)
            | Fact::DeletionsAllowed(..) => None,
        }
    }
}

fn of_agency(head: &AgencyHead) -> SettledAgency {
    SettledAgency {
        name: head.name.clone(),
        listing_key: head.membership.as_ref().map(|known| known.listing_key),
        earlier_keys: head.earlier_keys.clone(),
        member: head.member.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use jiff::Timestamp;
    use referral_core::id::Hash;
    use referral_journal::storage::File;
    use referral_journal::{Journal, MemoryStorage, Options, Storage};
    use tokio::sync::oneshot;

    use super::super::about::Person;
    use super::super::fact::Invitation;
    use super::super::submission::{ActRefused, OperatorAct, Submission};
    use super::super::writer::{Applied, Downstream, Recorder};
    use super::*;
    use crate::store::room::Space;

    /// Storage that looks at what is settled and what is decided at the moment of each sync.
    #[derive(Clone)]
    struct Looking {
        inner: MemoryStorage,
        look: Arc<dyn Fn() + Send + Sync>,
    }

    struct LookingFile(
        <MemoryStorage as Storage>::File,
        Arc<dyn Fn() + Send + Sync>,
    );

    impl Storage for Looking {
        type File = LookingFile;

        fn list(&self) -> io::Result<Vec<String>> {
            self.inner.list()
        }

        fn open(&self, name: &str) -> io::Result<LookingFile> {
            let file = self.inner.open(name)?;
            Ok(LookingFile(file, Arc::clone(&self.look)))
        }

        fn create(&self, name: &str) -> io::Result<LookingFile> {
            let file = self.inner.create(name)?;
            Ok(LookingFile(file, Arc::clone(&self.look)))
        }

        fn remove(&self, name: &str) -> io::Result<()> {
            self.inner.remove(name)
        }

        fn sync_directory(&self) -> io::Result<()> {
            self.inner.sync_directory()
        }

        fn nonce(&self) -> u64 {
            self.inner.nonce()
        }
    }

    impl File for LookingFile {
        fn length(&self) -> io::Result<u64> {
            self.0.length()
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, into)
        }

        fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
            self.0.write_at(offset, bytes)
        }

        fn truncate(&mut self, length: u64) -> io::Result<()> {
            self.0.truncate(length)
        }

        fn sync(&mut self) -> io::Result<()> {
            (self.1)();
            self.0.sync()
        }
    }

    struct Nothing;

    impl Downstream for Nothing {
        fn space(&mut self) -> Space {
            Space::Plenty
        }

        fn take(&mut self, _applied: Applied) -> bool {
            true
        }
    }

    #[test]
    fn what_is_shown_of_an_agency_changes_when_it_is_durable_and_not_a_moment_before() {
        let harbor = AgencyId::parse("harbor").unwrap();
        let mut heads = Heads::default();
        let invitation = Invitation {
            agency: harbor.clone(),
            name: "Harbor House".to_owned(),
            token_hash: Hash::of(&[b"token"]),
            expires_at: Timestamp::MAX,
        };
        heads.fold(Fact::Invited(invitation), Timestamp::UNIX_EPOCH);
        let heads = Arc::new(RwLock::new(heads));
        let seen: Arc<RwLock<Vec<(bool, bool)>>> = Arc::default();
        let settled_later: Arc<RwLock<Option<Settled>>> = Arc::default();
        let look = {
            let (heads, seen) = (Arc::clone(&heads), Arc::clone(&seen));
            let (later, harbor) = (Arc::clone(&settled_later), harbor.clone());
            move || {
                let Some(settled) = later.read().unwrap().clone() else {
                    return;
                };
                let heads = heads.read().unwrap();
                let decided = heads.agency(&harbor).unwrap().member.standing;
                let banned = decided == Standing::Banned;
                seen.write()
                    .unwrap()
                    .push((banned, settled.is_banned(&harbor)));
            }
        };
        let disk = MemoryStorage::default();
        let storage = Looking {
            inner: disk.clone(),
            look: Arc::new(look),
        };
        let options = Options {
            generation: 1,
            ..Options::default()
        };
        let (journal, _) = Journal::open(storage, options).unwrap();
        let mut recorder = Recorder::new(journal, heads, Nothing, 1, Timestamp::UNIX_EPOCH);
        let settled = recorder.settled();
        *settled_later.write().unwrap() = Some(settled.clone());
        let mut ban = || {
            let (answer, mut answered) = oneshot::channel::<Result<(), ActRefused>>();
            let by = Person::parse("Ana Ruiz").unwrap();
            let act = OperatorAct::SetStanding(harbor.clone(), Standing::Banned, by, String::new());
            let submission = Submission::Operator(act, answer);
            recorder.record(submission, || None, Timestamp::UNIX_EPOCH);
            answered.try_recv().unwrap().is_ok()
        };

        assert!(ban());

        let seen = seen.read().unwrap().clone();
        assert!(
            !seen.is_empty() && seen.iter().all(|one| *one == (true, false)),
            "{seen:?}"
        );
        assert!(settled.is_banned(&harbor));
    }
}
