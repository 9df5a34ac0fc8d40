//! The bytes of a frame: a few changes of one moment.
//!
//! ```text
//! frame  = length of the body (varint) | body | crc32 of the body u32, little-endian
//! body   = kind u8 | journal index (varint) | received at, ms since 1970 (varint) | items
//! item   = 0x00 | length (varint) | name             the next number, from 0, stands for this subject
//!        | 0x01 number | 0x02 number                 published, removed
//!        | 0x10 + state | number | available + 1, or 0 | seconds until it expires + 1, or 0
//! ```
//!
//! Index and time are written as what they have grown by since the frame before, in all but a month's first.
//! Varints are LEB128. Numbers begin anew with every month.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::Hash;

use super::past::{Capacity, Change, Subject};

const NAME: u8 = 0x00;
const PUBLISHED: u8 = 0x01;
const REMOVED: u8 = 0x02;
const REPORTED: u8 = 0x10;
/// The greatest state there can be.
const STATES: u8 = 0x0f;
/// Longest body. Unit: bytes.
const LONGEST: u64 = 16 << 20;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of the state at the month's beginning.
    State,
    /// The end of that.
    StateEnd,
    /// Changes.
    Changes,
}

/// A frame that is being written.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) index: u64,
    pub(super) at: Timestamp,
    items: Vec<u8>,
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
    Change(u64, Change),
}

impl Frame {
    pub(super) fn begin(kind: Kind, index: u64, at: Timestamp) -> Self {
        Self {
            kind,
            index,
            at,
            items: Vec::new(),
        }
    }

    /// The number of a subject in this month; one that has none is named and gets the next.
    pub(super) fn number(&mut self, subject: &Subject, numbers: &mut HashMap<u128, u64>) -> u64 {
        let name = subject.name();
        let next = numbers.len() as u64;
        let number = *numbers.entry(key(&name)).or_insert(next);
        if number == next {
            self.items.push(NAME);
            put(name.len() as u64, &mut self.items);
            self.items.extend(name.as_bytes());
        }
        number
    }

    pub(super) fn push(&mut self, number: u64, change: Change) {
        match change {
            Change::Published => self.items.push(PUBLISHED),
            Change::Removed => self.items.push(REMOVED),
            Change::Reported(capacity) => self.items.push(REPORTED + capacity.state.min(STATES)),
        }
        put(number, &mut self.items);
        if let Change::Reported(capacity) = change {
            let available = capacity.available.map_or(0, |places| u64::from(places) + 1);
            put(available, &mut self.items);
            let left = |at: Timestamp| at.as_second() - self.at.as_second();
            let left = capacity.expires_at.map(left);
            // What had expired when it was received expires at its receipt.
            let left = left.map_or(0, |left| u64::try_from(left).unwrap_or(0) + 1);
            put(left, &mut self.items);
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
        let length = usize::try_from(length).ok()?;
        let (mut body, after) = rest.split_at_checked(length)?;
        let checksum = after.first_chunk()?;
        if crc32fast::hash(body).to_le_bytes() != *checksum {
            return None;
        }
        let end = bytes.len() - after.len() + checksum.len();
        let kind = match take_byte(&mut body)? {
            0 => Kind::State,
            1 => Kind::StateEnd,
            2 => Kind::Changes,
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

    /// Its items; `None` when they cannot be read.
    pub(super) fn items(&self) -> Option<Vec<Item>> {
        let (mut rest, mut items) = (self.items, Vec::new());
        while !rest.is_empty() {
            items.push(self.item(&mut rest)?);
        }
        Some(items)
    }

    fn item(&self, rest: &mut &'a [u8]) -> Option<Item> {
        let tag = take_byte(rest)?;
        if tag == NAME {
            let length = usize::try_from(take(rest)?).ok()?;
            let (name, after) = rest.split_at_checked(length)?;
            *rest = after;
            return Subject::parse(std::str::from_utf8(name).ok()?).map(Item::Name);
        }
        let number = take(rest)?;
        let change = match tag {
            PUBLISHED => Change::Published,
            REMOVED => Change::Removed,
            _ => {
                let state = tag.checked_sub(REPORTED).filter(|state| *state <= STATES)?;
                let available = take(rest)?.checked_sub(1).map(u32::try_from);
                let left = take(rest)?.checked_sub(1).map(i64::try_from);
                let expires = |left| Timestamp::from_second(self.at.as_second() + left).ok();
                let expires_at = match left.transpose().ok()? {
                    Some(left) => Some(expires(left)?),
                    None => None,
                };
                Change::Reported(Capacity {
                    state,
                    available: available.transpose().ok()?,
                    expires_at,
                })
            }
        };
        Some(Item::Change(number, change))
    }
}

/// What a name is remembered by while a month is written: a third of the memory of the name.
pub(super) fn key(name: &str) -> u128 {
    let hash = Hash::of(&[name.as_bytes()]);
    hash.as_bytes()
        .first_chunk()
        .map_or(0, |half| u128::from_le_bytes(*half))
}

fn put(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(0x80 | value.to_le_bytes()[0]);
        value >>= 7;
    }
    into.push(value.to_le_bytes()[0]);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(from)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take_byte(from: &mut &[u8]) -> Option<u8> {
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}
