//! How common words are among the services there are.
//!
//! tantivy counts replaced and removed documents until it writes their segment anew. Scores made of such counts
//! would depend on what happened before, and change when the index is rebuilt: here only living documents
//! count, and the average length of a text is a constant.

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Searcher, SegmentReader, TERMINATED, Term};

use crate::text::schema::Fields;

/// Words of a text of average length, and of the names in it: measured on a national network.
const WORDS: u64 = 50;
const NAMES: u64 = 8;

/// Counts of living documents.
#[derive(Clone, Copy)]
pub(crate) struct Statistics<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) fields: Fields,
}

impl Statistics<'_> {
    /// How many living documents have `term`.
    pub(crate) fn documents(&self, term: &Term) -> tantivy::Result<u64> {
        let segments = self.searcher.segment_readers().iter();
        segments.map(|segment| living(segment, term)).sum()
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let length = if field == self.fields.names {
            NAMES
        } else {
            WORDS
        };
        Ok(self.searcher.num_docs() * length)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.searcher.num_docs())
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        self.documents(term)
    }
}

/// How many living documents of a segment have `term`; the list is read only where some are deleted.
fn living(segment: &SegmentReader, term: &Term) -> tantivy::Result<u64> {
    let index = segment.inverted_index(term.field())?;
    let Some(info) = index.get_term_info(term)? else {
        return Ok(0);
    };
    if segment.num_deleted_docs() == 0 {
        return Ok(u64::from(info.doc_freq));
    }
    let mut docs = index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
    let mut living = 0;
    while docs.doc() != TERMINATED {
        living += u64::from(!segment.is_deleted(docs.doc()));
        docs.advance();
    }
    Ok(living)
}
