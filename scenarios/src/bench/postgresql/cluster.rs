//! A PostgreSQL server of the bench's own: a new data directory, its own socket, no other port.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use postgres::{Client, Config, NoTls};
use rustix::process::geteuid;
use tempfile::TempDir;

/// The settings it runs with.
const SETTINGS: &str = include_str!("../../../peers/postgresql/settings.conf");
/// The account PostgreSQL runs under where the bench is root: PostgreSQL refuses to be root.
const ACCOUNT: &str = "postgres";
/// The port, which only names the socket: no address is listened to.
const PORT: u16 = 54_329;

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    home: TempDir,
    programs: PathBuf,
}

impl Cluster {
    /// Makes a server in a new directory below `dir` and starts it. `programs` holds `initdb` and
    /// `pg_ctl`.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(dir: &Path, programs: &Path) -> anyhow::Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("postgresql-")
            .tempdir_in(dir)?;
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777))?;
        let cluster = Self {
            home,
            programs: programs.to_owned(),
        };
        let data = cluster.data();
        let mut initdb = cluster.program("initdb");
        initdb.args(["-A", "trust", "-U", ACCOUNT, "--no-sync", "-E", "UTF8"]);
        run(initdb.args(["--locale=C", "-D"]).arg(&data))?;
        let settings = data.join("bench.conf");
        fs::write(&settings, SETTINGS)?;
        fs::set_permissions(&settings, fs::Permissions::from_mode(0o644))?;
        let conf = data.join("postgresql.conf");
        let mut text = fs::read_to_string(&conf)?;
        text.push_str("\ninclude 'bench.conf'\n");
        fs::write(&conf, text)?;
        let options = format!(
            "-c listen_addresses='' -c port={PORT} -c unix_socket_directories='{}'",
            cluster.home.path().display()
        );
        let log = cluster.home.path().join("log");
        let mut start = cluster.program("pg_ctl");
        start.args(["-w", "-o", &options, "-l"]).arg(&log);
        run(start.arg("-D").arg(&data).arg("start"))?;
        Ok(cluster)
    }

    /// A new connection.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn connect(&self) -> anyhow::Result<Client> {
        let mut config = Config::new();
        config.host_path(self.home.path()).port(PORT);
        config.user(ACCOUNT).dbname(ACCOUNT);
        Ok(config.connect(NoTls)?)
    }

    /// Memory of all its processes in bytes, shared pages counted once.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let Ok(text) = fs::read_to_string(self.data().join("postmaster.pid")) else {
            return 0;
        };
        let Some(main) = text.lines().next().and_then(|pid| pid.parse::<u32>().ok()) else {
            return 0;
        };
        let children = format!("/proc/{main}/task/{main}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        let all = children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok());
        all.chain([main])
            .filter_map(|pid| super::super::clock::memory_of(pid).ok())
            .sum()
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if !geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", ACCOUNT, "--"]).arg(program);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["-w", "-m", "immediate", "-D"]).arg(self.data());
        if let Err(error) = run(stop.arg("stop")) {
            eprintln!("PostgreSQL was not stopped: {error:#}");
        }
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    // Its working directory must be one that the account may enter.
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let name = format!("{command:?}");
    let status = command
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} failed: {status}");
    Ok(())
}
