//! What a directory's journal holds, read from a copy: the journal itself is left as the fault left it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use directory_server::ledger::Fact;
use referral_core::id::{Hash, Kind};
use referral_journal::{FileStorage, Journal, Options};
use referral_proto::v1;
use tempfile::TempDir;

use crate::catalog::version;

/// How far each agency's log goes in its last epoch.
pub(crate) type Recorded = BTreeMap<String, u64>;

/// Reads the journal in a directory's data. Every agency's operations are there once and without a gap, and
/// its reports' counters rise.
pub(crate) fn recorded(data: &Path) -> Recorded {
    let (mut applied, mut epochs) = (Recorded::new(), BTreeMap::new());
    let mut counters = BTreeMap::new();
    for fact in facts(data) {
        match fact {
            Fact::Operation(header, ..) | Fact::OperationRefused(header, ..) => {
                let applied = applied.entry(header.agency.to_string()).or_default();
                let epoch = header.position.epoch;
                let before = epochs.insert(header.agency.clone(), epoch);
                assert!(before <= Some(epoch), "agency {}", header.agency);
                // The numbers begin again with every epoch.
                *applied = if before == Some(epoch) {
                    *applied + 1
                } else {
                    1
                };
                assert_eq!(header.position.seq, *applied, "agency {}", header.agency);
            }
            Fact::Capacity(agency, order, ..) | Fact::CapacityRefused(agency, order, _) => {
                let before = counters.insert(agency.clone(), order);
                assert!(before < Some(order), "agency {agency}");
            }
            _ => {}
        }
    }
    applied
}

/// Whether the journal no longer goes back to its beginning.
pub(crate) fn is_dropped(data: &Path) -> bool {
    let files = fs::read_dir(data.join("journal")).expect("a journal");
    let mut names = files.map(|file| file.expect("a file").file_name());
    names.any(|name| name.to_string_lossy().ends_with(".first"))
}

/// How many operations of all agencies take a record away.
pub(crate) fn removals(data: &Path) -> usize {
    let removes =
        |fact: &Fact| matches!(fact, Fact::Operation(_, change, _) if change.record.is_none());
    facts(data).iter().filter(|fact| removes(fact)).count()
}

/// An operation on a service that the directory took.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) hash: Hash,
    /// The version it publishes; `None`: it withdraws the service.
    pub(crate) version: Option<u32>,
    /// The operations that its author knew.
    pub(crate) knew: Vec<Hash>,
}

/// The operations on each service of an agency, in order.
pub(crate) fn histories(data: &Path, agency: &str) -> BTreeMap<String, Vec<Taken>> {
    let mut histories = BTreeMap::<String, Vec<Taken>>::new();
    for fact in facts(data) {
        let Fact::Operation(header, change, _) = fact else {
            continue;
        };
        if header.agency.as_str() != agency || change.kind != Kind::Service {
            continue;
        }
        let record = change.record.as_ref().map(v1::Record::from);
        let taken = Taken {
            hash: header.position.hash,
            version: record.as_ref().and_then(version),
            knew: change.ancestors.iter().copied().collect(),
        };
        histories
            .entry(change.id.to_string())
            .or_default()
            .push(taken);
    }
    histories
}

fn facts(data: &Path) -> Vec<Fact> {
    let copy = TempDir::new().expect("a temporary directory");
    for file in fs::read_dir(data.join("journal")).expect("a journal") {
        let file = file.expect("a file");
        fs::copy(file.path(), copy.path().join(file.file_name())).expect("a copy");
    }
    let options = Options {
        generation: u64::MAX,
        ..Options::default()
    };
    let (journal, _) = Journal::open(FileStorage::new(copy.path()), options).expect("the journal");
    let records = journal.read_from(1).expect("the journal");
    let facts = records.map(|record| {
        let record = record.expect("a record");
        Fact::decode(record.kind, &record.bytes).expect("a fact")
    });
    facts.collect()
}
