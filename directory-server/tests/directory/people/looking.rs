//! Looking at what is shown only after a recorded request.

use directory_server::audit;
use directory_server::operations::LookError;
use referral_core::catalog::{Part, Record, Tier, Tiers};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::policy::{Role, Scope, Viewer};

use super::pages::look;
use super::person;
use crate::support::http::request;
use crate::support::records::{location, offered, organization, text};
use crate::support::{Agency, House};

const SECRET_WORDS: &str = "ask for the back entrance";
const REASON: &str = "a family needs a bed tonight";

fn key(service: &str) -> RecordKey {
    RecordKey {
        agency: AgencyId::parse("harbor").unwrap(),
        kind: Kind::Service,
        id: LocalId::parse(service).unwrap(),
    }
}

/// A service whose description is shown to who asks, and one whose description is sealed.
async fn started() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let described = |id: &str, tier| {
        let Record::Service(mut service) = offered(id, "Described Beds", &["dilley"]) else {
            panic!("no service")
        };
        service.description = Some(text(SECRET_WORDS));
        service.tiers = Tiers::of([(Part::Description, tier)]);
        Record::Service(service)
    };
    let Record::Service(mut kept) = offered("kept", "Kept Beds", &["dilley"]) else {
        panic!("no service")
    };
    kept.tier = Tier::Member;
    let batch = [
        organization("org"),
        location("dilley", "Dilley", 28.667, -99.17),
        Record::Service(kept),
        described("asked", Tier::Ask),
        described("sealed", Tier::Seal),
        described("netted", Tier::Net),
    ];
    let batch = batch.map(|record| agency.publish(record)).into();
    stream.operations(batch).await;
    house.until_found("Described Beds").await;
    house
}

/// What somebody is shown of a service's part.
async fn shown(
    house: &House,
    viewer: &Viewer,
    service: &str,
    part: Part,
    reason: &str,
) -> Result<Vec<String>, LookError> {
    let service = key(service);
    house.directory.reveal(viewer, &service, part, reason).await
}

fn looks(house: &House) -> Vec<(String, String, String)> {
    let entries = audit::read(&house.folder("")).unwrap().into_iter();
    let looks = entries.filter(|entry| entry.act == "looked");
    looks.map(|e| (e.who, e.about, e.note)).collect()
}

#[tokio::test]
async fn who_may_see_which_part_after_asking() {
    let house = started().await;
    for role in Role::ALL {
        for service in ["asked", "sealed", "netted", "no-such"] {
            let viewer = Viewer {
                role,
                agency: AgencyId::parse("harbor").ok(),
                fresh: true,
                ..Viewer::default()
            };
            let shown = shown(&house, &viewer, service, Part::Description, REASON).await;

            let may = matches!(
                (role, service),
                (Role::Specialist, "asked") | (Role::AgencyStaff, "netted")
            );
            match shown {
                Ok(lines) => assert!(may && lines == [SECRET_WORDS], "{role} {service}"),
                Err(error) => {
                    assert!(!may, "{role} {service}");
                    assert_eq!(error.to_string(), "there is nothing here that you may see");
                }
            }
        }
    }
    assert_eq!(
        looks(&house).len(),
        1,
        "only what was shown, and only what has to be"
    );
}

#[tokio::test]
async fn a_look_without_a_reason_or_with_a_token_shows_nothing() {
    let house = started().await;
    let specialist = Viewer {
        role: Role::Specialist,
        ..Viewer::default()
    };
    for reason in ["", "because", &" ".repeat(40), &"long ".repeat(80)] {
        let shown = shown(&house, &specialist, "asked", Part::Description, reason).await;
        assert!(shown.is_err(), "{reason:.10}");
    }
    let program = Viewer {
        scopes: Some(Scope::ALL.to_vec()),
        ..specialist.clone()
    };
    let refused = shown(&house, &program, "asked", Part::Description, REASON).await;
    assert!(refused.is_err());
    let public = shown(&house, &specialist, "asked", Part::Phones, REASON).await;
    assert!(public.is_err(), "what is public is not asked for");
    assert_eq!(looks(&house), []);
}

#[tokio::test]
async fn a_look_is_in_the_log_before_it_is_shown() {
    let house = started().await;
    let sol = person(&house, "sol@example.org", Role::Specialist).await;
    let cookies = format!("__Host-session={}", sol.session.reveal());
    let found = look(&house, "/?near=Dilley%2C+TX&availability=any", &cookies);
    assert!(
        found
            .await
            .text()
            .contains("/look?agency=harbor&#38;service=asked&#38;part=description")
    );
    let form = look(
        &house,
        "/look?agency=harbor&service=asked&part=description",
        &cookies,
    )
    .await;
    assert!(
        !form.text().contains(SECRET_WORDS),
        "not before the reason is said"
    );
    let token = sol.session.form_token();
    let send = async |token: &str, reason: &str| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("agency", "harbor"),
            ("service", "asked"),
            ("part", "description"),
        ]);
        form.extend_pairs([("token", token), ("reason", reason)]);
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [kind, ("cookie", cookies.as_str())];
        request(
            house.public,
            "POST",
            "/look",
            &headers,
            form.finish().as_bytes(),
        )
        .await
    };

    assert!(!send("wrong", REASON).await.text().contains(SECRET_WORDS));
    let refused = send(&token, "why not").await;
    assert_eq!(refused.status, 400);
    assert!(!refused.text().contains(SECRET_WORDS));
    let shown = send(&token, REASON).await;

    assert!(shown.text().contains(SECRET_WORDS));
    let who = format!("{} (specialist)", sol.id);
    let about = format!("{} description", key("asked"));
    assert_eq!(looks(&house), [(who, about, REASON.to_owned())]);
}

#[tokio::test]
async fn a_service_for_few_is_answered_as_one_that_is_not_there() {
    let house = started().await;
    for (method, path) in [("GET", ""), ("POST", "/problem"), ("POST", "/outcome")] {
        let mut answers = Vec::new();
        for service in [
            "harbor/kept",
            "harbor/no-such",
            "nobody/kept",
            "nobody/no-such",
        ] {
            let path = format!("/service/{service}{path}");
            let answer = request(house.public, method, &path, &[], b"problem=closed").await;
            answers.push((answer.status, answer.body));
        }
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{method} {path}"
        );
        assert!(answers[0].0 >= 400);
    }
}

#[tokio::test]
async fn what_may_not_be_seen_and_what_is_not_there_are_answered_alike() {
    let house = started().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    for cookies in [
        String::new(),
        format!("__Host-session={}", ana.session.reveal()),
    ] {
        let mut answers = Vec::new();
        for path in [
            "/look?agency=harbor&service=asked&part=description",
            "/look?agency=harbor&service=sealed&part=description",
            "/look?agency=harbor&service=no-such&part=description",
            "/look?agency=no-such&service=x&part=phones",
            "/look?agency=&service=&part=",
            "/look",
        ] {
            let answer = look(&house, path, &cookies).await;
            answers.push((answer.status, answer.body));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(answers[0].0, 404);
    }
}
