//! Telephones and people to ask for.

use referral_core::catalog::{Contact, Phone};

use super::limits;
use super::reading::{FromWire, Reading};
use super::record::each;
use super::text::ToText;
use crate::v1;

impl From<&Phone> for v1::Phone {
    fn from(phone: &Phone) -> Self {
        Self {
            number: phone.number.to_text(),
            extension: phone.extension.to_text(),
            kind: phone.kind.to_text(),
            description: phone.description.to_text(),
            languages: each(&phone.languages),
        }
    }
}

impl FromWire for Phone {
    type Wire = v1::Phone;

    fn from_wire(wire: v1::Phone, at: &mut Reading) -> Option<Self> {
        let number = at.required("number", &wire.number);
        let extension = at.optional("extension", &wire.extension);
        let kind = at.optional("kind", &wire.kind);
        let description = at.optional("description", &wire.description);
        let languages = at.parts("languages", wire.languages, limits::LANGUAGES);
        Some(Self {
            number: number?,
            extension,
            kind,
            description,
            languages,
        })
    }
}

impl From<&Contact> for v1::Contact {
    fn from(contact: &Contact) -> Self {
        Self {
            name: contact.name.to_text(),
            title: contact.title.to_text(),
            department: contact.department.to_text(),
            email: contact.email.to_text(),
            phones: each(&contact.phones),
        }
    }
}

impl FromWire for Contact {
    type Wire = v1::Contact;

    fn from_wire(wire: v1::Contact, at: &mut Reading) -> Option<Self> {
        Some(Self {
            name: at.optional("name", &wire.name),
            title: at.optional("title", &wire.title),
            department: at.optional("department", &wire.department),
            email: at.optional("email", &wire.email),
            phones: at.parts("phones", wire.phones, limits::PHONES),
        })
    }
}
