//! One way in which a document can have a word, read in one segment.

use tantivy::postings::SegmentPostings;
use tantivy::query::{Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SegmentReader, Term};

use crate::text::docs::Docs;

/// One way in which a document can have a word.
pub(crate) enum Way {
    /// By one list of documents.
    One(Box<dyn Weight>, Worth),
    /// By any of several words, and what that counts.
    Several(Vec<Term>, Score),
}

/// What a way counts.
#[derive(Clone, Debug)]
pub(crate) enum Worth {
    /// So much times how rare and frequent the word is.
    Scored {
        boost: Score,
        /// More than that can be.
        most: Score,
        /// Whoever has it this way has it in another way, too.
        again: bool,
        term: Term,
    },
    /// The same for every document.
    Flat(Score),
}

/// A way opened in one segment. Only reads forwards.
pub(crate) enum Open {
    Scored(Box<dyn Scorer>, Score),
    Flat(Box<dyn Scorer>, Score),
    Several(Window, Score),
}

/// The documents that have any of several words, a stretch of them at a time: what is asked for lies in
/// clusters, and what lies between them is never read.
pub(crate) struct Window {
    lists: Vec<SegmentPostings>,
    docs: Docs,
    end: DocId,
    last: DocId,
}

/// Documents that are read together.
const STRETCH: DocId = 4_096;

impl Way {
    /// Opens the way in a segment.
    pub(crate) fn open(&self, segment: &SegmentReader) -> tantivy::Result<Open> {
        match self {
            Self::One(weight, worth) => {
                let scorer = weight.scorer(segment, 1.0)?;
                Ok(match worth {
                    Worth::Scored { boost, .. } => Open::Scored(scorer, *boost),
                    Worth::Flat(score) => Open::Flat(scorer, *score),
                })
            }
            Self::Several(terms, worth) => Ok(Open::Several(
                Window {
                    lists: lists_of(terms, segment)?,
                    docs: Docs::none(0),
                    end: 0,
                    last: segment.max_doc(),
                },
                *worth,
            )),
        }
    }

    /// Adds every document of a segment that has the word this way.
    pub(crate) fn each(&self, segment: &SegmentReader, docs: &mut Docs) -> tantivy::Result<()> {
        match self {
            Self::One(_, Worth::Scored { term, .. }) => {
                all_of(lists_of(std::slice::from_ref(term), segment)?, docs);
                Ok(())
            }
            Self::One(weight, Worth::Flat(_)) => {
                weight.for_each_no_score(segment, &mut |some| docs.add_all(some))
            }
            Self::Several(terms, _) => {
                all_of(lists_of(terms, segment)?, docs);
                Ok(())
            }
        }
    }

    /// More than it can count.
    pub(crate) fn most(&self) -> Score {
        match self {
            Self::One(_, Worth::Scored { most, .. }) => *most,
            Self::One(_, Worth::Flat(score)) | Self::Several(_, score) => *score,
        }
    }
}

impl Open {
    /// Whether a document has the word this way. Documents are asked for in order.
    pub(crate) fn has(&mut self, doc: DocId) -> bool {
        match self {
            Self::Scored(scorer, _) | Self::Flat(scorer, _) => is_at(scorer, doc),
            Self::Several(window, _) => window.has(doc),
        }
    }

    /// What it counts for a document; `None` when the document has not got the word this way.
    pub(crate) fn at(&mut self, doc: DocId) -> Option<Score> {
        match self {
            Self::Scored(scorer, boost) => is_at(scorer, doc).then(|| *boost * scorer.score()),
            Self::Flat(scorer, score) => is_at(scorer, doc).then_some(*score),
            Self::Several(window, worth) => window.has(doc).then_some(*worth),
        }
    }
}

fn is_at(scorer: &mut Box<dyn Scorer>, doc: DocId) -> bool {
    if scorer.doc() < doc {
        scorer.seek(doc);
    }
    scorer.doc() == doc
}

fn all_of(lists: Vec<SegmentPostings>, docs: &mut Docs) {
    let mut some = [0; COLLECT_BLOCK_BUFFER_LEN];
    for mut list in lists {
        loop {
            let read = list.fill_buffer(&mut some);
            docs.add_all(&some[..read]);
            if read < some.len() {
                break;
            }
        }
    }
}

impl Window {
    fn has(&mut self, doc: DocId) -> bool {
        if doc >= self.end {
            self.end = doc.saturating_add(STRETCH).min(self.last);
            let mut docs = Docs::within(doc..self.end);
            for list in &mut self.lists {
                if list.doc() < doc {
                    list.seek(doc);
                }
                until(list, self.end, &mut |doc| docs.add(doc));
            }
            self.docs = docs;
        }
        self.docs.has(doc)
    }
}

fn lists_of(terms: &[Term], segment: &SegmentReader) -> tantivy::Result<Vec<SegmentPostings>> {
    let mut lists = Vec::with_capacity(terms.len());
    for term in terms {
        let index = segment.inverted_index(term.field())?;
        lists.extend(index.read_postings(term, IndexRecordOption::Basic)?);
    }
    Ok(lists)
}

fn until(docs: &mut SegmentPostings, end: DocId, each: &mut dyn FnMut(DocId)) {
    while docs.doc() < end {
        each(docs.doc());
        docs.advance();
    }
}
