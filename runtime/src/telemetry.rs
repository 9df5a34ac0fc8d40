//! Logs: to standard error, as text or as one JSON object a line.
//!
//! Only the project's own crates may be traced below `info`. What libraries say below that holds request
//! lines, headers and certificates, so no filter lets it through.

use serde::{Deserialize, Serialize};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

use crate::panics;

/// The first parts of the targets of the project's own crates.
const OWN_TARGETS: [&str; 4] = ["referral", "directory_server", "agency_node", "scenarios"];

/// `[log]` in every program's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged: comma-separated `target=level`, or a level for all. Levels: error, warn, info,
    /// debug, trace. Libraries are never logged below info. Default: `"info"`.
    pub filter: String,
    /// How it is written. Default: `"text"`.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not understood.
    #[error("the log filter is not understood; write a level, or target=level pairs with commas")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// Logging was begun before.
    #[error("logging has already begun in this process")]
    Begun(#[source] tracing_subscriber::util::TryInitError),
}

/// Begins logging for the whole process; a panic is logged without what it says.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &LogConfig) -> Result<(), TelemetryError> {
    let layer = layer(config, std::io::stderr)?;
    Registry::default()
        .with(layer)
        .try_init()
        .map_err(TelemetryError::Begun)?;
    panics::watch();
    Ok(())
}

fn layer<W>(
    config: &LogConfig,
    writer: W,
) -> Result<Box<dyn Layer<Registry> + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .parse(&config.filter)
        .map_err(TelemetryError::Filter)?
        .and(filter_fn(may_be_logged).with_max_level_hint(LevelFilter::TRACE));
    let lines = fmt::layer().with_writer(writer);
    Ok(match config.format {
        LogFormat::Text => lines.with_ansi(false).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    })
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let own = OWN_TARGETS
        .iter()
        .any(|own| metadata.target().starts_with(own));
    own || *metadata.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;
    use tracing::{debug, info};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(config: &LogConfig, act: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        let layer = layer(config, move || writer.clone()).unwrap();
        with_default(Registry::default().with(layer), act);
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn config(filter: &str, format: LogFormat) -> LogConfig {
        LogConfig {
            filter: filter.to_owned(),
            format,
        }
    }

    #[test]
    fn libraries_are_never_logged_below_info() {
        let text = logged(&config("trace", LogFormat::Text), || {
            debug!(target: "h2::codec", "a header");
            info!(target: "h2::codec", "a notice");
            debug!(target: "referral_runtime", "our own");
        });

        assert!(!text.contains("a header"), "{text}");
        assert!(text.contains("a notice"), "{text}");
        assert!(text.contains("our own"), "{text}");
    }

    #[test]
    fn a_json_event_carries_its_fields_at_the_top() {
        let text = logged(&config("info", LogFormat::Json), || {
            info!(referral.agency.id = "harbor-house", "heard");
        });

        assert!(
            text.contains(r#""referral.agency.id":"harbor-house""#),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused() {
        let refused = layer(&config("agency_node=loud", LogFormat::Text), io::stderr);

        assert!(matches!(refused, Err(TelemetryError::Filter(_))));
    }
}
