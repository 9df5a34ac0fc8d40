//! Lucene as a peer: a small Java program that is given rows in a file and questions on its input.

mod rows;

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;

pub use rows::{HEADER, line, question};

use super::answer::{Answer, Counted};
use super::clock::{Cost, memory_of};
use super::peer::{Asked, Peer, Update};
use super::weights::Weights;

/// The memory of the virtual machine: it needs little, the index is in the system's page cache.
const HEAP: &str = "-Xmx2g";

/// Where Java finds things: compiled driver and jar, as a class path.
#[derive(Clone, Debug)]
pub struct ClassPath(pub String);

/// A running driver; stopped when dropped.
#[derive(Debug)]
pub struct Lucene {
    process: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    now: Timestamp,
}

/// Makes an index of the rows in a file; gives its size in bytes.
///
/// # Errors
/// When Java fails.
pub fn build(classes: &ClassPath, rows: &Path, index: &Path) -> anyhow::Result<u64> {
    let mut java = java(classes);
    let status = java.arg("build").arg(rows).arg(index).status()?;
    ensure!(status.success(), "Lucene made no index: {status}");
    size_of(index)
}

impl Lucene {
    /// Starts a driver over an index. `tokens` is how many facet values there can be, `widest_km` the
    /// greatest radius that any offer serves.
    ///
    /// # Errors
    /// When Java fails.
    pub fn start(
        classes: &ClassPath,
        index: &Path,
        tokens: usize,
        weights: &Weights,
        widest_km: f64,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let weights = [
            weights.half_miles,
            weights.without_distance,
            weights.at_ttl,
            weights.assumed,
            weights.decides,
        ];
        let weights: Vec<String> = weights.map(|weight| format!("{weight:?}")).into();
        let mut java = java(classes);
        java.arg("serve").arg(index).arg(tokens.to_string());
        java.arg(weights.join(",")).arg(format!("{widest_km:?}"));
        java.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = java.spawn().context("cannot run java")?;
        let output = process.stdout.take().context("java has no output")?;
        let mut lucene = Self {
            input: process.stdin.take(),
            output: BufReader::new(output).lines(),
            process,
            now,
        };
        let ready = lucene.read()?;
        ensure!(
            ready == "ready\t1",
            "Lucene's index is not one segment: {ready}"
        );
        Ok(lucene)
    }

    fn say(&mut self, line: &str) -> anyhow::Result<String> {
        let input = self.input.as_mut().context("the driver is stopped")?;
        input.write_all(format!("{line}\n").as_bytes())?;
        input.flush()?;
        self.read()
    }

    fn read(&mut self) -> anyhow::Result<String> {
        let line = self.output.next().context("the driver ended")?;
        Ok(line?)
    }
}

impl Peer for Lucene {
    /// The cost is what the driver measures on its own thread.
    fn search(&mut self, asked: &Asked) -> anyhow::Result<(Answer, Cost)> {
        let line = self.say(&format!("ask {}", question(&asked.question, self.now)))?;
        read_answer(&line).with_context(|| format!("Lucene answered {line:.200}"))
    }

    fn all(&mut self, asked: &[Asked], threads: usize) -> anyhow::Result<Duration> {
        let line = |asked: &Asked| question(&asked.question, self.now) + "\n";
        let lines: String = asked.iter().map(line).collect();
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(lines.as_bytes())?;
        let line = self.say(&format!("all {threads} {}", file.path().display()))?;
        Ok(Duration::from_nanos(line.parse()?))
    }

    fn report(&mut self, update: &Update) -> anyhow::Result<Option<Duration>> {
        let line = self.say(&format!("report {} {}", update.service, update.capacity))?;
        Ok(Some(Duration::from_nanos(line.parse()?)))
    }

    /// Resident, the pages of the index among it.
    fn memory(&self) -> u64 {
        memory_of(self.process.id()).unwrap_or(0)
    }
}

impl Drop for Lucene {
    fn drop(&mut self) {
        drop(self.input.take());
        if let Err(error) = self.process.wait() {
            eprintln!("the Lucene driver did not end: {error}");
        }
    }
}

/// The size of the files in a directory and below, in bytes.
///
/// # Errors
/// When it cannot be read.
pub fn size_of(dir: &Path) -> anyhow::Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(size)
}

fn java(classes: &ClassPath) -> Command {
    let mut java = Command::new("java");
    java.args([HEAP, "-cp", &classes.0, "Driver"]);
    java
}

fn read_answer(line: &str) -> anyhow::Result<(Answer, Cost)> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().context("a cell is missing");
    let cost = Cost {
        cpu: Duration::from_nanos(cell()?.parse()?),
        wall: Duration::from_nanos(cell()?.parse()?),
    };
    let total = cell()?.parse()?;
    let mut answer = Answer {
        total,
        ..Answer::default()
    };
    for (id, score) in pairs(cell()?) {
        answer.hits.push((id.parse()?, score.parse()?));
    }
    let mut counts = Vec::new();
    for (token, count) in pairs(cell()?) {
        counts.push((token.parse()?, count.parse()?));
    }
    answer.facets = Counted::Tokens(counts);
    Ok((answer, cost))
}

fn pairs(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split(',').filter_map(|pair| pair.split_once(':'))
}
