//! Publishing: sessions, operations and capacity reports of an agency.
//!
//! The agency is always the certificate's. Signatures are checked here, before anything an operation
//! says is looked at; everything else is the ledger's to judge.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use referral_core::capacity::{Order, Report};
use referral_core::federation::{
    Change, Digest, Header, PublicKey, Purpose, Signature, Tip, verify,
};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey, RecordName};
use referral_core::policy::Viewer;
use referral_core::unfit::{Unfit, holds_person_number, unfit};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::sessions::{Notices, Open};
use super::{DecisionRefused, Directory};
use crate::audit::Act;
use crate::ledger::{
    ActRefused, CLONED, CheckedCapacity, CheckedOperation, FenceCause, Granted, Hello, Hold,
    Notice, OperatorAct, Outcome, Refusal, SessionEnd, SignedBytes, Submission, Welcome,
};
use crate::store::{Store, StoreError};

/// What the operator has to look at when an agency has come to the end of its budget.
const BUDGET_SPENT: &str = "budget_spent";
/// How long a node waits for the store to hold what was just written.
const CATCH_UP: Duration = Duration::from_secs(10);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// An operation as received.
#[derive(Debug)]
pub struct ReceivedOperation {
    /// Who claims to have signed it, and where it stands.
    pub header: Header,
    /// What it says, or what is wrong with that.
    pub change: Result<Change, Refusal>,
    /// Its exact bytes.
    pub signed: SignedBytes,
}

/// A capacity report as received.
#[derive(Debug)]
pub struct ReceivedCapacity {
    /// Who claims to have signed it.
    pub agency: AgencyId,
    /// Its place in the agency's stream.
    pub order: Order,
    /// What it says, or what is wrong with that.
    pub report: Result<Report, Refusal>,
    /// Its exact bytes.
    pub signed: SignedBytes,
}

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The agency, from its certificate.
    pub agency: AgencyId,
    /// Where the directory's copy of its log stands.
    pub welcome: Welcome,
    /// Cancelled when another session of the agency begins.
    pub superseded: CancellationToken,
    /// What the agency's people should know, as it comes up.
    pub notices: Notices,
    listing_key: PublicKey,
    _open: Arc<Open>,
}

/// A signature does not fit: the session ends and the operator should know.
#[derive(Debug, thiserror::Error)]
#[error(
    "an operation is not signed with this agency's listing key: was the node's data copied or damaged?"
)]
pub struct BadSignature;

impl Directory {
    /// The directory's generation.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.ledger.generation()
    }

    /// Opens a session, ending an older one of the same agency.
    ///
    /// # Errors
    /// [`SessionEnd`] when the agency is not a member with this key, or nothing can be written.
    pub async fn hello(&self, hello: Hello) -> Result<Session, SessionEnd> {
        let agency = hello.agency.clone();
        let welcome = self
            .ledger
            .submit::<_, SessionEnd>(|answer| Submission::Hello(hello, answer))
            .await;
        let welcome = match welcome {
            Ok(welcome) => welcome,
            Err(end) => {
                match end.cause {
                    FenceCause::Certificate => {
                        self.alarm(&agency, "certificate_superseded").await;
                    }
                    // It may be the third proof of a copied node: that ends every stream of the agency (R8).
                    FenceCause::Suspended => self.sessions.end(&agency),
                    FenceCause::Budget => self.alarm(&agency, BUDGET_SPENT).await,
                    _ => {}
                }
                return Err(end);
            }
        };
        let mut welcome = welcome;
        let problems = self.problems_at_hello(&agency);
        welcome.notices.extend(problems);
        welcome.notices.extend(self.outcomes_at_hello(&agency));
        let (superseded, notices) = self.sessions.begin(&agency, welcome.session, welcome.now);
        let open = self.sessions.open(&agency, welcome.session);
        if let Some(told) = welcome.notices.iter().find(|told| told.code == CLONED) {
            warn!(referral.agency.id = %agency, referral.notice = told.code, "agency {agency}: {}", told.text);
        }
        let listing_key = self
            .listing_key(&agency)
            .ok_or(SessionEnd::of(FenceCause::NotMember))?;
        Ok(Session {
            agency,
            welcome,
            superseded,
            notices,
            listing_key,
            _open: open,
        })
    }

    /// Records operations of a session, in order; returns once they are durable.
    ///
    /// # Errors
    /// [`SessionEnd`] when the session is over.
    pub async fn publish(
        &self,
        session: &Session,
        operations: Vec<CheckedOperation>,
    ) -> Result<Outcome, SessionEnd> {
        failpoint!("rx.validated");
        self.sessions.heard(&session.agency, self.now());
        let (agency, number) = (session.agency.clone(), session.welcome.session);
        let outcome = self
            .ledger
            .submit(|answer| Submission::Operations(agency, number, operations, answer))
            .await;
        self.note_budget(session, outcome).await
    }

    /// Records capacity reports of a session; returns once they are durable and searches see them.
    ///
    /// # Errors
    /// [`SessionEnd`] when the session is over.
    pub async fn report_capacity(
        &self,
        session: &Session,
        reports: Vec<CheckedCapacity>,
    ) -> Result<Outcome, SessionEnd> {
        self.sessions.heard(&session.agency, self.now());
        let (agency, number) = (session.agency.clone(), session.welcome.session);
        let outcome = self
            .ledger
            .submit(|answer| Submission::Capacity(agency, number, reports, answer))
            .await;
        self.note_budget(session, outcome).await
    }

    /// Notes for the operator that an agency has come to the end of its budget.
    async fn note_budget(
        &self,
        session: &Session,
        outcome: Result<Outcome, SessionEnd>,
    ) -> Result<Outcome, SessionEnd> {
        if outcome
            .as_ref()
            .is_err_and(|end| end.cause == FenceCause::Budget)
        {
            self.alarm(&session.agency, BUDGET_SPENT).await;
        }
        outcome
    }

    /// Begins a new epoch of the agency's log, or repeats the one this session was given (R6).
    ///
    /// # Errors
    /// [`SessionEnd`] when the session is over.
    pub async fn new_epoch(&self, session: &Session) -> Result<Granted, SessionEnd> {
        self.sessions.heard(&session.agency, self.now());
        let (agency, number) = (session.agency.clone(), session.welcome.session);
        failpoint!("epoch.pre_persist");
        let granted = self
            .ledger
            .submit(|answer| Submission::NewEpoch(agency, number, answer))
            .await;
        failpoint!("epoch.post_persist");
        granted
    }

    /// Where the agency's records stand, withdrawn and deleted ones too (R7).
    ///
    /// * `bits`, `buckets` — only records in these of 2^`bits` buckets (R15); no bucket: all.
    #[must_use]
    pub fn tips(&self, session: &Session, bits: u32, buckets: &[u32]) -> Vec<(RecordName, Tip)> {
        self.sessions.heard(&session.agency, self.now());
        let heads = self.ledger.heads();
        let tips = heads.tips(&session.agency, bits, buckets);
        tips.map(|(name, tip)| (name.clone(), tip)).collect()
    }

    /// The signed operations at which these records of the agency stand, as far as there are any.
    ///
    /// # Errors
    /// [`SessionEnd`] when they cannot be read just now.
    pub async fn fetch(
        &self,
        session: &Session,
        names: Vec<RecordName>,
    ) -> Result<Vec<SignedBytes>, SessionEnd> {
        self.sessions.heard(&session.agency, self.now());
        let agency = session.agency.clone();
        let found = self.read_store(move |store| {
            let key = |RecordName { kind, id }| RecordKey {
                agency: agency.clone(),
                kind,
                id,
            };
            let records = names.into_iter().map(|name| store.record(&key(name)));
            records.collect::<Result<Vec<_>, StoreError>>()
        });
        let found = found.await?.into_iter().flatten();
        Ok(found.map(|stored| stored.signed).collect())
    }

    /// The agency's signed capacity reports that are in force (R11).
    ///
    /// * `services` — those they are about; none: all.
    ///
    /// # Errors
    /// [`SessionEnd`] when they cannot be read just now.
    pub async fn standing_reports(
        &self,
        session: &Session,
        services: Vec<LocalId>,
    ) -> Result<Vec<SignedBytes>, SessionEnd> {
        self.sessions.heard(&session.agency, self.now());
        let agency = session.agency.clone();
        self.read_store(move |store| {
            if services.is_empty() {
                let reports = store.reports_by(&agency);
                return reports.map(|report| Ok(report?.signed)).collect();
            }
            let key = |id| RecordKey {
                agency: agency.clone(),
                kind: Kind::Service,
                id,
            };
            let mut reports = Vec::new();
            for service in services.into_iter().map(key) {
                let about = store.reports_of(&service)?.into_iter();
                reports.extend(about.map(|report| report.signed));
            }
            Ok(reports)
        })
        .await
    }

    /// Reads what the journal held a moment ago from the store, off the async threads.
    async fn read_store<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SessionEnd> {
        self.store_caught_up().await?;
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || read(&store)).await;
        let unreadable = SessionEnd::of(FenceCause::Storage);
        read.map_err(|_| unreadable)?.map_err(|_| unreadable)
    }

    /// Waits until the store holds what the journal held a moment ago.
    async fn store_caught_up(&self) -> Result<(), SessionEnd> {
        let written = self.ledger.written();
        let caught_up = async {
            while self.store.folded() < written {
                sleep(LOOK).await;
            }
        };
        let waited = timeout(CATCH_UP, caught_up).await;
        waited.map_err(|_| SessionEnd::of(FenceCause::Storage))
    }

    /// Hears that the node is alive. When both stand at the same operation and hold different records, the
    /// directory's digest tells in which few (R15).
    ///
    /// * `seq`, `root` — operations the node knows to be decided, and the root of its digest.
    #[must_use]
    pub fn beat(&self, session: &Session, seq: u64, root: Hash) -> Option<Digest> {
        self.sessions.heard(&session.agency, self.now());
        let heads = self.ledger.heads();
        let log = heads.agency(&session.agency)?.log.as_ref()?;
        if log.session != session.welcome.session || log.chain.applied != seq {
            return None;
        }
        let head = log.chain.head;
        if self.sessions.root_at(&session.agency, head) == Some(root) {
            return None;
        }
        let digest = heads.digest(&session.agency);
        self.sessions
            .note_root(&session.agency, head, digest.root());
        (digest.root() != root).then_some(digest)
    }

    /// The services of the agency that nobody finds just now, and why.
    #[must_use]
    pub fn held_services(&self, session: &Session) -> BTreeMap<LocalId, Hold> {
        self.ledger.heads().held_services(&session.agency)
    }

    /// Lets so many more deletions of an agency through (R9), and tells its node.
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn allow_deletions(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        more: u64,
    ) -> Result<(), DecisionRefused> {
        let note = more.to_string();
        self.record_decision(viewer, Act::DeletionsAllowed, &agency, &note)
            .await?;
        let act = OperatorAct::AllowDeletions(agency.clone(), more);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        self.sessions.tell(&agency, Notice::deletions_allowed(more));
        Ok(())
    }

    /// Lets an agency publish again after two nodes were found to publish as it (R8).
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn readmit(&self, viewer: &Viewer, agency: AgencyId) -> Result<(), DecisionRefused> {
        self.record_decision(viewer, Act::AgencyReadmitted, &agency, "")
            .await?;
        let act = OperatorAct::Readmit(agency);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        Ok(())
    }

    /// The listing key of the agency that signed these bytes: the current one, or that of a node before which
    /// lost its data.
    pub(super) fn key_of(
        &self,
        agency: &AgencyId,
        purpose: Purpose,
        signed: &SignedBytes,
    ) -> Option<PublicKey> {
        let (current, earlier) = {
            let known = self.ledger.settled().agency(agency)?;
            (known.listing_key?, known.earlier_keys.clone())
        };
        // Checked when it came in: with one key there is nothing to choose.
        if earlier.is_empty() {
            return Some(current);
        }
        let signature = Signature::try_from(signed.signature.as_slice()).ok()?;
        let mut keys = std::iter::once(current).chain(earlier.into_iter().rev());
        keys.find(|key| verify(key, purpose, &signed.bytes, &signature).is_ok())
    }

    pub(super) fn listing_key(&self, agency: &AgencyId) -> Option<PublicKey> {
        let heads = self.ledger.heads();
        let membership = heads.agency(agency)?.membership.as_ref()?;
        Some(membership.listing_key)
    }
}

impl Session {
    /// Checks who signed operations. Costs about 80 microseconds each: not for an async thread.
    ///
    /// # Errors
    /// [`BadSignature`] for the first that names another agency or is not signed by its key.
    pub fn check(
        &self,
        received: Vec<ReceivedOperation>,
    ) -> Result<Vec<CheckedOperation>, BadSignature> {
        received
            .into_iter()
            .map(
                |ReceivedOperation {
                     header,
                     change,
                     signed,
                 }| {
                    self.signed_by_agency(&header.agency, Purpose::Listing, &signed)?;
                    Ok(CheckedOperation {
                        header,
                        change: change.and_then(fit),
                        signed,
                    })
                },
            )
            .collect()
    }

    /// Checks who signed capacity reports.
    ///
    /// # Errors
    /// [`BadSignature`] for the first that names another agency or is not signed by its key.
    pub fn check_capacity(
        &self,
        received: Vec<ReceivedCapacity>,
    ) -> Result<Vec<CheckedCapacity>, BadSignature> {
        received
            .into_iter()
            .map(
                |ReceivedCapacity {
                     agency,
                     order,
                     report,
                     signed,
                 }| {
                    self.signed_by_agency(&agency, Purpose::Capacity, &signed)?;
                    Ok(CheckedCapacity {
                        order,
                        report: report.and_then(fit_report),
                        signed,
                    })
                },
            )
            .collect()
    }

    fn signed_by_agency(
        &self,
        claimed: &AgencyId,
        purpose: Purpose,
        signed: &SignedBytes,
    ) -> Result<(), BadSignature> {
        let signature =
            Signature::try_from(signed.signature.as_slice()).map_err(|_| BadSignature)?;
        if *claimed != self.agency {
            return Err(BadSignature);
        }
        verify(&self.listing_key, purpose, &signed.bytes, &signature).map_err(|_| BadSignature)
    }
}

/// A change whose record holds nothing that has no place in a listing.
fn fit(change: Change) -> Result<Change, Refusal> {
    let found = change.record.as_ref().map_or(Ok(()), unfit);
    match found {
        Ok(()) => Ok(change),
        Err((field, found)) => {
            let field = format!("{}.{field}", change.kind.as_str());
            Err(refused(change.kind, change.id, field, found))
        }
    }
}

/// A report whose note holds nothing of the kind.
fn fit_report(report: Report) -> Result<Report, Refusal> {
    let note = report.said().note.as_ref();
    if note.is_some_and(|note| holds_person_number(note.as_str())) {
        let service = report.said().service.clone();
        let field = "note".to_owned();
        return Err(refused(Kind::Service, service, field, Unfit::PersonNumber));
    }
    Ok(report)
}

fn refused(kind: Kind, id: LocalId, field: String, found: Unfit) -> Refusal {
    Refusal {
        kind: Some(kind),
        id: Some(id),
        code: found.code().to_owned(),
        field,
        text: found.to_string(),
    }
}
