//! `directory-server.toml`. An empty file means the defaults written here.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use referral_runtime::config::human_duration;
use referral_runtime::telemetry::LogConfig;
use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The listener for agencies' nodes.
    pub federation: FederationConfig,
    /// The listener for pages and searches.
    pub public: PublicConfig,
    /// What was accepted, as it came.
    pub journal: JournalConfig,
    /// What is logged.
    pub log: LogConfig,
}

/// `[federation]`: mutual TLS, agencies only.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FederationConfig {
    /// Address and port. Default: `"127.0.0.1:7443"`.
    pub listen: SocketAddr,
    /// Names and addresses by which nodes reach it; they go into its certificate.
    /// Default: `["localhost", "127.0.0.1", "::1"]`.
    pub names: Vec<String>,
    /// The trust domain of agencies' certificates. Default: `"referral.internal"`.
    pub trust_domain: String,
}

/// `[public]`: pages and searches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublicConfig {
    /// Address and port. Default: `"127.0.0.1:8080"`. Without a certificate only a loopback address.
    pub listen: SocketAddr,
    /// PEM file with the certificate chain. Default: none.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key. Default: none.
    pub key: Option<PathBuf>,
}

/// `[journal]`: how long what was accepted is kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalConfig {
    /// Least time that a record of the journal is kept after its receipt. Default: `"180days"`.
    #[serde(with = "human_duration")]
    pub keep: Duration,
    /// A snapshot is made after so many records of the journal, and at least daily. Default: 100,000.
    pub snapshot_records: u64,
    /// The journal is kept in files of this size, and dropped a file at a time. Unit: bytes.
    /// Default: 67,108,864.
    pub segment_bytes: u64,
    /// Months of the history of capacity and listings that are kept before the current one; 0: all. Default: 60.
    pub history_months: u32,
}

impl JournalConfig {
    /// How many months of history are kept before the current one; `None`: all.
    #[must_use]
    pub fn history_months(&self) -> Option<u32> {
        (self.history_months > 0).then_some(self.history_months)
    }
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            keep: Duration::from_hours(180 * 24),
            snapshot_records: 100_000,
            segment_bytes: 64 << 20,
            history_months: 60,
        }
    }
}

impl Default for FederationConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 7443).into(),
            names: ["localhost", "127.0.0.1", "::1"]
                .map(str::to_owned)
                .to_vec(),
            trust_domain: "referral.internal".to_owned(),
        }
    }
}

impl Default for PublicConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            certificate: None,
            key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_means_the_documented_defaults() {
        let config: Config = toml::from_str("").unwrap();

        assert_eq!(config.federation.listen.to_string(), "127.0.0.1:7443");
        assert_eq!(config.public.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.federation.trust_domain, "referral.internal");
        assert_eq!(config.journal.keep, Duration::from_hours(180 * 24));
    }

    #[test]
    fn the_sample_file_says_the_defaults() {
        let sample = include_str!("../../deploy/directory-server.toml");
        let sample: Config = toml::from_str(sample).unwrap();

        assert_eq!(sample, Config::default());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("[public]\nlisten_on = 1").is_err());
    }
}
