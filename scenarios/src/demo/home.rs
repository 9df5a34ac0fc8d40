//! Where the demo keeps its data: a temporary directory, or one that stays.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;

/// The demo's directory.
#[derive(Debug)]
pub enum Home {
    /// Removed at the end.
    Temporary(TempDir),
    /// Kept.
    Kept(PathBuf),
}

impl Home {
    /// A new directory: `kept` where it names one, else a temporary one.
    ///
    /// # Errors
    /// When it cannot be created, or `kept` holds something already.
    pub fn open(kept: Option<&Path>) -> anyhow::Result<Self> {
        let Some(kept) = kept else {
            let home = tempfile::Builder::new().prefix("referral-demo-").tempdir();
            return home
                .map(Self::Temporary)
                .context("cannot create a temporary directory");
        };
        let shown = kept.display();
        fs::create_dir_all(kept).with_context(|| format!("cannot create {shown}"))?;
        let mut entries = fs::read_dir(kept).with_context(|| format!("cannot read {shown}"))?;
        anyhow::ensure!(
            entries.next().is_none(),
            "{shown} is not empty; name a new directory for the demo's data"
        );
        Ok(Self::Kept(kept.to_owned()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Temporary(home) => home.path(),
            Self::Kept(home) => home,
        }
    }

    /// Removes what is temporary. Nothing may use it any more.
    ///
    /// # Errors
    /// When some of it cannot be removed.
    pub fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Kept(_) => Ok(()),
            Self::Temporary(home) => {
                let place = home.path().display().to_string();
                home.close()
                    .with_context(|| format!("cannot remove {place}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_home_is_gone_when_closed_and_a_kept_one_stays() {
        let outer = tempfile::tempdir().unwrap();
        let place = outer.path().join("kept");
        let (kept, temporary) = (Home::open(Some(&place)).unwrap(), Home::open(None).unwrap());
        let gone = temporary.path().to_owned();

        kept.close().unwrap();
        temporary.close().unwrap();

        assert!(place.is_dir());
        assert!(!gone.exists());
    }

    #[test]
    fn a_directory_with_something_in_it_is_left_alone() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("mine"), "").unwrap();

        let refused = Home::open(Some(outer.path())).unwrap_err();

        assert!(refused.to_string().contains("is not empty"), "{refused}");
    }
}
