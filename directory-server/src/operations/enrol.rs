//! Letting agencies in: the operator's invitation, and the node's joining with its token.

use jiff::{SignedDuration, Timestamp};
use referral_core::catalog::Category;
use referral_core::federation::{Epoch, PublicKey, Purpose, Signature, verify};
use referral_core::id::{AgencyId, Hash, InvalidId};
use referral_core::lookalike;
use referral_core::policy::{Operation, Viewer};
use referral_core::text::{InvalidText, Name};
use referral_runtime::tls::{
    AuthorityError, CertificateRequest, InvalidRequest, JoinToken, MEMBER_VALIDITY, Member,
    NoRandomness, Serial,
};
use tracing::{info, warn};

use super::Directory;
use crate::audit::{Act, AuditError, Who};
use crate::ledger::{
    ActRefused, Alarm, Grants, Invitation, JoinRefused, Membership, NameHold, OperatorAct,
    OutstandingRefusal, Person, RenewRefused, Standing, Submission,
};

/// How long a join token is good for.
/// Most refusals of an agency that are named.
const REFUSALS: usize = 50;
const TOKEN: SignedDuration = SignedDuration::from_hours(24);

/// A node that wants to join.
#[derive(Debug)]
pub struct JoinRequest {
    /// SHA-256 of the token's secret.
    pub token_hash: Hash,
    /// Certificate request, DER.
    pub certificate_request: Vec<u8>,
    /// The node's listing key.
    pub listing_key: PublicKey,
    /// The listing key's signature over the certificate request.
    pub proof: Signature,
}

/// A node that has joined.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Its agency.
    pub agency: AgencyId,
    /// The agency's name.
    pub name: String,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The authority's certificate, DER.
    pub authority: Vec<u8>,
    /// The first epoch of its log.
    pub epoch: Epoch,
    /// The certificate is good until then.
    pub expires_at: Timestamp,
}

/// One agency, for the operator.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, for people to read"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyOverview {
    /// The agency.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Whether a node has joined.
    pub joined: bool,
    /// Operations applied or refused in its current epoch.
    pub applied: u64,
    /// Records it publishes.
    pub records: u32,
    /// Services it publishes, and the most it may.
    pub services: (u32, u32),
    /// What its records take, and the most they may. Unit: bytes.
    pub bytes: (u64, u64),
    /// What was written for it lately, and the most that is written at once. Unit: bytes.
    pub written: (u64, u64),
    /// True when two nodes were found to publish as it: it may not publish until it is readmitted.
    pub suspended: bool,
    /// When its node was last heard from, as far as known.
    pub last_heard: Option<Timestamp>,
    /// Whether its node's stream is open.
    pub connected: bool,
    /// Whether it has joined and has not been heard from for 90 seconds.
    pub silent: bool,
    /// Operations and reports that were refused and that nothing later has replaced.
    pub refused: u32,
    /// The first of them, at most 50.
    pub refusals: Vec<OutstandingRefusal>,
    /// What the operator decided about it.
    pub standing: Standing,
    /// Its node has a certificate until then; `None`: not known.
    pub certificate_until: Option<Timestamp>,
    /// What a person has to look at, oldest first.
    pub alarms: Vec<Alarm>,
    /// What it may offer, and what waits for a second person.
    pub grants: Grants,
    /// Services that are held, by the category that is not granted.
    pub held: Vec<(Category, u32)>,
    /// Names that have to be looked at before their services are found.
    pub held_names: Vec<NameHold>,
}

/// Why an agency was not let in.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// They may not let agencies in, or not until they sign in again.
    #[error("this is for operators who signed in lately")]
    Denied,
    /// The agency's id.
    #[error(transparent)]
    Agency(#[from] InvalidId),
    /// The agency's name.
    #[error("the agency's name {0}")]
    Name(#[from] InvalidText),
    /// The agency's name is written to look like what it is not.
    #[error(
        "the agency's name mixes scripts, or has signs in the place of letters: if it is right all the same, \
         say who looked at it (--name-reviewed-by PERSON)"
    )]
    SuspiciousName,
    /// The agency's name can be taken for another's.
    #[error(
        "the agency's name can be taken for that of agency {0}: if it is right all the same, say who looked \
         at it (--name-reviewed-by PERSON)"
    )]
    NameLikeAnother(AgencyId),
    /// The review could not be recorded.
    #[error(transparent)]
    Act(#[from] ActRefused),
    /// The certificate request.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// The proof does not fit the listing key.
    #[error("the proof does not fit the listing key: join again with a new data directory")]
    Proof,
    /// The ledger refused.
    #[error(transparent)]
    Refused(#[from] JoinRefused),
    /// The challenge is not known, or no longer.
    #[error("the challenge is not (or no longer) good: ask for a new one")]
    Challenge,
    /// The certificate is not renewed.
    #[error(transparent)]
    Renewal(#[from] RenewRefused),
    /// The authority failed.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Nobody knows from when to when a certificate would be good.
    #[error(
        "the directory's clock was changed and nobody has checked it yet: ask its operator, then try again"
    )]
    ClockSuspect,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl Directory {
    /// Lets an agency in: a one-time join token, good for 24 hours. An earlier token that was not used
    /// is worthless from then on.
    ///
    /// # Errors
    /// [`EnrolError`] for a bad id or name, when its node has joined already, and when nothing could
    /// be written.
    pub async fn enrol(
        &self,
        viewer: &Viewer,
        agency: &str,
        name: &str,
    ) -> Result<JoinToken, EnrolError> {
        let (agency, name) = (AgencyId::parse(agency)?, Name::parse(name)?);
        if lookalike::suspicion(name.as_str()).is_some() {
            return Err(EnrolError::SuspiciousName);
        }
        let like = {
            let heads = self.ledger.heads();
            heads.agency_named_like(&agency, name.as_str()).cloned()
        };
        if let Some(other) = like {
            return Err(EnrolError::NameLikeAnother(other));
        }
        self.invite(viewer, agency, name.as_str().to_owned(), false)
            .await
    }

    /// As [`Directory::enrol`], for a name that looks like another agency's and that a person has looked at.
    ///
    /// # Errors
    /// As [`Directory::enrol`], and for a person without a name.
    pub async fn enrol_reviewed(
        &self,
        viewer: &Viewer,
        agency: &str,
        name: &str,
        reviewed_by: &str,
    ) -> Result<JoinToken, EnrolError> {
        let (agency, name) = (AgencyId::parse(agency)?, Name::parse(name)?);
        let by = Person::parse(reviewed_by).map_err(EnrolError::Name)?;
        let token = self
            .invite(viewer, agency.clone(), name.as_str().to_owned(), false)
            .await?;
        let skeleton = lookalike::skeleton(name.as_str());
        let act = OperatorAct::ClearName(agency, skeleton, by);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        Ok(token)
    }

    /// Lets the node of an agency join again that has lost its data: the node that joins with this token takes its
    /// place, and the old keys are worthless from then on.
    ///
    /// # Errors
    /// [`EnrolError`] for a bad id, when no node of the agency has joined yet, and when nothing could be written.
    pub async fn enrol_again(
        &self,
        viewer: &Viewer,
        agency: &str,
    ) -> Result<JoinToken, EnrolError> {
        let agency = AgencyId::parse(agency)?;
        let name = {
            let heads = self.ledger.heads();
            heads.agency(&agency).map(|head| head.name.clone())
        };
        let name = name.ok_or(JoinRefused::NotJoined)?;
        self.invite(viewer, agency, name, true).await
    }

    async fn invite(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        name: String,
        again: bool,
    ) -> Result<JoinToken, EnrolError> {
        let note = if again { "again" } else { "" };
        if !viewer.may(Operation::ManageAgencies) {
            return Err(EnrolError::Denied);
        }
        self.record(viewer, Act::AgencyInvited, agency.as_str(), note)
            .await?;
        let token = JoinToken::generate(self.authority.fingerprint())?;
        let invitation = Invitation {
            agency: agency.clone(),
            name,
            token_hash: token.hash(),
            expires_at: self.now().saturating_add(TOKEN).unwrap_or(Timestamp::MAX),
        };
        self.ledger
            .submit::<(), JoinRefused>(|answer| Submission::Invite(invitation, again, answer))
            .await?;
        failpoint!("enrol.invited");
        info!(
            referral.agency.id = %agency,
            "agency {agency} was given a join token"
        );
        Ok(token)
    }

    /// Lets a node in. The agency is the token's; every name the certificate request asks for is
    /// ignored. Asked again with the same token and keys it gives the same certificate.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn join(&self, request: JoinRequest) -> Result<Admission, EnrolError> {
        if self.clock.suspicion().is_some() {
            return Err(EnrolError::ClockSuspect);
        }
        let JoinRequest {
            token_hash,
            certificate_request,
            listing_key,
            proof,
        } = request;
        let csr = CertificateRequest::parse(&certificate_request)?;
        verify(&listing_key, Purpose::Listing, &certificate_request, &proof)
            .map_err(|_| EnrolError::Proof)?;
        let invited = {
            let heads = self.ledger.heads();
            heads
                .invited(token_hash)
                .map(|head| (head.invitation.agency.clone(), head.name.clone()))
        };
        let Some((agency, name)) = invited else {
            warn!("a node tried to join with a token that is not known");
            return Err(JoinRefused::Token.into());
        };
        let now = self.now();
        let asked = Membership {
            agency: agency.clone(),
            token_hash,
            listing_key,
            tls_key_hash: csr.key_hash(),
            certificate: Vec::new(),
            expires_at: now.saturating_add(MEMBER_VALIDITY).unwrap_or(now),
            // The ledger gives the agency's next one.
            epoch: Epoch {
                generation: self.ledger.generation(),
                number: 1,
            },
        };
        let joined = match self.admit(asked, &name, &csr).await {
            Ok(joined) => joined,
            Err(error) => {
                warn!(referral.agency.id = %agency, "a node could not join as agency {agency}: {error}");
                if let Some(code) = alarm_of(&error) {
                    self.alarm(&agency, code).await;
                }
                return Err(error);
            }
        };
        failpoint!("enrol.recorded");
        // A stream that is open is of a node before, whose keys are worthless from now on.
        self.sessions.end(&agency);
        self.sessions.heard(&agency, now);
        info!(referral.agency.id = %agency, "the node of agency {agency} has joined");
        Ok(Admission {
            agency,
            name,
            certificate: joined.certificate,
            authority: self.authority.certificate().to_vec(),
            epoch: joined.epoch,
            expires_at: joined.expires_at,
        })
    }

    async fn record_joining(
        &self,
        agency: &AgencyId,
        csr: &CertificateRequest,
    ) -> Result<(), AuditError> {
        let (node, key) = (Who::node(agency), csr.key_hash().to_string());
        let about = agency.to_string();
        let recorded = self
            .audit
            .before(node, Act::AgencyJoined, about, key, self.now());
        recorded.await.map(|_| ())
    }

    /// Records that a certificate is about to be signed, signs it, and records the membership with it.
    async fn admit(
        &self,
        asked: Membership,
        name: &str,
        csr: &CertificateRequest,
    ) -> Result<Membership, EnrolError> {
        let serial = Serial::random()?;
        let before = Box::new(asked.clone());
        let had = self
            .ledger
            .submit::<_, JoinRefused>(|answer| Submission::Issue(before, serial, answer))
            .await?;
        if let Some(had) = had {
            return Ok(had);
        }
        self.record_joining(&asked.agency, csr).await?;
        let member = Member {
            agency: &asked.agency,
            name,
            listing_key: Some(&asked.listing_key),
        };
        failpoint!("enrol.pre_sign");
        let issued =
            self.authority
                .issue_agency(csr, member, serial, MEMBER_VALIDITY, self.now())?;
        let membership = Membership {
            certificate: issued.leaf(),
            expires_at: issued.not_after,
            ..asked
        };
        failpoint!("enrol.post_sign");
        let joined = self
            .ledger
            .submit::<_, JoinRefused>(|answer| Submission::Join(Box::new(membership), answer));
        Ok(joined.await?)
    }

    /// The agencies, in order of their ids.
    #[must_use]
    pub fn agencies(&self) -> Vec<AgencyOverview> {
        let now = self.now();
        let heads = self.ledger.heads();
        let mut agencies: Vec<AgencyOverview> = heads
            .agencies()
            .map(|(agency, head)| AgencyOverview {
                agency: agency.clone(),
                name: head.name.clone(),
                joined: head.membership.is_some(),
                applied: head.log.as_ref().map_or(0, |log| log.chain.applied),
                records: head.records,
                services: (head.services, head.member.most_services()),
                bytes: (head.bytes, head.member.most_bytes()),
                written: head.written(now),
                suspended: head.member.cloned,
                last_heard: self.sessions.last_heard(agency),
                connected: self.sessions.is_connected(agency),
                refused: u32::try_from(head.outstanding_refusals()).unwrap_or(u32::MAX),
                refusals: head.outstanding_first(REFUSALS),
                standing: head.member.standing,
                certificate_until: head.member.pins.until(),
                alarms: head.member.alarms.iter().cloned().collect(),
                grants: head.member.grants.clone(),
                held: heads.held(agency),
                held_names: head.member.holds.clone(),
                silent: self.sessions.silent_since(agency, now).is_some(),
            })
            .collect();
        agencies.sort_by(|a, b| a.agency.cmp(&b.agency));
        agencies
    }
}

/// What a person has to look at when a node could not join: somebody has a token or keys that are another's.
fn alarm_of(error: &EnrolError) -> Option<&'static str> {
    match error {
        EnrolError::Refused(JoinRefused::TokenUsed) => Some("token_used_again"),
        EnrolError::Refused(JoinRefused::KeyInUse) => Some("key_in_use"),
        _ => None,
    }
}
