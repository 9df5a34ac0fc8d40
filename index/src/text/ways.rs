//! One way in which a document can have a word, read in one segment.

use std::ops::Range;

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
    Several(Docs, Score),
}

impl Way {
    /// Opens the way in a segment, for documents within `range`.
    pub(crate) fn open(
        &self,
        segment: &SegmentReader,
        range: Range<DocId>,
    ) -> tantivy::Result<Open> {
        match self {
            Self::One(weight, worth) => Ok(Open::One(weight.scorer(segment, 1.0)?, *worth)),
            Self::Several(terms, worth) => {
                let mut docs = Docs::within(range.clone());
                each_of(terms, segment, range, &mut |doc| docs.add(doc))?;
                Ok(Open::Several(docs, *worth))
            }
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
            Self::Several(terms, _) => each_of(terms, segment, 0..TERMINATED, each),
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
            Self::Several(docs, worth) => docs.has(doc).then_some(*worth),
        }
    }
}

fn each_of(
    terms: &[Term],
    segment: &SegmentReader,
    range: Range<DocId>,
    each: &mut dyn FnMut(DocId),
) -> tantivy::Result<()> {
    for term in terms {
        let index = segment.inverted_index(term.field())?;
        let Some(mut docs) = index.read_postings(term, IndexRecordOption::Basic)? else {
            continue;
        };
        if docs.doc() < range.start {
            docs.seek(range.start);
        }
        while docs.doc() < range.end {
            each(docs.doc());
            docs.advance();
        }
    }
    Ok(())
}
