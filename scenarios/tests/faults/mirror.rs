//! An insider between a directory and everybody else: hands on what the directory serves, and alters a name.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use prost::Message;
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use referral_proto::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};

/// It stands at an address of its own until it is dropped.
pub(crate) struct Mirror {
    pub(crate) address: SocketAddr,
    altered: Arc<Mutex<Option<String>>>,
    _serving: JoinSet<()>,
}

struct Catalog {
    directory: CatalogServiceClient<Channel>,
    altered: Arc<Mutex<Option<String>>>,
}

impl Mirror {
    /// Stands before the directory that serves everybody at this address.
    pub(crate) async fn of(directory: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let endpoint = Endpoint::from_shared(format!("http://{directory}"));
        let channel = endpoint.expect("an address").connect_lazy();
        let altered = Arc::new(Mutex::new(None));
        let catalog = CatalogServiceServer::new(Catalog {
            directory: CatalogServiceClient::new(channel),
            altered: Arc::clone(&altered),
        });
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            let server = Server::builder().add_service(catalog);
            server
                .serve_with_incoming(incoming)
                .await
                .expect("it serves");
        });
        Self {
            address,
            altered,
            _serving: serving,
        }
    }

    /// From now on the service with this id has another name.
    pub(crate) fn alter(&self, id: &str) {
        *self.altered.lock().expect("a lock") = Some(id.to_owned());
    }
}

#[tonic::async_trait]
impl CatalogService for Catalog {
    async fn get_signed(
        &self,
        request: Request<v1::GetSignedRequest>,
    ) -> Result<Response<v1::GetSignedResponse>, Status> {
        let asked = request.into_inner();
        let mut answer = self.directory.clone().get_signed(asked).await?;
        let altered = self.altered.lock().expect("a lock").clone();
        for record in &mut answer.get_mut().records {
            let name = record.name.as_ref().map(|name| &name.local_id);
            if name == altered.as_ref()
                && let Some(signed) = &mut record.operation
            {
                rename(signed);
            }
        }
        Ok(answer)
    }
}

fn rename(signed: &mut v1::Signed) {
    let operation = v1::Operation::decode(signed.bytes.as_slice());
    let mut operation = operation.expect("an operation");
    let record = operation
        .record
        .as_mut()
        .and_then(|one| one.record.as_mut());
    if let Some(v1::record::Record::Service(service)) = record {
        "Another name".clone_into(&mut service.name);
    }
    signed.bytes = operation.encode_to_vec();
}
