//! The rows of an index in a file: what is in memory of everything that can be found, so that the next start need not
//! read every listing again.
//!
//! ```text
//! file  = "refrows1" | chunks
//! chunk = length u32 | crc32 of the chunk's number and its body u32 | body
//! body  = 0 | cursor | bond | languages         the first
//!       | 1 | services                          the others
//!       | 2 | how many | agencies left out      the last
//! ```
//!
//! Numbers are little-endian. The file is a copy of what its writer had in memory, for that writer's own program
//! and nothing else: who reads it looks first whether the *bond* is the expected one. A file that is not whole is
//! of no use. Start at [`write`] and [`Kept`].

mod bytes;
mod rows;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use referral_core::id::{AgencyId, PublicId};

use crate::generation::Generation;
use crate::part::{Builder, Part, Register, in_order};
use crate::slots::Slots;
use bytes::{Bytes, Stored, write_text};
use rows::{Read, RowReader, RowWriter};

const MAGIC: &[u8; 8] = b"refrows1";
/// The name of the file.
const NAME: &str = "rows";
/// The name under which it is written.
const ASIDE: &str = "rows.aside";
/// A chunk is written once it is so long. Unit: bytes.
const CHUNK: usize = 1 << 18;
/// Longest chunk: one service more. Unit: bytes.
const LONGEST: u32 = 64 << 20;

const HEADER: u8 = 0;
const SERVICES: u8 = 1;
const END: u8 = 2;

/// A file of rows that was written and has not its name yet.
#[derive(Debug)]
#[must_use = "without its name it is of no use"]
pub struct Aside(PathBuf);

/// A file of rows.
#[derive(Debug)]
pub struct Kept {
    chunks: Chunks<BufReader<File>>,
    cursor: u64,
    bond: Vec<u8>,
    languages: Vec<String>,
}

/// What came back from a file of rows.
pub(crate) struct Rows {
    /// A part of all services that are as they were.
    pub(crate) part: Part,
    /// The agencies of those that are not in the file.
    pub(crate) left_out: BTreeSet<AgencyId>,
}

/// Writes or reads chunks.
#[derive(Debug)]
struct Chunks<F> {
    file: F,
    number: u64,
}

impl Aside {
    /// Gives it its name, in the place of the one before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn name(self) -> io::Result<()> {
        fs::rename(self.0.join(ASIDE), self.0.join(NAME))?;
        File::open(&self.0)?.sync_all()
    }
}

/// Writes the rows of a generation, as of this place in the journal.
pub(crate) fn write(
    dir: &Path,
    generation: &Generation,
    cursor: u64,
    bond: &[u8],
) -> io::Result<Aside> {
    let file = BufWriter::new(File::create(dir.join(ASIDE))?);
    let mut chunks = Chunks { file, number: 0 };
    chunks.file.write_all(MAGIC)?;
    let sets = generation.sets();
    let mut body = vec![HEADER];
    cursor.write(&mut body);
    bond.to_vec().write(&mut body);
    let languages = (0..sets.languages.len()).filter_map(|at| sets.languages.at(at).cloned());
    languages.collect::<Vec<_>>().write(&mut body);
    chunks.write(&body)?;

    let views = generation.views().iter();
    let parts: Vec<_> = views
        .map(|view| (view.part.clone(), view.alive.clone()))
        .collect();
    let (mut writer, mut written, mut left_out) = (RowWriter::new(sets), 0u64, BTreeSet::new());
    body = vec![SERVICES];
    for (_, from, service) in in_order(&parts) {
        let row = parts[from].0.encoded(service);
        if writer.write(&row, &mut body) {
            written += 1;
        } else {
            left_out.extend(writer.agency(&row).cloned());
        }
        if body.len() >= CHUNK {
            chunks.write(&body)?;
            body.truncate(1);
        }
    }
    chunks.write(&body)?;
    body = vec![END];
    written.write(&mut body);
    u32::try_from(left_out.len())
        .unwrap_or(u32::MAX)
        .write(&mut body);
    for agency in &left_out {
        write_text(agency.as_str(), &mut body);
    }
    chunks.write(&body)?;
    let file = chunks.file.into_inner()?;
    file.sync_all()?;
    Ok(Aside(dir.to_owned()))
}

impl Kept {
    /// The file in `dir`, as far as its beginning is whole.
    pub(crate) fn open(dir: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(dir.join(NAME)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => BufReader::with_capacity(CHUNK, file?),
        };
        let mut chunks = Chunks { file, number: 0 };
        let mut magic = [0; MAGIC.len()];
        chunks.file.read_exact(&mut magic)?;
        let body = chunks.read()?;
        let mut from = Bytes(&body);
        let header = || {
            let is_header = magic == *MAGIC && u8::read(&mut from)? == HEADER;
            let read = (
                u64::read(&mut from)?,
                Vec::<u8>::read(&mut from)?,
                Vec::<String>::read(&mut from)?,
            );
            (is_header && from.0.is_empty()).then_some(read)
        };
        let mut header = header;
        let (cursor, bond, languages) = header().ok_or(ErrorKind::InvalidData)?;
        Ok(Some(Self {
            chunks,
            cursor,
            bond,
            languages,
        }))
    }

    /// The place in the journal that the rows are the result of.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// What its writer bound it to.
    #[must_use]
    pub fn bond(&self) -> &[u8] {
        &self.bond
    }

    /// The rows; an error when anything of the file is not as it was written, or does not fit the words.
    ///
    /// * `slots` — of all services that have words.
    pub(crate) fn read(
        mut self,
        register: &mut Register,
        slots: &Slots,
        is_as_it_was: &dyn Fn(&AgencyId) -> bool,
    ) -> io::Result<Rows> {
        for (bit, language) in self.languages.iter().enumerate() {
            if register.language(language) != Some(bit) {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        let (mut builder, mut read) = (Builder::default(), 0);
        let mut reader = RowReader::new(register);
        let left_out = loop {
            let body = self.chunks.read()?;
            let mut from = Bytes(&body);
            match u8::read(&mut from) {
                Some(SERVICES) => {}
                Some(END) => {
                    let end = end(&mut from).filter(|(written, _)| *written == read);
                    break end.ok_or(ErrorKind::InvalidData)?.1;
                }
                _ => return Err(ErrorKind::InvalidData.into()),
            }
            while !from.0.is_empty() {
                read += 1;
                match reader.read(&mut from, is_as_it_was) {
                    Some(Read::Otherwise) => {}
                    Some(Read::Row(mut row)) => {
                        let slot = slots.of(PublicId::from_u128(row.service.id));
                        row.service.slot = slot.ok_or(ErrorKind::InvalidData)?;
                        builder.push(*row);
                    }
                    None => return Err(ErrorKind::InvalidData.into()),
                }
            }
        };
        let mut more = [0];
        if self.chunks.file.read(&mut more)? > 0 {
            return Err(ErrorKind::InvalidData.into());
        }
        let part = builder.finish(register.sets());
        Ok(Rows { part, left_out })
    }
}

fn end(from: &mut Bytes<'_>) -> Option<(u64, BTreeSet<AgencyId>)> {
    let written = u64::read(from)?;
    let agencies = u32::read(from)?;
    let agencies = (0..agencies).map(|_| AgencyId::parse(from.text()?).ok());
    let agencies = agencies.collect::<Option<_>>()?;
    from.0.is_empty().then_some((written, agencies))
}

impl Chunks<BufWriter<File>> {
    fn write(&mut self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).ok();
        let length = length.filter(|length| *length <= LONGEST);
        let length = length.ok_or(ErrorKind::InvalidData)?;
        self.file.write_all(&length.to_le_bytes())?;
        let checksum = checksum(self.number, body);
        self.file.write_all(&checksum.to_le_bytes())?;
        self.file.write_all(body)?;
        self.number += 1;
        Ok(())
    }
}

impl Chunks<BufReader<File>> {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let (mut length, mut written) = ([0; 4], [0; 4]);
        self.file.read_exact(&mut length)?;
        self.file.read_exact(&mut written)?;
        let length = u32::from_le_bytes(length);
        if length > LONGEST {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file.read_exact(&mut body)?;
        if checksum(self.number, &body) != u32::from_le_bytes(written) {
            return Err(ErrorKind::InvalidData.into());
        }
        self.number += 1;
        Ok(body)
    }
}

fn checksum(number: u64, body: &[u8]) -> u32 {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&number.to_le_bytes());
    checksum.update(body);
    checksum.finalize()
}
