//! The record of a service.

use std::collections::HashMap;

use super::area::Areas;
use super::contact::{contacts, phones};
use super::context::Context;
use super::eligibility;
use super::graph::Ref;
use super::issue::{Cause, Ledger};
use super::language;
use super::location::{Site, provenance};
use super::offers::{OfferRow, Ties, offers};
use super::organization::funding;
use super::published_text::texts;
use super::reading::{Reading, word, yes_or_no};
use super::schedule::schedules;
use super::seclusion::Seclusion;
use super::terms::{Terms, tier};
use super::{Entity, Row};
use crate::catalog::{CostOption, Language, Offer, RequiredDocument, Service, Tier, Tiers};
use crate::geo::CountyFips;
use crate::id::LocalId;
use crate::text::{Name, Text};

/// Most bytes of text in one record; on the wire it may have 64 KiB.
const RECORD_BYTES: usize = 60 * 1024;

/// What services are made from.
pub(super) struct Workshop<'a, 'b> {
    pub(super) context: &'a Context<'b>,
    pub(super) ties: &'a Ties,
    pub(super) sites: &'a HashMap<Ref, Site>,
    pub(super) terms: &'a HashMap<Ref, Terms>,
    pub(super) seclusion: &'a Seclusion,
}

impl Workshop<'_, '_> {
    /// The record of a service that belongs to `organization`; `None` when it is refused, which is
    /// reported.
    pub(super) fn service(
        &self,
        name: &Ref,
        row: &Row,
        organization: LocalId,
        ledger: &mut Ledger,
    ) -> Option<Service> {
        let graph = self.context.graph;
        let terms = self.terms.get(name)?;
        let places = self.places(name, row);
        let areas = self.areas(name, &places, ledger);
        let (languages, interpretation) = languages(graph_of(self), name, row, ledger);
        let eligibility = eligibility::rules(self.context, name, row, ledger);
        let mut phones = phones(graph, name, ledger);
        let mut contacts = contacts(graph, name, ledger);
        for offer in &places {
            self.take_up(offer, &mut phones, &mut contacts, ledger);
        }
        let schedules = schedules(graph, name, ledger);
        let costs = self.costs(name, ledger);
        let required_documents = self.documents(name, ledger);
        let funding = funding(self.context, name, ledger);
        let provenance = provenance(self.context, row, ledger);
        let offers = self.offers(name, &places, ledger);
        let too_large = self.is_too_large(name, row, ledger)?;
        let mut reading = Reading::new(row, ledger);
        Some(Service {
            id: LocalId::from_source(name.id()),
            source_id: Text::parse(row.id()?).ok()?,
            organization,
            program: reading.text("program_id"),
            name: reading.name("name")?,
            alternate_name: reading.name("alternate_name"),
            description: reading.text("description").filter(|_| !too_large),
            url: reading.url("url"),
            email: reading.email("email"),
            attributes: terms.attributes.clone(),
            credentials: terms.credentials.clone(),
            eligibility,
            eligibility_description: reading
                .text("eligibility_description")
                .or_else(|| reading.text("eligibility")),
            areas: areas.known,
            area_notes: areas.notes,
            offers,
            remote: self.is_remote(&mut reading, terms, &places),
            languages,
            interpretation_services: interpretation,
            application_process: reading.text("application_process"),
            fees_description: fees(&mut reading),
            costs,
            wait_time: reading.text("wait_time"),
            required_documents,
            accreditations: reading.text("accreditations"),
            licenses: reading.text("licenses"),
            alert: reading.text("alert"),
            phones,
            schedules,
            contacts,
            funding,
            tier: strictest(&mut reading, terms),
            tiers: Tiers::of(terms.tiers.iter().copied()),
            provenance,
        })
    }

    /// The offers whose location is published.
    fn places(&self, name: &Ref, row: &Row) -> Vec<OfferRow<'_>> {
        let mut places = offers(self.context.graph, name, row);
        places.retain(|offer| self.context.is_published(&offer.location));
        places
    }

    fn is_virtual(&self, location: &Ref) -> bool {
        self.sites.get(location).is_some_and(|site| site.is_virtual)
    }

    fn county(&self, location: &Ref) -> Option<CountyFips> {
        let secluded = self.seclusion.locations.contains_key(location);
        self.sites.get(location).filter(|_| secluded)?.county
    }

    fn areas(&self, name: &Ref, places: &[OfferRow<'_>], ledger: &mut Ledger) -> Areas {
        let mut areas = Areas::of(self.context.graph, name, self.context.map, ledger);
        if self.seclusion.services.contains(name) {
            let county = places.iter().find_map(|offer| self.county(&offer.location));
            areas.widen(county, self.context.map);
        }
        areas
    }

    fn offers(&self, name: &Ref, places: &[OfferRow<'_>], ledger: &mut Ledger) -> Vec<Offer> {
        let graph = self.context.graph;
        let at_place = places
            .iter()
            .filter(|offer| !self.is_virtual(&offer.location));
        at_place
            .map(|offer| {
                let joint = offer
                    .row
                    .and_then(Row::id)
                    .map(|id| Ref::new(Entity::ServiceAtLocation, id));
                let mut areas = Areas::default();
                let (mut phones_here, mut hours_here) = (Vec::new(), Vec::new());
                if let Some(joint) = &joint {
                    areas = Areas::of(graph, joint, self.context.map, ledger);
                    phones_here = phones(graph, joint, ledger);
                    hours_here = schedules(graph, joint, ledger);
                }
                if self.seclusion.services.contains(name) {
                    areas.widen(self.county(&offer.location), self.context.map);
                }
                Offer {
                    location: LocalId::from_source(offer.location.id()),
                    description: offer
                        .row
                        .and_then(|row| Reading::new(row, ledger).text("description")),
                    areas: areas.known,
                    phones: phones_here,
                    schedules: hours_here,
                }
            })
            .collect()
    }

    /// People at an offer become people of the service; so do the telephones of a virtual location.
    fn take_up(
        &self,
        offer: &OfferRow<'_>,
        phones_of_service: &mut Vec<crate::catalog::Phone>,
        contacts_of_service: &mut Vec<crate::catalog::Contact>,
        ledger: &mut Ledger,
    ) {
        let graph = self.context.graph;
        if let Some(id) = offer.row.and_then(Row::id) {
            for contact in contacts(graph, &Ref::new(Entity::ServiceAtLocation, id), ledger) {
                if !contacts_of_service.contains(&contact) {
                    contacts_of_service.push(contact);
                }
            }
        }
        if self.is_virtual(&offer.location) {
            for phone in phones(graph, &offer.location, ledger) {
                if !phones_of_service.contains(&phone) {
                    phones_of_service.push(phone);
                }
            }
        }
    }

    fn is_remote(&self, reading: &mut Reading<'_>, terms: &Terms, places: &[OfferRow<'_>]) -> bool {
        let said = reading.word("remote");
        let said = said.and_then(|word| yes_or_no(&word)) == Some(true);
        let by_code = terms.any(|code| {
            matches!(
                code.as_str(),
                "acc:phone" | "acc:video" | "acc:msg" | "mh:tele"
            )
        });
        said || by_code || places.iter().any(|offer| self.is_virtual(&offer.location))
    }

    fn costs(&self, name: &Ref, ledger: &mut Ledger) -> Vec<CostOption> {
        let mut costs = Vec::new();
        for row in self.context.graph.children(name, Entity::CostOption) {
            let mut reading = Reading::new(row, ledger);
            let cost = CostOption {
                option: reading.text("option"),
                amount_hundredths: amount(&mut reading),
                currency: currency(&mut reading),
                amount_description: reading.text("amount_description"),
                valid_from: reading.date("valid_from"),
                valid_to: reading.date("valid_to"),
            };
            if !costs.contains(&cost) {
                costs.push(cost);
            }
        }
        costs
    }

    fn documents(&self, name: &Ref, ledger: &mut Ledger) -> Vec<RequiredDocument> {
        let mut documents = Vec::new();
        for row in self.context.graph.children(name, Entity::RequiredDocument) {
            let mut reading = Reading::new(row, ledger);
            let document = reading.text("document").map(|document| RequiredDocument {
                document,
                url: reading.url("uri"),
            });
            documents.extend(document.filter(|one| !documents.contains(one)));
        }
        documents
    }

    /// Whether the description has to go for the record to fit; `None` when it does not fit even so.
    fn is_too_large(&self, name: &Ref, row: &Row, ledger: &mut Ledger) -> Option<bool> {
        let texts = texts(self.context.graph, name, false);
        let bytes: usize = texts.iter().map(|text| text.text.len()).sum();
        if bytes <= RECORD_BYTES {
            return Some(false);
        }
        let description = word(row, "description").map_or(0, |text| text.len());
        if bytes - description.min(bytes) > RECORD_BYTES {
            ledger.refuse(row, "row", too_large("refused"));
            return None;
        }
        ledger.repair(row, "description", too_large("left out"));
        Some(true)
    }
}

fn graph_of<'a>(workshop: &Workshop<'a, '_>) -> &'a super::graph::Graph {
    workshop.context.graph
}

/// Languages from rows and from free text, and what the words say beyond languages.
fn languages(
    graph: &super::graph::Graph,
    name: &Ref,
    row: &Row,
    ledger: &mut Ledger,
) -> (Vec<Language>, Option<Text>) {
    let (mut languages, unknown) = language::of_service(graph, name, ledger);
    let mut reading = Reading::new(row, ledger);
    let (certain, rest) = language::from_words(&mut reading, "languages");
    for language in certain {
        if languages.iter().all(|known| known.tag != language.tag) {
            languages.push(language);
        }
    }
    let stated = reading.text("interpretation_services");
    let mut words: Vec<String> = stated
        .iter()
        .chain(&rest)
        .map(ToString::to_string)
        .collect();
    words.extend(unknown);
    words.dedup();
    (languages, Text::parse(&words.join("\n")).ok())
}

fn fees(reading: &mut Reading<'_>) -> Option<Text> {
    reading
        .text("fees_description")
        .or_else(|| reading.text("fees"))
}

fn strictest(reading: &mut Reading<'_>, terms: &Terms) -> Tier {
    let said = reading.word("tier").map(|word| tier(&word.to_lowercase()));
    said.max(terms.tier).unwrap_or_default()
}

/// An amount with at most two decimals, in hundredths.
fn amount(reading: &mut Reading<'_>) -> Option<u64> {
    let written = reading.word("amount")?;
    let hundredths = hundredths(written.trim_start_matches('$'));
    if hundredths.is_none() {
        reading.repair(
            "amount",
            "amount_invalid",
            "left out: write an amount as 35 or 35.50",
        );
    }
    hundredths
}

fn hundredths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || whole.len() > 9 || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<u64>().ok().map(|whole| whole * 100 + part)
}

fn currency(reading: &mut Reading<'_>) -> Option<Name> {
    let written = reading.word("currency")?.to_ascii_uppercase();
    if written.len() == 3 && written.bytes().all(|b| b.is_ascii_uppercase()) {
        return Name::parse(&written).ok();
    }
    reading.repair(
        "currency",
        "currency_invalid",
        "left out: a currency has three letters, such as USD",
    );
    None
}

fn too_large(what: &str) -> Cause {
    Cause::new(
        "record_too_large",
        format!("{what}: one service has at most 60 KiB of text; shorten it"),
    )
}
