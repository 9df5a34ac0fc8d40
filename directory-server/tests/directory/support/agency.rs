//! An agency's end of the federation, as small as it can be: keys, a chain of signed operations, a
//! counter of reports.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::Order;
use referral_core::catalog::Record;
use referral_core::federation::{
    Ancestry, Chain, Change, ListingKey, Purpose, operation_hash, renewal_words,
};
use referral_core::id::{AgencyId, Hash, Kind, LocalId};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::enrolment_service_client::EnrolmentServiceClient;
use referral_proto::v1::publish_request::Message as Up;
use referral_runtime::tls::{Identity, JoinToken, NewKey, certificate_to_pem};
use tonic::Status;

use super::house::noon;
use super::{House, Stream, records};

/// A node that wants to join: it has keys and nothing else.
pub(crate) struct Applicant {
    pub(crate) listing_key: ListingKey,
    pub(crate) tls_key: NewKey,
    request: Vec<u8>,
}

/// An agency whose node has joined.
pub(crate) struct Agency {
    pub(crate) id: AgencyId,
    pub(crate) identity: Identity,
    pub(crate) listing_key: ListingKey,
    pub(crate) tls_key: Arc<NewKey>,
    /// The tip of its own log: what was written, whether or not it was sent.
    pub(crate) chain: Chain,
    pub(crate) cseq: u64,
    bases: HashMap<(Kind, LocalId), Hash>,
}

impl Applicant {
    /// New keys. `seed` makes the listing key; agencies have different ones.
    pub(crate) fn new(seed: u8) -> Self {
        Self::with(ListingKey::from_seed(&[seed; 32]))
    }

    fn with(listing_key: ListingKey) -> Self {
        let tls_key = NewKey::generate().unwrap();
        Self {
            listing_key,
            request: tls_key.request().unwrap(),
            tls_key,
        }
    }

    /// What it sends to join.
    pub(crate) fn application(&self, token: &JoinToken) -> v1::EnrolRequest {
        let proof = self.listing_key.sign(Purpose::Listing, &self.request);
        v1::EnrolRequest {
            token: token.secret().to_vec(),
            certificate_request: self.request.clone(),
            listing_key: self.listing_key.public().as_bytes().to_vec(),
            listing_key_proof: proof.as_bytes().to_vec(),
        }
    }

    /// Joins over TLS, without a certificate, and is the agency's node from then on.
    pub(crate) async fn admitted_with(self, house: &House, token: &JoinToken) -> Agency {
        let answer = self.join(house, token).await.unwrap();
        self.admitted(&answer)
    }

    /// Joins over TLS, without a certificate.
    pub(crate) async fn join(
        &self,
        house: &House,
        token: &JoinToken,
    ) -> Result<v1::EnrolResponse, Status> {
        apply(house, self.application(token)).await
    }

    pub(crate) fn admitted(self, answer: &v1::EnrolResponse) -> Agency {
        let chain = [answer.certificate.clone(), answer.authority.clone()];
        let chain = certificate_to_pem(&chain.map(Into::into));
        let key = self.tls_key.reveal_pem();
        let epoch = convert::federation::epoch(answer.epoch).unwrap();
        Agency {
            id: AgencyId::parse(&answer.agency_id).unwrap(),
            identity: Identity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap(),
            listing_key: self.listing_key,
            tls_key: Arc::new(self.tls_key),
            chain: Chain::start(epoch),
            cseq: 0,
            bases: HashMap::new(),
        }
    }
}

/// The same certificate and key.
pub(crate) fn same(identity: &Identity) -> Identity {
    identity.with_chain(identity.chain().to_vec())
}

/// The listing key of an agency in these tests: made from its id.
fn listing_key(agency: &AgencyId) -> ListingKey {
    ListingKey::from_seed(Hash::of(&[agency.as_str().as_bytes()]).as_bytes())
}

/// Sends an application to join.
pub(crate) async fn apply(
    house: &House,
    application: v1::EnrolRequest,
) -> Result<v1::EnrolResponse, Status> {
    let mut client = EnrolmentServiceClient::new(house.connect(None).await);
    client
        .enrol(application)
        .await
        .map(tonic::Response::into_inner)
}

/// Sends a wish to renew.
pub(crate) async fn renew(
    house: &House,
    request: v1::RenewRequest,
) -> Result<v1::RenewResponse, Status> {
    let mut client = EnrolmentServiceClient::new(house.connect(None).await);
    let answer = client.renew(request).await;
    answer.map(tonic::Response::into_inner)
}

impl Agency {
    /// Invites an agency and lets its node join.
    pub(crate) async fn join(house: &House, id: &str) -> Self {
        let token = house.invite(id).await;
        Self::join_with(house, id, &token).await
    }

    /// Lets its node join with a token.
    pub(crate) async fn join_with(house: &House, id: &str, token: &JoinToken) -> Self {
        let applicant = Applicant::with(listing_key(&AgencyId::parse(id).unwrap()));
        let answer = applicant.join(house, token).await.unwrap();
        applicant.admitted(&answer)
    }

    /// What it sends to renew its certificate, with a challenge of this moment.
    pub(crate) async fn renewal(&self, house: &House) -> v1::RenewRequest {
        let mut client = EnrolmentServiceClient::new(house.connect(None).await);
        let challenge = client.challenge(v1::ChallengeRequest {}).await;
        let challenge = challenge.unwrap().into_inner().challenge;
        let certificate = self.identity.chain()[0].to_vec();
        let certificate_request = self.tls_key.request().unwrap();
        let words = renewal_words(&challenge, &certificate, &certificate_request);
        let proof = self.listing_key.sign(Purpose::Renewal, &words);
        v1::RenewRequest {
            challenge,
            certificate,
            certificate_request,
            proof: proof.as_bytes().to_vec(),
        }
    }

    /// Asks for a new certificate and takes it.
    pub(crate) async fn renew(&mut self, house: &House) -> Result<v1::RenewResponse, Status> {
        let answer = renew(house, self.renewal(house).await).await?;
        let chain = vec![
            answer.certificate.clone().into(),
            self.identity.chain()[1].clone(),
        ];
        self.identity = self.identity.with_chain(chain);
        Ok(answer)
    }

    /// Says hello and waits for no answer.
    pub(crate) async fn knock(&self, house: &House) -> Stream {
        let channel = house.connect(Some(&self.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();
        stream.say(Up::Hello(self.hello())).await;
        stream
    }

    /// Opens a session.
    pub(crate) async fn stream(&self, house: &House) -> Stream {
        let channel = house.connect(Some(&self.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();
        stream.hello(self.hello()).await;
        stream
    }

    /// Its hello: it has seen every outcome of what it wrote.
    pub(crate) fn hello(&self) -> v1::PublishHello {
        v1::PublishHello {
            generation_seen: self.chain.epoch.generation,
            epoch: Some(self.chain.epoch.into()),
            seq: self.chain.applied,
            head: convert::federation::hash_bytes(self.chain.head),
            boot: vec![1; 16],
            user_agent: "test".to_owned(),
            acknowledged: self.chain.applied,
            capacity_acknowledged: self.cseq,
        }
    }

    /// The next operation of its log: publishes a record.
    pub(crate) fn publish(&mut self, record: Record) -> v1::Signed {
        let operation = self.draft(record.kind(), record.id().clone(), Some(record));
        self.follow(&operation)
    }

    /// The next operation of its log: withdraws a record.
    pub(crate) fn withdraw(&mut self, kind: Kind, id: &str) -> v1::Signed {
        let operation = self.draft(kind, records::id(id), None);
        self.follow(&operation)
    }

    /// The next operation of its log: deletes a record for good.
    pub(crate) fn delete(&mut self, kind: Kind, id: &str) -> v1::Signed {
        let mut operation = self.draft(kind, records::id(id), None);
        operation.kind = v1::OperationKind::Delete.into();
        self.follow(&operation)
    }

    /// Begins an epoch the directory granted: its log is empty, what the directory holds stays known.
    pub(crate) fn begin(&mut self, epoch: Option<v1::Epoch>) {
        self.chain = Chain::start(convert::federation::epoch(epoch).unwrap());
        self.cseq = 0;
    }

    /// Knows that the directory holds this operation of a record.
    pub(crate) fn holds(&mut self, kind: Kind, id: &str, operation: Hash) {
        self.bases.insert((kind, records::id(id)), operation);
    }

    /// The operation it knows a record to stand at.
    pub(crate) fn base(&self, kind: Kind, id: &str) -> Hash {
        self.bases[&(kind, records::id(id))]
    }

    /// The operation that would be next, not yet part of its log.
    pub(crate) fn draft(&self, kind: Kind, id: LocalId, record: Option<Record>) -> v1::Operation {
        let change = Change {
            base: self.bases.get(&(kind, id.clone())).copied(),
            kind,
            id,
            made_at: noon(),
            record,
            for_good: false,
            ancestors: Ancestry::default(),
        };
        convert::federation::operation(&self.id, &self.chain, &change)
    }

    /// Takes an operation into its log as it is, right or wrong, and signs it.
    pub(crate) fn follow(&mut self, operation: &v1::Operation) -> v1::Signed {
        let signed = self.sign(operation);
        let hash = operation_hash(&signed.bytes);
        self.chain = self.chain.followed_by(hash);
        if let (Some(kind), Ok(id)) = (
            v1::RecordKind::try_from(operation.record_kind)
                .ok()
                .and_then(|kind| Kind::try_from(kind).ok()),
            LocalId::parse(&operation.local_id),
        ) {
            self.bases.insert((kind, id), hash);
        }
        signed
    }

    /// The operation that would publish a record next, not yet part of its log.
    pub(crate) fn draft_of(&self, record: Record) -> v1::Operation {
        self.draft(record.kind(), record.id().clone(), Some(record))
    }

    /// Takes bytes into its log as an operation on no record it knows, and signs them.
    pub(crate) fn follow_bytes(&mut self, bytes: Vec<u8>) -> v1::Signed {
        self.chain = self.chain.followed_by(operation_hash(&bytes));
        self.sign_for(Purpose::Listing, bytes)
    }

    /// The same agency on another disk: same keys, same log.
    pub(crate) fn copy(&self) -> Self {
        Self {
            id: self.id.clone(),
            identity: same(&self.identity),
            listing_key: listing_key(&self.id),
            tls_key: Arc::clone(&self.tls_key),
            bases: self.bases.clone(),
            ..*self
        }
    }

    /// Forgets that an operation on this record was accepted: the directory refused it.
    pub(crate) fn refused(&mut self, kind: Kind, id: &str) {
        self.bases.remove(&(kind, records::id(id)));
    }

    /// Forgets everything since: the directory refused it.
    pub(crate) fn refused_since(&mut self, before: &Self) {
        self.bases = before.bases.clone();
    }

    /// Signs an operation for listings.
    pub(crate) fn sign(&self, operation: &v1::Operation) -> v1::Signed {
        self.sign_for(Purpose::Listing, operation.encode_to_vec())
    }

    /// Signs bytes.
    pub(crate) fn sign_for(&self, purpose: Purpose, bytes: Vec<u8>) -> v1::Signed {
        let signature = self.listing_key.sign(purpose, &bytes);
        v1::Signed {
            signature: signature.as_bytes().to_vec(),
            bytes,
        }
    }

    /// The next report of its stream.
    pub(crate) fn report(&mut self, report: v1::CapacityReport) -> v1::Signed {
        self.cseq += 1;
        self.report_at(self.cseq, report)
    }

    /// The next report of its stream, which reports nothing.
    pub(crate) fn empty_report(&mut self) -> v1::Signed {
        self.cseq += 1;
        self.counted(self.cseq, None)
    }

    /// A report with this counter.
    pub(crate) fn report_at(&self, cseq: u64, report: v1::CapacityReport) -> v1::Signed {
        self.counted(cseq, Some(report))
    }

    fn counted(&self, cseq: u64, report: Option<v1::CapacityReport>) -> v1::Signed {
        let order = Order {
            epoch: self.chain.epoch,
            cseq,
        };
        let operation = v1::CapacityOperation {
            agency_id: self.id.to_string(),
            epoch: Some(order.epoch.into()),
            cseq,
            report,
            earlier: vec![],
        };
        self.sign_for(Purpose::Capacity, operation.encode_to_vec())
    }
}

/// Reports are observed at this time unless a test says otherwise.
pub(crate) fn observed() -> Timestamp {
    noon()
}
