//! Where the next providers would bring help near to most people.

use std::sync::Arc;

use referral_core::coverage::{Candidate, Placed, Query, Question, place_next};
use referral_core::policy::Viewer;

use super::{Asked, CoverageError, Directory};

/// Most providers that are placed at once.
const MOST: usize = 100;

/// The next providers.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// What was asked.
    pub question: Question,
    /// Where, the one that helps most first; fewer than asked for where nobody is left without help.
    pub placed: Vec<Placed>,
}

impl Directory {
    /// Where the next providers, 1 to 100, would bring an open one near to most people who have none, off the async
    /// threads. Anywhere that people of the table of demand are is a candidate.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub async fn coverage_placement(
        self: &Arc<Self>,
        viewer: &Viewer,
        query: &Query,
        providers: usize,
    ) -> Result<Placement, CoverageError> {
        let asked = self.asked(viewer, query)?;
        let directory = Arc::clone(self);
        let work = move || directory.placement(&asked, providers.clamp(1, MOST));
        self.coverage.turn.take(work).await
    }

    fn placement(&self, asked: &Asked, providers: usize) -> Result<Placement, CoverageError> {
        let gathered = self.gathered(asked)?;
        let candidates = Candidate::of_demand(&asked.demand);
        let evidence = gathered.evidence(asked);
        Ok(Placement {
            placed: place_next(&asked.question, &evidence, &candidates, providers),
            question: asked.question.clone(),
        })
    }
}
