//! What people see: progress on standard error, the address and things to try on standard output.
//!
//! On a terminal one bar shows how far agencies have come, then how capacities stand; elsewhere, for
//! logs and tests, a line now and then.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is what the demo shows people"
)]

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use directory_server::serve::Server;
use indicatif::{ProgressBar, ProgressStyle};
use referral_core::capacity::{Draft, State, Unit};
use referral_runtime::clock::Clock;

use super::accounts::{Account, Accounts};
use super::arrival::Arrival;
use super::changes::{Change, Tally};
use super::example::{Example, Examples};

/// Agencies between two lines where there is no terminal.
const AGENCIES_A_LINE: usize = 25;
/// Changes between two lines where there is no terminal.
const CHANGES_A_LINE: usize = 20;
const SEARCH: &str = "cargo run -q --locked --bin directory-server -- search";

/// The address that `directory-server search` takes by itself.
const USUAL: &str = "127.0.0.1:8080";

/// What the demo shows.
pub(super) struct Show {
    clock: Arc<dyn Clock>,
    begun: Duration,
    bar: Option<ProgressBar>,
    public: Option<SocketAddr>,
    expected: usize,
    agencies: usize,
    offices: usize,
    services: usize,
    searched: bool,
}

impl Show {
    pub(super) fn new(clock: Arc<dyn Clock>, expected: usize) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        Self {
            begun: clock.elapsed(),
            clock,
            bar: on_terminal.then(|| bar(expected)),
            public: None,
            expected,
            agencies: 0,
            offices: 0,
            services: 0,
            searched: false,
        }
    }

    pub(super) fn begins(&self, home: &Path) {
        self.line(&format!("The demo's data is in {}", home.display()));
    }

    pub(super) fn port_taken(&self, address: SocketAddr) {
        self.line(&format!(
            "{address} is in use by another program; the search page takes a free port"
        ));
    }

    pub(super) fn listens(&mut self, server: &Server) {
        self.public = Some(server.public);
        let federation = server.federation;
        self.line(&format!(
            "A directory runs; {} agencies join it at https://{federation}",
            self.expected
        ));
    }

    /// The accounts of this demo: they are made anew each time.
    pub(super) fn invites_to_sign_in(&self, server: &Server, accounts: &Accounts) {
        let public = server.public;
        let mut text = format!("\nSign in at http://{public}/sign-in as\n");
        for Account { name, password } in &accounts.accounts {
            let _infallible = writeln!(text, "  {name:<11} {password}");
        }
        let token = &accounts.token;
        let _infallible = writeln!(text, "Search as the caseworker: --token {token}");
        self.aside(|| println!("{text}"));
    }

    pub(super) fn arrives(&mut self, arrival: &Arrival) {
        self.agencies += 1;
        self.offices += arrival.offices;
        self.services += arrival.services.len();
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(format!("{} services", self.services));
        } else if self.agencies.is_multiple_of(AGENCIES_A_LINE) && !self.is_complete() {
            let (agencies, expected) = (self.agencies, self.expected);
            self.line(&format!(
                "{agencies} of {expected} agencies publish {} services after {}",
                self.services,
                self.so_far()
            ));
        }
    }

    /// Whether all have arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.agencies >= self.expected
    }

    /// The address of the page and things to try, once there are some.
    pub(super) fn invites_to_search(&mut self, examples: &mut Examples, patience_ended: bool) {
        if examples.has_searched() && !self.searched {
            self.searched = true;
            self.line(&format!(
                "The first search was answered after {}",
                self.so_far()
            ));
        }
        let Some(found) = examples.take_for_show(patience_ended) else {
            return;
        };
        let Some(public) = self.public else {
            return;
        };
        let mut text =
            format!("\nSearch page: http://{public}/\nOr search from another terminal:\n");
        for example in &found {
            text.push_str(&command(public, example));
        }
        self.aside(|| println!("{text}"));
    }

    pub(super) fn has_published(&self) {
        let Self {
            agencies,
            offices,
            services,
            ..
        } = self;
        if let Some(bar) = &self.bar {
            bar.set_style(style("{msg}"));
        }
        self.line(&format!(
            "{agencies} agencies with {offices} offices publish {services} services after {}. \
             Their capacities change now; Ctrl-C stops everything",
            self.so_far()
        ));
    }

    pub(super) fn changes(&self, change: &Change, tally: Tally) {
        if !self.is_complete() {
            return;
        }
        let latest = words(change);
        let now = format!(
            "{} open, {} with a waiting list, {} closed, {} not known; {} changes",
            tally.open, tally.waiting, tally.closed, tally.silent, tally.changes
        );
        match &self.bar {
            Some(bar) => bar.set_message(format!("{now}\n{latest}")),
            None if tally.changes.is_multiple_of(CHANGES_A_LINE) => {
                self.line(&format!("{now}. The latest: {latest}"));
            }
            None => {}
        }
    }

    pub(super) fn ends(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.line("Stopping");
    }

    fn line(&self, text: &str) {
        self.aside(|| eprintln!("{text}"));
    }

    /// Prints beside the bar.
    fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn so_far(&self) -> String {
        let taken = self.clock.elapsed().saturating_sub(self.begun);
        format!("{:.1} s", taken.as_secs_f64())
    }
}

fn bar(expected: usize) -> ProgressBar {
    let expected = u64::try_from(expected).unwrap_or(u64::MAX);
    ProgressBar::new(expected)
        .with_style(style("{bar:30} {pos} of {len} agencies publish {msg}"))
        .with_message("0 services")
}

/// Templates are constants; one that is wrong shows the usual bar.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn command(public: SocketAddr, example: &Example) -> String {
    let arguments = example.arguments();
    if public.to_string() == USUAL {
        format!("  {SEARCH} {arguments}\n")
    } else {
        format!("  {SEARCH} --server http://{public} {arguments}\n")
    }
}

/// A change in words: who, where, what, from which state to which.
fn words(change: &Change) -> String {
    let place = change
        .place
        .as_deref()
        .map_or(String::new(), |place| format!(" ({place})"));
    let (before, now) = (state(&change.before), state(&change.now));
    format!(
        "{}{place}, {}: {before} -> {now}",
        change.agency, change.service
    )
}

/// A state with the number that goes with it, e.g. "open, 4 beds" or "waitlist, 12 waiting".
fn state(said: &Draft) -> String {
    let name = State::from(said.state).as_str();
    let count = said.counts.first();
    let places = count.and_then(|count| Some((count.available.filter(|n| *n > 0)?, count.unit)));
    match (places, said.waitlist_count) {
        (Some((available, unit)), _) => format!("{name}, {}", counted(available, unit)),
        (None, Some(waiting)) => format!("{name}, {waiting} waiting"),
        (None, None) => name.to_owned(),
    }
}

fn counted(number: u32, unit: Unit) -> String {
    match (number, unit) {
        (1, unit) => format!("1 {}", unit.as_str()),
        (number, Unit::Family) => format!("{number} families"),
        (number, unit) => format!("{number} {}s", unit.as_str()),
    }
}
