//! A directory and agencies that keep publishing to it, and what each of them was told.

use std::path::Path;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;
use tonic::{Code, Status};

use crate::catalog::{self, Service, beds, organization, service, shown};
use crate::journal::recorded;
use crate::processes::{Directory, Node, Started, eventually, eventually_within};

/// How long it may take to notice that a peer is gone, and to say so.
const LOST: Duration = Duration::from_secs(45);
/// When nothing has changed for so long, logs have been brought together: a node tries again within 0.2 s.
const QUIET: Duration = Duration::from_millis(1_500);
/// How many services an agency has.
const SERVICES: usize = 4;

/// Everything one test runs.
pub(crate) struct World {
    pub(crate) home: TempDir,
    pub(crate) directory: Directory,
    pub(crate) agencies: Vec<Agency>,
    pub(crate) dice: StdRng,
    clock: SystemClock,
}

/// An agency: its node, what it wishes and what it was told.
pub(crate) struct Agency {
    pub(crate) name: String,
    pub(crate) node: Node,
    services: Vec<(String, Service)>,
    /// Operations the node said were queued.
    queued: u64,
    /// Operations the directory acknowledged.
    acknowledged: u64,
    /// Whether its organization is queued.
    begun: bool,
    /// What was asked of the node last, while nobody knows whether it is queued.
    asked: Option<Asked>,
}

/// A change that was asked of a node.
#[derive(Debug)]
struct Asked {
    change: Change,
    /// The node said that it is queued.
    certain: bool,
}

#[derive(Clone, Debug)]
enum Change {
    /// Services to versions; `None`: withdrawn.
    Versions(Vec<(usize, Option<u32>)>),
    /// Free beds of a service.
    Beds(usize, u32),
}

impl World {
    /// A directory that serves, and nobody else.
    pub(crate) fn new(dice: StdRng) -> Self {
        Self::at(TempDir::new().expect("a temporary directory"), dice)
    }

    /// The same in a folder that may hold other disks.
    pub(crate) fn at(home: TempDir, dice: StdRng) -> Self {
        let directory = Directory::new(home.path());
        Self::of(home, directory, dice)
    }

    /// The same, where nodes connect at this address of the machine.
    pub(crate) fn listening(address: &str, dice: StdRng) -> Self {
        let home = TempDir::new().expect("a temporary directory");
        let directory = Directory::listening(home.path(), address);
        Self::of(home, directory, dice)
    }

    /// The same, with every call that the directory makes to the network written to a file `trace` in the folder.
    pub(crate) fn traced(home: TempDir, dice: StdRng) -> Self {
        let directory = Directory::traced(home.path(), &home.path().join("trace"));
        Self::of(home, directory, dice)
    }

    /// This directory in its folder, started, and nobody else.
    pub(crate) fn of(home: TempDir, mut directory: Directory, dice: StdRng) -> Self {
        assert_eq!(directory.start(""), Started::Serves);
        Self {
            directory,
            home,
            agencies: Vec::new(),
            dice,
            clock: SystemClock::new(),
        }
    }

    /// Lets an agency in that has joined, and has it publish its first services.
    pub(crate) async fn add(&mut self, node: Node, name: &str) {
        let mut agency = Agency::new(node, name);
        assert_eq!(agency.node.start("").await, Started::Serves);
        let services = 0..agency.services.len();
        let first = services.map(|at| (at, Some(1))).collect();
        let asked = agency.ask(Change::Versions(first), &self.clock).await;
        asked.expect("the node takes it");
        assert!(agency.asked.is_none(), "the node answers");
        self.agencies.push(agency);
    }

    /// Lets a new agency in.
    pub(crate) async fn join(&mut self, name: &str) {
        let address = self.directory.federation().to_owned();
        self.join_at(name, &address).await;
    }

    /// Lets the agency of a new node in.
    pub(crate) async fn let_in(&mut self, node: Node) {
        let (name, address) = (node.agency.clone(), self.directory.federation().to_owned());
        let token = self.directory.invite(&name).expect("a token");
        assert!(node.join(&address, &token, ""), "joined");
        self.add(node, &name).await;
    }

    /// What the directory shows.
    pub(crate) async fn shown(&self) -> catalog::Shown {
        shown(self.directory.search().await).0
    }

    /// Lets a new agency in, whose node reaches the directory at this address.
    pub(crate) async fn join_at(&mut self, name: &str, address: &str) {
        let node = Node::new(self.home.path(), name);
        let token = self.directory.invite(name).expect("a token");
        assert!(node.join(address, &token, ""), "joined");
        self.add(node, name).await;
    }

    /// One agency changes something.
    pub(crate) async fn change(&mut self) {
        let at = self.dice.random_range(0..self.agencies.len());
        self.agencies[at].change(&mut self.dice, &self.clock).await;
    }

    /// This agency changes a listing.
    pub(crate) async fn change_listing(&mut self, agency: usize) {
        let agency = &mut self.agencies[agency];
        let at = self.dice.random_range(0..SERVICES);
        let version = after(agency.services[at].1.versions.len());
        let change = Change::Versions(vec![(at, Some(version))]);
        let asked = agency.ask(change, &self.clock).await;
        asked.expect("the node takes it");
    }

    /// One agency changes something, and its node may refuse. True: it did not.
    pub(crate) async fn try_change(&mut self, agency: usize) -> bool {
        let agency = &mut self.agencies[agency];
        let change = agency.any_change(&mut self.dice);
        let asked = agency.ask(change, &self.clock).await;
        agency.hear().await;
        asked.is_ok()
    }

    /// The same; why it was refused.
    pub(crate) async fn try_change_of(&mut self, agency: usize) -> Result<(), Status> {
        let agency = &mut self.agencies[agency];
        let change = agency.any_change(&mut self.dice);
        let asked = agency.ask(change, &self.clock).await;
        agency.hear().await;
        asked
    }

    /// Waits until a node says that it is connected, or that it is not.
    pub(crate) async fn connected(&self, agency: usize, connected: bool) {
        let node = &self.agencies[agency].node;
        eventually_within(LOST, "the node notices", async || {
            let status = node.status().await?;
            (status.connected == connected).then_some(())
        })
        .await;
    }

    /// Waits until the directory has logged the end of an agency's stream.
    pub(crate) async fn noticed_by_directory(&self, agency: &str) {
        let ends = ["ended", "broke off"].map(|end| format!("the stream of agency {agency} {end}"));
        eventually_within(LOST, "the directory notices", async || {
            let log = self.directory.log();
            ends.iter().any(|end| log.contains(end)).then_some(())
        })
        .await;
    }

    /// Listings wait at the node, which says that the directory cannot write.
    pub(crate) async fn refuses_listings(&mut self, agency: usize) {
        let agency = &mut self.agencies[agency];
        eventually("the node says what is wrong", async || {
            let status = agency.hear().await?;
            let waits = status.acknowledged < status.queued;
            (waits && status.problem.contains("cannot write just now")).then_some(())
        })
        .await;
    }

    /// A report is acknowledged and shown.
    pub(crate) async fn takes_reports(&mut self, agency: usize) {
        let agency = &mut self.agencies[agency];
        let live = (0..SERVICES).find(|at| agency.is_live(*at));
        let at = live.expect("a service is live");
        let beds = after(agency.services[at].1.reports.len());
        let asked = agency.ask(Change::Beds(at, beds), &self.clock).await;
        asked.expect("the node takes it");
        let (id, name) = (agency.services[at].0.clone(), agency.name.clone());
        let directory = &self.directory;
        eventually("the report is shown", async || {
            let status = agency.hear().await?;
            let (shown, _) = shown(directory.search().await);
            let free = shown.get(&(name.clone(), id.clone()))?.1;
            (status.capacity_pending == 0 && free == Some(beds)).then_some(())
        })
        .await;
    }

    /// Asks every node what it was told.
    pub(crate) async fn hear(&mut self) {
        for agency in &mut self.agencies {
            agency.hear().await;
        }
    }

    /// The directory is dead: its journal holds everything that any node was told is acknowledged.
    pub(crate) async fn check_journal(&mut self) {
        self.hear().await;
        let recorded = recorded(&self.directory.data());
        for agency in &self.agencies {
            let there = recorded.get(&agency.name).copied().unwrap_or_default();
            assert!(
                there >= agency.acknowledged,
                "agency {}: {} operations are acknowledged and {there} recorded",
                agency.name,
                agency.acknowledged
            );
        }
    }

    /// The directory serves: it shows what is acknowledged, or something later.
    pub(crate) async fn check_shown(&self) {
        let (shown, _) = shown(self.directory.search().await);
        for agency in &self.agencies {
            for (id, service) in &agency.services {
                let shown = shown.get(&(agency.name.clone(), id.clone()));
                if !agency.may_show(id, shown.copied()) {
                    let name = format!("{} {id}", agency.name);
                    service.check_acknowledged(&name, shown.copied());
                }
            }
        }
    }

    /// Everybody lives: soon everything is acknowledged and shown, once and as wished.
    pub(crate) async fn settle(&mut self) {
        for agency in &mut self.agencies {
            agency.settled().await;
            agency.hear().await;
        }
        self.shows_what_is_wished().await;
    }

    /// The same after logs have begun again: their numbers are others from now on. A node does not tell when
    /// that is, so nothing may have changed between two looks.
    pub(crate) async fn settle_anew(&mut self) {
        let mut before = Vec::new();
        loop {
            let mut now = Vec::new();
            for agency in &self.agencies {
                let status = agency.settled().await;
                now.push((status.queued, status.acknowledged));
            }
            if now == before {
                break;
            }
            before = now;
            tokio::time::sleep(QUIET).await;
        }
        for (agency, (queued, acknowledged)) in self.agencies.iter_mut().zip(before) {
            agency.forget();
            (agency.queued, agency.acknowledged) = (queued, acknowledged);
        }
        self.shows_what_is_wished().await;
    }

    /// The version of every listing that is shown.
    pub(crate) async fn versions(&self) -> Vec<(String, String, u32)> {
        let shown = self.shown().await.into_iter();
        shown
            .map(|((agency, service), (version, _))| (agency, service, version))
            .collect()
    }

    async fn shows_what_is_wished(&self) {
        let mut wished = catalog::Shown::new();
        for agency in &self.agencies {
            for (id, service) in &agency.services {
                let key = (agency.name.clone(), id.clone());
                wished.extend(service.last().map(|last| (key, last)));
            }
        }
        let mut last = None;
        let directory = &self.directory;
        for _ in 0..500 {
            let (now, total) = shown(directory.search().await);
            if now == wished && total == wished.len() {
                return;
            }
            last = Some((now, total));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("shown is {last:?}\nwished is {wished:?}");
    }

    /// How many operations and reports are known to be acknowledged.
    pub(crate) fn promised(&self) -> u64 {
        let reports = |agency: &Agency| -> usize {
            let services = agency.services.iter();
            services
                .map(|(_, service)| service.reports_acknowledged)
                .sum()
        };
        let agencies = self.agencies.iter();
        agencies
            .map(|agency| agency.acknowledged + reports(agency) as u64)
            .sum()
    }

    /// The data of everybody.
    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }
}

impl Agency {
    fn new(node: Node, name: &str) -> Self {
        let services = (0..SERVICES).map(|at| (format!("s{at}"), Service::default()));
        Self {
            name: name.to_owned(),
            node,
            services: services.collect(),
            queued: 0,
            acknowledged: 0,
            begun: false,
            asked: None,
        }
    }

    /// Changes something, unless the node is dead.
    async fn change(&mut self, dice: &mut StdRng, clock: &SystemClock) {
        if self.asked.is_some() && self.hear().await.is_none() {
            return;
        }
        let change = self.any_change(dice);
        let asked = self.ask(change, clock).await;
        asked.expect("the node takes it");
    }

    /// Changes a listing. True: the node has taken it.
    pub(crate) async fn change_once(&mut self) -> bool {
        let version = after(self.services[0].1.versions.len());
        let change = Change::Versions(vec![(0, Some(version))]);
        self.ask(change, &SystemClock::new()).await.is_ok()
    }

    fn any_change(&self, dice: &mut StdRng) -> Change {
        let at = dice.random_range(0..self.services.len());
        match dice.random_range(0..10) {
            0..4 if self.is_live(at) => Change::Beds(at, after(self.services[at].1.reports.len())),
            4 if self.is_live(at) => Change::Versions(vec![(at, None)]),
            _ => {
                let count = dice.random_range(1..=3);
                let some = (0..self.services.len()).sample(dice, count);
                let next = |at: usize| (at, Some(after(self.services[at].1.versions.len())));
                Change::Versions(some.into_iter().map(next).collect())
            }
        }
    }

    fn is_live(&self, at: usize) -> bool {
        let last = self.services[at].1.versions.last();
        last.is_some_and(|(_, version)| version.is_some())
    }

    /// Asks the node for a change, and what has become of it. An error: the node refused it.
    async fn ask(&mut self, change: Change, clock: &SystemClock) -> Result<(), Status> {
        self.asked = Some(Asked {
            change: change.clone(),
            certain: false,
        });
        let Some(mut client) = self.node.client().await else {
            return Ok(());
        };
        let id = |at: usize| self.services[at].0.clone();
        let answer: Result<(), Status> = match change {
            Change::Beds(at, beds) => {
                let reports = vec![catalog::report(&id(at), beds, clock.now())];
                let wait = false;
                let request = v1::SetCapacityRequest { reports, wait };
                client.set_capacity(request).await.map(drop)
            }
            Change::Versions(versions) if versions[0].1.is_none() => {
                let request = v1::WithdrawRequest {
                    kind: v1::RecordKind::Service.into(),
                    local_id: id(versions[0].0),
                    wait: false,
                };
                client.withdraw(request).await.map(drop)
            }
            Change::Versions(versions) => {
                let services = versions
                    .iter()
                    .filter_map(|(at, version)| Some(service(&id(*at), (*version)?)));
                let records = std::iter::once(organization()).chain(services).collect();
                client
                    .import(tokio_stream::iter(import(records)))
                    .await
                    .map(drop)
            }
        };
        // A node that was killed: whether it is queued will be seen.
        let killed = [Code::Unavailable, Code::Unknown, Code::Cancelled];
        match answer {
            Err(status) if killed.contains(&status.code()) => Ok(()),
            Err(refused) => Err(refused),
            Ok(()) => {
                if let Some(asked) = &mut self.asked {
                    asked.certain = true;
                }
                self.hear().await;
                Ok(())
            }
        }
    }

    /// Its log begins again: everything of before is acknowledged, and its numbers mean nothing any more.
    pub(crate) fn forget(&mut self) {
        (self.queued, self.acknowledged) = (0, 0);
        let services = self.services.iter_mut();
        for (seq, _) in services.flat_map(|(_, service)| &mut service.versions) {
            *seq = 0;
        }
    }

    /// Waits until everything of this agency is acknowledged.
    pub(crate) async fn settled(&self) -> v1::StatusResponse {
        eventually("everything is acknowledged", async || {
            let status = self.node.status().await?;
            assert_eq!(status.rejections, [], "nothing is refused");
            let waits = status.acknowledged < status.queued || status.capacity_pending > 0;
            (status.connected && !waits).then_some(status)
        })
        .await
    }

    /// Asks the node how it stands, checks it against what it said before, and believes it.
    pub(crate) async fn hear(&mut self) -> Option<v1::StatusResponse> {
        let status = self.node.status().await?;
        if let Some(Asked { change, certain }) = self.asked.take() {
            self.believe(change, certain, &status);
        }
        assert_eq!(
            status.queued, self.queued,
            "agency {}: the node says another number of queued operations",
            self.name
        );
        assert!(
            status.acknowledged >= self.acknowledged,
            "agency {}: the node has forgotten acknowledgements",
            self.name
        );
        self.acknowledged = status.acknowledged;
        for (_, service) in &mut self.services {
            let known = |(seq, _): &&(u64, Option<u32>)| *seq <= status.acknowledged;
            service.versions_acknowledged = service.versions.iter().take_while(known).count();
            if status.capacity_pending == 0 {
                service.reports_acknowledged = service.reports.len();
            }
        }
        Some(status)
    }

    /// Takes in what has become of a change: all of it or nothing.
    fn believe(&mut self, change: Change, certain: bool, status: &v1::StatusResponse) {
        let name = &self.name;
        match change {
            Change::Beds(at, asked) => {
                let (id, service) = &mut self.services[at];
                let held = status.capacity.iter().find(|held| held.service_id == *id);
                let queued = held.and_then(|held| beds(&held.counts)) == Some(asked);
                assert!(
                    queued || !certain,
                    "agency {name}: a queued report of {asked} beds in {id} is gone, there is {held:?}"
                );
                if queued {
                    service.reports.push(asked);
                }
            }
            Change::Versions(versions) => {
                // The first import brings the organization, too.
                let more = versions.len() as u64 + u64::from(!self.begun);
                let queued = status.queued == self.queued + more;
                assert!(
                    queued || (!certain && status.queued == self.queued),
                    "agency {name}: {} operations are queued, {} were and {more} were asked for{}",
                    status.queued,
                    self.queued,
                    if certain { " and promised" } else { "" }
                );
                if queued {
                    self.begun = true;
                    self.queued += more;
                    for (at, version) in versions {
                        self.services[at].1.versions.push((self.queued, version));
                    }
                }
            }
        }
    }

    /// Whether what is shown of a service is a change of which nobody knows yet whether it is queued.
    fn may_show(&self, id: &str, shown: Option<(u32, Option<u32>)>) -> bool {
        let Some(Asked { change, .. }) = &self.asked else {
            return false;
        };
        match change {
            Change::Beds(at, beds) => {
                self.services[*at].0 == id && shown.is_some_and(|(_, free)| free == Some(*beds))
            }
            Change::Versions(versions) => versions.iter().any(|(at, version)| {
                self.services[*at].0 == id && shown.map(|(version, _)| version) == *version
            }),
        }
    }
}

/// The number of the one that comes after so many.
fn after(count: usize) -> u32 {
    u32::try_from(count).map_or(u32::MAX, |count| count + 1)
}

/// The messages that import these records.
pub(crate) fn import(records: Vec<v1::Record>) -> Vec<v1::ImportRequest> {
    use v1::import_request::Part;
    let start = v1::ImportStart {
        source: "file".to_owned(),
        dry_run: false,
    };
    let parts = [
        Part::Start(start),
        Part::Records(v1::ImportRecords { records }),
    ];
    parts
        .map(|part| v1::ImportRequest { part: Some(part) })
        .into()
}
