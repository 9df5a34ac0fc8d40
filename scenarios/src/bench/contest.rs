//! One bench from beginning to end: fill, compare, measure, tell.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use rand::seq::SliceRandom;
use referral_core::search::{Circumstances, Request};

use super::answer::{Answer, Compared};
use super::figures::{Figures, Matches};
use super::fill::{Filled, fill};
use super::machine::described;
use super::offer::seed;
use super::peer::{Asked, Peer};
use super::question::{Known, Question};
use super::reference::Reference;
use super::table::{self, Checked};
use super::tokens::Tokens;
use crate::judged::{self, Ndcg};
use crate::national::{National, Workload};
use crate::network::{Dice, seeded};

/// Most differing answers that are told.
const TOLD: usize = 20;
/// Results asked for where services are compared one by one, because words rank.
const EVERY: u32 = 1_000_000;

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
    /// Whether answers are compared with judging every service, too.
    pub reference: bool,
    /// Whether to go on when answers differ; the tables then say so.
    pub despite_differences: bool,
    /// Where temporary files go.
    pub dir: PathBuf,
    /// Where `initdb` and `pg_ctl` are.
    pub postgresql: PathBuf,
    /// Class path of the Lucene driver.
    pub lucene: String,
    /// Whether the peers are left out.
    pub alone: bool,
}

/// An engine and what was measured of it.
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) peer: Box<dyn Peer>,
    pub(super) build: Duration,
    /// Bytes.
    pub(super) disk: u64,
    pub(super) classes: BTreeMap<&'static str, Figures>,
    /// Searches a second on all processors.
    pub(super) throughput: f64,
    /// Until searches show a report.
    pub(super) visible: Figures,
    /// How long it takes to start with everything in order, where it is a server of ours: it answers
    /// as the engine does, in the same order.
    pub(super) intact: Option<Duration>,
}

impl Contender {
    pub(super) fn new(name: &'static str, peer: Box<dyn Peer>, build: Duration, disk: u64) -> Self {
        Self {
            name,
            peer,
            build,
            disk,
            classes: BTreeMap::new(),
            throughput: 0.0,
            visible: Figures::default(),
            intact: None,
        }
    }
}

/// Runs a bench; gives its tables as Markdown.
///
/// # Errors
/// When an engine fails, or two engines answer differently.
pub fn run(options: &Options) -> anyhow::Result<String> {
    let machine = described();
    let home = tempfile::Builder::new()
        .prefix("referral-bench-")
        .tempdir_in(&options.dir)?;
    // The account that PostgreSQL runs under must get through.
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755))?;
    let national = National::new(options.size, options.seed);
    let workload = Workload::new(&national, options.seed, options.queries);
    let Filled {
        mut contenders,
        known,
        updates,
        reference,
    } = fill(options, &national, &workload, home.path())?;
    let asked = expressible(&workload, &known, seed(national.now()));

    say(&format!(
        "comparing the answers to {} searches",
        asked.len()
    ));
    let (matches, differing) = compare(&asked, &mut contenders, &reference, &known.tokens)?;
    anyhow::ensure!(
        differing == 0 || options.despite_differences,
        "{differing} answers differ: times would mean nothing"
    );
    let mut dice = seeded(options.seed ^ 1);
    for round in 1..=options.rounds {
        say(&format!("round {round} of {}", options.rounds));
        measure(&asked, &mut contenders, &mut dice)?;
    }
    say("all processors");
    let threads = available_parallelism()?.get();
    let number = f64::from(u32::try_from(asked.len())?);
    for contender in &mut contenders {
        let time = contender.peer.all(&asked, threads)?;
        contender.throughput = number / time.as_secs_f64();
    }
    say("live reports");
    for update in &updates {
        for contender in &mut contenders {
            if let Some(time) = contender.peer.report(update)? {
                contender.visible.add_wall(time);
            }
        }
    }
    say("judged searches");
    let judged = judged::all(home.path())?;
    let order = (judged.len(), Ndcg::mean(judged.iter().map(|one| one.ndcg)));
    let left_out = workload.searches().len() - asked.len();
    Ok(table::markdown(
        options,
        &contenders,
        &Checked {
            matches,
            left_out,
            differing,
            order,
        },
        &machine,
    ))
}

/// The searches that all engines can be asked: those whose every word some service has.
fn expressible(workload: &Workload, known: &Known, seed: u64) -> Vec<Asked> {
    let asked = workload.searches().iter().map(|search| {
        // Circumstances are rules with values, which the peers have no columns for.
        let request = Request {
            circumstances: Circumstances::default(),
            seed,
            ..search.request.clone()
        };
        Asked {
            class: search.class.as_str(),
            query: search.query.clone(),
            question: Question::of(&request, known),
            request,
        }
    });
    let occur = |asked: &Asked| {
        let mut words = asked.question.words.iter();
        words.all(|word| word.occurs(&known.dictionary))
    };
    asked.filter(occur).collect()
}

/// Every engine answers every search once, which warms it too; gives how many services match.
fn compare(
    asked: &[Asked],
    contenders: &mut [Contender],
    reference: &Reference,
    tokens: &Tokens,
) -> anyhow::Result<(Matches, usize)> {
    let mut matches = Matches::default();
    let mut differing = 0;
    for asked in asked {
        let (compared, all) = if asked.question.words.is_empty() {
            (Compared::Order, asked.clone())
        } else {
            (Compared::Set, asked.limited(EVERY))
        };
        let mut answers = Vec::new();
        for contender in contenders.iter_mut().filter(|one| one.intact.is_none()) {
            let (answer, _) = contender.peer.search(&all)?;
            answers.push((contender.name, answer));
        }
        if compared == Compared::Order {
            let answer = reference.search(&asked.request);
            answers.extend(answer.map(|answer| ("reference", answer)));
        }
        let Some(((first, ours), others)) = answers.split_first() else {
            break;
        };
        matches.add(ours.total);
        for (name, theirs) in others {
            let told = ours.differences(theirs, compared, tokens);
            if !told.is_empty() {
                differing += 1;
                if differing > TOLD {
                    continue;
                }
                say(&format!(
                    "{first} and {name} differ, {}: {told:#?}",
                    asked.class
                ));
                say(&format!("{:?}", asked.question));
            }
        }
        differing += usize::from(!same_through_grpc(asked, contenders, tokens)?);
    }
    Ok((matches, differing))
}

/// Whether a directory answers as the engine in it does, in the same order.
fn same_through_grpc(
    asked: &Asked,
    contenders: &mut [Contender],
    tokens: &Tokens,
) -> anyhow::Result<bool> {
    let mut first: Option<Answer> = None;
    for contender in contenders {
        if first.is_some() && contender.intact.is_none() {
            continue;
        }
        let (answer, _) = contender.peer.search(asked)?;
        // Where words rank, how rare they are depends on the pieces that an index was written in.
        let ranked = !asked.question.words.is_empty();
        let answer = Answer {
            hits: if ranked { Vec::new() } else { answer.hits },
            ..answer
        };
        if let Some(first) = &first {
            let told = first.differences(&answer, Compared::Order, tokens);
            if !told.is_empty() {
                let name = contender.name;
                say(&format!(
                    "engine and {name} differ, {}: {told:#?}",
                    asked.class
                ));
                say(&format!("{:?}", asked.question));
                return Ok(false);
            }
        } else {
            first = Some(answer);
        }
    }
    Ok(true)
}

/// Each search on each engine in turn, both in random order.
fn measure(asked: &[Asked], contenders: &mut [Contender], dice: &mut Dice) -> anyhow::Result<()> {
    let mut searches: Vec<&Asked> = asked.iter().collect();
    searches.shuffle(dice);
    let mut turns: Vec<usize> = (0..contenders.len()).collect();
    for asked in searches {
        turns.shuffle(dice);
        for turn in &turns {
            let contender = &mut contenders[*turn];
            let (_, cost) = contender.peer.search(asked)?;
            contender.classes.entry(asked.class).or_default().add(cost);
        }
    }
    Ok(())
}

/// Tells how far the bench is.
#[expect(clippy::print_stderr, reason = "a bench says how far it is")]
pub(super) fn say(what: &str) {
    eprintln!("bench: {what}");
}
