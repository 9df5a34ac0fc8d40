//! The words of a listing: what a text search can find it by.
//!
//! Everything is folded here, once ([`fold`]), so that the text index stores and compares plain words.
//! Words that may not be shown are not in a listing, so they cannot get in here.

use referral_core::catalog::{Listing, Location, Phone, Place, Rule, Values};
use referral_core::search::Facts;
use referral_core::text::{Name, Text, fold};
use referral_core::vocabulary::{Code, entry};

use crate::part::{NOWHERE, curve_of};

/// The words of one service.
#[derive(Debug, Default, PartialEq)]
pub struct Document {
    /// Where on the curve of the map it is first offered.
    pub(crate) curve: u64,
    /// Words of the names of the service, its organization and program, blanks between them.
    pub names: String,
    /// All of its words, those of the names too.
    pub words: String,
    /// Its codes and their domains.
    pub codes: Vec<Code>,
    /// What it is called as a whole: see [`exact_name`] and [`exact_phone`].
    pub exact: Vec<String>,
}

impl Document {
    /// The words of a listing. `facts` are those of the same listing; `organization_places` stand in
    /// for a service without locations.
    #[must_use]
    pub fn of(listing: &Listing, facts: &Facts, organization_places: &[Place]) -> Self {
        let mut document = Self {
            curve: facts.offers.first().map_or(NOWHERE, curve_of),
            codes: facts.codes.clone(),
            ..Self::default()
        };
        document.add_names(listing);
        document.add_meanings(listing);
        document.add_descriptions(listing);
        document.add_phones(listing);
        document.add_places(listing, organization_places);
        document
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let exact: usize = self.exact.iter().map(String::len).sum();
        size_of::<Self>() + self.names.len() + self.words.len() + exact + self.codes.len() * 32
    }

    fn add_names(&mut self, listing: &Listing) {
        let (service, organization) = (&listing.service, &listing.organization);
        let called = [
            Some(&service.name),
            service.alternate_name.as_ref(),
            Some(&organization.name),
            organization.alternate_name.as_ref(),
        ];
        for name in called.into_iter().flatten() {
            self.exact.extend(exact_name(name.as_str()));
            self.add_name(name.as_str());
        }
        let programs = organization.programs.iter();
        let program =
            programs.filter(|program| service.program.as_ref() == Some(&program.source_id));
        for program in program {
            self.add_name(program.name.as_str());
        }
    }

    fn add_meanings(&mut self, listing: &Listing) {
        let codes = self.codes.clone();
        for code in &codes {
            if let Some(entry) = entry(code) {
                self.add(entry.definition);
            } else if code.is_own_term() {
                self.add(code.value());
            }
        }
        let labels = listing.service.attributes.iter();
        for label in labels.filter_map(|attribute| attribute.label.as_ref()) {
            self.add(label.as_str());
        }
    }

    fn add_descriptions(&mut self, listing: &Listing) {
        let service = &listing.service;
        let texts = [
            &service.description,
            &service.eligibility_description,
            &service.application_process,
        ];
        for text in texts.into_iter().flatten() {
            self.add(text.as_str());
        }
        for text in service
            .offers
            .iter()
            .filter_map(|offer| offer.description.as_ref())
        {
            self.add(text.as_str());
        }
        for words in service.eligibility.iter().flat_map(words_of) {
            self.add(words);
        }
    }

    fn add_phones(&mut self, listing: &Listing) {
        let (service, organization) = (&listing.service, &listing.organization);
        let at_offers = service.offers.iter().flat_map(|offer| &offer.phones);
        let at_locations = listing.locations.iter().flat_map(|place| &place.phones);
        let at_contacts = service.contacts.iter().flat_map(|contact| &contact.phones);
        let phones = service.phones.iter().chain(&organization.phones);
        for Phone { number, .. } in phones
            .chain(at_offers)
            .chain(at_locations)
            .chain(at_contacts)
        {
            self.add(number.as_str());
            self.add(&number.digits());
            self.exact.extend(exact_phone(number.as_str()));
        }
        self.exact.sort();
        self.exact.dedup();
    }

    fn add_places(&mut self, listing: &Listing, organization_places: &[Place]) {
        for Location {
            name,
            alternate_name,
            place,
            ..
        } in &listing.locations
        {
            for name in [name, alternate_name].into_iter().flatten() {
                self.add(name.as_str());
            }
            self.add_city(place);
        }
        if listing.locations.is_empty() {
            for place in organization_places {
                self.add_city(place);
            }
        }
    }

    fn add_city(&mut self, place: &Place) {
        let Some(address) = place.address() else {
            return;
        };
        if let Some(city) = &address.city {
            self.add(city.as_str());
        }
        if let Some(zip) = address.zip {
            self.add(&zip.to_string());
        }
    }

    fn add_name(&mut self, name: &str) {
        append(&mut self.names, &fold(name));
        self.add(name);
    }

    fn add(&mut self, text: &str) {
        append(&mut self.words, &fold(text));
    }
}

/// A whole name as the text index knows it: its folded words as one. `None` when it has no words.
pub(crate) fn exact_name(name: &str) -> Option<String> {
    let folded = fold(name);
    (!folded.is_empty()).then(|| format!("name {folded}"))
}

/// A whole telephone number as the text index knows it: 7 to 15 digits, without an extension, and
/// without the country's own code. `None` for text that is no such number.
pub(crate) fn exact_phone(text: &str) -> Option<String> {
    let number = text.split(['x', 'X', 'e', 'E', '#']).next()?;
    let written = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}".contains(c);
    if !number.chars().all(written) {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = match digits.strip_prefix('1') {
        Some(national) if national.len() == 10 => national,
        _ => &digits,
    };
    (7..=15)
        .contains(&national.len())
        .then(|| format!("phone {national}"))
}

fn words_of(rule: &Rule) -> Vec<&str> {
    match &rule.values {
        Values::Range { .. } => Vec::new(),
        Values::AnyOf(values) => values.iter().map(Name::as_str).collect(),
        Values::Words(words) => vec![Text::as_str(words)],
    }
}

fn append(words: &mut String, more: &str) {
    if !words.is_empty() && !more.is_empty() {
        words.push(' ');
    }
    words.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_the_same_however_it_is_written() {
        for number in [
            "(410) 555-1212",
            "410.555.1212 x12",
            "+1 410 555 1212",
            "1-410-555-1212",
            "4105551212",
        ] {
            assert_eq!(
                exact_phone(number).as_deref(),
                Some("phone 4105551212"),
                "{number}"
            );
        }
    }

    #[test]
    fn words_and_short_numbers_are_no_phone_number() {
        for text in [
            "911",
            "legal aid",
            "1-800-GOODDAY",
            "",
            "21201",
            "410 555 1212 help",
        ] {
            assert_eq!(exact_phone(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_without_words_is_no_name() {
        assert_eq!(
            exact_name("The Door, Inc.").as_deref(),
            Some("name the door inc")
        );
        assert_eq!(exact_name("¿?"), None);
    }
}
