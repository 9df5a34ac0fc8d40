//! The objects of HSDS that are carried, with the fields and links each may have.

use std::fmt;

/// An HSDS object. The plain ones are named as in HSDS 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// organization
    Organization,
    /// location
    Location,
    /// service
    Service,
    /// `service_at_location`
    ServiceAtLocation,
    /// address
    Address,
    /// phone
    Phone,
    /// contact
    Contact,
    /// schedule
    Schedule,
    /// language
    Language,
    /// `service_area`
    ServiceArea,
    /// attribute: a link from an object to a taxonomy term
    Attribute,
    /// `taxonomy_term`
    TaxonomyTerm,
    /// program
    Program,
    /// funding
    Funding,
    /// `cost_option`
    CostOption,
    /// `required_document`
    RequiredDocument,
    /// accessibility
    Accessibility,
    /// `service_capacity`
    Capacity,
    /// unit
    Unit,
    /// eligibility: a rule as data; not in HSDS 3, where it is words and two ages
    Eligibility,
    /// `organization_identifier`
    Identifier,
}

/// A field that holds the id of another object.
pub(super) type Link = (&'static str, Entity);

const TO_ORGANIZATION: Link = ("organization_id", Entity::Organization);
const TO_SERVICE: Link = ("service_id", Entity::Service);
const TO_LOCATION: Link = ("location_id", Entity::Location);
const TO_OFFER: Link = ("service_at_location_id", Entity::ServiceAtLocation);

impl Entity {
    /// Every entity.
    pub const ALL: [Self; 21] = [
        Self::Organization,
        Self::Location,
        Self::Service,
        Self::ServiceAtLocation,
        Self::Address,
        Self::Phone,
        Self::Contact,
        Self::Schedule,
        Self::Language,
        Self::ServiceArea,
        Self::Attribute,
        Self::TaxonomyTerm,
        Self::Program,
        Self::Funding,
        Self::CostOption,
        Self::RequiredDocument,
        Self::Accessibility,
        Self::Capacity,
        Self::Unit,
        Self::Eligibility,
        Self::Identifier,
    ];

    /// The name in HSDS, singular.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Service => "service",
            Self::ServiceAtLocation => "service_at_location",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Contact => "contact",
            Self::Schedule => "schedule",
            Self::Language => "language",
            Self::ServiceArea => "service_area",
            Self::Attribute => "attribute",
            Self::TaxonomyTerm => "taxonomy_term",
            Self::Program => "program",
            Self::Funding => "funding",
            Self::CostOption => "cost_option",
            Self::RequiredDocument => "required_document",
            Self::Accessibility => "accessibility",
            Self::Capacity => "service_capacity",
            Self::Unit => "unit",
            Self::Eligibility => "eligibility",
            Self::Identifier => "organization_identifier",
        }
    }

    /// The entity of a table, file or key name, singular or plural, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let named = |entity: &&Self| entity.names().contains(&name.as_str());
        Self::ALL.iter().find(named).copied()
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Organization => &["organization", "organizations"],
            Self::Location => &["location", "locations"],
            Self::Service => &["service", "services"],
            Self::ServiceAtLocation => &[
                "service_at_location",
                "service_at_locations",
                "services_at_location",
                "services_at_locations",
            ],
            Self::Address => &[
                "address",
                "addresses",
                "physical_address",
                "physical_addresses",
            ],
            Self::Phone => &["phone", "phones"],
            Self::Contact => &["contact", "contacts"],
            Self::Schedule => &[
                "schedule",
                "schedules",
                "regular_schedule",
                "regular_schedules",
            ],
            Self::Language => &["language", "languages"],
            Self::ServiceArea => &["service_area", "service_areas"],
            Self::Attribute => &["attribute", "attributes"],
            Self::TaxonomyTerm => &["taxonomy_term", "taxonomy_terms"],
            Self::Program => &["program", "programs"],
            Self::Funding => &["funding", "fundings"],
            Self::CostOption => &["cost_option", "cost_options"],
            Self::RequiredDocument => &["required_document", "required_documents"],
            Self::Accessibility => &["accessibility", "accessibilities"],
            Self::Capacity => &[
                "service_capacity",
                "service_capacities",
                "capacity",
                "capacities",
            ],
            Self::Unit => &["unit", "units"],
            Self::Eligibility => &["eligibility", "eligibilities"],
            Self::Identifier => &["organization_identifier", "organization_identifiers"],
        }
    }

    /// The fields that are read, beside `id` and the links; others are left alone.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Organization => ORGANIZATION,
            Self::Location => LOCATION,
            Self::Service => SERVICE,
            Self::ServiceAtLocation => &["description"],
            Self::Address => ADDRESS,
            Self::Phone => &["number", "extension", "type", "description"],
            Self::Contact => &["name", "title", "department", "email"],
            Self::Schedule => SCHEDULE,
            Self::Language => &["name", "code", "note", "mode"],
            Self::ServiceArea => &["name", "description", "extent", "extent_type"],
            Self::Attribute => &["value", "label", "code", "link_id", "link_entity"],
            Self::TaxonomyTerm => &["code", "name", "description", "taxonomy"],
            Self::Program => &["name", "description"],
            Self::Funding => &["source"],
            Self::CostOption => COST,
            Self::RequiredDocument => &["document", "uri"],
            Self::Accessibility => &["description", "details", "url"],
            Self::Capacity => &["available", "maximum", "description", "updated"],
            Self::Unit => &["name", "identifier"],
            Self::Eligibility => ELIGIBILITY,
            Self::Identifier => &["identifier_scheme", "identifier_type", "identifier"],
        }
    }

    /// The fields that name other objects by their id.
    #[must_use]
    pub(super) fn links(self) -> &'static [Link] {
        match self {
            Self::Organization | Self::TaxonomyTerm | Self::Unit => &[],
            Self::Location | Self::Program | Self::Identifier => &[TO_ORGANIZATION],
            Self::Service => &[
                TO_ORGANIZATION,
                ("program_id", Entity::Program),
                TO_LOCATION,
            ],
            Self::ServiceAtLocation => &[TO_SERVICE, TO_LOCATION],
            Self::Address | Self::Accessibility => &[TO_LOCATION],
            Self::Phone => &[
                TO_LOCATION,
                TO_SERVICE,
                TO_ORGANIZATION,
                ("contact_id", Entity::Contact),
                TO_OFFER,
            ],
            Self::Contact => &[TO_ORGANIZATION, TO_SERVICE, TO_OFFER, TO_LOCATION],
            Self::Schedule => &[TO_SERVICE, TO_LOCATION, TO_OFFER],
            Self::Language => &[TO_SERVICE, TO_LOCATION, ("phone_id", Entity::Phone)],
            Self::ServiceArea => &[TO_SERVICE, TO_OFFER],
            Self::Attribute => &[
                ("taxonomy_term_id", Entity::TaxonomyTerm),
                TO_SERVICE,
                TO_LOCATION,
                TO_ORGANIZATION,
                TO_OFFER,
            ],
            Self::Funding => &[TO_ORGANIZATION, TO_SERVICE],
            Self::CostOption | Self::RequiredDocument | Self::Eligibility => &[TO_SERVICE],
            Self::Capacity => &[TO_SERVICE, TO_LOCATION, ("unit_id", Entity::Unit)],
        }
    }

    /// True when `field` is read for this entity: `id`, a link or one of [`Self::fields`].
    #[must_use]
    pub fn has_field(self, field: &str) -> bool {
        field == "id"
            || self.fields().contains(&field)
            || self.links().iter().any(|(name, _)| *name == field)
            || FLAGS.contains(&field)
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Flags that any record may carry; other spellings of them are understood too.
const FLAGS: &[&str] = &["private", "do_not_publish", "do_not_refer"];

const ORGANIZATION: &[&str] = &[
    "name",
    "alternate_name",
    "description",
    "email",
    "website",
    "url",
    "legal_status",
    "year_incorporated",
    "parent_organization_id",
    "assured_date",
    "last_modified",
];

const LOCATION: &[&str] = &[
    "name",
    "alternate_name",
    "description",
    "transportation",
    "url",
    "location_type",
    "latitude",
    "longitude",
    "languages",
    "assured_date",
    "last_modified",
];

const SERVICE: &[&str] = &[
    "name",
    "alternate_name",
    "description",
    "url",
    "email",
    "status",
    "interpretation_services",
    "languages",
    "application_process",
    "fees_description",
    "fees",
    "wait_time",
    "accreditations",
    "licenses",
    "alert",
    "eligibility_description",
    "eligibility",
    "minimum_age",
    "maximum_age",
    "assured_date",
    "last_modified",
    "remote",
    "tier",
];

const ADDRESS: &[&str] = &[
    "address_1",
    "address_2",
    "city",
    "region",
    "county",
    "state_province",
    "postal_code",
    "country",
    "address_type",
];

const SCHEDULE: &[&str] = &[
    "valid_from",
    "valid_to",
    "dtstart",
    "timezone",
    "freq",
    "interval",
    "byday",
    "bymonthday",
    "opens_at",
    "closes_at",
    "description",
    "notes",
    "schedule_link",
];

const COST: &[&str] = &[
    "option",
    "amount",
    "currency",
    "amount_description",
    "valid_from",
    "valid_to",
];

const ELIGIBILITY: &[&str] = &[
    "field",
    "effect",
    "values",
    "minimum",
    "maximum",
    "words",
    "discretionary",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_known_by_its_singular_and_plural_name() {
        for entity in Entity::ALL {
            assert_eq!(Entity::named(entity.as_str()), Some(entity));
        }
        assert_eq!(Entity::named(" Services "), Some(Entity::Service));
        assert_eq!(Entity::named("metadata"), None);
    }
}
