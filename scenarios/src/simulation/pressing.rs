//! Agencies that press on every bound: bursts of starts, of edits, of reports about what is not there, where little was
//! agreed with the agency and few operations may be on their way; and nothing gets longer than it may (I17).

use std::collections::BTreeSet;

use directory_server::ledger::{ActRefused, Length, OperatorAct, Submission};
use referral_core::federation::Ancestry;
use referral_core::id::{AgencyId, LocalId};
use referral_journal::storage::Crash;

use super::chance::Chance;
use super::mutant::Mutant;
use super::office::Office;
use super::truth::{Broken, broken};
use super::world::{AGENCIES, SERVICES, Simulation, agency};

/// More than a directory remembers of starts, and a record of its earlier versions.
const BURST: usize = 70;
/// Services about which a burst reports, and that are never there.
const ABSENT: usize = 12;

/// What is longer where a directory forgot an operation.
const WAITING: &str = "reports that wait for what they are about";

/// What is pressed on.
#[derive(Debug)]
pub(super) struct Pressing {
    chance: Chance,
    mutant: Mutant,
    /// Most operations that may be on their way from one node.
    window: u64,
    /// Most services of an agency.
    quota: u32,
    /// The bounds that were reached.
    pub(super) reached: BTreeSet<&'static str>,
}

impl Pressing {
    pub(super) fn new(seed: u64, mutant: Mutant) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            window: 1 + chance.below(4) as u64,
            quota: if chance.in_thousand(500) { 1 } else { 3 },
            chance,
            mutant,
            reached: BTreeSet::new(),
        }
    }

    /// What the directory tells of its window.
    pub(super) fn told(&self) -> Option<u32> {
        let told = u32::try_from(self.window).ok();
        told.filter(|_| self.mutant != Mutant::WindowNotTold)
    }

    /// Something is so long.
    fn is(&mut self, of: &AgencyId, (what, length, most): Length) -> Result<(), Broken> {
        if length > most {
            return broken(format!("I17: {of}: {length} {what}, {most} at most"));
        }
        if length == most {
            self.reached.insert(what);
        }
        Ok(())
    }
}

impl Simulation {
    /// The operator says how much was agreed with an agency.
    pub(super) fn agree(&mut self, agency: &AgencyId) {
        let agreed = self.pressing.as_ref();
        let agreed = agreed.filter(|pressing| pressing.mutant != Mutant::QuotaNotKept);
        let Some(quota) = agreed.map(|pressing| pressing.quota) else {
            return;
        };
        let act = OperatorAct::SetQuota(agency.clone(), quota);
        let now = self.tick();
        let _no_fault_is_drawn_yet = self
            .house
            .submit::<_, ActRefused>(|answer| Submission::Operator(act, answer), now);
    }

    /// Something is done over and over, perhaps.
    pub(super) fn press(&mut self, office: usize) -> Result<(), Broken> {
        let drawn = self.pressing.as_mut().map(|one| one.chance.below(1_000));
        match drawn {
            None => return Ok(()),
            Some(0..4) => self.start_over_and_over(office)?,
            Some(4..8) => {
                for which in 0..ABSENT {
                    let absent = LocalId::from_source(&format!("absent{which}"));
                    self.report_on(office, &absent)?;
                }
            }
            Some(8..11) => {
                for _ in 0..BURST {
                    self.change(office, 1, (false, false), false)?;
                }
            }
            Some(11..16) => {
                for number in (1..=SERVICES).chain(1..=SERVICES) {
                    self.change(office, number, (false, false), false)?;
                    self.change(office, number, (true, false), false)?;
                }
            }
            Some(_) => {}
        }
        self.stays_in_bounds()
    }

    /// A node that is started again as soon as it has said hello.
    fn start_over_and_over(&mut self, office: usize) -> Result<(), Broken> {
        for _ in 0..BURST {
            self.offices[office].die(Crash::KeepPending);
            self.boot(office)?;
            self.say(office)?;
            if let Some(at) = self.stream_of(office) {
                self.carry_up(at)?;
            }
        }
        Ok(())
    }

    fn stream_of(&self, office: usize) -> Option<usize> {
        let talk = self.offices[office].talk.as_ref()?;
        Some(talk.stream)
    }

    /// Nothing that is kept is longer than it may be.
    pub(super) fn stays_in_bounds(&mut self) -> Result<(), Broken> {
        let Some(pressing) = &mut self.pressing else {
            return Ok(());
        };
        for agency in (0..AGENCIES).map(agency) {
            let lengths = self.house.heads(|heads| heads.lengths(&agency));
            for (what, length, most) in lengths.unwrap_or_default() {
                // A journal that somebody rewrote holds reports about what it no longer says was there.
                if what == WAITING && self.told.forgotten > 0 {
                    continue;
                }
                // Where it forgot that a service was withdrawn, one that took its place stands beside it.
                let agreed = u64::from(pressing.quota) + self.told.forgotten;
                let agreed = usize::try_from(agreed).unwrap_or(usize::MAX);
                let most = if what == "services" { agreed } else { most };
                pressing.is(&agency, (what, length, most))?;
            }
        }
        for office in &self.offices {
            pressing.is(&office.agency, earlier_versions(office))?;
        }
        Ok(())
    }

    /// A node sent operations up to this one: no more are on their way than it was told.
    pub(super) fn are_on_their_way(&mut self, office: usize, last: u64) -> Result<(), Broken> {
        let office = &self.offices[office];
        let (Some(pressing), Some(ledger)) = (&mut self.pressing, office.ledger()) else {
            return Ok(());
        };
        let on_their_way = last.saturating_sub(ledger.outbox().settled().applied);
        let length = usize::try_from(on_their_way).unwrap_or(usize::MAX);
        let most = usize::try_from(pressing.window).unwrap_or(usize::MAX);
        pressing.is(&office.agency, ("operations on their way", length, most))
    }
}

fn earlier_versions(office: &Office) -> Length {
    let ledger = office.ledger().into_iter();
    let listed = ledger.flat_map(|ledger| ledger.outbox().catalog().iter());
    let longest = listed.map(|(_, listed)| listed.seen().iter().len()).max();
    (
        "earlier versions at a node",
        longest.unwrap_or(0),
        Ancestry::MOST,
    )
}
