//! A directory and a national network of agencies, running for real in one process.
//!
//! [`run`] is the whole story: a directory listens, agencies are enrolled and join it, each publishes
//! what it has through a node of its own (`arrival`), capacities change (`changes`), and everything ends
//! when it is told to. What people see of it is in `show`.
//!
//! It refuses short cuts: a node has its own data directory, keys, journal and TLS connection, and
//! everything the directory knows of an agency came over that connection. What it has beside a real
//! federation is that the operator and all agencies share a process and a runtime.

mod accounts;
mod arrival;
mod changes;
mod example;
mod home;
mod open_files;
mod show;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use directory_server::config::Config;
use directory_server::serve::Server;
use referral_runtime::clock::Clock;
use referral_runtime::listen::{self, BindError};
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::Address;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::network::{Dice, Network, Plan, seeded};
use arrival::{Arrival, Arrivals};
use changes::Changes;
use example::Examples;
use show::Show;

pub use home::Home;
pub use open_files::{NotEnoughFiles, allow_open_files};

/// How long the demo's parts may take to end, all together.
const DRAIN: Duration = Duration::from_secs(30);
/// How long the nodes may take.
const DRAIN_NODES: Duration = Duration::from_secs(10);
/// How often a capacity changes somewhere.
const CHANGE: Duration = Duration::from_millis(350);
/// How often examples are looked for until there are some.
const LOOK: Duration = Duration::from_millis(50);
/// How long they are looked for once everything is published. A listing is found within a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is to be shown.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many agencies, 1 to 1,400.
    pub agencies: usize,
    /// Which network: the same number gives the same one.
    pub seed: u64,
    /// Where the search page is to be; another port when it is taken.
    pub public: SocketAddr,
    /// How long it goes on once everything is published; `None`: until it is stopped.
    pub stay: Option<Duration>,
}

/// Runs the demo in the directory `home`, until it is stopped by a signal, or for as long as asked.
///
/// # Errors
/// When a part of it cannot be started or fails; everything has ended then.
pub async fn run(options: Options, home: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    let tasks = Tasks::new();
    let (ended, outcome) = oneshot::channel();
    let (stop, all, home) = (tasks.token(), tasks.clone(), home.to_owned());
    tasks.spawn("demo", async move {
        let done = Demo::start_and_play(&options, &home, clock, &stop).await;
        let _nobody_listens = ended.send(done);
        all.stop();
    });
    tasks.wait().await?;
    tasks.drain(DRAIN).await?;
    outcome.await?
}

/// A directory that runs, and the tasks of the nodes that join it.
struct Demo<'a> {
    options: &'a Options,
    server: Server,
    clock: Arc<dyn Clock>,
    nodes: Tasks,
    show: Show,
}

impl Demo<'_> {
    async fn start_and_play(
        options: &Options,
        home: &Path,
        clock: Arc<dyn Clock>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let mut show = Show::new(Arc::clone(&clock), options.agencies);
        show.begins(home);
        let of_directory = Tasks::new();
        let config = config(options, &show).await?;
        let data = home.join("directory");
        let server = Server::start(&data, &config, Arc::clone(&clock), &of_directory).await?;
        show.listens(&server);
        show.invites_to_sign_in(&server, &accounts::make(&server.directory).await?);
        let nodes = Tasks::new();
        let mut demo = Demo {
            options,
            server,
            clock,
            nodes: nodes.clone(),
            show,
        };
        let played = tokio::select! {
            () = stop.cancelled() => Ok(()),
            () = nodes.token().cancelled_owned() => Ok(()),
            () = of_directory.token().cancelled_owned() => Ok(()),
            played = demo.play(home) => played,
        };
        demo.show.ends();
        let nodes_ended = nodes.drain(DRAIN_NODES).await;
        let directory_ended = demo.server.drain(&of_directory).await;
        if let Some(failed) = nodes.failure() {
            anyhow::bail!("{failed}");
        }
        played?;
        directory_ended?;
        Ok(nodes_ended?)
    }

    /// Lets the agencies arrive, and capacities change from the first arrival on.
    async fn play(&mut self, home: &Path) -> anyhow::Result<()> {
        let mut dice = seeded(self.options.seed);
        let network = Arc::new(self.network(&mut dice).await?);
        let mut arrivals = self.invite(Arc::clone(&network), home)?;
        let mut examples = Examples::new(self.server.public).await?;
        let mut changes = Changes::new(dice);
        let (mut tick, mut look) = (interval(CHANGE), interval(LOOK));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut published, mut end) = (None, None);
        loop {
            tokio::select! {
                Some(arrival) = arrivals.recv() => {
                    let arrival: Arrival = arrival?;
                    self.show.arrives(&arrival);
                    examples.add(&arrival);
                    changes.add(arrival);
                    if self.show.is_complete() {
                        published = Some(Instant::now());
                        end = self.options.stay.map(|stay| Instant::now() + stay);
                        self.show.has_published();
                    }
                }
                _ = look.tick(), if !examples.is_done() => {
                    examples.look().await?;
                    let ended = published.is_some_and(|at: Instant| at.elapsed() > PATIENCE);
                    self.show.invites_to_search(&mut examples, ended);
                }
                _ = tick.tick() => {
                    if let Some(change) = changes.next(self.clock.now()).await? {
                        self.show.changes(&change, changes.tally());
                    }
                }
                () = until(end) => return Ok(()),
            }
        }
    }

    async fn network(&self, dice: &mut Dice) -> anyhow::Result<Network> {
        let plan = Plan::members(self.options.agencies);
        let (now, mut own) = (self.clock.now(), dice.clone());
        let network = tokio::task::spawn_blocking(move || Network::new(&plan, now, &mut own));
        Ok(network.await?)
    }

    fn invite(
        &self,
        network: Arc<Network>,
        home: &Path,
    ) -> anyhow::Result<mpsc::Receiver<anyhow::Result<Arrival>>> {
        let directory = Address::parse(&format!("https://{}", self.server.federation))?;
        Ok(Arrivals {
            operator: Arc::clone(&self.server.directory),
            directory,
            network,
            home: home.join("agencies"),
            clock: Arc::clone(&self.clock),
            tasks: self.nodes.clone(),
        }
        .begin())
    }
}

/// Where the directory listens: on a free port when another program has the one asked for.
async fn config(options: &Options, show: &Show) -> anyhow::Result<Config> {
    let mut config = Config::default();
    config.federation.listen = (Ipv4Addr::LOCALHOST, 0).into();
    config.public.listen = options.public;
    match listen::bind_loopback(options.public).await {
        Ok(_free) => {}
        Err(BindError::InUse { address }) => {
            show.port_taken(address);
            config.public.listen = (address.ip(), 0).into();
        }
        Err(error) => return Err(error.into()),
    }
    Ok(config)
}

/// Comes back at that moment; never without one.
async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}
