//! The walk: what is drawn, one thing after the other, and the healing at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::ErrorKind;

use agency_node::outbox::{Outbox, ReportKey};
use directory_server::ledger::{Invitation, JoinRefused, Membership, OperatorAct, Submission};
use jiff::{SignedDuration, Timestamp};
use referral_core::federation::Epoch;
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordName};
use referral_journal::storage::Crash;
use referral_proto::convert::time;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

use super::chance::Chance;
use super::house::{House, InForce, Took, available, said};
use super::office::{After, Office, Why, value_in};
use super::stream::Stream;
use super::truth::{Broken, Truth, broken};

/// Agencies of one federation.
const AGENCIES: usize = 3;
/// Nodes that publish as one agency at most: a machine may be copied.
const NODES: usize = 3;
/// Services of an agency.
const SERVICES: usize = 5;
/// Rounds that healing may take.
const HEALING: usize = 4_000;

/// A federation, drawn from a seed.
#[derive(Debug)]
pub struct Simulation {
    chance: Chance,
    truth: Truth,
    now: Timestamp,
    house: House,
    offices: Vec<Office>,
    streams: Vec<Stream>,
    told: Told,
}

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Things drawn.
    pub steps: u64,
    /// Operations acknowledged.
    pub acknowledged: u64,
    /// Of those, how many were destroyed in every copy by restores.
    pub destroyed: u64,
    /// Power cuts and kills.
    pub crashes: u64,
    /// Disks of nodes and of the directory that were replaced by an older copy, or lost.
    pub restores: u64,
    /// New epochs granted.
    pub epochs: u64,
    /// Versions shown to a person.
    pub conflicts: u64,
    /// Operations refused for good.
    pub refused: u64,
    /// Reports recorded.
    pub reports: u64,
}

impl Told {
    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.acknowledged += other.acknowledged;
        self.destroyed += other.destroyed;
        self.crashes += other.crashes;
        self.restores += other.restores;
        self.epochs += other.epochs;
        self.conflicts += other.conflicts;
        self.refused += other.refused;
        self.reports += other.reports;
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps, {} crashes, {} restores: {} operations acknowledged, {} of them destroyed in every copy; {} \
             epochs, {} conflicts shown, {} refused, {} reports",
            self.steps,
            self.crashes,
            self.restores,
            self.acknowledged,
            self.destroyed,
            self.epochs,
            self.conflicts,
            self.refused,
            self.reports
        )
    }
}

impl Simulation {
    /// Draws a federation, lets `steps` things happen, heals it, and checks it.
    ///
    /// # Errors
    /// [`Broken`] with the name of an invariant that does not hold.
    pub fn run(seed: u64, steps: u64) -> Result<Told, Broken> {
        let mut world = Self::new(seed)?;
        for _ in 0..steps {
            world.step()?;
        }
        world.heal()?;
        world.check()?;
        let destroyed = world.truth.destructions() as u64;
        let acknowledged = world.truth.acknowledgements() as u64;
        let conflicts = world.offices.iter().map(|office| office.conflicts().len());
        Ok(Told {
            steps,
            acknowledged,
            destroyed,
            conflicts: conflicts.sum::<usize>() as u64,
            ..world.told
        })
    }

    fn new(seed: u64) -> Result<Self, Broken> {
        let now = Timestamp::from_second(1_780_315_200).unwrap_or_default();
        let mut world = Self {
            chance: Chance::new(seed),
            truth: Truth::default(),
            now,
            house: House::new(now.as_second().unsigned_abs()),
            offices: Vec::new(),
            streams: Vec::new(),
            told: Told::default(),
        };
        world.house.start()?;
        for number in 0..AGENCIES {
            let agency = agency(number);
            let mut seed = [0; 32];
            seed[..16].copy_from_slice(&world.chance.sixteen());
            let epoch = world.join(&agency, seed, false)?;
            let Some(epoch) = epoch else {
                return broken("a fault where none was drawn");
            };
            world.offices.push(Office::new(agency, seed, epoch));
            world.boot(number)?;
        }
        Ok(world)
    }

    /// Lets a node of an agency join with these keys. `None`: the directory is down, or died of it.
    fn join(
        &mut self,
        agency: &AgencyId,
        seed: [u8; 32],
        again: bool,
    ) -> Result<Option<Epoch>, Broken> {
        let token_hash = Hash::of(&[&self.chance.sixteen()]);
        let office = Office::new(
            agency.clone(),
            seed,
            Epoch {
                generation: 0,
                number: 1,
            },
        );
        let expires_at = self
            .now
            .saturating_add(SignedDuration::from_hours(24))
            .unwrap_or(self.now);
        let invitation = Invitation {
            agency: agency.clone(),
            name: agency.to_string(),
            token_hash,
            expires_at,
        };
        let membership = Membership {
            agency: agency.clone(),
            token_hash,
            listing_key: office.public_key(),
            tls_key_hash: office.tls_key(),
            certificate: Vec::new(),
            expires_at,
            epoch: Epoch {
                generation: self.house.generation,
                number: 1,
            },
        };
        let now = self.tick();
        let invited = self
            .house
            .submit::<_, JoinRefused>(|answer| Submission::Invite(invitation, again, answer), now);
        if !matches!(invited, Some(Ok(()))) {
            return Ok(None);
        }
        let joined = self
            .house
            .submit::<_, JoinRefused>(|answer| Submission::Join(Box::new(membership), answer), now);
        match joined {
            Some(Ok(membership)) => Ok(Some(membership.epoch)),
            Some(Err(JoinRefused::NotWritten(_))) | None => Ok(None),
            Some(Err(refused)) => broken(format!("a node cannot join: {refused}")),
        }
    }

    /// Time goes on.
    fn tick(&mut self) -> Timestamp {
        let microseconds = i64::try_from(1 + self.chance.below(200_000)).unwrap_or(1);
        let later = self
            .now
            .saturating_add(SignedDuration::from_micros(microseconds));
        self.now = later.unwrap_or(self.now);
        self.now
    }

    fn step(&mut self) -> Result<(), Broken> {
        let office = self.chance.below(self.offices.len());
        match self.chance.below(1_000) {
            0..130 => self.edit(office)?,
            130..160 => self.report(office)?,
            160..420 => self.say(office)?,
            420..840 => self.carry()?,
            840..870 => self.break_a_stream(),
            870..885 => self.let_days_pass(),
            885..905 => self.fail_a_disk(office),
            905..925 => self.kill_node(office)?,
            925..940 => self.kill_directory()?,
            940..952 => self.offices[office].back_up(),
            952..960 => self.restore_node(office)?,
            960..968 => {
                let copy = self.house.disk.copy();
                self.house.backups.push(copy);
            }
            968..974 => self.restore_directory()?,
            974..978 => self.copy_machine(office)?,
            978..981 => self.lose_node(office)?,
            981..985 => self.set_clock(office),
            985..990 => self.decide_a_conflict(office)?,
            _ => {}
        }
        Ok(())
    }

    fn boot(&mut self, office: usize) -> Result<(), Broken> {
        let boot = self.chance.sixteen();
        self.drop_streams_of(office);
        self.offices[office].start(boot, &mut self.truth)
    }

    fn drop_streams_of(&mut self, office: usize) {
        for stream in self
            .streams
            .iter_mut()
            .filter(|stream| stream.node == office && stream.near)
        {
            let arrives = self.chance.below(stream.up.len() + 1);
            stream.break_off(arrives);
        }
    }

    /// A person changes something.
    fn edit(&mut self, office: usize) -> Result<(), Broken> {
        let draw = self.chance.below(100);
        let poison = draw < 4;
        let removes = (4..20).contains(&draw);
        let number = self.chance.below(SERVICES + 1);
        let name = record(number);
        let at = self.tick();
        let node = &mut self.offices[office];
        let Some(ledger) = node.ledger() else {
            return Ok(());
        };
        let lives = |name: &RecordName| ledger.outbox().catalog().wanted(name).is_some();
        let organization = record(0);
        if number > 0 && !lives(&organization) {
            return Ok(());
        }
        let removes = removes && lives(&name);
        if removes && number == 0 {
            return Ok(());
        }
        let for_good = removes && self.chance.in_thousand(300);
        let value = self.truth.wish(removes);
        let record = (!removes).then(|| content(&name, value, poison));
        let wishes = BTreeMap::from([(name.clone(), value)]);
        let wall = node.moment(at).wall;
        let alive = node.act(&mut self.truth, &wishes, |ledger| {
            let mut composer = ledger.compose(wall);
            if for_good {
                composer.delete(&name);
            } else {
                // What is written here is small.
                let _fits = composer.change(&name, record, "");
            }
            let set = composer.finish();
            ledger.queue(set, wall)
        });
        self.after(office, alive)
    }

    /// A person reports capacity.
    fn report(&mut self, office: usize) -> Result<(), Broken> {
        let service = record(1 + self.chance.below(SERVICES)).id;
        let at = self.tick();
        let node = &mut self.offices[office];
        let about = ReportKey {
            service: service.clone(),
            location: None,
        };
        let before = node.ledger().and_then(|ledger| {
            let current = ledger.outbox().reports().get(&about)?.report()?;
            current.counts.first()?.available
        });
        let available = self.truth.report(before);
        let wall = node.moment(at).wall;
        self.told.reports += 1;
        let report = v1::CapacityReport {
            service_id: service.to_string(),
            state: v1::CapacityState::Open.into(),
            counts: vec![v1::CapacityCount {
                unit: v1::CapacityUnit::Client.into(),
                available: Some(available),
                maximum: None,
            }],
            observed_at: Some(time::to_wire(wall)),
            ..v1::CapacityReport::default()
        };
        let alive = node.act(&mut self.truth, &BTreeMap::new(), |ledger| {
            let mut composer = ledger.compose(wall);
            composer.report(report, None);
            let set = composer.finish();
            ledger.queue(set, wall)
        });
        self.after(office, alive)
    }

    /// A process that died of what it did is started again, after a while.
    fn after(&mut self, office: usize, alive: bool) -> Result<(), Broken> {
        if alive {
            return Ok(());
        }
        let crash = self.draw_crash();
        self.offices[office].die(crash);
        self.told.crashes += 1;
        self.boot(office)
    }

    /// A node says hello, or what is next.
    fn say(&mut self, office: usize) -> Result<(), Broken> {
        let at = self.tick();
        if self.offices[office].ledger().is_none() {
            return self.boot(office);
        }
        let Some(talk) = &self.offices[office].talk else {
            let stream = self.streams.len();
            let (agency, key) = (
                self.offices[office].agency.clone(),
                self.offices[office].tls_key(),
            );
            if let Some(hello) = self.offices[office].hello(stream, at) {
                self.streams.push(Stream::new(office, agency, key, hello));
            }
            return Ok(());
        };
        let stream = talk.stream;
        if let Some(next) = self.offices[office].next(at) {
            self.streams[stream].up.push_back(next);
        }
        Ok(())
    }

    /// One message of some stream arrives.
    fn carry(&mut self) -> Result<(), Broken> {
        let waiting = |stream: &Stream| {
            (stream.far && !stream.up.is_empty()) || (stream.near && !stream.down.is_empty())
        };
        let streams: Vec<usize> = (0..self.streams.len())
            .filter(|at| waiting(&self.streams[*at]))
            .collect();
        let Some(&at) = self.chance.one(&streams) else {
            return Ok(());
        };
        let stream = &self.streams[at];
        let up = stream.far && !stream.up.is_empty();
        let down = stream.near && !stream.down.is_empty();
        if up && (!down || self.chance.in_thousand(500)) {
            self.carry_up(at)
        } else {
            self.carry_down(at)
        }
    }

    fn carry_up(&mut self, at: usize) -> Result<(), Broken> {
        if !self.house.is_running() {
            self.streams[at].far = false;
            self.streams[at].up.clear();
            return Ok(());
        }
        let now = self.tick();
        let Some(message) = self.streams[at].up.pop_front() else {
            return Ok(());
        };
        if matches!(message, Up::NewEpoch(_)) {
            self.told.epochs += 1;
        }
        let signers = self
            .offices
            .iter()
            .find(|office| office.tls_key() == self.streams[at].key);
        let Some(key) = signers.map(Office::public_key) else {
            // The node has other keys by now; nobody can say any more what it signed.
            self.streams[at].far = false;
            return Ok(());
        };
        let sent = sent(&message);
        let took = self.house.hear(&mut self.streams[at], &key, message, now)?;
        match took {
            Took::Died => self.kill_directory()?,
            Took::Answers(answers) => {
                self.look_at_news()?;
                self.acknowledged(at, &sent, &answers)?;
                let stream = &mut self.streams[at];
                if stream.near {
                    stream.down.extend(answers);
                }
            }
        }
        Ok(())
    }

    /// What the directory took in has to be right, whoever is told of it.
    fn look_at_news(&mut self) -> Result<(), Broken> {
        let Some(map) = self.house.map() else {
            return Ok(());
        };
        let reported = map.look(|folded| std::mem::take(&mut folded.reported));
        for (before, after) in reported {
            self.truth.reported(before, after)?;
        }
        let news = map.look(|folded| std::mem::take(&mut folded.news));
        for (hash, before, live) in news {
            self.truth.replaced(hash, before, live)?;
        }
        Ok(())
    }

    /// The directory says what is durable.
    fn acknowledged(&mut self, at: usize, sent: &[Sent], answers: &[Down]) -> Result<(), Broken> {
        let agency = self.streams[at].agency.clone();
        for ack in answers.iter().filter_map(ack) {
            for one in sent.iter().filter(|one| one.seq <= ack.applied) {
                self.truth
                    .acknowledge(&agency, one.epoch, one.seq, one.hash)?;
            }
            for no in &ack.rejections {
                if let Some(one) = sent.iter().find(|one| one.seq == no.seq) {
                    self.truth.refuse(one.hash);
                    self.told.refused += 1;
                } else if no.seq == 0 {
                    self.told.refused += 1;
                }
            }
        }
        Ok(())
    }

    fn carry_down(&mut self, at: usize) -> Result<(), Broken> {
        let now = self.tick();
        let office = self.streams[at].node;
        let Some(message) = self.streams[at].down.pop_front() else {
            return Ok(());
        };
        let talks = self.offices[office]
            .talk
            .as_ref()
            .is_some_and(|talk| talk.stream == at);
        if !talks {
            self.streams[at].near = false;
            return Ok(());
        }
        match self.offices[office].hear(said(message), now, &mut self.truth) {
            After::GoesOn => Ok(()),
            After::Over(why) => {
                self.drop_streams_of(office);
                self.offices[office].talk = None;
                match why {
                    Why::NotAMember => self.let_in_again(office),
                    Why::Other => Ok(()),
                }
            }
            After::Dead => self.after(office, false),
        }
    }

    fn break_a_stream(&mut self) {
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
    fn let_days_pass(&mut self) {
        let hours = i64::try_from(self.chance.below(24 * 9)).unwrap_or(1);
        let later = self.now.saturating_add(SignedDuration::from_hours(hours));
        self.now = later.unwrap_or(self.now);
    }

    fn fail_a_disk(&mut self, office: usize) {
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

    fn draw_crash(&mut self) -> Crash {
        match self.chance.below(3) {
            0 => Crash::KeepPending,
            1 => Crash::LosePending,
            _ => Crash::TearPending {
                seed: self.chance.seed(),
            },
        }
    }

    fn kill_node(&mut self, office: usize) -> Result<(), Broken> {
        self.after(office, false)
    }

    fn kill_directory(&mut self) -> Result<(), Broken> {
        let crash = self.draw_crash();
        self.house.die(crash);
        self.told.crashes += 1;
        self.directory_is_gone();
        self.house.start()
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

    fn restore_node(&mut self, office: usize) -> Result<(), Broken> {
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

    fn restore_directory(&mut self) -> Result<(), Broken> {
        let backups = self.house.backups.len();
        if backups == 0 {
            return Ok(());
        }
        let old = self.house.backups[self.chance.below(backups)].copy();
        self.told.restores += 1;
        self.house.die(Crash::KeepPending);
        self.directory_is_gone();
        self.house.disk = old;
        self.house.generation += 1;
        self.house.start()?;
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
    fn copy_machine(&mut self, office: usize) -> Result<(), Broken> {
        let agency = &self.offices[office].agency;
        let nodes = self
            .offices
            .iter()
            .filter(|office| office.agency == *agency)
            .count();
        if nodes >= NODES {
            return Ok(());
        }
        let copy = self.offices[office].copy();
        self.offices.push(copy);
        self.boot(self.offices.len() - 1)
    }

    /// A node's disk is gone. It joins again; every other node of its agency has worthless keys from then on.
    fn lose_node(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        let others = self
            .offices
            .iter()
            .filter(|other| other.agency == agency)
            .count();
        if others > 1 || !self.house.is_running() {
            return Ok(());
        }
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&self.chance.sixteen());
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

    /// The directory was restored to before a node joined: it is let in again with the keys it has.
    fn let_in_again(&mut self, office: usize) -> Result<(), Broken> {
        let agency = self.offices[office].agency.clone();
        let seed = self.offices[office].seed();
        let joined = |heads: &directory_server::ledger::Heads| {
            heads
                .agency(&agency)
                .is_some_and(|head| head.membership.is_some())
        };
        let Some(again) = self.house.heads(joined) else {
            return Ok(());
        };
        match self.join(&agency, seed, again)? {
            Some(_) => Ok(()),
            None => self.kill_directory(),
        }
    }

    fn set_clock(&mut self, office: usize) {
        let minutes = i64::try_from(self.chance.below(60 * 48)).unwrap_or(0) - 24 * 60;
        self.offices[office].ahead = SignedDuration::from_mins(minutes);
    }

    /// A person looks at two versions of a record and takes one.
    fn decide_a_conflict(&mut self, office: usize) -> Result<(), Broken> {
        let node = &mut self.offices[office];
        let Some(ledger) = node.ledger() else {
            return Ok(());
        };
        let conflict = ledger.outbox().conflicts().iter().next();
        let Some((number, name, ours)) =
            conflict.map(|(number, conflict)| (*number, conflict.name.clone(), conflict.ours))
        else {
            return Ok(());
        };
        // Theirs would throw ours away, which is a person's right and no loss; nothing could be checked then.
        let wishes = self
            .truth
            .value(&ours)
            .map(|value| BTreeMap::from([(name, value)]));
        let wall = node.moment(self.now).wall;
        let alive = node.act(&mut self.truth, &wishes.unwrap_or_default(), |ledger| {
            ledger.decide(number, true, wall).map(|_| ())
        });
        self.after(office, alive)
    }

    /// No more faults: the directory lets everybody publish, and one node after the other brings what it has.
    fn heal(&mut self) -> Result<(), Broken> {
        for office in 0..self.offices.len() {
            self.offices[office].ahead = SignedDuration::ZERO;
            self.after(office, false)?;
        }
        self.kill_directory()?;
        self.streams.clear();
        for office in (0..self.offices.len()).chain(0..self.offices.len()) {
            self.bring(office)?;
        }
        Ok(())
    }

    /// One node says everything it has to say, and nobody else speaks.
    fn bring(&mut self, office: usize) -> Result<(), Broken> {
        self.boot(office)?;
        let act = OperatorAct::Readmit(self.offices[office].agency.clone());
        let now = self.tick();
        let _readmitted = self
            .house
            .submit(|answer| Submission::Operator(act, answer), now);
        for _ in 0..HEALING {
            let before = self.streams.len();
            self.say(office)?;
            let Some(at) = self.offices[office].talk.as_ref().map(|talk| talk.stream) else {
                continue;
            };
            while !self.streams[at].up.is_empty() && self.streams[at].far {
                self.carry_up(at)?;
            }
            while !self.streams[at].down.is_empty() && self.streams[at].near {
                self.carry_down(at)?;
            }
            let talk = self.offices[office].talk.as_ref();
            let open = talk.is_some_and(|talk| talk.conversation.is_open());
            let waits = self.offices[office]
                .ledger()
                .is_none_or(|ledger| ledger.outbox().waiting_since().is_some());
            if before == self.streams.len() && open && !waits {
                return Ok(());
            }
        }
        broken(format!("I6: node {office} does not come to an end"))
    }

    fn check(&mut self) -> Result<(), Broken> {
        self.look_at_news()?;
        for number in 0..AGENCIES {
            let agency = agency(number);
            let last = self
                .offices
                .iter()
                .rev()
                .find(|office| office.agency == agency);
            let Some(last) = last else { continue };
            self.converged(&agency, last)?;
            let current = self.current(&agency);
            let of_agency = self.offices.iter().filter(|office| office.agency == agency);
            let conflicts = of_agency.flat_map(Office::conflicts).collect();
            self.truth.nothing_is_lost(&agency, &current, &conflicts)?;
        }
        self.folds_the_same()
    }

    fn current(&self, agency: &AgencyId) -> BTreeMap<RecordName, Hash> {
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

/// An operation on its way up.
struct Sent {
    epoch: Epoch,
    seq: u64,
    hash: Hash,
}

fn sent(message: &Up) -> Vec<Sent> {
    let Up::Operations(batch) = message else {
        return Vec::new();
    };
    let place = |signed: &v1::Signed| {
        let operation: v1::Operation = prost::Message::decode(signed.bytes.as_slice()).ok()?;
        let header = referral_proto::convert::federation::header(&operation, &signed.bytes).ok()?;
        Some(Sent {
            epoch: header.position.epoch,
            seq: header.position.seq,
            hash: header.position.hash,
        })
    };
    batch.operations.iter().filter_map(place).collect()
}

fn ack(message: &Down) -> Option<&v1::PublishAck> {
    match message {
        Down::Ack(ack) => Some(ack),
        _ => None,
    }
}

fn agency(number: usize) -> AgencyId {
    let ids = ["harbor", "beacon", "lantern"];
    AgencyId::parse(ids[number % ids.len()]).unwrap_or_else(|_| unreachable!("these are ids"))
}

/// Record 0 is the organization; the others are its services.
fn record(number: usize) -> RecordName {
    let kind = if number == 0 {
        Kind::Organization
    } else {
        Kind::Service
    };
    RecordName {
        kind,
        id: LocalId::from_source(&format!("r{number}")),
    }
}

/// A record that says this value.
///
/// * `poison` — a service of an organization that does not exist.
fn content(name: &RecordName, value: u64, poison: bool) -> v1::Record {
    let called = format!("v{value}");
    let record = match name.kind {
        Kind::Organization => v1::record::Record::Organization(v1::Organization {
            source_id: name.id.to_string(),
            name: called,
            ..v1::Organization::default()
        }),
        _ => v1::record::Record::Service(v1::Service {
            source_id: name.id.to_string(),
            organization_id: if poison {
                "nowhere".to_owned()
            } else {
                record(0).id.to_string()
            },
            name: called,
            ..v1::Service::default()
        }),
    };
    let record = v1::Record {
        local_id: name.id.to_string(),
        record: Some(record),
    };
    debug_assert_eq!(value_in(&record), Some(value));
    record
}
