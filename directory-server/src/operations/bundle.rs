//! Several needs of one client at once: an answer for each, and who answers more than one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use referral_core::id::{Kind, LocalId, RecordKey};
use referral_core::search::{Covers, Query, organization_hash};

use super::Directory;
use super::search::{Answer, Asking, LONGEST, SearchError, seed};

/// Most organizations that are named as answering several needs.
const MOST_ORGANIZATIONS: usize = 20;

/// Several needs that share everything else.
#[derive(Clone)]
pub struct Bundle {
    /// What they share; its need and page are empty.
    pub shared: Query,
    /// Codes of each need, as in [`Query::need`]; 1 to 8.
    pub needs: Vec<String>,
}

/// Typed words may name a person's plight: the redacted form.
impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle({} needs)", self.needs.len())
    }
}

/// What was found for several needs.
#[derive(Debug)]
pub struct BundleAnswer {
    /// An answer for each need, in their order; none has a next page.
    pub answers: Vec<Answer>,
    /// Organizations among the results that answer more than one need, those that answer most first.
    pub organizations: Vec<Covering>,
    /// When the answers were true.
    pub as_of: Timestamp,
}

/// An organization that answers more than one need.
#[derive(Debug, PartialEq, Eq)]
pub struct Covering {
    /// The organization.
    pub key: RecordKey,
    /// Its name.
    pub name: String,
    /// The needs it answers, by their number from 0.
    pub needs: Vec<usize>,
}

impl Directory {
    /// Answers several needs at once. Blocks: not for an async thread.
    pub(super) fn search_bundle_until(
        &self,
        bundle: &Bundle,
        asking: &Asking<'_>,
    ) -> Result<BundleAnswer, SearchError> {
        let now = self.now();
        let requests = bundle.shared.bundle(&bundle.needs, self.map);
        let mut requests = requests.map_err(SearchError::Refused)?;
        for request in &mut requests {
            request.seed = seed(&bundle.shared, now);
        }
        let mut found: Vec<BTreeSet<u64>> = Vec::with_capacity(requests.len());
        let index = self.searchable.index_for(asking.clearance);
        for request in &requests {
            let may_go_on = asking.stop.within(LONGEST, self.clock.as_ref());
            let organizations = index.organizations(request, now, &may_go_on)?;
            found.push(organizations.into_iter().collect());
        }
        let covers = Covers::of(&found);
        let mut answers = Vec::with_capacity(requests.len());
        for mut request in requests {
            request.covers = covers.clone();
            let looked = self.look(&request, asking, now)?;
            self.count(&request, &looked, asking, now)?;
            let mut answer = self.answer(&request, looked, asking, now)?;
            answer.next = None;
            answers.push(answer);
        }
        Ok(BundleAnswer {
            organizations: organizations(&answers, &covers),
            answers,
            as_of: now,
        })
    }
}

/// The organizations of the results that answer several needs, in the order they are met.
fn organizations(answers: &[Answer], covers: &Covers) -> Vec<Covering> {
    let mut met: Vec<Covering> = Vec::new();
    for found in answers.iter().flat_map(|answer| &answer.results) {
        let organization = &found.listing.organization;
        let key = organization_key(&found.key, &organization.id);
        let needs: Vec<usize> = covers.needs(organization_hash(&key)).collect();
        if needs.len() > 1 && met.iter().all(|before| before.key != key) {
            met.push(Covering {
                name: organization.name.to_string(),
                key,
                needs,
            });
        }
    }
    met.sort_by_key(|covering| std::cmp::Reverse(covering.needs.len()));
    met.truncate(MOST_ORGANIZATIONS);
    met
}

fn organization_key(service: &RecordKey, id: &LocalId) -> RecordKey {
    RecordKey {
        agency: service.agency.clone(),
        kind: Kind::Organization,
        id: id.clone(),
    }
}
