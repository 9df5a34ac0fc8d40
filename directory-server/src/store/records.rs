//! The records of the tree: their places stand there, their bytes lie in [`Values`].
//!
//! What is written over stays in its file, until there is more of that than of what counts. Then each write moves
//! about as much as it writes to a new file, and the older ones go when nothing is left in them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::error;

use super::room::{Room, Space};
use super::values::{Place, Values};
use super::{StoreError, codec, keys};

/// What may be written over before anything is moved. Unit: bytes.
const SPARE: u64 = 64 << 20;
/// Fewest bytes, and most records, that are looked at in one step of moving.
const STEP: (u64, usize) = (1 << 20, 512);

/// The records of a tree.
#[derive(Clone, Debug)]
pub(super) struct Records {
    tree: sled::Db,
    values: Arc<Values>,
    moving: Arc<Mutex<Moving>>,
    spare: u64,
}

/// How much counts of what was written, and how far moving is.
#[derive(Debug)]
struct Moving {
    /// The bytes of all records as they are now.
    live: u64,
    /// The last key that was looked at; none: nothing is moved.
    after: Option<sled::IVec>,
    /// A record could not be read: nothing is moved before the next start.
    stuck: bool,
}

/// What the tree knows of the files.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// As in [`Moving`].
    live: u64,
    /// Where the files ended.
    end: Place,
}

impl Kept {
    fn to_bytes(self) -> Vec<u8> {
        let live = self.live.to_be_bytes();
        [&live[..], &self.end.to_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (live, end) = bytes.split_first_chunk()?;
        Some(Self {
            live: u64::from_be_bytes(*live),
            end: Place::read(end)?,
        })
    }
}

impl Records {
    /// The records of `tree`, with their bytes in `folder`. `None`: the tree is of another program, or files were cut
    /// short.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn open(tree: &sled::Db, folder: &Path) -> Result<Option<Self>, StoreError> {
        Self::open_with(tree, folder, SPARE)
    }

    fn open_with(tree: &sled::Db, folder: &Path, spare: u64) -> Result<Option<Self>, StoreError> {
        let values = Values::open(folder)?;
        let live = match tree.get(keys::KEPT)? {
            None if tree.is_empty() => 0,
            None => return Ok(None),
            Some(kept) => match codec::open(&kept).and_then(Kept::read) {
                Some(kept) if values.reaches(kept.end) => kept.live,
                _ => return Ok(None),
            },
        };
        let after = values.has_older().then(sled::IVec::default);
        Ok(Some(Self {
            tree: tree.clone(),
            values: Arc::new(values),
            moving: Arc::new(Mutex::new(Moving {
                live,
                after,
                stuck: false,
            })),
            spare,
        }))
    }

    /// The bytes of a record.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.tree.get(key)? {
            Some(stood) => self.bytes(key, stood),
            None => Ok(None),
        }
    }

    /// The records under a prefix, each as it is when it is come to.
    pub(super) fn scan(
        &self,
        prefix: &str,
    ) -> impl Iterator<Item = Result<(sled::IVec, Vec<u8>), StoreError>> + Send + use<> {
        let records = self.clone();
        let entries = self.tree.scan_prefix(prefix);
        entries.filter_map(move |entry| {
            let read = entry.map_err(StoreError::from).and_then(|(key, stood)| {
                let bytes = records.bytes(&key, stood)?;
                Ok(bytes.map(|bytes| (key, bytes)))
            });
            read.transpose()
        })
    }

    /// The bytes at the place that stood in the tree, or where they were moved since.
    fn bytes(&self, key: &[u8], mut stood: sled::IVec) -> Result<Option<Vec<u8>>, StoreError> {
        loop {
            let place = Place::read(&stood).ok_or(StoreError::Damaged("record"))?;
            if let Some(bytes) = self.values.read(place)? {
                return Ok(Some(bytes));
            }
            match self.tree.get(key)? {
                None => return Ok(None),
                Some(now) if now == stood => return Err(StoreError::Damaged("record")),
                Some(now) => stood = now,
            }
        }
    }

    /// Writes records and, in one step with their places, `batch`. One thread at a time.
    pub(super) fn write(
        &self,
        records: &BTreeMap<String, Vec<u8>>,
        mut batch: sled::Batch,
    ) -> Result<(), StoreError> {
        let mut moving = self.moving();
        let mut live = moving.live;
        let places = self.values.append(records.values().map(Vec::as_slice))?;
        failpoint!("store.values");
        for (key, place) in records.keys().zip(places) {
            let before = self.tree.get(key)?;
            let before = before.and_then(|stood| Place::read(&stood));
            live = live.saturating_sub(before.map_or(0, Place::length)) + place.length();
            batch.insert(key.as_bytes(), &place.to_bytes());
        }
        self.apply(batch, live)?;
        moving.live = live;
        Ok(())
    }

    /// Changes the tree, which knows from then on where the files end, and waits until that is written.
    ///
    /// Not for being durable: sled 0.34 can wait for ever for a file to become shorter when all of its threads wait to
    /// write what was changed since. Whoever waits here after little enough (a few times 512 KiB of its log) leaves it
    /// threads to spare. See `docs/decisions/0029-waiting-for-sled.md`.
    fn apply(&self, mut batch: sled::Batch, live: u64) -> Result<(), StoreError> {
        let end = self.values.end();
        batch.insert(keys::KEPT, codec::seal(&Kept { live, end }.to_bytes()));
        self.tree.apply_batch(batch)?;
        self.tree.flush()?;
        Ok(())
    }

    /// Moves some of what is in older files, where there are any; begins a new file where the newest holds too much
    /// that does not count any more and `room` has place for both. The thread that writes.
    pub(super) fn tidy(&self, room: &Room) -> Result<(), StoreError> {
        let mut moving = self.moving();
        let after = match moving.after.take() {
            _ if moving.stuck => return Ok(()),
            Some(after) => after,
            None if self.values.size() <= 2 * moving.live + self.spare => return Ok(()),
            None if room.space_after(moving.live) < Space::Plenty => return Ok(()),
            None => {
                self.values.begin()?;
                sled::IVec::default()
            }
        };
        moving.after = match self.move_after(after, moving.live) {
            Err(StoreError::Damaged(what)) => {
                error!(error.type = "store_damaged", "the store holds a damaged {what}: it grows until its folder is deleted, and rebuilt from the journal");
                moving.stuck = true;
                return Ok(());
            }
            moved => moved?,
        };
        if moving.after.is_none() {
            // Before the files go: sled may not have written yet where their records are now.
            self.tree.flush()?;
            self.values.remove_older()?;
        }
        Ok(())
    }

    /// Moves a few records after this key; gives the last one, none at the end of all.
    fn move_after(&self, after: sled::IVec, live: u64) -> Result<Option<sled::IVec>, StoreError> {
        let (most_bytes, most_records) = STEP;
        let mut records = BTreeMap::new();
        let (mut bytes, mut looked) = (0, 0);
        let mut entries = self.tree.range::<sled::IVec, _>((
            Bound::Excluded(after.max(keys::RECORDS.into())),
            Bound::Unbounded,
        ));
        let last = loop {
            let Some((key, stood)) = entries.next().transpose()? else {
                break None;
            };
            if !key.starts_with(keys::RECORDS) {
                break None;
            }
            let place = Place::read(&stood).ok_or(StoreError::Damaged("record"))?;
            if !self.values.is_newest(place) {
                let value = self.values.read(place)?;
                let value = value.ok_or(StoreError::Damaged("record"))?;
                records.insert(key.clone(), value);
                bytes += place.length();
            }
            looked += 1;
            if bytes >= most_bytes || looked == most_records {
                break Some(key);
            }
        };
        let places = self.values.append(records.values().map(Vec::as_slice))?;
        let mut batch = sled::Batch::default();
        for (key, place) in records.into_keys().zip(places) {
            batch.insert(key, &place.to_bytes());
        }
        self.apply(batch, live)?;
        Ok(last)
    }

    fn moving(&self) -> MutexGuard<'_, Moving> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    struct House {
        folder: TempDir,
        records: Records,
    }

    impl House {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let records = open(&folder);
            Self { folder, records }
        }

        fn again(self) -> Self {
            let Self { folder, records } = self;
            drop(records);
            let records = open(&folder);
            Self { folder, records }
        }

        /// Writes one value to each of so many records, and tidies.
        fn write(&self, records: usize, value: &str) {
            let key = |number| (format!("r/service/harbor/{number}"), sealed(number, value));
            let records = (0..records).map(key).collect();
            self.records
                .write(&records, sled::Batch::default())
                .unwrap();
            self.tidy();
        }

        fn tidy(&self) {
            let room = Room::of(self.folder.path());
            self.records.tidy(&room).unwrap();
        }

        fn holds(&self, records: usize, value: &str) -> bool {
            let found = self.records.scan("r/service/");
            let found: Vec<Vec<u8>> = found.map(|entry| entry.unwrap().1).collect();
            let mut wanted: Vec<(String, Vec<u8>)> = (0..records)
                .map(|number| (number.to_string(), sealed(number, value)))
                .collect();
            wanted.sort();
            found
                == wanted
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>()
        }

        fn bytes(&self) -> u64 {
            self.records.values.size()
        }
    }

    fn sealed(number: usize, value: &str) -> Vec<u8> {
        format!("{value} {number:09}").into_bytes()
    }

    /// As in the store: a thread that writes now and then would hold the tree a little longer than we do.
    fn tree(folder: &TempDir) -> sled::Db {
        let tree = folder.path().join("tree");
        crate::store::open::until_let_go(&tree);
        let config = sled::Config::default().path(tree);
        config.flush_every_ms(None).open().unwrap()
    }

    fn open(folder: &TempDir) -> Records {
        let tree = tree(folder);
        let records = folder.path().join("records");
        Records::open_with(&tree, &records, 0).unwrap().unwrap()
    }

    #[test]
    fn records_are_found_one_by_one_and_together_also_after_opening_again() {
        let house = House::new();
        house.write(100, "first");

        let house = house.again();

        assert!(house.holds(100, "first"));
        let one = house.records.get(b"r/service/harbor/7").unwrap();
        assert_eq!(one, Some(sealed(7, "first")));
        assert_eq!(house.records.get(b"r/service/harbor/100").unwrap(), None);
    }

    #[test]
    fn what_is_written_does_not_wait_in_sleds_buffers() {
        let house = House::new();

        house.write(3, "first");

        // As the files are, without closing what is open.
        let copy = tempfile::tempdir().unwrap();
        for file in ["tree/conf", "tree/db", "records/1"] {
            let to = copy.path().join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(house.folder.path().join(file), to).unwrap();
        }
        let copied = House {
            records: open(&copy),
            folder: copy,
        };
        assert!(copied.holds(3, "first"));
    }

    #[test]
    fn what_was_written_over_does_not_pile_up() {
        let house = House::new();
        for round in 0..50 {
            house.write(20, &format!("round {round:02}"));
        }
        // Nothing is written any more: what is to be moved is moved.
        for _ in 0..3 {
            house.tidy();
        }

        assert!(house.holds(20, "round 49"));
        let live = 20 * sealed(0, "round 49").len() as u64;
        assert!(
            house.bytes() <= 2 * live,
            "{} of {live} bytes",
            house.bytes()
        );
    }

    #[test]
    fn moving_goes_on_where_it_was_cut_short() {
        let house = House::new();
        let many = STEP.1 + 100;
        house.write(many, "first");
        house.write(many, "again");
        house.write(many, "third");
        assert!(house.records.values.has_older(), "one step moves a part");

        let house = house.again();
        assert!(house.holds(many, "third"));
        house.tidy();
        house.tidy();

        assert!(house.holds(many, "third"));
        assert!(!house.records.values.has_older());
        assert!(house.again().holds(many, "third"));
    }

    #[test]
    fn files_that_were_cut_short_are_seen_when_they_are_opened() {
        let house = House::new();
        house.write(3, "first");
        let House { folder, records } = house;
        drop(records);
        let file = folder.path().join("records/1");
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        let tree = tree(&folder);

        let records = Records::open(&tree, &folder.path().join("records"));

        assert!(records.unwrap().is_none());
    }

    #[test]
    fn who_reads_while_records_are_moved_finds_them() {
        let house = House::new();
        house.write(1, "first");
        let stood = house.records.tree.get("r/service/harbor/0").unwrap();
        house.write(1, "again");
        house.write(1, "third");
        assert!(!house.records.values.has_older(), "it was moved at once");

        let read = house.records.bytes(b"r/service/harbor/0", stood.unwrap());

        assert_eq!(read.unwrap(), Some(sealed(0, "third")));
    }

    #[test]
    fn a_record_that_cannot_be_read_stops_moving_and_nothing_else() {
        let house = House::new();
        house.write(3, "first");
        let nowhere = [0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        let lost = "r/service/harbor/1";
        house.records.tree.insert(lost, &nowhere).unwrap();
        for _ in 0..6 {
            house.write(1, "later");
        }
        assert!(house.records.moving().stuck);

        let read = house.records.get(b"r/service/harbor/0").unwrap();
        assert_eq!(read, Some(sealed(0, "later")));
        assert!(house.records.get(lost.as_bytes()).is_err());
    }

    #[test]
    fn a_tree_that_another_program_wrote_is_not_taken_for_one_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(&folder);
        tree.insert("r/service/harbor/one", "the record itself")
            .unwrap();

        let records = Records::open(&tree, &folder.path().join("records"));

        assert!(records.unwrap().is_none());
    }
}
