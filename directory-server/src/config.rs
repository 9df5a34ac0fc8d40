//! `directory-server.toml`. An empty file means the defaults written here.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use referral_core::geo::Kilometres;
use referral_core::vocabulary::{Code, entry};
use referral_runtime::config::human_duration;
use referral_runtime::mail::MailConfig;
use referral_runtime::telemetry::LogConfig;
use serde::{Deserialize, Serialize};

use crate::operations::Watched;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The listener for agencies' nodes.
    pub federation: FederationConfig,
    /// The listener for pages and searches.
    pub public: PublicConfig,
    /// Where the authority's key is.
    pub authority: AuthorityConfig,
    /// How people sign in.
    pub sign_in: SignInConfig,
    /// What was accepted, as it came.
    pub journal: JournalConfig,
    /// What the task force is told without asking.
    pub alerts: AlertsConfig,
    /// The mail server for the digest of alerts. Default: none, and then no mail is sent.
    pub mail: Option<MailConfig>,
    /// What is logged.
    pub log: LogConfig,
}

/// `[federation]`: mutual TLS, agencies only.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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

/// `[authority]`: the key that signs agencies' certificates is held by a process of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthorityConfig {
    /// The socket of `directory-server authority serve`, which may run as another user. Default: none; then `serve`
    /// starts that process itself.
    pub socket: Option<PathBuf>,
    /// Whether there is to be a process of its own where no socket is named. The command `serve` says so; who
    /// opens the data directory for a moment, as other commands do, holds the key itself for that moment.
    #[serde(skip)]
    pub apart: bool,
}

/// `[public]`: pages and searches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublicConfig {
    /// Address and port. Default: `"127.0.0.1:8080"`. Without a certificate only a loopback address.
    pub listen: SocketAddr,
    /// PEM file with the certificate chain. Default: none.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key. Default: none.
    pub key: Option<PathBuf>,
}

/// `[sign_in]`: people sign in with accounts of the directory, and where an issuer is set also at an OpenID
/// provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInConfig {
    /// How people reach the pages, e.g. `"https://directory.example"`: for invitations and the provider.
    /// Default: the address it listens on.
    pub address: Option<String>,
    /// The OpenID provider's issuer, https; plain http on this machine only. Default: none.
    pub issuer: Option<String>,
    /// The name under which the provider knows this directory. Default: none.
    pub client_id: Option<String>,
    /// A file with the secret that goes with it. Default: none.
    pub client_secret: Option<PathBuf>,
    /// PEM file with authorities the provider's certificate may come from, besides the machine's.
    /// Default: none.
    pub authorities: Option<PathBuf>,
}

/// `[journal]`: how long what was accepted is kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
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

/// `[alerts]`: what is watched. Alerts are shown on a page, in a feed and in metrics; by mail where `[mail]` is set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// Needs whose last open provider is missed, by their codes.
    /// Default: `["dom:leg", "lc:asy-def", "lc:bond", "dom:hou", "dom:mhp", "dom:med"]`.
    pub needs: Vec<String>,
    /// What counts as near. Unit: miles. Default: 60.
    pub within_miles: u32,
    /// Coverage is compared with that of so long ago. Default: `"7days"`.
    #[serde(with = "human_duration")]
    pub against: Duration,
    /// How often it is looked. Default: `"1h"`.
    #[serde(with = "human_duration")]
    pub every: Duration,
    /// The least time between two digests by mail. Default: `"1day"`.
    #[serde(with = "human_duration")]
    pub digest: Duration,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        let needs = [
            "dom:leg",
            "lc:asy-def",
            "lc:bond",
            "dom:hou",
            "dom:mhp",
            "dom:med",
        ];
        Self {
            needs: needs.map(str::to_owned).to_vec(),
            within_miles: 60,
            against: Duration::from_hours(7 * 24),
            every: Duration::from_hours(1),
            digest: Duration::from_hours(24),
        }
    }
}

impl AlertsConfig {
    /// What is watched.
    ///
    /// # Errors
    /// [`InvalidAlerts`].
    pub fn watched(&self) -> Result<Watched, InvalidAlerts> {
        let need = |text: &String| {
            let code = Code::parse(text).ok();
            let known = code.filter(|code| code.is_need() && entry(code).is_some());
            known.ok_or(InvalidAlerts::Need)
        };
        let needs: Result<Vec<Code>, _> = self.needs.iter().map(need).collect();
        let within = Kilometres::from_miles(f64::from(self.within_miles));
        let within = within
            .ok()
            .filter(|_| (1..=310).contains(&self.within_miles));
        if self.every < Duration::from_mins(1) {
            return Err(InvalidAlerts::Every);
        }
        Ok(Watched {
            needs: needs?,
            within: within.ok_or(InvalidAlerts::Within)?,
            against: self.against,
        })
    }
}

/// Why nothing can be watched with this configuration. The operator's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAlerts {
    /// A need.
    #[error("alerts.needs: a need is a code of the vocabulary such as lc:bond")]
    Need,
    /// A distance.
    #[error("alerts.within_miles: a distance is 1 to 310 miles")]
    Within,
    /// Too often.
    #[error("alerts.every: look every minute or less often")]
    Every,
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
    fn what_cannot_be_watched_is_named_by_its_key() {
        let watched = |text: &str| {
            let config: AlertsConfig = toml::from_str(text).unwrap();
            config.watched()
        };

        assert_eq!(watched("").unwrap().needs.len(), 6);
        assert_eq!(watched("needs = [\"fee:free\"]"), Err(InvalidAlerts::Need));
        assert_eq!(watched("within_miles = 0"), Err(InvalidAlerts::Within));
        assert_eq!(watched("every = \"1s\""), Err(InvalidAlerts::Every));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("[public]\nlisten_on = 1").is_err());
    }
}
