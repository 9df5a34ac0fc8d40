//! Taking a file in, as far as an account reaches.

use std::collections::BTreeMap;

use referral_core::catalog::Record;
use referral_core::id::{Kind, LocalId, RecordName};

use super::Desk;
use crate::catalog::Catalog;
use crate::operations::import::take;
use crate::operations::policy::{About, may, may_touch, organization_of};
use crate::operations::{Change, Import, ImportError, Plan};

/// What became of an import, or would.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// How it compares.
    pub plan: Plan,
    /// Records of the file that the account does not reach: they were left out.
    pub outside: Vec<RecordName>,
}

impl Desk<'_> {
    /// Compares an import with the catalog and, unless it is a dry run, queues the difference. What the account does
    /// not reach is left out and named.
    ///
    /// # Errors
    /// [`ImportError`]; nothing is queued then.
    pub fn import(&self, import: &Import) -> Result<Taken, ImportError> {
        let now = self.node.clock().now();
        if may(self.who, About::Node) {
            let plan = self.node.change(|ledger| take(ledger, import, now))?;
            return Ok(Taken {
                plan,
                outside: Vec::new(),
            });
        }
        self.node.change(|ledger| {
            let catalog = ledger.outbox().catalog();
            let own: BTreeMap<RecordName, Option<LocalId>> = import
                .records
                .iter()
                .map(|record| (name(record), organization(record).cloned()))
                .collect();
            let (inside, outside): (Vec<&Record>, Vec<&Record>) = import
                .records
                .iter()
                .partition(|record| self.may_import(catalog, &own, record));
            let outside: Vec<RecordName> = outside.into_iter().map(name).collect();
            let inside = Import {
                records: inside.into_iter().cloned().collect(),
                reports: import
                    .reports
                    .iter()
                    .filter(|report| {
                        let service = RecordName {
                            kind: Kind::Service,
                            id: report.draft.service.clone(),
                        };
                        !outside.contains(&service)
                            && (own.contains_key(&service)
                                || may_touch(self.who, catalog, &service))
                    })
                    .cloned()
                    .collect(),
                ..import.clone()
            };
            let mut plan = take(ledger, &inside, now)?;
            let catalog = ledger.outbox().catalog();
            plan.records.retain(|planned| {
                // What was left out is in the file.
                planned.change != Change::Missing
                    || may_touch(self.who, catalog, &planned.name)
                        && !outside.contains(&planned.name)
            });
            Ok(Taken { plan, outside })
        })
    }

    /// Whether a record of a file, what it would replace, and what it refers to, are all in reach.
    fn may_import(
        &self,
        catalog: &Catalog,
        own: &BTreeMap<RecordName, Option<LocalId>>,
        record: &Record,
    ) -> bool {
        let replaces = name(record);
        let known = catalog.get(&replaces).is_some();
        let refers = record.references().into_iter().all(|(kind, id)| {
            let name = RecordName {
                kind,
                id: id.clone(),
            };
            let of = match (kind, own.get(&name)) {
                (Kind::Organization, _) => Some(name.id.clone()),
                (_, Some(organization)) => organization.clone(),
                (_, None) => organization_of(catalog, &name),
            };
            may(self.who, About::Record(of.as_ref()))
        });
        may(self.who, About::Record(organization(record)))
            && (!known || may_touch(self.who, catalog, &replaces))
            && refers
    }
}

fn name(record: &Record) -> RecordName {
    RecordName {
        kind: record.kind(),
        id: record.id().clone(),
    }
}

/// The organization that a record says it belongs to.
fn organization(record: &Record) -> Option<&LocalId> {
    match record {
        Record::Organization(organization) => Some(&organization.id),
        Record::Location(location) => location.organization.as_ref(),
        Record::Service(service) => Some(&service.organization),
    }
}
