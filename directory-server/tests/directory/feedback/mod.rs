//! What became of referrals: who may say it, what is kept of it, and what it does.

mod saying;
mod telling;

use std::time::Duration;

use directory_server::operations::FeedbackRefused;
use referral_core::feedback::Outcome;
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_core::policy::{AccountId, Role, Viewer};
use referral_proto::convert::time::to_wire;
use referral_proto::v1;
use referral_runtime::clock::Clock;

use crate::support::records::{id, location, offered, open, organization};
use crate::support::{Agency, House, Stream, until};

/// A service of an agency.
pub(crate) fn key(agency: &str, service: &str) -> RecordKey {
    RecordKey {
        agency: AgencyId::parse(agency).unwrap(),
        kind: Kind::Service,
        id: id(service),
    }
}

/// A caseworker of an organization that lists nothing here.
pub(crate) fn caseworker(number: u64) -> Viewer {
    Viewer {
        role: Role::Caseworker,
        account: Some(AccountId::of(number)),
        agency: AgencyId::parse(&format!("office-{number}")).ok(),
        ..Viewer::default()
    }
}

/// A directory with two services that are open, in one place.
pub(crate) async fn filled() -> (House, Agency, Stream) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("office", "Dilley", 28.667, -99.17)),
        agency.publish(offered("clinic", "Clinic", &["office"])),
        agency.publish(offered("pantry", "Pantry", &["office"])),
    ];
    stream.operations(batch).await;
    reported(&house, &mut agency, &mut stream).await;
    until("both are found", async || house.names("").len() == 2).await;
    (house, agency, stream)
}

/// Both services are open, as of now.
pub(crate) async fn reported(house: &House, agency: &mut Agency, stream: &mut Stream) {
    let observed_at = Some(to_wire(house.clock.now()));
    let reports = ["clinic", "pantry"].map(|service| {
        agency.report(v1::CapacityReport {
            observed_at,
            ..open(service, 4)
        })
    });
    stream.reports(reports.to_vec()).await;
}

/// Time goes by, and the agency's node renews its certificate.
pub(crate) async fn pass(house: &House, agency: &mut Agency, hours: u64) {
    for _ in 0..hours / 7 {
        house.clock.advance(Duration::from_hours(7));
        agency.renew(house).await.unwrap();
    }
}

/// So many organizations say the same of a service.
pub(crate) async fn say(house: &House, service: &RecordKey, organizations: u64, outcome: Outcome) {
    for number in 0..organizations {
        say_as(house, &caseworker(number), service, outcome)
            .await
            .unwrap();
    }
}

/// Somebody says how a referral went.
pub(crate) async fn say_as(
    house: &House,
    who: &Viewer,
    service: &RecordKey,
    outcome: Outcome,
) -> Result<(), FeedbackRefused> {
    let said = house.directory.say_outcome(who, service, Some(outcome));
    said.await
}
