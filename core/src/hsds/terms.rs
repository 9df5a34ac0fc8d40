//! What a service is, in codes: vocabulary codes where the row gives them, terms of the publisher's own
//! where it does not.

use jiff::civil::Date;

use super::graph::{Graph, Ref};
use super::issue::{Cause, Ledger};
use super::reading::{Reading, word};
use super::{Entity, Row};
use crate::catalog::{Attribute, Credential, Part, Tier};
use crate::id::{AgencyId, LocalId};
use crate::text::{Name, Text};
use crate::vocabulary::{Code, entries};

/// The terms of one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// Codes, each once.
    pub(super) attributes: Vec<Attribute>,
    /// Codes of class `cred`.
    pub(super) credentials: Vec<Credential>,
    /// The strictest tier stated (`conf:`), where one is.
    pub(super) tier: Option<Tier>,
    /// Tiers of single parts (`conf:` with the parts as its value).
    pub(super) tiers: Vec<(Part, Tier)>,
    /// Every name, label and description word of its terms: where confidentiality is looked for.
    pub(super) words: String,
}

impl Terms {
    /// True when one of the codes passes `test`.
    pub(super) fn any(&self, test: impl Fn(&Code) -> bool) -> bool {
        self.attributes
            .iter()
            .any(|attribute| test(&attribute.code))
    }

    /// The terms of `object`.
    pub(super) fn of(graph: &Graph, object: &Ref, agency: &AgencyId, ledger: &mut Ledger) -> Self {
        let mut terms = Self::default();
        for row in graph.children(object, Entity::Attribute) {
            let term = row
                .text("taxonomy_term_id")
                .and_then(|id| graph.row(&Ref::new(Entity::TaxonomyTerm, id)));
            terms.take(row, term, agency, ledger);
        }
        terms.date_credentials();
        terms
    }

    fn take(&mut self, row: &Row, term: Option<&Row>, agency: &AgencyId, ledger: &mut Ledger) {
        let term_word = |field: &str| term.and_then(|term| word(term, field));
        let mut reading = Reading::new(row, ledger);
        let label = reading.name("label");
        let value = reading.text("value");
        let term_name = term_word("name");
        let published = term_name
            .clone()
            .or_else(|| label.as_ref().map(ToString::to_string));
        for words in [label.as_ref().map(Name::as_str), term_name.as_deref()] {
            self.words.push_str(words.unwrap_or_default());
            self.words.push_str(" . ");
        }
        let codes = codes(
            reading.word("code"),
            term_word("code"),
            published.as_deref(),
        );
        let codes = codes.into_iter().filter_map(|code| code.resolve(agency));
        let label = published
            .as_deref()
            .and_then(|name| Name::parse(name).ok())
            .or(label);
        let mut taken = false;
        for code in codes {
            taken = true;
            self.add(code, value.clone(), label.clone());
        }
        if !taken {
            ledger.refuse(row, "row", says_nothing());
        }
    }

    fn add(&mut self, code: Code, value: Option<Text>, label: Option<Name>) {
        match code.class() {
            "conf" => self.restrict(tier(code.value()), value.as_ref()),
            "cred" if code.value() != "exp" => {
                let credential = Credential {
                    code,
                    lapses: None,
                    value,
                };
                if !self.credentials.contains(&credential) {
                    self.credentials.push(credential);
                }
            }
            _ => {
                let known = self
                    .attributes
                    .iter()
                    .any(|a| a.code == code && a.value == value);
                if !known {
                    self.attributes.push(Attribute { code, value, label });
                }
            }
        }
    }

    /// A `conf:` code is about the parts that its value names, with commas between; about everything where
    /// it names none, or one that is no part.
    fn restrict(&mut self, tier: Tier, value: Option<&Text>) {
        let named = value.map(|value| value.as_str().split(','));
        let parts: Option<Vec<Part>> =
            named.and_then(|names| names.map(|name| Part::parse(name.trim())).collect());
        match parts {
            Some(parts) => self
                .tiers
                .extend(parts.into_iter().map(|part| (part, tier))),
            None => self.tier = self.tier.max(Some(tier)),
        }
    }

    /// `cred:exp` carries the day on which the credentials lapse. One that cannot be read makes them
    /// lapse at once: a date was meant.
    fn date_credentials(&mut self) {
        let Some(at) = self
            .attributes
            .iter()
            .position(|a| a.code.as_str() == "cred:exp")
        else {
            return;
        };
        let exp = self.attributes.remove(at);
        let day = exp
            .value
            .and_then(|value| value.as_str().parse::<Date>().ok());
        for credential in &mut self.credentials {
            credential.lapses = Some(day.unwrap_or(Date::MIN));
        }
    }
}

/// What an attribute names its meaning by.
enum Meaning {
    Code(Code),
    Own(String),
}

impl Meaning {
    fn resolve(self, agency: &AgencyId) -> Option<Code> {
        match self {
            Self::Code(code) => Some(code),
            // Words without a Latin letter leave no slug: their hash names them.
            Self::Own(words) => Code::own(agency, &words).or_else(|| {
                let hash = LocalId::from_source(&format!("/{words}"));
                Code::own(agency, hash.as_str())
            }),
        }
    }
}

/// Codes of the row itself, several with blanks or commas between; else the code of its term where that
/// is one of the vocabulary; else the publisher's own term.
fn codes(row: Option<String>, term: Option<String>, name: Option<&str>) -> Vec<Meaning> {
    let own = row.iter().flat_map(|codes| codes.split([' ', ',', ';']));
    let mut meanings: Vec<Meaning> = own
        .filter(|code| !code.is_empty())
        .filter_map(|code| Code::parse(code).ok())
        .map(Meaning::Code)
        .collect();
    if !meanings.is_empty() {
        return meanings;
    }
    let of_vocabulary = |text: &str| {
        Code::parse(text)
            .ok()
            .filter(|code| code.is_own_term() || is_class(code.class()))
    };
    let words = name.map(str::to_owned).or(row);
    let vocabulary = term.as_deref().and_then(of_vocabulary);
    let by_name = words.as_deref().and_then(of_vocabulary);
    match vocabulary.or(by_name) {
        Some(code) => meanings.push(Meaning::Code(code)),
        None => meanings.extend(words.or(term).map(Meaning::Own)),
    }
    meanings
}

fn is_class(class: &str) -> bool {
    entries().iter().any(|entry| entry.code.class() == class)
}

/// The tier of a `conf:` code; one this version does not know is the strictest.
pub(super) fn tier(value: &str) -> Tier {
    match value {
        "public" => Tier::Public,
        "member" => Tier::Member,
        "net" => Tier::Net,
        "ask" => Tier::Ask,
        _ => Tier::Seal,
    }
}

fn says_nothing() -> Cause {
    Cause::new(
        "attribute_empty",
        "it names neither a code nor a term: nothing can be found by it",
    )
}
