//! `referral.v1.EnrolmentService`: the one thing a node without a certificate may ask.

use std::sync::Arc;

use referral_core::federation::{PublicKey, Signature};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::enrolment_service_server::EnrolmentService;
use referral_runtime::tls::JoinToken;
use tonic::{Code, Request, Response, Status};

use super::status::{of_enrol, status};
use crate::operations::{Admission, Directory, JoinRequest, RenewRequest};

/// The longest certificate that is read. Unit: bytes.
const LONGEST_CERTIFICATE: usize = 64 << 10;

/// The enrolment service over a directory.
#[derive(Clone, Debug)]
pub struct EnrolmentRpc {
    directory: Arc<Directory>,
}

impl EnrolmentRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

#[tonic::async_trait]
impl EnrolmentService for EnrolmentRpc {
    #[tracing::instrument(name = "referral.v1.EnrolmentService/Enrol", skip_all)]
    async fn enrol(
        &self,
        request: Request<v1::EnrolRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        let request = read(request.into_inner())?;
        let admission = self
            .directory
            .join(request)
            .await
            .map_err(|error| of_enrol(&error))?;
        failpoint!("enrol.pre_reply");
        Ok(Response::new(answer(admission)))
    }

    #[tracing::instrument(name = "referral.v1.EnrolmentService/Challenge", skip_all)]
    async fn challenge(
        &self,
        _request: Request<v1::ChallengeRequest>,
    ) -> Result<Response<v1::ChallengeResponse>, Status> {
        Ok(Response::new(v1::ChallengeResponse {
            challenge: self.directory.challenge(),
            now: Some(convert::time::to_wire(self.directory.now())),
        }))
    }

    #[tracing::instrument(name = "referral.v1.EnrolmentService/Renew", skip_all)]
    async fn renew(
        &self,
        request: Request<v1::RenewRequest>,
    ) -> Result<Response<v1::RenewResponse>, Status> {
        let request = read_renewal(request.into_inner())?;
        let renewed = self.directory.renew(request).await;
        let renewed = renewed.map_err(|error| of_enrol(&error))?;
        Ok(Response::new(v1::RenewResponse {
            certificate: renewed.certificate,
            expire_time: Some(convert::time::to_wire(renewed.expires_at)),
            now: Some(convert::time::to_wire(self.directory.now())),
        }))
    }
}

fn wrong(field: &str, text: &str) -> Status {
    let text = format!("{field}: {text}");
    status(Code::InvalidArgument, "ENROLMENT_INVALID", text)
}

fn read_renewal(request: v1::RenewRequest) -> Result<RenewRequest, Status> {
    let v1::RenewRequest {
        challenge,
        certificate,
        certificate_request,
        proof,
    } = request;
    if certificate.len() > LONGEST_CERTIFICATE {
        return Err(wrong("certificate", "is at most 64 KiB long"));
    }
    Ok(RenewRequest {
        challenge,
        certificate,
        certificate_request,
        proof: Signature::try_from(proof.as_slice()).map_err(|e| wrong("proof", &e.to_string()))?,
    })
}

fn read(request: v1::EnrolRequest) -> Result<JoinRequest, Status> {
    let secret = <[u8; 32]>::try_from(request.token)
        .map_err(|_| wrong("token", "the secret of a join token has 32 bytes"))?;
    Ok(JoinRequest {
        token_hash: JoinToken::hash_of(&secret),
        listing_key: PublicKey::try_from(request.listing_key.as_slice())
            .map_err(|e| wrong("listing_key", &e.to_string()))?,
        proof: Signature::try_from(request.listing_key_proof.as_slice())
            .map_err(|e| wrong("listing_key_proof", &e.to_string()))?,
        certificate_request: request.certificate_request,
    })
}

fn answer(admission: Admission) -> v1::EnrolResponse {
    v1::EnrolResponse {
        agency_id: admission.agency.to_string(),
        agency_name: admission.name,
        certificate: admission.certificate,
        authority: admission.authority,
        epoch: Some(admission.epoch.into()),
        expire_time: Some(convert::time::to_wire(admission.expires_at)),
    }
}
