//! After a total loss: agencies come back by what their certificates say.
//!
//! The directory lost who its members are, and it still has its authority. Whoever shows a certificate of
//! that authority was a member once: the certificate names the agency and binds its TLS key and its listing
//! key. Whom the operator had turned away since is lost too, so the operator looks through the list
//! before the rebuild is ended.

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::Epoch;
use referral_core::id::Hash;
use referral_runtime::tls::Peer;
use tracing::info;

use super::Directory;
use crate::audit::{Act, AuditError, Who};
use crate::ledger::{Invitation, JoinRefused, Membership, Submission};

/// How long the way back in stays open once it is written: it is used at once.
const OPEN: SignedDuration = SignedDuration::from_mins(1);

/// Why an agency was not let back in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetBackIn {
    /// The certificate is from before listing keys were in them.
    #[error(
        "its certificate does not say its listing key: let it in again with a token \
         (directory-server agency enrol)"
    )]
    NoListingKey,
    /// The ledger refused.
    #[error(transparent)]
    Refused(#[from] JoinRefused),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl Directory {
    /// While the directory is being rebuilt: makes an agency a member again that is not known, by its
    /// certificate. At any other time, and for an agency that is known, nothing happens.
    ///
    /// # Errors
    /// [`NotLetBackIn`] when the certificate does not say enough, or nothing can be written.
    pub async fn let_back_in(&self, peer: &Peer) -> Result<(), NotLetBackIn> {
        // Nobody was ever given this token: what it is the hash of is no token.
        let token_hash = Hash::of(&[b"let back in", &peer.certificate]);
        if !self.is_rebuilding() || !self.is_forgotten(peer, token_hash) {
            return Ok(());
        }
        let listing_key = peer.listing_key.ok_or(NotLetBackIn::NoListingKey)?;
        let (who, how) = (Who::node(&peer.agency), "by its certificate".to_owned());
        let agency = peer.agency.to_string();
        self.audit
            .before(who, Act::AgencyJoined, agency, how, self.now())
            .await?;
        let invitation = Invitation {
            agency: peer.agency.clone(),
            name: peer.name.clone().unwrap_or_else(|| peer.agency.to_string()),
            token_hash,
            expires_at: self.now().saturating_add(OPEN).unwrap_or(Timestamp::MAX),
        };
        self.ledger
            .submit::<(), JoinRefused>(|answer| Submission::Invite(invitation, false, answer))
            .await?;
        let membership = Membership {
            agency: peer.agency.clone(),
            token_hash,
            listing_key,
            tls_key_hash: peer.key_hash,
            certificate: peer.certificate.clone(),
            expires_at: peer.not_after,
            // The ledger gives the agency's next one.
            epoch: Epoch {
                generation: self.generation(),
                number: 1,
            },
        };
        self.ledger
            .submit::<Membership, JoinRefused>(|answer| {
                Submission::Join(Box::new(membership), answer)
            })
            .await?;
        info!(
            referral.agency.id = %peer.agency,
            "agency {} is back, by its certificate", peer.agency
        );
        Ok(())
    }

    /// Whether the agency is not known, or this was begun before and not finished. One that the operator
    /// has given a token comes with that.
    fn is_forgotten(&self, peer: &Peer, token_hash: Hash) -> bool {
        let heads = self.ledger.heads();
        heads.agency(&peer.agency).is_none_or(|head| {
            head.membership.is_none() && head.invitation.token_hash == token_hash
        })
    }
}
