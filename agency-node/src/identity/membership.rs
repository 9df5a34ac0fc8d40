//! What the directory answered when this node joined. One file, written whole: it is there or not.

use std::path::Path;

use jiff::Timestamp;
use referral_core::federation::Epoch;
use referral_core::id::AgencyId;
use referral_runtime::tls::Address;
use serde::{Deserialize, Serialize};

use super::files::{IdentityError, read, write};

/// Where it is within a data directory.
pub(super) const FILE: &str = "membership.json";

/// A node's membership in a directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The agency this node publishes for.
    pub agency: AgencyId,
    /// Its name.
    pub agency_name: String,
    /// Where the directory is.
    pub directory: Address,
    /// The first epoch of the agency's log.
    pub epoch: Epoch,
    /// The node's certificate.
    pub certificate_pem: String,
    /// The certificate of the directory's authority.
    pub authority_pem: String,
    /// The certificate is good until then.
    pub certificate_expires: Timestamp,
}

#[derive(Debug, Deserialize, Serialize)]
struct Stored {
    agency: String,
    agency_name: String,
    directory: String,
    generation: u64,
    epoch: u64,
    certificate: String,
    authority: String,
    certificate_expires: Timestamp,
}

impl Membership {
    /// Reads the membership in `data_dir`; `None` when the node has not joined.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn load(data_dir: &Path) -> Result<Option<Self>, IdentityError> {
        let path = data_dir.join(FILE);
        let Some(bytes) = read(&path)? else {
            return Ok(None);
        };
        let unusable = || IdentityError::unusable(&path, "cannot be read");
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| unusable())?;
        Ok(Some(Self {
            agency: AgencyId::parse(&stored.agency).map_err(|_| unusable())?,
            agency_name: stored.agency_name,
            directory: Address::parse(&stored.directory).map_err(|_| unusable())?,
            epoch: Epoch {
                generation: stored.generation,
                number: stored.epoch,
            },
            certificate_pem: stored.certificate,
            authority_pem: stored.authority,
            certificate_expires: stored.certificate_expires,
        }))
    }

    /// Writes the membership: from now on the node has joined.
    ///
    /// # Errors
    /// [`IdentityError::Io`].
    pub fn store(&self, data_dir: &Path) -> Result<(), IdentityError> {
        let stored = Stored {
            agency: self.agency.to_string(),
            agency_name: self.agency_name.clone(),
            directory: self.directory.to_string(),
            generation: self.epoch.generation,
            epoch: self.epoch.number,
            certificate: self.certificate_pem.clone(),
            authority: self.authority_pem.clone(),
            certificate_expires: self.certificate_expires,
        };
        let path = data_dir.join(FILE);
        let mut text = serde_json::to_vec_pretty(&stored)
            .map_err(|_| IdentityError::unusable(&path, "cannot be written as JSON"))?;
        text.push(b'\n');
        write(&path, &text)
    }
}
