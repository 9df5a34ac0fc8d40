//! What the text index keeps of a service, and how its version is told.

use referral_core::id::{Hash, PublicId, hex};
use referral_core::vocabulary::entries;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexSettings, IndexSortByField, Order, TantivyDocument, Term};

use crate::document::Document;

/// Counts up whenever the same listing would be indexed in another way: words, fields, folding.
const FORMAT: u32 = 2;

/// The name of the field that documents are ordered by.
const CURVE: &str = "curve";

/// The fields of the text index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The public id, for replacing: 16 bytes.
    pub(crate) id: Field,
    /// The upper half of the public id, read when a segment is opened.
    pub(crate) id_high: Field,
    /// The lower half.
    pub(crate) id_low: Field,
    /// Where on the curve of the map the service is first offered: documents are in this order.
    pub(crate) curve: Field,
    /// Words of names.
    pub(crate) names: Field,
    /// All words, those of names too.
    pub(crate) words: Field,
    /// Vocabulary codes.
    pub(crate) codes: Field,
    /// Whole names and telephone numbers.
    pub(crate) exact: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = words_between_blanks();
    let fields = Fields {
        id: schema.add_bytes_field("id", INDEXED),
        id_high: schema.add_u64_field("id_high", FAST),
        id_low: schema.add_u64_field("id_low", FAST),
        curve: schema.add_u64_field(CURVE, FAST),
        names: schema.add_text_field("names", words.clone()),
        words: schema.add_text_field("words", words),
        codes: schema.add_text_field("codes", whole()),
        exact: schema.add_text_field("exact", whole()),
    };
    (schema.build(), fields)
}

/// Documents lie in the order in which places follow each other: what is near is together.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        sort_by_field: Some(IndexSortByField {
            field: CURVE.to_owned(),
            order: Order::Asc,
        }),
        ..IndexSettings::default()
    }
}

/// The version of what is written: our format, and the vocabulary whose definitions are among the words.
pub(crate) fn version() -> String {
    let meanings: Vec<u8> = entries()
        .iter()
        .flat_map(|entry| [entry.code.as_str(), "\t", entry.definition, "\n"])
        .flat_map(str::bytes)
        .collect();
    let vocabulary = Hash::of(&[&meanings]);
    format!("{FORMAT}-{}", hex(&vocabulary.as_bytes()[..8]))
}

impl Fields {
    /// A service as tantivy keeps it.
    pub(crate) fn document(&self, id: PublicId, document: &Document) -> TantivyDocument {
        let (high, low) = halves(id);
        let mut doc = TantivyDocument::new();
        doc.add_bytes(self.id, &id.as_u128().to_be_bytes());
        doc.add_u64(self.id_high, high);
        doc.add_u64(self.id_low, low);
        doc.add_u64(self.curve, document.curve);
        doc.add_text(self.names, &document.names);
        doc.add_text(self.words, &document.words);
        for code in &document.codes {
            doc.add_text(self.codes, code.as_str());
        }
        for exact in &document.exact {
            doc.add_text(self.exact, exact);
        }
        doc
    }

    /// The term that only this service has.
    pub(crate) fn only(&self, id: PublicId) -> Term {
        Term::from_field_bytes(self.id, &id.as_u128().to_be_bytes())
    }
}

/// A public id from its two halves.
pub(crate) fn whole_id(high: u64, low: u64) -> PublicId {
    PublicId::from_u128((u128::from(high) << 64) | u128::from(low))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "each half is cut out on purpose"
)]
fn halves(id: PublicId) -> (u64, u64) {
    let number = id.as_u128();
    ((number >> 64) as u64, number as u64)
}

/// Folded words with blanks between: tantivy has nothing left to decide.
fn words_between_blanks() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    TextOptions::default().set_indexing_options(indexing)
}

fn whole() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_two_halves() {
        let id = PublicId::from_u128(0x0123_4567_89ab_cdef_0fed_cba9_8765_4321);
        let (high, low) = halves(id);

        assert_eq!((high, low), (0x0123_4567_89ab_cdef, 0x0fed_cba9_8765_4321));
        assert_eq!(whole_id(high, low), id);
    }
}
