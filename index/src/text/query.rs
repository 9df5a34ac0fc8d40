//! A question in tantivy's terms.

use std::ops::Bound;

use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, InvertedIndexRangeQuery, Query,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use crate::text::question::{Question, Word};
use crate::text::schema::Fields;

/// What a word in a name counts, on top of what it counts as a word.
const IN_NAME: Score = 2.0;
/// What a code that means the word counts: about as much as the word itself.
const MEANT: Score = 2.0;
/// What the beginning of a word, or a misspelt one, counts: less than any word in full.
const NEARLY: Score = 0.5;
/// Most words of one search that are looked for with other letters.
const MISSPELT: usize = 4;

/// Services with every word, scored. `None` when some word is nowhere: nothing can match.
pub(crate) fn words_query(
    question: &Question,
    searcher: &Searcher,
    fields: Fields,
) -> tantivy::Result<Option<BooleanQuery>> {
    let look = Look { searcher, fields };
    let mut misspelt = 0;
    let mut all = Vec::with_capacity(question.words.len());
    for word in &question.words {
        let mut ways = look.ways_to(word)?;
        if ways.is_empty() {
            misspelt += 1;
            ways.extend(look.respelt(&word.text).filter(|_| misspelt <= MISSPELT));
        }
        if ways.is_empty() {
            return Ok(None);
        }
        all.push(boxed(BooleanQuery::union(ways)));
    }
    Ok((!all.is_empty()).then(|| BooleanQuery::intersection(all)))
}

/// Services that are called just this, or have just this number.
pub(crate) fn exact_query(question: &Question, fields: Fields) -> BooleanQuery {
    let terms = question.exact.iter();
    let terms = terms.map(|exact| Term::from_field_text(fields.exact, exact));
    BooleanQuery::new_multiterms_query(terms.collect())
}

struct Look<'a> {
    searcher: &'a Searcher,
    fields: Fields,
}

impl Look<'_> {
    /// Every way in which some service has `word`: as it is, as a beginning, by its meaning.
    fn ways_to(&self, word: &Word) -> tantivy::Result<Vec<Box<dyn Query>>> {
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        let term = Term::from_field_text(self.fields.words, &word.text);
        if self.occurs(&term)? {
            let in_name = term_query(self.fields.names, &word.text);
            ways.push(boxed(TermQuery::new(term, IndexRecordOption::WithFreqs)));
            ways.push(boxed(BoostQuery::new(boxed(in_name), IN_NAME)));
        }
        if word.last && may_go_on(&word.text) && self.begins_any(&word.text)? {
            let longer = boxed(beginning(self.fields.words, &word.text));
            ways.push(boxed(ConstScoreQuery::new(longer, NEARLY)));
        }
        for code in &word.codes {
            let term = Term::from_field_text(self.fields.codes, code.as_str());
            if self.occurs(&term)? {
                let has = boxed(TermQuery::new(term, IndexRecordOption::Basic));
                ways.push(boxed(ConstScoreQuery::new(has, MEANT)));
            }
        }
        Ok(ways)
    }

    /// Words that differ from `word` by a letter or two. None for short words and numbers: almost
    /// everything is a letter or two away from them.
    fn respelt(&self, word: &str) -> Option<Box<dyn Query>> {
        let distance = match word.chars().count() {
            4..=7 => 1,
            8..=32 => 2,
            _ => return None,
        };
        if word.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let term = Term::from_field_text(self.fields.words, word);
        let near = boxed(FuzzyTermQuery::new(term, distance, true));
        Some(boxed(ConstScoreQuery::new(near, NEARLY)))
    }

    /// Whether any service has `term` now; deleted ones do not count.
    fn occurs(&self, term: &Term) -> tantivy::Result<bool> {
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(term.field())?;
            if let Some(info) = index.get_term_info(term)?
                && any_alive(
                    segment,
                    index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?,
                )
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether any service has a word that begins like this.
    fn begins_any(&self, beginning: &str) -> tantivy::Result<bool> {
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.words)?;
            let terms = index.terms().range().ge(beginning);
            let mut terms = terms.lt(after_all(beginning)).into_stream()?;
            while terms.advance() {
                let info = terms.value();
                let postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                if any_alive(segment, postings) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn any_alive(segment: &SegmentReader, mut docs: impl DocSet) -> bool {
    let mut doc = docs.doc();
    while doc != TERMINATED {
        if !segment.is_deleted(doc) {
            return true;
        }
        doc = docs.advance();
    }
    false
}

/// One letter could become anything, unless it is a character that is a word of its own.
fn may_go_on(word: &str) -> bool {
    word.chars().nth(1).is_some() || word.chars().any(|c| c >= '\u{2E80}')
}

/// Words that begin like this.
fn beginning(field: Field, text: &str) -> InvertedIndexRangeQuery {
    let from = Term::from_field_text(field, text);
    let after = after_all(text);
    let to = Term::from_field_bytes(field, &after);
    InvertedIndexRangeQuery::new(Bound::Included(from), Bound::Excluded(to))
}

/// The first bytes after every text that begins like this. UTF-8 has no byte 255: adding one to the
/// last byte is enough.
fn after_all(beginning: &str) -> Vec<u8> {
    let mut bytes = beginning.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    bytes
}

fn term_query(field: Field, text: &str) -> TermQuery {
    let term = Term::from_field_text(field, text);
    TermQuery::new(term, IndexRecordOption::WithFreqs)
}

fn boxed(query: impl Query) -> Box<dyn Query> {
    Box::new(query)
}
