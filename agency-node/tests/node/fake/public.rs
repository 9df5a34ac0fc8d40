//! What the directory serves to everybody: its records, unless an insider alters or hides them.

use std::sync::{Arc, Mutex};

use agency_node::catalog::RecordName;
use prost::Message;
use referral_core::id::LocalId;
use referral_proto::v1;
use referral_proto::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use super::{Fake, State};

/// Most records of an answer: the node has to ask again.
const RECORDS: usize = 50;

/// The public port of a directory, open until it is dropped.
pub(crate) struct Public {
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Catalog(Arc<Mutex<State>>);

impl Public {
    /// Opens the public port of a directory, of which it tells its nodes from their next session on.
    pub(crate) async fn open(fake: &Fake) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        fake.state().pages = format!("http://{}", listener.local_addr().unwrap());
        let catalog = CatalogServiceServer::new(Catalog(Arc::clone(&fake.state)));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            let server = tonic::transport::Server::builder().add_service(catalog);
            server.serve_with_incoming(incoming).await.unwrap();
        });
        Self { _serving: serving }
    }
}

#[tonic::async_trait]
impl CatalogService for Catalog {
    async fn get_signed(
        &self,
        request: Request<v1::GetSignedRequest>,
    ) -> Result<Response<v1::GetSignedResponse>, Status> {
        let asked = request.into_inner();
        assert_eq!(asked.agency_id, "harbor");
        let state = self.0.lock().unwrap();
        let records = asked.records.into_iter().take(RECORDS);
        let records = records.map(|name| served(&state, name)).collect();
        Ok(Response::new(v1::GetSignedResponse {
            records,
            ..Default::default()
        }))
    }
}

fn served(state: &State, asked: v1::RecordName) -> v1::SignedRecord {
    let name = RecordName {
        kind: asked.kind().try_into().unwrap(),
        id: LocalId::parse(&asked.local_id).unwrap(),
    };
    let id = asked.local_id.clone();
    let held = state.records.get(&name).map(|held| held.signed.clone());
    let held = held.filter(|_| !state.faults.hidden.contains(&id));
    let operation = held.map(|signed| match state.faults.altered.get(&id) {
        Some(number) => altered(signed, number),
        None => signed,
    });
    v1::SignedRecord {
        name: Some(asked),
        operation,
        ..Default::default()
    }
}

/// The same operation with another telephone number, and the signature that does not fit it any more.
fn altered(signed: v1::Signed, number: &str) -> v1::Signed {
    let mut operation = v1::Operation::decode(signed.bytes.as_slice()).unwrap();
    let record = operation
        .record
        .as_mut()
        .and_then(|one| one.record.as_mut());
    if let Some(v1::record::Record::Service(service)) = record {
        number.clone_into(&mut service.phones[0].number);
    }
    v1::Signed {
        bytes: operation.encode_to_vec(),
        ..signed
    }
}
