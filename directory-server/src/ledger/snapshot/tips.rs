//! Beside a snapshot: the tips of its records, so that a start need not read every operation for them.
//!
//! A copy and nothing more: it is made of the snapshot, names it by its length and its end, and is read by the same
//! build of the program only. Where it is missing or anything of it is not as it was written, the snapshot is read,
//! and it is made anew. It has the frames of a snapshot ([`super::file`]), of other kinds:
//!
//! ```text
//! tips = "reftips1" | header | bond | agencies | records of one agency and kind, many | early reports | end
//! ```

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use prost::Message;
use referral_core::id::{AgencyId, Kind, RecordKey};
use tracing::warn;

use super::file::{Item, Reader, Writer};
use super::folder::{Folder, Snapshot};
use super::item::{Agency, Capacity};
use super::make::go_on;
use super::{SnapshotError, failed};
use crate::ledger::heads::{Heads, StoredHead, hash_of};
use crate::program;

const MAGIC: [u8; 8] = *b"reftips1";
/// Records in one frame.
const TOGETHER: usize = 1_000;
/// So much of the end of a snapshot holds the checksum of all of it. Unit: bytes.
const SEAL: usize = 32;

const BOND: u8 = 16;
const AGENCY: u8 = 17;
const RECORDS: u8 = 18;
const EARLY: u8 = 19;

/// What the tips are of, and who may read them.
#[derive(Clone, PartialEq, Message)]
struct Bond {
    /// SHA-256 of the program.
    #[prost(bytes = "vec", tag = "1")]
    program: Vec<u8>,
    /// The length of the snapshot. Unit: bytes.
    #[prost(uint64, tag = "2")]
    length: u64,
    /// Its last bytes.
    #[prost(bytes = "vec", tag = "3")]
    seal: Vec<u8>,
}

/// Records of one agency and kind, in the order of the snapshot.
#[derive(Clone, PartialEq, Message)]
struct Records {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(string, tag = "2")]
    kind: String,
    #[prost(message, repeated, tag = "3")]
    heads: Vec<StoredHead>,
}

/// The heads as of a snapshot and when its last journal record was received, where it has tips that fit.
pub(in crate::ledger) fn heads(folder: &Folder, snapshot: &Snapshot) -> Option<(Heads, Timestamp)> {
    match read(folder, snapshot) {
        Ok(read) => read,
        Err(unusable) => {
            let index = snapshot.index;
            warn!(
                error.type = "snapshot_tips",
                "the tips beside the snapshot of journal record {index} are of no use, all of it is read: {unusable}"
            );
            None
        }
    }
}

/// Whether there are tips of this snapshot for this program, as far as their beginning tells.
pub(super) fn fit(folder: &Folder, snapshot: &Snapshot) -> bool {
    matches!(begin(folder, snapshot), Ok(Some(_)))
}

/// The file, of which what it is bound to is read.
fn begin(folder: &Folder, snapshot: &Snapshot) -> Result<Option<Reader>, SnapshotError> {
    let path = path(folder, snapshot.index);
    if !path.exists() {
        return Ok(None);
    }
    let file = File::open(path).map_err(failed("open"))?;
    let mut reader = Reader::begin_as(MAGIC, file, snapshot.index)?;
    if reader.header != snapshot.read()?.header {
        return Err(reader.damaged("they are of another snapshot"));
    }
    let bond = reader.next_frame()?;
    let bond = bond.filter(|(tag, _)| *tag == BOND);
    let bond = bond.and_then(|(_, body)| Bond::decode(body.as_slice()).ok());
    if bond.is_none() || bond != bond_of(snapshot)? {
        return Err(reader.damaged("they are of another snapshot, or by another program"));
    }
    Ok(Some(reader))
}

fn read(folder: &Folder, snapshot: &Snapshot) -> Result<Option<(Heads, Timestamp)>, SnapshotError> {
    let Some(mut reader) = begin(folder, snapshot)? else {
        return Ok(None);
    };
    let mut heads = Heads::default();
    while let Some((tag, body)) = reader.next_frame()? {
        let body = body.as_slice();
        let taken =
            match tag {
                AGENCY => Agency::decode(body)
                    .ok()
                    .and_then(Agency::read)
                    .map(|head| {
                        heads.restore_agency(head);
                    }),
                RECORDS => Records::decode(body)
                    .ok()
                    .and_then(|records| records.restore(&mut heads)),
                EARLY => Capacity::decode(body).ok().and_then(Capacity::held).map(
                    |(agency, held, _, at)| {
                        heads.restore_report(&agency, &held, at);
                    },
                ),
                _ => None,
            };
        taken.ok_or_else(|| reader.newer())?;
    }
    let received_at = Timestamp::from_microsecond(reader.header.received_at_us);
    let received_at = received_at.map_err(|_| reader.damaged("its time is out of range"))?;
    Ok(Some((heads, received_at)))
}

/// Writes the tips of a snapshot.
///
/// * `heads` — as of the snapshot.
pub(super) fn write(
    folder: &Folder,
    snapshot: &Snapshot,
    heads: &Heads,
    stop: &AtomicBool,
) -> Result<(), SnapshotError> {
    let Some(bond) = bond_of(snapshot)? else {
        return Ok(());
    };
    let mut reader = snapshot.read()?;
    let aside = aside(folder);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)
        .map_err(failed("write"))?;
    let mut writer = Writer::begin_as(MAGIC, file, reader.header)?;
    writer.frame(BOND, &bond.encode_to_vec())?;
    let mut records = Records::default();
    while let Some(item) = reader.next()? {
        go_on(stop)?;
        match item {
            Item::Agency(agency) => writer.frame(AGENCY, &agency.encode_to_vec())?,
            Item::Record(record) => {
                let order = record.order();
                let (kind, agency, id) =
                    order.ok_or_else(|| reader.damaged("a record's name is unreadable"))?;
                if !records.are_of(&agency, kind) || records.heads.len() >= TOGETHER {
                    records.write(&mut writer)?;
                    records = Records::of(&agency, kind);
                }
                let key = RecordKey { agency, kind, id };
                let public_id = key.public_id().as_u128();
                let head = heads.record(&key);
                let head = head.map(|head| StoredHead::of((public_id, head)));
                let head = head.ok_or_else(|| reader.damaged("a record is unknown"))?;
                records.heads.push(head);
            }
            Item::Capacity(capacity) => {
                records.write(&mut writer)?;
                records = Records::default();
                if capacity.was_early(heads) {
                    writer.frame(EARLY, &capacity.encode_to_vec())?;
                }
            }
        }
    }
    records.write(&mut writer)?;
    writer.finish()?;
    failpoint!("snapshot.tips_written");
    let named = path(folder, snapshot.index);
    fs::rename(aside, named).map_err(failed("name"))?;
    folder.sync()?;
    failpoint!("snapshot.tips_named");
    Ok(())
}

/// Removes tips without a snapshot, and half-written ones.
pub(super) fn remove_others(folder: &Folder, kept: &[Snapshot]) -> Result<(), SnapshotError> {
    for entry in fs::read_dir(folder.path()).map_err(failed("find"))? {
        let path = entry.map_err(failed("find"))?.path();
        let is_one = path
            .extension()
            .is_some_and(|extension| extension == "tips");
        let is_kept = kept.iter().any(|one| self::path(folder, one.index) == path);
        if path == aside(folder) || (is_one && !is_kept) {
            fs::remove_file(&path).map_err(failed("remove"))?;
        }
    }
    Ok(())
}

impl Records {
    fn of(agency: &AgencyId, kind: Kind) -> Self {
        Self {
            agency: agency.to_string(),
            kind: kind.to_string(),
            heads: Vec::new(),
        }
    }

    fn are_of(&self, agency: &AgencyId, kind: Kind) -> bool {
        self.agency == agency.as_str() && self.kind == kind.as_str()
    }

    fn write(&self, writer: &mut Writer) -> Result<(), SnapshotError> {
        if self.heads.is_empty() {
            return Ok(());
        }
        writer.frame(RECORDS, &self.encode_to_vec())
    }

    fn restore(self, heads: &mut Heads) -> Option<()> {
        let agency = AgencyId::parse(&self.agency).ok()?;
        let kind = Kind::parse(&self.kind).ok()?;
        let hash = hash_of(agency.as_str());
        for head in self.heads {
            let (id, head) = head.read(hash, kind)?;
            heads.restore_head(&agency, id, head);
        }
        Some(())
    }
}

/// What tips of this snapshot, made by this program, say of themselves; `None`: the program is not known.
fn bond_of(snapshot: &Snapshot) -> Result<Option<Bond>, SnapshotError> {
    let Some(program) = program::fingerprint() else {
        return Ok(None);
    };
    let file = snapshot.file()?;
    let length = file.metadata().map_err(failed("open"))?.len();
    let mut seal = [0; SEAL];
    let at = length.saturating_sub(SEAL as u64);
    file.read_exact_at(&mut seal, at).map_err(failed("read"))?;
    Ok(Some(Bond {
        program: program.as_bytes().to_vec(),
        length,
        seal: seal.to_vec(),
    }))
}

fn path(folder: &Folder, index: u64) -> PathBuf {
    folder.path().join(format!("{index:020}.tips"))
}

fn aside(folder: &Folder) -> PathBuf {
    folder.path().join("tips.aside")
}
