//! The two services of the small directory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agency_node::catalog::RecordName;
use prost::Message;
use referral_core::catalog::Record;
use referral_core::federation::{
    Chain, PublicKey, Purpose, Signature, Verdict, operation_hash, renewal_words, verify,
};
use referral_core::id::LocalId;
use referral_proto::convert::{federation, time};
use referral_proto::v1;
use referral_proto::v1::enrolment_service_server::{EnrolmentService, EnrolmentServiceServer};
use referral_proto::v1::federation_service_server::{FederationService, FederationServiceServer};
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::listen::Incoming;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{
    Authority, CertificateRequest, JoinToken, Member, Peer, Serial, TrustDomain,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};

use super::{Fake, Held, State, compare};

/// What a node has to sign to renew its certificate.
const CHALLENGE: [u8; 48] = [7; 48];

#[derive(Clone)]
struct Service {
    state: Arc<Mutex<State>>,
    authority: Arc<Authority>,
    token: JoinToken,
    changed: watch::Sender<u64>,
    tasks: Tasks,
}

pub(super) fn serve<T>(fake: &Fake, incoming: Incoming<T>)
where
    T: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    T::ConnectInfo: Clone + Send + Sync + 'static,
{
    let service = Service {
        state: Arc::clone(&fake.state),
        authority: Arc::clone(&fake.authority),
        token: fake.token.clone(),
        changed: fake.changed.clone(),
        tasks: fake.tasks.clone(),
    };
    let federation = FederationServiceServer::new(service.clone());
    let enrolment = EnrolmentServiceServer::new(service);
    let stop = fake.tasks.token().cancelled_owned();
    fake.tasks.spawn("fake directory", async move {
        let served = Server::builder()
            .add_service(federation)
            .add_service(enrolment)
            .serve_with_incoming_shutdown(incoming, stop);
        served.await.unwrap();
    });
}

#[tonic::async_trait]
impl EnrolmentService for Service {
    async fn enrol(
        &self,
        request: Request<v1::EnrolRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        let request = request.into_inner();
        if request.token != self.token.secret() {
            return Err(Status::permission_denied(
                "the join token is wrong, used or expired",
            ));
        }
        let key = PublicKey::try_from(request.listing_key.as_slice()).unwrap();
        let proof = Signature::try_from(request.listing_key_proof.as_slice()).unwrap();
        verify(&key, Purpose::Listing, &request.certificate_request, &proof).unwrap();
        let csr = CertificateRequest::parse(&request.certificate_request).unwrap();
        let mut state = self.state.lock().unwrap();
        let tls_key = csr.key_hash().as_bytes().to_vec();
        let answer = match &state.joined {
            Some((known, listing, answer)) if *known == tls_key && *listing == key => {
                answer.clone()
            }
            Some(_) => return Err(Status::permission_denied("the join token is used")),
            None => {
                let now = SystemClock::new().now() - state.faults.issue_ago;
                let year = Duration::from_hours(8760);
                let serial = Serial::random().unwrap();
                let issued = self
                    .authority
                    .issue_agency(
                        &csr,
                        Member {
                            agency: &State::agency(),
                            name: "Harbor House",
                            listing_key: None,
                        },
                        serial,
                        year,
                        now,
                    )
                    .unwrap();
                v1::EnrolResponse {
                    agency_id: "harbor".to_owned(),
                    agency_name: "Harbor House".to_owned(),
                    certificate: issued.chain[0].to_vec(),
                    authority: self.authority.certificate().to_vec(),
                    epoch: Some(state.chain.epoch.into()),
                    expire_time: Some(time::to_wire(issued.not_after)),
                }
            }
        };
        state.joined = Some((tls_key, key, answer.clone()));
        if std::mem::take(&mut state.faults.lose_join) {
            return Err(Status::unavailable("the answer is lost"));
        }
        Ok(Response::new(answer))
    }

    async fn challenge(
        &self,
        _request: Request<v1::ChallengeRequest>,
    ) -> Result<Response<v1::ChallengeResponse>, Status> {
        Ok(Response::new(v1::ChallengeResponse {
            challenge: CHALLENGE.to_vec(),
            now: Some(time::to_wire(SystemClock::new().now())),
        }))
    }

    async fn renew(
        &self,
        request: Request<v1::RenewRequest>,
    ) -> Result<Response<v1::RenewResponse>, Status> {
        assert!(
            Peer::of(
                request.extensions(),
                &TrustDomain::parse("directory.test").unwrap()
            )
            .is_err(),
            "a renewal needs no certificate on its connection"
        );
        let request = request.into_inner();
        let mut state = self.state.lock().unwrap();
        if let Some(words) = state.faults.refuse_renewal {
            return Err(Status::permission_denied(words));
        }
        let (tls_key, listing_key, _) = state.joined.as_ref().unwrap();
        let words = renewal_words(
            &request.challenge,
            &request.certificate,
            &request.certificate_request,
        );
        let proof = Signature::try_from(request.proof.as_slice()).unwrap();
        verify(listing_key, Purpose::Renewal, &words, &proof).unwrap();
        assert_eq!(request.challenge, CHALLENGE);
        let csr = CertificateRequest::parse(&request.certificate_request).unwrap();
        assert_eq!(csr.key_hash().as_bytes().as_slice(), tls_key);
        let now = SystemClock::new().now();
        let member = Member {
            agency: &State::agency(),
            name: "Harbor House",
            listing_key: None,
        };
        let (serial, day) = (Serial::random().unwrap(), Duration::from_hours(24));
        let issued = self.authority.issue_agency(&csr, member, serial, day, now);
        let issued = issued.unwrap();
        state.renewals.push(request);
        drop(state);
        self.changed.send_modify(|changes| *changes += 1);
        Ok(Response::new(v1::RenewResponse {
            certificate: issued.chain[0].to_vec(),
            expire_time: Some(time::to_wire(issued.not_after)),
            now: Some(time::to_wire(now)),
        }))
    }
}

#[tonic::async_trait]
impl FederationService for Service {
    type PublishStream = ReceiverStream<Result<v1::PublishResponse, Status>>;

    async fn publish(
        &self,
        request: Request<Streaming<v1::PublishRequest>>,
    ) -> Result<Response<Self::PublishStream>, Status> {
        let domain = TrustDomain::parse("directory.test").unwrap();
        let peer = Peer::of(request.extensions(), &domain)
            .map_err(|why| Status::unauthenticated(why.to_string()))?;
        assert_eq!(peer.agency, State::agency());
        let (answers, stream) = mpsc::channel(16);
        let talk = Talk {
            service: self.clone(),
            incoming: request.into_inner(),
            answers,
            session: 0,
        };
        let stop = self.tasks.token();
        self.tasks.spawn("fake stream", async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = talk.run() => {}
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

struct Talk {
    service: Service,
    incoming: Streaming<v1::PublishRequest>,
    answers: mpsc::Sender<Result<v1::PublishResponse, Status>>,
    session: u64,
}

enum Next {
    Say(Vec<Down>),
    HangUp(Vec<Down>),
}

impl Talk {
    async fn run(mut self) {
        while let Ok(Some(v1::PublishRequest {
            message: Some(message),
        })) = self.incoming.message().await
        {
            let next = self.take(message);
            self.service.changed.send_modify(|version| *version += 1);
            let (say, hang_up) = match next {
                Next::Say(say) => (say, false),
                Next::HangUp(say) => (say, true),
            };
            for message in say {
                let message = v1::PublishResponse {
                    message: Some(message),
                };
                if self.answers.send(Ok(message)).await.is_err() {
                    return;
                }
            }
            if hang_up {
                return;
            }
        }
    }

    fn take(&mut self, message: Up) -> Next {
        let state = Arc::clone(&self.service.state);
        let mut state = state.lock().unwrap();
        if let Up::Hello(_) = &message {
            return self.welcome(&mut state);
        }
        if self.session != state.sessions {
            return Next::HangUp(vec![fence(v1::FenceReason::Superseded)]);
        }
        let ended = match message {
            Up::Operations(batch) => take_operations(&mut state, batch),
            Up::Capacity(batch) => {
                take_reports(&mut state, batch);
                None
            }
            Up::Beat(_) if state.faults.deaf_to_beats => return Next::Say(vec![]),
            Up::Beat(beat) => return Next::Say(vec![compare::beat(&mut state, &beat)]),
            Up::NewEpoch(_) => return Next::Say(vec![compare::grant(&mut state)]),
            Up::Tips(asked) => return Next::Say(compare::tips(&state, &asked)),
            Up::Reports(_) => return Next::Say(compare::standing(&state)),
            Up::Fetch(asked) => return Next::Say(compare::fetched(&mut state, &asked)),
            Up::Hello(_) => None,
        };
        match ended {
            Some(end) => end,
            None if state.faults.silent => Next::Say(vec![]),
            None => Next::Say(acknowledge(&mut state)),
        }
    }

    fn welcome(&mut self, state: &mut State) -> Next {
        state.sessions += 1;
        self.session = state.sessions;
        let most = state.faults.max_in_flight;
        let head = state.faults.other_head.take().unwrap_or(state.chain.head);
        let generation = state.faults.other_generation.unwrap_or(state.generation);
        state.acknowledged = state.chain.applied;
        let welcome = Down::Welcome(v1::PublishWelcome {
            capacity_hash: vec![],
            session: state.sessions,
            generation,
            epoch: Some(state.chain.epoch.into()),
            applied: state.chain.applied,
            records: state.records.len() as u64,
            head: head.as_bytes().to_vec(),
            capacity_applied: state.cseq,
            max_in_flight: if most == 0 { 1_000 } else { most },
            now: None,
            pages: state.pages.clone(),
        });
        // The refusals that the node may not have heard.
        let mut say = vec![welcome];
        say.extend(acknowledge(state));
        Next::Say(say)
    }
}

fn take_operations(state: &mut State, batch: v1::OperationBatch) -> Option<Next> {
    let bytes: usize = batch.operations.iter().map(Message::encoded_len).sum();
    if batch.operations.is_empty() || batch.operations.len() > 500 || bytes > 1 << 20 {
        state.broken.push(format!(
            "a batch of {} and {bytes} bytes",
            batch.operations.len()
        ));
    }
    for signed in batch.operations {
        let operation = v1::Operation::decode(signed.bytes.as_slice()).unwrap();
        let seq = operation.seq;
        if let Some((at, reason)) = state.faults.fence_at
            && at == seq
        {
            state.faults.fence_at = None;
            return Some(Next::HangUp(vec![fence(reason)]));
        }
        take_operation(state, operation, &signed);
        if state.faults.hang_up_at == Some(seq) {
            state.faults.hang_up_at = None;
            return Some(Next::HangUp(vec![]));
        }
    }
    None
}

fn take_operation(state: &mut State, operation: v1::Operation, signed: &v1::Signed) {
    let header = federation::header(&operation, &signed.bytes).unwrap();
    let key = state.joined.as_ref().unwrap().1;
    let signature = Signature::try_from(signed.signature.as_slice()).unwrap();
    if verify(&key, Purpose::Listing, &signed.bytes, &signature).is_err() {
        state
            .broken
            .push(format!("operation {} is not signed", operation.seq));
    }
    match state.chain.judge(&header.position) {
        Verdict::Next => {}
        verdict => {
            state
                .broken
                .push(format!("operation {}: {verdict:?}", operation.seq));
            return;
        }
    }
    state.chain = state.chain.followed_by(operation_hash(&signed.bytes));
    state.most_in_flight = state.most_in_flight.max(operation.seq - state.acknowledged);
    let change = federation::change(operation.clone()).unwrap();
    let name = RecordName {
        kind: change.kind,
        id: change.id,
    };
    match refuse(state, &name, change.base, &operation) {
        None => {
            let held = Held {
                hash: header.position.hash,
                record: operation.record,
                ancestors: operation.ancestors,
                signed: signed.clone(),
            };
            state.records.insert(name, held);
        }
        Some(code) => {
            let rejection = v1::Rejection {
                seq: operation.seq,
                record_kind: operation.record_kind,
                local_id: operation.local_id,
                code: code.to_owned(),
                text: format!("refused: {code}"),
                ..Default::default()
            };
            state.refusals.insert(operation.seq, rejection);
        }
    }
}

fn refuse(
    state: &State,
    name: &RecordName,
    base: Option<referral_core::id::Hash>,
    operation: &v1::Operation,
) -> Option<&'static str> {
    let current = state.records.get(name).map(|held| held.hash);
    if current != base {
        return Some("base_mismatch");
    }
    if state.faults.hold_deletions && operation.kind() == v1::OperationKind::Delete {
        return Some("deletion_held");
    }
    let live = |name: &RecordName| {
        state
            .records
            .get(name)
            .is_some_and(|held| held.record.is_some())
    };
    let record = operation.record.clone()?;
    let record = Record::try_from(record).unwrap();
    let mut references = record.references().into_iter();
    let lost = references.any(|(kind, id)| {
        !live(&RecordName {
            kind,
            id: id.clone(),
        })
    });
    if lost {
        return Some("reference_unknown");
    }
    let called = match &record {
        Record::Service(service) => service.name.as_str(),
        _ => "",
    };
    let faults = &state.faults;
    let refused = faults.refuse.contains(name.id.as_str()) || faults.refuse_names.contains(called);
    refused.then_some("not_wanted")
}

fn take_reports(state: &mut State, batch: v1::CapacityBatch) {
    for signed in batch.reports {
        let operation = v1::CapacityOperation::decode(signed.bytes.as_slice()).unwrap();
        let key = state.joined.as_ref().unwrap().1;
        let signature = Signature::try_from(signed.signature.as_slice()).unwrap();
        if verify(&key, Purpose::Capacity, &signed.bytes, &signature).is_err() {
            state
                .broken
                .push(format!("report {} is not signed", operation.cseq));
        }
        if operation.cseq <= state.cseq {
            state.broken.push(format!(
                "report {} came after {}",
                operation.cseq, state.cseq
            ));
            continue;
        }
        state.cseq = operation.cseq;
        let report = operation.report.unwrap();
        LocalId::parse(&report.service_id).unwrap();
        if state.faults.refuse.contains(&report.service_id) {
            let rejection = v1::Rejection {
                cseq: operation.cseq,
                record_kind: v1::RecordKind::Service.into(),
                local_id: report.service_id,
                code: "not_wanted".to_owned(),
                text: "refused: not_wanted".to_owned(),
                ..Default::default()
            };
            state.report_refusals.insert(operation.cseq, rejection);
        } else {
            let about = (report.service_id.clone(), report.location_id.clone());
            state.standing.insert(about, signed);
            state.reports.push(report);
        }
    }
}

fn acknowledge(state: &mut State) -> Vec<Down> {
    let Chain { applied, .. } = state.chain;
    state.acknowledged = applied;
    let rejections = state
        .refusals
        .values()
        .chain(state.report_refusals.values());
    let ack = Down::Ack(v1::PublishAck {
        applied: applied + state.faults.acknowledge_beyond,
        capacity_applied: state.cseq,
        rejections: rejections.cloned().collect(),
    });
    let notice = state.faults.notice.clone().map(Down::Notice);
    let held = state.faults.held.iter();
    let held = held.map(|(id, code, category)| v1::HeldBackService {
        local_id: (*id).to_owned(),
        code: (*code).to_owned(),
        category: (*category).to_owned(),
    });
    let held = Down::Held(v1::HeldBack {
        services: held.collect(),
        last: true,
    });
    [ack, held].into_iter().chain(notice).collect()
}

fn fence(reason: v1::FenceReason) -> Down {
    Down::Fence(v1::Fence {
        reason: reason.into(),
        text: format!("told to: {}", reason.as_str_name()),
        retry_after_ms: 10,
    })
}
