//! Append-only, checksummed, fsynced log of what was accepted or queued.
//!
//! Start at [`Journal`]: [`Journal::open`] verifies what is there, [`Journal::append`] makes a batch of
//! entries durable, [`Journal::read_from`] folds or follows them; [`Journal::archive`] copies what is
//! durable and drops its oldest segments, from any thread. An acknowledgement may stand on an
//! append that returned `Ok`, and on nothing less.
//!
//! * **Atomicity.** A batch is one frame with one checksum, written once and fsynced once. After a crash
//!   it is there whole or not at all. A batch whose append did not return may be there after a crash; a
//!   batch whose append returned an error is gone, unless the journal said that it is poisoned.
//! * **Recovery.** A torn tail is cut and reported in [`Recovered`]; it was never acknowledged. Everything
//!   else that does not verify is [`JournalError::Damaged`] and is left as found: never cut, never skipped.
//! * **Limits.** One process opens a journal at a time (the data directory's lock sees to it). A last
//!   segment cut back exactly to an earlier batch by hand cannot be told from a journal that ended there:
//!   callers compare [`Recovered::last_index`] with the index their store has folded.
//!
//! Nothing here reads a clock, names a record's meaning or decides what may be dropped.

#[macro_use]
mod failpoint;

mod archive;
mod copy;
mod error;
mod format;
mod journal;
mod reader;
mod record;
mod recovery;
mod segment;
pub mod storage;

pub use archive::{Archive, Copied};
pub use error::{AppendError, JournalError};
pub use format::MAX_BATCH_BYTES;
pub use journal::Journal;
pub use reader::Reader;
pub use record::{Entry, Options, Record, Recovered, TornTail};
pub use storage::{FileStorage, MemoryStorage, Storage};
