//! One organization with everything it offers: what an agency publishes piece by piece.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rand::RngExt;
use referral_core::capacity::Draft;
use referral_core::catalog::{Location, Organization, Provenance, Record, Service};
use referral_core::geo::CountyFips;
use referral_core::id::LocalId;

use super::agency::{Agency, Reach};
use crate::invented::dice::{Dice, chance, weighted};
use crate::invented::geography::{Follows, Geography};
use crate::invented::location::{self, Owner};
use crate::invented::offering::{self, Offering, Setting};
use crate::invented::service::{Ground, service};
use crate::invented::words::{id, name, text};
use crate::invented::{ServiceKind, area, contact, language, names, nationality, reports};

/// Services of an organization beside its first that are of the kind it is known for (assumption).
const OF_ITS_KIND: f64 = 0.4;
/// Services given at two offices where there are two: 0.95 to 1.3 locations a service, measured.
const AT_TWO: f64 = 0.6;
/// Listings nobody has confirmed for 90 days (assumption), and how old those get. Unit: days.
const UNCONFIRMED: f64 = 0.25;
const CONFIRMED_DAYS: (i32, i32) = (90, 2_190);

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
        let organization = &branch.organization;
        let mut made = service(
            organization,
            compound,
            number,
            offering,
            ground,
            self.now,
            dice,
        );
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
        let local = format!("organization-{number}");
        let words = format!("{called} is a member of the {}.", self.agency.network);
        let state = self.geography.state_of(home);
        Organization {
            id: id(&local),
            source_id: text(&local),
            name: name(&called),
            alternate_name: None,
            description: Some(text(&words)),
            email: contact::mailbox(compound, "hello"),
            website: contact::web(compound, ""),
            legal_status: Some(text("nonprofit")),
            year_incorporated: Some(dice.random_range(1945..2024)),
            parent_organization: Some(text(self.agency.network.as_str())),
            phones: vec![contact::phone(state, "main line", dice)],
            contacts: Vec::new(),
            programs: Vec::new(),
            funding: Vec::new(),
            identifiers: Vec::new(),
            provenance: provenance(self.now, dice),
        }
    }

    fn offices(
        &self,
        organization: &Organization,
        compound: &str,
        home: CountyFips,
        dice: &mut Dice,
    ) -> Vec<Location> {
        let few = [(0.74, 1), (0.18, 2), (0.06, 3), (0.02, 4)];
        let offices = if self.agency.national && organization.id == id("organization-1") {
            dice.random_range(4..=8)
        } else {
            *weighted(dice, &few)
        };
        let owner = Owner {
            organization: &organization.id,
            compound,
            provenance: &organization.provenance,
        };
        let office = |number| {
            let county = match number {
                1 => home,
                _ => self.another(home, dice),
            };
            location::office(owner, number, self.geography.spot(county, dice), dice)
        };
        (1..=offices).map(office).collect()
    }

    /// The county of a further office: the same, one beside it, or elsewhere in the state (assumption).
    fn another(&self, home: CountyFips, dice: &mut Dice) -> CountyFips {
        if self.agency.national {
            return self.geography.county(Follows::Immigrants, dice);
        }
        let beside: Vec<CountyFips> = area::around(home, 8)
            .into_iter()
            .filter(|county| self.geography.holds(*county))
            .collect();
        let state = self.geography.state_of(home);
        match (*weighted(dice, &[(0.5, 0), (0.3, 1), (0.2, 2)]), state) {
            (1, _) if !beside.is_empty() => beside[dice.random_range(0..beside.len())],
            (2, Some(state)) => self.geography.county_in(state, Follows::Immigrants, dice),
            _ => home,
        }
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
            Setting::Office | Setting::Either => some_offices(branch, dice),
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

/// One office of the organization, or two.
fn some_offices(branch: &Branch, dice: &mut Dice) -> Vec<LocalId> {
    let offices = branch.locations.iter();
    let offices: Vec<LocalId> = offices
        .filter(|location| location.id.as_str().contains("-office-"))
        .map(|location| location.id.clone())
        .collect();
    let first = dice.random_range(0..offices.len().max(1));
    let number = if chance(dice, AT_TWO) { 2 } else { 1 };
    let around = offices.iter().cycle().skip(first);
    around.take(number.min(offices.len())).cloned().collect()
}

fn provenance(now: Timestamp, dice: &mut Dice) -> Provenance {
    let today = now.to_zoned(TimeZone::UTC).date();
    let (fresh, oldest) = CONFIRMED_DAYS;
    let days = if chance(dice, UNCONFIRMED) {
        dice.random_range(fresh + 1..oldest)
    } else {
        dice.random_range(0..=fresh)
    };
    Provenance {
        source: Some(name("synthetic network")),
        assured_date: Some(today.saturating_sub(days.days())),
        last_modified: None,
    }
}
