//! Where segments live: a directory ([`FileStorage`]), or memory that can crash ([`MemoryStorage`]).
//!
//! The trait promises no more than a disk does: what was written is durable after [`File::sync`], a new
//! or removed name after [`Storage::sync_directory`], and not before.

mod file;
mod memory;

use std::io;

pub use file::FileStorage;
pub use memory::{Crash, MemoryStorage};

/// A flat set of named files. A clone speaks of the same files.
pub trait Storage: Clone {
    /// An open file.
    type File: File;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// What the storage says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens a file that exists.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`], or what the storage says.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Creates a file, or empties the one that has this name.
    ///
    /// # Errors
    /// What the storage says.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the storage says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes created and removed names durable.
    ///
    /// # Errors
    /// What the storage says.
    fn sync_directory(&self) -> io::Result<()>;

    /// A number that nobody who writes records can foresee.
    fn nonce(&self) -> u64;
}

/// An open file of a [`Storage`].
pub trait File {
    /// Its length in bytes.
    ///
    /// # Errors
    /// What the storage says.
    fn length(&self) -> io::Result<u64>;

    /// Reads up to `into.len()` bytes from `offset` on. Returns how many: fewer only at the end of the file.
    ///
    /// # Errors
    /// What the storage says.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`, over what is there or past the end. Not durable before
    /// [`File::sync`]. After an error any part may have been written.
    ///
    /// # Errors
    /// What the storage says.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `length` bytes. Not durable before [`File::sync`].
    ///
    /// # Errors
    /// What the storage says.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Makes the content and the length durable. After an error nothing may be concluded from a later
    /// success on the same open file.
    ///
    /// # Errors
    /// What the storage says.
    fn sync(&mut self) -> io::Result<()>;
}
