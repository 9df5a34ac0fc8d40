//! Renewing the node's certificate: at half its life while the node runs, or weeks after it expired.
//!
//! The directory is asked over a connection without a certificate, so that an expired one is no hindrance; that
//! this node asks, and asks now, its listing key proves. The TLS key stays the same.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use referral_core::federation::{Purpose, renewal_words};
use referral_proto::v1::enrolment_service_client::EnrolmentServiceClient;
use referral_proto::{convert, v1};
use referral_runtime::clock::Clock;
use referral_runtime::tls::{
    ConnectFailure, Dialer, InvalidIdentity, Leaf, Trust, certificate_from_pem, certificate_to_pem,
};
use tokio::time::timeout;
use tonic::{Code, Status};

use super::files::IdentityError;
use super::{Joined, Keys, Membership};
use crate::outbox::codec::harmless;

/// How long the directory may take for each answer.
const ANSWER: Duration = Duration::from_secs(20);

/// Why the certificate was not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The directory cannot be reached.
    #[error(transparent)]
    Connect(#[from] Box<ConnectFailure>),
    /// The directory gave no answer.
    #[error("{directory} gave no answer; the certificate is asked for again")]
    NoAnswer {
        /// The directory.
        directory: String,
    },
    /// The directory refused.
    #[error("{directory} does not renew this node's certificate: {text}")]
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
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] InvalidIdentity),
}

impl RenewError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connect(failure) => failure.code(),
            Self::NoAnswer { .. } => "no_answer",
            Self::Refused { .. } => "renewal_refused",
            Self::BadAnswer { .. } => "bad_answer",
            Self::Identity(error) => error.code(),
            Self::Tls(_) => "tls_unusable",
        }
    }

    /// True when the directory cannot be reached just now.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::NoAnswer { .. })
    }
}

/// The node with its new certificate.
#[derive(Debug)]
pub(crate) struct Renewed {
    /// Connects with it.
    pub(crate) dialer: Dialer,
    /// When it is good.
    pub(crate) leaf: Leaf,
    /// The directory's time.
    pub(crate) directory_now: Timestamp,
}

/// Asks the directory for a new certificate and stores it. Asked again after a lost answer it gets the
/// same one.
///
/// # Errors
/// [`RenewError`]; the certificate there was stays.
pub(crate) async fn renew(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Renewed, RenewError> {
    let not_joined = || IdentityError::NotJoined {
        data_dir: data_dir.to_owned(),
    };
    let membership = Membership::load(data_dir)?.ok_or_else(not_joined)?;
    let keys = Keys::load(data_dir)?
        .ok_or_else(|| IdentityError::unusable(data_dir, "has lost its keys"))?;
    let authority = certificate_from_pem(membership.authority_pem.as_bytes())?;
    let trust = Trust::Authority(authority.clone());
    let address = membership.directory.clone();
    let dialer = Dialer::new(address, &trust, None, Arc::clone(&clock))?;
    let answer = ask(&membership, &dialer, &keys).await?;
    let bad = |what| RenewError::BadAnswer {
        directory: membership.directory.to_string(),
        what,
    };
    let leaf = Leaf::of(&answer.certificate).ok_or_else(|| bad("it holds no certificate"))?;
    let now = answer.now.and_then(|at| convert::time::from_wire(at).ok());
    let directory_now = now.ok_or_else(|| bad("it does not say its time"))?;
    let certificate = answer.certificate.clone().into();
    let renewed = Membership {
        certificate_pem: certificate_to_pem(&[certificate, authority]),
        certificate_expires: leaf.not_after,
        ..membership.clone()
    };
    // One for another key would be found out only when publishing.
    let joined = Joined::new(renewed, &keys)?;
    let dialer = joined.dialer(clock)?;
    joined.membership.store(data_dir)?;
    Ok(Renewed {
        dialer,
        leaf,
        directory_now,
    })
}

async fn ask(
    membership: &Membership,
    dialer: &Dialer,
    keys: &Keys,
) -> Result<v1::RenewResponse, RenewError> {
    let directory = membership.directory.to_string();
    let channel = dialer.connect().await.map_err(Box::new)?;
    let mut client = EnrolmentServiceClient::new(channel);
    let challenge = timeout(ANSWER, client.challenge(v1::ChallengeRequest {})).await;
    let challenge = answered(challenge, &directory)?.challenge;
    let certificate = certificate_from_pem(membership.certificate_pem.as_bytes())?.to_vec();
    let words = renewal_words(&challenge, &certificate, keys.request());
    let proof = keys.listing_key().sign(Purpose::Renewal, &words);
    let request = v1::RenewRequest {
        challenge,
        certificate,
        certificate_request: keys.request().to_vec(),
        proof: proof.as_bytes().to_vec(),
    };
    let answer = timeout(ANSWER, client.renew(request)).await;
    answered(answer, &directory)
}

fn answered<T>(
    answer: Result<Result<tonic::Response<T>, Status>, tokio::time::error::Elapsed>,
    directory: &str,
) -> Result<T, RenewError> {
    let directory = directory.to_owned();
    match answer {
        Ok(Ok(answer)) => Ok(answer.into_inner()),
        Ok(Err(status)) => Err(match status.code() {
            Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted => RenewError::NoAnswer { directory },
            _ => RenewError::Refused {
                directory,
                text: harmless(status.message(), 500),
            },
        }),
        Err(_) => Err(RenewError::NoAnswer { directory }),
    }
}
