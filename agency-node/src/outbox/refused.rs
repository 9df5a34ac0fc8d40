//! What the directory refused, until something later takes its place.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::RecordName;

use super::codec::Refusal;
use super::reports::ReportKey;

/// Refused operations and reports that nothing later has replaced: the last one of each record, and of
/// each thing reports are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refused {
    pub(super) operations: BTreeMap<RecordName, Refusal>,
    pub(super) reports: BTreeMap<ReportKey, Refusal>,
    /// For each record: refused ones that refer to it.
    pub(super) referring: BTreeMap<RecordName, BTreeSet<RecordName>>,
}

impl Refused {
    /// Refused records, in order of reference.
    pub fn operations(&self) -> impl Iterator<Item = (&RecordName, &Refusal)> {
        self.operations.iter()
    }

    /// Refused reports.
    pub fn reports(&self) -> impl Iterator<Item = (&ReportKey, &Refusal)> {
        self.reports.iter()
    }

    /// Why a record was refused; `None`: it was not.
    #[must_use]
    pub fn operation(&self, name: &RecordName) -> Option<&Refusal> {
        self.operations.get(name)
    }

    /// Why the report with this counter was refused; `None`: it was not.
    #[must_use]
    pub fn report(&self, cseq: u64) -> Option<&Refusal> {
        self.reports.values().find(|refusal| refusal.cseq == cseq)
    }

    pub(super) fn refuse(&mut self, name: RecordName, refusal: Refusal, refers: Vec<RecordName>) {
        for referred in refers {
            self.referring
                .entry(referred)
                .or_default()
                .insert(name.clone());
        }
        self.operations.insert(name, refusal);
    }

    /// An operation of this record was accepted. Returns the refused records that refer to it: they may
    /// be accepted now.
    pub(super) fn accept(&mut self, name: &RecordName) -> Vec<RecordName> {
        self.operations.remove(name);
        let referring = self.referring.remove(name).unwrap_or_default();
        referring
            .into_iter()
            .filter(|one| self.operations.contains_key(one))
            .collect()
    }

    /// The refusal of this record means nothing any more.
    pub(super) fn forget(&mut self, name: &RecordName) {
        self.operations.remove(name);
    }

    pub(super) fn refuse_report(&mut self, key: ReportKey, refusal: Refusal) {
        self.reports.insert(key, refusal);
    }

    pub(super) fn accept_report(&mut self, key: &ReportKey) {
        self.reports.remove(key);
    }
}
