//! A question in tantivy's terms: for every word the ways in which a service can have it.
//!
//! tantivy keeps the lists and their statistics; which documents are looked at is decided here, so that
//! a search near a place never reads the words of the rest of the country.

use std::collections::HashMap;

use tantivy::query::{EnableScoring, FuzzyTermQuery, Query, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use crate::text::docs::Docs;
use crate::text::question::{Question, Word};
use crate::text::schema::Fields;
use crate::text::statistics::Statistics;
use crate::text::ways::{Way, Worth};

/// What a word in a name counts, on top of what it counts as a word.
const IN_NAME: Score = 2.0;
/// What a code that means the word counts: about as much as the word itself.
const MEANT: Score = 2.0;
/// What the beginning of a word, or a misspelt one, counts: less than any word in full.
const NEARLY: Score = 0.5;
/// Most words of one search that are looked for with other letters.
const MISSPELT: usize = 4;
/// Most words that a beginning stands for: those that most services have.
pub const LONGER: usize = 64;

/// The ways to every word of a question, the rarest word first.
pub(crate) struct Words {
    words: Vec<Asked>,
}

/// One word of a question.
pub(crate) struct Asked {
    pub(crate) ways: Vec<Way>,
    /// About how many documents have it.
    pub(crate) documents: u64,
}

impl Words {
    /// The ways to the words of `question`. `None` when some word is nowhere: nothing can match.
    pub(crate) fn of(
        question: &Question,
        searcher: &Searcher,
        fields: Fields,
    ) -> tantivy::Result<Option<Self>> {
        let statistics = Statistics { searcher, fields };
        let look = Look {
            searcher,
            fields,
            statistics,
        };
        let mut misspelt = 0;
        let mut words = Vec::with_capacity(question.words.len());
        for word in &question.words {
            let mut asked = look.ways_to(word)?;
            if asked.ways.is_empty() {
                misspelt += 1;
                if misspelt <= MISSPELT {
                    asked = look.respelt(&word.text)?;
                }
            }
            if asked.ways.is_empty() {
                return Ok(None);
            }
            words.push(asked);
        }
        words.sort_by_key(|asked| asked.documents);
        Ok((!words.is_empty()).then_some(Self { words }))
    }

    /// About how many documents have the rarest word.
    pub(crate) fn fewest(&self) -> u64 {
        self.words.first().map_or(0, |word| word.documents)
    }

    /// The documents of a segment that have the rarest word, in order, each once.
    pub(crate) fn with_rarest(&self, segment: &SegmentReader) -> tantivy::Result<Docs> {
        let mut docs = Docs::none(segment.max_doc());
        for way in self.words.iter().take(1).flat_map(|word| &word.ways) {
            way.each(segment, &mut |doc| docs.add(doc))?;
        }
        Ok(docs)
    }

    /// Looks documents of a segment up, forwards.
    pub(crate) fn reader(&self, segment: &SegmentReader) -> tantivy::Result<Reader> {
        let words = self.words.iter().map(|word| {
            let ways = word.ways.iter().map(|way| way.open(segment));
            ways.collect()
        });
        Ok(Reader {
            words: words.collect::<tantivy::Result<_>>()?,
        })
    }
}

/// Reads how well the words fit, document by document.
pub(crate) struct Reader {
    words: Vec<Vec<crate::text::ways::Open>>,
}

impl Reader {
    /// The text score of a document; `None` when it lacks a word. Documents are asked for in order.
    pub(crate) fn score(&mut self, doc: DocId) -> Option<Score> {
        let mut sum = 0.0;
        for ways in &mut self.words {
            let mut has = false;
            for way in ways {
                if let Some(score) = way.at(doc) {
                    has = true;
                    sum += score;
                }
            }
            if !has {
                return None;
            }
        }
        Some(sum)
    }
}

/// Every document of a segment that is called just this, or has just this number.
pub(crate) fn each_exact(
    question: &Question,
    fields: Fields,
    segment: &SegmentReader,
    each: &mut dyn FnMut(DocId),
) -> tantivy::Result<()> {
    let index = segment.inverted_index(fields.exact)?;
    for exact in &question.exact {
        let term = Term::from_field_text(fields.exact, exact);
        if let Some(mut docs) = index.read_postings(&term, IndexRecordOption::Basic)? {
            while docs.doc() != TERMINATED {
                each(docs.doc());
                docs.advance();
            }
        }
    }
    Ok(())
}

struct Look<'a> {
    searcher: &'a Searcher,
    fields: Fields,
    statistics: Statistics<'a>,
}

impl Look<'_> {
    /// Every way in which some service has `word`: as it is, as a beginning, by its meaning.
    fn ways_to(&self, word: &Word) -> tantivy::Result<Asked> {
        let mut asked = Asked {
            ways: Vec::new(),
            documents: 0,
        };
        let term = Term::from_field_text(self.fields.words, &word.text);
        let documents = self.statistics.documents(&term)?;
        if documents > 0 {
            let in_name = Term::from_field_text(self.fields.names, &word.text);
            asked.documents += documents;
            asked.ways.push(self.scored(term, 1.0)?);
            if self.statistics.documents(&in_name)? > 0 {
                asked.ways.push(self.scored(in_name, IN_NAME)?);
            }
        }
        if word.last && may_go_on(&word.text) {
            let (longer, documents) = self.longer(&word.text)?;
            if !longer.is_empty() {
                asked.documents += documents;
                asked.ways.push(Way::Several(longer, NEARLY));
            }
        }
        for code in &word.codes {
            let term = Term::from_field_text(self.fields.codes, code.as_str());
            let documents = self.statistics.documents(&term)?;
            if documents > 0 {
                asked.documents += documents;
                let has = TermQuery::new(term, IndexRecordOption::Basic);
                let weight = self.weight(&has, false)?;
                asked.ways.push(Way::One(weight, Worth::Flat(MEANT)));
            }
        }
        Ok(asked)
    }

    /// Words that differ from `word` by a letter or two. None for short words and numbers: almost
    /// everything is a letter or two away from them.
    fn respelt(&self, word: &str) -> tantivy::Result<Asked> {
        let mut asked = Asked {
            ways: Vec::new(),
            documents: self.searcher.num_docs() / 8,
        };
        let distance = match word.chars().count() {
            4..=7 => 1,
            8..=32 => 2,
            _ => return Ok(asked),
        };
        if !word.chars().any(|c| c.is_ascii_digit()) {
            let term = Term::from_field_text(self.fields.words, word);
            let near = FuzzyTermQuery::new(term, distance, true);
            let weight = self.weight(&near, false)?;
            asked.ways.push(Way::One(weight, Worth::Flat(NEARLY)));
        }
        Ok(asked)
    }

    fn scored(&self, term: Term, boost: Score) -> tantivy::Result<Way> {
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        Ok(Way::One(self.weight(&query, true)?, Worth::Scored(boost)))
    }

    fn weight(&self, query: &dyn Query, scored: bool) -> tantivy::Result<Box<dyn Weight>> {
        query.weight(if scored {
            EnableScoring::enabled_from_statistics_provider(&self.statistics, self.searcher)
        } else {
            EnableScoring::disabled_from_searcher(self.searcher)
        })
    }

    /// Words that begin with `beginning` and go on, those that most services have, and how many services
    /// have them.
    fn longer(&self, beginning: &str) -> tantivy::Result<(Vec<Term>, u64)> {
        let mut found: HashMap<Vec<u8>, u64> = HashMap::new();
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.words)?;
            let terms = index.terms().range().gt(beginning);
            let mut terms = terms.lt(after_all(beginning)).into_stream()?;
            while terms.advance() {
                *found.entry(terms.key().to_vec()).or_default() +=
                    u64::from(terms.value().doc_freq);
            }
        }
        let words = found.into_iter().filter_map(|(word, most)| {
            let word = String::from_utf8(word).ok()?;
            Some((Term::from_field_text(self.fields.words, &word), most))
        });
        let most = self.most_common(words.collect())?;
        let documents = most.iter().map(|(_, documents)| documents).sum();
        Ok((most.into_iter().map(|(term, _)| term).collect(), documents))
    }

    /// The terms that most living documents have. Each comes with a number that it cannot exceed, so that
    /// only as many lists are read as it takes.
    fn most_common(&self, mut terms: Vec<(Term, u64)>) -> tantivy::Result<Vec<(Term, u64)>> {
        let order = |(a, in_a): &(Term, u64), (b, in_b): &(Term, u64)| {
            in_b.cmp(in_a).then_with(|| a.cmp(b))
        };
        terms.sort_unstable_by(order);
        let mut best: Vec<(Term, u64)> = Vec::with_capacity(LONGER + 1);
        for (term, most) in terms {
            if best.len() == LONGER && best.last().is_some_and(|(_, least)| most < *least) {
                break;
            }
            let documents = self.statistics.documents(&term)?;
            if documents > 0 {
                let one = (term, documents);
                let place = best.partition_point(|other| order(other, &one).is_lt());
                best.insert(place, one);
                best.truncate(LONGER);
            }
        }
        Ok(best)
    }
}

/// One letter could become anything, unless it is a character that is a word of its own.
fn may_go_on(word: &str) -> bool {
    word.chars().nth(1).is_some() || word.chars().any(|c| c >= '\u{2E80}')
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
