//! The walk: what is drawn, one thing after the other.

use std::collections::BTreeSet;
use std::fmt;

use directory_server::ledger::{Invitation, JoinRefused, Membership, Submission};
use jiff::{SignedDuration, Timestamp};
use referral_core::federation::Epoch;
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordName};
use referral_proto::v1;

use super::chance::Chance;
use super::house::House;
use super::mutant::Mutant;
use super::office::{Office, value_in};
use super::pressing::Pressing;
use super::reader::Reader;
use super::searching::Searches;
use super::stream::Stream;
use super::truth::{Broken, Truth, broken};

/// Agencies of one federation.
pub(super) const AGENCIES: usize = 3;
/// Services of an agency.
pub(super) const SERVICES: usize = 5;
/// In every seed that this divides somebody searches: an index takes longer than all the rest.
const SEARCHED: u64 = 12;
/// In every seed that this divides with 1 over, agencies press on every bound.
const PRESSED: u64 = 4;

/// A federation, drawn from a seed.
#[derive(Debug)]
pub struct Simulation {
    pub(super) chance: Chance,
    pub(super) truth: Truth,
    pub(super) now: Timestamp,
    pub(super) house: House,
    pub(super) offices: Vec<Office>,
    pub(super) streams: Vec<Stream>,
    pub(super) reader: Reader,
    /// Agencies that press on every bound, in some seeds.
    pub(super) pressing: Option<Pressing>,
    pub(super) told: Told,
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
    /// Changes of a node's keys.
    pub keys: u64,
    /// Operations that the directory's disk forgot.
    pub forgotten: u64,
    /// Files imported.
    pub imports: u64,
    /// How often somebody searched.
    pub searches: u64,
    /// Bounds that something reached.
    pub reached: BTreeSet<&'static str>,
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
        self.keys += other.keys;
        self.forgotten += other.forgotten;
        self.imports += other.imports;
        self.searches += other.searches;
        self.reached.extend(&other.reached);
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps, {} crashes, {} restores: {} operations acknowledged, {} of them destroyed in every copy; {} \
             epochs, {} conflicts shown, {} refused, {} reports; {} changes of keys, {} operations forgotten unnoticed, {} imports; \
             {} searches; bounds reached: {:?}",
            self.steps,
            self.crashes,
            self.restores,
            self.acknowledged,
            self.destroyed,
            self.epochs,
            self.conflicts,
            self.refused,
            self.reports,
            self.keys,
            self.forgotten,
            self.imports,
            self.searches,
            self.reached
        )
    }
}

impl Simulation {
    /// Draws a federation, lets `steps` things happen, heals it, and checks it.
    ///
    /// # Errors
    /// [`Broken`] with the name of an invariant that does not hold.
    pub fn run(seed: u64, steps: u64) -> Result<Told, Broken> {
        Self::run_without(seed, steps, Mutant::None)
    }

    /// The same, with one rule removed, and with whatever it takes to notice.
    ///
    /// # Errors
    /// [`Broken`] when that is noticed.
    pub fn run_without(seed: u64, steps: u64, rule: Mutant) -> Result<Told, Broken> {
        let mut world = Self::new(seed, rule)?;
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
            searches: world.house.searches.as_ref().map_or(0, Searches::looked),
            reached: world.pressing.map_or_else(BTreeSet::new, |one| one.reached),
            ..world.told
        })
    }

    fn new(seed: u64, mutant: Mutant) -> Result<Self, Broken> {
        let now = Timestamp::from_second(1_780_315_200).unwrap_or_default();
        let pressed = seed % PRESSED == 1 || mutant.is_of_bounds();
        let searched = seed.is_multiple_of(SEARCHED) || mutant.is_of_searches();
        let mut world = Self {
            chance: Chance::new(seed),
            truth: Truth::new(pressed),
            now,
            house: House::new(now.as_second().unsigned_abs()),
            offices: Vec::new(),
            streams: Vec::new(),
            reader: Reader::default(),
            pressing: pressed.then(|| Pressing::new(seed, mutant)),
            told: Told::default(),
        };
        if searched {
            world.house.searches = Some(Searches::new(seed, now, mutant)?);
        }
        world.house.start()?;
        for number in 0..AGENCIES {
            let agency = agency(number);
            let seed = world.chance.keys();
            let epoch = world.join(&agency, seed, false)?;
            let Some(epoch) = epoch else {
                return broken("a fault where none was drawn");
            };
            world.agree(&agency);
            world.offices.push(Office::new(agency, seed, epoch));
            world.boot(number)?;
        }
        Ok(world)
    }

    /// Lets a node of an agency join with these keys. `None`: the directory is down, or died of it.
    pub(super) fn join(
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
    pub(super) fn tick(&mut self) -> Timestamp {
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
            160..420 => {
                self.say(office)?;
            }
            420..800 => self.carry()?,
            800..820 => self.read()?,
            820..826 => self.reader.hang_up(),
            826..830 => self.change_standing()?,
            830..840 => self.wait_for_a_beat(),
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
            990..994 => self.change_keys(office)?,
            994..997 => self.forget_an_operation(office)?,
            _ => self.import_a_file(office)?,
        }
        self.search()?;
        self.press(office)
    }

    /// Searches follow, or somebody looks.
    fn search(&mut self) -> Result<(), Broken> {
        let (Some(searches), Some(map)) = (&self.house.searches, self.house.map()) else {
            return Ok(());
        };
        searches.at(self.now);
        map.look(|folded| searches.step(folded))
    }

    /// Searches have caught up.
    pub(super) fn searches_agree(&self) -> Result<(), Broken> {
        let (Some(searches), Some(map)) = (&self.house.searches, self.house.map()) else {
            return Ok(());
        };
        searches.at(self.now);
        map.look(|folded| searches.agrees(folded))
    }

    /// The reader reads on.
    fn read(&mut self) -> Result<(), Broken> {
        let (most, marked) = (1 + self.chance.below(40), self.chance.in_thousand(500));
        self.reader.read(&self.house, most, marked)
    }

    pub(super) fn boot(&mut self, office: usize) -> Result<(), Broken> {
        let boot = self.chance.sixteen();
        self.drop_streams_of(office);
        self.offices[office].start(boot, &mut self.truth)
    }

    pub(super) fn drop_streams_of(&mut self, office: usize) {
        for stream in self
            .streams
            .iter_mut()
            .filter(|stream| stream.node == office && stream.near)
        {
            let arrives = self.chance.below(stream.up.len() + 1);
            stream.break_off(arrives);
        }
    }
}

pub(super) fn agency(number: usize) -> AgencyId {
    let ids = ["harbor", "beacon", "lantern"];
    AgencyId::parse(ids[number % ids.len()]).unwrap_or_else(|_| unreachable!("these are ids"))
}

/// Record 0 is the organization; the others are its services.
pub(super) fn record(number: usize) -> RecordName {
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
pub(super) fn content(name: &RecordName, value: u64, poison: bool) -> v1::Record {
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
