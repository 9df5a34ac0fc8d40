//! The bytes of a snapshot: a mark, then frames, each with its own checksum.
//!
//! ```text
//! snapshot = "refsnap1" | header | agencies | records | capacity reports | end
//! frame    = tag u8 | length u32 | crc32 of tag, length and body u32 | body (protobuf)
//! ```
//!
//! Numbers are little-endian. Records are in the order in which they may refer to each other, then by
//! agency and id. The end says how many frames there were and the CRC-32 over all their bytes: a frame that
//! is missing, twice there or moved is found.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};

use prost::Message;

use super::item::{Agency, Capacity, End, Header, Record};
use super::{SnapshotError, failed};

const MAGIC: &[u8; 8] = b"refsnap1";
/// Length of what precedes a frame's body. Unit: bytes.
const FRAME: usize = 9;
/// Longest body: an agency with every refusal that is remembered, many times over. Unit: bytes.
const LONGEST: u32 = 32 << 20;
const BUFFER: usize = 1 << 20;

const HEADER: u8 = 1;
const AGENCY: u8 = 2;
const RECORD: u8 = 3;
const CAPACITY: u8 = 4;
const END: u8 = 5;

/// One thing in a snapshot.
#[derive(Debug)]
pub(super) enum Item {
    Agency(Box<Agency>),
    Record(Record),
    Capacity(Capacity),
}

/// What a whole snapshot says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) header: Header,
    end: End,
}

/// Writes a snapshot from its beginning to its end.
#[derive(Debug)]
pub(super) struct Writer {
    file: BufWriter<File>,
    header: Header,
    frames: u64,
    checksum: crc32fast::Hasher,
}

/// Reads a snapshot, verifying every frame; whoever reads to the end has verified all of it.
#[derive(Debug)]
pub(super) struct Reader {
    file: BufReader<File>,
    pub(super) header: Header,
    frames: u64,
    checksum: crc32fast::Hasher,
    end: Option<End>,
}

impl Writer {
    pub(super) fn begin(file: File, header: Header) -> Result<Self, SnapshotError> {
        Self::begin_as(*MAGIC, file, header)
    }

    /// A file of another mark that has the frames of a snapshot.
    pub(super) fn begin_as(
        magic: [u8; 8],
        file: File,
        header: Header,
    ) -> Result<Self, SnapshotError> {
        let mut writer = Self {
            file: BufWriter::with_capacity(BUFFER, file),
            header,
            frames: 0,
            checksum: crc32fast::Hasher::new(),
        };
        writer.file.write_all(&magic).map_err(failed("write"))?;
        let header = writer.header.encode_to_vec();
        writer.frame(HEADER, &header)?;
        Ok(writer)
    }

    pub(super) fn agency(&mut self, agency: &Agency) -> Result<(), SnapshotError> {
        self.frame(AGENCY, &agency.encode_to_vec())
    }

    pub(super) fn record(&mut self, record: &Record) -> Result<(), SnapshotError> {
        self.frame(RECORD, &record.encode_to_vec())
    }

    pub(super) fn capacity(&mut self, capacity: &Capacity) -> Result<(), SnapshotError> {
        self.frame(CAPACITY, &capacity.encode_to_vec())
    }

    /// Writes the end and makes everything durable.
    pub(super) fn finish(mut self) -> Result<Summary, SnapshotError> {
        let end = End {
            frames: self.frames,
            checksum: self.checksum.clone().finalize(),
        };
        self.frame(END, &end.encode_to_vec())?;
        let file = self.file.into_inner();
        let file = file.map_err(|error| failed("write")(error.into_error()))?;
        file.sync_all().map_err(failed("sync"))?;
        let header = self.header;
        Ok(Summary { header, end })
    }

    /// Writes one frame.
    pub(super) fn frame(&mut self, tag: u8, body: &[u8]) -> Result<(), SnapshotError> {
        let length = u32::try_from(body.len()).ok().filter(|l| *l <= LONGEST);
        let too_long = || io::Error::new(ErrorKind::InvalidData, "an item is too long");
        let length = length.ok_or_else(too_long).map_err(failed("write"))?;
        let start = frame_start(tag, length, body);
        self.file.write_all(&start).map_err(failed("write"))?;
        self.file.write_all(body).map_err(failed("write"))?;
        self.frames += 1;
        self.checksum.update(&start);
        self.checksum.update(body);
        Ok(())
    }
}

impl Reader {
    /// Reads the header of the snapshot that is named after journal record `index`.
    pub(super) fn begin(file: File, index: u64) -> Result<Self, SnapshotError> {
        Self::begin_as(*MAGIC, file, index)
    }

    /// The same of a file of another mark.
    pub(super) fn begin_as(mark: [u8; 8], file: File, index: u64) -> Result<Self, SnapshotError> {
        let mut reader = Self {
            file: BufReader::with_capacity(BUFFER, file),
            header: Header {
                index,
                ..Header::default()
            },
            frames: 0,
            checksum: crc32fast::Hasher::new(),
            end: None,
        };
        let mut magic = [0; MAGIC.len()];
        reader.fill(&mut magic)?;
        let header = match reader.frame()? {
            (HEADER, body) if magic == mark => Header::decode(body.as_slice()).ok(),
            _ => None,
        };
        let header = header.filter(|header| header.index == index);
        reader.header = header.ok_or_else(|| reader.damaged("its beginning does not verify"))?;
        Ok(reader)
    }

    /// The next item; `None` at the end of a snapshot that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Item>, SnapshotError> {
        let Some((tag, body)) = self.next_frame()? else {
            return Ok(None);
        };
        let body = body.as_slice();
        let item = match tag {
            AGENCY => Agency::decode(body).map(Box::new).map(Item::Agency),
            RECORD => Record::decode(body).map(Item::Record),
            CAPACITY => Capacity::decode(body).map(Item::Capacity),
            _ => return Err(self.newer()),
        };
        item.map(Some).map_err(|_| self.newer())
    }

    /// The next frame, as it was written; `None` at the end of a file that is whole.
    pub(super) fn next_frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, SnapshotError> {
        if self.end.is_some() {
            return Ok(None);
        }
        let (frames, checksum) = (self.frames, self.checksum.clone().finalize());
        let (tag, body) = self.frame()?;
        if tag != END {
            return Ok(Some((tag, body)));
        }
        let end = End::decode(body.as_slice());
        let end = end.map_err(|_| self.damaged("its end is unreadable"))?;
        if end != (End { frames, checksum }) || !self.at_end()? {
            return Err(self.damaged("something is missing or too much"));
        }
        self.end = Some(end);
        Ok(None)
    }

    /// Reads all that is left; what the whole says of itself.
    pub(super) fn verify(mut self) -> Result<Summary, SnapshotError> {
        while let Some((tag, _)) = self.next_frame()? {
            if !matches!(tag, AGENCY | RECORD | CAPACITY) {
                return Err(self.newer());
            }
        }
        let header = self.header;
        match &self.end {
            Some(end) => Ok(Summary {
                header,
                end: end.clone(),
            }),
            None => Err(self.damaged("it has no end")),
        }
    }

    fn frame(&mut self) -> Result<(u8, Vec<u8>), SnapshotError> {
        let mut start = [0; FRAME];
        self.fill(&mut start)?;
        let (tag, rest) = (start[0], &start[1..]);
        let length = rest
            .first_chunk()
            .map_or(u32::MAX, |l| u32::from_le_bytes(*l));
        if length > LONGEST {
            return Err(self.damaged("a frame does not verify"));
        }
        let mut body = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(&mut body)?;
        if frame_start(tag, length, &body) != start {
            return Err(self.damaged("a frame does not verify"));
        }
        self.frames += 1;
        self.checksum.update(&start);
        self.checksum.update(&body);
        Ok((tag, body))
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<(), SnapshotError> {
        self.file.read_exact(into).map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                return self.damaged("it ends too early");
            }
            failed("read")(error)
        })
    }

    fn at_end(&mut self) -> Result<bool, SnapshotError> {
        let mut more = [0];
        Ok(self.file.read(&mut more).map_err(failed("read"))? == 0)
    }

    pub(super) fn newer(&self) -> SnapshotError {
        let index = self.header.index;
        SnapshotError::Newer { index }
    }

    pub(super) fn damaged(&self, what: &'static str) -> SnapshotError {
        let index = self.header.index;
        SnapshotError::Damaged { index, what }
    }
}

fn frame_start(tag: u8, length: u32, body: &[u8]) -> [u8; FRAME] {
    let mut start = [0; FRAME];
    start[0] = tag;
    start[1..5].copy_from_slice(&length.to_le_bytes());
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&start[..5]);
    checksum.update(body);
    start[5..].copy_from_slice(&checksum.finalize().to_le_bytes());
    start
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use jiff::Timestamp;
    use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
    use tempfile::TempDir;

    use super::*;
    use crate::ledger::SignedBytes;

    const INDEX: u64 = 77;

    fn record(number: u8) -> Record {
        let key = RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(&format!("s{number:03}")).unwrap(),
        };
        let signed = SignedBytes {
            bytes: vec![number; 40],
            signature: vec![number; 64],
        };
        Record::of(&key, &signed, Timestamp::UNIX_EPOCH)
    }

    fn written(folder: &Path, records: u8) -> (PathBuf, Summary) {
        let path = folder.join("snapshot");
        let header = Header {
            index: INDEX,
            received_at_us: 5,
            ..Header::default()
        };
        let mut writer = Writer::begin(File::create(&path).unwrap(), header).unwrap();
        writer.agency(&Agency::default()).unwrap();
        for number in 0..records {
            writer.record(&record(number)).unwrap();
        }
        writer.capacity(&Capacity::default()).unwrap();
        (path, writer.finish().unwrap())
    }

    fn read(path: &Path) -> Result<Summary, SnapshotError> {
        Reader::begin(File::open(path).unwrap(), INDEX)?.verify()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = TempDir::new().unwrap();
        let (path, summary) = written(folder.path(), 20);

        let mut reader = Reader::begin(File::open(&path).unwrap(), INDEX).unwrap();
        let mut records = Vec::new();
        while let Some(item) = reader.next().unwrap() {
            if let Item::Record(record) = item {
                records.push(record);
            }
        }

        assert_eq!(records, (0..20).map(record).collect::<Vec<_>>());
        assert_eq!(read(&path).unwrap(), summary);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let folder = TempDir::new().unwrap();
        let (path, _) = written(folder.path(), 3);
        let whole = fs::read(&path).unwrap();

        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            assert_eq!(
                read(&path).unwrap_err().code(),
                "snapshot_damaged",
                "bit {bit}"
            );
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(read(&path).unwrap_err().code(), "snapshot_damaged");
        }
        fs::write(&path, [whole.as_slice(), &[0]].concat()).unwrap();
        assert_eq!(read(&path).unwrap_err().code(), "snapshot_damaged");
    }

    #[test]
    fn a_frame_that_is_missing_or_twice_there_or_moved_is_found() {
        let folder = TempDir::new().unwrap();
        let (path, _) = written(folder.path(), 3);
        let whole = fs::read(&path).unwrap();
        let length = FRAME + record(0).encoded_len();
        let starts = |at: &usize| {
            whole[*at..].starts_with(&[RECORD])
                && whole[at + FRAME..].starts_with(&record(0).encode_to_vec())
        };
        let first = (0..whole.len() - FRAME).find(starts).unwrap();
        let (before, rest) = whole.split_at(first);
        let (one, rest) = rest.split_at(length);
        let (two, rest) = rest.split_at(length);

        for changed in [
            [before, two, rest].concat(),
            [before, one, one, two, rest].concat(),
            [before, two, one, rest].concat(),
        ] {
            fs::write(&path, changed).unwrap();
            assert_eq!(read(&path).unwrap_err().code(), "snapshot_damaged");
        }
    }

    #[test]
    fn a_snapshot_under_the_name_of_another_is_found() {
        let folder = TempDir::new().unwrap();
        let (path, _) = written(folder.path(), 3);

        let refused = Reader::begin(File::open(path).unwrap(), INDEX + 1).unwrap_err();

        assert_eq!(refused.code(), "snapshot_damaged");
    }
}
