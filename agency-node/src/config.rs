//! `agency-node.toml`: everything has a default, so the file may be left out.

use referral_runtime::telemetry::LogConfig;
use serde::{Deserialize, Serialize};

use crate::mail::MailConfig;
use crate::page::PageConfig;
use crate::publisher::PublishConfig;

/// The configuration of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What is logged, and how.
    pub log: LogConfig,
    /// How the node publishes.
    pub publish: PublishConfig,
    /// How its people are reminded by mail; without it they are not.
    pub mail: Option<MailConfig>,
    /// The agency's own page; without it none is served.
    pub page: Option<PageConfig>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use referral_runtime::config::load;

    use super::*;

    #[test]
    fn an_empty_file_means_the_documented_defaults() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("agency-node.toml");
        std::fs::write(&path, "[publish]\n[log]\n").unwrap();

        let config: Config = load(Some(&path)).unwrap();

        assert_eq!(config, Config::default());
        assert_eq!(config.publish.welcome, Duration::from_secs(10));
        assert_eq!(config.publish.back_off_limit, Duration::from_mins(2));
    }

    #[test]
    fn the_sample_file_says_the_defaults() {
        let sample = include_str!("../../deploy/agency-node.toml");
        let page = sample
            .replace("# [page]", "[page]")
            .replace("# listen", "listen");
        let page = page.replace("# idle", "idle");

        let sample: Config = toml::from_str(sample).unwrap();
        let with_page: Config = toml::from_str(&page).unwrap();

        assert_eq!(sample, Config::default());
        assert_eq!(with_page.page, Some(PageConfig::default()));
    }
}
