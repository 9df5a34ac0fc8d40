//! What is on every page of somebody who is signed in.

use std::collections::BTreeSet;

use crate::operations::desk::Desk;

/// What is on every page of somebody who is signed in.
pub(in crate::page) struct Frame {
    /// The agency's name.
    pub(in crate::page) agency: String,
    /// The page somebody is on: services, ageing, import, shown or told.
    pub(in crate::page) here: &'static str,
    /// Problems that caseworkers reported, and kinds of services that are held.
    pub(in crate::page) problems: usize,
}

impl Frame {
    pub(in crate::page) fn of(desk: &Desk<'_>, here: &'static str) -> Self {
        let told = desk.told();
        // Of many services one category is missing: that is one thing to do.
        let held = told.held.iter().map(|(_, notice)| {
            let category = notice.values.get("category").cloned();
            (notice.code.clone(), category)
        });
        let held: BTreeSet<_> = held.collect();
        Self {
            agency: desk.agency().to_owned(),
            here,
            problems: told.problems.len() + held.len(),
        }
    }
}
