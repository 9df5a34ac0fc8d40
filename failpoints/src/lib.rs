//! Named places where a test ends a process with SIGKILL, as a pulled plug would, or has it panic.
//!
//! The journal, the directory and the node name such places with their macro `failpoint!`, which is nothing
//! unless their feature `failpoints` is on. No program that is shipped is built with it. Start at
//! [`POINTS`], the one list of names; a test compares it with the code.
//!
//! ```text
//! FAILPOINTS=journal.append.pre_write=kill@3;journal.roll.early=on  FAILPOINTS_HITS=/tmp/hits
//! ```
//!
//! ends the process when it comes to `journal.append.pre_write` for the third time, and makes every append
//! begin a new segment; `panic@3` instead of `kill@3` panics there. The name of the place where a process ended itself is added to the file
//! `FAILPOINTS_HITS`. A plan that cannot be read ends the process at the first point: a test that kills
//! nothing proves nothing.

mod plan;

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::LazyLock;

use rustix::process::{Signal, getpid, kill_process};

use plan::{End, Plan};

/// Every failpoint there is, in order of their names.
pub const POINTS: [&str; 93] = [
    "ack.pre_send",
    "ack.pre_show",
    "ack.sent",
    "backup.begun",
    "backup.journal_copied",
    "backup.named",
    "backup.pre_manifest",
    "backup.pre_name",
    "batch.judged",
    "batch.queued",
    "enrol.invited",
    "enrol.post_sign",
    "enrol.pre_reply",
    "enrol.pre_sign",
    "enrol.recorded",
    "epoch.post_persist",
    "epoch.pre_persist",
    "epoch.pre_send",
    "history.appended",
    "history.half_synced",
    "history.pre_sync",
    "history.synced",
    "index.post_add",
    "index.post_commit",
    "index.pre_add",
    "index.pre_commit",
    "journal.append.marked",
    "journal.append.post_sync",
    "journal.append.post_write",
    "journal.append.pre_write",
    "journal.append.torn",
    "journal.drop.marked",
    "journal.drop.pre_mark",
    "journal.open.cut",
    "journal.open.pre_cut",
    "journal.open.pre_seal",
    "journal.open.rewritten",
    "journal.open.unfinished",
    "journal.open.verified",
    "journal.roll.created",
    "journal.roll.early",
    "journal.roll.named",
    "journal.roll.pre_create",
    "journal.roll.sealed",
    "journal.roll.sealing",
    "node.ack.post_store",
    "node.ack.pre_store",
    "node.compact.begun",
    "node.compact.early",
    "node.compact.stored",
    "node.compact.verified",
    "node.edit.post_store",
    "node.edit.pre_store",
    "node.hello",
    "node.join.answered",
    "node.join.asking",
    "node.join.stored",
    "node.open.folded",
    "node.reconcile.post_store",
    "node.reconcile.pre_store",
    "node.rejoin.moving",
    "node.rejoin.noted",
    "node.rejoin.stored",
    "node.report.send",
    "node.resume.post_store",
    "node.resume.pre_store",
    "node.send",
    "open.index_committed",
    "open.index_filled",
    "open.journal",
    "open.replayed",
    "request.panic",
    "restore.done",
    "restore.marked",
    "restore.moved_in",
    "restore.numbered",
    "restore.set_aside",
    "restore.staged",
    "rx.authz",
    "rx.decoded",
    "rx.validated",
    "snapshot.begun",
    "snapshot.named",
    "snapshot.pre_name",
    "snapshot.rows_named",
    "snapshot.rows_written",
    "snapshot.tips_named",
    "snapshot.tips_written",
    "snapshot.written",
    "store.post_fold",
    "store.pre_fold",
    "store.values",
    "welcome.pre_send",
];

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::of_environment);

/// The process has come to this point: it ends here, or panics, when that is planned.
///
/// # Panics
/// When that is planned.
pub fn hit(point: &'static str) {
    match PLAN.due(point) {
        None => {}
        Some(End::Process) => kill(point),
        Some(End::Panic) => panic!("planned at {point}"),
    }
}

/// Counts that the process has come to this point; true when it is to end here.
#[must_use]
pub fn due(point: &'static str) -> bool {
    PLAN.due(point) == Some(End::Process)
}

/// Whether this point is planned to be `on`.
#[must_use]
pub fn is_on(point: &'static str) -> bool {
    PLAN.is_on(point)
}

/// Ends this process with SIGKILL: nothing is flushed, dropped or told.
pub fn kill(point: &'static str) {
    if let Some(file) = plan::hits_file()
        && let Ok(mut hits) = OpenOptions::new().append(true).create(true).open(file)
    {
        // A name that is missing shows in the coverage that the harness prints.
        let _counted = hits.write_all(format!("{point}\n").as_bytes());
    }
    let _cannot_fail = kill_process(getpid(), Signal::KILL);
    // The signal may reach another thread first: this one must not get further.
    loop {
        std::thread::park();
    }
}
