//! A directory process with listings in it, published by a node over its own stream.

use std::process::Command;
use std::sync::Arc;

use agency_node::operations::{Import, ImportedReport, Node};
use referral_core::catalog::Record;
use referral_core::hsds::{Drafts, convert};
use referral_core::id::AgencyId;
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;

use crate::listing::Listing;
use crate::network::{self, Directory, program, run};

/// A directory that can be searched.
pub(crate) struct Site {
    /// The address of the search page.
    pub(crate) url: String,
    directory: Directory,
    home: TempDir,
    /// The node that published what is in it.
    node: Option<network::Node>,
}

impl Site {
    /// A directory with nothing in it.
    pub(crate) fn empty() -> Self {
        let home = TempDir::new().expect("a temporary directory");
        let directory = Directory::start(&home);
        Self {
            url: directory.public_url(),
            directory,
            home,
            node: None,
        }
    }

    /// A directory with `listings` in it.
    pub(crate) fn of(listings: &[Listing]) -> Self {
        Self::of_changed(listings, |_| {})
    }

    /// A directory with `listings` in it, each record changed after every check of what agencies send.
    pub(crate) fn of_changed(listings: &[Listing], change: impl Fn(&mut Record)) -> Self {
        let mut site = Self::empty();
        let agency = "harbor";
        let node = site.directory.join(&site.home, agency);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let now = clock.now();
        let mut drafts = Drafts::new("listings");
        for listing in listings {
            listing.write(&mut drafts);
        }
        let id = AgencyId::parse(agency).expect("an agency's id");
        let mut converted = convert(drafts, &id, referral_gazetteer::gazetteer(), now);
        let lost = (&converted.refused, &converted.withheld);
        assert!(lost.0.is_empty() && lost.1.is_empty(), "{lost:?}");
        converted.records.iter_mut().for_each(change);
        // Records first: what a report is about decides how long it is believed.
        let publish = |records: Vec<Record>, reports: Vec<ImportedReport>| {
            let import = Import {
                records,
                reports,
                source: "listings".to_owned(),
                dry_run: false,
            };
            let data = site.home.path().join(agency);
            let queue = Node::open(&data, Arc::clone(&clock)).expect("the node's data");
            queue.import(&import).expect("an import");
            drop(queue);
            run(&mut node.command("publish"), 0);
        };
        publish(converted.records, Vec::new());
        let reports = listings.iter().filter_map(|listing| listing.report(now));
        let reports = reports.map(|draft| ImportedReport { draft, dated: true });
        publish(Vec::new(), reports.collect());
        site.node = Some(node);
        site
    }

    /// The directory that serves it.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// One of the directory's commands, on its data.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = program("directory-server");
        command
            .args(words.split(' '))
            .arg("--data")
            .arg(self.directory.data());
        command
    }

    /// Publishes a listing's report; the directory has acknowledged it when this returns.
    pub(crate) fn report(&self, listing: &Listing) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let draft = listing.report(clock.now()).expect("a report");
        let reports = vec![ImportedReport { draft, dated: true }];
        let import = Import {
            records: Vec::new(),
            reports,
            source: "listings".to_owned(),
            dry_run: false,
        };
        let data = self.home.path().join("harbor");
        let queue = Node::open(&data, clock).expect("the node's data");
        queue.import(&import).expect("an import");
        drop(queue);
        let node = self.node.as_ref().expect("a node");
        run(&mut node.command("publish"), 0);
    }
}

/// Every kind of page there is, as a path with its query.
pub(crate) const PAGES: [(&str, &str); 8] = [
    ("empty", "/"),
    ("results", "/?near=Baltimore%2C+MD&availability=any"),
    (
        "no-result",
        "/?near=Baltimore%2C+MD&need=dom%3Afme&availability=any",
    ),
    (
        "far-away",
        "/?near=Frederick%2C+MD&need=ho%3Aes&language=ht",
    ),
    ("none-open", "/?near=Baltimore%2C+MD&need=da%3Afood"),
    (
        "errors",
        "/?near=Nowhere+at+all&radius=far&serves=00000&language=%21&text=beds",
    ),
    ("not-found", "/nothing-here"),
    ("service", "/service/harbor/clinic"),
];
