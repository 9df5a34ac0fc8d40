//! Asking every judged search, and measuring the order of its answer.

use std::collections::HashMap;

use jiff::Timestamp;
use referral_core::id::RecordKey;
use referral_core::search::Refused;
use referral_gazetteer::gazetteer;
use referral_index::{Index, IndexError};

use super::set::InvalidSet;
use super::{Collection, Grade, Judged, Ndcg, NothingJudged, SearchKind, engine};

/// What one search is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The search's name.
    pub id: String,
    /// What it tries.
    pub kind: SearchKind,
    /// How good the order of its first ten results is.
    pub ndcg: Ndcg,
    /// How many services match.
    pub total: usize,
    /// What its first results gain, best first.
    pub shown: Vec<Option<Grade>>,
    /// How many services were judged.
    pub judged: usize,
}

/// Why a judged search cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum JudgedError {
    /// A mistake in the file.
    #[error(transparent)]
    Set(#[from] InvalidSet),
    /// The search as typed is not understood.
    #[error("{0}: the search is refused: {1:?}")]
    Refused(String, Vec<Refused>),
    /// No service is judged.
    #[error("{0}")]
    Nothing(String, #[source] NothingJudged),
    /// The index failed.
    #[error("the search index failed")]
    Index(#[from] IndexError),
}

/// Asks `searches` of an index that holds `collection`, at `now`.
///
/// # Errors
/// [`JudgedError`].
pub fn run(
    index: &Index,
    collection: &Collection,
    searches: &[Judged],
    now: Timestamp,
) -> Result<Vec<Measured>, JudgedError> {
    let measured = searches.iter();
    measured
        .map(|judged| measure(index, collection, judged, now))
        .collect()
}

fn measure(
    index: &Index,
    collection: &Collection,
    judged: &Judged,
    now: Timestamp,
) -> Result<Measured, JudgedError> {
    let grades: HashMap<RecordKey, Grade> = judged.grades()?.into_iter().collect();
    let request = judged
        .query(collection)?
        .understand(gazetteer())
        .map_err(|refused| JudgedError::Refused(judged.id.clone(), refused))?;
    let (ranked, total) = engine::ranked(index, &request, now)?;
    let shown: Vec<Option<Grade>> = ranked
        .iter()
        .map(|(service, _)| grades.get(service).copied())
        .collect();
    let all: Vec<Grade> = grades.values().copied().collect();
    let ndcg = Ndcg::at_10(&shown, &all);
    Ok(Measured {
        id: judged.id.clone(),
        kind: judged.kind,
        ndcg: ndcg.map_err(|e| JudgedError::Nothing(judged.id.clone(), e))?,
        total,
        shown,
        judged: all.len(),
    })
}
