//! What is on every page of somebody who is signed in.

use crate::operations::desk::Desk;

/// What is on every page of somebody who is signed in.
pub(in crate::page) struct Frame {
    /// The agency's name.
    pub(in crate::page) agency: String,
    /// The page somebody is on: services, import, shown or told.
    pub(in crate::page) here: &'static str,
    /// Problems that caseworkers reported.
    pub(in crate::page) problems: usize,
}

impl Frame {
    pub(in crate::page) fn of(desk: &Desk<'_>, here: &'static str) -> Self {
        Self {
            agency: desk.agency().to_owned(),
            here,
            problems: desk.told().problems.len(),
        }
    }
}
