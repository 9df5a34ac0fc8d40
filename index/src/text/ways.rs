//! One way in which a document can have a word, read in one segment.

use tantivy::postings::SegmentPostings;
use tantivy::query::{Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use crate::text::docs::Docs;

/// One way in which a document can have a word.
pub(crate) enum Way {
    /// By one list of documents.
    One(Box<dyn Weight>, Worth),
    /// By any of several words, and what that counts.
    Several(Vec<Term>, Score),
}

/// What a way counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Worth {
    /// So much times how rare and frequent the word is.
    Scored(Score),
    /// The same for every document.
    Flat(Score),
}

/// A way opened in one segment. Only reads forwards.
pub(crate) enum Open {
    One(Box<dyn Scorer>, Worth),
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
            Self::One(weight, worth) => Ok(Open::One(weight.scorer(segment, 1.0)?, *worth)),
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

    /// Every document of a segment that has the word this way, perhaps several times.
    pub(crate) fn each(
        &self,
        segment: &SegmentReader,
        each: &mut dyn FnMut(DocId),
    ) -> tantivy::Result<()> {
        match self {
            Self::One(weight, _) => weight.for_each_no_score(segment, &mut |docs| {
                for &doc in docs {
                    each(doc);
                }
            }),
            Self::Several(terms, _) => {
                for mut docs in lists_of(terms, segment)? {
                    until(&mut docs, TERMINATED, each);
                }
                Ok(())
            }
        }
    }
}

impl Open {
    /// What it counts for a document; `None` when the document has not got the word this way.
    pub(crate) fn at(&mut self, doc: DocId) -> Option<Score> {
        match self {
            Self::One(scorer, worth) => {
                if scorer.doc() < doc {
                    scorer.seek(doc);
                }
                (scorer.doc() == doc).then(|| match worth {
                    Worth::Scored(boost) => *boost * scorer.score(),
                    Worth::Flat(score) => *score,
                })
            }
            Self::Several(window, worth) => window.has(doc).then_some(*worth),
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
