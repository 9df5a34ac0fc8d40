//! Renewing a node's certificate: before it expires, or long after.
//!
//! A node shows the newest certificate it has, proves with its listing key that it asks now, and gets one for the
//! same TLS key. What counts is how the agency stands today, not when the certificate expired. Every
//! certificate is on record before it is signed.

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::{PublicKey, Purpose, Signature, renewal_words, verify};
use referral_core::id::{AgencyId, Hash};
use referral_runtime::tls::{CertificateRequest, Leaf, MEMBER_VALIDITY, Member, Peer, Serial};
use tracing::{info, warn};

use super::Directory;
use super::enrol::EnrolError;
use crate::ledger::{OperatorAct, RenewRefused, Renewal, Submission};

/// How long a challenge may be answered.
const CHALLENGE: SignedDuration = SignedDuration::from_mins(1);
/// The length of a challenge: when it was given, and the directory's mark. Unit: bytes.
const CHALLENGE_BYTES: usize = 48;

/// A node that wants a new certificate.
#[derive(Debug)]
pub struct RenewRequest {
    /// What it was given to sign.
    pub challenge: Vec<u8>,
    /// The newest certificate it has, DER.
    pub certificate: Vec<u8>,
    /// Certificate request for the same key, DER.
    pub certificate_request: Vec<u8>,
    /// The listing key's signature over [`renewal_words`].
    pub proof: Signature,
}

/// A new certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The agency it is for.
    pub agency: AgencyId,
    /// DER.
    pub certificate: Vec<u8>,
    /// It is good until then.
    pub expires_at: Timestamp,
}

/// Makes challenges and knows them again, without keeping any.
#[derive(Debug)]
pub(super) struct Challenges {
    secret: Hash,
}

impl Challenges {
    pub(super) fn new(secret: Hash) -> Self {
        Self { secret }
    }

    /// Something to sign.
    fn give(&self, now: Timestamp) -> Vec<u8> {
        let given = now.as_nanosecond().to_be_bytes();
        [given.as_slice(), self.mark(&given).as_bytes()].concat()
    }

    /// Whether this was given less than a minute ago.
    fn knows(&self, challenge: &[u8], now: Timestamp) -> bool {
        let Some((given, mark)) = challenge.split_first_chunk::<16>() else {
            return false;
        };
        let age = now.as_nanosecond().checked_sub(i128::from_be_bytes(*given));
        let is_fresh = age.is_some_and(|age| (0..=CHALLENGE.as_nanos()).contains(&age));
        challenge.len() == CHALLENGE_BYTES
            && is_fresh
            && Hash::try_from(mark) == Ok(self.mark(given))
    }

    fn mark(&self, given: &[u8; 16]) -> Hash {
        Hash::of(&[self.secret.as_bytes(), given])
    }
}

impl Directory {
    /// Something to sign, good for a minute.
    #[must_use]
    pub fn challenge(&self) -> Vec<u8> {
        self.challenges.give(self.now())
    }

    /// Gives a node a certificate to follow the one it has. Asked again while that is fresh it gives the
    /// same one.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn renew(&self, request: RenewRequest) -> Result<Renewed, EnrolError> {
        if self.clock.suspicion().is_some() {
            return Err(EnrolError::ClockSuspect);
        }
        let csr = CertificateRequest::parse(&request.certificate_request)?;
        let peer = self.authority.member(&request.certificate);
        let peer = peer.map_err(|_| RenewRefused::NotMember)?;
        self.proves(&request, &peer)?;
        if peer.key_hash != csr.key_hash() {
            return Err(RenewRefused::NotMember.into());
        }
        if let Err(refused) = self.let_back_in(&peer).await {
            warn!(referral.agency.id = %peer.agency, "agency {} was not let back in: {refused}", peer.agency);
        }
        let renewed = self.renewed(&request, &peer, &csr).await;
        if let Err(EnrolError::Renewal(RenewRefused::Superseded)) = &renewed {
            self.alarm(&peer.agency, "certificate_superseded").await;
        }
        let certificate = renewed?;
        let leaf = Leaf::of(&certificate);
        let expires_at = leaf.map_or(peer.not_after, |leaf| leaf.not_after);
        info!(referral.agency.id = %peer.agency, "the certificate of agency {} was renewed", peer.agency);
        Ok(Renewed {
            agency: peer.agency,
            certificate,
            expires_at,
        })
    }

    /// Whether the listing key that the agency joined with signed this request just now.
    fn proves(&self, request: &RenewRequest, peer: &Peer) -> Result<(), EnrolError> {
        if !self.challenges.knows(&request.challenge, self.now()) {
            return Err(EnrolError::Challenge);
        }
        let key = self.listing_key(&peer.agency);
        // A directory that is being rebuilt knows the key by the certificate alone.
        let lost = || peer.listing_key.filter(|_| self.is_rebuilding());
        let key: PublicKey = key.or_else(lost).ok_or(RenewRefused::NotMember)?;
        let words = renewal_words(
            &request.challenge,
            &request.certificate,
            &request.certificate_request,
        );
        verify(&key, Purpose::Renewal, &words, &request.proof).map_err(|_| EnrolError::Proof)
    }

    async fn renewed(
        &self,
        request: &RenewRequest,
        peer: &Peer,
        csr: &CertificateRequest,
    ) -> Result<Vec<u8>, EnrolError> {
        let shown = Leaf::of(&request.certificate).ok_or(RenewRefused::NotMember)?;
        let (now, serial) = (self.now(), Serial::random()?);
        let renewal = Renewal {
            agency: peer.agency.clone(),
            tls_key_hash: csr.key_hash(),
            shown,
            serial,
            expires_at: now.saturating_add(MEMBER_VALIDITY).unwrap_or(now),
        };
        let again = self
            .ledger
            .submit::<_, RenewRefused>(|answer| Submission::Renew(Box::new(renewal), answer))
            .await?;
        if let Some(again) = again {
            return Ok(again);
        }
        let (name, listing_key) = self.said_of(&peer.agency).ok_or(RenewRefused::NotMember)?;
        let member = Member {
            agency: &peer.agency,
            name: &name,
            listing_key: Some(&listing_key),
        };
        let issued = self
            .authority
            .issue_agency(csr, member, serial, MEMBER_VALIDITY, now)?;
        let (agency, certificate) = (peer.agency.clone(), issued.leaf());
        let recorded = self
            .ledger
            .submit::<_, RenewRefused>(|answer| {
                Submission::Renewed(agency, serial, certificate, answer)
            })
            .await?;
        Ok(recorded)
    }

    /// The name and listing key of an agency whose node has joined.
    fn said_of(&self, agency: &AgencyId) -> Option<(String, PublicKey)> {
        let heads = self.ledger.heads();
        let head = heads.agency(agency)?;
        Some((head.name.clone(), head.membership.as_ref()?.listing_key))
    }

    /// Notes what a person has to look at, and logs it.
    pub(crate) async fn alarm(&self, agency: &AgencyId, code: &'static str) {
        warn!(
            referral.agency.id = %agency,
            referral.alarm = code,
            "agency {agency}: {code}: look at `directory-server agency status`"
        );
        let act = OperatorAct::Alarm(agency.clone(), code);
        let noted = self
            .ledger
            .submit::<(), crate::ledger::ActRefused>(|answer| Submission::Operator(act, answer))
            .await;
        if let Err(refused) = noted {
            warn!(referral.agency.id = %agency, "the alarm could not be noted: {refused}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_known_again_for_a_minute_and_only_by_who_gave_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let challenges = Challenges::new(Hash::of(&[b"one"]));
        let challenge = challenges.give(at(100));

        assert_eq!(challenge.len(), CHALLENGE_BYTES);
        assert!(challenges.knows(&challenge, at(160)));
        assert!(!challenges.knows(&challenge, at(161)));
        assert!(!challenges.knows(&challenge, at(99)));
        assert!(!Challenges::new(Hash::of(&[b"another"])).knows(&challenge, at(100)));
        assert!(!challenges.knows(&challenge[..47], at(100)));
    }
}
