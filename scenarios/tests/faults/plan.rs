//! Where a process is to end: every failpoint, with what it takes to get there.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use referral_failpoints::POINTS;

/// A switch, no place to end.
const SWITCH: &str = "journal.roll.early";
/// The node makes its journal shorter whenever it writes.
const COMPACTS: &str = "node.compact.early";
/// All of them.
const SWITCHES: [&str; 3] = [SWITCH, COMPACTS, "request.panic"];
/// How often a process ends again while it recovers, at most.
const DEPTH: usize = 2;

/// Who ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    Directory,
    Node,
    /// The command that joins a new agency.
    Join,
    /// The command that gives a node new keys.
    Rejoin,
    /// The command that takes a backup.
    Backup,
    /// The command that puts one back.
    Restore,
}

/// One blow: a life with load, then lives that end while they recover.
#[derive(Clone, Debug)]
pub(crate) struct Blow {
    /// The point this is about.
    pub(crate) point: &'static str,
    pub(crate) victim: Victim,
    /// Whether it takes a new agency to get there.
    pub(crate) joining: bool,
    /// Whether it takes two logs that do not fit.
    pub(crate) reconciling: bool,
    /// Whether it takes a snapshot that is made.
    pub(crate) snapshotting: bool,
    /// The plan of the life with load.
    pub(crate) load: String,
    /// The plans of the starts after it.
    pub(crate) starts: Vec<String>,
}

/// All blows in turns, each turn in another order.
pub(crate) struct Blows {
    waiting: Vec<&'static str>,
}

impl Blows {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Vec::new(),
        }
    }

    pub(crate) fn next(&mut self, dice: &mut StdRng) -> Blow {
        if self.waiting.is_empty() {
            self.waiting = points().collect();
            self.waiting.shuffle(dice);
        }
        let point = self.waiting.pop().expect("there are points");
        Blow::at(point, dice)
    }
}

/// The points a process can end at. Where the journal is dropped it cannot be counted any more: `keeping.rs` has a
/// test of its own for that.
pub(crate) fn points() -> impl Iterator<Item = &'static str> {
    let here = |point: &&str| !SWITCHES.contains(point) && !point.starts_with("journal.drop.");
    POINTS.into_iter().filter(here)
}

impl Blow {
    fn at(point: &'static str, dice: &mut StdRng) -> Self {
        let victim = victim(point, dice);
        let joining = victim == Victim::Join || point.starts_with("enrol.");
        let reconciling = point.starts_with("epoch.") || point.starts_with("node.reconcile.");
        let snapshotting = point.starts_with("snapshot.")
            || (point.starts_with("history.") && point.contains("sync"));
        let visit = if once(point) {
            1
        } else {
            dice.random_range(1..=4)
        };
        let planned = format!("{point}=kill@{visit}");
        let (load, mut starts) = match (point, before(point)) {
            (_, Some(before)) => (before.to_owned(), vec![format!("{point}=kill@1")]),
            _ if point.starts_with("open.") || point == "node.open.folded" => {
                let load = [
                    "journal.append.torn=kill@2",
                    "journal.append.post_sync=kill@1",
                ];
                let load = load.choose(dice).expect("two").to_string();
                (load, vec![format!("{point}=kill@1")])
            }
            _ if point.starts_with("node.compact.") => (format!("{planned};{COMPACTS}=on"), vec![]),
            _ if point.starts_with("journal.roll.") => (format!("{planned};{SWITCH}=on"), vec![]),
            _ => (planned, vec![]),
        };
        if matches!(victim, Victim::Directory | Victim::Node) {
            for _ in 0..dice.random_range(0..=DEPTH) {
                let again = recovering(victim).choose(dice).expect("there are some");
                starts.push(format!("{again}=kill@1"));
            }
        }
        Self {
            point,
            victim,
            joining,
            reconciling,
            snapshotting,
            load,
            starts,
        }
    }
}

fn victim(point: &str, dice: &mut StdRng) -> Victim {
    if point.starts_with("node.join.") {
        Victim::Join
    } else if point.starts_with("node.rejoin.") {
        Victim::Rejoin
    } else if point.starts_with("backup.") {
        Victim::Backup
    } else if point.starts_with("restore.") {
        Victim::Restore
    } else if point.starts_with("node.") || (point.starts_with("journal.") && dice.random_bool(0.4))
    {
        Victim::Node
    } else {
        Victim::Directory
    }
}

/// Whether a process comes to a point but once, when it connects, begins anew or somebody joins.
fn once(point: &str) -> bool {
    let connecting = [
        "node.hello",
        "node.resume",
        "node.reconcile",
        "node.join",
        "node.rejoin",
        "backup",
        "restore",
        "snapshot",
        "history.pre_sync",
        "history.half_synced",
        "history.synced",
        "epoch",
        "enrol",
        "rx.authz",
        "welcome",
    ];
    connecting.iter().any(|start| point.starts_with(start))
}

/// How a process must have ended before it comes to a point of its recovery.
fn before(point: &str) -> Option<&'static str> {
    match point {
        "journal.open.verified" => Some("journal.append.marked=kill@2"),
        "journal.open.pre_cut" => Some("journal.append.torn=kill@2"),
        "journal.open.cut" => Some("journal.append.post_write=kill@1"),
        "journal.open.rewritten" => Some("journal.append.torn=kill@1"),
        "journal.open.unfinished" => Some("journal.roll.named=kill@1;journal.roll.early=on"),
        "journal.open.pre_seal" => Some("journal.roll.created=kill@2;journal.roll.early=on"),
        _ => None,
    }
}

/// Points that a start may come to.
pub(crate) fn recovering(victim: Victim) -> &'static [&'static str] {
    match victim {
        Victim::Directory => &[
            "journal.open.verified",
            "journal.open.pre_cut",
            "journal.open.cut",
            "journal.open.rewritten",
            "open.journal",
            "open.replayed",
            "store.post_fold",
            "open.index_filled",
            "open.index_committed",
        ],
        _ => &[
            "journal.open.verified",
            "journal.open.pre_cut",
            "journal.open.cut",
            "journal.open.rewritten",
            "node.open.folded",
        ],
    }
}
