//! Shows on a terminal that long work goes on and how far it is: on standard error, and nothing where that is no
//! terminal. It is gone when the work is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often what is shown moves.
const TICK: Duration = Duration::from_millis(150);

/// Work that goes on until this is dropped.
#[derive(Debug)]
#[must_use = "it is shown as long as it is kept"]
pub struct Working(ProgressBar);

impl Working {
    /// Shows that the work that `words` name goes on, and for how long.
    pub fn on(words: &str) -> Self {
        Self::shown(ProgressBar::new_spinner(), "{spinner} {msg} ({elapsed})").say(words)
    }

    /// Shows how much of so many is done, e.g. records: `words` name them.
    pub fn through(total: u64, words: &str) -> Self {
        let bar = ProgressBar::new(total);
        Self::shown(bar, "{bar:30} {pos}/{len} {msg} ({elapsed})").say(words)
    }

    fn shown(bar: ProgressBar, template: &str) -> Self {
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    fn say(self, words: &str) -> Self {
        self.now(words);
        self
    }

    /// Names what is done now.
    pub fn now(&self, words: &str) {
        self.0.set_message(words.to_owned());
    }

    /// So many are done.
    pub fn done(&self, count: u64) {
        self.0.set_position(count);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_progress_can_be_drawn() {
        let (working, through) = (Working::on("reading"), Working::through(10, "records"));
        through.done(4);
        working.now("reading services.csv: 12 rows");

        assert_eq!((through.0.position(), through.0.length()), (4, Some(10)));
        assert_eq!(working.0.message(), "reading services.csv: 12 rows");
    }
}
