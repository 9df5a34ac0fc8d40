//! Everything a record says in words, telephones and web addresses, each with its field.
//!
//! Every record is destructured: a new field is thought of. Ids are no words.

use crate::catalog::{
    Accessibility, Address, Attribute, Contact, CostOption, Credential, Language, Location, Offer,
    Organization, OrganizationIdentifier, Phone, Program, Record, RequiredDocument, Rule, Schedule,
    Service, ServiceArea, Values, WebUrl,
};
use crate::text::{Name, Text};

/// What a record says, with the name of the field it says it in.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) texts: Vec<(&'static str, &'a str)>,
    pub(super) phones: Vec<(&'static str, &'a Phone)>,
    pub(super) urls: Vec<(&'static str, &'a WebUrl)>,
}

impl<'a> Words<'a> {
    pub(super) fn record(&mut self, record: &'a Record) {
        match record {
            Record::Organization(organization) => self.organization(organization),
            Record::Location(location) => self.location(location),
            Record::Service(service) => self.service(service),
        }
    }

    fn organization(&mut self, organization: &'a Organization) {
        let Organization {
            id: _,
            source_id: _,
            name,
            alternate_name,
            description,
            email: _,
            website,
            legal_status,
            year_incorporated: _,
            parent_organization: _,
            phones,
            contacts,
            programs,
            funding,
            identifiers,
            provenance: _,
        } = organization;
        self.name("name", [name]);
        self.name("alternate_name", alternate_name);
        self.text("description", description);
        self.text("legal_status", legal_status);
        self.urls("website", website);
        self.phones("phones", phones);
        self.contacts(contacts);
        for program in programs {
            let Program {
                source_id: _,
                name,
                description,
            } = program;
            self.name("programs", [name]);
            self.text("programs", description);
        }
        for funding in funding {
            self.text("funding", Some(&funding.source));
        }
        for identifier in identifiers {
            // The number itself is a register's: an organization's and no person's.
            let OrganizationIdentifier {
                scheme,
                kind,
                identifier: _,
            } = identifier;
            self.name("organization_identifiers", scheme);
            self.name("organization_identifiers", kind);
        }
    }

    fn location(&mut self, location: &'a Location) {
        let Location {
            id: _,
            source_id: _,
            organization: _,
            name,
            alternate_name,
            description,
            transportation,
            url,
            place,
            phones,
            languages,
            schedules,
            accessibility,
            contacts,
            tier: _,
            provenance: _,
        } = location;
        self.name("name", name);
        self.name("alternate_name", alternate_name);
        self.text("description", description);
        self.text("transportation", transportation);
        self.urls("url", url);
        if let Some(address) = place.address() {
            self.address(address);
        }
        self.phones("phones", phones);
        self.languages(languages);
        self.schedules(schedules);
        for accessibility in accessibility {
            let Accessibility {
                description,
                details,
                url,
            } = accessibility;
            self.text("accessibility", description);
            self.text("accessibility", details);
            self.urls("accessibility", url);
        }
        self.contacts(contacts);
    }

    fn service(&mut self, service: &'a Service) {
        let Service {
            id: _,
            source_id: _,
            organization: _,
            program: _,
            name,
            alternate_name,
            description,
            url,
            email: _,
            attributes,
            credentials,
            eligibility,
            eligibility_description,
            areas,
            area_notes,
            offers,
            remote: _,
            languages,
            interpretation_services,
            application_process,
            fees_description,
            costs,
            wait_time,
            required_documents,
            accreditations,
            licenses,
            alert,
            phones,
            schedules,
            contacts,
            funding,
            tier: _,
            tiers: _,
            provenance: _,
        } = service;
        self.name("name", [name]);
        self.name("alternate_name", alternate_name);
        for (field, text) in [
            ("description", description),
            ("eligibility_description", eligibility_description),
            ("interpretation_services", interpretation_services),
            ("application_process", application_process),
            ("fees_description", fees_description),
            ("wait_time", wait_time),
            ("accreditations", accreditations),
            ("licenses", licenses),
            ("alert", alert),
        ] {
            self.text(field, text);
        }
        self.urls("url", url);
        self.terms(attributes, credentials, costs, required_documents);
        self.rules(eligibility);
        self.areas(areas);
        self.text("area_notes", area_notes);
        for offer in offers {
            self.offer(offer);
        }
        self.languages(languages);
        self.phones("phones", phones);
        self.schedules(schedules);
        self.contacts(contacts);
        for funding in funding {
            self.text("funding", Some(&funding.source));
        }
    }

    fn terms(
        &mut self,
        attributes: &'a [Attribute],
        credentials: &'a [Credential],
        costs: &'a [CostOption],
        documents: &'a [RequiredDocument],
    ) {
        for Attribute {
            code: _,
            value,
            label,
        } in attributes
        {
            self.text("attributes", value);
            self.name("attributes", label);
        }
        for Credential {
            code: _,
            lapses: _,
            value,
        } in credentials
        {
            self.text("credentials", value);
        }
        for CostOption {
            option,
            amount_hundredths: _,
            currency: _,
            amount_description,
            valid_from: _,
            valid_to: _,
        } in costs
        {
            self.text("cost_options", option);
            self.text("cost_options", amount_description);
        }
        for RequiredDocument { document, url } in documents {
            self.text("required_documents", Some(document));
            self.urls("required_documents", url);
        }
    }

    fn offer(&mut self, offer: &'a Offer) {
        let Offer {
            location: _,
            description,
            areas,
            phones,
            schedules,
        } = offer;
        self.text("service_at_locations", description);
        self.areas(areas);
        self.phones("service_at_locations", phones);
        self.schedules(schedules);
    }

    fn areas(&mut self, areas: &'a [ServiceArea]) {
        for ServiceArea {
            area: _,
            condition,
            name,
        } in areas
        {
            self.name("service_areas", name);
            self.rules(condition);
        }
    }

    fn rules(&mut self, rules: impl IntoIterator<Item = &'a Rule>) {
        for rule in rules {
            if let Values::Words(words) = &rule.values {
                self.text("eligibility", Some(words));
            }
        }
    }

    fn languages(&mut self, languages: &'a [Language]) {
        for language in languages {
            self.name("languages", &language.name);
            self.text("languages", &language.note);
        }
    }

    fn schedules(&mut self, schedules: &'a [Schedule]) {
        for schedule in schedules {
            self.text("schedules", &schedule.description);
            self.text("schedules", &schedule.notes);
            self.urls("schedules", &schedule.link);
        }
    }

    fn contacts(&mut self, contacts: &'a [Contact]) {
        for contact in contacts {
            let Contact {
                name,
                title,
                department,
                email: _,
                phones,
            } = contact;
            self.name("contacts", name);
            self.name("contacts", title);
            self.name("contacts", department);
            self.phones("contacts", phones);
        }
    }

    fn address(&mut self, address: &'a Address) {
        let Address {
            address_1,
            address_2,
            city,
            region,
            state_province: _,
            postal_code: _,
            country: _,
            state: _,
            zip: _,
        } = address;
        for line in [address_1, address_2, city, region] {
            self.name("addresses", line);
        }
    }

    fn phones(&mut self, field: &'static str, phones: &'a [Phone]) {
        for phone in phones {
            let Phone {
                number: _,
                extension,
                kind,
                description,
                languages,
            } = phone;
            self.name(field, extension);
            self.name(field, kind);
            self.text(field, description);
            self.languages(languages);
            self.phones.push((field, phone));
        }
    }

    fn name(&mut self, field: &'static str, names: impl IntoIterator<Item = &'a Name>) {
        let names = names.into_iter().map(|name| (field, name.as_str()));
        self.texts.extend(names);
    }

    fn text(&mut self, field: &'static str, texts: impl IntoIterator<Item = &'a Text>) {
        let texts = texts.into_iter().map(|text| (field, text.as_str()));
        self.texts.extend(texts);
    }

    fn urls(&mut self, field: &'static str, urls: impl IntoIterator<Item = &'a WebUrl>) {
        let urls = urls.into_iter().map(|url| (field, url));
        self.urls.extend(urls);
    }
}
