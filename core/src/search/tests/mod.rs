//! Search tried as a whole: its laws on random worlds, and what a caseworker expects, case by case.

mod examples;
mod laws;
mod near_misses;

use super::testing::{NOW, attribute, blank, fips};
use super::*;
use crate::capacity::State;
use crate::catalog::{Address, Area, Listing, Place, ServiceArea};
use crate::geo::{CountryCode, Locality, LocalityKind, Point, StateCode};

pub(super) fn service(codes: &[&str]) -> Listing {
    let mut listing = blank("o");
    listing.service.attributes = codes.iter().map(|code| attribute(code)).collect();
    listing
}

pub(super) fn facts(listing: &Listing) -> Facts {
    Facts::of(listing, &[])
}

/// A place `miles` north of the one searched near, in Maryland.
pub(super) fn north(miles: f64) -> Place {
    let mut address = Address::of_country(CountryCode::US);
    address.state = StateCode::parse("MD").ok();
    Place::Exact {
        address,
        point: Point::new(39.29 + miles / 69.0, -76.61).unwrap(),
    }
}

pub(super) fn baltimore(kind: LocalityKind) -> Locality {
    Locality {
        label: "Baltimore, MD".to_owned(),
        point: Point::new(39.29, -76.61).ok(),
        approximate: false,
        zip: None,
        counties: vec![(fips("24510"), 1.0)],
        state: StateCode::parse("MD").ok(),
        country: CountryCode::US,
        kind,
    }
}

pub(super) fn near() -> Request {
    Request {
        near: Some(Near {
            place: baltimore(LocalityKind::City),
            radius: Request::default_radius(),
        }),
        beside: Beside {
            near: vec![fips("24005")],
            serves: vec![],
        },
        near_misses: true,
        ..Request::any()
    }
}

pub(super) fn needing(need: &str) -> Request {
    Request {
        need: Some(Need::parse(need).unwrap()),
        near_misses: true,
        ..Request::any()
    }
}

pub(super) fn held(custody: Custody) -> Circumstances {
    Circumstances {
        custody: Some(custody),
        ..Circumstances::default()
    }
}

pub(super) fn area(area: Area) -> ServiceArea {
    ServiceArea {
        area,
        condition: None,
        name: None,
    }
}

pub(super) fn failed(request: &Request, facts: &Facts) -> Tests {
    judge(request, facts, &facts.offers[0], State::Open, day(NOW)).failed
}

pub(super) fn reasons(request: &Request, facts: &Facts) -> Vec<Reason> {
    let found = matches(request, facts, &facts.offers[0], day(NOW));
    found.map(|found| found.reasons).unwrap_or_default()
}

pub(super) fn near_misses(request: &Request, facts: &Facts, state: State) -> Vec<String> {
    let capacity = [Standing {
        state,
        confirmed: None,
    }];
    let listed = Listed {
        facts,
        relevance: 1.0,
        capacity: &capacity,
        precision: None,
    };
    let found = scan(request, [listed], NOW).near_misses;
    found
        .iter()
        .map(|miss| match &miss.change {
            Change::WidenTo(miles) => format!("widen_to {miles}"),
            change => change.code().to_owned(),
        })
        .collect()
}
