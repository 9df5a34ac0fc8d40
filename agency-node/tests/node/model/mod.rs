//! A node's ledger and a small directory with the rules of the real one.
//!
//! The directory takes the next operation of the chain, refuses one whose base is not current, that is no
//! good or whose references are not live, and repeats its refusals in every acknowledgement.

mod directory;

use std::collections::BTreeMap;

use agency_node::catalog::RecordName;
use agency_node::outbox::{Ledger, NotQueued, ReportKey, Scope, report_key};
use jiff::Timestamp;
use proptest::prelude::*;
use referral_core::federation::{
    Chain, Epoch, ListingKey, Resume, Standing, operation_hash, resume,
};
use referral_core::id::{AgencyId, Hash, Kind, LocalId};
use referral_journal::storage::{Crash, MemoryStorage};
use referral_proto::v1;

use directory::Directory;

/// The epoch of the log.
pub(crate) const EPOCH: Epoch = Epoch {
    generation: 3,
    number: 1,
};
/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A record is published or changed. Content 0 is no good.
    Publish { kind: Kind, which: u8, content: u8 },
    /// A record is withdrawn.
    Withdraw { kind: Kind, which: u8 },
    /// Capacity is set.
    Report { which: u8, places: u8 },
    /// The directory receives some of what waits.
    Deliver { operations: usize, reports: usize },
    /// The node hears what the directory has to say.
    Hear,
    /// A new session begins.
    LoseConnection,
    /// The node's machine goes down and comes back.
    Crash(Crash),
    /// A coming write fails.
    DiskFails { nth: u32 },
    /// The node's journal is made as short as what it says.
    Compact,
    /// The directory's disk is copied.
    BackUpDirectory,
    /// The copy is restored: a new generation begins.
    RestoreDirectory,
    /// The node's disk is copied.
    CopyNode,
    /// The copy takes the place of the node's disk.
    RestoreNode,
}

/// Any step.
pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    let kind = || prop::sample::select(Kind::ALL.to_vec());
    let crash = prop_oneof![
        Just(Crash::KeepPending),
        Just(Crash::LosePending),
        any::<u64>().prop_map(|seed| Crash::TearPending { seed }),
    ];
    prop_oneof![
        6 => (kind(), 0..3_u8, 0..4_u8)
            .prop_map(|(kind, which, content)| Step::Publish { kind, which, content }),
        2 => (kind(), 0..3_u8).prop_map(|(kind, which)| Step::Withdraw { kind, which }),
        3 => (0..3_u8, 0..20_u8).prop_map(|(which, places)| Step::Report { which, places }),
        4 => (0..5_usize, 0..3_usize)
            .prop_map(|(operations, reports)| Step::Deliver { operations, reports }),
        4 => Just(Step::Hear),
        1 => Just(Step::LoseConnection),
        1 => crash.prop_map(Step::Crash),
        1 => (1..4_u32).prop_map(|nth| Step::DiskFails { nth }),
        1 => Just(Step::Compact),
    ]
}

/// Any step, and the directory may be restored.
pub(crate) fn step_with_restored_directory() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_step(),
        1 => Just(Step::BackUpDirectory),
        1 => Just(Step::RestoreDirectory),
    ]
}

/// Any step, and both sides may be restored.
pub(crate) fn step_with_restores() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => step_with_restored_directory(),
        1 => Just(Step::CopyNode),
        1 => Just(Step::RestoreNode),
    ]
}

fn name(kind: Kind, which: u8) -> RecordName {
    RecordName {
        kind,
        id: LocalId::parse(&format!("r{which}")).unwrap(),
    }
}

/// A record; its organization and location have the same number. Content 0 is no good.
pub(crate) fn record(kind: Kind, which: u8, content: u8) -> v1::Record {
    let id = format!("r{which}");
    let name = if content == 0 {
        "bad".to_owned()
    } else {
        format!("name {content}")
    };
    let organization_id = id.clone();
    let record = match kind {
        Kind::Organization => v1::record::Record::Organization(v1::Organization {
            name,
            ..Default::default()
        }),
        Kind::Location => v1::record::Record::Location(v1::Location {
            name,
            organization_id,
            ..Default::default()
        }),
        Kind::Service => v1::record::Record::Service(v1::Service {
            name,
            organization_id,
            offers: vec![v1::Offer {
                location_id: id.clone(),
                ..Default::default()
            }],
            ..Default::default()
        }),
    };
    v1::Record {
        local_id: id,
        record: Some(record),
    }
}

/// Both sides, and what was said to be queued.
pub(crate) struct World {
    /// The node's disk.
    pub(crate) storage: MemoryStorage,
    /// The node.
    pub(crate) ledger: Ledger<MemoryStorage>,
    /// The other side.
    pub(crate) directory: Directory,
    epoch: Epoch,
    backup: Option<Directory>,
    copy: Option<MemoryStorage>,
    /// The first operation whose head is known.
    first_head: u64,
    heads: Vec<Hash>,
    wishes: BTreeMap<RecordName, Option<v1::Record>>,
    capacity: BTreeMap<ReportKey, v1::CapacityReport>,
    settled: u64,
}

/// The ledger on a disk.
pub(crate) fn open(storage: &MemoryStorage) -> Ledger<MemoryStorage> {
    let agency = AgencyId::parse("harbor").unwrap();
    let key = ListingKey::from_seed(&[7; 32]);
    Ledger::open(storage.clone(), agency, EPOCH, key).unwrap().0
}

impl World {
    /// Nothing has happened.
    pub(crate) fn new() -> Self {
        let storage = MemoryStorage::default();
        Self {
            ledger: open(&storage),
            storage,
            directory: Directory::new(),
            epoch: EPOCH,
            backup: None,
            copy: None,
            first_head: 0,
            heads: vec![Chain::start(EPOCH).head],
            wishes: BTreeMap::new(),
            capacity: BTreeMap::new(),
            settled: 0,
        }
    }

    /// Lets a step happen, and checks what must hold after every step.
    pub(crate) fn act(&mut self, step: &Step) {
        match step {
            Step::Publish {
                kind,
                which,
                content,
            } => {
                self.change(name(*kind, *which), Some(record(*kind, *which, *content)));
            }
            Step::Withdraw { kind, which } => {
                let name = name(*kind, *which);
                if self.ledger.outbox().catalog().wanted(&name).is_some() {
                    self.change(name, None);
                }
            }
            Step::Report { which, places } => self.report(*which, *places),
            Step::Deliver {
                operations,
                reports,
            } => self.deliver(*operations, *reports),
            Step::Hear => {
                let acknowledged = self.directory.acknowledge();
                let _disk_failed = self.ledger.heard(Some(acknowledged), vec![], NOW);
            }
            Step::LoseConnection => self.resume(),
            Step::Crash(crash) => {
                self.storage.crash(*crash);
                self.ledger = open(&self.storage);
                self.resume();
            }
            Step::DiskFails { nth } => {
                self.storage
                    .fail_write(*nth, std::io::ErrorKind::StorageFull);
            }
            Step::Compact => {
                let _disk_failed = self.ledger.compact(NOW);
            }
            Step::BackUpDirectory => self.backup = Some(self.directory.clone()),
            Step::RestoreDirectory => self.restore_directory(),
            Step::CopyNode => self.copy = Some(self.storage.copy()),
            Step::RestoreNode => self.restore_node(),
        }
        self.note_heads();
    }

    /// Delivers and hears until nothing waits.
    pub(crate) fn settle(&mut self) {
        self.storage.crash(Crash::KeepPending);
        self.ledger = open(&self.storage);
        self.resume();
        for _ in 0..50 {
            self.deliver(usize::MAX, usize::MAX);
            self.ledger
                .heard(Some(self.directory.acknowledge()), vec![], NOW)
                .unwrap();
            self.note_heads();
            if self.ledger.outbox().waiting_since().is_none() {
                return;
            }
        }
        panic!("the node never came to rest");
    }

    /// The directory holds every wish, or the node says why not.
    pub(crate) fn check(&self) {
        let outbox = self.ledger.outbox();
        for (name, wish) in &self.wishes {
            let held = self
                .directory
                .records
                .get(name)
                .and_then(|(_, record)| record.clone());
            if outbox.refused().operation(name).is_none() {
                assert_eq!(held, *wish, "{name} is not as wished, and nothing says why");
            } else {
                assert_ne!(held, *wish, "{name} is as wished, and said to be refused");
            }
        }
        assert_eq!(self.capacity, self.directory.capacity);
    }

    fn change(&mut self, name: RecordName, record: Option<v1::Record>) {
        let mut composer = self.ledger.compose(NOW);
        composer.change(&name, record.clone(), "").unwrap();
        let set = composer.finish();
        if self.ledger.queue(set, NOW).is_ok() {
            self.wishes.insert(name, record);
        }
    }

    fn report(&mut self, which: u8, places: u8) {
        let report = v1::CapacityReport {
            service_id: format!("r{which}"),
            waitlist_count: Some(places.into()),
            ..Default::default()
        };
        let mut composer = self.ledger.compose(NOW);
        composer.report(report.clone(), None);
        let set = composer.finish();
        if self.ledger.queue(set, NOW).is_ok() {
            self.capacity.insert(report_key(&report).unwrap(), report);
        }
    }

    fn deliver(&mut self, operations: usize, reports: usize) {
        let outbox = self.ledger.outbox();
        let next: Vec<_> = outbox
            .operations_after(self.directory.chain.applied)
            .collect();
        next.into_iter()
            .take(operations)
            .for_each(|signed| self.directory.take(signed));
        let next: Vec<_> = outbox
            .reports()
            .waiting_after(self.directory.capacity_applied)
            .collect();
        for (cseq, signed) in next.into_iter().take(reports) {
            self.directory.take_report(cseq, signed);
        }
    }

    fn resume(&mut self) {
        let standing = self.directory.standing();
        let own = self
            .ledger
            .outbox()
            .own(standing.applied, standing.capacity_applied);
        match resume(&own, &standing).unwrap() {
            Resume::GoOn => {
                if self.go_on(&standing).is_err() {
                    // The session is over, and the next one begins again.
                    self.resume();
                }
            }
            Resume::NewEpoch => {
                let epoch = self.directory.grant();
                let theirs = self.directory.all();
                let compared = self.ledger.reconcile(&Scope::Epoch(epoch), &theirs, NOW);
                if compared.is_err() {
                    self.resume();
                }
            }
        }
    }

    fn go_on(&mut self, standing: &Standing) -> Result<(), NotQueued> {
        self.ledger.resumed(standing, NOW)?;
        let passed = self.ledger.outbox().reports().passed_by(standing);
        let (scope, theirs) = (Scope::Reports(passed), self.directory.all());
        self.ledger.reconcile(&scope, &theirs, NOW)
    }

    fn restore_directory(&mut self) {
        if let Some(backup) = self.backup.clone() {
            let generation = self.directory.generation + 1;
            self.directory = backup;
            self.directory.generation = generation;
            self.resume();
        }
    }

    /// The directory has lost everything, and begins again.
    pub(crate) fn lose_directory(&mut self) {
        let generation = self.directory.generation + 1;
        self.directory = Directory::new();
        self.directory.generation = generation;
        self.resume();
    }

    /// What was queued after the copy was taken, and not delivered, is gone with the disk.
    fn restore_node(&mut self) {
        if self.copy.is_some() {
            self.put_copy_back();
            self.resume();
        }
    }

    /// The copy takes the place of the node's disk, and nobody has heard of that yet.
    pub(crate) fn put_copy_back(&mut self) {
        self.storage = self.copy.as_ref().unwrap().copy();
        self.ledger = open(&self.storage);
        self.wishes.clear();
        self.capacity.clear();
        self.begin_log();
    }

    /// A session begins.
    pub(crate) fn reconnect(&mut self) {
        self.resume();
        self.note_heads();
    }

    fn begin_log(&mut self) {
        let settled = self.ledger.outbox().settled();
        self.epoch = settled.epoch;
        self.settled = settled.applied;
        self.heads.clear();
    }

    /// What the node believes of the directory is what the directory holds.
    pub(crate) fn check_belief(&self) {
        let believed: BTreeMap<_, _> = self.ledger.outbox().believed().collect();
        let live = self.directory.records.iter();
        let live = live.filter(|(_, (_, record))| record.is_some());
        let live: BTreeMap<_, _> = live.map(|(name, (hash, _))| (name, *hash)).collect();
        assert_eq!(believed, live);
        let reports = self.ledger.outbox().reports().iter();
        let said = reports.map(|(key, current)| (key.clone(), current.report().unwrap()));
        assert_eq!(said.collect::<BTreeMap<_, _>>(), self.directory.capacity);
    }

    /// What was said to be queued is in the log, in order, and acknowledgements never go back.
    fn note_heads(&mut self) {
        if self.ledger.outbox().tip().epoch != self.epoch {
            self.begin_log();
        }
        let outbox = self.ledger.outbox();
        let settled = outbox.settled().applied;
        assert!(
            settled >= self.settled,
            "acknowledged {settled} after {}",
            self.settled
        );
        self.settled = settled;
        assert!(settled <= outbox.tip().applied);
        let mut chain = outbox.settled();
        for signed in outbox.operations_after(settled) {
            chain = chain.followed_by(operation_hash(&signed.bytes));
            assert_eq!(outbox.head_at(chain.applied), Some(chain.head));
        }
        assert_eq!(
            chain,
            outbox.tip(),
            "heads follow from operations, without gaps"
        );
        if self.heads.is_empty() {
            self.first_head = settled;
        }
        let first = self.first_head;
        assert!(
            outbox.tip().applied + 1 >= first + self.heads.len() as u64,
            "something queued is gone"
        );
        for seq in settled..=outbox.tip().applied {
            let head = outbox.head_at(seq).unwrap();
            let at = usize::try_from(seq - first).unwrap();
            match self.heads.get(at) {
                Some(known) => assert_eq!(*known, head, "the log changed at {seq}"),
                None => self.heads.push(head),
            }
        }
    }
}
