//! Publishing: sessions, operations and capacity reports of an agency.
//!
//! The agency is always the certificate's. Signatures are checked here, before anything an operation
//! says is looked at; everything else is the ledger's to judge.

use referral_core::capacity::{Order, Report};
use referral_core::federation::{Change, Header, PublicKey, Purpose, Signature, verify};
use referral_core::id::AgencyId;
use tokio_util::sync::CancellationToken;

use super::Directory;
use crate::ledger::{
    CheckedCapacity, CheckedOperation, FenceCause, Hello, Outcome, Refusal, SessionEnd,
    SignedBytes, Submission, Welcome,
};

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
    listing_key: PublicKey,
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
            .submit(|answer| Submission::Hello(hello, answer))
            .await?;
        let superseded = self.sessions.begin(&agency, welcome.session, welcome.now);
        let listing_key = self.listing_key(&agency).ok_or(SessionEnd {
            cause: FenceCause::NotMember,
            text: "this agency has not joined the directory",
        })?;
        Ok(Session {
            agency,
            welcome,
            superseded,
            listing_key,
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
        self.sessions.heard(&session.agency, self.clock.now());
        let (agency, number) = (session.agency.clone(), session.welcome.session);
        self.ledger
            .submit(|answer| Submission::Operations(agency, number, operations, answer))
            .await
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
        self.sessions.heard(&session.agency, self.clock.now());
        let (agency, number) = (session.agency.clone(), session.welcome.session);
        self.ledger
            .submit(|answer| Submission::Capacity(agency, number, reports, answer))
            .await
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
                        change,
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
                        report,
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
