//! One organization with everything it offers: what an agency publishes piece by piece.

use jiff::Timestamp;
use rand::RngExt;
use referral_core::capacity::Draft;
use referral_core::catalog::{Location, Organization, Record, Service};
use referral_core::geo::CountyFips;
use referral_core::id::LocalId;

use super::agency::{Agency, Reach};
use crate::invented::description::describe;
use crate::invented::dice::{Dice, chance};
use crate::invented::geography::{Follows, Geography};
use crate::invented::location::{self, Owner};
use crate::invented::offering::{self, Offering, Setting};
use crate::invented::organization::{Identity, organization};
use crate::invented::service::{Ground, Task, service};
use crate::invented::words::id;
use crate::invented::{ServiceKind, area, language, names, nationality, offices, reports};

/// Services of an organization beside its first that are of the kind it is known for (assumption).
const OF_ITS_KIND: f64 = 0.4;
/// An organization, its locations and services, and what was reported of them so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The organization.
    pub organization: Organization,
    /// Its locations.
    pub locations: Vec<Location>,
    /// Its services.
    pub services: Vec<Service>,
    /// The last report of each service that reports, whole or by location.
    pub reports: Vec<Draft>,
}

impl Branch {
    /// Its records, in an order in which each is published after those it refers to.
    pub fn into_records(self) -> impl Iterator<Item = Record> {
        let organization = Record::Organization(Box::new(self.organization));
        let locations = self
            .locations
            .into_iter()
            .map(Box::new)
            .map(Record::Location);
        let services = self.services.into_iter().map(Box::new).map(Record::Service);
        std::iter::once(organization)
            .chain(locations)
            .chain(services)
    }
}

/// What an organization is made from.
pub(super) struct Maker<'a> {
    pub(super) geography: &'a Geography,
    pub(super) agency: &'a Agency,
    pub(super) breadth: f64,
    pub(super) now: Timestamp,
}

impl Maker<'_> {
    /// The agency's `number`th organization, from 1, with so many services.
    pub(super) fn branch(&self, number: usize, services: u32, dice: &mut Dice) -> Branch {
        let (known_for, compound) = match number {
            1 => (self.agency.known_for, self.agency.compound.clone()),
            _ => (ServiceKind::draw(dice, self.breadth), names::compound(dice)),
        };
        let home = self.home(number, known_for, dice);
        let organization = self.organization(number, &compound, known_for, home, dice);
        let mut branch = Branch {
            locations: self.offices(&organization, &compound, home, dice),
            organization,
            services: Vec::new(),
            reports: Vec::new(),
        };
        let mut taken: Vec<&Offering> = Vec::new();
        for number in 1..=services {
            let offering = match number {
                1 if self.agency.national && branch.is_first() => offering::interpreters(),
                1 => offering::draw(known_for, &taken, dice),
                _ if chance(dice, OF_ITS_KIND) => offering::draw(known_for, &taken, dice),
                _ => offering::draw(ServiceKind::draw(dice, self.breadth), &taken, dice),
            };
            taken.push(offering);
            self.add(&mut branch, &compound, number, offering, home, dice);
        }
        branch
    }

    fn add(
        &self,
        branch: &mut Branch,
        compound: &str,
        number: u32,
        offering: &Offering,
        home: CountyFips,
        dice: &mut Dice,
    ) {
        let ground = self.ground(branch, compound, offering, home, dice);
        let task = Task {
            organization: &branch.organization,
            compound,
            number,
            offering,
            now: self.now,
        };
        let describe = |place: &str, dice: &mut Dice| {
            Some(describe(offering.kind, offering.title, place, dice))
        };
        let mut made = service(task, ground, describe, dice);
        if let (1, true, Some(rare)) = (number, branch.is_first(), self.agency.interprets()) {
            made.areas = vec![area::always(referral_core::catalog::Area::Nation)];
            made.languages = language::interpreted(rare);
        }
        let reports = reports::so_far(&made, offering, self.now, dice);
        branch.reports.extend(reports);
        branch.services.push(made);
    }

    /// The county an organization is at home in.
    fn home(&self, number: usize, kind: ServiceKind, dice: &mut Dice) -> CountyFips {
        if number == 1 {
            return self.agency.home;
        }
        let immigrants = kind.is_for_immigrants() || !chance(dice, self.breadth);
        let follows = if immigrants {
            Follows::Immigrants
        } else {
            Follows::Everyone
        };
        match (self.agency.reach, self.geography.state_of(self.agency.home)) {
            (Reach::State, Some(state)) => self.geography.county_in(state, follows, dice),
            (Reach::Nation, _) => self.geography.county(follows, dice),
            _ => self.agency.home,
        }
    }

    fn organization(
        &self,
        number: usize,
        compound: &str,
        known_for: ServiceKind,
        home: CountyFips,
        dice: &mut Dice,
    ) -> Organization {
        let called = match number {
            1 => self.agency.name.as_str().to_owned(),
            _ => names::organization(compound, known_for, dice),
        };
        let who = Identity {
            local: &format!("organization-{number}"),
            called: &called,
            compound,
            network: self.agency.network.as_str(),
            state: self.geography.state_of(home),
        };
        organization(who, self.now, dice)
    }

    fn offices(
        &self,
        organization: &Organization,
        compound: &str,
        home: CountyFips,
        dice: &mut Dice,
    ) -> Vec<Location> {
        let number = if self.agency.national && organization.id == id("organization-1") {
            dice.random_range(4..=8)
        } else {
            offices::number(dice)
        };
        let owner = Owner {
            organization: &organization.id,
            compound,
            provenance: &organization.provenance,
        };
        let further = |dice: &mut Dice| {
            if self.agency.national {
                self.geography.county(Follows::Immigrants, dice)
            } else {
                offices::further(self.geography, home, dice)
            }
        };
        offices::offices(owner, number, home, self.geography, further, dice)
    }

    /// Where a service is given; makes the shelter or the partner's office it needs.
    fn ground(
        &self,
        branch: &mut Branch,
        compound: &str,
        offering: &Offering,
        home: CountyFips,
        dice: &mut Dice,
    ) -> Ground {
        let organization = branch.organization.id.clone();
        let provenance = branch.organization.provenance.clone();
        let owner = Owner {
            organization: &organization,
            compound,
            provenance: &provenance,
        };
        let mut origin = None;
        let offices = match offering.setting {
            Setting::Remote => Vec::new(),
            Setting::Office | Setting::Either => offices::given_at(&branch.locations, dice),
            Setting::Confidential => vec![branch.with(location::shelter(owner, home, dice))],
            Setting::Abroad => {
                let country = nationality::draw(dice);
                origin = Some(country);
                vec![branch.with(location::partner(owner, country))]
            }
        };
        Ground {
            offices,
            county: home,
            state: self.geography.state_of(home),
            origin,
        }
    }
}

impl Branch {
    fn is_first(&self) -> bool {
        self.organization.id == id("organization-1")
    }

    /// Adds a location, or keeps the one of the same id; its id.
    fn with(&mut self, location: Location) -> LocalId {
        let local = location.id.clone();
        if !self.locations.iter().any(|known| known.id == local) {
            self.locations.push(location);
        }
        local
    }
}
