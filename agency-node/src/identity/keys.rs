//! The node's own keys, made once, before the directory is asked for anything.

use std::fmt;
use std::path::Path;

use rand::TryRng;
use rand::rngs::SysRng;
use referral_core::federation::{ListingKey, Purpose};
use referral_core::id::hex;
use referral_runtime::tls::{self, InvalidIdentity, NewKey};

use super::files::{IdentityError, read, write};

const TLS_KEY: &str = "tls.key";
const TLS_REQUEST: &str = "tls.csr";
const LISTING_KEY: &str = "listing.key";
/// The files of the keys. The TLS key is the last that is made: where it is, the others are.
pub(super) const FILES: [&str; 3] = [LISTING_KEY, TLS_REQUEST, TLS_KEY];
/// The files of a data directory that nobody but its owner may read.
pub(crate) const SECRETS: [&str; 2] = [TLS_KEY, LISTING_KEY];

/// The TLS key with its certificate request, and the listing key.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    tls_key_pem: Vec<u8>,
    request: Vec<u8>,
    listing_seed: [u8; 32],
}

impl Keys {
    /// Reads the keys in `data_dir`, or makes them there. They are on disk when this returns, so that a
    /// question asked with them can be asked again.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn load_or_make(data_dir: &Path) -> Result<Self, IdentityError> {
        match Self::load(data_dir)? {
            Some(keys) => Ok(keys),
            None => Self::make(data_dir),
        }
    }

    /// Reads the keys in `data_dir`; `None` when none were made.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn load(data_dir: &Path) -> Result<Option<Self>, IdentityError> {
        // The TLS key is written last: where it is, the others are.
        let Some(tls_key_pem) = read(&data_dir.join(TLS_KEY))? else {
            return Ok(None);
        };
        let missing = |file: &str| IdentityError::unusable(&data_dir.join(file), "is missing");
        let request = read(&data_dir.join(TLS_REQUEST))?.ok_or_else(|| missing(TLS_REQUEST))?;
        let seed = read(&data_dir.join(LISTING_KEY))?.ok_or_else(|| missing(LISTING_KEY))?;
        let listing_seed = unhex(&seed).ok_or_else(|| {
            let what = "does not hold 64 hexadecimal digits";
            IdentityError::unusable(&data_dir.join(LISTING_KEY), what)
        })?;
        Ok(Some(Self {
            tls_key_pem,
            request,
            listing_seed,
        }))
    }

    fn make(data_dir: &Path) -> Result<Self, IdentityError> {
        let no_key = |_| IdentityError::unusable(data_dir, "gets no keys: no random numbers");
        let key = NewKey::generate().map_err(no_key)?;
        let request = key
            .request()
            .map_err(|_| IdentityError::unusable(data_dir, "gets no keys: the key cannot sign"))?;
        let mut listing_seed = [0; 32];
        SysRng
            .try_fill_bytes(&mut listing_seed)
            .map_err(|_| IdentityError::unusable(data_dir, "gets no keys: no random numbers"))?;
        let keys = Self {
            tls_key_pem: key.reveal_pem().into_bytes(),
            request,
            listing_seed,
        };
        write(
            &data_dir.join(LISTING_KEY),
            format!("{}\n", hex(&listing_seed)).as_bytes(),
        )?;
        write(&data_dir.join(TLS_REQUEST), &keys.request)?;
        write(&data_dir.join(TLS_KEY), &keys.tls_key_pem)?;
        Ok(keys)
    }

    /// The certificate request, DER.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// The key that signs what the agency publishes.
    #[must_use]
    pub fn listing_key(&self) -> ListingKey {
        ListingKey::from_seed(&self.listing_seed)
    }

    /// The listing key's signature over the certificate request: both keys are one node's.
    #[must_use]
    pub fn proof(&self) -> Vec<u8> {
        self.listing_key()
            .sign(Purpose::Listing, &self.request)
            .as_bytes()
            .to_vec()
    }

    /// The TLS key with its certificate.
    ///
    /// # Errors
    /// [`InvalidIdentity`] when they are no PEM.
    pub fn with_certificate(
        &self,
        certificate_pem: &str,
    ) -> Result<tls::Identity, InvalidIdentity> {
        tls::Identity::from_pem(certificate_pem.as_bytes(), &self.tls_key_pem)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(secret)")
    }
}

fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_readable_by_their_owner_only() {
        let directory = tempfile::tempdir().unwrap();

        let made = Keys::load_or_make(directory.path()).unwrap();

        assert_eq!(Keys::load_or_make(directory.path()).unwrap(), made);
        for file in [TLS_KEY, TLS_REQUEST, LISTING_KEY] {
            let found = fs::metadata(directory.path().join(file)).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn keys_whose_making_was_interrupted_are_made_again() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(LISTING_KEY), "half").unwrap();

        assert!(Keys::load_or_make(directory.path()).is_ok());
    }

    #[test]
    fn a_damaged_listing_key_is_named_and_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        Keys::load_or_make(directory.path()).unwrap();
        fs::write(directory.path().join(LISTING_KEY), "half").unwrap();

        let refused = Keys::load_or_make(directory.path()).unwrap_err();

        assert!(refused.to_string().contains("listing.key"), "{refused}");
    }
}
