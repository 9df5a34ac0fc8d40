//! The record of an organization, and when somebody last confirmed what it says.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rand::RngExt;
use referral_core::catalog::{Organization, Provenance};
use referral_core::geo::StateCode;

use super::contact;
use super::dice::{Dice, chance};
use super::words::{id, name, text};

/// Listings nobody has confirmed for 90 days (assumption), and how old those get. Unit: days.
const UNCONFIRMED: f64 = 0.25;
const CONFIRMED_DAYS: (i32, i32) = (90, 2_190);

/// What an organization is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    /// Its id at the publisher.
    pub(crate) local: &'a str,
    /// Its name.
    pub(crate) called: &'a str,
    /// The first word of its name: its place on the web.
    pub(crate) compound: &'a str,
    /// The network it is a member of.
    pub(crate) network: &'a str,
    /// The state it is at home in.
    pub(crate) state: Option<StateCode>,
}

/// The record of an organization as of `now`.
pub(crate) fn organization(who: Identity<'_>, now: Timestamp, dice: &mut Dice) -> Organization {
    let words = format!("{} is a member of the {}.", who.called, who.network);
    Organization {
        id: id(who.local),
        source_id: text(who.local),
        name: name(who.called),
        alternate_name: None,
        description: Some(text(&words)),
        email: contact::mailbox(who.compound, "hello"),
        website: contact::web(who.compound, ""),
        legal_status: Some(text("nonprofit")),
        year_incorporated: Some(dice.random_range(1945..2024)),
        parent_organization: Some(text(who.network)),
        phones: vec![contact::phone(who.state, "main line", dice)],
        contacts: Vec::new(),
        programs: Vec::new(),
        funding: Vec::new(),
        identifiers: Vec::new(),
        provenance: provenance(now, dice),
    }
}

/// When a listing was last confirmed.
pub(crate) fn provenance(now: Timestamp, dice: &mut Dice) -> Provenance {
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
