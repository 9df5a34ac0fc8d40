//! `[page]` in the node's configuration.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use referral_runtime::config::human_duration;
use referral_runtime::tls::{Identity, InvalidIdentity};
use serde::{Deserialize, Serialize};

/// `[page]`: the agency's own page. Without the section none is served; with an empty one it is served to this machine
/// alone.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct PageConfig {
    /// Address and port. Default: `"127.0.0.1:7080"`. Without a certificate only a loopback address.
    pub listen: SocketAddr,
    /// PEM file with the certificate chain, for an office network. Read when the node starts. Default: none.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key. Default: none.
    pub key: Option<PathBuf>,
    /// How people reach it, e.g. `"https://node.harbor.example"`: for the links of invitations. Default: the address
    /// it listens on.
    pub address: Option<String>,
    /// People are signed out when they did nothing for so long. Default: `"1h"`.
    #[serde(with = "human_duration")]
    pub idle: Duration,
}

impl Default for PageConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 7080).into(),
            certificate: None,
            key: None,
            address: None,
            idle: Duration::from_hours(1),
        }
    }
}

/// Why the page cannot be served as configured. The operator's to fix.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPage {
    /// One of two.
    #[error("page.certificate and page.key go together: set both")]
    OneOfTwo,
    /// A file.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// They do not fit.
    #[error("page.certificate and page.key cannot be used")]
    Identity(#[from] InvalidIdentity),
}

impl PageConfig {
    /// The certificate and key; `None`: without TLS.
    ///
    /// # Errors
    /// [`InvalidPage`].
    pub fn identity(&self) -> Result<Option<Identity>, InvalidPage> {
        match (&self.certificate, &self.key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                let identity = Identity::from_pem(&read(certificate)?, &read(key)?)?;
                Ok(Some(identity))
            }
            _ => Err(InvalidPage::OneOfTwo),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, InvalidPage> {
    std::fs::read(file).map_err(|source| InvalidPage::Unreadable {
        file: file.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn an_empty_section_means_the_documented_defaults() {
        let config: Config = toml::from_str("[page]").unwrap();
        let page = config.page.unwrap();

        assert_eq!(page, PageConfig::default());
        assert_eq!(page.listen.to_string(), "127.0.0.1:7080");
        assert_eq!(page.idle, Duration::from_hours(1));
        assert!(page.identity().unwrap().is_none());
    }

    #[test]
    fn without_the_section_no_page_is_served() {
        assert_eq!(toml::from_str::<Config>("").unwrap().page, None);
    }

    #[test]
    fn a_certificate_without_a_key_is_refused() {
        let page: PageConfig = toml::from_str("certificate = \"page.pem\"").unwrap();

        assert!(matches!(page.identity(), Err(InvalidPage::OneOfTwo)));
    }
}
