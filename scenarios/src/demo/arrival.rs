//! Agencies arrive: each is enrolled by the directory, joins with its token, and publishes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agency_node::identity;
use agency_node::operations::{Awaited, Import, Node};
use anyhow::Context;
use directory_server::operations::Directory;
use referral_core::capacity::Draft;
use referral_core::catalog::{Location, Part, Service, Tier, Tiers};
use referral_core::id::LocalId;
use referral_core::policy::Viewer;
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::DataDir;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::Address;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::approval::approve;
use crate::network::{Agency, Branch, Network};

/// How many agencies arrive at the same time.
const AT_ONCE: usize = 8;
/// How long one agency's publishing may take. Busy machines are slow; a stuck stream is not this slow.
const PATIENCE: Duration = Duration::from_mins(3);
/// What the nodes call the file they imported.
const SOURCE: &str = "synthetic network";

/// Everything agencies need to arrive.
pub(super) struct Arrivals {
    /// The operator's side: it enrols.
    pub(super) operator: Arc<Directory>,
    /// Where nodes connect.
    pub(super) directory: Address,
    pub(super) network: Arc<Network>,
    /// The folder of the agencies' data directories.
    pub(super) home: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tasks: Tasks,
}

/// An agency whose records the directory has acknowledged.
#[derive(Debug)]
pub(super) struct Arrival {
    /// Its node, connected.
    pub(super) node: Arc<Node>,
    /// What people call it.
    pub(super) name: String,
    /// Offices that clients can come to.
    pub(super) offices: usize,
    pub(super) services: Vec<Published>,
}

/// A service the directory has.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) service: Service,
    /// Its first location's city and state, or its county where nothing finer may be known.
    pub(super) place: Option<String>,
    /// What was last reported of it, whole or by location.
    pub(super) reports: Vec<Draft>,
}

impl Arrivals {
    /// Begins; arrivals come in no order, the first failure ends the demo.
    pub(super) fn begin(self) -> mpsc::Receiver<anyhow::Result<Arrival>> {
        let (sender, receiver) = mpsc::channel(AT_ONCE);
        let all = Arc::new(self);
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..AT_ONCE {
            let (sender, next, me) = (sender.clone(), Arc::clone(&next), Arc::clone(&all));
            all.tasks.spawn("arrivals", async move {
                let stop = me.tasks.token();
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = me.let_in(&next, &sender) => {}
                }
            });
        }
        receiver
    }

    async fn let_in(
        self: &Arc<Self>,
        next: &AtomicUsize,
        sender: &mpsc::Sender<anyhow::Result<Arrival>>,
    ) {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(agency) = self.network.agencies().get(number).cloned() else {
                return;
            };
            let arrived = self.arrive(agency.clone()).await;
            let arrived = arrived.with_context(|| format!("agency {}", agency.id));
            let failed = arrived.is_err();
            if sender.send(arrived).await.is_err() || failed {
                return;
            }
        }
    }

    async fn arrive(self: &Arc<Self>, agency: Agency) -> anyhow::Result<Arrival> {
        let place = self.home.join(agency.id.as_str());
        self.join(&agency, &place).await?;
        let node = self.start(place).await?;
        let name = agency.name.to_string();
        let network = Arc::clone(&self.network);
        let branches = spawn_blocking(move || network.branches(&agency).collect());
        let mut branches: Vec<Branch> = branches.await?;
        keep_some_for_caseworkers(&mut branches);
        let (offices, services) = (offices(&branches), published(&branches));
        let (import, reports) = divide(branches);
        node.run(move |node| node.import(&import)).await??;
        acknowledged(&node).await?;
        // The directory believes a report as long as its service's terms allow: the service comes first.
        for answer in node.run(move |node| node.set_capacity(reports)).await?? {
            answer?;
        }
        acknowledged(&node).await?;
        let refused = node.status().rejections;
        if let Some(first) = refused.first() {
            let (count, kind, id, why) = (refused.len(), first.kind, &first.id, &first.refusal);
            anyhow::bail!(
                "the directory refused {count} records, first {kind} {id}: {}",
                why.text
            );
        }
        Ok(Arrival {
            node,
            name,
            offices,
            services,
        })
    }

    /// The operator hands out a token, the agency's node uses it: once, over its own connection.
    async fn join(&self, agency: &Agency, place: &Path) -> anyhow::Result<()> {
        let token = self
            .operator
            .enrol(
                &Viewer::at_the_machine(),
                agency.id.as_str(),
                agency.name.as_str(),
            )
            .await?;
        approve(&self.operator, &agency.id).await?;
        let data = {
            let place = place.to_owned();
            spawn_blocking(move || DataDir::open(&place)).await??
        };
        let clock = Arc::clone(&self.clock);
        identity::join(self.directory.clone(), &token, &data, clock).await?;
        Ok(())
    }

    async fn start(&self, place: PathBuf) -> anyhow::Result<Arc<Node>> {
        let (clock, tasks) = (Arc::clone(&self.clock), self.tasks.clone());
        let config = agency_node::Config::default();
        let node = spawn_blocking(move || agency_node::start(&config, &place, clock, &tasks));
        Ok(node.await??)
    }
}

async fn acknowledged(node: &Node) -> anyhow::Result<()> {
    let acknowledged = timeout(PATIENCE, node.acknowledged(Awaited::All)).await;
    acknowledged.map_err(|_| {
        let link = node.link().borrow().clone();
        let why = match link.problem.as_str() {
            "" => "no reason is known",
            problem => problem,
        };
        let patience = PATIENCE.as_secs();
        anyhow::anyhow!("the directory has not acknowledged everything within {patience} s: {why}")
    })
}

/// Some services say how to apply to caseworkers alone, so that signing in shows something.
fn keep_some_for_caseworkers(branches: &mut [Branch]) {
    let services = branches.iter_mut().flat_map(|branch| &mut branch.services);
    for service in services.step_by(4) {
        service.tiers = Tiers::of([(Part::Intake, Tier::Member)]);
    }
}

/// The records to import, and the reports about them.
fn divide(branches: Vec<Branch>) -> (Import, Vec<Draft>) {
    let mut reports = Vec::new();
    let mut records = Vec::new();
    for mut branch in branches {
        reports.append(&mut branch.reports);
        records.extend(branch.into_records());
    }
    let import = Import {
        records,
        reports: Vec::new(),
        source: SOURCE.to_owned(),
        dry_run: false,
    };
    (import, reports)
}

fn offices(branches: &[Branch]) -> usize {
    let locations = branches.iter().flat_map(|branch| &branch.locations);
    locations.filter(|location| is_office(location)).count()
}

fn is_office(location: &Location) -> bool {
    let address = location.place.address();
    address.is_some_and(|address| address.zip.is_some())
}

fn published(branches: &[Branch]) -> Vec<Published> {
    let services = |branch: &Branch| -> Vec<Published> {
        let of = |service: &LocalId| {
            let reports = branch.reports.iter();
            reports
                .filter(|report| report.service == *service)
                .cloned()
                .collect()
        };
        let services = branch.services.iter();
        services
            .map(|service| Published {
                place: place_of(branch, service),
                reports: of(&service.id),
                service: service.clone(),
            })
            .collect()
    };
    branches.iter().flat_map(services).collect()
}

fn place_of(branch: &Branch, service: &Service) -> Option<String> {
    let first = &service.offers.first()?.location;
    let location = branch
        .locations
        .iter()
        .find(|location| location.id == *first)?;
    let address = location.place.address()?;
    Some(format!("{}, {}", address.city.as_ref()?, address.state?))
}
