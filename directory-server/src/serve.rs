//! The running directory: config -> data -> listeners -> wait -> drain, readable in one screen.

pub(crate) mod authority;
mod certificates;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use referral_proto::{DESCRIPTORS, v1};
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::DataDir;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::listen::{self, BindError};
use referral_runtime::local;
use referral_runtime::mail::Mailer;
use referral_runtime::panics::{self, Panicked};
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{self, TrustDomain};
use referral_runtime::watched_clock::WatchedClock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server as Tonic;
use tonic_web::GrpcWebLayer;
use tower::ServiceExt;
use tracing::info;

use crate::audit::Audit;
use crate::config::Config;
use crate::demand::MOST_BYTES;
use crate::ledger::Ledger;
use crate::life::{FORMAT, Life, Start};
use crate::operations::{Directory, Kept};
use crate::people::People;
use crate::people::provider::Provider;
use crate::rpc::viewer::identify;
use crate::rpc::{
    AdminRpc, CatalogRpc, CoverageRpc, EnrolmentRpc, FederationRpc, FeedbackRpc, Pace,
    PeopleAdminRpc, SearchRpc, WatchRpc,
};
use crate::tally::{PUBLISHED, SEARCHES, Tables, Tally, WRITE_EVERY};
use crate::watching::{self, Plan};
use crate::web;

/// Most bytes of one message from a node (a batch of 1 MiB and its frame).
const MESSAGE_BYTES: usize = (1 << 20) + (64 << 10);
/// Most bytes of one search request.
const SEARCH_BYTES: usize = 64 << 10;
/// Most bytes of a command: a table of demand and its description.
const TABLE_BYTES: usize = MOST_BYTES + (64 << 10);
/// Most bytes of the headers of one request.
const HEADER_BYTES: u32 = 16 << 10;
/// Most streams a connection may have reset before they were looked at; one more ends the connection.
const PENDING_RESETS: usize = 20;
/// Most streams of a connection that may be reset for its own errors; one more ends the connection.
const ERROR_RESETS: usize = 256;
/// Most calls at once on a connection of a node, and on one of anybody else.
const NODE_STREAMS: u32 = 32;
const PUBLIC_STREAMS: u32 = 64;
/// How long a call may take before its answer begins.
const CALL: Duration = Duration::from_secs(30);
/// The task without which nothing is written.
const WRITE_PATH: &str = "write path";
/// How often a peer that says nothing is asked whether it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long its answer may take: on a slow link it waits behind what was sent before.
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(16);
/// After so long a public connection takes no new calls: the next goes over a new one.
const CONNECTION_AGE: Duration = Duration::from_mins(30);
/// How often the directory looks after itself.
const UPKEEP: Duration = Duration::from_secs(10);
/// A look at something that is to be replaced in time.
type Look = Box<dyn Fn() + Send + Sync>;
/// How long open streams may take to end.
const DRAIN: Duration = Duration::from_secs(10);
/// How long what has ended may take to let the directory go, and how often is looked.
const LET_GO: Duration = Duration::from_secs(2);
const LET_GO_LOOK: Duration = Duration::from_millis(2);

/// A directory that listens.
#[derive(Debug)]
pub struct Server {
    /// Where agencies' nodes connect.
    pub federation: SocketAddr,
    /// Where pages and searches are served.
    pub public: SocketAddr,
    /// What it does.
    pub directory: Arc<Directory>,
    _data: DataDir,
}

/// Opens the data directory for this process alone, with everything in it brought up to date.
///
/// # Errors
/// When it is in use, damaged, cannot be written, or may not begin as `start` says.
pub fn open(
    data: &Path,
    config: &Config,
    start: Start,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<(DataDir, Arc<Directory>)> {
    let domain = trust_domain(config)?;
    let data = DataDir::open(data)?;
    data.claim(FORMAT)?;
    // Before anything is made: what is missing must not be taken for what never was.
    let life = Life::begin(data.path(), start, clock.now())?;
    let authority = authority::open(&data, config, &domain, clock.now())?;
    let clock = Arc::new(WatchedClock::new(Arc::clone(clock)));
    let opened = Ledger::open(data.path(), config.journal, life.generation, clock.clone())?;
    clock.not_before(opened.last_received);
    let searches = data.subdirectory(SEARCHES)?;
    let tally = Tally::open(&searches, WRITE_EVERY, clock.clone())?;
    let kept = Kept {
        tally,
        published: Tables::open(data.path().join(PUBLISHED))?,
        audit: Audit::open(data.path())?,
        people: People::open(data.path(), clock.clone())?,
    };
    let directory = Directory::new(opened, kept, authority, life, clock, data.path());
    let directory = Arc::new(directory);
    Ok((data, directory))
}

impl Server {
    /// Opens `data` as usual and starts to listen; everything runs in `tasks`.
    ///
    /// # Errors
    /// When the data directory cannot be used, a port is taken, or a certificate is unusable.
    pub async fn start(
        data: &Path,
        config: &Config,
        clock: Arc<dyn Clock>,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        Self::start_as(Start::Usual, data, config, clock, tasks).await
    }

    /// As [`Server::start`], beginning as `start` says.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_as(
        start: Start,
        data: &Path,
        config: &Config,
        clock: Arc<dyn Clock>,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        let federation = listen::bind(config.federation.listen).await?;
        let public_tls = certificates::Public::read(&config.public, Arc::clone(&clock))?;
        let public = match &public_tls {
            Some(_) => listen::bind(config.public.listen).await?,
            None => bind_without_tls(config.public.listen).await?,
        };
        let addresses = (federation.local_addr()?, public.local_addr()?);
        let (data, directory) = {
            let (data, config) = (data.to_owned(), config.clone());
            let opened = tokio::task::spawn_blocking(move || open(&data, &config, start, &clock));
            opened.await.map_err(|_| Panicked)??
        };
        let clock: Arc<dyn Clock> = directory.clock().clone();
        let address = set_provider(&directory, config, addresses.1)?;
        // Before anybody searches: a grant may have ended while nothing ran.
        directory.lapse().await?;

        let names = config.federation.names.as_slice();
        let own = certificates::Federation::issue(&directory, names, clock)?;
        let limits = tls::Limits::default();
        let incoming = tls::accept(federation, own.config(), limits, tasks);
        let routes = federation_routes(&directory, trust_domain(config)?, tasks).await?;
        let routes = panics::caught(routes);
        let stop = tasks.token().cancelled_owned();
        tasks.spawn_vital("federation server", async move {
            builder()
                .add_routes(routes)
                .serve_with_incoming_shutdown(incoming, stop)
                .await
        });

        let routes = panics::caught(public_routes(&directory, tasks).await?);
        let stop = tasks.token().cancelled_owned();
        let mut looks: Vec<Look> = vec![Box::new(move || own.look())];
        match public_tls {
            None => {
                let incoming = listen::plain(public, limits.crowd, limits.patience, tasks);
                tasks.spawn_vital("public server", async move {
                    public_builder()
                        .add_routes(routes)
                        .serve_with_incoming_shutdown(incoming, stop)
                        .await
                });
            }
            Some(own) => {
                let incoming = tls::accept(public, own.config(), limits, tasks);
                looks.push(Box::new(move || own.look()));
                tasks.spawn_vital("public server", async move {
                    public_builder()
                        .add_routes(routes)
                        .serve_with_incoming_shutdown(incoming, stop)
                        .await
                });
            }
        }
        local::serve(&data, local_routes(&directory, address), tasks)?;
        keep_pages_live(&directory, tasks);
        watch_write_path(&directory, tasks);
        keep_up(&directory, looks, tasks);
        watch_for_alerts(&directory, plan(config)?, tasks);
        let (federation, public) = addresses;
        info!("agencies connect to https://{federation}, pages and searches are at {public}");
        Ok(Self {
            federation,
            public,
            directory,
            _data: data,
        })
    }

    /// Waits for the open streams to end, then for everything written to be folded.
    ///
    /// # Errors
    /// When a stream did not end in time, or a part of the server failed; with [`Exit::StorageFailed`] when the disk
    /// can no longer be trusted.
    pub async fn drain(self, tasks: &Tasks) -> anyhow::Result<()> {
        let drained = tasks.drain(DRAIN).await;
        let directory = Arc::clone(&self.directory);
        let closed = tokio::task::spawn_blocking(move || directory.close());
        closed.await.map_err(|_| Panicked)?;
        let_go(&self.directory).await;
        if let Some(failed) = tasks.failure() {
            let code = if self.directory.has_failed() {
                Exit::StorageFailed
            } else {
                Exit::Failed
            };
            return Err(failed.clone()).exit(code);
        }
        Ok(drained?)
    }
}

/// Waits until nothing else holds the directory: connections end a moment after they were answered, and
/// as long as they have it, its files are in use.
async fn let_go(directory: &Arc<Directory>) {
    let gone = async {
        while Arc::strong_count(directory) > 1 {
            tokio::time::sleep(LET_GO_LOOK).await;
        }
    };
    if tokio::time::timeout(LET_GO, gone).await.is_err() {
        tracing::warn!("something still holds the directory: its files are in use until it ends");
    }
}

/// What the operator's commands ask.
fn local_routes(directory: &Arc<Directory>, address: String) -> Routes {
    use v1::directory_admin_service_server::DirectoryAdminServiceServer;
    use v1::people_admin_service_server::PeopleAdminServiceServer;
    let admin = AdminRpc::new(Arc::clone(directory));
    let admin = DirectoryAdminServiceServer::new(admin).max_decoding_message_size(TABLE_BYTES);
    let people = PeopleAdminRpc::new(Arc::clone(directory), Some(address));
    Routes::new(admin).add_service(PeopleAdminServiceServer::new(people))
}

/// Sets the OpenID provider, where one is configured; gives how people reach the pages.
fn set_provider(
    directory: &Directory,
    config: &Config,
    public: SocketAddr,
) -> anyhow::Result<String> {
    let scheme = config
        .public
        .certificate
        .as_ref()
        .map_or("http", |_| "https");
    let here = || format!("{scheme}://{public}");
    let address = config.sign_in.address.clone().unwrap_or_else(here);
    let clock: Arc<dyn Clock> = directory.clock().clone();
    let provider = Provider::of(&config.sign_in, &address, clock).exit(Exit::BadConfiguration)?;
    if let Some(provider) = provider {
        directory.set_provider(provider);
    }
    directory.set_address(&address);
    Ok(address)
}

fn keep_pages_live(directory: &Arc<Directory>, tasks: &Tasks) {
    let (directory, stop) = (Arc::clone(directory), tasks.token());
    tasks.spawn_again("live pages", move || {
        Arc::clone(&directory).keep_live(web::live_event, stop.clone())
    });
}

fn watch_for_alerts(directory: &Arc<Directory>, plan: Plan, tasks: &Tasks) {
    let (directory, stop) = (Arc::clone(directory), tasks.token());
    tasks.spawn_again("alerts", move || {
        watching::watch(Arc::clone(&directory), plan.clone(), stop.clone())
    });
}

/// What is watched, and who tells it.
fn plan(config: &Config) -> anyhow::Result<Plan> {
    let watched = config.alerts.watched().exit(Exit::BadConfiguration)?;
    let mailer = config.mail.as_ref().map(Mailer::new).transpose();
    Ok(Plan {
        watched,
        every: config.alerts.every,
        digest: config.alerts.digest,
        mailer: mailer.exit(Exit::BadConfiguration)?,
    })
}

/// A directory that cannot write must not look alive.
fn watch_write_path(directory: &Arc<Directory>, tasks: &Tasks) {
    let (directory, stop) = (Arc::clone(directory), tasks.token());
    tasks.spawn_vital(WRITE_PATH, async move {
        tokio::select! {
            () = directory.ended() => anyhow::bail!("it has stopped; start the directory again"),
            () = stop.cancelled() => Ok(()),
        }
    });
}

/// What has to be done every few seconds.
fn keep_up(directory: &Arc<Directory>, looks: Vec<Look>, tasks: &Tasks) {
    let (directory, stop) = (Arc::clone(directory), tasks.token());
    let looks = Arc::new(looks);
    tasks.spawn_again("upkeep", move || {
        keep_up_until(stop.clone(), Arc::clone(&directory), Arc::clone(&looks))
    });
}

async fn keep_up_until(stop: CancellationToken, directory: Arc<Directory>, looks: Arc<Vec<Look>>) {
    loop {
        if let Err(refused) = directory.lapse().await {
            tracing::warn!("what has come to its end is not yet recorded: {refused}");
        }
        let (directory, looks) = (Arc::clone(&directory), Arc::clone(&looks));
        let done = tokio::task::spawn_blocking(move || {
            // What one look fails at must not keep the others from being made.
            let _told_by_its_place = panics::catch_blocking(|| directory.keep_up());
            for look in looks.iter() {
                let _told_by_its_place = panics::catch_blocking(look);
            }
        });
        let _caught_within = done.await;
        if stop
            .run_until_cancelled(tokio::time::sleep(UPKEEP))
            .await
            .is_none()
        {
            return;
        }
    }
}

/// Both listeners: dead peers are noticed, and what one connection may ask for is bounded. HTTP/2 alone, whose
/// server speaks first: nodes wait for that.
fn builder() -> Tonic {
    Tonic::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_ANSWER))
        .http2_max_header_list_size(HEADER_BYTES)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS))
        .http2_max_local_error_reset_streams(Some(ERROR_RESETS))
        .timeout(CALL)
        .max_concurrent_streams(NODE_STREAMS)
}

/// Browsers speak HTTP/1 too.
fn public_builder() -> Tonic {
    builder()
        .accept_http1(true)
        .max_concurrent_streams(PUBLIC_STREAMS)
        .max_connection_age(CONNECTION_AGE)
}

async fn federation_routes(
    directory: &Arc<Directory>,
    domain: TrustDomain,
    tasks: &Tasks,
) -> anyhow::Result<Routes> {
    use v1::enrolment_service_server::EnrolmentServiceServer;
    use v1::federation_service_server::FederationServiceServer;
    type Federation = FederationServiceServer<FederationRpc>;
    type Enrolment = EnrolmentServiceServer<EnrolmentRpc>;
    let federation = FederationRpc::new(Arc::clone(directory), domain, tasks.clone());
    let federation = Federation::new(federation).max_decoding_message_size(MESSAGE_BYTES);
    let enrolment = Enrolment::new(EnrolmentRpc::new(Arc::clone(directory)))
        .max_decoding_message_size(MESSAGE_BYTES);
    let (health, service) = tonic_health::server::health_reporter();
    health.set_serving::<Federation>().await;
    health.set_serving::<Enrolment>().await;
    let (v1, v1alpha) = reflection()?;
    Ok(Routes::new(federation)
        .add_service(enrolment)
        .add_service(service)
        .add_service(v1)
        .add_service(v1alpha))
}

/// gRPC and gRPC-Web by content type, pages for everything else.
async fn public_routes(directory: &Arc<Directory>, tasks: &Tasks) -> anyhow::Result<Routes> {
    type Search = v1::search_service_server::SearchServiceServer<SearchRpc>;
    type Watch = v1::watch_service_server::WatchServiceServer<WatchRpc>;
    type Catalog = v1::catalog_service_server::CatalogServiceServer<CatalogRpc>;
    type Coverage = v1::coverage_service_server::CoverageServiceServer<CoverageRpc>;
    type Feedback = v1::feedback_service_server::FeedbackServiceServer<FeedbackRpc>;
    let search =
        Search::new(SearchRpc::new(Arc::clone(directory))).max_decoding_message_size(SEARCH_BYTES);
    let (health, service) = tonic_health::server::health_reporter();
    let watch = WatchRpc::new(Arc::clone(directory), tasks.clone(), Pace::default());
    let watch = Watch::new(watch).max_decoding_message_size(SEARCH_BYTES);
    let catalog = CatalogRpc::new(Arc::clone(directory));
    let catalog = Catalog::new(catalog).max_decoding_message_size(SEARCH_BYTES);
    health.set_serving::<Search>().await;
    health.set_serving::<Watch>().await;
    health.set_serving::<Catalog>().await;
    let coverage = CoverageRpc::new(Arc::clone(directory));
    let coverage = Coverage::new(coverage).max_decoding_message_size(SEARCH_BYTES);
    health.set_serving::<Coverage>().await;
    let feedback = FeedbackRpc::new(Arc::clone(directory));
    let feedback = Feedback::new(feedback).max_decoding_message_size(SEARCH_BYTES);
    health.set_serving::<Feedback>().await;
    let (v1, v1alpha) = reflection()?;
    let grpc = Routes::new(search)
        .add_service(watch)
        .add_service(catalog)
        .add_service(coverage)
        .add_service(feedback)
        .add_service(service)
        .add_service(v1)
        .add_service(v1alpha);
    let identify = axum::middleware::from_fn_with_state(Arc::clone(directory), identify);
    let grpc = grpc.into_axum_router().layer(identify);
    let grpc = grpc.layer(GrpcWebLayer::new());
    let pages = web::pages(Arc::clone(directory));
    let dispatch = tower::service_fn(move |request: axum::extract::Request| {
        let kind = request.headers().get(axum::http::header::CONTENT_TYPE);
        let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
        if is_grpc {
            grpc.clone().oneshot(request)
        } else {
            pages.clone().oneshot(request)
        }
    });
    Ok(Routes::from(axum::Router::new().fallback_service(dispatch)))
}

type Reflection<T> = anyhow::Result<T>;

fn reflection() -> Reflection<(
    tonic_reflection::server::v1::ServerReflectionServer<
        impl tonic_reflection::server::v1::ServerReflection,
    >,
    tonic_reflection::server::v1alpha::ServerReflectionServer<
        impl tonic_reflection::server::v1alpha::ServerReflection,
    >,
)> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Ok((builder().build_v1()?, builder().build_v1alpha()?))
}

fn trust_domain(config: &Config) -> anyhow::Result<TrustDomain> {
    TrustDomain::parse(&config.federation.trust_domain)
        .context("federation.trust_domain")
        .exit(Exit::BadConfiguration)
}

/// Without TLS only this machine may be served: anything else is the configuration's fault.
async fn bind_without_tls(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match listen::bind_loopback(address).await {
        Err(error @ BindError::NotLoopback { .. }) => Err(error).exit(Exit::BadConfiguration),
        bound => Ok(bound?),
    }
}
