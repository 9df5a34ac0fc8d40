//! Searches over gRPC: what is refused names its field, everything else is just words.

use std::fmt::Write as _;

use axum::http::Request;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tonic::Code;
use tonic::body::Body;
use tonic_types::StatusExt;
use tower::{Service, ServiceExt};

use crate::support::records::{
    coded, confidential, location, offered, open, organization, service,
};
use crate::support::{Agency, House, until};

type Change = fn(&mut v1::SearchRequest);

fn asking(change: impl FnOnce(&mut v1::SearchRequest)) -> v1::SearchRequest {
    let mut request = v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        ..v1::SearchRequest::default()
    };
    change(&mut request);
    request
}

fn words(text: &str) -> v1::SearchRequest {
    asking(|request| request.text = text.to_owned())
}

/// A directory with three services, one of them at a place and one confidential.
async fn filled() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("dock", "Dilley", 28.67, -99.17)),
        agency.publish(confidential("safe", "48163")),
        agency.publish(offered("legal", "Legal Clinic", &["dock"])),
        agency.publish(offered("refuge", "Women's Refuge", &["safe"])),
        agency.publish(coded("food", "Food Pantry", &["da:food"])),
    ];
    stream.operations(batch).await;
    let reports = ["legal", "refuge"].map(|id| agency.report(open(id, 4)));
    stream.reports(reports.to_vec()).await;
    until("all are found", async || house.names("").len() == 3).await;
    house
}

/// The fields and reasons that a request is refused for.
async fn refused(house: &House, request: v1::SearchRequest) -> Vec<(String, String)> {
    let status = house.ask(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let faults = status.get_details_bad_request().unwrap().field_violations;
    let reason = status.get_details_error_info().unwrap().reason;
    assert_eq!(
        reason, faults[0].reason,
        "the first fault names the failure"
    );
    for fault in &faults {
        assert!(!fault.description.is_empty());
        assert!(
            !fault.description.contains("secret"),
            "{}",
            fault.description
        );
    }
    faults
        .into_iter()
        .map(|fault| (fault.field, fault.reason))
        .collect()
}

const REFUSED: [(&str, &str, Change); 33] = [
    ("availability", "UNKNOWN_VALUE", |r| r.availability = 99),
    ("availability", "UNKNOWN_VALUE", |r| r.availability = -1),
    ("radius_miles", "RADIUS_OUT_OF_RANGE", |r| near(r, f64::NAN)),
    ("radius_miles", "RADIUS_OUT_OF_RANGE", |r| {
        near(r, f64::INFINITY);
    }),
    ("radius_miles", "RADIUS_OUT_OF_RANGE", |r| near(r, -1.0)),
    ("radius_miles", "RADIUS_OUT_OF_RANGE", |r| near(r, 1e9)),
    ("radius_miles", "RADIUS_OUT_OF_RANGE", |r| near(r, 311.0)),
    ("radius_miles", "RADIUS_WITHOUT_PLACE", |r| {
        r.radius_miles = 10.0;
    }),
    ("text", "TEXT_TOO_LONG", |r| r.text = "x".repeat(10_240)),
    ("text", "TEXT_TOO_LONG", |r| r.text = "x".repeat(257)),
    ("text", "TEXT_CONTROL_CHARACTER", |r| {
        r.text = "secret\0".to_owned();
    }),
    ("text", "TEXT_CONTROL_CHARACTER", |r| {
        r.text = "secret\u{1b}[31m".to_owned();
    }),
    ("need", "TOO_MANY", |r| {
        r.need = vec!["lc:bond".to_owned(); 1_000];
    }),
    ("need", "NEED_CODE", |r| r.need = vec!["secret".to_owned()]),
    ("need", "NEED_TWO_DOMAINS", |r| {
        r.need = ["lc:bond", "ho:es"].map(str::to_owned).to_vec();
    }),
    ("near", "PLACE_UNKNOWN_IN_STATE", |r| {
        r.near = "secretville, TX".to_owned();
    }),
    ("near", "PLACE_UNKNOWN_ZIP", |r| r.near = "00000".to_owned()),
    ("serves", "PLACE_AMBIGUOUS", |r| {
        r.serves = "Springfield".to_owned();
    }),
    ("near", "TEXT_TOO_LONG", |r| {
        r.near = "secret ".repeat(1_000);
    }),
    ("languages", "LANGUAGE_INVALID", |r| {
        r.languages = vec!["secret words".to_owned()];
    }),
    ("languages", "TOO_MANY_LANGUAGES", |r| {
        r.languages = vec!["es".to_owned(); 1_000];
    }),
    ("limit", "LIMIT_OUT_OF_RANGE", |r| r.limit = 201),
    ("filters.codes", "TOO_MANY", |r| {
        narrowed(r).codes = vec!["fee:free".to_owned(); 1_000];
    }),
    ("filters.codes", "CODE_INVALID", |r| {
        narrowed(r).codes = vec!["secret".to_owned()];
    }),
    ("filters.languages", "LANGUAGE_INVALID", |r| {
        narrowed(r).languages = vec!["secret words".to_owned()];
    }),
    ("filters.state", "UNKNOWN_VALUE", |r| narrowed(r).state = 99),
    ("filters.in_state", "IN_STATE_INVALID", |r| {
        narrowed(r).in_state = "secret".to_owned();
    }),
    ("access", "UNKNOWN_VALUE", |r| r.access = 99),
    ("fee", "UNKNOWN_VALUE", |r| r.fee = 99),
    ("circumstances.custody", "UNKNOWN_VALUE", |r| {
        told(r).custody = 99;
    }),
    ("circumstances.age", "AGE_INVALID", |r| {
        told(r).age = Some(u32::MAX);
    }),
    ("circumstances.nationality", "NATIONALITY_INVALID", |r| {
        told(r).nationality = "secret".to_owned();
    }),
    ("page_token", "CURSOR_UNREADABLE", |r| {
        r.page_token = "secret".to_owned();
    }),
];

fn told(request: &mut v1::SearchRequest) -> &mut v1::Circumstances {
    request.circumstances.get_or_insert_default()
}

fn narrowed(request: &mut v1::SearchRequest) -> &mut v1::SearchFilters {
    request.filters.get_or_insert_default()
}

fn near(request: &mut v1::SearchRequest, radius_miles: f64) {
    request.near = "78017".to_owned();
    request.radius_miles = radius_miles;
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_by_field_and_reason_and_never_repeated() {
    let house = House::new().await;
    let mut wrong = Vec::new();
    for (field, reason, change) in REFUSED {
        let faults = refused(&house, asking(change)).await;

        if faults != [(field.to_owned(), reason.to_owned())] {
            wrong.push(format!("{faults:?} instead of {field} {reason}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let house = House::new().await;

    let faults = refused(
        &house,
        asking(|request| {
            request.near = "nowhere at all".to_owned();
            request.text = "x".repeat(300);
            request.need = vec!["nonsense".to_owned()];
        }),
    )
    .await;

    let mut fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["near", "need", "text"]);
}

#[tokio::test]
async fn words_are_just_words() {
    let house = filled().await;

    for (text, found) in [
        ("clinic", &["Legal Clinic"][..]),
        ("LÉGAL   clinic!", &["Legal Clinic"]),
        ("womens refuge", &["Women's Refuge"]),
        ("clinic -legal", &["Legal Clinic"]),
        ("name:clinic", &[]),
        ("field:(", &[]),
        ("zzzz OR clinic", &[]),
        ("clin*", &["Legal Clinic"]),
        ("cl*nic", &[]),
        ("[a TO z]", &[]),
        ("\" OR 1=1", &[]),
        ("clinic~9999", &[]),
        ("\u{5e2}\u{5d6}\u{5e8}\u{5d4}", &[]),
        ("\u{202e}cinilc", &[]),
    ] {
        let answer = house.ask(words(text)).await;

        let answer = answer.unwrap_or_else(|status| panic!("{text}: {status}"));
        let names: Vec<&str> = answer.results.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, found, "{text}");
    }
}

/// What would find everything, or another service, were it more than words.
const SPEECH: [&str; 25] = [
    "OR clinic",
    "|| clinic",
    "| clinic",
    "-zzz clinic",
    "NOT zzz",
    "*",
    "*:*",
    "name:clinic",
    "^2 clinic",
    "~ clinic",
    "~9999 clinic",
    "[* TO *]",
    "{a TO z}",
    "/.*/",
    ".* clinic",
    "(clinic)",
    "\" OR \"\"=\"",
    "' OR '1'='1",
    "'; DROP TABLE services; --",
    "1) OR (1=1",
    "$ne",
    "{\"$gt\":\"\"}",
    "%' OR clinic LIKE '%",
    "?0=1 clinic",
    "boost=10 clinic",
];
/// Where it is put, beside a word that no service has.
const BESIDE: [&str; 20] = [
    "_ zzyzx",
    "zzyzx _",
    "(zzyzx) _",
    "\"zzyzx\" _",
    "\"zzyzx _",
    "zzyzx) _",
    "zzyzx*_",
    "zzyzx~_",
    "-zzyzx _",
    "+zzyzx _",
    "!zzyzx _",
    "NOT zzyzx _",
    "zzyzx OR _",
    "zzyzx || _",
    "field:zzyzx _",
    "[zzyzx TO _",
    "/zzyzx/ _",
    "zzyzx^0 _",
    "zzyzx\\ _",
    "zzyzx' _",
];

#[tokio::test]
async fn five_hundred_texts_of_query_languages_find_nothing_beside_a_word_of_no_service() {
    let house = filled().await;
    let mut asked = 0;
    for speech in SPEECH {
        for beside in BESIDE {
            let text = beside.replace('_', speech);

            let answer = house.ask(words(&text)).await;

            let answer = answer.unwrap_or_else(|status| panic!("{text}: {status}"));
            assert_eq!(answer.total_size, 0, "{text}");
            asked += 1;
        }
    }
    assert_eq!(asked, 500);
}

#[tokio::test]
async fn words_without_a_letter_or_digit_are_refused_and_blanks_are_no_words() {
    let house = filled().await;

    for text in ["\u{1f600}\u{1f4a9}", "*:*", "((((", "~^\\\"'"] {
        let faults = refused(&house, words(text)).await;

        assert_eq!(faults[0].1, "TEXT_WITHOUT_WORDS", "{text}");
    }
    for text in ["", "   "] {
        assert_eq!(house.ask(words(text)).await.unwrap().total_size, 3);
    }
}

#[tokio::test]
async fn the_edges_of_the_map_are_answered_or_refused_as_places() {
    let house = filled().await;
    // The antimeridian from both sides, the poles, an island beyond, the sea, and off the globe.
    for (place, sound) in [
        ("0,180", true),
        ("0,-180", true),
        ("90,0", false),
        ("-90,0", false),
        ("52.9,172.9", true),
        ("51.9,-179.9", false),
        ("91,0", false),
        ("0,181", false),
        ("NaN,0", false),
    ] {
        let request = asking(|request| {
            request.near = place.to_owned();
            request.radius_miles = 310.0;
            request.near_misses = true;
        });
        if sound {
            let answer = house.ask(request).await;
            let answer = answer.unwrap_or_else(|status| panic!("{place}: {status}"));
            assert_eq!(answer.total_size, 0, "{place}");
        } else {
            assert_eq!(refused(&house, request).await[0].0, "near", "{place}");
        }
    }
}

#[tokio::test]
async fn an_empty_request_browses_what_is_open() {
    let house = filled().await;

    let answer = house.ask(v1::SearchRequest::default()).await.unwrap();

    let mut names: Vec<&str> = answer.results.iter().map(|r| r.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Legal Clinic", "Women's Refuge"]);
    assert!(answer.as_of.is_some());
}

#[tokio::test]
async fn the_total_counts_what_the_limit_leaves_out() {
    let house = filled().await;

    let answer = house
        .ask(asking(|request| request.limit = 1))
        .await
        .unwrap();

    assert_eq!((answer.total_size, answer.results.len()), (3, 1));
}

#[tokio::test]
async fn a_place_is_told_as_it_was_understood() {
    let house = filled().await;

    let answer = house
        .ask(asking(|request| {
            request.near = " dilley, tx ".to_owned();
            request.serves = "78017".to_owned();
        }))
        .await
        .unwrap();

    assert_eq!(answer.near_label, "Dilley, TX");
    assert_eq!(answer.serves_label, "78017 (Dilley, TX)");
}

#[tokio::test]
async fn a_confidential_place_tells_nothing_finer_than_its_county() {
    let house = filled().await;
    let mut answers = Vec::new();
    // Three places of Frio County.
    for place in ["78017", "Pearsall, TX", "28.80,-99.20"] {
        let answer = house
            .ask(asking(|request| request.near = place.to_owned()))
            .await;
        let mut results = answer.unwrap().results;
        results.retain(|result| result.service_id == "refuge");
        answers.push(results.remove(0));
    }

    let refuge = &answers[0];
    let at = refuge.location.as_ref().unwrap();
    assert!(at.confidential && at.address.is_none() && at.point.is_none());
    assert!(at.area.contains("Frio"), "{}", at.area);
    assert_eq!(refuge.distance_miles, None);
    let capacity = refuge.capacity.as_ref().unwrap();
    assert_eq!(capacity.counts, []);
    assert!(capacity.text.contains("some beds"), "{}", capacity.text);
    assert!(
        answers.iter().all(|answer| answer == refuge),
        "the answers differ by place"
    );
}

#[tokio::test]
async fn what_is_withdrawn_is_not_found_by_anything() {
    let house = filled().await;
    let mut agency = Agency::join(&house, "other").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service("gone", "Gone Tomorrow")))
        .await;
    house.until_found("Gone Tomorrow").await;

    stream
        .accepted(agency.withdraw(Kind::Service, "gone"))
        .await;

    assert_eq!(
        house.ask(words("gone tomorrow")).await.unwrap().total_size,
        0
    );
    assert_eq!(house.ask(words("")).await.unwrap().total_size, 3);
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_unread() {
    let house = House::new().await;
    let text = "x".repeat(70 << 10);

    let status = house.ask(words(&text)).await.unwrap_err();

    assert_eq!(status.code(), Code::OutOfRange, "{status}");
}

#[tokio::test]
async fn text_that_is_no_utf_8_is_refused() {
    let house = House::new().await;
    let mut channel = house.visit().await;
    // Field 2, three bytes: an overlong slash.
    let body = [0, 0, 0, 0, 5, 0x12, 0x03, 0xe0, 0x80, 0xaf];
    let request = Request::post("http://directory/referral.v1.SearchService/Search")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(axum::body::Body::from(body.to_vec())))
        .unwrap();

    let response = channel.ready().await.unwrap().call(request).await.unwrap();

    let status = tonic::Status::from_header_map(response.headers()).unwrap();
    assert_ne!(status.code(), Code::Ok);
    assert!(house.ask(words("")).await.is_ok());
}

#[tokio::test]
async fn headers_of_any_length_up_to_the_limit_change_nothing() {
    let house = filled().await;
    let mut languages = String::new();
    for number in 0..700 {
        let _infallible = write!(languages, "x-{number};q=0.1,");
    }
    let mut request = tonic::Request::new(words("clinic"));
    request
        .metadata_mut()
        .insert("accept-language", languages.parse().unwrap());

    let answer = SearchServiceClient::new(house.visit().await)
        .search(request)
        .await;

    assert_eq!(answer.unwrap().into_inner().total_size, 1);
}
