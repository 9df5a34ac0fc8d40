//! A directory that serves on ports the system gave it, and can be stopped and started again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use directory_server::config::Config;
use directory_server::life::Start;
use directory_server::operations::Directory;
use directory_server::serve::Server;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Availability;
use referral_core::catalog::Category;
use referral_core::id::AgencyId;
use referral_core::policy::Viewer;
use referral_core::search::Query;
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::clock::{Clock, ManualClock};
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{
    Address, CertificateRequest, Dialer, Identity, JoinToken, Member, NewKey, Serial, Trust,
    certificate_to_pem, install_crypto,
};
use tempfile::TempDir;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::PATIENCE;

/// A running directory.
pub(crate) struct House {
    /// Whoever has the machine.
    pub(crate) operator: Viewer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) federation: SocketAddr,
    pub(crate) public: SocketAddr,
    config: Config,
    data: TempDir,
    server: Server,
    tasks: Tasks,
}

/// A directory that does not run: what is left is its data.
pub(crate) struct Stopped {
    pub(crate) data: TempDir,
    pub(crate) config: Config,
    pub(crate) clock: Arc<ManualClock>,
}

/// The time at which every test begins.
pub(crate) fn noon() -> Timestamp {
    Timestamp::constant(1_780_315_200, 0)
}

/// The documented defaults, on free ports of this machine.
pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.federation.listen.set_port(0);
    config.public.listen.set_port(0);
    config
}

impl House {
    /// A new directory.
    pub(crate) async fn new() -> Self {
        let stopped = Stopped::new(tempfile::tempdir().unwrap());
        stopped.start().await.unwrap()
    }

    /// Stops it as an operator does.
    pub(crate) async fn stop(self) -> Stopped {
        drop(self.directory);
        self.server.drain(&self.tasks).await.unwrap();
        Stopped {
            data: self.data,
            config: self.config,
            clock: self.clock,
        }
    }

    /// Stops it and starts it again on the same data.
    pub(crate) async fn again(self) -> Self {
        self.stop().await.start().await.unwrap()
    }

    /// A folder of its data.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// Lets an agency in, as the operator does, and two operators grant it every category.
    pub(crate) async fn invite(&self, agency: &str) -> JoinToken {
        let token = self.invite_only(agency).await;
        for category in Category::ALL {
            self.grant(agency, category).await;
        }
        token
    }

    /// Lets an agency in that was granted nothing.
    pub(crate) async fn invite_only(&self, agency: &str) -> JoinToken {
        let name = format!("Agency {agency}");
        self.directory
            .enrol(&self.operator, agency, &name)
            .await
            .unwrap()
    }

    /// Two people grant a category for 300 days.
    pub(crate) async fn grant(&self, agency: &str, category: Category) {
        let end = self.clock.now() + SignedDuration::from_hours(300 * 24);
        for person in ["Ana Ruiz", "Bo Lindqvist"] {
            let agency = AgencyId::parse(agency).unwrap();
            let decided =
                self.directory
                    .grant(&self.operator, agency, category, "roster 12", end, person);
            decided.await.unwrap();
        }
    }

    /// One person takes a grant back.
    pub(crate) async fn revoke(&self, agency: &str, category: Category) {
        let agency = AgencyId::parse(agency).unwrap();
        let revoked = self
            .directory
            .revoke(&self.operator, agency, category, "Ana Ruiz", "lapsed");
        revoked.await.unwrap();
    }

    /// A certificate of the directory's own authority for a key that never joined.
    pub(crate) fn issue(&self, agency: &str, key: &NewKey) -> Identity {
        let request = CertificateRequest::parse(&key.request().unwrap()).unwrap();
        let issued = self.directory.authority().issue_agency(
            &request,
            Member {
                agency: &AgencyId::parse(agency).unwrap(),
                name: agency,
                listing_key: None,
            },
            Serial::random().unwrap(),
            Duration::from_hours(24),
            noon(),
        );
        let chain = certificate_to_pem(&issued.unwrap().chain);
        Identity::from_pem(chain.as_bytes(), key.reveal_pem().as_bytes()).unwrap()
    }

    /// A connection to the federation listener.
    pub(crate) async fn connect(&self, identity: Option<&Identity>) -> Channel {
        let fingerprint = self.directory.authority().fingerprint();
        let trust = Trust::Fingerprint(fingerprint);
        let address = Address::parse(&format!("https://{}", self.federation)).unwrap();
        let dialer = Dialer::new(address, &trust, identity, self.clock.clone()).unwrap();
        dialer.connect().await.unwrap()
    }

    /// A connection to the public listener.
    pub(crate) async fn visit(&self) -> Channel {
        let address = format!("http://{}", self.public);
        Endpoint::from_shared(address)
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    /// Asks over gRPC.
    pub(crate) async fn ask(
        &self,
        request: v1::SearchRequest,
    ) -> Result<v1::SearchResponse, Status> {
        let mut client = SearchServiceClient::new(self.visit().await);
        client
            .search(request)
            .await
            .map(tonic::Response::into_inner)
    }

    /// The names of all services found by these words, whatever their capacity; without words: all.
    pub(crate) fn names(&self, words: &str) -> Vec<String> {
        self.names_among(words, Availability::Any)
    }

    /// The names of the services found by these words among those with this availability.
    pub(crate) fn names_among(&self, words: &str, availability: Availability) -> Vec<String> {
        let query = Query {
            text: words.to_owned(),
            availability,
            limit: 200,
            ..Query::default()
        };
        let answer = self.directory.search(&Viewer::anybody(), &query).unwrap();
        let results = answer.results.iter();
        results
            .map(|found| found.listing.service.name.to_string())
            .collect()
    }

    /// Everything there is, as a search for anything shows it.
    pub(crate) async fn everything(&self) -> Vec<v1::SearchResult> {
        let request = v1::SearchRequest {
            availability: v1::Availability::Any.into(),
            limit: 200,
            ..v1::SearchRequest::default()
        };
        self.ask(request).await.unwrap().results
    }

    /// How many services there are.
    pub(crate) async fn total(&self) -> usize {
        let request = v1::SearchRequest {
            availability: v1::Availability::Any.into(),
            limit: 1,
            ..v1::SearchRequest::default()
        };
        let answer = self.ask(request).await.unwrap();
        usize::try_from(answer.total_size).unwrap()
    }

    /// The names of all services within 25 miles of a place.
    pub(crate) async fn near(&self, place: &str) -> Vec<String> {
        let request = v1::SearchRequest {
            near: place.to_owned(),
            availability: v1::Availability::Any.into(),
            ..v1::SearchRequest::default()
        };
        let results = self.ask(request).await.unwrap().results;
        results.into_iter().map(|result| result.name).collect()
    }

    /// Waits until a service is found by its name.
    pub(crate) async fn until_found(&self, name: &str) {
        super::until(&format!("{name} is found"), async || {
            self.names(name).contains(&name.to_owned())
        })
        .await;
    }
}

impl Stopped {
    /// A directory that was never started.
    pub(crate) fn new(data: TempDir) -> Self {
        let clock = Arc::new(ManualClock::new(noon()));
        let config = config();
        Self {
            data,
            config,
            clock,
        }
    }

    /// Starts it, which must fail: why.
    pub(crate) async fn refuses_to_start(self) -> (anyhow::Error, Self) {
        let Self {
            data,
            config,
            clock,
        } = self;
        let tasks = Tasks::new();
        let started = Server::start(data.path(), &config, clock.clone(), &tasks).await;
        let Err(why) = started else {
            panic!("it started")
        };
        tasks.drain(PATIENCE).await.unwrap();
        let stopped = Self {
            data,
            config,
            clock,
        };
        (why, stopped)
    }

    /// Starts it after the machine's clock was set by so much.
    pub(crate) async fn start_after(self, by: SignedDuration) -> House {
        self.clock.jump(by);
        self.start().await.unwrap()
    }

    /// Starts it.
    pub(crate) async fn start(self) -> anyhow::Result<House> {
        self.start_as(Start::Usual).await
    }

    /// Starts it as the operator says.
    pub(crate) async fn start_as(self, start: Start) -> anyhow::Result<House> {
        let tasks = Tasks::new();
        install_crypto();
        let Self {
            data,
            config,
            clock,
        } = self;
        let started = Server::start_as(start, data.path(), &config, clock.clone(), &tasks);
        let server = started.await?;
        Ok(House {
            operator: Viewer::at_the_machine(),
            directory: Arc::clone(&server.directory),
            federation: server.federation,
            public: server.public,
            clock,
            config,
            data,
            server,
            tasks,
        })
    }
}
