//! The bytes of a frame: a few changes of one moment.
//!
//! ```text
//! frame  = length of the body (varint) | body | crc32 of the body u32, little-endian
//! body   = kind u8 | journal index (varint) | received at, ms since 1970 (varint) | items
//! item   = 0x00 | length (varint) | name             the next number, from 0, stands for this subject
//!        | 0x01 number version hash                  published; hash: 8 bytes
//!        | 0x02 number                               removed
//!        | 0x03 log                                  versions are in this file of them
//!        | 0x04 generation                           the directory began this generation
//!        | 0x05 shared | length | rest                as 0x00: the name begins with that much of the one before it in
//!                                                    the frame
//!        | tag number | count | age | ttl | [changes at]
//! tag    = 0x10 + state, + 0x08 with changes at, + 0x10 from before a restore
//! count  = 0, or available + 1 and its unit in the lowest 3 bits
//! age    = seconds from its observation to the frame
//! ttl    = the number of a usual one, or seconds + 4
//! ```
//!
//! Index and time are written as what they have grown by since the frame before, in all but a month's first.
//! Numbers are varints, those of subjects begin anew with every month.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Stated, Ttl, Unit};
use referral_core::id::Hash;

use super::past::{Capacity, Noted, Subject};
use super::subjects::Subjects;
use super::varint::{put, take, take_byte, take_bytes, unzigzag, zigzag};
use super::versions::Version;

const NAME: u8 = 0x00;
const PUBLISHED: u8 = 0x01;
const REMOVED: u8 = 0x02;
const LOG: u8 = 0x03;
const GENERATION: u8 = 0x04;
const NAME_LIKE: u8 = 0x05;
const REPORTED: u8 = 0x10;
const CHANGES: u8 = 0x08;
const BEFORE_RESTORE: u8 = 0x10;
/// Longest body. Unit: bytes.
const LONGEST: u64 = 16 << 20;
/// Times to live that most reports have. Unit: seconds.
const USUAL: [u32; 4] = [86_400, 3 * 86_400, 14 * 86_400, 30 * 86_400];

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of the state at the month's beginning.
    State = 3,
    /// The end of that.
    StateEnd = 4,
    /// Changes.
    Changes = 5,
}

/// A frame that is being written.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) index: u64,
    pub(super) at: Timestamp,
    items: Vec<u8>,
    /// The last name in it.
    named: String,
}

/// A frame that was read and verified.
#[derive(Debug)]
pub(super) struct Verified<'a> {
    pub(super) kind: Kind,
    pub(super) index: u64,
    pub(super) at: Timestamp,
    items: &'a [u8],
    /// Where the next one begins. Unit: bytes.
    pub(super) end: usize,
}

/// One item of a frame.
#[derive(Debug)]
pub(super) enum Item {
    Name(Subject),
    Change(u64, Noted),
    Log(u64),
    Generation(u64),
}

impl Frame {
    pub(super) fn begin(kind: Kind, index: u64, at: Timestamp) -> Self {
        Self {
            kind,
            index,
            at,
            items: Vec::new(),
            named: String::new(),
        }
    }

    /// The number of a subject in this month; one that has none is named and gets the next.
    pub(super) fn number(&mut self, subject: &Subject, subjects: &mut Subjects) -> u64 {
        let name = subject.name();
        let (number, is_new) = subjects.number(key(&name));
        if is_new {
            self.name(name);
        }
        number
    }

    /// Names the next subject. Those of a month's beginning come in order: most of a name is that of the one before.
    fn name(&mut self, name: String) {
        let both = name.bytes().zip(self.named.bytes());
        let shared = both.take_while(|(a, b)| a == b).count();
        match name.get(shared..) {
            Some(rest) if shared > 1 => {
                self.items.push(NAME_LIKE);
                put(shared as u64, &mut self.items);
                put(rest.len() as u64, &mut self.items);
                self.items.extend(rest.as_bytes());
            }
            _ => {
                self.items.push(NAME);
                put(name.len() as u64, &mut self.items);
                self.items.extend(name.as_bytes());
            }
        }
        self.named = name;
    }

    pub(super) fn push(&mut self, number: u64, change: Noted) {
        match change {
            Noted::Published(version) => {
                self.items.push(PUBLISHED);
                put(number, &mut self.items);
                put(version.number, &mut self.items);
                self.items.extend(version.hash.to_le_bytes());
            }
            Noted::Removed => {
                self.items.push(REMOVED);
                put(number, &mut self.items);
            }
            Noted::Reported(capacity) => self.push_capacity(number, &capacity),
        }
    }

    /// Says in which file the versions are.
    pub(super) fn push_log(&mut self, log: u64) {
        self.items.push(LOG);
        put(log, &mut self.items);
    }

    /// Says that the directory began a generation.
    pub(super) fn push_generation(&mut self, generation: u64) {
        self.items.push(GENERATION);
        put(generation, &mut self.items);
    }

    fn push_capacity(&mut self, number: u64, capacity: &Capacity) {
        let state = Stated::ALL.iter().position(|it| *it == capacity.stated);
        let mut tag = REPORTED + state.and_then(|at| u8::try_from(at).ok()).unwrap_or(7);
        if capacity.changes_at.is_some() {
            tag += CHANGES;
        }
        if capacity.before_restore {
            tag += BEFORE_RESTORE;
        }
        self.items.push(tag);
        put(number, &mut self.items);
        let count = capacity.available.map_or(0, |(places, unit)| {
            let unit = Unit::ALL.iter().position(|it| *it == unit);
            (u64::from(places) + 1) << 3 | unit.map_or(0, |at| at as u64)
        });
        put(count, &mut self.items);
        let age = self.at.as_second() - capacity.observed_at.as_second();
        put(u64::try_from(age).unwrap_or(0), &mut self.items);
        let ttl = capacity.ttl.seconds();
        let usual = USUAL.iter().position(|it| *it == ttl);
        let ttl = usual.map_or(u64::from(ttl) + USUAL.len() as u64, |at| at as u64);
        put(ttl, &mut self.items);
        if let Some(at) = capacity.changes_at {
            let nanoseconds = i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX);
            put(zigzag(nanoseconds), &mut self.items);
        }
    }

    /// The bytes, after a frame of this index and time.
    pub(super) fn encode(&self, before: (u64, Timestamp)) -> Vec<u8> {
        let mut body = vec![self.kind as u8];
        put(self.index.saturating_sub(before.0), &mut body);
        let grown = self.at.as_millisecond() - before.1.as_millisecond();
        put(u64::try_from(grown).unwrap_or(0), &mut body);
        body.extend(&self.items);
        let mut bytes = Vec::new();
        put(body.len() as u64, &mut bytes);
        let checksum = crc32fast::hash(&body).to_le_bytes();
        bytes.extend(body);
        bytes.extend(checksum);
        bytes
    }
}

impl<'a> Verified<'a> {
    /// The frame at `offset`, after a frame of this index and time; `None` when none verifies there.
    pub(super) fn read(bytes: &'a [u8], offset: usize, before: (u64, Timestamp)) -> Option<Self> {
        let mut rest = bytes.get(offset..)?;
        let length = take(&mut rest)?;
        if length > LONGEST {
            return None;
        }
        let mut body = take_bytes(length, &mut rest)?;
        let checksum = rest.first_chunk()?;
        if crc32fast::hash(body).to_le_bytes() != *checksum {
            return None;
        }
        let end = bytes.len() - rest.len() + checksum.len();
        let kind = match take_byte(&mut body)? {
            3 => Kind::State,
            4 => Kind::StateEnd,
            5 => Kind::Changes,
            _ => return None,
        };
        let index = before.0.checked_add(take(&mut body)?)?;
        let grown = SignedDuration::from_millis(i64::try_from(take(&mut body)?).ok()?);
        Some(Self {
            kind,
            index,
            at: before.1.checked_add(grown).ok()?,
            items: body,
            end,
        })
    }

    /// Its items, one after another; `None` when they cannot be read.
    pub(super) fn each(&self, mut each: impl FnMut(Item)) -> Option<()> {
        let (mut rest, mut named) = (self.items, String::new());
        while !rest.is_empty() {
            each(self.item(&mut rest, &mut named)?);
        }
        Some(())
    }

    /// The next item; `named` is the last name before it.
    fn item(&self, rest: &mut &'a [u8], named: &mut String) -> Option<Item> {
        let tag = take_byte(rest)?;
        match tag {
            NAME | NAME_LIKE => {
                let shared = if tag == NAME { 0 } else { take(rest)? };
                let shared = usize::try_from(shared).ok()?;
                named.get(..shared)?;
                named.truncate(shared);
                let length = take(rest)?;
                named.push_str(std::str::from_utf8(take_bytes(length, rest)?).ok()?);
                Subject::parse(named).map(Item::Name)
            }
            LOG => take(rest).map(Item::Log),
            GENERATION => take(rest).map(Item::Generation),
            _ => {
                let number = take(rest)?;
                self.change(tag, rest)
                    .map(|change| Item::Change(number, change))
            }
        }
    }

    fn change(&self, tag: u8, rest: &mut &'a [u8]) -> Option<Noted> {
        match tag {
            PUBLISHED => {
                let number = take(rest)?;
                let hash = u64::from_le_bytes(*take_bytes(8, rest)?.first_chunk()?);
                Some(Noted::Published(Version { number, hash }))
            }
            REMOVED => Some(Noted::Removed),
            _ => self.capacity(tag, rest).map(Noted::Reported),
        }
    }

    fn capacity(&self, tag: u8, rest: &mut &'a [u8]) -> Option<Capacity> {
        let bits = tag
            .checked_sub(REPORTED)
            .filter(|bits| *bits < 2 * BEFORE_RESTORE)?;
        let stated = *Stated::ALL.get(usize::from(bits & (CHANGES - 1)))?;
        let count = take(rest)?;
        let places = (count >> 3).checked_sub(1);
        let available = match places {
            None => None,
            Some(places) => {
                let unit = usize::try_from(count & 7).ok()?;
                Some((u32::try_from(places).ok()?, *Unit::ALL.get(unit)?))
            }
        };
        let age = i64::try_from(take(rest)?).ok()?;
        let observed = self.at.as_second().checked_sub(age)?;
        let ttl = take(rest)?;
        let usual = USUAL.get(usize::try_from(ttl).ok()?);
        let ttl = match usual {
            Some(usual) => *usual,
            None => u32::try_from(ttl - USUAL.len() as u64).ok()?,
        };
        let changes_at = if bits & CHANGES == 0 {
            None
        } else {
            let nanoseconds = i128::from(unzigzag(take(rest)?));
            Some(Timestamp::from_nanosecond(nanoseconds).ok()?)
        };
        Some(Capacity {
            stated,
            available,
            observed_at: Timestamp::from_second(observed).ok()?,
            ttl: Ttl::clamped(ttl),
            changes_at,
            before_restore: bits & BEFORE_RESTORE != 0,
        })
    }
}

/// What a name is remembered by while a month is written: a third of the memory of the name.
pub(super) fn key(name: &str) -> u128 {
    let hash = Hash::of(&[name.as_bytes()]);
    hash.as_bytes()
        .first_chunk()
        .map_or(0, |half| u128::from_le_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINNING: (u64, Timestamp) = (0, Timestamp::UNIX_EPOCH);

    fn subject(name: &str) -> Subject {
        Subject::parse(name).unwrap()
    }

    fn named(bytes: &[u8]) -> Vec<Subject> {
        let mut named = Vec::new();
        let frame = Verified::read(bytes, 0, BEGINNING).unwrap();
        let read = frame.each(|item| match item {
            Item::Name(subject) => named.push(subject),
            _ => panic!("names alone"),
        });
        assert_eq!(read, Some(()));
        named
    }

    #[test]
    fn a_name_is_written_as_what_it_has_beyond_the_one_before() {
        let names = [
            "c/hope/bed-100",
            "c/hope/bed-101",
            "c/hope/bed-1",
            "c/house/x",
            "service/house/x",
        ]
        .map(subject);
        let mut frame = Frame::begin(Kind::State, 0, Timestamp::UNIX_EPOCH);
        let mut numbers = Subjects::default();
        let given = names
            .each_ref()
            .map(|name| frame.number(name, &mut numbers));
        assert_eq!(given, [0, 1, 2, 3, 4]);
        assert_eq!(frame.number(&names[1], &mut numbers), 1, "named once");

        let bytes = frame.encode(BEGINNING);

        assert_eq!(named(&bytes), names);
        let whole: usize = names.iter().map(|name| name.name().len()).sum();
        assert!(bytes.len() < whole, "{} of {whole}", bytes.len());
    }

    #[test]
    fn whole_names_as_they_were_written_first_are_read() {
        let names = ["c/hope/bed-100", "c/hope/bed-101"];
        let mut body = vec![Kind::State as u8, 0, 0];
        for name in names {
            body.extend([NAME, u8::try_from(name.len()).unwrap()]);
            body.extend(name.as_bytes());
        }
        let mut bytes = vec![u8::try_from(body.len()).unwrap()];
        bytes.extend(&body);
        bytes.extend(crc32fast::hash(&body).to_le_bytes());

        assert_eq!(named(&bytes), names.map(subject));
    }

    #[test]
    fn a_name_that_begins_with_more_than_the_one_before_has_is_damage() {
        let body = [Kind::State as u8, 0, 0, NAME_LIKE, 9, 1, b'x'];
        let mut bytes = vec![u8::try_from(body.len()).unwrap()];
        bytes.extend(body);
        bytes.extend(crc32fast::hash(&body).to_le_bytes());

        let frame = Verified::read(&bytes, 0, BEGINNING).unwrap();

        assert!(frame.each(|_| {}).is_none());
    }
}
