//! What operations ask of the writer, and what it answers.

use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Order, Report};
use referral_core::catalog::Category;
use referral_core::federation::{Change, Ended, Epoch, Header, PublicKey};
use referral_core::id::{AgencyId, Hash};
use referral_proto::convert::Violations;
use referral_runtime::tls::{Leaf, Serial};
use tokio::sync::oneshot;

use super::about::{GrantRefused, Person, Proposal, RenewRefused, Standing};
use super::fact::{Invitation, Membership, Refusal, SignedBytes};
use super::heads::Told;
use super::notice::Notice;
use crate::store::room::Space;

/// One request to the writer. Its answer comes only once its effects are durable.
#[derive(Debug)]
pub enum Submission {
    /// Record an invitation, unless the agency's node has joined already; or, when the last is true, only
    /// if it has.
    Invite(Invitation, bool, oneshot::Sender<Result<(), JoinRefused>>),
    /// Record a membership, if its token is still good; answers with the one recorded, which on a
    /// repeated request is the first.
    Join(
        Box<Membership>,
        oneshot::Sender<Result<Membership, JoinRefused>>,
    ),
    /// Record that a certificate is about to be signed for a node that joins with this; answers with the
    /// membership it has when it has joined before.
    Issue(
        Box<Membership>,
        Serial,
        oneshot::Sender<Result<Option<Membership>, JoinRefused>>,
    ),
    /// Record that a certificate is about to be signed to follow the current one; answers with the one
    /// to give again where there is a fresh one.
    Renew(
        Box<Renewal>,
        oneshot::Sender<Result<Option<Vec<u8>>, RenewRefused>>,
    ),
    /// Record the certificate that was signed with this serial number; answers with it.
    Renewed(
        AgencyId,
        Serial,
        Vec<u8>,
        oneshot::Sender<Result<Vec<u8>, RenewRefused>>,
    ),
    /// Record a person's word on a grant; true: it is granted now.
    Grant(
        AgencyId,
        Category,
        Proposal,
        oneshot::Sender<Result<bool, GrantRefused>>,
    ),
    /// Record that a grant is taken back, or a proposal turned down.
    Revoke(
        AgencyId,
        Category,
        Person,
        String,
        oneshot::Sender<Result<(), GrantRefused>>,
    ),
    /// Record which grants have come to their end.
    Lapse(oneshot::Sender<Result<(), NotWritten>>),
    /// Begin a session.
    Hello(Hello, oneshot::Sender<Result<Welcome, SessionEnd>>),
    /// Begin a new epoch in a session.
    NewEpoch(AgencyId, u64, oneshot::Sender<Result<Granted, SessionEnd>>),
    /// Record an act of the operator.
    Operator(OperatorAct, oneshot::Sender<Result<(), ActRefused>>),
    /// Record operations of a session, in order.
    Operations(
        AgencyId,
        u64,
        Vec<CheckedOperation>,
        oneshot::Sender<Result<Outcome, SessionEnd>>,
    ),
    /// Record capacity reports of a session, in order.
    Capacity(
        AgencyId,
        u64,
        Vec<CheckedCapacity>,
        oneshot::Sender<Result<Outcome, SessionEnd>>,
    ),
}

impl Submission {
    /// The least space there must be to accept it.
    pub(super) fn needs(&self) -> Space {
        match self {
            Self::Invite(..) | Self::Join(..) | Self::Issue(..) => Space::Plenty,
            Self::Operations(_, _, operations, _) if operations.iter().any(publishes) => {
                Space::Plenty
            }
            Self::Operations(..)
            | Self::Hello(..)
            | Self::NewEpoch(..)
            | Self::Renew(..)
            | Self::Renewed(..)
            | Self::Grant(..)
            | Self::Revoke(..)
            | Self::Lapse(..)
            | Self::Operator(..)
            | Self::Capacity(..) => Space::Reserved,
        }
    }

    /// Answers that nothing was written.
    pub(super) fn refuse(self, why: NotWritten) {
        // Who has gone needs no answer.
        let _gone = match self {
            Self::Invite(_, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::NewEpoch(_, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::Operator(_, answer) => answer.send(Err(why.into())).is_err(),
            Self::Issue(_, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::Renew(_, answer) => answer.send(Err(why.into())).is_err(),
            Self::Renewed(_, _, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::Grant(_, _, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::Revoke(_, _, _, _, answer) => answer.send(Err(why.into())).is_err(),
            Self::Lapse(answer) => answer.send(Err(why)).is_err(),
            Self::Join(_, answer) => answer.send(Err(why.into())).is_err(),
            Self::Hello(_, answer) => answer.send(Err(why.into())).is_err(),
            Self::Operations(_, _, _, answer) | Self::Capacity(_, _, _, answer) => {
                answer.send(Err(why.into())).is_err()
            }
        };
    }
}

fn publishes(operation: &CheckedOperation) -> bool {
    let withdraws = |change: &Change| change.record.is_none();
    !operation.change.as_ref().is_ok_and(withdraws)
}

/// The opening of a session: where the node's own log stands.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The agency, from its certificate.
    pub agency: AgencyId,
    /// SHA-256 of the TLS key it came with.
    pub tls_key_hash: Hash,
    /// The certificate it came with; `None` only where there is no TLS, in simulations.
    pub shown: Option<Leaf>,
    /// The epoch of its log.
    pub epoch: Epoch,
    /// Operations in its log.
    pub seq: u64,
    /// Operations whose outcome the node has been told.
    pub acknowledged: u64,
    /// The greatest capacity counter whose outcome the node has been told.
    pub capacity_acknowledged: u64,
    /// New at every start of the node.
    pub boot: [u8; 16],
}

/// A node that wants a certificate to follow the one it has.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The agency, from the certificate it has.
    pub agency: AgencyId,
    /// SHA-256 of its TLS key.
    pub tls_key_hash: Hash,
    /// The certificate it has.
    pub shown: Leaf,
    /// The serial number of the one that would be signed.
    pub serial: Serial,
    /// Until when that would be good.
    pub expires_at: Timestamp,
}

/// A session has begun: where the directory's copy of the log stands.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// The session's number.
    pub session: u64,
    /// The epoch of the agency's log.
    pub epoch: Epoch,
    /// Operations applied or durably refused.
    pub applied: u64,
    /// The head after them.
    pub head: Hash,
    /// The greatest capacity counter recorded.
    pub cseq: u64,
    /// The hash of the report with this counter; `None`: it was refused, or there is none.
    pub last_report: Option<Hash>,
    /// Refusals the node has not been told.
    pub refused: Vec<Told>,
    /// When it began.
    pub now: Timestamp,
    /// Records the directory holds of the agency, withdrawn and deleted ones too.
    pub records: u64,
    /// What the agency's people should know.
    pub notices: Vec<Notice>,
}

/// A new epoch has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The epoch.
    pub epoch: Epoch,
    /// Records the directory holds of the agency, withdrawn and deleted ones too.
    pub records: u64,
    /// The listing keys of the agency's earlier nodes, oldest first.
    pub earlier_keys: Vec<PublicKey>,
}

/// What an operator does about an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorAct {
    /// Lets so many more of its deletions through (R9).
    AllowDeletions(AgencyId, u64),
    /// Lets it publish again after two nodes were found to publish as it (R8).
    Readmit(AgencyId),
    /// Changes its standing: to what, who says so, why.
    SetStanding(AgencyId, Standing, Person, String),
    /// Notes what a person has to look at: its stable name.
    Alarm(AgencyId, &'static str),
    /// Says how many services it may publish.
    SetQuota(AgencyId, u32),
    /// Lets names stand that look like another agency's: their skeleton, and who looked.
    ClearName(AgencyId, String, Person),
}

/// An operation whose signature fits; whether it says something valid is part of it.
#[derive(Debug)]
pub struct CheckedOperation {
    /// Where it stands in the agency's log.
    pub header: Header,
    /// What it says, or what is wrong with that.
    pub change: Result<Change, Refusal>,
    /// Its exact bytes.
    pub signed: SignedBytes,
}

/// A capacity report whose signature fits.
#[derive(Debug)]
pub struct CheckedCapacity {
    /// Its place in the agency's stream.
    pub order: Order,
    /// What it says, or what is wrong with that.
    pub report: Result<Report, Refusal>,
    /// Its exact bytes.
    pub signed: SignedBytes,
}

/// What has become durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Operations 1..=`applied` are applied or durably refused.
    pub applied: u64,
    /// Capacity reports up to this counter are recorded or refused.
    pub cseq: u64,
    /// Refused now.
    pub refused: Vec<Told>,
    /// What the agency's people should know.
    pub notices: Vec<Notice>,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SessionEnd {
    /// Why.
    pub cause: FenceCause,
    /// One plain sentence: what happened and what to do.
    pub text: &'static str,
}

/// Why a session is over, for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FenceCause {
    /// Another session of the agency has begun.
    Superseded,
    /// The node's log and the directory's copy are different histories.
    Fork,
    /// Operations between are missing.
    Gap,
    /// Another epoch.
    WrongEpoch,
    /// The journal cannot be written just now.
    Storage,
    /// The agency is not (or no longer) a member with this key.
    NotMember,
    /// The agency may not publish at present.
    Suspended,
    /// The node's certificate has expired, or was replaced by a newer one.
    Certificate,
    /// More was written for the agency than its budget has room for.
    Budget,
}

impl SessionEnd {
    /// The end of a session for this reason.
    #[must_use]
    pub fn of(cause: FenceCause) -> Self {
        let text = match cause {
            FenceCause::Fork => {
                "this node's log and the directory's copy have diverged: say hello again to bring them together"
            }
            FenceCause::Gap => "operations between are missing: say hello again and resend",
            FenceCause::WrongEpoch => "this operation belongs to another epoch of the agency's log",
            FenceCause::Superseded => {
                "another session of this agency has begun: only one node may publish for it"
            }
            FenceCause::Storage => {
                "the directory cannot write just now; nothing was lost: send again later"
            }
            FenceCause::NotMember => "this agency has not joined the directory",
            FenceCause::Certificate => {
                "the node's certificate has expired: it renews that by itself"
            }
            FenceCause::Budget => {
                "much more came from this agency than it may have written down in so short a time: nothing was lost, \
                 and it goes on by itself; does a program say the same again and again?"
            }
            FenceCause::Suspended => {
                "this agency may not publish at present: ask the directory's operator"
            }
        };
        Self { cause, text }
    }
}

impl From<Ended> for SessionEnd {
    fn from(ended: Ended) -> Self {
        Self::of(match ended {
            Ended::Superseded => FenceCause::Superseded,
            Ended::WrongEpoch => FenceCause::WrongEpoch,
            Ended::Gap => FenceCause::Gap,
            Ended::Fork => FenceCause::Fork,
        })
    }
}

/// Why an act of the operator was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum ActRefused {
    /// No such agency.
    #[error("the directory knows no such agency: see `directory-server agency list`")]
    Unknown,
    /// Nothing was written.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] crate::audit::AuditError),
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The journal refused.
    #[error("the directory's journal could not be written")]
    Journal(#[source] Arc<referral_journal::AppendError>),
    /// The disk has too little space left.
    #[error("the directory's disk is full: free some space, and it goes on by itself")]
    Full,
    /// The writer has stopped.
    #[error("the directory is shutting down")]
    Stopped,
}

/// Why an agency could not be invited or join.
#[derive(Debug, thiserror::Error)]
pub enum JoinRefused {
    /// Its node has joined already.
    #[error("this agency's node has joined already: a second node needs an agency id of its own")]
    AlreadyJoined,
    /// Its node has not joined.
    #[error("this agency's node has not joined yet: leave out --again")]
    NotJoined,
    /// The operator has banned it.
    #[error("this agency is banned: readmit it first (directory-server agency readmit)")]
    Banned,
    /// The token was used with other keys. The text is that of every token that lets nobody in.
    #[error("the join token is wrong, used or expired: ask the directory's operator for a new one")]
    TokenUsed,
    /// No such token, or no longer. One text for all: it must not tell which.
    #[error("the join token is wrong, used or expired: ask the directory's operator for a new one")]
    Token,
    /// Its keys are another agency's.
    #[error("these keys belong to another agency: join with a new data directory")]
    KeyInUse,
    /// Nothing was written.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        Self::of(None, None, &violations)
    }
}
