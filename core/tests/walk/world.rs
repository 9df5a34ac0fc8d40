//! The walk: what happens, in random order, and what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use referral_core::federation::{Ancestry, Epoch, Position, Resume, Standing};
use referral_core::id::Hash;

use crate::chance::Chance;
use crate::directory::{Directory, Held, Taken};
use crate::mutant::Mutant;
use crate::node::{Disk, Node, Phase};

const NODES: usize = 3;
const FIRST: Epoch = Epoch {
    generation: 1,
    number: 1,
};

/// The content of a record: nobody ever writes the same one twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value {
    pub(crate) number: u64,
    /// False: withdrawn.
    pub(crate) live: bool,
}

/// An operation.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    pub(crate) position: Position,
    pub(crate) record: u8,
    pub(crate) value: Value,
    pub(crate) base: Option<Hash>,
    pub(crate) ancestors: Ancestry,
}

/// What is on its way, and which node's start it is from or for.
#[derive(Clone)]
struct Message {
    node: usize,
    boot: u64,
    says: Says,
}

#[derive(Clone)]
enum Says {
    Hello,
    Welcome(u64, Standing),
    NewEpoch(u64),
    Grant(u64, Epoch, u64, BTreeMap<u8, Held>),
    Operation(u64, Op),
    Acknowledged(u64, Epoch, u64),
    Fence(u64),
}

/// An invariant that does not hold.
pub(crate) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened in walks.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) steps: u64,
    pub(crate) acknowledged: usize,
    pub(crate) destroyed: usize,
    pub(crate) conflicts: usize,
    pub(crate) forwarded: usize,
    pub(crate) walks_with_a_clone: usize,
    /// Operations that name as many ancestors as one may.
    pub(crate) at_the_bound: usize,
}

impl Told {
    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.acknowledged += other.acknowledged;
        self.destroyed += other.destroyed;
        self.conflicts += other.conflicts;
        self.forwarded += other.forwarded;
        self.walks_with_a_clone += other.walks_with_a_clone;
        self.at_the_bound += other.at_the_bound;
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps: {} operations acknowledged, {} of them destroyed in every copy, {} conflicts shown, {} taken \
             over, clones noticed in {} walks",
            self.steps,
            self.acknowledged,
            self.destroyed,
            self.conflicts,
            self.forwarded,
            self.walks_with_a_clone
        )
    }
}

/// One directory, the nodes, and what is on its way between them.
pub(crate) struct World {
    chance: Chance,
    mutant: Mutant,
    directory: Directory,
    directory_backups: Vec<Directory>,
    generation: u64,
    nodes: Vec<Node>,
    backups: Vec<Vec<Disk>>,
    wire: Vec<Message>,
    boots: u64,
    values: u64,
    /// For each content: the contents its author knew.
    causes: BTreeMap<Value, BTreeSet<Value>>,
    /// Contents that a person made.
    by_people: BTreeSet<Value>,
    /// Every operation ever made.
    made: BTreeMap<Hash, ((Epoch, u64), u8, Value)>,
    acknowledged: BTreeMap<(Epoch, u64), Hash>,
    destroyed: BTreeSet<Hash>,
    forwarded: usize,
    records: usize,
    at_the_bound: BTreeSet<Hash>,
}

impl World {
    /// A world of so many records.
    pub(crate) fn new(seed: u64, mutant: Mutant, records: usize) -> Self {
        let mut world = Self {
            chance: Chance::new(seed),
            mutant,
            directory: Directory::new(FIRST),
            directory_backups: Vec::new(),
            generation: FIRST.generation,
            nodes: Vec::new(),
            backups: Vec::new(),
            wire: Vec::new(),
            boots: 0,
            values: 0,
            causes: BTreeMap::new(),
            by_people: BTreeSet::new(),
            made: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            destroyed: BTreeSet::new(),
            forwarded: 0,
            records,
            at_the_bound: BTreeSet::new(),
        };
        world.add_node(Disk::new(FIRST));
        world
    }

    /// Walks, heals, and looks whether everything holds.
    pub(crate) fn walk(mut self, steps: u64) -> Result<Told, Broken> {
        for _ in 0..steps {
            self.step()?;
        }
        self.heal()?;
        self.check()?;
        let told = Told {
            steps,
            acknowledged: self.acknowledged.len(),
            destroyed: self.destroyed.len(),
            conflicts: self
                .nodes
                .iter()
                .map(|node| node.disk.conflicts.len())
                .sum(),
            forwarded: self.forwarded,
            at_the_bound: self.at_the_bound.len(),
            walks_with_a_clone: usize::from(self.directory.cloned),
        };
        Ok(told)
    }

    fn step(&mut self) -> Result<(), Broken> {
        let node = self.chance.below(self.nodes.len());
        match self.chance.below(1_000) {
            0..180 => self.edit(node),
            180..400 => match self.nodes[node].phase {
                Phase::Open(session) => self.push(node, session),
                Phase::Idle => self.hello(node),
                _ if self.chance.in_thousand(300) => self.hello(node),
                _ => {}
            },
            400..900 if !self.wire.is_empty() => {
                let at = self.chance.below(self.wire.len());
                let doubled = self.chance.in_thousand(150);
                let message = if doubled {
                    self.wire[at].clone()
                } else {
                    self.wire.swap_remove(at)
                };
                if !self.chance.in_thousand(120) {
                    self.deliver(message)?;
                }
            }
            900..930 => self.boot(node),
            930..945 => {
                let copy = self.nodes[node].disk.clone();
                self.backups[node].push(copy);
            }
            945..955 => {
                if let Some(old) = self.chance.one(&self.backups[node]).cloned() {
                    self.nodes[node].disk = old;
                    self.boot(node);
                    self.look_for_destroyed();
                }
            }
            955..963 => self.directory_backups.push(self.directory.clone()),
            963..969 => self.restore_directory(),
            969..972 if self.nodes.len() < NODES => {
                let copy = self.nodes[node].disk.clone();
                self.add_node(copy);
            }
            _ => {}
        }
        Ok(())
    }

    fn add_node(&mut self, disk: Disk) {
        self.nodes.push(Node {
            disk,
            boot: 0,
            phase: Phase::Idle,
        });
        self.backups.push(Vec::new());
        self.boot(self.nodes.len() - 1);
    }

    fn boot(&mut self, node: usize) {
        self.boots += 1;
        self.nodes[node].boot = self.boots;
        self.nodes[node].phase = Phase::Idle;
    }

    fn restore_directory(&mut self) {
        let Some(old) = self.chance.one(&self.directory_backups).cloned() else {
            return;
        };
        self.directory = old;
        if self.mutant != Mutant::GenerationReused {
            self.generation += 1;
            self.directory.generation = self.generation;
        }
        self.look_for_destroyed();
    }

    fn edit(&mut self, node: usize) {
        let record = u8::try_from(self.chance.below(self.records)).unwrap();
        let removes = self.chance.in_thousand(200);
        self.values += 1;
        let disk = &mut self.nodes[node].disk;
        let own = disk.records.get(&record);
        let live = own.is_none_or(|own| !(own.value.live && removes));
        let value = Value {
            number: self.values,
            live,
        };
        let base = own.map(|own| own.hash);
        let known = disk.known.entry(record).or_default();
        self.causes.insert(value, known.clone());
        known.insert(value);
        self.by_people.insert(value);
        disk.make(record, value, base);
        self.note_made(node);
    }

    fn note_made(&mut self, node: usize) {
        for op in &self.nodes[node].disk.ops {
            let version = (op.position.epoch, op.position.seq);
            self.made
                .insert(op.position.hash, (version, op.record, op.value));
            if op.ancestors.iter().count() == Ancestry::MOST {
                self.at_the_bound.insert(op.position.hash);
            }
        }
    }

    fn hello(&mut self, node: usize) {
        self.nodes[node].phase = Phase::SaidHello;
        self.send(node, Says::Hello);
    }

    fn push(&mut self, node: usize, session: u64) {
        let disk = &self.nodes[node].disk;
        let (from, to) = (disk.acknowledged, disk.ops.len() as u64);
        if from >= to {
            return;
        }
        let ahead = usize::try_from((to - from).min(3)).unwrap();
        let at = usize::try_from(from).unwrap() + self.chance.below(ahead);
        let op = self.nodes[node].disk.ops[at].clone();
        self.send(node, Says::Operation(session, op));
    }

    fn send(&mut self, node: usize, says: Says) {
        let boot = self.nodes[node].boot;
        self.wire.push(Message { node, boot, says });
    }

    fn deliver(&mut self, message: Message) -> Result<(), Broken> {
        let Message { node, boot, says } = message;
        let answer = |says| Message { node, boot, says };
        match says {
            Says::Hello => {
                let session = self.directory.hello(boot);
                let chain = self.directory.log.chain;
                let standing = Standing {
                    generation: self.directory.generation,
                    epoch: chain.epoch,
                    applied: chain.applied,
                    head: chain.head,
                    capacity_applied: 0,
                    capacity_hash: None,
                    records: self.directory.records.len() as u64,
                };
                self.wire.push(answer(Says::Welcome(session, standing)));
            }
            Says::NewEpoch(session) => {
                if let Some(epoch) = self.directory.new_epoch(session, self.mutant) {
                    let applied = self.directory.log.chain.applied;
                    let records = self.directory.records.clone();
                    self.wire
                        .push(answer(Says::Grant(session, epoch, applied, records)));
                }
            }
            Says::Operation(session, op) => {
                let says = self.take(session, &op)?;
                self.wire.push(answer(says));
            }
            heard if self.nodes[node].boot == boot => self.hear(node, heard)?,
            _ => {}
        }
        Ok(())
    }

    /// The directory takes an operation in.
    fn take(&mut self, session: u64, op: &Op) -> Result<Says, Broken> {
        let Ok(taken) = self.directory.take(session, op, self.mutant) else {
            return Ok(Says::Fence(session));
        };
        if let Taken::Applied(before) = taken {
            self.may_replace(op, before.as_ref())?;
        }
        let chain = self.directory.log.chain;
        Ok(Says::Acknowledged(session, chain.epoch, chain.applied))
    }

    fn may_replace(&self, op: &Op, before: Option<&Held>) -> Result<(), Broken> {
        if !op.value.live && !self.by_people.contains(&op.value) {
            return Err(Broken(format!(
                "I11: record {} is removed and nobody asked for it",
                op.record
            )));
        }
        let Some(before) = before else {
            return Ok(());
        };
        if (op.position.epoch, op.position.seq) <= before.version {
            return Err(Broken(format!(
                "I3: the version of record {} falls",
                op.record
            )));
        }
        let knew = before.value == op.value
            || self
                .causes
                .get(&op.value)
                .is_some_and(|known| known.contains(&before.value));
        if knew {
            Ok(())
        } else {
            Err(Broken(format!(
                "I19: record {} is overwritten in ignorance",
                op.record
            )))
        }
    }

    /// A node hears from the directory.
    fn hear(&mut self, node: usize, says: Says) -> Result<(), Broken> {
        match says {
            Says::Welcome(session, standing) if self.nodes[node].phase == Phase::SaidHello => {
                match self.nodes[node].disk.resume(&standing, self.mutant) {
                    Err(_) => {}
                    Ok(Resume::GoOn) => {
                        self.nodes[node].phase = Phase::Open(session);
                        self.acknowledge(node, standing.applied)?;
                    }
                    Ok(Resume::NewEpoch) => {
                        self.nodes[node].phase = Phase::AskedEpoch(session);
                        self.send(node, Says::NewEpoch(session));
                    }
                }
            }
            Says::Grant(session, epoch, applied, records)
                if self.nodes[node].phase == Phase::AskedEpoch(session) && applied == 0 =>
            {
                let values = &mut self.values;
                let mut mint = || {
                    *values += 1;
                    Value {
                        number: *values,
                        live: true,
                    }
                };
                let disk = &mut self.nodes[node].disk;
                self.forwarded +=
                    disk.reconcile(epoch, &records, &mut self.causes, &mut mint, self.mutant);
                self.nodes[node].phase = Phase::Open(session);
                self.note_made(node);
            }
            Says::Acknowledged(session, epoch, applied)
                if self.nodes[node].phase == Phase::Open(session)
                    && self.nodes[node].disk.tip().epoch == epoch =>
            {
                self.acknowledge(node, applied)?;
            }
            Says::Fence(session) if self.nodes[node].phase == Phase::Open(session) => {
                self.nodes[node].phase = Phase::Idle;
            }
            _ => {}
        }
        Ok(())
    }

    fn acknowledge(&mut self, node: usize, applied: u64) -> Result<(), Broken> {
        let disk = &mut self.nodes[node].disk;
        let from = disk.acknowledged;
        for op in disk
            .ops
            .iter()
            .take(usize::try_from(applied).unwrap())
            .skip(usize::try_from(from).unwrap())
        {
            let at = (op.position.epoch, op.position.seq);
            let before = self.acknowledged.insert(at, op.position.hash);
            if before.is_some_and(|before| before != op.position.hash) {
                return Err(Broken(format!(
                    "I8: two operations are acknowledged as {}.{}",
                    at.0, at.1
                )));
            }
        }
        disk.acknowledged = disk.acknowledged.max(applied);
        Ok(())
    }

    /// Acknowledged operations of which no copy is left are lost to the disks, not to the protocol.
    fn look_for_destroyed(&mut self) {
        let copies = self.nodes.iter().map(|node| &node.disk.history);
        let copies: Vec<_> = copies.chain([&self.directory.history]).collect();
        let gone = self
            .acknowledged
            .values()
            .filter(|hash| !copies.iter().any(|copy| copy.contains(hash)));
        self.destroyed.extend(gone);
    }

    /// No more faults: one node after the other brings what it has, twice.
    fn heal(&mut self) -> Result<(), Broken> {
        self.wire.clear();
        for node in (0..self.nodes.len()).chain(0..self.nodes.len()) {
            self.boot(node);
            let mut left = 400;
            loop {
                match self.nodes[node].phase {
                    Phase::Idle => self.hello(node),
                    Phase::Open(session) => self.push(node, session),
                    _ => {}
                }
                while !self.wire.is_empty() {
                    let message = self.wire.remove(0);
                    self.deliver(message)?;
                }
                let disk = &self.nodes[node].disk;
                if matches!(self.nodes[node].phase, Phase::Open(_))
                    && disk.acknowledged == disk.ops.len() as u64
                {
                    break;
                }
                left -= 1;
                if left == 0 {
                    return Err(Broken(format!("I6: node {node} does not come to an end")));
                }
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Broken> {
        let last = &self.nodes[self.nodes.len() - 1].disk;
        let theirs = self
            .directory
            .records
            .iter()
            .map(|(record, held)| (*record, held.value));
        let ours = last
            .records
            .iter()
            .map(|(record, own)| (*record, own.value));
        let live = |(_, value): &(u8, Value)| value.live;
        if !theirs.filter(live).eq(ours.filter(live)) {
            return Err(Broken(
                "I6: node and directory hold different records".to_owned(),
            ));
        }
        for hash in self.acknowledged.values() {
            if !self.destroyed.contains(hash) && !self.directory.refused.contains(hash) {
                self.is_there(hash)?;
            }
        }
        Ok(())
    }

    /// An acknowledged operation is the current one, or known to the author of the current one, or in front of
    /// a person (I1, I11).
    fn is_there(&self, hash: &Hash) -> Result<(), Broken> {
        let (version, record, value) = self.made[hash];
        let knew = |later: &Value| {
            *later == value
                || self
                    .causes
                    .get(later)
                    .is_some_and(|known| known.contains(&value))
        };
        let current = self.directory.records.get(&record);
        let held = current.is_some_and(|held| knew(&held.value));
        let mut conflicts = self.nodes.iter().flat_map(|node| &node.disk.conflicts);
        if held || conflicts.any(|(of, shown)| *of == record && knew(shown)) {
            Ok(())
        } else {
            Err(Broken(format!(
                "I1: acknowledged operation {}.{} of record {record} is missing",
                version.0, version.1
            )))
        }
    }
}
