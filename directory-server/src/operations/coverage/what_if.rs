//! What more places would change: the same question with providers that are not there.

use std::sync::Arc;

use referral_core::coverage::{self, Query, Report, Whereabouts};
use referral_core::geo::Point;
use referral_core::policy::Viewer;
use referral_core::search::Refused;

use super::{Asked, CoverageError, Directory};

/// Open places that are not there. Whoever is near is served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Addition {
    /// Where.
    pub at: Point,
    /// How many.
    pub places: u32,
}

/// A report, and the same with places added.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    /// As it is.
    pub before: Arc<Report>,
    /// With the places added. They are services without a name.
    pub after: Arc<Report>,
}

impl Directory {
    /// Places added where somebody typed.
    ///
    /// # Errors
    /// [`CoverageError::Refused`] for a place the map does not know, and for one without a position.
    pub fn addition(&self, place: &str, places: u32) -> Result<Addition, CoverageError> {
        let refused = |code, text: String, named: &[String]| {
            CoverageError::Refused(vec![Refused {
                field: "additions",
                code,
                text,
                named: named.to_vec(),
            }])
        };
        let known = self.map.resolve(place);
        let known = known
            .map_err(|unknown| refused(unknown.code(), unknown.to_string(), unknown.named()))?;
        let at = known.point.ok_or_else(|| {
            let text = "this is no point on the map: name a ZIP, a city or a county";
            refused("place_without_point", text.to_owned(), &[])
        })?;
        Ok(Addition { at, places })
    }

    /// The report that answers a question, and what it would be with open places added, off the async threads.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub async fn coverage_what_if(
        self: &Arc<Self>,
        viewer: &Viewer,
        query: &Query,
        additions: Vec<Addition>,
    ) -> Result<WhatIf, CoverageError> {
        let asked = self.asked(viewer, query)?;
        let directory = Arc::clone(self);
        let work = move || directory.what_if(&asked, &additions);
        self.coverage.turn.take(work).await
    }

    fn what_if(&self, asked: &Asked, additions: &[Addition]) -> Result<WhatIf, CoverageError> {
        let gathered = self.gathered(asked)?;
        let additions: Vec<_> = additions
            .iter()
            .map(|Addition { at, places }| coverage::Addition {
                at: *at,
                county: self.coverage.counties.county_of(*at),
                places: *places,
            })
            .collect();
        let change = coverage::what_if(&asked.question, &gathered.evidence(asked), &additions);
        Ok(WhatIf {
            before: Arc::new(self.told(change.before, &gathered)?),
            after: Arc::new(self.told(change.after, &gathered)?),
        })
    }
}
