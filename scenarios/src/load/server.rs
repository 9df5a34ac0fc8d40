//! The directory as a process, and what it costs.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use referral_runtime::tls::Address;
use rustix::param::clock_ticks_per_second;

use super::now;

/// Where the measuring is done, and by what.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where the data goes.
    pub home: PathBuf,
    /// The directory's program.
    pub program: PathBuf,
    /// The processor it is bound to; `None`: all of them.
    pub processor: Option<usize>,
}

/// A directory that runs; killed when dropped.
pub(super) struct Server {
    place: Place,
    process: Option<Child>,
    federation: String,
    public: String,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    at: Instant,
    processor: Duration,
    /// Memory it has now. Unit: bytes.
    pub(super) resident: u64,
}

impl Place {
    /// The directory's data.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("directory")
    }
}

impl Server {
    /// Starts the directory on ports the system gives.
    pub(super) fn start(place: &Place) -> anyhow::Result<Self> {
        let free = "127.0.0.1:0".to_owned();
        let mut server = Self {
            place: place.clone(),
            process: None,
            federation: free.clone(),
            public: free,
        };
        server.restart()?;
        Ok(server)
    }

    /// Starts it again on the same ports; gives how long that took.
    pub(super) fn restart(&mut self) -> anyhow::Result<Duration> {
        self.serve(&[])
    }

    /// Loses everything but the authority, and starts it again to be filled by its nodes.
    pub(super) fn rebuild(&mut self) -> anyhow::Result<Duration> {
        self.kill()?;
        let (data, kept) = (self.place.data(), self.place.home.join("kept"));
        fs::rename(data.join("ca"), &kept)?;
        fs::remove_dir_all(&data)?;
        fs::create_dir(&data)?;
        fs::set_permissions(&data, Permissions::from_mode(0o700))?;
        fs::rename(&kept, data.join("ca"))?;
        self.serve(&["--rebuild"])
    }

    fn serve(&mut self, how: &[&str]) -> anyhow::Result<Duration> {
        let begun = now();
        let mut command = match self.place.processor {
            None => Command::new(&self.place.program),
            Some(processor) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &processor.to_string()]);
                command.arg(&self.place.program);
                command
            }
        };
        command
            .arg("serve")
            .args(how)
            .args(["--federation-listen", &self.federation])
            .args(["--public-listen", &self.public])
            .arg("--data")
            .arg(self.place.data())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.place.home.join("directory.log"))?);
        let mut process = command.spawn().context("the directory does not start")?;
        let output = process.stdout.take().context("it has no output")?;
        self.process = Some(process);
        let mut lines = BufReader::new(output).lines();
        let mut address = |scheme: &str| -> anyhow::Result<String> {
            let line = lines.next().context("the directory ended")??;
            let (_, address) = line.split_once(scheme).context("it said something else")?;
            Ok(address.to_owned())
        };
        self.federation = address("https://")?;
        self.public = address("http://")?;
        Ok(begun.elapsed())
    }

    /// Ends it with SIGKILL.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Where nodes connect.
    pub(super) fn address(&self) -> anyhow::Result<Address> {
        Ok(Address::parse(&format!("https://{}", self.federation))?)
    }

    /// Where nodes connect, as host and port.
    pub(super) fn federation(&self) -> &str {
        &self.federation
    }

    /// Where searches go.
    pub(super) fn public(&self) -> String {
        format!("http://{}", self.public)
    }

    /// What it has used so far.
    pub(super) fn used(&self) -> anyhow::Result<Used> {
        let process = self.process.as_ref().context("it does not run")?.id();
        used(&Path::new("/proc").join(process.to_string()))
    }
}

impl Used {
    /// Processor time since `before`, in percent of one processor.
    pub(super) fn percent_since(&self, before: &Self) -> f64 {
        let processor = self.processor.saturating_sub(before.processor);
        100.0 * processor.as_secs_f64() / self.at.duration_since(before.at).as_secs_f64()
    }

    /// Processor time since `before`.
    pub(super) fn processor_since(&self, before: &Self) -> Duration {
        self.processor.saturating_sub(before.processor)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.kill();
    }
}

/// See proc(5): utime and stime are the 14th and 15th word of stat, the name in brackets being one.
fn used(process: &Path) -> anyhow::Result<Used> {
    let stat = fs::read_to_string(process.join("stat"))?;
    let (_, words) = stat.rsplit_once(')').context("stat")?;
    let ticks: u64 = words
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|word| word.parse::<u64>().ok())
        .sum();
    let status = fs::read_to_string(process.join("status"))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.context("VmRSS")?.parse()?;
    Ok(Used {
        at: now(),
        processor: Duration::from_millis(ticks * 1_000 / clock_ticks_per_second()),
        resident: kib * 1024,
    })
}
