//! What the recorder decides about agencies as members: certificates and grants.

use referral_core::catalog::Category;
use referral_core::federation::Change;
use referral_core::id::AgencyId;
use referral_journal::Storage;
use referral_runtime::tls::{Leaf, Serial};
use tracing::info;

use super::{Downstream, Pending, Recorder};
use crate::ledger::about::{About, GrantRefused, Person, Proposal, RenewRefused, Shown};
use crate::ledger::fact::{Fact, Membership};
use crate::ledger::heads::AgencyHead;
use crate::ledger::judge;
use crate::ledger::notice::Notice;
use crate::ledger::submission::{JoinRefused, Renewal};

/// Most reports that are dropped at once: the rest a moment later.
const DROPPED_AT_ONCE: usize = 10_000;

/// Most services that are archived at once: the rest a moment later.
const ARCHIVED_AT_ONCE: usize = 10_000;

impl<S: Storage, D: Downstream> Recorder<S, D> {
    pub(super) fn judge_issue(
        &self,
        asked: &Membership,
        serial: Serial,
        pending: &mut Pending,
    ) -> Result<Option<Membership>, JoinRefused> {
        let had = judge::join(&self.read_heads(), asked, pending.received_at)?;
        if had.is_none() {
            let issuing = About::Issuing(serial, asked.expires_at);
            self.decide_about(asked.agency.clone(), issuing, pending);
        }
        Ok(had)
    }

    pub(super) fn judge_renewal(
        &self,
        asked: &Renewal,
        pending: &mut Pending,
    ) -> Result<Option<Vec<u8>>, RenewRefused> {
        let again = judge::renew(&self.read_heads(), asked, pending.received_at)?;
        if again.is_none() {
            // What it shows counts from now on, and what follows is recorded before it is signed.
            let agency = &asked.agency;
            let newer = self.look(agency, &asked.shown) == Some(Shown::Newer);
            if newer {
                self.decide_about(agency.clone(), About::Shown(asked.shown), pending);
            }
            let issuing = About::Issuing(asked.serial, asked.expires_at);
            self.decide_about(agency.clone(), issuing, pending);
        }
        Ok(again)
    }

    fn look(&self, agency: &AgencyId, shown: &Leaf) -> Option<Shown> {
        let heads = self.read_heads();
        Some(heads.agency(agency)?.member.pins.look(shown))
    }

    pub(super) fn judge_renewed(
        &self,
        agency: &AgencyId,
        serial: Serial,
        certificate: Vec<u8>,
        pending: &mut Pending,
    ) -> Result<Vec<u8>, RenewRefused> {
        let issuing = {
            let heads = self.read_heads();
            let head = heads.agency(agency).ok_or(RenewRefused::NotMember)?;
            if let Some(told) = head.member.refuses() {
                return Err(RenewRefused::Standing(told));
            }
            head.member.pins.issuing.map(|(serial, _)| serial)
        };
        if issuing != Some(serial) {
            return Err(RenewRefused::Again);
        }
        self.decide_about(agency.clone(), About::Renewed(certificate.clone()), pending);
        Ok(certificate)
    }

    pub(super) fn judge_grant(
        &self,
        agency: AgencyId,
        category: Category,
        said: Proposal,
        pending: &mut Pending,
    ) -> Result<bool, GrantRefused> {
        let granted = {
            let heads = self.read_heads();
            let head = heads.agency(&agency).ok_or(GrantRefused::Unknown)?;
            head.member
                .grants
                .judge(category, &said, pending.received_at)?
        };
        let about = if granted {
            About::Granted(category, said.by)
        } else {
            About::Proposed(category, said)
        };
        self.decide_about(agency, about, pending);
        Ok(granted)
    }

    pub(super) fn judge_revocation(
        &self,
        agency: AgencyId,
        category: Category,
        by: Person,
        why: String,
        pending: &mut Pending,
    ) -> Result<(), GrantRefused> {
        {
            let heads = self.read_heads();
            let grants = &heads
                .agency(&agency)
                .ok_or(GrantRefused::Unknown)?
                .member
                .grants;
            if !grants.has(category) && !grants.proposed.contains_key(&category) {
                return Err(GrantRefused::Nothing);
            }
        }
        self.decide_about(agency, About::Revoked(category, by, why), pending);
        Ok(())
    }

    pub(super) fn lapse(&self, pending: &mut Pending) {
        let now = pending.received_at;
        let lapsed: Vec<(AgencyId, Category)> = {
            let heads = self.read_heads();
            let of_one = |(agency, head): (&AgencyId, &AgencyHead)| {
                let lapsed: Vec<Category> = head.member.grants.lapsed(now).collect();
                let agency = agency.clone();
                lapsed
                    .into_iter()
                    .map(move |category| (agency.clone(), category))
            };
            heads.agencies().flat_map(of_one).collect()
        };
        for (agency, category) in lapsed {
            self.decide_about(agency, About::Lapsed(category), pending);
        }
        let overdue = self.read_heads().overdue_services(now, ARCHIVED_AT_ONCE);
        for (agency, services) in overdue {
            info!(
                referral.agency.id = %agency,
                "{} services of agency {agency} are archived: nobody has said them again for a year",
                services.len()
            );
            self.decide_about(agency, About::Archived(services), pending);
        }
        let overdue = self.read_heads().overdue_reports(now, DROPPED_AT_ONCE);
        for (agency, dropped) in overdue {
            info!(
                referral.agency.id = %agency,
                "{} reports of agency {agency} are dropped: what they are about was not published in a day",
                dropped.len()
            );
            self.decide(Fact::CapacityDropped(agency, dropped), pending);
        }
    }

    pub(super) fn decide_about(&self, agency: AgencyId, about: About, pending: &mut Pending) {
        self.decide(Fact::About(agency, Box::new(about)), pending);
    }

    /// Holds a record back whose name has to be looked at; what the agency's people should know.
    pub(super) fn judge_name(
        &self,
        agency: &AgencyId,
        change: &Change,
        pending: &mut Pending,
    ) -> Vec<Notice> {
        let hold = judge::name_hold(&self.read_heads(), agency, change);
        if let Some(hold) = hold {
            self.decide_about(agency.clone(), About::NameHeld(hold), pending);
        }
        let heads = self.read_heads();
        let head = heads.agency(agency);
        head.map_or_else(Vec::new, |head| judge::held_notices(head, change))
    }
}
