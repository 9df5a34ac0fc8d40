//! Prints what a national network came to: `cargo run --release -p referral-scenarios --example
//! national -- 10000 1` (services, seed).

#![expect(clippy::print_stdout, reason = "a table for people is its purpose")]

use std::collections::BTreeMap;

use anyhow::Context;
use referral_core::catalog::{Area, Place};
use referral_scenarios::national::{National, Published};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let services = arguments.next().unwrap_or_else(|| "10000".to_owned());
    let services: u32 = services.parse().context("the number of services")?;
    let seed = arguments.next().unwrap_or_else(|| "1".to_owned());
    let seed: u64 = seed.parse().context("the seed")?;
    let national = National::new(services, seed);
    // Each half of the services on a thread of its own.
    let middle = national.size() / 2;
    let tally = |from, to| {
        let mut tally = Tally::default();
        national
            .part(from..to)
            .for_each(|one| tally.count(&national, &one));
        tally
    };
    let tally = std::thread::scope(|scope| {
        let first = scope.spawn(|| tally(0, middle));
        let mut all = tally(middle, national.size());
        if let Ok(first) = first.join() {
            all.add(first);
        }
        all
    });
    let publishers = national.publishers().count();
    println!(
        "{} services, {} organizations, {publishers} publishers",
        national.size(),
        national.organizations()
    );
    tally.print();
    Ok(())
}

/// How many services have each thing, and sums of their numbers.
#[derive(Default)]
struct Tally {
    services: u64,
    having: BTreeMap<String, u64>,
    sums: BTreeMap<&'static str, u64>,
    lengths: Vec<usize>,
}

impl Tally {
    fn count(&mut self, national: &National, one: &Published) {
        self.services += 1;
        let service = &one.listing.service;
        self.has(format!("kind: {:?}", one.kind));
        self.has(format!("area: {}", area(one)));
        for language in &service.languages {
            self.has(format!("language: {}", language.tag));
        }
        for location in &one.listing.locations {
            self.has(format!("location: {}", place(&location.place)));
        }
        if service.offers.is_empty() && !service.remote {
            self.has("location: not stated".to_owned());
        }
        if service.remote {
            self.has("location: remote".to_owned());
        }
        for rule in &service.eligibility {
            self.has(format!("rule: {:?}", rule.field));
        }
        for credential in &service.credentials {
            self.has(format!("credential: {}", credential.code));
        }
        self.add_capacity(national, one);
        self.sum("attributes", service.attributes.len());
        self.sum("locations", one.listing.locations.len());
        self.sum("schedule rows", service.schedules.len());
        self.sum("languages", service.languages.len());
        self.lengths.extend(
            service
                .description
                .as_ref()
                .map(|text| text.as_str().chars().count()),
        );
    }

    fn add_capacity(&mut self, national: &National, one: &Published) {
        let Some(last) = one.held.iter().max_by_key(|held| held.order) else {
            self.has("capacity: never reported".to_owned());
            return;
        };
        let now = national.now();
        self.has(format!("state: {}", last.state_at(now).as_str()));
        let age = now.duration_since(last.observed_at).as_secs() * 2;
        if age <= i64::from(last.ttl.seconds()) {
            self.has("capacity: within half the time to live".to_owned());
        }
    }

    fn has(&mut self, what: String) {
        *self.having.entry(what).or_default() += 1;
    }

    fn sum(&mut self, what: &'static str, number: usize) {
        *self.sums.entry(what).or_default() += number as u64;
    }

    fn add(&mut self, other: Self) {
        self.services += other.services;
        for (what, count) in other.having {
            *self.having.entry(what).or_default() += count;
        }
        for (what, sum) in other.sums {
            *self.sums.entry(what).or_default() += sum;
        }
        self.lengths.extend(other.lengths);
    }

    fn print(mut self) {
        for (what, count) in &self.having {
            println!("{what:45} {:8.3} %", self.per_service(*count) * 100.0);
        }
        for (what, sum) in &self.sums {
            println!("{what:45} {:8.3} a service", self.per_service(*sum));
        }
        self.lengths.sort_unstable();
        let at = |part: usize| self.lengths.get(self.lengths.len() * part / 100);
        println!(
            "description, characters: median {:?}, p90 {:?}, longest {:?}",
            at(50),
            at(90),
            self.lengths.last()
        );
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn per_service(&self, count: u64) -> f64 {
        count as f64 / self.services.max(1) as f64
    }
}

fn area(one: &Published) -> &'static str {
    let areas = &one.listing.service.areas;
    let counties = areas
        .iter()
        .filter(|area| matches!(area.area, Area::County(_)))
        .count();
    match areas.first().map(|area| &area.area) {
        None => "not stated",
        Some(Area::County(_)) if counties > 1 => "several counties",
        Some(Area::County(_)) => "one county",
        Some(Area::Radius(_)) => "radius",
        Some(Area::Zip(_)) => "ZIPs",
        Some(Area::State(_)) => "state",
        Some(Area::Nation) => "nation",
        Some(Area::Country(_)) => "country abroad",
        Some(Area::Court(_)) => "court only",
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Exact { .. } => "exact".to_owned(),
        Place::Approximate { basis, .. } => format!("approximate, {basis:?}"),
        Place::County(_) => "county only".to_owned(),
        Place::Unplaced(_) => "unplaced".to_owned(),
    }
}
