//! The end: the faults are over, one node after the other brings what it has, and what must hold is checked.

use std::collections::BTreeMap;

use agency_node::operations::Rejection;
use agency_node::outbox::codec::Refusal;
use agency_node::outbox::{Outbox, ReportKey};
use directory_server::ledger::{OperatorAct, Submission};
use jiff::SignedDuration;
use referral_core::federation::Digest;
use referral_core::federation::digest::bits_for;
use referral_core::id::{AgencyId, Hash, Kind, RecordName};
use referral_journal::storage::Crash;

use super::house::{House, InForce, Map, available};
use super::office::Office;
use super::truth::{Broken, broken};
use super::world::{AGENCIES, Simulation, agency};

/// Longer than from one beat to the next.
const BEAT: SignedDuration = SignedDuration::from_secs(31);
/// Rounds that healing may take.
const HEALING: usize = 4_000;

impl Simulation {
    /// No more faults: the directory lets everybody publish, and one node after the other brings what it has.
    pub(super) fn heal(&mut self) -> Result<(), Broken> {
        for office in 0..self.offices.len() {
            self.offices[office].ahead = SignedDuration::ZERO;
            self.house.ahead = SignedDuration::ZERO;
            self.after(office, false)?;
        }
        self.kill_directory()?;
        self.streams.clear();
        for office in (0..self.offices.len()).chain(0..self.offices.len()) {
            self.bring(office)?;
            self.stays_in_bounds()?;
        }
        Ok(())
    }

    /// One node says everything it has to say, and nobody else speaks: until two beats in a row find nothing more to
    /// be said, and what the directory serves is what it published.
    fn bring(&mut self, office: usize) -> Result<(), Broken> {
        self.boot(office)?;
        let act = OperatorAct::Readmit(self.offices[office].agency.clone());
        let now = self.tick();
        let _readmitted = self
            .house
            .submit(|answer| Submission::Operator(act, answer), now);
        self.note_standings();
        let mut beats = 0;
        for _ in 0..HEALING {
            if self.exchange(office)? || !self.offices[office].is_at_rest() {
                continue;
            }
            if beats == 2 {
                return self.verified(office);
            }
            beats += 1;
            self.wait_for_a_beat();
        }
        broken(format!("I6: node {office} does not come to an end"))
    }

    /// A node says one thing, and everything that is on its way arrives. False when it had nothing to say.
    fn exchange(&mut self, office: usize) -> Result<bool, Broken> {
        let said = self.say(office)?;
        let Some(at) = self.offices[office].talk.as_ref().map(|talk| talk.stream) else {
            return Ok(true);
        };
        while !self.streams[at].up.is_empty() && self.streams[at].far {
            self.carry_up(at)?;
        }
        while !self.streams[at].down.is_empty() && self.streams[at].near {
            self.carry_down(at)?;
        }
        Ok(said)
    }

    /// As long as from one beat to the next.
    pub(super) fn wait_for_a_beat(&mut self) {
        let later = self.now.saturating_add(BEAT);
        self.now = later.unwrap_or(self.now);
    }

    /// The node finds nothing wrong in what the directory serves, but what it knows of.
    fn verified(&mut self, office: usize) -> Result<(), Broken> {
        let differences = self.differences(office)?;
        // What it was refused to sign again, because what it refers to is destroyed, stands as it was signed before.
        let is_known = |name: &RecordName| {
            let ledger = self.offices[office].ledger();
            ledger.is_some_and(|ledger| {
                let mut refused = ledger.outbox().refused().operations();
                let orphaned = |refusal: &Refusal| refusal.code == "reference_unknown";
                ledger.outbox().unsigned().contains_key(name)
                    || refused.any(|(of, refusal)| of == name && orphaned(refusal))
            })
        };
        match differences.iter().find(|(name, _)| !is_known(name)) {
            None => Ok(()),
            Some((name, why)) => broken(format!("I2: node {office} says of {name}: {why}")),
        }
    }

    /// The records in which what the directory serves is not what a node published.
    fn differences(&mut self, office: usize) -> Result<BTreeMap<RecordName, String>, Broken> {
        for _ in 0..HEALING {
            if self.offices[office].look() {
                break;
            }
            self.exchange(office)?;
        }
        for _ in 0..HEALING {
            self.exchange(office)?;
            let now = self.now;
            if let Some(verification) = self.offices[office].looked(now) {
                let differences = verification.differences.into_iter();
                let named = differences.map(|Rejection { kind, id, refusal }| {
                    let why = format!("{}: {}", refusal.code, refusal.text);
                    (RecordName { kind, id }, why)
                });
                return Ok(named.collect());
            }
        }
        let talk = &self.offices[office].talk;
        broken(format!("node {office} never ends to verify: {talk:?}"))
    }

    /// Somebody at the directory alters one record as it is served: its node notices (I2).
    fn notices_what_is_altered(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        let alter = |map: &Map| {
            map.look(|folded| {
                let mut of_agency = folded.records.iter_mut();
                let found = of_agency.find(|((of, _), held)| *of == agency && held.1);
                let ((_, name), (_, _, signed)) = found?;
                let last = signed.bytes.last_mut()?;
                *last ^= 1;
                Some(name.clone())
            })
        };
        let Some(altered) = self.house.map().and_then(alter) else {
            return Ok(());
        };
        let noticed = self.differences(office)?.contains_key(&altered);
        let _mended = self.house.map().and_then(alter);
        if noticed {
            Ok(())
        } else {
            broken(format!(
                "I2: nobody notices that {altered} of {agency} is altered"
            ))
        }
    }

    pub(super) fn check(&mut self) -> Result<(), Broken> {
        self.look_at_news()?;
        for number in 0..AGENCIES {
            let agency = agency(number);
            let mut offices = self.offices.iter();
            let Some(last) = offices.rposition(|office| office.agency == agency) else {
                continue;
            };
            self.converged(&agency, &self.offices[last])?;
            self.notices_what_is_altered(last)?;
            let current = self.current(&agency);
            let of_agency = self.offices.iter().filter(|office| office.agency == agency);
            let conflicts = of_agency.flat_map(Office::conflicts).collect();
            self.truth.nothing_is_lost(&agency, &current, &conflicts)?;
        }
        self.reader.agrees(&self.house)?;
        self.searches_agree()?;
        self.folds_the_same()?;
        self.searches_agree()
    }

    pub(super) fn current(&self, agency: &AgencyId) -> BTreeMap<RecordName, Hash> {
        let Some(map) = self.house.map() else {
            return BTreeMap::new();
        };
        map.look(|folded| {
            let of_agency = folded.records.iter().filter(|((of, _), _)| of == agency);
            of_agency
                .map(|((_, name), (hash, ..))| (name.clone(), *hash))
                .collect()
        })
    }

    /// Node and directory hold the same live records and the same capacity (I6).
    fn converged(&self, agency: &AgencyId, office: &Office) -> Result<(), Broken> {
        let Some(ledger) = office.ledger() else {
            return broken("a node does not run");
        };
        let outbox = ledger.outbox();
        let believed: BTreeMap<_, _> = outbox
            .believed()
            .map(|(name, hash)| (name.clone(), hash))
            .collect();
        let Some(map) = self.house.map() else {
            return broken("the directory does not run");
        };
        let held: BTreeMap<RecordName, Hash> = map.look(|folded| {
            let of_agency = folded
                .records
                .iter()
                .filter(|((of, _), held)| of == agency && held.1);
            of_agency
                .map(|((_, name), held)| (name.clone(), held.0))
                .collect()
        });
        if believed != held {
            return broken(format!(
                "I6: {agency} holds {believed:?} and the directory {held:?}"
            ));
        }
        let digest = Digest::of(outbox.believed(), bits_for(believed.len())).root();
        if self.house.heads(|heads| heads.digest(agency).root()) != Some(digest) {
            return broken(format!("I6: {agency} and the directory have other digests"));
        }
        let in_force = map.look(|folded| folded.capacity.get(agency).cloned().unwrap_or_default());
        for (key, current) in outbox.reports().iter() {
            if outbox.refused().report(current.cseq).is_some() {
                continue;
            }
            let said = current.report();
            let ours = said.and_then(|report| report.counts.first()?.available);
            let about = (key.service.clone(), key.location.clone());
            let theirs = in_force.get(&about);
            let shown = theirs.and_then(|(held, ..)| available(held));
            if ours != shown {
                return broken(format!(
                    "I6: {agency} reports {ours:?} for {} and the directory shows {shown:?}",
                    key.service
                ));
            }
            if theirs.is_some_and(|(held, received_at, _)| held.observed_at > *received_at) {
                return broken("I10: a report is younger than its receipt");
            }
        }
        self.knows_what_is_shown(agency, outbox, &held, &in_force)
    }

    /// The node knows every report that the directory shows. One that is from before a restore and that nobody
    /// sent again counts as stale, and one about a service that is not there is not shown.
    fn knows_what_is_shown(
        &self,
        agency: &AgencyId,
        outbox: &Outbox,
        live: &BTreeMap<RecordName, Hash>,
        in_force: &InForce,
    ) -> Result<(), Broken> {
        for ((service, location), (held, ..)) in in_force {
            let name = RecordName {
                kind: Kind::Service,
                id: service.clone(),
            };
            let shown =
                live.contains_key(&name) && held.order.epoch.generation == self.house.generation;
            let about = ReportKey {
                service: service.clone(),
                location: location.clone(),
            };
            if shown && outbox.reports().get(&about).is_none() {
                return broken(format!(
                    "I6: {agency} knows no report for {service} and the directory shows one"
                ));
            }
        }
        Ok(())
    }

    /// What the directory holds is what its journal says (I5).
    fn folds_the_same(&mut self) -> Result<(), Broken> {
        let look = |house: &House| {
            house.heads(|heads| {
                let of = |number| {
                    (
                        heads.digest(&agency(number)).root(),
                        heads.agency(&agency(number)).map(|head| head.log.clone()),
                    )
                };
                (0..AGENCIES).map(of).collect::<Vec<_>>()
            })
        };
        let before = look(&self.house);
        self.house.die(Crash::LosePending);
        self.house.start()?;
        if look(&self.house) == before {
            Ok(())
        } else {
            broken("I5: the journal folds to something else")
        }
    }
}
