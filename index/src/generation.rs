//! What one search reads: parts and words that belong together, none of which changes under it.

use std::sync::Arc;

use referral_core::search::{QueryText, Request};

use crate::chunks::Chunks;
use crate::error::IndexError;
use crate::pairs::Pair;
use crate::part::{Alive, Part, Sets};
use crate::slots::Slot;
use crate::text::{Found, Snapshot};

/// The number of a part, given once.
pub(crate) type PartId = u32;

/// Parts and words of the same moment.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    views: Vec<View>,
    /// Where the service of each slot is.
    homes: Chunks<Home>,
    sets: Sets,
    text: Arc<Snapshot>,
    /// Which documents are about which offers, where that is known at once.
    pairs: Vec<Arc<Pair>>,
}

/// A part, and which of its offers a search may find.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) id: PartId,
    pub(crate) part: Arc<Part>,
    pub(crate) alive: Arc<Alive>,
}

/// Where a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) part: PartId,
    pub(crate) service: u32,
}

impl Home {
    /// Nowhere.
    pub(crate) const NONE: Self = Self {
        part: PartId::MAX,
        service: 0,
    };
}

impl Generation {
    /// No service.
    pub(crate) fn empty(sets: Sets, text: Arc<Snapshot>) -> Self {
        Self {
            views: Vec::new(),
            homes: Chunks::default(),
            sets,
            text,
            pairs: Vec::new(),
        }
    }

    /// The parts.
    pub(crate) fn views(&self) -> &[View] {
        &self.views
    }

    /// What rows refer to.
    pub(crate) fn sets(&self) -> &Sets {
        &self.sets
    }

    /// The words.
    pub(crate) fn text(&self) -> &Arc<Snapshot> {
        &self.text
    }

    /// Looks the words of a request up, where it has any.
    pub(crate) fn find(&self, request: &Request) -> Result<Option<Found<'_>>, IndexError> {
        let find = |text: &QueryText| self.text.find(text).map_err(IndexError::Text);
        request.text.as_ref().map(find).transpose()
    }

    /// The view that the service of a slot is in, and its number there.
    pub(crate) fn home(&self, slot: Slot) -> Option<(usize, u32)> {
        let home = *self.homes.at(slot as usize)?;
        let at = self.views.iter().position(|view| view.id == home.part)?;
        Some((at, home.service))
    }

    /// The table of a segment, and the view that its offers are in.
    pub(crate) fn pair_of(&self, segment: u32) -> Option<(usize, &Pair)> {
        let pair = self.pairs.iter().find(|pair| pair.segment == segment)?;
        let view = self.views.iter().position(|view| view.id == pair.part)?;
        Some((view, pair))
    }

    /// The tables that have offers of a part.
    pub(crate) fn pairs_of(&self, part: PartId) -> impl Iterator<Item = &Pair> {
        let pairs = self.pairs.iter().filter(move |pair| pair.part == part);
        pairs.map(Arc::as_ref)
    }

    /// Takes a service out of every search that begins from now on, in this generation too.
    pub(crate) fn hide(&self, slot: Slot) {
        if let Some((at, service)) = self.home(slot) {
            let view = &self.views[at];
            view.part.hide(&view.alive, service);
        }
    }

    /// The same with other words.
    pub(crate) fn with_text(mut self, text: Arc<Snapshot>) -> Self {
        self.text = text;
        self.paired()
    }

    /// The same with more tables.
    pub(crate) fn with_pairs(mut self, pairs: Vec<Pair>) -> Self {
        self.pairs.extend(pairs.into_iter().map(Arc::new));
        self.paired()
    }

    /// Takes services out of this generation. Views are copied, so that earlier generations keep them.
    pub(crate) fn without(mut self, slots: impl IntoIterator<Item = Slot>) -> Self {
        let mut own = vec![false; self.views.len()];
        for slot in slots {
            let Some((at, service)) = self.home(slot) else {
                continue;
            };
            let view = &mut self.views[at];
            if !std::mem::replace(&mut own[at], true) {
                view.alive = Arc::new(Alive::clone(&view.alive));
            }
            view.part.hide(&view.alive, service);
            if let Some(home) = self.homes.grown(slot as usize, &Home::NONE) {
                *home = Home::NONE;
            }
        }
        self
    }

    /// Adds a part; its services are found there from now on.
    pub(crate) fn with(mut self, id: PartId, part: Arc<Part>, sets: &Sets) -> Self {
        let alive = Arc::new(part.all_alive());
        for (service, row) in (0..).zip(&part.services) {
            if let Some(home) = self.homes.grown(row.slot as usize, &Home::NONE) {
                *home = Home { part: id, service };
            }
        }
        self.sets = sets.clone();
        self.views.push(View { id, part, alive });
        self
    }

    /// Puts one part into the place of those it was merged from. Services that were taken out of those
    /// meanwhile are taken out of it.
    pub(crate) fn folded(mut self, from: &[PartId], id: PartId, part: Arc<Part>) -> Self {
        let alive = part.all_alive();
        for (service, row) in (0..).zip(&part.services) {
            let home = self.homes.at(row.slot as usize).copied();
            let still = home.filter(|home| from.contains(&home.part));
            let still = still.and_then(|home| {
                let view = self.views.iter().find(|view| view.id == home.part)?;
                view.part.is_alive(&view.alive, home.service).then_some(())
            });
            if still.is_none() {
                part.hide(&alive, service);
            } else if let Some(home) = self.homes.grown(row.slot as usize, &Home::NONE) {
                *home = Home { part: id, service };
            }
        }
        self.views.retain(|view| !from.contains(&view.id));
        self.views.push(View {
            id,
            part,
            alive: Arc::new(alive),
        });
        self.paired()
    }

    /// The same without the tables of segments and parts that are gone.
    fn paired(mut self) -> Self {
        let (views, text) = (&self.views, &self.text);
        self.pairs.retain(|pair| {
            let has_part = views.iter().any(|view| view.id == pair.part);
            has_part && text.slots_of(pair.segment).is_some()
        });
        self
    }
}
