//! A whole directory, searched through gRPC over loopback, with everything that a page shows.

mod journal;
mod serving;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use directory_server::config::Config;
use jiff::Timestamp;
use referral_core::capacity::{Availability, Draft, Order};
use referral_core::id::AgencyId;
use referral_core::search::{Access, Fee};
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::tls::{Authority, TrustDomain};
use tokio::runtime::{Builder, Runtime};
use tonic::transport::{Channel, Endpoint};

pub use journal::draft;
pub use serving::{config, serve};

use super::answer::{Answer, Counted};
use super::clock::{Cost, Threads, measured, memory_of, now};
use super::offer::service_number;
use super::peer::{Asked, Peer, Update, share};
use crate::national::Published;
use journal::Writer;
use serving::Serving;

/// The data of a directory in the making.
#[derive(Debug)]
pub struct Data {
    dir: PathBuf,
    writer: Writer,
    now: Timestamp,
}

/// A running directory.
#[derive(Debug)]
pub struct Directory {
    /// Dropped first: a directory waits for its connections before it ends.
    client: Client,
    serving: Serving,
}

/// One connection.
#[derive(Debug)]
struct Client {
    runtime: Runtime,
    search: SearchServiceClient<Channel>,
    last: Instant,
}

/// How long a directory may take to make its first snapshot, and how often is looked.
const IN_ORDER: Duration = Duration::from_mins(30);
const LOOK: Duration = Duration::from_millis(200);

/// A directory closes connections on which nothing moved for 75 s, and a peer may take longer for an answer.
const STILL: Duration = Duration::from_secs(30);

/// Counters of reports that come after those that are published with a service.
const LATER: u64 = 1 << 40;

/// How long a directory took to start.
#[derive(Clone, Copy, Debug)]
pub struct Starts {
    /// With nothing but its journal: store and index are built.
    pub rebuilt: Duration,
    /// With everything in order.
    pub intact: Duration,
}

impl Data {
    /// No data yet, in the new directory `dir`, as of `now`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new(dir: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let journal = dir.join("journal");
        fs::create_dir_all(&journal)?;
        // A journal without an authority is one that has lost it.
        let authority = dir.join("ca");
        fs::create_dir(&authority)?;
        fs::set_permissions(&authority, fs::Permissions::from_mode(0o700))?;
        let domain = TrustDomain::parse(&Config::default().federation.trust_domain)?;
        Authority::open(&authority, &domain, now)?;
        Ok(Self {
            dir: dir.to_owned(),
            writer: Writer::new(&journal, now)?,
            now,
        })
    }

    /// Publishes a service.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&mut self, one: &Published) -> anyhow::Result<()> {
        self.writer.put(one)
    }

    /// Says something else where this was reported, received at `at` in whole seconds. Reports come in the order of
    /// `number`, from 0.
    ///
    /// # Errors
    /// When the disk refuses, and when the draft is no report.
    pub fn report(
        &mut self,
        agency: &AgencyId,
        draft: Draft,
        number: u32,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let order = Order {
            epoch: journal::EPOCH,
            cseq: LATER + u64::from(number),
        };
        self.writer.report(agency, draft, order, at)
    }

    /// The data as it is, for a directory that somebody else starts.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> anyhow::Result<PathBuf> {
        self.writer.finish()?;
        Ok(self.dir)
    }

    /// Starts the directory, first with its journal alone, then again.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(self) -> anyhow::Result<(Directory, Starts)> {
        self.writer.finish()?;
        let (first, rebuilt) = measured(|| Serving::start(&self.dir, self.now));
        let first = first?;
        until_in_order(&self.dir)?;
        drop(first);
        let (second, intact) = measured(|| Serving::start(&self.dir, self.now));
        let serving = second?;
        let starts = Starts {
            rebuilt: rebuilt.wall,
            intact: intact.wall,
        };
        let client = Client::connect(&serving.public)?;
        Ok((Directory { client, serving }, starts))
    }
}

/// Waits until the files are there from which the next start takes tips and rows: they are made once it serves, and
/// what is measured before shares the machine with that.
///
/// # Errors
/// When they are not made in half an hour.
#[expect(
    clippy::disallowed_methods,
    reason = "the files of another process appear without a word"
)]
pub fn until_in_order(data: &Path) -> anyhow::Result<()> {
    let begun = now();
    while begun.elapsed() < IN_ORDER {
        let snapshots = fs::read_dir(data.join("snapshots"))?;
        let mut names = snapshots.filter_map(|entry| Some(entry.ok()?.path()));
        let tips = names.any(|path| path.extension().is_some_and(|end| end == "tips"));
        if tips && data.join("index/rows").exists() {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    anyhow::bail!("the directory has made no tips and rows in {IN_ORDER:?}")
}

impl Client {
    fn connect(public: &str) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let endpoint = Endpoint::from_shared(format!("http://{public}"))?;
        let channel = runtime.block_on(endpoint.connect())?;
        Ok(Self {
            runtime,
            search: SearchServiceClient::new(channel),
            last: now(),
        })
    }

    /// Connects again where nothing was asked for a while.
    fn keep(&mut self, public: &str) -> anyhow::Result<()> {
        if self.last.elapsed() > STILL {
            *self = Self::connect(public)?;
        }
        Ok(())
    }

    fn ask(&mut self, asked: &v1::SearchRequest) -> anyhow::Result<v1::SearchResponse> {
        let answer = self.runtime.block_on(self.search.search(asked.clone()));
        self.last = now();
        Ok(answer?.into_inner())
    }
}

impl Peer for Directory {
    /// The cost is that of the directory's process and of this client together.
    fn search(&mut self, asked: &Asked) -> anyhow::Result<(Answer, Cost)> {
        let request = wire(asked);
        self.client.keep(&self.serving.public)?;
        let before = Threads::of(self.serving.id())?;
        let (response, mut cost) = measured(|| self.client.ask(&request));
        cost.cpu += Threads::of(self.serving.id())?.since(&before);
        let response = response?;
        let mut answer = Answer {
            total: response.total_size.into(),
            ..Answer::default()
        };
        for result in &response.results {
            let id = u128::from_str_radix(&result.id.replace('-', ""), 16)?;
            answer.hits.push((service_number(id), f64::NAN));
        }
        answer.facets = Counted::Named(named(&response.facets));
        Ok((answer, cost))
    }

    fn all(&mut self, asked: &[Asked], threads: usize) -> anyhow::Result<Duration> {
        let connect = || Client::connect(&self.serving.public);
        let hands: anyhow::Result<Vec<Client>> = (0..threads).map(|_| connect()).collect();
        share(asked, hands?, |hand, asked| {
            hand.ask(&wire(asked))?;
            Ok(())
        })
    }

    /// Reports come through the federation, which is not here.
    fn report(&mut self, _update: &Update) -> anyhow::Result<Option<Duration>> {
        Ok(None)
    }

    fn memory(&self) -> u64 {
        memory_of(self.serving.id()).unwrap_or(0)
    }
}

/// Facet values by the names that all engines give them.
fn named(facets: &[v1::Facet]) -> BTreeMap<String, usize> {
    let values = facets.iter().flat_map(|facet| &facet.values);
    let named = values.map(|value| {
        let kind = match value.field.as_str() {
            "codes" => "code",
            "languages" => "language",
            "state" => "capacity",
            "in_state" => "in state",
            other => other,
        };
        let count = usize::try_from(value.count).unwrap_or(usize::MAX);
        (format!("{kind} {}", value.value), count)
    });
    named.collect()
}

fn wire(asked: &Asked) -> v1::SearchRequest {
    let query = &asked.query;
    let availability = match query.availability {
        Availability::Open => v1::Availability::Open,
        Availability::Waitlist => v1::Availability::Waitlist,
        Availability::Unconfirmed => v1::Availability::Unconfirmed,
        Availability::Any => v1::Availability::Any,
    };
    let access = match asked.request.access {
        Access::Any => v1::Access::Unspecified,
        Access::InPerson => v1::Access::InPerson,
        Access::Remote => v1::Access::Remote,
    };
    let fee = match asked.request.fee {
        None => v1::Fee::Unspecified,
        Some(Fee::Free) => v1::Fee::Free,
        Some(Fee::LowCost) => v1::Fee::LowCost,
    };
    let codes = query.need.split(',').filter(|code| !code.is_empty());
    v1::SearchRequest {
        need: codes.map(str::to_owned).collect(),
        text: query.text.clone(),
        near: query.near.clone(),
        radius_miles: query.radius_miles,
        serves: query.serves.clone(),
        languages: query.languages.clone(),
        availability: availability.into(),
        limit: query.limit,
        facets: query.facets,
        access: access.into(),
        fee: fee.into(),
        interpreter: query.interpreter,
        ..v1::SearchRequest::default()
    }
}
