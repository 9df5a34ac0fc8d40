//! Whatever changes, however often a reader is cut off and wherever it resumes, it ends with the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use directory_server::operations::{Bookmark, Directory, FeedMessage, Follower};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use referral_core::catalog::{Category, Record, Tier};
use referral_core::id::{Kind, LocalId};
use referral_core::policy::Viewer;
use referral_proto::replica::Replica;
use referral_proto::v1;
use referral_proto::v1::feed_entry::Entry;

use crate::support::records::{attribute, id, location, offered, open, organization, zip};
use crate::support::{Agency, House};

const READERS: usize = 3;

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// Publishes these, in one batch or in several.
    Publish(Vec<Change>),
    /// Reports capacity of a service.
    Report(u8, u32),
    /// A reader reads so many messages, and is cut off after them or not.
    Read(usize, usize, bool),
    /// A reader loses its disk.
    Forget(usize),
    /// Two people grant legal help, or one takes it back.
    Grant(bool),
}

#[derive(Clone, Debug)]
enum Change {
    /// A service, at one of the locations, for all or for a few or in need of a grant.
    Service(u8, u8, For),
    Withdraw(u8),
    /// A location, for all or for a few.
    Location(u8, u8, bool),
    Organization,
}

/// Whom a service is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum For {
    All,
    Few,
    /// All, once its agency may offer legal help.
    Granted,
    /// All, but for its area, which tells where its location is.
    Placed,
}

fn whom() -> impl Strategy<Value = For> {
    prop_oneof![
        3 => Just(For::All),
        2 => Just(For::Few),
        2 => Just(For::Granted),
        2 => Just(For::Placed),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        5 => (0..4_u8, 0..3_u8, whom()).prop_map(|(s, l, whom)| Change::Service(s, l, whom)),
        2 => (0..4_u8).prop_map(Change::Withdraw),
        2 => (0..3_u8, 0..50_u8, prop::bool::weighted(0.7))
            .prop_map(|(l, at, all)| Change::Location(l, at, all)),
        1 => Just(Change::Organization),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(change(), 1..6).prop_map(Step::Publish),
        2 => (0..4_u8, 1..12_u32).prop_map(|(service, beds)| Step::Report(service, beds)),
        5 => (0..READERS, 0..4_usize, any::<bool>()).prop_map(|(r, n, cut)| Step::Read(r, n, cut)),
        1 => (0..READERS).prop_map(Step::Forget),
        1 => any::<bool>().prop_map(Step::Grant),
    ]
}

/// A reader with its own connection and its own disk.
#[derive(Default)]
struct Reader {
    replica: Replica,
    follower: Option<Follower>,
    unread: std::collections::VecDeque<FeedMessage>,
    /// Changes of this connection by index and what was said, to see that none comes twice.
    heard: BTreeMap<(u64, Vec<u8>), bool>,
}

impl Reader {
    fn read(&mut self, directory: &Arc<Directory>, most: usize) -> Result<bool, TestCaseError> {
        if self.follower.is_none() {
            let since = self.replica.resume();
            let since = Bookmark {
                generation: since.generation,
                index: since.since_index,
            };
            self.follower = Some(directory.watch(&Viewer::anybody(), since).unwrap());
            self.unread.clear();
            self.heard.clear();
        }
        let mut is_last = false;
        if self.unread.is_empty()
            && let Some(follower) = &mut self.follower
        {
            let portion = follower.read().unwrap();
            is_last = portion.is_last;
            self.unread.extend(portion.messages);
        }
        for _ in 0..most {
            let Some(message) = self.unread.pop_front() else {
                break;
            };
            let message = v1::watch_response::Message::from(message);
            self.none_twice(&message)?;
            let message = Some(message);
            let taken = self.replica.take(v1::WatchResponse { message });
            prop_assert_eq!(taken, Ok(()));
        }
        Ok(is_last && self.unread.is_empty())
    }

    fn none_twice(&mut self, message: &v1::watch_response::Message) -> Result<(), TestCaseError> {
        let v1::watch_response::Message::Entries(entries) = message else {
            return Ok(());
        };
        for entry in &entries.entries {
            let signed = match &entry.entry {
                // What was taken back may come again.
                Some(Entry::Gone(_)) => {
                    self.heard.clear();
                    None
                }
                Some(Entry::Listing(listing)) => listing.operation.clone(),
                Some(Entry::Capacity(capacity)) => capacity.report.clone(),
                _ => None,
            };
            if let Some(signed) = signed {
                // In a snapshot and after it, beside something and by itself: once on a connection.
                let before = self.heard.insert((0, signed.bytes), true);
                prop_assert!(before.is_none(), "twice: {entry:?}");
            }
        }
        Ok(())
    }

    fn cut(&mut self) {
        self.follower = None;
    }
}

/// What everybody may see, by what the agency itself knows.
#[derive(Default)]
struct Truth {
    services: BTreeMap<u8, (v1::Signed, u8, For)>,
    /// And whether they are for all.
    locations: BTreeMap<u8, (v1::Signed, bool)>,
    granted: bool,
    organization: Option<v1::Signed>,
    reports: BTreeMap<u8, v1::Signed>,
}

impl Truth {
    fn is_public(&self, at: u8, whom: For) -> bool {
        match whom {
            For::All => true,
            For::Few => false,
            For::Granted => self.granted,
            For::Placed => self.locations[&at].1,
        }
    }

    fn listings(&self) -> BTreeMap<(Kind, LocalId), v1::Signed> {
        let mut all = BTreeMap::new();
        for (service, (signed, at, whom)) in &self.services {
            if self.is_public(*at, *whom) {
                all.insert((Kind::Service, id(&format!("s{service}"))), signed.clone());
                let (place, is_public) = &self.locations[at];
                if *is_public {
                    all.insert((Kind::Location, id(&format!("l{at}"))), place.clone());
                }
                let organization = self.organization.clone().unwrap();
                all.insert((Kind::Organization, id("org")), organization);
            }
        }
        all
    }

    fn reports(&self) -> BTreeMap<LocalId, v1::Signed> {
        let is_public = |service: &u8| {
            let held = self.services.get(service);
            held.is_some_and(|(_, at, whom)| self.is_public(*at, *whom))
        };
        let reports = self
            .reports
            .iter()
            .filter(|(service, _)| is_public(service));
        reports
            .map(|(service, signed)| (id(&format!("s{service}")), signed.clone()))
            .collect()
    }
}

fn make(agency: &mut Agency, change: &Change, truth: &mut Truth) -> v1::Signed {
    match change {
        Change::Service(number, at, whom) => {
            let local = format!("s{number}");
            let Record::Service(mut service) = offered(&local, "A Service", &[&format!("l{at}")])
            else {
                panic!("no service")
            };
            match whom {
                For::All => {}
                For::Few => service.tier = Tier::Net,
                For::Granted => service.attributes = vec![attribute("lc:bond")],
                For::Placed => service.offers[0].areas = vec![zip("78017")],
            }
            let signed = agency.publish(Record::Service(service));
            truth.services.insert(*number, (signed.clone(), *at, *whom));
            signed
        }
        Change::Withdraw(number) => {
            truth.services.remove(number);
            agency.withdraw(Kind::Service, &format!("s{number}"))
        }
        Change::Location(number, at, is_public) => {
            let local = format!("l{number}");
            let place = location(&local, "Dilley", 28.0 + f64::from(*at) / 100.0, -99.0);
            let Record::Location(mut place) = place else {
                panic!("no location")
            };
            if !is_public {
                place.tier = Tier::Member;
            }
            let signed = agency.publish(Record::Location(place));
            let said = (signed.clone(), *is_public);
            truth.locations.insert(*number, said);
            signed
        }
        Change::Organization => {
            let signed = agency.publish(organization("org"));
            truth.organization = Some(signed.clone());
            signed
        }
    }
}

async fn walk(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut truth = Truth {
        granted: true,
        ..Truth::default()
    };
    let mut first = vec![Change::Organization];
    first.extend((0..3).map(|number| Change::Location(number, 0, true)));
    let mut readers: [Reader; READERS] = Default::default();
    let steps = std::iter::once(Step::Publish(first)).chain(steps);
    for step in steps {
        match step {
            Step::Publish(changes) => {
                let batch = changes
                    .iter()
                    .map(|change| make(&mut agency, change, &mut truth));
                let ack = stream.operations(batch.collect()).await;
                prop_assert_eq!(ack.rejections, []);
            }
            Step::Report(service, beds) => {
                let signed = agency.report(open(&format!("s{service}"), beds));
                truth.reports.insert(service, signed.clone());
                stream.reports(vec![signed]).await;
            }
            Step::Read(reader, messages, cut) => {
                readers[reader].read(&house.directory, messages)?;
                if cut {
                    readers[reader].cut();
                }
            }
            Step::Forget(reader) => readers[reader] = Reader::default(),
            Step::Grant(granted) if granted == truth.granted => {}
            Step::Grant(true) => {
                house.grant("harbor", Category::Legal).await;
                truth.granted = true;
            }
            Step::Grant(false) => {
                house.revoke("harbor", Category::Legal).await;
                truth.granted = false;
            }
        }
    }
    super::folded(&house).await;
    for reader in &mut readers {
        while !reader.read(&house.directory, usize::MAX)? {}
        let listings = reader.replica.listings().into_iter();
        let listings: BTreeMap<_, _> = listings
            .map(|(key, signed)| ((key.kind, key.id), signed))
            .collect();
        prop_assert_eq!(listings, truth.listings());
        let reports = reader.replica.reports().into_iter();
        let reports: BTreeMap<_, _> = reports
            .map(|((_, service, _), reported)| (service, reported.signed))
            .collect();
        prop_assert_eq!(reports, truth.reports());
    }
    house.stop().await;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Three readers of one feed, cut off and resumed anywhere, end with what the agency published.
    #[test]
    fn cut_and_resumed_anywhere_every_reader_ends_with_the_same(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(walk(steps))?;
    }
}

/// A reader heard that a service was for a few and then for all again, was cut off before the bookmark,
/// and hears both once more: the older word must not hide the newer.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_gone_and_came_back_stays_when_both_are_heard_again() {
    let publish = |all| Step::Publish(vec![Change::Service(0, 0, all)]);
    let (all, few) = (|| publish(For::All), || publish(For::Few));
    let steps = vec![
        all(),
        Step::Read(0, usize::MAX, false),
        few(),
        all(),
        Step::Read(0, 1, true),
        Step::Read(0, 1, true),
    ];

    walk(steps).await.unwrap();
}
