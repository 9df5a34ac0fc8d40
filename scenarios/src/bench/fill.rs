//! Every service made once and given to every engine.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Draft, Held, Order, Report, Stated};

use super::clock::now as moment;
use super::contest::{Contender, Options, say};
use super::dictionary::Dictionary;
use super::directory::Data;
use super::engine::Engine;
use super::lucene::{self, ClassPath, Lucene, size_of};
use super::offer::{Flattening, Offer};
use super::peer::Update;
use super::postgresql::{self, Cluster, Postgresql};
use super::question::Known;
use super::reference::Reference;
use super::tokens::{Tokens, capacity};
use super::weights::Weights;
use crate::national::{National, Published, Workload};

/// How many services' capacity is changed, to see how soon searches show it.
const UPDATES: usize = 100;

/// What filling made.
pub(super) struct Filled {
    /// The engine first.
    pub(super) contenders: Vec<Contender>,
    pub(super) known: Known,
    /// Judges every service, where asked for.
    pub(super) reference: Reference,
    pub(super) updates: Vec<Update>,
}

/// Gives every service of `national` to every engine; what they keep is below `home`.
pub(super) fn fill(
    options: &Options,
    national: &National,
    workload: &Workload,
    home: &Path,
) -> anyhow::Result<Filled> {
    let files = Files::new(home);
    let now = national.now();
    let mut filling = Filling {
        flattening: Flattening {
            known: Known {
                tokens: Tokens::new(),
                doubtful: HashSet::new(),
                dictionary: Dictionary::of(workload),
            },
            weights: Weights::in_force(),
            now,
        },
        engine: Engine::new(&files.index, now)?,
        directory: Data::new(&files.directory, now)?,
        rows: BufWriter::new(File::create(&files.rows)?),
        copy: BufWriter::new(File::create(&files.copy)?),
        widest_km: 0.0,
        updates: Vec::new(),
        reference: Reference::new(now),
    };
    say(&format!(
        "making {} services; the engine takes them in",
        national.size()
    ));
    filling.rows.write_all(lucene::HEADER.as_bytes())?;
    for one in national.services() {
        filling.take(&one)?;
        if options.reference {
            filling.reference.put(&one);
        }
    }
    let Filling {
        flattening: Flattening { known, weights, .. },
        mut engine,
        directory,
        mut rows,
        mut copy,
        widest_km,
        updates,
        reference,
    } = filling;
    rows.flush()?;
    copy.flush()?;
    let build = engine.finish()?;
    let ours = Contender::new("engine", Box::new(engine), build, size_of(&files.index)?);

    let given = Given {
        options,
        home,
        files: &files,
        weights: &weights,
        now,
    };
    let mut contenders = vec![ours];
    if !options.alone {
        contenders.push(given.to_postgresql()?);
        contenders.push(given.to_lucene(usize::try_from(known.tokens.number())?, widest_km)?);
    }
    contenders.push(given.to_directory(directory)?);
    Ok(Filled {
        contenders,
        known,
        reference,
        updates,
    })
}

/// What the peers are given.
struct Given<'a> {
    options: &'a Options,
    home: &'a Path,
    files: &'a Files,
    weights: &'a Weights,
    now: Timestamp,
}

impl Given<'_> {
    fn to_postgresql(&self) -> anyhow::Result<Contender> {
        say("PostgreSQL takes them in");
        let cluster = Arc::new(Cluster::start(self.home, &self.options.postgresql)?);
        let start = moment();
        let disk = postgresql::load(&cluster, &self.files.copy)?;
        let build = start.elapsed();
        fs::remove_file(&self.files.copy)?;
        let client = Postgresql::connect(&cluster, self.weights, self.now)?;
        Ok(Contender::new("PostgreSQL", Box::new(client), build, disk))
    }

    fn to_lucene(&self, values: usize, widest_km: f64) -> anyhow::Result<Contender> {
        say("Lucene takes them in");
        let classes = ClassPath(self.options.lucene.clone());
        let (rows, index) = (&self.files.rows, &self.files.lucene);
        let start = moment();
        let disk = lucene::build(&classes, rows, index)?;
        let build = start.elapsed();
        fs::remove_file(rows)?;
        let java = Lucene::start(&classes, index, values, self.weights, widest_km, self.now)?;
        Ok(Contender::new("Lucene", Box::new(java), build, disk))
    }

    fn to_directory(&self, data: Data) -> anyhow::Result<Contender> {
        say("a directory takes them in");
        let (directory, starts) = data.start()?;
        let disk = size_of(&self.files.directory)?;
        let directory = Box::new(directory);
        let mut whole = Contender::new("directory, gRPC", directory, starts.rebuilt, disk);
        whole.intact = Some(starts.intact);
        Ok(whole)
    }
}

/// The files of a bench.
struct Files {
    index: PathBuf,
    lucene: PathBuf,
    rows: PathBuf,
    copy: PathBuf,
    directory: PathBuf,
}

impl Files {
    fn new(home: &Path) -> Self {
        Self {
            index: home.join("index"),
            lucene: home.join("lucene"),
            rows: home.join("rows"),
            copy: home.join("copy"),
            directory: home.join("directory"),
        }
    }
}

struct Filling {
    flattening: Flattening,
    engine: Engine,
    directory: Data,
    rows: BufWriter<File>,
    copy: BufWriter<File>,
    /// The greatest radius that any offer serves.
    widest_km: f64,
    updates: Vec<Update>,
    reference: Reference,
}

impl Filling {
    fn take(&mut self, one: &Published) -> anyhow::Result<()> {
        self.engine.put(&one.listing, &one.places, &one.held)?;
        self.directory.put(one)?;
        let offers = self.flattening.rows(&one.listing, &one.places, &one.held);
        for offer in &offers {
            self.widest_km = self.widest_km.max(offer.area_km.unwrap_or(0.0));
            self.rows.write_all(lucene::line(offer).as_bytes())?;
            self.copy.write_all(postgresql::line(offer).as_bytes())?;
        }
        if self.updates.len() < UPDATES {
            self.updates
                .extend(update(one, &offers, self.flattening.now));
        }
        Ok(())
    }
}

/// A newer report for a service that reported as a whole, is at one place and serves everybody there,
/// so that a search near it finds it: it closes or opens.
fn update(one: &Published, offers: &[Offer], now: Timestamp) -> Option<Update> {
    let ([held], [offer]) = (one.held.as_slice(), offers) else {
        return None;
    };
    if offer.stated {
        return None;
    }
    let last = held.report.said();
    let state = match last.state {
        Stated::Closed => Stated::Open,
        _ => Stated::Closed,
    };
    let draft = Draft {
        state,
        counts: Vec::new(),
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        ..last.clone()
    };
    let order = Order {
        cseq: held.order.cseq + 1,
        ..held.order
    };
    let next = Held {
        report: Report::parse(draft, held.observed_at).ok()?,
        order,
        ..held.clone()
    };
    // What is stale by now shows nothing.
    if next.state_at(now) != state.into() {
        return None;
    }
    Some(Update {
        agency: one.listing.agency.clone(),
        held: next,
        service: offer.service,
        capacity: capacity(state.into()),
        point: offer.point?,
    })
}
