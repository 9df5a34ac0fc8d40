//! What a command was asked for, on standard output.

use std::io::{ErrorKind, Write};

use anyhow::Context;

/// Prints text, its [`crate::paint`] only on a terminal that may show colours. A reader that has gone away, as `head`
/// does, is no failure.
///
/// # Errors
/// When standard output cannot be written for another reason, such as a full disk.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}
