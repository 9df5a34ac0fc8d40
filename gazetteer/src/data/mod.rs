//! The embedded file: `data/places.bin.zst`, written by `recipe/run`, whose layout `recipe/encode.py`
//! describes. [`Sections::open`] checks it; [`Columns`] reads one section.

mod columns;

use std::io::Read;

pub(crate) use columns::Columns;

/// The layout this crate reads; the recipe's `encode.VERSION`.
const VERSION: u16 = 1;
const MAGIC: &[u8] = b"REFGAZ";
/// Room for the file of today, unpacked. Unit: bytes.
const EXPECTED: usize = 1_600_000;
/// No honest file unpacks to more (1.5 MB today). Unit: bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Why a data file was refused. The build's to fix: run the recipe again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// It cannot be decompressed.
    #[error("the gazetteer's data file is not a zstd file; run gazetteer/recipe/run")]
    NotZstd,
    /// It does not begin as such a file does.
    #[error("the gazetteer's data file is of another kind; run gazetteer/recipe/run")]
    NotAGazetteer,
    /// It has another layout than this crate reads.
    #[error(
        "the gazetteer's data file has version {0}, wanted is {VERSION}; run gazetteer/recipe/run"
    )]
    Version(u16),
    /// Its checksum does not agree with its content.
    #[error("the gazetteer's data file fails its checksum; run gazetteer/recipe/run")]
    Checksum,
    /// A section is missing, short, or holds what no row may.
    #[error("section {0} of the gazetteer's data file is damaged; run gazetteer/recipe/run")]
    Section(&'static str),
}

impl Damaged {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotZstd => "gazetteer_not_zstd",
            Self::NotAGazetteer => "gazetteer_not_a_gazetteer",
            Self::Version(_) => "gazetteer_version",
            Self::Checksum => "gazetteer_checksum",
            Self::Section(_) => "gazetteer_section",
        }
    }
}

/// The decompressed file, its checksum verified.
#[derive(Debug)]
pub(crate) struct Sections {
    unpacked: Vec<u8>,
    /// Where the header ends and the first section begins.
    first: usize,
}

impl Sections {
    /// Decompresses and checks a data file.
    pub(crate) fn open(packed: &[u8]) -> Result<Self, Damaged> {
        let unpacked = decompress(packed).ok_or(Damaged::NotZstd)?;
        let header = unpacked.strip_prefix(MAGIC).ok_or(Damaged::NotAGazetteer)?;
        let (version, rest) = header.split_first_chunk().ok_or(Damaged::NotAGazetteer)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(Damaged::Version(version));
        }
        let (checksum, body) = rest.split_first_chunk().ok_or(Damaged::NotAGazetteer)?;
        if u32::from_le_bytes(*checksum) != crc32fast::hash(body) {
            return Err(Damaged::Checksum);
        }
        let first = unpacked.len() - body.len();
        Ok(Self { unpacked, first })
    }

    /// The columns of the section called `tag`.
    pub(crate) fn section(&self, tag: &'static str) -> Result<Columns<'_>, Damaged> {
        let mut rest = self.unpacked.get(self.first..).unwrap_or_default();
        while let Some((found, after)) = rest.split_at_checked(4) {
            let (length, after) = after.split_first_chunk().ok_or(Damaged::Section(tag))?;
            let length = u32::from_le_bytes(*length) as usize;
            let (content, after) = after
                .split_at_checked(length)
                .ok_or(Damaged::Section(tag))?;
            if found == tag.as_bytes() {
                return Ok(Columns::new(tag, content));
            }
            rest = after;
        }
        Err(Damaged::Section(tag))
    }
}

fn decompress(packed: &[u8]) -> Option<Vec<u8>> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(packed).ok()?;
    let mut unpacked = Vec::with_capacity(EXPECTED);
    decoder.take(LIMIT).read_to_end(&mut unpacked).ok()?;
    Some(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMBEDDED: &[u8] = include_bytes!("../../data/places.bin.zst");

    #[test]
    fn the_embedded_file_is_whole() {
        assert_eq!(Sections::open(EMBEDDED).map(|_| ()), Ok(()));
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let refused = Sections::open(b"<html>").map(|_| ());

        assert_eq!(refused, Err(Damaged::NotZstd));
    }

    #[test]
    fn a_cut_file_is_refused() {
        let refused = Sections::open(&EMBEDDED[..EMBEDDED.len() / 2]);

        assert!(refused.is_err(), "half a file was accepted");
    }

    #[test]
    fn a_changed_byte_fails_the_checksum() {
        let mut changed = decompress(EMBEDDED).unwrap();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        let packed = ruzstd::encoding::compress_to_vec(
            changed.as_slice(),
            ruzstd::encoding::CompressionLevel::Uncompressed,
        );

        assert_eq!(Sections::open(&packed).map(|_| ()), Err(Damaged::Checksum));
    }

    #[test]
    fn another_layout_is_refused_by_its_version() {
        let mut other = decompress(EMBEDDED).unwrap();
        other[MAGIC.len()] = 9;
        let packed = ruzstd::encoding::compress_to_vec(
            other.as_slice(),
            ruzstd::encoding::CompressionLevel::Uncompressed,
        );

        assert_eq!(
            Sections::open(&packed).map(|_| ()),
            Err(Damaged::Version(9))
        );
    }
}
