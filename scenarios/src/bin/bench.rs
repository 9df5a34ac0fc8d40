//! Searches in this index, in PostgreSQL with PostGIS and in Lucene: the same services, the same answers.
//!
//! `scenarios/peers/bench` installs what this needs, builds it and runs it; see docs/BENCHMARKS.md.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use referral_scenarios::bench::directory::serve;
use referral_scenarios::bench::{Options, coverage, run};

/// As in the directory's own program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares this index with PostgreSQL and Lucene; prints tables in Markdown.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Bench {
    #[command(subcommand)]
    part: Option<Part>,

    /// How many services
    #[arg(long, value_enum, default_value_t = Size::TenThousand)]
    size: Size,
    /// How many searches
    #[arg(long, default_value_t = 2_000)]
    queries: usize,
    /// How many times each search is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The same number gives the same services and searches
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compare answers with judging every service, too: slow beyond 10k
    #[arg(long)]
    reference: bool,
    /// Go on when answers differ, to look into it
    #[arg(long)]
    despite_differences: bool,
    /// Where temporary files go
    #[arg(long, default_value = "/var/tmp")]
    dir: PathBuf,
    /// Where PostgreSQL's programs are
    #[arg(long, default_value = "/usr/lib/postgresql/15/bin")]
    postgresql: PathBuf,
    /// Class path of the Lucene driver: its classes and the jar
    #[arg(long, required_unless_present = "alone")]
    lucene: Option<String>,
    /// Leave the peers out: soon done, for seeing what a change of the index or the directory is worth
    #[arg(long)]
    alone: bool,
}

/// What the bench starts itself as.
#[derive(Debug, Subcommand)]
enum Part {
    /// A directory that serves until its input ends
    #[command(hide = true)]
    Serve {
        /// Its data
        data: PathBuf,
        /// The time it shows, in seconds since 1970
        now: i64,
    },
    /// Reports on coverage and the history, beside PostgreSQL with PostGIS
    Coverage {
        /// How many services
        #[arg(long, value_enum, default_value_t = Size::TenThousand)]
        size: Size,
        /// How many times each report is made
        #[arg(long, default_value_t = 9)]
        rounds: usize,
        /// The same number gives the same services
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many changes of capacity the history has; 0 leaves it out
        #[arg(long, default_value_t = 10_000_000)]
        changes: u32,
        /// Where temporary files go
        #[arg(long, default_value = "/var/tmp")]
        dir: PathBuf,
        /// Where PostgreSQL's programs are; without it PostgreSQL is left out
        #[arg(long)]
        postgresql: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Size {
    #[value(name = "10k")]
    TenThousand,
    #[value(name = "100k")]
    HundredThousand,
    #[value(name = "1m")]
    Million,
}

impl Size {
    fn services(self) -> u32 {
        match self {
            Self::TenThousand => 10_000,
            Self::HundredThousand => 100_000,
            Self::Million => 1_000_000,
        }
    }
}

#[expect(clippy::print_stdout, reason = "the output of a command")]
fn main() -> anyhow::Result<()> {
    let bench = Bench::parse();
    match bench.part {
        Some(Part::Serve { data, now }) => return serve(&data, Timestamp::from_second(now)?),
        Some(Part::Coverage {
            size,
            rounds,
            seed,
            changes,
            dir,
            postgresql,
        }) => {
            let options = coverage::Options {
                size: size.services(),
                rounds,
                seed,
                changes,
                dir,
                postgresql,
            };
            println!("{}", coverage::run(&options)?);
            return Ok(());
        }
        None => {}
    }
    let options = Options {
        size: bench.size.services(),
        queries: bench.queries,
        rounds: bench.rounds,
        seed: bench.seed,
        reference: bench.reference,
        despite_differences: bench.despite_differences,
        dir: bench.dir,
        postgresql: bench.postgresql,
        lucene: bench.lucene.unwrap_or_default(),
        alone: bench.alone,
    };
    println!("{}", run(&options)?);
    Ok(())
}
