//! One bench from beginning to end: fill, compare, measure, print.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::seq::SliceRandom;

use super::answer::Compared;
use super::clock::{memory_of, now as moment};
use super::engine::Engine;
use super::lucene::{self, ClassPath, Lucene, size_of};
use super::offer::Flattening;
use super::postgresql::{self, Cluster, Postgresql};
use super::question::Question;
use super::source::{self, Asked};
use super::table::{self, Contender};
use super::tokens::Tokens;
use super::weights::Weights;
use crate::network::{Dice, seeded};

/// The moment at which everything is asked: fixed, so that every run asks the same.
const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);
/// Most differences told before giving up.
const TOLD: usize = 20;
/// Most services that are compared one by one where words rank.
const EVERY: u32 = 200_000;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many services.
    pub size: u32,
    /// How many searches.
    pub queries: usize,
    /// How many times each is measured.
    pub rounds: usize,
    /// The same seed gives the same services and searches.
    pub seed: u64,
    /// Where temporary files go.
    pub dir: PathBuf,
    /// Where `initdb` and `pg_ctl` are.
    pub postgresql: PathBuf,
    /// Class path of the Lucene driver.
    pub lucene: String,
}

/// Runs a bench; gives its tables as Markdown.
///
/// # Errors
/// When an engine fails, or two engines answer differently.
pub fn run(options: &Options) -> anyhow::Result<String> {
    let home = tempfile::Builder::new()
        .prefix("referral-bench-")
        .tempdir_in(&options.dir)?;
    fs::set_permissions(
        home.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    let mut contest = Contest::fill(options, home.path())?;
    contest.compare()?;
    contest.measure(options)?;
    Ok(contest.report(options))
}

struct Contest {
    engine: Engine,
    postgresql: Postgresql,
    lucene: Lucene,
    contenders: [Contender; 3],
    tokens: Tokens,
    asked: Vec<(Asked, Question)>,
    // Last: the server is stopped after the connection is closed.
    cluster: Cluster,
}

impl Contest {
    fn fill(options: &Options, home: &Path) -> anyhow::Result<Self> {
        let files = Files::new(home);
        let before = memory_of(std::process::id())?;
        let mut flattening = Flattening {
            tokens: Tokens::new(),
            weights: Weights::in_force(),
            now: NOW,
        };
        let mut engine = Engine::new(&files.index)?;
        let widest_km = write_rows(options, &files, &mut flattening, &mut engine)?;
        let mut ours = Contender::new("engine");
        ours.build = engine.finish()?;
        ours.memory = memory_of(std::process::id())?.saturating_sub(before);
        ours.disk = size_of(&files.index)?;
        let Flattening {
            tokens, weights, ..
        } = flattening;

        say("PostgreSQL takes it in");
        let mut postgres = Contender::new("PostgreSQL");
        let cluster = Cluster::start(home, &options.postgresql)?;
        let start = moment();
        postgres.disk = postgresql::load(&cluster, &files.copy)?;
        postgres.build = start.elapsed();
        fs::remove_file(&files.copy)?;

        say("Lucene takes it in");
        let mut java = Contender::new("Lucene");
        let classes = ClassPath(options.lucene.clone());
        let start = moment();
        java.disk = lucene::build(&classes, &files.rows, &files.lucene)?;
        java.build = start.elapsed();
        fs::remove_file(&files.rows)?;
        let states = usize::try_from(tokens.number())?;
        let lucene = Lucene::start(&classes, &files.lucene, states, &weights, widest_km, NOW)?;

        let asked = source::workload(options.queries, options.seed)?;
        let asked = asked.into_iter().map(|asked| {
            let question = Question::of(&asked.request, &tokens);
            (asked, question)
        });
        Ok(Self {
            engine,
            postgresql: Postgresql::connect(&cluster, &weights, NOW)?,
            lucene,
            contenders: [ours, postgres, java],
            asked: asked.collect(),
            tokens,
            cluster,
        })
    }

    /// Every engine answers every search once, which warms it too.
    fn compare(&mut self) -> anyhow::Result<()> {
        say("comparing answers");
        let mut differing = 0;
        for (asked, question) in &self.asked {
            let compared = if question.words.is_empty() {
                Compared::Order
            } else {
                Compared::Set
            };
            let (mut request, mut question) = (asked.request.clone(), question.clone());
            if compared == Compared::Set {
                request.limit = EVERY;
                question.limit = EVERY;
            }
            let (ours, _) = self.engine.search(&request, &self.tokens, NOW)?;
            let (postgresql, _) = self.postgresql.search(&question)?;
            let (lucene, _) = self.lucene.search(&question)?;
            for (name, theirs) in [("PostgreSQL", postgresql), ("Lucene", lucene)] {
                let told = ours.differences(&theirs, compared, &self.tokens);
                if !told.is_empty() {
                    differing += 1;
                    eprintln!(
                        "engine and {name} differ, {}: {told:?}\n{question:?}",
                        asked.class
                    );
                }
            }
            anyhow::ensure!(differing < TOLD, "too many answers differ");
        }
        anyhow::ensure!(differing == 0, "{differing} answers differ");
        Ok(())
    }

    /// Each search on each engine in turn, in another order every round.
    fn measure(&mut self, options: &Options) -> anyhow::Result<()> {
        let mut dice: Dice = seeded(options.seed ^ 1);
        for round in 1..=options.rounds {
            say(&format!("round {round} of {}", options.rounds));
            let mut order: Vec<usize> = (0..self.asked.len()).collect();
            order.shuffle(&mut dice);
            for at in order {
                let mut engines = [0, 1, 2];
                engines.shuffle(&mut dice);
                for engine in engines {
                    let (asked, question) = &self.asked[at];
                    let (_, cost) = match engine {
                        0 => self.engine.search(&asked.request, &self.tokens, NOW)?,
                        1 => self.postgresql.search(question)?,
                        _ => self.lucene.search(question)?,
                    };
                    let classes = &mut self.contenders[engine].classes;
                    classes.entry(asked.class).or_default().add(cost);
                }
            }
        }
        self.contenders[1].memory = self.cluster.memory();
        self.contenders[2].memory = self.lucene.memory();
        Ok(())
    }

    fn report(&self, options: &Options) -> String {
        table::markdown(options.size, &self.contenders)
    }
}

/// The files of a bench.
struct Files {
    index: PathBuf,
    lucene: PathBuf,
    rows: PathBuf,
    copy: PathBuf,
}

impl Files {
    fn new(home: &Path) -> Self {
        Self {
            index: home.join("index"),
            lucene: home.join("lucene"),
            rows: home.join("rows"),
            copy: home.join("copy"),
        }
    }
}

/// Makes every service once: the engine takes it in, its rows are written for the peers. Gives the
/// greatest radius that any offer serves, in kilometres.
fn write_rows(
    options: &Options,
    files: &Files,
    flattening: &mut Flattening,
    engine: &mut Engine,
) -> anyhow::Result<f64> {
    say(&format!(
        "making {} services; the engine takes them in",
        options.size
    ));
    let mut rows = BufWriter::new(File::create(&files.rows)?);
    let mut copy = BufWriter::new(File::create(&files.copy)?);
    rows.write_all(lucene::HEADER.as_bytes())?;
    let mut widest_km = 0.0_f64;
    source::services(options.size, options.seed, NOW, &mut |(
        listing,
        places,
        reports,
    )| {
        engine.put(&listing, &places, &reports)?;
        for offer in flattening.rows(&listing, &places, &reports) {
            widest_km = widest_km.max(offer.area_km.unwrap_or(0.0));
            rows.write_all(lucene::line(&offer).as_bytes())?;
            copy.write_all(postgresql::line(&offer).as_bytes())?;
        }
        Ok(())
    })?;
    rows.flush()?;
    copy.flush()?;
    Ok(widest_km)
}

#[expect(clippy::print_stderr, reason = "a bench says how far it is")]
fn say(what: &str) {
    eprintln!("bench: {what}");
}
