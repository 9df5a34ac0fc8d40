//! Agency B, with a valid certificate, tries everything in the name of agency A.

use directory_server::ledger::Hello;
use directory_server::operations::Session;
use directory_server::rpc::federation::messages;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_request::Message as Up;
use referral_runtime::tls::CertificateRequest;

use crate::support::records::{open, organization, service};
use crate::support::{Agency, House, Stream};

/// Tries of the core, and tries on the wire.
const TRIES: u64 = 1_000_000;
const WIRE_TRIES: u64 = 1_000;

/// Dice that fall the same way in every run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// What agency A has, as everybody can see it.
#[derive(Debug, PartialEq)]
struct Standing {
    applied: u64,
    records: u32,
    shown: Vec<v1::SearchResult>,
}

async fn standing(house: &House) -> Standing {
    let overview = house.directory.agencies();
    let harbor = overview.iter().find(|one| one.agency.as_str() == "harbor");
    let harbor = harbor.unwrap();
    let mut shown = house.everything().await;
    shown.retain(|result| result.agency_id == "harbor");
    Standing {
        applied: harbor.applied,
        records: harbor.records,
        shown,
    }
}

/// Agency A, which has published and reported, and agency B.
async fn two(house: &House) -> (Agency, Agency) {
    let mut harbor = Agency::join(house, "harbor").await;
    let mut stream = harbor.stream(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("legal", "Legal Clinic")))
        .await;
    stream.reports(vec![harbor.report(open("legal", 4))]).await;
    house.until_found("Legal Clinic").await;
    (harbor, Agency::join(house, "intruder").await)
}

/// What B can sign or has overheard: in A's name with B's key, in A's log and in its own; A's own words; and in its
/// own name with A's key.
fn arsenal(harbor: &Agency, intruder: &Agency) -> (Vec<v1::Signed>, Vec<v1::Signed>) {
    let mut all = (Vec::new(), Vec::new());
    let mut posing = intruder.copy();
    posing.id = harbor.id.clone();
    for (name, key) in [
        (harbor, intruder),
        (&posing, intruder),
        (harbor, harbor),
        (intruder, harbor),
    ] {
        let (operations, reports) = words(name, key);
        all.0.extend(operations);
        all.1.extend(reports);
    }
    all
}

/// Operations and reports in the name of one agency, signed with the key of another.
fn words(name: &Agency, key: &Agency) -> (Vec<v1::Signed>, Vec<v1::Signed>) {
    let mask = || {
        let mut masked = name.copy();
        masked.listing_key = key.copy().listing_key;
        masked
    };
    let (mut operations, mut reports) = (Vec::new(), Vec::new());
    let mut log = mask();
    for round in 0..20 {
        let id = ["legal", "new", "org", "other"][round % 4];
        operations.push(mask().publish(service(id, "Hijacked")));
        operations.push(mask().withdraw(Kind::Service, id));
        operations.push(mask().delete(Kind::Service, id));
        operations.push(log.publish(service(id, "Hijacked")));
        reports.push(log.report(open(id, 1)));
    }
    (operations, reports)
}

/// One of them, mostly with something changed: bytes, signature, or the signature of another.
fn aimed(arsenal: &[v1::Signed], dice: &mut Dice) -> v1::Signed {
    let mut signed = arsenal[dice.roll(arsenal.len())].clone();
    match dice.roll(4) {
        0 => {}
        1 => {
            let at = dice.roll(signed.bytes.len());
            signed.bytes[at] ^= 1 << dice.roll(8);
        }
        2 => {
            let at = dice.roll(signed.signature.len());
            signed.signature[at] ^= 1 << dice.roll(8);
        }
        _ => signed
            .signature
            .clone_from(&arsenal[dice.roll(arsenal.len())].signature),
    }
    signed
}

/// A session of B without a wire.
async fn session(house: &House, intruder: &Agency) -> Session {
    let request = CertificateRequest::parse(&intruder.tls_key.request().unwrap()).unwrap();
    let hello = messages::hello(intruder.id.clone(), request.key_hash(), &intruder.hello());
    let hello: Hello = hello.unwrap();
    house.directory.hello(hello).await.unwrap()
}

#[tokio::test]
async fn a_million_tries_in_another_agencys_name_change_nothing() {
    let house = House::new().await;
    let (harbor, intruder) = two(&house).await;
    let before = standing(&house).await;
    let mut words_of_others = arsenal(&harbor, &intruder);
    let session = session(&house, &intruder).await;
    let mut dice = Dice(0x0123_4567_89ab_cdef);

    let through = tries(&house, &session, &words_of_others, &mut dice).await;

    assert_eq!(through, 0, "it is its own name, or not heard at all");
    // Its own words about ids that A uses, too: those may count, for itself.
    let own = words(&intruder, &intruder);
    words_of_others.0.extend(own.0);
    words_of_others.1.extend(own.1);
    let through = tries(&house, &session, &words_of_others, &mut dice).await;
    assert!(through > 0, "B may say in its own name what it likes");
    assert_eq!(standing(&house).await, before);
}

/// Half of the tries of the core. Gives how many were heard as the agency's own.
async fn tries(
    house: &House,
    session: &Session,
    (operations, reports): &(Vec<v1::Signed>, Vec<v1::Signed>),
    dice: &mut Dice,
) -> u64 {
    let mut through = 0;
    for _ in 0..TRIES / 2 {
        if dice.roll(5) == 0 {
            let batch = v1::CapacityBatch {
                reports: vec![aimed(reports, dice)],
            };
            let read = messages::reports(batch, house.directory.now());
            let checked = read.map(|received| session.check_capacity(received));
            if let Ok(Ok(checked)) = checked {
                through += 1;
                let _ended = house.directory.report_capacity(session, checked).await;
            }
        } else {
            let batch = v1::OperationBatch {
                operations: vec![aimed(operations, dice)],
            };
            let read = messages::operations(batch);
            let checked = read.map(|received| session.check(received));
            if let Ok(Ok(checked)) = checked {
                through += 1;
                let _ended = house.directory.publish(session, checked).await;
            }
        }
    }
    through
}

#[tokio::test]
async fn a_thousand_tries_on_the_wire_change_nothing() {
    let house = House::new().await;
    let (harbor, intruder) = two(&house).await;
    let before = standing(&house).await;
    let (operations, reports) = arsenal(&harbor, &intruder);
    let channel = house.connect(Some(&intruder.identity)).await;
    let mut dice = Dice(0xfeed_f00d_dead_beef);
    for _ in 0..WIRE_TRIES {
        let mut stream = Stream::open(channel.clone()).await.unwrap();
        stream.hello(intruder.hello()).await;
        if dice.roll(5) == 0 {
            let reports = vec![aimed(&reports, &mut dice)];
            stream
                .say(Up::Capacity(v1::CapacityBatch { reports }))
                .await;
        } else {
            stream.send(vec![aimed(&operations, &mut dice)]).await;
        }

        let fenced = stream.fence().await;

        let expected = [FenceReason::BadSignature, FenceReason::Malformed];
        assert!(expected.contains(&fenced), "{fenced:?}");
    }
    assert_eq!(standing(&house).await, before);
    let overview = house.directory.agencies();
    let alarms = &overview
        .iter()
        .find(|one| one.agency == intruder.id)
        .unwrap()
        .alarms;
    assert_eq!(alarms[0].code, "signed_with_another_key");
}
