//! The directory: its real journal, heads and recorder on a simulated disk; what is folded from the journal is a map.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use directory_server::ledger::{
    Applied, CheckedCapacity, CheckedOperation, Decided, Downstream, Fact, Heads, Recorder,
    Refusal, SessionEnd, SignedBytes, Space, Submission,
};
use directory_server::rpc::federation::messages;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Held;
use referral_core::federation::{Position, PublicKey, Purpose, Signature, verify};
use referral_core::id::{AgencyId, Hash, LocalId, RecordName};
use referral_journal::storage::Crash;
use referral_journal::{Archive, Entry, Journal, MemoryStorage, Options};
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use tokio::sync::oneshot;

use super::searching::Searches;
use super::stream::Stream;
use super::truth::{Broken, broken};

/// Small, so that a walk has many.
const SEGMENT: u64 = 64 << 10;

/// Capacity in force, by service and location: what is held of it, since when, and as it was signed.
pub(super) type InForce = BTreeMap<(LocalId, Option<LocalId>), (Held, Timestamp, SignedBytes)>;

/// An operation whose fate is decided.
#[derive(Clone, Debug)]
pub(super) struct News {
    pub(super) agency: AgencyId,
    pub(super) position: Position,
    /// `None`: it was refused for good. Otherwise what it replaced, and whether the record is live.
    pub(super) accepted: Option<(Option<Hash>, bool)>,
}

/// What is folded from the journal.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) records: BTreeMap<(AgencyId, RecordName), (Hash, bool, SignedBytes)>,
    pub(super) capacity: BTreeMap<AgencyId, InForce>,
    /// Operations it holds a copy of.
    pub(super) copies: BTreeSet<Hash>,
    /// Operations whose fate was decided since somebody looked.
    pub(super) news: Vec<News>,
    /// The journal is folded up to here.
    pub(super) upto: u64,
    /// Reports taken in place of others since somebody looked, each as the places it says are available.
    pub(super) reported: Vec<(Option<u32>, Option<u32>)>,
}

impl Folded {
    fn take(&mut self, Decided { fact, held }: &Decided, received_at: Timestamp) {
        match (fact, held) {
            (Fact::Operation(header, change, signed), _) => {
                let hash = header.position.hash;
                let name = RecordName {
                    kind: change.kind,
                    id: change.id.clone(),
                };
                let live = change.record.is_some();
                let now = (hash, live, signed.clone());
                let before = self.records.insert((header.agency.clone(), name), now);
                self.copies.insert(hash);
                self.news.push(News {
                    agency: header.agency.clone(),
                    position: header.position,
                    accepted: Some((before.map(|before| before.0), live)),
                });
            }
            (Fact::OperationRefused(header, ..), _) => self.news.push(News {
                agency: header.agency.clone(),
                position: header.position,
                accepted: None,
            }),
            (Fact::Capacity(agency, _, report, signed), Some(held)) => {
                let said = report.said();
                let about = (said.service.clone(), said.location.clone());
                let of_agency = self.capacity.entry(agency.clone()).or_default();
                let says = available(held);
                let now = (held.clone(), received_at, signed.clone());
                if let Some((before, ..)) = of_agency.insert(about, now) {
                    self.reported.push((available(&before), says));
                }
            }
            _ => {}
        }
    }
}

/// The places a report says are available.
pub(super) fn available(held: &Held) -> Option<u32> {
    held.report.main_count()?.available
}

/// The map, as what follows the journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Arc<Mutex<Folded>>);

impl Map {
    pub(super) fn look<T>(&self, at: impl FnOnce(&mut Folded) -> T) -> T {
        at(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What follows the journal: the map, and the searches of seeds in which somebody searches.
#[derive(Debug)]
struct Behind {
    map: Map,
    searches: Option<Searches>,
}

impl Downstream for Behind {
    fn space(&mut self) -> Space {
        Space::Plenty
    }

    fn take(&mut self, applied: Applied) -> bool {
        self.map.look(|folded| {
            for decided in &applied.decided {
                folded.take(decided, applied.received_at);
            }
            folded.upto = applied.last_index;
        });
        let searches = self.searches.as_ref();
        searches.is_none_or(|searches| searches.take(applied))
    }
}

/// The directory.
#[derive(Debug)]
pub(super) struct House {
    pub(super) disk: MemoryStorage,
    pub(super) generation: u64,
    pub(super) backups: Vec<MemoryStorage>,
    /// How far its clock is ahead of the true time.
    pub(super) ahead: SignedDuration,
    pub(super) searches: Option<Searches>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    recorder: Recorder<MemoryStorage, Behind>,
    heads: Arc<RwLock<Heads>>,
    map: Map,
    archive: Archive<MemoryStorage>,
}

/// What the directory did with a message.
pub(super) enum Took {
    /// It answers, and these operations of this epoch are durable up to this number.
    Answers(Vec<Down>),
    /// Its process died.
    Died,
}

impl Took {
    /// So many operations may be on their way, a node is told.
    pub(super) fn narrow(&mut self, window: u32) {
        let Self::Answers(answers) = self else { return };
        for answer in answers {
            if let Down::Welcome(welcome) = answer {
                welcome.max_in_flight = window;
            }
        }
    }
}

impl House {
    pub(super) fn new(generation: u64) -> Self {
        Self {
            disk: MemoryStorage::default(),
            generation,
            backups: Vec::new(),
            ahead: SignedDuration::ZERO,
            searches: None,
            running: None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts on what is on the disk.
    pub(super) fn start(&mut self) -> Result<(), Broken> {
        let options = Options {
            segment_bytes: SEGMENT,
            generation: self.generation,
        };
        let damaged =
            |what: &dyn fmt::Display| Broken(format!("the journal does not open: {what}"));
        let (journal, _) =
            Journal::open(self.disk.clone(), options).map_err(|error| damaged(&error))?;
        let (mut heads, map) = (Heads::default(), Map::default());
        let mut last_received = Timestamp::UNIX_EPOCH;
        for record in journal.read_from(1).map_err(|error| damaged(&error))? {
            let record = record.map_err(|error| damaged(&error))?;
            last_received = Timestamp::from_microsecond(record.received_at_us).unwrap_or_default();
            let fact = Fact::decode(record.kind, &record.bytes).map_err(|error| damaged(&error))?;
            let decided = heads.fold(fact, last_received);
            map.look(|folded| folded.take(&decided, last_received));
        }
        map.look(|folded| {
            folded.news.clear();
            folded.reported.clear();
            folded.upto = journal.last_index();
        });
        let archive = journal.archive();
        let heads = Arc::new(RwLock::new(heads));
        if let Some(searches) = &self.searches {
            searches.start(&archive, self.generation)?;
        }
        let behind = Behind {
            map: map.clone(),
            searches: self.searches.clone(),
        };
        let recorder = Recorder::new(
            journal,
            Arc::clone(&heads),
            behind,
            self.generation,
            last_received,
        );
        if let Some(searches) = &self.searches {
            searches.goes_by(recorder.settled());
        }
        self.running = Some(Running {
            recorder,
            heads,
            map,
            archive,
        });
        Ok(())
    }

    /// Its disk, with an operation that was taken turned into one that was refused: as if somebody had rewritten
    /// the journal, or the directory had lost what it held of the record. The chain of the log stays whole.
    pub(super) fn forgetting(&self, hash: Hash) -> Result<MemoryStorage, Broken> {
        let failed = |what: &dyn fmt::Display| Broken(format!("the journal is not read: {what}"));
        let disk = MemoryStorage::default();
        let options = Options {
            segment_bytes: SEGMENT,
            generation: self.generation,
        };
        let Some(running) = &self.running else {
            return broken("nothing of a directory that does not run is rewritten");
        };
        let (mut journal, _) =
            Journal::open(disk.clone(), options).map_err(|error| failed(&error))?;
        let records = running.archive.read_from(1);
        for record in records.map_err(|error| failed(&error))? {
            let record = record.map_err(|error| failed(&error))?;
            let fact = Fact::decode(record.kind, &record.bytes).map_err(|error| failed(&error))?;
            let (kind, bytes) = match fact {
                Fact::Operation(header, _, signed) if header.position.hash == hash => {
                    Fact::OperationRefused(header, forgotten(), signed).encode()
                }
                _ => (record.kind, record.bytes),
            };
            let entry = Entry {
                received_at_us: record.received_at_us,
                kind,
                bytes: &bytes,
            };
            journal.append(&[entry]).map_err(|error| failed(&error))?;
        }
        Ok(disk)
    }

    /// What is durable and shown, after this index: each fact with its index and time of receipt.
    pub(super) fn facts_after(&self, index: u64) -> Result<Vec<(u64, Timestamp, Fact)>, Broken> {
        let failed = |what: &dyn fmt::Display| Broken(format!("R17: the feed is not read: {what}"));
        let Some(running) = &self.running else {
            return Ok(Vec::new());
        };
        let upto = running.map.look(|folded| folded.upto);
        if index > upto {
            return broken(format!(
                "R17: a reader was told of {index} and the directory ends at {upto}"
            ));
        }
        let mut facts = Vec::new();
        let records = running.archive.read_from(index + 1);
        for record in records.map_err(|error| failed(&error))? {
            let record = record.map_err(|error| failed(&error))?;
            let at = Timestamp::from_microsecond(record.received_at_us).unwrap_or_default();
            let fact = Fact::decode(record.kind, &record.bytes).map_err(|error| failed(&error))?;
            facts.push((record.index, at, fact));
        }
        Ok(facts)
    }

    /// Dies, by a kill or a power cut.
    pub(super) fn die(&mut self, crash: Crash) {
        self.running = None;
        self.disk.crash(crash);
        if let Some(searches) = &self.searches {
            searches.die();
        }
    }

    /// Another disk takes the place of its own; what was made of the journal on that is worthless.
    pub(super) fn put_back(&mut self, disk: MemoryStorage) {
        self.disk = disk;
        if let Some(searches) = &self.searches {
            searches.begin_anew();
        }
    }

    pub(super) fn map(&self) -> Option<&Map> {
        self.running.as_ref().map(|running| &running.map)
    }

    pub(super) fn heads<T>(&self, look: impl FnOnce(&Heads) -> T) -> Option<T> {
        let heads = &self.running.as_ref()?.heads;
        Some(look(&heads.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Submits something. `None`: the process died of it, and it may be durable or not.
    pub(super) fn submit<T, E>(
        &mut self,
        submission: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Submission,
        now: Timestamp,
    ) -> Option<Result<T, E>> {
        let running = self.running.as_mut()?;
        if let Some(searches) = &self.searches {
            searches.at(now);
        }
        let now = now.saturating_add(self.ahead).unwrap_or(now);
        let (answer, mut answered) = oneshot::channel();
        let alive = running.recorder.record(submission(answer), || None, now);
        if !alive {
            self.running = None;
        }
        answered.try_recv().ok().filter(|_| alive)
    }

    /// Takes a message of a stream in.
    pub(super) fn hear(
        &mut self,
        stream: &mut Stream,
        key: &PublicKey,
        message: Up,
        now: Timestamp,
    ) -> Result<Took, Broken> {
        let Some(session) = stream.session else {
            return self.greet(stream, message, now);
        };
        let agency = stream.agency.clone();
        let answered = match message {
            Up::Hello(_) => return broken("a node said hello twice on one stream"),
            Up::Operations(batch) => {
                let checked = operations(key, batch)?;
                let taken = self.submit(
                    |answer| Submission::Operations(agency, session, checked, answer),
                    now,
                );
                taken.map(|taken| taken.map(|outcome| messages::outcome(outcome, now).collect()))
            }
            Up::Capacity(batch) => {
                let checked = reports(key, batch, now)?;
                let taken = self.submit(
                    |answer| Submission::Capacity(agency, session, checked, answer),
                    now,
                );
                taken.map(|taken| taken.map(|outcome| messages::outcome(outcome, now).collect()))
            }
            Up::NewEpoch(_) => {
                let taken =
                    self.submit(|answer| Submission::NewEpoch(agency, session, answer), now);
                taken.map(|taken| taken.map(|granted| vec![messages::grant(granted)]))
            }
            Up::Tips(asked) => self.heads(|heads| {
                let tips = heads.tips(&agency, asked.bits, &asked.buckets);
                Ok(messages::tips(
                    tips.map(|(name, tip)| (name.clone(), tip)).collect(),
                ))
            }),
            Up::Fetch(asked) => {
                let names = messages::names(asked).map_err(|why| Broken(why.to_string()))?;
                self.map().map(|map| {
                    let held = |name| {
                        map.look(|folded| folded.records.get(&(agency.clone(), name)).cloned())
                    };
                    let found = names.into_iter().filter_map(held).map(|held| held.2);
                    Ok(messages::fetched(found.collect()))
                })
            }
            Up::Reports(_) => self.map().map(|map| {
                let in_force = map.look(|folded| folded.capacity.get(&agency).cloned());
                let reports = in_force.unwrap_or_default().into_values();
                Ok(messages::standing(
                    reports.map(|(.., signed)| signed).collect(),
                ))
            }),
            Up::Beat(beat) => {
                let root = messages::root(&beat).map_err(|why| Broken(why.to_string()))?;
                self.heads(|heads| {
                    let stands = heads.agency(&agency).and_then(|head| head.log.as_ref());
                    let stands = stands
                        .filter(|log| log.session == session && log.chain.applied == beat.seq);
                    let digest = stands.map(|_| heads.digest(&agency));
                    let differs = digest.filter(|digest| digest.root() != root);
                    Ok(vec![messages::beat_ack(differs.as_ref(), now)])
                })
            }
        };
        Ok(Self::answer(stream, answered))
    }

    fn greet(&mut self, stream: &mut Stream, message: Up, now: Timestamp) -> Result<Took, Broken> {
        let Up::Hello(hello) = message else {
            return broken("a node's first word was not hello");
        };
        let hello = messages::hello(stream.agency.clone(), stream.key, &hello);
        let hello = hello.map_err(|why| Broken(why.to_string()))?;
        let welcome = self.submit(|answer| Submission::Hello(hello, answer), now);
        let generation = self.generation;
        if let Some(Ok(welcome)) = &welcome {
            stream.session = Some(welcome.session);
        }
        let answered =
            welcome.map(|taken| taken.map(|welcome| messages::welcome(welcome, generation, "")));
        Ok(Self::answer(stream, answered))
    }

    fn answer(stream: &mut Stream, answered: Option<Result<Vec<Down>, SessionEnd>>) -> Took {
        match answered {
            None => Took::Died,
            Some(Ok(answers)) => Took::Answers(answers),
            Some(Err(end)) => {
                stream.far = false;
                Took::Answers(vec![messages::fence(
                    messages::reason(end),
                    end.text.to_owned(),
                )])
            }
        }
    }
}

/// Operations as the directory takes them: signed by the node.
fn operations(key: &PublicKey, batch: v1::OperationBatch) -> Result<Vec<CheckedOperation>, Broken> {
    let received = messages::operations(batch).map_err(|why| Broken(why.to_string()))?;
    let checked = received.into_iter().map(|one| {
        signed_by(key, Purpose::Listing, &one.signed)?;
        Ok(CheckedOperation {
            header: one.header,
            change: one.change,
            signed: one.signed,
        })
    });
    checked.collect()
}

/// Reports as the directory takes them: signed by the node.
fn reports(
    key: &PublicKey,
    batch: v1::CapacityBatch,
    now: Timestamp,
) -> Result<Vec<CheckedCapacity>, Broken> {
    let received = messages::reports(batch, now).map_err(|why| Broken(why.to_string()))?;
    let checked = received.into_iter().map(|one| {
        signed_by(key, Purpose::Capacity, &one.signed)?;
        Ok(CheckedCapacity {
            order: one.order,
            report: one.report,
            signed: one.signed,
        })
    });
    checked.collect()
}

fn forgotten() -> Refusal {
    Refusal {
        kind: None,
        id: None,
        code: "forgotten".to_owned(),
        field: String::new(),
        text: String::new(),
    }
}

fn signed_by(key: &PublicKey, purpose: Purpose, signed: &SignedBytes) -> Result<(), Broken> {
    let signature = Signature::try_from(signed.signature.as_slice());
    let fits =
        signature.is_ok_and(|signature| verify(key, purpose, &signed.bytes, &signature).is_ok());
    if fits {
        Ok(())
    } else {
        broken("I2: a node sent what it did not sign")
    }
}

/// A message as a node hears it.
pub(super) fn said(message: Down) -> v1::PublishResponse {
    v1::PublishResponse {
        message: Some(message),
    }
}
