//! Which services of an agency are stored and found by nobody, and why; by what is known of their tips. Start at
//! [`Heads::held_services`]. What is shown is decided elsewhere: see `ledger/held.rs`.

use std::collections::BTreeMap;

use referral_core::catalog::Category;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::super::about::{Hold, NameHold};
use super::{Heads, RecordHead};

impl Heads {
    /// The live services of an agency that are held back, by their ids. That an agency is banned is not
    /// looked at: its node does not publish.
    #[must_use]
    pub fn held_services(&self, agency: &AgencyId) -> BTreeMap<LocalId, Hold> {
        let Some(of) = self.agency(agency) else {
            return BTreeMap::new();
        };
        let missing = Category::ALL.into_iter();
        let missing = missing.filter(|category| !of.member.grants.has(*category));
        let missing: Vec<Category> = missing.collect();
        let looked_at: Vec<u128> = of
            .member
            .holds
            .iter()
            .map(|hold| id(agency, hold))
            .collect();
        let archived = &of.member.archived;
        if missing.is_empty() && looked_at.is_empty() && archived.is_empty() {
            return BTreeMap::new();
        }
        let why = |record: &RecordHead| {
            let mut missing = missing.iter();
            if let Some(category) = missing.find(|category| record.needs.contains(**category)) {
                return Some(Hold::NeedsGrant(*category));
            }
            let old = archived.contains(&record.name.id).then_some(Hold::Archived);
            if looked_at.is_empty() {
                return old;
            }
            let own = RecordKey {
                agency: agency.clone(),
                kind: Kind::Service,
                id: record.name.id.clone(),
            };
            let own = own.public_id().as_u128();
            let is_its = |name: &u128| *name == own || record.references.contains(name);
            looked_at.iter().any(is_its).then_some(Hold::Name).or(old)
        };
        let services = self.records_of(agency);
        let services = services.filter(|record| record.live && record.name.kind == Kind::Service);
        let held = services.filter_map(|record| Some((record.name.id.clone(), why(record)?)));
        held.collect()
    }
}

/// The record whose name is held, as records refer to it. A location has no name that is held.
fn id(agency: &AgencyId, hold: &NameHold) -> u128 {
    let key = RecordKey {
        agency: agency.clone(),
        kind: hold.record.kind,
        id: hold.record.id.clone(),
    };
    key.public_id().as_u128()
}
