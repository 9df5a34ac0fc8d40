//! Services with their codes, credentials, costs, papers and offers.

use referral_core::catalog::{
    Attribute, CostOption, Credential, Offer, RequiredDocument, Service, Tier, Tiers,
};
use referral_core::id::LocalId;

use super::limits;
use super::provenance::PartTier;
use super::reading::{FromWire, Reading};
use super::record::{each, texts};
use super::text::ToText;
use crate::v1;

impl From<&Service> for v1::Service {
    fn from(service: &Service) -> Self {
        Self {
            source_id: service.source_id.to_text(),
            organization_id: service.organization.to_text(),
            program: service.program.to_text(),
            name: service.name.to_text(),
            alternate_name: service.alternate_name.to_text(),
            description: service.description.to_text(),
            url: service.url.to_text(),
            email: service.email.to_text(),
            attributes: each(&service.attributes),
            credentials: each(&service.credentials),
            eligibility: each(&service.eligibility),
            eligibility_description: service.eligibility_description.to_text(),
            areas: each(&service.areas),
            area_notes: texts(&service.area_notes),
            offers: each(&service.offers),
            remote: service.remote,
            languages: each(&service.languages),
            interpretation_services: service.interpretation_services.to_text(),
            application_process: service.application_process.to_text(),
            fees_description: service.fees_description.to_text(),
            costs: each(&service.costs),
            wait_time: service.wait_time.to_text(),
            required_documents: each(&service.required_documents),
            accreditations: service.accreditations.to_text(),
            licenses: service.licenses.to_text(),
            alert: service.alert.to_text(),
            phones: each(&service.phones),
            schedules: each(&service.schedules),
            contacts: each(&service.contacts),
            funding: texts(&service.funding),
            tier: v1::Tier::from(service.tier).into(),
            part_tiers: service.tiers.restricted().map(Into::into).collect(),
            provenance: Some((&service.provenance).into()),
        }
    }
}

/// The service with this id that `wire` describes.
pub(crate) fn read(id: Option<LocalId>, wire: v1::Service, at: &mut Reading) -> Option<Service> {
    let source_id = at.required("source_id", &wire.source_id);
    let organization = at.required("organization_id", &wire.organization_id);
    let name = at.required("name", &wire.name);
    let tier = at.number::<v1::Tier>("tier", wire.tier);
    let parts = at.parts::<PartTier>("part_tiers", wire.part_tiers, limits::PARTS);
    Some(Service {
        program: at.optional("program", &wire.program),
        alternate_name: at.optional("alternate_name", &wire.alternate_name),
        description: at.optional("description", &wire.description),
        url: at.optional("url", &wire.url),
        email: at.optional("email", &wire.email),
        attributes: at.parts("attributes", wire.attributes, limits::ATTRIBUTES),
        credentials: at.parts("credentials", wire.credentials, limits::CREDENTIALS),
        eligibility: at.parts("eligibility", wire.eligibility, limits::RULES),
        eligibility_description: at
            .optional("eligibility_description", &wire.eligibility_description),
        areas: at.parts("areas", wire.areas, limits::AREAS),
        area_notes: at.texts("area_notes", &wire.area_notes, limits::AREAS),
        offers: at.parts("offers", wire.offers, limits::OFFERS),
        remote: wire.remote,
        languages: at.parts("languages", wire.languages, limits::LANGUAGES),
        interpretation_services: at
            .optional("interpretation_services", &wire.interpretation_services),
        application_process: at.optional("application_process", &wire.application_process),
        fees_description: at.optional("fees_description", &wire.fees_description),
        costs: at.parts("costs", wire.costs, limits::DETAILS),
        wait_time: at.optional("wait_time", &wire.wait_time),
        required_documents: at.parts(
            "required_documents",
            wire.required_documents,
            limits::DETAILS,
        ),
        accreditations: at.optional("accreditations", &wire.accreditations),
        licenses: at.optional("licenses", &wire.licenses),
        alert: at.optional("alert", &wire.alert),
        phones: at.parts("phones", wire.phones, limits::PHONES),
        schedules: at.parts("schedules", wire.schedules, limits::SCHEDULES),
        contacts: at.parts("contacts", wire.contacts, limits::CONTACTS),
        funding: at.texts("funding", &wire.funding, limits::DETAILS),
        provenance: at.part_or_default("provenance", wire.provenance),
        id: id?,
        source_id: source_id?,
        organization: organization?,
        name: name?,
        tiers: Tiers::of(parts.into_iter().map(|PartTier(part, tier)| (part, tier))),
        tier: tier.map(Tier::from)?,
    })
}

impl From<&Offer> for v1::Offer {
    fn from(offer: &Offer) -> Self {
        Self {
            location_id: offer.location.to_text(),
            description: offer.description.to_text(),
            areas: each(&offer.areas),
            phones: each(&offer.phones),
            schedules: each(&offer.schedules),
        }
    }
}

impl FromWire for Offer {
    type Wire = v1::Offer;

    fn from_wire(wire: v1::Offer, at: &mut Reading) -> Option<Self> {
        Some(Self {
            description: at.optional("description", &wire.description),
            areas: at.parts("areas", wire.areas, limits::AREAS),
            phones: at.parts("phones", wire.phones, limits::PHONES),
            schedules: at.parts("schedules", wire.schedules, limits::SCHEDULES),
            location: at.required("location_id", &wire.location_id)?,
        })
    }
}

impl From<&Attribute> for v1::Attribute {
    fn from(attribute: &Attribute) -> Self {
        Self {
            code: attribute.code.to_text(),
            value: attribute.value.to_text(),
            label: attribute.label.to_text(),
        }
    }
}

impl FromWire for Attribute {
    type Wire = v1::Attribute;

    fn from_wire(wire: v1::Attribute, at: &mut Reading) -> Option<Self> {
        Some(Self {
            value: at.optional("value", &wire.value),
            label: at.optional("label", &wire.label),
            code: at.required("code", &wire.code)?,
        })
    }
}

impl From<&Credential> for v1::Credential {
    fn from(credential: &Credential) -> Self {
        Self {
            code: credential.code.to_text(),
            lapses_on: credential.lapses.to_text(),
            value: credential.value.to_text(),
        }
    }
}

impl FromWire for Credential {
    type Wire = v1::Credential;

    fn from_wire(wire: v1::Credential, at: &mut Reading) -> Option<Self> {
        Some(Self {
            lapses: at.optional("lapses_on", &wire.lapses_on),
            value: at.optional("value", &wire.value),
            code: at.required("code", &wire.code)?,
        })
    }
}

impl From<&CostOption> for v1::CostOption {
    fn from(cost: &CostOption) -> Self {
        Self {
            option: cost.option.to_text(),
            amount_hundredths: cost.amount_hundredths,
            currency: cost.currency.to_text(),
            amount_description: cost.amount_description.to_text(),
            valid_from: cost.valid_from.to_text(),
            valid_to: cost.valid_to.to_text(),
        }
    }
}

impl FromWire for CostOption {
    type Wire = v1::CostOption;

    fn from_wire(wire: v1::CostOption, at: &mut Reading) -> Option<Self> {
        Some(Self {
            option: at.optional("option", &wire.option),
            amount_hundredths: wire.amount_hundredths,
            currency: at.optional("currency", &wire.currency),
            amount_description: at.optional("amount_description", &wire.amount_description),
            valid_from: at.optional("valid_from", &wire.valid_from),
            valid_to: at.optional("valid_to", &wire.valid_to),
        })
    }
}

impl From<&RequiredDocument> for v1::RequiredDocument {
    fn from(paper: &RequiredDocument) -> Self {
        Self {
            document: paper.document.to_text(),
            url: paper.url.to_text(),
        }
    }
}

impl FromWire for RequiredDocument {
    type Wire = v1::RequiredDocument;

    fn from_wire(wire: v1::RequiredDocument, at: &mut Reading) -> Option<Self> {
        Some(Self {
            url: at.optional("url", &wire.url),
            document: at.required("document", &wire.document)?,
        })
    }
}
