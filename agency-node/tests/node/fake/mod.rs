//! A small directory over real mutual TLS on loopback, with the rules of the real one and faults on demand.
//!
//! Its state outlives its listener, so that it can go down and come back. Operations must come in order,
//! of one history and signed; anything else is kept in [`State::broken`], which every test checks.

mod compare;
pub(crate) mod public;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use agency_node::catalog::RecordName;
use agency_node::identity::{self, Membership};
use referral_core::federation::{Chain, Epoch, PublicKey};
use referral_core::id::{AgencyId, Hash};
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::data_dir::DataDir;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{self, Address, Authority, JoinToken, TrustDomain};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The epoch of the agency's log.
pub(crate) const EPOCH: Epoch = Epoch {
    generation: 5,
    number: 1,
};

/// What the directory has and does.
#[derive(Debug)]
pub(crate) struct State {
    /// Its generation.
    pub(crate) generation: u64,
    /// The agency's log.
    pub(crate) chain: Chain,
    /// The greatest capacity counter.
    pub(crate) cseq: u64,
    /// What it holds of each record.
    pub(crate) records: BTreeMap<RecordName, Held>,
    /// The reports that came, in order.
    pub(crate) reports: Vec<v1::CapacityReport>,
    /// Those in force, signed, by service and location.
    pub(crate) standing: BTreeMap<(String, String), v1::Signed>,
    /// Refusals, by sequence number.
    pub(crate) refusals: BTreeMap<u64, v1::Rejection>,
    /// Refused reports, by counter.
    pub(crate) report_refusals: BTreeMap<u64, v1::Rejection>,
    /// Sessions so far.
    pub(crate) sessions: u64,
    /// Rules that the node broke.
    pub(crate) broken: Vec<String>,
    /// The most operations that were sent and not acknowledged.
    pub(crate) most_in_flight: u64,
    /// Where it says that its pages are.
    pub(crate) pages: String,
    /// What it does wrong.
    pub(crate) faults: Faults,
    /// Listing keys of memberships that were replaced.
    pub(crate) earlier_keys: Vec<Vec<u8>>,
    /// Records that were asked for with their signatures.
    pub(crate) fetched: usize,
    /// Beats heard, and how many of them had a root that differs.
    pub(crate) beats: (usize, usize),
    /// Requests to renew a certificate that were granted, in order.
    pub(crate) renewals: Vec<v1::RenewRequest>,
    joined: Option<(Vec<u8>, PublicKey, v1::EnrolResponse)>,
    acknowledged: u64,
    granted_in: u64,
}

/// What the directory holds of a record.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The hash of its operation.
    pub(crate) hash: Hash,
    /// The record; `None`: withdrawn or deleted.
    pub(crate) record: Option<v1::Record>,
    /// Earlier operations that its author knew.
    pub(crate) ancestors: Vec<Vec<u8>>,
    /// The operation as it came.
    pub(crate) signed: v1::Signed,
}

/// Everything the directory has on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    chain: Chain,
    cseq: u64,
    records: BTreeMap<RecordName, Held>,
    standing: BTreeMap<(String, String), v1::Signed>,
    refusals: BTreeMap<u64, v1::Rejection>,
}

/// What the directory does wrong.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "faults are independent of each other"
)]
pub(crate) struct Faults {
    /// Records it refuses, by their ids.
    pub(crate) refuse: BTreeSet<String>,
    /// Services it refuses, by their names.
    pub(crate) refuse_names: BTreeSet<String>,
    /// Fences once, instead of applying this operation.
    pub(crate) fence_at: Option<(u64, v1::FenceReason)>,
    /// Hangs up once after applying this operation, without a word.
    pub(crate) hang_up_at: Option<u64>,
    /// Receives and applies, and acknowledges nothing.
    pub(crate) silent: bool,
    /// Refuses deletions until somebody allows them.
    pub(crate) hold_deletions: bool,
    /// Answers no beat.
    pub(crate) deaf_to_beats: bool,
    /// Acknowledges this much more than was sent.
    pub(crate) acknowledge_beyond: u64,
    /// Loses the answer to the next request to join.
    pub(crate) lose_join: bool,
    /// Gives certificates of so long ago to those who join.
    pub(crate) issue_ago: Duration,
    /// Renews nothing, with these words.
    pub(crate) refuse_renewal: Option<&'static str>,
    /// Most operations the node may have in flight; 0: 1,000.
    pub(crate) max_in_flight: u32,
    /// What it says of its generation, instead of the truth.
    pub(crate) other_generation: Option<u64>,
    /// Alters the signed operations of these records, by their ids.
    pub(crate) forge: BTreeSet<String>,
    /// Gives something for these records, by their ids, that cannot be read.
    pub(crate) garble: BTreeSet<String>,
    /// What it says of its log's head, once, instead of the truth.
    pub(crate) other_head: Option<Hash>,
    /// Services that it holds back, each with the code and category; said with every acknowledgement.
    pub(crate) held: Vec<(&'static str, &'static str, &'static str)>,
    /// A notice that goes with every acknowledgement.
    pub(crate) notice: Option<v1::Notice>,
    /// The telephone number that it shows to everybody else, by service.
    pub(crate) altered: BTreeMap<String, String>,
    /// Records that it shows to nobody else, by their ids.
    pub(crate) hidden: BTreeSet<String>,
}

/// A directory for one agency, `harbor`.
pub(crate) struct Fake {
    /// Its state.
    pub(crate) state: Arc<Mutex<State>>,
    /// A token that lets the agency's node in.
    pub(crate) token: JoinToken,
    authority: Arc<Authority>,
    address: SocketAddr,
    changed: watch::Sender<u64>,
    tasks: Tasks,
    _directory: TempDir,
}

impl Fake {
    /// A directory that listens on a port of its own.
    pub(crate) async fn start() -> Self {
        tls::install_crypto();
        let directory = tempfile::tempdir().unwrap();
        let domain = TrustDomain::parse("directory.test").unwrap();
        let now = SystemClock::new().now();
        let authority = Authority::open(directory.path(), &domain, now).unwrap();
        let state = State {
            generation: EPOCH.generation,
            chain: Chain::start(EPOCH),
            cseq: 0,
            records: BTreeMap::new(),
            reports: Vec::new(),
            standing: BTreeMap::new(),
            refusals: BTreeMap::new(),
            report_refusals: BTreeMap::new(),
            sessions: 0,
            broken: Vec::new(),
            most_in_flight: 0,
            pages: "http://127.0.0.1:8080".to_owned(),
            faults: Faults::default(),
            earlier_keys: Vec::new(),
            fetched: 0,
            beats: (0, 0),
            renewals: Vec::new(),
            joined: None,
            acknowledged: 0,
            granted_in: 0,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut fake = Self {
            state: Arc::new(Mutex::new(state)),
            token: JoinToken::generate(authority.fingerprint()).unwrap(),
            authority: Arc::new(authority),
            address: listener.local_addr().unwrap(),
            changed: watch::Sender::new(0),
            tasks: Tasks::new(),
            _directory: directory,
        };
        fake.listen(listener);
        fake
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Address {
        Address::parse(&self.address.to_string()).unwrap()
    }

    /// Its state.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lets it do something wrong.
    pub(crate) fn fault(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.state().faults);
    }

    /// Takes it down.
    pub(crate) async fn stop(&mut self) {
        let tasks = std::mem::take(&mut self.tasks);
        tasks.drain(Duration::from_secs(10)).await.unwrap();
    }

    /// Brings it up again on the same port.
    pub(crate) async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listen(listener);
    }

    /// Waits until the state is as wanted.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&State) -> bool) {
        let mut changed = self.changed.subscribe();
        let seen = changed.wait_for(|_| wanted(&self.state()));
        let seen = tokio::time::timeout(Duration::from_secs(30), seen).await;
        assert!(seen.is_ok(), "the directory never saw: {what}");
    }

    /// Lets a node join in a data directory of its own.
    pub(crate) async fn join(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        self.join_in(directory.path()).await.unwrap();
        directory
    }

    /// Lets a node join in this data directory.
    pub(crate) async fn join_in(&self, path: &Path) -> Result<Membership, identity::JoinError> {
        let held = DataDir::open(path).unwrap();
        let clock = Arc::new(SystemClock::new());
        identity::join(self.address(), &self.token, &held, clock).await
    }

    fn listen(&mut self, listener: TcpListener) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let names = ["127.0.0.1".to_owned()];
        let day = Duration::from_hours(24);
        let server = self
            .authority
            .issue_server(&names, day, clock.now())
            .unwrap();
        let config = tls::federation(&server, self.authority.certificate(), clock).unwrap();
        let incoming = tls::accept(
            listener,
            tls::shared(config),
            tls::Limits::default(),
            &self.tasks,
        );
        service::serve(self, incoming);
    }
}

impl State {
    /// The agency.
    pub(crate) fn agency() -> AgencyId {
        AgencyId::parse("harbor").unwrap()
    }

    /// Records that are published.
    pub(crate) fn live(&self) -> usize {
        let held = self.records.values();
        held.filter(|held| held.record.is_some()).count()
    }

    /// A copy of its disk.
    pub(crate) fn backup(&self) -> Backup {
        Backup {
            chain: self.chain,
            cseq: self.cseq,
            standing: self.standing.clone(),
            records: self.records.clone(),
            refusals: self.refusals.clone(),
        }
    }

    /// Restores a copy of its disk: a new generation begins.
    pub(crate) fn restore(&mut self, backup: Backup) {
        self.generation += 1;
        self.chain = backup.chain;
        self.cseq = backup.cseq;
        self.standing = backup.standing;
        self.records = backup.records;
        self.refusals = backup.refusals;
        // Sessions that began before are over.
        self.sessions += 1;
    }

    /// Lets the next node join with a new key, as an operator does after a total loss of the first.
    pub(crate) fn invite_again(&mut self) {
        if let Some((_, key, _)) = self.joined.take() {
            self.earlier_keys.insert(0, key.as_bytes().to_vec());
        }
        self.chain = Chain::start(Epoch {
            generation: self.generation,
            number: self.chain.epoch.number + 1,
        });
        (self.cseq, self.sessions) = (0, self.sessions + 1);
        self.refusals.clear();
    }
}
