//! Certificates live a day, are renewed for the same key, and only the newest counts.

use std::time::Duration;

use directory_server::ledger::{About, Fact, Standing};
use jiff::SignedDuration;
use referral_core::federation::ListingKey;
use referral_core::id::Kind;
use referral_journal::{FileStorage, Journal, Options};
use referral_proto::v1::FenceReason;
use referral_runtime::clock::Clock;
use referral_runtime::tls::{CertificateRequest, Leaf, NewKey, Peer, TrustDomain};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{agency, alarms};
use crate::support::agency::{renew, same};
use crate::support::records::organization;
use crate::support::{Agency, House};

fn reason(status: &Status) -> String {
    let details = status.get_details_error_info();
    details.map(|info| info.reason).unwrap_or_default()
}

fn leaf(of: &Agency) -> Leaf {
    Leaf::of(&of.identity.chain()[0]).unwrap()
}

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_certificate_lives_a_day_and_names_its_agency_whatever_was_asked_for() {
    let house = House::new().await;
    let harbor = Agency::join(&house, "harbor").await;

    let certificate = &harbor.identity.chain()[0];
    let domain = TrustDomain::parse(house.directory.authority().domain().as_str()).unwrap();
    let says = Peer::in_certificate(certificate, &domain).unwrap();

    assert_eq!(says.agency, harbor.id);
    assert_eq!(says.listing_key, Some(harbor.listing_key.public()));
    let life = leaf(&harbor).not_after.duration_since(house.clock.now());
    assert_eq!(life, SignedDuration::from_hours(24));
}

#[tokio::test]
async fn a_node_renews_before_and_weeks_after_its_certificate_expired() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    for closed in [12, 24 * 21] {
        house.clock.advance(closed * HOUR);
        let before = harbor.identity.chain()[0].clone();

        let answer = harbor.renew(&house).await.unwrap();

        assert_ne!(answer.certificate, before.to_vec());
        let life = leaf(&harbor).not_after.duration_since(house.clock.now());
        assert_eq!(life, SignedDuration::from_hours(24), "after {closed} hours");
        harbor.stream(&house).await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_is_the_same_certificate() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    house.clock.advance(12 * HOUR);
    let lost = renew(&house, harbor.renewal(&house).await).await.unwrap();

    let house = house.again().await;
    let again = harbor.renew(&house).await.unwrap();

    assert_eq!(again.certificate, lost.certificate);
    harbor.stream(&house).await;
}

#[tokio::test]
async fn a_stream_outlives_the_certificate_it_began_with_if_the_node_has_a_newer_one() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    house.clock.advance(12 * HOUR);
    harbor.renew(&house).await.unwrap();

    house.clock.advance(13 * HOUR);

    stream.accepted(harbor.publish(organization("org"))).await;
}

#[tokio::test]
async fn nothing_is_accepted_after_the_certificate_has_expired() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    let operation = harbor.publish(organization("org"));

    house.clock.advance(24 * HOUR);
    stream.send(vec![operation]).await;

    assert_eq!(stream.fence().await, FenceReason::Certificate);
    assert_eq!(house.directory.agencies()[0].applied, 0);
}

#[tokio::test]
async fn of_two_copies_of_a_node_the_one_that_renewed_goes_on_and_the_other_is_noticed() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let copy = harbor.copy();
    house.clock.advance(12 * HOUR);
    harbor.renew(&house).await.unwrap();
    harbor.stream(&house).await;

    let refused = renew(&house, copy.renewal(&house).await).await.unwrap_err();
    let fenced = copy.knock(&house).await.fence().await;

    assert_eq!(reason(&refused), "CERTIFICATE_SUPERSEDED");
    assert_eq!(fenced, FenceReason::Certificate);
    assert_eq!(alarms(&house, "harbor"), ["certificate_superseded"]);
    harbor.stream(&house).await;
}

#[tokio::test]
async fn a_node_restored_from_an_old_backup_comes_back_once_the_operator_has_looked() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut restored = harbor.copy();
    house.clock.advance(12 * HOUR);
    harbor.renew(&house).await.unwrap();
    harbor.stream(&house).await;
    assert!(restored.renew(&house).await.is_err());

    house
        .directory
        .readmit(&house.operator, agency("harbor"))
        .await
        .unwrap();

    restored.renew(&house).await.unwrap();
    restored.stream(&house).await;
    assert_eq!(alarms(&house, "harbor"), [""; 0]);
}

/// Renewals of an agency as others can make them up: another's signature, another's certificate, another
/// directory's certificate.
async fn forged(
    house: &House,
    harbor: &Agency,
    intruder: &Agency,
) -> [referral_proto::v1::RenewRequest; 3] {
    let by_intruder = {
        let mut masked = harbor.copy();
        masked.listing_key = ListingKey::from_seed(&[9; 32]);
        masked.renewal(house).await
    };
    let with_other_certificate = {
        let mut masked = harbor.copy();
        masked.identity = same(&intruder.identity);
        masked.renewal(house).await
    };
    let made_up = {
        let mut masked = harbor.copy();
        masked.identity = House::new()
            .await
            .issue("harbor", &NewKey::generate().unwrap());
        masked.renewal(house).await
    };
    [by_intruder, with_other_certificate, made_up]
}

#[tokio::test]
async fn a_renewal_that_is_not_the_nodes_own_is_refused() {
    let house = House::new().await;
    let harbor = Agency::join(&house, "harbor").await;
    let intruder = Agency::join(&house, "intruder").await;
    let good = harbor.renewal(&house).await;
    let [by_intruder, with_other_certificate, made_up] = forged(&house, &harbor, &intruder).await;
    let with = |change: fn(&mut referral_proto::v1::RenewRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    let cases = [
        (
            "another's signature",
            by_intruder,
            "LISTING_KEY_PROOF_INVALID",
        ),
        (
            "another's certificate",
            with_other_certificate,
            "LISTING_KEY_PROOF_INVALID",
        ),
        (
            "a certificate of another authority",
            made_up,
            "NOT_A_MEMBER",
        ),
        (
            "no certificate",
            with(|r| r.certificate.clear()),
            "NOT_A_MEMBER",
        ),
        (
            "a challenge made up",
            with(|r| r.challenge[0] ^= 1),
            "CHALLENGE_EXPIRED",
        ),
        (
            "no challenge",
            with(|r| r.challenge.clear()),
            "CHALLENGE_EXPIRED",
        ),
        (
            "no signature",
            with(|r| r.proof.clear()),
            "ENROLMENT_INVALID",
        ),
        (
            "a request for nothing",
            with(|r| r.certificate_request.clear()),
            "CERTIFICATE_REQUEST_INVALID",
        ),
    ];
    for (what, request, expected) in cases {
        let refused = renew(&house, request).await.unwrap_err();

        assert_eq!(reason(&refused), expected, "{what}: {refused}");
    }
    house.clock.advance(Duration::from_secs(61));
    let late = renew(&house, good).await.unwrap_err();
    assert_eq!(
        (late.code(), reason(&late).as_str()),
        (Code::Aborted, "CHALLENGE_EXPIRED")
    );
}

#[tokio::test]
async fn another_key_is_not_renewed() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    harbor.tls_key = std::sync::Arc::new(NewKey::generate().unwrap());

    let refused = harbor.renew(&house).await.unwrap_err();

    assert_eq!(reason(&refused), "NOT_A_MEMBER");
}

#[tokio::test]
async fn the_standing_of_today_decides_whether_a_certificate_is_renewed() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    for standing in [Standing::Suspended, Standing::Evicted, Standing::Banned] {
        let decided = house.directory.set_standing(
            &house.operator,
            agency("harbor"),
            standing,
            "Ana",
            "test",
        );
        decided.await.unwrap();

        let refused = harbor.renew(&house).await.unwrap_err();

        assert_eq!(reason(&refused), "AGENCY_MAY_NOT_PUBLISH", "{standing:?}");
    }
}

#[tokio::test]
async fn nothing_is_signed_while_the_clock_is_suspect() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    house.clock.jump(SignedDuration::from_hours(48));
    house.directory.keep_up();

    let refused = harbor.renew(&house).await.unwrap_err();

    assert_eq!(reason(&refused), "CLOCK_SUSPECT");
}

#[tokio::test]
async fn every_certificate_is_on_record_before_it_is_signed() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    house.clock.advance(12 * HOUR);
    harbor.renew(&house).await.unwrap();
    let stopped = house.stop().await;

    let storage = FileStorage::new(&stopped.data.path().join("journal"));
    let options = Options {
        generation: u64::MAX,
        ..Options::default()
    };
    let (journal, _) = Journal::open(storage, options).unwrap();
    let mut recorded = None;
    let mut signed = 0;
    for record in journal.archive().read_from(1).unwrap() {
        let record = record.unwrap();
        let certificate = match Fact::decode(record.kind, &record.bytes).unwrap() {
            Fact::Joined(membership) => membership.certificate,
            Fact::About(_, about) => match *about {
                About::Issuing(serial, expires_at) => {
                    recorded = Some((serial, expires_at));
                    continue;
                }
                About::Renewed(certificate) => certificate,
                _ => continue,
            },
            _ => continue,
        };
        let leaf = Leaf::of(&certificate).unwrap();
        assert_eq!(recorded.take(), Some((leaf.serial, leaf.not_after)));
        signed += 1;
    }
    assert_eq!(signed, 2);
}

#[tokio::test]
async fn a_directory_that_was_set_back_knows_certificates_it_has_forgotten() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let forgotten = {
        let key = harbor.tls_key.request().unwrap();
        let request = CertificateRequest::parse(&key).unwrap();
        let member = referral_runtime::tls::Member {
            agency: &harbor.id,
            name: "Harbor",
            listing_key: Some(&harbor.listing_key.public()),
        };
        let serial = referral_runtime::tls::Serial::random().unwrap();
        let at = house.clock.now() + SignedDuration::from_mins(1);
        let authority = house.directory.authority();
        authority.issue_agency(&request, member, serial, 24 * HOUR, at)
    };
    harbor.identity = harbor.identity.with_chain(forgotten.unwrap().chain);

    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.publish(organization("org"))).await;

    stream
        .accepted(harbor.withdraw(Kind::Organization, "org"))
        .await;
    harbor.renew(&house).await.unwrap();
}
