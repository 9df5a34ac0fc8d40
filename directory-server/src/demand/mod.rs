//! Tables of demand: who may need help where. Residents of the map are always there; the operator loads others.
//!
//! Start at [`Tables`]: the tables of one data directory, by name. [`read`] makes rows of a file, `core`
//! puts them on the map, [`file`] keeps them. A file with a bad row is refused as a whole, with every bad row
//! named, unless the operator says to leave bad rows out. Nothing here knows what a report is.

mod file;
mod residents;
mod rows;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use referral_core::coverage::{Demand, DemandRow, DemandSource, InvalidDemand};
use referral_core::text::{InvalidText, Name};
use referral_gazetteer::gazetteer;

pub use file::DamagedTable;
pub use residents::{ground, residents};
pub use rows::{BadRow, BadRows, MOST_BYTES, Row, read};

/// The folder of the tables in the data directory.
pub const DEMAND: &str = "demand";
/// Most tables that are kept.
const MOST: usize = 64;

/// The tables of one data directory. A table is read when it is first asked for.
#[derive(Debug)]
pub struct Tables {
    folder: PathBuf,
    residents: Arc<Demand>,
    known: Mutex<BTreeMap<String, Arc<Demand>>>,
}

/// What the operator says of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What it counts; the name it is asked for by.
    pub name: String,
    /// The day it describes, as `2024-07-01`.
    pub date: String,
    /// Who counted.
    pub source: String,
    /// On what terms it may be used.
    pub licence: String,
}

/// A table that was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The table.
    pub demand: Arc<Demand>,
    /// Rows that were left out because the operator said so.
    pub left_out: Vec<BadRow>,
    /// True when a table of this name was there and was replaced.
    pub replaced: bool,
}

/// Why a table was not loaded, removed or read.
#[derive(Debug, thiserror::Error)]
pub enum DemandError {
    /// The disk.
    #[error("the tables of demand cannot be read or written")]
    Io(#[from] io::Error),
    /// A table is not as it was written.
    #[error("the table of demand \"{name}\" is damaged: load it again, or remove it")]
    Damaged {
        /// Its name, or that of its file.
        name: String,
        /// What is wrong.
        #[source]
        source: DamagedTable,
    },
    /// Bad rows.
    #[error(transparent)]
    Rows(#[from] BadRows),
    /// The rows make no table.
    #[error(transparent)]
    Table(#[from] InvalidDemand),
    /// A description that is no text.
    #[error("{field} cannot be used")]
    Description {
        /// Which part of it.
        field: &'static str,
        /// What is wrong with it.
        #[source]
        source: InvalidText,
    },
    /// No date.
    #[error("the date of a table is written year-month-day, such as 2024-07-01")]
    Date,
    /// A name that the map's own table has.
    #[error("the table of residents is the map's own: give yours another name")]
    Residents,
    /// No such table.
    #[error(
        "there is no table of demand of this name: directory-server demand list shows those there are"
    )]
    Unknown,
    /// Too many tables.
    #[error("64 tables of demand are kept: remove one first")]
    TooMany,
}

impl DemandError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "demand_storage",
            Self::Damaged { .. } => "demand_damaged",
            Self::Rows(_) => "demand_rows",
            Self::Table(invalid) => invalid.code(),
            Self::Description { .. } => "demand_description",
            Self::Date => "demand_date",
            Self::Residents => "demand_residents",
            Self::Unknown => "demand_unknown",
            Self::TooMany => "demand_too_many",
        }
    }
}

impl Described {
    /// The description, read.
    ///
    /// # Errors
    /// [`DemandError`] for a part that is no short text, and for a date that is none.
    pub fn understand(&self) -> Result<DemandSource, DemandError> {
        let part = |field, text: &str| {
            Name::parse(text).map_err(|source| DemandError::Description { field, source })
        };
        Ok(DemandSource {
            name: part("the name", &self.name)?,
            date: self
                .date
                .trim()
                .parse::<Date>()
                .map_err(|_| DemandError::Date)?,
            source: part("the source", &self.source)?,
            licence: part("the licence", &self.licence)?,
        })
    }
}

impl Tables {
    /// The tables in `folder`, which may not be there yet.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self {
            folder,
            residents: residents(),
            known: Mutex::default(),
        }
    }

    /// The table of this name, case and blanks around it aside; residents for an empty name.
    ///
    /// # Errors
    /// [`DemandError::Unknown`], and what reading it says.
    pub fn find(&self, name: &str) -> Result<Arc<Demand>, DemandError> {
        let key = key(name);
        if key.is_empty() || key == self::key(self.residents.source().name.as_str()) {
            return Ok(Arc::clone(&self.residents));
        }
        if let Some(known) = self.known().get(&key) {
            return Ok(Arc::clone(known));
        }
        let demand = match fs::read(self.path(&key)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DemandError::Unknown);
            }
            read => Arc::new(decoded(name.trim(), &read?)?),
        };
        self.known().insert(key, Arc::clone(&demand));
        Ok(demand)
    }

    /// Every table, residents first, the others by name.
    ///
    /// # Errors
    /// What reading them says.
    pub fn all(&self) -> Result<Vec<Arc<Demand>>, DemandError> {
        let mut tables = Vec::new();
        for path in self.files()? {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            tables.push(Arc::new(decoded(&file, &fs::read(&path)?)?));
        }
        tables.sort_by_key(|table| key(table.source().name.as_str()));
        tables.insert(0, Arc::clone(&self.residents));
        Ok(tables)
    }

    /// Takes a table in, in the place of one of the same name. It is kept when this returns.
    ///
    /// * `csv` — see [`read`].
    /// * `leave_out` — whether bad rows are left out; otherwise a bad row refuses the table.
    ///
    /// # Errors
    /// [`DemandError`]; nothing was changed then.
    pub fn load(
        &self,
        described: &Described,
        csv: &[u8],
        leave_out: bool,
    ) -> Result<Loaded, DemandError> {
        let source = described.understand()?;
        let key = key(source.name.as_str());
        if key == self::key(self.residents.source().name.as_str()) {
            return Err(DemandError::Residents);
        }
        let (rows, mut left_out) = read(csv)?;
        let each: Vec<DemandRow> = rows.iter().map(|row| row.row).collect();
        let made = Demand::from_rows(source, &each, &self.residents, gazetteer());
        let refused = made.as_ref().map_or(&[][..], |(_, refused)| refused);
        left_out.extend(refused.iter().map(|refused| BadRow {
            line: rows[refused.row].line,
            why: refused.reason.to_string(),
        }));
        left_out.sort_by_key(|row| row.line);
        if !left_out.is_empty() && !leave_out {
            return Err(BadRows::Rows(left_out).into());
        }
        let demand = Arc::new(made?.0);
        crate::life::make_private(&self.folder)?;
        let path = self.path(&key);
        let replaced = path.exists();
        if !replaced && self.files()?.len() >= MOST {
            return Err(DemandError::TooMany);
        }
        referral_runtime::data_dir::write_secret(&path, &file::encode(&demand)?)?;
        self.known().insert(key, Arc::clone(&demand));
        Ok(Loaded {
            demand,
            left_out,
            replaced,
        })
    }

    /// Removes a table.
    ///
    /// # Errors
    /// [`DemandError::Residents`], [`DemandError::Unknown`], and what the disk says.
    pub fn remove(&self, name: &str) -> Result<(), DemandError> {
        let key = key(name);
        if key == self::key(self.residents.source().name.as_str()) {
            return Err(DemandError::Residents);
        }
        match fs::remove_file(self.path(&key)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DemandError::Unknown);
            }
            removed => removed?,
        }
        self.known().remove(&key);
        Ok(crate::life::sync(&self.folder)?)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "demand") {
                files.push(path);
            }
        }
        Ok(files)
    }

    /// A name may hold any character, a file's may not.
    fn path(&self, key: &str) -> PathBuf {
        let hash = referral_core::id::Hash::of(&[key.as_bytes()]);
        let short = referral_core::id::hex(&hash.as_bytes()[..8]);
        Path::new(&self.folder).join(format!("{short}.demand"))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Demand>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn decoded(name: &str, bytes: &[u8]) -> Result<Demand, DemandError> {
    file::decode(bytes).map_err(|source| DemandError::Damaged {
        name: name.to_owned(),
        source,
    })
}

/// What names are the same by.
fn key(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}
