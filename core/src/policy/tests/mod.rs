//! Every cell of the table, and every part of a listing at every tier for every role.

use super::*;
use crate::catalog::{
    Address, Area, Contact, CostOption, EmailAddress, Language, LanguageMode, LanguageTag, Listing,
    Offer, Part, Phone, PhoneNumber, Place, RequiredDocument, Schedule, ServiceArea, Tier, Tiers,
    WebUrl,
};
use crate::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode, Zip,
};
use crate::id::AgencyId;
use crate::places::{Located, Places, Slip, UnknownPlace};
use crate::search::testing::{blank, fips, name, offer, text};

const TIERS: [Tier; 5] = [Tier::Public, Tier::Member, Tier::Net, Tier::Ask, Tier::Seal];

fn viewer(role: Role) -> Viewer {
    Viewer {
        role,
        account: Some(AccountId::of(7)),
        fresh: true,
        ..Viewer::default()
    }
}

/// A line a role, a letter an operation, in the order of [`Operation::ALL`]: search, feed, coverage, feedback;
/// agencies, people, moderation.
const OPERATIONS: [(Role, &str); 6] = [
    (Role::Public, "yyy- ---"),
    (Role::Caseworker, "yyyy ---"),
    (Role::Specialist, "yyyy ---"),
    (Role::TaskForce, "yyy- ---"),
    (Role::AgencyStaff, "yyy- ---"),
    (Role::Operator, "yyy- yyy"),
];

/// A line a role, a letter a tier, for listings of other agencies and for those of their own.
const SEEING: [(Role, &str, &str); 6] = [
    (Role::Public, "y----", "y----"),
    (Role::Caseworker, "yy---", "yy---"),
    (Role::Specialist, "yy-r-", "yy-r-"),
    (Role::TaskForce, "yy---", "yy---"),
    (Role::AgencyStaff, "yy---", "yyy--"),
    (Role::Operator, "y----", "y----"),
];

fn letter(decision: Decision) -> char {
    match decision {
        Decision::Allow => 'y',
        Decision::AllowRecorded => 'r',
        Decision::SignInAgain => 'f',
        Decision::Deny => '-',
    }
}

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    assert_eq!(OPERATIONS.map(|(role, _)| role), Role::ALL);
    for (role, line) in OPERATIONS {
        let said: Vec<char> = line.chars().filter(|c| *c != ' ').collect();
        for (operation, said) in Operation::ALL.into_iter().zip(said) {
            let decided = policy(&viewer(role), What::Operation(operation));
            assert_eq!(letter(decided), said, "{role} {operation:?}");

            let later = Viewer {
                fresh: false,
                ..viewer(role)
            };
            let decided = policy(&later, What::Operation(operation));
            let again = said == 'y' && operation.wants_fresh_sign_in();
            let expected = if again { 'f' } else { said };
            assert_eq!(letter(decided), expected, "{role} {operation:?}, later");
        }
    }
}

#[test]
fn a_token_is_good_for_its_scopes_alone_and_never_for_more_than_its_account() {
    for (role, line) in OPERATIONS {
        let said: Vec<char> = line.chars().filter(|c| *c != ' ').collect();
        for scope in Scope::ALL {
            let token = Viewer {
                scopes: Some(vec![scope]),
                ..viewer(role)
            };
            for (operation, said) in Operation::ALL.into_iter().zip(&said) {
                let good = *said == 'y' && operation.scope() == Some(scope);
                assert_eq!(token.may(operation), good, "{role} {scope:?} {operation:?}");
            }
        }
        let none = Viewer {
            scopes: Some(vec![]),
            ..viewer(role)
        };
        assert!(
            Operation::ALL
                .into_iter()
                .all(|operation| !none.may(operation))
        );
    }
}

#[test]
fn every_scope_is_for_one_operation() {
    for scope in Scope::ALL {
        let operations = Operation::ALL.into_iter();
        let good = operations.filter(|operation| operation.scope() == Some(scope));
        assert_eq!(good.count(), 1, "{scope:?}");
    }
}

#[test]
fn every_role_sees_the_tiers_that_the_table_says() {
    let (own, other) = (agency("harbor"), agency("hope"));
    for (role, of_others, of_own) in SEEING {
        for (publisher, line) in [(&other, of_others), (&own, of_own)] {
            for (tier, said) in TIERS.into_iter().zip(line.chars()) {
                let who = Viewer {
                    agency: Some(own.clone()),
                    ..viewer(role)
                };
                let decided = policy(&who, What::Tier(tier, Some(publisher)));
                assert_eq!(letter(decided), said, "{role} {tier:?} of {publisher}");
            }
        }
    }
}

#[test]
fn outcomes_are_said_by_those_who_refer_and_never_of_their_own_agency() {
    let (own, other) = (agency("harbor"), agency("hope"));
    for role in Role::ALL {
        let who = Viewer {
            agency: Some(own.clone()),
            ..viewer(role)
        };
        let program = Viewer {
            scopes: Some(vec![Scope::Feedback]),
            ..who.clone()
        };
        let stranger = Viewer {
            agency: None,
            ..who.clone()
        };
        let refers = matches!(role, Role::Caseworker | Role::Specialist);
        for who in [who, program] {
            let may = |publisher| policy(&who, What::Outcome(publisher)) == Decision::Allow;
            assert_eq!(may(&other), refers, "{role}");
            assert!(!may(&own), "{role}");
        }
        let may = policy(&stranger, What::Outcome(&own)) == Decision::Allow;
        assert_eq!(may, refers, "{role}");
    }
}

#[test]
fn what_is_held_is_for_the_people_of_its_publisher_alone() {
    let (own, other) = (agency("harbor"), agency("hope"));
    for role in Role::ALL {
        let who = Viewer {
            agency: Some(own.clone()),
            ..viewer(role)
        };
        let may = |publisher| policy(&who, What::Held(publisher)) == Decision::Allow;

        assert_eq!(may(&own), role == Role::AgencyStaff, "{role}");
        assert!(!may(&other), "{role}");
    }
}

/// Who gets the signed bytes of a service sees every field of it in a search, too, and the other way round.
#[test]
fn signed_bytes_are_handed_out_whole_where_a_search_shows_all_of_them() {
    for role in Role::ALL {
        let who = viewer(role);
        for listing in one_restriction_each() {
            let handed = listing.handed_to(&who, &Town);

            let seen = listing.clone().seen_by(who.clearance(), &Town);
            let expected = match seen {
                None => Handed::Nothing,
                Some(seen) if seen.service == listing.service => Handed::Whole,
                Some(_) => Handed::InPart,
            };
            assert_eq!(handed, expected, "{role} {:?}", listing.service.tiers);
        }
    }
}

#[test]
fn a_service_that_tells_nothing_of_a_hidden_place_is_handed_out_and_one_that_does_is_not() {
    let mut listing = full();
    listing.locations[0].tier = Tier::Member;
    let anybody = Viewer::anybody();
    assert_eq!(listing.handed_to(&anybody, &Town), Handed::InPart);

    listing.service.areas.clear();
    listing.service.offers[0].areas.clear();
    listing.service.offers[0].description = None;

    assert_eq!(listing.handed_to(&anybody, &Town), Handed::Whole);
}

/// Listings that are restricted as a whole, in a part, or at their place, at every tier.
fn one_restriction_each() -> Vec<Listing> {
    let mut all = Vec::new();
    for tier in TIERS {
        let mut whole = full();
        whole.service.tier = tier;
        let mut placed = full();
        placed.locations[0].tier = tier;
        all.extend([whole, placed]);
        all.extend(Part::ALL.map(|part| {
            let mut parted = full();
            parted.service.tiers = Tiers::of([(part, tier)]);
            parted
        }));
    }
    all
}

#[test]
fn a_program_never_gives_reasons() {
    let token = Viewer {
        scopes: Some(Scope::ALL.to_vec()),
        ..viewer(Role::Specialist)
    };

    assert_eq!(policy(&token, What::Tier(Tier::Ask, None)), Decision::Deny);
}

/// What is shown without asking is what the table allows, for every role and tier.
#[test]
fn a_clearance_sees_what_its_roles_may_see() {
    for role in Role::ALL {
        for tier in TIERS {
            let allowed = policy(&viewer(role), What::Tier(tier, None)) == Decision::Allow;
            assert_eq!(
                viewer(role).clearance().sees(tier),
                allowed,
                "{role} {tier:?}"
            );
        }
    }
}

#[test]
fn every_part_of_every_tier_is_there_for_who_may_see_it_and_for_nobody_else() {
    for role in Role::ALL {
        let clearance = viewer(role).clearance();
        for part in Part::ALL {
            for tier in TIERS {
                let mut listing = full();
                listing.service.tiers = Tiers::of([(part, tier)]);

                let seen = listing.seen_by(clearance, &Town).unwrap();

                let may = policy(&viewer(role), What::Tier(tier, None)) == Decision::Allow;
                assert_eq!(seen.hides(part), !may, "{role} {part:?} {tier:?}");
                for other in Part::ALL.into_iter().filter(|p| *p != Part::Capacity) {
                    let there = holds(other, &seen);
                    let shared = other == Part::Phones || other == Part::Web;
                    let gone = other == part && !may;
                    // A person to ask for has a telephone and an address, too.
                    let with = part == Part::Contacts && !may && shared;
                    assert!(with || there != gone, "{role} {part:?} {tier:?}: {other:?}");
                }
            }
        }
    }
}

#[test]
fn a_listing_above_the_tier_does_not_exist() {
    for role in Role::ALL {
        for tier in TIERS {
            let mut listing = full();
            listing.service.tier = tier;

            let seen = listing.seen_by(viewer(role).clearance(), &Town);

            let may = policy(&viewer(role), What::Tier(tier, None)) == Decision::Allow;
            assert_eq!(seen.is_some(), may, "{role} {tier:?}");
        }
    }
}

#[test]
fn below_the_tier_of_a_location_there_is_its_county_and_no_way_there() {
    for role in Role::ALL {
        for tier in TIERS {
            let mut listing = full();
            listing.locations[0].tier = tier;

            let seen = listing.seen_by(viewer(role).clearance(), &Town).unwrap();

            let may = policy(&viewer(role), What::Tier(tier, None)) == Decision::Allow;
            let location = &seen.locations[0];
            assert_eq!(location.place.point().is_some(), may, "{role} {tier:?}");
            assert_eq!(location.place.address().is_some(), may);
            assert_eq!(location.name.is_some(), may);
            assert_eq!(location.transportation.is_some(), may);
            let fine = |area: &ServiceArea| matches!(area.area, Area::Zip(_) | Area::Radius(_));
            let areas = seen
                .service
                .areas
                .iter()
                .chain(&seen.service.offers[0].areas);
            assert_eq!(areas.filter(|area| fine(area)).count() > 0, may);
        }
    }
}

#[test]
fn a_place_outside_every_county_is_its_country_alone() {
    let mut listing = full();
    listing.locations[0].tier = Tier::Member;
    let mut address = Address::of_country(CountryCode::US);
    address.city = Some(name("Hidden"));
    listing.locations[0].place = Place::Unplaced(address);

    let seen = listing.seen_by(Clearance::Public, &Town).unwrap();

    let left = Place::Unplaced(Address::of_country(CountryCode::US));
    assert_eq!(seen.locations[0].place, left);
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

/// Whether something of a part is there.
fn holds(part: Part, listing: &Listing) -> bool {
    let (service, location) = (&listing.service, &listing.locations[0]);
    let (offer, here) = (&service.offers[0], &service.contacts);
    let contacts = here.iter().chain(&location.contacts);
    match part {
        Part::Description => {
            service.description.is_some()
                || service.alert.is_some()
                || offer.description.is_some()
                || location.description.is_some()
        }
        Part::Phones => {
            let mut contacts = contacts;
            !service.phones.is_empty()
                || !offer.phones.is_empty()
                || !location.phones.is_empty()
                || contacts.any(|contact| !contact.phones.is_empty())
        }
        Part::Contacts => contacts.count() > 0,
        Part::Web => {
            let mut contacts = contacts;
            service.url.is_some()
                || service.email.is_some()
                || location.url.is_some()
                || contacts.any(|contact| contact.email.is_some())
        }
        Part::Hours => {
            !service.schedules.is_empty()
                || !offer.schedules.is_empty()
                || !location.schedules.is_empty()
        }
        Part::Intake => {
            service.eligibility_description.is_some()
                || service.application_process.is_some()
                || service.fees_description.is_some()
                || !service.costs.is_empty()
                || service.wait_time.is_some()
                || !service.required_documents.is_empty()
        }
        Part::Capacity => false,
    }
}

fn phone() -> Phone {
    Phone {
        number: PhoneNumber::parse("410-555-0100").unwrap(),
        extension: None,
        kind: None,
        description: None,
        languages: vec![Language {
            tag: LanguageTag::parse("es").unwrap(),
            mode: LanguageMode::Staff,
            name: None,
            note: None,
        }],
    }
}

/// A listing with something in every part.
fn full() -> Listing {
    let contact = Contact {
        name: Some(name("Ana")),
        title: None,
        department: None,
        email: Some(EmailAddress::parse("ana@example.org").unwrap()),
        phones: vec![phone()],
    };
    let area = |area| ServiceArea {
        area,
        condition: None,
        name: None,
    };
    let radius = area(Area::Radius(Kilometres::new(5.0).unwrap()));
    let mut address = Address::of_country(CountryCode::US);
    address.address_1 = Some(name("1 Main St"));
    address.state = StateCode::parse("TX").ok();
    let point = Point::new(28.667, -99.17).unwrap();
    let mut listing = blank("org");
    offer(
        &mut listing,
        "here",
        Place::Exact { address, point },
        vec![radius],
    );
    let Listing {
        service, locations, ..
    } = &mut listing;
    let (location, at) = (&mut locations[0], &mut service.offers[0]);
    let words = || Some(text("words"));
    let url = || WebUrl::parse("https://example.org/x").ok();
    *at = Offer {
        description: words(),
        phones: vec![phone()],
        schedules: vec![Schedule::default()],
        ..at.clone()
    };
    location.name = Some(name("House"));
    location.transportation = words();
    location.description = words();
    location.url = url();
    location.phones = vec![phone()];
    location.schedules = vec![Schedule::default()];
    location.contacts = vec![contact.clone()];
    service.areas = vec![area(Area::Zip(Zip::parse("78017").unwrap()))];
    service.description = words();
    service.alert = words();
    service.url = url();
    service.email = EmailAddress::parse("desk@example.org").ok();
    service.phones = vec![phone()];
    service.schedules = vec![Schedule::default()];
    service.contacts = vec![contact];
    service.eligibility_description = words();
    service.application_process = words();
    service.fees_description = words();
    service.wait_time = words();
    service.costs = vec![CostOption {
        option: words(),
        amount_hundredths: None,
        currency: None,
        amount_description: None,
        valid_from: None,
        valid_to: None,
    }];
    service.required_documents = vec![RequiredDocument {
        document: text("words"),
        url: None,
    }];
    listing
}

/// A map of one county.
struct Town;

impl Places for Town {
    fn resolve(&self, _: &str) -> Result<Locality, UnknownPlace> {
        Err(UnknownPlace::Unknown)
    }

    fn zip(&self, zip: Zip) -> Option<Locality> {
        Some(Locality {
            label: String::new(),
            point: None,
            approximate: false,
            zip: Some(zip),
            counties: vec![(fips("48163"), 1.0)],
            state: StateCode::parse("TX").ok(),
            country: CountryCode::US,
            kind: LocalityKind::Zip,
        })
    }

    fn city(&self, _: &str, _: StateCode) -> Option<Locality> {
        None
    }

    fn county_named(&self, _: &str, _: StateCode) -> Option<CountyFips> {
        None
    }

    fn county_of(&self, _: Point) -> Option<CountyFips> {
        Some(fips("48163"))
    }

    fn county(&self, _: CountyFips) -> Option<Locality> {
        None
    }

    fn neighbours(&self, _: CountyFips) -> Vec<CountyFips> {
        Vec::new()
    }

    fn state_named(&self, _: &str) -> Option<StateCode> {
        None
    }

    fn country_named(&self, _: &str) -> Option<CountryCode> {
        None
    }

    fn country(&self, _: CountryCode) -> Option<Locality> {
        None
    }

    fn locate(&self, _: f64, _: f64, _: Option<Zip>, _: Option<StateCode>) -> Located {
        Located::Wrong(Slip::Zero)
    }
}
