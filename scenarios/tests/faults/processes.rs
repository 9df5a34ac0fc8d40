//! The directory and the nodes as processes, each with a plan of where it ends itself.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use referral_proto::v1;
use referral_proto::v1::node_service_client::NodeServiceClient;
use referral_proto::v1::search_service_client::SearchServiceClient;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::local;
use referral_scenarios::approval;
use rustix::process::Pid;
use tokio::time::{Instant, sleep};
use tonic::transport::{Channel, Endpoint};

/// How long a process may take to do what a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked.
const LOOK: Duration = Duration::from_millis(10);

/// A process that runs, or ran.
pub(crate) struct Process {
    child: Option<Child>,
    log: PathBuf,
}

/// How a start went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It serves.
    Serves,
    /// It ended itself before it did.
    Died,
}

/// A directory with its data.
pub(crate) struct Directory {
    pub(crate) process: Process,
    home: PathBuf,
    /// The name it has in its certificate beside the usual ones.
    name: Option<String>,
    federation: String,
    public: String,
    /// Where its calls to the network are traced.
    trace: Option<PathBuf>,
    /// It makes a snapshot as soon as it starts.
    pub(crate) snapshots: bool,
    /// It keeps no journal behind its snapshots.
    pub(crate) drops: bool,
    /// The folder of its programs; `None`: those of this version.
    pub(crate) version: Option<PathBuf>,
}

/// An agency's node with its data.
pub(crate) struct Node {
    pub(crate) process: Process,
    home: PathBuf,
    pub(crate) agency: String,
    /// It serves its agency's page.
    pub(crate) pages: bool,
    /// The network namespace it lives in.
    network: Option<String>,
    /// The folder of its programs; `None`: those of this version.
    pub(crate) version: Option<PathBuf>,
}

/// One of our programs, with a plan in the words of `referral-failpoints`.
pub(crate) fn program(name: &str, home: &Path, plan: &str) -> Command {
    let tests = std::env::current_exe().expect("this test's file");
    let binaries = tests.parent().and_then(Path::parent);
    program_of(binaries.expect("target directory"), name, home, plan)
}

/// The same of another version, whose programs are in this folder.
fn program_of(binaries: &Path, name: &str, home: &Path, plan: &str) -> Command {
    let mut command = Command::new(binaries.join(name));
    command
        .env("FAILPOINTS", plan)
        .env("FAILPOINTS_HITS", home.join("hits"))
        .stdin(Stdio::null());
    command
}

/// The same command, with every call to the network that it and its children make written to a file (strace, which
/// stands aside so that the process is still our own child).
pub(crate) fn traced(command: &Command, trace: &Path) -> Command {
    let mut traced = Command::new("strace");
    traced
        .args(["-D", "-f", "-qq", "-e", "trace=network", "-o"])
        .arg(trace)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null());
    let set = command.get_envs();
    traced.envs(set.filter_map(|(name, value)| Some((name, value?))));
    traced
}

/// Waits until `done` gives something.
pub(crate) async fn eventually<T>(what: &str, done: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, done).await
}

/// Waits until `done` gives something, for so long.
pub(crate) async fn eventually_within<T>(
    patience: Duration,
    what: &str,
    mut done: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = done().await {
            return value;
        }
        assert!(Instant::now() < deadline, "waited too long until {what}");
        sleep(LOOK).await;
    }
}

/// A process's id, to send it a signal.
pub(crate) fn pid(process: u32) -> Pid {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    id.expect("an id")
}

impl Process {
    fn new(log: PathBuf) -> Self {
        Self { child: None, log }
    }

    fn start(&mut self, command: &mut Command) {
        assert!(self.child.is_none(), "it runs already");
        let log = File::options().append(true).create(true).open(&self.log);
        let child = command.stderr(log.expect("a log")).spawn();
        self.child = Some(child.expect("the program starts"));
    }

    /// Its id.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Whether it has ended; by SIGKILL alone, or the test fails.
    pub(crate) fn has_died(&mut self) -> bool {
        let Some(child) = &mut self.child else {
            return true;
        };
        let Some(status) = child.try_wait().expect("a child") else {
            return false;
        };
        self.check(status);
        self.child = None;
        true
    }

    /// Whether it has ended by itself, and says that it failed.
    pub(crate) fn has_failed(&mut self) -> bool {
        let child = self.child.as_mut().expect("it runs");
        let Some(status) = child.try_wait().expect("a child") else {
            return false;
        };
        self.child = None;
        status.code().is_some_and(|code| code != 0)
    }

    /// With which code it has ended by itself; `None`: it runs.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let status = self.child.as_mut()?.try_wait().expect("a child")?;
        self.child = None;
        status.code()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it with SIGKILL, if it has not ended itself.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL");
            let status = child.wait().expect("it ended");
            self.check(status);
        }
    }

    fn check(&self, status: ExitStatus) {
        assert!(
            status.signal() == Some(9),
            "it ended by itself ({status}): {}",
            self.log()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended = child.kill();
            let _ended = child.wait();
        }
    }
}

impl Directory {
    /// A directory in `home`, not started.
    pub(crate) fn new(home: &Path) -> Self {
        let free = "127.0.0.1:0".to_owned();
        Self {
            process: Process::new(home.join("directory.log")),
            home: home.to_owned(),
            name: None,
            federation: free.clone(),
            public: free,
            trace: None,
            snapshots: false,
            drops: false,
            version: None,
        }
    }

    /// The same, where nodes connect at this address of the machine.
    pub(crate) fn listening(home: &Path, address: &str) -> Self {
        Self {
            federation: format!("{address}:0"),
            name: Some(address.to_owned()),
            ..Self::new(home)
        }
    }

    /// The same, all of whose calls to the network are written down.
    pub(crate) fn traced(home: &Path, trace: &Path) -> Self {
        Self {
            trace: Some(trace.to_owned()),
            ..Self::new(home)
        }
    }

    /// Starts it, on the ports it had.
    pub(crate) fn start(&mut self, plan: &str) -> Started {
        let mut command = self.serve();
        command.env("FAILPOINTS", plan).stdout(Stdio::piped());
        self.process.start(&mut command);
        let stdout = self.process.child.as_mut().and_then(|c| c.stdout.take());
        let mut lines = BufReader::new(stdout.expect("its output")).lines();
        let mut address = |scheme: &str| {
            let line = lines.next().and_then(Result::ok)?;
            line.split_once(scheme).map(|(_, at)| at.to_owned())
        };
        let (Some(federation), Some(public)) = (address("https://"), address("http://")) else {
            self.process.kill();
            return Started::Died;
        };
        (self.federation, self.public) = (federation, public);
        Started::Serves
    }

    /// Starts it, on the ports it had; false when it ends by itself and says that it cannot.
    pub(crate) fn start_or_refuse(&mut self) -> bool {
        let mut command = self.serve();
        self.process.start(command.stdout(Stdio::piped()));
        let child = self.process.child.as_mut().expect("it was started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let serves = lines.next().is_some() && lines.next().is_some();
        if !serves {
            let status = child.wait().expect("it ended");
            assert!(status.code().is_some_and(|code| code != 0), "{status}");
            self.process.child = None;
        }
        serves
    }

    fn program(&self) -> Command {
        match &self.version {
            None => program("directory-server", &self.home, ""),
            Some(folder) => program_of(folder, "directory-server", &self.home, ""),
        }
    }

    /// The command that serves it.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.program();
        command
            .arg("serve")
            .args(["--federation-listen", &self.federation])
            .args(["--public-listen", &self.public])
            .arg("--data")
            .arg(self.data());
        let mut text = String::new();
        if let Some(name) = &self.name {
            text = format!("[federation]\nnames = [\"{name}\"]\n");
        }
        if self.snapshots {
            text += "[journal]\nsnapshot_records = 1\n";
        }
        if self.drops {
            text += "keep = \"0s\"\n";
        }
        if !text.is_empty() {
            let file = self.home.join("directory-server.toml");
            fs::write(&file, text).expect("a configuration");
            command.arg("--config").arg(file);
        }
        match &self.trace {
            Some(trace) => traced(&command, trace),
            None => command,
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.join("directory")
    }

    /// Where nodes connect.
    pub(crate) fn federation(&self) -> &str {
        &self.federation
    }

    /// Where pages and searches are.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// Every listing it shows.
    pub(crate) async fn search(&self) -> v1::SearchResponse {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.public));
        let channel = endpoint.expect("an address").connect().await;
        let request = v1::SearchRequest {
            availability: v1::Availability::Any.into(),
            limit: 200,
            ..v1::SearchRequest::default()
        };
        let mut client = SearchServiceClient::new(channel.expect("the directory listens"));
        let answer = client.search(request).await;
        answer.expect("an answer").into_inner()
    }

    /// One of its operator's commands.
    pub(crate) fn agency(&self, arguments: &[&str]) -> Output {
        let mut command = self.program();
        command.arg("agency").args(arguments).arg("--data");
        let output = command.arg(self.data()).output();
        output.expect("the program starts")
    }

    /// Lets an agency join again; its token.
    pub(crate) fn invite_again(&self, agency: &str) -> String {
        let output = self.agency(&["enrol", agency, "--again", "--json"]);
        let answer: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("the directory answers");
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// A join token for an agency; `None` when the directory does not answer.
    pub(crate) fn invite(&self, agency: &str) -> Option<String> {
        let output = self.agency(&["enrol", agency, "--name", agency, "--json"]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        let token = answer["token"].as_str().map(str::to_owned)?;
        let commands = approval::commands(agency, SystemClock::new().now());
        let approved = commands.iter().all(|arguments| {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = self.agency(&arguments);
            // An earlier try may have come so far.
            let said = String::from_utf8_lossy(&output.stderr).contains("second person");
            output.status.success() || said
        });
        approved.then_some(token)
    }
}

impl Node {
    /// A node in `home`, not started.
    pub(crate) fn new(home: &Path, agency: &str) -> Self {
        Self {
            process: Process::new(home.join(format!("{agency}.log"))),
            home: home.to_owned(),
            agency: agency.to_owned(),
            pages: false,
            network: None,
            version: None,
        }
    }

    /// The same in a network namespace of this name.
    pub(crate) fn within(home: &Path, agency: &str, network: &str) -> Self {
        Self {
            network: Some(network.to_owned()),
            ..Self::new(home, agency)
        }
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.join(&self.agency)
    }

    /// One of its commands.
    pub(crate) fn command(&self, command: &str, plan: &str) -> Command {
        let mut program = match &self.version {
            None => program("agency-node", &self.home, plan),
            Some(folder) => program_of(folder, "agency-node", &self.home, plan),
        };
        if let Some(network) = &self.network {
            let mut within = Command::new("ip");
            within
                .args(["netns", "exec", network])
                .arg(program.get_program());
            within.stdin(Stdio::null());
            program = within;
        }
        program.args(command.split(' ')).arg("--data");
        program.arg(self.data());
        program
    }

    /// Joins a directory. True when the command says so.
    pub(crate) fn join(&self, federation: &str, token: &str, plan: &str) -> bool {
        self.join_with(federation, token, plan, &[])
    }

    /// Joins it again with new keys. True when the command says so.
    pub(crate) fn join_again(&self, federation: &str, token: &str, plan: &str) -> bool {
        self.join_with(federation, token, plan, &["--again"])
    }

    fn join_with(&self, federation: &str, token: &str, plan: &str, more: &[&str]) -> bool {
        let mut join = self.command("join", plan);
        join.args([&format!("https://{federation}"), "--token", token])
            .args(more);
        let output = join.output().expect("the program starts");
        let refused = output.status.code().is_some_and(|code| code != 0);
        let said = String::from_utf8_lossy(&output.stderr);
        let lost = said.contains("join again") || said.contains("cannot reach");
        assert!(!refused || lost, "it was refused: {said}");
        output.status.success()
    }

    /// Starts its daemon.
    pub(crate) async fn start(&mut self, plan: &str) -> Started {
        let config = self.home.join("agency-node.toml");
        let mut text = "[publish]\nback_off = \"20ms\"\nback_off_limit = \"200ms\"\n".to_owned();
        if self.pages {
            text += "[page]\nlisten = \"127.0.0.1:0\"\n";
        }
        fs::write(&config, text).expect("a configuration");
        let mut command = self.command("run", plan);
        self.process
            .start(command.arg("--config").arg(config).stdout(Stdio::null()));
        let me = &mut *self;
        eventually("the node runs", async || {
            if me.process.has_died() {
                return Some(Started::Died);
            }
            me.status().await.map(|_| Started::Serves)
        })
        .await
    }

    /// Another end of the same node, that only looks.
    pub(crate) fn looker(&self) -> Self {
        Self::new(&self.home, &self.agency)
    }

    /// Where its agency's page is.
    pub(crate) async fn page(&self) -> String {
        eventually("the page is served", async || {
            let log = self.process.log();
            let at = log.rsplit_once("the agency's page is at http://")?.1;
            let at = at
                .split(|one: char| one.is_whitespace() || one == '/')
                .next()?;
            Some(at.to_owned())
        })
        .await
    }

    /// How it stands; `None` when it does not answer.
    pub(crate) async fn status(&self) -> Option<v1::StatusResponse> {
        let status = self.client().await?.status(v1::StatusRequest {}).await;
        status.ok().map(tonic::Response::into_inner)
    }

    /// Its commands' service.
    pub(crate) async fn client(&self) -> Option<NodeServiceClient<Channel>> {
        let channel = local::connect(&self.data()).await.ok()?;
        Some(NodeServiceClient::new(channel))
    }
}
