//! The rows that searches read: what matching knows of every service, in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use referral_core::id::PublicId;
use referral_core::search::Facts;

use crate::live::Cell;

/// One service that can be found.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its public id: decides between equals.
    pub(crate) id: PublicId,
    /// What matching knows of it.
    pub(crate) facts: Facts,
    /// What is reported of it.
    pub(crate) live: Arc<Cell>,
    hidden: AtomicBool,
}

/// Every row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: HashMap<PublicId, Arc<Row>>,
}

impl Row {
    /// A row that can be found.
    pub(crate) fn new(facts: Facts, live: Arc<Cell>) -> Self {
        Self {
            id: facts.key.public_id(),
            facts,
            live,
            hidden: AtomicBool::new(false),
        }
    }

    /// Takes it out of every search from now on.
    pub(crate) fn hide(&self) {
        self.hidden.store(true, Ordering::Release);
    }

    /// True when it must not be found any more.
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden.load(Ordering::Acquire)
    }
}

impl Table {
    /// The row of a service.
    pub(crate) fn row(&self, id: PublicId) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }

    /// Puts a row in, or takes it out.
    pub(crate) fn change(&mut self, id: PublicId, row: Option<Arc<Row>>) {
        match row {
            Some(row) => self.rows.insert(id, row),
            None => self.rows.remove(&id),
        };
    }

    /// Every row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values()
    }
}
