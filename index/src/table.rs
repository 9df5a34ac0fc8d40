//! The rows that searches read: what matching knows of every service, in memory.
//!
//! A [`Table`] never changes under a search: a commit makes a new one that shares whatever stayed the
//! same. Searching asks it for candidates and nothing else, so that another way of finding them can
//! take its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use referral_core::id::PublicId;
use referral_core::search::{Facts, Request};

use crate::live::Cell;
use crate::postings::{Change, Postings};
use crate::slots::Slot;

/// Rows that are copied together when one of them changes.
const CHUNK: usize = 256;

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

type Chunk = Vec<Option<Arc<Row>>>;

/// Every row, by its slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    chunks: Vec<Arc<Chunk>>,
    postings: Postings,
}

impl Row {
    /// A row that can be found.
    pub(crate) fn new(mut facts: Facts, live: Arc<Cell>) -> Self {
        facts.codes.shrink_to_fit();
        facts.languages.shrink_to_fit();
        facts.offers.shrink_to_fit();
        Self {
            id: facts.key.public_id(),
            facts,
            live,
            hidden: AtomicBool::new(false),
        }
    }

    /// Takes it out of every search that begins from now on.
    pub(crate) fn hide(&self) {
        self.hidden.store(true, Ordering::Release);
    }

    /// True when it must not be found any more.
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden.load(Ordering::Acquire)
    }
}

impl Table {
    /// The row in a slot.
    pub(crate) fn row(&self, slot: Slot) -> Option<&Arc<Row>> {
        let (chunk, place) = split(slot);
        self.chunks.get(chunk)?.get(place)?.as_ref()
    }

    /// The slots of the rows that could answer `request`, words aside: of all that match, and of some
    /// that do not. In order; `None`: any could.
    pub(crate) fn narrow(&self, request: &Request) -> Option<Vec<Slot>> {
        self.postings.narrow(request)
    }

    /// The rows that could answer `request`, words aside.
    pub(crate) fn candidates<'a>(
        &'a self,
        request: &Request,
    ) -> Box<dyn Iterator<Item = &'a Arc<Row>> + 'a> {
        match self.narrow(request) {
            Some(slots) => Box::new(slots.into_iter().filter_map(|slot| self.row(slot))),
            None => Box::new(self.chunks.iter().flat_map(|chunk| chunk.iter().flatten())),
        }
    }

    /// Puts rows into their slots; `None` empties a slot. No slot may come twice.
    pub(crate) fn change(&mut self, changes: Vec<(Slot, Option<Arc<Row>>)>) {
        let mut postings = self.postings.clone();
        postings.apply(changes.iter().map(|(slot, row)| Change {
            slot: *slot,
            before: self.row(*slot).map(|row| &row.facts),
            after: row.as_ref().map(|row| &row.facts),
        }));
        self.postings = postings;
        for (slot, row) in changes {
            self.set(slot, row);
        }
    }

    fn set(&mut self, slot: Slot, row: Option<Arc<Row>>) {
        let (chunk, place) = split(slot);
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, Arc::default);
        }
        let rows = Arc::make_mut(&mut self.chunks[chunk]);
        if rows.len() <= place {
            rows.resize(place + 1, None);
        }
        rows[place] = row;
    }
}

fn split(slot: Slot) -> (usize, usize) {
    let slot = usize::try_from(slot).unwrap_or(usize::MAX);
    (slot / CHUNK, slot % CHUNK)
}
