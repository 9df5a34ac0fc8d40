//! The directory's own certificates, replaced while it runs: what is connected stays connected.
//!
//! The federation listener's is issued by the directory's authority and issued anew at half its life. The public
//! listener's comes from files, which are read again when they have changed; files that cannot be used change
//! nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use referral_runtime::clock::Clock;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::tls::{self, Identity, Leaf, SharedConfig};
use tracing::{info, warn};

use crate::config::PublicConfig;
use crate::operations::Directory;

/// How long the directory's own certificate is good for.
const SERVER_CERTIFICATE: Duration = Duration::from_hours(30 * 24);

/// The certificate of the federation listener.
pub(super) struct Federation {
    directory: Arc<Directory>,
    names: Vec<String>,
    clock: Arc<dyn Clock>,
    config: SharedConfig,
    renew_at: Mutex<Timestamp>,
}

/// The certificate of the public listener, in two files.
pub(super) struct Public {
    certificate: PathBuf,
    key: PathBuf,
    clock: Arc<dyn Clock>,
    config: SharedConfig,
    read: Mutex<(Vec<u8>, Vec<u8>)>,
}

impl Federation {
    /// Issues one.
    pub(super) fn issue(
        directory: &Arc<Directory>,
        names: &[String],
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let (config, renew_at) = issued(directory, names, &clock)?;
        Ok(Self {
            directory: Arc::clone(directory),
            names: names.to_vec(),
            clock,
            config: tls::shared(config),
            renew_at: Mutex::new(renew_at),
        })
    }

    pub(super) fn config(&self) -> SharedConfig {
        Arc::clone(&self.config)
    }

    /// Issues a new one at half the life of the one there is.
    pub(super) fn look(&self) {
        let mut renew_at = self.renew_at.lock().unwrap_or_else(PoisonError::into_inner);
        if self.clock.now() < *renew_at {
            return;
        }
        match issued(&self.directory, &self.names, &self.clock) {
            Ok((config, next)) => {
                self.config.store(Arc::new(config));
                *renew_at = next;
                info!("the directory has a new certificate for its agencies");
            }
            Err(error) => warn!("the directory's certificate was not renewed: {error:#}"),
        }
    }
}

fn issued(
    directory: &Arc<Directory>,
    names: &[String],
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<(tls::ServerConfig, Timestamp)> {
    let authority = directory.authority();
    let now = clock.now();
    let identity = authority.issue_server(names, SERVER_CERTIFICATE, now)?;
    let leaf = identity.chain().first().and_then(|leaf| Leaf::of(leaf));
    let renew_at = leaf.map_or(now, |leaf| leaf.at_share(0.5));
    let config = tls::federation(&identity, authority.certificate(), Arc::clone(clock))?;
    Ok((config, renew_at))
}

impl Public {
    /// Reads the files, where some are configured.
    pub(super) fn read(
        config: &PublicConfig,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Option<Self>> {
        let (certificate, key) = match (&config.certificate, &config.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            _ => {
                let wrong = "public.certificate and public.key go together: set both";
                return Err(anyhow::anyhow!(wrong)).exit(Exit::BadConfiguration);
            }
        };
        let read = files(&certificate, &key).exit(Exit::BadConfiguration)?;
        let settings = settings(&read, &clock).exit(Exit::BadConfiguration)?;
        Ok(Some(Self {
            certificate,
            key,
            clock,
            config: tls::shared(settings),
            read: Mutex::new(read),
        }))
    }

    pub(super) fn config(&self) -> SharedConfig {
        Arc::clone(&self.config)
    }

    /// Reads the files again if they have changed.
    pub(super) fn look(&self) {
        let mut before = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = match files(&self.certificate, &self.key) {
            Ok(read) if read == *before => return,
            Ok(read) => settings(&read, &self.clock).map(|settings| (read, settings)),
            Err(error) => Err(error),
        };
        match changed {
            Ok((read, settings)) => {
                self.config.store(Arc::new(settings));
                *before = read;
                info!("the certificate of the public pages was read anew");
            }
            Err(error) => warn!("the certificate of the public pages stays as it is: {error:#}"),
        }
    }
}

fn files(certificate: &Path, key: &Path) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    Ok((read(certificate)?, read(key)?))
}

fn settings(
    (chain, key): &(Vec<u8>, Vec<u8>),
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<tls::ServerConfig> {
    let identity = Identity::from_pem(chain, key)?;
    Ok(tls::public(&identity, Arc::clone(clock))?)
}
