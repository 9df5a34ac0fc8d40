//! Shows on a terminal that long work goes on: on standard error, and nothing where that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Work that goes on until this is dropped.
#[derive(Debug)]
#[must_use = "it is shown as long as it is kept"]
pub struct Working(ProgressBar);

impl Working {
    /// Shows that the work that `words` name goes on, and for how long.
    pub fn on(words: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(words.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(
            match ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            },
        )
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
