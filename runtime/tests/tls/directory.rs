//! A directory on loopback that answers every call with who it thinks is speaking.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use referral_core::id::AgencyId;
use referral_runtime::clock::{Clock, ManualClock};
use referral_runtime::listen;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{
    self, Address, Authority, CertificateRequest, ConnectFailure, Dialer, Identity, Limits, Member,
    NewKey, Peer, Serial, SharedConfig, Trust, TrustDomain,
};
use tempfile::TempDir;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{Channel, Server};
use tower::{Service, ServiceExt};

pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A directory that is serving.
pub(crate) struct Directory {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: Authority,
    pub(crate) config: SharedConfig,
    pub(crate) tasks: Tasks,
    pub(crate) socket: SocketAddr,
    _files: TempDir,
}

impl Directory {
    pub(crate) async fn start() -> Self {
        Self::start_within(Limits::default()).await
    }

    pub(crate) async fn start_within(limits: Limits) -> Self {
        let files = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        let authority = Authority::open(files.path(), &domain(), clock.now()).unwrap();
        let identity = server_identity(&authority, clock.now());
        let federation = tls::federation(&identity, authority.certificate(), clock.clone());
        let config = tls::shared(federation.unwrap());
        let tasks = Tasks::new();
        let listener = listen::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let socket = listener.local_addr().unwrap();
        let incoming = tls::accept(listener, Arc::clone(&config), limits, &tasks);
        let stop = tasks.token().cancelled_owned();
        tasks.spawn_vital("server", async move {
            Server::builder()
                .add_routes(who_are_you())
                .serve_with_incoming_shutdown(incoming, stop)
                .await
        });
        Self {
            clock,
            authority,
            config,
            tasks,
            socket,
            _files: files,
        }
    }

    pub(crate) fn address(&self) -> Address {
        Address::parse(&format!("https://localhost:{}", self.socket.port())).unwrap()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::Authority(self.authority.certificate().clone())
    }

    pub(crate) fn dialer(&self, trust: &Trust, identity: Option<&Identity>) -> Dialer {
        Dialer::new(self.address(), trust, identity, self.clock.clone()).unwrap()
    }

    /// Connects with this trust and identity, and asks who it is taken for.
    pub(crate) async fn ask(
        &self,
        trust: &Trust,
        identity: Option<&Identity>,
    ) -> Result<String, ConnectFailure> {
        let mut channel = self.dialer(trust, identity).connect().await?;
        Ok(who_am_i(&mut channel).await.unwrap())
    }
}

/// Another authority, on files of its own.
pub(crate) fn stranger() -> Authority {
    let files = tempfile::tempdir().unwrap();
    Authority::open(files.path(), &domain(), noon()).unwrap()
}

pub(crate) fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn domain() -> TrustDomain {
    TrustDomain::parse("directory.example").unwrap()
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

pub(crate) fn server_identity(authority: &Authority, now: Timestamp) -> Identity {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    authority.issue_server(&names, 30 * DAY, now).unwrap()
}

/// An agency, as its certificate says it.
pub(crate) fn member(agency: &AgencyId) -> Member<'_> {
    Member {
        agency,
        name: "Harbor House",
        listing_key: None,
    }
}

/// The client certificate an agency gets for a key of its own, valid for a day.
pub(crate) fn client_identity(authority: &Authority, id: &str) -> Identity {
    let key = NewKey::generate().unwrap();
    let request = CertificateRequest::parse(&key.request().unwrap()).unwrap();
    let serial = Serial::random().unwrap();
    let issued = authority
        .issue_agency(&request, member(&agency(id)), serial, DAY, noon())
        .unwrap();
    let chain = tls::certificate_to_pem(&issued.chain);
    Identity::from_pem(chain.as_bytes(), key.reveal_pem().as_bytes()).unwrap()
}

/// Asks the server who it takes us for.
pub(crate) async fn who_am_i(channel: &mut Channel) -> Result<String, tonic::transport::Error> {
    let question = Request::builder().uri("/who").body(Body::empty()).unwrap();
    let answer = channel.ready().await?.call(question).await?;
    let who = answer.headers().get("who").unwrap();
    Ok(who.to_str().unwrap().to_owned())
}

fn who_are_you() -> Routes {
    let app = axum::Router::new()
        .fallback(answer)
        .with_state(Arc::new(domain()));
    Routes::from(app)
}

async fn answer(State(domain): State<Arc<TrustDomain>>, request: Request) -> HeaderMap {
    let who = match Peer::of(request.extensions(), &domain) {
        Ok(peer) => peer.agency.to_string(),
        Err(nobody) => format!("nobody: {}", nobody.code()),
    };
    HeaderMap::from_iter([("who".parse().unwrap(), who.parse().unwrap())])
}
