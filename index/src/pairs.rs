//! Documents beside offers: where a great segment of words and a great part hold the same services, in nearly the
//! same order, one table says for each document which offers it is about, and another one the reverse.
//!
//! Without them the way from a document to its rows goes through the slot of its service, and waits for memory
//! at every step. A table is right for as long as both its segment and its part are searched: a service that
//! changes has a new document and new rows elsewhere, and the old ones are not found any more. What a table does not
//! know is found through its slot.

use std::collections::HashMap;

use tantivy::DocId;

use crate::generation::{Generation, PartId};
use crate::part::{Ordinal, Part};

/// For smaller segments alone it is not worth beginning.
const SMALL: usize = 2_048;
/// Marks the number of a service that has several offers.
const SEVERAL: u32 = 1 << 31;
/// Not in the other one.
const NONE: u32 = u32::MAX;

/// The documents of a segment beside the offers of a part.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The number of the segment.
    pub(crate) segment: u32,
    /// The part.
    pub(crate) part: PartId,
    /// By document.
    offers: Box<[u32]>,
    /// By ordinal.
    documents: Box<[DocId]>,
}

/// The offers that a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// The only one of its service.
    One(Ordinal),
    /// All of a service, by its number in the part.
    Service(u32),
}

impl Pair {
    /// The offers that a document is about, where the part has them.
    pub(crate) fn offers(&self, doc: DocId) -> Option<Beside> {
        match *self.offers.get(doc as usize)? {
            NONE => None,
            several if several & SEVERAL != 0 => Some(Beside::Service(several & !SEVERAL)),
            one => Some(Beside::One(one)),
        }
    }

    /// The document about an offer, where the segment has it.
    pub(crate) fn document(&self, ordinal: Ordinal) -> Option<DocId> {
        let document = self.documents.get(ordinal as usize).copied();
        document.filter(|doc| *doc != NONE)
    }

    /// The documents of a segment beside the part that has most of its services; `None` where none has half of
    /// them.
    fn of(generation: &Generation, segment: u32) -> Option<Self> {
        let slots = generation.text().slots_of(segment)?;
        let homes: Vec<_> = slots.iter().map(|slot| generation.home(*slot)).collect();
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for (view, _) in homes.iter().flatten() {
            *counts.entry(*view).or_default() += 1;
        }
        let (view, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let view = generation
            .views()
            .get(view)
            .filter(|_| count * 2 >= homes.len())?;
        let part: &Part = &view.part;
        let mut documents = vec![NONE; part.size()];
        let here = |home: &Option<(usize, u32)>| {
            let (at, service) = (*home)?;
            (generation.views()[at].id == view.id).then_some(service)
        };
        let offers = homes.iter().zip(0..).map(|(home, doc)| {
            let Some(service) = here(home) else {
                return NONE;
            };
            let ordinals = part.ordinals(service);
            for &ordinal in ordinals {
                documents[ordinal as usize] = doc;
            }
            match ordinals {
                [one] => *one,
                _ => service | SEVERAL,
            }
        });
        Some(Self {
            segment,
            part: view.id,
            offers: offers.collect(),
            documents: documents.into(),
        })
    }
}

/// Whether a table is missing that is worth making at once.
pub(crate) fn are_due(generation: &Generation) -> bool {
    unpaired(generation, SMALL).next().is_some()
}

/// The tables that are missing.
pub(crate) fn missing(generation: &Generation) -> Vec<Pair> {
    unpaired(generation, 0)
        .filter_map(|segment| Pair::of(generation, segment))
        .collect()
}

/// The segments without a table, not smaller than this, of which some part may have most services.
fn unpaired(generation: &Generation, least: usize) -> impl Iterator<Item = u32> {
    let most = generation.views().iter().map(|view| view.part.size());
    let most = most.max().unwrap_or(0);
    let segments = generation.text().sizes().into_iter();
    let segments = segments.filter(move |size| size.all >= least && size.all <= most * 2);
    let numbers = segments.filter_map(|size| generation.text().number_of(size.id));
    numbers.filter(|number| generation.pair_of(*number).is_none())
}
