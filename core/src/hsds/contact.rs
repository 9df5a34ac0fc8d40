//! Telephones and people, wherever they hang.

use super::graph::{Graph, Ref};
use super::issue::{Cause, Ledger};
use super::language;
use super::reading::Reading;
use super::{Entity, Row};
use crate::catalog::{Contact, Phone, PhoneNumber};
use crate::unfit;

/// The telephones of an object, each once.
pub(super) fn phones(graph: &Graph, of: &Ref, ledger: &mut Ledger) -> Vec<Phone> {
    let mut phones = Vec::new();
    for row in graph.children(of, Entity::Phone) {
        let phone = phone(graph, row, ledger);
        phones.extend(phone.filter(|phone| !phones.contains(phone)));
    }
    phones
}

/// The people to ask for at an object, each once. One with nothing but an id is left out.
pub(super) fn contacts(graph: &Graph, of: &Ref, ledger: &mut Ledger) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for row in graph.children(of, Entity::Contact) {
        let phones = row
            .id()
            .map(|id| phones(graph, &Ref::new(Entity::Contact, id), ledger))
            .unwrap_or_default();
        let mut reading = Reading::new(row, ledger);
        let contact = Contact {
            name: reading.name("name"),
            title: reading.name("title"),
            department: reading.name("department"),
            email: reading.email("email"),
            phones,
        };
        let says_something = contact.name.is_some()
            || contact.title.is_some()
            || contact.department.is_some()
            || contact.email.is_some()
            || !contact.phones.is_empty();
        if says_something && !contacts.contains(&contact) {
            contacts.push(contact);
        }
    }
    contacts
}

fn phone(graph: &Graph, row: &Row, ledger: &mut Ledger) -> Option<Phone> {
    let written = Reading::new(row, ledger).word("number").unwrap_or_default();
    let number = match PhoneNumber::parse(&written) {
        Ok(number) if unfit::is_premium_rate(&number) => {
            let reason = "a number that costs the caller money (900, 976) is not listed";
            ledger.refuse(row, "number", Cause::new("phone_premium_rate", reason));
            return None;
        }
        Ok(number) => number,
        Err(wrong) => {
            ledger.refuse(row, "number", Cause::new(wrong.code(), wrong.to_string()));
            return None;
        }
    };
    let languages = row
        .id()
        .map(|id| language::languages(graph, &Ref::new(Entity::Phone, id), ledger))
        .unwrap_or_default();
    let mut reading = Reading::new(row, ledger);
    Some(Phone {
        number,
        extension: reading.name("extension"),
        kind: reading.name("type"),
        description: reading.text("description"),
        languages,
    })
}
