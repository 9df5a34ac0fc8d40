//! Small valid messages for tests to spoil.

use referral_proto::v1;

/// A service with one entry in every list a test spoils.
pub(crate) fn service() -> v1::Service {
    v1::Service {
        source_id: "17".to_owned(),
        organization_id: "harbor-house".to_owned(),
        name: "Bond hearings".to_owned(),
        attributes: vec![v1::Attribute {
            code: "lc:bond".to_owned(),
            ..Default::default()
        }],
        credentials: vec![v1::Credential {
            code: "cred:atty".to_owned(),
            ..Default::default()
        }],
        eligibility: vec![rule()],
        areas: vec![area(v1::service_area::Area::Zip("78017".to_owned()))],
        offers: vec![v1::Offer {
            location_id: "dilley".to_owned(),
            ..Default::default()
        }],
        languages: vec![v1::Language {
            tag: "es".to_owned(),
            ..Default::default()
        }],
        phones: vec![phone()],
        schedules: vec![v1::Schedule::default()],
        contacts: vec![v1::Contact::default()],
        required_documents: vec![v1::RequiredDocument {
            document: "Notice to appear".to_owned(),
            ..Default::default()
        }],
        costs: vec![v1::CostOption::default()],
        tier: v1::Tier::Public.into(),
        provenance: Some(v1::Provenance::default()),
        ..Default::default()
    }
}

/// A location with an address and coordinates.
pub(crate) fn location() -> v1::Location {
    v1::Location {
        source_id: "3".to_owned(),
        place: Some(exact(39.29, -76.61)),
        ..Default::default()
    }
}

/// An organization with nothing but its name.
pub(crate) fn organization() -> v1::Organization {
    v1::Organization {
        source_id: "1".to_owned(),
        name: "Harbor House".to_owned(),
        ..Default::default()
    }
}

/// A place at this position.
pub(crate) fn exact(lat: f64, lon: f64) -> v1::Place {
    let address = v1::Address {
        country: "US".to_owned(),
        ..Default::default()
    };
    let at = v1::place::At::Exact(v1::ExactPlace {
        address: Some(address),
        point: Some(v1::LatLon { lat, lon }),
    });
    v1::Place { at: Some(at) }
}

/// A telephone.
pub(crate) fn phone() -> v1::Phone {
    v1::Phone {
        number: "(210) 555-0100".to_owned(),
        ..Default::default()
    }
}

/// Adults only.
pub(crate) fn rule() -> v1::EligibilityRule {
    let adults = v1::Range {
        minimum: Some(18),
        maximum: None,
    };
    v1::EligibilityRule {
        field: "age".to_owned(),
        compares_with: Some(v1::eligibility_rule::ComparesWith::Range(adults)),
        ..Default::default()
    }
}

/// An area without a condition.
pub(crate) fn area(area: v1::service_area::Area) -> v1::ServiceArea {
    v1::ServiceArea {
        area: Some(area),
        ..Default::default()
    }
}

/// Five beds of ten, open.
pub(crate) fn report() -> v1::CapacityReport {
    v1::CapacityReport {
        service_id: "17".to_owned(),
        state: v1::CapacityState::Open.into(),
        counts: vec![count(v1::CapacityUnit::Bed, 5, 10)],
        ..Default::default()
    }
}

/// A count.
pub(crate) fn count(unit: v1::CapacityUnit, available: u32, maximum: u32) -> v1::CapacityCount {
    v1::CapacityCount {
        unit: unit.into(),
        available: Some(available),
        maximum: Some(maximum),
    }
}

/// The record of a service.
pub(crate) fn record_of(service: v1::Service) -> v1::Record {
    record(v1::record::Record::Service(service))
}

/// A record of any kind, with the id `r-1`.
pub(crate) fn record(record: v1::record::Record) -> v1::Record {
    v1::Record {
        local_id: "r-1".to_owned(),
        record: Some(record),
    }
}
