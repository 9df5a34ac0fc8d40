//! What has no place in a listing though it is well written: the number of one person, a telephone that costs
//! its caller money, a web address that poses as another.
//!
//! Start at [`unfit`], which finds the first of them in a record, and [`Unfit`]. An agency's import leaves
//! them out before anything is stored or sent; the directory refuses a record in which they came anyway.
//! Records that were taken before stay readable: nothing here is part of what makes a record one.

mod marks;
mod words;

pub use marks::{holds_person_number, is_premium_rate, poses_as_other_host};

use crate::catalog::Record;
use words::Words;

/// Why a record is not taken, or a report. Every variant is the sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A text holds what looks like the number of one person.
    #[error(
        "it holds what looks like the number of one person: take it out, nothing about a client is listed"
    )]
    PersonNumber,
    /// A telephone costs its caller money.
    #[error("a number that costs the caller money (900, 976) is not listed: give another")]
    PremiumRate,
    /// The host of a web address is written to be taken for another.
    #[error("the web address mixes scripts, as one that poses as another does: give it as it is")]
    OtherHost,
}

impl Unfit {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PersonNumber => "person_number_suspected",
            Self::PremiumRate => "phone_premium_rate",
            Self::OtherHost => "url_lookalike",
        }
    }
}

/// The first thing in a record that has no place in a listing, and its field in HSDS terms.
///
/// # Errors
/// [`Unfit`] with the field.
pub fn unfit(record: &Record) -> Result<(), (&'static str, Unfit)> {
    let mut words = Words::default();
    words.record(record);
    let texts = words.texts.into_iter();
    let numbers = texts.filter(|(_, text)| holds_person_number(text));
    let numbers = numbers.map(|(field, _)| (field, Unfit::PersonNumber));
    let phones = words.phones.into_iter();
    let phones = phones.filter(|(_, phone)| is_premium_rate(&phone.number));
    let phones = phones.map(|(field, _)| (field, Unfit::PremiumRate));
    let hosts = words.urls.into_iter();
    let hosts = hosts.filter(|(_, url)| poses_as_other_host(url));
    let hosts = hosts.map(|(field, _)| (field, Unfit::OtherHost));
    numbers
        .chain(phones)
        .chain(hosts)
        .next()
        .map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Contact, Organization, Phone, PhoneNumber, Provenance, WebUrl};
    use crate::id::LocalId;
    use crate::text::{Name, Text};

    fn organization() -> Organization {
        Organization {
            id: LocalId::parse("org").unwrap(),
            source_id: Text::parse("078-05-1120").unwrap(),
            name: Name::parse("Harbor House").unwrap(),
            alternate_name: None,
            description: None,
            email: None,
            website: None,
            legal_status: None,
            year_incorporated: None,
            parent_organization: None,
            phones: vec![],
            contacts: vec![],
            programs: vec![],
            funding: vec![],
            identifiers: vec![],
            provenance: Provenance::default(),
        }
    }

    fn found(organization: Organization) -> Result<(), (&'static str, Unfit)> {
        unfit(&Record::Organization(Box::new(organization)))
    }

    fn phone(number: &str) -> Phone {
        Phone {
            number: PhoneNumber::parse(number).unwrap(),
            extension: None,
            kind: None,
            description: None,
            languages: vec![],
        }
    }

    #[test]
    fn ids_of_records_are_no_numbers_of_persons() {
        assert_eq!(found(organization()), Ok(()));
    }

    #[test]
    fn what_has_no_place_is_found_in_whatever_field_it_stands() {
        let described = Text::parse("ask for A123 456 789").ok();
        let with = |change: &dyn Fn(&mut Organization)| {
            let mut changed = organization();
            change(&mut changed);
            found(changed)
        };

        let in_words = with(&|it| it.description.clone_from(&described));
        let in_a_contact = with(&|it| {
            it.contacts = vec![Contact {
                name: Name::parse("Client 078-05-1120").ok(),
                title: None,
                department: None,
                email: None,
                phones: vec![],
            }];
        });
        let in_a_telephone = with(&|it| it.phones = vec![phone("1-900-555-0100")]);
        let in_an_address = with(&|it| it.website = WebUrl::parse("https://www.uscіs.gov/").ok());

        assert_eq!(in_words, Err(("description", Unfit::PersonNumber)));
        assert_eq!(in_a_contact, Err(("contacts", Unfit::PersonNumber)));
        assert_eq!(in_a_telephone, Err(("phones", Unfit::PremiumRate)));
        assert_eq!(in_an_address, Err(("website", Unfit::OtherHost)));
    }
}
