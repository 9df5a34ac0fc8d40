//! An error with all its causes, in one line: for a status, a log line or an answer.

use std::error::Error;

/// The chain of causes. A cause that the line already ends with is not repeated.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| {
        let text = cause.to_string();
        if line.ends_with(&text) {
            line
        } else {
            format!("{line}: {text}")
        }
    })
}
