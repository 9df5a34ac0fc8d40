//! Joining a directory with a one-time token.
//!
//! The token carries the fingerprint of the directory's authority: the secret in it is given away only
//! once the other side has proved to be that directory. Keys are on disk before anything is asked, so a
//! lost answer is asked for again, with the same keys and the same result.

use std::sync::Arc;
use std::time::Duration;

use referral_core::id::AgencyId;
use referral_journal::JournalError;
use referral_proto::v1::enrolment_service_client::EnrolmentServiceClient;
use referral_proto::{convert, v1};
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::{DataDir, DataDirError};
use referral_runtime::tls::{
    Address, ConnectFailure, Dialer, Fingerprint, InvalidIdentity, JoinToken, Trust,
    certificate_to_pem,
};
use tokio::time::timeout;
use tonic::{Code, Status};

use super::files::IdentityError;
use super::journal::{JOURNAL, begin_journal};
use super::{Joined, Keys, Membership};
use crate::outbox::codec::harmless;
use crate::outbox::{LedgerError, NotQueued};

/// How long the directory may take to answer.
const ANSWER: Duration = Duration::from_secs(20);

/// Why a node could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It has joined before.
    #[error(
        "this data directory has joined {directory} as agency {agency}; with --again it joins with new keys, and what \
         is here stays"
    )]
    AlreadyJoined {
        /// The agency.
        agency: AgencyId,
        /// The directory.
        directory: String,
    },
    /// It holds what was published under another membership.
    #[error(
        "this data directory holds the journal of an earlier membership; use another one: what the directory \
         holds of the agency is taken over"
    )]
    OtherJournal,
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The token is another agency's than the data directory.
    #[error(
        "this data directory is of agency {here} and the token of agency {token}: use the data directory of that one, \
         and ask its operator for another token"
    )]
    OtherAgency {
        /// Of the data directory.
        here: AgencyId,
        /// Of the token.
        token: AgencyId,
    },
    /// The journal there is cannot be read.
    #[error("what is here cannot be kept")]
    Ledger(#[from] LedgerError),
    /// The journal there is cannot be written.
    #[error("what is here cannot be kept")]
    NotNoted(#[from] NotQueued),
    /// The journal cannot be begun.
    #[error("the journal cannot be begun")]
    Journal(#[from] JournalError),
    /// The directory cannot be reached.
    #[error(transparent)]
    Connect(#[from] Box<ConnectFailure>),
    /// The directory gave no answer.
    #[error("{directory} gave no answer; nothing is lost, join again with the same token")]
    NoAnswer {
        /// The directory.
        directory: String,
    },
    /// The directory refused.
    #[error("{directory} refused: {text}")]
    Refused {
        /// The directory.
        directory: String,
        /// What it said.
        text: String,
    },
    /// The answer is not what a directory answers.
    #[error("the answer of {directory} cannot be used: {what}; is it a directory of this version?")]
    BadAnswer {
        /// The directory.
        directory: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The keys or the membership cannot be read or written.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The TLS settings cannot be used.
    #[error(transparent)]
    Tls(#[from] InvalidIdentity),
}

impl JoinError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyJoined { .. } => "already_joined",
            Self::OtherJournal => "other_journal",
            Self::OtherAgency { .. } => "other_agency",
            Self::Ledger(_) => "ledger",
            Self::NotNoted(error) => error.code(),
            Self::DataDir(_) => "data_dir",
            Self::Journal(error) => error.code(),
            Self::Connect(failure) => failure.code(),
            Self::NoAnswer { .. } => "no_answer",
            Self::Refused { .. } => "join_refused",
            Self::BadAnswer { .. } => "bad_answer",
            Self::Identity(error) => error.code(),
            Self::Tls(_) => "tls_unusable",
        }
    }

    /// True when the same command may succeed later.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::NoAnswer { .. })
    }
}

/// Joins the directory at `address` and stores the membership in `data_dir`.
///
/// # Errors
/// [`JoinError`]. Nothing is stored but the keys, and the same call may be tried again.
pub async fn join(
    address: Address,
    token: &JoinToken,
    data_dir: &DataDir,
    clock: Arc<dyn Clock>,
) -> Result<Membership, JoinError> {
    if let Some(membership) = Membership::load(data_dir.path())? {
        return Err(JoinError::AlreadyJoined {
            agency: membership.agency,
            directory: membership.directory.to_string(),
        });
    }
    if begin_journal(&data_dir.subdirectory(JOURNAL)?)? > 0 {
        return Err(JoinError::OtherJournal);
    }
    let keys = Keys::load_or_make(data_dir.path())?;
    let membership = enrol(address, token, &keys, clock).await?;
    membership.store(data_dir.path())?;
    failpoint!("node.join.stored");
    Ok(membership)
}

/// Asks the directory at `address` for a membership with these keys. Nothing is stored.
pub(super) async fn enrol(
    address: Address,
    token: &JoinToken,
    keys: &Keys,
    clock: Arc<dyn Clock>,
) -> Result<Membership, JoinError> {
    let trust = Trust::Fingerprint(token.authority());
    let dialer = Dialer::new(address.clone(), &trust, None, Arc::clone(&clock))?;
    failpoint!("node.join.asking");
    let answer = ask(&address, &dialer, token, keys).await?;
    failpoint!("node.join.answered");
    let membership = read(address, answer, token)?;
    // A certificate for another key would be found out only when publishing.
    let joined = Joined::new(membership, keys)?;
    joined.dialer(clock)?;
    Ok(joined.membership)
}

async fn ask(
    address: &Address,
    dialer: &Dialer,
    token: &JoinToken,
    keys: &Keys,
) -> Result<v1::EnrolResponse, JoinError> {
    let channel = dialer.connect().await.map_err(Box::new)?;
    let request = v1::EnrolRequest {
        token: token.secret().to_vec(),
        certificate_request: keys.request().to_vec(),
        listing_key: keys.listing_key().public().as_bytes().to_vec(),
        listing_key_proof: keys.proof(),
    };
    let mut client = EnrolmentServiceClient::new(channel);
    let directory = address.to_string();
    match timeout(ANSWER, client.enrol(request)).await {
        Ok(Ok(answer)) => Ok(answer.into_inner()),
        Ok(Err(status)) if lost(&status) => Err(JoinError::NoAnswer { directory }),
        Ok(Err(status)) => Err(JoinError::Refused {
            directory,
            text: harmless(status.message(), 500),
        }),
        Err(_) => Err(JoinError::NoAnswer { directory }),
    }
}

fn lost(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded
    )
}

fn read(
    directory: Address,
    answer: v1::EnrolResponse,
    token: &JoinToken,
) -> Result<Membership, JoinError> {
    let bad = |what| JoinError::BadAnswer {
        directory: directory.to_string(),
        what,
    };
    let agency = AgencyId::parse(&answer.agency_id).map_err(|_| bad("it names no agency"))?;
    let epoch = convert::federation::epoch(answer.epoch).map_err(|_| bad("it names no epoch"))?;
    let expires = answer
        .expire_time
        .and_then(|at| convert::time::from_wire(at).ok());
    let certificate_expires = expires.ok_or_else(|| bad("it names no end of the certificate"))?;
    if answer.certificate.is_empty() {
        return Err(bad("it holds no certificate"));
    }
    let authority = answer.authority.into();
    if Fingerprint::of(&authority) != token.authority() {
        return Err(bad("its authority is not the one of the token"));
    }
    let certificate = answer.certificate.into();
    Ok(Membership {
        agency,
        agency_name: harmless(&answer.agency_name, 300),
        epoch,
        certificate_pem: certificate_to_pem(&[certificate, authority.clone()]),
        authority_pem: certificate_to_pem(&[authority]),
        certificate_expires,
        directory,
    })
}
