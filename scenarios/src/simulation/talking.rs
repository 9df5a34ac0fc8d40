//! Streams between nodes and the directory, message by message, and what the directory says is durable.

use referral_core::federation::{AgencyLog, Epoch};
use referral_core::id::{AgencyId, Hash};
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;

use super::house::{News, Took, said};
use super::office::{After, Office, Why};
use super::pressing::Pressing;
use super::stream::Stream;
use super::truth::{Broken, Ends, broken};
use super::world::{AGENCIES, Simulation, agency};

impl Simulation {
    /// A node says hello, or what is next; false when it has nothing to say.
    pub(super) fn say(&mut self, office: usize) -> Result<bool, Broken> {
        let at = self.tick();
        if self.offices[office].ledger().is_none() {
            self.boot(office)?;
            return Ok(true);
        }
        if !self.offices[office].tick(at) {
            self.hang_up(office);
            return Ok(true);
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
            return Ok(true);
        };
        let stream = talk.stream;
        let next = self.offices[office].next(at);
        let said = next.is_some();
        if let Some(last) = next.as_ref().and_then(|next| sent(next).pop()) {
            self.are_on_their_way(office, last.seq)?;
        }
        self.streams[stream].up.extend(next);
        Ok(said)
    }

    /// A node lets go of its stream.
    fn hang_up(&mut self, office: usize) {
        self.drop_streams_of(office);
        self.offices[office].talk = None;
    }

    /// One message of some stream arrives.
    pub(super) fn carry(&mut self) -> Result<(), Broken> {
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

    pub(super) fn carry_up(&mut self, at: usize) -> Result<(), Broken> {
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
        let before = self.before(at);
        let mut took = self.house.hear(&mut self.streams[at], &key, message, now)?;
        if let Some(window) = self.pressing.as_ref().and_then(Pressing::told) {
            took.narrow(window);
        }
        match took {
            Took::Died => self.kill_directory()?,
            Took::Answers(answers) => {
                self.after_hearing(&before)?;
                self.look_at_news()?;
                nothing_is_held_up(&sent, &answers)?;
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
    pub(super) fn look_at_news(&mut self) -> Result<(), Broken> {
        let Some(map) = self.house.map() else {
            return Ok(());
        };
        let reported = map.look(|folded| std::mem::take(&mut folded.reported));
        for (before, after) in reported {
            self.truth.reported(before, after)?;
        }
        let news = map.look(|folded| std::mem::take(&mut folded.news));
        for News {
            agency,
            position,
            accepted,
        } in news
        {
            self.truth.decided(&agency, position)?;
            if let Some((before, live)) = accepted {
                self.truth.replaced(position.hash, before, live)?;
            }
        }
        Ok(())
    }

    /// A directory that was started again has everything it had.
    pub(super) fn stands_where_it_stood(&mut self) -> Result<(), Broken> {
        let stands = self.stands();
        self.truth.stands(stands)
    }

    /// Where the log of each agency ends.
    pub(super) fn stands(&self) -> Ends {
        let ends = |agency: AgencyId| {
            let chain = self.house.heads(|heads| {
                let log = heads.agency(&agency)?.log.as_ref()?;
                Some((log.chain.epoch, log.chain.applied))
            });
            Some((agency, chain.flatten()?))
        };
        (0..AGENCIES).map(agency).filter_map(ends).collect()
    }

    /// How things stand before the directory hears the next message of a stream.
    fn before(&self, at: usize) -> Before {
        let Stream {
            agency, session, ..
        } = &self.streams[at];
        let current = self.house.heads(|heads| {
            let log = heads.agency(agency)?.log.as_ref()?;
            Some(log.session)
        });
        Before {
            agency: agency.clone(),
            is_over: session.is_some_and(|session| current.flatten() > Some(session)),
            others: self.others(agency),
        }
    }

    /// Where the logs of all agencies but one stand.
    fn others(&self, agency: &AgencyId) -> Vec<(Hash, Option<AgencyLog>)> {
        let others = (0..AGENCIES).map(self::agency).filter(|one| one != agency);
        let stands = |one: AgencyId| {
            self.house.heads(|heads| {
                let log = heads.agency(&one).and_then(|head| head.log.clone());
                (heads.digest(&one).root(), log)
            })
        };
        others.filter_map(stands).collect()
    }

    /// What was heard changes nothing of another agency, and nothing at all once its session is over.
    fn after_hearing(&self, before: &Before) -> Result<(), Broken> {
        let agency = &before.agency;
        if self.others(agency) != before.others {
            return broken(format!("I7: {agency} has changed another agency's log"));
        }
        let news = self
            .house
            .map()
            .map(|map| map.look(|folded| folded.news.iter().any(|news| news.agency == *agency)));
        if before.is_over && news == Some(true) {
            return broken(format!("I9: {agency} publishes in a session that is over"));
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

    pub(super) fn carry_down(&mut self, at: usize) -> Result<(), Broken> {
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
                self.hang_up(office);
                match why {
                    Why::NotAMember => self.let_in_again(office),
                    Why::Other => Ok(()),
                }
            }
            After::Dead => self.after(office, false),
        }
    }
}

/// How things stood before the directory heard a message.
struct Before {
    /// Whose message it is.
    agency: AgencyId,
    /// Whether a later session has begun.
    is_over: bool,
    others: Vec<(Hash, Option<AgencyLog>)>,
}

/// An operation on its way up.
struct Sent {
    epoch: Epoch,
    seq: u64,
    hash: Hash,
}

/// Where the session goes on, everything that came is decided by the answer: nothing waits behind what is refused (I13).
fn nothing_is_held_up(sent: &[Sent], answers: &[Down]) -> Result<(), Broken> {
    let goes_on = !answers
        .iter()
        .any(|answer| matches!(answer, Down::Fence(_)));
    let Some(last) = sent.last().filter(|_| goes_on) else {
        return Ok(());
    };
    let decided = answers.iter().filter_map(ack).map(|ack| ack.applied).max();
    if decided >= Some(last.seq) {
        return Ok(());
    }
    broken(format!(
        "I13: {} came and {decided:?} is decided: what is refused holds up what is behind it",
        last.seq
    ))
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
