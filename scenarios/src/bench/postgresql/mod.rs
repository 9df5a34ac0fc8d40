//! PostgreSQL with PostGIS as a peer: tuned, indexed, asked by prepared statements over its socket.

mod cluster;
mod copy;
mod statement;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use postgres::types::ToSql;
use postgres::{Client, Row, Statement as Prepared};

pub use cluster::Cluster;
pub use copy::line;

use super::answer::{Answer, Counted};
use super::clock::{Cost, Threads, measured};
use super::peer::{Asked, Peer, Update, share};
use super::question::Question;
use super::weights::Weights;
use statement::statement;

const SCHEMA: &str = include_str!("../../../peers/postgresql/schema.sql");
const INDEXES: &str = include_str!("../../../peers/postgresql/indexes.sql");

/// A connection that searches.
pub struct Postgresql {
    cluster: Arc<Cluster>,
    client: Client,
    backend: u32,
    prepared: HashMap<String, Prepared>,
    weights: Weights,
    now: Timestamp,
    widest_m: f64,
}

/// Loads the rows of a file made of [`line`]s and indexes them; gives the size on disk in bytes.
///
/// # Errors
/// When the server refuses.
pub fn load(cluster: &Cluster, rows: &Path) -> anyhow::Result<u64> {
    let mut client = cluster.connect()?;
    client.batch_execute(SCHEMA)?;
    let mut copy = client.copy_in("COPY offer FROM STDIN")?;
    io::copy(&mut BufReader::new(File::open(rows)?), &mut copy)?;
    copy.finish()?;
    client.batch_execute(INDEXES)?;
    client.batch_execute("VACUUM (FREEZE, ANALYZE) offer")?;
    client.batch_execute("CHECKPOINT")?;
    let size = client.query_one("SELECT pg_total_relation_size('offer')", &[])?;
    Ok(u64::try_from(size.get::<_, i64>(0)).unwrap_or(0))
}

impl Postgresql {
    /// A connection to a server that has been loaded.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn connect(
        cluster: &Arc<Cluster>,
        weights: &Weights,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let mut client = cluster.connect()?;
        let row = client.query_one(
            "SELECT pg_backend_pid(), coalesce(max(area_m), 0) FROM offer",
            &[],
        )?;
        Ok(Self {
            cluster: Arc::clone(cluster),
            backend: u32::try_from(row.get::<_, i32>(0))?,
            widest_m: row.get(1),
            client,
            prepared: HashMap::new(),
            weights: weights.clone(),
            now,
        })
    }

    fn prepared(&mut self, sql: &str) -> anyhow::Result<Prepared> {
        if let Some(prepared) = self.prepared.get(sql) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(sql);
        let prepared = prepared.with_context(|| sql.to_owned())?;
        self.prepared.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// How a question is answered, in PostgreSQL's words.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn explain(&mut self, asked: &Question) -> anyhow::Result<String> {
        let asked = statement(asked, &self.weights, self.now, self.widest_m);
        let values: Vec<&(dyn ToSql + Sync)> = asked.values.iter().map(AsRef::as_ref).collect();
        let sql = format!("EXPLAIN (ANALYZE, BUFFERS) {}", asked.sql);
        let lines = self.client.query(&sql, &values)?;
        let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
        Ok(lines.join("\n"))
    }

    fn ask(&mut self, asked: &Question) -> anyhow::Result<(Answer, Cost)> {
        let asked = statement(asked, &self.weights, self.now, self.widest_m);
        let prepared = self.prepared(&asked.sql)?;
        let before = Threads::of(self.backend)?;
        let (row, mut cost) = measured(|| {
            let values: Vec<&(dyn ToSql + Sync)> = asked.values.iter().map(AsRef::as_ref).collect();
            self.client.query_one(&prepared, &values)
        });
        cost.cpu += Threads::of(self.backend)?.since(&before);
        Ok((answer(&row.with_context(|| asked.sql.clone())?), cost))
    }
}

impl Peer for Postgresql {
    /// The cost is that of the backend and of this client together.
    fn search(&mut self, asked: &Asked) -> anyhow::Result<(Answer, Cost)> {
        self.ask(&asked.question)
    }

    fn all(&mut self, asked: &[Asked], threads: usize) -> anyhow::Result<Duration> {
        let connect = || Self::connect(&self.cluster, &self.weights, self.now);
        let hands: anyhow::Result<Vec<Self>> = (0..threads).map(|_| connect()).collect();
        share(asked, hands?, |hand, asked| {
            hand.ask(&asked.question)?;
            Ok(())
        })
    }

    fn report(&mut self, update: &Update) -> anyhow::Result<Option<Duration>> {
        let change = "UPDATE offer SET capacity = $2 WHERE service = $1";
        let look = "SELECT min(capacity) FROM offer WHERE service = $1";
        let (change, look) = (self.prepared(change)?, self.prepared(look)?);
        let (changed, cost) = measured(|| {
            let values: [&(dyn ToSql + Sync); 2] = [&update.service, &update.capacity];
            self.client.execute(&change, &values)
        });
        changed?;
        let seen: i32 = self.client.query_one(&look, &[&update.service])?.get(0);
        ensure!(
            seen == update.capacity,
            "PostgreSQL does not show the report"
        );
        Ok(Some(cost.wall))
    }

    fn memory(&self) -> u64 {
        self.cluster.memory()
    }
}

fn answer(row: &Row) -> Answer {
    let (ids, scores): (Vec<i64>, Vec<f64>) = (row.get(1), row.get(2));
    let (tokens, counts): (Vec<i32>, Vec<i64>) = (row.get(3), row.get(4));
    let counts = counts.into_iter().map(|n| u64::try_from(n).unwrap_or(0));
    Answer {
        total: u64::try_from(row.get::<_, i64>(0)).unwrap_or(0),
        hits: ids.into_iter().zip(scores).collect(),
        facets: Counted::Tokens(tokens.into_iter().zip(counts).collect()),
    }
}

impl std::fmt::Debug for Postgresql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgresql").finish_non_exhaustive()
    }
}
