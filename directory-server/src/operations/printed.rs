//! What leaves the house, on paper or in a file: only what anybody may see, whoever asks for it.
//!
//! Neither is a search: the search before it was counted, and a list of everything asks for nothing.

use std::sync::Arc;

use jiff::Timestamp;
use referral_core::policy::{Clearance, Viewer};
use referral_core::search::{Query, Request};

use super::Directory;
use super::bundle::{Bundle, BundleAnswer};
use super::search::{Asking, Found, SearchError};
use super::stop::Stop;

/// Most results the index gives at once.
const AT_ONCE: u32 = 200;

/// Every service that answers a query, as far as a list goes.
#[derive(Debug)]
pub struct Inventory {
    /// The services, best first; 1,000 at most.
    pub found: Vec<Found>,
    /// How many there are.
    pub total: usize,
    /// How the place was understood.
    pub near: Option<String>,
    /// When it was true.
    pub as_of: Timestamp,
}

impl Directory {
    /// Answers several needs for paper that goes to a client: public parts only, not counted.
    ///
    /// # Errors
    /// As for [`Directory::find`].
    pub async fn find_to_print(
        self: &Arc<Self>,
        bundle: Bundle,
    ) -> Result<BundleAnswer, SearchError> {
        let directory = Arc::clone(self);
        let search = move |stop: &Stop| {
            directory.search_bundle_until(&bundle, &public(&Viewer::anybody(), stop))
        };
        self.turns.take(search).await
    }

    /// All services that answer a query, 1,000 at most: public parts only, not counted.
    ///
    /// # Errors
    /// As for [`Directory::find`].
    pub async fn inventory(self: &Arc<Self>, query: Query) -> Result<Inventory, SearchError> {
        let directory = Arc::clone(self);
        let search =
            move |stop: &Stop| directory.inventory_until(&query, &public(&Viewer::anybody(), stop));
        self.turns.take(search).await
    }

    fn inventory_until(
        &self,
        query: &Query,
        asking: &Asking<'_>,
    ) -> Result<Inventory, SearchError> {
        let now = self.now();
        let mut request = Request {
            limit: AT_ONCE,
            facets: false,
            near_misses: false,
            ..query.understand(self.map).map_err(SearchError::Refused)?
        };
        let near = request.near.as_ref().map(|near| near.place.label.clone());
        let (mut found, mut total) = (Vec::new(), None);
        loop {
            let looked = self.look(&request, asking, now)?;
            let of = *total.get_or_insert(looked.total);
            let more = looked.more;
            let before = request.shown.len();
            let shown = looked.hits.iter().map(|hit| hit.key.public_id().upper());
            request.shown.extend(shown);
            request.shown.sort_unstable();
            let grown = request.shown.len() > before;
            found.extend(self.answer(&request, looked, asking, now)?.results);
            if !more || !grown || request.room() == 0 {
                return Ok(Inventory {
                    found,
                    total: of,
                    near,
                    as_of: now,
                });
            }
        }
    }
}

fn public<'a>(viewer: &'a Viewer, stop: &'a Stop) -> Asking<'a> {
    Asking {
        stop,
        viewer,
        clearance: Clearance::Public,
        counted: false,
    }
}
