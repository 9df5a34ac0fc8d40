//! What was committed at one moment, searchable.

use std::collections::HashMap;
use std::sync::Arc;

use referral_core::id::PublicId;
use referral_core::search::QueryText;
use tantivy::index::SegmentId;
use tantivy::{DocId, Score, Searcher, SegmentReader, TERMINATED};

use crate::chunks::Chunks;
use crate::error::IndexError;
use crate::folding::Size;
use crate::search::MayGoOn;
use crate::slots::{Slot, Slots};
use crate::text::docs::Docs;
use crate::text::query::{Reader, Words, each_exact};
use crate::text::question::Question;
use crate::text::schema::{Fields, whole_id};

/// Documents of a snapshot, by segment.
pub(crate) struct Among {
    segments: Vec<(u32, Docs)>,
    /// Where the last one was added: neighbours are mostly in the same segment.
    last: usize,
}

/// Stands in the place of documents that no row belongs to.
const NONE: Slot = Slot::MAX;
/// What a whole name or number adds to the relevance: more than everything else can take away.
const EXACT: f64 = 1e6;
/// The text score that is worth half of the most that words can be worth.
const HALF: f64 = 6.0;
/// Documents looked at between two questions whether the search may go on.
const AT_ONCE: usize = 4_096;
/// Documents whose services are looked at together.
const TOGETHER: usize = 64;

/// What was committed at one moment.
pub(crate) struct Snapshot {
    searcher: Searcher,
    fields: Fields,
    segments: HashMap<SegmentId, Known>,
    /// The document of each slot.
    documents: Chunks<Document>,
    next: u32,
}

/// What is known of one segment.
#[derive(Clone)]
struct Known {
    /// A number for the segment that no other one gets.
    number: u32,
    /// The slots of its documents.
    slots: Arc<[Slot]>,
}

/// Where the words of a service are: the segment's number, and the document there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Document {
    segment: u32,
    doc: DocId,
}

/// A snapshot in the making: which services are in the segments that an earlier one did not have.
pub(crate) struct Ids {
    searcher: Searcher,
    fields: Fields,
    known: HashMap<SegmentId, Known>,
    new: Vec<(SegmentId, Vec<Option<PublicId>>)>,
    documents: Chunks<Document>,
    next: u32,
}

/// How well the words fit a service, worked out when it is asked.
pub(crate) trait Fits {
    /// Whether it has the words at all.
    fn has(&mut self) -> bool;
    /// How well they fit: above 0 and below 1, and far above 1 for whole names and numbers; `None` where
    /// it does not have them.
    fn fit(&mut self) -> Option<f64>;
    /// The most that it can be.
    fn most(&self) -> f64;
}

/// Some services, in the order of their documents.
pub(crate) type EachSome<'a> = &'a mut dyn FnMut(&mut Together<'_>);

/// Services that are looked at together.
pub(crate) struct Together<'a> {
    /// The services.
    pub(crate) slots: &'a [Slot],
    /// The number of the segment that their documents are in; `None`: of several.
    pub(crate) segment: Option<u32>,
    of: Of<'a>,
}

/// Where the fits of services come from.
enum Of<'a> {
    Documents {
        reader: &'a mut Reader,
        docs: &'a [DocId],
        most: f64,
    },
    Exactly(&'a [Option<f64>]),
}

/// The fit of one of them.
enum OneOf<'a> {
    Document(OfDocument<'a>),
    Exactly(Option<f64>),
}

/// The fit of one document.
struct OfDocument<'a> {
    reader: &'a mut Reader,
    doc: DocId,
    most: f64,
}

/// What a text search found so far.
pub(crate) struct Found<'a> {
    snapshot: &'a Snapshot,
    words: Option<Words>,
    /// The slots of services that are called just this, in order.
    exact: Vec<Slot>,
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
            match earlier.and_then(|earlier| earlier.segments.get(&id)) {
                Some(segment) => {
                    known.insert(id, segment.clone());
                }
                None => new.push((id, ids_of(segment)?)),
            }
        }
        Ok(Self {
            searcher,
            fields,
            known,
            new,
            documents: earlier.map_or_else(Chunks::default, |earlier| earlier.documents.clone()),
            next: earlier.map_or(0, |earlier| earlier.next),
        })
    }

    /// Every service read.
    pub(crate) fn all(&self) -> impl Iterator<Item = PublicId> {
        self.new.iter().flat_map(|(_, ids)| ids).flatten().copied()
    }

    /// The snapshot, each document bound to the slot its service has now.
    pub(crate) fn bound(self, slots: &Slots) -> Snapshot {
        let slot = |id: Option<PublicId>| id.and_then(|id| slots.of(id)).unwrap_or(NONE);
        let (mut segments, mut documents, mut next) = (self.known, self.documents, self.next);
        let nowhere = Document {
            segment: u32::MAX,
            doc: 0,
        };
        for (segment, ids) in self.new {
            let slots: Arc<[Slot]> = ids.into_iter().map(slot).collect();
            for (doc, slot) in (0..).zip(slots.iter()) {
                if *slot != NONE
                    && let Some(at) = documents.grown(place(*slot), &nowhere)
                {
                    *at = Document { segment: next, doc };
                }
            }
            segments.insert(
                segment,
                Known {
                    number: next,
                    slots,
                },
            );
            next += 1;
        }
        Snapshot {
            searcher: self.searcher,
            fields: self.fields,
            segments,
            documents,
            next,
        }
    }
}

impl Snapshot {
    /// Looks the words of a search up, none of them in any document yet.
    pub(crate) fn find(&self, text: &QueryText) -> tantivy::Result<Found<'_>> {
        let question = Question::of(text.as_str());
        let mut exact = Vec::new();
        for (segment, known) in self.segments() {
            each_exact(&question, self.fields, segment, &mut |doc| {
                exact.extend(live(segment, &known.slots, doc));
            })?;
        }
        exact.sort_unstable();
        exact.dedup();
        Ok(Found {
            snapshot: self,
            words: Words::of(&question, &self.searcher, self.fields)?,
            exact,
        })
    }

    /// How large its segments are.
    pub(crate) fn sizes(&self) -> Vec<Size<SegmentId>> {
        let sizes = self.searcher.segment_readers().iter().map(|segment| Size {
            id: segment.segment_id(),
            all: place(segment.max_doc()),
            left: place(segment.num_docs()),
        });
        sizes.collect()
    }

    /// The number of a segment.
    pub(crate) fn number_of(&self, segment: SegmentId) -> Option<u32> {
        self.segments.get(&segment).map(|known| known.number)
    }

    /// The slots of the documents of a segment, by its number.
    pub(crate) fn slots_of(&self, number: u32) -> Option<&[Slot]> {
        let mut segments = self.segments();
        let segment = segments.find(|(_, known)| known.number == number);
        segment.map(|(_, known)| known.slots.as_ref())
    }

    fn segments(&self) -> impl Iterator<Item = (&SegmentReader, &Known)> {
        let segments = self.searcher.segment_readers().iter();
        segments.filter_map(|segment| {
            let known = self.segments.get(&segment.segment_id())?;
            Some((segment, known))
        })
    }
}

impl Found<'_> {
    /// About how many services [`Found::each`] gives.
    pub(crate) fn cost(&self) -> usize {
        let words = self.words.as_ref().map_or(0, Words::fewest);
        self.exact.len() + usize::try_from(words).unwrap_or(usize::MAX)
    }

    /// No documents yet.
    pub(crate) fn among(&self) -> Among {
        let segments = self.snapshot.segments();
        let docs = segments.map(|(segment, known)| (known.number, Docs::none(segment.max_doc())));
        Among {
            segments: docs.collect(),
            last: 0,
        }
    }

    /// Adds the document of a service.
    pub(crate) fn add_service(&self, slot: Slot, among: &mut Among) {
        if let Some(document) = self.snapshot.documents.at(place(slot)) {
            among.add(document.segment, document.doc);
        }
    }

    /// Calls `each` with every service that could have the words, once: for all that have, and for some
    /// that have not. What it is given tells how well they fit, as [`Found::fits`] does.
    ///
    /// * `among` — those that are wanted; `None`: all.
    pub(crate) fn each(
        &self,
        among: Option<&Among>,
        may_go_on: MayGoOn<'_>,
        each: EachSome<'_>,
    ) -> Result<(), IndexError> {
        let fits = self.fits(&self.exact, may_go_on)?;
        each(&mut Together {
            slots: &self.exact,
            segment: None,
            of: Of::Exactly(&fits),
        });
        let Some(words) = &self.words else {
            return Ok(());
        };
        let most = fit(words.most());
        for (segment, known) in self.snapshot.segments() {
            may_go_on()?;
            let slots = &known.slots;
            let among = among.and_then(|among| among.of(known));
            let found = words.documents(segment, among);
            let (docs, unread) = found.map_err(IndexError::Text)?;
            let mut reader = words.reader(segment, unread).map_err(IndexError::Text)?;
            let mut docs = docs.iter().peekable();
            let (mut some, mut of) = (Vec::new(), Vec::new());
            while docs.peek().is_some() {
                may_go_on()?;
                some.clear();
                of.clear();
                for doc in docs.by_ref().take(TOGETHER) {
                    let slot = live(segment, slots, doc);
                    if let Some(slot) = slot.filter(|slot| self.exactly(*slot).is_none()) {
                        some.push(slot);
                        of.push(doc);
                    }
                }
                each(&mut Together {
                    slots: &some,
                    segment: Some(known.number),
                    of: Of::Documents {
                        reader: &mut reader,
                        docs: &of,
                        most,
                    },
                });
            }
        }
        Ok(())
    }

    /// How well the words fit these services: above 0 and below 1, and far above 1 for whole names and
    /// numbers; `None` where they do not have them. In the order of `slots`.
    pub(crate) fn fits(
        &self,
        slots: &[Slot],
        may_go_on: MayGoOn<'_>,
    ) -> Result<Vec<Option<f64>>, IndexError> {
        let mut fits: Vec<Option<f64>> = slots.iter().map(|slot| self.exactly(*slot)).collect();
        let Some(words) = &self.words else {
            return Ok(fits);
        };
        let documents = &self.snapshot.documents;
        let mut order: Vec<(Document, usize)> = (slots.iter().enumerate())
            .filter_map(|(at, slot)| Some((*documents.at(place(*slot))?, at)))
            .collect();
        order.sort_unstable();
        for same in order.chunk_by(|(a, _), (b, _)| a.segment == b.segment) {
            let [(first, _), ..] = same else {
                continue;
            };
            let Some(segment) = self.segment(first.segment) else {
                continue;
            };
            let mut reader = words.reader(segment, 0).map_err(IndexError::Text)?;
            for (looked, (document, at)) in (1usize..).zip(same) {
                if looked.is_multiple_of(AT_ONCE) {
                    may_go_on()?;
                }
                if let Some(score) = reader.score(document.doc) {
                    fits[*at] = Some(fit(score) + fits[*at].unwrap_or(0.0));
                }
            }
        }
        Ok(fits)
    }

    fn exactly(&self, slot: Slot) -> Option<f64> {
        self.exact.binary_search(&slot).is_ok().then_some(EXACT)
    }

    fn segment(&self, number: u32) -> Option<&SegmentReader> {
        let mut segments = self.snapshot.searcher.segment_readers().iter();
        segments.find(|segment| {
            let known = self.snapshot.segments.get(&segment.segment_id());
            known.is_some_and(|known| known.number == number)
        })
    }
}

impl Among {
    /// Adds a document of a segment, by its number.
    pub(crate) fn add(&mut self, segment: u32, doc: DocId) {
        let is_there = |(number, _): &(u32, Docs)| *number == segment;
        if !self.segments.get(self.last).is_some_and(is_there) {
            let found = self.segments.iter().position(is_there);
            let Some(found) = found else {
                return;
            };
            self.last = found;
        }
        if let Some((_, docs)) = self.segments.get_mut(self.last) {
            docs.add(doc);
        }
    }

    fn of(&self, segment: &Known) -> Option<&Docs> {
        let mut all = self.segments.iter();
        all.find_map(|(number, docs)| (*number == segment.number).then_some(docs))
    }
}

impl Fits for OfDocument<'_> {
    fn has(&mut self) -> bool {
        self.reader.has(self.doc)
    }

    fn fit(&mut self) -> Option<f64> {
        self.reader.score(self.doc).map(fit)
    }

    fn most(&self) -> f64 {
        self.most
    }
}

impl Together<'_> {
    /// The documents of the services, where they are in one segment.
    pub(crate) fn docs(&self) -> &[DocId] {
        match self.of {
            Of::Documents { docs, .. } => docs,
            Of::Exactly(_) => &[],
        }
    }

    /// How well the words fit one of the services. They are asked for in order.
    pub(crate) fn fits(&mut self, at: usize) -> impl Fits {
        match &mut self.of {
            Of::Documents { reader, docs, most } => OneOf::Document(OfDocument {
                doc: docs.get(at).copied().unwrap_or(TERMINATED),
                most: *most,
                reader,
            }),
            Of::Exactly(fits) => OneOf::Exactly(fits.get(at).copied().flatten()),
        }
    }
}

impl Fits for OneOf<'_> {
    fn has(&mut self) -> bool {
        match self {
            Self::Document(document) => document.has(),
            Self::Exactly(fit) => fit.is_some(),
        }
    }

    fn fit(&mut self) -> Option<f64> {
        match self {
            Self::Document(document) => document.fit(),
            Self::Exactly(fit) => *fit,
        }
    }

    fn most(&self) -> f64 {
        match self {
            Self::Document(document) => document.most(),
            Self::Exactly(fit) => fit.unwrap_or(0.0),
        }
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// The slot of a document that is not deleted.
fn live(segment: &SegmentReader, slots: &[Slot], doc: DocId) -> Option<Slot> {
    let slot = slots.get(usize::try_from(doc).ok()?).copied()?;
    (slot != NONE && !segment.is_deleted(doc)).then_some(slot)
}

fn place(slot: Slot) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
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
