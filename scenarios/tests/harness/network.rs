//! A directory and agency nodes as real processes on loopback, stopped by their ids.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long a process may take to do what a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A directory process with its data.
pub(crate) struct Directory {
    process: Option<Child>,
    data: PathBuf,
    federation: String,
    public: String,
    /// Where everything it logs goes; `None`: nowhere.
    log: Option<PathBuf>,
}

/// An agency's data directory, and its daemon when it runs.
pub(crate) struct Node {
    process: Option<Child>,
    data: PathBuf,
}

/// The workspace's root.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("workspace")
}

/// The real directories that tests read; `None`, said loudly, where they are absent.
pub(crate) fn real_data(set: &str) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests read the place of their data"
    )]
    let place = std::env::var("REFERRAL_DATA")
        .map_or_else(|_| workspace().join("../shared/data"), PathBuf::from);
    let folder = place.join(set);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is not there; set REFERRAL_DATA to the real data",
        folder.display()
    );
    None
}

/// One of our programs.
pub(crate) fn program(name: &str) -> Command {
    let tests = std::env::current_exe().expect("this test's file");
    let binaries = tests
        .parent()
        .and_then(Path::parent)
        .expect("target directory");
    Command::new(binaries.join(name))
}

/// What a program printed, once it has ended with the expected exit code.
pub(crate) fn run(command: &mut Command, expected: i32) -> String {
    let output: Output = command
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(expected),
        "{command:?}\n{text}\n{log}"
    );
    text
}

/// The JSON document a program printed.
pub(crate) fn run_json(command: &mut Command) -> Value {
    serde_json::from_str(&run(command, 0)).expect("one JSON document")
}

/// Waits until `done` gives something, asking again and again for as long as [`PATIENCE`] lasts.
pub(crate) fn eventually<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let (_never, silence): (_, Receiver<()>) = channel();
    for _ in 0..PATIENCE.as_millis() / 20 {
        if let Some(value) = done() {
            return value;
        }
        // A pause between two questions to another process; what is waited for is its answer.
        let _pause: Result<(), RecvTimeoutError> = silence.recv_timeout(Duration::from_millis(20));
    }
    panic!("waited too long until {what}");
}

impl Directory {
    /// Starts a directory on ports the system gives.
    pub(crate) fn start(home: &TempDir) -> Self {
        Self::start_as(home, None)
    }

    /// Starts a directory that logs all it can into this file.
    pub(crate) fn start_talkative(home: &TempDir, log: &Path) -> Self {
        Self::start_as(home, Some(log.to_owned()))
    }

    fn start_as(home: &TempDir, log: Option<PathBuf>) -> Self {
        let data = home.path().join("directory");
        let free = "127.0.0.1:0".to_owned();
        let mut directory = Self {
            process: None,
            data,
            federation: free.clone(),
            public: free,
            log,
        };
        directory.restart();
        directory
    }

    /// Starts it again, on the same ports.
    pub(crate) fn restart(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let mut serve = program("directory-server");
        serve
            .arg("serve")
            .args(["--federation-listen", &self.federation])
            .args(["--public-listen", &self.public])
            .arg("--data")
            .arg(&self.data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(log) = &self.log {
            talkative(&mut serve, log);
        }
        let mut process = serve.spawn().expect("the directory starts");
        let stdout = process.stdout.take().expect("stdout");
        let mut lines = BufReader::new(stdout).lines();
        let mut address = |scheme: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            let (_, address) = line
                .split_once(scheme)
                .unwrap_or_else(|| panic!("said {line:?}"));
            address.to_owned()
        };
        self.federation = address("https://");
        self.public = address("http://");
        self.process = Some(process);
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("SIGKILL");
        process.wait().expect("it ended");
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Where pages and searches are.
    pub(crate) fn public_url(&self) -> String {
        format!("http://{}", self.public)
    }

    /// Lets an agency in and joins a node for it.
    pub(crate) fn join(&self, home: &TempDir, agency: &str) -> Node {
        let mut enrol = program("directory-server");
        enrol.args([
            "agency", "enrol", agency, "--name", agency, "--json", "--data",
        ]);
        let token = run_json(enrol.arg(&self.data))["token"]
            .as_str()
            .expect("token")
            .to_owned();
        let node = Node {
            process: None,
            data: home.path().join(agency),
        };
        let url = format!("https://{}", self.federation);
        run(node.command("join").args([&url, "--token", &token]), 0);
        node
    }

    /// The answer to a search.
    pub(crate) fn search(&self, arguments: &[&str]) -> Value {
        let mut search = program("directory-server");
        search
            .args(["search", "--json", "--server", &self.public_url()])
            .args(arguments);
        run_json(&mut search)
    }
}

impl Node {
    /// One of its commands, on its data directory.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut program = program("agency-node");
        program
            .args(command.split(' '))
            .arg("--data")
            .arg(&self.data);
        program
    }

    /// Starts its daemon and waits until it is connected.
    pub(crate) fn start(&mut self) {
        self.start_as(None);
    }

    /// The same, logging all it can into this file.
    pub(crate) fn start_talkative(&mut self, log: &Path) {
        self.start_as(Some(log));
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    fn start_as(&mut self, log: Option<&Path>) {
        assert!(self.process.is_none(), "it runs already");
        let mut run = self.command("run");
        run.stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(log) = log {
            talkative(&mut run, log);
        }
        let process = run.spawn();
        self.process = Some(process.expect("the node starts"));
        eventually("the node is connected", || {
            let status = self
                .command("status")
                .arg("--json")
                .output()
                .expect("status");
            let status: Value = serde_json::from_slice(&status.stdout).ok()?;
            status["connected"].as_bool().filter(|connected| *connected)
        });
    }

    /// Ends its daemon with SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("SIGKILL");
        process.wait().expect("it ended");
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        end(self.process.take());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        end(self.process.take());
    }
}

/// Lets a daemon log all it can at the end of a file.
fn talkative(daemon: &mut Command, log: &Path) {
    let config = log.with_extension("toml");
    std::fs::write(&config, "[log]\nfilter = \"trace\"\n").expect("a configuration");
    let mut file = std::fs::OpenOptions::new();
    let file = file.create(true).append(true).open(log);
    daemon.arg("--config").arg(config);
    daemon.stderr(file.expect("a log"));
}

fn end(process: Option<Child>) {
    if let Some(mut process) = process {
        let _ended = process.kill();
        let _ended = process.wait();
    }
}
