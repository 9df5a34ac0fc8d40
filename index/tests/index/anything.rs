//! Any listing, report and request, of few kinds of each, so that they meet.

use jiff::civil::date;
use proptest::collection::{hash_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use referral_core::capacity::{Availability, Held, State, Stated};
use referral_core::catalog::{
    Address, Area, Basis, Credential, Effect, Field, Language, LanguageMode, LanguageTag, Listing,
    Place, Rule, ServiceArea, Tier, Values,
};
use referral_core::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode, Zip,
};
use referral_core::id::{Kind, RecordKey};
use referral_core::search::{
    Access, Age, Also, Beside, Circumstances, Covers, Custody, Fee, Immigration, Near, Need,
    Request, WorkPermit, organization_hash,
};

use crate::support::{agency, attribute, code, held, id, listing, name, offered_at, text};

pub(crate) const LOCATIONS: [&str; 3] = ["l0", "l1", "l2"];
/// Positions near each other, far away, and on both sides of the antimeridian.
const POINTS: [(f64, f64); 6] = [
    (39.29, -76.61),
    (39.49, -76.41),
    (38.9, -77.04),
    (52.0, 179.9),
    (52.1, -179.8),
    (14.1, -87.2),
];
const ORGANIZATIONS: [&str; 3] = ["o0", "o1", "o2"];
const CODES: [&str; 16] = [
    "lc:bond",
    "lc:asy-def",
    "lc:fed",
    "ho:es",
    "rep:full",
    "vo:post",
    "vo:pre",
    "cust:det-any",
    "cust:det-fac",
    "cust:nondet",
    "fee:free",
    "fee:slide",
    "acc:walk",
    "lang:iphone",
    "x-harbor:food",
    "zz:unheard-of",
];

/// Any listing of such a service.
pub(crate) fn any_listing(
    service: impl Strategy<Value = String>,
) -> impl Strategy<Value = Listing> {
    let languages = vec(
        (select(vec!["es", "ht", "zh-Hant", "zh"]), any_mode()),
        0..3,
    );
    let terms = (
        subsequence(CODES.to_vec(), 0..7),
        languages,
        vec(any_credential(), 0..3),
        vec(any_rule(), 0..3),
    );
    let places = (
        vec(any_place(), 0..=3),
        vec(any_area(), 0..3),
        vec(any_area(), 0..2),
        any::<bool>(),
    );
    let tier = prop_oneof![9 => Just(Tier::Public), 1 => Just(Tier::Member)];
    (service, select(&ORGANIZATIONS), terms, places, tier).prop_map(
        |(service, organization, terms, (places, areas, own_areas, remote), tier)| {
            let mut listing = listing(&service, "Alpha");
            for (place, location) in places.into_iter().zip(LOCATIONS) {
                listing = offered_at(listing, location, place);
            }
            if let Some(offer) = listing.service.offers.first_mut() {
                offer.areas = own_areas;
            }
            listing.organization.id = id(organization);
            let service = &mut listing.service;
            let (codes, languages, credentials, rules) = terms;
            service.organization = id(organization);
            service.attributes = codes.into_iter().map(attribute).collect();
            service.languages = languages.into_iter().map(language).collect();
            service.credentials = credentials;
            service.eligibility = rules;
            service.areas = areas;
            service.remote = remote;
            service.tier = tier;
            listing
        },
    )
}

fn any_mode() -> impl Strategy<Value = LanguageMode> {
    select(vec![
        LanguageMode::Unstated,
        LanguageMode::Staff,
        LanguageMode::InterpreterByPhone,
        LanguageMode::Documents,
    ])
}

fn language((tag, mode): (&str, LanguageMode)) -> Language {
    Language {
        tag: LanguageTag::parse(tag).unwrap(),
        mode,
        name: None,
        note: None,
    }
}

/// Most credentials never lapse; some did, some do on the day of the searches or soon after.
fn any_credential() -> impl Strategy<Value = Credential> {
    let held = select(vec!["cred:atty", "cred:rep-f", "cred:rep-p", "cred:ro"]);
    let lapses = prop_oneof![
        4 => Just(None),
        1 => select(vec![date(2026, 5, 1), date(2026, 5, 28), date(2026, 5, 29)]).prop_map(Some),
    ];
    (held, lapses).prop_map(|(held, lapses)| Credential {
        code: code(held),
        lapses,
        value: None,
    })
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let any_of = |field, values: &'static [&'static str]| {
        let values = subsequence(values, 1..=values.len());
        (
            Just(field),
            values.prop_map(|values| Values::AnyOf(values.into_iter().map(name).collect())),
        )
    };
    let range = |minimum, maximum| Values::Range { minimum, maximum };
    let ages = select(vec![
        range(Some(18), None),
        range(None, Some(17)),
        range(Some(16), Some(24)),
    ]);
    let about = prop_oneof![
        (Just(Field::Age), ages),
        any_of(
            Field::Custody,
            &["cust:nondet", "cust:det-any", "cust:det-fac"]
        ),
        any_of(Field::Nationality, &["HN", "VE", "any"]),
        any_of(Field::Immigration, &["asylum-seeker", "refugee", "others"]),
        any_of(Field::WorkPermit, &["before", "after"]),
        any_of(Field::Gender, &["women"]),
        Just((Field::Age, Values::Words(text("ask us")))),
    ];
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    (about, effect, proptest::bool::weighted(0.2)).prop_map(
        |((field, values), effect, discretionary)| Rule {
            field,
            effect,
            values,
            discretionary,
        },
    )
}

fn any_address() -> impl Strategy<Value = Address> {
    let state = prop_oneof![Just(None), select(vec!["MD", "DC", "AK"]).prop_map(Some)];
    let country = select(vec!["US", "HN"]);
    (state, country).prop_map(|(state, country)| {
        let mut address = Address::of_country(CountryCode::parse(country).unwrap());
        address.state = state.map(|state| StateCode::parse(state).unwrap());
        address
    })
}

/// Near one of few positions, or just there.
fn any_point() -> impl Strategy<Value = Point> {
    let aside = prop_oneof![Just((0.0, 0.0)), (-0.8..0.8f64, -0.1..0.1f64)];
    (select(&POINTS), aside)
        .prop_map(|((lat, lon), (north, east))| Point::new(lat + north, lon + east).unwrap())
}

fn any_county() -> impl Strategy<Value = CountyFips> {
    select(vec!["24510", "24005", "11001"]).prop_map(|county| CountyFips::parse(county).unwrap())
}

/// Any place of a location.
pub(crate) fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        3 => (any_address(), any_point()).prop_map(|(address, point)| Place::Exact { address, point }),
        1 => (any_address(), any_point()).prop_map(|(address, point)| Place::Approximate {
            address,
            point,
            basis: Basis::Zip,
        }),
        1 => any_county().prop_map(Place::County),
        1 => any_address().prop_map(Place::Unplaced),
    ]
}

fn any_area() -> impl Strategy<Value = ServiceArea> {
    let condition = prop_oneof![2 => Just(None), 1 => any_rule().prop_map(Some)];
    let area = prop_oneof![
        select(vec!["21201", "20001"]).prop_map(|zip| Area::Zip(Zip::parse(zip).unwrap())),
        any_county().prop_map(Area::County),
        select(vec!["MD", "AK"]).prop_map(|state| Area::State(StateCode::parse(state).unwrap())),
        select(vec!["US", "HN"]).prop_map(|code| Area::Country(CountryCode::parse(code).unwrap())),
        Just(Area::Nation),
        (1.0..200.0).prop_map(|km| Area::Radius(Kilometres::new(km).unwrap())),
        Just(Area::Court(name("BAL"))),
    ];
    (area, condition).prop_map(|(area, condition)| ServiceArea {
        area,
        condition,
        name: None,
    })
}

/// Any report about such a service.
pub(crate) fn any_held(service: impl Strategy<Value = String>) -> impl Strategy<Value = Held> {
    let location = prop_oneof![Just(None), select(&LOCATIONS).prop_map(Some)];
    let state = select(&Stated::ALL);
    (service, location, state, 1..50u64, 60..80_000u32).prop_map(
        |(service, location, state, cseq, ttl)| held(&service, location, state, cseq, ttl),
    )
}

fn any_locality() -> impl Strategy<Value = Locality> {
    let kind = select(vec![
        LocalityKind::Point,
        LocalityKind::Zip,
        LocalityKind::City,
        LocalityKind::County,
        LocalityKind::State,
        LocalityKind::Country,
    ]);
    let point = prop_oneof![1 => Just(None), 6 => any_point().prop_map(Some)];
    let parts = (
        point,
        hash_set(any_county(), 0..3),
        any_address(),
        any::<bool>(),
    );
    (kind, parts).prop_map(|(kind, (point, counties, address, zip))| {
        let weight = 1.0 / f64::from(u32::try_from(counties.len().max(1)).unwrap());
        Locality {
            label: "somewhere".to_owned(),
            point,
            approximate: false,
            zip: zip.then(|| Zip::parse("21201").unwrap()),
            counties: counties
                .into_iter()
                .map(|county| (county, weight))
                .collect(),
            state: address.state,
            country: address.country,
            kind,
        }
    })
}

fn any_circumstances() -> impl Strategy<Value = Circumstances> {
    let rarely = 0.25;
    (
        option::weighted(rarely, select(Custody::ALL.to_vec())),
        option::weighted(rarely, (0..99u32).prop_map(|age| Age::new(age).unwrap())),
        option::weighted(rarely, select(Immigration::ALL.to_vec())),
        option::weighted(rarely, select(vec!["HN", "VE", "HT"])),
        option::weighted(rarely, select(WorkPermit::ALL.to_vec())),
    )
        .prop_map(
            |(custody, age, immigration, nationality, work_permit)| Circumstances {
                custody,
                age,
                immigration,
                nationality: nationality.and_then(|country| CountryCode::parse(country).ok()),
                work_permit,
            },
        )
}

fn any_also() -> impl Strategy<Value = Also> {
    let some = |at: &[&str]| at.iter().map(|text| code(text)).collect();
    let languages = select(vec![vec![], vec![], vec![], vec!["es"], vec!["zh", "ht"]]);
    let parts = (
        subsequence(
            vec!["fee:free", "lc:bond", "x-harbor:food", "cred:atty"],
            0..2,
        ),
        languages,
        option::weighted(0.2, select(State::ALL.to_vec())),
        option::weighted(0.2, select(vec!["MD", "AK"])),
        prop_oneof![4 => Just(Access::Any), 1 => select(Access::ALL.to_vec())],
    );
    let also = parts.prop_map(move |(codes, languages, state, in_state, access)| Also {
        codes: some(&codes),
        languages: tags(&languages),
        state,
        in_state: in_state.and_then(|state| StateCode::parse(state).ok()),
        access,
    });
    prop_oneof![2 => Just(Also::default()), 1 => also]
}

fn tags(all: &[&str]) -> Vec<LanguageTag> {
    all.iter()
        .map(|tag| LanguageTag::parse(tag).unwrap())
        .collect()
}

fn any_need() -> impl Strategy<Value = Option<Need>> {
    let need = select(vec![
        "lc:bond",
        "lc:bond,lc:asy-def",
        "lc:fed,lc:bond",
        "dom:leg",
        "dom:leg,rep:full",
        "dom:leg,rep:full,cust:det-any,acc:walk",
        "ho:es,cust:det-any",
        "cust:det-any",
        "x-harbor:food",
        "x-harbor:never,x-harbor:food",
        "lc:bia",
    ]);
    prop_oneof![
        1 => Just(None),
        2 => need.prop_map(|need| Some(Need::parse(need).unwrap()))
    ]
}

/// Any request without words. `shown` are the services that may have been shown before.
pub(crate) fn any_request(shown: Vec<u64>) -> impl Strategy<Value = Request> {
    let radius = prop_oneof![1.0..500.0f64, 1.0..50.0f64];
    let near = (any_locality(), radius).prop_map(|(place, km)| Near {
        place,
        radius: Kilometres::new(km).unwrap(),
    });
    let counties = || vec(any_county(), 0..3);
    let places = (
        option::weighted(0.6, near),
        option::weighted(0.3, any_locality()),
        (counties(), counties(), any::<bool>()),
    );
    let languages = (subsequence(vec!["es", "zh", "fr"], 0..3), any::<bool>());
    let availability = prop_oneof![Just(Availability::Any), select(Availability::ALL.to_vec())];
    let narrowed = (
        any_circumstances(),
        prop_oneof![3 => Just(Access::Any), 1 => select(Access::ALL.to_vec())],
        option::weighted(0.2, select(vec![Fee::Free, Fee::LowCost])),
        any_also(),
    );
    let most = shown.len().min(3);
    let page = (
        1..8u32,
        any::<u64>(),
        prop_oneof![3 => Just(Vec::new()), 1 => subsequence(shown, 0..=most)],
        any::<bool>(),
        any::<bool>(),
        prop_oneof![3 => Just(Covers::default()), 1 => any_covers()],
    );
    (
        (any_need(), places),
        languages,
        availability,
        narrowed,
        page,
    )
        .prop_map(
            |((need, (near, serves, (a, b, neighbours))), spoken, availability, narrowed, page)| {
                let (circumstances, access, fee, also) = narrowed;
                let (limit, seed, shown, facets, near_misses, covers) = page;
                let request = Request {
                    need,
                    text: None,
                    near,
                    serves,
                    languages: tags(&spoken.0),
                    interpreter: spoken.1,
                    availability,
                    circumstances,
                    access,
                    fee,
                    also,
                    neighbours,
                    beside: Beside {
                        near: sorted(a),
                        serves: sorted(b),
                    },
                    limit,
                    seed,
                    shown,
                    covers,
                    facets,
                    near_misses,
                };
                request.check().unwrap()
            },
        )
}

/// Organizations that answer several needs of a bundle.
fn any_covers() -> impl Strategy<Value = Covers> {
    let hash = |organization: &str| {
        organization_hash(&RecordKey {
            agency: agency(),
            kind: Kind::Organization,
            id: id(organization),
        })
    };
    let some = move || {
        let some = subsequence(ORGANIZATIONS.to_vec(), 1..=2);
        some.prop_map(move |some| some.into_iter().map(hash).collect())
    };
    vec(some(), 2..=3).prop_map(|found| Covers::of(&found))
}

fn sorted(mut counties: Vec<CountyFips>) -> Vec<CountyFips> {
    counties.sort_unstable();
    counties.dedup();
    counties
}
