//! Random services and searches, for the laws of search: a small world in which much almost matches.
//!
//! [`any_services`] and [`any_request`] are where to start; [`NOW`] is when. Built for tests, here and
//! in crates that turn on the feature `testing`; never part of a program.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "every text parsed here is a constant of this file"
)]

mod parts;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::capacity::{Availability, State, Ttl};
use crate::catalog::{
    Address, Area, Basis, Effect, Field, LanguageMode, Listing, Place, Rule, ServiceArea, Values,
};
use crate::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode, Zip,
};
use crate::search::{
    Access, Age, Also, Beside, Circumstances, Custody, Facts, Fee, Immigration, Near, Need,
    Request, Standing, WorkPermit,
};
pub(crate) use parts::{
    attribute, blank, code, credential, fips, id, language, name, offer, tag, text,
};

/// When the searches of this world are made.
pub const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// Positions near each other, a little off, far away, and on both sides of the antimeridian.
const POINTS: [(f64, f64); 8] = [
    (39.29, -76.61),
    (39.31, -76.62),
    (39.49, -76.41),
    (39.60, -77.00),
    (38.90, -77.04),
    (52.0, 179.9),
    (52.1, -179.8),
    (14.1, -87.2),
];
const COUNTIES: [&str; 5] = ["24510", "24005", "24003", "11001", "02016"];
const CODES: [&str; 22] = [
    "dom:leg",
    "lc:bond",
    "lc:asy-def",
    "lc:ead-asy",
    "lc:fed",
    "rep:full",
    "rep:brief",
    "ho:es",
    "vo:pre",
    "vo:post",
    "vo:any",
    "fee:free",
    "fee:low",
    "fee:slide",
    "cust:det-any",
    "cust:det-fac",
    "cust:nondet",
    "cust:orr",
    "lang:iphone",
    "acc:walk",
    "acc:phone",
    "x-harbor:food",
];
const CREDENTIALS: [&str; 6] = [
    "cred:atty",
    "cred:rep-f",
    "cred:rep-p",
    "cred:ro",
    "cred:clin",
    "cred:lmh",
];
const LANGUAGES: [&str; 5] = ["es", "zh", "zh-Hant", "ht", "ti"];
const NEEDS: [&str; 9] = [
    "lc:bond",
    "lc:bond,lc:asy-def",
    "lc:ead-asy,lc:fed",
    "dom:leg",
    "dom:leg,rep:full",
    "dom:leg,fee:free,rep:brief",
    "ho:es,cust:det-any",
    "cust:det-any",
    "x-harbor:food",
];

/// A published service, with where its organization is found.
#[derive(Clone, Debug)]
pub struct Published {
    /// The service with its organization and locations.
    pub listing: Listing,
    /// Where its organization is found, as for [`Facts::of`].
    pub organization_places: Vec<Place>,
}

impl Published {
    /// What matching knows of it.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::of(&self.listing, &self.organization_places)
    }
}

/// Up to `most` services with ids `s0`, `s1` and so on, of a few organizations.
pub fn any_services(most: usize) -> impl Strategy<Value = Vec<Published>> {
    vec(any_service(), 0..=most).prop_map(|mut services| {
        for (n, published) in services.iter_mut().enumerate() {
            published.listing.service.id = id(&format!("s{n}"));
        }
        services
    })
}

/// One service; its id is `s`.
pub fn any_service() -> impl Strategy<Value = Published> {
    let terms = (
        subsequence(CODES.to_vec(), 0..12),
        vec((select(&CREDENTIALS), option::of(-2_i64..3)), 0..3),
        vec(any_rule(), 0..4),
        vec((select(&LANGUAGES), any_mode()), 0..4),
    );
    let places = (
        vec((any_place(), vec(any_area(), 0..2)), 0..3),
        vec(any_area(), 0..3),
        prop::bool::weighted(0.3),
        vec(any_place(), 0..3),
    );
    (0..4_u8, terms, places).prop_map(|(organization, terms, places)| {
        let (codes, credentials, rules, languages) = terms;
        let (offers, areas, remote, organization_places) = places;
        let mut listing = blank(&format!("o{organization}"));
        for (n, (place, own_areas)) in offers.into_iter().enumerate() {
            offer(&mut listing, &format!("l{n}"), place, own_areas);
        }
        let service = &mut listing.service;
        service.attributes = codes.into_iter().map(attribute).collect();
        service.credentials = credentials.into_iter().map(credential).collect();
        service.eligibility = rules;
        service.languages = languages.into_iter().map(language).collect();
        service.areas = areas;
        service.remote = remote;
        Published {
            listing,
            organization_places,
        }
    })
}

/// What is held of an offer's capacity at [`NOW`].
pub fn any_standing() -> impl Strategy<Value = Standing> {
    let confirmed = (0..40_i64, 1..31_u32).prop_map(|(days_ago, days)| {
        let observed_at = NOW - SignedDuration::from_hours(24 * days_ago);
        (observed_at, Ttl::clamped(days * 86_400))
    });
    let state = prop_oneof![Just(State::Open), select(&State::ALL)];
    (state, option::of(confirmed)).prop_map(|(state, confirmed)| Standing { state, confirmed })
}

/// A search, most of its parts left open; every facet and near miss is asked for.
pub fn any_request() -> impl Strategy<Value = Request> {
    let place = (
        option::of((any_locality(), 0.5..60.0)),
        option::weighted(0.3, any_locality()),
        any::<bool>(),
    );
    let need = option::of(select(&NEEDS));
    let languages = prop_oneof![2 => Just(vec![]), 1 => vec(select(&LANGUAGES), 1..3)];
    let ways = (
        prop_oneof![2 => Just(Access::Any), 1 => select(&Access::ALL)],
        option::weighted(0.2, select(&Fee::ALL)),
        prop::bool::weighted(0.3),
        prop_oneof![1 => Just(Availability::Open), 2 => select(&Availability::ALL)],
    );
    let page = (1..6_u32, any::<u64>());
    (
        place,
        need,
        languages,
        ways,
        any_circumstances(),
        any_also(),
        page,
    )
        .prop_map(
            |(place, need, languages, ways, circumstances, also, (limit, seed))| {
                let (near, serves, neighbours) = place;
                let near = near.map(|(place, miles)| Near {
                    place,
                    radius: Kilometres::from_miles(miles).unwrap(),
                });
                let around = |place: Option<&Locality>| place.map_or_else(Vec::new, beside);
                let (access, fee, interpreter, availability) = ways;
                Request {
                    need: need.map(|need| Need::parse(need).unwrap()),
                    beside: Beside {
                        near: around(near.as_ref().map(|near| &near.place)),
                        serves: around(serves.as_ref()),
                    },
                    near,
                    serves,
                    languages: languages.into_iter().map(tag).collect(),
                    availability,
                    circumstances,
                    access,
                    fee,
                    interpreter,
                    neighbours,
                    also,
                    limit,
                    seed,
                    facets: true,
                    near_misses: true,
                    ..Request::any()
                }
            },
        )
}

/// Facts about a client, most of them not given.
pub fn any_circumstances() -> impl Strategy<Value = Circumstances> {
    let few = 0.25;
    (
        option::weighted(few, select(&Custody::ALL)),
        option::weighted(few, 0..90_u32),
        option::weighted(few, select(&Immigration::ALL)),
        option::weighted(few, select(vec!["HN", "VE"])),
        option::weighted(few, select(&WorkPermit::ALL)),
    )
        .prop_map(
            |(custody, age, immigration, nationality, work_permit)| Circumstances {
                custody,
                age: age.map(|years| Age::new(years).unwrap()),
                immigration,
                nationality: nationality.map(|country| CountryCode::parse(country).unwrap()),
                work_permit,
            },
        )
}

/// An eligibility rule on something a search can give, or on income.
pub fn any_rule() -> impl Strategy<Value = Rule> {
    let about = prop_oneof![
        range(Field::Age, 90),
        range(Field::Income, 400),
        values(
            Field::Custody,
            &[
                "cust:det-any",
                "cust:det-fac",
                "nondet",
                "cust:orr",
                "cust:odd"
            ]
        ),
        values(
            Field::Immigration,
            &["asylum seeker", "parolee", "refugees", "U visa"]
        ),
        values(Field::Nationality, &["HN", "VE", "Central America"]),
        values(Field::WorkPermit, &["before", "after", "any"]),
        select(vec![Field::Custody, Field::Age, Field::Nationality])
            .prop_map(|field| (field, Values::Words(text("ask us")))),
    ];
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    (about, effect, prop::bool::weighted(0.2)).prop_map(
        |((field, values), effect, discretionary)| Rule {
            field,
            effect,
            values,
            discretionary,
        },
    )
}

/// A place somebody may search.
pub fn any_locality() -> impl Strategy<Value = Locality> {
    select(localities())
}

fn range(field: Field, most: u32) -> BoxedStrategy<(Field, Values)> {
    (option::of(0..most), option::of(0..most))
        .prop_map(move |(minimum, maximum)| (field.clone(), Values::Range { minimum, maximum }))
        .boxed()
}

fn values(field: Field, known: &'static [&'static str]) -> BoxedStrategy<(Field, Values)> {
    subsequence(known.to_vec(), 1..=known.len())
        .prop_map(move |values| {
            let values = values.into_iter().map(name).collect();
            (field.clone(), Values::AnyOf(values))
        })
        .boxed()
}

fn any_also() -> impl Strategy<Value = Also> {
    let none = prop_oneof![6 => Just(true), 1 => Just(false)];
    let chosen = (
        subsequence(vec!["dom:leg", "lc:bond", "fee:free", "acc:walk"], 0..2),
        subsequence(vec!["es", "zh"], 0..2),
        option::weighted(0.3, select(&State::ALL)),
        option::weighted(0.3, select(vec!["MD", "DC"])),
        select(&Access::ALL),
    );
    (none, chosen).prop_map(|(none, (codes, languages, state, in_state, access))| {
        if none {
            return Also::default();
        }
        Also {
            codes: codes.into_iter().map(code).collect(),
            languages: languages.into_iter().map(tag).collect(),
            state,
            in_state: in_state.map(|state| StateCode::parse(state).unwrap()),
            access,
        }
    })
}

fn any_mode() -> impl Strategy<Value = LanguageMode> {
    select(vec![
        LanguageMode::Unstated,
        LanguageMode::Staff,
        LanguageMode::InterpreterOnSite,
        LanguageMode::InterpreterByPhone,
        LanguageMode::Documents,
        LanguageMode::Channel,
    ])
}

fn any_place() -> impl Strategy<Value = Place> {
    let point = || select(&POINTS).prop_map(|(lat, lon)| Point::new(lat, lon).unwrap());
    prop_oneof![
        5 => (any_address(), point()).prop_map(|(address, point)| Place::Exact { address, point }),
        1 => (any_address(), point()).prop_map(|(address, point)| Place::Approximate {
            address,
            point,
            basis: Basis::Zip,
        }),
        1 => any_county().prop_map(Place::County),
        1 => any_address().prop_map(Place::Unplaced),
    ]
}

fn any_address() -> impl Strategy<Value = Address> {
    let state = option::weighted(0.8, select(vec!["MD", "DC", "AK"]));
    let country = prop_oneof![6 => Just("US"), 1 => Just("HN")];
    (state, country).prop_map(|(state, country)| {
        let mut address = Address::of_country(CountryCode::parse(country).unwrap());
        address.state = state.map(|state| StateCode::parse(state).unwrap());
        address
    })
}

fn any_county() -> impl Strategy<Value = CountyFips> {
    select(&COUNTIES).prop_map(fips)
}

fn any_area() -> impl Strategy<Value = ServiceArea> {
    let zip = select(vec!["21201", "21204"]);
    let state = select(vec!["MD", "AK"]);
    let land = select(vec!["US", "HN"]);
    let area = prop_oneof![
        2 => zip.prop_map(|zip| Area::Zip(Zip::parse(zip).unwrap())),
        4 => any_county().prop_map(Area::County),
        2 => state.prop_map(|state| Area::State(StateCode::parse(state).unwrap())),
        1 => land.prop_map(|land| Area::Country(CountryCode::parse(land).unwrap())),
        1 => Just(Area::Nation),
        2 => (1.0..200.0).prop_map(|km| Area::Radius(Kilometres::new(km).unwrap())),
        1 => Just(Area::Court(name("BAL"))),
    ];
    let condition = option::weighted(0.3, any_rule());
    (area, condition).prop_map(|(area, condition)| ServiceArea {
        area,
        condition,
        name: None,
    })
}

/// Counties next to each other, one way; the other way holds too.
const BESIDE: [(&str, &str); 2] = [("24510", "24005"), ("24510", "24003")];

/// The counties next to those of a place, as [`Beside::of`] finds them on a map.
fn beside(place: &Locality) -> Vec<CountyFips> {
    if matches!(place.kind, LocalityKind::State | LocalityKind::Country) {
        return Vec::new();
    }
    let inside = |county: CountyFips| place.counties.iter().any(|(fips, _)| *fips == county);
    let pairs = BESIDE.map(|(a, b)| (fips(a), fips(b)));
    let both = pairs.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]);
    let mut beside: Vec<CountyFips> = both
        .filter(|(a, b)| inside(*a) && !inside(*b))
        .map(|(_, b)| b)
        .collect();
    beside.sort_unstable();
    beside.dedup();
    beside
}

fn localities() -> Vec<Locality> {
    use LocalityKind::{City, Country, County, Point as At, State, Zip as ZipCode};
    let place = |kind, at: Option<usize>, counties: &[&str], state: &str, country: &str| Locality {
        label: "somewhere".to_owned(),
        point: at.map(|at| Point::new(POINTS[at].0, POINTS[at].1).unwrap()),
        approximate: kind == City,
        zip: (kind == ZipCode).then(|| Zip::parse("21201").unwrap()),
        counties: counties.iter().map(|county| (fips(county), 0.5)).collect(),
        state: StateCode::parse(state).ok(),
        country: CountryCode::parse(country).unwrap(),
        kind,
    };
    vec![
        place(ZipCode, Some(0), &["24510"], "MD", "US"),
        place(ZipCode, Some(2), &["24005", "24510"], "MD", "US"),
        place(City, Some(0), &["24510"], "MD", "US"),
        place(County, Some(1), &["24005"], "MD", "US"),
        place(At, Some(4), &["11001"], "DC", "US"),
        place(At, Some(5), &["02016"], "AK", "US"),
        place(At, None, &[], "", "US"),
        place(State, Some(3), &["24510", "24005", "24003"], "MD", "US"),
        place(Country, Some(3), &[], "", "US"),
        place(Country, Some(7), &[], "", "HN"),
    ]
}
