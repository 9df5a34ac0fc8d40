//! One organization as one publisher lists it: its record, its places and what it offers.

use jiff::Timestamp;
use referral_core::catalog::{Location, Organization};
use referral_core::geo::CountyFips;

use super::catalogue;
use super::dirt;
use super::roster::{Publisher, Reach, Roster};
use super::seeds::{For, dice};
use crate::invented::dice::{Dice, chance, pick, weighted};
use crate::invented::geography::{Follows, Geography};
use crate::invented::location::{self, Owner};
use crate::invented::nationality::{self, Origin};
use crate::invented::offering::{Offering, Setting};
use crate::invented::organization::{Identity, organization, provenance};
use crate::invented::{ServiceKind, names, offices};

/// Services of an organization beside its first that are of the kind it is known for (assumption).
const OF_ITS_KIND: f64 = 0.4;
/// Rows that repeat the one before them (assumption; a directory of 2021 had them four times).
const REPEATED: f64 = 0.005;
/// Organizations listed by two publishers whose names differ (assumption).
const OTHER_NAME: f64 = 0.5;

/// An organization with its places, ready for its services to be made.
#[derive(Clone, Debug)]
pub(super) struct House {
    /// Its number in the roster.
    pub(super) number: u32,
    pub(super) organization: Organization,
    pub(super) locations: Vec<Location>,
    pub(super) sketches: Vec<Sketch>,
    pub(super) home: CountyFips,
    /// The first word of its name.
    pub(super) compound: String,
}

/// What a service is going to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    /// The service whose words and terms these are: itself, or the one it is another record of.
    pub(super) identity: u32,
    pub(super) offering: &'static Offering,
    /// The country, for services abroad.
    pub(super) origin: Option<Origin>,
}

/// What organizations are made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builder<'a> {
    pub(super) seed: u64,
    pub(super) roster: &'a Roster,
    pub(super) geography: &'a Geography,
    pub(super) breadth: f64,
    pub(super) now: Timestamp,
}

impl Builder<'_> {
    /// The organization with this number in the roster.
    pub(super) fn house(&self, number: u32) -> House {
        let origin = self.roster.origin_of(number);
        let mut shared = dice(self.seed, For::House, origin);
        let known_for = ServiceKind::draw(&mut shared, self.breadth);
        let compound = names::compound(&mut shared);
        let home = self.home(self.roster.publisher_of(origin), known_for, &mut shared);
        let called = self.called(&compound, known_for, home, &mut shared);
        let called = self.as_listed(number, origin, called);
        let state = self.geography.state_of(home);
        let who = Identity {
            local: &format!("o{number}"),
            called: &called,
            compound: &compound,
            network: self.roster.publisher_of(number).network.as_str(),
            state,
        };
        let mut organization = organization(who, self.now, &mut shared);
        // Counted from the far end, where no organization is: dice of this record alone.
        let mut own = dice(self.seed, For::House, !number);
        organization.provenance = provenance(self.now, &mut own);
        dirt::organization(&mut organization, &mut own);
        let sketches = self.sketches(number, origin, known_for);
        let locations = self.locations(&organization, &compound, home, &sketches, &mut shared);
        House {
            number,
            organization,
            locations,
            sketches,
            home,
            compound,
        }
    }

    /// The county an organization is at home in.
    fn home(&self, publisher: &Publisher, kind: ServiceKind, dice: &mut Dice) -> CountyFips {
        let immigrants = kind.is_for_immigrants() || !chance(dice, self.breadth);
        let follows = if immigrants {
            Follows::Immigrants
        } else {
            Follows::Everyone
        };
        match publisher.reach {
            Reach::County => publisher.home,
            Reach::State => self.geography.county_in(publisher.state, follows, dice),
            Reach::Nation => self.geography.county(follows, dice),
        }
    }

    /// Its name: an invented one, often with its town's, as real ones have.
    fn called(
        &self,
        compound: &str,
        known_for: ServiceKind,
        home: CountyFips,
        dice: &mut Dice,
    ) -> String {
        let called = names::organization(compound, known_for, dice);
        let town = self.geography.spot(home, dice).city;
        match *weighted(dice, &[(0.6, 0), (0.2, 1), (0.12, 2), (0.08, 3)]) {
            1 => format!("{called} of {town}"),
            2 => format!("{town} {called}"),
            3 => format!("{called} and {} Partners", names::compound(dice)),
            _ => called,
        }
    }

    /// Half of the publishers of an organization that another lists, too, write its name differently.
    fn as_listed(&self, number: u32, origin: u32, called: String) -> String {
        // From the far end, where no service is.
        let mut own = dice(self.seed, For::Own, !number);
        if number == origin || !chance(&mut own, OTHER_NAME) {
            return called;
        }
        match pick(&mut own, &[0, 1, 2, 3, 4]) {
            0 => format!("{called}, Inc."),
            1 => format!("The {called}"),
            2 => called.to_uppercase(),
            3 => called.replace("Center", "Ctr").replace(" and ", " & ") + " (main)",
            _ => {
                called
                    .replace("Services", "Svcs")
                    .replace("Community", "Comm.")
                    + " - Referrals"
            }
        }
    }

    fn sketches(&self, number: u32, origin: u32, known_for: ServiceKind) -> Vec<Sketch> {
        let own = self.roster.services_of(number);
        let theirs = self.roster.services_of(origin);
        let identity = |(at, service)| theirs.clone().nth(at).unwrap_or(service);
        let mut sketches: Vec<Sketch> = Vec::with_capacity(own.len());
        for identity in own.enumerate().map(identity) {
            let mut dice = dice(self.seed, For::Sketch, identity);
            let first = identity == theirs.start;
            let repeated = chance(&mut dice, REPEATED);
            let sketch = match sketches.last() {
                Some(before) if repeated => *before,
                _ => self.sketch(identity, known_for, first, &mut dice),
            };
            sketches.push(sketch);
        }
        sketches
    }

    fn sketch(
        &self,
        identity: u32,
        known_for: ServiceKind,
        first: bool,
        dice: &mut Dice,
    ) -> Sketch {
        let kind = if first || chance(dice, OF_ITS_KIND) {
            known_for
        } else {
            ServiceKind::draw(dice, self.breadth)
        };
        let offering = catalogue::draw(kind, self.breadth, dice);
        let abroad = offering.setting == Setting::Abroad;
        Sketch {
            identity,
            offering,
            origin: abroad.then(|| nationality::draw(dice)),
        }
    }

    /// Its offices, and the shelter and partners' offices its services need.
    fn locations(
        &self,
        organization: &Organization,
        compound: &str,
        home: CountyFips,
        sketches: &[Sketch],
        dice: &mut Dice,
    ) -> Vec<Location> {
        let owner = Owner {
            organization: &organization.id,
            compound,
            provenance: &organization.provenance,
        };
        let further = |dice: &mut Dice| offices::further(self.geography, home, dice);
        let number = offices::number(dice);
        let mut locations = offices::offices(owner, number, home, self.geography, further, dice);
        for office in &mut locations {
            dirt::office(office, dice);
        }
        let confidential = |sketch: &&Sketch| sketch.offering.setting == Setting::Confidential;
        if sketches.iter().any(|sketch| confidential(&sketch)) {
            locations.push(location::shelter(owner, home, dice));
        }
        for partner in sketches.iter().filter_map(|sketch| sketch.origin) {
            let partner = location::partner(owner, partner);
            if locations.iter().all(|known| known.id != partner.id) {
                locations.push(partner);
            }
        }
        locations
    }
}

impl Roster {
    /// Where in its organization a service is, from 0.
    pub(super) fn place_of(&self, service: u32, organization: u32) -> usize {
        let place = service - self.services_of(organization).start;
        place as usize
    }
}
