//! What was committed at one moment, searchable.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use referral_core::id::PublicId;
use referral_core::search::QueryText;
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Query};
use tantivy::{Score, Searcher, SegmentReader};

use crate::slots::{Slot, Slots};
use crate::text::query::{exact_query, words_query};
use crate::text::question::Question;
use crate::text::schema::{Fields, whole_id};

/// Stands in the place of documents that no row belongs to.
const NONE: Slot = Slot::MAX;
/// What a whole name or number adds to the relevance: more than everything else can take away.
const EXACT: f64 = 1e6;
/// The text score that is worth half of the most that words can be worth.
const HALF: f64 = 6.0;

/// What was committed at one moment.
pub(crate) struct Snapshot {
    searcher: Searcher,
    fields: Fields,
    /// For each segment, the slots of its documents.
    slots: HashMap<SegmentId, Arc<[Slot]>>,
}

/// A snapshot in the making: which services are in the segments that an earlier one did not have.
pub(crate) struct Ids {
    searcher: Searcher,
    fields: Fields,
    known: HashMap<SegmentId, Arc<[Slot]>>,
    new: Vec<(SegmentId, Vec<Option<PublicId>>)>,
}

impl Ids {
    /// Reads the services of the segments that `earlier` did not have.
    pub(crate) fn read(
        searcher: Searcher,
        fields: Fields,
        earlier: Option<&Snapshot>,
    ) -> tantivy::Result<Self> {
        let mut known = HashMap::new();
        let mut new = Vec::new();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            match earlier.and_then(|earlier| earlier.slots.get(&id)) {
                Some(slots) => {
                    known.insert(id, Arc::clone(slots));
                }
                None => new.push((id, ids_of(segment)?)),
            }
        }
        Ok(Self {
            searcher,
            fields,
            known,
            new,
        })
    }

    /// Every service read.
    pub(crate) fn all(&self) -> impl Iterator<Item = PublicId> {
        self.new.iter().flat_map(|(_, ids)| ids).flatten().copied()
    }

    /// The snapshot, each document bound to the slot its service has now.
    pub(crate) fn bound(self, slots: &Slots) -> Snapshot {
        let slot = |id: Option<PublicId>| id.and_then(|id| slots.of(id)).unwrap_or(NONE);
        let mut bound = self.known;
        for (segment, ids) in self.new {
            bound.insert(segment, ids.into_iter().map(slot).collect());
        }
        Snapshot {
            searcher: self.searcher,
            fields: self.fields,
            slots: bound,
        }
    }
}

impl Snapshot {
    /// The rows that have the words, each once, and how well they fit: above 0 and below 1, and far
    /// above 1 for whole names and numbers.
    pub(crate) fn find(&self, text: &QueryText) -> tantivy::Result<Vec<(Slot, f64)>> {
        let question = Question::of(text.as_str());
        let mut exact = HashSet::new();
        self.run(&exact_query(&question, self.fields), &mut |slot, _| {
            exact.insert(slot);
        })?;
        let mut found = Vec::new();
        if let Some(query) = words_query(&question, &self.searcher, self.fields)? {
            self.run(&query, &mut |slot, score| {
                let whole = if exact.remove(&slot) { EXACT } else { 0.0 };
                found.push((slot, fit(score) + whole));
            })?;
        }
        found.extend(exact.into_iter().map(|slot| (slot, EXACT)));
        Ok(found)
    }

    fn run(&self, query: &dyn Query, each: &mut dyn FnMut(Slot, Score)) -> tantivy::Result<()> {
        let weight = query.weight(EnableScoring::enabled_from_searcher(&self.searcher))?;
        for segment in self.searcher.segment_readers() {
            let Some(slots) = self.slots.get(&segment.segment_id()) else {
                continue;
            };
            weight.for_each(segment, &mut |doc, score| {
                let slot = usize::try_from(doc).ok().and_then(|doc| slots.get(doc));
                let slot = slot.copied().unwrap_or(NONE);
                if slot != NONE && !segment.is_deleted(doc) {
                    each(slot, score);
                }
            })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// A text score, from 0 to beyond all bounds, as a share of the best there can be.
fn fit(score: Score) -> f64 {
    let score = f64::from(score).max(f64::MIN_POSITIVE);
    score / (score + HALF)
}

/// The service of each document; none for deleted ones.
fn ids_of(segment: &SegmentReader) -> tantivy::Result<Vec<Option<PublicId>>> {
    let columns = segment.fast_fields();
    let high = columns.u64("id_high")?.first_or_default_col(0);
    let low = columns.u64("id_low")?.first_or_default_col(0);
    let id = |doc| whole_id(high.get_val(doc), low.get_val(doc));
    let ids = (0..segment.max_doc()).map(|doc| (!segment.is_deleted(doc)).then(|| id(doc)));
    Ok(ids.collect())
}
