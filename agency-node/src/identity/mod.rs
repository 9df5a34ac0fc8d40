//! Who this node is: its keys, its certificate, and the directory it has joined.
//!
//! A data directory holds, each readable by its owner only:
//!
//! * `tls.key` and `tls.csr` — the TLS key and the request for its certificate,
//! * `listing.key` — the seed of the key that signs what the agency publishes,
//! * `membership.json` — what the directory answered; the node has joined once it is there.
//!
//! [`Keys`] makes the first three, [`join`] asks for the last, `renew` asks for a new certificate in it,
//! [`join_again`] puts new ones in the places of all four, and [`Joined::load`] reads them.

mod change;
mod files;
mod join;
mod journal;
mod keys;
mod membership;
mod renew;

use std::path::Path;
use std::sync::Arc;

use referral_core::federation::ListingKey;
use referral_runtime::clock::Clock;
use referral_runtime::tls::{self, Dialer, InvalidIdentity, Trust};

pub(crate) use change::finish;
pub use change::join_again;
pub use files::IdentityError;
pub use join::{JoinError, join};
pub(crate) use journal::{FORMAT, JOURNAL, begin_journal};
pub use keys::Keys;
pub(crate) use keys::SECRETS;
pub use membership::Membership;
pub use renew::RenewError;
pub(crate) use renew::{Renewed, renew};

/// A node that has joined a directory.
#[derive(Debug)]
pub struct Joined {
    /// What the directory answered.
    pub membership: Membership,
    /// The key that signs what the agency publishes.
    pub listing_key: ListingKey,
    tls: tls::Identity,
}

impl Joined {
    /// Reads who this node is from its data directory.
    ///
    /// # Errors
    /// [`IdentityError::NotJoined`] when it is nobody yet.
    pub fn load(data_dir: &Path) -> Result<Self, IdentityError> {
        let membership = Membership::load(data_dir)?.ok_or_else(|| IdentityError::NotJoined {
            data_dir: data_dir.to_owned(),
        })?;
        let keys = Keys::load(data_dir)?
            .ok_or_else(|| IdentityError::unusable(data_dir, "has lost its keys"))?;
        Self::new(membership, &keys)
            .map_err(|_| IdentityError::unusable(data_dir, "holds no usable certificate"))
    }

    fn new(membership: Membership, keys: &Keys) -> Result<Self, InvalidIdentity> {
        let tls = keys.with_certificate(&membership.certificate_pem)?;
        Ok(Self {
            membership,
            listing_key: keys.listing_key(),
            tls,
        })
    }

    /// Connects to the directory as this node.
    ///
    /// # Errors
    /// [`InvalidIdentity`] when the certificate and key cannot be used.
    pub fn dialer(&self, clock: Arc<dyn Clock>) -> Result<Dialer, InvalidIdentity> {
        let authority = tls::certificate_from_pem(self.membership.authority_pem.as_bytes())?;
        let trust = Trust::Authority(authority);
        Dialer::new(
            self.membership.directory.clone(),
            &trust,
            Some(&self.tls),
            clock,
        )
    }
}
