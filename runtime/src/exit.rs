//! How a program ends: its exit code, and the one line that says why.
//!
//! Anywhere on the way up, [`WithExit::exit`] states the code; [`report`] finds it in the chain and prints
//! the chain once. An error nobody gave a code is [`Exit::Failed`].

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::paint::Tone;

/// A program's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// It failed, and no other code says how.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The configuration cannot be used.
    BadConfiguration = 64,
    /// The whole input was refused.
    InputRefused = 65,
    /// The other side cannot be reached.
    Unreachable = 69,
    /// The disk can no longer be trusted; the program ended to be started and verified again.
    StorageFailed = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// States the exit code of an error.
pub trait WithExit<T> {
    /// Gives the error this exit code, unless it has one. Contexts may be added afterwards.
    ///
    /// # Errors
    /// The same error, with its code.
    fn exit(self, exit: Exit) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> WithExit<T> for Result<T, E> {
    fn exit(self, exit: Exit) -> anyhow::Result<T> {
        self.map_err(|error| {
            let error = error.into();
            if carried(&error).is_some() {
                return error;
            }
            anyhow::Error::new(Coded { exit, error })
        })
    }
}

/// The exit code that an error carries.
#[must_use]
pub fn code_of(error: &anyhow::Error) -> Exit {
    carried(error).unwrap_or(Exit::Failed)
}

/// Prints `error` as one line on standard error, "name: what: why; what to do", and returns its exit code.
///
/// * `name` — the program's name.
#[must_use]
pub fn report(name: &str, error: &anyhow::Error) -> ExitCode {
    let painted = Tone::Bad.paint(name);
    anstream::eprintln!("{painted}{}", &line(name, error)[name.len()..]);
    code_of(error).into()
}

fn carried(error: &anyhow::Error) -> Option<Exit> {
    let coded = error.chain().find_map(|e| e.downcast_ref::<Coded>());
    coded.map(|coded| coded.exit)
}

/// The chain of causes in one line. A cause that the line before it already ends with is not repeated.
fn line(name: &str, error: &anyhow::Error) -> String {
    let mut line = name.to_owned();
    for cause in error.chain() {
        let text = cause.to_string();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
    }
    line
}

/// An error with its exit code: reads as the error itself.
struct Coded {
    exit: Exit,
    error: anyhow::Error,
}

impl fmt::Debug for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Coded {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context;

    use super::*;

    fn unreachable() -> anyhow::Error {
        Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused))
            .context("cannot reach the directory; is it running?")
            .exit(Exit::Unreachable)
            .context("cannot\npublish")
            .unwrap_err()
    }

    #[test]
    fn the_code_survives_the_contexts_added_after_it() {
        assert_eq!(code_of(&unreachable()), Exit::Unreachable);
    }

    #[test]
    fn an_error_nobody_gave_a_code_failed() {
        assert_eq!(code_of(&anyhow::anyhow!("disk on fire")), Exit::Failed);
    }

    #[test]
    fn the_code_stated_first_counts() {
        let outer = Err::<(), _>(unreachable()).exit(Exit::Usage).unwrap_err();

        assert_eq!(code_of(&outer), Exit::Unreachable);
    }

    #[test]
    fn the_whole_chain_is_one_line_and_says_nothing_twice() {
        assert_eq!(
            line("agency-node", &unreachable()),
            "agency-node: cannot publish: cannot reach the directory; is it running?: \
             connection refused"
        );
    }
}
