//! What the tests of this binary share: a place for files, and reading them.

use std::path::{Path, PathBuf};

use agency_node::source::{Imported, Input, SourceError, read};
use jiff::Timestamp;
use referral_core::catalog::{Record, Service};
use referral_core::hsds::{Entity, RowIssue};
use referral_core::id::AgencyId;
use referral_gazetteer::gazetteer;

/// Where the real sets are; `None`, said aloud, where they are not at hand.
pub(crate) fn real_data(set: &str) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where the data is"
    )]
    let root = std::env::var("REFERRAL_DATA").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(set);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: no {} (set REFERRAL_DATA)", path.display());
    None
}

/// A map that is shipped.
pub(crate) fn shipped_map(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("maps")
        .join(name)
}

/// Reads an input for the agency `harbor` on the real map of places.
pub(crate) fn import(input: &Input) -> Result<Imported, SourceError> {
    let agency = AgencyId::parse("harbor").expect("a good id");
    let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("a good time");
    read(input, &agency, gazetteer(), now, &mut |_| {})
}

/// A folder that goes away with the value.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), bytes).expect("written");
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Reads one of its files as HSDS.
    pub(crate) fn hsds(&self, name: &str) -> Result<Imported, SourceError> {
        import(&Input::Hsds(self.0.path().join(name)))
    }

    /// Reads all of it as HSDS.
    pub(crate) fn all(&self) -> Result<Imported, SourceError> {
        import(&Input::Hsds(self.path()))
    }

    /// Reads all of it through its `map.toml`.
    pub(crate) fn mapped(&self) -> Result<Imported, SourceError> {
        import(&Input::Csv {
            files: vec![self.path()],
            map: self.0.path().join("map.toml"),
        })
    }
}

pub(crate) fn services(imported: &Imported) -> Vec<&Service> {
    let records = imported.converted.records.iter();
    records
        .filter_map(|record| match record {
            Record::Service(service) => Some(&**service),
            _ => None,
        })
        .collect()
}

pub(crate) fn source_ids(imported: &Imported) -> Vec<&str> {
    services(imported)
        .iter()
        .map(|service| service.source_id.as_str())
        .collect()
}

/// Ids of rows of one kind that are named in a list, each once.
pub(crate) fn named(issues: &[RowIssue], entity: Entity) -> Vec<&str> {
    let mut ids: Vec<&str> = issues
        .iter()
        .filter(|issue| issue.entity == entity)
        .map(|issue| issue.id.as_deref().unwrap_or(&issue.row))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(crate) fn codes(issues: &[RowIssue]) -> Vec<&str> {
    issues.iter().map(|issue| issue.code).collect()
}
