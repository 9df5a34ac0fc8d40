//! Saying again what is still so: a listing that nobody says again is shown as old after half a year, and archived after
//! a year (R13).

use referral_core::id::{Kind, LocalId};

use super::withdraw::unknown;
use super::{Node, WithdrawError};
use crate::catalog::{Catalog, RecordName};

/// What is said again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affirm {
    /// Every service that was said last more than 90 days ago.
    Ageing,
    /// These services.
    Services(Vec<LocalId>),
}

impl Node {
    /// Queues again what services say as it is. Returns how many, and the sequence number of the last; 0: none.
    ///
    /// # Errors
    /// [`WithdrawError`]; nothing is queued then.
    pub fn affirm(&self, what: &Affirm) -> Result<(usize, u64), WithdrawError> {
        let now = self.clock().now();
        self.change(|ledger| {
            let catalog = ledger.outbox().catalog();
            let names = match what {
                Affirm::Ageing => {
                    let services = catalog.iter();
                    let services = services.filter(|(name, _)| name.kind == Kind::Service);
                    let ageing = services.filter(|(_, known)| known.is_to_be_said_again(now));
                    ageing.map(|(name, _)| name.clone()).collect()
                }
                Affirm::Services(services) => named(catalog, services)?,
            };
            let mut composer = ledger.compose(now);
            let mut last = 0;
            for name in &names {
                let known = catalog.get(name).ok_or_else(|| unknown(catalog, name))?;
                let source = known.source.as_deref().unwrap_or_default();
                // It was published before, so it is not too large.
                let seq = composer.change(name, known.record(), source);
                last = seq.unwrap_or(last);
            }
            let set = composer.finish();
            if !set.is_empty() {
                ledger.queue(set, now)?;
            }
            Ok((names.len(), last))
        })
    }
}

/// The services of these ids, each once and published.
fn named(catalog: &Catalog, services: &[LocalId]) -> Result<Vec<RecordName>, WithdrawError> {
    let mut names = Vec::with_capacity(services.len());
    for id in services {
        let name = RecordName {
            kind: Kind::Service,
            id: id.clone(),
        };
        let known = catalog.get(&name);
        if known.is_none_or(|known| known.payload.is_none()) {
            return Err(unknown(catalog, &name));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
