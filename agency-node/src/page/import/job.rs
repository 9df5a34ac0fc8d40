//! An import from a browser: read, planned, applied; one at a time for each person.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use referral_core::hsds::RowIssue;
use referral_core::id::Hash;
use referral_gazetteer::gazetteer;
use referral_proto::convert::limits::RECORD_BYTES;
use referral_runtime::accounts::SignInName;
use referral_runtime::panics::{Panicked, catch_blocking};
use referral_runtime::tls::random;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::super::board::why;
use super::super::{reason, say, tell};
use super::upload::Files;
use crate::operations::desk::Taken;
use crate::operations::{Import, ImportError, Node, sift};
use crate::outbox::TooLarge;
use crate::people::Person;
use crate::source::{self, Imported};

/// The imports that people began, the last one of each; in memory alone.
pub(in crate::page) struct Imports {
    folder: PathBuf,
    jobs: Mutex<HashMap<SignInName, Arc<Job>>>,
}

/// An import that somebody began.
pub(super) struct Job {
    number: String,
    file: String,
    stage: watch::Sender<Stage>,
}

/// How far an import is.
#[derive(Clone)]
pub(super) enum Stage {
    /// The file is read.
    Reading {
        /// Rows so far.
        rows: usize,
    },
    /// It is compared with what is published.
    Comparing {
        /// Records of the file.
        records: usize,
    },
    /// Nothing is queued; somebody has to look.
    Planned(Arc<Planned>),
    /// It is queued.
    Applying {
        /// Records of the file.
        records: usize,
    },
    /// The difference is on the disk.
    Done(Arc<Taken>),
    /// Nothing of it is queued, and why.
    Failed(String),
}

/// What an import would do.
pub(super) struct Planned {
    pub(super) import: Import,
    pub(super) taken: Taken,
    pub(super) refused: Vec<RowIssue>,
    pub(super) withheld: Vec<RowIssue>,
    pub(super) repaired: Vec<RowIssue>,
    /// Records that are too large to be published, or belong to one that is.
    pub(super) too_large: Vec<String>,
    /// Files of an archive that nothing was read from.
    pub(super) skipped: Vec<String>,
}

impl Stage {
    pub(super) fn is_running(&self) -> bool {
        matches!(
            self,
            Self::Reading { .. } | Self::Comparing { .. } | Self::Applying { .. }
        )
    }
}

impl Imports {
    /// * `folder` — where files lie while they are read. What an earlier process left there is deleted.
    pub(in crate::page) fn new(folder: PathBuf) -> Self {
        let _nothing_left = std::fs::remove_dir_all(&folder);
        Self {
            folder,
            jobs: Mutex::default(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins an import; it takes the place of the one before of the same person.
    pub(super) fn begin(&self, who: &Person, files: &Files) -> Arc<Job> {
        // A number nobody else can use: it is looked for among a person's own.
        let bytes: [u8; 8] = random().unwrap_or_default();
        let number = Hash::of(&[b"import", &bytes]).to_string();
        let job = Arc::new(Job {
            number: number.chars().take(16).collect(),
            file: files.name().to_owned(),
            stage: watch::Sender::new(Stage::Reading { rows: 0 }),
        });
        self.with(|jobs| jobs.insert(who.name.clone(), Arc::clone(&job)));
        job
    }

    /// The import that somebody began last.
    pub(super) fn of(&self, who: &Person) -> Option<Arc<Job>> {
        self.with(|jobs| jobs.get(&who.name).cloned())
    }

    /// Somebody's import with this number.
    pub(super) fn find(&self, who: &Person, number: &str) -> Option<Arc<Job>> {
        self.of(who).filter(|job| job.number == number)
    }

    /// Forgets an import that does not run.
    pub(super) fn forget(&self, who: &Person, number: &str) {
        self.with(|jobs| {
            let job = jobs.get(&who.name);
            if job.is_some_and(|job| job.number == number && !job.is_running()) {
                jobs.remove(&who.name);
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<SignInName, Arc<Job>>) -> T) -> T {
        work(&mut self.jobs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Job {
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn is_running(&self) -> bool {
        self.stage.borrow().is_running()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Takes the plan to apply it; `None`: there is none, or somebody did already.
    pub(super) fn begin_applying(&self) -> Option<Import> {
        let mut import = None;
        self.stage.send_if_modified(|stage| {
            let Stage::Planned(planned) = stage else {
                return false;
            };
            let records = planned.import.records.len();
            import = Some(Import {
                dry_run: false,
                ..planned.import.clone()
            });
            *stage = Stage::Applying { records };
            true
        });
        import
    }

    fn is_at(&self, stage: Stage) {
        self.stage.send_replace(stage);
    }
}

/// Reads files and compares them, away from the async threads.
pub(super) fn read(node: Arc<Node>, who: Person, files: Files, job: &Arc<Job>) {
    let job = Arc::clone(job);
    // Nobody waits for it: how far it is, it says itself.
    let _detached = spawn_blocking(move || {
        let stage = catch_blocking(|| planned(&node, &who, &files, &job));
        drop(files);
        let stage = stage.unwrap_or_else(|Panicked| Err(say("import-broke")));
        job.is_at(stage.unwrap_or_else(Stage::Failed));
    });
}

/// Queues what was planned, away from the async threads.
pub(super) fn apply(node: Arc<Node>, who: Person, import: Import, job: &Arc<Job>) {
    let job = Arc::clone(job);
    let _detached = spawn_blocking(move || {
        let stage = match catch_blocking(|| node.desk(&who).import(&import)) {
            Ok(Ok(taken)) => Stage::Done(Arc::new(taken)),
            Ok(Err(error)) => Stage::Failed(words(&error)),
            Err(Panicked) => Stage::Failed(say("import-broke")),
        };
        job.is_at(stage);
    });
}

fn planned(node: &Node, who: &Person, files: &Files, job: &Job) -> Result<Stage, String> {
    let now = node.clock().now();
    let agency = &node.membership().agency;
    let mut progress = |progress: &source::Progress| {
        let rows = progress.rows;
        job.is_at(Stage::Reading { rows });
    };
    let read = source::read(&files.input(), agency, gazetteer(), now, &mut progress);
    let Imported {
        converted,
        source,
        skipped,
    } = read.map_err(|error| reason::file(&error))?;
    let (import, too_large) = sift(&converted, &source, true, now);
    let records = import.records.len();
    job.is_at(Stage::Comparing { records });
    let taken = node
        .desk(who)
        .import(&import)
        .map_err(|error| words(&error))?;
    let too_large = too_large.into_keys();
    Ok(Stage::Planned(Arc::new(Planned {
        import,
        taken,
        refused: converted.refused,
        withheld: converted.withheld,
        repaired: converted.repaired,
        too_large: too_large.map(|name| name.to_string()).collect(),
        skipped,
    })))
}

fn words(error: &ImportError) -> String {
    match error {
        ImportError::NotQueued(error) => {
            tracing::error!(error.type = error.code(), "an import was not queued: {error}");
            say("not-saved")
        }
        ImportError::Twice(name) => tell("import-twice", &[("name", name.id.as_str().into())]),
        ImportError::TooLarge { name, source } => {
            let values = [
                ("name", name.id.as_str().into()),
                ("why", large(*source).into()),
            ];
            tell("import-record-large", &values)
        }
        ImportError::Report { service, source } => {
            let values = [
                ("service", service.as_str().into()),
                ("why", why::report(*source).into()),
            ];
            tell("import-report-wrong", &values)
        }
    }
}

fn large(TooLarge { bytes }: TooLarge) -> String {
    let values = [("bytes", bytes.into()), ("most", RECORD_BYTES.into())];
    tell("import-large", &values)
}
