//! PostgreSQL with PostGIS as a peer: tuned, indexed, asked by prepared statements over its socket.

mod cluster;
mod copy;
mod statement;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use postgres::types::ToSql;
use postgres::{Client, Statement as Prepared};

pub use cluster::Cluster;
pub use copy::line;

use super::answer::Answer;
use super::clock::{Cost, cpu_of, measured};
use super::question::Question;
use super::weights::Weights;
use statement::statement;

const SCHEMA: &str = include_str!("../../../peers/postgresql/schema.sql");
const INDEXES: &str = include_str!("../../../peers/postgresql/indexes.sql");

/// A connection that searches.
pub struct Postgresql {
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
    pub fn connect(cluster: &Cluster, weights: &Weights, now: Timestamp) -> anyhow::Result<Self> {
        let mut client = cluster.connect()?;
        let row = client.query_one(
            "SELECT pg_backend_pid(), coalesce(max(area_m), 0) FROM offer",
            &[],
        )?;
        Ok(Self {
            backend: u32::try_from(row.get::<_, i32>(0))?,
            widest_m: row.get(1),
            client,
            prepared: HashMap::new(),
            weights: weights.clone(),
            now,
        })
    }

    /// Answers a question; the cost is that of the backend and of this client together.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn search(&mut self, asked: &Question) -> anyhow::Result<(Answer, Cost)> {
        let asked = statement(asked, &self.weights, self.now, self.widest_m);
        let prepared = self.prepared(&asked.sql)?;
        let before = cpu_of(self.backend)?;
        let (row, mut cost) = measured(|| {
            let values: Vec<&(dyn ToSql + Sync)> = asked.values.iter().map(AsRef::as_ref).collect();
            self.client.query_one(&prepared, &values)
        });
        cost.cpu += cpu_of(self.backend)?.saturating_sub(before);
        let row = row.with_context(|| asked.sql.clone())?;
        let ids: Vec<i64> = row.get(1);
        let scores: Vec<f64> = row.get(2);
        let tokens: Vec<i32> = row.get(3);
        let counts: Vec<i64> = row.get(4);
        let answer = Answer {
            total: u64::try_from(row.get::<_, i64>(0)).unwrap_or(0),
            hits: ids.into_iter().zip(scores).collect(),
            facets: tokens
                .into_iter()
                .zip(counts.into_iter().map(|n| u64::try_from(n).unwrap_or(0)))
                .collect(),
        };
        Ok((answer, cost))
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

    /// Changes the state of a service durably; gives the time until the next search sees it.
    ///
    /// # Errors
    /// When the server refuses, or does not show it.
    pub fn report(&mut self, service: i64, capacity: i32) -> anyhow::Result<Duration> {
        let update = "UPDATE offer SET capacity = $2 WHERE service = $1";
        let look = "SELECT min(capacity) FROM offer WHERE service = $1";
        let update = self.client.prepare_typed(update, &[])?;
        let look = self.client.prepare_typed(look, &[])?;
        let (seen, cost) = measured(|| -> anyhow::Result<i32> {
            self.client.execute(&update, &[&service, &capacity])?;
            Ok(self.client.query_one(&look, &[&service])?.get(0))
        });
        anyhow::ensure!(seen? == capacity, "PostgreSQL does not show the update");
        Ok(cost.wall)
    }
}

impl std::fmt::Debug for Postgresql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgresql").finish_non_exhaustive()
    }
}
