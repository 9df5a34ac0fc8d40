//! The text index on disk: opened or begun anew, written, committed.
//!
//! It is a cache. Whatever is wrong with its files, it is removed and begun anew; only a disk or system
//! that refuses is an error.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use referral_core::id::PublicId;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError};

use crate::document::Document;
use crate::error::IndexError;
use crate::text::schema::{Fields, schema, settings, version};

/// Memory for words on their way to the disk.
const WRITER_BYTES: usize = 32 << 20;

/// The text index on disk.
pub(crate) struct Store {
    dir: PathBuf,
    index: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
    /// Made when first needed, and again after a failure.
    writer: Option<IndexWriter>,
    /// Held as long as the index is open.
    _lock: File,
}

/// Why an index on disk is not used as it is.
enum Fault {
    /// The system refuses.
    Refused(io::Error),
    /// Missing, damaged, or of another version.
    Unusable,
}

impl Store {
    /// Opens the text index in `dir` together with the cursor of its last commit, or an empty one
    /// without a cursor.
    pub(crate) fn open(dir: &Path) -> Result<(Self, Option<u64>), IndexError> {
        let storage = |source| IndexError::Storage {
            dir: dir.to_owned(),
            source,
        };
        fs::create_dir_all(dir).map_err(storage)?;
        let lock = lock(dir)?;
        let files = dir.join("text");
        let (opened, cursor) = match open_as_it_is(&files) {
            Ok((opened, cursor)) => (opened, Some(cursor)),
            Err(Fault::Refused(source)) => return Err(storage(source)),
            Err(Fault::Unusable) => {
                begin_anew(&files).map_err(storage)?;
                let made = tantivy::Index::builder().schema(schema().0);
                let made = made.settings(settings()).create_in_dir(&files);
                (made.map_err(|e| failed(dir, e))?, None)
            }
        };
        let reader = reader(&opened).map_err(|e| failed(dir, e))?;
        let store = Self {
            dir: dir.to_owned(),
            index: opened,
            reader,
            fields: schema().1,
            writer: None,
            _lock: lock,
        };
        Ok((store, cursor))
    }

    /// Replaces services (`None` removes one) and commits, durably, together with `cursor`. After an
    /// error nothing of this counts as written; it may be tried again.
    pub(crate) fn write<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (PublicId, Option<&'a Document>)>,
        cursor: Option<u64>,
    ) -> Result<(), IndexError> {
        let Err(error) = self.try_write(changes, cursor) else {
            return Ok(());
        };
        // A writer that failed once refuses everything after; the next write makes another.
        let error = match (error, self.writer.take()) {
            (TantivyError::ErrorInThread(what), Some(writer)) => cause(writer, what),
            (error, _) => error,
        };
        Err(self.failed(error))
    }

    /// Begins to make these segments one, in the background. What is returned waits for it; without an
    /// error the next [`Store::searcher`] has it.
    pub(crate) fn merge(
        &mut self,
        segments: &[SegmentId],
    ) -> Result<impl FnOnce() -> tantivy::Result<()> + use<>, IndexError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(writer(&self.index).map_err(|e| failed(&self.dir, e))?),
        };
        let merging = writer.merge(segments);
        Ok(move || merging.wait().map(|_| ()))
    }

    /// What is committed now.
    pub(crate) fn searcher(&self) -> Result<Searcher, IndexError> {
        self.reader.reload().map_err(|e| self.failed(e))?;
        Ok(self.reader.searcher())
    }

    /// The directory of the index.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The fields of its documents.
    pub(crate) fn fields(&self) -> Fields {
        self.fields
    }

    /// A failure of tantivy's, in our words.
    pub(crate) fn failed(&self, error: TantivyError) -> IndexError {
        failed(&self.dir, error)
    }

    fn try_write<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (PublicId, Option<&'a Document>)>,
        cursor: Option<u64>,
    ) -> tantivy::Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(writer(&self.index)?),
        };
        for (id, document) in changes {
            writer.delete_term(self.fields.only(id));
            if let Some(document) = document {
                writer.add_document(self.fields.document(id, document))?;
            }
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&payload(cursor));
        commit.commit()?;
        Ok(())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// Only one process may write: the lock ends with the process, however it ends.
fn lock(dir: &Path) -> Result<File, IndexError> {
    let storage = |source| IndexError::Storage {
        dir: dir.to_owned(),
        source,
    };
    let mut open = File::options();
    open.create(true).truncate(false).write(true);
    let file = open.open(dir.join("lock")).map_err(storage)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IndexError::InUse {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(storage(source)),
    }
}

fn open_as_it_is(files: &Path) -> Result<(tantivy::Index, u64), Fault> {
    let managed = files.join(".managed.json");
    if !managed.try_exists().map_err(Fault::Refused)? {
        // Without the list of its files nothing says whether they are whole.
        return Err(Fault::Unusable);
    }
    let index = tantivy::Index::open_in_dir(files)?;
    if index.schema() != schema().0 || *index.settings() != settings() {
        return Err(Fault::Unusable);
    }
    let payload = index.load_metas()?.payload;
    let cursor = payload.as_deref().and_then(cursor).ok_or(Fault::Unusable)?;
    if !index.validate_checksum()?.is_empty() {
        return Err(Fault::Unusable);
    }
    // Opening every segment finds missing files.
    reader(&index)?;
    Ok((index, cursor))
}

fn begin_anew(files: &Path) -> io::Result<()> {
    match fs::remove_dir_all(files) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    fs::create_dir(files)
}

fn reader(index: &tantivy::Index) -> tantivy::Result<IndexReader> {
    let reader = index.reader_builder();
    reader.reload_policy(ReloadPolicy::Manual).try_into()
}

/// One thread indexes and one merges.
fn writer(index: &tantivy::Index) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(WRITER_BYTES)
        .num_merge_threads(1)
        .build();
    let writer = index.writer_with_options(options)?;
    // Which segments become one, and when, is decided as for parts.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// What made the thread of a writer end: it is only told when the thread is waited for.
fn cause(mut writer: IndexWriter, what: String) -> TantivyError {
    match writer.prepare_commit() {
        Err(cause) => cause,
        Ok(_) => TantivyError::ErrorInThread(what),
    }
}

fn payload(cursor: Option<u64>) -> String {
    let cursor = cursor.map_or_else(|| "-".to_owned(), |cursor| cursor.to_string());
    format!("{} {cursor}", version())
}

/// The cursor of a payload of this version.
fn cursor(payload: &str) -> Option<u64> {
    let (written, cursor) = payload.split_once(' ')?;
    if written == version() {
        cursor.parse().ok()
    } else {
        None
    }
}

fn failed(dir: &Path, error: TantivyError) -> IndexError {
    match said_by_the_system(&error) {
        Some(source) => IndexError::Storage {
            dir: dir.to_owned(),
            source: passed_on(source),
        },
        None => IndexError::Text(error),
    }
}

impl From<TantivyError> for Fault {
    /// Missing files and what tantivy itself finds wrong in a file are damage; the rest is refusal.
    fn from(error: TantivyError) -> Self {
        let Some(source) = said_by_the_system(&error) else {
            return Self::Unusable;
        };
        match source.kind() {
            ErrorKind::NotFound | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                Self::Unusable
            }
            ErrorKind::Other if source.raw_os_error().is_none() => Self::Unusable,
            _ => Self::Refused(passed_on(source)),
        }
    }
}

fn said_by_the_system(error: &TantivyError) -> Option<&Arc<io::Error>> {
    match error {
        TantivyError::IoError(source)
        | TantivyError::OpenReadError(OpenReadError::IoError {
            io_error: source, ..
        })
        | TantivyError::OpenWriteError(OpenWriteError::IoError {
            io_error: source, ..
        })
        | TantivyError::OpenDirectoryError(
            OpenDirectoryError::IoError {
                io_error: source, ..
            }
            | OpenDirectoryError::FailedToCreateTempDir(source),
        )
        | TantivyError::LockFailure(LockError::IoError(source), _) => Some(source),
        _ => None,
    }
}

fn passed_on(source: &Arc<io::Error>) -> io::Error {
    io::Error::new(source.kind(), Arc::clone(source))
}
