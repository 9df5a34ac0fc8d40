//! Whether the disk has room: asked before anything is written, since sled cannot be used any more once
//! a write of its own has failed.
//!
//! Listings stop first, everything else later, folding last: what was accepted can always be folded.

use std::path::{Path, PathBuf};

/// Free space that is left alone by listings. Unit: bytes. A file system of less than 2 GiB keeps an
/// eighth of itself instead.
const RESERVE: u64 = 256 << 20;

/// The space of the file system that holds the data directory.
#[derive(Clone, Debug)]
pub(crate) struct Room(PathBuf);

/// What room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// Nothing may be written.
    None,
    /// What was accepted may be folded; nothing new is accepted.
    Folding,
    /// Capacity, withdrawals and sessions are accepted, which are small.
    Reserved,
    /// Anything may be written.
    Plenty,
}

impl Room {
    /// The room where `folder` is.
    pub(crate) fn of(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// What room there is now. Where the system does not tell, there is none.
    pub(crate) fn space(&self) -> Space {
        self.space_after(0)
    }

    /// What room there would be with so many bytes more.
    pub(crate) fn space_after(&self, bytes: u64) -> Space {
        rustix::fs::statvfs(&self.0).map_or(Space::None, |disk| {
            let block = disk.f_frsize;
            let free = (disk.f_bavail * block).saturating_sub(bytes);
            of(free, disk.f_blocks * block)
        })
    }
}

fn of(free: u64, total: u64) -> Space {
    let reserve = RESERVE.min(total / 8);
    if free > reserve {
        Space::Plenty
    } else if free > reserve / 2 {
        Space::Reserved
    } else if free > reserve / 4 {
        Space::Folding
    } else {
        Space::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_stop_first_and_folding_last() {
        const GIB: u64 = 1 << 30;
        for (free, space) in [
            (GIB, Space::Plenty),
            (256 << 20, Space::Reserved),
            (128 << 20, Space::Folding),
            (64 << 20, Space::None),
            (0, Space::None),
        ] {
            assert_eq!(of(free, 100 * GIB), space);
        }
    }

    #[test]
    fn a_small_disk_keeps_an_eighth_of_itself() {
        assert_eq!(of(5 << 20, 32 << 20), Space::Plenty);
        assert_eq!(of(4 << 20, 32 << 20), Space::Reserved);
    }
}
