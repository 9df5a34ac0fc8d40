//! What goes wrong: streams, disks, processes, machines, clocks, restores.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use jiff::SignedDuration;
use referral_core::id::{AgencyId, Hash};
use referral_journal::storage::Crash;

use super::office::Office;
use super::reader::Reader;
use super::truth::{Broken, broken};
use super::world::Simulation;

/// How often somebody tries to join at most.
const TRIES: usize = 5;
/// Nodes that publish as one agency at most: a machine may be copied.
const NODES: usize = 3;

impl Simulation {
    pub(super) fn break_a_stream(&mut self) {
        let near: Vec<usize> = (0..self.streams.len())
            .filter(|at| self.streams[*at].near)
            .collect();
        let Some(&at) = self.chance.one(&near) else {
            return;
        };
        let arrives = self.chance.below(self.streams[at].up.len() + 1);
        self.streams[at].break_off(arrives);
        let office = self.streams[at].node;
        if self.offices[office]
            .talk
            .as_ref()
            .is_some_and(|talk| talk.stream == at)
        {
            self.offices[office].talk = None;
        }
    }

    /// A lid is closed, a weekend passes.
    pub(super) fn let_days_pass(&mut self) {
        let hours = i64::try_from(self.chance.below(24 * 9)).unwrap_or(1);
        let later = self.now.saturating_add(SignedDuration::from_hours(hours));
        self.now = later.unwrap_or(self.now);
    }

    pub(super) fn fail_a_disk(&mut self, office: usize) {
        let nth = u32::try_from(1 + self.chance.below(6)).unwrap_or(1);
        let what = self.chance.below(3);
        let disk = if self.chance.in_thousand(500) {
            self.house.disk.clone()
        } else {
            self.offices[office].disk().clone()
        };
        match what {
            0 => disk.fail_write(nth, ErrorKind::StorageFull),
            1 => disk.fail_sync(nth, ErrorKind::Other),
            _ => disk.cut_power(nth),
        }
    }

    pub(super) fn draw_crash(&mut self) -> Crash {
        match self.chance.below(3) {
            0 => Crash::KeepPending,
            1 => Crash::LosePending,
            _ => Crash::TearPending {
                seed: self.chance.seed(),
            },
        }
    }

    pub(super) fn kill_node(&mut self, office: usize) -> Result<(), Broken> {
        self.after(office, false)
    }

    pub(super) fn kill_directory(&mut self) -> Result<(), Broken> {
        let crash = self.draw_crash();
        self.house.die(crash);
        self.told.crashes += 1;
        self.directory_is_gone();
        self.house.start()?;
        self.stands_where_it_stood()
    }

    /// Streams end with the process they lead to.
    fn directory_is_gone(&mut self) {
        for stream in &mut self.streams {
            stream.far = false;
            stream.up.clear();
        }
        for office in &mut self.offices {
            office.talk = None;
        }
        for stream in &mut self.streams {
            stream.near = false;
            stream.down.clear();
        }
    }

    pub(super) fn restore_node(&mut self, office: usize) -> Result<(), Broken> {
        let copies = self.offices[office].copies();
        if copies == 0 {
            return Ok(());
        }
        let copy = self.chance.below(copies);
        self.offices[office].restore(copy);
        self.told.restores += 1;
        self.boot(office)?;
        self.look_for_destroyed();
        Ok(())
    }

    pub(super) fn restore_directory(&mut self) -> Result<(), Broken> {
        let backups = self.house.backups.len();
        if backups == 0 {
            return Ok(());
        }
        let old = self.house.backups[self.chance.below(backups)].copy();
        self.told.restores += 1;
        self.house.die(Crash::KeepPending);
        self.directory_is_gone();
        self.house.put_back(old);
        self.house.generation += 1;
        self.house.start()?;
        self.note_standings();
        self.truth.is_set_back(self.stands());
        self.look_for_destroyed();
        Ok(())
    }

    fn look_for_destroyed(&mut self) {
        let house = self
            .house
            .map()
            .map(|map| map.look(|folded| folded.copies.clone()));
        let house = house.unwrap_or_default();
        let mut copies: Vec<&BTreeSet<Hash>> = self
            .offices
            .iter()
            .map(|office| &office.knows.copies)
            .collect();
        copies.push(&house);
        self.truth.look_for_destroyed(&copies);
    }

    /// Somebody copies a machine and starts both.
    pub(super) fn copy_machine(&mut self, office: usize) -> Result<(), Broken> {
        let agency = &self.offices[office].agency;
        if self.nodes_of(agency).count() >= NODES {
            return Ok(());
        }
        let copy = self.offices[office].copy();
        self.offices.push(copy);
        self.boot(self.offices.len() - 1)
    }

    /// A node's disk is gone. It joins again; every other node of its agency has worthless keys from then on.
    pub(super) fn lose_node(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        if self.nodes_of(&agency).count() > 1 || !self.house.is_running() {
            return Ok(());
        }
        let seed = self.chance.keys();
        let Some(epoch) = self.join(&agency, seed, true)? else {
            return self.kill_directory();
        };
        self.told.restores += 1;
        self.drop_streams_of(office);
        self.offices[office].begin_again(seed, epoch);
        self.boot(office)?;
        self.look_for_destroyed();
        Ok(())
    }

    /// The agency gives its node new keys; what is on its disk stays.
    pub(super) fn change_keys(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        if self.nodes_of(&agency).count() > 1 || !self.house.is_running() {
            return Ok(());
        }
        let wall = self.offices[office].moment(self.now).wall;
        let noted = self.offices[office].act(&mut self.truth, &BTreeMap::new(), |ledger| {
            ledger.change_key(wall)
        });
        if !noted {
            return self.after(office, false);
        }
        let former = self.offices[office].ledger();
        if former.is_none_or(|ledger| ledger.outbox().former_keys().is_empty()) {
            // Its disk is full: nothing changes.
            return Ok(());
        }
        let seed = self.chance.keys();
        for _ in 0..TRIES {
            let again = self.has_joined(&agency);
            if self.join(&agency, seed, again)?.is_some() {
                self.told.keys += 1;
                self.drop_streams_of(office);
                self.offices[office].take_keys(seed);
                return self.after(office, false);
            }
            self.kill_directory()?;
        }
        broken("a node cannot join again")
    }

    /// The directory's disk forgets what an operation did to its record, and nobody notices.
    pub(super) fn forget_an_operation(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        let stands = self.current(&agency).into_values();
        let mut forgettable: Vec<Hash> = stands.filter(|hash| self.is_known(hash)).collect();
        forgettable.sort();
        let Some(&hash) = self.chance.one(&forgettable) else {
            return Ok(());
        };
        let disk = self.house.forgetting(hash)?;
        for office in 0..self.offices.len() {
            if self.offices[office].agency == agency {
                self.offices[office].forget_copies();
            }
        }
        self.house.die(Crash::KeepPending);
        self.directory_is_gone();
        self.house.put_back(disk);
        self.truth.forgets(hash);
        self.told.forgotten += 1;
        // Nothing tells those who read it: they begin anew, as with any journal that was rewritten.
        self.reader = Reader::default();
        self.house.start()?;
        self.look_for_destroyed();
        Ok(())
    }

    /// Whether every node of its agency was told that an operation was taken, or is in another epoch: nobody hears
    /// then that it was refused.
    fn is_known(&self, hash: &Hash) -> bool {
        let Some((agency, position)) = self.truth.position(hash) else {
            return false;
        };
        self.nodes_of(agency).all(|office| {
            office.ledger().is_some_and(|ledger| {
                let outbox = ledger.outbox();
                outbox.tip().epoch != position.epoch || outbox.told() >= position.seq
            })
        })
    }

    fn nodes_of(&self, agency: &AgencyId) -> impl Iterator<Item = &Office> {
        let offices = self.offices.iter();
        offices.filter(move |office| office.agency == *agency)
    }

    /// Whether the directory knows keys of an agency.
    fn has_joined(&self, agency: &AgencyId) -> bool {
        let joined = self.house.heads(|heads| {
            let head = heads.agency(agency);
            head.is_some_and(|head| head.membership.is_some())
        });
        joined == Some(true)
    }

    /// The directory was restored to before a node joined: it is let in again with the keys it has.
    pub(super) fn let_in_again(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        let seed = self.offices[office].seed();
        if !self.house.is_running() {
            return Ok(());
        }
        let again = self.has_joined(&agency);
        match self.join(&agency, seed, again)? {
            Some(_) => Ok(()),
            None => self.kill_directory(),
        }
    }

    /// A clock is wrong by up to a day: a node's, or the directory's.
    pub(super) fn set_clock(&mut self, office: usize) {
        let minutes = i64::try_from(self.chance.below(60 * 48)).unwrap_or(0) - 24 * 60;
        let ahead = SignedDuration::from_mins(minutes);
        if self.chance.in_thousand(250) {
            self.house.ahead = ahead;
        } else {
            self.offices[office].ahead = ahead;
        }
    }
}
