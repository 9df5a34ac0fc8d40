//! What listings said, each distinct version once: files beside the months, blocks of versions compressed together.
//!
//! ```text
//! file   = blocks
//! block  = length of the body (varint) | body | crc32 of the body u32, little-endian
//! body   = how many versions (varint) | zstd(versions)
//! version = length (varint) | bytes of `Said`
//! ```
//!
//! Versions are numbered from 0 within their file. A month names one file ([`super::frame`]); a new file is begun
//! with a month when more than half of the versions in the old one are not listed any more, and a file that no
//! month names is deleted. What waits for its block is in memory only: months that name a version
//! that is not here are cut off before it, and folded from the journal again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use referral_runtime::data_dir::sync_folder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::said;
use super::varint::{put, take, take_bytes};

/// A block is written when its versions take so much. Unit: bytes.
const BLOCK: usize = 128 << 10;
/// Longest body of a block, and longest block when it is unpacked. Unit: bytes.
const LONGEST: u64 = 16 << 20;

/// A version of what a listing said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// Its place in the file of versions of its month.
    pub(super) number: u64,
    /// See [`super::Said::hash`]: what is read is compared with it.
    pub(super) hash: u64,
}

/// The file of versions that is written to.
#[derive(Debug)]
pub(super) struct Versions {
    pub(super) log: u64,
    file: File,
    /// Versions in the file.
    written: u64,
    /// Whole blocks. Unit: bytes.
    length: u64,
    waiting: Vec<Arc<[u8]>>,
    waiting_bytes: usize,
}

/// What can be read of a file of versions: whole blocks, and what waits for the next.
#[derive(Clone, Debug)]
pub(super) struct Written {
    path: PathBuf,
    /// Versions in the file.
    count: u64,
    length: u64,
    waiting: Vec<Arc<[u8]>>,
}

impl Versions {
    /// Begins a file.
    pub(super) fn create(folder: &Path, log: u64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path(folder, log))?;
        Ok(Self {
            log,
            file,
            written: 0,
            length: 0,
            waiting: Vec::new(),
            waiting_bytes: 0,
        })
    }

    /// Opens a file to go on with it; what does not verify at its end is cut off.
    pub(super) fn recover(folder: &Path, log: u64) -> io::Result<Self> {
        let (written, length) = verified(&path(folder, log))?;
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path(folder, log))?;
        sync_folder(folder)?;
        if file.metadata()?.len() > length {
            file.set_len(length)?;
            file.sync_all()?;
        }
        Ok(Self {
            log,
            file,
            written,
            length,
            waiting: Vec::new(),
            waiting_bytes: 0,
        })
    }

    /// Takes a version in and numbers it.
    pub(super) fn push(&mut self, bytes: &[u8], hash: u64) -> io::Result<Version> {
        let number = self.count();
        self.waiting_bytes += bytes.len();
        self.waiting.push(bytes.into());
        if self.waiting_bytes >= BLOCK {
            self.flush()?;
        }
        Ok(Version { number, hash })
    }

    /// How many versions there are.
    pub(super) fn count(&self) -> u64 {
        self.written + self.waiting.len() as u64
    }

    /// How many versions are in the file.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let block = encode(&self.waiting);
        self.file.write_all(&block)?;
        self.length += block.len() as u64;
        self.written = self.count();
        self.waiting.clear();
        self.waiting_bytes = 0;
        Ok(())
    }

    /// Writes what waits and makes all of it durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_data()
    }

    /// What can be read now, whatever is written meanwhile.
    pub(super) fn reader(&self, folder: &Path) -> Written {
        Written {
            path: path(folder, self.log),
            count: self.written,
            length: self.length,
            waiting: self.waiting.clone(),
        }
    }
}

impl Written {
    /// A file that is not written to any more.
    pub(super) fn closed(folder: &Path, log: u64) -> io::Result<Self> {
        let path = path(folder, log);
        let (count, length) = verified(&path)?;
        Ok(Self {
            path,
            count,
            length,
            waiting: Vec::new(),
        })
    }

    /// Calls `each` for every one of `wanted`, which are sorted by number and name each once, with its place
    /// there. Blocks without any are not unpacked. `None`: one of them is not there, or not what it was.
    pub(super) fn each(
        &self,
        wanted: &[Version],
        mut each: impl FnMut(usize, &[u8]),
    ) -> io::Result<Option<()>> {
        let (mut at, mut number) = (0, 0);
        let mut file = File::open(&self.path)?.take(self.length);
        while at < wanted.len() && number < self.count {
            let Some(body) = next_body(&mut file)? else {
                return Ok(None);
            };
            let mut body = body.as_slice();
            let Some(count) = take(&mut body) else {
                return Ok(None);
            };
            let last = number + count;
            if wanted[at].number < last {
                let Some(block) = unpack(body) else {
                    return Ok(None);
                };
                let mut rest = block.as_slice();
                for number in number..last {
                    let Some(bytes) =
                        take(&mut rest).and_then(|length| take_bytes(length, &mut rest))
                    else {
                        return Ok(None);
                    };
                    while wanted.get(at).is_some_and(|it| it.number == number) {
                        if said::hash(bytes) != wanted[at].hash {
                            return Ok(None);
                        }
                        each(at, bytes);
                        at += 1;
                    }
                }
            }
            number = last;
        }
        for version in &wanted[at..] {
            let place = version.number.checked_sub(self.count);
            let place = place.and_then(|place| usize::try_from(place).ok());
            match place.and_then(|place| self.waiting.get(place)) {
                Some(bytes) if said::hash(bytes) == version.hash => each(at, bytes),
                _ => return Ok(None),
            }
            at += 1;
        }
        Ok(Some(()))
    }
}

/// The number of a file of versions, from its name.
pub(super) fn named(name: &str) -> Option<u64> {
    name.strip_suffix(".said")?.parse().ok()
}

/// Where a file of versions is.
pub(super) fn path(folder: &Path, log: u64) -> PathBuf {
    folder.join(format!("{log:06}.said"))
}

fn encode(versions: &[Arc<[u8]>]) -> Vec<u8> {
    let mut plain = Vec::new();
    for bytes in versions {
        put(bytes.len() as u64, &mut plain);
        plain.extend(bytes.iter());
    }
    let mut body = Vec::new();
    put(versions.len() as u64, &mut body);
    body.extend(compress_to_vec(plain.as_slice(), CompressionLevel::Fastest));
    let mut block = Vec::new();
    put(body.len() as u64, &mut block);
    block.extend(&body);
    block.extend(crc32fast::hash(&body).to_le_bytes());
    block
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    let decoder = StreamingDecoder::new(packed).ok()?;
    decoder.take(LONGEST).read_to_end(&mut block).ok()?;
    Some(block)
}

/// How many versions are in a file, and how many bytes of it verify. No file is an empty one.
fn verified(path: &Path) -> io::Result<(u64, u64)> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, 0)),
        file => io::BufReader::new(file?),
    };
    let (mut written, mut length) = (0, 0);
    while let Some(body) = next_body(&mut file)? {
        let Some(count) = take(&mut body.as_slice()) else {
            break;
        };
        let mut head = Vec::new();
        put(body.len() as u64, &mut head);
        written += count;
        length += (head.len() + body.len() + size_of::<u32>()) as u64;
    }
    Ok((written, length))
}

/// The body of the next block; `None` where none verifies.
fn next_body(file: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = 0_u64;
    for shift in (0..).step_by(7) {
        let mut byte = [0];
        if shift > 28 || !filled(file, &mut byte)? {
            return Ok(None);
        }
        length |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            break;
        }
    }
    let longest = usize::try_from(length).ok().filter(|_| length <= LONGEST);
    let Some(length) = longest else {
        return Ok(None);
    };
    let (mut body, mut checksum) = (vec![0; length], [0; 4]);
    let whole = filled(file, &mut body)? && filled(file, &mut checksum)?;
    Ok((whole && crc32fast::hash(&body).to_le_bytes() == checksum).then_some(body))
}

/// Reads until it is full; false at the end of the file.
fn filled(file: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(into) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// Deletes files of versions that no month names.
pub(super) fn drop_others(folder: &Path, named_by_months: &[u64]) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let log = entry.file_name().to_str().and_then(named);
        if log.is_some_and(|log| !named_by_months.contains(&log)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
