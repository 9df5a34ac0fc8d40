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
/// How many times a document is looked up in the time in which one is passed.
const LOOKED_UP: u64 = 16;
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
    /// More than it can count.
    most: Score,
}

impl Asked {
    fn none() -> Self {
        Self {
            ways: Vec::new(),
            documents: 0,
            most: 0.0,
        }
    }

    fn add(&mut self, way: Way, documents: u64) {
        self.most += way.most();
        self.ways.push(way);
        self.documents += documents;
    }

    /// The documents of a segment that have it.
    fn in_segment(&self, segment: &SegmentReader) -> tantivy::Result<Docs> {
        let mut docs = Docs::none(segment.max_doc());
        for way in &self.ways {
            // Words of names are among all words.
            if !matches!(way, Way::One(_, Worth::Scored { again: true, .. })) {
                way.each(segment, &mut docs)?;
            }
        }
        Ok(docs)
    }
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

    /// More than any document can score.
    pub(crate) fn most(&self) -> Score {
        self.words.iter().map(|word| word.most).sum()
    }

    /// The documents of a segment that have the rarest words, in order, each once, and the place of the
    /// first word that was not looked at: to look it up for those that are left is less work.
    ///
    /// * `among` — those that are wanted; `None`: all.
    pub(crate) fn documents(
        &self,
        segment: &SegmentReader,
        among: Option<&Docs>,
    ) -> tantivy::Result<(Docs, usize)> {
        let mut words = self.words.iter().enumerate();
        let mut docs = match words.next() {
            Some((_, rarest)) => rarest.in_segment(segment)?,
            None => Docs::none(segment.max_doc()),
        };
        if let Some(among) = among {
            docs.keep(among);
        }
        for (at, word) in words {
            let looked_up = docs.count() as u64 * LOOKED_UP;
            if looked_up < word.documents {
                return Ok((docs, at));
            }
            docs.keep(&word.in_segment(segment)?);
        }
        Ok((docs, self.words.len()))
    }

    /// Looks documents of a segment up, forwards.
    ///
    /// * `unread` — the first word that is not known to be in all of them.
    pub(crate) fn reader(&self, segment: &SegmentReader, unread: usize) -> tantivy::Result<Reader> {
        let words = self.words.iter().map(|word| {
            let ways = word.ways.iter().map(|way| way.open(segment));
            ways.collect()
        });
        Ok(Reader {
            words: words.collect::<tantivy::Result<_>>()?,
            unread,
        })
    }
}

/// Reads how well the words fit, document by document.
pub(crate) struct Reader {
    words: Vec<Vec<crate::text::ways::Open>>,
    unread: usize,
}

impl Reader {
    /// Whether a document has all words. Documents are asked for in order.
    pub(crate) fn has(&mut self, doc: DocId) -> bool {
        let unread = self.words.get_mut(self.unread..).unwrap_or_default();
        let mut words = unread.iter_mut();
        words.all(|ways| ways.iter_mut().any(|way| way.has(doc)))
    }

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
        let mut asked = Asked::none();
        let term = Term::from_field_text(self.fields.words, &word.text);
        let documents = self.statistics.documents(&term)?;
        if documents > 0 {
            let in_name = Term::from_field_text(self.fields.names, &word.text);
            asked.add(self.scored(term, documents, 1.0, false)?, documents);
            let named = self.statistics.documents(&in_name)?;
            if named > 0 {
                asked.add(self.scored(in_name, named, IN_NAME, true)?, 0);
            }
        }
        if word.last && may_go_on(&word.text) {
            let (longer, documents) = self.longer(&word.text)?;
            if !longer.is_empty() {
                asked.add(Way::Several(longer, NEARLY), documents);
            }
        }
        for code in &word.codes {
            let term = Term::from_field_text(self.fields.codes, code.as_str());
            let documents = self.statistics.documents(&term)?;
            if documents > 0 {
                asked.add(Way::Several(vec![term], MEANT), documents);
            }
        }
        Ok(asked)
    }

    /// Words that differ from `word` by a letter or two. None for short words and numbers: almost
    /// everything is a letter or two away from them.
    fn respelt(&self, word: &str) -> tantivy::Result<Asked> {
        let mut asked = Asked::none();
        let distance = match word.chars().count() {
            4..=7 => 1,
            8..=32 => 2,
            _ => return Ok(asked),
        };
        if !word.chars().any(|c| c.is_ascii_digit()) {
            let term = Term::from_field_text(self.fields.words, word);
            let near = FuzzyTermQuery::new(term, distance, true);
            let weight = self.weight(&near, false)?;
            let about = self.searcher.num_docs() / 8;
            asked.add(Way::One(weight, Worth::Flat(NEARLY)), about);
        }
        Ok(asked)
    }

    /// `again`: whoever has it this way has it in another way, too.
    fn scored(
        &self,
        term: Term,
        documents: u64,
        boost: Score,
        again: bool,
    ) -> tantivy::Result<Way> {
        let most = boost * most(documents, self.searcher.num_docs());
        let query = TermQuery::new(term.clone(), IndexRecordOption::WithFreqs);
        let worth = Worth::Scored {
            boost,
            most,
            again,
            term,
        };
        Ok(Way::One(self.weight(&query, true)?, worth))
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

/// More than a word can score that so many of all documents have: BM25 with k1 = 1.2 grows with how often
/// a text has the word, up to 2.2 times how rare it is.
///
/// Source: Robertson & Zaragoza 2009, <https://doi.org/10.1561/1500000019>; as in tantivy.
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of documents; a bound has room"
)]
fn most(documents: u64, of: u64) -> Score {
    let (documents, of) = (documents as Score, of as Score);
    let rare = (1.0 + ((of - documents).max(0.0) + 0.5) / (documents + 0.5)).ln();
    2.21 * rare
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
