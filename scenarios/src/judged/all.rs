//! Every judged search, asked of an index made for it.

use std::path::Path;

use anyhow::Context;

use super::{Collection, CollectionName, JUDGED_AT, JudgedSet, Measured, filled, run};

/// Asks all judged searches there are. The real data is looked for in `REFERRAL_DATA`, else beside the
/// workspace; without it, only the searches of the synthetic network are asked.
///
/// * `temporary` — a directory for indexes that are removed afterwards.
///
/// # Errors
/// When the searches cannot be read or an index fails.
pub fn all(temporary: &Path) -> anyhow::Result<Vec<Measured>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sets = JudgedSet::read_all(&here.join("judged"))?;
    let mut all: Vec<Measured> = Vec::new();
    for name in [CollectionName::Real, CollectionName::Network] {
        let collection = match name {
            CollectionName::Network => Some(Collection::network(JUDGED_AT)?),
            CollectionName::Real => Collection::real_if_present(JUDGED_AT)?,
        };
        let Some(collection) = collection else {
            continue;
        };
        let dir = tempfile::tempdir_in(temporary).context("cannot create a temporary directory")?;
        let index = filled(dir.path(), &collection)?;
        for set in sets.iter().filter(|set| set.collection == name) {
            set.check(&collection)?;
            all.extend(run(&index, &collection, &set.query, JUDGED_AT)?);
        }
    }
    Ok(all)
}
